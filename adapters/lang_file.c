/* SPDX-License-Identifier: MIT
 *
 * The section [file]: how the file looks, in both directions. What a layout needs and does not say is a fault.
 */
#include "adapters/lang_int.h"

#include <stddef.h>

static void
f_type(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const in[] = { "csv", "xml", "positional", NULL }, *const out[] = { "csv", "xml", "xlsx",
		NULL };
	struct eg_bytes w = adl_word(s), v = w;

	if (eg_bytes_starts(w, EG_LIT("config.")) && !adl_config(c, w, &v))
		return;
	int i = adl_one_of(c, v, c->adp->out ? out : in, "ADP-VALUE", "file type");
	if (i < 0)
		return;
	c->adp->in.type = i == 1 ? AF_XML : i == 2 ? AF_POSITIONAL : AF_CSV;
	c->adp->o.xml = i == 1;
	c->adp->o.xlsx = c->adp->out && i == 2;
}

static void
f_signature(struct adl_comp *c, struct adl_scan *s)
{
	c->m->sig_line = c->at.line;
	c->m->sig_whole = c->at.whole;
	c->m->sig_at = s->p;
	if (eg_bytes_is(c->at.key, "root"))
		c->adp->in.root = adl_cstr(c->set, adl_whole_value(c, s));
	else if (eg_bytes_is(c->at.key, "first_line"))
		(void)adl_quoted(s, &c->adp->in.first_line);
	else
		(void)adl_names(s, true, &c->adp->in.signature);
}

static void
f_root(struct adl_comp *c, struct adl_scan *s)
{
	if (!c->adp->out)
		f_signature(c, s);
	else
		c->adp->o.root = adl_cstr(c->set, adl_whole_value(c, s));
}

static void
f_skip(struct adl_comp *c, struct adl_scan *s)
{
	int64_t n = 0;

	if (adl_number(s, 0, 1000, &n))
		c->adp->in.skip = (uint64_t)n;
}

static void
f_delimiter(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = adl_whole_value(c, s);
	unsigned char d = eg_bytes_is(v, "TAB") ? '\t' : v.len == 1 && strchr(",;|", v.ptr[0]) != NULL ? v.ptr[0] : 0;

	if (eg_bytes_is(v, "auto") && !c->adp->out)
		c->adp->in.delim_auto = true;
	else if (d == 0 && v.len > 0)
		adl_error(c, v.ptr, "ADP-VALUE", c->adp->out ? "one of: , ; | TAB" : "one of: , ; | TAB auto",
		    "\"%.*s\" is not a delimiter.", EG_FMT(v));
	if (d != 0)
		c->adp->in.delim = c->adp->o.style.delim = d;
}

static void
f_encoding(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = adl_whole_value(c, s);
	struct adl_suggest sug;
	enum fmt_enc e = FMT_UTF8;

	if (!c->adp->out && eg_bytes_is(v, "utf-8 or windows-1252"))
		e = FMT_UTF8_ELSE_1252;
	else if (!fmt_enc_named(v, &e) || (c->adp->out && (e == FMT_UTF16LE || e == FMT_UTF16BE))) {
		adl_suggest_init(&sug, v);
		for (int i = 0; i < FMT_UTF8_ELSE_1252; i++)
			if (!c->adp->out || (i != FMT_UTF16LE && i != FMT_UTF16BE))
				adl_suggest_add(&sug, eg_bytes_str(fmt_enc_name((enum fmt_enc)i)));
		adl_error(
		    c, v.ptr, "ADP-VALUE", adl_suggest_hint(c, &sug), "There is no encoding \"%.*s\" here.", EG_FMT(v));
	}
	c->adp->in.enc = c->adp->o.style.enc = e;
	c->adp->o.ascii_fit = e != FMT_UTF8;
}

static void
f_document(struct adl_comp *c, struct adl_scan *s)
{
	struct adp_in *in = &c->adp->in;
	struct adp_names names = { 0 };

	in->document_file = adl_accept(s, "file");
	if (in->document_file || !adl_names(s, true, &names))
		return;
	int *v = adl_mem(c->set, names.n + 1, sizeof *v);
	for (size_t i = 0; i < names.n; i++)
		v[i] = adl_column(c, names.v[i], false);
	in->document = v;
	in->ndocument = names.n;
}

/* `A or B or C`: the parts, quotes undone. */
static struct adp_names
alternatives(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes *v = adl_mem(c->set, (size_t)(s->end - s->p) / 2 + 1, sizeof *v);
	size_t n = 0;

	while (!adl_at_end(s)) {
		const unsigned char *from = s->p, *to = s->p;

		if (*s->p == '"') {
			if (!adl_quoted(s, &v[n++]))
				break;
			(void)adl_accept(s, "or");
			continue;
		}
		while (!adl_at_end(s) && !adl_accept(s, "or")) {
			if (adl_word(s).len == 0)
				s->p++;
			to = s->p;
		}
		v[n++] = eg_bytes(from, (size_t)(to - from));
	}
	return (struct adp_names){ n, v };
}

static void
f_date(struct adl_comp *c, struct adl_scan *s)
{
	struct adp_names f = alternatives(c, s);

	for (size_t i = 0; i < f.n; i++)
		if (!adl_date_format(c, f.v[i], c->adp->out ? ADL_DATE_WRITE : ADL_DATE_READ))
			return;
	if (f.n == 0 || (c->adp->out && f.n > 1)) {
		adl_error(c, c->at.value.ptr, "ADP-VALUE", "for example YYYY-MM-DD",
		    f.n == 0 ? "A date format is missing here." : "A file is written with one date format.");
		return;
	}
	c->adp->in.dates = f;
	c->adp->o.date = f.v[0];
}

static void
f_numbers(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "plain", "money", NULL };

	c->adp->in.numbers = adl_word_of(c, s, words, "form of numbers") == 1 ? EG_DEC_MONEY : EG_DEC_PLAIN;
}

/* Pairs of words for yes and no. */
static void
flag_words(struct adl_comp *c, struct adl_scan *s, bool several)
{
	struct adp_names all = alternatives(c, s);
	struct eg_bytes *yes = adl_mem(c->set, all.n + 1, sizeof *yes), *no = adl_mem(c->set, all.n + 1, sizeof *no);

	for (size_t i = 0; i < all.n; i++) {
		struct adl_scan pair = adl_scan(c, all.v[i]);

		yes[i] = adl_word(&pair);
		no[i] = adl_word(&pair);
		if (no[i].len > 0 && adl_at_end(&pair))
			continue;
		adl_error(c, all.v[i].ptr, "ADP-VALUE", "for example: Yes No",
		    "Two words are needed: one for yes, one for no.");
		return;
	}
	if (all.n == 0 || (!several && all.n > 1)) {
		adl_error(c, c->at.value.ptr, "ADP-VALUE", "for example: Yes No",
		    "Two words are needed: one for yes, one for no.");
		return;
	}
	c->adp->in.yes = (struct adp_names){ all.n, yes };
	c->adp->in.no = (struct adp_names){ all.n, no };
	c->adp->o.yes = yes[0];
	c->adp->o.no = no[0];
}

static void
f_yesno(struct adl_comp *c, struct adl_scan *s)
{
	flag_words(c, s, true);
}

static void
f_bool(struct adl_comp *c, struct adl_scan *s)
{
	flag_words(c, s, false);
}

static void
f_unknown(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "warn", "ignore", NULL };

	c->adp->in.unknown_warn = adl_word_of(c, s, words, "way with unknown columns") != 1;
}

static void
f_not_for(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const erps[] = { "cmic", "acumatica", "mri", NULL };
	struct adp_names n;

	if (!adl_names(s, false, &n))
		return;
	for (size_t i = 0; i < n.n; i++)
		(void)adl_one_of(c, n.v[i], erps, "ADP-VALUE", "accounting system");
	struct eg_bytes *v = adl_mem(c->set, n.n + 1, sizeof *v); /* one more: not_when */
	if (n.n > 0)
		memcpy(v, n.v, n.n * sizeof *v);
	c->adp->in.not_for = (struct adp_names){ n.n, v };
}

/* Settings and the ERP are known now: when it is true, this site's ERP is one of not_for. */
static void
f_not_when(struct adl_comp *c, struct adl_scan *s)
{
	struct adp_names *n = &c->adp->in.not_for;
	struct adp_env env = { .set = c->set, .arena = &c->set->arena };

	c->scope = (struct adl_scope){ 0 };
	const struct adp_expr *e = adl_condition(s);
	if (e == NULL || adp_true(e, &env) != 1)
		return;
	struct eg_bytes *v = adl_mem(c->set, n->n + 2, sizeof *v);
	if (n->n > 0)
		memcpy(v, n->v, n->n * sizeof *v);
	v[n->n] = eg_bytes_str(c->set->erp);
	*n = (struct adp_names){ n->n + 1, v };
}

static void
f_rows_when(struct adl_comp *c, struct adl_scan *s)
{
	c->scope = (struct adl_scope){ .cells = true };
	c->adp->in.rows_when = adl_condition(s);
}

static void
f_missing_name(struct adl_comp *c, struct adl_scan *s)
{
	char *code = adl_mem(c->set, EG_CODE_MAX, 1);

	adl_code_put(c, adl_word(s), code);
	c->adp->in.missing_name = code;
}

static void
f_quote(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "when-needed", "always", "never", "text", NULL };
	static const enum fmt_quote quotes[] = { FMT_QUOTE_NEEDED, FMT_QUOTE_ALWAYS, FMT_QUOTE_NEVER, FMT_QUOTE_TEXT };
	int i = adl_word_of(c, s, words, "way of quoting");

	c->adp->o.style.quote = quotes[i > 0 ? i : 0];
}

static void
f_clean(struct adl_comp *c, struct adl_scan *s)
{
	struct adp_out *o = &c->adp->o;

	if (adl_quoted(s, &o->clean))
		o->clean_apostrophe = eg_bytes_chr(o->clean, '\'') < o->clean.len;
}

static void
f_breaks(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "keep", "blank", "tab", NULL };
	static const enum fmt_breaks breaks[] = { FMT_BREAKS_KEEP, FMT_BREAKS_BLANK, FMT_BREAKS_TAB_ONLY };
	int i = adl_word_of(c, s, words, "way with line breaks");

	c->adp->o.breaks = breaks[i > 0 ? i : 0];
}

static void
f_line_end(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "crlf", "lf", NULL };

	c->adp->o.style.lf = adl_word_of(c, s, words, "line end") == 1;
}

static void
f_order(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "key", "set", NULL };

	c->adp->o.order_set = adl_word_of(c, s, words, "order") == 1;
}

#define IN_AT(field) offsetof(struct adp, in.field)
static const struct adl_key file_keys[] = {
	{ "type", ADL_DIR_BOTH, ADL_FN, 0, f_type },
	{ "signature", ADL_DIR_IN, ADL_FN, 0, f_signature },
	{ "signature_without", ADL_DIR_IN, ADL_NAMES, IN_AT(signature_without), NULL },
	{ "first_line", ADL_DIR_IN, ADL_FN, 0, f_signature },
	{ "skip", ADL_DIR_IN, ADL_FN, 0, f_skip },
	{ "name", ADL_DIR_IN, ADL_BYTES, IN_AT(name_pattern), NULL },
	{ "root", ADL_DIR_BOTH, ADL_FN, 0, f_root },
	{ "record", ADL_DIR_IN, ADL_CSTR, IN_AT(record), NULL },
	{ "lines", ADL_DIR_IN, ADL_CSTR, IN_AT(lines), NULL },
	{ "delimiter", ADL_DIR_BOTH, ADL_FN, 0, f_delimiter },
	{ "encoding", ADL_DIR_BOTH, ADL_FN, 0, f_encoding },
	{ "document", ADL_DIR_IN, ADL_FN, 0, f_document },
	{ "all_or_nothing", ADL_DIR_IN, ADL_YESNO, IN_AT(all_or_nothing), NULL },
	{ "date", ADL_DIR_BOTH, ADL_FN, 0, f_date },
	{ "numbers", ADL_DIR_IN, ADL_FN, 0, f_numbers },
	{ "yesno", ADL_DIR_IN, ADL_FN, 0, f_yesno },
	{ "null", ADL_DIR_IN, ADL_NAMES, IN_AT(null_words), NULL },
	{ "unknown_columns", ADL_DIR_IN, ADL_FN, 0, f_unknown },
	{ "ignored", ADL_DIR_IN, ADL_NAMES, IN_AT(ignored), NULL },
	{ "optional", ADL_DIR_IN, ADL_NAMES, IN_AT(optional), NULL },
	{ "needed", ADL_DIR_IN, ADL_NAMES, IN_AT(needed), NULL },
	{ "not_for", ADL_DIR_IN, ADL_FN, 0, f_not_for },
	{ "not_when", ADL_DIR_IN, ADL_FN, 0, f_not_when },
	{ "rows_when", ADL_DIR_IN, ADL_FN, 0, f_rows_when },
	{ "missing_name", ADL_DIR_IN, ADL_FN, 0, f_missing_name },
	{ "header", ADL_DIR_OUT, ADL_YESNO, offsetof(struct adp, o.header), NULL },
	{ "quote", ADL_DIR_OUT, ADL_FN, 0, f_quote },
	{ "clean", ADL_DIR_OUT, ADL_FN, 0, f_clean },
	{ "breaks", ADL_DIR_OUT, ADL_FN, 0, f_breaks },
	{ "line_end", ADL_DIR_OUT, ADL_FN, 0, f_line_end },
	{ "bool", ADL_DIR_OUT, ADL_FN, 0, f_bool },
	{ "per_project", ADL_DIR_OUT, ADL_CSTR, offsetof(struct adp, o.per_project_field), NULL },
	{ "order", ADL_DIR_OUT, ADL_FN, 0, f_order },
};
#define NFILE (sizeof file_keys / sizeof file_keys[0])
_Static_assert(NFILE <= 64, "a bit per key");

static void
defaults(struct adp *a)
{
	static const struct eg_bytes date[] = { { (const unsigned char *)"YYYY-MM-DD", 10 } };
	static const struct eg_bytes yes[] = { { (const unsigned char *)"Yes", 3 } },
				     no[] = { { (const unsigned char *)"No", 2 } };

	a->in.delim = a->o.style.delim = ',';
	a->in.skip = 1;
	a->in.dates = (struct adp_names){ 1, date };
	a->in.yes = (struct adp_names){ 1, yes };
	a->in.no = (struct adp_names){ 1, no };
	a->in.unknown_warn = true;
	a->o.header = true;
	a->o.date = date[0];
	a->o.yes = yes[0];
	a->o.no = no[0];
	a->o.per_project = -1;
}

void
adl_file_section(struct adl_comp *c, struct adl_section *s)
{
	/* the type decides how columns are named, and not_when adds to not_for */
	static const char *const early[] = { "type", "not_for", NULL };
	uint64_t seen = 0;
	struct adp *a = c->adp;

	defaults(a);
	s->faults = c->nerrors;
	adl_run_keys(c, s, file_keys, NFILE, early, true, &seen);
	adl_run_keys(c, s, file_keys, NFILE, early, false, &seen);
	if (a->out) {
		if (a->o.xml)
			adl_need_key(c, s, seen, file_keys, NFILE, "root");
		c->at = s->head;
		if (a->o.xlsx && !a->o.header)
			adl_error(
			    c, c->at.key.ptr, "ADP-VALUE", "header = yes", "A workbook begins with its column names.");
		return;
	}
	adl_need_key(c, s, seen, file_keys, NFILE,
	    a->in.type == AF_XML        ? "root" :
	    a->in.type == AF_POSITIONAL ? "first_line" :
					  "signature");
	c->all_or_nothing_said = adl_has_key(seen, file_keys, NFILE, "all_or_nothing");
}

/* After the entries: `needed` columns are known and must be there, `optional` ones may be missing. */
void
adl_file_columns(struct adl_comp *c)
{
	const struct adp_in *in = &c->m->a.in;

	for (size_t i = 0; i < in->needed.n; i++) {
		const int at = adl_column(c, in->needed.v[i], false); /* first: it may move the table */

		c->columns[at].required = true;
	}
	for (size_t i = 0; i < in->optional.n; i++)
		for (size_t k = 0; k < c->ncolumns; k++)
			if (eg_bytes_is(in->optional.v[i], c->columns[k].name))
				c->columns[k].required = false;
}
