# SPDX-License-Identifier: MIT
"""Campaigns of trials on one program: kills at counted points, calls that fail, readers that are killed. Each returns what was bad."""
import errno, os, random, subprocess, sys, time

import oracle, results, trial, world

ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EDQUOT": errno.EDQUOT, "EROFS": errno.EROFS, "EINTR": errno.EINTR, "short": 0}
WRITES = ("write", "pwrite", "writev", "copy_file_range")
EXTRA_KILLS = (0, 1, 2, 2, 4, 8, 12)  # on the way through recovery, after the counted point


class Stopwatch:
    def __init__(self, seconds):
        self.end = None if seconds is None else time.monotonic() + seconds

    def over(self):
        return self.end is not None and time.monotonic() > self.end


class Campaign:
    def __init__(self, w, kind, code, seconds=None, limit_bad=5, deep_every=50):
        self.world, self.kind, self.watch, self.limit_bad, self.deep_every = w, kind, Stopwatch(seconds), limit_bad, deep_every
        self.results = results.Results(kind, code)
        self.known, self.bad, self.trials = {}, [], 0
        self.stages = {}
        for name, stage in w.stages.items():
            self.stages[name] = (stage, *trial.undisturbed(w, stage))

    def over(self):
        return self.watch.over() or len(self.bad) >= self.limit_bad

    def judge(self, t, want, finished, extra=()):
        self.trials += 1
        self.results.add("trials")
        wrong = list(extra)
        if not finished:
            wrong.append("the program does not get to its end: " + t.told[-1])
        wrong += t.judge(want, self.known, deep=self.trials % self.deep_every == 0)
        if len(self.known) > 20000:
            self.known.clear()
        if wrong:
            self.results.add("bad")
            where = results.keep_bad(self.kind, t.site.path, t.told, wrong)
            self.bad.append((t.told, wrong))
            print("BAD %s %s\n  %s\n  %s" % (t.stage.name, where, "\n  ".join(t.told), "\n  ".join(wrong[:8])), flush=True)
        if self.trials % 25 == 0:
            self.results.save()
        return wrong

    def points(self, stage, seed):
        """Every changing call, before and after; writes also cut in half. In an order that makes any beginning a fair sample."""
        _, _, n, calls = self.stages[stage]
        all_points = [(side, at + 1) for at in range(n) for side in ("before", "after", "short") if side != "short" or calls[at][0] in WRITES]
        random.Random("%s %d" % (stage, seed)).shuffle(all_points)
        return all_points

    # ---- kills ----

    def kill_trial(self, stage, side, at, rng):
        st, want, n, _ = self.stages[stage]
        t = trial.Trial(self.world, st, rng=rng, late=rng.choice((0, 0, 0.3)))
        kills = self.one_start(t, "%s:%d" % (side, at))
        for _ in range(rng.choice(EXTRA_KILLS)):
            if rng.random() < 0.2:
                t.send_pending()
            if rng.random() < 0.15:
                t.send_again()
                self.results.add("files sent again")
            kills += self.one_start(t, "%s:%d" % (rng.choice(("before", "after", "short")), rng.randrange(1, n)))
        wrong = self.judge(t, want, t.finish(again=rng.random() < 0.25))
        self.results.add("kills", kills)
        t.remove()
        return wrong

    def one_start(self, t, plan):
        status, _, _ = t.start(plan)
        t.consume()
        return int(status == -9)

    def kills(self, seeds, stride=1):
        for seed in range(seeds):
            for stage in self.stages:
                whole = self.points(stage, seed)
                done = "seed %02d %s" % (seed, stage)
                self.results.best("points " + stage, self.stages[stage][2])
                start = self.results.so_far(done) if stride == 1 else 0
                for i, (side, at) in enumerate(whole[start::stride]):
                    if self.over():
                        self.results.save()
                        return
                    self.kill_trial(stage, side, at, random.Random("%s %d %s %d" % (stage, seed, side, at)))
                    if stride == 1:
                        self.results.add(done)
        self.results.save()

    # ---- readers that are killed ----

    def readers(self, rounds):
        """A confined reader is killed at a write to its pipe: the drop is read again by another, with the same end."""
        for k in range(rounds):
            for stage, (st, want, _, _) in self.stages.items():
                if self.over():
                    return
                rng = random.Random("reader %s %d" % (stage, k))
                t = trial.Trial(self.world, st, rng=rng)
                _, _, done = t.start("%s:%d" % (rng.choice(("before", "after")), rng.randrange(1, 120)), scope="child")
                t.consume()
                self.results.add("readers killed", int(done))
                self.judge(t, want, t.finish())
                t.remove()
        self.results.save()

    # ---- calls that fail ----

    def fail_trial(self, stage, at, name, always):
        st, want, _, calls = self.stages[stage]
        t = trial.Trial(self.world, st, rng=random.Random(at))
        plan = "part:%d" % at if name == "short" else "%s:%d:%d" % ("always" if always else "errno", at, ERRORS[name])
        extra = []
        try:
            status, points, done = t.start(plan)
        except subprocess.TimeoutExpired:
            status, done = None, True
            extra.append("it hangs when %s fails with %s" % (calls[at - 1][0], name))
        said = t.output if status is not None else ""
        self.results.add("failing calls", int(done))
        if done and status is not None:
            told = status not in DONE_OR_HELD or "HELD" in said or "DISK" in said
            self.results.add("stopped with an error" if status not in trial.DONE else "went on")
            if status < 0:
                extra.append("it dies of signal %d when %s of %s fails with %s" % (-status, *calls[at - 1], name))
            elif status in trial.DONE and not told and always and name in ("EIO", "EROFS", "ENOSPC", "EDQUOT") and points - at > 40:
                extra.append("it says nothing of %s from point %d on" % (name, at))
        t.consume()
        wrong = self.judge(t, want, t.finish(again=True), extra)
        t.remove()
        return wrong

    def errors(self, stride=1, offset=0):
        for stage in self.stages:
            n, calls = self.stages[stage][2:]
            todo = [(at + 1, name, always) for at in range(n) for name in ERRORS for always in (False, True)
                    if not (always and name in ("EINTR", "short")) and (name != "short" or calls[at][0] in WRITES)]
            random.Random(stage).shuffle(todo)
            done = "errors " + stage
            start = self.results.so_far(done) if stride == 1 else offset
            self.results.best("points " + stage, n)
            for at, name, always in todo[start::stride]:
                if self.over():
                    self.results.save()
                    return
                self.fail_trial(stage, at, name, always)
                if stride == 1:
                    self.results.add(done)
        self.results.save()


DONE_OR_HELD = trial.DONE
