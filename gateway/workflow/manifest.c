/* SPDX-License-Identifier: MIT
 *
 * Returned sheets and signed manifests: who signed (over the bytes), for which site and until when, then each row to decide_rows. A sheet without its signature, or whose
 * items are all still to come, is parked and looked at again until it expires; nothing is applied to other content. Tests: tests/unit/test_manifest.c, tests/scenario/.
 */
#include "gateway/workflow/manifest.h"
#include "gateway/clock.h"
#include "gateway/report/why.h"

#include <jansson.h>

/* ---- site, sheet id, expiry: the Sheet cell "S000001 site 2026-12-21T00:00:00Z" ---- */

static int
check_sheet_cell(struct manifest_in *in, const struct manifest_rows *r, struct eg_err *err)
{
	struct eg_bytes cell_text = eg_bytes_str(r->sheet);
	size_t first = eg_bytes_chr(cell_text, ' '), last = cell_text.len;
	int64_t expires, made, known;

	while (last > 0 && cell_text.ptr[last - 1] != ' ')
		last--;
	if (r->sheet == NULL)
		return EG_OK; /* no row decides anything: nothing will be applied */
	if (r->mixed)
		return eg_fail(err, EG_BADREC, "F-63",
		    "The rows of this sheet name different sheets. Return each sheet by itself, with its Sheet column unchanged.");
	if (first == cell_text.len || last <= first + 1 ||
	    !eg_time_parse(eg_bytes_sub(cell_text, last, cell_text.len), &expires))
		return eg_fail(err, EG_BADREC, "F-63",
		    "The Sheet column is not as erpgate wrote it, so the sheet cannot be matched. Write a new one: erpgate sheet -o new.csv");
	struct eg_bytes site = eg_bytes_trim(eg_bytes_sub(cell_text, first, last - first));
	if (!eg_bytes_is(site, in->site->name))
		return eg_fail(err, EG_BADREC, "F-63", "This sheet is for site %.*s, not for %s. Nothing was applied.",
		    EG_FMT(site), in->site->name);
	in->m.sheet = eg_arena_cstr(&in->a, eg_bytes_sub(cell_text, 0, first));
	if (in->m.sheet == NULL)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the sheet is too large for memory");
	int rc = sheet_get(in->site->store, in->m.sheet, &made, &known, err);
	if (rc < 0)
		return rc;
	if (rc == EG_OK && known < expires)
		expires = known; /* a later date typed into the cell does not lengthen a sheet's life */
	in->unsure = clock_latest(in->site) > expires;
	if (clock_earliest(in->site) > expires)
		return eg_fail(err, EG_BADREC, "F-63",
		    "This sheet expired at %.*s. Write a new one: erpgate sheet -o new.csv",
		    EG_FMT(eg_bytes_sub(cell_text, last, cell_text.len)));
	return EG_OK;
}

/* ---- outcome ---- */

static int
tell(struct manifest_in *in, uint64_t line, const char *code, char severity, const char *msg, struct eg_err *err)
{
	struct finding f = { .run = in->site->run,
		.drop = in->m.drop,
		.source = "approvals",
		.file = in->shown,
		.line = line,
		.code = code,
		.severity = severity,
		.item = "",
		.field = "",
		.value = "",
		.message = msg };

	return store_finding_add(in->site->store, &f, err);
}

static int
tell_row(struct manifest_in *in, const struct manifest_bad_row *bad, struct eg_err *err)
{
	struct finding f = { .run = in->site->run,
		.drop = in->m.drop,
		.source = "approvals",
		.file = in->shown,
		.line = bad->line,
		.code = bad->code,
		.severity = ADP_REJECT,
		.item = bad->item,
		.field = "",
		.value = "",
		.message = bad->msg };

	return store_finding_add(in->site->store, &f, err);
}

static int
save(struct manifest_in *in, const char *state, const char *event, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s?,s:s?,s:s}", "name", in->m.name, "sha256", in->m.sha256, "approver",
	    in->m.approver, "sheet", in->m.sheet, "assurance", in->m.assurance);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc;

	in->m.state = state;
	rc = manifest_put(in->site->store, &in->m, err);
	if (rc == EG_OK && in->m.drop != NULL)
		rc = store_drop_set(in->site->store, in->m.drop, "read", "manifest", NULL, err);
	if (rc == EG_OK)
		rc = site_log(in->site, event, in->m.id, detail, err);
	free(detail);
	json_decref(j);
	return rc;
}

static int
refuse(struct manifest_in *in, uint64_t line, const char *code, const char *msg, struct decide_counts *counts,
    struct eg_err *err)
{
	int rc = tell(in, line, code, ADP_REJECT, msg, err);

	counts->refused++;
	in->m.refused = 1;
	in->m.applied = site_now(in->site);
	return rc == EG_OK ? save(in, "refused", "refused", err) : rc;
}

/* Put aside until what it lacks comes. Given by hand it cannot wait: nobody would look at it again. */
static int
park(struct manifest_in *in, const char *why, const char *by_hand, struct decide_counts *counts, struct eg_err *err)
{
	if (in->m.drop == NULL)
		return refuse(in, 1, "F-61", by_hand, counts, err);
	if (in->again)
		return EG_OK;
	int rc = tell(in, 1, "F-61", ADP_WARN, why, err);
	return rc == EG_OK ? save(in, "parked", "parked", err) : rc;
}

static int
any_known(struct manifest_in *in, const struct manifest_rows *r, bool *ret, struct eg_err *err)
{
	struct item it;
	int rc = EG_EOF;

	*ret = r->n == 0;
	for (size_t i = 0; !*ret && rc >= 0 && i < r->n; i++) {
		rc = item_find(in->site->store, r->row[i].item, &in->a, &it, err);
		*ret = rc == EG_OK;
	}
	return rc < 0 ? rc : EG_OK;
}

static int
apply_rows(struct manifest_in *in, const struct signer *by, const struct manifest_rows *r, struct decide_counts *counts,
    struct eg_err *err)
{
	struct decide_by d = { .approver = by->approver,
		.assurance = by->assurance,
		.key_id = by->key_id,
		.manifest = in->m.id,
		.file = in->shown,
		.drop = in->m.drop };
	int rc = decide_rows(in->site, &d, r->row, r->n, counts, err);

	for (size_t i = 0; rc == EG_OK && i < r->nbad; i++) {
		rc = tell_row(in, &r->bad[i], err);
		counts->refused++;
	}
	in->m.applied = site_now(in->site);
	in->m.accepted = counts->accepted + counts->archived + counts->linked;
	in->m.rejected = counts->rejected;
	in->m.refused = counts->refused;
	return rc == EG_OK ? save(in, "applied", "decided", err) : rc;
}

static int
same_again(struct manifest_in *in, struct decide_counts *counts, struct eg_err *err)
{
	int rc = tell(in, 1, "F-12", ADP_NOTE, "This sheet was applied before; it has no effect the second time.", err);

	counts->same++;
	in->m.applied = site_now(in->site);
	return rc == EG_OK ? save(in, "same", "duplicate", err) : rc;
}

/* Signer, site and expiry; EG_BADREC refuses the sheet. */
static int
check(struct manifest_in *in, const struct manifest_rows *r, struct signer *ret_by, struct eg_err *err)
{
	int rc = manifest_signer(in, ret_by, err);

	if (rc < 0)
		return rc;
	in->m.approver = ret_by->approver;
	in->m.key_id = ret_by->key_id;
	in->m.assurance = ret_by->assurance;
	return check_sheet_cell(in, r, err);
}

/* A sheet that could be read. */
static int
judge(struct manifest_in *in, const struct manifest_rows *r, struct decide_counts *counts, struct eg_err *err)
{
	struct signer by = { 0 };
	struct eg_err why;
	bool known = false;
	int rc;

	/* Without its signature a sheet waits, but not when it could not count any more with one. */
	bool bare = in->sig.len == 0 && conf_bool(&in->site->conf, "approvals.require_signature");
	rc = bare ? check_sheet_cell(in, r, &why) : check(in, r, &by, &why);
	if (rc == EG_BADREC)
		return refuse(in, 1, why.code, why.msg, counts, err);
	if (rc < 0) {
		*err = why;
		return rc;
	}
	if (bare)
		return park(in,
		    "This sheet has no signature yet and decides nothing until it comes. Put its .sig file beside it in the approvals folder.",
		    "This sheet has no signature and decides nothing. Sign it and give both: erpgate decide FILE --sig FILE.sig",
		    counts, err);
	if (in->unsure || !clock_day_known(in->site))
		return park(in,
		    "The clock of this gateway is in doubt, and with it whether this sheet is still good or on which day it books. It waits until the clock is right: erpgate clock",
		    "The clock of this gateway is in doubt, and with it whether this is still good or on which day it books. Nothing was applied. See: erpgate clock",
		    counts, err);
	rc = any_known(in, r, &known, err);
	if (rc < 0 || known)
		return rc < 0 ? rc : apply_rows(in, &by, r, counts, err);
	return park(in,
	    "None of the items of this sheet is here yet. It waits for them until it expires and is never applied to other content.",
	    "None of the items of this sheet is here. Nothing was applied; give it again when they have come.", counts,
	    err);
}

/* A person who looks for his sheet finds it among what was not used, as with every other file. */
static int
keep_refused(struct manifest_in *in, struct eg_err *err)
{
	struct eg_buf why = EG_BUF_INIT;
	int rc = EG_OK;

	if (in->m.drop != NULL)
		rc = why_text(in->site, in->m.drop, strcmp(in->m.state, "refused") == 0, "", &why, err);
	if (rc == EG_OK && in->m.drop != NULL)
		rc = spool_reject(&in->site->spool, in->m.drop, in->m.name, eg_buf_view(&why), EG_NONE, err);
	eg_buf_done(&why);
	return rc;
}

/* The same sheet by the same person has no effect again; by another it is his own decision, which a colleague without the right must not be able to forestall. A signature that does
 * not hold is nobody's, and is refused like any other. EG_OK: applied before; EG_EOF: not. */
static int
applied_before(struct manifest_in *in, struct eg_err *err)
{
	struct store *st = in->site->store;
	bool bare = in->sig.len == 0 && in->as == NULL && conf_bool(&in->site->conf, "approvals.require_signature");
	struct signer by = { 0 };
	struct manifest before;
	struct eg_err why;
	int rc = manifest_by_bytes(st, in->m.sha256, NULL, &in->a, &before, err);

	if (rc != EG_OK || strcmp(before.id, in->m.id) == 0)
		return rc == EG_OK ? EG_EOF : rc;
	if (bare)
		return EG_OK;
	rc = manifest_signer(in, &by, &why);
	if (rc == EG_BADREC)
		return EG_EOF;
	if (rc < 0) {
		*err = why;
		return rc;
	}
	return manifest_by_bytes(st, in->m.sha256, by.approver, &in->a, &before, err);
}

/* A manifest whose bytes are in in->sheet (and descriptor fd), signature in in->sig: everything up to its outcome. */
int
manifest_process(struct manifest_in *in, int fd, struct decide_counts *counts, struct eg_err *err)
{
	struct manifest_rows r;
	int rc = in->too_often == NULL ? applied_before(in, err) : refuse(in, 1, "F-71", in->too_often, counts, err);

	if (in->too_often != NULL)
		return rc == EG_OK ? keep_refused(in, err) : rc;
	if (rc != EG_EOF)
		return rc == EG_OK ? same_again(in, counts, err) : rc;
	rc = manifest_rows_read(in, fd, &r, err);
	if (rc == EG_OK)
		rc = r.broken ? refuse(in, r.line, r.code, r.msg, counts, err) : judge(in, &r, counts, err);
	manifest_rows_done(&r);
	return rc == EG_OK && counts->refused > 0 ? keep_refused(in, err) : rc;
}
