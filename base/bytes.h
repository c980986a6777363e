/* SPDX-License-Identifier: MIT
 *
 * Views of bytes. A view never owns, never needs a terminator and may hold NUL. All parsing works on views.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_bytes {
	const unsigned char *ptr;
	size_t len;
};

/* A view of a string literal: EG_LIT("abc"). */
#define EG_LIT(s) ((struct eg_bytes){ (const unsigned char *)("" s), sizeof(s) - 1 })
#define EG_NONE ((struct eg_bytes){ NULL, 0 })
/* For printf("%.*s"): EG_FMT(view) gives both arguments; lengths over INT_MAX are cut. */
#define EG_FMT(b)                                             \
	(int)((b).len > 0x7fffffffU ? 0x7fffffffU : (b).len), \
	    (const char *)((b).ptr ? (b).ptr : (const unsigned char *)"")

struct eg_bytes eg_bytes(const void *ptr, size_t len);
/* NULL gives the empty view. The view lives as long as s. */
struct eg_bytes eg_bytes_str(const char *s);

bool eg_bytes_eq(struct eg_bytes a, struct eg_bytes b);
bool eg_bytes_is(struct eg_bytes a, const char *s);
/* Bytewise order, shorter first on a common prefix: <0, 0, >0. The order of every sorted file we write. */
int eg_bytes_cmp(struct eg_bytes a, struct eg_bytes b);
bool eg_bytes_starts(struct eg_bytes a, struct eg_bytes prefix);
bool eg_bytes_ends(struct eg_bytes a, struct eg_bytes suffix);
/* Index of the first occurrence, or len when there is none. */
size_t eg_bytes_find(struct eg_bytes hay, struct eg_bytes needle);
size_t eg_bytes_chr(struct eg_bytes hay, unsigned char c);
/* From byte `from` (clamped) for `n` bytes (clamped). */
struct eg_bytes eg_bytes_sub(struct eg_bytes a, size_t from, size_t n);
/* Without blanks (space, TAB) at both ends; _trim_ws also cuts CR and LF. */
struct eg_bytes eg_bytes_trim(struct eg_bytes a);
struct eg_bytes eg_bytes_trim_ws(struct eg_bytes a);
/* Splits *rest at the first `sep`: returns what stands before and moves *rest behind it. At the end returns the
 * remainder and sets rest->ptr to NULL; a call with rest->ptr == NULL returns false. */
bool eg_bytes_cut(struct eg_bytes *rest, unsigned char sep, struct eg_bytes *ret_part);
/* Decimal digits only (i64: an optional leading '-'); false on anything else, on overflow and on the empty view. */
bool eg_bytes_to_u64(struct eg_bytes a, uint64_t *ret);
bool eg_bytes_to_i64(struct eg_bytes a, int64_t *ret);

/* Shell-style name pattern: `*`, `?`, everything else itself; no sets, no escapes. Linear time. */
bool eg_bytes_glob(struct eg_bytes pattern, struct eg_bytes name);
/* Edit distance (Damerau, restricted) up to `cap`, for "did you mean"; more than cap gives cap + 1. */
unsigned eg_bytes_distance(struct eg_bytes a, struct eg_bytes b, unsigned cap);

#endif
