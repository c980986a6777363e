/* SPDX-License-Identifier: MIT
 *
 * Approval sheets: columns and their order, what a spreadsheet may not take for a formula, the XML twin with the same values, filters, and that both come back.
 */
#include "gate_kit.h"

#define HEAD           \
	"\xef\xbb\xbf" \
	"Decision,Comment,Item,Number,Type,Project,Vendor,Amount,Currency,ERP ID,Transaction Date,Accounting Date,Description,Findings,Content,Sheet\r\n"

static const char *const columns[] = { "Decision", "Comment", "Item", "Number", "Type", "Project", "Vendor", "Amount",
	"Currency", "ERPID", "TransactionDate", "AccountingDate", "Description", "Findings", "Content", "Sheet" };
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

static struct kit *
world(void)
{
	struct kit *k = gate_open("cmic", "currency = CAD\napprovals.sheet_bom = yes\n");

	gate_begin(k);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id==1+1;vendor.name==Ébène Fils", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=@SUM;vendor.name=@B", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 4, "project.number=P-1;commitment.number=-2+3;vendor.pm_id==1+1",
	    "line.position=1;line.amount=-5.00");
	kit_settle(k, false);
	gate_commit(k);
	return k;
}

static unsigned
sheet(struct kit *k, enum sheet_form form, const struct sheet_filter *f, struct eg_buf *b, char id[16])
{
	unsigned rows = 0;

	eg_buf_clear(b);
	gate_begin(k);
	kit_good(k, sheet_write(&k->s, form, f, b, &rows, id, &k->err));
	gate_commit(k);
	return rows;
}

/* Row n (from 1) of the sheet, without its end. */
static struct eg_bytes
row(const struct eg_buf *b, unsigned n)
{
	struct eg_bytes rest = eg_buf_view(b), line = EG_NONE;

	for (unsigned i = 0; i <= n; i++)
		assert_true(eg_bytes_cut(&rest, '\n', &line));
	return eg_bytes_trim_ws(line);
}

static void
test_columns(void **state)
{
	struct kit *k = world();
	struct sheet_filter vendors = { .type = "vendor" }, all = { 0 };
	struct eg_buf b = EG_BUF_INIT;
	char id[16], until[EG_TIME_TEXT];
	int64_t made, expires;

	(void)state;
	eg_time_print(until, GATE_NOW + 30 * 86400);
	assert_int_equal(sheet(k, SHEET_CSV, &vendors, &b, id), 2);
	assert_true(eg_bytes_starts(eg_buf_view(&b), EG_LIT(HEAD)));
	char *want = eg_xprintf(",,vendor/=1+1,'=1+1,Vendor,,'=Ébène Fils,,,,,,,,sha256:%s,%s " GATE_SITE " %s",
	    kit_item(k, "vendor/=1+1").content, id, until);
	assert_true(eg_bytes_is(row(&b, 1), want));
	free(want);
	want = eg_xprintf(",,vendor/@SUM,'@SUM,Vendor,,'@B,,,,,,,,sha256:%s,%s " GATE_SITE " %s",
	    kit_item(k, "vendor/@SUM").content, id, until);
	assert_true(eg_bytes_is(row(&b, 2), want));
	free(want);
	kit_good(k, sheet_get(k->s.store, id, &made, &expires, &k->err));
	assert_true(made == GATE_NOW && expires == GATE_NOW + 30 * 86400);

	/* A negative amount stays a number; a held item says what it waits for. */
	assert_int_equal(sheet(k, SHEET_CSV, &all, &b, id), 3);
	struct eg_bytes commitment = row(&b, 3);
	assert_true(eg_bytes_starts(
	    commitment, EG_LIT(",,commitment/P-1/-2+3,'-2+3,Commitment,P-1,'=Ébène Fils,-5.00,CAD,,,,,")));
	assert_true(eg_bytes_find(commitment, EG_LIT("E-")) < commitment.len);
	eg_buf_done(&b);
	gate_close(k);
}

static const struct {
	const char *name;
	struct sheet_filter f;
	unsigned rows;
} filters[] = {
	{ "open ones", { 0 }, 3 },
	{ "a type", { .type = "commitment" }, 1 },
	{ "a state", { .state = "waiting" }, 2 },
	{ "a project", { .project = "P-1" }, 1 },
	{ "a project and a type that do not meet", { .project = "P-1", .type = "vendor" }, 0 },
	{ "another project", { .project = "P" }, 0 },
};

static void
test_filters(void **state)
{
	struct kit *k = world();
	struct eg_buf b = EG_BUF_INIT;
	char id[16], before[16] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		unsigned rows = sheet(k, SHEET_CSV, &filters[i].f, &b, id);
		if (rows != filters[i].rows)
			fail_msg("%s: %u rows", filters[i].name, rows);
		assert_string_not_equal(id, before); /* each has its own number */
		(void)snprintf(before, sizeof(before), "%s", id);
	}
	gate_begin(k);
	kit_set(k, "vendor/@SUM", ST_REJECTED, NULL, -1);
	gate_commit(k);
	struct sheet_filter all = { .all = true }, open = { 0 };
	assert_int_equal(sheet(k, SHEET_CSV, &open, &b, id), 2);
	assert_int_equal(sheet(k, SHEET_CSV, &all, &b, id), 3);
	eg_buf_done(&b);
	gate_close(k);
}

/* The next cell of a CSV row without quotes, an apostrophe for people taken off. */
static struct eg_bytes
cell(struct eg_bytes *rest)
{
	struct eg_bytes c = EG_NONE;

	assert_true(eg_bytes_cut(rest, ',', &c));
	return c.len > 0 && c.ptr[0] == '\'' ? eg_bytes_sub(c, 1, c.len) : c;
}

static void
test_xml_twin(void **state)
{
	struct kit *k = world();
	struct sheet_filter vendors = { .type = "vendor" };
	struct eg_buf csv = EG_BUF_INIT, xml = EG_BUF_INIT, want = EG_BUF_INIT;
	char csv_id[16], xml_id[16];

	(void)state;
	assert_int_equal(sheet(k, SHEET_CSV, &vendors, &csv, csv_id), 2);
	assert_int_equal(sheet(k, SHEET_XML, &vendors, &xml, xml_id), 2);
	for (unsigned n = 1; n <= 2; n++) {
		struct eg_bytes rest = row(&csv, n);
		eg_buf_clear(&want);
		eg_buf_str(&want, "  <row>\n");
		for (size_t i = 0; i < NCOLUMNS; i++) {
			struct eg_bytes v = cell(&rest);
			if (i == NCOLUMNS - 1) { /* but for the number of the sheet */
				assert_true(eg_bytes_starts(v, eg_bytes_str(csv_id)));
				v = eg_bytes_sub(v, strlen(csv_id), v.len);
				eg_buf_printf(
				    &want, "    <%s>%s%.*s</%s>\n", columns[i], xml_id, EG_FMT(v), columns[i]);
			} else
				eg_buf_printf(&want, "    <%s>%.*s</%s>\n", columns[i], EG_FMT(v), columns[i]);
		}
		eg_buf_str(&want, "  </row>\n");
		if (eg_bytes_find(eg_buf_view(&xml), eg_buf_view(&want)) == xml.len)
			fail_msg("row %u: %s is not in\n%s", n, eg_buf_cstr(&want), eg_buf_cstr(&xml));
	}
	assert_non_null(strstr(eg_buf_cstr(&xml), "site=\"" GATE_SITE "\">"));
	eg_buf_done(&want);
	eg_buf_done(&xml);
	eg_buf_done(&csv);
	gate_close(k);
}

/* `what` before every `at`: a person's typing. */
static void
type_in(const struct eg_buf *sheet_text, const char *at, const char *instead, struct eg_buf *ret)
{
	struct eg_bytes rest = eg_buf_view(sheet_text), mark = eg_bytes_str(at);

	eg_buf_clear(ret);
	for (size_t n; (n = eg_bytes_find(rest, mark)) < rest.len; rest = eg_bytes_sub(rest, n + mark.len, rest.len)) {
		eg_buf_add(ret, eg_bytes_sub(rest, 0, n));
		eg_buf_str(ret, instead);
	}
	eg_buf_add(ret, rest);
}

/* Both forms come back: every row of the CSV rejected, every row of the XML sheet of what then remains. */
static void
test_both_come_back(void **state)
{
	struct kit *k = world();
	struct sign_key *pat = gate_user(k, "pat", "all", NULL, true);
	struct sheet_filter vendors = { .type = "vendor" }, all = { 0 };
	struct eg_buf b = EG_BUF_INIT, filled = EG_BUF_INIT;
	char id[16];

	(void)state;
	assert_int_equal(sheet(k, SHEET_CSV, &vendors, &b, id), 2);
	type_in(&b, "\n,,", "\nReject,no,", &filled);
	struct decide_counts c = gate_decide(k, &filled, pat);
	assert_int_equal(c.rejected, 2);
	assert_int_equal(c.refused, 0);
	assert_int_equal(sheet(k, SHEET_XML, &all, &b, id), 1);
	type_in(&b, "<Decision>", "<Decision>Reject", &filled);
	c = gate_decide(k, &filled, pat);
	assert_int_equal(c.rejected, 1);
	assert_int_equal(c.refused, 0);
	assert_string_equal(kit_state(k, "vendor/=1+1"), "rejected");
	assert_string_equal(kit_state(k, "commitment/P-1/-2+3"), "rejected");
	sign_key_free(pat);
	eg_buf_done(&filled);
	eg_buf_done(&b);
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_xml_twin),
		cmocka_unit_test(test_both_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
