/* SPDX-License-Identifier: MIT
 *
 * The table of actions as people read it: erpgate help rights, docs/reference/rights.md.
 */
#include "gateway/workflow/actions_table.h"

static bool
is_conditional(const struct way *w)
{
	return w->privilege != NO_PRIVILEGE || w->origin != NO_ORIGIN;
}

/* "..++": levels N R S A; x = that level is enough, + = with what stands behind, . = not. As for users whose tool rights are kept. */
static void
put_marks(const struct action_row *row, enum reading reading, struct eg_buf *ret)
{
	for (enum user_role level = ROLE_NONE; level <= ROLE_ADMIN; level++) {
		unsigned char mark = '.';
		for (size_t i = 0; i < ACTION_WAYS; i++) {
			const struct way *w = &row->ways[i];
			if ((w->readings & reading) != 0 && (w->levels & 1U << level) != 0 && w->asked != IF_NOT_KEPT &&
			    mark != 'x')
				mark = is_conditional(w) ? '+' : 'x';
		}
		eg_buf_chr(ret, mark);
	}
}

static void
put_levels(unsigned levels, struct eg_buf *ret)
{
	for (enum user_role level = ROLE_NONE; level <= ROLE_ADMIN; level++)
		if ((levels & 1U << level) != 0)
			eg_buf_chr(ret, (unsigned char)"NRSA"[level]);
}

static void
put_conditions(const struct way *w, struct eg_buf *ret)
{
	static const char *const privileges[] = { "", "can export", "can import", "can export or import anything" };
	static const char *const origins[] = { [NO_ORIGIN] = "",
		[OWN_TOOL] = "admin on the item's tool (budget: read with send-budgets)",
		[COMMITMENTS] = "admin on commitments",
		[PRIME_CONTRACTS] = "admin on prime-contracts",
		[NEW_PROJECT] = "admin on directory or create-project",
		[NEW_PROJECT_STANDARD] = "admin on directory, or standard with create-project",
		[PROJECT_ADMIN] = "admin on admin",
		[REPORTS] = "read on reports and admin on budget or prime-contracts" };

	eg_buf_str(ret, privileges[w->privilege]);
	eg_buf_str(ret, w->privilege != NO_PRIVILEGE && w->origin != NO_ORIGIN ? ", " : "");
	eg_buf_str(ret, origins[w->origin]);
}

static bool
same_conditions(const struct way *a, const struct way *b)
{
	return a->privilege == b->privilege && a->origin == b->origin;
}

/* Another way of the row, alive in one of the same readings, that has other levels: then the levels must be said. */
static bool
levels_differ(const struct action_row *row, const struct way *w)
{
	for (size_t i = 0; i < ACTION_WAYS; i++)
		if ((row->ways[i].readings & w->readings) != 0 && row->ways[i].levels != w->levels &&
		    row->ways[i].asked != IF_NOT_KEPT)
			return true;
	return false;
}

static bool
said_before(const struct action_row *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (row->ways[i].readings != 0 && same_conditions(&row->ways[i], &row->ways[n]) &&
		    !levels_differ(row, &row->ways[n]))
			return true;
	return false;
}

/* The same stands in the other reading, too: then neither is named. */
static bool
one_reading(const struct action_row *row, const struct way *w)
{
	for (size_t i = 0; i < ACTION_WAYS; i++)
		if (&row->ways[i] != w && row->ways[i].readings != 0 && same_conditions(&row->ways[i], w))
			return false;
	return w->readings != BOTH;
}

static void
put_with(const struct action_row *row, struct eg_buf *ret)
{
	size_t begin = ret->len;

	for (size_t i = 0; i < ACTION_WAYS; i++) {
		const struct way *w = &row->ways[i];
		bool stand_in = w->asked == IF_NOT_KEPT;
		if (w->readings == 0 || (!stand_in && (!is_conditional(w) || said_before(row, i))))
			continue;
		eg_buf_str(ret, ret->len > begin ? "; " : "");
		eg_buf_str(ret, one_reading(row, w) ? "tutorial: " : "");
		if (stand_in || (levels_differ(row, w) && w->levels != LEVEL_ANY)) {
			put_levels(w->levels, ret);
			eg_buf_str(ret, stand_in ? " where no tool rights are kept" : ": ");
		} else if (w->levels == LEVEL_ANY && levels_differ(row, w))
			eg_buf_str(ret, "else: ");
		put_conditions(w, ret);
	}
}

static void
put_row(unsigned n, struct eg_buf *ret)
{
	const struct action_row *row = &actions[n];

	eg_buf_printf(ret, "%2u  %-46s ", n, row->words);
	put_marks(row, TUTORIAL, ret);
	eg_buf_str(ret, "      ");
	put_marks(row, MATRIX, ret);
	eg_buf_str(ret, "    ");
	put_with(row, ret);
	while (ret->len > 0 && ret->ptr[ret->len - 1] == ' ')
		ret->len--;
	eg_buf_chr(ret, '\n');
}

void
actions_print(struct eg_buf *ret)
{
	eg_buf_str(ret, " #  action                                         tutorial  matrix  with\n"
			"                                                   NRSA      NRSA\n");
	for (unsigned n = 1; n <= ACTION_PAGE_LAST; n++)
		put_row(n, ret);
	eg_buf_str(ret, "\nand what only this gateway has\n");
	for (unsigned n = ACTION_PAGE_LAST + 1; n <= ACTION_LAST; n++)
		put_row(n, ret);
	eg_buf_str(ret, "\nrecord type    accept or reject  unlink  tool of the project side\n");
	for (size_t i = 0; i < REC_NTYPES; i++) {
		const struct action_type *t = action_type(rec_type((enum rec_id)i)->name);
		if (t != NULL)
			eg_buf_printf(ret, "%-14s %15d  %6d  %s\n", t->type, (int)t->decide, (int)t->unlink,
			    t->tool == NULL ? "-" : t->tool);
	}
}
