/* SPDX-License-Identifier: MIT
 *
 * What the command line makes of texts: the line diff, documents put together from pieces, help from the tables.
 */
#include "gateway/cli/diff.h"
#include "gateway/cli/document.h"
#include "gateway/cli/help.h"

#include "gateway/cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The program's own table stands in main.c; this one is enough for help. */
static const struct cli_command commands[] = {
	{ "run", "Move files", "[--fail-on-waiting]", "One turn.", OPT(O_FAIL_ON_WAITING), 0, 0, NULL },
	{ "check", "Move files", "FILE --source NAME", "Read a file.", OPT(O_SOURCE), 1, 1, NULL },
	{ "findings", "Look", "", "What was wrong.", OPT(O_DROP), 0, 0, NULL },
};

const struct cli_command *
cli_commands(size_t *ret_n)
{
	*ret_n = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

/* ---- diff ---- */

static const struct {
	const char *name, *before, *now, *diff;
	size_t changed;
} diffs[] = {
	{ "equal", "a\nb\n", "a\nb\n", "", 0 },
	{ "both empty", "", "", "", 0 },
	{ "all new", "", "a\nb\n", "+ a\n+ b\n", 2 },
	{ "all gone", "a\n", "", "- a\n", 1 },
	{ "one value", "t=1\namount=180000.00\nz\n", "t=1\namount=182400.00\nz\n",
	    "- amount=180000.00\n+ amount=182400.00\n", 2 },
	{ "line put in", "a\nc\n", "a\nb\nc\n", "+ b\n", 1 },
	{ "line taken out", "a\nb\nc\n", "a\nc\n", "- b\n", 1 },
	{ "moved", "a\nb\nc\n", "b\nc\na\n", "- a\n+ a\n", 2 },
	{ "two places", "a\nx\nb\ny\nc\n", "a\nX\nb\nY\nc\n", "- x\n+ X\n- y\n+ Y\n", 4 },
	{ "equal lines between", "-\np=1\n-\np=2\n", "-\np=1\n-\np=2\n-\np=3\n", "+ -\n+ p=3\n", 2 },
	{ "without a last line end", "a\nb", "a\nc", "- b\n+ c\n", 2 },
};

static void
test_diff(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(diffs) / sizeof(diffs[0]); i++) {
		struct eg_buf out = EG_BUF_INIT;
		size_t n = cli_diff(eg_bytes_str(diffs[i].before), eg_bytes_str(diffs[i].now), &out);
		if (n != diffs[i].changed || strcmp(eg_buf_cstr(&out), diffs[i].diff) != 0)
			fail_msg("%s: %zu changed\n%s", diffs[i].name, n, eg_buf_cstr(&out));
		eg_buf_done(&out);
	}
}

/* Past the size of the table everything between equal ends is told whole: no memory by the square. */
static void
test_diff_large(void **state)
{
	struct eg_buf before = EG_BUF_INIT, now = EG_BUF_INIT, out = EG_BUF_INIT;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		eg_buf_printf(&before, "same %d\n", i);
		eg_buf_printf(&now, "same %d\n", i + (i > 0 && i < 2999 ? 1 : 0) * 5000);
	}
	assert_int_equal(cli_diff(eg_buf_view(&before), eg_buf_view(&now), &out), 2 * 2998);
	assert_true(eg_bytes_starts(eg_buf_view(&out), EG_LIT("- same 1\n- same 2\n")));
	eg_buf_done(&before);
	eg_buf_done(&now);
	eg_buf_done(&out);
}

/* ---- documents ---- */

static void
set_line(struct eg_arena *a, struct rec *r, const char *position, const char *amount)
{
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	struct rec_prov at = { .line = 7 };
	struct eg_err err;

	assert_int_equal(rec_new(a, t, 1, r, &err), EG_OK);
	assert_int_equal(rec_set(a, &t->line[rec_line_index(t, "line.position")], eg_bytes_str(position), at,
			     rec_line(r, 0, "line.position"), &err),
	    EG_OK);
	assert_int_equal(rec_set(a, &t->line[rec_line_index(t, "line.amount")], eg_bytes_str(amount), at,
			     rec_line(r, 0, "line.amount"), &err),
	    EG_OK);
	r->line_at[0].line = 7;
}

static void
test_document(void **state)
{
	struct eg_arena pieces, kept;
	struct document d = { .a = &kept };
	struct eg_buf text = EG_BUF_INIT;
	struct rec r, whole;
	struct eg_err err;

	(void)state;
	eg_arena_init(&pieces, 1 << 20);
	eg_arena_init(&kept, 1 << 20);
	for (int round = 0; round < 2; round++) { /* a second document holds nothing of the first */
		eg_arena_reset(&pieces);
		eg_buf_clear(&text);
		assert_int_equal(rec_new(&pieces, rec_type(REC_COMMITMENT), 0, &r, &err), EG_OK);
		assert_int_equal(document_begin(&d, &r, &err), EG_OK);
		set_line(&pieces, &r, "2", "20.00");
		assert_int_equal(document_line(&d, &r, &err), EG_OK);
		set_line(&pieces, &r, "1", "10.00");
		assert_int_equal(document_line(&d, &r, &err), EG_OK);
		eg_arena_reset(&pieces);
		assert_int_equal(document_end(&d, &whole, &err), EG_OK);
		rec_canonical(&whole, &text);
		assert_string_equal(eg_buf_cstr(&text),
		    "erpgate-record 1 commitment\n-\nline.position=1\nline.amount=10.00\n-\nline.position=2\nline.amount=20.00\n");
	}
	assert_int_equal(whole.line_at[1].line, 7);
	document_done(&d);
	eg_buf_done(&text);
	eg_arena_done(&pieces);
	eg_arena_done(&kept);
}

static void
test_document_too_large(void **state)
{
	struct eg_arena pieces, small;
	struct document d = { .a = &small };
	struct rec r;
	struct eg_err err;
	int rc = EG_OK;

	(void)state;
	eg_arena_init(&pieces, 1 << 20);
	eg_arena_init(&small, 8192);
	assert_int_equal(rec_new(&pieces, rec_type(REC_COMMITMENT), 0, &r, &err), EG_OK);
	assert_int_equal(document_begin(&d, &r, &err), EG_OK);
	for (int i = 0; rc == EG_OK && i < 1000; i++) {
		eg_arena_reset(&pieces);
		set_line(&pieces, &r, "1", "1.00");
		rc = document_line(&d, &r, &err);
	}
	assert_int_equal(rc, EG_BADFILE);
	assert_string_equal(err.code, "LIMIT-MEM");
	document_done(&d);
	eg_arena_done(&pieces);
	eg_arena_done(&small);
}

/* ---- help ---- */

static const struct {
	const char *topic, *more;
	const char *holds, *lacks; /* NULL holds: there is no such topic */
} topics[] = {
	{ "run", NULL, "--fail-on-waiting", "--source" },
	{ "run", NULL, "  3    finished", "  66 " },
	{ "check", NULL, "  2    a question", "  4 " },
	{ "states", NULL, "importable  Ready to Import", NULL },
	{ "types", NULL, "project.number / commitment.number / change_order.number", NULL },
	{ "record", "commitment", "commitment.retainage_percent", "invoice.invoice_number" },
	{ "record", "comitment", NULL, NULL },
	{ "record", NULL, NULL, NULL },
	{ "findings", NULL, "E-75", NULL },
	{ "findings", "F-12", "same bytes", "E-75" },
	{ "findings", "F-99", NULL, NULL },
	{ "settings", NULL, "settle.quiet", NULL },
	{ "settings", "erp", "One of: cmic acumatica mri", "settle.quiet" },
	{ "nothing", NULL, NULL, NULL },
};

static void
test_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		struct eg_buf out = EG_BUF_INIT;
		bool found = help_text(topics[i].topic, topics[i].more, &out);
		const char *text = eg_buf_cstr(&out);
		if (found != (topics[i].holds != NULL) || (found && strstr(text, topics[i].holds) == NULL) ||
		    (topics[i].lacks != NULL && strstr(text, topics[i].lacks) != NULL))
			fail_msg(
			    "help %s %s:\n%s", topics[i].topic, topics[i].more != NULL ? topics[i].more : "", text);
		eg_buf_done(&out);
	}
}

static void
test_overview(void **state)
{
	struct eg_buf out = EG_BUF_INIT;

	(void)state;
	help_overview(&out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		assert_non_null(strstr(eg_buf_cstr(&out), commands[i].help));
	eg_buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_diff_large),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_document_too_large),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_overview),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
