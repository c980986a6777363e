#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A support person's case: an adapter took cost codes from the wrong column. What would change if it is mended, mending it, and nothing sent twice; refused documents tried again; the
same bytes from what is sealed."""
import csv, io, os, shutil, sys, time, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
SHIPPED = os.path.join(ROOT, "adapters/procore/commitments.csv.adapter")
WRONG = open(SHIPPED, encoding="utf-8").read().replace('line.cost_code   = "Cost Code"', 'line.cost_code   = "Budget Phase"')
assert WRONG.count("Budget Phase") == 1


def with_phase(text, phase="05-1200"):
    """Another column behind the sender's own."""
    head, *rows = text.splitlines()
    return "\n".join([head + ",Budget Phase"] + [r + "," + phase for r in rows]) + "\n"


def own_adapter(site, text):
    path = os.path.join(site.path, "adapters/commitments.adapter")
    if text is None:
        os.unlink(path)
    else:
        write(path, text)


def log_of(site):
    return site.json("log", "--limit", "100000")


def everything(site):
    """A digest of every file of the site but the database, and of what the database says: the same, or which part is not."""
    files = {}
    for d, _, names in os.walk(site.path):
        for n in names:
            if not n.startswith("state.db") and n not in ("lock", "watch.lock"): # who holds them writes his number
                path = os.path.join(d, n)
                files[os.path.relpath(path, site.path)] = sha256(read(path))
    parts = {"files": files, "log": log_of(site), "items": site.queue(), "findings": site.findings("--run", "last")}
    return {k: sha256(json.dumps(v, sort_keys=True).encode()) for k, v in parts.items()}


def drops(site):
    return [l["id"] for l in log_of(site) if l["event"] == "received"]


def sent(site):
    """Commitment -> [(cost code, amount)] of every line that ever left, by the files in out/."""
    out = {}
    for name, data in sorted(site.out().items()):
        if "CMIC_COMMITMENT" in name:
            for row in csv.reader(io.StringIO(data.decode("ascii"))):
                out.setdefault(name, []).append(row)
    return out


def codes(site, item):
    return [l["line.cost_code"] for l in next(j for j in site.json("show", item) if j.get("lines"))["lines"]]


def accept(site, *items):
    path = os.path.join(TEMP, "sheet-%d.csv" % time.monotonic_ns())
    write(path, site.sheet([(i, "Accept") for i in items]))
    sign(path, site.key)
    site.call("decide", path, "-q", ok=(0, 3))


ITEM = "commitment/24-118/%s"


def a_wrong_column():
    site = Site("column")
    small_reference(site)
    own_adapter(site, WRONG)
    site.drop("procore", "three.csv", with_phase(commitments("SC-1", "SC-2", "SC-3")))
    site.run()
    drop = drops(site)[-1]
    accept(site, ITEM % "SC-1", ITEM % "SC-2")
    site.run()
    first = next(l["id"] for l in log_of(site) if l["event"] == "batch")
    batch = [l["id"] for l in log_of(site) if l["event"] == "batch"][-1]
    site.drop("cmic", "CMIC_ACK_1.csv", "BATCH,OBJECT,KEY,ERP_CODE,POSTED_FLAG,ERROR_TEXT\n%s,COMMITMENT,BARL001|SC-1,SC-1,Y,\n" % batch)
    site.run()
    q = site.queue()
    tap.same([q[ITEM % n]["state"] for n in ("SC-1", "SC-2", "SC-3")], ["synced", "exported", "waiting"], "before: one synced, one sent, one waiting")
    tap.same(codes(site, ITEM % "SC-3"), ["05-1200", "05-1200"], "before: the codes are from the wrong column")

    # what if
    before = everything(site)
    p = site.ask("whatif", "--adapter", SHIPPED, "--since", "30d", "--json")
    tap.same(p.returncode, 2, "whatif: exit 2 says that something would be another")
    lines = [json.loads(l) for l in p.stdout.splitlines()]
    summary = lines[-1]
    tap.same((summary["changed"], summary["newly_refused"], summary["newly_accepted"], summary["gone"], summary["added"]), (3, 0, 0, 0, 0), "whatif: three documents, all of this file")
    money = {(m["project"], m["account"]): (m["before"], m["after"]) for m in lines if m["type"] == "money"}
    tap.same(money, {("24-118", "03-1100.S"): ("0.00", "370.35"), ("24-118", "05-1200.S"): ("370.35", "0.00")}, "whatif: the money that moves between the codes, to the cent")
    tap.same([(f["record_type"], f["field"], f["documents"]) for f in lines if f["type"] == "field"], [("commitment", "line.cost_code", 3)], "whatif: the field, and how many documents")
    shown = [e for e in lines if e["type"] == "example"]
    tap.same([(e["drop"], e["item"], e["outcome"], [(f["old"], f["new"]) for f in e["fields"]]) for e in shown][:1], [(drop, ITEM % "SC-1", "changed", [("05-1200", "03-1100")] * 2)], "whatif: examples name drop, item and values")
    tap.same(everything(site), before, "whatif: nothing was written")
    text = site.ask("whatif", "--adapter", SHIPPED, "--since", "2026-01-01", "--limit", "1").stdout
    tap.ok("and 2 more" in text and "370.35" in text and "Nothing was written" in text, "whatif: as text, as many examples as asked for", text)
    tap.same(site.ask("whatif", "--adapter", SHIPPED, "--since", "30d", "--source", "cmic").returncode, 0, "whatif: a source that the adapter does not read: no difference, exit 0")
    own = os.path.join(site.path, "adapters/commitments.adapter")
    p = site.ask("whatif", "--adapter", own, "--since", "30d")
    tap.same((p.returncode, "0 changed" in p.stdout), (0, True), "whatif: with the adapter that is in force nothing would be another")

    # the dry run
    own_adapter(site, None)
    site.run() # takes note of the edit
    before = everything(site)
    plan = {j.get("id", j["type"]): j for j in site.json("reprocess", drop, "--dry-run")}
    tap.same((plan[ITEM % "SC-3"]["effect"], plan[ITEM % "SC-3"]["state"], [(f["field"], f["old"], f["new"]) for f in plan[ITEM % "SC-3"]["fields"]]),
             ("revision", "waiting", [("line.cost_code", "05-1200", "03-1100")] * 2), "dry run: the waiting one gets a new revision, field by field")
    refused = [j for j in site.json("reprocess", drop, "--dry-run") if j["type"] == "finding" and j["severity"] == "R"]
    tap.same(sorted((f["code"], f["item"]) for f in refused), [("E-46", ITEM % "SC-1"), ("E-46", ITEM % "SC-2")], "dry run: what has left is refused, not sent")
    tap.same((plan["summary"]["revised"], plan["summary"]["new"], plan["summary"]["rejected"]), (1, 0, 2), "dry run: counted")
    tap.same([(m["account"], m["before"], m["after"]) for m in site.json("reprocess", drop, "--dry-run") if m["type"] == "money"],
             [("03-1100.S", "0.00", "123.45"), ("05-1200.S", "123.45", "0.00")], "dry run: money before and after by code")
    tap.same(everything(site), before, "dry run: nothing was written, not even a number used up")

    # the real one
    out = site.out()
    tap.same(site.ask("reprocess", drop, "--reason", "ticket 4711").returncode, 0, "reprocess: done")
    again = drops(site)[-1]
    tap.same(codes(site, ITEM % "SC-3"), ["03-1100", "03-1100"], "reprocess: the waiting one has the right codes now")
    history = site.ask("show", ITEM % "SC-3", "--diff").stdout
    tap.ok("- line.cost_code=05-1200" in history and "+ line.cost_code=03-1100" in history, "reprocess: a new revision, the old one is still there", history)
    tap.same({n: site.queue()[ITEM % n]["state"] for n in ("SC-1", "SC-2", "SC-3")}, {"SC-1": "synced", "SC-2": "exported", "SC-3": "waiting"}, "reprocess: no other state")
    tap.same(site.out(), out, "reprocess: nothing was sent")
    entry = [l for l in log_of(site) if l["event"] == "reprocessed"]
    tap.same([(l["id"], l["detail"]["as"], l["detail"]["root"], l["detail"]["reason"]) for l in entry], [(drop, again, drop, "ticket 4711")], "reprocess: the log says what was read again as what, and why")
    archived = next(l for l in log_of(site) if l["event"] == "archived" and l["detail"]["of"] == again)
    with zipfile.ZipFile(os.path.join(site.path, "archive", archived["detail"]["path"])) as z:
        origin = json.loads(z.read(archived["id"] + "/data/received/provenance.json"))
    tap.same((origin["reprocessed"]["of"], origin["reprocessed"]["reason"], origin["sha256"]), (drop, "ticket 4711", next(l for l in log_of(site) if l["event"] == "received" and l["id"] == drop)["detail"]["sha256"]), "reprocess: its bundle says whose bytes they are")
    tap.ok("Read as    %s   reprocessed by" % again in site.call("show", drop) and "Reading of %s" % drop in site.call("show", again), "reprocess: show tells of each reading of the bytes")
    # once more
    before = site.queue(), site.out()
    site.call("reprocess", drop, ok=(0, 3))
    tap.same((site.queue(), site.out()), before, "reprocess again: changes nothing")
    p = site.ask("reprocess", drop, "--dry-run")
    tap.ok("0 new revisions, 0 new items" in p.stdout and "Nothing would change." in p.stdout, "reprocess again: the dry run says so before", p.stdout)
    # whatif stands on the newest reading of the file
    p = site.ask("whatif", "--adapter", SHIPPED, "--since", "30d")
    tap.same((p.returncode, "0 changed" in p.stdout), (0, True), "whatif afterwards: nothing would be another any more")
    # it leaves the ordinary way, once
    accept(site, ITEM % "SC-3")
    site.run()
    files = [r for rows in sent(site).values() for r in rows if "SC-3" in r]
    tap.ok(files and site.queue()[ITEM % "SC-3"]["state"] == "exported", "afterwards: approved, it leaves")
    tap.same(sum(any("SC-2" in r for r in rows) for rows in sent(site).values()), 1, "afterwards: what had left is in one file of all")
    return site, drop, first


def one_item(site, drop):
    """Only the document of one item; another adapter only for this time; and what is newer stays."""
    before = site.queue()
    site.drop("procore", "more.csv", with_phase(commitments("SC-4", "SC-5")))
    site.run()
    more = drops(site)[-1]
    wrong = os.path.join(TEMP, "wrong.adapter")
    write(wrong, WRONG)
    p = site.ask("reprocess", ITEM % "SC-5", "--with-adapter", wrong, "--dry-run", "--json")
    plan = [json.loads(l) for l in p.stdout.splitlines()]
    tap.same([(j["id"], j["effect"]) for j in plan if j["type"] == "item"], [(ITEM % "SC-5", "revision")], "an item: the dry run is about it alone")
    site.call("reprocess", ITEM % "SC-5", "--with-adapter", wrong)
    tap.same((codes(site, ITEM % "SC-4")[0], codes(site, ITEM % "SC-5")[0]), ("03-1100", "05-1200"), "an item: read with the given adapter, the other documents are left alone")
    entry = [l for l in log_of(site) if l["event"] == "reprocessed"][-1]["detail"]
    tap.same((entry["adapter"]["sha256"], entry["adapter"]["text"], [d["line"] for d in entry["documents"]]), (sha256(WRONG.encode()), WRONG, [4]), "an item: the log holds the adapter and the document's place")
    again = drops(site)[-1]
    archived = next(l for l in log_of(site) if l["event"] == "archived" and l["detail"]["of"] == again)
    with zipfile.ZipFile(os.path.join(site.path, "archive", archived["detail"]["path"])) as z:
        tap.same(z.read(archived["id"] + "/data/adapters/procore.commitments.csv.adapter").decode(), WRONG, "an item: the bundle holds the adapter that read it")
    tap.same(site.ask("reproduce", archived["id"]).returncode, 0, "an item: and so it can be made again")
    broken = os.path.join(TEMP, "broken.adapter")
    write(broken, WRONG.replace("line.amount      =", "line.amonut      ="))
    was = drops(site)
    p = site.ask("reprocess", more, "--with-adapter", broken)
    tap.ok(p.returncode == 78 and "amonut" in p.stderr and drops(site) == was, "a given adapter with a fault: told with its place before anything is begun", p.stderr)
    # a newer file has the last word
    site.drop("procore", "newer.csv", with_phase(commitments("SC-4", title="Renamed")))
    site.run()
    newer = drops(site)[-1]
    site.call("reprocess", more, ok=(0, 3))
    note = [f for f in site.findings() if f["code"] == "F-73"]
    tap.same([(f["severity"], f["item"], newer in f["message"]) for f in note], [("N", ITEM % "SC-4", True)], "an older file read again: what a newer one said since is not undone (F-73)")
    tap.ok("Renamed" in site.call("show", ITEM % "SC-4"), "an older file read again: the newer title stands")
    # bundles stand for what is in them
    bundle = next(l["id"] for l in log_of(site) if l["event"] == "archived" and l["detail"]["of"] == more)
    tap.ok("of the item" not in site.ask("reprocess", bundle, "--dry-run").stdout and more in site.ask("reprocess", bundle, "--dry-run").stdout, "a bundle: its drop is read again")
    tap.same(site.ask("reprocess", "A999999").returncode, 66, "a bundle that is not there: exit 66")


def rejects(site, drop):
    return {j["id"]: j["state"] for j in site.json("show", drop) if j.get("type") == "reject"}


def refused():
    site = Site("refused")
    small_reference(site)
    bad = commitments("R-1", kind="Sub") + commitment_rows("R-2", code="09-2900") + commitment_rows("R-5", code="09-2900") + commitment_rows("R-3") + commitment_rows("R-4").replace("02/05/2026", "31.12")
    site.drop("procore", "bad.csv", bad)
    site.run()
    drop = drops(site)[-1]
    tap.same(list(rejects(site, drop).values()), ["open"] * 4, "refused: four documents, two of them by a reference rule")
    before = everything(site)
    p = site.ask("replay-rejects", drop)
    tap.ok(p.returncode == 3 and p.stdout.count("is still refused") == 4 and "F-21 line" in p.stdout and "E-38 line" in p.stdout, "nothing mended: each says why, exit 3", p.stdout)
    tap.same(everything(site), before, "nothing mended: nothing is written")
    # mended: a word for the type, and the code comes with the ERP's list
    own_adapter(site, open(SHIPPED, encoding="utf-8").read().replace('Subcontract="subcontract"', 'Subcontract="subcontract" Sub="subcontract"'))
    site.drop("cmic", "CMIC_PHASES.csv", "PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_CTRL_CODE,PHS_ACTIVE_FLAG,CAT_CODE,CAT_DEFAULT_FLAG\r\n"
              "01,03-1100,Formwork,ALL,Y,SUB,Y\r\n01,09-2900,Gypsum,ALL,Y,SUB,Y\r\n01,05-1200,Structural Steel,ALL,Y,SUB,Y\r\n")
    site.drop("cmic", "CMIC_JOBCODES.csv", "JCAT_COMP_CODE,JCAT_JOB_CODE,JCAT_PHS_CODE,JCAT_CODE,JCAT_ACTIVE_FLAG\r\n01,24118,03-1100,SUB,Y\r\n01,24118,09-2900,SUB,Y\r\n01,24118,05-1200,SUB,Y\r\n")
    site.run()
    site.call("resend", ITEM % "R-5")
    site.call("reject", ITEM % "R-5", "--as", "pat", "--key", site.key, "--reason", "not ours")
    before = everything(site)
    plan = {j["id"]: j for j in site.json("replay-rejects", drop, "--dry-run", ok=(3,)) if j["type"] == "reject"}
    result = {j["item"].rsplit("/", 1)[-1]: j["result"] for j in plan.values()}
    tap.same(result, {"R-1": "taken", "R-2": "taken", "R-4": "refused", "R-5": "refused"}, "mended: the dry run tells which ones would be taken")
    tap.same(everything(site), before, "mended: the dry run writes nothing")
    p = site.ask("replay-rejects", drop)
    tap.same((p.returncode, "a person rejected it" in p.stdout, site.queue()[ITEM % "R-5"]["state"]), (3, True, "rejected"), "replay: exit 3, two are still refused; what a person rejected stays so")
    tap.same({n: site.queue().get(ITEM % n, {}).get("state") for n in ("R-1", "R-2", "R-3", "R-4")}, {"R-1": "waiting", "R-2": "waiting", "R-3": "waiting", "R-4": None}, "replay: what is good now is taken")
    tap.same({i: s for i, s in rejects(site, drop).items()}, {i: "corrected" if plan[i]["result"] == "taken" else "open" for i in plan}, "replay: the numbers are settled, the other stays open")
    entry = [l for l in log_of(site) if l["event"] == "replayed"][-1]
    tap.same((entry["id"], sorted(d["reject"] for d in entry["detail"]["documents"])), (drop, sorted(i for i in plan if plan[i]["result"] == "taken")), "replay: the log names the documents")
    made = entry["detail"]["as"]
    bundle = next(l["id"] for l in log_of(site) if l["event"] == "archived" and l["detail"]["of"] == made)
    tap.same(site.ask("audit", "verify", bundle).returncode, 0, "replay: it has a bundle")
    before = everything(site)
    tap.same(site.ask("replay-rejects", drop).returncode, 3, "replay again: still these")
    tap.same(site.ask("replay-rejects", "ALL", "--since", "1d").returncode, 3, "replay of all: the same ones")
    tap.same(everything(site), before, "replay again: changes nothing")
    tap.same(site.ask("reprocess", ITEM % "R-3").returncode, 0, "one item of it: the refused documents beside it do not count")
    p = site.ask("replay-rejects", made)
    tap.same((p.returncode, "No refused document" in p.stdout), (0, True), "replay of a drop without any: says so")
    tap.same([r for r in site.json("report", "reconcile", ok=None) if r.get("balanced") == "no"], [], "replay: what came in is still all accounted for")


def many():
    """More documents than one entry of the log holds."""
    site = Site("many")
    small_reference(site)
    site.drop("procore", "many.csv", COMMITMENT + "".join(commitment_rows("M-%04d" % i, amounts=("1.00",), kind="Sub") for i in range(1200)))
    site.run()
    drop = drops(site)[-1]
    own_adapter(site, open(SHIPPED, encoding="utf-8").read().replace('Subcontract="subcontract"', 'Subcontract="subcontract" Sub="subcontract"'))
    tap.same(site.ask("replay-rejects", drop, "-q").returncode, 0, "1,200 documents: all are good now")
    parts = [l["detail"] for l in log_of(site) if l["event"] == "replayed"]
    tap.same((len(parts) > 1, sum(len(p["documents"]) for p in parts), {p["as"] for p in parts}), (True, 1200, {drops(site)[-1]}), "1,200 documents: named in the log, in several entries")
    tap.same((set(rejects(site, drop).values()), site.ask("audit", "verify", "ALL").returncode), ({"corrected"}, 0), "1,200 documents: all settled, and the log verifies")


def same_bytes(site):
    every = [j["id"] for j in site.json("audit", "list") if j.get("kind") in ("drop", "batch")]
    wrong = [b for b in every if site.ask("reproduce", b).returncode != 0]
    tap.same((len(every) > 8, wrong), (True, []), "reproduce: every drop and batch of the site gives the same bytes")
    batch = next(j["id"] for j in site.json("audit", "list") if j.get("kind") == "batch" and "cmic" in site.ask("show", j["of"]).stdout.lower())
    site.call("config", "set", "cmic.company", "02")
    lines = site.json("reproduce", batch)
    tap.same((lines[-1]["result"], [(l["kind"], l["name"], l["sealed"], l["now"]) for l in lines if l["type"] == "today"]), ("same", [("setting", "cmic.company", "01", "02")]), "reproduce: the settings that are sealed count, and what is another today is named")
    of = lines[-1]["of"]
    tap.ok(all(site.ask("reproduce", l["bundle"]).returncode == 0 for l in lines if l["type"] == "source") and [l for l in lines if l["type"] == "source"], "reproduce: names the bundles that the records came from, and these can be made again, too", lines)
    p = site.ask("reprocess", of)
    tap.ok(p.returncode == 2 and "cmic.company" in p.stdout and "line 1" in p.stdout and "Nothing was written" in p.stdout, "reprocess of a batch: written today it would be another, and why", p.stdout)
    site.call("config", "set", "cmic.company", "01")
    tap.same(site.ask("reprocess", batch).returncode, 0, "reprocess of a batch: with the settings of then the same bytes")
    # a bundle that was tampered with
    path = os.path.join(site.path, "archive", next(l for l in log_of(site) if l["event"] == "archived" and l["id"] == batch)["detail"]["path"])
    keep = read(path)
    with zipfile.ZipFile(io.BytesIO(keep)) as z:
        members = [(i, z.read(i)) for i in z.infolist()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for info, data in members:
            if info.filename.endswith("cmic.commitment.out.adapter"):
                data = data.replace(b"version", b"# edited by hand\nversion", 1)
            fresh = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            fresh.compress_type, fresh.create_system, fresh.external_attr = info.compress_type, info.create_system, info.external_attr
            fresh.extract_version = info.extract_version
            z.writestr(fresh, data)
    os.chmod(path, 0o644)
    write(path, out.getvalue())
    p = site.ask("reproduce", batch)
    tap.ok(p.returncode == 2 and "cmic.commitment.out.adapter" in p.stdout and "not the one that was used" in p.stdout, "reproduce: a bundle with another adapter in it: named", p.stdout + p.stderr)
    write(path, keep)
    tap.same(site.ask("reproduce", batch).returncode, 0, "reproduce: put back, the same bytes")
    return of


def never_twice(site, batch):
    before = site.queue(), site.out()
    p = site.ask("reprocess", batch, "--target", "cmic")
    tap.ok(p.returncode == 3 and "F-74" in p.stdout and "0 leave" in p.stdout, "a new batch of what has left: refused item by item (F-74)", p.stdout + p.stderr)
    tap.same((site.queue(), site.out()), before, "a new batch of what has left: nothing moves")
    tap.same(site.ask("reprocess", batch, "--target", "acumatica").returncode, 66, "a new batch: only for the target that it went to")
    exported = sorted(i for i, q in site.queue("--type", "commitment").items() if q["state"] == "exported")
    last = [l["id"] for l in log_of(site) if l["event"] == "batch"][-1]
    number = next(i for i in exported if i.endswith("SC-3")).rsplit("/", 1)[-1]
    site.drop("cmic", "CMIC_ACK_9.csv", "BATCH,OBJECT,KEY,ERP_CODE,POSTED_FLAG,ERROR_TEXT\n%s,COMMITMENT,BARL001|%s,,N,period closed\n" % (last, number))
    site.run()
    ack = drops(site)[-1]
    tap.same(site.queue()[ITEM % number]["state"], "failed", "the ERP refuses one")
    site.call("reprocess", last, "--target", "cmic", ok=(0, 3))
    tap.same((site.queue()[ITEM % number]["state"], site.out()), ("waiting", before[1]), "a new batch: what was refused waits for a decision, and does not leave by itself")
    accept(site, ITEM % number)
    site.run()
    tap.same(site.queue()[ITEM % number]["state"], "exported", "accepted anew, it leaves in a batch of its own")
    site.call("reprocess", ack, ok=(0, 3))
    tap.same(site.queue()[ITEM % number]["state"], "exported", "the old answer read again is about the first attempt: it settles nothing")


class Copy(Site):
    def __init__(self, base, name):
        self.path, self.key = os.path.join(TEMP, name), base.key
        shutil.copytree(base.path, self.path)


def killed():
    """Killed at calls that change the disk: the next run knows it as what it is, done or not begun, never as a duplicate or with the site's own adapter."""
    base = Site("killed")
    small_reference(base)
    base.drop("procore", "two.csv", commitments("K-1", "K-2"))
    base.run()
    drop = drops(base)[-1]
    other = os.path.join(TEMP, "other.adapter")
    write(other, open(SHIPPED, encoding="utf-8").read().replace('line.description = "Line Description"', 'line.description = "Title"'))
    whole = Copy(base, "killed-not")
    whole.call("reprocess", drop, "--with-adapter", other)
    content = lambda s: {k: (v["content"], v["state"]) for k, v in s.queue().items()}
    want, start = content(whole), content(base)
    trace = ["strace", "-f", "-o", "/dev/null"]
    if shutil.which("strace") is None or subprocess.run(trace + ["true"], capture_output=True).returncode != 0:
        tap.skip("killed while it reads again", "strace cannot be used here")
        return
    seen = set()
    for call, when in (("renameat,renameat2,rename", range(1, 9)), ("fsync,fdatasync", (1, 3, 5, 8, 12, 16)), ("pwrite64,write", (10, 14, 18, 20, 22, 30, 50, 80))):
        for n in when:
            s = Copy(base, "killed-%d" % n)
            subprocess.run(trace + ["-e", "trace=" + call, "-e", "inject=%s:signal=KILL:when=%d" % (call, n), PROGRAM, "-C", s.path, "reprocess", drop, "--with-adapter", other], capture_output=True)
            s.run()
            now, entries = content(s), [l["event"] for l in log_of(s)]
            good = now in (want, start) and entries.count("reprocessed") == (now == want) and entries.count("duplicate") == 0
            seen.add("done" if now == want else "not begun")
            if not good or s.ask("audit", "verify", "ALL").returncode != 0:
                tap.ok(False, "killed at %s %d: done or not begun" % (call, n), entries)
            shutil.rmtree(s.path)
    tap.same(seen, {"done", "not begun"}, "killed at 22 calls: each time done or not begun, and the log says which")


site, drop, first = a_wrong_column()
killed()
one_item(site, drop)
refused()
many()
batch = same_bytes(site)
never_twice(site, [l["id"] for l in log_of(site) if l["event"] == "batch"][-1])
tap.same(site.ask("audit", "verify", "ALL").returncode, 0, "all bundles and the log verify")
tap.end()
