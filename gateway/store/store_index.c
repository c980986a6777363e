/* SPDX-License-Identifier: MIT
 *
 * The index of audit find: filled by one statement per kind of fact, read by one of two. Amounts stay texts here: whoever asks for a range compares exact decimals.
 */
#include "gateway/store/store_index.h"

#include "gateway/store/sql.h"

/* ?1 bundle, ?2 what it is of. Vendors are named as the books name them at that moment. */
#define ROW \
	"INSERT INTO find_row (bundle, at, item, vendor, vendor_name, project, amount, person, source, words) SELECT ?1, "
#define OF_ITEM \
	", i.iid, coalesce(i.vendor, ''), coalesce(v.title, ''), coalesce(i.project, ''), coalesce(i.amount, '')"
#define VENDOR " LEFT JOIN item v ON v.iid = 'vendor/' || i.vendor "
#define NUMBER "CASE WHEN i.number IS NULL OR instr(i.iid, i.number) > 0 THEN '' ELSE i.number END"
#define TOLD " coalesce(i.title, '') || ' ' || " NUMBER " || ' ' || coalesce(i.erp_id, '') "

/* What the three kinds of bundle tell of. */
static int
add_drop(struct store *s, const char *bundle, const char *of, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    ROW
	    "d.received, '', '', '', '', '', '', d.source, d.id || ' ' || d.name || ' ' || d.verdict || ' ' || d.sha256 FROM drops d WHERE d.id = ?2",
	    "ss", bundle, of);

	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    ROW
		    "d.received, '', '', '', '', '', '', d.source, d.name || ' ' || f.member || ' ' || f.adapter FROM files f JOIN drops d ON d.id = f.drop_id "
		    "WHERE f.drop_id = ?2 AND f.member <> '' ORDER BY f.id",
		    "ss", bundle, of);
	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    ROW
		    "d.received" OF_ITEM ", '', d.source, " TOLD
		    "FROM files f JOIN drops d ON d.id = f.drop_id JOIN revision r ON r.file = f.id JOIN item i ON i.id = r.item" VENDOR
		    "WHERE f.drop_id = ?2 GROUP BY i.id ORDER BY i.id",
		    "ss", bundle, of);
	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    ROW
		    "d.received, n.item, '', '', '', '', '', d.source, n.code || ' ' || n.field || ' ' || n.value || ' ' || n.message FROM finding n "
		    "JOIN drops d ON d.id = n.drop_id WHERE n.drop_id = ?2 AND n.severity = 'R' ORDER BY n.id",
		    "ss", bundle, of);
	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    ROW
		    "d.received, n.item, '', '', '', '', '', d.source, 'refused ' || d.id || '-' || n.n || ' ' || n.code FROM reject n JOIN drops d ON d.id = n.drop_id "
		    "WHERE n.drop_id = ?2 ORDER BY n.n",
		    "ss", bundle, of);
	return rc;
}

static int
add_manifest(struct store *s, const char *bundle, const char *of, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    ROW
	    "coalesce(m.applied, m.received), '', '', '', '', '', coalesce(m.approver, ''), '', m.id || ' ' || m.name || ' ' || coalesce(m.sheet, '') || ' ' || m.state || ' ' || "
	    "coalesce(m.key_id, '') || ' ' || m.sha256 FROM manifest m WHERE m.id = ?2",
	    "ss", bundle, of);

	return rc == EG_OK ?
	           sql_exec(s, err,
		       ROW
		       "d.at, d.iid, coalesce(i.vendor, ''), coalesce(v.title, ''), coalesce(i.project, ''), coalesce(i.amount, ''), d.approver, '', coalesce(i.title, '') || ' ' || " NUMBER
		       " || ' ' || d.verdict || ' ' || "
		       "d.result || ' ' || d.code || ' ' || d.erp_id || ' ' || d.description || ' ' || d.comment "
		       "FROM decision d LEFT JOIN item i ON i.id = d.item" VENDOR "WHERE d.manifest = ?2 ORDER BY d.id",
		       "ss", bundle, of) :
	           rc;
}

static int
add_batch(struct store *s, const char *bundle, const char *of, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    ROW "b.made, '', '', '', '', '', '', b.target, b.id || ' ' || b.target FROM batch b WHERE b.id = ?2", "ss",
	    bundle, of);

	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    ROW
		    "b.made, '', '', '', '', f.amount, '', b.target, f.name || ' ' || f.object || ' ' || f.adapter || ' ' || f.sha256 FROM batch_file f "
		    "JOIN batch b ON b.id = f.batch WHERE f.batch = ?2 ORDER BY f.id",
		    "ss", bundle, of);
	return rc == EG_OK ?
	           sql_exec(s, err,
		       ROW
		       "b.made" OF_ITEM ", coalesce(d.approver, ''), b.target, " TOLD
		       "FROM batch_item x JOIN batch b ON b.id = x.batch JOIN item i ON i.id = x.item LEFT JOIN decision d ON d.id = x.decision" VENDOR
		       "WHERE x.batch = ?2 ORDER BY i.id",
		       "ss", bundle, of) :
	           rc;
}

/* The act itself, and what had left in the batch. */
static int
add_void(struct store *s, const char *bundle, const char *of, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    ROW
	    "v.at, '', '', '', '', '', v.actor, '', v.id || ' ' || v.batch || ' ' || v.reason || ' ' || v.proof || ' ' || v.sha256 FROM voided v WHERE v.id = ?2",
	    "ss", bundle, of);

	return rc == EG_OK ?
	           sql_exec(s, err,
		       ROW "w.at" OF_ITEM ", w.actor, '', " TOLD
			   "FROM voided w JOIN batch_item x ON x.batch = w.batch JOIN item i ON i.id = x.item" VENDOR
			   "WHERE w.id = ?2 ORDER BY i.id",
		       "ss", bundle, of) :
	           rc;
}

static int
add_other(struct store *s, const char *bundle, const char *of, struct eg_err *err)
{
	return sql_exec(s, err,
	    ROW
	    "b.sealed, '', '', '', '', '', '', '', b.kind || ' ' || b.of_id FROM bundle b WHERE b.id = ?1 AND b.of_id = ?2",
	    "ss", bundle, of);
}

static int
add_rows(struct store *s, const char *bundle, const char *kind, const char *of, struct eg_err *err)
{
	static const struct {
		const char *kind;
		int (*add)(struct store *s, const char *bundle, const char *of, struct eg_err *err);
	} kinds[] = { { "drop", add_drop }, { "manifest", add_manifest }, { "batch", add_batch },
		{ "void", add_void } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].add(s, bundle, of, err);
	return add_other(s, bundle, of, err);
}

int
index_add(struct store *s, const char *bundle, const char *kind, const char *of, struct eg_err *err)
{
	int rc = add_rows(s, bundle, kind, of, err);

	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    "INSERT INTO find_page (month, stale) SELECT substr(path, 1, 7), 1 FROM bundle WHERE id = ? "
		    "ON CONFLICT (month) DO UPDATE SET stale = 1",
		    "s", bundle);
	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    "INSERT INTO find_text (rowid, item, vendor, vendor_name, project, amount, person, source, words) "
		    "SELECT id, item, vendor, vendor_name, project, amount, person, source, words FROM find_row WHERE bundle = ?",
		    "s", bundle);
	return rc;
}

int
index_missing(struct store *s, bool *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc = sql_number(
	    s, 0, &n, err, "SELECT EXISTS (SELECT 1 FROM bundle) AND NOT EXISTS (SELECT 1 FROM find_row)", "");

	*ret = n != 0;
	return rc;
}

static int
add_one(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	return add_rows(ctx, b->id, b->kind, b->of_id, err);
}

int
index_make(struct store *s, struct eg_err *err)
{
	int rc = sql_exec(s, err, "DELETE FROM find_row", "");

	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    "INSERT OR REPLACE INTO find_page (month, stale) SELECT DISTINCT substr(path, 1, 7), 1 FROM bundle",
		    "");
	if (rc == EG_OK)
		rc = bundle_row_each(s, NULL, add_one, s, err);
	return rc == EG_OK ? sql_exec(s, err, "INSERT INTO find_text (find_text) VALUES ('rebuild')", "") : rc;
}

/* ---- asking ---- */

#define ROWS \
	"SELECT r.bundle, b.kind, b.of_id, b.path, r.at, r.item, r.vendor, r.vendor_name, r.project, r.amount, r.person, r.source, r.words FROM "
#define ASKED                                                                                                 \
	" JOIN bundle b ON b.id = r.bundle WHERE (?2 IS NULL OR r.item = ?2)"                                 \
	" AND (?3 IS NULL OR r.vendor = ?3 COLLATE NOCASE OR instr(lower(r.vendor_name), lower(?3)) > 0)"     \
	" AND (?4 IS NULL OR r.project = ?4 COLLATE NOCASE) AND (?5 IS NULL OR r.person = ?5 COLLATE NOCASE)" \
	" AND (?6 IS NULL OR r.source = ?6) AND (?7 IS NULL OR b.kind = ?7)"                                  \
	" AND (?8 IS NULL OR r.at >= ?8) AND (?9 IS NULL OR r.at < ?9) ORDER BY b.sealed, length(b.id), b.id, r.id"

int
index_each(struct store *s, const struct index_ask *q,
    int (*each)(void *ctx, const struct index_row *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct index_row r;
	int rc =
	    q->text == NULL ?
		sql_get(s, ROWS "find_row r" ASKED, &st, err) :
		sql_get(s,
		    ROWS
		    "(SELECT rowid AS hit FROM find_text WHERE find_text MATCH ?1) JOIN find_row r ON r.id = hit" ASKED,
		    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ssssssszz", q->text, q->item, q->vendor, q->project, q->person, q->source,
		    q->kind, q->since, q->until);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "ssssissssssss", &r.bundle, &r.kind, &r.of, &r.path, &r.at, &r.item,
			    &r.vendor, &r.vendor_name, &r.project, &r.amount, &r.person, &r.source, &r.words);
		if (rc == EG_OK)
			rc = each(ctx, &r, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

void
index_query(const char *word, struct eg_buf *ret)
{
	size_t n = strlen(word);
	const bool begins = n > 1 && word[n - 1] == '*';

	if (ret->len > 0)
		eg_buf_str(ret, " AND ");
	eg_buf_chr(ret, '"');
	for (size_t i = 0; i < n - begins; i++) {
		if (word[i] == '"')
			eg_buf_chr(ret, '"');
		eg_buf_chr(ret, (unsigned char)word[i]);
	}
	eg_buf_str(ret, begins ? "\" *" : "\"");
}

/* ---- the pages of the archive ---- */

int
index_months(struct store *s, struct index_month *ret, size_t *n, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	const size_t most = *n;
	int rc = sql_get(s,
	    "SELECT month, stale, drops, good, bad, manifests, batches, written FROM find_page ORDER BY month DESC",
	    &st, err);

	*n = 0;
	while (rc == EG_OK && *n < most) {
		struct index_month *m = &ret[*n];
		const char *month;
		int64_t stale;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "siiiiiii", &month, &stale, &m->drops, &m->good, &m->bad,
			    &m->manifests, &m->batches, &m->written);
		if (rc == EG_OK) {
			(void)snprintf(m->month, sizeof(m->month), "%s", month);
			m->stale = stale != 0;
			++*n;
		}
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
index_month_written(struct store *s, const struct index_month *m, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE find_page SET stale = 0, drops = ?, good = ?, bad = ?, manifests = ?, batches = ?, written = ? WHERE month = ?",
	    "iiiiiis", m->drops, m->good, m->bad, m->manifests, m->batches, m->written, m->month);
}

int
archive_each(struct store *s, const char *month,
    int (*each)(void *ctx, const struct archive_row *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT b.id, b.kind, b.of_id, b.path, b.sha256, coalesce(d.received, m.applied, m.received, v.at, t.made, b.sealed), b.sealed,"
	    " coalesce(d.source, m.approver, v.actor, t.target, ''),"
	    " coalesce(d.name, m.name, v.batch || ': ' || v.proof, (SELECT group_concat(name, ' ') FROM (SELECT name FROM batch_file WHERE batch = t.id ORDER BY id)), ''),"
	    " coalesce(d.verdict, m.state, CASE WHEN v.id IS NULL THEN t.state ELSE 'void' END, ''),"
	    " coalesce((SELECT sum(records - rejected) FROM files WHERE drop_id = d.id), m.accepted + m.rejected, (SELECT sum(rows) FROM batch_file WHERE batch = t.id)),"
	    " coalesce((SELECT sum(rejected) FROM files WHERE drop_id = d.id), m.refused, 0)"
	    " FROM bundle b LEFT JOIN drops d ON b.kind = 'drop' AND d.id = b.of_id LEFT JOIN manifest m ON b.kind = 'manifest' AND m.id = b.of_id"
	    " LEFT JOIN voided v ON b.kind = 'void' AND v.id = b.of_id LEFT JOIN batch t ON b.kind IN ('batch', 'void') AND t.id = coalesce(v.batch, b.of_id)"
	    " WHERE b.path > ?1 || '/' AND b.path < ?1 || '/~' ORDER BY b.path",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", month);
	while (rc == EG_OK) {
		struct archive_row r;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "sssssiisssii", &r.bundle, &r.kind, &r.of, &r.path, &r.sha256,
			    &r.at, &r.sealed, &r.who, &r.what, &r.outcome, &r.good, &r.bad);
		if (rc == EG_OK)
			rc = each(ctx, &r, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
