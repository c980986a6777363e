/* SPDX-License-Identifier: MIT
 *
 * Deciding about and deleting what is over its time. What is in doubt stays.
 */
#include "gateway/expire.h"

#include "base/fs.h"
#include "gateway/clock.h"
#include "gateway/cycle.h"
#include "gateway/keep_time.h"
#include "gateway/turn.h"
#include "spool/tombstone.h"

#include <jansson.h>

/* ---- looking ---- */

struct looking {
	struct site *s;
	struct expire_list *l;
	int64_t as_of;
	const struct expire_one *of; /* the one asked about */
	const struct expire_one *by; /* what leads to it and stays */
};

static int
gather(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct looking *k = ctx;
	struct expire_list *l = k->l;
	struct eg_arena *a = &l->arena;

	(void)err;
	l->v = eg_xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] = (struct expire_one){ .id = eg_arena_cstr(a, eg_bytes_str(b->id)),
		.kind = eg_arena_cstr(a, eg_bytes_str(b->kind)),
		.of = eg_arena_cstr(a, eg_bytes_str(b->of_id)),
		.path = eg_arena_cstr(a, eg_bytes_str(b->path)),
		.sha256 = eg_arena_cstr(a, eg_bytes_str(b->sha256)),
		.sealed = b->sealed,
		.why = "" };
	return EG_OK;
}

static struct bundle_row
row_of(const struct expire_one *e)
{
	return (struct bundle_row){ e->id, e->kind, e->of, e->path, e->sha256, e->sealed };
}

static void
class_of(struct site *s, struct expire_one *e)
{
	const char *own = NULL;
	char key[64];
	struct keep_time t;

	if (strcmp(e->kind, "drop") == 0) {
		(void)snprintf(key, sizeof(key), "source.%.40s.keep", e->source);
		own = conf_get(&s->conf, key);
	}
	if (own == NULL || *own == '\0') {
		(void)snprintf(key, sizeof(key), "keep.%s%s", e->kind, strcmp(e->kind, "batch") == 0 ? "es" : "s");
		own = conf_text(&s->conf, key);
	}
	if (!keep_time_parse(eg_bytes_str(own), &t))
		eg_bug("setting %s is no time to keep", key); /* checked when the settings were read */
	(void)snprintf(e->rule, sizeof(e->rule), "%s = %s", key, own);
	e->over = keep_time_over(&t, e->sealed);
}

static int
is_gone(void *ctx, const struct tombstone *t, struct eg_err *err)
{
	struct looking *k = ctx;
	struct expire_one *e = &k->l->v[k->of - k->l->v];

	(void)err;
	e->fate = EXPIRE_GONE;
	e->why = eg_arena_cstr(&k->l->arena, eg_bytes_str(t->reason));
	return EG_OK;
}

static int
by_itself(struct looking *k, struct expire_one *e, struct eg_err *err)
{
	struct bundle_row b = row_of(e);
	struct store *st = k->s->store;
	int64_t hold = 0;
	const char *open = NULL;
	char *why = NULL;

	k->of = e;
	int rc = keep_source(st, &b, &k->l->arena, &e->source, err);
	if (rc == EG_OK)
		rc = keep_name(st, &b, &k->l->arena, &e->name, err);
	if (rc != EG_OK)
		return rc;
	class_of(k->s, e);
	e->fate = k->as_of >= e->over ? EXPIRE_DUE : EXPIRE_YOUNG;
	rc = tombstone_each(st, e->id, is_gone, k, err);
	if (rc != EG_OK || e->fate == EXPIRE_GONE)
		return rc;
	rc = legal_hold_of(st, &b, &hold, err);
	if (rc == EG_OK && hold == 0 && e->fate == EXPIRE_DUE)
		rc = keep_open_need(st, &b, &k->l->arena, &open, err);
	if (rc == EG_OK && hold != 0) {
		why = eg_xprintf("legal hold H%06lld", (long long)hold);
		e->fate = e->fate == EXPIRE_DUE ? EXPIRE_HELD : e->fate;
	} else if (rc == EG_OK && open != NULL) {
		why = eg_xprintf("%s is not finished", open);
		e->fate = EXPIRE_NEEDED;
	}
	if (why != NULL)
		e->why = eg_arena_cstr(&k->l->arena, eg_bytes_str(why));
	free(why);
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct expire_one *)a)->id, ((const struct expire_one *)b)->id);
}

static int
leads_here(void *ctx, const char *bundle, struct eg_err *err)
{
	struct looking *k = ctx;
	const struct expire_one key = { .id = bundle }, *e = bsearch(&key, k->l->v, k->l->n, sizeof(*k->l->v), by_id);

	(void)err;
	if (k->by == NULL && e != NULL && e->fate != EXPIRE_GONE && e->fate != EXPIRE_DUE)
		k->by = e;
	return EG_OK;
}

/* The lineage of a batch that stays leads to bytes in its drops and to decisions in its manifests: they stay, too. */
static int
by_others(struct looking *k, struct expire_one *e, struct eg_err *err)
{
	struct bundle_row b = row_of(e);
	char day[EG_TIME_TEXT];

	k->by = NULL;
	int rc = keep_leads_here(k->s->store, &b, leads_here, k, err);
	if (rc != EG_OK || k->by == NULL)
		return rc;
	eg_time_print(day, k->by->over == INT64_MAX ? 0 : k->by->over);
	char *why = k->by->fate == EXPIRE_YOUNG && k->by->over != INT64_MAX ?
	                eg_xprintf("%s leads to it and is kept until %.10s", k->by->id, day) :
	                eg_xprintf("%s leads to it and is kept", k->by->id);
	e->fate = EXPIRE_NEEDED;
	e->why = eg_arena_cstr(&k->l->arena, eg_bytes_str(why));
	free(why);
	return EG_OK;
}

int
expire_look(struct site *s, int64_t as_of, struct expire_list *ret, struct eg_err *err)
{
	struct looking k = { .s = s, .l = ret, .as_of = as_of };

	*ret = (struct expire_list){ .n = 0 };
	eg_arena_init(&ret->arena, (size_t)1 << 30);
	int rc = bundle_row_each(s->store, NULL, gather, &k, err);
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_id);
	for (size_t i = 0; rc == EG_OK && i < ret->n; i++)
		rc = by_itself(&k, &ret->v[i], err);
	for (size_t i = 0; rc == EG_OK && i < ret->n; i++)
		if (ret->v[i].fate == EXPIRE_DUE)
			rc = by_others(&k, &ret->v[i], err);
	return rc;
}

void
expire_done(struct expire_list *l)
{
	eg_arena_done(&l->arena);
	free(l->v);
	l->v = NULL;
}

/* ---- the tombstone ---- */

static int
member(void *ctx, const char *name, uint64_t size, struct eg_err *err)
{
	(void)err;
	json_array_append_new(ctx, json_pack("{s:s,s:I}", "name", name, "size", (json_int_t)size));
	return EG_OK;
}

/* Everything but the content itself. */
static int
stone_text(struct site *s, const struct expire_one *e, const char *reason, char **ret, struct eg_err *err)
{
	char sealed[EG_TIME_TEXT], over[EG_TIME_TEXT], now[EG_TIME_TEXT];
	json_t *members = json_array();
	int rc = bundle_list(&s->spool, e->path, member, members, err);

	eg_time_print(sealed, e->sealed);
	eg_time_print(over, e->over);
	eg_time_print(now, site_now(s));
	json_t *j = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "tombstone", 1,
	    "site", s->name, "bundle", e->id, "kind", e->kind, "of", e->of, "source", e->source, "name", e->name,
	    "sha256", e->sha256, "sealed", sealed, "rule", e->rule, "kept_until", over, "deleted", now, "by", s->actor,
	    "account", s->caller.account, "reason", reason, "held", members);
	*ret = j == NULL ? NULL : json_dumps(j, JSON_INDENT(1));
	json_decref(j);
	if (rc == EG_OK && *ret == NULL)
		rc = eg_fail(err, EG_BADREC, "USAGE", "the reason is not UTF-8 text; write it in plain words");
	return rc;
}

/* A bundle that is damaged or not ours is evidence of something else than the end of its time. */
static int
check_whole(struct site *s, const struct expire_one *e, struct eg_err *err)
{
	struct bundle_verdict v = { .good = false };
	int rc = bundle_verify(&s->spool, e->path, NULL, &v, err);

	if (rc == EG_OK && (!v.good || strcmp(v.sha256, e->sha256) != 0))
		rc = eg_fail(err, EG_BADFILE, "EXPIRE",
		    "%s is over its time, but it is not what was sealed: %s. Find out why before anything is deleted: erpgate audit verify %s",
		    e->id, v.good ? "other bytes stand in its place" : v.problem, e->id);
	return rc;
}

/* ---- deleting ---- */

struct deleting {
	const struct expire_one *e;
	const char *reason, *stone; /* digest of the tombstone */
};

static int
declare(struct site *s, void *ctx, struct eg_err *err)
{
	const struct deleting *d = ctx;
	const struct expire_one *e = d->e;
	struct tombstone t = { e->id, d->stone, s->actor, d->reason, e->rule, site_now(s) };
	json_t *j =
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "kind", e->kind, "of", e->of, "path", e->path, "sha256",
		e->sha256, "tombstone", d->stone, "rule", e->rule, "reason", d->reason, "account", s->caller.account);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc = tombstone_add(s->store, &t, err);

	if (rc == EG_OK && strcmp(e->kind, "drop") == 0)
		rc = store_bodies_deleted(s->store, e->id, e->of, err);
	if (rc == EG_OK)
		rc = site_log(s, "retention-deleted", e->id, detail, err);
	free(detail);
	json_decref(j);
	return rc;
}

static int
bury(struct site *s, const struct expire_one *e, const char *reason, struct eg_err *err)
{
	char stone[EG_SHA256_HEX], *text = NULL;
	struct deleting d = { e, reason, stone };
	int rc = check_whole(s, e, err);

	if (rc == EG_OK)
		rc = stone_text(s, e, reason, &text, err);
	if (rc == EG_OK)
		rc = tombstone_write(&s->spool, e->path, eg_bytes_str(text), s->key, stone, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, declare, &d, err);
	free(text);
	return rc;
}

struct finishing {
	struct site *s;
	unsigned n;
};

static int
remove_row(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct finishing *f = ctx;
	int rc = eg_fs_exists(f->s->spool.archive, b->path) ? bundle_remove(&f->s->spool, b->path, err) : EG_EOF;

	f->n += rc == EG_OK;
	return rc < 0 ? rc : EG_OK;
}

static int
remove_buried(void *ctx, const struct tombstone *t, struct eg_err *err)
{
	struct finishing *f = ctx;

	return bundle_row_each(f->s->store, t->bundle, remove_row, f, err);
}

int
expire_finish(struct site *s, unsigned *ret_n, struct eg_err *err)
{
	struct finishing f = { .s = s };
	int rc = turn_keep(s, err); /* the entries are out before the bytes go */

	if (rc == EG_OK)
		rc = tombstone_each(s->store, NULL, remove_buried, &f, err);
	*ret_n = f.n;
	return rc;
}

int
expire_act(struct site *s, const struct expire_list *l, const char *reason, unsigned *ret_n, struct eg_err *err)
{
	struct eg_buf doubt = EG_BUF_INIT;
	int rc = clock_look(s, err);

	*ret_n = 0;
	if (rc == EG_OK && s->clock.doubt != CLOCK_GOOD) {
		clock_text(s, &doubt);
		rc = eg_fail(err, EG_RETRY, "CLOCK",
		    "nothing is deleted while the time is in doubt, because the time decides what may go. %s",
		    eg_buf_cstr(&doubt));
	}
	for (size_t i = 0; rc == EG_OK && i < l->n; i++)
		if (l->v[i].fate == EXPIRE_DUE)
			rc = bury(s, &l->v[i], reason, err);
	eg_buf_done(&doubt);
	return rc == EG_OK ? expire_finish(s, ret_n, err) : rc;
}
