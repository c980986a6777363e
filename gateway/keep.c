/* SPDX-License-Identifier: MIT
 *
 * Keeping the state: one segment for all that changed since the last one, its log entry and the end of its being owed in one transaction.
 */
#include "gateway/keep.h"

#include "gateway/store/store_touched.h"
#include "spool/segment.h"

#include <jansson.h>

#define LAST "kept.segment" /* meta: number of the last segment */
#define DIGEST "kept.sha256"

static int
last_kept(struct site *s, struct eg_arena *a, int64_t *ret, const char **ret_sha256, struct eg_err *err)
{
	const char *n = NULL;
	int rc = store_meta_get(s->store, LAST, a, &n, err);

	*ret = 0;
	if (rc == EG_OK && n != NULL && !eg_bytes_to_i64(eg_bytes_str(n), ret))
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "the number of the last kept segment is \"%s\"", n);
	return rc == EG_OK ? store_meta_get(s->store, DIGEST, a, ret_sha256, err) : rc;
}

static int
first_line(struct site *s, struct segment *g, int64_t number, const char *before, struct eg_err *err)
{
	json_t *j = json_pack("{s:I,s:s,s:i,s:s}", "segment", (json_int_t)number, "site", s->name, "schema",
	    store_schema_version(), "before", before == NULL ? "" : before);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = segment_line(g, eg_bytes_str(text), err);

	free(text);
	json_decref(j);
	return rc;
}

static int
row_line(void *ctx, struct eg_bytes line, struct eg_err *err)
{
	return segment_line(ctx, line, err);
}

/* The numbers of the next segment are no row of this one: they follow from the log. */
static int
kept_rows(struct site *s, const struct segment *g, int64_t number, struct eg_err *err)
{
	char path[SEGMENT_PATH], text[24];
	segment_path((uint64_t)number, path);
	json_t *j = json_pack("{s:s,s:s,s:I}", "path", path, "sha256", g->sha256, "lines", (json_int_t)g->lines);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc;

	(void)snprintf(text, sizeof(text), "%lld", (long long)number);
	rc = store_meta_set(s->store, LAST, text, err);
	if (rc == EG_OK)
		rc = store_meta_set(s->store, DIGEST, g->sha256, err);
	if (rc == EG_OK)
		rc = store_touched_forget(s->store, err);
	if (rc == EG_OK)
		rc = site_log(s, "state-kept", text, detail, err);
	free(detail);
	json_decref(j);
	return rc;
}

static int
keep_in_transaction(struct site *s, struct eg_err *err)
{
	struct segment g = SEGMENT_INIT;
	struct eg_arena a;
	const char *before = NULL;
	int64_t number = 0;
	int rc;

	eg_arena_init(&a, 1 << 12);
	rc = last_kept(s, &a, &number, &before, err);
	if (rc == EG_OK)
		rc = segment_open(&g, &s->spool, (uint64_t)++number, err);
	if (rc == EG_OK)
		rc = first_line(s, &g, number, before, err);
	if (rc == EG_OK)
		rc = store_touched_each(s->store, row_line, &g, err);
	if (rc == EG_OK)
		rc = segment_commit(&g, err);
	if (rc == EG_OK)
		rc = kept_rows(s, &g, number, err);
	segment_abort(&g);
	eg_arena_done(&a);
	return rc;
}

int
keep_state(struct site *s, struct eg_err *err)
{
	bool any = false;
	int rc = store_touched_any(s->store, &any, err);

	if (rc < 0 || !any)
		return rc;
	rc = store_begin(s->store, err);
	if (rc == EG_OK)
		rc = keep_in_transaction(s, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}
