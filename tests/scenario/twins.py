#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Other settings, other files: MRI as XML, and CMiC's prime change orders as owner change orders."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

tap = Tap()
worlds.world(tap, "site-mri", label="xml", twin=True, set=["mri.format = xml"]).play()
worlds.world(tap, "site-cmic", label="oco", twin=True, set=["cmic.pcco_as = oco"]).play()
tap.end()
