/* SPDX-License-Identifier: MIT
 *
 * Views of bytes: comparing, cutting, whole numbers, name patterns, edit distance. Allocates nothing, fails never.
 * Tests: tests/unit/test_bytes.c.
 */
#include "base/bytes.h"

#define DISTANCE_MAX 128 /* longer words are not worth a suggestion */

struct eg_bytes
eg_bytes(const void *ptr, size_t len)
{
	return (struct eg_bytes){ ptr, len };
}

struct eg_bytes
eg_bytes_str(const char *s)
{
	if (s == NULL)
		return EG_NONE;
	return eg_bytes(s, strlen(s));
}

bool
eg_bytes_eq(struct eg_bytes a, struct eg_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
eg_bytes_is(struct eg_bytes a, const char *s)
{
	return eg_bytes_eq(a, eg_bytes_str(s));
}

int
eg_bytes_cmp(struct eg_bytes a, struct eg_bytes b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);

	if (c != 0)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

bool
eg_bytes_starts(struct eg_bytes a, struct eg_bytes prefix)
{
	return a.len >= prefix.len && eg_bytes_eq(eg_bytes(a.ptr, prefix.len), prefix);
}

bool
eg_bytes_ends(struct eg_bytes a, struct eg_bytes suffix)
{
	return a.len >= suffix.len && eg_bytes_eq(eg_bytes_sub(a, a.len - suffix.len, suffix.len), suffix);
}

size_t
eg_bytes_find(struct eg_bytes hay, struct eg_bytes needle)
{
	const unsigned char *p;

	if (needle.len == 0)
		return 0;
	if (hay.len < needle.len)
		return hay.len;
	p = memmem(hay.ptr, hay.len, needle.ptr, needle.len);
	return p == NULL ? hay.len : (size_t)(p - hay.ptr);
}

size_t
eg_bytes_chr(struct eg_bytes hay, unsigned char c)
{
	const unsigned char *p = hay.len == 0 ? NULL : memchr(hay.ptr, c, hay.len);

	return p == NULL ? hay.len : (size_t)(p - hay.ptr);
}

struct eg_bytes
eg_bytes_sub(struct eg_bytes a, size_t from, size_t n)
{
	if (a.ptr == NULL)
		return EG_NONE;
	if (from > a.len)
		from = a.len;
	if (n > a.len - from)
		n = a.len - from;
	return eg_bytes(a.ptr + from, n);
}

static bool
is_blank(unsigned char c, bool breaks)
{
	return c == ' ' || c == '\t' || (breaks && (c == '\r' || c == '\n'));
}

static struct eg_bytes
trim(struct eg_bytes a, bool breaks)
{
	size_t from = 0, to = a.len;

	while (from < to && is_blank(a.ptr[from], breaks))
		from++;
	while (to > from && is_blank(a.ptr[to - 1], breaks))
		to--;
	return eg_bytes_sub(a, from, to - from);
}

struct eg_bytes
eg_bytes_trim(struct eg_bytes a)
{
	return trim(a, false);
}

struct eg_bytes
eg_bytes_trim_ws(struct eg_bytes a)
{
	return trim(a, true);
}

bool
eg_bytes_cut(struct eg_bytes *rest, unsigned char sep, struct eg_bytes *ret_part)
{
	size_t at;

	if (rest->ptr == NULL)
		return false;
	at = eg_bytes_chr(*rest, sep);
	*ret_part = eg_bytes_sub(*rest, 0, at);
	*rest = at == rest->len ? EG_NONE : eg_bytes_sub(*rest, at + 1, rest->len);
	return true;
}

bool
eg_bytes_to_u64(struct eg_bytes a, uint64_t *ret)
{
	uint64_t v = 0;

	if (a.len == 0)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (a.ptr[i] < '0' || a.ptr[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10U, &v) || __builtin_add_overflow(v, (unsigned)(a.ptr[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

bool
eg_bytes_to_i64(struct eg_bytes a, int64_t *ret)
{
	bool neg = a.len > 0 && a.ptr[0] == '-';
	uint64_t v;

	if (!eg_bytes_to_u64(neg ? eg_bytes_sub(a, 1, a.len) : a, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + (neg ? 1U : 0U))
		return false;
	*ret = neg ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

/* On a mismatch only the last star takes one byte more: what earlier stars took never has to change. */
bool
eg_bytes_glob(struct eg_bytes pattern, struct eg_bytes name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, taken = 0;

	while (n < name.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			taken = n;
		} else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == name.ptr[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++taken;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

static unsigned
min_u(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
eg_bytes_distance(struct eg_bytes a, struct eg_bytes b, unsigned cap)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	if (eg_bytes_eq(a, b))
		return 0;
	if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
		return cap + 1;
	for (unsigned j = 0; j <= b.len; j++)
		before[j] = last[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		now[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			bool same = a.ptr[i - 1] == b.ptr[j - 1];

			now[j] = min_u(min_u(last[j], now[j - 1]) + 1, last[j - 1] + (same ? 0U : 1U));
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
				now[j] = min_u(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return min_u(last[b.len], cap + 1);
}
