#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Workbooks in place of CSV files. The CMiC example site is played with every CSV file that has a rectangular table turned into .xlsx (numbers as numbers,
dates as dates, flags as flags), returned sheets too: files, findings and states must be those of the CSV files, byte for byte. Then what only workbooks have:
titles, several sheets, formulas, passwords, and the way from an outbound value back to the cell.
"""
import csv, datetime, io, os, re, subprocess, sys, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds
import workbook as wb

tap = Tap()

FLAGS = {"Executed", "Active", "Customer", "Selected"}
NOT_NUMBERS = {"Zip", "JOB_ZIP", "BPAD_ZIP", "Business Phone", "Contract Zip"}


def typed(name, v):
    """What Excel makes of a cell when a person opens the CSV file and saves it as a workbook, without the damage that it does to codes."""
    if name in FLAGS and v in ("Yes", "No"):
        return v == "Yes"
    for form in ("%m/%d/%Y", "%d-%b-%Y"):
        try:
            return datetime.datetime.strptime(v, form).date() if len(v) in (10, 11) else v
        except ValueError:
            pass
    if name not in NOT_NUMBERS and re.fullmatch(r"-?(0|[1-9]\d{0,11})(\.\d{1,4})?", v) and ("." in v or str(int(v)) == v):
        return float(v) if "." in v else int(v)
    return v


def table(data):
    """Rows of a CSV file with the numbers of their physical lines; None when it is no rectangular table of clean text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    rows, line = [], 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            rows.append((line, [c.strip(" \t") for c in row]))
            line = reader.line_num + 1
    except csv.Error:
        return None
    widths = {len(r) for _, r in rows if any(r)}
    broken = any(ord(ch) < 32 and ch not in "\t\r\n" for ch in text)
    return rows if len(widths) == 1 and not broken and len(rows) > 0 else None


def as_workbook(data, plain=False):
    rows = table(data)
    if rows is None:
        return None
    head = rows[0][1]
    return wb.workbook(("Export", [rows[0]] + [(n, [v if plain else typed(h, v) for h, v in zip(head, row)]) for n, row in rows[1:]]))


class Workbooks(worlds.play.World):
    converted = 0

    def deliver(self, source, path):
        if path.endswith("decisions.csv.sig"):
            return
        data = as_workbook(read(path)) if path.endswith(".csv") else None
        if data is None:
            super().deliver(source, path)
            return
        self.converted += 1
        to = os.path.join(self.site, os.path.basename(path)[:-4] + ".xlsx")
        write(to, data)
        if source == "approvals":
            super().deliver(source, sign(to, self.key))
        super().deliver(source, to)

    def findings(self, rnd, first, last):
        for f in first + last:
            f["file"] = re.sub(r"\.xlsx(!xl/worksheets/sheet1\.xml)?$", ".csv", f["file"])
        super().findings(rnd, first, last)


world = worlds.world(tap, "site-cmic", kind=Workbooks, label="workbooks")
world.play()
tap.ok(world.converted >= 25, "%d CSV files came as workbooks" % world.converted)

# ---- back to the cell ----

originals = {}
for f in worlds.files_below(os.path.join(world.site, "archive")):
    if f.endswith(".zip"):
        with zipfile.ZipFile(f) as z:
            for n in z.namelist():
                if n.startswith("data/received/") and n.endswith(".xlsx"):
                    originals[sha256(z.read(n))] = z.read(n)
wrong, kinds = [], {"number": 0, "date": 0, "shared": 0, "inline": 0, "flag": 0}
path = os.path.join(TEMP, "original.xlsx")
for item in ("commitment/24-104/SC-104-003", "vendor/1003", "budget/24-104"):
    for line in world.lines("show", item, "--lineage"):
        for place in [p for f in line.get("fields", []) for p in f["from"] if p["sha256"] in originals]:
            write(path, originals[place["sha256"]])
            command = 'unzip -p "$1" "$2" | tail -c "+$3" | head -c "$4"'
            cut = subprocess.run(["sh", "-c", command, "sh", path, place["member"], str(place["offset"] + 1), str(place["length"])], capture_output=True)
            text = cut.stdout.decode()
            if not (re.fullmatch(r"<v>.*</v>", text, re.S) or re.fullmatch(r"<is>.*</is>", text, re.S) or text.startswith("<row ")):
                wrong.append("%s: %r" % (place, text[:80]))
            kinds["inline" if text.startswith("<is>") else "number" if re.fullmatch(r"<v>-?\d+\.\d+</v>", text) else "shared"] += 1
tap.ok(not wrong and kinds["number"] > 0 and kinds["inline"] > 0, "unzip, tail and head cut the value elements out of the sheet: %s" % kinds, "\n".join(wrong))
raw = world.erpgate("show", "commitment/24-104/SC-104-003", "--raw")
tap.ok(raw.startswith("<row r=") and raw.endswith("</row>"), "show --raw gives the rows of the document", raw[:200])
tap.end()
