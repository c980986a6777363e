/* SPDX-License-Identifier: MIT
 *
 * The inputs of a bundle. Members are those that seal.c writes: adapters/NAME.adapter, adapters/tables/NAME, software.json.
 */
#include "gateway/cli/sealed.h"

#include "base/limits.h"
#include "spool/bundle.h"

#define ADAPTERS "data/adapters/"
#define TABLES ADAPTERS "tables/"
#define SOFTWARE "data/software.json"
#define SOFTWARE_MAX ((size_t)8 << 20)
#define MANIFEST_MAX ((size_t)64 << 20)

static bool
is_input(struct eg_bytes path)
{
	return eg_bytes_starts(path, EG_LIT(ADAPTERS)) || eg_bytes_is(path, SOFTWARE);
}

int
sealed_key(struct site *s, const char *path, char ret[EG_SHA256_HEX], struct eg_err *err)
{
	struct eg_buf manifest = { .max = MANIFEST_MAX }, inputs = EG_BUF_INIT;
	struct eg_bytes rest, line;
	int rc = bundle_extract(&s->spool, path, "manifest-sha256.txt", &manifest, err);

	rest = eg_buf_view(&manifest);
	while (rc == EG_OK && eg_bytes_cut(&rest, '\n', &line)) { /* "<64 digits>  <path>" */
		if (is_input(eg_bytes_sub(line, EG_SHA256_HEX + 1, line.len))) {
			eg_buf_add(&inputs, line);
			eg_buf_chr(&inputs, '\n');
		}
	}
	eg_sha256_hex_of(eg_buf_view(&inputs), ret);
	eg_buf_done(&inputs);
	eg_buf_done(&manifest);
	return rc;
}

/* ---- opening ---- */

struct opening {
	struct site *s;
	const char *path;
	struct sealed *z;
};

static int
add_file(struct opening *o, struct again_files *to, const char *member, const char *name, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 1 };
	int rc = bundle_extract(&o->s->spool, o->path, member, &text, err);

	if (rc == EG_OK) {
		to->v = eg_xrealloc(to->v, (to->n + 1) * sizeof(*to->v));
		to->text = eg_xrealloc(to->text, (to->n + 1) * sizeof(*to->text));
		to->name = eg_xrealloc(to->name, (to->n + 1) * sizeof(*to->name));
		to->text[to->n] = eg_xdup(eg_buf_view(&text));
		to->name[to->n] = eg_xstrdup(name);
		to->v[to->n] = (struct variant_file){ to->name[to->n], eg_bytes_str(to->text[to->n]) };
		to->n++;
	}
	eg_buf_done(&text);
	return rc;
}

static int
each_member(void *ctx, const char *name, uint64_t size, struct eg_err *err)
{
	struct opening *o = ctx;

	(void)size;
	if (strncmp(name, TABLES, strlen(TABLES)) == 0)
		return add_file(o, &o->z->tables, name, name + strlen(TABLES), err);
	if (strncmp(name, ADAPTERS, strlen(ADAPTERS)) == 0)
		return add_file(o, &o->z->adapters, name, name + strlen(ADAPTERS), err);
	return EG_OK;
}

static int
read_software(struct opening *o, struct eg_err *err)
{
	struct eg_buf text = { .max = SOFTWARE_MAX }, conf = EG_BUF_INIT;
	int rc = bundle_extract(&o->s->spool, o->path, SOFTWARE, &text, err);
	const char *key;
	json_t *value;

	if (rc < 0)
		return rc;
	o->z->software = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	json_object_foreach(json_object_get(o->z->software, "settings"), key, value)
	{
		const char *v = json_string_value(value), *def = conf_default(key);

		if (v != NULL && (def == NULL || strcmp(def, v) != 0))
			eg_buf_printf(&conf, "%s = %s\n", key, v);
	}
	o->z->conf = eg_xstrdup(eg_buf_cstr(&conf));
	eg_buf_done(&conf);
	eg_buf_done(&text);
	return o->z->software != NULL ?
	           EG_OK :
	           eg_fail(err, EG_BADFILE, "SEALED", "software.json of the bundle cannot be read");
}

int
sealed_open(struct site *s, const char *path, struct sealed *ret, struct eg_err *err)
{
	struct opening o = { s, path, ret };
	int rc;

	*ret = (struct sealed){ .conf = NULL };
	rc = sealed_key(s, path, ret->key, err);
	if (rc == EG_OK)
		rc = bundle_list(&s->spool, path, each_member, &o, err);
	if (rc == EG_OK)
		rc = read_software(&o, err);
	if (rc < 0)
		return rc;
	struct variant v = { .adapter = ret->adapters.v,
		.nadapters = ret->adapters.n,
		.table = ret->tables.v,
		.ntables = ret->tables.n,
		.alone = true,
		.conf = ret->conf };
	rc = variant_open(s, &v, &ret->site, err);
	if (rc < 0) {
		struct eg_err why = *err;
		rc = eg_fail(err, EG_BADFILE, "SEALED",
		    "this erpgate cannot work any more with what is sealed in %s: %s (%s). Sealed by erpgate %s; this is %s.",
		    path, why.msg, why.code, json_string_value(json_object_get(ret->software, "erpgate")),
		    ERPGATE_VERSION);
	}
	return rc;
}

void
sealed_done(const struct site *s, struct sealed *z)
{
	variant_done(s, &z->site);
	again_files_done(&z->adapters);
	again_files_done(&z->tables);
	json_decref(z->software);
	free(z->conf);
	*z = (struct sealed){ .conf = NULL };
}

/* ---- what is another today ---- */

struct telling {
	void (*tell)(void *ctx, const char *kind, const char *name, const char *sealed, const char *now);
	void *ctx;
};

static void
compare_text(const struct telling *t, const char *kind, const char *name, struct eg_bytes sealed, struct eg_bytes now,
    bool there)
{
	char a[EG_SHA256_HEX], b[EG_SHA256_HEX] = "not there";

	eg_sha256_hex_of(sealed, a);
	if (there)
		eg_sha256_hex_of(now, b);
	if (strcmp(a, b) == 0)
		return;
	a[12] = b[12] = '\0';
	t->tell(t->ctx, kind, name, a, b);
}

static void
compare_adapters(const struct site *s, const struct sealed *z, const struct telling *t)
{
	for (size_t i = 0; i < z->adapters.n; i++) {
		char *name = eg_xstrdup(z->adapters.name[i]);
		char *dot = strrchr(name, '.');

		if (dot != NULL)
			*dot = '\0';
		const struct adp *now = adp_set_named(s->adapters, name);
		compare_text(t, "adapter", name, z->adapters.v[i].text, now == NULL ? EG_NONE : adp_info(now)->text,
		    now != NULL);
		free(name);
	}
}

static void
compare_tables(const struct site *s, const struct sealed *z, const struct telling *t)
{
	for (size_t i = 0; i < z->tables.n; i++) {
		char sha[EG_SHA256_HEX];
		struct eg_bytes text = EG_NONE;
		const char *name;
		bool there = false;

		for (size_t k = 0; !there && adp_set_table_at(s->adapters, k, &name, &text, sha); k++)
			there = strcmp(name, z->tables.name[i]) == 0;
		compare_text(t, "table", z->tables.name[i], z->tables.v[i].text, text, there);
	}
}

void
sealed_compare(const struct site *s, const struct sealed *z,
    void (*tell)(void *ctx, const char *kind, const char *name, const char *sealed, const char *now), void *ctx)
{
	const struct telling t = { tell, ctx };
	const char *version = json_string_value(json_object_get(z->software, "erpgate")), *key;
	json_t *value;

	if (version == NULL || strcmp(version, ERPGATE_VERSION) != 0)
		tell(ctx, "software", "erpgate", version == NULL ? "unknown" : version, ERPGATE_VERSION);
	compare_adapters(s, z, &t);
	compare_tables(s, z, &t);
	json_object_foreach(json_object_get(z->software, "settings"), key, value)
	{
		const char *was = json_string_value(value), *now = conf_get(&s->conf, key);

		if (was != NULL && strcmp(was, now == NULL ? "" : now) != 0)
			tell(ctx, "setting", key, was, now == NULL ? "no such setting" : now);
	}
}
