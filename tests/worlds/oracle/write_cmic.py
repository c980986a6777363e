# SPDX-License-Identifier: MIT
"""Import files for CMiC (layouts §5): no header, CRLF, US-ASCII, codes in capitals."""
import datetime, re
from decimal import Decimal
from .values import fixed, type_to_erp
from .writing import Writer, amount_sum, by_code, by_id, by_position, cmic_date, commitment_of, line_behind, quoted

FULL = ("JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER").split()


class Cmic(Writer):
    def t(self, it, value, limit=None, line=None, upper=False):
        return self.text(it, value, limit, line, upper, ascii_only=True)

    def cfg(self, key):
        return self.site.setting(key)

    def hjob(self, it, x):
        return (self.site.subjob(it.parts[0], x["sub_job"]) if x.get("sub_job") else None) or self.job(it)

    def job(self, it):
        return self.site.job(it.parts[0])

    def phase(self, it, x):
        return self.t(it, x["cost_code"], upper=True)

    def vendor(self, it):
        h = it.doc.h
        self.row("VENDOR", [self.t(it, it.number, upper=True), self.t(it, h["name"], 60), "MAIL", "Y", self.t(it, h["address1"], 40),
                            self.t(it, h["address2"], 40), self.t(it, h["city"], 30), self.t(it, h["state"], 3, upper=True),
                            self.t(it, h["zip"], 10), self.t(it, re.sub("[^0-9]", "", h["phone"] or ""), 20), self.cfg("cmic.company"),
                            self.cfg("cmic.terms"), self.cfg("currency"), self.t(it, h["email"], 60)])
        return "VENDOR", it.number

    def project(self, it):
        h = it.doc.h
        self.row("PROJECT", [self.t(it, h["company"]) or self.cfg("cmic.company"), it.number, self.t(it, h["name"], 60),
                             self.t(it, h["number"], 24), "ALL", "", "", "", "0.00", "LS"])
        return "PROJECT", it.number

    def pci(self, it, name, code, title, status, kind, lines, cells):
        when = cmic_date(it.when)
        for x in lines:
            phs, cat, amount, bill, uom = cells(x)
            self.row(name, [self.cfg("cmic.company"), self.job(it), code, title, when, status, kind, "", self.hjob(it, x), phs, cat, amount, bill,
                            uom, ""])

    def budget(self, it):
        self.pci(it, "BUDGET", "ORIGBUDG", "ORIGINAL BUDGET", self.cfg("cmic.pci_status"), self.cfg("cmic.pci_type_original"),
                 by_code(it.to_send), lambda x: (self.phase(it, x), type_to_erp("cmic", x["cost_type"]), fixed(x["amount"], 2), "0.00", ""))
        return "BUDGET", self.job(it)

    def budget_change(self, it):
        h = it.doc.h
        code = self.t(it, h["number"], upper=True)
        self.pci(it, "BUDGETCHANGE", code, self.t(it, h["title"], 60), self.cfg("cmic.pci_status"), self.cfg("cmic.pci_type_change"),
                 by_position(it.doc.lines),
                 lambda x: (self.phase(it, x), type_to_erp("cmic", x["cost_type"]), fixed(x["amount"], 2), "0.00", ""))
        return "BUDGETCHANGE", self.job(it) + "|" + code

    def forecast(self, it):
        code = "FC" + it.when.strftime("%Y%m%d")
        self.pci(it, "FORECAST", code, "%s %d FORECAST AMOUNTS" % (FULL[it.when.month - 1], it.when.year), self.cfg("cmic.pci_status"),
                 self.cfg("cmic.pci_type_forecast"), by_code(it.doc.lines),
                 lambda x: (self.phase(it, x), type_to_erp("cmic", x["cost_type"]), fixed(x["amount"], 2),
                            fixed(x["to_complete"], 2), ""))
        return "FORECAST", self.job(it) + "|" + code

    def pcco(self, it):
        h, lines = it.doc.h, by_position(it.doc.lines)
        code = self.t(it, it.number_raw, upper=True)
        if self.cfg("cmic.pcco_as") == "oco":
            self.row("OCO", [self.cfg("cmic.company"), self.job(it), code, self.t(it, h["title"], 60), cmic_date(it.when), h.get("impact") or 0,
                             fixed(amount_sum(lines, "extended"), 2), "0.00" if h.get("_list") else fixed(amount_sum(lines, "amount"), 2)])
            return "PCCO", self.job(it) + "|" + code

        def cells(x):
            if h.get("_list"):
                return self.cfg("cmic.pcco_phase"), self.cfg("cmic.pcco_category"), "0.00", fixed(x["extended"], 2), ""
            return (self.phase(it, x), type_to_erp("cmic", x["cost_type"]), fixed(x["amount"], 2), fixed(x["extended"], 2),
                    self.t(it, x["uom"], 2, x["at"], upper=True))

        self.pci(it, "PCCO", code, self.t(it, h["title"], 60), self.cfg("cmic.pci_status_pcco"), self.cfg("cmic.pci_type_pcco"), lines, cells)
        return "PCCO", self.job(it) + "|" + code

    def contract_row(self, it, name, vendor, number, change, parent, date, x, task, about, source, units, head):
        h = parent.doc.h
        self.row(name, [self.cfg("cmic.company"), vendor, number, change, self.job(it), "NONE", "SC" if h["type"] == "subcontract" else "PO",
                        self.cfg("currency"), cmic_date(date), task, self.t(it, about, 30, x["at"]), self.phase(it, source),
                        type_to_erp("cmic", source["cost_type"])] + units +
                 [fixed(x["amount"], 2), fixed(h["retainage"], 4), self.hjob(it, source)] + head)

    def commitment(self, it):
        h = it.doc.h
        vendor = self.site.get("vendor", h["vendor"]).erp_id
        number = self.t(it, it.number_raw, upper=True)
        head = [self.t(it, h["title"], 60), "OPEN", cmic_date(h["start_date"]), cmic_date(h["end_date"]), cmic_date(h["issued"]),
                cmic_date(h["signed"]), "Y", self.t(it, h["description"], 255)]
        for x in by_position(it.doc.lines):
            units = ["", "", ""]
            if h["method"] == "unit":
                units = [self.t(it, x["uom"], 2, x["at"], upper=True), fixed(x["quantity"], 4), fixed(x["unit_cost"], 4)]
            self.contract_row(it, "COMMITMENT", vendor, number, "000", it, h["contract_date"], x, "%03d" % x["position"], x["description"], x, units,
                              head)
        return "COMMITMENT", vendor + "|" + number

    def cco(self, it):
        h, parent = it.doc.h, commitment_of(self.site, it)
        vendor = self.site.get("vendor", parent.doc.h["vendor"]).erp_id
        change = self.t(it, it.number_raw, upper=True)
        head = [self.t(it, h["title"], 60), "PENDING", "", "", "", "", "Y", self.t(it, h["description"], 255)]
        at = {p["position"]: p for p in parent.doc.lines}
        for x in by_position(it.doc.lines):
            source = x if x["contract_line"] is None else at[x["contract_line"]]
            task = "%s-%03d" % (change, x["position"]) if x["contract_line"] is None else "%03d" % x["contract_line"]
            units = ["", fixed(x["quantity"], 4), fixed(x["unit_cost"], 4)]
            if x["quantity"] is not None:
                units[0] = self.t(it, x["uom"], 2, x["at"], upper=True)
            self.contract_row(it, "CCO", vendor, parent.erp_id, change, parent, it.when, x, task, x["description"] or source["description"], source,
                              units, head)
        return "CCO", "|".join((vendor, parent.erp_id, change))

    def invoice(self, it):
        h, lines, parent = it.doc.h, by_position(it.doc.lines), commitment_of(self.site, it)
        it.vendor = self.site.get("vendor", parent.doc.h["vendor"]).erp_id
        code = self.t(it, it.number_raw, upper=True)
        gross = amount_sum(lines, "amount", "stored")
        if gross:
            self.voucher(it, code, gross, lines, parent, False)
        if any(x["released"] for x in lines):
            self.voucher(it, code + "R", Decimal(0), [x for x in lines if x["released"]], parent, True)
        return "INVOICE", it.vendor + "|" + code

    def voucher(self, it, code, gross, lines, parent, release):
        h, number = it.doc.h, self.site.voucher
        self.site.voucher += 1
        for x in lines:
            source, position, change = line_behind(self.site, it, x)
            task = "%03d" % position if position is not None else "%s-%03d" % (change.number, source["position"])
            zero = Decimal(0)
            self.row("INVOICE", [
                self.cfg("cmic.company"), it.vendor, parent.erp_id, change.erp_id if change else "000", self.hjob(it, source), code, number,
                fixed(gross, 2), cmic_date(h["billing_date"]), cmic_date(it.accounting or h["billing_date"]),
                cmic_date(h["billing_date"] + datetime.timedelta(days=30)), "Y" if h["final"] and not release else "N", task,
                fixed(zero if release else x["amount"] + (x["stored"] or 0), 2),
                fixed(zero if release else (x["retainage"] or zero) + (x["stored_retainage"] or zero), 2),
                fixed(x["released"] if release else zero, 2), self.phase(it, source), type_to_erp("cmic", source["cost_type"]),
                self.cfg("currency"), self.t(it, it.description, 60), self.t(it, x["description"], 60, x["at"])])

    def payment(self, it):
        h = it.doc.h
        inv = self.site.get("invoice", h["project"], h["commitment"], h["invoice_number"])
        c = self.site.get("commitment", h["project"], h["commitment"])
        check = self.t(it, h["check"])
        self.row("PAYMENT", [self.cfg("cmic.company"), inv.vendor, check, cmic_date(h["initiated"]), cmic_date(h["initiated"]),
                             fixed(h["amount"], 2), self.cfg("currency"), self.t(it, h["bank"], upper=True), "M", self.t(it, h["notes"], 60),
                             inv.erp_id, c.erp_id, fixed(h["amount"], 2)])
        return "PAYMENT", inv.vendor + "|" + check

    def files(self):
        return {"CMIC_%s_B000000.csv" % name: "".join(quoted(r) + "\r\n" for r in self.sorted(name)).encode("ascii") for name in self.tables}


WRITER = Cmic
RANK = ["vendor", "project", "budget", "budget-change", "forecast", "commitment", "cco", "invoice", "payment", "pcco"]


def write(w, site, items):
    """Adds the items to the writer's tables."""
    for kind in RANK:
        for it in by_id(i for i in items if i.kind == kind):
            w.item = it
            it.sent = getattr(w, kind.replace("-", "_"))(it)
