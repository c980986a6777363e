/* SPDX-License-Identifier: MIT
 *
 * The parts of `why`: finding what is asked about (why.c), the cells and the bytes they came from (why_cells.c), who let it pass and what proves it (why_proof.c).
 */
#ifndef GATEWAY_CLI_WHY_H
#define GATEWAY_CLI_WHY_H

#include "gateway/cli/cli.h"
#include "gateway/origins.h"

#define WHY_CELLS 12 /* told in full in the text form; --all and --json tell all */

struct why {
	struct cli *c;
	struct site *s;
	struct origins *o;
	struct eg_arena a;
	/* what is asked about */
	struct item it; /* id 0 = a line of a file, of whatever items */
	const char *field; /* column or field; NULL = all of them */
	const char *file; /* outbound file; NULL = all of the batch */
	uint64_t line; /* in it; 0 = any */
	struct batch batch; /* id NULL = the item never left */
	int64_t made;
	/* what was found */
	uint64_t cells, hidden;
	char *last; /* of the cell at hand: file, line, column */
	bool full; /* tells the cell at hand */
	const char **proof; /* drops, manifests and batches whose bundles prove it, in the arena */
	size_t nproof;
	char *cut; /* the shell command that shows the first place's bytes */
	/* the original at hand */
	char drop[16];
	struct eg_buf original;
};

/* Its sources are told, its line counted; and the drops noted as proof. */
int why_cell(void *ctx, const struct cell_origin *o, struct eg_err *err) EG_MUSTCHECK;
/* Fields of an item that never left. */
int why_unwritten(struct why *w, struct eg_err *err) EG_MUSTCHECK;
/* Of one item of the batch: the decision that let it pass; then how it left, and what the ERP answered. */
int why_passed(struct why *w, int64_t item, int64_t decision, struct eg_err *err) EG_MUSTCHECK;
/* Files, decisions and items of a whole batch. */
int why_batch(struct why *w, struct eg_err *err) EG_MUSTCHECK;
/* The bundles that prove it, and the commands that check them. */
int why_proof(struct why *w, struct eg_err *err) EG_MUSTCHECK;
/* Notes a drop, manifest or batch, once. */
int why_prove_by(struct why *w, const char *id, struct eg_err *err) EG_MUSTCHECK;

#endif
