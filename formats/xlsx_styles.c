/* SPDX-License-Identifier: MIT
 *
 * Of a workbook's formats only one thing counts: whether a cell's number is shown as a date, a percentage or with leading zeros. Fonts,
 * colours and borders are passed over. Refuses more than EG_LIMIT_STYLES formats.
 */
#include "base/limits.h"
#include "formats/xlsx_int.h"

struct own { /* a number format of the workbook's own */
	uint32_t id;
	uint8_t show;
};

struct styles {
	struct fmt_book *b;
	struct fmt_xmlp *p;
	struct own *own;
	size_t nown, cap_own;
	uint32_t *ids; /* of each cell format, until all number formats are known */
	size_t n, cap;
	enum {
		IN_NOTHING = 0,
		IN_NUMBER_FORMATS,
		IN_CELL_FORMATS
	} in;
};

static uint32_t
id_of(const struct fmt_xml_attrs *attrs)
{
	uint64_t id;

	return eg_bytes_to_u64(fmt_xattr(attrs, "numFmtId"), &id) && id < UINT32_MAX ? (uint32_t)id : 0;
}

static bool
too_many(struct styles *x, size_t n, const struct fmt_xscan_event *ev)
{
	if (n < EG_LIMIT_STYLES)
		return false;
	eg_fail(&x->p->err, EG_BADFILE, "LIMIT-STYLES",
	    "It has more than %u cell formats. Copy the values into a new workbook and send that.", EG_LIMIT_STYLES);
	fmt_xmlp_fail(x->p, ev->begin);
	return true;
}

static void
add_own(struct styles *x, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct eg_buf code = EG_BUF_INIT;

	if (too_many(x, x->nown, ev))
		return;
	if (x->nown == x->cap_own) {
		x->cap_own = x->cap_own * 2 + 16;
		x->own = eg_xrealloc(x->own, x->cap_own * sizeof *x->own);
	}
	fmt_xattr_text(fmt_xattr(attrs, "formatCode"), &code);
	x->own[x->nown++] = (struct own){ id_of(attrs), fmt_xlsx_show_of_code(eg_buf_view(&code)) };
	eg_buf_done(&code);
}

static void
add_format(struct styles *x, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	if (too_many(x, x->n, ev))
		return;
	if (x->n == x->cap) {
		x->cap = x->cap * 2 + 16;
		x->ids = eg_xrealloc(x->ids, x->cap * sizeof *x->ids);
	}
	x->ids[x->n++] = id_of(attrs);
}

static void
on_start(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct styles *x = ctx;

	if (x->p->depth == 2)
		x->in = strcmp(name, "numFmts") == 0 ? IN_NUMBER_FORMATS :
		        strcmp(name, "cellXfs") == 0 ? IN_CELL_FORMATS :
		                                       IN_NOTHING;
	else if (x->p->depth == 3 && x->in == IN_NUMBER_FORMATS && strcmp(name, "numFmt") == 0)
		add_own(x, attrs, ev);
	else if (x->p->depth == 3 && x->in == IN_CELL_FORMATS && strcmp(name, "xf") == 0)
		add_format(x, attrs, ev);
}

static void
on_text(void *ctx, struct eg_bytes text)
{
	(void)ctx, (void)text;
}

static void
on_end(void *ctx, const struct fmt_xscan_event *ev)
{
	(void)ctx, (void)ev;
}

static int
by_id(const void *left, const void *right)
{
	const struct own *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

static void
resolve(struct styles *x)
{
	struct fmt_xstyles *ret = &x->b->styles;

	ret->show = eg_xalloc(x->n + 1);
	ret->n = x->n;
	if (x->nown > 0)
		qsort(x->own, x->nown, sizeof *x->own, by_id);
	for (size_t i = 0; i < x->n; i++) {
		const struct own key = { .id = x->ids[i] };
		const struct own *found = x->nown > 0 ? bsearch(&key, x->own, x->nown, sizeof key, by_id) : NULL;

		ret->show[i] = found != NULL ? found->show : fmt_xlsx_show_of_id(x->ids[i]);
	}
}

int
fmt_xlsx_styles(struct fmt_book *b, struct eg_bytes part, struct eg_err *err)
{
	static const struct fmt_xml_hooks hooks = { on_start, on_text, on_end };
	struct styles x = { .b = b };
	const int rc = fmt_xlsx_walk(b, part, &hooks, &x, &x.p, err);

	if (rc == EG_OK)
		resolve(&x);
	free(x.own);
	free(x.ids);
	return rc;
}
