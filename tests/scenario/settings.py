#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Settings that change what is read, held or written: an example world is played with and without each of them, and nothing but what the setting names may differ."""
import os, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import play, worlds

tap = Tap()
plays = 0


class Played(play.World):
    """All rounds, without comparing: what went out by round, findings, states."""

    def __init__(self, name, settings):
        global plays
        plays += 1
        super().__init__(os.path.join(WORLDS, name), worlds.options(set=list(settings), keep=os.path.join(TEMP, "play%d" % plays)))
        self.make_site()
        self.out, self.found, before = {}, [], set()
        for rnd in self.rounds:
            self.found += self.drop(rnd) + self.decide(rnd)
            for file, data in self.outputs(before).items():
                self.out.setdefault(play.object_of(file), b"")
                self.out[play.object_of(file)] += data
        self.items = {q["id"]: q for q in self.lines("queue", "--all") if "id" in q}

    def rows(self, name):
        return list(csv.reader(io.StringIO(self.out.get(name, b"").decode("utf-8"), newline="")))


def columns(adapter):
    """Names of an out adapter's columns, in order (of its first kind of rows)."""
    text = open(os.path.join(ROOT, "adapters", adapter + ".out.adapter"), encoding="utf-8").read()
    section = re.search(r"^\[columns[^\]]*\]\n(.*?)(?=^\[|\Z)", text, re.M | re.S).group(1)
    return re.findall(r"^(.+?) += ", section, re.M)


def differences(a, b, file, adapter):
    """Column -> set of new values, where two plays differ; None when the rows themselves differ."""
    names, old, new = columns(adapter), a.rows(file), b.rows(file)
    if len(old) != len(new) or not old:
        return None
    diff = {}
    for x, y in zip(old, new):
        for i in range(max(len(x), len(y))):
            if x[i:i + 1] != y[i:i + 1]:
                diff.setdefault(names[i] if i < len(names) else i, set()).add(y[i] if i < len(y) else None)
    return diff


def told(w, code, text=""):
    return [f for f in w.found if f["code"] == code and text in f["message"]]


plain = Played("site-cmic", [])

# ---- values in columns: all of them in one play, each looked at by itself ----
w = Played("site-cmic", ["cmic.currency = USS", "cmic.bank = B9", "cmic.subcontract_type = SUBK", "cmic.purchase_order_type = PORD", "cmic.contract_status = NEW",
                         "cmic.invoice_date = export", "cmic.budget_bill_amount = yes", "project.24-104.company = 07", "project_template = Standard"])
d = differences(plain, w, "cmic/CMIC_COMMITMENT", "cmic/commitment")
tap.same(set(d or ()), {"SCMST_CURR_CODE", "SCMST_CONT_TYPE", "SCMST_STATUS_CODE", "SCMST_COMP_CODE"}, "only the set columns of commitments change")
tap.same(d["SCMST_CURR_CODE"], {"USS"}, "cmic.currency")
tap.same(d["SCMST_CONT_TYPE"], {"SUBK", "PORD"}, "cmic.subcontract_type and cmic.purchase_order_type")
tap.same(d["SCMST_STATUS_CODE"], {"NEW"}, "cmic.contract_status")
job = columns("cmic/commitment").index("SCMST_JOB_CODE")
tap.same({(r[0], r[job]) for r in w.rows("cmic/CMIC_COMMITMENT") if r[0] == "07" or r[job] == "24104"}, {("07", "24104")}, "project.*.company: that project's rows and no others")
d = differences(plain, w, "cmic/CMIC_INVOICE", "cmic/invoice")
tap.ok("VOU_INV_DATE" in d and set(d) <= {"VOU_INV_DATE", "VOU_CURR_CODE", "VOU_COMP_CODE"}, "cmic.invoice_date = export dates vouchers by the decision", d)
amount, bill = [columns("cmic/budget").index(c) for c in ("CMI_CMD_BUDG_AMT", "CMI_CMD_BILL_AMT")]
for file in ("CMIC_BUDGET", "CMIC_BUDGETCHANGE"):
    rows = w.rows("cmic/" + file)
    tap.ok(rows and all(r[amount] == r[bill] for r in rows), "cmic.budget_bill_amount fills the bill amount of " + file, rows)
header = w.rows("procore/PROCORE_PROJECT")[0]
tap.same((header[-1], {r[-1] for r in w.rows("procore/PROCORE_PROJECT")[1:] if r[0] != header[0]}), ("Template", {"Standard"}), "project_template adds its column")
tap.same([r[:-1] for r in w.rows("procore/PROCORE_PROJECT")], plain.rows("procore/PROCORE_PROJECT"), "and leaves the others as they were")
bank = columns("cmic/payment").index("CHQ_BANK_CODE")
tap.same({r[bank] for r in w.rows("cmic/CMIC_PAYMENT")} - {r[bank] for r in plain.rows("cmic/CMIC_PAYMENT")}, {"B9"} if any(r[bank] == "" for r in plain.rows("cmic/CMIC_PAYMENT")) else set(),
         "cmic.bank stands in for a missing bank")

# ---- what transactions carry ----
w = Played("site-cmic", ["cmic.reference_in_description = yes", "cmic.image_url = https://img.example/", "cmic.payroll_hours = no"])
d = differences(plain, w, "procore/PROCORE_DIRECTCOST", "procore/directcost")
tap.ok(d is not None and set(d) <= {"Description", "Quantity"} and "Description" in d, "a cost's description gets its reference, hours go", d)
tap.ok(all(re.search(r" \S+ https://img\.example/\S+$", v) for v in d["Description"]), "cmic.reference_in_description and cmic.image_url", d["Description"])
tap.ok(d.get("Quantity", {""}) == {""}, "cmic.payroll_hours = no leaves the quantity out", d)

# ---- what is not offered, not taken ----
w = Played("site-cmic", ["cmic.ein = us", "cost_codes_excluded = 03-1100", "prime_contract_imports = no", "direct_costs = project"])
tax = columns("procore/vendor").index("Tax ID")
tap.ok(all(re.fullmatch(r"\d\d-\d{7}|", r[tax]) for r in w.rows("procore/PROCORE_VENDOR") if r[tax] != "Tax ID"), "cmic.ein = us", w.rows("procore/PROCORE_VENDOR"))
tap.same([r for r in w.rows("procore/PROCORE_COSTCODE") if r[0] == "03-1100"], [], "cost_codes_excluded")
tap.ok(any(r[0] == "03-1100" for r in plain.rows("procore/PROCORE_COSTCODE")), "which is there otherwise")
tap.ok(not any(i.startswith(("erp-prime/", "erp-cost/")) for i in w.items) and told(w, "F-09"), "prime_contract_imports = no, direct_costs = project")
tap.ok({i.split("/")[0] for i in plain.items} >= {"erp-prime", "erp-cost"}, "which are there otherwise")
w = Played("site-cmic", ["commitment_exports = no"])
tap.ok(not any(i.startswith(("commitment/", "cco/")) for i in w.items) and told(w, "F-09"), "commitment_exports = no")

# ---- who may go where ----
w = Played("site-cmic", ["vendor_exports = no"])
tap.same(w.rows("cmic/CMIC_VENDOR"), [], "vendor_exports = no sends no company")
was = {i for i, q in plain.items.items() if i.startswith("vendor/") and q["state"] == "synced"}
tap.ok({w.items[i]["state"] for i in was} == {"synced", "unlinked"} and told(w, "F-35", ""), "linked ones stay synced, the others wait to be linked",
       {i: w.items[i]["state"] for i in was})
w = Played("site-cmic", ["project.24-104.sync = no", "project.24-110.job_cost_transactions = no"])
mine = {i: q["state"] for i, q in w.items.items() if q["project"] in ("24-104", "24104") and i.split("/")[0] in ("commitment", "budget", "invoice", "cco", "erp-jobcost", "erp-cost")}
tap.ok(mine and not {"synced", "exported"} & set(mine.values()), "project.*.sync = no: nothing of that project goes", mine)
tap.ok(told(w, "E-22", "project.24-104.sync") and told(w, "E-30", "project.24-104.sync"), "and the hold names the setting")
costs = {i: q["state"] for i, q in w.items.items() if i.startswith("erp-cost/") and q["project"] in ("24-110", "24110")}
tap.ok(costs and set(costs.values()) == {"held"} and told(w, "E-30", "project.24-110.job_cost_transactions"), "project.*.job_cost_transactions = no", costs)
tap.ok(any(q["state"] == "synced" for i, q in w.items.items() if i.startswith("commitment/24-110/")), "while the rest of that project goes")
w = Played("site-cmic", ["project.24-104.pcco_as = oco"])
tap.ok(w.rows("cmic/CMIC_OCO") and not plain.rows("cmic/CMIC_OCO") and not any("24104" == r[1] for r in w.rows("cmic/CMIC_PCCO")),
       "project.*.pcco_as sends that project's change orders as owner change orders")
# ---- small sites: what the worlds do not have ----
def small(name, *settings):
    s = Site(name, settings=("settle.quiet = 0s", "run.settle_timeout = 1s") + settings)
    small_reference(s)
    return s


bare = COMMITMENT + commitment_rows("SC-1").replace(",S,Line", ",,Line") + commitment_rows("PO-1", kind="Purchase Order").replace(",S,Line", ",,Line")
s = small("types", "default_cost_type.subcontract = S")
s.drop("procore", "commitments.csv", bare)
s.run()
tap.same(({i for i in s.queue() if i.startswith("commitment/")}, {f["item"] for f in s.findings() if f["code"] == "E-38"}),
         ({"commitment/24-118/SC-1"}, {"commitment/24-118/PO-1"}), "default_cost_type.subcontract fills subcontracts and no purchase orders")
s = small("types2", "default_cost_type.purchase_order = M")
s.drop("procore", "commitments.csv", bare)
s.run()
tap.same({i for i in s.queue() if i.startswith("commitment/")}, {"commitment/24-118/PO-1"}, "default_cost_type.purchase_order fills purchase orders")


def vendors(city, blank_type=False):
    return ("BP_CODE,BP_NAME,BPAD_CITY,BPVEN_COMP_CODE,BPVEN_TYPE_CODE,BPVEN_STATUS\r\n"
            "KEEL003,Keel Steel,%s,01,%s,A\r\n" % (city, "" if blank_type else "SUB"))


for name, settings, want in (("auto", ["vendors_auto_update = yes"], 2), ("manual", [], 1)):
    s = small(name, *settings)
    s.drop("cmic", "v1.csv", vendors("Duluth"))
    s.run()
    s.call("approve", "erp-vendor/KEEL003", "--as", "pat", "--key", s.key)
    s.run()
    s.drop("cmic", "v2.csv", vendors("Hibbing"))
    s.run()
    tap.same((sum("PROCORE_VENDOR" in f for f in s.out()), s.queue()["erp-vendor/KEEL003"]["state"]), (want, "synced"),
             "vendors_auto_update %s: a changed vendor goes %s" % ("on" if settings else "off", "again" if settings else "once"))
s = small("class", "cmic.vendor_types_hidden = none")
s.drop("cmic", "v.csv", vendors("Duluth", blank_type=True))
s.run()
tap.ok("erp-vendor/KEEL003" not in s.queue() and any(f["code"] == "E-06" for f in s.findings()), "cmic.vendor_types_hidden = none hides vendors without type")

s = Site("acu", erp="acumatica", settings=("settle.quiet = 0s", "run.settle_timeout = 1s", "acumatica.vendor_classes_hidden = OVERHEAD, none"))
s.drop("acumatica", "v.csv", "VendorID;VendorName;VendorClass;Status\r\nA;Able;SUBCON;Active\r\nB;Best;OVERHEAD;Active\r\nC;Cole;;Active\r\n")
s.run()
tap.same(({i for i in s.queue()}, len([f for f in s.findings() if f["code"] == "E-06"])), ({"erp-vendor/A"}, 2), "acumatica.vendor_classes_hidden, with none")



def transactions(*rows):
    """Job cost transactions: (code, category, sub job or "", amount)."""
    lines = ["JOB COST DETAIL CONVERSION", "COMPANY 01", ",".join("C%d" % i for i in range(50))]
    for code, category, sub, amount in rows:
        cells = [""] * 50
        for at, v in {1: "20260324", 2: "20260331", 3: "209001", 4: "1", 5: amount, 6: "C", 7: sub or "24118", 8: "24118" if sub else "ALL", 15: "GL", 17: "Fuel", 18: category, 22: code}.items():
            cells[at - 1] = v
        lines.append(",".join(cells))
    return "\r\n".join(lines) + "\r\n"


more_phases = ("PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_CTRL_CODE,PHS_ACTIVE_FLAG,CAT_CODE,CAT_DEFAULT_FLAG\r\n"
               "01,06-1000,Carpentry,ALL,Y,SUB,Y\r\n")
for name, settings, held in (("pairs", ["budget_add_combinations = yes"], {"99-9999"}), ("nopairs", [], {"06-1000", "99-9999"})):
    s = small(name, *settings)
    s.drop("cmic", "CMIC_PHASES_2.csv", more_phases)
    s.drop("cmic", "JCDETAIL.csv", transactions(("03-1100", "SUB", "", "10.00"), ("06-1000", "SUB", "", "20.00"), ("99-9999", "SUB", "", "30.00")))
    s.run()
    tap.same({f["message"].split()[2] for f in s.findings() if f["code"] == "E-27"}, held, "budget_add_combinations %s: what is held is what the project does not get" % ("on" if settings else "off"))

# the ERP's own company of the job
s = small("companies", "cmic.multi_company = yes")
s.drop("cmic", "CMIC_JOBS_2.csv", "JOB_COMP_CODE,JOB_CODE,JOB_NAME,JOB_CTRL_CODE,JOB_ADD1,JOB_CITY,JOB_STATE_CODE,JOB_ZIP,JOB_START_DATE,JOB_END_DATE,JOB_STATUS\r\n"
       "02,24118,North Garage,ALL,,,,,,,A\r\n")
s.drop("procore", "commitments.csv", commitments("SC-9"))
s.run()
s.call("approve", "commitment/24-118/SC-9", "--as", "pat", "--key", s.key)
s.run()
tap.same({line.split(b",")[0] for f, data in s.out().items() if "COMMITMENT" in f for line in data.splitlines()}, {b"02"}, "cmic.multi_company takes the job's company")

# changed costs, and who may have edited them meanwhile
for name, settings, want in (("edits", ["edit_synced_costs = yes"], True), ("noedits", [], False)):
    s = small(name, *settings)
    for amount in ("10.00", "11.00"):
        s.drop("cmic", "JCDETAIL-%s.csv" % amount, transactions(("03-1100", "SUB", "", amount)))
        s.run()
    tap.same(["over whatever people edited" in f["message"] for f in s.findings() if f["code"] == "E-31"], [want], "edit_synced_costs %s: E-31" % ("on" if settings else "off"))

# ---- change orders that move revenue only ----
pcco = """<prime_contract_change_orders><prime_contract_change_order><project><number>24-118</number></project>
<prime_contract><number>PC-1</number></prime_contract><number>%s</number><title>Owner's wish</title><status>Approved</status>
<prime_contract_change_order_items><prime_contract_change_order_item><position>1</position><cost_code><full_code>03-1100</full_code></cost_code>
<line_item_type><code>S</code></line_item_type><amount>%s</amount><extended_amount>500.00</extended_amount></prime_contract_change_order_item>
</prime_contract_change_order_items></prime_contract_change_order></prime_contract_change_orders>"""
for setting, want in (("no", {"pcco/24-118/PC-1/2"}), ("yes", {"pcco/24-118/PC-1/1", "pcco/24-118/PC-1/2"})):
    s = small("revenue-" + setting, "revenue_only_pccos = " + setting)
    s.drop("procore", "p1.xml", pcco % ("1", "0.00"))
    s.drop("procore", "p2.xml", pcco % ("2", "0.01"))
    s.run()
    tap.same({i for i in s.queue() if i.startswith("pcco/")}, want, "revenue_only_pccos = %s, and a cent of cost is enough" % setting)

# ---- the approver's number ----
invoice = ("Project Number,Contract,Invoice #,Number,Status,Billing Date,Line,Item Type,Contract Line,This Period,Work Retainage\n"
           "24-118,SC-9,INV-1,1,Approved,03/31/2026,1,Contract,1,50.00,0.00\n")
for setting, other, code in (("no", "INV-2", 3), ("no", "INV-1", 0), ("yes", "INV-2", 0)):
    s = small("number-%s-%s" % (setting, other), "invoice_number_override = " + setting)
    s.drop("procore", "commitments.csv", commitments("SC-9"))
    s.drop("procore", "invoices.csv", invoice)
    s.run()
    p = s.ask("approve", "invoice/24-118/SC-9/INV-1", "--as", "pat", "--key", s.key, "--erp-id", other)
    tap.same((p.returncode, "invoice_number_override" in p.stdout + p.stderr), (code, code != 0), "invoice_number_override = %s: INV-1 as %s is %s" % (setting, other, "refused" if code else "taken"))
tap.end()
