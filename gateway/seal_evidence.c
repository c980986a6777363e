/* SPDX-License-Identifier: MIT
 *
 * What a bundle holds about its surroundings, of every kind: the log's entries about what is in it, the bundles it leans on, of a sheet who had which right, of a batch what was found while
 * it was written. Tests: tests/scenario/evidence.py.
 */
#include "gateway/seal.h"

#include "gateway/store/store_evidence.h"

/* ---- log/events.jsonl ---- */

static int
event(void *ctx, const char *line, struct eg_err *err)
{
	struct sealing *z = ctx;

	eg_buf_str(&z->text.buf, line);
	eg_buf_chr(&z->text.buf, '\n');
	return seal_row(z, err);
}

/* ---- refs.csv ---- */

/* Where that drop stands among those that lent a value, or would stand. */
static size_t
lent_at(const struct sealing *z, const char *drop)
{
	size_t from = 0, to = z->nlent;

	while (from < to) {
		const size_t mid = from + (to - from) / 2;
		if (strcmp(z->lent[mid], drop) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static bool
is_lent(const struct sealing *z, size_t at, const char *drop)
{
	return at < z->nlent && strcmp(z->lent[at], drop) == 0;
}

void
seal_lent(struct sealing *z, const char *drop)
{
	const size_t at = lent_at(z, drop);

	if (is_lent(z, at, drop))
		return;
	if ((z->nlent & (z->nlent + 1)) == 0)
		z->lent = eg_xrealloc(z->lent, (z->nlent * 2 + 2) * sizeof(*z->lent));
	memmove(&z->lent[at + 1], &z->lent[at], (z->nlent - at) * sizeof(*z->lent));
	(void)snprintf(z->lent[at], sizeof(z->lent[at]), "%s", drop);
	z->nlent++;
}

struct leaning {
	struct sealing *z;
	const char *kind, *id, *why;
	bool sealed;
};

static int
ref_row(struct leaning *l, const struct bundle_row *b, struct eg_err *err)
{
	const char *cells[] = { l->kind, l->id, l->why, b == NULL ? "" : b->id, b == NULL ? "" : b->path,
		b == NULL ? "" : b->sha256 };

	l->sealed = true;
	return seal_csv(l->z, cells, 6, err);
}

static int
ref_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct leaning *l = ctx;

	return strcmp(b->of_id, l->id) == 0 ? ref_row(l, b, err) : EG_OK;
}

/* One that has no bundle is named all the same. */
static int
ref(void *ctx, const char *kind, const char *id, const char *why, struct eg_err *err)
{
	struct leaning l = { .z = ctx, .kind = kind, .id = id, .why = why };
	const size_t at = lent_at(l.z, id);
	int rc = bundle_row_each(l.z->site->store, id, ref_bundle, &l, err);

	if (is_lent(l.z, at, id)) /* told already */
		memmove(&l.z->lent[at], &l.z->lent[at + 1], (--l.z->nlent - at) * sizeof(*l.z->lent));
	return rc == EG_OK && !l.sealed ? ref_row(&l, NULL, err) : rc;
}

static int
add_refs(struct sealing *z, const char *kind, const char *of, struct eg_err *err)
{
	static const char *const head[] = { "kind", "id", "why", "bundle", "path", "sha256" };
	int rc = seal_csv(z, head, 6, err);
	const uint64_t none = eg_spill_size(&z->text);

	if (rc == EG_OK)
		rc = evidence_refs(z->site->store, kind, of, ref, z, err);
	while (rc == EG_OK && z->nlent > 0) {
		char drop[16];
		memcpy(drop, z->lent[0], sizeof(drop));
		rc = ref(z, "drop", drop, "lent values to the files", err); /* takes it off the list */
	}
	if (eg_spill_size(&z->text) == none)
		eg_spill_clear(&z->text); /* leans on nothing */
	return rc == EG_OK ? seal_text(z, "refs.csv", err) : rc;
}

/* ---- approvals/trust.csv ---- */

static int
trust_row(void *ctx, const struct user *u, struct eg_err *err)
{
	char added[EG_TIME_TEXT], revoked[EG_TIME_TEXT] = "";

	eg_time_print(added, u->added);
	if (u->revoked != 0)
		eg_time_print(revoked, u->revoked);
	const char *cells[] = { u->name, u->full_name, user_role_word(u->role), u->active ? "yes" : "no", u->key_id,
		u->account, u->limit, u->types, u->exports, u->imports, u->may, u->tools, added, revoked };
	return seal_csv(ctx, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
add_trust(struct sealing *z, struct eg_err *err)
{
	static const char *const head[] = { "name", "full_name", "role", "active", "key_id", "account", "limit",
		"approves", "exports", "imports", "may", "tools", "added", "revoked" };
	int rc = seal_csv(z, head, sizeof(head) / sizeof(head[0]), err);

	if (rc == EG_OK)
		rc = user_each(z->site->store, trust_row, z, err);
	return rc == EG_OK ? seal_text(z, "approvals/trust.csv", err) : rc;
}

int
seal_evidence(struct sealing *z, const char *kind, const char *of, struct eg_err *err)
{
	int rc = seal_table_end(z, err);

	eg_spill_clear(&z->text);
	if (rc == EG_OK)
		rc = evidence_log(z->site->store, kind, of, event, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "log/events.jsonl", err);
	if (rc == EG_OK)
		rc = add_refs(z, kind, of, err);
	if (rc == EG_OK && strcmp(kind, "manifest") == 0)
		rc = add_trust(z, err);
	return rc;
}
