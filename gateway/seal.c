/* SPDX-License-Identifier: MIT
 *
 * Sealing: what is finished becomes one bundle each (drop when read, manifest when applied, batch when published), with row and log entry in one transaction; only then the work
 * copy goes. A crash anywhere: the same bundle is made again, byte for byte.
 */
#include "gateway/seal.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/archive_pages.h"
#include "gateway/cycle.h"
#include "gateway/recover.h"
#include "gateway/reread.h"
#include "gateway/store/store_index.h"
#include "gateway/store/store_receipt.h"
#include "gateway/store/store_touched.h"

/* What was sealed knows its bundle from now on. */
static int
drop_sealed(struct store *s, const char *of, const char *bundle, struct eg_arena *a, struct eg_err *err)
{
	int rc = store_drop_set(s, of, "done", NULL, bundle, err);

	(void)a;
	return rc == EG_OK ? store_bodies_sealed(s, bundle, err) : rc;
}

static int
manifest_sealed(struct store *s, const char *of, const char *bundle, struct eg_arena *a, struct eg_err *err)
{
	struct manifest m;
	int rc = manifest_get(s, of, a, &m, err);

	if (rc != EG_OK)
		return rc;
	m.bundle = bundle;
	rc = manifest_put(s, &m, err);
	return rc == EG_OK && m.drop != NULL ? store_drop_set(s, m.drop, "done", NULL, bundle, err) : rc;
}

static int
batch_sealed(struct store *s, const char *of, const char *bundle, struct eg_arena *a, struct eg_err *err)
{
	struct batch b;
	int rc = batch_get(s, of, a, &b, err);

	if (rc != EG_OK)
		return rc;
	b.state = "done";
	b.bundle = bundle;
	return batch_put(s, &b, err);
}

static int
void_sealed(struct store *s, const char *of, const char *bundle, struct eg_arena *a, struct eg_err *err)
{
	struct voided v;
	int rc = voided_get(s, of, a, &v, err);

	v.bundle = bundle;
	return rc == EG_OK ? voided_put(s, &v, err) : rc;
}

static const struct kind {
	const char *name;
	seal_fill *fill;
	int (*sealed)(struct store *s, const char *of, const char *bundle, struct eg_arena *a, struct eg_err *err);
} kind_drop = { "drop", seal_fill_drop, drop_sealed },
  kind_manifest = { "manifest", seal_fill_manifest, manifest_sealed },
  kind_batch = { "batch", seal_fill_batch, batch_sealed }, kind_void = { "void", seal_fill_void, void_sealed };

/* A bundle that is written; what it is of stands in the list of what is owed. */
struct sealed {
	char id[16], sha256[EG_SHA256_HEX];
	struct eg_buf path;
};

/* The bundle's row, the owner's new state and the log entry. */
static int
sealed_rows(struct site *s, const struct kind *k, const char *of, struct sealed *b, struct eg_err *err)
{
	const char *path = eg_buf_cstr(&b->path);
	json_t *j = json_pack("{s:s,s:s,s:s,s:s}", "kind", k->name, "of", of, "path", path, "sha256", b->sha256);
	char *detail = json_dumps(j, JSON_COMPACT);
	struct eg_arena a;

	eg_arena_init(&a, 1 << 16);
	int rc = store_seen_id(s->store, b->id, err);
	if (rc == EG_OK)
		rc = bundle_row_add(s->store, b->id, k->name, of, path, b->sha256, site_now(s), err);
	if (rc == EG_OK)
		rc = k->sealed(s->store, of, b->id, &a, err);
	if (rc == EG_OK)
		rc = index_add(s->store, b->id, k->name, of, err);
	if (rc == EG_OK)
		rc = site_log(s, "archived", b->id, detail, err);
	eg_arena_done(&a);
	free(detail);
	json_decref(j);
	return seal_known(rc, of, err);
}

static void
sealing_done(struct sealing *z)
{
	bundle_free(z->b);
	eg_fd_done(&z->fd);
	eg_spill_done(&z->text);
	eg_spill_done(&z->table.csv);
	eg_buf_done(&z->path);
	eg_buf_done(&z->adapters);
	free(z->lent);
}

static int
write_bundle(struct site *s, struct eg_fs_group *group, const struct kind *k, const char *of, int64_t at,
    struct sealed *ret, struct eg_err *err)
{
	struct sealing z = { .site = s,
		.text = EG_SPILL_INIT(s->spool.work),
		.path = EG_BUF_INIT,
		.fd = -1,
		.adapters = EG_BUF_INIT,
		.table = { .csv = EG_SPILL_INIT(s->spool.work) } };
	struct rereading again = { .on = false };
	int rc = bundle_new(ret->id, &z.b, err);

	if (rc == EG_OK && k == &kind_drop)
		rc = rereading_open(s, of, &again, err);
	z.site = rereading_site(s, &again);

	if (rc == EG_OK)
		rc = bundle_info(z.b, "External-Identifier", of, err);
	if (rc == EG_OK)
		rc = bundle_info(z.b, "Internal-Sender-Description", k->name, err);
	if (rc == EG_OK)
		rc = seal_table_begin(&z, k->name, of, err);
	if (rc == EG_OK)
		rc = k->fill(&z, of, err);
	if (rc == EG_OK)
		rc = seal_evidence(&z, k->name, of, err);
	if (rc == EG_OK)
		rc = seal_software(&z, err);
	if (rc == EG_OK)
		seal_readme(&z);
	if (rc == EG_OK)
		rc = bundle_seal_in(z.b, &s->spool, group, s->key, at, ret->sha256, &ret->path, err);
	rc = seal_known(rc, of, err);
	rereading_done(s, &again);
	sealing_done(&z);
	return rc;
}

/* ---- all of them ---- */

struct owed { /* what is to be sealed: gathered first, because sealing changes the tables that are walked */
	struct owed_one {
		char id[16];
		int64_t at;
		uint64_t size; /* of a drop */
	} * of;
	size_t n;
};

static void
owe(struct owed *o, const char *id, int64_t at, int64_t size)
{
	if ((o->n & (o->n + 1)) == 0)
		o->of = eg_xrealloc(o->of, (o->n * 2 + 2) * sizeof(*o->of));
	struct owed_one *one = &o->of[o->n++];
	*one = (struct owed_one){ .at = at, .size = (uint64_t)size };
	(void)snprintf(one->id, sizeof(one->id), "%s", id);
}

static int
owe_drop(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	(void)err;
	if (strcmp(d->verdict, "manifest") != 0)
		owe(ctx, d->id, d->received, d->size);
	return EG_OK;
}

static int
owe_manifest(void *ctx, const struct manifest *m, struct eg_err *err)
{
	(void)err;
	if (m->bundle == NULL && strcmp(m->state, "parked") != 0)
		owe(ctx, m->id, m->applied != 0 ? m->applied : m->received, 0);
	return EG_OK;
}

static int
owe_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	(void)err;
	owe(ctx, b->id, b->made, 0);
	return EG_OK;
}

/* One that is not finished yet is not void. */
static int
owe_void(void *ctx, const struct voided *v, struct eg_err *err)
{
	(void)err;
	if (v->bundle == NULL)
		owe(ctx, v->id, v->at, 0);
	return EG_OK;
}

/* The numbers of the bundles to come: given again after a crash, because nothing else seals meanwhile. */
static int
bundle_numbers(struct site *s, struct sealed *b, size_t n, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	for (size_t i = 0; rc == EG_OK && i < n; i++)
		rc = store_next_id(s->store, 'A', b[i].id, err);
	store_rollback(s->store); /* only looked at; sealed_rows takes them */
	return rc;
}

/* All files, then all rows in one transaction. */
static int
seal_files(
    struct site *s, const struct kind *k, const struct owed_one *of, size_t n, struct sealed *b, struct eg_err *err)
{
	struct eg_fs_group g = EG_FS_GROUP_INIT;
	int rc = n > 1 ? eg_fs_group_open(&g, s->spool.archive, err) : EG_OK;

	for (size_t i = 0; rc == EG_OK && i < n; i++)
		rc = write_bundle(s, n > 1 ? &g : NULL, k, of[i].id, of[i].at, &b[i], err);
	if (rc == EG_OK && n > 1)
		rc = eg_fs_group_sync(&g, err);
	eg_fs_group_done(&g);
	return rc;
}

static int
seal_some(struct site *s, const struct kind *k, const struct owed_one *of, size_t n, struct eg_err *err)
{
	struct sealed *b = eg_xalloc(n * sizeof(*b));
	int rc = bundle_numbers(s, b, n, err);

	if (rc == EG_OK)
		rc = seal_files(s, k, of, n, b, err);
	if (rc == EG_OK)
		rc = store_begin(s->store, err);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		rc = sealed_rows(s, k, of[i].id, &b[i], err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	for (size_t i = 0; i < n; i++)
		eg_buf_done(&b[i].path);
	free(b);
	return rc;
}

/* How many of the next are sealed together. Sheets and batches go one by one: their bundles tell of what was sealed before them. */
static size_t
together(const struct kind *k, const struct owed_one *of, size_t left)
{
	const size_t most = left < EG_LIMIT_GROUP ? left : EG_LIMIT_GROUP;
	uint64_t bytes = of[0].size;
	size_t n = 1;

	while (k == &kind_drop && n < most && of[n].size <= EG_LIMIT_GROUP_BYTES &&
	       bytes + of[n].size <= EG_LIMIT_GROUP_BYTES)
		bytes += of[n++].size;
	return n;
}

/* A job's folder goes when the published log names its bundle. Of a flood they go in between, or each file would lie on the disk twice until the turn's end. */
#define BEFORE_KEEPING 4096U

static int
leave_work(struct site *s, const struct owed_one *of, size_t n, struct eg_err *err)
{
	const char **id = eg_xalloc(n * sizeof(*id));
	int rc = turn_keep(s, err);

	for (size_t i = 0; i < n; i++)
		id[i] = of[i].id;
	if (rc == EG_OK)
		rc = recover_remove(s, id, n, err);
	free(id);
	return rc;
}

static int
seal_owed(struct site *s, const struct kind *k, struct owed *o, struct eg_err *err)
{
	size_t since = 0;
	int rc = EG_OK;

	for (size_t i = 0, n; rc == EG_OK && i < o->n && !site_ending(s); i += n) {
		n = together(k, o->of + i, o->n - i);
		rc = seal_some(s, k, o->of + i, n, err);
		since += n;
		if (rc == EG_OK && since >= BEFORE_KEEPING) {
			rc = leave_work(s, o->of + i + n - since, since, err);
			since = 0;
		}
	}
	free(o->of);
	*o = (struct owed){ 0 };
	return rc;
}

/* After an upgrade, or a database that was made again: what was sealed before is found, too. */
static int
index_kept(struct site *s, struct eg_err *err)
{
	bool missing = false;
	int rc = index_missing(s->store, &missing, err);

	if (rc != EG_OK || !missing)
		return rc;
	rc = store_begin(s->store, err);
	if (rc == EG_OK)
		rc = index_make(s->store, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

int
seal_all(struct site *s, struct eg_err *err)
{
	struct owed o = { 0 };
	int rc = index_kept(s, err);

	if (rc == EG_OK)
		rc = store_drop_each(s->store, "read", owe_drop, &o, err);
	if (rc == EG_OK)
		rc = seal_owed(s, &kind_drop, &o, err);
	if (rc == EG_OK)
		rc = manifest_each(s->store, NULL, owe_manifest, &o, err);
	if (rc == EG_OK)
		rc = seal_owed(s, &kind_manifest, &o, err);
	if (rc == EG_OK)
		rc = batch_each(s->store, "published", owe_batch, &o, err);
	if (rc == EG_OK)
		rc = seal_owed(s, &kind_batch, &o, err);
	if (rc == EG_OK)
		rc = voided_each(s->store, owe_void, &o, err);
	if (rc == EG_OK)
		rc = seal_owed(s, &kind_void, &o, err);
	if (rc == EG_OK && !site_ending(s))
		rc = archive_pages(s, false, err);
	return rc;
}
