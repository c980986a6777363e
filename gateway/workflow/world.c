/* SPDX-License-Identifier: MIT
 *
 * Loading what the rules look at: every item but automatic ones that are done, found by id, parent, ERP key and key
 * sent. Records are opened only when a rule asks for them. A store that fails half-way fails the whole call.
 */
#include "gateway/workflow/world.h"
#include "gateway/store/store_link.h"

#define WORLD_MEM ((size_t)2 << 30)
#define RECORD_MEM ((size_t)512 << 20)

/* ---- map ---- */

static size_t
hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return (size_t)(h ^ (h >> 32));
}

static struct slot *
slot_of(const struct strmap *m, const char *key)
{
	size_t i = hash(key) & (m->cap - 1);

	while (m->slots[i].key != NULL && strcmp(m->slots[i].key, key) != 0)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

static void
grow(struct strmap *m)
{
	struct strmap bigger = { .cap = m->cap == 0 ? 256 : m->cap * 2, .n = m->n };

	bigger.slots = eg_xalloc(bigger.cap * sizeof(*bigger.slots));
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].key != NULL)
			*slot_of(&bigger, m->slots[i].key) = m->slots[i];
	free(m->slots);
	*m = bigger;
}

void
strmap_put(struct strmap *m, const char *key, void *value)
{
	struct slot *s;

	if (m->n * 2 >= m->cap)
		grow(m);
	s = slot_of(m, key);
	if (s->key != NULL)
		return;
	*s = (struct slot){ key, value };
	m->n++;
}

void *
strmap_get(const struct strmap *m, const char *key)
{
	return m->cap == 0 ? NULL : slot_of(m, key)->value;
}

void
strmap_free(struct strmap *m)
{
	free(m->slots);
	*m = (struct strmap){ NULL, 0, 0 };
}

const char *
world_text(struct world *w, const char *fmt, ...)
{
	struct eg_buf b = EG_BUF_INIT;
	const char *ret;
	va_list ap;

	va_start(ap, fmt);
	eg_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	ret = eg_arena_cstr(&w->a, eg_buf_view(&b));
	eg_buf_done(&b);
	return ret == NULL ? "" : ret;
}

/* ---- loading ---- */

static const char *
dup(struct world *w, const char *v)
{
	return v == NULL ? NULL : eg_arena_cstr(&w->a, eg_bytes_str(v));
}

static void
file_under_parent(struct world *w, struct node *n)
{
	const char *key;
	struct node *at;

	if (n->it.parent == NULL)
		return;
	key = world_text(w, "%s %s", n->it.type->name, n->it.parent);
	at = strmap_get(&w->by_parent, key);
	if (at == NULL) {
		strmap_put(&w->by_parent, key, n);
		return;
	}
	while (at->sibling != NULL)
		at = at->sibling;
	at->sibling = n;
}

static void
file_under_keys(struct world *w, struct node *n)
{
	bool sent = n->it.state == ST_EXPORTED || node_synced(n);

	if (n->it.erp_id != NULL && node_synced(n))
		strmap_put(&w->by_key, world_text(w, "%s erp %s", n->it.type->name, n->it.erp_id), n);
	if (n->it.sent_key != NULL && sent)
		strmap_put(&w->by_key, world_text(w, "%s sent %s", n->it.type->name, n->it.sent_key), n);
}

static int
add_node(void *ctx, const struct item *it, struct eg_err *err)
{
	struct world *w = ctx;
	struct node *n = eg_arena_alloc(&w->a, sizeof(*n));

	if (n == NULL)
		return eg_fail(err, EG_RETRY, "DB-MEMORY", "there was not enough memory to look at all items together");
	n->it = *it;
	n->it.iid = dup(w, it->iid);
	n->it.erp_id = dup(w, it->erp_id);
	n->it.sent_key = dup(w, it->sent_key);
	n->it.written = dup(w, it->written);
	n->it.project = dup(w, it->project);
	n->it.vendor = dup(w, it->vendor);
	n->it.parent = dup(w, it->parent);
	n->it.number = dup(w, it->number);
	n->it.title = n->it.amount = n->it.content = NULL;
	if (n->it.iid == NULL)
		return eg_fail(err, EG_RETRY, "DB-MEMORY", "there was not enough memory to look at all items together");
	if (w->n == w->cap) {
		w->cap = w->cap == 0 ? 256 : w->cap * 2;
		w->nodes = eg_xrealloc(w->nodes, w->cap * sizeof(struct node *));
	}
	w->nodes[w->n++] = n;
	strmap_put(&w->by_iid, n->it.iid, n);
	file_under_parent(w, n);
	file_under_keys(w, n);
	return EG_OK;
}

static int
add_merge(void *ctx, const struct merge *m, struct eg_err *err)
{
	struct world *w = ctx;
	const char *gone = dup(w, m->gone), *kept = NULL;
	int rc = merge_root(w->s->store, m->gone, &w->a, &kept, err);

	if (rc == EG_OK && gone != NULL && kept != NULL)
		strmap_put(&w->merged, gone, (void *)(uintptr_t)kept);
	return rc;
}

int
world_load(struct site *s, struct world *ret, struct eg_err *err)
{
	int rc = EG_OK;

	*ret = (struct world){ .s = s };
	eg_arena_init(&ret->a, WORLD_MEM);
	eg_arena_init(&ret->scratch, RECORD_MEM);
	for (unsigned t = 0; rc == EG_OK && t < REC_NTYPES; t++) {
		struct item_filter f = { .type = rec_type((enum rec_id)t) };

		if (f.type->cls > RC_AUTOMATIC || t == REC_ERP_CODE)
			continue;
		if (f.type->cls == RC_AUTOMATIC)
			f.states = 1U << ST_HELD | 1U << ST_APPROVED;
		rc = item_each(s->store, &f, add_node, ret, err);
	}
	if (rc == EG_OK)
		rc = merge_each(s->store, NULL, add_merge, ret, err);
	if (rc == EG_OK)
		rc = list_received(s->store, "erp-project", &ret->jobs_there, err);
	if (rc == EG_OK)
		rc = list_received(s->store, "erp-vendor", &ret->vendors_there, err);
	if (rc == EG_OK)
		rc = code_lists_received(s, &ret->codes_there, err);
	if (rc != EG_OK)
		world_free(ret);
	return rc;
}

void
world_free(struct world *w)
{
	near_close(w->near);
	w->near = NULL;
	strmap_free(&w->by_iid);
	strmap_free(&w->by_parent);
	strmap_free(&w->by_key);
	strmap_free(&w->refs);
	strmap_free(&w->merged);
	strmap_free(&w->without);
	free(w->nodes);
	eg_arena_done(&w->scratch);
	eg_arena_done(&w->a);
	*w = (struct world){ .s = NULL };
}

/* ---- finding ---- */

struct node *
world_item(struct world *w, const char *iid)
{
	return strmap_get(&w->by_iid, iid);
}

struct node *
world_find(struct world *w, enum rec_id type, const char *a, const char *b, const char *c)
{
	const char *parts[3] = { a, b, c };
	const char *iid = iid_join(&w->a, type, parts, rec_type(type)->nkey);

	return iid == NULL ? NULL : world_item(w, iid);
}

struct node *
world_party(struct world *w, enum rec_id type, const char *key)
{
	const char *iid = iid_join(&w->a, type, &key, 1);
	const char *kept = iid == NULL ? NULL : strmap_get(&w->merged, iid);

	return iid == NULL ? NULL : world_item(w, kept != NULL ? kept : iid);
}

struct node *
world_children(struct world *w, enum rec_id type, const char *parent)
{
	return strmap_get(&w->by_parent, world_text(w, "%s %s", rec_type(type)->name, parent));
}

struct node *
world_by_erp(struct world *w, enum rec_id type, const char *erp_id)
{
	return strmap_get(&w->by_key, world_text(w, "%s erp %s", rec_type(type)->name, erp_id));
}

struct node *
world_by_sent(struct world *w, enum rec_id type, const char *sent_key)
{
	return strmap_get(&w->by_key, world_text(w, "%s sent %s", rec_type(type)->name, sent_key));
}

bool
node_ready(const struct world *w, const struct node *n)
{
	return node_synced(n) && (strcmp(w->s->erp, "cmic") != 0 || n->it.posted == 1);
}

/* ---- opening ---- */

static const char *
line_text(struct world *w, const struct rec *r, size_t line, const char *name)
{
	const struct rec_val *v = rec_line(r, line, name);

	return v->state == RV_VALUE ? eg_arena_cstr(&w->a, v->text) : NULL;
}

static bool
has_line_field(const struct rec_type *t, const char *name)
{
	bool on_line = false;

	return rec_field_named(t, eg_bytes_str(name), &on_line) >= 0 && on_line;
}

static int
open_lines(struct world *w, struct node *n, const struct rec *r, struct eg_err *err)
{
	if (!has_line_field(r->type, "line.cost_code"))
		return EG_OK;
	n->lines = eg_arena_array(&w->a, r->nlines, sizeof(*n->lines));
	if (n->lines == NULL)
		return eg_fail(
		    err, EG_RETRY, "DB-MEMORY", "there was not enough memory to look at the lines of %s", n->it.iid);
	for (size_t i = 0; i < r->nlines; i++) {
		struct line_at *l = &n->lines[i];

		if (has_line_field(r->type, "line.position"))
			l->position = rec_line(r, i, "line.position")->v.num;
		l->sub_job = line_text(w, r, i, "line.sub_job");
		l->code = line_text(w, r, i, "line.cost_code");
		l->type = line_text(w, r, i, "line.cost_type");
	}
	n->nlines = r->nlines;
	return EG_OK;
}

int
world_open(struct world *w, struct node *n, struct eg_err *err)
{
	struct rec r;
	int rc;

	if (n->opened)
		return EG_OK;
	eg_arena_reset(&w->scratch);
	rc = item_record(w->s->store, n->it.rev, &w->scratch, &r, err);
	if (rc != EG_OK)
		return rc;
	if (r.type->id == REC_VENDOR)
		n->given = head_text(&w->a, &r, "vendor.origin_code");
	if (r.type->id == REC_PROJECT)
		n->given = head_text(&w->a, &r, "project.origin_code");
	if (r.type->id == REC_COMMITMENT)
		n->purchase_order = head_is(&r, "commitment.type", "purchase_order");
	rc = open_lines(w, n, &r, err);
	n->opened = rc == EG_OK;
	return rc;
}

const struct line_at *
node_line(const struct node *n, int64_t position)
{
	for (size_t i = 0; i < n->nlines; i++)
		if (n->lines[i].position == position)
			return &n->lines[i];
	return NULL;
}

/* ---- changing ---- */

int
world_move(struct world *w, struct node *n, enum item_event ev, const char *erp_id, bool *ret, struct eg_err *err)
{
	int next = state_next(n->it.state, ev, n->it.type->cls, n->it.accepted != 0);
	int rc;

	*ret = next >= 0;
	if (next < 0)
		return EG_OK;
	/* A budget that was in the ERP before goes on as an update of it. */
	if (ev == EV_RELEASE && next == ST_WAITING && n->it.type->id == REC_BUDGET && n->it.posted != -1)
		next = ST_CHANGED;
	if (next == (int)n->it.state && erp_id == NULL)
		return EG_OK;
	n->it.state = (enum item_state)next;
	if (erp_id != NULL)
		n->it.erp_id = erp_id;
	if (ev == EV_REFUSE)
		n->it.accepted = 0;
	rc = item_save(w->s->store, &n->it, site_now(w->s), err);
	if (rc == EG_OK)
		file_under_keys(w, n);
	return rc;
}

/* ---- projects ---- */

void
project_by_number(struct world *w, const char *number, struct project_now *ret)
{
	struct node *own = world_find(w, REC_PROJECT, number, NULL, NULL);
	struct node *erp = world_find(w, REC_ERP_PROJECT, number, NULL, NULL);

	*ret = (struct project_now){ .number = number, .known = own != NULL ? own : erp };
	if (node_synced(own)) {
		ret->synced = true;
		ret->erp = own->it.erp_id;
	} else if (node_coming_in(erp) && world_by_erp(w, REC_PROJECT, number) == NULL) {
		/* a job that is linked to a project of another number is that project, not this one */
		ret->synced = true;
		ret->erp = number;
	}
}

void
project_by_code(struct world *w, const char *code, struct project_now *ret)
{
	struct node *own = world_by_erp(w, REC_PROJECT, code);
	struct node *erp = world_find(w, REC_ERP_PROJECT, code, NULL, NULL);

	*ret = (struct project_now){ .erp = code, .number = code, .known = erp };
	ret->synced = own != NULL || node_coming_in(erp);
	if (own != NULL)
		ret->number = own->it.number;
}

const char *
world_near(struct world *w, enum near_list list, const char *value)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_err ignored;
	const char *ret;

	if (w->near == NULL)
		w->near = near_open(w->s);
	if (near_sentence(w->near, list, value, &b, &ignored) != EG_OK)
		eg_buf_clear(&b);
	ret = world_text(w, "%s", eg_buf_cstr(&b));
	eg_buf_done(&b);
	return ret;
}
