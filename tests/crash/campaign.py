# SPDX-License-Identifier: MIT
"""Campaigns of trials on one program: kills at counted points, calls that fail, readers that are killed. Each returns what was bad."""
import errno, os, random, re, subprocess, time

import oracle, results, trial, world

ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EDQUOT": errno.EDQUOT, "EROFS": errno.EROFS, "EINTR": errno.EINTR, "short": 0}
WRITES = ("write", "pwrite", "writev", "copy_file_range")
TRY_LATER = 75
IDLE_POINTS = 60  # of a start that has nothing to do
EXTRA_KILLS = (0, 1, 2, 4, 8, 16, 24)  # on the way through recovery, after the counted point


class Stopwatch:
    def __init__(self, seconds):
        self.end = None if seconds is None else time.monotonic() + seconds

    def over(self):
        return self.end is not None and time.monotonic() > self.end


class Campaign:
    def __init__(self, w, kind, code, seconds=None, limit_bad=5, deep_every=50, aim=None, stages=None):
        self.aim = aim
        self.world, self.kind, self.watch, self.limit_bad, self.deep_every = w, kind, Stopwatch(seconds), limit_bad, deep_every
        self.results = results.Results(kind, code)
        self.known, self.bad, self.trials = {}, [], 0
        self.stages = {} if stages is None else stages
        for name, stage in w.stages.items() if stages is None else ():
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

    def aimed(self, stage, at):
        """With an aim, (stage, pattern, around), only the points around such calls are tried."""
        if self.aim is None:
            return True
        only, pattern, around = self.aim
        calls = self.stages[stage][3]
        return stage == only and any(re.search(pattern, "%s %s" % c) for c in calls[max(0, at - around):at + around + 1])

    def points(self, stage, seed):
        """Every changing call, before and after; writes also cut in half. In an order that makes any beginning a fair sample."""
        _, _, n, calls = self.stages[stage]
        all_points = [(side, at + 1) for at in range(n) if self.aimed(stage, at) for side in ("before", "after", "short") if side != "short" or calls[at][0] in WRITES]
        random.Random("%s %d" % (stage, seed)).shuffle(all_points)
        return all_points

    # ---- kills ----

    def kill_trial(self, stage, side, at, rng):
        st, want, n, _ = self.stages[stage]
        t = trial.Trial(self.world, st, rng=rng, late=rng.choice((0, 0, 0.3)))
        kills, left = self.one_start(t, "%s:%d" % (side, at)), n
        for _ in range(rng.choice(EXTRA_KILLS)):
            left = max(IDLE_POINTS, left - t.points)  # what may still be to do
            if rng.random() < 0.2:
                t.send_pending()
            if rng.random() < 0.15:
                t.send_again()
                self.results.add("files sent again")
            kills += self.one_start(t, "%s:%d" % (rng.choice(("before", "after", "short")), rng.randrange(1, left)))
        wrong = self.judge(t, want, t.finish(again=rng.random() < 0.25))
        self.results.add("kills", kills)
        t.remove()
        return wrong

    def one_start(self, t, plan):
        status, _, _ = t.start(plan)
        t.consume()
        return int(status == -9)

    def kills(self, seeds, stride=1, one=None, first=0):
        one = one or self.kill_trial
        for seed in range(first, first + seeds):
            for stage in self.stages:
                whole = self.points(stage, seed)
                done = "seed %02d %s" % (seed, stage)
                self.results.best("points " + stage, self.stages[stage][2])
                start = self.results.so_far(done) if stride == 1 else 0
                for i, (side, at) in enumerate(whole[start::stride]):
                    if self.over():
                        self.results.save()
                        return
                    one(stage, side, at, random.Random("%s %d %s %d" % (stage, seed, side, at)))
                    if stride == 1:
                        self.results.add(done)
        self.results.save()

    # ---- the database is lost with the turn ----

    def rebuilt_trial(self, stage, side, at, rng):
        """Killed, and state.db gone: made again from the archive, which ends before that turn or in the middle of it. At times the next turn meets the same."""
        st, want, n, _ = self.stages[stage]
        t = trial.Trial(self.world, st, rng=rng, late=rng.choice((0, 0, 0.3)))
        kills = self.one_start(t, "%s:%d" % (side, at))
        wrong = t.lose_state()
        self.results.add("states lost")
        for _ in range(rng.choice((0, 0, 1, 2))):
            kills += self.one_start(t, "%s:%d" % (rng.choice(("before", "after", "short")), rng.randrange(1, n)))
            if rng.random() < 0.7:
                wrong += t.lose_state()
                self.results.add("states lost")
        finished = not wrong and t.finish(again=rng.random() < 0.25)
        wrong += t.verify() if finished else []
        wrong = self.judge(t, want, finished, wrong)
        self.results.add("kills", kills)
        t.remove()
        return wrong

    # ---- a sender that goes on writing ----

    def writers(self):
        """Each file is opened by its sender right before it is claimed, and changed when the claim is known: what counts is what it was at the claim."""
        for stage, (st, want, n, calls) in self.stages.items():
            for source, name, data in st.drops:
                claim = [i for i, (call, path) in enumerate(calls) if call == "renameat2" and path.endswith("/in/" + name)]
                if not claim or oracle.is_companion(source, name):
                    continue
                known = next(i for i in range(claim[0], n) if calls[i][0] == "fdatasync" and "state.db-wal" in calls[i][1])
                t = trial.Trial(self.world, st, rng=random.Random(name))
                pen = []
                path = os.path.join(t.site.path, "spool/drop", source, name)
                t.held_start([(claim[0] + 1, lambda: pen.append(os.open(path, os.O_WRONLY))), (known + 2, lambda: os.pwrite(pen[0], b"9" * len(data), 0))])
                os.close(pen[0])
                t.consume()
                self.results.add("late writers")
                self.judge(t, want, t.finish())
                t.remove()
        self.results.save()

    # ---- readers that are killed ----

    def readers(self, rounds):
        """A confined process, which reads a drop or a sheet or writes a batch, is killed at a write to its pipe: its work is done again by another, with the same end."""
        for k in range(rounds):
            for stage, (st, want, _, _) in self.stages.items():
                t = trial.Trial(self.world, st)
                _, writes, _ = t.start(scope="child")
                t.remove()
                for at in range(1, writes + 1):
                    if self.over():
                        self.results.save()
                        return
                    t = trial.Trial(self.world, st)
                    _, _, done = t.start("%s:%d" % (("before", "after")[k % 2], at), scope="child")
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
        extra, call = [], calls[at - 1]
        try:
            status, points, done = t.start(plan)
        except subprocess.TimeoutExpired:
            status, points, done = None, 0, True
            extra.append("it hangs when %s of %s fails with %s" % (*call, name))
        if done and status is not None:
            extra += self.told(t, status, at, name, always, points - at)
        self.results.add("failing calls", int(done))
        t.consume()
        wrong = self.judge(t, want, t.finish(again=True), extra)
        t.remove()
        return wrong

    def told(self, t, status, at, name, always, later):
        """After an error it stops and says why; going on is right only where nothing was lost by it."""
        call = self.stages[t.stage.name][3][at - 1]
        if status not in trial.DONE:
            self.results.add("stopped")
            if status < 0:
                return ["it dies of signal %d when %s of %s fails with %s" % (-status, *call, name)]
            if status != TRY_LATER and name in ("ENOSPC", "EDQUOT") and "sync" not in call[0] and not reads_only(call):
                return ["it ends with %d, not with %d as on a full disk, when %s of %s fails with %s" % (status, TRY_LATER, *call, name)]
            return [] if t.output.strip() else ["it stops without a word when %s of %s fails with %s" % (*call, name)]
        self.results.add("went on")
        if harmless(call, name, later) or (not always and claims_anew(call, name) and not t.left() and not t.working()):
            return []
        if name in ("ENOSPC", "EDQUOT") and of_page(self.stages[t.stage.name][3], at):
            return []  # the next turn writes it, which the oracle looks for
        return ["it goes on when %s of %s fails with %s%s" % (*call, name, " from then on" if always else "")]

    def errors(self, stride=1, offset=0):
        """Every call with each error once; then, with those that stay, failing from that call on."""
        for always in (False, True):
            for stage in self.stages:
                self.results.best("points " + stage, self.stages[stage][2])
                done = "errors %s %s" % ("always" if always else "once", stage)
                for at, name in self.failures(stage, always)[self.results.so_far(done) if stride == 1 else offset::stride]:
                    if self.over():
                        self.results.save()
                        return
                    self.fail_trial(stage, at, name, always)
                    if stride == 1:
                        self.results.add(done)
        self.results.save()

    def failures(self, stage, always):
        names = [name for name in ERRORS if not (always and name in ("EINTR", "short"))]
        todo = [(at, name) for side, at in self.points(stage, 0) if side in ("before", "short") for name in names if (name == "short") == (side == "short")]
        random.Random(stage).shuffle(todo)
        return todo


def reads_only(call):
    """SQLite that cannot make its log or its index opens the database to read only, and it is that what it tells."""
    what, path = call
    return what == "openat" and path.endswith(("state.db-wal", "state.db-shm"))


def of_page(calls, at):
    """Is this a call for a page of the archive: one of those of a temporary file that becomes index.csv or index.html, or the sync of that name?"""
    what, path = calls[at - 1]
    if "/archive" not in path:
        return False
    of_file = "rename" in what or os.path.basename(path).startswith(".tmp-")
    if not of_file and what != "fsync":
        return False
    to = next((p for w, p in (calls[at - 1:] if of_file else reversed(calls[:at])) if "rename" in w), "")
    return os.path.dirname(to) == (os.path.dirname(path) if of_file else path) and os.path.basename(to) in ("index.csv", "index.html")


def claims_anew(call, error):
    """A group that finds the disk full is recovered at once and then claimed file by file, because there may be room for some. Nothing of it may be left for another turn."""
    what, path = call
    return error in ("ENOSPC", "EDQUOT") and "/spool/" in path and what != "fsync"


LAST_CALLS = 30  # the end of a run: the database is closed, what the log has is written into it; until then the log has it


def harmless(call, error, later):
    """Calls whose failure loses nothing, so that the program may go on: a write or an open that was interrupted or cut short is done again or carried on; SQLite's shared
    index is made again from its log, and its sync of the folder, whose result it does not look at, has been done by store_open; the closing of the database may fail as a whole; a name that is gone already, or a folder that is there already."""
    what, path = call
    if error == "short" or (error == "EINTR" and what in ("write", "pwrite", "openat", "ftruncate")):
        return True
    if "state.db" in path and later <= LAST_CALLS:
        return True
    if path.endswith("-shm") or "etilqs_" in path or what == "fchown" or (what == "fdatasync" and "state.db" not in path):
        return True
    return what != "openat" and path.endswith(("lock", "/attempt"))
