/* SPDX-License-Identifier: MIT
 *
 * why: who let it pass and seeing what, when it left, what the accounting system answered, and which sealed bundles prove it, with the commands that check them on
 * any machine.
 */
#include "gateway/cli/why.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/history.h"

int
why_prove_by(struct why *w, const char *id, struct eg_err *err)
{
	for (size_t i = 0; i < w->nproof; i++)
		if (strcmp(w->proof[i], id) == 0)
			return EG_OK;
	w->proof = eg_xrealloc(w->proof, (w->nproof + 1) * sizeof(*w->proof));
	w->proof[w->nproof] = eg_arena_cstr(&w->a, eg_bytes_str(id));
	return w->proof[w->nproof++] != NULL ? EG_OK : eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the answer is too large");
}

/* ---- who let it pass ---- */

static void
decision_json(const char *iid, const struct decision *d, const struct manifest *m, const char *when)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:s}", "type", "decision", "item", iid, "verdict",
	    d->verdict, "manifest", d->manifest, "row", (json_int_t)d->row, "approver", d->approver, "time", when,
	    "content", d->content, "comment", d->comment);

	json_object_set_new(j, "assurance", cli_str(m->assurance));
	json_object_set_new(j, "key", cli_str(m->key_id));
	json_object_set_new(j, "sheet", cli_str(m->sheet));
	cli_json(j);
}

static int
tell_decision(struct why *w, const char *iid, int64_t decision, struct eg_err *err)
{
	struct manifest m = { .assurance = "command" };
	struct decision d;
	char when[EG_TIME_TEXT];
	int rc = decision_get(w->s->store, decision, &w->a, &d, err);

	if (rc == EG_OK)
		rc = manifest_get(w->s->store, d.manifest, &w->a, &m, err);
	if (rc < 0)
		return rc;
	eg_time_print(when, d.at);
	if (cli_has(w->c, O_JSON))
		decision_json(iid, &d, &m, when);
	else {
		(void)printf("\nLet pass    %s by %s, %s, row %u of %s, by %s%s%s\n", d.verdict, d.approver, when,
		    d.row, d.manifest, m.assurance, m.key_id != NULL ? ", key " : "", m.key_id != NULL ? m.key_id : "");
		(void)printf("  of        %s, seen with content sha256:%s%s%s\n", iid, d.content,
		    m.sheet != NULL ? ", on sheet " : "", m.sheet != NULL ? m.sheet : "");
		if (*d.comment != '\0')
			(void)printf("  saying    %s\n", d.comment);
	}
	return rc == EG_OK ? why_prove_by(w, d.manifest, err) : EG_OK;
}

static void
request_lines(const struct why *w, const struct request *q)
{
	char answered[EG_TIME_TEXT] = "";

	if (q->answered != 0)
		eg_time_print(answered, q->answered);
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:b}", "type", "answer", "batch", q->batch, "status",
		    request_word(q->status), "time", answered, "drop", cli_str(q->drop), "error", cli_str(q->error),
		    "posted", q->posted));
	else if (q->answered == 0)
		(void)printf("Answered    not yet\n");
	else
		(void)printf("Answered    %s %s%s%s%s%s%s\n", request_word(q->status), answered,
		    q->posted ? ", posted" : "", q->drop != NULL ? ", in " : "", q->drop != NULL ? q->drop : "",
		    q->error != NULL ? ": " : "", q->error != NULL ? q->error : "");
}

static int
tell_answers(struct why *w, const struct item *it, struct eg_err *err)
{
	struct requests sent = { 0 };
	int rc = requests_read(w->s, it, &w->a, &sent, err);

	for (size_t i = 0; rc == EG_OK && i < sent.n; i++) {
		if (strcmp(sent.v[i].batch, w->batch.id) != 0)
			continue;
		request_lines(w, &sent.v[i]);
		if (sent.v[i].drop != NULL)
			rc = why_prove_by(w, sent.v[i].drop, err);
	}
	return rc;
}

static int
tell_left(struct why *w, struct eg_err *err)
{
	struct log_row r = { .at = w->batch.made };
	char when[EG_TIME_TEXT];
	int rc = log_newest(w->s->store, w->batch.id, "published", &w->a, &r, err);

	if (rc < 0)
		return rc;
	eg_time_print(when, rc == EG_OK ? r.at : w->batch.made);
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "left", "batch", w->batch.id, "target",
		    w->batch.target, "state", w->batch.state, "time", when));
	else
		(void)printf(
		    "Left        %s in batch %s to %s (%s)\n", when, w->batch.id, w->batch.target, w->batch.state);
	return why_prove_by(w, w->batch.id, err);
}

int
why_passed(struct why *w, int64_t item, int64_t decision, struct eg_err *err)
{
	struct item it;
	int rc = item_get(w->s->store, item, &w->a, &it, err);

	if (rc == EG_OK && decision != 0)
		rc = tell_decision(w, it.iid, decision, err);
	else if (rc == EG_OK && !cli_has(w->c, O_JSON))
		(void)printf("\nLet pass    %s: no decision is asked for this record type at this site\n", it.iid);
	if (rc == EG_OK)
		rc = tell_left(w, err);
	return rc == EG_OK ? tell_answers(w, &it, err) : rc;
}

/* ---- a whole batch ---- */

static int
file_line(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct why *w = ctx;

	(void)err;
	if (cli_has(w->c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s}", "type", "file", "name", f->name, "object", f->object,
			"rows", (json_int_t)f->rows, "amount", f->amount, "sha256", f->sha256, "adapter", f->adapter));
	else
		(void)printf("  %-36s %6lld rows %16s   sha256 %.16s…   by %s\n", f->name, (long long)f->rows,
		    f->amount, f->sha256, f->adapter);
	return EG_OK;
}

static int
item_line(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct why *w = ctx;
	struct decision d = { .approver = "", .manifest = "" };
	struct eg_arena a;
	struct item it;
	int rc;

	(void)batch;
	(void)revision;
	eg_arena_init(&a, 1 << 18);
	rc = item_get(w->s->store, item, &a, &it, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(w->s->store, decision, &a, &d, err);
	if (rc == EG_OK && cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "item", "id", it.iid, "state", state_word(it.state),
		    "approver", d.approver, "manifest", d.manifest));
	else if (rc == EG_OK)
		(void)printf("  %-40s %s%s %s%s\n", it.iid, *d.approver != '\0' ? "accepted by " : "no decision asked",
		    d.approver, *d.manifest != '\0' ? "in " : "", d.manifest);
	if (rc == EG_OK && *d.manifest != '\0')
		rc = why_prove_by(w, d.manifest, err);
	eg_arena_done(&a);
	return rc;
}

int
why_batch(struct why *w, struct eg_err *err)
{
	const bool text = !cli_has(w->c, O_JSON);

	int rc = tell_left(w, err);
	if (text)
		(void)printf("Files\n");
	if (rc == EG_OK)
		rc = batch_file_each(w->s->store, w->batch.id, file_line, w, err);
	if (text)
		(void)printf("Items\n");
	if (rc == EG_OK)
		rc = batch_item_each(w->s->store, w->batch.id, 0, item_line, w, err);
	if (text && rc == EG_OK)
		(void)printf(
		    "Sums        erpgate report conservation --batch %s\nOne cell    erpgate why FILE:LINE:COLUMN\n",
		    w->batch.id);
	return rc;
}

/* ---- bundles ---- */

struct proving {
	struct why *w;
	const char *of;
	bool found;
};

static int
bundle_line(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct proving *p = ctx;

	(void)err;
	if (strcmp(b->of_id, p->of) != 0 || p->found)
		return EG_OK;
	p->found = true;
	if (cli_has(p->w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "type", "bundle", "id", b->id, "kind", b->kind, "of",
		    b->of_id, "path", b->path, "sha256", b->sha256));
	else
		(void)printf(
		    "  %s   %s %s   archive/%s   sha256 %.16s…\n", b->id, b->kind, b->of_id, b->path, b->sha256);
	return EG_OK;
}

static int
prove_one(struct why *w, const char *id, struct eg_err *err)
{
	struct proving p = { w, id, false };
	int rc = bundle_row_each(w->s->store, id, bundle_line, &p, err);

	if (rc == EG_OK && !p.found && !cli_has(w->c, O_JSON))
		(void)printf("  %s is not sealed yet: erpgate run\n", id);
	return rc;
}

int
why_proof(struct why *w, struct eg_err *err)
{
	const bool text = !cli_has(w->c, O_JSON);
	int rc = EG_OK;

	if (text && w->nproof > 0)
		(void)printf("\nProved by\n");
	for (size_t i = 0; rc == EG_OK && i < w->nproof; i++)
		rc = prove_one(w, w->proof[i], err);
	if (rc == EG_OK && text && w->nproof > 0) {
		(void)printf(
		    "Check them, with BUNDLE for each number, in its folder below %s/archive:\n"
		    "  sha256sum --strict -c BUNDLE.zip.sha256 | grep -x 'BUNDLE.zip: OK'\n"
		    "  openssl pkeyutl -verify -pubin -inkey KEY.pub.pem -rawin -in BUNDLE.zip.sha256 -sigfile BUNDLE.zip.sha256.sig\n",
		    w->s->path);
		if (w->cut != NULL)
			(void)printf("  %s\n", w->cut);
	}
	return rc;
}
