/* SPDX-License-Identifier: MIT
 *
 * Opening a site: which folder, its settings, zone, adapters, spool, store and key, each as the mode asks. Everything that opens files for adapters, tables and keys happens here,
 * before any worker is confined. EG_BADFILE "NO-SITE" with how to make one; EG_RETRY "LOCKED" when another owns the spool. Tests: tests/scenario/ (init, doctor).
 */
#include "gateway/site_int.h"

#include "base/fs.h"
#include "base/limits.h"
#include "formats/container.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "gateway/workflow/field_rules.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

int64_t
site_wall_clock(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

static int64_t
boot_clock(void *ctx)
{
	struct timespec t = { 0 };

	(void)ctx;
	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec;
}

int64_t
site_now(struct site *s)
{
	return s->now(s->now_ctx);
}

bool
site_ending(const struct site *s)
{
	return s->ending != NULL && s->ending(s->ending_ctx);
}

/* ---- opening ---- */

bool
site_is_at(const char *dir)
{
	char *path = eg_xprintf("%s/" SITE_CONF, dir);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static const char *
find_dir(const char *dir_option)
{
	const char *home = getenv("ERPGATE_HOME");

	if (dir_option != NULL)
		return dir_option;
	if (home != NULL && *home != '\0')
		return home;
	return site_is_at(".") ? "." : "/etc/erpgate";
}

static int
read_conf(struct site *s, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_CONF_BYTES + 1 };
	char *path = eg_xprintf("%s/" SITE_CONF, s->path);
	int rc = eg_fs_read_file(s->dir, SITE_CONF, EG_LIMIT_CONF_BYTES, &text, err);

	if (rc < 0 && strcmp(err->code, "TOO-BIG") == 0)
		rc = eg_fail(err, EG_BADFILE, "TOO-BIG", "%s is larger than the %zu bytes that settings can have", path,
		    EG_LIMIT_CONF_BYTES);
	else if (rc < 0)
		rc = eg_fail(err, EG_BADFILE, "NO-SITE", "%s is no site: there is no %s. Make one: erpgate init %s",
		    s->path, SITE_CONF, s->path);
	else
		rc = conf_parse(eg_buf_view(&text), path, &s->conf, err);
	free(path);
	eg_buf_done(&text);
	if (rc < 0)
		return rc;
	s->rules = field_rules_new(&s->conf);
	s->erp = conf_text(&s->conf, "erp");
	s->vision =
	    strcmp(s->erp, "acumatica") == 0 && strcmp(conf_text(&s->conf, "acumatica.generation"), "vision") == 0;
	const char *name = conf_text(&s->conf, "site.name");
	const char *slash = strrchr(s->path, '/');
	s->name = *name != '\0' ? name : slash != NULL && slash[1] != '\0' ? slash + 1 : s->path;
	return EG_OK;
}

static int
own_spool(struct site *s, struct eg_err *err)
{
	int tries = s->mode == SITE_CHANGE ? 100 : 1, rc = EG_OK;

	while (tries-- > 0) {
		rc = spool_open(s->dir, s->mode != SITE_LOOK, &s->spool, err);
		if (rc != EG_RETRY || strcmp(err->code, "LOCKED") != 0 || tries == 0)
			break;
		(void)poll(NULL, 0, 100); /* a cycle of the running watch ends soon */
	}
	return rc;
}

static int
open_parts(struct site *s, struct eg_err *err)
{
	int rc = eg_fs_opendir(AT_FDCWD, s->path, &s->dir, err);

	if (rc < 0)
		return eg_fail(err, EG_BADFILE, "NO-SITE", "There is no folder %s. Make a site: erpgate init %s",
		    s->path, s->path);
	rc = read_conf(s, err);
	if (rc == EG_OK)
		rc = eg_tz_load(conf_text(&s->conf, "business.timezone"), &s->zone, err);
	if (rc == EG_OK)
		rc = fmt_text_preload(err);
	if (rc == EG_OK) {
		fmt_xml_init();
		fmt_zip_init();
		rc = site_load_adapters(s, NULL, NULL, err);
	}
	if (rc == EG_OK)
		rc = site_check_sources(s, err);
	if (rc == EG_OK && s->mode == SITE_OWN)
		rc = site_make_sources(s, err);
	if (rc == EG_OK)
		rc = own_spool(s, err);
	if (rc == EG_OK && s->mode != SITE_REBUILD)
		rc = store_open(s->dir, false, s->mode == SITE_LOOK, &s->store, err);
	if (rc == EG_OK && s->mode != SITE_LOOK)
		rc = *conf_text(&s->conf, "sign.socket") != '\0' ?
		         sign_key_at(s->dir, "keys/gateway.pub.pem", conf_text(&s->conf, "sign.socket"), &s->key, err) :
		         sign_key_load(s->dir, "keys/gateway.pem", true, &s->key, err);
	return rc;
}

int
site_open(const char *dir_option, enum site_mode mode, struct site *ret, struct eg_err *err)
{
	char real[PATH_MAX];
	const char *dir = find_dir(dir_option);
	int rc;

	*ret = (struct site){ .dir = -1,
		.spool = SPOOL_INIT,
		.now = site_wall_clock,
		.mono = boot_clock,
		.actor = "erpgate",
		.mode = mode };
	ret->path = eg_xstrdup(realpath(dir, real) != NULL ? real : dir);
	rc = open_parts(ret, err);
	if (rc < 0)
		site_close(ret);
	return rc;
}

void
site_close(struct site *s)
{
	store_close(s->store);
	spool_close(&s->spool);
	sign_key_free(s->key);
	adp_set_free(s->adapters);
	field_rules_free(s->rules);
	conf_free(&s->conf);
	eg_tz_free(s->zone);
	eg_fd_done(&s->dir);
	free(s->path);
	*s = (struct site){ .dir = -1, .spool = SPOOL_INIT };
}
