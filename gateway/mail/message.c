/* SPDX-License-Identifier: MIT
 *
 * Rendering a mail. Tests: tests/unit/test_mail_message.c.
 */
#include "gateway/mail/message.h"

#include "base/date.h"

#define LINE 76 /* characters of an encoded line */
#define WORD_BYTES 39 /* of text in one encoded word: 52 characters of base64 and the frame fit behind "Subject: " */

/* ---- base64 ---- */

static void
base64(struct eg_buf *b, struct eg_bytes v, size_t line)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < v.len; i += 3) {
		size_t n = v.len - i < 3 ? v.len - i : 3;
		uint32_t x =
		    (uint32_t)v.ptr[i] << 16 | (n > 1 ? (uint32_t)v.ptr[i + 1] << 8 : 0) | (n > 2 ? v.ptr[i + 2] : 0);
		if (line > 0 && i > 0 && i / 3 * 4 % line == 0)
			eg_buf_chr(b, '\n');
		for (size_t k = 0; k < 4; k++)
			eg_buf_chr(b, k <= n ? (unsigned char)digits[x >> (18 - 6 * k) & 63] : '=');
	}
}

/* ---- headers ---- */

static bool
plain(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < ' ' || v.ptr[i] > '~')
			return false;
	/* What looks like an encoded word would be decoded. */
	return v.len <= 60 && eg_bytes_find(v, EG_LIT("=?")) == v.len;
}

/* Bytes of v that make whole characters, at most `most`; v is UTF-8. */
static size_t
whole_characters(struct eg_bytes v, size_t most)
{
	size_t n = v.len < most ? v.len : most;

	while (n < v.len && n > 0 && (v.ptr[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Encoded words (RFC 2047), each but the first on a line of its own. */
static void
encoded(struct eg_buf *b, struct eg_bytes v)
{
	for (bool first = true; v.len > 0; first = false) {
		size_t n = whole_characters(v, WORD_BYTES);
		eg_buf_str(b, first ? "=?UTF-8?B?" : "\n =?UTF-8?B?");
		base64(b, eg_bytes_sub(v, 0, n), 0);
		eg_buf_str(b, "?=");
		v = eg_bytes_sub(v, n, v.len);
	}
}

/* A display name is encoded always: one in quotes has rules of its own. */
static void
header_text(struct eg_buf *b, const char *text, bool always)
{
	struct eg_buf shown = EG_BUF_INIT;

	eg_buf_escaped(&shown, eg_bytes_str(text)); /* no line feed, no bytes that are not UTF-8 from here on */
	if (!always && plain(eg_buf_view(&shown)))
		eg_buf_add(b, eg_buf_view(&shown));
	else
		encoded(b, eg_buf_view(&shown));
	eg_buf_done(&shown);
}

/* "Sun, 22 Nov 2026 01:00:00 +0000" */
static void
header_date(struct eg_buf *b, int64_t at)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	struct eg_date d = eg_date_of_time(at);
	char text[EG_TIME_TEXT];

	eg_check(at >= 0 && eg_date_valid(d));
	eg_time_print(text, at);
	eg_buf_printf(b, "%s, %02u %s %04d %.8s +0000", days[at / 86400 % 7], (unsigned)d.day, months[d.month - 1],
	    d.year, text + 11);
}

/* ---- bodies ---- */

/* A byte that stands for itself; at a line's end no blank, and at its beginning nothing that a mailbox takes for something else. */
static bool
is_literal(unsigned char c, bool line_end)
{
	return (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !line_end);
}

static void
quoted_line(struct eg_buf *b, struct eg_bytes line)
{
	size_t col = 0;

	for (size_t i = 0; i < line.len; i++) {
		bool hazard = i == 0 && (line.ptr[0] == '.' || eg_bytes_starts(line, EG_LIT("From ")));
		bool literal = is_literal(line.ptr[i], i + 1 == line.len) && !hazard;
		if (col + (literal ? 1 : 3) > LINE - 1) {
			eg_buf_str(b, "=\n");
			col = 0;
		}
		if (literal)
			eg_buf_chr(b, line.ptr[i]);
		else
			eg_buf_printf(b, "=%02X", line.ptr[i]);
		col += literal ? 1 : 3;
	}
	eg_buf_chr(b, '\n');
}

static void
text_part(struct eg_buf *b, const char *text)
{
	struct eg_bytes rest = eg_bytes_str(text), line;

	eg_buf_str(b, "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n");
	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &line)) {
		struct eg_buf shown = EG_BUF_INIT;
		eg_buf_escaped(&shown, line);
		quoted_line(b, eg_buf_view(&shown));
		eg_buf_done(&shown);
	}
}

static void
attachment_part(struct eg_buf *b, const struct mail_message *m)
{
	eg_buf_printf(b,
	    "Content-Type: text/%s; charset=UTF-8; name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\"\n"
	    "Content-Transfer-Encoding: base64\n\n",
	    eg_bytes_ends(eg_bytes_str(m->attached), EG_LIT(".csv")) ? "csv" : "plain", m->attached, m->attached);
	base64(b, m->attachment, LINE);
	eg_buf_chr(b, '\n');
}

void
mail_render(const struct mail_message *m, struct eg_buf *ret)
{
	const char *host = strchr(m->from, '@');

	eg_buf_str(ret, "From: ");
	if (*m->from_name != '\0') {
		header_text(ret, m->from_name, true);
		eg_buf_chr(ret, ' ');
	}
	eg_buf_printf(ret, "<%s>\nTo: <%s>\nSubject: ", m->from, m->to);
	header_text(ret, m->subject, false);
	eg_buf_str(ret, "\nDate: ");
	header_date(ret, m->date);
	eg_buf_printf(ret, "\nMessage-ID: <%s%s>\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n", m->id,
	    host == NULL ? "@localhost" : host);
	if (m->attached == NULL) {
		text_part(ret, m->text);
		return;
	}
	/* "=_" can stand neither in quoted-printable nor in base64. */
	eg_buf_printf(ret, "Content-Type: multipart/mixed; boundary=\"=_%s\"\n\n--=_%s\n", m->id, m->id);
	text_part(ret, m->text);
	eg_buf_printf(ret, "\n--=_%s\n", m->id);
	attachment_part(ret, m);
	eg_buf_printf(ret, "--=_%s--\n", m->id);
}
