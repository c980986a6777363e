/* SPDX-License-Identifier: MIT
 *
 * The asking half of the signer's protocol. Waits a limited time for each answer; believes no signature that the site's public key does not confirm.
 */
#include "spool/signer.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_SEC 30
#define ANSWER_MAX 1024U

static int
no_answer(struct eg_err *err, const char *path, int why)
{
	return eg_fail(err, EG_RETRY, "SIGNER",
	    "the signer at %.100s does not answer (%s). Nothing was signed, and nothing is lost: erpgate tries again. Look at "
	    "systemctl status erpgate-signer.socket",
	    path, why == 0 ? "it closed the connection" : strerrordesc_np(why));
}

static int
connect_to(const char *path, int *ret, struct eg_err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = WAIT_SEC };
	size_t n = strlen(path);
	int fd;

	if (n >= sizeof(at.sun_path))
		return eg_fail(
		    err, EG_BADFILE, "CONF-VALUE", "sign.socket is longer than %zu bytes", sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return no_answer(err, path, why);
	}
	*ret = fd;
	return EG_OK;
}

static bool
send_all(int fd, struct eg_bytes v)
{
	while (v.len > 0) {
		ssize_t n = send(fd, v.ptr, v.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		v = eg_bytes_sub(v, (size_t)n, v.len - (size_t)n);
	}
	return shutdown(fd, SHUT_WR) == 0;
}

static bool
receive(int fd, struct eg_buf *ret)
{
	unsigned char chunk[512];
	ssize_t n = 1;

	while (n != 0 && ret->len <= ANSWER_MAX) {
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return false;
		else
			eg_buf_put(ret, chunk, (size_t)n);
	}
	return true;
}

/* *ret: what stands behind `word` in the answer, without LF; points into answer. */
static int
ask(const char *path, struct eg_bytes question, const char *word, struct eg_buf *answer, struct eg_bytes *ret,
    struct eg_err *err)
{
	struct eg_bytes line, head;
	int fd = -1, rc = connect_to(path, &fd, err);

	if (rc < 0)
		return rc;
	errno = 0;
	/* A question that is refused early breaks the sending; the answer says why. */
	bool sent = send_all(fd, question), got = receive(fd, answer);
	int why = errno;
	close(fd);
	line = eg_buf_view(answer);
	if (!got || line.len == 0 || line.ptr[line.len - 1] != '\n')
		return no_answer(err, path, sent && got ? 0 : why);
	line.len--;
	(void)eg_bytes_cut(&line, ' ', &head);
	*ret = line;
	if (eg_bytes_is(head, word))
		return EG_OK;
	if (!eg_bytes_is(head, "refused"))
		return no_answer(err, path, EPROTO);
	(void)eg_bytes_cut(&line, ' ', &head);
	struct eg_buf shown = EG_BUF_INIT;
	eg_buf_escaped(&shown, line);
	rc = eg_fail(err, EG_FATAL, eg_bytes_is(head, "LOG-FORK") ? "LOG-FORK" : "SIGNER-NO",
	    "The signer refused: %.200s. Nothing was signed. What it signed last and what to do: docs/roles/admin.md, \"A signer of its own\"",
	    eg_buf_cstr(&shown));
	eg_buf_done(&shown);
	return rc;
}

static int
take_signature(const char *path, const struct sign_key *key, struct eg_bytes question, struct eg_bytes v,
    unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err)
{
	struct eg_buf answer = EG_BUF_INIT;
	struct eg_err why;
	struct eg_bytes text;
	int rc = ask(path, question, "signature", &answer, &text, err);

	if (rc == EG_OK && !log_get_base64(text, ret, SIGN_ED25519_LEN))
		rc = no_answer(err, path, EPROTO);
	if (rc == EG_OK && sign_verify(key, v, eg_bytes(ret, SIGN_ED25519_LEN), &why) < 0)
		rc = eg_fail(err, EG_FATAL, "SIG-KEY",
		    "The signer at %.100s has another key than keys/gateway.pub.pem. Put its key.pub.pem there, or ask who changed it",
		    path);
	eg_buf_done(&answer);
	return rc;
}

int
signer_sign(const char *socket_path, const struct sign_key *key, struct eg_bytes v, unsigned char ret[SIGN_ED25519_LEN],
    struct eg_err *err)
{
	struct eg_buf question = EG_BUF_INIT;
	int rc;

	if (v.len > SIGNER_MESSAGE_MAX - 8)
		return eg_fail(err, EG_BADFILE, "SIGNER-NO", "%zu bytes are more than the signer signs at once", v.len);
	eg_buf_str(&question, "sign\n");
	eg_buf_add(&question, v);
	rc = take_signature(socket_path, key, eg_buf_view(&question), v, ret, err);
	eg_buf_done(&question);
	return rc;
}

int
signer_last(const char *socket_path, struct log_checkpoint *ret, struct eg_err *err)
{
	struct eg_buf answer = EG_BUF_INIT;
	struct eg_bytes text, size;
	int rc = ask(socket_path, EG_LIT("head\n"), "head", &answer, &text, err);

	*ret = (struct log_checkpoint){ .size = 0 };
	if (rc == EG_OK && (!eg_bytes_cut(&text, ' ', &size) || !eg_bytes_to_u64(size, &ret->size) ||
			       (!eg_bytes_is(text, "-") && !log_get_base64(text, ret->root, EG_SHA256_LEN))))
		rc = no_answer(err, socket_path, EPROTO);
	eg_buf_done(&answer);
	return rc;
}

int
signer_publish(const char *socket_path, const struct sign_key *key, struct eg_bytes body, const struct log_proof *proof,
    unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err)
{
	struct eg_buf question = EG_BUF_INIT;
	int rc;

	eg_buf_printf(&question, "publish %u\n", proof->n);
	for (unsigned i = 0; i < proof->n; i++) {
		log_put_base64(&question, proof->hash[i], EG_SHA256_LEN);
		eg_buf_chr(&question, '\n');
	}
	eg_buf_chr(&question, '\n');
	eg_buf_add(&question, body);
	rc = take_signature(socket_path, key, eg_buf_view(&question), body, ret, err);
	eg_buf_done(&question);
	return rc;
}

int
signer_head(struct spool *s, const struct sign_key *key, struct eg_bytes body, const struct log_checkpoint *head,
    unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err)
{
	const char *path = sign_key_socket(key);
	struct log_proof proof = { .n = 0 };
	struct log_checkpoint last;
	int rc = signer_last(path, &last, err);

	if (rc < 0)
		return rc;
	if (last.size > head->size)
		return eg_fail(err, EG_FATAL, "LOG-FORK",
		    "The signer has signed a head of %" PRIu64 " entries, and this log has only %" PRIu64
		    ": an older state of the site was put back. Nothing was signed. Put the newer state back; if it is lost: "
		    "docs/roles/admin.md, \"A signer of its own\"",
		    last.size, head->size);
	if (last.size > 0 && last.size < head->size)
		rc = log_prove_consistency(s, head->size, last.size, head->size, &proof, err);
	return rc < 0 ? rc : signer_publish(path, key, body, &proof, ret, err);
}
