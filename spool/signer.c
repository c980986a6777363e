/* SPDX-License-Identifier: MIT
 *
 * What the signer signs. A question is hostile: the site that asks may have been taken over. Forms are checked byte for byte; none of the three can be read as another, so a signature
 * over one never stands for another. Whether a receipt or a digest is true the signer cannot know; that heads follow each other it can, and that is what it is for.
 */
#include "spool/signer.h"

#include "base/fs.h"

#include <inttypes.h>
#include <openssl/evp.h>

#define HEAD_FILE "head"
#define HEAD_MAX 4096U

/* ---- the head it keeps ---- */

/* Origin, size and root, in exactly the form in which they are signed. */
static bool
parse_body(struct eg_bytes v, char origin[LOG_ORIGIN_MAX + 1], struct log_checkpoint *ret)
{
	struct eg_bytes rest = v, name, size, root;
	struct eg_buf again = EG_BUF_INIT;

	if (!eg_bytes_cut(&rest, '\n', &name) || !eg_bytes_cut(&rest, '\n', &size) ||
	    !eg_bytes_cut(&rest, '\n', &root) || name.len == 0 || name.len > LOG_ORIGIN_MAX ||
	    !eg_bytes_to_u64(size, &ret->size) || !log_get_base64(root, ret->root, EG_SHA256_LEN))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= ' ' || name.ptr[i] == '+' || name.ptr[i] > '~')
			return false;
	memcpy(origin, name.ptr, name.len);
	origin[name.len] = '\0';
	log_checkpoint_text(origin, ret, &again);
	bool same = eg_bytes_eq(eg_buf_view(&again), v);
	eg_buf_done(&again);
	return same;
}

int
signer_open(int dir, struct signer *ret, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	int rc;

	*ret = (struct signer){ .dir = dir };
	rc = sign_key_load(dir, "key.pem", true, &ret->key, err);
	if (rc >= 0 && !sign_key_is_ed25519(ret->key))
		rc = eg_fail(
		    err, EG_BADFILE, "KEY-BAD", "key.pem is no Ed25519 key: openssl genpkey -algorithm ed25519");
	if (rc >= 0 && eg_fs_exists(dir, HEAD_FILE)) {
		rc = eg_fs_read_file(dir, HEAD_FILE, HEAD_MAX, &text, err);
		if (rc >= 0 && !parse_body(eg_buf_view(&text), ret->origin, &ret->last))
			rc = eg_fail(err, EG_BADFILE, "SIGNER-HEAD",
			    "The file head is not what was written there. Without it nobody knows what was signed last: put it back "
			    "from a backup, or take it from the site's archive/log/checkpoint (its first three lines)");
	}
	eg_buf_done(&text);
	if (rc < 0)
		signer_close(ret);
	return rc < 0 ? rc : EG_OK;
}

void
signer_close(struct signer *g)
{
	sign_key_free(g->key);
	g->key = NULL;
}

/* ---- forms ---- */

/* Lines of sha256sum: 64 hex digits, two blanks, a name. */
static bool
is_digests(struct eg_bytes v)
{
	struct eg_bytes line;

	if (v.len == 0 || v.ptr[v.len - 1] != '\n')
		return false;
	while (v.len > 0) {
		if (!eg_bytes_cut(&v, '\n', &line) || line.len < 67 || line.ptr[64] != ' ' || line.ptr[65] != ' ')
			return false;
		for (size_t i = 0; i < line.len; i++) {
			unsigned char c = line.ptr[i];
			if (i < 64 ? !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) : c < ' ')
				return false;
		}
	}
	return true;
}

static bool
is_receipt(struct eg_bytes v)
{
	return eg_bytes_starts(v, EG_LIT("{\n \"receipt\": 1,\n \"site\": \"")) && eg_bytes_ends(v, EG_LIT("\n}\n"));
}

/* ---- answers ---- */

static void
refuse(struct eg_buf *answer, struct eg_buf *said, const char *code, const char *why)
{
	eg_buf_printf(answer, "refused %s %s\n", code, why);
	eg_buf_printf(said, "refused: %s", why);
}

static bool
give_signature(struct signer *g, struct eg_bytes v, struct eg_buf *answer, struct eg_buf *said)
{
	unsigned char sig[SIGN_ED25519_LEN];
	struct eg_err err;

	if (sign_bytes(g->key, v, sig, &err) < 0) {
		refuse(answer, said, "SIGNER-NO", err.msg);
		return false;
	}
	eg_buf_str(answer, "signature ");
	log_put_base64(answer, sig, sizeof(sig));
	eg_buf_chr(answer, '\n');
	return true;
}

static void
answer_sign(struct signer *g, struct eg_bytes v, struct eg_buf *answer, struct eg_buf *said)
{
	bool digests = is_digests(v);
	char sha[EG_SHA256_HEX];

	if (!digests && !is_receipt(v)) {
		refuse(answer, said, "SIGNER-NO", "only lists of digests and receipts are signed in this way");
		return;
	}
	eg_sha256_hex_of(v, sha);
	if (!give_signature(g, v, answer, said))
		return;
	eg_buf_printf(said, "signed %s, sha256 %s", digests ? "digests" : "a receipt", sha);
	if (digests && v.len < 200) { /* one bundle: name it */
		eg_buf_str(said, ": ");
		eg_buf_escaped(said, eg_bytes_sub(v, 66, v.len - 67));
	}
}

static bool
parse_proof(struct eg_bytes *rest, uint64_t n, struct log_proof *ret)
{
	struct eg_bytes line;

	*ret = (struct log_proof){ .n = 0 };
	for (; ret->n < n && n <= LOG_PROOF_MAX; ret->n++)
		if (!eg_bytes_cut(rest, '\n', &line) || !log_get_base64(line, ret->hash[ret->n], EG_SHA256_LEN))
			return false;
	return ret->n == n && eg_bytes_cut(rest, '\n', &line) && line.len == 0;
}

/* NULL: it may be signed. */
static const char *
objection(const struct signer *g, const char *origin, const struct log_checkpoint *c, const struct log_proof *p)
{
	if (g->origin[0] == '\0')
		return NULL;
	if (strcmp(origin, g->origin) != 0)
		return "this is the head of another log than the one this key signs";
	if (c->size < g->last.size)
		return "a head of more entries was signed already: an older state was put back";
	if (c->size == g->last.size)
		return memcmp(c->root, g->last.root, EG_SHA256_LEN) == 0 ?
		           NULL :
		           "another head of this size was signed already";
	if (g->last.size == 0 || log_check_consistency(g->last.size, g->last.root, c->size, c->root, p))
		return NULL;
	return "it does not continue the last head that was signed: older entries were changed";
}

static void
answer_publish(struct signer *g, uint64_t n, struct eg_bytes rest, struct eg_buf *answer, struct eg_buf *said)
{
	char origin[LOG_ORIGIN_MAX + 1];
	struct log_checkpoint c;
	struct log_proof proof;
	struct eg_err err;

	if (!parse_proof(&rest, n, &proof) || !parse_body(rest, origin, &c)) {
		refuse(answer, said, "SIGNER-NO", "this is no head of a log with a proof");
		return;
	}
	const char *why = objection(g, origin, &c, &proof);
	if (why != NULL) {
		refuse(answer, said, "LOG-FORK", why);
		eg_buf_printf(said, " (asked: %" PRIu64 " entries, last: %" PRIu64 ")", c.size, g->last.size);
		return;
	}
	if (eg_fs_write_file(g->dir, HEAD_FILE, rest, 0600, true, &err) < 0) {
		refuse(answer, said, "SIGNER-NO", err.msg);
		return;
	}
	(void)snprintf(g->origin, sizeof(g->origin), "%s", origin);
	g->last = c;
	if (give_signature(g, rest, answer, said))
		eg_buf_printf(said, "signed the head of %s, %" PRIu64 " entries", origin, c.size);
}

static void
answer_head(const struct signer *g, struct eg_buf *answer, struct eg_buf *said)
{
	eg_buf_printf(answer, "head %" PRIu64 " ", g->last.size);
	if (g->origin[0] == '\0')
		eg_buf_chr(answer, '-');
	else
		log_put_base64(answer, g->last.root, EG_SHA256_LEN);
	eg_buf_chr(answer, '\n');
	eg_buf_printf(said, "told the last head, %" PRIu64 " entries", g->last.size);
}

void
signer_answer(struct signer *g, struct eg_bytes question, struct eg_buf *answer, struct eg_buf *said)
{
	struct eg_bytes rest = question, word;
	uint64_t n;

	if (!eg_bytes_cut(&rest, '\n', &word))
		word = EG_NONE;
	if (eg_bytes_is(word, "head") && rest.len == 0)
		answer_head(g, answer, said);
	else if (eg_bytes_is(word, "sign"))
		answer_sign(g, rest, answer, said);
	else if (eg_bytes_starts(word, EG_LIT("publish ")) && eg_bytes_to_u64(eg_bytes_sub(word, 8, word.len - 8), &n))
		answer_publish(g, n, rest, answer, said);
	else
		refuse(answer, said, "SIGNER-NO", "the question is none of head, sign and publish");
}
