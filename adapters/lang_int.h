/* SPDX-License-Identifier: MIT
 *
 * Inside the adapter language: the state of one compilation, the scanner, and the private parts of tables, steps and expressions. Only for lang_*.c, set.c and
 * table.c. Faults are told through adl_error and compilation goes on: one run shows them all. Memory of the set is long-lived state: running out of it aborts.
 */
#ifndef ADAPTERS_LANG_INT_H
#define ADAPTERS_LANG_INT_H

#include "adapters/lang.h"
#include "base/ini.h"

#define ADL_DIAGS_MAX 200U /* faults told per adapter; a file of garbage is one mistake, not thousands */
#define ADL_SECTION_LINES 2000U /* lines of one section */
#define ADL_ATOMS_MAX 40U /* parts of one join, first, last-of, prefix */
#define ADL_DEPTH_MAX 40U /* nested parentheses, functions and `not` of one expression */
#define ADL_MATCH_MAX 4096U /* characters a pattern looks at; longer texts do not match */

/* ---- the set ---- */

struct adp_table {
	const char *name; /* "cost_type.csv" */
	struct eg_bytes text;
	char sha256[EG_SHA256_HEX];
	size_t ncols, nrows;
	const struct eg_bytes *cols; /* header */
	const struct eg_bytes *cells; /* row by row */
	const uint32_t *const *order; /* per column: rows by value, equal values in file order */
	bool used; /* an adapter names it */
};

/* An adapter and what only the set needs to know about it. */
struct adl_member {
	struct adp a;
	uint32_t sig_line; /* where its signature stands */
	const unsigned char *sig_at;
	struct eg_bytes sig_whole; /* that line */
};

struct adp_set {
	struct adp_config config;
	const char *(*key_at)(size_t i); /* settings there are, for suggestions; may be NULL */
	const char *erp;
	struct eg_arena arena;
	size_t n, cap;
	struct adl_member **v;
	size_t ntables, tables_cap;
	struct adp_table **tables;
};

void *adl_mem(struct adp_set *s, size_t n, size_t size); /* zeroed; aborts when there is none */
struct eg_bytes adl_dup(struct adp_set *s, struct eg_bytes v);
const char *adl_cstr(struct adp_set *s, struct eg_bytes v); /* a NUL inside becomes '?' */
const struct adp_table *adl_table(const struct adp_set *s, struct eg_bytes name);
int adl_table_col(const struct adp_table *t, struct eg_bytes name); /* -1 when absent */
bool adl_table_get(const struct adp_table *t, struct eg_bytes key, int col, bool back, struct eg_bytes *ret);

/* ---- one compilation ---- */

enum adl_type {
	AT_ANY = 0,
	AT_BLANK,
	AT_TEXT,
	AT_NUM,
	AT_DATE,
	AT_FLAG
};

struct adl_scope { /* what may be named where an expression or source stands */
	const struct rec_type *type; /* NULL: settings only */
	bool line; /* there is a current line */
	bool agg; /* sum(), any() … may stand here */
	bool in_agg; /* inside one */
	bool cells; /* cell "X" may stand here */
	bool cells_line; /* XML: it is a path below the line element */
	const bool *head_set, *line_set; /* inbound entries: fields set above; NULL = all of them */
	/* results */
	bool used_line; /* a line field outside an aggregate */
	bool masked; /* a private field or column */
};

struct adl_line {
	uint32_t line;
	struct eg_bytes whole, key, value;
	enum eg_ini_kind kind;
};

enum adl_sect {
	SC_ADAPTER,
	SC_FILE,
	SC_LOOKUPS,
	SC_RECORD,
	SC_FIELDS,
	SC_LINES,
	SC_RULES,
	SC_LINE_RULES,
	SC_ACCEPT,
	SC_ROWS,
	SC_COLUMNS,
	SC_N
};

struct adl_section {
	enum adl_sect kind;
	struct eg_bytes name; /* of the record or kind of rows it belongs to; may be empty */
	struct adl_line head;
	size_t nlines;
	struct adl_line *lines;
	size_t faults; /* told before this section was compiled */
	bool used;
};

struct adl_lookup {
	struct eg_bytes name;
	const struct adp_table *table;
	bool used;
	struct adl_line at;
};

struct adl_column {
	const char *name;
	bool line, required, masked;
};

struct adl_comp {
	struct adp_set *set;
	const char *file;
	adp_diag_fn *diag;
	void *diag_ctx;
	struct eg_err *err;
	size_t nerrors, ndiags;
	struct adl_line at; /* the line being looked at */
	struct adl_member *m;
	struct adp *adp; /* the one being made: the member's, or a twin */
	size_t nsections, sections_cap;
	struct adl_section *sections;
	size_t nlookups;
	struct adl_lookup *lookups;
	size_t ncolumns, columns_cap;
	struct adl_column *columns;
	size_t nagg;
	const struct adp_expr *agg[ADP_AGG_MAX];
	unsigned depth; /* of the expression being read */
	const char *counter; /* name of the adapter's counter */
	struct adl_scope scope;
	bool *head_masked, *line_masked; /* inbound: mask-in-logs */
	bool has_lines; /* inbound: there is a [lines] section */
	bool all_or_nothing_said;
};

/* lang_diag.c. `at` points into the current line (c->at.whole): the column. hint may be NULL. */
void adl_error(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, const char *fmt, ...)
    EG_PRINTF(5, 6);
void adl_warn(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, const char *fmt, ...)
    EG_PRINTF(5, 6);
/* Not wrong, worth a thought. */
void adl_advise(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, const char *fmt, ...)
    EG_PRINTF(5, 6);
#define ADL_SUGGEST_MAX 128U /* more than any list has; what is beyond is never suggested */
struct adl_suggest {
	struct eg_bytes word;
	size_t n;
	struct eg_bytes candidate[ADL_SUGGEST_MAX];
};
void adl_suggest_init(struct adl_suggest *s, struct eg_bytes word);
void adl_suggest_add(struct adl_suggest *s, struct eg_bytes candidate);
const char *adl_suggest_hint(struct adl_comp *c, const struct adl_suggest *s); /* `did you mean "x"?`, or NULL */
const char *adl_hint(struct adl_comp *c, const char *fmt, ...) EG_PRINTF(2, 3);
/* Index of `word` in a NULL-ended list; otherwise says `<what> "word" …` with code and suggestion and gives -1. */
int adl_one_of(struct adl_comp *c, struct eg_bytes word, const char *const *list, const char *code, const char *what);

/* lang_scan.c */
struct adl_scan {
	struct adl_comp *c;
	const unsigned char *p, *end;
};
struct adl_scan adl_scan(struct adl_comp *c, struct eg_bytes v);
bool adl_at_end(struct adl_scan *s); /* blanks passed over */
bool adl_peek(struct adl_scan *s, unsigned char ch); /* the next character behind blanks */
/* A run of anything but blank, '"', '=', '(' and ')'; empty when there is none. */
struct eg_bytes adl_word(struct adl_scan *s);
bool adl_accept(struct adl_scan *s, const char *word); /* takes exactly that word, else nothing */
bool adl_quoted(struct adl_scan *s, struct eg_bytes *ret); /* false after a fault was told */
size_t adl_quote_end(
    struct eg_bytes v, size_t from); /* the quote that closes a text which begins at `from`; v.len when there is none */
bool adl_done(struct adl_scan *s); /* nothing may follow: otherwise a fault */
struct adl_scan adl_cut_bar(struct adl_scan *s); /* up to the next '|' outside quotes, which is taken too */
bool adl_code(struct eg_bytes w); /* "E-07", "F-20" */
void adl_code_put(struct adl_comp *c, struct eg_bytes w, char ret[EG_CODE_MAX]);
/* A whole number or a setting that is one, min … max. */
bool adl_number(struct adl_scan *s, int64_t min, int64_t max, int64_t *ret);
/* "config.KEY" as a word: its value; a fault and false when there is no such setting. */
bool adl_config(struct adl_comp *c, struct eg_bytes word, struct eg_bytes *ret);
/* Quoted texts or words, blanks or commas between. */
bool adl_names(struct adl_scan *s, bool quoted_only, struct adp_names *ret);
enum adl_date_use {
	ADL_DATE_READ,
	ADL_DATE_WRITE
};
bool adl_date_format(struct adl_comp *c, struct eg_bytes f, enum adl_date_use use);

/* lang_pattern.c */
struct adl_pattern;
struct adl_cset { /* a set of characters, as ranges */
	size_t n;
	const struct adl_range {
		uint32_t lo, hi;
	} * v;
};
struct adl_cset adl_cset(struct adp_set *s, struct eg_bytes text);
bool adl_cset_has(const struct adl_cset *set, uint32_t cp);
const struct adl_pattern *adl_pattern(struct adl_comp *c, const unsigned char *at, struct eg_bytes text);
bool adl_pattern_match(const struct adl_pattern *p, struct eg_bytes v);

/* lang_atom.c */
bool adl_atom(struct adl_scan *s, struct adp_atom *ret, enum adl_type *ret_type);
/* One or more of them up to the end or, when `stop` is given, up to that word. */
bool adl_atoms(
    struct adl_scan *s, const char *stop, size_t *ret_n, const struct adp_atom **ret, enum adl_type *ret_type);
struct adp_val adl_joined(const struct adp_atom *atoms, size_t n, struct adp_env *env);
/* Likewise quoted column names up to the end. */
bool adl_cells(struct adl_scan *s, size_t *ret_n, const struct adp_atom **ret);
bool adl_cell(struct adl_scan *s, struct adp_atom *ret); /* the quoted name of a column */
void adl_suggest_fields(struct adl_suggest *s, const struct rec_type *t, bool line);
/* lang_source.c, lang_source_run.c */
bool adl_source(struct adl_scan *s, struct adp_source *ret, enum adl_type *ret_type);
int adl_column(struct adl_comp *c, struct eg_bytes name, bool line); /* index, made when new */
bool adl_field(
    struct adl_comp *c, struct eg_bytes name, struct adp_atom *ret); /* by the scope; a fault when it is not there */
enum adl_type adl_type_of(const struct rec_field *f);
enum adl_type adl_unify(enum adl_type a, enum adl_type b);
const char *adl_type_name(enum adl_type t);
struct adp_val adl_atom_value(const struct adp_atom *a, struct adp_env *env);

/* lang_value.c: values while running */
struct adp_val adl_text(struct eg_bytes v); /* AV_BLANK when empty */
struct adp_val adl_flag(bool v);
struct adp_val adl_dec(struct eg_dec d);
struct adp_val adl_unknown(void);
struct adp_val adl_rec_value(const struct rec_field *f, const struct rec_val *v);
void adl_prov(struct adp_env *env, const struct rec_prov *p);
bool adl_room(struct adp_env *env, size_t cap,
    struct eg_buf *ret); /* a buffer of `cap` bytes in env->arena that never grows; false: env->full */
struct eg_bytes adl_canonical(
    const struct adp_val *v, struct adp_env *env); /* numbers, dates and flags as in the record model */
bool adl_number_of(struct eg_bytes text, struct eg_dec *ret); /* plain decimal at its own scale */
struct eg_bytes adl_upper(struct eg_bytes v, bool lower, struct adp_env *env);
struct eg_bytes adl_date_text(struct eg_date d, struct eg_bytes format, struct adp_env *env);

/* lang_step.c; what its rooms share: lang_step_int.h */
bool adl_steps(struct adl_scan *s, struct adp_entry *e, enum adl_type type);
/* lang_step_run.c */
int adl_step_run(const struct adp_step *st, struct adp_env *env, struct adp_val *v); /* one step of adp_steps_run */

/* lang_expr.c, lang_func.c; running: lang_eval.c */
enum adl_op {
	OP_CONST,
	OP_ATOM,
	OP_OR,
	OP_AND,
	OP_NOT,
	OP_IS,
	OP_IS_NOT,
	OP_BLANK,
	OP_PRESENT,
	OP_IN,
	OP_NOT_IN,
	OP_MATCHES,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_NEG,
	OP_SUM,
	OP_ANY,
	OP_UNEVEN,
	OP_COUNT,
	OP_ROUND,
	OP_RATIO,
	OP_LENGTH,
	OP_FIRST_CHAR,
	OP_LIST,
};
struct adp_expr {
	enum adl_op op;
	enum adl_type type; /* of the result */
	enum adl_type cmp; /* OP_EQ … OP_GE: what is compared */
	uint8_t scale; /* AT_NUM: decimal places a zero of it has */
	bool config; /* OP_CONST: from a setting: becomes a number where one is needed */
	bool masked; /* touches a private field; set in the outermost node only */
	struct adp_val val; /* OP_CONST */
	struct adp_atom atom; /* OP_ATOM */
	size_t nargs;
	const struct adp_expr **args;
	struct adp_names words; /* OP_IN, OP_NOT_IN */
	const struct adl_pattern *pattern;
	int64_t n; /* places */
	int slot; /* OP_SUM, OP_ANY, OP_UNEVEN */
	const struct rec_type *of; /* … over this record type */
	struct eg_bytes source; /* … as written, to share slots */
};
struct adp_expr *adl_node(struct adl_comp *c, enum adl_op op, enum adl_type type, size_t nargs);
/* The type wanted, a blank, or a setting that reads as a number; else a fault at `at`. */
bool adl_need(struct adl_comp *c, const struct adp_expr **e, enum adl_type want, const unsigned char *at);
const struct adp_expr *adl_or(struct adl_scan *s); /* one whole expression, unchecked type */
const struct adp_expr *adl_call(struct adl_scan *s, struct eg_bytes name); /* behind the name, at '(' */
struct eg_bytes adl_name(struct adl_scan *s); /* a word of an expression: letters, digits, _ . and - before a letter */
const struct adp_expr *adl_expr(struct adl_scan *s, enum adl_type want,
    enum adl_type *ret_type); /* NULL after a fault; stops where it cannot go on */
const struct adp_expr *adl_condition(struct adl_scan *s);

/* lang_keys.c: `key = value` sections by table */
typedef void adl_value_fn(struct adl_comp *c, struct adl_scan *s);
enum {
	ADL_DIR_IN = 1,
	ADL_DIR_OUT = 2,
	ADL_DIR_BOTH = 3
};
enum adl_key_kind {
	ADL_FN,
	ADL_NAMES,
	ADL_BYTES,
	ADL_CSTR,
	ADL_YESNO
};
struct adl_key {
	const char *name;
	unsigned dir;
	enum adl_key_kind kind;
	size_t at; /* place in struct adp; not of ADL_FN */
	adl_value_fn *fn;
};
/* Runs the entries of a section through its table, those of `early` or those that are not; `seen` gets a bit per key. */
void adl_run_keys(struct adl_comp *c, const struct adl_section *s, const struct adl_key *keys, size_t nkeys,
    const char *const *early, bool now, uint64_t *seen);
bool adl_has_key(uint64_t seen, const struct adl_key *keys, size_t nkeys, const char *name);
void adl_need_key(struct adl_comp *c, const struct adl_section *s, uint64_t seen, const struct adl_key *keys, size_t n,
    const char *name);
struct eg_bytes adl_whole_value(struct adl_comp *c, struct adl_scan *s); /* all of the rest; empty after a fault */
int adl_word_of(
    struct adl_comp *c, struct adl_scan *s, const char *const *list, const char *what); /* -1 after a fault */
/* lang_adapter.c, lang_file.c: [adapter] and [file] */
bool adl_adapter_section(
    struct adl_comp *c, struct adl_section *s); /* false: without a direction nothing else can be understood */
const struct rec_type *adl_record_type(struct adl_comp *c, struct adl_scan *s); /* NULL after a fault */
void adl_file_section(struct adl_comp *c, struct adl_section *s);
void adl_file_columns(struct adl_comp *c); /* after the entries: needed, optional */
/* lang_rule.c */
enum adl_rules_of {
	RULES_RECORD,
	RULES_LINE,
	RULES_OUT,
	RULES_ACCEPT
};
/* Compiled under c->scope. s may be NULL: no rules. */
void adl_rules(
    struct adl_comp *c, const struct adl_section *s, enum adl_rules_of of, size_t *ret_n, const struct adp_rule **ret);
/* lang_parse.c */
int adl_compile(struct adl_comp *c, struct eg_bytes text);
/* The section of that kind and name (any: name.ptr NULL), marked as used; NULL when there is none. */
struct adl_section *adl_section(struct adl_comp *c, enum adl_sect kind, struct eg_bytes name);
void adl_record_sections(struct adl_comp *c); /* lang_in.c: [record], [fields], [lines], rules */
void adl_rowsets(struct adl_comp *c); /* lang_out.c: [rows], [columns], [rules], [accept] */
void adl_lint(struct adl_comp *c); /* lang_lint.c: warnings and advice about an adapter without fault */
/* Both: one entry `TARGET = source | steps` under c->scope. False after a fault. */
bool adl_entry(struct adl_comp *c, struct adp_entry *e);

#endif
