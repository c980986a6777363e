#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What sha256sum, openssl and unzip find without erpgate: a bit flipped, a file cut at any length, files exchanged between bundles; and the form of a bundle by the letter of RFC 8493, read by nothing of ours.

Each byte gets one flipped bit here, another one from byte to byte; with ERPGATE_EXHAUSTIVE=1 (make flips) it gets all eight of them.
"""
import itertools, os, re, shutil, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
SITE, EVERY = os.path.join(TEMP, "site"), os.environ.get("ERPGATE_EXHAUSTIVE") == "1"
MEMORY = 32 << 20  # bytes of changed copies that lie there at once
ENDINGS = ("", ".sha256", ".sha256.sig")


def flips(data):
    """What was changed, and the changed bytes."""
    for i in range(len(data)):
        for bit in range(8) if EVERY else (i % 8,):
            yield "bit %d of byte %d" % (bit, i), data[:i] + bytes([data[i] ^ 1 << bit]) + data[i + 1:]


def cuts(data):
    return (("cut to %d bytes" % n, data[:n]) for n in range(len(data)))


def batches(changed):
    batch, size = [], 0
    for one in changed:
        batch.append(one)
        size += len(one[1]) + 4096
        if size > MEMORY:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def shell(script, where, *args):
    return subprocess.run(["sh", "-c", script, "sh", *args], cwd=where, capture_output=True, text=True)


def unseen(changed, script):
    """Of all the changed files those that the command lets pass. script: reads the copies 0, 1, 2... of its folder, and prints the name of each that is good."""
    passed, tried = [], 0
    where = os.path.join(TEMP, "changed")
    for batch in batches(changed):
        os.mkdir(where)
        for i, (_, data) in enumerate(batch):
            write(os.path.join(where, str(i)), data)
        done = shell(script, where)
        passed += [batch[int(n)][0] for n in done.stdout.split()]
        tried += len(batch)
        shutil.rmtree(where)
    return passed, tried


def by_sha256sum(line):
    return "for f in *; do printf '%%s  %%s\\n' %s $f; done >../sums; sha256sum --strict -c ../sums 2>/dev/null | sed -n 's/: OK$//p'" % line.split()[0]


def changed_bytes(folder, name, key):
    """Every command against every file that it reads."""
    zipped, line, sig = (os.path.join(folder, name + e) for e in ENDINGS)
    digest, total = read(line).decode(), 0
    verify = "openssl pkeyutl -verify -rawin -pubin -inkey %s -in %s -sigfile %s >/dev/null 2>&1"
    for what, path, script in (
            ("the zip, by sha256sum -c", zipped, by_sha256sum(digest)),
            ("the digest file, by openssl pkeyutl -verify", line, "for f in *; do %s && echo $f; done" % verify % (key, "$f", sig)),
            ("the signature, by openssl pkeyutl -verify", sig, "for f in *; do %s && echo $f; done" % verify % (key, line, "$f"))):
        good, _ = unseen(iter([("unchanged", read(path))]), script)
        tap.same(good, ["unchanged"], "the command lets the untouched file pass: " + what)
        for how in (flips, cuts):
            passed, tried = unseen(how(read(path)), script)
            total += tried
            tap.same(passed[:5], [], "%d %s of %s: all are found" % (tried, how.__name__, what))
    print("# %s of %d bytes with its side files: %d changed copies, %s" % (name, os.path.getsize(zipped), total, "every bit" if EVERY else "one bit of each byte"))


def proves(folder, name, key):
    """The three commands of README.txt."""
    script = ('sha256sum --strict -c "$1.zip.sha256" | grep -qx "$1.zip: OK" && openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$1.zip.sha256" -sigfile "$1.zip.sha256.sig" && '
              'unzip -oq "$1.zip" && cd "$1" && sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt')
    return shell(script, folder, name, key).returncode == 0


def exchanged(folder, one, two, key):
    """Two bundles that are both right: every way to exchange some of their files."""
    where, unnoticed, tried = os.path.join(TEMP, "exchanged"), [], 0
    for n in range(4):
        for which in itertools.combinations(ENDINGS, n):
            os.mkdir(where)
            for e in ENDINGS:
                a, b = (two, one) if e in which else (one, two)
                shutil.copy(os.path.join(folder, one + ".zip" + e), os.path.join(where, a + ".zip" + e))
                shutil.copy(os.path.join(folder, two + ".zip" + e), os.path.join(where, b + ".zip" + e))
            told = [proves(where, one, key), proves(where, two, key)]
            if n == 0:
                tap.same(told, [True, True], "two bundles as they are: the three commands prove both")
            else:
                tried += 1
                unnoticed += [which] if told != [False, False] else []
            shutil.rmtree(where)
    tap.same(unnoticed, [], "%d ways to exchange their files: each leaves neither of them proven" % tried)


# ---- BagIt (RFC 8493) ----

def bag_faults(bag):
    """What RFC 8493 section 2 asks for and this folder does not have."""
    faults = []
    if read(os.path.join(bag, "bagit.txt")) not in (b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",):
        faults.append("bagit.txt")
    info = [line.split(": ", 1) for line in read(os.path.join(bag, "bag-info.txt")).decode("utf-8").splitlines()]
    below = {os.path.relpath(os.path.join(d, f), bag) for d, _, files in os.walk(bag) for f in files}
    payload = {p for p in below if p.startswith("data/")}
    oxum = "%d.%d" % (sum(os.path.getsize(os.path.join(bag, p)) for p in payload), len(payload))
    if ["Payload-Oxum", oxum] not in info or any(len(i) != 2 for i in info):
        faults.append("bag-info.txt: %s" % info)
    for manifest, wanted in (("manifest-sha256.txt", payload), ("tagmanifest-sha256.txt", below - payload - {"tagmanifest-sha256.txt"})):
        lines = dict(reversed(line.split("  ", 1)) for line in read(os.path.join(bag, manifest)).decode("utf-8").splitlines())
        if set(lines) != wanted:
            faults.append("%s names other files: %s" % (manifest, sorted(set(lines) ^ wanted)))
        faults += [p for p in lines if sha256(read(os.path.join(bag, p))) != lines[p]]
    faults += [p for p in below if not re.fullmatch(r"[A-Za-z0-9._/-]+", p)]
    return faults


def bags(folder, names):
    where = os.path.join(TEMP, "bags")
    for n in names:
        subprocess.run(["unzip", "-q", os.path.join(folder, n + ".zip"), "-d", where], check=True)
    tap.same({n: f for n in names for f in [bag_faults(os.path.join(where, n))] if f}, {}, "%d bundles are valid bags by the letter of RFC 8493" % len(names))
    bag = os.path.join(where, names[0])
    write(os.path.join(bag, "data/more.txt"), b"more")
    tap.ok(bag_faults(bag), "one with a file more is not")
    os.unlink(os.path.join(bag, "data/more.txt"))
    try:
        import bagit
    except ImportError:
        tap.skip("bagit.py finds them valid", "there is no bagit.py here")
        return
    bad = []
    for n in names:
        try:
            bagit.Bag(os.path.join(where, n)).validate()
        except bagit.BagError as e:
            bad.append("%s: %s" % (n, e))
    tap.same(bad, [], "bagit.py finds them valid")


if shutil.which("unzip") is None or shutil.which("openssl") is None:
    tap.skip("bundles by stock tools", "there is no unzip or no openssl here")
    tap.end()
tap.same(subprocess.run([PROGRAM, "demo", SITE], capture_output=True).returncode, 0, "a site with two nights")
folder = next(d for d, _, files in os.walk(os.path.join(SITE, "archive")) if any(f.endswith(".zip") for f in files))
keys = os.path.join(SITE, "archive/keys")
key = os.path.join(keys, os.listdir(keys)[0])
names = sorted((f[:-4] for f in os.listdir(folder) if f.endswith(".zip")), key=lambda n: os.path.getsize(os.path.join(folder, n + ".zip")))
changed_bytes(folder, names[0] + ".zip", key)
exchanged(folder, names[0], names[1], key)
bags(folder, names)
tap.end()
