/* SPDX-License-Identifier: MIT
 *
 * Near matches by looking through the whole list: lists of some thousand entries, and only for values that were refused.
 */
#include "gateway/near.h"

#include "adapters/damage.h"
#include "gateway/store/store.h"

#define NEAR_MEM ((size_t)64 << 20)
#define NEAR_SHOWN 3U

struct entry {
	struct eg_bytes key, name;
};

struct list {
	bool loaded;
	struct entry *v;
	size_t n, cap;
};

struct near {
	struct site *s;
	struct eg_arena a;
	struct list list[NEAR_NLISTS];
	enum near_list loading;
};

struct near *
near_open(struct site *s)
{
	struct near *n = eg_xalloc(sizeof(*n));

	n->s = s;
	eg_arena_init(&n->a, NEAR_MEM);
	return n;
}

void
near_close(struct near *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < NEAR_NLISTS; i++)
		free(n->list[i].v);
	eg_arena_done(&n->a);
	free(n);
}

bool
near_of_field(const char *field, enum near_list *ret)
{
	static const struct {
		const char *field;
		enum near_list list;
	} fields[] = { { "line.cost_code", NEAR_CODES }, { "code.cost_code", NEAR_CODES },
		{ "vendor.pm_id", NEAR_VENDORS }, { "project.number", NEAR_PROJECTS },
		{ "vendor.origin_code", NEAR_ERP_VENDORS }, { "project.origin_code", NEAR_ERP_JOBS } };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].field, field) == 0) {
			*ret = fields[i].list;
			return true;
		}
	return false;
}

/* ---- loading ---- */

/* An entry that does not fit the memory set aside is no candidate. */
static void
add(struct near *n, struct eg_bytes key, struct eg_bytes name)
{
	struct list *l = &n->list[n->loading];
	struct entry e = { eg_arena_dup(&n->a, key), eg_arena_dup(&n->a, name) };

	if (key.len == 0 || e.key.ptr == NULL || e.name.ptr == NULL)
		return;
	if (l->n > 0 && eg_bytes_eq(l->v[l->n - 1].key, key))
		return; /* a code has a row for each of its types */
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 256 : 2 * l->cap;
		l->v = eg_xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = e;
}

static int
code_each(void *ctx, const struct rec *r, int64_t file, struct eg_err *err)
{
	(void)file;
	(void)err;
	if (eg_bytes_is(rec_head(r, "code.active")->text, "yes"))
		add(ctx, rec_head(r, "code.cost_code")->text, rec_head(r, "code.name")->text);
	return EG_OK;
}

static int
item_one(void *ctx, const struct item *it, struct eg_err *err)
{
	struct eg_bytes iid = eg_bytes_str(it->iid);

	(void)err;
	add(ctx, eg_bytes_sub(iid, eg_bytes_chr(iid, '/') + 1, iid.len), eg_bytes_str(it->title));
	return EG_OK;
}

static int
load(struct near *n, enum near_list list, struct eg_err *err)
{
	static const enum rec_id types[NEAR_NLISTS] = { [NEAR_VENDORS] = REC_VENDOR,
		[NEAR_PROJECTS] = REC_PROJECT,
		[NEAR_ERP_VENDORS] = REC_ERP_VENDOR,
		[NEAR_ERP_JOBS] = REC_ERP_PROJECT };
	struct item_filter f = { .type = rec_type(types[list]) };
	int rc;

	if (n->list[list].loaded)
		return EG_OK;
	n->loading = list;
	rc = list == NEAR_CODES ? ref_each(n->s->store, rec_type(REC_COST_CODE), NULL, code_each, n, err) :
	                          item_each(n->s->store, &f, item_one, n, err);
	n->list[list].loaded = rc == EG_OK;
	return rc;
}

/* ---- looking ---- */

/* How far: 0 lost zeros, 1 became that date, 2 a repaired value, then letters; UINT_MAX far. */
static unsigned
distance(struct eg_bytes v, const struct damage *d, struct eg_bytes key)
{
	unsigned cap = v.len < 5 ? 1 : 2, letters;

	if (damage_zeros(v, key))
		return 0;
	for (unsigned i = 0; i < d->npatterns; i++)
		if (eg_bytes_glob(eg_bytes_str(d->pattern[i]), key))
			return 1;
	if (d->likely[0] != '\0' && (eg_bytes_is(key, d->likely) || damage_zeros(eg_bytes_str(d->likely), key)))
		return 2;
	letters = d->kind == DAMAGE_TO_DATE ? cap + 1 : eg_bytes_distance(v, key, cap);
	return letters <= cap ? 2 + letters : UINT32_MAX;
}

int
near_find(struct near *n, enum near_list list, const char *value, struct eg_buf *ret, struct eg_err *err)
{
	struct eg_bytes v = eg_bytes_str(value);
	struct damage d = damage_of(DAMAGE_IN_CODE, v, NULL, 0);
	const struct entry *best[NEAR_SHOWN];
	unsigned far[NEAR_SHOWN], k = 0;
	int rc = v.len == 0 ? EG_OK : load(n, list, err);

	for (size_t i = 0; rc == EG_OK && i < n->list[list].n; i++) {
		const struct entry *e = &n->list[list].v[i];
		unsigned how = distance(v, &d, e->key), at = k;

		if (eg_bytes_eq(v, e->key))
			return EG_OK;
		if (how == UINT32_MAX)
			continue;
		while (at > 0 && far[at - 1] > how)
			at--;
		if (at == NEAR_SHOWN)
			continue;
		k += k < NEAR_SHOWN;
		for (unsigned m = k - 1; m > at; m--) {
			best[m] = best[m - 1];
			far[m] = far[m - 1];
		}
		best[at] = e;
		far[at] = how;
	}
	for (unsigned i = 0; rc == EG_OK && i < k; i++)
		eg_buf_printf(ret, "%s%.*s%s%.*s%s", i == 0 ? "" : ", ", EG_FMT(best[i]->key),
		    best[i]->name.len > 0 ? " (" : "", EG_FMT(best[i]->name), best[i]->name.len > 0 ? ")" : "");
	return rc;
}

int
near_sentence(struct near *n, enum near_list list, const char *value, struct eg_buf *ret, struct eg_err *err)
{
	struct damage d = damage_of(DAMAGE_IN_CODE, eg_bytes_str(value), NULL, 0);
	struct eg_buf found = EG_BUF_INIT;
	char *zeros = NULL;
	int rc = near_zeros(n, list, value, &zeros, err);

	damage_sentence(&d, ret);
	if (rc == EG_OK && zeros != NULL)
		eg_buf_printf(ret, " A spreadsheet has probably taken leading zeros away: the list has %s.", zeros);
	else if (rc == EG_OK)
		rc = near_find(n, list, value, &found, err);
	if (rc == EG_OK && found.len > 0)
		eg_buf_printf(ret, " Near in the list: %s.", eg_buf_cstr(&found));
	eg_buf_done(&found);
	free(zeros);
	return rc;
}

int
near_known(struct near *n, enum near_list list, const char *value, bool *ret, struct eg_err *err)
{
	struct eg_bytes v = eg_bytes_str(value);
	int rc = load(n, list, err);

	*ret = rc == EG_OK && n->list[list].n == 0;
	for (size_t i = 0; rc == EG_OK && !*ret && i < n->list[list].n; i++)
		*ret = eg_bytes_eq(n->list[list].v[i].key, v);
	return rc;
}

int
near_zeros(struct near *n, enum near_list list, const char *value, char **ret, struct eg_err *err)
{
	struct eg_bytes v = eg_bytes_str(value);
	const struct entry *found = NULL;
	int rc = v.len == 0 ? EG_OK : load(n, list, err);

	*ret = NULL;
	for (size_t i = 0; rc == EG_OK && i < n->list[list].n; i++) {
		const struct entry *e = &n->list[list].v[i];

		if (eg_bytes_eq(e->key, v))
			return EG_OK;
		if (found == NULL && damage_zeros(v, e->key))
			found = e;
	}
	if (found != NULL)
		*ret = eg_xdup(found->key);
	return rc;
}
