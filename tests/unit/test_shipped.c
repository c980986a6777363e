/* SPDX-License-Identifier: MIT
 *
 * The shipped adapters: each of them loads for each accounting system without a word from the checker, each example of a layout is read as its
 * section says (verdict and item of every record; place and code of every finding), what is read is written again to the byte, and what the target
 * would refuse is refused when it is accepted.
 * Reads adapters/ of the working tree; fails when a file cannot be read.
 */
#include "adapters/adapter.h"
#include "gateway/conf.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define FILES_MAX 200

static const char *const folders[] = { "adapters/procore", "adapters/cmic", "adapters/acumatica", "adapters/mri",
	"adapters/ubl", "adapters/approvals" };
/* The program's own defaults, but for what these examples need. */
#define OWN "cmic.payment_export = yes\ncmic.vendor_types_hidden = X\n"

/* Kinds of sites, by the name that examples call them. */
static struct kind {
	const char *name, *erp, *settings;
	struct conf conf;
} kinds[] = {
	{ .name = "cmic", .erp = "cmic", .settings = OWN },
	{ .name = "acumatica", .erp = "acumatica", .settings = OWN },
	{ .name = "mri", .erp = "mri", .settings = OWN },
	{ .name = "vision",
	    .erp = "acumatica",
	    .settings =
		"acumatica.generation = vision\nacumatica.payment_export = yes\nprime_contracts_unit_based = yes\nacumatica.more_columns = yes\n" },
	{ .name = "multi", .erp = "cmic", .settings = "cmic.prime_contracts = multi\ncmic.pcco_as = pco\ncmic.more_columns = yes\n" },
};
#define NKINDS (sizeof kinds / sizeof kinds[0])

static struct kind *
kind_named(const char *name)
{
	size_t i = 0;

	while (i + 1 < NKINDS && strcmp(kinds[i].name, name) != 0)
		i++;
	assert_string_equal(kinds[i].name, name);
	return &kinds[i];
}

struct setting { /* a context field and its value */
	const char *key, *value;
};

static const char *
get_setting(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

/* ---- loading ---- */

struct text_file {
	char name[512];
	struct eg_buf text;
};

static struct text_file files[FILES_MAX];
static size_t nfiles, ntables; /* files[0 … ntables) are tables */

static void
slurp(struct text_file *f)
{
	int fd = open(f->name, O_RDONLY | O_CLOEXEC);
	unsigned char buf[8192];
	ssize_t n;

	if (fd < 0)
		fail_msg("%s cannot be opened", f->name);
	for (n = read(fd, buf, sizeof buf); n > 0; n = read(fd, buf, sizeof buf))
		eg_buf_put(&f->text, buf, (size_t)n);
	close(fd);
	assert_int_equal(n, 0);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct text_file *)a)->name, ((const struct text_file *)b)->name);
}

static void
collect(const char *folder, const char *ending)
{
	DIR *d = opendir(folder);
	size_t first = nfiles;

	if (d == NULL)
		fail_msg("%s is missing: run from the root of the tree", folder);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		if (!eg_bytes_ends(eg_bytes_str(e->d_name), eg_bytes_str(ending)))
			continue;
		assert_true(nfiles < FILES_MAX);
		snprintf(files[nfiles].name, sizeof files[nfiles].name, "%s/%s", folder, e->d_name);
		slurp(&files[nfiles++]);
	}
	closedir(d);
	qsort(&files[first], nfiles - first, sizeof files[0], by_name);
}

static int
collect_all(void **state)
{
	(void)state;
	collect("adapters/tables", ".csv");
	ntables = nfiles;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		collect(folders[i], ".adapter");
	return 0;
}

static int
forget_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < nfiles; i++)
		eg_buf_done(&files[i].text);
	return 0;
}

static void
say(void *ctx, const struct adp_diag *d)
{
	unsigned *count = ctx;

	if (d->advice)
		return;
	(*count)++;
	print_error("%s:%u:%u: %s %s: %s%s%s\n", d->file, d->line, d->col, d->error ? "error" : "warning", d->code,
	    d->msg, d->hint != NULL ? " -- " : "", d->hint != NULL ? d->hint : "");
}

static struct adp_set *
load(const char *name, unsigned *ret_said)
{
	struct kind *kind = kind_named(name);
	struct adp_set *s = adp_set_new((struct adp_config){ get_setting, &kind->conf }, kind->erp);
	struct eg_err err;
	int rc = EG_OK;

	for (size_t i = 0; i < nfiles && rc == EG_OK; i++) {
		const char *base = strrchr(files[i].name, '/') + 1;
		if (i < ntables)
			rc = adp_set_table(s, base, eg_buf_view(&files[i].text), &err);
		else
			(void)!adp_set_add(s, files[i].name, eg_buf_view(&files[i].text), say, ret_said, &err);
		if (rc != EG_OK)
			fail_msg("%s: %s", files[i].name, err.msg);
	}
	if (adp_set_seal(s, say, ret_said, &err) != EG_OK)
		(*ret_said)++;
	return s;
}

static size_t
file_of(const char *name)
{
	size_t i = 0;

	while (i < nfiles && strcmp(files[i].name, name) != 0)
		i++;
	assert_true(i < nfiles);
	return i;
}

static void
every_adapter_loads(void **state)
{
	bool *used = calloc(nfiles, sizeof *used);

	(void)state;
	for (size_t i = 0; i < NKINDS; i++) {
		unsigned said = 0;
		struct adp_set *s = load(kinds[i].name, &said);
		assert_int_equal(said, 0);
		for (size_t k = 0; k < adp_set_count(s); k++)
			used[file_of(adp_info(adp_set_at(s, k))->file)] = true;
		adp_set_free(s);
	}
	for (size_t i = ntables; i < nfiles; i++)
		if (!used[i])
			fail_msg("%s is of no use anywhere", files[i].name);
	free(used);
}

/* ---- reading: what happened, as text ---- */

struct seen {
	struct eg_buf text; /* findings and verdicts, a line each */
	struct eg_arena arena;
	struct rec rec; /* the record at hand */
	size_t room;
	struct rec kept[8]; /* the good ones */
	size_t nkept;
	char item[200];
};

static struct rec_val *
copied(struct seen *o, const struct rec_val *v, unsigned n)
{
	struct rec_val *c = eg_arena_array(&o->arena, n, sizeof *c);

	for (unsigned i = 0; i < n; i++) {
		c[i] = v[i];
		c[i].text = eg_arena_dup(&o->arena, v[i].text);
	}
	return c;
}

static int
on_recognised(void *ctx, const struct adp *a, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	assert_false(adp_info(a)->out);
	return EG_OK;
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct seen *o = ctx;

	(void)err;
	snprintf(o->item, sizeof o->item, "%.*s", EG_FMT(item));
	o->room = 16;
	o->rec = (struct rec){ .type = head->type, .head = copied(o, head->head, head->type->nhead), .at = head->at };
	o->rec.lines = eg_arena_array(&o->arena, o->room * (head->type->nline + 1), sizeof *o->rec.lines);
	o->rec.line_at = eg_arena_array(&o->arena, o->room, sizeof *o->rec.line_at);
	return EG_OK;
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	struct seen *o = ctx;
	unsigned n = line->type->nline;

	(void)err;
	assert_true(o->rec.nlines < o->room);
	memcpy(&o->rec.lines[o->rec.nlines * n], copied(o, line->lines, n), n * sizeof *line->lines);
	o->rec.line_at[o->rec.nlines++] = line->line_at[0];
	return EG_OK;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err)
{
	static const char *const words[] = { "taken", "rejected", "skipped", "refused", "archived" };
	struct seen *o = ctx;

	(void)raw_off;
	(void)raw_len;
	(void)err;
	eg_buf_printf(&o->text, "%s %s", words[v], o->rec.type->name);
	if (o->item[0] != '\0')
		eg_buf_printf(&o->text, " %s", o->item);
	if (o->rec.nlines > 0)
		eg_buf_printf(&o->text, " +%zu", o->rec.nlines);
	eg_buf_chr(&o->text, '\n');
	if (v == ADP_TAKEN && o->nkept < sizeof o->kept / sizeof o->kept[0])
		o->kept[o->nkept++] = o->rec;
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct seen *o = ctx;

	(void)err;
	if (f->msg == NULL || strlen(f->msg) < 20)
		fail_msg("%s has no sentence", f->code);
	eg_buf_printf(&o->text, "%c %s %llu\n", f->severity, f->code, (unsigned long long)f->line);
	return EG_OK;
}

static void
play(const struct adp_set *s, const char *source, const char *name, const char *text, struct seen *o)
{
	const struct adp_sink sink = { .file = on_recognised,
		.begin = on_begin,
		.line = on_line,
		.end = on_end,
		.finding = on_finding,
		.ctx = o };
	struct adp_file f = { source, eg_bytes_str(name) };
	struct adp_file_result res;
	struct fmt_src_mem mem;
	struct eg_err err;

	if (adp_read(s, &f, fmt_src_mem(&mem, eg_bytes_str(text), 7), &sink, &res, &err) != EG_OK)
		fail_msg("%s: %s", name, err.msg);
}

/* Lines on sub job, cost code and cost type; on cost code and type; on a cost code. */
#define OWNER_XML(status, amount, more)                                                                                                                                                                                                                     \
	"<payment_applications>\n<payment_application><project><number>26-1</number></project><contract_number>P1</contract_number><invoice_number>7</invoice_number><billing_date>2026-03-31</billing_date><due_date>2026-04-30</due_date><status>" status \
	"</status><items>\n<item><item_number>1</item_number><description_of_work>Piers</description_of_work><wbs_code><flat_code>PIER.05-1200.S</flat_code></wbs_code><work_completed_this_period>1.00</work_completed_this_period>"                       \
	"<work_completed_retainage_retained_this_period>0.10</work_completed_retainage_retained_this_period></item>\n<item><item_number>2</item_number><wbs_code><flat_code>05-1200.S</flat_code></wbs_code><work_completed_this_period>" amount            \
	"</work_completed_this_period>" more                                                                                                                                                                                                                \
	"</item>\n<item><item_number>3</item_number><wbs_code><flat_code>05-1300</flat_code></wbs_code><work_completed_this_period>3</work_completed_this_period></item></items></payment_application></payment_applications>\n"

#define MULTI_CSV                                                                                                                              \
	"JBC_JOB_CODE,JBC_CTRL_CODE,JBC_CONT_CODE,JBC_NAME,JBC_CURR_CODE,JBC_STATUS,JBC_LINE,BILL_PHS_CODE,BILL_CAT_CODE,BILL_DESC,BILL_AMT\n" \
	"26010A,26010,C1,Piers,USD,A,1,05-1200,MAT,Steel,1.00\n26010,ALL,C1,,,A,1,05-1200,MAT,Beams,2.00\n"

static const struct example {
	const char *what, *erp, *source, *name, *text, *expect;
} examples[] = {
	{ "companies", "cmic", "procore", "companies.csv",
	    "Company ID,Name,Abbreviated Name,Active,ERP Vendor ID\n"
	    "11,Lakeline Electric Co.,Lakeline,Yes,LAKE001\n"
	    "12,Gone Ltd,Gone,No,\n"
	    "13,A name that is very much longer than any accounting system would ever take,Long,Yes,\n",
	    "taken vendor vendor/11\nR E-05 3\nrejected vendor vendor/12\nR E-04 4\nrejected vendor vendor/13\n" },
	{ "companies: a state that is none", "acumatica", "procore", "companies.csv",
	    "Company ID,Name,Abbreviated Name,State,Country,Active\n14,Lakeline,L,XX,,Yes\n15,Lakeline,L,ON,CA,Yes\n16,Lakeline,L,MN,Usa,Yes\n",
	    "R E-09 2\nrejected vendor vendor/14\ntaken vendor vendor/15\nR E-09 4\nrejected vendor vendor/16\n" },
	{ "project names", "acumatica", "procore", "projects.csv",
	    "Project Number,Name,Active,ERP Job ID\n26-1,A project with quite a long name,Yes,\n26-2,Short,No,J2\n",
	    "R E-16 2\nrejected project project/26-1\ntaken project project/26-2\n" },
	{ "sub jobs are not for MRI", "mri", "procore", "subjobs.csv",
	    "Project Number,Sub Job Code,Sub Job Name\n26-1,A,Site\n", "R E-17 2\nrejected subjob subjob/26-1/A\n" },
	{ "code selections", "cmic", "procore", "project_codes.csv",
	    "Project Number,Cost Code,Cost Type,Selected\n26-1,05-1200,S,Yes\n26-1,05-1200,,No\n26-1,05-1300,,Yes\n",
	    "taken selection\nR E-12 4\nrejected selection\n" },
	{ "budget", "cmic", "procore", "budget_26-1_new.csv",
	    "Sub Job,Cost Code Tier 1,Cost Code Tier 2,Cost Type,Budget Code,Original Budget Amount,Other\nNone,None,None,None,\"\",0.0,1\n"
	    "None,05 - METALS,05-1200 - STEEL,S - Subcontract,05-1200.S,10.5,1\nA - Site,05 - METALS,None,M - Materials,A.05.M,0.0,1\n",
	    "taken budget budget/26-1 +2\n" },
	{ "budget: code and columns differ", "cmic", "procore", "budget_26-1.csv",
	    "Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,05-1200 - STEEL,S - Subcontract,05-1300.S,10.5\n"
	    "None,None,None,\"\",7.00\nNone,05-1400 - STEEL,None,05-1400,7.00\n",
	    "R F-27 2\nR E-12 3\nR E-12 4\nrejected budget budget/26-1 +3\n" },
	{ "budget: no project in the name", "cmic", "procore", "budget.csv",
	    "Sub Job,Cost Type,Budget Code,Original Budget Amount\nNone,None,\"\",0.0\n", "R F-08 1\n" },
	{ "budget changes", "cmic", "procore", "budget_changes.csv",
	    "Project Number,Budget Change Number,Title,Status,Adjustment,Type,Line,Cost Code,Cost Type,Amount\n"
	    "26-1,BC-1,Move,Approved,1,Change Event,1,05-1200,S,-5.00\n26-1,BC-1,Move,Approved,2,Change Event,2,05-1200,S,5.00\n"
	    "26-1,BC-2,Move,Draft,1,Budget Change,1,05-1200,S,-5.00\n26-1,BC-2,Move,Draft,1,Budget Change,2,05-1300,S,5.00\n",
	    "W F-51 2\ntaken budget-change budget-change/26-1/BC-1 +2\nR E-37 4\nrejected budget-change budget-change/26-1/BC-2 +2\n" },
	{ "commitments", "cmic", "procore", "commitments.csv",
	    "Project Number,Number,Commitment Type,Title,Status,Accounting Method,Contract Company ID,Grand Total,Line,Cost Code,Cost Type,Quantity,UOM,Unit Cost,Amount,Tax Amount\n"
	    "26-1,SC-1,Subcontract,Steel,Approved,Amount,11,\"$1,500.50\",1,05-1200,S,,,,\"$1,000.50\",\n26-1,SC-1,Subcontract,Steel,Approved,Amount,11,\"$1,500.50\",2,05-1200,M,,,,$500,\n"
	    "26-1,SC-2,Subcontract,Steel,Approved,Unit,11,,1,05-1200,S,3,ea,1.15,3.46,\n"
	    "26-1,SC-3,Subcontract,Steel,Draft,Amount,11,2.00,1,05-1200,,,,,1.00,\n"
	    "26-1,SC-4,Subcontract,Steel,Approved,Amount,11,2.00,1,05-1200,S,,,,1.00,0.10\n",
	    "taken commitment commitment/26-1/SC-1 +2\nR F-28 4\nrejected commitment commitment/26-1/SC-2 +1\nR E-38 5\nR E-37 5\nR F-25 5\nrejected commitment commitment/26-1/SC-3 +1\n"
	    "W E-60 6\nR F-25 6\nrejected commitment commitment/26-1/SC-4 +1\n" },
	{ "commitments: purchase orders need MRI's module", "mri", "procore", "commitments.xml",
	    "<commitments>\n<commitment><type>PurchaseOrderContract</type><number>PO-1</number><title>Steel</title><status>Approved</status><accounting_method>amount</accounting_method>"
	    "<project><number>26-1</number></project><vendor><id>11</id></vendor><commitment_items>\n"
	    "<commitment_item><position>1</position><sub_job><code>A</code></sub_job><cost_code><full_code>05-1200</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
	    "<amount>5</amount></commitment_item></commitment_items></commitment>\n</commitments>\n",
	    "R E-17 3\nR E-40 2\nrejected commitment commitment/26-1/PO-1 +1\n" },
	{ "change orders", "mri", "procore", "ccos.csv",
	    "Project Number,Contract,Change Order #,Title,Status,Line,Contract Line,Cost Code,Cost Type,Amount\n26-1,SC-1,001,More,Approved,1,2,,,5.00\n"
	    "26-1,SC-1,002,Move,Approved,1,2,,,5.00\n26-1,SC-1,002,Move,Approved,2,,05-1200,S,-5.00\n26-1,SC-1,003,New,Approved,1,,05-1200,,5.00\n",
	    "taken cco cco/26-1/SC-1/001 +1\nR E-44 3\nrejected cco cco/26-1/SC-1/002 +2\nR E-38 5\nrejected cco cco/26-1/SC-1/003 +1\n" },
	{ "invoices: a negative one is a debit adjustment", "acumatica", "procore", "invoices.csv",
	    "Project Number,Contract,Invoice #,Number,Billing Date,Status,Line,Item Type,Change Order,Contract Line,This Period,Materials Stored,Work Retainage\n"
	    "26-1,SC-1,I-1,1,03/31/2026,Approved,1,Contract,,1,-10.00,,\n26-1,SC-1,I-2,2,03/31/2026,Draft,1,Contract,,1,10.00,2.00,1.00\n"
	    "26-1,SC-1,I-3,3,03/31/2026,Approved,1,Change Order,,1,0.00,,\n26-1,SC-1,I-4,4,,Approved,1,Contract,,1,0.00,,\n",
	    "W E-59 2\ntaken invoice invoice/26-1/SC-1/I-1 +1\nR E-52 3\nW E-54 3\nrejected invoice invoice/26-1/SC-1/I-2 +1\n"
	    "R F-20 4\nR E-51 4\nrejected invoice invoice/26-1/SC-1/I-3 +1\nR E-49 5\nR E-51 5\nrejected invoice invoice/26-1/SC-1/I-4 +1\n" },
	{ "invoices: two attachments, retainage released", "mri", "procore", "invoices.xml",
	    "<requisitions>\n<requisition><project_number>26-1</project_number><contract_number>SC-1</contract_number><invoice_number>I-1</invoice_number><number>1</number>"
	    "<billing_date>2026-03-31</billing_date><period_end>2026-03-31</period_end><status>approved</status><attachments><url>https://a.example/1</url><url>https://a.example/2</url></attachments>"
	    "<current_payment_due>9.50</current_payment_due><line_items>\n<line_item><position>1</position><requisition_item_type>Billings::ContractItem</requisition_item_type>"
	    "<item_position>1</item_position><amount>9.00</amount><retainage_work_completed_this_period>0.25</retainage_work_completed_this_period>"
	    "<released_work_completed_this_period>0.75</released_work_completed_this_period></line_item></line_items></requisition></requisitions>\n",
	    "W E-55 2\nW E-56 2\ntaken invoice invoice/26-1/SC-1/I-1 +1\n" },
	{ "prime contracts", "acumatica", "procore", "prime.csv",
	    "Number,Owner/Client,Title,Status,Executed,Original Contract Amount,Project Number\nP1,Port,Works,Approved,Yes,100.0,26-1\nP-2,Port,Works,Approved,Yes,1.0,26-1\n",
	    "taken prime prime/26-1/P1\nR E-64 3\nrejected prime prime/26-1/P-2\n" },
	{ "prime contracts are not for CMiC", "cmic", "procore", "prime.csv",
	    "Owner/Client,Original Contract Amount\nPort,1\n", "N F-09 1\n" },
	{ "change order list: project and contract stand in the name", "cmic", "procore",
	    "prime_change_orders_26-1_P1_x.csv",
	    "\"Number\",\"Revision\",\"Title\",\"Status\",\"Amount\",\"Designated Reviewer\",\"PCO\",\"\"\n\"001\",\"0\",\"Fees\",\"Approved\",\"0.0\",\"\",\"\",\"\"\n\"002\",\"0\",\"Fees\",\"Draft\",\"5.0\",\"\",\"\",\"\"\n",
	    "taken pcco pcco/26-1/P1/001 +1\nR E-66 3\nrejected pcco pcco/26-1/P1/002 +1\n" },
	{ "forecasts are for CMiC", "cmic", "procore", "forecast.csv",
	    "Project Number,As Of,Sub Job,Cost Code,Cost Type,Estimated Cost at Completion,Forecast To Complete\n26-1,3/31/2026,,05-1200,S,10.00,5.00\n",
	    "taken forecast forecast/26-1/2026-03-31 +1\n" },
	{ "payments that are not funded", "cmic", "procore", "payments.csv",
	    "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Check Number,Date Initiated,Date Funded\nP1,26-1,SC-1,I-1,Funding Complete,5.00,71,04/01/2026,04/02/2026\n"
	    "P2,26-1,SC-1,I-1,Initiated,5.00,,,\n",
	    "taken payment payment/P1\nN F-52 3\nskipped payment payment/P2\n" },
	{ "CMiC vendors", "cmic", "cmic", "vendors.csv",
	    "BP_CODE,BP_NAME,BPVEN_COMP_CODE,BPVEN_TYPE_CODE,BPVEN_STATUS\nlake001,Lakeline,01,SUB,A\nOLD1,Old,01,SUB,I\nHID1,Hidden,01,X,A\n",
	    "taken erp-vendor erp-vendor/LAKE001\narchived erp-vendor erp-vendor/OLD1\nN E-06 4\nskipped erp-vendor erp-vendor/HID1\n" },
	{ "CMiC jobs and sub jobs", "cmic", "cmic", "jobs.csv",
	    "JOB_COMP_CODE,JOB_CODE,JOB_NAME,JOB_CTRL_CODE,JOB_START_DATE,JOB_STATUS\n01,26010,Library,ALL,01-SEP-2026,A\n01,26010A,Site,26010,,A\n",
	    "taken erp-project erp-project/26010\ntaken erp-subjob erp-subjob/26010/26010A\n" },
	{ "CMiC cost codes", "cmic", "cmic", "phases.csv",
	    "PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_ACTIVE_FLAG,CAT_CODE\n01,05-1200,Steel,Y,MAT\n01,05.1300,Steel,Y,\n01,05-1400,Steel,Y,ZZZ\n",
	    "taken cost-code\nR E-18 3\nrejected cost-code\nR F-21 4\nrejected cost-code\n" },
	{ "CMiC estimates: lines not above zero are left out", "cmic", "cmic", "budget.csv",
	    "JCAT_JOB_CODE,JCAT_PHS_CODE,JCAT_CODE,JCAT_BUDG_AMT\n26010,05-1200,MAT,10.00\n26010,05-1300,MAT,0.00\n",
	    "N E-25 3\ntaken erp-budget erp-budget/26010 +1\n" },
	{ "CMiC contracts", "cmic", "cmic", "contract.csv",
	    "JBC_JOB_CODE,JBC_CONT_CODE,JBC_STATUS,JBC_LINE,BILL_PHS_CODE,BILL_CAT_CODE,BILL_AMT\n26010,C1,A,1,05-1200,MAT,1.00\n26010,C2,P,1,05-1200,MAT,1.00\n",
	    "taken erp-prime erp-prime/26010/C1 +1\nR E-65 3\nrejected erp-prime erp-prime/26010/C2 +1\n" },
	{ "CMiC contracts of several jobs belong to the control job", "multi", "cmic", "contract.csv", MULTI_CSV,
	    "taken erp-prime erp-prime/26010/26010A-C1 +1\ntaken erp-prime erp-prime/26010/26010-C1 +1\n" },
	{ "CMiC transactions are numbered within their batch", "cmic", "cmic", "CMIC_JCDETAIL_1.txt",
	    "JOB COST DETAIL CONVERSION\nCOMPANY 01\nNAMES\n20260315,20260331,9834,0,4180.55,C,26010,ALL,R,,lake001,01,01,,AP,LS,\"HARBOR, LLC\",MAT,ALL,,Bolts,05-1200,ALL,5010,I-1\n"
	    "20260316,,9834,38.5,2271.50,C,26010A,26010,,,E0042,01,01,,PY,HR,X,LAB,ALL,,Y,05-1200\n20260316,20260331,9835,1,1.00,C,26010A,26010,,,E0042,01,01,,PY,HR,X,QQQ,ALL,,Y,05-1200\n",
	    "taken erp-cost erp-cost/9834-000001\nN E-32 5\nskipped erp-cost erp-cost/9834-000002\ntaken erp-cost erp-cost/9835-000001\n" },
	{ "CMiC answers", "cmic", "cmic", "ack.csv",
	    "BATCH,OBJECT,KEY,ERP_CODE,POSTED_FLAG,ERROR_TEXT\n,COMMITMENT,LAKE001|SC-1,SC-1,Y,\n,INVOICE,LAKE001|I-1,,N,Period closed\n,NOISE,X,X,Y,\n",
	    "taken answer\ntaken answer\nR F-21 4\nrejected answer\n" },
	{ "Acumatica tasks: the default task is no sub job", "acumatica", "acumatica", "tasks.csv",
	    "ProjectID;ProjectTaskID;Description;Status;Default\n26010;26010   ;Default;Active;1\n26010;PIER;Piers;Active;0\n26010;OLD;Old;Completed;0\n",
	    "taken default-task\ntaken erp-subjob erp-subjob/26010/PIER\narchived erp-subjob erp-subjob/26010/OLD\n" },
	{ "Acumatica account groups: income is passed over", "acumatica", "acumatica", "groups.csv",
	    "AccountGroupID;Description;IsExpense;IsActive\nLABOR;Labor;1;1\nREVENUE;Revenue;0;1\nFOO;Foo;1;1\n",
	    "taken cost-type\nR F-21 4\nrejected cost-type\n" },
	{ "Acumatica budgets", "acumatica", "acumatica", "budget.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;UOM;Qty;CuryAmount;Type\n26010;26010;051200;MATERIAL;NULL;0.0000;10.0000;E\n26010;PIER;051200;REVENUE;NULL;0.0000;10.0000;I\n",
	    "taken erp-budget erp-budget/26010 +1\n" },
	{ "Acumatica transactions", "acumatica", "acumatica", "transactions.csv",
	    "TransactionID;Date;Module;ProjectID;ProjectTaskID;AccountGroupID;CostCodeID;VendorOrCustomer;ExtRefNbr;SubcontractNbr;Qty;UnitRate;Amount;Released;tstamp\n"
	    "T1;21.03.2026 13:44;AP;26010;26010;MATERIAL;051200;LAKE001;I-1;NULL;1.000000;5.0000;5.0000;1;0x0A\nT2;2026-03-21;AP;26010;26010;MATERIAL;051200;NULL;NULL;NULL;NULL;NULL;5.0000;0;0x0B\n"
	    "T3;2026-03-21;AR;26010;26010;REVENUE;NULL;NULL;NULL;NULL;NULL;NULL;5.0000;1;0x0C\n",
	    "taken erp-cost erp-cost/T1\nN E-32 3\nskipped erp-cost erp-cost/T2\n" },
	{ "Acumatica balances", "acumatica", "acumatica", "balances.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;RevisedCommittedAmount;ActualAmount;LastModifiedDateTime\n26010;26010;051200;MATERIAL;1.0000;5.0000;2026-03-31 23:59:59.000\n",
	    "taken erp-jobcost erp-jobcost/26010/-/05-1200.M\n" },
	{ "Acumatica answers", "acumatica", "acumatica", "result.csv",
	    "Batch;Object;Key;ERPNbr;Released;Processed;Error\nNULL;TASK;26010|SITE;NULL;1;1;NULL\n",
	    "taken answer\n" },
	{ "Vision: income lines are the prime contract, by quantity and amount", "vision", "acumatica", "budget.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;UOM;Qty;CuryUnitRate;CuryAmount;Type\n26010;26010;051200;MATERIAL;NULL;0.0000;0.0000;10.0000;E\n"
	    "26010;PIER;051200;REVENUE;EA;4.0000;2.5000;10.0000;I\n26011;26011;051200;REVENUE;EA;4.0000;2.5000;10.0100;I\n",
	    "taken erp-prime erp-prime/26010/26010 +1\nR F-28 4\nrejected erp-prime erp-prime/26011/26011 +1\n" },
	{ "Vision: prime contracts come from there", "vision", "procore", "prime.csv",
	    "Owner/Client,Original Contract Amount\nPort,1\n", "N F-09 1\n" },
	{ "owner invoices are for Vision", "acumatica", "procore", "o.xml", OWNER_XML("approved", "1.00", ""),
	    "N F-09 1\n" },
	{ "Vision: owner invoices", "vision", "procore", "o.xml", OWNER_XML("approved", "1.00", ""),
	    "taken owner-invoice owner-invoice/26-1/P1/7 +3\n" },
	{ "Vision: what no owner invoice may be", "vision", "procore", "o.xml",
	    OWNER_XML("draft", "-9.00",
	    "<materials_presently_stored>1</materials_presently_stored><work_completed_retainage_released_this_period>1</work_completed_retainage_released_this_period>"),
	    "R E-52 2\nR E-59 2\nW E-54 2\nW E-55 2\nrejected owner-invoice owner-invoice/26-1/P1/7 +3\n" },
	{ "Vision: payments go there", "vision", "procore", "payments.csv",
	    "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Check Number,Date Initiated,Date Funded\nP1,26-1,SC-1,I-1,Funding Complete,5.00,71,04/01/2026,04/02/2026\n",
	    "taken payment payment/P1\n" },
	{ "Vision: answers", "vision", "acumatica", "result.csv",
	    "Batch;Object;Key;ERPNbr;Released;Processed;Error\nNULL;ARINVOICE;26010|7;AR000001;1;1;NULL\nNULL;PAYMENT;LAKE001|71;CK01;1;1;NULL\n",
	    "taken answer\ntaken answer\n" },
	{ "MRI vendors", "mri", "mri", "vendors.xml",
	    "<mri_s-pmap_vendor>\n<entry><Vendor>LAKE001</Vendor><Name>Lakeline</Name></entry>\n<entry><Vendor>TOOLONGVENDOR</Vendor><Name>Long</Name></entry>\n"
	    "<entry><Vendor>OLD1</Vendor><Name>Old</Name><Active>N</Active></entry></mri_s-pmap_vendor>",
	    "taken erp-vendor erp-vendor/LAKE001\nR E-07 3\nrejected erp-vendor erp-vendor/TOOLONGVENDOR\narchived erp-vendor erp-vendor/OLD1\n" },
	{ "MRI costs", "mri", "mri", "costs.xml",
	    "<mri_s-pmjc_cost>\n<entry><TransactionID>T1</TransactionID><InvoiceType>Payable</InvoiceType><Status>Posted</Status><InvoiceDate>2026-03-02T00:00:00</InvoiceDate><JobCode>J1</JobCode>"
	    "<CostCode>05-1200</CostCode><DefaultCategory>MAT</DefaultCategory><AmountPaid>5.00</AmountPaid></entry>\n<entry><TransactionID>T2</TransactionID><InvoiceType>Journal</InvoiceType>"
	    "<Status>Open</Status><InvoiceDate>2026-03-02</InvoiceDate><JobCode>J1</JobCode><CostCode>05-1200</CostCode><DefaultCategory>MAT</DefaultCategory><AmountPaid>5.00</AmountPaid></entry></mri_s-pmjc_cost>",
	    "taken erp-cost erp-cost/T1\nN E-32 3\nskipped erp-cost erp-cost/T2\n" },
	{ "MRI answers", "mri", "mri", "answer.xml",
	    "<mri_s-pmjc_contract><entry><ProjectID>J1</ProjectID><ContractNumber>SC-1</ContractNumber><Error><Message>closed</Message></Error></entry></mri_s-pmjc_contract>",
	    "taken answer\n" },
	{ "a sheet saved by a spreadsheet program", "cmic", "approvals", "sheet.csv",
	    "\xef\xbb\xbf"
	    "Decision;Comment;Item;Number;Type;ERP ID;Transaction Date;Content;Sheet\r\nACCEPT;;vendor/11;;;LAKE001;2026-03-06;sha256:00;S1\r\n;;vendor/12;;;;;sha256:00;S1\r\n"
	    "perhaps;;vendor/13;;;;;sha256:00;S1\r\n",
	    "taken decision\nR F-35 4\nrejected decision\n" },
	{ "a sheet as XML", "cmic", "approvals", "sheet.xml",
	    "<sheet><row><Decision>Reject</Decision><Comment>twice</Comment><Item>vendor/11</Item><Content>sha256:00</Content><Sheet>S1</Sheet></row></sheet>",
	    "taken decision\n" },
};

static void
layouts_are_read(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t e = 0; e < NKINDS; e++) {
		unsigned said = 0;
		struct adp_set *s = load(kinds[e].name, &said);
		for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
			const struct example *x = &examples[i];
			struct seen o = { .text = EG_BUF_INIT };
			if (strcmp(x->erp, kinds[e].name) != 0)
				continue;
			eg_arena_init(&o.arena, (size_t)1 << 24);
			play(s, x->source, x->name, x->text, &o);
			if (strcmp(eg_buf_cstr(&o.text), x->expect) != 0) {
				print_error(
				    "%s\n-- expected\n%s-- seen\n%s\n", x->what, x->expect, eg_buf_cstr(&o.text));
				failed++;
			}
			eg_buf_done(&o.text);
			eg_arena_done(&o.arena);
		}
		adp_set_free(s);
	}
	assert_int_equal(failed, 0);
}

/* ---- writing ---- */

static struct eg_buf keys_seen = EG_BUF_INIT; /* keys of answers, blanks between */

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_buf_add(ctx, v);
	return EG_OK;
}

static int
on_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "[%s %.*s%s]\n", adp_info(a)->object, EG_FMT(project), ext);
	return EG_OK;
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)record;
	(void)f;
	(void)err;
	assert_true(n > 0);
	return EG_OK;
}

static int
on_out_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)record;
	(void)err;
	eg_buf_printf(ctx, "%c %s\n", f->severity, f->code);
	return EG_OK;
}

static int
on_key(void *ctx, size_t record, struct eg_bytes key, struct eg_err *err)
{
	(void)record;
	(void)err;
	(void)ctx;
	eg_buf_printf(&keys_seen, "%s%.*s", keys_seen.len > 0 ? " " : "", EG_FMT(key));
	return EG_OK;
}

/* What the gateway fills in before writing. */
static void
set_context(struct seen *o, struct rec *r)
{
	static const struct setting values[] = { { "erp.vendor", "LAKE001" }, { "erp.project", "26010" },
		{ "erp.commitment", "SC-1" }, { "decision.transaction_date", "2026-03-06" },
		{ "link.project_number", "26-010" }, { "contract.type", "subcontract" },
		{ "contract.retainage_percent", "5.0000" } };
	struct eg_err err;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		bool line;
		int f = rec_field_named(r->type, eg_bytes_str(values[i].key), &line);
		if (f < 0)
			continue;
		assert_int_equal(rec_set(&o->arena, &r->type->head[f], eg_bytes_str(values[i].value),
				     (struct rec_prov){ 0 }, &r->head[f], &err),
		    EG_OK);
	}
	for (size_t i = 0; i < r->nlines && (r->type->id == REC_INVOICE || r->type->id == REC_CCO); i++) {
		struct rec_val *v = rec_line(r, i, "line.commitment_line");
		if (v->state != RV_VALUE)
			continue;
		*rec_line(r, i, "target.position") = *v;
		*rec_line(r, i, "target.contract_line") = *v;
		*rec_line(r, i, "target.cost_code") = (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("05-1200") };
		*rec_line(r, i, "target.cost_type") = (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("S") };
		*rec_line(r, i, "target.description") =
		    (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("As before") };
	}
	for (size_t i = 0; i < r->nlines && r->type->id == REC_OWNER_INVOICE; i++)
		if (rec_line(r, i, "line.sub_job")->state == RV_VALUE)
			*rec_line(r, i, "erp.sub_job") =
			    (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("SUB-PIER") };
}

#define COMMITMENT_CSV                                                                                                                                                                                 \
	"Project Number,Number,Commitment Type,Title,Status,Accounting Method,Contract Company ID,Contract Date,Retainage %,Line,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount\n" \
	"26-010,sc-1,Subcontract,O'Neil steel,Approved,Unit,11,3/9/2026,5,2,05-1200,M,Beams,3,ea,1.15,3.45\n"                                                                                          \
	"26-010,sc-1,Subcontract,O'Neil steel,Approved,Unit,11,3/9/2026,5,1,05-1200,S,\"Erection, all of it, by the hour\",2,hr,1.5,3.00\n"
#define COMPANY_CSV "Company ID,Name,Abbreviated Name,Active\n11,Lakeline Electric,Lakeline,Yes\n"
#define PROJECT_CSV "Project Number,Name,Active,ERP Job ID\n26-010,Library,Yes,\n"
#define CCO_CSV                                                                                                                \
	"Project Number,Contract,Change Order #,Title,Status,Line,Contract Line,Cost Code,Cost Type,Line Description,Amount\n" \
	"26-010,SC-1,001,More,Approved,1,2,,,,5.00\n26-010,SC-1,001,More,Approved,2,,05-1300,M,New,6.00\n"
#define INVOICE_CSV                                                                                                                                                                      \
	"Project Number,Contract,Invoice #,Number,Final,Billing Date,Period End,Status,Line,Item Type,Contract Line,Description Of Work,This Period,Work Retainage,Retainage Released\n" \
	"26-010,SC-1,I-1,1,Yes,03/31/2026,03/31/2026,Approved,1,Contract,1,Steel,100.00,5.00,\n26-010,SC-1,I-1,1,Yes,03/31/2026,03/31/2026,Approved,2,Contract,2,Beams,0.00,,2.50\n"

static const struct written {
	const char *what, *erp, *source, *name, *text, *adapters[3], *keys, *expect;
} writings[] = {
	{ "commitment to CMiC", "cmic", "procore", "c.csv", COMMITMENT_CSV, { "cmic.commitment.out" }, "LAKE001|SC-1",
	    "[COMMITMENT csv]\nW F-40\nW F-41\n"
	    "01,LAKE001,SC-1,000,26010,NONE,SC,USD,09-MAR-2026,001,\"Erection, all of it, by the ho\",05-1200,SUB,HR,2.0000,1.5000,3.00,5.0000,26010,ONeil steel,OPEN,,,,,Y,\r\n"
	    "01,LAKE001,SC-1,000,26010,NONE,SC,USD,09-MAR-2026,002,Beams,05-1200,MAT,EA,3.0000,1.1500,3.45,5.0000,26010,ONeil steel,OPEN,,,,,Y,\r\n" },
	{ "commitment to Acumatica", "acumatica", "procore", "c.csv", COMMITMENT_CSV,
	    { "acumatica.subcontract.out", "acumatica.purchaseorder.out" }, "26010|sc-1",
	    "[SUBCONTRACT csv]\nSubcontractNbr\tVendorID\tDate\tStartDate\tDescription\tVendorRef\tLineNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tInventoryID\tLineDescription\tUOM\tOrderQty\tUnitCost\tAmount\tRetainageApply\tRetainagePct\r\n"
	    "<NEW>\tLAKE001\t3/9/2026\t\tO'Neil steel\tsc-1\t1\t26010\t26010\t051200\tSUBCON\t<N/A>\tErection, all of it, by the hour\tHR\t2.0000\t1.5000\t3.00\tTrue\t5.0000\r\n"
	    "<NEW>\tLAKE001\t3/9/2026\t\tO'Neil steel\tsc-1\t2\t26010\t26010\t051200\tMATERIAL\t<N/A>\tBeams\tEA\t3.0000\t1.1500\t3.45\tTrue\t5.0000\r\n" },
	{ "commitment to MRI", "mri", "procore", "c.csv", COMMITMENT_CSV,
	    { "mri.contract.out", "mri.purchaseorder.out" }, "26010|sc-1",
	    "[CONTRACT csv]\nProject ID,Contract Number,Description,Vendor,Status,Original Amount,Contract Date,Line,Cost Code,Default Category,Line Description,Line Amount\r\n"
	    "26010,sc-1,O'Neil steel,LAKE001,Approved,6.45,2026-03-09,1,05-1200,SUB,\"Erection, all of it, by the hour\",3.00\r\n26010,sc-1,O'Neil steel,LAKE001,Approved,6.45,2026-03-09,2,05-1200,MAT,Beams,3.45\r\n" },
	{ "invoice to CMiC: voucher and retainage document", "cmic", "procore", "i.csv", INVOICE_CSV,
	    { "cmic.invoice.out" }, "LAKE001|I-1 LAKE001|I-1",
	    "[INVOICE csv]\n01,LAKE001,SC-1,000,26010,I-1,-999999,100.00,31-MAR-2026,31-MAR-2026,30-APR-2026,Y,001,100.00,5.00,0.00,05-1200,SUB,USD,,Steel\r\n"
	    "01,LAKE001,SC-1,000,26010,I-1,-999999,100.00,31-MAR-2026,31-MAR-2026,30-APR-2026,Y,002,0.00,0.00,0.00,05-1200,SUB,USD,,Beams\r\n"
	    "01,LAKE001,SC-1,000,26010,I-1R,-999998,0.00,31-MAR-2026,31-MAR-2026,30-APR-2026,N,002,0.00,0.00,2.50,05-1200,SUB,USD,,Beams\r\n" },
	{ "invoice to Acumatica: bill and release", "acumatica", "procore", "i.csv", INVOICE_CSV,
	    { "acumatica.bill.out", "acumatica.retainage.out" }, "LAKE001|I-1 LAKE001|I-1",
	    "[BILL csv]\nDocType\tRefNbr\tVendorID\tDocDate\tFinPeriodID\tInvoiceNbr\tDocDesc\tCuryOrigDocAmt\tRetainageApply\tSubcontractNbr\tSubcontractLineNbr\tChangeOrderNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tTranDesc\tCuryLineAmt\tRetainagePct\tCuryRetainageAmt\r\n"
	    "Bill\t<NEW>\tLAKE001\t3/31/2026\t032026\tI-1\t\t95.00\tTrue\tSC-1\t1\t\t26010\t26010\t051200\tSUBCON\tSteel\t100.00\t5.0000\t5.00\r\n"
	    "[RETAINAGE csv]\nVendorID\tInvoiceNbr\tSubcontractNbr\tProjectID\tDate\tPostPeriod\tAmountToRelease\r\nLAKE001\tI-1\tSC-1\t26010\t3/31/2026\t032026\t2.50\r\n" },
	{ "invoice to MRI", "mri", "procore", "i.csv", INVOICE_CSV, { "mri.draw.out" }, "LAKE001|I-1",
	    "[DRAW csv]\nVendor ID,Invoice Number,Invoice Amount,Invoice Date,Expense Period,Status,Third Party Attachments,Project ID,Contract Number\r\nLAKE001,I-1,95.00,2026-03-31,202603,Pending,,26010,SC-1\r\n" },
	{ "change order to CMiC: a changed and a new line", "cmic", "procore", "o.csv", CCO_CSV, { "cmic.cco.out" },
	    "LAKE001|SC-1|001",
	    "[CCO csv]\n01,LAKE001,SC-1,001,26010,NONE,SC,USD,06-MAR-2026,002,As before,05-1200,SUB,,,,5.00,5.0000,26010,More,PENDING,,,,,Y,\r\n"
	    "01,LAKE001,SC-1,001,26010,NONE,SC,USD,06-MAR-2026,001-002,New,05-1300,MAT,,,,6.00,5.0000,26010,More,PENDING,,,,,Y,\r\n" },
	{ "change order to Acumatica: a changed and a new line", "acumatica", "procore", "o.csv", CCO_CSV,
	    { "acumatica.cco.out" }, "26010|SC-1-001",
	    "[CCO csv]\nRefNbr\tClassID\tProjectID\tDate\tDescription\tExtRefNbr\tLineType\tTaskID\tCostCodeID\tAccountGroupID\tInventoryID\tVendorID\tPOOrderType\tPOOrderNbr\tPOLineNbr\tLineDescription\tQty\tUOM\tUnitCost\tAmount\r\n"
	    "<NEW>\tCOMMIT\t26010\t3/6/2026\tMore\tSC-1-001\tUpdate\t26010\t051200\tSUBCON\t<N/A>\tLAKE001\tSubcontract\tSC-1\t2\tAs before\t0.0000\tLS\t0.0000\t5.00\r\n"
	    "<NEW>\tCOMMIT\t26010\t3/6/2026\tMore\tSC-1-001\tNewLine\t26010\t051300\tMATERIAL\t<N/A>\tLAKE001\tSubcontract\tSC-1\t\tNew\t1.0000\tLS\t6.0000\t6.00\r\n" },
	{ "change order to MRI", "mri", "procore", "o.csv", CCO_CSV, { "mri.changeorder.out" }, "26010|SC-1|001",
	    "[CHANGEORDER csv]\nProject ID,Order Number,Change Order,Title,Description,Additional Description,Date Created,Line,Contract Line,Cost Code,Default Category,Line Description,Line Amount\r\n"
	    "26010,SC-1,001,More,,,2026-03-06,1,2,05-1200,SUB,As before,5.00\r\n26010,SC-1,001,More,,,2026-03-06,2,,05-1300,MAT,New,6.00\r\n" },
	{ "negative invoice to Acumatica: every sign changed", "acumatica", "procore", "i.csv",
	    "Project Number,Contract,Invoice #,Number,Billing Date,Status,Line,Item Type,Contract Line,This Period,Work Retainage\n26-010,SC-1,I-2,2,03/31/2026,Approved,1,Contract,1,-100.00,-5.00\n",
	    { "acumatica.bill.out" }, "LAKE001|I-2",
	    "[BILL csv]\nDocType\tRefNbr\tVendorID\tDocDate\tFinPeriodID\tInvoiceNbr\tDocDesc\tCuryOrigDocAmt\tRetainageApply\tSubcontractNbr\tSubcontractLineNbr\tChangeOrderNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tTranDesc\tCuryLineAmt\tRetainagePct\tCuryRetainageAmt\r\n"
	    "Debit Adj.\t<NEW>\tLAKE001\t3/31/2026\t032026\tI-2\t\t95.00\tTrue\tSC-1\t1\t\t26010\t26010\t051200\tSUBCON\t\t100.00\t5.0000\t5.00\r\n" },
	{ "owner invoice to Acumatica Vision", "vision", "procore", "o.xml", OWNER_XML("approved", "2.00", ""),
	    { "acumatica.arinvoice.out" }, "26010|7",
	    "[ARINVOICE csv]\nDocType\tRefNbr\tProjectID\tDocDate\tDueDate\tFinPeriodID\tInvoiceNbr\tProjectTaskID\tCostCodeID\tTranDesc\tCuryLineAmt\tCuryRetainageAmt\r\n"
	    "Invoice\t<NEW>\t26010\t3/6/2026\t4/30/2026\t032026\t7\tSUB-PIER\t051200\tPiers\t1.00\t0.10\r\n"
	    "Invoice\t<NEW>\t26010\t3/6/2026\t4/30/2026\t032026\t7\t26010\t051200\t\t2.00\t0.00\r\n"
	    "Invoice\t<NEW>\t26010\t3/6/2026\t4/30/2026\t032026\t7\t26010\t051300\t\t3.00\t0.00\r\n" },
	{ "bill of Vision: the kind of order", "vision", "procore", "i.csv",
	    "Project Number,Contract,Invoice #,Number,Billing Date,Status,Line,Item Type,Contract Line,This Period,Work Retainage\n26-010,SC-1,I-2,2,03/31/2026,Approved,1,Contract,1,100.00,\n",
	    { "acumatica.bill.out" }, "LAKE001|I-2",
	    "[BILL csv]\nDocType\tRefNbr\tVendorID\tDocDate\tFinPeriodID\tInvoiceNbr\tDocDesc\tCuryOrigDocAmt\tRetainageApply\tSubcontractNbr\tSubcontractLineNbr\tChangeOrderNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tTranDesc\tCuryLineAmt\tRetainagePct\tCuryRetainageAmt\tPOOrderType\tNoteText\r\n"
	    "Bill\t<NEW>\tLAKE001\t3/31/2026\t032026\tI-2\t\t100.00\tFalse\tSC-1\t1\t\t26010\t26010\t051200\tSUBCON\t\t100.00\t0.0000\t0.00\tSubcontract\t\r\n" },
	{ "payment to Acumatica", "vision", "procore", "p.csv",
	    "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Check Number,Date Initiated,Date Funded\nP1,26-010,SC-1,I-1,Funding Complete,5.00,71,04/01/2026,04/02/2026\n",
	    { "acumatica.payment.out" }, "LAKE001|71",
	    "[PAYMENT csv]\nDocType\tReferenceNbr\tVendorID\tPaymentMethod\tCashAccount\tApplicationDate\tPaymentRef\tDescription\tPaymentAmount\tAdjdDocType\tAdjdRefNbr\tAmountPaid\r\n"
	    "Payment\t<NEW>\tLAKE001\tCHECK\t\t4/1/2026\t71\t\t5.00\tBill\t\t5.00\r\n" },
	{ "prime contract of Vision to the project side, with units", "vision", "acumatica", "b.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;Description;UOM;Qty;CuryUnitRate;CuryAmount;Type\n26010;PIER;051200;Piers;EA;4.0000;2.5000;10.0000;I\n",
	    { "procore.prime.out" }, "",
	    "[PRIME csv]\nProject Number,Number,Title,Description,Status,Original Contract Amount,Line,Cost Code,Cost Type,Line Description,Amount,Quantity,UOM,Unit Cost,Sub Job\n"
	    "26-010,26010,26010 Prime Contract,Imported from job 26010,Approved,10.00,1,05-1200,,Piers,10.00,4.0000,EA,2.5000,PIER\n" },
	{ "CMiC's contract of a job below: sub job, currency", "multi", "cmic", "c.csv", MULTI_CSV,
	    { "procore.prime.out" }, "",
	    "[PRIME csv]\nProject Number,Number,Title,Description,Status,Original Contract Amount,Line,Cost Code,Cost Type,Line Description,Amount,Sub Job,Currency\n"
	    "26-010,26010-C1,26010 Prime Contract,Imported from job 26010,Approved,2.00,1,05-1200,M,Beams,2.00,,\n"
	    "26-010,26010A-C1,Piers,Imported from job 26010,Approved,1.00,1,05-1200,M,Piers Steel,1.00,26010A,USD\n" },
	{ "budget change to CMiC with the scope, which is left out by default", "multi", "procore", "b.csv",
	    "Project Number,Budget Change Number,Title,Description,Status,Adjustment,Type,Line,Cost Code,Cost Type,Amount\n26-010,BC-1,Move,Why it moves,Approved,1,Change Event,1,05-1200,S,-5.00\n",
	    { "cmic.budgetchange.out" }, "26010|BC-1",
	    "[BUDGETCHANGE csv]\n01,26010,BC-1,Move,06-MAR-2026,APPROVED,BC,,26010,05-1200,SUB,-5.00,0.00,,,Why it moves\r\n" },
	{ "prime contract change order to CMiC, a PCI for each potential one", "multi", "procore", "p.xml",
	    "<prime_contract_change_orders><prime_contract_change_order><project><number>26-010</number></project><prime_contract><number>P1</number></prime_contract><number>003</number>"
	    "<title>More</title><status>Approved</status><prime_contract_change_order_items>"
	    "<prime_contract_change_order_item><position>1</position><description>Walls</description><cost_code><full_code>05-1200</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
	    "<amount>1.00</amount><extended_amount>2.00</extended_amount><potential_change_order><number>7</number></potential_change_order></prime_contract_change_order_item>"
	    "<prime_contract_change_order_item><position>2</position><cost_code><full_code>05-1200</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
	    "<amount>3.00</amount><extended_amount>4.00</extended_amount></prime_contract_change_order_item>"
	    "</prime_contract_change_order_items></prime_contract_change_order></prime_contract_change_orders>",
	    { "cmic.pcco.out", "cmic.oco.out" }, "26010|003",
	    "[PCCO csv]\n01,26010,003.7,P1-003-7 Walls,06-MAR-2026,PENDING,CO,,26010,05-1200,SUB,1.00,2.00,,,\r\n"
	    "01,26010,003,P1-003,06-MAR-2026,PENDING,CO,,26010,05-1200,SUB,3.00,4.00,,,\r\n" },
	{ "prime contract change order of a list to CMiC: settings give the codes", "cmic", "procore",
	    "prime_change_orders_26-010_P1.csv",
	    "Number,Revision,Title,Status,Amount,Designated Reviewer,PCO\n003,0,Fees,Approved,12.5,,\n",
	    { "cmic.pcco.out", "cmic.oco.out" }, "26010|003",
	    "[PCCO csv]\n01,26010,003,Fees,06-MAR-2026,PENDING,CO,,26010,01-0000,OTC,0.00,12.50,,\r\n" },
	{ "budget to CMiC",
	    "cmic", "procore", "budget_26-010.csv", "Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,05-1200 - STEEL,S - Subcontract,05-1200.S,10.5\nNone,05-1200 - STEEL,M - Materials,05-1200.M,-1\n", { "cmic.budget.out" }, "26010", "[BUDGET csv]\n01,26010,ORIGBUDG,ORIGINAL BUDGET,06-MAR-2026,APPROVED,OB,,26010,05-1200,MAT,-1.00,0.00,,\r\n01,26010,ORIGBUDG,ORIGINAL BUDGET,06-MAR-2026,APPROVED,OB,,26010,05-1200,SUB,10.50,0.00,,\r\n" },
	{ "forecast to CMiC", "cmic", "procore", "f.csv",
	    "Project Number,As Of,Sub Job,Cost Code,Cost Type,Estimated Cost at Completion,Forecast To Complete\n26-010,02/28/2026,,05-1200,S,10.00,5.00\n",
	    { "cmic.forecast.out" }, "26010|FC20260306",
	    "[FORECAST csv]\n01,26010,FC20260306,MARCH 2026 FORECAST AMOUNTS,06-MAR-2026,APPROVED,FC,,26010,05-1200,SUB,10.00,5.00,,\r\n" },
	{ "vendor to the project side", "cmic", "cmic", "v.csv",
	    "BP_CODE,BP_NAME,BPAD_ZIP,BPVEN_COMP_CODE,BPVEN_TYPE_CODE,BPVEN_STATUS\nLAKE001,\"Lakeline, Co.\",01234,01,SUB,A\n",
	    { "procore.vendor.out" }, "",
	    "[VENDOR csv]\nName,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,Vendor Type,Customer,ERP Vendor ID\n\"Lakeline, Co.\",,,,,01234,,,,,,,SUB,No,LAKE001\n" },
	{ "costs to the project side: a file per project", "mri", "mri", "c.xml",
	    "<mri_s-pmjc_cost><entry><TransactionID>T1</TransactionID><InvoiceType>Journal</InvoiceType><Status>Posted</Status><InvoiceDate>2026-03-02</InvoiceDate><JobCode>26010</JobCode>"
	    "<CostCode>05-1200</CostCode><DefaultCategory>MAT</DefaultCategory><LineDescription>Bolts</LineDescription><AmountPaid>5</AmountPaid></entry></mri_s-pmjc_cost>",
	    { "procore.directcost.out" }, "",
	    "[DIRECTCOST 26-010csv]\nType,Invoice #,Description,Employee Email,Status,Terms,Date,Received Date,Paid Date,Vendor,Line Item Description,Quantity,Units,Unit Cost,Amount,Sub Job,Cost Code,Cost Type\n"
	    "Expense,,,,Approved,,03/02/2026,,,,Bolts,1.0000,,5.0000,5.00,,05-1200,M\n" },
};

static void
write_one(const struct adp_set *s, const struct written *w, struct seen *o, struct eg_buf *out)
{
	const struct adp_out_sink sink = {
		.file = on_file, .bytes = on_bytes, .row = on_row, .finding = on_out_finding, .key = on_key, .ctx = out
	};
	const struct rec *list[8];
	struct eg_err err;

	play(s, w->source, w->name, w->text, o);
	if (o->nkept == 0)
		fail_msg("%s: nothing was taken\n%s", w->what, eg_buf_cstr(&o->text));
	for (size_t i = 0; i < o->nkept; i++) {
		if (o->kept[i].type->nline > 0)
			assert_int_equal(rec_sort_lines(&o->arena, &o->kept[i], &err), EG_OK);
		set_context(o, &o->kept[i]);
		list[i] = &o->kept[i];
	}
	for (size_t i = 0; i < 3 && w->adapters[i] != NULL; i++) {
		struct adp_batch b = { .records = list, .n = o->nkept, .counter = -999999 };
		const struct adp *a = adp_set_named(s, w->adapters[i]);
		assert_non_null(a);
		if (adp_write(s, a, &b, &sink, &err) != EG_OK)
			fail_msg("%s: %s", w->what, err.msg);
	}
}

static void
records_are_written(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++) {
		struct seen o = { .text = EG_BUF_INIT };
		struct eg_buf out = EG_BUF_INIT;
		unsigned said = 0;
		struct adp_set *s = load(writings[i].erp, &said);
		eg_arena_init(&o.arena, (size_t)1 << 24);
		write_one(s, &writings[i], &o, &out);
		if (strcmp(eg_buf_cstr(&keys_seen), writings[i].keys) != 0) {
			print_error("%s: expected the keys %s, seen %s\n", writings[i].what, writings[i].keys,
			    eg_buf_cstr(&keys_seen));
			failed++;
		}
		eg_buf_done(&keys_seen);
		if (strcmp(eg_buf_cstr(&out), writings[i].expect) != 0) {
			print_error("%s\n-- expected\n%s-- seen\n%s\n", writings[i].what, writings[i].expect,
			    eg_buf_cstr(&out));
			failed++;
		}
		eg_buf_done(&out);
		eg_buf_done(&o.text);
		eg_arena_done(&o.arena);
		adp_set_free(s);
	}
	assert_int_equal(failed, 0);
}

/* ---- accepting ---- */

static const struct accepted {
	const char *what, *erp, *name, *text, *erp_id, *expect;
} accepts[] = {
	{ "a vendor needs a code", "cmic", "companies.csv", COMPANY_CSV, "", "R E-02\n" },
	{ "a vendor code of CMiC has 8 characters", "cmic", "companies.csv", COMPANY_CSV, "LAKELINE1", "R E-07\n" },
	{ "one of Acumatica may have 30", "acumatica", "companies.csv", COMPANY_CSV, "LAKELINE1", "" },
	{ "a job needs a code", "cmic", "projects.csv", PROJECT_CSV, "", "R E-13\n" },
	{ "a job code of CMiC has 10 characters", "cmic", "projects.csv", PROJECT_CSV, "26010-LIBRARY", "R E-13\n" },
	{ "a project id of Acumatica is digits", "acumatica", "projects.csv", PROJECT_CSV, "26-010", "R E-13\n" },
	{ "a project id of digits", "acumatica", "projects.csv", PROJECT_CSV, "26010", "" },
	{ "a contract code of CMiC has 20 characters", "cmic", "c.csv", COMMITMENT_CSV, "SC-0000000000000000-1",
	    "R E-35\n" },
	{ "a contract number of Acumatica may have 40", "acumatica", "c.csv", COMMITMENT_CSV, "SC-0000000000000000-1",
	    "" },
	{ "a change code of CMiC has 6 characters", "cmic", "o.csv", CCO_CSV, "CO-0001", "R E-43\n" },
	{ "an invoice code of CMiC leaves room for the R", "cmic", "i.csv", INVOICE_CSV, "I-000000000000000001",
	    "R E-49\n" },
	{ "Vision: an owner invoice", "vision", "o.xml", OWNER_XML("approved", "2.00", ""), "", "" },
	{ "Vision: a receivable number may have 40", "vision", "o.xml", OWNER_XML("approved", "2.00", ""),
	    "OI-00000000000000000000000000000000000001", "R E-69\n" },
	{ "a budget closes the door for importing", "acumatica", "budget_26-010.csv",
	    "Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,05-1200 - STEEL,S - Subcontract,05-1200.S,10.5\n",
	    "", "W E-25\n" },
};

static void
refusals_are_told_at_accept(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof accepts / sizeof accepts[0]; i++) {
		const struct accepted *x = &accepts[i];
		struct seen o = { .text = EG_BUF_INIT };
		struct eg_buf out = EG_BUF_INIT;
		const struct adp_out_sink sink = { .finding = on_out_finding, .ctx = &out };
		struct eg_err err;
		unsigned said = 0;
		struct adp_set *s = load(x->erp, &said);
		eg_arena_init(&o.arena, (size_t)1 << 24);
		play(s, "procore", x->name, x->text, &o);
		assert_int_equal(o.nkept, 1);
		set_context(&o, &o.kept[0]);
		const struct rec_field *f = &o.kept[0].type->head[rec_head_index(o.kept[0].type, "decision.erp_id")];
		if (x->erp_id[0] != '\0')
			assert_int_equal(rec_set(&o.arena, f, eg_bytes_str(x->erp_id), (struct rec_prov){ 0 },
					     rec_head(&o.kept[0], "decision.erp_id"), &err),
			    EG_OK);
		assert_int_equal(adp_accept_check(s, kind_named(x->erp)->erp, &o.kept[0], &sink, &err), EG_OK);
		if (strcmp(eg_buf_cstr(&out), x->expect) != 0) {
			print_error("%s\n-- expected\n%s-- seen\n%s\n", x->what, x->expect, eg_buf_cstr(&out));
			failed++;
		}
		eg_buf_done(&out);
		eg_buf_done(&o.text);
		eg_arena_done(&o.arena);
		adp_set_free(s);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_adapter_loads),
		cmocka_unit_test(layouts_are_read),
		cmocka_unit_test(records_are_written),
		cmocka_unit_test(refusals_are_told_at_accept),
	};

	struct eg_err err;

	for (size_t i = 0; i < NKINDS; i++)
		if (conf_parse(eg_bytes_str(kinds[i].settings), "settings", &kinds[i].conf, &err) != EG_OK)
		return 1;
	int failed = cmocka_run_group_tests(tests, collect_all, forget_all);
	for (size_t i = 0; i < NKINDS; i++)
		conf_free(&kinds[i].conf);
	return failed;
}
