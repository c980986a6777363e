/* SPDX-License-Identifier: MIT
 *
 * Approval sheets: what a person fills in and returns. Columns and their order are fixed; the workbook and the XML twin have the same values. In a
 * workbook only what a person may fill in can be written, and a second sheet says how.
 */
#include "base/utf8.h"
#include "formats/csv_write.h"
#include "formats/xlsx_write.h"
#include "formats/xml_write.h"
#include "gateway/report/names.h"
#include "gateway/workflow/period.h"
#include "gateway/workflow/shadow.h"

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

static const char *const choices[] = { "Accept", "Reject", "Archive", "Link", NULL };

static const struct fmt_xlsx_col columns[NCOLUMNS] = {
	[C_DECISION] = { .title = "Decision", .width = 11, .open = true, .choices = choices },
	[C_COMMENT] = { .title = "Comment", .width = 26, .open = true },
	[C_ITEM] = { .title = "Item", .width = 28 },
	[C_NUMBER] = { .title = "Number", .width = 16 },
	[C_TYPE] = { .title = "Type", .width = 16 },
	[C_PROJECT] = { .title = "Project", .width = 12 },
	[C_VENDOR] = { .title = "Vendor", .width = 26 },
	[C_AMOUNT] = { .title = "Amount", .kind = FMT_XLSX_AMOUNT, .width = 16 },
	[C_CURRENCY] = { .title = "Currency", .width = 10 },
	[C_ERP_ID] = { .title = "ERP ID", .width = 14, .open = true },
	[C_TDATE] = { .title = "Transaction Date", .kind = FMT_XLSX_DATE, .width = 17, .open = true },
	[C_ADATE] = { .title = "Accounting Date", .kind = FMT_XLSX_DATE, .width = 16, .open = true },
	[C_DESCRIPTION] = { .title = "Description", .width = 30, .open = true },
	[C_FINDINGS] = { .title = "Findings", .width = 60 },
	[C_CONTENT] = { .title = "Content", .width = 20, .hidden = true },
	[C_SHEET] = { .title = "Sheet", .width = 20, .hidden = true },
};

struct writing {
	struct site *site;
	const struct sheet_filter *filter;
	enum sheet_form form;
	struct eg_buf *out;
	struct fmt_xlsx *book; /* NULL unless the form is one */
	struct eg_buf findings;
	struct eg_arena a;
	const char *sheet;
	unsigned rows;
};

static const struct fmt_csv_style csv_style = { .delim = ',', .for_people = true };

#define FINDINGS_SHOWN 30000 /* characters; a cell of a workbook holds 32,767 */

static int
book_row(struct writing *w, struct eg_bytes v[NCOLUMNS], struct eg_err *err)
{
	v[C_FINDINGS] = eg_utf8_prefix(v[C_FINDINGS], FINDINGS_SHOWN);
	return fmt_xlsx_row(w->book, v, err);
}

static int
put_row(struct writing *w, const char *const cells[NCOLUMNS], struct eg_err *err)
{
	struct eg_bytes v[NCOLUMNS];
	int rc = EG_OK;

	for (int i = 0; i < NCOLUMNS; i++)
		v[i] = eg_bytes_str(cells[i] == NULL ? "" : cells[i]);
	if (w->form == SHEET_XLSX)
		return book_row(w, v, err);
	if (w->form == SHEET_CSV)
		return fmt_csv_row(&csv_style, v, NCOLUMNS, w->out, err);
	eg_buf_str(w->out, "  <row>\n");
	for (int i = 0; rc == EG_OK && i < NCOLUMNS; i++) {
		struct eg_buf name = EG_BUF_INIT;
		for (const char *p = columns[i].title; *p != '\0'; p++)
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
	struct sheet_preset preset = { NULL, NULL, NULL };
	const char *vendor;
	bool again;
	int rc = period_undecided(w->site, it, &again, err);

	if (rc < 0 || !wanted(w->filter, it, again))
		return rc;
	if (w->filter->pick != NULL && !w->filter->pick(w->filter->pick_ctx, it->iid, &preset))
		return EG_OK;
	rc = may_decide(w, it, err);
	if (rc != EG_OK)
		return rc == EG_BADREC ? EG_OK : rc;
	eg_buf_clear(&w->findings);
	if (shadow_on(&w->site->conf, it->type->cls == RC_TO_ERP ? w->site->erp : "procore"))
		eg_buf_str(&w->findings, "SHADOW MODE: nothing that is accepted here is sent.");
	eg_arena_reset(&w->a);
	rc = vendor_name(w->site, it, &w->a, &vendor, err);
	if (rc == EG_OK)
		rc = hold_each(w->site->store, it->id, hold_note, &w->findings, err);
	if (rc == EG_OK)
		rc = store_finding_each(w->site->store, &about, warning_note, &w->findings, err);
	if (rc < 0)
		return rc;
	(void)snprintf(content, sizeof(content), "sha256:%s", it->content);
	const char *cells[NCOLUMNS] = { [C_DECISION] = preset.decision,
		[C_COMMENT] = preset.comment,
		[C_ERP_ID] = preset.erp_id,
		[C_ITEM] = it->iid,
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

/* ---- the whole sheet ---- */

static const char *const how_to[] = {
	"",
	"What to fill in",
	"Decision: choose Accept, Reject, Archive or Link from the list. A row without a decision decides nothing; the item keeps waiting.",
	"Accept sends the item on its way. Reject turns it down; say why in Comment. Archive puts aside what came from the accounting system.",
	"Link ties a company or a project to a record that the accounting system already has; write that record's number in ERP ID.",
	"ERP ID, Transaction Date, Accounting Date and Description: fill them where the accounting system needs them. Write dates as 2026-11-21.",
	"ERP ID is text: leading zeros stay as you type them.",
	"All other cells are locked. They say what you decide about, and the hidden columns prove that nothing changed since.",
	"If an item changes after this workbook was made, its row is refused and the item comes again in the next one.",
	"Findings: what an item still waits for, and what was noticed about it.",
	"",
	"How to give it back",
	"1. Save it. Excel and LibreOffice may save it as a workbook (.xlsx) or as CSV; both are read.",
	"2. If your site asks for signatures, sign the saved file: erpgate-sign your-key.pem FILE. It writes FILE.sig. Do not save again after that.",
	"3. Put the file, and FILE.sig beside it, into the folder for approvals. The order does not matter. Your administrator tells you where it is.",
	NULL,
};

/* The second sheet of a workbook: plain words. It is never read back. */
static int
book_how_to(struct writing *w, const char *id, const char *made, const char *until, struct eg_err *err)
{
	static const struct fmt_xlsx_col how[] = { { .title = "How to use this workbook", .width = 130 } };
	char *about = eg_xprintf(
	    "This is approval sheet %s of site %s, made %s. It lists %u items.", id, w->site->name, made, w->rows);
	char *expires =
	    eg_xprintf("It can be given back until %s (UTC). After that it is refused; ask for a new one then.", until);
	const char *const first[] = { about, expires, NULL };
	int rc = fmt_xlsx_sheet(w->book, "How to", how, 1, true, err);

	for (unsigned part = 0; part < 2; part++)
		for (const char *const *line = part == 0 ? first : how_to; rc == EG_OK && *line != NULL; line++) {
			const struct eg_bytes cell = eg_bytes_str(*line);

			rc = fmt_xlsx_row(w->book, &cell, err);
		}
	free(about);
	free(expires);
	return rc;
}

static int
begin(struct writing *w, const char *id, const char *until, struct eg_err *err)
{
	const char *titles[NCOLUMNS];
	int rc;

	switch (w->form) {
	case SHEET_XLSX:
		w->book = fmt_xlsx_new(site_now(w->site));
		return fmt_xlsx_sheet(w->book, "Decisions", columns, NCOLUMNS, true, err);
	case SHEET_XML:
		eg_buf_printf(w->out,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sheet id=\"%s\" expires=\"%s\" site=\"", id, until);
		rc = fmt_xml_attr(w->out, eg_bytes_str(w->site->name), err);
		eg_buf_str(w->out, "\">\n");
		return rc;
	case SHEET_CSV:
	default:
		if (conf_bool(&w->site->conf, "approvals.sheet_bom"))
			eg_buf_str(w->out, "\xef\xbb\xbf");
		for (int i = 0; i < NCOLUMNS; i++)
			titles[i] = columns[i].title;
		return put_row(w, titles, err);
	}
}

static int
end(struct writing *w, const char *id, int64_t made, const char *until, struct eg_err *err)
{
	char made_text[EG_TIME_TEXT];
	int rc = EG_OK;

	if (w->form == SHEET_XML)
		eg_buf_str(w->out, "</sheet>\n");
	if (w->form != SHEET_XLSX)
		return rc;
	eg_time_print(made_text, made);
	rc = book_how_to(w, id, made_text, until, err);
	return rc == EG_OK ? fmt_xlsx_end(w->book, w->out, err) : rc;
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
	rc = begin(&w, ret_sheet, until, err);
	if (rc == EG_OK)
		rc = item_each(s->store, &every, item_row, &w, err);
	if (rc == EG_OK)
		rc = end(&w, ret_sheet, now, until, err);
	if (rc == EG_OK)
		rc = sheet_add(s->store, ret_sheet, now, expires, w.rows, err);
	if (rc == EG_OK)
		rc = site_log(s, "sheet", ret_sheet, NULL, err);
	*ret_rows = w.rows;
	free(cell);
	fmt_xlsx_free(w.book);
	eg_buf_done(&w.findings);
	eg_arena_done(&w.a);
	return rc;
}
