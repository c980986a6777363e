/* SPDX-License-Identifier: MIT
 *
 * What the judging of manifests (manifest.c) shares with their coming (manifest_take.c), the reading of rows (manifest_rows.c) and the finding of the
 * signer (manifest_sign.c). Not for others.
 */
#ifndef GATEWAY_WORKFLOW_MANIFEST_H
#define GATEWAY_WORKFLOW_MANIFEST_H

#include "gateway/workflow/workflow.h"

struct manifest_in {
	struct site *site;
	struct manifest m;
	const char *shown; /* file name for findings */
	struct eg_buf sheet, sig;
	bool cms;
	uid_t owner;
	const char *as; /* commands: the user named, or NULL */
	const char *too_often; /* it is not read, because the program ended over it: why (F-71); NULL = it is read */
	bool again; /* was parked before: staying so is no news */
	bool unsure; /* the clock is in doubt, and with it whether the sheet has expired */
	struct eg_arena a;
};

/* ---- manifest.c ---- */

/* Everything up to the outcome: applied, refused, parked or the same again. The sheet's bytes are in in->sheet and behind fd, its signature in in->sig. In the caller's transaction. */
int manifest_process(struct manifest_in *in, int fd, struct decide_counts *counts, struct eg_err *err) EG_MUSTCHECK;

/* ---- manifest_take.c: what lists given by hand share with sheets ---- */

/* The bytes are kept in work/<P id>/ until the bundle is sealed; *ret_fd reads them. */
int manifest_keep_bytes(struct site *s, const char *id, struct eg_bytes sheet, struct eg_bytes sig, int *ret_fd,
    struct eg_err *err) EG_MUSTCHECK;
/* A manifest's number, taken for good in a transaction of its own. */
int manifest_reserve_id(struct site *s, char ret[16], struct eg_err *err) EG_MUSTCHECK;

/* ---- manifest_rows.c ---- */

struct manifest_bad_row { /* a row that could not be read: refused, its neighbours apply */
	uint64_t line;
	const char *item, *code, *msg;
};

struct manifest_rows {
	struct eg_arena a; /* texts of the rows */
	struct manifest_bad_row *bad;
	size_t nbad;
	struct decide_row *row;
	size_t n, cap;
	const char *sheet; /* the Sheet cell, same in every row; NULL = no row decides */
	bool mixed; /* it was not the same */
	bool broken; /* a finding refuses the whole sheet: */
	char code[EG_CODE_MAX], msg[EG_MSG_MAX];
	uint64_t line;
};
/* Reads the sheet (descriptor fd) in the worker. Rows without a decision are left out; a row that cannot be read is in ret->bad, what is wrong with the sheet as a whole in ret->broken; else EG_RETRY, EG_FATAL. */
int manifest_rows_read(struct manifest_in *in, int fd, struct manifest_rows *ret, struct eg_err *err) EG_MUSTCHECK;
void manifest_rows_done(struct manifest_rows *r);

/* ---- manifest_sign.c ---- */

struct signer { /* who stands behind a manifest */
	const char *approver, *key_id, *assurance; /* key_id NULL = no key */
};
/* By the signature over the bytes when there is one, else by name (`as`) or by the account that owns the file. EG_BADREC F-62, E-74: nobody. */
int manifest_signer(struct manifest_in *in, struct signer *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
