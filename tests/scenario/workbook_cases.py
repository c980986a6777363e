#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What only workbooks have: titles above the header row, several sheets, formulas, error cells, real dates and percentages, passwords, macros; and workbooks
through every command that takes a file. The last part reads what LibreOffice saves and is skipped aloud without it.
"""
import csv, datetime, io, os, shutil, subprocess, sys, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import workbook as wb

tap = Tap()
HEAD = COMMITMENT.strip().split(",")
SIGNED = datetime.date(2026, 2, 5)


def line(number="WB-1", n=1, amount=100.0, **other):
    values = {"Project Number": "24-118", "Number": number, "Commitment Type": "Subcontract", "Title": "Concrete", "Status": "Approved", "Executed": True,
              "Accounting Method": "Amount", "Contract Company ID": 1001, "Retainage %": 5, "Contract Date": SIGNED, "Line": n, "Cost Code": "03-1100",
              "Cost Type": "S", "Line Description": "Line %d" % n, "Amount": amount}
    values.update({k.replace("_", " "): v for k, v in other.items()})
    return [values.get(h, "") for h in HEAD]


def book(*rows, name="Export", **how):
    return wb.workbook((name, [HEAD, *rows]), **how)


def with_cell(name, value, **how):
    """One document of two lines; the value in the second."""
    row = line(n=2, amount=23.45)
    row[HEAD.index(name)] = value
    return book(line(), row, **how)


site = Site("cases")
small_reference(site)
ITEM = "commitment/24-118/WB-1"
NOTES = ("How to", [["Read this first"], ["Fill in all columns", "", "and send it back"]])
TITLES = [(2, ["Commitments"]), (3, ["as of", datetime.date(2026, 3, 1)]), (6, HEAD), (7, line())]
BARE = {"[Content_Types].xml": "<Types/>"}


def word_document():
    rels = '<Relationships><Relationship Id="r" Type="%s/officeDocument" Target="word/document.xml"/></Relationships>' % wb.REL
    return wb.packed({**BARE, "_rels/.rels": rels, "word/document.xml": "<document/>", "word/_rels/document.xml.rels": "<Relationships/>"})


def zipped(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name, data)
    return out.getvalue()


# name, bytes, findings of severity R as (code, line, item), words of the first message
CASES = [
    ("one sheet", book(line(), line(n=2, amount=0.1 + 0.2)), [], ""),
    ("titles above the header row", wb.workbook(("Export", TITLES)), [], ""),
    ("too many titles", wb.workbook(("Export", [["title %d" % i] for i in range(10)] + [HEAD, line()])), [("F-01", 1, "")], "first row"),
    ("notes in front and behind", wb.workbook(NOTES, ("Export", [HEAD, line()]), ("Empty", [])), [], ""),
    ("only notes", wb.workbook(("Empty", []), NOTES), [("F-01", 1, "")], "layout of procore"),
    ("data on a hidden sheet", wb.workbook(NOTES, ("Export", [HEAD, line()]), hidden=("Export",)), [("F-01", 1, "")], ""),
    ("a second sheet with a renamed column", wb.workbook(("Export", [HEAD, line()]), ("More", [[h.replace("Commitment Type", "Kind") for h in HEAD], line("WB-2")])),
     [("F-01", 1, "")], '"Commitment Type"'),
    ("column missing", wb.workbook(("Export", [[h.replace("Amount", "Amount due") for h in HEAD], line()])), [("F-05", 1, "")], "Amount"),
    ("column twice", wb.workbook(("Export", [[h.replace("Payment Terms", "Amount") for h in HEAD], line()])), [("F-07", 1, "")], "Amount"),
    ("value beside the columns", book(line(), line(n=2) + ["", "total 5"]), [("F-04", 3, ITEM)], "column AE"),
    ("error cell", with_cell("Amount", wb.Formula("1/0", "#DIV/0!", "e")), [("F-21", 3, ITEM)], "#DIV/0!"),
    ("formula without a result", with_cell("Amount", wb.Formula("A1*2")), [("F-21", 3, ITEM)], "could not work out"),
    ("error cell that nobody reads", wb.workbook(("Export", [HEAD + ["Check"], line() + [wb.Formula("1/0", "#DIV/0!", "e")]])), [], ""),
    ("amount of a formula", with_cell("Amount", wb.Formula("23.4+0.05", 23.450000000000003)), [], ""),
    ("too many digits", with_cell("Amount", 33.3333333), [("F-22", 3, ITEM)], "33.3333333"),
    ("date without its format", book(line(Contract_Date=46058)), [("F-21", 2, ITEM)], "46058"),
    ("day that never was", book(line(Contract_Date=datetime.date(1899, 12, 30) + datetime.timedelta(60))), [("F-21", 2, ITEM)], "1900-02-29"),
    ("date as text", book(line(Contract_Date="02/05/2026")), [], ""),
    ("date as text of another form", book(line(Contract_Date="2026-02-05")), [("F-21", 2, ITEM)], "2026-02-05"),
    ("macros", book(line(), extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"}), [], ""),
    ("embedded workbook", book(line(), extra={"xl/embeddings/a.xlsx": b"PK\3\4"}), [], ""),
    ("password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), [("F-03", 1, "")], "password"),
    ("a letter", word_document(), [("F-01", 1, "")], "not a workbook"),
    ("cut", book(line())[:-40], [("F-03", 1, "")], "Send it again"),
    ("a sheet is missing", book(line(), extra={"xl/worksheets/sheet1.xml": None}), [("F-03", 1, "")], "missing"),
    ("DOCTYPE", book(line(), extra={"xl/worksheets/sheet1.xml": "<!DOCTYPE worksheet []><worksheet/>"}), [("F-03", 1, "")], "DOCTYPE"),
    ("a bomb", book(line(), extra={"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 60000000}), [("LIMIT-RATIO", 1, "")], ""),
    ("in an archive", zipped("a.xlsx", book(line())), [("F-03", 1, "")], "archive"),
]
for name, data, want, words in CASES:
    path = os.path.join(TEMP, name.replace(" ", "_") + ".xlsx")
    write(path, data)
    said = [f for f in site.json("check", path, "--source", "procore", ok=(0, 2)) if f.get("severity") == "R"]
    tap.same([(f["code"], f["line"], f["item"]) for f in said], want, name)
    if want:
        tap.ok(said and words in said[0]["message"] and len(said[0]["message"]) > 40, "%s: the message says what to do" % name, said)

# ---- the same content as the CSV file ----

site.drop("procore", "plain.csv", COMMITMENT + commitment_rows("WB-1"))
tap.same(site.run(), 0, "a CSV file")
content = site.queue()[ITEM]["content"]
site.drop("procore", "same.xlsx", book(*[line(n=i + 1, amount=a, **{"Retainage %": wb.Percent(0.05)}) for i, a in enumerate((100.0, 23.45))]))
tap.same(site.run(), 0, "the same as a workbook: flags, a real date, a real percentage")
tap.same((site.findings(), site.queue()[ITEM]["content"]), ([], content), "no finding and no new content")

# ---- through every command that takes a file ----

two = wb.workbook(NOTES, ("First", [HEAD, line("WB-2")]), ("Second", [HEAD, line("WB-3", amount=wb.Formula("1/0", "#REF!", "e")), line("WB-4")]))
path = os.path.join(TEMP, "two.xlsx")
write(path, two)
site.call("ingest", path, "--source", "procore", ok=(0, 3))
found = [f for f in site.json("findings") if f.get("item") == "commitment/24-118/WB-3"]
tap.same([(f["code"], f["file"], f["line"]) for f in found], [("F-21", "two.xlsx!xl/worksheets/sheet3.xml", 2)], "ingest: every visible sheet is read, findings name the sheet's part")
items = site.queue("--type", "commitment")
tap.ok({"commitment/24-118/WB-2", "commitment/24-118/WB-4"} <= set(items) and "commitment/24-118/WB-3" not in items, "the good documents of both sheets are items", sorted(items))
drop = found[0]["drop"]
kept = site.rejects().get(drop, {})
tap.ok(kept.get("two.xlsx") == two and b"#REF!" in kept.get("WHY.txt", b""), "rejects keeps the workbook and says why", sorted(kept))
raw = site.call("show", "commitment/24-118/WB-4", "--raw")
tap.ok(raw.startswith('<row r="3">') and raw.endswith("</row>"), "show --raw cuts the row out of the sheet", raw[:80])
tap.ok("sheet3.xml" in site.call("show", "commitment/24-118/WB-4", "--lineage"), "show --lineage names the sheet's part")
tap.ok(site.ask("reprocess", drop, "--dry-run").returncode in (0, 3), "reprocess --dry-run reads it from the bundle")
before = site.queue()
tap.ok(site.ask("reprocess", drop).returncode in (0, 3) and site.queue() == before, "reprocess changes nothing")
tap.same(site.ask("audit", "verify", "ALL").returncode, 0, "bundles verify")
site.drop("procore", "again.xlsx", two)
site.run()
tap.same([f["code"] for f in site.findings()], ["F-12"], "the same workbook again has no effect")

# ---- returned sheets ----

cell = site.sheet_cell()
now = {i: q["content"] for i, q in site.queue().items()}


def returned(item, **cells):
    row = {"Decision": "Accept", "Item": item, "Content": now[item], "Sheet": cell, **cells}
    return [row.get(h, "") for h in HEADER]


sheet = os.path.join(TEMP, "today.xlsx")
write(sheet, wb.workbook(("Approvals", [HEADER, returned(ITEM, Amount=123.45), ["", "", "commitment/24-118/WB-2"] + [""] * 11 + [now["commitment/24-118/WB-2"], cell]]), NOTES, formulas=False))
sign(sheet, site.key)
tap.same(site.ask("decide", sheet).returncode, 0, "decide takes a workbook")
tap.same((site.queue()[ITEM]["state"], site.queue()["commitment/24-118/WB-2"]["state"]), ("approved", "waiting"), "the row with a word decides, the one without does not")
now = {i: q["content"] for i, q in site.queue().items()}
site.return_sheet("late.xlsx", wb.workbook(("Approvals", [HEADER, returned("commitment/24-118/WB-2"), returned("commitment/24-118/WB-4", Decision="Maybe")]), formulas=False))
tap.same(site.run(), 3, "a signed workbook in drop/approvals")
tap.same([(f["code"], f["line"]) for f in site.findings() if f["severity"] == "R"], [("F-35", 3)], "a word that is no decision is refused by itself")
tap.same(site.queue()["commitment/24-118/WB-2"]["state"], "exported", "the other row counts")
now = {i: q["content"] for i, q in site.queue().items()}
forged = os.path.join(TEMP, "forged.xlsx")
write(forged, wb.workbook(("Approvals", [HEADER, returned("commitment/24-118/WB-4")]), formulas=False))
shutil.copy(sheet + ".sig", forged + ".sig")
site.ask("decide", forged)
tap.same(site.queue()["commitment/24-118/WB-4"]["state"], "waiting", "the signature of another workbook decides nothing")

# ---- the watcher ----

site.drop("procore", "watched.xlsx", book(line("WB-9")))
watch = subprocess.Popen([PROGRAM, "-C", site.path, "watch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
children.append(watch)
tap.ok(wait_for(lambda: "commitment/24-118/WB-9" in site.queue(), 20), "watch takes a workbook")
watch.terminate()
watch.wait(20)


# ---- saved by LibreOffice ----

def libreoffice():
    if shutil.which("soffice") is None:
        return tap.skip("what LibreOffice saves", "soffice is not installed")
    source = os.path.join(TEMP, "office.csv")
    write(source, COMMITMENT + commitment_rows("WB-1") + commitment_rows("WB-7"))
    command = ["soffice", "-env:UserInstallation=file://%s/profile" % TEMP, "--headless", "--infilter=CSV:44,34,76,1,,1033,false,true", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
               "--outdir", TEMP, source]
    p = subprocess.run(command, capture_output=True, text=True, timeout=120)
    saved = os.path.join(TEMP, "office.xlsx")
    if not os.path.exists(saved):
        return tap.ok(False, "LibreOffice converts", p.stdout + p.stderr)
    site.drop("procore", "office.xlsx", read(saved))
    tap.same((site.run(), site.findings()), (0, []), "what LibreOffice saves is read without a finding")
    queue = site.queue()
    tap.ok("commitment/24-118/WB-7" in queue and queue[ITEM]["content"] == content, "with the content of the CSV file")


libreoffice()
tap.end()
