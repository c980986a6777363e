/* SPDX-License-Identifier: MIT
 *
 * What a batch's bundle holds so that its files can be made again: the inputs that were kept when they were written, and the canonical text of every revision that left. A batch that was
 * written by an erpgate before that has none of the first two.
 */
#include "gateway/seal.h"
#include "gateway/workflow/batch.h"
#include "gateway/workflow/batch_inputs.h"

static int
revision_text(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct sealing *z = ctx;
	struct eg_arena a;
	struct rec r;
	int rc;

	(void)item;
	(void)decision;
	eg_arena_init(&a, (size_t)1 << 30);
	rc = seal_known(item_record(z->site->store, revision, &a, &r, err), batch, err);
	if (rc == EG_OK) {
		if (z->n++ > 0)
			eg_buf_chr(&z->text.buf, '\n');
		rec_canonical(&r, &z->text.buf);
		rc = seal_row(z, err);
	}
	if (rc == EG_OK)
		rc = seal_table_add(z, &r, err);
	eg_arena_done(&a);
	return rc;
}

int
seal_batch_inputs(struct sealing *z, const char *of, struct eg_err *err)
{
	int rc = seal_work_file(z, of, "archive/" BATCH_RECORDS, false, BATCH_RECORDS_MEMBER, err);

	if (rc == EG_OK)
		rc = seal_work_file(z, of, "archive/" BATCH_COUNTERS, false, BATCH_COUNTERS_MEMBER, err);
	if (rc == EG_OK)
		rc = seal_work_file(z, of, "archive/" BATCH_LEDGER, false, BATCH_LEDGER_MEMBER, err);
	z->n = 0;
	if (rc == EG_OK)
		rc = batch_item_each(z->site->store, of, 0, revision_text, z, err);
	return rc == EG_OK ? seal_text(z, "canonical/records.txt", err) : rc;
}
