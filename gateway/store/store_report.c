/* SPDX-License-Identifier: MIT
 *
 * The book of what came (table came), read against the revisions it led to, and last times of users and items. Sums are exact decimals kept as text: SQLite
 * adds nothing up here. Refuses a sum outside the range of amounts (LIMIT-SUM).
 */
#include "gateway/store/store_report.h"

#include "gateway/store/sql.h"

/* Drops of a filter: ?1 run, as a range so that its index serves, ?2 since, ?3 until. Not of bundles deleted under retention: what they held is not there to be added up. */
#define ASKED(d)                                                                                     \
	d ".run BETWEEN coalesce(?1, 0) AND coalesce(?1, 9223372036854775807) AND (?2 IS NULL OR " d \
	  ".received >= ?2) AND (?3 IS NULL OR " d                                                   \
	  ".received < ?3) AND NOT EXISTS (SELECT 1 FROM tombstone x WHERE x.bundle = " d ".bundle)"

static bool
amount_of(const char *text, struct eg_dec *ret)
{
	return eg_dec_parse(eg_bytes_str(text), EG_DEC_PLAIN, 2, 28, ret) == EG_DEC_OK;
}

static int
bad_sum(const char *type, struct eg_err *err)
{
	return eg_fail(err, EG_BADFILE, "LIMIT-SUM",
	    "the money of this file's %s records adds up to more than can be kept; check the amounts at the source, or split the file",
	    type);
}

/* ---- what came ---- */

/* The rows of a statement that is bound when rc is EG_OK; it is put back in any case. */
static int
walk_came(struct store *s, sqlite3_stmt *st, int rc, int (*each)(void *ctx, const struct came *c, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	while (rc == EG_OK) {
		const char *amount = NULL;
		struct came c;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "sisssiis", &c.source, &c.file, &c.type, &c.project, &c.fate,
			    &c.records, &c.unknown, &amount);
		if (rc == EG_OK && !amount_of(amount, &c.amount))
			rc = bad_sum(c.type, err);
		if (rc == EG_OK)
			rc = each(ctx, &c, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
came_each_of_drop(struct store *s, const char *drop, int (*each)(void *ctx, const struct came *c, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT d.source, c.file, c.type, c.project, c.fate, c.records, c.unknown, c.amount FROM came c JOIN files f ON f.id = c.file "
	    "JOIN drops d ON d.id = f.drop_id WHERE d.id = ? ORDER BY c.type, c.project, c.fate, c.file",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", drop);
	return walk_came(s, st, rc, each, ctx, err);
}

static int
came_now(struct store *s, const struct came *c, struct came *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *amount = NULL;
	int rc = sql_get(s,
	    "SELECT records, unknown, amount FROM came WHERE file = ? AND type = ? AND project = ? AND fate = ?", &st,
	    err);

	ret->amount = (struct eg_dec){ 0, 2 };
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "isss", c->file, c->type, c->project, c->fate);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "iis", &ret->records, &ret->unknown, &amount);
	if (rc == EG_OK && !amount_of(amount, &ret->amount))
		rc = bad_sum(c->type, err);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
came_add(struct store *s, const struct came *c, struct eg_err *err)
{
	struct came sum = { 0 };
	struct eg_buf amount = EG_BUF_INIT;
	int rc = came_now(s, c, &sum, err);

	if (rc == EG_OK && !eg_dec_add(sum.amount, c->amount, &sum.amount))
		rc = bad_sum(c->type, err);
	if (rc == EG_OK) {
		eg_dec_print(&amount, sum.amount, 2);
		rc = sql_exec(s, err,
		    "INSERT OR REPLACE INTO came (file, type, project, fate, records, unknown, amount) VALUES (?, ?, ?, ?, ?, ?, ?)",
		    "isssiis", c->file, c->type, c->project, c->fate, sum.records + c->records,
		    sum.unknown + c->unknown, eg_buf_cstr(&amount));
	}
	eg_buf_done(&amount);
	return rc;
}

int
came_in_run(struct store *s, const char *drop, int64_t run, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE drops SET run = ? WHERE id = ?", "is", run, drop);
}

static int
bind_filter(struct store *s, sqlite3_stmt *st, const struct came_filter *f, struct eg_err *err)
{
	return sql_bind(s, st, err, "zzz", f->run, f->since, f->until);
}

int
came_each(struct store *s, const struct came_filter *f,
    int (*each)(void *ctx, const struct came *c, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT d.source, c.file, c.type, c.project, c.fate, c.records, c.unknown, c.amount FROM came c JOIN files f ON f.id = c.file "
	    "JOIN drops d ON d.id = f.drop_id WHERE " ASKED(
		"d") " UNION ALL "
		     "SELECT d.source, c.file, c.type, c.project, 'duplicate', c.records, c.unknown, c.amount FROM drops d JOIN files f ON f.drop_id = d.first "
		     "JOIN came c ON c.file = f.id WHERE d.verdict = 'duplicate' AND " ASKED(
			 "d") " ORDER BY 1, 3, 4, 5, 2",
	    &st, err);

	if (rc == EG_OK)
		rc = bind_filter(s, st, f, err);
	return walk_came(s, st, rc, each, ctx, err);
}

int
came_revision_each(struct store *s, const struct came_filter *f,
    int (*each)(void *ctx, const struct came_revision *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT r.id, d.source, i.type, i.iid, i.project, i.amount, i.state, i.rev = r.id, "
	    "EXISTS (SELECT 1 FROM batch_item b WHERE b.item = r.item AND b.revision = r.id) "
	    "FROM drops d JOIN files f ON f.drop_id = d.id JOIN revision r ON r.file = f.id JOIN item i ON i.id = r.item "
	    "WHERE " ASKED("d") " ORDER BY d.source, i.type, i.project, r.id",
	    &st, err);

	if (rc == EG_OK)
		rc = bind_filter(s, st, f, err);
	while (rc == EG_OK) {
		struct came_revision r;
		const char *state = "";
		int64_t current = 0, sent = 0;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "issssssii", &r.rev, &r.source, &r.type, &r.iid, &r.project,
			    &r.amount, &state, &current, &sent);
		if (rc == EG_OK && !state_named(eg_bytes_str(state), &r.state))
			rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "item %s has the unknown state %s", r.iid, state);
		r.current = current != 0;
		r.sent = sent != 0;
		if (rc == EG_OK)
			rc = each(ctx, &r, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
came_gap_each(struct store *s, const struct came_filter *f,
    int (*each)(void *ctx, const struct came_gap *g, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT d.id, d.name, f.member, f.records, coalesce((SELECT sum(c.records) FROM came c WHERE c.file = f.id), 0) AS booked "
	    "FROM drops d JOIN files f ON f.drop_id = d.id WHERE " ASKED(
		"d") " AND f.records <> booked AND f.refused = 0 ORDER BY d.id, f.id",
	    &st, err);

	if (rc == EG_OK)
		rc = bind_filter(s, st, f, err);
	while (rc == EG_OK) {
		struct came_gap g;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "sssii", &g.drop, &g.name, &g.member, &g.read, &g.booked);
		if (rc == EG_OK)
			rc = each(ctx, &g, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
came_drops(
    struct store *s, const struct came_filter *f, int64_t *ret_refused, int64_t *ret_duplicate, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT count(*) FILTER (WHERE d.verdict = 'refused' OR (SELECT count(*) FROM files f WHERE f.drop_id = d.id AND f.refused) > 0), "
	    "count(*) FILTER (WHERE d.verdict = 'duplicate') FROM drops d WHERE " ASKED("d"),
	    &st, err);

	if (rc == EG_OK)
		rc = bind_filter(s, st, f, err);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "ii", ret_refused, ret_duplicate);
	sql_put(s, st);
	return rc;
}

/* ---- last times ---- */

int
run_started(struct store *s, int64_t run, int64_t *ret, struct eg_err *err)
{
	return sql_number(s, 0, ret, err, "SELECT started FROM run WHERE id = ?", "i", run);
}

int
decision_last(struct store *s, const char *approver, struct eg_arena *a, int64_t *ret_at, const char **ret_iid,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT at, iid FROM decision WHERE approver = ? AND result = 'applied' ORDER BY at DESC, id DESC LIMIT 1",
	    &st, err);

	*ret_at = 0;
	*ret_iid = NULL;
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", approver);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "is", ret_at, ret_iid);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
batches_of(struct store *s, int64_t item, int64_t *ret_n, int64_t *ret_last, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT count(*), coalesce(max(b.made), 0) FROM batch_item bi JOIN batch b ON b.id = bi.batch WHERE bi.item = ?",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", item);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "ii", ret_n, ret_last);
	sql_put(s, st);
	return rc;
}

int
item_left_in(struct store *s, int64_t item, int64_t *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT coalesce(max(b.run), 0) FROM batch_item bi JOIN batch b ON b.id = bi.batch WHERE bi.item = ?", &st,
	    err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", item);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "i", ret);
	sql_put(s, st);
	return rc;
}

int
log_newest(
    struct store *s, const char *id, const char *event, struct eg_arena *a, struct log_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int64_t index = 0;
	int rc = sql_get(s,
	    "SELECT idx, at, actor, event, of_id, detail FROM log WHERE of_id = ? AND event = ? ORDER BY idx DESC LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", id, event);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "iissss", &index, &ret->at, &ret->actor, &ret->event, &ret->id, &ret->detail);
	ret->index = (uint64_t)index;
	sql_put(s, st);
	return rc;
}
