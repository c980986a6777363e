#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Batches that have left: sent again after a lost delivery, and declared void. Then both killed before every call that changes the disk, by a preloaded library that counts them,
with a turn as the recovery: never a file beside items that can be sent again, never items without their way, never a second batch of one number."""
import os, shutil, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,%s,C,Duluth,MN,US,Yes,\n"
QUICK = ("settle.quiet = 0s", "run.settle_timeout = 1s", "approvals.require_signature = no")


def heads():
    rows = open(os.path.join(ROOT, "tests/rules/heads.txt"), encoding="utf-8").read().splitlines()
    return dict(r.split(" ", 1) for r in rows if r and not r.startswith("#"))


HEAD = heads()


def ack(site, name, key, error="", code=""):
    site.drop("cmic", name, HEAD["cmic-ack"] + "\nVENDOR,%s,%s,%s,%s\n" % (key, code, "Y" if not error else "", error))
    return site.run()


def sent(name):
    """A site that has sent one company as B000001."""
    site = Site(name, settings=QUICK)
    site.drop("procore", "companies.csv", COMPANY % (4711, "Elm Roofing"))
    site.run()
    site.call("approve", "vendor/4711", "--as", "pat", "--erp-id", "ELM001")
    site.run()
    return site


def out(site):
    where = os.path.join(site.path, "spool/out/cmic")
    return {n: read(os.path.join(where, n)) for n in sorted(os.listdir(where))}


def fetch(site):
    """The receiver takes everything."""
    files = out(site)
    for n in files:
        os.unlink(os.path.join(site.path, "spool/out/cmic", n))
    return files


def item(site, iid="vendor/4711"):
    return [i for i in site.json("queue", "--all") if i.get("id") == iid][0]


def batch(site, b="B000001"):
    return [j for j in site.json("show", b) if j.get("type") == "batch"][0]


def proof(site):
    path = os.path.join(TEMP, "import log.txt")
    write(path, "2026-11-20 0 of 1 rows imported, rolled back\n")
    return path


def refused(site, words, status, text, what):
    p = site.ask(*words)
    return tap.ok(p.returncode == status and text in p.stderr, what, "%d\n%s" % (p.returncode, p.stderr))


# ---- republish ----

site = sent("again")
refused(site, ("republish", "B000001", "--reason", "lost"), 65, "still in spool/out/cmic", "what is still in out/ is not sent again")
refused(site, ("republish", "B000001"), 64, "--reason", "a reason is needed")
refused(site, ("republish", "B000099", "--reason", "x"), 66, "There is no batch", "an unknown batch is told")
first = fetch(site)
site.call("republish", "B000001", "--reason", "the transfer job deleted it")
tap.same(fetch(site), first, "the same names and the same bytes")
site.call("republish", "B000001", "--reason", "and once more")
tap.same(batch(site)["republished"], 2, "show says how often")
tap.same(item(site)["state"], "exported", "the item stays where it was")
tap.same([j["event"] for j in site.json("log", "B000001")], ["batch", "published", "republish", "republished", "republish", "republished"], "each is logged, with who and why")
fetch(site)
site.call("users", "add", "rita", "--role", "standard", "--approve", "all")
refused(site, ("republish", "B000001", "--reason", "x", "--as", "rita"), 77, "E-74", "only an administrator may")
broken = sent("broken")
fetch(broken)
zips = [os.path.join(d, n) for d, _, names in os.walk(os.path.join(broken.path, "archive")) for n in names if n.endswith(".zip")]
for z in zips:
    data = bytearray(read(z))
    data[len(data) // 2] ^= 1
    os.chmod(z, 0o600)
    write(z, bytes(data))
refused(broken, ("republish", "B000001", "--reason", "x"), 65, "not as it was sealed", "nothing leaves out of a bundle that was changed")
tap.same(out(broken), {}, "and nothing did")
ack(site, "CMIC_ACK_1.csv", "ELM001")
refused(site, ("republish", "B000001", "--reason", "x"), 75, "has answered", "what the ERP has answered is not sent again")
refused(site, ("void", "B000001", "--reason", "x", "--proof", proof(site), "--as", "pat"), 75, "took it in", "and is not void")

# ---- void ----

site = sent("void")
refused(site, ("void", "B000001", "--reason", "x", "--as", "pat"), 64, "--proof", "a proof is needed")
tap.ok(site.ask("void", "B000001", "--reason", "x", "--proof", "/nonexistent", "--as", "pat").returncode != 0, "one that is not there is told")
refused(site, ("void", "B000001", "--reason", "x", "--proof", proof(site)), 77, "E-74", "the operator of the machine is no person with a name")
before = item(site)
site.call("void", "B000001", "--reason", "rolled back by IT", "--proof", proof(site), "--as", "pat")
tap.same(out(site), {}, "the file that nobody had fetched is taken back")
tap.same((item(site)["state"], item(site)["accepted"], item(site)["content"]), ("waiting", False, before["content"]), "the item is undecided again")
b = batch(site)
tap.same((b["state"], b["void"]["actor"], b["void"]["reason"]), ("void", "pat", "rolled back by IT"), "the batch says by whom and why")
tap.ok(b["void"]["bundle"], "the proof is sealed")
where = os.path.join(TEMP, "proof")
site.call("audit", "extract", b["void"]["bundle"], "-o", where)
found = [read(os.path.join(d, n)) for d, _, names in os.walk(where) for n in names if n.startswith("import")]
tap.same(found, [read(proof(site))], "as it was given")
act = [json.load(open(os.path.join(d, n), encoding="utf-8")) for d, _, names in os.walk(where) for n in names if n == "act.json"][0]
tap.same((act["actor"], act["void"]["files"][0]["recalled"]), ("pat", True), "with the act beside it")
tap.same(site.ask("audit", "verify", "ALL").returncode, 0, "and every bundle verifies")
refused(site, ("void", "B000001", "--reason", "x", "--proof", proof(site), "--as", "pat"), 65, "void already", "void is for ever")
refused(site, ("republish", "B000001", "--reason", "x"), 65, "void", "and is never sent again")
refused(site, ("ack", "B000001"), 65, "F-77", "nor answered by hand")
tap.same(ack(site, "CMIC_ACK_1.csv", "ELM001"), 3, "an answer about it is no good turn")
told = [f for f in site.findings() if f["code"] == "F-77"]
tap.ok(len(told) == 1 and told[0]["item"] == "vendor/4711" and "B000001" in told[0]["message"], "but finding F-77", told)
tap.same(item(site)["state"], "waiting", "and changes nothing")
site.call("approve", "vendor/4711", "--as", "pat", "--erp-id", "ELM001")
site.run()
tap.same(sorted(out(site)), ["CMIC_VENDOR_B000002.csv"], "a new decision sends it with the next number")
tap.same(ack(site, "CMIC_ACK_B000001_late.csv", "ELM001", code="ELM001"), 3, "an answer that names the void batch is not the new one's")
tap.same(item(site)["state"], "exported", "it still waits for its own")
ack(site, "CMIC_ACK_B000002.csv", "ELM001", code="ELM001 ")
tap.same(item(site)["state"], "synced", "which counts")

# ---- killed before every call ----

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>
static void point(void)
{
	static long left = -1;
	if (left == -1) {
		const char *at = getenv("KILL_AT");
		left = at == NULL ? 0 : atol(at);
	}
	if (left > 0 && --left == 0)
		kill(getpid(), SIGKILL);
}
#define CALL(type, name, params, args) \
	type name params { static type (*real) params; if (real == NULL) real = dlsym(RTLD_NEXT, #name); point(); return real args; }
CALL(int, renameat2, (int a, const char *b, int c, const char *d, unsigned f), (a, b, c, d, f))
CALL(int, unlinkat, (int a, const char *b, int c), (a, b, c))
CALL(int, mkdirat, (int a, const char *b, mode_t c), (a, b, c))
CALL(int, fsync, (int a), (a))
CALL(int, fdatasync, (int a), (a))
CALL(int, ftruncate, (int a, off_t b), (a, b))
CALL(int, ftruncate64, (int a, off64_t b), (a, b))
CALL(ssize_t, pwrite64, (int a, const void *b, size_t c, off64_t d), (a, b, c, d))
CALL(ssize_t, pwrite, (int a, const void *b, size_t c, off_t d), (a, b, c, d))
CALL(int, unlink, (const char *a), (a))
"""


def shim():
    c, so = os.path.join(TEMP, "shim.c"), os.path.join(TEMP, "shim.so")
    write(c, SHIM)
    p = subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", so, c, "-ldl"], capture_output=True, text=True)
    return so if p.returncode == 0 else None


def sweep(what, base, words, check, library):
    """Kills the command before its first, second … changing call until it survives; after each, a turn; then the check and the command once more."""
    bad, n = [], 0
    while n < 400:
        n += 1
        victim = os.path.join(TEMP, "victim")
        shutil.rmtree(victim, ignore_errors=True)
        shutil.copytree(base.path, victim)
        site = Site.__new__(Site)
        site.path, site.key = victim, base.key
        p = subprocess.run([PROGRAM, "-C", victim, *words], capture_output=True, text=True, env={**os.environ, "LD_PRELOAD": library, "KILL_AT": str(n)})
        if p.returncode != -9:
            break
        wrong = check(site)
        if wrong:
            bad.append("kill %d: %s" % (n, wrong))
    tap.ok(n > 10 and not bad, "%s: killed before each of %d calls" % (what, n - 1), "\n".join(bad) or p.stderr)


def leftovers(site):
    work = os.path.join(site.path, "spool/work")
    return [n for n in os.listdir(work) if not n.startswith(".")]


def check_again(site):
    if site.run() != 0:
        return "the next turn fails"
    if leftovers(site):
        return "left in work: %s" % leftovers(site)
    state = batch(site)
    files = fetch(site)
    if state["state"] != "done":
        return "the batch is %s" % state["state"]
    if files not in ({}, GOOD):
        return "other bytes or names: %r" % files
    if bool(files) != (state["republished"] == 1):
        return "log and folder differ: %d, %r" % (state["republished"], sorted(files))
    return ""


def check_void(site):
    fetched_before = out(site)
    in_doubt = batch(site)["state"]
    if in_doubt == "void" and fetched_before:
        return "void, and its file can still be fetched"
    if site.run() != 0:
        return "the next turn fails"
    if leftovers(site):
        return "left in work: %s" % leftovers(site)
    state, files = batch(site)["state"], out(site)
    vendor = item(site)
    if state == "void":
        return "" if not files and vendor["state"] == "waiting" and batch(site)["void"]["bundle"] else "void: %r %s" % (sorted(files), vendor["state"])
    if state != "done" or vendor["state"] != "exported" or files != GOOD:
        return "neither before nor after: %s, %s, %r" % (state, vendor["state"], sorted(files))
    site.call("void", "B000001", "--reason", "x", "--proof", proof(site), "--as", "pat")
    return "" if batch(site)["state"] == "void" and not out(site) else "the second time does not work"


library = shim()
if library is None:
    tap.skip("killed before every call", "there is no C compiler here")
else:
    base = sent("sweep")
    GOOD = out(base)
    sweep("void", base, ("void", "B000001", "--reason", "x", "--proof", proof(base), "--as", "pat"), check_void, library)
    fetch(base)
    sweep("republish", base, ("republish", "B000001", "--reason", "x"), check_again, library)
tap.end()
