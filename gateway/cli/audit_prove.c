/* SPDX-License-Identifier: MIT
 *
 * audit prove and audit verify --proof: a small text that shows, without the log, that an entry stands in it or that a head continues an older one. The proof carries the signed head;
 * checking needs the public key and nothing else (scripts/erpgate-check-proof does it with openssl and sha256sum).
 */
#include "gateway/cli/audit.h"
#include "gateway/cli/tools.h"
#include "spool/log_proof.h"

#include <fcntl.h>

#define SMALL ((size_t)1 << 20)

int
audit_key(struct audit *a, struct sign_key **ret, struct eg_err *err)
{
	const char *given = a->c->opt[O_KEY];

	return given != NULL ? sign_key_load(AT_FDCWD, given, false, ret, err) :
	                       sign_key_load(a->s->dir, "keys/gateway.pub.pem", false, ret, err);
}

int
audit_write(struct audit *a, struct eg_bytes text, struct eg_err *err)
{
	return tools_save(a->c->opt[O_OUTPUT], text, err);
}

int
audit_read(const char *path, struct eg_buf *ret, struct eg_err *err)
{
	return eg_fs_read_file(AT_FDCWD, path, SMALL, ret, err);
}

/* ---- which entry ---- */

struct wanted {
	bool found, archived;
	uint64_t index;
};

/* Of all entries about it the one that sealed it, else the last. */
static int
take_row(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct wanted *w = ctx;
	bool archived = strcmp(r->event, "archived") == 0;

	(void)err;
	if (archived || !w->archived) {
		w->index = r->index;
		w->archived = archived;
	}
	w->found = true;
	return EG_OK;
}

static int
find_entry(struct audit *a, const char *what, uint64_t *ret, struct eg_err *err)
{
	struct wanted w = { .found = false };
	int rc;

	if (eg_bytes_to_u64(eg_bytes_str(what), ret))
		return EG_OK;
	rc = store_log_each(a->s->store, what, 0, take_row, &w, err);
	if (rc == EG_OK && !w.found)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "The log has no entry about %s. See them: erpgate log", what);
	*ret = w.index;
	return rc;
}

/* ---- making ---- */

static int
prove_entry(struct audit *a, const struct sign_key *key, const char *origin, const struct log_head *head,
    struct log_proof_text *t, struct eg_err *err)
{
	struct log_head in = *head;
	int rc = find_entry(a, a->c->argv[1], &t->index, err);

	if (rc == EG_OK && cli_has(a->c, O_TO)) { /* in the tree of a head that the reader has already */
		eg_buf_clear(&t->checkpoint);
		rc = audit_read(a->c->opt[O_TO], &t->checkpoint, err);
		if (rc >= 0)
			rc = log_head_parse(eg_buf_view(&t->checkpoint), origin, key, &in, err);
	}
	if (rc >= 0)
		rc = log_prove_inclusion(&a->s->spool, head->size, t->index, in.size, &t->proof, err);
	if (rc >= 0)
		rc = log_entry_at(&a->s->spool, head->size, t->index, &t->entry, err);
	return rc;
}

static int
prove_old(struct audit *a, const struct sign_key *key, const char *origin, const struct log_head *head,
    struct log_proof_text *t, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	struct log_head old = { .size = 0 };
	int rc = audit_read(a->c->opt[O_SINCE], &text, err);

	if (rc >= 0)
		rc = log_head_parse(eg_buf_view(&text), origin, key, &old, err);
	if (rc >= 0)
		rc = log_prove_consistency(&a->s->spool, head->size, old.size, head->size, &t->proof, err);
	t->consistency = true;
	t->index = old.size;
	memcpy(t->old_root, old.root, sizeof(old.root));
	eg_buf_done(&text);
	return rc;
}

/* A proof that does not hold is never handed out: tiles may have been changed. */
static bool
holds(const struct log_proof_text *t, const struct log_head *head)
{
	unsigned char leaf[EG_SHA256_LEN];

	if (t->consistency)
		return log_check_consistency(t->index, t->old_root, head->size, head->root, &t->proof);
	log_leaf_hash(eg_buf_view(&t->entry), leaf);
	return log_check_inclusion(leaf, t->index, head->size, &t->proof, head->root);
}

int
audit_prove(struct audit *a, struct eg_err *err)
{
	char *origin = site_log_origin(a->s);
	struct log_proof_text t = { .entry = EG_BUF_INIT, .checkpoint = EG_BUF_INIT };
	struct eg_buf out = EG_BUF_INIT;
	struct sign_key *key = NULL;
	struct log_head head = { .size = 0 }, of;
	int rc = audit_key(a, &key, err);

	if (rc == EG_OK && a->c->argc < 2 && !cli_has(a->c, O_SINCE))
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "Say which entry, by its number or what it is about; or --since CHECKPOINT. See them: erpgate log");
	if (rc == EG_OK)
		rc = log_head_read(&a->s->spool, origin, key, &head, &t.checkpoint, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "The log was never published: erpgate run");
	if (rc == EG_OK)
		rc = a->c->argc < 2 ? prove_old(a, key, origin, &head, &t, err) :
		                      prove_entry(a, key, origin, &head, &t, err);
	if (rc == EG_OK)
		rc = log_head_parse(eg_buf_view(&t.checkpoint), origin, key, &of, err);
	if (rc == EG_OK && !holds(&t, &of))
		rc = eg_fail(err, EG_BADFILE, "LOG-PROOF",
		    "The log on disk does not lead to that head, so there is nothing to prove. What is wrong: erpgate audit "
		    "verify%s",
		    cli_has(a->c, O_SINCE) ? " --since CHECKPOINT" : "");
	if (rc == EG_OK) {
		log_proof_print(&t, &out);
		rc = audit_write(a, eg_buf_view(&out), err);
	}
	eg_buf_done(&out);
	log_proof_text_done(&t);
	sign_key_free(key);
	free(origin);
	return rc;
}

/* ---- checking ---- */

static void
tell_proof(struct audit *a, const struct log_proof_text *t, const struct log_head *head)
{
	struct eg_buf entry = EG_BUF_INIT;

	eg_buf_add(&entry, eg_buf_view(&t->entry));
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:s,s:I,s:I,s:s}", "type", "proof", "good", true, "proves",
		    t->consistency ? "consistency" : "inclusion", "index", (json_int_t)t->index, "entries",
		    (json_int_t)head->size, "entry", eg_buf_cstr(&entry)));
	else if (t->consistency)
		(void)printf("proof    good   the log of %llu entries continues the one of %llu\n",
		    (unsigned long long)head->size, (unsigned long long)t->index);
	else
		(void)printf("proof    good   entry %llu of %llu:\n%s\n", (unsigned long long)t->index,
		    (unsigned long long)head->size, eg_buf_cstr(&entry));
	eg_buf_done(&entry);
}

/* The head may be any of this log's: older or newer than the one here. */
int
audit_verify_proof(struct audit *a, struct eg_err *err)
{
	char *origin = site_log_origin(a->s);
	struct log_proof_text t = { .entry = EG_BUF_INIT, .checkpoint = EG_BUF_INIT };
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err found = { 0 };
	struct sign_key *key = NULL;
	struct log_head head;
	int rc = audit_key(a, &key, err);

	if (rc == EG_OK)
		rc = audit_read(a->c->opt[O_PROOF], &text, err);
	if (rc == EG_OK)
		rc = log_proof_parse(eg_buf_view(&text), &t, err);
	if (rc == EG_OK) {
		rc = log_head_parse(eg_buf_view(&t.checkpoint), origin, key, &head, &found);
		if (rc == EG_OK && holds(&t, &head))
			tell_proof(a, &t, &head);
		else
			audit_broken(a, "proof", strcmp(found.code, "SIG-KEY") == 0 ? AUDIT_WRONG_KEY : AUDIT_CHANGED,
			    rc < 0 ?
				found.msg :
				"its hashes do not lead from the entry to the signed head: one of them was changed");
		rc = EG_OK;
	}
	eg_buf_done(&text);
	log_proof_text_done(&t);
	sign_key_free(key);
	free(origin);
	return rc;
}
