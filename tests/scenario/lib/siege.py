# SPDX-License-Identifier: MIT
"""Files of public suites as drops of a site, under strace: what a run opens and connects, what it says of each file, what it keeps. The suites lie beside the
tree; those that are not there are skipped aloud."""
import re
from kit import *

CORPORA = os.path.join(ROOT, "../shared/corpora")
REFUSALS = re.compile(r"^(F-0[1-9]|F-[2-9]\d|LIMIT-.*|[A-Z]+-.*)$")
CORE_MAY = ("/etc/", "/lib", "/usr/lib", "/usr/share/", "/proc/self", "/proc/sys/", "/sys/", "/dev/null", "/dev/urandom", "/var/run/nscd", "/run/", os.path.realpath(ROOT) + "/")
ENDED = re.compile(r"^(\d+) +\+\+\+ (?:exited|killed)")
CALL = re.compile(r"^(\d+) +(\w+)\((.*)$")
PATH = re.compile(r'^(?:AT_FDCWD(?:<([^>]*)>)?, |-?\d+<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')


def files_of(suite):
    """(path inside the suite, bytes): every file of it, no two with the same bytes."""
    base, seen, found = os.path.join(CORPORA, suite, "data"), set(), []
    for folder, _, names in sorted(os.walk(base)):
        for n in sorted(names):
            data = read(os.path.join(folder, n))
            if data and sha256(data) not in seen:
                seen.add(sha256(data))
                found.append((os.path.relpath(os.path.join(folder, n), base), data))
    return found


# ---- what strace saw ----

def absolute(args, cwd):
    m = PATH.match(args)
    if m is None or m.group(3) == "":
        return None
    name = m.group(3).encode().decode("unicode_escape")
    return os.path.normpath(os.path.join(m.group(1) or m.group(2) or cwd, name))


def watched(site, trace):
    """What was done that must not be: [(who, call)], and how many workers were seen."""
    bad, confined, workers, first = [], set(), 0, None
    for line in open(trace, encoding="utf-8", errors="replace"):
        m = ENDED.match(line)
        if m is not None:
            confined.discard(m.group(1))  # a large suite comes round to the same process ids
            continue
        m = CALL.match(line)
        if m is None:
            continue
        pid, call, args = m.groups()
        first = first or pid
        if call == "seccomp":
            if pid != first and "SECCOMP_SET_MODE_FILTER" in args and "NULL" not in args and args.endswith("= 0"):
                confined.add(pid)
                workers += 1
        elif pid in confined:
            bad.append(("worker", line.strip()[:200]))
        elif call in ("landlock_restrict_self", "exit_group") or call.startswith("clone") or call.endswith("fork"):
            continue
        elif call in ("socket", "connect"):
            if "AF_UNIX" not in args and "nscd" not in args:
                bad.append(("core", line.strip()[:200]))
        elif call != "execve":
            path = absolute(args, os.getcwd())
            if path is not None and not path.startswith((site.path,) + CORE_MAY) and not site.path.startswith(path):
                bad.append(("core", line.strip()[:200]))
            if pid != first and path is not None:
                bad.append(("worker before its confinement", line.strip()[:200]))
    return bad, workers


def traced_run(site):
    trace = os.path.join(TEMP, "trace")
    p = subprocess.run(["strace", "-f", "-q", "-y", "-s", "300", "-o", trace, "-e", "signal=none",
                        "-e", "trace=%file,%network,seccomp,landlock_restrict_self", PROGRAM, "-C", site.path, "run"], capture_output=True, text=True)
    return p, trace


# ---- a suite ----

def findings_of(site):
    """Dropped name -> findings about the drop as a whole; name -> those of its members."""
    whole, parts = {}, {}
    for f in site.findings("--run", "last"):
        (parts if "!" in f["file"] else whole).setdefault(f["file"].split("!")[0], []).append(f)
    return whole, parts


def kept(site):
    return {n: data for folder in site.rejects().values() for n, data in folder.items() if n != "WHY.txt"}


def clear(text):
    return len(text) > 30 and not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def suite(tap, name, files, want=None, ending=""):
    """All files of a suite in one turn. Returns the site, name -> bytes, name -> what `want` says of that file, the names refused; None without files."""
    if not files:
        tap.skip(name, "not beside the tree")
        return None
    site, want = Site(name, settings=("settle.quiet = 0s", "run.settle_timeout = 1s")), want or {}
    site.run()
    originals, verdict = {}, {}
    for i, (inside, data) in enumerate(files):
        drop = "%04d%s" % (i, ending or os.path.splitext(inside)[1].lower() or ".csv")
        originals[drop], verdict[drop] = data, want.get(inside, "")
        site.drop("procore", drop, data)
    time.sleep(1.1)  # longer than run.settle_timeout: what is not whole will not become whole
    start = time.monotonic()
    p, trace = traced_run(site)
    seconds = time.monotonic() - start
    tap.ok(p.returncode in (0, 3), "%s: the run ends well (%d files, %.0f s)" % (name, len(files), seconds), p.stderr)
    tap.same(os.listdir(os.path.join(site.path, "spool/drop/procore")), [], "%s: every file was taken or refused" % name)
    bad, workers = watched(site, trace)
    tap.ok(bad == [], "%s: %d workers opened and connected nothing, the core opened nothing outside of the site" % (name, workers), "\n".join(map(str, bad[:20])))
    tap.ok(workers >= len(files), "%s: each file had a worker of its own" % name, workers)
    whole, parts = findings_of(site)
    tap.same([f for fs in list(whole.values()) + list(parts.values()) for f in fs if not clear(f["message"]) or f["line"] < 1 or not REFUSALS.match(f["code"])], [],
             "%s: each finding has a code, a place and a clear message" % name)
    died = [(n, f["message"]) for n, fs in whole.items() for f in fs if "process" in f["message"]]
    tap.same(died, [], "%s: no worker died" % name)
    refused = {n for n, fs in whole.items() if any(f["severity"] == "R" for f in fs)}
    here = kept(site)
    tap.same(sorted(n for n in refused if here.get(n) != originals[n]), [], "%s: the original of each refused file is in rejects" % name)
    return site, originals, verdict, refused
