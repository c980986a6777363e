#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looking for something in the archive: audit find answers with the bundles that tell of it and no others, whatever is typed; the index can be thrown away and comes back the same.
"""
import json, os, sqlite3, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
SITE = os.path.join(TEMP, "site")


def erpgate(*args):
    return subprocess.run([PROGRAM, "-C", SITE, *args], capture_output=True, text=True)


def find(*args):
    """What each bundle of the answer is of."""
    done = erpgate("audit", "find", "--json", *args)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or lines[-1] != {"type": "summary", "bundles": len(lines) - 1}:
        return "exit %d: %s" % (done.returncode, done.stderr)
    return [b["kind"][0] + ":" + b["of"] for b in lines[:-1]]


def questions():
    commitment = "commitment/26-010/SC-010-01"
    everything = find()
    tap.ok(len(everything) > 20, "without words or filters: every bundle (%d)" % len(everything))
    path = ["d:D000009", "m:P000001", "b:B000003"]
    for what, args in (
            ("its id", ["--item", commitment]), ("its number", ["--item", "SC-010-01"]), ("words of its title", ["rough-in", "ELECTRICAL", commitment]),
            ("the beginning of a word", ["fixt*"]), ("its amount", ["--amount", "231,400.00", "--project", "26-010"]),
            ("an amount from and to, and its company", ["--amount", "200000..300000", "--vendor", "lakeline"])):
        tap.same(find(*args), path, "a commitment's way from file to decision to batch, by " + what)
    tap.same(find("--amount", "57800.00", "--kind", "batch"), ["b:B000005"], "one kind of bundle only")
    tap.same(find("--person", "Alex", "--kind", "manifest"), ["m:P000001", "m:P000002"], "what a person decided")
    tap.same(find("SC-010-09"), ["d:D000008"], "a refused document is found, too")
    tap.same(find("F-28"), ["d:D000008"], "by the code that refused it")
    tap.same(find("CMIC_INVOICE_B000006.csv"), ["b:B000006"], "the name of a file that left")
    tap.same(find("--source", "procore", "--kind", "drop", "--item", commitment), ["d:D000009"], "from one sender")
    tap.same(find("--to", "2001-01-01"), [], "nothing before the site was made")
    tap.same(find("--from", "2001-01-01"), everything, "everything since then")


def hostile():
    for text in ('"', '""', "*", "a OR b", "NEAR(a b)", "item:x", "-", "^a", "{}", "'; DROP TABLE find_row; --", "\\", "%", "ünïcode ☃", "a" * 3000, "(", "NOT", "\t\n"):
        answer = find("--", text)
        if not isinstance(answer, list):
            tap.ok(False, "typed: %r" % text[:40], answer)
            return
    tap.ok(True, "whatever is typed is looked for, never understood as a query")
    for args in (["--amount", "x"], ["--amount", ".."], ["--amount", "1e3"], ["--from", "yesterday"], ["--kind", "sheet"]):
        done = erpgate("audit", "find", *args)
        tap.ok(done.returncode == 64 and args[0] in done.stderr, "%s is refused with what to write instead" % " ".join(args), done.stderr)


def index_again():
    before = [find(), find("electrical"), find("--vendor", "lakeline"), find("--amount", "57800")]
    db = sqlite3.connect(os.path.join(SITE, "state.db"))
    db.execute("DELETE FROM find_row")
    db.execute("INSERT INTO find_text (find_text) VALUES ('rebuild')")
    db.commit()
    db.close()
    done = erpgate("audit", "find", "electrical")
    tap.ok(done.returncode == 75 and "erpgate audit index" in done.stderr, "an index that is gone is said, with the way out", done.stderr)
    tap.same(erpgate("audit", "index").returncode, 0, "audit index ends 0")
    tap.same([find(), find("electrical"), find("--vendor", "lakeline"), find("--amount", "57800")], before, "and the index answers as before")
    db = sqlite3.connect(os.path.join(SITE, "state.db"))
    db.execute("DELETE FROM find_row")
    db.commit()
    db.close()
    tap.same(erpgate("run").returncode in (0, 3, 4), True, "a turn")
    tap.same([find(), find("electrical"), find("--vendor", "lakeline"), find("--amount", "57800")], before, "makes it, too")


tap.same(subprocess.run([PROGRAM, "demo", SITE], capture_output=True).returncode, 0, "a site with two nights")
questions()
hostile()
index_again()
tap.end()
