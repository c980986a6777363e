/* SPDX-License-Identifier: MIT
 *
 * Text that grows and is read once, from its start: in memory while it is short, then in a file without a name (eg_fs_temp). Rows are appended to `buf` as to any buffer and
 * eg_spill_row is called between two of them, so what is held is a row more than the bound, however many there are. A crash leaves nothing of it.
 */
#ifndef BASE_SPILL_H
#define BASE_SPILL_H

#include "base/buf.h"
#include "base/err.h"

#define EG_SPILL_HELD ((size_t)1 << 20) /* bytes kept in memory */

struct eg_spill {
	struct eg_buf buf; /* what is not in the file; append here */
	uint64_t written; /* bytes in the file */
	int fd; /* the file; -1 = none yet, all is in buf */
	int dir; /* where the file is made, open as long as this; -1 = never made, all stays in memory */
};
#define EG_SPILL_INIT(folder)                                               \
	{                                                                   \
		.buf = EG_BUF_INIT, .written = 0, .fd = -1, .dir = (folder) \
	}

/* Between two rows: makes `buf` empty when it holds EG_SPILL_HELD or more. EG_BADFILE "LIMIT-MEM": a row was larger than a buffer may be; EG_RETRY "DISK-FULL"; EG_FATAL
 * "DISK-ERROR" for what does not pass; EG_RETRY "LIMIT-MEM" where no file can be made. After an error the text is of no use. */
int eg_spill_row(struct eg_spill *t, struct eg_err *err) EG_MUSTCHECK;
/* After the last one: what was ever written to a file is there whole, and the memory is given back; else it is in `buf`. Errors as above. */
int eg_spill_end(struct eg_spill *t, struct eg_err *err) EG_MUSTCHECK;
uint64_t eg_spill_size(const struct eg_spill *t);
/* The whole text goes over to the caller, with file and memory; *t is empty and may grow again. */
struct eg_spill eg_spill_take(struct eg_spill *t);
void eg_spill_clear(struct eg_spill *t); /* empty again; closes the file */
void eg_spill_done(struct eg_spill *t); /* the same and frees; empty-safe for what EG_SPILL_INIT made */

#endif
