/* SPDX-License-Identifier: MIT
 *
 * Inside the writing engine: write.c plans and writes files, write_cell.c makes cells and findings, accept.c checks at accept. Only for those.
 */
#ifndef ADAPTERS_WRITE_INT_H
#define ADAPTERS_WRITE_INT_H

#include "adapters/lang.h"

#define WR_ROW_MAX ((size_t)16 << 20) /* bytes of one row while it is made */

enum wr_told {
	WR_CHARS = 1,
	WR_BREAKS = 2,
	WR_CUT = 4,
	WR_COUNTED = 8
};

struct wr_said { /* about one record */
	unsigned told; /* enum wr_told */
	unsigned char *cut; /* lines whose cut was told; NULL = none yet */
};

struct wr {
	const struct adp *a;
	const struct adp_out_sink *sink;
	const struct rec *const *records;
	struct wr_said *said; /* one for each record */
	struct adp_env env;
	struct adp_problem problem;
	struct eg_arena row_arena; /* values of one row */
	struct eg_arena doc_arena; /* order of one record's lines */
	struct eg_buf item; /* of the current record */
	size_t record; /* its index */
	size_t line; /* the current line of it */
	bool on_line;
};

void wr_init(struct wr *w, const struct adp_set *s, const struct adp_out_sink *sink);
void wr_done(struct wr *w);
/* Makes a record the current one: item id, aggregates. */
int wr_record(struct wr *w, const struct adp *a, const struct rec *const *records, size_t index, struct eg_err *err);
/* Makes a line of it the current one, or (SIZE_MAX) none. */
void wr_line(struct wr *w, size_t line);
/* One cell's text, fit for the target, until the row's arena is reset; env.nprov and prov say where it came from. EG_BADREC with w->problem filled when a step refuses. */
int wr_cell(struct wr *w, const struct adp_entry *e, struct adp_val source, struct eg_bytes *ret, struct eg_err *err);
/* A finding at the place of the record or of the current line. */
int wr_say(struct wr *w, char severity, const char *code, bool at_line, const char *field, struct eg_bytes value,
    const char *msg, struct eg_err *err);
/* What fitting and cutting did to a cell: F-41 and F-42 once per record, F-40 once per place. */
int wr_say_changes(struct wr *w, const struct adp_entry *e, struct eg_bytes value, struct eg_err *err);
/* What a rule that holds says. EG_OK, or a callback's code. */
int wr_say_rule(struct wr *w, const struct adp_rule *rule, struct eg_err *err);
int wr_no_memory(struct eg_err *err);

#endif
