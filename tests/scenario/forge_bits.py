#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every bit of a small sheet, and every bit of its signature, turned over: none of the some two thousand sheets is applied, each is refused with its code and kept.

Thousands of files that are each made durable: in memory where there is some, since nothing here is about disks.
"""
import os, sys
if os.access("/dev/shm", os.W_OK):
    os.environ["TMPDIR"] = "/dev/shm"
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from attack import *

tap = Tap()


def every_bit():
    site = decision_site("bits", numbers=("SC-1",))
    cell, content = site.sheet_cell(), site.queue()[SC1]["content"]
    sheet = ("Decision,Item,Content,Sheet\nAccept,%s,%s,%s\n" % (SC1, content, cell)).encode()
    good, n = signature(sheet, site.key), 0
    for whole, other, name in ((sheet, good, "s%d.csv"), (good, sheet, "g%d.csv")):
        for bit in range(8 * len(whole)):
            bad = bytearray(whole)
            bad[bit // 8] ^= 1 << bit % 8
            data, sig = (bytes(bad), other) if whole is sheet else (other, bytes(bad))
            site.drop("approvals", name % bit + ".sig", sig)
            site.drop("approvals", name % bit, data)
            n += 1
    tap.same(site.run(), 3, "every bit: run ends 3")
    found = said(site)
    tap.same(len({f["file"] for f in found}), n, "every bit: each of the %d sheets is refused" % n)
    odd = sorted({f["code"] for f in found})
    tap.ok("F-62" in odd and set(odd) <= {"F-62", "F-01", "F-02", "F-03", "F-05", "F-07", "F-26", "F-35"}, "every bit: F-62, or what makes the sheet unreadable", odd)
    tap.same({f["code"] for f in found if f["file"].startswith("g")}, {"F-62"}, "every bit of the signature: F-62")
    tap.same(states(site), {"SC-1": "waiting"}, "every bit: nothing was decided")
    tap.same(len(site.rejects()), n, "every bit: each stands in rejects")
    site.return_sheet("whole.csv", sheet)
    tap.same((site.run(), states(site)), (0, {"SC-1": "exported"}), "every bit: the sheet as it was signed is good")


every_bit()
tap.end()
