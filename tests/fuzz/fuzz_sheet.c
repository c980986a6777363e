/* SPDX-License-Identifier: MIT
 *
 * Approval sheets and adoption lists as they come back from people, CSV or XML: read by the adapters of the source "approvals", as manifests are.
 * What must hold: fuzz_read.h.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_read.h"

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
	fuzz_read_steps(set, "approvals", EG_LIT("sheet.csv"), eg_bytes(data, size));
	return 0;
}
