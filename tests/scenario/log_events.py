#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Details of the log's entries against docs/reference/log.md, on a played site and after acts of people: an entry has no key that its row does not name, and every key that a row names
without a question mark. Rows that say it in words (";", ":", "as ...") are checked one way only."""
import os, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
HOME = os.path.join(TEMP, "demo")
rows = {m.group(1): m.group(2) for m in re.finditer(r"^\| `([a-z-]+)` \|.*\| ([^|]*)\|$", read(os.path.join(ROOT, "docs/reference/log.md")).decode(), re.M)}


def named(event, seen=()):
    """Every key that the row names, those of rows that it refers to included."""
    keys = set(re.findall(r"[a-z_0-9]+", rows[event]))
    for other in re.findall(r"as `([a-z-]+)`", rows[event]):
        keys |= named(other, seen + (event,)) if other not in seen else set()
    return keys


def needed(event):
    return set() if re.search(r"[;:]|\bas\b|his rights", rows[event]) else {w for w in re.findall(r"[a-z_0-9]+\??", rows[event]) if not w.endswith("?")}


def eg(*args):
    return subprocess.run([PROGRAM, "-C", HOME] + list(args), capture_output=True, text=True)


made = subprocess.run([PROGRAM, "demo", HOME], capture_output=True, text=True)
tap.ok(made.returncode == 0, "a site is played", made.stdout + made.stderr)
eg("users", "add", "ada", "--role", "standard", "--approve", "all")
eg("users", "revoke", "ada")
eg("config", "set", "mail.summary_at", "07:30")
eg("clock", "accept")
eg("run")
entries = [json.loads(line) for line in eg("log", "--json", "--limit", "100000").stdout.splitlines()]
entries = [e for e in entries if "event" in e]
events = sorted({e["event"] for e in entries})
tap.ok(len(events) >= 12, "%d entries of %d kinds" % (len(entries), len(events)), events)
for event in events:
    if not tap.ok(event in rows, "%s: described" % event):
        continue
    details = [set((e.get("detail") if isinstance(e.get("detail"), dict) else json.loads(e.get("detail") or "{}")) or {}) for e in entries if e["event"] == event]
    strange = set().union(*details) - named(event) if "his rights" not in rows[event] else set()
    lacking = set().union(*[needed(event) - d for d in details])
    tap.ok(not strange and not lacking, "%s: its %d entries hold what is described" % (event, len(details)), "not described: %s\nmissing: %s" % (sorted(strange), sorted(lacking)))
tap.end()
