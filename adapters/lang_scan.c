/* SPDX-License-Identifier: MIT
 *
 * Words, quoted texts, numbers, codes and settings of one adapter line. Everything it gives is a view of the line (so that a fault has a column) unless a
 * doubled quote had to be undone.
 */
#include "adapters/lang_int.h"

struct adl_scan
adl_scan(struct adl_comp *c, struct eg_bytes v)
{
	static const unsigned char none[1];

	return v.ptr == NULL ? (struct adl_scan){ c, none, none } : (struct adl_scan){ c, v.ptr, v.ptr + v.len };
}

static void
skip_blanks(struct adl_scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
}

bool
adl_at_end(struct adl_scan *s)
{
	skip_blanks(s);
	return s->p == s->end;
}

bool
adl_peek(struct adl_scan *s, unsigned char ch)
{
	return !adl_at_end(s) && *s->p == ch;
}

static bool
word_char(unsigned char ch)
{
	return ch != ' ' && ch != '\t' && ch != '"' && ch != '=' && ch != '(' && ch != ')';
}

struct eg_bytes
adl_word(struct adl_scan *s)
{
	skip_blanks(s);
	const unsigned char *from = s->p;
	while (s->p < s->end && word_char(*s->p))
		s->p++;
	return eg_bytes(from, (size_t)(s->p - from));
}

bool
adl_accept(struct adl_scan *s, const char *word)
{
	const struct adl_scan before = *s;

	if (eg_bytes_is(adl_word(s), word))
		return true;
	*s = before;
	return false;
}

static struct eg_bytes
unescape(struct adp_set *set, struct eg_bytes v)
{
	unsigned char *out = adl_mem(set, v.len, 1);
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		i += v.ptr[i] == '\\' && i + 1 < v.len && (v.ptr[i + 1] == '"' || v.ptr[i + 1] == '\\');
		out[n++] = v.ptr[i];
	}
	return eg_bytes(out, n);
}

size_t
adl_quote_end(struct eg_bytes v, size_t from)
{
	while (from < v.len && v.ptr[from] != '"')
		from += v.ptr[from] == '\\' ? 2 : 1;
	return from < v.len ? from : v.len;
}

bool
adl_quoted(struct adl_scan *s, struct eg_bytes *ret)
{
	if (!adl_peek(s, '"')) {
		adl_error(s->c, s->p, "ADP-VALUE", "put it in quotes: \"text\"", "A text in quotes is missing here.");
		return false;
	}
	struct eg_bytes rest = eg_bytes(s->p + 1, (size_t)(s->end - s->p) - 1);
	size_t end = adl_quote_end(rest, 0);
	if (end == rest.len) {
		adl_error(s->c, s->p, "ADP-VALUE", "a quote inside a text is written \\\"",
		    "This quote is opened and never closed.");
		return false;
	}
	rest.len = end;
	s->p = rest.ptr + end + 1;
	*ret = eg_bytes_chr(rest, '\\') < rest.len ? unescape(s->c->set, rest) : rest;
	return true;
}

bool
adl_done(struct adl_scan *s)
{
	if (adl_at_end(s))
		return true;
	adl_error(s->c, s->p, "ADP-VALUE", NULL, "Nothing may follow here, but there is: %.*s",
	    EG_FMT(eg_bytes(s->p, (size_t)(s->end - s->p))));
	return false;
}

struct adl_scan
adl_cut_bar(struct adl_scan *s)
{
	struct eg_bytes rest = eg_bytes(s->p, (size_t)(s->end - s->p));
	struct adl_scan part = *s;
	size_t i = 0;

	while (i < rest.len && rest.ptr[i] != '|')
		i = rest.ptr[i] == '"' ? adl_quote_end(rest, i + 1) + 1 : i + 1;
	i = i < rest.len ? i : rest.len;
	part.end = rest.ptr + i;
	s->p = i < rest.len ? part.end + 1 : part.end;
	return part;
}

bool
adl_code(struct eg_bytes w)
{
	if (w.len < 3 || w.len >= EG_CODE_MAX || w.ptr[0] < 'A' || w.ptr[0] > 'Z')
		return false;
	size_t dash = eg_bytes_chr(w, '-');
	if (dash == 0 || dash + 1 >= w.len)
		return false;
	for (size_t i = 0; i < w.len; i++) {
		bool upper = w.ptr[i] >= 'A' && w.ptr[i] <= 'Z', digit = w.ptr[i] >= '0' && w.ptr[i] <= '9';

		if (i != dash && !digit && (i > dash || !upper))
			return false;
	}
	return true;
}

void
adl_code_put(struct adl_comp *c, struct eg_bytes w, char ret[EG_CODE_MAX])
{
	if (adl_code(w))
		snprintf(ret, EG_CODE_MAX, "%.*s", EG_FMT(w));
	else if (w.len == 0)
		adl_error(
		    c, w.ptr, "ADP-VALUE", "codes look like E-07 or F-20", "The code of a finding is missing here.");
	else
		adl_error(c, w.ptr, "ADP-VALUE", "codes look like E-07 or F-20",
		    "\"%.*s\" is not the code of a finding.", EG_FMT(w));
}

bool
adl_number(struct adl_scan *s, int64_t min, int64_t max, int64_t *ret)
{
	struct eg_bytes word = adl_word(s), text = word;

	if (eg_bytes_starts(word, EG_LIT("config.")) && !adl_config(s->c, word, &text))
		return false;
	if (eg_bytes_to_i64(text, ret) && *ret >= min && *ret <= max)
		return true;
	adl_error(s->c, word.ptr, "ADP-VALUE", NULL, "A whole number from %lld to %lld is needed here, not \"%.*s\".",
	    (long long)min, (long long)max, EG_FMT(text));
	return false;
}

bool
adl_config(struct adl_comp *c, struct eg_bytes word, struct eg_bytes *ret)
{
	struct eg_bytes key = eg_bytes_sub(word, sizeof "config." - 1, word.len);
	const struct adp_config *cfg = &c->set->config;
	const char *value = cfg->get != NULL ? cfg->get(cfg->ctx, adl_cstr(c->set, key)) : NULL;

	if (value == NULL) {
		struct adl_suggest s;

		adl_suggest_init(&s, key);
		for (size_t i = 0; c->set->key_at != NULL && c->set->key_at(i) != NULL; i++)
			adl_suggest_add(&s, eg_bytes_str(c->set->key_at(i)));
		const char *hint = adl_suggest_hint(c, &s);
		adl_error(c, word.ptr, "ADP-CONFIG", hint != NULL ? hint : "erpgate config show lists all settings",
		    "There is no setting \"%.*s\".", EG_FMT(key));
		return false;
	}
	*ret = adl_dup(c->set, eg_bytes_str(value));
	return true;
}

/* A word of a list ends at a comma, too. */
static struct eg_bytes
list_word(struct adl_scan *s)
{
	const unsigned char *from = s->p;

	while (s->p < s->end && word_char(*s->p) && *s->p != ',')
		s->p++;
	return eg_bytes(from, (size_t)(s->p - from));
}

bool
adl_names(struct adl_scan *s, bool quoted_only, struct adp_names *ret)
{
	struct eg_bytes *v = adl_mem(s->c->set, (size_t)(s->end - s->p) / 2 + 1, sizeof *v);
	size_t n = 0;

	while (!adl_at_end(s)) {
		if (adl_peek(s, '"') || quoted_only) {
			if (!adl_quoted(s, &v[n]))
				return false;
		} else {
			v[n] = list_word(s);
			if (v[n].len == 0)
				return adl_done(s);
		}
		n++;
		if (adl_peek(s, ','))
			s->p++;
	}
	*ret = (struct adp_names){ n, v };
	return true;
}

/* Bits: year, month, day, other tokens, a month's full name. */
enum {
	TOK_Y = 1,
	TOK_M = 2,
	TOK_D = 4,
	TOK_OTHER = 8,
	TOK_NAME = 16
};

static unsigned
date_tokens(struct eg_bytes f)
{
	static const struct {
		const char *token;
		unsigned bit;
	} tokens[] = { { "YYYY", TOK_Y }, { "MONTH", TOK_M | TOK_NAME }, { "MON", TOK_M }, { "MM", TOK_M },
		{ "DD", TOK_D }, { "M", TOK_M }, { "D", TOK_D }, { "HH", TOK_OTHER }, { "mm", TOK_OTHER },
		{ "ss", TOK_OTHER }, { "fff", TOK_OTHER } };
	unsigned have = 0;

	for (size_t i = 0, step; i < f.len; i += step) {
		step = 1;
		for (size_t t = 0; t < sizeof tokens / sizeof tokens[0]; t++)
			if (eg_bytes_starts(eg_bytes_sub(f, i, f.len), eg_bytes_str(tokens[t].token))) {
				have |= tokens[t].bit;
				step = strlen(tokens[t].token);
				break;
			}
	}
	return have;
}

bool
adl_date_format(struct adl_comp *c, struct eg_bytes f, enum adl_date_use use)
{
	unsigned have = date_tokens(f);
	bool fine = use == ADL_DATE_WRITE ? have != 0 : (have & 7U) == 7U && (have & TOK_NAME) == 0;

	if (!fine)
		adl_error(c, f.ptr, "ADP-VALUE",
		    use == ADL_DATE_WRITE ? "for example YYYY-MM-DD" :
					    "it needs year, month and day, for example YYYY-MM-DD",
		    "\"%.*s\" is not a date format.", EG_FMT(f));
	return fine;
}
