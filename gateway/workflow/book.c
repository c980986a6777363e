/* SPDX-License-Identifier: MIT
 *
 * The book of one file. A record whose money cannot be read counts as a record with unknown money; its sum is left out, never guessed.
 */
#include "gateway/workflow/book.h"

#include "gateway/store/store_report.h"
#include "gateway/workflow/intake.h"

#define BOOK_ARENA ((size_t)1 << 20)

const char *
match_fate_word(enum match_fate f)
{
	static const char *const words[MF_NFATES] = {
		[MF_UNCHANGED] = "unchanged",
		[MF_TAKEN] = "taken",
		[MF_REJECTED] = "rejected",
		[MF_COUNTED] = "counted",
		[MF_PASSED] = "passed",
		[MF_REFERENCE] = "reference",
		[MF_ANSWER] = "answer",
	};

	eg_check((unsigned)f < MF_NFATES);
	return words[f];
}

void
book_forget(struct book *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->line[i].project);
	b->n = 0;
}

void
book_open(struct book *b)
{
	b->n = 0;
	eg_arena_init(&b->a, BOOK_ARENA);
}

void
book_close(struct book *b)
{
	book_forget(b);
	eg_arena_done(&b->a);
}

int
book_flush(struct book *b, struct site *s, int64_t file, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < b->n; i++) {
		const struct book_line *l = &b->line[i];
		struct came c = { .file = file,
			.type = l->type->name,
			.project = l->project,
			.fate = match_fate_word(l->fate),
			.records = l->records,
			.unknown = l->unknown,
			.amount = l->amount };
		rc = came_add(s->store, &c, err);
	}
	book_forget(b);
	return rc;
}

static struct book_line *
find_line(struct book *b, const struct rec_type *t, const char *project, enum match_fate fate)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->line[i].type == t && b->line[i].fate == fate && strcmp(b->line[i].project, project) == 0)
			return &b->line[i];
	return NULL;
}

static int
add(struct book *b, struct site *s, int64_t file, const struct rec *r, enum match_fate fate, const char *project,
    bool known, struct eg_dec amount, struct eg_err *err)
{
	struct book_line *l = find_line(b, r->type, project, fate);
	int rc;

	if (l == NULL && b->n == BOOK_LINES) {
		rc = book_flush(b, s, file, err);
		if (rc < 0)
			return rc;
	}
	if (l == NULL) {
		l = &b->line[b->n++];
		*l = (struct book_line){
			.type = r->type, .project = eg_xstrdup(project), .fate = fate, .amount = { 0, 2 }
		};
	}
	l->records++;
	l->unknown += !known;
	if (known && !eg_dec_add(l->amount, amount, &l->amount))
		return eg_fail(err, EG_BADFILE, "LIMIT-SUM",
		    "the money of this file's %s records adds up to more than can be kept; check the amounts at the source, or split the file",
		    r->type->name);
	return EG_OK;
}

int
book_note(struct book *b, struct site *s, int64_t file, const struct rec *r, bool whole, enum match_fate fate,
    struct eg_err *err)
{
	const char *project, *text;
	struct eg_dec amount = { 0, 2 };
	bool known;

	eg_arena_reset(&b->a);
	item_money(&b->a, r, &project, &text);
	known = r->type->amount == NULL || (text != NULL && (fate == MF_TAKEN || (whole && item_money_known(r))));
	if (known && text != NULL && eg_dec_parse(eg_bytes_str(text), EG_DEC_PLAIN, 2, 28, &amount) != EG_DEC_OK)
		known = false;
	return add(b, s, file, r, fate, project == NULL ? "" : project, known, amount, err);
}
