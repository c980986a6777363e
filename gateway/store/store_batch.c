/* SPDX-License-Identifier: MIT
 *
 * Batches, their files and items, the lineage of every outbound row, and sealed bundles.
 */
#include "gateway/store/sql.h"

int
batch_put(struct store *s, const struct batch *b, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT OR REPLACE INTO batch (id, target, state, made, run, bundle, shadow) VALUES (?, ?, ?, ?, ?, ?, ?)",
	    "sssiisi", b->id, b->target, b->state, b->made, b->run, b->bundle, (int64_t)b->shadow);
}

#define BATCH_COLS "id, target, state, made, run, bundle, shadow"

static int
batch_read(sqlite3_stmt *st, struct eg_arena *a, struct batch *ret, struct eg_err *err)
{
	int64_t shadow = 0;
	int rc = sql_row(
	    st, a, err, "sssiisi", &ret->id, &ret->target, &ret->state, &ret->made, &ret->run, &ret->bundle, &shadow);

	ret->shadow = shadow != 0;
	return rc;
}

int
batch_get(struct store *s, const char *id, struct eg_arena *a, struct batch *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " BATCH_COLS " FROM batch WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = batch_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
batch_each(struct store *s, const char *state, int (*each)(void *ctx, const struct batch *b, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct batch b;
	int rc = sql_get(s, "SELECT " BATCH_COLS " FROM batch WHERE ?1 IS NULL OR state = ?1 ORDER BY id", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", state);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = batch_read(st, NULL, &b, err);
		if (rc == EG_OK)
			rc = each(ctx, &b, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
batch_file_add(struct store *s, const struct batch_file *f, int64_t *ret_id, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    "INSERT INTO batch_file (batch, name, object, adapter, adapter_sha256, sha256, size, rows, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ssssssiis", f->batch, f->name, f->object, f->adapter, f->adapter_sha256, f->sha256, f->size, f->rows,
	    f->amount);

	if (rc == EG_OK)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

int
batch_file_each(struct store *s, const char *batch,
    int (*each)(void *ctx, const struct batch_file *f, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct batch_file f;
	int rc = sql_get(s,
	    "SELECT id, batch, name, object, adapter, adapter_sha256, sha256, size, rows, amount FROM batch_file WHERE batch = ? ORDER BY id",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", batch);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "issssssiis", &f.id, &f.batch, &f.name, &f.object, &f.adapter,
			    &f.adapter_sha256, &f.sha256, &f.size, &f.rows, &f.amount);
		if (rc == EG_OK)
			rc = each(ctx, &f, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
batch_item_add(struct store *s, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT OR REPLACE INTO batch_item (batch, item, revision, decision) VALUES (?, ?, ?, ?)", "siiz", batch,
	    item, revision, decision);
}

int
batch_item_each(struct store *s, const char *batch, int64_t item,
    int (*each)(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *id;
	int64_t it, revision, decision;
	int rc = sql_get(s,
	    "SELECT batch, item, revision, decision FROM batch_item WHERE (?1 IS NULL OR batch = ?1) AND (?2 IS NULL OR item = ?2) ORDER BY batch, item",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "sz", batch, item);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "siii", &id, &it, &revision, &decision);
		if (rc == EG_OK)
			rc = each(ctx, id, it, revision, decision, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
lineage_add(
    struct store *s, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT INTO lineage (batch_file, line, item, cells) VALUES (?, ?, ?, ?)", "iiis",
	    batch_file, (int64_t)line, item, cells_json);
}

int
lineage_each(struct store *s, int64_t batch_file, int64_t item,
    int (*each)(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int64_t file, line, it;
	const char *cells;
	int rc = sql_get(s,
	    "SELECT batch_file, line, item, cells FROM lineage WHERE (?1 IS NULL OR batch_file = ?1) AND (?2 IS NULL OR item = ?2) ORDER BY batch_file, line",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "zz", batch_file, item);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "iiis", &file, &line, &it, &cells);
		if (rc == EG_OK)
			rc = each(ctx, file, (uint64_t)line, it, cells, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
bundle_row_add(struct store *s, const char *id, const char *kind, const char *of_id, const char *path,
    const char *sha256, int64_t sealed, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT OR REPLACE INTO bundle (id, kind, of_id, path, sha256, sealed) VALUES (?, ?, ?, ?, ?, ?)", "sssssi",
	    id, kind, of_id, path, sha256, sealed);
}

int
bundle_row_each(struct store *s, const char *id, int (*each)(void *ctx, const struct bundle_row *b, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct bundle_row b;
	int rc = sql_get(s,
	    "SELECT id, kind, of_id, path, sha256, sealed FROM bundle WHERE ?1 IS NULL OR id = ?1 OR of_id = ?1 ORDER BY id",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "sssssi", &b.id, &b.kind, &b.of_id, &b.path, &b.sha256, &b.sealed);
		if (rc == EG_OK)
			rc = each(ctx, &b, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
