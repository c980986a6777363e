/* SPDX-License-Identifier: MIT
 *
 * Two readings of one document: which fields differ, at which line, and where the money goes.
 */
#include "gateway/semdiff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct line {
	uint32_t at;
	const char *position, *code, *type, *amount;
};

static struct eg_arena arena;

static void
set(const struct rec_field *f, struct rec_val *v, const char *text)
{
	struct eg_err err = { 0 };

	assert_int_equal(rec_set(&arena, f, eg_bytes_str(text), (struct rec_prov){ .line = 1 }, v, &err), EG_OK);
}

static struct rec
commitment(const char *title, const struct line *l, size_t n)
{
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	struct eg_err err = { 0 };
	struct rec r;

	assert_int_equal(rec_new(&arena, t, n, &r, &err), EG_OK);
	r.at.line = 2;
	set(&t->head[rec_head_index(t, "project.number")], rec_head(&r, "project.number"), "24-1");
	set(&t->head[rec_head_index(t, "commitment.number")], rec_head(&r, "commitment.number"), "SC-1");
	set(&t->head[rec_head_index(t, "commitment.title")], rec_head(&r, "commitment.title"), title);
	for (size_t i = 0; i < n; i++) {
		r.line_at[i].line = l[i].at;
		set(&t->line[rec_line_index(t, "line.position")], rec_line(&r, i, "line.position"), l[i].position);
		set(&t->line[rec_line_index(t, "line.cost_code")], rec_line(&r, i, "line.cost_code"), l[i].code);
		set(&t->line[rec_line_index(t, "line.cost_type")], rec_line(&r, i, "line.cost_type"), l[i].type);
		set(&t->line[rec_line_index(t, "line.amount")], rec_line(&r, i, "line.amount"), l[i].amount);
	}
	return r;
}

static void
on_field(void *ctx, const struct semdiff_field *f)
{
	eg_buf_printf(ctx, "%llu %s %.*s>%.*s\n", (unsigned long long)f->line, f->field, EG_FMT(f->was), EG_FMT(f->is));
}

static void
on_sum(void *ctx, const struct semdiff_sum *s)
{
	eg_buf_printf(ctx, "%s %s %s %s ", s->type, s->project, s->account, s->currency);
	eg_dec_print(ctx, s->was, 2);
	eg_buf_chr(ctx, '>');
	eg_dec_print(ctx, s->is, 2);
	eg_buf_chr(ctx, '\n');
}

static const struct line two[] = { { 2, "1", "03-1100", "S", "10.00" }, { 3, "2", "05-1200", "S", "0.05" } };

static void
test_fields(void **state)
{
	/* Read again with other positions: the lines stand in another order, and are joined by where they came from. */
	static const struct line moved[] = { { 3, "1", "05-1200", "M", "0.05" }, { 2, "7", "03-1100", "S", "10.00" } };
	static const struct line one[] = { { 3, "2", "05-1200", "S", "0.05" } };
	static const struct {
		const char *name, *title;
		const struct line *line;
		size_t n;
		const char *want;
	} rows[] = {
		{ "the same", "Concrete", two, 2, "" },
		{ "a title", "Steel", two, 2, "2 commitment.title Concrete>Steel\n" },
		{ "lines by their place", "Concrete", moved, 2,
		    "2 line.position 1>7\n3 line.position 2>1\n3 line.cost_type S>M\n" },
		{ "a line less", "Concrete", one, 1,
		    "2 line.position 1>\n2 line.cost_code 03-1100>\n2 line.cost_type S>\n2 line.amount 10.00>\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct eg_buf told = EG_BUF_INIT;

		eg_arena_init(&arena, 1 << 20);
		struct rec was = commitment("Concrete", two, 2),
			   is = commitment(rows[i].title, rows[i].line, rows[i].n);
		(void)semdiff_records(&was, &is, on_field, &told);
		if (strcmp(eg_buf_cstr(&told), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].name, eg_buf_cstr(&told));
		eg_buf_done(&told);
		eg_arena_done(&arena);
	}
}

static void
test_money(void **state)
{
	static const struct line moved[] = { { 2, "1", "05-1200", "S", "10.00" }, { 3, "2", "05-1200", "S", "0.05" } };
	struct semdiff_sums *m = semdiff_sums_new("USD");
	struct eg_buf told = EG_BUF_INIT;

	(void)state;
	eg_arena_init(&arena, 1 << 20);
	struct rec was = commitment("Concrete", two, 2), is = commitment("Concrete", moved, 2);
	semdiff_sums_add(m, &was, false);
	semdiff_sums_add(m, &is, true);
	semdiff_sums_add(m, NULL, true);
	assert_int_equal(semdiff_sums_each(m, true, on_sum, &told), 2);
	assert_string_equal(
	    eg_buf_cstr(&told), "commitment 24-1 03-1100.S USD 10.00>0.00\ncommitment 24-1 05-1200.S USD 0.05>10.05\n");
	eg_buf_clear(&told);
	semdiff_sums_add(m, &is, false);
	semdiff_sums_add(m, &was, true);
	assert_int_equal(semdiff_sums_each(m, true, on_sum, &told), 0);
	assert_int_equal(semdiff_sums_each(m, false, on_sum, &told), 2);
	eg_buf_done(&told);
	semdiff_sums_free(m);
	eg_arena_done(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fields), cmocka_unit_test(test_money) };

	return cmocka_run_group_tests_name("semdiff", tests, NULL, NULL);
}
