#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One sender that never stops does not starve another: the other's files are taken within twice the idle time and one round of the flood.

A round is run.round files of the flood and what belongs to them (reading, deciding, sealing); how long one takes is measured in the same run, from the flood's own files.
"""
import os, sys, threading
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

ROUND, BACKLOG, TIMES = 10, 400, 8
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,Company %d,C,Duluth,MN,US,Yes,\n"
tap = Tap()


class Flood(threading.Thread):
    """Keeps BACKLOG files lying in the folder."""
    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.sent, self.stop = folder, 0, threading.Event()

    def run(self):
        while not self.stop.is_set():
            lying = len(os.listdir(self.folder))
            for _ in range(BACKLOG - lying):
                self.sent += 1
                path = os.path.join(self.folder, "f%06d.csv" % self.sent)
                write(path + ".part", COMPANY % (self.sent, self.sent))
                os.rename(path + ".part", path)
            self.stop.wait(0.05)

    def taken(self):
        return self.sent - len(os.listdir(self.folder))


serial = 900000


def latency(folder):
    global serial
    serial += 1
    path = os.path.join(folder, "other%d.csv" % serial)
    write(path + ".part", COMPANY % (serial, serial))
    began = time.monotonic()
    os.rename(path + ".part", path)
    gone = wait_for(lambda: not os.path.exists(path), 60, 0.005)
    return time.monotonic() - began if gone else float("inf")


def middle(values):
    return sorted(values)[len(values) // 2]


site = Site("starving", settings=("settle = rename", "run.settle_timeout = 1s", "watch.rescan = 2s", "run.round = %d" % ROUND, "source.procore.max_files = %d" % ROUND, "source.zeta.family = procore"))
site.run()
zeta = os.path.join(site.path, "spool/drop/zeta")
log = open(os.path.join(TEMP, "watch.log"), "wb")
watch = subprocess.Popen([PROGRAM, "-C", site.path, "watch"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
children.append(watch)
wait_for(lambda: b"End it with" in read(log.name), 30)
idle = []
for _ in range(TIMES):
    time.sleep(0.6)
    idle.append(latency(zeta))
flood = Flood(os.path.join(site.path, "spool/drop/procore"))
flood.start()
tap.ok(wait_for(lambda: flood.taken() > 3 * ROUND, 120), "the flood is being taken")
before, began = flood.taken(), time.monotonic()
flooded = []
for _ in range(TIMES):
    time.sleep(0.3)
    flooded.append(latency(zeta))
took, n = time.monotonic() - began, flood.taken() - before
one_round = took / max(1, n) * ROUND
flood.stop.set()
flood.join()
print("# idle %.3f s (longest %.3f), in the flood %.3f s (longest %.3f); a round of %d files %.3f s; %d files of the flood taken meanwhile"
      % (middle(idle), max(idle), middle(flooded), max(flooded), ROUND, one_round, n))
tap.ok(n > 0 and len(os.listdir(flood.folder)) > BACKLOG // 4, "the flood never ended while it was measured", n)
tap.ok(middle(flooded) <= 2 * middle(idle) + one_round + 0.05, "the other sender waits at most twice the idle time and one round", (idle, flooded, one_round))
tap.ok(watch.poll() is None, "watch lives")
watch.terminate()
watch.wait(60)
tap.end()
