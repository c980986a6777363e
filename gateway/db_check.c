/* SPDX-License-Identifier: MIT
 *
 * The state compared with the archive, and a database made from the archive for it. Nothing is repaired here.
 */
#include "gateway/db_check.h"

#include "base/fs.h"
#include "gateway/keep.h"
#include "gateway/store/store_backup.h"
#include "gateway/store/store_touched.h"
#include "gateway/turn.h"
#include "gateway/workflow/workflow.h"

#include <inttypes.h>
#include <jansson.h>

struct checking {
	struct site *s;
	struct db_check *ret;
	void (*tell)(void *ctx, const char *sentence);
	void *ctx;
	struct eg_buf line;
	struct gone { /* bundles with a tombstone in their place */
		char *id, *path;
		bool declared;
	} * gone;
	size_t ngone;
};

static void EG_PRINTF(2, 3) wrong(struct checking *k, const char *fmt, ...)
{
	char text[EG_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	k->ret->problems++;
	k->tell(k->ctx, text);
}

/* ---- what the log names ---- */

static int
same_digest(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	const char **sha256 = ctx;

	(void)err;
	if (*sha256 != NULL && strcmp(b->sha256, *sha256) == 0)
		*sha256 = NULL;
	return EG_OK;
}

static bool
in_archive(struct checking *k, const char *path)
{
	return eg_fs_exists(k->s->spool.archive, path);
}

/* Whether its deletion was declared is known only behind the last entry. */
static void
without(struct checking *k, const char *id, const char *path)
{
	k->gone = eg_xrealloc(k->gone, (k->ngone + 1) * sizeof(*k->gone));
	k->gone[k->ngone++] = (struct gone){ eg_xstrdup(id), eg_xstrdup(path), false };
}

static void
declared(struct checking *k, const char *id)
{
	k->ret->deleted++;
	for (size_t i = 0; i < k->ngone; i++)
		k->gone[i].declared |= strcmp(k->gone[i].id, id) == 0;
}

static void
tell_gone(struct checking *k)
{
	for (size_t i = 0; i < k->ngone; i++) {
		if (!k->gone[i].declared)
			wrong(k,
			    "archive/%s is not there, and its tombstone was declared by nobody: the log has no entry of its deletion. Restore it from a backup of the archive",
			    k->gone[i].path);
		free(k->gone[i].id);
		free(k->gone[i].path);
	}
	free(k->gone);
}

static int
named_bundle(struct checking *k, const char *id, const char *path, const char *sha256, struct eg_err *err)
{
	const char *left = sha256;
	char *stone = eg_xprintf("%.*s.tombstone.json", (int)strcspn(path, "."), path);
	int rc = bundle_row_each(k->s->store, id, same_digest, &left, err);

	if (rc == EG_OK && left != NULL)
		wrong(k, "the log names bundle %s, and the state does not know it with these bytes", id);
	if (rc == EG_OK && !in_archive(k, path)) {
		if (in_archive(k, stone))
			without(k, id, path);
		else
			wrong(k, "archive/%s is not there: restore it from a backup of the archive", path);
	}
	k->ret->bundles++;
	free(stone);
	return rc;
}

static int
named(struct checking *k, const json_t *j, struct eg_err *err)
{
	const json_t *d = json_object_get(j, "detail");
	const char *event = json_string_value(json_object_get(j, "event")),
		   *id = json_string_value(json_object_get(j, "id")),
		   *path = json_string_value(json_object_get(d, "path")),
		   *sha256 = json_string_value(json_object_get(d, "sha256"));

	if (event == NULL || id == NULL || path == NULL || sha256 == NULL)
		return EG_OK;
	if (strcmp(event, "archived") == 0)
		return named_bundle(k, id, path, sha256, err);
	if (strcmp(event, "retention-deleted") == 0)
		declared(k, id);
	if (strcmp(event, "state-kept") != 0)
		return EG_OK;
	k->ret->segments++;
	if (!in_archive(k, path))
		wrong(k, "archive/%s is not there: without it the database cannot be made again", path);
	return EG_OK;
}

static int
entry(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	struct checking *k = ctx;
	int rc = EG_OK;

	eg_buf_clear(&k->line);
	if (index < k->ret->entries) {
		rc = store_log_line(k->s->store, index, &k->line, err);
		if (rc == EG_OK && !eg_bytes_eq(eg_buf_view(&k->line), line))
			wrong(k, "entry %" PRIu64 " of the log is another one in the state than in the archive", index);
	}
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL);
	if (rc == EG_OK)
		rc = named(k, j, err);
	json_decref(j);
	return rc;
}

static int
check_log(struct checking *k, struct eg_err *err)
{
	char *origin = site_log_origin(k->s);
	struct log_verdict v = { .good = false };
	int rc = store_log_size(k->s->store, &k->ret->entries, err);

	if (rc == EG_OK)
		rc = log_verify(&k->s->spool, origin, NULL, entry, k, &v, err);
	k->ret->published = v.size;
	tell_gone(k);
	/* An account that may write the log and not read the key leaves the head to the next run. */
	if (rc == EG_OK && !v.good && !(v.fault == LOG_BEHIND && v.size < k->ret->entries))
		wrong(k, "%s", v.problem);
	else if (rc == EG_OK && v.size > k->ret->entries)
		wrong(k,
		    "the state ends at entry %" PRIu64 " of the log and the archive has %" PRIu64
		    ": state.db is older than the archive. Make it again: erpgate db rebuild",
		    k->ret->entries, v.size);
	free(origin);
	return rc;
}

int
db_check(
    struct site *s, void (*tell)(void *ctx, const char *sentence), void *ctx, struct db_check *ret, struct eg_err *err)
{
	struct checking k = { .s = s, .ret = ret, .tell = tell, .ctx = ctx, .line = EG_BUF_INIT };
	struct eg_err why = { 0 };
	int rc;

	*ret = (struct db_check){ 0 };
	if (s->store == NULL)
		rc = eg_fail(&why, EG_FATAL, "DB-OPEN", "state.db cannot be opened");
	else
		rc = store_check(s->store, &why);
	ret->whole = rc == EG_OK;
	if (rc < 0) {
		wrong(&k, "%s", why.msg);
		return EG_OK;
	}
	rc = store_touched_count(s->store, &ret->touched, err);
	if (rc == EG_OK)
		rc = check_log(&k, err);
	eg_buf_done(&k.line);
	return rc;
}

/* ---- making one ---- */

int
db_remove(int dirfd, const char *name, struct eg_err *err)
{
	static const char *const parts[] = { "", "-wal", "-shm", "-journal" };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *path = eg_xprintf("%s%s", name, parts[i]);
		rc = eg_fs_unlink(dirfd, path, err);
		free(path);
	}
	return rc;
}

static int
settle(struct site *s, void *ctx, struct eg_err *err)
{
	struct kept *go_on = ctx;
	int rc = go_on != NULL ? keep_beyond(s, go_on, err) : EG_OK;

	return rc == EG_OK ? rules_settle(s, false, err) : rc;
}

int
db_make(struct site *s, int dirfd, const char *name, bool go_on, struct kept *ret, struct eg_err *err)
{
	struct store *before = s->store, *made = NULL;
	int rc = db_remove(dirfd, name, err);

	*ret = (struct kept){ 0 };
	if (rc == EG_OK)
		rc = store_open_named(dirfd, name, true, false, &made, err);
	if (rc == EG_OK)
		rc = keep_rebuild(s, made, ret, err);
	if (rc == EG_OK) {
		s->store = made; /* what is held is no part of what is kept */
		rc = turn_transaction(s, settle, go_on ? ret : NULL, err);
		s->store = before;
	}
	store_close(made);
	if (rc < 0) {
		struct eg_err untold;
		if (db_remove(dirfd, name, &untold) < 0)
			return rc; /* the first error is the one told; the next rebuild removes it */
	}
	return rc;
}

static int
differs(void *ctx, const struct store_difference *d, struct eg_err *err)
{
	struct checking *k = ctx;

	(void)err;
	if (d->here > d->touched || d->there > d->touched)
		wrong(k,
		    "table %s: %" PRId64 " rows of the state are not in the archive, %" PRId64
		    " rows of the archive not in the state",
		    d->table, d->here, d->there);
	return EG_OK;
}

int
db_check_tables(
    struct site *s, void (*tell)(void *ctx, const char *sentence), void *ctx, struct db_check *ret, struct eg_err *err)
{
	struct checking k = { .s = s, .ret = ret, .tell = tell, .ctx = ctx };
	struct kept kept;
	int rc = db_make(s, s->dir, DB_MADE, false, &kept, err);

	if (rc == EG_OK)
		rc = store_compare(s->store, s->dir, DB_MADE, &ret->tables, differs, &k, err);
	struct eg_err untold;
	int after = db_remove(s->dir, DB_MADE, rc == EG_OK ? err : &untold);
	return rc == EG_OK ? after : rc;
}
