/* SPDX-License-Identifier: MIT
 *
 * Schedules on screens: what an accepted item waits for, and when each group leaves next.
 */
#include "gateway/cli/cli.h"
#include "gateway/schedule.h"

char *
cli_leaves(const struct schedule_board *b, const struct item *it)
{
	const struct schedule_line *l = schedule_waits(b, it);

	if (l == NULL)
		return eg_xstrdup("");
	if (!l->timed)
		return eg_xprintf(", leaves by hand only (schedule.%s): erpgate run", l->group);
	return eg_xprintf(", leaves %s %s", l->next_local, l->zone);
}

void
cli_schedules_text(const struct schedule_board *b)
{
	bool head = true;

	for (int g = 0; g < SCHEDULE_NGROUPS; g++) {
		const struct schedule_line *l = &b->line[g];
		if (!l->timed && l->open)
			continue;
		if (head)
			(void)printf("\n Leaving by schedule (erpgate run sends everything now)\n");
		head = false;
		if (!l->timed)
			(void)printf("  %-10s %-32s by hand only\n", l->group, l->text);
		else if (l->open)
			(void)printf("  %-10s %-32s due: leaves with the next turn\n", l->group, l->text);
		else
			(void)printf("  %-10s %-32s next %s %s\n", l->group, l->text, l->next_local, l->zone);
	}
}

json_t *
cli_schedules_json(const struct schedule_board *b)
{
	json_t *all = json_array();

	for (int g = 0; g < SCHEDULE_NGROUPS; g++) {
		const struct schedule_line *l = &b->line[g];
		char next[EG_TIME_TEXT];
		if (l->timed)
			eg_time_print(next, l->next);
		json_array_append_new(all, json_pack("{s:s,s:s,s:b,s:o}", "group", l->group, "schedule", l->text, "due",
					       l->open, "next", l->timed ? json_string(next) : json_null()));
	}
	return all;
}
