/* SPDX-License-Identifier: MIT
 *
 * The promises that all readers make about their failures, and inputs of several parts. See fuzz.h.
 */
#include "tests/fuzz/fuzz.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
fuzz_broken(const char *file, int line, const char *promise)
{
	(void)fprintf(stderr, "%s:%d: promise broken: %s\n", file, line, promise);
	abort();
}

void
fuzz_sentence(const char *text)
{
	struct eg_bytes v = eg_bytes_str(text);

	fuzz_need(v.len > 0, "a message is not empty");
	fuzz_need(eg_utf8_valid(v) == v.len, "a message is UTF-8");
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < 0x20 || v.ptr[i] == 0x7f)
			fuzz_broken(__FILE__, __LINE__, text);
}

void
fuzz_code(const char *code)
{
	fuzz_need(code[0] >= 'A' && code[0] <= 'Z', "a code begins with a capital");
	for (const char *p = code; *p != '\0'; p++)
		fuzz_need((*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '-',
		    "a code has capitals, digits and '-' only");
}

void
fuzz_failure(int rc, const struct eg_err *err, struct eg_bytes input, bool lines)
{
	uint64_t n = 1;

	fuzz_need(rc < 0 && rc >= EG_FATAL && (int)err->cls == rc, "a failure returns its class");
	fuzz_need(memchr(err->code, '\0', sizeof(err->code)) != NULL, "a code is terminated");
	fuzz_need(memchr(err->msg, '\0', sizeof(err->msg)) != NULL, "a message is terminated");
	fuzz_code(err->code);
	fuzz_sentence(err->msg);
	if (!lines)
		return;
	for (size_t i = 0; i < input.len; i++)
		n += input.ptr[i] == '\n';
	fuzz_need(err->pos.off <= input.len, "the place of a failure lies within the input");
	fuzz_need(err->pos.line >= 1 && err->pos.line <= n, "the line of a failure is one of the input");
	fuzz_need(err->pos.col <= input.len + 1, "the column of a failure lies within the input");
}

bool
fuzz_same_failure(const struct eg_err *a, const struct eg_err *b)
{
	const bool same = a->cls == b->cls && strcmp(a->code, b->code) == 0 && strcmp(a->msg, b->msg) == 0 &&
	                  a->pos.off == b->pos.off && a->pos.line == b->pos.line && a->pos.col == b->pos.col;

	if (!same)
		(void)fprintf(stderr, "%s at %ju: %s\n%s at %ju: %s\n", a->code, (uintmax_t)a->pos.off, a->msg, b->code,
		    (uintmax_t)b->pos.off, b->msg);
	return same;
}

/* Length of the line end and mark of a part at the start of v, 0 when there is none. */
static size_t
mark_at(struct eg_bytes v, bool first)
{
	if (first && eg_bytes_starts(v, EG_LIT("=== ")))
		return 4;
	return eg_bytes_starts(v, EG_LIT("\n=== ")) ? 5 : 0;
}

bool
fuzz_part(struct eg_bytes *rest, struct fuzz_part *ret)
{
	struct eg_bytes v = *rest;
	size_t mark = mark_at(v, true), end;

	if (v.ptr == NULL)
		return false;
	v = eg_bytes_sub(v, mark, v.len);
	ret->name = EG_NONE;
	if (mark > 0) {
		size_t line = eg_bytes_chr(v, '\n');
		ret->name = eg_bytes_sub(v, 0, line);
		v = eg_bytes_sub(v, line + (line < v.len), v.len);
	}
	bool empty = mark > 0 && mark_at(v, true) == 4;
	end = empty ? 0 : eg_bytes_find(v, EG_LIT("\n=== "));
	ret->content = eg_bytes_sub(v, 0, end);
	*rest = end < v.len ? eg_bytes_sub(v, end + (empty ? 0 : 1), v.len) : EG_NONE;
	return true;
}

size_t
fuzz_head_word(struct eg_bytes *input, const char *const *words, size_t n, struct eg_bytes *ret_rest)
{
	size_t line = eg_bytes_chr(*input, '\n');
	struct eg_bytes head = eg_bytes_sub(*input, 0, line);
	size_t blank = eg_bytes_chr(head, ' ');

	*ret_rest = EG_NONE;
	for (size_t i = 0; i < n; i++)
		if (line < input->len && eg_bytes_is(eg_bytes_sub(head, 0, blank), words[i])) {
			*ret_rest = eg_bytes_sub(head, blank + 1, head.len);
			*input = eg_bytes_sub(*input, line + 1, input->len);
			return i;
		}
	return n;
}
