#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The state made again from the archive alone. Every example site is played with its database thrown away before each round: what leaves, what is found and every state must be as if
nothing had happened, and all tables equal. Then the other way round: whatever of the archive is missing, damaged or in another order, rebuild names it and puts nothing in place.
"""
import os, shutil, sqlite3, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import play, worlds

tap = Tap()
STATE = ("state.db", "state.db-wal", "state.db-shm")


def tables(path):
    """Every row of every table but those that say how far something was looked at, as sorted text. What held items lack is told anew by every turn: of turns that did nothing
    else it is not kept, so the last of these do not count."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    names = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('touched', 'kept_to', 'run') "
                                   "AND (name NOT LIKE 'find%' OR name = 'finding')")]  # what audit find looks in is made from the rest
    rows = {n: sorted(map(repr, db.execute("SELECT * FROM %s" % n))) for n in names}
    rows["finding"] = sorted(map(repr, db.execute("SELECT * FROM finding WHERE run <= (SELECT max(run) FROM (SELECT max(run) AS run FROM drops UNION ALL"
                                                  " SELECT max(run) FROM batch UNION ALL SELECT max(run) FROM finding WHERE severity <> 'H'))")))
    rows["meta"] = [r for r in rows["meta"] if not r.startswith(("('clock.mark'", "('kept."))]
    db.close()
    return rows


def differences(a, b):
    return "\n".join("%s: %s | %s" % (n, [r[:200] for r in a[n] if r not in b[n]][:2], [r[:200] for r in b[n] if r not in a[n]][:2])
                     for n in a if a[n] != b[n])


def erpgate(site, *words):
    return subprocess.run([PROGRAM, "-C", site, *words], capture_output=True, text=True)


def throw_away(site):
    for name in STATE:
        if os.path.exists(os.path.join(site, name)):
            os.unlink(os.path.join(site, name))


class Forgetful(play.World):
    """Loses its database before every round but the first, and has it made again from the archive."""

    def drop(self, rnd):
        if rnd != self.rounds[0]:
            before = tables(os.path.join(self.site, "state.db"))
            throw_away(self.site)
            self.erpgate("db", "rebuild")
            after = tables(os.path.join(self.site, "state.db"))
            after["log"] = [r for r in after["log"] if r in before["log"] or "'rebuilt'" not in r]  # the rebuild itself is an entry
            self.check(before == after, "%s begins with a database made again: all %d tables are equal" % (rnd, len(before)), differences(before, after))
        return super().drop(rnd)


played = {}
for name in ("site-cmic", "site-acumatica", "site-mri"):
    w = worlds.world(tap, name, Forgetful)
    w.play()
    played[name] = w.site
    done = erpgate(w.site, "db", "check", "--all")
    tap.ok(done.returncode == 0 and "State and archive agree." in done.stdout, name + ": db check --all finds state and archive agreed", done.stdout + done.stderr)

site = played["site-cmic"]


def copy(label):
    to = os.path.join(TEMP, "copy-" + label)
    shutil.copytree(site, to, symlinks=True)
    return to


# ---- idle turns, commands ----

kept = os.listdir(os.path.join(site, "archive/state/000"))
for _ in range(3):
    erpgate(site, "run", "-q")
tap.same(os.listdir(os.path.join(site, "archive/state/000")), kept, "turns that change nothing write no segment")
erpgate(site, "users", "add", "ann", "--role", "read")
into = os.path.join(TEMP, "beside.db")
done = erpgate(site, "db", "rebuild", "--into", into)
tap.ok(done.returncode == 0 and any("'ann'" in r for r in tables(into)["users"]), "what a command changed is in the archive at once, without a turn", done.stderr)

# ---- when it is not wanted ----

done = erpgate(site, "db", "rebuild")
tap.ok(done.returncode == 73 and "--force" in done.stderr, "a state that is whole and agrees with the archive is not replaced", done.stderr)
forced = copy("forced")
done = erpgate(forced, "db", "rebuild", "--force")
tap.ok(done.returncode == 0 and os.path.exists(os.path.join(forced, "state.db.before-1")), "--force replaces it and keeps the old one under another name", done.stderr)
last = erpgate(forced, "log").stdout.splitlines()[-1]
tap.ok(" rebuilt " in last, "the rebuild is an entry of the log", last)
done = erpgate(forced, "audit", "verify")
tap.ok(done.returncode == 0, "and the log goes on without a break", done.stdout)
watch = subprocess.Popen([PROGRAM, "-C", forced, "watch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
children.append(watch)
wait_for(lambda: erpgate(forced, "db", "rebuild", "--force").returncode == 75, 20, 0.3)
done = erpgate(forced, "db", "rebuild", "--force")
tap.ok(done.returncode == 75 and "watch" in done.stderr, "while a daemon runs it is refused, and who it is is said", done.stderr)
done = erpgate(forced, "db", "backup", os.path.join(TEMP, "saved.db"))
saved = os.path.join(TEMP, "saved.db")
tap.ok(done.returncode == 0 and sqlite3.connect(saved).execute("PRAGMA integrity_check").fetchone() == ("ok",) and not os.path.exists(saved + "-wal"),
       "db backup: a whole copy in one file while the daemon runs", done.stderr)
watch.terminate()
watch.wait(20)

# ---- an older state.db: behind the archive ----

older = copy("older")
shutil.copy(os.path.join(older, "state.db"), os.path.join(TEMP, "older.db"))
erpgate(older, "users", "add", "bob", "--role", "read")
throw_away(older)
shutil.copy(os.path.join(TEMP, "older.db"), os.path.join(older, "state.db"))
done = erpgate(older, "db", "check")
tap.ok(done.returncode == 2 and "older than the archive" in done.stdout, "db check: a state put back from an old backup is found out", done.stdout)
done = erpgate(older, "db", "rebuild")
tap.ok(done.returncode == 0 and "bob" in erpgate(older, "users", "list").stdout, "and made again without being forced", done.stderr)
with open(os.path.join(older, "state.db"), "r+b") as f:
    f.seek(8192)
    f.write(b"\x5a" * 8192)
tap.ok(erpgate(older, "db", "check").returncode != 0 and erpgate(older, "db", "rebuild").returncode == 0 and erpgate(older, "db", "check", "--all").returncode == 0,
       "a damaged state.db is found out and made again")

# ---- a form of the database from before there were segments ----

old = copy("old-form")
db = sqlite3.connect(os.path.join(old, "state.db"))
for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
    db.execute("DROP TRIGGER " + name)
for name in ("touched", "kept_to", "legal_hold", "tombstone", "log"):
    db.execute("DROP TABLE " + name)
db.execute("DELETE FROM meta WHERE key LIKE 'kept.%' OR key = 'clock.mark'")
db.execute("ALTER TABLE bundle DROP COLUMN bodies")
db.execute("PRAGMA user_version = 3")
db.commit()
db.close()
shutil.rmtree(os.path.join(old, "archive/state"))
shutil.rmtree(os.path.join(old, "archive/log"))
done = erpgate(old, "run", "-q")
tap.ok(done.returncode == 0 and os.listdir(os.path.join(old, "archive/state/000")) == ["000001.jsonl.gz"], "a database of the form before is brought up to date, and its first segment holds all of it", done.stderr)
done = erpgate(old, "db", "rebuild", "--into", os.path.join(TEMP, "old-form.db"))
if tap.ok(done.returncode == 0, "it can be made again from that", done.stderr):
    a, b = tables(os.path.join(old, "state.db")), tables(os.path.join(TEMP, "old-form.db"))
    tap.ok(a == b, "all tables equal", differences(a, b))

# ---- damage ----


def flip(path, at):
    data = bytearray(read(path))
    data[at] ^= 4
    os.chmod(path, 0o640)
    write(path, bytes(data))


def first_drop_with_items(where):
    db = sqlite3.connect(os.path.join(where, "state.db"))
    path = db.execute("SELECT b.path FROM bundle b JOIN drops d ON d.bundle = b.id JOIN files f ON f.drop_id = d.id JOIN revision r ON r.file = f.id WHERE b.bodies > 0 LIMIT 1").fetchone()[0]
    db.close()
    return path


bundle = first_drop_with_items(site)


def segment(where, n):
    return os.path.join(where, "archive/state/000/%06d.jsonl.gz" % n)


def swap(where):
    a, b = read(segment(where, 2)), read(segment(where, 3))
    write(segment(where, 2), b)
    write(segment(where, 3), a)


damages = (
    ("a segment is missing", lambda w: os.unlink(segment(w, 2)), "state/000/000002"),
    ("a bit of a segment is another", lambda w: flip(segment(w, 3), 40), "state/000/000003"),
    ("a segment is cut", lambda w: write(segment(w, 1), read(segment(w, 1))[:-9]), "state/000/000001"),
    ("two segments have changed places", swap, "state/000/000002"),
    ("the bundle of a drop is missing", lambda w: os.unlink(os.path.join(w, "archive", bundle)), bundle),
    ("a bit of a bundle is another", lambda w: flip(os.path.join(w, "archive", bundle), 300), bundle),
    ("the log is missing", lambda w: shutil.rmtree(os.path.join(w, "archive/log")), "checkpoint"),
    ("a bit of the log is another", lambda w: flip(next(f for f in sorted(worlds.files_below(os.path.join(w, "archive/log"))) if "/entries/" in f), 99), "log"),
)
for number, (what, damage, named) in enumerate(damages):
    where = copy("damage-%d" % number)
    damage(where)
    throw_away(where)
    done = erpgate(where, "db", "rebuild")
    left = [n for n in os.listdir(where) if n.startswith("state.db")]
    tap.ok(done.returncode not in (0, None) and done.returncode > 0 and named in done.stderr and not left, what + ": it is named, and nothing is put in place",
           "%d %s left %s" % (done.returncode, done.stderr, left))
    shutil.rmtree(where)

tap.end()
