/* SPDX-License-Identifier: MIT
 *
 * Reads a workbook of ours again, as a zip, and measures the rows of every sheet. Knows the shape of libxlsxwriter's sheets and nothing else
 * of the format; a workbook of other make has no business here.
 */
#include "formats/container.h"
#include "formats/xlsx_write_int.h"

/* Where a mark ends that begins with '<' and holds no other '<', in a stream. */
struct mark {
	const char *text;
	size_t matched;
	uint64_t end; /* 0 = not seen */
};

static void
mark_feed(struct mark *m, unsigned char b, uint64_t pos)
{
	if (b != (unsigned char)m->text[m->matched]) {
		m->matched = b == '<';
		return;
	}
	m->matched++;
	if (m->text[m->matched] == '\0') {
		m->end = pos + 1;
		m->matched = 0;
	}
}

static const char rows_begin[] = "<sheetData>", rows_end[] = "</sheetData>", sheet_end[] = "</worksheet>";

/* Bytes between the marks, or UINT64_MAX when the sheet is not whole. */
static int
rows_of(struct fmt_src src, uint64_t *ret, struct eg_err *err)
{
	struct mark begin = { rows_begin, 0, 0 }, end = { rows_end, 0, 0 }, last = { sheet_end, 0, 0 };
	unsigned char buf[16384];
	uint64_t pos = 0;
	size_t n;
	int rc;

	do {
		rc = src.read(src.ctx, buf, sizeof buf, &n, err);
		for (size_t i = 0; rc == EG_OK && i < n; i++, pos++) {
			if (begin.end == 0)
				mark_feed(&begin, buf[i], pos);
			mark_feed(&end, buf[i], pos);
			mark_feed(&last, buf[i], pos);
		}
	} while (rc == EG_OK && n > 0);
	if (rc != EG_OK)
		return rc;
	*ret = UINT64_MAX;
	if (begin.end > 0 && end.end >= begin.end + sizeof rows_end - 1 && last.end > end.end)
		*ret = end.end - (sizeof rows_end - 1) - begin.end;
	return EG_OK;
}

static int
mem_pread(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct eg_bytes *file = ctx;
	const struct eg_bytes part = eg_bytes_sub(*file, off, cap);

	(void)err;
	if (part.len > 0)
		memcpy(buf, part.ptr, part.len);
	*ret_n = part.len;
	return EG_OK;
}

/* "xl/worksheets/sheet12.xml" gives 12, all else 0. */
static uint64_t
sheet_number(struct eg_bytes name)
{
	const struct eg_bytes prefix = EG_LIT("xl/worksheets/sheet"), suffix = EG_LIT(".xml");
	uint64_t number;

	if (!eg_bytes_starts(name, prefix) || !eg_bytes_ends(name, suffix) ||
	    !eg_bytes_to_u64(eg_bytes_sub(name, prefix.len, name.len - prefix.len - suffix.len), &number))
		return 0;
	return number;
}

static int
check_members(struct fmt_zip *zip, const uint64_t *rows_len, size_t n, size_t *ret_good, struct eg_err *err)
{
	struct eg_bytes name;
	struct fmt_src src;
	uint64_t len;
	int rc;

	for (rc = fmt_zip_next(zip, &name, &src, err); rc == EG_OK; rc = fmt_zip_next(zip, &name, &src, err)) {
		const uint64_t number = sheet_number(name);

		if (number == 0 || number > n)
			continue;
		rc = rows_of(src, &len, err);
		if (rc != EG_OK)
			return rc;
		*ret_good += len == rows_len[number - 1];
	}
	return rc == EG_EOF ? EG_OK : rc;
}

int
fmt_xlsx_check(struct eg_bytes file, const uint64_t *rows_len, size_t n, struct eg_err *err)
{
	const struct fmt_random in = { mem_pread, &file, file.len };
	struct fmt_zip *zip = NULL;
	size_t good = 0;
	int rc;

	rc = fmt_zip_open(in, &zip, err);
	if (rc == EG_OK)
		rc = check_members(zip, rows_len, n, &good, err);
	fmt_zip_free(zip);
	if ((rc == EG_OK && good == n) || (rc != EG_OK && strcmp(err->code, "F-03") != 0))
		return rc;
	return eg_fail(err, EG_RETRY, "DISK-FULL",
	    "A workbook came out incomplete: the folder for temporary files (TMPDIR, else /tmp) is probably full. Nothing was "
	    "published. Make room there and repeat.");
}
