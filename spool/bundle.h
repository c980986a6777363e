/* SPDX-License-Identifier: MIT
 *
 * Bundles: one deterministic zip in BagIt shape (RFC 8493) per drop, manifest or batch, with NAME.zip.sha256 (as sha256sum writes it, bare name) and NAME.zip.sha256.sig
 * (Ed25519 over that line) beside it. The same members give the same bytes on any machine, zone and locale: names sorted, fixed DOS time (1980-01-01), stored or deflate at
 * a fixed level, no extra fields, no comments, no Zip64 (a bundle is under 4 GiB).
 */
#ifndef SPOOL_BUNDLE_H
#define SPOOL_BUNDLE_H

#include "base/spill.h"
#include "spool/sign.h"
#include "spool/spool.h"

struct bundle;
/* A file name from outside as a path part of a bundle: spool_safe_name with '_' for '%', which BagIt and shells would read otherwise. */
void bundle_safe_name(struct eg_bytes name, struct eg_buf *ret);
/* id "A000450"; info lines go to bag-info.txt in the order given ("Label: value"). */
int bundle_new(const char *id, struct bundle **ret, struct eg_err *err) EG_MUSTCHECK;
void bundle_free(struct bundle *b);
const char *bundle_id(const struct bundle *b);
int bundle_info(struct bundle *b, const char *label, const char *value, struct eg_err *err) EG_MUSTCHECK;
/* Stands in README.txt behind the commands; given again it replaces the first. Text is copied. */
void bundle_about(struct bundle *b, struct eg_bytes text);
/* The payload's paths so far, as given to bundle_add, bytewise. */
void bundle_paths(struct bundle *b, void (*each)(void *ctx, const char *path), void *ctx);
/* Payload below data/: "received/original.csv", "outbound/cmic/…". Path parts [A-Za-z0-9._-] only. Bytes are copied; _fd reads the descriptor at seal time (it must stay open). */
int bundle_add(struct bundle *b, const char *path, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
int bundle_add_fd(struct bundle *b, const char *path, int fd, uint64_t size, struct eg_err *err) EG_MUSTCHECK;
/* Takes the text over, without a copy, and ends it; *t is empty afterwards, also after an error (those of eg_spill_end and of bundle_add). */
int bundle_add_spill(struct bundle *b, const char *path, struct eg_spill *t, struct eg_err *err) EG_MUSTCHECK;
/* Writes archive/YYYY/MM/<id>.zip (year and month of `now`), .sha256, .sha256.sig, and archive/keys/<key id>.pub.pem if missing; all synced. README.txt, bagit.txt, bag-info.txt, manifest-sha256.txt,
 * tagmanifest-sha256.txt are made here (README text says how to check by hand, with the bundle's own names). An existing bundle of that id is replaced by the same bytes:
 * give the same `now` (that of the job's row) when a seal is repeated after a crash. Errors: EG_BADFILE "BUNDLE-EMPTY", "BUNDLE-BIG"; EG_RETRY "CHANGED" when a descriptor's content
 * does not keep still or has not `size` bytes. */
int bundle_seal(struct bundle *b, struct spool *s, const struct sign_key *key, int64_t now,
    char ret_sha256[EG_SHA256_HEX], struct eg_buf *ret_path, struct eg_err *err) EG_MUSTCHECK;
/* The same in a group of s->archive: the three files have neither name nor sync until eg_fs_group_sync. group NULL: as bundle_seal. */
struct eg_fs_group;
int bundle_seal_in(struct bundle *b, struct spool *s, struct eg_fs_group *group, const struct sign_key *key,
    int64_t now, char ret_sha256[EG_SHA256_HEX], struct eg_buf *ret_path, struct eg_err *err) EG_MUSTCHECK;

/* ---- reading back (bundle_read.c, bundle_verify.c): only for our own bundles; every check is made from bytes ---- */

enum bundle_fault {
	BUNDLE_WHOLE = 0,
	BUNDLE_CHANGED, /* a byte of the zip or of the digest file */
	BUNDLE_GONE, /* one of the three files */
	BUNDLE_OTHER_KEY, /* the digest is right and its signature is none of our keys' */
	BUNDLE_UNREADABLE, /* the file is no zip any more: its end or its directory cannot be found */
};
struct bundle_verdict {
	bool good;
	enum bundle_fault fault;
	char problem[EG_MSG_MAX]; /* first thing found wrong */
	unsigned files; /* payload files checked */
	char sha256[EG_SHA256_HEX];
	char key_id[SIGN_KEY_ID];
};
/* Outer digest, signature against archive/keys (or `key` when not NULL), then the inner manifests. path relative to archive/. EG_OK with ret->good false for anything broken;
 * EG_RETRY / EG_FATAL for the environment. */
int bundle_verify(struct spool *s, const char *path, const struct sign_key *key, struct bundle_verdict *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* The same for n of them, on as many cores as there are (at most 9); ret has room for n. An error leaves verdicts that were not reached unset. */
int bundle_verify_many(struct spool *s, const char *const *path, size_t n, const struct sign_key *key,
    struct bundle_verdict *ret, struct eg_err *err) EG_MUSTCHECK;
/* Members in bytewise order: name below the bundle's own folder ("data/received/original.csv", "README.txt") and size. EG_BADFILE "BUNDLE-ZIP" when the zip is not of our form. */
int bundle_list(struct spool *s, const char *path,
    int (*each)(void *ctx, const char *name, uint64_t size, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
/* One member's bytes, appended; name as bundle_list gives it, or with "<id>/" before it. EG_BADFILE "NO-MEMBER", "BUNDLE-ZIP", "TOO-BIG" (ret->max passed). _read gives them in pieces. */
int bundle_read(struct spool *s, const char *path, const char *member,
    int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
int bundle_extract(struct spool *s, const char *path, const char *member, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* archive/YYYY/MM paths of all bundles, bytewise by path: "2026/11/A000450.zip". */
int bundle_walk(struct spool *s, int (*each)(void *ctx, const char *path, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

#endif
