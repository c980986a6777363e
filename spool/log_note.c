/* SPDX-License-Identifier: MIT
 *
 * The checkpoint: three lines (origin, size, root in base64), a blank line, and one signature line of a C2SP signed
 * note. Reading compares with the one text that writing would make, so no second spelling of a checkpoint exists.
 */
#include "base/fs.h"
#include "spool/log_int.h"
#include "spool/log_proof.h"
#include "spool/signer.h"

#include <inttypes.h>
#include <openssl/evp.h>

#define CHECKPOINT_MAX 4096U
#define KEY_HASH_LEN 4
#define NOTE_SIG_LEN (KEY_HASH_LEN + SIGN_ED25519_LEN)
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)
#define NOTE_ED25519 0x01 /* signature type of the key hash */

void
log_put_base64(struct eg_buf *b, const unsigned char *p, size_t n)
{
	unsigned char text[BASE64_LEN(NOTE_SIG_LEN) + 1];
	eg_check(n <= NOTE_SIG_LEN);
	int len = EVP_EncodeBlock(text, p, (int)n);
	eg_buf_put(b, text, (size_t)len);
}

bool
log_get_base64(struct eg_bytes v, unsigned char *ret, size_t n)
{
	unsigned char raw[BASE64_LEN(NOTE_SIG_LEN)];
	struct eg_buf again = EG_BUF_INIT;
	if (v.len != BASE64_LEN(n) || EVP_DecodeBlock(raw, v.ptr, (int)v.len) < (int)n) {
		return false;
	}
	log_put_base64(&again, raw, n);
	bool same = eg_bytes_eq(eg_buf_view(&again), v);
	eg_buf_done(&again);
	memcpy(ret, raw, n);
	return same;
}

void
log_checkpoint_text(const char *origin, const struct log_checkpoint *c, struct eg_buf *ret)
{
	eg_buf_printf(ret, "%s\n%" PRIu64 "\n", origin, c->size);
	log_put_base64(ret, c->root, EG_SHA256_LEN);
	eg_buf_chr(ret, '\n');
}

/* First bytes of SHA-256(name, LF, type, public key). */
static int
key_hash(const char *name, const struct sign_key *key, unsigned char ret[KEY_HASH_LEN], struct eg_err *err)
{
	static const unsigned char between[2] = { '\n', NOTE_ED25519 };
	unsigned char raw[SIGN_RAW_PUBLIC_LEN], sha[EG_SHA256_LEN];
	struct eg_buf b = EG_BUF_INIT;
	int rc = sign_key_raw_public(key, raw, err);
	if (rc < 0) {
		return rc;
	}
	eg_buf_str(&b, name);
	eg_buf_put(&b, between, sizeof(between));
	eg_buf_put(&b, raw, sizeof(raw));
	eg_sha256_of(eg_buf_view(&b), sha);
	eg_buf_done(&b);
	memcpy(ret, sha, KEY_HASH_LEN);
	return EG_OK;
}

int
log_checkpoint_write(
    struct spool *s, const char *origin, const struct sign_key *key, const struct log_checkpoint *c, struct eg_err *err)
{
	unsigned char sig[NOTE_SIG_LEN];
	struct eg_buf note = EG_BUF_INIT;
	int dir = -1;
	log_checkpoint_text(origin, c, &note);
	int rc = key_hash(origin, key, sig, err);
	if (rc >= 0) {
		rc = sign_key_socket(key) != NULL ?
		         signer_head(s, key, eg_buf_view(&note), c, sig + KEY_HASH_LEN, err) :
		         sign_bytes(key, eg_buf_view(&note), sig + KEY_HASH_LEN, err);
	}
	if (rc >= 0) {
		rc = eg_fs_opendir(s->archive, "log", &dir, err);
	}
	if (rc >= 0) {
		eg_buf_printf(&note, "\n\xe2\x80\x94 %s ", origin);
		log_put_base64(&note, sig, sizeof(sig));
		eg_buf_chr(&note, '\n');
		rc = eg_fs_write_file(dir, "checkpoint", eg_buf_view(&note), 0640, true, err);
	}
	eg_fd_done(&dir);
	eg_buf_done(&note);
	return rc;
}

struct note {
	const char *origin;
	const char *where; /* for sentences */
	struct eg_bytes text; /* what is signed */
	unsigned char sig[NOTE_SIG_LEN];
	bool key_known; /* one of the keys tried is the one the signature line names */
};

static int
bad_note(const struct note *n, struct eg_err *err, const char *what)
{
	return eg_fail(err, EG_BADFILE, "LOG-CHECKPOINT", "%s %s.", n->where, what);
}

/* Size and root out of the text, which must then be exactly what writing makes of them. */
static int
parse_text(struct note *n, struct log_checkpoint *c, struct eg_err *err)
{
	struct eg_bytes rest = n->text, origin, size, root;
	struct eg_buf again = EG_BUF_INIT;
	if (!eg_bytes_cut(&rest, '\n', &origin) || !eg_bytes_cut(&rest, '\n', &size) ||
	    !eg_bytes_cut(&rest, '\n', &root) || !eg_bytes_to_u64(size, &c->size) ||
	    !log_get_base64(root, c->root, EG_SHA256_LEN)) {
		return bad_note(n, err, "does not hold an origin, a size and a root hash");
	}
	if (!eg_bytes_is(origin, n->origin)) {
		return eg_fail(err, EG_BADFILE, "LOG-CHECKPOINT", "%s is of another log: %.*s, not %s.", n->where,
		    EG_FMT(eg_bytes_sub(origin, 0, LOG_ORIGIN_MAX / 2)), n->origin);
	}
	log_checkpoint_text(n->origin, c, &again);
	bool same = eg_bytes_eq(eg_buf_view(&again), n->text);
	eg_buf_done(&again);
	return same ? EG_OK : bad_note(n, err, "is not in the form it was written in");
}

static int
parse_note(struct eg_bytes all, struct note *n, struct log_checkpoint *c, struct eg_err *err)
{
	struct eg_buf lead = EG_BUF_INIT;
	size_t end = eg_bytes_find(all, EG_LIT("\n\n"));
	n->text = eg_bytes_sub(all, 0, end + 1);
	struct eg_bytes line = eg_bytes_sub(all, end + 2, all.len);
	int rc = parse_text(n, c, err);
	eg_buf_printf(&lead, "\xe2\x80\x94 %s ", n->origin);
	struct eg_bytes base64 = eg_bytes_sub(line, lead.len, BASE64_LEN(NOTE_SIG_LEN));
	if (rc >= 0 &&
	    (!eg_bytes_starts(line, eg_buf_view(&lead)) || line.len != lead.len + BASE64_LEN(NOTE_SIG_LEN) + 1 ||
		line.ptr[line.len - 1] != '\n' || !log_get_base64(base64, n->sig, NOTE_SIG_LEN))) {
		rc = bad_note(n, err, "has no readable signature line");
	}
	eg_buf_done(&lead);
	return rc;
}

static int
try_key(void *ctx, const struct sign_key *key, struct eg_err *err)
{
	(void)err;
	struct note *n = ctx;
	struct eg_err untold;
	unsigned char hash[KEY_HASH_LEN];
	if (key_hash(n->origin, key, hash, &untold) < 0 || memcmp(hash, n->sig, KEY_HASH_LEN) != 0) {
		return EG_OK;
	}
	n->key_known = true;
	int rc = sign_verify(key, n->text, eg_bytes(n->sig + KEY_HASH_LEN, SIGN_ED25519_LEN), &untold);
	return rc < 0 ? EG_OK : EG_EOF;
}

/* s: where keys are looked for when none is given. */
static int
check_note(struct spool *s, struct note *n, struct eg_bytes all, const struct sign_key *key, struct log_checkpoint *ret,
    struct eg_err *err)
{
	struct log_checkpoint c;
	int rc = parse_note(all, n, &c, err);
	if (rc >= 0) {
		rc = key != NULL ? try_key(n, key, err) : spool_each_key(s, try_key, n, err);
		if (rc == EG_OK && n->key_known) {
			rc = eg_fail(err, EG_BADFILE, "SIG-BAD",
			    "%s names our key, but is not what that key signed: it was changed afterwards.", n->where);
		} else if (rc == EG_OK) {
			rc = eg_fail(err, EG_BADFILE, "SIG-KEY", "%s is not signed by %s: another key made it.",
			    n->where, key != NULL ? "the given key" : "a key of archive/keys");
		}
	}
	if (rc >= 0) {
		*ret = c;
		rc = EG_OK;
	}
	return rc;
}

static int
read_note(struct spool *s, const char *origin, const struct sign_key *key, struct log_checkpoint *ret,
    struct eg_buf *ret_text, struct eg_err *err)
{
	struct eg_buf all = EG_BUF_INIT;
	struct note n = { .origin = origin, .where = "archive/log/checkpoint", .text = EG_NONE };
	if (!eg_fs_exists(s->archive, "log/checkpoint")) {
		return EG_EOF;
	}
	int rc = eg_fs_read_file(s->archive, "log/checkpoint", CHECKPOINT_MAX, &all, err);
	if (rc >= 0) {
		rc = check_note(s, &n, eg_buf_view(&all), key, ret, err);
	}
	if (rc >= 0 && ret_text != NULL) {
		eg_buf_add(ret_text, eg_buf_view(&all));
	}
	eg_buf_done(&all);
	return rc;
}

int
log_checkpoint_read(
    struct spool *s, const char *origin, const struct sign_key *key, struct log_checkpoint *ret, struct eg_err *err)
{
	return read_note(s, origin, key, ret, NULL, err);
}

int
log_head_read(struct spool *s, const char *origin, const struct sign_key *key, struct log_head *ret,
    struct eg_buf *ret_text, struct eg_err *err)
{
	struct log_checkpoint c;
	int rc = read_note(s, origin, key, &c, ret_text, err);
	if (rc == EG_OK) {
		ret->size = c.size;
		memcpy(ret->root, c.root, sizeof(c.root));
	}
	return rc;
}

int
log_head_parse(
    struct eg_bytes text, const char *origin, const struct sign_key *key, struct log_head *ret, struct eg_err *err)
{
	struct note n = { .origin = origin, .where = "The checkpoint", .text = EG_NONE };
	struct log_checkpoint c;
	int rc = check_note(NULL, &n, text, key, &c, err);
	if (rc == EG_OK) {
		ret->size = c.size;
		memcpy(ret->root, c.root, sizeof(c.root));
	}
	return rc;
}
