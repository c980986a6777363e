/* SPDX-License-Identifier: MIT
 *
 * Looks at a drop folder and says of every entry whether it is whole. Never follows a link, never waits on a FIFO,
 * never trusts a name. Refuses what is no plain file; everything else waits until its source's settle rule holds.
 * A close event proves nothing (a cut upload closes too), so events play no part here.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <strings.h>
#include <unistd.h>

#define LINK_GRACE_SEC 10 /* the OpenSSH server renames by link and unlink: two links for a moment */
#define DAY_SEC 86400
#define ED25519_LEN 64 /* bytes of a raw signature */
#define COMPANION_MAX 4096U /* bytes of a digest or marker file that are read */

struct look {
	const struct spool_source *src;
	int64_t now;
	const struct spool_check *check;
	int (*each)(void *ctx, const struct spool_candidate *c, struct eg_err *err);
	void *ctx;
	int dir;
	bool remote; /* leases are another machine's to give, and say nothing there */
	struct eg_buf reason, companion;
};

static void say(struct look *l, struct spool_candidate *c, enum spool_arrival arrival, const char *fmt, ...)
    EG_PRINTF(4, 5);

static void
say(struct look *l, struct spool_candidate *c, enum spool_arrival arrival, const char *fmt, ...)
{
	va_list ap;
	c->arrival = arrival;
	eg_buf_clear(&l->reason);
	va_start(ap, fmt);
	eg_buf_vprintf(&l->reason, fmt, ap);
	va_end(ap);
	c->reason = eg_buf_cstr(&l->reason);
}

/* ctime is the kernel's and moves with every change; mtime is what the sender's client says, so one in the future says
 * nothing. */
static int64_t
still_since(int64_t now, const struct stat *st)
{
	return st->st_mtime > st->st_ctime && st->st_mtime <= now ? st->st_mtime : st->st_ctime;
}

/* ---- names ---- */

static bool
temporary_name(const char *name)
{
	static const char *const endings[] = { ".part", ".filepart", ".tmp", ".upload", ".crdownload", "~" };
	size_t n = strlen(name);
	if (name[0] == '.' || strncmp(name, "~$", 2) == 0) { /* ~$book.xlsx: Excel has book.xlsx open */
		return true;
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t k = strlen(endings[i]);
		if (n >= k && strcasecmp(name + n - k, endings[i]) == 0) {
			return true;
		}
	}
	return false;
}

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
find_companion(struct look *l, const char *name, const char *list)
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

/* ---- what the inode says ---- */

static const char *
kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder; files are taken one by one and nothing below it is read";
	case S_IFLNK:
		return "a symbolic link; links are never followed";
	case S_IFIFO:
		return "a named pipe";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

static bool
judge_kind(struct look *l, struct spool_candidate *c)
{
	if (!S_ISREG(c->st.st_mode)) {
		say(l, c, ARRIVAL_REFUSED, "This is %s. Only plain files are taken: remove it.",
		    kind_of(c->st.st_mode));
		return true;
	}
	return false;
}

/* A read lease is granted only while nobody has the file open for writing. Where leases are not to be had (another
 * owner without CAP_LEASE, some file systems) nothing is known, which is not the same as "somebody writes". */
bool
spool_has_writer(int fd)
{
	/* A break of the lease is announced by a signal, and SIGIO would end the process: SIGURG is ignored. */
	if (fcntl(fd, F_SETSIG, SIGURG) != 0) {
		return false;
	}
	if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) {
		return errno == EAGAIN;
	}
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}

/* ---- signatures ---- */

bool
spool_signature_rests(int dir, const char *name, int64_t now, int64_t quiet_sec)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool rests = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	             st.st_size >= ED25519_LEN && st.st_size <= (off_t)EG_LIMIT_SIG_BYTES && !spool_has_writer(fd) &&
	             (st.st_size == ED25519_LEN || now - still_since(now, &st) >= quiet_sec);
	eg_fd_done(&fd);
	return rests;
}

/* Without its file a signature is nothing to take; but a run waits for one that is on its way, as the sheet it
 * belongs to may have been taken before. */
static void
judge_lone_signature(struct look *l, struct spool_candidate *c)
{
	say(l, c, ARRIVAL_COMPANION, "The file it belongs to has not come yet.");
	if (l->src->signature_suffixes == NULL || c->st.st_size < ED25519_LEN) {
		return;
	}
	if ((uint64_t)c->st.st_size > EG_LIMIT_SIG_BYTES) {
		say(l, c, ARRIVAL_REFUSED,
		    "It has %" PRIu64 " bytes; a signature has %u at most: sign the sheet again.",
		    (uint64_t)c->st.st_size, EG_LIMIT_SIG_BYTES);
	} else if (!spool_signature_rests(l->dir, c->name, l->now, l->src->quiet_sec)) {
		say(l, c, ARRIVAL_SETTLING, "It is still arriving.");
	}
}

static bool
judge_name(struct look *l, struct spool_candidate *c)
{
	struct eg_bytes name = eg_bytes_str(c->name);
	struct eg_bytes suffix = suffix_of(name, l->src->signature_suffixes);
	if (suffix.len == 0 && l->src->settle == SETTLE_COMPANION) {
		suffix = suffix_of(name, markers);
	}
	if (suffix.len != 0) {
		struct stat st;
		char *owner = eg_xdup(eg_bytes_sub(name, 0, name.len - suffix.len));
		c->arrival = ARRIVAL_COMPANION;
		if (fstatat(l->dir, owner, &st, AT_SYMLINK_NOFOLLOW) != 0) {
			judge_lone_signature(l, c);
		}
		free(owner);
		return true;
	}
	if (temporary_name(c->name)) {
		int64_t age = l->now - still_since(l->now, &c->st);
		if (age < DAY_SEC) {
			say(l, c, ARRIVAL_TEMPORARY,
			    "Its name is that of an upload under way: it is taken once the sender renames it.");
		} else {
			say(l, c, ARRIVAL_TEMPORARY,
			    "Its name is that of an upload under way, but nothing has changed for %" PRId64
			    " days: ask the sender, then rename or remove it.",
			    age / DAY_SEC);
		}
		return true;
	}
	return false;
}

static bool
judge_inode(struct look *l, struct spool_candidate *c)
{
	if ((uint64_t)c->st.st_size > l->src->max_bytes) {
		say(l, c, ARRIVAL_REFUSED, "It has %" PRIu64 " bytes; this source may send %" PRIu64 " at most.",
		    (uint64_t)c->st.st_size, l->src->max_bytes);
		return true;
	}
	if (c->st.st_nlink > 1) {
		bool young = l->now - c->st.st_ctime < LINK_GRACE_SEC;
		say(l, c, young ? ARRIVAL_SETTLING : ARRIVAL_REFUSED,
		    young ?
			"It has %ju names at the moment, as during a rename by the SFTP server." :
			"It has %ju names (hard links), so it could change after it was taken: send a copy of its own.",
		    (uintmax_t)c->st.st_nlink);
		return true;
	}
	return false;
}

/* ---- what only the open file says ---- */

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
judge_digest(struct look *l, struct spool_candidate *c, int fd, const struct marker *m, struct eg_err *err)
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
		say(l, c, ARRIVAL_SETTLING,
		    "Its SHA-256 is %.16s…, the companion file says otherwise: the upload is not whole, or was damaged.",
		    hex);
	}
	return EG_OK;
}

static int
judge_marker(struct look *l, struct spool_candidate *c, int fd, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err unread;
	if (!find_companion(l, c->name, markers)) {
		say(l, c, ARRIVAL_SETTLING, "It waits for a file of the same name ending in .ok, .done or .sha256.");
		return EG_OK;
	}
	c->companion = eg_buf_cstr(&l->companion);
	bool strict = eg_bytes_ends(eg_buf_view(&l->companion), EG_LIT(".sha256"));
	int rc = EG_OK;
	if (eg_fs_read_file(l->dir, c->companion, COMPANION_MAX, &text, &unread) < 0) {
		say(l, c, ARRIVAL_SETTLING, "Its companion file cannot be read (%s): %s", unread.code, unread.msg);
		goto out;
	}
	struct marker m = parse_marker(eg_buf_view(&text), c->name);
	if (strict && !m.has_digest) {
		say(l, c, ARRIVAL_SETTLING, "Its .sha256 file holds no SHA-256 digest (yet).");
	} else if (m.other_name) {
		say(l, c, ARRIVAL_SETTLING, "Its companion file is about a file of another name.");
	} else if (m.has_size && m.size != (uint64_t)c->st.st_size) {
		say(l, c, ARRIVAL_SETTLING, "It has %" PRIu64 " bytes, the companion file says %" PRIu64 ".",
		    (uint64_t)c->st.st_size, m.size);
	} else if (m.has_digest) {
		rc = judge_digest(l, c, fd, &m, err);
	}
out:
	eg_buf_done(&text);
	return rc;
}

static bool
judge_quiet(struct look *l, struct spool_candidate *c)
{
	int64_t age = l->now - still_since(l->now, &c->st);
	if (l->src->settle != SETTLE_QUIET || age >= l->src->quiet_sec) {
		return false;
	}
	if (age < 0) {
		say(l, c, ARRIVAL_SETTLING,
		    "Its last change lies %" PRId64 " s in the future: the clock was set back, it waits until then.",
		    -age);
	} else {
		say(l, c, ARRIVAL_SETTLING, "It changed %" PRId64 " s ago and must be still for %" PRId64 " s.", age,
		    l->src->quiet_sec);
	}
	return true;
}

static int
judge_whole(struct look *l, struct spool_candidate *c, int fd, struct eg_err *err)
{
	struct eg_err open_end;
	if (l->check == NULL || l->check->whole == NULL) {
		return EG_OK;
	}
	if (l->src->patience_sec > 0 && l->now - still_since(l->now, &c->st) >= l->src->patience_sec) {
		return EG_OK; /* whatever the answer were: asking takes a process */
	}
	int rc = l->check->whole(l->check->ctx, fd, c->name, &open_end);
	if (rc == EG_BADFILE || rc == EG_BADREC) {
		say(l, c, ARRIVAL_SETTLING, "It is not whole yet: %s", open_end.msg);
		return EG_OK;
	}
	if (rc < 0) {
		*err = open_end;
	}
	return rc < 0 ? rc : EG_OK;
}

static int
judge_open(struct look *l, struct spool_candidate *c, int fd, struct eg_err *err)
{
	if (!l->remote && spool_has_writer(fd)) {
		say(l, c, ARRIVAL_SETTLING, "Somebody still has it open for writing.");
		return EG_OK;
	}
	switch (l->src->settle) {
	case SETTLE_RENAME:
		return EG_OK;
	case SETTLE_COMPANION:
		return judge_marker(l, c, fd, err);
	case SETTLE_QUIET:
		return judge_whole(l, c, fd, err);
	}
	eg_bug("settle rule %d", (int)l->src->settle);
}

/* Opens what fstatat saw. Between the two anything can have been put under the name: O_NOFOLLOW and O_NONBLOCK make
 * that harmless, and the second look counts. */
static int
judge_file(struct look *l, struct spool_candidate *c, bool *ret_gone, struct eg_err *err)
{
	int fd = openat(l->dir, c->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		int sys = errno;
		*ret_gone = sys == ENOENT;
		if (sys == EMFILE || sys == ENFILE || sys == ENOMEM || sys == EIO) {
			return eg_fail_sys(err, EG_RETRY, "SPOOL-READ", sys, "A dropped file cannot be opened");
		}
		say(l, c, ARRIVAL_REFUSED, "It cannot be opened (%s): ask the sender to make it readable.",
		    strerrordesc_np(sys));
		return EG_OK;
	}
	int rc = EG_OK;
	if (fstat(fd, &c->st) != 0 || c->st.st_nlink == 0) {
		*ret_gone = true;
	} else if (!judge_kind(l, c) && !judge_inode(l, c)) {
		rc = judge_open(l, c, fd, err);
	}
	eg_fd_done(&fd);
	return rc;
}

/* A signature is claimed together with its file, so it must have come to rest too. */
static void
judge_signature(struct look *l, struct spool_candidate *c)
{
	struct stat st;
	if (!find_companion(l, c->name, l->src->signature_suffixes)) {
		return;
	}
	c->companion = eg_buf_cstr(&l->companion);
	int fd = openat(l->dir, c->companion, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		say(l, c, ARRIVAL_SETTLING, "Its signature file cannot be opened (%s).", strerrordesc_np(errno));
	} else if ((!l->remote && spool_has_writer(fd)) || st.st_nlink > 1 ||
		   (l->src->settle == SETTLE_QUIET && l->now - still_since(l->now, &st) < l->src->quiet_sec)) {
		say(l, c, ARRIVAL_SETTLING, "Its signature file is still arriving.");
	}
	eg_fd_done(&fd);
}

static int
look_at(void *ctx, const char *name, struct eg_err *err)
{
	struct look *l = ctx;
	struct spool_candidate c = { .name = name, .arrival = ARRIVAL_READY };
	bool gone = false;
	int rc = EG_OK;
	if ((l->src->enough != NULL && *l->src->enough) ||
	    (l->src->after != NULL && strcmp(name, l->src->after) <= 0)) {
		return EG_OK;
	}
	if (fstatat(l->dir, name, &c.st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT) {
			return EG_OK;
		}
		say(l, &c, ARRIVAL_REFUSED, "It cannot be looked at (%s).", strerrordesc_np(errno));
	} else if (!judge_kind(l, &c) && !judge_name(l, &c) && !judge_inode(l, &c) && !judge_quiet(l, &c)) {
		rc = judge_file(l, &c, &gone, err);
	}
	if (rc < 0 || gone) {
		return rc;
	}
	if (c.arrival == ARRIVAL_READY && l->src->signature_suffixes != NULL) {
		judge_signature(l, &c);
	}
	return l->each(l->ctx, &c, err);
}

/* ---- the names of a folder ---- */

void
spool_names_done(struct spool_names *n)
{
	for (size_t i = n->at; i < n->n; i++) {
		free(n->name[i]);
	}
	free(n->name);
	*n = (struct spool_names){ NULL, 0, 0 };
}

struct keeping {
	struct spool_names *names;
	const char *after;
};

static int
keep_name(void *ctx, const char *name, struct eg_err *err)
{
	const struct keeping *k = ctx;
	struct spool_names *n = k->names;
	(void)err;
	if (k->after != NULL && strcmp(name, k->after) <= 0) {
		return EG_OK;
	}
	if ((n->n & (n->n + 1)) == 0) {
		n->name = eg_xrealloc(n->name, (n->n * 2 + 2) * sizeof(*n->name));
	}
	n->name[n->n++] = eg_xstrdup(name);
	return EG_OK;
}

static int
look_at_kept(struct look *l, struct spool_names *n, struct eg_err *err)
{
	int rc = EG_OK;
	while (rc >= 0 && n->at < n->n && !*l->src->enough) {
		char *name = n->name[n->at++];
		rc = look_at(l, name, err);
		free(name);
	}
	return rc;
}

/* A folder of 100,000 files is listed once and not once a round. Only at the end of the list the folder is asked again, for what came meanwhile. */
static int
scan_on(struct look *l, struct spool_names *n, struct eg_err *err)
{
	struct keeping k = { n, l->src->after };
	bool fresh = false;
	int rc = EG_OK;
	char *last = NULL;
	while (rc >= 0 && !*l->src->enough && !(fresh && n->at == n->n)) {
		if (n->at < n->n) {
			free(last);
			last = eg_xstrdup(n->name[n->n - 1]);
			rc = look_at_kept(l, n, err);
			continue;
		}
		spool_names_done(n);
		k.after = last != NULL ? last : k.after;
		rc = eg_fs_list(l->dir, keep_name, &k, err);
		fresh = true;
	}
	free(last);
	return rc;
}

int
spool_scan(struct spool *s, const struct spool_source *src, int64_t now, const struct spool_check *check,
    int (*each)(void *ctx, const struct spool_candidate *c, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct look l = { src, now, check, each, ctx, -1, false, EG_BUF_INIT, EG_BUF_INIT };
	struct eg_fs_kind kind = { "", false };
	int rc = spool_check_part("The source", src->name, err);
	if (rc >= 0) {
		rc = eg_fs_opendir_own(s->drop, src->name, &l.dir, err);
	}
	if (rc >= 0) {
		rc = eg_fs_kind(l.dir, &kind, err);
		l.remote = kind.remote;
	}
	if (rc >= 0) {
		rc = src->names != NULL && src->enough != NULL ? scan_on(&l, src->names, err) :
		                                                 eg_fs_list(l.dir, look_at, &l, err);
	}
	eg_fd_done(&l.dir);
	eg_buf_done(&l.reason);
	eg_buf_done(&l.companion);
	return rc;
}
