/* SPDX-License-Identifier: MIT
 *
 * Rows of receipts and of batches declared void. Tests: tests/scenario/batches.py, receipts.bats.
 */
#include "gateway/store/store_receipt.h"

#include "gateway/store/sql.h"

/* ---- receipts ---- */

int
receipt_owe(struct store *s, const char *drop, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT OR IGNORE INTO receipt (drop_id) VALUES (?)", "s", drop);
}

int
receipt_done(struct store *s, const char *drop, const char *file, const char *sha256, int64_t at, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE receipt SET file = ?, sha256 = ?, at = ? WHERE drop_id = ?", "ssis", file,
	    sha256, at, drop);
}

int
receipt_owed_each(struct store *s, int (*each)(void *ctx, const struct drop_row *d, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct drop_row d;
	int rc = sql_get(s,
	    "SELECT d.id, d.source, d.name, d.sha256, d.identity, d.size, d.owner, d.received, d.run, d.state, d.verdict, d.first, d.bundle"
	    " FROM receipt r JOIN drops d ON d.id = r.drop_id WHERE r.at IS NULL AND d.state = 'done' ORDER BY r.drop_id",
	    &st, err);

	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "sssssiiiissss", &d.id, &d.source, &d.name, &d.sha256, &d.identity,
			    &d.size, &d.owner, &d.received, &d.run, &d.state, &d.verdict, &d.first, &d.bundle);
		if (rc == EG_OK)
			rc = each(ctx, &d, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- void ---- */

#define VOID_COLS "id, batch, actor, reason, proof, sha256, size, at, bundle"

int
voided_put(struct store *s, const struct voided *v, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT OR REPLACE INTO voided (" VOID_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ssssssiis", v->id, v->batch, v->actor, v->reason, v->proof, v->sha256, v->size, v->at, v->bundle);
}

static int
voided_read(sqlite3_stmt *st, struct eg_arena *a, struct voided *ret, struct eg_err *err)
{
	return sql_row(st, a, err, "ssssssiis", &ret->id, &ret->batch, &ret->actor, &ret->reason, &ret->proof,
	    &ret->sha256, &ret->size, &ret->at, &ret->bundle);
}

int
voided_get(struct store *s, const char *id, struct eg_arena *a, struct voided *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " VOID_COLS " FROM voided WHERE id = ?1 OR batch = ?1", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = voided_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
voided_each(
    struct store *s, int (*each)(void *ctx, const struct voided *v, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct voided v;
	int rc = sql_get(s, "SELECT " VOID_COLS " FROM voided ORDER BY id", &st, err);

	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = voided_read(st, NULL, &v, err);
		if (rc == EG_OK)
			rc = each(ctx, &v, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
voided_key_add(struct store *s, const char *sent_key, int64_t item, const char *batch, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT OR IGNORE INTO voided_key (sent_key, item, batch) VALUES (?, ?, ?)", "sis",
	    sent_key, item, batch);
}

int
voided_key_find(struct store *s, const char *type, const char *sent_key, struct eg_arena *a, const char **ret_iid,
    const char **ret_batch, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT i.iid, k.batch FROM voided_key k JOIN item i ON i.id = k.item WHERE k.sent_key = ? AND i.type = ?"
	    " ORDER BY length(k.batch) DESC, k.batch DESC LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", sent_key, type);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "ss", ret_iid, ret_batch);
	sql_put(s, st);
	return rc;
}

/* Numbers of batches grow in length behind 999999. */
int
batch_before(struct store *s, int64_t item, const char *target, const char *batch, struct eg_arena *a,
    const char **ret_batch, const char **ret_content, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT b.id, r.content FROM batch_item i JOIN batch b ON b.id = i.batch JOIN revision r ON r.id = i.revision"
	    " WHERE i.item = ?1 AND b.target = ?2 AND b.state NOT IN ('void', 'voiding') AND b.shadow = 0"
	    " AND (?3 IS NULL OR length(b.id) < length(?3) OR (length(b.id) = length(?3) AND b.id < ?3)) ORDER BY length(b.id) DESC, b.id DESC LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "iss", item, target, batch);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "ss", ret_batch, ret_content);
	sql_put(s, st);
	return rc;
}

int
batch_newest(
    struct store *s, int64_t item, const char *target, struct eg_arena *a, struct batch *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *id = NULL;
	int rc = sql_get(s,
	    "SELECT b.id FROM batch_item i JOIN batch b ON b.id = i.batch WHERE i.item = ? AND b.target = ? ORDER BY length(b.id) DESC, b.id DESC LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "is", item, target);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", &id);
	sql_put(s, st);
	return rc == EG_OK ? batch_get(s, id, a, ret, err) : rc;
}
