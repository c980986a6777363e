/* SPDX-License-Identifier: MIT
 *
 * Items, their revisions and what they wait for. An item row is the state now, a revision row is what was said once
 * and never changes. Rows that name a type or state this program does not know are EG_FATAL "DB-CORRUPT".
 */
#include "gateway/store/sql.h"

#define ITEM_COLS                                                                                                   \
	"i.id, i.rev, i.iid, i.type, i.state, i.erp_id, i.sent_key, i.written, coalesce(i.posted, -1), i.accepted," \
	" i.parked, i.project, i.vendor, i.parent, i.number, i.title, i.amount, i.seq, i.created, i.updated,"       \
	" i.claims, r.n, r.content, r.file, r.line, r.off, r.len, r.run FROM item i JOIN revision r ON r.id = i.rev"

/* ---- reading ---- */

static int
item_read(sqlite3_stmt *st, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	const char *type = "", *state = "";
	int64_t posted = 0, parked = 0, n = 0;
	int rc = sql_row(st, a, err, "iissssssiiissssssiiisisiiiii", &ret->id, &ret->rev, &ret->iid, &type, &state,
	    &ret->erp_id, &ret->sent_key, &ret->written, &posted, &ret->accepted, &parked, &ret->project, &ret->vendor,
	    &ret->parent, &ret->number, &ret->title, &ret->amount, &ret->seq, &ret->created, &ret->updated,
	    &ret->claims, &n, &ret->content, &ret->file, &ret->line, &ret->off, &ret->len, &ret->rev_run);

	if (rc != EG_OK)
		return rc;
	ret->type = rec_type_named(eg_bytes_str(type));
	if (ret->type == NULL || !state_named(eg_bytes_str(state), &ret->state))
		return eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "item %s has a type or state that does not exist; rebuild state.db with `erpgate db rebuild`",
		    ret->iid);
	ret->posted = (int)posted;
	ret->parked = parked != 0;
	ret->rev_no = (int)n;
	return EG_OK;
}

int
item_find(struct store *s, const char *iid, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " ITEM_COLS " WHERE i.iid = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", iid);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = item_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
item_get(struct store *s, int64_t id, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " ITEM_COLS " WHERE i.id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", id);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = item_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

static const char base36[] = "0123456789abcdefghijklmnopqrstuvwxyz";

void
item_short(int64_t id, char ret[16])
{
	char digits[16];
	size_t n = 0, at = 0;

	do {
		digits[n++] = base36[id % 36];
		id /= 36;
	} while (id > 0 && n < 14);
	ret[at++] = 'i';
	while (n > 0)
		ret[at++] = digits[--n];
	ret[at] = '\0';
}

static bool
short_id(const char *what, int64_t *ret)
{
	int64_t n = 0;

	if (what[0] != 'i' || what[1] == '\0' || strlen(what) > 12)
		return false;
	for (const char *p = what + 1; *p != '\0'; p++) {
		const char *d = strchr(base36, *p);

		if (d == NULL)
			return false;
		n = n * 36 + (d - base36);
	}
	*ret = n;
	return true;
}

/* The only item with that business number; several are named in the error. */
static int
by_number(struct store *s, const char *number, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	struct eg_buf names = EG_BUF_INIT;
	sqlite3_stmt *st = NULL;
	const char *iid = "";
	int64_t id = 0;
	unsigned n = 0;
	int rc = sql_get(s, "SELECT id, iid FROM item WHERE number = ? ORDER BY iid LIMIT 6", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", number);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "is", &id, &iid);
		if (rc == EG_OK) {
			eg_buf_printf(&names, "%s%s", n == 0 ? "" : ", ", n == 5 ? "…" : iid);
			n++;
		}
	}
	sql_put(s, st);
	if (rc == EG_EOF && n == 1)
		rc = item_get(s, id, a, ret, err);
	else if (rc == EG_EOF && n > 1)
		rc = eg_fail(err, EG_BADREC, "AMBIGUOUS",
		    "several items have the number %s: %s; name the one you mean in full", number, eg_buf_cstr(&names));
	eg_buf_done(&names);
	return rc;
}

int
item_lookup(struct store *s, const char *what, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	int64_t id = 0;
	int rc = item_find(s, what, a, ret, err);

	if (rc == EG_EOF)
		rc = by_number(s, what, a, ret, err);
	if (rc == EG_EOF && short_id(what, &id))
		rc = item_get(s, id, a, ret, err);
	return rc;
}

/* An earlier revision goes with the bundle of its drop (gateway/expire.h): then its body is empty. */
static int
unpack_kept(struct eg_bytes packed, struct eg_arena *a, struct rec *ret, struct eg_err *err)
{
	return packed.len > 0 ?
	           rec_unpack(packed, a, ret, err) :
	           eg_fail(err, EG_BADREC, "EXPIRED",
		       "This content was deleted under retention, with the bundle of the drop it came in. Who did it, when and why: erpgate audit list");
}

int
item_record(struct store *s, int64_t rev, struct eg_arena *a, struct rec *ret, struct eg_err *err)
{
	struct eg_bytes packed = EG_NONE;
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT packed FROM revision WHERE id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", rev);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "b", &packed);
	if (rc == EG_OK)
		rc = unpack_kept(packed, a, ret, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "revision %lld is missing; rebuild state.db with `erpgate db rebuild`", (long long)rev);
	sql_put(s, st);
	return rc;
}

int
item_revision(struct store *s, int64_t item, int n, struct eg_arena *a, struct rec *ret, struct eg_err *err)
{
	struct eg_bytes packed = EG_NONE;
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT packed FROM revision WHERE item = ? AND n = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ii", item, (int64_t)n);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "b", &packed);
	if (rc == EG_OK)
		rc = unpack_kept(packed, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
item_revision_of(struct store *s, int64_t item, const char *content, struct eg_arena *a, struct rec *ret,
    int64_t *ret_file, struct eg_err *err)
{
	struct eg_bytes packed = EG_NONE;
	sqlite3_stmt *st = NULL;
	int rc =
	    sql_get(s, "SELECT packed, file FROM revision WHERE item = ? AND content = ? ORDER BY n DESC", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "is", item, content);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, NULL, err, "bi", &packed, ret_file);
	if (rc == EG_OK)
		rc = unpack_kept(packed, a, ret, err);
	sql_put(s, st);
	return rc;
}

/* ---- writing ---- */

static int
revision_add(struct store *s, struct item *it, const struct rec *r, int64_t run, char content[65], struct eg_err *err)
{
	struct eg_buf packed = EG_BUF_INIT;
	int rc;

	rec_content(r, content);
	rec_pack(r, &packed);
	if (packed.full)
		rc = eg_fail(err, EG_BADFILE, "LIMIT-MEM", "%s is larger than a record may be", it->iid);
	else
		rc = sql_exec(s, err,
		    "INSERT INTO revision (item, n, content, packed, file, line, off, len, run) VALUES (?, ?, ?, ?, ?, ?,"
		    " ?, ?, ?)",
		    "iisbiiiii", it->id, (int64_t)it->rev_no, content, eg_buf_view(&packed), it->file, it->line,
		    it->off, it->len, run);
	eg_buf_done(&packed);
	if (rc == EG_OK)
		it->rev = sqlite3_last_insert_rowid(s->db);
	return rc;
}

static int
point_to_revision(struct store *s, struct item *it, int64_t now, struct eg_err *err)
{
	it->accepted = 0;
	it->updated = now;
	return sql_exec(s, err,
	    "UPDATE item SET rev = ?, state = ?, accepted = NULL, project = ?, vendor = ?, parent = ?, number = ?,"
	    " title = ?, amount = ?, seq = ?, updated = ?, claims = ? WHERE id = ?",
	    "issssssszisi", it->rev, state_word(it->state), it->project, it->vendor, it->parent, it->number, it->title,
	    it->amount, it->seq, now, it->claims, it->id);
}

int
item_claims_set(struct store *s, int64_t id, const char *claims, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE item SET claims = ? WHERE id = ?", "Si", claims, id);
}

int
item_add(struct store *s, struct item *it, const struct rec *r, int64_t now, int64_t run, struct eg_err *err)
{
	char content[65];
	int rc =
	    sql_exec(s, err, "INSERT INTO item (iid, type, state, rev, created, updated) VALUES (?, ?, ?, 0, ?, ?)",
		"sssii", it->iid, it->type->name, state_word(it->state), now, now);

	if (rc != EG_OK)
		return rc;
	it->id = sqlite3_last_insert_rowid(s->db);
	it->created = now;
	it->rev_no = 1;
	rc = revision_add(s, it, r, run, content, err);
	if (rc == EG_OK)
		rc = point_to_revision(s, it, now, err);
	return rc == EG_OK ? item_save(s, it, now, err) : rc;
}

int
item_revise(struct store *s, struct item *it, const struct rec *r, int64_t now, int64_t run, struct eg_err *err)
{
	char content[65];
	int64_t last = 0;
	int rc = sql_number(s, 0, &last, err, "SELECT max(n) FROM revision WHERE item = ?", "i", it->id);

	if (rc != EG_OK)
		return rc;
	it->rev_no = (int)last + 1;
	rc = revision_add(s, it, r, run, content, err);
	return rc == EG_OK ? point_to_revision(s, it, now, err) : rc;
}

int
item_save(struct store *s, const struct item *it, int64_t now, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE item SET state = ?, erp_id = ?, sent_key = ?, posted = CASE ?4 WHEN -1 THEN NULL ELSE ?4 END,"
	    " accepted = ?, parked = ?, written = ?, updated = ? WHERE id = ?",
	    "sssizisii", state_word(it->state), it->erp_id, it->sent_key, (int64_t)it->posted, it->accepted,
	    (int64_t)it->parked, it->written, now, it->id);
}

/* ---- walking ---- */

#define WALK_REST                                                                                          \
	" AND (?2 IS NULL OR state IN (SELECT value FROM json_each(?2))) AND (?3 IS NULL OR project = ?3)" \
	" AND (?4 IS NULL OR parent = ?4) AND (?5 IS NULL OR vendor = ?5) AND (?6 IS NULL OR erp_id = ?6)" \
	" AND (?7 IS NULL OR sent_key = ?7) ORDER BY iid"

/* One text per index that can serve, the narrowest first. */
static const char *
walk_sql(const struct item_filter *f)
{
	if (f->parent != NULL)
		return "SELECT id FROM item WHERE +type = ?1 AND parent = ?4" WALK_REST;
	if (f->sent_key != NULL)
		return "SELECT id FROM item WHERE type = ?1 AND sent_key = ?7" WALK_REST;
	if (f->erp_id != NULL)
		return "SELECT id FROM item WHERE type = ?1 AND erp_id = ?6" WALK_REST;
	if (f->project != NULL)
		return "SELECT id FROM item WHERE type = ?1 AND project = ?3" WALK_REST;
	if (f->states != 0)
		return "SELECT id FROM item WHERE type = ?1 AND state IN (SELECT value FROM json_each(?2))" WALK_REST;
	return "SELECT id FROM item WHERE type = ?1" WALK_REST;
}

struct ids {
	int64_t *v;
	size_t n, cap;
};

static void
ids_add(struct ids *l, int64_t id)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		l->v = eg_xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = id;
}

static int
walk_type(struct store *s, const struct rec_type *t, const struct item_filter *f, const char *states, struct ids *ret,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, walk_sql(f), &st, err);

	if (rc == EG_OK)
		rc = sql_bind(
		    s, st, err, "sssssss", t->name, states, f->project, f->parent, f->vendor, f->erp_id, f->sent_key);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			ids_add(ret, sqlite3_column_int64(st, 0));
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

static void
states_json(unsigned states, struct eg_buf *ret)
{
	const char *sep = "[";

	for (unsigned i = 0; i < ST_NSTATES; i++)
		if ((states & (1U << i)) != 0) {
			eg_buf_printf(ret, "%s\"%s\"", sep, state_word((enum item_state)i));
			sep = ",";
		}
	eg_buf_str(ret, "]");
}

/* Ids are gathered first: the callback may change what the walk stands on. */
static int
give(struct store *s, const struct ids *ids, int (*each)(void *ctx, const struct item *it, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	struct eg_arena a;
	int rc = EG_OK;

	eg_arena_init(&a, (size_t)1 << 20);
	for (size_t i = 0; rc == EG_OK && i < ids->n; i++) {
		struct item it;

		eg_arena_reset(&a);
		rc = item_get(s, ids->v[i], &a, &it, err);
		if (rc == EG_OK)
			rc = each(ctx, &it, err);
	}
	eg_arena_done(&a);
	return rc;
}

int
item_each_holding(struct store *s, const struct rec_type *t, const char *key, bool claims,
    int (*each)(void *ctx, const struct item *it, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct ids ids = { NULL, 0, 0 };
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT id FROM item WHERE id IN ("
	    "SELECT id FROM item WHERE type = ?1 AND number = ?2 COLLATE NOCASE UNION"
	    " SELECT id FROM item WHERE type = ?1 AND erp_id = ?2 COLLATE NOCASE UNION"
	    " SELECT i.id FROM decision d JOIN item i ON i.id = d.item WHERE d.erp_id = ?2 COLLATE NOCASE AND"
	    " d.erp_id <> '' AND i.accepted = d.id AND i.type = ?1 UNION"
	    " SELECT id FROM item WHERE ?3 AND type = ?1 AND claims = ?2 COLLATE NOCASE UNION"
	    " SELECT id FROM item WHERE ?3 AND type = ?1 AND claims IS NULL) ORDER BY iid",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ssi", t->name, key, (int64_t)claims);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			ids_add(&ids, sqlite3_column_int64(st, 0));
	}
	sql_put(s, st);
	rc = rc == EG_EOF ? give(s, &ids, each, ctx, err) : rc;
	free(ids.v);
	return rc;
}

int
item_each(struct store *s, const struct item_filter *f,
    int (*each)(void *ctx, const struct item *it, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct eg_buf states = EG_BUF_INIT;
	struct ids ids = { NULL, 0, 0 };
	int rc = EG_OK;

	if (f->states != 0)
		states_json(f->states, &states);
	for (unsigned t = 0; rc == EG_OK && t < REC_NTYPES; t++)
		if (f->type == NULL || f->type->id == t)
			rc = walk_type(
			    s, rec_type((enum rec_id)t), f, f->states != 0 ? eg_buf_cstr(&states) : NULL, &ids, err);
	if (rc == EG_OK)
		rc = give(s, &ids, each, ctx, err);
	free(ids.v);
	eg_buf_done(&states);
	return rc;
}

/* ---- holds ---- */

int
hold_clear(struct store *s, int64_t item, struct eg_err *err)
{
	return sql_exec(s, err, "DELETE FROM hold WHERE item = ?", "i", item);
}

int
hold_add(struct store *s, int64_t item, const struct hold_row *h, struct eg_err *err)
{
	const char severity[2] = { h->severity, '\0' };

	return sql_exec(s, err,
	    "INSERT OR IGNORE INTO hold (item, code, severity, line, missing, waits_for, message) VALUES (?, ?, ?,"
	    " ?, ?, ?, ?)",
	    "issiSss", item, h->code, severity, (int64_t)h->line, h->missing, h->waits_for, h->message);
}

int
hold_each(struct store *s, int64_t item, int (*each)(void *ctx, const struct hold_row *h, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT code, severity, line, missing, waits_for, message FROM hold WHERE item = ? ORDER BY line, code,"
	    " missing",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "i", item);
	while (rc == EG_OK) {
		const char *severity = "";
		struct hold_row h;
		int64_t line = 0;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(
			    st, NULL, err, "ssisss", &h.code, &severity, &line, &h.missing, &h.waits_for, &h.message);
		if (rc == EG_OK) {
			h.severity = severity[0];
			h.line = (uint64_t)line;
			rc = each(ctx, &h, err);
		}
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
hold_each_of_all(struct store *s, int (*each)(void *ctx, int64_t item, const struct hold_row *h, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT item, code, severity, line, missing, waits_for, message FROM hold ORDER BY item, code, line, missing",
	    &st, err);

	while (rc == EG_OK) {
		const char *severity = "";
		int64_t item = 0, line = 0;
		struct hold_row h;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "ississs", &item, &h.code, &severity, &line, &h.missing,
			    &h.waits_for, &h.message);
		if (rc == EG_OK) {
			h.severity = severity[0];
			h.line = (uint64_t)line;
			rc = each(ctx, item, &h, err);
		}
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
