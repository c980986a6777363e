#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an auditor holds years later: a site is played, then its bundles are taken apart with this script alone (zip, CSV, SHA-256), and every claim in them is compared with the bytes that
were dropped and that left. Then `why`, `why-not` and the conservation ledger of the same site; and the same bundles sealed twice, under other time zones, locales, masks and folders."""
import collections, glob, io, os, re, shutil, sys, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import worlds

tap = Tap()


class Bundle:
    def __init__(self, site, row):
        self.id, self.kind, self.of, self.path = row["id"], row["kind"], row["of"], os.path.join(site, "archive", row["path"])
        with zipfile.ZipFile(self.path) as z:
            self.member = {n.split("/", 1)[1]: z.read(n) for n in z.namelist()}
        self.readme = self.member["README.txt"].decode("utf-8")

    def rows(self, name):
        return list(csv.DictReader(io.StringIO(self.member["data/" + name].decode("utf-8"), newline="")))


def bundles_of(site, lines):
    return {b["id"]: Bundle(site, b) for b in lines if b.get("type") == "bundle"}


# ---- members ----

def told(bundle):
    """Members that the README does not explain: a sentence stands, indented, below each name."""
    named = re.findall(r"^  data/(\S+)\n      (\S.*)$", bundle.readme, re.M)
    return [m for m in bundle.member if m.startswith("data/") and not any(m[5:] == n or (n.endswith("/") and m[5:].startswith(n)) for n, _ in named)]


def check_members(all_bundles, site):
    wanted = {"drop": {"received/provenance.json", "canonical/files.csv", "findings.csv", "log/events.jsonl", "software.json"},
              "manifest": {"approvals/sheet", "approvals/sheet.sig", "approvals/key.pem", "approvals/outcome.csv", "approvals/trust.csv", "log/events.jsonl", "refs.csv", "software.json"},
              "batch": {"lineage.csv", "ledger/conservation.csv", "ledger/items.csv", "ledger/files.csv", "canonical/records.csv", "canonical/records.txt", "findings.csv", "log/events.jsonl",
                        "refs.csv", "inputs/records.json", "software.json"}}
    missing = ["%s %s: %s" % (b.id, b.kind, sorted(wanted[b.kind] - {m[5:] for m in b.member})) for b in all_bundles if wanted[b.kind] - {m[5:] for m in b.member}]
    tap.ok(not missing, "each bundle has the members of its kind", "\n".join(missing))
    unexplained = ["%s: %s" % (b.id, told(b)) for b in all_bundles if told(b)]
    tap.ok(not unexplained, "each README says what each member is", "\n".join(unexplained))
    wrong = []
    for b in all_bundles:
        software = json.loads(b.member["data/software.json"])
        for name, is_ in [(n + ".adapter", a["sha256"]) for n, a in software["adapters"].items()] + [("tables/" + n, d) for n, d in software["tables"].items()]:
            if sha256(b.member["data/adapters/" + name]) != is_:
                wrong.append("%s %s" % (b.id, name))
        wrong += [b.id + " libraries"] if not {"openssl", "zlib", "sqlite"} <= set(software["libraries"]) else []
    tap.ok(not wrong, "software.json has the digests of the adapters and tables beside it", "\n".join(wrong))


def check_readme_commands(b, site):
    """The README's own lines, run by a shell in a folder that holds nothing but the bundle, its two companions and the key."""
    folder = os.path.join(TEMP, "auditor")
    os.mkdir(folder)
    for end in (".zip", ".zip.sha256", ".zip.sha256.sig"):
        shutil.copy(b.path[:-4] + end, folder)
    shutil.copy(glob.glob(os.path.join(site, "archive/keys/*.pub.pem"))[0], os.path.join(folder, "KEY.pub.pem"))
    commands = re.findall(r"^    (\S.*)$", b.readme.split("What is in it")[0], re.M)
    for c in commands:
        p = subprocess.run(["sh", "-c", c], cwd=folder, capture_output=True, text=True)
        tap.ok(p.returncode == 0, "README: %s" % c.replace(b.id, "ID"), p.stdout + p.stderr)
    tap.same(len(commands), 3, "the README has three commands")


def check_signatures(manifests):
    wrong = []
    for b in manifests:
        folder = os.path.join(TEMP, "sheet-" + b.id)
        os.makedirs(os.path.join(folder, "data/approvals"))
        for m in ("sheet", "sheet.sig", "key.pem"):
            write(os.path.join(folder, "data/approvals", m), b.member["data/approvals/" + m])
        command = re.search(r"openssl pkeyutl -verify -pubin -inkey data\S+ .*?sheet\.sig", b.readme).group()
        p = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True)
        trust = {u["name"]: u for u in b.rows("approvals/trust.csv")}
        said = json.loads(b.member["data/approvals/manifest.json"])
        if p.returncode != 0 or trust[said["approver"]]["key_id"] != said["key"] or trust[said["approver"]]["active"] != "yes":
            wrong.append("%s %s %s" % (b.id, p.stderr, trust))
    tap.ok(not wrong and manifests, "each sheet's signature holds by the README's command, and its approver stands in the trust list with that key", "\n".join(wrong))


def canonical_texts(b):
    text = b.member["data/canonical/records.txt"].decode("utf-8")
    return [t if t.endswith("\n") else t + "\n" for t in text.split("\n\n")]


def check_records(all_bundles):
    wrong, n = [], 0
    for b in all_bundles:
        if "data/canonical/records.txt" not in b.member:
            continue
        texts = canonical_texts(b)
        rows = b.rows("canonical/records.csv")
        heads = [r for r in rows if r["line"] == "0"]
        if [sha256(t.encode()) for t in texts] != [r["content"] for r in heads]:
            wrong.append("%s: contents" % b.id)
        for t, row in zip(texts, heads):
            n += 1
            head, *lines = t.split("-\n") if "\n-\n" in t else [t]
            own = dict(l.split("=", 1) for l in head.splitlines()[1:])
            shown = {k: v for k, v in row.items() if v and k not in ("item", "record_type", "content", "line")}
            unescaped = {k: re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), v) for k, v in own.items()}
            if {k: v.lstrip("'") for k, v in shown.items()} != {k: v.lstrip("'") for k, v in unescaped.items()}:
                wrong.append("%s %s: %s\n%s" % (b.id, row["item"], shown, unescaped))
    tap.ok(not wrong and n > 50, "records.csv and records.txt of %d records say the same, and their digests are the contents that were signed" % n, "\n".join(wrong))
    signed = {r["content"].replace("sha256:", "") for b in all_bundles if b.kind == "manifest" for r in b.rows("approvals/outcome.csv") if r["result"] == "applied" and r["verdict"] == "accept"}
    left = {r["content"] for b in all_bundles if b.kind == "batch" for r in b.rows("ledger/items.csv") if r["manifest"]}
    tap.ok(left and left <= signed, "what left is what stands in a sealed decision", sorted(left - signed))


def check_refs(all_bundles, site):
    wrong, n = [], 0
    digests = {b.of: sha256(read(b.path)) for b in all_bundles}
    for b in all_bundles:
        for r in b.rows("refs.csv") if "data/refs.csv" in b.member else []:
            n += 1
            if digests.get(r["id"]) != r["sha256"] or not os.path.exists(os.path.join(site, "archive", r["path"])):
                wrong.append("%s: %s" % (b.id, r))
    batches = [b for b in all_bundles if b.kind == "batch"]
    for b in batches:
        kinds = {(r["kind"], r["id"]) for r in b.rows("refs.csv")}
        wrong += ["%s does not name %s" % (b.id, r["drop"]) for r in b.rows("lineage.csv") if r["drop"] and ("drop", r["drop"]) not in kinds]
        wrong += ["%s does not name %s" % (b.id, r["manifest"]) for r in b.rows("ledger/items.csv") if r["manifest"] and ("manifest", r["manifest"]) not in kinds]
    tap.ok(not wrong and n > 10, "%d references lead to bundles with that digest; nothing that a batch used is missing among them" % n, "\n".join(wrong))


def leaves(site):
    """The hashes of the log's entries, out of the tiles (https://c2sp.org/tlog-tiles)."""
    base = os.path.join(site, "archive/log/tile/0")
    out = b"".join(read(f) for f in sorted(glob.glob(base + "/[0-9][0-9][0-9]")))
    partial = sorted(glob.glob(base + "/*.p/*"), key=lambda f: int(os.path.basename(f)))
    out += read(partial[-1]) if partial else b""
    return [out[i:i + 32] for i in range(0, len(out), 32)]


def check_events(all_bundles, site):
    tree, wrong, n = leaves(site), [], 0
    for b in all_bundles:
        about = set()
        for line in b.member["data/log/events.jsonl"].splitlines():
            entry = json.loads(line)
            n += 1
            about.add((entry["event"], entry["id"]))
            if hashlib.sha256(b"\0" + line).digest() != tree[entry["index"]]:
                wrong.append("%s: entry %d is not the log's" % (b.id, entry["index"]))
        need = {"drop": [("received", b.of)], "batch": [("batch", b.of), ("published", b.of)], "manifest": [("decided", b.of)]}[b.kind]
        wrong += ["%s lacks %s" % (b.id, x) for x in need if x not in about]
        if b.kind == "manifest":
            wrong += ["%s lacks the approval of %s" % (b.id, r["item"]) for r in b.rows("approvals/outcome.csv")
                      if r["result"] == "applied" and r["verdict"] == "accept" and not {("approved", r["item"]), ("linked", r["item"])} & about]
    tap.ok(not wrong and n > 100, "%d events hash to the leaves of the log at their index" % n, "\n".join(wrong[:20]))


# ---- lineage.csv ----

STEPS = {"upper": lambda v: v.upper(), "trim": str.strip, "required": lambda v: v}


def step(name, value):
    cut = re.fullmatch(r'max (\d+)( cut| [EF]-\d+)?', name)
    pad = re.fullmatch(r'pad left (\d+) "(.)"', name)
    if cut:
        return value[:int(cut[1])]
    if pad:
        return value.rjust(int(pad[1]), pad[2])
    return STEPS[name](value) if name in STEPS else None


def recomputed(row, text):
    """The cell's value from its bytes, where every step is one of those above; None = other steps."""
    before = re.fullmatch(r'"[^"|]+"((?: \| [^|]+)*)', row["in_steps"])
    after = re.fullmatch(r'[a-z_.]+((?: \| [^|]+)*)', row["out_steps"])
    if not before or not after:
        return None
    for s in [s for part in (before[1], after[1]) for s in part.split(" | ")[1:]]:
        text = step(s, text) if text is not None else None
    return text


def cut_bytes(original, member, off, length):
    if member:
        with zipfile.ZipFile(io.BytesIO(original)) as z:
            original = z.read(member)
    return original[off:off + length] if off + length <= len(original) else None


def check_lineage(all_bundles, settings):
    originals = {}
    for b in all_bundles:
        if b.kind == "drop":
            for m, data in b.member.items():
                if m.startswith("data/received/") and not m.endswith("provenance.json"):
                    originals[sha256(data)] = data
    wrong, count = [], collections.Counter()
    for b in (b for b in all_bundles if b.kind == "batch"):
        cells = collections.defaultdict(list)
        for r in b.rows("lineage.csv"):
            cells[r["file"], int(r["line"])].append(r)
        count["cells"] += check_cells(b, cells, wrong)
        for r in (r for rows in cells.values() for r in rows):
            check_source(b, r, originals, settings, wrong, count)
    tap.ok(not wrong, "%(cells)d cells that left have the value that lineage.csv says; %(bytes)d sources are cut out of the sealed originals" % count, "\n".join(wrong[:30]))
    tap.ok(count["recomputed"] > 100, "%(recomputed)d values come out again from their bytes by the steps that are named" % count, count)
    tap.ok(count["setting"] > 10 and count["constant"] > 10, "settings have the value they name, constants stand in the adapter: %(setting)d, %(constant)d" % count, count)
    print("  # %s" % dict(count))


def check_cells(b, cells, wrong):
    """Every cell of every row of the outbound files, against the values in lineage.csv."""
    n = 0
    for m, data in b.member.items():
        if not m.startswith("data/outbound/") or not m.endswith(".csv"):
            continue
        name = os.path.basename(m)
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig", "surrogateescape"), newline="")))
        for i, row in enumerate(table, 1):
            sources = cells.get((name, i))
            if sources is None:
                if i > 1:
                    wrong.append("%s %s row %d has no lineage" % (b.id, name, i))
                continue
            values = {}
            for r in sources:
                values.setdefault(r["column"], r["value"])
            n += len(row)
            if [v for v in values.values()] != row and sorted(values.values()) != sorted(row) and "(not shown)" not in values.values():
                wrong.append("%s %s row %d: %s is not %s" % (b.id, name, i, list(values.values()), row))
    return n


def check_source(b, r, originals, settings, wrong, count):
    where = "%s %s:%s %s" % (b.id, r["file"], r["line"], r["column"])
    count[r["kind"]] += 1
    if r["kind"] == "bytes":
        raw = cut_bytes(originals.get(r["source_sha256"], b""), r["member"], int(r["offset"]), int(r["length"]))
        if raw is None:
            wrong.append("%s: no such bytes" % where)
            return
        text = raw.decode("utf-8", "replace").strip('"').replace('""', '"').strip()
        value = recomputed(r, text) if text.isascii() and not re.search("[&<'\"\n]", text) else None  # characters that a target does not take are F-41
        if value is not None and r["value"] != "(not shown)":
            count["recomputed"] += 1
            if not same_value(value, r["value"]):
                wrong.append("%s: %r by %s, %s is %r, not %r" % (where, text, r["in_steps"], r["out_steps"], value, r["value"]))
    elif r["kind"] == "setting":
        key, _, value = r["what"].removeprefix("setting ").partition(" = ")
        if settings.get(key) != value:
            wrong.append("%s: %s, but the setting is %r" % (where, r["what"], settings.get(key)))
    elif r["kind"] == "constant" and r["value"] and '"%s"' % r["value"] not in r["out_steps"]:
        wrong.append("%s: %r is not in %s" % (where, r["value"], r["out_steps"]))
    if not r["out_adapter"] or not r["item"]:
        wrong.append("%s: no adapter or item" % where)


def same_value(a, b):
    """The same text; dates and amounts are written as the target wants them, which is a matter of the adapters' own tests."""
    if a.upper().split() == b.upper().split() or {a.upper(), b.upper()} in ({"Y", "YES"}, {"N", "NO"}):
        return True
    number = [re.fullmatch(r"-?\d+(\.\d+)?", x.replace(",", "").replace("$", "")) for x in (a, b)]
    if all(number):
        return float(number[0].group()) == float(number[1].group())
    return bool(re.search(r"\d\d?[/-](\d\d?|[A-Z]{3})[/-]\d", b) or re.fullmatch(r"\d{4}-\d\d-\d\d.*", a) or re.fullmatch(r"\d\d/\d\d/\d{4}", a))


# ---- why, why-not, the ledger ----

def check_why(world, all_bundles):
    b = max((b for b in all_bundles if b.kind == "batch"), key=lambda b: len(b.rows("lineage.csv")))
    cell = next(r for r in b.rows("lineage.csv") if r["kind"] == "bytes" and not r["member"] and r["value"] != "(not shown)")
    ask = "%s:%s:%s" % (cell["file"], cell["line"], cell["column"])
    found = world.lines("why", ask)
    source = next(l for l in found if l["type"] == "source" and l.get("from"))
    tap.same((source["value"], source["from"]["sha256"], str(source["from"]["offset"])), (cell["value"], cell["source_sha256"], cell["offset"]), "why FILE:LINE:COLUMN says what lineage.csv says")
    proof = {l["id"] for l in found if l["type"] == "bundle"}
    tap.ok(b.id in proof and len(proof) >= 2, "it names the bundles that prove it", found)
    screen = world.erpgate("why", ask)
    tap.ok(screen.count("\n") <= 40 and cell["value"] in screen and "sha256sum --strict -c" in screen, "the answer is one screen, with the commands that check it", screen)
    by_item = world.lines("why", "%s.%s" % (cell["item"], cell["column"]))
    tap.ok(any(l["type"] == "source" and l["column"] == cell["column"] for l in by_item), "why ITEM.COLUMN finds the same cell", by_item)
    tap.ok(world.erpgate("why", b.of).count("accepted by") > 0, "why BATCH names who let each item pass")
    tap.ok("There is no item, batch" in subprocess.run([PROGRAM, "-C", world.site, "why", "nothing/here"], capture_output=True, text=True).stderr, "what is not there is said so")


def check_why_not(world):
    queue = [q for q in world.lines("queue", "--all") if "id" in q]
    first = {}
    for q in queue:
        first.setdefault(q["state"], q["id"])
    held = next(q["id"] for q in queue if q["state"] == "held")
    lines = world.lines("why-not", held)
    tap.ok(any(l["type"] == "reason" and l["code"] and l["cure"] for l in lines), "why-not: a held item's rule and what helps", lines)
    tap.ok("The act that helps most: " in world.erpgate("why-not", held), "it names one act")
    if "importable" in first or "waiting" in first:
        text = world.erpgate("why-not", first.get("waiting") or first["importable"])
        tap.ok("waits for a decision" in text and "pat" in text, "why-not: who may decide", text)
    tap.ok("It has left" in world.erpgate("why-not", first["synced"]), "why-not of what left says so")


def check_ledger(world, all_bundles):
    wrong = []
    for b in (b for b in all_bundles if b.kind == "batch"):
        rows = b.rows("ledger/conservation.csv")
        money = sum(decimal(r["out"]) for r in rows if r["measure"] == "amount")
        files = sum(decimal(r["amount"]) for r in b.rows("ledger/files.csv"))
        items = sum(int(r["in"]) for r in rows if r["measure"] == "records")
        if any(r["balanced"] != "yes" for r in rows) or items != len(b.rows("ledger/items.csv")):
            wrong.append("%s: %s" % (b.id, rows))
        if any(decimal(r["in"]) - decimal(r["out"]) - decimal(r["sent_before"]) - decimal(r["stays"]) != 0 for r in rows):
            wrong.append("%s does not add up" % b.id)
        if len(b.rows("ledger/files.csv")) == len({r["object"] for r in b.rows("ledger/files.csv")}) and money != files:
            wrong.append("%s: %s in the ledger, %s in its files" % (b.id, money, files))
    tap.ok(not wrong, "the sealed ledger of each batch adds up to the cent, and to its files", "\n".join(wrong))
    entries = [e for e in world.lines("log", "--limit", "100000") if e.get("event") == "conservation"]
    tap.ok(entries and all(e["detail"]["balanced"] and e["detail"]["totals"].startswith("Records: in ") for e in entries), "each run that took files in has its page in the log", entries)
    batch = next(b for b in all_bundles if b.kind == "batch")
    page = world.erpgate("report", "conservation", "--batch", batch.of, "--csv")
    tap.same(len(page.splitlines()), len(batch.member["data/ledger/conservation.csv"].splitlines()), "report conservation --batch shows the sealed ledger")
    tap.ok("Every line balances." in world.erpgate("report", "conservation", "--run", str(entries[0]["detail"]["run"])), "report conservation --run: one run")


def decimal(s):
    return __import__("decimal").Decimal(s)


# ---- a world ----

def played():
    world = worlds.world(tap, "site-cmic", label="evidence")
    world.check = lambda good, what, detail="": None
    world.play()
    found = bundles_of(world.site, world.lines("audit", "list"))
    ordered = sorted(found.values(), key=lambda b: b.id)
    settings = {l["key"]: l["value"] for l in world.lines("config", "show") if "key" in l}
    check_members(ordered, world.site)
    check_readme_commands(next(b for b in ordered if b.kind == "batch"), world.site)
    check_signatures([b for b in ordered if b.kind == "manifest"])
    check_records(ordered)
    check_refs(ordered, world.site)
    check_events(ordered, world.site)
    check_lineage(ordered, settings)
    check_why(world, ordered)
    check_why_not(world)
    check_ledger(world, ordered)
    check_duplicates(world, ordered)
    refused = [b for b in ordered if b.kind == "drop" and json.loads(b.member["data/received/provenance.json"])["verdict"] == "refused"]
    tap.ok(refused and all(b.rows("findings.csv") for b in refused), "what was refused has its bundle, with the findings that say why")


def check_duplicates(world, ordered):
    entries = [e for e in world.lines("log", "--limit", "100000") if e.get("event") == "duplicate"]
    sealed = {b.of: b for b in ordered}
    wrong = [e for e in entries if e["id"] in sealed or e["detail"]["first"] not in sealed
             or json.loads(sealed[e["detail"]["first"]].member["data/received/provenance.json"])["sha256"] != e["detail"]["sha256"] or e["detail"]["size"] <= 0]
    tap.ok(entries and not wrong, "a duplicate is an entry of the log that names the first, whose bundle has these bytes", wrong)


# ---- sealed twice ----

def copied(site, name, reverse):
    """A copy whose folders were filled in that order."""
    to = os.path.join(TEMP, name)
    for folder, below, files in os.walk(site):
        below.sort(reverse=reverse)
        os.makedirs(os.path.join(to, os.path.relpath(folder, site)), exist_ok=True)
        shutil.copymode(folder, os.path.join(to, os.path.relpath(folder, site)))
        for f in sorted(files, reverse=reverse):
            if os.path.isfile(os.path.join(folder, f)):
                shutil.copy2(os.path.join(folder, f), os.path.join(to, os.path.relpath(folder, site), f))
    return to


def sealed_in(site, in_way, env, mask, cwd):
    os.rmdir(os.path.join(site, in_way))
    now = int(time.time())
    wait_for(lambda: int(time.time()) > now, 5)  # no second is the same as that of another seal
    p = subprocess.run([PROGRAM, "-C", site, "run"], capture_output=True, text=True, env=dict(os.environ, **env), cwd=cwd, preexec_fn=lambda: os.umask(mask))
    assert p.returncode in (0, 3), p.stdout + p.stderr
    return {os.path.relpath(f, site): sha256(read(f)) for f in glob.glob(os.path.join(site, "archive/2*/*/A*"))}


def sealed_twice():
    """Everything is done but the seals, because a folder stands where the next bundle belongs; two copies go on from there."""
    site = Site("twice")
    small_reference(site)
    site.drop("procore", "commitments.csv", commitments("SC-1", "SC-2"))
    site.run()
    there = sorted(glob.glob(os.path.join(site.path, "archive/2*/*/*.zip")))
    site.return_sheet("monday.csv", site.sheet([(i, "Accept") for i in site.queue() if i.startswith("commitment/")]))
    site.drop("procore", "more.zip", zipped({"commitments_b.csv": commitments("SC-3"), "commitments_a.csv": commitments("SC-4")}))
    site.drop("procore", "broken_commitments.csv", commitments("SC-5").replace("100.00", "a lot"))
    in_way = os.path.join(os.path.dirname(there[-1]), "A%06d.zip" % (len(there) + 1))
    os.mkdir(in_way)
    p = site.ask("run")
    tap.ok(p.returncode not in (0, 2, 3) and any("CMIC_COMMITMENT" in n for n in site.out()), "a turn that cannot seal ends with an error, after its files have left", p.stdout + p.stderr)
    in_way = os.path.relpath(in_way, site.path)
    one = sealed_in(copied(site.path, "one", False), in_way, {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C"}, 0o000, "/")
    two = sealed_in(copied(site.path, "two", True), in_way, {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "LANGUAGE": "tr"}, 0o077, TEMP)
    fresh = len([n for n in one if n.endswith(".zip")]) - len(there)
    tap.ok(fresh >= 4, "%d bundles are sealed by the next turn: drops, a sheet, a batch" % fresh, one)
    tap.ok(one == two, "the same bytes, digests and signatures under another time zone, locale, mask, folder and order of entries",
           "\n".join(n for n in sorted(set(one) | set(two)) if one.get(n) != two.get(n)))


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for n, data in members.items():
            z.writestr(n, data)
    return out.getvalue()


sealed_twice()
played()
tap.end()
