/* SPDX-License-Identifier: MIT
 *
 * What the commands about sealed originals share (reprocess, replay-rejects, reproduce, whatif): what an operand names, adapters given as files, and how a
 * difference is told. Not for others.
 */
#ifndef GATEWAY_CLI_AGAIN_H
#define GATEWAY_CLI_AGAIN_H

#include "gateway/cli/cli.h"
#include "gateway/rehearse.h"
#include "gateway/semdiff.h"
#include "gateway/variant.h"

/* ---- operands ---- */

enum again_is {
	AGAIN_DROP,
	AGAIN_BATCH,
	AGAIN_ITEM /* one document of `drop` */
};
struct again_what {
	enum again_is is;
	const char *id; /* of the drop or batch */
	const char *bundle; /* NULL: not sealed */
	const char *path; /* of the bundle, below archive/ */
	struct reread_pick pick; /* AGAIN_ITEM */
};
/* D…, B…, A… (a bundle: what is in it) or an item. EG_BADREC "NOT-FOUND". Texts in the arena. */
int again_find(struct site *s, const char *what, struct eg_arena *a, struct again_what *ret, struct eg_err *err)
    EG_MUSTCHECK;

/* ---- adapters and tables given as files ---- */

struct again_files {
	struct variant_file *v;
	size_t n;
	char **text, **name;
};
/* The files of an option that may be given several times. tables: named by the last part of their path. EG_BADFILE as eg_fs_read_file. */
int again_files(const char *option, bool tables, struct again_files *ret, struct eg_err *err) EG_MUSTCHECK;
void again_files_done(struct again_files *f); /* empty-safe */
/* What is in force instead, for a person: adapters and tables of the site with these before them. */
int again_site(const struct site *s, const struct again_files *adapters, const struct again_files *tables,
    struct site *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- telling ---- */

struct again_tell { /* of one document or item */
	const struct cli *c;
	json_t *fields; /* with --json: they are gathered here */
	size_t shown, most; /* lines printed; 0 = no limit */
};
/* For semdiff_records: a line, or an element of t->fields. */
void again_field(void *ctx, const struct semdiff_field *f);
/* The table of money, or JSON lines; only what changed. Returns how many accounts did. */
size_t again_money(const struct cli *c, struct semdiff_sums *m);

/* ---- rehearsals ---- */

/* Plays what `r` would do and tells it, item by item, then refusals, then money. Nothing is written. */
int again_rehearse(struct cli *c, struct site *s, const struct reread *r, struct rehearse_result *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* During a rehearsal: what holds or refuses the item, "E-19 line 5: …"; NULL = nothing. free() it. */
int again_why(struct site *s, const struct item *it, char **ret, struct eg_err *err) EG_MUSTCHECK;
/* The real one, under the person's name and with his right: the drop is there for the next turn. */
int again_begin(struct site *s, struct reread *r, char ret_drop[16], struct eg_err *err) EG_MUSTCHECK;

/* reprocess_batch.c: reprocess of a batch. Gives the exit code. */
int again_batch(struct cli *c, const char *batch);

#endif
