/* SPDX-License-Identifier: MIT
 *
 * Confined writers as the core sees them: those that lie, die or stop too early give no file.
 */
#include "tests/unit/worker_kit.h"

/* ---- writers that lie ---- */

static int
out_file(void *ctx, const struct adp *a, const char *project, const char *ext, struct eg_err *err)
{
	(void)a;
	(void)project;
	(void)ext;
	(void)err;
	++*(unsigned *)ctx;
	return EG_OK;
}

static int
out_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)v;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)line;
	(void)record;
	(void)f;
	(void)n;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)record;
	(void)f;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_key(void *ctx, size_t record, const char *key, struct eg_err *err)
{
	(void)record;
	(void)key;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_end(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err)
{
	(void)a;
	(void)b;
	return out_file(ctx, NULL, NULL, NULL, err);
}

CHILD(adapter_past_the_set)
{
	size_t at = frame_begin(o, FRAME_OUT_FILE);

	(void)job;
	frame_num(o, UINT64_MAX);
	frame_text(o, EG_NONE);
	frame_text(o, EG_LIT("csv"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(row_of_no_record)
{
	size_t at = frame_begin(o, FRAME_OUT_ROW);

	frame_num(o, 1);
	frame_num(o, job->n);
	frame_num(o, 0);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(row_of_many_cells)
{
	size_t at = frame_begin(o, FRAME_OUT_ROW);

	(void)job;
	frame_num(o, 1);
	frame_num(o, 0);
	frame_num(o, UINT64_C(1) << 60);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(cell_of_many_places)
{
	size_t at = frame_begin(o, FRAME_OUT_ROW);

	(void)job;
	frame_num(o, 1);
	frame_num(o, 0);
	frame_num(o, 1);
	frame_text(o, EG_LIT("COLUMN"));
	frame_text(o, EG_LIT("rule"));
	frame_text(o, EG_LIT("value"));
	frame_num(o, 0);
	frame_num(o, UINT64_C(1) << 60);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(key_of_no_record)
{
	size_t at = frame_begin(o, FRAME_OUT_KEY);

	(void)job;
	frame_num(o, UINT64_MAX);
	frame_text(o, EG_LIT("K"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(total_of_rubbish)
{
	size_t at = frame_begin(o, FRAME_OUT_END);

	(void)job;
	frame_num(o, 0);
	frame_num(o, 1);
	frame_text(o, EG_LIT("12,5"));
	frame_num(o, 1);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(finding_of_no_record)
{
	return say_finding(o, job->n, EG_LIT("F-40"), 'R', EG_NONE, EG_LIT("m"), err) == EG_OK ? say_end(o, err) :
	                                                                                         EG_FATAL;
}

/* a workbook whose rows are rubbish */
CHILD(book_of_rubbish)
{
	size_t at = frame_begin(o, FRAME_OUT_FILE);

	frame_num(o, 0);
	frame_text(o, EG_NONE);
	frame_text(o, EG_LIT("xlsx"));
	if (frame_end(o, at, err) != EG_OK)
		return EG_FATAL;
	at = frame_begin(o, FRAME_OUT_BYTES);
	frame_text(o, EG_LIT("PK\x03\x04 rubbish"));
	if (frame_end(o, at, err) != EG_OK)
		return EG_FATAL;
	at = frame_begin(o, FRAME_OUT_END);
	frame_num(o, 0);
	frame_num(o, 1);
	frame_text(o, EG_LIT("1.00"));
	frame_num(o, (uint64_t)job->n);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

static const struct liar writers[] = {
	{ "adapter past the set", adapter_past_the_set, "wrong form" },
	{ "row of no record", row_of_no_record, "wrong form" },
	{ "row of many cells", row_of_many_cells, "wrong form" },
	{ "cell of many places", cell_of_many_places, "wrong form" },
	{ "key of no record", key_of_no_record, "wrong form" },
	{ "total of rubbish", total_of_rubbish, "wrong form" },
	{ "finding of no record", finding_of_no_record, "wrong form" },
	{ "a reader's frame", ends_in_a_file, "wrong form" },
	{ "aborts", aborts, "found a fault in itself. Nothing was written" },
};

static void
test_writers_that_lie(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct rec r = kit_rec(k, "vendor", 1, "vendor.pm_id=1", NULL);
	const struct rec *records[] = { &r };
	int64_t counters[256] = { 0 };
	unsigned calls = 0;
	struct worker_out_sink sink = { out_file, out_bytes, out_row, out_finding, out_key, out_end, &calls };

	(void)state;
	assert_true(adp_set_count(k->s.adapters) < 256);
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		int rc = parent_write(writers[i].child, &k->s, "cmic", records, 1, counters, &sink, &k->err);

		if (rc != EG_BADFILE || strcmp(k->err.code, "WORKER") != 0 ||
		    strstr(k->err.msg, writers[i].says) == NULL)
			fail_msg("%s: %d %s %s", writers[i].name, rc, k->err.code, k->err.msg);
	}
	assert_int_equal(calls, 0);
	/* the name of the file is told before its rows are seen, nothing else */
	assert_int_equal(
	    parent_write(book_of_rubbish, &k->s, "cmic", records, 1, counters, &sink, &k->err), EG_BADFILE);
	assert_string_equal(k->err.code, "WORKER");
	assert_int_equal(calls, 1);
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writers_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
