/* SPDX-License-Identifier: MIT
 *
 * For fuzzers that read files by adapters: a reading that checks everything the reader says, and the same reading for several ways to part the source.
 */
#ifndef TESTS_FUZZ_READ_H
#define TESTS_FUZZ_READ_H

#include "adapters/adapter.h"

/* Opens what readers open once. */
void fuzz_read_init(void);
/* The adapters and tables of the working tree, for CMiC, with the program's default settings; never freed. */
const struct adp_set *fuzz_shipped(void);
/* Reads text as a file of the source whole, byte by byte, and by sevens: every finding has code, sentence and a place within; every record's packed form unpacks to the same; all
 * readings say the same. */
void fuzz_read_steps(const struct adp_set *s, const char *source, struct eg_bytes name, struct eg_bytes text);

#endif
