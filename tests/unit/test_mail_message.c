/* SPDX-License-Identifier: MIT
 *
 * Mail as bytes: which addresses pass, and what a mail looks like whatever its subject, names and text hold.
 */
#include "gateway/mail/address.h"
#include "gateway/mail/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- addresses ---- */

static void
addresses(void **state)
{
	static const char *const good[] = { "a@b", "ann@example.com", "ann.b+erp@mail.example.co.uk",
		"o'neil@example.com", "x_1@10.example" };
	static const char *const bad[] = { "", "ann", "@b", "a@", "a@b@c", "ann b@c", "a@b c", "<a@b>", "a@b,c@d",
		"a@b\nBcc: x@y", "\"a\"@b", "a..b@c", ".a@b", "a.@b", "a@.b", "a@b.", "-f@b", "a@-b", "j\xc3\xb6rg@b",
		"a@b;c", "a@b\t", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345@b" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!mail_address_good(eg_bytes_str(good[i])))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mail_address_good(eg_bytes_str(bad[i])))
			fail_msg("taken: %s", bad[i]);
}

/* ---- bytes ---- */

static void
a_plain_mail(void **state)
{
	struct mail_message m = { .from = "erpgate@example.com",
		.from_name = "",
		.to = "ann@example.com",
		.subject = "5 items wait",
		.text = "Five items.\n\nFrom here on = nothing.\n.\nTrailing \n",
		.id = "erpgate.x.M000001.1",
		.date = 1780000000 };
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	mail_render(&m, &b);
	assert_string_equal(eg_buf_cstr(&b), "From: <erpgate@example.com>\n"
					     "To: <ann@example.com>\n"
					     "Subject: 5 items wait\n"
					     "Date: Thu, 28 May 2026 20:26:40 +0000\n"
					     "Message-ID: <erpgate.x.M000001.1@example.com>\n"
					     "Auto-Submitted: auto-generated\n"
					     "MIME-Version: 1.0\n"
					     "Content-Type: text/plain; charset=UTF-8\n"
					     "Content-Transfer-Encoding: quoted-printable\n"
					     "\n"
					     "Five items.\n"
					     "\n"
					     "=46rom here on =3D nothing.\n"
					     "=2E\n"
					     "Trailing=20\n");
	eg_buf_done(&b);
}

/* A name that wants to be a header is text; what is not ASCII is encoded, in words that end with whole characters. */
static void
hostile_subjects(void **state)
{
	struct mail_message m = { .from = "e@x.example",
		.from_name = "N\xc3\xb6rd\r\nBcc: evil@y",
		.to = "ann@example.com",
		.subject = "a\r\nBcc: evil@example.com\r\n\r\nbody",
		.text = "\x1b[31mred\n",
		.id = "i",
		.date = 0 };
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	mail_render(&m, &b);
	struct eg_bytes all = eg_buf_view(&b);
	assert_true(eg_bytes_find(all, EG_LIT("\nBcc:")) == all.len);
	assert_true(eg_bytes_find(all, EG_LIT("\r")) == all.len);
	assert_true(eg_bytes_find(all, EG_LIT("\x1b")) == all.len);
	assert_true(eg_bytes_find(all, EG_LIT("Subject: a\\x0d\\x0aBcc: evil@example.com\\x0d\\x0a\\x0d\\x0abody\n")) <
		    all.len);
	assert_true(eg_bytes_starts(all, EG_LIT("From: =?UTF-8?B?TsO2cmRceDBkXHgwYUJjYzogZXZpbEB5?= <e@x.example>\n")));
	eg_buf_clear(&b);
	m.subject = "=?UTF-8?B?ZXZpbA==?=";
	mail_render(&m, &b);
	assert_true(
	    eg_bytes_find(eg_buf_view(&b), EG_LIT("Subject: =?UTF-8?B?PT9VVEYtOD9CP1pYWnBiQT09Pz0=?=\n")) < b.len);
	eg_buf_done(&b);
}

/* No line of any mail is longer than 76 characters and its LF; a long word of umlauts is cut between characters. */
static void
long_lines(void **state)
{
	struct eg_buf umlauts = EG_BUF_INIT, b = EG_BUF_INIT;
	struct eg_bytes rest, line;

	(void)state;
	for (int i = 0; i < 300; i++)
		eg_buf_str(&umlauts, "\xc3\xbc");
	struct mail_message m = { .from = "e@x.example",
		.from_name = eg_buf_cstr(&umlauts),
		.to = "ann@example.com",
		.subject = eg_buf_cstr(&umlauts),
		.text = eg_buf_cstr(&umlauts),
		.id = "i",
		.date = 0,
		.attached = "approval-sheet.csv",
		.attachment = eg_buf_view(&umlauts) };
	mail_render(&m, &b);
	rest = eg_buf_view(&b);
	while (eg_bytes_cut(&rest, '\n', &line)) {
		if (line.len > 76)
			fail_msg("%zu: %.*s", line.len, EG_FMT(line));
		/* 19 characters of two bytes in a full word */
		if (eg_bytes_starts(line, EG_LIT(" =?UTF-8?B?")) && line.len > 60 && !eg_bytes_ends(line, EG_LIT(">")))
			assert_true(eg_bytes_ends(line, EG_LIT("w7zDvMO8w7w=?=")));
	}
	assert_true(eg_bytes_ends(eg_buf_view(&b), EG_LIT("--=_i--\n")));
	eg_buf_done(&umlauts);
	eg_buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(a_plain_mail),
		cmocka_unit_test(hostile_subjects),
		cmocka_unit_test(long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
