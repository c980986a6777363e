/* SPDX-License-Identifier: MIT
 *
 * show ID: an item by any of its names, or a drop, manifest, batch or bundle by its number.
 */
#include "gateway/cli/show.h"
#include "gateway/store/store_receipt.h"
#include "gateway/workflow/batch_acts.h"

#include "gateway/store/store_reject.h"
#include "gateway/store/store_reread.h"
#include "spool/bundle.h"

int
show_origin(struct site *s, int64_t file, struct eg_arena *a, struct origin *ret, struct eg_err *err)
{
	int rc = store_file_get(s->store, file, a, &ret->file, err);

	if (rc == EG_OK)
		rc = store_drop_get(s->store, ret->file.drop, a, &ret->drop, err);
	if (rc == EG_EOF)
		return eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "the place of file %lld is missing in the state; restore state.db from a backup", (long long)file);
	if (rc == EG_OK)
		ret->shown = *ret->file.member == '\0' ? eg_xstrdup(ret->drop.name) :
		                                         eg_xprintf("%s!%s", ret->drop.name, ret->file.member);
	return rc;
}

struct showing {
	struct cli *c;
	struct site *s;
	unsigned n;
};

static int
missing(const char *what, const char *id, const char *see, struct eg_err *err)
{
	return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no %s %s. See them: %s", what, id, see);
}

/* ---- history, common to all ---- */

static int
history_line(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct showing *w = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	eg_time_print(when, r->at);
	(void)printf("%s %s  %-14s %s\n", w->n++ == 0 ? "History   " : "          ", when, r->event, r->actor);
	return EG_OK;
}

static int
show_history(struct showing *w, const char *id, struct eg_err *err)
{
	w->n = 0;
	return cli_has(w->c, O_JSON) ? EG_OK : store_log_each(w->s->store, id, 0, history_line, w, err);
}

/* ---- drops ---- */

static int
drop_file(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct showing *w = ctx;

	(void)err;
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:b}", "type", "file", "drop", f->drop, "member",
		    f->member, "sha256", f->sha256, "adapter", f->adapter, "rows", (json_int_t)f->rows, "records",
		    (json_int_t)f->records, "rejected", (json_int_t)f->rejected, "refused", f->refused));
	else
		(void)printf("%s %s%s%s   %lld rows, %lld records, %lld rejected%s\n",
		    w->n++ == 0 ? "Read as   " : "          ", *f->adapter != '\0' ? f->adapter : "(no layout fits)",
		    *f->member != '\0' ? "  " : "", f->member, (long long)f->rows, (long long)f->records,
		    (long long)f->rejected, f->refused ? ", refused" : "");
	return EG_OK;
}

static int
drop_reject(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	struct showing *w = ctx;
	char id[REJECT_ID_MAX], by[REJECT_ID_MAX] = "", when[EG_TIME_TEXT];

	(void)err;
	reject_id(r->drop, r->n, id);
	if (r->by_n > 0)
		reject_id(r->by_drop, r->by_n, by);
	else if (r->by_drop != NULL)
		(void)snprintf(by, sizeof(by), "%s", r->by_drop);
	eg_time_print(when, r->at);
	w->n++;
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:o,s:s}", "type", "reject", "id", id, "drop", r->drop,
		    "line", (json_int_t)r->line, "item", r->item, "code", r->code, "state", r->state, "by",
		    cli_str(*by != '\0' ? by : NULL), "time", when));
	else
		(void)printf("%s %-12s line %-5llu %-5s %s%s%s%s\n", w->n == 1 ? "Rejected  " : "          ", id,
		    (unsigned long long)r->line, r->code, r->item, *r->item != '\0' ? "   " : "",
		    r->by_n > 0                        ? "refused again as " :
		    strcmp(r->state, "corrected") == 0 ? "corrected by " :
							 "open",
		    by);
	return EG_OK;
}

static int
drop_corrects(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	struct showing *w = ctx;
	char id[REJECT_ID_MAX];

	(void)err;
	reject_id(r->drop, r->n, id);
	(void)printf("%s %s%s\n", w->n++ == 0 ? "Corrects  " : "          ", id, r->by_n > 0 ? "   refused again" : "");
	return EG_OK;
}

static int
show_rejects(struct showing *w, const char *id, struct eg_err *err)
{
	struct reject_filter of = { .drop = id }, by = { .by_drop = id };
	int rc;

	w->n = 0;
	rc = reject_each(w->s->store, &of, drop_reject, w, err);
	if (rc == EG_OK && w->n > 0 && !cli_has(w->c, O_JSON))
		(void)printf("Repair     ls %s/spool/rejects/%s\n", w->s->path, id);
	w->n = 0;
	return rc == EG_OK && !cli_has(w->c, O_JSON) ? reject_each(w->s->store, &by, drop_corrects, w, err) : rc;
}

static void
tell_reading(const struct showing *w, const struct reread *r, const char *label, const char *of)
{
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "type", "reading", "drop", r->drop, "of", r->of,
		    "root", r->root, "kind", r->kind, "by", r->actor, "reason", r->reason));
	else
		(void)printf("%-10s %s   %s by %s%s%s\n", label, of, r->kind, r->actor, *r->reason != '\0' ? ": " : "",
		    r->reason);
}

static int
read_as(void *ctx, const struct reread *r, struct eg_err *err)
{
	(void)err;
	tell_reading(ctx, r, "Read as", r->drop);
	return EG_OK;
}

/* Whose bytes these are, when they were read again, and as which drops they were. */
static int
show_readings(struct showing *w, const char *id, struct eg_err *err)
{
	struct eg_arena a;
	struct reread r;
	int rc;

	eg_arena_init(&a, (size_t)1 << 26);
	rc = reread_get(w->s->store, id, &a, &r, err);
	if (rc == EG_OK)
		tell_reading(w, &r, "Reading of", r.of);
	eg_arena_done(&a);
	return rc < 0 ? rc : reread_each_of(w->s->store, id, read_as, w, err);
}

static int
show_drop(struct showing *w, const char *id, struct eg_arena *a, struct eg_err *err)
{
	struct drop_row d;
	char when[EG_TIME_TEXT];
	int rc = store_drop_get(w->s->store, id, a, &d, err);

	if (rc == EG_EOF)
		return missing("drop", id, "erpgate log", err);
	if (rc < 0)
		return rc;
	eg_time_print(when, d.received);
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:o,s:o}", "type", "drop", "id", d.id,
		    "source", d.source, "name", d.name, "sha256", d.sha256, "size", (json_int_t)d.size, "received",
		    when, "state", d.state, "verdict", d.verdict, "first", cli_str(d.first), "bundle",
		    cli_str(d.bundle)));
	else {
		(void)printf("Drop %s   %s/%s   %s\nReceived   %s   %lld bytes   sha256 %s\n", d.id, d.source, d.name,
		    *d.verdict != '\0' ? d.verdict : d.state, when, (long long)d.size, d.sha256);
		if (d.first != NULL)
			(void)printf("Same as    %s: erpgate show %s\n", d.first, d.first);
		(void)printf("Sealed in  %s\n", d.bundle != NULL ? d.bundle : "nothing yet");
	}
	rc = show_readings(w, id, err);
	if (rc == EG_OK)
		rc = store_file_each(w->s->store, id, drop_file, w, err);
	if (rc == EG_OK)
		rc = show_rejects(w, id, err);
	if (rc == EG_OK)
		rc = show_history(w, id, err);
	if (rc == EG_OK && !cli_has(w->c, O_JSON))
		(void)printf("Findings   erpgate findings --drop %s\n", id);
	return rc;
}

/* ---- batches ---- */

static int
batch_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct showing *w = ctx;

	(void)err;
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:s}", "type", "file", "batch", f->batch, "name",
		    f->name, "object", f->object, "adapter", f->adapter, "sha256", f->sha256, "size",
		    (json_int_t)f->size, "rows", (json_int_t)f->rows, "amount", f->amount));
	else
		(void)printf("  %s   %lld rows   %s   sha256 %.12s   by %s\n", f->name, (long long)f->rows, f->amount,
		    f->sha256, f->adapter);
	return EG_OK;
}

static int
batch_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct showing *w = ctx;
	struct eg_arena a;
	struct item it;
	struct decision d = { .approver = "", .manifest = "" };
	int rc;

	(void)revision;
	eg_arena_init(&a, 1 << 18);
	rc = item_get(w->s->store, item, &a, &it, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(w->s->store, decision, &a, &d, err);
	if (rc == EG_OK && cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "type", "item", "batch", batch, "id", it.iid, "state",
		    state_word(it.state), "approver", d.approver, "manifest", d.manifest));
	else if (rc == EG_OK)
		(void)printf("  %-40s %-18s %s%s %s\n", it.iid, state_title(it.state),
		    *d.approver != '\0' ? "accepted by " : "", d.approver, d.manifest);
	eg_arena_done(&a);
	return rc;
}

static json_t *
void_json(const struct voided *v)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o}", "id", v->id, "actor", v->actor, "reason", v->reason, "proof",
	    v->proof, "proof_sha256", v->sha256, "bundle", cli_str(v->bundle));
}

static int
show_batch(struct showing *w, const char *id, struct eg_arena *a, struct eg_err *err)
{
	struct batch b;
	struct voided v;
	char when[EG_TIME_TEXT];
	unsigned again = 0;
	int rc = batch_get(w->s->store, id, a, &b, err);

	if (rc == EG_EOF)
		return missing("batch", id, "erpgate log", err);
	if (rc < 0)
		return rc;
	rc = batch_republished(w->s, id, &again, err);
	if (rc == EG_OK)
		rc = voided_get(w->s->store, id, a, &v, err);
	if (rc < 0)
		return rc;
	bool is_void = rc == EG_OK;
	eg_time_print(when, b.made);
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:i,s:b,s:o}", "type", "batch", "id", b.id, "target",
		    b.target, "state", b.state, "made", when, "bundle", cli_str(b.bundle), "republished", (int)again,
		    "shadow", b.shadow, "void", is_void ? void_json(&v) : json_null()));
	else {
		(void)printf("Batch %s   to %s   %s%s   made %s   sealed in %s\n", b.id, b.target,
		    b.shadow ? "SHADOW, never sent, " : "", b.state, when, b.bundle != NULL ? b.bundle : "nothing yet");
		if (again > 0)
			(void)printf("  sent again %u time%s, the same bytes\n", again, again == 1 ? "" : "s");
		if (is_void)
			(void)printf("  VOID by %s: %s   proof %s, sealed in %s\n", v.actor, v.reason, v.proof,
			    v.bundle != NULL ? v.bundle : "nothing yet");
	}
	rc = batch_file_each(w->s->store, id, batch_file, w, err);
	if (rc == EG_OK)
		rc = batch_item_each(w->s->store, id, 0, batch_item, w, err);
	return rc == EG_OK ? show_history(w, id, err) : rc;
}

/* ---- manifests ---- */

static int
manifest_row(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct showing *w = ctx;

	(void)err;
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s}", "type", "decision", "row", (int)d->row, "item",
		    d->iid, "verdict", d->verdict, "result", d->result, "code", d->code, "comment", d->comment));
	else
		(void)printf("  row %-4u %-8s %-40s %s %s%s%s\n", d->row, d->verdict, d->iid, d->result, d->code,
		    *d->comment != '\0' ? "  " : "", d->comment);
	return EG_OK;
}

static int
show_manifest(struct showing *w, const char *id, struct eg_arena *a, struct eg_err *err)
{
	struct manifest m;
	char when[EG_TIME_TEXT];
	int rc = manifest_get(w->s->store, id, a, &m, err);

	if (rc == EG_EOF)
		return missing("manifest", id, "erpgate log", err);
	if (rc < 0)
		return rc;
	eg_time_print(when, m.applied != 0 ? m.applied : m.received);
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:i,s:i,s:i,s:o}", "type", "manifest",
		    "id", m.id, "name", m.name, "sha256", m.sha256, "state", m.state, "time", when, "assurance",
		    m.assurance, "approver", cli_str(m.approver), "key", cli_str(m.key_id), "sheet", cli_str(m.sheet),
		    "accepted", (int)m.accepted, "rejected", (int)m.rejected, "refused", (int)m.refused, "bundle",
		    cli_str(m.bundle)));
	else {
		(void)printf("Manifest %s   %s   %s %s\n", m.id, m.name, m.state, when);
		(void)printf("By         %s, by %s%s%s   sheet %s\n", m.approver != NULL ? m.approver : "nobody yet",
		    *m.assurance != '\0' ? m.assurance : "nothing yet", m.key_id != NULL ? ", key " : "",
		    m.key_id != NULL ? m.key_id : "", m.sheet != NULL ? m.sheet : "unknown");
		(void)printf("Rows       %u accepted, %u rejected, %u refused   sealed in %s\n", m.accepted, m.rejected,
		    m.refused, m.bundle != NULL ? m.bundle : "nothing yet");
	}
	rc = decision_each(w->s->store, id, 0, manifest_row, w, err);
	return rc == EG_OK ? show_history(w, id, err) : rc;
}

/* ---- bundles ---- */

static int
bundle_line(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct showing *w = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	w->n++;
	eg_time_print(when, b->sealed);
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "type", "bundle", "id", b->id, "kind", b->kind,
		    "of", b->of_id, "path", b->path, "sha256", b->sha256, "sealed", when));
	else
		(void)printf(
		    "Bundle %s   %s %s   sealed %s\nFile       %s/archive/%s\nsha256     %s\nContents   erpgate audit show %s\nCheck it   erpgate audit verify %s\n",
		    b->id, b->kind, b->of_id, when, w->s->path, b->path, b->sha256, b->id, b->id);
	return EG_OK;
}

static int
show_bundle(struct showing *w, const char *id, struct eg_arena *a, struct eg_err *err)
{
	int rc = bundle_row_each(w->s->store, id, bundle_line, w, err);

	(void)a;
	return rc == EG_OK && w->n == 0 ? missing("bundle", id, "erpgate audit list", err) : rc;
}

/* ---- the command ---- */

static int
show_one(struct cli *c, struct site *s, const char *id, struct eg_arena *a, struct eg_err *err)
{
	static const struct {
		char letter;
		int (*show)(struct showing *w, const char *id, struct eg_arena *a, struct eg_err *err);
	} kinds[] = { { 'D', show_drop }, { 'B', show_batch }, { 'A', show_bundle }, { 'P', show_manifest } };
	struct showing w = { c, s, 0 };
	struct item it;
	uint64_t n;
	int rc = item_lookup(s->store, id, a, &it, err); /* first: a business number may look like one of ours */

	for (size_t i = 0; rc == EG_EOF && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (id[0] == kinds[i].letter && strlen(id) >= 7 && eg_bytes_to_u64(eg_bytes_str(id + 1), &n))
			return kinds[i].show(&w, id, a, err);
	if (rc == EG_EOF)
		rc = missing("item, drop, manifest, batch or bundle", id, "erpgate queue --all", err);
	if (rc < 0)
		return rc;
	if (cli_has(c, O_RAW))
		return show_raw(s, &it, err);
	if (!cli_has(c, O_LINEAGE) || (!cli_has(c, O_JSON) && !cli_has(c, O_PLAIN)))
		rc = cli_has(c, O_DIFF) && cli_has(c, O_JSON) ? EG_OK : show_item(c, s, &it, err);
	if (rc == EG_OK && cli_has(c, O_DIFF))
		rc = show_diff(c, s, &it, err);
	return rc == EG_OK && cli_has(c, O_LINEAGE) ? show_lineage(c, s, &it, err) : rc;
}

int
cmd_show(struct cli *c)
{
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct site s;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	eg_arena_init(&a, (size_t)256 << 20);
	code = show_one(c, &s, c->argv[0], &a, &err) < 0 ? cli_fail(c, &err) : CLI_OK;
	eg_arena_done(&a);
	site_close(&s);
	return code;
}
