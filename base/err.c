/* SPDX-License-Identifier: MIT
 *
 * Filling `struct eg_err` and the end of the line for programmer's mistakes. Allocates nothing: it must work when
 * memory is gone. Tests: tests/unit/test_bytes.c.
 */
#include "base/err.h"

#include "base/bytes.h"
#include "base/utf8.h"

#include <errno.h>

static void
put_code(char ret[EG_CODE_MAX], const char *code)
{
	size_t n = strnlen(code, EG_CODE_MAX - 1);

	memmove(ret, code, n); /* the code may be that of the same error */
	ret[n] = '\0';
}

static void EG_PRINTF(5, 0)
    fill(struct eg_err *err, enum eg_class cls, const char *code, int sys, const char *fmt, va_list ap)
{
	char text[2 * EG_MSG_MAX], why[128];
	int n = vsnprintf(text, sizeof(text) - sizeof(why), fmt, ap);
	size_t len;

	if (n < 0)
		text[0] = '\0';
	len = strlen(text);
	if (sys != 0) {
		const char *reason = strerror_r(sys, why, sizeof(why));
		size_t more = strnlen(reason, sizeof(why) - 3);

		memcpy(text + len, ": ", 2);
		memcpy(text + len + 2, reason, more);
		text[len + 2 + more] = '\0';
	}
	err->cls = cls;
	put_code(err->code, code);
	err->sys = sys;
	err->pos = (struct eg_pos){ 0, 0, 0 };
	err->field[0] = '\0';
	/* Arguments are foreign text: nothing that moves a cursor or hides text may reach a terminal through a message. */
	eg_utf8_shown_cut(eg_bytes_str(text), err->msg, sizeof(err->msg));
}

int
eg_fail(struct eg_err *err, enum eg_class cls, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, cls, code, 0, fmt, ap);
	va_end(ap);
	return (int)cls;
}

static enum eg_class
class_of(int sys, enum eg_class otherwise)
{
	switch (sys) {
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EINTR:
	case EAGAIN:
	case EBUSY:
		return EG_RETRY;
	case EIO:
	case EROFS:
		return EG_FATAL;
	default:
		return otherwise;
	}
}

int
eg_fail_sys(struct eg_err *err, enum eg_class cls, const char *code, int sys, const char *fmt, ...)
{
	va_list ap;

	cls = class_of(sys, cls);
	va_start(ap, fmt);
	fill(err, cls, code, sys, fmt, ap);
	va_end(ap);
	return (int)cls;
}

void
eg_err_at(struct eg_err *err, struct eg_pos pos)
{
	if (err->pos.off == 0 && err->pos.line == 0 && err->pos.col == 0)
		err->pos = pos;
}

void
eg_bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "erpgate: bug in %s:%d: ", file, line);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	abort();
}
