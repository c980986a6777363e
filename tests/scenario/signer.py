#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""erpgate-signer under a user of its own: the site's user cannot read the key and gets signatures all the same; nobody else does; nothing but lists of digests, receipts and heads that
continue the last one is signed, whatever is put back or rewritten in the site; a signer that is away loses nothing. Needs root, to be two users."""
import base64, os, re, shutil, socket, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import tlog

tap = Tap()
if os.getuid() != 0:
    tap.skip("erpgate-signer under another user", "two users are needed, and only root can be both")
    tap.end()
SIGNER = os.path.join(os.path.dirname(PROGRAM), "erpgate-signer")
SITE_UID, SIGNER_UID, OTHER_UID = 61001, 61002, 61003
os.chmod(TEMP, 0o755)
PLACE = os.path.join(TEMP, "place")
HOME, DIR, SOCKET = os.path.join(PLACE, "demo"), os.path.join(TEMP, "signer"), os.path.join(TEMP, "run/signer.sock")
SAID = open(os.path.join(TEMP, "said"), "w+b")


def as_user(uid, *args, **more):
    return subprocess.run(list(args), capture_output=True, text=True, user=uid, group=uid, extra_groups=[], cwd=TEMP, **more)


def eg(*args):
    return as_user(SITE_UID, PROGRAM, "-C", HOME, *args)


def start():
    p = subprocess.Popen([SIGNER, "serve", DIR, "--user", str(SITE_UID), "--socket", SOCKET], stderr=SAID, user=SIGNER_UID, group=SIGNER_UID, extra_groups=[], cwd=TEMP)
    children.append(p)
    assert wait_for(lambda: os.path.exists(SOCKET) and answers(), 10), "the signer does not answer"
    return p


def answers():
    try:
        return ask(b"head\n") != b""
    except OSError:
        return False


def stop(p):
    p.terminate()
    p.wait(10)


def ask(question):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(SOCKET)
        try:
            s.sendall(question)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        got = b""
        while True:
            try:
                piece = s.recv(4096)
            except ConnectionResetError:  # closed on us while we still sent
                return got or b"refused by closing"
            if not piece:
                return got
            got += piece


def ask_as(uid, question):
    """The same as that user: the kernel notes who connects."""
    os.seteuid(uid)
    try:
        return ask(question)
    finally:
        os.seteuid(0)


def head():
    return read(os.path.join(HOME, "archive/log/checkpoint")).decode().split("\n")


def drop(n):
    """Something new for the log."""
    said = eg("config", "set", "mail.summary_at", "%02d:%02d" % (n // 60, n % 60))
    assert said.returncode == 0, said.stderr
    return eg("run")


os.mkdir(PLACE)
os.mkdir(DIR, 0o700)
os.mkdir(os.path.dirname(SOCKET), 0o755)
os.chown(os.path.dirname(SOCKET), SIGNER_UID, SIGNER_UID)
os.chown(PLACE, SITE_UID, SITE_UID)
os.chown(DIR, SIGNER_UID, SIGNER_UID)

# a site that signed by itself moves its key to the signer
said = as_user(SITE_UID, PROGRAM, "demo", HOME)
if said.returncode != 0 and "ermission" in said.stderr:
    tap.skip("erpgate-signer under another user", "other users cannot reach %s" % PROGRAM)
    tap.end()
tap.ok(said.returncode == 0, "a site of its own user is played", said.stdout + said.stderr)
shutil.move(os.path.join(HOME, "keys/gateway.pem"), os.path.join(DIR, "key.pem"))
os.chown(os.path.join(DIR, "key.pem"), SIGNER_UID, SIGNER_UID)
os.chmod(os.path.join(DIR, "key.pem"), 0o400)
with open(os.path.join(HOME, "erpgate.conf"), "a") as f:
    f.write("sign.socket = %s\n" % SOCKET)
signer = start()
tap.ok(as_user(SITE_UID, "cat", os.path.join(DIR, "key.pem")).returncode != 0, "the site's user cannot read the key")
said = eg("doctor")
tap.ok("held by the signer" in said.stdout, "doctor: the key is held by the signer", said.stdout)
tap.ok(drop(1).returncode == 0, "a turn with the signer")
said = eg("audit", "verify", "ALL")
tap.ok(said.returncode == 0, "audit verify finds everything good", said.stdout + said.stderr)
shutil.copytree("samples/cmic/night-1/procore", os.path.join(TEMP, "night"))
for f in os.listdir(os.path.join(TEMP, "night")):
    shutil.copy(os.path.join(TEMP, "night", f), os.path.join(HOME, "spool/drop/procore", "again-" + f))
    os.chown(os.path.join(HOME, "spool/drop/procore", "again-" + f), SITE_UID, SITE_UID)
before = len(os.listdir(os.path.join(HOME, "archive/keys")))
said = eg("run")
tap.ok(said.returncode in (0, 3) and eg("audit", "verify", "ALL").returncode == 0, "drops are sealed with the signer's signature, by the same key as before", said.stdout + said.stderr)
tap.same(len(os.listdir(os.path.join(HOME, "archive/keys"))), before, "no second key")
SAID.flush()
tap.ok(b"signed the head of erpgate/demo" in read(SAID.name), "the signer says what it signed", read(SAID.name))
with open(os.path.join(HOME, "keys/gateway.pem"), "w") as f:
    f.write("left behind")
tap.ok("still lies here" in eg("doctor").stdout, "doctor: a key file left behind")
os.remove(os.path.join(HOME, "keys/gateway.pem"))

# who may ask, and for what
line = b"0" * 64 + b"  A000001.zip\n"
tap.ok(ask_as(SITE_UID, b"sign\n" + line).startswith(b"signature "), "the site's user gets a list of digests signed")
for who, uid in (("another user", OTHER_UID), ("root", 0), ("the signer's own user", SIGNER_UID)):
    tap.ok(ask_as(uid, b"sign\n" + line).startswith(b"refused SIGNER-NO"), "%s: refused" % who)
origin, size, root = head()[:3]
body = ("%s\n%s\n%s\n" % (origin, size, root)).encode()
for what, question in (("a head as if it were anything", b"sign\n" + body), ("bytes of the site's choice", b"sign\nDecision,Item\nAccept,commitment/1\n"), ("a digest in capitals", b"sign\n" + b"A" * 64 + b"  x\n"),
                       ("a digest and something behind it", b"sign\n" + line + b"x"), ("a digest with a control byte in its name", b"sign\n" + b"0" * 64 + b"  a\x00b\n"), ("nothing", b"sign\n"), ("no question", b""), ("half a word", b"publ"),
                       ("a head without a proof", b"publish 0\n\n" + body.replace(size.encode(), b"%d" % (int(size) + 1))), ("another log's head", b"publish 0\n\nerpgate/other\n99999\n%s\n" % root.encode()),
                       ("another head of this size", b"publish 0\n\n%s\n%s\n%s\n" % (origin.encode(), size.encode(), base64.b64encode(b"x" * 32))), ("a smaller head", b"publish 0\n\n%s\n1\n%s\n" % (origin.encode(), root.encode())),
                       ("a head spelled otherwise", b"publish 0\n\n" + body.replace(size.encode(), b"0" + size.encode())), ("a proof of a million hashes", b"publish 1000000\n\n" + body), ("a question of 17 MB", b"sign\n" + b"0" * (17 << 20))):
    got = ask_as(SITE_UID, question)
    tap.ok(got.startswith(b"refused "), "%s: refused" % what, got)
tap.ok(ask_as(SITE_UID, b"publish 0\n\n" + body).startswith(b"signature "), "the same head again: the same signature, for an answer that a crash lost")

# an older state put back, and a rewritten one
saved = os.path.join(TEMP, "saved")
shutil.copytree(HOME, saved, symlinks=True)
newest = [drop(n).returncode for n in (2, 3, 4)]
tap.same(newest, [0, 0, 0], "three more turns")
signed = int(head()[1])


def put_back(source):
    shutil.rmtree(HOME)
    shutil.copytree(source, HOME, symlinks=True)
    for d, dirs, files in os.walk(HOME):
        for f in dirs + files + ["."]:
            os.chown(os.path.join(d, f), SITE_UID, SITE_UID, follow_symlinks=False)


new = os.path.join(TEMP, "new")
shutil.copytree(HOME, new, symlinks=True)
put_back(saved)
said = drop(5)
tap.ok(said.returncode != 0 and "older state" in said.stderr and "LOG-FORK" in said.stderr, "the whole site put back: no head is signed, and it says why", "%d %s" % (said.returncode, said.stderr))
for n in range(6, 16):
    said = drop(n)
tap.ok(int(head()[1]) < signed and said.returncode != 0 and ("continue" in said.stderr or "another head" in said.stderr), "when it has grown past the signed head: still none, it does not continue it", "%s %s" % (head()[1], said.stderr))
put_back(new)
said = drop(20)
tap.ok(said.returncode == 0 and int(head()[1]) > signed, "the newer state put back: it goes on", said.stderr)

# a signer that is away, and one that comes back after a kill
stop(signer)
said = drop(21)
tap.ok(said.returncode == 75 and "does not answer" in said.stderr, "without the signer a turn ends with 75 and says so", "%d %s" % (said.returncode, said.stderr))
signer = start()
said = eg("run")
tap.ok(said.returncode == 0 and eg("audit", "verify", "ALL").returncode == 0, "when it is back everything is signed", said.stderr)
signer.kill()
signer.wait()
signer = start()
tap.ok(ask_as(SITE_UID, b"head\n").split()[1].decode() == head()[1], "killed and started: it knows its last head")

# the head it keeps was lost for good
stop(signer)
put_back(saved)
said = as_user(SIGNER_UID, SIGNER, "forget", DIR)
tap.ok(said.returncode == 0 and "Forgotten" in said.stdout, "its owner has it forget", said.stdout + said.stderr)
signer = start()
tap.ok(drop(30).returncode == 0, "then the older state goes on: that is its owner's word, and old heads still tell it")
stop(signer)
write(os.path.join(DIR, "head"), b"erpgate/demo\n7\n")
tap.same(as_user(SIGNER_UID, SIGNER, "serve", DIR, "--user", "0", "--socket", SOCKET).returncode, 78, "a damaged head: it does not start")
tap.end()
