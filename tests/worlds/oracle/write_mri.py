# SPDX-License-Identifier: MIT
"""Import files for MRI (layouts §7): CSV, or the same rows as XML entries."""
from .values import fixed, type_to_erp
from .writing import Writer, amount_sum, by_code, by_id, by_position, commitment_of, quoted

CONTRACT = ["Project ID", "Contract Number", "Description", "Vendor", "Status", "Original Amount", "Contract Date", "Line", "Cost Code",
            "Default Category", "Line Description", "Line Amount"]
OBJECTS = {
    "BUDGET": ("mri_s-pmjc_budget", ["Project ID", "Cost Code", "Default Category", "Original Budget"]),
    "BUDGETREVISION": ("mri_s-pmjc_budgetrevision", ["Project ID", "Status", "Description", "Budget Type", "Value", "revision_date",
                                                     "revision_number", "revision_type", "revision_status"]),
    "CONTRACT": ("mri_s-pmjc_contract", CONTRACT),
    "PURCHASEORDER": ("mri_s-pmjc_purchaseorder", CONTRACT + ["Quantity", "Unit", "Unit Cost"]),
    "CHANGEORDER": ("mri_s-pmjc_changeorder", ["Project ID", "Order Number", "Change Order", "Title", "Description", "Additional Description",
                                               "Date Created", "Line", "Contract Line", "Cost Code", "Default Category", "Line Description",
                                               "Line Amount"]),
    "DRAW": ("mri_s-pmap_createinvoice", ["Vendor ID", "Invoice Number", "Invoice Amount", "Invoice Date", "Expense Period", "Status",
                                          "Third Party Attachments", "Project ID", "Contract Number"])}


def iso(d):
    return d.isoformat() if d else ""


class Mri(Writer):
    def t(self, it, value):
        return self.text(it, value, one_line=False)

    def codes(self, it, x):
        return [self.t(it, x["cost_code"]), type_to_erp("mri", x["cost_type"])]

    def budget(self, it):
        job = self.site.job(it.parts[0])
        for x in by_code(it.to_send):
            self.row("BUDGET", [job] + self.codes(it, x) + [fixed(x["amount"], 2)])
        return "BUDGET", job

    def budget_change(self, it):
        h, job = it.doc.h, self.site.job(it.parts[0])
        number = self.t(it, h["number"])
        for x in by_position(it.doc.lines):
            self.row("BUDGETREVISION", [job, "Approved", self.t(it, it.description or h["title"]), ".".join(self.codes(it, x)),
                                        fixed(x["amount"], 2), iso(it.when), number, self.site.setting("mri.revision_type"),
                                        self.site.setting("mri.revision_status")])
        return "BUDGETREVISION", job + "|" + number

    def commitment(self, it):
        h, job = it.doc.h, self.site.job(it.parts[0])
        name = "CONTRACT" if h["type"] == "subcontract" else "PURCHASEORDER"
        number, vendor = self.t(it, it.number_raw), self.site.get("vendor", h["vendor"]).erp_id
        for x in by_position(it.doc.lines):
            cells = [job, number, self.t(it, h["title"]), vendor, "Approved", fixed(amount_sum(it.doc.lines, "amount"), 2), iso(h["contract_date"]),
                     x["position"]] + self.codes(it, x) + [self.t(it, x["description"]), fixed(x["amount"], 2)]
            if name == "PURCHASEORDER":
                unit = h["method"] == "unit"
                cells += [fixed(x["quantity"], 4), self.t(it, (x["uom"] or "").upper()), fixed(x["unit_cost"], 4)] if unit else ["", "", ""]
            self.row(name, cells)
        return name, job + "|" + number

    def cco(self, it):
        h, job, parent = it.doc.h, self.site.job(it.parts[0]), commitment_of(self.site, it)
        number = self.t(it, it.number_raw)
        at = {p["position"]: p for p in parent.doc.lines}
        for x in by_position(it.doc.lines):
            source = x if x["contract_line"] is None else at[x["contract_line"]]
            self.row("CHANGEORDER", [job, parent.erp_id, number, self.t(it, h["title"]), self.t(it, h["description"]),
                                     self.t(it, parent.doc.h["title"]), iso(h["initiated"] or it.when), x["position"],
                                     "" if x["contract_line"] is None else x["contract_line"]] + self.codes(it, source) +
                     [self.t(it, x["description"] or source["description"]), fixed(x["amount"], 2)])
        return "CHANGEORDER", "|".join((job, parent.erp_id, number))

    def invoice(self, it):
        h, parent = it.doc.h, commitment_of(self.site, it)
        it.vendor = self.site.get("vendor", parent.doc.h["vendor"]).erp_id
        number = self.t(it, it.number_raw)
        self.row("DRAW", [it.vendor, number, fixed(amount_sum(it.doc.lines, "amount", "-retainage"), 2), iso(h["billing_date"]),
                          h["period_end"].strftime("%Y%m"), self.site.setting("mri.invoice_status"),
                          self.t(it, (h["urls"] or ("",))[0]), self.site.job(it.parts[0]), parent.erp_id])
        return "DRAW", it.vendor + "|" + number

    def files(self):
        out = {}
        for name in self.tables:
            rows = self.sorted(name)
            root, header = OBJECTS[name]
            if self.site.setting("mri.format") == "csv":
                out["MRI_%s_B000000.csv" % name] = "".join(quoted(r) + "\r\n" for r in [header] + rows).encode()
            else:
                out["MRI_%s_B000000.xml" % name] = entries(root, header, rows).encode()
        return out


def entries(root, header, rows):
    escape = lambda t: t.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    out = ["<%s>\n" % root]
    for r in rows:
        out.append("  <entry>\n")
        for name, value in zip(header, r):
            out.append("    <{0}>{1}</{0}>\n".format(name.replace(" ", ""), escape(value)))
        out.append("  </entry>\n")
    return "".join(out) + "</%s>\n" % root


WRITER = Mri
RANK = ["budget", "budget-change", "commitment", "cco", "invoice"]


def write(w, site, items):
    """Adds the items to the writer's tables."""
    for kind in RANK:
        for it in by_id(i for i in items if i.kind == kind):
            w.item = it
            it.sent = getattr(w, kind.replace("-", "_"))(it)
