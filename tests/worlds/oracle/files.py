# SPDX-License-Identifier: MIT
"""Bytes to rows and trees (layouts §1.4): containers, encodings, CSV with physical lines, XML with the line of each start tag.

A file that cannot be used raises values.Bad with the code of the whole file.
"""
import gzip, io, re, zipfile, zlib
from xml.parsers import expat
from .values import Bad


def members(name, data):
    """[(name in findings, bare name, bytes)] of one drop; a broken container raises Bad."""
    if data.startswith(b"PK\3\4"):
        try:
            z = zipfile.ZipFile(io.BytesIO(data))
            out = []
            for i in z.infolist():
                if i.filename.endswith("/"):
                    continue
                if i.filename.startswith("/") or ".." in i.filename.split("/") or "\\" in i.filename:
                    raise Bad("F-03")
                out.append((name + "!" + i.filename, i.filename.split("/")[-1], z.read(i)))
            return out
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise Bad("F-03")
    if data.startswith(b"\x1f\x8b"):
        try:
            return [(name, name.split("/")[-1], gzip.decompress(data))]
        except (OSError, EOFError, zlib.error):
            raise Bad("F-03")
    return [(name, name.split("/")[-1], data)]


def nested(data):
    return data.startswith((b"PK\3\4", b"\x1f\x8b"))


def is_xml(data):
    for bom in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        if data.startswith(bom):
            data = data[len(bom):]
    return data.replace(b"\0", b"").lstrip(b" \t\r\n").startswith(b"<")


def decode(data, encoding):
    """UTF-8, or the single-byte encoding of a source; a UTF-8 byte order mark always counts."""
    if data.startswith(b"\xef\xbb\xbf"):
        data, encoding = data[3:], "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Bad("F-02")


def csv_rows(text, delimiter):
    """[(physical line, [cells])], cells trimmed of blanks; rows of nothing are left out."""
    rows, cells, cell, state, line, begin = [], [], [], "start", 1, 1

    def end_row():
        values = ["".join(c).strip(" \t") for c in cells]
        if any(values):
            rows.append((begin, values))

    i, n = 0, len(text)
    while i < n:
        c = text[i]
        if state == "quoted":
            if c == '"':
                if text[i + 1:i + 2] == '"':
                    cell.append('"')
                    i += 1
                else:
                    state = "closed"
            else:
                cell.append(c)
        elif c == '"':
            if state != "start":
                raise Bad("F-03")
            state = "quoted"
        elif c == delimiter:
            cells.append(cell)
            cell, state = [], "start"
        elif c == "\n" or (c == "\r" and text[i + 1:i + 2] == "\n"):
            i += c == "\r"
            cells.append(cell)
            end_row()
            cells, cell, state = [], [], "start"
            line += 1
            begin = line
            i += 1
            continue
        elif state == "closed":
            raise Bad("F-03")
        else:
            cell.append(c)
            state = "plain"
        line += c == "\n"
        i += 1
    if state == "quoted":
        raise Bad("F-03")
    if cell or cells or state != "start":
        cells.append(cell)
        end_row()
    return rows


class Node:
    def __init__(self, name, line):
        self.name, self.line, self.children, self.parts = name, line, [], []

    def all(self, path):
        """Every node below a path a/b/c."""
        found = [self]
        for step in path.split("/"):
            found = [c for n in found for c in n.children if c.name == step]
        return found

    def text(self, path):
        found = self.all(path)
        return "".join(found[0].parts).strip(" \t\r\n") if found else ""


DECLARED = re.compile(rb'^<\?xml[^>]*encoding\s*=\s*["\']([A-Za-z0-9._-]+)["\'][^>]*\?>')


def xml_tree(data):
    known = {"utf-8": "utf-8", "utf-16": "utf-16", "iso-8859-1": "iso-8859-1", "us-ascii": "ascii", "windows-1252": "cp1252"}
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, body = "utf-16", data
    else:
        body = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
        m = DECLARED.match(body.lstrip(b" \t\r\n"))
        encoding = known.get(m.group(1).decode().lower(), None) if m else "utf-8"
        if encoding is None:
            raise Bad("F-03")
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        raise Bad("F-02")
    root, stack, doctype = [], [], []

    def start(name, _):
        node = Node(name.split(":")[-1], p.CurrentLineNumber)
        (stack[-1].children if stack else root).append(node)
        stack.append(node)

    p = expat.ParserCreate("utf-8")
    p.StartElementHandler = start
    p.EndElementHandler = lambda _: stack.pop()
    p.CharacterDataHandler = lambda t: stack[-1].parts.append(t)
    p.StartDoctypeDeclHandler = lambda *a: doctype.append(a)
    try:
        p.Parse(text.encode("utf-8"), True)
    except expat.ExpatError:
        raise Bad("F-03")
    if doctype:
        raise Bad("F-03")
    return root[0]
