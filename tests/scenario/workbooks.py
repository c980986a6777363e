#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Workbooks in place of CSV files. The three example sites are played with every CSV file that has a rectangular table turned into .xlsx (numbers as numbers,
dates as dates, flags as flags), returned sheets too: files, findings and states must be those of the CSV files, byte for byte. Then the way back:
from outbound values to the bytes of the cells they came from, with unzip, tail and head alone.
"""
import collections, csv, datetime, html, io, os, re, subprocess, sys, zipfile
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
    for form in ("%m/%d/%Y", "%d-%b-%Y", "%d.%m.%Y %H:%M"):
        try:
            day = datetime.datetime.strptime(v, form)
            return day if day.hour or day.minute else day.date()
        except ValueError:
            pass
    if name not in NOT_NUMBERS and re.fullmatch(r"-?(0|[1-9]\d{0,11})(\.\d{1,4})?", v) and ("." in v or str(int(v)) == v):
        return float(v) if "." in v else int(v)
    return v


def table(data, utf8):
    """Rows of a CSV file with the numbers of their physical lines; None when it is no rectangular table of clean text."""
    text = data.decode("utf-8-sig" if utf8 else "cp1252", "replace")
    if "\ufffd" in text:
        return None
    rows, line = [], 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(",;\t", key=text.split("\n")[0].count))
    try:
        for row in reader:
            rows.append((line, [c.strip(" \t") for c in row]))
            line = reader.line_num + 1
    except csv.Error:
        return None
    widths = {len(r) for _, r in rows if any(r)}
    broken = any(ord(ch) < 32 and ch not in "\t\r\n" for ch in text)
    return rows if len(widths) == 1 and not broken and len(rows) > 0 else None


def as_workbook(data, utf8=True, formulas=True):
    rows = table(data, utf8)
    if rows is None:
        return None
    head = rows[0][1]
    return wb.workbook(("Export", [rows[0]] + [(n, [typed(h, v) for h, v in zip(head, row)]) for n, row in rows[1:]]), formulas=formulas)


class Workbooks(worlds.play.World):
    converted = 0

    def deliver(self, source, path):
        if path.endswith("decisions.csv.sig"):
            return
        data = as_workbook(read(path), source != "cmic", source != "approvals") if path.endswith(".csv") else None
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


for name in ("site-acumatica", "site-mri", "site-cmic"):
    world = worlds.world(tap, name, kind=Workbooks, label="workbooks")
    world.play()
    tap.ok(world.converted >= 25, "%s: %d CSV files came as workbooks" % (name, world.converted))

# ---- back to the cell ----

def received():
    """sha256 -> bytes of the workbooks in the sealed bundles."""
    found = {}
    for f in worlds.files_below(os.path.join(world.site, "archive")):
        if f.endswith(".zip"):
            with zipfile.ZipFile(f) as z:
                for n in z.namelist():
                    if "/data/received/" in n and n.endswith(".xlsx"):
                        found[sha256(z.read(n))] = z.read(n)
    return found


def cut(place, path):
    """The value element and, when it is a number in the table of texts, that text."""
    command = 'unzip -p "$1" "$2" | tail -c "+$3" | head -c "$4"'
    words = ["sh", path, place["member"], str(place["offset"] + 1), str(place["length"])]
    raw = subprocess.run(["sh", "-c", command, *words], capture_output=True).stdout.decode()
    if raw.startswith("<is>"):
        return raw, html.unescape(re.sub("<[^>]*>", "", raw))
    value = re.fullmatch(r"<v>(.*)</v>", raw, re.S)
    return raw, html.unescape(value.group(1)) if value else None


def shown(value):
    """A number as 15 digits show it."""
    try:
        return "%.15g" % float(value)
    except (TypeError, ValueError):
        return None


def texts(path):
    with zipfile.ZipFile(path) as z:
        xml = z.read("xl/sharedStrings.xml").decode()
    return [html.unescape(t) for t in re.findall(r"<si><t[^>]*>(.*?)</t></si>", xml, re.S)]


def row_of(name, line):
    """The cells of the CSV file's row, as far as they can be told from numbers: texts, decimals, day numbers."""
    path = next(f for f in worlds.files_below(world.path) if os.path.basename(f) == name[:-5] + ".csv")
    cells = set()
    for c in dict(table(read(path), "/cmic/" not in path))[line]:
        day = typed("", c)
        cells |= {{"Yes": "1", "No": "0"}.get(c, c)}
        cells |= {c, str((day - datetime.date(1899, 12, 30)).days)} if isinstance(day, datetime.date) else {c, "%.15g" % day} if isinstance(day, (int, float)) else {c}
    return cells


originals, wrong, seen = received(), [], collections.Counter()
path = os.path.join(TEMP, "original.xlsx")
for item in ("commitment/24-104/SC-104-003", "vendor/1003", "budget/24-104", "project/24-104"):
    for line in world.lines("show", item, "--lineage"):
        for place in [p for f in line.get("fields", []) for p in f["from"] if p["sha256"] in originals]:
            write(path, originals[place["sha256"]])
            raw, value = cut(place, path)
            if raw.startswith("<row "):
                seen["row"] += 1
                continue
            cells, table_of = row_of(place["name"], place["line"]), texts(path)
            kind = "number" if shown(value) in cells else "text" if value in cells else "table"
            if kind == "table" and not (value and value.isdigit() and int(value) < len(table_of) and table_of[int(value)] in cells):
                wrong.append("%s: %r is not in row %d" % (place, raw[:80], place["line"]))
            seen[kind] += 1
tap.ok(not wrong and min(seen["number"], seen["text"], seen["table"]) > 0, "unzip, tail and head cut out the value elements of the cells: %s" % dict(seen), "\n".join(wrong))
raw = world.erpgate("show", "commitment/24-104/SC-104-003", "--raw")
tap.ok(raw.startswith("<row r=") and raw.endswith("</row>") and raw.count("<row ") > 1, "show --raw gives the rows of the document", raw[:200])
tap.end()
