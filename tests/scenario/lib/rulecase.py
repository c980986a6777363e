# SPDX-License-Identifier: MIT
"""Cases of the rule book: a small language of files, decisions and commands, played on a copy of a prepared site.

  # text                    what the case shows
  erp cmic                  which of the sites of tests/rules/base/ is copied (bare: CMiC without code lists); there: the accounting system
  set KEY = VALUE           a line of erpgate.conf
  drop SOURCE/NAME [HEAD]   a file; HEAD names a header row of heads.txt. Its lines follow, each behind "| "
  decide [HOW]              a signed sheet decisions.csv: lines of item,verdict,erp_id,transaction_date,accounting_date,description,comment.
                            HOW: unsigned, forged (signed before it was changed), stranger (of another site); signed says what is so anyway
  run                       a turn (one is made at the end when something is left to be read)
  ack [no]                  the ERP took the newest batch for it (no: without posting)
  file NAME [HEAD]          a file that is not dropped: lines as for drop
  do WORDS…                 @NAME in it is that file; an erpgate command; every exit status will do
  hit NAME = VALUE ; …      {NAME} in the lines above is VALUE in the variant that breaks the rule; a line of nothing but an empty {NAME} is left out
  miss NAME = VALUE ; …     and in the one that just does not
  at S FILE LINE ITEM       the finding of the hit: severity, SOURCE/NAME (decisions.csv), line, item or -
  skip REASON               nothing in the program can say the code yet; the reason is told
  says                      instead of `at`: the code stands in what the last `do` printed
VALUE "A*61" is 61 times A; \\xNN is a byte.
"""
import os, re, shutil

from kit import *

RULES = os.path.join(ROOT, "tests/rules")
DECISION = ("Item", "Decision", "ERP ID", "Transaction Date", "Accounting Date", "Description", "Comment")


def heads():
    rows = open(os.path.join(RULES, "heads.txt"), encoding="utf-8").read().splitlines()
    return dict(r.split(" ", 1) for r in rows if r and not r.startswith("#"))


def values(text):
    """"a = x ; b = A*61" as a dictionary."""
    out = {}
    for part in text.split(" ; "):
        name, _, value = part.partition("=")
        value = value.strip()
        times = re.fullmatch(r"(.)\*(\d+)", value)
        out[name.strip()] = times[1] * int(times[2]) if times else value
    return out


class Case:
    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".case")]
        self.steps, self.vars, self.at, self.says, self.erp, self.skip = [], {}, None, False, None, None
        for n, line in enumerate(open(path, encoding="utf-8").read().splitlines(), 1):
            word, _, rest = line.partition(" ")
            if not line or word.startswith("#"):
                continue
            if word == "|":
                self.steps[-1][2].append(rest)
            elif word == "erp":
                self.erp = rest
            elif word in ("hit", "miss"):
                self.vars[word] = values(rest)
            elif word == "at":
                self.at = rest
            elif word == "skip":
                self.skip = rest
            elif word == "says":
                self.says = True
            elif word in ("set", "drop", "decide", "run", "ack", "file", "do"):
                self.steps.append((word, rest, []))
            else:
                raise SystemExit("%s:%d: what is \"%s\"?" % (path, n, word))


class Play:
    """A case on a site: base() makes the site, others play on a copy of it."""

    HEADS = heads()

    def __init__(self, site):
        self.site, self.left, self.printed = site, False, ""

    def fill(self, text, names):
        for name, value in names.items():
            text = text.replace("{%s}" % name, value)
        return text

    def rows(self, lines, names):
        return [self.fill(l, names) for l in lines if not (re.fullmatch(r"\{\w+\}", l) and self.fill(l, names) == "")]

    def bytes_of(self, lines):
        data = "".join(l + "\n" for l in lines).encode("utf-8")
        return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), data)

    def play(self, case, names):
        settings = [self.fill(rest, names) for word, rest, _ in case.steps if word == "set"]
        if settings:
            with open(os.path.join(self.site.path, "erpgate.conf"), "a", encoding="utf-8") as f:
                f.write("".join(s + "\n" for s in settings))
        for word, rest, lines in case.steps:
            if word != "set":
                getattr(self, word)(self.fill(rest, names), self.rows(lines, names))
        if self.left:
            self.run("", [])

    def drop(self, rest, lines):
        where, _, head = rest.partition(" ")
        source, _, name = where.partition("/")
        self.site.drop(source, name, self.bytes_of(([self.HEADS[head]] if head else []) + lines))
        self.left = True

    def file(self, rest, lines):
        name, _, head = rest.partition(" ")
        write(self.site.path + "-" + name, self.bytes_of(([self.HEADS[head]] if head else []) + lines))

    def decide(self, how, lines):
        if self.left:
            self.run("", [])
        rows = [dict(zip(DECISION, next(csv.reader([l])))) for l in lines]
        for r in rows:
            r["Decision"] = r["Decision"].capitalize()
        sheet = self.site.sheet(rows)
        if how == "stranger":
            sheet = sheet.replace(b"base-", b"else-")
        self.site.return_sheet("decisions.csv", sheet, how)
        self.left = True

    def run(self, _, __):
        self.site.run()
        self.left = False

    def ack(self, rest, _):
        erp = self.site.erp
        ids = sorted({m[0] for n in self.site.out() if n.startswith(erp + "/") for m in [re.search(r"B\d{6}", n)]})
        for i in ids[-1:]:
            self.site.ask("ack", i, "--posted", rest or "yes")

    def do(self, rest, _):
        if self.left:
            self.run("", [])
        p = self.site.ask(*[self.site.path + "-" + w[1:] if w.startswith("@") else w for w in rest.split(" ")])
        self.printed = p.stdout + p.stderr


class Copy(Site):
    """A site copied from another one, with its key."""

    def __init__(self, base, name):
        self.path, self.key, self.erp = os.path.join(TEMP, name), base.key, base.erp
        shutil.copytree(base.path, self.path)

    def return_sheet(self, name, data, how=""):
        path = self.path + "-" + name
        write(path, data + (b" " if how == "forged" else b""))
        if how != "unsigned":
            self.drop("approvals", name + ".sig", read(sign(path, self.key)))
        self.drop("approvals", name, data)

    def sheet_cell(self):
        path = self.path + "-fresh.csv"
        self.call("sheet", "-o", path, "--all", "-q")
        with open(path, newline="", encoding="utf-8-sig") as f:
            return next(csv.DictReader(f))["Sheet"]


def base(name):
    """The site of tests/rules/base/NAME.case."""
    case = Case(os.path.join(RULES, "base", name + ".case"))
    erp = case.erp
    site = Site("base-" + name, erp, ("settle.quiet = 0s", "run.settle_timeout = 1s", "approvals.require_signature = no"))
    site.erp = erp
    Play(site).play(case, {})
    return site


def found(site):
    return {(f["severity"], f["source"] + "/" + (f["file"] or ""), f["line"], f["code"], f["item"] or "-") for f in site.findings("--severity", "R")
            + site.findings("--severity", "H") + site.findings("--severity", "W") + site.findings("--severity", "N")}


def play(case, kind, base, known):
    """What is new among the findings, and what the last command printed."""
    site = Copy(base, "%s-%s" % (case.name, kind))
    p = Play(site)
    p.play(case, case.vars.get(kind, {}))
    new = found(site) - known
    shutil.rmtree(site.path, ignore_errors=True)
    return new, p.printed
