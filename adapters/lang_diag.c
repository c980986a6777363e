/* SPDX-License-Identifier: MIT
 *
 * What the checker says: a code, a place (line, character column, the line itself for the caret), a sentence, and a suggestion where there is one.
 * All texts of a diag live as long as the set. Past ADL_DIAGS_MAX faults are only counted.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

#include <stdarg.h>

static uint32_t
column(const struct adl_comp *c, const unsigned char *at)
{
	struct eg_bytes w = c->at.whole;

	if (at == NULL || w.ptr == NULL || at < w.ptr || at > w.ptr + w.len)
		return 1;
	return (uint32_t)eg_utf8_count(eg_bytes(w.ptr, (size_t)(at - w.ptr))) + 1;
}

static const char *format(struct adl_comp *c, const char *fmt, va_list ap) EG_PRINTF(2, 0);

static const char *
format(struct adl_comp *c, const char *fmt, va_list ap)
{
	struct eg_buf raw = EG_BUF_INIT, clean = EG_BUF_INIT;

	eg_buf_vprintf(&raw, fmt, ap);
	eg_buf_escaped(&clean, eg_buf_view(&raw));
	const char *ret = adl_cstr(c->set, eg_buf_view(&clean));
	eg_buf_done(&raw);
	eg_buf_done(&clean);
	return ret;
}

static void
tell(struct adl_comp *c, const struct adp_diag *d)
{
	if (d->error && c->nerrors++ == 0) {
		eg_fail(c->err, EG_BADFILE, d->code, "%s:%u:%u: %s%s%s", c->file, d->line, d->col, d->msg,
		    d->hint != NULL ? " " : "", d->hint != NULL ? d->hint : "");
		c->err->pos = (struct eg_pos){ .line = d->line, .col = d->col };
	}
	if (c->diag != NULL && c->ndiags++ < ADL_DIAGS_MAX)
		c->diag(c->diag_ctx, d);
}

static struct adp_diag
make(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, bool error)
{
	struct adp_diag d = { .file = c->file,
		.line = c->at.line,
		.col = column(c, at),
		.error = error,
		.hint = hint,
		.source_line = adl_cstr(c->set, c->at.whole) };

	snprintf(d.code, sizeof d.code, "%s", code);
	return d;
}

void
adl_error(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, const char *fmt, ...)
{
	struct adp_diag d = make(c, at, code, hint, true);
	va_list ap;

	va_start(ap, fmt);
	d.msg = format(c, fmt, ap);
	va_end(ap);
	tell(c, &d);
}

void
adl_warn(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, const char *fmt, ...)
{
	struct adp_diag d = make(c, at, code, hint, false);
	va_list ap;

	va_start(ap, fmt);
	d.msg = format(c, fmt, ap);
	va_end(ap);
	tell(c, &d);
}

void
adl_advise(struct adl_comp *c, const unsigned char *at, const char *code, const char *hint, const char *fmt, ...)
{
	struct adp_diag d = make(c, at, code, hint, false);
	va_list ap;

	va_start(ap, fmt);
	d.msg = format(c, fmt, ap);
	va_end(ap);
	d.advice = true;
	tell(c, &d);
}

const char *
adl_hint(struct adl_comp *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	const char *ret = format(c, fmt, ap);
	va_end(ap);
	return ret;
}

void
adl_suggest_init(struct adl_suggest *s, struct eg_bytes word)
{
	s->word = word;
	s->n = 0;
}

#define WORD_MAX 128U

/* ASCII letters in lower case: a word in the wrong case is the nearest of all. */
static struct eg_bytes
lower(struct eg_bytes v, unsigned char buf[WORD_MAX])
{
	size_t n = v.len < WORD_MAX ? v.len : WORD_MAX;

	for (size_t i = 0; i < n; i++)
		buf[i] = v.ptr[i] >= 'A' && v.ptr[i] <= 'Z' ? (unsigned char)(v.ptr[i] + 32) : v.ptr[i];
	return eg_bytes(buf, n);
}

void
adl_suggest_add(struct adl_suggest *s, struct eg_bytes candidate)
{
	if (s->n < ADL_SUGGEST_MAX)
		s->candidate[s->n++] = candidate;
}

const char *
adl_suggest_hint(struct adl_comp *c, const struct adl_suggest *s)
{
	unsigned best = s->word.len <= 2 ? 2 : s->word.len <= 7 ? 3 : 4; /* as far as this is another word */
	unsigned char a[WORD_MAX], b[WORD_MAX];
	struct eg_bytes found = { 0 }, word = lower(s->word, a);

	for (size_t i = 0; i < s->n && best > 0 && word.len > 0; i++) {
		unsigned d = eg_bytes_distance(word, lower(s->candidate[i], b), best);
		if (d < best) {
			best = d;
			found = s->candidate[i];
		}
	}
	return found.ptr != NULL ? adl_hint(c, "did you mean \"%.*s\"?", EG_FMT(found)) : NULL;
}

static const char *
all_of(struct adl_comp *c, const char *const *list)
{
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; list[i] != NULL; i++) {
		eg_buf_str(&b, i == 0 ? "one of: " : ", ");
		eg_buf_str(&b, list[i]);
	}
	const char *ret = adl_cstr(c->set, eg_buf_view(&b));
	eg_buf_done(&b);
	return ret;
}

int
adl_one_of(struct adl_comp *c, struct eg_bytes word, const char *const *list, const char *code, const char *what)
{
	struct adl_suggest s;
	int i;

	adl_suggest_init(&s, word);
	for (i = 0; list[i] != NULL; i++) {
		if (eg_bytes_is(word, list[i]))
			return i;
		adl_suggest_add(&s, eg_bytes_str(list[i]));
	}
	const char *hint = adl_suggest_hint(c, &s);
	adl_error(
	    c, word.ptr, code, hint != NULL ? hint : all_of(c, list), "There is no %s \"%.*s\".", what, EG_FMT(word));
	return -1;
}
