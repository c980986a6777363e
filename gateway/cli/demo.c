/* SPDX-License-Identifier: MIT
 *
 * demo: a site of its own, two nights of sample files, decisions signed by a person, and a story with the numbers that came out. It goes the way of every site:
 * files are dropped, sheets are returned with a signature, bundles are verified from their bytes.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/cli.h"
#include "gateway/cycle.h"
#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MARKER ".erpgate-demo"
#define PERSON "alex"
#define PERSON_KEY "approver/alex.pem"

/* What the approver types into the sheet: keys for what is new to the accounting system. */
static const struct {
	const char *item, *erp_id;
} typed[] = { { "vendor/2003", "BLUE003" }, { "project/26-021", "26021" } };

struct demo {
	struct cli *c;
	const char *dir;
	struct site s;
	int night;
	unsigned dropped;
	struct eg_buf names; /* of what was dropped tonight */
	struct cycle_result read, sent;
	unsigned sheet_rows;
	char sheet[16];
	unsigned bundles, bad;
	int64_t last_run; /* batches after it are tonight's */
};

/* ---- the folder ---- */

static int
old_demo(const char *dir, struct eg_err *err)
{
	char *marker = eg_xprintf("%s/" MARKER, dir);
	bool there = access(dir, F_OK) == 0, ours = access(marker, F_OK) == 0;
	int rc = EG_OK;

	free(marker);
	if (there && !ours)
		rc = eg_fail(err, EG_BADREC, "EXISTS",
		    "%s is there and was not made by erpgate demo; choose another folder", dir);
	else if (there)
		rc = eg_fs_rmtree(AT_FDCWD, dir, err);
	return rc;
}

static int
make_site(struct demo *d, struct eg_err *err)
{
	static const char conf[] =
	    "# The demo's site. Files count as whole at once, so that it does not wait.\nerp = cmic\nsite.name = demo\nsettle.quiet = 0s\nrun.settle_timeout = 5s\n";
	int dir = -1, rc = old_demo(d->dir, err);

	if (rc == EG_OK)
		rc = eg_fs_mkdirs(AT_FDCWD, d->dir, 0755, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(AT_FDCWD, d->dir, &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(
		    dir, MARKER, EG_LIT("erpgate demo makes this folder anew each time.\n"), 0644, true, err);
	if (rc == EG_OK)
		rc = site_create(d->dir, "cmic", err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, "erpgate.conf", eg_bytes_str(conf), 0640, true, err);
	if (rc == EG_OK)
		rc = eg_fs_mkdirs(dir, "approver", 0700, err);
	if (rc == EG_OK)
		rc = sign_key_make(dir, PERSON_KEY, "approver/alex.pub.pem", err);
	eg_fd_done(&dir);
	return rc;
}

static int
add_person(struct site *s, void *ctx, struct eg_err *err)
{
	struct sign_key *key = NULL;
	struct eg_buf pem = EG_BUF_INIT;
	char id[SIGN_KEY_ID];
	struct user u = { .name = PERSON,
		.role = ROLE_STANDARD,
		.active = true,
		.types = "all",
		.added = site_now(s),
		.key_id = id };
	int rc = eg_fs_read_file(s->dir, "approver/alex.pub.pem", EG_LIMIT_SIG_BYTES, &pem, err);

	(void)ctx;
	if (rc == EG_OK)
		rc = sign_key_from_pem(eg_buf_view(&pem), false, &key, err);
	if (rc == EG_OK) {
		sign_key_id(key, id);
		u.pubkey = eg_buf_cstr(&pem);
		rc = user_put(s->store, &u, err);
	}
	if (rc == EG_OK)
		rc = site_log(s, "user-added", PERSON, "{\"role\":\"standard\",\"types\":\"all\"}", err);
	sign_key_free(key);
	eg_buf_done(&pem);
	return rc;
}

/* ---- a night's files ---- */

struct copying {
	struct demo *d;
	int from, to;
};

static int
copy_file(void *ctx, const char *name, struct eg_err *err)
{
	struct copying *k = ctx;
	unsigned char sha[EG_SHA256_LEN];
	uint64_t size;
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(k->from, name, &fd, &st, err);

	if (rc == EG_OK)
		rc = eg_fs_copy_hashed(fd, k->to, name, EG_LIMIT_DROP_BYTES, sha, &size, err);
	if (rc == EG_OK) {
		eg_buf_printf(&k->d->names, "%s%s", k->d->names.len == 0 ? "" : ", ", name);
		k->d->dropped++;
	}
	eg_fd_done(&fd);
	return rc;
}

static int
drop_folder(struct demo *d, const char *samples, const char *source, struct eg_err *err)
{
	struct copying k = { d, -1, -1 };
	char *from = eg_xprintf("%s/night-%d/%s", samples, d->night, source);
	int rc = eg_fs_opendir(AT_FDCWD, from, &k.from, err);

	if (rc < 0)
		rc = eg_fail(
		    err, EG_BADFILE, "NO-READ", "The samples are not there (%s); is erpgate installed whole?", from);
	if (rc == EG_OK)
		rc = eg_fs_opendir(d->s.spool.drop, source, &k.to, err);
	if (rc == EG_OK)
		rc = eg_fs_list(k.from, copy_file, &k, err);
	eg_fd_done(&k.from);
	eg_fd_done(&k.to);
	free(from);
	return rc;
}

/* ---- the approver ---- */

struct sheet {
	enum sheet_form form;
	struct sheet_filter filter;
	struct eg_buf out;
	struct demo *d;
};

static int
make_sheet(struct site *s, void *ctx, struct eg_err *err)
{
	struct sheet *sh = ctx;

	return sheet_write(s, sh->form, &sh->filter, &sh->out, &sh->d->sheet_rows, sh->d->sheet, err);
}

#define ERP_ID_CELL 9

/* Where a cell of a row of our own sheet begins. */
static size_t
cell_at(struct eg_bytes row, unsigned cell)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < row.len && cell > 0; i++) {
		quoted = quoted != (row.ptr[i] == '"');
		cell -= row.ptr[i] == ',' && !quoted;
	}
	return i;
}

static const char *
typed_for(struct eg_bytes row)
{
	struct eg_bytes item = eg_bytes_sub(row, 2, row.len);

	item = eg_bytes_sub(item, 0, eg_bytes_chr(item, ','));
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		if (eg_bytes_is(item, typed[i].item))
			return typed[i].erp_id;
	return "";
}

/* What a person does in the spreadsheet: Accept in the first column of every row, a key where the accounting system has none yet. The rows of our own sheet begin
 * with two empty cells, Decision and Comment. */
static void
fill_in(struct eg_bytes sheet, struct eg_buf *ret)
{
	struct eg_bytes rest = sheet, row;

	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &row)) {
		bool item = eg_bytes_starts(row, EG_LIT(",,"));
		size_t at = item ? cell_at(row, ERP_ID_CELL) : 0;
		if (item)
			eg_buf_str(ret, "Accept");
		eg_buf_add(ret, eg_bytes_sub(row, 0, at));
		if (item)
			eg_buf_str(ret, typed_for(row));
		eg_buf_add(ret, eg_bytes_sub(row, at, row.len));
		eg_buf_chr(ret, '\n');
	}
}

static int
return_sheet(struct demo *d, struct eg_bytes filled, struct eg_err *err)
{
	char *name = eg_xprintf("night-%d.csv", d->night), *sig_name = eg_xprintf("%s.sig", name);
	unsigned char sig[SIGN_ED25519_LEN];
	struct sign_key *key = NULL;
	int dir = -1, rc = sign_key_load(d->s.dir, PERSON_KEY, true, &key, err);

	if (rc == EG_OK)
		rc = sign_bytes(key, filled, sig, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(d->s.spool.drop, "approvals", &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, sig_name, eg_bytes(sig, sizeof(sig)), 0644, true, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, name, filled, 0644, true, err);
	eg_fd_done(&dir);
	sign_key_free(key);
	free(sig_name);
	free(name);
	return rc;
}

static int
decide(struct demo *d, struct eg_err *err)
{
	struct sheet sh = { .form = SHEET_CSV, .out = EG_BUF_INIT, .d = d };
	struct eg_buf filled = EG_BUF_INIT;
	int rc = cli_tx(&d->s, make_sheet, &sh, err);

	if (rc == EG_OK) {
		char *name = eg_xprintf("sheet-night-%d.csv", d->night);
		fill_in(eg_buf_view(&sh.out), &filled);
		rc = eg_fs_write_file(d->s.dir, name, eg_buf_view(&sh.out), 0644, true, err);
		free(name);
	}
	if (rc == EG_OK && d->sheet_rows > 0)
		rc = return_sheet(d, eg_buf_view(&filled), err);
	eg_buf_done(&sh.out);
	eg_buf_done(&filled);
	return rc;
}

/* ---- the story ---- */

static int
tell_manifest(void *ctx, const struct manifest *m, struct eg_err *err)
{
	struct demo *d = ctx;

	(void)err;
	if (m->sheet == NULL || strcmp(m->sheet, d->sheet) != 0)
		return EG_OK;
	if (cli_has(d->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:s,s:i,s:i,s:i}", "type", "manifest", "night", d->night, "id", m->id,
		    "accepted", (int)m->accepted, "rejected", (int)m->rejected, "refused", (int)m->refused));
	else
		(void)printf(" 4 decided     %s: %u accepted, %u rejected, %u refused, signed by %s\n", m->id,
		    m->accepted, m->rejected, m->refused, m->approver != NULL ? m->approver : "nobody");
	return EG_OK;
}

struct writing {
	struct demo *d;
	const char *target;
	bool any;
};

static int
tell_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct writing *w = ctx;

	(void)err;
	if (cli_has(w->d->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:s,s:s,s:s,s:I,s:s}", "type", "file", "night", w->d->night, "batch",
		    f->batch, "target", w->target, "name", f->name, "rows", (json_int_t)f->rows, "amount", f->amount));
	else
		(void)printf("%-15s%s/spool/out/%s/%-38s %4lld rows %14s\n", w->any ? "" : " 5 wrote", w->d->dir,
		    w->target, f->name, (long long)f->rows, f->amount);
	w->any = true;
	return EG_OK;
}

static int
tell_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct writing *w = ctx;

	w->target = b->target;
	return b->run > w->d->last_run ? batch_file_each(w->d->s.store, b->id, tell_file, w, err) : EG_OK;
}

static int
verify_bundle(void *ctx, const char *path, struct eg_err *err)
{
	struct demo *d = ctx;
	struct bundle_verdict v;
	int rc = bundle_verify(&d->s.spool, path, NULL, &v, err);

	d->bundles++;
	if (rc == EG_OK && !v.good) {
		d->bad++;
		(void)fprintf(stderr, "erpgate: %s is broken: %s\n", path, v.problem);
	}
	return rc;
}

static int
tell_night(struct demo *d, struct eg_err *err)
{
	struct writing w = { d, NULL, false };
	int rc;

	if (cli_has(d->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "type", "night", "night", d->night, "files",
		    (int)d->dropped, "records", (int)d->read.records, "rejected",
		    (int)(d->read.rejected + d->read.refused_files), "waiting", (int)d->read.waiting, "held",
		    (int)d->read.held, "sheet_rows", (int)d->sheet_rows));
	else {
		(void)printf("\nNight %d\n 1 dropped     %u files: %s\n", d->night, d->dropped, eg_buf_cstr(&d->names));
		(void)printf(
		    " 2 read        %u records; %u rejected, %u wait for a decision, %u are held for something that is missing\n",
		    d->read.records, d->read.rejected + d->read.refused_files, d->read.waiting, d->read.held);
		(void)printf(" 3 sheet       %s/sheet-night-%d.csv with %u items   (open it in a spreadsheet)\n",
		    d->dir, d->night, d->sheet_rows);
	}
	rc = manifest_each(d->s.store, NULL, tell_manifest, d, err);
	if (rc == EG_OK)
		rc = batch_each(d->s.store, NULL, tell_batch, &w, err);
	d->bundles = 0;
	if (rc == EG_OK)
		rc = bundle_walk(&d->s.spool, verify_bundle, d, err);
	if (rc == EG_OK && !cli_has(d->c, O_JSON))
		(void)printf(" 6 sealed      %u bundles in %s/archive, %s\n", d->bundles, d->dir,
		    d->bad == 0 ? "all verified" : "NOT ALL GOOD");
	return rc;
}

static int
play_night(struct demo *d, const char *samples, int night, struct eg_err *err)
{
	int rc;

	d->night = night;
	d->dropped = 0;
	eg_buf_clear(&d->names);
	rc = store_run_last(d->s.store, &d->last_run, err);
	if (rc == EG_OK)
		rc = drop_folder(d, samples, "procore", err);
	if (rc == EG_OK)
		rc = drop_folder(d, samples, d->s.erp, err);
	if (rc == EG_OK)
		rc = cycle_run(&d->s, conf_int(&d->s.conf, "run.settle_timeout"), NULL, &d->read, err);
	if (rc == EG_OK)
		rc = decide(d, err);
	if (rc == EG_OK)
		rc = cycle_run(&d->s, conf_int(&d->s.conf, "run.settle_timeout"), NULL, &d->sent, err);
	return rc == EG_OK ? tell_night(d, err) : rc;
}

/* An item with a written line, the most telling kind first. */
static int
find_written(void *ctx, const struct item *it, struct eg_err *err)
{
	char **best = ctx;

	(void)err;
	if (it->type->cls == RC_TO_ERP && it->written != NULL && (*best == NULL || it->type->id == REC_COMMITMENT)) {
		free(*best);
		*best = eg_xstrdup(it->iid);
	}
	return EG_OK;
}

static int
tell_end(struct demo *d, struct eg_err *err)
{
	struct item_filter every = { 0 };
	char *item = NULL;
	int rc = item_each(d->s.store, &every, find_written, &item, err);

	if (rc == EG_OK && cli_has(d->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:i,s:i,s:o}", "type", "summary", "dir", d->dir, "bundles",
		    (int)d->bundles, "broken", (int)d->bad, "item", cli_str(item)));
	else if (rc == EG_OK) {
		const char *self = program_invocation_name; /* as it was called: the commands below are to be copied */

		(void)printf("\nLook next:\n  %s -C %s status\n", self, d->dir);
		if (item != NULL)
			(void)printf("  %s -C %s show %s --lineage\n", self, d->dir, item);
		(void)printf("  %s -C %s audit verify ALL\n", self, d->dir);
	}
	free(item);
	return rc;
}

static int
play(struct demo *d, const char *samples, struct eg_err *err)
{
	int rc = cli_tx(&d->s, add_person, NULL, err);

	if (!cli_has(d->c, O_JSON))
		(void)printf("Sample site    %s   (delete it any time)\n", d->dir);
	for (int night = 1; rc == EG_OK && night <= 2; night++)
		rc = play_night(d, samples, night, err);
	return rc == EG_OK ? tell_end(d, err) : rc;
}

int
cmd_demo(struct cli *c)
{
	struct demo d = { .c = c, .dir = c->argc > 0 ? c->argv[0] : "./demo-site", .names = EG_BUF_INIT };
	char *samples = site_beside("samples/cmic", ERPGATE_DATADIR);
	struct eg_err err = { 0 };
	int code, rc = make_site(&d, &err);

	if (rc == EG_OK)
		rc = site_open(d.dir, SITE_OWN, &d.s, &err);
	if (rc == EG_OK) {
		rc = play(&d, samples, &err);
		site_close(&d.s);
	}
	code = rc < 0 ? cli_fail(c, &err) : d.bad > 0 ? CLI_FAILED : CLI_OK;
	eg_buf_done(&d.names);
	free(samples);
	return code;
}
