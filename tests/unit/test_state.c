/* SPDX-License-Identifier: MIT
 *
 * The state machine, whole: for every class a table of what each event does in each state. A letter names the state
 * after it, `.` nothing.
 */
#include "gateway/workflow/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* W waiting, H held, U unlinked, A approved, E exported, S synced, F failed, R rejected, T retrieved, C changed, I
 * importable, V archived: also the columns. */
static const char letters[ST_NSTATES + 1] = "WHUAESFRTCIV";

static const struct {
	enum rec_class cls;
	enum item_event event;
	const char *name;
	const char *free; /* without acceptance */
	const char *accepted; /* with; NULL = the same */
} rows[] = {
	/*                                            WHUAESFRTCIV */
	{ RC_TO_ERP, EV_CONTENT, "content", /*     */ "WWWW..WWWC.W", NULL },
	{ RC_TO_ERP, EV_CONTENT_LATE, "late", /*   */ "....EC......", NULL },
	{ RC_TO_ERP, EV_HOLD, "hold", /*           */ "HH.H.....H..", NULL },
	{ RC_TO_ERP, EV_RELEASE, "release", /*     */ ".W..........", ".A.........." },
	{ RC_TO_ERP, EV_REFUSE, "refuse", /*       */ "RR.R.....R..", NULL },
	{ RC_TO_ERP, EV_ACCEPT, "accept", /*       */ "AHA...A..A..", "A.A...A..A.." },
	{ RC_TO_ERP, EV_REJECT, "reject", /*       */ "RRR...R..R..", "R.R...R..R.." },
	{ RC_TO_ERP, EV_ARCHIVE, "archive", /*     */ "VVV...VVV...", "V.V...VVV..." },
	{ RC_TO_ERP, EV_UNARCHIVE, "unarchive", /* */ "...........W", NULL },
	{ RC_TO_ERP, EV_LINK, "link", /*           */ "SSS.........", NULL },
	{ RC_TO_ERP, EV_TIE, "tie", /*             */ "SS..S.......", NULL },
	{ RC_TO_ERP, EV_ADOPT, "adopt", /*             */ "SSS.........", "............" },
	{ RC_TO_ERP, EV_UNLINK, "unlink", /*       */ ".....U...U..", NULL },
	{ RC_TO_ERP, EV_SET_APART, "apart", /*     */ "UU..........", "............" },
	{ RC_TO_ERP, EV_EXPORT, "export", /*       */ "...E........", NULL },
	{ RC_TO_ERP, EV_IMPORT, "import", /*       */ "............", NULL },
	{ RC_TO_ERP, EV_UNCHANGED, "unchanged", /* */ "...S........", NULL },
	{ RC_TO_ERP, EV_ANSWER_GOOD, "good", /*    */ "....SS......", NULL },
	{ RC_TO_ERP, EV_ANSWER_BAD, "bad", /*      */ "....F.......", NULL },
	{ RC_TO_ERP, EV_RETRIEVE, "retrieve", /*   */ "TTT.........", "............" },
	{ RC_TO_ERP, EV_RESEND, "resend", /*       */ "..W...WWW...", NULL },
	{ RC_TO_ERP, EV_VOID, "void", /*           */ "....W.......", NULL },
	{ RC_TO_ERP, EV_VOID_UPDATE, "update", /*  */ "....C.......", NULL },

	{ RC_FROM_ERP, EV_CONTENT, "content", /*     */ ".III...I..I.", NULL },
	{ RC_FROM_ERP, EV_CONTENT_LATE, "late", /*   */ ".....I......", NULL },
	{ RC_FROM_ERP, EV_HOLD, "hold", /*           */ ".H.H......H.", NULL },
	{ RC_FROM_ERP, EV_RELEASE, "release", /*     */ ".II.........", ".AI........." },
	{ RC_FROM_ERP, EV_REFUSE, "refuse", /*       */ ".R.R......R.", NULL },
	{ RC_FROM_ERP, EV_ACCEPT, "accept", /*       */ ".H........A.", "..........A." },
	{ RC_FROM_ERP, EV_REJECT, "reject", /*       */ "............", NULL },
	{ RC_FROM_ERP, EV_ARCHIVE, "archive", /*     */ ".VV....V..V.", "..V....V..V." },
	{ RC_FROM_ERP, EV_UNARCHIVE, "unarchive", /* */ "...........I", NULL },
	{ RC_FROM_ERP, EV_LINK, "link", /*           */ "............", NULL },
	{ RC_FROM_ERP, EV_TIE, "tie", /*             */ ".SSS......S.", NULL },
	{ RC_FROM_ERP, EV_ADOPT, "adopt", /*             */ ".S........S.", "............" },
	{ RC_FROM_ERP, EV_UNLINK, "unlink", /*       */ ".....I......", NULL },
	{ RC_FROM_ERP, EV_SET_APART, "apart", /*     */ ".U........U.", "............" },
	{ RC_FROM_ERP, EV_EXPORT, "export", /*       */ "............", NULL },
	{ RC_FROM_ERP, EV_IMPORT, "import", /*       */ "...S........", NULL },
	{ RC_FROM_ERP, EV_UNCHANGED, "unchanged", /* */ "............", NULL },
	{ RC_FROM_ERP, EV_ANSWER_GOOD, "good", /*    */ "............", NULL },
	{ RC_FROM_ERP, EV_ANSWER_BAD, "bad", /*      */ "............", NULL },
	{ RC_FROM_ERP, EV_RETRIEVE, "retrieve", /*   */ "............", NULL },
	{ RC_FROM_ERP, EV_RESEND, "resend", /*       */ ".......I....", NULL },
	{ RC_FROM_ERP, EV_VOID, "void", /*           */ ".....I......", NULL },
	{ RC_FROM_ERP, EV_VOID_UPDATE, "update", /*  */ "............", NULL },

	{ RC_AUTOMATIC, EV_CONTENT, "content", /*     */ ".A.A...A....", NULL },
	{ RC_AUTOMATIC, EV_CONTENT_LATE, "late", /*   */ ".....A......", NULL },
	{ RC_AUTOMATIC, EV_HOLD, "hold", /*           */ ".H.H........", NULL },
	{ RC_AUTOMATIC, EV_RELEASE, "release", /*     */ ".A..........", NULL },
	{ RC_AUTOMATIC, EV_REFUSE, "refuse", /*       */ ".R.R........", NULL },
	{ RC_AUTOMATIC, EV_ACCEPT, "accept", /*       */ "............", NULL },
	{ RC_AUTOMATIC, EV_REJECT, "reject", /*       */ "............", NULL },
	{ RC_AUTOMATIC, EV_ARCHIVE, "archive", /*     */ ".V..........", "............" },
	{ RC_AUTOMATIC, EV_UNARCHIVE, "unarchive", /* */ "...........A", NULL },
	{ RC_AUTOMATIC, EV_LINK, "link", /*           */ "............", NULL },
	{ RC_AUTOMATIC, EV_TIE, "tie", /*             */ "............", NULL },
	{ RC_AUTOMATIC, EV_ADOPT, "adopt", /*             */ "............", NULL },
	{ RC_AUTOMATIC, EV_UNLINK, "unlink", /*       */ "............", NULL },
	{ RC_AUTOMATIC, EV_SET_APART, "apart", /*     */ "............", NULL },
	{ RC_AUTOMATIC, EV_EXPORT, "export", /*       */ "............", NULL },
	{ RC_AUTOMATIC, EV_IMPORT, "import", /*       */ "...S........", NULL },
	{ RC_AUTOMATIC, EV_UNCHANGED, "unchanged", /* */ "............", NULL },
	{ RC_AUTOMATIC, EV_ANSWER_GOOD, "good", /*    */ "............", NULL },
	{ RC_AUTOMATIC, EV_ANSWER_BAD, "bad", /*      */ "............", NULL },
	{ RC_AUTOMATIC, EV_RETRIEVE, "retrieve", /*   */ "............", NULL },
	{ RC_AUTOMATIC, EV_RESEND, "resend", /*       */ ".......A....", NULL },
	{ RC_AUTOMATIC, EV_VOID, "void", /*           */ ".....A......", NULL },
	{ RC_AUTOMATIC, EV_VOID_UPDATE, "update", /*  */ "............", NULL },
};

static char
letter(int state)
{
	return state < 0 ? '.' : letters[state];
}

static void
every_state_and_event(void **state)
{
	size_t n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	assert_int_equal(n, 3 * EV_NEVENTS);
	for (size_t i = 0; i < n; i++)
		for (int accepted = 0; accepted < 2; accepted++) {
			const char *want = accepted && rows[i].accepted != NULL ? rows[i].accepted : rows[i].free;

			for (unsigned from = 0; from < ST_NSTATES; from++) {
				char got = letter(
				    state_next((enum item_state)from, rows[i].event, rows[i].cls, accepted != 0));

				if (got != want[from])
					fail_msg("class %d, %s of %s%s: %c, should be %c", rows[i].cls, rows[i].name,
					    state_word((enum item_state)from), accepted ? " (accepted)" : "", got,
					    want[from]);
			}
		}
}

static void
words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ST_NSTATES; i++) {
		enum item_state back = ST_NSTATES;

		assert_true(state_named(eg_bytes_str(state_word((enum item_state)i)), &back));
		assert_int_equal(back, i);
	}
	assert_string_equal(state_title(ST_FAILED), "Failed to Export");
	assert_string_equal(state_title(ST_CHANGED), "Ready to Update");
}

static void
unknown_word(void **state)
{
	enum item_state s = ST_SYNCED;

	(void)state;
	assert_false(state_named(EG_LIT("Synced"), &s));
	assert_false(state_named(EG_LIT(""), &s));
	assert_int_equal(s, ST_SYNCED);
}

static void
open_states(void **state)
{
	static const char open[] = "YYY...Y..YY.";

	(void)state;
	for (unsigned i = 0; i < ST_NSTATES; i++)
		assert_int_equal(state_open((enum item_state)i), open[i] == 'Y');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_and_event),
		cmocka_unit_test(words),
		cmocka_unit_test(unknown_word),
		cmocka_unit_test(open_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
