/* SPDX-License-Identifier: MIT
 *
 * The folder of one drop while it is made: what its documents (repair_kit.c), the notes beside their rows (repair_kit_note.c) and the files (repair_kit_file.c) share. Only these
 * include it.
 */
#ifndef GATEWAY_REPAIR_KIT_INT_H
#define GATEWAY_REPAIR_KIT_INT_H

#include "base/fs.h"
#include "gateway/store/store_reject.h"
#include "gateway/store/store_report.h"
#include "gateway/worker/repair.h"

struct note {
	uint64_t line;
	struct eg_buf code, reason, accepted, near;
};

struct draft { /* a document */
	struct reject_row row;
	char id[REJECT_ID_MAX];
	struct note *notes;
	size_t nnotes;
};

struct kit_file {
	int64_t id;
	const char *member, *shown;
	size_t number; /* in its drop, first is 1 */
	const struct adp *adapter;
	struct draft *docs;
	size_t ndocs, rejected; /* numbered ones, all of them */
	char *path; /* below spool/rejects/; NULL = not written */
};

struct near;
struct making {
	struct site *s;
	struct drop_row drop;
	struct eg_arena a;
	struct near *near;
	struct kit_file *files;
	size_t nfiles, members;
	struct adp_kit *kits; /* of the files in order */
	struct eg_fs_out out;
	size_t writing; /* file whose bytes come, nfiles = none */
	int dir;
};

/* repair_kit_note.c: each refusal of the drop to the document that it is about (ctx: the making, its documents in order of their lines). Fails as the store does. */
int kit_note(void *ctx, const struct finding *f, struct eg_err *err) EG_MUSTCHECK;
/* All documents with their notes into m->kits, one for each of m->files. EG_BADFILE "LIMIT-MEM". */
int kit_make(struct making *m, struct eg_err *err) EG_MUSTCHECK;

/* repair_kit_file.c: m->kits as files, from the original at fd; a file that was written has its path then. EG_OK also when they could not be written for what is in the drop; fails
 * as the disk does. */
int kit_write(struct making *m, int fd, struct eg_err *err) EG_MUSTCHECK;

#endif
