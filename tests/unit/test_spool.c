/* SPDX-License-Identifier: MIT
 *
 * Arriving, claiming, publishing and rejecting in a fresh folder: every settle rule with an injected clock, what is no
 * file, hostile names, and recovery from everything a crash can leave.
 */
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

static int
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

static int64_t
changed_at(struct site_dir *t, const char *path)
{
	struct stat st;
	assert_int_equal(fstatat(t->dir, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_ctime;
}

static struct seen
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

static void
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
	{ "Excel's note beside an open workbook", "~$a.xlsx", FILE_KIND, 5, SETTLE_QUIET, 9, ARRIVAL_TEMPORARY, "renames" },
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

static void
test_arrivals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(arrivals) / sizeof(arrivals[0]); i++) {
		struct site_dir t;
		char path[300];
		struct spool_source src = plain;
		src.settle = arrivals[i].settle;
		site_make(&t);
		make_entry(&t, arrivals[i].kind, arrivals[i].name, arrivals[i].size);
		snprintf(path, sizeof(path), "spool/drop/src/%s", arrivals[i].name);
		int64_t now = changed_at(&t, path) + arrivals[i].later;
		struct seen s = look(&t, &src, arrivals[i].name, now, NULL);
		if (s.arrival != arrivals[i].want || strstr(s.reason, arrivals[i].reason) == NULL) {
			print_error("%s: arrival %d, \"%s\"\n", arrivals[i].label, (int)s.arrival, s.reason);
		}
		assert_int_equal(s.arrival, arrivals[i].want);
		assert_non_null(strstr(s.reason, arrivals[i].reason));
		site_remove(&t);
	}
}

/* SHA-256 of "hello\n" */
#define HELLO_SHA "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define OTHER_SHA "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be04"

static const struct {
	const char *label, *ending, *text;
	enum spool_arrival want;
	const char *reason;
} markers[] = {
	{ "empty ok", ".ok", "", ARRIVAL_READY, "" },
	{ "ok with words", ".ok", "all done\n", ARRIVAL_READY, "" },
	{ "done with the size", ".done", "6\n", ARRIVAL_READY, "" },
	{ "done with another size", ".done", "7", ARRIVAL_SETTLING, "the companion file says 7" },
	{ "ok with the digest", ".ok", HELLO_SHA "\n", ARRIVAL_READY, "" },
	{ "ok with another digest", ".ok", OTHER_SHA "\n", ARRIVAL_SETTLING, "says otherwise" },
	{ "sha256sum line", ".sha256", HELLO_SHA "  a.csv\n", ARRIVAL_READY, "" },
	{ "sha256sum line, binary mark", ".sha256", HELLO_SHA " *a.csv\n", ARRIVAL_READY, "" },
	{ "sha256sum line, path", ".sha256", HELLO_SHA "  out/night/a.csv\n", ARRIVAL_READY, "" },
	{ "bare digest", ".sha256", HELLO_SHA, ARRIVAL_READY, "" },
	{ "wrong digest", ".sha256", OTHER_SHA "  a.csv\n", ARRIVAL_SETTLING, "says otherwise" },
	{ "digest of another name", ".sha256", HELLO_SHA "  b.csv\n", ARRIVAL_SETTLING, "another name" },
	{ "no digest yet", ".sha256", "", ARRIVAL_SETTLING, "holds no SHA-256" },
	{ "cut digest", ".sha256", "5891b5b522", ARRIVAL_SETTLING, "holds no SHA-256" },
};

static void
test_markers(void **state)
{
	(void)state;
	struct spool_source src = plain;
	src.settle = SETTLE_COMPANION;
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		struct site_dir t;
		char path[100];
		site_make(&t);
		put_text(&t, "spool/drop/src/a.csv", "hello\n");
		snprintf(path, sizeof(path), "spool/drop/src/a.csv%s", markers[i].ending);
		put_text(&t, path, markers[i].text);
		struct seen s = look(&t, &src, "a.csv", changed_at(&t, path), NULL);
		if (s.arrival != markers[i].want || strstr(s.reason, markers[i].reason) == NULL) {
			print_error("%s: arrival %d, \"%s\"\n", markers[i].label, (int)s.arrival, s.reason);
		}
		assert_int_equal(s.arrival, markers[i].want);
		assert_non_null(strstr(s.reason, markers[i].reason));
		assert_string_equal(s.companion, path + strlen("spool/drop/src/"));
		site_remove(&t);
	}
}

static void
test_signatures(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_source src = plain;
	src.signature_suffixes = ".sig .p7s";
	site_make(&t);
	put_text(&t, "spool/drop/src/b.csv.sig", "early");
	put_text(&t, "spool/drop/src/a.csv", "sheet");
	int64_t now = changed_at(&t, "spool/drop/src/a.csv") + 5;
	assert_int_equal(look(&t, &src, "b.csv.sig", now, NULL).arrival, ARRIVAL_COMPANION);
	struct seen s = look(&t, &src, "a.csv", now, NULL);
	assert_int_equal(s.arrival, ARRIVAL_READY);
	assert_string_equal(s.companion, "");
	put_text(&t, "spool/drop/src/a.csv.p7s", "signature");
	s = look(&t, &src, "a.csv", now + 5, NULL);
	assert_int_equal(s.arrival, ARRIVAL_READY);
	assert_string_equal(s.companion, "a.csv.p7s");
	/* A signature still being written holds its file back. */
	int fd = openat(t.dir, "spool/drop/src/a.csv.p7s", O_WRONLY | O_CLOEXEC);
	s = look(&t, &src, "a.csv", now + 5, NULL);
	assert_int_equal(s.arrival, ARRIVAL_SETTLING);
	assert_non_null(strstr(s.reason, "signature"));
	close(fd);
	struct spool_claim c;
	must(&t, spool_claim(&t.spool, &src, "D000001", "a.csv", "a.csv.p7s", &c, &t.err));
	assert_string_equal(eg_buf_cstr(&c.companion), "a.csv.p7s");
	assert_file(&t, "spool/work/D000001/companion", "signature");
	assert_file(&t, "spool/work/D000001/raw", "sheet");
	assert_false(there(&t, "spool/drop/src/a.csv.p7s"));
	spool_claim_done(&c);
	site_remove(&t);
}

static void
test_writer_holds_back(void **state)
{
	(void)state;
	struct site_dir t;
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "hello\n");
	int fd = openat(t.dir, "spool/drop/src/a.csv", O_WRONLY | O_CLOEXEC);
	int64_t now = changed_at(&t, "spool/drop/src/a.csv") + 100;
	struct seen s = look(&t, &plain, "a.csv", now, NULL);
	assert_int_equal(s.arrival, ARRIVAL_SETTLING);
	assert_non_null(strstr(s.reason, "open for writing"));
	close(fd);
	assert_int_equal(look(&t, &plain, "a.csv", now, NULL).arrival, ARRIVAL_READY);
	site_remove(&t);
}

static int
check_end(void *ctx, int fd, const char *name, struct eg_err *err)
{
	char last = 0;
	(void)name;
	++*(unsigned *)ctx;
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	assert_int_equal(lseek(fd, -1, SEEK_END) >= 0 && read(fd, &last, 1) == 1, 1);
	return last == '\n' ? EG_OK : eg_fail(err, EG_BADFILE, "OPEN", "the last row is not ended");
}

static void
test_structure(void **state)
{
	(void)state;
	struct site_dir t;
	unsigned asked = 0;
	struct spool_check check = { check_end, &asked };
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "a,b");
	int64_t now = changed_at(&t, "spool/drop/src/a.csv");
	assert_int_equal(look(&t, &plain, "a.csv", now + 1, &check).arrival, ARRIVAL_SETTLING);
	assert_int_equal(asked, 0);
	struct seen s = look(&t, &plain, "a.csv", now + 2, &check);
	assert_int_equal(s.arrival, ARRIVAL_SETTLING);
	assert_non_null(strstr(s.reason, "the last row is not ended"));
	/* Still for longer than the source's patience: it will not become whole, its reader says what is wrong. */
	struct spool_source src = plain;
	src.patience_sec = 30;
	assert_int_equal(look(&t, &src, "a.csv", now + 29, &check).arrival, ARRIVAL_SETTLING);
	assert_int_equal(look(&t, &src, "a.csv", now + 30, &check).arrival, ARRIVAL_READY);
	asked = 1;
	put_text(&t, "spool/drop/src/a.csv", "a,b\n");
	assert_int_equal(look(&t, &plain, "a.csv", now + 10, &check).arrival, ARRIVAL_READY);
	assert_int_equal(asked, 2);
	site_remove(&t);
}

static void
test_old_and_future_mtime(void **state)
{
	(void)state;
	struct site_dir t;
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "x\n");
	struct timespec old[2] = { { 1, 0 }, { 1, 0 } }, far[2] = { { 4000000000, 0 }, { 4000000000, 0 } };
	assert_int_equal(utimensat(t.dir, "spool/drop/src/a.csv", old, 0), 0);
	int64_t now = changed_at(&t, "spool/drop/src/a.csv");
	assert_int_equal(look(&t, &plain, "a.csv", now, NULL).arrival, ARRIVAL_SETTLING);
	assert_int_equal(utimensat(t.dir, "spool/drop/src/a.csv", far, 0), 0);
	now = changed_at(&t, "spool/drop/src/a.csv");
	/* A future mtime says nothing: ctime alone decides. */
	assert_int_equal(look(&t, &plain, "a.csv", now + 1, NULL).arrival, ARRIVAL_SETTLING);
	assert_int_equal(look(&t, &plain, "a.csv", now + 2, NULL).arrival, ARRIVAL_READY);
	site_remove(&t);
}

static void
test_unreadable(void **state)
{
	(void)state;
	struct site_dir t;
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "x\n");
	assert_int_equal(fchmodat(t.dir, "spool/drop/src/a.csv", 0, 0), 0);
	assert_int_equal(fchmodat(t.dir, "spool/drop/src", 0777, 0), 0);
	assert_int_equal(chmod(t.path, 0755), 0);
	int64_t now = changed_at(&t, "spool/drop/src/a.csv") + 9;
	bool root = geteuid() == 0;
	if (root) {
		assert_int_equal(seteuid(65534), 0);
	}
	struct seen s = look(&t, &plain, "a.csv", now, NULL);
	if (root) {
		assert_int_equal(seteuid(0), 0);
	}
	assert_int_equal(s.arrival, ARRIVAL_REFUSED);
	assert_non_null(strstr(s.reason, "Permission denied"));
	site_remove(&t);
}

static int
stop_at_second(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	(void)c;
	return ++*(unsigned *)ctx == 2 ? eg_fail(err, EG_RETRY, "STOP", "enough") : EG_OK;
}

static void
test_scan_order_and_stop(void **state)
{
	(void)state;
	struct site_dir t;
	unsigned n = 0;
	site_make(&t);
	make_entry(&t, FILE_KIND, "b", 1);
	make_entry(&t, FILE_KIND, "B", 1);
	make_entry(&t, FILE_KIND, "a", 1);
	struct seen s = { .want = NULL };
	must(&t, spool_scan(&t.spool, &plain, 1, NULL, see, &s, &t.err));
	assert_int_equal(s.n, 3);
	assert_string_equal(s.name, "b");
	assert_int_equal(spool_scan(&t.spool, &plain, 1, NULL, stop_at_second, &n, &t.err), EG_RETRY);
	assert_string_equal(t.err.code, "STOP");
	assert_int_equal(n, 2);
	site_remove(&t);
}

/* ---- claiming ---- */

static void
test_claim(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	int fd = -1;
	site_make(&t);
	const char *name = "n\xff\n a.csv";
	char path[100];
	snprintf(path, sizeof(path), "spool/drop/src/%s", name);
	put_text(&t, path, "hello\n");
	int late = openat(t.dir, path, O_WRONLY | O_CLOEXEC);
	must(&t, spool_claim(&t.spool, &plain, "D000187", name, NULL, &c, &t.err));
	assert_string_equal(c.drop, "D000187");
	assert_string_equal(eg_buf_cstr(&c.name), name);
	assert_int_equal(c.size, 6);
	assert_string_equal(c.sha256, HELLO_SHA);
	assert_int_equal(c.uid, geteuid());
	assert_int_equal(entries(&t, "spool/drop/src"), 0);
	/* The sender kept its descriptor: that changes the claimed file, not our copy. */
	assert_int_equal(pwrite(late, "HELLO", 5, 0), 5);
	close(late);
	must(&t, spool_open_raw(&t.spool, "D000187", &fd, &t.err));
	char got[6];
	assert_int_equal(read(fd, got, 6), 6);
	assert_memory_equal(got, "hello\n", 6);
	close(fd);
	assert_true(spool_open_companion(&t.spool, "D000187", &fd, &t.err) < 0);
	spool_claim_done(&c);
	must(&t, spool_clean(&t.spool, "D000187", &t.err));
	must(&t, spool_clean(&t.spool, "D000187", &t.err));
	assert_int_equal(entries(&t, "spool/work"), 0);
	site_remove(&t);
}

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

static void
test_claim_refuses(void **state)
{
	(void)state;
	struct spool_claim c;
	struct site_dir t;
	for (size_t i = 0; i < sizeof(no_claims) / sizeof(no_claims[0]); i++) {
		site_make(&t);
		make_entry(&t, no_claims[i].kind, "x", no_claims[i].size);
		int rc = spool_claim(&t.spool, &plain, "D000001", "x", NULL, &c, &t.err);
		if (rc != no_claims[i].want || strcmp(t.err.code, no_claims[i].code) != 0) {
			print_error("%s: %d %s\n", no_claims[i].label, rc, t.err.code);
		}
		assert_int_equal(rc, no_claims[i].want);
		assert_string_equal(t.err.code, no_claims[i].code);
		assert_int_equal(entries(&t, "spool/work"), 0);
		assert_true(there(&t, "spool/drop/src/x"));
		site_remove(&t);
	}
	site_make(&t);
	assert_int_equal(spool_claim(&t.spool, &plain, "D000001", "gone", NULL, &c, &t.err), EG_RETRY);
	assert_string_equal(t.err.code, "GONE");
	assert_int_equal(spool_claim(&t.spool, &plain, "D000001", "../src/x", NULL, &c, &t.err), EG_BADFILE);
	assert_int_equal(spool_claim(&t.spool, &plain, "../D1", "x", NULL, &c, &t.err), EG_BADFILE);
	assert_int_equal(spool_claim(&t.spool, &plain, "D0000000000000001", "x", NULL, &c, &t.err), EG_BADFILE);
	assert_int_equal(entries(&t, "spool/work"), 0);
	/* A signature withdrawn between look and claim: the file is claimed without. */
	make_entry(&t, FILE_KIND, "a.csv", 5);
	must(&t, spool_claim(&t.spool, &plain, "D000002", "a.csv", "a.csv.sig", &c, &t.err));
	assert_int_equal(c.companion.len, 0);
	assert_false(there(&t, "spool/work/D000002/companion-name"));
	spool_claim_done(&c);
	site_remove(&t);
}

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

static void
take_apart(struct site_dir *t, size_t i)
{
	int dir = -1;
	if (crashes[i].file_back) {
		assert_int_equal(renameat(t->dir, "spool/work/D000001/in/a.csv", t->dir, "spool/drop/src/a.csv"), 0);
	}
	if (crashes[i].companion_back) {
		assert_int_equal(
		    renameat(t->dir, "spool/work/D000001/in/a.csv.sig", t->dir, "spool/drop/src/a.csv.sig"), 0);
	}
	must(t, eg_fs_opendir(t->dir, "spool/work/D000001", &dir, &t->err));
	for (size_t k = 0; crashes[i].remove[k] != NULL; k++) {
		must(t, eg_fs_rmtree(dir, crashes[i].remove[k], &t->err));
	}
	eg_fd_done(&dir);
	if (crashes[i].leave != NULL) {
		put_text(t, crashes[i].leave, "hel");
	}
}

static void
assert_again(struct site_dir *t, const struct spool_claim *first)
{
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	assert_int_equal(must(t, spool_claim_again(&t->spool, "D000001", &source, &c, &t->err)), EG_OK);
	assert_string_equal(eg_buf_cstr(&source), "src");
	assert_string_equal(eg_buf_cstr(&c.name), "a.csv");
	assert_string_equal(eg_buf_cstr(&c.companion), "a.csv.sig");
	assert_string_equal(c.drop, "D000001");
	assert_string_equal(c.sha256, HELLO_SHA);
	assert_int_equal(c.size, 6);
	assert_int_equal(c.uid, first->uid);
	assert_int_equal(c.mtime, first->mtime);
	assert_file(t, "spool/work/D000001/companion", "sig");
	assert_file(t, "spool/work/D000001/raw", "hello\n");
	assert_int_equal(entries(t, "spool/work/D000001"), 5);
	assert_int_equal(entries(t, "spool/drop/src"), 0);
	eg_buf_done(&source);
	spool_claim_done(&c);
}

static void
test_claim_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		struct site_dir t;
		struct spool_claim first, c;
		struct eg_buf source = EG_BUF_INIT;
		site_make(&t);
		put_text(&t, "spool/drop/src/a.csv", "hello\n");
		put_text(&t, "spool/drop/src/a.csv.sig", "sig");
		must(&t, spool_claim(&t.spool, &plain, "D000001", "a.csv", "a.csv.sig", &first, &t.err));
		take_apart(&t, i);
		print_message("          crash: %s\n", crashes[i].label);
		if (crashes[i].empty) {
			assert_int_equal(spool_claim_again(&t.spool, "D000001", &source, &c, &t.err), EG_EOF);
			assert_int_equal(spool_claim_again(&t.spool, "D000001", &source, &c, &t.err), EG_EOF);
			assert_int_equal(entries(&t, "spool/work"), 0);
			assert_int_equal(entries(&t, "spool/drop/src"), 2);
		} else {
			assert_again(&t, &first);
			assert_again(&t, &first);
		}
		spool_claim_done(&first);
		site_remove(&t);
	}
}

static void
test_claim_tampered(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "hello\n");
	must(&t, spool_claim(&t.spool, &plain, "D000001", "a.csv", NULL, &c, &t.err));
	spool_claim_done(&c);
	put_text(&t, "spool/work/D000001/in/more", "x");
	assert_int_equal(spool_claim_again(&t.spool, "D000001", &source, &c, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "CLAIM");
	assert_true(there(&t, "spool/work/D000001/raw"));
	site_remove(&t);
}

static void
test_claim_copy(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	site_make(&t);
	put_text(&t, "elsewhere", "hello\n");
	int fd = openat(t.dir, "elsewhere", O_RDONLY | O_CLOEXEC);
	must(&t, spool_claim_copy(&t.spool, "src", "D000003", ".tmp-odd name", fd, 100, &c, &t.err));
	assert_string_equal(c.sha256, HELLO_SHA);
	spool_claim_done(&c);
	must(&t, spool_claim_again(&t.spool, "D000003", &source, &c, &t.err));
	assert_string_equal(eg_buf_cstr(&c.name), ".tmp-odd name");
	spool_claim_done(&c);
	eg_buf_done(&source);
	assert_int_equal(spool_claim_copy(&t.spool, "src", "D000004", "x", fd, 5, &c, &t.err), EG_BADFILE);
	assert_string_equal(t.err.code, "TOO-BIG");
	assert_false(there(&t, "spool/work/D000004"));
	assert_file(&t, "elsewhere", "hello\n");
	close(fd);
	site_remove(&t);
}

static void
test_leftovers(void **state)
{
	(void)state;
	struct site_dir t;
	unsigned n = 0;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "x.csv", EG_LIT("1"), &t.err));
	assert_int_equal(mkdirat(t.dir, "spool/work/D000009", 0700), 0);
	/* A crash while cleaning. */
	assert_int_equal(mkdirat(t.dir, "spool/work/.gone-D000001", 0700), 0);
	put_text(&t, "spool/work/.gone-D000001/raw", "x");
	must(&t, spool_leftovers(&t.spool, count_one, &n, &t.err));
	assert_int_equal(n, 2);
	assert_false(there(&t, "spool/work/.gone-D000001"));
	site_remove(&t);
}

/* ---- publishing ---- */

static void
test_publish(void **state)
{
	(void)state;
	struct site_dir t;
	bool done = false;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000012", "cmic", "v.csv", EG_LIT("old"), &t.err));
	must(&t, spool_stage(&t.spool, "B000012", "cmic", "v.csv", EG_LIT("new"), &t.err));
	assert_false(there(&t, "spool/out/cmic/v.csv"));
	must(&t, spool_publish(&t.spool, "B000012", "cmic", "v.csv", true, &done, &t.err));
	assert_true(done);
	assert_file(&t, "spool/out/cmic/v.csv", "new");
	assert_file(&t, "spool/out/cmic/v.csv.ok", "");
	assert_int_equal(entries(&t, "spool/work/B000012/cmic"), 0);
	/* The receiver took both. Asking again must not bring them back. */
	assert_int_equal(unlinkat(t.dir, "spool/out/cmic/v.csv", 0), 0);
	assert_int_equal(unlinkat(t.dir, "spool/out/cmic/v.csv.ok", 0), 0);
	must(&t, spool_publish(&t.spool, "B000012", "cmic", "v.csv", true, &done, &t.err));
	assert_false(done);
	must(&t, spool_clean(&t.spool, "B000012", &t.err));
	must(&t, spool_publish(&t.spool, "B000012", "cmic", "v.csv", true, &done, &t.err));
	assert_false(done);
	assert_int_equal(entries(&t, "spool/out/cmic"), 0);
	assert_int_equal(spool_stage(&t.spool, "B1", "cmic", "../x", EG_NONE, &t.err), EG_BADFILE);
	assert_int_equal(spool_stage(&t.spool, "B1", "cmic", "", EG_NONE, &t.err), EG_BADFILE);
	assert_int_equal(spool_stage(&t.spool, "..", "cmic", "x", EG_NONE, &t.err), EG_BADFILE);
	site_remove(&t);
}

static void
test_publish_clash(void **state)
{
	(void)state;
	struct site_dir t;
	bool done = false;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "v.csv", EG_LIT("ours"), &t.err));
	put_text(&t, "spool/out/cmic/v.csv", "theirs");
	assert_int_equal(spool_publish(&t.spool, "B000001", "cmic", "v.csv", false, &done, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "EXISTS");
	assert_file(&t, "spool/out/cmic/v.csv", "theirs");
	assert_true(there(&t, "spool/work/B000001/cmic/v.csv"));
	/* The same bytes are the same file. */
	put_text(&t, "spool/out/cmic/v.csv", "ours");
	must(&t, spool_publish(&t.spool, "B000001", "cmic", "v.csv", false, &done, &t.err));
	assert_true(done);
	assert_false(there(&t, "spool/work/B000001/cmic/v.csv"));
	site_remove(&t);
}

static void
test_publish_cut_before_marker(void **state)
{
	(void)state;
	struct site_dir t;
	bool done = true;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "v.csv", EG_LIT("x"), &t.err));
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "v.csv.ok", EG_NONE, &t.err));
	assert_int_equal(renameat(t.dir, "spool/work/B000001/cmic/v.csv", t.dir, "spool/out/cmic/v.csv"), 0);
	must(&t, spool_publish(&t.spool, "B000001", "cmic", "v.csv", true, &done, &t.err));
	assert_false(done);
	assert_true(there(&t, "spool/out/cmic/v.csv.ok"));
	site_remove(&t);
}

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

static void
test_safe_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(safe_names) / sizeof(safe_names[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;
		spool_safe_name(eg_bytes_str(safe_names[i].name), &b);
		assert_string_equal(eg_buf_cstr(&b), safe_names[i].want);
		eg_buf_done(&b);
	}
	for (size_t n = 110; n < 255; n++) {
		char name[300];
		struct eg_buf b = EG_BUF_INIT;
		memset(name, 'a', sizeof(name));
		name[n / 3] = ' ';
		memset(name + 105, '\xfe', 20);
		snprintf(name + n, sizeof(name) - n, ".csv");
		spool_safe_name(eg_bytes_str(name), &b);
		assert_true(b.len <= 120);
		assert_true(eg_bytes_ends(eg_buf_view(&b), EG_LIT(".csv")));
		for (size_t k = 0; k < b.len; k++) {
			assert_true(b.ptr[k] != '%' || (k + 2 < b.len && strchr("02F", b.ptr[k + 2]) == NULL) ||
				    b.ptr[k + 1] == '2');
		}
		eg_buf_done(&b);
	}
}

static void
test_reject(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	site_make(&t);
	put_text(&t, "spool/drop/src/why.TXT", "hello\n");
	must(&t, spool_claim(&t.spool, &plain, "D000001", "why.TXT", NULL, &c, &t.err));
	spool_claim_done(&c);
	must(&t, spool_reject(&t.spool, "D000001", "why.TXT", EG_LIT("because"), EG_LIT("a,b\n"), &t.err));
	put_text(&t, "spool/rejects/D000001/.tmp-1-1", "cut");
	must(&t, spool_reject(&t.spool, "D000001", "why.TXT", EG_LIT("because!"), EG_NONE, &t.err));
	assert_file(&t, "spool/rejects/D000001/WHY.txt", "because!");
	assert_file(&t, "spool/rejects/D000001/original-why.TXT", "hello\n");
	assert_int_equal(entries(&t, "spool/rejects/D000001"), 2);
	/* Again after the work is cleaned: the original stays. */
	must(&t, spool_clean(&t.spool, "D000001", &t.err));
	must(&t, spool_reject(&t.spool, "D000001", "why.TXT", EG_LIT("because!"), EG_NONE, &t.err));
	assert_file(&t, "spool/rejects/D000001/original-why.TXT", "hello\n");
	assert_true(spool_reject(&t.spool, "D000002", "x", EG_NONE, EG_NONE, &t.err) < 0);
	site_remove(&t);
}

/* ---- the folders ---- */

static void
test_open(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool second = SPOOL_INIT;
	struct stat st;
	site_make(&t);
	assert_int_equal(spool_open(t.dir, true, &second, &t.err), EG_RETRY);
	assert_string_equal(t.err.code, "LOCKED");
	must(&t, spool_open(t.dir, false, &second, &t.err));
	assert_int_equal(second.lock, -1);
	spool_close(&second);
	must(&t, spool_create(t.dir, &t.err));
	assert_int_equal(fstatat(t.dir, "spool/drop/src", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
	assert_int_equal(fstatat(t.dir, "spool/work", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(spool_make_source(t.dir, "../x", &t.err), EG_BADFILE);
	assert_int_equal(spool_make_source(t.dir, ".x", &t.err), EG_BADFILE);
	/* Left by a crash while sealing. */
	assert_int_equal(mkdirat(t.dir, "archive/2026", 0700), 0);
	assert_int_equal(mkdirat(t.dir, "archive/2026/11", 0700), 0);
	put_text(&t, "archive/2026/11/.tmp-7-7", "cut");
	spool_close(&t.spool);
	must(&t, spool_open(t.dir, true, &t.spool, &t.err));
	assert_int_equal(entries(&t, "archive/2026/11"), 0);
	site_remove(&t);
}

static void
test_other_file_system(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool s = SPOOL_INIT;
	struct stat here, other;
	char away[] = "/dev/shm/erpgate-test-XXXXXX";
	if (mkdtemp(away) == NULL || stat(away, &other) != 0 || stat("/tmp", &here) != 0 ||
	    here.st_dev == other.st_dev) {
		(void)rmdir(away);
		skip();
	}
	site_make(&t);
	assert_int_equal(symlinkat(away, t.dir, "spool/out/far"), 0);
	assert_int_equal(spool_open(t.dir, false, &s, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "SPOOL-FS");
	assert_non_null(strstr(t.err.msg, "spool/out/far"));
	assert_int_equal(rmdir(away), 0);
	site_remove(&t);
}

/* A signature whose sheet was taken before: whole at 64 bytes, still for a while beyond that, told when it is too large. */
static void
test_lone_signatures(void **state)
{
	static const struct {
		size_t size;
		int64_t later;
		bool rests;
		enum spool_arrival arrival;
	} cases[] = { { 0, 9, false, ARRIVAL_COMPANION }, { 63, 9, false, ARRIVAL_COMPANION },
		{ 64, 0, true, ARRIVAL_COMPANION }, { 65, 1, false, ARRIVAL_SETTLING }, { 65, 2, true, ARRIVAL_COMPANION },
		{ 65536, 2, true, ARRIVAL_COMPANION }, { 65537, 9, false, ARRIVAL_REFUSED } };
	static const unsigned char large[65537] = { 0x30 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spool_source src = plain;
		struct site_dir t;
		int dir = -1;
		src.signature_suffixes = ".sig .p7s";
		site_make(&t);
		put_file(&t, "spool/drop/src/a.csv.p7s", large, cases[i].size);
		int64_t now = changed_at(&t, "spool/drop/src/a.csv.p7s") + cases[i].later;
		must(&t, eg_fs_opendir(t.spool.drop, "src", &dir, &t.err));
		assert_int_equal(spool_signature_rests(dir, "a.csv.p7s", now, 2), cases[i].rests);
		assert_int_equal(look(&t, &src, "a.csv.p7s", now, NULL).arrival, cases[i].arrival);
		eg_fd_done(&dir);
		site_remove(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrivals),
		cmocka_unit_test(test_markers),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_lone_signatures),
		cmocka_unit_test(test_writer_holds_back),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_old_and_future_mtime),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_scan_order_and_stop),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_claim_refuses),
		cmocka_unit_test(test_claim_again),
		cmocka_unit_test(test_claim_tampered),
		cmocka_unit_test(test_claim_copy),
		cmocka_unit_test(test_leftovers),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_publish_clash),
		cmocka_unit_test(test_publish_cut_before_marker),
		cmocka_unit_test(test_safe_name),
		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_other_file_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
