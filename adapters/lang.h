/* SPDX-License-Identifier: MIT
 *
 * The compiled form of an adapter, shared by its checker (lang*.c, set.c) and its engines (read.c, write.c). Not for other modules.
 * Everything lives in the set's arena and is immutable after loading; what changes while running is in `struct adp_env`.
 */
#ifndef ADAPTERS_LANG_H
#define ADAPTERS_LANG_H

#include "adapters/adapter.h"
#include "formats/csv_write.h"

/* ---- values while evaluating ---- */

enum adp_kind {
	AV_BLANK = 0, /* absent or empty */
	AV_UNKNOWN, /* was there but could not be read: spreads through every expression */
	AV_TEXT,
	AV_DEC,
	AV_DATE,
	AV_FLAG,
};

struct adp_val {
	enum adp_kind kind;
	struct eg_bytes text; /* AV_TEXT */
	struct eg_dec dec; /* AV_DEC; whole numbers have scale 0 */
	struct eg_date date;
	bool flag;
};

#define ADP_PROV_MAX 256 /* places told behind one cell: a sum over more lines names the first of them */
#define ADP_AGG_MAX 16

/* What an evaluation may look at. Inbound: `cells` of the current row (NULL when none) and the record being made; outbound: rec and line. */
struct adp_env {
	const struct adp_set *set;
	const struct adp *adp;
	const struct rec *rec; /* header values made so far, may be NULL */
	const struct rec_val *line; /* the current line's values (type->nline), NULL outside lines */
	const struct fmt_row *cells; /* inbound: the row that `col` indexes of sources refer to through `map` */
	const int *map; /* adapter column index -> cell index in `cells`, -1 = not in the file */
	struct eg_bytes file_name; /* inbound */
	int64_t row_number, row_number_by; /* inbound */
	uint64_t nlines; /* lines so far (inbound) or in the record (outbound) */
	int64_t counter; /* outbound */
	struct adp_val agg[ADP_AGG_MAX]; /* running values of sum() and any(), by slot */
	struct eg_arena *arena; /* results live here until the caller resets it */
	/* provenance gathered by the last adp_source: up to ADP_PROV_MAX places */
	struct rec_prov prov[ADP_PROV_MAX];
	size_t nprov;
	/* what steps did to the value: for findings */
	unsigned changed; /* ADP_DID_* */
	struct adp_problem *problem;
	/* the arena ran full: results since then are not to be trusted, the caller answers LIMIT-MEM. Never cleared here */
	bool full;
};

enum {
	ADP_DID_CUT = 1,
	ADP_DID_FIT_CHARS = 2,
	ADP_DID_FIT_BREAKS = 4,
	ADP_DID_DEFAULT = 8
};

/* Why a value was refused by a step. */
struct adp_problem {
	char code[EG_CODE_MAX];
	char msg[EG_MSG_MAX];
};

/* ---- expressions ---- */

struct adp_expr; /* lang_expr.c */
/* AV_UNKNOWN when something needed could not be read. */
struct adp_val adp_eval(const struct adp_expr *e, struct adp_env *env);
/* -1 unknown, 0 false, 1 true. */
int adp_true(const struct adp_expr *e, struct adp_env *env);

/* ---- sources and steps ---- */

enum adp_src_kind {
	AS_CELL,
	AS_LAST_OF,
	AS_COUNT_OF,
	AS_FILENAME,
	AS_ROW_NUMBER,
	AS_ROW_NUMBER_BY,
	AS_FIELD,
	AS_CONFIG,
	AS_CONST,
	AS_BLANK,
	AS_JOIN,
	AS_FIRST,
	AS_CALC,
	AS_WHEN,
	AS_COUNTER,
	AS_LINE_COUNT,
	AS_LINE_NUMBER,
};

struct adp_atom { /* a field, a setting, a text or a column inside a source or step */
	enum adp_src_kind kind; /* AS_CELL, AS_FIELD, AS_CONFIG, AS_CONST, AS_BLANK, AS_CALC */
	bool line; /* AS_FIELD: a line field */
	int index; /* AS_CELL: column of adp->columns; AS_FIELD: field */
	struct eg_bytes text; /* AS_CONST: text; AS_CONFIG: the setting's value at load */
	const char *name; /* as written */
	const struct rec_field *rf; /* AS_FIELD: that field */
	const struct adp_expr *expr; /* AS_CALC: an expression in parentheses */
};

struct adp_source {
	enum adp_src_kind kind;
	struct adp_atom atom; /* AS_CELL, AS_FIELD, AS_CONFIG, AS_CONST, AS_COUNT_OF, AS_ROW_NUMBER_BY */
	size_t natoms; /* AS_LAST_OF, AS_JOIN, AS_FIRST; AS_WHEN: [0] then, [1] else */
	const struct adp_atom *atoms;
	const struct adp_expr *expr; /* AS_CALC, AS_WHEN */
	int64_t number; /* AS_FILENAME part, AS_COUNTER start */
	const char *name; /* AS_COUNTER */
};

struct adp_step; /* lang_step_int.h */

/* One entry `TARGET = source | step …`. */
struct adp_entry {
	const char *target; /* field name or column header as written */
	const char *text; /* source and steps as written, for lineage */
	uint32_t line; /* in the adapter file */
	struct adp_source source;
	size_t nsteps;
	const struct adp_step *steps;
	int field; /* inbound: field index in head or line table */
	const struct rec_field *rf; /* inbound: that field */
	bool required; /* an unconditional `required` step: the column must be in the header (F-05) */
	bool skip_if_blank;
	bool uses_line; /* outbound: the value can differ from line to line */
	bool refuses; /* outbound: has a step that refuses (max N CODE, required, matches …) */
	bool masked; /* RF_PRIVATE or mask-in-logs */
	bool number; /* outbound: gives a number, not only what looks like one */
	bool left_out; /* outbound: `only-if` says that this site's file does not have the column */
};

/* Evaluates the source: value, env->nprov/prov, env->changed reset. Cells that are empty or a null word are AV_BLANK. */
struct adp_val adp_source_value(const struct adp_entry *e, struct adp_env *env);
/* Runs the steps on v. In: gives AV_TEXT still to be read by the field's type, AV_BLANK, typed values (AV_DATE, AV_FLAG) of `date`/`yesno` steps and of date
 * and flag fields, or AV_UNKNOWN when the source was a value that could not be read (nothing more is to be said about it). Out: gives AV_TEXT or AV_BLANK,
 * the cell's text before encoding rules; only a `max` step applies them first (they change lengths) and then sets ADP_DID_FIT_*; applying them again changes nothing.
 * EG_OK; EG_BADREC with env->problem filled when a step refuses. */
int adp_steps_run(const struct adp_entry *e, struct adp_env *env, struct adp_val *v) EG_MUSTCHECK;
/* The text a value has in an out file without further steps (file defaults for date and flag; amounts 2 places, quantities, unit costs and percents 4). */
struct eg_bytes adp_val_text(const struct adp_val *v, struct adp_env *env);

/* ---- rules ---- */

enum adp_verb {
	AR_REJECT,
	AR_WARN,
	AR_NOTE,
	AR_SKIP,
	AR_ARCHIVE,
	AR_REFUSE
};

struct adp_rule {
	enum adp_verb verb;
	char code[EG_CODE_MAX]; /* "" for silent skip and archive */
	const struct adp_expr *when; /* NULL = always */
	bool at_line_first; /* `at record` in line rules / `at line` in record rules: place of the finding */
	const char *message; /* template with {expr}; NULL when there is none */
	size_t nparts; /* message cut at its braces: text, expr, text, expr … */
	const struct adp_msg_part *parts;
	uint32_t line;
};
struct adp_msg_part {
	struct eg_bytes text; /* literal when expr is NULL */
	const struct adp_expr *expr;
};
/* The message filled in, terminated, in env->arena (masked fields show as ***). */
const char *adp_message(const struct adp_rule *r, struct adp_env *env);

/* ---- files ---- */

enum adp_ftype {
	AF_CSV,
	AF_XML,
	AF_POSITIONAL
};

struct adp_names {
	size_t n;
	const struct eg_bytes *v;
};

struct adp_in {
	enum adp_ftype type;
	struct adp_names signature, signature_without, ignored, optional, needed, null_words;
	struct eg_bytes first_line;
	uint64_t skip;
	struct eg_bytes name_pattern; /* empty = any */
	const char *root, *record, *lines; /* XML */
	unsigned char delim;
	bool delim_auto;
	enum fmt_enc enc;
	size_t ndocument; /* document key: indexes into columns */
	const int *document;
	bool document_file; /* the whole file is one document (`document = file`) */
	const struct adp_expr *
	    rows_when; /* about cells and settings: rows for which it is not true are passed over without a word; NULL = all */
	bool all_or_nothing;
	struct adp_names dates; /* formats in turn */
	enum eg_dec_form numbers;
	struct adp_names yes, no; /* words in pairs */
	bool unknown_warn;
	struct adp_names not_for; /* ERPs */
	const char *missing_name; /* code or NULL */
	/* every column or path named by an entry: cells are looked up through these */
	size_t ncolumns;
	const char *const *columns;
	const bool *column_required; /* F-05 when missing */
	const bool *column_line; /* XML: path below the line element */
	size_t nfields, nlines;
	const struct adp_entry *fields, *linefields;
};

struct adp_rowset {
	const char *name; /* "" or the section's word */
	const struct rec_type *record;
	bool each_line;
	const struct adp_expr *when, *lines; /* NULL = all */
	size_t ncolumns;
	const struct adp_entry *columns;
	size_t nrules;
	/* one entry: the key by which the target's answer names the record; NULL = none */
	const struct adp_entry *answer_key;
	const struct adp_rule *accept; /* [accept] rules with this record */
	size_t naccept;
	const struct adp_rule *rules;
};

struct adp_out {
	bool xml;
	bool xlsx; /* rows leave in packed form (formats/xlsx_rows.h) */
	const char *root;
	bool header;
	struct fmt_csv_style style; /* delimiter, quote, line end, encoding */
	bool ascii_fit; /* encoding is narrower than UTF-8: the transliteration table applies */
	struct eg_bytes clean; /* characters removed */
	bool clean_apostrophe;
	enum fmt_breaks breaks;
	struct eg_bytes date; /* format */
	struct eg_bytes yes, no;
	int per_project; /* header field index of the first row set's record, or -1 */
	const char *per_project_field;
	bool order_set;
	size_t nrowsets;
	const struct adp_rowset *rowsets;
	bool has_counter;
	int64_t counter_from;
};

struct adp {
	struct adp_info info;
	bool out;
	bool unused; /* only_when is not true at this site: checked, and not in the set */
	struct adp_in in;
	struct adp_out o;
	size_t nrules, nline_rules;
	const struct adp_rule *rules, *line_rules; /* in */
	/* In, `[record NAME]` sections: one adapter for each kind of record in the file, in their order; the set knows only the first. A row belongs to the first of the
	 * chain whose in.rows_when is true. They have everything in common but record, entries and rules; columns (so one map serves all). NULL at the end. */
	const struct adp *twin;
	size_t nagg; /* aggregates of all expressions: updated per line */
	const struct adp_expr *const *agg; /* agg[i] is fed into env->agg[i] by adp_agg_line */
};

/* Starts and feeds the aggregates: once per document, once per line (env->line set). Afterwards sum(), any() and count() read env. Aggregates over another
 * record type than env->rec's are passed over. */
void adp_agg_begin(const struct adp *a, struct adp_env *env);
void adp_agg_line(const struct adp *a, struct adp_env *env);

/* Table lookup used by steps: value of column `col` (NULL = second) in the row whose key (or, back, whose `col`) is `key`. */
bool adp_table_find(
    const struct adp_set *s, const char *table, struct eg_bytes key, const char *col, bool back, struct eg_bytes *ret);
const struct adp_config *adp_set_config(const struct adp_set *s);
const char *adp_set_erp(const struct adp_set *s);

#endif
