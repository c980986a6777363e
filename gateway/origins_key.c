/* SPDX-License-Identifier: MIT
 *
 * Keys that the accounting system knows a record by: of which item one is, and who gave it (an answer, a decision, a command), by what the log says last. A key that the record
 * alone does not lead to is left to the caller. Fails as the store does.
 */
#include "gateway/origins_int.h"

#include "gateway/workflow/intake.h"

static const struct {
	const char *name;
	enum rec_id of;
	const char *parts[3];
} keys[] = {
	{ "erp.vendor", REC_VENDOR, { "vendor.pm_id" } },
	{ "erp.project", REC_PROJECT, { "project.number" } },
	{ "erp.sub_job", REC_SUBJOB, { "project.number", "line.sub_job" } },
	{ "erp.commitment", REC_COMMITMENT, { "project.number", "commitment.number" } },
	{ "erp.invoice", REC_INVOICE, { "project.number", "commitment.number", "invoice.invoice_number" } },
	{ "erp.cco", REC_CCO, { "project.number", "commitment.number", "line.change_order" } },
};

/* The item that the key is of; NULL = not told by the record alone. */
static const char *
key_item(struct origins *o, const char *name)
{
	const char *parts[3] = { 0 };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = 0;
		bool all = strcmp(keys[i].name, name) == 0;
		for (; all && n < 3 && keys[i].parts[n] != NULL; n++) {
			const struct rec_val *v = rule_name_value(o, keys[i].parts[n]);
			all = v != NULL && v->state == RV_VALUE;
			parts[n] = all ? eg_arena_cstr(&o->cell, v->text) : NULL;
		}
		if (!all && strcmp(name, "erp.vendor") == 0 && strcmp(keys[i].name, name) == 0 &&
		    o->it.vendor != NULL) {
			parts[0] = o->it.vendor;
			all = true;
			n = 1;
		}
		if (all)
			return iid_join(&o->cell, keys[i].of, parts, n);
	}
	return NULL;
}

/* "given by answer D000200 line 4", by what the log says last. */
static int
key_giver(struct origins *o, const char *iid, struct eg_buf *b, struct eg_err *err)
{
	static const char *const events[] = { "synced", "linked", "adopted" };
	struct log_row best = { 0 };
	int rc = EG_OK;

	for (size_t i = 0; rc >= 0 && i < sizeof(events) / sizeof(events[0]); i++) {
		struct log_row r;
		rc = log_newest(o->site->store, iid, events[i], &o->cell, &r, err);
		if (rc == EG_OK && (best.event == NULL || r.index > best.index))
			best = r;
	}
	if (rc < 0)
		return rc;
	json_t *d = best.event == NULL ? NULL : json_loads(best.detail, 0, NULL);
	const char *drop = json_string_value(json_object_get(d, "drop")),
		   *manifest = json_string_value(json_object_get(d, "manifest"));
	if (best.event == NULL)
		eg_buf_printf(b, ", named by its own record");
	else if (drop != NULL)
		eg_buf_printf(b, ", given by answer %s line %lld", drop,
		    (long long)json_integer_value(json_object_get(d, "line")));
	else if (manifest != NULL)
		eg_buf_printf(b, ", given in decision %s", manifest);
	else
		eg_buf_printf(b, ", log entry %llu (%s) by %s", (unsigned long long)best.index, best.event, best.actor);
	json_decref(d);
	return EG_OK;
}

int
origins_key(struct origins *o, const char *name, struct eg_err *err)
{
	const char *iid = key_item(o, name);
	struct eg_buf b = EG_BUF_INIT;
	struct item it;
	int rc = iid == NULL ? EG_EOF : item_find(o->site->store, iid, &o->cell, &it, err);

	if (rc != EG_OK || it.erp_id == NULL)
		return rc < 0 ? rc : EG_OK;
	eg_buf_printf(&b, "key of %s in %s", iid, o->site->erp);
	rc = key_giver(o, iid, &b, err);
	if (rc == EG_OK)
		rc = origins_tell(o, ORIGIN_ERP_KEY, name, eg_buf_cstr(&b), NULL, err);
	eg_buf_done(&b);
	return rc;
}
