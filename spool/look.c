/* SPDX-License-Identifier: MIT
 *
 * What the folder of a job holds, told apart as recovery needs it. Looks only: nothing is made, moved or removed here. What cannot be read is an
 * error and never a shape, because a shape decides what happens to a sender's file.
 * Tests: tests/unit/test_recover.c.
 */
#include "base/fs.h"
#include "spool/spool_int.h"

#define NAME_FILE_MAX 4096U
#define MARKER ".ok"

struct names {
	const char *companion; /* not counted; NULL = none */
	unsigned files;
	bool has_companion;
};

static int
count_name(void *ctx, const char *name, struct eg_err *err)
{
	struct names *n = ctx;

	(void)err;
	if (n->companion != NULL && strcmp(name, n->companion) == 0)
		n->has_companion = true;
	else
		n->files++;
	return EG_OK;
}

static int
count_in(int dir, const char *folder, struct names *n, struct eg_err *err)
{
	int fd = -1, rc;

	if (!eg_fs_exists(dir, folder))
		return EG_OK;
	rc = eg_fs_opendir(dir, folder, &fd, err);
	if (rc == EG_OK)
		rc = eg_fs_list(fd, count_name, n, err);
	eg_fd_done(&fd);
	return rc;
}

/* Opens work/<id>; *ret_dir stays -1 when there is none. */
static int
open_work(struct spool *s, const char *id, int *ret_dir, struct eg_err *err)
{
	int rc = spool_check_part("The job", id, err);

	*ret_dir = -1;
	if (rc < 0 || !eg_fs_exists(s->work, id))
		return rc;
	return eg_fs_opendir(s->work, id, ret_dir, err);
}

/* Without the note of its source a file cannot go back to anybody. */
static enum spool_files
shape_of_drop(int dir, const struct names *n)
{
	bool raw = eg_fs_exists(dir, "raw");

	if (n->files == 0 && !n->has_companion && !raw)
		return far_under_way(dir) ? SPOOL_TAKEN : SPOOL_EMPTY;
	if (n->files != 1 || !eg_fs_exists(dir, "source"))
		return SPOOL_ODD;
	if (raw)
		return SPOOL_WHOLE;
	return n->companion != NULL && !n->has_companion ? SPOOL_SPLIT : SPOOL_TAKEN;
}

int
spool_look_drop(struct spool *s, const char *drop, enum spool_files *ret, struct eg_err *err)
{
	struct eg_buf companion = { .max = NAME_FILE_MAX + 1 };
	struct names n = { 0 };
	int dir = -1, rc = open_work(s, drop, &dir, err);

	if (rc == EG_OK && dir >= 0 && eg_fs_exists(dir, "companion-name")) {
		rc = eg_fs_read_file(dir, "companion-name", NAME_FILE_MAX, &companion, err);
		n.companion = eg_buf_cstr(&companion);
	}
	if (rc == EG_OK && dir >= 0)
		rc = count_in(dir, "in", &n, err);
	if (rc == EG_OK)
		*ret = dir < 0 ? SPOOL_ABSENT : shape_of_drop(dir, &n);
	eg_fd_done(&dir);
	eg_buf_done(&companion);
	return rc;
}

/* Files in the folders of a batch: those of its target, and the copies for the archive. */
struct staged {
	int dir; /* work/<batch> */
	unsigned files, kept;
	unsigned *count; /* of the folder being looked at */
};

static int
count_staged(void *ctx, const char *name, struct eg_err *err)
{
	const struct staged *st = ctx;

	(void)err;
	*st->count += name[0] != '.' && !eg_bytes_ends(eg_bytes_str(name), EG_LIT(MARKER));
	return EG_OK;
}

static int
count_folder(void *ctx, const char *name, struct eg_err *err)
{
	struct staged *st = ctx;
	int fd = -1, rc = eg_fs_opendir(st->dir, name, &fd, err);

	st->count = strcmp(name, "archive") == 0 ? &st->kept : &st->files;
	if (rc == EG_OK)
		rc = eg_fs_list(fd, count_staged, st, err);
	eg_fd_done(&fd);
	return rc;
}

int
spool_look_batch(struct spool *s, const char *batch, enum spool_files *ret, struct eg_err *err)
{
	struct staged st = { .dir = -1 };
	int rc = open_work(s, batch, &st.dir, err);

	if (rc == EG_OK && st.dir >= 0)
		rc = eg_fs_list(st.dir, count_folder, &st, err);
	if (rc == EG_OK && st.dir < 0)
		*ret = SPOOL_ABSENT;
	else if (rc == EG_OK)
		*ret = st.kept == 0 || st.files > st.kept ? SPOOL_ODD : st.files > 0 ? SPOOL_STAGED : SPOOL_WHOLE;
	eg_fd_done(&st.dir);
	return rc;
}

int
spool_look_sheet(struct spool *s, const char *manifest, enum spool_files *ret, struct eg_err *err)
{
	int dir = -1, rc = open_work(s, manifest, &dir, err);

	if (rc == EG_OK)
		*ret = dir < 0 ? SPOOL_ABSENT : eg_fs_exists(dir, "sheet") ? SPOOL_WHOLE : SPOOL_EMPTY;
	eg_fd_done(&dir);
	return rc;
}

int
spool_look_void(struct spool *s, const char *id, enum spool_files *ret, struct eg_err *err)
{
	struct names n = { 0 };
	int dir = -1, rc = open_work(s, id, &dir, err);

	if (rc == EG_OK && dir >= 0)
		rc = count_in(dir, "proof", &n, err);
	if (rc == EG_OK)
		*ret = dir < 0 ? SPOOL_ABSENT : n.files > 0 ? SPOOL_WHOLE : SPOOL_EMPTY;
	eg_fd_done(&dir);
	return rc;
}
