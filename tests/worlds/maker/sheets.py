# SPDX-License-Identifier: MIT
"""Documents to the bytes of files: CSV in the dialects that senders use, XML, zip and gzip."""
import csv, gzip, io, re, zipfile
from xml.sax.saxutils import escape
from oracle.values import Bad, date, MONTHS


def csv_bytes(rng, columns, rows, delimiter=",", plain=False, encoding="utf-8", bom=None):
    """columns: names; rows: dicts or lists of raw cells. Order, quotes, line ends, mark and last line end vary unless plain."""
    names = list(columns)
    rows = [r if isinstance(r, list) else [r.get(n, "") for n in names] for r in rows]
    if not plain:
        used = list(range(len(names)))
        if rng.random() < 0.4 and all(len(r) == len(names) for r in rows):
            rng.shuffle(used)
            names, rows = [names[i] for i in used], [[r[i] for i in used] for r in rows]
        if rng.random() < 0.15 and all(len(r) == len(names) for r in rows):
            names, rows = names + [""], [r + [""] for r in rows]
    out = io.StringIO()
    end = "\n" if rng.random() < 0.5 else "\r\n"
    style = csv.QUOTE_ALL if not plain and rng.random() < 0.25 else csv.QUOTE_MINIMAL
    w = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=style)
    w.writerow(names)
    for r in rows:
        w.writerow(r)
        if not plain and rng.random() < 0.03:
            out.write(rng.choice([delimiter * (len(names) - 1) + end, end]))
    text = out.getvalue()
    if rng.random() < 0.2:
        text = text[:-len(end)]
    mark = bom if bom is not None else rng.random() < 0.3
    return (b"\xef\xbb\xbf" if mark else b"") + text.encode("utf-8" if mark else encoding)


def xml_value(col, raw):
    """A CSV cell as the XML layout writes it; what cannot be turned stays as it is."""
    if raw == "":
        return ""
    if isinstance(col.xkind, dict):
        if raw in (col.kind if isinstance(col.kind, dict) else {}):
            return next(k for k, v in col.xkind.items() if v == col.kind[raw])
        return raw
    if col.kind == "date":
        try:
            return date(raw, "us").isoformat()
        except Bad:
            return raw
    if col.kind == "flag":
        return {"Yes": "true", "No": "false"}.get(raw, raw)
    if col.kind in ("amount", "qty", "cost", "pct") and re.fullmatch(r"\$?-?[0-9,]*(\.[0-9]+)?", raw):
        v = raw.replace("$", "").replace(",", "")
        return re.sub(r"^(-?)\.", r"\g<1>0.", v)
    if col.field == "status":
        return {"Approved as Noted": "approved_as_noted", "Pending Owner Approval": "pending_owner_approval"}.get(raw, raw)
    return raw


def nested(pairs, indent, rng):
    """Elements from [(path, text)]; paths that begin alike share their parent."""
    out, i = [], 0
    while i < len(pairs):
        path, value = pairs[i]
        head, _, rest = path.partition("/")
        if not rest:
            text = escape(value, {"\r": "&#13;"})
            out.append("<%s/>" % head if not text and rng.random() < 0.5 else "<%s>%s</%s>" % (head, text, head))
            i += 1
            continue
        inner = []
        while i < len(pairs) and pairs[i][0].startswith(head + "/"):
            inner.append((pairs[i][0][len(head) + 1:], pairs[i][1]))
            i += 1
        out.append("<%s>%s</%s>" % (head, nested(inner, indent, rng), head))
    return ("\n" + indent if rng.random() < 0.3 else "").join(out)


def xml_bytes(rng, layout, docs, invoice=False):
    """docs: [(head cells by CSV name, [line cells by CSV name])]."""
    out = ['<?xml version="1.0" encoding="%s"?>\n' % "UTF-8"] if rng.random() < 0.8 else []
    out.append("<%s>\n" % layout.root)
    for head, lines in docs:
        pairs = [(c.xml, xml_value(c, head.get(c.csv or c.field, ""))) for c in layout.head if c.xml and not (c.csv or c.field) in head.get("-", ())]
        if invoice:
            pairs = [(p, "approved" if p == "status" and v == "Approved" else v) for p, v in pairs]
            pairs += [("attachments/url", u) for u in head.get("Attachment URLs", "").split()]
        rng.shuffle(pairs)
        pairs.sort(key=lambda p: p[0].split("/")[0] if "/" in p[0] else "")
        body = nested(pairs, "    ", rng)
        if rng.random() < 0.2:
            body += "<unheard_of>%s</unheard_of>" % rng.randint(1, 9)
        parent, _, element = layout.line_path.partition("/")
        rows = []
        for x in lines:
            cells = [(c.xml, xml_value(c, x.get(c.csv or c.field, ""))) for c in layout.lines if c.xml]
            cells.sort(key=lambda p: p[0].split("/")[0] if "/" in p[0] else "")
            rows.append("      <%s>%s</%s>\n" % (element, nested(cells, "        ", rng), element))
        out.append("  <%s>%s\n    <%s>\n%s    </%s>\n  </%s>\n" % (layout.element, body, parent, "".join(rows), parent, layout.element))
    out.append("</%s>" % layout.root + ("\n" if rng.random() < 0.8 else ""))
    text = "".join(out)
    if rng.random() < 0.1 and text.startswith("<?xml"):
        return text.replace("UTF-8", "UTF-16", 1).encode("utf-16")
    if rng.random() < 0.1 and text.startswith("<?xml"):
        try:
            return text.replace("UTF-8", "ISO-8859-1", 1).encode("iso-8859-1")
        except UnicodeEncodeError:
            pass
    return (b"\xef\xbb\xbf" if rng.random() < 0.2 else b"") + text.encode()


def entries(rng, root, rows):
    out = ["<%s>" % root]
    for r in rows:
        cells = "".join("<%s>%s</%s>" % (k, escape(v) if not k.endswith("Error") else "<Message>%s</Message>" % escape(v), k)
                        for k, v in r.items() if v is not None)
        out.append("  <entry>%s</entry>" % cells)
    return ("\n".join(out + ["</%s>" % root]) + "\n").encode()


def pack_zip(rng, members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0))
            info.compress_type = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
            z.writestr(info, data)
    return out.getvalue()


def pack_gzip(data):
    return gzip.compress(data, mtime=0)


def cmic_date(d):
    return "%02d-%s-%04d" % (d.day, MONTHS[d.month - 1], d.year)
