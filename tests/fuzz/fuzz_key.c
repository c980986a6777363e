/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures that come from outside: PEM files, detached signatures raw and as CMS. The input is a key, and behind a line "===" a signature. For any
 * bytes: refused with a code, or a key whose PEM form reads the same; nothing made here is a signature that holds.
 */
#include "tests/fuzz/fuzz.h"

#include "spool/sign.h"

#include <string.h>

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
	if (sign_verify(k, EG_LIT("a text that nobody signed"), sig, &err) != EG_OK)
		fuzz_failure((int)err.cls, &err, EG_NONE, false);
	sign_key_free(again);
	sign_key_free(k);
	eg_buf_done(&text);
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
	struct eg_buf pub = EG_BUF_INIT;
	struct eg_err err = { 0 };

	check_key(pem, false, sig);
	check_key(pem, true, sig);
	const int rc = sign_verify_cms(sig, EG_LIT("a text that nobody signed"), pem, &pub, &err);
	fuzz_need(rc < 0, "nothing made here is a signature that holds");
	fuzz_failure(rc, &err, EG_NONE, false);
	eg_buf_done(&pub);
	return 0;
}
