/* SPDX-License-Identifier: MIT
 *
 * The bundle of a batch declared void: the proof as it was given, and the act with what the log says of it.
 */
#include "gateway/seal.h"
#include "gateway/store/store_receipt.h"

static int
log_each(void *ctx, const struct log_row *r, struct eg_err *err)
{
	json_t *j = ctx, *detail = json_loads(r->detail, 0, NULL);

	(void)err;
	if (strcmp(r->event, "void") == 0 || strcmp(r->event, "voiding") == 0)
		json_object_set(j, r->event, detail);
	json_decref(detail);
	return EG_OK;
}

int
seal_fill_void(struct sealing *z, const char *of, struct eg_err *err)
{
	struct eg_arena a;
	struct voided v;
	char when[EG_TIME_TEXT];
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = seal_known(voided_get(z->site->store, of, &a, &v, err), of, err);
	if (rc == EG_OK) {
		char *staged = eg_xprintf("proof/%s", v.proof), *path = eg_xprintf("void/proof/%s", v.proof);
		eg_time_print(when, v.at);
		json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:s}", "void", v.id, "batch", v.batch, "actor", v.actor,
		    "reason", v.reason, "at", when);
		rc = store_log_each(z->site->store, v.batch, 0, log_each, j, err);
		if (rc == EG_OK)
			rc = seal_json(z, "void/act.json", j, err);
		else
			json_decref(j);
		if (rc == EG_OK)
			rc = seal_work_file(z, of, staged, true, path, err);
		if (rc == EG_OK)
			rc = seal_page_void(z, of, err);
		free(path);
		free(staged);
	}
	eg_arena_done(&a);
	return rc;
}
