/* SPDX-License-Identifier: MIT
 *
 * What spreadsheets do to values, and what only looks so: both halves matter, because a person who is accused wrongly stops reading.
 */
#include "adapters/damage.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct eg_bytes american[] = { { (const unsigned char *)"M/D/YYYY", 8 } };
static const struct eg_bytes german[] = { { (const unsigned char *)"DD.MM.YYYY", 10 } };

static const struct {
	enum damage_column column;
	const char *value;
	enum damage_kind kind;
	const char *likely; /* NULL = not looked at */
} cases[] = {
	/* codes that became dates */
	{ DAMAGE_IN_CODE, "Mar-00", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "Mar-2000", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "1-May", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "01-May", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "1-May-26", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "2026-03-01", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "2026-03-01 00:00:00", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "3/1/2026", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_CODE, "01.03.2026", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_NUMBER, "12-May", DAMAGE_TO_DATE, "" },
	{ DAMAGE_IN_NUMBER, "May-26", DAMAGE_TO_DATE, "" },
	/* codes that became numbers */
	{ DAMAGE_IN_CODE, "1.23E+11", DAMAGE_SCIENTIFIC, "" },
	{ DAMAGE_IN_CODE, "1E+05", DAMAGE_SCIENTIFIC, "" },
	{ DAMAGE_IN_CODE, "1,23E+11", DAMAGE_SCIENTIFIC, "" },
	{ DAMAGE_IN_NUMBER, "-4.5E-07", DAMAGE_SCIENTIFIC, "" },
	{ DAMAGE_IN_CODE, "1100.0", DAMAGE_POINT_ZERO, "1100" },
	{ DAMAGE_IN_CODE, "24118.00", DAMAGE_POINT_ZERO, "24118" },
	/* shown, not stored */
	{ DAMAGE_IN_CODE, "#####", DAMAGE_HASHES, "" },
	{ DAMAGE_IN_DATE, "########", DAMAGE_HASHES, "" },
	{ DAMAGE_IN_TEXT, "###", DAMAGE_HASHES, "" },
	{ DAMAGE_IN_CODE, "#N/A", DAMAGE_ERROR, "" },
	{ DAMAGE_IN_NUMBER, "#REF!", DAMAGE_ERROR, "" },
	{ DAMAGE_IN_NUMBER, "#WERT!", DAMAGE_ERROR, "" },
	/* dates */
	{ DAMAGE_IN_DATE, "46112", DAMAGE_SERIAL, "3/31/2026" },
	{ DAMAGE_IN_DATE, "45292.5", DAMAGE_SERIAL, "1/1/2024" },
	{ DAMAGE_IN_DATE, "31/12/2026", DAMAGE_DAY_MONTH, "12/31/2026" },
	{ DAMAGE_IN_DATE, "13/2/2026", DAMAGE_DAY_MONTH, "2/13/2026" },
	{ DAMAGE_IN_DATE, "31.12.2026", DAMAGE_DATE_FORM, "12/31/2026" },
	{ DAMAGE_IN_DATE, "2026-12-31", DAMAGE_DATE_FORM, "12/31/2026" },
	{ DAMAGE_IN_DATE, "2026/12/31", DAMAGE_DATE_FORM, "12/31/2026" },
	{ DAMAGE_IN_DATE, "20261231", DAMAGE_DATE_FORM, "12/31/2026" },
	{ DAMAGE_IN_DATE, "1-May-26", DAMAGE_DATE_FORM, "" },
	/* numbers */
	{ DAMAGE_IN_NUMBER, "12,50", DAMAGE_COMMA, "12.50" },
	{ DAMAGE_IN_NUMBER, "1.234,56", DAMAGE_COMMA, "1234.56" },
	{ DAMAGE_IN_NUMBER, "-1.234.567,8", DAMAGE_COMMA, "-1234567.8" },
	{ DAMAGE_IN_NUMBER, "1 234,56", DAMAGE_COMMA, "1234.56" },
	{ DAMAGE_IN_NUMBER, "1'234,56", DAMAGE_COMMA, "1234.56" },
	{ DAMAGE_IN_NUMBER, "(1,234.50)", DAMAGE_MINUS, "-1234.50" },
	{ DAMAGE_IN_NUMBER, "12.50-", DAMAGE_MINUS, "-12.50" },
	/* yes and no */
	{ DAMAGE_IN_FLAG, "WAHR", DAMAGE_FLAG_WORD, "" },
	{ DAMAGE_IN_FLAG, "FAUX", DAMAGE_FLAG_WORD, "" },
	{ DAMAGE_IN_FLAG, "VERDADERO", DAMAGE_FLAG_WORD, "" },
	{ DAMAGE_IN_FLAG, "x", DAMAGE_FLAG_WORD, "" },
	/* characters */
	{ DAMAGE_IN_CODE,
	    "03\xc2\xa0"
	    "1100",
	    DAMAGE_BLANK, "03 1100" },
	{ DAMAGE_IN_CODE, "03-1100\xe2\x80\x8b", DAMAGE_BLANK, "03-1100" },
	{ DAMAGE_IN_CODE, "\xc2\xad", DAMAGE_BLANK, "" }, /* nothing but a soft hyphen: nothing is left */
	{ DAMAGE_IN_NUMBER,
	    "1\xe2\x80\xaf"
	    "234.50",
	    DAMAGE_BLANK, "1 234.50" },
	{ DAMAGE_IN_CODE,
	    "03\xe2\x80\x93"
	    "1100",
	    DAMAGE_QUOTE, "03-1100" },
	{ DAMAGE_IN_NUMBER,
	    "\xe2\x88\x92"
	    "12.50",
	    DAMAGE_QUOTE, "-12.50" },
	{ DAMAGE_IN_CODE, "\xe2\x80\x9cSC-1\xe2\x80\x9d", DAMAGE_QUOTE, "\"SC-1\"" },
	/* encodings */
	{ DAMAGE_IN_TEXT, "Caf\xc3\x83\xc2\xa9", DAMAGE_MOJIBAKE, "Caf\xc3\xa9" },
	{ DAMAGE_IN_TEXT, "Ionic\xc3\x84\xc6\x92", DAMAGE_MOJIBAKE, "Ionic\xc4\x83" },
	{ DAMAGE_IN_TEXT, "O\xc3\xa2\xe2\x82\xac\xe2\x84\xa2Hara", DAMAGE_MOJIBAKE, "O\xe2\x80\x99Hara" },
	{ DAMAGE_IN_CODE, "M\xc3\x83\xc2\xbcller", DAMAGE_MOJIBAKE, "M\xc3\xbcller" },
	{ DAMAGE_IN_TEXT, "Caf\xef\xbf\xbd", DAMAGE_LOST_CHARS, "" },
	/* innocent ones */
	{ DAMAGE_IN_CODE, "03-1100", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "3-1100", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "051200", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "46112", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "SC-0042", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "24-104", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "MAR-00", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "Mar-100", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "May", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "12E4", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "1E5", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "10.1", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "1.10", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "#12", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "##", DAMAGE_NONE, "" },
	{ DAMAGE_IN_CODE, "0", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "Mar-00", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "1.23E+11", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "12,50", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "S\xc3\xa3o Paulo", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT,
	    "\xc3\x89"
	    "cole \xe2\x80\x93 fa\xc3\xa7"
	    "ade",
	    DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT,
	    "Ion\xc3\xad"
	    "c",
	    DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT,
	    "\xe2\x80\x9c"
	    "CAF\xc3\x89\xe2\x80\x9d",
	    DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT,
	    "10\xc2\xb0"
	    "C",
	    DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "O'Hara", DAMAGE_NONE, "" },
	{ DAMAGE_IN_NUMBER, "1234.56", DAMAGE_NONE, "" },
	{ DAMAGE_IN_NUMBER, "$3,500.00", DAMAGE_NONE, "" },
	{ DAMAGE_IN_NUMBER, "1,234", DAMAGE_NONE, "" },
	{ DAMAGE_IN_NUMBER, "-0.5", DAMAGE_NONE, "" },
	{ DAMAGE_IN_NUMBER, "abc", DAMAGE_NONE, "" },
	{ DAMAGE_IN_DATE, "3/31/2026", DAMAGE_NONE, "" },
	{ DAMAGE_IN_DATE, "2/30/2026", DAMAGE_NONE, "" },
	{ DAMAGE_IN_DATE, "never", DAMAGE_NONE, "" },
	{ DAMAGE_IN_DATE, "1234", DAMAGE_NONE, "" },
	{ DAMAGE_IN_DATE, "99999", DAMAGE_NONE, "" },
	{ DAMAGE_IN_FLAG, "maybe", DAMAGE_NONE, "" },
	{ DAMAGE_IN_TEXT, "", DAMAGE_NONE, "" },
};

static void
values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const bool date = cases[i].column == DAMAGE_IN_DATE;
		struct damage d =
		    damage_of(cases[i].column, eg_bytes_str(cases[i].value), date ? american : NULL, date ? 1 : 0);

		if (d.kind != cases[i].kind || strcmp(d.likely, cases[i].likely) != 0)
			fail_msg("\"%s\": kind %d, \"%s\"; expected %d, \"%s\"", cases[i].value, (int)d.kind, d.likely,
			    (int)cases[i].kind, cases[i].likely);
	}
}

static void
day_first(void **state)
{
	struct damage d = damage_of(DAMAGE_IN_DATE, EG_LIT("12/31/2026"), german, 1);

	(void)state;
	assert_int_equal(d.kind, DAMAGE_DAY_MONTH);
	assert_string_equal(d.likely, "31.12.2026");
}

static void
cut_texts(void **state)
{
	static const struct {
		size_t n;
		enum damage_kind kind;
	} lengths[] = { { 254, DAMAGE_NONE }, { 255, DAMAGE_CUT }, { 256, DAMAGE_NONE }, { 32766, DAMAGE_NONE },
		{ 32767, DAMAGE_CUT } };
	char *text = eg_xalloc(32768);

	(void)state;
	memset(text, 'a', 32767);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_int_equal(
		    damage_of(DAMAGE_IN_TEXT, eg_bytes(text, lengths[i].n), NULL, 0).kind, lengths[i].kind);
	free(text);
}

static bool
has_pattern(const char *value, const char *code)
{
	struct damage d = damage_of(DAMAGE_IN_CODE, eg_bytes_str(value), NULL, 0);

	for (unsigned i = 0; i < d.npatterns; i++)
		if (eg_bytes_glob(eg_bytes_str(d.pattern[i]), eg_bytes_str(code)))
			return true;
	return false;
}

static void
what_it_was(void **state)
{
	(void)state;
	assert_true(has_pattern("Mar-00", "03-1100"));
	assert_true(has_pattern("Mar-00", "3-2000"));
	assert_false(has_pattern("Mar-00", "04-1100"));
	assert_false(has_pattern("Mar-00", "03-1101"));
	assert_true(has_pattern("1-May", "05-01"));
	assert_true(has_pattern("1-May", "1-5"));
	assert_false(has_pattern("1-May", "05-02"));
	assert_true(has_pattern("2026-03-01", "03-01"));
	assert_true(has_pattern("2000-03-01", "03-2000"));
}

static void
zeros(void **state)
{
	static const struct {
		const char *value, *full;
		bool lost;
	} pairs[] = { { "12044", "00012044", true }, { "3-1100", "03-1100", true }, { "3-100", "03-0100", true },
		{ "3-1100", "3-01100", true }, { "12044", "12044", false }, { "12044", "120440", false },
		{ "12044", "10012044", false }, { "SC-1", "SC-001", true }, { "1", "10", false }, { "0", "00", true },
		{ "12", "1002", false }, { "", "0", false }, { "A1", "0A1", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (damage_zeros(eg_bytes_str(pairs[i].value), eg_bytes_str(pairs[i].full)) != pairs[i].lost)
			fail_msg("%s of %s: expected %d", pairs[i].value, pairs[i].full, pairs[i].lost);
}

static void
sentences(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct damage d = damage_of(DAMAGE_IN_NUMBER, EG_LIT("1.234,56"), NULL, 0);

	(void)state;
	damage_sentence(&d, &b);
	assert_true(eg_bytes_starts(eg_buf_view(&b), EG_LIT(" The comma is probably a decimal comma")));
	assert_true(eg_bytes_ends(eg_buf_view(&b), EG_LIT(" It was probably 1234.56.")));
	eg_buf_clear(&b);
	d = damage_of(DAMAGE_IN_NUMBER, EG_LIT("12.5"), NULL, 0);
	damage_sentence(&d, &b);
	assert_int_equal(b.len, 0);
	eg_buf_done(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(day_first),
		cmocka_unit_test(cut_texts), cmocka_unit_test(what_it_was), cmocka_unit_test(zeros),
		cmocka_unit_test(sentences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
