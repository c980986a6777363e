#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Retention: what is over its time and what stands in the way, deletion with tombstones, what every command says of it afterwards, and that a stopped deletion is ended. Then the
export of a period, checked by its own script with stock tools in an empty folder, and the procedure document. Times of sealing are set back in the database: no clock is moved.
"""
import os, re, shutil, sqlite3, sys
import xml.etree.ElementTree as ElementTree
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

tap = Tap()
w = worlds.world(tap, "site-cmic")
w.check = lambda good, what, detail="": None  # played elsewhere
w.play()
site = w.site


def erpgate(*words, where=None):
    return subprocess.run([PROGRAM, "-C", where or site, *words], capture_output=True, text=True)


def lines(*words, where=None):
    return [json.loads(x) for x in erpgate(*words, "--json", where=where).stdout.splitlines()]


def fates(where=None, *words):
    return {b["id"]: b for b in lines("audit", "expire", "--dry-run", *words, where=where) if b["type"] == "bundle"}


def age(where, years, kind=None):
    db = sqlite3.connect(os.path.join(where, "state.db"))
    db.execute("UPDATE bundle SET sealed = sealed - ? WHERE ? IS NULL OR kind = ?", (years * 366 * 86400, kind, kind))
    db.commit()
    db.close()


def copy(label, of=None):
    to = os.path.join(TEMP, label)
    shutil.copytree(of or site, to, symlinks=True)
    return to


def zips(where):
    return {os.path.basename(f)[:-4] for f in worlds.files_below(os.path.join(where, "archive")) if f.endswith(".zip")}


# ---- looking ----

now = fates()
tap.ok(now and all(b["fate"] == "kept" for b in now.values()), "nothing is over its time on the day it was sealed")
year = int(next(iter(now.values()))["sealed"][:4])
tap.ok(all(b["over"] == "%d-01-01T00:00:00Z" % (year + 11) for b in now.values()), "ten years are counted from the end of the year")
tap.ok(not any(b["fate"] == "over" for b in fates(None, "--as-of", "%d-12-31" % (year + 10)).values()), "the last day of the tenth year: nothing is over")
future = fates(None, "--as-of", "%d-01-01" % (year + 11))
tap.ok(any(b["fate"] == "over" for b in future.values()), "the day after: what nothing needs is over")
tap.ok(all("not finished" in b["why"] or "leads to it" in b["why"] for b in future.values() if b["fate"] == "needed"), "what is needed says by what")
done = erpgate("audit", "expire", "--as-of", "%d-01-01" % (year + 11), "--reason", "too early")
tap.ok(done.returncode != 0 and zips(site) == set(now), "a day to come is looked at, never acted on", done.stderr)
done = erpgate("audit", "expire")
tap.ok(done.returncode == 64, "without a reason nothing is deleted", done.stderr)
erpgate("config", "set", "source.procore.keep", "forever")
tap.ok(all(b["over"] == "never" and b["fate"] == "kept" for b in fates(None, "--as-of", "9000-01-01").values() if b["source"] == "procore" and b["kind"] == "drop"),
       "a source can be kept for ever")
erpgate("config", "set", "source.procore.keep", "")
done = erpgate("config", "set", "keep.drops", "ten years")
tap.ok(done.returncode != 0 and "10y" in done.stderr, "a time that does not read is refused with what to write", done.stderr)

# ---- batches kept longer keep what leads to them ----

longer = copy("longer")
age(longer, 12, "drop")
known = fates(longer)
kept_for = [b for b in known.values() if b["kind"] == "drop" and "leads to it and is kept until" in b["why"]]
tap.ok(kept_for, "a drop that is over stays while a batch whose lineage leads to it is kept", str([b["why"] for b in known.values()][:5]))

# ---- holds ----

old = copy("old")
age(old, 12)
before = fates(old)
over = sorted(b for b in before if before[b]["fate"] == "over")
tap.ok(len(over) >= 3, "%d of %d bundles are over" % (len(over), len(before)))
held = erpgate("audit", "hold", over[0], "--reason", "claim 7", where=old)
tap.ok(held.returncode == 0 and "H000001" in held.stdout, "a legal hold on a bundle", held.stderr)
erpgate("audit", "hold", "--source", "cmic", "--reason", "tax audit", where=old)
after = fates(old)
tap.ok(after[over[0]]["fate"] == "held" and all(b["fate"] != "over" for b in after.values() if b["source"] == "cmic"), "what is held does not go: a bundle, a source")
done = erpgate("audit", "unhold", "H000002", "--reason", "audit is over", where=old)
tap.ok(done.returncode == 0 and erpgate("audit", "unhold", "H000002", "--reason", "again", where=old).returncode == 66, "a hold is lifted once", done.stderr)
tap.ok(len([h for h in lines("audit", "holds", where=old) if h["lifted_why"] == "audit is over"]) == 1, "audit holds says who lifted it and why")

# ---- deleting ----

untouched = copy("untouched", old)
saved = copy("saved", old)
queue = erpgate("queue", "--all", "--json", where=old).stdout
done = erpgate("audit", "expire", "--reason", "yearly deletion", where=old)
gone = set(before) - zips(old)
tap.ok(done.returncode == 0 and gone == set(over) - {over[0]}, "exactly what was over and not held is deleted", done.stdout + done.stderr)
stones = {os.path.basename(f)[:7]: f for f in worlds.files_below(os.path.join(old, "archive")) if f.endswith(".tombstone.json")}
tap.same(set(stones), gone, "each leaves a tombstone")
one = sorted(g for g in gone if before[g]["kind"] == "drop")[0]
stone = json.loads(read(stones[one]))
tap.ok(stone["bundle"] == one and stone["reason"] == "yearly deletion" and stone["by"] and stone["rule"] == "keep.drops = 10y" and len(stone["sha256"]) == 64 and stone["held"],
       "it says what was deleted, when, by whom, under which rule, and what it held", str(stone)[:300])
key = next(f for f in worlds.files_below(os.path.join(old, "archive/keys")))
checks = [subprocess.run(c, cwd=os.path.dirname(stones[one]), capture_output=True) for c in (
    ["sha256sum", "--strict", "-c", one + ".tombstone.json.sha256"],
    ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key, "-in", one + ".tombstone.json.sha256", "-sigfile", one + ".tombstone.json.sha256.sig"])]
tap.ok(all(c.returncode == 0 for c in checks), "sha256sum and openssl prove it")
entries = [e for e in lines("log", where=old) if e.get("event") == "retention-deleted"]
tap.same({e["id"] for e in entries}, gone, "the log has an entry for each")
done = erpgate("audit", "verify", where=old)
tap.ok(done.returncode == 0 and "deleted under retention" in done.stdout, "audit verify takes a tombstone for good", done.stdout)
for words in (("audit", "show", one), ("audit", "extract", one, "-o", os.path.join(TEMP, "x")), ("reprocess", before[one]["of"])):
    done = erpgate(*words, where=old)
    tap.ok(done.returncode == 66 and "deleted under retention" in done.stderr, "%s says that it was deleted under retention" % " ".join(words[:2]), done.stderr)
tap.same(erpgate("queue", "--all", "--json", where=old).stdout, queue, "items are as they were")
done = erpgate("db", "check", "--all", where=old)
tap.ok(done.returncode == 0, "the state can still be made again from the archive, table by table", done.stdout + done.stderr)
tap.same(erpgate("run", "-q", where=old).returncode, 0, "and the site goes on")
tap.ok(erpgate("audit", "list", where=old).stdout.count("deleted under retention") == len(gone), "audit list tells")

# ---- stopped, lost, forged ----

# as after a crash between the entry and the removal, and between each two steps of that: the bundle itself goes last
for g, endings in zip(sorted(gone), ((".zip", ".zip.sha256", ".zip.sha256.sig"), (".zip", ".zip.sha256"), (".zip",))):
    base = os.path.dirname(os.path.relpath(stones[g], old))
    for ending in endings:
        shutil.copy(os.path.join(saved, base, g + ending), os.path.join(old, base))
done = erpgate("audit", "verify", where=old)
tap.ok(done.returncode == 0 and done.stdout.count("begun and stopped") == 3, "a deletion that was stopped is told", done.stdout)
done = erpgate("audit", "expire", "--reason", "go on", where=old)
left = [f for f in worlds.files_below(os.path.join(old, "archive")) if ".zip" in f and os.path.basename(f)[:7] in gone]
tap.ok(done.returncode == 0 and not left and "stopped are removed now" in done.stdout, "and ended by the next one", done.stdout + done.stderr)
lost = copy("lost", old)
os.unlink(os.path.join(lost, os.path.relpath(stones[one], old)))
done = erpgate("audit", "verify", where=lost)
tap.ok(done.returncode == 2 and re.search(one + " +BROKEN", done.stdout), "a tombstone that is gone is found out", done.stdout)
other = sorted(gone - {one})[0]
forged = copy("forged", old)
shutil.copy(os.path.join(forged, os.path.relpath(stones[other], old)), os.path.join(forged, os.path.relpath(stones[one], old)))
done = erpgate("audit", "verify", where=forged)
tap.ok(done.returncode == 2 and re.search(one + " +BROKEN", done.stdout), "another's tombstone in its place is found out", done.stdout)
victim = sorted(set(before) & zips(old))[0]
for f in worlds.files_below(os.path.join(forged, "archive")):
    if os.path.basename(f).startswith(victim):
        os.unlink(f)
done = erpgate("audit", "verify", where=forged)
tap.ok(re.search(victim + " +BROKEN", done.stdout), "a bundle that is missing without tombstone is lost, not deleted", done.stdout)
damaged = untouched
path = next(f for f in worlds.files_below(os.path.join(damaged, "archive")) if f.endswith(over[1] + ".zip"))
data = bytearray(read(path))
data[200] ^= 1
os.chmod(path, 0o640)
write(path, bytes(data))
done = erpgate("audit", "expire", "--reason", "r", where=damaged)
tap.ok(done.returncode == 65 and over[1] in done.stderr and os.path.exists(path), "a bundle that is not what was sealed is not deleted", done.stderr)

# ---- export ----

first = min(e["time"] for e in lines("log", where=old))[:10]
last = max(e["time"] for e in lines("log", where=old))[:10]
done = erpgate("audit", "export", "--from", first, "--to", last, "-o", os.path.join(TEMP, "export.zip"), where=old)
tap.ok(done.returncode == 0, "a period is exported", done.stderr)
empty = os.path.join(TEMP, "elsewhere")
os.mkdir(empty)
subprocess.run(["unzip", "-q", os.path.join(TEMP, "export.zip"), "-d", empty], check=True)
folder = os.path.join(empty, os.listdir(empty)[0])


def script(where):
    return subprocess.run(["sh", "verify.sh"], cwd=where, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})


done = script(folder)
tap.ok(done.returncode == 0 and "Good: %d bundles (%d of them deleted" % (len(before), len(gone)) in done.stdout, "its script proves it with stock tools alone", done.stdout + done.stderr)
with open(os.path.join(folder, "rights.csv"), encoding="utf-8") as f:
    tap.ok(any("user-added,pat,admin" in line for line in f), "rights.csv says who had which rights since when")


def again(where):
    """The list of sums of somebody who changed a file and hopes: without the key."""
    names = [os.path.relpath(f, where) for f in worlds.files_below(where) if not os.path.basename(f).startswith("SHA256SUMS")]
    write(os.path.join(where, "SHA256SUMS"), "".join("%s  %s\n" % (sha256(read(os.path.join(where, n))), n) for n in sorted(names)))


def without_line(path, start):
    kept = [line for line in read(path).decode().splitlines(True) if not line.startswith(start)]
    write(path, "".join(kept))


def bundle_file(where, ending):
    return next(f for f in sorted(worlds.files_below(os.path.join(where, "bundles"))) if f.endswith(ending))


def change(path, at=150):
    data = bytearray(read(path))
    data[at] ^= 1
    write(path, bytes(data))


for what, harm in (("a changed bundle", lambda x: change(bundle_file(x, ".zip"))), ("a changed entry of the log", lambda x: change(os.path.join(x, "log/entries.jsonl"), 70)),
                   ("a tombstone that is gone", lambda x: os.unlink(bundle_file(x, ".tombstone.json"))), ("a bundle left out", lambda x: without_line(os.path.join(x, "bundles.txt"), "A000002")),
                   ("another key", lambda x: write(os.path.join(x, "keys", os.listdir(os.path.join(x, "keys"))[0]), read(make_key(os.path.join(TEMP, "evil.pem")))))):
    hurt = os.path.join(TEMP, "hurt")
    shutil.rmtree(hurt, ignore_errors=True)
    shutil.copytree(folder, hurt)
    harm(hurt)
    plain = script(hurt)
    again(hurt)
    clever = script(hurt)
    tap.ok(plain.returncode == 1 and clever.returncode == 1 and "WRONG" in clever.stdout, "the script finds %s, with fitting sums, too" % what, clever.stdout)
done = erpgate("audit", "export", "--from", first, "--to", last, "-o", folder, where=old)
tap.ok(done.returncode != 0, "nothing is written into a folder that is not empty", done.stderr)
some = os.path.join(TEMP, "some")
erpgate("audit", "export", "--from", first, "--to", last, "--source", "cmic", "-o", some, where=old)
done = script(some)
tap.ok(done.returncode == 0 and "only those of source cmic" in done.stdout, "an export of one source says so", done.stdout + done.stderr)

# ---- the procedure document ----

erpgate("users", "revoke", "pat", where=old)
text = erpgate("audit", "procedure", where=old).stdout
tap.ok("keep.drops" in text and "Who could decide what" in text and "revoked: no rights" in text and "legal-hold" in text, "the procedure document tells of settings, rights over time, changes and holds")
page = os.path.join(TEMP, "procedure.html")
erpgate("audit", "procedure", "-o", page, where=old)
root = ElementTree.fromstring(read(page).decode().split("\n", 1)[1])
tap.ok(root.tag == "html" and not root.findall(".//script") and "http" not in read(page).decode(), "its page is well-formed, without scripts and links")
done = erpgate("audit", "procedure", "--as-of", last)
tap.ok(done.returncode == 0 and "As it was at the end of " + last in done.stdout and "Tables in force then" in done.stdout, "--as-of tells what was in force on a day", done.stderr)
tap.same(erpgate("audit", "procedure", "--as-of", "2001-01-01").returncode, 66, "a day before anything was sealed is said")

tap.end()
