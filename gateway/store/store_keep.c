/* SPDX-License-Identifier: MIT
 *
 * Retention in the state. What leads to a bundle is asked of the tables that say it (revision, batch_item, decision), never guessed.
 */
#include "gateway/store/store_keep.h"
#include "gateway/store/sql.h"

/* ---- legal holds ---- */

int
legal_hold_add(struct store *s, const struct legal_hold *h, int64_t *ret_id, struct eg_err *err)
{
	int rc = sql_exec(s, err, "INSERT INTO legal_hold (what, value, reason, actor, at) VALUES (?, ?, ?, ?, ?)",
	    "ssssi", h->what, h->value, h->reason, h->actor, h->at);

	*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

int
legal_hold_lift(struct store *s, int64_t id, const char *by, const char *why, int64_t now, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    "UPDATE legal_hold SET lifted = ?, lifted_by = ?, lifted_why = ? WHERE id = ? AND lifted IS NULL", "issi",
	    now, by, why, id);

	return rc == EG_OK && sqlite3_changes(s->db) == 0 ? EG_EOF : rc;
}

int
legal_hold_each(struct store *s, int (*each)(void *ctx, const struct legal_hold *h, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT id, what, value, reason, actor, at, lifted, lifted_by, lifted_why FROM legal_hold ORDER BY id", &st,
	    err);

	while (rc == EG_OK && (rc = sql_step(s, st, err)) == EG_OK) {
		struct legal_hold h;
		rc = sql_row(st, NULL, err, "issssiiss", &h.id, &h.what, &h.value, &h.reason, &h.actor, &h.at,
		    &h.lifted, &h.lifted_by, &h.lifted_why);
		if (rc == EG_OK)
			rc = each(ctx, &h, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- what a bundle holds ---- */

int
keep_of_project(struct store *s, const struct bundle_row *b, const char *project, bool *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc =
	    strcmp(b->kind, "drop") == 0 ?
		sql_number(s, 0, &n, err,
		    "SELECT EXISTS (SELECT 1 FROM files f JOIN came c ON c.file = f.id WHERE f.drop_id = ?1 AND c.project = ?2)"
		    " OR EXISTS (SELECT 1 FROM files f JOIN revision r ON r.file = f.id JOIN item i ON i.id = r.item"
		    " WHERE f.drop_id = ?1 AND i.project = ?2)",
		    "ss", b->of_id, project) :
	    strcmp(b->kind, "batch") == 0 ?
		sql_number(s, 0, &n, err,
		    "SELECT EXISTS (SELECT 1 FROM batch_item x JOIN item i ON i.id = x.item WHERE x.batch = ?1 AND i.project = ?2)",
		    "ss", b->of_id, project) :
		sql_number(s, 0, &n, err,
		    "SELECT EXISTS (SELECT 1 FROM decision d JOIN item i ON i.id = d.item WHERE d.manifest = ?1 AND i.project = ?2)",
		    "ss", b->of_id, project);

	*ret = n != 0;
	return rc;
}

static int
one_text(struct store *s, const char *sql, const char *id, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, sql, &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "S", ret);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
keep_source(struct store *s, const struct bundle_row *b, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	*ret = "";
	if (strcmp(b->kind, "drop") == 0)
		return one_text(s, "SELECT source FROM drops WHERE id = ?", b->of_id, a, ret, err);
	if (strcmp(b->kind, "batch") == 0)
		return one_text(s, "SELECT target FROM batch WHERE id = ?", b->of_id, a, ret, err);
	*ret = "approvals";
	return EG_OK;
}

int
keep_name(struct store *s, const struct bundle_row *b, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	*ret = "";
	return strcmp(b->kind, "drop") == 0 ?
	           one_text(s, "SELECT name FROM drops WHERE id = ?", b->of_id, a, ret, err) :
	       strcmp(b->kind, "manifest") == 0 ?
	           one_text(s, "SELECT name FROM manifest WHERE id = ?", b->of_id, a, ret, err) :
	           EG_OK;
}

/* One hold against one bundle. */
static int
holds_it(struct store *s, const struct legal_hold *h, const struct bundle_row *b, bool *ret, struct eg_err *err)
{
	struct eg_arena a;
	const char *source;
	int rc = EG_OK;

	*ret = strcmp(h->what, "all") == 0 || (strcmp(h->what, "bundle") == 0 && strcmp(h->value, b->id) == 0);
	if (strcmp(h->what, "project") == 0)
		return keep_of_project(s, b, h->value, ret, err);
	if (strcmp(h->what, "source") != 0)
		return EG_OK;
	eg_arena_init(&a, 1 << 12);
	rc = keep_source(s, b, &a, &source, err);
	*ret = rc == EG_OK && strcmp(source, h->value) == 0;
	eg_arena_done(&a);
	return rc;
}

struct asking {
	struct store *s;
	const struct bundle_row *b;
	int64_t found;
};

static int
ask_hold(void *ctx, const struct legal_hold *h, struct eg_err *err)
{
	struct asking *q = ctx;
	bool yes = false;
	int rc = h->lifted != 0 || q->found != 0 ? EG_OK : holds_it(q->s, h, q->b, &yes, err);

	if (rc == EG_OK && yes)
		q->found = h->id;
	return rc;
}

int
legal_hold_of(struct store *s, const struct bundle_row *b, int64_t *ret, struct eg_err *err)
{
	struct asking q = { .s = s, .b = b };
	int rc = legal_hold_each(s, ask_hold, &q, err);

	*ret = q.found;
	return rc;
}

/* ---- tombstones ---- */

int
tombstone_add(struct store *s, const struct tombstone *t, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT OR REPLACE INTO tombstone (bundle, sha256, at, actor, reason, rule) VALUES (?, ?, ?, ?, ?, ?)",
	    "ssisss", t->bundle, t->sha256, t->at, t->actor, t->reason, t->rule);
}

int
tombstone_each(struct store *s, const char *bundle,
    int (*each)(void *ctx, const struct tombstone *t, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT bundle, sha256, at, actor, reason, rule FROM tombstone WHERE ?1 IS NULL OR bundle = ?1 ORDER BY bundle",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", bundle);
	while (rc == EG_OK && (rc = sql_step(s, st, err)) == EG_OK) {
		struct tombstone t;
		rc = sql_row(st, NULL, err, "ssisss", &t.bundle, &t.sha256, &t.at, &t.actor, &t.reason, &t.rule);
		if (rc == EG_OK)
			rc = each(ctx, &t, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

#define OF_DROP "file IN (SELECT id FROM files WHERE drop_id = ?1)"
#define IN_USE \
	"EXISTS (SELECT 1 FROM item i WHERE i.id = revision.item AND (i.rev = revision.id OR i.written = revision.content))"

int
store_bodies_deleted(struct store *s, const char *bundle, const char *drop, struct eg_err *err)
{
	int rc = sql_exec(s, err, "UPDATE bundle SET bodies = NULL WHERE id = ?", "s", bundle);

	if (rc == EG_OK)
		rc = sql_exec(
		    s, err, "UPDATE revision SET packed = zeroblob(0) WHERE " OF_DROP " AND NOT " IN_USE, "s", drop);
	/* The same bytes: what counts is that the row is noted as changed, and so kept with its body. */
	return rc == EG_OK ?
	           sql_exec(s, err, "UPDATE revision SET packed = packed WHERE " OF_DROP " AND " IN_USE, "s", drop) :
	           rc;
}

/* ---- what leads to it ---- */

/* States in which nothing more is expected (workflow/state.h); the column holds the words. */
#define FINISHED "('synced', 'rejected', 'archived')"

int
keep_open_need(struct store *s, const struct bundle_row *b, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	*ret = NULL;
	if (strcmp(b->kind, "drop") == 0) {
		int rc = one_text(s,
		    "SELECT i.iid FROM files f JOIN revision r ON r.file = f.id JOIN item i ON i.rev = r.id"
		    " WHERE f.drop_id = ? AND i.state NOT IN " FINISHED " LIMIT 1",
		    b->of_id, a, ret, err);
		return rc != EG_OK || *ret != NULL ?
		           rc :
		           one_text(s,
			       "SELECT t.id FROM files f JOIN revision r ON r.file = f.id JOIN batch_item x ON x.item = r.item AND x.revision = r.id"
			       " JOIN batch t ON t.id = x.batch WHERE f.drop_id = ? AND t.state <> 'done' LIMIT 1",
			       b->of_id, a, ret, err);
	}
	if (strcmp(b->kind, "batch") == 0)
		return one_text(s,
		    "SELECT i.iid FROM batch_item x JOIN item i ON i.id = x.item WHERE x.batch = ? AND i.rev = x.revision"
		    " AND i.state IN ('exported', 'failed') LIMIT 1",
		    b->of_id, a, ret, err);
	return one_text(s,
	    "SELECT i.iid FROM decision d JOIN item i ON i.id = d.item AND i.accepted = d.id WHERE d.manifest = ?"
	    " AND i.state NOT IN " FINISHED " LIMIT 1",
	    b->of_id, a, ret, err);
}

int
keep_leads_here(struct store *s, const struct bundle_row *b,
    int (*each)(void *ctx, const char *bundle, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc =
	    strcmp(b->kind, "batch") == 0 ?
		EG_EOF :
	    strcmp(b->kind, "drop") == 0 ?
		sql_get(s,
		    "SELECT DISTINCT t.bundle FROM files f JOIN revision r ON r.file = f.id JOIN batch_item x ON x.item = r.item AND x.revision = r.id"
		    " JOIN batch t ON t.id = x.batch WHERE f.drop_id = ? AND t.bundle IS NOT NULL ORDER BY 1",
		    &st, err) :
		sql_get(s,
		    "SELECT DISTINCT t.bundle FROM decision d JOIN batch_item x ON x.item = d.item AND x.decision = d.id"
		    " JOIN batch t ON t.id = x.batch WHERE d.manifest = ? AND t.bundle IS NOT NULL ORDER BY 1",
		    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", b->of_id);
	while (rc == EG_OK && (rc = sql_step(s, st, err)) == EG_OK) {
		const char *bundle = NULL;
		rc = sql_row(st, NULL, err, "s", &bundle);
		if (rc == EG_OK)
			rc = each(ctx, bundle, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
store_adapters_used(struct store *s, int64_t until,
    int (*each)(void *ctx, const char *adapter, const char *sha256, int64_t from, int64_t to, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT adapter, adapter_sha256, min(at), max(at) FROM (SELECT f.adapter, f.adapter_sha256, d.received AS at FROM files f JOIN drops d ON d.id = f.drop_id"
	    " UNION ALL SELECT b.adapter, b.adapter_sha256, t.made FROM batch_file b JOIN batch t ON t.id = b.batch)"
	    " WHERE adapter <> '' AND at < ? GROUP BY 1, 2 ORDER BY 1, 3",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", until);
	while (rc == EG_OK && (rc = sql_step(s, st, err)) == EG_OK) {
		const char *adapter = NULL, *sha256 = NULL;
		int64_t from = 0, to = 0;
		rc = sql_row(st, NULL, err, "SSii", &adapter, &sha256, &from, &to);
		if (rc == EG_OK)
			rc = each(ctx, adapter, sha256, from, to, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
