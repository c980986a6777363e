#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""reached.py NAME PROFILE PROGRAM FILE...

How many lines of each file the fuzzer NAME reached, as a table; --missing before NAME prints the lines instead that it did not. What no input can lead to stands
with its reason in tests/fuzz/unreached.tsv and does not count: a whole function ("name()"), or the lines around a text as far as they were not reached. A row
there that excuses nothing any more is told."""
import fnmatch, os, re, shutil, subprocess, sys

LINE = re.compile(r"^ *(\d+)\| *([0-9.]*[kMG]?)\|(.*)$")


def rows():
    for line in open("tests/fuzz/unreached.tsv", encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            pattern, what, why = line.rstrip("\n").split("\t")
            yield pattern, what, why


def lines_of(cov, profile, program, path):
    """[[number, reached or None where nothing is counted, text]]"""
    out = subprocess.run([cov, "show", "-instr-profile=" + profile, program, path], capture_output=True, check=True).stdout.decode("utf-8", "replace")
    found = []
    for line in out.splitlines():
        m = LINE.match(line)
        if m is not None:
            found.append([int(m.group(1)), None if m.group(2) == "" or m.group(3).startswith("#define") else m.group(2) != "0", m.group(3)])
    return found


def excuse(lines, what):
    """Takes lines out of the count; how many."""
    taken = set()
    for i, (_, reached, text) in enumerate(lines):
        if what.endswith("()"):
            if text.startswith(what[:-1]):
                end = next(k for k in range(i, len(lines)) if lines[k][2].startswith("}"))
                taken.update(range(i, end + 1))
        elif reached is False and what in text:
            for step in (-1, 1):
                k = i
                while 0 <= k < len(lines) and lines[k][1] is not True and not lines[k][2].startswith("}"):
                    taken.add(k)
                    k += step
    missed = [k for k in taken if lines[k][1] is False]
    for k in taken:
        lines[k][1] = None
    return len(missed)


def main():
    missing = sys.argv[1] == "--missing"
    name, profile, program, *files = sys.argv[1 + missing:]
    cov = shutil.which("llvm-cov") or "llvm-cov-14"
    total = reached = 0
    for path in files:
        lines = lines_of(cov, profile, program, path)
        for pattern, what, _ in rows():
            if fnmatch.fnmatch(path, pattern) and excuse(lines, what) == 0 and pattern == path:
                print("reached.py: %s: \"%s\" excuses nothing" % (path, what), file=sys.stderr)
        n, good = sum(r is not None for _, r, _ in lines), sum(r is True for _, r, _ in lines)
        total, reached = total + n, reached + good
        if missing:
            for number, r, text in lines:
                if r is False:
                    print("%s:%d:%s" % (path, number, text))
        elif n:
            print("%-9s %-32s %7d %7d %6.1f%%" % (name, os.path.relpath(path), n, good, 100.0 * good / n))
    if total and not missing:
        print("%-9s %-32s %7d %7d %6.1f%%" % (name, "all of these", total, reached, 100.0 * reached / total))


main()
