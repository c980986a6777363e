# SPDX-License-Identifier: MIT
"""Import files for Acumatica (layouts §6): TAB, no quoting, a header row, CRLF."""
from decimal import Decimal
from .values import fixed, half_up, type_to_erp
from .writing import Writer, amount_sum, by_code, by_id, by_position, commitment_of, line_behind, us_date

HEADERS = {
    "VENDOR": "VendorID VendorName VendorClass AddressLine1 AddressLine2 City State PostalCode Country Phone1 Email Terms",
    "PROJECT": "ProjectID Description StartDate EndDate AddressLine1 City State PostalCode Country Status ExtRefNbr",
    "TASK": "ProjectID ProjectTaskID Description Status IsDefault",
    "BUDGET": "ProjectID ProjectTaskID CostCodeID AccountGroupID InventoryID Description UOM Qty CuryUnitRate CuryAmount",
    "BUDGETCHANGE": "RefNbr ClassID ProjectID Date Description ExtRefNbr ProjectTaskID CostCodeID AccountGroupID InventoryID UOM Qty Rate Amount",
    "SUBCONTRACT": "SubcontractNbr VendorID Date StartDate Description VendorRef LineNbr ProjectID TaskID CostCodeID AccountGroupID InventoryID "
                   "LineDescription UOM OrderQty UnitCost Amount RetainageApply RetainagePct",
    "PURCHASEORDER": "OrderType OrderNbr VendorID Date PromisedOn Description VendorRef LineNbr ProjectID TaskID CostCodeID AccountGroupID "
                     "InventoryID LineDescription UOM OrderQty UnitCost Amount",
    "CCO": "RefNbr ClassID ProjectID Date Description ExtRefNbr LineType TaskID CostCodeID AccountGroupID InventoryID VendorID POOrderType "
           "POOrderNbr POLineNbr LineDescription Qty UOM UnitCost Amount",
    "BILL": "DocType RefNbr VendorID DocDate FinPeriodID InvoiceNbr DocDesc CuryOrigDocAmt RetainageApply SubcontractNbr SubcontractLineNbr "
            "ChangeOrderNbr ProjectID TaskID CostCodeID AccountGroupID TranDesc CuryLineAmt RetainagePct CuryRetainageAmt",
    "RETAINAGE": "VendorID InvoiceNbr SubcontractNbr ProjectID Date PostPeriod AmountToRelease",
    "PRIME": "ProjectID ProjectTaskID CostCodeID AccountGroupID InventoryID Description UOM Qty CuryUnitRate CuryAmount",
    "PCCO": "RefNbr ClassID ProjectID Date Description ExtRefNbr ProjectTaskID CostCodeID AccountGroupID InventoryID UOM Qty Rate Amount"}
INV, NEW, Z4 = "<N/A>", "<NEW>", "0.0000"
CLASSES = {"Subcontractor": "SUBCON", "Supplier": "SUPPLY", "Consultant": "CONSULT"}


class Acumatica(Writer):
    def cfg(self, key):
        return self.site.setting("acumatica." + key)

    def t(self, it, value, limit=None, line=None, upper=False):
        return self.text(it, value, limit, line, upper)

    def codes(self, it, x):
        """TaskID, CostCodeID, AccountGroupID."""
        job = self.site.job(it.parts[0])
        task = self.site.subjob(it.parts[0], x["sub_job"]) if x["sub_job"] else job
        return [task, self.t(it, x["cost_code"].replace("-", "")), type_to_erp("acumatica", x["cost_type"])]

    def place(self, it):
        h = it.doc.h
        return [self.t(it, h["city"], 50 if it.kind == "vendor" else None), self.t(it, h["state"], upper=True), self.t(it, h["zip"]),
                self.t(it, h["country"]) or self.cfg("country")]

    def vendor(self, it):
        h = it.doc.h
        self.row("VENDOR", [self.t(it, it.number, upper=True), self.t(it, h["name"], 60),
                            CLASSES.get(h["vendor_type"] or "", self.cfg("vendor_class")), self.t(it, h["address1"], 50),
                            self.t(it, h["address2"], 50)] + self.place(it) + [self.t(it, h["phone"]), self.t(it, h["email"]), self.cfg("terms")])
        return "VENDOR", it.number

    def project(self, it):
        h = it.doc.h
        self.row("PROJECT", [it.number, self.t(it, h["name"], 30), us_date(h["start"]), us_date(h["end"]), self.t(it, h["address1"])] +
                 self.place(it) + ["Active", self.t(it, h["number"])])
        self.row("TASK", [it.number, it.number, "Default task, do not change", "Active", "True"])
        return "PROJECT", it.number

    def subjob(self, it):
        job = self.site.job(it.parts[0])
        code = self.t(it, it.decision_used["erp_id"] or it.doc.h["code"], upper=True)
        self.row("TASK", [job, code, self.t(it, it.doc.h["name"], 60), "Active", "False"])
        it.number = code
        return "TASK", job + "|" + code

    def budget(self, it):
        job = self.site.job(it.parts[0])
        for x in by_code(it.to_send):
            self.row("BUDGET", [job] + self.codes(it, x) + [INV, self.t(it, x["description"], 255, x["at"]), "", Z4, Z4, fixed(x["amount"], 2)])
        return "BUDGET", job

    def budget_change(self, it):
        h, job = it.doc.h, self.site.job(it.parts[0])
        number = self.t(it, h["number"])
        for x in by_position(it.doc.lines):
            self.row("BUDGETCHANGE", [NEW, self.cfg("co_class_budget"), job, us_date(it.when), self.t(it, h["title"], 60), number] +
                     self.codes(it, x) + [INV, "", Z4, Z4, fixed(x["amount"], 2)])
        return "BUDGETCHANGE", job + "|" + number

    def commitment(self, it):
        h, job = it.doc.h, self.site.job(it.parts[0])
        vendor = self.site.get("vendor", h["vendor"]).erp_id
        number, title = self.t(it, it.number_raw), self.t(it, h["title"], 60)
        for x in by_position(it.doc.lines):
            units = ["LS", "1.0000", fixed(x["amount"], 4)]
            if h["method"] == "unit":
                units = [self.t(it, x["uom"], upper=True), fixed(x["quantity"], 4), fixed(x["unit_cost"], 4)]
            common = [title, number, x["position"], job] + self.codes(it, x) + [INV, self.t(it, x["description"], 255, x["at"])] + units
            common.append(fixed(x["amount"], 2))
            if h["type"] == "subcontract":
                self.row("SUBCONTRACT", [NEW, vendor, us_date(h["contract_date"]), us_date(h["start_date"])] + common +
                         [h["retainage"] > 0, fixed(h["retainage"], 4)])
            else:
                self.row("PURCHASEORDER", ["Normal", NEW, vendor, us_date(h["contract_date"]), us_date(h["delivery"])] + common)
        return "SUBCONTRACT" if h["type"] == "subcontract" else "PURCHASEORDER", job + "|" + number

    def cco(self, it):
        h, job, parent = it.doc.h, self.site.job(it.parts[0]), commitment_of(self.site, it)
        vendor = self.site.get("vendor", parent.doc.h["vendor"]).erp_id
        ref = self.t(it, it.parts[1] + "-" + it.number_raw)
        at = {p["position"]: p for p in parent.doc.lines}
        for x in by_position(it.doc.lines):
            new = x["contract_line"] is None
            source = x if new else at[x["contract_line"]]
            quantity = fixed(x["quantity"], 4) or ("1.0000" if new else Z4)
            cost = fixed(x["unit_cost"], 4) or (fixed(x["amount"], 4) if new else Z4)
            self.row("CCO", [NEW, self.cfg("co_class_commitment"), job, us_date(it.when), self.t(it, h["title"], 60), ref,
                             "NewLine" if new else "Update"] + self.codes(it, source) +
                     [INV, vendor, "Subcontract" if parent.doc.h["type"] == "subcontract" else "Normal", parent.erp_id,
                      "" if new else x["contract_line"], self.t(it, x["description"] or source["description"], 255, x["at"]), quantity,
                      self.t(it, x["uom"], upper=True) or "LS", cost, fixed(x["amount"], 2)])
        return "CCO", job + "|" + ref

    def invoice(self, it):
        h, lines, parent, job = it.doc.h, by_position(it.doc.lines), commitment_of(self.site, it), self.site.job(it.parts[0])
        it.vendor = self.site.get("vendor", parent.doc.h["vendor"]).erp_id
        number, zero = self.t(it, it.number_raw), Decimal(0)
        period = (it.accounting or h["billing_date"]).strftime("%m%Y")
        work, released = amount_sum(lines, "amount"), amount_sum(lines, "released")
        if work:
            sign = -1 if work < 0 else 1
            kept = [x for x in lines if x["amount"] or x["retainage"]]
            net = fixed(sign * (work - amount_sum(lines, "retainage")), 2)
            for x in kept:
                source, position, change = line_behind(self.site, it, x)
                retained = x["retainage"] or zero
                pct = half_up(100 * retained / x["amount"], 4) if x["amount"] else zero
                self.row("BILL", ["Bill" if sign > 0 else "Debit Adj.", NEW, it.vendor, us_date(h["billing_date"]), period, number,
                                  self.t(it, h["description"], 255), net, any(k["retainage"] for k in lines), parent.erp_id,
                                  "" if position is None else position, change.erp_id if change else "", job] + self.codes(it, source) +
                         [self.t(it, x["description"], 255, x["at"]), fixed(sign * x["amount"], 2), fixed(pct, 4), fixed(sign * retained, 2)])
        if released:
            self.row("RETAINAGE", [it.vendor, number, parent.erp_id, job, us_date(h["billing_date"]), period, fixed(released, 2)])
        return "BILL", it.vendor + "|" + number

    def prime(self, it):
        h, job = it.doc.h, self.site.job(it.parts[0])
        self.row("PRIME", [job, job, self.cfg("revenue_cost_code"), self.cfg("revenue_group"), INV,
                           self.t(it, h["number"] + " " + (h["title"] or ""), 255).rstrip() if not h["title"] else
                           self.t(it, h["number"] + " " + h["title"], 255), "", Z4, Z4, fixed(h["amount"], 2)])
        return "PRIME", job

    def pcco(self, it):
        h, job = it.doc.h, self.site.job(it.parts[0])
        ref = self.t(it, it.parts[1] + "-" + it.number_raw)
        for x in by_position(it.doc.lines):
            if h.get("_list"):
                task, code = job, self.cfg("revenue_cost_code")
            else:
                task, code, _ = self.codes(it, x)
            self.row("PCCO", [NEW, self.cfg("co_class_revenue"), job, us_date(it.when), self.t(it, h["title"], 60), ref, task, code,
                              self.cfg("revenue_group"), INV, "", Z4, Z4, fixed(x["extended"], 2)])
        return "PCCO", job + "|" + ref

    def files(self):
        return {"ACUMATICA_%s_B000000.csv" % name: "".join("\t".join(r) + "\r\n" for r in [HEADERS[name].split()] + self.sorted(name)).encode()
                for name in self.tables}


WRITER = Acumatica
RANK = ["vendor", "project", "subjob", "budget", "budget-change", "commitment", "cco", "invoice", "prime", "pcco"]


def write(w, site, items):
    """Adds the items to the writer's tables."""
    for kind in RANK:
        for it in by_id(i for i in items if i.kind == kind):
            w.item = it
            it.sent = getattr(w, kind.replace("-", "_"))(it)
