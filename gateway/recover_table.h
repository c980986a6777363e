/* SPDX-License-Identifier: MIT
 *
 * Recovery as a table: what the journal says of a job, what its folder in spool/work/ holds, and what is done about it. Total: every combination
 * stands in it, checked when it is compiled. The walk that uses it is gateway/recover.c; docs/SPOOL.md prints it (erpgate help recovery).
 */
#ifndef GATEWAY_RECOVER_TABLE_H
#define GATEWAY_RECOVER_TABLE_H

#include "base/buf.h"
#include "spool/spool.h"

enum recover_kind {
	RECOVER_DROP, /* work/D…: a file that was taken, or is being taken */
	RECOVER_BATCH, /* work/B…: files on their way out */
	RECOVER_SHEET, /* work/P…: a sheet that was given by command; one that was dropped is a drop */
	RECOVER_VOID, /* work/V…: a batch that a person declared void, and the proof */
	RECOVER_NKINDS,
};

/* The row of a job in state.db. The words differ with the kind: drops are claimed, read, done; batches ready, published, done; sheets have no first state. */
enum recover_journal {
	RECOVER_NONE, /* no row */
	RECOVER_BEGUN, /* claimed; ready */
	RECOVER_KEPT, /* read; published; a sheet or a void that is not sealed */
	RECOVER_DONE, /* sealed, or a repetition of what was sealed */
	RECOVER_NJOURNAL,
};

enum recover_action {
	RECOVER_NOTHING,
	RECOVER_REMOVE, /* the folder goes */
	RECOVER_TAKE, /* companion fetched, private copy made if it is not there; row written; read */
	RECOVER_READ, /* as TAKE, but the copy must be the one that the row names */
	RECOVER_PUBLISH, /* what is staged leaves, the row says so */
	RECOVER_SEAL, /* the end of this turn seals it: nothing now */
	RECOVER_STOP, /* no crash leaves this: EG_FATAL "CLAIM", and nothing is touched */
	RECOVER_NACTIONS,
};

struct recover_cell {
	enum recover_action action;
	const char *why; /* how it came to be, for the table in docs/SPOOL.md */
};

/* files: one that this kind of job can have (spool_look_*); anything else is a programmer's mistake. */
const struct recover_cell *recover_cell(enum recover_kind k, enum recover_journal j, enum spool_files f);
bool recover_has(enum recover_kind k, enum recover_journal j, enum spool_files f);
/* As docs/SPOOL.md shows it. */
void recover_table_print(struct eg_buf *ret);

#endif
