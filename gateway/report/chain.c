/* SPDX-License-Identifier: MIT
 *
 * The graph of holds: nodes are held items, the items they wait for, and names of what is missing; links lead from who waits to what it waits for and are kept in
 * both directions as plain arrays. What others imply is left out, so that the rules may name every earlier invoice and counting stays cheap. Counting walks with a stamp instead of clearing marks. Tests: tests/unit/test_chain.c.
 */
#include "gateway/report/chain.h"

struct link {
	size_t from, to;
	const char *name; /* of `to`, as long as no node has it; NULL when one has */
	char code[8];
	unsigned weight; /* how much `to` waits for itself: what waits for most is told first */
	bool item; /* the name is an item's id */
};

struct node {
	const char *name, *amount;
	enum item_state state;
	int64_t since, id;
	struct eg_dec money;
	bool item, held, parked;
	size_t down, ndown; /* what it waits for: links from here */
	size_t up, nup; /* who waits for it: places in `ups` */
	unsigned seen; /* stamp of the walk that came by last */
};

struct chain {
	struct site *site;
	struct eg_arena a;
	struct node *v;
	size_t n, cap;
	struct link *l; /* by from, then as the holds say */
	size_t nl, lcap;
	size_t *ups; /* numbers of links, by to */
	size_t *stack;
	unsigned stamp;
	uint64_t steps;
};

/* ---- making it ---- */

static int
too_large(struct eg_err *err)
{
	return eg_fail(err, EG_RETRY, "LIMIT-MEM", "there are too many held items to show who waits for whom");
}

static struct node *
new_node(struct chain *c)
{
	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 256 : c->cap * 2;
		c->v = eg_xrealloc(c->v, c->cap * sizeof(*c->v));
	}
	c->v[c->n] = (struct node){ .money = { 0, 2 } };
	return &c->v[c->n++];
}

static int
fill_item(struct chain *c, struct node *n, const struct item *it, struct eg_err *err)
{
	n->name = eg_arena_cstr(&c->a, eg_bytes_str(it->iid));
	n->amount = it->amount == NULL ? NULL : eg_arena_cstr(&c->a, eg_bytes_str(it->amount));
	n->state = it->state;
	n->since = it->updated;
	n->id = it->id;
	n->item = true;
	n->held = it->state == ST_HELD;
	n->parked = it->parked;
	if (n->name == NULL || (it->amount != NULL && n->amount == NULL))
		return too_large(err);
	if (it->amount != NULL && eg_dec_parse(eg_bytes_str(it->amount), EG_DEC_PLAIN, 2, 28, &n->money) != EG_DEC_OK)
		n->money = (struct eg_dec){ 0, 2 };
	return EG_OK;
}

static int
add_held(void *ctx, const struct item *it, struct eg_err *err)
{
	return fill_item(ctx, new_node(ctx), it, err);
}

static int
by_name(const void *pa, const void *pb)
{
	return strcmp(((const struct node *)pa)->name, ((const struct node *)pb)->name);
}

static struct node *
find(const struct chain *c, size_t n, const char *name)
{
	struct node key = { .name = name };

	return n == 0 ? NULL : bsearch(&key, c->v, n, sizeof(*c->v), by_name);
}

struct adding {
	struct chain *c;
	const struct node **by_id;
	size_t nheld;
};

static int
by_id(const void *pa, const void *pb)
{
	const struct node *a = *(const struct node *const *)pa, *b = *(const struct node *const *)pb;

	return (a->id > b->id) - (a->id < b->id);
}

/* Ids are names by themselves; a list, a currency, a pair of codes says little without the code of its rule. */
static int
name_link(struct chain *c, struct link *l, const struct hold_row *h, size_t nheld, struct eg_err *err)
{
	const char *name = h->waits_for != NULL ? h->waits_for : h->missing;
	const struct node *known = find(c, nheld, name);
	char *text;

	l->item = h->waits_for != NULL;
	if (known != NULL) {
		l->to = (size_t)(known - c->v);
		return EG_OK;
	}
	text = strchr(name, '/') != NULL ? eg_xstrdup(name) : eg_xprintf("%s %s", h->code, name);
	l->name = eg_arena_cstr(&c->a, eg_bytes_str(text));
	free(text);
	return l->name != NULL ? EG_OK : too_large(err);
}

static int
add_hold(void *ctx, int64_t item, const struct hold_row *h, struct eg_err *err)
{
	struct adding *g = ctx;
	struct chain *c = g->c;
	struct node key = { .id = item };
	const struct node *k = &key, **at = bsearch(&k, g->by_id, g->nheld, sizeof(*g->by_id), by_id);

	if (at == NULL || (h->waits_for == NULL && *h->missing == '\0'))
		return EG_OK;
	if (c->nl == c->lcap) {
		c->lcap = c->lcap == 0 ? 256 : c->lcap * 2;
		c->l = eg_xrealloc(c->l, c->lcap * sizeof(*c->l));
	}
	struct link *l = &c->l[c->nl++];
	*l = (struct link){ .from = (size_t)(*at - c->v) };
	(void)snprintf(l->code, sizeof(l->code), "%s", h->code);
	return name_link(c, l, h, g->nheld, err);
}

static int
read_holds(struct chain *c, struct eg_err *err)
{
	struct adding g = { .c = c, .nheld = c->n };
	int rc;

	g.by_id = eg_xalloc((c->n + 1) * sizeof(*g.by_id));
	for (size_t i = 0; i < c->n; i++)
		g.by_id[i] = &c->v[i];
	if (c->n > 0)
		qsort(g.by_id, c->n, sizeof(*g.by_id), by_id);
	rc = hold_each_of_all(c->site->store, add_hold, &g, err);
	free(g.by_id);
	return rc;
}

/* A node for what is waited for and not held itself: the item as it stands, or only a name. */
static int
add_end(struct chain *c, const char *name, bool item, struct eg_err *err)
{
	struct eg_arena a;
	struct item it;
	int rc = EG_EOF;

	eg_arena_init(&a, 1 << 18);
	if (item)
		rc = item_find(c->site->store, name, &a, &it, err);
	if (rc == EG_OK)
		rc = fill_item(c, new_node(c), &it, err);
	else if (rc == EG_EOF)
		new_node(c)->name = name;
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

static int
link_by_name(const void *pa, const void *pb)
{
	return strcmp((*(struct link *const *)pa)->name, (*(struct link *const *)pb)->name);
}

static int
add_ends(struct chain *c, struct eg_err *err)
{
	struct link **sorted = eg_xalloc((c->nl + 1) * sizeof(struct link *));
	size_t n = 0;
	int rc = EG_OK;

	for (size_t i = 0; i < c->nl; i++)
		if (c->l[i].name != NULL)
			sorted[n++] = &c->l[i];
	if (n > 0)
		qsort(sorted, n, sizeof(struct link *), link_by_name);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		if (i == 0 || strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
			rc = add_end(c, sorted[i]->name, sorted[i]->item, err);
	free(sorted);
	return rc;
}

static int
by_ends(const void *pa, const void *pb)
{
	const struct link *a = pa, *b = pb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

static int
by_all(const void *pa, const void *pb)
{
	const struct link *a = pa, *b = pb;
	int by = by_ends(a, b);

	return by == 0 ? strcmp(a->code, b->code) : by;
}

static int
by_weight(const void *pa, const void *pb)
{
	const struct link *a = pa, *b = pb;

	if (a->from == b->from && a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return by_all(a, b);
}

/* Places among the held as they were become places among all nodes; several holds for one thing become one link. */
static void
resolve(struct chain *c, const char **held_name)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nl; i++) {
		const char *to = c->l[i].name != NULL ? c->l[i].name : held_name[c->l[i].to];
		c->l[i].from = (size_t)(find(c, c->n, held_name[c->l[i].from]) - c->v);
		c->l[i].to = (size_t)(find(c, c->n, to) - c->v);
	}
	if (c->nl > 0)
		qsort(c->l, c->nl, sizeof(*c->l), by_all);
	for (size_t i = 0; i < c->nl; i++)
		if (c->l[i].from != c->l[i].to && (n == 0 || by_ends(&c->l[n - 1], &c->l[i]) != 0))
			c->l[n++] = c->l[i];
	c->nl = n;
}

static void
number_links(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		c->v[i].ndown = 0;
	for (size_t i = c->nl; i > 0; i--) {
		c->v[c->l[i - 1].from].down = i - 1;
		c->v[c->l[i - 1].from].ndown++;
	}
}

/* The last of many invoices waits for each one before it; that it waits for the one before says all of that. A link is left out when the nearest thing waits for the
 * same and for less in all: "for less" keeps circles from leaving out each other's links. Whoever could be reached still can. */
static void
leave_out_implied(struct chain *c)
{
	bool *out = eg_xalloc(c->nl + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct node *v = &c->v[i];
		const struct node *nearest = v->ndown < 2 ? NULL : &c->v[c->l[v->down].to];
		if (nearest == NULL || nearest->ndown >= v->ndown)
			continue;
		c->stamp++;
		for (size_t k = 0; k < nearest->ndown; k++)
			c->v[c->l[nearest->down + k].to].seen = c->stamp;
		for (size_t k = 1; k < v->ndown; k++)
			out[v->down + k] = c->v[c->l[v->down + k].to].seen == c->stamp;
	}
	for (size_t i = 0; i < c->nl; i++)
		if (!out[i])
			c->l[n++] = c->l[i];
	c->nl = n;
	free(out);
}

/* Both directions as plain arrays. */
static void
lay_out(struct chain *c)
{
	number_links(c);
	for (size_t i = 0; i < c->nl; i++)
		c->l[i].weight = (unsigned)c->v[c->l[i].to].ndown;
	if (c->nl > 0)
		qsort(c->l, c->nl, sizeof(*c->l), by_weight);
	leave_out_implied(c);
	number_links(c);
	c->ups = eg_xalloc((c->nl + 1) * sizeof(*c->ups));
	for (size_t i = 0; i < c->nl; i++)
		c->v[c->l[i].to].nup++;
	for (size_t i = 0, at = 0; i < c->n; i++) {
		c->v[i].up = at;
		at += c->v[i].nup;
		c->v[i].nup = 0;
	}
	for (size_t i = 0; i < c->nl; i++) {
		struct node *to = &c->v[c->l[i].to];
		c->ups[to->up + to->nup++] = i;
	}
}

static int
finish(struct chain *c, struct eg_err *err)
{
	size_t held = c->n;
	const char **held_name = eg_xalloc((held + 1) * sizeof(*held_name));
	int rc = add_ends(c, err);

	for (size_t i = 0; i < held; i++)
		held_name[i] = c->v[i].name;
	if (rc == EG_OK && c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), by_name);
	if (rc == EG_OK) {
		resolve(c, held_name);
		lay_out(c);
	}
	c->stack = eg_xalloc((c->n + 1) * sizeof(*c->stack));
	free(held_name);
	return rc;
}

int
chain_load(struct site *s, struct chain **ret, struct eg_err *err)
{
	struct item_filter held = { .states = 1U << ST_HELD };
	struct chain *c = eg_xalloc(sizeof(*c));
	int rc;

	*c = (struct chain){ .site = s };
	eg_arena_init(&c->a, (size_t)2 << 30);
	rc = item_each(s->store, &held, add_held, c, err);
	if (rc == EG_OK && c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), by_name);
	if (rc == EG_OK)
		rc = read_holds(c, err);
	if (rc == EG_OK)
		rc = finish(c, err);
	if (rc < 0) {
		chain_free(c);
		return rc;
	}
	*ret = c;
	return EG_OK;
}

void
chain_free(struct chain *c)
{
	if (c == NULL)
		return;
	free(c->v);
	free(c->l);
	free(c->ups);
	free(c->stack);
	eg_arena_done(&c->a);
	free(c);
}

/* ---- counting ---- */

/* Everything that waits for node `at`: marked with a new stamp; counted unless too many links were followed before. */
static struct chain_behind
count(struct chain *c, size_t at, bool *covered)
{
	struct chain_behind b = { .money = { 0, 2 }, .known = true };
	size_t depth = 0;

	c->v[at].seen = ++c->stamp;
	c->stack[depth++] = at;
	while (depth > 0) {
		const struct node *n = &c->v[c->stack[--depth]];
		c->steps += n->nup;
		if (c->steps > CHAIN_STEPS)
			return (struct chain_behind){ .money = { 0, 2 } };
		for (size_t i = 0; i < n->nup; i++) {
			size_t who = c->l[c->ups[n->up + i]].from;
			if (c->v[who].seen == c->stamp)
				continue;
			c->v[who].seen = c->stamp;
			if (covered != NULL)
				covered[who] = true;
			b.count++;
			b.known = b.known && eg_dec_add(b.money, c->v[who].money, &b.money);
			c->stack[depth++] = who;
		}
	}
	return b;
}

bool
chain_behind(struct chain *c, const char *iid, struct chain_behind *ret)
{
	const struct node *n = find(c, c->n, iid);

	if (n == NULL || n->nup == 0)
		return false;
	*ret = count(c, (size_t)(n - c->v), NULL);
	return true;
}

/* ---- walking ---- */

struct walking {
	struct chain *c;
	bool (*each)(void *ctx, const struct chain_link *l);
	void *ctx;
	size_t told;
};

static struct chain_link
shown(const struct node *n, const struct link *by, unsigned depth)
{
	return (struct chain_link){ .what = n->name,
		.item = n->item,
		.state = n->state,
		.parked = n->parked,
		.amount = n->amount,
		.since = n->since,
		.code = by != NULL ? by->code : "",
		.depth = depth };
}

static bool
tell(struct walking *w, const struct link *by, unsigned depth, bool again)
{
	const struct node *to = &w->c->v[by->to];
	struct chain_link l = shown(to, by, depth);

	w->told++;
	l.again = again;
	l.more = !again && to->ndown > 0 && (depth >= CHAIN_DEPTH || w->told >= CHAIN_LINKS);
	return w->each(w->ctx, &l) && w->told < CHAIN_LINKS;
}

/* What was told before is told once more only where it is all that a node waits for: it would be a line without a reason otherwise. */
static bool
walk(struct walking *w, const struct node *n, unsigned depth)
{
	bool go_on = true, any = false;

	for (size_t i = 0; go_on && i < n->ndown; i++) {
		const struct link *by = &w->c->l[n->down + i];
		struct node *to = &w->c->v[by->to];
		if (to->seen == w->c->stamp)
			continue;
		to->seen = w->c->stamp;
		any = true;
		go_on = tell(w, by, depth, false);
		if (depth >= CHAIN_DEPTH)
			break;
		go_on = go_on && walk(w, to, depth + 1);
	}
	if (go_on && !any && n->ndown > 0)
		go_on = tell(w, &w->c->l[n->down], depth, true);
	return go_on;
}

void
chain_walk(struct chain *c, const char *iid, bool (*each)(void *ctx, const struct chain_link *l), void *ctx)
{
	struct walking w = { .c = c, .each = each, .ctx = ctx };
	struct node *n = find(c, c->n, iid);

	if (n == NULL)
		return;
	n->seen = ++c->stamp;
	(void)walk(&w, n, 1);
}

/* ---- where chains end ---- */

static int
by_money(const void *pa, const void *pb)
{
	const struct chain_top *a = pa, *b = pb;
	int by = eg_dec_cmp(b->behind.money, a->behind.money);

	if (by == 0)
		by = (b->behind.count > a->behind.count) - (b->behind.count < a->behind.count);
	return by != 0 ? by : strcmp(a->link.what, b->link.what);
}

static void
add_top(struct chain *c, size_t at, bool circle, bool *covered, struct chain_top *all, size_t *n)
{
	struct chain_top t = { .link = shown(&c->v[at], NULL, 0), .circle = circle };

	covered[at] = true;
	t.behind = count(c, at, covered);
	if (t.behind.count > 0 || c->v[at].held)
		all[(*n)++] = t;
}

size_t
chain_tops(struct chain *c, struct chain_top *ret, size_t max)
{
	struct chain_top *all = eg_xalloc((c->n + 1) * sizeof(*all));
	bool *covered = eg_xalloc(c->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].ndown == 0)
			add_top(c, i, false, covered, all, &n);
	for (size_t i = 0; i < c->n; i++)
		if (!covered[i])
			add_top(c, i, true, covered, all, &n);
	if (n > 0)
		qsort(all, n, sizeof(*all), by_money);
	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		ret[i] = all[i];
	free(covered);
	free(all);
	return n;
}
