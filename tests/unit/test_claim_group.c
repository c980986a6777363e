/* SPDX-License-Identifier: MIT
 *
 * Claiming a group of files: each ends as a claim of its own would have ended, what is wrong with one stays with that one, and what a power cut may have left
 * of a group is taken up again.
 */
#include "base/buf.h"
#include "tests/unit/spool_site.h"

#define N 4

struct group {
	struct site_dir t;
	struct spool_take take[N];
	char id[N][24];
};

static const struct spool_source source = { .name = "src", .max_bytes = 1000 };

static void
group_add(struct group *g, size_t i, const char *name, const char *companion)
{
	char *path = eg_xprintf("spool/drop/src/%s", name);

	(void)snprintf(g->id[i], sizeof(g->id[i]), "D%06zu", i + 1);
	g->take[i] = (struct spool_take){ .drop = g->id[i], .name = name, .companion = companion };
	assert_int_equal(fstatat(g->t.dir, path, &g->take[i].seen, AT_SYMLINK_NOFOLLOW), 0);
	free(path);
}

static void
group_done(struct group *g)
{
	for (size_t i = 0; i < N; i++)
		spool_claim_done(&g->take[i].claim);
	site_remove(&g->t);
}

static void
has_text(struct site_dir *t, const char *path, const char *text)
{
	struct eg_buf b = EG_BUF_INIT;

	must(t, eg_fs_read_file(t->dir, path, 4096, &b, &t->err));
	assert_string_equal(eg_buf_cstr(&b), text);
	eg_buf_done(&b);
}

static void
same_as_one_by_one(void **state)
{
	static const char *const parts[] = { "source", "companion-name", "companion", "in/b.csv", "in/b.csv.ok",
		"raw" };
	struct group g = { 0 };
	struct spool_claim alone = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };

	(void)state;
	site_make(&g.t);
	put_text(&g.t, "spool/drop/src/a.csv", "one");
	put_text(&g.t, "spool/drop/src/b.csv", "two");
	put_text(&g.t, "spool/drop/src/b.csv.ok", "3");
	group_add(&g, 0, "a.csv", NULL);
	group_add(&g, 1, "b.csv", "b.csv.ok");
	must(&g.t, spool_claim_group(&g.t.spool, &source, g.take, 2, &g.t.err));
	put_text(&g.t, "spool/drop/src/b.csv", "two");
	put_text(&g.t, "spool/drop/src/b.csv.ok", "3");
	must(&g.t, spool_claim(&g.t.spool, &source, "D000009", "b.csv", "b.csv.ok", &alone, &g.t.err));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct eg_buf want = EG_BUF_INIT;
		char *ours = eg_xprintf("spool/work/D000002/%s", parts[i]),
		     *his = eg_xprintf("spool/work/D000009/%s", parts[i]);
		must(&g.t, eg_fs_read_file(g.t.dir, his, 4096, &want, &g.t.err));
		has_text(&g.t, ours, eg_buf_cstr(&want));
		eg_buf_done(&want);
		free(ours);
		free(his);
	}
	assert_int_equal(g.take[1].rc, EG_OK);
	assert_string_equal(g.take[1].claim.drop, "D000002");
	assert_string_equal(g.take[1].claim.sha256, alone.sha256);
	assert_int_equal(g.take[1].claim.size, alone.size);
	assert_int_equal(g.take[1].claim.uid, alone.uid);
	assert_string_equal(eg_buf_cstr(&g.take[1].claim.companion), "b.csv.ok");
	has_text(&g.t, "spool/work/D000001/raw", "one");
	assert_false(eg_fs_exists(g.t.dir, "spool/drop/src/a.csv"));
	spool_claim_done(&alone);
	group_done(&g);
}

static void
one_bad_one_stops_nobody(void **state)
{
	struct group g = { 0 };

	(void)state;
	site_make(&g.t);
	put_text(&g.t, "spool/drop/src/gone.csv", "x");
	put_text(&g.t, "spool/drop/src/grows.csv", "x");
	put_text(&g.t, "spool/drop/src/linked.csv", "x");
	put_text(&g.t, "spool/drop/src/well.csv", "x");
	group_add(&g, 0, "gone.csv", NULL);
	group_add(&g, 1, "grows.csv", NULL);
	group_add(&g, 2, "linked.csv", NULL);
	group_add(&g, 3, "well.csv", NULL);
	assert_int_equal(unlinkat(g.t.dir, "spool/drop/src/gone.csv", 0), 0);
	put_text(&g.t, "spool/drop/src/grows.csv", "xx");
	assert_int_equal(linkat(g.t.dir, "spool/drop/src/linked.csv", g.t.dir, "other", 0), 0);
	must(&g.t, spool_claim_group(&g.t.spool, &source, g.take, N, &g.t.err));
	assert_string_equal(g.take[0].err.code, "GONE");
	assert_int_equal(g.take[0].rc, EG_RETRY);
	assert_string_equal(g.take[1].err.code, "CHANGED");
	assert_int_equal(g.take[1].rc, EG_RETRY);
	assert_string_equal(g.take[2].err.code, "LINKS");
	assert_int_equal(g.take[2].rc, EG_BADFILE);
	assert_int_equal(g.take[3].rc, EG_OK);
	has_text(&g.t, "spool/drop/src/grows.csv", "xx");
	assert_true(eg_fs_exists(g.t.dir, "spool/drop/src/linked.csv"));
	for (unsigned i = 1; i <= 3; i++) {
		char *job = eg_xprintf("spool/work/D%06u", i);
		assert_false(eg_fs_exists(g.t.dir, job));
		free(job);
	}
	has_text(&g.t, "spool/work/D000004/raw", "x");
	group_done(&g);
}

static void
somebody_writes(void **state)
{
	struct group g = { 0 };

	(void)state;
	site_make(&g.t);
	put_text(&g.t, "spool/drop/src/a.csv", "x");
	put_text(&g.t, "spool/drop/src/b.csv", "x");
	group_add(&g, 0, "a.csv", NULL);
	group_add(&g, 1, "b.csv", NULL);
	int writer = openat(g.t.dir, "spool/drop/src/a.csv", O_WRONLY | O_CLOEXEC);
	assert_true(writer >= 0);
	must(&g.t, spool_claim_group(&g.t.spool, &source, g.take, 2, &g.t.err));
	assert_string_equal(g.take[0].err.code, "CHANGED");
	assert_true(eg_fs_exists(g.t.dir, "spool/drop/src/a.csv"));
	assert_int_equal(g.take[1].rc, EG_OK);
	(void)close(writer);
	group_done(&g);
}

/* Of two names given behind one sync a power cut may keep the later alone. */
static void
a_lost_name_comes_back(void **state)
{
	struct group g = { 0 };
	struct spool_claim again = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct eg_buf from = EG_BUF_INIT;

	(void)state;
	site_make(&g.t);
	put_text(&g.t, "spool/drop/src/a.csv", "one");
	put_text(&g.t, "spool/drop/src/a.csv.ok", "3");
	group_add(&g, 0, "a.csv", "a.csv.ok");
	must(&g.t, spool_claim_group(&g.t.spool, &source, g.take, 1, &g.t.err));
	assert_int_equal(unlinkat(g.t.dir, "spool/work/D000001/companion", 0), 0);
	must(&g.t, spool_claim_again(&g.t.spool, "D000001", &from, &again, &g.t.err));
	has_text(&g.t, "spool/work/D000001/companion", "3");
	assert_string_equal(again.sha256, g.take[0].claim.sha256);
	assert_string_equal(eg_buf_cstr(&from), "src");
	spool_claim_done(&again);
	eg_buf_done(&from);
	group_done(&g);
}

static void
cleaned_together(void **state)
{
	const char *const ids[] = { "D000001", "D000007", "D000002" }; /* one was never there: cleaned before */
	struct group g = { 0 };

	(void)state;
	site_make(&g.t);
	put_text(&g.t, "spool/drop/src/a.csv", "x");
	put_text(&g.t, "spool/drop/src/b.csv", "x");
	group_add(&g, 0, "a.csv", NULL);
	group_add(&g, 1, "b.csv", NULL);
	must(&g.t, spool_claim_group(&g.t.spool, &source, g.take, 2, &g.t.err));
	must(&g.t, spool_clean_group(&g.t.spool, ids, 3, &g.t.err));
	assert_int_equal(unlinkat(g.t.dir, "spool/work", AT_REMOVEDIR), 0); /* empty */
	group_done(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_one_by_one),
		cmocka_unit_test(one_bad_one_stops_nobody),
		cmocka_unit_test(somebody_writes),
		cmocka_unit_test(a_lost_name_comes_back),
		cmocka_unit_test(cleaned_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
