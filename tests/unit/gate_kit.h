/* SPDX-License-Identifier: MIT
 *
 * A whole site for the tests of manifests, sheets, batches and the worker: made as `erpgate init` makes it, opened as `run` opens it, with a clock that stands still
 * and users whose keys are at hand. Items come from records as in intake_kit.h, between gate_begin and gate_commit.
 */
#ifndef TESTS_GATE_KIT_H
#define TESTS_GATE_KIT_H

#include "intake_kit.h"

#include "base/fs.h"

#include <stdlib.h>
#include <sys/mman.h>

#define GATE_NOW INT64_C(1780000000)
#define GATE_SITE "North yard" /* with a blank: the Sheet cell is parted at blanks */
#define GATE_UNTIL "2027-01-01T00:00:00Z" /* after GATE_NOW */

static inline void
gate_begin(struct kit *k)
{
	kit_good(k, store_begin(k->s.store, &k->err));
}

static inline void
gate_commit(struct kit *k)
{
	kit_good(k, store_commit(k->s.store, &k->err));
}

static inline void
gate_run(struct kit *k)
{
	gate_begin(k);
	kit_run(k);
	gate_commit(k);
}

static inline void
gate_reopen(struct kit *k)
{
	if (k->s.dir >= 0)
		site_close(&k->s);
	kit_good(k, site_open(k->dir, SITE_OWN, &k->s, &k->err));
	k->s.now = kit_clock;
	gate_run(k);
}

/* settings: lines of erpgate.conf. */
static inline struct kit *
gate_open(const char *erp, const char *settings)
{
	struct kit *k = eg_xalloc(sizeof(*k));
	char *text = eg_xprintf("erp = %s\nsite.name = " GATE_SITE "\n%s", erp, settings);
	int dir = -1;

	(void)snprintf(k->dir, sizeof(k->dir), "/tmp/erpgate-test-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	eg_arena_init(&k->a, (size_t)64 << 20);
	k->s.dir = -1;
	kit_good(k, site_create(k->dir, erp, &k->err));
	kit_good(k, eg_fs_opendir(AT_FDCWD, k->dir, &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, "erpgate.conf", eg_bytes_str(text), 0600, true, &k->err));
	eg_fd_done(&dir);
	free(text);
	gate_reopen(k);
	return k;
}

static inline void
gate_close(struct kit *k)
{
	site_close(&k->s);
	kit_good(k, eg_fs_rmtree(AT_FDCWD, k->dir, &k->err));
	eg_arena_done(&k->a);
	eg_buf_done(&k->out);
	free(k);
}

/* A user who may approve these types up to this amount (NULL = any), with a key pair in the site's folder. */
static inline struct sign_key *
gate_user(struct kit *k, const char *name, const char *types, const char *limit, bool active)
{
	char *private_name = eg_xprintf("%s.pem", name), *public_name = eg_xprintf("%s.pub.pem", name);
	struct sign_key *key = NULL;
	struct eg_buf pem = EG_BUF_INIT;
	char id[SIGN_KEY_ID];

	kit_good(k, sign_key_make(k->s.dir, private_name, public_name, &k->err));
	kit_good(k, sign_key_load(k->s.dir, private_name, true, &key, &k->err));
	kit_good(k, sign_key_public_pem(key, &pem, &k->err));
	sign_key_id(key, id);
	struct user u = { .name = name,
		.role = ROLE_STANDARD,
		.limit = limit,
		.pubkey = eg_buf_cstr(&pem),
		.key_id = id,
		.active = active,
		.types = types,
		.added = 1 };
	gate_begin(k);
	kit_good(k, user_put(k->s.store, &u, &k->err));
	gate_commit(k);
	eg_buf_done(&pem);
	free(public_name);
	free(private_name);
	return key;
}

/* Descriptor of bytes. */
static inline int
gate_fd(struct eg_bytes v)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t done = 0; done < v.len;) {
		ssize_t n = write(fd, v.ptr + done, v.len - done);
		assert_true(n > 0);
		done += (size_t)n;
	}
	return fd;
}

/* ---- sheets ---- */

static inline void
gate_sheet_head(struct eg_buf *b)
{
	eg_buf_str(b, "Decision,Comment,Item,ERP ID,Transaction Date,Accounting Date,Description,Content,Sheet\r\n");
}

#define GATE_CELL "S000001 " GATE_SITE " " GATE_UNTIL

/* One row; content NULL = that of the current revision. */
static inline void
gate_sheet_row(struct kit *k, struct eg_buf *b, const char *verdict, const char *iid, const char *erp_id,
    const char *content, const char *cell)
{
	const char *now = content == NULL ? kit_item(k, iid).content : content;

	eg_buf_printf(
	    b, "%s,because,%s,%s,,,,%s%s,%s\r\n", verdict, iid, erp_id, *now == '\0' ? "" : "sha256:", now, cell);
}

/* Signs (key NULL = not) and gives it as `erpgate decide` does. */
static inline struct decide_counts
gate_decide(struct kit *k, const struct eg_buf *sheet, const struct sign_key *key)
{
	unsigned char sig[SIGN_ED25519_LEN];
	struct decide_counts c = { 0 };
	char id[16];

	if (key != NULL)
		kit_good(k, sign_bytes(key, eg_buf_view(sheet), sig, &k->err));
	kit_good(k, manifest_apply_bytes(&k->s, "sheet.csv", eg_buf_view(sheet),
			key == NULL ? EG_NONE : eg_bytes(sig, sizeof(sig)), false, NULL, getuid(), &c, id, &k->err));
	return c;
}

/* code of the newest finding of this run about sheets, "" = none. */
static inline int
gate_add_code(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	if (strcmp(f->source, "approvals") == 0)
		eg_buf_printf(&k->out, "%s%s", k->out.len > 0 ? " " : "", f->code);
	assert_true(f->message[0] != '\0');
	return EG_OK;
}

/* Codes of this run's findings about sheets, in order of line. */
static inline const char *
gate_codes(struct kit *k)
{
	struct finding_filter f = { .run = k->s.run };

	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &f, gate_add_code, k, &k->err));
	return eg_buf_cstr(&k->out);
}

#endif
