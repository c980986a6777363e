/* SPDX-License-Identifier: MIT
 *
 * audit: what is sealed, listed and copied out. Whether it still is what was sealed: audit_verify.c and audit_log.c.
 */
#include "gateway/cli/audit.h"

#include "gateway/cli/audit_find.h"
#include "gateway/cli/audit_more.h"
#include "spool/tombstone.h"

#include <fcntl.h>
#include <search.h>

/* ---- what is known ---- */

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->id, ((const struct known *)b)->id);
}

struct known *
audit_known(struct audit *a, const char *id)
{
	struct known *k = eg_xalloc(sizeof(*k));

	k->id = eg_xstrdup(id);
	struct known *const *node = tsearch(k, &a->index, by_id);
	if (node == NULL)
		eg_bug("out of memory");
	if (*node != k) {
		free(k->id);
		free(k);
		return *node;
	}
	if (a->n == a->cap) {
		a->cap = a->cap == 0 ? 64 : a->cap * 2;
		a->v = eg_xrealloc(a->v, a->cap * sizeof(struct known *));
	}
	a->v[a->n++] = k;
	return k;
}

void
audit_remember(struct known *k, const char *path, const char *sha256)
{
	if (k->path == NULL && path != NULL)
		k->path = eg_xstrdup(path);
	if (k->sha256 == NULL && sha256 != NULL)
		k->sha256 = eg_xstrdup(sha256);
}

int
audit_from_store(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct known *k = audit_known(ctx, b->id);

	(void)err;
	k->in_store = true;
	if (k->of == NULL)
		k->of = eg_xstrdup(b->of_id);
	audit_remember(k, b->path, b->sha256);
	return EG_OK;
}

/* ---- list, show ---- */

static int
list_row(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct audit *a = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	eg_time_print(when, b->sealed);
	bool deleted = !eg_fs_exists(a->s->spool.archive, b->path) && tombstone_there(&a->s->spool, b->path);
	if (a->t == NULL)
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "type", "bundle", "id", b->id, "kind", b->kind,
		    "of", b->of_id, "path", b->path, "sha256", b->sha256, "sealed", when, "deleted", deleted));
	else {
		const char *cells[] = { b->id, b->kind, b->of_id, deleted ? "deleted under retention" : b->path, when };
		cli_table_row(a->t, cells);
	}
	a->files++;
	return EG_OK;
}

static int
audit_list(struct audit *a, struct eg_err *err)
{
	static const char *const titles[] = { "BUNDLE", "KIND", "OF", "FILE IN ARCHIVE", "SEALED" };
	int rc;

	if (!cli_has(a->c, O_JSON))
		a->t = cli_table_new(titles, 5, 0);
	rc = bundle_row_each(a->s->store, NULL, list_row, a, err);
	if (a->t != NULL) {
		cli_table_print(a->t);
		(void)printf("%u bundles.   Check them: erpgate audit verify ALL\n", a->files);
	} else
		cli_json(json_pack("{s:s,s:i}", "type", "summary", "bundles", (int)a->files));
	return rc;
}

static int
take_path(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct audit *a = ctx;

	return a->n > 0 ? EG_OK : audit_from_store(a, b, err);
}

/* The bundle of the second operand, by its number or that of what it holds. */
static int
find_bundle(struct audit *a, struct eg_err *err)
{
	int rc;

	if (a->c->argc < 2)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "Say which bundle. See them: erpgate audit list");
	rc = bundle_row_each(a->s->store, a->c->argv[1], take_path, a, err);
	if (rc == EG_OK && a->n == 0)
		rc = eg_fail(
		    err, EG_BADREC, "NOT-FOUND", "There is no bundle %s. See them: erpgate audit list", a->c->argv[1]);
	if (rc == EG_OK)
		a->path = a->v[0]->path;
	return rc;
}

static int
show_member(void *ctx, const char *name, uint64_t size, struct eg_err *err)
{
	struct audit *a = ctx;

	(void)err;
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:I}", "type", "member", "bundle", a->v[0]->id, "name", name, "size",
		    (json_int_t)size));
	else
		(void)printf("%12llu  %s\n", (unsigned long long)size, name);
	a->files++;
	return EG_OK;
}

static int
audit_show(struct audit *a, struct eg_err *err)
{
	int rc = find_bundle(a, err);

	if (rc == EG_OK && !cli_has(a->c, O_JSON))
		(void)printf("%s   %s/archive/%s\nsha256 %s\n\n", a->v[0]->id, a->s->path, a->path, a->v[0]->sha256);
	if (rc == EG_OK)
		rc = bundle_list(&a->s->spool, a->path, show_member, a, err);
	if (rc == EG_OK && !cli_has(a->c, O_JSON))
		(void)printf(
		    "\n%u files.   Copy them out: erpgate audit extract %s -o FOLDER\n", a->files, a->v[0]->id);
	return rc;
}

/* ---- extract ---- */

static int
write_piece(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	return eg_fs_out_write(&((struct audit *)ctx)->file, v, err);
}

/* Names in bundles are made of A-Z a-z 0-9 . _ - and never begin with a dot: bundle_list refuses others. */
static int
extract_member(void *ctx, const char *name, uint64_t size, struct eg_err *err)
{
	struct audit *a = ctx;
	char *path = eg_xprintf("%s/%s", a->v[0]->id, name), *slash;
	int dir = -1, rc = EG_OK;

	(void)size;
	if (a->member == NULL || strcmp(a->member, name) == 0) {
		slash = strrchr(path, '/');
		*slash = '\0';
		a->file = (struct eg_fs_out)EG_FS_OUT_INIT;
		rc = eg_fs_mkdirs(a->out, path, 0755, err);
		if (rc == EG_OK)
			rc = eg_fs_opendir(a->out, path, &dir, err);
		if (rc == EG_OK)
			rc = eg_fs_out_open(&a->file, dir, 0644, err);
		if (rc == EG_OK)
			rc = bundle_read(&a->s->spool, a->path, name, write_piece, a, err);
		if (rc == EG_OK)
			rc = eg_fs_out_commit(&a->file, slash + 1, true, err);
		eg_fs_out_abort(&a->file);
		eg_fd_done(&dir);
		a->files++;
		if (rc == EG_OK && cli_has(a->c, O_JSON))
			cli_json(json_pack("{s:s,s:s,s:s,s:I}", "type", "member", "bundle", a->v[0]->id, "name", name,
			    "size", (json_int_t)size));
	}
	free(path);
	return rc;
}

static int
audit_extract(struct audit *a, struct eg_err *err)
{
	const char *out = a->c->opt[O_OUTPUT];
	int rc = find_bundle(a, err);

	a->member = a->c->argc > 2 ? a->c->argv[2] : NULL;
	if (rc == EG_OK)
		rc = eg_fs_mkdirs(AT_FDCWD, out, 0755, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(AT_FDCWD, out, &a->out, err);
	if (rc == EG_OK)
		rc = bundle_list(&a->s->spool, a->path, extract_member, a, err);
	if (rc == EG_OK && a->files == 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s holds no \"%s\". Its files: erpgate audit show %s",
		    a->v[0]->id, a->member, a->v[0]->id);
	if (rc == EG_OK && !cli_has(a->c, O_JSON) && !cli_has(a->c, O_QUIET))
		(void)printf("%u files written to %s/%s. Check them there: sha256sum -c manifest-sha256.txt\n",
		    a->files, out, a->v[0]->id);
	eg_fd_done(&a->out);
	return rc;
}

static void
free_known(void *p)
{
	struct known *k = p;

	free(k->id);
	free(k->of);
	free(k->path);
	free(k->sha256);
	free(k->stone);
	free(k);
}

int
audit_reopen(struct audit *a, enum site_mode mode, struct eg_err *err)
{
	site_close(a->s);
	return cli_site(a->c, mode, a->s, &a->told) ? EG_OK :
	                                              eg_fail(err, EG_RETRY, "LOCKED", "the site cannot be opened");
}

int
cmd_audit(struct cli *c)
{
	static const struct {
		const char *name;
		int (*work)(struct audit *a, struct eg_err *err);
		enum site_mode mode;
	} acts[] = { { "list", audit_list, SITE_LOOK }, { "show", audit_show, SITE_LOOK },
		{ "verify", audit_verify, SITE_LOOK }, { "extract", audit_extract, SITE_LOOK },
		{ "prove", audit_prove, SITE_LOOK }, { "stamp-request", audit_stamp_request, SITE_CHANGE },
		{ "stamp", audit_stamp, SITE_LOOK } };
	struct audit a = { .c = c, .out = -1, .file = EG_FS_OUT_INIT };
	struct eg_err err = { 0 };
	struct site s;
	size_t i = 0;
	int code;

	if (audit_browse(c, &code) || audit_more(c, &code))
		return code;
	while (i < sizeof(acts) / sizeof(acts[0]) && strcmp(acts[i].name, c->argv[0]) != 0)
		i++;
	if (i == sizeof(acts) / sizeof(acts[0]))
		return cli_usage(c,
		    "\"%s\" is not list, show, find, index, verify, extract, prove, stamp-request, stamp, hold, holds, unhold, expire, export or procedure",
		    c->argv[0]);
	if (acts[i].work == audit_extract && !cli_has(c, O_OUTPUT))
		return cli_usage(c, "say where to: -o FOLDER");
	if (!cli_site(c, acts[i].mode, &s, &code))
		return code;
	a.s = &s;
	if (acts[i].work(&a, &err) < 0)
		code = a.told != CLI_OK ? a.told : cli_fail(c, &err);
	else
		code = a.bad > 0 ? CLI_FINDINGS : CLI_OK;
	tdestroy(a.index, free_known);
	free(a.v);
	free(a.stamped);
	site_close(&s);
	return code;
}
