#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Worlds from fixed seeds, two or three for each ERP, played file by file against what the independent oracle expects; the oracle itself is held to the
example sites, which it must reproduce byte for byte."""
import glob, os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
WORLDS = os.path.join(HERE, "..", "worlds")
ERPGATE = os.environ.get("ERPGATE", os.path.join(HERE, "..", "..", "erpgate"))
SEEDS = [("cmic", 3), ("cmic", 51), ("cmic", 509), ("acumatica", 28), ("acumatica", 43), ("mri", 14), ("mri", 23), ("mri", 514)]


def run(*words):
    return subprocess.run([sys.executable, *words], cwd=WORLDS, capture_output=True, text=True)


def told(text):
    return "".join("  # %s\n" % x for x in text.splitlines()[:80])


def play(tmp, erp, seed):
    """What is wrong with the world of this seed, or nothing."""
    world = os.path.join(tmp, "%s-%d" % (erp, seed))
    p = run("make.py", "--seed", str(seed), "--erp", erp, "--size", "2", world)
    if p.returncode == 0:
        p = run("play.py", "--erpgate", os.path.abspath(ERPGATE), world)
    return "\n".join(x for x in (p.stdout + p.stderr).splitlines() if not x.startswith("ok ")) if p.returncode else ""


def main():
    print("1..%d" % (len(SEEDS) + 1), flush=True)
    p = run("-m", "oracle.world", "--check", *sorted(glob.glob(os.path.join(WORLDS, "site-*"))))
    failed = p.returncode != 0
    print("%s 1 - the oracle reproduces the example sites\n%s" % (failed and "not ok" or "ok", told(p.stdout + p.stderr) if failed else ""), end="", flush=True)
    with tempfile.TemporaryDirectory(prefix="erpgate-generated-") as tmp, ThreadPoolExecutor(2) as two:
        played = [two.submit(play, tmp, erp, seed) for erp, seed in SEEDS]
        for n, ((erp, seed), p) in enumerate(zip(SEEDS, played), 2):
            wrong = p.result()
            print("%s %d - world of seed %d for %s\n%s" % ("not ok" if wrong else "ok", n, seed, erp, told(wrong)), end="", flush=True)
            failed = failed or wrong != ""
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
