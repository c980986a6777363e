/* SPDX-License-Identifier: MIT
 *
 * RFC 3161 through OpenSSL's TS functions. The chain is checked at the time the token names, as `openssl ts -verify -attime` does: an old stamp stays checkable after its certificate
 * has ended. Answers that are no DER, that refuse, or that carry no signer's certificate are refused.
 */
#include "spool/stamp.h"

#include "base/hash.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <time.h>

#define RESPONSE_MAX ((size_t)1 << 20)

static int
bad_stamp(struct eg_err *err, const char *sentence)
{
	unsigned long first = ERR_peek_error();
	const char *why = first == 0 ? NULL : ERR_reason_error_string(first);

	ERR_clear_error();
	return eg_fail(err, EG_BADREC, "STAMP-BAD", "%s%s%s%s", sentence, why == NULL ? "" : " (",
	    why == NULL ? "" : why, why == NULL ? "" : ")");
}

/* ---- request ---- */

static TS_MSG_IMPRINT *
imprint_of(struct eg_bytes data)
{
	TS_MSG_IMPRINT *m = TS_MSG_IMPRINT_new();
	X509_ALGOR *algo = X509_ALGOR_new();
	unsigned char sha[EG_SHA256_LEN];

	eg_check(m != NULL && algo != NULL);
	eg_sha256_of(data, sha);
	eg_check(X509_ALGOR_set0(algo, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1);
	eg_check(TS_MSG_IMPRINT_set_algo(m, algo) == 1 && TS_MSG_IMPRINT_set_msg(m, sha, (int)sizeof(sha)) == 1);
	X509_ALGOR_free(algo);
	return m;
}

int
stamp_request(struct eg_bytes data, struct eg_buf *ret, struct eg_err *err)
{
	TS_REQ *q = TS_REQ_new();
	TS_MSG_IMPRINT *m = imprint_of(data);
	ASN1_INTEGER *nonce = ASN1_INTEGER_new();
	unsigned char *der = NULL;
	uint64_t number = 0;
	int n = -1;

	if (q != NULL && nonce != NULL && RAND_bytes((unsigned char *)&number, (int)sizeof(number)) == 1 &&
	    ASN1_INTEGER_set_uint64(nonce, number | 1) == 1 && TS_REQ_set_version(q, 1) == 1 &&
	    TS_REQ_set_msg_imprint(q, m) == 1 && TS_REQ_set_nonce(q, nonce) == 1 && TS_REQ_set_cert_req(q, 1) == 1)
		n = i2d_TS_REQ(q, &der);
	if (n > 0)
		eg_buf_put(ret, der, (size_t)n);
	OPENSSL_free(der);
	ASN1_INTEGER_free(nonce);
	TS_MSG_IMPRINT_free(m);
	TS_REQ_free(q);
	return n > 0 ? EG_OK : bad_stamp(err, "A time stamp request cannot be made");
}

/* ---- answer ---- */

static int64_t
seconds_of(const ASN1_TIME *t)
{
	struct tm tm;

	return t == NULL || ASN1_TIME_to_tm(t, &tm) != 1 ? 0 : (int64_t)timegm(&tm);
}

static BIO *
bio_of(struct eg_bytes v)
{
	BIO *b =
	    v.len > INT_MAX ? NULL : BIO_new_mem_buf(v.ptr == NULL ? (const unsigned char *)"" : v.ptr, (int)v.len);

	eg_check(b != NULL);
	return b;
}

/* Trusted certificates, at that time. NULL: there is none in it. */
static X509_STORE *
store_of(struct eg_bytes pem, int64_t when)
{
	BIO *b = bio_of(pem);
	X509_STORE *store = X509_STORE_new();
	unsigned n = 0;

	eg_check(store != NULL);
	for (X509 *c = PEM_read_bio_X509(b, NULL, NULL, NULL); c != NULL; c = PEM_read_bio_X509(b, NULL, NULL, NULL)) {
		(void)X509_STORE_add_cert(store, c);
		X509_free(c);
		n++;
	}
	BIO_free(b);
	ERR_clear_error();
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)when);
	if (n > 0)
		return store;
	X509_STORE_free(store);
	return NULL;
}

static bool
signer_of(TS_RESP *r, struct stamp *ret)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(TS_RESP_get_token(r), NULL, 0);
	X509 *cert = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;

	if (cert != NULL) {
		ret->not_after = seconds_of(X509_get0_notAfter(cert));
		(void)X509_NAME_oneline(X509_get_subject_name(cert), ret->authority, (int)sizeof(ret->authority));
	}
	sk_X509_free(signers);
	return cert != NULL;
}

static int
verify_with(TS_RESP *r, struct eg_bytes request, struct eg_bytes data, X509_STORE *store, struct eg_err *err)
{
	const unsigned char *p = request.ptr;
	TS_REQ *q = request.len == 0 ? NULL : d2i_TS_REQ(NULL, &p, (long)request.len);
	TS_VERIFY_CTX *v = TS_VERIFY_CTX_new();
	int flags = TS_VFY_VERSION | TS_VFY_SIGNER | TS_VFY_SIGNATURE | TS_VFY_DATA;

	eg_check(v != NULL);
	if (q != NULL && TS_REQ_get_nonce(q) != NULL) {
		const ASN1_INTEGER *nonce = TS_REQ_get_nonce(q),
				   *theirs = TS_TST_INFO_get_nonce(TS_RESP_get_tst_info(r));
		if (theirs == NULL || ASN1_INTEGER_cmp(nonce, theirs) != 0) {
			X509_STORE_free(store);
			TS_REQ_free(q);
			TS_VERIFY_CTX_free(v);
			return bad_stamp(err, "The answer is to another request: its nonce is not ours");
		}
	}
	(void)TS_VERIFY_CTX_set_flags(v, flags);
	(void)TS_VERIFY_CTX_set_data(v, bio_of(data)); /* both are v's from here on */
	(void)TS_VERIFY_CTX_set_store(v, store);
	bool good = TS_RESP_verify_response(v, r) == 1;
	TS_VERIFY_CTX_free(v);
	TS_REQ_free(q);
	return good ?
	           EG_OK :
	           bad_stamp(err,
		       "The time stamp does not hold: it stamps other bytes, or its certificate does not lead to those of keys/tsa");
}

int
stamp_check(struct eg_bytes response, struct eg_bytes request, struct eg_bytes data, struct eg_bytes ca_pem,
    struct stamp *ret, struct eg_err *err)
{
	const unsigned char *p = response.ptr;
	struct stamp s = { .when = 0 };
	TS_RESP *r =
	    response.len == 0 || response.len > RESPONSE_MAX ? NULL : d2i_TS_RESP(NULL, &p, (long)response.len);
	TS_TST_INFO *info = r == NULL ? NULL : TS_RESP_get_tst_info(r);
	int rc;

	if (info == NULL) {
		rc = bad_stamp(err, "This is no time stamp answer (.tsr), or the authority refused to stamp");
		TS_RESP_free(r);
		return rc;
	}
	s.when = seconds_of(TS_TST_INFO_get_time(info));
	X509_STORE *store = store_of(ca_pem, s.when);
	if (store == NULL)
		rc = eg_fail(err, EG_BADFILE, "KEY-BAD",
		    "keys/tsa holds no certificate in PEM form: put that of the time stamp authority's CA there");
	else
		rc = verify_with(r, request, data, store, err);
	if (rc == EG_OK && !signer_of(r, &s))
		rc = bad_stamp(err, "The answer carries no certificate of its signer");
	if (rc == EG_OK)
		*ret = s;
	TS_RESP_free(r);
	return rc;
}
