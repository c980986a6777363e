# SPDX-License-Identifier: MIT
"""Tables of columns to documents (layouts §1.4, §1.5): what every layout of every source has in common.

A layout is a table: columns with field, kind and the code for an empty value, for the header and for the lines of a document. Reading
makes Docs: all findings of the record class are said here; a Doc with one that rejects makes no item.
"""
from .values import Bad, UNREAD, reader


def item_id(kind, parts):
    return "/".join([kind] + [p.replace("%", "%25").replace("/", "%2F") for p in parts]) if all(parts) else ""


class Doc:
    """A record or document: header fields h, lines (dicts; 'at' is the line's place), refused when `bad`."""

    def __init__(self, site, layout, file, line):
        self.site, self.layout, self.kind, self.file, self.line = site, layout, layout.kind, file, line
        self.h, self.lines, self.parts, self.bad, self.said = {}, [], (), False, []

    @property
    def id(self):
        return item_id(self.kind, self.parts) if self.kind else ""

    def refuse(self, code, line=None):
        self.bad = True
        self.note(code, line)

    def note(self, code, line=None):
        self.said.append((line or self.line, code))

    def say(self):
        for line, code in self.said:
            self.site.find(self.file, line, code, self.id)

    def content(self):
        skip = lambda d: tuple(sorted((k, v) for k, v in d.items() if k not in ("at", "pm_id_xml") and not k.startswith("_") and v is not None))
        return (skip(self.h), tuple(skip(x) for x in self.lines))


class Col:
    """name in CSV, path in XML, field, kind, code when empty (None: may be empty)."""

    def __init__(self, csv, field, kind="text", req=None, xml=None, xkind=None, default=None):
        self.csv, self.field, self.kind, self.req = csv, field, kind, "F-20" if req == "y" else req
        self.xml, self.xkind, self.default = xml, xkind or kind, default


class Layout:
    def __init__(self, kind, signature, key, head, lines=None, check=None, need=(), known=(), root=None, element=None, line_path=None,
                 position=None, empty_lines=None, without=(), free=False, refuse_all=None, from_name=None, row=None, tag=None, parts=None):
        self.kind, self.signature, self.key, self.head, self.lines, self.check = kind, signature, key, head, lines, check
        self.need, self.known, self.root, self.element, self.line_path = need, known, root, element, line_path
        self.position, self.empty_lines, self.without, self.free = position, empty_lines, without, free
        self.parts = parts
        self.refuse_all, self.from_name, self.row, self.tag = refuse_all, from_name, row, tag or kind

    def columns(self):
        return self.head + (self.lines or [])


class Dialect:
    def __init__(self, dates, flags, money=False, nulls=("",), upper=False, delimiter=",", xml_dates="iso", xml_flags="true"):
        self.dates, self.flags, self.money, self.nulls, self.upper, self.delimiter = dates, flags, money, nulls, upper, delimiter
        self.xml_dates, self.xml_flags = xml_dates, xml_flags


def cell(doc, col, raw, kind, read, line, nulls, upper):
    """One value into its field; says what is wrong with it."""
    if raw in nulls or (col.kind == "check" and raw == "N/A"):
        if col.req:
            doc.refuse(col.req, line)
            return UNREAD
        return col.default
    try:
        return read(raw.upper() if upper and kind == "code" else raw)
    except Bad as e:
        doc.refuse(e.args[0], line)
        return UNREAD


def choose(layouts, header):
    names = set(header)
    fits = [x for x in layouts if x.signature and set(x.signature) <= names and not set(x.without) & names]
    if not fits:
        raise Bad("F-01")
    return fits[0]


def csv_docs(site, layouts, dialect, file, bare, rows):
    """Documents of a CSV file whose first row is the header."""
    header = rows[0][1]
    layout = choose(layouts, header)
    if layout.refuse_all and layout.refuse_all(site):
        raise Bad("F-09")
    names = header[:-1] if header[-1] == "" else header
    if len(set(names)) < len(names):
        raise Bad("F-07")
    required = {c.csv for c in layout.columns() if c.req and c.csv} | set(layout.need)
    if not required <= set(names):
        raise Bad("F-05")
    extra = {}
    if layout.from_name:
        extra = layout.from_name(bare)
        if extra is None:
            raise Bad("F-08")
    known = {c.csv for c in layout.columns()} | set(layout.known)
    if not layout.free and any(n not in known for n in names):
        site.find(file, 1, "F-06", "")
    if len(rows) == 1:
        site.find(file, 1, "F-11", "")
    where = {n: i for i, n in enumerate(names)}
    return assemble(site, layout, dialect, file, rows[1:], where, len(header), extra)


def key_of(layout, dialect, where, cells, extra):
    out = []
    for name in layout.key:
        if name in extra:
            out.append(extra[name])
            continue
        i = where.get(name)
        raw = cells[i] if i is not None and i < len(cells) else ""
        raw = raw.rstrip(" ") if raw not in dialect.nulls else ""
        out.append(raw.upper() if dialect.upper else raw)
    return layout.parts(tuple(out)) if layout.parts else tuple(out)


def assemble(site, layout, dialect, file, rows, where, width, extra):
    groups, seen, docs = [], set(), []
    for line, cells in rows:
        key = key_of(layout, dialect, where, cells, extra)
        if layout.lines is not None and groups and groups[-1][0] == key:
            groups[-1][1].append((line, cells))
        else:
            groups.append((key, [(line, cells)]))
    for key, group in groups:
        doc = Doc(site, layout, file, group[0][0])
        doc.parts, doc.extra = key, extra
        if layout.lines is not None and key in seen:
            doc.refuse("F-23")
        elif any(len(cells) != width for _, cells in group):
            for line, cells in group:
                if len(cells) != width:
                    doc.refuse("F-04", line)
        else:
            fill_csv(doc, dialect, where, group)
            finish(doc)
        seen.add(key)
        docs.append(doc)
    return docs


def fill_csv(doc, dialect, where, group):
    layout = doc.layout
    get = lambda cells, c: cells[where[c.csv]] if c.csv in where else ""
    read = {c: reader(c.kind, dialect.dates, dialect.flags, dialect.money) for c in layout.columns()}
    for c in layout.head:
        doc.h[c.field] = cell(doc, c, get(group[0][1], c), c.kind, read[c], doc.line, dialect.nulls, dialect.upper)
    doc.h.update({"_" + k: v for k, v in doc.extra.items()})
    if layout.lines is None:
        return
    if any(get(cells, c) != get(group[0][1], c) for _, cells in group for c in layout.head):
        doc.refuse("F-24")
    for line, cells in group:
        if layout.row and not layout.row(doc, line, lambda n: cells[where[n]] if n in where else "", sorted(where)):
            continue
        x = {"at": line}
        for c in layout.lines:
            x[c.field] = cell(doc, c, get(cells, c), c.kind, read[c], line, dialect.nulls, dialect.upper)
        if layout.row:
            x.update(doc.row)
        doc.lines.append(x)


def finish(doc):
    """Positions twice, then the layout's own rules."""
    layout, seen = doc.layout, set()
    for x in doc.lines if layout.position else []:
        key = tuple(x[f] for f in layout.position)
        if UNREAD in key:
            continue
        if key in seen:
            doc.refuse("F-23", x["at"])
        seen.add(key)
    if layout.check:
        layout.check(doc)


def xml_docs(site, layouts, dialect, file, root):
    layout = next((x for x in layouts if x.root == root.name), None)
    if layout is None:
        raise Bad("F-01")
    if layout.refuse_all and layout.refuse_all(site):
        raise Bad("F-09")
    nodes = root.all(layout.element)
    if not nodes:
        site.find(file, 1, "F-11", "")
    docs, seen = [], set()
    for node in nodes:
        doc = Doc(site, layout, file, node.line)
        doc.extra = {}
        doc.parts = tuple(node.text(next(c.xml for c in layout.head if c.csv == k or c.field == k)) for k in layout.key)
        if dialect.upper:
            doc.parts = tuple(p.upper() for p in doc.parts)
        if layout.kind and doc.parts in seen and all(doc.parts) and layout.line_path:
            doc.refuse("F-23")
        else:
            fill_xml(doc, dialect, node)
            finish(doc)
        seen.add(doc.parts)
        docs.append(doc)
    return docs


def fill_xml(doc, dialect, node):
    layout = doc.layout
    for c in layout.head:
        if c.xml:
            read = reader(c.xkind, dialect.xml_dates, dialect.xml_flags, False)
            doc.h[c.field] = cell(doc, c, node.text(c.xml), c.xkind, read, doc.line, ("",), dialect.upper)
    doc.node = node
    if not layout.line_path:
        return
    found = node.all(layout.line_path)
    if not found and layout.empty_lines:
        doc.refuse(layout.empty_lines)
    for n in found:
        x = {"at": n.line}
        for c in layout.lines:
            if c.xml:
                x[c.field] = cell(doc, c, n.text(c.xml), c.xkind, reader(c.xkind, dialect.xml_dates, dialect.xml_flags, False), n.line,
                                  ("",), dialect.upper)
        doc.lines.append(x)
