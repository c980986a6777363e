# SPDX-License-Identifier: MIT
"""Do the points inside base/fs (BUILD=crash) and the preloaded shim see the same calls? Whatever only one of them sees would never be killed."""
import os

import trial, world


def compare(program, where):
    """For each stage: (calls, what differs first or None)."""
    w = world.World(program, where)
    out = {}
    for name, stage in w.stages.items():
        t = trial.Trial(w, stage, "compare")
        inside, outside = (os.path.join(where, n) for n in ("inside.trace", "outside.trace"))
        status, _, _ = t.start(CRASH_TRACE=outside, EG_FAULT_TRACE=inside)
        if status not in trial.DONE:
            raise RuntimeError(t.output)
        with open(inside) as f:
            a = f.read().split()
        with open(outside) as f:
            seen = [line.split(" ", 2) for line in f.read().splitlines()]
        b = [(call, path) for _, call, path in seen if ours(call, path)]
        first = next((i for i, (x, y) in enumerate(zip(a + [None], b + [(None, None)])) if x != y[0]), None)
        out[name] = (len(a), len(seen) - len(b), None if first is None or len(a) == len(b) == first else "call %d: base/fs has %s, the shim %s" % (first + 1, a[first:first + 3], b[first:first + 3]))
        os.unlink(inside)
        os.unlink(outside)
        t.remove()
    return out


def ours(call, path):
    """SQLite's calls are not base/fs's, the raw ones are its trace; what a lock says of its holder is for people; a file without a name is gone with its process."""
    nameless = path.endswith(" (deleted)") or (call == "openat" and path.endswith("/."))
    return not nameless and not call.startswith("syscall-") and "state.db" not in path and "/etilqs_" not in path and not (path.endswith("/attempt") and call in ("openat", "pwrite", "ftruncate", "close")) and call != "fdatasync" and not (call != "openat" and path.endswith("lock"))
