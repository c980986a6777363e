#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reports over the three example sites: their figures against figures added up here from the files that went in and came out, the balance after every
step, the four forms, and who may read them. Nothing here asks erpgate's own database, but for one test that damages a copy of it on purpose."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import glob, sqlite3, xml.etree.ElementTree as ET, zipfile
from decimal import Decimal
import worlds

tap = Tap()
ZERO = Decimal(0)
TYPES = [("L", "LAB", "LABOR"), ("E", "EQP", "EQUIP"), ("M", "MAT", "MATERIAL"), ("S", "SUB", "SUBCON"), ("OC", "OTC", "OTHER"), ("SVC", "SVC", "SERVICE"),
         ("O", "OVH", "OVERHEAD")]
CMIC_TYPE = {c: p for p, c, a in TYPES}
ACU_TYPE = {a: p for p, c, a in TYPES}


def ask(site, *words, ok=(0,)):
    p = subprocess.run([PROGRAM, "-C", site, "report", *words], capture_output=True, text=True)
    if p.returncode not in ok:
        tap.ok(False, "report " + " ".join(words), "exit %d\n%s%s" % (p.returncode, p.stdout[-1000:], p.stderr))
    return p


def rows(site, *words, ok=(0,)):
    lines = [json.loads(x) for x in ask(site, *words, "--json", ok=ok).stdout.splitlines()]
    return [x for x in lines if x["type"] == "row"], lines[-1] if lines else {}


# ---- the ledger ----

FATES = ("out approved waiting importable changed held failed unlinked retrieved archived rejected duplicate unchanged replaced counted passed reference "
         "answer").split()


def balance(w, when):
    """Every line, added up again here; and the records against what the runs told."""
    got, summary = rows(w.site, "reconcile")
    bad = [r for r in got if sum((Decimal(r[f]) for f in FATES), ZERO) != Decimal(r["in"]) or r["balanced"] != "yes" or Decimal(r["difference"]) != 0]
    tap.ok(got and not bad and "bad" not in summary, "%s %s: %d lines balance" % (w.name, when, len(got)), bad[:3])
    read = sum(d["records"] for d in w.drops)
    records = sum(int(r["in"]) for r in got if r["measure"] == "records")
    copies = sum(int(r["duplicate"]) for r in got if r["measure"] == "records")
    tap.same(records - copies, read, "%s %s: as many records as the runs read" % (w.name, when))


class Reported(worlds.play.World):
    """A world that remembers what its runs told of drops and asks for the balance after every step."""
    drops = []

    def turn(self):
        told = self.lines("run", ok=(0, 3))
        self.drops = self.drops + [d for d in told if d["type"] == "drop"]
        balance(self, "after run %d" % len([d for d in told if d["type"] == "summary"] + self.drops))
        return self.lines("findings", "--run", "last")

    def play(self):
        self.make_site()
        for rnd in self.rounds:
            self.drop(rnd)
            self.decide(rnd)


# ---- figures from the files ----

def input_files(w, *patterns):
    return sorted(f for p in patterns for f in glob.glob(os.path.join(w.path, "round-*/in", p)))


def jtd(w):
    """Job to date cost by job, sub job, code and type: the last file that names a line counts."""
    out = {}
    for f in input_files(w, "cmic/*JOBCOST*.csv"):
        for r in csv.DictReader(open(f, newline="", encoding="cp1252")):
            out[(r["JCAT_JOB_CODE"], r["JCAT_SUB_JOB_CODE"], r["JCAT_PHS_CODE"], CMIC_TYPE[r["JCAT_CODE"]])] = Decimal(r["JCAT_JTD_COST"])
    for f in input_files(w, "acumatica/acu_balances*.csv"):
        for r in csv.DictReader(open(f, newline="", encoding="utf-8-sig"), delimiter=";"):
            sub = "" if r["ProjectTaskID"] == r["ProjectID"] else r["ProjectTaskID"]
            code = r["CostCodeID"][:2] + "-" + r["CostCodeID"][2:]
            out[(r["ProjectID"], sub, code, ACU_TYPE[r["AccountGroupID"]])] = Decimal(r["ActualAmount"]).quantize(Decimal("0.01"))
    return out


def sent(w, target, pattern, column, key, delimiter=",", header=True):
    """Money of the import files of one kind. What was sent again after the ERP's refusal counts once: the last file that has the document's key."""
    total = {}
    for f in sorted(glob.glob(os.path.join(w.site, "spool/out", target, pattern))):
        data = list(csv.reader(open(f, newline="", encoding="utf-8"), delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL))
        head = data.pop(0) if header else list(range(len(data[0])))
        here = {}
        for r in data:
            k = tuple(r[head.index(c)] for c in key)
            here[k] = here.get(k, ZERO) + Decimal(r[head.index(column)])
        total.update(here)
    return sum(total.values(), ZERO)


def ledger(w, kind, fate):
    return sum((Decimal(r[fate]) for r in rows(w.site, "reconcile", "--type", kind)[0] if r["measure"] == "amount"), ZERO)


def plain(text):
    """An amount as a project-side file writes it, or None where it is none."""
    t = text.strip().replace("$", "").replace(",", "")
    try:
        return Decimal(t).quantize(Decimal("0.01")) if t else None
    except ArithmeticError:
        return None


def regular_commitments(w):
    """Money of the commitments of the ordinary files (those without traps), document by document: {id: money}."""
    docs = {}
    for f in input_files(w, "procore/commitments_r[0-9].csv"):
        for r in csv.DictReader(open(f, newline="", encoding="utf-8-sig")):
            docs.setdefault((f, "commitment/%s/%s" % (r["Project Number"].strip(), r["Number"].strip())), []).append(plain(r["Amount"]))
    for f in input_files(w, "procore/commitments_r[0-9].xml"):
        for c in ET.parse(f).getroot():
            key = "commitment/%s/%s" % (c.findtext("project/number").strip(), c.findtext("number").strip())
            docs.setdefault((f, key), []).extend(plain(i.findtext("amount") or "") for i in c.iter("commitment_item"))
    return {key: money for (_, key), money in docs.items()}  # the same commitment in two files is one


def figures(w):
    costs = rows(w.site, "job-costs")[0]
    want = jtd(w)
    got = {(r["job"], r["sub_job"], r["cost_code"], r["cost_type"]): Decimal(r["jtd_cost"]) for r in costs if r["jtd_cost"] is not None}
    tap.same(got, want, "%s: job to date cost of %d lines as the ERP's file has it" % (w.name, len(want)))
    revised = sum((Decimal(r["revised_commitment"]) for r in costs if r["revised_commitment"] is not None), ZERO)
    state = {q["id"]: q for q in w.lines("queue", "--all") if "id" in q}
    synced = sum((Decimal(q["amount"]) for q in state.values() if q["type"] in ("commitment", "cco") and q["state"] == "synced"), ZERO)
    tap.same(revised, synced, "%s: revised commitments are the synced commitments and change orders" % w.name)
    docs = regular_commitments(w)
    told = {k: sum(v, ZERO) for k, v in docs.items() if None not in v and k in state and state[k]["state"] in ("synced", "exported")}
    tap.ok(len(told) > 3 and all(Decimal(state[k]["amount"]) == v for k, v in told.items()), "%s: %d commitments that left have the money of their files" % (w.name, len(told)),
           [(k, v, state[k]["amount"]) for k, v in told.items() if Decimal(state[k]["amount"]) != v])


def money_out(w):
    """What the ledger calls out is what the import files hold, to the cent."""
    if w.erp == "cmic":
        tap.same(ledger(w, "commitment", "out"), sent(w, "cmic", "CMIC_COMMITMENT_*.csv", 16, (4, 1, 2), header=False), "cmic: commitments out are the money of the files")
        tap.same(ledger(w, "cco", "out"), sent(w, "cmic", "CMIC_CCO_*.csv", 16, (4, 1, 2, 3), header=False), "cmic: change orders out are the money of the files")
    if w.erp == "acumatica":
        # a commitment that the ERP did not take left in a file, but stands under failed
        got = ledger(w, "commitment", "out") + ledger(w, "commitment", "failed")
        files = sum(sent(w, "acumatica", "ACUMATICA_%s_*.csv" % o, "Amount", ("ProjectID", "VendorRef"), "\t") for o in ("SUBCONTRACT", "PURCHASEORDER"))
        tap.same(got, files, "acumatica: commitments out and failed are the money of the files")
    if w.erp == "mri":
        files = sum(sent(w, "mri", "MRI_%s_*.csv" % o, "Line Amount", ("Project ID", "Contract Number")) for o in ("CONTRACT", "PURCHASEORDER"))
        tap.same(ledger(w, "commitment", "out"), files, "mri: commitments out are the money of the files")
    # a transaction that changed after it left (E-31) was written twice, and both revisions are out
    cost = sum((Decimal(r["Amount"]) for f in glob.glob(os.path.join(w.site, "spool/out/procore/PROCORE_DIRECTCOST_*.csv"))
                for r in csv.DictReader(open(f, newline="", encoding="utf-8"))), ZERO)
    tap.same(ledger(w, "erp-cost", "out"), cost, "%s: cost transactions out are the money of the files" % w.name)


def stuck(w):
    got, summary = rows(w.site, "unsyncable")
    held = {q["id"]: q for q in w.lines("queue", "--state", "held", "--type", "erp-cost") if "id" in q}
    tap.same({r["item"] for r in got}, set(held), "%s: unsyncable lists every held cost" % w.name)
    tap.ok(all(r["reason"] and r["reason_text"] and r["cure"] and r["first_seen"] for r in got), "%s: each with reason and cure" % w.name, got)
    tap.same(Decimal(summary["amount"] or 0), sum((Decimal(q["amount"]) for q in held.values()), ZERO), "%s: their money" % w.name)
    failed = rows(w.site, "failed")[0]
    want = {q["id"] for q in w.lines("queue", "--state", "failed") if "id" in q}
    tap.same({r["item"] for r in failed}, want, "%s: failed lists every failed item" % w.name)
    if failed:
        texts = "".join(open(f, encoding="utf-8-sig").read() for f in input_files(w, "*/*result*", "*/*ACK*"))
        tap.ok(all(r["error"] in texts and r["attempts"] == 1 and r["last_tried"] for r in failed), "%s: in the ERP's own words" % w.name, failed)


def lists(w):
    aging, summary = rows(w.site, "aging")
    open_items = [q for q in w.lines("queue", "--all") if "id" in q and q["state"] not in ("synced", "rejected", "archived", "retrieved")]
    tap.same(summary["items"], len(open_items), "%s: aging counts every open item" % w.name)
    tap.same(Decimal(summary["amount"]), sum((Decimal(q["amount"]) for q in open_items if q["amount"]), ZERO), "%s: aging adds up their money" % w.name)
    buckets = ("days_0_1", "days_2_7", "days_8_14", "days_15_30", "days_over_30")
    tap.ok(all(sum(r[b] for b in buckets) == r["items"] for r in aging), "%s: the buckets of each line add up" % w.name)
    people = rows(w.site, "accountant")[0]
    tap.same([(r["user"], r["role"], r["can_export"], r["can_import"], r["key"], r["active"]) for r in people],
             [("pat", "admin", "all", "all", "registered", "yes")], "%s: the accountant" % w.name)
    tap.ok(people[0]["last_decision"] and people[0]["waiting"] > 0, "%s: what he decided and what waits" % w.name, people)
    archived = {(r["record_type"], r["erp_id"]): r for r in rows(w.site, "archived")[0]}
    tap.same({"%s/%s" % k for k in archived}, {q["id"] for q in w.lines("queue", "--all", "--state", "archived") if "id" in q}, "%s: archived lists every archived item" % w.name)
    tap.same(archived[("erp-vendor", "GONE001")]["by"], "the ERP", "%s: an inactive vendor was archived by the ERP" % w.name)
    tap.ok(any(r["by"] == "pat" for r in archived.values()), "%s: and another by a person" % w.name, archived)
    budget = rows(w.site, "budget")[0]
    for r in budget:
        detail, total = rows(w.site, "budget", "--project", r["project"] or r["job"])
        mine = [x for x in detail if x["item"] == r["item"]]
        tap.same(sum((Decimal(x["original_budget"]) for x in mine), ZERO), Decimal(r["original_budget"]), "%s: the lines of %s add up" % (w.name, r["item"]))
    jobs = rows(w.site, "sub-jobs")[0]
    have = {(q["project"], q["number"]) for q in w.lines("queue", "--all", "--state", "synced") if q.get("type") in ("subjob", "erp-subjob")}
    tap.same({r["code"] for r in jobs}, {n for _, n in have}, "%s: synced sub jobs" % w.name)


def forms(w):
    out = os.path.join(TEMP, "out.csv")
    for name in ("accountant", "job-costs", "unsyncable", "reconcile", "aging", "budget", "sub-jobs", "archived", "failed"):
        got, _ = rows(w.site, name)
        text = ask(w.site, name).stdout
        tap.ok("as of" in text and w.name in text, "%s %s: the text says what and as of when" % (w.name, name), text[:300])
        table = list(csv.DictReader(io.StringIO(ask(w.site, name, "--csv").stdout)))
        tap.same([{k: str(v) if v is not None else "" for k, v in r.items() if k not in ("type", "report")} for r in got], [dict(r) for r in table],
                 "%s %s: CSV and JSON hold the same" % (w.name, name))
        ask(w.site, name, "-q", "-o", out)
        tap.same(len(list(csv.reader(open(out, newline="", encoding="utf-8")))), len(got) + 1, "%s %s: into a file" % (w.name, name))
        book = os.path.join(TEMP, name + ".xlsx")
        ask(w.site, name, "-q", "-o", book)
        z = zipfile.ZipFile(book)
        sheet = ET.fromstring(z.read("xl/worksheets/sheet1.xml"))
        ns = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        tap.same(len(sheet.findall("%ssheetData/%srow" % (ns, ns))), len(got) + 1, "%s %s: a workbook" % (w.name, name))
        tap.ok(not [x for n in z.namelist() if n.startswith("xl/worksheets/") for x in ET.fromstring(z.read(n)).iter(ns + "f")], "%s %s: without formulas" % (w.name, name))


def filters(w):
    site = w.site
    every, _ = rows(site, "job-costs")
    job = every[-1]
    for key in (job["project"], job["job"]):
        some, summary = rows(site, "job-costs", "--project", key)
        tap.ok(some and {(r["project"], r["job"]) for r in some} == {(job["project"], job["job"])}, "%s: --project %s" % (w.name, key), some[:2])
        tap.same(summary["filters"], {"project": key}, "%s: the filter is said" % w.name)
    tap.same(rows(site, "reconcile", "--until", "2000-01-01")[0], [], "%s: nothing came before" % w.name)
    tap.same(rows(site, "reconcile", "--since", "2000-01-01")[0], rows(site, "reconcile")[0], "%s: all came since" % w.name)
    tap.same(rows(site, "reconcile", "--source", "procore", "--type", "budget")[0],
             [r for r in rows(site, "reconcile")[0] if r["source"] == "procore" and r["record_type"] == "budget"], "%s: --source and --type" % w.name)
    tap.same(rows(site, "aging", "--erp", {"cmic": "mri"}.get(w.erp, "cmic"))[0], [], "%s: another ERP" % w.name)
    parts = {}
    last = max(d for d in range(1, 40) if subprocess.run([PROGRAM, "-C", site, "findings", "--run", str(d), "--json"], capture_output=True).stdout)
    for n in range(1, last + 1):
        for r in rows(site, "reconcile", "--run", str(n))[0]:
            if r["measure"] == "records":
                parts[r["record_type"]] = parts.get(r["record_type"], 0) + int(r["in"])
    whole = {}
    for r in rows(site, "reconcile")[0]:
        if r["measure"] == "records":
            whole[r["record_type"]] = whole.get(r["record_type"], 0) + int(r["in"])
    tap.same(parts, whole, "%s: the runs add up to the whole" % w.name)


def rights(w):
    site = w.site
    w.erpgate("users", "add", "rita", "--role", "read")
    w.erpgate("users", "add", "stan", "--role", "standard", "--approve", "commitment", "--limit", "10")
    table = {"rita": {"accountant": 77, "job-costs": 77, "unsyncable": 0, "reconcile": 0, "aging": 0, "budget": 0, "sub-jobs": 77, "archived": 77, "failed": 0},
             "stan": {"accountant": 77, "job-costs": 77, "sub-jobs": 0, "archived": 0, "reconcile": 0},
             "nobody-here": {"reconcile": 0, "accountant": 0}}
    for who, want in table.items():
        if who == "nobody-here":
            continue
        for name, code in want.items():
            p = subprocess.run([PROGRAM, "-C", site, "report", name, "--as", who, "--json"], capture_output=True, text=True)
            tap.ok(p.returncode == code and (code == 0 or (p.stdout == "" and "E-74" in p.stderr)), "%s reads %s: exit %d" % (who, name, code), p.stdout + p.stderr)
    people, summary = rows(site, "accountant", "--all")
    by = {r["user"]: r for r in people}
    tap.same((by["stan"]["limit"], by["stan"]["can_export"], by["stan"]["can_import"], by["stan"]["key"]), ("10.00", "commitment", "none", "none"), "what stan may")
    tap.ok(by["stan"]["waiting"] < by["pat"]["waiting"], "stan waits for less", people)
    tap.ok("rita" in by and "rita" not in {r["user"] for r in rows(site, "accountant")[0]}, "who decides nothing is listed with --all", people)
    w.erpgate("users", "revoke", "stan")
    tap.ok("stan" not in {r["user"] for r in rows(site, "accountant")[0]}, "a revoked user is not listed")
    tap.same({r["user"]: r["active"] for r in rows(site, "accountant", "--all")[0]}["stan"], "revoked", "unless asked for")
    for words, code in ((("nonsense",), 64), (("accountant", "--project", "1"), 64), (("aging", "--state", "sleepy"), 64), (("aging", "--type", "thing"), 64),
                        (("reconcile", "--since", "soon"), 64), (("reconcile", "--run", "first"), 64), (("reconcile", "-o", "x.pdf"), 64), (("reconcile", "-o", "/nonexistent/x.csv"), None)):
        p = subprocess.run([PROGRAM, "-C", site, "report", *words], capture_output=True, text=True)
        tap.ok(p.returncode == code if code is not None else p.returncode not in (0, 2), "report %s: exit %s" % (" ".join(words), p.returncode), p.stdout + p.stderr)


def copies(w):
    """A file that comes twice is counted twice: once as what it was, once as duplicate, with its money."""
    first = [r for r in rows(w.site, "reconcile", "--type", "budget")[0]]
    name = sorted(glob.glob(os.path.join(w.path, "round-1/in/procore/budget_*.csv")))[0]
    before = {(r["project"], r["measure"]): r for r in first}
    w.deliver("procore", name)
    w.erpgate("run", ok=(0, 3))
    project = os.path.basename(name).split("_")[1]
    total = sum((plain(r["Original Budget Amount"]) for r in csv.DictReader(open(name, newline="", encoding="utf-8"))), ZERO)
    after = {(r["project"], r["measure"]): r for r in rows(w.site, "reconcile", "--type", "budget")[0]}
    tap.same((int(after[(project, "records")]["duplicate"]) - int(before[(project, "records")]["duplicate"]),
              Decimal(after[(project, "amount")]["duplicate"]) - Decimal(before[(project, "amount")]["duplicate"])), (1, total), "%s: a copy is a duplicate with its money" % w.name)
    tap.same(Decimal(after[(project, "amount")]["in"]) - Decimal(before[(project, "amount")]["in"]), total, "%s: and came in" % w.name)
    only = rows(w.site, "reconcile", "--run", "last")[0]
    tap.same({r["measure"]: (Decimal(r["in"]), Decimal(r["duplicate"])) for r in only}, {"records": (1, 1), "amount": (total, total)}, "%s: the run that took only the copy" % w.name)
    # read again on purpose: it came in once more, and changed nothing
    w.erpgate("reprocess", next(d["id"] for d in w.drops if d["name"] == os.path.basename(name)), ok=(0, 3))
    again = {r["measure"]: r for r in rows(w.site, "reconcile", "--run", "last")[0] if r["record_type"] == "budget"}
    tap.same((again["records"]["in"], Decimal(again["amount"]["in"])), ("1", total), "%s: a drop that is read again came in again" % w.name)
    tap.ok(not [r for r in rows(w.site, "reconcile")[0] if r["balanced"] != "yes"], "%s: and the whole balances" % w.name)


def damage(w):
    """An item that vanished is seen, with the money that is missing."""
    copy = os.path.join(TEMP, "damaged")
    shutil.copytree(w.site, copy)
    db = sqlite3.connect(os.path.join(copy, "state.db"))
    iid, amount, rev = db.execute("SELECT iid, amount, rev FROM item WHERE type = 'commitment' AND state = 'synced' ORDER BY iid LIMIT 1").fetchone()
    db.execute("DELETE FROM revision WHERE id = ?", (rev,))
    db.commit()
    db.close()
    got, summary = rows(copy, "reconcile", ok=(2,))
    bad = {(r["record_type"], r["measure"]): r["difference"] for r in got if r["balanced"] != "yes"}
    tap.same(bad, {("commitment", "records"): "1", ("commitment", "amount"): amount}, "a lost commitment is a difference of one record and its money")
    p = ask(copy, "reconcile", ok=(2,))
    tap.ok("DOES NOT BALANCE" in p.stdout and "DOES NOT BALANCE" in p.stderr and summary.get("bad") is True, "and loud, with exit 2", p.stdout[-600:])
    db = sqlite3.connect(os.path.join(copy, "state.db"))
    db.execute("UPDATE files SET records = records + 1 WHERE id = (SELECT max(id) FROM files WHERE refused = 0 AND records > 0)")
    db.commit()
    db.close()
    tap.ok(any("the reader counted" in n for n in rows(copy, "reconcile", ok=(2,))[1]["notes"]), "a record that the book does not have is named with its file")


for name in ("site-cmic", "site-acumatica", "site-mri"):
    w = worlds.world(tap, name, kind=Reported, label="reports-" + name)
    w.play()
    figures(w)
    money_out(w)
    stuck(w)
    lists(w)
    filters(w)
    copies(w)
    if name == "site-cmic":
        forms(w)
        damage(w)
        rights(w)
tap.end()
