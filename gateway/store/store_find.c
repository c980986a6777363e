/* SPDX-License-Identifier: MIT
 *
 * Searches that several rooms need: the first item of a kind, the revisions that a drop brought, a drop's identity.
 */
#include "gateway/store/sql.h"

struct first {
	struct store *s;
	struct eg_arena *a;
	struct item *ret;
	bool found;
};

static int
first_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct first *f = ctx;

	if (f->found)
		return EG_OK;
	f->found = true;
	return item_get(f->s, it->id, f->a, f->ret, err);
}

int
item_first(struct store *s, const struct item_filter *f, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	struct first first = { s, a, ret, false };
	int rc = item_each(s, f, first_each, &first, err);

	if (rc < 0)
		return rc;
	return first.found ? EG_OK : EG_EOF;
}

#define RECORD_ARENA ((size_t)1 << 30)

int
revision_each_of_drop(struct store *s, const char *drop,
    int (*each)(void *ctx, const struct rec *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct eg_arena a;
	int64_t rev;
	int rc = sql_get(s,
	    "SELECT r.id FROM revision r JOIN files f ON f.id = r.file JOIN item i ON i.id = r.item WHERE f.drop_id = ? "
	    "ORDER BY i.iid, r.n",
	    &st, err);

	eg_arena_init(&a, RECORD_ARENA);
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", drop);
	while (rc == EG_OK) {
		struct rec r;
		eg_arena_reset(&a);
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "i", &rev);
		if (rc == EG_OK)
			rc = item_record(s, rev, &a, &r, err);
		if (rc == EG_OK)
			rc = each(ctx, &r, err);
	}
	sql_put(s, st);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
store_drop_identity(struct store *s, const char *id, const char *identity, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE drops SET identity = ? WHERE id = ?", "ss", identity, id);
}
