/* SPDX-License-Identifier: MIT
 *
 * The small world of the crash test: the lists of an accounting system, two companies, a project, contracts; an approver with a key of his own. It is made by the commands that
 * people use. Fails when one of them does not do what it should.
 */
#include "base/fs.h"
#include "gateway/selftest/selftest.h"
#include "gateway/selftest/trace.h"
#include "spool/sign.h"

#include <errno.h>
#include <fcntl.h>

#define SHEET_MAX (1U << 20)

struct made_file {
	const char *source, *name, *text;
};

#define CONTRACT_HEADER                                                                                                                   \
	"Project Number,Number,Commitment Type,Title,Description,Status,Executed,Accounting Method,Contract Company ID,Contract Company," \
	"Retainage %,Contract Date,Start Date,Estimated Completion Date,Issued Date,Signed Contract Received Date,Delivery Date,"         \
	"Payment Terms,Grand Total,Line,Sub Job,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount,Tax Amount\n"
#define CONTRACT_LINE(number, line, amount)                                                           \
	"24-118," number ",Subcontract,Concrete,,Approved,Yes,Amount,1001,,5,02/05/2026,,,,,,,," line \
	",,03-1100,S,Line " line ",,,," amount ",\n"
#define VENDOR_HEADER                                                                                                              \
	"BP_CODE,BP_NAME,BPAD_ADD1,BPAD_ADD2,BPAD_CITY,BPAD_STATE_CODE,BPAD_ZIP,BPAD_COUNTRY,BPAD_PHONE,BPAD_FAX,BPVEN_COMP_CODE," \
	"BPVEN_TYPE_CODE,BPVEN_TERM_CODE,BPVEN_CURR_CODE,BPVEN_PAY_EMAIL,BPVEN_REG_CODE,BPVEN_STATUS\r\n"
#define VENDOR_1 "BARL001,Barlow Concrete,1 Dock Road,,Duluth,MN,55802,US,,,01,SUB,N30,USD,,,A\r\n"
#define VENDOR_2 "BLUE003,Bluewater Piling,2 Dock Road,,Duluth,MN,55802,US,,,01,SUB,N30,USD,,,A\r\n"

/* Read before the test begins. */
static const struct made_file earlier[] = {
	{ "cmic", "CMIC_VENDORS.csv", VENDOR_HEADER VENDOR_1 },
	{ "cmic", "CMIC_JOBS.csv",
	    "JOB_COMP_CODE,JOB_CODE,JOB_NAME,JOB_CTRL_CODE,JOB_ADD1,JOB_CITY,JOB_STATE_CODE,JOB_ZIP,JOB_START_DATE,JOB_END_DATE,JOB_STATUS\r\n01,24118,North Garage,ALL,,,,,,,A\r\n" },
	{ "cmic", "CMIC_CATEGORIES.csv",
	    "CAT_COMP_CODE,CAT_CODE,CAT_NAME,CAT_ACTIVE_FLAG\r\n01,SUB,Subcontract,Y\r\n" },
	{ "cmic", "CMIC_PHASES.csv",
	    "PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_CTRL_CODE,PHS_ACTIVE_FLAG,CAT_CODE,CAT_DEFAULT_FLAG\r\n01,03-1100,Formwork,ALL,Y,SUB,Y\r\n" },
	{ "cmic", "CMIC_JOBCODES.csv",
	    "JCAT_COMP_CODE,JCAT_JOB_CODE,JCAT_PHS_CODE,JCAT_CODE,JCAT_ACTIVE_FLAG\r\n01,24118,03-1100,SUB,Y\r\n" },
	{ "procore", "companies.csv",
	    "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,Active,Customer,ERP Vendor ID\n"
	    "1001,Barlow Concrete,Barlow,,,,,,,,,,,,,Yes,No,BARL001\n" },
	{ "procore", "projects.csv",
	    "Project Number,Name,Address,City,State,Zip,Country,Start Date,Completion Date,Active,Company Code,ERP Job ID\n24-118,North Garage,,,,,,,,Yes,,24118\n" },
	{ "procore", "contracts.csv",
	    CONTRACT_HEADER CONTRACT_LINE("SC-1", "1", "100.00") CONTRACT_LINE("SC-1", "2", "23.45")
		CONTRACT_LINE("SC-2", "1", "9750.00") },
};

/* What comes in the night: a list that has grown, and more contracts in two files. */
static const struct made_file tonight[] = {
	{ "cmic", "CMIC_VENDORS_2.csv", VENDOR_HEADER VENDOR_1 VENDOR_2 },
	{ "procore", "more.csv", CONTRACT_HEADER CONTRACT_LINE("SC-3", "1", "77.70") },
	{ "procore", "again.csv",
	    CONTRACT_HEADER CONTRACT_LINE("SC-4", "1", "5.00") CONTRACT_LINE("SC-4", "2", "6.00") },
};

static const char settings[] =
    "\n# The crash test's site: files count as whole at once.\nsettle = rename\nsettle.quiet = 0s\nrun.settle_timeout = 5s\n";

int
selftest_call(const char *site, const char *const *words, int *ret_code, struct eg_err *err)
{
	const struct trace_kill none = { .after_us = -1 };
	const char *all[16] = { "-C", site };
	struct trace_end end;
	size_t n = 2;

	for (size_t i = 0; words[i] != NULL && n < 15; i++)
		all[n++] = words[i];
	int rc = trace_run(all, &none, &end, err);
	*ret_code = end.exit_code;
	return rc;
}

static int
must(const char *site, const char *const *words, struct eg_err *err)
{
	int code = 0;
	int rc = selftest_call(site, words, &code, err);

	if (rc >= 0 && code != 0)
		rc = eg_fail(err, EG_FATAL, "SELFTEST",
		    "The crash test could not make its small site: erpgate %s ended with %d. Try it by hand: erpgate demo.",
		    words[0], code);
	return rc;
}

static int
drop(int site, const struct made_file *files, size_t n, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc >= 0 && i < n; i++) {
		char *folder = eg_xprintf("spool/drop/%s", files[i].source);
		int dir = -1;
		rc = eg_fs_opendir(site, folder, &dir, err);
		if (rc >= 0)
			rc = eg_fs_write_file(dir, files[i].name, eg_bytes_str(files[i].text), 0644, true, err);
		eg_fd_done(&dir);
		free(folder);
	}
	return rc;
}

/* "Accept" into the first cell of every row of an item: those begin with two empty cells, Decision and Comment. */
static void
accept_all(struct eg_bytes sheet, struct eg_buf *ret)
{
	struct eg_bytes rest = sheet, row;

	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &row)) {
		if (eg_bytes_starts(row, EG_LIT(",,")))
			eg_buf_str(ret, "Accept");
		eg_buf_add(ret, row);
		eg_buf_chr(ret, '\n');
	}
}

static int
return_sheet(int scratch, int site, struct eg_err *err)
{
	struct eg_buf sheet = EG_BUF_INIT, filled = EG_BUF_INIT;
	unsigned char sig[SIGN_ED25519_LEN];
	struct sign_key *key = NULL;
	int dir = -1, rc = eg_fs_read_file(scratch, "sheet.csv", SHEET_MAX, &sheet, err);

	if (rc >= 0)
		accept_all(eg_buf_view(&sheet), &filled);
	if (rc >= 0 && filled.len == sheet.len)
		rc = eg_fail(err, EG_FATAL, "SELFTEST",
		    "The crash test's sheet has no item to accept. Try it by hand: erpgate demo.");
	if (rc >= 0)
		rc = sign_key_load(scratch, "approver.pem", true, &key, err);
	if (rc >= 0)
		rc = sign_bytes(key, eg_buf_view(&filled), sig, err);
	if (rc >= 0)
		rc = eg_fs_opendir(site, "spool/drop/approvals", &dir, err);
	if (rc >= 0)
		rc = eg_fs_write_file(dir, "sheet.csv.sig", eg_bytes(sig, sizeof(sig)), 0644, true, err);
	if (rc >= 0)
		rc = eg_fs_write_file(dir, "sheet.csv", eg_buf_view(&filled), 0644, true, err);
	eg_fd_done(&dir);
	sign_key_free(key);
	eg_buf_done(&sheet);
	eg_buf_done(&filled);
	return rc;
}

static int
settle(int site, struct eg_err *err)
{
	struct eg_buf conf = EG_BUF_INIT;
	int rc = eg_fs_read_file(site, "erpgate.conf", SHEET_MAX, &conf, err);

	if (rc >= 0) {
		eg_buf_str(&conf, settings);
		rc = eg_fs_write_file(site, "erpgate.conf", eg_buf_view(&conf), 0640, true, err);
	}
	eg_buf_done(&conf);
	return rc;
}

int
selftest_make(int scratch, const char *path, struct eg_err *err)
{
	char *site = eg_xprintf("%s/" SELFTEST_BEFORE, path), *sheet = eg_xprintf("%s/sheet.csv", path),
	     *key = eg_xprintf("%s/approver.pub.pem", path);
	const char *const init[] = { "init", site, "--erp", "cmic", NULL },
			  *const user[] = { "users", "add", "tester", "--role", "admin", "--approve", "all", "--pubkey",
				  key, NULL },
			  *const run[] = { "run", NULL }, *const print[] = { "sheet", "-o", sheet, NULL };
	int dir = -1, rc = sign_key_make(scratch, "approver.pem", "approver.pub.pem", err);

	if (rc >= 0)
		rc = must(site, init, err);
	if (rc >= 0)
		rc = eg_fs_opendir(scratch, SELFTEST_BEFORE, &dir, err);
	if (rc >= 0)
		rc = settle(dir, err);
	if (rc >= 0)
		rc = must(site, user, err);
	if (rc >= 0)
		rc = drop(dir, earlier, sizeof(earlier) / sizeof(earlier[0]), err);
	if (rc >= 0)
		rc = must(site, run, err);
	if (rc >= 0)
		rc = must(site, print, err);
	if (rc >= 0)
		rc = return_sheet(scratch, dir, err);
	if (rc >= 0)
		rc = drop(dir, tonight, sizeof(tonight) / sizeof(tonight[0]), err);
	eg_fd_done(&dir);
	free(site);
	free(sheet);
	free(key);
	return rc;
}
