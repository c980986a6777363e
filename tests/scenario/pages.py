#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pages of the archive: well-formed, without scripts and without anything from elsewhere, every link relative and there, tables that a screen reader can read, every figure also in the CSV;
names that would break out of a page stay text; the same bytes again; the pages of months made anew when they are missing.
"""
import html, os, re, sys, xml.etree.ElementTree as ET
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
SITE, BAGS = os.path.join(TEMP, "site"), os.path.join(TEMP, "bags")
NAUGHTY = ("x' onload='alert(1).csv", '"><script>alert(1)<', "a & b &amp; c", "‮evil", "</style></title>", "javascript:alert(1)", "\u2028line", "ünïcode ☃")


def erpgate(*args):
    return subprocess.run([PROGRAM, "-C", SITE, *args], capture_output=True, text=True)


def faults(path):
    """What is wrong with one page."""
    text = read(path).decode("utf-8")
    try:
        page = ET.fromstring(text.replace("<!DOCTYPE html>\n", "", 1))
    except ET.ParseError as e:
        return ["not well-formed: %s" % e]
    bad, h = [], [e.tag for e in page.iter() if e.tag in ("h1", "h2", "h3")]
    if page.get("lang") != "en" or not (page.findtext("head/title") or "").strip() or h[:1] != ["h1"] or h.count("h1") != 1:
        bad.append("language, title or headings: %s" % h)
    for e in page.iter():
        if e.tag in ("script", "iframe", "object", "embed", "link", "img", "form", "base") or any(a.startswith("on") for a in e.attrib):
            bad.append("element %s %s" % (e.tag, e.attrib))
        for a in ("href", "src", "action"):
            to = e.get(a)
            if to is not None and (":" in to or to.startswith("/") or not os.path.exists(os.path.join(os.path.dirname(path), to))):
                bad.append("link to %s" % to)
        if e.tag == "th" and e.get("scope") not in ("row", "col"):
            bad.append("a th without scope")
        if e.tag == "table" and (e.find("caption") is None or e.find("thead") is None):
            bad.append("a table without caption or head")
    if "url(" in text or "@import" in text or "http:" in text or "https:" in text:
        bad.append("something from elsewhere")
    for table in page.iter("table"):
        bad += not_in_csv(os.path.dirname(path), table)
    return bad


def plain(cell):
    """A value without what the page adds to it."""
    cell = re.sub(r"\\u\{([0-9A-F]+)\}", lambda m: chr(int(m[1], 16)), cell)  # a character that would turn the text around
    return cell.replace(",", "").replace("T", " ").replace("Z", "")


def not_in_csv(folder, table):
    """Cells of a table that its CSV does not have in that row."""
    with open(os.path.join(folder, table.find("caption/a").get("href")), newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))[1:]
    bad = []
    for shown, kept in zip(table.findall("tbody/tr"), rows):
        kept = [plain(k) for k in kept]
        for cell in shown:
            value = plain("".join(cell.itertext())).rstrip("…")
            if value and not any(value == k or k.endswith("/" + value) or (len(value) == 12 and k.startswith(value)) for k in kept):
                bad.append("%r is on the page and not in %s" % (value, kept))
    return bad


def pages_below(folder):
    return sorted(os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if f.endswith(".html"))


def hostile():
    """Names of files and cells from outside."""
    drop = os.path.join(SITE, "spool/drop/procore")
    for i, name in enumerate(NAUGHTY):
        rows = commitments("SC-%d" % i, title=name.replace(",", " ").replace('"', "").replace("\u2028", ""))
        write(os.path.join(drop, name.replace("/", "_") + ("" if name.endswith(".csv") else ".csv")), rows)
    erpgate("config", "set", "settle.quiet", "0s")
    tap.ok(erpgate("run").returncode in (0, 3, 4), "a turn over files with naughty names")


def unpack():
    for d, _, files in os.walk(os.path.join(SITE, "archive")):
        for f in files:
            if f.endswith(".zip"):
                subprocess.run(["unzip", "-qo", os.path.join(d, f), "-d", BAGS], check=True)


def checked():
    unpack()
    reports, months = pages_below(BAGS), pages_below(os.path.join(SITE, "archive"))
    tap.same(len(reports), len(os.listdir(BAGS)), "each of %d bundles has its page" % len(reports))
    tap.same({os.path.relpath(p, TEMP): f for p in reports + months for f in [faults(p)] if f}, {}, "%d pages are whole, calm and self-contained" % len(reports + months))
    told = "".join(read(p).decode() for p in reports)
    tap.ok("&lt;script&gt;alert(1)" in told and "<script" not in told, "what would be a script is text")
    tap.ok(html.escape("a & b &amp; c", quote=False) in told, "an entity in a name is shown as it came")


def again():
    archive = os.path.join(SITE, "archive")
    pages = pages_below(archive) + [p[:-5] + ".csv" for p in pages_below(archive)]
    before = {p: read(p) for p in pages}
    tap.same(erpgate("audit", "index").returncode, 0, "audit index")
    tap.same({p: read(p) for p in pages} == before, True, "makes the same bytes again")
    for p in pages:
        os.unlink(p)
    erpgate("run")
    tap.same(pages_below(archive) + [p[:-5] + ".csv" for p in pages_below(archive)], pages, "pages that are missing are made by the next turn")
    tap.same(erpgate("audit", "verify", "ALL").returncode, 0, "audit verify does not take them for bundles")
    erpgate("config", "set", "archive.pages", "no")
    os.unlink(pages[0])
    erpgate("run")
    tap.ok(not os.path.exists(pages[0]), "archive.pages = no: none are written")


if shutil.which("unzip") is None:
    tap.skip("pages", "there is no unzip here")
    tap.end()
tap.same(subprocess.run([PROGRAM, "demo", SITE], capture_output=True).returncode, 0, "a site with two nights")
hostile()
checked()
again()
tap.end()
