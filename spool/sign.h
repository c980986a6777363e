/* SPDX-License-Identifier: MIT
 *
 * Keys and detached signatures: Ed25519 over bytes (as `openssl pkeyutl -sign -rawin` makes them), CMS (.p7s) with RSA or P-256 against a CA.
 */
#ifndef SPOOL_SIGN_H
#define SPOOL_SIGN_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

#define SIGN_ED25519_LEN 64
#define SIGN_RAW_PUBLIC_LEN 32 /* an Ed25519 public key without its DER wrapping */
#define SIGN_KEY_ID \
	17 /* 16 hex digits: first 8 bytes of SHA-256 over the public key's DER (SubjectPublicKeyInfo), and NUL */

struct sign_key; /* private or public */
/* New key pair: private PEM (PKCS#8) 0600 and public PEM. Existing files: EG_FATAL "EXISTS". */
int sign_key_make(int dirfd, const char *private_name, const char *public_name, struct eg_err *err) EG_MUSTCHECK;
/* EG_BADFILE "KEY-BAD" for anything that is no PEM key of that half, also one with a passphrase (never asked for). */
int sign_key_load(int dirfd, const char *name, bool private_key, struct sign_key **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* A key whose private half is held by erpgate-signer at that socket (spool/signer.h); the public half is read as above. Signing asks there: sign_bytes then also has the errors of
 * signer_sign, and signs what the signer signs, nothing else. */
int sign_key_at(int dirfd, const char *public_name, const char *socket, struct sign_key **ret, struct eg_err *err)
    EG_MUSTCHECK;
const char *sign_key_socket(const struct sign_key *k); /* NULL: it is not held elsewhere */
int sign_key_public_pem(const struct sign_key *k, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
int sign_key_from_pem(struct eg_bytes pem, bool private_key, struct sign_key **ret, struct eg_err *err) EG_MUSTCHECK;
void sign_key_id(const struct sign_key *k, char ret[SIGN_KEY_ID]);
bool sign_key_is_ed25519(const struct sign_key *k);
/* A key whose signatures can count: Ed25519 for .sig, RSA of 2048 bits or more and P-256 for .p7s. */
bool sign_key_counts(const struct sign_key *k);
/* The 32 bytes of an Ed25519 public key; EG_BADFILE "KEY-KIND" for another kind. */
int sign_key_raw_public(const struct sign_key *k, unsigned char ret[SIGN_RAW_PUBLIC_LEN], struct eg_err *err)
    EG_MUSTCHECK;
void sign_key_free(struct sign_key *k);
/* Private Ed25519 keys only, else EG_BADFILE "KEY-KIND". */
int sign_bytes(const struct sign_key *k, struct eg_bytes v, unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err)
    EG_MUSTCHECK;
/* EG_OK good; EG_BADREC "SIG-BAD" when it does not verify or has another length. */
int sign_verify(const struct sign_key *k, struct eg_bytes v, struct eg_bytes sig, struct eg_err *err) EG_MUSTCHECK;
/* CMS, detached, one signer with RSA (2048 bits or more) or P-256 and SHA-256 or better; the signer's certificate must chain to ca_pem and be valid now.
 * ret_pub = the signer's public key PEM. EG_BADREC "SIG-BAD" for a signature that does not hold, EG_BADFILE "KEY-BAD" for a CA file without a certificate. */
int sign_verify_cms(struct eg_bytes cms_der_or_pem, struct eg_bytes v, struct eg_bytes ca_pem, struct eg_buf *ret_pub,
    struct eg_err *err) EG_MUSTCHECK;

#endif
