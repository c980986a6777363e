/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures: our own round trip, agreement with the openssl command both ways, and what must not verify.
 */
#include "tests/unit/spool_site.h"

#include "spool/sign.h"

static struct sign_key *
new_key(struct site_dir *t)
{
	struct sign_key *k = NULL;
	must(t, sign_key_make(t->dir, "gateway.pem", "gateway.pub.pem", &t->err));
	must(t, sign_key_load(t->dir, "gateway.pem", true, &k, &t->err));
	return k;
}

static void
test_round_trip(void **state)
{
	(void)state;
	struct site_dir t;
	struct sign_key *pub = NULL;
	unsigned char sig[SIGN_ED25519_LEN];
	char a[SIGN_KEY_ID], b[SIGN_KEY_ID];
	struct stat st;
	site_make(&t);
	struct sign_key *k = new_key(&t);
	must(&t, sign_key_load(t.dir, "gateway.pub.pem", false, &pub, &t.err));
	assert_true(sign_key_is_ed25519(pub));
	sign_key_id(k, a);
	sign_key_id(pub, b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 16);
	assert_int_equal(fstatat(t.dir, "gateway.pem", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	must(&t, sign_bytes(k, EG_LIT("hello"), sig, &t.err));
	assert_int_equal(sign_verify(pub, EG_LIT("hello"), eg_bytes(sig, sizeof(sig)), &t.err), EG_OK);
	assert_int_equal(sign_verify(pub, EG_LIT("hellp"), eg_bytes(sig, sizeof(sig)), &t.err), EG_BADREC);
	assert_string_equal(t.err.code, "SIG-BAD");
	assert_int_equal(sign_verify(pub, EG_LIT("hello"), eg_bytes(sig, 63), &t.err), EG_BADREC);
	assert_int_equal(sign_verify(pub, EG_LIT("hello"), EG_NONE, &t.err), EG_BADREC);
	for (size_t i = 0; i < sizeof(sig) * 8; i++) {
		sig[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_int_equal(sign_verify(pub, EG_LIT("hello"), eg_bytes(sig, sizeof(sig)), &t.err), EG_BADREC);
		sig[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	must(&t, sign_bytes(k, EG_NONE, sig, &t.err));
	assert_int_equal(sign_verify(pub, EG_NONE, eg_bytes(sig, sizeof(sig)), &t.err), EG_OK);
	assert_int_equal(sign_bytes(pub, EG_LIT("x"), sig, &t.err), EG_BADFILE);
	assert_string_equal(t.err.code, "KEY-KIND");
	assert_int_equal(sign_key_make(t.dir, "gateway.pem", "other.pem", &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "EXISTS");
	assert_int_equal(sign_key_make(t.dir, "other.pem", "gateway.pub.pem", &t.err), EG_FATAL);
	assert_false(there(&t, "other.pem"));
	sign_key_free(k);
	sign_key_free(pub);
	sign_key_free(NULL);
	site_remove(&t);
}

/* RFC 8032 §7.1, test 2: the public key, a one-byte message and its signature. */
static void
test_rfc_8032(void **state)
{
	(void)state;
	static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
				  "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
				  "-----END PUBLIC KEY-----\n";
	static const char public_hex[] = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
	static const char sig_hex[] = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
				      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
	unsigned char sig[SIGN_ED25519_LEN], raw[SIGN_RAW_PUBLIC_LEN];
	char hex[2 * SIGN_RAW_PUBLIC_LEN + 1];
	struct sign_key *k = NULL;
	struct eg_err err;
	assert_true(eg_unhex(eg_bytes_str(sig_hex), sig, sizeof(sig)));
	assert_int_equal(sign_key_from_pem(eg_bytes_str(pem), false, &k, &err), EG_OK);
	assert_int_equal(sign_key_raw_public(k, raw, &err), EG_OK);
	eg_hex(raw, sizeof(raw), hex);
	assert_string_equal(hex, public_hex);
	assert_int_equal(sign_verify(k, EG_LIT("\x72"), eg_bytes(sig, sizeof(sig)), &err), EG_OK);
	assert_int_equal(sign_verify(k, EG_LIT("\x73"), eg_bytes(sig, sizeof(sig)), &err), EG_BADREC);
	assert_int_equal(sign_key_from_pem(eg_bytes_str(pem), true, &k, &err), EG_BADFILE);
	assert_string_equal(err.code, "KEY-BAD");
	assert_int_equal(sign_key_from_pem(EG_LIT("nonsense"), false, &k, &err), EG_BADFILE);
	assert_int_equal(sign_key_from_pem(EG_NONE, false, &k, &err), EG_BADFILE);
	sign_key_free(k);
}

static bool
have_openssl(struct site_dir *t)
{
	const char *const argv[] = { "openssl", "version", NULL };
	return run_tool(t, ".", argv) == 0;
}

static void
test_openssl_agrees(void **state)
{
	(void)state;
	struct site_dir t;
	unsigned char sig[SIGN_ED25519_LEN];
	struct eg_buf theirs = EG_BUF_INIT;
	site_make(&t);
	if (!have_openssl(&t)) {
		site_remove(&t);
		skip();
	}
	struct sign_key *k = new_key(&t), *other = NULL;
	put_text(&t, "text", "the line\n");
	must(&t, sign_bytes(k, EG_LIT("the line\n"), sig, &t.err));
	put_file(&t, "text.sig", sig, sizeof(sig));
	const char *const verify[] = { "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "gateway.pub.pem", "-rawin",
		"-in", "text", "-sigfile", "text.sig", NULL };
	assert_int_equal(run_tool(&t, ".", verify), 0);
	put_text(&t, "text", "the lime\n");
	assert_int_not_equal(run_tool(&t, ".", verify), 0);

	/* Their key, their signature, our check. */
	const char *const make[] = { "openssl", "genpkey", "-algorithm", "ed25519", "-out", "u.pem", NULL };
	const char *const sign[] = { "openssl", "pkeyutl", "-sign", "-inkey", "u.pem", "-rawin", "-in", "text", "-out",
		"u.sig", NULL };
	const char *const pub[] = { "openssl", "pkey", "-in", "u.pem", "-pubout", "-out", "u.pub.pem", NULL };
	assert_int_equal(run_tool(&t, ".", make), 0);
	assert_int_equal(run_tool(&t, ".", sign), 0);
	assert_int_equal(run_tool(&t, ".", pub), 0);
	must(&t, sign_key_load(t.dir, "u.pub.pem", false, &other, &t.err));
	must(&t, eg_fs_read_file(t.dir, "u.sig", 100, &theirs, &t.err));
	assert_int_equal(sign_verify(other, EG_LIT("the lime\n"), eg_buf_view(&theirs), &t.err), EG_OK);
	assert_int_equal(sign_verify(k, EG_LIT("the lime\n"), eg_buf_view(&theirs), &t.err), EG_BADREC);

	/* A key behind a passphrase is refused, not asked for. */
	const char *const lock[] = { "openssl", "pkey", "-in", "u.pem", "-aes256", "-passout", "pass:x", "-out",
		"l.pem", NULL };
	struct sign_key *locked = NULL;
	assert_int_equal(run_tool(&t, ".", lock), 0);
	assert_int_equal(sign_key_load(t.dir, "l.pem", true, &locked, &t.err), EG_BADFILE);
	eg_buf_done(&theirs);
	sign_key_free(k);
	sign_key_free(other);
	site_remove(&t);
}

/* ---- CMS: all made by the openssl command ---- */

static const struct {
	const char *label, *key, *days, *digest, *extra, *content;
	int want;
} cms[] = {
	{ "RSA", "rsa:2048", "9", "sha256", "-binary", "the line\r\n", EG_OK },
	{ "P-256", "ec:prime256v1", "9", "sha256", "-binary", "the line\r\n", EG_OK },
	{ "P-256 in PEM", "ec:prime256v1", "9", "sha512", "-binary -outform PEM", "the line\r\n", EG_OK },
	{ "other content", "ec:prime256v1", "9", "sha256", "-binary", "the lime\r\n", EG_BADREC },
	{ "P-384", "ec:secp384r1", "9", "sha256", "-binary", "the line\r\n", EG_BADREC },
	{ "enclosed content", "rsa:2048", "9", "sha256", "-binary -nodetach", "the line\r\n", EG_BADREC },
	{ "SHA-1", "rsa:2048", "9", "sha1", "-binary", "the line\r\n", EG_BADREC },
};

static void
sh(struct site_dir *t, const char *script, const char *a, const char *b, const char *c)
{
	const char *const argv[] = { "sh", "-ec", script, "sh", a, b, c, NULL };
	assert_int_equal(run_tool(t, ".", argv), 0);
}

static const char make_ca[] =
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout $1.key -out $1.pem -days 9 -subj /CN=$1 "
    "-addext basicConstraints=critical,CA:TRUE";
static const char make_user[] =
    "case $1 in rsa:*) n=\"-newkey $1\";; ec:*) n=\"-newkey ec -pkeyopt ec_paramgen_curve:${1#ec:}\";; esac; "
    "openssl req $n -nodes -keyout u.key -out u.csr -subj /CN=user; "
    "openssl x509 -req -in u.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days $2 -out u.pem";
static const char make_cms[] =
    "openssl cms -sign -in signed -signer u.pem -inkey u.key -md $1 -outform DER $2 -out p7s";

static int
check_cms(struct site_dir *t, const char *ca, const char *content, struct eg_buf *pub)
{
	struct eg_buf p7s = EG_BUF_INIT, ca_pem = EG_BUF_INIT;
	must(t, eg_fs_read_file(t->dir, "p7s", 1 << 20, &p7s, &t->err));
	must(t, eg_fs_read_file(t->dir, ca, 1 << 20, &ca_pem, &t->err));
	int rc = sign_verify_cms(eg_buf_view(&p7s), eg_bytes_str(content), eg_buf_view(&ca_pem), pub, &t->err);
	eg_buf_done(&p7s);
	eg_buf_done(&ca_pem);
	return rc;
}

static void
test_cms(void **state)
{
	(void)state;
	struct site_dir t;
	site_make(&t);
	if (!have_openssl(&t)) {
		site_remove(&t);
		skip();
	}
	sh(&t, make_ca, "ca", "", "");
	sh(&t, make_ca, "stranger", "", "");
	put_text(&t, "signed", "the line\r\n");
	for (size_t i = 0; i < sizeof(cms) / sizeof(cms[0]); i++) {
		struct eg_buf pub = EG_BUF_INIT;
		sh(&t, make_user, cms[i].key, cms[i].days, "");
		sh(&t, make_cms, cms[i].digest, cms[i].extra, "");
		int rc = check_cms(&t, "ca.pem", cms[i].content, &pub);
		if (rc != cms[i].want) {
			print_error("%s: %s %s\n", cms[i].label, t.err.code, t.err.msg);
		}
		assert_int_equal(rc, cms[i].want);
		if (rc == EG_OK) {
			struct sign_key *k = NULL;
			must(&t, sign_key_from_pem(eg_buf_view(&pub), false, &k, &t.err));
			sign_key_free(k);
			assert_int_equal(check_cms(&t, "stranger.pem", cms[i].content, &pub), EG_BADREC);
			assert_int_equal(check_cms(&t, "signed", cms[i].content, &pub), EG_BADFILE);
		} else {
			assert_string_equal(t.err.code, "SIG-BAD");
		}
		eg_buf_done(&pub);
	}
	put_text(&t, "p7s", "no signature");
	struct eg_buf none = EG_BUF_INIT;
	assert_int_equal(check_cms(&t, "ca.pem", "x", &none), EG_BADREC);
	put_text(&t, "p7s", "");
	assert_int_equal(check_cms(&t, "ca.pem", "x", &none), EG_BADREC);
	site_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_rfc_8032),
		cmocka_unit_test(test_openssl_agrees),
		cmocka_unit_test(test_cms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
