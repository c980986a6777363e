/* SPDX-License-Identifier: MIT
 *
 * Values of entries: source, steps, and strict reading by the field's type. A value that is missing although it must be there, or that
 * cannot be read, is said once and stands in the record as RV_BAD: rules that need it are not evaluated.
 */
#include "adapters/read_int.h"
#include "adapters/trace.h"

#include "adapters/damage.h"
#include "base/limits.h"

#define SHOWN_MAX 60 /* longer values are not repeated in the sentence */

struct fmt_cell
rd_cell(const struct rd *r, int column)
{
	const struct fmt_row *row = r->env.cells;
	int i = column < 0 || row == NULL ? -1 : r->env.map[column];

	if (i >= 0 && (size_t)i < row->ncells)
		return row->cells[i];
	return (struct fmt_cell){ .state = FMT_ABSENT, .off = row == NULL ? 0 : row->off, .line = r->place };
}

/* The column an entry's value comes from: of several the one that gave it, else the last; -1 when it comes from none. */
static int
column_of(const struct rd *r, const struct adp_entry *e)
{
	int last = -1;

	if (e->source.kind == AS_CELL || e->source.kind == AS_COUNT_OF)
		return e->source.atom.index;
	for (size_t i = 0; i < e->source.natoms; i++) {
		if (e->source.atoms[i].kind != AS_CELL)
			continue;
		last = e->source.atoms[i].index;
		if (r->env.nprov > 0 && rd_cell(r, last).off == r->env.prov[0].off)
			break;
	}
	return last;
}

static const char *
label_of(const struct rd_kind *k, const struct adp_entry *e, int column)
{
	const char *name = column < 0 ? e->target : k->a->in.columns[column];

	return k->a->in.type == AF_POSITIONAL || strcmp(name, ".") == 0 ? e->target : name;
}

static bool
can_show(const struct adp_entry *e, struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < 0x20 || v.ptr[i] == 0x7f)
			return false;
	return !e->masked && v.len > 0 && v.len <= SHOWN_MAX;
}

/* What a spreadsheet probably did to it, when that shows. */
static void
tell_damage(const struct rd_kind *k, const struct adp_entry *e, const struct fmt_cell *cell, struct eg_buf *ret)
{
	struct damage d;

	if (cell->kind == FMT_IS_ERROR)
		return; /* the sentence says it */
	d = damage_of(damage_column(e->rf->type), cell->val, k->forms.dates, k->forms.ndates);
	damage_sentence(&d, ret);
}

/* `sentence` is a whole one (from a step) or, with `ends`, the end of one that begins with the value. */
static int
say_bad(struct rd *r, const struct rd_kind *k, const struct adp_entry *e, const char *code, const char *sentence,
    bool ends, struct eg_err *err)
{
	int column = column_of(r, e);
	struct fmt_cell cell = rd_cell(r, column);
	struct rd_fault f = { .severity = ADP_REJECT,
		.code = code,
		.line = r->place,
		.pos = { cell.off, cell.line, cell.col },
		.field = label_of(k, e, column),
		.a_cell = true };
	unsigned long long line = r->place;
	const char *what = ends ? "The value " : "",
		   *then = ends ? ". Correct it at the source and send the file again." : "";
	struct eg_buf damage = EG_BUF_INIT;
	int rc;

	if (!e->masked)
		f.value = cell.val;
	if (!e->masked && e->rf != NULL)
		tell_damage(k, e, &cell, &damage);
	if (cell.val.len == 0 && !ends)
		rc = rd_say(
		    r, &f, err, "Line %llu has no %s. Enter it at the source and send the file again.", line, f.field);
	else if (can_show(e, cell.val))
		rc = rd_say(r, &f, err, "Line %llu, %s \"%.*s\": %s%s%s%s", line, f.field, EG_FMT(cell.val), what,
		    sentence, then, eg_buf_cstr(&damage));
	else
		rc = rd_say(
		    r, &f, err, "Line %llu, %s: %s%s%s%s", line, f.field, what, sentence, then, eg_buf_cstr(&damage));
	eg_buf_done(&damage);
	return rc;
}

static bool
is_number(enum rec_ftype t)
{
	return t == RF_INT || (t >= RF_AMOUNT && t <= RF_PERCENT);
}

/* What the steps gave, as the field's type reads it. */
static int
typed(struct rd *r, const struct rd_kind *k, const struct adp_entry *e, struct adp_val *v, struct rec_prov at,
    struct rec_val *ret, struct eg_err *err)
{
	struct eg_arena *a = r->env.arena;

	switch (v->kind) {
	case AV_BLANK:
		*ret = (struct rec_val){ .state = RV_BLANK };
		return EG_OK;
	case AV_UNKNOWN:
		*ret = (struct rec_val){ .state = RV_BAD, .prov = at };
		return EG_OK;
	case AV_TEXT:
		return rec_read(a, e->rf, &k->forms, eg_bytes_trim(v->text), at, ret, err);
	case AV_DEC:
		if (is_number(e->rf->type))
			return rec_set_dec(a, e->rf, v->dec, at, ret, err);
		break;
	case AV_DATE:
		if (e->rf->type == RF_DATE)
			return rec_set_date(a, v->date, at, ret, err);
		break;
	case AV_FLAG:
		return rec_set(a, e->rf, v->flag ? EG_LIT("yes") : EG_LIT("no"), at, ret, err);
	}
	return rec_set(a, e->rf, adp_val_text(v, &r->env), at, ret, err);
}

/* ---- cells of a workbook ---- */

/* The cell of the row at hand that gave a value's first place; NULL when none did. */
static const struct fmt_cell *
cell_at(const struct rd *r, const struct rec_prov *at)
{
	const struct fmt_row *row = r->env.cells;

	for (size_t i = 0; row != NULL && i < row->ncells; i++)
		if (row->cells[i].state == FMT_VALUE && row->cells[i].off == at->off)
			return &row->cells[i];
	return NULL;
}

static bool
takes_time(const struct rd_kind *k)
{
	for (size_t i = 0; i < k->forms.ndates; i++)
		if (eg_bytes_find(k->forms.dates[i], EG_LIT("HH")) < k->forms.dates[i].len)
			return true;
	return false;
}

/* What the sheet itself says a cell is needs no words or formats of the adapter. */
static void
as_the_sheet_says(const struct rd *r, const struct rd_kind *k, const struct adp_entry *e, struct adp_val *v)
{
	const struct fmt_cell *c = r->env.nprov == 1 ? cell_at(r, &r->env.prov[0]) : NULL;
	struct eg_bytes day;
	struct eg_date d;

	if (c == NULL || v->kind != AV_TEXT || !eg_bytes_eq(c->val, v->text))
		return;
	day = c->val.len > 10 && takes_time(k) ? eg_bytes_sub(c->val, 0, 10) : c->val;
	if (c->kind == FMT_IS_DATE && e->rf->type == RF_DATE && eg_date_parse(day, EG_LIT("YYYY-MM-DD"), &d))
		*v = (struct adp_val){ .kind = AV_DATE, .date = d };
	else if (c->kind == FMT_IS_FLAG && e->rf->type == RF_BOOL)
		*v = (struct adp_val){ .kind = AV_FLAG,
			.flag = eg_bytes_eq(c->val, k->forms.nflags > 0 ? k->forms.yes[0] : EG_LIT("TRUE")) };
	else if (c->kind == FMT_IS_PERCENT && e->rf->type == RF_PERCENT)
		v->text.len--;
}

/* Why these cells cannot stand behind a value; NULL = they can. A decision must be one, and what a person wrote: of two elements of a name nobody knows which was meant, and a
 * formula shows something else tomorrow than the result that was signed. */
static const char *
unusable(const struct rd *r, const struct rd_kind *k, const struct adp_entry *e)
{
	const bool decides = k->type->cls == RC_DECISION;
	const char *why = NULL;

	if (decides && rd_cell(r, column_of(r, e)).more > 0)
		return "stands more than once in this row, so it is not clear which one counts";
	if (r->book == NULL)
		return NULL;
	for (size_t i = 0; why == NULL && i < r->env.nprov; i++) {
		const struct fmt_cell *c = cell_at(r, &r->env.prov[i]);

		if (c != NULL && c->kind == FMT_IS_ERROR)
			why = "is what the sheet shows where it could not work out a result";
		else if (c != NULL && c->formula && decides)
			why =
			    "is the result of a formula, and a formula decides nothing; type the value itself into the cell";
	}
	return why;
}

/* ---- one value ---- */

static int
refuse_value(struct rd *r, const struct rd_kind *k, const struct adp_entry *e, const char *code, const char *msg,
    struct rec_val *ret, bool *ret_bad, struct eg_err *err)
{
	*ret = (struct rec_val){ .state = RV_BAD, .prov = r->env.prov[0] };
	*ret_bad = true;
	return say_bad(r, k, e, code, msg, true, err);
}

static int
value(struct rd *r, const struct rd_kind *k, const struct adp_entry *e, struct rec_val *ret, bool *ret_bad,
    struct eg_err *err)
{
	struct adp_val v = adp_source_value(e, &r->env);

	const char *bad = unusable(r, k, e);

	if (bad != NULL)
		return refuse_value(r, k, e, "F-21", bad, ret, ret_bad, err);
	if (r->book != NULL)
		as_the_sheet_says(r, k, e, &v);
	if (r->sink->traced != NULL && r->place == r->sink->trace_line) {
		int traced = adl_trace_value(e, &r->env, v, r->place, r->sink->traced, r->sink->ctx, err);
		if (traced < 0)
			return traced;
	}
	int rc = adp_steps_run(e, &r->env, &v);
	struct rec_prov at = r->env.nprov > 0 ? r->env.prov[0] : (struct rec_prov){ .src = 0 };

	if (r->env.full)
		return rd_no_memory(r, err);
	if (rc == EG_BADREC) {
		*ret = (struct rec_val){ .state = RV_BAD, .prov = at };
		*ret_bad = true;
		return say_bad(r, k, e, r->problem.code, r->problem.msg, false, err);
	}
	rc = typed(r, k, e, &v, at, ret, err);
	if (rc == EG_BADFILE)
		return rd_no_memory(r, err);
	if (rc == EG_BADREC) {
		char code[EG_CODE_MAX], msg[EG_MSG_MAX];

		memcpy(code, err->code, sizeof(code));
		memcpy(msg, err->msg, sizeof(msg));
		*ret = (struct rec_val){ .state = RV_BAD, .prov = at };
		*ret_bad = true;
		return say_bad(r, k, e, code, msg, true, err);
	}
	return rc;
}

int
rd_values(struct rd *r, const struct rd_kind *k, const struct adp_entry *entries, size_t n, struct rec_val *vals,
    bool *ret_skip, bool *ret_bad, struct eg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct rec_val *v = &vals[entries[i].field];
		int rc = value(r, k, &entries[i], v, ret_bad, err);

		if (rc != EG_OK)
			return rc;
		if (entries[i].skip_if_blank && v->state == RV_BLANK)
			*ret_skip = true;
	}
	return EG_OK;
}
