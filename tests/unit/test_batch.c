/* SPDX-License-Identifier: MIT
 *
 * Batches and the two places where a crash must not show: rendered and staged but not committed (the next turn makes the same batch again), and published
 * but not marked (nothing leaves twice). The crash is a process of its own that ends when it looks at the clock behind that point.
 */
#include "gate_kit.h"

#include <sys/wait.h>

#define INVOICE "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period="

static void
approve(struct kit *k, const char *iid, const char *erp_id)
{
	struct item it = kit_item(k, iid);
	struct decision d = { .item = it.id,
		.manifest = "P000001",
		.iid = iid,
		.content = it.content,
		.verdict = "accept",
		.erp_id = erp_id,
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "",
		.approver = "pat",
		.result = "applied",
		.code = "",
		.at = GATE_NOW };

	kit_good(k, decision_add(k->s.store, &d, &it.accepted, &k->err));
	it.state = ST_APPROVED;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

/* Everything invoices of P1/C1 need is synced and posted; two vendors and two invoices. */
static struct kit *
world(const char *settings)
{
	struct kit *k = gate_open("cmic", settings);

	gate_begin(k);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=2;vendor.name=Two", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 4, "vendor.pm_id=3;vendor.name=Three", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 6,
	    "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.type=subcontract",
	    "line.position=1;line.cost_code=01-1000;line.cost_type=S;line.amount=100.00");
	kit_give(k, ADP_TAKEN, "invoice", 7,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I1;invoice.number=1;invoice.billing_date=2026-01-31",
	    INVOICE "10.01");
	kit_give(k, ADP_TAKEN, "invoice", 8,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I2;invoice.number=2;invoice.billing_date=2026-02-28",
	    INVOICE "20.02");
	kit_settle(k, false);
	kit_set(k, "vendor/1", ST_SYNCED, "V1", -1);
	kit_set(k, "project/P1", ST_SYNCED, "J1", -1);
	kit_set(k, "commitment/P1/C1", ST_SYNCED, "C1", 1);
	gate_commit(k);
	return k;
}

static void
approve_one(struct kit *k, const char *iid, const char *erp_id)
{
	gate_begin(k);
	approve(k, iid, erp_id);
	gate_commit(k);
}

static unsigned
make(struct kit *k)
{
	unsigned n = 0;

	kit_good(k, batches_make(&k->s, &n, &k->err));
	return n;
}

static int
add_name(void *ctx, const char *name, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s ", name);
	return EG_OK;
}

/* Names in a folder of the spool, "" when it is not there. */
static const char *
names(struct kit *k, const char *path)
{
	int dir = -1;

	eg_buf_clear(&k->out);
	if (!eg_fs_exists(k->s.dir, path))
		return "";
	kit_good(k, eg_fs_opendir(k->s.dir, path, &dir, &k->err));
	kit_good(k, eg_fs_list(dir, add_name, &k->out, &k->err));
	eg_fd_done(&dir);
	return eg_buf_cstr(&k->out);
}

static void
read_into(struct kit *k, const char *path, struct eg_buf *ret)
{
	eg_buf_clear(ret);
	kit_good(k, eg_fs_read_file(k->s.dir, path, 1 << 20, ret, &k->err));
}

static const char *
batch_state(struct kit *k, const char *id)
{
	struct batch b;
	int rc = batch_get(k->s.store, id, &k->a, &b, &k->err);

	return rc == EG_OK ? b.state : "none";
}

/* ---- a process that dies ---- */

struct dying {
	const char *path; /* when this is there … */
	bool gone; /* … or not there, at a look at the clock, it dies */
};

static int64_t
dying_clock(void *ctx)
{
	const struct dying *d = ctx;

	if ((access(d->path, F_OK) != 0) == d->gone)
		_exit(9);
	return GATE_NOW;
}

static int
publish(struct site *s, struct eg_err *err)
{
	return batches_publish(s, err);
}

static int
make_batches(struct site *s, struct eg_err *err)
{
	unsigned n = 0;

	return batches_make(s, &n, err);
}

static void
die_in(struct kit *k, int (*work)(struct site *s, struct eg_err *err), const char *path, bool gone)
{
	char *full = eg_xprintf("%s/%s", k->dir, path);
	struct dying d = { full, gone };
	int status = 0;

	site_close(&k->s);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct eg_err err;
		struct site s;
		if (site_open(k->dir, SITE_OWN, &s, &err) != EG_OK)
			_exit(1);
		s.now = dying_clock;
		s.now_ctx = &d;
		_exit(work(&s, &err) == EG_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
	free(full);
	gate_reopen(k);
}

#define VENDORS "CMIC_VENDOR_B000001.csv"

static void
test_rendered_but_not_committed(void **state)
{
	struct kit *k = world("");
	struct eg_buf first = EG_BUF_INIT, second = EG_BUF_INIT;

	(void)state;
	approve_one(k, "vendor/2", "TWO");
	approve_one(k, "invoice/P1/C1/I1", "");
	die_in(k, make_batches, "spool/work/B000001/archive/CMIC_INVOICE_B000001.csv", false);
	assert_string_equal(batch_state(k, "B000001"), "none");
	assert_string_equal(kit_state(k, "vendor/2"), "approved");
	assert_string_equal(names(k, "spool/out/cmic"), "");
	read_into(k, "spool/work/B000001/cmic/CMIC_INVOICE_B000001.csv", &first);
	kit_good(k, batches_publish(&k->s, &k->err)); /* recovery finds nothing of it */
	assert_string_equal(names(k, "spool/out/cmic"), "");

	assert_int_equal(make(k), 1);
	assert_string_equal(batch_state(k, "B000001"), "ready");
	read_into(k, "spool/work/B000001/cmic/CMIC_INVOICE_B000001.csv", &second);
	assert_string_equal(eg_buf_cstr(&first), eg_buf_cstr(&second)); /* its running number, too */
	assert_true(eg_bytes_find(eg_buf_view(&second), EG_LIT("-999999")) < second.len);
	kit_good(k, batches_publish(&k->s, &k->err));
	assert_string_equal(names(k, "spool/out/cmic"), "CMIC_INVOICE_B000001.csv " VENDORS " ");
	assert_string_equal(kit_state(k, "vendor/2"), "exported");
	assert_int_equal(make(k), 0); /* nothing more to send */
	eg_buf_done(&second);
	eg_buf_done(&first);
	gate_close(k);
}

static void
test_staged_but_not_published(void **state)
{
	struct kit *k = world("");

	(void)state;
	approve_one(k, "vendor/2", "TWO");
	assert_int_equal(make(k), 1);
	gate_reopen(k);
	assert_string_equal(names(k, "spool/out/cmic"), "");
	kit_good(k, batches_publish(&k->s, &k->err));
	assert_string_equal(names(k, "spool/out/cmic"), VENDORS " ");
	assert_string_equal(batch_state(k, "B000001"), "published");
	gate_close(k);
}

static void
test_published_but_not_marked(void **state)
{
	struct kit *k = world("");

	(void)state;
	approve_one(k, "vendor/2", "TWO");
	assert_int_equal(make(k), 1);
	die_in(k, publish, "spool/work/B000001/cmic/" VENDORS, true);
	assert_string_equal(batch_state(k, "B000001"), "ready");
	assert_string_equal(names(k, "spool/out/cmic"), VENDORS " ");
	assert_int_equal(unlinkat(k->s.dir, "spool/out/cmic/" VENDORS, 0), 0); /* the ERP takes it */
	kit_good(k, batches_publish(&k->s, &k->err));
	assert_string_equal(batch_state(k, "B000001"), "published");
	assert_string_equal(names(k, "spool/out/cmic"), "");
	kit_good(k, batches_publish(&k->s, &k->err));
	assert_string_equal(names(k, "spool/out/cmic"), "");
	gate_close(k);
}

/* Numbers given in one batch are not given in the next, and not in one that failed. */
static void
test_counters(void **state)
{
	struct kit *k = world("");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	approve_one(k, "invoice/P1/C1/I1", "");
	assert_int_equal(make(k), 1);
	read_into(k, "spool/work/B000001/cmic/CMIC_INVOICE_B000001.csv", &b);
	assert_true(eg_bytes_find(eg_buf_view(&b), EG_LIT(",I1,-999999,")) < b.len);
	gate_reopen(k);
	approve_one(k, "invoice/P1/C1/I2", "");
	assert_int_equal(make(k), 1);
	read_into(k, "spool/work/B000002/cmic/CMIC_INVOICE_B000002.csv", &b);
	assert_true(eg_bytes_find(eg_buf_view(&b), EG_LIT(",I2,-999998,")) < b.len);
	eg_buf_done(&b);
	gate_close(k);
}

static int
add_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s %s %d %s\n", f->name, f->object, (int)f->rows, f->amount);
	return EG_OK;
}

static int
add_lineage(void *ctx, int64_t file, uint64_t line, int64_t item, const char *cells, struct eg_err *err)
{
	(void)err;
	(void)item;
	assert_non_null(strstr(cells, "\"column\""));
	eg_buf_printf(ctx, "%d:%d ", (int)file, (int)line);
	return EG_OK;
}

/* Rows and amounts of each file by itself. */
static void
test_ledger(void **state)
{
	struct kit *k = world("");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	gate_begin(k);
	approve(k, "vendor/2", "TWO");
	approve(k, "vendor/3", "THREE");
	approve(k, "invoice/P1/C1/I1", "");
	approve(k, "invoice/P1/C1/I2", "");
	gate_commit(k);
	assert_int_equal(make(k), 1);
	kit_good(k, batch_file_each(k->s.store, "B000001", add_file, &b, &k->err));
	assert_string_equal(eg_buf_cstr(&b), VENDORS " VENDOR 2 0.00\nCMIC_INVOICE_B000001.csv INVOICE 2 30.03\n");
	eg_buf_clear(&b);
	kit_good(k, lineage_each(k->s.store, 0, 0, add_lineage, &b, &k->err));
	assert_string_equal(eg_buf_cstr(&b), "1:1 1:2 2:1 2:2 ");
	eg_buf_done(&b);
	gate_close(k);
}

static const struct {
	const char *name, *setting, *file; /* file NULL = refused */
} patterns[] = {
	{ "default", "", VENDORS },
	{ "own", "target.cmic.name = out-{batch}.{OBJECT}.{ext}\n", "out-B000001.VENDOR.csv" },
	{ "without the batch", "target.cmic.name = {OBJECT}.{ext}\n", NULL },
	{ "unknown word", "target.cmic.name = {batch}{date}\n", NULL },
	{ "open brace", "target.cmic.name = {batch}{ext\n", NULL },
	{ "folder", "target.cmic.name = x/{batch}\n", NULL },
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct kit *k = world(patterns[i].setting);
		unsigned n = 0;

		approve_one(k, "vendor/2", "TWO");
		int rc = batches_make(&k->s, &n, &k->err);
		if (patterns[i].file == NULL) {
			if (rc != EG_FATAL || strcmp(k->err.code, "CONF-VALUE") != 0)
				fail_msg("%s: %d %s", patterns[i].name, rc, k->err.msg);
			assert_string_equal(kit_state(k, "vendor/2"), "approved");
			assert_string_equal(batch_state(k, "B000001"), "none");
		} else {
			char *want = eg_xprintf("%s ", patterns[i].file);
			kit_good(k, rc);
			assert_string_equal(names(k, "spool/work/B000001/cmic"), want);
			free(want);
		}
		gate_close(k);
	}
}

/* A marker beside each file, for targets that wait for one. */
static void
test_companion(void **state)
{
	struct kit *k = world("target.cmic.companion = yes\n");

	(void)state;
	approve_one(k, "vendor/2", "TWO");
	assert_int_equal(make(k), 1);
	kit_good(k, batches_publish(&k->s, &k->err));
	assert_string_equal(names(k, "spool/out/cmic"), VENDORS " " VENDORS ".ok ");
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rendered_but_not_committed),
		cmocka_unit_test(test_staged_but_not_published),
		cmocka_unit_test(test_published_but_not_marked),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_ledger),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_companion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
