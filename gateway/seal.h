/* SPDX-License-Identifier: MIT
 *
 * What the three kinds of bundle share: seal_drop.c, seal_manifest.c and seal_batch.c fill a bundle, seal.c seals it. Not for others.
 */
#ifndef GATEWAY_SEAL_H
#define GATEWAY_SEAL_H

#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"

#include <jansson.h>

#define SEAL_COLUMNS 1024 /* of all record types together; they have a quarter of it */
struct seal_table { /* canonical/records.csv in the making */
	bool has[REC_NTYPES];
	struct eg_bytes name[SEAL_COLUMNS];
	unsigned width;
	struct eg_spill csv;
};

struct sealing {
	struct site *site;
	struct bundle *b;
	struct eg_spill text; /* member being made */
	struct eg_buf path;
	int fd; /* original, open until sealed */
	unsigned n; /* records so far */
	struct eg_buf adapters; /* names already in it, each between LF */
	struct seal_table table;
	char (*lent)[16]; /* drops that values of a batch came from, in order */
	size_t nlent;
};

/* Everything that belongs into the bundle of this drop, manifest or batch. EG_EOF: the store does not know it. */
typedef int seal_fill(struct sealing *z, const char *of, struct eg_err *err);
seal_fill seal_fill_drop, seal_fill_manifest, seal_fill_batch, seal_fill_void;

/* data/report/: report.html and a CSV beside it for each of its tables. seal_page_drop.c, seal_page_batch.c, seal_page_void.c */
int seal_page_drop(struct sealing *z, const char *of, struct eg_err *err) EG_MUSTCHECK;
int seal_page_manifest(struct sealing *z, const char *of, struct eg_err *err) EG_MUSTCHECK;
int seal_page_batch(struct sealing *z, const char *of, struct eg_err *err) EG_MUSTCHECK;
int seal_page_void(struct sealing *z, const char *of, struct eg_err *err) EG_MUSTCHECK;
/* seal_records.c: records.csv, beside the canonical text of the same records. */
int seal_table_begin(struct sealing *z, const char *kind, const char *of, struct eg_err *err) EG_MUSTCHECK;
int seal_table_add(struct sealing *z, const struct rec *r, struct eg_err *err) EG_MUSTCHECK;
int seal_table_end(struct sealing *z, struct eg_err *err) EG_MUSTCHECK;
/* seal_evidence.c: log entries, the bundles it leans on, the trust list. After the kind's own members. */
int seal_evidence(struct sealing *z, const char *kind, const char *of, struct eg_err *err) EG_MUSTCHECK;
void seal_lent(struct sealing *z, const char *drop);
/* seal_software.c: after the last seal_adapter. */
int seal_software(struct sealing *z, struct eg_err *err) EG_MUSTCHECK;
/* seal_readme.c: after the last member. */
void seal_readme(struct sealing *z);

/* seal_inputs.c: what the files of a batch were made from. */
int seal_batch_inputs(struct sealing *z, const char *of, struct eg_err *err) EG_MUSTCHECK;
/* seal_lineage.c: lineage.csv of a batch, one line per source of a cell. */
int seal_lineage(struct sealing *z, const char *of, struct eg_err *err) EG_MUSTCHECK;
/* One line of the CSV in z->text; NULL cells are blank. At most 20 cells. */
int seal_csv(struct sealing *z, const char *const *cells, size_t n, struct eg_err *err) EG_MUSTCHECK;
/* Between two rows that were appended to z->text.buf: what is long goes to a file. */
int seal_row(struct sealing *z, struct eg_err *err) EG_MUSTCHECK;
/* z->text becomes a member (an empty one none) and is empty afterwards. */
int seal_text(struct sealing *z, const char *path, struct eg_err *err) EG_MUSTCHECK;
/* Takes j over. */
int seal_json(struct sealing *z, const char *path, json_t *j, struct eg_err *err) EG_MUSTCHECK;
/* The adapter's text, once; "" and unknown names add nothing. */
int seal_adapter(struct sealing *z, const char *name, struct eg_err *err) EG_MUSTCHECK;
/* Findings of a drop, or those of a batch's run about its items and about what was set aside. */
int seal_findings(struct sealing *z, const struct finding_filter *of, struct eg_err *err) EG_MUSTCHECK;
/* A file of the work folder; one that must be there and is not: EG_FATAL "CLAIM" (no crash does that). */
int seal_work_file(struct sealing *z, const char *id, const char *file, bool must, const char *path, struct eg_err *err)
    EG_MUSTCHECK;
/* rc, but EG_EOF as EG_FATAL "DB-CORRUPT": inside a walk it would pass for the walk's end and leave the bundle short. */
int seal_known(int rc, const char *what, struct eg_err *err) EG_MUSTCHECK;
/* A number as text. */
const char *seal_num(char ret[24], int64_t v);

#endif
