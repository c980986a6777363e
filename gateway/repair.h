/* SPDX-License-Identifier: MIT
 *
 * Refused documents from their refusal to their correction: each gets a number (D000187-3), stands in spool/rejects/<drop>/ in a file that can be corrected and dropped
 * again, and is settled by the document that corrects it. Tests: tests/scenario/repair.py.
 *
 * A later document settles one when its row says so (the kit's own columns and elements) or, of the same source, when it is the same item: so a sender who corrects at the
 * source settles it, too. Taken: "corrected". Refused: "again", and the number goes on. One that came with the content that was refused settles nothing.
 */
#ifndef GATEWAY_REPAIR_H
#define GATEWAY_REPAIR_H

#include "gateway/store/store_reject.h"
#include "gateway/workflow/workflow.h"

struct repair_doc { /* a document that was read, inside the transaction of its drop */
	const struct place *at;
	uint64_t line, last, off, len;
	const char *item; /* "" = none */
	const char *code; /* the first that refused it; "" = it was taken */
	bool unchanged; /* the item has this content already */
	const char *claim; /* which refused document it says it corrects; "" = does not say */
};
/* Numbers a refused one, settles what it corrects (F-68 when it says which), both for the ledger of the drop. */
int repair_note(struct site *s, const struct repair_doc *d, struct eg_err *err) EG_MUSTCHECK;
/* At the end of the drop, in its transaction: a log entry for each earlier drop of which something was settled. */
int repair_log(struct site *s, const char *drop, struct eg_err *err) EG_MUSTCHECK;
/* damage.warn: tells the texts of a record that was taken and look damaged (F-69), once for each place. item "" = none. */
int repair_warn(struct site *s, const struct place *at, const struct rec *r, const char *item, struct eg_err *err)
    EG_MUSTCHECK;
/* Where else a refused document looks damaged: texts, and codes that the site's lists do not have, judged as adapters/damage.h does. Each is told in the message of the refusal
 * that stands at its line, else of the one at `line`, so that it need not be sent twice to hear of it; REPAIR_ALSO begins each. item "" = none. */
#define REPAIR_ALSO " Look at line "
struct near;
struct repair_also {
	struct site *s;
	const struct place *at;
	uint64_t line; /* of its first refusal */
	const char *item;
	bool texts_only; /* of its codes all was said */
	struct near *lists; /* NULL: codes are judged by their look alone */
};
int repair_also(const struct repair_also *a, const struct rec *r, struct eg_err *err) EG_MUSTCHECK;
/* Before drops are sealed: numbers what reference rules refused in this run, then writes the folders of all drops that have something new. */
int repair_write(struct site *s, struct eg_err *err) EG_MUSTCHECK;

/* repair_kit.c: the folder of one drop. */
int repair_kit(struct site *s, const char *drop, struct eg_err *err) EG_MUSTCHECK;

#endif
