/* SPDX-License-Identifier: MIT
 *
 * The public CSV suites, where they lie beside the tree (../shared/corpora); without them the tests are skipped, with
 * a word. What is expected of them is RFC 4180 with our rules: blanks at the ends of values are cut, a CR alone is
 * content, line ends inside quotes stay as they are, and empty lines are rows marked blank. What only lenient parsers
 * take must be refused.
 */
#include "base/fs.h"
#include "tests/unit/csv_help.h"

#include <fcntl.h>
#include <jansson.h>

#define CORPORA "../shared/corpora/"

static bool
load(const char *path, struct eg_buf *ret)
{
	struct eg_err err;
	return eg_fs_read_file(AT_FDCWD, path, (size_t)16 << 20, ret, &err) == EG_OK;
}

static json_t *
load_json(const char *path)
{
	struct eg_buf text = EG_BUF_INIT;
	json_t *json = NULL;
	if (load(path, &text)) {
		json = json_loadb((const char *)text.ptr, text.len, JSON_ALLOW_NUL, NULL);
		assert_non_null(json);
	} else {
		print_message("skipped: no %s\n", path);
	}
	eg_buf_done(&text);
	return json;
}

static struct eg_bytes
text_of(const json_t *v)
{
	return eg_bytes(json_string_value(v), json_string_length(v));
}

static bool
has_lone_cr(struct eg_bytes in)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] == '\r' && (i + 1 == in.len || in.ptr[i + 1] != '\n'))
			return true;
	}
	return false;
}

/* Values as csv_see has them; empty lines are left out on both sides by whoever compares. */
static void
put_value(struct eg_buf *want, size_t i, struct eg_bytes v)
{
	eg_buf_str(want, i > 0 ? "|" : "");
	eg_buf_add(want, eg_bytes_trim(v));
}

/* Rows of a JSON array of arrays. */
static struct eg_buf
wanted_rows(const json_t *rows)
{
	struct eg_buf want = EG_BUF_INIT;
	size_t r, i;
	json_t *row, *cell;
	json_array_foreach(rows, r, row)
	{
		bool filled = false;
		json_array_foreach(row, i, cell)
		{
			put_value(&want, i, text_of(cell));
			filled |= eg_bytes_trim(text_of(cell)).len > 0;
		}
		eg_buf_str(&want, filled ? "$" : "~$");
	}
	return want;
}

/* Without CR, which others drop inside quotes, and without lines of nothing, which others do not give. */
static struct eg_buf
reduced(struct eg_bytes values, bool drop_cr)
{
	struct eg_buf out = EG_BUF_INIT;
	for (size_t i = 0; i < values.len; i++) {
		bool line_start = out.len == 0 || out.ptr[out.len - 1] == '$';
		if (line_start && eg_bytes_starts(eg_bytes_sub(values, i, 2), EG_LIT("~$")))
			i++;
		else if (!drop_cr || values.ptr[i] != '\r')
			eg_buf_chr(&out, values.ptr[i]);
	}
	return out;
}

/* One case in steps of all sizes. want == NULL: it must be refused. */
static unsigned
case_wrong(
    const char *name, struct eg_bytes in, const struct fmt_csv_opts *opts, const struct eg_buf *want, bool drop_cr)
{
	static const size_t steps[] = { 0, 1, 7, 4096 };
	unsigned failed = 0;
	for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
		struct csv_seen s = csv_see(in, opts, steps[k], true);
		struct eg_buf got = reduced(eg_buf_view(&s.values), drop_cr), expected = EG_BUF_INIT;
		if (want != NULL)
			expected = reduced(eg_buf_view(want), drop_cr);
		bool ok = s.wrong == NULL;
		if (want == NULL)
			ok = ok && s.err.cls == EG_BADFILE && strcmp(s.err.code, "F-03") == 0;
		else
			ok = ok && s.err.cls == EG_EOF && eg_bytes_eq(eg_buf_view(&got), eg_buf_view(&expected));
		if (!ok) {
			print_error("%s, step %zu: %s; %s; want %s, got %s\n", name, steps[k], s.wrong, s.err.msg,
			    want == NULL ? "a refusal" : eg_buf_cstr(&expected), eg_buf_cstr(&got));
			failed++;
		}
		eg_buf_done(&got);
		eg_buf_done(&expected);
		csv_seen_done(&s);
	}
	return failed;
}

/* Objects keyed by the header row. */
static struct eg_buf
wanted_objects(const json_t *objects)
{
	struct eg_buf want = EG_BUF_INIT;
	size_t r;
	json_t *object, *value;
	const char *key;
	json_array_foreach(objects, r, object)
	{
		size_t i = 0;
		if (r == 0) {
			json_object_foreach(object, key, value) put_value(&want, i++, eg_bytes_str(key));
			eg_buf_str(&want, "$");
		}
		i = 0;
		json_object_foreach(object, key, value) put_value(&want, i++, text_of(value));
		eg_buf_str(&want, "$");
	}
	return want;
}

static void
test_spectrum(void **state)
{
	(void)state;
	static const char *const names[] = { "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json",
		"location_coordinates", "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf",
		"utf8" };
	static const struct fmt_csv_opts opts = { 0 };
	unsigned failed = 0, seen = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[160];
		struct eg_buf in = EG_BUF_INIT;
		(void)snprintf(path, sizeof path, CORPORA "csv-spectrum/data/json/%s.json", names[i]);
		json_t *json = load_json(path);
		(void)snprintf(path, sizeof path, CORPORA "csv-spectrum/data/csvs/%s.csv", names[i]);
		if (json != NULL && load(path, &in)) {
			struct eg_buf want = wanted_objects(json);
			/* seconds of arc: quotes in cells that are not quoted */
			bool lenient = strcmp(names[i], "location_coordinates") == 0;
			/* the file as stored lost the CR inside its quotes, its expectation did not */
			bool drop_cr = strcmp(names[i], "newlines_crlf") == 0;
			failed += case_wrong(names[i], eg_buf_view(&in), &opts, lenient ? NULL : &want, drop_cr);
			seen++;
			eg_buf_done(&want);
		}
		json_decref(json);
		eg_buf_done(&in);
	}
	assert_int_equal(failed, 0);
	if (seen == 0)
		skip();
}

static void
test_go(void **state)
{
	(void)state;
	json_t *cases = load_json(CORPORA "go-csv/cases.json"), *one;
	if (cases == NULL)
		skip();
	unsigned failed = 0, seen = 0;
	size_t i;
	json_array_foreach(cases, i, one)
	{
		const char *kind = json_string_value(json_object_get(json_object_get(one, "error"), "kind"));
		if (kind != NULL && strcmp(kind, "field count") == 0)
			continue; /* ragged rows are the caller's finding */
		const char *comma = json_string_value(json_object_get(json_object_get(one, "config"), "comma"));
		const struct fmt_csv_opts opts = { .delim = comma == NULL ? 0 : (unsigned char)comma[0] };
		struct eg_buf want = wanted_rows(json_object_get(one, "expected"));
		failed += case_wrong(json_string_value(json_object_get(one, "name")),
		    text_of(json_object_get(one, "input")), &opts, kind == NULL ? &want : NULL,
		    strcmp(json_string_value(json_object_get(one, "name")), "CRLFInQuotedField") == 0);
		seen++;
		eg_buf_done(&want);
	}
	json_decref(cases);
	assert_int_equal(failed, 0);
	assert_true(seen > 20);
}

static void
test_rust(void **state)
{
	(void)state;
	json_t *cases = load_json(CORPORA "rust-csv/cases.json"), *one;
	if (cases == NULL)
		skip();
	static const struct fmt_csv_opts opts = { 0 };
	unsigned failed = 0, seen = 0;
	size_t i;
	json_array_foreach(cases, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "name"));
		struct eg_bytes in = text_of(json_object_get(one, "input"));
		/* others' dialects; CR as a row end; blanks outside quotes that make the quotes content there */
		if (json_string_length(json_object_get(one, "config")) > 0 || has_lone_cr(in) ||
		    strcmp(name, "quote_outer_space") == 0)
			continue;
		struct eg_buf want = wanted_rows(json_object_get(one, "expected"));
		failed += case_wrong(name, in, &opts, &want, false);
		seen++;
		eg_buf_done(&want);
	}
	json_decref(cases);
	assert_int_equal(failed, 0);
	assert_true(seen > 20);
}

/* Quotes in cells that are not quoted: content there. */
static bool
is_lenient(const char *name)
{
	return strcmp(name, "Unquoted field with quotes at end of field") == 0 ||
	       strcmp(name, "Misplaced quotes in data, not as opening quotes") == 0;
}

static void
test_papaparse(void **state)
{
	(void)state;
	json_t *cases = load_json(CORPORA "papaparse/cases.json"), *one;
	if (cases == NULL)
		skip();
	static const struct fmt_csv_opts opts = { 0 };
	unsigned failed = 0, seen = 0;
	size_t i;
	json_array_foreach(json_object_get(cases, "CORE_PARSER_TESTS"), i, one)
	{
		struct eg_bytes in = text_of(json_object_get(one, "input"));
		const json_t *expected = json_object_get(one, "expected"),
			     *errors = json_object_get(expected, "errors");
		const char *name = json_string_value(json_object_get(one, "description"));
		bool dialect = json_object_get(json_object_get(one, "config"), "$undefined") == NULL || has_lone_cr(in);
		/* blanks outside quotes make the quotes content there */
		if (dialect || strcmp(name, "Quoted field with whitespace around quotes") == 0)
			continue;
		struct eg_buf want = wanted_rows(json_object_get(expected, "data"));
		bool fine = json_array_size(errors) == 0 && !is_lenient(name);
		failed += case_wrong(name, in, &opts, fine ? &want : NULL, false);
		seen++;
		eg_buf_done(&want);
	}
	json_decref(cases);
	assert_int_equal(failed, 0);
	assert_true(seen > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spectrum),
		cmocka_unit_test(test_go),
		cmocka_unit_test(test_rust),
		cmocka_unit_test(test_papaparse),
	};
	return cmocka_run_group_tests_name("csv_corpora", tests, NULL, NULL);
}
