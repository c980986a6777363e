/* SPDX-License-Identifier: MIT
 *
 * Open addressing with linear steps. Keys are well mixed already, so their own bits choose part and slot.
 */
#include "adapters/keyset.h"

#include "base/buf.h"
#include "base/hash.h"

#define PART_FIRST 64U

static size_t
slot_of(const struct keyset_part *p, uint64_t key)
{
	size_t i = (size_t)(key >> 4) & (p->cap - 1);

	while (p->slot[i] != 0 && p->slot[i] != key)
		i = (i + 1) & (p->cap - 1);
	return i;
}

bool
keyset_has(const struct keyset *k, uint64_t key)
{
	const struct keyset_part *p = &k->part[key % KEYSET_PARTS];

	if (key == 0)
		return k->zero;
	for (size_t i = 0; i < k->nsmall; i++)
		if (k->small[i] == key)
			return true;
	return p->cap > 0 && p->slot[slot_of(p, key)] == key;
}

static void
part_grow(struct keyset_part *p)
{
	struct keyset_part bigger = { .n = p->n, .cap = p->cap == 0 ? PART_FIRST : 2 * p->cap };

	bigger.slot = eg_xalloc(bigger.cap * sizeof(*bigger.slot));
	for (size_t i = 0; i < p->cap; i++)
		if (p->slot[i] != 0)
			bigger.slot[slot_of(&bigger, p->slot[i])] = p->slot[i];
	free(p->slot);
	*p = bigger;
}

static void
part_add(struct keyset *k, uint64_t key)
{
	struct keyset_part *p = &k->part[key % KEYSET_PARTS];

	if (p->n + 1 > p->cap / 4 * 3)
		part_grow(p);
	p->slot[slot_of(p, key)] = key;
	p->n++;
}

bool
keyset_add(struct keyset *k, uint64_t key)
{
	if (keyset_has(k, key))
		return false;
	if (key == 0) {
		k->zero = true;
		return true;
	}
	if (!k->spilled && k->nsmall < KEYSET_SMALL) {
		k->small[k->nsmall++] = key;
		return true;
	}
	for (size_t i = 0; i < k->nsmall; i++)
		part_add(k, k->small[i]);
	k->nsmall = 0;
	k->spilled = true;
	part_add(k, key);
	return true;
}

void
keyset_clear(struct keyset *k)
{
	for (size_t i = 0; k->spilled && i < KEYSET_PARTS; i++) {
		free(k->part[i].slot);
		k->part[i] = (struct keyset_part){ NULL, 0, 0 };
	}
	k->spilled = false;
	k->zero = false;
	k->nsmall = 0;
}

uint64_t
keyset_of_bytes(struct eg_bytes v)
{
	unsigned char sha[EG_SHA256_LEN];
	uint64_t key = 0;

	eg_sha256_of(v, sha);
	for (unsigned i = 0; i < 8; i++)
		key = key << 8 | sha[i];
	return key;
}

/* Every step can be undone, so different numbers stay different. */
uint64_t
keyset_of_num(int64_t v)
{
	uint64_t x = (uint64_t)v;

	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}
