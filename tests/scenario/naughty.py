#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Strings that break programs (../shared/corpora/naughty-strings, CSV payloads beside it), as values, as file names and as names of users: kept to the byte or refused with a code,
shown without harm to the reader's terminal, never a line too many in a log or list, never a formula in what people open. Without the lists a few of them are played.
"""
import json, os, re, sys, unicodedata
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
CORPORA = os.path.join(ROOT, "../shared/corpora")
FEW = ["", "undefined", "NULL", "'; DROP TABLE item; --", "<script>alert(1)</script>", "$(touch /tmp/pwned)", "`id`", "%s%n%x", "../../etc/passwd", "\u202etest\u202c", "Z\u0351\u036b\u0343\u036a", "\U0001f469\U0001f3fd",
       "\u200b", "\ufeff", "=1+1", "\t=1", "1;DROP", "\u0007bell", "\u001b[31mred", "a\nb", "a,b\"c", "\u00e9"]


def naughty():
    path = os.path.join(CORPORA, "naughty-strings/data/blns.json")
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except OSError:
        print("# %s is not there: only a few strings are played" % path)
        return FEW


def payloads():
    path = os.path.join(CORPORA, "xxe-payload-lists/data/CSV Injection/README.md")
    try:
        found = [line for line in read(path).decode("utf-8").splitlines() if line[:1] in "=+-@" and len(line) > 3]
    except OSError:
        found = []
    return found + ["=cmd|' /C calc'!A0", "@SUM(1+1)", "+1+1", "-1+1"]


STRINGS = naughty() + payloads()
SITE = Site("naughty")
small_reference(SITE)
HARMLESS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def quoted(v):
    return '"%s"' % v.replace('"', '""')


def trimmed(v):
    return v.strip(" \t")


# ---- values: the description of a commitment, which may have any length ----

TEXT = COMMITMENT
for i, v in enumerate(STRINGS):
    row = commitment_rows("N-%d" % i, amounts=("5.00",))
    TEXT += row.replace("Concrete,,Approved", "Concrete,%s,Approved" % quoted(v), 1)
SITE.drop("procore", "values.csv", TEXT)
tap.ok(SITE.run() in (0, 3), "values: a run goes through")
items, refused = SITE.queue("--type", "commitment"), {}
for f in SITE.findings():
    if f["severity"] == "R":
        refused.setdefault(f["item"], []).append(f)
wrong, kept = [], 0
for i, v in enumerate(STRINGS):
    item = "commitment/24-118/N-%d" % i
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in v):
        if [f["code"] for f in refused.get(item, [])] != ["F-26"]:
            wrong.append((v, refused.get(item)))
    elif item not in items or item in refused:
        wrong.append((v, refused.get(item)))
    else:
        kept += 1
tap.same(wrong[:5], [], "values: each is taken, or refused as a control character (F-26)")
tap.ok(kept > 0.9 * len(STRINGS) or kept > 15, "values: %d of %d are taken" % (kept, len(STRINGS)))
wrong = []
for i, v in enumerate(STRINGS):
    item = "commitment/24-118/N-%d" % i
    if item not in items or i % 20:
        continue
    raw = SITE.ask("show", item, "--raw").stdout
    shown = SITE.ask("show", item)
    if quoted(v) not in raw and v not in raw:
        wrong.append(("raw", v, raw[-300:]))
    if HARMLESS.search(shown.stdout) or shown.returncode != 0:
        wrong.append(("shown", v, shown.stdout[-300:]))
tap.same(wrong[:3], [], "values: --raw has the bytes as they came; what is shown holds no control character and no change of direction")
lines = SITE.call("queue", "--plain", "--type", "commitment").splitlines()
tap.same(len([x for x in lines if "24-118/N-" in x]), kept, "values: one line an item in --plain")
every = [json.loads(x) for x in SITE.call("queue", "--json", "--all").splitlines()]
tap.ok(all(isinstance(x, dict) for x in every), "values: queue --json is JSON, line by line")

# ---- what people open, what an ERP takes ----

path = os.path.join(TEMP, "sheet.csv")
SITE.call("sheet", "-o", path, "--all")
with open(path, newline="", encoding="utf-8-sig") as f:
    rows = list(csv.DictReader(f))
tap.same(len([r for r in rows if r["Item"].startswith("commitment/24-118/N-")]), kept, "sheet: a row for each, no row too many")
SITE.return_sheet("all.csv", SITE.sheet([("commitment/24-118/N-%d" % i, "Accept") for i in range(len(STRINGS)) if "commitment/24-118/N-%d" % i in items]))
went = SITE.ask("run")
tap.ok(went.returncode in (0, 3), "an ERP's file: a run goes through", went.stderr)
left = [i for i, q in SITE.queue("--type", "commitment").items() if q["state"] == "exported"]
tap.ok(len(left) > 0.9 * kept, "an ERP's file: %d of %d left" % (len(left), kept), [f["message"] for f in SITE.findings() if f["severity"] == "R"][:3])
bodies = {n: d for n, d in SITE.out().items() if "COMM" in n.upper() or "CONT" in n.upper() or True}
bad = [n for n, d in bodies.items() if any(len(r) != len(rows[0]) for rows in [list(csv.reader(io.StringIO(d.decode("latin-1"))))] for r in rows if len(rows[0]) > 1)]
tap.same(bad, [], "an ERP's file: every row has the cells it must have")

# ---- names of files ----

names, made = [], {}
for i, v in enumerate(STRINGS):
    name = v.replace("/", "\u2215").replace("\0", "")
    name = name.encode("utf-8", "surrogatepass")[:200].decode("utf-8", "ignore") + "-%d.csv" % i
    if name.startswith((".", "~$")) or i % 3:
        continue
    made[name] = commitments("M-%d" % i)
    SITE.drop("procore", name, made[name])
tap.ok(SITE.run() in (0, 3), "file names: a run goes through")
log = SITE.call("log", "--json")
tap.ok(all(json.loads(x) for x in log.splitlines()), "file names: the log is JSON, line by line")
tap.ok(not HARMLESS.search(SITE.call("log").replace("\n", "")) and not HARMLESS.search(SITE.call("findings").replace("\n", "")), "file names: log and findings hold no control character and no change of direction")
got = {i for i in SITE.queue("--type", "commitment") if "/M-" in i}
tap.same(len(got), len(made), "file names: every file was read")
tap.same(os.listdir(os.path.join(SITE.path, "spool/drop/procore")), [], "file names: nothing is left in the folder")
SITE.drop("procore", "\u202ereversed\x1b[31m\n.csv", "A,B\n1,2\n")
tap.same(SITE.run(), 3, "file names: one that is refused")
where = [d for d, files in SITE.rejects().items() if any("reversed" in n for n in files)]
tap.ok(len(where) == 1 and all(re.fullmatch("[A-Za-z0-9._%-]+", n) for n in SITE.rejects()[where[0]]), "file names: in rejects the name is made of harmless characters", SITE.rejects().keys())
why = SITE.rejects()[where[0]]["WHY.txt"].decode()
tap.ok(not HARMLESS.search(why.replace("\n", "")), "file names: WHY.txt shows it without harm", why)

# ---- names of users ----

taken = [v for v in STRINGS[::12] if "\0" not in v and not v.startswith("-") and SITE.ask("users", "add", v.encode("utf-8", "surrogatepass").decode("utf-8", "ignore")).returncode == 0]
tap.ok(all(re.fullmatch("[A-Za-z0-9_@][A-Za-z0-9._@-]{0,59}", v) for v in taken), "user names: letters, digits and . _ @ - only", taken)
tap.same(SITE.ask("audit", "verify").returncode, 0, "the archive of all this verifies")
tap.ok(not os.path.exists("/tmp/pwned"), "nothing was run")
tap.end()
