# SPDX-License-Identifier: MIT
"""Judges a site after a crash trial, with nothing of ours: files, hashlib, zipfile, sqlite3; in depth also unzip, sha256sum and openssl.

judge() returns sentences; none means: nothing lost, nothing twice, nothing torn, nothing left over, and the same end as an undisturbed run.
Numbers that recovery may give differently (of drops, batches, bundles) are not compared, what they stand for is.
"""
import base64, collections, csv, gzip, hashlib, io, json, os, re, sqlite3, subprocess, zipfile

SENDERS = ("acumatica", "procore", "field", "approvals")
ABOUT_AGAIN = ("F-12", "F-60")  # said when somebody sends a file twice, or a turn ends before a file has settled
NOT_KEPT = ("touched", "kept_to", "log", "hold", "answer")  # what is owed; the log has its tiles; the other two are made anew by every turn
NONE = (frozenset(), {})  # of a bundle that cannot be opened


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read(*parts):
    with open(os.path.join(*parts), "rb") as f:
        return f.read()


def is_companion(source, name):
    return name.endswith(".sig") or (source == "field" and name.endswith(".sha256"))


class Judge:
    def __init__(self, site, deliveries, taken, known):
        """deliveries: Counter of (source, name, sha256) since the stage began; taken: (name, sha256) as the receiver got them; known: bundles that need not be opened."""
        self.site, self.deliveries, self.taken, self.known = site, deliveries, taken, known
        self.wrong, self.keys = [], {}
        self.db = sqlite3.connect("file:%s?mode=ro" % os.path.join(site, "state.db"), uri=True)

    def say(self, text, *args):
        self.wrong.append(text % args)

    def rows(self, sql, *args):
        return self.db.execute(sql, args).fetchall()

    # ---- the database ----

    def database(self):
        said = self.rows("PRAGMA integrity_check")
        if said != [("ok",)]:
            self.say("the database is damaged: %r", said[:3])

    # ---- files in and out ----

    def senders(self):
        """Every delivery is in the drop folder, or is a drop of its own whose bytes are in a bundle."""
        waiting = collections.Counter()
        for source in SENDERS:
            for name in os.listdir(os.path.join(self.site, "spool/drop", source)):
                waiting[source, name, sha256(read(self.site, "spool/drop", source, name))] += 1
        drops = collections.Counter()
        for source, name, digest, state, verdict, bundle, first in self.rows(
                "SELECT d.source, d.name, d.sha256, d.state, d.verdict, d.bundle, f.bundle FROM drops d LEFT JOIN drops f ON f.id = d.first"):
            drops[source, name, digest] += 1
            kept = first if verdict == "duplicate" else bundle
            if state != "done":
                self.say("drop %s/%s is %s at the end", source, name, state)
            elif kept is None or digest not in self.held(kept)[0]:
                self.say("the bytes of %s/%s are in no bundle", source, name)
        for key, n in self.deliveries.items():
            if is_companion(*key[:2]):
                continue
            have = drops[key] + waiting[key]
            if have != n:
                self.say("%s/%s was sent %d times and is there %d times (%d taken, %d waiting)", *key[:2], n, have, drops[key], waiting[key])
        for key in drops:
            if key not in self.deliveries:
                self.say("drop %s/%s was never sent", *key[:2])
        self.waiting = waiting

    def receiver(self, want):
        got = collections.Counter(name for name, _ in self.taken)
        for name, n in got.items():
            if n > 1:
                same = len({digest for other, digest in self.taken if other == name}) == 1
                self.say("%s was put out %d times%s", name, n, ", the same bytes" if same else " with DIFFERENT bytes")
        files = collections.Counter(self.unnumbered(set(self.taken)))
        if files != want:
            for lost in (want - files):
                self.say("LOST: %s never came out with its right content", lost[0])
            for extra in (files - want):
                self.say("came out and should not, or with other content: %s", extra[0])
        order = [name for name, _ in self.taken]
        for name in order:
            if name.endswith(".ok") and (name[:-3] not in order or order.index(name[:-3]) > order.index(name)):
                self.say("%s came before its file", name)

    @staticmethod
    def unnumbered(taken):
        return [(re.sub(r"_B\d{6}", "_B000000", name), digest) for name, digest in taken]

    # ---- what is left over ----

    def leftovers(self):
        for d, dirs, names in os.walk(self.site):
            for n in dirs + names:
                if n.startswith((".tmp-", ".gone-", "etilqs_")):
                    self.say("left over: %s", os.path.relpath(os.path.join(d, n), self.site))
        for n in os.listdir(os.path.join(self.site, "spool/work")):
            self.say("left over: spool/work/%s", n)
        for d, _, names in os.walk(os.path.join(self.site, "spool/out")):
            for n in names:
                self.say("nobody took %s", n)
        known = {i for (i,) in self.rows("SELECT id FROM drops WHERE verdict <> 'duplicate'")}
        for n in os.listdir(os.path.join(self.site, "spool/rejects")):
            if n not in known:
                self.say("spool/rejects/%s belongs to no refused drop", n)
            elif not os.path.exists(os.path.join(self.site, "spool/rejects", n, "WHY.txt")):
                self.say("spool/rejects/%s says nothing", n)

    # ---- bundles ----

    def held(self, bundle):
        """Digests of what a bundle keeps of its sender, and of the bodies of revisions; opened once in a campaign as long as its bytes are the same."""
        row = self.rows("SELECT path, sha256 FROM bundle WHERE id = ?", bundle)
        if not row:
            return NONE
        path, digest = row[0]
        if digest not in self.known:
            self.known[digest] = self.open_bundle(bundle, os.path.join(self.site, "archive", path), digest)
        return self.known[digest]

    def open_bundle(self, bundle, path, digest):
        try:
            data = read(path)
        except FileNotFoundError:
            self.say("%s is not in the archive", bundle)
            return NONE
        if sha256(data) != digest:
            self.say("%s has other bytes than the database says", bundle)
        members = {}
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            if z.testzip() is not None:
                self.say("%s is torn", bundle)
            members = {n: z.read(n) for n in z.namelist()}
        listed = [line.split("  ", 1) for line in members.get(bundle + "/manifest-sha256.txt", b"").decode().splitlines()]
        payload = {n[len(bundle) + 1:]: sha256(v) for n, v in members.items() if n.startswith(bundle + "/data/")}
        if dict((name, value) for value, name in listed) != payload:
            self.say("the manifest of %s does not fit its members", bundle)
        found = members.get(bundle + "/data/findings.csv", b"").splitlines()
        for line, n in collections.Counter(found).items():
            if n > 1:
                self.say("%s tells %d times: %s", bundle, n, line.decode(errors="replace")[:200])
        lines = map(json.loads, members.get(bundle + "/data/canonical/bodies.jsonl", b"").splitlines())
        return frozenset(v for n, v in payload.items() if n.startswith(("data/received/", "data/approvals/sheet"))), {j["revision"]: sha256(bytes.fromhex(j["packed"])) for j in lines}

    def archive(self):
        """One bundle per archived entry and the reverse, each with its digest and signature beside it."""
        base = os.path.join(self.site, "archive")
        there = {os.path.relpath(os.path.join(d, n), base) for d, _, names in os.walk(base) for n in names if ".zip" in n}
        rows = {path: (i, digest) for i, path, digest in self.rows("SELECT id, path, sha256 FROM bundle")}
        for path, (i, digest) in rows.items():
            self.held(i)
            for name in (path, path + ".sha256", path + ".sha256.sig"):
                if name not in there:
                    self.say("archive/%s is not there", name)
            if path + ".sha256" in there and read(base, path + ".sha256").decode() != "%s  %s\n" % (digest, os.path.basename(path)):
                self.say("archive/%s.sha256 says something else than the database", path)
        beyond = {p.removeprefix("archive/") for p in self.beyond()}
        for path in beyond & rows.keys():
            self.say("archive/%s was sealed before the state was lost, and its number given again", path)
        for name in there - {path + end for path in rows for end in ("", ".sha256", ".sha256.sig")}:
            if name[:name.index(".zip") + 4] not in beyond:
                self.say("archive/%s is in no row", name)
        entries = collections.Counter(i for (i,) in self.rows("SELECT of_id FROM log WHERE event = 'archived'"))
        if entries != collections.Counter(i for i, _ in rows.values()):
            self.say("bundles and archived entries of the log are not the same")
        for of, n in self.rows("SELECT of_id, count(*) FROM bundle GROUP BY of_id HAVING count(*) > 1"):
            self.say("%s was archived %d times", of, n)

    def pages(self):
        """The pages to read in the archive name every bundle of their month, and the page of all months counts them."""
        base, months = os.path.join(self.site, "archive"), collections.defaultdict(dict)
        kinds = collections.defaultdict(collections.Counter)
        for path, digest, kind in self.rows("SELECT path, sha256, kind FROM bundle"):
            month, name = os.path.split(path)
            months[month][name] = digest
            kinds[month][kind] += 1
        for month, bundles in months.items():
            if {r["bundle"]: r["sha256"] for r in self.page(base, month)} != bundles:
                self.say("archive/%s/index.csv does not name the bundles of its month", month)
        told = {os.path.dirname(r["page"]): tuple(int(r[n]) for n in ("drops", "sheets", "batches")) for r in self.page(base, ".")}
        counted = {month: tuple(n[kind] for kind in ("drop", "manifest", "batch")) for month, n in kinds.items()}
        if told != counted:
            self.say("archive/index.csv counts %s, the database %s", told, counted)

    def page(self, base, folder):
        html, rows = read(base, folder, "index.html").decode(), list(csv.DictReader(io.StringIO(read(base, folder, "index.csv").decode())))
        for name in [r.get("bundle") or r["page"] for r in rows]:
            if "href=\"%s\"" % name not in html:
                self.say("archive/%s/index.html does not name %s", folder, name)
        return rows

    def beyond(self):
        """What stood there when the state was made again from an archive that did not name it: told in the entry of that act."""
        return [p for detail, in self.rows("SELECT detail FROM log WHERE event = 'rebuilt'") for p in json.loads(detail).get("beyond", ())]

    def by_hand(self):
        """A bundle as an auditor checks it: three commands, none of them ours."""
        base = os.path.join(self.site, "archive")
        for i, path in self.rows("SELECT id, path FROM bundle ORDER BY id DESC LIMIT 3"):
            folder, name = os.path.split(os.path.join(base, path))
            key = os.path.join(self.site, "keys/gateway.pub.pem")
            commands = [["sha256sum", "--strict", "--status", "-c", name + ".sha256"],
                        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", os.path.abspath(key), "-rawin", "-in", name + ".sha256", "-sigfile", name + ".sha256.sig"],
                        ["unzip", "-tqq", name]]
            for c in commands:
                p = subprocess.run(c, cwd=folder, capture_output=True, text=True)
                if p.returncode != 0:
                    self.say("%s: %s says: %s", i, c[0], (p.stdout + p.stderr).strip()[:200])

    # ---- the log ----

    def log(self):
        lines = self.rows("SELECT idx, of_id, event, line FROM log ORDER BY idx")
        if [r[0] for r in lines] != list(range(len(lines))):
            self.say("the log has gaps")
        for idx, of, event, line in lines:
            j = json.loads(line)
            if (j["index"], j["id"], j["event"]) != (idx, of, event):
                self.say("entry %d says something else than its row", idx)
        texts = [r[3].encode() for r in lines]
        origin, size, root, *_ = read(self.site, "archive/log/checkpoint").decode().split("\n")
        if int(size) != len(texts):
            self.say("the checkpoint has %s entries, the database %d", size, len(texts))
        elif base64.b64decode(root) != merkle([hashlib.sha256(b"\0" + t).digest() for t in texts]):
            self.say("the checkpoint's root is not that of the entries")
        if self.published() != texts:
            self.say("the entries in the archive are not those of the database")
        once = collections.Counter((of, event) for _, of, event, _ in lines if event in ("received", "duplicate", "converted", "published", "archived"))
        for (of, event), n in once.items():
            if n > 1:
                self.say("the log says %s %d times of %s", event, n, of)
        for of, in self.rows("SELECT id FROM drops"):
            if once[of, "received"] + once[of, "duplicate"] != 1:
                self.say("the log does not say once that %s came", of)
        for of, in self.rows("SELECT id FROM batch"):
            if once[of, "published"] != 1:
                self.say("the log does not say once that %s left", of)

    def published(self):
        """Entries of the tiles; a partial tile counts when there is no whole one."""
        base, out, n = os.path.join(self.site, "archive/log/tile/entries"), [], 0
        while True:
            name = "%03d" % n
            if os.path.exists(os.path.join(base, name)):
                data = read(base, name)
            elif os.path.isdir(os.path.join(base, name + ".p")) and os.listdir(os.path.join(base, name + ".p")):
                parts = os.listdir(os.path.join(base, name + ".p"))
                if len(parts) != 1:
                    self.say("left over: partial tiles %s of %s", sorted(parts), name)
                data = read(base, name + ".p", max(parts, key=int))
            else:
                return out
            while data:
                size = int.from_bytes(data[:2], "big")
                out.append(data[2:2 + size])
                data = data[2 + size:]
            n += 1

    # ---- the state in the archive ----

    def kept(self):
        """The segments are those of the log, each bound to the one before, and together with the bundles they make every row that is not owed still."""
        base = os.path.join(self.site, "archive")
        entries = [(of, json.loads(detail)) for of, detail in self.rows("SELECT of_id, detail FROM log WHERE event = 'state-kept' ORDER BY idx")]
        if [of for of, _ in entries] != [str(n + 1) for n in range(len(entries))]:
            self.say("the log does not name the segments of the state one after the other: %s", [of for of, _ in entries])
        there = {os.path.relpath(os.path.join(d, n), base) for d, _, names in os.walk(os.path.join(base, "state")) for n in names}
        for n in there ^ {d["path"] for _, d in entries}:
            self.say("archive/%s is there or named by the log, not both", n)
        before, made = "", collections.defaultdict(dict)
        for of, d in entries:
            packed = read(base, d["path"])
            if sha256(packed) != d["sha256"]:
                self.say("archive/%s is not the one that the log names", d["path"])
            if d["sha256"] not in self.known:
                self.known[d["sha256"]] = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
            head, *lines = self.known[d["sha256"]]
            if (str(head["segment"]), head["before"], len(lines) + 1) != (of, before, d["lines"]):
                self.say("archive/%s does not continue the one before", d["path"])
            before = d["sha256"]
            for j in lines:
                key = self.key_of(j["table"], j.get("row") or j["gone"])
                if "row" in j:
                    made[j["table"]][key] = j["row"]
                else:
                    made[j["table"]].pop(key, None)
        self.compare_kept(made)

    def key_of(self, table, row):
        if table not in self.keys:
            info = sorted((pk, name) for name, pk in self.rows("SELECT name, pk FROM pragma_table_info(?) WHERE pk > 0", table))
            self.keys[table] = [name for _, name in info]
        return tuple(row[name] for name in self.keys[table])

    def compare_kept(self, made):
        owed = {(t, tuple(k)) for t, *k in self.rows("SELECT tbl, a, b, c, d FROM touched")}
        to = dict(self.rows("SELECT tbl, a FROM kept_to"))
        bodies = {i: digest for bundle, in self.rows("SELECT id FROM bundle") for i, digest in self.held(bundle)[1].items()}
        for table, in self.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"):
            if table in NOT_KEPT or (table.startswith("find") and table != "finding"):  # the last: full text
                continue
            cursor = self.db.execute("SELECT * FROM " + table)
            names, there = [c[0] for c in cursor.description], {}
            for values in cursor:
                row = {n: {"hex": v.hex()} if isinstance(v, bytes) else v for n, v in zip(names, values)}
                there[self.key_of(table, row)] = row
            for key in there.keys() | made[table].keys():
                a, b = there.get(key), made[table].get(key)
                if table == "revision" and a and b and b["packed"] is None and bodies.get(a["id"]) == sha256(bytes.fromhex(a["packed"]["hex"])):
                    b = dict(b, packed=a["packed"])
                if a != b and key[0] <= to[table] and (table, (*key, "", "", "")[:4]) not in owed and not (table == "meta" and key[0].startswith("kept.")):
                    self.say("the archive makes another row %s of %s: %r, it should be %r", key, table, b, a)

    # ---- the end of it ----

    def state(self):
        """What an undisturbed run must have in common with a disturbed one."""
        items = self.rows("SELECT i.iid, i.state, i.erp_id, i.posted, i.sent_key, i.accepted IS NOT NULL, i.parked, r.content FROM item i "
                          "LEFT JOIN revision r ON r.id = i.rev ORDER BY i.iid")
        decisions = self.rows("SELECT iid, content, approver, result, code FROM decision WHERE result <> 'refused' OR code <> 'F-35' ORDER BY iid, row")
        exported = self.rows("SELECT i.iid, b.target, r.content FROM batch_item bi JOIN batch b ON b.id = bi.batch JOIN item i ON i.id = bi.item LEFT JOIN revision r ON r.id = bi.revision ORDER BY 1, 2, 3")
        findings = {(s, f, l, c, i) for s, f, l, c, i in self.rows("SELECT source, file, line, code, item FROM finding") if c not in ABOUT_AGAIN}
        revisions = self.rows("SELECT i.iid, r.n, r.content FROM revision r JOIN item i ON i.id = r.item ORDER BY 1, 2")
        refs = self.rows("SELECT type, key, content FROM ref ORDER BY 1, 2")
        return {"items": items, "decisions": decisions, "exported": exported, "findings": findings, "revisions": revisions, "reference rows": refs}

    def compare(self, want):
        got = self.state()
        for part, rows in want.items():
            if got[part] != rows:
                a, b = set(rows), set(got[part])
                self.say("%s differ from the undisturbed run: missing %s, extra %s", part, sorted(a - b, key=repr)[:3], sorted(b - a, key=repr)[:3])


def merkle(leaves):
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + merkle(leaves[:k]) + merkle(leaves[k:])).digest()


def expected(site, taken, deliveries):
    j = Judge(site, deliveries, taken, {})
    return {"state": j.state(), "files": collections.Counter(j.unnumbered(set(taken)))}


def judge(site, deliveries, taken, want, known, deep=False):
    j = None
    try:
        j = Judge(site, deliveries, taken, known)
        for check in (j.database, j.senders, j.leftovers, j.archive, j.pages, j.log, j.kept):
            check()
        j.receiver(want["files"])
        j.compare(want["state"])
        if deep:
            j.by_hand()
        return j.wrong
    except (OSError, sqlite3.Error, ValueError, KeyError, zipfile.BadZipFile) as e:
        return ["the site cannot be judged: %r" % e]
    finally:
        if j is not None:
            j.db.close()  # or its disk cannot be unmounted
