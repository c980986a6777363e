#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An auditor without erpgate: sha256sum, openssl and unzip alone prove every bundle of a played site, and what was dropped, decided and sent is in them byte
for byte. Then the other way round: whatever is changed, removed or put back, `audit verify` says so and names it.
"""
import collections, os, re, shutil, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

tap = Tap()


def shell(command, where):
    return subprocess.run(["sh", "-c", command], cwd=where, capture_output=True, text=True)


def by_stock_tools(archive, unpacked):
    """Folder of every unpacked bundle; what the tools complain about fails."""
    zips = sorted(f for f in worlds.files_below(archive) if f.endswith(".zip"))
    keys = [f for f in worlds.files_below(os.path.join(archive, "keys")) if f.endswith(".pub.pem")]
    tap.ok(len(zips) > 20 and len(keys) == 1, "%d bundles and one public key" % len(zips))
    for what, command in (
            ("sha256sum -c: the zip is the one that was sealed", 'sha256sum --strict -c "$b.sha256"'),
            ("openssl pkeyutl -verify: the gateway signed the digest", 'openssl pkeyutl -verify -rawin -pubin -inkey "%s" -in "$b.sha256" -sigfile "$b.sha256.sig"' % keys[0]),
            ("unzip -t: any unzip opens it", 'unzip -tq "$b"'),
            ("unzip", 'unzip -q "$b" -d "%s"' % unpacked),
            ("sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt: so is every file in it",
             'cd "%s/${b%%.zip}" && sha256sum --strict --quiet -c manifest-sha256.txt tagmanifest-sha256.txt' % unpacked)):
        bad = []
        for z in zips:
            done = shell('b="%s"; %s' % (os.path.basename(z), command), os.path.dirname(z))
            if done.returncode != 0:
                bad.append(done.stdout + done.stderr)
        tap.ok(not bad, what, "\n".join(bad))
    folders = [os.path.join(unpacked, os.path.basename(z)[:-4]) for z in zips]
    loose = []
    for folder in folders:
        named = {line.split(" ", 1)[1].strip(" *\n") for line in open(os.path.join(folder, "manifest-sha256.txt"), encoding="utf-8")}
        loose += sorted(set(os.path.relpath(f, folder) for f in worlds.files_below(os.path.join(folder, "data"))) - named)
    tap.ok(not loose, "no file stands in a bundle without being named in its manifest", "\n".join(loose))
    return zips, folders, keys[0]


def by_its_own_readme(zips, folders, key):
    """The commands that README.txt gives, typed as they stand."""
    for kind in ("received", "approvals", "outbound"):
        z, folder = next((z, f) for z, f in zip(zips, folders) if os.path.isdir(os.path.join(f, "data", kind)))
        where = os.path.join(TEMP, "readme-" + kind)
        os.mkdir(where)
        for ending in ("", ".sha256", ".sha256.sig"):
            shutil.copy(z + ending, where)
        shutil.copy(key, os.path.join(where, "KEY.pub.pem"))
        text = read(os.path.join(folder, "README.txt")).decode()
        commands = [line.strip() for line in text.splitlines() if re.match("    [^ ]", line)]  # the members' descriptions stand deeper
        done = [shell(c, where) for c in commands]
        tap.ok(len(done) == 3 and all(d.returncode == 0 for d in done), "README.txt of a bundle with %s: its %d commands hold" % (kind, len(commands)),
               "\n".join(c + "\n" + d.stdout + d.stderr for c, d in zip(commands, done)))


def contents(world, folders):
    """What came, was decided and left is there, once and unchanged."""
    held = collections.Counter()
    for folder in folders:
        for kind in ("received", "outbound", "approvals"):
            for f in worlds.files_below(os.path.join(folder, "data", kind)):
                if not f.endswith("provenance.json"):
                    held[kind, sha256(read(f))] += 1
    dropped = {sha256(read(f)): f for r in world.rounds for f in worlds.files_below(os.path.join(world.path, r, "in"))}
    tap.same(sorted(os.path.relpath(dropped[d], world.path) for d in dropped if held["received", d] != 1), [], "every dropped file is in exactly one bundle, byte for byte")
    out = {sha256(read(f)): f for f in worlds.files_below(os.path.join(world.site, "spool/out"))}
    tap.same(sorted(os.path.basename(out[d]) for d in out if held["outbound", d] != 1), [], "every outbound file is in exactly one bundle, byte for byte")
    sheets = [f for f in folders if os.path.exists(os.path.join(f, "data/approvals/sheet.sig"))]
    bad = [f for f in sheets if shell("openssl pkeyutl -verify -rawin -pubin -inkey key.pem -in sheet -sigfile sheet.sig", os.path.join(f, "data/approvals")).returncode != 0]
    tap.ok(len(sheets) == len(world.rounds) and not bad, "every approval sheet's signature holds for the approver's key beside it", "\n".join(bad))
    pat = read(os.path.join(world.site, "pat.pub.pem"))
    tap.ok(all(read(os.path.join(f, "data/approvals/key.pem")) == pat for f in sheets), "that key is the one that was registered")
    unknown = set()
    rows = 0
    for f in worlds.files_below(os.path.join(TEMP, "unpacked")):
        if "/data/lineage/" in f:
            for row in csv.DictReader(open(f, newline="", encoding="utf-8")):
                rows += 1
                digest = next((v for k, v in row.items() if "sha256" in k), "")
                if digest and digest not in dropped:
                    unknown.add((os.path.basename(f), digest))
    tap.ok(rows > 100 and not unknown, "the lineage of the batches names files that are in the bundles (%d rows)" % rows, sorted(unknown))


# ---- and when something was changed ----

def flip(path, at):
    data = bytearray(read(path))
    data[at if at >= 0 else len(data) + at] ^= 1
    write(path, bytes(data))


def replaced(path, old, new):
    data = read(path)
    assert old in data, path
    write(path, data.replace(old, new, 1))


def tampered(world, zips):
    archive = os.path.join(world.site, "archive")
    good = os.path.join(TEMP, "archive-good")
    shutil.copytree(archive, good, symlinks=True)
    one, two = zips[len(zips) // 2], zips[len(zips) // 2 + 1]
    name = os.path.basename(one)[:-4]
    size = os.path.getsize(one)
    tile = os.path.join(archive, "log/tile/0/000")
    entries = sorted(f for f in worlds.files_below(os.path.join(archive, "log/tile/entries")))[0]
    checkpoint = os.path.join(archive, "log/checkpoint")
    stamp = read(one).index(b"\x21\x00", 10)  # the date field of the first member's header: no content, no CRC covers it
    cases = [
        ("a byte in the middle of a bundle", lambda: flip(one, size // 2), name),
        ("a byte of a date in a zip header", lambda: flip(one, stamp), name),
        ("the last byte of a bundle", lambda: flip(one, -1), name),
        ("a byte behind a bundle", lambda: write(one, read(one) + b"\0"), name),
        ("a digit of a digest file", lambda: flip(one + ".sha256", 5), name),
        ("a byte of a signature", lambda: flip(one + ".sha256.sig", 10), name),
        ("a bundle removed with all that belongs to it", lambda: [os.unlink(one + e) for e in ("", ".sha256", ".sha256.sig")], name),
        ("two bundles exchanged", lambda: (os.rename(one, one + "x"), os.rename(two, one), os.rename(one + "x", two)), name),
        ("a word of the log", lambda: replaced(entries, b'"actor":"erpgate"', b'"actor":"nobody "'), "log"),
        ("a hash of the log's tree", lambda: flip(tile, 40), "log"),
        ("the size in the checkpoint", lambda: replaced(checkpoint, b"\n", b"\n1"), "log"),
        ("the log's entries removed", lambda: os.unlink(entries), "log"),
    ]
    audit = lambda: subprocess.run([PROGRAM, "-C", world.site, "audit", "verify", "ALL"], capture_output=True, text=True)
    tap.ok(audit().returncode == 0, "untouched, audit verify ALL ends 0")
    for what, change, named in cases:
        change()
        said = audit()
        broken = [line for line in said.stdout.splitlines() if "BROKEN" in line]
        tap.ok(said.returncode == 2 and any(line.startswith(named) for line in broken), "%s: found, and %s is named" % (what, named), "exit %d\n%s" % (said.returncode, "\n".join(broken) + said.stderr))
        shutil.rmtree(archive)
        shutil.copytree(good, archive, symlinks=True)
    tap.ok(audit().returncode == 0, "put right again, audit verify ALL ends 0")
    one_bundle = lambda: subprocess.run([PROGRAM, "-C", world.site, "audit", "verify", name], capture_output=True, text=True).returncode
    tap.same(one_bundle(), 0, "audit verify of one good bundle ends 0")
    flip(one, size // 2)
    tap.same(one_bundle(), 2, "audit verify of that bundle with one flipped byte ends 2")


if shutil.which("unzip") is None:
    tap.skip("bundles", "there is no unzip here")
    tap.end()
world = worlds.world(tap, "site-acumatica", label="verify")
world.check = lambda good, what, detail="": None
world.play()
os.mkdir(os.path.join(TEMP, "unpacked"))
zips, folders, key = by_stock_tools(os.path.join(world.site, "archive"), os.path.join(TEMP, "unpacked"))
by_its_own_readme(zips, folders, key)
contents(world, folders)
tampered(world, zips)
tap.end()
