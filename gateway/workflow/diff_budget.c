/* SPDX-License-Identifier: MIT
 *
 * The difference between two revisions of a budget. Lines are told apart by sub job, code and type, never by their place. Money: every difference is exact, and
 * what left before plus the differences is what stands in the newest revision. Tests: tests/unit/test_diff_budget.c.
 */
#include "gateway/workflow/diff_budget.h"

#include "gateway/workflow/history.h"
#include "gateway/workflow/intake.h"

#include <jansson.h>

#define AMOUNT "line.original_amount"
#define DIFF_MEM ((size_t)512 << 20)

struct differing {
	struct eg_arena *a;
	const struct rec *was, *is;
	uint32_t was_src; /* of the older file in the table of sources */
	struct rec out;
	size_t room;
};

static struct rec_val *
line_of(const struct rec *r, size_t line)
{
	return &r->lines[line * r->type->nline];
}

/* By the line key, blank first: as rec_line_order puts them. */
static int
key_cmp(const struct rec *a, size_t la, const struct rec *b, size_t lb)
{
	for (unsigned k = 0; k < a->type->nline_key; k++) {
		const struct rec_val *va = rec_line(a, la, a->type->line_key[k]),
				     *vb = rec_line(b, lb, a->type->line_key[k]);
		struct eg_bytes ta = va->state == RV_VALUE ? va->text : EG_NONE,
				tb = vb->state == RV_VALUE ? vb->text : EG_NONE;
		int c = eg_bytes_cmp(ta, tb);
		if (c != 0)
			return c;
	}
	return 0;
}

static struct eg_dec
amount_at(const struct rec *r, size_t line)
{
	const struct rec_val *v = rec_line(r, line, AMOUNT);

	return v->state == RV_VALUE ? v->v.dec : (struct eg_dec){ 0, 2 };
}

/* Appends a line as it stands in `from`, with another amount; src is the file it stands in. */
static int
put_line(
    struct differing *d, const struct rec *from, size_t line, struct eg_dec amount, uint32_t src, struct eg_err *err)
{
	const struct rec_type *t = from->type;
	struct rec_val *to = line_of(&d->out, d->out.nlines);
	const struct rec_val *v = line_of(from, line);
	struct rec_prov at = rec_line(from, line, AMOUNT)->prov;

	eg_check(d->out.nlines < d->room);
	for (unsigned i = 0; i < t->nline; i++) {
		to[i] = v[i];
		to[i].prov.src = src;
	}
	at.src = src;
	d->out.line_at[d->out.nlines] = from->line_at[line];
	d->out.line_at[d->out.nlines].src = src;
	d->out.nlines++;
	return rec_set_dec(
	    d->a, &t->line[rec_line_index(t, AMOUNT)], amount, at, rec_line(&d->out, d->out.nlines - 1, AMOUNT), err);
}

static int
put_changed(struct differing *d, size_t was, size_t is, struct eg_err *err)
{
	struct eg_dec by;

	if (!eg_dec_sub(amount_at(d->is, is), amount_at(d->was, was), &by))
		return eg_fail(
		    err, EG_BADREC, "F-22", "the difference of a budget line has more digits than an amount can");
	return eg_dec_is_zero(by) ? EG_OK : put_line(d, d->is, is, by, 0, err);
}

static int
put_removed(struct differing *d, size_t was, struct eg_err *err)
{
	struct eg_dec amount = amount_at(d->was, was);

	return eg_dec_is_zero(amount) ? EG_OK : put_line(d, d->was, was, eg_dec_neg(amount), d->was_src, err);
}

static int
compare(struct differing *d, struct eg_err *err)
{
	size_t *wo = NULL, *io = NULL, w = 0, i = 0;
	int rc = rec_line_order(d->a, d->was, &wo, err);

	if (rc == EG_OK)
		rc = rec_line_order(d->a, d->is, &io, err);
	while (rc == EG_OK && (w < d->was->nlines || i < d->is->nlines)) {
		int c = w == d->was->nlines ? 1 : i == d->is->nlines ? -1 : key_cmp(d->was, wo[w], d->is, io[i]);
		if (c == 0)
			rc = put_changed(d, wo[w++], io[i++], err);
		else if (c < 0)
			rc = put_removed(d, wo[w++], err);
		else {
			rc = put_line(d, d->is, io[i], amount_at(d->is, io[i]), 0, err);
			i++;
		}
	}
	return rc;
}

/* The revision that the ERP took last; EG_EOF: it has none. */
static int
base_of(struct site *s, const struct item *it, struct eg_arena *a, struct rec *ret, int64_t *ret_file, bool *ret_posted,
    struct eg_err *err)
{
	struct requests sent;
	int rc = requests_read(s, it, a, &sent, err);
	const struct request *base = rc == EG_OK ? requests_base(&sent) : NULL;

	if (rc != EG_OK || base == NULL)
		return rc < 0 ? rc : EG_EOF;
	*ret_posted = base->posted;
	rc = item_revision_of(s->store, it->id, base->content, a, ret, ret_file, err);
	return rc == EG_EOF ?
	           eg_fail(err, EG_FATAL, "DB-CORRUPT",
		       "the revision of %s that was sent last is not there any more, so what to send now is unknown",
		       it->iid) :
	           rc;
}

static int
difference(struct site *s, const struct item *it, struct eg_arena *a, struct rec *r, struct enrich_srcs *srcs,
    bool *ret_posted, struct eg_err *err)
{
	struct rec was;
	int64_t file;
	int rc = base_of(s, it, a, &was, &file, ret_posted, err);

	if (rc != EG_OK)
		return rc;
	srcs->file = eg_xrealloc(srcs->file, 2 * sizeof(*srcs->file));
	srcs->file[0] = it->file;
	srcs->file[1] = file;
	srcs->n = 2;
	struct differing d = { .a = a, .was = &was, .is = r, .was_src = 1, .room = was.nlines + r->nlines };
	rc = rec_new(a, r->type, d.room, &d.out, err);
	if (rc != EG_OK)
		return rc;
	d.out.nlines = 0;
	d.out.at = r->at;
	d.out.head = r->head;
	rc = compare(&d, err);
	if (rc == EG_OK)
		*r = d.out;
	return rc;
}

int
budget_difference(struct site *s, const struct item *it, struct eg_arena *a, struct rec *r, struct enrich_srcs *srcs,
    struct eg_err *err)
{
	bool posted;
	int rc = it->type->id != REC_BUDGET ? EG_OK : difference(s, it, a, r, srcs, &posted, err);

	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- updates that say nothing ---- */

struct sweeping {
	struct site *site;
	unsigned n;
};

static int
note_unchanged(struct site *s, const struct item *it, struct eg_arena *a, struct eg_err *err)
{
	struct eg_buf msg = EG_BUF_INIT;
	struct place at;
	int rc = intake_place(s, it->file, a, &at, err);

	eg_buf_printf(&msg,
	    "%s was accepted, but every line has the amount that the accounting system has already, so no file was written. Nothing needs to be done.",
	    it->iid);
	if (rc == EG_OK)
		rc = intake_finding(s, &at, (uint64_t)it->line, "F-44", 'N', it->iid, eg_buf_cstr(&msg), err);
	eg_buf_done(&msg);
	return rc;
}

static int
sync_unchanged(struct site *s, const struct item *known, bool posted, struct eg_arena *a, struct eg_err *err)
{
	struct item it = *known;
	int next = state_next(it.state, EV_UNCHANGED, it.type->cls, it.accepted != 0), rc;

	eg_check(next >= 0);
	it.state = (enum item_state)next;
	it.written = it.content;
	it.posted = posted;
	rc = item_save(s->store, &it, site_now(s), err);
	if (rc == EG_OK)
		rc = note_unchanged(s, &it, a, err);
	if (rc != EG_OK)
		return rc;
	json_t *j = json_pack("{s:b,s:s,s:b}", "unchanged", 1, "content", it.content, "posted", posted);
	char *text = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, "synced", it.iid, text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
sweep_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct sweeping *w = ctx;
	struct enrich_srcs srcs = { 0 };
	struct eg_arena a;
	bool posted = false;
	struct rec r;
	int rc;

	eg_arena_init(&a, DIFF_MEM);
	rc = item_record(w->site->store, it->rev, &a, &r, err);
	if (rc == EG_OK)
		rc = difference(w->site, it, &a, &r, &srcs, &posted, err);
	if (rc == EG_OK && r.nlines == 0) {
		rc = sync_unchanged(w->site, it, posted, &a, err);
		w->n++;
	}
	free(srcs.file);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
budgets_unchanged(struct site *s, struct eg_err *err)
{
	struct item_filter accepted = { .type = rec_type(REC_BUDGET), .states = 1U << ST_APPROVED };
	struct sweeping w = { .site = s };
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = item_each(s->store, &accepted, sweep_each, &w, err);
	if (rc == EG_OK && w.n > 0)
		rc = rules_settle(s, false, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}
