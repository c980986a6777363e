# SPDX-License-Identifier: MIT
"""Files for the project side (layouts §8): commas, a header row, LF."""
import re
from .rules import invoice_of
from .values import TYPES, fixed
from .writing import Writer, amount_sum, by_code, by_id, by_position, quoted, us_date

HEADERS = {
    "VENDOR": "Name,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,Vendor Type,Customer,ERP Vendor ID",
    "PROJECT": "Project Number,Name,Address,City,State,Zip,Country,Start Date,Completion Date,Status,ERP Job ID",
    "SUBJOB": "Project Number,Sub Job Code,Sub Job Name,ERP ID",
    "COSTCODE": "Cost Code,Description,Cost Type,Cost Type Description,Active",
    "BUDGET": "Sub Job,Cost Code,Cost Type,Description,Manual Calculation,Unit Qty,UOM,Unit Cost,Budget Amount,Start Date,End Date,Curve",
    "PRIME": "Project Number,Number,Title,Description,Status,Original Contract Amount,Line,Cost Code,Cost Type,Line Description,Amount",
    "JOBCOST": "Project Number,Sub Job,Cost Code,Cost Type,As Of,Original Budget,Approved Changes,Revised Budget,Original Commitment,"
               "Commitment Changes,Revised Commitment,Commitment Invoiced,JTD Cost,Direct Costs,JTD Units,JTD Paid",
    "DIRECTCOST": "Type,Invoice #,Description,Employee Email,Status,Terms,Date,Received Date,Paid Date,Vendor,Line Item Description,Quantity,Units,"
                  "Unit Cost,Amount,Sub Job,Cost Code,Cost Type",
    "PAYMENT": "Project Number,Contract,Invoice #,Contract Company ID,Payment Date,Check Number,Method,Amount,Status,ERP Payment ID"}
COST_TYPES = {"invoice": "Invoice", "expense": "Expense", "payroll": "Payroll", "subcontractor_invoice": "Subcontractor Invoice"}


class Procore(Writer):
    def t(self, it, value):
        return self.text(it, value, one_line=False)

    def cells(self, it, *fields):
        return [self.t(it, it.doc.h.get(f)) for f in fields]

    def erp_vendor(self, it):
        self.row("VENDOR", self.cells(it, "name", "address1", "address2", "city", "state", "zip", "country", "phone", "fax", "email") + [""] +
                 self.cells(it, "tax_id") + (self.cells(it, "vendor_type") + ["No"] if it.kind == "erp-vendor" else ["", "Yes"]) + [it.parts[0]])

    erp_customer = erp_vendor

    def erp_project(self, it):
        h = it.doc.h
        self.row("PROJECT", [it.parts[0]] + self.cells(it, "name", "address1", "city", "state", "zip", "country") +
                 [us_date(h["start"], True), us_date(h["end"], True)] + self.cells(it, "status") + [it.parts[0]])

    def erp_subjob(self, it):
        self.row("SUBJOB", [self.site.project_of(it.parts[0]), it.parts[1], self.t(it, it.doc.h["name"]), it.parts[1]])

    def erp_code(self, it):
        h = it.doc.h
        self.row("COSTCODE", [h["code"], self.t(it, h["name"]), h["type"], TYPES[h["type"]][0], "Yes" if h["active"] else "No"])

    def erp_budget(self, it):
        number = self.site.project_of(it.parts[0])
        for x in by_code(it.doc.lines):
            name = self.site.codes[x["cost_code"]][0] if x["cost_code"] in self.site.codes else ""
            sub = x.get("sub_job")
            self.row("BUDGET/" + number, [(sub and (self.site.subjob_code(it.parts[0], sub) or sub)) or "", x["cost_code"], x["cost_type"], name,
                                          "False", "", "", "", fixed(x["amount"], 2), "", "", ""])

    def erp_prime(self, it):
        h, lines = it.doc.h, by_position(it.doc.lines)
        for x in lines:
            self.row("PRIME", [self.site.project_of(it.parts[0]), it.parts[1], self.t(it, h["name"]) or it.parts[0] + " Prime Contract",
                               "Imported from job " + it.parts[0], "Approved", fixed(amount_sum(lines, "amount"), 2), x["position"],
                               x["cost_code"], x["cost_type"], self.t(it, x["description"]), fixed(x["amount"], 2)])

    def sub(self, it):
        h = it.doc.h
        return (self.site.subjob_code(h["job"], h["sub_job"]) or h["sub_job"]) if h["sub_job"] else ""

    def erp_jobcost(self, it):
        h = it.doc.h
        self.row("JOBCOST", [self.site.project_of(h["job"]), self.sub(it), h["cost_code"], h["cost_type"], us_date(h["as_of"], True)] +
                 [fixed(v, 2) for v in (h["orig"], h["changes"], h["orig"] + h["changes"], h["commit_orig"], h["commit_chg"],
                                        h["commit_orig"] + h["commit_chg"], h["invoiced"], h["jtd"], h["jtd"] - h["invoiced"])] +
                 [fixed(h["units"], 4), fixed(h["paid"], 2)])

    def erp_cost(self, it):
        h, site = it.doc.h, self.site
        vendor = ""
        if h["type"] in ("invoice", "subcontractor_invoice"):
            c = site.company(h["vendor"])
            vendor = c.doc.h["name"] if c else site.get("erp-vendor", h["vendor"]).doc.h["name"]
        about = h["line_description"] if site.letter != "A" else h["description"]
        self.row("DIRECTCOST/" + site.project_of(h["job"]), [
            COST_TYPES[h["type"]], self.t(it, h["invoice"]), self.t(it, h["description"]), "", "Approved", "", us_date(h["date"], True),
            us_date(h["received"], True), us_date(h.get("paid_on"), True), self.t(it, vendor), self.t(it, about), fixed(h["quantity"], 4),
            self.t(it, h["uom"]), fixed(h.get("rate"), 4), fixed(h["amount"], 2), self.sub(it), h["cost_code"], h["cost_type"]])

    def erp_payment(self, it):
        h = it.doc.h
        inv = invoice_of(self.site, h["vendor"], h["invoice"])
        c = self.site.get("commitment", inv.parts[0], inv.parts[1])
        method = self.t(it, h["method"]) if self.site.letter == "A" else "Check"
        self.row("PAYMENT", [inv.parts[0], inv.parts[1], inv.parts[2], c.doc.h["vendor"], us_date(h["date"], True), self.t(it, h["check"]), method,
                             fixed(h["amount"], 2), "Paid", it.parts[1]])

    def files(self):
        out = {}
        for name in self.tables:
            table, _, project = name.partition("/")
            file = "PROCORE_%s_B000000%s.csv" % (table, "_" + re.sub("[^A-Za-z0-9-]", "-", project) if project else "")
            out[file] = "".join(quoted(r) + "\n" for r in [HEADERS[table].split(",")] + self.sorted(name)).encode()
        return out
