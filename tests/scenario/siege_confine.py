#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The confinement as an administrator sees it: what doctor says, and a kernel without Landlock (made here by a filter that answers "no such call")."""
import ctypes, os, struct, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
LANDLOCK_CREATE_RULESET = 444
ENOSYS = 38


def without_landlock():
    """In the child, before it becomes erpgate: a seccomp filter for one call."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = b"".join(struct.pack("=HBBI", *i) for i in (
        (0x20, 0, 0, 0),  # load the number of the call
        (0x15, 0, 1, LANDLOCK_CREATE_RULESET),  # is it that one? else skip
        (0x06, 0, 0, 0x00050000 | ENOSYS),  # answer ENOSYS
        (0x06, 0, 0, 0x7fff0000)))  # allow
    buf = ctypes.create_string_buffer(code)
    prog = struct.pack("@HxxxxxxP", len(code) // 8, ctypes.addressof(buf))
    keep = ctypes.create_string_buffer(prog)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(keep)), 0, 0) != 0:
        os._exit(99)


def old_kernel(site, *words):
    return subprocess.run([PROGRAM, "-C", site.path, *words], capture_output=True, text=True, preexec_fn=without_landlock)


def checks(p):
    return {c["what"].strip(): c for c in map(json.loads, p.stdout.splitlines()) if c["type"] == "check"}


def logged(site):
    import sqlite3
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(site.path, "state.db"), uri=True)
    rows = [json.loads(r[0])["detail"] for r in db.execute("SELECT line FROM log WHERE event='sandbox' ORDER BY idx")]
    db.close()
    return rows


site = Site("confined")
here = checks(site.ask("doctor", "--json"))
if "instrumented" in here["worker's sandbox"]["detail"]:
    tap.skip("confinement", "this build is instrumented")
    tap.end()
tap.ok(here["worker's sandbox"]["good"] and "strict" in here["worker's sandbox"]["detail"] and "was ended" in here["worker's sandbox"]["detail"],
       "doctor: strict, and tried out", here)
tap.ok("512 MiB" in here["limits"]["detail"] and "CPU 10 s" in here["limits"]["detail"] and "120 s" in here["limits"]["detail"], "doctor: the limits", here["limits"])
tap.ok("15 system calls" in here["seccomp"]["detail"], "doctor: the filter", here["seccomp"])
tap.ok("ABI" in here["Landlock"]["detail"], "doctor: Landlock with its version", here["Landlock"])

small_reference(site)
site.drop("procore", "c.csv", commitments("SC-1"))
p = old_kernel(site, "doctor", "--json")
found = checks(p)
tap.same((p.returncode, found["Landlock"]["good"], found["worker's sandbox"]["good"]), (2, False, False), "an old kernel: doctor ends 2 and says which layer is missing")
p = old_kernel(site, "run")
tap.ok(p.returncode not in (0, 2, 3) and "Landlock" in p.stderr and "erpgate config set worker.sandbox weak" in p.stderr, "an old kernel: run stops and names the setting", p.stderr)
tap.same(os.listdir(os.path.join(site.path, "spool/drop/procore")), ["c.csv"], "an old kernel: nothing was taken")
tap.same(logged(site), [], "an old kernel: the log has nothing to say")

site.call("config", "set", "worker.sandbox", "weak")
p = old_kernel(site, "run")
tap.same(p.returncode, 0, "weak: run works")
tap.same(sorted(site.queue("--type", "commitment")), ["commitment/24-118/SC-1"], "weak: the file was read")
tap.same([(d["mode"], d["landlock"]) for d in logged(site)], [("weak", 0)], "weak: the log says so")
old_kernel(site, "run")
tap.same(len(logged(site)), 1, "weak: once, not with every run")
found = checks(old_kernel(site, "doctor", "--json"))
tap.ok(found["Landlock"]["good"] and "accepted by worker.sandbox" in found["Landlock"]["detail"] and "weak" in found["worker's sandbox"]["detail"], "weak: doctor says so", found)
site.call("config", "set", "worker.sandbox", "strict")
site.run()
tap.same([d["mode"] for d in logged(site)], ["weak", "strict"], "strict again: the log says so")
tap.end()
