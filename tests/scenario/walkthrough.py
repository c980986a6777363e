#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The auditor's ten questions (docs/auditor-walkthrough.md): a site is made and played for some nights, each question is answered by one command, and the page has these commands with their real output.

    tests/scenario/walkthrough.py            a site of 200 contracts: the commands answer, and the page has the same commands and the same forms of lines
    tests/scenario/walkthrough.py --write    a site of 10,000: writes the page anew (make walkthrough)
"""
import datetime, os, pwd, re, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

WRITE = sys.argv[1:] == ["--write"]
ITEMS = 10000 if WRITE else 200
PAGE = os.path.join(ROOT, "docs/auditor-walkthrough.md")
EACH = ITEMS // 20  # contracts of one file
SHOWN = 22  # lines of an answer that the page shows
tap = Tap()


# ---- the site ----

def number(i):
    return "SC-%05d" % i


def amount(i):
    """Some are large: every hundredth above 100,000.00."""
    return "%d.%02d" % (100000 + i * 7 % 50000 if i % 100 == 50 else 500 + i * 37 % 9000, i * 13 % 100)


def contract(i, **how):
    return commitment_rows(number(i), title="%s lot %d" % (("Concrete", "Masonry", "Steel erection", "Roofing")[i % 4], i), vendor=("1001", "1002")[i % 2],
                           code=("03-1100", "05-1200")[i % 2], amounts=how.get("amounts", (amount(i),)))


def decide(site, name, wanted):
    site.return_sheet(name, site.sheet(wanted))
    site.ask("run")


def play():
    """Night 1: everything comes, one contract with an amount that nobody can read. Pat accepts all and rejects two; what he accepted leaves.
    Night 2: the refused contract comes again, mended; one that left comes with another amount, which is refused. Pat accepts the first. A delivery got lost and is sent again."""
    site = Site("northgate")
    site.call("users", "add", "audra", "--role", "admin", "--account", pwd.getpwuid(os.getuid()).pw_name)
    small_reference(site)
    for first in range(1, ITEMS + 1, EACH):
        rows = [contract(i, amounts=("12.3.4",)) if i == 7 else contract(i) for i in range(first, first + EACH)]
        site.drop("procore", "commitments-%05d.csv" % first, COMMITMENT + "".join(rows))
    site.ask("run")
    waiting = sorted(i for i, q in site.queue().items() if i.startswith("commitment/"))
    tap.same(len(waiting), ITEMS - 1, "%d contracts wait for a decision, one was refused" % (ITEMS - 1))
    decide(site, "night-1.csv", [{"Item": i, "Decision": "reject" if i.endswith(("00003", "00004")) else "accept",
                                  "Comment": "Not under contract yet" if i.endswith(("00003", "00004")) else ""} for i in waiting])
    site.drop("procore", "commitments-mended.csv", COMMITMENT + contract(7))
    site.drop("procore", "commitments-changed.csv", COMMITMENT + contract(12, amounts=("99000.00",)))
    site.ask("run")
    decide(site, "night-2.csv", [("commitment/24-118/" + number(7), "accept")])
    batch = [b["of"] for b in site.json("audit", "list") if b.get("kind") == "batch"][-1]
    for path in site.out():
        os.unlink(os.path.join(site.path, "spool/out", path))  # the accounting systems fetch
    site.call("republish", batch, "--reason", "The share was offline when the ERP fetched it")
    return site


# ---- the questions ----

class Walk:
    def __init__(self, site):
        self.site, self.parts = site, []
        item = "commitment/24-118/" + number(12)
        today = datetime.datetime.now(datetime.timezone.utc).date()
        first = today.replace(day=1)
        last = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
        sent = next(b["id"] for b in site.json("audit", "find", "--item", item, "--kind", "batch") if "id" in b)
        self.names = {"ITEM": item, "REFUSED": "commitment/24-118/" + number(7), "FROM": str(first), "TO": str(last), "DAY": str(today), "SENT": sent}

    def run(self, command):
        """Output of one line as typed in the site's folder, with the seconds it took."""
        bin_ = os.path.join(TEMP, "bin")
        if not os.path.isdir(bin_):
            os.mkdir(bin_)
            os.symlink(PROGRAM, os.path.join(bin_, "erpgate"))
        began = time.monotonic()
        env = dict(os.environ, PATH=bin_ + ":" + os.environ["PATH"], COLUMNS="150")
        env.pop("ERPGATE_HOME", None)
        done = subprocess.run(["bash", "-c", command], cwd=self.site.path, env=env, capture_output=True, text=True)
        return done, time.monotonic() - began

    def ask(self, question, command, expected, says, status=(0,)):
        command = re.sub(r"\{(\w+)\}", lambda m: self.names[m[1]], command)
        done, took = self.run(command)
        text = done.stdout.replace(self.site.path, "/srv/northgate")
        missing = [e for e in expected if re.sub(r"\{(\w+)\}", lambda m: self.names[m[1]], e) not in text]
        tap.ok(done.returncode in status and not missing, "%s   (%.2f s)" % (question, took), "%s\nexit %d, misses %r\n%s%s" % (command, done.returncode, missing, text[-3000:], done.stderr))
        self.parts.append((question, command, text, says, took, done.returncode))


def questions(w):
    w.ask("Which files came from a sender in a month, and what became of each?", "erpgate audit find --kind drop --source procore --from {FROM} --to {TO}",
          ["commitments-00001.csv", "partial", "commitments-mended.csv", "accepted"],
          "One line for each file, with its verdict; `audit show` with the bundle's number tells its records, and `report.html` in the bundle has the table of what became of each.")
    w.ask("Who approved this record, when, with which key, seeing what — and the way from the source row to the line that left?", "erpgate why {ITEM}.amount",
          ["by pat", "by signature, key", "seen with content sha256:", "came from", "stands in", "Proved by"],
          "The cell that left, the layout that wrote it, the byte it came from; the decision with sheet, row and key; the digest of the content that was seen, which is also in the sheet.")
    w.ask("Is everything accounted for that came between two dates?", "erpgate report reconcile --since {FROM} --until {TO}", ["commitment", "yes"],
          "In = out + rejected + held + duplicate, by sender, type and project; the command ends with 2 when a line does not balance. That no bundle and no entry of the log is missing is the next question.")
    w.ask("Is everything there, and has anything been changed since it was sealed?", "erpgate audit verify ALL | tail -n 3", ["and the log, all good"],
          "Every digest, every signature, and the log as one chain: a bundle that was removed, added or changed is named, and the command ends with 2. Without erpgate: the three commands of each bundle's `README.txt`.")
    w.ask("Is this one bundle unchanged?", "erpgate audit verify {SENT}", ["{SENT}", "good"], "The outer digest, the gateway's signature over it, then every file within.")
    w.ask("Who could have changed the rules on that day?", "erpgate audit procedure --as-of {DAY} | sed -n '/^Who could/,/^Keys/p'", ["pat", "audra", "config-changed"],
          "From the procedure document, which also has versions, layouts with digests, settings and every change of them. `-o procedure.html` writes all of it.")
    w.ask("What was refused and why, and did it come again?", "erpgate audit find {REFUSED}", ["F-21 ", "amount", "accept"],
          "The first line is the file in which it was refused, with the code and the reason; the later ones are its way after it came again.")
    w.ask("What did one person decide above a limit?", "erpgate audit find --kind manifest --person pat --amount 100000..", ["by pat", "manifest"],
          "The sheets, with how many of their rows match. With `--json` each row stands on a line of its own.")
    w.ask("What was sent twice, and by whose order?", "erpgate log --limit 1000000 | grep republish", ["republish", "The share was offline"],
          "Same names, same bytes: the order is an entry of the log, with the reason. `erpgate show BATCH` tells how often.")
    w.ask("Did the rules that are sealed make the bytes that left?", "erpgate reproduce {SENT}", ["{SENT}"],
          "The files are written again from the inputs, layouts and settings in the bundle and compared byte by byte; what differs is named.")


# ---- the page ----

def shown(text):
    lines = text.rstrip("\n").splitlines()
    cut = lambda l: l if len(l) <= 170 else l[:169] + "…"
    if len(lines) <= SHOWN:
        return [cut(l).rstrip() for l in lines]
    return [cut(l).rstrip() for l in lines[:SHOWN - 4]] + ["[… %d more lines]" % (len(lines) - SHOWN + 2)] + [cut(l).rstrip() for l in lines[-2:]]


def page(w):
    out = ["# An auditor's ten questions", "",
           "Each is answered by one command, typed in the site's folder. The answers are real: `make walkthrough` makes a site of %s contracts in %d files, plays two nights, and writes this page. "
           "Long answers are cut here. Every bundle that is named holds `data/report/report.html`, and `archive/index.html` leads to all of them, without erpgate." % (format(ITEMS, ","), ITEMS // EACH + 2), "",
           "Not all values are for everybody: what is private of a record is shown to those with a right to see it ([users](roles/admin.md)).", ""]
    for i, (question, command, text, says, took, status) in enumerate(w.parts):
        out += ["## %d. %s" % (i + 1, question), "", "```", "$ " + command, *shown(text), "```", "", says + " (%.2f s)" % took, ""]
    return "\n".join(out)


def parsed(text):
    """Command -> lines of its answer, as the page has them."""
    blocks = [b.splitlines() for b in re.findall(r"^```\n\$ (.*?)\n```$", text, re.S | re.M)]
    return [(b[0], b[1:]) for b in blocks]


def form(line):
    """A line without what differs from site to site."""
    return re.sub(r"\s+", " ", re.sub(r"[0-9][0-9,.]*", "0", re.sub(r"\b[0-9a-f]{12,64}\b…?", "H", line))).strip()


def same_page(w):
    there = parsed(read(PAGE).decode()) if os.path.exists(PAGE) else []
    plain = lambda command: form(command)
    tap.same([plain(c) for c, _ in there], [plain(c) for _, c, *_ in w.parts], "the page has these questions' commands, in this order")
    for (command, lines), (_, _, text, *_) in zip(there, w.parts):
        here = {form(l)[:24] for l in text.splitlines()}
        odd = [l for l in lines if not l.startswith("[…") and form(l)[:24] not in here]
        tap.ok(len(odd) * 4 <= len(lines), "the page's answer has the form of today's: %s" % command, "\n".join(odd))


site = play()
w = Walk(site)
questions(w)
if WRITE:
    write(PAGE, page(w))
    print("# %s is written" % os.path.relpath(PAGE, ROOT))
else:
    same_page(w)
tap.end()
