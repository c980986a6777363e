/* SPDX-License-Identifier: MIT
 *
 * Names of companies, compared as a person compares them: step by step with less attention to how they are written. Latin letters with accents are known, other
 * scripts are compared as they are. Nothing here fails but for memory. Tests: tests/unit/test_suggest.c.
 */
#include "gateway/workflow/suggest.h"

#include <string.h>
#include <strings.h>

static const char *const words[] = { "none", "possible", "likely", "exact" };

const char *
suggest_word(enum suggest_score s)
{
	eg_check((unsigned)s <= SCORE_EXACT);
	return words[s];
}

/* ---- letters ---- */

/* The next character of UTF-8 text; a byte that is none counts as itself. */
static uint32_t
next_char(const unsigned char **p)
{
	const unsigned char *s = *p;
	uint32_t c = s[0];

	if (c >= 0xc2 && c <= 0xdf && (s[1] & 0xc0) == 0x80) {
		*p += 2;
		return (c & 0x1f) << 6 | (s[1] & 0x3f);
	}
	if (c >= 0xe0 && c <= 0xef && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80) {
		*p += 3;
		return (c & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
	}
	*p += 1;
	return c;
}

static void
put_char(struct eg_buf *b, uint32_t c)
{
	if (c < 0x80 || c > 0xffff) {
		eg_buf_chr(b, (unsigned char)c);
		return;
	}
	if (c < 0x800)
		eg_buf_chr(b, (unsigned char)(0xc0 | c >> 6));
	else {
		eg_buf_chr(b, (unsigned char)(0xe0 | c >> 12));
		eg_buf_chr(b, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
	}
	eg_buf_chr(b, (unsigned char)(0x80 | (c & 0x3f)));
}

/* Small letter of Latin, Greek and Cyrillic capitals. */
static uint32_t
fold(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
	    (c >= 0x410 && c <= 0x42f))
		return c + 32;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return (c & 1) != 0 ? c + 1 : c;
	return c;
}

/* The letter without its accent, from the small letters of U+00DF..U+00FF and U+0101..U+017E; ranges end where the next begins. */
static const char *
without_accent(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		const char *as;
	} plain[] = { { 0xdf, 0xdf, "ss" }, { 0xe0, 0xe5, "a" }, { 0xe6, 0xe6, "ae" }, { 0xe7, 0xe7, "c" },
		{ 0xe8, 0xeb, "e" }, { 0xec, 0xef, "i" }, { 0xf0, 0xf0, "d" }, { 0xf1, 0xf1, "n" }, { 0xf2, 0xf6, "o" },
		{ 0xf8, 0xf8, "o" }, { 0xf9, 0xfc, "u" }, { 0xfd, 0xfd, "y" }, { 0xfe, 0xfe, "th" },
		{ 0xff, 0xff, "y" }, { 0x101, 0x105, "a" }, { 0x107, 0x10d, "c" }, { 0x10f, 0x111, "d" },
		{ 0x113, 0x11b, "e" }, { 0x11d, 0x123, "g" }, { 0x125, 0x127, "h" }, { 0x129, 0x131, "i" },
		{ 0x135, 0x135, "j" }, { 0x137, 0x138, "k" }, { 0x13a, 0x142, "l" }, { 0x144, 0x14b, "n" },
		{ 0x14d, 0x151, "o" }, { 0x153, 0x153, "oe" }, { 0x155, 0x159, "r" }, { 0x15b, 0x161, "s" },
		{ 0x163, 0x167, "t" }, { 0x169, 0x173, "u" }, { 0x175, 0x175, "w" }, { 0x177, 0x177, "y" },
		{ 0x17a, 0x17e, "z" } };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (c >= plain[i].first && c <= plain[i].last)
			return plain[i].as;
	return NULL;
}

static bool
is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c >= 0x80 && !(c >= 0x2000 && c <= 0x206f) && c != 0xa0);
}

static const char *
keep(struct eg_arena *a, struct eg_buf *b)
{
	const char *ret = eg_arena_cstr(a, eg_bytes_trim(eg_buf_view(b)));

	eg_buf_done(b);
	return ret;
}

static const char *
folded(struct eg_arena *a, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	struct eg_buf b = EG_BUF_INIT;

	while (*p != '\0')
		put_char(&b, fold(next_char(&p)));
	return keep(a, &b);
}

/* Words of small letters and digits between single blanks. A dot or apostrophe inside a word falls away ("O'Hara", "L.L.C."), anything else parts words. */
static const char *
plain(struct eg_arena *a, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	struct eg_buf b = EG_BUF_INIT;
	bool gap = false;

	while (*p != '\0') {
		uint32_t c = fold(next_char(&p));
		bool and = c == '&' || c == '+';
		const char *as = and? "and" : without_accent(c);

		if (c == '.' || c == '\'' || c == 0x2018 || c == 0x2019)
			continue;
		if (as == NULL && !is_letter(c)) {
			gap = true;
			continue;
		}
		if ((gap || and) && b.len > 0)
			eg_buf_chr(&b, ' ');
		gap = and;
		if (as != NULL)
			eg_buf_str(&b, as);
		else
			put_char(&b, c);
	}
	return keep(a, &b);
}

/* Without the legal forms at the end ("Granite Peak Steel, LLC") and a "the" in front; a name of nothing else stays. */
static const char *
core(struct eg_arena *a, const char *plain_name)
{
	static const char *const forms[] = { " inc", " incorporated", " llc", " llp", " lp", " pllc", " ltd",
		" limited", " co", " company", " corp", " corporation", " plc", " pc", " gmbh", " ag", " ulc" };
	struct eg_bytes v = eg_bytes_str(plain_name);
	bool cut = true;

	if (eg_bytes_starts(v, EG_LIT("the ")))
		v = eg_bytes_sub(v, 4, v.len);
	while (cut) {
		cut = false;
		for (size_t i = 0; !cut && i < sizeof(forms) / sizeof(forms[0]); i++)
			if (eg_bytes_ends(v, eg_bytes_str(forms[i]))) {
				v = eg_bytes_trim(eg_bytes_sub(v, 0, v.len - strlen(forms[i])));
				cut = true;
			}
		if (cut && eg_bytes_ends(v, EG_LIT(" and"))) /* "… and Co." */
			v = eg_bytes_trim(eg_bytes_sub(v, 0, v.len - 4));
	}
	return eg_arena_cstr(a, v);
}

static const char *
digits(struct eg_arena *a, const char *text)
{
	struct eg_buf b = EG_BUF_INIT;

	for (const char *p = text != NULL ? text : ""; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			eg_buf_chr(&b, (unsigned char)*p);
	return keep(a, &b);
}

/* A code as both sides might write it: small letters and digits, no zeros in front. */
static const char *
bare_code(struct eg_arena *a, const char *text)
{
	struct eg_buf b = EG_BUF_INIT;

	for (const char *p = text != NULL ? text : ""; *p != '\0'; p++) {
		unsigned char c = (unsigned char)fold((unsigned char)*p);

		if ((c >= 'a' && c <= 'z') || (c >= '1' && c <= '9') || (c == '0' && b.len > 0))
			eg_buf_chr(&b, c);
	}
	return keep(a, &b);
}

bool
party_prepare(struct party *p, struct eg_arena *a)
{
	const char *name = p->name != NULL ? p->name : "";

	p->folded = folded(a, name);
	p->plain = plain(a, name);
	p->core = p->plain != NULL ? core(a, p->plain) : NULL;
	p->tax = digits(a, p->tax);
	p->phone = digits(a, p->phone);
	p->mail = folded(a, p->mail != NULL ? p->mail : "");
	p->zip = folded(a, p->zip != NULL ? p->zip : "");
	p->code = bare_code(a, p->key);
	if (p->folded == NULL || p->plain == NULL || p->core == NULL || p->tax == NULL || p->phone == NULL ||
	    p->mail == NULL || p->zip == NULL || p->code == NULL)
		return false;
	p->letters = 0;
	for (const char *c = p->core; *c != '\0'; c++)
		p->letters |= 1U << ((unsigned char)*c & 31);
	return true;
}

/* ---- pairs ---- */

static bool
same(const char *a, const char *b)
{
	return *a != '\0' && strcmp(a, b) == 0;
}

/* A telephone number with and without its country's number is one; fewer than seven digits say nothing. */
static bool
same_phone(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), n = na < nb ? na : nb;

	return n >= 7 && (na == nb || n >= 10) && strcmp(a + na - n, b + nb - n) == 0;
}

static const char *
same_address(const struct party *own, const struct party *erp)
{
	if (same(own->mail, erp->mail))
		return "e-mail";
	if (same_phone(own->phone, erp->phone))
		return "telephone";
	return same(own->zip, erp->zip) ? "postcode" : NULL;
}

/* Letters to change between both names, 0 = too many: short names have no room for mistakes. */
static unsigned
distance(const struct party *own, const struct party *erp)
{
	size_t a = strlen(own->core), b = strlen(erp->core), least = a < b ? a : b;
	unsigned most = least < 5 ? 0 : least < 10 ? 1 : 2, d;

	if (most == 0 || a + most < b || b + most < a ||
	    (unsigned)__builtin_popcount(own->letters ^ erp->letters) > 2 * most)
		return 0;
	d = eg_bytes_distance(eg_bytes_str(own->core), eg_bytes_str(erp->core), most);
	return d <= most ? d : 0;
}

static enum suggest_score
say(enum suggest_score score, char ret[120], const char *fmt, unsigned n, const char *what)
{
	char *text = n > 0 ? eg_xprintf("names differ in %u letter%s%s%s", n, n == 1 ? "" : "s",
				 what != NULL ? ", same " : "", what != NULL ? what : "") :
	                     eg_xstrdup(fmt);

	(void)snprintf(ret, 120, "%s", text);
	free(text);
	return score;
}

enum suggest_score
party_compare(const struct party *own, const struct party *erp, bool by_code, char ret_reason[120])
{
	const char *address = same_address(own, erp);
	unsigned d;

	if (same(own->folded, erp->folded))
		return say(SCORE_EXACT, ret_reason, "same name", 0, NULL);
	if (by_code && strcasecmp(own->key, erp->key) == 0)
		return say(SCORE_EXACT, ret_reason, "the job code is the project number", 0, NULL);
	if (same(own->plain, erp->plain))
		return say(
		    SCORE_LIKELY, ret_reason, "same name but for punctuation, accents or \"&\" for \"and\"", 0, NULL);
	if (same(own->core, erp->core))
		return say(
		    SCORE_LIKELY, ret_reason, "same name but for the legal form (Inc, LLC, Co and the like)", 0, NULL);
	if (strlen(own->tax) >= 7 && same(own->tax, erp->tax))
		return say(SCORE_LIKELY, ret_reason, "same tax number", 0, NULL);
	if (by_code && same(own->code, erp->code))
		return say(SCORE_LIKELY, ret_reason, "the job code is the project number but for punctuation and zeros",
		    0, NULL);
	d = distance(own, erp);
	if (d > 0)
		return say(address != NULL ? SCORE_LIKELY : SCORE_POSSIBLE, ret_reason, "", d, address);
	if (same(own->mail, erp->mail))
		return say(SCORE_POSSIBLE, ret_reason, "same e-mail, other name", 0, NULL);
	if (same_phone(own->phone, erp->phone))
		return say(SCORE_POSSIBLE, ret_reason, "same telephone, other name", 0, NULL);
	return SCORE_NONE;
}
