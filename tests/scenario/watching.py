#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever happens to events, nothing that is dropped is missed: a queue of 16 that overflows, no events at all, a helper that is killed, a drop folder that is moved away and
made anew, mounted over, on a server. Each leads to the same look at the folder, at the latest after watch.rescan.

FLOOD=200000 (`make flood`) for the full figures; FLOOD_DRAIN=1 to wait until each of them is taken and sealed, too.
"""
import os, sqlite3, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

FLOOD = int(os.environ.get("FLOOD", "300"))
DRAIN = os.environ.get("FLOOD_DRAIN") == "1" or FLOOD <= 2000
SLOW = 3.0  # what a busy machine adds to a second; the figures themselves are printed
QUEUE = "/proc/sys/fs/inotify/max_queued_events"
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,Company %d,C,Duluth,MN,US,Yes,\n"
tap = Tap()


def note(text):
    print("# " + text)
    sys.stdout.flush()


class Queue:
    """The kernel's limit of waiting events, for instances made meanwhile; as it was afterwards."""
    def __init__(self, n):
        self.n, self.old = n, None

    def __enter__(self):
        try:
            self.old = read(QUEUE)
            write(QUEUE, b"%d" % self.n)
        except OSError:
            self.old = None
        return self.old is not None

    def __exit__(self, *_):
        if self.old is not None:
            write(QUEUE, self.old)


class Watched(Site):
    serial = 0

    def __init__(self, name, *settings, rescan="2s", program=PROGRAM):
        super().__init__(name, settings=("settle = rename", "run.settle_timeout = 1s", "watch.rescan = " + rescan) + settings)
        self.program, self.sent = program, {}
        self.folder = os.path.join(self.path, "spool/drop/procore")

    def start(self):
        self.log = os.path.join(TEMP, os.path.basename(self.path) + ".log")
        with open(self.log, "wb") as out:
            self.watch = subprocess.Popen([self.program, "-C", self.path, "watch"], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        children.append(self.watch)
        if not wait_for(lambda: b"End it with" in read(self.log), 30):
            print("Bail out! watch does not start: %s" % read(self.log).decode())
            sys.exit(1)
        time.sleep(0.3)  # the first turn is over, the helper has its watches

    def stop(self):
        if self.watch.poll() is None:
            self.watch.terminate()
        return self.watch.wait(60)

    def helper(self):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as f:
                    stat = f.read()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == self.watch.pid and "(erpgate-watch)" in stat and ") Z" not in stat:
                return int(pid)
        return None

    def put(self, name=None, folder=None):
        """One file, by a rename; returns its name."""
        Watched.serial += 1
        name = name or "v%06d.csv" % Watched.serial
        data = (COMPANY % (Watched.serial, Watched.serial)).encode()
        path = os.path.join(folder or self.folder, name)
        write(path + ".part", data)
        os.rename(path + ".part", path)
        self.sent[name] = sha256(data)
        return name

    def latency(self, within, folder=None, rest=0):
        """Seconds until a new file is gone from its folder, after a rest in which the looks have become rare."""
        time.sleep(rest)
        path = os.path.join(folder or self.folder, self.put(folder=folder))
        began = time.monotonic()
        taken = wait_for(lambda: not os.path.exists(path), within, 0.01)
        return time.monotonic() - began if taken else float("inf")

    def entries(self, *events):
        db = sqlite3.connect("file:%s?mode=ro" % os.path.join(self.path, "state.db"), uri=True, timeout=30)
        rows = [json.loads(r[0]) for r in db.execute("SELECT line FROM log ORDER BY idx")]
        db.close()
        return [e for e in rows if e["event"] in events]

    def received(self):
        return [(e["detail"]["name"], e["detail"]["sha256"]) for e in self.entries("received", "duplicate")]

    def judge(self, what, cut_short=False):
        """Every file that was sent was received once, with its bytes. A watch that was told to end may leave its last turn to the next start, but no file that it had not taken."""
        if self.watch.poll() is not None:
            if not cut_short:
                tap.same(os.listdir(self.folder), [], "%s: no file is left for a later start" % what)
            self.run()
        wait_for(lambda: not os.listdir(self.folder) and not os.listdir(os.path.join(self.path, "spool/work")), 30)
        got = self.received()
        missed, twice = set(self.sent.items()) - set(got), len(got) - len(set(got))
        tap.same((len(missed), twice, len(got)), (0, 0, len(self.sent)), "%s: %d files sent, 0 missed, 0 taken twice" % (what, len(self.sent)))


# ---- an end that is asked for while much is to do ----

def ended_in_the_middle():
    site, n = Watched("ended"), 1000
    for _ in range(n):
        site.put()
    site.log = os.path.join(TEMP, "ended.log")
    with open(site.log, "wb") as out:
        site.watch = subprocess.Popen([site.program, "-C", site.path, "watch"], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    children.append(site.watch)
    wait_for(lambda: len(os.listdir(site.folder)) < n, 60, 0.005)
    began = time.monotonic()
    site.stop()
    took, left = time.monotonic() - began, len(os.listdir(site.folder))
    tap.ok(took < 2 + SLOW and 0 < left < n, "an end asked for among %d files: %.2f s later it has ended, and %d lie there as they did" % (n, took, left), (took, left))
    tap.same(site.ask("audit", "verify").returncode, 0, "an end asked for: what is sealed so far verifies")
    site.judge("an end asked for", cut_short=True)


# ---- events that do not come ----

def with_events():
    site = Watched("events", rescan="1h")
    site.start()
    took = [site.latency(20) for _ in range(8)]
    tap.ok(max(took) < 1 + SLOW, "events: each file is taken long before the next look of its own (longest %.2f s, watch.rescan 1 h)" % max(took), took)
    tap.ok(site.stop() in (0, 143), "events: watch ends when told")
    site.judge("events")


def without_events():
    site = Watched("poll", "watcher = poll")
    site.start()
    took = [site.latency(20, rest=r) for r in (3.1, 3.7, 4.3)]
    tap.ok(max(took) <= 2 + 1 + SLOW, "no events: each file is taken within the rescan time and 1 s (longest %.2f s, watch.rescan 2 s)" % max(took), took)
    site.stop()
    site.judge("no events")


def helper_killed():
    site = Watched("killed")
    site.start()
    helper = site.helper()
    tap.ok(helper is not None, "helper: erpgate-watch runs as a child")
    os.kill(helper, signal.SIGKILL)
    took = [site.latency(20, rest=r) for r in (3.1, 3.7, 0.1)]
    tap.ok(max(took) <= 2 + 1 + SLOW, "helper killed: each file is taken within the rescan time and 1 s (longest %.2f s)" % max(took), took)
    tap.ok(b"erpgate-watch ended" in read(site.log), "helper killed: it is said", read(site.log))
    site.stop()
    site.judge("helper killed")


def helper_that_overflows():
    """For those who may not change the kernel's limit: a helper whose queue is always over."""
    folder = os.path.join(TEMP, "bin")
    os.mkdir(folder)
    shutil.copy2(PROGRAM, os.path.join(folder, "erpgate"))
    os.symlink(os.path.join(ROOT, "adapters"), os.path.join(folder, "adapters"))
    write(os.path.join(folder, "erpgate-watch"), "#!/bin/sh\necho READY\nwhile sleep 1; do echo OVERFLOW || exit 0; done\n")
    os.chmod(os.path.join(folder, "erpgate-watch"), 0o755)
    site = Watched("overflowing", rescan="1h", program=os.path.join(folder, "erpgate"))
    site.start()
    took = [site.latency(20) for _ in range(3)]
    tap.ok(max(took) <= 1 + 1 + SLOW, "nothing but OVERFLOW: each file is taken (longest %.2f s, watch.rescan 1 h)" % max(took), took)
    site.stop()
    site.judge("nothing but OVERFLOW")


# ---- folders that are not what they were ----

def folder_made_anew():
    site = Watched("anew", rescan="3s")
    site.start()
    site.latency(20)
    os.rename(site.folder, os.path.join(TEMP, "away"))
    left = site.put(folder=os.path.join(TEMP, "away"))
    time.sleep(0.5)
    os.mkdir(site.folder)
    first = site.latency(20)
    tap.ok(first <= 3 + 1 + SLOW, "folder moved away and made anew: the first file is taken after %.2f s (watch.rescan 3 s)" % first)
    time.sleep(0.5)
    took = min(site.latency(20) for _ in range(2))
    tap.ok(took < 1.5 + SLOW / 2, "then events tell of it again (%.2f s)" % took)
    tap.ok(os.path.exists(os.path.join(TEMP, "away", left)), "what went away with the old folder is nobody's concern")
    tap.ok(site.watch.poll() is None, "watch lives")
    os.rename(os.path.join(TEMP, "away", left), os.path.join(site.folder, left))
    wait_for(lambda: not os.listdir(site.folder), 20)
    site.stop()
    site.judge("folder made anew")


def mounted_over():
    if os.geteuid() != 0:
        tap.skip("a drop folder mounted over", "needs root")
        return
    site = Watched("mounted", rescan="3s")
    site.start()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", site.folder], capture_output=True).returncode != 0:
        tap.skip("a drop folder mounted over", "nothing can be mounted here")
        site.stop()
        return
    try:
        took = [site.latency(30) for _ in range(3)]
        tap.ok(max(took) <= 3 + 1 + SLOW, "tmpfs mounted over the folder: each file is taken (longest %.2f s, watch.rescan 3 s)" % max(took), took)
        text = site.call("status")
        tap.ok("Drop folder procore: on a mount of its own (tmpfs)" in text, "status says so", text)
        tap.ok("on a mount of its own" in site.ask("doctor").stdout, "doctor says so")
    finally:
        subprocess.run(["umount", site.folder], check=True)
    took = [site.latency(30) for _ in range(3)]
    tap.ok(max(took) <= 3 + 1 + SLOW, "unmounted: the folder below it again (longest %.2f s)" % max(took), took)
    tap.ok(site.watch.poll() is None, "watch lives")
    site.stop()
    site.judge("mounted over and unmounted")


def on_a_server():
    """sshfs, with OpenSSH's SFTP server as a child in place of a connection."""
    server = "/usr/lib/openssh/sftp-server"
    if shutil.which("sshfs") is None or not os.path.exists(server) or not os.path.exists("/dev/fuse"):
        tap.skip("a drop folder on a server", "there is no sshfs here")
        return
    site = Watched("sshfs", rescan="2s")
    far, line = os.path.join(TEMP, "far"), os.path.join(TEMP, "line")
    os.mkdir(far)
    write(line, "#!/bin/sh\nexec %s\n" % server)
    os.chmod(line, 0o755)
    made = subprocess.run(["sshfs", "-o", "ssh_command=" + line, "-o", "dir_cache=no", "nobody:" + far, site.folder], capture_output=True, text=True)
    if made.returncode != 0:
        tap.skip("a drop folder on a server", "sshfs cannot mount here: " + made.stderr.strip()[:100])
        return
    try:
        text = site.ask("doctor").stdout
        tap.ok("on FUSE (sshfs), where no event tells of new files" in text, "a drop folder over sshfs: doctor says that it is looked at from time to time", text)
        got = site.json("status")[0]["drop_folders"]
        tap.ok(len(got) == 1 and got[0]["source"] == "procore" and got[0]["polled"] is True, "status --json has it", got)
        site.start()
        took = [site.latency(30, folder=far) for _ in range(4)]
        tap.ok(max(took) <= 2 + 1 + SLOW, "files written at the other end are taken within the rescan time and 1 s (longest %.2f s)" % max(took), took)
        # libfuse renames a file that is removed before it has heard of the last close, and may forget it
        left = lambda: [n for n in os.listdir(far) if not n.startswith(".fuse_hidden")]
        tap.ok(wait_for(lambda: not left(), 10), "nothing is left at the other end", left())
        site.stop()
        site.judge("over sshfs")
    finally:
        subprocess.run(["umount", site.folder], check=True)
    whole = os.path.join(TEMP, "whole")
    os.mkdir(whole)
    far2 = os.path.join(TEMP, "far2")
    os.mkdir(far2)
    subprocess.run(["sshfs", "-o", "ssh_command=" + line, "nobody:" + far2, whole], check=True)
    try:
        shutil.copytree(site.path, os.path.join(whole, "site"), symlinks=True)
        p = subprocess.run([PROGRAM, "-C", os.path.join(whole, "site"), "run"], capture_output=True, text=True)
        tap.ok(p.returncode == 1 and "FUSE (sshfs)" in p.stderr and "local disk" in p.stderr, "a whole site there is refused with the reason", (p.returncode, p.stderr))
    finally:
        subprocess.run(["umount", whole], check=True)


# ---- the flood ----

def found(site):
    """How many files the gateway knows of: taken, and counted as left by the last turn."""
    over = site.entries("over-quota")
    return (over[-1]["detail"]["left"] if over else 0), len(site.received())


def flood():
    n = FLOOD
    quota = () if DRAIN and n <= 2000 else ("source.procore.max_files = 100",)
    site = Watched("flood", *quota, rescan="1h" if n <= 2000 else "30s")
    with Queue(16) as small:
        site.start()
    if not small:
        note("fs.inotify.max_queued_events cannot be changed here: the queue has its usual length")
    began = time.monotonic()
    for _ in range(n):
        site.put()
    sent = time.monotonic()
    note("%d files dropped in %.1f s; a queue of %s" % (n, sent - began, "16" if small else "the usual length"))
    if quota:
        # a turn that began after the last file says: what it took and what it left are together all of them
        all_seen = wait_for(lambda: sum(found(site)) == n and found(site)[0] > 0, 900, 1)
        left, taken = found(site)
        tap.same(left + taken, n, "flood of %d with a queue of 16: every file is seen, %.0f s after the last one" % (n, time.monotonic() - sent))
        tap.ok(all_seen, "flood: no file is seen twice or forgotten (%d taken, %d left for later turns)" % (taken, left))
    if not DRAIN:
        site.stop()
        names = set(os.listdir(site.folder)) | {name for name, _ in site.received()} | {m for d in os.listdir(os.path.join(site.path, "spool/work")) for m in os.listdir(os.path.join(site.path, "spool/work", d, "in"))}
        tap.same(names, set(site.sent), "flood: what was taken and what still lies there are all that was sent")
        return
    empty = wait_for(lambda: not os.listdir(site.folder), 60 + n * 0.1, 0.2)
    took = time.monotonic() - sent
    tap.ok(empty, "flood of %d with a queue of 16: drained in %.1f s (%.2f ms each), watch.rescan 1 h" % (n, took, 1000 * took / n), len(os.listdir(site.folder)))
    site.stop()
    site.judge("flood with a queue of 16")


ended_in_the_middle()
with_events()
without_events()
helper_killed()
helper_that_overflows()
folder_made_anew()
mounted_over()
on_a_server()
flood()
tap.end()
