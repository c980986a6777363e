/* SPDX-License-Identifier: MIT
 *
 * The line lexer of settings and adapters. One bad line is reported and passed over, so that a checker can name them all.
 */
#include "base/ini.h"

#include "base/utf8.h"

#define LINE_MAX_BYTES 4096

void
eg_ini_init(struct eg_ini *ini, struct eg_bytes text)
{
	*ini = (struct eg_ini){ .text = text };
	if (eg_bytes_starts(text, EG_LIT("\xef\xbb\xbf")))
		ini->pos = 3;
}

static uint32_t
column(struct eg_bytes line, const unsigned char *at)
{
	return (uint32_t)eg_utf8_count(eg_bytes_sub(line, 0, (size_t)(at - line.ptr))) + 1;
}

static int
bad(struct eg_err *err, const struct eg_ini_line *l, const unsigned char *at, const char *code, const char *msg)
{
	int rc = eg_fail(err, EG_BADREC, code, "%s", msg);

	eg_err_at(err, (struct eg_pos){ .line = l->line, .col = at == NULL ? 1 : column(l->whole, at) });
	return rc;
}

/* Index of the first `c` outside quotes; '#' counts only behind two blanks. len when there is none; *ret_open tells of a quote that never closes. */
static size_t
find_outside(struct eg_bytes v, unsigned char c, bool *ret_open)
{
	bool quoted = false;

	*ret_open = false;
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '"')
			quoted = !quoted;
		else if (quoted && v.ptr[i] == '\\' && i + 1 < v.len)
			i++;
		else if (!quoted && v.ptr[i] == c &&
			 (c != '#' || (i >= 2 && (v.ptr[i - 1] == ' ' || v.ptr[i - 1] == '\t') &&
					  (v.ptr[i - 2] == ' ' || v.ptr[i - 2] == '\t'))))
			return i;
	}
	*ret_open = quoted;
	return v.len;
}

static size_t
find_control(struct eg_bytes v)
{
	size_t i = 0;

	while (i < v.len && v.ptr[i] != 0x7f && (v.ptr[i] >= 0x20 || v.ptr[i] == '\t'))
		i++;
	return i;
}

static int
section(struct eg_bytes v, struct eg_ini_line *ret, struct eg_err *err)
{
	struct eg_bytes inner = eg_bytes_trim(eg_bytes_sub(v, 1, v.len - 1));

	if (inner.len == 0 || inner.ptr[inner.len - 1] != ']')
		return bad(err, ret, v.ptr, "INI-SECTION", "a section begins with [ but has no ] at its end");
	bool open;
	if (find_outside(inner, ']', &open) != inner.len - 1)
		return bad(err, ret, v.ptr, "INI-SECTION",
		    "a section ends with its first ], and its quotes are closed before it");
	inner = eg_bytes_trim(eg_bytes_sub(inner, 0, inner.len - 1));
	size_t blank = 0;
	while (blank < inner.len && inner.ptr[blank] != ' ' && inner.ptr[blank] != '\t')
		blank++;
	ret->kind = EG_INI_SECTION;
	ret->key = eg_bytes_sub(inner, 0, blank);
	ret->value = eg_bytes_trim(eg_bytes_sub(inner, blank, inner.len));
	if (ret->value.len >= 2 && ret->value.ptr[0] == '"' && ret->value.ptr[ret->value.len - 1] == '"')
		ret->value = eg_bytes_sub(ret->value, 1, ret->value.len - 2);
	if (ret->key.len == 0)
		return bad(err, ret, v.ptr, "INI-SECTION", "a section needs a name between [ and ]");
	ret->key_col = column(ret->whole, ret->key.ptr);
	ret->value_col = column(ret->whole, ret->value.ptr);
	return EG_OK;
}

static int
entry(const struct eg_ini *ini, struct eg_bytes v, struct eg_ini_line *ret, struct eg_err *err)
{
	bool open;
	size_t eq = find_outside(v, '=', &open);

	if (ini->texts) {
		ret->kind = EG_INI_TEXT;
		ret->key = EG_NONE;
		ret->value = v;
		ret->key_col = ret->value_col = column(ret->whole, v.ptr);
		return EG_OK;
	}
	if (eq == v.len)
		return bad(err, ret, v.ptr, open ? "INI-QUOTE" : "INI-LINE",
		    open ? "a quote is opened and never closed in this line" :
			   "this line has no \"=\"; write key = value");
	ret->kind = EG_INI_ENTRY;
	ret->key = eg_bytes_trim(eg_bytes_sub(v, 0, eq));
	ret->value = eg_bytes_trim(eg_bytes_sub(v, eq + 1, v.len));
	if (ret->key.len == 0)
		return bad(err, ret, v.ptr, "INI-LINE", "there is nothing before the \"=\"; write key = value");
	if (ret->key.len >= 2 && ret->key.ptr[0] == '"' && ret->key.ptr[ret->key.len - 1] == '"')
		ret->key = eg_bytes_sub(ret->key, 1, ret->key.len - 2);
	ret->key_col = column(ret->whole, ret->key.ptr);
	ret->value_col = ret->value.len > 0 ? column(ret->whole, ret->value.ptr) : column(ret->whole, v.ptr + v.len);
	(void)find_outside(ret->value, '#', &open);
	if (open)
		return bad(err, ret, ret->value.ptr, "INI-QUOTE", "a quote is opened and never closed in this line");
	return EG_OK;
}

int
eg_ini_next(struct eg_ini *ini, struct eg_ini_line *ret, struct eg_err *err)
{
	while (ini->pos < ini->text.len) {
		struct eg_bytes rest = eg_bytes_sub(ini->text, ini->pos, ini->text.len), line;
		size_t end = eg_bytes_chr(rest, '\n');
		bool open;
		line = eg_bytes_sub(rest, 0, end);
		ini->pos += end + 1;
		ini->line++;
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line = eg_bytes_sub(line, 0, line.len - 1);
		*ret = (struct eg_ini_line){ .line = ini->line, .whole = line };
		if (line.len > LINE_MAX_BYTES)
			return bad(err, ret, NULL, "INI-LONG", "this line is longer than 4096 bytes");
		size_t good = eg_utf8_valid(line);
		if (good < line.len)
			return bad(err, ret, line.ptr + good, "INI-UTF8",
			    "this line is not UTF-8 text; save the file as UTF-8");
		size_t control = find_control(line);
		if (control < line.len)
			return bad(err, ret, line.ptr + control, "INI-CHAR",
			    "a control character stands here; remove it (only TAB may stand in a line, lines end with LF or CRLF)");
		struct eg_bytes v = eg_bytes_trim(line);
		if (v.len == 0 || v.ptr[0] == '#')
			continue;
		v = eg_bytes_trim(eg_bytes_sub(v, 0, find_outside(v, '#', &open)));
		return v.ptr[0] == '[' ? section(v, ret, err) : entry(ini, v, ret, err);
	}
	return EG_EOF;
}
