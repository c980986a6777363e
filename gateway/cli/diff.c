/* SPDX-License-Identifier: MIT
 *
 * A longest-common-subsequence diff over lines. Equal lines at both ends are cut off first, so that the table is small for what revisions of one record
 * look like. Tests: tests/unit/test_cli.c.
 */
#include "gateway/cli/diff.h"

#define PAIRS_MAX 4000000U

struct lines {
	struct eg_bytes *v;
	size_t n;
};

static struct lines
split(struct eg_bytes text)
{
	struct lines l = { 0 };
	struct eg_bytes rest = text, line;
	size_t cap = 0;

	while (eg_bytes_cut(&rest, '\n', &line)) {
		if (rest.ptr == NULL && line.len == 0)
			break; /* behind the last line end */
		if (l.n == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			l.v = eg_xrealloc(l.v, cap * sizeof(*l.v));
		}
		l.v[l.n++] = line;
	}
	return l;
}

static void
put(struct eg_buf *b, char sign, struct eg_bytes line)
{
	eg_buf_chr(b, (unsigned char)sign);
	eg_buf_chr(b, ' ');
	eg_buf_add(b, line);
	eg_buf_chr(b, '\n');
}

/* common[i * (m + 1) + k] = lines that a[i…] and b[k…] have in common, in order. */
static uint32_t *
common_table(const struct eg_bytes *a, size_t n, const struct eg_bytes *b, size_t m)
{
	uint32_t *t = eg_xalloc((n + 1) * (m + 1) * sizeof(*t));

	for (size_t i = n; i-- > 0;)
		for (size_t k = m; k-- > 0;) {
			uint32_t down = t[(i + 1) * (m + 1) + k], right = t[i * (m + 1) + k + 1];
			if (eg_bytes_eq(a[i], b[k]))
				t[i * (m + 1) + k] = t[(i + 1) * (m + 1) + k + 1] + 1;
			else
				t[i * (m + 1) + k] = down >= right ? down : right;
		}
	return t;
}

static size_t
middle(const struct eg_bytes *a, size_t n, const struct eg_bytes *b, size_t m, struct eg_buf *ret)
{
	bool whole = m != 0 && n > PAIRS_MAX / m;
	uint32_t *t = whole ? NULL : common_table(a, n, b, m);
	size_t i = 0, k = 0, changed = 0;

	while (i < n || k < m) {
		if (!whole && i < n && k < m && eg_bytes_eq(a[i], b[k])) {
			i++;
			k++;
			continue;
		}
		bool drop = i < n && (k == m || whole || t[(i + 1) * (m + 1) + k] >= t[i * (m + 1) + k + 1]);
		if (drop)
			put(ret, '-', a[i++]);
		else
			put(ret, '+', b[k++]);
		changed++;
	}
	free(t);
	return changed;
}

size_t
cli_diff(struct eg_bytes before, struct eg_bytes now, struct eg_buf *ret)
{
	struct lines a = split(before), b = split(now);
	size_t head = 0, tail = 0;

	while (head < a.n && head < b.n && eg_bytes_eq(a.v[head], b.v[head]))
		head++;
	while (tail < a.n - head && tail < b.n - head && eg_bytes_eq(a.v[a.n - 1 - tail], b.v[b.n - 1 - tail]))
		tail++;
	size_t changed = middle(a.v == NULL ? NULL : a.v + head, a.n - head - tail, b.v == NULL ? NULL : b.v + head,
	    b.n - head - tail, ret);
	free(a.v);
	free(b.v);
	return changed;
}
