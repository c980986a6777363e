/* SPDX-License-Identifier: MIT
 *
 * Inside the reading engine: one file being read. read.c and read_layout.c recognise it, read_csv.c, read_book.c and read_xml.c give rows, read_doc.c and
 * read_line.c make documents of them, read_value.c makes values of cells, read_find.c says what is wrong. Only for those.
 *
 * Functions return EG_OK, a callback's or the environment's code (< 0), or EG_EOF: the whole file was refused, that has been said, stop.
 */
#ifndef ADAPTERS_READ_INT_H
#define ADAPTERS_READ_INT_H

#include "adapters/keyset.h"
#include "adapters/lang.h"
#include "formats/csv_read.h"
#include "formats/xlsx_read.h"

#define RD_ARENA_MAX ((size_t)16 << 20) /* values of one header or one line: a row has at most 1 MiB */
#define RD_SAID_MAX 32 /* different codes at one place that are told apart */

/* What a finding is about decides which others it silences (layouts.md §1.4, §1.5, §10). */
enum rd_kind_of_finding {
	RD_ANY = 0,
	RD_SHAPE, /* F-04: nothing else is said about the document */
	RD_AGAIN, /* F-23 of the document: likewise */
	RD_SKIP, /* of a skip rule: likewise */
};

/* One finding to be made. */
struct rd_fault {
	enum rd_kind_of_finding kind;
	char severity;
	const char *code;
	uint64_t line; /* where it stands */
	struct eg_pos pos; /* the exact place */
	const char *field;
	struct eg_bytes value; /* empty for private fields */
	/* it is about one cell: a second one of the same code at the same line is told in the same finding */
	bool a_cell;
};

struct rd_note { /* a finding kept until its document ends */
	struct adp_finding f;
	enum rd_kind_of_finding kind;
	struct rd_note *next;
};

struct rd_notes {
	struct eg_arena arena;
	struct rd_note *first, *last;
	size_t n;
};

struct rd_said { /* codes said at one physical line of the document */
	uint64_t line; /* 0 = none yet */
	size_t n;
	char code[RD_SAID_MAX][EG_CODE_MAX];
	struct rd_note *note[RD_SAID_MAX]; /* NULL when it was passed on at once */
};

/* One kind of record in the file: the adapter or one of its twins, with what is looked up once per file. */
struct rd_kind {
	const struct adp *a;
	const struct rec_type *type;
	struct rec_forms forms;
	int *map; /* column -> cell of a row; XML: of the record row */
	int *line_map; /* of a line's row; CSV: the same as map */
	bool grouped; /* several rows can make one document */
	size_t nhead_cells;
	int *head_cells; /* CSV documents: cells that must be equal in all rows (F-24) */
	unsigned line_key[3];
	bool has_item;
	int64_t records; /* so far: `row-number` */
	int number_by; /* column of `row-number-by`, or -1 */
	struct eg_buf number_by_value;
	int64_t number_by_n;
	struct rec_val *line; /* values of the current line */
};

struct rd_mark {
	struct rd_note *last;
	size_t ndoc, nfirst, nline; /* what was said at each place */
	uint64_t line;
};

/* Columns of a file that was a kit (repair.h): cells, -1 = none. XML: of the record row. */
struct rd_kit {
	bool there;
	int reject, code, reason, check;
	bool *ours; /* CSV: by cell of the header row */
};

struct rd_claim { /* which refused document the open one says it is; texts live in head_arena */
	struct eg_bytes id, code, reason; /* id empty = none */
	bool changed; /* some row of it is not what was refused */
};

struct rd_doc {
	bool open;
	struct rd_kind *kind;
	struct rec head;
	bool begun; /* the sink has heard of it */
	bool shape; /* a row with the wrong number of cells */
	bool again; /* the key came before in the file */
	bool skipped, silent, refused, archived, rejected;
	bool first_line; /* a line has come */
	uint64_t first_line_at;
	uint64_t key; /* of the item id, when there is one */
	uint64_t line, off, end; /* first row's line, bytes of all rows */
	uint64_t nlines; /* lines taken */
	struct eg_bytes *head_cells, *key_cells; /* the first row's */
	struct rd_claim claim;
};

struct rd_tape { /* a source that can be read again from the start, as far as it was recorded */
	struct fmt_src inner;
	struct eg_buf kept;
	size_t pos;
	bool recording;
};

struct rd {
	const struct adp_set *set;
	const struct adp_file *file;
	const struct adp_sink *sink;
	struct adp_file_result *res;
	struct rd_tape tape;
	struct fmt_src src;
	struct eg_arena fixed; /* for the whole file */
	struct eg_arena head_arena, line_arena; /* values of the open document, of the current line */
	size_t nkinds;
	struct rd_kind *kinds;
	size_t ncells; /* CSV: cells of the header row */
	struct adp_env env;
	struct adp_problem problem;
	struct rd_doc doc;
	struct eg_buf item; /* of the open document */
	struct keyset docs, lines;
	struct rd_notes notes;
	struct rd_said said_doc, said_first, said_line;
	struct fmt_book *book; /* the rows come from a sheet, or NULL */
	struct rd_kit kit;
	uint64_t place; /* physical line of the row at hand */
	bool on_line; /* values of a line are being made */
};

/* ---- read_find.c ---- */

/* Refuses the whole file: says so and gives EG_EOF. */
int rd_refuse(struct rd *r, const char *code, struct eg_pos pos, const char *field, struct eg_err *err, const char *fmt,
    ...) EG_PRINTF(6, 7);
/* Refuses it for an error of a reader (EG_BADFILE); other classes pass through unchanged. */
int rd_refuse_err(struct rd *r, struct eg_err *err);
int rd_no_memory(struct rd *r, struct eg_err *err);
/* A finding about the file that does not refuse it. */
int rd_tell_file(struct rd *r, char severity, bool whole, const char *code, struct eg_err *err, const char *fmt, ...)
    EG_PRINTF(6, 7);
/* A finding about the open document: kept until its end; the same code at the same line only once, further cells of that line (a_cell) within its message. */
int rd_say(struct rd *r, const struct rd_fault *f, struct eg_err *err, const char *fmt, ...) EG_PRINTF(4, 5);
/* A mark, and dropping all that was said since (a line that is left out); what its skip rules said can stay. */
struct rd_mark rd_notes_mark(const struct rd *r);
void rd_notes_drop(struct rd *r, struct rd_mark mark, bool keep_skip);
/* Tells the kept findings: all, or only those of one kind. */
int rd_notes_tell(struct rd *r, enum rd_kind_of_finding only, struct eg_err *err);
void rd_notes_clear(struct rd *r);

/* ---- read_value.c ---- */

/* Makes the values of entries; faults are said. *ret_skip: an entry with skip-if-blank had none. *ret_bad: a finding of severity R was said. */
int rd_values(struct rd *r, const struct rd_kind *k, const struct adp_entry *entries, size_t n, struct rec_val *vals,
    bool *ret_skip, bool *ret_bad, struct eg_err *err);
struct fmt_cell rd_cell(
    const struct rd *r, int column); /* FMT_ABSENT when the file does not have it; then its place is the row */

/* ---- read_line.c ---- */

/* Evaluates rules; a silent skip comes first. *ret_bad: a reject holds, which is for the caller to weigh. */
int rd_rules(struct rd *r, const struct adp_rule *rule, size_t n, bool *ret_silent, bool *ret_skip, bool *ret_bad,
    struct eg_err *err);
int rd_begin(struct rd *r, struct eg_err *err); /* tells the sink of the open document, once */
int rd_take_line(struct rd *r, const struct fmt_row *row, const int *map, struct eg_err *err);

/* ---- read_doc.c ---- */

/* Nothing about such a document counts but that. */
static inline bool
rd_left_alone(const struct rd_doc *d)
{
	return d->shape || d->again || d->silent;
}

static inline struct eg_pos
rd_row_pos(const struct fmt_row *row)
{
	return (struct eg_pos){ .off = row->off, .line = row->line, .col = 1 };
}

int rd_row(struct rd *r, const struct fmt_row *row, struct eg_err *err); /* CSV row or XML record */
int rd_short_row(struct rd *r, const struct fmt_row *row, struct eg_err *err); /* CSV: wrong number of cells */
int rd_line_row(struct rd *r, const struct fmt_row *row, struct eg_err *err); /* XML line */
int rd_finish(struct rd *r, const struct fmt_row *row,
    struct eg_err *err); /* ends the open document; row: the one it ends with, if it is at hand */

/* ---- read.c ---- */

/* Sets up a pass over one file, runs it, closes the last document, tells F-11, cleans up. */
int rd_run(const struct adp_set *s, const struct adp_file *f, struct fmt_src src, struct fmt_book *book,
    const struct adp_sink *sink, int (*pass)(struct rd *, struct eg_err *), struct adp_file_result *ret,
    struct eg_err *err);
int rd_kinds(
    struct rd *r, const struct adp *a, struct eg_err *err); /* the adapter was chosen: kinds, sink->file, F-09, F-08 */
int rd_names(struct rd *r, struct eg_err *err); /* F-08 */
void rd_head_cells(struct rd_kind *k); /* once the map is known */
bool rd_fits(const struct rd *r, const struct adp *a,
    enum adp_ftype type); /* of the source, of that form, and the file's name fits */
void rd_rewind(struct rd *r, bool recording);
/* Records until at least n bytes are there; *ret_end: the file has no more. */
int rd_record(struct rd *r, size_t n, bool *ret_end, struct eg_err *err);

/* ---- read_layout.c ---- */

struct rd_header {
	size_t n;
	struct eg_bytes *names;
};
struct rd_chosen {
	const struct adp *a;
	unsigned char delim;
};
int rd_choose(struct rd *r, struct rd_chosen *ret, struct eg_err *err);
/* How many columns of its signature the header has, and whether that makes the file one of this layout. */
unsigned rd_signature(const struct rd_header *h, const struct adp *a, bool *ret_fits);
/* Refuses with F-01; the headers are what was tried. */
int rd_nothing_fits(struct rd *r, const struct rd_header *headers, size_t nheaders, struct eg_err *err);
int rd_keep_header(struct rd *r, const struct fmt_row *row, struct rd_header *ret, struct eg_err *err);
/* The first row that is not blank; an empty header when there is none. */
int rd_next_header(struct rd *r, struct fmt_csv *csv, struct rd_header *ret, struct eg_err *err);
bool rd_has(const struct rd_header *h, struct eg_bytes name);
void rd_list(struct eg_buf *b,
    struct eg_bytes name); /* adds a quoted name to an enumeration, which ends when it grows too long */

/* The header is that of the chosen adapter: maps its columns, says F-05, F-06, F-07, F-08. EG_EOF: refused. */
int rd_columns(struct rd *r, const struct rd_header *h, struct eg_err *err);

/* ---- repair_read.c: files that were kits ---- */

int rd_kit_columns(struct rd *r, const struct rd_header *h, struct eg_err *err); /* CSV, sheets */
/* A row was taken into the open document; `first`: it opened it. */
int rd_kit_row(struct rd *r, const struct fmt_row *row, bool first, struct eg_err *err);
/* Before the verdict: F-68, and what comes back as it was refused is refused again. */
int rd_kit_judge(struct rd *r, struct eg_err *err);

/* ---- read_csv.c, read_xml.c: the whole of a file of that form ---- */

int rd_csv(struct rd *r, struct eg_err *err);
int rd_xml(struct rd *r, struct eg_err *err);

#endif
