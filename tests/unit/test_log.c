/* SPDX-License-Identifier: MIT
 *
 * The log: RFC 6962 hashes against known values and a naive tree, tiles and checkpoint grown in every step width, the
 * openssl command on the checkpoint's signature, and every way of tampering named.
 */
#include "tests/unit/spool_site.h"

#include "spool/log_int.h"

#include <openssl/evp.h>

#define ORIGIN "erpgate/test"

/* The eight leaves and the roots of the trees over the first n of them, as published with RFC 6962 implementations. */
static const struct {
	const char *leaf_hex;
	const char *root_hex;
} rfc6962[] = {
	{ "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static void
test_rfc_6962(void **state)
{
	(void)state;
	struct log_tree t;
	unsigned char h[EG_SHA256_LEN], leaf[16];
	char hex[EG_SHA256_HEX];
	log_tree_init(&t);
	log_tree_root(&t, h);
	eg_hex(h, sizeof(h), hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < sizeof(rfc6962) / sizeof(rfc6962[0]); i++) {
		size_t n = strlen(rfc6962[i].leaf_hex) / 2;
		assert_true(eg_unhex(eg_bytes_str(rfc6962[i].leaf_hex), leaf, n));
		log_leaf_hash(eg_bytes(leaf, n), h);
		log_tree_add(&t, h);
		log_tree_root(&t, h);
		eg_hex(h, sizeof(h), hex);
		assert_string_equal(hex, rfc6962[i].root_hex);
	}
}

/* The definition, word for word. */
static void
naive_root(const unsigned char (*leaf)[EG_SHA256_LEN], size_t n, unsigned char ret[EG_SHA256_LEN])
{
	unsigned char both[1 + 2 * EG_SHA256_LEN] = { 1 };
	size_t k = 1;
	if (n <= 1) {
		if (n == 0) {
			eg_sha256_of(EG_NONE, ret);
		} else {
			memcpy(ret, leaf[0], EG_SHA256_LEN);
		}
		return;
	}
	while (k * 2 < n) {
		k *= 2;
	}
	naive_root(leaf, k, both + 1);
	naive_root(leaf + k, n - k, both + 1 + EG_SHA256_LEN);
	eg_sha256_of(eg_bytes(both, sizeof(both)), ret);
}

static void
entry_text(uint64_t i, struct eg_buf *ret)
{
	eg_buf_printf(ret, "{\"index\":%llu,\"event\":\"", (unsigned long long)i);
	for (uint64_t k = 0; k < i % 5; k++) {
		eg_buf_str(ret, "archived ");
	}
	eg_buf_str(ret, "\"}");
}

enum {
	LEAVES = 700
};
static unsigned char leaves[LEAVES][EG_SHA256_LEN];

static void
make_leaves(void)
{
	struct eg_buf b = EG_BUF_INIT;
	for (uint64_t i = 0; i < LEAVES; i++) {
		eg_buf_clear(&b);
		entry_text(i, &b);
		log_leaf_hash(eg_buf_view(&b), leaves[i]);
	}
	eg_buf_done(&b);
}

static void
test_naive(void **state)
{
	(void)state;
	struct log_tree t;
	unsigned char a[EG_SHA256_LEN], b[EG_SHA256_LEN];
	log_tree_init(&t);
	for (size_t n = 0; n < LEAVES; n++) {
		log_tree_root(&t, a);
		naive_root((const unsigned char(*)[EG_SHA256_LEN])leaves, n, b);
		assert_memory_equal(a, b, sizeof(a));
		assert_int_equal(t.size, n);
		log_tree_add(&t, leaves[n]);
	}
}

/* ---- publishing ---- */

struct journal {
	uint64_t asked, lowest;
	uint64_t changed; /* this entry tells another story; UINT64_MAX = none */
};

static int
from_journal(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	(void)err;
	struct journal *j = ctx;
	j->asked++;
	j->lowest = index < j->lowest ? index : j->lowest;
	entry_text(index, ret);
	if (index == j->changed) {
		eg_buf_chr(ret, ' ');
	}
	return EG_OK;
}

static struct sign_key *
begin(struct site_dir *t)
{
	struct sign_key *k = NULL;
	site_make(t);
	must(t, sign_key_make(t->dir, "k.pem", "k.pub.pem", &t->err));
	must(t, sign_key_load(t->dir, "k.pem", true, &k, &t->err));
	return k;
}

static void
end(struct site_dir *t, struct sign_key *k)
{
	sign_key_free(k);
	site_remove(t);
}

static int
publish(struct site_dir *t, const struct sign_key *k, uint64_t size, uint64_t changed, struct journal *ret)
{
	struct journal j = { 0, UINT64_MAX, changed };
	int rc = log_publish(&t->spool, ORIGIN, k, size, from_journal, &j, &t->err);
	if (ret != NULL) {
		*ret = j;
	}
	return rc;
}

static int
count_entry(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	(void)err;
	struct eg_buf b = EG_BUF_INIT;
	uint64_t *n = ctx;
	assert_int_equal(index, *n);
	entry_text(index, &b);
	assert_true(eg_bytes_eq(eg_buf_view(&b), line));
	eg_buf_done(&b);
	++*n;
	return EG_OK;
}

static struct log_verdict
verify(struct site_dir *t, const struct sign_key *k)
{
	struct log_verdict v;
	must(t, log_verify(&t->spool, ORIGIN, k, NULL, NULL, &v, &t->err));
	return v;
}

static void
assert_good(struct site_dir *t, const struct sign_key *k, uint64_t size)
{
	struct log_verdict v;
	unsigned char root[EG_SHA256_LEN];
	char hex[EG_SHA256_HEX];
	uint64_t n = 0;
	must(t, log_verify(&t->spool, ORIGIN, k, count_entry, &n, &v, &t->err));
	assert_string_equal(v.problem, "");
	assert_true(v.good);
	assert_int_equal(v.size, size);
	assert_int_equal(n, size);
	naive_root((const unsigned char(*)[EG_SHA256_LEN])leaves, (size_t)size, root);
	eg_hex(root, sizeof(root), hex);
	assert_string_equal(v.root_hex, hex);
}

static const unsigned steps[] = { 1, 7, 100, 255, 256, 257, 600 };

static void
test_grow(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct site_dir t;
		struct sign_key *k = begin(&t);
		uint64_t top = steps[i] == 1 ? 300 : LEAVES;
		for (uint64_t size = 0; size <= top; size += steps[i]) {
			must(&t, publish(&t, k, size, UINT64_MAX, NULL));
			if (steps[i] > 1 || size % 50 == 0 || (size >= 255 && size <= 258)) {
				assert_good(&t, k, size);
			}
		}
		end(&t, k);
	}
}

static void
test_paths_and_pruning(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t);
	struct journal j;
	must(&t, publish(&t, k, 5, UINT64_MAX, NULL));
	assert_true(there(&t, "archive/log/tile/entries/000.p/5"));
	assert_true(there(&t, "archive/log/tile/0/000.p/5"));
	assert_false(there(&t, "archive/log/tile/1"));
	must(&t, publish(&t, k, 9, UINT64_MAX, NULL));
	assert_false(there(&t, "archive/log/tile/0/000.p/5"));
	must(&t, publish(&t, k, 600, UINT64_MAX, NULL));
	assert_true(there(&t, "archive/log/tile/entries/001"));
	assert_true(there(&t, "archive/log/tile/entries/002.p/88"));
	assert_true(there(&t, "archive/log/tile/0/000"));
	assert_true(there(&t, "archive/log/tile/1/000.p/2"));
	assert_false(there(&t, "archive/log/tile/0/000.p"));
	/* Going on does not read the whole journal again. */
	must(&t, publish(&t, k, 601, UINT64_MAX, &j));
	assert_int_equal(j.lowest, 512);
	assert_int_equal(j.asked, 89);
	/* Nothing new: nothing written. */
	struct stat before, after;
	assert_int_equal(fstatat(t.dir, "archive/log/checkpoint", &before, 0), 0);
	must(&t, publish(&t, k, 601, UINT64_MAX, NULL));
	assert_int_equal(fstatat(t.dir, "archive/log/checkpoint", &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_good(&t, NULL, 601);
	end(&t, k);
}

static const struct {
	int level;
	uint64_t index;
	unsigned width;
	const char *want;
} tile_paths[] = {
	{ LOG_ENTRIES, 0, 256, "log/tile/entries/000" },
	{ LOG_ENTRIES, 999, 7, "log/tile/entries/999.p/7" },
	{ 0, 1000, 256, "log/tile/0/x001/000" },
	{ 2, 1234067, 255, "log/tile/2/x001/x234/067.p/255" },
	{ 0, 1000000000, 256, "log/tile/0/x001/x000/x000/000" },
};

static void
test_tile_paths(void **state)
{
	(void)state;
	struct eg_buf b = EG_BUF_INIT;
	for (size_t i = 0; i < sizeof(tile_paths) / sizeof(tile_paths[0]); i++) {
		log_tile_path(tile_paths[i].level, tile_paths[i].index, tile_paths[i].width, &b);
		assert_string_equal(eg_buf_cstr(&b), tile_paths[i].want);
	}
	eg_buf_done(&b);
}

/* Over the edge of 256 full tiles: three levels. */
static void
test_three_levels(void **state)
{
	(void)state;
	static const uint64_t sizes[] = { 65535, 65536, 65537, 66100 };
	struct site_dir t;
	struct sign_key *k = begin(&t);
	struct eg_buf b = EG_BUF_INIT;
	struct log_tree tree;
	unsigned char h[EG_SHA256_LEN];
	char hex[EG_SHA256_HEX];
	log_tree_init(&tree);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		while (tree.size < sizes[i]) {
			eg_buf_clear(&b);
			entry_text(tree.size, &b);
			log_leaf_hash(eg_buf_view(&b), h);
			log_tree_add(&tree, h);
		}
		log_tree_root(&tree, h);
		eg_hex(h, sizeof(h), hex);
		must(&t, publish(&t, k, sizes[i], UINT64_MAX, NULL));
		struct log_verdict v = verify(&t, k);
		assert_string_equal(v.problem, "");
		assert_string_equal(v.root_hex, hex);
	}
	assert_true(there(&t, "archive/log/tile/2/000.p/1"));
	assert_true(there(&t, "archive/log/tile/1/001.p/2"));
	assert_false(there(&t, "archive/log/tile/1/000.p"));
	eg_buf_done(&b);
	end(&t, k);
}

static void
test_forks(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t);
	must(&t, publish(&t, k, 300, UINT64_MAX, NULL));
	/* A signed entry of the last tile has changed; an old journal was put back; somebody else's log. */
	assert_int_equal(publish(&t, k, 310, 270, NULL), EG_FATAL);
	assert_string_equal(t.err.code, "LOG-FORK");
	assert_int_equal(publish(&t, k, 299, UINT64_MAX, NULL), EG_FATAL);
	assert_string_equal(t.err.code, "LOG-FORK");
	struct journal j = { 0, 0, UINT64_MAX };
	assert_int_equal(log_publish(&t.spool, "erpgate/other", k, 310, from_journal, &j, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "LOG-CHECKPOINT");
	assert_int_equal(log_publish(&t.spool, "erp gate", k, 310, from_journal, &j, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "LOG-ORIGIN");
	assert_good(&t, k, 300);
	/* A full tile of other content, beyond the checkpoint. */
	put_text(&t, "archive/log/tile/entries/001", "something else");
	assert_int_equal(publish(&t, k, 520, UINT64_MAX, NULL), EG_FATAL);
	assert_string_equal(t.err.code, "LOG-FORK");
	end(&t, k);
}

static void
test_crash_before_checkpoint(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t);
	struct eg_buf old = EG_BUF_INIT;
	must(&t, publish(&t, k, 250, UINT64_MAX, NULL));
	must(&t, eg_fs_read_file(t.dir, "archive/log/checkpoint", 4096, &old, &t.err));
	put_text(&t, "archive/log/tile/entries/000.p/253", "cut leftover");
	struct log_verdict v = verify(&t, k);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "goes on behind its checkpoint"));
	must(&t, publish(&t, k, 253, UINT64_MAX, NULL));
	assert_good(&t, k, 253);
	eg_buf_done(&old);
	end(&t, k);
}

/* Lays the note out for the openssl command: the text it signs and the bare signature. */
static void
test_signed_note(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t);
	struct eg_buf note = EG_BUF_INIT;
	unsigned char raw[80], keyed[64] = ORIGIN "\n\x01", hash[EG_SHA256_LEN];
	must(&t, publish(&t, k, 3, UINT64_MAX, NULL));
	must(&t, eg_fs_read_file(t.dir, "archive/log/checkpoint", 4096, &note, &t.err));
	struct eg_bytes all = eg_buf_view(&note);
	size_t gap = eg_bytes_find(all, EG_LIT("\n\n"));
	assert_true(eg_bytes_starts(all, EG_LIT(ORIGIN "\n3\n")));
	static const char lead[] = "\n\xe2\x80\x94 " ORIGIN " ";
	struct eg_bytes line = eg_bytes_sub(all, gap + 1, all.len);
	assert_true(eg_bytes_starts(line, eg_bytes_str(lead)));
	assert_int_equal(line.len, sizeof(lead) - 1 + 92 + 1);
	assert_int_equal(EVP_DecodeBlock(raw, line.ptr + sizeof(lead) - 1, 92), 69);
	/* Key hash: SHA-256(name, LF, 1, public key), first four bytes. */
	must(&t, sign_key_raw_public(k, keyed + sizeof(ORIGIN) + 1, &t.err));
	eg_sha256_of(eg_bytes(keyed, sizeof(ORIGIN) + 1 + 32), hash);
	assert_memory_equal(raw, hash, 4);
	put_file(&t, "text", all.ptr, gap + 1);
	put_file(&t, "text.sig", raw + 4, 64);
	const char *const argv[] = { "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "k.pub.pem", "-rawin", "-in",
		"text", "-sigfile", "text.sig", NULL };
	int rc = run_tool(&t, ".", argv);
	assert_true(rc == 0 || rc == 127);
	eg_buf_done(&note);
	end(&t, k);
}

/* ---- tampering ---- */

static const struct {
	const char *label, *path;
	long at; /* byte to change; negative = from the end */
	const char *says;
} changes[] = {
	{ "entry in a full tile", "archive/log/tile/entries/000", 12, "Entry 0 does not have the hash" },
	{ "entry in the last tile", "archive/log/tile/entries/002.p/88", 12, "Entry 512 does not have the hash" },
	{ "length of an entry", "archive/log/tile/entries/000", 1, "or a length in it was changed" },
	{ "high length of an entry", "archive/log/tile/entries/002.p/88", 0, "or a length in it was changed" },
	{ "leaf hash", "archive/log/tile/0/001", 33, "Entry 257 does not have the hash" },
	{ "leaf hash of the last tile", "archive/log/tile/0/002.p/88", 0, "Entry 512 does not have the hash" },
	{ "node hash", "archive/log/tile/1/000.p/2", 40, "entries 256 to 511" },
	{ "origin", "archive/log/checkpoint", 0, "another log" },
	{ "size", "archive/log/checkpoint", 13, "" },
	{ "root", "archive/log/checkpoint", 20, "" },
	{ "signature", "archive/log/checkpoint", -20, "archive/log/checkpoint" },
	{ "last byte", "archive/log/checkpoint", -1, "signature line" },
};

static void
test_changes(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t);
	must(&t, publish(&t, k, 600, UINT64_MAX, NULL));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;
		must(&t, eg_fs_read_file(t.dir, changes[i].path, 1 << 20, &b, &t.err));
		size_t at = changes[i].at < 0 ? b.len - (size_t)-changes[i].at : (size_t)changes[i].at;
		b.ptr[at] ^= 1;
		put_file(&t, changes[i].path, b.ptr, b.len);
		struct log_verdict v = verify(&t, k);
		if (v.good || strstr(v.problem, changes[i].says) == NULL) {
			print_error("%s: %s\n", changes[i].label, v.problem);
		}
		assert_false(v.good);
		assert_true(strlen(v.problem) > 20);
		assert_non_null(strstr(v.problem, changes[i].says));
		b.ptr[at] ^= 1;
		/* Cut by one byte, and gone. */
		put_file(&t, changes[i].path, b.ptr, b.len - 1);
		assert_false(verify(&t, k).good);
		assert_int_equal(unlinkat(t.dir, changes[i].path, 0), 0);
		v = verify(&t, k);
		assert_false(v.good);
		assert_non_null(strstr(v.problem, "missing"));
		put_file(&t, changes[i].path, b.ptr, b.len);
		eg_buf_done(&b);
	}
	assert_good(&t, k, 600);
	end(&t, k);
}

static void
test_every_bit_of_checkpoint(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t);
	struct eg_buf b = EG_BUF_INIT;
	must(&t, publish(&t, k, 20, UINT64_MAX, NULL));
	must(&t, eg_fs_read_file(t.dir, "archive/log/checkpoint", 4096, &b, &t.err));
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.ptr[bit / 8] ^= (unsigned char)(1 << bit % 8);
		put_file(&t, "archive/log/checkpoint", b.ptr, b.len);
		assert_false(verify(&t, k).good);
		b.ptr[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	eg_buf_done(&b);
	end(&t, k);
}

static void
test_rewritten_and_rolled_back(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *k = begin(&t), *other = NULL;
	struct eg_buf old = EG_BUF_INIT, head = EG_BUF_INIT;
	struct log_verdict v;
	must(&t, publish(&t, k, 256, UINT64_MAX, NULL));
	must(&t, eg_fs_read_file(t.dir, "archive/log/checkpoint", 4096, &old, &t.err));
	must(&t, publish(&t, k, 300, UINT64_MAX, NULL));
	must(&t, eg_fs_read_file(t.dir, "archive/log/checkpoint", 4096, &head, &t.err));
	/* An old checkpoint put back: everything below it is still true. */
	put_file(&t, "archive/log/checkpoint", old.ptr, old.len);
	v = verify(&t, k);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "goes on behind its checkpoint"));
	/* A file where a folder of tiles belongs: a verdict, not an error. */
	must(&t, eg_fs_rmtree(t.spool.archive, "log/tile/entries/001.p", &t.err));
	put_text(&t, "archive/log/tile/entries/001.p", "x");
	v = verify(&t, k);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "entries/001.p is a file"));
	/* All tiles rewritten consistently, the true checkpoint kept. */
	must(&t, eg_fs_rmtree(t.spool.archive, "log", &t.err));
	must(&t, publish(&t, k, 300, 17, NULL));
	put_file(&t, "archive/log/checkpoint", head.ptr, head.len);
	v = verify(&t, k);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "rewritten"));
	/* All of it made by somebody with another key. */
	must(&t, sign_key_make(t.dir, "o.pem", "o.pub.pem", &t.err));
	must(&t, sign_key_load(t.dir, "o.pem", true, &other, &t.err));
	must(&t, eg_fs_rmtree(t.spool.archive, "log", &t.err));
	must(&t, publish(&t, other, 300, UINT64_MAX, NULL));
	v = verify(&t, k);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "not signed by the given key"));
	/* The whole log gone. */
	must(&t, eg_fs_rmtree(t.spool.archive, "log", &t.err));
	v = verify(&t, k);
	assert_false(v.good);
	assert_non_null(strstr(v.problem, "missing"));
	sign_key_free(other);
	eg_buf_done(&old);
	eg_buf_done(&head);
	end(&t, k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_6962),
		cmocka_unit_test(test_naive),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_paths_and_pruning),
		cmocka_unit_test(test_tile_paths),
		cmocka_unit_test(test_three_levels),
		cmocka_unit_test(test_forks),
		cmocka_unit_test(test_crash_before_checkpoint),
		cmocka_unit_test(test_signed_note),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_every_bit_of_checkpoint),
		cmocka_unit_test(test_rewritten_and_rolled_back),
	};
	make_leaves();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
