/* SPDX-License-Identifier: MIT
 *
 * The XML reader: the parser's events (xml_parse.c) go down the tree of wanted paths (xml_paths.c), their texts into the
 * record at hand (xml_hold.c). What is not wanted costs nothing but its bytes.
 */
#include "formats/xml_read.h"

#include "formats/xml_parse.h"

struct level {
	uint16_t node; /* in the tree of paths, or FMT_XML_NONE */
	bool wanted; /* its text is a value */
	uint64_t text_len;
	struct eg_buf text;
};

struct fmt_xml {
	struct fmt_xmlp p;
	struct eg_buf root;
	bool bound;
	unsigned record_depth; /* 2: records stand below the root; 1: the root is the record */
	struct fmt_xml_paths paths;
	struct fmt_xml_hold hold;
	const struct fmt_xml_spec *spec;
	struct level levels[EG_LIMIT_XML_DEPTH + 1];
};

static void
check_size(struct fmt_xml *x)
{
	const struct eg_pos begin = x->p.begins[x->record_depth];

	if (x->p.rc != EG_OK || !fmt_xml_hold_full(&x->hold))
		return;
	eg_fail(&x->p.err, EG_BADFILE, "LIMIT-DOC",
	    "The record that begins in line %llu is larger than %zu bytes. Ask the sender to split it.",
	    (unsigned long long)begin.line, EG_LIMIT_DOC_BYTES);
	fmt_xmlp_fail(&x->p, begin);
}

/* ---- elements ---- */

static uint16_t
node_of(const struct fmt_xml *x, const char *name)
{
	const unsigned depth = x->p.depth;

	if (!x->bound || depth < 2)
		return FMT_XML_NONE;
	if (depth == x->record_depth)
		return x->spec->record == NULL || strcmp(x->spec->record, name) == 0 ? 0 : FMT_XML_NONE;
	const uint16_t parent = x->levels[depth - 1].node;

	return parent == FMT_XML_NONE ? FMT_XML_NONE : fmt_xml_paths_child(&x->paths, parent, name);
}

static void
on_start(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct fmt_xml *x = ctx;
	struct level *lev = &x->levels[x->p.depth];

	(void)attrs;
	lev->text_len = 0;
	lev->wanted = false;
	lev->node = node_of(x, name);
	if (x->p.depth == 1)
		eg_buf_str(&x->root, name);
	if (lev->node == FMT_XML_NONE)
		return;
	const struct fmt_xml_node *node = &x->paths.nodes[lev->node];

	lev->wanted = node->slot != FMT_XML_NONE || node->line_slot != FMT_XML_NONE;
	eg_buf_clear(&lev->text);
	if (x->p.depth == x->record_depth)
		fmt_xml_hold_record(&x->hold, ev->begin);
	if (node->line)
		fmt_xml_hold_line(&x->hold, ev->begin);
	check_size(x);
}

static void
on_end(void *ctx, const struct fmt_xscan_event *ev)
{
	struct fmt_xml *x = ctx;
	const struct level *lev = &x->levels[x->p.depth];

	if (lev->node == FMT_XML_NONE)
		return;
	const struct fmt_xml_node *node = &x->paths.nodes[lev->node];

	if (node->slot != FMT_XML_NONE)
		fmt_xml_hold_cell(&x->hold, false, node->slot, ev, eg_buf_view(&lev->text));
	if (node->line_slot != FMT_XML_NONE)
		fmt_xml_hold_cell(&x->hold, true, node->line_slot, ev, eg_buf_view(&lev->text));
	check_size(x);
	if (x->p.rc != EG_OK)
		return;
	if (node->line)
		fmt_xml_hold_line_end(&x->hold, ev->end);
	if (x->p.depth == x->record_depth)
		fmt_xml_hold_record_end(&x->hold, ev->end);
}

static void
on_text(void *ctx, struct eg_bytes text)
{
	struct fmt_xml *x = ctx;
	struct level *lev = &x->levels[x->p.depth];
	const struct eg_pos begin = x->p.begins[x->p.depth];
	const size_t most = lev->wanted ? EG_LIMIT_TEXT_BYTES : EG_LIMIT_UNUSED_TEXT_BYTES;

	lev->text_len += text.len;
	if (lev->text_len > most) {
		eg_fail(&x->p.err, EG_BADFILE, "LIMIT-TEXT",
		    "The text of the element that begins in line %llu is longer than %zu bytes. Ask the sender what it is.",
		    (unsigned long long)begin.line, most);
		fmt_xmlp_fail(&x->p, begin);
		return;
	}
	if (lev->wanted)
		eg_buf_add(&lev->text, text);
}

int
fmt_xml_open(struct fmt_src src, struct fmt_xml **ret, struct eg_err *err)
{
	static const struct fmt_xml_hooks hooks = { on_start, on_text, on_end };
	struct fmt_xml *x = eg_xalloc(sizeof *x);

	for (size_t i = 0; i < sizeof x->levels / sizeof x->levels[0]; i++)
		x->levels[i].text.max = EG_LIMIT_TEXT_BYTES + 1;
	fmt_xmlp_open(&x->p, src, &hooks, x);
	while (x->p.rc == EG_OK && x->root.len == 0)
		fmt_xmlp_pump(&x->p);
	if (x->p.rc != EG_OK) {
		const int rc = x->p.rc == EG_EOF ? eg_fail(&x->p.err, EG_BADFILE, "F-03",
						       "The file holds no XML element. Send the file again.") :
		                                   x->p.rc;

		*err = x->p.err;
		fmt_xml_free(x);
		return rc;
	}
	*ret = x;
	return EG_OK;
}

struct eg_bytes
fmt_xml_root(const struct fmt_xml *x)
{
	return eg_buf_view(&x->root);
}

void
fmt_xml_bind(struct fmt_xml *x, const struct fmt_xml_spec *spec)
{
	eg_check(!x->bound);
	x->bound = true;
	x->spec = spec;
	fmt_xml_paths_init(&x->paths, spec);
	fmt_xml_hold_init(&x->hold, spec, &x->paths);
	x->record_depth = spec->record != NULL && strcmp(spec->record, ".") == 0 ? 1 : 2;
	if (x->record_depth == 1) {
		x->levels[1].node = 0;
		fmt_xml_hold_record(&x->hold, x->p.begins[1]);
		if (x->p.depth == 0) /* <Root/>: begun and ended by one tag */
			fmt_xml_hold_record_end(&x->hold, x->p.scan.pos.off);
	}
}

int
fmt_xml_next(struct fmt_xml *x, enum fmt_xml_kind *ret_kind, struct fmt_row *ret, struct eg_err *err)
{
	eg_check(x->bound);
	while (!fmt_xml_hold_next(&x->hold, ret_kind, ret)) {
		if (x->p.rc == EG_OK)
			fmt_xmlp_pump(&x->p);
		else if (x->p.rc == EG_EOF)
			return EG_EOF;
		else {
			*err = x->p.err;
			return x->p.rc;
		}
	}
	return EG_OK;
}

void
fmt_xml_free(struct fmt_xml *x)
{
	if (x == NULL)
		return;
	fmt_xmlp_done(&x->p);
	fmt_xml_paths_done(&x->paths);
	fmt_xml_hold_done(&x->hold);
	eg_buf_done(&x->root);
	for (size_t i = 0; i < sizeof x->levels / sizeof x->levels[0]; i++)
		eg_buf_done(&x->levels[i].text);
	free(x);
}
