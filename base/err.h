/* SPDX-License-Identifier: MIT
 *
 * Errors say what the caller does next. Every function that can fail returns a class and fills a `struct eg_err` (the
 * last parameter, owned by the caller, never NULL) only on failure; outputs are written only on success.
 * An error is set once, where the fault is seen; upper layers may add a position or a file name, never another code.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdint.h>

enum eg_class {
	EG_OK = 0,
	EG_EOF = 1, /* no more: not a failure */
	EG_BADREC = -1, /* this record is bad, the stream is still in step */
	EG_BADFILE = -2, /* cannot go on with this input: refuse it with a reason */
	EG_RETRY = -3, /* the environment (disk full, busy, memory): keep it and try later */
	EG_FATAL = -4, /* our own state cannot be trusted: stop, say so, wait for a person */
};

struct eg_pos {
	uint64_t off; /* bytes from the start of the file (zip member: of the unpacked member) */
	uint64_t line; /* physical line, first is 1; a line ends at LF. 0 = unknown */
	uint32_t col; /* character in the line, first is 1. 0 = unknown */
};

#define EG_CODE_MAX 24
#define EG_FIELD_MAX 96
#define EG_MSG_MAX 400

struct eg_err {
	enum eg_class cls;
	char code[EG_CODE_MAX]; /* stable and documented: "F-03", "DISK-FULL", "CONF-KEY" */
	int sys; /* errno, or 0 */
	struct eg_pos pos;
	char field[EG_FIELD_MAX]; /* column, element path or key; empty if none */
	char msg[EG_MSG_MAX]; /* for a person; holds no raw control characters */
};

#define EG_MUSTCHECK __attribute__((warn_unused_result))
#define EG_PRINTF(a, b) __attribute__((format(printf, a, b)))

/* Fills err and returns cls. Control characters coming in through arguments are shown as \xNN. Always terminated. */
int eg_fail(struct eg_err *err, enum eg_class cls, const char *code, const char *fmt, ...) EG_PRINTF(4, 5);
/* The same with errno's text behind the message (": No space left on device") and err->sys set. ENOSPC, EDQUOT, EMFILE,
 * ENFILE, ENOMEM, EINTR, EAGAIN and EBUSY make it EG_RETRY whatever cls says; EIO and EROFS make it EG_FATAL. */
int eg_fail_sys(struct eg_err *err, enum eg_class cls, const char *code, int sys, const char *fmt, ...) EG_PRINTF(5, 6);
/* Adds a place to an error that has none yet. */
void eg_err_at(struct eg_err *err, struct eg_pos pos);

/* A programmer's mistake: prints file, line and text to stderr and aborts, also in release builds. */
#define eg_bug(...) eg_bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void eg_bug_at(const char *file, int line, const char *fmt, ...) EG_PRINTF(3, 4);
#define eg_check(cond) ((cond) ? (void)0 : eg_bug("check failed: %s", #cond))

#endif
