/* SPDX-License-Identifier: MIT
 *
 * Bundles: the same bytes every time, readable by stock tools, and no changed bit or cut byte goes unnoticed.
 */
#include "tests/unit/spool_site.h"

#include "spool/bundle.h"

#include <zlib.h>

#define NOW INT64_C(1795235520) /* 2026-11-21T04:32:00Z */
#define ZIP "2026/11/A000450.zip"

static const char long_text[] =
    "vendor,name,amount\nV-1,Acme,1234.50\nV-2,Acme,1234.50\nV-3,Acme,1234.50\nV-4,Acme,1.00\n";

struct made {
	struct site_dir t;
	struct sign_key *key;
	char sha[EG_SHA256_HEX];
	struct eg_buf path;
};

/* order reverses the order of adding, which must not matter. */
static void
seal(struct made *m, bool reverse, int fd, uint64_t fd_size)
{
	struct bundle *b = NULL;
	struct site_dir *t = &m->t;
	must(t, bundle_new("A000450", &b, &t->err));
	must(t, bundle_info(b, "Source-Organization", "Northgate \nBuilders", &t->err));
	must(t, bundle_info(b, "External-Identifier", "D000187", &t->err));
	for (int i = 0; i < 3; i++) {
		int k = reverse ? 2 - i : i;
		if (k == 0) {
			must(t, bundle_add(b, "received/original.csv", eg_bytes_str(long_text), &t->err));
		} else if (k == 1) {
			must(t, bundle_add(b, "received/empty.txt", EG_NONE, &t->err));
		} else {
			must(t, bundle_add(b, "outbound/cmic/stored.zip",
				    EG_LIT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &t->err));
		}
	}
	if (fd >= 0) {
		must(t, bundle_add_fd(b, "received/big.bin", fd, fd_size, &t->err));
	}
	eg_buf_clear(&m->path);
	must(t, bundle_seal(b, &t->spool, m->key, NOW, m->sha, &m->path, &t->err));
	assert_string_equal(eg_buf_cstr(&m->path), ZIP);
	bundle_free(b);
}

static void
made_begin(struct made *m)
{
	memset(m, 0, sizeof(*m));
	site_make(&m->t);
	must(&m->t, sign_key_make(m->t.dir, "k.pem", "k.pub.pem", &m->t.err));
	must(&m->t, sign_key_load(m->t.dir, "k.pem", true, &m->key, &m->t.err));
}

static void
made_end(struct made *m)
{
	eg_buf_done(&m->path);
	sign_key_free(m->key);
	site_remove(&m->t);
}

static struct bundle_verdict
verify(struct made *m, const struct sign_key *key)
{
	struct bundle_verdict v;
	must(&m->t, bundle_verify(&m->t.spool, ZIP, key, &v, &m->t.err));
	return v;
}

static void
test_deterministic(void **state)
{
	(void)state;
	struct made m;
	struct eg_buf first = EG_BUF_INIT, second = EG_BUF_INIT;
	char sha[EG_SHA256_HEX], id[SIGN_KEY_ID];
	made_begin(&m);
	seal(&m, false, -1, 0);
	memcpy(sha, m.sha, sizeof(sha));
	must(&m.t, eg_fs_read_file(m.t.dir, "archive/" ZIP, 1 << 20, &first, &m.t.err));
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	seal(&m, true, -1, 0);
	assert_int_equal(unsetenv("TZ"), 0);
	assert_string_equal(m.sha, sha);
	must(&m.t, eg_fs_read_file(m.t.dir, "archive/" ZIP, 1 << 20, &second, &m.t.err));
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.ptr, second.ptr, first.len);
	eg_sha256_hex_of(eg_buf_view(&first), sha);
	assert_string_equal(m.sha, sha);
	assert_int_equal(entries(&m.t, "archive/2026/11"), 3);

	struct bundle_verdict v = verify(&m, NULL);
	assert_string_equal(v.problem, "");
	assert_true(v.good);
	assert_int_equal(v.files, 3);
	assert_string_equal(v.sha256, sha);
	sign_key_id(m.key, id);
	assert_string_equal(v.key_id, id);
	assert_true(verify(&m, m.key).good);
	eg_buf_done(&first);
	eg_buf_done(&second);
	made_end(&m);
}

/* However long a text is and wherever it lies until then, the bundle is the same. */
static void
test_spilled_is_the_same(void **state)
{
	static const size_t lengths[] = { 1, EG_SPILL_HELD - 1, EG_SPILL_HELD, 3 * EG_SPILL_HELD + 7 };
	struct made m;
	char sha[2][EG_SHA256_HEX];
	(void)state;
	made_begin(&m);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (int spilled = 0; spilled < 2; spilled++) {
			struct eg_spill t = EG_SPILL_INIT(spilled ? m.t.spool.work : -1);
			struct bundle *b = NULL;
			must(&m.t, bundle_new("A000450", &b, &m.t.err));
			for (size_t k = 0; k < lengths[i]; k++) {
				eg_buf_chr(&t.buf, (unsigned char)('a' + k * k % 23));
				must(&m.t, eg_spill_row(&t, &m.t.err));
			}
			must(&m.t, spilled ? bundle_add_spill(b, "canonical/long.txt", &t, &m.t.err) :
					     bundle_add(b, "canonical/long.txt", eg_buf_view(&t.buf), &m.t.err));
			assert_true(!spilled || (eg_spill_size(&t) == 0 && t.fd < 0));
			eg_buf_clear(&m.path);
			must(&m.t, bundle_seal(b, &m.t.spool, m.key, NOW, sha[spilled], &m.path, &m.t.err));
			bundle_free(b);
			eg_spill_done(&t);
		}
		assert_string_equal(sha[0], sha[1]);
	}
	assert_int_equal(entries(&m.t, "spool/work"), 0);
	made_end(&m);
}

static int
note_member(void *ctx, const char *name, uint64_t size, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s %llu\n", name, (unsigned long long)size);
	return EG_OK;
}

static int
note_path(void *ctx, const char *path, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s ", path);
	return EG_OK;
}

static void
test_reading(void **state)
{
	(void)state;
	struct made m;
	struct eg_buf b = EG_BUF_INIT, names = EG_BUF_INIT;
	made_begin(&m);
	seal(&m, false, -1, 0);
	must(&m.t, bundle_list(&m.t.spool, ZIP, note_member, &names, &m.t.err));
	assert_non_null(strstr(eg_buf_cstr(&names), "data/outbound/cmic/stored.zip 40\ndata/received/empty.txt 0\n"));
	assert_true(eg_bytes_starts(eg_buf_view(&names), EG_LIT("README.txt ")));
	must(&m.t, bundle_extract(&m.t.spool, ZIP, "data/received/original.csv", &b, &m.t.err));
	assert_string_equal(eg_buf_cstr(&b), long_text);
	eg_buf_clear(&b);
	must(&m.t, bundle_extract(&m.t.spool, ZIP, "A000450/bag-info.txt", &b, &m.t.err));
	assert_non_null(
	    strstr(eg_buf_cstr(&b), "Source-Organization: Northgate \\x0aBuilders\nExternal-Identifier: D000187\n"));
	assert_non_null(strstr(eg_buf_cstr(&b), "\nPayload-Oxum: 124.3\n"));
	assert_int_equal(bundle_extract(&m.t.spool, ZIP, "data/none", &b, &m.t.err), EG_BADFILE);
	assert_string_equal(m.t.err.code, "NO-MEMBER");
	eg_buf_clear(&names);
	must(&m.t, bundle_walk(&m.t.spool, note_path, &names, &m.t.err));
	assert_string_equal(eg_buf_cstr(&names), ZIP " ");
	eg_buf_done(&b);
	eg_buf_done(&names);
	made_end(&m);
}

static const struct {
	const char *path;
	bool good;
} paths[] = {
	{ "a/b-c_d.1", true },
	{ "", false },
	{ "/a", false },
	{ "a/", false },
	{ "a//b", false },
	{ "../a", false },
	{ "a/..", false },
	{ ".a", false },
	{ "a b", false },
	{ "a%20b", false },
	{ "\xc3\xa4", false },
	{ "a\\b", false },
};

static void
test_paths(void **state)
{
	(void)state;
	struct bundle *b = NULL;
	struct eg_err err;
	assert_int_equal(bundle_new("../A1", &b, &err), EG_BADFILE);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(bundle_new("A1", &b, &err), EG_OK);
		assert_int_equal(bundle_add(b, paths[i].path, EG_NONE, &err), paths[i].good ? EG_OK : EG_BADFILE);
		bundle_free(b);
	}
	assert_int_equal(bundle_new("A1", &b, &err), EG_OK);
	assert_int_equal(bundle_add(b, "x/A.csv", EG_NONE, &err), EG_OK);
	assert_int_equal(bundle_add(b, "x/a.CSV", EG_NONE, &err), EG_BADFILE);
	assert_string_equal(err.code, "BUNDLE-NAME");
	assert_int_equal(bundle_info(b, "a:b", "c", &err), EG_BADFILE);
	bundle_free(b);
	bundle_free(NULL);
}

/* Several pieces, packed form larger than what is held in memory, and what does not keep still. */
static void
test_descriptors(void **state)
{
	(void)state;
	struct made m;
	struct bundle *b = NULL;
	static const size_t size = (size_t)17 << 20;
	unsigned char *p = eg_xalloc(size);
	struct eg_buf back = EG_BUF_INIT;
	uint64_t x = 88172645463325252U;
	made_begin(&m);
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (unsigned char)(i % 32 == 0 ? 0 : x);
	}
	put_file(&m.t, "big", p, size);
	int fd = openat(m.t.dir, "big", O_RDONLY | O_CLOEXEC);
	seal(&m, false, fd, size);
	struct bundle_verdict v = verify(&m, NULL);
	assert_string_equal(v.problem, "");
	assert_int_equal(v.files, 4);
	must(&m.t, bundle_extract(&m.t.spool, ZIP, "data/received/big.bin", &back, &m.t.err));
	assert_int_equal(back.len, size);
	assert_memory_equal(back.ptr, p, size);
	must(&m.t, bundle_new("A000451", &b, &m.t.err));
	must(&m.t, bundle_add_fd(b, "short", fd, size + 1, &m.t.err));
	assert_int_equal(bundle_seal(b, &m.t.spool, m.key, NOW, m.sha, &m.path, &m.t.err), EG_RETRY);
	assert_string_equal(m.t.err.code, "CHANGED");
	bundle_free(b);
	must(&m.t, bundle_new("A000451", &b, &m.t.err));
	must(&m.t, bundle_add_fd(b, "long", fd, size - 1, &m.t.err));
	assert_int_equal(bundle_seal(b, &m.t.spool, m.key, NOW, m.sha, &m.path, &m.t.err), EG_RETRY);
	bundle_free(b);
	must(&m.t, bundle_new("A000452", &b, &m.t.err));
	assert_int_equal(bundle_seal(b, &m.t.spool, m.key, NOW, m.sha, &m.path, &m.t.err), EG_BADFILE);
	assert_string_equal(m.t.err.code, "BUNDLE-EMPTY");
	bundle_free(b);
	assert_int_equal(entries(&m.t, "archive/2026/11"), 3);
	close(fd);
	free(p);
	eg_buf_done(&back);
	made_end(&m);
}

/* The commands that the README gives an auditor, and two other readers. */
static void
test_stock_tools(void **state)
{
	(void)state;
	static const char script[] = "cd archive/2026/11; cp ../../../k.pub.pem KEY.pub.pem; "
				     "unzip -p A000450.zip A000450/README.txt | sed -n 's/^    //p' > cmds; "
				     "test \"$(wc -l < cmds)\" = 3; sh -ec \"$(cat cmds)\"";
	static const char python[] =
	    "import zipfile,sys\n"
	    "z=zipfile.ZipFile('archive/2026/11/A000450.zip')\n"
	    "n=z.namelist()\n"
	    "assert z.testzip() is None and n==sorted(n)\n"
	    "assert all(i.date_time==(1980,1,1,0,0,0) and not i.extra and not i.flag_bits for i in z.infolist())\n";
	const char *const unzip[] = { "unzip", "-tq", "archive/" ZIP, NULL };
	const char *const hand[] = { "sh", "-ec", script, NULL };
	const char *const py[] = { "python3", "-c", python, NULL };
	const char *const have[] = { "sh", "-c", "command -v unzip && command -v openssl && command -v sha256sum",
		NULL };
	struct made m;
	made_begin(&m);
	seal(&m, false, -1, 0);
	bool tools = run_tool(&m.t, ".", have) == 0;
	if (tools) {
		assert_int_equal(run_tool(&m.t, ".", unzip), 0);
		assert_int_equal(run_tool(&m.t, ".", hand), 0);
		int rc = run_tool(&m.t, ".", py);
		assert_true(rc == 0 || rc == 127);
	}
	made_end(&m);
	if (!tools) {
		skip();
	}
}

static const char *const three[] = { "archive/" ZIP, "archive/" ZIP ".sha256", "archive/" ZIP ".sha256.sig" };

static void
test_every_bit(void **state)
{
	(void)state;
	struct made m;
	made_begin(&m);
	seal(&m, false, -1, 0);
	for (size_t f = 0; f < 3; f++) {
		struct eg_buf b = EG_BUF_INIT;
		must(&m.t, eg_fs_read_file(m.t.dir, three[f], 1 << 20, &b, &m.t.err));
		int fd = openat(m.t.dir, three[f], O_WRONLY | O_CLOEXEC);
		for (size_t bit = 0; bit < b.len * 8; bit++) {
			unsigned char c = b.ptr[bit / 8] ^ (unsigned char)(1 << bit % 8);
			assert_int_equal(pwrite(fd, &c, 1, (off_t)(bit / 8)), 1);
			struct bundle_verdict v = verify(&m, m.key);
			assert_false(v.good);
			assert_true(strlen(v.problem) > 20);
			assert_int_equal(pwrite(fd, &b.ptr[bit / 8], 1, (off_t)(bit / 8)), 1);
		}
		close(fd);
		eg_buf_done(&b);
	}
	assert_true(verify(&m, m.key).good);
	made_end(&m);
}

static void
test_every_cut(void **state)
{
	(void)state;
	struct made m;
	struct eg_err err;
	struct eg_buf ignored = EG_BUF_INIT;
	made_begin(&m);
	seal(&m, false, -1, 0);
	for (size_t f = 0; f < 3; f++) {
		struct eg_buf b = EG_BUF_INIT;
		must(&m.t, eg_fs_read_file(m.t.dir, three[f], 1 << 20, &b, &m.t.err));
		for (size_t n = 0; n < b.len; n++) {
			put_file(&m.t, three[f], b.ptr, n);
			assert_false(verify(&m, m.key).good);
			if (f == 0) {
				assert_int_equal(
				    bundle_extract(&m.t.spool, ZIP, "bagit.txt", &ignored, &err), EG_BADFILE);
			}
		}
		assert_int_equal(unlinkat(m.t.dir, three[f], 0), 0);
		struct bundle_verdict v = verify(&m, m.key);
		assert_false(v.good);
		assert_non_null(strstr(v.problem, "missing"));
		put_file(&m.t, three[f], b.ptr, b.len);
		eg_buf_done(&b);
	}
	assert_true(verify(&m, m.key).good);
	eg_buf_done(&ignored);
	made_end(&m);
}

/* Another bundle by the same key, right in itself: each way to lay some of its files in this one's place is found. */
static void
test_every_exchange(void **state)
{
	(void)state;
	static const char *const others[] = { "archive/2026/11/A000451.zip", "archive/2026/11/A000451.zip.sha256",
		"archive/2026/11/A000451.zip.sha256.sig" };
	struct made m;
	struct bundle *b = NULL;
	struct eg_buf mine[3], other[3];
	made_begin(&m);
	seal(&m, false, -1, 0);
	must(&m.t, bundle_new("A000451", &b, &m.t.err));
	must(&m.t, bundle_add(b, "received/original.csv", EG_LIT("other\n"), &m.t.err));
	eg_buf_clear(&m.path);
	must(&m.t, bundle_seal(b, &m.t.spool, m.key, NOW, m.sha, &m.path, &m.t.err));
	bundle_free(b);
	for (size_t f = 0; f < 3; f++) {
		mine[f] = other[f] = (struct eg_buf)EG_BUF_INIT;
		must(&m.t, eg_fs_read_file(m.t.dir, three[f], 1 << 20, &mine[f], &m.t.err));
		must(&m.t, eg_fs_read_file(m.t.dir, others[f], 1 << 20, &other[f], &m.t.err));
	}
	for (unsigned which = 0; which < 8; which++) {
		for (size_t f = 0; f < 3; f++) {
			const struct eg_buf *from = (which >> f & 1) != 0 ? &other[f] : &mine[f];
			put_file(&m.t, three[f], from->ptr, from->len);
		}
		assert_int_equal(verify(&m, m.key).good, which == 0);
	}
	for (size_t f = 0; f < 3; f++) {
		eg_buf_done(&mine[f]);
		eg_buf_done(&other[f]);
	}
	made_end(&m);
}

/* Signs whatever zip lies there: what is left are the checks from the zip inwards. */
static struct bundle_verdict
verify_signed(struct made *m, const struct eg_buf *zip)
{
	char hex[EG_SHA256_HEX];
	unsigned char sig[SIGN_ED25519_LEN];
	struct eg_buf line = EG_BUF_INIT;
	put_file(&m->t, three[0], zip->ptr, zip->len);
	eg_sha256_hex_of(eg_buf_view(zip), hex);
	eg_buf_printf(&line, "%s  A000450.zip\n", hex);
	must(&m->t, sign_bytes(m->key, eg_buf_view(&line), sig, &m->t.err));
	put_file(&m->t, three[1], line.ptr, line.len);
	put_file(&m->t, three[2], sig, sizeof(sig));
	eg_buf_done(&line);
	return verify(m, m->key);
}

/* All that can change unseen from the zip inwards is the padding behind the last bit of a deflate stream. */
static void
test_inner_checks(void **state)
{
	(void)state;
	struct made m;
	struct eg_buf b = EG_BUF_INIT;
	unsigned missed = 0;
	made_begin(&m);
	seal(&m, false, -1, 0);
	must(&m.t, eg_fs_read_file(m.t.dir, three[0], 1 << 20, &b, &m.t.err));
	assert_true(verify_signed(&m, &b).good);
	for (size_t at = 0; at < b.len; at++) {
		b.ptr[at] ^= 0x10;
		missed += verify_signed(&m, &b).good;
		b.ptr[at] ^= 0x10;
	}
	assert_true(missed <= 8); /* one byte per member */
	eg_buf_chr(&b, 'x');
	assert_false(verify_signed(&m, &b).good);
	eg_buf_done(&b);
	made_end(&m);
}

static void
test_wrong_key(void **state)
{
	(void)state;
	struct made m;
	struct sign_key *other = NULL;
	made_begin(&m);
	seal(&m, false, -1, 0);
	must(&m.t, sign_key_make(m.t.dir, "o.pem", "o.pub.pem", &m.t.err));
	must(&m.t, sign_key_load(m.t.dir, "o.pub.pem", false, &other, &m.t.err));
	assert_false(verify(&m, other).good);
	must(&m.t, eg_fs_rmtree(m.t.spool.archive, "keys", &m.t.err));
	struct bundle_verdict v = verify(&m, NULL);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "none of the 0 keys"));
	sign_key_free(other);
	made_end(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_spilled_is_the_same),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_stock_tools),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_exchange),
		cmocka_unit_test(test_inner_checks),
		cmocka_unit_test(test_wrong_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
