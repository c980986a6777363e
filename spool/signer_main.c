/* SPDX-License-Identifier: MIT
 *
 * erpgate-signer: holds the key that signs archive and log, as a user of its own (spool/signer.h says what it signs).
 *
 *	erpgate-signer init DIR                                    a new key in DIR
 *	erpgate-signer serve DIR --user NAME|UID [--socket PATH]   answers that user; the socket comes from systemd, or is made at PATH
 *	erpgate-signer head DIR                                    the last head that was signed
 *	erpgate-signer forget DIR                                  any head may follow: for a site that was put back from a backup
 *
 * Whoever else connects is refused, by what the kernel says of the peer. What was asked and done goes to standard error, a line each: systemd keeps it where the site cannot reach it.
 * Exit codes: 0, 64 usage, 66 no such folder or key, 71 the socket cannot be had, 78 its files are not what was written.
 */
#include "base/fs.h"
#include "spool/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ONE_PEER_MS 10000 /* for a whole question: one asker cannot keep the next from asking for longer */
#define LISTENERS 16

static volatile sig_atomic_t ending;

static void
end_soon(int signal_number)
{
	(void)signal_number;
	ending = 1;
}

static int
usage(void)
{
	(void)fprintf(
	    stderr, "Use: erpgate-signer init DIR | serve DIR --user NAME [--socket PATH] | head DIR | forget DIR\n");
	return 64;
}

static int
failed(const struct eg_err *err, int code)
{
	(void)fprintf(stderr, "erpgate-signer: %s (%s)\n", err->msg, err->code);
	return code;
}

/* ---- one question ---- */

static int64_t
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the peer has closed its half. false: too slow, too much, or gone. */
static bool
read_question(int fd, struct eg_buf *ret)
{
	int64_t ends = now_ms() + ONE_PEER_MS, left = ONE_PEER_MS;
	static unsigned char chunk[65536];

	while (left > 0 && ret->len <= SIGNER_MESSAGE_MAX) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, (int)left) > 0) {
			ssize_t n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
			if (n == 0)
				return true;
			if (n > 0)
				eg_buf_put(ret, chunk, (size_t)n);
			else if (errno != EINTR && errno != EAGAIN)
				return false;
		}
		left = ends - now_ms();
	}
	return false;
}

static void
serve_peer(struct signer *g, int fd, uid_t user)
{
	struct eg_buf question = EG_BUF_INIT, answer = EG_BUF_INIT, said = EG_BUF_INIT;
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0 || peer.uid != user) {
		eg_buf_str(&answer, "refused SIGNER-NO this user may not ask for signatures\n");
		eg_buf_str(&said, "refused: not the user that may ask");
	} else if (!read_question(fd, &question)) {
		eg_buf_str(
		    &answer, "refused SIGNER-NO the question did not come whole within ten seconds, or is too long\n");
		eg_buf_str(&said, "refused: a question that did not come whole");
	} else
		signer_answer(g, eg_buf_view(&question), &answer, &said);
	(void)send(fd, answer.ptr, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)fprintf(stderr, "uid %u, pid %d: %s\n", (unsigned)peer.uid, (int)peer.pid, eg_buf_cstr(&said));
	eg_buf_done(&question);
	eg_buf_done(&answer);
	eg_buf_done(&said);
}

/* ---- the socket ---- */

/* systemd's, as descriptor 3. */
static int
given_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int64_t n = 0;

	if (pid == NULL || fds == NULL || !eg_bytes_to_i64(eg_bytes_str(pid), &n) || n != getpid() ||
	    strcmp(fds, "1") != 0)
		return -1;
	return 3;
}

/* Anybody may connect: who may ask is decided by what the kernel says of the peer. */
static int
made_socket(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	struct eg_err untold;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || n >= sizeof(at.sun_path))
		return -1;
	memcpy(at.sun_path, path, n + 1);
	if (eg_fs_exists(AT_FDCWD, path))
		(void)!eg_fs_unlink(AT_FDCWD, path, &untold);
	mode_t before = umask(0);
	bool good = bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, LISTENERS) == 0;
	(void)umask(before);
	if (good)
		return fd;
	(void)fprintf(stderr, "erpgate-signer: %s: %s\n", path, strerrordesc_np(errno));
	close(fd);
	return -1;
}

static int
serve(int dir, uid_t user, const char *path)
{
	const struct sigaction end = { .sa_handler = end_soon }; /* no SA_RESTART: accept returns */
	struct signer g;
	struct eg_err err;
	int fd;

	if (signer_open(dir, &g, &err) < 0)
		return failed(&err, strcmp(err.code, "SIGNER-HEAD") == 0 ? 78 : 66);
	fd = path != NULL ? made_socket(path) : given_socket();
	if (fd < 0) {
		signer_close(&g);
		(void)fprintf(stderr, "erpgate-signer: there is no socket: none from systemd, none made\n");
		return 71;
	}
	(void)sigaction(SIGTERM, &end, NULL);
	(void)sigaction(SIGINT, &end, NULL);
	(void)fprintf(stderr, "ready: answers uid %u; last head: %" PRIu64 " entries\n", (unsigned)user, g.last.size);
	while (ending == 0) {
		int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (peer < 0)
			continue;
		serve_peer(&g, peer, user);
		close(peer);
	}
	close(fd);
	signer_close(&g);
	return 0;
}

/* ---- its folder ---- */

static int
init(int dir)
{
	struct eg_err err;

	if (sign_key_make(dir, "key.pem", "key.pub.pem", &err) < 0)
		return failed(&err, 66);
	(void)printf(
	    "A key was made. Copy key.pub.pem to the site's keys/gateway.pub.pem, then: erpgate config set sign.socket PATH\n");
	return 0;
}

static int
tell_head(int dir, bool forget)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err err;
	int rc = eg_fs_exists(dir, "head") ? eg_fs_read_file(dir, "head", 4096, &text, &err) : EG_EOF;

	if (rc == EG_EOF)
		(void)printf("No head was signed yet.\n");
	else if (rc >= 0)
		(void)printf("%s", eg_buf_cstr(&text));
	if (rc >= 0 && rc != EG_EOF && forget) {
		rc = eg_fs_unlink(dir, "head", &err);
		if (rc >= 0)
			(void)printf(
			    "Forgotten: the next head may be any. Keep these lines; an auditor will ask for them.\n");
	}
	eg_buf_done(&text);
	return rc < 0 ? failed(&err, 66) : 0;
}

static bool
uid_of(const char *name, uid_t *ret)
{
	const struct passwd *pw = getpwnam(name);
	uint64_t n;

	if (pw != NULL)
		*ret = pw->pw_uid;
	else if (eg_bytes_to_u64(eg_bytes_str(name), &n) && n < UINT32_MAX)
		*ret = (uid_t)n;
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	const char *user = NULL, *path = NULL;
	struct eg_err err;
	uid_t uid = 0;
	int dir = -1, code = 64;

	if (argc < 3)
		return usage();
	for (int i = 3; i < argc; i += 2) {
		if (i + 1 < argc && strcmp(argv[i], "--user") == 0)
			user = argv[i + 1];
		else if (i + 1 < argc && strcmp(argv[i], "--socket") == 0)
			path = argv[i + 1];
		else
			return usage();
	}
	if (eg_fs_opendir(AT_FDCWD, argv[2], &dir, &err) < 0)
		return failed(&err, 66);
	if (strcmp(argv[1], "serve") == 0) {
		if (user == NULL || !uid_of(user, &uid))
			(void)fprintf(stderr, "erpgate-signer: say who may ask: --user NAME\n");
		else
			code = serve(dir, uid, path);
	} else if (argc == 3 && strcmp(argv[1], "init") == 0)
		code = init(dir);
	else if (argc == 3 && (strcmp(argv[1], "head") == 0 || strcmp(argv[1], "forget") == 0))
		code = tell_head(dir, strcmp(argv[1], "forget") == 0);
	else
		code = usage();
	eg_fd_done(&dir);
	return code;
}
