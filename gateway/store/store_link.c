/* SPDX-License-Identifier: MIT
 *
 * Merges, contracts that keep a key, adoption rows. A chain of merges is followed to its end; a circle cannot be stored by the acts that write here, and
 * one found anyhow is damage (EG_FATAL "DB-CORRUPT").
 */
#include "gateway/store/store_link.h"

#include "gateway/store/sql.h"

#define CHAIN_MAX 1000 /* merges one behind the other; more is a circle */

/* ---- merges ---- */

#define MERGE_COLS "gone, kept, before, moved, actor, reason, at"

int
merge_put(struct store *s, const struct merge *m, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT INTO company_merge (" MERGE_COLS ") VALUES (?, ?, ?, ?, ?, ?, ?)", "ssssSSi",
	    m->gone, m->kept, m->before, m->moved, m->actor, m->reason, m->at);
}

static int
merge_read(sqlite3_stmt *st, struct eg_arena *a, struct merge *ret, struct eg_err *err)
{
	return sql_row(st, a, err, "SSSsSSi", &ret->gone, &ret->kept, &ret->before, &ret->moved, &ret->actor,
	    &ret->reason, &ret->at);
}

int
merge_get(struct store *s, const char *gone, struct eg_arena *a, struct merge *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " MERGE_COLS " FROM company_merge WHERE gone = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", gone);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = merge_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
merge_drop(struct store *s, const char *gone, struct eg_err *err)
{
	return sql_exec(s, err, "DELETE FROM company_merge WHERE gone = ?", "s", gone);
}

int
merge_each(struct store *s, const char *kept, int (*each)(void *ctx, const struct merge *m, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct merge m;
	int rc = sql_get(
	    s, "SELECT " MERGE_COLS " FROM company_merge WHERE ?1 IS NULL OR kept = ?1 ORDER BY gone", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", kept);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = merge_read(st, NULL, &m, err);
		if (rc == EG_OK)
			rc = each(ctx, &m, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
merge_root(struct store *s, const char *iid, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct merge m;
	int rc = EG_OK;

	*ret = iid;
	for (unsigned n = 0; rc == EG_OK && n < CHAIN_MAX; n++) {
		rc = merge_get(s, *ret, a, &m, err);
		if (rc == EG_OK)
			*ret = m.kept;
	}
	if (rc == EG_OK)
		return eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "%s was merged in a circle; rebuild state.db with `erpgate db rebuild`", iid);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- contracts that keep a key ---- */

int
contract_key_keep(struct store *s, int64_t item, const char *erp_id, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT OR IGNORE INTO contract_key (item, erp_id) VALUES (?, ?)", "is", item, erp_id);
}

int
contract_key_forget(struct store *s, int64_t item, struct eg_err *err)
{
	return sql_exec(s, err, "DELETE FROM contract_key WHERE item = ?", "i", item);
}

int
contract_key_get(struct store *s, int64_t item, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT erp_id FROM contract_key WHERE item = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", item);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "S", ret);
	sql_put(s, st);
	return rc;
}

/* ---- adoption ---- */

#define ADOPTION_COLS                                                                                              \
	"id, manifest, row, file, iid, erp_id, posted, as_of, amount, comment, approver, assurance, at, expires, " \
	"state"

int
adoption_add(struct store *s, const struct adoption *d, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT INTO adoption (manifest, row, file, iid, erp_id, posted, as_of, amount, comment, approver, assurance, at, expires, state) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "siSsSiSSSsSiis", d->manifest, (int64_t)d->row, d->file, d->iid, d->erp_id, (int64_t)d->posted, d->as_of,
	    d->amount, d->comment, d->approver, d->assurance, d->at, d->expires, d->state);
}

int
adoption_set(struct store *s, int64_t id, const char *state, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE adoption SET state = ? WHERE id = ?", "si", state, id);
}

int
adoption_each(struct store *s, const char *state, const char *iid,
    int (*each)(void *ctx, const struct adoption *d, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct adoption d;
	int64_t row, posted;
	int rc = sql_get(s,
	    "SELECT " ADOPTION_COLS
	    " FROM adoption WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR iid = ?2) ORDER BY id",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", state, iid);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "iSiSSSiSSSSSiiS", &d.id, &d.manifest, &row, &d.file, &d.iid,
			    &d.erp_id, &posted, &d.as_of, &d.amount, &d.comment, &d.approver, &d.assurance, &d.at,
			    &d.expires, &d.state);
		if (rc != EG_OK)
			break;
		d.row = (unsigned)row;
		d.posted = (int)posted;
		rc = each(ctx, &d, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
adoption_count(struct store *s, const char *state, const char *iid, int64_t *ret, struct eg_err *err)
{
	return sql_number(s, 0, ret, err, "SELECT count(*) FROM adoption WHERE state = ?1 AND (?2 IS NULL OR iid = ?2)",
	    "ss", state, iid);
}
