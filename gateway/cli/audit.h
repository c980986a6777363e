/* SPDX-License-Identifier: MIT
 *
 * What the files of the command audit share: audit.c lists and copies out, audit_verify.c checks, audit_prove.c makes and checks proofs, audit_stamp.c takes time stamps,
 * audit_stamped.c checks them.
 */
#ifndef GATEWAY_CLI_AUDIT_H
#define GATEWAY_CLI_AUDIT_H

#include "base/fs.h"
#include "gateway/cli/cli.h"

struct known { /* a bundle that the log, the state or the disk has */
	char *id, *of, *path, *sha256; /* sha256: as sealed; NULL = only on disk */
	char *stone; /* digest of its tombstone, as the log has it: deleted under retention; NULL = it was not */
	bool on_disk, in_store, in_log;
	bool left_behind; /* by a turn that was stopped; the entry of a rebuild names it (gateway/keep_beyond.c) */
	bool to_publish; /* its entry is in the journal, behind the published head */
};

struct audit {
	struct cli *c;
	struct site *s;
	struct cli_table *t;
	struct known **v;
	size_t n, cap;
	void *index; /* tree over v by id */
	unsigned checked, bad;
	int told; /* audit_reopen failed and said so: the exit status */
	int out; /* folder to extract into */
	const char *member, *path; /* extract: only this one, of this bundle */
	struct eg_fs_out file;
	unsigned files;
	struct audit_stamped { /* what the log says of time stamps */
		char name[48], sha256[EG_SHA256_HEX];
		uint64_t index; /* its entry */
	} * stamped;
	size_t n_stamped;
};

/* The bundle of that id, made when it is new; lives as long as a. */
struct known *audit_known(struct audit *a, const char *id);
/* Keeps the first path and digest given; NULL = not known. */
void audit_remember(struct known *k, const char *path, const char *sha256);
struct bundle_row;
int audit_from_store(void *ctx, const struct bundle_row *b, struct eg_err *err);

/* The public key that heads and bundles are checked with: --key, else keys/gateway.pub.pem. */
int audit_key(struct audit *a, struct sign_key **ret, struct eg_err *err) EG_MUSTCHECK;
/* The text of -o FILE, or of stdout. */
int audit_write(struct audit *a, struct eg_bytes text, struct eg_err *err) EG_MUSTCHECK;
/* A small file that the auditor names. */
int audit_read(const char *path, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- the kinds of damage ----
 *
 * Twelve, with stable codes V-01 … V-12 (docs/reference/messages.md), in the order of this enum. */
enum audit_kind {
	AUDIT_GOOD,
	AUDIT_CHANGED,
	AUDIT_MISSING,
	AUDIT_EXTRA,
	AUDIT_GAP,
	AUDIT_ORDER,
	AUDIT_ROLLED_BACK,
	AUDIT_FORKED,
	AUDIT_WRONG_KEY,
	AUDIT_EXPIRED,
	AUDIT_UNREADABLE,
	AUDIT_NOT_IN_LOG,
	AUDIT_NO_BUNDLE,
	AUDIT_KINDS
};
const char *audit_kind_code(enum audit_kind k); /* "V-01"; "" for AUDIT_GOOD */
const char *audit_kind_name(enum audit_kind k); /* "changed byte" */
/* Something broken that is no bundle: a line "WHAT      BROKEN V-06 rolled-back log: …", or JSON of that type. */
void audit_broken(struct audit *a, const char *what, enum audit_kind k, const char *problem);

/* audit_log.c: the log, its order, the journal, --since. *ret_known false: the log could not be read, nothing is known from it. */
int audit_verify_log(struct audit *a, const struct sign_key *key, bool *ret_known, struct eg_err *err) EG_MUSTCHECK;

/* Does the log here, of `head` entries, continue that head? Tells when not. */
struct log_head;
int audit_against(struct audit *a, const struct log_head *old, uint64_t head, const char *what,
    char problem[EG_MSG_MAX], struct eg_err *err) EG_MUSTCHECK;

int audit_verify(struct audit *a, struct eg_err *err) EG_MUSTCHECK;

/* audit_prove.c */
int audit_prove(struct audit *a, struct eg_err *err) EG_MUSTCHECK;
int audit_verify_proof(struct audit *a, struct eg_err *err) EG_MUSTCHECK;

/* The site closed and opened in another mode. A failure has been told: a->told is its exit status. */
int audit_reopen(struct audit *a, enum site_mode mode, struct eg_err *err) EG_MUSTCHECK;

/* audit_stamp.c */
int audit_stamp_request(struct audit *a, struct eg_err *err) EG_MUSTCHECK;
int audit_stamp(struct audit *a, struct eg_err *err) EG_MUSTCHECK;
/* audit_stamped.c: every stamp kept, against the log of `head` entries; tells each. */
int audit_verify_stamps(
    struct audit *a, const struct sign_key *key, const char *origin, uint64_t head, struct eg_err *err) EG_MUSTCHECK;
#endif
