/* SPDX-License-Identifier: MIT
 *
 * A claim's row in the journal: the same bytes under a name that means the same are a duplicate (F-12), told once and not read.
 */
#include "gateway/intake.h"
#include "gateway/receipt.h"
#include "gateway/reread.h"
#include "gateway/store/store_receipt.h"
#include "gateway/store/store_reject.h"
#include "gateway/workflow/workflow.h"

#include <jansson.h>

void
intake_identity(const struct adp *a, const char *name, const char *sha256, struct eg_buf *ret)
{
	unsigned parts = a == NULL ? 0 : adp_filename_parts(a);

	eg_buf_str(ret, sha256);
	for (unsigned i = 1; i <= parts; i++) {
		eg_buf_chr(ret, '/');
		eg_buf_add(ret, adp_filename_part(eg_bytes_str(name), i));
	}
}

/* The first drop with these bytes that would be read as the same file, or EG_EOF. */
static int
find_twin(struct site *s, const char *source, const char *name, const char *sha256, struct eg_arena *a,
    const char **ret, struct eg_err *err)
{
	struct eg_buf identity = EG_BUF_INIT;
	int rc = store_drop_twin(s->store, source, sha256, a, ret, err);

	for (size_t i = 0; rc == EG_EOF && i < adp_set_count(s->adapters); i++) {
		const struct adp *adp = adp_set_at(s->adapters, i);
		if (adp_info(adp)->out || adp_filename_parts(adp) == 0)
			continue;
		eg_buf_clear(&identity);
		intake_identity(adp, name, sha256, &identity);
		rc = store_drop_twin(s->store, source, eg_buf_cstr(&identity), a, ret, err);
	}
	eg_buf_done(&identity);
	return rc;
}

static int
log_drop(struct site *s, const char *event, const char *source, const char *name, const struct spool_claim *c,
    const char *first, struct eg_err *err)
{
	json_t *j = json_object();
	int rc;

	json_object_set_new(j, "source", json_string(source));
	json_object_set_new(j, "name", json_string(name));
	json_object_set_new(j, "sha256", json_string(c->sha256));
	json_object_set_new(j, "size", json_integer((json_int_t)c->size));
	if (first != NULL)
		json_object_set_new(j, "first", json_string(first));
	if (receipts_on(&s->conf, source))
		json_object_set_new(j, "receipt", json_true());
	char *text = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, event, c->drop, text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
count_open(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	(void)r;
	(void)err;
	++*(unsigned *)ctx;
	return EG_OK;
}

static int
duplicate_finding(
    struct site *s, const char *drop, const char *source, const char *name, const char *first, struct eg_err *err)
{
	struct reject_filter left = { .drop = first, .open = true };
	unsigned open = 0;
	struct eg_buf b = EG_BUF_INIT;
	struct drop_row was = { .name = "" };
	struct eg_arena a;
	char when[EG_TIME_TEXT] = "";
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_drop_get(s->store, first, &a, &was, err);
	if (rc == EG_OK)
		rc = reject_each(s->store, &left, count_open, &open, err);
	if (rc == EG_OK) {
		eg_time_print(when, was.received);
		eg_buf_printf(&b,
		    "These are the bytes of drop %s (%s, received %s%s), which came before; the file was not read again and has no effect.",
		    first, was.name, when, strcmp(was.verdict, "refused") == 0 ? ", refused" : "");
		if (open > 0)
			eg_buf_printf(&b,
			    " %u of its documents are refused and still to be corrected: spool/rejects/%s.", open,
			    first);
		eg_buf_printf(&b, " To read it again on purpose: erpgate reprocess %s", first);
	}
	struct finding f = { .run = s->run,
		.drop = drop,
		.source = source,
		.file = name,
		.line = 1,
		.code = "F-12",
		.severity = ADP_NOTE,
		.item = "",
		.field = "",
		.value = "",
		.message = eg_buf_cstr(&b) };

	if (rc == EG_OK)
		rc = store_finding_add(s->store, &f, err);
	eg_buf_done(&b);
	eg_arena_done(&a);
	return rc == EG_EOF ? eg_fail(err, EG_FATAL, "DB-CORRUPT", "drop %s is not in the database any more", first) :
	                      rc;
}

static int
claim_rows(struct site *s, const char *source, const struct spool_claim *c, const char *shown, bool again,
    bool *ret_new, struct eg_arena *a, struct eg_err *err)
{
	const char *first = NULL;
	bool approvals = strcmp(source, "approvals") == 0;
	struct drop_row sent = { .owner = c->uid };
	const char *root = NULL;
	int rc = reread_root(s->store, c->drop, a, &root, err);

	again = again || (rc == EG_OK && strcmp(root, c->drop) != 0); /* begun before a crash */
	if (rc == EG_OK && again)
		rc = store_drop_get(
		    s->store, root, a, &sent, err); /* still his who sent it: separation of duty asks for him */
	if (rc < 0)
		return rc;
	rc = approvals || again ? EG_EOF : find_twin(s, source, shown, c->sha256, a, &first, err);
	struct drop_row row = { .id = c->drop,
		.source = source,
		.name = shown,
		.sha256 = c->sha256,
		.identity = c->sha256,
		.state = "claimed",
		.verdict = "",
		.size = (int64_t)c->size,
		.owner = sent.owner,
		.received = site_now(s),
		.run = s->run };

	if (rc < 0)
		return rc;
	*ret_new = rc == EG_EOF;
	if (!*ret_new) {
		row.state = "done";
		row.verdict = "duplicate";
		row.first = first;
	}
	rc = store_seen_id(s->store, c->drop, err);
	if (rc == EG_OK)
		rc = store_drop_add(s->store, &row, err);
	if (rc == EG_OK)
		rc = receipts_on(&s->conf, source) ? receipt_owe(s->store, c->drop, err) : EG_OK;
	if (rc == EG_OK)
		rc = log_drop(s, *ret_new ? "received" : "duplicate", source, shown, c, first, err);
	if (rc == EG_OK && again)
		rc = reread_log(s, c->drop, err);
	return rc == EG_OK && !*ret_new ? duplicate_finding(s, c->drop, source, shown, first, err) : rc;
}

int
intake_claim_in(
    struct site *s, const char *source, const struct spool_claim *c, bool again, bool *ret_new, struct eg_err *err)
{
	struct eg_buf shown = EG_BUF_INIT;
	struct eg_arena a;

	eg_arena_init(&a, 1 << 16);
	eg_buf_escaped(&shown, eg_buf_view(&c->name));
	int rc = claim_rows(s, source, c, eg_buf_cstr(&shown), again, ret_new, &a, err);
	eg_arena_done(&a);
	eg_buf_done(&shown);
	return rc;
}

int
intake_claim(
    struct site *s, const char *source, const struct spool_claim *c, bool again, bool *ret_new, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = intake_claim_in(s, source, c, again, ret_new, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}
