/* SPDX-License-Identifier: MIT
 *
 * Tombstones: what stands in the archive in the place of a bundle that was deleted when its time was over. YYYY/MM/<id>.tombstone.json, with .sha256 (as sha256sum writes it) and
 * .sha256.sig (Ed25519 over that line) beside it, as the bundle had. Whoever reads a bundle that is gone is told so (EG_BADREC "EXPIRED"); one that is gone without a tombstone is lost.
 */
#ifndef SPOOL_TOMBSTONE_H
#define SPOOL_TOMBSTONE_H

#include "spool/bundle.h"

/* "2026/11/A000450.tombstone.json" of "2026/11/A000450.zip"; free() it. */
char *tombstone_path(const char *bundle_path);
/* Writes text, digest and signature, each synced; one that is there is replaced (a deletion that was stopped is begun again). */
int tombstone_write(struct spool *s, const char *bundle_path, struct eg_bytes text, const struct sign_key *key,
    char ret_sha256[EG_SHA256_HEX], struct eg_err *err) EG_MUSTCHECK;
/* Digest, then signature against archive/keys. EG_OK with ret->good false and ret->problem for whatever is wrong, a missing one too; ret->files is 0. text may be NULL. */
int tombstone_verify(struct spool *s, const char *bundle_path, struct eg_buf *text, struct bundle_verdict *ret,
    struct eg_err *err) EG_MUSTCHECK;
bool tombstone_there(struct spool *s, const char *bundle_path);
/* The bundle's zip first, then the two files beside it: what is left after a crash is no bundle any more. */
int bundle_remove(struct spool *s, const char *path, struct eg_err *err) EG_MUSTCHECK;

#endif
