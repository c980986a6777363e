#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every way in which senders bring files over OpenSSH's SFTP server, many at once, while the daemon takes what is whole: none taken early, none missed.

The server is the real sftp-server, spoken to in its protocol over a pipe, so that each request can be placed where it hurts. SFTP_EACH=1000 (`make sftp`) for the full figures.
The judge knows only what was sent and what the archive holds.
"""
import os, random, struct, sys, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

EACH = int(os.environ.get("SFTP_EACH", "20"))
SERVER = os.environ.get("SFTP_SERVER", "/usr/lib/openssh/sftp-server")
ACTIVE = 24  # uploads under way at a time
READ, WRITE, CREATE, TRUNCATE = 1, 2, 8, 16
tap = Tap()
chance = random.Random(4)


class Sftp:
    """The requests of version 3 that senders use, one at a time."""
    def __init__(self):
        self.server = subprocess.Popen([SERVER, "-e", "-l", "QUIET"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        children.append(self.server)
        self.n = 0
        self.send(struct.pack(">BI", 1, 3))
        assert self.receive()[0] == 2

    def send(self, body):
        self.server.stdin.write(struct.pack(">I", len(body)) + body)
        self.server.stdin.flush()

    def receive(self):
        size = struct.unpack(">I", self.server.stdout.read(4))[0]
        return self.server.stdout.read(size)

    def ask(self, kind, body):
        self.n += 1
        self.send(struct.pack(">BI", kind, self.n) + body)
        answer = self.receive()
        if answer[0] == 101:
            code = struct.unpack(">I", answer[5:9])[0]
            assert code == 0, "request %d: status %d" % (kind, code)
        return answer

    @staticmethod
    def text(s):
        s = s.encode() if isinstance(s, str) else s
        return struct.pack(">I", len(s)) + s

    def open(self, path, flags=WRITE | CREATE | TRUNCATE):
        return self.ask(3, self.text(path) + struct.pack(">II", flags, 0))[9:]

    def write(self, handle, offset, data):
        self.ask(6, self.text(handle) + struct.pack(">Q", offset) + self.text(data))

    def close(self, handle):
        self.ask(4, self.text(handle))

    def rename(self, old, new):
        """The protocol's own request: the server makes a link and removes the first name."""
        self.ask(18, self.text(old) + self.text(new))

    def posix_rename(self, old, new):
        self.ask(200, self.text("posix-rename@openssh.com") + self.text(old) + self.text(new))

    def die(self):
        self.server.kill()
        self.server.wait()
        self.server.stdin.close()
        self.server.stdout.close()
        children.remove(self.server)


# ---- the ways; each yields between two requests ----

def put(line, path, data, offset=0, flags=WRITE | CREATE | TRUNCATE):
    handle = line.open(path, flags)
    yield
    third = max(1, (len(data) - offset) // 3)
    while offset < len(data):
        line.write(handle, offset, data[offset:offset + third])
        offset += third
        yield
    line.close(handle)
    yield


def plain_put(line, path, data):
    yield from put(line, path, data)


def overwritten(line, path, data):
    yield from put(line, path, data[:len(data) // 2])
    yield from put(line, path, data)


def posix_renamed(line, path, data):
    yield from put(line, path + ".part", data)
    line.posix_rename(path + ".part", path)


def plain_renamed(line, path, data):
    yield from put(line, path + ".filepart", data)
    line.rename(path + ".filepart", path)


def aborted(_, path, data):
    line = Sftp()
    handle = line.open(path)
    yield
    line.write(handle, 0, data[:len(data) * 2 // 3])
    yield
    line.die()


def resumed(line, path, data):
    have = os.path.getsize(path)
    yield from put(line, path, data, offset=have, flags=WRITE)


def marked(line, path, data):
    yield from put(line, path, data)
    end = chance.choice((".ok", ".done"))
    yield from put(line, path + end, chance.choice((b"", b"%d\n" % len(data))))


def digest_after(line, path, data):
    yield from put(line, path, data)
    yield from put(line, path + ".sha256", ("%s  %s\n" % (sha256(data), os.path.basename(path))).encode())


def digest_before(line, path, data):
    yield from put(line, path + ".sha256", ("%s *%s\n" % (sha256(data), os.path.basename(path))).encode())
    yield from put(line, path, data[:len(data) // 2])
    yield from put(line, path, data)


WAYS = [("put", "quiet", plain_put), ("overwrite", "quiet", overwritten), ("put and posix-rename", "renames", posix_renamed), ("put and plain rename (link and unlink)", "renames", plain_renamed),
        ("posix-rename into a quiet folder", "quiet", posix_renamed), ("aborted", "quiet", aborted), ("two-part: .ok or .done", "marks", marked),
        ("digest behind it", "marks", digest_after), ("digest before it", "marks", digest_before)]


def document(serial, structured):
    """Half a CSV file may be a whole one; of XML the end is known. So what lies there cut and closed is XML."""
    if structured:
        items = "".join("<commitment_item><position>%d</position><amount>%d.00</amount></commitment_item>" % (i, serial) for i in range(1, 6))
        return ("<?xml version=\"1.0\"?>\n<commitments><commitment><id>%d</id><number>SC-%d</number><commitment_items>%s</commitment_items></commitment></commitments>\n" % (serial, serial, items)).encode()
    rows = "".join("%d,Company %d of the upload,C,Duluth,MN,US,Yes,\n" % (serial * 10 + i, serial * 10 + i) for i in range(4))
    return ("Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n" + rows).encode()


def play(uploads):
    """All of them, ACTIVE at a time, in a random order of requests."""
    waiting, active, steps = list(uploads), [], 0
    chance.shuffle(waiting)
    while waiting or active:
        while waiting and len(active) < ACTIVE:
            active.append(waiting.pop())
        one = chance.choice(active)
        try:
            next(one)
        except StopIteration:
            active.remove(one)
        steps += 1
        if steps % 7 == 0:
            time.sleep(0.002)  # the daemon is to see what is half done


# ---- the judge ----

def archived(site):
    """Name as the sender gave it -> digests of the sealed originals; from the zips alone."""
    got = {}
    for folder, _, names in os.walk(os.path.join(site.path, "archive")):
        for n in names:
            if n.endswith(".zip") and n.startswith("A"):
                with zipfile.ZipFile(os.path.join(folder, n)) as z:
                    for member in z.namelist():
                        base = os.path.basename(member)
                        if "/received/" in "/" + member and base.startswith("w") and base.endswith((".csv", ".xml")):
                            got.setdefault(base, []).append(sha256(z.read(member)))
    return got


def lying(site):
    return [p for p in files_of(os.path.join(site.path, "spool/drop")) if not os.path.basename(p).startswith("w5_")]


def files_of(path):
    return [os.path.join(d, n) for d, _, names in os.walk(path) for n in names]


def judge(sent, got, what, names):
    early = [n for n in names if any(d != sha256(sent[n]) for d in got.get(n, []))]
    missed = [n for n in names if sha256(sent[n]) not in got.get(n, [])]
    twice = [n for n in names if len(got.get(n, [])) > 1]
    tap.same((len(early), len(missed), len(twice)), (0, 0, 0), "%s: %d files, 0 taken early, 0 missed, 0 twice" % (what, len(names)))
    for n in (early + missed + twice)[:5]:
        print("  # " + n)


def scenario():
    site = Site("ways", settings=("settle.quiet = 1s", "run.settle_timeout = 1h", "watch.rescan = 2s", "source.quiet.family = procore", "source.renames.family = procore", "source.renames.settle = rename",
                                  "source.marks.family = procore", "source.marks.settle = companion"))
    site.run()  # makes the folders
    log = open(os.path.join(TEMP, "watch.log"), "wb")
    watch = subprocess.Popen([PROGRAM, "-C", site.path, "watch"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    children.append(watch)
    line, sent, names, uploads, cut, serial = Sftp(), {}, [[] for _ in WAYS], [], [], 0
    for w, (what, source, way) in enumerate(WAYS):
        for i in range(EACH):
            serial += 1
            structured = way in (overwritten, aborted)
            name = "w%d_%05d.%s" % (w, i, "xml" if structured else "csv")
            path = os.path.join(site.path, "spool/drop", source, name)
            sent[name] = document(serial, structured)
            names[w].append(name)
            uploads.append(way(line, path, sent[name]))
            if way is aborted:
                cut.append((path, sent[name]))
    began = time.monotonic()
    play(uploads)
    print("# %d uploads in %.1f s" % (len(uploads), time.monotonic() - began))
    patience = 60 + 0.3 * len(uploads)
    tap.ok(wait_for(lambda: not lying(site), patience, 0.5), "all that was sent whole is taken (%.0f s)" % (time.monotonic() - began), "\n".join(lying(site)[:20]))
    time.sleep(3)  # long past the quiet time
    there = [p for p, data in cut if os.path.exists(p) and os.path.getsize(p) == len(data) * 2 // 3]
    tap.same(len(there), EACH, "aborted: all %d parts still lie there, untouched" % EACH)
    play([resumed(line, p, data) for p, data in cut])
    tap.ok(wait_for(lambda: not files_of(os.path.join(site.path, "spool/drop")), patience, 0.5), "resumed: all are taken", files_of(os.path.join(site.path, "spool/drop"))[:10])
    wait_for(lambda: not os.listdir(os.path.join(site.path, "spool/work")), patience, 0.5)
    tap.ok(watch.poll() is None, "watch lives", read(os.path.join(TEMP, "watch.log"))[-500:])
    watch.terminate()
    watch.wait(120)
    got = archived(site)
    for (what, _, _), mine in zip(WAYS, names):
        judge(sent, got, "resumed after an abort" if what == "aborted" else what, mine)
    tap.same(sorted(set(got) - set(sent)), [], "nothing was taken that was not sent under that name")
    tap.same(site.ask("audit", "verify", "ALL", "--quiet").returncode, 0, "bundles and log verify")


if not os.access(SERVER, os.X_OK):
    tap.skip("ways of senders", "there is no OpenSSH server here")
else:
    scenario()
tap.end()
