/* SPDX-License-Identifier: MIT
 *
 * One entry of a drop folder: is it whole? Never follows a link, never waits on a FIFO, never trusts a name. Refuses what is no plain file; everything else waits until its source's
 * settle rule holds. A close event proves nothing (a cut upload closes too), so events play no part here. What comes beside a file: arrive_companion.c; the folder: arrive_scan.c.
 */
#include "base/fs.h"
#include "spool/arrive_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <strings.h>

#define LINK_GRACE_SEC 10 /* the OpenSSH server renames by link and unlink: two links for a moment */
#define DAY_SEC 86400

void
arrive_say(struct arrive_look *l, struct spool_candidate *c, enum spool_arrival arrival, const char *fmt, ...)
{
	va_list ap;
	c->arrival = arrival;
	eg_buf_clear(&l->reason);
	va_start(ap, fmt);
	eg_buf_vprintf(&l->reason, fmt, ap);
	va_end(ap);
	c->reason = eg_buf_cstr(&l->reason);
}

int64_t
arrive_still_since(int64_t now, const struct stat *st)
{
	return st->st_mtime > st->st_ctime && st->st_mtime <= now ? st->st_mtime : st->st_ctime;
}

/* ---- what the name says ---- */

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

static bool
judge_temporary(struct arrive_look *l, struct spool_candidate *c)
{
	if (!temporary_name(c->name)) {
		return false;
	}
	int64_t age = l->now - arrive_still_since(l->now, &c->st);
	if (age < DAY_SEC) {
		arrive_say(l, c, ARRIVAL_TEMPORARY,
		    "Its name is that of an upload under way: it is taken once the sender renames it.");
	} else {
		arrive_say(l, c, ARRIVAL_TEMPORARY,
		    "Its name is that of an upload under way, but nothing has changed for %" PRId64
		    " days: ask the sender, then rename or remove it.",
		    age / DAY_SEC);
	}
	return true;
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
judge_kind(struct arrive_look *l, struct spool_candidate *c)
{
	if (!S_ISREG(c->st.st_mode)) {
		arrive_say(l, c, ARRIVAL_REFUSED, "This is %s. Only plain files are taken: remove it.",
		    kind_of(c->st.st_mode));
		return true;
	}
	return false;
}

static bool
judge_inode(struct arrive_look *l, struct spool_candidate *c)
{
	if ((uint64_t)c->st.st_size > l->src->max_bytes) {
		arrive_say(l, c, ARRIVAL_REFUSED, "It has %" PRIu64 " bytes; this source may send %" PRIu64 " at most.",
		    (uint64_t)c->st.st_size, l->src->max_bytes);
		return true;
	}
	if (c->st.st_nlink > 1) {
		bool young = l->now - c->st.st_ctime < LINK_GRACE_SEC;
		arrive_say(l, c, young ? ARRIVAL_SETTLING : ARRIVAL_REFUSED,
		    young ?
			"It has %ju names at the moment, as during a rename by the SFTP server." :
			"It has %ju names (hard links), so it could change after it was taken: send a copy of its own.",
		    (uintmax_t)c->st.st_nlink);
		return true;
	}
	return false;
}

static bool
judge_quiet(struct arrive_look *l, struct spool_candidate *c)
{
	int64_t age = l->now - arrive_still_since(l->now, &c->st);
	if (l->src->settle != SETTLE_QUIET || age >= l->src->quiet_sec) {
		return false;
	}
	if (age < 0) {
		arrive_say(l, c, ARRIVAL_SETTLING,
		    "Its last change lies %" PRId64 " s in the future: the clock was set back, it waits until then.",
		    -age);
	} else {
		arrive_say(l, c, ARRIVAL_SETTLING, "It changed %" PRId64 " s ago and must be still for %" PRId64 " s.",
		    age, l->src->quiet_sec);
	}
	return true;
}

/* ---- what only the open file says ---- */

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

static int
judge_whole(struct arrive_look *l, struct spool_candidate *c, int fd, struct eg_err *err)
{
	struct eg_err open_end;
	if (l->check == NULL || l->check->whole == NULL) {
		return EG_OK;
	}
	if (l->src->patience_sec > 0 && l->now - arrive_still_since(l->now, &c->st) >= l->src->patience_sec) {
		return EG_OK; /* whatever the answer were: asking takes a process */
	}
	int rc = l->check->whole(l->check->ctx, fd, c->name, &open_end);
	if (rc == EG_BADFILE || rc == EG_BADREC) {
		arrive_say(l, c, ARRIVAL_SETTLING, "It is not whole yet: %s", open_end.msg);
		return EG_OK;
	}
	if (rc < 0) {
		*err = open_end;
	}
	return rc < 0 ? rc : EG_OK;
}

static int
judge_open(struct arrive_look *l, struct spool_candidate *c, int fd, struct eg_err *err)
{
	if (!l->remote && spool_has_writer(fd)) {
		arrive_say(l, c, ARRIVAL_SETTLING, "Somebody still has it open for writing.");
		return EG_OK;
	}
	switch (l->src->settle) {
	case SETTLE_RENAME:
		return EG_OK;
	case SETTLE_COMPANION:
		return arrive_judge_marker(l, c, fd, err);
	case SETTLE_QUIET:
		return judge_whole(l, c, fd, err);
	}
	eg_bug("settle rule %d", (int)l->src->settle);
}

/* Opens what fstatat saw. Between the two anything can have been put under the name: O_NOFOLLOW and O_NONBLOCK make
 * that harmless, and the second look counts. */
static int
judge_file(struct arrive_look *l, struct spool_candidate *c, bool *ret_gone, struct eg_err *err)
{
	int fd = openat(l->dir, c->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		int sys = errno;
		*ret_gone = sys == ENOENT;
		if (sys == EMFILE || sys == ENFILE || sys == ENOMEM || sys == EIO) {
			return eg_fail_sys(err, EG_RETRY, "SPOOL-READ", sys, "A dropped file cannot be opened");
		}
		arrive_say(l, c, ARRIVAL_REFUSED, "It cannot be opened (%s): ask the sender to make it readable.",
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

/* ---- all of it ---- */

int
arrive_look_at(void *ctx, const char *name, struct eg_err *err)
{
	struct arrive_look *l = ctx;
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
		arrive_say(l, &c, ARRIVAL_REFUSED, "It cannot be looked at (%s).", strerrordesc_np(errno));
	} else if (!judge_kind(l, &c) && !arrive_judge_companion(l, &c) && !judge_temporary(l, &c) &&
		   !judge_inode(l, &c) && !judge_quiet(l, &c)) {
		rc = judge_file(l, &c, &gone, err);
	}
	if (rc < 0 || gone) {
		return rc;
	}
	if (c.arrival == ARRIVAL_READY && l->src->signature_suffixes != NULL) {
		arrive_judge_signature(l, &c);
	}
	return l->each(l->ctx, &c, err);
}
