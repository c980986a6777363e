#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Workbooks that erpgate writes: approval sheets and import files hold what their CSV twins hold, cell for cell, read by a reader that is not ours."""
import csv, io, os, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
from xlsx_cells import Workbook
import play, worlds

tap = Tap()


# ---- approval sheets ----

site = Site("sheet")
site.call("config", "set", "site.name", "Head & Office")
small_reference(site)
site.drop("procore", "commitments.csv",
          COMMITMENT + commitment_rows("SC-001") + commitment_rows("=1+1", title="Odd", amounts=("-0.07",))
          + commitment_rows("00123", amounts=("9999999999.99",)))
site.run()
names = {form: os.path.join(TEMP, "s." + form) for form in ("csv", "xlsx")}
for name in names.values():
    site.call("sheet", "-o", name, "--all", "-q")
book = Workbook(read(names["xlsx"]))
with open(names["csv"], newline="", encoding="utf-8") as f:
    want = [[c[1:] if re.match("'[=+@-]", c) else c for c in row] for row in csv.reader(f)]
got = book.rows("Decisions")
number = [row[15].split()[0] for row in (want[1], got[1])]
tap.ok(number[0] != number[1], "each sheet has its own number")
for row in want[1:]:
    row[15] = row[15].replace(number[0], number[1])
tap.same(got, want, "the workbook holds what the CSV sheet holds")
cells = book.cells("Decisions")
tap.same({c for (r, c), (_, _, edit) in cells.items() if edit and r > 0}, {0, 1, 9, 10, 11, 12},
         "what may be edited: Decision, Comment, ERP ID, the two dates, Description")
tap.ok(all((r, c) in cells for r in range(1, len(want)) for c in (0, 1, 9, 10, 11, 12)), "in every row")
tap.same({k for (r, c), (t, k, _) in cells.items() if c == 7 and r > 0 and t}, {"n"}, "amounts are numbers")
tap.same({k for (r, c), (t, k, _) in cells.items() if c != 7 and t}, {"inlineStr"}, "everything else is text")
how = " ".join(r[0] for r in book.rows("How to"))
tap.ok(got[1][15].endswith(re.search(r"until (\S+) ", how).group(1)) and number[1] in how and "Head & Office" in how,
       "the second sheet names site, sheet and expiry", how)
xml = book.zip.read(book.sheets["Decisions"]).decode()
tap.ok('"Accept,Reject,Archive,Link"' in xml and "<sheetProtection " in xml, "a drop-down, and protection")
tap.same(re.findall('<col min="(\\d+)"[^>]*hidden="1"', xml), ["15", "16"], "Content and Sheet are hidden")
tap.same({i.date_time for i in book.zip.infolist()}, {(1980, 1, 1, 0, 0, 0)}, "no clock in the zip")


# ---- import files ----

class Books(play.World):
    """A world whose workbooks are turned into the CSV files that would have been written, and then compared with those."""
    styles = {"acumatica": dict(delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\r\n"),
              "procore": dict(delimiter=",", quoting=csv.QUOTE_MINIMAL, lineterminator="\n")}
    seen, numbers = 0, 0

    def csv_of(self, target, name, data):
        book = Workbook(data)
        sheet, = book.sheets
        tap.same(sheet, name.split("_")[1], "%s: the sheet is named after its object" % name)
        self.numbers += sum(k == "n" for _, k, _ in book.cells(sheet).values())
        out = io.StringIO()
        csv.writer(out, **self.styles[target]).writerows(book.rows(sheet))
        return out.getvalue().encode()

    def outputs(self, before):
        base = os.path.join(self.site, "spool/out")
        got = {}
        for d, _, files in os.walk(base):
            for n in files:
                path = os.path.join(d, n)
                if path in before:
                    continue
                before.add(path)
                data, target = read(path), os.path.relpath(d, base)
                if n.endswith(".xlsx"):
                    self.seen += 1
                    data = self.csv_of(target, n, data)
                    n = n[:-5] + ".csv"
                got.setdefault(re.sub(r"_B\d{6}", "_B000000", os.path.join(target, n)), []).append((n, data))
        return {name: self.merge(name, [b for _, b in sorted(parts)]) for name, parts in got.items()}


w = worlds.world(tap, "site-acumatica", kind=Books, label="books", set=["acumatica.format = xlsx", "procore.budget_format = xlsx"])
w.play()
tap.ok(w.seen > 10 and w.numbers > 20, "there were workbooks with numbers in them", "%d workbooks, %d numbers" % (w.seen, w.numbers))
batch = sorted(n for n in os.listdir(os.path.join(w.site, "spool/out/acumatica")) if n.endswith(".xlsx"))
tap.ok(batch and not [n for n in os.listdir(os.path.join(w.site, "spool/out/acumatica")) if n.endswith(".csv")], "all files to Acumatica are workbooks")

# ---- lineage and convert ----

lines = [l for l in w.lines("show", "commitment/24-101/SC-101-001", "--lineage") if l.get("type") == "lineage"]
tap.ok(lines and all(l["file"].endswith(".xlsx") and l["line"] > 1 for l in lines), "lineage speaks of the rows of the sheet", lines[:1])
drop = next(os.path.join(d, n) for d, _, ns in sorted(os.walk(os.path.join(w.path, "round-1/in/procore"))) for n in sorted(ns) if n.startswith("budget_24-101"))
to = os.path.join(TEMP, "converted")
os.mkdir(to)
w.erpgate("convert", drop, "--source", "procore", "--to", "acumatica", "-o", to, ok=(0, 2))
made = {n: read(os.path.join(to, n)) for n in sorted(os.listdir(to))}
tap.ok(made and all(n.endswith(".xlsx") and Workbook(b).sheets for n, b in made.items()), "convert writes workbooks into a folder", list(made))
w.erpgate("convert", drop, "--source", "procore", "--to", "acumatica", "-o", to, ok=(0, 2))
tap.same({n: read(os.path.join(to, n)) for n in sorted(os.listdir(to))}, made, "twice the same bytes")
# script gives the program a terminal as its standard output
screen = subprocess.run(["script", "-qec", "%s -C %s convert %s --source procore --to acumatica" % (PROGRAM, w.site, drop), "/dev/null"],
                        capture_output=True, text=True, stdin=subprocess.DEVNULL)
tap.ok(screen.returncode not in (0, 2) and "PK" not in screen.stdout and "-o FILE.xlsx" in screen.stdout, "a workbook is not written to a screen", screen.stdout[:500])
tap.end()
