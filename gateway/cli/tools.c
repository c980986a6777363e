/* SPDX-License-Identifier: MIT
 *
 * Settings and adapters for the commands of `adapters`, with and without a site, and with what one case changes in them.
 */
#include "gateway/cli/tools.h"

#include "base/fs.h"
#include "base/ini.h"
#include "base/limits.h"
#include "formats/container.h"
#include "formats/text.h"
#include "formats/xml_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- opening ---- */

static const char *
site_dir(const struct cli *c)
{
	const char *home = getenv("ERPGATE_HOME");

	if (c->opt[O_DIR] != NULL)
		return c->opt[O_DIR];
	return home != NULL && *home != '\0' ? home : access("erpgate.conf", F_OK) == 0 ? "." : "/etc/erpgate";
}

static int
read_settings(struct cli *c, const char *default_erp, struct site *s, bool *ret_found, struct eg_err *err)
{
	char *conf = eg_xprintf("%s/erpgate.conf", s->path);
	struct eg_buf text = { .max = EG_LIMIT_CONF_BYTES + 1 };
	int rc = EG_OK;

	*ret_found = default_erp == NULL && access(conf, F_OK) == 0;
	if (*ret_found) {
		rc = eg_fs_opendir(AT_FDCWD, s->path, &s->dir, err);
		if (rc == EG_OK)
			rc = eg_fs_read_file(s->dir, "erpgate.conf", EG_LIMIT_CONF_BYTES, &text, err);
	} else if (default_erp == NULL && cli_has(c, O_DIR))
		rc = eg_fail(err, EG_BADFILE, "NO-SITE", "%s is no site. Make one: erpgate init %s", s->path, s->path);
	else
		eg_buf_printf(&text, "erp = %s\n", default_erp == NULL ? "cmic" : default_erp);
	if (rc == EG_OK)
		rc = conf_parse(eg_buf_view(&text), conf, &s->conf, err);
	eg_buf_done(&text);
	free(conf);
	return rc;
}

int
tools_open(struct cli *c, const char *default_erp, adp_diag_fn *diag, void *diag_ctx, struct site *ret, bool *ret_found,
    struct eg_err *err)
{
	int rc;

	*ret = (struct site){ .dir = -1, .spool = SPOOL_INIT, .actor = "erpgate" };
	ret->path = eg_xstrdup(site_dir(c));
	rc = read_settings(c, default_erp, ret, ret_found, err);
	if (rc == EG_OK) {
		ret->erp = conf_text(&ret->conf, "erp");
		rc = fmt_text_preload(err);
	}
	if (rc == EG_OK) {
		fmt_xml_init();
		fmt_zip_init();
		rc = site_load_adapters(ret, diag, diag_ctx, err);
	}
	return rc;
}

/* ---- one case ---- */

static bool
sets(struct eg_bytes conf, const char *key)
{
	struct eg_ini ini;
	struct eg_ini_line l;
	struct eg_err unused;
	int rc;

	eg_ini_init(&ini, conf);
	while ((rc = eg_ini_next(&ini, &l, &unused)) != EG_EOF)
		if (rc == EG_OK && l.kind == EG_INI_ENTRY && eg_bytes_is(l.key, key))
			return true;
	return false;
}

static int
case_conf(const struct site *s, const struct tools_case *k, struct site *ret, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	const char *key, *value;
	int rc;

	for (size_t i = 0; conf_set_at(&s->conf, i, &key, &value); i++)
		if (!sets(k->conf, key))
			eg_buf_printf(&text, "%s = %s\n", key, value);
	eg_buf_add(&text, k->conf);
	rc = conf_parse(eg_buf_view(&text), "conf", &ret->conf, err);
	if (rc == EG_OK)
		ret->erp = conf_text(&ret->conf, "erp");
	eg_buf_done(&text);
	return rc;
}

struct table_folder {
	int fd;
	struct adp_set *set;
};

static int
case_table(void *ctx, const char *name, struct eg_err *err)
{
	struct table_folder *f = ctx;
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 2 };
	int rc = EG_OK;

	if (eg_bytes_ends(eg_bytes_str(name), EG_LIT(".csv")))
		rc = eg_fs_read_file(f->fd, name, EG_LIMIT_ADAPTER_BYTES, &text, err);
	if (rc == EG_OK && text.len > 0)
		rc = adp_set_table(f->set, name, eg_buf_view(&text), err);
	eg_buf_done(&text);
	return rc;
}

static int
case_tables(const struct site *s, const struct tools_case *k, struct site *ret, struct eg_err *err)
{
	struct table_folder f = { -1, ret->adapters };
	char sha[EG_SHA256_HEX];
	struct eg_bytes text;
	const char *name;
	int rc = EG_OK;

	if (k->dir >= 0 && eg_fs_exists(k->dir, "tables")) {
		rc = eg_fs_opendir(k->dir, "tables", &f.fd, err);
		if (rc == EG_OK)
			rc = eg_fs_list(f.fd, case_table, &f, err);
		eg_fd_done(&f.fd);
	}
	for (size_t i = 0; rc == EG_OK && adp_set_table_at(s->adapters, i, &name, &text, sha); i++)
		rc = adp_set_table(ret->adapters, name, text, err);
	return rc;
}

static const char *
case_setting(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

static int
case_adapters(const struct site *s, const struct tools_case *k, struct site *ret, struct eg_err *err)
{
	int rc = EG_OK;

	if (k->file != NULL) /* the first of a name wins */
		rc = adp_set_add(ret->adapters, k->file, k->text, NULL, NULL, err);
	for (size_t i = 0; rc == EG_OK && i < adp_set_count(s->adapters); i++) {
		const struct adp_info *a = adp_info(adp_set_at(s->adapters, i));
		struct eg_err why;
		if (adp_set_add(ret->adapters, a->file, a->text, NULL, NULL, &why) < 0 &&
		    strcmp(a->name, k->must) == 0 && k->file == NULL) {
			*err = why;
			rc = EG_BADFILE;
		}
	}
	return rc == EG_OK ? adp_set_seal(ret->adapters, NULL, NULL, err) : rc;
}

int
tools_case(const struct site *s, const struct tools_case *k, struct site *ret, struct eg_err *err)
{
	int rc;

	*ret = *s;
	ret->adapters = NULL;
	ret->conf = (struct conf){ .n = 0 };
	rc = case_conf(s, k, ret, err);
	if (rc < 0)
		return rc;
	ret->adapters = adp_set_new((struct adp_config){ case_setting, &ret->conf }, ret->erp);
	rc = case_tables(s, k, ret, err);
	return rc == EG_OK ? case_adapters(s, k, ret, err) : rc;
}

void
tools_case_done(struct site *s)
{
	adp_set_free(s->adapters);
	conf_free(&s->conf);
	s->adapters = NULL;
}

/* ---- names, files ---- */

const char *const tools_systems[] = { "cmic", "acumatica", "mri", NULL };

bool
tools_foreign(const struct adp_info *a, const char *erp)
{
	for (size_t i = 0; tools_systems[i] != NULL; i++)
		if (strcmp(a->system, tools_systems[i]) == 0 && strcmp(a->system, erp) != 0)
			return true;
	return false;
}

int
tools_no_adapter(struct cli *c, const struct adp_set *set, const char *name)
{
	struct eg_err err = { 0 };
	const char *near = NULL;
	unsigned best = 4;

	for (size_t i = 0; i < adp_set_count(set); i++) {
		const char *known = adp_info(adp_set_at(set, i))->name;
		unsigned d = eg_bytes_distance(eg_bytes_str(name), eg_bytes_str(known), best);
		if (d < best) {
			best = d;
			near = known;
		}
	}
	(void)eg_fail(&err, EG_BADREC, "NOT-FOUND", "There is no adapter %s%s%s%s. See them: erpgate adapters list",
	    name, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "");
	return cli_fail(c, &err);
}

int
tools_fixtures(const struct site *s, const struct adp_info *a, int *ret_dir, struct eg_err *err)
{
	const char *slash = strrchr(a->file, '/');
	char *path = slash == NULL ? eg_xprintf("fixtures/%s", a->name) :
	                             eg_xprintf("%.*s/fixtures/%s", (int)(slash - a->file), a->file, a->name);
	int base =
	    path[0] == '/' || s->dir < 0 ? AT_FDCWD : s->dir; /* a site's own adapters are named from the site on */
	int rc = eg_fs_exists(base, path) ? eg_fs_opendir(base, path, ret_dir, err) : EG_EOF;

	free(path);
	return rc;
}

int
tools_save(const char *path, struct eg_bytes v, struct eg_err *err)
{
	const char *slash = path == NULL ? NULL : strrchr(path, '/');
	char *folder;
	int dir = -1, rc;

	if (path == NULL || strcmp(path, "-") == 0) {
		if (v.len > 0 && fwrite(v.ptr, 1, v.len, stdout) != v.len)
			return eg_fail(err, EG_BADFILE, "NO-WRITE", "cannot write to the standard output");
		return EG_OK;
	}
	folder = slash == NULL ? eg_xstrdup(".") :
	         slash == path ? eg_xstrdup("/") :
	                         eg_xprintf("%.*s", (int)(slash - path), path);
	rc = eg_fs_opendir(AT_FDCWD, folder, &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, slash == NULL ? path : slash + 1, v, 0644, true, err);
	eg_fd_done(&dir);
	free(folder);
	return rc;
}

static int
memory_file(struct eg_bytes v, int *ret_fd, struct eg_err *err)
{
	int fd = memfd_create("original", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < v.len) {
		ssize_t n = write(fd, v.ptr + done, v.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	if (fd < 0 || done < v.len) {
		int sys = errno;
		eg_fd_done(&fd);
		return eg_fail_sys(err, EG_RETRY, "LIMIT-MEM", sys, "cannot hold the original in memory");
	}
	*ret_fd = fd;
	return EG_OK;
}

int
tools_original(struct site *s, const struct drop_row *d, int *ret_fd, uint64_t *ret_size, struct eg_err *err)
{
	struct eg_buf original = { .max = (size_t)EG_LIMIT_DROP_BYTES };
	int rc = show_original(s, d, &original, err);

	if (rc == EG_OK)
		rc = memory_file(eg_buf_view(&original), ret_fd, err);
	*ret_size = original.len;
	eg_buf_done(&original);
	return rc;
}
