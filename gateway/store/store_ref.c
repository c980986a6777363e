/* SPDX-License-Identifier: MIT
 *
 * Reference rows (the ERP's lists, the projects' code selections) and which lists have ever been received. A row's
 * key may have blank parts, which an item id may not: a cost code without a type is a row of the list.
 */
#include "gateway/store/sql.h"

static void
put_part(struct eg_buf *b, struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '%')
			eg_buf_str(b, "%25");
		else if (v.ptr[i] == '/')
			eg_buf_str(b, "%2F");
		else
			eg_buf_chr(b, v.ptr[i]);
	}
}

static void
ref_key(const struct rec *r, struct eg_buf *ret)
{
	for (unsigned i = 0; i < r->type->nkey; i++) {
		const struct rec_val *v = rec_head(r, r->type->key[i]);

		if (i > 0)
			eg_buf_chr(ret, '/');
		if (v->state == RV_VALUE)
			put_part(ret, v->text);
	}
}

int
ref_put(struct store *s, const struct rec *r, int64_t file, bool *ret_changed, struct eg_err *err)
{
	struct eg_buf key = EG_BUF_INIT, packed = EG_BUF_INIT;
	int64_t same = 0;
	char content[65];
	int rc;

	ref_key(r, &key);
	rec_pack(r, &packed);
	rec_content(r, content);
	rc = sql_number(s, 0, &same, err, "SELECT 1 FROM ref WHERE type = ? AND key = ? AND content = ?", "sss",
	    r->type->name, eg_buf_cstr(&key), content);
	if (rc == EG_OK && same == 0)
		rc = sql_exec(s, err,
		    "INSERT INTO ref (type, key, content, packed, file, line) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (type,"
		    " key) DO UPDATE SET content = excluded.content,"
		    " packed = excluded.packed, file = excluded.file, line = excluded.line, verdict = ''",
		    "sssbii", r->type->name, eg_buf_cstr(&key), content, eg_buf_view(&packed), file,
		    (int64_t)r->at.line);
	if (rc == EG_OK)
		*ret_changed = same == 0;
	eg_buf_done(&packed);
	eg_buf_done(&key);
	return rc;
}

static int
ref_read(sqlite3_stmt *st, struct eg_arena *a, struct rec *ret, int64_t *ret_file, const char **ret_verdict,
    struct eg_err *err)
{
	struct eg_bytes packed = EG_NONE;
	int rc = sql_row(st, NULL, err, "biS", &packed, ret_file, ret_verdict);

	return rc == EG_OK ? rec_unpack(packed, a, ret, err) : rc;
}

int
ref_get(struct store *s, const struct rec_type *t, const char *key, struct eg_arena *a, struct rec *ret,
    int64_t *ret_file, struct eg_err *err)
{
	const char *verdict = "";
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT packed, file, verdict FROM ref WHERE type = ? AND key = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", t->name, key);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = ref_read(st, a, ret, ret_file, &verdict, err);
	sql_put(s, st);
	return rc;
}

struct plain_each {
	int (*each)(void *ctx, const struct rec *r, int64_t file, struct eg_err *err);
	void *ctx;
};

static int
without_verdict(void *ctx, const struct rec *r, int64_t file, const char *verdict, struct eg_err *err)
{
	const struct plain_each *p = ctx;

	(void)verdict;
	return p->each(p->ctx, r, file, err);
}

int
ref_each(struct store *s, const struct rec_type *t, const char *prefix,
    int (*each)(void *ctx, const struct rec *r, int64_t file, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct plain_each p = { each, ctx };

	return ref_each_judged(s, t, prefix, NULL, without_verdict, &p, err);
}

int
ref_each_judged(struct store *s, const struct rec_type *t, const char *prefix, const char *only,
    int (*each)(void *ctx, const struct rec *r, int64_t file, const char *verdict, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct eg_arena a;
	int rc = sql_get(s,
	    "SELECT packed, file, verdict FROM ref WHERE type = ?1 AND (?2 IS NULL OR substr(key, 1, length(?2)) ="
	    " ?2) AND (?3 IS NULL OR verdict = ?3) ORDER BY key",
	    &st, err);

	eg_arena_init(&a, (size_t)1 << 20);
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "sss", t->name, prefix, only);
	while (rc == EG_OK) {
		const char *verdict = "";
		int64_t file = 0;
		struct rec r;

		eg_arena_reset(&a);
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = ref_read(st, &a, &r, &file, &verdict, err);
		if (rc == EG_OK)
			rc = each(ctx, &r, file, verdict, err);
	}
	sql_put(s, st);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
ref_judge(struct store *s, const struct rec *r, const char *verdict, struct eg_err *err)
{
	struct eg_buf key = EG_BUF_INIT;
	int rc;

	ref_key(r, &key);
	rc = sql_exec(s, err, "UPDATE ref SET verdict = ? WHERE type = ? AND key = ?", "sss", verdict, r->type->name,
	    eg_buf_cstr(&key));
	eg_buf_done(&key);
	return rc;
}

int
list_mark(struct store *s, const char *list, int64_t file, int64_t now, struct eg_err *err)
{
	return sql_exec(s, err,
	    "INSERT INTO list_received (type, file, at) VALUES (?, ?, ?) ON CONFLICT (type) DO UPDATE SET file ="
	    " excluded.file, at = excluded.at",
	    "sii", list, file, now);
}

int
list_received(struct store *s, const char *list, bool *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc = sql_number(s, 0, &n, err, "SELECT 1 FROM list_received WHERE type = ?", "s", list);

	if (rc == EG_OK)
		*ret = n != 0;
	return rc;
}

int
list_file(struct store *s, const char *list, int64_t *ret, struct eg_err *err)
{
	int rc = sql_number(s, -1, ret, err, "SELECT file FROM list_received WHERE type = ?", "s", list);

	return rc == EG_OK && *ret < 0 ? EG_EOF : rc;
}

/* ---- answers ---- */

int
answer_add(struct store *s, const struct answer_row *at, const struct rec *r, struct eg_err *err)
{
	struct eg_buf packed = EG_BUF_INIT;
	int rc;

	rec_pack(r, &packed);
	rc = sql_exec(s, err, "INSERT INTO answer (drop_id, source, file, file_id, packed) VALUES (?, ?, ?, ?, ?)",
	    "sssib", at->drop, at->source, at->file, at->file_id, eg_buf_view(&packed));
	eg_buf_done(&packed);
	return rc;
}

int
answer_each(struct store *s, struct eg_arena *a,
    int (*each)(void *ctx, const struct answer_row *at, const struct rec *r, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT drop_id, source, file, file_id, packed FROM answer ORDER BY id", &st, err);

	while (rc == EG_OK) {
		struct answer_row at;
		struct eg_bytes packed = EG_NONE;
		struct rec r;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, a, err, "sssib", &at.drop, &at.source, &at.file, &at.file_id, &packed);
		if (rc == EG_OK)
			rc = rec_unpack(packed, a, &r, err);
		if (rc == EG_OK)
			rc = each(ctx, &at, &r, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
answer_clear(struct store *s, struct eg_err *err)
{
	return sql_exec(s, err, "DELETE FROM answer", "");
}
