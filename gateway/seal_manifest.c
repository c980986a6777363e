/* SPDX-License-Identifier: MIT
 *
 * The bundle of a manifest: the sheet and its signature as they came, the key that stands behind it, and what became of every row.
 */
#include "gateway/seal.h"

static int
decision_row(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct sealing *z = ctx;
	char row[24], when[EG_TIME_TEXT];

	eg_time_print(when, d->at);
	const char *cells[] = { seal_num(row, d->row), d->iid, d->content, d->verdict, d->erp_id, d->transaction_date,
		d->accounting_date, d->description, d->comment, d->approver, when, d->result, d->code };
	return seal_csv(z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
add_key(struct sealing *z, const char *approver, struct eg_err *err)
{
	struct eg_arena a;
	struct user u;
	int rc;

	if (approver == NULL)
		return EG_OK;
	eg_arena_init(&a, 1 << 16);
	rc = user_find(z->site->store, approver, &a, &u, err);
	if (rc == EG_OK && u.pubkey != NULL)
		rc = bundle_add(z->b, "approvals/key.pem", eg_bytes_str(u.pubkey), err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
seal_fill_manifest(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const head[] = { "row", "item", "content", "verdict", "erp_id", "transaction_date",
		"accounting_date", "description", "comment", "approver", "at", "result", "code" };
	struct eg_arena a;
	struct manifest m;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = manifest_get(z->site->store, of, &a, &m, err);
	if (rc == EG_OK) {
		json_t *j = json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s?,s:s,s:s}", "manifest", m.id, "name", m.name,
		    "sha256", m.sha256, "sheet", m.sheet, "approver", m.approver, "key", m.key_id, "assurance",
		    m.assurance, "state", m.state);
		rc = seal_json(z, "approvals/manifest.json", j, err);
	}
	bool dropped = rc == EG_OK && m.drop != NULL; /* else given by hand: kept under the manifest's own number */
	if (rc == EG_OK)
		rc =
		    seal_work_file(z, dropped ? m.drop : m.id, dropped ? "raw" : "sheet", true, "approvals/sheet", err);
	if (rc == EG_OK)
		rc = seal_work_file(
		    z, dropped ? m.drop : m.id, dropped ? "companion" : "sheet.sig", false, "approvals/sheet.sig", err);
	if (rc == EG_OK)
		rc = add_key(z, m.approver, err);
	if (rc == EG_OK && dropped)
		rc = seal_findings(z, &(struct finding_filter){ .drop = m.drop }, err);
	eg_arena_done(&a);
	if (rc == EG_OK)
		rc = seal_csv(z, head, sizeof(head) / sizeof(head[0]), err);
	if (rc == EG_OK)
		rc = decision_each(z->site->store, of, 0, decision_row, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "approvals/outcome.csv", err);
	return rc == EG_OK ? seal_page_manifest(z, of, err) : rc;
}
