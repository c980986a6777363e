/* SPDX-License-Identifier: MIT
 *
 * The parts of `show`. Each prints to stdout; EG_OK or a failure for cli_fail.
 */
#ifndef GATEWAY_CLI_SHOW_H
#define GATEWAY_CLI_SHOW_H

#include "gateway/cli/cli.h"

struct origin { /* where a revision stands */
	struct file_row file;
	struct drop_row drop;
	char *shown; /* dropped name, "!member" behind it for zips; free() it */
};
/* EG_FATAL "DB-CORRUPT" when a file's rows are missing. Texts live in the arena. */
int show_origin(struct site *s, int64_t file, struct eg_arena *a, struct origin *ret, struct eg_err *err) EG_MUSTCHECK;

int show_item(struct cli *c, struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK; /* show_item.c */
/* Every time it left and what was answered: lines of text, or field "requests". */
int show_requests_text(struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK; /* show_requests.c */
int show_requests_json(struct site *s, const struct item *it, json_t *j, struct eg_err *err) EG_MUSTCHECK;
/* Its own line in the record's text form, private fields without their values. */
int show_diff(struct cli *c, struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK; /* show_item.c */
/* Every column of every line that was written of it; never written: its fields. */
int show_lineage(struct cli *c, struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK; /* lineage.c */
/* The document's exact bytes in the original, to stdout. Packed originals are opened in a confined child. EG_BADREC "GONE" when the original is neither
 * sealed nor in work. */
int show_raw(struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK; /* show_raw.c */
/* Bytes of an original (show_original), of a packed one those of its member; EG_BADFILE "WORKER" when it cannot be unpacked. */
int show_cut(struct site *s, struct eg_bytes original, const char *member, int64_t off, int64_t len, struct eg_buf *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
