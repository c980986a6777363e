/* SPDX-License-Identifier: MIT
 *
 * A growing set of 64-bit keys: which documents a file had, which lines a document has. A million keys take about 17 MiB, also while the
 * set grows (it grows in sixteen parts, one at a time). Memory is long-lived state: running out of it aborts.
 */
#ifndef ADAPTERS_KEYSET_H
#define ADAPTERS_KEYSET_H

#include "base/bytes.h"

#define KEYSET_SMALL 48
#define KEYSET_PARTS 16

struct keyset_part {
	uint64_t *slot; /* cap of them, 0 = free */
	size_t n, cap;
};

struct keyset { /* all zero = empty */
	size_t nsmall;
	uint64_t small[KEYSET_SMALL];
	bool spilled; /* small is full: everything stands in the parts */
	bool zero; /* key 0 is in: it cannot stand in a slot */
	struct keyset_part part[KEYSET_PARTS];
};

bool keyset_has(const struct keyset *k, uint64_t key);
/* false when it was in already. */
bool keyset_add(struct keyset *k, uint64_t key);
void keyset_clear(struct keyset *k); /* frees what it took */

/* Keys: of any bytes (the first 64 bits of their SHA-256: equal texts give equal keys, a chance meeting of two among a million is one in ten million),
 * and of a whole number (exact: no two numbers share one). */
uint64_t keyset_of_bytes(struct eg_bytes v);
uint64_t keyset_of_num(int64_t v);

#endif
