/* SPDX-License-Identifier: MIT
 *
 * Arenas: memory that is given back all at once. One per drop, one reset per record. Nothing per field is malloced or
 * freed. Full is an error (NULL), not a crash: callers answer with EG_BADFILE "LIMIT-MEM".
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"

struct eg_arena_chunk;
struct eg_arena {
	struct eg_arena_chunk *head; /* newest first */
	size_t used; /* bytes handed out since the last reset */
	size_t high; /* most that was ever handed out between two resets */
	size_t max;
};

void eg_arena_init(struct eg_arena *a, size_t max_bytes);
void eg_arena_done(struct eg_arena *a); /* empty-safe */
/* Gives everything back, keeps the first chunk. Debug builds fill it so that a kept pointer fails at once. */
void eg_arena_reset(struct eg_arena *a);
/* Zeroed, aligned for any type; NULL when max would be passed. n == 0 gives a valid pointer. */
void *eg_arena_alloc(struct eg_arena *a, size_t n);
/* n * size with overflow check. */
void *eg_arena_array(struct eg_arena *a, size_t n, size_t size);
/* A copy; ptr NULL and len 0 when the arena is full (check ptr; an empty view copies to a non-NULL ptr). */
struct eg_bytes eg_arena_dup(struct eg_arena *a, struct eg_bytes v);
/* A terminated copy; NULL when full or when v holds a NUL. */
char *eg_arena_cstr(struct eg_arena *a, struct eg_bytes v);

#endif
