# SPDX-License-Identifier: MIT
"""What campaigns have come to: one JSON file, added to by every run, apart for every state of the sources, so that a figure never speaks for other code."""
import fcntl, json, os, shutil

import world

PATH = os.environ.get("CRASH_RESULTS", os.path.join(world.ROOT, "build/crash/results.json"))
KEPT = 20  # bad sites that are kept to be looked at


class Results:
    def __init__(self, kind, code):
        self.kind, self.code = kind, code
        self.fresh = {}

    def add(self, name, n=1):
        self.fresh[name] = self.fresh.get(name, 0) + n

    def best(self, name, n):
        """A high-water mark rather than a sum."""
        self.fresh["max " + name] = max(self.fresh.get("max " + name, 0), n)

    def save(self):
        """Adds what is new since the last call; several campaigns may do so at once."""
        os.makedirs(os.path.dirname(PATH), exist_ok=True)
        with open(PATH + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            whole = load()
            mine = whole.setdefault(self.code, {}).setdefault(self.kind, {})
            for name, n in self.fresh.items():
                mine[name] = max(mine.get(name, 0), n) if name.startswith("max ") else mine.get(name, 0) + n
            with open(PATH + ".new", "w") as f:
                json.dump(whole, f, indent=1, sort_keys=True)
            os.replace(PATH + ".new", PATH)
        self.fresh = {}
        return mine

    def so_far(self, name):
        return load().get(self.code, {}).get(self.kind, {}).get(name, 0)


def load():
    if not os.path.exists(PATH):
        return {}
    with open(PATH) as f:
        return json.load(f)


def keep_bad(kind, site, told, wrong):
    """The site as it was found, and what was done to it."""
    base = os.path.join(os.path.dirname(PATH), "bad")
    os.makedirs(base, exist_ok=True)
    there = len(os.listdir(base))
    if there >= KEPT:
        return "(not kept: %s is full)" % base
    to = os.path.join(base, "%s-%d" % (kind, there))
    shutil.copytree(site, to, symlinks=True)
    with open(os.path.join(to, "TRIAL.txt"), "w") as f:
        f.write("\n".join(told) + "\n\n" + "\n".join(wrong) + "\n")
    return to
