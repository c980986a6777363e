/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures that come from outside: PEM files, detached signatures raw and as CMS. The input is a key, and behind a line "===" a signature. For any
 * bytes: refused with a code, or a key whose PEM form reads the same. Signatures of the corpus are over one text: over any other nothing holds, and what
 * holds over that one is of a key that counts.
 */
#include "tests/fuzz/fuzz.h"

#include "spool/sign.h"

#include <string.h>

#define NOBODY EG_LIT("a text that nobody signed")
#define SOMEBODY EG_LIT("a text that somebody signed")

/* What a key of our own kind signs holds, over that text only; other kinds sign nothing here. */
static void
check_own(const struct sign_key *k, bool private_key)
{
	unsigned char raw[SIGN_RAW_PUBLIC_LEN], made[SIGN_ED25519_LEN];
	struct eg_err err = { 0 };
	int rc = sign_key_raw_public(k, raw, &err);

	fuzz_need((rc == EG_OK) == sign_key_is_ed25519(k), "Ed25519 has a raw form, others have none");
	fuzz_need(rc != EG_OK || sign_key_counts(k), "an Ed25519 key counts");
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	rc = sign_bytes(k, NOBODY, made, &err);
	fuzz_need((rc == EG_OK) == (private_key && sign_key_is_ed25519(k)), "private Ed25519 keys sign, others do not");
	if (rc < 0) {
		fuzz_failure(rc, &err, EG_NONE, false);
		return;
	}
	fuzz_need(sign_verify(k, NOBODY, eg_bytes(made, sizeof(made)), &err) == EG_OK, "what is signed holds");
	fuzz_need(sign_verify(k, SOMEBODY, eg_bytes(made, sizeof(made)), &err) == EG_BADREC, "over one text only");
}

static void
check_key(struct eg_bytes pem, bool private_key, struct eg_bytes sig)
{
	struct sign_key *k = NULL, *again = NULL;
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err err = { 0 };
	char id[SIGN_KEY_ID], id_again[SIGN_KEY_ID];
	const int rc = sign_key_from_pem(pem, private_key, &k, &err);

	if (rc < 0) {
		fuzz_failure(rc, &err, EG_NONE, false);
		return;
	}
	sign_key_id(k, id);
	fuzz_need(strlen(id) == SIGN_KEY_ID - 1, "a key has its id");
	fuzz_need(sign_key_public_pem(k, &text, &err) == EG_OK, "a key has a public half");
	fuzz_need(sign_key_from_pem(eg_buf_view(&text), false, &again, &err) == EG_OK, "it can be read");
	sign_key_id(again, id_again);
	fuzz_need(strcmp(id, id_again) == 0, "it is the same key");
	fuzz_need(sign_verify(k, NOBODY, sig, &err) == EG_BADREC, "nothing made here is a signature over another text");
	fuzz_failure((int)err.cls, &err, EG_NONE, false);
	if (sign_verify(k, SOMEBODY, sig, &err) != EG_OK)
		fuzz_failure((int)err.cls, &err, EG_NONE, false);
	check_own(k, private_key);
	sign_key_free(again);
	sign_key_free(k);
	eg_buf_done(&text);
}

static void
check_cms(struct eg_bytes ca, struct eg_bytes sig)
{
	struct eg_buf pub = EG_BUF_INIT;
	struct sign_key *k = NULL;
	struct eg_err err = { 0 };
	int rc = sign_verify_cms(sig, NOBODY, ca, &pub, &err);

	fuzz_need(rc < 0, "nothing made here is a signature over another text");
	fuzz_failure(rc, &err, EG_NONE, false);
	rc = sign_verify_cms(sig, SOMEBODY, ca, &pub, &err);
	if (rc < 0) {
		fuzz_failure(rc, &err, EG_NONE, false);
	} else {
		fuzz_need(
		    sign_key_from_pem(eg_buf_view(&pub), false, &k, &err) == EG_OK, "the signer's key can be read");
		fuzz_need(sign_key_counts(k) && !sign_key_is_ed25519(k), "it is of a kind that counts");
	}
	sign_key_free(k);
	eg_buf_done(&pub);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes in = eg_bytes(data, size);
	const size_t cut = eg_bytes_find(in, EG_LIT("\n===\n"));
	const struct eg_bytes pem = eg_bytes_sub(in, 0, cut + (cut < size)), sig = eg_bytes_sub(in, cut + 5, size);

	check_key(pem, false, sig);
	check_key(pem, true, sig);
	check_cms(pem, sig);
	return 0;
}
