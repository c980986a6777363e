/* SPDX-License-Identifier: MIT
 *
 * The files that come beside a file: a digest or marker that says when it is whole, a signature that is claimed with it. They are known by the ends of their names alone. What cannot be read, or is
 * still arriving, makes its file wait; a signature whose file has not come waits itself. Refuses nothing but signatures that are too large.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/arrive_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#define ED25519_LEN 64 /* bytes of a raw signature */
#define COMPANION_MAX 4096U /* bytes of a digest or marker file that are read */

/* ---- names ---- */

/* Strongest first: a digest says more than a marker. */
static const char markers[] = ".sha256 .ok .done";

/* The suffix out of a blank separated list that the name ends with; the empty view when none does. */
static struct eg_bytes
suffix_of(struct eg_bytes name, const char *list)
{
	struct eg_bytes rest = eg_bytes_str(list == NULL ? "" : list), suffix;
	while (eg_bytes_cut(&rest, ' ', &suffix)) {
		if (suffix.len != 0 && name.len > suffix.len && eg_bytes_ends(name, suffix)) {
			return suffix;
		}
	}
	return EG_NONE;
}

/* The first NAME<suffix> of the list that is a plain file in the folder: its name in l->companion. */
static bool
find_companion(struct arrive_look *l, const char *name, const char *list)
{
	struct eg_bytes rest = eg_bytes_str(list == NULL ? "" : list), suffix;
	struct stat st;
	while (eg_bytes_cut(&rest, ' ', &suffix)) {
		if (suffix.len == 0) {
			continue;
		}
		eg_buf_clear(&l->companion);
		eg_buf_str(&l->companion, name);
		eg_buf_add(&l->companion, suffix);
		if (fstatat(l->dir, eg_buf_cstr(&l->companion), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
			return true;
		}
	}
	eg_buf_clear(&l->companion);
	return false;
}

/* ---- digests and markers ---- */

/* One line as sha256sum writes it, a bare digest, or a size; ret_* say what was found. */
struct marker {
	bool has_size, has_digest, other_name;
	uint64_t size;
	unsigned char digest[EG_SHA256_LEN];
};

static struct marker
parse_marker(struct eg_bytes text, const char *name)
{
	struct marker m = { 0 };
	struct eg_bytes rest = eg_bytes_trim_ws(text), line;
	if (eg_bytes_to_u64(rest, &m.size)) {
		m.has_size = true;
		return m;
	}
	if (!eg_bytes_cut(&rest, '\n', &line) || line.len < EG_SHA256_HEX - 1 ||
	    !eg_unhex(eg_bytes_sub(line, 0, EG_SHA256_HEX - 1), m.digest, EG_SHA256_LEN)) {
		return m;
	}
	struct eg_bytes named = eg_bytes_trim_ws(eg_bytes_sub(line, EG_SHA256_HEX - 1, line.len));
	if (named.len != 0 && named.ptr[0] == '*') {
		named = eg_bytes_sub(named, 1, named.len);
	}
	for (size_t at = eg_bytes_chr(named, '/'); at < named.len; at = eg_bytes_chr(named, '/')) {
		named = eg_bytes_sub(named, at + 1, named.len);
	}
	m.has_digest = true;
	m.other_name = named.len != 0 && !eg_bytes_is(named, name);
	return m;
}

static int
judge_digest(struct arrive_look *l, struct spool_candidate *c, int fd, const struct marker *m, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	uint64_t size;
	int rc = spool_hash_fd(fd, sha, &size, err);
	if (rc < 0) {
		return rc;
	}
	if (memcmp(sha, m->digest, sizeof(sha)) != 0) {
		char hex[EG_SHA256_HEX];
		eg_hex(sha, sizeof(sha), hex);
		arrive_say(l, c, ARRIVAL_SETTLING,
		    "Its SHA-256 is %.16s…, the companion file says otherwise: the upload is not whole, or was damaged.",
		    hex);
	}
	return EG_OK;
}

int
arrive_judge_marker(struct arrive_look *l, struct spool_candidate *c, int fd, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err unread;
	if (!find_companion(l, c->name, markers)) {
		arrive_say(
		    l, c, ARRIVAL_SETTLING, "It waits for a file of the same name ending in .ok, .done or .sha256.");
		return EG_OK;
	}
	c->companion = eg_buf_cstr(&l->companion);
	bool strict = eg_bytes_ends(eg_buf_view(&l->companion), EG_LIT(".sha256"));
	int rc = EG_OK;
	if (eg_fs_read_file(l->dir, c->companion, COMPANION_MAX, &text, &unread) < 0) {
		arrive_say(
		    l, c, ARRIVAL_SETTLING, "Its companion file cannot be read (%s): %s", unread.code, unread.msg);
		goto out;
	}
	struct marker m = parse_marker(eg_buf_view(&text), c->name);
	if (strict && !m.has_digest) {
		arrive_say(l, c, ARRIVAL_SETTLING, "Its .sha256 file holds no SHA-256 digest (yet).");
	} else if (m.other_name) {
		arrive_say(l, c, ARRIVAL_SETTLING, "Its companion file is about a file of another name.");
	} else if (m.has_size && m.size != (uint64_t)c->st.st_size) {
		arrive_say(l, c, ARRIVAL_SETTLING, "It has %" PRIu64 " bytes, the companion file says %" PRIu64 ".",
		    (uint64_t)c->st.st_size, m.size);
	} else if (m.has_digest) {
		rc = judge_digest(l, c, fd, &m, err);
	}
out:
	eg_buf_done(&text);
	return rc;
}

/* ---- signatures ---- */

/* Does somebody write it, as far as can be known? Leases are another machine's to give in such a folder, and say nothing. */
static bool
being_written(int dir, int fd)
{
	struct eg_fs_kind kind = { "", false };
	struct eg_err untold;
	return spool_has_writer(fd) && !(eg_fs_kind(dir, &kind, &untold) >= 0 && kind.remote);
}

bool
spool_signature_rests(int dir, const char *name, int64_t now, int64_t quiet_sec)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool rests = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	             st.st_size >= ED25519_LEN && st.st_size <= (off_t)EG_LIMIT_SIG_BYTES && !being_written(dir, fd) &&
	             (st.st_size == ED25519_LEN || now - arrive_still_since(now, &st) >= quiet_sec);
	eg_fd_done(&fd);
	return rests;
}

/* Without its file a signature is nothing to take; but a run waits for one that is on its way, as the sheet it
 * belongs to may have been taken before. */
static void
judge_lone_signature(struct arrive_look *l, struct spool_candidate *c)
{
	arrive_say(l, c, ARRIVAL_COMPANION, "The file it belongs to has not come yet.");
	if (l->src->signature_suffixes == NULL || c->st.st_size < ED25519_LEN) {
		return;
	}
	if ((uint64_t)c->st.st_size > EG_LIMIT_SIG_BYTES) {
		arrive_say(l, c, ARRIVAL_REFUSED,
		    "It has %" PRIu64 " bytes; a signature has %u at most: sign the sheet again.",
		    (uint64_t)c->st.st_size, EG_LIMIT_SIG_BYTES);
	} else if (!spool_signature_rests(l->dir, c->name, l->now, l->src->quiet_sec)) {
		arrive_say(l, c, ARRIVAL_SETTLING, "It is still arriving.");
	}
}

bool
arrive_judge_companion(struct arrive_look *l, struct spool_candidate *c)
{
	struct eg_bytes name = eg_bytes_str(c->name);
	struct eg_bytes suffix = suffix_of(name, l->src->signature_suffixes);
	struct stat st;
	if (suffix.len == 0 && l->src->settle == SETTLE_COMPANION) {
		suffix = suffix_of(name, markers);
	}
	if (suffix.len == 0) {
		return false;
	}
	char *owner = eg_xdup(eg_bytes_sub(name, 0, name.len - suffix.len));
	c->arrival = ARRIVAL_COMPANION;
	if (fstatat(l->dir, owner, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		judge_lone_signature(l, c);
	}
	free(owner);
	return true;
}

void
arrive_judge_signature(struct arrive_look *l, struct spool_candidate *c)
{
	struct stat st;
	if (!find_companion(l, c->name, l->src->signature_suffixes)) {
		return;
	}
	c->companion = eg_buf_cstr(&l->companion);
	int fd = openat(l->dir, c->companion, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		arrive_say(l, c, ARRIVAL_SETTLING, "Its signature file cannot be opened (%s).", strerrordesc_np(errno));
	} else if ((!l->remote && spool_has_writer(fd)) || st.st_nlink > 1 ||
		   (l->src->settle == SETTLE_QUIET && l->now - arrive_still_since(l->now, &st) < l->src->quiet_sec)) {
		arrive_say(l, c, ARRIVAL_SETTLING, "Its signature file is still arriving.");
	}
	eg_fd_done(&fd);
}
