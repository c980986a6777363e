#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A sheet goes through LibreOffice: it opens the workbook, a person types decisions, saves it as a workbook (first night) and as CSV (second night), signs and
drops it. What was typed is decided; locked cells stay as they were; leading zeros and texts that look like formulas survive.
"""
import csv, os, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
from xlsx_cells import Workbook
import office

tap = Tap()
if not office.there():
    tap.skip("LibreOffice opens, edits and saves a sheet", "soffice is not installed (scripts/deps test)")
    tap.end()

INVOICES = ("Project Number,Contract,Invoice #,Number,Final,Billing Date,Period Start,Period End,Status,Description,Attachment URLs,"
            "Current Payment Due,Line,Item Type,Change Order,Contract Line,Description Of Work,This Period,Materials Stored,Work Retainage,"
            "Retainage Released,Materials Retainage,Tax Amount\n"
            "24-118,SC-001,INV-7,1,No,11/15/2026,10/19/2026,11/15/2026,Approved,Pay application 1,,50.00,1,Contract,,1,Line 1,50.00,0.00,0.00,0.00,0.00,\n")
BUDGET = ("Sub Job,Cost Code Tier 1,Cost Code Tier 2,Cost Type,Budget Code,Budget Code Description,Original Budget Amount,Budget Modifications,"
          "Approved COs,Revised Budget\n"
          "None,03 - CONCRETE,03-1100 - FORMWORK,S - Subcontract,03-1100.S,Formwork.Subcontract,1234567.80,0.0,0.0,1234567.80\n")
TITLES = {title: chr(65 + i) for i, title in enumerate(HEADER)}


def sheet_of(site, name):
    path = os.path.join(TEMP, name)
    site.call("sheet", "-o", path, "-q")
    rows = Workbook(read(path)).rows("Decisions")
    return path, rows, {row[2]: i + 1 for i, row in enumerate(rows)}


def typing(at, *decisions):
    """[(item, {title: text})] as cells and texts."""
    return [("%s%d" % (TITLES[t], at[item]), text) for item, cells in decisions for t, text in cells.items()]


def bring_back(site, path):
    """Signs with the shipped script and drops both; returns what the run refused."""
    subprocess.run([os.path.join(ROOT, "scripts/erpgate-sign"), site.key, path], check=True, capture_output=True)
    for p in (path, path + ".sig"):
        site.drop("approvals", os.path.basename(p), read(p))
    site.run()
    return [f for f in site.findings() if f["source"] == "approvals" and f["severity"] == "R"]


def out_rows(site, target):
    """Rows of the import files as dicts; CMiC's files have no header, so the names are those of the adapter."""
    text = read(os.path.join(ROOT, "adapters/cmic", target.lower() + ".out.adapter")).decode()
    columns = re.search(r"^\[columns[^\n]*\n(.*?)(^\[|\Z)", text, re.M | re.S).group(1)
    names = re.findall(r"^(\w+) *=", columns, re.M)
    files = [data.decode("utf-8") for name, data in sorted(site.out().items()) if name.startswith("cmic/CMIC_%s_" % target)]
    return [dict(zip(names, row)) for data in files for row in csv.reader(data.splitlines())]


# ---- the first night: a workbook comes back as a workbook ----

site = Site("office")
small_reference(site)
site.drop("procore", "commitments.csv", COMMITMENT + "".join(commitment_rows(n) for n in ("SC-001", "SC-002", "SC-003", "SC-004"))
          + commitment_rows("007", amounts=("12345.60",)))
site.drop("procore", "budget_24-118.csv", BUDGET)
site.run()
path, before, at = sheet_of(site, "today.xlsx")
here = "commitment/24-118/"
tap.ok(all(here + n in at for n in ("SC-001", "SC-002", "SC-003", "SC-004", "007")) and "budget/24-118" in at, "everything waits", sorted(at))
typed = typing(at, (here + "SC-001", {"Decision": "Accept", "ERP ID": "00420", "Comment": "=1+1", "Accounting Date": "2026-11-21"}),
               (here + "SC-002", {"Decision": "Reject", "Comment": "Price, see mail"}),
               (here + "SC-003", {"Decision": "accept", "ERP ID": "4E5", "Amount": "1.00", "Item": here + "SC-004", "Content": "sha256:0"}),
               (here + "007", {"Decision": "Accept"}),
               ("budget/24-118", {"Decision": "Accept", "Transaction Date": "2026-11-22"}))
saved, saved_csv = os.path.join(TEMP, "back.xlsx"), os.path.join(TEMP, "unused.csv")
office.edit(path, typed, saved, saved_csv)
book = Workbook(read(saved))
after = book.rows("Decisions")
tap.ok("How to" in book.sheets and len(after) == len(before), "LibreOffice saved both sheets")
open_columns = [HEADER.index(t) for t in ("Decision", "Comment", "ERP ID", "Transaction Date", "Accounting Date", "Description")]
locked = lambda rows: [[c for i, c in enumerate(row) if i not in open_columns] for row in rows]
tap.same(locked(after), locked(before), "locked cells are as they were, although somebody typed into them")
sc1, sc3 = after[at[here + "SC-001"] - 1], after[at[here + "SC-003"] - 1]
tap.same((sc1[0], sc1[1], sc1[9], sc1[11], sc3[9]), ("Accept", "=1+1", "00420", "2026-11-21", "4E5"), "typed texts stayed texts, the date became a date")
kinds = {t: book.cells("Decisions")[at[here + "SC-001"] - 1, HEADER.index(t)][1] for t in ("ERP ID", "Accounting Date")}
tap.same(kinds, {"ERP ID": "s", "Accounting Date": "n"}, "as the cells' formats say")
xml = book.zip.read(book.sheets["Decisions"]).decode()
tap.ok("<sheetProtection" in xml and "Accept,Reject,Archive,Link" in xml, "protection and drop-down survive")
with open(saved_csv, newline="", encoding="utf-8-sig") as f:
    tap.same([r[:7] + r[8:] for r in csv.reader(f)], [r[:7] + r[8:] for r in after], "saved as CSV it holds the same")

tap.same(bring_back(site, saved), [], "the workbook is taken, nothing refused")
states = {i: q["state"] for i, q in site.queue().items()}
tap.same([states[here + n] for n in ("SC-001", "SC-002", "SC-003", "SC-004", "007")] + [states["budget/24-118"]],
         ["exported", "rejected", "exported", "waiting", "exported", "exported"], "every decision was applied, the empty row is none")
tap.same(sorted({r["SCMST_CONT_CODE"] for r in out_rows(site, "COMMITMENT")}), ["00420", "007", "4E5"], "ERP IDs left as they were typed")
tap.same([r["CMI_CMM_REF_DATE"] for r in out_rows(site, "BUDGET")], ["22-NOV-2026"], "and so did the date")

# ---- the second night: a workbook comes back as CSV ----

for name in sorted(os.listdir(os.path.join(site.path, "spool/out/cmic"))):
    site.call("ack", name.split("_")[2].split(".")[0], ok=None)
site.drop("procore", "invoices.csv", INVOICES)
site.run()
invoice = next((i for i in site.queue() if i.startswith("invoice/")), None)
path, before, at = sheet_of(site, "second.xlsx")
tap.ok(invoice in at, "an invoice waits", sorted(at))
saved = os.path.join(TEMP, "second.csv")
office.edit(path, typing(at, (invoice, {"Decision": "Accept", "ERP ID": "000123", "Accounting Date": "11/30/2026", "Description": "-1 + 1"}),
                         (here + "SC-004", {"Decision": "Accept"})), saved)
tap.same(bring_back(site, saved), [], "the CSV file is taken, nothing refused")
row = (out_rows(site, "INVOICE") or [{}])[0]
tap.same((row.get("VOU_INV_CODE"), row.get("VOU_POST_DATE"), row.get("VOU_DESC")), ("000123", "30-NOV-2026", "-1 + 1"), "ERP ID, date and text arrived")
tap.same(site.queue()[here + "SC-004"]["state"], "exported", "the other row too")
tap.same(site.ask("audit", "verify", "ALL").returncode, 0, "bundles and log verify")
tap.end()
