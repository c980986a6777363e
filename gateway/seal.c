/* SPDX-License-Identifier: MIT
 *
 * Sealing: what is finished becomes one bundle each (drop when read, manifest when applied, batch when published), with row and log entry in one transaction; only then the work
 * copy goes. A crash anywhere: the same bundle is made again, byte for byte.
 */
#include "base/fs.h"
#include "formats/csv_write.h"
#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"

#include <jansson.h>

struct sealing {
	struct site *site;
	struct bundle *b;
	struct eg_buf buf; /* member being made */
	struct eg_buf path;
	int fd; /* original, open until sealed */
	unsigned n;
	struct eg_buf adapters; /* names already in it, each between LF */
};

static int
add_text(struct sealing *z, const char *path, struct eg_err *err)
{
	int rc = z->buf.len == 0 ? EG_OK : bundle_add(z->b, path, eg_buf_view(&z->buf), err);

	eg_buf_clear(&z->buf);
	return rc;
}

static int
add_json(struct sealing *z, const char *path, json_t *j, struct eg_err *err)
{
	char *text = json_dumps(j, JSON_INDENT(1));

	eg_buf_clear(&z->buf);
	eg_buf_str(&z->buf, text);
	eg_buf_chr(&z->buf, '\n');
	free(text);
	json_decref(j);
	return add_text(z, path, err);
}

static int
csv_line(struct sealing *z, const char *const *cells, size_t n, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',', .lf = true };
	struct eg_bytes v[20];

	eg_check(n <= sizeof(v) / sizeof(v[0]));
	for (size_t i = 0; i < n; i++)
		v[i] = eg_bytes_str(cells[i] == NULL ? "" : cells[i]);
	return fmt_csv_row(&style, v, n, &z->buf, err);
}

static const char *
num(char ret[24], int64_t v)
{
	(void)snprintf(ret, 24, "%lld", (long long)v);
	return ret;
}

/* ---- what every bundle holds ---- */

static int
add_adapter(struct sealing *z, const char *name, struct eg_err *err)
{
	const struct adp *a = *name == '\0' ? NULL : adp_set_named(z->site->adapters, name);

	if (a == NULL)
		return EG_OK;
	eg_buf_clear(&z->path);
	eg_buf_printf(&z->path, "\n%s\n", name);
	if (eg_bytes_find(eg_buf_view(&z->adapters), eg_buf_view(&z->path)) < z->adapters.len)
		return EG_OK;
	eg_buf_add(&z->adapters, eg_buf_view(&z->path));
	eg_buf_clear(&z->path);
	eg_buf_printf(&z->path, "adapters/%s.adapter", name);
	return bundle_add(z->b, eg_buf_cstr(&z->path), adp_info(a)->text, err);
}

static int
add_tables(struct sealing *z, struct eg_err *err)
{
	const char *name;
	struct eg_bytes text;
	char sha[EG_SHA256_HEX];
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && adp_set_table_at(z->site->adapters, i, &name, &text, sha); i++) {
		eg_buf_clear(&z->path);
		eg_buf_printf(&z->path, "adapters/tables/%s", name);
		rc = bundle_add(z->b, eg_buf_cstr(&z->path), text, err);
	}
	return rc;
}

/* Settings in force, so that the bundle can be made again. */
static int
add_software(struct sealing *z, struct eg_err *err)
{
	json_t *j = json_object(), *c = json_object();
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	for (size_t i = 0; i < n; i++)
		if (strchr(k[i].key, '*') == NULL)
			json_object_set_new(c, k[i].key, json_string(conf_text(&z->site->conf, k[i].key)));
	json_object_set_new(j, "erpgate", json_string(ERPGATE_VERSION));
	json_object_set_new(j, "site", json_string(z->site->name));
	json_object_set_new(j, "settings", c);
	int rc = add_json(z, "software.json", j, err);
	return rc == EG_OK ? add_tables(z, err) : rc;
}

static int
finding_row(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct sealing *z = ctx;
	char line[24], col[24], off[24], sev[2] = { f->severity, '\0' };
	const char *cells[] = { f->source, f->file, num(line, (int64_t)f->line), num(col, f->col), num(off, (int64_t)f->off), f->code, sev, f->item, f->field, f->value,
		f->message };

	return csv_line(z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
add_findings(struct sealing *z, const char *drop, struct eg_err *err)
{
	static const char *const head[] = { "source", "file", "line", "column", "offset", "code", "severity", "item", "field", "value", "message" };
	struct finding_filter mine = { .drop = drop };
	int rc = csv_line(z, head, sizeof(head) / sizeof(head[0]), err);

	if (rc == EG_OK)
		rc = store_finding_each(z->site->store, &mine, finding_row, z, err);
	return rc == EG_OK ? add_text(z, "findings.csv", err) : rc;
}

/* The bundle's row, the owner's new state and the log entry: one transaction. */
static int
sealed_rows(struct sealing *z, const char *kind, const char *of, const char *bundle, const char *sha256, struct eg_err *err)
{
	struct site *s = z->site;
	json_t *j = json_pack("{s:s,s:s,s:s,s:s}", "kind", kind, "of", of, "path", eg_buf_cstr(&z->path), "sha256", sha256);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_seen_id(s->store, bundle, err);
	if (rc == EG_OK)
		rc = bundle_row_add(s->store, bundle, kind, of, eg_buf_cstr(&z->path), sha256, site_now(s), err);
	if (rc == EG_OK && strcmp(kind, "drop") == 0)
		rc = store_drop_set(s->store, of, "done", NULL, bundle, err);
	else if (rc == EG_OK && strcmp(kind, "batch") == 0) {
		struct eg_arena a;
		struct batch b;
		eg_arena_init(&a, 1 << 16);
		rc = batch_get(s->store, of, &a, &b, err);
		b.state = "done";
		b.bundle = bundle;
		if (rc == EG_OK)
			rc = batch_put(s->store, &b, err);
		eg_arena_done(&a);
	} else if (rc == EG_OK) {
		struct eg_arena a;
		struct manifest m;
		eg_arena_init(&a, 1 << 16);
		rc = manifest_get(s->store, of, &a, &m, err);
		m.bundle = bundle;
		if (rc == EG_OK)
			rc = manifest_put(s->store, &m, err);
		if (rc == EG_OK && m.drop != NULL)
			rc = store_drop_set(s->store, m.drop, "done", NULL, bundle, err);
		eg_arena_done(&a);
	}
	if (rc == EG_OK)
		rc = site_log(s, "archived", bundle, detail, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	free(detail);
	json_decref(j);
	return rc;
}

/* The number of the bundle to come: given again after a crash, because nothing else seals meanwhile. */
static int
bundle_number(struct site *s, char ret[16], struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_next_id(s->store, 'A', ret, err);
	store_rollback(s->store); /* only looked at; sealed_rows takes it */
	return rc;
}

static int
seal_one(struct site *s, const char *kind, const char *of, int64_t at, int (*fill)(struct sealing *z, const char *of, struct eg_err *err), struct eg_err *err)
{
	struct sealing z = { .site = s, .buf = EG_BUF_INIT, .path = EG_BUF_INIT, .fd = -1, .adapters = EG_BUF_INIT };
	char id[16], sha[EG_SHA256_HEX];
	int rc = bundle_number(s, id, err);

	if (rc == EG_OK)
		rc = bundle_new(id, &z.b, err);
	if (rc == EG_OK)
		rc = bundle_info(z.b, "External-Identifier", of, err);
	if (rc == EG_OK)
		rc = bundle_info(z.b, "Internal-Sender-Description", kind, err);
	if (rc == EG_OK)
		rc = fill(&z, of, err);
	if (rc == EG_OK)
		rc = add_software(&z, err);
	eg_buf_clear(&z.path);
	if (rc == EG_OK)
		rc = bundle_seal(z.b, &s->spool, s->key, at, sha, &z.path, err);
	if (rc == EG_OK)
		rc = sealed_rows(&z, kind, of, id, sha, err);
	bundle_free(z.b);
	eg_fd_done(&z.fd);
	eg_buf_done(&z.buf);
	eg_buf_done(&z.path);
	eg_buf_done(&z.adapters);
	return rc;
}

/* ---- drops ---- */

static int
revision_text(void *ctx, const struct rec *r, struct eg_err *err)
{
	struct sealing *z = ctx;

	(void)err;
	if (z->n++ > 0)
		eg_buf_chr(&z->buf, '\n');
	rec_canonical(r, &z->buf);
	return EG_OK;
}

static int
file_row(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct sealing *z = ctx;
	char size[24], rows[24], records[24], rejected[24];
	const char *cells[] = { f->member, f->sha256, num(size, f->size), f->adapter, f->adapter_sha256, num(rows, f->rows), num(records, f->records),
		num(rejected, f->rejected), f->refused ? "yes" : "no" };

	return csv_line(z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
file_adapter(void *ctx, const struct file_row *f, struct eg_err *err)
{
	return add_adapter(ctx, f->adapter, err);
}

static int
add_provenance(struct sealing *z, const struct drop_row *d, struct eg_err *err)
{
	char when[EG_TIME_TEXT];

	eg_time_print(when, d->received);
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:I,s:s}", "drop", d->id, "source", d->source, "name", d->name, "sha256", d->sha256, "size", (json_int_t)d->size,
	    "received", when, "owner", (json_int_t)d->owner, "verdict", d->verdict);
	return add_json(z, "received/provenance.json", j, err);
}

static int
fill_drop(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const head[] = { "member", "sha256", "size", "adapter", "adapter_sha256", "rows", "records", "rejected", "refused" };
	struct site *s = z->site;
	struct eg_arena a;
	struct drop_row d;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_drop_get(s->store, of, &a, &d, err);
	if (rc == EG_OK)
		rc = spool_open_raw(&s->spool, of, &z->fd, err);
	if (rc == EG_OK) {
		eg_buf_clear(&z->path);
		eg_buf_str(&z->path, "received/");
		bundle_safe_name(eg_bytes_str(d.name), &z->path);
		rc = bundle_add_fd(z->b, eg_buf_cstr(&z->path), z->fd, (uint64_t)d.size, err);
	}
	if (rc == EG_OK)
		rc = add_provenance(z, &d, err);
	eg_arena_done(&a);
	if (rc == EG_OK)
		rc = csv_line(z, head, sizeof(head) / sizeof(head[0]), err);
	if (rc == EG_OK)
		rc = store_file_each(s->store, of, file_row, z, err);
	if (rc == EG_OK)
		rc = add_text(z, "canonical/files.csv", err);
	if (rc == EG_OK)
		rc = revision_each_of_drop(s->store, of, revision_text, z, err);
	if (rc == EG_OK)
		rc = add_text(z, "canonical/records.txt", err);
	if (rc == EG_OK)
		rc = add_findings(z, of, err);
	return rc == EG_OK ? store_file_each(s->store, of, file_adapter, z, err) : rc;
}

/* ---- manifests ---- */

static int
decision_row(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct sealing *z = ctx;
	char row[24], when[EG_TIME_TEXT];

	eg_time_print(when, d->at);
	const char *cells[] = { num(row, d->row), d->iid, d->content, d->verdict, d->erp_id, d->transaction_date, d->accounting_date, d->description, d->comment, d->approver, when,
		d->result, d->code };
	return csv_line(z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
add_key(struct sealing *z, const char *approver, struct eg_err *err)
{
	struct eg_arena a;
	struct user u;
	int rc;

	if (approver == NULL)
		return EG_OK;
	eg_arena_init(&a, 1 << 16);
	rc = user_find(z->site->store, approver, &a, &u, err);
	if (rc == EG_OK && u.pubkey != NULL)
		rc = bundle_add(z->b, "approvals/key.pem", eg_bytes_str(u.pubkey), err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
add_work_file(struct sealing *z, const char *id, const char *file, const char *path, struct eg_err *err)
{
	char *name = eg_xprintf("%s/%s", id, file);
	int rc = EG_OK;

	eg_buf_clear(&z->buf);
	if (eg_fs_exists(z->site->spool.work, name))
		rc = eg_fs_read_file(z->site->spool.work, name, (size_t)1 << 30, &z->buf, err);
	if (rc == EG_OK)
		rc = add_text(z, path, err);
	free(name);
	return rc;
}

static int
fill_manifest(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const head[] = { "row", "item", "content", "verdict", "erp_id", "transaction_date", "accounting_date", "description", "comment", "approver", "at", "result",
		"code" };
	struct eg_arena a;
	struct manifest m;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = manifest_get(z->site->store, of, &a, &m, err);
	if (rc == EG_OK) {
		json_t *j = json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s?,s:s,s:s}", "manifest", m.id, "name", m.name, "sha256", m.sha256, "sheet", m.sheet, "approver", m.approver,
		    "key", m.key_id, "assurance", m.assurance, "state", m.state);
		rc = add_json(z, "approvals/manifest.json", j, err);
	}
	if (rc == EG_OK && m.drop != NULL)
		rc = add_work_file(z, m.drop, "raw", "approvals/sheet", err);
	if (rc == EG_OK && m.drop != NULL)
		rc = add_work_file(z, m.drop, "companion", "approvals/sheet.sig", err);
	if (rc == EG_OK && m.drop == NULL)
		rc = add_work_file(z, m.id, "sheet", "approvals/sheet", err);
	if (rc == EG_OK && m.drop == NULL)
		rc = add_work_file(z, m.id, "sheet.sig", "approvals/sheet.sig", err);
	if (rc == EG_OK)
		rc = add_key(z, m.approver, err);
	if (rc == EG_OK && m.drop != NULL)
		rc = add_findings(z, m.drop, err);
	eg_arena_done(&a);
	if (rc == EG_OK)
		rc = csv_line(z, head, sizeof(head) / sizeof(head[0]), err);
	if (rc == EG_OK)
		rc = decision_each(z->site->store, of, 0, decision_row, z, err);
	return rc == EG_OK ? add_text(z, "approvals/outcome.csv", err) : rc;
}

/* ---- batches ---- */

struct lineage_ctx {
	struct sealing *z;
	const char *file;
};

static int
lineage_row(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	struct lineage_ctx *l = ctx;
	struct site *s = l->z->site;
	json_t *cells = json_loads(cells_json, 0, NULL), *cell, *from;
	size_t i, k;
	struct eg_arena a;
	struct item it;
	int rc;

	(void)batch_file;
	eg_arena_init(&a, 1 << 22);
	rc = item_get(s->store, item, &a, &it, err);
	json_array_foreach(cells, i, cell) {
		json_t *list = json_object_get(cell, "from");
		const char *column = json_string_value(json_object_get(cell, "column")), *rule = json_string_value(json_object_get(cell, "rule"));
		char lineno[24], off[24], len[24], at[24];
		if (json_array_size(list) == 0 && rc == EG_OK) {
			const char *v[] = { l->file, num(lineno, (int64_t)line), column, it.iid, "", "", "", "", "", rule };
			rc = csv_line(l->z, v, 10, err);
		}
		json_array_foreach(list, k, from) {
			struct file_row f = { 0 };
			struct drop_row d = { 0 };
			if (rc == EG_OK)
				rc = store_file_get(s->store, json_integer_value(json_object_get(from, "file")), &a, &f, err);
			if (rc == EG_OK)
				rc = store_drop_get(s->store, f.drop, &a, &d, err);
			if (rc != EG_OK)
				break;
			const char *v[] = { l->file, num(lineno, (int64_t)line), column, it.iid, d.sha256, f.member, num(off, json_integer_value(json_object_get(from, "off"))),
				num(len, json_integer_value(json_object_get(from, "len"))), num(at, json_integer_value(json_object_get(from, "line"))), rule };
			rc = csv_line(l->z, v, 10, err);
		}
	}
	json_decref(cells);
	eg_arena_done(&a);
	return rc;
}

static int
batch_file_members(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	static const char *const head[] = { "file", "line", "column", "item", "source_sha256", "member", "offset", "length", "source_line", "rule" };
	struct sealing *z = ctx;
	struct lineage_ctx l = { z, f->name };
	struct eg_arena a;
	struct batch b;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = batch_get(z->site->store, f->batch, &a, &b, err);
	if (rc == EG_OK) {
		char *staged = eg_xprintf("archive/%s", f->name);
		eg_buf_clear(&z->path);
		eg_buf_printf(&z->path, "outbound/%s/%s", b.target, f->name);
		char *path = eg_xstrdup(eg_buf_cstr(&z->path));
		rc = add_work_file(z, f->batch, staged, path, err);
		free(path);
		free(staged);
	}
	eg_arena_done(&a);
	if (rc == EG_OK)
		rc = add_adapter(z, f->adapter, err);
	if (rc == EG_OK)
		rc = csv_line(z, head, 10, err);
	if (rc == EG_OK)
		rc = lineage_each(z->site->store, f->id, 0, lineage_row, &l, err);
	char *path = eg_xprintf("lineage/%s.csv", f->name);
	if (rc == EG_OK)
		rc = add_text(z, path, err);
	free(path);
	return rc;
}

static int
ledger_row(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	char size[24], rows[24];
	const char *cells[] = { f->name, f->object, f->adapter, f->adapter_sha256, f->sha256, num(size, f->size), num(rows, f->rows), f->amount };

	return csv_line(ctx, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
batch_decision(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct sealing *z = ctx;
	struct eg_arena a;
	struct item it;
	struct decision d = { .manifest = "", .approver = "", .verdict = "automatic" };
	char rev[24], when[EG_TIME_TEXT] = "";
	int rc;

	(void)batch;
	eg_arena_init(&a, 1 << 16);
	rc = item_get(z->site->store, item, &a, &it, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(z->site->store, decision, &a, &d, err);
	if (decision != 0 && rc == EG_OK)
		eg_time_print(when, d.at);
	const char *cells[] = { it.iid, it.content, num(rev, revision), d.manifest, d.approver, d.verdict, when };
	if (rc == EG_OK)
		rc = csv_line(z, cells, 7, err);
	eg_arena_done(&a);
	return rc;
}

static int
fill_batch(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const files[] = { "file", "object", "adapter", "adapter_sha256", "sha256", "size", "rows", "amount" };
	static const char *const items[] = { "item", "content", "revision", "manifest", "approver", "verdict", "decided" };
	struct site *s = z->site;
	int rc = batch_file_each(s->store, of, batch_file_members, z, err);

	if (rc == EG_OK)
		rc = csv_line(z, files, 8, err);
	if (rc == EG_OK)
		rc = batch_file_each(s->store, of, ledger_row, z, err);
	if (rc == EG_OK)
		rc = add_text(z, "ledger/files.csv", err);
	if (rc == EG_OK)
		rc = csv_line(z, items, 7, err);
	if (rc == EG_OK)
		rc = batch_item_each(s->store, of, 0, batch_decision, z, err);
	return rc == EG_OK ? add_text(z, "ledger/items.csv", err) : rc;
}

/* ---- all of them ---- */

struct owed { /* what is to be sealed: gathered first, because sealing changes the tables that are walked */
	char (*id)[16];
	int64_t *at;
	size_t n;
};

static void
owe(struct owed *o, const char *id, int64_t at)
{
	o->id = eg_xrealloc(o->id, (o->n + 1) * sizeof(*o->id));
	o->at = eg_xrealloc(o->at, (o->n + 1) * sizeof(*o->at));
	(void)snprintf(o->id[o->n], sizeof(*o->id), "%s", id);
	o->at[o->n++] = at;
}

static int
owe_drop(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	(void)err;
	if (strcmp(d->verdict, "manifest") != 0)
		owe(ctx, d->id, d->received);
	return EG_OK;
}

static int
owe_manifest(void *ctx, const struct manifest *m, struct eg_err *err)
{
	(void)err;
	if (m->bundle == NULL && strcmp(m->state, "parked") != 0)
		owe(ctx, m->id, m->applied != 0 ? m->applied : m->received);
	return EG_OK;
}

static int
owe_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	(void)err;
	owe(ctx, b->id, b->made);
	return EG_OK;
}

static int
seal_owed(struct site *s, const char *kind, struct owed *o, int (*fill)(struct sealing *, const char *, struct eg_err *), struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < o->n; i++)
		rc = seal_one(s, kind, o->id[i], o->at[i], fill, err);
	free(o->id);
	free(o->at);
	*o = (struct owed){ 0 };
	return rc;
}

struct leftover {
	struct site *site;
};

/* Work that the store knows to be done: its copy goes. */
static int
clean_each(void *ctx, const char *id, struct eg_err *err)
{
	struct site *s = ((const struct leftover *)ctx)->site;
	struct eg_arena a;
	struct drop_row d;
	struct batch b;
	struct manifest m;
	bool done = false;
	int rc = EG_EOF;

	eg_arena_init(&a, 1 << 18);
	if (id[0] == 'D') {
		rc = store_drop_get(s->store, id, &a, &d, err);
		done = rc == EG_OK && strcmp(d.state, "done") == 0;
	} else if (id[0] == 'B') {
		rc = batch_get(s->store, id, &a, &b, err);
		done = rc == EG_EOF || strcmp(b.state, "done") == 0; /* rendered, but its transaction never came: nobody knows it */
	} else if (id[0] == 'P') {
		rc = manifest_get(s->store, id, &a, &m, err);
		done = rc == EG_EOF || m.bundle != NULL;
	}
	eg_arena_done(&a);
	if (rc < 0)
		return rc;
	return done ? spool_clean(&s->spool, id, err) : EG_OK;
}

int
seal_all(struct site *s, struct eg_err *err)
{
	struct owed o = { 0 };
	struct leftover left = { s };
	int rc = store_drop_each(s->store, "read", owe_drop, &o, err);

	if (rc == EG_OK)
		rc = seal_owed(s, "drop", &o, fill_drop, err);
	if (rc == EG_OK)
		rc = manifest_each(s->store, NULL, owe_manifest, &o, err);
	if (rc == EG_OK)
		rc = seal_owed(s, "manifest", &o, fill_manifest, err);
	if (rc == EG_OK)
		rc = batch_each(s->store, "published", owe_batch, &o, err);
	if (rc == EG_OK)
		rc = seal_owed(s, "batch", &o, fill_batch, err);
	return rc == EG_OK ? spool_leftovers(&s->spool, clean_each, &left, err) : rc;
}
