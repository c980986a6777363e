#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Large files do not need large memory: many documents in one CSV, one document of very many lines, many documents in one XML. Nor does what follows when one is dropped: the turn that
takes it and seals it, with members of its bundle that are several times its size.

Sizes are multiplied by $ERPGATE_BIG (default 1: 200,000 lines, 100,000 lines, 20,000 documents; the bench takes 5). The peak is that of the largest
process of the family, as wait4 tells it; this script's own size (it stays small: files are written row by row) is the least that can be seen.
"""
import glob, hashlib, os, sys, time, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

MIB = 1 << 20
MOST = 48 * MIB
SCALE = float(os.environ.get("ERPGATE_BIG", "1"))
MOST_TURN = int((40 + 12 * SCALE) * MIB)  # a turn knows every open item by about a kilobyte; the text of none
tap = Tap()


def csv_of_documents(path, lines):
    with open(path, "w", encoding="utf-8") as f:
        f.write(COMMITMENT)
        for i in range(lines):
            f.write("24-118,SC-%06d,Subcontract,Concrete and steel,Scope of work,Approved,Yes,Amount,1001,Barlow Concrete,5,02/05/2026,,,,,,,,%d,,03-1100,S,Line of work %d,,,,%d.%02d,\n"
                    % (i // 20, i % 20 + 1, i, i % 9000, i % 100))


def csv_of_one(path, lines):
    with open(path, "w", encoding="utf-8") as f:
        f.write(COMMITMENT)
        for i in range(lines):
            f.write("24-118,SC-1,Subcontract,Concrete and steel,Scope of work,Approved,Yes,Amount,1001,Barlow Concrete,5,02/05/2026,,,,,,,,%d,,03-1100,S,Line of work %d,,,,%d.%02d,\n"
                    % (i + 1, i, i % 9000, i % 100))


def xml_of_documents(path, documents):
    with open(path, "w", encoding="utf-8") as f:
        f.write('<?xml version="1.0" encoding="UTF-8"?>\n<commitments>\n')
        for i in range(documents):
            f.write("<commitment><id>%d</id><type>WorkOrderContract</type><number>SC-%06d</number><title>Concrete &amp; steel</title><description>Scope</description>"
                    "<status>Approved</status><executed>true</executed><accounting_method>amount</accounting_method><retainage_percent>5.0</retainage_percent>"
                    "<contract_date>2026-02-05</contract_date><project><number>24-118</number></project><vendor><id>1001</id></vendor><commitment_items>\n" % (i, i))
            for k in range(3):
                f.write("<commitment_item><position>%d</position><description>Line %d</description><cost_code><full_code>03-1100</full_code></cost_code>"
                        "<line_item_type><code>S</code></line_item_type><amount>%d.5</amount></commitment_item>\n" % (k + 1, k, i))
            f.write("</commitment_items></commitment>\n")
        f.write("</commitments>\n")


def measured(*words):
    """(status, peak bytes, seconds, standard output) of the program and the processes it waited for."""
    out = os.path.join(TEMP, "output")
    began = time.monotonic()
    with open(out, "wb") as f:
        p = subprocess.Popen([PROGRAM, "-C", site.path, *words], stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, used.ru_maxrss * 1024, time.monotonic() - began, read(out)[-2000:].decode("utf-8", "replace")


def peak_is(what, peak, most):
    told = "%s: peak memory %.1f MiB, at most %d" % (what, peak / MIB, most / MIB)
    if "asan" in PROGRAM:
        tap.skip(told, "a sanitizer keeps what is freed")
    else:
        tap.ok(peak < most, told)


def case(what, make, number, name, documents):
    path = os.path.join(TEMP, name)
    make(path, number)
    size = os.path.getsize(path)
    status, peak, seconds, out = measured("check", path, "--source", "procore")
    tap.ok(status == 0 and str(documents) in out.replace(",", ""), "%s (%d, %.0f MB) is read to its end in %.1f s" % (what, number, size / 1e6, seconds), "exit %d\n%s" % (status, out))
    peak_is(what, peak, MOST)
    os.unlink(path)


def turn(lines):
    """Dropped, taken, sealed. The members are the same text as before it went through files: the digests in the bundle are right, and no row is lost where memory ends and the file begins."""
    csv_of_documents(os.path.join(TEMP, "documents.csv"), lines)
    os.rename(os.path.join(TEMP, "documents.csv"), os.path.join(site.path, "spool/drop/procore/documents.csv"))
    status, peak, seconds, out = measured("run")
    tap.ok(status == 0, "a CSV of %d lines is taken and sealed in %.1f s" % (lines, seconds), "exit %d\n%s" % (status, out))
    peak_is("a turn that seals it", peak, MOST_TURN)
    path = max(glob.glob(os.path.join(site.path, "archive/*/*/*.zip")), key=os.path.getsize)
    bundle = os.path.basename(path)[:-len(".zip")]
    with zipfile.ZipFile(path) as z:
        sums = dict(reversed(l.split("  ", 1)) for l in z.read(bundle + "/manifest-sha256.txt").decode().splitlines())
        records = lines // 20
        rows = {"canonical/records.csv": 1 + records + lines, "canonical/bodies.jsonl": records, "report/records.csv": 1 + records}
        for name, want in rows.items():
            got, digest = 0, hashlib.sha256()
            with z.open("%s/data/%s" % (bundle, name)) as f:
                for piece in iter(lambda: f.read(MIB), b""):
                    got += piece.count(b"\n")
                    digest.update(piece)
            tap.ok(got == want and digest.hexdigest() == sums["data/" + name], "%s of its bundle has %d lines and the digest that the bundle tells" % (name, want), got)


site = Site("big")
small_reference(site)
lines = int(200000 * SCALE) // 20 * 20
case("many documents in a CSV", csv_of_documents, lines, "documents.csv", lines // 20)
case("one document of many lines", csv_of_one, int(100000 * SCALE), "one.csv", 1)
turn(lines)
case("many documents in an XML", xml_of_documents, int(20000 * SCALE), "documents.xml", int(20000 * SCALE))
tap.end()
