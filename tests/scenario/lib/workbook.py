# SPDX-License-Identifier: MIT
"""Workbooks for tests, written part by part with zipfile alone: what Excel writes, and what it would never write."""
import datetime, io, re, zipfile
from xml.sax.saxutils import escape

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PLAIN, DATE, PERCENT = 0, 1, 2
STYLES = ('<styleSheet xmlns="%s"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/></numFmts><cellXfs count="3"><xf numFmtId="0"/>'
          '<xf numFmtId="164"/><xf numFmtId="10"/></cellXfs></styleSheet>' % MAIN)


def column(n):
    name = ""
    while n > 0:
        n, rest = divmod(n - 1, 26)
        name = chr(65 + rest) + name
    return name


class Percent(float):
    pass


class Formula:
    def __init__(self, formula, result=None, kind=None):
        self.formula, self.result, self.kind = formula, result, kind


class Strings:
    def __init__(self):
        self.index = {}

    def of(self, text):
        return self.index.setdefault(text, len(self.index))

    def xml(self):
        items = "".join('<si><t xml:space="preserve">%s</t></si>' % escape(escaped(t)) for t in self.index)
        return '<sst xmlns="%s" count="%d">%s</sst>' % (MAIN, len(self.index), items)


def escaped(text):
    return re.sub("_x(?=[0-9A-Fa-f]{4}_)", "_x005F_x", text).replace("\r", "_x000D_")


def number(v):
    """As Excel stores it: the shortest text of 17 digits, so that 0.1 + 0.2 shows its binary rest."""
    return "%.17g" % v


def cell(ref, v, strings, turn, formulas=True):
    """One cell. Texts are stored in all three ways in turn; without formulas, in two."""
    if v is None or v == "":
        return '<c r="%s"/>' % ref if turn % 5 == 0 else ""
    if isinstance(v, bool):
        return '<c r="%s" t="b"><v>%d</v></c>' % (ref, v)
    if isinstance(v, datetime.datetime):
        return '<c r="%s" s="%d"><v>%s</v></c>' % (ref, DATE, number((v - datetime.datetime(1899, 12, 30)) / datetime.timedelta(1)))
    if isinstance(v, datetime.date):
        return '<c r="%s" s="%d"><v>%d</v></c>' % (ref, DATE, (v - datetime.date(1899, 12, 30)).days)
    if isinstance(v, Percent):
        return '<c r="%s" s="%d"><v>%s</v></c>' % (ref, PERCENT, number(v))
    if isinstance(v, Formula):
        result = "" if v.result is None else "<v>%s</v>" % escape(str(v.result))
        return '<c r="%s"%s><f>%s</f>%s</c>' % (ref, ' t="%s"' % v.kind if v.kind else "", escape(v.formula), result)
    if isinstance(v, (int, float)):
        return '<c r="%s"><v>%s</v></c>' % (ref, number(v))
    if turn % 3 == 0:
        return '<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>' % (ref, escape(escaped(v)))
    if formulas and turn % 3 == 1 and "\n" not in v:
        return '<c r="%s" t="str"><f>T("")</f><v>%s</v></c>' % (ref, escape(escaped(v)))
    return '<c r="%s" t="s"><v>%d</v></c>' % (ref, strings.of(v))


def sheet_xml(rows, strings, formulas=True):
    """rows: list of (row number, values) or of values."""
    out, at = [], 0
    for i, row in enumerate(rows):
        at, values = row if isinstance(row, tuple) else (at + 1, row)
        cells = "".join(cell("%s%d" % (column(c + 1), at), v, strings, i + c, formulas) for c, v in enumerate(values))
        out.append('<row r="%d">%s</row>' % (at, cells))
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (MAIN, "".join(out))


def workbook(*sheets, hidden=(), extra=None, formulas=True):
    """Bytes of a workbook of sheets (name, rows). An approval sheet must be without formulas."""
    strings = Strings()
    parts = {"xl/worksheets/sheet%d.xml" % (i + 1): sheet_xml(rows, strings, formulas) for i, (_, rows) in enumerate(sheets)}
    rels = "".join('<Relationship Id="s%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>' % (i + 1, REL, i + 1) for i in range(len(sheets)))
    tabs = "".join('<sheet name="%s" sheetId="%d"%s r:id="s%d"/>' % (escape(n), i + 1, ' state="hidden"' if n in hidden else "", i + 1)
                   for i, (n, _) in enumerate(sheets))
    parts["[Content_Types].xml"] = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    parts["_rels/.rels"] = '<Relationships><Relationship Id="r" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>' % REL
    parts["xl/workbook.xml"] = '<workbook xmlns="%s" xmlns:r="%s"><sheets>%s</sheets></workbook>' % (MAIN, REL, tabs)
    parts["xl/_rels/workbook.xml.rels"] = ('<Relationships>%s<Relationship Id="x" Type="%s/styles" Target="styles.xml"/>'
                                           '<Relationship Id="y" Type="%s/sharedStrings" Target="sharedStrings.xml"/></Relationships>' % (rels, REL, REL))
    parts["xl/styles.xml"] = STYLES
    parts["xl/sharedStrings.xml"] = strings.xml()
    parts.update(extra or {})
    return packed(parts)


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            if text is not None:
                z.writestr(zipfile.ZipInfo(name), text if isinstance(text, bytes) else text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return out.getvalue()
