/* SPDX-License-Identifier: MIT
 *
 * XML out: escaping of text and attribute values. Refuses characters that no XML 1.0 reader would take back.
 */
#include "formats/xml_write.h"

#include "base/utf8.h"

static bool
may_stand(uint32_t cp)
{
	return cp >= 0x20 ? cp != 0xFFFE && cp != 0xFFFF : cp == '\t' || cp == '\n' || cp == '\r';
}

/* Index of the first character that may not stand in XML, or v.len. */
static size_t
fitting(struct eg_bytes v)
{
	const size_t valid = eg_utf8_valid(v);
	const struct eg_bytes text = eg_bytes_sub(v, 0, valid);
	size_t pos = 0;

	while (pos < valid) {
		const size_t at = pos;

		if (!may_stand(eg_utf8_next(text, &pos)))
			return at;
	}
	return valid;
}

static const char *
escape_of(unsigned char b, bool attr)
{
	switch (b) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '"':
		return attr ? "&quot;" : NULL;
	case '\t':
		return attr ? "&#9;" : NULL;
	case '\n':
		return attr ? "&#10;" : NULL;
	default:
		return NULL;
	}
}

static int
put(struct eg_buf *out, struct eg_bytes v, bool attr, struct eg_err *err)
{
	const size_t good = fitting(v);
	size_t from = 0;

	if (good < v.len) {
		const int rc = eg_fail(err, EG_BADREC, "XML-CHAR",
		    "The value holds a character (byte 0x%02X) that XML cannot hold. Remove it at its source.",
		    v.ptr[good]);

		err->pos.off = good;
		return rc;
	}
	for (size_t i = 0; i < v.len; i++) {
		const char *escape = escape_of(v.ptr[i], attr);

		if (escape == NULL)
			continue;
		eg_buf_put(out, v.ptr + from, i - from);
		eg_buf_str(out, escape);
		from = i + 1;
	}
	eg_buf_put(out, v.ptr + from, v.len - from);
	return EG_OK;
}

int
fmt_xml_text(struct eg_buf *out, struct eg_bytes v, struct eg_err *err)
{
	return put(out, v, false, err);
}

int
fmt_xml_attr(struct eg_buf *out, struct eg_bytes v, struct eg_err *err)
{
	return put(out, v, true, err);
}

bool
fmt_xml_name_ok(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++) {
		const unsigned char b = v.ptr[i], lower = b | 0x20;
		const bool first = (lower >= 'a' && lower <= 'z') || b == '_';

		if (!first && (i == 0 || !((b >= '0' && b <= '9') || b == '.' || b == '-')))
			return false;
	}
	return v.len > 0;
}
