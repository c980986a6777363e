/* SPDX-License-Identifier: MIT
 *
 * Adoption: records that stand in the ERP already, before the gateway was there (cutover). Their items become synced without being exported: key and posting
 * as the list says, content as it is now the baseline that later changes are held against (E-46). What follows them is released.
 *
 * A row names its item, or type, project, parent and number. A row whose item has not come, or whose project, company or contract is not in the ERP yet, waits for
 * `adopt.expire` and is applied by itself (F-66); until then its item cannot be accepted for export.
 */
#ifndef GATEWAY_WORKFLOW_ADOPT_H
#define GATEWAY_WORKFLOW_ADOPT_H

#include "gateway/store/store_link.h"
#include "gateway/workflow/workflow.h"

enum adopt_outcome {
	ADOPT_DONE,
	ADOPT_SAME, /* it was adopted or linked with this key before: no effect */
	ADOPT_WAITS,
	ADOPT_REFUSED,
	ADOPT_NOUTCOMES,
};
const char *adopt_word(enum adopt_outcome o); /* "adopted" */

struct adopt_row { /* "" = empty */
	unsigned row; /* line in the list */
	const char *iid, *erp_id, *as_of, *amount, *comment;
	int posted; /* 1, 0, -1 = empty */
};
struct adopt_by {
	const char *approver, *assurance, *manifest;
	const char *file; /* for findings; source is "approvals" */
};
struct adopt_said { /* what became of one row; valid during the call */
	const struct adopt_row *row;
	enum adopt_outcome outcome;
	const char *erp_id; /* ADOPT_DONE: the key it is known by now, NULL = none */
	const char *code, *message; /* WAITS, REFUSED */
};

/* One row against the item as it is now: refused with E-74 (type not his), E-75 (was exported, or is decided), F-35 (no item can have that id, or none that can be adopted),
 * F-20 (amount missing), F-65 (amount differs), E-02, E-13 (key missing), E-03…E-61 (key taken), E-08, F-33 (as for links). Saves and logs what it applies; writes no row and
 * no finding. code and message live in the arena. */
int adopt_item(struct site *s, const struct adopt_by *by, const struct adopt_row *r, struct eg_arena *a,
    struct adopt_said *ret, struct eg_err *err) EG_MUSTCHECK;

/* Rows in order of type (parents first), then of the list: each becomes a decision row ("adopt"), a finding when it is refused or waits, and told. */
int adopt_rows(struct site *s, const struct adopt_by *by, const struct adopt_row *rows, size_t n,
    int (*told)(void *ctx, const struct adopt_said *said, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
/* Rows that wait, looked at again (rules_settle does): *ret_moved counts items that were adopted now. Expired ones are told. */
int adopt_due(struct site *s, unsigned *ret_moved, struct eg_err *err) EG_MUSTCHECK;

/* ---- lists (adopt_list.c) ---- */

struct adopt_request {
	const char *name; /* of the list, for findings */
	struct eg_bytes list, sig; /* sig empty = none */
	bool cms;
	const char *as; /* or NULL: by signature, else by account */
	uid_t owner;
	const char *type; /* only rows of this record type; NULL = all */
	bool dry; /* everything is done and taken back */
	int (*told)(void *ctx, const struct adopt_said *said, struct eg_err *err);
	void *ctx;
};
struct adopt_result {
	unsigned count[ADOPT_NOUTCOMES];
	unsigned skipped; /* rows of another type */
	char manifest[16]; /* "" = dry */
};
/* Reads the list in the worker, finds who stands behind it, applies its rows and the rules in one transaction. The list's bytes are sealed as a manifest. EG_BADREC E-74, F-62: nobody with the right (administrators link
 * and change settings); EG_BADFILE: the list cannot be read. */
int adopt_apply(struct site *s, const struct adopt_request *q, struct adopt_result *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* The list of everything that a drop brought and that can still be adopted, under its own numbers. EG_BADREC NOT-FOUND. */
int adopt_list_of_drop(struct site *s, const char *drop, const char *type, bool posted, struct eg_buf *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
