/* SPDX-License-Identifier: MIT
 *
 * Where manifests come from: claimed drops of the approvals folder, parked ones whose signature or items have come, bytes given by hand. One transaction each.
 * Tests: tests/unit/test_manifest.c, tests/scenario/.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/workflow/attempt.h"
#include "gateway/workflow/manifest.h"

#include <sys/stat.h>

/* ---- from the spool ---- */

/* By its bytes, not by its name: a parked sheet is looked at again when the name is gone. An Ed25519 signature is 64 bytes, a CMS never so short that its length
 * fits one byte: digits of hex, which may begin with the same 0x30, are none. */
static bool
is_cms(struct eg_bytes sig)
{
	return sig.len != SIGN_ED25519_LEN && ((sig.len > 1 && sig.ptr[0] == 0x30 && sig.ptr[1] >= 0x80) ||
						  eg_bytes_starts(sig, EG_LIT("-----BEGIN")));
}

static int
load_work(struct manifest_in *in, const char *drop, int *ret_fd, struct eg_err *err)
{
	char *raw = eg_xprintf("%s/raw", drop), *sig = eg_xprintf("%s/companion", drop);
	int work = in->site->spool.work;
	struct stat st;
	int rc = eg_fs_read_file(work, raw, EG_LIMIT_SHEET_BYTES, &in->sheet, err);

	if (rc == EG_OK && eg_fs_exists(work, sig))
		rc = eg_fs_read_file(work, sig, EG_LIMIT_SIG_BYTES, &in->sig, err);
	in->cms = is_cms(eg_buf_view(&in->sig));
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
		rc = manifest_process(in, fd, counts, err);
	if (rc == EG_OK)
		rc = store_commit(st, err);
	if (rc != EG_OK)
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
	struct eg_buf shown = EG_BUF_INIT;
	struct decide_counts counts = { 0 };
	char *too_often = NULL;
	int fd = -1, rc;

	eg_arena_init(&in.a, (size_t)1 << 28);
	eg_buf_escaped(&shown, eg_buf_view(&c->name));
	in.shown = eg_buf_cstr(&shown);
	in.m = (struct manifest){ .drop = c->drop,
		.name = in.shown,
		.sha256 = c->sha256,
		.assurance = "",
		.state = "parked",
		.received = site_now(s) };
	rc = load_work(&in, c->drop, &fd, err);
	if (rc == EG_OK)
		rc = attempt_begin(s, c->drop, &too_often, err);
	in.too_often = too_often;
	if (rc == EG_OK)
		rc = in_transaction(&in, fd, true, &counts, err);
	attempt_end(rc);
	free(too_often);
	eg_buf_done(&shown);
	in_done(&in, &fd);
	return rc;
}

/* ---- parked ones ---- */

/* What cannot be read as a signature is left where it is, and told as left: the sheet it is named after still waits. */
static int
take_signature(struct site *s, int dir, const char *name, const char *drop, bool *ret_taken, struct eg_err *err)
{
	struct eg_buf sig = { .max = EG_LIMIT_SIG_BYTES };
	char *to = eg_xprintf("%s/companion", drop);
	int rc = eg_fs_read_file(dir, name, EG_LIMIT_SIG_BYTES, &sig, err);

	*ret_taken = rc == EG_OK;
	if (rc == EG_OK)
		rc = eg_fs_write_file(s->spool.work, to, eg_buf_view(&sig), 0600, true, err);
	else if (rc == EG_BADFILE || (rc == EG_RETRY && strcmp(err->code, "GONE") == 0))
		rc = EG_OK;
	if (rc == EG_OK && *ret_taken)
		rc = eg_fs_unlink(dir, name, err);
	free(to);
	eg_buf_done(&sig);
	return rc;
}

/* A signature that came after its sheet: taken into the sheet's work folder. One that is still being written is left for the next look, and so is one beside which a file of the
 * sheet's name lies: it is that file's. */
static int
late_signature(struct site *s, const struct manifest *m, struct eg_err *err)
{
	static const char *const suffixes[] = { ".sig", ".p7s" };
	int dir = -1, rc;
	bool found;

	if (!eg_fs_own_folder(s->spool.drop, "approvals"))
		return EG_OK; /* not there, or somebody's link: the look for files says so */
	rc = eg_fs_opendir_own(s->spool.drop, "approvals", &dir, err);
	found = rc == EG_OK && eg_fs_exists(dir, m->name);

	for (int i = 0; rc == EG_OK && !found && i < 2; i++) {
		char *name = eg_xprintf("%s%s", m->name, suffixes[i]);
		if (spool_signature_rests(dir, name, site_now(s), conf_int(&s->conf, "settle.quiet")))
			rc = take_signature(s, dir, name, m->drop, &found, err);
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
	char *too_often = NULL;
	int fd = -1, rc;

	eg_arena_init(&in.a, (size_t)1 << 28);
	rc = manifest_get(s->store, id, &in.a, &in.m, err);
	if (rc == EG_OK && in.m.drop != NULL) {
		rc = store_drop_get(s->store, in.m.drop, &in.a, &d, err);
		if (rc == EG_OK)
			rc = late_signature(s, &in.m, err);
		if (rc == EG_OK)
			rc = load_work(&in, in.m.drop, &fd, err);
		in.owner = rc == EG_OK ? (uid_t)d.owner : 0;
		in.shown = in.m.name;
		if (rc == EG_OK)
			rc = attempt_begin(s, in.m.drop, &too_often, err);
		in.too_often = too_often;
		if (rc == EG_OK)
			rc = manifest_process(&in, fd, &counts, err);
		attempt_end(rc);
		free(too_often);
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

int
manifest_keep_bytes(
    struct site *s, const char *id, struct eg_bytes sheet, struct eg_bytes sig, int *ret_fd, struct eg_err *err)
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

int
manifest_reserve_id(struct site *s, char ret[16], struct eg_err *err)
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
manifest_apply_bytes(struct site *s, const char *name, struct eg_bytes sheet, struct eg_bytes sig, bool cms,
    const char *as, uid_t owner, struct decide_counts *ret, char ret_manifest[16], struct eg_err *err)
{
	struct manifest_in in = {
		.site = s, .sheet = EG_BUF_INIT, .sig = EG_BUF_INIT, .owner = owner, .cms = cms, .as = as
	};
	struct eg_buf shown = EG_BUF_INIT;
	char sha[EG_SHA256_HEX];
	int fd = -1, rc;

	eg_arena_init(&in.a, (size_t)1 << 28);
	eg_buf_escaped(&shown, eg_bytes_str(name));
	in.shown = eg_buf_cstr(&shown);
	eg_buf_add(&in.sheet, sheet);
	eg_buf_add(&in.sig, sig);
	eg_sha256_hex_of(sheet, sha);
	rc = manifest_reserve_id(s, ret_manifest, err);
	in.m = (struct manifest){ .id = ret_manifest,
		.name = in.shown,
		.sha256 = sha,
		.assurance = "",
		.state = "parked",
		.received = site_now(s) };
	if (rc == EG_OK)
		rc = manifest_keep_bytes(s, ret_manifest, sheet, sig, &fd, err);
	if (rc == EG_OK)
		rc = in_transaction(&in, fd, false, ret, err);
	eg_buf_done(&shown);
	in_done(&in, &fd);
	return rc;
}
