# SPDX-License-Identifier: MIT
"""What the three ERPs drop: lists, costs, payments, and answers to what was sent."""
import datetime
from decimal import Decimal
from oracle.read_mri import ANSWERS
from oracle.values import fixed, type_to_erp
from . import words
from .sheets import cmic_date, csv_bytes, entries


class ErpSide:
    """Mixed into the world; vendors, jobs, tasks, codes, pairs are what the ERP knows."""

    def csv(self, columns, rows, **more):
        if self.letter == "C":
            return csv_bytes(self.rng, columns.split(), rows, encoding="cp1252", bom=self.chance(0.15), **more)
        return csv_bytes(self.rng, columns.split(), [["NULL" if c == "" and self.chance(0.5) else c for c in r] for r in rows], delimiter=";", **more)

    def erp_date(self, d):
        if self.letter == "C":
            return cmic_date(d)
        forms = ["%04d-%02d-%02d" % (d.year, d.month, d.day)]
        if self.letter == "A":
            forms += ["%02d.%02d.%04d 13:44" % (d.day, d.month, d.year), "%04d-%02d-%02d 00:00:00.000" % (d.year, d.month, d.day)]
        else:
            forms.append(forms[0] + "T00:00:00")
        return self.pick(forms)

    def some_day(self):
        return datetime.date(2026, self.rng.randint(1, 6), self.rng.randint(1, 28))

    def pad(self, code):
        return code + " " * self.rng.randint(0, 3) if self.letter == "A" and self.chance(0.3) else code

    def acu_code(self, code):
        return code.replace("-", "")

    def vendor_list(self, vendors):
        rows = []
        for code, name, active in vendors:
            city, state, zip_code, country = self.pick(words.PLACES)
            if self.letter == "C":
                name = name.encode("cp1252", "ignore").decode("cp1252")
                rows.append([self.lower(code), name, "1 Dock Road", "", city, state, zip_code, country, "218-555-0000", "", "01",
                             "X" if self.chance(0.06) and code not in self.linked_vendors else self.pick(["SUB", "", "SUP"]), "N30", "USD", "", "",
                             "A" if active else "I"])
            elif self.letter == "A":
                rows.append([self.pad(code), name, "SUBCON", "Active" if active else self.pick(["Inactive", "OneTime"]), "1 Dock Road", "", city, state,
                             zip_code, country, "218-555", "ap@x.test", "30D", ""])
            else:
                rows.append({"Vendor": code, "Name": name, "Address": "1 Dock Road", "City": city, "State": state, "Zip": zip_code, "Country": country,
                             "Active": "Y" if active and self.chance(0.5) else ("" if active else "N")})
        if self.letter == "M":
            return "vendors.xml", entries(self.rng, "mri_s-pmap_vendor", rows)
        return "vendors.csv", self.csv(
            "BP_CODE BP_NAME BPAD_ADD1 BPAD_ADD2 BPAD_CITY BPAD_STATE_CODE BPAD_ZIP BPAD_COUNTRY BPAD_PHONE BPAD_FAX BPVEN_COMP_CODE BPVEN_TYPE_CODE "
            "BPVEN_TERM_CODE BPVEN_CURR_CODE BPVEN_PAY_EMAIL BPVEN_REG_CODE BPVEN_STATUS" if self.letter == "C" else
            "VendorID VendorName VendorClass Status AddressLine1 AddressLine2 City State PostalCode Country Phone1 Email Terms TaxRegistrationID", rows)

    def lower(self, code):
        return code.lower() if self.chance(0.1) else code

    def job_lists(self, jobs):
        """[(name, bytes)]: jobs and their sub jobs or tasks."""
        rows, tasks = [], []
        for job, name in jobs:
            if self.letter == "C":
                name = name.encode("cp1252", "ignore").decode("cp1252")
                rows.append(["01", job, name, "ALL", "1 Site Way", "Duluth", "MN", "55802", "06-JAN-2026", "", "A"])
                rows += [["01", s, "Sub " + s, job, "", "", "", "", "", "", "A"] for j, s in self.tasks if j == job]
            elif self.letter == "A":
                rows.append([self.pad(job), name, "Active", self.erp_date(self.some_day()), "", "Task", "1 Site Way", "Duluth", "MN", "55802", "US"])
                tasks.append([job, job, "Default task", "Active", "1"])
                tasks += [[job, self.pad(s), "Sub " + s, "Active", "0"] for j, s in self.tasks if j == job]
            else:
                rows.append({"JobCode": job, "Description": name, "Status": self.pick(["Active", ""]), "StartDate": self.erp_date(self.some_day()),
                             "CompletionDate": ""})
        if self.letter == "M":
            return [("jobs.xml", entries(self.rng, "mri_s-pmjc_job", rows))]
        if self.letter == "C":
            return [("jobs.csv", self.csv("JOB_COMP_CODE JOB_CODE JOB_NAME JOB_CTRL_CODE JOB_ADD1 JOB_CITY JOB_STATE_CODE JOB_ZIP JOB_START_DATE "
                                          "JOB_END_DATE JOB_STATUS", rows))]
        return [("projects.csv", self.csv("ProjectID Description Status StartDate EndDate RevenueBudgetLevel AddressLine1 City State PostalCode Country",
                                          rows)), ("tasks.csv", self.csv("ProjectID ProjectTaskID Description Status Default", tasks))]

    def code_lists(self):
        flag = lambda v: ("1" if v else "0") if self.letter == "A" else "Y" if v else "N"
        types = sorted({t for _, t in self.all_pairs})
        name = dict(words.CODES)
        enc = lambda t: t.encode("cp1252", "ignore").decode("cp1252") if self.letter == "C" else t
        if self.letter == "C":
            rows = [["01", c, enc(name[c]), "ALL", flag(c not in self.inactive), type_to_erp("cmic", t), "Y"] for c, t in self.all_pairs]
            if self.chance(0.3):
                rows.append(["01", "99-9999", "No type", "ALL", "Y", "", ""])
            if self.chance(0.3):
                rows.append(["01", self.pick(["AB.12", "9 9", "A_B"]), "Bad", "ALL", "Y", "LAB", "N"])
            if self.chance(0.3):
                rows.append(["01", "98-9898", "Odd", "ALL", "Y", "XXX", "N"])
            return [("categories.csv", self.csv("CAT_COMP_CODE CAT_CODE CAT_NAME CAT_ACTIVE_FLAG", [["01", type_to_erp("cmic", t), t, "Y"] for t in types])),
                    ("phases.csv", self.csv("PHS_COMP_CODE PHS_CODE PHS_NAME PHS_CTRL_CODE PHS_ACTIVE_FLAG CAT_CODE CAT_DEFAULT_FLAG", rows))]
        if self.letter == "A":
            codes = sorted({c for c, _ in self.all_pairs})
            return [("groups.csv", self.csv("AccountGroupID Description Type IsExpense IsActive",
                                            [[type_to_erp("acumatica", t), t, "E", "1", "1"] for t in types] + [["REVENUE", "Revenue", "I", "0", "1"]])),
                    ("codes.csv", self.csv("CostCodeID Description IsActive NoteID",
                                           [[self.acu_code(c), name[c], flag(c not in self.inactive), ""] for c in codes] + [["000000", "Default", "1", ""]])),
                    ("pairs.csv", self.csv("CostCodeID AccountGroupID IsDefault",
                                           [[self.acu_code(c), self.pad(type_to_erp("acumatica", t)), "0"] for c, t in self.all_pairs]))]
        return [("categories.xml", entries(self.rng, "mri_s-pmjc_category",
                                           [{"Category": type_to_erp("mri", t), "Description": t, "Active": "Y"} for t in types])),
                ("costcodes.xml", entries(self.rng, "mri_s-pmjc_costcode",
                                          [{"CostCode": c, "Description": name[c], "DefaultCategory": type_to_erp("mri", t),
                                            "Active": flag(c not in self.inactive)} for c, t in self.all_pairs]))]

    def job_codes(self):
        rows = [["01", j, c, type_to_erp("cmic", t), "Y"] for j, _ in self.jobs[:2] for c, t in self.rng.sample(self.pairs, 3)]
        if self.chance(0.3) and len(self.jobs) > 3:
            rows.append(["01", self.jobs[-1][0], "01-1000", "", "Y"])
        return "jobcodes.csv", self.csv("JCAT_COMP_CODE JCAT_JOB_CODE JCAT_PHS_CODE JCAT_CODE JCAT_ACTIVE_FLAG", rows)

    def erp_budget(self):
        job = self.pick(self.jobs)[0]
        lines = self.rng.sample(self.pairs, min(3, len(self.pairs)))
        if self.letter == "C":
            return "jobbudget.csv", self.csv("JCAT_COMP_CODE JCAT_JOB_CODE JCAT_PHS_CODE JCAT_CODE JCAT_BUDG_AMT JCAT_BUDG_UNIT JCAT_WM_CODE",
                                             [["01", job, c, type_to_erp("cmic", t), self.pick(["0.00", fixed(self.money(), 2), "-5.00"]) if self.chance(0.3)
                                               else fixed(self.money(), 2), "", ""] for c, t in lines])
        rows = [[job, job, self.acu_code(c), type_to_erp("acumatica", t), "<N/A>", "x", "", "0.0000", "0.000000", fixed(self.money(), 4), "E"] for c, t in lines]
        rows.append([job, job, "000000", "REVENUE", "<N/A>", "income", "", "0", "0", "5.0000", "I"])
        return "costbudget.csv", self.csv("ProjectID ProjectTaskID CostCodeID AccountGroupID InventoryID Description UOM Qty CuryUnitRate CuryAmount Type", rows)

    def erp_prime(self):
        job = self.pick(self.jobs)[0]
        rows = [["01", job, "C" + job, self.pick(["", "Contract, main"]), "USD", "A" if not self.chance(0.15) else "P", str(i + 1), c,
                 type_to_erp("cmic", t), "Bill item %d" % i, fixed(self.money(), 2)] for i, (c, t) in enumerate(self.rng.sample(self.pairs, 2))]
        for r in rows:
            r[3], r[5] = rows[0][3], rows[0][5]
        return "contract.csv", self.csv("JBC_COMP_CODE JBC_JOB_CODE JBC_CONT_CODE JBC_NAME JBC_CURR_CODE JBC_STATUS JBC_LINE BILL_PHS_CODE BILL_CAT_CODE "
                                        "BILL_DESC BILL_AMT", rows)

    def customers(self):
        return "customers.csv", self.csv("BP_CODE BP_NAME BPAD_ADD1 BPAD_ADD2 BPAD_CITY BPAD_STATE_CODE BPAD_ZIP BPAD_COUNTRY BPAD_PHONE BPAD_FAX "
                                         "BPCUST_COMP_CODE BPCUST_STATUS",
                                         [["PORT%d" % i, self.pick(["Port Authority", "Café \"Owner\", Llc"]), "1 Pier", "", "Duluth", "MN", "55802",
                                           self.pick(["US", ""]), "", "", "01", "A"] for i in range(self.rng.randint(1, 2))])

    def any_code(self):
        return self.pick(self.pairs) if not self.chance(0.1) else self.pick([("77-7777", "L"), ("01-1000", "O")])

    def any_job(self):
        return self.pick(self.jobs)[0] if not self.chance(0.08) else "77777"

    def any_vendor(self):
        return self.pick(self.vendors)[0] if not self.chance(0.1) else self.pick(["", "NOBODY"])

    def sent_invoice(self):
        """Vendor and number of an invoice that left in an earlier round, or None."""
        sent = [i for i in self.site.of("invoice") if i.ever_sent]
        return self.pick(sent) if sent else None

    def costs(self, round_no):
        rows, number = [], 200000 + (round_no - (round_no > 2 and self.chance(0.3))) * 10000
        before = self.rng.sample(*(lambda b: (b, len(b)))(sorted(i.parts[0] for i in self.site.of("erp-cost") if i.state == "synced")))
        for i in range(self.rng.randint(3, 8)):
            code, t = self.any_code()
            job, vendor, inv = self.any_job(), self.any_vendor(), self.pick(["INV-%d" % self.rng.randint(100, 999), "", "I-9"])
            if self.chance(0.15) and self.sent_invoice():
                own = self.sent_invoice()
                vendor, inv = own.vendor, own.number
            amount = self.money(1, 5000) * (-1 if self.chance(0.1) else 1)
            text = self.pick(["Crane \"Liebherr\" hire", "Süd yard rent", "Fuel & oil", "Formwork, plywood"])
            d = self.some_day()
            if self.letter == "C":
                number += self.rng.randint(0, 1)
                cells = [""] * 50
                subs = [s for j, s in self.tasks if j == job]
                sub = self.pick(subs) if subs and self.chance(0.3) else None
                cells[:8] = [d.strftime("%Y%m%d"), "20260331" if not self.chance(0.08) else "", str(number), "19.5", fixed(amount, 2),
                             "C" if not self.chance(0.08) else "B", sub or job, job if sub else "ALL"]
                journal = self.pick(["AP", "SC", "PY", "GL", "JC"]) if not self.chance(0.05) else "ZZ"
                cells[10], cells[14], cells[15], cells[16], cells[17] = vendor, journal, "LS", text, type_to_erp("cmic", t)
                cells[20], cells[21], cells[24], cells[40] = text + " line", code, inv, self.pick(["", "USD"]) if not self.chance(0.05) else "CAD"
                if self.chance(0.05) and cells[1] and cells[5] == "C":
                    cells[self.pick([0, 4, 6])] = self.pick(["", "x"])
                rows.append(cells[:self.pick([50, 41])] if not cells[40] == "" else cells[:self.pick([25, 50])])
            elif self.letter == "A":
                tasks = [s for j, s in self.tasks if j == job]
                rows.append([before.pop() if before and self.chance(0.1) else "T%d%04d" % (round_no, i), self.erp_date(d), "032026", self.pick(["AP", "AP", "PR", "GL"]), "0001", "", job,
                             self.pad(self.pick(tasks) if tasks and self.chance(0.3) else job), type_to_erp("acumatica", t), self.acu_code(code),
                             vendor, inv, self.pick(["", "SC-1"]), text, "LS", "1.000000", fixed(amount, 4), fixed(amount, 4),
                             "1" if not self.chance(0.08) else "0", "0x0"])
            else:
                kind = self.pick(["Payable", "Journal"])
                rows.append({"TransactionID": before.pop() if before and self.chance(0.1) else "T%d%04d" % (round_no, i), "InvoiceType": kind, "ContractNumber": self.pick(["", "SC-1"]), "InvoiceNumber": inv,
                             "Description": text, "Status": "Posted" if not self.chance(0.08) else "Open", "InvoiceDate": self.erp_date(d),
                             "ReceivedDate": self.erp_date(d), "PaymentDate": self.pick(["", self.erp_date(d)]), "JobCode": job, "CostCode": code,
                             "DefaultCategory": type_to_erp("mri", t), "Vendor": vendor, "LineDescription": text, "AmountPaid": fixed(amount, 2)})
        if self.letter == "C":
            head = [["JOB COST DETAIL CONVERSION"], ["COMPANY 01"], ["JCDT_REF_DATE", "JCDT_POST_DATE", "JCDT_BCH_NUM"]]
            out = csv_bytes(self.rng, head[0], head[1:] + rows, plain=True, encoding="cp1252", bom=False)
            return "CMIC_JCDETAIL.txt", out
        if self.letter == "A":
            return "transactions.csv", self.csv("TransactionID Date FinPeriodID Module RefNbr OrigDocType ProjectID ProjectTaskID AccountGroupID CostCodeID "
                                                "VendorOrCustomer ExtRefNbr SubcontractNbr Description UOM Qty UnitRate Amount Released tstamp", rows)
        return "costs.xml", entries(self.rng, "mri_s-pmjc_cost", rows)

    def job_costs(self):
        rows, seen = [], set()
        for _ in range(self.rng.randint(2, 5)):
            (code, t), job = self.any_code(), self.any_job()
            subs = [s for j, s in self.tasks if j == job]
            sub = self.pick(subs) if subs and self.chance(0.3) else ""
            if (job, sub, code, t) in seen:
                continue
            seen.add((job, sub, code, t))
            v = [fixed(self.money(1, 900), 4 if self.letter == "A" else 2) for _ in range(6)]
            if self.letter == "C":
                rows.append(["01", job, sub, code, type_to_erp("cmic", t), "31-MAR-2026"] + v[:4] + [self.pick(["", v[4]]), v[5], "1.5", ""])
            else:
                rows.append([job, sub or job, self.acu_code(code), type_to_erp("acumatica", t)] + v[:4] + ["0.0000", v[4], v[5], "1.500000",
                                                                                                          "2026-03-31 23:59:59.000"])
        if self.letter == "C":
            return "jobcost.csv", self.csv("JCAT_COMP_CODE JCAT_JOB_CODE JCAT_SUB_JOB_CODE JCAT_PHS_CODE JCAT_CODE AS_OF ORIG_EST APPR_CHG COMMIT_ORIG "
                                           "COMMIT_CHG COMMIT_INVD JCAT_JTD_COST JTD_UNIT JTD_PAID", rows)
        return "balances.csv", self.csv("ProjectID ProjectTaskID CostCodeID AccountGroupID OriginalBudgetedAmount BudgetedCOAmount OriginalCommittedAmount "
                                        "CommittedCOAmount RevisedCommittedAmount CommittedInvoicedAmount ActualAmount ActualQty LastModifiedDateTime", rows)

    def payments(self, round_no):
        rows = []
        for i in range(self.rng.randint(1, 4)):
            inv = self.sent_invoice()
            vendor, number = (inv.vendor, inv.number) if inv and not self.chance(0.1) else ("NOBODY", "NOINV%d" % i)
            if self.letter == "C" and inv and self.chance(0.2) and any(x["released"] for x in inv.doc.lines):
                number += "R"
            n, amount, d = "8%d%03d" % (round_no, i), fixed(self.money(1, 900), 2), self.some_day()
            if self.letter == "C":
                rows.append(["01", vendor, n, cmic_date(d), amount, "USD", "Run, April", "P" if not self.chance(0.15) else "V", number, "", amount])
            elif self.letter == "A":
                rows.append(["CHK" + n, "P" + n, "CHECK", self.erp_date(d), "10200", self.pad(vendor), "Bill", "", number, amount,
                             self.pick(["Released", "Closed"]) if not self.chance(0.15) else "Hold"])
            else:
                rows.append({"PaymentID": "P" + n, "VendorID": vendor, "InvoiceNumber": number, "ContractNumber": "", "CheckNumber": n,
                             "PaymentDate": self.erp_date(d), "Amount": amount, "Status": "Paid" if not self.chance(0.15) else "Open",
                             "Posted": "Y" if not self.chance(0.1) else "N"})
        if self.letter == "C":
            return "payments.csv", self.csv("CHQ_COMP_CODE CHQ_VEN_CODE CHQ_NUM CHQ_DATE CHQ_AMT CHQ_CURR_CODE CHQ_DESC CHQ_STATUS PA_VOU_INV_CODE "
                                            "PA_CONT_CODE PA_AMT", rows)
        if self.letter == "A":
            return "payments.csv", self.csv("PaymentRef ReferenceNbr PaymentMethod ApplicationDate CashAccount VendorID DocType BillRefNbr VendorRef "
                                            "AmountPaid Status", rows)
        return "payments.xml", entries(self.rng, "mri_s-pmap_payment", rows)

    # ---- answers ----

    def answers(self, round_no):
        """[(name, bytes)] for some of what is exported; remembers which items fail."""
        rows = []
        self.failing = set()
        for it in sorted((i for i in self.site.items.values() if i.sent), key=lambda i: i.id):
            if it.state == "exported" and self.chance(0.85):
                bad = self.chance(0.1)
                if bad:
                    self.failing.add(it.id)
                rows.append((it, not self.chance(0.15), bad))
                if it.kind != "prime" and self.chance(0.06):
                    bad = bad or self.chance(0.2)
                    self.failing |= {it.id} if bad else set()
                    rows.append((it, True, bad))
            elif it.state == "synced" and it.posted == "N" and it.kind not in ("vendor", "project", "subjob") and self.chance(0.6):
                rows.append((it, True, False))
        out, by_root, primes, codes = [], {}, set(), {}
        for it, posted, bad in rows:
            name, key = it.sent
            if it.kind == "prime":
                if key in primes:
                    continue
                primes.add(key)
                if bad:
                    self.failing |= {i.id for i in self.site.of("prime") if i.sent == it.sent}
            if it.id not in codes:
                codes[it.id] = "" if bad or self.chance(0.4) else self.erp_code(it)
            code = codes[it.id]
            if self.letter == "C":
                out.append(["", name, key, code, "Y" if posted and not bad else "N", "It's not valid; see ERP" if bad else ""])
            elif self.letter == "A":
                out.append(["", name if name != "BILL" or self.chance(0.7) else "RETAINAGE", key, code, "1" if posted else "0",
                            "0" if bad else "1", "Not valid" if bad else ""])
            else:
                root, keys = next((r, k) for r, (n, k) in ANSWERS.items() if n == name)
                row = dict(zip(keys, key.split("|")))
                row.update({"ERPID": code} if code else {})
                row.update({"Error": "Not valid"} if bad else {"Posted": "Y" if posted else "N"})
                by_root.setdefault(root, []).append(row)
        if self.letter == "A" and any(i.sent and i.kind == "project" and i.state == "exported" for i in self.site.items.values()) and self.chance(0.5):
            it = next(i for i in self.site.of("project") if i.sent)
            out.append(["", "TASK", it.number + "|" + it.number, "", "1", "1", ""])
        if self.chance(0.3) and self.letter != "M":
            out.append(["", self.pick(["VENDOR", "COMMITMENT"]), "NOBODY|NOTHING", "X", "Y", ""] if self.letter == "C" else
                       ["", "SUBCONTRACT", "1|NOTHING", "X", "1", "1", ""])
        if self.letter == "M":
            return [("answer_%d.xml" % i, entries(self.rng, root, r)) for i, (root, r) in enumerate(sorted(by_root.items()))]
        if not out:
            return []
        self.rng.shuffle(out)
        if self.letter == "C":
            return [("CMIC_ACK.csv", self.csv("BATCH OBJECT KEY ERP_CODE POSTED_FLAG ERROR_TEXT", out))]
        return [("result.csv", self.csv("Batch Object Key ERPNbr Released Processed Error", out))]

    def erp_code(self, it):
        self.serial += 1
        if it.kind in ("vendor", "project", "subjob"):
            return it.number or it.parts[-1]
        if self.letter == "C":
            return "ORIGBUDG" if it.kind == "budget" else it.sent[1].split("|")[-1]
        return "%s%06d" % (self.pick(["CO", "SC-", "PO"]), self.serial)
