/* SPDX-License-Identifier: MIT
 *
 * Recovery: the jobs of spool/work/ and of the journal together, one by one through the table. Nothing here decides: a cell does. What no crash can leave
 * stops the gateway before anything of it is touched (EG_FATAL "CLAIM").
 * Tests: tests/unit/test_recover.c (every cell), tests/scenario/.
 */
#include "gateway/recover.h"

#include "base/limits.h"

#include "gateway/store/store_receipt.h"
#include "gateway/workflow/workflow.h"

/* ---- looking ---- */

static int
journal_of_drop(struct site *s, const char *id, struct eg_arena *a, enum recover_journal *ret, struct eg_err *err)
{
	struct drop_row d;
	int rc = store_drop_get(s->store, id, a, &d, err);

	*ret = RECOVER_NONE;
	if (rc == EG_OK)
		*ret = strcmp(d.state, "claimed") == 0 ? RECOVER_BEGUN :
		       strcmp(d.state, "read") == 0    ? RECOVER_KEPT :
		                                         RECOVER_DONE;
	return rc;
}

static int
journal_of_batch(struct site *s, const char *id, struct eg_arena *a, enum recover_journal *ret, struct eg_err *err)
{
	struct batch b;
	int rc = batch_get(s->store, id, a, &b, err);

	*ret = RECOVER_NONE;
	if (rc == EG_OK)
		*ret = strcmp(b.state, "ready") == 0     ? RECOVER_BEGUN :
		       strcmp(b.state, "published") == 0 ? RECOVER_KEPT :
		                                           RECOVER_DONE;
	return rc;
}

static int
journal_of_sheet(struct site *s, const char *id, struct eg_arena *a, enum recover_journal *ret, struct eg_err *err)
{
	struct manifest m;
	int rc = manifest_get(s->store, id, a, &m, err);

	*ret = RECOVER_NONE;
	if (rc == EG_OK)
		*ret = m.bundle == NULL && m.drop == NULL ? RECOVER_KEPT : RECOVER_DONE;
	return rc;
}

static int
journal_of_void(struct site *s, const char *id, struct eg_arena *a, enum recover_journal *ret, struct eg_err *err)
{
	struct voided v;
	int rc = voided_get(s->store, id, a, &v, err);

	*ret = RECOVER_NONE;
	if (rc == EG_OK)
		*ret = v.bundle == NULL ? RECOVER_KEPT : RECOVER_DONE;
	return rc;
}

static const struct kind {
	char letter;
	int (*journal)(
	    struct site *s, const char *id, struct eg_arena *a, enum recover_journal *ret, struct eg_err *err);
	int (*files)(struct spool *s, const char *id, enum spool_files *ret, struct eg_err *err);
} kinds[RECOVER_NKINDS] = {
	[RECOVER_DROP] = { 'D', journal_of_drop, spool_look_drop },
	[RECOVER_BATCH] = { 'B', journal_of_batch, spool_look_batch },
	[RECOVER_SHEET] = { 'P', journal_of_sheet, spool_look_sheet },
	[RECOVER_VOID] = { 'V', journal_of_void, spool_look_void },
};

/* A letter of ours and digits: anything else in spool/work/ is a stranger's, and left alone. */
static bool
kind_of(const char *id, enum recover_kind *ret)
{
	uint64_t n;

	for (unsigned k = 0; k < RECOVER_NKINDS; k++)
		if (kinds[k].letter == id[0] && eg_bytes_to_u64(eg_bytes_str(id + 1), &n)) {
			*ret = (enum recover_kind)k;
			return true;
		}
	return false;
}

int
recover_look(struct site *s, const char *id, enum recover_kind *ret_kind, enum recover_journal *ret_journal,
    enum spool_files *ret_files, struct eg_err *err)
{
	struct eg_arena a;
	int rc;

	if (!kind_of(id, ret_kind))
		return EG_EOF;
	eg_arena_init(&a, 1 << 20);
	rc = kinds[*ret_kind].journal(s, id, &a, ret_journal, err);
	if (rc >= 0)
		rc = kinds[*ret_kind].files(&s->spool, id, ret_files, err);
	eg_arena_done(&a);
	return rc;
}

/* ---- acting ---- */

static int
stop(const char *id, const struct recover_cell *c, struct eg_err *err)
{
	return eg_fail(err, EG_FATAL, "CLAIM",
	    "spool/work/%s is in a state that no crash can leave (%s): somebody changed it. Nothing more is done. Look at it, and put it back as it was from a copy. What is known of it: erpgate log %s",
	    id, c->why, id);
}

static int
same_bytes(const struct drop_row *row, const struct spool_claim *c, struct eg_err *err)
{
	if (strcmp(row->sha256, c->sha256) == 0)
		return EG_OK;
	return eg_fail(err, EG_FATAL, "CLAIM",
	    "spool/work/%s holds other bytes (sha256 %.12s) than were taken (%.12s): somebody changed them. Nothing more is done. Put the file back as it was from a copy. What is known of it: erpgate log %s",
	    row->id, c->sha256, row->sha256, row->id);
}

/* A drop of which the journal knows nothing, or only that it was claimed. */
static int
go_on(struct turn *t, const char *id, bool known, struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct eg_buf source = EG_BUF_INIT;
	struct drop_row row = { .source = "" };
	struct eg_arena a;
	int rc;

	eg_arena_init(&a, 1 << 20);
	rc = known ? store_drop_get(t->site->store, id, &a, &row, err) : EG_OK;
	if (rc == EG_OK)
		rc = spool_claim_again(&t->site->spool, id, &source, &claim, err);
	if (rc == EG_OK && !known)
		rc = turn_claimed(t, eg_buf_cstr(&source), &claim, err);
	else if (rc == EG_OK) {
		rc = same_bytes(&row, &claim, err);
		if (rc == EG_OK)
			rc = strcmp(row.source, APPROVALS) == 0 ? manifest_take(t->site, &claim, err) :
			                                          intake_drop(t->site, id, t->watch, t->result, err);
		t->result->drops += rc == EG_OK;
	}
	spool_claim_done(&claim);
	eg_buf_done(&source);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc; /* it went back into its drop folder */
}

/* A drop for which there is no room stays as it is: what is behind it can be sealed, which needs less. */
static int
without_room(struct turn *t, int rc, const struct eg_err *err)
{
	if (rc != EG_RETRY || strcmp(err->code, "DISK-FULL") != 0)
		return rc;
	t->disk.full = true;
	return EG_OK;
}

static int
act(struct turn *t, const char *id, const struct recover_cell *c, struct eg_err *err)
{
	switch (c->action) {
	case RECOVER_REMOVE:
		return t->site->clock.doubt == CLOCK_GOOD ? spool_clean(&t->site->spool, id, err) : EG_OK;
	case RECOVER_TAKE:
		return without_room(t, go_on(t, id, false, err), err);
	case RECOVER_READ:
		return without_room(t, go_on(t, id, true, err), err);
	case RECOVER_PUBLISH:
		return batch_publish(t->site, id, err);
	case RECOVER_STOP:
		return stop(id, c, err);
	case RECOVER_NOTHING:
	case RECOVER_SEAL:
	case RECOVER_NACTIONS:
		break;
	}
	return EG_OK;
}

/* ---- the walk ---- */

struct jobs { /* gathered first: acting changes the tables and folders that are walked */
	char (*id)[16];
	size_t n;
};

static void
add(struct jobs *j, const char *id)
{
	if ((j->n & (j->n - 1)) == 0) /* room doubles */
		j->id = eg_xrealloc(j->id, (j->n == 0 ? 1 : j->n * 2) * sizeof(*j->id));
	(void)snprintf(j->id[j->n++], sizeof(*j->id), "%s", id);
}

/* A longer name is no id of ours. */
static int
add_folder(void *ctx, const char *id, struct eg_err *err)
{
	(void)err;
	if (strlen(id) < 16)
		add(ctx, id);
	return EG_OK;
}

static int
add_drop(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	(void)err;
	add(ctx, d->id);
	return EG_OK;
}

static int
add_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	(void)err;
	add(ctx, b->id);
	return EG_OK;
}

static int
add_sheet(void *ctx, const struct manifest *m, struct eg_err *err)
{
	(void)err;
	if (m->bundle == NULL && m->drop == NULL)
		add(ctx, m->id);
	return EG_OK;
}

static int
add_void(void *ctx, const struct voided *v, struct eg_err *err)
{
	(void)err;
	if (v->bundle == NULL)
		add(ctx, v->id);
	return EG_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* What has a folder, and what the journal thinks has one. */
static int
gather(struct site *s, struct jobs *j, struct eg_err *err)
{
	int rc = spool_leftovers(&s->spool, add_folder, j, err);

	if (rc == EG_OK)
		rc = store_drop_each(s->store, "claimed", add_drop, j, err);
	if (rc == EG_OK)
		rc = store_drop_each(s->store, "read", add_drop, j, err);
	if (rc == EG_OK)
		rc = batch_each(s->store, "ready", add_batch, j, err);
	if (rc == EG_OK)
		rc = batch_each(s->store, "published", add_batch, j, err);
	if (rc == EG_OK)
		rc = manifest_each(s->store, NULL, add_sheet, j, err);
	if (rc == EG_OK)
		rc = voided_each(s->store, add_void, j, err);
	if (rc == EG_OK && j->n > 1)
		qsort(j->id, j->n, sizeof(*j->id), by_name);
	return rc;
}

int
recover_all(struct turn *t, struct eg_err *err)
{
	struct jobs j = { 0 };
	int rc = gather(t->site, &j, err);

	for (size_t i = 0; rc == EG_OK && i < j.n && !site_ending(t->site); i++) {
		enum recover_kind k;
		enum recover_journal in_journal;
		enum spool_files files;

		if (i > 0 && strcmp(j.id[i], j.id[i - 1]) == 0)
			continue;
		rc = recover_look(t->site, j.id[i], &k, &in_journal, &files, err);
		if (rc == EG_OK)
			rc = act(t, j.id[i], recover_cell(k, in_journal, files), err);
		else if (rc == EG_EOF)
			rc = EG_OK;
	}
	free(j.id);
	return rc;
}

struct cleaning {
	struct site *s;
	struct jobs done;
};

static int
clean_one(void *ctx, const char *id, struct eg_err *err)
{
	struct cleaning *c = ctx;
	enum recover_kind k;
	enum recover_journal in_journal;
	enum spool_files files;
	int rc = strlen(id) < sizeof(*c->done.id) ? recover_look(c->s, id, &k, &in_journal, &files, err) : EG_EOF;

	if (rc == EG_OK && recover_cell(k, in_journal, files)->action == RECOVER_REMOVE)
		add(&c->done, id);
	return rc == EG_EOF ? EG_OK : rc;
}

int
recover_remove(struct site *s, const char *const *id, size_t n, struct eg_err *err)
{
	int rc = EG_OK;

	if (s->clock.doubt != CLOCK_GOOD)
		return EG_OK;
	for (size_t i = 0, some; rc == EG_OK && i < n; i += some) {
		some = n - i < EG_LIMIT_GROUP ? n - i : EG_LIMIT_GROUP;
		rc = some == 1 ? spool_clean(&s->spool, id[i], err) : spool_clean_group(&s->spool, id + i, some, err);
	}
	return rc;
}

int
recover_clean(struct site *s, struct eg_err *err)
{
	struct cleaning c = { .s = s };
	int rc = s->clock.doubt == CLOCK_GOOD ? spool_leftovers(&s->spool, clean_one, &c, err) : EG_OK;
	const char **id = eg_xalloc((c.done.n + 1) * sizeof(*id));

	for (size_t i = 0; i < c.done.n; i++)
		id[i] = c.done.id[i];
	if (rc == EG_OK)
		rc = recover_remove(s, id, c.done.n, err);
	free(id);
	free(c.done.id);
	return rc;
}
