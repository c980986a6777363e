# SPDX-License-Identifier: MIT
"""What all targets have in common (layouts §1.7): texts cut and cleaned with their findings, quoting, order, one table per object."""
import re
from .values import to_ascii, MONTHS


class Writer:
    """Rows of one batch; texts of an item are said with the item's place."""

    def __init__(self, site):
        self.site, self.tables, self.item = site, {}, None

    def row(self, name, cells):
        self.tables.setdefault(name, []).append((self.item, [str(c) for c in cells]))

    def sorted(self, name):
        """Rows by the parts of their item's id; what one item wrote keeps its order."""
        return [r for _, r in sorted(self.tables[name], key=lambda e: (e[0].kind == "erp-customer", [p.encode() for p in e[0].parts]))]

    def text(self, it, value, limit=None, line=None, upper=False, ascii_only=False, one_line=True):
        if value is None or value == "":
            return ""
        doc = it.doc
        v = str(value)
        if one_line:
            flat = re.sub("[\r\n\t]+", " ", v)
            if flat != v:
                self.site.find(doc.file, doc.line, "F-42", it.id)
            v = flat
        elif "\t" in v:
            self.site.find(doc.file, doc.line, "F-42", it.id)
            v = re.sub("\t+", " ", v)
        if ascii_only:
            plain = to_ascii(v)
            if plain != v:
                self.site.find(doc.file, doc.line, "F-41", it.id)
            v = plain
        if upper:
            v = v.upper()
        if limit is not None and len(v) > limit:
            self.site.find(doc.file, line or doc.line, "F-40", it.id)
            v = v[:limit]
        return v


def quoted(cells, delimiter=","):
    return delimiter.join('"' + c.replace('"', '""') + '"' if re.search('[%s"\r\n]' % delimiter, c) else c for c in cells)


def cmic_date(d):
    return "%02d-%s-%04d" % (d.day, MONTHS[d.month - 1], d.year) if d else ""


def us_date(d, pad=False):
    return "" if not d else ("%02d/%02d/%04d" if pad else "%d/%d/%04d") % (d.month, d.day, d.year)


def by_id(items):
    return sorted(items, key=lambda i: [p.encode() for p in i.parts])


def by_position(lines):
    return sorted(lines, key=lambda x: x["position"])


def by_code(lines, sub=True):
    return sorted(lines, key=lambda x: [(x.get("sub_job") or "").encode() if sub else b"", x["cost_code"].encode(), x["cost_type"].encode()])


def amount_sum(lines, *fields):
    t = 0
    for x in lines:
        for f in fields:
            v = x.get(f.lstrip("-"))
            if v is not None:
                t += -v if f[0] == "-" else v
    return t


def commitment_of(site, it):
    return site.get("commitment", it.parts[0], it.parts[1])


def line_behind(site, it, x):
    """The contract line or change order line an invoice line names: (line to take codes from, its contract position or None, cco item)."""
    parent = commitment_of(site, it)
    if x["kind"] == "contract":
        p = next(p for p in parent.doc.lines if p["position"] == x["contract_line"])
        return p, p["position"], None
    change = site.get("cco", it.parts[0], it.parts[1], x["change_order"])
    c = next(c for c in change.doc.lines if c["position"] == x["contract_line"])
    if c["contract_line"] is not None:
        return next(p for p in parent.doc.lines if p["position"] == c["contract_line"]), c["contract_line"], change
    return c, None, change
