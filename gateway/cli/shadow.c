/* SPDX-License-Identifier: MIT
 *
 * shadow: what was written beside, compared with what another system wrote; and the end of shadow mode.
 */
#include "gateway/workflow/shadow.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/shadow_rows.h"

static int
show(struct cli *c)
{
	const char *targets[2] = { NULL, "procore" };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc = EG_OK;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	targets[0] = s.erp;
	for (size_t i = 0; rc == EG_OK && i < 2; i++) {
		bool on = shadow_on(&s.conf, targets[i]);
		unsigned open = 0;
		rc = shadow_open_batches(&s, targets[i], &open, &err);
		if (rc == EG_OK && cli_has(c, O_JSON))
			cli_json(json_pack("{s:s,s:s,s:b,s:i}", "type", "shadow", "target", targets[i], "on", on,
			    "batches", (int)open));
		else if (rc == EG_OK)
			(void)printf("%-10s %s   %u shadow batch%s   %s\n", targets[i],
			    on ? "SHADOW: nothing is sent" : "live", open, open == 1 ? "" : "es",
			    on       ? "compare them: erpgate shadow compare DIR" :
			    open > 0 ? "nothing leaves until you say: erpgate shadow end TARGET, or keep" :
				       "");
	}
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

struct settling {
	const char *target, *reason;
	bool keep;
	unsigned batches, items;
};

static int
settle(struct site *s, void *ctx, struct eg_err *err)
{
	struct settling *x = ctx;

	return shadow_settle(s, x->target, x->keep, x->reason, &x->batches, &x->items, err);
}

static int
end(struct cli *c, bool keep)
{
	struct settling x = { .reason = c->opt[O_REASON], .keep = keep };
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (c->argc != 2 || x.reason == NULL || eg_bytes_trim_ws(eg_bytes_str(x.reason)).len == 0)
		return cli_usage(
		    c, "name the target and say why: erpgate shadow %s procore --reason \"…\"", keep ? "keep" : "end");
	x.target = c->argv[1];
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	if (strcmp(x.target, "procore") != 0 && strcmp(x.target, s.erp) != 0)
		code = cli_usage(c, "this site has no target \"%s\"", x.target);
	else if (cli_tx(&s, settle, &x, &err) < 0)
		code = cli_fail(c, &err);
	else if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:i,s:i}", "type", "shadow", "target", x.target, "act",
		    keep ? "keep" : "end", "batches", (int)x.batches, "items", (int)x.items));
	else if (keep)
		(void)printf(
		    "%u shadow batches count as sent by the other system; what has no answer yet waits for it. %s is live.\n",
		    x.batches, x.target);
	else
		(void)printf(
		    "%u items of %u shadow batches are as they were before: what needs a decision needs a new one (erpgate sheet -o today.csv). %s is live.\n",
		    x.items, x.batches, x.target);
	site_close(&s);
	return code;
}

int
cmd_shadow(struct cli *c)
{
	if (c->argc == 0 || strcmp(c->argv[0], "status") == 0)
		return show(c);
	if (strcmp(c->argv[0], "end") == 0 || strcmp(c->argv[0], "keep") == 0)
		return end(c, strcmp(c->argv[0], "keep") == 0);
	if (strcmp(c->argv[0], "compare") == 0 && c->argc >= 2)
		return shadow_compare(c);
	return cli_usage(c, "write shadow, shadow compare [BATCH] DIR|FILE…, shadow end TARGET, or shadow keep TARGET");
}
