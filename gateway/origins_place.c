/* SPDX-License-Identifier: MIT
 *
 * Places in received files. One is told with the entry of the adapter that read it, but only while that adapter's text is the one that did; else the bundle of the drop holds it.
 * Fails as the store does, and with EG_FATAL "DB-CORRUPT" when a file that a line leads to is missing.
 */
#include "gateway/origins_int.h"

#include "adapters/tools.h"

int
origins_file(struct origins *o, int64_t id, const struct seen_file **ret, struct eg_err *err)
{
	for (size_t i = 0; i < o->nseen; i++)
		if (o->seen[i].file.id == id) {
			*ret = &o->seen[i];
			return EG_OK;
		}
	if (o->nseen == FILES_KEPT) {
		o->nseen = 0;
		eg_arena_reset(&o->files);
	}
	struct seen_file *f = &o->seen[o->nseen];
	int rc = store_file_get(o->site->store, id, &o->files, &f->file, err);

	if (rc == EG_OK)
		rc = store_drop_get(o->site->store, f->file.drop, &o->files, &f->drop, err);
	if (rc != EG_OK)
		return rc == EG_EOF ? origins_missing("a line", err) : rc;
	f->adapter = *f->file.adapter == '\0' ? NULL : adp_set_named(o->site->adapters, f->file.adapter);
	if (f->adapter != NULL && strcmp(adp_info(f->adapter)->sha256, f->file.adapter_sha256) != 0)
		f->adapter = NULL;
	o->nseen++;
	*ret = f;
	return EG_OK;
}

struct rec_prov
origins_prov(const json_t *from)
{
	return (struct rec_prov){ .line = (uint32_t)json_integer_value(json_object_get(from, "line")),
		.off = (uint64_t)json_integer_value(json_object_get(from, "off")),
		.len = (uint32_t)json_integer_value(json_object_get(from, "len")) };
}

/* Fields that a record takes over from another one carry that one's places; their entry stands under its own name. */
static const struct {
	const char *prefix, *own;
	const struct {
		const char *name, *own;
	} but[2];
} taken_over[] = {
	{ "target.", "line.", { { "target.contract_line", "line.commitment_line" } } },
	{ "contract.", "commitment.", { { "contract.vendor_pm_id", "vendor.pm_id" } } },
	{ "erp.project", "project.origin_code", { { NULL, NULL } } },
	{ "erp.vendor", "vendor.origin_code", { { NULL, NULL } } },
};

const char *
origins_entry(const struct seen_file *f, const struct rec_type *t, const char *field)
{
	const char *text = f->adapter == NULL ? NULL : adp_entry_text(f->adapter, t, field);
	char own[128];

	if (text == NULL && f->adapter != NULL) /* a code of the ERP is made of rows of its lists */
		text = adp_entry_text(f->adapter, adp_info(f->adapter)->record, field);

	for (size_t i = 0; text == NULL && f->adapter != NULL && i < sizeof(taken_over) / sizeof(taken_over[0]); i++) {
		const size_t n = strlen(taken_over[i].prefix);
		if (strncmp(field, taken_over[i].prefix, n) != 0)
			continue;
		(void)snprintf(own, sizeof(own), "%s%s", taken_over[i].own, field + n);
		for (size_t k = 0; k < 2 && taken_over[i].but[k].name != NULL; k++)
			if (strcmp(field, taken_over[i].but[k].name) == 0)
				(void)snprintf(own, sizeof(own), "%s", taken_over[i].but[k].own);
		text = adp_entry_text(f->adapter, adp_info(f->adapter)->record, own);
	}
	return text;
}

int
origins_place(struct origins *o, int64_t file, const struct rec_type *t, const char *field, const struct rec_prov *at,
    struct origin_place *ret, struct eg_err *err)
{
	const struct seen_file *f;
	int rc = origins_file(o, file, &f, err);

	if (rc < 0)
		return rc;
	const char *steps = *field == '\0' ? NULL : origins_entry(f, t, field);
	*ret = (struct origin_place){ .sha256 = f->drop.sha256,
		.drop = f->drop.id,
		.name = f->drop.name,
		.member = f->file.member,
		.file = file,
		.off = (int64_t)at->off,
		.len = (int64_t)at->len,
		.line = (int64_t)at->line,
		.adapter = f->file.adapter,
		.steps = steps == NULL ? "" : steps };
	return EG_OK;
}
