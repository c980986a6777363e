/* SPDX-License-Identifier: MIT
 *
 * Returned sheets and signed manifests: who signed (over the bytes), for which site and until when, then each row to decide_rows. A sheet without its signature, or whose
 * items are all still to come, is parked and looked at again until it expires; nothing is applied to other content. Tests: tests/unit/test_manifest.c, tests/scenario/.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/workflow/workflow.h"

#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
	struct eg_arena a;
	struct decide_row *rows;
	size_t n, cap;
	const char *sheet; /* the Sheet cell, same in every row */
	bool mixed, broken;
	char code[EG_CODE_MAX], msg[EG_MSG_MAX]; /* first rejecting finding */
	uint64_t line;
};

struct signer { /* who stands behind a manifest */
	const char *approver, *key_id, *assurance;
};

struct manifest_in {
	struct site *site;
	struct manifest m;
	const char *shown; /* file name for findings */
	struct eg_buf sheet, sig;
	bool cms;
	uid_t owner;
	const char *as; /* commands: the user named, or NULL */
	bool again; /* was parked before: staying so is no news */
	struct eg_arena a;
};

/* ---- rows, through the worker ---- */

static const char *
cell(struct reading *r, const struct rec *rec, const char *name)
{
	const struct rec_val *v = rec_head(rec, name);
	const char *s = v->state == RV_VALUE ? eg_arena_cstr(&r->a, v->text) : "";

	return s == NULL ? "" : s;
}

static int
on_begin(void *ctx, const struct rec *rec, struct eg_bytes item, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)item;
	if (rec->type->id != REC_DECISION)
		return eg_fail(err, EG_BADFILE, "F-01", "this is no approval sheet");
	if (r->n == EG_LIMIT_SHEET_ROWS)
		return eg_fail(err, EG_BADFILE, "LIMIT-SHEET", "the sheet has more than %u rows", EG_LIMIT_SHEET_ROWS);
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->rows = eg_xrealloc(r->rows, r->cap * sizeof(*r->rows));
	}
	const char *sheet = cell(r, rec, "sheet.sheet");
	if (r->sheet == NULL)
		r->sheet = sheet;
	r->mixed = r->mixed || strcmp(r->sheet, sheet) != 0;
	r->rows[r->n++] = (struct decide_row){ .row = (unsigned)rec->at.line, .item = cell(r, rec, "sheet.item"), .content = cell(r, rec, "sheet.content"),
		.verdict = cell(r, rec, "sheet.verdict"), .erp_id = cell(r, rec, "sheet.erp_id"), .transaction_date = cell(r, rec, "sheet.transaction_date"),
		.accounting_date = cell(r, rec, "sheet.accounting_date"), .description = cell(r, rec, "sheet.description"), .comment = cell(r, rec, "sheet.comment") };
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)err;
	if (f->severity == ADP_REJECT && !r->broken) {
		r->broken = true;
		(void)snprintf(r->code, sizeof(r->code), "%s", f->code);
		(void)snprintf(r->msg, sizeof(r->msg), "%s", f->msg);
		r->line = f->line;
	}
	return EG_OK;
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)err;
	return EG_OK;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)off;
	(void)len;
	(void)err;
	if (v != ADP_TAKEN && r->n > 0)
		r->n--; /* a row without a decision, or one that could not be read */
	return EG_OK;
}

static int
on_file(void *ctx, const char *member, struct eg_err *err)
{
	(void)ctx;
	(void)member;
	(void)err;
	return EG_OK;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	(void)ctx;
	(void)f;
	(void)err;
	return EG_OK;
}

static int
read_rows(struct manifest_in *in, int fd, struct reading *r, struct eg_err *err)
{
	struct worker_sink sink = { on_file, on_begin, on_line, on_end, on_finding, on_file_end, on_finding, r };
	int rc = worker_read(in->site, fd, in->sheet.len, "approvals", in->m.name, &sink, err);

	if (rc == EG_BADFILE) {
		r->broken = true;
		(void)snprintf(r->code, sizeof(r->code), "%s", err->code);
		(void)snprintf(r->msg, sizeof(r->msg), "%s", err->msg);
		r->line = 1;
		rc = EG_OK;
	}
	return rc;
}

/* ---- who signed ---- */

struct finding_key {
	struct manifest_in *in;
	struct eg_bytes pub; /* CMS: the signer's public key */
	bool found;
	struct user user;
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
		k->user.name = eg_arena_cstr(&k->in->a, eg_bytes_str(u->name));
		k->user.key_id = u->key_id == NULL ? NULL : eg_arena_cstr(&k->in->a, eg_bytes_str(u->key_id));
	}
	return EG_OK;
}

static int
signer_by_key(struct manifest_in *in, struct signer *ret, struct eg_err *err)
{
	struct finding_key k = { .in = in };
	struct eg_buf ca = EG_BUF_INIT, pub = EG_BUF_INIT;
	const char *ca_name = conf_text(&in->site->conf, "approvals.ca");
	int rc = EG_OK;

	if (in->cms) {
		char *path = eg_xprintf("keys/%s", ca_name);
		rc = *ca_name == '\0' ? eg_fail(err, EG_BADREC, "F-62", "The sheet has a .p7s signature, but this site names no CA (setting approvals.ca).") :
					eg_fs_read_file(in->site->dir, path, EG_LIMIT_SIG_BYTES, &ca, err);
		free(path);
		if (rc == EG_OK)
			rc = sign_verify_cms(eg_buf_view(&in->sig), eg_buf_view(&in->sheet), eg_buf_view(&ca), &pub, err);
		k.pub = eg_buf_view(&pub);
	}
	if (rc == EG_OK)
		rc = user_each(in->site->store, try_user, &k, err);
	eg_buf_done(&ca);
	eg_buf_done(&pub);
	if (rc == EG_BADREC || (rc == EG_OK && !k.found))
		return eg_fail(err, EG_BADREC, "F-62",
		    "The signature of this sheet does not agree with its bytes and any registered key: it was changed after signing, or signed with an unknown key. Nothing was applied. Sign the sheet as it "
		    "is and send both again.");
	*ret = (struct signer){ k.user.name, k.user.key_id, "signature" };
	return rc;
}

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
	struct finding_account f = { &in->a, pw == NULL ? "" : pw->pw_name, NULL };
	int rc;

	if (in->as != NULL) {
		*ret = (struct signer){ in->as, NULL, "command" };
		return EG_OK;
	}
	rc = user_each(in->site->store, try_account, &f, err);
	if (rc == EG_OK && f.name == NULL)
		rc = eg_fail(err, EG_BADREC, "E-74", "The sheet came from account %s, which belongs to no user of this site. Add it: erpgate users add NAME --account %s", f.account, f.account);
	*ret = (struct signer){ f.name, NULL, "account" };
	return rc;
}

/* ---- site, sheet id, expiry: the Sheet cell "S000001 site 2026-12-21T00:00:00Z" ---- */

static int
check_sheet_cell(struct manifest_in *in, const struct reading *r, struct eg_err *err)
{
	struct eg_bytes cell_text = eg_bytes_str(r->sheet == NULL ? "" : r->sheet);
	size_t first = eg_bytes_chr(cell_text, ' '), last = cell_text.len;
	int64_t expires;

	while (last > 0 && cell_text.ptr[last - 1] != ' ')
		last--;
	if (r->mixed)
		return eg_fail(err, EG_BADREC, "F-63", "The rows of this sheet name different sheets. Return each sheet by itself, with its Sheet column unchanged.");
	if (first == cell_text.len || last <= first || !eg_time_parse(eg_bytes_sub(cell_text, last, cell_text.len), &expires))
		return eg_fail(err, EG_BADREC, "F-63", "The Sheet column is not as erpgate wrote it, so the sheet cannot be matched. Write a new one: erpgate sheet -o new.csv");
	struct eg_bytes site = eg_bytes_trim(eg_bytes_sub(cell_text, first, last - first));
	if (!eg_bytes_is(site, in->site->name))
		return eg_fail(err, EG_BADREC, "F-63", "This sheet is for site %.*s, not for %s. Nothing was applied.", EG_FMT(site), in->site->name);
	if (site_now(in->site) > expires)
		return eg_fail(err, EG_BADREC, "F-63", "This sheet expired at %.*s. Write a new one: erpgate sheet -o new.csv", EG_FMT(eg_bytes_sub(cell_text, last, cell_text.len)));
	in->m.sheet = eg_arena_cstr(&in->a, eg_bytes_sub(cell_text, 0, first));
	return EG_OK;
}

/* ---- outcome ---- */

static int
tell(struct manifest_in *in, uint64_t line, const char *code, char severity, const char *msg, struct eg_err *err)
{
	struct finding f = { .run = in->site->run, .drop = in->m.drop, .source = "approvals", .file = in->shown, .line = line, .code = code, .severity = severity, .item = "", .field = "",
		.value = "", .message = msg };

	return store_finding_add(in->site->store, &f, err);
}

static int
save(struct manifest_in *in, const char *state, const char *event, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s?,s:s?,s:s}", "name", in->m.name, "sha256", in->m.sha256, "approver", in->m.approver, "sheet", in->m.sheet, "assurance", in->m.assurance);
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
refuse(struct manifest_in *in, uint64_t line, const char *code, const char *msg, struct decide_counts *counts, struct eg_err *err)
{
	int rc = tell(in, line, code, ADP_REJECT, msg, err);

	counts->refused++;
	in->m.refused = 1;
	in->m.applied = site_now(in->site);
	return rc == EG_OK ? save(in, "refused", "refused", err) : rc;
}

static int
park(struct manifest_in *in, const char *msg, struct eg_err *err)
{
	int rc = in->again ? EG_EOF : tell(in, 1, "F-61", ADP_WARN, msg, err);

	if (rc == EG_EOF)
		return EG_OK;
	return rc == EG_OK ? save(in, "parked", "parked", err) : rc;
}

static int
any_known(struct manifest_in *in, const struct reading *r, bool *ret, struct eg_err *err)
{
	struct item it;
	int rc = EG_EOF;

	*ret = r->n == 0;
	for (size_t i = 0; !*ret && rc >= 0 && i < r->n; i++) {
		rc = item_find(in->site->store, r->rows[i].item, &in->a, &it, err);
		*ret = rc == EG_OK;
	}
	return rc < 0 ? rc : EG_OK;
}

static int
apply_rows(struct manifest_in *in, const struct signer *by, const struct reading *r, struct decide_counts *counts, struct eg_err *err)
{
	struct decide_by d = { .approver = by->approver, .assurance = by->assurance, .key_id = by->key_id, .manifest = in->m.id, .file = in->shown, .drop = in->m.drop };
	int rc = decide_rows(in->site, &d, r->rows, r->n, counts, err);

	in->m.applied = site_now(in->site);
	in->m.accepted = counts->accepted + counts->archived + counts->linked;
	in->m.rejected = counts->rejected;
	in->m.refused = counts->refused;
	return rc == EG_OK ? save(in, "applied", "decided", err) : rc;
}

/* A manifest whose bytes are in in->sheet (and descriptor fd), signature in in->sig: everything up to its outcome. */
static int
process(struct manifest_in *in, int fd, struct decide_counts *counts, struct eg_err *err)
{
	struct site *s = in->site;
	struct reading r = { 0 };
	struct signer by = { 0 };
	struct manifest before;
	struct eg_err why;
	bool known = false;
	int rc;

	eg_arena_init(&r.a, (size_t)1 << 28);
	rc = manifest_by_bytes(s->store, in->m.sha256, &in->a, &before, err);
	if (rc == EG_OK && strcmp(before.id, in->m.id) != 0) {
		counts->same++;
		rc = tell(in, 1, "F-12", ADP_NOTE, "This sheet was applied before; it has no effect the second time.", err);
		in->m.applied = site_now(s);
		rc = rc == EG_OK ? save(in, "same", "duplicate", err) : rc;
		goto out;
	}
	if (rc >= 0)
		rc = read_rows(in, fd, &r, err);
	if (rc < 0)
		goto out;
	if (r.broken) {
		rc = refuse(in, r.line, r.code, r.msg, counts, err);
		goto out;
	}
	if (in->sig.len == 0 && conf_bool(&s->conf, "approvals.require_signature")) {
		rc = park(in, "This sheet has no signature yet and decides nothing until it comes. Put its .sig file beside it in the approvals folder.", err);
		goto out;
	}
	rc = in->sig.len > 0 ? signer_by_key(in, &by, &why) : signer_by_account(in, &by, &why);
	if (rc == EG_OK) {
		in->m.approver = by.approver;
		in->m.key_id = by.key_id;
		in->m.assurance = by.assurance;
		rc = check_sheet_cell(in, &r, &why);
	}
	if (rc == EG_BADREC) {
		rc = refuse(in, 1, why.code, why.msg, counts, err);
		goto out;
	}
	if (rc < 0) {
		*err = why;
		goto out;
	}
	rc = any_known(in, &r, &known, err);
	if (rc == EG_OK)
		rc = known ? apply_rows(in, &by, &r, counts, err) :
			     park(in, "None of the items of this sheet is here yet. It waits for them until it expires and is never applied to other content.", err);
out:
	free(r.rows);
	eg_arena_done(&r.a);
	return rc;
}

/* ---- from the spool ---- */

static bool
is_cms(const char *name)
{
	return eg_bytes_ends(eg_bytes_str(name), EG_LIT(".p7s"));
}

static int
load_work(struct manifest_in *in, const char *drop, int *ret_fd, struct eg_err *err)
{
	char *raw = eg_xprintf("%s/raw", drop), *sig = eg_xprintf("%s/companion", drop);
	int work = in->site->spool.work;
	struct stat st;
	int rc = eg_fs_read_file(work, raw, (size_t)1 << 28, &in->sheet, err);

	if (rc == EG_OK && eg_fs_exists(work, sig))
		rc = eg_fs_read_file(work, sig, EG_LIMIT_SIG_BYTES, &in->sig, err);
	if (rc == EG_OK)
		rc = eg_fs_open_file(work, raw, ret_fd, &st, err);
	free(raw);
	free(sig);
	return rc;
}

static int
in_transaction(struct manifest_in *in, int fd, bool fresh, struct decide_counts *counts, struct eg_err *err)
{
	struct store *st = in->site->store;
	char id[16] = "";
	int rc = store_begin(st, err);

	if (rc == EG_OK && fresh) {
		rc = store_next_id(st, 'P', id, err);
		in->m.id = eg_arena_cstr(&in->a, eg_bytes_str(id));
	}
	if (rc == EG_OK)
		rc = process(in, fd, counts, err);
	if (rc == EG_OK)
		rc = store_commit(st, err);
	if (rc < 0)
		store_rollback(st);
	return rc;
}

static void
in_done(struct manifest_in *in, int *fd)
{
	eg_fd_done(fd);
	eg_buf_done(&in->sheet);
	eg_buf_done(&in->sig);
	eg_arena_done(&in->a);
}

int
manifest_take(struct site *s, const struct spool_claim *c, struct eg_err *err)
{
	struct manifest_in in = { .site = s, .sheet = EG_BUF_INIT, .sig = EG_BUF_INIT, .owner = c->uid };
	struct eg_buf shown = EG_BUF_INIT, companion = EG_BUF_INIT;
	struct decide_counts counts = { 0 };
	int fd = -1, rc;

	eg_arena_init(&in.a, (size_t)1 << 28);
	eg_buf_escaped(&shown, eg_buf_view(&c->name));
	eg_buf_add(&companion, eg_buf_view(&c->companion));
	in.cms = is_cms(eg_buf_cstr(&companion));
	in.shown = eg_buf_cstr(&shown);
	in.m = (struct manifest){ .drop = c->drop, .name = in.shown, .sha256 = c->sha256, .assurance = "", .state = "parked", .received = site_now(s) };
	rc = load_work(&in, c->drop, &fd, err);
	if (rc == EG_OK)
		rc = in_transaction(&in, fd, true, &counts, err);
	eg_buf_done(&shown);
	eg_buf_done(&companion);
	in_done(&in, &fd);
	return rc;
}

/* ---- parked ones ---- */

/* A signature that came after its sheet: taken into the sheet's work folder. *ret_name "" when there is none. */
static int
late_signature(struct site *s, const struct manifest *m, bool *ret_cms, bool *ret_found, struct eg_err *err)
{
	static const char *const suffixes[] = { ".sig", ".p7s" };
	int dir = -1, fd = -1, rc = eg_fs_opendir(s->spool.drop, "approvals", &dir, err);
	struct stat st;

	*ret_found = false;
	for (int i = 0; rc == EG_OK && !*ret_found && i < 2; i++) {
		char *name = eg_xprintf("%s%s", m->name, suffixes[i]), *to = eg_xprintf("%s/companion", m->drop);
		struct eg_buf sig = { .max = EG_LIMIT_SIG_BYTES };
		struct eg_err ignored;
		if (eg_fs_open_file(dir, name, &fd, &st, &ignored) == EG_OK && st.st_size > 0 && (i == 1 || st.st_size >= SIGN_ED25519_LEN)) {
			rc = eg_fs_read_file(dir, name, EG_LIMIT_SIG_BYTES, &sig, err);
			if (rc == EG_OK)
				rc = eg_fs_write_file(s->spool.work, to, eg_buf_view(&sig), 0600, true, err);
			if (rc == EG_OK)
				rc = eg_fs_unlink(dir, name, err);
			*ret_found = rc == EG_OK;
			*ret_cms = i == 1;
		}
		eg_fd_done(&fd);
		eg_buf_done(&sig);
		free(to);
		free(name);
	}
	eg_fd_done(&dir);
	return rc;
}

struct parked {
	char (*id)[16];
	size_t n;
};

static int
parked_each(void *ctx, const struct manifest *m, struct eg_err *err)
{
	struct parked *p = ctx;

	(void)err;
	p->id = eg_xrealloc(p->id, (p->n + 1) * sizeof(*p->id));
	(void)snprintf(p->id[p->n++], sizeof(*p->id), "%s", m->id);
	return EG_OK;
}

static int
retry_one(struct site *s, const char *id, struct eg_err *err)
{
	struct manifest_in in = { .site = s, .sheet = EG_BUF_INIT, .sig = EG_BUF_INIT, .again = true };
	struct decide_counts counts = { 0 };
	struct drop_row d;
	bool found = false;
	int fd = -1, rc;

	eg_arena_init(&in.a, (size_t)1 << 28);
	rc = manifest_get(s->store, id, &in.a, &in.m, err);
	if (rc == EG_OK && in.m.drop != NULL) {
		rc = store_drop_get(s->store, in.m.drop, &in.a, &d, err);
		if (rc == EG_OK)
			rc = late_signature(s, &in.m, &in.cms, &found, err);
		if (rc == EG_OK)
			rc = load_work(&in, in.m.drop, &fd, err);
		in.owner = rc == EG_OK ? (uid_t)d.owner : 0;
		in.shown = in.m.name;
		if (rc == EG_OK)
			rc = process(&in, fd, &counts, err);
	}
	in_done(&in, &fd);
	return rc == EG_EOF ? EG_OK : rc;
}

int
parked_retry(struct site *s, struct eg_err *err)
{
	struct parked p = { 0 };
	int rc = manifest_each(s->store, "parked", parked_each, &p, err);

	for (size_t i = 0; rc == EG_OK && i < p.n; i++)
		rc = retry_one(s, p.id[i], err);
	free(p.id);
	return rc;
}

/* ---- by hand ---- */

/* The bytes are kept in work/<P id>/ until the bundle is sealed. */
static int
keep_bytes(struct site *s, const char *id, struct eg_bytes sheet, struct eg_bytes sig, int *ret_fd, struct eg_err *err)
{
	struct stat st;
	int dir = -1, rc = eg_fs_mkdirs(s->spool.work, id, 0700, err);

	if (rc == EG_OK)
		rc = eg_fs_opendir(s->spool.work, id, &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, "sheet", sheet, 0600, true, err);
	if (rc == EG_OK && sig.len > 0)
		rc = eg_fs_write_file(dir, "sheet.sig", sig, 0600, true, err);
	if (rc == EG_OK)
		rc = eg_fs_open_file(dir, "sheet", ret_fd, &st, err);
	eg_fd_done(&dir);
	return rc;
}

static int
reserve_id(struct site *s, char ret[16], struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_next_id(s->store, 'P', ret, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

int
manifest_apply_bytes(struct site *s, const char *name, struct eg_bytes sheet, struct eg_bytes sig, bool cms, const char *as, uid_t owner, struct decide_counts *ret, char ret_manifest[16],
    struct eg_err *err)
{
	struct manifest_in in = { .site = s, .sheet = EG_BUF_INIT, .sig = EG_BUF_INIT, .owner = owner, .cms = cms, .as = as, .shown = name };
	char sha[EG_SHA256_HEX];
	int fd = -1, rc;

	eg_arena_init(&in.a, (size_t)1 << 28);
	eg_buf_add(&in.sheet, sheet);
	eg_buf_add(&in.sig, sig);
	eg_sha256_hex_of(sheet, sha);
	rc = reserve_id(s, ret_manifest, err);
	in.m = (struct manifest){ .id = ret_manifest, .name = name, .sha256 = sha, .assurance = "", .state = "parked", .received = site_now(s) };
	if (rc == EG_OK)
		rc = keep_bytes(s, ret_manifest, sheet, sig, &fd, err);
	if (rc == EG_OK)
		rc = in_transaction(&in, fd, false, ret, err);
	in_done(&in, &fd);
	return rc;
}
