/* SPDX-License-Identifier: MIT
 *
 * adapters mapping: the sheet that an accountant signs, made from the adapters that run: per column what it is, where it comes from, what is done to it, what
 * happens when it is empty or too long, and an example from the fixture `plain`. CSV, a page to print, or a workbook.
 */
#include "gateway/cli/fixtures.h"

#include "adapters/tools.h"
#include "base/fs.h"
#include "base/limits.h"
#include "formats/csv_write.h"
#include "formats/xlsx_rows.h"
#include "formats/xlsx_write.h"

#define MEM ((size_t)64 << 20)
#define NCELLS 12

static const struct {
	const char *title;
	unsigned width; /* in a workbook */
} titles[NCELLS] = { { "Adapter", 24 }, { "Version", 8 }, { "Rows", 10 }, { "Column", 26 }, { "What it is", 34 },
	{ "Comes from", 34 }, { "What is done to it", 60 }, { "Required", 12 }, { "Longest", 8 }, { "When empty", 30 },
	{ "When too long", 30 }, { "Example", 24 } };

enum form {
	FORM_CSV,
	FORM_HTML,
	FORM_XLSX,
	FORM_JSON
};

struct example { /* the first value of a column that is not empty */
	size_t rowset;
	const char *column, *value;
};

struct mapping {
	struct cli *c;
	struct site *s;
	enum form form;
	struct eg_buf out;
	struct fmt_xlsx *book;
	struct eg_arena arena; /* of one adapter */
	const struct adp *a;
	struct example *ex;
	size_t nex;
	size_t rowset; /* of the column at hand */
	const char *rows; /* its name */
	unsigned columns, adapters;
};

/* ---- examples ---- */

static void
add_example(struct mapping *m, size_t rowset, const char *column, struct eg_bytes value)
{
	struct eg_buf shown = EG_BUF_INIT;

	for (size_t i = 0; i < m->nex; i++)
		if (m->ex[i].rowset == rowset && strcmp(m->ex[i].column, column) == 0)
			return;
	eg_buf_escaped(&shown, value);
	m->ex = eg_xrealloc(m->ex, (m->nex + 1) * sizeof(*m->ex));
	m->ex[m->nex++] = (struct example){ rowset, eg_arena_cstr(&m->arena, eg_bytes_str(column)),
		eg_arena_cstr(&m->arena, eg_buf_view(&shown)) };
	eg_buf_done(&shown);
}

static int
example_row(void *ctx, size_t rowset, const struct eg_bytes *cells, size_t n, struct eg_err *err)
{
	struct mapping *m = ctx;

	(void)err;
	for (size_t i = 0; i < n; i++)
		if (cells[i].len > 0)
			add_example(m, rowset, adp_column_at(m->a, rowset, i), cells[i]);
	return EG_OK;
}

/* In: the records that are expected of the input, "field=value" line by line. */
static int
example_records(struct mapping *m, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_DOC_BYTES };
	struct eg_bytes rest, line;
	int dir = -1, rc = tools_fixtures(m->s, adp_info(m->a), &dir, err);

	if (rc == EG_OK && eg_fs_exists(dir, "plain/expected.txt"))
		rc = eg_fs_read_file(dir, "plain/expected.txt", EG_LIMIT_DOC_BYTES, &text, err);
	rest = eg_buf_view(&text);
	while (rc == EG_OK && rest.len > 0 && eg_bytes_cut(&rest, '\n', &line)) {
		size_t eq = eg_bytes_chr(line, '=');
		char *field = eq < line.len ? eg_xdup(eg_bytes_sub(line, 0, eq)) : NULL;
		if (field != NULL)
			add_example(m, 0, field, eg_bytes_sub(line, eq + 1, line.len));
		free(field);
	}
	eg_fd_done(&dir);
	eg_buf_done(&text);
	return rc == EG_EOF ? EG_OK : rc;
}

static const char *
example_of(const struct mapping *m, const struct adp_column_words *w)
{
	for (size_t i = 0; i < m->nex; i++)
		if (m->ex[i].rowset == (adp_info(m->a)->out ? m->rowset : 0) && strcmp(m->ex[i].column, w->target) == 0)
			return w->masked ? "(not shown)" : m->ex[i].value == NULL ? "" : m->ex[i].value;
	return "";
}

/* ---- forms ---- */

static void
html_text(struct eg_buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&':
			eg_buf_str(b, "&amp;");
			break;
		case '<':
			eg_buf_str(b, "&lt;");
			break;
		case '>':
			eg_buf_str(b, "&gt;");
			break;
		case '"':
			eg_buf_str(b, "&quot;");
			break;
		default:
			eg_buf_chr(b, (unsigned char)*s);
		}
}

static void
html_begin(struct eg_buf *b)
{
	eg_buf_str(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Mapping of import files</title>\n<style>\n"
	    "body { font: 10pt/1.35 sans-serif; margin: 1.5em; color: #111; background: #fff }\n"
	    "h2 { margin: 2em 0 .2em; page-break-after: avoid } p { margin: .2em 0 .6em }\n"
	    "table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: bold; padding: .3em 0 }\n"
	    "th, td { border: 1px solid #777; padding: .2em .4em; text-align: left; vertical-align: top }\n"
	    "th { background: #eee } thead { display: table-header-group } tr { page-break-inside: avoid }\n"
	    "td:first-child { font-family: monospace }\n"
	    "@media print { body { margin: 0; font-size: 8pt } section { page-break-before: always } section:first-of-type { page-break-before: auto } }\n"
	    "@page { size: A4 landscape; margin: 12mm }\n</style>\n</head>\n<body>\n<h1>Mapping of import files</h1>\n"
	    "<p>Made by <code>erpgate adapters mapping</code> from the adapters that run. A change of an adapter changes this sheet.</p>\n");
}

static void
html_adapter(struct mapping *m)
{
	const struct adp_info *i = adp_info(m->a);

	eg_buf_str(&m->out, "<section>\n<h2>");
	html_text(&m->out, i->title == NULL ? i->name : i->title);
	eg_buf_str(&m->out, "</h2>\n<p>Adapter <code>");
	html_text(&m->out, i->name);
	eg_buf_printf(&m->out, "</code>, version %u, sha256 <code>%.12s</code>. %s: ", i->version, i->sha256,
	    i->out ? "Written for" : "Read from");
	html_text(&m->out, i->system);
	eg_buf_str(&m->out, ".</p>\n");
}

static void
html_table(struct mapping *m, const char *rows, bool first)
{
	if (!first)
		eg_buf_str(&m->out, "</tbody>\n</table>\n");
	eg_buf_str(&m->out, "<table>\n");
	if (*rows != '\0') {
		eg_buf_str(&m->out, "<caption>Rows: ");
		html_text(&m->out, rows);
		eg_buf_str(&m->out, "</caption>\n");
	}
	eg_buf_str(&m->out, "<thead>\n<tr>");
	for (size_t i = 3; i < NCELLS; i++) {
		eg_buf_str(&m->out, "<th scope=\"col\">");
		html_text(&m->out, titles[i].title);
		eg_buf_str(&m->out, "</th>");
	}
	eg_buf_str(&m->out, "</tr>\n</thead>\n<tbody>\n");
}

static void
html_end_adapter(struct mapping *m)
{
	eg_buf_str(&m->out,
	    "</tbody>\n</table>\n<p>Agreed: name ______________________________ date ______________ signature ______________________________</p>\n</section>\n");
}

static int
put_csv(struct mapping *m, const char *const *cells, struct eg_err *err)
{
	struct fmt_csv_style style = { .for_people = true };
	struct eg_bytes v[NCELLS];

	for (size_t i = 0; i < NCELLS; i++)
		v[i] = eg_bytes_str(cells[i]);
	return fmt_csv_row(&style, v, NCELLS, &m->out, err);
}

static int
put_xlsx(struct mapping *m, const char *const *cells, struct eg_err *err)
{
	struct eg_bytes v[NCELLS];

	for (size_t i = 0; i < NCELLS; i++)
		v[i] = eg_bytes_str(cells[i]);
	return fmt_xlsx_row(m->book, v, err);
}

static void
put_html(struct mapping *m, const char *const *cells)
{
	eg_buf_str(&m->out, "<tr>");
	for (size_t i = 3; i < NCELLS; i++) {
		eg_buf_str(&m->out, "<td>");
		html_text(&m->out, cells[i]);
		eg_buf_str(&m->out, "</td>");
	}
	eg_buf_str(&m->out, "</tr>\n");
}

static void
put_json(const char *const *cells)
{
	static const char *const keys[NCELLS] = { "adapter", "version", "rows", "column", "meaning", "source", "rule",
		"required", "max", "when_empty", "when_too_long", "example" };
	json_t *j = json_pack("{s:s}", "type", "column");

	for (size_t i = 0; i < NCELLS; i++)
		json_object_set_new(j, keys[i], json_string(cells[i]));
	cli_json(j);
}

/* ---- columns ---- */

static int
on_column(void *ctx, const struct adp_column_words *w, struct eg_err *err)
{
	struct mapping *m = ctx;
	const char *rows = w->line && !adp_info(m->a)->out ? "each line" : w->rows;
	bool begins = m->rows == NULL || strcmp(m->rows, rows) != 0;
	char version[16];

	m->columns++;
	if (begins && m->rows != NULL && adp_info(m->a)->out)
		m->rowset++;
	if (begins && m->form == FORM_HTML)
		html_table(m, rows, m->rows == NULL);
	m->rows = rows;
	(void)snprintf(version, sizeof(version), "%u", adp_info(m->a)->version);
	const char *cells[NCELLS] = { adp_info(m->a)->name, version, rows, w->target, w->meaning, w->source, w->rule,
		w->required, w->max, w->when_blank, w->when_long, example_of(m, w) };
	switch (m->form) {
	case FORM_CSV:
		return put_csv(m, cells, err);
	case FORM_XLSX:
		return put_xlsx(m, cells, err);
	case FORM_HTML:
		put_html(m, cells);
		break;
	case FORM_JSON:
		put_json(cells);
		break;
	}
	return EG_OK;
}

/* The sheet is worth having without examples, too: a fixture that cannot be played is told by `adapters test`. */
static void
find_examples(struct mapping *m)
{
	struct eg_err unused;

	m->nex = 0;
	if (adp_info(m->a)->out)
		(void)!fixture_rows(m->c, m->s, m->a, "plain", example_row, m, &unused);
	else
		(void)!example_records(m, &unused);
}

static int
one_adapter(struct mapping *m, const struct adp *a, struct eg_err *err)
{
	int rc;

	eg_arena_reset(&m->arena);
	m->a = a;
	m->rows = NULL;
	m->rowset = 0;
	m->adapters++;
	find_examples(m);
	if (m->form == FORM_HTML)
		html_adapter(m);
	rc = adp_describe(a, &m->arena, on_column, m, err);
	if (m->form == FORM_HTML)
		html_end_adapter(m);
	return rc;
}

/* ---- the whole ---- */

static int
begin(struct mapping *m, struct fmt_xlsx_col *cols, struct eg_err *err)
{
	const char *head[NCELLS];

	for (size_t i = 0; i < NCELLS; i++) {
		head[i] = titles[i].title;
		cols[i] = (struct fmt_xlsx_col){ .title = titles[i].title, .width = titles[i].width };
	}
	if (m->form == FORM_CSV)
		return put_csv(m, head, err);
	if (m->form == FORM_HTML)
		html_begin(&m->out);
	if (m->form != FORM_XLSX)
		return EG_OK;
	m->book = fmt_xlsx_new(FMT_XLSX_ROWS_MADE);
	return fmt_xlsx_sheet(m->book, "Mapping", cols, NCELLS, false, err);
}

static bool
is_wanted(const struct mapping *m, const struct adp *a, bool site)
{
	if (m->c->argc > 1)
		return strcmp(adp_info(a)->name, m->c->argv[1]) == 0;
	return !site || !tools_foreign(adp_info(a), m->s->erp);
}

static int
map(struct mapping *m, bool site, struct eg_err *err)
{
	struct fmt_xlsx_col cols[NCELLS];
	int rc = begin(m, cols, err);

	for (size_t i = 0; rc == EG_OK && i < adp_set_count(m->s->adapters); i++)
		if (is_wanted(m, adp_set_at(m->s->adapters, i), site))
			rc = one_adapter(m, adp_set_at(m->s->adapters, i), err);
	if (rc == EG_OK && m->form == FORM_HTML)
		eg_buf_str(&m->out, "</body>\n</html>\n");
	if (rc == EG_OK && m->form == FORM_XLSX)
		rc = fmt_xlsx_end(m->book, &m->out, err);
	if (rc == EG_OK && m->form == FORM_JSON)
		cli_json(json_pack(
		    "{s:s,s:i,s:i}", "type", "summary", "adapters", (int)m->adapters, "columns", (int)m->columns));
	else if (rc == EG_OK)
		rc = tools_save(m->c->opt[O_OUTPUT], eg_buf_view(&m->out), err);
	return rc;
}

/* By the file's ending; without a file CSV. */
static bool
form_of(struct cli *c, enum form *ret)
{
	static const struct {
		const char *end;
		enum form form;
	} forms[] = { { ".csv", FORM_CSV }, { ".html", FORM_HTML }, { ".xlsx", FORM_XLSX } };
	const char *path = c->opt[O_OUTPUT];

	*ret = cli_has(c, O_JSON) ? FORM_JSON : FORM_CSV;
	if (path == NULL || strcmp(path, "-") == 0)
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (eg_bytes_ends(eg_bytes_str(path), eg_bytes_str(forms[i].end))) {
			*ret = forms[i].form;
			return true;
		}
	return false;
}

int
adapters_mapping(struct cli *c)
{
	struct mapping m = { .c = c, .out = EG_BUF_INIT };
	struct eg_err err = { 0 };
	struct site s;
	bool found;
	int code;

	if ((c->argc > 1) == cli_has(c, O_ALL))
		return cli_usage(c, "give one adapter's name, or --all");
	if (!form_of(c, &m.form))
		return cli_usage(c, "-o takes a name that ends in .csv, .html or .xlsx");
	eg_arena_init(&m.arena, MEM);
	m.s = &s;
	if (tools_open(c, NULL, NULL, NULL, &s, &found, &err) < 0)
		code = cli_fail(c, &err);
	else if (c->argc > 1 && adp_set_named(s.adapters, c->argv[1]) == NULL)
		code = tools_no_adapter(c, s.adapters, c->argv[1]);
	else
		code = map(&m, found, &err) < 0 ? cli_fail(c, &err) : CLI_OK;
	if (code == CLI_OK && c->opt[O_OUTPUT] != NULL && strcmp(c->opt[O_OUTPUT], "-") != 0 && m.form != FORM_JSON &&
	    !cli_has(c, O_QUIET))
		(void)fprintf(stderr, "%s: %u columns of %u adapter%s.\n", c->opt[O_OUTPUT], m.columns, m.adapters,
		    m.adapters == 1 ? "" : "s");
	fmt_xlsx_free(m.book);
	free(m.ex);
	eg_buf_done(&m.out);
	eg_arena_done(&m.arena);
	site_close(&s);
	return code;
}
