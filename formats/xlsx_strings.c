/* SPDX-License-Identifier: MIT
 *
 * The table of texts that cells refer to by number. It is held whole, because any cell may name any of them: at most EG_LIMIT_STRINGS texts
 * of EG_LIMIT_STRINGS_BYTES together, more is refused. Runs of rich text are joined, phonetic hints left out.
 */
#include "base/limits.h"
#include "formats/xlsx_int.h"

struct strings {
	struct fmt_xstrings *ret;
	struct fmt_xmlp *p;
	bool in_item, in_run, in_text;
	struct eg_buf text; /* of the item at hand, still escaped */
};

static void
on_start(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct strings *x = ctx;
	const unsigned depth = x->p->depth;

	(void)attrs, (void)ev;
	if (depth == 2) {
		x->in_item = strcmp(name, "si") == 0;
		eg_buf_clear(&x->text);
	}
	if (depth == 3)
		x->in_run = x->in_item && strcmp(name, "r") == 0;
	x->in_text = x->in_item && strcmp(name, "t") == 0 && (depth == 3 || (depth == 4 && x->in_run));
}

static void
on_text(void *ctx, struct eg_bytes text)
{
	struct strings *x = ctx;

	if (x->in_text)
		eg_buf_add(&x->text, text);
}

static void
add(struct strings *x, const struct fmt_xscan_event *ev)
{
	struct fmt_xstrings *s = x->ret;

	fmt_xlsx_unescape(eg_buf_view(&x->text), &s->text);
	if (x->text.full || s->text.full || s->n == EG_LIMIT_STRINGS) {
		eg_fail(&x->p->err, EG_BADFILE, "LIMIT-STRINGS",
		    "It holds more than %u different texts, or more than %zu MiB of them. Send it in parts, or as CSV.",
		    EG_LIMIT_STRINGS, EG_LIMIT_STRINGS_BYTES >> 20);
		fmt_xmlp_fail(x->p, ev->begin);
		return;
	}
	if (s->n == s->cap) {
		s->cap = s->cap * 2 + 256;
		s->ends = eg_xrealloc(s->ends, s->cap * sizeof *s->ends);
	}
	s->ends[s->n++] = (uint32_t)s->text.len;
}

static void
on_end(void *ctx, const struct fmt_xscan_event *ev)
{
	struct strings *x = ctx;

	x->in_text = false;
	if (x->p->depth == 2 && x->in_item)
		add(x, ev);
}

int
fmt_xlsx_strings(struct fmt_book *b, struct eg_bytes part, struct eg_err *err)
{
	static const struct fmt_xml_hooks hooks = { on_start, on_text, on_end };
	struct strings x = { .ret = &b->strings, .text = { .max = EG_LIMIT_TEXT_BYTES } };
	int rc;

	b->strings.text.max = EG_LIMIT_STRINGS_BYTES;
	rc = fmt_xlsx_walk(b, part, &hooks, &x, &x.p, err);
	eg_buf_done(&x.text);
	return rc;
}
