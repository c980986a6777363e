/* SPDX-License-Identifier: MIT
 *
 * The table of audit's further subcommands.
 */
#include "gateway/cli/audit_more.h"

#include "base/date.h"

bool
audit_more(struct cli *c, int *ret_exit)
{
	static const struct {
		const char *name;
		int (*run)(struct cli *c);
	} acts[] = { { "hold", audit_hold }, { "holds", audit_holds }, { "unhold", audit_unhold },
		{ "expire", audit_expire }, { "export", audit_export }, { "procedure", audit_procedure } };

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, c->argv[0]) == 0) {
			*ret_exit = acts[i].run(c);
			return true;
		}
	return false;
}

int
audit_day(const char *option, const char *value, int64_t *ret, struct eg_err *err)
{
	struct eg_date d;

	if (!eg_date_parse(eg_bytes_str(value), EG_LIT("YYYY-MM-DD"), &d))
		return eg_fail(
		    err, EG_BADREC, "USAGE", "--%s is \"%s\"; write a day such as 2026-01-31", option, value);
	*ret = eg_date_time(d);
	return EG_OK;
}
