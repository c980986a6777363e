/* SPDX-License-Identifier: MIT
 *
 * Where bytes come from. Readers pull; they know no files and no descriptors.
 */
#ifndef FORMATS_SRC_H
#define FORMATS_SRC_H

#include "base/bytes.h"
#include "base/err.h"

struct fmt_src {
	/* Up to cap (>= 1) bytes into buf; *ret_n 0 with EG_OK means the end. Errors are passed through unchanged. */
	int (*read)(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err);
	void *ctx;
};

/* Bytes in memory, given out `step` at a time (0 = as many as fit): tests run every input with steps 1, 7 and 4096. */
struct fmt_src_mem {
	struct eg_bytes rest;
	size_t step;
};
struct fmt_src fmt_src_mem(struct fmt_src_mem *m, struct eg_bytes data, size_t step);

/* A source with look-ahead: what the first bytes are decides who reads the rest. */
struct fmt_peek {
	struct fmt_src inner;
	unsigned char head[8192];
	size_t have, given;
	bool end;
};
/* Fills the look-ahead with up to sizeof head bytes. The view lives as long as p. */
int fmt_peek_open(struct fmt_peek *p, struct fmt_src inner, struct eg_bytes *ret_head, struct eg_err *err) EG_MUSTCHECK;
/* Source that gives the look-ahead again and then the rest. */
struct fmt_src fmt_peek_src(struct fmt_peek *p);

#endif
