/* SPDX-License-Identifier: MIT
 *
 * Arriving in a fresh folder: every settle rule with an injected clock, what is no file, hostile names.
 */
#include "tests/unit/spool_kit.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrivals),
		cmocka_unit_test(test_markers),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_writer_holds_back),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_old_and_future_mtime),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_scan_order_and_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
