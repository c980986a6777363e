#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time stamps of the log's head (RFC 3161), with an authority made of the openssl command: asked by hand and by tsa.command, checked by erpgate and by `openssl ts -verify`; answers that
do not fit; certificates that end, with and without a later stamp. The class V-09 of audit verify is made here."""
import os, re, shutil, sys, time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import tsa

tap = Tap()
HOME = os.path.join(TEMP, "demo")
STAMPS = os.path.join(HOME, "archive/log/stamps")
DAY = 86400


def eg(*args, **more):
    return subprocess.run([PROGRAM, "-C", HOME] + list(args), capture_output=True, text=True, **more)


def utc(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * DAY))


def classes():
    said = eg("audit", "verify", "ALL")
    return said.returncode, set(re.findall(r"BROKEN (V-\d\d)", said.stdout)), said.stdout + said.stderr


def ask():
    path = os.path.join(TEMP, "request.tsq")
    said = eg("audit", "stamp-request", "-o", path)
    assert said.returncode == 0, said.stderr
    return path


def give(answer):
    path = os.path.join(TEMP, "answer.tsr")
    write(path, answer)
    return eg("audit", "stamp", path)


def by_hand(name, at=None):
    return subprocess.run(["openssl", "ts", "-verify", "-data", name + ".checkpoint", "-in", name + ".tsr", "-CAfile", name + ".ca.pem"] + (["-attime", str(at)] if at else []), cwd=STAMPS, capture_output=True, text=True)


if shutil.which("cc") is None:
    tap.skip("time stamps", "no C compiler to move the authority's clock with")
    tap.end()

made = subprocess.run([PROGRAM, "demo", HOME], capture_output=True, text=True)
tap.ok(made.returncode == 0, "a site is played", made.stdout + made.stderr)
desk, other = tsa.Authority(os.path.join(TEMP, "desk"), "Test authority"), tsa.Authority(os.path.join(TEMP, "other"), "Another authority")

# by hand
said = give(b"nothing")
tap.ok(said.returncode == 66 and "NOT-FOUND" in said.stderr, "an answer that nobody asked for", said.stderr)
request = ask()
first = desk.answer(request)
said = give(first)
tap.ok(said.returncode == 65 and "keys/tsa" in said.stderr, "without a certificate in keys/tsa nothing is believed", said.stderr)
os.makedirs(os.path.join(HOME, "keys/tsa"))
shutil.copy(desk.ca, os.path.join(HOME, "keys/tsa/desk.pem"))
subprocess.run(["openssl", "ts", "-query", "-data", request, "-sha256", "-cert", "-out", os.path.join(TEMP, "foreign.tsq")], capture_output=True)
for what, answer in (("bytes that are no answer", b"nothing"), ("an answer cut short", first[:-1]), ("one byte changed in it", first[:-40] + bytes([first[-40] ^ 1]) + first[-39:]), ("an answer to another request", desk.answer(os.path.join(TEMP, "foreign.tsq"))), ("another authority's answer", other.answer(request))):
    said = give(answer)
    tap.ok(said.returncode == 65 and "STAMP-BAD" in said.stderr, "%s: refused" % what, said.stdout + said.stderr)
said = give(first)
name = next(f[:-4] for f in os.listdir(STAMPS) if f.endswith(".tsr"))
tap.ok(said.returncode == 0 and "Test authority" in said.stdout and "openssl ts -verify" in said.stdout, "the answer to ours is taken", said.stdout + said.stderr)
tap.ok('stamped' in eg("log", name).stdout, "and logged", eg("log", name).stdout)
tap.ok(by_hand(name).returncode == 0, "openssl ts -verify says the same of what was kept", by_hand(name).stderr)
before = eg("log").stdout
tap.ok(give(first).returncode == 0 and eg("log").stdout == before, "the same answer again changes nothing")
eg("run")
code, found, text = classes()
tap.ok((code, found) == (0, set()) and "stamp    good" in text, "audit verify finds it good", text)

# what happens to the kept files
kept = os.path.join(STAMPS, name + ".tsr")
write(kept, first[:-40] + bytes([first[-40] ^ 1]) + first[-39:])
tap.same(classes()[:2], (2, {"V-01"}), "a changed stamp: V-01")
os.remove(kept)
tap.same(classes()[:2], (2, {"V-01"}), "a stamp that the log knows and the folder lacks: V-01")
write(kept, desk.answer(request))
tap.same(classes()[:2], (2, {"V-01"}), "another good answer than the one that was logged: V-01")
write(kept, first)
tap.same(classes()[:2], (0, set()), "put back: good")

# a program that asks, at once or when it is due
script = os.path.join(TEMP, "carry")
write(script, ("#!/bin/sh\ncat >'%s/in.tsq' && exec openssl ts -reply -config '%s' -queryfile '%s/in.tsq' -signer '%s' -inkey '%s' -chain '%s'\n" % (TEMP, desk.conf, TEMP, desk.at("tsa.pem"), desk.at("tsa.key"), desk.ca)).encode())
os.chmod(script, 0o755)
said = eg("audit", "stamp")
tap.ok(said.returncode == 66 and "tsa.command" in said.stderr, "without tsa.command nobody can be asked", said.stderr)
eg("config", "set", "tsa.command", script)
eg("run")
said = eg("audit", "stamp", "--json")
row = json.loads(said.stdout) if said.returncode == 0 else {}
tap.ok(row.get("type") == "stamped" and by_hand(row["name"]).returncode == 0, "tsa.command fetched a stamp of the newer head", said.stdout + said.stderr)
eg("run")
tap.same(classes()[:2], (0, set()), "two stamps, both good")
said = eg("audit", "stamp", "--renew")
tap.ok(said.returncode == 0 and "Nothing to renew" in said.stdout, "--renew: nothing is due", said.stdout + said.stderr)
for what, text in (("fails", "echo broken line >&2; exit 3"), ("answers nothing", "cat >/dev/null"), ("hangs", "echo $$ >'%s/hangs'; sleep 600" % TEMP)):
    write(script + ".bad", ("#!/bin/sh\n%s\n" % text).encode())
    os.chmod(script + ".bad", 0o755)
    eg("config", "set", "tsa.command", script + ".bad")
    eg("config", "set", "tsa.timeout", "1s")
    listed = sorted(os.listdir(STAMPS))
    said = eg("audit", "stamp")
    answered = [f for f in os.listdir(STAMPS) if f.endswith(".tsr")]
    tap.ok(said.returncode in (65, 75) and len(answered) == 2, "a program that %s: said, nothing taken" % what, "%d\n%s" % (said.returncode, said.stderr))
    if what == "fails":
        tap.ok(sorted(os.listdir(STAMPS)) == listed and "broken line" in said.stderr, "its words are told, and no request is left", said.stderr)
eg("config", "set", "tsa.command", "")

# certificates that end: the first stamps are of an authority whose certificate ended a month ago
for f in os.listdir(STAMPS):
    os.remove(os.path.join(STAMPS, f))
HOME = os.path.join(TEMP, "second")
STAMPS = os.path.join(HOME, "archive/log/stamps")
subprocess.run([PROGRAM, "demo", HOME], capture_output=True)
os.makedirs(os.path.join(HOME, "keys/tsa"))
shutil.copy(desk.ca, os.path.join(HOME, "keys/tsa/desk.pem"))
desk.certify(utc(-400), utc(-30))
said = give(desk.answer(ask(), -100 * DAY))
tap.same(said.returncode, 0, "a stamp of 100 days ago, whose certificate ended 30 days ago")
eg("run")
code, found, text = classes()
tap.ok((code, found) == (2, {"V-09"}) and "-attime" in text, "its certificate has ended: V-09, and only that", text)
name = next(f[:-4] for f in os.listdir(STAMPS) if f.endswith(".tsr"))
at = int(re.search(r"-attime (\d+)", text).group(1))
tap.ok(by_hand(name).returncode != 0 and by_hand(name, at).returncode == 0, "openssl refuses it as of today and takes it as of its day, with the -attime that was named")
said = eg("audit", "stamp", "--renew", "-o", os.path.join(TEMP, "renew.tsq"))
tap.ok(said.returncode == 0 and os.path.exists(os.path.join(TEMP, "renew.tsq")), "--renew writes a request", said.stdout + said.stderr)
desk.certify(utc(-10), utc(400))
tap.same(give(desk.answer(os.path.join(TEMP, "renew.tsq"))).returncode, 0, "the new stamp is taken")
eg("run")
tap.same(classes()[:2], (2, {"V-09"}), "it came behind the end of the old one: that gap stays told")

HOME = os.path.join(TEMP, "third")
STAMPS = os.path.join(HOME, "archive/log/stamps")
subprocess.run([PROGRAM, "demo", HOME], capture_output=True)
os.makedirs(os.path.join(HOME, "keys/tsa"))
shutil.copy(desk.ca, os.path.join(HOME, "keys/tsa/desk.pem"))
desk.certify(utc(-400), utc(-30))
give(desk.answer(ask(), -100 * DAY))
eg("run")
desk.certify(utc(-400), utc(400))
give(desk.answer(ask(), -40 * DAY))
eg("run")
code, found, text = classes()
tap.ok((code, found) == (0, set()) and "a later stamp took over" in text, "a later stamp in time, over a log that knew the old one: good", text)
tap.end()
