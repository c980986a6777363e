#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job over a real SSH server: files come by sftp in the ways that senders have, the daemon takes each when it is whole and not before,
the signed sheet comes back the same way, and what goes out is what is expected.

sshd runs as an ordinary process of the caller on a loopback port, with its own configuration, host key and one client key.
"""
import os, pwd, shutil, socket, sys, time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

PATIENCE = 20  # run.settle_timeout of the site: how long a file may stay cut before it is taken to be refused
tap = Tap()


# ---- the server ----

class Server:
    def __init__(self):
        self.dir = os.path.join(TEMP, "ssh")
        os.mkdir(self.dir, 0o700)
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(self.dir, name)], check=True)
        shutil.copyfile(self.file("client.pub"), self.file("authorized"))
        os.chmod(self.file("authorized"), 0o600)
        self.user = pwd.getpwuid(os.getuid()).pw_name

    def file(self, name):
        return os.path.join(self.dir, name)

    def start(self):
        """None, or why there is none."""
        sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
        if sshd is None or shutil.which("sftp") is None:
            return "there is no OpenSSH here"
        made = None
        if os.getuid() == 0 and not os.path.isdir("/run/sshd"):
            made = "/run/sshd"  # a server started by root insists on it; systemd makes it, a container does not
            os.mkdir(made, 0o755)
            atexit.register(lambda: os.path.isdir(made) and not os.listdir(made) and os.rmdir(made))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        write(self.file("conf"), "".join(line + "\n" for line in (
            "ListenAddress 127.0.0.1", "HostKey " + self.file("host"), "AuthorizedKeysFile " + self.file("authorized"), "PidFile none", "StrictModes no",
            "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", "Subsystem sftp internal-sftp", "LogLevel ERROR")))
        self.log = open(self.file("log"), "wb")
        self.process = subprocess.Popen([sshd, "-D", "-e", "-f", self.file("conf"), "-p", str(self.port)], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        children.append(self.process)
        if not wait_for(lambda: self.process.poll() is not None or self.listens(), 15) or self.process.poll() is not None:
            return "sshd does not start here: " + read(self.file("log")).decode("utf-8", "replace").strip().replace("\n", "; ")[:200]
        answer = self.batch("pwd\n")
        return None if answer.returncode == 0 else "sshd lets nobody in here: " + answer.stderr.strip().replace("\n", "; ")[-200:]

    def listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def client(self, *more):
        return ["sftp", "-q", "-P", str(self.port), "-i", self.file("client"), "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", *more, "%s@127.0.0.1" % self.user]

    def batch(self, commands):
        return subprocess.run(self.client("-b", "-"), input=commands, capture_output=True, text=True, timeout=60)


# ---- the ways of senders ----

class BySftp(worlds.Watched):
    """A world whose files come by sftp."""
    def target(self, source, path):
        return os.path.join(self.site, "spool/drop", source, os.path.basename(path))

    def put(self, commands):
        done = server.batch(commands)
        if done.returncode != 0:
            sys.exit("Bail out! sftp: " + done.stderr)

    def deliver(self, source, path):
        self.put('put "%s" "%s"\n' % (path, self.target(source, path)))

    def plain(self, source, path):
        return 'put "%s" "%s"\n' % (path, self.target(source, path))

    def renamed(self, source, path):
        to = self.target(source, path)
        return 'put "%s" "%s.part"\nrename "%s.part" "%s"\n' % (path, to, to, to)

    def overwritten(self, source, path):
        """First a part of it under the final name, in the same breath the whole."""
        half = os.path.join(TEMP, "half-" + os.path.basename(path))
        data = read(path)
        write(half, data[:len(data) // 2])
        return 'put "%s" "%s"\n' % (half, self.target(source, path)) + self.plain(source, path)

    def cut(self, source, path):
        """Begins to send and dies on the way: a slow line, and the client is killed when a part has arrived."""
        to, size = self.target(source, path), os.path.getsize(path)
        sender = subprocess.Popen(server.client("-B", "512", "-R", "1", "-l", "16", "-b", "-"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        children.append(sender)
        sender.stdin.write(('put "%s" "%s"\n' % (path, to)).encode())
        sender.stdin.flush()
        arrived = wait_for(lambda: os.path.exists(to) and os.path.getsize(to) >= 1024, 30)
        sender.kill()
        sender.wait()
        sender.stdin.close()
        # the server's side may write what was still on the line
        wait_for(lambda: os.path.getsize(to) == wait_for(lambda: os.path.getsize(to), 0.3), 5)
        return bool(arrived) and 0 < os.path.getsize(to) < size

    def drops(self):
        """(source, name, digest) of every drop that was received."""
        got = []
        for e in self.lines("log"):
            if e.get("event") in ("received", "duplicate"):
                d = e["detail"] if isinstance(e["detail"], dict) else json.loads(e["detail"])
                got.append((d["source"], d["name"], d["sha256"]))
        return sorted(got)


def sends(world):
    """Round 1 in four ways. Returns what must have been received."""
    base = os.path.join(world.path, "round-1/in")
    files = sorted(worlds.files_below(base))
    source = lambda f: os.path.relpath(f, base).split(os.sep)[0]
    aborted = [f for f in files if f.endswith("/commitments_r1.xml")]
    ways = (world.plain, world.renamed, world.overwritten)
    rest = [f for f in files if f not in aborted]

    tap.ok(len(aborted) == 1 and world.cut(source(aborted[0]), aborted[0]), "an upload is cut half-way: a part of the file lies in the drop folder")
    began = time.monotonic()
    for way in range(3):
        world.put("".join(ways[way](source(f), f) for f in rest[way::3]))
        tap.ok(True, "%s: %d files" % (("put", "put and rename", "put over a file that has not settled")[way], len(rest[way::3])))
    cut = world.target(source(aborted[0]), aborted[0])
    # the world's own broken files are cut for good: they too are given their time before they are refused
    late = lambda p: p == cut or os.path.basename(p).startswith(("broken_", "special_"))
    others = lambda: [p for p in worlds.files_below(os.path.join(world.site, "spool/drop")) if not late(p)]
    tap.ok(wait_for(lambda: not others(), 60), "everything else is taken", "\n".join(others()))
    waited = time.monotonic() - began
    if waited < PATIENCE - 5:
        tap.ok(os.path.exists(cut) and waited > 1, "the cut file is still there after %.1f s, far beyond the quiet time of 1 s" % waited)
    else:
        tap.skip("the cut file is still there", "this machine was too slow to ask: %.0f s" % waited)
    world.put('reput "%s" "%s"\n' % (aborted[0], cut))
    tap.ok(wait_for(lambda: not os.path.exists(cut), 30), "resumed with reput, it is taken")
    return sorted((source(f), os.path.basename(f), sha256(read(f))) for f in files)


def scenario():
    world = worlds.world(tap, "site-cmic", kind=BySftp, label="sftp", set=["settle.quiet = 1s", "run.settle_timeout = %ds" % PATIENCE])
    world.rounds = ["round-1"]
    world.make_site()
    beside = lambda: subprocess.run([PROGRAM, "-C", world.site, "run"], capture_output=True, text=True)
    says = lambda p: p.returncode == 75 and "erpgate watch is running" in p.stderr
    tap.ok(wait_for(lambda: says(beside()), 20), "run beside a running watch ends 75 and says why")
    sent = sends(world)
    first = world.turn()
    tap.same(world.drops(), sent, "every file was received once, whole, with the bytes that were sent")
    last = world.decide("round-1")
    tap.ok(not any(f["code"] in ("F-61", "F-62") for f in last), "the sheet came by sftp with its signature")
    world.compare_files("round-1", world.outputs(set()))
    world.findings("round-1", first, last)
    world.states("round-1")
    tap.ok(not any(n.endswith((".part", ".tmp")) for n in worlds.files_below(os.path.join(world.site, "spool/out"))), "nothing half-written stands in out/")
    tap.ok(world.stop() in (0, 143), "watch ends when it is told")
    verify = subprocess.run([PROGRAM, "-C", world.site, "audit", "verify", "ALL"], capture_output=True, text=True)
    tap.ok(verify.returncode == 0, "bundles and log verify", verify.stdout + verify.stderr)


server = Server() if shutil.which("ssh-keygen") else None
why_not = server.start() if server else "there is no OpenSSH here"
if why_not:
    tap.skip("sftp", why_not)
else:
    scenario()
tap.end()
