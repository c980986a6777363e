/* SPDX-License-Identifier: MIT
 *
 * The files to repair on the disk: the worker gives their bytes, one file after the other, into the drop's folder below spool/rejects/ or one below it for each member. What kept
 * them from being written (EG_BADFILE) costs the files, not the turn; a disk that fails is another matter.
 */
#include "gateway/repair_kit_int.h"

#define KIT_MODE 0640

/* Where a layout takes parts of the file's name, the kit keeps them: rejects_24-104_budget.csv. */
static char *
kit_name(const struct making *m, const struct kit_file *k)
{
	struct eg_bytes name = eg_bytes_str(*k->member != '\0' ? k->member : m->drop.name), tail;
	size_t from = name.len, under, dot;

	if (adp_filename_parts(k->adapter) == 0)
		return eg_xprintf("rejects.%s", adp_reads_xml(k->adapter) ? "xml" : "csv");
	while (from > 0 && name.ptr[from - 1] != '/')
		from--;
	name = eg_bytes_sub(name, from, name.len);
	under = eg_bytes_chr(name, '_');
	tail = eg_bytes_sub(name, under, name.len);
	dot = tail.len;
	for (size_t i = 0; i < tail.len; i++)
		dot = tail.ptr[i] == '.' ? i : dot;
	return eg_xprintf("rejects%.*s.%s", (int)dot, (const char *)(tail.ptr == NULL ? name.ptr : tail.ptr),
	    adp_reads_xml(k->adapter) ? "xml" : "csv");
}

static int
close_file(struct making *m, struct eg_err *err)
{
	struct eg_buf safe = EG_BUF_INIT, path = EG_BUF_INIT;
	struct kit_file *k;
	char *name;
	int rc;

	if (m->writing >= m->nfiles)
		return EG_OK;
	k = &m->files[m->writing];
	name = kit_name(m, k);
	spool_safe_name(eg_bytes_str(name), &safe);
	rc = eg_fs_out_commit(&m->out, eg_buf_cstr(&safe), true, err);
	eg_buf_printf(&path, "%s/%s", k->path, eg_buf_cstr(&safe));
	free(k->path);
	k->path = eg_xstrdup(eg_buf_cstr(&path));
	eg_fd_done(&m->dir);
	m->writing = m->nfiles;
	free(name);
	eg_buf_done(&safe);
	eg_buf_done(&path);
	return rc;
}

static int
on_file(void *ctx, size_t kit, struct eg_err *err)
{
	struct making *m = ctx;
	struct kit_file *k = &m->files[kit];
	const bool alone =
	    *k->member == '\0' || (m->members == 1 && eg_bytes_starts(eg_bytes_str(k->member), EG_LIT("xl/")));
	char *folder = alone ? NULL : eg_xprintf("rejects-%zu-%s", k->number, k->member);
	struct eg_buf shown = EG_BUF_INIT;
	int rc = close_file(m, err);

	if (rc == EG_OK && k->path != NULL) /* a second file of this name: the child makes things up */
		rc = eg_fail(err, EG_BADFILE, "WORKER", "the file to repair came twice");
	if (rc == EG_OK)
		rc = spool_reject_dir(&m->s->spool, m->drop.id, folder, &shown, &m->dir, err);
	if (rc == EG_OK)
		rc = eg_fs_out_open(&m->out, m->dir, KIT_MODE, err);
	if (rc == EG_OK) {
		k->path = eg_xstrdup(eg_buf_cstr(&shown));
		m->writing = kit;
	}
	eg_buf_done(&shown);
	free(folder);
	return rc;
}

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct making *m = ctx;

	return eg_fs_out_write(&m->out, v, err);
}

int
kit_write(struct making *m, int fd, struct eg_err *err)
{
	struct worker_kit_sink sink = { on_file, on_bytes, m };
	int rc;

	m->writing = m->nfiles;
	rc = worker_repair(m->s, fd, (uint64_t)m->drop.size, conf_family(&m->s->conf, m->drop.source), m->drop.name,
	    m->kits, m->nfiles, &sink, err);
	if (rc == EG_OK)
		rc = close_file(m, err);
	if (m->writing < m->nfiles && rc != EG_OK) {
		free(m->files[m->writing].path);
		m->files[m->writing].path = NULL;
	}
	eg_fs_out_abort(&m->out);
	eg_fd_done(&m->dir);
	return rc == EG_BADFILE ? EG_OK : rc;
}
