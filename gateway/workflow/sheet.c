/* SPDX-License-Identifier: MIT
 *
 * Approval sheets: what a person fills in and returns. Columns and their order are fixed; the XML twin has the same values.
 */
#include "formats/csv_write.h"
#include "formats/xml_write.h"
#include "gateway/report/names.h"
#include "gateway/workflow/period.h"

enum {
	C_DECISION,
	C_COMMENT,
	C_ITEM,
	C_NUMBER,
	C_TYPE,
	C_PROJECT,
	C_VENDOR,
	C_AMOUNT,
	C_CURRENCY,
	C_ERP_ID,
	C_TDATE,
	C_ADATE,
	C_DESCRIPTION,
	C_FINDINGS,
	C_CONTENT,
	C_SHEET,
	NCOLUMNS
};

static const char *const titles[NCOLUMNS] = { "Decision", "Comment", "Item", "Number", "Type", "Project", "Vendor",
	"Amount", "Currency", "ERP ID", "Transaction Date", "Accounting Date", "Description", "Findings", "Content",
	"Sheet" };

struct writing {
	struct site *site;
	const struct sheet_filter *filter;
	enum sheet_form form;
	struct eg_buf *out;
	struct eg_buf findings;
	struct eg_arena a;
	const char *sheet;
	unsigned rows;
};

static const struct fmt_csv_style csv_style = { .delim = ',', .for_people = true };

static int
put_row(struct writing *w, const char *const cells[NCOLUMNS], struct eg_err *err)
{
	struct eg_bytes v[NCOLUMNS];
	int rc = EG_OK;

	for (int i = 0; i < NCOLUMNS; i++)
		v[i] = eg_bytes_str(cells[i] == NULL ? "" : cells[i]);
	if (w->form == SHEET_CSV)
		return fmt_csv_row(&csv_style, v, NCOLUMNS, w->out, err);
	eg_buf_str(w->out, "  <row>\n");
	for (int i = 0; rc == EG_OK && i < NCOLUMNS; i++) {
		struct eg_buf name = EG_BUF_INIT;
		for (const char *p = titles[i]; *p != '\0'; p++)
			if (*p != ' ')
				eg_buf_chr(&name, (unsigned char)*p);
		eg_buf_printf(w->out, "    <%s>", eg_buf_cstr(&name));
		rc = fmt_xml_text(w->out, v[i], err);
		eg_buf_printf(w->out, "</%s>\n", eg_buf_cstr(&name));
		eg_buf_done(&name);
	}
	eg_buf_str(w->out, "  </row>\n");
	return rc;
}

static int
hold_note(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	struct eg_buf *b = ctx;

	(void)err;
	if (b->len > 0)
		eg_buf_chr(b, ' ');
	eg_buf_printf(b, "%s: %s", h->code, h->message);
	return EG_OK;
}

static int
warning_note(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct eg_buf *b = ctx;

	(void)err;
	if (f->severity != ADP_WARN || eg_bytes_find(eg_buf_view(b), eg_bytes_str(f->message)) < b->len)
		return EG_OK;
	if (b->len > 0)
		eg_buf_chr(b, ' ');
	eg_buf_printf(b, "%s: %s", f->code, f->message);
	return EG_OK;
}

static bool
wanted(const struct sheet_filter *f, const struct item *it, bool again)
{
	if (it->type->cls != RC_TO_ERP && it->type->cls != RC_FROM_ERP)
		return false;
	if (!f->all && (!state_open(it->state) || (it->accepted != 0 && !again)))
		return false;
	return (f->state == NULL || strcmp(f->state, state_word(it->state)) == 0) &&
	       (f->type == NULL || strcmp(f->type, it->type->name) == 0) &&
	       (f->project == NULL || (it->project != NULL && strcmp(f->project, it->project) == 0));
}

static int
may_decide(const struct writing *w, const struct item *it, struct eg_err *err)
{
	return w->filter->user == NULL ? EG_OK : rights_check(w->site, w->filter->user, it, "accept", err);
}

static int
item_row(void *ctx, const struct item *it, struct eg_err *err)
{
	struct writing *w = ctx;
	struct finding_filter about = { .item = it->iid };
	char content[72];
	const char *vendor;
	bool again;
	int rc = period_undecided(w->site, it, &again, err);

	if (rc < 0 || !wanted(w->filter, it, again))
		return rc;
	rc = may_decide(w, it, err);
	if (rc != EG_OK)
		return rc == EG_BADREC ? EG_OK : rc;
	eg_buf_clear(&w->findings);
	eg_arena_reset(&w->a);
	rc = vendor_name(w->site, it, &w->a, &vendor, err);
	if (rc == EG_OK)
		rc = hold_each(w->site->store, it->id, hold_note, &w->findings, err);
	if (rc == EG_OK)
		rc = store_finding_each(w->site->store, &about, warning_note, &w->findings, err);
	if (rc < 0)
		return rc;
	(void)snprintf(content, sizeof(content), "sha256:%s", it->content);
	const char *cells[NCOLUMNS] = { [C_ITEM] = it->iid,
		[C_NUMBER] = it->number,
		[C_TYPE] = it->type->title,
		[C_PROJECT] = it->project,
		[C_VENDOR] = vendor,
		[C_AMOUNT] = it->amount,
		[C_CURRENCY] = it->amount == NULL ? "" : conf_text(&w->site->conf, "currency"),
		[C_FINDINGS] = eg_buf_cstr(&w->findings),
		[C_CONTENT] = content,
		[C_SHEET] = w->sheet };
	w->rows++;
	return put_row(w, cells, err);
}

int
sheet_write(struct site *s, enum sheet_form form, const struct sheet_filter *f, struct eg_buf *ret, unsigned *ret_rows,
    char ret_sheet[16], struct eg_err *err)
{
	struct writing w = { .site = s, .filter = f, .form = form, .out = ret, .findings = EG_BUF_INIT };
	int64_t now = site_now(s), expires = now + conf_int(&s->conf, "approvals.expire");
	struct item_filter every = { 0 };
	char until[EG_TIME_TEXT];
	int rc = store_next_id(s->store, 'S', ret_sheet, err);

	*ret_rows = 0;
	if (rc < 0)
		return rc;
	eg_time_print(until, expires);
	char *cell = eg_xprintf("%s %s %s", ret_sheet, s->name, until);
	w.sheet = cell;
	eg_arena_init(&w.a, (size_t)1 << 20);
	if (form == SHEET_XML) {
		eg_buf_printf(ret,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sheet id=\"%s\" expires=\"%s\" site=\"", ret_sheet,
		    until);
		rc = fmt_xml_attr(ret, eg_bytes_str(s->name), err);
		eg_buf_str(ret, "\">\n");
	} else {
		if (conf_bool(&s->conf, "approvals.sheet_bom"))
			eg_buf_str(ret, "\xef\xbb\xbf");
		rc = put_row(&w, titles, err);
	}
	if (rc == EG_OK)
		rc = item_each(s->store, &every, item_row, &w, err);
	if (form == SHEET_XML)
		eg_buf_str(ret, "</sheet>\n");
	if (rc == EG_OK)
		rc = sheet_add(s->store, ret_sheet, now, expires, w.rows, err);
	if (rc == EG_OK)
		rc = site_log(s, "sheet", ret_sheet, NULL, err);
	*ret_rows = w.rows;
	free(cell);
	eg_buf_done(&w.findings);
	eg_arena_done(&w.a);
	return rc;
}
