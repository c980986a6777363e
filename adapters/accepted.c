/* SPDX-License-Identifier: MIT
 *
 * What a column takes, in words, out of the adapter itself: the form of its dates and numbers, its words, its length. So the sentence is right for a site's own adapter, too.
 */
#include "adapters/lang.h"
#include "adapters/repair.h"

static const struct adp_entry *
entry_in(const struct adp *a, const struct adp_entry *e, size_t n, const char *column)
{
	for (size_t i = 0; i < n; i++) {
		const struct adp_source *s = &e[i].source;

		if (strcmp(e[i].target, column) == 0)
			return &e[i];
		if (s->kind == AS_CELL && strcmp(a->in.columns[s->atom.index], column) == 0)
			return &e[i];
		for (size_t k = 0; k < s->natoms; k++)
			if (s->atoms[k].kind == AS_CELL && strcmp(a->in.columns[s->atoms[k].index], column) == 0)
				return &e[i];
	}
	return NULL;
}

static const struct adp_entry *
entry_of(const struct adp *a, const char *column)
{
	for (const struct adp *k = a; k != NULL && !k->out; k = k->twin) {
		const struct adp_entry *e = entry_in(k, k->in.linefields, k->in.nlines, column);

		if (e == NULL)
			e = entry_in(k, k->in.fields, k->in.nfields, column);
		if (e != NULL)
			return e;
	}
	return NULL;
}

static void
list(struct eg_buf *b, const struct adp_names *v, const char *last)
{
	for (size_t i = 0; i < v->n; i++)
		eg_buf_printf(b, "%s%.*s", i == 0 ? "" : i + 1 == v->n ? last : ", ", EG_FMT(v->v[i]));
}

static void
flags(const struct adp_in *in, struct eg_buf *b)
{
	eg_buf_str(b, "one of the words ");
	if (in->yes.n == 0)
		eg_buf_str(b, "yes, no");
	for (size_t i = 0; i < in->yes.n; i++)
		eg_buf_printf(b, "%s%.*s, %.*s", i == 0 ? "" : ", ", EG_FMT(in->yes.v[i]), EG_FMT(in->no.v[i]));
}

void
adp_accepted(const struct adp *a, const char *column, struct eg_buf *b)
{
	const struct adp_entry *e = a == NULL || a->out || *column == '\0' ? NULL : entry_of(a, column);

	if (e == NULL || e->rf == NULL)
		return;
	eg_buf_printf(b, "%s: %s", column, e->required ? "needed, " : "");
	switch (e->rf->type) {
	case RF_DATE:
		eg_buf_str(b, "a date written ");
		if (a->in.dates.n == 0)
			eg_buf_str(b, "YYYY-MM-DD");
		list(b, &a->in.dates, " or ");
		break;
	case RF_BOOL:
		flags(&a->in, b);
		break;
	case RF_WORD:
		eg_buf_printf(b, "one of the words %s", e->rf->words);
		break;
	case RF_AMOUNT:
		eg_buf_str(b, "a number with a decimal point and at most 2 places, such as 1234.50");
		break;
	case RF_QUANTITY:
	case RF_UNIT_COST:
	case RF_PERCENT:
		eg_buf_str(b, "a number with a decimal point and at most 4 places, such as 12.5");
		break;
	case RF_INT:
		eg_buf_str(b, "a whole number");
		break;
	case RF_LONG:
		eg_buf_str(b, "text without control characters");
		break;
	case RF_TEXT:
	case RF_CODE:
		eg_buf_str(b, "text of at most 255 characters without control characters");
		break;
	}
}

bool
adp_code_column(const struct adp *a, const char *column, const char **ret_field)
{
	const struct adp_entry *e = a == NULL || a->out ? NULL : entry_of(a, column);

	if (e == NULL || e->rf == NULL || e->rf->type != RF_CODE)
		return false;
	*ret_field = e->rf->name;
	return true;
}
