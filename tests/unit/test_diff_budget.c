/* SPDX-License-Identifier: MIT
 *
 * A budget that the ERP has leaves as the difference to what the ERP took last: read from the files that are written, over answers that are good, bad or late,
 * with lines that come, go and come back. What left adds up to the newest budget, always.
 */
#include "flow_kit.h"

#include "gateway/workflow/adopt.h"
#include "gateway/workflow/history.h"

#include <stdlib.h>

#define LINE(code, amount) "line.cost_code=" code ";line.cost_type=S;line.original_amount=" amount

/* "01-1000 100.00 " per row of the batch's file, "" = no such file. */
static const char *
written(struct kit *k, const char *batch)
{
	char *path = eg_xprintf("spool/out/cmic/CMIC_BUDGET_%s.csv", batch);
	struct eg_buf text = EG_BUF_INIT;
	struct eg_bytes rest, row, cell;

	eg_buf_clear(&k->out);
	if (eg_fs_exists(k->s.dir, path)) {
		kit_good(k, eg_fs_read_file(k->s.dir, path, 1 << 20, &text, &k->err));
		rest = eg_buf_view(&text);
		while (eg_bytes_cut(&rest, '\n', &row))
			for (unsigned i = 1; row.len > 0 && eg_bytes_cut(&row, ',', &cell); i++)
				if (i == 10 || i == 12)
					eg_buf_printf(&k->out, "%.*s ", (int)cell.len, (const char *)cell.ptr);
	}
	eg_buf_done(&text);
	free(path);
	return eg_buf_cstr(&k->out);
}

static void
budget(struct kit *k, const char *name, const char *lines)
{
	flow_give(k, name, "budget", "project.number=P1", lines);
}

static void
send(struct kit *k, const char *error)
{
	flow_decide(k, "accept", "budget/P1", "");
	assert_int_equal(flow_batches(k), 1);
	assert_string_equal(kit_state(k, "budget/P1"), "exported");
	flow_answer(k, "budget/P1", error);
	assert_string_equal(kit_state(k, "budget/P1"), error == NULL ? "synced" : "failed");
}

static void
differences(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00") "/" LINE("02-2000", "50.00") "/" LINE("03-3000", "0.00"));
	send(k, NULL);
	assert_string_equal(written(k, "B000002"), "01-1000 100.00 02-2000 50.00 03-3000 0.00 ");
	/* one more, one less, one gone, told in another order */
	budget(k, "2", LINE("03-3000", "7.25") "/" LINE("01-1000", "90.10"));
	assert_string_equal(kit_state(k, "budget/P1"), "changed");
	send(k, NULL);
	assert_string_equal(written(k, "B000003"), "01-1000 -9.90 02-2000 -50.00 03-3000 7.25 ");
	/* the gone one comes back */
	budget(k, "3", LINE("01-1000", "90.10") "/" LINE("02-2000", "1.00") "/" LINE("03-3000", "7.25"));
	send(k, NULL);
	assert_string_equal(written(k, "B000004"), "02-2000 1.00 ");
	gate_close(k);
}

/* A refused update changed nothing in the ERP, so the next one starts from what it took before. */
static void
after_a_refused_update(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00"));
	send(k, "period closed");
	send(k, NULL);
	assert_string_equal(written(k, "B000003"), "01-1000 100.00 ");
	budget(k, "2", LINE("01-1000", "130.00"));
	send(k, "period closed");
	assert_string_equal(written(k, "B000004"), "01-1000 30.00 ");
	budget(k, "3", LINE("01-1000", "140.00"));
	assert_string_equal(kit_state(k, "budget/P1"), "waiting");
	send(k, NULL);
	assert_string_equal(written(k, "B000005"), "01-1000 40.00 ");
	gate_close(k);
}

/* New content while the answer is on its way: compared with what was written, not with what came since. */
static void
changed_before_the_answer(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00"));
	flow_decide(k, "accept", "budget/P1", "");
	assert_int_equal(flow_batches(k), 1);
	budget(k, "2", LINE("01-1000", "101.00"));
	assert_string_equal(kit_state(k, "budget/P1"), "exported");
	flow_answer(k, "budget/P1", NULL);
	assert_string_equal(kit_state(k, "budget/P1"), "changed");
	send(k, NULL);
	assert_string_equal(written(k, "B000003"), "01-1000 1.00 ");
	gate_close(k);
}

static void
nothing_to_say(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00"));
	send(k, NULL);
	budget(k, "2", LINE("01-1000", "100.00") ";line.description=Concrete");
	flow_decide(k, "accept", "budget/P1", "");
	assert_int_equal(flow_batches(k), 0);
	assert_string_equal(kit_state(k, "budget/P1"), "synced");
	assert_int_equal(kit_item(k, "budget/P1").posted, 1);
	assert_non_null(strstr(kit_findings(k), "2,2,F-44,budget/P1"));
	budget(k, "3", LINE("01-1000", "105.00"));
	send(k, NULL);
	assert_string_equal(written(k, "B000003"), "01-1000 5.00 ");
	gate_close(k);
}

/* What was adopted stands in the ERP already, as much as if it had been sent. */
static void
after_adoption(void **state)
{
	struct kit *k = flow_open("cmic", "");
	struct adopt_by by = { "pat", "command", "P000009", "list.csv" };
	struct adopt_row row = { 2, "budget/P1", "", "", "150.00", "", 1 };
	struct adopt_said said;

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00") "/" LINE("02-2000", "50.00"));
	gate_begin(k);
	kit_good(k, adopt_item(&k->s, &by, &row, &k->a, &said, &k->err));
	gate_commit(k);
	assert_string_equal(said.outcome == ADOPT_DONE ? "" : said.message, "");
	assert_string_equal(kit_state(k, "budget/P1"), "synced");
	budget(k, "2", LINE("01-1000", "100.00") "/" LINE("02-2000", "60.00"));
	assert_string_equal(kit_state(k, "budget/P1"), "changed");
	send(k, NULL);
	assert_string_equal(written(k, "B000002"), "02-2000 10.00 ");
	gate_close(k);
}

/* What was unlinked is not in the ERP any more: the whole budget leaves again. */
static void
whole_after_unlinking(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00"));
	send(k, NULL);
	assert_string_equal(flow_unlink(k, "budget/P1", NULL, false), "E-70");
	assert_string_equal(kit_state(k, "budget/P1"), "synced");
	assert_string_equal(flow_unlink(k, "budget/P1", "deleted by Kim", false), "");
	budget(k, "2", LINE("01-1000", "110.00"));
	send(k, NULL);
	assert_string_equal(written(k, "B000003"), "01-1000 110.00 ");
	gate_close(k);
}

/* A negative amount of a removed line leads to the older file. */
static int
cells_of_removed(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells, struct eg_err *err)
{
	(void)batch_file;
	(void)item;
	(void)err;
	if (line == 2)
		eg_buf_str(ctx, cells);
	return EG_OK;
}

static void
lineage_of_differences(void **state)
{
	struct kit *k = flow_open("cmic", "");
	struct eg_buf cells = EG_BUF_INIT;
	int64_t older;
	char *want;

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00") "/" LINE("02-2000", "50.00"));
	older = kit_item(k, "budget/P1").file;
	send(k, NULL);
	budget(k, "2", LINE("01-1000", "101.00"));
	send(k, NULL);
	kit_good(k, lineage_each(k->s.store, 3, 0, cells_of_removed, &cells, &k->err));
	want = eg_xprintf(
	    "\"CMI_CMD_BUDG_AMT\",\"rule\":\"line.original_amount\",\"from\":[{\"file\":%lld,", (long long)older);
	assert_non_null(strstr(eg_buf_cstr(&cells), want));
	free(want);
	eg_buf_done(&cells);
	gate_close(k);
}

/* ---- its history, as `show` tells it ---- */

static void
attempts(void **state)
{
	static const enum request_status want[] = { REQUEST_FAILED, REQUEST_SUCCESS, REQUEST_STALE, REQUEST_OPEN };
	struct kit *k = flow_open("cmic", "");
	struct item it;
	struct requests sent;

	(void)state;
	budget(k, "1", LINE("01-1000", "100.00"));
	send(k, "period closed");
	send(k, NULL);
	budget(k, "2", LINE("01-1000", "101.00"));
	flow_decide(k, "accept", "budget/P1", "");
	assert_int_equal(flow_batches(k), 1);
	it = kit_item(k, "budget/P1");
	it.state = ST_APPROVED; /* as if it were written a second time before the answer */
	gate_begin(k);
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	gate_commit(k);
	assert_int_equal(flow_batches(k), 1);
	it = kit_item(k, "budget/P1");
	kit_good(k, requests_read(&k->s, &it, &k->a, &sent, &k->err));
	assert_int_equal(sent.n, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(sent.v[i].status, want[i]);
		assert_string_equal(sent.v[i].by, "pat");
	}
	assert_string_equal(sent.v[0].error, "period closed");
	assert_string_equal(sent.v[1].batch, "B000003");
	assert_true(sent.v[1].posted);
	assert_ptr_equal(requests_base(&sent), &sent.v[1]);
	assert_string_equal(flow_unlink(k, "budget/P1", "deleted", false), "E-75"); /* no answer yet */
	flow_answer(k, "budget/P1", NULL);
	assert_string_equal(flow_unlink(k, "budget/P1", "deleted", false), "");
	it = kit_item(k, "budget/P1");
	kit_good(k, requests_read(&k->s, &it, &k->a, &sent, &k->err));
	assert_null(requests_base(&sent));
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences),
		cmocka_unit_test(after_a_refused_update),
		cmocka_unit_test(changed_before_the_answer),
		cmocka_unit_test(nothing_to_say),
		cmocka_unit_test(after_adoption),
		cmocka_unit_test(whole_after_unlinking),
		cmocka_unit_test(lineage_of_differences),
		cmocka_unit_test(attempts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
