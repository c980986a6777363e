#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Attacks on approvals: what stands in a returned sheet. Rows left out, repeated, moved; columns renamed, missing, added; names, words and ids that only look right; contents of
another item; sheets without measure; and what only XML and workbooks have. Signatures and persons: forge.py.
"""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from attack import *
from xml.sax.saxutils import escape
import workbook as wb

tap = Tap()
attack = Attacks(tap)
site = decision_site("sheets")
serial = iter(range(1, 10000))
now = {i: q["content"] for i, q in site.queue().items()}
CELL = site.sheet_cell()


def fresh(rows):
    """A sheet of its own each time: the comment makes its bytes new."""
    return site.sheet([dict(r if isinstance(r, dict) else {"Item": r[0], "Decision": r[1]}, Comment="c%d" % next(serial)) for r in rows], cell=CELL, content=now)


def name(ending="csv"):
    return "n%d.%s" % (next(serial), ending)


def bad(what, data, rows, words=(), whole=False, ending="csv", after=WAITING):
    attack.sheet(site, what, name(ending), data, rows, words, after, whole=whole)


def harmless(what, data, ending="csv", codes=()):
    site.return_sheet(name(ending), data)
    tap.same((site.run(), [f["code"] for f in site.findings()], states(site)), (0, list(codes), WAITING), what + ": decides nothing, and nothing is wrong")


def good(what, *rows, ending="csv", make=fresh, reject=False, codes=()):
    """The same attack beside a row that is right, as a probe that sheets are read at all: on a site of its own."""
    global site, now, CELL
    kept = site, now, CELL
    site = decision_site("good%d" % next(serial))
    now, CELL = {i: q["content"] for i, q in site.queue().items()}, site.sheet_cell()
    site.return_sheet(name(ending), make(rows))
    want = {"SC-1": "rejected" if reject else "exported", "SC-2": "waiting"}
    tap.same((site.run(), [f["code"] for f in site.findings()], states(site)), (0, list(codes), want), what + ": counts")
    site, now, CELL = kept


# ---- rows ----

harmless("no rows at all", fresh([]))
harmless("rows without a decision", fresh([(SC1, ""), (SC2, "  ")]))
good("a row left out decides nothing about its item", (SC1, "Accept"))
for first, second, state in (("Accept", "Reject", "exported"), ("Reject", "Accept", "rejected"), ("Accept", "Accept", "exported")):
    s = decision_site("twice-%s-%s" % (first, second))
    data = s.sheet([(SC1, first), (SC2, ""), (SC1, second)])
    attack.sheet(s, "%s and %s of one item in one sheet: the first counts" % (first, second), "twice.csv", data, [("E-75", 4, SC1)], ["SC-1", "erpgate show"],
                 {"SC-1": state, "SC-2": "waiting"}, whole=False)
s = decision_site("order")
s.return_sheet("order.csv", s.sheet([(SC2, "Reject"), (SC1, "Accept")]))
tap.same((s.run(), states(s)), (0, {"SC-1": "exported", "SC-2": "rejected"}), "rows in another order: applied in the order they stand")

# ---- columns ----

text = fresh([(SC1, "Accept")]).decode()
for what, was, to, code, words in (("Decision renamed", "Decision,", "Verdict,", "F-01", "Decision"), ("Content renamed", ",Content,", ",Contents,", "F-01", "Content"),
                                   ("Item in other letters", ",Item,", ",\u0406tem,", "F-01", "Item"), ("Item twice", ",Number,", ",Item,", "F-07", "Item"),
                                   ("Decision twice", ",Comment,", ",Decision,", "F-07", "Decision")):
    bad("column " + what, text.replace(was, to, 1).encode(), [(code, 1, "")], [words], whole=True)
rows = [r.split(",") for r in text.splitlines()]
for column in ("Decision", "Item", "Content", "Sheet"):
    cut = "\r\n".join(",".join(c for h, c in zip(HEADER, r) if h != column) for r in rows) + "\r\n"
    bad("column %s missing" % column, cut.encode(), [("F-01", 1, "")], [column], whole=True)
good("only the columns that decide", (SC1, "Accept"), codes=[],
     make=lambda r: "\r\n".join(",".join(c for h, c in zip(HEADER, x.split(",")) if h in ("Decision", "Item", "Content", "Sheet", "Comment"))
                                for x in fresh(r).decode().splitlines()).encode() + b"\r\n")
good("a column more", (SC1, "Accept"), codes=[], make=lambda r: "\r\n".join(x + ("," + ("Colour" if i == 0 else "red")) for i, x in enumerate(fresh(r).decode().splitlines())).encode() + b"\r\n")
bad("a cell more in a row", (text.rstrip() + ",x\r\n").encode(), [("F-04", 2, SC1)], ["cells"])

# ---- names and words that only look right ----

for what, word in (("Cyrillic", "\u0410ccept"), ("full width", "\uff21ccept"), ("zero-width space", "Acc\u200bept"), ("no-break space behind", "Accept\u00a0"), ("right-to-left mark", "\u202eAccept"),
                   ("a long s", "Accep\u017f"), ("Yes", "Yes"), ("x", "x"), ("two words", "Accept Reject"), ("a formula", "=\"Accept\""), ("only a zero-width space", "\u200b"), ("TRUE", "TRUE")):
    bad("decision: " + what, fresh([(SC1, word)]), [("F-35", 2, SC1)], ["Decision"])
good("decision in capitals, with blanks", (SC1, " ACCEPT "))
for what, item in (("Cyrillic S", "commitment/24-118/\u0405C-1"), ("zero-width joiner", "commitment/24-118/SC\u200d-1"), ("hyphen of another kind", "commitment/24-118/SC\u20101"),
                   ("capitals", "COMMITMENT/24-118/SC-1"), ("small letters", "commitment/24-118/sc-1"), ("percent escapes", "commitment%2F24-118%2FSC-1"),
                   ("double slash", "commitment//24-118/SC-1"), ("dots", "commitment/24-118/../24-118/SC-1"), ("a pattern", "commitment/24-118/%"), ("a star", "commitment/24-118/*"),
                   ("SQL", "' OR 1=1 --"), ("short number", "SC-1"), ("NUL escape", "commitment/24-118/SC-1%00"), ("another type", "cco/24-118/SC-1")):
    bad("item: " + what, fresh([{"Item": item, "Decision": "Accept", "Content": now[SC1]}, {"Item": SC2, "Decision": "Accept", "Content": now[SC1]}]),
        [("F-35", 2, item), ("E-75", 3, SC2)], ["Item column"])
good("item with a blank behind it", {"Item": SC1 + " ", "Decision": "Accept", "Content": "CONTENT"}, make=lambda r: fresh([dict(r[0], Content=now[SC1])]))
for what, content, words in (("of another item", now[SC2], "changed after"), ("empty", "", "no Content"), ("in capitals", now[SC1].upper(), "changed after"), ("cut", now[SC1][:-1], "changed after"),
                             ("only its prefix", "sha256:", "no Content"), ("longer", now[SC1] + "0", "changed after"), ("a star", "*", "changed after")):
    bad("content " + what, fresh([{"Item": SC1, "Decision": "Accept", "Content": content}]), [("E-75", 2, SC1)], [words, "erpgate"])

# ---- without measure ----

row = fresh([(SC1, "Accept")]).decode().splitlines()[1] + "\r\n"
huge = (",".join(HEADER) + "\r\n" + row * 100001).encode()
bad("more rows than a sheet can have", huge, [("LIMIT-SHEET", 1, "")], ["100000 rows"], whole=True)
path = os.path.join(site.path, "spool/drop/approvals/giant.csv")
with open(path, "wb") as f:
    f.truncate((64 << 20) + 1)
tap.same((site.run(), [(f["code"], f["file"]) for f in site.findings()]), (3, [("F-60", "giant.csv")]), "a sheet of more than 64 MiB: left and told, not read")
tap.ok("67108864" in site.findings()[0]["message"], "a sheet of more than 64 MiB: the message has the limit", site.findings()[0]["message"])
os.unlink(path)

# ---- XML ----


def xml_sheet(rows, tail=""):
    body = "".join("<row>%s</row>" % "".join("<%s>%s</%s>" % (k.replace(" ", ""), escape(v), k.replace(" ", "")) for k, v in r) for r in rows)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<sheet>%s%s</sheet>\n' % (body, tail)).encode()


def cells(item=SC1, decision="Accept", **other):
    return [("Decision", decision), ("Item", item), ("Content", now.get(item, "")), ("Sheet", CELL), ("Comment", "c%d" % next(serial)), *other.items()]


good("an XML sheet", (SC1, "Accept"), ending="xml", make=lambda r: xml_sheet([cells()]))
bad("XML: two decisions in one row", xml_sheet([cells() + [("Decision", "Reject")]]), [("F-21", 2, SC1)], ["Decision", "more than once"], ending="xml")
bad("XML: a second decision behind an empty one", xml_sheet([[("Decision", ""), *cells()]]), [("F-21", 2, SC1)], ["Decision", "more than once"], ending="xml")
bad("XML: two items in one row", xml_sheet([cells() + [("Item", SC2)]]), [("F-21", 2, "")], ["Item", "more than once"], ending="xml")
bad("XML: another root", xml_sheet([cells()]).replace(b"sheet>", b"sheets>"), [("F-01", 1, "")], ["sheets"], ending="xml", whole=True)
bad("XML: an entity", xml_sheet([cells()]).replace(b"<sheet>", b'<!DOCTYPE sheet [<!ENTITY a "Accept">]>\n<sheet>').replace(b">Accept<", b">&a;<"), [("F-03", 1, "")], ["DOCTYPE"], ending="xml", whole=True)
bad("XML: unfinished", xml_sheet([cells()])[:-4], [("F-03", 1, "")], [], ending="xml", whole=True)
harmless("XML: a decision in a comment", xml_sheet([cells(decision="")], "<!-- <row><Decision>Accept</Decision></row> -->"), ending="xml")

# ---- workbooks ----


def book(rows, style="", more="", extra=None, tabs=None, attrs=lambda i: ""):
    """One sheet, texts in the cells; a value of class F is a formula with its stored result."""
    out = []
    for i, r in enumerate(rows):
        put = []
        for j, v in enumerate(r):
            ref = "%s%d" % (wb.column(j + 1), i + 1)
            if isinstance(v, wb.Formula):
                put.append('<c r="%s" t="str"><f>%s</f><v>%s</v></c>' % (ref, escape(v.formula), escape(v.result)))
            elif v != "":
                put.append('<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>' % (ref, escape(v)))
        out.append('<row r="%d"%s>%s</row>' % (i + 1, attrs(i), "".join(put)))
    sheet = '<worksheet xmlns="%s"><sheetData>%s</sheetData>%s</worksheet>' % (wb.MAIN, "".join(out), more)
    return sheet if tabs == "part" else wb.workbook(("Decisions", []), extra={"xl/worksheets/sheet1.xml": sheet, **(extra or {})})


def row_of(decision="Accept", item=SC1, **other):
    values = {"Decision": decision, "Item": item, "Content": now.get(item, ""), "Sheet": CELL, "Comment": "c%d" % next(serial), **{k.replace("_", " "): v for k, v in other.items()}}
    return [values.get(h, "") for h in HEADER]


F = wb.Formula
good("a workbook", (SC1, "Accept"), ending="xlsx", make=lambda r: book([HEADER, row_of()]))
for what, other in (("Decision", {"decision": F('IF(1=1,"Accept","Reject")', "Accept")}), ("Item", {}), ("Content", {"Content": F("A1", "sha256:0")}),
                    ("ERP ID", {"ERP_ID": F("B1", "77")})):
    if what == "Item":
        data = book([HEADER, [F('"x"', SC1) if h == "Item" else v for h, v in zip(HEADER, row_of())]])
        bad("workbook: a formula in Item", data, [("F-21", 2, "")], ["formula"], ending="xlsx")
        continue
    bad("workbook: a formula in " + what, book([HEADER, row_of(**other)]), [("F-21", 2, SC1)], ["formula", "type the value"], ending="xlsx")
bad("workbook: a formula in Sheet", book([HEADER, row_of(Sheet=F("A1", CELL))]), [("F-63", 1, "")], ["Sheet column"], ending="xlsx", whole=True)
harmless("workbook: a formula without a word decides nothing", book([HEADER, row_of(decision=F('""', ""))]), ending="xlsx")
good("workbook: formulas where nobody reads", (SC1, "Accept"), ending="xlsx", make=lambda r: book([HEADER, row_of(Amount=F("1+1", "2"), Findings=F("A1", "x"))]))
good("workbook: macros are data, never run", (SC1, "Accept"), ending="xlsm", make=lambda r: book([HEADER, row_of()], extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"}))
good("workbook: links to other files are not followed", (SC1, "Accept"), ending="xlsx", make=lambda r: book(
    [HEADER, row_of()], extra={"xl/externalLinks/externalLink1.xml": '<externalLink xmlns="%s"/>' % wb.MAIN,
                               "xl/externalLinks/_rels/externalLink1.xml.rels": '<Relationships><Relationship Id="r" Type="%s/externalLinkPath" Target="file:///etc/passwd" TargetMode="External"/></Relationships>' % wb.REL}))
good("workbook: a row that a filter hides is a row", (SC1, "Accept"), ending="xlsx", make=lambda r: book([HEADER, row_of()], attrs=lambda i: ' hidden="1"' if i == 1 else ""))
good("workbook: of merged cells the first alone has a value", (SC1, "Accept"), ending="xlsx",
     make=lambda r: book([HEADER, row_of(), row_of(decision="", item=SC2)], more='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'))


def two_sheets(state):
    parts = book([HEADER, row_of(item=SC2)], tabs="part")
    rows = [(1, HEADER), (2, row_of())]
    return wb.workbook(("Decisions", []), ("More", []), hidden=("More",) if state else (),
                       extra={"xl/worksheets/sheet1.xml": book([r for _, r in rows], tabs="part"), "xl/worksheets/sheet2.xml": parts})


good("workbook: decisions on a hidden sheet decide nothing", (SC1, "Accept"), ending="xlsx", make=lambda r: two_sheets(True))
s, keep = decision_site("two-tabs"), (site, now, CELL)
site, now, CELL = s, {i: q["content"] for i, q in s.queue().items()}, s.sheet_cell()
s.return_sheet("two.xlsx", two_sheets(False))
tap.same((s.run(), states(s)), (0, {"SC-1": "exported", "SC-2": "exported"}), "workbook: decisions on a second sheet that everybody sees count like rows below")
site, now, CELL = keep
tap.same(states(site), WAITING, "after all of this the two items still wait")
site.return_sheet("last.csv", fresh([(SC1, "Accept"), (SC2, "Reject")]))
tap.same((site.run(), states(site)), (0, {"SC-1": "exported", "SC-2": "rejected"}), "and a plain sheet decides about them")
tap.end()
