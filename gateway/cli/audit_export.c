/* SPDX-License-Identifier: MIT */
#include "gateway/cli/audit_more.h"
int
audit_export(struct cli *c)
{
	return cli_usage(c, "x");
}
