/* SPDX-License-Identifier: MIT
 *
 * The spool: drop folders, claimed work, staged and published files, rejects. Knows jobs and bytes, never what a record is.
 * The protocol and its crash argument: docs/SPOOL.md. All folders are on one file system (checked at open). One process owns it (lock).
 */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdint.h>
#include <sys/stat.h>

struct spool {
	int site, drop, work, out, rejects, archive; /* directory descriptors */
	int lock; /* -1 when opened read-only */
};
#define SPOOL_INIT                         \
	{                                  \
		-1, -1, -1, -1, -1, -1, -1 \
	}

/* Makes spool/{drop,work,out,rejects} and archive below the site folder; existing ones are fine. Drop folders 0770 (setgid), work and archive 0700 / 0750. */
int spool_create(int site_dir, struct eg_err *err) EG_MUSTCHECK;
int spool_make_source(int site_dir, const char *source, struct eg_err *err) EG_MUSTCHECK; /* spool/drop/<source> */
int spool_make_target(int site_dir, const char *target, struct eg_err *err) EG_MUSTCHECK; /* spool/out/<target> */
/* own = true takes the lock: EG_RETRY "LOCKED" when another erpgate has it. EG_FATAL "SPOOL-FS" when the folders are on different or network file systems; drop folders
 * may be anywhere. */
int spool_open(int site_dir, bool own, struct spool *ret, struct eg_err *err) EG_MUSTCHECK;
void spool_close(struct spool *s);

/* ---- drop folders elsewhere (far.c) ---- */

struct spool_place {
	char kind[48]; /* "ext4", "NFS", "FUSE (sshfs)" */
	bool remote; /* no event is told of what happens at the other end: it must be looked at from time to time */
	bool far; /* on another mount than spool/work: files are taken by copy */
	dev_t dev; /* of the folder itself: another one after it was replaced or mounted over */
	ino_t ino;
};
/* Where the drop folder of a source stands now. EG_BADFILE "NOT-FOLDER" as eg_fs_opendir_own, EG_FATAL "SPOOL-FS" when it does not answer. */
int spool_where(struct spool *s, const char *source, struct spool_place *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- arriving (arrive_scan.c, arrive.c, arrive_companion.c) ---- */

enum spool_settle {
	/* size and ctime still for `quiet` seconds, nobody has it open for writing, and the structure is whole */
	SETTLE_QUIET = 0,
	SETTLE_RENAME, /* anything not named like a temporary file is whole (sender renames); still one look at links and writers */
	SETTLE_COMPANION, /* NAME.ok, NAME.done or NAME.sha256 beside it; a digest or size inside must agree */
};

/* Names of a drop folder that were listed and not yet looked at: from `at` on. */
struct spool_names {
	char **name;
	size_t n, at;
};
void spool_names_done(struct spool_names *n); /* empty-safe */

struct spool_source {
	const char *name; /* folder below spool/drop */
	enum spool_settle settle;
	int64_t quiet_sec;
	/* still for so long, a file whose structure is not whole will not become whole: it is taken, and refused by its reader. 0 = never */
	int64_t patience_sec;
	uint64_t max_bytes;
	const char *after; /* entries up to this name, bytewise, are passed over; NULL = none */
	const bool *enough; /* looked at before every entry: the rest is passed over once it is true; NULL = never */
	struct spool_names *
	    names; /* with `enough`: kept between scans that go on where the last one ended; NULL = every scan lists the folder */
	const char *
	    signature_suffixes; /* approvals: ".sig .p7s": such files are companions of another and never taken alone; NULL = none */
};

enum spool_arrival {
	ARRIVAL_READY, /* take it now */
	ARRIVAL_SETTLING, /* look again; `reason` says what it waits for */
	ARRIVAL_TEMPORARY, /* .part .filepart .tmp .upload .crdownload ~ or leading dot or ~$: never taken, told after a day */
	ARRIVAL_COMPANION, /* belongs to another file; a signature that is still arriving without its file is SETTLING, one that is too large REFUSED */
	ARRIVAL_REFUSED, /* never a file to take: link, folder, FIFO, device, too big, several links for longer than 10 s */
};

struct spool_candidate {
	const char *name; /* bytes as the kernel has them; may hold anything but '/' and NUL */
	struct stat st;
	enum spool_arrival arrival;
	const char *
	    reason; /* a sentence for SETTLING, TEMPORARY, REFUSED, and a COMPANION whose file has not come; else NULL. Lives during the callback */
	const char *
	    companion; /* file that belongs to it and is claimed with it (signature, else digest or marker), or NULL. READY waits until a signature is at rest too */
};

/* Asked once size and ctime are still: is the content whole? EG_OK, or EG_BADFILE with what is open. fd is at 0, read-only. */
struct spool_check {
	int (*whole)(void *ctx, int fd, const char *name, struct eg_err *err);
	void *ctx;
};

/* Looks at one drop folder: every entry, bytewise by name. now = Unix seconds (injected). Errors of single entries become REFUSED candidates. */
int spool_scan(struct spool *s, const struct spool_source *src, int64_t now, const struct spool_check *check,
    int (*each)(void *ctx, const struct spool_candidate *c, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

/* Is NAME in the folder a signature that has arrived? A plain file of one name that nobody writes; one of 64 bytes is a whole Ed25519 signature, a longer one must have been still for
 * quiet_sec; a shorter one, or one above EG_LIMIT_SIG_BYTES, never is. */
bool spool_signature_rests(int dir, const char *name, int64_t now, int64_t quiet_sec);

/* ---- claiming (claim.c; again after a crash: claim_again.c; what is left of it: work.c) ---- */

struct spool_claim {
	char drop[16]; /* "D000187" */
	struct eg_buf name; /* original name */
	struct eg_buf companion; /* original name of the companion; empty = none. Its bytes are work/<drop>/companion */
	uint64_t size;
	char sha256[EG_SHA256_HEX];
	uid_t uid; /* owner of the dropped file */
	int64_t mtime;
};
void spool_claim_done(struct spool_claim *c);

/* Steps 1 and 2 of the protocol: work/<drop>/ made, file (and companion) renamed into work/<drop>/in/, private copy work/<drop>/raw with its digest; work/<drop>/source holds the source's name.
 * EG_RETRY "GONE" when the file left meanwhile; "CHANGED" when it changed under the copy: it is claimed and stays in work/, spool_claim_again(drop) tries again;
 * "DISK-FULL" when fewer than six times its size is free (nothing is claimed). EG_BADFILE "NOT-FILE", "LINKS", "TOO-BIG" for what is no file to take: it is, or is put back, in the
 * drop folder. EG_FATAL "EXISTS" when work/<drop> is there: ids are never used twice. A companion that left meanwhile is no error: ret->companion is empty. */
int spool_claim(struct spool *s, const struct spool_source *src, const char *drop, const char *name,
    const char *companion, struct spool_claim *ret, struct eg_err *err) EG_MUSTCHECK;
/* One file of a group to be claimed. Given: drop, name, companion, seen; the rest is set, claim even when the group fails (spool_claim_done). */
struct spool_take {
	const char *drop, *name, *companion; /* companion NULL = none, and set to NULL when it left meanwhile */
	/* as it was judged: one that is not the same any more is CHANGED, and stays in the drop folder */
	struct stat seen;
	int rc; /* EG_OK, or as of spool_claim: EG_RETRY "GONE", "CHANGED", EG_BADFILE; with err */
	struct eg_err err;
	struct spool_claim claim;
};
/* spool_claim for n files of one source, whose syncs they share (claim_group.c). An error is that of the disk ("DISK-FULL": there is no room for all of them, nothing is
 * claimed); what was begun is a leftover, which recovery takes up file by file. */
int spool_claim_group(struct spool *s, const struct spool_source *src, struct spool_take *take, size_t n,
    struct eg_err *err) EG_MUSTCHECK;
/* Recovery: the claim as work/<drop> holds it; the copy is made again when it is not there whole. EG_EOF: an empty leftover, removed.
 * Only for ids of drops. EG_FATAL "CLAIM" for what no crash can leave: a person changed work/. */
int spool_claim_again(struct spool *s, const char *drop, struct eg_buf *ret_source, struct spool_claim *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Takes bytes from elsewhere (ingest): a new claim made of a copy of fd. uid and mtime are those of the copy: whoever runs ingest answers for it. */
int spool_claim_copy(struct spool *s, const char *source, const char *drop, const char *name, int fd,
    uint64_t max_bytes, struct spool_claim *ret, struct eg_err *err) EG_MUSTCHECK;
/* Read-only descriptor of the private copy / of the companion. */
int spool_open_raw(struct spool *s, const char *drop, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
int spool_open_companion(struct spool *s, const char *drop, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
/* Removes work/<id> after everything is sealed. Idempotent. */
int spool_clean(struct spool *s, const char *id, struct eg_err *err) EG_MUSTCHECK;
/* The same for n of them, with the syncs of one. */
int spool_clean_group(struct spool *s, const char *const *id, size_t n, struct eg_err *err) EG_MUSTCHECK;
/* Ids with something left in work/, bytewise: drops and batches. The owner also removes what a cut spool_clean left. */
int spool_leftovers(struct spool *s, int (*each)(void *ctx, const char *id, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- what a job's folder holds (look.c) ---- */

/* Files of a job, as recovery tells them apart: the columns of its table (gateway/recover_table.h). Left temporary files (".tmp-") are nothing. */
enum spool_files {
	SPOOL_ABSENT = 0, /* no folder work/<id> */
	SPOOL_EMPTY, /* a folder into which nothing was claimed, staged or written yet */
	SPOOL_TAKEN, /* drop: the file in in/, its companion with it if it has one; no private copy yet */
	SPOOL_SPLIT, /* drop: the file in in/, its companion still in the drop folder */
	SPOOL_STAGED, /* batch: at least one file that has not left */
	SPOOL_WHOLE, /* drop: the private copy is there; batch: every staged file has left, the archive's copies are there; sheet: its bytes */
	SPOOL_ODD, /* what no crash can leave */
	SPOOL_NFILES,
};
int spool_look_drop(struct spool *s, const char *drop, enum spool_files *ret, struct eg_err *err) EG_MUSTCHECK;
/* A marker <name>.ok alone is no staged file. */
int spool_look_batch(struct spool *s, const char *batch, enum spool_files *ret, struct eg_err *err) EG_MUSTCHECK;
int spool_look_sheet(struct spool *s, const char *manifest, enum spool_files *ret, struct eg_err *err) EG_MUSTCHECK;
int spool_look_void(struct spool *s, const char *id, enum spool_files *ret, struct eg_err *err)
    EG_MUSTCHECK; /* work/V…/proof/ */

/* ---- publishing (publish.c) ---- */

struct eg_fs_out;
/* Stages a file: work/<batch>/<target>/<name>, synced. An existing one is replaced (rendering is deterministic). */
int spool_stage(struct spool *s, const char *batch, const char *target, const char *name, struct eg_bytes v,
    struct eg_err *err) EG_MUSTCHECK;
/* Publishes it: rename to out/<target>/<name>, directories synced; with `companion` an empty <name>.ok after it. A staged file that is not there was published
 * before: EG_OK with *ret_done false. A different file of that name in out/: EG_FATAL "EXISTS". Never asks whether the file is in out/. */
int spool_publish(struct spool *s, const char *batch, const char *target, const char *name, bool companion,
    bool *ret_done, struct eg_err *err) EG_MUSTCHECK;

/* The opposite, for a batch that is declared void: a file that still lies in out/<target>/ is moved to work/<job>/out/<name> (its .ok goes first), unless it was before.
 * *ret_taken: it was there, sha256 of its bytes in ret_sha; false: the receiver has it, or it is no file. */
int spool_recall(struct spool *s, const char *job, const char *target, const char *name, bool *ret_taken,
    char ret_sha[EG_SHA256_HEX], struct eg_err *err) EG_MUSTCHECK;

/* ---- rejects (reject.c) ---- */

/* Opens rejects/<drop>/, or a folder below it that is made from a member's name (`member` NULL = the drop's own); made if it is not there. ret_shown gets its path
 * below spool/rejects/. */
int spool_reject_dir(struct spool *s, const char *drop, const char *member, struct eg_buf *ret_shown, int *ret_dir,
    struct eg_err *err) EG_MUSTCHECK;
/* Only WHY.txt of it, replaced. */
int spool_reject_why(struct spool *s, const char *drop, struct eg_bytes why, struct eg_err *err) EG_MUSTCHECK;
/* Only the original of it, from a descriptor, when it is not there. */
int spool_reject_original(struct spool *s, const char *drop, const char *original_name, int fd, struct eg_err *err)
    EG_MUSTCHECK;
/* rejects/<drop>/ with these files (replaced if there): the original bytes under their (escaped) name from work/<drop>/raw, WHY.txt, rejects.csv when not empty. Idempotent. */
int spool_reject(struct spool *s, const char *drop, const char *original_name, struct eg_bytes why,
    struct eg_bytes rejects_csv, struct eg_err *err) EG_MUSTCHECK;
/* ---- receipts (receipt.c) ---- */

/* spool/receipts/<source>/<name>.<drop>.receipt (name made safe) and the same with .sig, which is there first; existing ones are replaced by the same bytes. ret_file
 * gets the name. The folder is the receiver's, as out/<target> is: nothing in it is ever read, and what he removes is gone. EG_BADFILE "NO-RECEIPT": something that is no
 * file has its name there. */
int spool_receipt(struct spool *s, const char *source, const char *name, const char *drop, struct eg_bytes text,
    struct eg_bytes sig, struct eg_buf *ret_file, struct eg_err *err) EG_MUSTCHECK;

/* ---- shadow mode ---- */

/* spool/shadow/<target>, made if needed: what would have been out/<target>. A copy of the spool whose `out` is spool/shadow publishes there. */
int spool_open_shadow(struct spool *s, const char *target, int *ret_dir, struct eg_err *err) EG_MUSTCHECK;

/* A file name from outside made safe for our folders: [A-Za-z0-9._-], others as %XX, at most 120 bytes, never empty or beginning with a dot. */
void spool_safe_name(struct eg_bytes name, struct eg_buf *ret);

#endif
