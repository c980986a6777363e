/* SPDX-License-Identifier: MIT
 *
 * SHA-256 through OpenSSL's EVP, and hexadecimal text. A failing OpenSSL here means a broken installation or no memory:
 * it aborts, because no caller could go on without digests. Tests: tests/unit/test_fs.c.
 */
#include "base/hash.h"

#include "base/err.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

void
eg_sha256_init(struct eg_sha256 *h)
{
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
		eg_bug("SHA-256 is not available from OpenSSL");
}

void
eg_sha256_add(struct eg_sha256 *h, struct eg_bytes v)
{
	if (v.len > 0 && EVP_DigestUpdate(h->ctx, v.ptr, v.len) != 1)
		eg_bug("SHA-256 failed");
}

void
eg_sha256_final(struct eg_sha256 *h, unsigned char ret[EG_SHA256_LEN])
{
	unsigned len = 0;

	if (EVP_DigestFinal_ex(h->ctx, ret, &len) != 1 || len != EG_SHA256_LEN)
		eg_bug("SHA-256 failed");
	eg_sha256_done(h);
}

void
eg_sha256_done(struct eg_sha256 *h)
{
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}

void
eg_sha256_of(struct eg_bytes v, unsigned char ret[EG_SHA256_LEN])
{
	struct eg_sha256 h;

	eg_sha256_init(&h);
	eg_sha256_add(&h, v);
	eg_sha256_final(&h, ret);
}

void
eg_hex(const unsigned char *p, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * n] = '\0';
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
eg_unhex(struct eg_bytes v, unsigned char *ret, size_t n)
{
	if (v.len % 2 != 0 || v.len / 2 != n)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (hex_digit(v.ptr[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		ret[i] = (unsigned char)(hex_digit(v.ptr[2 * i]) << 4 | hex_digit(v.ptr[2 * i + 1]));
	return true;
}

void
eg_sha256_hex_of(struct eg_bytes v, char ret[EG_SHA256_HEX])
{
	unsigned char sha[EG_SHA256_LEN];

	eg_sha256_of(v, sha);
	eg_hex(sha, sizeof(sha), ret);
}

const char *
eg_sha256_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
