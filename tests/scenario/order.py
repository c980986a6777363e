#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The result of a round depends neither on the order of its drops, nor on how many runs take them, nor on whether a run or the daemon does."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

tap = Tap()
for order in ("reverse", "one"):
    worlds.world(tap, "site-acumatica", label="order " + order, order=order).play()
w = worlds.world(tap, "site-mri", kind=worlds.Watched, label="watch")
w.play()
verify = subprocess.run([PROGRAM, "-C", w.site, "audit", "verify", "ALL"], capture_output=True, text=True)
tap.ok(verify.returncode == 0, "watch: bundles and log verify", verify.stdout + verify.stderr)
tap.end()
