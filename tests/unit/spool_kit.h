/* SPDX-License-Identifier: MIT
 *
 * What the tests of the spool share: drops that arrive, are claimed and are looked at again.
 */
#ifndef TESTS_UNIT_SPOOL_KIT_H
#define TESTS_UNIT_SPOOL_KIT_H

#include "tests/unit/spool_site.h"

#include <sys/socket.h>
#include <sys/un.h>

static const struct spool_source plain = { .name = "src", .settle = SETTLE_QUIET, .quiet_sec = 2, .max_bytes = 1000 };

struct seen {
	const char *want; /* NULL = any */
	unsigned n;
	enum spool_arrival arrival;
	char name[256], reason[512], companion[256];
};

static inline int
see(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	(void)err;
	struct seen *s = ctx;
	if (s->want != NULL && strcmp(s->want, c->name) != 0) {
		return EG_OK;
	}
	s->n++;
	s->arrival = c->arrival;
	snprintf(s->name, sizeof(s->name), "%s", c->name);
	snprintf(s->reason, sizeof(s->reason), "%s", c->reason == NULL ? "" : c->reason);
	snprintf(s->companion, sizeof(s->companion), "%s", c->companion == NULL ? "" : c->companion);
	return EG_OK;
}

static inline int64_t
changed_at(struct site_dir *t, const char *path)
{
	struct stat st;
	assert_int_equal(fstatat(t->dir, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_ctime;
}

static inline struct seen
look(struct site_dir *t, const struct spool_source *src, const char *name, int64_t now, const struct spool_check *check)
{
	struct seen s = { .want = name };
	must(t, spool_scan(&t->spool, src, now, check, see, &s, &t->err));
	assert_int_equal(s.n, 1);
	return s;
}

enum kind {
	FILE_KIND,
	FIFO_KIND,
	LINK_KIND,
	FOLDER_KIND,
	SOCKET_KIND,
	TWO_NAMES_KIND
};

static inline void
make_entry(struct site_dir *t, enum kind kind, const char *name, size_t size)
{
	char path[300], other[320];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char bytes[2000];
	memset(bytes, 'x', sizeof(bytes));
	snprintf(path, sizeof(path), "spool/drop/src/%s", name);
	switch (kind) {
	case FILE_KIND:
		put_file(t, path, bytes, size);
		break;
	case FIFO_KIND:
		assert_int_equal(mkfifoat(t->dir, path, 0644), 0);
		break;
	case LINK_KIND:
		assert_int_equal(symlinkat("/etc/hostname", t->dir, path), 0);
		break;
	case FOLDER_KIND:
		assert_int_equal(mkdirat(t->dir, path, 0755), 0);
		break;
	case SOCKET_KIND: {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		snprintf(un.sun_path, sizeof(un.sun_path), "%.40s/spool/drop/src/%.30s", t->path, name);
		assert_int_equal(bind(fd, (const struct sockaddr *)&un, sizeof(un)), 0);
		close(fd);
		break;
	}
	case TWO_NAMES_KIND:
		put_file(t, path, bytes, size);
		snprintf(other, sizeof(other), "spool/%s", name);
		assert_int_equal(linkat(t->dir, path, t->dir, other, 0), 0);
		break;
	}
}

static const struct {
	const char *label, *name;
	enum kind kind;
	size_t size;
	enum spool_settle settle;
	int64_t later; /* now minus ctime */
	enum spool_arrival want;
	const char *reason; /* part of it */
} arrivals[] = {
	{ "quiet long enough", "a.csv", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "not quiet yet", "a.csv", FILE_KIND, 5, SETTLE_QUIET, 1, ARRIVAL_SETTLING, "changed 1 s ago" },
	{ "clock set back", "a.csv", FILE_KIND, 5, SETTLE_QUIET, -100, ARRIVAL_SETTLING, "future" },
	{ "empty file", "a.csv", FILE_KIND, 0, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "just small enough", "a.csv", FILE_KIND, 1000, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "too big", "a.csv", FILE_KIND, 1001, SETTLE_QUIET, 2, ARRIVAL_REFUSED, "1001 bytes" },
	{ "renamed needs no quiet", "a.csv", FILE_KIND, 5, SETTLE_RENAME, 0, ARRIVAL_READY, "" },
	{ "part", "a.csv.part", FILE_KIND, 5, SETTLE_RENAME, 0, ARRIVAL_TEMPORARY, "renames" },
	{ "PART", "a.csv.PART", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "filepart", "a.filepart", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "tmp", "a.tmp", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "upload", "a.upload", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "Excel's note beside an open workbook", "~$a.xlsx", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY,
	    "renames" },
	{ "crdownload", "a.crdownload", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "tilde", "a.csv~", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "dot", ".a.csv", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
	{ "part after a day", "a.part", FILE_KIND, 5, SETTLE_QUIET, 86400, ARRIVAL_TEMPORARY, "for 1 days" },
	{ "fifo", "a.csv", FIFO_KIND, 0, SETTLE_QUIET, 9, ARRIVAL_REFUSED, "named pipe" },
	{ "fifo named as temporary", ".a", FIFO_KIND, 0, SETTLE_QUIET, 9, ARRIVAL_REFUSED, "named pipe" },
	{ "symbolic link", "a.csv", LINK_KIND, 0, SETTLE_QUIET, 9, ARRIVAL_REFUSED, "symbolic link" },
	{ "folder", "a.csv", FOLDER_KIND, 0, SETTLE_QUIET, 9, ARRIVAL_REFUSED, "folder" },
	{ "socket", "a.csv", SOCKET_KIND, 0, SETTLE_QUIET, 9, ARRIVAL_REFUSED, "socket" },
	{ "two names, young", "a.csv", TWO_NAMES_KIND, 5, SETTLE_RENAME, 9, ARRIVAL_SETTLING, "2 names at the moment" },
	{ "two names, old", "a.csv", TWO_NAMES_KIND, 5, SETTLE_RENAME, 10, ARRIVAL_REFUSED, "hard links" },
	{ "newline in name", "a\nb.csv", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "escape in name", "\033[2Ja.csv", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "invalid UTF-8 in name", "\xff\xfe.csv", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "right-to-left mark in name", "\xe2\x80\xaexsc.csv", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "leading dash", "-rf", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "blanks", "  a b.csv ", FILE_KIND, 5, SETTLE_QUIET, 2, ARRIVAL_READY, "" },
	{ "marker missing", "a.csv", FILE_KIND, 5, SETTLE_COMPANION, 99, ARRIVAL_SETTLING, "waits for a file" },
	{ "marker alone", "a.csv.ok", FILE_KIND, 0, SETTLE_COMPANION, 99, ARRIVAL_COMPANION, "has not come" },
	{ "marker is a plain file elsewhere", "a.csv.ok", FILE_KIND, 0, SETTLE_QUIET, 99, ARRIVAL_READY, "" },
};

/* SHA-256 of "hello\n" */
#define HELLO_SHA "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

/* ---- claiming ---- */

static const struct {
	const char *label;
	enum kind kind;
	size_t size;
	int want;
	const char *code;
} no_claims[] = {
	{ "fifo", FIFO_KIND, 0, EG_BADFILE, "NOT-FILE" },
	{ "link", LINK_KIND, 0, EG_BADFILE, "NOT-FILE" },
	{ "folder", FOLDER_KIND, 0, EG_BADFILE, "NOT-FILE" },
	{ "two names", TWO_NAMES_KIND, 5, EG_BADFILE, "LINKS" },
	{ "too big", FILE_KIND, 1001, EG_BADFILE, "TOO-BIG" },
};

/* What a crash can leave of a claim with a companion, from a whole one taken apart again. */
static const struct {
	const char *label;
	const char *remove[6]; /* below work/D000001 */
	bool file_back, companion_back; /* moved back into the drop folder */
	bool empty; /* nothing was claimed: EG_EOF */
	const char *leave; /* a temporary file of a cut copy */
} crashes[] = {
	{ "whole", { NULL }, false, false, false, NULL },
	{ "no folder content", { "in", "companion-name", "source", "companion", "raw", NULL }, true, true, true, NULL },
	{ "source only", { "in", "companion-name", "companion", "raw", NULL }, true, true, true, NULL },
	{ "notes only", { "in", "companion", "raw", NULL }, true, true, true, NULL },
	{ "in/ still empty", { "companion", "raw", NULL }, true, true, true, NULL },
	{ "file in, companion not yet", { "companion", "raw", NULL }, false, true, false, NULL },
	{ "both in, no copies", { "companion", "raw", NULL }, false, false, false, NULL },
	{ "companion copied", { "raw", NULL }, false, false, false, NULL },
	{ "copy cut", { "raw", NULL }, false, false, false, "spool/work/D000001/.tmp-1-2" },
	{ "copies done, temp left", { NULL }, false, false, false, "spool/work/D000001/.tmp-1-2" },
};

/* ---- rejects ---- */

static const struct {
	const char *name, *want;
} safe_names[] = {
	{ "plain-1_a.csv", "plain-1_a.csv" },
	{ "", "unnamed" },
	{ ".hidden", "%2Ehidden" },
	{ "..", "%2E." },
	{ "a b\nc", "a%20b%0Ac" },
	{ "50%.csv", "50%25.csv" },
	{ "\xff/x", "%FF%2Fx" },
};

#endif
