#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every rule of the book: the input of tests/rules/<code>.case that breaks it is told at its place, the one that just does not is not. And the reference pages are
what the book makes.

  tests/scenario/rules.py [CODE…]    only these
"""
import concurrent.futures, glob, os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
from rulecase import *

tap = Tap()
cases = [Case(p) for p in sorted(glob.glob(os.path.join(RULES, "*.case")))]
if len(sys.argv) > 1:
    cases = [c for c in cases if c.name.split(".")[0] in sys.argv[1:]]


for case in [c for c in cases if c.skip]:
    tap.skip(case.name, case.skip)
cases = [c for c in cases if not c.skip]


def both(case):
    site, known = bases[case.erp]
    return case, play(case, "hit", site, known), play(case, "miss", site, known)


def place(case):
    severity, file, line, item = case.at.split(" ", 3)
    return (severity, "approvals/" + file if file == "decisions.csv" else file, int(line), case.name.split(".")[0], item)


def judge(case, hit, miss):
    code = case.name.split(".")[0]
    if case.says:
        tap.ok(code in hit[1], "%s is said" % case.name, hit[1])
        tap.ok(code not in miss[1], "%s is not said when the rule just holds" % case.name, miss[1])
        return
    want = place(case)
    tap.ok(want in hit[0], "%s is told at its place" % case.name, "expected %s\n%s" % (want, "\n".join(map(str, sorted(hit[0])))))
    stray = [f for f in miss[0] if f[3] == code and f[4] == want[4] and f[1] == want[1]]
    tap.ok(not stray, "%s is not told when the rule just holds" % case.name, "\n".join(map(str, sorted(miss[0]))))


with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
    erps = sorted({c.erp for c in cases})
    bases = {erp: (site, found(site)) for erp, site in zip(erps, pool.map(base, erps))}
    for result in pool.map(both, cases):
        judge(*result)

if len(sys.argv) == 1:
    pages = [p for p in glob.glob(os.path.join(ROOT, "docs/**/*.md"), recursive=True) if "<!-- erpgate " in open(p, encoding="utf-8").read()]
    p = subprocess.run([os.path.join(ROOT, "scripts/docs-generate"), PROGRAM, "--check", *pages], capture_output=True, text=True)
    tap.ok(p.returncode == 0 and len(pages) >= 3, "the reference pages are what the rule book makes", p.stdout)
tap.end()
