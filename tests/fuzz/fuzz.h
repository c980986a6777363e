/* SPDX-License-Identifier: MIT
 *
 * What the fuzzers share. A fuzzer is one entry point that is given any bytes (LLVMFuzzerTestOneInput) and checks what its reader promises for
 * all of them; a promise that does not hold ends the program. libFuzzer drives it in build/fuzz; everywhere else replay.c does, with the files of
 * tests/fuzz/corpus.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* Returns 0. data may be NULL when size is 0, and is not the fuzzer's to change. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Called once before the first input; every fuzzer has one. Returns 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The promise in words: what is printed when it is broken. */
#define fuzz_need(cond, promise) ((cond) ? (void)0 : fuzz_broken(__FILE__, __LINE__, promise))
_Noreturn void fuzz_broken(const char *file, int line, const char *promise);

/* A text for a person: not empty, valid UTF-8, no control characters. */
void fuzz_sentence(const char *text);
/* A code as the documents list them: capitals, digits, '-'. */
void fuzz_code(const char *code);
/* A failure (rc < 0) that says all it must: its class, a code, a sentence, a place within `size` bytes. lines: the input is text, so a line
 * of it is named, which must exist. */
void fuzz_failure(int rc, const struct eg_err *err, struct eg_bytes input, bool lines);
/* The same failure to the last letter. */
bool fuzz_same_failure(const struct eg_err *a, const struct eg_err *b);

/* An input made of named parts: a line "=== name" begins each one, and its content ends before the line end that stands before the next.
 * What stands before the first is a part without name. Takes the next one off *rest; false at the end. */
struct fuzz_part {
	struct eg_bytes name, content;
};
bool fuzz_part(struct eg_bytes *rest, struct fuzz_part *ret);

/* The first line is `WORD rest`: takes it off *input when WORD is one of the n words, and returns its number; else n, and nothing is taken. */
size_t fuzz_head_word(struct eg_bytes *input, const char *const *words, size_t n, struct eg_bytes *ret_rest);

#endif
