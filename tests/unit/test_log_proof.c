/* SPDX-License-Identifier: MIT
 *
 * Proofs against the definition of RFC 6962 for every index and pair of sizes of small trees, made from tiles and checked; every changed hash refused; the text form; and the public
 * vectors (transparency-dev/merkle) where they lie beside the tree.
 */
#include "tests/unit/spool_site.h"

#include "spool/log_proof.h"

#include <ftw.h>
#include <jansson.h>
#include <openssl/evp.h>

#define ORIGIN "erpgate/test"
#define VECTORS "../shared/corpora/merkle-rfc6962-vectors/data/testdata/"
#define ENTRIES 600

static struct site_dir site;
static struct sign_key *key;
static unsigned char leaf[ENTRIES][EG_SHA256_LEN];

static int
entry(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	eg_buf_printf(ret, "{\"index\":%llu}", (unsigned long long)index);
	return EG_OK;
}

static int
set_up(void **state)
{
	struct log_tree t;
	(void)state;
	site_make(&site);
	must(&site, sign_key_make(site.dir, "k.pem", "k.pub.pem", &site.err));
	must(&site, sign_key_load(site.dir, "k.pem", true, &key, &site.err));
	must(&site, log_publish(&site.spool, ORIGIN, key, ENTRIES, entry, NULL, &site.err));
	log_tree_init(&t);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		struct eg_buf b = EG_BUF_INIT;
		assert_int_equal(entry(NULL, i, &b, &site.err), EG_OK);
		log_leaf_hash(eg_buf_view(&b), leaf[i]);
		log_tree_add(&t, leaf[i]);
		eg_buf_done(&b);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sign_key_free(key);
	site_remove(&site);
	return 0;
}

static void
root_of(uint64_t n, unsigned char ret[EG_SHA256_LEN])
{
	struct log_tree t;
	log_tree_init(&t);
	for (uint64_t i = 0; i < n; i++)
		log_tree_add(&t, leaf[i]);
	log_tree_root(&t, ret);
}

static const uint64_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 63, 255, 256, 257, 300, 511, 512, 513, 599, 600 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void
test_inclusion(void **state)
{
	struct log_proof p;
	unsigned char root[EG_SHA256_LEN], ours[EG_SHA256_LEN];
	(void)state;
	for (size_t k = 0; k < SIZES; k++) {
		root_of(sizes[k], root);
		must(&site, log_root_at(&site.spool, ENTRIES, sizes[k], ours, &site.err));
		assert_memory_equal(root, ours, sizeof(root));
		for (uint64_t i = 0; i<sizes[k]; i += sizes[k]> 20 ? 13 : 1) {
			must(&site, log_prove_inclusion(&site.spool, ENTRIES, i, sizes[k], &p, &site.err));
			assert_true(log_check_inclusion(leaf[i], i, sizes[k], &p, root));
			assert_false(log_check_inclusion(leaf[(i + 1) % ENTRIES], i, sizes[k], &p, root));
			assert_false(log_check_inclusion(leaf[i], i, sizes[k] * 2 + 1, &p, root));
			assert_false(sizes[k] > 1 && log_check_inclusion(leaf[i], i ^ 1, sizes[k], &p, root));
			for (unsigned h = 0; h < p.n; h++) {
				p.hash[h][31] ^= 1;
				assert_false(log_check_inclusion(leaf[i], i, sizes[k], &p, root));
				p.hash[h][31] ^= 1;
			}
		}
	}
}

static void
test_consistency(void **state)
{
	struct log_proof p;
	unsigned char a[EG_SHA256_LEN], b[EG_SHA256_LEN];
	(void)state;
	for (size_t k = 0; k < SIZES; k++)
		for (size_t j = 0; j <= k; j++) {
			root_of(sizes[j], a);
			root_of(sizes[k], b);
			must(&site, log_prove_consistency(&site.spool, ENTRIES, sizes[j], sizes[k], &p, &site.err));
			assert_true(log_check_consistency(sizes[j], a, sizes[k], b, &p));
			a[0] ^= 1;
			assert_false(log_check_consistency(sizes[j], a, sizes[k], b, &p));
			a[0] ^= 1;
			b[0] ^= 1;
			assert_false(log_check_consistency(sizes[j], a, sizes[k], b, &p));
			b[0] ^= 1;
			for (unsigned h = 0; h < p.n; h++) {
				p.hash[h][0] ^= 1;
				assert_false(log_check_consistency(sizes[j], a, sizes[k], b, &p));
				p.hash[h][0] ^= 1;
			}
		}
}

static void
test_out_of_range(void **state)
{
	struct log_proof p;
	struct eg_buf b = EG_BUF_INIT;
	(void)state;
	assert_int_equal(log_prove_inclusion(&site.spool, ENTRIES, 5, 5, &p, &site.err), EG_BADREC);
	assert_string_equal(site.err.code, "LOG-RANGE");
	assert_int_equal(log_prove_inclusion(&site.spool, ENTRIES, 5, ENTRIES + 1, &p, &site.err), EG_BADREC);
	assert_int_equal(log_prove_consistency(&site.spool, ENTRIES, 0, 5, &p, &site.err), EG_BADREC);
	assert_int_equal(log_prove_consistency(&site.spool, ENTRIES, 6, 5, &p, &site.err), EG_BADREC);
	assert_int_equal(log_entry_at(&site.spool, ENTRIES, ENTRIES, &b, &site.err), EG_BADREC);
	must(&site, log_entry_at(&site.spool, ENTRIES, 300, &b, &site.err));
	assert_string_equal(eg_buf_cstr(&b), "{\"index\":300}");
	/* tiles that are not there */
	assert_int_equal(log_prove_inclusion(&site.spool, ENTRIES * 9, 3, ENTRIES * 9, &p, &site.err), EG_BADFILE);
	assert_string_equal(site.err.code, "LOG-TILE");
	eg_buf_done(&b);
}

static void
test_text(void **state)
{
	struct log_proof_text t = { .index = 599, .entry = EG_BUF_INIT, .checkpoint = EG_BUF_INIT }, back;
	struct eg_buf text = EG_BUF_INIT;
	struct log_head head;
	(void)state;
	must(&site, log_head_read(&site.spool, ORIGIN, key, &head, &t.checkpoint, &site.err));
	must(&site, log_prove_inclusion(&site.spool, ENTRIES, 599, head.size, &t.proof, &site.err));
	must(&site, log_entry_at(&site.spool, ENTRIES, 599, &t.entry, &site.err));
	log_proof_print(&t, &text);
	must(&site, log_proof_parse(eg_buf_view(&text), &back, &site.err));
	assert_int_equal(back.index, 599);
	assert_int_equal(back.proof.n, t.proof.n);
	assert_true(log_check_inclusion(leaf[599], back.index, head.size, &back.proof, head.root));
	log_proof_text_done(&back);
	/* cut at every length, and every byte changed: refused, or its head or hashes do not hold */
	for (size_t i = 0; i < text.len; i++) {
		struct log_head h;
		unsigned char l[EG_SHA256_LEN];
		text.ptr[i] ^= 1;
		bool good = log_proof_parse(eg_buf_view(&text), &back, &site.err) == EG_OK;
		if (good) {
			log_leaf_hash(eg_buf_view(&back.entry), l);
			good = log_head_parse(eg_buf_view(&back.checkpoint), ORIGIN, key, &h, &site.err) == EG_OK &&
			       log_check_inclusion(l, back.index, h.size, &back.proof, h.root);
			log_proof_text_done(&back);
		}
		assert_false(good);
		text.ptr[i] ^= 1;
		if (log_proof_parse(eg_bytes(text.ptr, i), &back, &site.err) == EG_OK) {
			assert_true(log_head_parse(eg_buf_view(&back.checkpoint), ORIGIN, key, &h, &site.err) < 0);
			log_proof_text_done(&back);
		}
	}
	log_proof_text_done(&t);
	eg_buf_done(&text);
}

/* ---- public vectors ---- */

static unsigned vectors, accepted;

/* A root may be any bytes there, also fewer than a hash has, but not none; a hash of the proof may not. */
static void
unbase64(const char *v, bool hash, unsigned char ret[EG_SHA256_LEN], bool *whole)
{
	unsigned char raw[256] = { 0 };
	size_t n = v == NULL ? 0 : strlen(v);
	int got = n < 300 ? EVP_DecodeBlock(raw, (const unsigned char *)v, (int)n) : -1;
	*whole = *whole && (hash ? n == 44 && got == 33 : n > 0);
	memcpy(ret, raw, EG_SHA256_LEN);
}

/* Some are near 2^64: more than the library's integers hold. None of those is accepted, so that their last digits do not matter. */
static uint64_t
number(const json_t *j, const char *name)
{
	double v = json_real_value(json_object_get(j, name));
	return v < 0 || v > 1e18 ? UINT64_MAX : (uint64_t)v;
}

static int
play_vector(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	struct log_proof p = { .n = 0 };
	unsigned char a[EG_SHA256_LEN], b[EG_SHA256_LEN];
	bool whole = true, good;
	(void)st;
	(void)ftw;
	if (flag != FTW_F)
		return 0;
	json_t *j = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL), *hashes = json_object_get(j, "proof");
	assert_non_null(j);
	for (size_t i = 0; i < json_array_size(hashes) && i < LOG_PROOF_MAX; i++, p.n++)
		unbase64(json_string_value(json_array_get(hashes, i)), true, p.hash[i], &whole);
	if (json_object_get(j, "leafIdx") != NULL) {
		unbase64(json_string_value(json_object_get(j, "leafHash")), false, a, &whole);
		unbase64(json_string_value(json_object_get(j, "root")), false, b, &whole);
		good = whole && log_check_inclusion(a, number(j, "leafIdx"), number(j, "treeSize"), &p, b);
	} else {
		unbase64(json_string_value(json_object_get(j, "root1")), false, a, &whole);
		unbase64(json_string_value(json_object_get(j, "root2")), false, b, &whole);
		good = whole && log_check_consistency(number(j, "size1"), a, number(j, "size2"), b, &p);
	}
	if (good == json_is_true(json_object_get(j, "wantErr")))
		print_error("%s: %s\n", path, good ? "accepted" : "refused");
	assert_int_equal(good, !json_is_true(json_object_get(j, "wantErr")));
	vectors++;
	accepted += good;
	json_decref(j);
	return 0;
}

static void
test_vectors(void **state)
{
	static const char *const sets[] = { "inclusion", "consistency" };
	(void)state;
	if (access(VECTORS, R_OK) != 0) {
		print_message("skipped: %s is not here\n", VECTORS);
		skip();
	}
	for (size_t i = 0; i < 2; i++) {
		char path[256];
		vectors = accepted = 0;
		snprintf(path, sizeof(path), VECTORS "%s", sets[i]);
		assert_int_equal(nftw(path, play_vector, 16, FTW_PHYS), 0);
		print_message("%s: %u vectors, %u accepted\n", sets[i], vectors, accepted);
		assert_int_equal(vectors, 98);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_consistency),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_vectors),
	};
	return cmocka_run_group_tests_name("log_proof", tests, set_up, tear_down);
}
