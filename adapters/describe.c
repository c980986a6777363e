/* SPDX-License-Identifier: MIT
 *
 * What each column of an adapter does, in words that an accountant can sign: made from the compiled entries, so that the sheet and the program cannot say two
 * things. Settings are shown with the value they have now.
 */
#include "adapters/lang_step_int.h"
#include "adapters/tools.h"
#include "adapters/trace.h"

struct describing {
	struct eg_arena *arena;
	struct eg_buf rule, source, blank, longer, required;
	char max[24];
	bool out, full;
};

static const char *
keep(struct describing *d, struct eg_bytes v)
{
	const char *s = eg_arena_cstr(d->arena, v);

	d->full |= s == NULL;
	return s == NULL ? "" : s;
}

/* ---- what a field is ---- */

static const struct {
	const char *prefix, *before, *behind;
} groups[] = {
	{ "decision.", "the approver's ", "" },
	{ "erp.", "", " in the accounting system" },
	{ "link.", "", " on the project side" },
	{ "target.", "", " of the contract's line" },
	{ "contract.", "", " of the contract" },
	{ "line.", "line: ", "" },
};

static void
put_words(struct eg_buf *b, const char *name)
{
	for (; *name != '\0'; name++)
		eg_buf_chr(b, *name == '_' || *name == '.' ? ' ' : (unsigned char)*name);
}

static void
put_meaning(struct eg_buf *b, const struct rec_field *f)
{
	const char *dot = strchr(f->name, '.');

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (eg_bytes_starts(eg_bytes_str(f->name), eg_bytes_str(groups[i].prefix))) {
			eg_buf_str(b, groups[i].before);
			put_words(b, f->name + strlen(groups[i].prefix));
			eg_buf_str(b, groups[i].behind);
			return;
		}
	eg_buf_put(b, f->name, dot == NULL ? strlen(f->name) : (size_t)(dot - f->name));
	eg_buf_str(b, ": ");
	put_words(b, dot == NULL ? f->name : dot + 1);
}

/* ---- sources ---- */

static void
add_name(struct describing *d, const char *name, bool quoted)
{
	const char *q = quoted ? "\"" : "";
	char *shown = eg_xprintf("%s%s%s", q, name, q);

	if (eg_bytes_find(eg_buf_view(&d->source), eg_bytes_str(shown)) == d->source.len)
		eg_buf_printf(&d->source, "%s%s", d->source.len > 0 ? ", " : "", shown);
	free(shown);
}

static void atom_names(struct describing *d, const struct adp *a, const struct adp_atom *t);

static void
expr_names(struct describing *d, const struct adp *a, const struct adp_expr *e)
{
	if (e == NULL)
		return;
	if (e->op == OP_ATOM)
		atom_names(d, a, &e->atom);
	for (size_t i = 0; i < e->nargs; i++)
		expr_names(d, a, e->args[i]);
}

static void
atom_names(struct describing *d, const struct adp *a, const struct adp_atom *t)
{
	if (t->kind == AS_CELL && t->index >= 0 && (size_t)t->index < a->in.ncolumns)
		add_name(d, a->in.columns[t->index], true);
	else if (t->kind == AS_FIELD && t->rf != NULL)
		add_name(d, t->rf->name, false);
	else if (t->kind == AS_CONFIG)
		add_name(d, t->name, false);
	else if (t->kind == AS_CALC)
		expr_names(d, a, t->expr);
}

static const struct rec_field *
expr_field(const struct adp_expr *e)
{
	const struct rec_field *f = e != NULL && e->op == OP_ATOM ? e->atom.rf : NULL;

	for (size_t i = 0; e != NULL && f == NULL && i < e->nargs; i++)
		f = expr_field(e->args[i]);
	return f;
}

/* The field that a column is about: the first one its source takes a value from; of `when` what is chosen, not what decides. */
static const struct rec_field *
main_field(const struct adp_source *s)
{
	const struct rec_field *f = s->kind == AS_FIELD ? s->atom.rf : NULL;

	for (size_t i = s->natoms; f == NULL && i-- > 0;)
		if (s->atoms[i].kind == AS_FIELD)
			f = s->atoms[i].rf;
	return f != NULL ? f : expr_field(s->expr);
}

static void say(struct describing *d, const char *fmt, ...) EG_PRINTF(2, 3);

static void
say(struct describing *d, const char *fmt, ...)
{
	va_list ap;

	if (d->rule.len > 0)
		eg_buf_str(&d->rule, "; ");
	va_start(ap, fmt);
	eg_buf_vprintf(&d->rule, fmt, ap);
	va_end(ap);
}

/* What stands behind the first word of a source or step. */
static struct eg_bytes
behind_word(struct eg_bytes text)
{
	size_t i = 0;

	while (i < text.len && text.ptr[i] != ' ' && text.ptr[i] != '\t')
		i++;
	return eg_bytes_trim_ws(eg_bytes_sub(text, i, text.len));
}

static void
describe_source(struct describing *d, const struct adp *a, const struct adp_entry *e)
{
	const struct adp_source *s = &e->source;
	struct eg_bytes rest = behind_word(adl_source_text(e));
	struct eg_bytes now = s->atom.text;

	atom_names(d, a, &s->atom);
	for (size_t i = 0; i < s->natoms; i++)
		atom_names(d, a, &s->atoms[i]);
	expr_names(d, a, s->expr);
	switch (s->kind) {
	case AS_CONST:
		say(d, "always \"%.*s\"", EG_FMT(now));
		break;
	case AS_BLANK:
		say(d, "always empty");
		break;
	case AS_CONFIG:
		say(d, "the setting %s, now %s%.*s%s", s->atom.name, now.len > 0 ? "\"" : "empty", EG_FMT(now),
		    now.len > 0 ? "\"" : "");
		break;
	case AS_FIRST:
		say(d, "the first of these that is there: %.*s", EG_FMT(rest));
		break;
	case AS_LAST_OF:
		say(d, "the last of these that is there: %.*s", EG_FMT(rest));
		break;
	case AS_JOIN:
		say(d, "put together from %.*s", EG_FMT(rest));
		break;
	case AS_CALC:
		say(d, "calculated: %.*s", EG_FMT(rest));
		break;
	case AS_WHEN:
		say(d, "if %.*s", EG_FMT(rest));
		break;
	case AS_COUNTER:
		say(d, "a running number from %lld on, never used twice", (long long)s->number);
		break;
	case AS_COUNT_OF:
		say(d, "how often it comes");
		break;
	case AS_FILENAME:
		say(d, "part %lld of the file's name", (long long)s->number);
		break;
	case AS_ROW_NUMBER:
	case AS_ROW_NUMBER_BY:
		say(d, "the row's running number");
		break;
	case AS_LINE_COUNT:
		say(d, "the number of lines");
		break;
	case AS_LINE_NUMBER:
		say(d, "the line's place in its document");
		break;
	case AS_CELL:
	case AS_FIELD:
		break;
	}
}

/* ---- steps ---- */

static void
put_pairs(struct describing *d, const struct adp_step *st)
{
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < st->npairs; i++)
		eg_buf_printf(&b, "%s%.*s becomes \"%.*s\"", i > 0 ? ", " : "", EG_FMT(st->pairs[i].from),
		    EG_FMT(st->pairs[i].to));
	say(d, "%s", eg_buf_cstr(&b));
	eg_buf_done(&b);
}

static void
put_otherwise(struct describing *d, const struct adp_step *st, const char *what)
{
	static const char *const forms[] = { [ELSE_KEEP] = "stays as it is", [ELSE_BLANK] = "is left out" };

	if (st->otherwise == ELSE_CODE)
		eg_buf_printf(&d->rule, ", %s is refused (%s)", what, st->code);
	else if (st->otherwise == ELSE_TEXT)
		eg_buf_printf(&d->rule, ", %s becomes \"%.*s\"", what, EG_FMT(st->b));
	else
		eg_buf_printf(&d->rule, ", %s %s", what, forms[st->otherwise]);
}

static void
step_table(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	if (st->table == NULL)
		put_pairs(d, st);
	else
		say(d, "translated by the table %s into its column %.*s%s", st->table->name,
		    EG_FMT(st->table->cols[st->back ? 0 : st->col]), st->back ? " (backwards)" : "");
	(void)rest;
	put_otherwise(d, st, "what it does not know");
}

static void
step_choose(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	(void)rest;
	put_pairs(d, st);
	put_otherwise(d, st, "anything else");
}

static void
step_max(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	(void)rest;
	snprintf(d->max, sizeof d->max, "%lld", (long long)st->n);
	eg_buf_clear(&d->longer);
	if (st->cut)
		eg_buf_printf(&d->longer, "cut to the first %lld characters, with a warning", (long long)st->n);
	else
		eg_buf_printf(&d->longer, "refused (%s)", st->code);
}

static void
step_required(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	size_t when = eg_bytes_find(rest, EG_LIT("when "));

	eg_buf_clear(&d->required);
	eg_buf_clear(&d->blank);
	if (st->when != NULL)
		eg_buf_printf(&d->required, "%.*s", EG_FMT(eg_bytes_sub(rest, when, rest.len)));
	else
		eg_buf_str(&d->required, "yes");
	eg_buf_printf(&d->blank, "refused (%s)%s", st->code, st->when != NULL ? " then, else left empty" : "");
}

static void
step_default(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	(void)st;
	eg_buf_clear(&d->blank);
	eg_buf_printf(&d->blank, "%.*s stands for it", EG_FMT(rest));
}

static void
step_skip(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	(void)st;
	(void)rest;
	eg_buf_clear(&d->blank);
	eg_buf_str(&d->blank, "the row is passed over");
}

static void
step_mask(struct describing *d, const struct adp_step *st, struct eg_bytes rest)
{
	(void)d;
	(void)st;
	(void)rest;
}

static const struct {
	const char *step;
	void (*put)(struct describing *d, const struct adp_step *st, struct eg_bytes rest); /* or */
	const char *words, *behind; /* around what stands behind the step's name */
} sayings[] = {
	{ "required", step_required, NULL, NULL },
	{ "max", step_max, NULL, NULL },
	{ "default", step_default, NULL, NULL },
	{ "skip-if-blank", step_skip, NULL, NULL },
	{ "choose", step_choose, NULL, NULL },
	{ "lookup", step_table, NULL, NULL },
	{ "mask-in-logs", step_mask, NULL, NULL },
	{ "trim", NULL, "without blanks at both ends", "" },
	{ "squeeze", NULL, "several blanks become one", "" },
	{ "upper", NULL, "in capital letters", "" },
	{ "lower", NULL, "in small letters", "" },
	{ "null", NULL, "", " counts as empty" },
	{ "before", NULL, "only what stands before ", "" },
	{ "after", NULL, "only what stands behind ", "" },
	{ "without", NULL, "without the characters ", "" },
	{ "keep", NULL, "only the characters ", "" },
	{ "replace", NULL, "replaced: ", " (the first by the second)" },
	{ "insert", NULL, "put in behind character ", "" },
	{ "prefix", NULL, "in front of it ", "" },
	{ "suffix", NULL, "behind it ", "" },
	{ "pad", NULL, "filled up ", "" },
	{ "matches", NULL, "must have the form ", " (the code tells when it has not)" },
	{ "date", NULL, "as a date ", "" },
	{ "add-days", NULL, "plus ", " days" },
	{ "month-name", NULL, "the name of its month", "" },
	{ "places", NULL, "with ", " decimal places (more are refused, F-22)" },
	{ "yesno", NULL, "yes and no are ", "" },
	{ "split", NULL, "of its words number ", "" },
	{ "only-if", NULL, "the column is there only if ", "" },
};

static void
describe_step(struct describing *d, const struct adp_step *st, struct eg_bytes text)
{
	struct eg_bytes rest = behind_word(text);

	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		if (strcmp(sayings[i].step, st->def->name) != 0)
			continue;
		if (sayings[i].put != NULL)
			sayings[i].put(d, st, rest);
		else
			say(d, "%s%.*s%s", sayings[i].words, EG_FMT(rest), sayings[i].behind);
		return;
	}
	say(d, "%.*s", EG_FMT(text));
}

/* ---- entries ---- */

static int
describe_entry(struct describing *d, const struct adp *a, const char *rows, bool line, const struct adp_entry *e,
    adp_words_fn *each, void *ctx, struct eg_err *err)
{
	const struct rec_field *f = d->out ? main_field(&e->source) : e->rf;
	struct eg_buf meaning = EG_BUF_INIT;
	struct adp_column_words w = {
		.rows = rows, .line = line, .target = e->target, .number = e->number, .masked = e->masked
	};
	int rc;

	eg_buf_clear(&d->rule);
	eg_buf_clear(&d->source);
	eg_buf_clear(&d->longer);
	eg_buf_clear(&d->required);
	eg_buf_clear(&d->blank);
	eg_buf_str(&d->blank, e->source.kind == AS_CONST || e->source.kind == AS_BLANK ? "" : "left empty");
	d->max[0] = '\0';
	describe_source(d, a, e);
	for (size_t i = 0; i < e->nsteps; i++)
		describe_step(d, &e->steps[i], adl_step_text(e, i));
	if (d->rule.len == 0)
		eg_buf_str(&d->rule, "as it is");
	if (f != NULL)
		put_meaning(&meaning, f);
	w.meaning = keep(d, eg_buf_view(&meaning));
	w.source = keep(d, eg_buf_view(&d->source));
	w.rule = keep(d, eg_buf_view(&d->rule));
	w.required = keep(d, eg_buf_view(&d->required));
	w.max = keep(d, eg_bytes_str(d->max));
	w.when_blank = keep(d, eg_buf_view(&d->blank));
	w.when_long = keep(d, eg_buf_view(&d->longer));
	eg_buf_done(&meaning);
	rc = d->full ?
	         eg_fail(err, EG_BADFILE, "LIMIT-MEM", "The adapter %s is too large to be described.", a->info.name) :
	         each(ctx, &w, err);
	return rc < 0 ? rc : EG_OK;
}

static int
entries(struct describing *d, const struct adp *a, const char *rows, bool line, const struct adp_entry *e, size_t n,
    adp_words_fn *each, void *ctx, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; i < n && rc == EG_OK; i++)
		rc = describe_entry(d, a, rows, line, &e[i], each, ctx, err);
	return rc;
}

int
adp_describe(const struct adp *a, struct eg_arena *arena, adp_words_fn *each, void *ctx, struct eg_err *err)
{
	struct describing d = { .arena = arena, .out = a->out };
	int rc = EG_OK;

	for (size_t i = 0; a->out && i < a->o.nrowsets && rc == EG_OK; i++) {
		const struct adp_rowset *r = &a->o.rowsets[i];
		rc = entries(&d, a, r->name, r->each_line, r->columns, r->ncolumns, each, ctx, err);
	}
	for (const struct adp *t = a; !a->out && t != NULL && rc == EG_OK; t = t->twin) {
		const char *rows = a->twin != NULL ? t->info.record->name : "";
		rc = entries(&d, t, rows, false, t->in.fields, t->in.nfields, each, ctx, err);
		if (rc == EG_OK)
			rc = entries(&d, t, rows, true, t->in.linefields, t->in.nlines, each, ctx, err);
	}
	eg_buf_done(&d.rule);
	eg_buf_done(&d.source);
	eg_buf_done(&d.blank);
	eg_buf_done(&d.longer);
	eg_buf_done(&d.required);
	return rc;
}

/* ---- one entry ---- */

static const char *
entry_text(const struct adp_entry *e, size_t n, const char *field)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(e[i].target, field) == 0)
			return e[i].text;
	return NULL;
}

const char *
adp_entry_text(const struct adp *a, const struct rec_type *t, const char *field)
{
	const char *text = NULL;

	for (; a != NULL && text == NULL && !a->out; a = a->twin) {
		if (a->info.record != t)
			continue;
		text = entry_text(a->in.fields, a->in.nfields, field);
		if (text == NULL)
			text = entry_text(a->in.linefields, a->in.nlines, field);
	}
	return text;
}
