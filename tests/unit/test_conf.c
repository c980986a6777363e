/* SPDX-License-Identifier: MIT
 *
 * Settings: every fault with its line and column, the likely key, effective values, and edits that keep what people wrote.
 */
#include "gateway/conf.h"

#include "base/date.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct fault {
	const char *name, *text, *code;
	unsigned line, col;
	const char *says; /* part of the message */
} faults[] = {
	{ "unknown key", "erp = cmic\nnosuch.thing = 1\n", "CONF-KEY", 2, 1,
	    "unknown setting \"nosuch.thing\". All settings" },
	{ "near key", "  vendor_name_mx = 1\n", "CONF-KEY", 1, 3, "did you mean \"vendor_name_max\"?" },
	{ "near key of a group", "cmic.compny = 01\n", "CONF-KEY", 1, 1, "did you mean \"cmic.company\"?" },
	{ "near key with a name in it", "source.procore.setle = quiet\n", "CONF-KEY", 1, 1,
	    "did you mean \"source.procore.settle\"?" },
	{ "near group with a name in it", "surce.procore.settle = quiet\n", "CONF-KEY", 1, 1,
	    "did you mean \"source.procore.settle\"?" },
	{ "name missing", "source..settle = quiet\n", "CONF-KEY", 1, 1, "unknown setting" },
	{ "name of two parts", "source.a.b.settle = quiet\n", "CONF-KEY", 1, 1, "unknown setting" },
	{ "the star itself", "source.*.settle = nosuch\n", "CONF-VALUE", 1, 19, "write one of" },
	{ "set twice", "erp = cmic\n\nerp = mri\n", "CONF-TWICE", 3, 1, "already set in line 1" },
	{ "not yes or no", "export_forecast = true\n", "CONF-VALUE", 1, 19, "write yes or no" },
	{ "no number", "vendor_name_max = many\n", "CONF-VALUE", 1, 19, "write a whole number" },
	{ "negative number", "vendor_name_max = -1\n", "CONF-VALUE", 1, 19, "write a whole number" },
	{ "number past 63 bits", "drop.max_bytes = 9223372036854775808\n", "CONF-VALUE", 1, 18,
	    "write a whole number" },
	{ "no duration", "settle.quiet = soon\n", "CONF-VALUE", 1, 16, "write a duration such as" },
	{ "no such word", "erp =\tsap\n", "CONF-VALUE", 1, 7, "write one of: cmic acumatica mri" },
	{ "part of a word", "erp = acu\n", "CONF-VALUE", 1, 7, "write one of" },
	{ "empty word", "erp =\n", "CONF-VALUE", 1, 0, "write one of" },
	{ "section", "[erp]\nname = x\n", "CONF-KEY", 1, 1, "no sections" },
	{ "no equals sign", "erp = cmic\nhello\n", "INI-LINE", 2, 1, "" },
	{ "nothing before the equals sign", " = cmic\n", "INI-LINE", 1, 0, "" },
	{ "open quote", "site.name = \"a\n", "INI-QUOTE", 1, 0, "" },
	{ "not UTF-8", "site.name = \xff\n", "INI-UTF8", 1, 13, "" },
	{ "control character", "site.name = a\001b\n", "INI-CHAR", 1, 14, "" },
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *f = &faults[i];
		struct eg_err err = { 0 };
		struct conf c;
		int rc = conf_parse(eg_bytes_str(f->text), "x/erpgate.conf", &c, &err);

		if (rc != EG_BADFILE || err.cls != EG_BADFILE || strcmp(err.code, f->code) != 0 ||
		    err.pos.line != f->line || (f->col != 0 && err.pos.col != f->col) ||
		    strstr(err.msg, f->says) == NULL)
			fail_msg("%s: %d %s %" PRIu64 ":%" PRIu32 " %s", f->name, rc, err.code, err.pos.line,
			    err.pos.col, err.msg);
		assert_null(c.values);
		assert_null(c.path);
	}
}

/* What stands in the table is what a file may say: a default is written as in a file. */
static void
test_defaults_are_valid(void **state)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char *text = eg_xprintf("%s = %s\n", k[i].key, k[i].def);
		bool named = strchr(k[i].key, '*') != NULL;
		struct eg_err err = { 0 };
		struct conf c;

		assert_true(*k[i].help != '\0');
		assert_true((k[i].type == CT_WORD) == (k[i].words != NULL));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(k[i].key, k[j].key);
		if (!(named && *k[i].def == '\0')) { /* blank there: the general key is asked */
			int rc = conf_parse(eg_bytes_str(text), "erpgate.conf", &c, &err);
			if (rc != EG_OK)
				fail_msg("%s: %s", k[i].key, err.msg);
			if (!named)
				assert_string_equal(conf_text(&c, k[i].key), k[i].def);
			conf_free(&c);
		}
		free(text);
	}
}

static void
test_values(void **state)
{
	static const char text[] = "\xef\xbb\xbf# all of it\n"
				   "erp = acumatica\n"
				   "site.name = North  yard   # of two\n"
				   "settle.quiet = 10m\n"
				   "drop.max_bytes = 4096\n"
				   "export_forecast = no\n"
				   "settle = companion\n"
				   "source.mri.settle = rename\n"
				   "target.cmic.companion = yes\n";
	struct eg_err err = { 0 };
	struct conf c;

	(void)state;
	assert_int_equal(conf_parse(eg_bytes_str(text), "erpgate.conf", &c, &err), EG_OK);
	assert_string_equal(conf_text(&c, "erp"), "acumatica");
	assert_string_equal(conf_text(&c, "site.name"), "North  yard");
	assert_int_equal(conf_int(&c, "settle.quiet"), 600);
	assert_int_equal(conf_int(&c, "drop.max_bytes"), 4096);
	assert_int_equal(conf_int(&c, "approvals.expire"), INT64_C(30) * 86400);
	assert_false(conf_bool(&c, "export_forecast"));
	assert_true(conf_bool(&c, "job_cost_transactions"));
	assert_int_equal(conf_line(&c, "erp"), 2);
	assert_int_equal(conf_line(&c, "currency"), 0);
	assert_string_equal(conf_sub(&c, "source", "mri", "settle"), "rename");
	assert_string_equal(conf_sub(&c, "source", "procore", "settle"), "companion");
	assert_string_equal(conf_sub(&c, "source", "procore", "family"), "");
	assert_true(conf_bool(&c, "target.cmic.companion"));
	assert_false(conf_bool(&c, "target.procore.companion"));
	assert_null(conf_get(&c, "no.such.key"));
	conf_free(&c);
	assert_int_equal(conf_parse(EG_NONE, "erpgate.conf", &c, &err), EG_OK);
	assert_string_equal(conf_text(&c, "erp"), "cmic");
	conf_free(&c);
}

static const struct edit {
	const char *name, *text, *key, *value, *want; /* want NULL = refused */
} edits[] = {
	{ "added at the end", "# mine\nerp = mri\n", "currency", "CAD", "# mine\nerp = mri\ncurrency = CAD\n" },
	{ "added to nothing", "", "currency", "CAD", "currency = CAD\n" },
	{ "last line without its end", "erp = mri", "currency", "CAD", "erp = mri\ncurrency = CAD\n" },
	{ "a file that was broken before", "erp\n", "currency", "CAD", NULL },
	{ "comments before, behind and after", "# why\ncurrency = USD   # since 2019\n\n# end\n", "currency", "CAD",
	    "# why\ncurrency = CAD   # since 2019\n\n# end\n" },
	{ "a comment that looks like it", "# currency = USD\n", "currency", "CAD",
	    "# currency = USD\ncurrency = CAD\n" },
	{ "a longer key", "currency = USD\nerp = mri\n", "erp", "cmic", "currency = USD\nerp = cmic\n" },
	{ "other blanks", "  currency=USD\n", "currency", "CAD", "currency = CAD\n" },
	{ "emptied", "site.name = x\n", "site.name", "", "site.name = \n" },
	{ "unknown key", "erp = mri\n", "nosuch", "1", NULL },
	{ "bad value", "erp = mri\n", "erp", "sap", NULL },
	{ "line feed in the value", "", "site.name", "x\nerp = mri", NULL },
	{ "comment in the value", "", "site.name", "x  # y", NULL },
	{ "blanks at the ends", "", "site.name", " x", NULL },
	{ "twice in the file", "erp = mri\nerp = cmic\n", "erp", "mri", NULL },
};

static void
test_edit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const struct edit *e = &edits[i];
		struct eg_buf got = EG_BUF_INIT;
		struct eg_err err = { 0 };
		int rc = conf_edit(eg_bytes_str(e->text), e->key, e->value, &got, &err);

		if (e->want == NULL && (rc != EG_BADREC || err.cls != EG_BADREC || err.msg[0] == '\0'))
			fail_msg("%s: %d, \"%s\"", e->name, rc, eg_buf_cstr(&got));
		if (e->want != NULL && (rc != EG_OK || strcmp(eg_buf_cstr(&got), e->want) != 0))
			fail_msg("%s: %d %s \"%s\"", e->name, rc, err.msg, eg_buf_cstr(&got));
		eg_buf_done(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_defaults_are_valid),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_edit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
