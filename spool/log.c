/* SPDX-License-Identifier: MIT
 *
 * The Merkle tree and its tiles. Publishing continues from the signed checkpoint: the tree at its size is taken from
 * the tiles on disk and must have the checkpoint's root, the last published entries must still be what the journal
 * says, and only then is anything added. Order: tiles, checkpoint, then removal of partial tiles that are passed.
 */
#include "spool/log.h"

#include "base/fs.h"
#include "spool/log_int.h"

#include <inttypes.h>

#define TILE_FILE_MAX ((size_t)LOG_TILE * (LOG_ENTRY_MAX + 2))
#define LOG_FOLDER_MODE 0750
#define LOG_FILE_MODE 0640

/* ---- the tree ---- */

void
log_tree_init(struct log_tree *t)
{
	memset(t, 0, sizeof(*t));
}

void
log_leaf_hash(struct eg_bytes entry, unsigned char ret[EG_SHA256_LEN])
{
	static const unsigned char prefix = 0;
	struct eg_sha256 h = { NULL };
	eg_sha256_init(&h);
	eg_sha256_add(&h, eg_bytes(&prefix, 1));
	eg_sha256_add(&h, entry);
	eg_sha256_final(&h, ret);
	eg_sha256_done(&h);
}

void
log_node_hash(const unsigned char *left, const unsigned char *right, unsigned char ret[EG_SHA256_LEN])
{
	unsigned char both[1 + 2 * EG_SHA256_LEN] = { 1 };
	memcpy(both + 1, left, EG_SHA256_LEN);
	memcpy(both + 1 + EG_SHA256_LEN, right, EG_SHA256_LEN);
	eg_sha256_of(eg_bytes(both, sizeof(both)), ret);
}

/* node[k] is the root of the complete subtree of 2^k leaves that bit k of size stands for: adding counts in binary. */
void
log_tree_add(struct log_tree *t, const unsigned char leaf[EG_SHA256_LEN])
{
	unsigned char h[EG_SHA256_LEN];
	unsigned k = 0;
	memcpy(h, leaf, sizeof(h));
	for (; (t->size >> k & 1) != 0; k++) {
		log_node_hash(t->node[k], h, h);
	}
	memcpy(t->node[k], h, sizeof(h));
	t->size++;
}

void
log_tree_root(const struct log_tree *t, unsigned char ret[EG_SHA256_LEN])
{
	bool any = false;
	eg_sha256_of(EG_NONE, ret);
	for (unsigned k = 0; k < 64; k++) {
		if ((t->size >> k & 1) == 0) {
			continue;
		}
		if (any) {
			log_node_hash(t->node[k], ret, ret);
		} else {
			memcpy(ret, t->node[k], EG_SHA256_LEN);
		}
		any = true;
	}
}

/* ---- tiles ---- */

/* The number in groups of three digits, all but the last marked: 1234067 is x001/x234/067. */
static void
put_index(uint64_t index, struct eg_buf *ret)
{
	uint64_t unit = 1;
	while (index / unit >= 1000) {
		unit *= 1000;
	}
	for (; unit > 1; unit /= 1000) {
		eg_buf_printf(ret, "x%03u/", (unsigned)(index / unit % 1000));
	}
	eg_buf_printf(ret, "%03u", (unsigned)(index % 1000));
}

void
log_tile_path(int level, uint64_t index, unsigned width, struct eg_buf *ret)
{
	eg_buf_clear(ret);
	if (level == LOG_ENTRIES) {
		eg_buf_str(ret, "log/tile/entries/");
	} else {
		eg_buf_printf(ret, "log/tile/%d/", level);
	}
	put_index(index, ret);
	if (width < LOG_TILE) {
		eg_buf_printf(ret, ".p/%u", width);
	}
}

void
log_partial_path(int level, uint64_t index, struct eg_buf *ret)
{
	log_tile_path(level, index, LOG_TILE, ret);
	eg_buf_str(ret, ".p");
}

unsigned
log_tile_width(int level, uint64_t index, uint64_t size)
{
	uint64_t n = level == LOG_ENTRIES ? size : size >> (8 * level);
	if (n / LOG_TILE > index) {
		return LOG_TILE;
	}
	return n / LOG_TILE == index ? (unsigned)(n % LOG_TILE) : 0;
}

void
log_tile_root(struct eg_bytes tile, unsigned char ret[EG_SHA256_LEN])
{
	struct log_tree t;
	log_tree_init(&t);
	for (size_t i = 0; i + EG_SHA256_LEN <= tile.len; i += EG_SHA256_LEN) {
		log_tree_add(&t, tile.ptr + i);
	}
	log_tree_root(&t, ret);
}

void
log_levels_done(struct log_levels *l)
{
	for (int i = 0; i < LOG_LEVELS; i++) {
		eg_buf_done(&l->hash[i]);
	}
}

/* From right to left: the incomplete row of each level is a tree of its own to the right of the higher ones. */
void
log_levels_root(const struct log_levels *l, unsigned char ret[EG_SHA256_LEN])
{
	struct log_tree all;
	log_tree_init(&all);
	all.size = l->size;
	for (int level = 0; level < LOG_LEVELS; level++) {
		struct log_tree row;
		struct eg_bytes tile = eg_buf_view(&l->hash[level]);
		log_tree_init(&row);
		for (size_t i = 0; i + EG_SHA256_LEN <= tile.len; i += EG_SHA256_LEN) {
			log_tree_add(&row, tile.ptr + i);
		}
		memcpy(all.node[8 * level], row.node[0], sizeof(row.node[0]) * 8);
	}
	log_tree_root(&all, ret);
}

/* ---- publishing ---- */

struct publish {
	struct spool *s;
	uint64_t old; /* size of the signed checkpoint */
	struct log_levels levels; /* tree so far; a full row is written and emptied at once */
	struct eg_buf entries; /* entry tile being filled */
	struct eg_buf path;
};

static int
fork_found(struct eg_err *err, const char *what, uint64_t index)
{
	return eg_fail(err, EG_FATAL, "LOG-FORK",
	    "%s (entry %" PRIu64 "): the journal and the published log tell two histories. Nothing was signed. Compare "
	    "with a backup of both before going on.",
	    what, index);
}

static int
read_tile(struct publish *p, int level, uint64_t index, unsigned width, struct eg_buf *ret, struct eg_err *err)
{
	log_tile_path(level, index, width, &p->path);
	return eg_fs_read_file(p->s->archive, eg_buf_cstr(&p->path), TILE_FILE_MAX, ret, err);
}

/* A full tile that is there must have the same bytes; a partial one that no checkpoint covers may be a leftover. */
static int
write_tile(struct publish *p, int level, uint64_t index, unsigned width, struct eg_bytes v, struct eg_err *err)
{
	struct eg_buf folder = EG_BUF_INIT, there = EG_BUF_INIT;
	int dir = -1, rc = EG_OK;
	log_tile_path(level, index, width, &p->path);
	if (eg_fs_exists(p->s->archive, eg_buf_cstr(&p->path))) {
		rc = read_tile(p, level, index, width, &there, err);
		if (rc < 0 || eg_bytes_eq(eg_buf_view(&there), v)) {
			goto out;
		}
		if (width == LOG_TILE) {
			rc = fork_found(err, "A full tile on disk has other content", index * LOG_TILE);
			goto out;
		}
	}
	char *slash = strrchr(eg_buf_cstr(&p->path), '/');
	eg_buf_put(&folder, p->path.ptr, (size_t)(slash - (const char *)p->path.ptr));
	rc = eg_fs_mkdirs(p->s->archive, eg_buf_cstr(&folder), LOG_FOLDER_MODE, err);
	if (rc >= 0) {
		rc = eg_fs_opendir(p->s->archive, eg_buf_cstr(&folder), &dir, err);
	}
	if (rc >= 0) {
		rc = eg_fs_write_file(dir, slash + 1, v, LOG_FILE_MODE, true, err);
	}
out:
	eg_fd_done(&dir);
	eg_buf_done(&folder);
	eg_buf_done(&there);
	return rc;
}

/* The rows of the tree at `base`, a multiple of 256 not above the checkpoint, from its tiles. */
static int
load_levels(struct publish *p, uint64_t base, struct eg_err *err)
{
	struct eg_buf tile = EG_BUF_INIT;
	int rc = EG_OK;
	p->levels.size = base;
	for (int level = 1; rc >= 0 && level < LOG_LEVELS; level++) {
		uint64_t n = base >> (8 * level), index = n / LOG_TILE;
		size_t want = (size_t)(n % LOG_TILE) * EG_SHA256_LEN;
		if (want == 0) {
			continue;
		}
		eg_buf_clear(&tile);
		rc = read_tile(p, level, index, log_tile_width(level, index, p->old), &tile, err);
		if (rc >= 0 && tile.len < want) {
			rc = fork_found(err, "A tile on disk is cut", base);
		}
		if (rc >= 0) {
			eg_buf_add(&p->levels.hash[level], eg_bytes_sub(eg_buf_view(&tile), 0, want));
		}
	}
	eg_buf_done(&tile);
	return rc;
}

static int
add_hash(struct publish *p, const unsigned char leaf[EG_SHA256_LEN], struct eg_err *err)
{
	unsigned char h[EG_SHA256_LEN];
	memcpy(h, leaf, sizeof(h));
	p->levels.size++;
	for (int level = 0; level < LOG_LEVELS; level++) {
		struct eg_buf *row = &p->levels.hash[level];
		eg_buf_put(row, h, sizeof(h));
		if (row->len < (size_t)LOG_TILE * EG_SHA256_LEN) {
			return EG_OK;
		}
		int rc = write_tile(
		    p, level, (p->levels.size >> (8 * level)) / LOG_TILE - 1, LOG_TILE, eg_buf_view(row), err);
		if (rc < 0) {
			return rc;
		}
		log_tile_root(eg_buf_view(row), h);
		eg_buf_clear(row);
	}
	eg_bug("a log of 256^8 entries");
}

static int
add_entry(struct publish *p, uint64_t index, struct eg_bytes entry, struct eg_err *err)
{
	unsigned char leaf[EG_SHA256_LEN];
	if (entry.len > LOG_ENTRY_MAX) {
		return eg_fail(err, EG_FATAL, "LOG-BIG",
		    "Log entry %" PRIu64 " has %zu bytes; %u are the most a log can hold.", index, entry.len,
		    LOG_ENTRY_MAX);
	}
	eg_buf_chr(&p->entries, (unsigned char)(entry.len >> 8));
	eg_buf_chr(&p->entries, (unsigned char)(entry.len & 0xff));
	eg_buf_add(&p->entries, entry);
	if ((index + 1) % LOG_TILE == 0) {
		int rc = write_tile(p, LOG_ENTRIES, index / LOG_TILE, LOG_TILE, eg_buf_view(&p->entries), err);
		if (rc < 0) {
			return rc;
		}
		eg_buf_clear(&p->entries);
	}
	log_leaf_hash(entry, leaf);
	return add_hash(p, leaf, err);
}

static int
write_partials(struct publish *p, struct eg_err *err)
{
	uint64_t size = p->levels.size;
	unsigned width = (unsigned)(size % LOG_TILE);
	int rc = EG_OK;
	if (width != 0) {
		rc = write_tile(p, LOG_ENTRIES, size / LOG_TILE, width, eg_buf_view(&p->entries), err);
	}
	for (int level = 0; rc >= 0 && level < LOG_LEVELS; level++) {
		uint64_t n = size >> (8 * level);
		if (n % LOG_TILE != 0) {
			rc = write_tile(
			    p, level, n / LOG_TILE, (unsigned)(n % LOG_TILE), eg_buf_view(&p->levels.hash[level]), err);
		}
	}
	return rc;
}

/* ---- partial tiles that are passed ---- */

struct prune {
	int dir;
	char keep[16];
};

static int
prune_one(void *ctx, const char *name, struct eg_err *err)
{
	const struct prune *p = ctx;
	return strcmp(name, p->keep) == 0 ? EG_OK : eg_fs_unlink(p->dir, name, err);
}

static int
prune_tile(struct publish *p, int level, uint64_t index, struct eg_err *err)
{
	struct prune pr = { .dir = -1 };
	unsigned width = log_tile_width(level, index, p->levels.size);
	log_partial_path(level, index, &p->path);
	const char *folder = eg_buf_cstr(&p->path);
	if (!eg_fs_exists(p->s->archive, folder)) {
		return EG_OK;
	}
	if (width == LOG_TILE) {
		return eg_fs_rmtree(p->s->archive, folder, err);
	}
	snprintf(pr.keep, sizeof(pr.keep), "%u", width);
	int rc = eg_fs_opendir(p->s->archive, folder, &pr.dir, err);
	if (rc >= 0) {
		rc = eg_fs_list(pr.dir, prune_one, &pr, err);
	}
	eg_fd_done(&pr.dir);
	return rc;
}

/* From one tile before the old checkpoint on, so that what a crash left last time is caught up with. */
static int
prune(struct publish *p, struct eg_err *err)
{
	int rc = EG_OK;
	for (int level = LOG_ENTRIES; rc >= 0 && level < LOG_LEVELS; level++) {
		int shift = level == LOG_ENTRIES ? 8 : 8 * level + 8;
		uint64_t from = shift < 64 ? p->old >> shift : 0, to = shift < 64 ? p->levels.size >> shift : 0;
		for (uint64_t i = from == 0 ? 0 : from - 1; rc >= 0 && i <= to; i++) {
			rc = prune_tile(p, level, i, err);
		}
	}
	return rc;
}

int
log_cut(struct spool *s, uint64_t size, struct eg_err *err)
{
	struct publish p = { .s = s, .path = EG_BUF_INIT, .entries = EG_BUF_INIT, .levels = { .size = size } };
	int rc = EG_OK;

	for (int level = LOG_ENTRIES; rc >= 0 && level < LOG_LEVELS; level++) {
		int shift = level == LOG_ENTRIES ? 8 : 8 * level + 8;
		for (uint64_t i = shift < 64 ? size >> shift : 0; rc >= 0; i++) {
			log_tile_path(level, i, LOG_TILE, &p.path);
			bool whole = eg_fs_exists(s->archive, eg_buf_cstr(&p.path));
			if (whole) {
				rc = eg_fs_unlink(s->archive, eg_buf_cstr(&p.path), err);
			}
			log_partial_path(level, i, &p.path);
			if (rc >= 0 && !whole && !eg_fs_exists(s->archive, eg_buf_cstr(&p.path))) {
				break;
			}
			if (rc >= 0) {
				rc = log_tile_width(level, i, size) == 0 ?
				         eg_fs_rmtree(s->archive, eg_buf_cstr(&p.path), err) :
				         prune_tile(&p, level, i, err);
			}
		}
	}
	eg_buf_done(&p.path);
	return rc;
}

/* ---- one publication ---- */

static int
check_old_root(const struct publish *p, const struct log_checkpoint *old, struct eg_err *err)
{
	unsigned char root[EG_SHA256_LEN];
	log_levels_root(&p->levels, root);
	if (memcmp(root, old->root, sizeof(root)) != 0) {
		return fork_found(err, "The journal's entries do not lead to the root that was signed", old->size);
	}
	return EG_OK;
}

/* Entries from the start of the last published tile on: that tile's are checked again, for nothing, as it has to be
 * rewritten anyway. */
static int
add_entries(struct publish *p, const struct log_checkpoint *old, uint64_t size,
    int (*entry)(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct eg_buf line = EG_BUF_INIT;
	uint64_t base = old->size == 0 ? 0 : (old->size - 1) / LOG_TILE * LOG_TILE;
	int rc = load_levels(p, base, err);
	for (uint64_t i = base; rc >= 0 && i < size; i++) {
		eg_buf_clear(&line);
		rc = entry(ctx, i, &line, err);
		if (rc >= 0) {
			rc = add_entry(p, i, eg_buf_view(&line), err);
		}
		if (rc >= 0 && i + 1 == old->size) {
			rc = check_old_root(p, old, err);
		}
	}
	eg_buf_done(&line);
	return rc;
}

static int
read_old(struct spool *s, const char *origin, const struct sign_key *key, uint64_t size, struct log_checkpoint *ret,
    struct eg_err *err)
{
	int rc = log_checkpoint_read(s, origin, key, ret, err);
	if (rc == EG_EOF) {
		*ret = (struct log_checkpoint){ .size = 0 };
		return EG_OK;
	}
	if (rc == EG_BADFILE) {
		err->cls = EG_FATAL;
		return EG_FATAL;
	}
	if (rc >= 0 && ret->size > size) {
		return fork_found(err,
		    "The journal has fewer entries than were signed: an old state.db was put back; make it again from the archive (erpgate db rebuild)",
		    ret->size);
	}
	return rc;
}

int
log_publish(struct spool *s, const char *origin, const struct sign_key *key, uint64_t size,
    int (*entry)(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct publish p = { .s = s, .entries = EG_BUF_INIT, .path = EG_BUF_INIT };
	struct log_checkpoint old, head;
	if (origin[0] == '\0' || strlen(origin) > LOG_ORIGIN_MAX || strpbrk(origin, " +\n") != NULL) {
		return eg_fail(err, EG_FATAL, "LOG-ORIGIN",
		    "\"%.80s\" cannot name a log: no blanks, no '+', at most %u bytes.", origin, LOG_ORIGIN_MAX);
	}
	int rc = read_old(s, origin, key, size, &old, err);
	if (rc >= 0) {
		p.old = old.size;
		rc = eg_fs_mkdirs(s->archive, "log", LOG_FOLDER_MODE, err);
	}
	if (rc >= 0) {
		rc = add_entries(&p, &old, size, entry, ctx, err);
	}
	if (rc >= 0) {
		rc = write_partials(&p, err);
	}
	if (rc >= 0) {
		rc = spool_keep_key(s, key, err);
	}
	if (rc >= 0 && (size != old.size || !eg_fs_exists(s->archive, "log/checkpoint"))) {
		head.size = size;
		log_levels_root(&p.levels, head.root);
		rc = log_checkpoint_write(s, origin, key, &head, err);
	}
	if (rc >= 0) {
		rc = prune(&p, err);
	}
	log_levels_done(&p.levels);
	eg_buf_done(&p.entries);
	eg_buf_done(&p.path);
	return rc;
}
