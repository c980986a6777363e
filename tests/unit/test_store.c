/* SPDX-License-Identifier: MIT
 *
 * The store: what is put in comes out, a rollback leaves nothing, walks keep their order while items change under
 * them, and a database that is not ours is refused.
 */
#include "intake_kit.h"

#include "base/fs.h"

static int
setup(void **state)
{
	*state = kit_open("cmic");
	return 0;
}

static int
teardown(void **state)
{
	kit_close(*state);
	return 0;
}

static void
numbers(void **state)
{
	struct kit *k = *state;
	char id[16];

	kit_good(k, store_next_id(k->s.store, 'P', id, &k->err));
	assert_string_equal(id, "P000001");
	kit_good(k, store_seen_id(k->s.store, "P000187", &k->err));
	kit_good(k, store_seen_id(k->s.store, "P000012", &k->err));
	kit_good(k, store_next_id(k->s.store, 'P', id, &k->err));
	assert_string_equal(id, "P000188");
	kit_good(k, store_next_id(k->s.store, 'B', id, &k->err));
	assert_string_equal(id, "B000001");
	assert_int_equal(store_seen_id(k->s.store, "Pxyz", &k->err), EG_BADREC);
}

static int
last_event(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->out, "%llu %s %s\n", (unsigned long long)r->index, r->event, r->id);
	return EG_OK;
}

static void
log_lines(void **state)
{
	struct kit *k = *state;
	uint64_t size = 99;

	kit_good(k, store_log_size(k->s.store, &size, &k->err));
	assert_int_equal(size, 0);
	kit_good(k, store_log(k->s.store, 1780000000, "anna", "hold", "vendor/1", "{\"b\":1,\"a\":\"\\\"\"}", &k->err));
	kit_good(k, store_log(k->s.store, 1780000001, "erpgate", "received", "D000001", NULL, &k->err));
	kit_good(k, store_log_line(k->s.store, 0, &k->out, &k->err));
	assert_string_equal(eg_buf_cstr(&k->out),
	    "{\"index\":0,\"time\":\"2026-05-28T20:26:40Z\",\"actor\":\"anna\",\"event\":\"hold\",\"id\":\"vendor/1\",\"detail\":{\"b\":1,\"a\":\"\\\"\"}}");
	eg_buf_clear(&k->out);
	kit_good(k, store_log_each(k->s.store, NULL, 0, last_event, k, &k->err));
	kit_good(k, store_log_each(k->s.store, NULL, 1, last_event, k, &k->err));
	kit_good(k, store_log_each(k->s.store, "vendor/1", 0, last_event, k, &k->err));
	assert_string_equal(
	    eg_buf_cstr(&k->out), "0 hold vendor/1\n1 received D000001\n1 received D000001\n0 hold vendor/1\n");
	assert_int_equal(store_log(k->s.store, 1, "x", "y", "z", "{broken", &k->err), EG_FATAL);
	assert_int_equal(store_log_line(k->s.store, 7, &k->out, &k->err), EG_FATAL);
}

static void
drops(void **state)
{
	struct kit *k = *state;
	struct drop_row d;
	const char *twin = NULL;

	kit_drop(k, "procore", "a.csv");
	assert_int_equal(store_drop_twin(k->s.store, "cmic", "a.csv", &k->a, &twin, &k->err), EG_EOF);
	kit_good(k, store_drop_twin(k->s.store, "procore", "a.csv", &k->a, &twin, &k->err));
	assert_string_equal(twin, "D000001");
	kit_good(k, store_drop_set(k->s.store, "D000001", "done", NULL, NULL, &k->err));
	kit_good(k, store_drop_set(k->s.store, "D000001", NULL, "duplicate", "A000001", &k->err));
	kit_good(k, store_drop_get(k->s.store, "D000001", &k->a, &d, &k->err));
	assert_string_equal(d.state, "done");
	assert_string_equal(d.verdict, "duplicate");
	assert_string_equal(d.bundle, "A000001");
	assert_null(d.first);
	assert_int_equal(store_drop_twin(k->s.store, "procore", "a.csv", &k->a, &twin, &k->err), EG_EOF);
	assert_int_equal(store_drop_get(k->s.store, "D000002", &k->a, &d, &k->err), EG_EOF);
}

static void
findings_once(void **state)
{
	struct kit *k = *state;
	struct finding f = { .run = k->s.run,
		.drop = "D000001",
		.source = "procore",
		.file = "b.csv",
		.line = 2,
		.code = "E-01",
		.severity = 'H',
		.item = "x",
		.message = "m" };

	kit_good(k, store_finding_add(k->s.store, &f, &k->err));
	kit_good(k, store_finding_add(k->s.store, &f, &k->err));
	f.file = "a.csv";
	f.drop = NULL;
	kit_good(k, store_finding_add(k->s.store, &f, &k->err));
	kit_good(k, store_finding_add(k->s.store, &f, &k->err));
	assert_string_equal(kit_findings(k), "a.csv,2,E-01,x\nb.csv,2,E-01,x\n");
	kit_run(k);
	assert_string_equal(kit_findings(k), "");
}

static void
add(struct kit *k, const char *type, const char *head, const char *lines)
{
	kit_give(k, ADP_TAKEN, type, 2, head, lines);
}

static void
item_and_revisions(void **state)
{
	struct kit *k = *state;
	struct item it;
	struct rec r, old;

	kit_drop(k, "procore", "a.csv");
	add(k, "commitment", "project.number=24/1;commitment.number=SC-1;vendor.pm_id=7;commitment.title=T",
	    "line.position=1;line.amount=10.50/line.position=2;line.amount=-0.50");
	it = kit_item(k, "commitment/24%2F1/SC-1");
	assert_string_equal(it.amount, "10.00");
	assert_string_equal(it.vendor, "7");
	assert_string_equal(it.project, "24/1");
	assert_string_equal(it.title, "T");
	assert_int_equal(it.rev_no, 1);
	assert_int_equal(it.posted, -1);
	assert_int_equal(it.line, 2);
	it.accepted = 5;
	it.posted = 1;
	it.erp_id = "X";
	kit_good(k, item_save(k->s.store, &it, 5, &k->err));
	r = kit_rec(k, "commitment", 3, "project.number=24/1;commitment.number=SC-1", NULL);
	it.amount = NULL;
	kit_good(k, item_revise(k->s.store, &it, &r, 6, k->s.run, &k->err));
	it = kit_item(k, "commitment/24%2F1/SC-1");
	assert_int_equal(it.rev_no, 2);
	assert_int_equal(it.accepted, 0);
	assert_int_equal(it.posted, 1);
	assert_string_equal(it.erp_id, "X");
	assert_null(it.amount);
	kit_good(k, item_record(k->s.store, it.rev, &k->a, &old, &k->err));
	assert_int_equal(old.nlines, 0);
	kit_good(k, item_record(k->s.store, it.rev - 1, &k->a, &old, &k->err));
	assert_int_equal(old.nlines, 2);
	assert_int_equal(item_record(k->s.store, 999, &k->a, &old, &k->err), EG_FATAL);
}

static void
lookup(void **state)
{
	struct kit *k = *state;
	struct item it;
	char small[16];

	kit_drop(k, "procore", "a.csv");
	add(k, "commitment", "project.number=1;commitment.number=SC-1", NULL);
	add(k, "commitment", "project.number=2;commitment.number=SC-1", NULL);
	add(k, "commitment", "project.number=2;commitment.number=SC-2", NULL);
	kit_good(k, item_lookup(k->s.store, "SC-2", &k->a, &it, &k->err));
	assert_string_equal(it.iid, "commitment/2/SC-2");
	item_short(it.id, small);
	kit_good(k, item_lookup(k->s.store, small, &k->a, &it, &k->err));
	assert_string_equal(it.iid, "commitment/2/SC-2");
	assert_int_equal(item_lookup(k->s.store, "SC-1", &k->a, &it, &k->err), EG_BADREC);
	assert_string_equal(k->err.code, "AMBIGUOUS");
	assert_non_null(strstr(k->err.msg, "commitment/1/SC-1, commitment/2/SC-1"));
	assert_int_equal(item_lookup(k->s.store, "SC-9", &k->a, &it, &k->err), EG_EOF);
	item_short(36 * 36 + 35, small);
	assert_string_equal(small, "i10z");
}

static int
walk(void *ctx, const struct item *it, struct eg_err *err)
{
	struct kit *k = ctx;
	struct item change = *it;

	eg_buf_printf(&k->out, "%s ", it->iid);
	change.state = ST_REJECTED;
	return item_save(k->s.store, &change, 9, err);
}

static void
walk_while_changing(void **state)
{
	static const struct {
		const char *name;
		struct item_filter f;
		const char *want;
	} rows[] = {
		{ "all, by type and id", { .type = NULL }, "vendor/9 commitment/1/B commitment/2/A erp-vendor/V " },
		{ "states", { .states = 1U << ST_WAITING }, "vendor/9 commitment/1/B commitment/2/A " },
		{ "project", { .project = "2" }, "commitment/2/A " },
		{ "parent", { .parent = "none" }, "" },
		{ "vendor", { .vendor = "9", .states = 1U << ST_WAITING | 1U << ST_HELD }, "vendor/9 " },
		{ "other state", { .states = 1U << ST_HELD }, "" },
	};
	struct kit *k = *state;

	kit_drop(k, "procore", "a.csv");
	add(k, "erp-vendor", "vendor.origin_code=V", NULL);
	add(k, "commitment", "project.number=2;commitment.number=A", NULL);
	add(k, "commitment", "project.number=1;commitment.number=B", NULL);
	add(k, "vendor", "vendor.pm_id=9", NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		eg_buf_clear(&k->out);
		kit_good(k, store_mark(k->s.store, &k->err));
		kit_good(k, item_each(k->s.store, &rows[i].f, walk, k, &k->err));
		kit_good(k, store_undo(k->s.store, &k->err));
		if (strcmp(eg_buf_cstr(&k->out), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].name, eg_buf_cstr(&k->out));
	}
	assert_string_equal(kit_state(k, "vendor/9"), "waiting");
}

static void
rollback(void **state)
{
	struct kit *k = *state;
	struct item it;

	kit_drop(k, "procore", "a.csv");
	add(k, "vendor", "vendor.pm_id=1", NULL);
	kit_good(k, store_mark(k->s.store, &k->err));
	add(k, "vendor", "vendor.pm_id=2", NULL);
	kit_good(k, store_undo(k->s.store, &k->err));
	kit_good(k, store_commit(k->s.store, &k->err));
	kit_good(k, store_begin(k->s.store, &k->err));
	add(k, "vendor", "vendor.pm_id=3", NULL);
	store_rollback(k->s.store);
	kit_good(k, store_begin(k->s.store, &k->err));
	kit_good(k, item_find(k->s.store, "vendor/1", &k->a, &it, &k->err));
	assert_int_equal(item_find(k->s.store, "vendor/2", &k->a, &it, &k->err), EG_EOF);
	assert_int_equal(item_find(k->s.store, "vendor/3", &k->a, &it, &k->err), EG_EOF);
	kit_good(k, store_check(k->s.store, &k->err));
}

static int
count_refs(void *ctx, const struct rec *r, int64_t file, const char *verdict, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->out, "%.*s:%s:%d ", EG_FMT(rec_head(r, "code.cost_code")->text), verdict, file > 0);
	return EG_OK;
}

static void
references(void **state)
{
	struct kit *k = *state;
	struct rec r = kit_rec(k, "cost-code", 4, "code.cost_code=01/2;code.name=A", NULL), got;
	const struct rec_type *t = rec_type(REC_COST_CODE);
	bool changed = false, there = true;
	int64_t file = 0;

	kit_good(k, ref_put(k->s.store, &r, 3, &changed, &k->err));
	assert_true(changed);
	kit_good(k, ref_judge(k->s.store, &r, "good", &k->err));
	kit_good(k, ref_put(k->s.store, &r, 4, &changed, &k->err));
	assert_false(changed);
	kit_good(k, ref_get(k->s.store, t, "01%2F2/", &k->a, &got, &file, &k->err));
	assert_int_equal(file, 3);
	assert_int_equal(ref_get(k->s.store, t, "nope", &k->a, &got, &file, &k->err), EG_EOF);
	r = kit_rec(k, "cost-code", 9, "code.cost_code=00;code.name=A", NULL);
	kit_good(k, ref_put(k->s.store, &r, 5, &changed, &k->err));
	kit_good(k, ref_each_judged(k->s.store, t, NULL, NULL, count_refs, k, &k->err));
	assert_string_equal(eg_buf_cstr(&k->out), "00::1 01/2:good:1 ");
	eg_buf_clear(&k->out);
	kit_good(k, ref_each_judged(k->s.store, t, "01", "good", count_refs, k, &k->err));
	assert_string_equal(eg_buf_cstr(&k->out), "01/2:good:1 ");
	r = kit_rec(k, "cost-code", 4, "code.cost_code=01/2;code.name=B", NULL);
	kit_good(k, ref_put(k->s.store, &r, 6, &changed, &k->err));
	assert_true(changed);
	eg_buf_clear(&k->out);
	kit_good(k, ref_each_judged(k->s.store, t, "01", "", count_refs, k, &k->err));
	assert_string_equal(eg_buf_cstr(&k->out), "01/2::1 ");
	kit_good(k, list_received(k->s.store, "cost-code", &there, &k->err));
	assert_false(there);
	kit_good(k, list_mark(k->s.store, "cost-code", 1, 1, &k->err));
	kit_good(k, list_received(k->s.store, "cost-code", &there, &k->err));
	assert_true(there);
}

static void
newer_database(void **state)
{
	struct kit *k = *state;
	struct store *other = NULL;
	int fd;

	kit_good(k, store_commit(k->s.store, &k->err));
	kit_good(k, store_open(k->s.dir, false, true, &other, &k->err));
	store_close(other);
	store_close(k->s.store);
	k->s.store = NULL;
	fd = openat(k->s.dir, "state.db", O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "\0\0\0\x09", 4, 60), 4); /* user_version in the file's header */
	close(fd);
	assert_int_equal(store_open(k->s.dir, false, false, &other, &k->err), EG_FATAL);
	assert_string_equal(k->err.code, "DB-NEWER");
	fd = openat(k->s.dir, "state.db", O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "not a database..", 16, 0), 16);
	close(fd);
	assert_int_equal(store_open(k->s.dir, false, false, &other, &k->err), EG_FATAL);
	assert_string_equal(k->err.code, "DB-CORRUPT");
	assert_int_equal(unlinkat(k->s.dir, "state.db", 0), 0);
	assert_int_equal(store_open(k->s.dir, false, false, &other, &k->err), EG_FATAL);
	assert_string_equal(k->err.code, "DB-OPEN");
	kit_good(k, store_open(k->s.dir, true, false, &k->s.store, &k->err));
}

/* A kill can leave the name of a file that SQLite spilled into. */
static void
spilled(void **state)
{
	struct kit *k = *state;

	kit_good(k, store_commit(k->s.store, &k->err));
	store_close(k->s.store);
	kit_good(k, eg_fs_write_file(k->s.dir, "etilqs_5216b5b6b23faded", EG_LIT("rows"), 0600, false, &k->err));
	kit_good(k, store_open(k->s.dir, false, true, &k->s.store, &k->err));
	assert_true(eg_fs_exists(k->s.dir, "etilqs_5216b5b6b23faded")); /* who only reads removes nothing */
	store_close(k->s.store);
	kit_good(k, store_open(k->s.dir, false, false, &k->s.store, &k->err));
	assert_false(eg_fs_exists(k->s.dir, "etilqs_5216b5b6b23faded"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spilled, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(log_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(drops, setup, teardown),
		cmocka_unit_test_setup_teardown(findings_once, setup, teardown),
		cmocka_unit_test_setup_teardown(item_and_revisions, setup, teardown),
		cmocka_unit_test_setup_teardown(lookup, setup, teardown),
		cmocka_unit_test_setup_teardown(walk_while_changing, setup, teardown),
		cmocka_unit_test_setup_teardown(rollback, setup, teardown),
		cmocka_unit_test_setup_teardown(references, setup, teardown),
		cmocka_unit_test_setup_teardown(newer_database, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
