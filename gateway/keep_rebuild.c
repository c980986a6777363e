/* SPDX-License-Identifier: MIT
 *
 * The database made again from the archive alone. The log comes first: its signature and hashes are checked, and it names every segment and every bundle by its digest; what it does
 * not name does not count. A missing or changed file ends it: a part of a state would be a wrong state.
 */
#include "gateway/keep.h"

#include "gateway/store/store_index.h"
#include "gateway/store/store_touched.h"
#include "spool/bundle.h"
#include "spool/segment.h"

#include <jansson.h>

struct named { /* a file that the log names */
	char *id, *path, *sha256;
};

struct named_list {
	struct named *v;
	size_t n;
};

struct rebuild {
	struct site *s;
	struct store *into;
	struct put_back *put;
	struct kept *ret;
	struct named_list segments, drops, deleted; /* deleted: bundles whose time was over */
	size_t at; /* segment being read, from 0 */
	uint64_t line; /* of that segment */
};

static void
name_add(struct named_list *l, const char *id, const char *path, const char *sha256)
{
	l->v = eg_xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] = (struct named){ eg_xstrdup(id), eg_xstrdup(path), eg_xstrdup(sha256) };
}

static void
names_free(struct named_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].id);
		free(l->v[i].path);
		free(l->v[i].sha256);
	}
	free(l->v);
}

/* ---- the log ---- */

static int
entry(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	struct rebuild *r = ctx;
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL), *d = json_object_get(j, "detail");
	const char *event = json_string_value(json_object_get(j, "event")),
		   *id = json_string_value(json_object_get(j, "id")),
		   *path = json_string_value(json_object_get(d, "path")),
		   *sha256 = json_string_value(json_object_get(d, "sha256")),
		   *kind = json_string_value(json_object_get(d, "kind"));

	(void)index;
	if (event != NULL && id != NULL && path != NULL && sha256 != NULL) {
		if (strcmp(event, "state-kept") == 0)
			name_add(&r->segments, id, path, sha256);
		else if (strcmp(event, "archived") == 0 && kind != NULL && strcmp(kind, "drop") == 0)
			name_add(&r->drops, id, path, sha256);
		else if (strcmp(event, "retention-deleted") == 0)
			name_add(&r->deleted, id, path, sha256);
	}
	json_decref(j);
	r->ret->entries++;
	return store_put_log(r->into, line, err);
}

static int
take_log(struct rebuild *r, struct eg_err *err)
{
	char *origin = site_log_origin(r->s);
	struct log_verdict v = { .good = false };
	int rc = log_verify(&r->s->spool, origin, NULL, entry, r, &v, err);

	free(origin);
	r->ret->log_size = v.size;
	r->ret->log_beyond = rc == EG_OK && v.fault == LOG_BEHIND;
	if (rc == EG_OK && !v.good && v.fault != LOG_BEHIND)
		rc = eg_fail(err, EG_BADFILE, "REBUILD",
		    "the log in archive/log is not whole, so nothing can be made of it: %s", v.problem);
	if (rc == EG_OK && r->segments.n == 0)
		rc = eg_fail(err, EG_BADFILE, "REBUILD",
		    "the log names no kept state: this archive is of an older erpgate, or no turn was run since it was brought up to date");
	return rc;
}

/* ---- the rows ---- */

/* Numbers without a gap, each bound to the one before: a segment that is left out shows. */
static int
check_first(struct rebuild *r, struct eg_bytes line, struct eg_err *err)
{
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL);
	const char *before = json_string_value(json_object_get(j, "before")),
		   *should = r->at == 0 ? "" : r->segments.v[r->at - 1].sha256;
	bool good = json_integer_value(json_object_get(j, "segment")) == (json_int_t)r->at + 1 && before != NULL &&
	            strcmp(before, should) == 0;
	json_int_t schema = json_integer_value(json_object_get(j, "schema"));

	json_decref(j);
	if (!good)
		return eg_fail(err, EG_BADFILE, "SEGMENT", "archive/%s does not continue the segment before it",
		    r->segments.v[r->at].path);
	return schema <= store_schema_version() ?
	           EG_OK :
	           eg_fail(err, EG_FATAL, "DB-NEWER", "archive/%s was written by a newer erpgate; install that one",
		       r->segments.v[r->at].path);
}

static int
row(void *ctx, struct eg_bytes line, struct eg_err *err)
{
	struct rebuild *r = ctx;

	if (r->line++ == 0)
		return check_first(r, line, err);
	r->ret->rows++;
	return store_put_row(r->put, line, err);
}

static int
take_segments(struct rebuild *r, struct eg_err *err)
{
	int rc = EG_OK;

	for (r->at = 0; rc == EG_OK && r->at < r->segments.n; r->at++) {
		r->line = 0;
		rc = segment_read(&r->s->spool, r->segments.v[r->at].path, r->segments.v[r->at].sha256, row, r, err);
		r->ret->segments++;
	}
	if (rc < 0)
		return rc;
	const struct named *last = &r->segments.v[r->segments.n - 1];
	rc = store_meta_set(r->into, "kept.segment", last->id, err);
	return rc == EG_OK ? store_meta_set(r->into, "kept.sha256", last->sha256, err) : rc;
}

/* ---- bodies ---- */

struct bodies {
	struct rebuild *r;
	struct eg_buf rest; /* of a line that goes on in the next piece */
};

static int
body(struct rebuild *r, struct eg_bytes line, struct eg_err *err)
{
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL);
	const json_t *hex = json_object_get(j, "packed"), *id = json_object_get(j, "revision");
	size_t n = json_string_length(hex) / 2;
	unsigned char *bytes = eg_xalloc(n + 1);
	int rc = json_is_integer(id) && eg_unhex(eg_bytes(json_string_value(hex), 2 * n), bytes, n) ?
	             store_put_body(r->into, json_integer_value(id), eg_bytes((const char *)bytes, n), err) :
	             eg_fail(err, EG_BADFILE, "REBUILD", "a line of canonical/bodies.jsonl is not of our form");

	r->ret->bodies++;
	free(bytes);
	json_decref(j);
	return rc;
}

static int
body_piece(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct bodies *b = ctx;
	int rc = EG_OK;

	while (rc == EG_OK && v.len > 0) {
		const char *end = memchr(v.ptr, '\n', v.len);
		size_t n = end == NULL ? v.len : (size_t)(end - (const char *)v.ptr);

		eg_buf_add(&b->rest, eg_bytes(v.ptr, n));
		if (end == NULL)
			break;
		rc = body(b->r, eg_buf_view(&b->rest), err);
		eg_buf_clear(&b->rest);
		v = eg_bytes(end + 1, v.len - n - 1);
	}
	return rc;
}

static int
bundle_is_named(struct rebuild *r, const struct named *n, struct eg_err *err)
{
	struct bundle_verdict v = { .good = false };
	int rc = bundle_verify(&r->s->spool, n->path, NULL, &v, err);

	if (rc == EG_OK && !v.good)
		rc = eg_fail(
		    err, EG_BADFILE, "REBUILD", "archive/%s holds records and is not whole: %s", n->path, v.problem);
	else if (rc == EG_OK && strcmp(v.sha256, n->sha256) != 0)
		rc = eg_fail(err, EG_BADFILE, "REBUILD", "archive/%s is not the bundle that the log names", n->path);
	return rc;
}

static int
take_bodies(struct rebuild *r, const struct named *n, struct eg_err *err)
{
	struct bodies b = { .r = r, .rest = EG_BUF_INIT };
	int rc = bundle_is_named(r, n, err);

	if (rc == EG_OK)
		rc = bundle_read(&r->s->spool, n->path, "data/canonical/bodies.jsonl", body_piece, &b, err);
	if (rc == EG_BADFILE && strcmp(err->code, "NO-MEMBER") == 0)
		rc = EG_OK; /* nothing of it became an item, or it is older than this way of keeping */
	eg_buf_done(&b.rest);
	r->ret->bundles++;
	return rc;
}

/* What is still in use of such a drop was kept with its body when the bundle went (gateway/expire.h). */
static bool
is_deleted(const struct rebuild *r, const char *id)
{
	for (size_t i = 0; i < r->deleted.n; i++)
		if (strcmp(r->deleted.v[i].id, id) == 0)
			return true;
	return false;
}

static int
all_bodies(struct rebuild *r, struct eg_err *err)
{
	struct eg_arena a;
	const char *drop = NULL;
	int rc = EG_OK;

	eg_arena_init(&a, 1 << 12);
	for (size_t i = 0; rc == EG_OK && i < r->drops.n; i++)
		if (!is_deleted(r, r->drops.v[i].id))
			rc = take_bodies(r, &r->drops.v[i], err);
	if (rc == EG_OK)
		rc = store_body_missing(r->into, &a, &drop, err);
	if (rc == EG_OK && drop != NULL)
		rc = eg_fail(err, EG_BADFILE, "REBUILD", "records of drop %s are in no bundle of the archive", drop);
	eg_arena_done(&a);
	return rc;
}

/* ---- all of it ---- */

static int
fill(struct rebuild *r, struct eg_err *err)
{
	int rc = store_touch_stop(r->into, err);

	if (rc == EG_OK)
		rc = take_log(r, err);
	if (rc == EG_OK)
		rc = take_segments(r, err);
	if (rc == EG_OK)
		rc = all_bodies(r, err);
	if (rc == EG_OK)
		rc = index_make(r->into, err);
	if (rc == EG_OK)
		rc = store_touched_forget(r->into, err); /* all of it is kept */
	return rc == EG_OK ? store_touch_start(r->into, err) : rc;
}

int
keep_rebuild(struct site *s, struct store *into, struct kept *ret, struct eg_err *err)
{
	struct rebuild r = { .s = s, .into = into, .ret = ret };
	int rc;

	*ret = (struct kept){ 0 };
	rc = store_put_open(into, &r.put, err);
	if (rc == EG_OK)
		rc = store_begin(into, err);
	if (rc == EG_OK) {
		rc = fill(&r, err);
		if (rc == EG_OK)
			rc = store_commit(into, err);
		if (rc < 0)
			store_rollback(into);
	}
	store_put_close(r.put);
	names_free(&r.segments);
	names_free(&r.drops);
	names_free(&r.deleted);
	return rc;
}
