/* SPDX-License-Identifier: MIT
 *
 * All settings: one table of keys with type, default and help, in order of documentation, and the looking up in it of a key as a file writes it, with a name in the place of `*`.
 * Reads nothing and cannot fail. The order of the rows is that of docs/reference/config.md (tests/lint/docs compares them).
 */
#include "gateway/conf_int.h"

#include "gateway/rule_key.h"

/* clang-format off */
static const struct conf_key keys[] = {
	{ "site.name", CT_TEXT, "", NULL, "Name of the site, in sheets and the log; empty: the folder's name." },
	{ "erp", CT_WORD, "cmic", "cmic acumatica mri", "The accounting system of this site." },
	{ "currency", CT_TEXT, "USD", NULL, "Currency of the books (ISO 4217)." },
	{ "vendor_name_max", CT_INT, "60", NULL, "Longest company name that may go to the ERP (E-04)." },
	{ "date_from", CT_WORD, "reference", "reference post", "Which date a job cost transaction carries to the project side." },
	{ "contract_number_as_erp_id", CT_BOOL, "yes", NULL, "A commitment's number is its ERP number unless the approver types another. (The connectors' own default is no.)" },
	{ "change_order_number_as_erp_id", CT_BOOL, "yes", NULL, "A change order's number is its ERP number unless the approver types another. (The connectors' own default is no.)" },
	{ "job_cost_transactions", CT_BOOL, "yes", NULL, "Take job cost transactions for the project side. (In the connectors this is off until a project switches it on: project.*.job_cost_transactions.)" },
	{ "export_forecast", CT_BOOL, "yes", NULL, "Send forecasts (CMiC). (In the connector the approver ticks a box; here forecasts are accepted one by one.)" },
	{ "project_template", CT_TEXT, "", NULL, "Template that the project side applies to imported jobs; named in a column Template of PROJECT. Empty: no template, no column." },
	{ "default_cost_type.subcontract", CT_TEXT, "", NULL, "Cost type of subcontract lines that name none. Empty: such a line is refused (E-38)." },
	{ "default_cost_type.purchase_order", CT_TEXT, "", NULL, "Cost type of purchase order lines that name none. Empty: such a line is refused (E-38)." },
	{ "direct_costs", CT_WORD, "erp", "erp project", "Who fills the project side's direct costs: the ERP's transactions, or the project side's own tool; then transactions are not taken (F-09)." },
	{ "edit_synced_costs", CT_BOOL, "no", NULL, "People may edit synced costs on the project side; E-31 then warns that their edits are overwritten." },
	{ "budget_add_combinations", CT_BOOL, "no", NULL, "The project side adds a cost's code and type to the budget by itself: no E-27 for a pair that the ERP's lists have." },
	{ "budget_add_sub_job_combinations", CT_BOOL, "no", NULL, "The same for costs on sub jobs." },
	{ "vendors_auto_update", CT_BOOL, "no", NULL, "A vendor that was imported goes to the project side again by itself when the ERP changes it." },
	{ "invoice_number_override", CT_BOOL, "yes", NULL, "The approver may give an invoice another number in the column ERP ID." },
	{ "commitment_exports", CT_BOOL, "yes", NULL, "Take commitments and their change orders from the project side; no: they are noted and left out (F-09)." },
	{ "vendor_exports", CT_BOOL, "yes", NULL, "Companies may be accepted for export; no: they can only be linked." },
	{ "prime_contract_imports", CT_BOOL, "yes", NULL, "Take prime contracts from the ERP; no: they are noted and left out (F-09)." },
	{ "prime_contracts_unit_based", CT_BOOL, "no", NULL, "Lines of imported prime contracts carry quantity, unit and unit cost; no: amounts only." },
	{ "revenue_only_pccos", CT_BOOL, "yes", NULL, "Take prime contract change orders that change revenue and no cost; no: they are refused (E-66)." },
	{ "cost_codes_excluded", CT_LIST, "", NULL, "Cost codes of the ERP's list that are passed over." },
	{ "project.*.sync", CT_BOOL, "yes", NULL, "This project may be synced; no: everything of it is held (E-22, E-30). A number with a dot cannot be named." },
	{ "project.*.job_cost_transactions", CT_BOOL, "yes", NULL, "This project takes job cost transactions; no: they are held (E-30)." },
	{ "project.*.company", CT_TEXT, "", NULL, "CMiC company of this project; empty: cmic.company, or the job's own with cmic.multi_company." },
	{ "project.*.pcco_as", CT_WORD, "", "pci oco pco", "How this project's prime contract change orders go to CMiC; empty: cmic.pcco_as." },
	{ "erp.active", CT_BOOL, "yes", NULL, "The accounting system takes files; with no, everything on its way there waits (E-76)." },
	{ "export_subjob_lines", CT_BOOL, "yes", NULL, "Send budget lines of sub jobs; with no, a budget that has some is rejected (E-23)." },
	{ "export_revised_estimates", CT_BOOL, "yes", NULL, "Send budget changes; with no, they are rejected (E-23)." },
	{ "commitment_duplicates", CT_BOOL, "no", NULL, "Two commitments of a project may have the same ERP number (E-35)." },
	{ "disallow_division", CT_BOOL, "no", NULL, "Lines of commitments and change orders may not stand on division codes (E-38)." },
	{ "division_codes", CT_LIST, "", NULL, "Division (control) codes, as patterns with * and ?, for example *-0000." },
	{ "cco_transaction_date_required", CT_BOOL, "no", NULL, "Accepting a commitment change order needs a transaction date (E-45)." },
	{ "cco_single_cost_type", CT_BOOL, "no", NULL, "All lines of a commitment change order have one cost type (E-47)." },
	{ "project_limit", CT_INT, "0", NULL, "Most projects the project side's account may integrate; 0 = no limit (E-14)." },
	{ "connected_since", CT_DATE, "", NULL, "Day on which the systems were connected: projects that began before are not created a second time (E-15)." },
	{ "import_warnings", CT_BOOL, "no", NULL, "Say what accepting a vendor, customer or job from the ERP does on the project side (E-10)." },
	{ "check_code_removal", CT_BOOL, "no", NULL, "A project may drop a code only when the ERP has dropped it (E-21)." },
	{ "rule.*.*.*", CT_RULE, "", NULL, "A rule of the site for a field: rule.STAGE.TYPE.FIELD = present; numeric; positive; max_length N; max_length_decimal N; max_length_units N; max_line_length N; format PATTERN; disallow_division; hold. With .message behind it: its text." },

	{ "cmic.company", CT_TEXT, "01", NULL, "CMiC company code." },
	{ "cmic.terms", CT_TEXT, "N30", NULL, "Terms code of exported vendors." },
	{ "cmic.pci_type_original", CT_TEXT, "OB", NULL, "PCI type of original budgets." },
	{ "cmic.pci_type_change", CT_TEXT, "BC", NULL, "PCI type of budget changes." },
	{ "cmic.pci_type_forecast", CT_TEXT, "FC", NULL, "PCI type of forecasts." },
	{ "cmic.pci_type_pcco", CT_TEXT, "CO", NULL, "PCI type of prime contract change orders." },
	{ "cmic.pci_status", CT_TEXT, "APPROVED", NULL, "Status of budget, change and forecast PCIs." },
	{ "cmic.pci_status_pcco", CT_TEXT, "PENDING", NULL, "Status of PCIs of prime contract change orders." },
	{ "cmic.pcco_as", CT_WORD, "pci", "pci oco pco", "Prime contract change orders go out as PCI, as owner change order, or as one PCI for each potential change order in them (pco)." },
	{ "cmic.pcco_phase", CT_TEXT, "01-0000", NULL, "Phase of a prime contract change order without lines." },
	{ "cmic.pcco_category", CT_TEXT, "OTC", NULL, "Category of a prime contract change order without lines." },
	{ "cmic.prime_contracts", CT_WORD, "single", "single multi", "Prime contracts of CMiC: one for a project, or one for each job and contract below it (the list then names the control job, too)." },
	{ "cmic.more_columns", CT_BOOL, "no", NULL, "Put the connector's fields that the default layouts leave out behind their columns: fax and web site, address and dates of projects, scope of changes." },
	{ "cmic.payment_export", CT_BOOL, "no", NULL, "Send payments of the payment product to CMiC." },
	{ "cmic.vendor_types_hidden", CT_LIST, "", NULL, "Vendor types that are not offered for import (E-06); the word none stands for vendors without type." },
	{ "cmic.multi_company", CT_BOOL, "no", NULL, "Each project's rows carry the CMiC company of its job; no: cmic.company everywhere." },
	{ "cmic.currency", CT_TEXT, "", NULL, "CMiC's own currency code; empty: currency." },
	{ "cmic.bank", CT_TEXT, "", NULL, "Bank code of payments that name none." },
	{ "cmic.subcontract_type", CT_TEXT, "SC", NULL, "Contract type of subcontracts." },
	{ "cmic.purchase_order_type", CT_TEXT, "PO", NULL, "Contract type of purchase orders." },
	{ "cmic.contract_status", CT_TEXT, "OPEN", NULL, "Status of exported contracts." },
	{ "cmic.invoice_date", CT_WORD, "billing", "billing export", "Invoice date of vouchers: the billing date, or the date of the decision." },
	{ "cmic.budget_bill_amount", CT_BOOL, "no", NULL, "Budgets and budget changes fill the bill amount as well." },
	{ "cmic.ein", CT_WORD, "any", "any us no", "Tax numbers of vendors: as they are, only of the US form 12-3456789, or none." },
	{ "cmic.reference_in_description", CT_BOOL, "no", NULL, "Append the transaction's reference code to a direct cost's description." },
	{ "cmic.image_url", CT_TEXT, "", NULL, "Address that a transaction's reference code is appended to, put behind a direct cost's description; empty: none." },
	{ "cmic.payroll_hours", CT_BOOL, "yes", NULL, "Payroll costs carry their hours, zero included." },
	{ "cmic.journal_map", CT_TEXT, "AP invoice, SC subcontractor_invoice, PY payroll, GL expense, JC expense", NULL, "Journal code to kind of direct cost (E-29)." },
	{ "acumatica.generation", CT_WORD, "edge", "edge vision", "Generation of the connector to Acumatica: what travels in which direction." },
	{ "acumatica.project_template", CT_TEXT, "", NULL, "Template of exported projects, in a column TemplateID; empty: no column." },
	{ "acumatica.expense_account", CT_TEXT, "", NULL, "Expense account of order lines, in a column AccountID; empty: no column, the vendor's own account counts." },
	{ "acumatica.expense_subaccount", CT_TEXT, "", NULL, "Subaccount of order lines, in a column SubID; empty: no column." },
	{ "acumatica.more_columns", CT_BOOL, "no", NULL, "Put the link to an invoice's page behind the columns of BILL (NoteText)." },
	{ "acumatica.terms", CT_TEXT, "30D", NULL, "Terms of exported vendors." },
	{ "acumatica.vendor_class", CT_TEXT, "SUBCON", NULL, "Vendor class when the company's type is not in table vendor_class." },
	{ "acumatica.co_class_budget", CT_TEXT, "BUDGET", NULL, "Change order class of budget changes." },
	{ "acumatica.co_class_commitment", CT_TEXT, "COMMIT", NULL, "Change order class of commitment change orders." },
	{ "acumatica.co_class_revenue", CT_TEXT, "REVENUE", NULL, "Change order class of prime contract change orders." },
	{ "acumatica.revenue_group", CT_TEXT, "REVENUE", NULL, "Account group of revenue." },
	{ "acumatica.revenue_cost_code", CT_TEXT, "000000", NULL, "Cost code of revenue lines without a code." },
	{ "acumatica.project_id_pattern", CT_TEXT, "[0-9]{1,10}", NULL, "Form of a project id (E-13)." },
	{ "acumatica.vendor_classes_hidden", CT_LIST, "", NULL, "Vendor classes that are not offered for import (E-06); the word none stands for vendors without class." },
	{ "acumatica.country", CT_TEXT, "US", NULL, "Country when a company or project has none." },
	{ "acumatica.revenue_budget_level", CT_WORD, "task", "task task_cost_code", "Level of the projects' revenue budgets; change orders of prime contracts need task (E-67)." },
	{ "acumatica.payment_export", CT_BOOL, "no", NULL, "Send payments of the payment product to Acumatica." },
	{ "acumatica.payment_method", CT_TEXT, "CHECK", NULL, "Payment method of exported payments." },
	{ "acumatica.cash_account", CT_TEXT, "", NULL, "Cash account of payments that name no bank." },
	{ "acumatica.format", CT_WORD, "csv", "csv xlsx", "Form of the files to Acumatica; xlsx: workbooks." },
	{ "procore.budget_format", CT_WORD, "csv", "csv xlsx", "Form of the budget files to the project side; xlsx: workbooks." },
	{ "mri.format", CT_WORD, "csv", "csv xml", "Form of the files to MRI." },
	{ "mri.po_module", CT_BOOL, "no", NULL, "MRI takes purchase orders (E-40)." },
	{ "mri.revision_type", CT_TEXT, "BC", NULL, "Type of budget revisions." },
	{ "mri.revision_status", CT_TEXT, "Approved", NULL, "Status of budget revisions." },
	{ "mri.invoice_status", CT_TEXT, "Pending", NULL, "Status of draws." },

	{ "ubl.project", CT_TEXT, "", NULL, "Project of UBL invoices that name none." },
	{ "ubl.lines", CT_WORD, "reference", "reference position", "Which line of the commitment a line of a UBL invoice bills: the one it names, or, when it names none, the one of its own place." },

	{ "source.*.family", CT_TEXT, "", NULL, "Family of adapters that reads this source (procore, cmic, acumatica, mri, ubl, or a site's own); default: the source's own name. The drop folder is made with the next run." },
	{ "source.*.settle", CT_WORD, "", "quiet rename companion", "Settle rule of this source; default: settle." },
	{ "source.*.quiet", CT_DURATION, "", NULL, "Quiet time of this source; default: settle.quiet." },
	{ "settle", CT_WORD, "quiet", "quiet rename companion", "When a dropped file counts as whole." },
	{ "settle.quiet", CT_DURATION, "2s", NULL, "How long a file must not change before it is taken." },
	{ "run.settle_timeout", CT_DURATION, "30s", NULL, "How long a run waits for files that are still arriving; a file that was still for so long and is not whole is taken and refused." },
	{ "run.round", CT_INT, "100", NULL, "How many files of one source a turn looks at before the next source has its turn; 0 = all of them." },
	{ "source.*.max_files", CT_INT, "0", NULL, "Most files of this source taken in one turn; the rest waits in the drop folder for the next (F-60). 0 = no limit." },
	{ "source.*.max_bytes", CT_SIZE, "0", NULL, "Most bytes of this source taken in one turn, in the same way; the first file of a turn is always taken. 0 = no limit." },
	{ "source.*.max_waiting", CT_INT, "0", NULL, "While so many items of this source wait for a decision or are held, nothing more of it is taken. 0 = no limit." },
	{ "drop.max_bytes", CT_SIZE, "1073741824", NULL, "Largest file taken, in bytes." },
	{ "clock.jump", CT_DURATION, "1d", NULL, "The machine's clock is in doubt when it runs ahead of the seconds since the machine started by more than this (clock-anomaly)." },
	{ "clock.gap", CT_DURATION, "90d", NULL, "The same across starts of the machine: ahead of the last entry of the log by more than this." },
	{ "spool.reserve", CT_SIZE, "67108864", NULL, "Bytes of the disk that are kept free: below them nothing is taken, and what was taken is finished (HELD: disk). A file needs ten times its size above them." },
	{ "spool.reserve_files", CT_INT, "1000", NULL, "Free files (inodes) of the disk that are kept in the same way." },
	{ "archive.reserve", CT_SIZE, "16777216", NULL, "Of the reserve, bytes that only sealing and the log may use: below them no batch is made either." },
	{ "archive.pages", CT_BOOL, "yes", NULL, "Pages to read in the archive: index.html and index.csv of all months and of each month, written anew by each turn that seals something, a long one not more often than once in a hundredth of a second for each of its lines." },
	{ "keep.drops", CT_KEEP, "10y", NULL, "How long the bundle of a dropped file is kept at least: 10y (calendar years, counted from the end of the year in which it was sealed), 400d, or forever. Nothing is deleted by itself: erpgate audit expire." },
	{ "keep.manifests", CT_KEEP, "10y", NULL, "How long the bundle of a returned sheet, with its signature, is kept at least." },
	{ "keep.batches", CT_KEEP, "10y", NULL, "How long the bundle of a batch is kept at least." },
	{ "source.*.keep", CT_KEEP, "", NULL, "How long the bundles of this source's files are kept at least; default: keep.drops." },
	{ "expect.*.source", CT_TEXT, "", NULL, "An expected file: the source it comes from. Every expected file needs this, its pattern and its cut-off." },
	{ "expect.*.pattern", CT_PATTERN, "", NULL, "Its name: * and ? stand for any letters, {n} for a number, {date} for the day it is for (20261120 or 2026-11-20)." },
	{ "expect.*.days", CT_DAYS, "weekdays", NULL, "Days on which it is expected: daily, weekdays, mon-thu, 15, month-end, last-workday, comma-separated; and `except 2026-12-24,2026-12-31`." },
	{ "expect.*.by", CT_CUTOFF, "", NULL, "Its cut-off: 18:00 of that day, or 06:00 +1 of the day after." },
	{ "expect.*.zone", CT_TEXT, "", NULL, "Time zone of the cut-off; empty: business.timezone." },
	{ "expect.*.sequence", CT_SEQUENCE, "no", NULL, "Where it carries a running number, so that gaps and repeats are found (F-76): no, name (the pattern has {n}), or content Batch,{n}." },
	{ "expect.*.grace", CT_DURATION, "0s", NULL, "How long after the cut-off it is only late; then it is missing (F-75)." },
	{ "expect.*.mail", CT_MAIL, "", NULL, "Who is told, once, that it is missing or that a number is; empty: mail.admins." },
	{ "expect.*.holidays", CT_TEXT, "", NULL, "Table of days on which it is not expected; empty: expect.holidays." },
	{ "expect.holidays", CT_TEXT, "", NULL, "Table in tables/ whose first column are holidays (holidays.csv); empty: none." },
	{ "receipts", CT_BOOL, "no", NULL, "Write a signed receipt for every file of a source into spool/receipts/SOURCE/." },
	{ "source.*.receipts", CT_WORD, "", "yes no", "The same for this source; empty: receipts." },
	{ "shadow", CT_BOOL, "no", NULL, "Shadow mode: everything is done, but the files are written to spool/shadow/ and nothing is sent." },
	{ "target.*.shadow", CT_WORD, "", "yes no", "The same for this target (cmic, acumatica, mri, procore); empty: shadow." },
	{ "damage.warn", CT_BOOL, "no", NULL, "Texts that look damaged by a spreadsheet or a wrong encoding, and are taken all the same, are warned of (F-69)." },
	{ "worker.sandbox", CT_WORD, "strict", "strict weak", "Confinement of the processes that read and write files; weak: a kernel without Landlock or seccomp filters will do (the log says so)." },
	{ "worker.patience", CT_DURATION, "2m", NULL, "How long erpgate waits in all for the answers of one such process; 10 s more for each 8 MiB of the file; 0 = for ever." },
	{ "zip.profile", CT_WORD, "tolerant", "tolerant strict", "Which zips are taken; strict: none that were streamed, use Zip64, have comments, names of an untold encoding, or were made by macOS. Workbooks are not asked." },
	{ "watcher", CT_WORD, "inotify", "inotify poll", "How watch notices new files; poll works everywhere." },
	{ "watch.rescan", CT_DURATION, "5s", NULL, "How often watch looks at the folders without a hint." },
	{ "target.*.companion", CT_BOOL, "no", NULL, "Write an empty NAME.ok after each file for this target." },
	{ "target.*.name", CT_TEXT, "{TARGET}_{OBJECT}_{batch}{_project}.{ext}", NULL, "Name of the files for this target." },

	{ "business.timezone", CT_ZONE, "UTC", NULL, "Time zone of the books: default dates of decisions are the day there, and times of schedules and mails without a zone of their own." },
	{ "schedule.export", CT_SCHEDULE, "always", NULL, "When accepted items leave for the ERP (watch, run --scheduled)." },
	{ "schedule.costs", CT_SCHEDULE, "always", NULL, "When job cost summaries and transactions are written for the project side." },
	{ "schedule.companies", CT_SCHEDULE, "always", NULL, "When accepted vendors and customers of the ERP are written for the project side." },
	{ "schedule.jobs", CT_SCHEDULE, "always", NULL, "When accepted projects, sub jobs, budgets and prime contracts of the ERP are written for the project side." },
	{ "schedule.payments", CT_SCHEDULE, "always", NULL, "When payments of the ERP are written for the project side." },
	{ "schedule.codes", CT_SCHEDULE, "always", NULL, "When cost codes of the ERP are written for the project side." },
	{ "period.closed_until", CT_DATE, "", NULL, "Books are closed up to this day: nothing with such a date leaves (E-58)." },
	{ "period.open", CT_MONTHS, "", NULL, "Months that are open in any case; without period.closed_until only these are (E-58)." },

	{ "sign.socket", CT_TEXT, "", NULL, "Socket of erpgate-signer, which holds the signing key as another user; empty: keys/gateway.pem." },
	{ "audit.mail", CT_MAIL, "", NULL, "Who gets the signed head of the log once a day, at mail.summary_at: an auditor outside keeps it. Needs mail.from." },
	{ "tsa.command", CT_TEXT, "", NULL, "Program that brings a time stamp request (standard input) to an authority and its answer back (standard output), for audit stamp. Empty: by hand." },
	{ "tsa.timeout", CT_DURATION, "60s", NULL, "How long that program may take." },
	{ "mail.from", CT_MAIL, "", NULL, "Sender of erpgate's mails; empty: no mail at all." },
	{ "mail.sendmail", CT_TEXT, "/usr/sbin/sendmail", NULL, "Program that takes mails, as sendmail -t -i does." },
	{ "mail.timeout", CT_DURATION, "30s", NULL, "How long that program may take for one mail." },
	{ "mail.admins", CT_MAIL, "", NULL, "Who hears of failed runs and of items that the ERP does not answer." },
	{ "mail.summary", CT_BOOL, "yes", NULL, "Tell approvers once a day what waits for them." },
	{ "mail.summary_at", CT_CLOCK, "07:00", NULL, "Time of that mail, in the business time zone." },
	{ "mail.attach_sheet", CT_BOOL, "no", NULL, "Attach an approval sheet of these items to it." },
	{ "mail.nudge", CT_BOOL, "no", NULL, "Tell approvers at once, too, when a rejected or retrieved item comes again." },
	{ "mail.rejections", CT_BOOL, "yes", NULL, "Tell a source's contact which of its items were rejected, by whom and why." },
	{ "mail.refused_files", CT_BOOL, "yes", NULL, "Tell a source's contact which of its files were refused, wholly or in part." },
	{ "mail.failed_runs", CT_BOOL, "yes", NULL, "Tell mail.admins of turns that failed." },
	{ "mail.unanswered_after", CT_DURATION, "3d", NULL, "Tell mail.admins of exported items that the ERP has not answered for so long; 0 = never." },
	{ "source.*.mail", CT_MAIL, "", NULL, "Contact of this source, for rejections and refused files." },

	{ "direct_export.commitment", CT_BOOL, "no", NULL, "Commitments leave without a decision once nothing is missing." },
	{ "direct_export.cco", CT_BOOL, "no", NULL, "Commitment change orders leave without a decision once nothing is missing." },
	{ "direct_export.invoice", CT_BOOL, "no", NULL, "Subcontractor invoices leave without a decision once nothing is missing." },
	{ "direct_export.owner-invoice", CT_BOOL, "no", NULL, "Owner invoices leave without a decision once nothing is missing." },

	{ "approvals.require_signature", CT_BOOL, "yes", NULL, "A sheet counts only with a signature of a registered approver." },
	{ "approvals.sheet_bom", CT_BOOL, "no", NULL, "Begin CSV sheets with a byte order mark: Excel then shows names with accents, scripts must skip it." },
	{ "approvals.expire", CT_DURATION, "30d", NULL, "How long a sheet may be returned." },
	{ "adopt.expire", CT_DURATION, "30d", NULL, "How long a row of an adoption list waits for its record." },
	{ "approvals.reject_needs_comment", CT_BOOL, "no", NULL, "A rejection needs a comment." },
	{ "approvals.separate_submitter", CT_BOOL, "no", NULL, "Who dropped a file may not approve what is in it." },
	{ "approvals.separate_editor", CT_BOOL, "no", NULL, "Who changed an adapter, a table, a setting, users or rights may not approve what went through them." },
	{ "approvals.separate_editor_days", CT_INT, "30", NULL, "For how many days after the change (approvals.separate_editor)." },
	{ "approvals.ca", CT_TEXT, "", NULL, "File in keys/ with the CA certificates for .p7s signatures." },
	{ "rights.reading", CT_WORD, "tutorial", "tutorial matrix", "Where the sources differ on who may decide: tutorial, Standard or Admin with the privilege; matrix, Admin with the privilege." },
	{ "rights.origin_tools", CT_BOOL, "no", NULL, "Ask every user for rights on the tools of the project side, also those for whom none are recorded." },
};
/* clang-format on */
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

const struct conf_key *
conf_keys(size_t *ret_n)
{
	*ret_n = NKEYS;
	return keys;
}

/* A key of the table as it would be meant here: the name in the place of `*` is taken from what was written. NULL = no name there. */
static char *
key_meant(const char *pattern, struct eg_bytes key)
{
	struct eg_bytes p = eg_bytes_str(pattern), group, name;
	size_t star = eg_bytes_chr(p, '*');

	if (star == p.len)
		return eg_xstrdup(pattern);
	if (!eg_bytes_cut(&key, '.', &group) || !eg_bytes_cut(&key, '.', &name) || key.ptr == NULL || name.len == 0)
		return NULL;
	return eg_xprintf("%.*s%.*s%s", (int)star, pattern, EG_FMT(name), pattern + star + 1);
}

/* A name in the place of `*` is one part: not empty, no dot. */
static bool
key_is(const struct conf_key *k, struct eg_bytes key)
{
	if (k->type == CT_RULE)
		return rule_key_is(key);
	struct eg_bytes p = eg_bytes_str(k->key);
	size_t star = eg_bytes_chr(p, '*');

	if (star == p.len)
		return eg_bytes_eq(p, key);
	if (key.len < p.len || !eg_bytes_glob(p, key))
		return false;
	struct eg_bytes name = eg_bytes_sub(key, star, key.len - (p.len - 1));
	return eg_bytes_chr(name, '.') == name.len;
}

const char *
conf_default(const char *key)
{
	for (size_t i = 0; i < NKEYS; i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].def;
	return NULL;
}

const struct conf_key *
conf_key_find(struct eg_bytes key)
{
	for (size_t i = 0; i < NKEYS; i++)
		if (key_is(&keys[i], key))
			return &keys[i];
	return NULL;
}

char *
conf_key_nearest(struct eg_bytes key)
{
	char *best = NULL;
	unsigned best_distance = 4;

	for (size_t i = 0; i < NKEYS; i++) {
		if (keys[i].type == CT_RULE)
			continue;
		char *meant = key_meant(keys[i].key, key);
		unsigned d = meant == NULL ? best_distance : eg_bytes_distance(key, eg_bytes_str(meant), 4);
		if (d < best_distance) {
			best_distance = d;
			free(best);
			best = meant;
		} else
			free(meant);
	}
	return best;
}
