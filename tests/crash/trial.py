# SPDX-License-Identifier: MIT
"""One crash trial: a stage's beginning, starts that are killed or disturbed, then starts that are not, and the oracle's judgement.

Between starts a receiver empties out/, and senders may send the same file once more.
"""
import collections, os, shutil, signal, struct, subprocess, time

import oracle, world

SHIM = os.path.join(world.ROOT, "build/crash/shim.so")
DONE = (0, 3)  # exit codes of a run that got to its end; 3 = something needs a person, as in this world always
HELD = "HELD"


class Counter:
    """The file that the shim counts in."""

    def __init__(self, path):
        self.path = path
        self.clear()

    def clear(self):
        with open(self.path, "wb") as f:
            f.write(b"\0" * 32)

    def next(self, at):
        with open(self.path, "r+b") as f:
            f.seek(24)
            f.write(struct.pack("Q", at))

    def read(self):
        with open(self.path, "rb") as f:
            points, done, self.child = struct.unpack("QQQ", f.read(24))
        return points, bool(done)


class Trial:
    def __init__(self, w, stage, name="trial", where=None, late=0.0, rng=None):
        self.world, self.stage, self.rng = w, stage, rng
        self.site = world.Site(w.program, os.path.join(where or w.where, name), w.key)
        self.counter = Counter(os.path.join(w.where, name + ".count"))
        shutil.rmtree(self.site.path, ignore_errors=True)
        world.copy_site(stage.base, self.site.path)
        self.deliveries, self.taken, self.told = collections.Counter(), [], []
        for source, name, digest in self.before():
            self.deliveries[source, name, digest] += 1
        self.pending = []  # files that come between starts
        self.allow_repeats, self.repeats = False, 0
        held = set()
        for f in stage.drops:
            first = f[1].split(".")[0]
            if late and (first in held or (f[0] != "approvals" and rng.random() < late)):
                held.add(first)
                self.pending.append(f)
            else:
                self.send(f)

    def before(self):
        if not hasattr(self.stage, "before"):
            j = oracle.Judge(self.stage.base, {}, [], {})
            self.stage.before = j.rows("SELECT source, name, sha256 FROM drops")
            j.db.close()
        return self.stage.before

    def send(self, f):
        source, name, data = f
        digest = oracle.sha256(data)
        if self.site.drop(source, name, data):
            return  # the sender replaced his own file before it was taken
        self.deliveries[source, name, digest] += 1

    def send_pending(self):
        for f in self.pending:
            self.send(f)
        self.pending = []

    def send_again(self):
        """A sender that is not sure: the same file once more, together with what belongs to it."""
        source, name, _ = self.rng.choice([f for f in self.stage.drops if f[0] != "approvals"])
        stem = name.removesuffix(".sha256")
        for f in self.stage.drops:
            if f[0] == source and f[1].removesuffix(".sha256") == stem:
                self.send(f)

    def start(self, plan="none", scope="core", timeout=60, command=("run",), during=None, **more):
        """Exit status (negative: the signal), points passed, whether the plan was carried out."""
        self.counter.clear()
        env = dict(os.environ, LD_PRELOAD=SHIM, CRASH_PLAN=plan, CRASH_SCOPE=scope, CRASH_COUNTER=self.counter.path, **more)
        p = subprocess.Popen([self.world.program.path, "-C", self.site.path, *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            if scope == "child":
                self.kill_child(p)
            while during is not None and p.poll() is None:
                during()
                time.sleep(0.002)
            self.output, _ = p.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            self.told.append("%s %s: hangs" % (plan, scope))
            raise
        points, done = self.counter.read()
        self.points = points
        self.told.append("%s %s %s: exit %d, %d points %s" % (plan, scope, more or "", p.returncode, points, self.output.strip()[-300:] if p.returncode not in DONE else ""))
        return p.returncode, points, done

    def kill_child(self, p):
        """Waits for a reader that has come to its point, and kills it from outside."""
        while p.poll() is None:
            _, done = self.counter.read()
            if done:
                os.kill(self.counter.child, signal.SIGKILL)
                return
            time.sleep(0.001)

    def held_start(self, steps):
        """A start that is stopped before each point of `steps`, [(point, what to do meanwhile)]; its exit status."""
        self.counter.clear()
        env = dict(os.environ, LD_PRELOAD=SHIM, CRASH_PLAN="hold:%d" % steps[0][0], CRASH_COUNTER=self.counter.path)
        p = subprocess.Popen([self.world.program.path, "-C", self.site.path, "run"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for i, (_, act) in enumerate(steps):
            pid, status = os.waitpid(p.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                p.returncode = os.waitstatus_to_exitcode(status)
                break
            act()
            self.counter.next(steps[i + 1][0] if i + 1 < len(steps) else 0)
            os.kill(p.pid, signal.SIGCONT)
        self.told.append("held at %s: exit %d" % ([at for at, _ in steps], p.wait()))
        return p.returncode

    def lose_state(self):
        """state.db and its companions are gone; made again from the archive. What is wrong about that, as sentences."""
        for name in ("state.db", "state.db-wal", "state.db-shm"):
            path = os.path.join(self.site.path, name)
            if os.path.exists(path):
                os.unlink(path)
        p = subprocess.run([self.world.program.path, "-C", self.site.path, "db", "rebuild"], capture_output=True, text=True)
        self.told.append("state.db lost, db rebuild: exit %d %s" % (p.returncode, (p.stdout + p.stderr).strip()[-300:]))
        return [] if p.returncode == 0 else ["db rebuild ends with %d: %s" % (p.returncode, (p.stdout + p.stderr).strip()[-300:])]

    def verify(self):
        p = subprocess.run([self.world.program.path, "-C", self.site.path, "audit", "verify"], capture_output=True, text=True)
        return [] if p.returncode == 0 else ["audit verify ends with %d: %s" % (p.returncode, (p.stdout + p.stderr).strip()[-300:])]

    def consume(self):
        self.site.consume(self.taken)

    def finish(self, again=False):
        """Undisturbed starts until nothing is left; False when the program does not get there."""
        self.send_pending()
        for _ in range(4):
            status, _, _ = self.start()
            self.consume()
            if status not in DONE:
                return False
            if not self.left():
                break
        if again:
            before = len(self.taken)
            status, _, _ = self.start()
            self.consume()
            if status not in DONE or len(self.taken) != before:
                self.told.append("another start was not idle")
                return False
        return True

    def left(self):
        drop = os.path.join(self.site.path, "spool/drop")
        return any(os.listdir(os.path.join(drop, s)) for s in oracle.SENDERS)

    def working(self):
        return bool(os.listdir(os.path.join(self.site.path, "spool/work")))

    def judge(self, want, known, deep=False):
        taken = self.taken
        if self.allow_repeats:
            taken = list(dict.fromkeys(taken))
            self.repeats = len(self.taken) - len(taken)
        return oracle.judge(self.site.path, self.deliveries, taken, want, known, deep)

    def remove(self):
        shutil.rmtree(self.site.path, ignore_errors=True)


def undisturbed(w, stage):
    """What the stage comes to, how many points it has, and their calls."""
    t = Trial(w, stage, "undisturbed-" + stage.name)
    trace = os.path.join(w.where, stage.name + ".trace")
    status, points, _ = t.start(CRASH_TRACE=trace)
    t.consume()
    if status not in DONE:
        raise RuntimeError("the undisturbed run of %s ends with %d: %s" % (stage.name, status, t.output[-1000:]))
    if not t.finish(again=True):
        raise RuntimeError("the undisturbed run of %s does not end: %s" % (stage.name, t.told))
    want = oracle.expected(t.site.path, t.taken, t.deliveries)
    wrong = t.judge(want, {}, deep=True)
    if wrong:
        raise RuntimeError("the oracle does not accept the undisturbed run of %s:\n%s" % (stage.name, "\n".join(wrong)))
    with open(trace) as f:
        calls = [line.split(" ", 2) for line in f.read().splitlines()]
    os.unlink(trace)
    t.remove()
    return want, points, [(c[1], c[2]) for c in calls]
