/* SPDX-License-Identifier: MIT
 *
 * Who waits for whom among held items, and how much money stands behind each. One pass over items and holds makes the graph; circles and items that wait for
 * several others are no special case: every item counts once. Memory grows with the held items and their holds, nothing else.
 */
#ifndef GATEWAY_REPORT_CHAIN_H
#define GATEWAY_REPORT_CHAIN_H

#include "gateway/site.h"

struct chain;

struct chain_behind { /* what waits for an item, directly or by others, itself not counted */
	size_t count;
	struct eg_dec money; /* in the site's currency */
	bool known; /* false: the graph is so tangled that this was not counted (see CHAIN_STEPS) */
};

struct chain_link { /* one thing that something waits for */
	const char *what; /* item id, or what is missing when no item is known ("vendor 1009") */
	bool item; /* it is an item: */
	enum item_state state;
	bool parked; /* a person holds it */
	const char *amount; /* NULL = none */
	int64_t since; /* when it last moved */
	const char *code; /* of the hold that waits for it */
	unsigned depth; /* 1 = what the item itself waits for */
	bool again; /* named before in this walk and all there is below: a circle, or a second way to it */
	bool more; /* goes on, but is not followed: too deep or too wide */
};

#define CHAIN_DEPTH 12 /* links followed below one item */
#define CHAIN_LINKS 40 /* and told for one item in all */
#define CHAIN_STEPS 50000000 /* links followed while counting, over the chain's whole life */

int chain_load(struct site *s, struct chain **ret, struct eg_err *err) EG_MUSTCHECK;
void chain_free(struct chain *c); /* NULL-safe */

/* What stands behind an item; false: nothing waits for it. */
bool chain_behind(struct chain *c, const char *iid, struct chain_behind *ret);
/* What a held item waits for, depth first, nearest first, each thing once; nothing for others. Texts live as long as the chain. Ends when `each` returns false. */
void chain_walk(struct chain *c, const char *iid, bool (*each)(void *ctx, const struct chain_link *l), void *ctx);

struct chain_top {
	struct chain_link link; /* depth 0 */
	struct chain_behind behind;
	bool circle; /* these wait for one another and for nothing else */
};
/* Where the chains end, most money behind first, then most items, then by name: at most `max`; gives the number. */
size_t chain_tops(struct chain *c, struct chain_top *ret, size_t max);

#endif
