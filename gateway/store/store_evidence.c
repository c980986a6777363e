/* SPDX-License-Identifier: MIT
 *
 * Log lines, references and record types of a bundle to be. One statement each and kind; a kind that has none gives nothing. Fails as the store does.
 */
#include "gateway/store/store_evidence.h"

#include "gateway/store/sql.h"

struct by_kind {
	const char *kind, *sql;
};

/* The first entry about ?1: what lies before it is not of this drop or manifest. */
#define SINCE "idx >= (SELECT min(idx) FROM log WHERE of_id = ?1)"
#define ABOUT "SELECT idx, line FROM log WHERE of_id = ?1"

static const struct by_kind logs[] = {
	{ "drop", ABOUT
	    " UNION SELECT l.idx, l.line FROM files f JOIN revision r ON r.file = f.id JOIN item i ON i.id = r.item JOIN log l ON l.of_id = i.iid"
	    " WHERE f.drop_id = ?1 AND l." SINCE " ORDER BY 1" },
	{ "manifest", ABOUT
	    " UNION SELECT l.idx, l.line FROM manifest m JOIN log l ON l.of_id = m.drop_id WHERE m.id = ?1"
	    " UNION SELECT l.idx, l.line FROM decision d JOIN log l ON l.of_id = d.iid WHERE d.manifest = ?1 AND (l." SINCE
	    " OR l.detail LIKE '%\"manifest\":\"' || ?1 || '\"%')"
	    " UNION SELECT idx, line FROM log WHERE event IN ('user-added', 'user-changed', 'user-revoked', 'key-changed') AND " SINCE
	    " ORDER BY 1" },
	{ "batch", ABOUT
	    " UNION SELECT l.idx, l.line FROM batch_item b JOIN item i ON i.id = b.item JOIN log l ON l.of_id = i.iid WHERE b.batch = ?1 ORDER BY 1" },
	{ "void", ABOUT
	    " UNION SELECT l.idx, l.line FROM voided v JOIN log l ON l.of_id = v.batch WHERE v.id = ?1"
	    " UNION SELECT l.idx, l.line FROM voided v JOIN batch_item b ON b.batch = v.batch JOIN item i ON i.id = b.item JOIN log l ON l.of_id = i.iid WHERE v.id = ?1 ORDER BY 1" },
	{ NULL, NULL },
};

static const struct by_kind refs[] = {
	{ "drop", "SELECT 'drop', of_drop, 'its bytes were read again' FROM reread WHERE drop_id = ?1 ORDER BY 2" },
	{ "manifest",
	    "SELECT DISTINCT 'drop', f.drop_id, 'brought what was decided about' FROM decision d JOIN revision r ON r.item = d.item AND r.content = d.content JOIN files f ON f.id = r.file"
	    " WHERE d.manifest = ?1 ORDER BY 2" },
	{ "batch",
	    "SELECT 'drop', f.drop_id, 'brought records' FROM batch_item b JOIN revision r ON r.id = b.revision JOIN files f ON f.id = r.file WHERE b.batch = ?1"
	    " UNION SELECT 'manifest', d.manifest, 'accepted records' FROM batch_item b JOIN decision d ON d.id = b.decision WHERE b.batch = ?1 ORDER BY 1, 2" },
	{ "void", "SELECT 'batch', batch, 'is void' FROM voided WHERE id = ?1" },
	{ NULL, NULL },
};

static const struct by_kind types[] = {
	{ "drop",
	    "SELECT DISTINCT i.type FROM files f JOIN revision r ON r.file = f.id JOIN item i ON i.id = r.item WHERE f.drop_id = ?1" },
	{ "batch", "SELECT DISTINCT i.type FROM batch_item b JOIN item i ON i.id = b.item WHERE b.batch = ?1" },
	{ NULL, NULL },
};

static int
open_kind(
    struct store *s, const struct by_kind *k, const char *kind, const char *of, sqlite3_stmt **ret, struct eg_err *err)
{
	while (k->kind != NULL && strcmp(k->kind, kind) != 0)
		k++;
	int rc = k->kind == NULL ? EG_EOF : sql_get(s, k->sql, ret, err);
	return rc == EG_OK ? sql_bind(s, *ret, err, "s", of) : rc;
}

int
evidence_log(struct store *s, const char *kind, const char *of,
    int (*each)(void *ctx, const char *line, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *line;
	int rc = open_kind(s, logs, kind, of, &st, err);

	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "-s", &line);
		if (rc == EG_OK)
			rc = each(ctx, line, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
evidence_refs(struct store *s, const char *kind, const char *of,
    int (*each)(void *ctx, const char *kind, const char *id, const char *why, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *what, *id, *why;
	int rc = open_kind(s, refs, kind, of, &st, err);

	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "sss", &what, &id, &why);
		if (rc == EG_OK)
			rc = each(ctx, what, id, why, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
evidence_types(struct store *s, const char *kind, const char *of,
    int (*each)(void *ctx, const struct rec_type *t, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const struct rec_type *t;
	const char *name;
	int rc = open_kind(s, types, kind, of, &st, err);

	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "s", &name);
		t = rc == EG_OK ? rec_type_named(eg_bytes_str(name)) : NULL;
		if (rc == EG_OK)
			rc = t == NULL ? eg_fail(err, EG_FATAL, "DB-CORRUPT", "there are no records of type %s", name) :
			                 each(ctx, t, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

const char *
evidence_sqlite(void)
{
	return sqlite3_libversion();
}
