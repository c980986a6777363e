/* SPDX-License-Identifier: MIT
 *
 * Fixtures of adapters: <adapter's folder>/fixtures/<adapter name>/<case>/ holds one input and what is expected of it, and may hold `conf` (settings of this case)
 * and tables/ (tables of this case).
 *
 * In: the input is a file as it is received (in.csv, or the name its layout asks for); expected.txt: canonical records, and the findings as "line code item".
 * Out: input.json holds canonical records (record_json); expected.csv, .xml or .xlsx (with _PROJECT before the point where the adapter writes a file per project):
 * the file; expected.findings: "code severity item line N column", of the checks at accept and of the writing. What is refused at accept is not written.
 */
#ifndef GATEWAY_CLI_FIXTURES_H
#define GATEWAY_CLI_FIXTURES_H

#include "gateway/cli/tools.h"

struct fixture_counts {
	unsigned cases, failed, adapters, accepted;
};

/* Plays every case of an adapter; says each on stdout. accept: the case whose expected files are written anew (NULL: none); then no other case is
 * played. No fixtures: nothing. */
int fixtures_play(struct cli *c, struct site *s, const struct adp *a, const char *accept, struct fixture_counts *ret,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- inside (fixtures.c, fixtures_in.c, fixtures_out.c) ---- */

#define FIXTURE_INPUT "input.json"

struct fixture_file { /* what came of the input, by the name of the expected file */
	char *name;
	struct eg_buf bytes;
	size_t *rowset; /* out: kind of rows of each row written */
	size_t nrows;
};
struct fixture {
	struct cli *c;
	struct site *s; /* with the case's own settings and tables */
	const struct adp *a; /* in it */
	const char *name; /* of the case */
	int dir;
	const char *input;
	struct fixture_file *file;
	size_t nfiles;
	const char *trouble; /* not playable: why; NULL = played */
	/* out: every row, too, when not NULL */
	int (*each)(void *ctx, size_t rowset, const struct eg_bytes *cells, size_t n, struct eg_err *err);
	void *each_ctx;
};
struct fixture_file *fixture_file(struct fixture *f, const char *name);
int fixture_read(struct fixture *f, struct eg_err *err) EG_MUSTCHECK; /* fixtures_in.c */
int fixture_write(struct fixture *f, struct eg_err *err) EG_MUSTCHECK; /* fixtures_out.c */
/* The first cells that differ, by row and column; false when the files cannot be compared cell by cell. */
bool fixture_cells(
    const struct fixture *f, const struct fixture_file *got, struct eg_bytes expected, struct eg_buf *ret);
/* The cells of an out adapter's first file in this case, as `each` gets them (mapping sheets). EG_EOF: no such case. */
int fixture_rows(struct cli *c, struct site *s, const struct adp *a, const char *name,
    int (*each)(void *ctx, size_t rowset, const struct eg_bytes *cells, size_t n, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

#endif
