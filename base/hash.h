/* SPDX-License-Identifier: MIT
 *
 * SHA-256 through OpenSSL's EVP.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/bytes.h"

#define EG_SHA256_LEN 32
#define EG_SHA256_HEX 65 /* 64 lower-case digits and NUL */

struct eg_sha256 {
	void *ctx; /* EVP_MD_CTX */
};

void eg_sha256_init(struct eg_sha256 *h); /* also begins anew after _final */
void eg_sha256_add(struct eg_sha256 *h, struct eg_bytes v);
void eg_sha256_final(struct eg_sha256 *h, unsigned char ret[EG_SHA256_LEN]);
void eg_sha256_done(struct eg_sha256 *h); /* empty-safe */
void eg_sha256_of(struct eg_bytes v, unsigned char ret[EG_SHA256_LEN]);
void eg_hex(const unsigned char *p, size_t n, char *ret); /* 2n lower-case digits and NUL */
bool eg_unhex(struct eg_bytes v, unsigned char *ret, size_t n); /* exactly 2n digits, either case */
void eg_sha256_hex_of(struct eg_bytes v, char ret[EG_SHA256_HEX]);

/* The library that digests, with its version as it runs. */
const char *eg_sha256_library(void);

#endif
