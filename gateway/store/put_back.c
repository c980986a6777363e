/* SPDX-License-Identifier: MIT
 *
 * Filling an empty database with what was kept: rows, bodies, log entries. Names of tables and columns come out of a file and are looked up in the schema before they
 * become part of a statement; values are bound. Refuses what this version does not know: a part of a state is not a state.
 */
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

#include "base/date.h"

#include "base/hash.h"

#include <jansson.h>

struct put_back {
	struct store *s;
	struct touched_table *table; /* all of them */
	size_t n;
	sqlite3_stmt *st; /* of the row before: most are like it */
	struct eg_buf sql, next;
};

static int
learn_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct put_back *p = ctx;

	(void)err;
	p->table = eg_xrealloc(p->table, (p->n + 1) * sizeof(*p->table));
	p->table[p->n++] = *t;
	return EG_OK;
}

int
store_put_open(struct store *s, struct put_back **ret, struct eg_err *err)
{
	struct put_back *p = eg_xalloc(sizeof(*p));
	int rc;

	*p = (struct put_back){ .s = s, .sql = EG_BUF_INIT, .next = EG_BUF_INIT };
	rc = touched_tables(s, learn_table, p, err);
	if (rc == EG_OK)
		*ret = p;
	else
		store_put_close(p);
	return rc;
}

void
store_put_close(struct put_back *p)
{
	if (p == NULL)
		return;
	(void)sqlite3_finalize(p->st);
	eg_buf_done(&p->sql);
	eg_buf_done(&p->next);
	free(p->table);
	free(p);
}

/* ---- rows ---- */

static const struct touched_table *
table_named(const struct put_back *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->table[i].name, name) == 0)
			return &p->table[i];
	return NULL;
}

static bool
has_column(const struct touched_table *t, const char *name)
{
	for (int i = 0; i < t->columns; i++)
		if (strcmp(t->column[i], name) == 0)
			return true;
	return false;
}

static int
bad_row(struct eg_err *err, const char *why, const char *name)
{
	return eg_fail(err, EG_BADFILE, "KEPT-ROW", "a kept row cannot be put back: %s%s", why, name);
}

/* Texts and BLOBs are copied: `v` goes before the statement is run again. */
static int
bind_json(sqlite3_stmt *st, int at, const json_t *v)
{
	const json_t *hex = json_object_get(v, "hex");

	if (json_is_integer(v))
		return sqlite3_bind_int64(st, at, json_integer_value(v));
	if (json_is_string(v))
		return sqlite3_bind_text64(
		    st, at, json_string_value(v), json_string_length(v), SQLITE_TRANSIENT, SQLITE_UTF8);
	if (json_is_null(v))
		return sqlite3_bind_null(st, at);
	if (!json_is_string(hex) || json_string_length(hex) % 2 != 0)
		return SQLITE_MISMATCH;
	size_t n = json_string_length(hex) / 2;
	unsigned char *bytes = eg_xalloc(n + 1);
	int rc =
	    eg_unhex(eg_bytes(json_string_value(hex), 2 * n), bytes, n) ?
		n == 0 ? sqlite3_bind_zeroblob(st, at, 0) : sqlite3_bind_blob64(st, at, bytes, n, SQLITE_TRANSIENT) :
		SQLITE_MISMATCH;
	free(bytes);
	return rc;
}

/* Runs p->next with the values of `cells` in their order. */
static int
run_row(struct put_back *p, json_t *cells, struct eg_err *err)
{
	const char *key;
	json_t *v;
	int at = 1, rc = SQLITE_OK;

	if (p->st == NULL || !eg_bytes_eq(eg_buf_view(&p->sql), eg_buf_view(&p->next))) {
		(void)sqlite3_finalize(p->st);
		rc = sqlite3_prepare_v2(p->s->db, eg_buf_cstr(&p->next), -1, &p->st, NULL);
		eg_buf_clear(&p->sql);
		eg_buf_add(&p->sql, eg_buf_view(&p->next));
	}
	json_object_foreach(cells, key, v) if (rc == SQLITE_OK) rc = bind_json(p->st, at++, v);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(p->st);
	(void)sqlite3_reset(p->st);
	return rc == SQLITE_DONE     ? EG_OK :
	       rc == SQLITE_MISMATCH ? bad_row(err, "a value is neither number, text nor bytes", "") :
	                               sql_fail(p->s, rc, "putting a row back", err);
}

/* A body that stands in a bundle is an empty one until store_put_body: the column cannot be NULL. */
static void
row_statement(const char *table, json_t *cells, bool gone, struct eg_buf *sql)
{
	const char *key, *sep = "";
	json_t *v;

	eg_buf_printf(sql, gone ? "DELETE FROM %s WHERE " : "INSERT OR REPLACE INTO %s (", table);
	json_object_foreach(cells, key, v)
	{
		eg_buf_printf(sql, gone ? "%s%s = ?" : "%s%s", sep, key);
		sep = gone ? " AND " : ", ";
	}
	if (!gone) {
		eg_buf_str(sql, ") VALUES (");
		for (size_t i = 0; i < json_object_size(cells); i++)
			eg_buf_str(sql, i == 0 ? "?" : ", ?");
		eg_buf_chr(sql, ')');
	}
	if (!gone && strcmp(table, "revision") == 0 && json_is_null(json_object_get(cells, "packed")))
		json_object_set_new(cells, "packed", json_pack("{s:s}", "hex", ""));
}

int
store_put_row(struct put_back *p, struct eg_bytes line, struct eg_err *err)
{
	json_t *j = json_loadb((const char *)line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(j, "table")), *key;
	json_t *row = json_object_get(j, "row"), *gone = json_object_get(j, "gone"), *cells = row != NULL ? row : gone,
	       *v;
	const struct touched_table *t = name == NULL ? NULL : table_named(p, name);
	int rc = EG_OK;

	if (name == NULL || (row != NULL) == (gone != NULL) || !json_is_object(cells) || json_object_size(cells) == 0)
		rc = bad_row(err, "the line has no table, or not one row", "");
	else if (t == NULL)
		rc = bad_row(err, "this version has no table ", name);
	json_object_foreach(cells, key, v) if (rc == EG_OK && !has_column(t, key)) rc =
	    bad_row(err, "this version has no column ", key);
	if (rc == EG_OK) {
		eg_buf_clear(&p->next);
		row_statement(t->name, cells, gone != NULL, &p->next);
		rc = run_row(p, cells, err);
	}
	json_decref(j);
	return rc;
}

/* ---- bodies ---- */

int
store_put_body(struct store *s, int64_t revision, struct eg_bytes packed, struct eg_err *err)
{
	return sql_exec(
	    s, err, "UPDATE revision SET packed = ? WHERE id = ? AND length(packed) = 0", "bi", packed, revision);
}

int
store_body_missing(struct store *s, struct eg_arena *a, const char **ret_drop, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT f.drop_id FROM revision r JOIN files f ON f.id = r.file WHERE length(r.packed) = 0"
	    " AND NOT EXISTS (SELECT 1 FROM drops d JOIN tombstone t ON t.bundle = d.bundle WHERE d.id = f.drop_id) LIMIT 1",
	    &st, err);

	*ret_drop = NULL;
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", ret_drop);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- the log ---- */

int
store_put_log(struct store *s, struct eg_bytes line, struct eg_err *err)
{
	json_t *j = json_loadb((const char *)line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	json_int_t index = 0;
	const char *when = NULL, *actor = NULL, *event = NULL, *id = NULL;
	json_t *detail = NULL;
	int64_t at = 0;
	int rc;

	if (json_unpack(j, "{s:I, s:s, s:s, s:s, s:s, s:o}", "index", &index, "time", &when, "actor", &actor, "event",
		&event, "id", &id, "detail", &detail) != 0 ||
	    !eg_time_parse(eg_bytes_str(when), &at)) {
		json_decref(j);
		return bad_row(err, "an entry of the log is not of our form", "");
	}
	char *text = json_dumps(detail, JSON_COMPACT), *whole = eg_xdup(line);
	rc = sql_exec(s, err,
	    "INSERT OR REPLACE INTO log (idx, at, actor, event, of_id, detail, line) VALUES (?, ?, ?, ?, ?, ?, ?)",
	    "iisssss", (int64_t)index, at, actor, event, id, text, whole);
	free(whole);
	free(text);
	json_decref(j);
	return rc;
}
