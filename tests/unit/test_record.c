/* SPDX-License-Identifier: MIT
 *
 * Records: strict values, canonical text, item ids, order of lines, the packed form and what it refuses, and the set of keys.
 */
#include "adapters/keyset.h"
#include "adapters/record.h"
#include "base/hash.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct eg_arena arena;
static struct eg_err err;

static int
arena_new(void **state)
{
	(void)state;
	eg_arena_init(&arena, (size_t)8 << 20);
	return 0;
}

static int
arena_old(void **state)
{
	(void)state;
	eg_arena_done(&arena);
	return 0;
}

static const struct rec_field *
field(enum rec_id t, const char *name)
{
	bool line;
	int i = rec_field_named(rec_type(t), eg_bytes_str(name), &line);

	assert_true(i >= 0);
	return line ? &rec_type(t)->line[i] : &rec_type(t)->head[i];
}

/* `want` is the canonical text, or the code. */
static const struct value_row {
	const char *name, *in, *want;
	enum rec_id type;
	bool money;
} value_rows[] = {
	{ "line.amount", "12.5", "12.50", REC_COMMITMENT, false },
	{ "line.amount", "-0.00", "0.00", REC_COMMITMENT, false },
	{ "line.amount", "1.230", "1.23", REC_COMMITMENT, false },
	{ "line.amount", "1.234", "F-22", REC_COMMITMENT, false },
	{ "line.amount", "1234567890123456.78", "1234567890123456.78", REC_COMMITMENT, false },
	{ "line.amount", "12345678901234567.00", "F-22", REC_COMMITMENT, false },
	{ "line.amount", "$3,500.00", "F-21", REC_COMMITMENT, false },
	{ "line.amount", "$3,500.00", "3500.00", REC_COMMITMENT, true },
	{ "line.amount", "$-731.29", "-731.29", REC_COMMITMENT, true },
	{ "line.amount", "1e3", "F-21", REC_COMMITMENT, false },
	{ "line.amount", " 1", "F-21", REC_COMMITMENT, false },
	{ "line.quantity", "99999999.9999", "99999999.9999", REC_COMMITMENT, false },
	{ "line.quantity", "100000000", "E-39", REC_COMMITMENT, false },
	{ "line.quantity", "1.00001", "F-22", REC_COMMITMENT, false },
	{ "line.unit_cost", "-10000000000", "E-39", REC_COMMITMENT, false },
	{ "commitment.retainage_percent", "10", "10.0000", REC_COMMITMENT, false },
	{ "commitment.retainage_percent", "1000", "F-22", REC_COMMITMENT, false },
	{ "line.position", "007", "7", REC_COMMITMENT, false },
	{ "line.position", "-0", "0", REC_COMMITMENT, false },
	{ "line.position", "1.0", "F-21", REC_COMMITMENT, false },
	{ "line.position", "-", "F-21", REC_COMMITMENT, false },
	{ "line.position", "9223372036854775807", "9223372036854775807", REC_COMMITMENT, false },
	{ "line.position", "9223372036854775808", "F-22", REC_COMMITMENT, false },
	{ "commitment.contract_date", "2024-02-29", "2024-02-29", REC_COMMITMENT, false },
	{ "commitment.contract_date", "2023-02-29", "F-21", REC_COMMITMENT, false },
	{ "commitment.contract_date", "3/5/2026", "F-21", REC_COMMITMENT, false },
	{ "commitment.executed", "yes", "yes", REC_COMMITMENT, false },
	{ "commitment.executed", "Yes", "F-21", REC_COMMITMENT, false },
	{ "commitment.type", "subcontract", "subcontract", REC_COMMITMENT, false },
	{ "commitment.type", "subcontract purchase_order", "F-21", REC_COMMITMENT, false },
	{ "commitment.type", "contract", "F-21", REC_COMMITMENT, false },
	{ "commitment.title", "tab\tand\r\nbreak", "tab\tand\r\nbreak", REC_COMMITMENT, false },
	{ "commitment.title", "bell\a", "F-26", REC_COMMITMENT, false },
	{ "commitment.title", "del\x7f", "F-26", REC_COMMITMENT, false },
	{ "commitment.title", "c1 \xc2\x85", "F-26", REC_COMMITMENT, false },
	{ "commitment.title", "e acute \xc3\xa9", "e acute \xc3\xa9", REC_COMMITMENT, false },
	{ "commitment.title", "broken \xc3", "F-26", REC_COMMITMENT, false },
};

static void
values_are_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(value_rows) / sizeof(value_rows[0]); i++) {
		const struct value_row *r = &value_rows[i];
		struct rec_forms forms = { .numbers = r->money ? EG_DEC_MONEY : EG_DEC_PLAIN };
		struct rec_val v = { .state = RV_BLANK };
		int rc = rec_read(&arena, field(r->type, r->name), &forms, eg_bytes_str(r->in),
		    (struct rec_prov){ .line = 3 }, &v, &err);

		if (rc == EG_OK ? !eg_bytes_is(v.text, r->want) || v.state != RV_VALUE :
				  rc != EG_BADREC || strcmp(err.code, r->want) != 0)
			fail_msg("%s \"%s\": %.*s, not %s", r->name, r->in,
			    rc == EG_OK ? (int)v.text.len : (int)strlen(err.code),
			    rc == EG_OK ? (const char *)v.text.ptr : err.code, r->want);
		if (rc != EG_OK)
			assert_int_equal(v.state, RV_BLANK);
	}
}

static void
text_length_counts_characters(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct rec_val v;

	(void)state;
	for (unsigned i = 0; i < 255; i++)
		eg_buf_str(&b, "\xc3\xa9");
	assert_int_equal(rec_set(&arena, field(REC_COMMITMENT, "commitment.title"), eg_buf_view(&b),
			     (struct rec_prov){ 0 }, &v, &err),
	    EG_OK);
	eg_buf_chr(&b, 'x');
	assert_int_equal(rec_set(&arena, field(REC_COMMITMENT, "commitment.title"), eg_buf_view(&b),
			     (struct rec_prov){ 0 }, &v, &err),
	    EG_BADREC);
	assert_string_equal(err.code, "F-29");
	assert_int_equal(rec_set(&arena, field(REC_COMMITMENT, "commitment.description"), eg_buf_view(&b),
			     (struct rec_prov){ 0 }, &v, &err),
	    EG_OK);
	eg_buf_done(&b);
}

static void
forms_of_a_file(void **state)
{
	struct eg_bytes dates[2] = { EG_LIT("M/D/YYYY"), EG_LIT("DD-MON-YYYY") }, yes = EG_LIT("Y"), no = EG_LIT("N");
	struct rec_forms forms = { .ndates = 2, .dates = dates, .nflags = 1, .yes = &yes, .no = &no };
	struct rec_val v;

	(void)state;
	assert_int_equal(rec_read(&arena, field(REC_COMMITMENT, "commitment.contract_date"), &forms,
			     EG_LIT("05-MAR-2026"), (struct rec_prov){ 0 }, &v, &err),
	    EG_OK);
	assert_true(eg_bytes_is(v.text, "2026-03-05"));
	assert_int_equal(v.v.date.month, 3);
	assert_int_equal(rec_read(&arena, field(REC_COMMITMENT, "commitment.executed"), &forms, EG_LIT("N"),
			     (struct rec_prov){ 0 }, &v, &err),
	    EG_OK);
	assert_true(eg_bytes_is(v.text, "no"));
	assert_false(v.v.flag);
	assert_int_equal(rec_read(&arena, field(REC_COMMITMENT, "commitment.executed"), &forms, EG_LIT("yes"),
			     (struct rec_prov){ 0 }, &v, &err),
	    EG_BADREC);
	assert_int_equal(rec_read(&arena, field(REC_COMMITMENT, "commitment.title"), &forms, EG_NONE,
			     (struct rec_prov){ 0 }, &v, &err),
	    EG_OK);
	assert_int_equal(v.state, RV_BLANK);
}

static void
typed_numbers_keep_their_limits(void **state)
{
	const struct rec_field *amount = field(REC_COMMITMENT, "line.amount"),
			       *pos = field(REC_COMMITMENT, "line.position");
	struct rec_val v;

	(void)state;
	assert_int_equal(
	    rec_set_dec(&arena, amount, (struct eg_dec){ 1234500, 5 }, (struct rec_prov){ 0 }, &v, &err), EG_BADREC);
	assert_string_equal(err.code, "F-22");
	assert_int_equal(
	    rec_set_dec(&arena, amount, (struct eg_dec){ 1234000, 5 }, (struct rec_prov){ 0 }, &v, &err), EG_OK);
	assert_true(eg_bytes_is(v.text, "12.34"));
	assert_int_equal(
	    rec_set_dec(&arena, amount, (struct eg_dec){ (eg_i128)1 << 100, 0 }, (struct rec_prov){ 0 }, &v, &err),
	    EG_BADREC);
	assert_int_equal(rec_set_dec(&arena, pos, (struct eg_dec){ 30, 1 }, (struct rec_prov){ 0 }, &v, &err), EG_OK);
	assert_int_equal(v.v.num, 3);
}

/* ---- records ---- */

static void
set(struct rec_val *v, const struct rec_field *f, const char *text)
{
	struct rec_prov at = { .src = 1, .line = 7, .off = 300, .len = (uint32_t)strlen(text) };

	assert_int_equal(rec_set(&arena, f, eg_bytes_str(text), at, v, &err), EG_OK);
}

static struct rec
commitment(size_t nlines, const char *const *positions)
{
	struct rec r;

	assert_int_equal(rec_new(&arena, rec_type(REC_COMMITMENT), nlines, &r, &err), EG_OK);
	set(rec_head(&r, "project.number"), field(REC_COMMITMENT, "project.number"), "24/1%4");
	set(rec_head(&r, "commitment.number"), field(REC_COMMITMENT, "commitment.number"), "SC-1");
	set(rec_head(&r, "commitment.title"), field(REC_COMMITMENT, "commitment.title"), "a\\b\r\nc");
	set(rec_head(&r, "erp.vendor"), field(REC_COMMITMENT, "erp.vendor"), "V1");
	r.at = (struct rec_prov){ .line = 2, .off = 100, .len = 50 };
	for (size_t i = 0; i < nlines; i++) {
		char text[24];

		if (positions[i] != NULL)
			set(rec_line(&r, i, "line.position"), field(REC_COMMITMENT, "line.position"), positions[i]);
		snprintf(text, sizeof(text), "%zu.00", i);
		set(rec_line(&r, i, "line.amount"), field(REC_COMMITMENT, "line.amount"), text);
		r.line_at[i] = (struct rec_prov){ .line = (uint32_t)(2 + i) };
	}
	return r;
}

static void
item_id_escapes(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct rec r = commitment(0, NULL);

	(void)state;
	assert_true(rec_item_id(&r, &b));
	assert_string_equal(eg_buf_cstr(&b), "commitment/24%2F1%254/SC-1");
	eg_buf_clear(&b);
	rec_head(&r, "commitment.number")->state = RV_BAD;
	assert_false(rec_item_id(&r, &b));
	assert_int_equal(b.len, 0);
	eg_buf_done(&b);
}

static void
canonical_text(void **state)
{
	static const char *const pos[] = { "1" };
	struct eg_buf b = EG_BUF_INIT;
	struct rec r = commitment(1, pos);
	char a[65], c[65];

	(void)state;
	rec_canonical(&r, &b);
	assert_string_equal(eg_buf_cstr(&b),
	    "erpgate-record 1 commitment\nproject.number=24/1%4\ncommitment.number=SC-1\ncommitment.title=a\\\\b\\r\\nc\n-\nline.position=1\nline.amount=0.00\n");
	rec_content(&r, a);
	eg_sha256_hex_of(eg_buf_view(&b), c);
	assert_string_equal(a, c);
	set(rec_head(&r, "erp.vendor"), field(REC_COMMITMENT, "erp.vendor"), "V2");
	rec_content(&r, c);
	assert_string_equal(a, c);
	/* only XML carries the sender's own number: the same commitment as CSV is the same record */
	set(rec_head(&r, "commitment.pm_id"), field(REC_COMMITMENT, "commitment.pm_id"), "50001");
	rec_content(&r, c);
	assert_string_equal(a, c);
	set(rec_head(&r, "commitment.number"), field(REC_COMMITMENT, "commitment.number"), "SC-2");
	rec_content(&r, c);
	assert_string_not_equal(a, c);
	eg_buf_done(&b);
}

static void
lines_sort_as_numbers(void **state)
{
	static const char *const pos[] = { "10", "9", NULL, "-1", "9" };
	static const char *const want[] = { "2.00", "3.00", "1.00", "4.00", "0.00" };
	struct rec r = commitment(5, pos);

	(void)state;
	assert_int_equal(rec_sort_lines(&arena, &r, &err), EG_OK);
	for (size_t i = 0; i < 5; i++)
		assert_true(eg_bytes_is(rec_line(&r, i, "line.amount")->text, want[i]));
	assert_int_equal(r.line_at[0].line, 4);
}

static void
packed_round_trip(void **state)
{
	static const char *const pos[] = { "2", NULL, "1" };
	struct eg_buf a = EG_BUF_INIT, b = EG_BUF_INIT;
	struct rec r = commitment(3, pos), back;

	(void)state;
	*rec_line(&r, 1, "line.uom") = (struct rec_val){ .state = RV_BAD, .prov = { .line = 9 } };
	rec_pack(&r, &a);
	assert_int_equal(rec_unpack(eg_buf_view(&a), &arena, &back, &err), EG_OK);
	assert_ptr_equal(back.type, r.type);
	assert_int_equal(back.at.off, 100);
	assert_int_equal(back.line_at[2].line, 4);
	assert_int_equal(rec_line(&back, 1, "line.uom")->state, RV_BAD);
	assert_int_equal(rec_line(&back, 2, "line.position")->v.num, 1);
	assert_int_equal(rec_head(&back, "erp.vendor")->prov.off, 300);
	rec_pack(&back, &b);
	assert_true(eg_bytes_eq(eg_buf_view(&a), eg_buf_view(&b)));
	for (size_t n = 0; n < a.len; n++) {
		assert_int_equal(rec_unpack(eg_bytes(a.ptr, n), &arena, &back, &err), EG_BADFILE);
		eg_arena_reset(&arena);
	}
	eg_buf_done(&a);
	eg_buf_done(&b);
}

/* Any one byte changed: refused, or a record that packs to those very bytes. */
static void
packed_damage(void **state)
{
	static const char *const pos[] = { "1" };
	struct eg_buf a = EG_BUF_INIT, b = EG_BUF_INIT;
	struct rec r = commitment(1, pos), back;

	(void)state;
	rec_pack(&r, &a);
	for (size_t i = 0; i < a.len; i++)
		for (unsigned x = 1; x < 256; x += 7) {
			a.ptr[i] ^= (unsigned char)x;
			if (rec_unpack(eg_buf_view(&a), &arena, &back, &err) == EG_OK) {
				eg_buf_clear(&b);
				rec_pack(&back, &b);
				/* the order of fields may differ from the model's: then only the length says it */
				assert_int_equal(a.len, b.len);
			} else {
				assert_int_equal(err.cls, EG_BADFILE);
			}
			a.ptr[i] ^= (unsigned char)x;
			eg_arena_reset(&arena);
		}
	eg_buf_chr(&a, 0);
	assert_int_equal(rec_unpack(eg_buf_view(&a), &arena, &back, &err), EG_BADFILE);
	assert_string_equal(err.code, "PACKED");
	eg_buf_done(&a);
	eg_buf_done(&b);
}

static void
too_many_lines(void **state)
{
	struct rec r;

	(void)state;
	assert_int_equal(rec_new(&arena, rec_type(REC_COMMITMENT), EG_LIMIT_DOC_LINES + 1, &r, &err), EG_BADFILE);
	assert_string_equal(err.code, "LIMIT-LINES");
	assert_int_equal(rec_new(&arena, rec_type(REC_COMMITMENT), 100000, &r, &err), EG_BADFILE);
	assert_string_equal(err.code, "LIMIT-MEM");
}

static void
key_sets(void **state)
{
	struct keyset k = { .nsmall = 0 };
	size_t bytes = 0;

	(void)state;
	for (int64_t i = -300000; i < 700000; i++)
		assert_true(keyset_add(&k, keyset_of_num(i)));
	for (int64_t i = -300000; i < 700000; i += 997)
		assert_false(keyset_add(&k, keyset_of_num(i)));
	assert_false(keyset_has(&k, keyset_of_num(700000)));
	for (unsigned i = 0; i < KEYSET_PARTS; i++)
		bytes += k.part[i].cap * sizeof(uint64_t);
	assert_true(bytes <= (size_t)22 << 20);
	keyset_clear(&k);
	assert_false(keyset_has(&k, keyset_of_num(0)));
	assert_true(keyset_add(&k, 0));
	assert_false(keyset_add(&k, 0));
	assert_true(keyset_of_bytes(EG_LIT("a")) != keyset_of_bytes(EG_LIT("b")));
	keyset_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_are_strict, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(text_length_counts_characters, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(forms_of_a_file, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(typed_numbers_keep_their_limits, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(item_id_escapes, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(canonical_text, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(lines_sort_as_numbers, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(packed_round_trip, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(packed_damage, arena_new, arena_old),
		cmocka_unit_test_setup_teardown(too_many_lines, arena_new, arena_old),
		cmocka_unit_test(key_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
