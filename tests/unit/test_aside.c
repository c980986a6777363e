/* SPDX-License-Identifier: MIT
 *
 * What a dying worker may cost: one item or one file, never the turn. The program's calls of the worker are led here (siege.mk: --wrap), where children of our own
 * stand in for readers and writers that were taken over, hang, or run out of memory.
 */
#include "gate_kit.h"

#include "gateway/cycle.h"
#include "gateway/worker/parent.h"

#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>

/* ---- the stand-ins ---- */

static const char *bad; /* title of the record over which the worker dies */
static bool hangs; /* it does not die, it never answers */
static size_t too_many; /* it dies over so many records at once; 0 = never */
static unsigned reads_failing; /* so many of the next readings fail, after they said everything */
static const char *reads_fail_code;
static unsigned reads;

int __real_worker_read(struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct worker_sink *sink, struct eg_err *err);
int __wrap_worker_read(struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct worker_sink *sink, struct eg_err *err);
int __wrap_worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int64_t *counters, const struct worker_out_sink *sink, struct eg_err *err);
int __real_worker_accept(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err), void *ctx,
    struct eg_err *err);
int __wrap_worker_accept(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err), void *ctx,
    struct eg_err *err);

static bool
among(const struct rec *const *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned name = rec_head_index(records[i]->type, "vendor.name");

		if (bad != NULL && eg_bytes_is(records[i]->head[name].text, bad))
			return true;
	}
	return false;
}

/* Sleeps without computing: only the core's patience ends it. */
static void
hang(void)
{
	uint32_t never = 0;

	for (;;)
		(void)syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static int
dying_child(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	if (among(job->records, job->n) && hangs)
		hang();
	if (among(job->records, job->n) || (too_many > 0 && job->n >= too_many))
		abort();
	return child_write(job, out, err);
}

int
__wrap_worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err)
{
	return parent_write(dying_child, s, target, records, n, counters, sink, err);
}

int
__wrap_worker_accept(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	if (among(records, n))
		return eg_fail(err, EG_BADFILE, "WORKER", "The checking process died.");
	return __real_worker_accept(s, target, records, n, finding, ctx, err);
}

int
__wrap_worker_read(struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct worker_sink *sink, struct eg_err *err)
{
	int rc = __real_worker_read(s, fd, size, source, name, sink, err);

	reads++;
	if (reads_failing == 0)
		return rc;
	reads_failing--;
	return eg_fail(err, strcmp(reads_fail_code, "LIMIT-MEM") == 0 ? EG_RETRY : EG_BADFILE, reads_fail_code,
	    "The reading process was ended.");
}

/* ---- writing ---- */

static struct kit *
vendors(void)
{
	struct kit *k = gate_open("cmic", "worker.patience = 1s\n");

	bad = NULL;
	hangs = false;
	too_many = reads_failing = reads = 0;
	gate_begin(k);
	kit_drop(k, "procore", "companies.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=2;vendor.name=Two", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 4, "vendor.pm_id=3;vendor.name=Three", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 5, "vendor.pm_id=4;vendor.name=Four", NULL);
	kit_settle(k, false);
	gate_commit(k);
	return k;
}

static struct decide_counts
accept_all(struct kit *k)
{
	static const char *const ids[] = { "1", "2", "3", "4" };
	struct decide_row row[4];
	char iid[4][16], key[4][8];
	struct decide_by by = {
		.approver = "pat", .assurance = "command", .manifest = "P000001", .file = "command", .any_content = true
	};
	struct user pat = { .name = "pat", .role = ROLE_ADMIN, .active = true, .types = "all", .added = 1 };
	struct decide_counts c = { 0 };

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(iid[i], sizeof(iid[i]), "vendor/%s", ids[i]);
		(void)snprintf(key[i], sizeof(key[i]), "V%s", ids[i]);
		row[i] = (struct decide_row){ .row = 2 + (unsigned)i,
			.item = iid[i],
			.content = "",
			.verdict = "accept",
			.erp_id = key[i],
			.transaction_date = "",
			.accounting_date = "",
			.description = "",
			.comment = "" };
	}
	gate_begin(k);
	kit_good(k, user_put(k->s.store, &pat, &k->err));
	kit_good(k, decide_rows(&k->s, &by, row, 4, &c, &k->err));
	kit_settle(k, false);
	gate_commit(k);
	return c;
}

static unsigned
make(struct kit *k)
{
	unsigned n = 0;

	kit_good(k, batches_make(&k->s, &n, &k->err));
	return n;
}

static int
add_finding(void *ctx, const struct finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s%c %s %s|", f->code, f->severity, f->item, f->message);
	return EG_OK;
}

static const char *
findings(struct kit *k)
{
	struct finding_filter all = { .run = k->s.run };

	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &all, add_finding, &k->out, &k->err));
	return eg_buf_cstr(&k->out);
}

static void
check_aside(bool hanging, const char *says)
{
	struct kit *k = vendors();

	assert_int_equal(accept_all(k).refused, 0);
	hangs = hanging;
	bad = "Two";
	assert_int_equal(make(k), 1);
	assert_string_equal(kit_state(k, "vendor/1"), "exported");
	assert_string_equal(kit_state(k, "vendor/2"), "held");
	assert_true(kit_item(k, "vendor/2").parked);
	assert_string_equal(kit_state(k, "vendor/3"), "exported");
	assert_string_equal(kit_state(k, "vendor/4"), "exported");
	const char *told = findings(k);
	if (strstr(told, "F-70H vendor/2 vendor/2 could not be written for cmic and was set aside") == NULL ||
	    strstr(told, says) == NULL || strstr(told, "erpgate release vendor/2") == NULL)
		fail_msg("%s", told);
	assert_null(strstr(told, "F-70H vendor/1"));

	/* neither the rules nor the next turn bring it back by themselves; a person does */
	gate_run(k);
	gate_begin(k);
	kit_settle(k, false);
	gate_commit(k);
	assert_int_equal(make(k), 0);
	assert_string_equal(kit_state(k, "vendor/2"), "held");
	bad = NULL;
	gate_begin(k);
	struct item it = kit_item(k, "vendor/2");
	kit_good(k, act_release(&k->s, &it, &k->err));
	kit_settle(k, false);
	gate_commit(k);
	assert_int_equal(make(k), 1);
	assert_string_equal(kit_state(k, "vendor/2"), "exported");
	gate_close(k);
}

static void
test_one_item_kills_the_writer(void **state)
{
	(void)state;
	check_aside(false, "found a fault in itself");
}

static void
test_one_item_hangs_the_writer(void **state)
{
	(void)state;
	check_aside(true, "no answer for 1 seconds");
}

/* Nobody is to blame: the items leave in batches that are small enough. */
static void
test_too_many_at_once(void **state)
{
	struct kit *k = vendors();

	(void)state;
	(void)accept_all(k);
	too_many = 2;
	assert_int_equal(make(k), 4);
	for (unsigned i = 1; i <= 4; i++) {
		char iid[16];
		(void)snprintf(iid, sizeof(iid), "vendor/%u", i);
		assert_string_equal(kit_state(k, iid), "exported");
	}
	assert_null(strstr(findings(k), "F-70"));
	gate_close(k);
}

/* The check at accept dies over one row: that row is refused, the others are applied. */
static void
test_accept(void **state)
{
	struct kit *k = vendors();

	(void)state;
	bad = "Three";
	const struct decide_counts c = accept_all(k);
	assert_int_equal(c.refused, 1);
	assert_string_equal(kit_state(k, "vendor/1"), "approved");
	assert_string_equal(kit_state(k, "vendor/3"), "waiting");
	assert_string_equal(kit_state(k, "vendor/4"), "approved");
	const char *told = findings(k);
	if (strstr(told, "F-70R vendor/3 vendor/3 cannot be checked for cmic") == NULL)
		fail_msg("%s", told);
	gate_close(k);
}

/* ---- reading ---- */

static const char companies[] = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n"
				"77,Elm Roofing,Elm,Duluth,MN,US,Yes,\n";

static struct drop_row
ingest(struct kit *k, char id[16])
{
	struct cycle_result r;
	struct drop_row d;
	int fd = gate_fd(eg_bytes_str(companies));

	k->s.run = 0;
	kit_good(k, cycle_ingest(&k->s, "procore", "companies.csv", fd, id, &k->err));
	close(fd);
	kit_good(k, cycle_run(&k->s, 0, NULL, &r, &k->err));
	kit_good(k, store_drop_get(k->s.store, id, &k->a, &d, &k->err));
	return d;
}

static const struct {
	const char *code; /* how the worker fails */
	unsigned times, reads;
	const char *verdict;
} deaths[] = {
	{ "WORKER-KILLED", 1, 2, "accepted" }, /* the machine's fault: the second worker is not hurt */
	{ "WORKER-KILLED", 9, 2, "refused" }, { "LIMIT-MEM", 1, 2, "accepted" }, { "LIMIT-MEM", 9, 2, "refused" },
	{ "WORKER", 9, 1, "refused" }, /* the input's fault: no second try */
};

static void
test_reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		struct kit *k = gate_open("cmic", "");
		char id[16];

		bad = NULL;
		reads = 0;
		reads_fail_code = deaths[i].code;
		reads_failing = deaths[i].times;
		const struct drop_row d = ingest(k, id);
		if (reads != deaths[i].reads || strcmp(d.verdict, deaths[i].verdict) != 0)
			fail_msg("%zu: %u reads, %s", i, reads, d.verdict);
		/* what the first worker said does not count twice, and for a refused file not at all */
		struct item it;
		const bool taken = item_find(k->s.store, "vendor/77", &k->a, &it, &k->err) == EG_OK;
		assert_int_equal(taken, strcmp(d.verdict, "accepted") == 0);
		if (!taken) {
			struct eg_buf kept = EG_BUF_INIT;
			char *path = eg_xprintf("spool/rejects/%s/companies.csv", id);
			struct finding_filter mine = { .drop = id };

			kit_good(k, eg_fs_read_file(k->s.dir, path, 4096, &kept, &k->err));
			assert_string_equal(eg_buf_cstr(&kept), companies);
			eg_buf_clear(&k->out);
			kit_good(k, store_finding_each(k->s.store, &mine, add_finding, &k->out, &k->err));
			assert_true(strncmp(eg_buf_cstr(&k->out), "F-03R", 5) == 0);
			eg_buf_done(&kept);
			free(path);
		}
		gate_close(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_item_kills_the_writer),
		cmocka_unit_test(test_one_item_hangs_the_writer),
		cmocka_unit_test(test_too_many_at_once),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
