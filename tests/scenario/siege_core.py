#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A drop over which the core itself dies: after two faults it is refused with a reason (F-71) and the others go through. Endings from outside are forgiven for long."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,Company %d,C,Duluth,MN,US,Yes,\n"
FAULTS = (signal.SIGSEGV, signal.SIGABRT)


def large(first=0):
    """Long enough in the reading that a signal comes in time."""
    head, row = (COMPANY % (0, 0)).split("\n")[:2]
    return head + "\n" + "".join(row.replace("0,Company 0", "%d,Company %d" % (i, i)) + "\n" for i in range(first + 100000, first + 130000))


def attempt(site):
    """(drop, first letter of its note) of the one that is being taken in, or None."""
    work = os.path.join(site.path, "spool/work")
    for d in sorted(os.listdir(work)):
        try:
            text = read(os.path.join(work, d, "attempt"))
        except OSError:
            continue
        if text[:1] == b"R" and d.startswith("D"):
            return d
    return None


def die(site, sig, name):
    """A run that gets the signal while it takes in the file called so; its status."""
    p = subprocess.Popen([PROGRAM, "-C", site.path, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children.append(p)

    def taking():
        d = attempt(site) if p.poll() is None else "over"
        return d == "over" or (d and os.path.exists(os.path.join(site.path, "spool/work", d, "in", name)))
    wait_for(taking, 20, 0.002)
    if p.poll() is None:
        p.send_signal(sig)
    p.wait()
    return p.returncode


def faults():
    for how in (FAULTS, (signal.SIGBUS, signal.SIGFPE)):
        site = Site("fault-%d" % how[0])
        data = large()
        site.drop("procore", "killer.csv", data)
        site.drop("procore", "zz_good.csv", COMPANY % (4711, 4711))
        for i, sig in enumerate(how):
            tap.same(die(site, sig, "killer.csv"), -sig, "%s while a drop is taken in: the core ends by it" % sig.name)
            note = [read(os.path.join(site.path, "spool/work", d, "attempt")) for d in os.listdir(os.path.join(site.path, "spool/work"))]
            tap.ok(note == [b"X %02d 00\n" % i], "%s: noted against the drop" % sig.name, note)
        tap.same(site.run(), 3, "the third start: run ends 3")
        found = [f for f in site.findings() if f["severity"] == "R"]
        tap.same([(f["code"], f["file"], f["line"]) for f in found], [("F-71", "killer.csv", 1)], "the third start refuses it")
        drop = found[0]["drop"]
        tap.ok("failed 2 times running" in found[0]["message"] and "tell support" in found[0]["message"] and found[0]["message"].endswith("erpgate reprocess " + drop), "the message says what happened and what to do", found)
        kept = site.rejects().get(drop, {})
        tap.ok(kept.get("killer.csv") == data.encode() and b"F-71" in kept.get("WHY.txt", b""), "the original lies in rejects, with the reason", sorted(kept))
        tap.same(sorted(site.queue("--type", "vendor")), ["vendor/4711"], "its neighbour was taken, and nothing of it")
        tap.ok([e["detail"].get("code") for e in site.json("log", drop) if e["event"] == "refused"] == ["F-71"], "the log says so")
        tap.same((site.run(), site.ask("audit", "verify").returncode), (0, 0), "afterwards all is as ever")
        site.call("reprocess", drop, ok=(0, 3))
        site.run()
        tap.same(len(site.queue("--type", "vendor")), 30001, "read again on purpose it is taken: the counts begin anew")


def one_fault():
    site = Site("once")
    site.drop("procore", "large.csv", large())
    die(site, signal.SIGSEGV, "large.csv")
    tap.same((site.run(), len(site.queue("--type", "vendor"))), (0, 30000), "one fault: the next start takes the drop as if nothing had been")


def from_outside():
    site = Site("outside")
    site.drop("procore", "large.csv", large())
    for _ in range(4):
        tap.same(die(site, signal.SIGKILL, "large.csv"), -9, "ended from outside")
    tap.same((site.run(), len(site.queue("--type", "vendor"))), (0, 30000), "a few times from outside: a healthy drop is not accused")
    site.drop("procore", "more.csv", large(50000))
    die(site, signal.SIGKILL, "more.csv")
    d = attempt(site)
    write(os.path.join(site.path, "spool/work", d, "attempt"), "R 00 19\n")
    tap.same(site.run(), 3, "the twentieth time running: run ends 3")
    found = [f for f in site.findings() if f["severity"] == "R"]
    tap.ok([f["code"] for f in found] == ["F-71"] and "from outside 20 times" in found[0]["message"] and "memory" in found[0]["message"], "the twentieth time: refused, and the message says where to look", found)


def full_disk_is_no_crash():
    """A note at rest, whatever it counts, and one that is no note."""
    for text in ("- 01 19\n", "X", "R 99", "garbage and more of it\n"):
        site = Site("note-%d" % len(text))
        site.drop("procore", "large.csv", large())
        die(site, signal.SIGKILL, "large.csv")
        write(os.path.join(site.path, "spool/work", attempt(site), "attempt"), text)
        tap.same((site.run(), len(site.queue("--type", "vendor"))), (0, 30000), "a note %r: the drop is read" % text)


def sheet():
    site = Site("sheet")
    small_reference(site)
    site.drop("procore", "c.csv", commitments("SC-1", "SC-2"))
    site.run()
    data = site.sheet([("commitment/24-118/SC-1", "Accept")])
    site.return_sheet("killer.csv", data)
    # a run that stops where the sheet is claimed: the claim is left, its row not yet made
    os.makedirs(os.path.join(site.path, "spool/work/D000099/in"))
    folder = os.path.join(site.path, "spool/drop/approvals")
    write(os.path.join(site.path, "spool/work/D000099/source"), "approvals")
    os.rename(os.path.join(folder, "killer.csv"), os.path.join(site.path, "spool/work/D000099/in/killer.csv"))
    write(os.path.join(site.path, "spool/work/D000099/attempt"), "X 01 00\n")
    site.drop("procore", "d.csv", commitments("SC-3"))
    tap.same(site.run(), 3, "a sheet over which the core died twice: run ends 3")
    found = [f for f in site.findings() if f["severity"] == "R"]
    tap.same([(f["code"], f["source"], f["file"]) for f in found], [("F-71", "approvals", "killer.csv")], "a sheet over which the core died twice: refused")
    states = {i.split("/")[-1]: q["state"] for i, q in site.queue("--type", "commitment").items()}
    tap.same(states, {"SC-1": "waiting", "SC-2": "waiting", "SC-3": "waiting"}, "it decided nothing, the others went on")
    tap.ok(any(d.get("killer.csv") == data for d in site.rejects().values()), "the sheet lies in rejects")


faults()
one_fault()
from_outside()
full_disk_is_no_crash()
sheet()
tap.end()
