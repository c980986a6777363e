# SPDX-License-Identifier: MIT
"""Kills at random times while everything runs: erpgate watch, its readers, erpgate-watch, senders and a receiver.

The core, a reader, the watcher or the whole group gets SIGKILL after a random time; a core that is gone is started again. Of each core at most one reader: what two
in a row cannot do is refused, as it should be. At the end the daemon is left alone until nothing is left to do, ended by SIGTERM, and the oracle judges.
"""
import os, random, signal, subprocess, time

import trial, world
from campaign import Campaign

KILLS = (4, 8, 12)  # of one trial
WHO = ("core", "core", "group", "reader", "watcher")
LONGEST = 0.25
PATIENCE = 20.0


def children(pid):
    """Process ids of the children: [readers], [watchers]."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            all_pids = [int(x) for x in f.read().split()]
    except OSError:
        return [], []
    kinds = {}
    for c in all_pids:
        try:
            with open("/proc/%d/comm" % c) as f:
                kinds.setdefault(f.read().strip(), []).append(c)
        except OSError:
            pass
    return kinds.get("erpgate", []), kinds.get("erpgate-watch", [])


class Timed(Campaign):
    def watch_start(self, t):
        self.log = open(t.site.path + ".said", "ab")
        return subprocess.Popen([self.world.program.path, "-C", t.site.path, "watch"], stdout=self.log, stderr=self.log, start_new_session=True)

    def stop(self, p, how):
        if p.poll() is None:
            os.killpg(p.pid, how)
        p.wait()
        self.log.close()

    def hit(self, p, who):
        """True when somebody was there to be killed."""
        readers, watchers = children(p.pid)
        if who == "group":
            os.killpg(p.pid, signal.SIGKILL)
            return True
        victims = {"core": [p.pid], "reader": readers, "watcher": watchers}[who]
        for v in victims[:1]:
            try:
                os.kill(v, signal.SIGKILL)
            except ProcessLookupError:
                return False
        return bool(victims)

    def idle(self, t):
        return not t.left() and not os.listdir(os.path.join(t.site.path, "spool/work"))

    def timed_trial(self, stage, rng):
        st, want, _, _ = self.stages[stage]
        t = trial.Trial(self.world, st, rng=rng, late=1.0)
        todo, together = [], {}
        for f in t.pending:  # a file and what belongs to it come close together, in the order given
            together.setdefault((f[0], f[1].split(".")[0]), []).append(f)
        for files in together.values():
            todo.append(files)
        if stage == "decide":
            todo.sort(key=lambda files: files[0][0] == "approvals")
        t.pending = []
        kills, p, reader_hit = 0, self.watch_start(t), False
        wanted = rng.choice(KILLS)
        while kills < wanted:
            t.consume()
            if todo and rng.random() < 0.7:
                for f in todo.pop(0):
                    t.send(f)
            elif not todo and rng.random() < 0.1:
                t.send_again()
            who = rng.choice([w for w in WHO if w != "reader" or not reader_hit])
            end = time.monotonic() + rng.random() * LONGEST
            while time.monotonic() < end and not (who == "reader" and children(p.pid)[0]):
                time.sleep(0.002)
            if self.hit(p, who):
                kills += 1
                reader_hit = reader_hit or who == "reader"
                self.results.add("killed " + who)
            if p.poll() is not None or who in ("core", "group"):
                self.stop(p, signal.SIGKILL)
                p, reader_hit = self.watch_start(t), False
        for files in todo:
            for f in files:
                t.send(f)
        quiet = time.monotonic() + PATIENCE
        while time.monotonic() < quiet and not (self.idle(t) and p.poll() is None):
            time.sleep(0.02)
            t.consume()
        extra = [] if self.idle(t) else ["the daemon leaves work undone"]
        if p.poll() is not None:
            extra.append("the daemon ended with %d" % p.returncode)
        self.stop(p, signal.SIGTERM)
        t.consume()
        with open(t.site.path + ".said", errors="replace") as f:
            t.told.append("%d kills; it said: %s" % (kills, f.read()[-600:]))
        os.unlink(t.site.path + ".said")
        self.results.add("timed kills", kills)
        wrong = self.judge(t, want, t.finish(), extra)
        t.remove()
        return wrong

    def timed(self, rounds):
        first = self.results.so_far("rounds")
        for k in range(first, first + rounds):
            for stage in self.stages:
                if self.over():
                    self.results.save()
                    return
                self.timed_trial(stage, random.Random("timed %s %d" % (stage, k)))
            self.results.add("rounds")
        self.results.save()
