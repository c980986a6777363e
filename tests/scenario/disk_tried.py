#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A disk tried out before a site goes onto it: doctor --probe and selftest --crash, as people and programs read them. Both leave nothing behind and stand in the log."""
import os, sqlite3, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
KEYS = "kind room rename noreplace exclusive sync sync-folder lock map events lease grain link case unicode names sparse".split()


def log_of(site, event):
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(site.path, "state.db"), uri=True)
    rows = [json.loads(r[0]) for r in db.execute("SELECT line FROM log ORDER BY idx")]
    db.close()
    return [e for e in rows if e["event"] == event]


def ask(*words, before=()):
    return subprocess.run([*before, PROGRAM, *words], capture_output=True, text=True, cwd=TEMP)


def probe(site):
    folder = os.path.join(TEMP, "a folder")
    os.mkdir(folder)
    p = ask("doctor", "--probe", folder)
    tap.ok(p.returncode == 0 and "A site can stand here." in p.stdout, "probe without a site: status 0", p.stdout + p.stderr)
    for words in ("Atomic rename", "A file appears under its name whole, or not at all.", "Grain of timestamps", "File system"):
        tap.ok(words in p.stdout, "it says: " + words, p.stdout)
    tap.same(os.listdir(folder), [], "nothing is left")
    p = ask("doctor", "--probe", folder, "--json")
    lines = [json.loads(line) for line in p.stdout.splitlines()]
    tap.same([l["key"] for l in lines if l["type"] == "probe"], KEYS, "--json: a line for each promise")
    tap.ok(all(l["verdict"] in ("good", "note", "missing") and l["why"] and l["todo"] and l["result"] for l in lines[:-1]), "with what was seen, why it matters and what to do", lines)
    tap.same((lines[-1]["type"], lines[-1]["good"], lines[-1]["missing"], lines[-1]["logged"]), ("probed", True, 0, False), "and one for the whole")
    p = ask("-C", site.path, "doctor", "--probe", site.path)
    tap.ok(p.returncode == 0 and "Same mount as the spool" in p.stdout and "The log has the result" in p.stdout, "probe with a site", p.stdout + p.stderr)
    entry = log_of(site, "probed")
    tap.ok(len(entry) == 1 and entry[0]["id"] == os.path.realpath(site.path) and entry[0]["detail"]["good"] is True and set(entry[0]["detail"]["results"]) == set(KEYS + ["same-mount"]),
           "the log has every result", entry)
    p = ask("doctor", "--probe", os.path.join(TEMP, "nowhere"))
    tap.ok(p.returncode not in (0, 2) and "nowhere" in p.stderr, "a folder that is not there is no verdict", (p.returncode, p.stderr))


def probe_elsewhere(site):
    if os.path.ismount("/dev/shm") and os.access("/dev/shm", os.W_OK):
        p = ask("-C", site.path, "doctor", "--probe", "/dev/shm")
        tap.ok(p.returncode == 0 and "a power cut loses what was synced" in p.stdout and "files are copied" in p.stdout, "probe of a tmpfs: it forgets, and it is another mount", p.stdout)
    else:
        tap.skip("probe of a tmpfs", "there is none here")
    server = "/usr/lib/openssh/sftp-server"
    line, far, here = (os.path.join(TEMP, n) for n in ("line", "far", "here"))
    if shutil.which("sshfs") is None or not os.path.exists(server) or not os.path.exists("/dev/fuse"):
        tap.skip("probe of a server's folder", "there is no sshfs here")
        return
    os.mkdir(far)
    os.mkdir(here)
    write(line, "#!/bin/sh\nexec %s\n" % server)
    os.chmod(line, 0o755)
    made = subprocess.run(["sshfs", "-o", "ssh_command=" + line, "nobody:" + far, here], capture_output=True, text=True)
    if made.returncode != 0:
        tap.skip("probe of a server's folder", "sshfs cannot mount here: " + made.stderr.strip()[:100])
        return
    try:
        p = ask("doctor", "--probe", here)
        tap.ok(p.returncode == 2 and "FUSE (sshfs)" in p.stdout and "A site cannot stand here." in p.stdout and "local disk" in p.stdout, "probe of a server's folder: status 2 and what to do", p.stdout + p.stderr)
        tap.same(os.listdir(far), [], "nothing is left there")
    finally:
        subprocess.run(["umount", here], check=True)


def crash(site):
    p = ask("-C", site.path, "selftest", "--crash", "--kills", "9")
    tap.ok(p.returncode == 0 and "Passed: nothing was lost" in p.stdout and "lost 0   twice 0   torn 0   left over 0" in p.stdout, "selftest --crash: status 0", p.stdout + p.stderr)
    tap.same([n for n in os.listdir(site.path) if n.startswith(".erpgate")], [], "its scratch folder is gone")
    entry = log_of(site, "selftest")
    d = entry[0]["detail"] if entry else {}
    tap.ok(len(entry) == 1 and d["good"] is True and d["kills"] >= 9 and d["lost"] == 0 and d["counted"] is True and d["calls"] > 100, "the log has the figures", entry)
    folder = os.path.join(TEMP, "another disk")
    os.mkdir(folder)
    p = ask("selftest", "--crash", "--kills", "3", "--json", folder)
    got = json.loads(p.stdout) if p.returncode == 0 else {}
    tap.ok(got.get("type") == "selftest" and got["good"] is True and got["kills"] >= 3 and got["dir"].startswith(os.path.realpath(folder)), "without a site, in another folder, as JSON", p.stdout + p.stderr)
    tap.same(os.listdir(folder), [], "nothing is left there")
    if shutil.which("strace") is None:
        tap.skip("where tracing is forbidden", "there is no strace here")
    else:
        p = ask("selftest", "--crash", "--kills", "3", folder, before=("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=ptrace", "-e", "inject=ptrace:error=EPERM"))
        tap.ok(p.returncode == 0 and "tracing is forbidden here" in p.stdout and "Passed" in p.stdout, "where tracing is forbidden: killed by time", p.stdout + p.stderr)
    for words in (("selftest",), ("selftest", "--crash", "--kills", "none"), ("selftest", "--crash", "--kills", "0")):
        tap.same(ask(*words).returncode, 64, "%s: status 64" % " ".join(words))


site = Site("disk")
probe(site)
probe_elsewhere(site)
crash(site)
site.run()
tap.same(site.ask("audit", "verify", "ALL").returncode, 0, "the site's log verifies")
tap.end()
