/* SPDX-License-Identifier: MIT
 *
 * Adapters and tables of a site: its own, then those that came with the program, from the folder of a build tree or the installed one. The first fault of a folder is told with its
 * file and place; a caller that takes all faults (a checker) hears of each. An absent folder holds nothing. EG_BADFILE as the language and the tables say it; EG_FATAL when a folder
 * that is there cannot be opened.
 */
#include "gateway/site.h"

#include "base/fs.h"
#include "base/limits.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- folders ---- */

struct folder {
	struct site *site;
	int fd;
	const char *path; /* for messages */
	bool tables;
	adp_diag_fn *diag;
	void *diag_ctx;
	unsigned bad;
	struct eg_err first;
};

static bool
ends(const char *name, const char *suffix)
{
	return eg_bytes_ends(eg_bytes_str(name), eg_bytes_str(suffix));
}

static int
take_file(struct folder *f, const char *name, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 1 };
	char *file = eg_xprintf("%s/%s", f->path, name);
	int rc = eg_fs_read_file(f->fd, name, EG_LIMIT_ADAPTER_BYTES, &text, err);

	if (rc == EG_OK && f->tables)
		rc = adp_set_table(f->site->adapters, name, eg_buf_view(&text), err);
	else if (rc == EG_OK)
		rc = adp_set_add(f->site->adapters, file, eg_buf_view(&text), f->diag, f->diag_ctx, err);
	if (rc < 0) {
		if (f->bad++ == 0 && !f->tables)
			f->first = *err; /* it names its file and place */
		else if (f->bad == 1) {
			struct eg_pos pos = err->pos;
			char code[EG_CODE_MAX], msg[EG_MSG_MAX];
			memcpy(code, err->code, sizeof(code));
			memcpy(msg, err->msg, sizeof(msg));
			eg_fail(&f->first, EG_BADFILE, code, "%s:%llu:%u: %s", file, (unsigned long long)pos.line,
			    pos.col, msg);
		}
		rc = f->diag != NULL ? EG_OK : rc; /* a checker wants them all */
	}
	if (rc < 0)
		*err = f->first;
	free(file);
	eg_buf_done(&text);
	return rc;
}

static int
folder_each(void *ctx, const char *name, struct eg_err *err)
{
	struct folder *f = ctx;
	struct stat st;

	if (name[0] == '.' || fstatat(f->fd, name, &st, 0) < 0)
		return EG_OK;
	if (S_ISDIR(st.st_mode) && strcmp(name, "fixtures") != 0) {
		struct folder below = *f;
		below.path = eg_xprintf("%s/%s", f->path, name);
		int rc = eg_fs_opendir(f->fd, name, &below.fd, err);
		if (rc == EG_OK)
			rc = eg_fs_list(below.fd, folder_each, &below, err);
		eg_fd_done(&below.fd);
		free((void *)(uintptr_t)below.path);
		if (f->bad == 0 && below.bad > 0)
			f->first = below.first;
		f->bad += below.bad;
		return rc;
	}
	return S_ISREG(st.st_mode) && ends(name, f->tables ? ".csv" : ".adapter") ? take_file(f, name, err) : EG_OK;
}

/* An absent folder holds nothing; one that is there and cannot be opened must not pass for it, or the program's own tables would count instead. */
static int
load_folder(struct folder *f, int dirfd, const char *path, bool tables, struct eg_err *err)
{
	int rc;

	if (dirfd == -1) /* the tools for adapters need no site */
		return EG_OK;
	rc = eg_fs_opendir(dirfd, path, &f->fd, err);
	if (rc < 0)
		return eg_fs_exists(dirfd, path) ? rc : EG_OK;
	f->tables = tables;
	f->path = path;
	rc = eg_fs_list(f->fd, folder_each, f, err);
	eg_fd_done(&f->fd);
	return rc;
}

/* ---- the program's own, and the whole ---- */

char *
site_beside(const char *name, const char *installed)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	for (int up = 0; n > 0 && up < 4; up++) { /* ./erpgate, build/release/erpgate, build/release/tests/x */
		exe[n] = '\0';
		char *slash = strrchr(exe, '/');
		if (slash == NULL)
			break;
		*slash = '\0';
		n = slash - exe;
		char *path = eg_xprintf("%s/%s", exe, name);
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return eg_xprintf("%s/%s", installed, name);
}

/* The adapters' folder, known by a table that is always in it. */
static char *
shipped_dir(void)
{
	static const char marker[] = "/tables/cost_type.csv";
	char *path = site_beside("adapters/tables/cost_type.csv", ERPGATE_DATADIR);

	path[strlen(path) - strlen(marker)] = '\0';
	return path;
}

static const char *
conf_for_adapters(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

static const char *
key_for_adapters(size_t i)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	return i < n ? k[i].key : NULL;
}

int
site_load_adapters(struct site *s, adp_diag_fn *diag, void *diag_ctx, struct eg_err *err)
{
	struct folder f = { .site = s, .diag = diag, .diag_ctx = diag_ctx };
	char *shipped = shipped_dir(), *tables = eg_xprintf("%s/tables", shipped);
	int rc;

	s->adapters = adp_set_new((struct adp_config){ conf_for_adapters, &s->conf }, s->erp);
	adp_set_keys(s->adapters, key_for_adapters);
	rc = load_folder(&f, s->dir, "tables", true, err);
	if (rc == EG_OK)
		rc = load_folder(&f, AT_FDCWD, tables, true, err);
	if (rc == EG_OK)
		rc = load_folder(&f, s->dir, "adapters", false, err);
	if (rc == EG_OK)
		rc = load_folder(&f, AT_FDCWD, shipped, false, err);
	if (rc == EG_OK && f.bad == 0)
		rc = adp_set_seal(s->adapters, diag, diag_ctx, err);
	if (rc == EG_OK && f.bad > 0) {
		*err = f.first;
		rc = EG_BADFILE;
	}
	free(tables);
	free(shipped);
	return rc;
}
