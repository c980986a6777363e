/* SPDX-License-Identifier: MIT
 *
 * clock: is the machine's clock believed, and a person's word that it is right.
 */
#include "gateway/clock.h"

#include "gateway/cli/cli.h"
#include "gateway/workflow/actions.h"

static int
accept_it(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return clock_accept(s, err);
}

static void
say(struct cli *c, struct site *s)
{
	static const char *const words[] = { "good", "behind", "ahead" };
	struct eg_buf text = EG_BUF_INIT;
	char now[EG_TIME_TEXT], last[EG_TIME_TEXT];

	clock_text(s, &text);
	eg_time_print(now, s->clock.now);
	eg_time_print(last, s->clock.last);
	if (cli_has(c, O_JSON))
		cli_json(json_pack(
		    "{s:s,s:s,s:s,s:s}", "type", "clock", "state", words[s->clock.doubt], "clock", now, "last", last));
	else
		(void)printf("%s\n", text.len > 0 ? eg_buf_cstr(&text) : "The clock is believed.");
	eg_buf_done(&text);
}

int
cmd_clock(struct cli *c)
{
	bool accept = c->argc == 1;
	struct eg_err err = { 0 };
	struct site s;
	int code, rc = EG_OK;

	if (accept && strcmp(c->argv[0], "accept") != 0)
		return cli_usage(c, "\"%s\" is not accept", c->argv[0]);
	if (!cli_site(c, accept ? SITE_CHANGE : SITE_LOOK, &s, &code))
		return code;
	if (accept)
		rc = action_allowed(&s, ACTION_SETTINGS, NULL, &err);
	if (rc == EG_OK && accept)
		rc = cli_tx(&s, accept_it, NULL, &err);
	if (rc == EG_OK)
		say(c, &s);
	code = rc < 0 ? cli_fail(c, &err) : s.clock.doubt == CLOCK_GOOD ? CLI_OK : CLI_FINDINGS;
	cli_close(c, &s);
	return code;
}
