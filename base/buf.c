/* SPDX-License-Identifier: MIT
 *
 * Growing buffers with an upper bound, and malloc for long-lived state. A buffer never fails a call: what does not fit
 * sets `full`. Running out of memory below the bound aborts. Tests: tests/unit/test_bytes.c.
 */
#include "base/buf.h"

#include "base/utf8.h"

#define FIRST_CAP 64U

void
eg_buf_done(struct eg_buf *b)
{
	free(b->ptr);
	b->ptr = NULL;
	b->len = b->cap = 0;
	b->full = false;
}

void
eg_buf_clear(struct eg_buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->ptr != NULL)
		b->ptr[0] = '\0';
}

/* Room for n more bytes and the NUL behind them; false and `full` when the bound is in the way. */
static bool
reserve(struct eg_buf *b, size_t n)
{
	size_t max = b->max == 0 ? EG_BUF_MAX_DEFAULT : b->max, cap = b->cap;

	if (b->full || b->len > max || n > max - b->len) {
		b->full = true;
		return false;
	}
	if (cap > b->len && cap - b->len > n)
		return true;
	cap = cap < FIRST_CAP ? FIRST_CAP : cap > max / 2 ? max + 1 : 2 * cap;
	if (cap < b->len + n + 1)
		cap = b->len + n + 1;
	b->ptr = eg_xrealloc(b->ptr, cap);
	b->cap = cap;
	return true;
}

void
eg_buf_put(struct eg_buf *b, const void *p, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->ptr + b->len, p, n);
	b->len += n;
	b->ptr[b->len] = '\0';
}

void
eg_buf_add(struct eg_buf *b, struct eg_bytes v)
{
	eg_buf_put(b, v.ptr, v.len);
}

void
eg_buf_str(struct eg_buf *b, const char *s)
{
	eg_buf_add(b, eg_bytes_str(s));
}

void
eg_buf_chr(struct eg_buf *b, unsigned char c)
{
	eg_buf_put(b, &c, 1);
}

void
eg_buf_u64(struct eg_buf *b, uint64_t v)
{
	unsigned char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (unsigned char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	eg_buf_put(b, digits + at, sizeof(digits) - at);
}

void
eg_buf_printf(struct eg_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	eg_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
eg_buf_vprintf(struct eg_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		eg_bug("format \"%s\" cannot be printed", fmt);
	if (!reserve(b, (size_t)n))
		return;
	(void)vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

struct eg_bytes
eg_buf_view(const struct eg_buf *b)
{
	return eg_bytes(b->ptr, b->len);
}

const char *
eg_buf_cstr(struct eg_buf *b)
{
	return b->ptr == NULL ? "" : (const char *)b->ptr;
}

void
eg_buf_escaped(struct eg_buf *b, struct eg_bytes v)
{
	char one[EG_UTF8_SHOWN];
	size_t at = 0;

	while (at < v.len) {
		size_t n = eg_utf8_shown(v, &at, one);

		eg_buf_put(b, one, n);
	}
}

void *
eg_xalloc(size_t n)
{
	void *p = calloc(1, n == 0 ? 1 : n);

	if (p == NULL)
		eg_bug("out of memory (%zu bytes)", n);
	return p;
}

void *
eg_xrealloc(void *p, size_t n)
{
	void *q = realloc(p, n == 0 ? 1 : n);

	if (q == NULL)
		eg_bug("out of memory (%zu bytes)", n);
	return q;
}

char *
eg_xstrdup(const char *s)
{
	return eg_xdup(eg_bytes_str(s));
}

char *
eg_xdup(struct eg_bytes v)
{
	char *s = eg_xalloc(v.len + 1);

	if (eg_bytes_chr(v, '\0') != v.len)
		eg_bug("text holds a NUL");
	if (v.len > 0)
		memcpy(s, v.ptr, v.len);
	return s;
}

char *
eg_xprintf(const char *fmt, ...)
{
	struct eg_buf b = EG_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	eg_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	eg_check(!b.full);
	return (char *)b.ptr;
}
