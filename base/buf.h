/* SPDX-License-Identifier: MIT
 *
 * A growing buffer with an upper bound, and the allocation functions of long-lived state. Growth past `max` is recorded
 * in `full` and further writes are dropped: writers need one check at the end, not one per byte.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>

#define EG_BUF_MAX_DEFAULT ((size_t)1 << 30)

struct eg_buf {
	unsigned char *ptr; /* NULL or `cap` bytes; ptr[len] is NUL once anything was written */
	size_t len, cap;
	size_t max; /* 0 = EG_BUF_MAX_DEFAULT, one gigabyte */
	bool full; /* something did not fit; the content is a prefix */
};

#define EG_BUF_INIT                  \
	{                            \
		NULL, 0, 0, 0, false \
	}

void eg_buf_done(struct eg_buf *b); /* frees, back to EG_BUF_INIT (max kept) */
void eg_buf_clear(struct eg_buf *b); /* len 0, memory kept */
void eg_buf_put(struct eg_buf *b, const void *p, size_t n);
void eg_buf_add(struct eg_buf *b, struct eg_bytes v);
void eg_buf_str(struct eg_buf *b, const char *s);
void eg_buf_chr(struct eg_buf *b, unsigned char c);
void eg_buf_u64(struct eg_buf *b, uint64_t v);
void eg_buf_printf(struct eg_buf *b, const char *fmt, ...) EG_PRINTF(2, 3);
void eg_buf_vprintf(struct eg_buf *b, const char *fmt, va_list ap) EG_PRINTF(2, 0);
struct eg_bytes eg_buf_view(const struct eg_buf *b);
/* Terminated text of the buffer, "" when nothing was written. Valid until the next write. */
const char *eg_buf_cstr(struct eg_buf *b);
/* Adds v with control characters, invalid UTF-8 and bidi marks shown as \xNN or \u{NNNN}: for screens and logs. */
void eg_buf_escaped(struct eg_buf *b, struct eg_bytes v);

/* malloc family of long-lived state: never returns NULL (aborts; the service restarts and recovery is the normal path). */
void *eg_xalloc(size_t n); /* zeroed */
void *eg_xrealloc(void *p, size_t n);
char *eg_xstrdup(const char *s);
char *eg_xdup(struct eg_bytes v); /* terminated copy; a NUL inside aborts */
char *eg_xprintf(const char *fmt, ...) EG_PRINTF(1, 2);

#endif
