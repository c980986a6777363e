#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A disk that fills while the gateway works: intake stops before it is full, everything taken is finished, status answers, and when the disk is enlarged all files are
done, once. Bytes, inodes, a daemon, a disk without a single free byte, and a disk whose syncs fail. The disk is a small tmpfs: needs root (skipped aloud otherwise)."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
MIB = 1 << 20
mounts = []
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,Company %d,C,Duluth,MN,US,Yes,\n"


def unmount_all():
    for path in mounts:
        subprocess.run(["umount", "-l", path], capture_output=True)


def mounted(name, options):
    path = os.path.join(TEMP, name)
    os.mkdir(path)
    p = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], capture_output=True, text=True)
    if p.returncode != 0:
        tap.skip(name, "no tmpfs can be mounted here (root?): " + p.stderr.strip())
        return None
    mounts.append(path)
    return path


def enlarge(path, options):
    subprocess.run(["mount", "-o", "remount," + options, path], check=True, capture_output=True)


def site_on(name, options, *settings):
    disk = mounted(name, options)
    return (disk, Site(name + "/site", settings=("settle.quiet = 0s", "run.settle_timeout = 1s") + settings)) if disk else (None, None)


def free(path):
    v = os.statvfs(path)
    return v.f_bavail * v.f_frsize


def ballast(disk, leave):
    with open(os.path.join(disk, "ballast"), "ab") as f:
        while free(disk) > leave:
            os.write(f.fileno(), b"x" * max(4096, min(MIB, (free(disk) - leave) // 4096 * 4096)))


def entries(site, *events):
    return [e for e in site.json("log") if not events or e.get("event") in events]


def lying(site, source="procore"):
    return sorted(os.listdir(os.path.join(site.path, "spool/drop", source)))


def companies(site, first, n):
    for i in range(first, first + n):
        site.drop("procore", "c%03d.csv" % i, COMPANY % (i, i))


def once(site, n, what):
    """Every company is an item, every file one drop, one bundle, and nothing is left in work/."""
    names = [e["detail"]["name"] for e in entries(site, "received")]
    tap.same(sorted(names), ["c%03d.csv" % i for i in range(1, n + 1)], what + ": every file was taken, once")
    tap.same(len([q for q in site.queue().values() if q["type"] == "vendor"]), n, what + ": every record is an item")
    tap.same(os.listdir(os.path.join(site.path, "spool/work")), [], what + ": nothing is left in work/")
    tap.same([e for e in entries(site, "duplicate")], [], what + ": nothing came twice")
    tap.same(site.ask("audit", "verify").returncode, 0, what + ": archive and log verify")


def bytes_and_files(name, options, larger, fill, settings):
    disk, site = site_on(name, options, "mail.from = gate@example.com", "mail.admins = ops@example.com", "mail.sendmail = /bin/true", *settings)
    if site is None:
        return
    companies(site, 1, 3)
    tap.same(site.run(), 0, name + ": with room three files are taken")
    fill(disk)
    companies(site, 4, 3)
    p = site.ask("run")
    tap.same((p.returncode, "HELD: disk" in p.stdout), (75, True), name + ": without, the run says so and ends 75")
    tap.same(lying(site), ["c%03d.csv" % i for i in (4, 5, 6)], name + ": the files stay in the drop folder")
    status = site.ask("status")
    tap.ok(status.returncode == 0 and "HELD: disk" in status.stdout and "df -h" in status.stdout, name + ": status tells it and what to do", status.stdout + status.stderr)
    disk_now = site.json("status")[-1]["disk"]
    tap.ok(disk_now["held"] and "since" in disk_now, name + ": status --json, too", disk_now)
    found = [(f["code"], f["severity"], f["file"]) for f in site.findings()]
    tap.same(found, [("F-60", "W", "c004.csv")], name + ": one finding, at the first file left")
    tap.same(site.run(), 75, name + ": the next run is held, too")
    tap.same(len(entries(site, "disk-held")), 1, name + ": one log entry for all of it")
    tap.same(site.call("mail", "list", ok=None).count("the disk is full"), 1, name + ": one mail")
    p = site.ask("ingest", "--source", "procore", os.path.join(site.path, "spool/drop/procore/c004.csv"))
    tap.same((p.returncode, "DISK-FULL" in p.stderr), (75, True), name + ": ingest is refused before it takes anything")
    enlarge(disk, larger)
    tap.same(site.run(), 0, name + ": with a larger disk everything goes on")
    ends = entries(site, "disk-free")
    tap.ok(len(ends) == 1 and ends[0]["detail"]["since"] > 0, name + ": one log entry when it ended", ends)
    tap.ok("HELD" not in site.call("status"), name + ": status is quiet again")
    once(site, 6, name)


def large_file_does_not_stop_small_ones():
    disk, site = site_on("large", "size=96m", "spool.reserve = 16777216", "spool.reserve_files = 100")
    if site is None:
        return
    site.drop("procore", "a-large.csv", COMPANY % (900, 900) + "".join("%d,%s,C,Duluth,MN,US,Yes,\n" % (i, "x" * 900) for i in range(1000, 20000)))
    companies(site, 1, 2)
    tap.same(site.run(), 75, "a file with less than ten times its size of room is left")
    tap.same(lying(site), ["a-large.csv"], "the small ones behind it are taken")
    needs = entries(site, "disk-held")[0]["detail"]["needs"]
    tap.ok(needs > 90 * MIB, "the log says how much it takes", needs)


def daemon():
    disk, site = site_on("daemon", "size=64m", "spool.reserve = 16777216", "spool.reserve_files = 100", "watch.rescan = 1s")
    if site is None:
        return
    ballast(disk, 8 * MIB)
    p = subprocess.Popen([PROGRAM, "-C", site.path, "watch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children.append(p)
    companies(site, 1, 3)
    tap.ok(wait_for(lambda: entries(site, "disk-held"), 15), "watch: held")
    tap.ok(p.poll() is None and len(lying(site)) == 3 and "HELD: disk" in site.call("status"), "watch goes on, status answers, nothing is taken")
    enlarge(disk, "size=160m")
    tap.ok(wait_for(lambda: entries(site, "disk-free") and not lying(site), 20), "when there is room it goes on by itself", site.call("status"))
    p.send_signal(signal.SIGTERM)
    tap.same(p.wait(20), 0, "watch ends well")
    once(site, 3, "watch")


def not_a_byte():
    """Without reserves the disk runs full under the writes themselves, at any of them."""
    failed = 0
    disk, site = site_on("brim", "size=48m", "spool.reserve = 0", "spool.reserve_files = 0", "archive.reserve = 0")
    if site is None:
        return
    site.run()
    for step in range(12):
        companies(site, 1 + step * 2, 2)
        ballast(disk, step * 24576)
        p = site.ask("run")
        failed += p.returncode != 0
        tap.ok(p.returncode in (0, 75), "%d KiB free: the run ends well or says that it is to be tried again" % (step * 24), (p.returncode, p.stderr))
        status = site.ask("status")
        # SQLite needs 32 KiB of shared memory beside the file to open it: that is one thing the reserve, switched off here, is for.
        tap.ok(status.returncode == 0 or (free(disk) < 32768 and "DISK-FULL" in status.stderr), "%d KiB free: status answers, or says that there is not even room for asking" % (step * 24), status.stderr)
        enlarge(disk, "size=%dm" % (64 + step * 4))
        os.unlink(os.path.join(disk, "ballast"))
        p = site.ask("run")
        tap.ok(p.returncode == 0, "%d KiB free: then, with room, everything is done" % (step * 24), (p.returncode, p.stderr))
    tap.ok(failed >= 3, "several of these runs met a full disk", failed)
    once(site, 24, "to the last byte")


def failing_syncs():
    """EIO at the n-th fsync or fdatasync of a run: it stops and says so; the sync is never tried again on that file; the next run finishes, once."""
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
        tap.skip("failing syncs", "strace cannot trace here")
        return
    site = Site("eio")
    site.run()
    trace = os.path.join(TEMP, "trace")
    done = 0
    for n in list(range(1, 40, 3)) + [200]:
        done += 1
        companies(site, done, 1)
        p = subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync,renameat2,renameat", "-e", "inject=fsync,fdatasync:error=EIO:when=%d" % n,
                            PROGRAM, "-C", site.path, "run"], capture_output=True, text=True)
        lines = read(trace).decode("utf-8", "replace").splitlines()
        hit = [i for i, line in enumerate(lines) if "INJECTED" in line]
        if not hit:
            tap.same(p.returncode, 0, "sync %d is never reached: the run ends well" % n)
            continue
        what = lines[hit[0]].split("<")[-1].split(">")[0]
        shown = what.replace(site.path + "/", "")
        tap.ok(p.returncode == 1 and ("DISK-ERROR" in p.stderr or "DB-IO" in p.stderr), "sync %d (%s) fails: the run stops and says so" % (n, shown), (p.returncode, p.stderr))
        again = [line for line in lines[hit[0] + 1:] if "sync(" in line and what in line]
        moved = [line for line in lines[hit[0] + 1:] if "rename" in line and os.path.basename(what) in line]
        if os.path.isdir(what) or "state.db" in what:
            tap.ok(True, "sync %d: a folder or the database" % n)
        else:
            tap.ok(not again and not moved, "sync %d: that file is neither synced again nor renamed" % n, again + moved)
        p = site.ask("run")
        tap.ok(p.returncode == 0, "sync %d: the next run finishes what was begun" % n, (p.returncode, p.stderr))
    once(site, done, "after failing syncs")


atexit.register(unmount_all)
bytes_and_files("bytes", "size=64m", "size=160m", lambda disk: ballast(disk, 8 * MIB), ("spool.reserve = 16777216", "spool.reserve_files = 100"))
bytes_and_files("inodes", "size=256m,nr_inodes=1000", "nr_inodes=100000",
                lambda disk: [write(os.path.join(disk, "f%d" % i), "") for i in range(os.statvfs(disk).f_favail - 150)],
                ("spool.reserve = 1048576", "spool.reserve_files = 200"))
large_file_does_not_stop_small_ones()
daemon()
not_a_byte()
failing_syncs()
tap.end()
