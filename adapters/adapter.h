/* SPDX-License-Identifier: MIT
 *
 * Adapters: loading, checking and running them. The language is docs/ADAPTERS.md. An adapter is immutable once loaded; all of it lives in the
 * adapter set's arena. Nothing here opens files: text comes in as bytes.
 */
#ifndef ADAPTERS_ADAPTER_H
#define ADAPTERS_ADAPTER_H

#include "adapters/record.h"
#include "base/hash.h"
#include "formats/container.h"
#include "formats/row.h"
#include "formats/src.h"

struct adp; /* one compiled adapter: adapters/lang.h */
struct adp_traced; /* adapters/tools.h */
struct adp_set; /* adapters and tables of a site, site's own before shipped */

/* Settings as the adapters see them. NULL when the key does not exist (an adapter that names it does not load). Values live as long as ctx. */
struct adp_config {
	const char *(*get)(void *ctx, const char *key);
	void *ctx;
};

struct adp_diag { /* one message of the checker */
	const char *file;
	uint32_t line, col;
	bool error; /* else a warning, */
	bool advice; /* or not even that: nothing is wrong, it is worth a thought */
	char code[EG_CODE_MAX];
	const char *msg, *hint; /* hint may be NULL: did you mean */
	const char *source_line; /* for the caret */
};
typedef void adp_diag_fn(void *ctx, const struct adp_diag *d);

struct adp_set *adp_set_new(struct adp_config config, const char *erp);
/* The keys of all settings, for suggestions: at(i) gives them one by one, NULL at the end. */
void adp_set_keys(struct adp_set *s, const char *(*at)(size_t i));
void adp_set_free(struct adp_set *s);
/* Tables first. `name` as adapters call it ("cost_type.csv"); the first one of a name wins (site before shipped). CSV with a header row, first column = key.
 * EG_BADFILE with position. */
int adp_set_table(struct adp_set *s, const char *name, struct eg_bytes text, struct eg_err *err) EG_MUSTCHECK;
/* Parses, checks and compiles; every fault goes to diag (may be NULL), the first also to err (EG_BADFILE "ADP-…" with position). The first one of
 * a name wins: a later one of the same name is checked and dropped, and so is one whose only_when is not true here. `file` is for messages. */
int adp_set_add(struct adp_set *s, const char *file, struct eg_bytes text, adp_diag_fn *diag, void *diag_ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* After the last _add: signatures of one source must exclude each other, tables named must be there. */
int adp_set_seal(struct adp_set *s, adp_diag_fn *diag, void *diag_ctx, struct eg_err *err) EG_MUSTCHECK;

struct adp_info {
	const char *name, *title, *file;
	unsigned version;
	bool out;
	const char *system; /* source or target */
	const char *object; /* out: "COMMITMENT" */
	int rank; /* out */
	const struct rec_type *record; /* in; out: of the first kind of rows */
	char sha256[EG_SHA256_HEX]; /* of the adapter's text */
	struct eg_bytes text;
};
size_t adp_set_count(const struct adp_set *s);
const struct adp *adp_set_at(const struct adp_set *s, size_t i); /* by system, direction, rank, name */
const struct adp *adp_set_named(const struct adp_set *s, const char *name); /* NULL when absent */
const struct adp_info *adp_info(const struct adp *a);
/* Tables, for bundles: name, text, digest; false past the end. */
bool adp_set_table_at(const struct adp_set *s, size_t i, const char **ret_name, struct eg_bytes *ret_text,
    char ret_sha256[EG_SHA256_HEX]);
/* In adapters that take part of a record from the file name: the highest part used, 0 = none. And that part of a name (1 = behind the first `_`, up to the next `_`
 * or the extension), empty when there is none. */
unsigned adp_filename_parts(const struct adp *a);
struct eg_bytes adp_filename_part(struct eg_bytes name, unsigned n);
/* The out adapter writes rows of this record type (some kind of rows). */
bool adp_writes(const struct adp *a, const struct rec_type *t);

/* ---- reading: adapters/read.c ---- */

enum adp_severity {
	ADP_REJECT = 'R',
	ADP_HOLD = 'H',
	ADP_WARN = 'W',
	ADP_NOTE = 'N'
};

/* Bytes of a finding's message: one place can have several bad cells, and all of them are named. */
#define ADP_SAID_MAX 4096U

struct adp_finding {
	const char *code;
	char severity; /* enum adp_severity */
	/* the file is refused (R) or only this is told about it (N: F-09, F-11); line is 1 then, `pos` the real place */
	bool whole_file;
	uint64_t line; /* where layouts.md §2 says it stands */
	struct eg_pos pos; /* the exact place: cell, quote, tag */
	const char *field; /* column name or element path, may be "" */
	struct eg_bytes value; /* the offending value, cut at 200 bytes; empty for private fields */
	struct eg_bytes item; /* item id, empty when there is none */
	const char *msg; /* a sentence for a person: what, why it matters, what to do next */
};

enum adp_verdict {
	ADP_TAKEN = 0, /* a good record */
	ADP_REJECTED, /* R findings: goes to rejects, makes no item */
	ADP_SKIPPED, /* left out by a skip rule: no item */
	ADP_REFUSED, /* kept as an item in state rejected (refuse rule) */
	ADP_ARCHIVED, /* item made in state archived */
};

/* Everything handed over is valid during the call only. A callback's rc < 0 ends the reading and is returned. Order: begin, line …, end. Findings come when they are
 * seen, also between begin and end. A whole-file R finding makes everything the file gave before void: the receiver drops it. file, begin, line and end may be NULL:
 * nobody asks. */
struct adp_sink {
	/* The adapter was recognised; before the first record of a file. */
	int (*file)(void *ctx, const struct adp *a, struct eg_err *err);
	/* A document begins: header record (nlines 0) and its item id ("" for records without item). */
	int (*begin)(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err);
	/* One line of it: a record with nlines 1 (head NULL), in file order. */
	int (*line)(void *ctx, const struct rec *line, struct eg_err *err);
	/* raw_off, raw_len: the bytes of the whole document in the file (XML: the record element; CSV: its rows), for the rejects kit. */
	int (*end)(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err);
	int (*finding)(void *ctx, const struct adp_finding *f, struct eg_err *err);
	void *ctx;
	/* When not NULL: how each value of this physical line came to be (adapters/tools.h). */
	int (*traced)(void *ctx, const struct adp_traced *t, struct eg_err *err);
	uint64_t trace_line;
};

struct adp_file {
	const char *source; /* "procore": only adapters of this source are asked */
	struct eg_bytes name; /* file name without folders, for layouts that need it */
};

struct adp_file_result {
	const struct adp *adapter; /* NULL when nothing fits (F-01) or the structure broke before */
	bool refused; /* a whole-file R finding was given */
	uint64_t rows, records, rejected; /* rows read; documents seen; of them rejected */
};

/* Reads one plain file (containers are opened by the caller): recognises the layout (layouts.md §1.4), reads, converts, checks. Memory does not grow with the file but for the keys seen.
 * EG_OK also for refused files (findings say so); EG_RETRY / EG_FATAL when the environment failed; a callback's code. */
int adp_read(const struct adp_set *s, const struct adp_file *f, struct fmt_src src, const struct adp_sink *sink,
    struct adp_file_result *ret, struct eg_err *err) EG_MUSTCHECK;
/* The same for one sheet of a workbook (formats/xlsx_read.h): src gives the sheet's bytes, f->name is the workbook's. Its layouts are those of CSV
 * files. The header row is the first of the sheet's first rows with values (EG_LIMIT_TITLE_ROWS of them) that holds a whole signature; what stands
 * above it is not looked at. A cell that is a date, a flag or a percentage fills fields of these types whatever words and formats the adapter names; an error
 * cell that a value is made of is F-21. */
struct fmt_book;
int adp_read_sheet(const struct adp_set *s, const struct adp_file *f, struct fmt_book *b, struct fmt_src src,
    const struct adp_sink *sink, struct adp_file_result *ret, struct eg_err *err) EG_MUSTCHECK;
enum adp_fit {
	ADP_FIT_EMPTY = 0, /* a sheet without any value */
	ADP_FIT_NONE, /* something else: a cover, notes, a chart's numbers */
	ADP_FIT_NEAR, /* no layout, but a row has two columns of a signature or more */
	ADP_FIT_LAYOUT,
};
/* What a sheet seems to be, by its first rows only. EG_BADFILE when they cannot be read. */
int adp_sheet_fit(const struct adp_set *s, const struct adp_file *f, struct fmt_book *b, struct fmt_src src,
    enum adp_fit *ret, struct eg_err *err) EG_MUSTCHECK;
/* Is the text whole? EG_OK, or EG_BADFILE saying what is open (quote, element, archive end): the structural test of a settle rule. */
int adp_whole(struct fmt_src src, struct eg_err *err) EG_MUSTCHECK;

/* ---- writing: adapters/write.c ---- */

struct adp_field_lineage { /* one cell of an outbound row */
	const char *column;
	const char *rule; /* the entry's text as written in the adapter */
	size_t nprov; /* values that went into it; 0: constant, setting, counter or calculated default */
	const struct rec_prov *prov;
	struct eg_bytes value; /* the cell's text, before delimiters and encoding; empty when masked */
	bool masked; /* there is one, and it is private */
};

struct adp_out_sink {
	/* A new file: project is "" unless per_project. ext "xlsx": its bytes are packed rows, of which the receiver makes the
	 * workbook (fmt_xlsx_rows_book): that takes temporary files, which the confined worker may not make. */
	int (*file)(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err);
	int (*bytes)(void *ctx, struct eg_bytes v, struct eg_err *err);
	/* After the bytes of each row: row number in the file (header is line 1; XML: number of the entry), index of the record in the input. */
	int (*row)(
	    void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err);
	/* F-40, F-41, F-42 and refusals, `record` = index in the input. */
	int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err);
	/* The key by which the target's answer will name the record (`answer_key` of its rows); may be NULL. */
	int (*key)(void *ctx, size_t record, struct eg_bytes key, struct eg_err *err);
	void *ctx;
	/* Before the bytes of each row, when not NULL: its cells as texts, the kind of rows by its place, and the line of the record, first is 1 (0: none). */
	int (*cells)(void *ctx, size_t record, size_t rowset, size_t line, const struct eg_bytes *cells, size_t n,
	    struct eg_err *err);
};

struct adp_batch {
	const struct rec *const *records; /* any order; those the adapter does not write are passed over */
	size_t n;
	int64_t counter; /* next free number of the adapter's counter; moved on by what was used */
	uint64_t rows; /* result: rows written */
	struct eg_dec amount; /* result: sum of the records' amounts that were written (scale 2) */
};

/* Renders one adapter's file(s). No row, no file. Fully determined by records, adapter, tables and settings. EG_BADREC when a column refuses a value (the item should not have been
 * accepted): nothing counts then. */
int adp_write(const struct adp_set *s, const struct adp *a, struct adp_batch *b, const struct adp_out_sink *sink,
    struct eg_err *err) EG_MUSTCHECK;
/* The check at accept: evaluates every out adapter of `target` that writes this record, and its [accept] rules; refusals and warnings go to sink->finding
 * (only that member is used). Blank context values (keys still on their way) are passed over by length checks. */
int adp_accept_check(const struct adp_set *s, const char *target, const struct rec *r, const struct adp_out_sink *sink,
    struct eg_err *err) EG_MUSTCHECK;

#endif
