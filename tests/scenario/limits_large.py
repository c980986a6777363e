#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Limits that need something large: exactly as much as is allowed, and one more."""
import os, struct, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from attack import *

tap = Tap()


def sparse_zip(path, size):
    """One stored member of that many zero bytes, of which the disk holds none; both of its descriptions agree."""
    name = b"a.csv"
    common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, 0, size, size, len(name), 0)
    with open(path, "wb") as f:
        f.write(b"PK\3\4" + common + name)
        f.seek(size, 1)
        at = f.tell()
        f.write(b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name)
        end = f.tell()
        f.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, end - at, at, 0))
    return path


def unpacked_bytes():
    site = Site("bytes")
    path = sparse_zip(os.path.join(TEMP, "over.zip"), (2 << 30) + 1)
    tap.ok(os.stat(path).st_blocks < 4096, "the archive takes no room")
    start = time.monotonic()
    found = [f for f in site.json("check", path, "--source", "procore", ok=(0, 2)) if "code" in f]
    tap.ok([f["code"] for f in found] == ["LIMIT-BYTES"] and "2048 MiB" in found[0]["message"] and "in parts" in found[0]["message"], "2 GiB and one byte: LIMIT-BYTES, with the figure and what to do", found)
    tap.ok(time.monotonic() - start < 10, "2 GiB and one byte: refused without reading them")
    os.unlink(path)
    if "ERPGATE_SLOW" not in os.environ:
        tap.skip("2 GiB: read to the end", "20 s; set ERPGATE_SLOW")
        return
    path = sparse_zip(os.path.join(TEMP, "just.zip"), 2 << 30)
    start = time.monotonic()
    found = [f for f in site.json("check", path, "--source", "procore", ok=(0, 2)) if "code" in f]
    tap.ok(found and "LIMIT-BYTES" not in [f["code"] for f in found], "2 GiB: read, and refused for what they hold (%.1f s)" % (time.monotonic() - start), found)
    os.unlink(path)


def sheet_rows():
    """Rows that decide count; blank ones are no decision, however many there are."""
    site = decision_site("rows")
    now, cell = {i: q["content"] for i, q in site.queue().items()}, site.sheet_cell()
    for rows, filler, item in ((100001, "", SC1), (100001, "Accept", SC2), (100000, "Accept", SC2)):
        name = "s%d%s.csv" % (rows, filler)
        data = site.sheet([(item, "Accept")] + [(item if not filler else "commitment/24-118/X-%d" % i, filler) for i in range(1, rows)], cell=cell, content=now)
        site.return_sheet(name, data)
        start = time.monotonic()
        status = settled_run(site, name)
        took = time.monotonic() - start
        found = [(f["code"], f["line"]) for f in said(site)]
        what = "%d rows that %s" % (rows, "decide" if filler else "are blank but for one")
        print("# %s (%d KiB): %.1f s" % (what, len(data) >> 10, took))
        if not filler:
            tap.same((status, found, states(site)["SC-1"]), (0, [], "exported"), what + ": applied")
        elif rows > 100000:
            tap.ok(status == 3 and [c for c, _ in found] == ["LIMIT-SHEET"] and "more than 100000 rows" in said(site)[0]["message"], what + ": refused, and the message names the limit", said(site)[:2])
            tap.same(states(site)["SC-2"], "waiting", what + ": nothing of it was applied")
        else:
            tap.same((status, {c for c, _ in found}, len(found)), (3, {"F-35"}, 99999), what + ": each is looked at, what is not there is refused")
            tap.same(states(site)["SC-2"], "exported", what + ": the first one is applied")
        tap.ok(took < 60, what + ": in reasonable time", took)


unpacked_bytes()
sheet_rows()
tap.end()
