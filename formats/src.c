/* SPDX-License-Identifier: MIT
 *
 * Byte sources: memory, and a source with look-ahead. Neither fails by itself; errors of an inner source pass unchanged.
 */
#include "formats/src.h"

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
mem_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	(void)err;
	struct fmt_src_mem *m = ctx;
	size_t n = min_size(m->rest.len, m->step == 0 ? cap : min_size(cap, m->step));
	if (n > 0) {
		memcpy(buf, m->rest.ptr, n);
		m->rest = eg_bytes_sub(m->rest, n, m->rest.len - n);
	}
	*ret_n = n;
	return EG_OK;
}

struct fmt_src
fmt_src_mem(struct fmt_src_mem *m, struct eg_bytes data, size_t step)
{
	*m = (struct fmt_src_mem){ .rest = data, .step = step };
	return (struct fmt_src){ .read = mem_read, .ctx = m };
}

int
fmt_peek_open(struct fmt_peek *p, struct fmt_src inner, struct eg_bytes *ret_head, struct eg_err *err)
{
	p->inner = inner;
	p->have = 0;
	p->given = 0;
	p->end = false;
	while (p->have < sizeof p->head && !p->end) {
		size_t n = 0;
		int rc = inner.read(inner.ctx, p->head + p->have, sizeof p->head - p->have, &n, err);
		if (rc < 0)
			return rc;
		p->have += n;
		p->end = n == 0;
	}
	*ret_head = eg_bytes(p->head, p->have);
	return EG_OK;
}

static int
peek_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct fmt_peek *p = ctx;
	size_t n = min_size(cap, p->have - p->given);
	if (n > 0) {
		memcpy(buf, p->head + p->given, n);
		p->given += n;
	} else if (!p->end) {
		return p->inner.read(p->inner.ctx, buf, cap, ret_n, err);
	}
	*ret_n = n;
	return EG_OK;
}

struct fmt_src
fmt_peek_src(struct fmt_peek *p)
{
	return (struct fmt_src){ .read = peek_read, .ctx = p };
}
