# SPDX-License-Identifier: MIT
"""Power cuts: a file system on a loop device is shut down without its log being written, at a counted call; mounted again it has what was really forced out.

Needs root, loop devices and mkfs; says so where they are missing. Two parts: the whole program (a database on the same file system, whose commits carry
much along), and base/fs alone (bare.c), where nothing but our own syncs keeps a name.
"""
import ctypes, os, random, shutil, subprocess, time

import oracle, results, trial, world
from campaign import IDLE_POINTS, Campaign

SIZES = {"ext4": "96M", "xfs": "320M"}
MKFS = {"ext4": ["mkfs.ext4", "-q", "-F", "-m", "0"], "xfs": ["mkfs.xfs", "-q", "-f"]}
EXTRA_CUTS = (0, 1, 2, 4, 6, 8, 12)  # on the way through recovery, after the counted point
HOLE_EVERY = 3  # a receiver reads while the power goes: the one case in which the same bytes may come out again


def missing(kind):
    """Why there can be no power cuts here, or None."""
    if os.geteuid() != 0:
        return "power cuts need root"
    if not os.path.exists("/dev/loop-control"):
        return "there are no loop devices"
    if shutil.which(MKFS[kind][0]) is None:
        return "%s is not installed" % MKFS[kind][0]
    return None


class Disk:
    def __init__(self, kind, where):
        self.kind = kind
        self.image, self.path = os.path.join(where, kind + ".img"), os.path.join(where, kind + ".mnt")
        os.makedirs(self.path, exist_ok=True)
        subprocess.run(["truncate", "-s", SIZES[kind], self.image], check=True)
        subprocess.run([*MKFS[kind], self.image], check=True, capture_output=True)
        self.device = subprocess.run(["losetup", "--show", "-f", self.image], check=True, capture_output=True, text=True).stdout.strip()
        self.mounted = False
        try:
            self.mount()
        except subprocess.CalledProcessError:
            self.close()
            raise

    def mount(self):
        subprocess.run(["mount", "-t", self.kind, self.device, self.path], check=True)
        self.mounted = True

    def umount(self):
        for _ in range(200):  # a reader that is being killed may still be there
            if subprocess.run(["umount", self.path], capture_output=True).returncode == 0:
                self.mounted = False
                return
            time.sleep(0.02)
        raise RuntimeError("%s cannot be unmounted" % self.path)

    def again(self):
        self.umount()
        self.mount()

    def sync(self):
        fd = os.open(self.path, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(fd) != 0:
                raise OSError(ctypes.get_errno(), "syncfs")
        finally:
            os.close(fd)

    def close(self):
        if self.mounted:
            self.umount()
        subprocess.run(["losetup", "-d", self.device], check=False)
        os.unlink(self.image)


class Receiver:
    """Takes files while the program is at work: what it has read and removed may be back after the cut."""

    def __init__(self, site, taken):
        self.base, self.taken = os.path.join(site.path, "spool/out"), taken

    def look(self):
        try:
            for target in os.listdir(self.base):
                for name in sorted(os.listdir(os.path.join(self.base, target))):
                    path = os.path.join(self.base, target, name)
                    digest = oracle.sha256(oracle.read(path))
                    self.taken.append((target + "/" + name, digest))  # it has been read, whatever becomes of the removal
                    os.unlink(path)
        except OSError:
            return  # the power is off


class Cuts(Campaign):
    def __init__(self, w, kind, code, seconds=None, **more):
        super().__init__(w, kind, code, seconds, **more)
        self.disk = Disk(kind, w.where)

    def close(self):
        self.disk.close()
        self.results.save()

    def one_cut(self, t, plan, lie=None):
        self.disk.sync()  # what senders and receivers did is theirs to keep
        more = {"CRASH_LIE": lie} if lie else {}
        during = Receiver(t.site, t.taken).look if self.hole else None
        status, _, done = t.start(plan, CRASH_MOUNT=self.disk.path, during=during, **more)
        if done:
            self.disk.again()
            self.results.add("cuts")
        t.consume()
        return done

    def cut_trial(self, stage, side, at, rng, lie=None):
        st, want, n, _ = self.stages[stage]
        self.hole = self.trials % HOLE_EVERY == 0
        t = trial.Trial(self.world, st, where=self.disk.path, rng=rng)
        self.one_cut(t, "%s:%d" % (side, at), lie)
        left = n
        for _ in range(rng.choice(EXTRA_CUTS)):
            left = max(IDLE_POINTS, left - t.points)
            if rng.random() < 0.15:
                t.send_again()
            self.one_cut(t, "%s:%d" % (rng.choice(("cut", "cutafter")), rng.randrange(1, left)), lie)
        t.allow_repeats = True
        wrong = self.judge(t, want, t.finish())
        self.results.add("same bytes put out again", t.repeats)
        t.remove()
        return wrong

    def cuts(self, seeds, stride=1, lie=None, first=0):
        for seed in range(first, first + seeds):
            for stage in self.stages:
                sides = {"before": "cut", "after": "cutafter"}
                whole = [(sides[s], at) for s, at in self.points(stage, seed) if s in sides]
                done = "seed %02d %s" % (seed, stage)
                start = self.results.so_far(done) if stride == 1 else 0
                for side, at in whole[start::stride]:
                    if self.over():
                        return
                    self.cut_trial(stage, side, at, random.Random("%s %d %s %d" % (stage, seed, side, at)), lie)
                    if stride == 1:
                        self.results.add(done)


def bare(program, disk, rounds, lie=None):
    """How many of `rounds` cuts right after base/fs said "done" lost a name or bytes."""
    lost = 0
    for k in range(rounds):
        folder = os.path.join(disk.path, "bare")
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        disk.sync()
        env = dict(os.environ, LD_PRELOAD=trial.SHIM, CRASH_PROGRAM="bare", **({"CRASH_LIE": lie} if lie else {}))
        p = subprocess.run([program, disk.path, str(k)], env=env, capture_output=True, text=True)
        if p.returncode != 0:
            raise RuntimeError("bare: exit %d\n%s" % (p.returncode, p.stderr))
        disk.again()
        lost += not all(promise_kept(folder, line) for line in p.stdout.splitlines())
    return lost


def promise_kept(folder, line):
    name, want = line.split(" ")
    path = os.path.join(folder, name)
    if want == "-":
        return not os.path.exists(path)
    return os.path.exists(path) and oracle.read(path).decode() == want
