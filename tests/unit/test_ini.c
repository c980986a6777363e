/* SPDX-License-Identifier: MIT
 *
 * The line lexer: kinds of lines, comments, quotes, columns and every refusal; a bad line never stops the next one.
 */
#include "base/buf.h"
#include "base/ini.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *text;
	enum eg_ini_kind kind;
	const char *key, *value;
	uint32_t key_col, value_col;
};

static void
good_lines(void **state)
{
	static const struct row rows[] = {
		{ "a = b", EG_INI_ENTRY, "a", "b", 1, 5 },
		{ "  Vendor ID=  x y  ", EG_INI_ENTRY, "Vendor ID", "x y", 3, 15 },
		{ "a =", EG_INI_ENTRY, "a", "", 1, 4 },
		{ "a = b # no comment", EG_INI_ENTRY, "a", "b # no comment", 1, 5 },
		{ "a = b  # comment", EG_INI_ENTRY, "a", "b", 1, 5 },
		{ "a = b \t# comment", EG_INI_ENTRY, "a", "b", 1, 5 },
		{ "a = x#y", EG_INI_ENTRY, "a", "x#y", 1, 5 },
		{ "a = \"x  # = y\"  # c", EG_INI_ENTRY, "a", "\"x  # = y\"", 1, 5 },
		{ "a = \"x\\\"  # y\"", EG_INI_ENTRY, "a", "\"x\\\"  # y\"", 1, 5 },
		{ "a = \"\\\\\"  # y", EG_INI_ENTRY, "a", "\"\\\\\"", 1, 5 },
		{ "a = \"x\"\"y\"", EG_INI_ENTRY, "a", "\"x\"\"y\"", 1, 5 },
		{ "\"a = b\" = c", EG_INI_ENTRY, "a = b", "c", 2, 11 },
		{ "a = b = c", EG_INI_ENTRY, "a", "b = c", 1, 5 },
		{ "\xc3\xa9\xc3\xa9 = \xc3\xa9", EG_INI_ENTRY, "\xc3\xa9\xc3\xa9", "\xc3\xa9", 1, 6 },
		{ "[file]", EG_INI_SECTION, "file", "", 2, 6 },
		{ "  [columns \"A B\"]  # c", EG_INI_SECTION, "columns", "A B", 4, 13 },
		{ "[line rules]", EG_INI_SECTION, "line", "rules", 2, 7 },
		{ "[line\trules]", EG_INI_SECTION, "line", "rules", 2, 7 },
		{ "[rows \"a]b\"]", EG_INI_SECTION, "rows", "a]b", 2, 8 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct eg_ini ini;
		struct eg_ini_line l;
		struct eg_err err;

		eg_ini_init(&ini, eg_bytes_str(rows[n].text));
		if (eg_ini_next(&ini, &l, &err) != EG_OK)
			fail_msg("%s: %s", rows[n].text, err.msg);
		if (l.kind != rows[n].kind || !eg_bytes_is(l.key, rows[n].key) || !eg_bytes_is(l.value, rows[n].value))
			fail_msg("%s: key \"%.*s\" value \"%.*s\"", rows[n].text, EG_FMT(l.key), EG_FMT(l.value));
		if (l.key_col != rows[n].key_col || l.value_col != rows[n].value_col)
			fail_msg("%s: columns %u %u", rows[n].text, l.key_col, l.value_col);
		assert_int_equal(eg_ini_next(&ini, &l, &err), EG_EOF);
	}
}

static void
bad_lines(void **state)
{
	static const struct {
		const char *text, *code;
		uint32_t col;
	} rows[] = {
		{ "no equals sign", "INI-LINE", 1 },
		{ "  = value", "INI-LINE", 3 },
		{ "a = \"open", "INI-QUOTE", 5 },
		{ "\"a = b", "INI-QUOTE", 1 },
		{ "[file", "INI-SECTION", 1 },
		{ "[]", "INI-SECTION", 1 },
		{ "[a] junk", "INI-SECTION", 1 },
		{ "[a] junk]", "INI-SECTION", 1 },
		{ "[a \"b]", "INI-SECTION", 1 },
		{ "\xc3\xa9 = \xff", "INI-UTF8", 5 },
		{ "a = \x1b", "INI-CHAR", 5 },
		{ "a = b\rc = d", "INI-CHAR", 6 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		char *text = eg_xprintf("# one\n%s\nnext = 1\n", rows[n].text);
		struct eg_ini ini;
		struct eg_ini_line l;
		struct eg_err err;

		eg_ini_init(&ini, eg_bytes_str(text));
		if (eg_ini_next(&ini, &l, &err) != EG_BADREC)
			fail_msg("%s was taken", rows[n].text);
		if (strcmp(err.code, rows[n].code) != 0 || err.pos.line != 2 || err.pos.col != rows[n].col)
			fail_msg("%s: %s line %llu column %u", rows[n].text, err.code, (unsigned long long)err.pos.line,
			    err.pos.col);
		assert_int_equal(eg_ini_next(&ini, &l, &err), EG_OK);
		assert_true(eg_bytes_is(l.key, "next") && l.line == 3);
		free(text);
	}
}

static void
files(void **state)
{
	struct eg_ini ini;
	struct eg_ini_line l;
	struct eg_err err;

	(void)state;
	eg_ini_init(
	    &ini, EG_LIT("\xef\xbb\xbf# c\r\n\r\n \t\r\n[rules]\r\ncheck a == \"b # c\" : \"d\"  # e\r\nk = v"));
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_OK);
	assert_true(l.kind == EG_INI_SECTION && l.line == 4);
	ini.texts = true;
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_OK);
	assert_true(l.kind == EG_INI_TEXT && l.line == 5 && eg_bytes_is(l.value, "check a == \"b # c\" : \"d\""));
	ini.texts = false;
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_OK);
	assert_true(l.kind == EG_INI_ENTRY && l.line == 6 && eg_bytes_is(l.whole, "k = v"));
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_EOF);
	eg_ini_init(&ini, EG_NONE);
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_EOF);
	eg_ini_init(&ini, EG_LIT("a = \0"));
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_BADREC);
}

static void
line_limit(void **state)
{
	char text[4200];
	struct eg_ini ini;
	struct eg_ini_line l;
	struct eg_err err;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1] = '=';
	eg_ini_init(&ini, eg_bytes(text, 4096));
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_OK);
	eg_ini_init(&ini, eg_bytes(text, 4097));
	assert_int_equal(eg_ini_next(&ini, &l, &err), EG_BADREC);
	assert_string_equal(err.code, "INI-LONG");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(files),
		cmocka_unit_test(line_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
