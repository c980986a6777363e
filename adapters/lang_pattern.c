/* SPDX-License-Identifier: MIT
 *
 * Character sets (`0-9A-Z -`) and the patterns of `matches`: sets in brackets, `.`, single characters, each with a count `{n}` `{n,m}` `{n,}` `+` `*` `?`.
 * Always the whole text. Matching walks the text once per item, whatever the pattern: no backtracking. Texts of more than ADL_MATCH_MAX characters
 * do not match.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

#define ANY_COUNT UINT32_MAX

struct item {
	bool any; /* `.` */
	struct adl_cset set;
	uint32_t min, max;
};

struct adl_pattern {
	size_t n;
	struct item *items;
};

static bool
same_class(uint32_t a, uint32_t b)
{
	return (a >= '0' && b <= '9') || (a >= 'A' && b <= 'Z') || (a >= 'a' && b <= 'z');
}

struct adl_cset
adl_cset(struct adp_set *s, struct eg_bytes text)
{
	struct adl_range *v = adl_mem(s, text.len + 1, sizeof *v);
	size_t n = 0, pos = 0;

	while (pos < text.len) {
		uint32_t lo = eg_utf8_next(text, &pos), hi = lo;

		if (pos + 1 < text.len && text.ptr[pos] == '-' && lo <= text.ptr[pos + 1] &&
		    same_class(lo, text.ptr[pos + 1])) {
			hi = text.ptr[pos + 1];
			pos += 2;
		}
		v[n++] = (struct adl_range){ lo, hi };
	}
	return (struct adl_cset){ n, v };
}

bool
adl_cset_has(const struct adl_cset *set, uint32_t cp)
{
	for (size_t i = 0; i < set->n; i++)
		if (cp >= set->v[i].lo && cp <= set->v[i].hi)
			return true;
	return false;
}

/* `{n}`, `{n,}`, `{n,m}` from *pos, which is behind the brace afterwards. */
static bool
braces(struct eg_bytes t, size_t *pos, struct item *it)
{
	struct eg_bytes rest = eg_bytes_sub(t, *pos, t.len);
	size_t close = eg_bytes_chr(rest, '}');
	uint64_t min, max;

	if (close == rest.len)
		return false;
	struct eg_bytes body = eg_bytes_sub(rest, 1, close - 1),
			upto = eg_bytes_sub(body, eg_bytes_chr(body, ',') + 1, body.len);
	size_t comma = eg_bytes_chr(body, ',');
	if (!eg_bytes_to_u64(eg_bytes_sub(body, 0, comma), &min) || min > ADL_MATCH_MAX)
		return false;
	max = min;
	if (comma < body.len && upto.len == 0)
		max = ANY_COUNT;
	else if (comma < body.len && (!eg_bytes_to_u64(upto, &max) || max < min || max > ADL_MATCH_MAX))
		return false;
	it->min = (uint32_t)min;
	it->max = (uint32_t)max;
	*pos += close + 1;
	return true;
}

static bool
count(struct eg_bytes t, size_t *pos, struct item *it)
{
	it->min = it->max = 1;
	if (*pos == t.len)
		return true;
	switch (t.ptr[*pos]) {
	case '+':
		it->max = ANY_COUNT;
		break;
	case '*':
		it->min = 0;
		it->max = ANY_COUNT;
		break;
	case '?':
		it->min = 0;
		break;
	case '{':
		return braces(t, pos, it);
	default:
		return true;
	}
	(*pos)++;
	return true;
}

static bool
parse_item(struct adp_set *s, struct eg_bytes t, size_t *pos, struct item *it)
{
	size_t from = *pos;
	uint32_t cp = eg_utf8_next(t, pos);

	if (cp == '.') {
		it->any = true;
	} else if (cp == '[') {
		size_t close = eg_bytes_chr(eg_bytes_sub(t, *pos, t.len), ']');
		if (*pos + close >= t.len || close == 0)
			return false;
		it->set = adl_cset(s, eg_bytes_sub(t, *pos, close));
		*pos += close + 1;
	} else if (cp == '+' || cp == '*' || cp == '?' || cp == '{') {
		*pos = from;
		return false;
	} else {
		struct adl_range *r = adl_mem(s, 1, sizeof *r);
		*r = (struct adl_range){ cp, cp };
		it->set = (struct adl_cset){ 1, r };
	}
	return count(t, pos, it);
}

const struct adl_pattern *
adl_pattern(struct adl_comp *c, const unsigned char *at, struct eg_bytes text)
{
	struct adl_pattern *p = adl_mem(c->set, 1, sizeof *p);

	p->items = adl_mem(c->set, text.len + 1, sizeof *p->items);
	for (size_t pos = 0; pos < text.len; p->n++) {
		size_t from = pos;

		if (parse_item(c->set, text, &pos, &p->items[p->n]))
			continue;
		adl_error(c, at, "ADP-VALUE", "for example [A-Z0-9-]{1,10}",
		    "The pattern \"%.*s\" is not understood from \"%.*s\" on.", EG_FMT(text),
		    EG_FMT(eg_bytes_sub(text, from, text.len)));
		return NULL;
	}
	if (p->n == 0)
		adl_error(c, at, "ADP-VALUE", "for example [A-Z0-9-]{1,10}", "The pattern is empty.");
	return p->n > 0 ? p : NULL;
}

/* One item: which of the positions 0 … n can be reached from the marked ones. */
static void
walk(const struct item *it, const uint32_t *cp, size_t n, unsigned char *reach)
{
	size_t run = 0;
	uint16_t len[ADL_MATCH_MAX + 1];
	int16_t more[ADL_MATCH_MAX + 2];

	memset(more, 0, (n + 2) * sizeof more[0]);
	for (size_t i = n + 1; i-- > 0;) {
		run = i < n && (it->any || adl_cset_has(&it->set, cp[i])) ? run + 1 : 0;
		len[i] = (uint16_t)run;
	}
	for (size_t i = 0; i <= n; i++) {
		size_t far = len[i] < it->max ? len[i] : it->max;

		if (!reach[i] || far < it->min)
			continue;
		more[i + it->min]++;
		more[i + far + 1]--;
	}
	int open = 0;
	for (size_t i = 0; i <= n; i++) {
		open += more[i];
		reach[i] = open > 0;
	}
}

bool
adl_pattern_match(const struct adl_pattern *p, struct eg_bytes v)
{
	uint32_t cp[ADL_MATCH_MAX];
	unsigned char reach[ADL_MATCH_MAX + 1] = { 1 };
	size_t n = 0, pos = 0;

	while (pos < v.len) {
		if (n == ADL_MATCH_MAX)
			return false;
		cp[n++] = eg_utf8_next(v, &pos);
	}
	for (size_t i = 0; i < p->n; i++)
		walk(&p->items[i], cp, n, reach);
	return reach[n] != 0;
}
