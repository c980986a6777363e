#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The twelve kinds of damage: each is made on a copy of a played site, and `audit verify` must give it its name, that one and no other. Some are made as somebody would who has the
gateway's key and can sign a log of his own: for those a head kept elsewhere (--since) decides.
"""
import os, re, shutil, sqlite3, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import tlog

tap = Tap()
HOME = os.path.join(TEMP, "demo")
ORIGIN = "erpgate/demo"
CODES = {"V-01": "changed byte", "V-02": "missing bundle", "V-03": "extra bundle", "V-04": "gap in log", "V-05": "changed order", "V-06": "rolled-back log",
         "V-07": "forked log", "V-08": "wrong key", "V-09": "expired stamp", "V-10": "unreadable zip", "V-11": "bundle not in log", "V-12": "log entry without bundle"}


def eg(*args, site=HOME):
    return subprocess.run([PROGRAM, "-C", site] + list(args), capture_output=True, text=True)


def shell(command):
    subprocess.run(["sh", "-ec", command], check=True, capture_output=True)


class Copy:
    """A copy of the site, for one act."""

    def __init__(self):
        self.site = os.path.join(TEMP, "copy", "demo")
        shutil.rmtree(os.path.dirname(self.site), ignore_errors=True)
        shutil.copytree(HOME, self.site, symlinks=True)
        self.archive = os.path.join(self.site, "archive")
        self.log = os.path.join(self.archive, "log")
        self.key = os.path.join(self.site, "keys/gateway.pem")

    def bundle(self, n):
        return next(os.path.join(d, f) for d, _, files in os.walk(self.archive) for f in files if f == "A%06d.zip" % n)

    def sql(self, text, *values):
        with sqlite3.connect(os.path.join(self.site, "state.db")) as db:
            db.execute(text, values)

    def lines(self):
        return tlog.entries(self.log)

    def relog(self, lines, key=None):
        tlog.write(self.log, lines, key or self.key, ORIGIN)

    def stranger(self):
        path = os.path.join(TEMP, "stranger.pem")
        if not os.path.exists(path):
            shell("openssl genpkey -algorithm ed25519 -out '%s'" % path)
        return path


def flip(path, at):
    data = bytearray(read(path))
    data[at] ^= 1
    write(path, bytes(data))


def changed_zip(c):
    flip(c.bundle(3), os.path.getsize(c.bundle(3)) // 2)


def changed_digest(c):
    flip(c.bundle(3) + ".sha256", 5)


def changed_entry(c):
    path = next(os.path.join(d, f) for d, _, files in os.walk(os.path.join(c.log, "tile/entries")) for f in files)
    write(path, read(path).replace(b'"actor":"erpgate"', b'"actor":"nobody!"', 1))


def changed_hash(c):
    path = next(os.path.join(d, f) for d, _, files in os.walk(os.path.join(c.log, "tile/0")) for f in files)
    flip(path, 40)


def changed_head(c):
    path = os.path.join(c.log, "checkpoint")
    write(path, read(path).replace(b"\n1", b"\n2", 1))


def resealed(c):
    """Another file, whole and signed with our key, under a number that was given to something else."""
    a, b = c.bundle(3), c.bundle(5)
    shell("cd '%s' && mkdir x && cd x && unzip -q '%s' && echo more >>A000003/README.txt" % (TEMP, a))
    shutil.rmtree(os.path.join(TEMP, "x"))
    flip(a, os.path.getsize(a) // 2)
    shell("cd '%s' && sha256sum A000003.zip >A000003.zip.sha256 && openssl pkeyutl -sign -rawin -inkey '%s' -in A000003.zip.sha256 -out A000003.zip.sha256.sig" % (os.path.dirname(a), c.key))


def missing_zip(c):
    os.unlink(c.bundle(4))


def missing_all(c):
    z = c.bundle(4)
    for e in ("", ".sha256", ".sha256.sig"):
        os.unlink(z + e)


def extra(c):
    z = c.bundle(4)
    for e in ("", ".sha256", ".sha256.sig"):
        shutil.copy(z + e, z.replace("A000004", "A000400") + e)


def gap_tile(c):
    shutil.rmtree(os.path.join(c.log, "tile/entries"))


def gap_head(c):
    os.unlink(os.path.join(c.log, "checkpoint"))


def gap_signed(c):
    lines = c.lines()
    c.relog(lines[:7] + lines[8:])


def order_signed(c):
    lines = c.lines()
    lines[3], lines[9] = lines[9], lines[3]
    c.relog(lines)


def order_plain(c):
    """Without the key: the tiles fit, the head cannot."""
    head = read(os.path.join(c.log, "checkpoint"))
    order_signed(c)
    write(os.path.join(c.log, "checkpoint"), head)


def rolled_back(c):
    shutil.rmtree(c.log)
    shutil.copytree(OLD_LOG, c.log)


def rolled_back_signed(c):
    """Log and journal cut, bundles of the lost entries taken away, all signed."""
    lines = c.lines()[:OLD_SIZE]
    c.relog(lines)
    c.sql("DELETE FROM log WHERE idx >= ?", OLD_SIZE)


def old_head_only(c):
    shutil.copy(os.path.join(OLD_LOG, "checkpoint"), os.path.join(c.log, "checkpoint"))


def forked_log(c):
    lines = c.lines()
    lines[5] = lines[5].replace(b'"actor":"erpgate"', b'"actor":"nobody!"')
    c.relog(lines)


def forked_both(c):
    forked_log(c)
    c.sql("UPDATE log SET line = replace(line, '\"actor\":\"erpgate\"', '\"actor\":\"nobody!\"') WHERE idx = 5")


def other_key_bundle(c):
    z = c.bundle(6)
    shell("openssl pkeyutl -sign -rawin -inkey '%s' -in '%s.sha256' -out '%s.sha256.sig'" % (c.stranger(), z, z))


def other_key_log(c):
    c.relog(c.lines(), c.stranger())


def cut_zip(c):
    with open(c.bundle(7), "r+b") as f:
        f.truncate(os.path.getsize(c.bundle(7)) // 2)


def no_zip(c):
    write(c.bundle(7), b"nothing that is a zip\n" * 10)


def not_in_log(c):
    """The last entry is that of a bundle: log and journal without it."""
    lines = c.lines()
    assert b'"archived"' in lines[-1]
    c.relog(lines[:-1])
    c.sql("DELETE FROM log WHERE idx = ?", len(lines) - 1)


def no_bundle(c):
    missing_all(c)
    c.sql("DELETE FROM bundle WHERE id = 'A000004'")


CASES = [
    ("V-01", changed_zip, False), ("V-01", changed_digest, False), ("V-01", changed_entry, False), ("V-01", changed_hash, False), ("V-01", changed_head, False), ("V-01", resealed, False),
    ("V-02", missing_zip, False), ("V-02", missing_all, False), ("V-03", extra, False), ("V-04", gap_tile, False), ("V-04", gap_head, False), ("V-04", gap_signed, False),
    ("V-05", order_signed, False), ("V-05", order_plain, False), ("V-06", rolled_back, True), ("V-06", rolled_back_signed, True), ("V-06", old_head_only, False), ("V-07", forked_log, True),
    ("V-07", forked_both, True), ("V-08", other_key_bundle, False), ("V-08", other_key_log, False), ("V-10", cut_zip, False), ("V-10", no_zip, False), ("V-11", not_in_log, False),
    ("V-12", no_bundle, False),
]

made = subprocess.run([PROGRAM, "demo", HOME], capture_output=True, text=True)
tap.ok(made.returncode == 0, "a site is played", made.stdout + made.stderr)
OLD_LOG = os.path.join(TEMP, "old-log")
shutil.copytree(os.path.join(HOME, "archive/log"), OLD_LOG)
OLD_SIZE = len(tlog.entries(OLD_LOG))
OLD_HEAD = os.path.join(TEMP, "old-head")
shutil.copy(os.path.join(OLD_LOG, "checkpoint"), OLD_HEAD)
eg("config", "set", "mail.summary_at", "07:30")
eg("run")
NEW_HEAD = os.path.join(TEMP, "new-head")
shutil.copy(os.path.join(HOME, "archive/log/checkpoint"), NEW_HEAD)
lines = tlog.entries(os.path.join(HOME, "archive/log"))
tap.ok(len(lines) > OLD_SIZE, "the log goes on: %d entries after %d" % (len(lines), OLD_SIZE))
said = eg("audit", "verify", "--since", OLD_HEAD)
tap.ok(said.returncode == 0 and "since    good" in said.stdout, "the log continues the old head", said.stdout + said.stderr)

c = Copy()
c.relog(c.lines())
tap.ok(read(os.path.join(c.log, "checkpoint")) == read(NEW_HEAD), "the test's own log writer and openssl make the same signed head, byte for byte")

for code, act, needs_head in CASES:
    # what not_in_log needs: an entry of a bundle at the end
    c = Copy()
    if act is not_in_log:
        lines = c.lines()
        last = max(i for i, line in enumerate(lines) if b'"event":"archived"' in line) + 1
        c.relog(lines[:last])
        c.sql("DELETE FROM log WHERE idx >= ?", last)
    act(c)
    args = ["audit", "verify", "ALL"] + (["--since", NEW_HEAD] if needs_head else [])
    said = eg(*args, site=c.site)
    found = set(re.findall(r"BROKEN (V-\d\d) ([a-z -]+):", said.stdout))
    tap.ok(said.returncode == 2 and found == {(code, CODES[code])}, "%s: %s %s" % (act.__name__, code, CODES[code]), "exit %d\n%s" % (said.returncode, said.stdout + said.stderr))
    said = eg(*(args + ["--json"]), site=c.site)
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    tap.same({r["code"] for r in rows if r.get("good") is False}, {code}, "%s: --json has the code, too" % act.__name__)

# --key: whose signatures are asked for
public = os.path.join(TEMP, "gateway.pub.pem")
shutil.copy(os.path.join(HOME, "keys/gateway.pub.pem"), public)
tap.same(eg("audit", "verify", "--key", public).returncode, 0, "--key with the gateway's public key: good")
other = os.path.join(TEMP, "stranger.pub.pem")
shell("openssl pkey -in '%s' -pubout -out '%s'" % (c.stranger(), other))
said = eg("audit", "verify", "--key", other)
tap.same((said.returncode, set(re.findall(r"BROKEN (V-\d\d)", said.stdout))), (2, {"V-08"}), "--key with somebody else's: wrong key")

# proofs: made by erpgate, checked without it
proof, key = os.path.join(TEMP, "proof"), os.path.join(HOME, "keys/gateway.pub.pem")
check = lambda *args: subprocess.run(["sh", os.path.join(ROOT, "scripts/erpgate-check-proof")] + list(args), capture_output=True, text=True)
for what in ("0", "7", str(len(tlog.entries(os.path.join(HOME, "archive/log"))) - 1), "A000012"):
    eg("audit", "prove", what, "-o", proof)
    said = check(proof, key)
    tap.ok(said.returncode == 0 and eg("audit", "verify", "--proof", proof).returncode == 0, "entry %s: its proof holds for a shell, openssl and sha256sum, and for audit verify" % what, said.stderr)
tap.ok('"id":"A000012"' in said.stdout and '"sha256"' in said.stdout, "a bundle's proof shows the entry that sealed it", said.stdout)
good = read(proof)
for what, text in (("another index", good.replace(b"index ", b"index 1", 1)), ("a changed entry", good.replace(b"extra eyJ", b"extra eyK", 1)), ("a changed head", re.sub(rb"\n(\d+)\n(?=[^\n]{44}\n\n)", rb"\n1\g<1>\n", good))):
    write(proof, text)
    tap.ok(text != good and check(proof, key).returncode == 1 and eg("audit", "verify", "--proof", proof).returncode in (2, 65), "%s: refused by both" % what)
write(proof, good)
tap.ok(check(proof, other).returncode == 1, "somebody else's key: refused by the script")
tap.same(eg("audit", "prove", "7", "--to", OLD_HEAD, "-o", proof).returncode, 0, "a proof in the tree of an old head")
tap.ok(b"\n%d\n" % OLD_SIZE in read(proof) and check(proof, key).returncode == 0, "it carries that head and holds")
eg("audit", "prove", "--since", OLD_HEAD, "-o", proof)
said = eg("audit", "verify", "--proof", proof)
tap.ok(said.returncode == 0 and "continues the one of %d" % OLD_SIZE in said.stdout, "a proof that the log continues an old head", said.stdout + said.stderr)
tap.same(eg("audit", "prove", "9999").returncode, 65, "an entry that is not there: 65")
tap.end()
