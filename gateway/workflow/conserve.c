/* SPDX-License-Identifier: MIT
 *
 * The conservation ledger of one batch, made and checked before anything of it leaves. Two sums that do not know of each other: the money of the content that was
 * accepted (the revision, whose hash the approver signed), and the money of what the writer was given and says it wrote. Tests: tests/unit/test_conserve.c.
 */
#include "gateway/workflow/batch.h"
#include "gateway/workflow/intake.h"

#include "formats/csv_write.h"

enum side {
	SIDE_IN, /* accepted and taken for this batch */
	SIDE_OUT, /* stands in its files */
	SIDE_BEFORE, /* of a budget that is sent again: what the ERP has already; only differences leave */
	SIDE_STAYS, /* no file of the target has a row for it: it stays where it is */
	SIDES
};

struct line {
	const struct rec_type *type;
	const char *project;
	int64_t records[SIDES];
	struct eg_dec amount[SIDES];
};
struct ledger {
	const struct making *m;
	struct line *v;
	size_t n;
};

static struct line *
line_of(struct ledger *g, const struct rec_type *t, const char *project)
{
	for (size_t i = g->n; i > 0; i--) /* items come by type and key: the last line is most often the one */
		if (g->v[i - 1].type == t && strcmp(g->v[i - 1].project, project) == 0)
			return &g->v[i - 1];
	if ((g->n & (g->n + 1)) == 0)
		g->v = eg_xrealloc(g->v, (g->n * 2 + 2) * sizeof(*g->v));
	struct line *l = &g->v[g->n++];
	*l = (struct line){ .type = t, .project = project };
	for (size_t i = 0; i < SIDES; i++)
		l->amount[i] = (struct eg_dec){ 0, 2 };
	return l;
}

static int
add(struct line *l, enum side side, int64_t records, struct eg_dec amount, struct eg_err *err)
{
	l->records[side] += records;
	return eg_dec_add(l->amount[side], amount, &l->amount[side]) ?
	           EG_OK :
	           eg_fail(err, EG_FATAL, "LEDGER", "the money of the %s records leaves the range of amounts",
		       l->type->name);
}

static int
add_entry(struct ledger *g, const struct entry *e, struct eg_err *err)
{
	struct line *l = line_of(g, e->item.type, e->item.project == NULL ? "" : e->item.project);
	const struct eg_dec out = batch_amount(&e->rec);
	struct eg_dec before = { 0, 2 };
	int rc = add(l, SIDE_IN, 1, e->came, err);

	if (rc == EG_OK && !e->written)
		return add(l, SIDE_STAYS, 1, e->came, err);
	if (rc == EG_OK)
		rc = add(l, SIDE_OUT, 1, out, err);
	if (rc == EG_OK && e->item.type->id == REC_BUDGET && !eg_dec_sub(e->came, out, &before))
		rc = eg_fail(err, EG_FATAL, "LEDGER", "the money of %s leaves the range of amounts", e->item.iid);
	return rc == EG_OK ? add(l, SIDE_BEFORE, 0, before, err) : rc;
}

static void
text_of(char ret[64], struct eg_dec d)
{
	struct eg_buf b = EG_BUF_INIT;

	eg_dec_print(&b, d, 2);
	(void)snprintf(ret, 64, "%s", eg_buf_cstr(&b));
	eg_buf_done(&b);
}

static int
does_not_agree(const struct ledger *g, const struct line *l, const struct eg_dec *difference, struct eg_err *err)
{
	char in[64], out[64], rest[64];

	text_of(in, l->amount[SIDE_IN]);
	text_of(out, l->amount[SIDE_OUT]);
	text_of(rest, *difference);
	return eg_fail(err, EG_FATAL, "LEDGER",
	    "Of %s%s%s for %s, %lld records and %s %s were accepted, but %lld records and %s would leave: the difference is %s.",
	    l->type->name, *l->project != '\0' ? " of project " : "", l->project, g->m->target,
	    (long long)l->records[SIDE_IN], in, conf_text(&g->m->site->conf, "currency"),
	    (long long)l->records[SIDE_OUT], out, rest);
}

/* In = out + sent before + stays. */
static int
check_line(const struct ledger *g, const struct line *l, struct eg_err *err)
{
	struct eg_dec rest = l->amount[SIDE_IN];
	int64_t records = l->records[SIDE_IN] - l->records[SIDE_OUT] - l->records[SIDE_STAYS];

	for (enum side s = SIDE_OUT; s < SIDES; s++)
		if (!eg_dec_sub(rest, l->amount[s], &rest))
			return does_not_agree(g, l, &rest, err);
	return eg_dec_is_zero(rest) && records == 0 ? EG_OK : does_not_agree(g, l, &rest, err);
}

/* The files' own sums are those of the items that have rows in them, each once in every file. */
static int
check_files(const struct making *m, struct eg_err *err)
{
	struct eg_dec items = { 0, 2 }, files = { 0, 2 };
	char of_items[64], of_files[64];
	bool good = true;

	for (size_t i = 0; i < m->n; i++)
		for (unsigned k = 0; k < m->e[i]->files; k++)
			good = eg_dec_add(items, batch_amount(&m->e[i]->rec), &items) && good;
	for (size_t i = 0; i < m->nfiles; i++)
		good = eg_dec_add(files, m->file[i].amount, &files) && good;
	if (good && eg_dec_cmp(items, files) == 0)
		return EG_OK;
	text_of(of_items, items);
	text_of(of_files, files);
	return eg_fail(err, EG_FATAL, "LEDGER", "The files of batch %s hold %s together, and its items %s.", m->id,
	    of_files, of_items);
}

/* ---- the ledger as a file ---- */

static int
put_line(const struct ledger *g, const struct line *l, bool money, struct eg_buf *ret, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',', .lf = true };
	const struct site *s = g->m->site;
	char text[SIDES][64];

	for (size_t i = 0; i < SIDES; i++)
		if (money)
			text_of(text[i], l->amount[i]);
		else
			(void)snprintf(text[i], sizeof(text[i]), "%lld", (long long)l->records[i]);
	const struct eg_bytes cells[] = { eg_bytes_str(s->erp), eg_bytes_str(g->m->target), eg_bytes_str(l->type->name),
		eg_bytes_str(l->project), eg_bytes_str(conf_text(&s->conf, "currency")),
		eg_bytes_str(money ? "amount" : "records"), eg_bytes_str(text[SIDE_IN]), eg_bytes_str(text[SIDE_OUT]),
		eg_bytes_str(text[SIDE_BEFORE]), eg_bytes_str(text[SIDE_STAYS]), money ? EG_LIT("0.00") : EG_LIT("0"),
		EG_LIT("yes") };
	return fmt_csv_row(&style, cells, sizeof(cells) / sizeof(cells[0]), ret, err);
}

int
batch_conserve(const struct making *m, struct eg_buf *ret, struct eg_err *err)
{
	struct ledger g = { .m = m };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < m->n; i++)
		rc = add_entry(&g, m->e[i], err);
	for (size_t i = 0; rc == EG_OK && i < g.n; i++)
		rc = check_line(&g, &g.v[i], err);
	if (rc == EG_OK)
		rc = check_files(m, err);
	if (rc == EG_OK && ret != NULL)
		eg_buf_str(
		    ret, "erp,target,type,project,currency,measure,in,out,sent_before,stays,difference,balanced\n");
	for (size_t i = 0; rc == EG_OK && ret != NULL && i < g.n; i++) {
		rc = put_line(&g, &g.v[i], false, ret, err);
		if (rc == EG_OK && g.v[i].type->amount != NULL)
			rc = put_line(&g, &g.v[i], true, ret, err);
	}
	free(g.v);
	return rc;
}

int
batch_conserve_stage(const struct making *m, struct eg_err *err)
{
	struct eg_buf b = EG_BUF_INIT;
	int rc = batch_conserve(m, &b, err);

	if (rc == EG_OK && b.full)
		rc = eg_fail(err, EG_RETRY, "LIMIT-MEM", "the ledger of batch %s is too large for memory", m->id);
	if (rc == EG_OK)
		rc = spool_stage(&m->site->spool, m->id, "archive", BATCH_LEDGER, eg_buf_view(&b), err);
	eg_buf_done(&b);
	return rc;
}
