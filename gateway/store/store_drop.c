/* SPDX-License-Identifier: MIT
 *
 * Drops, the plain files in them, and findings. Callbacks get rows whose texts live until the callback returns;
 * they may call the store.
 */
#include "gateway/store/sql.h"

#define DROP_COLS "id, source, name, sha256, identity, size, owner, received, run, state, verdict, first, bundle"

/* ---- drops ---- */

int
store_drop_add(struct store *s, const struct drop_row *d, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT INTO drops (" DROP_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "sssssiiiisSss", d->id, d->source, d->name, d->sha256, d->identity, d->size, d->owner, d->received, d->run,
	    d->state, d->verdict, d->first, d->bundle);
}

static int
drop_read(sqlite3_stmt *st, struct eg_arena *a, struct drop_row *ret, struct eg_err *err)
{
	return sql_row(st, a, err, "sssssiiiissss", &ret->id, &ret->source, &ret->name, &ret->sha256, &ret->identity,
	    &ret->size, &ret->owner, &ret->received, &ret->run, &ret->state, &ret->verdict, &ret->first, &ret->bundle);
}

int
store_drop_get(struct store *s, const char *id, struct eg_arena *a, struct drop_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " DROP_COLS " FROM drops WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = drop_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
store_drop_set(
    struct store *s, const char *id, const char *state, const char *verdict, const char *bundle, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE drops SET state = coalesce(?, state), verdict = coalesce(?, verdict), bundle = coalesce(?,"
	    " bundle) WHERE id = ?",
	    "ssss", state, verdict, bundle, id);
}

int
store_drop_twin(struct store *s, const char *source, const char *identity, struct eg_arena *a, const char **ret_id,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT id FROM drops WHERE source = ? AND identity = ? AND verdict <> 'duplicate' ORDER BY received, id"
	    " LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", source, identity);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", ret_id);
	sql_put(s, st);
	return rc;
}

int
store_drop_each(struct store *s, const char *state,
    int (*each)(void *ctx, const struct drop_row *d, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " DROP_COLS " FROM drops WHERE ?1 IS NULL OR state = ?1 ORDER BY id", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", state);
	while (rc == EG_OK) {
		struct drop_row d;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = drop_read(st, NULL, &d, err);
		if (rc == EG_OK)
			rc = each(ctx, &d, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- files ---- */

#define FILE_COLS "drop_id, member, sha256, size, adapter, adapter_sha256, rows, records, rejected, refused"

int
store_file_add(struct store *s, const struct file_row *f, int64_t *ret_id, struct eg_err *err)
{
	int rc = sql_exec(s, err, "INSERT INTO files (" FILE_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "sSSiSSiiii", f->drop, f->member, f->sha256, f->size, f->adapter, f->adapter_sha256, f->rows, f->records,
	    f->rejected, (int64_t)f->refused);

	if (rc == EG_OK)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

int
store_file_set(struct store *s, const struct file_row *f, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE files SET sha256 = ?, size = ?, adapter = ?, adapter_sha256 = ?, rows = ?, records = ?, rejected"
	    " = ?, refused = ? WHERE id = ?",
	    "SiSSiiiii", f->sha256, f->size, f->adapter, f->adapter_sha256, f->rows, f->records, f->rejected,
	    (int64_t)f->refused, f->id);
}

static int
file_read(sqlite3_stmt *st, struct eg_arena *a, struct file_row *ret, struct eg_err *err)
{
	int64_t refused = 0;
	int rc = sql_row(st, a, err, "isssissiiii", &ret->id, &ret->drop, &ret->member, &ret->sha256, &ret->size,
	    &ret->adapter, &ret->adapter_sha256, &ret->rows, &ret->records, &ret->rejected, &refused);

	ret->refused = refused != 0;
	return rc;
}

int
store_file_get(struct store *s, int64_t id, struct eg_arena *a, struct file_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT id, " FILE_COLS " FROM files WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = file_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
store_file_each(struct store *s, const char *drop, int (*each)(void *ctx, const struct file_row *f, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT id, " FILE_COLS " FROM files WHERE drop_id = ? ORDER BY id", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", drop);
	while (rc == EG_OK) {
		struct file_row f;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = file_read(st, NULL, &f, err);
		if (rc == EG_OK)
			rc = each(ctx, &f, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- findings ---- */

#define FINDING_COLS "run, drop_id, source, file, line, col, off, code, severity, item, field, value, message"

int
store_finding_add(struct store *s, const struct finding *f, struct eg_err *err)
{
	const char severity[2] = { f->severity, '\0' };

	return sql_exec(s, err,
	    "INSERT OR IGNORE INTO finding (" FINDING_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "issSiiissSSSS", f->run, f->drop, f->source, f->file, (int64_t)f->line, (int64_t)f->col, (int64_t)f->off,
	    f->code, severity, f->item, f->field, f->value, f->message);
}

int
store_finding_more(struct store *s, const struct finding *f, const char *text, bool *ret, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    "UPDATE finding SET message = message || ? WHERE id = (SELECT min(id) FROM finding WHERE run = ? AND source = ?"
	    " AND file = ? AND line = ? AND item = ? AND drop_id IS ? AND severity = 'R')",
	    "siSSiSs", text, f->run, f->source, f->file, (int64_t)f->line, f->item, f->drop);

	*ret = rc == EG_OK && sqlite3_changes(s->db) > 0;
	return rc;
}

static int
finding_read(sqlite3_stmt *st, struct finding *ret, struct eg_err *err)
{
	const char *severity = "";
	int64_t line = 0, col = 0, off = 0;
	int rc = sql_row(st, NULL, err, "isssiiissssss", &ret->run, &ret->drop, &ret->source, &ret->file, &line, &col,
	    &off, &ret->code, &severity, &ret->item, &ret->field, &ret->value, &ret->message);

	if (rc != EG_OK)
		return rc;
	ret->line = (uint64_t)line;
	ret->col = (uint32_t)col;
	ret->off = (uint64_t)off;
	ret->severity = severity[0];
	return EG_OK;
}

#define FINDING_BY(cond) "SELECT " FINDING_COLS " FROM finding WHERE " cond FINDING_REST
#define FINDING_REST                                                                                               \
	" (?1 IS NULL OR drop_id = ?1) AND (?2 IS NULL OR item = ?2) AND (?3 IS NULL OR run = ?3) AND (?4 = '' OR" \
	" severity = ?4) ORDER BY source, file, line, code, item, id"

/* One text per index that can serve. */
static const char *
finding_sql(const struct finding_filter *f)
{
	if (f->batch != NULL)
		return "SELECT " FINDING_COLS
		       " FROM finding WHERE run = (SELECT run FROM batch WHERE id = ?1) AND (code IN ('F-70', 'F-78') OR item IN"
		       " (SELECT i.iid FROM batch_item b JOIN item i ON i.id = b.item WHERE b.batch = ?1)) ORDER BY source, file, line, code, item, id";
	if (f->item != NULL)
		return FINDING_BY("item = ?2 AND");
	if (f->drop != NULL && f->standing)
		return FINDING_BY(
		    "drop_id = ?1 AND (severity <> 'H' OR run = (SELECT max(run) FROM finding WHERE drop_id = ?1)) AND");
	if (f->drop != NULL)
		return FINDING_BY("drop_id = ?1 AND");
	if (f->run != 0)
		return FINDING_BY("run = ?3 AND");
	return FINDING_BY("");
}

int
store_finding_each(struct store *s, const struct finding_filter *f,
    int (*each)(void *ctx, const struct finding *f, struct eg_err *err), void *ctx, struct eg_err *err)
{
	const char severity[2] = { f->severity, '\0' };
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, finding_sql(f), &st, err);

	if (rc == EG_OK)
		rc = f->batch != NULL ? sql_bind(s, st, err, "s", f->batch) :
		                        sql_bind(s, st, err, "sszs", f->drop, f->item, f->run, severity);
	while (rc == EG_OK) {
		struct finding row;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = finding_read(st, &row, err);
		if (rc == EG_OK)
			rc = each(ctx, &row, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
