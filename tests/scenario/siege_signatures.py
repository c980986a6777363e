#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sheets and signatures that are exchanged while they are taken: whatever pair a turn gets hold of, a sheet counts only with a signature of its own. Threads rename, as fast as they
can, the sheets of two persons and all their signatures to one name, thousands of times, also by links and by removing, while turns run."""
import os, sqlite3, sys, threading, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from attack import *

tap = Tap()
ROUNDS = 12


def database(site):
    return sqlite3.connect("file:%s?mode=ro" % os.path.join(site.path, "state.db"), uri=True)


class Racers:
    """Threads that rename what they are given to s.csv and s.csv.sig, until told to stop."""
    def __init__(self, folder, sheets, signatures):
        self.folder, self.stop, self.renames = folder, threading.Event(), [0, 0, 0]
        self.threads = [threading.Thread(target=self.swap, args=(0, "s.csv", sheets), daemon=True),
                        threading.Thread(target=self.swap, args=(1, "s.csv.sig", signatures), daemon=True),
                        threading.Thread(target=self.pairs, args=(list(zip(sheets, signatures)),), daemon=True)]
        for t in self.threads:
            t.start()

    def put(self, who, name, data):
        part = os.path.join(self.folder, ".part%d" % who)
        try:
            write(part, data)
            os.rename(part, os.path.join(self.folder, name))
            self.renames[who] += 1
        except OSError:
            pass

    def swap(self, who, name, contents):
        n = 0
        while not self.stop.is_set():
            n += 1
            self.put(who, name, contents[n % len(contents)])
            if n % 11 == 0:  # now and then it is missing, or a link to the other's
                try:
                    os.unlink(os.path.join(self.folder, name))
                    os.symlink("s.csv.sig" if who == 0 else "s.csv", os.path.join(self.folder, name))
                except OSError:
                    pass

    def pairs(self, pairs):
        n = 0
        while not self.stop.is_set():
            n += 1
            sheet, sig = pairs[n % len(pairs)]
            self.put(2, "s.csv.sig", sig)
            self.put(2, "s.csv", sheet)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()
        for n in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, n))
        return sum(self.renames)


def members(site, bundle):
    for d, _, names in os.walk(os.path.join(site.path, "archive")):
        if bundle + ".zip" in names:
            with zipfile.ZipFile(os.path.join(d, bundle + ".zip")) as z:
                return [z.read(m) for m in z.infolist()]
    return []


def race():
    numbers = ["SC-%d" % i for i in range(2 * ROUNDS)]
    site = decision_site("race", numbers=numbers)
    keys = {"pat": site.key, "kim": user(site, "kim", "--role", "admin", "--approve", "all")}
    folder = os.path.join(site.path, "spool/drop/approvals")
    whose, signed, items, renames, statuses, said = {}, {}, {}, 0, set(), []
    for r in range(ROUNDS):
        sheets, signatures = [], []
        for k, (name, key) in enumerate(keys.items()):
            item = "commitment/24-118/SC-%d" % (2 * r + k)
            data = site.sheet([{"Item": item, "Decision": "Accept", "Comment": "round %d of %s" % (r, name)}])
            sig = signature(data, key)
            whose[sha256(data)], signed[data], items[item] = name, sig, name
            sheets.append(data)
            signatures.append(sig)
        racers = Racers(folder, sheets, signatures)
        for _ in range(2):
            p = site.ask("run")
            said.append(p.stderr)
            statuses |= {p.returncode}
        renames += racers.end()
    tap.ok(renames > 4000, "%d renames while %d turns ran" % (renames, 2 * ROUNDS), renames)
    tap.ok(statuses <= {0, 3}, "every turn ends well", [statuses] + [t for t in said if t])
    site.run()
    db = database(site)
    applied = db.execute("SELECT sha256, approver, assurance FROM manifest WHERE state = 'applied'").fetchall()
    refused = db.execute("SELECT count(*) FROM manifest WHERE state = 'refused'").fetchone()[0]
    print("# %d sheets applied, %d refused" % (len(applied), refused))
    tap.ok(len(applied) > 0 and refused > 0, "some pairs were whole when they were taken, others were not", (len(applied), refused))
    tap.same([m for m in applied if whose.get(m[0]) != m[1] or m[2] != "signature"], [], "no sheet was applied but as its own signer's")
    decided = db.execute("SELECT iid, approver FROM decision WHERE result = 'applied'").fetchall()
    tap.same([d for d in decided if items[d[0]] != d[1]], [], "no item was decided by another than the signer of its sheet")
    tap.same(db.execute("SELECT count(*) FROM decision WHERE result = 'applied'").fetchone()[0], len({d[0] for d in decided}), "and none twice")
    by_digest = {sha256(d): d for d in signed}
    bundles = [(m, members(site, b)) for m, b in db.execute("SELECT sha256, bundle FROM manifest WHERE state = 'applied'")]
    tap.same([m for m, held in bundles if by_digest[m] not in held or signed[by_digest[m]] not in held], [], "each bundle holds the applied sheet and its own signature")
    states_ = set(states(site).values())
    tap.ok(states_ <= {"waiting", "exported"}, "items are decided or wait", states_)
    tap.same(site.ask("audit", "verify").returncode, 0, "bundles and log verify")
    left = [n for n, s in sorted(states(site).items()) if s == "waiting"]
    if left:  # what the race kept from deciding is decided as ever
        site.return_sheet("after.csv", site.sheet([("commitment/24-118/" + left[0], "Accept")]))
        settled_run(site, "after.csv")
        tap.same(states(site)[left[0]], "exported", "afterwards a sheet with its signature is applied")


def exchanged_before_the_rename():
    """What the race hits once in a while: the signature is a file when it is looked at and a link when it is renamed. The claim must go on, in this turn and in all others."""
    site = decision_site("link")
    data = site.sheet([("commitment/24-118/SC-1", "Accept")])
    work = os.path.join(site.path, "spool/work/D000099")
    os.makedirs(os.path.join(work, "in"))
    write(os.path.join(work, "source"), "approvals")
    write(os.path.join(work, "companion-name"), "s.csv.sig")
    write(os.path.join(work, "in/s.csv"), data)
    os.symlink("/etc/passwd", os.path.join(work, "in/s.csv.sig"))
    tap.same((site.run(), {(f["code"], f["file"]) for f in site.findings()}), (3, {("F-61", "s.csv"), ("F-60", "s.csv.sig")}),
             "a link that came in the signature's place: the sheet waits for a real one, the link is back in the folder and told")
    site.drop("approvals", "s.csv.sig", signature(data, site.key))
    settled_run(site, "s.csv.sig")
    tap.same(states(site)["SC-1"], "exported", "a link that came in the signature's place: with the real one it is applied")


exchanged_before_the_rename()
race()
tap.end()
