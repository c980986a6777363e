/* SPDX-License-Identifier: MIT
 *
 * Names of zip members. They are labels and never become paths here; still a name passes only if it would be harmless as
 * one, because people unpack the same archive by hand.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "formats/container_int.h"

#include <utf8proc.h>

static const char *
bad_part(struct eg_bytes part)
{
	if (part.len == 0 || eg_bytes_is(part, ".") || eg_bytes_is(part, ".."))
		return "has a name that leads out of its folder";
	return NULL;
}

const char *
fmt_zip_bad_name(struct eg_bytes name)
{
	struct eg_bytes rest = name, part;
	const char *why = NULL;

	if (name.len == 0 || name.len > EG_LIMIT_NAME)
		return "has a name that is empty or too long";
	if (eg_utf8_valid(name) != name.len)
		return "has a name that is not UTF-8";
	for (size_t pos = 0; pos < name.len;) {
		const uint32_t cp = eg_utf8_next(name, &pos);

		if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == '\\')
			return "has a control character or a backslash in its name";
	}
	const unsigned char letter = name.ptr[0] | 0x20;

	if (name.len >= 2 && name.ptr[1] == ':' && letter >= 'a' && letter <= 'z')
		return "has a name with a drive";
	while (why == NULL && eg_bytes_cut(&rest, '/', &part))
		why = bad_part(part);
	return why;
}

bool
fmt_zip_mac_leftover(struct eg_bytes name)
{
	size_t base = name.len;

	while (base > 0 && name.ptr[base - 1] != '/')
		base--;
	return eg_bytes_is(name, "__MACOSX") || eg_bytes_starts(name, EG_LIT("__MACOSX/")) ||
	       eg_bytes_starts(eg_bytes_sub(name, base, name.len), EG_LIT("._"));
}

struct eg_bytes
fmt_zip_fold(struct eg_bytes name)
{
	unsigned char *folded = NULL;
	const utf8proc_ssize_t n = utf8proc_map(name.ptr, (utf8proc_ssize_t)name.len, &folded,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);

	return n < 0 ? EG_NONE : eg_bytes(folded, (size_t)n);
}

static unsigned char
folded(unsigned char b)
{
	return b >= 'A' && b <= 'Z' ? b | 0x20 : b;
}

int
fmt_zip_by_folded_name(const void *left, const void *right)
{
	const struct eg_bytes a = *(const struct eg_bytes *)left, b = *(const struct eg_bytes *)right;

	for (size_t i = 0; i < a.len && i < b.len; i++) {
		if (folded(a.ptr[i]) != folded(b.ptr[i]))
			return folded(a.ptr[i]) < folded(b.ptr[i]) ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}
