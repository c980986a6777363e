/* SPDX-License-Identifier: MIT
 *
 * Receipts. The text names no moment but that of the receipt of the file, so that it can be made again. Tests: tests/scenario/receipts.bats.
 */
#include "gateway/receipt.h"

#include "gateway/store/store_receipt.h"
#include "gateway/turn.h"

#include <jansson.h>

#define REASONS_MAX 50 /* refused records that are named; `records` counts them all */

bool
receipts_on(const struct conf *c, const char *source)
{
	return strcmp(conf_sub(c, "source", source, "receipts"), "yes") == 0;
}

/* ---- parts of the text ---- */

struct text {
	struct site *s;
	json_t *j;
	json_int_t records, rejected;
	json_t *reasons;
	bool found;
	const char *event; /* of the log entry that is looked for */
};

static int
count_file(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct text *t = ctx;

	(void)err;
	t->records += f->records;
	t->rejected += f->rejected;
	return EG_OK;
}

static int
reason(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct text *t = ctx;

	(void)err;
	if (json_array_size(t->reasons) < REASONS_MAX)
		json_array_append_new(
		    t->reasons, json_pack("{s:s,s:s,s:I,s:s,s:s}", "code", f->code, "file", f->file, "line",
				    (json_int_t)f->line, "item", f->item, "message", f->message));
	return EG_OK;
}

static int
bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct text *t = ctx;

	(void)err;
	if (!t->found)
		json_object_set_new(
		    t->j, "bundle", json_pack("{s:s,s:s,s:s}", "id", b->id, "path", b->path, "sha256", b->sha256));
	t->found = true;
	return EG_OK;
}

/* The first entry of that kind: where the log says what this receipt says. */
static int
log_place(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct text *t = ctx;

	(void)err;
	if (strcmp(r->event, t->event) == 0 && json_object_get(t->j, "log") == NULL)
		json_object_set_new(t->j, "log", json_integer((json_int_t)r->index));
	return EG_OK;
}

static int
sheet(void *ctx, const struct manifest *m, struct eg_err *err)
{
	struct text *t = ctx;

	(void)err;
	if (m->drop == NULL || strcmp(m->drop, json_string_value(json_object_get(t->j, "drop"))) != 0)
		return EG_OK;
	json_object_set_new(t->j, "verdict", json_string(m->state));
	json_object_set_new(t->j, "decisions",
	    json_pack("{s:s,s:i,s:i,s:i}", "manifest", m->id, "accepted", (int)m->accepted, "rejected",
		(int)m->rejected, "refused", (int)m->refused));
	return EG_OK;
}

static void
head(struct text *t, const struct drop_row *d)
{
	char when[EG_TIME_TEXT];

	eg_time_print(when, d->received);
	json_object_set_new(t->j, "receipt", json_integer(1));
	json_object_set_new(t->j, "site", json_string(t->s->name));
	json_object_set_new(t->j, "drop", json_string(d->id));
	json_object_set_new(t->j, "source", json_string(d->source));
	json_object_set_new(t->j, "name", json_string(d->name));
	json_object_set_new(t->j, "sha256", json_string(d->sha256));
	json_object_set_new(t->j, "size", json_integer(d->size));
	json_object_set_new(t->j, "received", json_string(when));
	json_object_set_new(t->j, "verdict", json_string(d->verdict));
	if (d->first != NULL)
		json_object_set_new(t->j, "duplicate_of", json_string(d->first));
}

static int
records(struct text *t, const struct drop_row *d, struct eg_err *err)
{
	struct finding_filter refused = { .drop = d->id, .severity = ADP_REJECT };
	int rc = store_file_each(t->s->store, d->id, count_file, t, err);

	if (rc == EG_OK)
		rc = store_finding_each(t->s->store, &refused, reason, t, err);
	if (rc == EG_OK) {
		json_object_set_new(t->j, "records",
		    json_pack(
			"{s:I,s:I,s:I}", "of", t->records, "taken", t->records - t->rejected, "rejected", t->rejected));
		json_object_set(t->j, "reasons", t->reasons);
	}
	return rc;
}

int
receipt_text(struct site *s, const struct drop_row *d, struct eg_buf *ret, struct eg_err *err)
{
	struct text t = { .s = s,
		.j = json_object(),
		.reasons = json_array(),
		.event = d->first != NULL ? "duplicate" : "archived" };
	int rc;

	head(&t, d);
	if (strcmp(d->source, APPROVALS) == 0)
		rc = manifest_each(s->store, NULL, sheet, &t, err);
	else
		rc = records(&t, d, err);
	if (rc == EG_OK)
		rc = bundle_row_each(s->store,
		    d->bundle != NULL ? d->bundle :
		    d->first != NULL  ? d->first :
					d->id,
		    bundle, &t, err);
	if (rc == EG_OK)
		rc = store_log_each(s->store, d->bundle != NULL ? d->bundle : d->id, 0, log_place, &t, err);
	if (rc == EG_OK) {
		char *text = json_dumps(t.j, JSON_INDENT(1));
		eg_check(text != NULL); /* names are escaped: every text is UTF-8 */
		eg_buf_printf(ret, "%s\n", text);
		free(text);
	}
	json_decref(t.reasons);
	json_decref(t.j);
	return rc;
}

/* ---- writing ---- */

struct owed {
	char (*id)[16];
	size_t n;
};

static int
owe(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	struct owed *o = ctx;

	(void)err;
	o->id = eg_xrealloc(o->id, (o->n + 1) * sizeof(*o->id));
	(void)snprintf(o->id[o->n++], sizeof(*o->id), "%s", d->id);
	return EG_OK;
}

static int
note(struct site *s, const struct drop_row *d, const char *file, struct eg_bytes text, const char *failed,
    struct eg_err *err)
{
	char sha[EG_SHA256_HEX];
	json_t *j = json_pack("{s:s,s:s}", "source", d->source, "file", file);
	int rc = store_begin(s->store, err);

	eg_sha256_hex_of(text, sha);
	json_object_set_new(j, "sha256", json_string(sha));
	if (failed != NULL)
		json_object_set_new(j, "why", json_string(failed));
	char *detail = json_dumps(j, JSON_COMPACT);
	if (rc == EG_OK)
		rc = receipt_done(
		    s->store, d->id, failed == NULL ? file : NULL, failed == NULL ? sha : NULL, site_now(s), err);
	if (rc == EG_OK)
		rc = site_log(s, failed == NULL ? "receipt" : "receipt-failed", d->id, detail, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc != EG_OK)
		store_rollback(s->store);
	free(detail);
	json_decref(j);
	return rc;
}

static int
write_one(struct site *s, const char *id, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT, file = EG_BUF_INIT;
	unsigned char sig[SIGN_ED25519_LEN];
	char why[EG_MSG_MAX];
	struct eg_arena a;
	struct drop_row d;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = store_drop_get(s->store, id, &a, &d, err);
	if (rc == EG_OK)
		rc = receipt_text(s, &d, &text, err);
	if (rc == EG_OK)
		rc = sign_bytes(s->key, eg_buf_view(&text), sig, err);
	if (rc == EG_OK)
		rc = spool_receipt(
		    &s->spool, d.source, d.name, d.id, eg_buf_view(&text), eg_bytes(sig, sizeof(sig)), &file, err);
	bool failed = rc == EG_BADFILE;
	(void)snprintf(why, sizeof(why), "%s", failed ? err->msg : "");
	if (rc == EG_OK || failed)
		rc = note(s, &d, eg_buf_cstr(&file), eg_buf_view(&text), failed ? why : NULL, err);
	eg_arena_done(&a);
	eg_buf_done(&file);
	eg_buf_done(&text);
	return rc;
}

int
receipts_write(struct site *s, struct eg_err *err)
{
	struct owed o = { 0 };
	int rc = receipt_owed_each(s->store, owe, &o, err);

	for (size_t i = 0; rc == EG_OK && i < o.n; i++)
		rc = write_one(s, o.id[i], err);
	free(o.id);
	return rc;
}
