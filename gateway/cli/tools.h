/* SPDX-License-Identifier: MIT
 *
 * What the commands of `adapters` share: settings and adapters without a running site, one case's own settings and tables, records as JSON, tables of
 * changed cells.
 */
#ifndef GATEWAY_CLI_TOOLS_H
#define GATEWAY_CLI_TOOLS_H

#include "gateway/cli/cli.h"

/* ---- tools.c ---- */

/* Settings and adapters only: no store, no spool, no lock. With `default_erp` the shipped adapters with default settings of that system, whatever
 * site there is; NULL: the site of -C, or defaults for CMiC where there is none. Faults of adapters go to diag (may be NULL) and stop nothing but the
 * last step: EG_BADFILE. site_close it also after a failure. */
int tools_open(struct cli *c, const char *default_erp, adp_diag_fn *diag, void *diag_ctx, struct site *ret,
    bool *ret_found, struct eg_err *err) EG_MUSTCHECK;
/* A copy of s for one case: settings of the text `conf` before those of s, tables of the folder before those of s (dir -1: none), every adapter of s
 * compiled again; one adapter replaced by `text` of `file` when these are not NULL. Only conf, erp and adapters are its own: tools_case_done. */
struct tools_case {
	struct eg_bytes conf;
	int dir; /* holds tables/ */
	const char *must; /* the adapter it is about: others that do not fit these settings and tables are left out */
	const char *file; /* NULL = none replaced */
	struct eg_bytes text;
};
int tools_case(const struct site *s, const struct tools_case *k, struct site *ret, struct eg_err *err) EG_MUSTCHECK;
void tools_case_done(struct site *s);
/* The accounting systems, NULL ended; and whether an adapter belongs to another one than `erp`. */
extern const char *const tools_systems[];
bool tools_foreign(const struct adp_info *a, const char *erp);
/* Says that there is no such adapter, with the likely one; gives the exit code. */
int tools_no_adapter(struct cli *c, const struct adp_set *set, const char *name);
/* The folder of an adapter's fixtures, opened; EG_EOF when there is none. */
int tools_fixtures(const struct site *s, const struct adp_info *a, int *ret_dir, struct eg_err *err) EG_MUSTCHECK;
/* Writes a file named by a person, or stdout for NULL and "-". */
int tools_save(const char *path, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
/* The original bytes of a drop, sealed or in work (show_raw.c). EG_BADREC "GONE". */
int show_original(struct site *s, const struct drop_row *d, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
/* The same as a file without a name, for a worker; its size in *ret_size. */
int tools_original(struct site *s, const struct drop_row *d, int *ret_fd, uint64_t *ret_size, struct eg_err *err)
    EG_MUSTCHECK;

/* ---- record_json.c ---- */

/* Records as fixtures write them and `show ID --json` prints them: an object or an array of them, each with type, fields and lines; every value is a text in
 * its canonical form, context fields included. EG_BADFILE "FIXTURE" naming the file, the record and the field. Everything lives in the arena. */
int record_json(struct eg_bytes text, const char *file, struct eg_arena *a, struct rec **ret, size_t *ret_n,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- the commands (adapters_*.c) ---- */

int adapters_test(struct cli *c);
int adapters_explain(struct cli *c);
int adapters_diff(struct cli *c);
int adapters_mapping(struct cli *c);
int adapters_from_template(struct cli *c);

#endif
