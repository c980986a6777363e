/* SPDX-License-Identifier: MIT
 *
 * What a bundle says about how it was made: adapters, tables, settings and the software, as a site that can read or write with them, and what of it is another today.
 */
#ifndef GATEWAY_CLI_SEALED_H
#define GATEWAY_CLI_SEALED_H

#include "gateway/cli/again.h"

struct sealed {
	struct again_files adapters, tables;
	char *conf; /* settings as a text for variant_open: those that are not the defaults of this program */
	json_t *software; /* software.json */
	struct site site; /* opened with all of it */
	char key[EG_SHA256_HEX]; /* digest of all of it: the same key, the same reading */
};

/* Digest of the inputs of a bundle, without opening them. path below archive/. EG_BADFILE "BUNDLE-…", "NO-MEMBER". */
int sealed_key(struct site *s, const char *path, char ret[EG_SHA256_HEX], struct eg_err *err) EG_MUSTCHECK;
/* EG_BADFILE "SEALED": this program cannot work with it any more; the message names the setting, adapter or table and why. sealed_done it also then. */
int sealed_open(struct site *s, const char *path, struct sealed *ret, struct eg_err *err) EG_MUSTCHECK;
void sealed_done(const struct site *s, struct sealed *z); /* empty-safe */
/* Every input that is another in force today: kind ("adapter", "table", "setting", "software"), its name, and both values or the first digits of both digests. */
void sealed_compare(const struct site *s, const struct sealed *z,
    void (*tell)(void *ctx, const char *kind, const char *name, const char *sealed, const char *now), void *ctx);

#endif
