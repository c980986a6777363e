#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every field that left leads back to bytes that came in: for each column of each outbound line `show ID --lineage --json` names file digest, member, offset
and length; those bytes are cut out of the original file with tail and head alone, and the value in the outbound row must come from them by the steps of
the rule that is named. Whole sites are played, so CSV in UTF-8 and windows-1252, XML, fixed ERP dialects and zip members are all among the sources.
"""
import collections, decimal, datetime, html, os, re, sys, unicodedata, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

tap = Tap()
DATES = ("%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%Y%m%d", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y")
LETTERS = str.maketrans({"\u00f8": "o", "\u00d8": "O", "\u0142": "l", "\u0141": "L", "\u00df": "ss", "\u00e6": "ae", "\u00c6": "AE", "\u0111": "d", "\u20ac": "EUR", "\u2013": "-"})


# ---- original bytes ----

class Originals:
    """The files as they were dropped, by digest; members of zips are unpacked once."""
    def __init__(self, world):
        self.path = {}
        for f in worlds.files_below(world.path):
            if "/in/" in f:
                self.path[sha256(read(f))] = f
        self.members = {}
        self.cuts = {}

    def file(self, digest, member):
        path = self.path[digest]
        if not member:
            return path
        if (digest, member) not in self.members:
            to = os.path.join(TEMP, "member-%d" % len(self.members))
            with zipfile.ZipFile(path) as z:
                write(to, z.read(member))
            self.members[digest, member] = to
        return self.members[digest, member]

    def cut(self, place):
        key = place["sha256"], place["member"], place["offset"], place["length"]
        if key not in self.cuts:
            command = 'tail -c "+$1" "$2" | head -c "$3"'
            self.cuts[key] = subprocess.run(["sh", "-c", command, "sh", str(key[2] + 1), self.file(key[0], key[1]), str(key[3])], capture_output=True).stdout
        return self.cuts[key]

    def text(self, place):
        raw = self.cut(place)
        path = self.file(place["sha256"], place["member"])
        try:
            text = raw.decode("utf-8")
            if "/cmic/" in path and not read(path).startswith(b"\xef\xbb\xbf"):
                text = raw.decode("cp1252")
        except UnicodeDecodeError:
            text = raw.decode("cp1252")
        if read(path).lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
            text = html.unescape(text)
        elif text.startswith('"') and text.endswith('"') and len(text) > 1:
            text = text[1:-1].replace('""', '"')
        return text.replace('""', '"').strip()


# ---- does this value come from these bytes ----

def fold(s):
    s = unicodedata.normalize("NFKD", s.translate(LETTERS))
    return re.sub(r"[^0-9A-Z]", "", "".join(c for c in s if not unicodedata.combining(c)).upper())


def number(s):
    try:
        return decimal.Decimal(s.replace("$", "").replace(",", ""))
    except decimal.InvalidOperation:
        return None


def date(s):
    for form in DATES:
        try:
            return datetime.datetime.strptime(s.title() if "%b" in form else s, form).date()
        except ValueError:
            pass
    return None


YES, NO = {"Y", "YES", "TRUE", "1", "A", "ACTIVE"}, {"N", "NO", "FALSE", "0", "I"}
MOST_PLACES = 8  # of one column: a sum over many lines names the first


def lookup_pairs():
    pairs = set()
    base = os.path.join(ROOT, "adapters/tables")
    for name in os.listdir(base):
        with open(os.path.join(base, name), newline="", encoding="utf-8") as f:
            for row in csv.reader(f):
                pairs |= {(a, b) for a in row for b in row}
    return pairs


PAIRS = lookup_pairs()


def same(value, source):
    """The same text, number or date, however it is written; a cut text is the beginning of its source."""
    if number(value) is not None and number(source) is not None and number(value) == number(source):
        return True
    if date(value) is not None and date(value) == date(source):
        return True
    return fold(source).startswith(fold(value)) and (fold(value) != "" or fold(source) == "")


def cells_of(source):
    """A source that is a whole row stands for each of its cells."""
    row = next(csv.reader([" ".join(source.split())], delimiter=";" if source.count(";") > source.count(",") else ","), [])
    return [source] + ([c.strip() for c in row] if len(row) > 2 else [])


def explained(rule, value, places):
    """How the value comes from the sources: a word, or None."""
    quoted = re.findall(r'"([^"]*)"', rule)
    sources = [c for p in places for c in cells_of(p)]
    codes = [s.split(" - ")[0] for s in sources]
    if any(same(value, s) for s in sources):
        return "same"
    if any((s, value) in PAIRS for s in codes):
        return "lookup"
    if (fold(value) in YES and YES & set(map(fold, sources))) or (fold(value) in NO and NO & set(map(fold, sources))):
        return "yes/no"
    days = re.search(r"add-days (\d+)", rule)
    if days and any(date(s) and date(s) + datetime.timedelta(int(days.group(1))) == date(value) for s in sources):
        return "days later"
    if re.search(r"date [YMD]+$", rule) and any(date(s) and value in (date(s).strftime("%m%Y"), date(s).strftime("%Y%m")) for s in sources):
        return "month"
    if ("choose" in rule or "when" in rule) and value in quoted + [""]:
        return "choice"
    numbers = [number(s) for s in sources if number(s) is not None]
    if number(value) is not None and numbers:
        sums = {decimal.Decimal(0)}
        for n in numbers:
            sums = {t + x for t in sums for x in (n, -n, 0)}
        if number(value) in sums:
            return "sum"
        if "calc ratio(" in rule and len(numbers) == 2 and abs(numbers[0] * 100 / numbers[1] - number(value)) < decimal.Decimal("0.0001"):
            return "ratio"
        if "sum(" in rule and len(places) == MOST_PLACES and len(numbers) == len(places):
            return "sum of more than are told"
    for q in quoted:
        value = value[:-len(q)] if q and value.endswith(q) else value
    parts = [p for p in (fold(p).lstrip("0") for p in re.split(r"[|.\-/ ]", value)) if p]
    found = [any(p in fold(s) for s in sources + quoted) or any((s, p) in PAIRS for s in codes) for p in parts]
    # what another item or the approver gave has no bytes of its own here
    if parts and (all(found) or (any(found) and re.search(r"erp\.|decision\.|target\.|config\.", rule))):
        return "joined"
    return None


# ---- outbound files ----

def rows_of(data):
    """Number of the row (a row may have several lines) -> cells, as any CSV reader sees them."""
    text = data.decode("utf-8-sig", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;|\t", key=text.split("\n")[0].count))
    return {i + 1: row for i, row in enumerate(reader)}


def follow(name):
    world = worlds.world(tap, name, label="lineage")
    world.check = lambda good, what, detail="": None
    world.play()
    originals = Originals(world)
    files = {os.path.basename(f): rows_of(read(f)) for f in worlds.files_below(os.path.join(world.site, "spool/out"))}
    seen, wrong, how, kinds = set(), [], collections.Counter(), collections.Counter()
    missing_rows = {(f, n) for f, rows in files.items() for n in rows}
    items = [q["id"] for q in world.lines("queue", "--all") if "id" in q and q["state"] in ("synced", "exported", "failed", "changed")]
    for item in items:
        for line in world.lines("show", item, "--lineage"):
            if line["type"] != "lineage" or not line["file"]:
                continue
            base = os.path.basename(line["file"])
            cells = files[base].get(line["line"])
            if cells is None:
                wrong.append("%s: %s has no row %d" % (item, base, line["line"]))
                continue
            seen.add((base, line["line"]))
            header = files[base][1]
            named = line["fields"][0]["column"] in header
            if len(cells) != len(line["fields"]):
                wrong.append("%s line %d has %d cells, its lineage %d" % (base, line["line"], len(cells), len(line["fields"])))
                continue
            for i, field in enumerate(line["fields"]):
                if named and field["column"] not in header:
                    wrong.append("%s line %d: %s is no column" % (base, line["line"], field["column"]))
                    continue
                value = cells[header.index(field["column"]) if named else i]
                check(originals, base, line, field, value, wrong, how, kinds)
            if named:
                files[base]["header"] = True
    for base, rows in files.items():
        if rows.pop("header", False):
            missing_rows.discard((base, 1))
    tap.ok(not wrong, "%s: %d fields of %d lines come from the bytes that are named" % (name, sum(how.values()), len(seen)), "\n".join(wrong))
    tap.ok(seen == missing_rows and len(seen) > 30, "%s: every outbound line has a lineage" % name, sorted(missing_rows - seen))
    print("  # %s" % ", ".join("%s %d" % x for x in sorted(how.items()) + sorted(kinds.items())))
    return kinds


def check(originals, base, line, field, value, wrong, how, kinds):
    where = "%s line %d %s = %r (%s)" % (base, line["line"], field["column"], value, field["rule"])
    sources = []
    for place in field["from"]:
        if place["sha256"] not in originals.path:
            wrong.append("%s: no dropped file has sha256 %s" % (where, place["sha256"]))
            return
        raw = originals.cut(place)
        if len(raw) != place["length"]:
            wrong.append("%s: %d bytes at %d are beyond the end of %s" % (where, place["length"], place["offset"], place["name"]))
            return
        path = originals.file(place["sha256"], place["member"])
        kinds["zip member" if place["member"] else "xml" if path.endswith(".xml") else "windows-1252" if "/cmic/" in path else "csv"] += 1
        first = read(path)[:place["offset"]].count(b"\n") + 1
        if place["line"] > first or first - place["line"] > 60:
            wrong.append("%s: the row of line %d does not begin before these bytes (line %d)" % (where, place["line"], first))
        sources.append(originals.text(place))
    reason = explained(field["rule"], value, sources) if sources else "no source"
    if reason is None:
        wrong.append("%s <- %r" % (where, sources))
    how[reason or "not explained"] += 1


kinds = collections.Counter()
for name in ("site-cmic", "site-acumatica", "site-mri"):
    kinds += follow(name)
for kind in ("csv", "windows-1252", "xml", "zip member"):
    tap.ok(kinds[kind] > 0, "sources of kind %s are among them" % kind)
tap.end()
