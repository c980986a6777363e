/* SPDX-License-Identifier: MIT
 *
 * The entries of a damaged log, as far as they can be read: tile by tile, a missing or cut one passed over and counted. Nothing read here may be believed; it only helps to name
 * what happened.
 */
#include "base/fs.h"
#include "spool/log_int.h"
#include "spool/log_proof.h"

#define GIVE_UP 1000U /* tiles missing in a row: the size is no size of this log */
#define TILE_FILE_MAX ((size_t)LOG_TILE * (LOG_ENTRY_MAX + 2))

static int
walk_tile(struct eg_bytes rest, uint64_t first, unsigned width,
    int (*entry)(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err), void *ctx, struct log_walked *w,
    struct eg_err *err)
{
	unsigned i = 0;
	int rc = EG_OK;

	for (; rc >= 0 && i < width && rest.len >= 2; i++) {
		size_t len = (size_t)rest.ptr[0] << 8 | rest.ptr[1];
		if (rest.len - 2 < len)
			break;
		rc = entry(ctx, first + i, eg_bytes_sub(rest, 2, len), err);
		rest = eg_bytes_sub(rest, 2 + len, rest.len);
	}
	w->entries += i;
	w->missing += width - i;
	return rc;
}

int
log_walk(struct spool *s, uint64_t head,
    int (*entry)(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err), void *ctx,
    struct log_walked *ret, struct eg_err *err)
{
	struct eg_buf path = EG_BUF_INIT, file = EG_BUF_INIT;
	unsigned absent = 0;
	int rc = EG_OK;

	*ret = (struct log_walked){ 0 };
	for (uint64_t t = 0; rc >= 0 && t * LOG_TILE < head && absent < GIVE_UP; t++) {
		unsigned width = log_tile_width(LOG_ENTRIES, t, head);
		struct eg_err found = { 0 };
		log_tile_path(LOG_ENTRIES, t, width, &path);
		eg_buf_clear(&file);
		int got = eg_fs_read_file(s->archive, eg_buf_cstr(&path), TILE_FILE_MAX, &file, &found);
		absent = got < 0 ? absent + 1 : 0;
		if (got < 0 && got != EG_BADFILE && strcmp(found.code, "GONE") != 0) {
			*err = found;
			rc = got;
		} else
			rc = walk_tile(
			    got < 0 ? EG_NONE : eg_buf_view(&file), t * LOG_TILE, width, entry, ctx, ret, err);
	}
	eg_buf_done(&path);
	eg_buf_done(&file);
	return rc;
}
