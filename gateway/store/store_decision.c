/* SPDX-License-Identifier: MIT
 *
 * Sheets handed out, manifests received, decisions made.
 */
#include "gateway/store/sql.h"

int
sheet_add(struct store *s, const char *id, int64_t made, int64_t expires, unsigned rows, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT INTO sheet (id, made, expires, rows) VALUES (?, ?, ?, ?)", "siii", id, made,
	    expires, (int64_t)rows);
}

int
sheet_get(struct store *s, const char *id, int64_t *ret_made, int64_t *ret_expires, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT made, expires FROM sheet WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "ii", ret_made, ret_expires);
	sql_put(s, st);
	return rc;
}

#define MANIFEST_COLS \
	"id, drop_id, name, sha256, sheet, approver, key_id, assurance, state, bundle, received, applied, accepted, rejected, refused"

int
manifest_put(struct store *s, const struct manifest *m, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT OR REPLACE INTO manifest (" MANIFEST_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ssssssssssiziii", m->id, m->drop, m->name, m->sha256, m->sheet, m->approver, m->key_id, m->assurance,
	    m->state, m->bundle, m->received, m->applied, (int64_t)m->accepted, (int64_t)m->rejected,
	    (int64_t)m->refused);
}

static int
manifest_read(sqlite3_stmt *st, struct eg_arena *a, struct manifest *ret, struct eg_err *err)
{
	int64_t accepted = 0, rejected = 0, refused = 0;
	int rc = sql_row(st, a, err, "ssssssssssiiiii", &ret->id, &ret->drop, &ret->name, &ret->sha256, &ret->sheet,
	    &ret->approver, &ret->key_id, &ret->assurance, &ret->state, &ret->bundle, &ret->received, &ret->applied,
	    &accepted, &rejected, &refused);

	ret->accepted = (unsigned)accepted;
	ret->rejected = (unsigned)rejected;
	ret->refused = (unsigned)refused;
	return rc;
}

/* One manifest by a text; EG_EOF when there is none. */
static int
manifest_one(struct store *s, const char *sql, const char *what, const char *who, struct eg_arena *a,
    struct manifest *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, sql, &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", what, who);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = manifest_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
manifest_get(struct store *s, const char *id, struct eg_arena *a, struct manifest *ret, struct eg_err *err)
{
	return manifest_one(
	    s, "SELECT " MANIFEST_COLS " FROM manifest WHERE id = ?1 AND ?2 IS NULL", id, NULL, a, ret, err);
}

int
manifest_by_bytes(struct store *s, const char *sha256, const char *approver, struct eg_arena *a, struct manifest *ret,
    struct eg_err *err)
{
	return manifest_one(s,
	    "SELECT " MANIFEST_COLS
	    " FROM manifest WHERE sha256 = ?1 AND state = 'applied' AND (?2 IS NULL OR approver = ?2) ORDER BY id LIMIT 1",
	    sha256, approver, a, ret, err);
}

int
manifest_each(struct store *s, const char *state, int (*each)(void *ctx, const struct manifest *m, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct manifest m;
	int rc =
	    sql_get(s, "SELECT " MANIFEST_COLS " FROM manifest WHERE ?1 IS NULL OR state = ?1 ORDER BY id", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", state);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = manifest_read(st, NULL, &m, err);
		if (rc == EG_OK)
			rc = each(ctx, &m, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

#define DECISION_COLS \
	"id, manifest, row, iid, item, content, verdict, erp_id, transaction_date, accounting_date, description, comment, approver, at, result, code"

int
decision_add(struct store *s, const struct decision *d, int64_t *ret_id, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    "INSERT INTO decision (manifest, row, iid, item, content, verdict, erp_id, transaction_date, accounting_date, description, comment, approver, at, result, code) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "siszSsSSSSSsisS", d->manifest, (int64_t)d->row, d->iid, d->item, d->content, d->verdict, d->erp_id,
	    d->transaction_date, d->accounting_date, d->description, d->comment, d->approver, d->at, d->result,
	    d->code);

	if (rc == EG_OK)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

static int
decision_read(sqlite3_stmt *st, struct eg_arena *a, struct decision *ret, struct eg_err *err)
{
	int64_t row = 0;
	int rc = sql_row(st, a, err, "isisisssssssSiSS", &ret->id, &ret->manifest, &row, &ret->iid, &ret->item,
	    &ret->content, &ret->verdict, &ret->erp_id, &ret->transaction_date, &ret->accounting_date,
	    &ret->description, &ret->comment, &ret->approver, &ret->at, &ret->result, &ret->code);

	ret->row = (unsigned)row;
	return rc;
}

int
decision_get(struct store *s, int64_t id, struct eg_arena *a, struct decision *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " DECISION_COLS " FROM decision WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = decision_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
decision_each(struct store *s, const char *manifest, int64_t item,
    int (*each)(void *ctx, const struct decision *d, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct decision d;
	int rc = sql_get(s,
	    "SELECT " DECISION_COLS
	    " FROM decision WHERE (?1 IS NULL OR manifest = ?1) AND (?2 IS NULL OR item = ?2) ORDER BY id",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "sz", manifest, item);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = decision_read(st, NULL, &d, err);
		if (rc == EG_OK)
			rc = each(ctx, &d, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
