/* SPDX-License-Identifier: MIT
 *
 * Running numbers of expected files: after 11 comes 12. What is skipped is told (gap), what comes twice is told (repeat), what comes after all is logged (came-late).
 * The content is only searched for bytes, never parsed: the number's own place is what the setting says stands before and behind it.
 */
#include "gateway/expect.h"

#include "base/fs.h"
#include "gateway/store/store_expect.h"
#include "gateway/turn.h"
#include "spool/spool.h"

#include <inttypes.h>
#include <jansson.h>
#include <unistd.h>

#define CONTENT_MAX 65536 /* bytes looked through for a number: it stands in a header */

/* The first bytes of a file; fewer when it is shorter. */
static size_t
head_of(int fd, unsigned char *ret, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, ret + got, n - got, (off_t)got);
		if (r <= 0)
			break;
		got += (size_t)r;
	}
	return got;
}

int
expect_content_number(
    struct site *s, const struct expect *e, const struct drop_row *d, int64_t *ret, struct eg_err *err)
{
	struct eg_arena a;
	uint64_t n;
	int fd = -1, rc;

	*ret = -1;
	eg_arena_init(&a, 1 << 18);
	if (d->bundle == NULL)
		rc = spool_open_raw(&s->spool, d->id, &fd, err);
	else
		rc = turn_original(s, d, &a, &fd, err);
	if (rc == EG_OK) {
		unsigned char *bytes = eg_xalloc(CONTENT_MAX);
		size_t len = head_of(fd, bytes, CONTENT_MAX);
		if (expect_number(eg_bytes(bytes, len), e->before, e->after, &n))
			*ret = (int64_t)n;
		free(bytes);
	}
	eg_fd_done(&fd);
	eg_arena_done(&a);
	return rc;
}

static int
by_number(const void *pa, const void *pb)
{
	const struct expect_arrival *a = pa, *b = pb;
	int c = (a->number > b->number) - (a->number < b->number);

	return c != 0 ? c : strcmp(a->drop, b->drop);
}

static int
tell_repeat(
    struct site *s, const struct expect *e, const struct expect_arrival *v, const char *before, struct eg_err *err)
{
	char *msg = eg_xprintf(
	    "Number %" PRId64
	    " of %s came twice: in drop %s and now in %s (%s). The file was read as usual. Ask the sender which of the two is meant; if its numbers began anew, give the expectation a new name.",
	    v->number, e->name, before, v->drop, v->file);
	struct expect_told t = {
		.event = "repeat", .code = "F-76", .about = v->file, .message = msg, .drop = v->drop, .line = 1
	};
	int rc = expect_tell(s, e, &t,
	    json_pack("{s:I,s:s,s:s}", "number", (json_int_t)v->number, "drop", v->drop, "first", before), err);

	free(msg);
	return rc;
}

static int
tell_gap(struct site *s, const struct expect *e, const struct expect_arrival *v, int64_t from, int64_t to,
    struct eg_err *err)
{
	char *which = from == to ?
	                  eg_xprintf("Number %" PRId64, from) :
	                  eg_xprintf("%" PRId64 " numbers, %" PRId64 " to %" PRId64 ",", to - from + 1, from, to);
	char *msg = eg_xprintf(
	    "%s of %s %s missing: after %" PRId64 " came %" PRId64
	    " (%s, drop %s). Ask the sender to send what is missing; it is taken as always and logged as late. See: erpgate expect",
	    which, e->name, from == to ? "is" : "are", from - 1, v->number, v->file, v->drop);
	char *once = eg_xprintf("expect/%s/number/%" PRId64, e->name, v->number);
	struct expect_told t = { .event = "gap",
		.code = "F-76",
		.about = v->file,
		.message = msg,
		.drop = v->drop,
		.line = 1,
		.once = once };
	int rc = expect_tell(s, e, &t,
	    json_pack("{s:I,s:I,s:I,s:s}", "from", (json_int_t)from, "to", (json_int_t)to, "number",
		(json_int_t)v->number, "drop", v->drop),
	    err);

	free(once);
	free(msg);
	free(which);
	return rc;
}

/* What is behind the last number leaves a gap, what is in front of it fills one or comes from before the beginning. */
static int
one_number(struct site *s, const struct expect *e, const struct expect_arrival *v, struct eg_err *err)
{
	struct eg_arena a;
	const char *before;
	int64_t last, below = -1;
	int rc = expected_number_last(s->store, e->name, &last, err);

	eg_arena_init(&a, 1 << 14);
	if (rc == EG_OK)
		rc = expected_number_add(s->store, e->name, v->number, v->drop, &a, &before, err);
	if (rc == EG_OK && before != NULL)
		rc = tell_repeat(s, e, v, before, err);
	else if (rc == EG_OK && last >= 0 && v->number > last + 1)
		rc = tell_gap(s, e, v, last + 1, v->number - 1, err);
	else if (rc == EG_OK && v->number < last)
		rc = expected_number_below(s->store, e->name, v->number, &below, err);
	if (rc == EG_OK && before == NULL) {
		struct expect_told t = { .event = below >= 0 ? "came-late" : "came" };
		rc = expect_tell(
		    s, e, &t, json_pack("{s:I,s:s}", "number", (json_int_t)v->number, "drop", v->drop), err);
	}
	eg_arena_done(&a);
	return rc;
}

int
expect_numbers(struct site *s, const struct expect *e, struct expect_arrival *v, size_t n, struct eg_err *err)
{
	int rc = EG_OK;

	if (n > 0)
		qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		rc = one_number(s, e, &v[i], err);
	return rc;
}
