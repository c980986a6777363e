/* SPDX-License-Identifier: MIT
 *
 * What stands beside the rows of a file to repair: every finding of the drop goes to the row of the refused document that it is about, with the forms that its field accepts and the
 * codes of the site's lists that are near what stood there. A finding about no refused document is left to WHY.txt. Fails as the store does, and with EG_BADFILE
 * "LIMIT-MEM" when so much is wrong with the drop that it does not fit: then there is no such file.
 */
#include "gateway/repair_kit_int.h"

#include "gateway/near.h"
#include "gateway/repair.h"

static struct note *
note_at(struct draft *d, uint64_t line)
{
	for (size_t i = 0; i < d->nnotes; i++)
		if (d->notes[i].line == line)
			return &d->notes[i];
	d->notes = eg_xrealloc(d->notes, (d->nnotes + 1) * sizeof(*d->notes));
	d->notes[d->nnotes] = (struct note){ .line = line };
	return &d->notes[d->nnotes++];
}

static void
join(struct eg_buf *b, const char *between, const char *text)
{
	if (*text == '\0' || eg_bytes_find(eg_buf_view(b), eg_bytes_str(text)) < b->len)
		return;
	if (b->len > 0)
		eg_buf_str(b, between);
	eg_buf_str(b, text);
}

static bool
has_line_field(const struct rec_type *t, const char *name)
{
	for (unsigned i = 0; i < t->nline; i++)
		if (strcmp(t->line[i].name, name) == 0)
			return true;
	return false;
}

/* A cost code that a reference rule refused stands in the item's line. */
static int
code_of_line(struct making *m, const struct finding *f, const char **ret, struct eg_err *err)
{
	struct item it;
	struct rec r;
	int rc = EG_EOF;

	*ret = "";
	if (strcmp(f->code, "E-19") != 0 && strcmp(f->code, "E-20") != 0 && strcmp(f->code, "E-38") != 0)
		return EG_OK;
	if (*f->item != '\0') {
		rc = item_find(m->s->store, f->item, &m->a, &it, err);
		if (rc == EG_OK)
			rc = item_record(m->s->store, it.rev, &m->a, &r, err);
	}
	for (size_t i = 0; rc == EG_OK && i < r.nlines; i++)
		if (r.line_at[i].line == f->line && has_line_field(r.type, "line.cost_code"))
			*ret = eg_arena_cstr(&m->a, rec_line(&r, i, "line.cost_code")->text);
	if (*ret == NULL)
		*ret = "";
	return rc == EG_EOF ? EG_OK : rc;
}

static int
add_near(struct making *m, const struct kit_file *k, const struct finding *f, struct eg_buf *ret, struct eg_err *err)
{
	const char *field = "", *value = f->value;
	enum near_list list = NEAR_CODES;
	int rc = EG_OK;

	if (*f->field == '\0')
		rc = code_of_line(m, f, &value, err);
	else if (!adp_code_column(k->adapter, f->field, &field) || !near_of_field(field, &list))
		return EG_OK;
	return rc == EG_OK && *value != '\0' ? near_find(m->near, list, value, ret, err) : rc;
}

/* What a refusal tells of other rows of its document goes to those; back comes the rest, to free. */
static char *
hand_out(struct draft *d, uint64_t line, const char *code, const char *message)
{
	struct eg_buf own = EG_BUF_INIT;
	char *ret;

	for (const char *p = message, *next; *p != '\0'; p = next) {
		const size_t mark = strlen(REPAIR_ALSO);
		const bool also = strncmp(p, REPAIR_ALSO, mark) == 0;
		uint64_t to = line;

		next = strstr(p + 1, REPAIR_ALSO);
		next = next == NULL ? p + strlen(p) : next;
		if (also) {
			struct eg_bytes n = eg_bytes(p + mark, (size_t)(next - p) - mark);

			if (!eg_bytes_to_u64(eg_bytes_sub(n, 0, eg_bytes_chr(n, ',')), &to) || to < d->row.line ||
			    to > d->row.last)
				to = line;
		}
		if (to == line)
			eg_buf_put(&own, p, (size_t)(next - p));
		else {
			struct note *n = note_at(d, to);
			char *text = eg_xdup(eg_bytes(p + 1, (size_t)(next - p) - 1));

			join(&n->code, ", ", code);
			join(&n->reason, " ", text);
			free(text);
		}
	}
	ret = eg_xdup(eg_buf_view(&own));
	eg_buf_done(&own);
	return ret;
}

static int
add_note(struct making *m, const struct kit_file *k, struct draft *d, const struct finding *f, struct eg_err *err)
{
	char *message = hand_out(d, f->line, f->code, f->message);
	struct note *n = note_at(d, f->line); /* behind that: it may move them */
	struct eg_buf accepted = EG_BUF_INIT, near = EG_BUF_INIT;
	int rc = add_near(m, k, f, &near, err);

	adp_accepted(k->adapter, f->field, &accepted);
	join(&n->code, ", ", f->code);
	join(&n->reason, " ", message);
	free(message);
	join(&n->accepted, "; ", eg_buf_cstr(&accepted));
	join(&n->near, "; ", eg_buf_cstr(&near));
	eg_buf_done(&accepted);
	eg_buf_done(&near);
	return rc;
}

int
kit_note(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct making *m = ctx;
	struct kit_file *k = m->files;
	size_t low = 0, high;

	while (k < m->files + m->nfiles && strcmp(k->shown, f->file) != 0)
		k++;
	if (k == m->files + m->nfiles)
		return EG_OK;
	high = k->ndocs;
	while (low < high) { /* behind the last one that begins at or before the line */
		size_t mid = (low + high) / 2;

		if (k->docs[mid].row.line <= f->line)
			low = mid + 1;
		else
			high = mid;
	}
	while (low > 0) {
		struct draft *d = &k->docs[--low];

		if (d->row.last >= f->line && strcmp(d->row.item, f->item) == 0)
			return add_note(m, k, d, f, err);
		if (d->row.line + 1000 < f->line && d->row.last < f->line)
			break;
	}
	return EG_OK;
}

/* ---- as the worker wants it ---- */

static int
by_line(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

/* For rows about which nothing was said themselves. */
static struct adp_kit_note
note_of_rest(struct making *m, const struct draft *d)
{
	struct eg_buf b = EG_BUF_INIT, codes = EG_BUF_INIT;
	struct adp_kit_note ret = { 0, d->row.code, "", "", "" };

	eg_buf_str(&b, "Nothing is wrong with this row itself; its document was refused because of line ");
	for (size_t i = 0; i < d->nnotes; i++) {
		eg_buf_printf(&b, "%s%llu", i == 0 ? "" : ", ", (unsigned long long)d->notes[i].line);
		join(&codes, ", ", eg_buf_cstr(&d->notes[i].code));
	}
	eg_buf_str(&b, d->nnotes > 0 ? "." : "s that WHY.txt names.");
	ret.reason = eg_arena_cstr(&m->a, eg_buf_view(&b));
	if (codes.len > 0)
		ret.code = eg_arena_cstr(&m->a, eg_buf_view(&codes));
	eg_buf_done(&b);
	eg_buf_done(&codes);
	return ret;
}

static bool
kit_doc(struct making *m, struct draft *d, struct adp_kit_doc *ret)
{
	struct adp_kit_note *notes = eg_arena_array(&m->a, d->nnotes + 1, sizeof(*notes));

	if (notes == NULL)
		return false;
	if (d->nnotes > 1)
		qsort(d->notes, d->nnotes, sizeof(*d->notes), by_line);
	notes[0] = note_of_rest(m, d);
	for (size_t i = 0; i < d->nnotes; i++) {
		struct note *n = &d->notes[i];

		notes[i + 1] = (struct adp_kit_note){ n->line, eg_arena_cstr(&m->a, eg_buf_view(&n->code)),
			eg_arena_cstr(&m->a, eg_buf_view(&n->reason)), eg_arena_cstr(&m->a, eg_buf_view(&n->accepted)),
			eg_arena_cstr(&m->a, eg_buf_view(&n->near)) };
		if (notes[i + 1].code == NULL || notes[i + 1].reason == NULL || notes[i + 1].accepted == NULL ||
		    notes[i + 1].near == NULL)
			return false;
	}
	*ret = (struct adp_kit_doc){ .id = d->id,
		.line = d->row.line,
		.off = d->row.off,
		.len = d->row.len,
		.nnotes = d->nnotes + 1,
		.notes = notes,
		.by_place = strcmp(d->row.code, "F-23") == 0 };
	return notes[0].reason != NULL && notes[0].code != NULL;
}

int
kit_make(struct making *m, struct eg_err *err)
{
	m->kits = eg_arena_array(&m->a, m->nfiles + 1, sizeof(*m->kits));
	for (size_t i = 0; m->kits != NULL && i < m->nfiles; i++) {
		struct kit_file *k = &m->files[i];
		struct adp_kit_doc *docs = eg_arena_array(&m->a, k->ndocs + 1, sizeof(*docs));
		bool good = docs != NULL;

		for (size_t j = 0; good && j < k->ndocs; j++)
			good = kit_doc(m, &k->docs[j], &docs[j]);
		if (!good)
			return eg_fail(
			    err, EG_BADFILE, "LIMIT-MEM", "too much is wrong with the file for a file to repair");
		m->kits[i] = (struct adp_kit){ .member = k->ndocs > 0 ? k->member : "\n",
			.adapter = k->adapter,
			.ndocs = k->ndocs,
			.docs = docs };
	}
	return m->kits == NULL ? eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the drop has too many members") : EG_OK;
}
