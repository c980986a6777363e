/* SPDX-License-Identifier: MIT
 *
 * Shared by the files of spool/ only: names of ours, reading helpers, and the public keys kept with the archive.
 */
#ifndef SPOOL_SPOOL_INT_H
#define SPOOL_SPOOL_INT_H

#include "spool/sign.h"
#include "spool/spool.h"

#define SPOOL_ID_MAX 64 /* bytes of a source, target or job name, and of a path part of ours */
#define SPOOL_PATH_MAX 512 /* a path made of names of ours */

/* spool.c: makes <below>/<name> for hand-over to another account; `what` is the noun in the sentence. */
int spool_make_exchange(int site_dir, const char *below, const char *what, const char *name, struct eg_err *err)
    EG_MUSTCHECK;
/* A name of ours for one path part: 1 to SPOOL_ID_MAX - 1 of [A-Za-z0-9._-], no leading dot. */
bool spool_part_ok(struct eg_bytes part);
/* The same as an error: EG_BADFILE "NAME"; `what` is the noun in the sentence. */
int spool_check_part(const char *what, const char *name, struct eg_err *err) EG_MUSTCHECK;
/* Digest and size of everything in fd (pread: the offset stays). EG_FATAL "DISK-ERROR" and friends. */
int spool_hash_fd(int fd, unsigned char ret_sha[EG_SHA256_LEN], uint64_t *ret_size, struct eg_err *err) EG_MUSTCHECK;
/* Reads up to n bytes at off; fewer only at the end of the file. */
int spool_pread(int fd, void *p, size_t n, uint64_t off, size_t *ret_n, struct eg_err *err) EG_MUSTCHECK;
/* Writes archive/keys/<key id>.pub.pem unless it is there. */
int spool_keep_key(struct spool *s, const struct sign_key *key, struct eg_err *err) EG_MUSTCHECK;
/* Every key of archive/keys, bytewise by name; unreadable ones are left out. `each` ends the walk with EG_EOF, which
 * is then what this returns. */
int spool_each_key(struct spool *s, int (*each)(void *ctx, const struct sign_key *key, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

/* Has somebody else the file open for writing? false where the kernel does not tell. */
bool spool_has_writer(int fd);

/* ---- far.c: a drop folder on another mount ---- */

/* One file of a claim on its way from such a folder into work/<id>/in/. */
struct far_file {
	const char *id; /* of the drop */
	const char *name; /* as the sender has it */
	bool companion;
	uint64_t max_bytes;
	int drop, job, in; /* the source's folder, work/<id>, work/<id>/in */
};
/* Said in work/<id> before anything moves, so that recovery knows what to look for. */
int far_note(int job, const char *name, struct eg_err *err) EG_MUSTCHECK;
/* The name that far_note wrote; empty = this claim is not from such a folder. */
int far_noted(int job, struct eg_buf *ret_name, struct eg_err *err) EG_MUSTCHECK;
/* Named aside in the drop folder, copied to in/<name>, removed there: each step is done unless it was before. EG_RETRY "GONE" when it is in neither folder. EG_BADFILE for what
 * is no file to take: it is back under its name. */
int far_take(const struct far_file *f, struct eg_err *err) EG_MUSTCHECK;
/* Does work/<id> await a file that may still stand aside in a drop folder? */
bool far_under_way(int job);
/* Is it still aside in the drop folder? */
bool far_aside(int drop, const char *id);
/* Owner and time that the file had at its sender's: the copy in in/ is ours. */
int far_origin(int job, uid_t *ret_uid, int64_t *ret_mtime, struct eg_err *err) EG_MUSTCHECK;

#endif
