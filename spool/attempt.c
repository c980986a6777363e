/* SPDX-License-Identifier: MIT
 *
 * The note is one line of fixed length, "R 00 00\n": R being worked on, X ended by a fault, - at rest; then the two counts. The handler of faults writes its first byte
 * and nothing else, so it needs no memory and no lock.
 */
#include "spool/attempt.h"

#include "base/fs.h"

#include <signal.h>
#include <unistd.h>

#define NOTE_LEN 8
#define COUNT_MAX 99U
#define STACK_LEN 65536U

static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
#define NFAULTS (sizeof(faults) / sizeof(faults[0]))

static volatile sig_atomic_t note_fd = -1;
static struct spool_attempts before;
static struct sigaction was[NFAULTS];
static unsigned char stack[STACK_LEN]; /* a fault may be that the other one is full */

static void
on_fault(int sig)
{
	if (note_fd >= 0)
		(void)!pwrite(note_fd, "X", 1, 0);
	for (size_t i = 0; i < NFAULTS; i++)
		if (faults[i] == sig)
			(void)sigaction(sig, &was[i], NULL);
	(void)raise(sig);
}

static void
watch_faults(bool on)
{
	struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
	stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };

	(void)sigemptyset(&sa.sa_mask);
	if (on)
		(void)sigaltstack(&own, NULL);
	for (size_t i = 0; i < NFAULTS; i++)
		(void)sigaction(faults[i], on ? &sa : &was[i], on ? &was[i] : NULL);
}

static unsigned
count_of(const unsigned char *p)
{
	return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ? (unsigned)(p[0] - '0') * 10 + (p[1] - '0') :
	                                                                  0;
}

/* A note that is cut or strange counts for nothing: it was never synced. */
static struct spool_attempts
read_note(int fd)
{
	unsigned char text[NOTE_LEN] = "";
	struct spool_attempts a = { 0, 0 };

	if (pread(fd, text, sizeof(text), 0) != NOTE_LEN || text[NOTE_LEN - 1] != '\n')
		return a;
	a.crashed = count_of(text + 2) + (text[0] == 'X');
	a.killed = count_of(text + 5) + (text[0] == 'R');
	return a;
}

static void
write_note(int fd, char state, struct spool_attempts a)
{
	char text[NOTE_LEN + 1];

	(void)snprintf(text, sizeof(text), "%c %02u %02u\n", state, a.crashed < COUNT_MAX ? a.crashed : COUNT_MAX,
	    a.killed < COUNT_MAX ? a.killed : COUNT_MAX);
	(void)!pwrite(fd, text, NOTE_LEN, 0); /* on a full disk nothing is counted: it is not the job's doing either */
}

int
spool_attempt_begin(struct spool *s, const char *id, struct spool_attempts *ret, struct eg_err *err)
{
	char *path = eg_xprintf("%s/attempt", id);
	int fd = -1, rc;

	eg_check(note_fd < 0);
	*ret = (struct spool_attempts){ 0, 0 };
	rc = eg_fs_note_open(s->work, path, &fd, err);
	if (rc == EG_OK) {
		*ret = before = read_note(fd);
		write_note(fd, 'R', before);
		note_fd = fd;
		watch_faults(true);
	}
	free(path);
	return rc;
}

void
spool_attempt_end(bool done)
{
	int fd = note_fd;

	if (fd < 0)
		return;
	watch_faults(false);
	write_note(fd, '-', done ? (struct spool_attempts){ 0, 0 } : before);
	note_fd = -1;
	eg_fd_done(&fd);
}

void
spool_attempt_forget(void)
{
	if (note_fd < 0)
		return;
	note_fd = -1;
	watch_faults(false);
}
