/* SPDX-License-Identifier: MIT
 *
 * XML files: the layout by the root element, then one record after the other, its lines behind it.
 * Refuses the whole file with F-01 and with what the reader refuses (F-02, F-03, LIMIT-…).
 */
#include "adapters/read_int.h"

#include "adapters/repair_int.h"
#include "formats/xml_read.h"

static const struct adp *
choose(const struct rd *r, struct eg_bytes root)
{
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);

		if (rd_fits(r, a, AF_XML) && eg_bytes_is(root, a->in.root))
			return a;
	}
	return NULL;
}

static int
find_column(const struct adp_in *in, const char *name, bool line)
{
	for (size_t c = 0; c < in->ncolumns; c++)
		if (in->column_line[c] == line && strcmp(in->columns[c], name) == 0)
			return (int)c;
	return -1;
}

/* The first adapter's columns are the reader's paths; twins have the same ones. */
static int
spec_of(struct rd *r, struct fmt_xml_spec *ret, struct eg_err *err)
{
	const struct adp_in *in = &r->kinds[0].a->in;
	const char **paths = eg_arena_array(&r->fixed, in->ncolumns + 2, sizeof(*paths)); /* and a kit's marks */
	const char **line_paths = eg_arena_array(&r->fixed, in->ncolumns, sizeof(*line_paths));
	int *at = eg_arena_array(&r->fixed, in->ncolumns, sizeof(*at));

	if (paths == NULL || line_paths == NULL || at == NULL)
		return rd_no_memory(r, err);
	*ret =
	    (struct fmt_xml_spec){ .record = in->record, .lines = in->lines, .paths = paths, .line_paths = line_paths };
	for (size_t c = 0; c < in->ncolumns; c++) {
		const char *path = strcmp(in->columns[c], ".") == 0 ? "" : in->columns[c];

		if (in->column_line[c]) {
			at[c] = (int)ret->nline_paths;
			line_paths[ret->nline_paths++] = path;
		} else {
			at[c] = (int)ret->npaths;
			paths[ret->npaths++] = path;
		}
	}
	r->kit = (struct rd_kit){ .there = true, .reason = -1, .check = -1 };
	r->kit.reject = (int)ret->npaths;
	paths[ret->npaths++] = REPAIR_XML_REJECT;
	r->kit.code = (int)ret->npaths;
	paths[ret->npaths++] = REPAIR_XML_REFUSED;
	for (size_t i = 0; i < r->nkinds; i++) {
		const struct adp_in *mine = &r->kinds[i].a->in;

		for (size_t c = 0; c < mine->ncolumns; c++) {
			int col = find_column(in, mine->columns[c], mine->column_line[c]);

			r->kinds[i].map[c] = mine->column_line[c] || col < 0 ? -1 : at[col];
			r->kinds[i].line_map[c] = !mine->column_line[c] || col < 0 ? -1 : at[col];
		}
	}
	return EG_OK;
}

static int
records(struct rd *r, struct fmt_xml *x, struct eg_err *err)
{
	for (;;) {
		enum fmt_xml_kind kind;
		struct fmt_row row;
		int rc = fmt_xml_next(x, &kind, &row, err);

		if (rc != EG_OK)
			return rc == EG_EOF ? EG_OK : rd_refuse_err(r, err);
		rc = kind == FMT_XML_RECORD ? rd_row(r, &row, err) : rd_line_row(r, &row, err);
		if (rc != EG_OK)
			return rc;
	}
}

static int
read_opened(struct rd *r, struct fmt_xml *x, struct eg_err *err)
{
	struct eg_bytes root = fmt_xml_root(x);
	const struct adp *a = choose(r, root);
	struct fmt_xml_spec spec;
	int rc;

	if (a == NULL)
		return rd_refuse(r, "F-01", (struct eg_pos){ .line = 1 }, "", err,
		    "No layout of %s has the root element <%.*s>. Check that the right file was dropped into the right folder.",
		    r->file->source, EG_FMT(root));
	rc = rd_kinds(r, a, err);
	if (rc == EG_OK)
		rc = rd_names(r, err);
	if (rc == EG_OK)
		rc = spec_of(r, &spec, err);
	if (rc != EG_OK)
		return rc;
	fmt_xml_bind(x, &spec);
	return records(r, x, err);
}

int
rd_xml(struct rd *r, struct eg_err *err)
{
	struct fmt_xml *x = NULL;
	int rc;

	rd_rewind(r, false);
	rc = fmt_xml_open(r->src, &x, err);
	rc = rc == EG_OK ? read_opened(r, x, err) : rd_refuse_err(r, err);
	fmt_xml_free(x);
	return rc;
}
