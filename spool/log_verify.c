/* SPDX-License-Identifier: MIT
 *
 * Recomputes a log from its entries alone: every leaf, every tile, the root, and compares with what is on disk and
 * signed. Stops at the first thing wrong and says it in a sentence. Trusts nothing that it could compute.
 */
#include "base/fs.h"
#include "spool/log_int.h"

#include <errno.h>
#include <inttypes.h>

#define TILE_FILE_MAX ((size_t)LOG_TILE * (LOG_ENTRY_MAX + 2))

struct verify {
	struct spool *s;
	int (*entry)(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err);
	void *ctx;
	struct log_checkpoint head;
	struct log_levels levels;
	struct eg_buf file, path;
	char *problem; /* EG_MSG_MAX; empty = nothing wrong so far */
	enum log_fault fault;
};

static int EG_PRINTF(3, 4) wrong(struct verify *v, enum log_fault fault, const char *fmt, ...)
{
	va_list ap;
	v->fault = fault;
	va_start(ap, fmt);
	(void)vsnprintf(v->problem, EG_MSG_MAX, fmt, ap);
	va_end(ap);
	return EG_EOF;
}

/* EG_EOF = something is wrong and said; the walk ends. */
static int
read_tile(struct verify *v, int level, uint64_t index, unsigned width, struct eg_err *err)
{
	struct eg_err found = { 0 };
	log_tile_path(level, index, width, &v->path);
	eg_buf_clear(&v->file);
	int rc = eg_fs_read_file(v->s->archive, eg_buf_cstr(&v->path), TILE_FILE_MAX, &v->file, &found);
	if (rc >= 0) {
		return EG_OK;
	}
	if (strcmp(found.code, "GONE") == 0) {
		return wrong(v, LOG_GAP,
		    "There is a gap: archive/%s is missing, though the checkpoint covers %" PRIu64 " entries.",
		    eg_buf_cstr(&v->path), v->head.size);
	}
	if (rc == EG_BADFILE) {
		return wrong(v, LOG_CHANGED, "archive/%s cannot be a tile: %.200s", eg_buf_cstr(&v->path), found.msg);
	}
	*err = found;
	return rc;
}

static int
check_tile(struct verify *v, int level, uint64_t index, unsigned width, struct eg_err *err)
{
	const struct eg_buf *row = &v->levels.hash[level];
	int rc = read_tile(v, level, index, width, err);
	if (rc != EG_OK || eg_bytes_eq(eg_buf_view(&v->file), eg_buf_view(row))) {
		return rc;
	}
	size_t at = 0;
	while (at < row->len && at < v->file.len && row->ptr[at] == v->file.ptr[at]) {
		at++;
	}
	uint64_t span = UINT64_C(1) << (8 * level), first = (index * LOG_TILE + at / EG_SHA256_LEN) * span;
	if (v->file.len != row->len) {
		return wrong(v, LOG_CHANGED, "archive/%s has %zu bytes instead of %zu.", eg_buf_cstr(&v->path),
		    v->file.len, row->len);
	}
	if (level == 0) {
		return wrong(v, LOG_CHANGED,
		    "Entry %" PRIu64
		    " does not have the hash that archive/%s holds for it: one of the two was changed.",
		    first, eg_buf_cstr(&v->path));
	}
	return wrong(v, LOG_CHANGED,
	    "archive/%s was changed: its hash over the entries %" PRIu64 " to %" PRIu64 " is not theirs.",
	    eg_buf_cstr(&v->path), first, first + span - 1);
}

static int
add_hash(struct verify *v, const unsigned char leaf[EG_SHA256_LEN], struct eg_err *err)
{
	unsigned char h[EG_SHA256_LEN];
	memcpy(h, leaf, sizeof(h));
	v->levels.size++;
	for (int level = 0; level < LOG_LEVELS; level++) {
		struct eg_buf *row = &v->levels.hash[level];
		eg_buf_put(row, h, sizeof(h));
		if (row->len < (size_t)LOG_TILE * EG_SHA256_LEN) {
			return EG_OK;
		}
		int rc = check_tile(v, level, (v->levels.size >> (8 * level)) / LOG_TILE - 1, LOG_TILE, err);
		if (rc != EG_OK) {
			return rc;
		}
		log_tile_root(eg_buf_view(row), h);
		eg_buf_clear(row);
	}
	return EG_OK;
}

/* One entry tile: `width` entries, each behind its length, and nothing else. check_tile reads other files, so the
 * content is moved out first. */
static int
check_entries(struct verify *v, uint64_t index, unsigned width, struct eg_err *err)
{
	int rc = read_tile(v, LOG_ENTRIES, index, width, err);
	struct eg_buf file = v->file;
	v->file = (struct eg_buf)EG_BUF_INIT;
	struct eg_bytes rest = eg_buf_view(&file);
	for (uint64_t i = index * LOG_TILE; rc == EG_OK && i < index * LOG_TILE + width; i++) {
		unsigned char leaf[EG_SHA256_LEN];
		size_t len = rest.len < 2 ? 0 : (size_t)rest.ptr[0] << 8 | rest.ptr[1];
		if (rest.len < 2 || rest.len - 2 < len) {
			rc = wrong(v, LOG_CHANGED,
			    "archive/%s is cut inside entry %" PRIu64 ", or a length in it was changed.",
			    eg_buf_cstr(&v->path), i);
			break;
		}
		struct eg_bytes line = eg_bytes_sub(rest, 2, len);
		rest = eg_bytes_sub(rest, 2 + len, rest.len);
		log_leaf_hash(line, leaf);
		rc = v->entry == NULL ? EG_OK : v->entry(v->ctx, i, line, err);
		if (rc >= 0) {
			rc = add_hash(v, leaf, err);
		}
	}
	if (rc == EG_OK && rest.len != 0) {
		log_tile_path(LOG_ENTRIES, index, width, &v->path);
		rc = wrong(v, LOG_CHANGED, "archive/%s holds %zu bytes after its last entry.", eg_buf_cstr(&v->path),
		    rest.len);
	}
	eg_buf_done(&file);
	return rc;
}

static int
check_partials(struct verify *v, struct eg_err *err)
{
	int rc = EG_OK;
	for (int level = 0; rc == EG_OK && level < LOG_LEVELS; level++) {
		uint64_t n = v->head.size >> (8 * level);
		if (n % LOG_TILE != 0) {
			rc = check_tile(v, level, n / LOG_TILE, (unsigned)(n % LOG_TILE), err);
		}
	}
	return rc;
}

struct beyond {
	unsigned width; /* of the last entry tile by the checkpoint */
	unsigned found;
};

static int
see_width(void *ctx, const char *name, struct eg_err *err)
{
	(void)err;
	struct beyond *b = ctx;
	uint64_t w;
	if (eg_bytes_to_u64(eg_bytes_str(name), &w) && w > b->width && w < LOG_TILE) {
		b->found = (unsigned)w;
	}
	return EG_OK;
}

/* A checkpoint older than the tiles: an old one was put back, or a crash came between tiles and checkpoint. */
static int
check_beyond(struct verify *v, struct eg_err *err)
{
	uint64_t index = v->head.size / LOG_TILE;
	struct beyond b = { (unsigned)(v->head.size % LOG_TILE), 0 };
	int dir = -1, rc = EG_OK;
	log_partial_path(LOG_ENTRIES, index, &v->path);
	if (eg_fs_exists(v->s->archive, eg_buf_cstr(&v->path))) {
		rc = eg_fs_opendir(v->s->archive, eg_buf_cstr(&v->path), &dir, err);
		if (rc < 0 && err->sys == ENOTDIR) {
			return wrong(v, LOG_CHANGED, "archive/%s is a file, and a folder of the log belongs there.",
			    eg_buf_cstr(&v->path));
		}
		if (rc >= 0) {
			rc = eg_fs_list(dir, see_width, &b, err);
		}
		eg_fd_done(&dir);
	}
	log_tile_path(LOG_ENTRIES, index, LOG_TILE, &v->path);
	if (rc == EG_OK && (b.found != 0 || eg_fs_exists(v->s->archive, eg_buf_cstr(&v->path)))) {
		rc = wrong(v, LOG_BEHIND,
		    "The log goes on behind its checkpoint (%" PRIu64
		    " entries): an older checkpoint was put back, or a crash "
		    "came before the new one was written; then the next run writes it.",
		    v->head.size);
	}
	return rc;
}

static int
check_all(struct verify *v, struct eg_err *err)
{
	unsigned char root[EG_SHA256_LEN];
	int rc = EG_OK;
	for (uint64_t index = 0; rc == EG_OK && index * LOG_TILE < v->head.size; index++) {
		rc = check_entries(v, index, log_tile_width(LOG_ENTRIES, index, v->head.size), err);
	}
	if (rc == EG_OK) {
		rc = check_partials(v, err);
	}
	if (rc != EG_OK) {
		return rc;
	}
	log_levels_root(&v->levels, root);
	if (memcmp(root, v->head.root, sizeof(root)) != 0) {
		return wrong(v, LOG_CHANGED,
		    "The entries and tiles agree with each other, but not with the signed checkpoint: the log was rewritten "
		    "after it was signed.");
	}
	return check_beyond(v, err);
}

int
log_verify(struct spool *s, const char *origin, const struct sign_key *key,
    int (*entry)(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err), void *ctx,
    struct log_verdict *ret, struct eg_err *err)
{
	struct log_verdict out = { .good = false };
	struct verify v = { .s = s, .entry = entry, .ctx = ctx, .file = EG_BUF_INIT, .path = EG_BUF_INIT };
	struct eg_err found = { 0 };
	v.problem = out.problem;
	int rc = log_checkpoint_read(s, origin, key, &v.head, &found);
	if (rc == EG_EOF) {
		rc = wrong(&v, LOG_GAP,
		    "archive/log/checkpoint is missing: the log was never published, or somebody removed it.");
	} else if (rc == EG_BADFILE) {
		rc = wrong(&v, strcmp(found.code, "SIG-KEY") == 0 ? LOG_OTHER_KEY : LOG_CHANGED, "%.380s", found.msg);
	} else if (rc < 0) {
		*err = found;
	} else {
		out.size = v.head.size;
		eg_hex(v.head.root, EG_SHA256_LEN, out.root_hex);
		rc = check_all(&v, err);
		/* A partial tile goes when a wider one is there: with an older checkpoint it seems to be missing. */
		if (rc == EG_EOF && v.fault == LOG_GAP) {
			rc = check_beyond(&v, err);
			rc = rc == EG_OK ? EG_EOF : rc;
		}
	}
	if (rc >= 0) {
		out.good = rc == EG_OK;
		out.fault = v.fault;
		*ret = out;
		rc = EG_OK;
	}
	log_levels_done(&v.levels);
	eg_buf_done(&v.file);
	eg_buf_done(&v.path);
	return rc;
}
