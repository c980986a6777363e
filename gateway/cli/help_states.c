/* SPDX-License-Identifier: MIT
 *
 * The state machine for people: every row of its table (gateway/workflow/state.c) with who does it, by which command, what it does and what a refusal says.
 * docs/reference/states.md is this text; tests/unit/test_transitions.c compares them.
 */
#include "gateway/cli/help.h"
#include "gateway/workflow/state.h"

/* clang-format off */
static const struct {
	const char *action, *who, *effect, *command, *code, *rows;
} events[EV_NEVENTS] = {
	[EV_CONTENT] = { "new content before it left", "sender", "a new revision; an earlier decision does not hold any more", "drop the file", "", "1, 4, 13; re-stage" },
	[EV_CONTENT_LATE] = { "new content after it left", "sender", "a budget may be updated, what came from the ERP is written again", "drop the file", "E-46, E-63", "10; re-import" },
	[EV_HOLD] = { "hold", "rules, or a person", "stays here until what is missing has come", "hold", "E-75", "" },
	[EV_RELEASE] = { "release", "rules, after a person's hold", "goes on by itself; a budget that the ERP has is changed again; what a setting kept apart is offered", "release", "E-75", "" },
	[EV_REFUSE] = { "refuse", "rules", "named as rejected in the findings; waits for other content", "", "", "invalid" },
	[EV_ACCEPT] = { "accept", "approver, or direct export", "leaves with the next run; what is held waits with its acceptance", "approve, sheet", "E-75, F-35, E-74", "5, 8, D1; add" },
	[EV_REJECT] = { "reject", "approver", "goes back to its sender; the comment says why", "reject, sheet", "E-75, F-35, E-74", "3, 9" },
	[EV_ARCHIVE] = { "archive", "approver or operator", "put away; a record of ours that comes anew under its number starts afresh", "archive, sheet", "E-75, E-73", "13; archive" },
	[EV_UNARCHIVE] = { "unarchive", "operator", "offered again", "unarchive", "E-75", "unarchive" },
	[EV_LINK] = { "link", "approver or operator", "tied to a record that the ERP has", "link, sheet", "E-75, F-33, E-08", "link" },
	[EV_TIE] = { "tie", "rules", "the ERP's list shows the key it names, or was sent under", "", "", "link" },
	[EV_ADOPT] = { "adopt", "admin", "it stands in the ERP already: synced without being sent", "adopt", "E-75, F-35, F-65", "link" },
	[EV_UNLINK] = { "unlink", "operator", "the ERP's key is forgotten; both sides can be decided anew", "unlink", "E-75, E-70, E-71, E-72", "11, 12; unlink" },
	[EV_SET_APART] = { "set apart", "rules", "the other side does not take such records: a person links it, or the one that is there", "", "", "" },
	[EV_EXPORT] = { "write to the ERP", "run", "in an import file, named in the batch", "run", "", "5" },
	[EV_IMPORT] = { "write to the project side", "run", "in an import file; that side does not answer", "run", "", "add" },
	[EV_UNCHANGED] = { "nothing to write", "run", "an accepted budget that has the amounts sent before (F-44)", "run", "", "10" },
	[EV_ANSWER_GOOD] = { "good answer", "ERP, or operator", "has the ERP's key; posted or not", "ack", "F-36", "6" },
	[EV_ANSWER_BAD] = { "bad answer", "ERP", "the ERP's message is in the findings (F-37)", "ack", "F-36", "7" },
	[EV_RETRIEVE] = { "retrieve", "sender", "taken back before a decision", "retrieve", "E-75", "2" },
	[EV_RESEND] = { "resend", "sender", "in the queue again, as it is", "resend", "E-75", "4, 8" },
	[EV_VOID] = { "void", "admin", "the receiver never took the batch in: as it was before, and the decision is gone", "void, shadow end", "E-75, BATCH-STATE", "" },
	[EV_VOID_UPDATE] = { "void an update", "admin", "the same; the ERP has what it had before", "void, shadow end", "E-75, BATCH-STATE", "" },
};
/* clang-format on */

static const struct {
	enum rec_class cls;
	const char *text;
} classes[] = { { RC_TO_ERP, "to the ERP" }, { RC_FROM_ERP, "from the ERP" }, { RC_AUTOMATIC, "by themselves" } };

static void
put_states(unsigned set, struct eg_buf *ret)
{
	const char *part = "";

	for (unsigned s = 0; s < ST_NSTATES; s++)
		if ((set & (1U << s)) != 0) {
			eg_buf_printf(ret, "%s%s", part, state_word((enum item_state)s));
			part = ", ";
		}
}

static void
put_classes(unsigned set, struct eg_buf *ret)
{
	const char *part = "";

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if ((set & (1U << classes[i].cls)) != 0) {
			eg_buf_printf(ret, "%s%s", part, classes[i].text);
			part = ", ";
		}
}

static void
put_row(const struct state_row *r, struct eg_buf *ret)
{
	eg_buf_str(ret, "| ");
	put_states(r->from, ret);
	eg_buf_printf(ret, "%s | ", r->undecided_only ? " (not accepted)" : "");
	put_classes(r->classes, ret);
	eg_buf_printf(ret, " | %s | %s | %s | %s | %s | %s | %s |\n", events[r->event].action, events[r->event].who,
	    r->to, events[r->event].effect, events[r->event].command, events[r->event].code, events[r->event].rows);
}

void
help_states_table(struct eg_buf *ret)
{
	struct state_row r;

	eg_buf_str(ret, "| from | items | action | who | to | effect | command | code when refused | row |\n"
			"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; state_row(i, &r); i++)
		put_row(&r, ret);
	eg_buf_str(ret,
	    "\nAs new: waiting, importable (from the ERP), approved (by themselves). What is not in the table does not happen: a person's act is refused, nothing changes.\n");
}
