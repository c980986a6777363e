# SPDX-License-Identifier: MIT
"""The example sites of tests/worlds, played by a running `erpgate watch` or step by step by a test."""
import argparse, os, signal, subprocess
import kit
import play


def options(**changes):
    values = dict(erpgate=kit.PROGRAM, types=None, objects=None, order="name", set=[], twin=False, keep=kit.TEMP)
    values.update(changes)
    return argparse.Namespace(**values)


def world(tap, name, kind=play.World, label="", **changes):
    """A world whose results are counted by `tap`."""
    w = kind(os.path.join(kit.WORLDS, name), options(keep=os.path.join(kit.TEMP, label or "play"), **changes))
    w.check = lambda good, what, detail="": tap.ok(good, "%s%s %s" % (label and label + ": ", w.name, what), detail)
    return w


def files_below(path):
    return [os.path.join(d, n) for d, _, names in os.walk(path) for n in names]


class Watched(play.World):
    """The same rounds with a daemon instead of runs."""
    seen_run = 0
    patience = 60

    def make_site(self):
        super().make_site()
        self.start()

    def start(self):
        self.log = open(os.path.join(kit.TEMP, "watch.log"), "ab")
        self.watch = subprocess.Popen([kit.PROGRAM, "-C", self.site, "watch"], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        kit.children.append(self.watch)

    def stop(self):
        """Asks the daemon to end; returns its status."""
        if self.watch.poll() is None:
            self.watch.send_signal(signal.SIGTERM)
        status = self.watch.wait(20)
        self.log.close()
        return status

    def idle(self):
        """Nothing waits in a drop folder and every drop, manifest and batch is sealed."""
        return self.watch.poll() is not None or not (files_below(os.path.join(self.site, "spool/drop")) or files_below(os.path.join(self.site, "spool/work")))

    def turn(self):
        if not kit.wait_for(self.idle, self.patience) or self.watch.poll() is not None:
            kit.sys.exit("Bail out! watch did not take what was dropped\n" + "\n".join(files_below(os.path.join(self.site, "spool/drop")))
                         + kit.read(os.path.join(kit.TEMP, "watch.log")).decode("utf-8", "replace")[-2000:])
        found = [f for f in self.lines("findings") if f.get("run", 0) > self.seen_run]
        self.seen_run = max([f["run"] for f in found] + [self.seen_run])
        # what is held is told by every turn, also by one that came before the decisions
        return [f for f in found if f["severity"] != "H" or f["run"] == self.seen_run]

    def play(self):
        """All rounds, then the daemon is stopped and a run finds nothing to do."""
        self.make_site()
        before = set()
        for rnd in self.rounds:
            self.round(rnd, before)
        self.check(self.stop() in (0, 143), "watch ends when it is told")
        state = self.erpgate("queue", "--all", "--json")
        self.erpgate("run")
        self.check(self.erpgate("queue", "--all", "--json") == state and not self.outputs(before), "a run after the daemon changes nothing")

    def round(self, rnd, before):
        first = self.drop(rnd)
        last = self.decide(rnd)
        self.compare_files(rnd, self.outputs(before))
        self.findings(rnd, first, last)
        self.states(rnd)
