/* SPDX-License-Identifier: MIT
 *
 * The table itself. Each combination is one line of RECOVER_CELLS; the compiler refuses a second line for the same combination (a double case), a shape
 * that a kind of job cannot have, and a missing one (the count).
 * Tests: tests/unit/test_recover.c.
 */
#include "gateway/recover_table.h"

/* clang-format off */
#define RECOVER_CELLS(X)                                                                                                                             \
	X(DROP, NONE, ABSENT, NOTHING, "not begun, or sealed and forgotten by the database")                                                         \
	X(DROP, NONE, EMPTY, REMOVE, "stopped before the rename out of the drop folder: the file is still there; or a copy by `ingest` that was never answered") \
	X(DROP, NONE, TAKEN, TAKE, "stopped after the rename, before the private copy was whole")                                                    \
	X(DROP, NONE, SPLIT, TAKE, "stopped between the renames of the file and of its companion")                                                   \
	X(DROP, NONE, WHOLE, TAKE, "stopped before the row was committed: the same bytes make the same row")                                         \
	X(DROP, NONE, ODD, STOP, "several files, or nobody's")                                                                                       \
	X(DROP, BEGUN, ABSENT, STOP, "a file was taken and its folder is gone")                                                                      \
	X(DROP, BEGUN, EMPTY, STOP, "a file was taken and is gone")                                                                                  \
	X(DROP, BEGUN, TAKEN, READ, "the copy was removed by hand: made again, and compared with the row")                                           \
	X(DROP, BEGUN, SPLIT, READ, "the copy and the companion were moved by hand: the same")                                                       \
	X(DROP, BEGUN, WHOLE, READ, "stopped while it was read: nothing of the reading was kept")                                                    \
	X(DROP, BEGUN, ODD, STOP, "several files, or nobody's")                                                                                      \
	X(DROP, KEPT, ABSENT, STOP, "its bytes are to be sealed and are gone")                                                                       \
	X(DROP, KEPT, EMPTY, STOP, "its bytes are to be sealed and are gone")                                                                        \
	X(DROP, KEPT, TAKEN, STOP, "its private copy is to be sealed and is gone")                                                                   \
	X(DROP, KEPT, SPLIT, STOP, "its private copy is to be sealed and is gone")                                                                   \
	X(DROP, KEPT, WHOLE, SEAL, "stopped after it was read; or a sheet that waits")                                                               \
	X(DROP, KEPT, ODD, STOP, "several files, or nobody's")                                                                                       \
	X(DROP, DONE, ABSENT, NOTHING, "the end")                                                                                                    \
	X(DROP, DONE, EMPTY, REMOVE, "sealed")                                                                                                       \
	X(DROP, DONE, TAKEN, REMOVE, "sealed")                                                                                                       \
	X(DROP, DONE, SPLIT, REMOVE, "sealed")                                                                                                       \
	X(DROP, DONE, WHOLE, REMOVE, "stopped between the seal and the removal; or a repetition")                                                    \
	X(DROP, DONE, ODD, REMOVE, "sealed")                                                                                                         \
	X(BATCH, NONE, ABSENT, NOTHING, "not begun")                                                                                                 \
	X(BATCH, NONE, STAGED, REMOVE, "written, but its row never came: it is written anew under another number")                                   \
	X(BATCH, NONE, WHOLE, REMOVE, "as before, stopped while it was written")                                                                     \
	X(BATCH, NONE, ODD, REMOVE, "as before, stopped while it was written")                                                                       \
	X(BATCH, BEGUN, ABSENT, STOP, "what was to leave is gone, and nobody can tell whether it left")                                              \
	X(BATCH, BEGUN, STAGED, PUBLISH, "stopped before every file had left: those that are here have not")                                         \
	X(BATCH, BEGUN, WHOLE, PUBLISH, "every file left; markers that did not follow, and the row that says so")                                    \
	X(BATCH, BEGUN, ODD, STOP, "the copies for the archive are gone, or there are more files than it has")                                       \
	X(BATCH, KEPT, ABSENT, STOP, "the copies for the archive are gone")                                                                          \
	X(BATCH, KEPT, STAGED, PUBLISH, "a disk that lied about a sync took the rename back: the same name leaves with the same bytes")              \
	X(BATCH, KEPT, WHOLE, SEAL, "stopped after the row said that it left")                                                                       \
	X(BATCH, KEPT, ODD, STOP, "the copies for the archive are gone, or there are more files than it has")                                        \
	X(BATCH, DONE, ABSENT, NOTHING, "the end")                                                                                                   \
	X(BATCH, DONE, STAGED, STOP, "sealed as sent, and a file of it is here: only a person can tell whether the ERP has it")                      \
	X(BATCH, DONE, WHOLE, REMOVE, "stopped between the seal and the removal")                                                                    \
	X(BATCH, DONE, ODD, REMOVE, "sealed")                                                                                                        \
	X(SHEET, NONE, ABSENT, NOTHING, "not begun")                                                                                                 \
	X(SHEET, NONE, EMPTY, REMOVE, "a command that was never answered")                                                                           \
	X(SHEET, NONE, WHOLE, REMOVE, "a command that was never answered: nothing of it was applied")                                                \
	X(SHEET, KEPT, ABSENT, STOP, "its bytes are to be sealed and are gone")                                                                      \
	X(SHEET, KEPT, EMPTY, STOP, "its bytes are to be sealed and are gone")                                                                       \
	X(SHEET, KEPT, WHOLE, SEAL, "applied or refused, not sealed yet")                                                                            \
	X(SHEET, DONE, ABSENT, NOTHING, "the end")                                                                                                   \
	X(SHEET, DONE, EMPTY, REMOVE, "sealed")                                                                                                      \
	X(SHEET, DONE, WHOLE, REMOVE, "stopped between the seal and the removal")                                                                    \
	X(VOID, NONE, ABSENT, NOTHING, "not begun")                                                                                                  \
	X(VOID, NONE, EMPTY, REMOVE, "stopped before the proof was whole: nothing was said")                                                         \
	X(VOID, NONE, WHOLE, REMOVE, "stopped before the row: nothing was said, and nothing was touched")                                            \
	X(VOID, KEPT, ABSENT, STOP, "the proof is to be sealed and is gone")                                                                         \
	X(VOID, KEPT, EMPTY, STOP, "the proof is to be sealed and is gone")                                                                          \
	X(VOID, KEPT, WHOLE, SEAL, "void, not sealed yet")                                                                                           \
	X(VOID, DONE, ABSENT, NOTHING, "the end")                                                                                                    \
	X(VOID, DONE, EMPTY, REMOVE, "sealed")                                                                                                       \
	X(VOID, DONE, WHOLE, REMOVE, "stopped between the seal and the removal")
/* clang-format on */

#define FILES(f) (1U << SPOOL_##f)
#define FILES_DROP (FILES(ABSENT) | FILES(EMPTY) | FILES(TAKEN) | FILES(SPLIT) | FILES(WHOLE) | FILES(ODD))
#define FILES_BATCH (FILES(ABSENT) | FILES(STAGED) | FILES(WHOLE) | FILES(ODD))
#define FILES_SHEET (FILES(ABSENT) | FILES(EMPTY) | FILES(WHOLE))
#define FILES_VOID FILES_SHEET
#define JOURNAL(j) (1U << RECOVER_##j)
#define JOURNAL_DROP (JOURNAL(NONE) | JOURNAL(BEGUN) | JOURNAL(KEPT) | JOURNAL(DONE))
#define JOURNAL_BATCH JOURNAL_DROP
#define JOURNAL_SHEET (JOURNAL(NONE) | JOURNAL(KEPT) | JOURNAL(DONE))
#define JOURNAL_VOID JOURNAL_SHEET

#define KEY(k, j, f) (((unsigned)(k)*RECOVER_NJOURNAL + (unsigned)(j)) * SPOOL_NFILES + (unsigned)(f))

/* Every line names a combination that exists … */
#define IN_RANGE(k, j, f, a, why) \
	_Static_assert(           \
	    (JOURNAL_##k & JOURNAL(j)) != 0 && (FILES_##k & FILES(f)) != 0, "no such combination: " #k " " #j " " #f);
RECOVER_CELLS(IN_RANGE)

/* … and there are as many lines as combinations. With no line twice (the cases of recover_has) the table is total. */
#define BITS(m) (__builtin_popcount(m))
#define COUNT(k, j, f, a, why) +1
_Static_assert(
    0 RECOVER_CELLS(COUNT) == BITS(JOURNAL_DROP) * BITS(FILES_DROP) + BITS(JOURNAL_BATCH) * BITS(FILES_BATCH) +
				  BITS(JOURNAL_SHEET) * BITS(FILES_SHEET) + BITS(JOURNAL_VOID) * BITS(FILES_VOID),
    "a combination of journal and files has no line in RECOVER_CELLS");

#define CELL(k, j, f, a, why) [RECOVER_##k][RECOVER_##j][SPOOL_##f] = { RECOVER_##a, why },
static const struct recover_cell cells[RECOVER_NKINDS][RECOVER_NJOURNAL][SPOOL_NFILES] = { RECOVER_CELLS(CELL) };

bool
recover_has(enum recover_kind k, enum recover_journal j, enum spool_files f)
{
	switch (KEY(k, j, f)) {
#define CASE(k, j, f, a, why) case KEY(RECOVER_##k, RECOVER_##j, SPOOL_##f):
		RECOVER_CELLS(CASE)
		return true;
	default:
		return false;
	}
}

const struct recover_cell *
recover_cell(enum recover_kind k, enum recover_journal j, enum spool_files f)
{
	eg_check(recover_has(k, j, f));
	return &cells[k][j][f];
}

/* ---- as a table for people ---- */

static const char *const kinds[RECOVER_NKINDS] = { "drop", "batch", "sheet", "void" };
static const char *const journals[RECOVER_NKINDS][RECOVER_NJOURNAL] = {
	{ "no row", "claimed", "read", "done" },
	{ "no row", "ready", "published", "done" },
	{ "no row", "", "kept", "done" },
	{ "no row", "", "not sealed", "done" },
};
static const char *const files[RECOVER_NKINDS][SPOOL_NFILES] = {
	{ "no folder", "nothing in `in/`", "`in/NAME`", "`in/NAME`, companion not here", "", "`in/NAME`, `raw`",
	    "anything else" },
	{ "no folder", "", "", "", "files staged", "nothing staged, `archive/`", "anything else" },
	{ "no folder", "no `sheet`", "", "", "", "`sheet`", "" },
	{ "no folder", "no file in `proof/`", "", "", "", "`proof/NAME`", "" },
};
static const char *const actions[RECOVER_NACTIONS] = { "nothing", "remove", "take", "read", "publish", "seal",
	"**stop**" };

void
recover_table_print(struct eg_buf *ret)
{
	eg_buf_str(ret, "| job | journal | files | action | how it comes about |\n| --- | --- | --- | --- | --- |\n");
	for (unsigned k = 0; k < RECOVER_NKINDS; k++)
		for (unsigned j = 0; j < RECOVER_NJOURNAL; j++)
			for (unsigned f = 0; f < SPOOL_NFILES; f++) {
				const struct recover_cell *c = &cells[k][j][f];
				if (c->why != NULL)
					eg_buf_printf(ret, "| %s | %s | %s | %s | %s |\n", kinds[k], journals[k][j],
					    files[k][f], actions[c->action], c->why);
			}
}
