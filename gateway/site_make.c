/* SPDX-License-Identifier: MIT
 *
 * Making a site (init): folders, spool, key, store, and last its settings, for a site is a folder with its settings. Refuses a folder that is a site already (EG_FATAL "EXISTS");
 * fails as the disk, the store and the making of keys do. Tests: tests/scenario/ (init).
 */
#include "gateway/site_int.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/edits.h"

#include <fcntl.h>
#include <limits.h>

/* What is usual with each accounting system, for the administrator to switch on: without these lines everything leaves at once. */
static const struct {
	const char *erp, *lines;
} usual[] = {
	{ "cmic",
	    "# schedule.costs = every 4h\n# schedule.companies = never\n# schedule.jobs = never\n# schedule.codes = never\n" },
	{ "acumatica",
	    "# schedule.costs = daily 01:00\n# schedule.companies = daily 01:00\n# schedule.jobs = daily 01:00\n"
	    "# schedule.payments = daily 01:00\n# schedule.codes = daily 01:00\n" },
	{ "mri",
	    "# schedule.costs = daily 01:00 America/New_York\n# schedule.companies = daily 01:00 America/New_York\n"
	    "# schedule.jobs = daily 01:00 America/New_York\n# schedule.payments = daily 03:00 America/New_York\n"
	    "# schedule.codes = daily 01:00 America/New_York\n" },
};

static void
usual_schedules(struct eg_buf *b, const char *erp)
{
	eg_buf_str(
	    b, "\n# A signed receipt for every file that came, in spool/receipts/ for its sender.\n# receipts = yes\n");
	eg_buf_str(b,
	    "\n# Time zone of the books, and what the connector of this accounting system usually waits for. Without such lines everything leaves at once.\n"
	    "# business.timezone = UTC\n");
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i].erp, erp) == 0)
			eg_buf_str(b, usual[i].lines);
}

/* The name stands in the settings from the start: sheets and the log are bound to it, and a folder may be renamed or restored elsewhere. */
static int
first_conf(const struct site *s, const char *dir, const char *erp, struct eg_err *err)
{
	char real[PATH_MAX];
	const char *path = realpath(dir, real) != NULL ? real : dir, *slash = strrchr(path, '/');
	struct eg_buf b = EG_BUF_INIT;
	int rc;

	eg_buf_str(&b,
	    "# Settings of this erpgate site. Every key has a default: erpgate config show lists them all with their help.\n\n");
	eg_buf_printf(&b, "site.name = %s\nerp = %s\n", slash != NULL && slash[1] != '\0' ? slash + 1 : path, erp);
	usual_schedules(&b, erp);
	rc = eg_fs_write_file(s->dir, SITE_CONF, eg_buf_view(&b), 0640, false, err);
	eg_buf_done(&b);
	return rc;
}

static int
make_spool(const struct site *s, const char *erp, struct eg_err *err)
{
	const char *sources[] = { "procore", erp, "approvals" }, *targets[] = { "procore", erp };
	int rc = spool_create(s->dir, err);

	for (size_t i = 0; rc == EG_OK && i < sizeof(sources) / sizeof(sources[0]); i++)
		rc = spool_make_source(s->dir, sources[i], err);
	for (size_t i = 0; rc == EG_OK && i < sizeof(targets) / sizeof(targets[0]); i++)
		rc = spool_make_target(s->dir, targets[i], err);
	return rc;
}

/* What init wrote is nobody's edit. */
static int
know_first_conf(const struct site *s, struct store *store, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	int rc = eg_fs_read_file(s->dir, SITE_CONF, EG_LIMIT_CONF_BYTES, &text, err);

	if (rc == EG_OK)
		rc = store_begin(store, err);
	if (rc == EG_OK)
		rc = edits_known_conf(store, eg_buf_view(&text), err);
	if (rc == EG_OK)
		rc = store_commit(store, err);
	eg_buf_done(&text);
	return rc;
}

/* An init that was cut short is done again by the same command: a key that it made is kept, and its public half written if that is what was missing. */
static int
make_key(const struct site *s, struct eg_err *err)
{
	static const char private_name[] = "keys/gateway.pem", public_name[] = "keys/gateway.pub.pem";
	struct sign_key *key = NULL;
	struct eg_buf pem = EG_BUF_INIT;
	int rc;

	if (!eg_fs_exists(s->dir, private_name))
		return sign_key_make(s->dir, private_name, public_name, err);
	if (eg_fs_exists(s->dir, public_name))
		return EG_OK;
	rc = sign_key_load(s->dir, private_name, true, &key, err);
	if (rc == EG_OK)
		rc = sign_key_public_pem(key, &pem, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(s->dir, public_name, eg_buf_view(&pem), 0644, false, err);
	eg_buf_done(&pem);
	sign_key_free(key);
	return rc;
}

static int
log_init(struct site *s, struct store *store, const char *erp, struct eg_err *err)
{
	uint64_t size = 0;
	int rc = store_begin(store, err);

	if (rc == EG_OK)
		rc = store_log_size(store, &size, err);
	if (rc == EG_OK && size == 0)
		rc = store_log(store, site_now(s), s->actor, "init", erp, NULL, err);
	return rc == EG_OK ? store_commit(store, err) : rc;
}

static int
make_parts(struct site *s, const char *dir, const char *erp, struct eg_err *err)
{
	static const char *const folders[] = { "adapters", "tables", "keys", "keys/users" };
	struct store *store = NULL;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(folders) / sizeof(folders[0]); i++)
		rc = eg_fs_mkdirs(s->dir, folders[i], i < 2 ? 0755 : 0750, err);
	if (rc == EG_OK)
		rc = make_spool(s, erp, err);
	if (rc == EG_OK)
		rc = make_key(s, err);
	if (rc == EG_OK)
		rc = store_open(s->dir, true, false, &store, err);
	if (rc == EG_OK)
		rc = log_init(s, store, erp, err);
	if (rc == EG_OK)
		rc = first_conf(s, dir, erp, err); /* last: a site is a folder with its settings */
	if (rc == EG_OK)
		rc = know_first_conf(s, store, err);
	store_close(store);
	return rc;
}

int
site_create(const char *dir, const char *erp, struct eg_err *err)
{
	struct site s = { .dir = -1, .spool = SPOOL_INIT, .now = site_wall_clock, .actor = "erpgate" };
	int rc;

	if (site_is_at(dir))
		return eg_fail(err, EG_FATAL, "EXISTS", "%s is a site already; choose another folder", dir);
	rc = eg_fs_mkdirs(AT_FDCWD, dir, 0755, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(AT_FDCWD, dir, &s.dir, err);
	if (rc == EG_OK)
		rc = make_parts(&s, dir, erp, err);
	eg_fd_done(&s.dir);
	return rc;
}
