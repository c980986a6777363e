/* SPDX-License-Identifier: MIT
 *
 * The set of a site's adapters and tables: memory, order, shadowing (the first of a name wins), and the check that no file can be two layouts.
 * Everything lives in one arena until the set is freed; running out of memory aborts (long-lived state).
 */
#include "adapters/lang_int.h"
#include "base/limits.h"

void *
adl_mem(struct adp_set *s, size_t n, size_t size)
{
	void *p = eg_arena_array(&s->arena, n, size);

	if (p == NULL)
		eg_bug("out of memory for adapters");
	return p;
}

struct eg_bytes
adl_dup(struct adp_set *s, struct eg_bytes v)
{
	unsigned char *p = adl_mem(s, v.len + 1, 1);

	if (v.len > 0)
		memcpy(p, v.ptr, v.len);
	return eg_bytes(p, v.len);
}

const char *
adl_cstr(struct adp_set *s, struct eg_bytes v)
{
	char *p = adl_mem(s, v.len + 1, 1);

	for (size_t i = 0; i < v.len; i++)
		p[i] = v.ptr[i] == '\0' ? '?' : (char)v.ptr[i];
	return p;
}

struct adp_set *
adp_set_new(struct adp_config config, const char *erp)
{
	struct adp_set *s = eg_xalloc(sizeof *s);

	eg_arena_init(&s->arena, SIZE_MAX / 2);
	s->config = config;
	s->erp = adl_cstr(s, eg_bytes_str(erp));
	return s;
}

void
adp_set_keys(struct adp_set *s, const char *(*at)(size_t i))
{
	s->key_at = at;
}

void
adp_set_free(struct adp_set *s)
{
	if (s == NULL)
		return;
	eg_arena_done(&s->arena);
	free(s->v);
	free(s->tables);
	free(s);
}

/* By system, direction, rank, name. */
static int
order(const struct adp_info *a, const struct adp_info *b)
{
	int cmp = strcmp(a->system, b->system);

	if (cmp == 0)
		cmp = (int)a->out - (int)b->out;
	if (cmp == 0)
		cmp = a->rank < b->rank ? -1 : a->rank > b->rank;
	return cmp != 0 ? cmp : strcmp(a->name, b->name);
}

static void
insert(struct adp_set *s, struct adl_member *m)
{
	size_t i = s->n;

	if (s->n == s->cap) {
		s->cap = s->cap * 2 + 16;
		s->v = eg_xrealloc(s->v, s->cap * sizeof(*s->v));
	}
	for (; i > 0 && order(&m->a.info, &s->v[i - 1]->a.info) < 0; i--)
		s->v[i] = s->v[i - 1];
	s->v[i] = m;
	s->n++;
}

int
adp_set_add(
    struct adp_set *s, const char *file, struct eg_bytes text, adp_diag_fn *diag, void *diag_ctx, struct eg_err *err)
{
	struct adl_comp c = {
		.set = s, .file = adl_cstr(s, eg_bytes_str(file)), .diag = diag, .diag_ctx = diag_ctx, .err = err
	};

	if (text.len > EG_LIMIT_ADAPTER_BYTES) {
		c.at.line = 1;
		adl_error(&c, NULL, "ADP-SIZE", NULL, "An adapter has at most %zu bytes.", EG_LIMIT_ADAPTER_BYTES);
		return EG_BADFILE;
	}
	c.m = adl_mem(s, 1, sizeof *c.m);
	c.adp = &c.m->a;
	c.adp->info.file = c.file;
	c.adp->info.text = adl_dup(s, text);
	eg_sha256_hex_of(text, c.adp->info.sha256);
	int rc = adl_compile(&c, c.adp->info.text);
	if (rc == EG_OK && !c.adp->unused && adp_set_named(s, c.adp->info.name) == NULL)
		insert(s, c.m);
	return rc;
}

static bool
named_in(struct eg_bytes name, const struct adp_names *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (eg_bytes_eq(name, list->v[i]))
			return true;
	return false;
}

/* Does the adapter know a column of that name? */
static bool
knows(const struct adp_in *in, struct eg_bytes name)
{
	for (size_t i = 0; i < in->ncolumns; i++)
		if (eg_bytes_is(name, in->columns[i]))
			return true;
	return named_in(name, &in->signature) || named_in(name, &in->ignored);
}

/* Would a file with every column that `a` knows be taken for `b`, too? */
static bool
covers(const struct adp_in *a, const struct adp_in *b)
{
	for (size_t i = 0; i < b->signature.n; i++)
		if (!knows(a, b->signature.v[i]))
			return false;
	for (size_t i = 0; i < b->signature_without.n; i++)
		if (knows(a, b->signature_without.v[i]))
			return false;
	return true;
}

static bool
collide(const struct adp *a, const struct adp *b)
{
	if (a->in.type != b->in.type)
		return false;
	if (a->in.type == AF_XML)
		return strcmp(a->in.root, b->in.root) == 0;
	if (a->in.type == AF_POSITIONAL)
		return eg_bytes_eq(a->in.first_line, b->in.first_line) &&
		       eg_bytes_eq(a->in.name_pattern, b->in.name_pattern);
	return covers(&a->in, &b->in) || covers(&b->in, &a->in);
}

static void
tell_collision(struct adp_set *s, const struct adl_member *a, const struct adl_member *b, adp_diag_fn *diag, void *ctx,
    struct eg_err *err, bool first)
{
	struct adl_comp c = {
		.set = s, .file = b->a.info.file, .err = err, .diag = diag, .diag_ctx = ctx, .nerrors = first ? 0 : 1
	};

	c.at = (struct adl_line){ .line = b->sig_line, .whole = b->sig_whole };
	adl_error(&c, b->sig_at, "ADP-SIGNATURE", b->a.in.type == AF_CSV ? "signature_without tells them apart" : NULL,
	    "A file of %s could be %s as well (%s).", b->a.info.name, a->a.info.name, a->a.info.file);
}

static void
unused_tables(struct adp_set *s, adp_diag_fn *diag, void *ctx)
{
	struct eg_err unused;

	for (size_t i = 0; i < s->ntables; i++) {
		struct adl_comp c = { .set = s,
			.file = s->tables[i]->name,
			.err = &unused,
			.diag = diag,
			.diag_ctx = ctx,
			.at.line = 1 };
		if (!s->tables[i]->used)
			adl_warn(&c, NULL, "ADP-TABLE", "name it in [lookups], or take it away",
			    "No adapter looks anything up in this table.");
	}
}

int
adp_set_seal(struct adp_set *s, adp_diag_fn *diag, void *diag_ctx, struct eg_err *err)
{
	bool fine = true;

	unused_tables(s, diag, diag_ctx);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = i + 1; k < s->n; k++) {
			const struct adp *a = &s->v[i]->a, *b = &s->v[k]->a;

			if (a->out || b->out || strcmp(a->info.system, b->info.system) != 0 || !collide(a, b))
				continue;
			tell_collision(s, s->v[i], s->v[k], diag, diag_ctx, err, fine);
			fine = false;
		}
	return fine ? EG_OK : EG_BADFILE;
}

size_t
adp_set_count(const struct adp_set *s)
{
	return s->n;
}

const struct adp *
adp_set_at(const struct adp_set *s, size_t i)
{
	return i < s->n ? &s->v[i]->a : NULL;
}

const struct adp *
adp_set_named(const struct adp_set *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i]->a.info.name, name) == 0)
			return &s->v[i]->a;
	return NULL;
}

const struct adp_info *
adp_info(const struct adp *a)
{
	return &a->info;
}

bool
adp_writes(const struct adp *a, const struct rec_type *t)
{
	for (size_t i = 0; i < a->o.nrowsets; i++)
		if (a->o.rowsets[i].record == t)
			return true;
	return false;
}

const struct adp_config *
adp_set_config(const struct adp_set *s)
{
	return &s->config;
}

const char *
adp_set_erp(const struct adp_set *s)
{
	return s->erp;
}
