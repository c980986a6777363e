#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What can lie in a drop folder that is no honest file: links, pipes, sockets, devices, folders, giants, unreadable files, names made to deceive, and files that
change while they are taken. Each is told with a reason, nothing is followed or lost, and the file beside it is taken."""
import os, re, socket, sys, threading
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff]")
SECRET = "the secret of another folder"
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,Company %d,C,Duluth,MN,US,Yes,\n"


def fresh(name, *settings):
    site = Site(name, settings=("settle.quiet = 0s", "run.settle_timeout = 1s") + settings)
    return site, os.path.join(site.path, "spool/drop/procore")


def neighbour(site):
    site.drop("procore", "zz_good.csv", COMPANY % (4711, 4711))


def taken(site):
    return "vendor/4711" in site.queue("--type", "vendor")


# ---- what is no plain file ----

def symlink(folder):
    write(os.path.join(TEMP, "secret.csv"), SECRET)
    os.symlink(os.path.join(TEMP, "secret.csv"), os.path.join(folder, "bad.csv"))


def symlink_to_nothing(folder):
    os.symlink("/nowhere/at/all", os.path.join(folder, "bad.csv"))


def symlink_to_settings(folder):
    os.symlink("../../../erpgate.conf", os.path.join(folder, "bad.csv"))


def hard_link(folder):
    write(os.path.join(folder, "bad.csv"), COMPANY % (1, 1))
    os.link(os.path.join(folder, "bad.csv"), os.path.join(folder, ".second"))
    past = time.time() - 60
    os.utime(os.path.join(folder, "bad.csv"), (past, past))


def fifo(folder):
    os.mkfifo(os.path.join(folder, "bad.csv"))


def unix_socket(folder):
    s = socket.socket(socket.AF_UNIX)
    os.chdir(folder)
    s.bind("bad.csv")
    os.chdir(TEMP)
    s.close()


def device(folder):
    os.mknod(os.path.join(folder, "bad.csv"), 0o600 | 0o020000, os.makedev(1, 3))


def directory(folder):
    os.makedirs(os.path.join(folder, "bad.csv"))
    write(os.path.join(folder, "bad.csv", "inside.csv"), COMPANY % (1, 1))


def sparse_giant(folder):
    with open(os.path.join(folder, "bad.csv"), "wb") as f:
        f.truncate(1 << 40)


KINDS = [
    ("symbolic link", symlink, "links are never followed", False),
    ("dangling link", symlink_to_nothing, "links are never followed", False),
    ("link to our settings", symlink_to_settings, "links are never followed", False),
    ("hard link", hard_link, "names", False),
    ("named pipe", fifo, "a named pipe", False),
    ("socket", unix_socket, "a socket", False),
    ("device", device, "a device", True),
    ("folder", directory, "a folder", False),
    ("sparse giant", sparse_giant, "may send 1073741824 at most", False),
]


def no_plain_files():
    for what, make, words, as_root in KINDS:
        if as_root and os.geteuid() != 0:
            tap.skip(what, "needs root")
            continue
        site, folder = fresh("kind-" + what.replace(" ", "-"))
        make(folder)
        neighbour(site)
        before = os.lstat(os.path.join(folder, "bad.csv"))
        used = shutil.disk_usage(TEMP).used
        start = time.monotonic()
        tap.same(site.run(), 3, "%s: run ends 3" % what)
        tap.ok(time.monotonic() - start < 10, "%s: nothing waits for it" % what)
        found = [f for f in site.findings() if f["file"] == "bad.csv"]
        tap.same([(f["code"], f["severity"], f["line"]) for f in found], [("F-60", "W", 1)], "%s: told once" % what)
        tap.ok(bool(found) and words in found[0]["message"] and "It stays where it is" in found[0]["message"], "%s: the message says what it is" % what, found)
        after = os.lstat(os.path.join(folder, "bad.csv"))
        tap.same((after.st_ino, after.st_mode, after.st_size), (before.st_ino, before.st_mode, before.st_size), "%s: untouched" % what)
        tap.ok(taken(site), "%s: its neighbour was taken" % what)
        tap.ok(SECRET.encode() not in b"".join(read(os.path.join(d, n)) for d, _, names in os.walk(os.path.join(site.path, "spool/rejects")) for n in names), "%s: nothing behind it came in" % what)
        tap.ok(shutil.disk_usage(TEMP).used - used < 64 << 20, "%s: it takes no room" % what)


def unreadable():
    """Root reads everything: the gateway runs as another account then."""
    if os.geteuid() == 0:
        tap.skip("mode 000", "root reads it all the same")
        return
    site, folder = fresh("mode")
    write(os.path.join(folder, "bad.csv"), COMPANY % (1, 1))
    os.chmod(os.path.join(folder, "bad.csv"), 0)
    neighbour(site)
    tap.same(site.run(), 3, "mode 000: run ends 3")
    found = [f for f in site.findings() if f["file"] == "bad.csv"]
    tap.ok(len(found) == 1 and "make it readable" in found[0]["message"], "mode 000: the message says whom to ask", found)
    tap.ok(taken(site), "mode 000: its neighbour was taken")


# ---- names ----

NAMES = [
    ("line feed", b"a\nb FORGED LOG LINE.csv"), ("escape codes", b"\x1b[2J\x1b]0;owned\x07x.csv"), ("carriage return", b"good.csv\r\x1b[Kbad.csv"),
    ("right to left", "invoice\u202evsc.exe.csv".encode()), ("zero width", "a\u200bb.csv".encode()), ("C1 control", "a\u009b31mb.csv".encode()),
    ("leading dash", b"-rf.csv"), ("option", b"--as=root.csv"), ("255 bytes", b"n" * 251 + b".csv"), ("invalid UTF-8", b"caf\xe9\xff.csv"), ("blanks", b"  a b  .csv"),
    ("quotes", b"a\"b'c`id`$(id);|&.csv"), ("formula", b"=cmd|'calc'!A0.csv"), ("percent", b"%s%n%2F..csv"), ("backslash", b"a..\\..\\x.csv"),
    ("our own files", b"WHY.txt"), ("a drop's name", b"D000001"), ("settings", b"erpgate.conf"), ("database", b"state.db"), ("adapter", b"evil.adapter"),
    ("table", b"cost_type.csv"), ("signature", b"x.csv.sig"), ("tabs", b"a\tb.csv"), ("line separator", "a\u2028b.csv".encode()),
]


def names():
    site, folder = fresh("names")
    settings, adapters = read(os.path.join(site.path, "erpgate.conf")), sorted(os.listdir(os.path.join(site.path, "adapters")))
    originals = {}
    for i, (what, name) in enumerate(NAMES):
        # no layout of ours: each is refused and must be explained under its name
        data = b"Strange,%d\n1,2\n" % i
        originals[data] = what
        path = os.path.join(folder.encode(), name)
        with open(path, "wb") as f:
            f.write(data)
    neighbour(site)
    p = site.ask("run")
    tap.same(p.returncode, 3, "hostile names: run ends 3")
    tap.ok(taken(site), "hostile names: the file beside them was taken")
    tap.same(os.listdir(folder), [], "hostile names: all of them were taken")
    kept = {}
    for drop, files in site.rejects().items():
        for n, data in files.items():
            tap_name = re.fullmatch(r"[A-Za-z0-9%_-][A-Za-z0-9._%-]{0,140}", n)
            if data in originals and tap_name:
                kept[data] = n
    tap.same(sorted(what for data, what in originals.items() if data not in kept), [], "hostile names: every original is in rejects, under a name that harms nobody")
    found = {f["drop"]: f for f in site.findings() if f["code"] == "F-01"}
    tap.same(len(found), len(NAMES), "hostile names: each file is explained (F-01)")
    texts = {"run": p.stdout + p.stderr}
    for words in (("findings", "--run", "last"), ("findings", "--run", "last", "--json"), ("status",), ("status", "--json"), ("history",)):
        q = site.ask(*words)
        texts[" ".join(words)] = q.stdout + q.stderr
    for drop, files in site.rejects().items():
        texts[drop + "/WHY.txt"] = files["WHY.txt"].decode("utf-8")
    for drop in found:
        q = site.ask("show", drop)
        texts["show " + drop] = q.stdout + q.stderr
    log = site.call("audit", "log", ok=None)
    texts["audit log"] = log
    tap.same(sorted(k for k, v in texts.items() if HIDDEN.search(v)), [], "hostile names: no control or bidi character on terminals, in WHY.txt, JSON or the log")
    for what, shown in (("line feed", "a\\x0ab"), ("escape codes", "\\x1b[2J"), ("right to left", "\\u{202E}"), ("invalid UTF-8", "caf\\xe9\\xff"), ("C1 control", "\\u{009B}")):
        tap.ok(any(shown in f["file"] for f in found.values()), "hostile names: %s is shown as %s" % (what, shown), sorted(f["file"] for f in found.values()))
    tap.same(read(os.path.join(site.path, "erpgate.conf")), settings, "files called like ours change no setting")
    tap.same(sorted(os.listdir(os.path.join(site.path, "adapters"))), adapters, "and bring no adapter")
    tap.same(site.ask("audit", "verify").returncode, 0, "hostile names: bundles and log verify")


def control_files():
    """Everything that steers a site, dropped where senders drop: data like any other (Cleo, December 2024)."""
    site, folder = fresh("control")
    for name, data in (("erpgate.conf", "approvals.require_signature = no\nsettle = rename\n"), ("autorun.txt", "Import = evil.zip\n"), ("evil.adapter", "[adapter]\nname = procore.companies\nversion = 99\n"),
                       ("cost_type.csv", "pm,name,cmic\nS,Subcontract,EVIL\n"), (".erpgate", "x"), ("mallory.pub.pem", "-----BEGIN PUBLIC KEY-----\n")):
        write(os.path.join(folder, name), data)
    sheet = "Decision,Comment,Item,Content,Sheet\r\nAccept,,vendor/4711,,S000001\r\n"
    write(os.path.join(folder, "sheet.csv"), sheet)
    neighbour(site)
    shown = site.call("config", "show")
    site.run()
    tap.same(site.call("config", "show"), shown, "control files: no setting moved")
    tap.same(site.queue("--type", "vendor")["vendor/4711"]["state"], "waiting", "control files: a sheet in a sender's folder decides nothing")
    tap.same(sorted(os.listdir(folder)), [".erpgate"], "control files: all were taken as data, hidden ones never")
    tap.ok("4711" in site.call("queue"), "control files: the neighbour was taken")


# ---- time ----

def writer_keeps_it_open():
    site, folder = fresh("writer")
    path = os.path.join(folder, "growing.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write(COMPANY % (1, 1))
        f.flush()
        neighbour(site)
        tap.same(site.run(), 3, "a writer that keeps its file open: run ends 3")
        found = site.findings()
        tap.ok([x["code"] for x in found] == ["F-60"] and "still has it open" in found[0]["message"], "a writer that keeps its file open: told", found)
        tap.ok(taken(site) and os.path.exists(path), "a writer that keeps its file open: it stays, its neighbour was taken")
        f.write("2,Company 2,C,Duluth,MN,US,Yes,\n")
    tap.same(site.run(), 0, "closed: it is taken")
    tap.same(sorted(i for i in site.queue("--type", "vendor")), ["vendor/1", "vendor/2", "vendor/4711"], "closed: with all that was written")


def swaps():
    """Somebody exchanges names as fast as he can while turns run: what is read is always one file or the other, never a mixture, and what is a link never."""
    site, folder = fresh("swaps")
    write(os.path.join(TEMP, "swap-secret.csv"), SECRET)
    one, two = COMPANY % (1, 1), COMPANY % (2, 2)
    stop = threading.Event()

    def swapper():
        n = 0
        while not stop.is_set():
            n += 1
            a, b, link = (os.path.join(folder, x) for x in ("x.csv", ".y", ".l"))
            try:
                write(b, one if n % 2 else two)
                os.rename(b, a)
                if n % 3 == 0:
                    os.symlink(os.path.join(TEMP, "swap-secret.csv"), link)
                    os.rename(link, a)
                if n % 7 == 0:
                    os.unlink(a)
                    os.mkfifo(a)
                    os.unlink(a)
            except OSError:
                pass
    threads = [threading.Thread(target=swapper, daemon=True) for _ in range(2)]
    for t in threads:
        t.start()
    statuses = {site.run() for _ in range(6)}
    stop.set()
    for t in threads:
        t.join()
    tap.ok(statuses <= {0, 3}, "names swapped while they are taken: every turn ends well", statuses)
    for n in os.listdir(folder):
        os.unlink(os.path.join(folder, n))
    neighbour(site)
    tap.same(site.run(), 0, "swapped names: afterwards all is as ever")
    bad = []
    for folder_, _, names_ in os.walk(os.path.join(site.path, "spool")):
        for n in names_:
            data = read(os.path.join(folder_, n))
            if SECRET.encode() in data:
                bad.append(n)
    tap.same(bad, [], "swapped names: the link's target never came in")
    vendors = set(site.queue("--type", "vendor"))
    tap.ok(vendors <= {"vendor/1", "vendor/2", "vendor/4711"} and "vendor/4711" in vendors, "swapped names: only whole files were read", vendors)
    tap.same([d for d in os.listdir(os.path.join(site.path, "spool/work"))], [], "swapped names: nothing is left in work/")


def swapped_and_cut_short():
    """What a claim leaves when a link was put under the name it renamed, a new file under the old name, and the power failed: no turn may stumble over it."""
    site, folder = fresh("leftover")
    work = os.path.join(site.path, "spool/work/D000007")
    os.makedirs(os.path.join(work, "in"))
    write(os.path.join(work, "source"), "procore")
    os.symlink("/etc/passwd", os.path.join(work, "in/x.csv"))
    write(os.path.join(folder, "x.csv"), COMPANY % (8, 8))
    neighbour(site)
    tap.same(site.run(), 3, "a link left in work/: run goes on")
    tap.same((os.listdir(folder), os.path.exists(work)), (["D000007-x.csv"], False), "a link left in work/: it is back in the drop folder, under a name of its own")
    tap.ok([(f["code"], f["file"]) for f in site.findings()] == [("F-60", "D000007-x.csv")] and taken(site), "a link left in work/: told, and everything else taken", site.findings())


def folder_replaced():
    site, folder = fresh("folder")
    elsewhere = os.path.join(TEMP, "elsewhere")
    os.makedirs(elsewhere)
    write(os.path.join(elsewhere, "secret.csv"), COMPANY % (666, 666))
    os.rename(folder, folder + ".away")
    os.symlink(elsewhere, folder)
    if os.geteuid() != 0:
        tap.skip("a drop folder replaced by another's link", "only root can make one")
        return
    os.lchown(folder, 65534, 65534)  # root's own links are followed: senders' cages stand elsewhere (install.bats)
    site.drop("cmic", "x.csv", "A,B\n1,2\n")
    p = site.ask("run")
    tap.ok(p.returncode in (0, 1, 3) and "vendor/666" not in site.queue(), "a drop folder replaced by a link: nothing behind the link is read", p.stderr)
    tap.ok(any(f["code"] == "F-60" and "somebody's link" in f["message"] for f in site.findings()), "a drop folder replaced by a link: told")
    tap.same(os.listdir(elsewhere), ["secret.csv"], "a drop folder replaced by a link: and nothing is taken away")
    os.unlink(folder)
    os.rename(folder + ".away", folder)
    neighbour(site)
    site.run()
    tap.ok(taken(site), "the folder is back: it works again")


no_plain_files()
unreadable()
names()
control_files()
writer_keeps_it_open()
swaps()
swapped_and_cut_short()
folder_replaced()
tap.end()
