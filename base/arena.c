/* SPDX-License-Identifier: MIT
 *
 * Arenas: chunks in a list, handed out from the front. Fails only by NULL: bound reached, size overflow or malloc
 * refusing. Sanitized builds poison what was given back. Tests: tests/unit/test_bytes.c.
 */
#include "base/arena.h"

#ifdef EG_SANITIZED
	#include <sanitizer/asan_interface.h>
#else
	#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
	#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_MOST ((size_t)1 << 20)
#define ALIGN sizeof(max_align_t)

struct eg_arena_chunk {
	struct eg_arena_chunk *older;
	size_t cap, used;
	_Alignas(max_align_t) unsigned char data[];
};

void
eg_arena_init(struct eg_arena *a, size_t max_bytes)
{
	*a = (struct eg_arena){ NULL, 0, 0, max_bytes };
}

static void
chunk_free(struct eg_arena_chunk *c)
{
	ASAN_UNPOISON_MEMORY_REGION(c->data, c->cap);
	free(c);
}

void
eg_arena_done(struct eg_arena *a)
{
	struct eg_arena_chunk *c = a->head;

	while (c != NULL) {
		struct eg_arena_chunk *older = c->older;

		chunk_free(c);
		c = older;
	}
	a->head = NULL;
	a->used = 0;
}

void
eg_arena_reset(struct eg_arena *a)
{
	a->used = 0;
	if (a->head == NULL)
		return;
	while (a->head->older != NULL) {
		struct eg_arena_chunk *c = a->head;

		a->head = c->older;
		chunk_free(c);
	}
	a->head->used = 0;
	ASAN_POISON_MEMORY_REGION(a->head->data, a->head->cap);
}

static bool
chunk_add(struct eg_arena *a, size_t need)
{
	size_t cap = a->head == NULL ? CHUNK_FIRST : 2 * a->head->cap;
	struct eg_arena_chunk *c;

	if (cap > CHUNK_MOST)
		cap = CHUNK_MOST;
	if (cap < need)
		cap = need;
	if (cap > SIZE_MAX - sizeof(*c))
		return false;
	c = malloc(sizeof(*c) + cap);
	if (c == NULL)
		return false;
	c->older = a->head;
	c->cap = cap;
	c->used = 0;
	ASAN_POISON_MEMORY_REGION(c->data, c->cap);
	a->head = c;
	return true;
}

void *
eg_arena_alloc(struct eg_arena *a, size_t n)
{
	size_t need = n == 0 ? ALIGN : n;
	unsigned char *p;

	if (__builtin_add_overflow(need, ALIGN - 1, &need))
		return NULL;
	need -= need % ALIGN;
	if (need > a->max || a->used > a->max - need)
		return NULL;
	if ((a->head == NULL || a->head->cap - a->head->used < need) && !chunk_add(a, need))
		return NULL;
	p = a->head->data + a->head->used;
	a->head->used += need;
	a->used += need;
	if (a->used > a->high)
		a->high = a->used;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	if (n > 0)
		memset(p, 0, n);
	return p;
}

void *
eg_arena_array(struct eg_arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		return NULL;
	return eg_arena_alloc(a, all);
}

struct eg_bytes
eg_arena_dup(struct eg_arena *a, struct eg_bytes v)
{
	unsigned char *p = eg_arena_alloc(a, v.len);

	if (p == NULL)
		return EG_NONE;
	if (v.len > 0)
		memcpy(p, v.ptr, v.len);
	return eg_bytes(p, v.len);
}

char *
eg_arena_cstr(struct eg_arena *a, struct eg_bytes v)
{
	char *s;

	if (eg_bytes_chr(v, '\0') != v.len || v.len == SIZE_MAX)
		return NULL;
	s = eg_arena_alloc(a, v.len + 1);
	if (s != NULL && v.len > 0)
		memcpy(s, v.ptr, v.len);
	return s;
}
