/* SPDX-License-Identifier: MIT
 *
 * Fixtures of adapters: <adapter's folder>/fixtures/<adapter name>/<case>/ holds one input file (in.csv, or the name its layout asks for) and expected.txt:
 * what comes of it, as canonical records, and the findings as "line code item".
 */
#ifndef GATEWAY_CLI_FIXTURES_H
#define GATEWAY_CLI_FIXTURES_H

#include "gateway/cli/cli.h"

struct fixture_counts {
	unsigned cases, failed, adapters;
};

/* Plays every case of an inbound adapter; says each on stdout. accept: writes expected.txt anew. No fixtures: nothing. */
int fixtures_play(struct cli *c, struct site *s, const struct adp_info *a, bool accept, struct fixture_counts *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
