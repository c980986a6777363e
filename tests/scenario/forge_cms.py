#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Approvals signed with certificates (.p7s): what counts, and every way in which one does not: expired, not yet valid, another CA, self-signed, other bytes, enclosed bytes, weak
digest or key, two signers, a key that no user has, half a file, late, and a file changed between looking and taking.
"""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from attack import *

tap = Tap()
attack = Attacks(tap)
HOME = os.path.join(TEMP, "cms")
os.mkdir(HOME)
CONF = os.path.join(HOME, "ca.cnf")
write(CONF, "[ca]\ndefault_ca = d\n[d]\ndatabase = %s/index\nserial = %s/serial\nnew_certs_dir = %s\ndefault_md = sha256\npolicy = p\nunique_subject = no\n[p]\ncommonName = supplied\n"
      "[req]\ndistinguished_name = n\n[n]\n[ext]\nbasicConstraints = CA:FALSE\nkeyUsage = digitalSignature\nextendedKeyUsage = emailProtection\n"
      "[web]\nbasicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\n[root]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = keyCertSign\n" % (HOME, HOME, HOME))


def openssl(*words, data=None):
    p = subprocess.run(["openssl", *words], input=data, capture_output=True, cwd=HOME)
    assert p.returncode == 0, p.stderr.decode()
    return p.stdout


def key(name, *how):
    openssl("genpkey", "-algorithm", *(how or ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")), "-out", name + ".key")
    write(os.path.join(HOME, name + ".pub"), openssl("pkey", "-in", name + ".key", "-pubout"))


def root(name):
    key(name)
    openssl("req", "-x509", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-days", "3650", "-out", name + ".crt", "-config", CONF, "-extensions", "root")


def certificate(name, ca="firm", dates=(), ext="ext", of=None):
    write(os.path.join(HOME, "index"), "")
    write(os.path.join(HOME, "serial"), "%02X\n" % (1 + len(os.listdir(HOME))))
    openssl("req", "-new", "-key", (of or name) + ".key", "-subj", "/CN=" + name, "-out", name + ".csr", "-config", CONF)
    openssl("ca", "-batch", "-config", CONF, "-cert", ca + ".crt", "-keyfile", ca + ".key", "-in", name + ".csr", "-out", name + ".crt", "-extensions", ext, "-notext",
            *(dates or ("-days", "365")))


def cms(data, *names, more=(), form="DER"):
    who = [w for n in names for w in ("-signer", n + ".crt", "-inkey", n + ".key")]
    return openssl("cms", "-sign", "-binary", "-outform", form, *who, *more, data=data)


root("firm")
root("other")
for person, how in (("ann", ()), ("rsa", ("RSA", "-pkeyopt", "rsa_keygen_bits:2048")), ("small", ("RSA", "-pkeyopt", "rsa_keygen_bits:1024")), ("curve", ("EC", "-pkeyopt", "ec_paramgen_curve:P-384")),
                    ("stranger", ())):
    key(person, *how)
    certificate(person)
shutil.copy(os.path.join(HOME, "ann.key"), os.path.join(HOME, "old.key"))
for copy in ("future", "foreign", "self", "server"):
    shutil.copy(os.path.join(HOME, "ann.key"), os.path.join(HOME, copy + ".key"))
certificate("old", dates=("-startdate", "20200101000000Z", "-enddate", "20210101000000Z"))
certificate("future", dates=("-startdate", "20490101000000Z", "-enddate", "20500101000000Z"))
certificate("foreign", ca="other")
certificate("server", ext="web")
openssl("req", "-x509", "-new", "-key", "self.key", "-subj", "/CN=self", "-days", "365", "-out", "self.crt", "-config", CONF, "-extensions", "ext")

site = decision_site("cms", numbers=("SC-1", "SC-2", "SC-3", "SC-4", "SC-5"))
ALL = {"SC-%d" % i: "waiting" for i in range(1, 6)}
for name in ("ann", "rsa"):
    site.call("users", "add", name, "--role", "standard", "--approve", "commitment", "--pubkey", os.path.join(HOME, name + ".pub"))
serial = iter(range(1, 1000))


def fresh(number="SC-1"):
    return site.sheet([{"Item": "commitment/24-118/" + number, "Decision": "Accept", "Comment": "c%d" % next(serial)}])


def drop(name, data, p7s):
    site.drop("approvals", name + ".p7s", p7s)
    site.drop("approvals", name, data)


def bad(what, data, p7s, words=("changed after signing",)):
    name = "s%d.csv" % next(serial)
    drop(name, data, p7s)
    tap.same(site.run(), 3, what + ": run ends 3")
    attack.refused(site, what, name, data, [("F-62", 1, "")], words, ALL)


def good(what, number, name, *how, **more):
    data = fresh(number)
    drop("g%d.csv" % next(serial), data, cms(data, name, *how, **more))
    ALL[number] = "exported"
    tap.same((site.run(), site.findings(), states(site)), (0, [], ALL), what + ": counts")


data = fresh()
bad("before approvals.ca is set", data, cms(data, "ann"), ["approvals.ca"])
site.call("config", "set", "approvals.ca", "ca.pem")
data = fresh()
bad("the CA file is not there", data, cms(data, "ann"), ["keys/ca.pem"])
write(os.path.join(site.path, "keys/ca.pem"), "no certificate")
data = fresh()
bad("the CA file holds no certificate", data, cms(data, "ann"), ["keys/ca.pem", "no certificate"])
shutil.copy(os.path.join(HOME, "firm.crt"), os.path.join(site.path, "keys/ca.pem"))
good("P-256", "SC-1", "ann")
good("RSA, as PEM", "SC-2", "rsa", form="PEM")
for what, signers, more in (("expired", ["old"], ()), ("not yet valid", ["future"], ()), ("from another CA", ["foreign"], ()), ("self-signed", ["self"], ()), ("for web servers", ["server"], ()),
                            ("of a key that no user has", ["stranger"], ()), ("weak RSA key", ["small"], ()), ("another curve", ["curve"], ()), ("two signers", ["ann", "rsa"], ()),
                            ("SHA-1", ["ann"], ("-md", "sha1")), ("MD5", ["rsa"], ("-md", "md5")), ("SHA-224", ["ann"], ("-md", "sha224")), ("the sheet enclosed", ["ann"], ("-nodetach",)),
                            ("no certificate in it", ["ann"], ("-nocerts",))):
    data = fresh("SC-3")
    bad("certificate: " + what, data, cms(data, *signers, more=more))
data, other = fresh("SC-3"), fresh("SC-4")
bad("of another sheet", data, cms(other, "ann"))
p7s = cms(fresh("SC-3"), "ann")
bad("cut", fresh("SC-3"), p7s[:-9])
bad("no CMS at all", fresh("SC-3"), b"\x30" + b"junk" * 40)
bad("PEM of something else", fresh("SC-3"), read(os.path.join(HOME, "ann.crt")))
data = fresh("SC-3")
whole = cms(data, "ann")
for at in range(0, len(whole), 97):
    site.drop("approvals", "b%d.csv.p7s" % at, whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1:])
    site.drop("approvals", "b%d.csv" % at, data)
site.run()
# what no signature covers, an algorithm's optional NULL or an unsigned name of the CA, may differ without harm: then the sheet is simply the one that ann signed
codes = {f["code"] for f in said(site)}
tap.ok(codes <= {"F-62"}, "bits of a .p7s: refused", codes)
if states(site)["SC-3"] == "waiting":
    drop("whole.csv", data, whole)
    tap.same((site.run(), states(site)["SC-3"]), (0, "exported"), "bits of a .p7s: the whole one counts")
ALL["SC-3"] = "exported"

# ---- late ----

site.call("config", "set", "settle.quiet", "3s")
site.call("config", "set", "run.settle_timeout", "20s")
data = fresh("SC-4")
site.drop("approvals", "late.csv", data)
tap.same((site.run(), [f["code"] for f in site.findings()]), (0, ["F-61"]), "a .p7s that is still to come: parked")
p7s, path = cms(data, "ann"), os.path.join(site.path, "spool/drop/approvals/late.csv.p7s")
write(path, p7s[:len(p7s) // 2])
child = subprocess.Popen([PROGRAM, "-C", site.path, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
children.append(child)
time.sleep(0.7)
with open(path, "ab") as f:  # the other half comes while the run is looking at the first
    f.write(p7s[len(p7s) // 2:])
tap.same(child.wait(60), 0, "a .p7s that arrives in two halves: the run waits until it is still")
ALL["SC-4"] = "exported"
tap.same((states(site), os.listdir(os.path.dirname(path))), (ALL, []), "a .p7s that arrives in two halves: applied, not refused half-read")
data = fresh("SC-5")
site.drop("approvals", "open.csv", data)
site.run()
site.call("config", "set", "run.settle_timeout", "1s")
with open(os.path.join(site.path, "spool/drop/approvals/open.csv.p7s"), "wb") as writer:
    writer.write(cms(data, "ann"))
    writer.flush()
    tap.same((site.run(), [(f["code"], f["file"]) for f in site.findings()], states(site)["SC-5"]), (3, [("F-60", "open.csv.p7s")], "waiting"), "a .p7s that its sender still has open: left and told")
site.call("config", "set", "settle.quiet", "0s")
tap.same((site.run(), states(site)["SC-5"]), (0, "exported"), "closed, it counts")
tap.end()
