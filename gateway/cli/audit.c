/* SPDX-License-Identifier: MIT
 *
 * audit: what is sealed, and whether it still is what was sealed. Verification begins at the bytes on disk; the log and the state are asked afterwards whether
 * anything is missing or too much.
 */
#include "base/fs.h"
#include "gateway/cli/audit_more.h"
#include "spool/tombstone.h"

#include <fcntl.h>
#include <search.h>

#define STOPPED "its deletion was begun and stopped; the next one ends it: erpgate audit expire"

struct known { /* a bundle that the log, the state or the disk has */
	char *id, *of, *path, *sha256; /* sha256: as sealed; NULL = only on disk */
	char *stone; /* digest of its tombstone, as the log has it: deleted under retention */
	bool on_disk, in_store, in_log, left_behind;
};

struct audit {
	struct cli *c;
	struct site *s;
	struct cli_table *t;
	struct known **v;
	size_t n, cap;
	void *index; /* tree over v by id */
	unsigned checked, bad;
	int out; /* folder to extract into */
	const char *member, *path; /* extract: only this one, of this bundle */
	struct eg_fs_out file;
	unsigned files;
};

/* ---- what is known ---- */

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->id, ((const struct known *)b)->id);
}

static struct known *
known_of(struct audit *a, const char *id)
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

static void
remember(struct known *k, const char *path, const char *sha256)
{
	if (k->path == NULL && path != NULL)
		k->path = eg_xstrdup(path);
	if (k->sha256 == NULL && sha256 != NULL)
		k->sha256 = eg_xstrdup(sha256);
}

static int
from_store(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct known *k = known_of(ctx, b->id);

	(void)err;
	k->in_store = true;
	if (k->of == NULL)
		k->of = eg_xstrdup(b->of_id);
	remember(k, b->path, b->sha256);
	return EG_OK;
}

static int
from_disk(void *ctx, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	char *id = eg_xdup(eg_bytes(name, strcspn(name, ".")));
	struct known *k = known_of(ctx, id);

	(void)err;
	k->on_disk = true;
	remember(k, path, NULL);
	free(id);
	return EG_OK;
}

/* Sealed by a turn that was stopped, before the state was made again from a log that ends before it: the entry of that act names them (gateway/keep_beyond.c). */
static void
left_behind(struct audit *a, const json_t *beyond)
{
	for (size_t i = 0; i < json_array_size(beyond); i++) {
		const char *path = json_string_value(json_array_get(beyond, i)),
			   *slash = path == NULL ? NULL : strrchr(path, '/');
		size_t n = slash == NULL ? 0 : strcspn(slash + 1, ".");

		if (n > 1 && strcmp(slash + 1 + n, ".zip") == 0) {
			char *id = eg_xdup(eg_bytes(slash + 1, n));
			known_of(a, id)->left_behind = true;
			free(id);
		}
	}
}

static int
from_log(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL), *detail = json_object_get(j, "detail");
	const char *event = json_string_value(json_object_get(j, "event")),
		   *id = json_string_value(json_object_get(j, "id"));
	const char *path = json_string_value(json_object_get(detail, "path")),
		   *sha256 = json_string_value(json_object_get(detail, "sha256"));

	(void)index;
	(void)err;
	if (event != NULL && id != NULL && path != NULL && sha256 != NULL && strcmp(event, "archived") == 0) {
		struct known *k = known_of(ctx, id);
		k->in_log = true;
		if (k->sha256 == NULL ||
		    strcmp(k->sha256, sha256) != 0) { /* the log is signed, the state is not: its word counts */
			free(k->sha256);
			k->sha256 = NULL;
		}
		remember(k, path, sha256);
	}
	if (event != NULL && strcmp(event, "rebuilt") == 0)
		left_behind(ctx, json_object_get(detail, "beyond"));
	const char *stone = json_string_value(json_object_get(detail, "tombstone"));
	if (event != NULL && id != NULL && stone != NULL && strcmp(event, "retention-deleted") == 0) {
		struct known *k = known_of(ctx, id);
		free(k->stone);
		k->stone = eg_xstrdup(stone);
	}
	json_decref(j);
	return EG_OK;
}

/* ---- verify ---- */

static void
tell(struct audit *a, const char *id, bool good, unsigned files, const char *key, const char *sha256,
    const char *problem)
{
	a->checked++;
	a->bad += !good;
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:b,s:i,s:s,s:s,s:s}", "type", "bundle", "id", id, "good", good, "files",
		    (int)files, "key", key, "sha256", sha256, "problem", problem));
	else if (good)
		(void)printf("%s  good   %4u files   signed by %s%s%s\n", id, files, key, *problem != '\0' ? "   " : "",
		    problem);
	else
		(void)printf("%s  BROKEN %s\n", id, problem);
}

/* It is gone because its time was over: then a signed tombstone says so, and the log names that tombstone. */
static int
verify_deleted(struct audit *a, const struct known *k, struct eg_err *err)
{
	struct bundle_verdict v = { .good = false };
	int rc = tombstone_verify(&a->s->spool, k->path, NULL, &v, err);
	char *text;

	if (rc < 0)
		return rc;
	if (v.good && strcmp(v.sha256, k->stone) != 0) {
		v.good = false;
		(void)snprintf(v.problem, sizeof(v.problem), "its tombstone is not the one that the log names");
	}
	text = v.good ? eg_xprintf("deleted under retention: archive/%.*s.tombstone.json", (int)strlen(k->path) - 4, k->path) :
	                eg_xprintf("it was deleted under retention, but %s", v.problem);
	tell(a, k->id, v.good, 0, v.key_id, k->sha256, text);
	free(text);
	return EG_OK;
}

static int
verify_one(struct audit *a, const struct known *k, struct eg_err *err)
{
	struct bundle_verdict v = { .good = false };
	int rc;

	if (!k->on_disk && k->stone != NULL)
		return verify_deleted(a, k, err);
	if (k->left_behind && k->sha256 == NULL) {
		if (k->on_disk)
			tell(a, k->id, true, 0, "", "",
			    "a stopped turn left it behind; what it holds is sealed again under another number");
		return EG_OK;
	}
	if (!k->on_disk) {
		tell(a, k->id, false, 0, "", k->sha256,
		    "it was sealed, but its file is not in the archive; restore it from a backup");
		return EG_OK;
	}
	rc = bundle_verify(&a->s->spool, k->path, NULL, &v, err);
	if (rc < 0)
		return rc;
	const char *problem = v.problem;
	if (!v.good && k->stone != NULL) { /* its digest and signature go first, the bundle last */
		v.good = true;
		problem = STOPPED;
	} else if (v.good && k->sha256 != NULL && strcmp(k->sha256, v.sha256) != 0) {
		v.good = false;
		problem = "it is whole and signed, but not the file that was sealed under this number";
	} else if (v.good && k->sha256 == NULL) {
		v.good = false;
		problem = "neither the log nor the state knows of it";
	} else if (v.good && k->stone != NULL)
		problem = STOPPED;
	else if (v.good)
		problem = k->in_log ? "" : "not in the published log yet: erpgate run";
	tell(a, k->id, v.good, v.files, v.key_id, v.sha256, problem);
	return EG_OK;
}

static int
verify_log(struct audit *a, struct eg_err *err)
{
	char *origin = eg_xprintf("erpgate/%s", a->s->name);
	struct sign_key *key = NULL;
	struct log_verdict v = { .good = false };
	int rc = sign_key_load(a->s->dir, "keys/gateway.pub.pem", false, &key, err);

	if (rc == EG_OK)
		rc = log_verify(&a->s->spool, origin, key, from_log, a, &v, err);
	if (rc == EG_OK) {
		a->bad += !v.good;
		if (cli_has(a->c, O_JSON))
			cli_json(json_pack("{s:s,s:b,s:I,s:s,s:s}", "type", "log", "good", v.good, "entries",
			    (json_int_t)v.size, "root", v.good ? v.root_hex : "", "problem", v.good ? "" : v.problem));
		else if (v.good)
			(void)printf("log      good   %4llu entries   root %.16s…   checkpoint signed\n",
			    (unsigned long long)v.size, v.root_hex);
		else
			(void)printf("log      BROKEN %s\n", v.problem);
	}
	sign_key_free(key);
	free(origin);
	return rc;
}

/* A bundle's id, or that of what it holds: D000187. */
static bool
is_named(const struct known *k, const char *what)
{
	return strcmp(what, "ALL") == 0 || strcmp(what, k->id) == 0 || (k->of != NULL && strcmp(what, k->of) == 0);
}

static bool
asked_for(const struct audit *a, const struct known *k)
{
	for (int i = 1; i < a->c->argc; i++)
		if (is_named(k, a->c->argv[i]))
			return true;
	return a->c->argc == 1;
}

static int
check_operands(struct audit *a, struct eg_err *err)
{
	for (int i = 1; i < a->c->argc; i++) {
		bool found = strcmp(a->c->argv[i], "ALL") == 0;
		for (size_t k = 0; k < a->n; k++)
			found = found || is_named(a->v[k], a->c->argv[i]);
		if (!found)
			return eg_fail(err, EG_BADREC, "NOT-FOUND",
			    "There is no bundle %s. See them: erpgate audit list", a->c->argv[i]);
	}
	return EG_OK;
}

static int
gather(struct audit *a, struct eg_err *err)
{
	int rc = bundle_row_each(a->s->store, NULL, from_store, a, err);

	return rc == EG_OK ? bundle_walk(&a->s->spool, from_disk, a, err) : rc;
}

static int
by_pointer(const void *a, const void *b)
{
	return by_id(*(struct known *const *)a, *(struct known *const *)b);
}

static int
audit_verify(struct audit *a, struct eg_err *err)
{
	int rc = gather(a, err);

	if (rc == EG_OK)
		rc = verify_log(a, err);
	if (rc == EG_OK)
		rc = check_operands(a, err);
	if (a->n > 0)
		qsort(a->v, a->n, sizeof(struct known *), by_pointer);
	for (size_t i = 0; rc == EG_OK && i < a->n; i++)
		if (asked_for(a, a->v[i]))
			rc = verify_one(a, a->v[i], err);
	if (rc < 0)
		return rc;
	if (cli_has(a->c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:i,s:i}", "type", "summary", "bundles", (int)a->checked, "broken", (int)a->bad));
	else if (a->bad > 0)
		(void)printf(
		    "Something is broken. Do not use it as evidence; restore it from a backup and verify again.\n");
	else
		(void)printf("%u bundles and the log, all good.\n", a->checked);
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

	return a->n > 0 ? EG_OK : from_store(a, b, err);
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
cmd_audit(struct cli *c)
{
	static const struct {
		const char *name;
		int (*work)(struct audit *a, struct eg_err *err);
	} acts[] = { { "list", audit_list }, { "show", audit_show }, { "verify", audit_verify },
		{ "extract", audit_extract } };
	struct audit a = { .c = c, .out = -1, .file = EG_FS_OUT_INIT };
	struct eg_err err = { 0 };
	struct site s;
	size_t i = 0;
	int code;

	if (audit_more(c, &code))
		return code;
	while (i < sizeof(acts) / sizeof(acts[0]) && strcmp(acts[i].name, c->argv[0]) != 0)
		i++;
	if (i == sizeof(acts) / sizeof(acts[0]))
		return cli_usage(c, "\"%s\" is not list, show, verify, extract, hold, holds, unhold, expire, export or procedure", c->argv[0]);
	if (acts[i].work == audit_extract && !cli_has(c, O_OUTPUT))
		return cli_usage(c, "say where to: -o FOLDER");
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	a.s = &s;
	code = acts[i].work(&a, &err) < 0 ? cli_fail(c, &err) : a.bad > 0 ? CLI_FINDINGS : CLI_OK;
	tdestroy(a.index, free_known);
	free(a.v);
	site_close(&s);
	return code;
}
