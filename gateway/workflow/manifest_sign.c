/* SPDX-License-Identifier: MIT
 *
 * Who stands behind a manifest: the user whose registered key made the signature over its bytes; where the site needs no signature, the user named or the one whose account
 * dropped it. A revoked user is found, too: his rows are refused one by one (E-74). Tests: tests/unit/test_manifest.c.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/workflow/manifest.h"

#include <pwd.h>

static int
bad_signature(struct eg_err *err)
{
	return eg_fail(err, EG_BADREC, "F-62",
	    "The signature of this sheet does not agree with its bytes and any registered key: it was changed after signing, or signed with an unknown key. Nothing was applied. Sign the sheet as it "
	    "is and send both again.");
}

/* ---- by signature ---- */

struct finding_key {
	struct manifest_in *in;
	struct eg_bytes pub; /* CMS: the signer's public key */
	bool found;
	const char *name, *key_id;
};

static int
try_user(void *ctx, const struct user *u, struct eg_err *err)
{
	struct finding_key *k = ctx;
	struct sign_key *key = NULL;
	struct eg_err ignored;
	bool good = false;

	(void)err;
	if (k->found || u->pubkey == NULL || sign_key_from_pem(eg_bytes_str(u->pubkey), false, &key, &ignored) < 0)
		return EG_OK;
	if (k->in->cms) {
		struct sign_key *signer = NULL;
		char id[SIGN_KEY_ID];
		if (sign_key_from_pem(k->pub, false, &signer, &ignored) == EG_OK) {
			sign_key_id(signer, id);
			good = u->key_id != NULL && strcmp(id, u->key_id) == 0;
		}
		sign_key_free(signer);
	} else
		good = sign_verify(key, eg_buf_view(&k->in->sheet), eg_buf_view(&k->in->sig), &ignored) == EG_OK;
	sign_key_free(key);
	if (good) {
		k->found = true;
		k->name = eg_arena_cstr(&k->in->a, eg_bytes_str(u->name));
		k->key_id = u->key_id == NULL ? NULL : eg_arena_cstr(&k->in->a, eg_bytes_str(u->key_id));
	}
	return EG_OK;
}

/* A site that cannot check .p7s signatures refuses such a sheet; it does not stop for it. */
static int
verify_cms(struct manifest_in *in, struct eg_buf *ret_pub, struct eg_err *err)
{
	const char *name = conf_text(&in->site->conf, "approvals.ca");
	char *path = eg_xprintf("keys/%s", name);
	struct eg_buf ca = EG_BUF_INIT;
	struct eg_err why;
	int rc;

	if (*name == '\0')
		rc = eg_fail(err, EG_BADREC, "F-62",
		    "The sheet has a .p7s signature, but this site names no CA (setting approvals.ca). Nothing was applied.");
	else {
		rc = eg_fs_read_file(in->site->dir, path, EG_LIMIT_SIG_BYTES, &ca, &why);
		if (rc == EG_OK)
			rc = sign_verify_cms(
			    eg_buf_view(&in->sig), eg_buf_view(&in->sheet), eg_buf_view(&ca), ret_pub, &why);
		if (rc == EG_BADFILE || (rc == EG_RETRY && strcmp(why.code, "GONE") == 0))
			rc = eg_fail(err, EG_BADREC, "F-62",
			    "The sheet has a .p7s signature, but the CA file %s of this site cannot be used: %s. Nothing was applied.",
			    path, why.msg);
		else if (rc == EG_BADREC)
			rc = bad_signature(err);
		else if (rc != EG_OK)
			*err = why;
	}
	eg_buf_done(&ca);
	free(path);
	return rc;
}

static int
signer_by_key(struct manifest_in *in, struct signer *ret, struct eg_err *err)
{
	struct eg_buf pub = EG_BUF_INIT;
	struct finding_key k = { .in = in };
	int rc = in->cms ? verify_cms(in, &pub, err) : EG_OK;

	k.pub = eg_buf_view(&pub);
	if (rc == EG_OK)
		rc = user_each(in->site->store, try_user, &k, err);
	eg_buf_done(&pub);
	if (rc == EG_OK && !k.found)
		rc = bad_signature(err);
	if (rc == EG_OK)
		*ret = (struct signer){ k.name, k.key_id, "signature" };
	return rc;
}

/* ---- by account ---- */

struct finding_account {
	struct eg_arena *a;
	const char *account, *name;
};

static int
try_account(void *ctx, const struct user *u, struct eg_err *err)
{
	struct finding_account *f = ctx;

	(void)err;
	if (f->name == NULL && u->account != NULL && strcmp(u->account, f->account) == 0)
		f->name = eg_arena_cstr(f->a, eg_bytes_str(u->name));
	return EG_OK;
}

static int
signer_by_account(struct manifest_in *in, struct signer *ret, struct eg_err *err)
{
	const struct passwd *pw = getpwuid(in->owner);
	struct finding_account f = { &in->a, pw == NULL ? NULL : pw->pw_name, NULL };
	int rc;

	if (f.account == NULL)
		return eg_fail(err, EG_BADREC, "E-74",
		    "The sheet came from account number %u, which this machine does not know any more. Nothing was applied.",
		    (unsigned)in->owner);
	rc = user_each(in->site->store, try_account, &f, err);
	if (rc == EG_OK && f.name == NULL)
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "The sheet came from account %s, which belongs to no user of this site. Add it: erpgate users add NAME --account %s",
		    f.account, f.account);
	if (rc == EG_OK)
		*ret = (struct signer){ f.name, NULL, "account" };
	return rc;
}

int
manifest_signer(struct manifest_in *in, struct signer *ret, struct eg_err *err)
{
	if (in->sig.len > 0)
		return signer_by_key(in, ret, err);
	if (in->as == NULL)
		return signer_by_account(in, ret, err);
	*ret = (struct signer){ in->as, NULL, "command" };
	return EG_OK;
}
