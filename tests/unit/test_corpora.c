/* SPDX-License-Identifier: MIT
 *
 * Public suites that have no test of their own elsewhere, where they lie beside the tree (../shared/corpora); skipped with a word where they do not. UTF-8 line by line; real and
 * odd CSV files read alike at every step, without a byte lost; inputs that fuzzers found; XML bombs and payload lists; Ed25519 by Wycheproof's vectors. Nothing may take 10 s.
 */
#include "base/fs.h"
#include "base/utf8.h"
#include "formats/text.h"
#include "spool/sign.h"
#include "tests/unit/csv_help.h"
#include "tests/unit/xml_rows.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <time.h>

#define CORPORA "../shared/corpora/"
#define SMALL 20000U /* counting places again is quadratic */
#define MOST_SEC 10

static bool
load(const char *path, struct eg_buf *ret)
{
	struct eg_err err;

	return eg_fs_read_file(AT_FDCWD, path, (size_t)16 << 20, ret, &err) == EG_OK;
}

static void
need(const char *path, struct eg_buf *ret)
{
	if (!load(path, ret)) {
		print_message("skipped: no %s\n", path);
		skip();
	}
}

/* ---- UTF-8 ---- */

static size_t
unhex(struct eg_bytes text, unsigned char *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < text.len && n < max;)
		if (text.ptr[i] == ' ')
			i++;
		else {
			const unsigned char pair[2] = { (unsigned char)tolower(text.ptr[i]),
				(unsigned char)tolower(text.ptr[i + 1]) };
			assert_true(eg_unhex(eg_bytes(pair, 2), &ret[n++], 1));
			i += 2;
		}
	return n;
}

static void
test_utf8(void **state)
{
	struct eg_buf all = EG_BUF_INIT;
	struct eg_bytes rest, line, number, kind, text;
	unsigned seen = 0;

	(void)state;
	need(CORPORA "utf8tests/data/utf8tests.txt", &all);
	rest = eg_buf_view(&all);
	while (eg_bytes_cut(&rest, '\n', &line)) {
		unsigned char raw[1024];
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		assert_true(eg_bytes_cut(&line, ':', &number) && eg_bytes_cut(&line, ':', &kind));
		text = eg_bytes_sub(line, 0, eg_bytes_is(kind, "valid") ? line.len : eg_bytes_chr(line, ':'));
		if (!eg_bytes_is(kind, "valid"))
			text = eg_bytes(raw, unhex(text, raw, sizeof(raw)));
		if ((eg_utf8_valid(text) == text.len) != eg_bytes_starts(eg_bytes_trim(kind), EG_LIT("valid")))
			fail_msg("%.*s: %.*s", EG_FMT(number), EG_FMT(kind));
		seen++;
	}
	assert_int_equal(seen, 222);
	eg_buf_done(&all);
}

/* ---- CSV ---- */

/* Read in every way: each ends well with all bytes in rows, or with a code and a place inside the file, whatever the steps; told how often it ended well. */
static unsigned
read_csv(const char *name, struct eg_bytes in)
{
	static const unsigned char delims[] = { ',', ';', '\t' };
	static const enum fmt_enc encs[] = { FMT_UTF8, FMT_UTF8_ELSE_1252 };
	time_t began = time(NULL);
	unsigned good = 0;

	for (size_t i = 0; i < N(delims) * N(encs); i++) {
		struct fmt_csv_opts opts = { .delim = delims[i % N(delims)], .enc = encs[i / N(delims)] };
		struct csv_seen first = csv_see(in, &opts, 0, in.len < SMALL);
		for (size_t s = 1; s < N(steps); s++) {
			struct csv_seen again = csv_see(in, &opts, steps[s], false);
			if (!csv_same(&first, &again))
				fail_msg("%s: step %zu gives something else", name, steps[s]);
			csv_seen_done(&again);
		}
		if (first.wrong != NULL)
			fail_msg("%s: %s", name, first.wrong);
		if (first.err.cls == EG_BADFILE && (*first.err.code == '\0' || first.err.pos.off > in.len))
			fail_msg("%s: an error without code or outside of the file: %s", name, first.err.msg);
		good += first.err.cls == EG_EOF;
		csv_seen_done(&first);
	}
	if (time(NULL) - began > MOST_SEC)
		fail_msg("%s takes %ld s", name, (long)(time(NULL) - began));
	return good;
}

static unsigned n_files, n_good;

static int
csv_file(const char *path, const struct stat *st, int type, struct FTW *w)
{
	struct eg_buf in = EG_BUF_INIT;
	const char *dot = strrchr(path, '.');

	(void)w;
	if (type != FTW_F || st->st_size > 800000 || dot == NULL || strstr(".csv.tsv.in.txt.bin", dot) == NULL)
		return 0;
	assert_true(load(path, &in));
	n_good += read_csv(path, eg_buf_view(&in)) > 0;
	n_files++;
	eg_buf_done(&in);
	return 0;
}

static void
test_csv_files(void **state)
{
	static const char *const sets[] = { "commons-csv", "csvkit-examples", "messytables-horror", "node-csv" };

	(void)state;
	n_files = n_good = 0;
	for (size_t i = 0; i < N(sets); i++) {
		char path[200];
		(void)snprintf(path, sizeof(path), CORPORA "%s/data", sets[i]);
		(void)nftw(path, csv_file, 16, FTW_PHYS);
	}
	if (n_files == 0) {
		print_message("skipped: no CSV files beside the tree\n");
		skip();
	}
	print_message("CSV files: %u, %u of them taken\n", n_files, n_good);
	assert_true(n_files > 100 && n_good > 90);
}

/* Rows of another width than the first, or a fault: what an adapter refuses with F-04 or F-03. */
static void
test_ragged(void **state)
{
	static const char *const bad[] = { "bad.csv", "bad_skip_lines.csv" };

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		static const struct fmt_csv_opts opts = { .delim = ',' };
		struct eg_buf in = EG_BUF_INIT;
		struct fmt_src_mem mem;
		struct fmt_csv *csv = NULL;
		struct fmt_row row;
		struct eg_err err;
		size_t width = 0, rows = 0, ragged = 0;
		char path[200];
		(void)snprintf(path, sizeof(path), CORPORA "csvkit-examples/data/examples/%s", bad[i]);
		need(path, &in);
		assert_int_equal(fmt_csv_open(fmt_src_mem(&mem, eg_buf_view(&in), 0), &opts, &csv, &err), EG_OK);
		while (fmt_csv_next(csv, &row, &err) == EG_OK) {
			width = rows++ == 0 ? row.ncells : width;
			ragged += row.ncells != width;
		}
		fmt_csv_free(csv);
		if (ragged == 0 && err.cls != EG_BADFILE)
			fail_msg("%s: nothing is wrong with it", path);
		eg_buf_done(&in);
	}
}

/* ---- XML ---- */

static const char *const any_path[] = { "a", "b/c" };
static const struct fmt_xml_spec any = { .npaths = 2, .paths = any_path };

static int
read_xml(const char *name, struct eg_bytes in)
{
	struct eg_buf out = EG_BUF_INIT;
	struct eg_err err;
	time_t began = time(NULL);
	int rc = read_steps(name, in, &any, &out, &err);

	if (rc != EG_EOF && rc != EG_BADFILE)
		fail_msg("%s: class %d", name, rc);
	if (rc == EG_BADFILE && (*err.code == '\0' || err.pos.off > in.len))
		fail_msg("%s: an error without code or outside of the file: %s", name, err.msg);
	if (time(NULL) - began > MOST_SEC)
		fail_msg("%s takes %ld s", name, (long)(time(NULL) - began));
	eg_buf_done(&out);
	return rc;
}

static int
bomb_file(const char *path, const struct stat *st, int type, struct FTW *w)
{
	struct eg_buf in = EG_BUF_INIT;
	const char *name = strrchr(path, '/') + 1;
	int rc;

	(void)st, (void)w;
	if (type != FTW_F || strcmp(name, "LICENSE") == 0 || strcmp(name, "README.md") == 0)
		return 0;
	assert_true(load(path, &in));
	rc = read_xml(path, eg_buf_view(&in));
	bool plain = strncmp(name, "simple", 6) == 0;
	bool must = eg_bytes_find(eg_buf_view(&in), EG_LIT("<!DOCTYPE")) < in.len;
	if ((must && rc != EG_BADFILE) || (plain && rc != EG_EOF))
		fail_msg("%s: %s", path, rc == EG_EOF ? "taken" : "refused");
	n_files++;
	eg_buf_done(&in);
	return 0;
}

static void
test_bombs(void **state)
{
	(void)state;
	n_files = 0;
	(void)nftw(CORPORA "defusedxml/data", bomb_file, 16, FTW_PHYS);
	(void)nftw(CORPORA "xxe-payload-lists/data/XXE Injection/Files", bomb_file, 16, FTW_PHYS);
	if (n_files == 0) {
		print_message("skipped: no XML bombs beside the tree\n");
		skip();
	}
	assert_true(n_files >= 17);
}

/* Payloads of the lists, one a line: as they stand when they are a document, else inside of one. */
static void
payload_lines(const char *path, unsigned *seen)
{
	struct eg_buf all = EG_BUF_INIT, doc = EG_BUF_INIT;
	struct eg_bytes rest, line;

	need(path, &all);
	rest = eg_buf_view(&all);
	while (eg_bytes_cut(&rest, '\n', &line)) {
		bool declares = eg_bytes_find(line, EG_LIT("<!DOCTYPE")) < line.len ||
		                eg_bytes_find(line, EG_LIT("<!ENTITY")) < line.len;
		eg_buf_clear(&doc);
		if (eg_bytes_starts(line, EG_LIT("<?xml")) || eg_bytes_starts(line, EG_LIT("<!DOCTYPE")))
			eg_buf_add(&doc, line);
		else
			eg_buf_printf(&doc, "<r>%.*s</r>", EG_FMT(line));
		if (read_xml(path, eg_buf_view(&doc)) != EG_BADFILE && declares)
			fail_msg("%s: taken: %.*s", path, EG_FMT(line));
		(*seen)++;
	}
	eg_buf_done(&all);
	eg_buf_done(&doc);
}

static void
test_payloads(void **state)
{
	unsigned seen = 0;

	(void)state;
	payload_lines(CORPORA "xxe-payload-lists/data/XXE Injection/Intruders/XXE_Fuzzing.txt", &seen);
	payload_lines(CORPORA "xxe-payload-lists/data/XXE Injection/Intruders/xml-attacks.txt", &seen);
	assert_true(seen > 50);
}

/* ---- what fuzzers found ---- */

static void
test_seeds(void **state)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	struct eg_buf in = EG_BUF_INIT;
	unsigned csv = 0, xml = 0;

	(void)state;
	(void)archive_read_support_format_tar(a);
	(void)archive_read_support_filter_gzip(a);
	if (archive_read_open_filename(a, CORPORA "go-fuzz-seeds/seeds.tar.gz", 65536) != ARCHIVE_OK) {
		(void)archive_read_free(a);
		print_message("skipped: no seeds beside the tree\n");
		skip();
	}
	while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(entry);
		unsigned char block[65536];
		la_ssize_t n;

		eg_buf_clear(&in);
		while ((n = archive_read_data(a, block, sizeof(block))) > 0)
			eg_buf_put(&in, block, (size_t)n);
		if (in.len == 0)
			continue;
		if (strstr(path, "csv/") != NULL) {
			(void)read_csv(path, eg_buf_view(&in));
			csv++;
		} else if (strstr(path, "xml/") != NULL) {
			(void)read_xml(path, eg_buf_view(&in));
			xml++;
		}
	}
	(void)archive_read_free(a);
	print_message("seeds: %u of CSV, %u of XML\n", csv, xml);
	assert_true(csv > 50 && xml > 200);
	eg_buf_done(&in);
}

/* ---- Ed25519 ---- */

static size_t
hex_of(const json_t *t, const char *name, unsigned char *ret, size_t max)
{
	const char *text = json_string_value(json_object_get(t, name));

	assert_non_null(text);
	assert_true(strlen(text) / 2 <= max);
	return unhex(eg_bytes_str(text), ret, max);
}

static void
check_group(const json_t *group, unsigned *valid, unsigned *invalid)
{
	struct sign_key *key = NULL;
	struct eg_err err;
	size_t i;
	json_t *t;

	assert_int_equal(sign_key_from_pem(eg_bytes_str(json_string_value(json_object_get(group, "publicKeyPem"))),
			     false, &key, &err),
	    EG_OK);
	json_array_foreach(json_object_get(group, "tests"), i, t)
	{
		unsigned char msg[8192], sig[8192];
		size_t nmsg = hex_of(t, "msg", msg, sizeof(msg)), nsig = hex_of(t, "sig", sig, sizeof(sig));
		bool want = strcmp(json_string_value(json_object_get(t, "result")), "valid") == 0;
		bool got = sign_verify(key, eg_bytes(msg, nmsg), eg_bytes(sig, nsig), &err) == EG_OK;

		if (want != got)
			fail_msg("vector %d", (int)json_integer_value(json_object_get(t, "tcId")));
		*valid += want;
		*invalid += !want;
	}
	sign_key_free(key);
}

static void
test_ed25519(void **state)
{
	struct eg_buf text = EG_BUF_INIT;
	unsigned valid = 0, invalid = 0;
	size_t i;
	json_t *all, *group;

	(void)state;
	need(CORPORA "wycheproof-ed25519/data/testvectors_v1/ed25519_test.json", &text);
	all = json_loadb((const char *)text.ptr, text.len, 0, NULL);
	assert_non_null(all);
	json_array_foreach(json_object_get(all, "testGroups"), i, group) check_group(group, &valid, &invalid);
	assert_int_equal(valid + invalid, 151);
	assert_true(valid > 50 && invalid > 50);
	json_decref(all);
	eg_buf_done(&text);
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_utf8), cmocka_unit_test(test_csv_files),
		cmocka_unit_test(test_ragged), cmocka_unit_test(test_bombs), cmocka_unit_test(test_payloads),
		cmocka_unit_test(test_seeds), cmocka_unit_test(test_ed25519) };

	return cmocka_run_group_tests(tests, set_up, NULL);
}
