/* SPDX-License-Identifier: MIT
 *
 * The rule book is complete and well formed, and its readers get out of it what is in it.
 */
#include "gateway/cli/help.h"
#include "gateway/workflow/rulebook.h"

#include "adapters/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_complete(void **state)
{
	size_t n;
	const struct book_rule *r = book_rules(&n);

	(void)state;
	for (unsigned i = 1; i <= 76; i++) {
		char code[8];

		(void)snprintf(code, sizeof(code), "E-%02u", i);
		assert_true(i <= n);
		assert_string_equal(r[i - 1].code, code);
	}
	for (size_t i = 1; i < n; i++) {
		assert_true(strcmp(r[i - 1].code, r[i].code) < 0); /* in order, none twice */
		assert_ptr_equal(book_rule(r[i].code), &r[i]);
	}
	assert_null(book_rule("E-77"));
}

/* Every word of the list is one of the others. */
static bool
words_of(const char *list, const char *known)
{
	struct eg_bytes rest = eg_bytes_str(list), part;

	while (eg_bytes_cut(&rest, ' ', &part)) {
		struct eg_bytes all = eg_bytes_str(known), word;
		bool found = false;

		while (eg_bytes_cut(&all, ' ', &word))
			found = found || eg_bytes_eq(word, part);
		if (!found)
			return false;
	}
	return true;
}

static bool
types_known(const char *list)
{
	struct eg_bytes rest = eg_bytes_str(list), part;

	while (eg_bytes_cut(&rest, ' ', &part))
		if (rec_type_named(part) == NULL && !words_of(list, "any") && !eg_bytes_is(part, "file"))
			return false;
	return true;
}

static bool
sentence(const char *s)
{
	return strlen(s) > 4 && s[strlen(s) - 1] == '.' && strpbrk(s, "|\n\r") == NULL;
}

static void
test_rows(void **state)
{
	size_t n;
	const struct book_rule *r = book_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct book_rule *b = &r[i];

		if (strspn(b->severity, "RHWN") != strlen(b->severity) || *b->severity == '\0')
			fail_msg("%s: severity", b->code);
		if (!words_of(b->stages, book_stages()) || !words_of(b->erps, "all cmic acumatica mri") ||
		    !types_known(b->types))
			fail_msg("%s: stages, systems or types", b->code);
		if (!sentence(b->condition) || !sentence(b->cure) || *b->message == '\0' ||
		    strpbrk(b->message, "|\n") != NULL || *b->basis == '\0' || strchr(b->basis, '|') != NULL)
			fail_msg("%s: texts", b->code);
		if (b->off && *b->setting == '\0')
			fail_msg("%s: is off, and no setting switches it on", b->code);
	}
}

static size_t
lines_with(const char *text, const char *begin)
{
	size_t count = 0;

	for (const char *p = strstr(text, begin); p != NULL; p = strstr(p + 1, begin))
		count++;
	return count;
}

static void
test_readers(void **state)
{
	struct rules_filter f = { .erp = "mri", .type = "cco", .stage = "send" }, word = { 0 };
	struct eg_buf b = EG_BUF_INIT;
	size_t n;

	(void)state;
	(void)book_rules(&n);
	assert_true(help_rules_text(&f, &b));
	assert_non_null(strstr(eg_buf_cstr(&b), "E-44")); /* MRI only */
	assert_null(strstr(eg_buf_cstr(&b), "E-48")); /* CMiC only */
	assert_null(strstr(eg_buf_cstr(&b), "E-43")); /* not at send */
	assert_null(strstr(eg_buf_cstr(&b), "E-01")); /* commitments only */
	eg_buf_clear(&b);
	assert_true(help_rules_page("findings", &b));
	assert_int_equal(lines_with(eg_buf_cstr(&b), "\n| `"), n);
	eg_buf_clear(&b);
	assert_false(help_rules_page("nosuch", &b));
	assert_true(help_rules_word("E-38", &word));
	assert_string_equal(word.code, "E-38");
	assert_true(help_rules_word("unlink", &word));
	assert_false(help_rules_word("E-99", &word));
	f = (struct rules_filter){ .erp = "mri", .code = "F-41" };
	assert_false(help_rules_text(&f, &b)); /* a rule of CMiC */
	eg_buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests_name("rulebook", tests, NULL, NULL);
}
