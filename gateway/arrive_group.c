/* SPDX-License-Identifier: MIT
 *
 * Small files of one round, taken together: one claim of all, then one transaction in which each is journaled and read in turn, exactly as if it had come alone.
 * A kill before the commit leaves private copies without rows, which recovery takes up one by one; so does a failure, which takes back the rows of all.
 * A large file, an approval or a single one goes the way of turn_take. Tests: tests/scenario/flood_small.py.
 */
#include "base/limits.h"
#include "gateway/intake.h"
#include "gateway/recover.h"
#include "gateway/turn.h"

struct waiting_file {
	char id[16];
	char *name, *companion;
	struct stat st;
	bool duplicate;
	struct intake_said said;
};

struct turn_group {
	struct waiting_file file[EG_LIMIT_GROUP];
	struct spool_take take[EG_LIMIT_GROUP];
	size_t n;
	uint64_t bytes;
};

static void
forget(struct turn_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->file[i].name);
		free(g->file[i].companion);
		intake_said_done(&g->file[i].said);
		spool_claim_done(&g->take[i].claim);
	}
	g->n = 0;
	g->bytes = 0;
}

void
turn_group_free(struct turn *t)
{
	if (t->group != NULL)
		forget(t->group);
	free(t->group);
	t->group = NULL;
}

static struct spool_candidate
candidate(const struct waiting_file *f)
{
	return (struct spool_candidate){
		.name = f->name, .st = f->st, .arrival = ARRIVAL_READY, .companion = f->companion
	};
}

/* ---- one transaction for all ---- */

static int
next_ids(struct site *s, void *ctx, struct eg_err *err)
{
	struct turn_group *g = ctx;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < g->n; i++)
		rc = store_next_id(s->store, 'D', g->file[i].id, err);
	return rc;
}

static int
journal_one(struct turn *t, struct waiting_file *f, const struct spool_take *take, struct eg_err *err)
{
	struct spool_candidate c = candidate(f);
	bool fresh;

	if (take->rc < 0)
		return turn_not_taken(t, &c, &take->err, true, err);
	int rc = intake_claim_in(t->site, t->source.name, &take->claim, false, &fresh, err);
	f->duplicate = rc == EG_OK && !fresh;
	return rc == EG_OK && fresh ? intake_drop_in(t->site, f->id, &f->said, err) : rc;
}

static int
journal(struct turn *t, struct turn_group *g, struct eg_err *err)
{
	struct store *st = t->site->store;
	int rc = store_begin(st, err);

	for (size_t i = 0; rc == EG_OK && i < g->n; i++)
		rc = journal_one(t, &g->file[i], &g->take[i], err);
	if (rc == EG_OK)
		rc = store_commit(st, err);
	if (rc < 0)
		store_rollback(st);
	return rc;
}

/* Behind the commit: what was read is told. */
static void
settle(struct turn *t, struct turn_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct waiting_file *f = &g->file[i];
		if (g->take[i].rc < 0)
			continue;
		t->result->drops++;
		if (f->duplicate)
			t->result->duplicates++;
		else
			intake_tell(&f->said, t->watch, t->result);
	}
}

/* ---- taking ---- */

static int
take_singly(struct turn *t, struct turn_group *g, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < g->n; i++) {
		struct spool_candidate c = candidate(&g->file[i]);
		rc = turn_take(t, &c, g->file[i].id, err);
	}
	return rc;
}

/* No room for all of them at once, but perhaps for some. What the group had taken already is finished first, as a start would; the others get new numbers, for the folders of the old may be there. */
static int
take_what_fits(struct turn *t, struct turn_group *g, struct eg_err *err)
{
	int rc = recover_all(t, err);

	if (rc == EG_OK)
		rc = turn_transaction(t->site, next_ids, g, err);
	return rc == EG_OK ? take_singly(t, g, err) : rc;
}

static int
take_together(struct turn *t, struct turn_group *g, struct eg_err *err)
{
	for (size_t i = 0; i < g->n; i++)
		g->take[i] = (struct spool_take){ .drop = g->file[i].id,
			.name = g->file[i].name,
			.companion = g->file[i].companion,
			.seen = g->file[i].st };
	int rc = spool_claim_group(&t->site->spool, &t->source, g->take, g->n, err);
	if (rc == EG_RETRY && strcmp(err->code, "DISK-FULL") == 0)
		return take_what_fits(t, g, err);
	if (rc == EG_OK)
		rc = journal(t, g, err);
	if (rc == EG_OK)
		settle(t, g);
	return rc;
}

int
turn_group_take(struct turn *t, struct eg_err *err)
{
	struct turn_group *g = t->group;

	if (g == NULL || g->n == 0)
		return EG_OK;
	int rc = turn_transaction(t->site, next_ids, g, err);
	if (rc == EG_OK)
		rc = g->n == 1 ? take_singly(t, g, err) : take_together(t, g, err);
	forget(g);
	return rc;
}

int
turn_group_add(struct turn *t, const struct spool_candidate *c, struct eg_err *err)
{
	const uint64_t size = (uint64_t)c->st.st_size;
	const bool alone = size > EG_LIMIT_GROUP_FILE || t->approvals;
	int rc = EG_OK;

	if (t->group == NULL)
		t->group = eg_xalloc(sizeof(*t->group));
	struct turn_group *g = t->group;
	if (g->n == EG_LIMIT_GROUP || alone || g->bytes + size > EG_LIMIT_GROUP_BYTES)
		rc = turn_group_take(t, err);
	if (rc < 0)
		return rc;
	g->file[g->n] = (struct waiting_file){ .name = eg_xstrdup(c->name), .st = c->st };
	if (c->companion != NULL)
		g->file[g->n].companion = eg_xstrdup(c->companion);
	g->take[g->n] = (struct spool_take){ .rc = EG_OK };
	g->n++;
	g->bytes += size;
	return alone ? turn_group_take(t, err) : EG_OK;
}
