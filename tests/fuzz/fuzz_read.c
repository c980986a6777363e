/* SPDX-License-Identifier: MIT
 *
 * Files of all systems, read by the shipped adapters. A first line "SOURCE file name" says whose file it is; without it, it is the project side's.
 * What must hold: fuzz_read.h.
 */
#include "tests/fuzz/fuzz_read.h"
#include "tests/fuzz/fuzz.h"

static const char *const sources[] = { "procore", "cmic", "acumatica", "mri", "ubl" };
#define NSOURCES (sizeof(sources) / sizeof(sources[0]))

static const struct adp_set *set;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_read_init();
	set = fuzz_shipped();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_bytes text = eg_bytes(data, size), name;
	const size_t source = fuzz_head_word(&text, sources, NSOURCES, &name);

	fuzz_read_steps(set, sources[source % NSOURCES], name.len > 0 ? name : EG_LIT("export_26-010.csv"), text);
	return 0;
}
