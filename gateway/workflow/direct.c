/* SPDX-License-Identifier: MIT
 *
 * Acceptance by setting. It goes through the same checks and leaves the same traces as a person's, under a name of its own. Tests: tests/unit/test_direct.c.
 */
#include "gateway/workflow/direct.h"
#include "gateway/clock.h"

static const char *const types[] = { "commitment", "cco", "invoice", "owner-invoice" };
#define NTYPES (sizeof(types) / sizeof(types[0]))

struct gathering {
	struct eg_arena *a;
	struct decide_row *rows;
	size_t n, cap;
};

bool
direct_on(const struct site *s, const struct rec_type *type)
{
	/* Vision takes sub jobs along with their project: nobody decides about them. */
	bool on = type->id == REC_SUBJOB && s->vision;

	for (size_t i = 0; i < NTYPES; i++) {
		char *key = eg_xprintf("direct_export.%s", types[i]);
		on = on || (strcmp(types[i], type->name) == 0 && conf_bool(&s->conf, key));
		free(key);
	}
	return on;
}

static int
gather(void *ctx, const struct item *it, struct eg_err *err)
{
	struct gathering *g = ctx;
	const char *iid = eg_arena_cstr(g->a, eg_bytes_str(it->iid)),
		   *content = eg_arena_cstr(g->a, eg_bytes_str(it->content));

	if (iid == NULL || content == NULL)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "there are too many items to send directly in one run");
	if (g->n == g->cap) {
		g->cap = g->cap == 0 ? 64 : g->cap * 2;
		g->rows = eg_xrealloc(g->rows, g->cap * sizeof(*g->rows));
	}
	g->rows[g->n++] = (struct decide_row){ .item = iid,
		.content = content,
		.verdict = "accept",
		.erp_id = "",
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "" };
	return EG_OK;
}

static int
accept_all(struct site *s, const struct gathering *g, struct eg_err *err)
{
	struct decide_by by = { .approver = DIRECT_ACTOR,
		.assurance = "direct",
		.manifest = "direct",
		.file = DIRECT_ACTOR,
		.direct = true };
	struct decide_counts counts = { 0 };
	char *person = eg_xstrdup(s->actor);
	int rc;

	if (!clock_day_known(s)) {
		free(person);
		return EG_OK; /* they stay what they are until it is known on which day they book */
	}
	(void)snprintf(s->actor, sizeof(s->actor), "%s", DIRECT_ACTOR);
	rc = store_begin(s->store, err);
	if (rc == EG_OK)
		rc = decide_rows(s, &by, g->rows, g->n, &counts, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	(void)snprintf(s->actor, sizeof(s->actor), "%s", person);
	free(person);
	return rc;
}

int
direct_accept(struct site *s, struct eg_err *err)
{
	struct eg_arena a;
	struct gathering g = { .a = &a };
	int rc = EG_OK;

	eg_arena_init(&a, (size_t)256 << 20);
	for (unsigned i = 0; rc == EG_OK && i < REC_NTYPES; i++) {
		struct item_filter waiting = { .type = rec_type((enum rec_id)i), .states = 1U << ST_WAITING };
		if (direct_on(s, waiting.type))
			rc = item_each(s->store, &waiting, gather, &g, err);
	}
	if (rc == EG_OK && g.n > 0)
		rc = accept_all(s, &g, err);
	free(g.rows);
	eg_arena_done(&a);
	return rc;
}
