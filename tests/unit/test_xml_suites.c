/* SPDX-License-Identifier: MIT
 *
 * The XML reader over inputs that lie beside the tree: the example drops and the W3C conformance suite. Skipped with a
 * word where they are not there.
 */
#include "formats/text.h"
#include "formats/xml_read.h"
#include "tests/unit/xml_rows.h"

#include <archive.h>
#include <archive_entry.h>
#include <ftw.h>

#define SHARED "../shared/"

static bool
load(const char *path, struct eg_buf *ret)
{
	FILE *f = fopen(path, "rb");
	unsigned char block[65536];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		eg_buf_put(ret, block, n);
	(void)fclose(f); /* was only read */
	return true;
}

static unsigned n_examples;

static int
check_example(const char *path, const struct stat *st, int type, struct FTW *w)
{
	static const char *const one[] = { "number", "project/number" };
	static const struct fmt_xml_spec any = { .npaths = 2, .paths = one };
	struct eg_buf doc = EG_BUF_INIT, out = EG_BUF_INIT;
	struct eg_err err;

	(void)st, (void)w;
	if (type != FTW_F || strstr(path, "/in/") == NULL || !eg_bytes_ends(eg_bytes_str(path), EG_LIT(".xml")))
		return 0;
	assert_true(load(path, &doc));
	const bool bad = strstr(path, "special_cut") != NULL || strstr(path, "special_doctype") != NULL;
	const int rc = read_steps(path, eg_buf_view(&doc), &any, &out, &err);

	if (bad ? rc != EG_BADFILE || strcmp(err.code, "F-03") != 0 : rc != EG_EOF)
		fail_msg("%s: %d %s", path, rc, err.msg);
	n_examples++;
	eg_buf_done(&doc);
	eg_buf_done(&out);
	return 0;
}

static void
test_examples(void **state)
{
	(void)state;
	if (nftw(SHARED "reference/examples", check_example, 16, FTW_PHYS) != 0 || n_examples == 0) {
		print_message("skipped: no example inputs beside the tree\n");
		skip();
	}
}

/* The W3C suite: its index says for every document whether it has a DOCTYPE and whether libxml2 alone takes it. */
static bool
index_of(const char *index, const char *path, char *ret_doctype, bool *ret_reject)
{
	const char *at;
	char key[512];

	(void)snprintf(key, sizeof key, "\t%s\t", path);
	at = strstr(index, key);
	if (at == NULL)
		return false;
	const struct eg_bytes line = eg_bytes(at + 1, strcspn(at + 1, "\n"));

	*ret_doctype = eg_bytes_find(line, EG_LIT("\tplain\t")) < line.len ? 'n' : 'y';
	*ret_reject = eg_bytes_ends(line, EG_LIT("reject"));
	return true;
}

static void
check_w3c(const char *name, struct eg_bytes doc, char doctype, bool reject, unsigned *taken)
{
	static const struct fmt_xml_spec none = { .npaths = 0 };
	struct eg_buf out = EG_BUF_INIT;
	struct eg_err err;
	const int rc = read_all(doc, 0, &none, false, &out, &err);

	if (rc != EG_EOF && rc != EG_BADFILE)
		fail_msg("%s: class %d", name, rc);
	if (rc == EG_EOF && (doctype == 'y' || reject))
		fail_msg("%s: taken", name);
	*taken += rc == EG_EOF;
	eg_buf_done(&out);
}

static void
test_w3c(void **state)
{
	/* The word stands in a comment, an instruction, a CDATA section. */
	static const char *const only_looks_so[] = { "oasis/p15pass1.xml", "oasis/p16pass1.xml", "oasis/p18pass1.xml" };
	struct eg_buf index = EG_BUF_INIT, doc = EG_BUF_INIT;
	struct archive_entry *entry;
	struct archive *a;
	unsigned seen = 0, taken = 0;

	(void)state;
	if (!load(SHARED "corpora/w3c-xmlconf/index.tsv", &index)) {
		print_message("skipped: no W3C suite beside the tree\n");
		skip();
	}
	a = archive_read_new();
	(void)archive_read_support_format_tar(a);
	(void)archive_read_support_filter_gzip(a);
	assert_int_equal(
	    archive_read_open_filename(a, SHARED "corpora/w3c-xmlconf/xmlconf-20130923.tar.gz", 65536), ARCHIVE_OK);
	while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		const char *path = strstr(archive_entry_pathname(entry), "xmlconf/");
		unsigned char block[65536];
		char doctype;
		bool reject;
		la_ssize_t n;

		if (path == NULL || !index_of(eg_buf_cstr(&index), path + strlen("xmlconf/"), &doctype, &reject))
			continue;
		eg_buf_clear(&doc);
		while ((n = archive_read_data(a, block, sizeof block)) > 0)
			eg_buf_put(&doc, block, (size_t)n);
		for (size_t i = 0; i < N(only_looks_so); i++) {
			if (eg_bytes_ends(eg_bytes_str(path), eg_bytes_str(only_looks_so[i])))
				doctype = 'n';
		}
		check_w3c(path, eg_buf_view(&doc), doctype, reject, &taken);
		seen++;
	}
	(void)archive_read_free(a);
	print_message("W3C suite: %u documents, %u taken\n", seen, taken);
	assert_true(seen > 2000);
	assert_true(taken >= 75);
	eg_buf_done(&index);
	eg_buf_done(&doc);
}

static int
set_up(void **state)
{
	struct eg_err err;

	(void)state;
	fmt_xml_init();
	return fmt_text_preload(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_w3c),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
