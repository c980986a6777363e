/* SPDX-License-Identifier: MIT
 *
 * Opening and checking state.db, transactions, running numbers, runs and the log. A database made by a newer
 * erpgate is refused (EG_FATAL "DB-NEWER"); one that a crash left behind is repaired by SQLite itself when it is
 * opened.
 */
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

#include "base/date.h"
#include "base/fs.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <unistd.h>

/* One more with every change of schema.sql; upgrade.c follows it. */
#define SCHEMA_VERSION 4
#define BUSY_MS 10000
#define NAME_ROOM 64
/*
 * What a statement or a savepoint may have to undo stays in memory. SQLite's own limit of 64 KiB would write every row of a large drop a second time; and what has outgrown a
 * limit after a part of it was undone fails in SQLite 3.40 as "disk is full", with a write of no bytes (tests/unit/test_transitions.c).
 */
#define STATEMENTS_IN_MEMORY (-1)
#define STRING_(x) #x
#define STRING(x) STRING_(x)

/* ---- opening ---- */

static int
plain(struct store *s, const char *sql, struct eg_err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? EG_OK : sql_fail(s, rc, "setting up state.db", err);
}

/* SQLite takes names, not descriptors: the folder's name as of now. */
int
store_db_path(int site_dir, const char *name, char *ret, size_t cap, struct eg_err *err)
{
	char link[64], dir[PATH_MAX - NAME_ROOM];
	ssize_t n;
	int len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", site_dir);
	n = readlink(link, dir, sizeof(dir) - 1);
	if (n < 0)
		return eg_fail_sys(err, EG_FATAL, "DB-OPEN", errno, "the site's folder cannot be found");
	dir[n] = '\0';
	len = snprintf(ret, cap, "%s/%.*s", dir, NAME_ROOM - 2, name);
	if ((size_t)n == sizeof(dir) - 1 || len < 0 || (size_t)len >= cap)
		return eg_fail(err, EG_FATAL, "DB-OPEN", "the name of the site's folder is too long");
	return EG_OK;
}

static int
make_schema(struct store *s, struct eg_err *err)
{
	int rc = plain(s, "BEGIN IMMEDIATE", err);

	if (rc != EG_OK)
		return rc;
	rc = plain(s, (const char *)store_schema, err);
	if (rc == EG_OK)
		rc = touched_install(s, err);
	if (rc == EG_OK)
		rc = plain(s, "PRAGMA user_version = " STRING(SCHEMA_VERSION) "; COMMIT", err);
	if (rc != EG_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* the first error is the one told */
	return rc;
}

static int
check_version(struct store *s, bool create, struct eg_err *err)
{
	int64_t version = 0;
	int rc = sql_number(s, 0, &version, err, "PRAGMA user_version", "");

	if (rc != EG_OK)
		return rc;
	if (version == 0 && create)
		return make_schema(s, err);
	if (version == 0)
		return eg_fail(err, EG_FATAL, "DB-EMPTY",
		    "state.db is empty; make the site with `erpgate init` or rebuild it with `erpgate db rebuild`");
	if (version > SCHEMA_VERSION)
		return eg_fail(err, EG_FATAL, "DB-NEWER",
		    "state.db was made by a newer erpgate (form %lld, this one knows %d); install the newer one",
		    (long long)version, SCHEMA_VERSION);
	if (version < SCHEMA_VERSION && s->read_only)
		return eg_fail(err, EG_FATAL, "DB-OLDER",
		    "state.db was made by an older erpgate (form %lld, this one is %d); the next run brings it up to date: erpgate run",
		    (long long)version, SCHEMA_VERSION);
	return version < SCHEMA_VERSION ? store_upgrade(s, SCHEMA_VERSION, err) : EG_OK;
}

static int
settle_in(struct store *s, bool create, struct eg_err *err)
{
	int rc;

	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	rc = plain(s, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", err);
	if (rc == EG_OK && !s->read_only)
		rc = plain(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err);
	if (rc == EG_OK)
		rc = check_version(s, create, err);
	return rc;
}

int
store_open(int site_dir, bool create, bool read_only, struct store **ret, struct eg_err *err)
{
	return store_open_named(site_dir, "state.db", create, read_only, ret, err);
}

int
store_open_named(int site_dir, const char *name, bool create, bool read_only, struct store **ret, struct eg_err *err)
{
	char path[PATH_MAX];
	int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	struct store *s;
	int rc = store_db_path(site_dir, name, path, sizeof(path), err);

	if (rc != EG_OK)
		return rc;
	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, STATEMENTS_IN_MEMORY); /* refused when it was done before */
	/* what a large transaction spills stays in the site, not in a folder of everybody */
	if (sqlite3_temp_directory == NULL)
		sqlite3_temp_directory = sqlite3_mprintf("%.*s", (int)(strrchr(path, '/') - path), path);
	s = eg_xalloc(sizeof(*s));
	s->read_only = read_only;
	rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOFOLLOW, NULL);
	rc = rc == SQLITE_OK ? settle_in(s, create, err) : sql_fail(s, rc, "opening state.db", err);
	/* A kill between the making of such a file and the removal of its name leaves it; who uses one has it open, and needs no name. */
	if (rc == EG_OK && !read_only)
		rc = eg_fs_sweep(site_dir, "etilqs_", err);
	/* The name of state.db-wal, in which every commit stands: SQLite syncs the folder too, and does not look at the result. */
	if (rc == EG_OK && !read_only)
		rc = eg_fs_sync_dir(site_dir, err);
	if (rc != EG_OK) {
		store_close(s);
		return rc;
	}
	*ret = s;
	return EG_OK;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nslots; i++)
		(void)sqlite3_finalize(s->slots[i].st);
	free(s->slots);
	(void)sqlite3_close(s->db);
	free(s);
}

int
store_check(struct store *s, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *said = "";
	int rc = sql_get(s, "PRAGMA integrity_check(1)", &st, err);

	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "S", &said);
	if (rc == EG_OK && strcmp(said, "ok") != 0)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "state.db is damaged: %s; rebuild it from the archive with `erpgate db rebuild`", said);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
store_schema_version(void)
{
	return SCHEMA_VERSION;
}

/* ---- transactions ---- */

int
store_begin(struct store *s, struct eg_err *err)
{
	int rc;

	eg_check(!s->in_tx);
	rc = sql_exec(s, err, s->read_only ? "BEGIN" : "BEGIN IMMEDIATE", "");
	if (rc == EG_OK)
		s->in_tx = true;
	return rc;
}

int
store_commit(struct store *s, struct eg_err *err)
{
	int rc;

	eg_check(s->in_tx && s->marks == 0);
	rc = sql_exec(s, err, "COMMIT", "");
	if (rc == EG_OK)
		s->in_tx = false;
	return rc;
}

void
store_rollback(struct store *s)
{
	/* A full disk may have ended the transaction already: then there is nothing to give up. */
	if (s->in_tx && sqlite3_get_autocommit(s->db) == 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->in_tx = false;
	s->marks = 0;
}

int
store_mark(struct store *s, struct eg_err *err)
{
	int rc;

	eg_check(s->in_tx);
	rc = sql_exec(s, err, "SAVEPOINT mark", "");
	if (rc == EG_OK)
		s->marks++;
	return rc;
}

int
store_undo(struct store *s, struct eg_err *err)
{
	int rc;

	eg_check(s->marks > 0);
	rc = sql_exec(s, err, "ROLLBACK TO mark", "");
	return rc == EG_OK ? store_keep(s, err) : rc;
}

int
store_keep(struct store *s, struct eg_err *err)
{
	int rc;

	eg_check(s->marks > 0);
	rc = sql_exec(s, err, "RELEASE mark", "");
	if (rc == EG_OK)
		s->marks--;
	return rc;
}

/* ---- numbers ---- */

int
store_meta_get(struct store *s, const char *key, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT value FROM meta WHERE key = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", key);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", ret);
	if (rc == EG_EOF) {
		*ret = NULL;
		rc = EG_OK;
	}
	sql_put(s, st);
	return rc;
}

int
store_meta_set(struct store *s, const char *key, const char *value, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", "ss",
	    key, value);
}

static int
last_number(struct store *s, char kind, int64_t *ret, struct eg_err *err)
{
	char key[16];

	(void)snprintf(key, sizeof(key), "last.%c", kind);
	return sql_number(s, 0, ret, err, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?", "s", key);
}

static int
set_last_number(struct store *s, char kind, int64_t n, struct eg_err *err)
{
	char key[16], value[32];

	(void)snprintf(key, sizeof(key), "last.%c", kind);
	(void)snprintf(value, sizeof(value), "%lld", (long long)n);
	return store_meta_set(s, key, value, err);
}

int
store_next_id(struct store *s, char kind, char ret[16], struct eg_err *err)
{
	int64_t last = 0;
	int rc = last_number(s, kind, &last, err);

	if (rc == EG_OK)
		rc = set_last_number(s, kind, last + 1, err);
	if (rc == EG_OK)
		(void)snprintf(ret, 16, "%c%06lld", kind, (long long)((last + 1) % INT64_C(10000000000000)));
	return rc;
}

int
store_seen_id(struct store *s, const char *id, struct eg_err *err)
{
	int64_t last = 0, n = 0;
	int rc;

	if (id[0] == '\0' || !eg_bytes_to_i64(eg_bytes_str(id + 1), &n) || n < 0)
		return eg_fail(err, EG_BADREC, "ID", "%s is not an id of erpgate", id);
	rc = last_number(s, id[0], &last, err);
	if (rc == EG_OK && n > last)
		rc = set_last_number(s, id[0], n, err);
	return rc;
}

/* ---- runs ---- */

int
store_run_begin(struct store *s, const char *kind, int64_t now, int64_t *ret_run, struct eg_err *err)
{
	int rc = sql_exec(s, err, "INSERT INTO run (kind, started) VALUES (?, ?)", "si", kind, now);

	if (rc == EG_OK)
		*ret_run = sqlite3_last_insert_rowid(s->db);
	return rc;
}

int
store_run_end(struct store *s, int64_t run, int64_t now, int exit_code, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE run SET ended = ?, exit = ? WHERE id = ?", "iii", now, (int64_t)exit_code, run);
}

int
store_run_count(struct store *s, int64_t run, unsigned drops, unsigned records, unsigned rejected, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE run SET drops = drops + ?, records = records + ?, rejected = rejected + ? WHERE id = ?", "iiii",
	    (int64_t)drops, (int64_t)records, (int64_t)rejected, run);
}

int
store_run_last(struct store *s, int64_t *ret_run, struct eg_err *err)
{
	return sql_number(s, 0, ret_run, err, "SELECT max(id) FROM run", "");
}

int
store_run_before(struct store *s, int64_t run, int64_t now, int64_t *ret_started, struct eg_err *err)
{
	return sql_number(s, 0, ret_started, err,
	    "SELECT max(started) FROM run WHERE (id < ?1 OR ?1 = 0) AND started <= ?2", "ii", run, now);
}

/* ---- log ---- */

/* The entry's bytes are what the archive hashes: keys in this order, compact, never changed afterwards. */
static int
log_text(uint64_t index, int64_t now, const char *actor, const char *event, const char *id, const char *detail_json,
    char **ret, char **ret_detail, struct eg_err *err)
{
	char at[EG_TIME_TEXT];
	json_error_t why;
	json_t *detail = json_loads(detail_json == NULL ? "{}" : detail_json, JSON_REJECT_DUPLICATES, &why);
	json_t *entry;

	if (detail == NULL)
		return eg_fail(
		    err, EG_FATAL, "LOG-DETAIL", "the log entry %s of %s is not JSON: %s", event, id, why.text);
	eg_time_print(at, now);
	entry = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o}", "index", (json_int_t)index, "time", at, "actor", actor,
	    "event", event, "id", id, "detail", detail);
	if (entry == NULL)
		return eg_fail(
		    err, EG_FATAL, "LOG-DETAIL", "the log entry %s of %s holds text that is not UTF-8", event, id);
	*ret = json_dumps(entry, JSON_COMPACT);
	*ret_detail = json_dumps(detail, JSON_COMPACT);
	json_decref(entry);
	if (*ret == NULL || *ret_detail == NULL)
		return eg_fail(err, EG_RETRY, "DB-MEMORY", "there was not enough memory for a log entry");
	return EG_OK;
}

int
store_log(struct store *s, int64_t now, const char *actor, const char *event, const char *id, const char *detail_json,
    struct eg_err *err)
{
	uint64_t index = 0;
	char *line = NULL, *detail = NULL;
	int rc = store_log_size(s, &index, err);

	if (id == NULL)
		id = "";
	if (rc == EG_OK)
		rc = log_text(index, now, actor, event, id, detail_json, &line, &detail, err);
	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    "INSERT INTO log (idx, at, actor, event, of_id, detail, line) VALUES (?, ?, ?, ?, ?, ?, ?)",
		    "iisssss", (int64_t)index, now, actor, event, id, detail, line);
	free(line);
	free(detail);
	return rc;
}

int
store_log_size(struct store *s, uint64_t *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc = sql_number(s, 0, &n, err, "SELECT coalesce(max(idx) + 1, 0) FROM log", "");

	if (rc == EG_OK)
		*ret = (uint64_t)n;
	return rc;
}

int
store_log_latest(struct store *s, uint64_t from, int64_t *ret, struct eg_err *err)
{
	return sql_number(s, 0, ret, err, "SELECT coalesce(max(at), 0) FROM log WHERE idx >= ?", "i", (int64_t)from);
}

int
store_log_line(struct store *s, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *line = NULL;
	int rc = sql_get(s, "SELECT line FROM log WHERE idx = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", (int64_t)index);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "S", &line);
	if (rc == EG_OK)
		eg_buf_str(ret, line);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "log entry %llu is missing; check the archive with `erpgate audit verify`",
		    (unsigned long long)index);
	sql_put(s, st);
	return rc;
}

#define LOG_COLUMNS "SELECT idx, at, actor, event, of_id, detail FROM "
#define LOG_LAST                                                             \
	LOG_COLUMNS "(SELECT * FROM log WHERE of_id = ?1 ORDER BY idx DESC " \
		    "LIMIT CASE ?2 WHEN 0 THEN -1 ELSE ?2 END) ORDER BY idx"
/* The numbers have no gaps: the last of them are found without sorting, however many. */
#define LOG_TAIL                                                                  \
	LOG_COLUMNS "log WHERE ?1 IS NULL AND idx > CASE ?2 WHEN 0 THEN -1 ELSE " \
		    "(SELECT coalesce(max(idx), 0) FROM log) - ?2 END ORDER BY idx"

static int
log_rows(struct store *s, sqlite3_stmt *st, int (*each)(void *ctx, const struct log_row *r, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	int rc = EG_OK;

	while (rc == EG_OK) {
		struct log_row r;
		int64_t index = 0;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "iissss", &index, &r.at, &r.actor, &r.event, &r.id, &r.detail);
		if (rc == EG_OK) {
			r.index = (uint64_t)index;
			rc = each(ctx, &r, err);
		}
	}
	return rc == EG_EOF ? EG_OK : rc;
}

int
store_log_each(struct store *s, const char *id, unsigned limit,
    int (*each)(void *ctx, const struct log_row *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, id != NULL ? LOG_LAST : LOG_TAIL, &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "si", id, (int64_t)limit);
	if (rc == EG_OK)
		rc = log_rows(s, st, each, ctx, err);
	sql_put(s, st);
	return rc;
}

int
store_log_events(struct store *s, const char *event, int64_t since,
    int (*each)(void *ctx, const struct log_row *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT idx, at, actor, event, of_id, detail FROM log WHERE event = ? AND at >= ? ORDER BY idx", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "si", event, since);
	if (rc == EG_OK)
		rc = log_rows(s, st, each, ctx, err);
	sql_put(s, st);
	return rc;
}
