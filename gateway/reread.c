/* SPDX-License-Identifier: MIT
 *
 * Sealed originals read again.
 */
#include "gateway/reread.h"

#include "base/fs.h"
#include "gateway/store/store_report.h"
#include "gateway/turn.h"
#include "gateway/variant.h"
#include "gateway/workflow/intake.h"

#include <jansson.h>

#define REREAD_MEM ((size_t)64 << 20)

/* ---- beginning ---- */

int
reread_may(
    struct site *s, const char *of, struct eg_arena *a, struct drop_row *ret, const char **ret_root, struct eg_err *err)
{
	int rc = store_drop_get(s->store, of, a, ret, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate log", of);
	if (rc == EG_OK && strcmp(ret->source, APPROVALS) == 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "%s is an approval sheet; sheets are not read again. Return it once more: erpgate decide FILE", of);
	if (rc == EG_OK && ret->first != NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s repeats %s; reprocess that one", of, ret->first);
	if (rc == EG_OK && ret->bundle == NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s is not sealed yet; run erpgate run first", of);
	return rc == EG_OK ? reread_root(s->store, of, a, ret_root, err) : rc;
}

static int
add_rows(struct site *s, void *ctx, struct eg_err *err)
{
	return reread_add(s->store, ctx, err);
}

int
reread_begin(struct site *s, const struct reread *r, char ret_drop[16], struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct reread own = *r;
	struct eg_arena a;
	struct drop_row d;
	bool fresh;
	int fd = -1, rc;

	eg_arena_init(&a, REREAD_MEM);
	rc = reread_may(s, r->of, &a, &d, &own.root, err);
	if (rc == EG_OK)
		rc = turn_original(s, &d, &a, &fd, err);
	if (rc == EG_OK)
		rc = turn_drop_id(s, ret_drop, err);
	own.drop = ret_drop;
	if (rc == EG_OK) /* before the claim: what a crash leaves of it is known as this and no duplicate */
		rc = turn_transaction(s, add_rows, &own, err);
	if (rc == EG_OK)
		rc = spool_claim_copy(&s->spool, d.source, ret_drop, d.name, fd, (uint64_t)d.size, &claim, err);
	if (rc == EG_OK)
		rc = intake_claim(s, d.source, &claim, true, &fresh, err);
	spool_claim_done(&claim);
	eg_fd_done(&fd);
	eg_arena_done(&a);
	return rc;
}

#define LOG_TEXT ((size_t)48 << 10) /* an entry of the log has at most 64 KiB */

static int
log_text(struct site *s, const struct reread *r, json_t *j, struct eg_err *err)
{
	char *text = json_dumps(j, JSON_COMPACT);

	if (strlen(text) > LOG_TEXT &&
	    r->adapter_text != NULL) { /* the bundle of the new drop has it, if it read anything */
		(void)json_object_del(json_object_get(j, "adapter"), "text");
		free(text);
		text = json_dumps(j, JSON_COMPACT);
	}
	int rc = site_log(s, r->kind, r->of, text, err);

	free(text);
	json_decref(j);
	return rc;
}

/* Documents from `from` on, as many as fit; several entries when they are many. */
static size_t
add_picks(json_t *j, const struct reread *r, size_t from)
{
	json_t *list = json_array();
	size_t bytes = 0;

	for (; from < r->npicks && bytes < LOG_TEXT / 2; from++) {
		const struct reread_pick *p = &r->pick[from];
		json_t *one = json_pack(
		    "{s:s,s:I,s:I}", "member", p->member, "line", (json_int_t)p->line, "last", (json_int_t)p->last);

		if (*p->claim != '\0')
			json_object_set_new(one, "reject", json_string(p->claim));
		json_array_append_new(list, one);
		bytes += 80 + strlen(p->member) + strlen(p->claim);
	}
	json_object_set_new(j, "documents", list);
	return from;
}

static int
log_parts(struct site *s, const struct reread *r, const char *bundle, struct eg_err *err)
{
	size_t from = 0;
	int rc = EG_OK;

	for (int part = 1; rc == EG_OK && (part == 1 || from < r->npicks); part++) {
		json_t *j = json_pack("{s:s,s:s,s:s*,s:s,s:s,s:s}", "as", r->drop, "root", r->root, "bundle", bundle,
		    "kind", r->kind, "by", r->actor, "reason", r->reason);

		if (part > 1)
			json_object_set_new(j, "part", json_integer(part));
		else if (r->adapter_text != NULL) {
			char sha[EG_SHA256_HEX];

			eg_sha256_hex_of(eg_bytes_str(r->adapter_text), sha);
			json_object_set_new(j, "adapter",
			    json_pack(
				"{s:s,s:s,s:s}", "file", r->adapter_file, "sha256", sha, "text", r->adapter_text));
		}
		if (r->npicks > 0)
			from = add_picks(j, r, from);
		rc = log_text(s, r, j, err);
	}
	return rc;
}

int
reread_log(struct site *s, const char *drop, struct eg_err *err)
{
	struct drop_row d = { .bundle = NULL };
	struct eg_arena a;
	struct reread r;
	int rc;

	eg_arena_init(&a, REREAD_MEM);
	rc = reread_get(s->store, drop, &a, &r, err);
	if (rc == EG_OK)
		rc = store_drop_get(s->store, r.of, &a, &d, err);
	if (rc == EG_OK)
		rc = log_parts(s, &r, d.bundle, err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- reading ---- */

int
rereading_open(struct site *s, const char *drop, struct rereading *ret, struct eg_err *err)
{
	int rc;

	*ret = (struct rereading){ .on = false };
	eg_arena_init(&ret->a, REREAD_MEM);
	rc = reread_get(s->store, drop, &ret->a, &ret->r, err);
	if (rc == EG_EOF)
		return EG_OK;
	ret->on = rc == EG_OK;
	if (rc == EG_OK && ret->r.adapter_text != NULL) {
		struct variant_file file = { ret->r.adapter_file, eg_bytes_str(ret->r.adapter_text) };
		struct variant v = { .adapter = &file, .nadapters = 1 };

		rc = variant_open(s, &v, &ret->site, err);
	}
	return rc;
}

void
rereading_done(const struct site *s, struct rereading *g)
{
	if (g->site.adapters != NULL)
		variant_done(s, &g->site);
	eg_arena_done(&g->a);
}

struct site *
rereading_site(struct site *s, struct rereading *g)
{
	if (!g->on || g->site.adapters == NULL)
		return s;
	g->site.run = s->run;
	return &g->site;
}

const struct reread_pick *
rereading_pick(const struct rereading *g, const char *member, uint64_t line, bool *ret_all)
{
	size_t low = 0, high = g->r.npicks;

	*ret_all = !g->on || g->r.npicks == 0;
	while (low < high) { /* behind the last one that begins at or before the line */
		const struct reread_pick *p = &g->r.pick[(low + high) / 2];
		int c = strcmp(p->member, member);

		if (c < 0 || (c == 0 && p->line <= line))
			low = (low + high) / 2 + 1;
		else
			high = (low + high) / 2;
	}
	if (low == 0 || *ret_all)
		return NULL;
	const struct reread_pick *p = &g->r.pick[low - 1];
	return strcmp(p->member, member) == 0 && line <= p->last ? p : NULL;
}

/* Ids grow longer before they run out: the longer one is the later one. */
static bool
later(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);

	return m != n ? m > n : strcmp(a, b) > 0;
}

/* Did the file come in a drop whose bytes came after those that are read again? */
static int
file_is_later(struct site *s, const struct rereading *g, int64_t file, struct eg_arena *a, const char **ret_by,
    struct eg_err *err)
{
	struct file_row f;
	const char *root = NULL;
	int rc = store_file_get(s->store, file, a, &f, err);

	*ret_by = NULL;
	if (rc == EG_OK)
		rc = reread_root(s->store, f.drop, a, &root, err);
	if (rc == EG_OK && later(root, g->r.root))
		*ret_by = root;
	return rc == EG_EOF ? EG_OK : rc;
}

/* Where the store has what this record is about, and whether it says the same. EG_EOF: it is new. */
static int
known_file(struct site *s, const struct rec *r, const char *iid, struct eg_arena *a, int64_t *ret_file, bool *ret_same,
    struct eg_err *err)
{
	char content[65], was[65];
	struct item it;
	struct rec old;
	int rc;

	rec_content(r, content);
	if (r->type->cls == RC_REFERENCE) {
		rc = ref_get(s->store, r->type, iid + strlen(r->type->name) + 1, a, &old, ret_file, err);
		if (rc == EG_OK) {
			rec_content(&old, was);
			*ret_same = strcmp(content, was) == 0;
		}
		return rc;
	}
	rc = item_find(s->store, iid, a, &it, err);
	if (rc == EG_OK) {
		*ret_file = it.file;
		*ret_same = strcmp(content, it.content) == 0;
	}
	return rc;
}

int
rereading_late(struct site *s, const struct rereading *g, const struct place *at, const struct rec *r, bool *ret,
    struct eg_err *err)
{
	const enum rec_class cls = r->type->cls;
	struct eg_buf iid = EG_BUF_INIT;
	const char *by = NULL;
	struct eg_arena a;
	int64_t file = 0;
	bool same = true;
	int rc = EG_OK;

	*ret = false;
	if (!g->on || cls == RC_ANSWER || cls == RC_DECISION || !rec_item_id(r, &iid)) {
		eg_buf_done(&iid);
		return EG_OK;
	}
	eg_arena_init(&a, REREAD_MEM);
	rc = known_file(s, r, eg_buf_cstr(&iid), &a, &file, &same, err);
	if (rc == EG_OK && !same)
		rc = file_is_later(s, g, file, &a, &by, err);
	if (rc == EG_OK && by != NULL) {
		char *msg = eg_xprintf(
		    "%s was not taken: drop %s came after these bytes (%s) and says something newer of it. Nothing needs to be done; to read the newer one again: erpgate reprocess %s",
		    eg_buf_cstr(&iid), by, g->r.root, by);

		*ret = true;
		rc = intake_finding(
		    s, at, r->at.line, "F-73", 'N', cls == RC_REFERENCE ? "" : eg_buf_cstr(&iid), msg, err);
		free(msg);
	}
	eg_arena_done(&a);
	eg_buf_done(&iid);
	return rc == EG_EOF ? EG_OK : rc;
}

int
rereading_late_list(struct site *s, const struct rereading *g, const struct rec_type *t, bool *ret, struct eg_err *err)
{
	const char *by = NULL;
	struct eg_arena a;
	int64_t file = 0;
	int rc;

	*ret = false;
	if (!g->on || t == NULL)
		return EG_OK;
	eg_arena_init(&a, REREAD_MEM);
	rc = list_file(s->store, t->name, &file, err);
	if (rc == EG_OK)
		rc = file_is_later(s, g, file, &a, &by, err);
	*ret = rc == EG_OK && by != NULL;
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- answers ---- */

int
reread_stale_answer(struct site *s, const char *drop, const struct item *it, bool *ret, struct eg_err *err)
{
	int64_t left = 0;
	struct drop_row root;
	struct eg_arena a;
	struct reread r;
	int rc;

	*ret = false;
	eg_arena_init(&a, REREAD_MEM);
	rc = reread_get(s->store, drop, &a, &r, err);
	if (rc == EG_OK)
		rc = store_drop_get(s->store, r.root, &a, &root, err);
	if (rc == EG_OK)
		rc = item_left_in(s->store, it->id, &left, err);
	/* By runs, not by the clock, for two runs may begin in one second; and a run reads what has come before it writes what leaves. */
	*ret = rc == EG_OK && left >= root.run;
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}
