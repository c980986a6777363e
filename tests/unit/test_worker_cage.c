/* SPDX-License-Identifier: MIT
 *
 * That the confinement holds: what a worker may not do ends it, also on kernels that lack a layer.
 */
#include "tests/unit/worker_kit.h"

#ifndef EG_SANITIZED

/* ---- confinement ---- */

static int leaked = -1; /* a descriptor of the core */

CHILD(opens)
{
	(void)job;
	return open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(makes_a_file)
{
	(void)job;
	return open("/tmp/erpgate-test-escaped", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? say_end(o, err) :
	                                                                                      EG_FATAL;
}

CHILD(connects)
{
	(void)job;
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(forks)
{
	(void)job;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(executes)
{
	char *const argv[] = { NULL };

	(void)job;
	(void)o;
	(void)err;
	(void)execve("/bin/true", argv, argv);
	return EG_FATAL;
}

CHILD(kills)
{
	(void)job;
	return kill(getppid(), 0) == 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(unlinks)
{
	(void)job;
	return unlink("/tmp/erpgate-test-nothing") == 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(runs_made_code)
{
	(void)job;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ?
	           say_end(o, err) :
	           EG_FATAL;
}

CHILD(copies_a_descriptor)
{
	(void)job;
	return dup(o->fd) >= 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(signals)
{
	(void)job;
	return syscall(SYS_tgkill, getppid(), getppid(), SIGABRT) == 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(computes_for_ever)
{
	(void)job;
	(void)o;
	(void)err;
	for (volatile uint64_t n = 0; n < UINT64_MAX; n++)
		;
	return EG_FATAL;
}

static const struct liar escapes[] = {
	{ "executable memory", runs_made_code, "tried something it may not do" },
	{ "dup", copies_a_descriptor, "tried something it may not do" },
	{ "tgkill", signals, "tried something it may not do" },
	{ "open", opens, "tried something it may not do" },
	{ "open a new file", makes_a_file, "tried something it may not do" },
	{ "socket", connects, "tried something it may not do" },
	{ "fork", forks, "tried something it may not do" },
	{ "execve", executes, "tried something it may not do" },
	{ "kill", kills, "tried something it may not do" },
	{ "unlink", unlinks, "tried something it may not do" },
};

static void
test_confinement(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;
		struct worker_sink sink = told(&b);
		int rc = parent_read(escapes[i].child, &k->s, -1, 1, "procore", "x.csv", &sink, &k->err);

		if (rc != EG_BADFILE || strcmp(k->err.code, "WORKER") != 0 ||
		    strstr(k->err.msg, escapes[i].says) == NULL)
			fail_msg("%s: %d %s %s", escapes[i].name, rc, k->err.code, k->err.msg);
		eg_buf_done(&b);
	}
	assert_int_equal(access("/tmp/erpgate-test-escaped", F_OK), -1);
	gate_close(k);
}

/* Ends by the limit on computing time, not by the core's patience. */
static void
test_computing_time(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct eg_buf b = EG_BUF_INIT;
	struct worker_sink sink = told(&b);
	int rc = parent_read(computes_for_ever, &k->s, -1, 1, "procore", "x.csv", &sink, &k->err);

	(void)state;
	assert_int_equal(rc, EG_BADFILE);
	assert_string_equal(k->err.code, "WORKER");
	assert_non_null(strstr(k->err.msg, "more than the allowed computing time"));
	eg_buf_done(&b);
	gate_close(k);
}

/* ---- kernels that lack a layer ---- */

/* What confine says on such a kernel, and then what becomes of a process that opens a file: 0 it could, 1 it was refused, 2 it was ended; 9 = not confined. */
static int
confined_elsewhere(struct confine_kernel kernel, enum confine_mode mode, char *ret_said, size_t size)
{
	int status = 0, p[2];
	struct eg_err err = { 0 };

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int rc = confine(&kernel, mode, 1, &err);
		if (rc != EG_OK && write(p[1], err.msg, strlen(err.msg)) > 0)
			_exit(strcmp(err.code, "SANDBOX") == 0 && rc == EG_FATAL ? 9 : 8);
		_exit(open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : 1);
	}
	close(p[1]);
	ssize_t n = read(p[0], ret_said, size - 1);
	ret_said[n > 0 ? n : 0] = '\0';
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 2 : WEXITSTATUS(status);
}

static void
test_other_kernels(void **state)
{
	struct confine_kernel here;
	char said[1024];

	(void)state;
	confine_ask(&here);
	if (here.landlock_abi == 0)
		skip();
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		int outcome = confined_elsewhere(kernels[i].kernel, kernels[i].mode, said, sizeof(said));

		if (outcome != kernels[i].outcome || strstr(said, kernels[i].says) == NULL)
			fail_msg("%s: %d %s", kernels[i].name, outcome, said);
		if (outcome == 9)
			assert_non_null(strstr(said, "erpgate config set worker.sandbox weak"));
	}
}

static void
test_proof(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	kit_good(k, worker_proof(&k->s, &k->err));
	gate_close(k);
}

/* What a worker may do, and what of the core's it does not have. */
CHILD(lives_as_it_may)
{
	unsigned char buf[4];
	char *p = malloc(8 << 20);
	char *too_much = malloc((size_t)1 << 30);
	bool good = p != NULL && too_much == NULL && pread(job->fd, buf, sizeof(buf), 0) == 4;

	good = good && write(leaked, "x", 1) < 0 && errno == EBADF;
	free(too_much);
	free(p);
	return good ? say_end(o, err) : eg_fail(err, EG_FATAL, "TEST", "it has more, or less, than it should");
}

static void
test_what_is_left(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct eg_buf b = EG_BUF_INIT;
	struct worker_sink sink = told(&b);
	int fd = gate_fd(EG_LIT("abcd"));

	(void)state;
	leaked = gate_fd(EG_NONE);
	kit_good(k, parent_read(lives_as_it_may, &k->s, fd, 4, "procore", "x.csv", &sink, &k->err));
	close(leaked);
	close(fd);
	eg_buf_done(&b);
	gate_close(k);
}

#else
/* The sanitizers need calls that the confinement ends a child for. */
static void
test_not_here(void **state)
{
	(void)state;
	print_message("skipped: no confinement under the sanitizers\n");
	skip();
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef EG_SANITIZED
		cmocka_unit_test(test_confinement),
		cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_computing_time),
		cmocka_unit_test(test_other_kernels),
		cmocka_unit_test(test_proof),
#else
		cmocka_unit_test(test_not_here),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
