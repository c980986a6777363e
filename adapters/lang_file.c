/* SPDX-License-Identifier: MIT
 *
 * The sections [adapter] and [file]: one table of keys each, with direction, kind of value and place. What a layout needs and does not say is a fault.
 */
#include "adapters/lang_int.h"

#include <stddef.h>

typedef void value_fn(struct adl_comp *c, struct adl_scan *s);

enum { DIR_IN = 1, DIR_OUT = 2, DIR_BOTH = 3 };
enum kind { K_FN, K_NAMES, K_BYTES, K_CSTR, K_YESNO };

struct key {
	const char *name;
	unsigned dir;
	enum kind kind;
	size_t at; /* in struct adp */
	value_fn *fn;
};

static const char *const yes_no[] = { "yes", "no", NULL };

static struct eg_bytes
rest(const struct adl_scan *s)
{
	return eg_bytes_trim(eg_bytes(s->p, (size_t)(s->end - s->p)));
}

/* The whole rest as one word; nothing there is a fault. */
static struct eg_bytes
whole_value(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = rest(s);

	if (v.len == 0)
		adl_error(c, s->p, "ADP-VALUE", NULL, "A value is missing here.");
	s->p = s->end;
	return v;
}

static int
word_of(struct adl_comp *c, struct adl_scan *s, const char *const *list, const char *what)
{
	struct eg_bytes w = adl_word(s);

	return w.len > 0 ? adl_one_of(c, w, list, "ADP-VALUE", what) : (whole_value(c, s), -1);
}

static void
put(struct adl_comp *c, const struct key *k, struct adl_scan *s)
{
	char *to = (char *)c->adp + k->at;
	struct adp_names names;
	struct eg_bytes v;
	const char *str;
	int i;

	switch (k->kind) {
	case K_FN:
		k->fn(c, s);
		break;
	case K_NAMES:
		if (adl_names(s, true, &names))
			memcpy(to, &names, sizeof names);
		break;
	case K_BYTES:
		v = whole_value(c, s);
		memcpy(to, &v, sizeof v);
		break;
	case K_CSTR:
		v = whole_value(c, s);
		str = adl_cstr(c->set, v);
		memcpy(to, &str, sizeof str);
		break;
	case K_YESNO:
		i = word_of(c, s, yes_no, "answer");
		if (i >= 0)
			*(bool *)to = i == 0;
		break;
	}
}

static bool
among(struct eg_bytes key, const char *const *list)
{
	for (; *list != NULL; list++)
		if (eg_bytes_is(key, *list))
			return true;
	return false;
}

/* Runs the entries of a section through its table, those of `early` or those that are not; `seen` gets a bit per key. */
static void
run_keys(struct adl_comp *c, const struct adl_section *s, const struct key *keys, size_t nkeys, const char *const *early, bool now, uint64_t *seen)
{
	const unsigned dir = c->adp->out ? DIR_OUT : DIR_IN;

	for (size_t l = 0; l < s->nlines; l++) {
		struct adl_suggest sug;
		size_t i;

		c->at = s->lines[l];
		if (among(c->at.key, early) != now)
			continue;
		adl_suggest_init(&sug, c->at.key);
		for (i = 0; i < nkeys && !eg_bytes_is(c->at.key, keys[i].name); i++)
			if ((keys[i].dir & dir) != 0)
				adl_suggest_add(&sug, eg_bytes_str(keys[i].name));
		if (i == nkeys) {
			adl_error(c, c->at.key.ptr, "ADP-KEY", adl_suggest_hint(c, &sug), "There is no key \"%.*s\" here.", EG_FMT(c->at.key));
		} else if ((keys[i].dir & dir) == 0) {
			adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s belongs to the direction %s.", keys[i].name, c->adp->out ? "in" : "out");
		} else if ((*seen & UINT64_C(1) << i) != 0) {
			adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s stands here twice.", keys[i].name);
		} else {
			struct adl_scan sc = adl_scan(c, c->at.value);
			size_t before = c->nerrors;

			*seen |= UINT64_C(1) << i;
			put(c, &keys[i], &sc);
			if (c->nerrors == before)
				(void)adl_done(&sc);
		}
	}
}

static bool
has(uint64_t seen, const struct key *keys, size_t nkeys, const char *name)
{
	for (size_t i = 0; i < nkeys; i++)
		if (strcmp(keys[i].name, name) == 0)
			return (seen & UINT64_C(1) << i) != 0;
	return false;
}

/* ---- [adapter] ---- */

static bool
plain_name(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++) {
		unsigned char ch = v.ptr[i];

		if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9') && ch != '.' && ch != '_' && ch != '-')
			return false;
	}
	return v.len > 0;
}

static void
a_name(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = whole_value(c, s);

	if (v.len > 0 && !plain_name(v))
		adl_error(c, v.ptr, "ADP-VALUE", "for example cmic.commitment", "Names are made of a-z, 0-9, dots, _ and -.");
	c->adp->info.name = adl_cstr(c->set, v);
}

static void
a_version(struct adl_comp *c, struct adl_scan *s)
{
	int64_t n = 0;

	if (adl_number(s, 1, 1000000, &n))
		c->adp->info.version = (unsigned)n;
}

static void
a_rank(struct adl_comp *c, struct adl_scan *s)
{
	int64_t n = 0;

	if (adl_number(s, 1, 1000, &n))
		c->adp->info.rank = (int)n;
}

static void
a_direction(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "in", "out", NULL };

	c->adp->info.out = c->adp->out = word_of(c, s, words, "direction") == 1;
}

/* A system that is not shipped is fine (a site's own), but it may be a slip of the pen. */
static void
a_system(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const shipped[] = { "procore", "cmic", "acumatica", "mri", "approvals" };
	struct eg_bytes v = whole_value(c, s);
	struct adl_suggest sug;

	c->adp->info.system = adl_cstr(c->set, v);
	if (v.len > 0 && !plain_name(v))
		adl_error(c, v.ptr, "ADP-VALUE", NULL, "Names of systems are made of a-z, 0-9, dots, _ and -.");
	adl_suggest_init(&sug, v);
	for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
		if (eg_bytes_is(v, shipped[i]))
			return;
		adl_suggest_add(&sug, eg_bytes_str(shipped[i]));
	}
	adl_warn(c, v.ptr, "ADP-VALUE", adl_suggest_hint(c, &sug), "\"%.*s\" is none of the shipped systems.", EG_FMT(v));
}

static const struct rec_type *
record_type(struct adl_comp *c, struct eg_bytes v)
{
	const struct rec_type *t = rec_type_named(v);
	struct adl_suggest s;

	if (t != NULL)
		return t;
	adl_suggest_init(&s, v);
	for (unsigned i = 0; i < REC_NTYPES; i++)
		adl_suggest_add(&s, eg_bytes_str(rec_type(i)->name));
	adl_error(c, v.ptr, "ADP-VALUE", adl_suggest_hint(c, &s), "There is no record type \"%.*s\".", EG_FMT(v));
	return NULL;
}

const struct rec_type *
adl_record_type(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = whole_value(c, s);

	return v.len > 0 ? record_type(c, v) : NULL;
}

static void
a_record(struct adl_comp *c, struct adl_scan *s)
{
	c->adp->info.record = adl_record_type(c, s);
}

static void
a_object(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = whole_value(c, s);

	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < 'A' || v.ptr[i] > 'Z') {
			adl_error(c, v.ptr, "ADP-VALUE", "for example COMMITMENT", "Objects are written in capitals: they are part of file names.");
			break;
		}
	c->adp->info.object = adl_cstr(c->set, v);
}

static const struct key adapter_keys[] = {
	{ "name", DIR_BOTH, K_FN, 0, a_name },
	{ "title", DIR_BOTH, K_CSTR, offsetof(struct adp, info.title), NULL },
	{ "version", DIR_BOTH, K_FN, 0, a_version },
	{ "direction", DIR_BOTH, K_FN, 0, a_direction },
	{ "source", DIR_IN, K_FN, 0, a_system },
	{ "record", DIR_IN, K_FN, 0, a_record },
	{ "target", DIR_OUT, K_FN, 0, a_system },
	{ "object", DIR_OUT, K_FN, 0, a_object },
	{ "rank", DIR_OUT, K_FN, 0, a_rank },
};
#define NADAPTER (sizeof adapter_keys / sizeof adapter_keys[0])

static void
need_key(struct adl_comp *c, const struct adl_section *s, uint64_t seen, const struct key *keys, size_t n, const char *name)
{
	if (has(seen, keys, n, name))
		return;
	c->at = s->head;
	adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "%s = … is missing in this section.", name);
}

void
adl_adapter_section(struct adl_comp *c, const struct adl_section *s)
{
	static const char *const early[] = { "direction", NULL };
	uint64_t seen = 0;

	run_keys(c, s, adapter_keys, NADAPTER, early, true, &seen);
	if (!has(seen, adapter_keys, NADAPTER, "direction")) {
		need_key(c, s, seen, adapter_keys, NADAPTER, "direction");
		return;
	}
	run_keys(c, s, adapter_keys, NADAPTER, early, false, &seen);
	need_key(c, s, seen, adapter_keys, NADAPTER, "name");
	need_key(c, s, seen, adapter_keys, NADAPTER, "title");
	need_key(c, s, seen, adapter_keys, NADAPTER, "version");
	need_key(c, s, seen, adapter_keys, NADAPTER, c->adp->out ? "target" : "source");
	if (c->adp->out) {
		need_key(c, s, seen, adapter_keys, NADAPTER, "object");
		need_key(c, s, seen, adapter_keys, NADAPTER, "rank");
	} else if (adl_section(c, SC_RECORD, EG_NONE) == NULL) {
		need_key(c, s, seen, adapter_keys, NADAPTER, "record");
	}
}

/* ---- [file] ---- */

static void
f_type(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const in[] = { "csv", "xml", "positional", NULL }, *const out[] = { "csv", "xml", NULL };
	struct eg_bytes w = adl_word(s), v = w;

	if (eg_bytes_starts(w, EG_LIT("config.")) && !adl_config(c, w, &v))
		return;
	int i = adl_one_of(c, v, c->adp->out ? out : in, "ADP-VALUE", "file type");
	if (i < 0)
		return;
	c->adp->in.type = i == 1 ? AF_XML : i == 2 ? AF_POSITIONAL : AF_CSV;
	c->adp->o.xml = i == 1;
}

static void
f_signature(struct adl_comp *c, struct adl_scan *s)
{
	c->m->sig_line = c->at.line;
	c->m->sig_whole = c->at.whole;
	c->m->sig_at = s->p;
	if (eg_bytes_is(c->at.key, "root"))
		c->adp->in.root = adl_cstr(c->set, whole_value(c, s));
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
		c->adp->o.root = adl_cstr(c->set, whole_value(c, s));
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
	struct eg_bytes v = whole_value(c, s);
	unsigned char d = eg_bytes_is(v, "TAB") ? '\t' : v.len == 1 && strchr(",;|", v.ptr[0]) != NULL ? v.ptr[0] : 0;

	if (eg_bytes_is(v, "auto") && !c->adp->out)
		c->adp->in.delim_auto = true;
	else if (d == 0 && v.len > 0)
		adl_error(c, v.ptr, "ADP-VALUE", c->adp->out ? "one of: , ; | TAB" : "one of: , ; | TAB auto", "\"%.*s\" is not a delimiter.", EG_FMT(v));
	if (d != 0)
		c->adp->in.delim = c->adp->o.style.delim = d;
}

static void
f_encoding(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = whole_value(c, s);
	struct adl_suggest sug;
	enum fmt_enc e = FMT_UTF8;

	if (!fmt_enc_named(v, &e) || (c->adp->out && (e == FMT_UTF16LE || e == FMT_UTF16BE))) {
		adl_suggest_init(&sug, v);
		for (int i = 0; i < FMT_NENC; i++)
			adl_suggest_add(&sug, eg_bytes_str(fmt_enc_name((enum fmt_enc)i)));
		adl_error(c, v.ptr, "ADP-VALUE", adl_suggest_hint(c, &sug), "There is no encoding \"%.*s\" here.", EG_FMT(v));
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
		adl_error(c, c->at.value.ptr, "ADP-VALUE", "for example YYYY-MM-DD", f.n == 0 ? "A date format is missing here." : "A file is written with one date format.");
		return;
	}
	c->adp->in.dates = f;
	c->adp->o.date = f.v[0];
}

static void
f_numbers(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "plain", "money", NULL };

	c->adp->in.numbers = word_of(c, s, words, "form of numbers") == 1 ? EG_DEC_MONEY : EG_DEC_PLAIN;
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
		adl_error(c, all.v[i].ptr, "ADP-VALUE", "for example: Yes No", "Two words are needed: one for yes, one for no.");
		return;
	}
	if (all.n == 0 || (!several && all.n > 1)) {
		adl_error(c, c->at.value.ptr, "ADP-VALUE", "for example: Yes No", "Two words are needed: one for yes, one for no.");
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

	c->adp->in.unknown_warn = word_of(c, s, words, "way with unknown columns") != 1;
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
	int i = word_of(c, s, words, "way of quoting");

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
	int i = word_of(c, s, words, "way with line breaks");

	c->adp->o.breaks = breaks[i > 0 ? i : 0];
}

static void
f_line_end(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "crlf", "lf", NULL };

	c->adp->o.style.lf = word_of(c, s, words, "line end") == 1;
}

static void
f_order(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "key", "set", NULL };

	c->adp->o.order_set = word_of(c, s, words, "order") == 1;
}

#define IN_AT(field) offsetof(struct adp, in.field)
static const struct key file_keys[] = {
	{ "type", DIR_BOTH, K_FN, 0, f_type },
	{ "signature", DIR_IN, K_FN, 0, f_signature },
	{ "signature_without", DIR_IN, K_NAMES, IN_AT(signature_without), NULL },
	{ "first_line", DIR_IN, K_FN, 0, f_signature },
	{ "skip", DIR_IN, K_FN, 0, f_skip },
	{ "name", DIR_IN, K_BYTES, IN_AT(name_pattern), NULL },
	{ "root", DIR_BOTH, K_FN, 0, f_root },
	{ "record", DIR_IN, K_CSTR, IN_AT(record), NULL },
	{ "lines", DIR_IN, K_CSTR, IN_AT(lines), NULL },
	{ "delimiter", DIR_BOTH, K_FN, 0, f_delimiter },
	{ "encoding", DIR_BOTH, K_FN, 0, f_encoding },
	{ "document", DIR_IN, K_FN, 0, f_document },
	{ "all_or_nothing", DIR_IN, K_YESNO, IN_AT(all_or_nothing), NULL },
	{ "date", DIR_BOTH, K_FN, 0, f_date },
	{ "numbers", DIR_IN, K_FN, 0, f_numbers },
	{ "yesno", DIR_IN, K_FN, 0, f_yesno },
	{ "null", DIR_IN, K_NAMES, IN_AT(null_words), NULL },
	{ "unknown_columns", DIR_IN, K_FN, 0, f_unknown },
	{ "ignored", DIR_IN, K_NAMES, IN_AT(ignored), NULL },
	{ "optional", DIR_IN, K_NAMES, IN_AT(optional), NULL },
	{ "needed", DIR_IN, K_NAMES, IN_AT(needed), NULL },
	{ "not_for", DIR_IN, K_FN, 0, f_not_for },
	{ "not_when", DIR_IN, K_FN, 0, f_not_when },
	{ "rows_when", DIR_IN, K_FN, 0, f_rows_when },
	{ "missing_name", DIR_IN, K_FN, 0, f_missing_name },
	{ "header", DIR_OUT, K_YESNO, offsetof(struct adp, o.header), NULL },
	{ "quote", DIR_OUT, K_FN, 0, f_quote },
	{ "clean", DIR_OUT, K_FN, 0, f_clean },
	{ "breaks", DIR_OUT, K_FN, 0, f_breaks },
	{ "line_end", DIR_OUT, K_FN, 0, f_line_end },
	{ "bool", DIR_OUT, K_FN, 0, f_bool },
	{ "per_project", DIR_OUT, K_CSTR, offsetof(struct adp, o.per_project_field), NULL },
	{ "order", DIR_OUT, K_FN, 0, f_order },
};
#define NFILE (sizeof file_keys / sizeof file_keys[0])
_Static_assert(NFILE <= 64, "a bit per key");

static void
defaults(struct adp *a)
{
	static const struct eg_bytes date[] = { { (const unsigned char *)"YYYY-MM-DD", 10 } };
	static const struct eg_bytes yes[] = { { (const unsigned char *)"Yes", 3 } }, no[] = { { (const unsigned char *)"No", 2 } };

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
adl_file_section(struct adl_comp *c, const struct adl_section *s)
{
	/* the type decides how columns are named, and not_when adds to not_for */
	static const char *const early[] = { "type", "not_for", NULL };
	uint64_t seen = 0;
	struct adp *a = c->adp;

	defaults(a);
	run_keys(c, s, file_keys, NFILE, early, true, &seen);
	run_keys(c, s, file_keys, NFILE, early, false, &seen);
	if (a->out) {
		if (a->o.xml)
			need_key(c, s, seen, file_keys, NFILE, "root");
		return;
	}
	need_key(c, s, seen, file_keys, NFILE, a->in.type == AF_XML ? "root" : a->in.type == AF_POSITIONAL ? "first_line" : "signature");
	c->all_or_nothing_said = has(seen, file_keys, NFILE, "all_or_nothing");
}

/* After the entries: `needed` columns are known and must be there, `optional` ones may be missing. */
void
adl_file_columns(struct adl_comp *c)
{
	const struct adp_in *in = &c->m->a.in;

	for (size_t i = 0; i < in->needed.n; i++)
		c->columns[adl_column(c, in->needed.v[i], false)].required = true;
	for (size_t i = 0; i < in->optional.n; i++)
		for (size_t k = 0; k < c->ncolumns; k++)
			if (eg_bytes_is(in->optional.v[i], c->columns[k].name))
				c->columns[k].required = false;
}
