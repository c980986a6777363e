/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures through OpenSSL's EVP and CMS. Signs with Ed25519 only; verifies Ed25519 over bytes, and CMS made
 * with RSA (2048 bits or more) or P-256 and a SHA-2 digest. Never asks for a passphrase: a key file that needs one is
 * refused. Certificates are checked at the machine's time, as the openssl command does.
 */
#include "spool/sign.h"

#include "base/fs.h"
#include "base/limits.h"
#include "spool/signer.h"

/* First: cms.h declares its PEM functions only behind it. */
#include <openssl/pem.h>

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define KEY_FILE_MAX 65536U
#define RSA_BITS_MIN 2048

struct sign_key {
	EVP_PKEY *pkey;
	bool private_key;
	char *socket; /* the private half is held there; NULL = here, or nowhere */
	char id[SIGN_KEY_ID];
};

/* The library's queue of reasons must not outlive the call that filled it. */
static int
fail_ssl(struct eg_err *err, enum eg_class cls, const char *code, const char *sentence)
{
	unsigned long first = ERR_peek_error();
	const char *why = first == 0 ? NULL : ERR_reason_error_string(first);
	ERR_clear_error();
	if (why == NULL) {
		return eg_fail(err, cls, code, "%s", sentence);
	}
	return eg_fail(err, cls, code, "%s (%s)", sentence, why);
}

static BIO *
bio_of(struct eg_bytes v)
{
	static const unsigned char nothing[1] = { 0 };
	if (v.len > INT_MAX) {
		return NULL;
	}
	BIO *b = BIO_new_mem_buf(v.ptr == NULL ? nothing : v.ptr, (int)v.len);
	eg_check(b != NULL);
	return b;
}

static void
bio_to_buf(BIO *b, struct eg_buf *ret)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);
	if (n > 0) {
		eg_buf_put(ret, p, (size_t)n);
	}
}

static int
no_passphrase(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static void
set_id(struct sign_key *k)
{
	unsigned char *der = NULL, sha[EG_SHA256_LEN];
	int n = i2d_PUBKEY(k->pkey, &der);
	eg_check(n > 0);
	eg_sha256_of(eg_bytes(der, (size_t)n), sha);
	OPENSSL_free(der);
	eg_hex(sha, (SIGN_KEY_ID - 1) / 2, k->id);
}

static struct sign_key *
key_new(EVP_PKEY *pkey, bool private_key)
{
	struct sign_key *k = eg_xalloc(sizeof(*k));
	k->pkey = pkey;
	k->private_key = private_key;
	set_id(k);
	return k;
}

void
sign_key_free(struct sign_key *k)
{
	if (k != NULL) {
		EVP_PKEY_free(k->pkey);
		free(k->socket);
		free(k);
	}
}

int
sign_key_from_pem(struct eg_bytes pem, bool private_key, struct sign_key **ret, struct eg_err *err)
{
	BIO *b = bio_of(pem);
	if (b == NULL) {
		return eg_fail(err, EG_BADFILE, "KEY-BAD", "A key file cannot have %zu bytes.", pem.len);
	}
	EVP_PKEY *pkey = private_key ? PEM_read_bio_PrivateKey(b, NULL, no_passphrase, NULL) :
	                               PEM_read_bio_PUBKEY(b, NULL, no_passphrase, NULL);
	BIO_free(b);
	if (pkey == NULL) {
		return fail_ssl(err, EG_BADFILE, "KEY-BAD",
		    private_key ? "This is no private key in PEM form without a passphrase" :
				  "This is no public key in PEM form (BEGIN PUBLIC KEY)");
	}
	ERR_clear_error();
	*ret = key_new(pkey, private_key);
	return EG_OK;
}

int
sign_key_load(int dirfd, const char *name, bool private_key, struct sign_key **ret, struct eg_err *err)
{
	struct eg_buf pem = EG_BUF_INIT;
	int rc = eg_fs_read_file(dirfd, name, KEY_FILE_MAX, &pem, err);
	if (rc >= 0) {
		rc = sign_key_from_pem(eg_buf_view(&pem), private_key, ret, err);
	}
	if (pem.ptr != NULL) {
		OPENSSL_cleanse(pem.ptr, pem.cap);
	}
	eg_buf_done(&pem);
	return rc;
}

int
sign_key_at(int dirfd, const char *public_name, const char *socket, struct sign_key **ret, struct eg_err *err)
{
	int rc = sign_key_load(dirfd, public_name, false, ret, err);
	if (rc >= 0) {
		(*ret)->socket = eg_xstrdup(socket);
	}
	return rc;
}

const char *
sign_key_socket(const struct sign_key *k)
{
	return k->socket;
}

int
sign_key_public_pem(const struct sign_key *k, struct eg_buf *ret, struct eg_err *err)
{
	BIO *b = BIO_new(BIO_s_mem());
	int rc = EG_OK;
	if (b == NULL || PEM_write_bio_PUBKEY(b, k->pkey) != 1) {
		rc = fail_ssl(err, EG_FATAL, "KEY-BAD", "The public key cannot be written as PEM");
	} else {
		bio_to_buf(b, ret);
	}
	BIO_free(b);
	return rc;
}

static int
write_private(const struct sign_key *k, int dirfd, const char *name, struct eg_err *err)
{
	BIO *b = BIO_new(BIO_s_secmem());
	char *p = NULL;
	int rc;
	if (b == NULL || PEM_write_bio_PKCS8PrivateKey(b, k->pkey, NULL, NULL, 0, NULL, NULL) != 1) {
		rc = fail_ssl(err, EG_FATAL, "KEY-BAD", "The private key cannot be written as PEM");
	} else {
		long n = BIO_get_mem_data(b, &p);
		rc = eg_fs_write_file(dirfd, name, eg_bytes(p, (size_t)n), 0600, false, err);
	}
	BIO_free(b);
	return rc;
}

int
sign_key_make(int dirfd, const char *private_name, const char *public_name, struct eg_err *err)
{
	struct eg_buf pem = EG_BUF_INIT;
	const char *there = eg_fs_exists(dirfd, private_name) ? private_name :
	                    eg_fs_exists(dirfd, public_name)  ? public_name :
	                                                        NULL;
	if (there != NULL) {
		return eg_fail(err, EG_FATAL, "EXISTS",
		    "%s is already there. A key is never overwritten: what it signed could not be checked any more.",
		    there);
	}
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pkey == NULL) {
		return fail_ssl(err, EG_FATAL, "KEY-BAD", "No key pair can be made");
	}
	struct sign_key *k = key_new(pkey, true);
	int rc = write_private(k, dirfd, private_name, err);
	if (rc >= 0) {
		rc = sign_key_public_pem(k, &pem, err);
	}
	if (rc >= 0) {
		rc = eg_fs_write_file(dirfd, public_name, eg_buf_view(&pem), 0644, false, err);
	}
	eg_buf_done(&pem);
	sign_key_free(k);
	return rc;
}

void
sign_key_id(const struct sign_key *k, char ret[SIGN_KEY_ID])
{
	memcpy(ret, k->id, SIGN_KEY_ID);
}

bool
sign_key_is_ed25519(const struct sign_key *k)
{
	return EVP_PKEY_get_base_id(k->pkey) == EVP_PKEY_ED25519;
}

int
sign_key_raw_public(const struct sign_key *k, unsigned char ret[SIGN_RAW_PUBLIC_LEN], struct eg_err *err)
{
	size_t n = SIGN_RAW_PUBLIC_LEN;
	if (!sign_key_is_ed25519(k) || EVP_PKEY_get_raw_public_key(k->pkey, ret, &n) != 1 || n != SIGN_RAW_PUBLIC_LEN) {
		return fail_ssl(err, EG_BADFILE, "KEY-KIND", "This is no Ed25519 key");
	}
	return EG_OK;
}

int
sign_bytes(const struct sign_key *k, struct eg_bytes v, unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err)
{
	if (k->socket != NULL) {
		return signer_sign(k->socket, k, v, ret, err);
	}
	if (!k->private_key || !sign_key_is_ed25519(k)) {
		return eg_fail(err, EG_BADFILE, "KEY-KIND", "Signing needs the private half of an Ed25519 key.");
	}
	unsigned char sig[SIGN_ED25519_LEN];
	size_t n = sizeof(sig);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	            EVP_DigestSign(ctx, sig, &n, v.ptr == NULL ? (const unsigned char *)"" : v.ptr, v.len) == 1 &&
	            n == sizeof(sig);
	EVP_MD_CTX_free(ctx);
	if (!good) {
		return fail_ssl(err, EG_FATAL, "SIGN", "The signature cannot be made");
	}
	memcpy(ret, sig, sizeof(sig));
	return EG_OK;
}

int
sign_verify(const struct sign_key *k, struct eg_bytes v, struct eg_bytes sig, struct eg_err *err)
{
	if (!sign_key_is_ed25519(k)) {
		return eg_fail(
		    err, EG_BADREC, "SIG-BAD", "The key is no Ed25519 key, so it cannot have made this signature.");
	}
	if (sig.len != SIGN_ED25519_LEN) {
		return eg_fail(err, EG_BADREC, "SIG-BAD",
		    "The signature has %zu bytes, an Ed25519 signature has %d: it is cut, or not the raw form that openssl "
		    "pkeyutl -sign -rawin writes.",
		    sig.len, SIGN_ED25519_LEN);
	}
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
	    ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestVerify(ctx, sig.ptr, sig.len, v.ptr == NULL ? (const unsigned char *)"" : v.ptr, v.len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	if (!good) {
		return eg_fail(err, EG_BADREC, "SIG-BAD",
		    "The signature does not belong to these bytes and key %s: the file was changed after it was signed, or "
		    "somebody else signed it.",
		    k->id);
	}
	return EG_OK;
}

/* ---- CMS ---- */

static CMS_ContentInfo *
read_cms(struct eg_bytes v)
{
	BIO *b = bio_of(v);
	if (b == NULL) {
		return NULL;
	}
	bool pem =
	    eg_bytes_find(eg_bytes_sub(v, 0, 4096), EG_LIT("-----BEGIN ")) < v.len && v.len != 0 && v.ptr[0] != 0x30;
	CMS_ContentInfo *cms = pem ? PEM_read_bio_CMS(b, NULL, no_passphrase, NULL) : d2i_CMS_bio(b, NULL);
	BIO_free(b);
	return cms;
}

static X509_STORE *
read_store(struct eg_bytes ca_pem)
{
	BIO *b = bio_of(ca_pem);
	X509_STORE *store = X509_STORE_new();
	X509 *cert;
	unsigned n = 0;
	eg_check(store != NULL);
	while (b != NULL && (cert = PEM_read_bio_X509(b, NULL, no_passphrase, NULL)) != NULL) {
		(void)X509_STORE_add_cert(store, cert);
		X509_free(cert);
		n++;
	}
	BIO_free(b);
	ERR_clear_error();
	if (n == 0) {
		X509_STORE_free(store);
		return NULL;
	}
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store), 2);
	return store;
}

/* Behind a filter that does nothing: CMS_verify makes a copy of bare memory and, in OpenSSL 3.0, loses it when a signature names digests that it
 * does not know. BIO_free_all() it. */
static BIO *
bio_of_content(struct eg_bytes v)
{
	BIO *b = bio_of(v), *filter = b == NULL ? NULL : BIO_new(BIO_f_null());
	eg_check(b == NULL || filter != NULL);
	return b == NULL ? NULL : BIO_push(filter, b);
}

/* Rules on form that CMS_verify does not make: one signer, nothing enclosed, SHA-2. */
static const char *
cms_form(CMS_ContentInfo *cms)
{
	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) {
		return "it is CMS, but no signature";
	}
	if (CMS_is_detached(cms) != 1) {
		return "it encloses a content of its own; only a detached signature counts";
	}
	STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(infos) != 1) {
		return "it has none or several signers; one person signs";
	}
	X509_ALGOR *digest = NULL;
	const ASN1_OBJECT *oid = NULL;
	CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(infos, 0), NULL, NULL, &digest, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	int nid = OBJ_obj2nid(oid);
	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512) {
		return "its digest is weaker than SHA-256";
	}
	return NULL;
}

static bool
signer_key_ok(EVP_PKEY *k)
{
	char curve[32];
	size_t n = 0;
	if (k == NULL) {
		return false;
	}
	switch (EVP_PKEY_get_base_id(k)) {
	case EVP_PKEY_RSA:
		return EVP_PKEY_get_bits(k) >= RSA_BITS_MIN;
	case EVP_PKEY_EC:
		return EVP_PKEY_get_group_name(k, curve, sizeof(curve), &n) == 1 && strcmp(curve, "prime256v1") == 0;
	default:
		return false;
	}
}

bool
sign_key_counts(const struct sign_key *k)
{
	return sign_key_is_ed25519(k) || signer_key_ok(k->pkey);
}

static int
signer_pem(CMS_ContentInfo *cms, struct eg_buf *ret, struct eg_err *err)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	X509 *cert = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
	EVP_PKEY *pkey = cert == NULL ? NULL : X509_get0_pubkey(cert);
	BIO *b = BIO_new(BIO_s_mem());
	int rc = EG_OK;
	if (!signer_key_ok(pkey)) {
		rc = eg_fail(err, EG_BADREC, "SIG-BAD",
		    "The signer's certificate has neither an RSA key of %d bits or more nor a P-256 key.",
		    RSA_BITS_MIN);
	} else if (b == NULL || PEM_write_bio_PUBKEY(b, pkey) != 1) {
		rc = fail_ssl(err, EG_BADREC, "SIG-BAD", "The signer's public key cannot be read");
	} else {
		bio_to_buf(b, ret);
	}
	BIO_free(b);
	sk_X509_free(signers);
	return rc;
}

int
sign_verify_cms(struct eg_bytes cms_der_or_pem, struct eg_bytes v, struct eg_bytes ca_pem, struct eg_buf *ret_pub,
    struct eg_err *err)
{
	CMS_ContentInfo *cms = NULL;
	BIO *content = NULL;
	const char *form = NULL;
	int rc;
	X509_STORE *store = read_store(ca_pem);
	if (store == NULL) {
		return eg_fail(err, EG_BADFILE, "KEY-BAD",
		    "The site's CA file holds no certificate in PEM form, so no .p7s signature can be checked.");
	}
	cms = cms_der_or_pem.len > EG_LIMIT_SIG_BYTES ? NULL : read_cms(cms_der_or_pem);
	content = bio_of_content(v);
	if (cms == NULL || content == NULL) {
		rc = fail_ssl(err, EG_BADREC, "SIG-BAD", "The signature file is no CMS signature (.p7s), or is cut");
		goto out;
	}
	form = cms_form(cms);
	if (form != NULL) {
		rc = eg_fail(err, EG_BADREC, "SIG-BAD", "The signature file does not count: %s.", form);
		goto out;
	}
	if (CMS_verify(cms, NULL, store, content, NULL, CMS_BINARY) != 1) {
		rc = fail_ssl(err, EG_BADREC, "SIG-BAD",
		    "The signature does not hold: other bytes were signed, or the certificate is not from the site's CA or "
		    "not valid now");
		goto out;
	}
	rc = signer_pem(cms, ret_pub, err);
out:
	ERR_clear_error();
	CMS_ContentInfo_free(cms);
	BIO_free_all(content);
	X509_STORE_free(store);
	return rc;
}
