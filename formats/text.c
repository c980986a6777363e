/* SPDX-License-Identifier: MIT
 *
 * Encodings by name, byte order marks, and conversion through iconv. The converters are opened once per process and
 * shared by all readers and writers: one thread only. Refuses every name that is not on the list, and bytes that do
 * not fit.
 */
#include "formats/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

static const char *const enc_names[FMT_NENC] = {
	[FMT_UTF8] = "UTF-8",
	[FMT_UTF16LE] = "UTF-16LE",
	[FMT_UTF16BE] = "UTF-16BE",
	[FMT_LATIN1] = "ISO-8859-1",
	[FMT_CP1252] = "windows-1252",
	[FMT_ASCII] = "US-ASCII",
	[FMT_UTF8_ELSE_1252] = "UTF-8 or windows-1252",
};

/* What a file or an adapter may declare. */
static const struct {
	const char *name;
	enum fmt_enc enc;
} declared[] = {
	{ "utf-8", FMT_UTF8 },
	{ "utf-16", FMT_UTF16LE },
	{ "iso-8859-1", FMT_LATIN1 },
	{ "windows-1252", FMT_CP1252 },
	{ "us-ascii", FMT_ASCII },
};

static const struct {
	struct eg_bytes mark;
	enum fmt_enc enc;
} boms[] = {
	{ { (const unsigned char *)"\xef\xbb\xbf", 3 }, FMT_UTF8 },
	{ { (const unsigned char *)"\xff\xfe", 2 }, FMT_UTF16LE },
	{ { (const unsigned char *)"\xfe\xff", 2 }, FMT_UTF16BE },
};

/* Between enc and UTF-8; glibc finds all six names. */
static struct converter {
	bool open;
	iconv_t to_utf8, from_utf8;
} converters[FMT_NENC];

bool
fmt_enc_named(struct eg_bytes name, enum fmt_enc *ret)
{
	for (size_t i = 0; i < sizeof declared / sizeof declared[0]; i++) {
		if (name.len == strlen(declared[i].name) &&
		    strncasecmp((const char *)name.ptr, declared[i].name, name.len) == 0) {
			*ret = declared[i].enc;
			return true;
		}
	}
	return false;
}

const char *
fmt_enc_name(enum fmt_enc e)
{
	eg_check((unsigned)e < FMT_NENC);
	return enc_names[e];
}

bool
fmt_bom(struct eg_bytes head, enum fmt_enc *ret, size_t *ret_len)
{
	for (size_t i = 0; i < sizeof boms / sizeof boms[0]; i++) {
		if (eg_bytes_starts(head, boms[i].mark)) {
			*ret = boms[i].enc;
			*ret_len = boms[i].mark.len;
			return true;
		}
	}
	*ret_len = 0;
	return false;
}

static int
converter_open(enum fmt_enc enc, struct eg_err *err)
{
	eg_check((unsigned)enc < FMT_NENC);
	if (enc == FMT_UTF8_ELSE_1252)
		enc = FMT_CP1252;
	struct converter *c = &converters[enc];
	if (c->open)
		return EG_OK;
	const char *name = enc_names[enc];
	const iconv_t none = (iconv_t)-1;
	c->to_utf8 = iconv_open("UTF-8", name);
	if (c->to_utf8 == none)
		goto fail;
	c->from_utf8 = iconv_open(name, "UTF-8");
	if (c->from_utf8 == none) {
		iconv_close(c->to_utf8);
		goto fail;
	}
	c->open = true;
	return EG_OK;
fail:
	return eg_fail_sys(err, EG_FATAL, "ICONV", errno,
	    "the C library cannot convert %s; install its character tables (gconv modules)", name);
}

int
fmt_text_preload(struct eg_err *err)
{
	for (unsigned e = 0; e < FMT_NENC; e++) {
		int rc = converter_open((enum fmt_enc)e, err);
		if (rc < 0)
			return rc;
	}
	return EG_OK;
}

/* Appends what converts; the number of bytes of v that did. */
static size_t
convert(iconv_t cd, struct eg_bytes v, struct eg_buf *ret)
{
	(void)iconv(cd, NULL, NULL, NULL, NULL);
	/* iconv's signature lacks a const, its contract does not */
	union {
		const unsigned char *in;
		char *out;
	} p = { .in = v.ptr };
	size_t left = v.len;
	bool stuck = false;
	while (left > 0 && !stuck) {
		char block[4096];
		char *end = block;
		size_t room = sizeof block;
		stuck = iconv(cd, &p.out, &left, &end, &room) == (size_t)-1 && errno != E2BIG;
		eg_buf_put(ret, block, sizeof block - room);
	}
	return v.len - left;
}

static size_t
to_utf8(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret)
{
	if (enc != FMT_UTF8)
		return convert(converters[enc].to_utf8, v, ret);
	size_t good = eg_utf8_valid(v);
	eg_buf_add(ret, eg_bytes_sub(v, 0, good));
	return good;
}

/* A letter of windows-1252 among UTF-8 is what a spreadsheet leaves that saved the file as plain "CSV". */
static const char *
as_1252(enum fmt_enc enc, unsigned char byte)
{
	return enc == FMT_UTF8 && byte >= 0xc0 ?
	           " (a spreadsheet probably saved it as windows-1252: choose \"CSV UTF-8\" when saving)" :
	           "";
}

int
fmt_to_utf8(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret, struct eg_err *err)
{
	int rc = converter_open(enc, err);
	if (rc < 0)
		return rc;
	if (enc == FMT_UTF8_ELSE_1252)
		enc = eg_utf8_valid(v) == v.len ? FMT_UTF8 : FMT_CP1252;
	size_t good = to_utf8(enc, v, ret);
	if (good == v.len)
		return EG_OK;
	rc = eg_fail(err, EG_BADFILE, "F-02",
	    "byte 0x%02X does not fit the encoding %s; save the file as %s or declare the encoding it really has%s",
	    (unsigned)v.ptr[good], enc_names[enc], enc_names[enc], as_1252(enc, v.ptr[good]));
	err->pos.off = good;
	return rc;
}

/* glibc drops the tag characters U+E0000-E007F without a word when the target lacks them. No 8-bit set has any
 * character of four bytes in UTF-8, so conversion stops before the first of them. */
static struct eg_bytes
before_four_bytes(struct eg_bytes v)
{
	size_t n = 0;
	while (n < v.len && v.ptr[n] < 0xf0)
		n++;
	return eg_bytes_sub(v, 0, n);
}

int
fmt_from_utf8(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret, struct eg_err *err)
{
	int rc = converter_open(enc, err);
	if (rc < 0)
		return rc;
	bool all = enc == FMT_UTF8 || enc == FMT_UTF16LE || enc == FMT_UTF16BE;
	size_t good = convert(converters[enc].from_utf8, all ? v : before_four_bytes(v), ret);
	if (good == v.len)
		return EG_OK;
	size_t at = good;
	rc = eg_fail(err, EG_BADREC, "CSV-ENCODING",
	    "character U+%04X does not exist in %s; change the value or the target's encoding",
	    (unsigned)eg_utf8_next(v, &at), enc_names[enc]);
	err->pos.off = good;
	return rc;
}
