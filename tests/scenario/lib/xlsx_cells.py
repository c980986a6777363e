# SPDX-License-Identifier: MIT
"""Reads a workbook with nothing but zip and XML, so that our writer is judged by somebody else. Not a reader for everything: text (shared or inline),
numbers and dates as their number format shows them; that is what erpgate and LibreOffice write here."""
import datetime, decimal, io, re, zipfile
import xml.etree.ElementTree as xml

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
KNOWN = {0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 14: "yyyy-mm-dd", 49: "@"}


def unescaped(text):
    """_x000D_ is a carriage return, _x005F_ an underscore: Excel's own escapes."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), text)


def text_of(node):
    return unescaped("".join(t.text or "" for t in node.iter("{%s}t" % NS["m"])))


def shown(value, form):
    """A stored number as its format shows it; 15 digits count, as Excel reads them."""
    number = decimal.Decimal("%.15g" % float(value))
    if re.search("[yd]", form, re.I) and not form.startswith("#"):
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(number))).isoformat()
    if form == "General":
        return format(number, "f")
    places = len(form.split(";")[0].partition(".")[2].rstrip("_) "))
    return format(number.quantize(decimal.Decimal(1).scaleb(-places)), "f")


def column_of(ref):
    n = 0
    for c in re.match("[A-Z]+", ref).group():
        n = n * 26 + ord(c) - 64
    return n - 1


class Workbook:
    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        names = self.zip.namelist()
        self.strings = [text_of(s) for s in self.part("xl/sharedStrings.xml").findall("m:si", NS)] if "xl/sharedStrings.xml" in names else []
        styles = self.part("xl/styles.xml")
        forms = dict(KNOWN)
        forms.update({int(f.get("numFmtId")): f.get("formatCode") for f in styles.findall("m:numFmts/m:numFmt", NS)})
        self.forms, self.unlocked = [], []
        for x in styles.findall("m:cellXfs/m:xf", NS):
            protection = x.find("m:protection", NS)
            self.forms.append(forms.get(int(x.get("numFmtId")), "General"))
            self.unlocked.append(protection is not None and protection.get("locked") in ("0", "false"))
        targets = {r.get("Id"): r.get("Target") for r in self.part("xl/_rels/workbook.xml.rels")}
        self.sheets = {s.get("name"): "xl/" + targets[s.get(REL)].lstrip("/").removeprefix("xl/")
                       for s in self.part("xl/workbook.xml").findall("m:sheets/m:sheet", NS)}

    def part(self, name):
        return xml.fromstring(self.zip.read(name))

    def cells(self, sheet):
        """{(row from 0, column from 0): (text as shown, kind of the stored cell, may it be edited)}"""
        found = {}
        for row in self.part(self.sheets[sheet]).iter("{%s}row" % NS["m"]):
            for c in row.findall("m:c", NS):
                style, kind, v = int(c.get("s", "0")), c.get("t", "n"), c.find("m:v", NS)
                assert c.find("m:f", NS) is None, "a formula in " + c.get("r")
                if kind == "inlineStr":
                    text = text_of(c)
                elif v is None:
                    text, kind = "", "blank"
                elif kind == "s":
                    text = self.strings[int(v.text)]
                else:
                    text = shown(v.text, self.forms[style])
                found[int(row.get("r")) - 1, column_of(c.get("r"))] = (text, kind, self.unlocked[style])
        return found

    def rows(self, sheet):
        """Texts, row by row, as wide as the first row."""
        cells = self.cells(sheet)
        width = 1 + max(c for r, c in cells if r == 0)
        return [[cells.get((r, c), ("",))[0] for c in range(width)] for r in range(1 + max(r for r, _ in cells))]
