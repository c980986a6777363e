/* SPDX-License-Identifier: MIT
 *
 * The worker's pieces as one record, for commands that need whole documents without taking them in.
 */
#include "gateway/cli/document.h"

void
document_done(struct document *d)
{
	free(d->line);
	*d = (struct document){ 0 };
}

static int
copy_values(struct document *d, const struct rec_val *from, size_t n, struct rec_val *to, struct eg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		to[i].text = eg_arena_dup(d->a, from[i].text);
		if (to[i].text.ptr == NULL)
			return eg_fail(
			    err, EG_BADFILE, "LIMIT-MEM", "the file is too large to be held in memory; split it");
	}
	return EG_OK;
}

int
document_begin(struct document *d, const struct rec *head, struct eg_err *err)
{
	int rc = rec_new(d->a, head->type, 0, &d->head, err);

	d->nlines = 0;
	if (rc == EG_OK) {
		d->head.at = head->at;
		rc = copy_values(d, head->head, head->type->nhead, d->head.head, err);
	}
	return rc;
}

int
document_line(struct document *d, const struct rec *line, struct eg_err *err)
{
	if (d->nlines == d->cap) {
		d->cap = d->cap == 0 ? 16 : d->cap * 2;
		d->line = eg_xrealloc(d->line, d->cap * sizeof(*d->line));
	}
	struct rec *own = &d->line[d->nlines++];
	int rc = rec_new(d->a, line->type, 1, own, err);
	if (rc == EG_OK) {
		own->line_at[0] = line->line_at[0];
		rc = copy_values(d, line->lines, line->type->nline, own->lines, err);
	}
	return rc;
}

int
document_end(struct document *d, struct rec *ret, struct eg_err *err)
{
	const struct rec_type *t = d->head.type;
	int rc = rec_new(d->a, t, d->nlines, ret, err);

	if (rc < 0)
		return rc;
	ret->at = d->head.at;
	memcpy(ret->head, d->head.head, t->nhead * sizeof(*ret->head));
	for (size_t i = 0; i < d->nlines; i++) {
		memcpy(&ret->lines[i * t->nline], d->line[i].lines, t->nline * sizeof(*ret->lines));
		ret->line_at[i] = d->line[i].line_at[0];
	}
	return rec_sort_lines(d->a, ret, err);
}
