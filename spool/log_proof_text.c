/* SPDX-License-Identifier: MIT
 *
 * Proofs as text, in lines that base64 and sha256sum of any machine understand. Parsing accepts exactly what printing makes: it prints what it read and compares.
 */
#include "spool/log_int.h"
#include "spool/log_proof.h"

#include <inttypes.h>
#include <openssl/evp.h>

#define INCLUSION "c2sp.org/tlog-proof@v1"
#define CONSISTENCY "erpgate/consistency@v1"
#define PROOF_TEXT_MAX ((size_t)256 << 10)

void
log_proof_text_done(struct log_proof_text *t)
{
	eg_buf_done(&t->entry);
	eg_buf_done(&t->checkpoint);
}

static void
put_base64(struct eg_buf *ret, struct eg_bytes v)
{
	unsigned char *text = eg_xalloc((v.len + 2) / 3 * 4 + 1);
	int n = EVP_EncodeBlock(text, v.ptr == NULL ? (const unsigned char *)"" : v.ptr, (int)v.len);

	eg_buf_put(ret, text, (size_t)n);
	eg_buf_chr(ret, '\n');
	free(text);
}

static bool
get_base64(struct eg_bytes v, struct eg_buf *ret)
{
	unsigned char *raw = eg_xalloc(v.len + 1);
	int n = v.len == 0 || v.len % 4 != 0 || v.len > PROOF_TEXT_MAX ? -1 : EVP_DecodeBlock(raw, v.ptr, (int)v.len);

	for (size_t i = v.len; n > 0 && i > v.len - 2 && v.ptr[i - 1] == '='; i--)
		n--; /* padding counts as bytes there */
	if (n >= 0)
		eg_buf_put(ret, raw, (size_t)n);
	free(raw);
	return n >= 0;
}

static bool
get_hash(struct eg_bytes v, unsigned char ret[EG_SHA256_LEN])
{
	struct eg_buf b = EG_BUF_INIT;
	bool good = get_base64(v, &b) && b.len == EG_SHA256_LEN;

	if (good)
		memcpy(ret, b.ptr, EG_SHA256_LEN);
	eg_buf_done(&b);
	return good;
}

void
log_proof_print(const struct log_proof_text *t, struct eg_buf *ret)
{
	if (t->consistency) {
		eg_buf_printf(ret, CONSISTENCY "\nold %" PRIu64 " ", t->index);
		put_base64(ret, eg_bytes(t->old_root, EG_SHA256_LEN));
	} else {
		eg_buf_str(ret, INCLUSION "\nextra ");
		put_base64(ret, eg_buf_view(&t->entry));
		eg_buf_printf(ret, "index %" PRIu64 "\n", t->index);
	}
	for (unsigned i = 0; i < t->proof.n; i++)
		put_base64(ret, eg_bytes(t->proof.hash[i], EG_SHA256_LEN));
	eg_buf_chr(ret, '\n');
	eg_buf_add(ret, eg_buf_view(&t->checkpoint));
}

/* The line's rest behind `lead`. */
static bool
line_with(struct eg_bytes *rest, const char *lead, struct eg_bytes *ret)
{
	struct eg_bytes line, word = eg_bytes_str(lead);

	if (!eg_bytes_cut(rest, '\n', &line) || !eg_bytes_starts(line, word))
		return false;
	*ret = eg_bytes_sub(line, word.len, line.len);
	return true;
}

static bool
parse_lead(struct eg_bytes *rest, struct log_proof_text *t)
{
	struct eg_bytes v, number;

	if (eg_bytes_starts(*rest, EG_LIT(CONSISTENCY "\n"))) {
		t->consistency = true;
		return line_with(rest, CONSISTENCY, &v) && line_with(rest, "old ", &v) &&
		       eg_bytes_cut(&v, ' ', &number) && eg_bytes_to_u64(number, &t->index) && get_hash(v, t->old_root);
	}
	return line_with(rest, INCLUSION, &v) && line_with(rest, "extra ", &v) && get_base64(v, &t->entry) &&
	       line_with(rest, "index ", &v) && eg_bytes_to_u64(v, &t->index);
}

static bool
parse_hashes(struct eg_bytes *rest, struct log_proof *p)
{
	struct eg_bytes line;

	while (eg_bytes_cut(rest, '\n', &line) && p->n < LOG_PROOF_MAX) {
		if (line.len == 0)
			return true;
		if (!get_hash(line, p->hash[p->n++]))
			return false;
	}
	return false;
}

int
log_proof_parse(struct eg_bytes text, struct log_proof_text *ret, struct eg_err *err)
{
	struct log_proof_text t = { .entry = EG_BUF_INIT, .checkpoint = EG_BUF_INIT };
	struct eg_buf again = EG_BUF_INIT;
	struct eg_bytes rest = text;
	bool good = text.len <= PROOF_TEXT_MAX && parse_lead(&rest, &t) && parse_hashes(&rest, &t.proof);

	if (good) {
		eg_buf_add(&t.checkpoint, rest);
		log_proof_print(&t, &again);
		good = eg_bytes_eq(eg_buf_view(&again), text);
	}
	eg_buf_done(&again);
	if (!good) {
		log_proof_text_done(&t);
		return eg_fail(err, EG_BADFILE, "LOG-PROOF",
		    "This is no proof as erpgate audit prove writes it, or it was changed.");
	}
	*ret = t;
	return EG_OK;
}
