/* SPDX-License-Identifier: MIT
 *
 * Requests from log entries. An answer belongs to the newest writing before it. A company that the ERP's list showed before an answer came counts as answered:
 * its state says so. Tests: tests/unit/test_diff_budget.c.
 */
#include "gateway/workflow/history.h"

#include <jansson.h>

struct reading {
	struct site *site;
	struct eg_arena *a;
	struct requests *to;
	size_t cap;
};

const char *
request_word(enum request_status status)
{
	static const char *const words[] = { "in progress", "success", "failed", "stale" };

	eg_check((unsigned)status < sizeof(words) / sizeof(words[0]));
	return words[status];
}

static const char *
text_of(struct reading *r, const json_t *j, const char *name)
{
	const char *v = json_string_value(json_object_get(j, name));

	return v == NULL ? NULL : eg_arena_cstr(r->a, eg_bytes_str(v));
}

static struct request *
newest(struct reading *r)
{
	return r->to->n == 0 ? NULL : &r->to->v[r->to->n - 1];
}

static int
add(struct reading *r, const struct log_row *row, const json_t *j, struct eg_err *err)
{
	struct request *last = newest(r), *now;
	const char *batch = text_of(r, j, "batch"), *content = text_of(r, j, "content");

	if (last != NULL && last->status == REQUEST_OPEN)
		last->status = REQUEST_STALE;
	if (r->to->n == r->cap) {
		size_t cap = r->cap == 0 ? 8 : r->cap * 2;
		struct request *v = eg_arena_alloc(r->a, cap * sizeof(*v));
		if (v == NULL)
			return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the history of %s is too long for memory", row->id);
		for (size_t i = 0; i < r->to->n; i++)
			v[i] = r->to->v[i];
		r->to->v = v;
		r->cap = cap;
	}
	now = &r->to->v[r->to->n++];
	*now = (struct request){ .batch = batch != NULL ? batch : "",
		.content = content != NULL ? content : "",
		.by = "",
		.sent = row->at };
	return EG_OK;
}

static void
answer(struct reading *r, const struct log_row *row, const json_t *j, enum request_status status)
{
	struct request *q = newest(r);

	if (q == NULL)
		return;
	if (q->status == REQUEST_SUCCESS && status == REQUEST_SUCCESS) { /* posting may come later */
		q->posted = q->posted || json_is_true(json_object_get(j, "posted"));
		return;
	}
	if (q->status != REQUEST_OPEN)
		return;
	q->status = status;
	q->answered = row->at;
	q->drop = text_of(r, j, "drop");
	q->error = text_of(r, j, "error");
	q->posted = json_is_true(json_object_get(j, "posted"));
}

static void
undo(struct reading *r)
{
	for (size_t i = 0; i < r->to->n; i++) {
		r->to->v[i].undone = true;
		if (r->to->v[i].status == REQUEST_OPEN)
			r->to->v[i].status = REQUEST_STALE;
	}
}

static int
entry(void *ctx, const struct log_row *row, struct eg_err *err)
{
	struct reading *r = ctx;
	json_t *j = json_loads(row->detail, JSON_DECODE_ANY, NULL);
	bool unchanged = json_is_true(json_object_get(j, "unchanged")), adopted = strcmp(row->event, "adopted") == 0;
	int rc = EG_OK;

	if (strcmp(row->event, "exported") == 0 || strcmp(row->event, "imported") == 0 || unchanged || adopted)
		rc = add(r, row, j, err);
	if (rc == EG_OK && (strcmp(row->event, "synced") == 0 || strcmp(row->event, "imported") == 0 || adopted))
		answer(r, row, j, REQUEST_SUCCESS);
	else if (strcmp(row->event, "failed") == 0)
		answer(r, row, j, REQUEST_FAILED);
	else if (strcmp(row->event, "unlinked") == 0)
		undo(r);
	json_decref(j);
	return rc;
}

/* Who let each batch take it: batches and requests are both in order of time. */
static int
sent_each(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct reading *r = ctx;
	struct decision d;
	int rc;

	(void)item;
	(void)revision;
	if (decision == 0)
		return EG_OK;
	rc = decision_get(r->site->store, decision, r->a, &d, err);
	for (size_t i = 0; rc == EG_OK && i < r->to->n; i++)
		if (strcmp(r->to->v[i].batch, batch) == 0)
			r->to->v[i].by = d.approver;
	return rc == EG_EOF ?
	           eg_fail(err, EG_FATAL, "DB-CORRUPT", "a decision of batch %s is not there any more", batch) :
	           rc;
}

int
requests_read(struct site *s, const struct item *it, struct eg_arena *a, struct requests *ret, struct eg_err *err)
{
	struct reading r = { .site = s, .a = a, .to = ret };
	int rc;

	*ret = (struct requests){ NULL, 0 };
	rc = store_log_each(s->store, it->iid, 0, entry, &r, err);
	if (rc == EG_OK)
		rc = batch_item_each(s->store, NULL, it->id, sent_each, &r, err);
	struct request *last = newest(&r);
	if (last != NULL && last->status == REQUEST_OPEN && (it->state == ST_SYNCED || it->state == ST_CHANGED))
		last->status = REQUEST_SUCCESS;
	return rc;
}

const struct request *
requests_base(const struct requests *r)
{
	for (size_t i = r->n; i > 0; i--)
		if (r->v[i - 1].status == REQUEST_SUCCESS && !r->v[i - 1].undone)
			return &r->v[i - 1];
	return NULL;
}
