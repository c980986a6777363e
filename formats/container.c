/* SPDX-License-Identifier: MIT
 *
 * What a file is by its first bytes: containers that are opened, and archives that are refused inside of one.
 */
#include "formats/container.h"

#include "formats/container_int.h"

enum fmt_container
fmt_container_of(struct eg_bytes head)
{
	if (eg_bytes_starts(head, EG_LIT("PK\3\4")) || eg_bytes_starts(head, EG_LIT("PK\5\6")) ||
	    eg_bytes_starts(head, EG_LIT("PK\7\10")))
		return FMT_ZIP;
	if (eg_bytes_starts(head, EG_LIT("\x1f\x8b")))
		return FMT_GZIP;
	if (eg_bytes_starts(head, EG_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
		return FMT_OLE;
	return FMT_PLAIN;
}

const char *
fmt_archive_named(struct eg_bytes head)
{
	static const struct {
		const char *name;
		unsigned char magic[7];
		size_t len;
	} table[] = {
		{ "zip", "PK\3\4", 4 },
		{ "zip", "PK\5\6", 4 },
		{ "zip", "PK\7\10", 4 },
		{ "gzip", "\x1f\x8b", 2 },
		{ "7z", "7z\xbc\xaf\x27\x1c", 6 },
		{ "rar", "Rar!\x1a\x07", 6 },
		{ "xz",
		    "\xfd"
		    "7zXZ",
		    5 },
		{ "zstd", "\x28\xb5\x2f\xfd", 4 },
	};
	/* bzip2's magic is four printable characters; the block mark behind them makes it safe to judge. */
	const bool bzip2 =
	    eg_bytes_starts(head, EG_LIT("BZh")) && head.len >= 10 &&
	    (memcmp(head.ptr + 4, "1AY&SY", 6) == 0 || memcmp(head.ptr + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (eg_bytes_starts(head, eg_bytes(table[i].magic, table[i].len)))
			return table[i].name;
	}
	return bzip2 ? "bzip2" : NULL;
}

const char *
fmt_grouped(char ret[FMT_GROUPED], uint64_t n)
{
	char digits[24];
	const int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	size_t k = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			ret[k++] = ',';
		ret[k++] = digits[i];
	}
	ret[k] = '\0';
	return ret;
}
