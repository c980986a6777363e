/* SPDX-License-Identifier: MIT
 *
 * Rows of adoption lists that waited: applied when what they waited for is there, refused when it turns out to be something else, given up when their time is over.
 */
#include "gateway/clock.h"
#include "gateway/workflow/adopt.h"

struct due {
	struct eg_arena a;
	struct adoption *v;
	bool *over; /* decided in this look */
	size_t n, cap;
};

static bool
copy_text(struct due *d, const char **text)
{
	*text = eg_arena_cstr(&d->a, eg_bytes_str(*text));
	return *text != NULL;
}

/* Copied first: applying a row changes the table that is being walked. */
static int
due_each(void *ctx, const struct adoption *row, struct eg_err *err)
{
	struct due *d = ctx;
	struct adoption *w;

	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 64 : d->cap * 2;
		d->v = eg_xrealloc(d->v, d->cap * sizeof(*d->v));
		d->over = eg_xrealloc(d->over, d->cap * sizeof(*d->over));
	}
	w = &d->v[d->n++];
	*w = *row;
	d->over[d->n - 1] = false;
	if (!copy_text(d, &w->manifest) || !copy_text(d, &w->file) || !copy_text(d, &w->iid) ||
	    !copy_text(d, &w->erp_id) || !copy_text(d, &w->as_of) || !copy_text(d, &w->amount) ||
	    !copy_text(d, &w->comment) || !copy_text(d, &w->approver) || !copy_text(d, &w->assurance))
		return eg_fail(
		    err, EG_RETRY, "LIMIT-MEM", "there are too many adoption rows waiting to hold in memory");
	return EG_OK;
}

static int
tell(struct site *s, const struct adoption *d, const char *code, char severity, const char *msg, struct eg_err *err)
{
	struct finding f = { .run = s->run,
		.source = "approvals",
		.file = d->file,
		.line = d->row,
		.code = code,
		.severity = severity,
		.item = d->iid,
		.field = "",
		.value = "",
		.message = msg };

	return store_finding_add(s->store, &f, err);
}

static int
give_up(struct site *s, const struct adoption *d, struct eg_err *err)
{
	int rc = tell(s, d, "F-66", ADP_WARN,
	    "The row's time is over: what it waited for never came, and nothing was adopted. Export the record, or give the list again when it has come.",
	    err);

	if (rc == EG_OK)
		rc = adoption_set(s->store, d->id, "expired", err);
	return rc == EG_OK ? site_log(s, "adoption-expired", d->iid, NULL, err) : rc;
}

static int
look_again(struct site *s, const struct adoption *d, unsigned *moved, bool *ret_over, struct eg_err *err)
{
	struct adopt_by by = {
		.approver = d->approver, .assurance = d->assurance, .manifest = d->manifest, .file = d->file
	};
	struct adopt_row row = { .row = d->row,
		.iid = d->iid,
		.erp_id = d->erp_id,
		.as_of = d->as_of,
		.amount = d->amount,
		.comment = d->comment,
		.posted = d->posted };
	struct adopt_said said;
	struct eg_arena a;
	int rc;

	*ret_over = true;
	if (clock_earliest(s) > d->expires)
		return give_up(s, d, err);
	eg_arena_init(&a, (size_t)16 << 20);
	rc = adopt_item(s, &by, &row, &a, &said, err);
	if (rc == EG_OK && said.outcome == ADOPT_REFUSED)
		rc = tell(s, d, said.code, ADP_REJECT, said.message, err);
	if (rc == EG_OK && said.outcome != ADOPT_WAITS)
		rc = adoption_set(s->store, d->id, said.outcome == ADOPT_REFUSED ? "refused" : "adopted", err);
	*ret_over = rc == EG_OK && said.outcome != ADOPT_WAITS;
	*moved += rc == EG_OK && said.outcome == ADOPT_DONE;
	eg_arena_done(&a);
	return rc;
}

int
adopt_due(struct site *s, unsigned *ret_moved, struct eg_err *err)
{
	struct due d = { .v = NULL };
	unsigned before;
	int rc;

	*ret_moved = 0;
	eg_arena_init(&d.a, (size_t)256 << 20);
	rc = adoption_each(s->store, "waiting", NULL, due_each, &d, err);
	do { /* a contract's row may stand before its company's */
		before = *ret_moved;
		for (size_t i = 0; rc == EG_OK && i < d.n; i++)
			if (!d.over[i])
				rc = look_again(s, &d.v[i], ret_moved, &d.over[i], err);
	} while (rc == EG_OK && *ret_moved != before);
	free(d.over);
	free(d.v);
	eg_arena_done(&d.a);
	return rc;
}
