/* SPDX-License-Identifier: MIT
 *
 * The items and lists that the reference rules look at, in memory for one call of rules_settle: rules ask hash
 * tables, not the database. Texts and nodes live as long as the world. Only this folder's rules include it.
 */
#ifndef GATEWAY_WORKFLOW_WORLD_H
#define GATEWAY_WORKFLOW_WORLD_H

#include "gateway/near.h"
#include "gateway/workflow/intake.h"

struct slot {
	const char *key;
	void *value;
};
struct strmap { /* texts to pointers; never walked, so its order cannot show */
	struct slot *slots;
	size_t n, cap;
};

struct line_at { /* what rules want to know of another document's line */
	int64_t position;
	const char *sub_job, *code, *type; /* NULL = blank */
};

enum link_says {
	LINK_NOTHING, /* no ERP key given, or linked */
	LINK_NO_LIST, /* the ERP's list was never received: F-34 */
	LINK_NOT_THERE, /* the list does not have it: F-33 */
	LINK_TAKEN, /* another company or project has it: E-08, E-13 */
	LINK_ARCHIVED, /* hidden or inactive in the ERP: E-08, E-13 */
};

struct node {
	struct item it;
	struct node *sibling; /* next of the same parent, by iid */
	bool opened; /* the fields below are filled */
	const char *given; /* vendor, project: the ERP key in the record */
	bool purchase_order; /* commitment */
	struct line_at *lines;
	size_t nlines;
	enum link_says says;
	const char *owner; /* LINK_TAKEN: iid */
};

struct world {
	struct site *s;
	struct near *near; /* opened when something is not in a list */
	struct eg_arena a;
	struct eg_arena scratch; /* one record at a time */
	struct node **nodes; /* by type, then iid */
	size_t n, cap;
	struct strmap by_iid;
	struct strmap by_parent; /* "<type> <iid>": first child of that type */
	struct strmap by_key; /* "<type> erp <key>" of synced, "<type> sent <key>" */
	struct strmap refs; /* codes and pairs: world_refs.c */
	struct strmap merged; /* item id of a company or ERP vendor to the id that it stands for now */
	struct strmap without; /* ERP job code: a cost code of it that has no category */
	bool codes_loaded, codes_there, pairs_loaded, jobs_there, vendors_there;
	size_t moved; /* states that changed */
};

void strmap_put(
    struct strmap *m, const char *key, void *value); /* the key must outlive the map; the first value stays */
void *strmap_get(const struct strmap *m, const char *key); /* NULL = none */
void strmap_free(struct strmap *m);

int world_load(struct site *s, struct world *ret, struct eg_err *err) EG_MUSTCHECK;
void world_free(struct world *w);
/* What near_sentence says of a value that is not in a list; "" when nothing, or when that list cannot be read (the rule reads it itself). */
const char *world_near(struct world *w, enum near_list list, const char *value);

struct node *world_item(struct world *w, const char *iid); /* NULL = none */
/* The item of that type under this key: parts are texts. */
struct node *world_find(struct world *w, enum rec_id type, const char *a, const char *b, const char *c);
/* A company or vendor of the ERP under this key, or the one it was merged into. */
struct node *world_party(struct world *w, enum rec_id type, const char *key);
/* First of the parent's children of a type, then ->sibling. */
struct node *world_children(struct world *w, enum rec_id type, const char *parent);
struct node *world_by_erp(struct world *w, enum rec_id type, const char *erp_id); /* synced with that ERP key */
struct node *world_by_sent(struct world *w, enum rec_id type, const char *sent_key); /* written with that key */
/* Fills what the record says (given, purchase_order, lines). */
int world_open(struct world *w, struct node *n, struct eg_err *err) EG_MUSTCHECK;
const struct line_at *node_line(const struct node *n, int64_t position); /* NULL = no such line */

/* Writes the state after the event; false in *ret when the event does nothing there. erp_id NULL leaves the key. */
int world_move(struct world *w, struct node *n, enum item_event ev, const char *erp_id, bool *ret, struct eg_err *err)
    EG_MUSTCHECK;

static inline bool
node_synced(const struct node *n)
{
	return n != NULL && (n->it.state == ST_SYNCED || n->it.state == ST_CHANGED);
}
/* A vendor, job or contract of the ERP that was accepted: written in this run before anything that names it (layouts §10, 16 and 19). */
static inline bool
node_coming_in(const struct node *n)
{
	return node_synced(n) || (n != NULL && n->it.state == ST_APPROVED && n->it.type->cls == RC_FROM_ERP);
}
/* CMiC wants parents posted, too. */
bool node_ready(const struct world *w, const struct node *n);

/* ---- projects ---- */
struct project_now {
	bool synced;
	const char *erp; /* its ERP key when synced */
	const char *number; /* on the project side */
	const struct node *known; /* the item that stands for it, NULL = none */
};
void project_by_number(struct world *w, const char *number, struct project_now *ret);
void project_by_code(struct world *w, const char *code, struct project_now *ret);

/* ---- reference rows (world_refs.c) ---- */
int refs_codes(struct world *w, struct eg_err *err) EG_MUSTCHECK; /* loads the code lists once */
int refs_pairs(struct world *w, struct eg_err *err) EG_MUSTCHECK; /* selections and job code lists, once */
bool ref_code(const struct world *w, const char *code);
bool ref_type(const struct world *w, const char *type);
bool ref_pair(const struct world *w, const char *code, const char *type);
/* project: number or ERP code. */
int pair_on_project(struct world *w, const struct project_now *p, const char *code, const char *type, bool *ret,
    struct eg_err *err) EG_MUSTCHECK;
const char *job_code_without_type(const struct world *w, const char *job); /* a cost code, NULL = none */

/* "%s %s …" in the world's arena; "" when it is full. */
const char *world_text(struct world *w, const char *fmt, ...) EG_PRINTF(2, 3);

/* ---- link.c ---- */
int link_all(struct world *w, struct eg_err *err) EG_MUSTCHECK;

#endif
