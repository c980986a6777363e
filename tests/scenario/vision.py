#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A site of Acumatica Vision from its first lists to a synced owner invoice: what is only linked there, what leaves without a decision, what comes from the ERP, and the
files to the byte. Then the setting goes back, and the site is one of the generation Edge again."""
import os, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
s = Site("vision", erp="acumatica", settings=("settle.quiet = 0s", "run.settle_timeout = 1s", "acumatica.generation = vision", "prime_contracts_unit_based = yes",
                                              "acumatica.payment_export = yes"))


def state(item):
    return (s.queue().get(item) or {}).get("state")


def holds(item):
    return {f["code"] for f in s.findings() if f["item"] == item and f["severity"] == "H"}


def written(name):
    """Rows of the newest file of that object, cells by column."""
    files = sorted((f, d) for f, d in s.out().items() if os.path.basename(f).startswith(name + "_"))
    return list(csv.DictReader(io.StringIO(files[-1][1].decode("utf-8"), newline=""), delimiter="," if name.startswith("PROCORE") else "\t")) if files else []


def approve(*items, ok=(0,), extra=()):
    return s.call("approve", *items, "--as", "pat", "--key", s.key, *extra, ok=ok)


answers = 0


def answer(*rows):
    global answers
    answers += 1
    s.drop("acumatica", "result%d.csv" % answers, "Batch;Object;Key;ERPNbr;Released;Processed;Error\n" + "".join("NULL;%s;%s;%s;1;1;NULL\n" % r for r in rows))
    s.run()


def projects(customer="OWNER1", level="Task and Cost Code"):
    return ("ProjectID;Description;Status;RevenueBudgetLevel;Customer;CreateProFormaOnBilling\n24101;North Hall;Active;%s;%s;0\n24102;South Hall;Active;Task and Cost Code;OWNER1;0\n"
            % (level, customer))


def owner_invoice(number, due="2026-04-30", amount="100.00", project="24-101", task=""):
    return ("<payment_applications><payment_application><project><number>%s</number></project><contract_number>P1</contract_number><invoice_number>%s</invoice_number>"
            "<billing_date>2026-03-31</billing_date><due_date>%s</due_date><status>approved</status><items><item><item_number>1</item_number>"
            "<description_of_work>Formwork</description_of_work><wbs_code><flat_code>%s03-1100.S</flat_code></wbs_code><scheduled_value>1000.00</scheduled_value>"
            "<work_completed_this_period>%s</work_completed_this_period><work_completed_retainage_retained_this_period>5.00</work_completed_retainage_retained_this_period></item>"
            "</items></payment_application></payment_applications>" % (project, number, due, task, amount))


# ---- lists of the ERP, and what the project side sends ----
s.drop("acumatica", "vendors.csv", "VendorID;VendorName;VendorClass;Status\nVEN001;Alder Concrete;SUBCON;Active\nVEN002;Birch Electric;SUBCON;Active\n")
s.drop("acumatica", "projects.csv", projects(customer=""))
s.drop("acumatica", "tasks.csv", "ProjectID;ProjectTaskID;Description;Status;Default\n24101;24101;Default task;Active;1\n24101;SITE;Site Work;Active;0\n24101;OLD;Old Work;Completed;0\n")
s.drop("acumatica", "groups.csv", "AccountGroupID;Description;Type;IsExpense;IsActive\nSUBCON;Subcontract;E;1;1\nREVENUE;Revenue;I;0;1\n")
s.drop("acumatica", "codes.csv", "CostCodeID;Description;IsActive;NoteID\n031100;Formwork;1;NULL\n051200;Steel;1;NULL\n")
s.drop("acumatica", "assignments.csv", "CostCodeID;AccountGroupID;IsDefault\n031100;SUBCON;1\n051200;SUBCON;1\n")
s.drop("acumatica", "budget.csv", "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;InventoryID;Description;UOM;Qty;CuryUnitRate;CuryAmount;Type\n"
       "24101;24101;031100;SUBCON;NULL;Forms;NULL;0;0;700.0000;E\n24101;SITE;031100;REVENUE;NULL;Walls;M2;40.0000;12.5000;500.0000;I\n24101;24101;051200;REVENUE;NULL;Beams;NULL;0;0;8500.0000;I\n")
s.drop("procore", "companies.csv", "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n1001,Alder Concrete,Alder,Duluth,MN,US,Yes,VEN001\n1003,Cedar Glass,Cedar,Duluth,MN,US,Yes,\n")
s.drop("procore", "projects.csv", "Project Number,Name,City,Start Date,Active,ERP Job ID\n24-101,North Hall,Duluth,01/06/2026,Yes,24101\n24-103,East Hall,Duluth,01/06/2026,Yes,\n")
s.drop("procore", "subjobs.csv", "Project Number,Sub Job Code,Sub Job Name\n24-101,SITE,Site Work\n24-101,YARD,Yard\n24-103,WEST,West Wing\n")
s.drop("procore", "commitments.csv", "Project Number,Number,Commitment Type,Title,Status,Accounting Method,Contract Company ID,Contract Date,Line,Sub Job,Cost Code,Cost Type,Amount\n"
       "24-101,PO-1,Purchase Order,Doors,Approved,Amount,1001,02/05/2026,1,,03-1100,S,100.00\n")
s.drop("procore", "owner.xml", owner_invoice("1"))
s.drop("procore", "prime.csv", "Project Number,Number,Owner/Client,Title,Status,Original Contract Amount\n24-101,P1,Owner,Main works,Approved,9000.00\n")
tap.same(s.run(), 0, "everything of the first night is taken")
q = s.queue()
tap.same({i: q[i]["state"] for i in ("vendor/1001", "vendor/1003", "project/24-101", "project/24-103", "erp-vendor/VEN001", "erp-vendor/VEN002", "erp-project/24101", "erp-project/24102")},
         {"vendor/1001": "synced", "vendor/1003": "unlinked", "project/24-101": "synced", "project/24-103": "waiting", "erp-vendor/VEN001": "synced", "erp-vendor/VEN002": "importable",
          "erp-project/24101": "synced", "erp-project/24102": "unlinked"}, "companies are linked or stay apart, projects go out, the ERP's own projects stay apart")
tap.ok(not any(i.startswith(("erp-budget/", "prime/")) for i in q) and [f for f in s.findings() if f["code"] == "F-09" and f["file"] == "prime.csv"],
       "no budget comes from the ERP, no prime contract goes there")
refused = [s.ask("approve", i, "--as", "pat", "--key", s.key, "--erp-id", "X9") for i in ("vendor/1003", "erp-project/24102")]
tap.ok(all(p.returncode == 3 and "F-35" in p.stdout + p.stderr for p in refused), "and nobody can accept them", [p.stdout + p.stderr for p in refused])
tap.same((state("vendor/1003"), state("erp-project/24102")), ("unlinked", "unlinked"), "so they stay what they are")

# ---- sub jobs go along with their project ----
tap.same([(r["ProjectID"], r["ProjectTaskID"], r["Description"], r["IsDefault"]) for r in written("ACUMATICA_TASK")], [("24101", "YARD", "Yard", "False")],
         "a sub job of a synced project leaves without a decision")
tap.same((q["subjob/24-101/SITE"]["state"], q["subjob/24-103/WEST"]["state"]), ("synced", "held"), "one that the ERP has is linked, one of a project to come waits")
answer(("TASK", "24101|YARD", "NULL"))
tap.same(state("subjob/24-101/YARD"), "synced", "and is answered")
approve("project/24-103", extra=("--erp-id", "24103"))
s.run()
tap.same([(r["ProjectID"], r["IsDefault"]) for r in written("ACUMATICA_TASK")], [("24103", "True")], "a project goes out with its default task")
answer(("PROJECT", "24103", "24103"))
tap.same([(r["ProjectID"], r["ProjectTaskID"]) for r in written("ACUMATICA_TASK")], [("24103", "WEST")], "and its sub job follows")

# ---- the prime contract comes from the ERP ----
tap.same((state("erp-prime/24101/24101"), state("owner-invoice/24-101/P1/1")), ("importable", "held"), "the revenue budget is a prime contract, the owner invoice waits for it")
tap.same(holds("owner-invoice/24-101/P1/1"), {"E-66", "E-69"}, "for it and for a customer")
approve("erp-prime/24101/24101")
s.run()
tap.same([(r["Project Number"], r["Number"], r["Line"], r["Cost Code"], r["Amount"], r["Quantity"], r["UOM"], r["Unit Cost"]) for r in written("PROCORE_PRIME")],
         [("24-101", "24101", "1", "03-1100", "500.00", "40.0000", "M2", "12.5000"), ("24-101", "24101", "2", "05-1200", "8500.00", "0.0000", "", "0.0000")],
         "every line of it goes to the project side, with units")
tap.same(state("erp-prime/24101/24101"), "synced", "and it is synced")

# ---- the owner invoice ----
s.drop("acumatica", "projects2.csv", projects(level="Task"))
s.run()
tap.same(holds("owner-invoice/24-101/P1/1"), {"E-67"}, "a project that is kept by task alone takes no owner invoice")
s.drop("acumatica", "projects3.csv", projects())
s.run()
tap.same(state("owner-invoice/24-101/P1/1"), "waiting", "one by task and cost code does")
sheet = s.sheet([{"Item": "owner-invoice/24-101/P1/1", "Decision": "Accept", "ERP ID": "OI-1", "Transaction Date": "2026-04-02"}])
s.return_sheet("approve.csv", sheet)
s.run()
ar = next(d for f, d in s.out().items() if "ACUMATICA_ARINVOICE" in f).decode()
tap.same(ar, "DocType\tRefNbr\tProjectID\tDocDate\tDueDate\tFinPeriodID\tInvoiceNbr\tProjectTaskID\tCostCodeID\tTranDesc\tCuryLineAmt\tCuryRetainageAmt\r\n"
         "Invoice\t<NEW>\t24101\t4/2/2026\t4/30/2026\t042026\tOI-1\t24101\t031100\tFormwork\t100.00\t5.00\r\n", "the AR invoice, with the date and number that the approver typed")
tap.same(state("owner-invoice/24-101/P1/1"), "exported", "it waits for its answer")
answer(("ARINVOICE", "24101|OI-1", "AR000017"))
shown = s.json("show", "owner-invoice/24-101/P1/1")[0]
tap.same((shown["state"], shown["erp_id"]), ("synced", "AR000017"), "and is synced under Acumatica's number")
s.drop("procore", "owner2.xml", owner_invoice("1", amount="120.00"))
s.run()
tap.ok([f for f in s.findings() if f["code"] == "E-63" and f["item"] == "owner-invoice/24-101/P1/1"], "other content for it is refused", s.findings())
s.drop("procore", "owner3.xml", owner_invoice("2", task="OLD."))
s.drop("procore", "owner4.xml", owner_invoice("3", task="YARD."))
s.run()
tap.ok("E-69" in holds("owner-invoice/24-101/P1/2"), "a task that is not active holds its invoice", s.findings())
tap.same(state("owner-invoice/24-101/P1/3"), "waiting", "one on an active task waits for its decision")
approve("owner-invoice/24-101/P1/3")
s.run()
tap.same([(r["InvoiceNbr"], r["ProjectTaskID"], r["DocDate"]) for r in written("ACUMATICA_ARINVOICE")], [("3", "YARD", "3/31/2026")], "by default it keeps its number and billing date")
s.call("unlink", "owner-invoice/24-101/P1/1", "--gone", "deleted in Acumatica, AR000017")
tap.same(state("owner-invoice/24-101/P1/1"), "unlinked", "an owner invoice that was deleted there is unlinked")

# ---- change order of the prime contract, bill on a purchase order, payment ----
s.drop("procore", "prime_change_orders_24-101_P1_x.csv", "Number,Revision,Title,Status,Amount,Designated Reviewer,PCO\n001,0,More walls,Approved,10.0,,\n")
approve("commitment/24-101/PO-1")
s.run()
tap.same(written("ACUMATICA_PURCHASEORDER")[0]["VendorRef"], "PO-1", "the purchase order goes out")
answer(("PURCHASEORDER", "24101|PO-1", "PO000001"))
s.drop("procore", "invoices.csv", "Project Number,Contract,Invoice #,Number,Billing Date,Period End,Status,Line,Item Type,Change Order,Contract Line,This Period,Materials Stored,Work Retainage,Retainage Released\n"
       "24-101,PO-1,I-1,1,03/31/2026,03/31/2026,Approved,1,Contract,,1,40.00,0.00,0.00,0.00\n")
s.run()
approve("invoice/24-101/PO-1/I-1")
s.return_sheet("change.csv", s.sheet([{"Item": "pcco/24-101/P1/001", "Decision": "Accept", "Transaction Date": "2026-04-02"}]))
s.run()
tap.same([(r["SubcontractNbr"], r["POOrderType"], r["CuryLineAmt"]) for r in written("ACUMATICA_BILL")], [("PO000001", "Normal", "40.00")], "a purchase order is billed")
tap.same([(r["ExtRefNbr"], r["Amount"]) for r in written("ACUMATICA_PCCO")], [("P1-001", "10.00")], "a change order of the imported prime contract goes out")
answer(("BILL", "VEN001|I-1", "AP000009"), ("PCCO", "24101|P1-001", "CO000002"))
s.drop("procore", "payments.csv", "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Method,Check Number,Bank ID,Date Initiated,Date Funded\nPAY1,24-101,PO-1,I-1,Funding Complete,40.00,Check,7001,,04/05/2026,04/06/2026\n")
s.run()
approve("payment/PAY1")
s.run()
tap.same([(r["VendorID"], r["PaymentRef"], r["AdjdRefNbr"], r["AmountPaid"]) for r in written("ACUMATICA_PAYMENT")], [("VEN001", "7001", "AP000009", "40.00")], "a payment names the bill it pays")
answer(("PAYMENT", "VEN001|7001", "CK000003"))
tap.same({i: state(i) for i in ("invoice/24-101/PO-1/I-1", "pcco/24-101/P1/001", "payment/PAY1")},
         {"invoice/24-101/PO-1/I-1": "synced", "pcco/24-101/P1/001": "synced", "payment/PAY1": "synced"}, "all three are answered")
tap.same(s.ask("audit", "verify").returncode, 0, "the archive of it verifies")

# ---- back to the other generation ----
s.call("config", "set", "acumatica.generation", "edge")
s.drop("procore", "owner5.xml", owner_invoice("9"))
s.run()
tap.same({f["code"] for f in s.findings() if f["file"] == "owner5.xml"}, {"F-09"}, "Edge takes no owner invoice")
tap.same(state("erp-project/24102"), "importable", "and offers the ERP's projects again")
tap.end()
