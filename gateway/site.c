/* SPDX-License-Identifier: MIT
 *
 * Opening and making a site. Everything that opens files for adapters, tables and keys is here, before any worker is confined.
 * Tests: tests/scenario/ (init, doctor).
 */
#include "gateway/site.h"

#include "base/fs.h"
#include "base/limits.h"
#include "formats/container.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "gateway/edits.h"
#include "gateway/workflow/field_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORIGIN_KEPT "log.origin" /* meta */
#define ORIGIN_MAX 200U

#define CONF_NAME "erpgate.conf"

static int64_t
wall_clock(void *ctx)
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

static bool
has_conf(const char *dir)
{
	char *path = eg_xprintf("%s/" CONF_NAME, dir);
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
	return has_conf(".") ? "." : "/etc/erpgate";
}

/* ---- adapters and tables ---- */

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

static int take_folder(struct folder *f, struct eg_err *err);

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
			rc = take_folder(&below, err);
		eg_fd_done(&below.fd);
		free((void *)(uintptr_t)below.path);
		if (f->bad == 0 && below.bad > 0)
			f->first = below.first;
		f->bad += below.bad;
		return rc;
	}
	return S_ISREG(st.st_mode) && ends(name, f->tables ? ".csv" : ".adapter") ? take_file(f, name, err) : EG_OK;
}

static int
take_folder(struct folder *f, struct eg_err *err)
{
	return eg_fs_list(f->fd, folder_each, f, err);
}

/* An absent folder holds nothing. */
static int
load_folder(struct folder *f, int dirfd, const char *path, bool tables, struct eg_err *err)
{
	int rc;

	f->tables = tables;
	f->path = path;
	f->fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0)
		return EG_OK;
	rc = take_folder(f, err);
	eg_fd_done(&f->fd);
	return rc;
}

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

/* ---- opening ---- */

static int
read_conf(struct site *s, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_CONF_BYTES + 1 };
	char *path = eg_xprintf("%s/" CONF_NAME, s->path);
	int rc = eg_fs_read_file(s->dir, CONF_NAME, EG_LIMIT_CONF_BYTES, &text, err);

	if (rc < 0 && strcmp(err->code, "TOO-BIG") == 0)
		rc = eg_fail(err, EG_BADFILE, "TOO-BIG", "%s is larger than the %zu bytes that settings can have", path,
		    EG_LIMIT_CONF_BYTES);
	else if (rc < 0)
		rc = eg_fail(err, EG_BADFILE, "NO-SITE", "%s is no site: there is no %s. Make one: erpgate init %s",
		    s->path, CONF_NAME, s->path);
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

	*ret = (struct site){
		.dir = -1, .spool = SPOOL_INIT, .now = wall_clock, .mono = boot_clock, .actor = "erpgate", .mode = mode
	};
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

/* The first line of the head that is there; NULL = there is none. */
static char *
published_origin(const struct site *s)
{
	struct eg_buf head = EG_BUF_INIT;
	struct eg_err untold;
	char *ret = NULL;

	if (s->spool.archive >= 0 &&
	    eg_fs_read_file(s->spool.archive, "log/checkpoint", (size_t)1 << 20, &head, &untold) == EG_OK) {
		struct eg_bytes rest = eg_buf_view(&head), line;
		if (eg_bytes_cut(&rest, '\n', &line) && eg_bytes_starts(line, EG_LIT("erpgate/")) &&
		    line.len <= ORIGIN_MAX)
			ret = eg_xdup(line);
	}
	eg_buf_done(&head);
	return ret;
}

char *
site_log_origin(const struct site *s)
{
	const char *kept = NULL;
	struct eg_err untold;
	struct eg_arena a;
	char *origin;

	eg_arena_init(&a, 1 << 12);
	if (s->store == NULL || store_meta_get(s->store, ORIGIN_KEPT, &a, &kept, &untold) < 0)
		kept = NULL;
	origin = kept != NULL ? eg_xstrdup(kept) : published_origin(s);
	eg_arena_done(&a);
	if (origin != NULL)
		return origin;
	origin = eg_xprintf("erpgate/%.190s", s->name);
	for (char *p = origin; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == '+' || (unsigned char)*p >= 0x7f)
			*p = '-';
	return origin;
}

bool
site_log_published(const struct site *s)
{
	return s->spool.archive >= 0 && eg_fs_exists(s->spool.archive, "log/checkpoint");
}

int
site_log_begins(struct site *s, struct eg_err *err)
{
	struct eg_arena a;
	const char *kept = NULL;
	char *origin;

	eg_arena_init(&a, 1 << 12);
	int rc = store_meta_get(s->store, ORIGIN_KEPT, &a, &kept, err);
	if (rc == EG_OK && kept == NULL) {
		origin = site_log_origin(s);
		rc = store_meta_set(s->store, ORIGIN_KEPT, origin, err);
		free(origin);
	}
	eg_arena_done(&a);
	return rc;
}

int
site_log(struct site *s, const char *event, const char *id, const char *detail_json, struct eg_err *err)
{
	return store_log(s->store, site_now(s), s->actor, event, id, detail_json, err);
}

/* ---- making ---- */

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
	rc = eg_fs_write_file(s->dir, CONF_NAME, eg_buf_view(&b), 0640, false, err);
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
	int rc = eg_fs_read_file(s->dir, CONF_NAME, EG_LIMIT_CONF_BYTES, &text, err);

	if (rc == EG_OK)
		rc = store_begin(store, err);
	if (rc == EG_OK)
		rc = edits_known_conf(store, eg_buf_view(&text), err);
	if (rc == EG_OK)
		rc = store_commit(store, err);
	eg_buf_done(&text);
	return rc;
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
		rc = sign_key_make(s->dir, "keys/gateway.pem", "keys/gateway.pub.pem", err);
	if (rc == EG_OK)
		rc = store_open(s->dir, true, false, &store, err);
	if (rc == EG_OK)
		rc = store_begin(store, err);
	if (rc == EG_OK)
		rc = store_log(store, site_now(s), s->actor, "init", erp, NULL, err);
	if (rc == EG_OK)
		rc = store_commit(store, err);
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
	struct site s = { .dir = -1, .spool = SPOOL_INIT, .now = wall_clock, .actor = "erpgate" };
	int rc;

	if (has_conf(dir))
		return eg_fail(err, EG_FATAL, "EXISTS", "%s is a site already; choose another folder", dir);
	rc = eg_fs_mkdirs(AT_FDCWD, dir, 0755, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(AT_FDCWD, dir, &s.dir, err);
	if (rc == EG_OK)
		rc = make_parts(&s, dir, erp, err);
	eg_fd_done(&s.dir);
	return rc;
}
