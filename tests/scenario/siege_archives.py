#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every file of the public suites beside the tree as a drop, one turn a suite, under strace: nothing crashes or hangs, nothing is opened outside of the site, no
worker opens or connects anything, what readers disagree about is refused with a reason and its original kept, what is taken reads as other programs read it.
Then bombs: what they cost the worker, the core and the disk. Suites that are not there are skipped."""
import gzip, os, re, sqlite3, struct, sys, threading, zipfile, zlib
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from siege import *

tap = Tap()
ZIPS = ["libarchive-zip-tests", "libzip-regress", "zip-rs-tests", "commons-compress-zips", "snyk-zip-slip"]
OTHERS = ["defusedxml", "xxe-payload-lists", "naughty-strings", "utf8tests", "csv-spectrum", "commons-csv", "rust-csv", "papaparse", "messytables-horror"]


def verdicts(suite):
    path = os.path.join(CORPORA, suite, "EXPECT.tsv")
    rows = [line.split("\t") for line in read(path).decode().splitlines()[1:]] if os.path.exists(path) else []
    return {r[0]: r[-1] for r in rows}


def name_of(i):
    """Without the flag Python guesses the encoding of 1981; erpgate takes what is UTF-8."""
    return i.filename if i.flag_bits & 0x800 else i.filename.encode("cp437").decode("utf-8", "replace")


def zips(name):
    done = suite(tap, name, files_of(name), verdicts(name), ".zip")
    if done is None:
        return 0, 0
    site, originals, verdict, refused = done
    disputed = {n for n, v in verdict.items() if v == "refuse-or-differ"} | (set(originals) if "slip" in name else set())
    tap.same(sorted(disputed - refused), [], "%s: of %d archives that readers disagree about none was taken" % (name, len(disputed)))
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(site.path, "state.db"), uri=True)
    members = {}
    for drop, member, digest in db.execute("SELECT drops.name, files.member, files.sha256 FROM files JOIN drops ON files.drop_id = drops.id WHERE files.member <> ''"):
        members.setdefault(drop, {})[member] = digest
    db.close()
    differ = []
    for drop in sorted(set(originals) - refused):
        with zipfile.ZipFile(io.BytesIO(originals[drop])) as z:
            theirs = {name_of(i): sha256(z.read(i)) for i in z.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/") and "/._" not in "/" + i.filename}
        if theirs != members.get(drop, {}):
            differ.append((drop, theirs, members.get(drop)))
    tap.same(differ, [], "%s: the %d archives taken have the members and bytes that Python reads" % (name, len(originals) - len(refused)))
    return len(disputed), len(originals) - len(refused)


# ---- bombs ----

class Watch(threading.Thread):
    """The highest memory of a process and of its children, as long as it runs."""
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.core, self.worker = pid, 0, 0
        self.start()

    def of(self, pid, field):
        try:
            return int(re.search(field + r":\s+(\d+)", open("/proc/%d/status" % pid).read()).group(1))
        except (OSError, AttributeError):
            return 0

    def run(self):
        while True:
            now = self.of(self.pid, "VmHWM")
            if now == 0:
                return
            self.core = max(self.core, now)
            try:
                kids = open("/proc/%d/task/%d/children" % (self.pid, self.pid)).read().split()
            except OSError:
                kids = []
            for k in kids:
                self.worker = max(self.worker, self.of(int(k), "VmPeak"))
            time.sleep(0.004)


def measured_run(site):
    p = subprocess.Popen([PROGRAM, "-C", site.path, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    w = Watch(p.pid)
    said = p.stderr.read().decode()
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    w.join(5)
    return p.returncode, usage.ru_utime + usage.ru_stime, w.core, w.worker, said


def size_of(path):
    return sum(os.path.getsize(os.path.join(d, n)) for d, _, names in os.walk(path) for n in names)


def stored(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for n, data in members:
            z.writestr(n, data)
    return out.getvalue()


def overlapping(n):
    """Every member of the directory is the same body (Fifield's full overlap)."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(b"0" * 900000) + body.flush()
    crc = zlib.crc32(b"0" * 900000)
    local = struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, 8, 0, 33, crc, len(packed), 900000, 4, 0) + b"0000" + packed
    central = b"".join(struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 0, 8, 0, 33, crc, len(packed), 900000, 4, 0, 0, 0, 0, 0, 0) + b"%04d" % i for i in range(n))
    return local + central + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, n, n, len(central), len(local), 0)


def long_csv(megabytes):
    """Documents like those of a real export, all of them refused, so much alike that they pack 100 to 1."""
    row = "24-118,%s,Subcontract,Concrete,,Draft,Yes,Amount,1001,,5,02/05/2026,,,,,,,,1,,03-1100,S," + "Line " * 60 + ",,,,1.00,\n"
    out, n = [COMMITMENT], 0
    while n < megabytes << 20:
        out.append(row % ("SC-%d" % len(out)))
        n += len(out[-1])
    return "".join(out).encode()


def workbook(strings):
    """Structure enough to be read as a workbook whose table of texts is huge."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pkg = "http://schemas.openxmlformats.org/package/2006/"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    return stored(
        ("[Content_Types].xml", head + '<Types xmlns="%scontent-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="%ssheet.main+xml"/>'
         '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="%sworksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="%ssharedStrings+xml"/></Types>' % (pkg, kinds, kinds, kinds)),
        ("_rels/.rels", head + '<Relationships xmlns="%srelationships"><Relationship Id="rId1" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>' % (pkg, rel)),
        ("xl/workbook.xml", head + '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>' % (main, rel)),
        ("xl/_rels/workbook.xml.rels", head + '<Relationships xmlns="%srelationships"><Relationship Id="rId1" Type="%s/worksheet" Target="worksheets/sheet1.xml"/>'
         '<Relationship Id="rId2" Type="%s/sharedStrings" Target="sharedStrings.xml"/></Relationships>' % (pkg, rel, rel)),
        ("xl/worksheets/sheet1.xml", head + '<worksheet xmlns="%s"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>' % main),
        ("xl/sharedStrings.xml", head + '<sst xmlns="%s">' % main + "".join("<si><t>%d%s</t></si>" % (i * 7919 % 100003, "x" * 40) for i in range(strings)) + "</sst>"))


def bombs():
    zeros = b"0" * (1 << 20)
    nest = stored(("a.csv", b"1"))
    for _ in range(4):
        nest = stored(("inner.zip", nest))
    attrs = "<commitments><commitment " + " ".join('a%d="1"' % i for i in range(40000)) + "/></commitments>"
    cases = [
        ("ratio.zip", stored(("a.csv", zeros * 32)), "LIMIT-RATIO", "unpacked"),
        ("many.zip", stored(*[("%03d.csv" % i, zeros[:-1]) for i in range(900)]), "LIMIT-RATIO", "unpacked"),
        ("overlap.zip", overlapping(900), "F-03", "overlaps"),
        ("members.zip", stored(*[("%05d.csv" % i, b"") for i in range(5000)]), "LIMIT-MEMBERS", "in parts"),
        ("nested.zip", nest, "F-03", "archives inside of archives"),
        ("ratio.csv.gz", gzip.compress(b"A,B,C\n" + b"1,2,3\n" * 8000000), "F-01", "Check"),
        ("nested.gz", gzip.compress(nest), "F-03", "another archive"),
        ("attributes.xml", attrs.encode(), None, None),
        ("one_row.csv", b'"' + b"a," * (24 << 20), None, None),
        ("texts.xlsx", workbook(900000), None, None),
        ("long.csv.gz", gzip.compress(long_csv(60), 9), None, None),
        ("depth.xml", b"<a>" * 200000, None, None),
        ("columns.csv", b"a," * 1000000 + b"\n", None, None),
    ]
    idle = Site("idle")
    idle.drop("procore", "x.csv", "A,B\n1,2\n")
    _, _, base, _, _ = measured_run(idle)
    for name, data, code, words in cases:
        site = Site("bomb-" + name)
        site.drop("procore", name, data)
        site.drop("procore", "zz_good.csv", commitments("GOOD-1"))
        time.sleep(1.1)
        before = size_of(site.path)
        status, cpu, core, worker, said = measured_run(site)
        grown = size_of(site.path) - before
        found = [f for f in site.findings() if f["severity"] == "R" and f["file"].split("!")[0] == name]
        tap.ok(status == 3 and len(found) >= 1, "bomb %s: refused (%s)" % (name, ", ".join(sorted({f["code"] for f in found}))), said)
        if code:
            tap.ok([f["code"] for f in found] == [code] and words in found[0]["message"], "bomb %s: %s, and the message says what to do" % (name, code), found)
        tap.ok(all(clear(f["message"]) for f in found), "bomb %s: the message is clear" % name, found)
        tap.ok(cpu <= 12 + len(data) / (8 << 20), "bomb %s: %.1f s of computing in all" % (name, cpu))
        tap.ok(worker <= 512 << 10, "bomb %s: the worker had %d MiB of addresses" % (name, worker >> 10))
        tap.ok(core - base <= 16 << 10, "bomb %s: the core grew by %d KiB" % (name, core - base))
        # A file's findings are bounded (10,000), and each stands in five places: database, its word index, WHY.txt, rejects.csv, bundle.
        tap.ok(grown <= 4 * len(data) + (16 << 20), "bomb %s: %d KiB more on the disk for a file of %d KiB" % (name, grown >> 10, len(data) >> 10))
        tap.ok(data in kept(site).values(), "bomb %s: the original is in rejects" % name)
        tap.same([d for d in os.listdir(os.path.join(site.path, "spool/drop/procore"))], [], "bomb %s: its neighbour was taken" % name)


# ---- profiles ----

def streamed():
    """As `zip -` and Python write to a pipe: lengths behind the data."""
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, b):
            self.data += bytes(b)
            return len(b)
    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("c.csv", commitments("GOOD-1"))
    return out.data


def zip64():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("c.csv", "w", force_zip64=True) as m:
            m.write(commitments("GOOD-1").encode())
    return out.getvalue()


def comment():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        info = zipfile.ZipInfo("c.csv")
        info.comment = b"made by hand"
        z.writestr(info, commitments("GOOD-1"))
    return out.getvalue()


def profiles():
    forms = {"plain": (stored(("c.csv", commitments("GOOD-1"))), None), "streamed": (streamed(), "streamed"), "Zip64": (zip64(), "Zip64"), "comment of a member": (comment(), "comment"),
             "made by macOS": (stored(("c.csv", commitments("GOOD-1")), ("__MACOSX/._c.csv", b"\0\5\x16\7")), "macOS")}
    for profile in ("tolerant", "strict"):
        site = Site("profile-" + profile, settings=("zip.profile = " + profile,))
        for what, (data, says) in forms.items():
            path = os.path.join(TEMP, "p.zip")
            write(path, data)
            found = [f for f in site.json("check", path, "--source", "procore", ok=(0, 2)) if f.get("code") == "F-03"]
            if profile == "tolerant" or says is None:
                tap.same(found, [], "%s profile: a zip that is %s is taken" % (profile, what))
            else:
                tap.ok(len(found) == 1 and says in found[0]["message"] and "zip.profile" in found[0]["message"], "strict profile: %s is refused and the message names the setting" % what, found)


def many_members():
    site = Site("many-members")
    path = os.path.join(TEMP, "many.zip")
    write(path, stored(*[("%03d.csv" % i, COMMITMENT + commitment_rows("SC-%d" % i)) for i in range(200)]))
    said = site.json("check", path, "--source", "procore")
    tap.same((sum(f["type"] == "file" for f in said), [f for f in said if "code" in f and f["code"] == "F-03"]), (200, []), "a zip of 200 members is read")


def main():
    disputed = taken = 0
    for name in ZIPS:
        d, t = zips(name)
        disputed, taken = disputed + d, taken + t
    if taken:
        print("# %d archives that readers disagree about, none taken; %d taken" % (disputed, taken))
    for name in OTHERS:
        suite(tap, name, files_of(name))
    profiles()
    many_members()
    bombs()
    tap.end()


main()
