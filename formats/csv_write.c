/* SPDX-License-Identifier: MIT
 *
 * CSV out: quoting, row ends, and the one place where a character that the target's encoding lacks is refused. Nothing is
 * transliterated here (formats/fit.c does that before). A row is written whole or not at all.
 */
#include "formats/csv_write.h"

static unsigned char
delim_of(const struct fmt_csv_style *s)
{
	return s->delim == 0 ? ',' : s->delim;
}

/* -?[0-9]+(\.[0-9]+)?: what a sheet program takes as a number and never as a formula. */
static bool
is_plain_number(struct eg_bytes v)
{
	size_t i = v.len > 0 && v.ptr[0] == '-' ? 1 : 0, digits = 0;
	bool point = false;
	for (; i < v.len; i++) {
		if (v.ptr[i] >= '0' && v.ptr[i] <= '9') {
			digits++;
		} else if (v.ptr[i] == '.' && !point && digits > 0) {
			point = true;
			digits = 0;
		} else {
			return false;
		}
	}
	return digits > 0;
}

static bool
needs_quotes(const struct fmt_csv_style *s, struct eg_bytes v)
{
	unsigned char delim = delim_of(s);
	for (size_t i = 0; i < v.len; i++) {
		unsigned char b = v.ptr[i];
		if (b == delim || b == '"' || b == '\r' || b == '\n')
			return true;
	}
	return false;
}

static bool
is_quoted(const struct fmt_csv_style *s, struct eg_bytes v)
{
	switch (s->quote) {
	case FMT_QUOTE_NEEDED:
		return needs_quotes(s, v);
	case FMT_QUOTE_ALWAYS:
		return true;
	case FMT_QUOTE_NEVER:
		return false;
	case FMT_QUOTE_TEXT:
		return !is_plain_number(v);
	}
	eg_bug("quote style %d", (int)s->quote);
}

/* What a sheet program would run as a formula; some take the wide forms of = + - @ for the plain ones. */
static bool
is_formula(struct eg_bytes v)
{
	static const bool starts[256] = {
		['='] = true, ['+'] = true, ['-'] = true, ['@'] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true
	};
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };

	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (eg_bytes_starts(v, eg_bytes_str(wide[i])))
			return true;
	return v.len > 0 && starts[v.ptr[0]] && !is_plain_number(v);
}

static int
put_text(const struct fmt_csv_style *s, struct eg_bytes v, struct eg_buf *out, struct eg_err *err)
{
	if (s->enc != FMT_UTF8)
		return fmt_from_utf8(s->enc, v, out, err);
	eg_buf_add(out, v);
	return EG_OK;
}

static int
put_quoted(const struct fmt_csv_style *s, bool apostrophe, struct eg_bytes v, struct eg_buf *out, struct eg_err *err)
{
	eg_buf_str(out, apostrophe ? "\"'" : "\"");
	struct eg_bytes part;
	for (size_t from = 0; from < v.len; from += part.len) {
		part = eg_bytes_sub(v, from, v.len - from);
		size_t quote = eg_bytes_chr(part, '"');
		part = eg_bytes_sub(part, 0, quote + 1);
		int rc = put_text(s, part, out, err);
		if (rc < 0)
			return rc;
		if (quote < part.len)
			eg_buf_chr(out, '"');
	}
	eg_buf_chr(out, '"');
	return EG_OK;
}

static bool
breaks_row(const struct fmt_csv_style *s, struct eg_bytes v)
{
	return eg_bytes_chr(v, delim_of(s)) < v.len || eg_bytes_chr(v, '\r') < v.len || eg_bytes_chr(v, '\n') < v.len;
}

static int
put_cell(const struct fmt_csv_style *s, struct eg_bytes v, struct eg_buf *out, struct eg_err *err)
{
	bool apostrophe = s->for_people && is_formula(v);
	if (is_quoted(s, v))
		return put_quoted(s, apostrophe, v, out, err);
	if (s->quote == FMT_QUOTE_NEVER && breaks_row(s, v))
		return eg_fail(err, EG_BADREC, "CSV-UNQUOTABLE",
		    "the value holds a delimiter or a line break, and this target takes no quotes; change the value");
	if (apostrophe)
		eg_buf_chr(out, '\'');
	return put_text(s, v, out, err);
}

void
fmt_csv_begin(const struct fmt_csv_style *s, struct eg_buf *out)
{
	if (s->bom)
		eg_buf_str(out, "\xef\xbb\xbf");
}

int
fmt_csv_row(
    const struct fmt_csv_style *s, const struct eg_bytes *cells, size_t n, struct eg_buf *out, struct eg_err *err)
{
	/* quotes and delimiters are written as single bytes */
	eg_check(s->enc != FMT_UTF16LE && s->enc != FMT_UTF16BE);
	size_t before = out->len;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			eg_buf_chr(out, delim_of(s));
		int rc = put_cell(s, cells[i], out, err);
		if (rc < 0) {
			out->len = before;
			if (out->ptr != NULL)
				out->ptr[before] = '\0';
			err->pos = (struct eg_pos){ .col = (uint32_t)i + 1 };
			return rc;
		}
	}
	eg_buf_str(out, s->lf ? "\n" : "\r\n");
	return EG_OK;
}
