# SPDX-License-Identifier: MIT
"""What the project side drops: records as CSV cells, awkward or spoiled with a given chance; the oracle says what becomes of them."""
import datetime
from oracle import read_procore
from oracle.values import fixed
from decimal import Decimal
from . import words

COLUMNS = {
    "vendor": "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,"
              "Active,Customer,ERP Vendor ID",
    "project": "Project Number,Name,Address,City,State,Zip,Country,Start Date,Completion Date,Active,Company Code,ERP Job ID",
    "subjob": "Project Number,Sub Job Code,Sub Job Name", "selection": "Project Number,Sub Job,Cost Code,Cost Type,Selected",
    "budget-change": "Project Number,Budget Change Number,Title,Description,Status,Approved On,Adjustment,Type,Line,Sub Job,Cost Code,Cost Type,"
                     "Line Description,Amount",
    "commitment": "Project Number,Number,Commitment Type,Title,Description,Status,Executed,Accounting Method,Contract Company ID,Contract Company,"
                  "Retainage %,Contract Date,Start Date,Estimated Completion Date,Issued Date,Signed Contract Received Date,Delivery Date,"
                  "Payment Terms,Grand Total,Line,Sub Job,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount,Tax Amount",
    "cco": "Project Number,Contract,Change Order #,Title,Description,Status,Date Initiated,Due Date,Schedule Impact,Grand Total,Line,Contract Line,"
           "Sub Job,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount,Tax Amount",
    "invoice": "Project Number,Contract,Invoice #,Number,Final,Billing Date,Period Start,Period End,Status,Description,Attachment URLs,"
               "Current Payment Due,Line,Item Type,Change Order,Contract Line,Description Of Work,This Period,Materials Stored,Work Retainage,"
               "Retainage Released,Materials Retainage,Tax Amount",
    "forecast": "Project Number,As Of,Sub Job,Cost Code,Cost Type,Estimated Cost at Completion,Forecast To Complete",
    "payment": "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Retainage Released,Method,Check Number,Bank ID,Date Created,"
               "Date Initiated,Date Funded,Notes"}
COLUMNS = {k: v.split(",") for k, v in COLUMNS.items()}
FIRST_LINE = {"budget-change": "Adjustment", "commitment": "Line", "cco": "Line", "invoice": "Line", "forecast": "Sub Job"}


class ProjectSide:
    """Needs of the world: rng, site (the oracle's), letter, pairs, projects, companies, subjobs, made documents."""

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, things):
        return self.rng.choice(list(things))

    def money(self, low=1, high=90000):
        cents = self.rng.randint(low * 100, high * 100)
        if self.chance(0.2):
            cents -= cents % 100
        return Decimal(cents) / 100

    def show(self, v):
        """An amount as a sender writes it."""
        s = fixed(v, 2)
        return s.rstrip("0").rstrip(".") + ".0" if s.endswith("0") and self.chance(0.2) else s

    def day(self, month=None):
        d = datetime.date(2026, month or self.rng.randint(1, 6), self.rng.randint(1, 28))
        return "%d/%d/%d" % (d.month, d.day, d.year) if self.chance(0.3) else "%02d/%02d/%d" % (d.month, d.day, d.year)

    def title(self):
        return self.pick(words.TITLES if self.chance(self.odd) else words.TITLES[:7])

    def about(self):
        return self.pick(words.PLAIN if self.chance(0.3) else words.PLAIN[:8])

    def code(self):
        """(code, type), now and then one that the ERP does not have."""
        code, kind = self.pick(self.pairs)
        if self.chance(self.fault / 3):
            return self.pick([(code.lstrip("0"), kind), ("77-7777", kind), (code, self.pick(["L", "E", "M", "S", "OC", "SVC", "X"])), ("", kind), (code, "")])
        return code, kind

    def sub_job(self, number):
        if self.letter == "M":
            return "S1" if self.chance(0.02) else ""
        known = [s for s in self.subjobs if s[0] == number]
        if known and self.chance(0.25):
            return self.pick(known)[1]
        return ""

    def project(self):
        return self.pick(self.projects) if not self.chance(self.fault / 15) else "NOPE-1"

    # ---- records ----

    def company(self, pm_id, name, origin):
        city, state, zip_code, country = self.pick(words.PLACES)
        if self.chance(self.fault / 2):
            state, country = self.pick([("ZZ", "US"), ("MN", "CA"), ("ON", "CA"), ("", "USA"), ("Bavaria", "DE"), ("XX", ""), ("DC", "US")])
        return {"Company ID": pm_id, "Name": name, "Abbreviated Name": name[:5], "Vendor Type": self.pick(["", "Supplier", "Subcontractor", "Consultant", "X"]),
                "Address": self.pick(words.STREETS), "Address 2": self.pick(["", "Suite 4", "c/o " + "k" * 45]), "City": city, "State": state, "Zip": zip_code,
                "Country": country, "Business Phone": self.pick(["218-555-0680", "", "(218) 555-0744 x12", "+1 218 555 0001 0002 0003 9999"]),
                "Fax": "", "Email Address": self.pick(["ap@example.test", "", "e" * 58 + "@x"]), "Website": "", "Tax ID": self.pick(["", "12-3456789"]),
                "Active": "No" if self.chance(self.fault / 4) else "Yes", "Customer": self.pick(["", "No", "Yes"]), "ERP Vendor ID": origin}

    def project_row(self, number, name, origin):
        return {"Project Number": number, "Name": name, "Address": self.pick(words.STREETS), "City": "Duluth", "State": "MN", "Zip": "55802",
                "Country": self.pick(["US", ""]), "Start Date": self.day(1), "Completion Date": self.pick(["", "06/18/2027"]), "Active": "Yes",
                "Company Code": "", "ERP Job ID": origin}

    def commitment(self, number=None, project=None, vendor=None):
        rng, project = self.rng, project or self.project()
        self.count += 1
        kind = self.pick(["Subcontract", "Subcontract", "Purchase Order"])
        method = self.pick(["Amount", "Amount", "Unit"])
        head = {"Project Number": project, "Number": number or "%s-%03d" % ("SC" if kind == "Subcontract" else "PO", self.count), "Commitment Type": kind,
                "Title": self.title(), "Description": self.pick(["", "Scope", "Scope of work.\nLine two", "s" * 256]), "Status": "Approved",
                "Executed": self.pick(["Yes", "No", ""]), "Accounting Method": method, "Contract Company ID": vendor or self.pick(self.companies),
                "Contract Company": self.pick(["", "Some name"]), "Retainage %": self.pick(["", "5.0000", "7.5", "10", "0", "12.3456"]),
                "Contract Date": self.day(2), "Start Date": self.pick(["", self.day(3)]), "Estimated Completion Date": self.pick(["", self.day(6)]),
                "Issued Date": self.pick(["", self.day(2)]), "Signed Contract Received Date": self.pick(["", self.day(3)]),
                "Delivery Date": self.pick(["", self.day(5)]), "Payment Terms": self.pick(["", "Net 30"]), "Grand Total": ""}
        if self.chance(0.3):
            head["pm_id_xml"] = "5%04d" % self.count
        lines, total = [], Decimal(0)
        positions = list(range(1, rng.randint(1, 4) + 1))
        if self.chance(0.15):
            positions = [p * 10 for p in positions]
        if self.chance(0.15):
            positions.reverse()
        for p in positions:
            code, t = self.code()
            x = {"Line": str(p), "Sub Job": self.sub_job(project), "Cost Code": code, "Cost Type": t, "Line Description": self.about(), "Quantity": "",
                 "UOM": "", "Unit Cost": "", "Tax Amount": self.pick(["", "", "0.00"])}
            amount = self.money()
            if method == "Unit" or self.chance(0.1):
                q, c = Decimal(rng.randint(1, 9000)) / rng.choice([1, 2, 10, 1000]), Decimal(rng.randint(1, 90000)) / rng.choice([1, 100, 10000])
                amount = (q * c).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
                x.update({"Quantity": format(q, "f"), "UOM": self.pick(words.UOMS), "Unit Cost": format(c, "f")})
            elif self.chance(0.15):
                amount = self.pick([-amount, Decimal(0), -amount])
            x["Amount"] = self.show(amount)
            total += amount
            lines.append(x)
        if self.chance(0.6):
            head["Grand Total"] = self.show(total + (Decimal("0.01") if self.chance(self.fault / 4) else 0))
        return self.spoil("commitment", head, lines)

    def cco(self, parent, number):
        c = parent.h
        head = {"Project Number": c["project"], "Contract": c["number"], "Change Order #": number, "Title": self.title(), "Description": self.pick(["", "why"]),
                "Status": "Approved", "Date Initiated": self.pick(["", self.day(3)]), "Due Date": "", "Schedule Impact": self.pick(["", "5", "-2"]),
                "Grand Total": ""}
        lines, total = [], Decimal(0)
        for p in range(1, self.rng.randint(1, 3) + 1):
            amount = self.pick([self.money(), -self.money(1, 500)])
            x = {"Line": str(p), "Contract Line": "", "Sub Job": "", "Cost Code": "", "Cost Type": "", "Line Description": self.about(), "Quantity": "",
                 "UOM": "", "Unit Cost": "", "Amount": self.show(amount), "Tax Amount": ""}
            if self.chance(0.55) and parent.lines:
                old = self.pick(parent.lines)
                x["Contract Line"] = str(old["position"] if not self.chance(self.fault / 5) else 99)
                if self.chance(0.3):
                    x.update({"Cost Code": old["cost_code"], "Cost Type": old["cost_type"], "Sub Job": old["sub_job"] or ""})
                elif self.chance(self.fault / 3):
                    x["Cost Code"], x["Cost Type"] = self.pick(self.pairs)
            else:
                x["Cost Code"], x["Cost Type"] = self.code()
                x["Sub Job"] = self.sub_job(c["project"])
            if self.chance(0.2):
                q = Decimal(self.rng.randint(1, 90)) / 2
                x.update({"Quantity": str(q), "UOM": self.pick(words.UOMS + ["each"]), "Unit Cost": "4.25"})
                amount = (q * Decimal("4.25")).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
                x["Amount"] = self.show(amount)
            total += amount
            lines.append(x)
        if self.chance(0.5):
            head["Grand Total"] = self.show(total)
        return self.spoil("cco", head, lines)

    def invoice(self, parent, number, sequence, ccos):
        c = parent.h
        month = self.rng.randint(3, 6)
        head = {"Project Number": c["project"], "Contract": c["number"], "Invoice #": number, "Number": str(sequence), "Final": self.pick(["", "Yes", "No", "No"]),
                "Billing Date": "%02d/28/2026" % month, "Period Start": self.pick(["", "%02d/01/2026" % month]), "Period End": "%02d/28/2026" % month,
                "Status": "Approved" if not self.chance(0.1) else self.pick(["Approved as Noted", "Pending Owner Approval", "Draft", "Approved"]),
                "Description": self.pick(["", "Pay app", "Pay\napp"]), "Current Payment Due": "",
                "Attachment URLs": self.pick(["", "https://files.example/a.pdf", "https://files.example/a.pdf https://files.example/b.pdf"])}
        lines, due = [], Decimal(0)
        p = 0
        for old in parent.lines:
            if self.chance(0.8) or not lines:
                p += 1
                x, net = self.invoice_line(p, "Contract", "", old["position"] if not self.chance(self.fault / 8) else 98)
                due += net
                lines.append(x)
        for change in ccos:
            p += 1
            target = self.pick(change.lines)["position"] if not self.chance(self.fault / 8) else 97
            x, net = self.invoice_line(p, "Change Order", change.h["number"] if not self.chance(self.fault / 8) else "NOCO", target)
            due += net
            lines.append(x)
        if self.chance(0.6):
            head["Current Payment Due"] = self.show(due)
        return self.spoil("invoice", head, lines)

    def invoice_line(self, p, kind, change, target):
        work = self.money(1, 20000) if not self.chance(0.2) else self.pick([Decimal(0), -self.money(1, 3000), Decimal("0.01")])
        held = (work * self.pick([Decimal(0), Decimal("0.05"), Decimal("0.0725")])).quantize(Decimal("0.01")) if self.chance(0.7) else Decimal(0)
        free = self.money(1, 400) if self.chance(0.15) else Decimal(0)
        stored = self.money(1, 900) if self.chance(0.12) else Decimal(0)
        stored_held = (stored / 10).quantize(Decimal("0.01"))
        zero = lambda v: self.show(v) if v or self.chance(0.7) else ""
        return {"Line": str(p), "Item Type": kind, "Change Order": change, "Contract Line": str(target), "Description Of Work": self.about(),
                "This Period": self.show(work), "Materials Stored": zero(stored), "Work Retainage": zero(held), "Retainage Released": zero(free),
                "Materials Retainage": zero(stored_held), "Tax Amount": self.pick(["", "0.00", "0.00"] + (["1.00"] if self.chance(0.1) else []))}, \
            work + stored - held - stored_held + free

    def budget_change(self, number):
        project = self.project()
        head = {"Project Number": project, "Budget Change Number": number, "Title": self.title(), "Description": self.pick(["", "why\nso"]),
                "Status": "Approved", "Approved On": self.pick(["", self.day(3)])}
        lines, p = [], 0
        for a in range(1, self.rng.randint(1, 2) + 1):
            amount = self.money(1, 5000)
            for sign, kind in ((1, "Change Event"), (-1, "Budget Change")):
                p += 1
                code, t = self.code()
                v = sign * amount + (Decimal("0.25") if self.chance(0.05) else 0)
                lines.append({"Adjustment": str(a), "Type": kind, "Line": str(p), "Sub Job": self.sub_job(project), "Cost Code": code, "Cost Type": t,
                              "Line Description": self.about(), "Amount": self.show(v)})
        return self.spoil("budget-change", head, lines)

    def forecast(self):
        project = self.project()
        head = {"Project Number": project, "As Of": self.pick(["03/31/2026", "4/30/2026", "05/31/2026"])}
        lines = []
        for code, t in self.rng.sample(self.pairs, min(4, len(self.pairs))):
            lines.append({"Sub Job": self.sub_job(project), "Cost Code": code, "Cost Type": t, "Estimated Cost at Completion": self.show(self.money()),
                          "Forecast To Complete": self.pick(["", self.show(self.money(1, 500))])})
        return self.spoil("forecast", head, lines)

    def payment(self, pm_id, inv):
        h = inv.h if inv else {"project": self.project(), "commitment": "NOPE", "invoice_number": "NOINV"}
        row = {"Payment ID": pm_id, "Project Number": h["project"], "Contract": h["commitment"], "Invoice #": h["invoice_number"],
               "Status": "Funding Complete" if not self.chance(0.15) else "Initiated", "Amount": self.show(self.money(1, 900)), "Retainage Released": "",
               "Method": self.pick(["Check", "ACH", ""]), "Check Number": self.pick(["70%04d" % self.rng.randint(1, 40), "12345678901", "1234567890"]),
               "Bank ID": self.pick(["", "bank1"]), "Date Created": "", "Date Initiated": self.day(4), "Date Funded": self.day(5),
               "Notes": self.pick(["", "O'Brien's check", "n" * 61])}
        if self.chance(self.fault / 3):
            row[self.pick(["Check Number", "Date Initiated", "Amount", "Method"])] = self.pick(["N/A", "", "x"])
        return row

    # ---- faults ----

    def spoil(self, kind, head, lines):
        """At most one fault for a document, so that what is said of it does not depend on what else could be said."""
        if not self.chance(self.fault):
            if lines and self.chance(0.1) and kind != "commitment":
                x = self.pick(lines)
                if not head.get("Grand Total") and not head.get("Current Payment Due") and not x.get("Quantity"):
                    self.pick([x])["Amount" if "Amount" in x else "Line Description"] = self.pick(words.AMOUNT_ODDITIES)
            return head, lines
        amount = next(n for n in ("Amount", "This Period", "Estimated Cost at Completion") if n in lines[0])
        x = self.pick(lines)
        dates = [c.csv for c in self.layout(kind).head if c.kind == "date"]
        fault = self.pick(["amount", "date", "status", "control", "long", "position", "empty", "header", "cells", "tax", "unit", "flag", "half", "digits"])
        if fault == "amount":
            x[amount] = self.pick(words.AMOUNT_FAULTS)
        elif fault == "date" and dates:
            head[self.pick(dates)] = self.pick(words.DATE_FAULTS)
        elif fault == "status" and "Status" in head:
            head["Status"] = self.pick(["Draft", "approved", "", "Void"])
        elif fault == "control" and "Title" in head:
            head["Title"] = "bell \a inside"
        elif fault == "long" and "Title" in head:
            head["Title"] = self.pick(["t" * 255, "t" * 256, "é" * 255, "é" * 256])
        elif fault == "position" and "Line" in x:
            lines.append(dict(x))
            if head.get("Grand Total") or head.get("Current Payment Due"):
                head[next(n for n in ("Grand Total", "Current Payment Due") if head.get(n))] = ""
        elif fault == "empty":
            where, cols = self.pick([(head, self.layout(kind).head), (x, self.layout(kind).lines)])
            names = [c.csv for c in cols if c.req and c.csv and c.csv not in ("Project Number", "Number" if kind == "commitment" else "", "As Of",
                                                                            "Contract", "Change Order #", "Budget Change Number", "Contract Company ID")]
            if names:
                where[self.pick(names)] = ""
        elif fault == "header" and len(lines) > 1 and "Title" in head:
            head["!header"] = "Other title"
        elif fault == "cells":
            head["!cells"] = self.pick(["short", "long"])
        elif fault == "tax" and "Tax Amount" in x:
            x["Tax Amount"] = self.pick(["1.00", "-0.01", "0", "$0.00"])
        elif fault == "unit" and "Quantity" in x and kind == "commitment":
            head["Accounting Method"] = "Unit"
            x.update(self.pick([{"Quantity": "", "UOM": "EA", "Unit Cost": "1"}, {"Quantity": "2", "UOM": "EAS", "Unit Cost": "1"},
                                {"Quantity": "3", "UOM": "BUSHELS", "Unit Cost": "1"}, {"Quantity": "123456789", "UOM": "EA", "Unit Cost": "1"},
                                {"Quantity": "2", "UOM": "EA", "Unit Cost": "12345678901"}, {"Quantity": "1.00001", "UOM": "EA", "Unit Cost": "1"}]))
        elif fault == "half" and "Quantity" in x:
            head["Grand Total"] = ""
            x.update({"Quantity": "0.5", "UOM": "EA", "Unit Cost": self.pick(["0.01", "0.05", "-0.01"]), "Amount": self.pick(["0.01", "0.03", "-0.01", "0.02"])})
        elif fault == "flag":
            flags = [c.csv for c in self.layout(kind).head if c.kind == "flag"]
            if flags:
                head[flags[0]] = self.pick(["yes", "Y", "true", "1"])
        elif fault == "digits" and kind == "commitment":
            head["Retainage %"] = self.pick(["1234", "7.12345", "100", "7.50000"])
        return head, lines

    def layout(self, kind):
        return next(x for x in read_procore.LAYOUTS if x.kind == kind)
