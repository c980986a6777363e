# SPDX-License-Identifier: MIT
"""Plays a world folder by layouts.md and writes expected/ into each round.

  python3 -m oracle.world [--check] [--set KEY=VALUE]… WORLD…

--check compares with the expected/ that is there and writes nothing.
"""
import argparse, csv, datetime, hashlib, io, os, shutil, sys
from . import answers, files, read_acumatica, read_cmic, read_mri, read_procore, rules, write_acumatica, write_cmic, write_mri, write_procore
from .decide import decide
from .layouts import csv_docs, xml_docs
from .site import AUTOMATIC, Site, TO_ERP
from .values import Bad
from .writing import by_id

READ = {"procore": read_procore, "cmic": read_cmic, "acumatica": read_acumatica, "mri": read_mri}
WRITE = {"cmic": write_cmic, "acumatica": write_acumatica, "mri": write_mri}
IMPORT_RANK = ["erp-vendor", "erp-customer", "erp-project", "erp-subjob", "erp-code", "erp-budget", "erp-prime", "erp-jobcost", "erp-cost", "erp-payment"]
LISTS = {"erp-vendor": "vendors", "erp-project": "jobs", "erp-subjob": "jobs"}


def identity(source, name, data):
    """Same bytes from the same source; where the project stands in the name it belongs to the identity."""
    part = ""
    if source == "procore":
        if b"Original Budget Amount" in data[:4000]:
            part = read_procore.budget_name(name)
        elif b"Designated Reviewer" in data[:4000]:
            part = read_procore.pcco_name(name)
    return source, str(part), hashlib.sha256(data).hexdigest()


def read_file(site, source, name, data):
    """Documents of one dropped file; whole-file findings are said."""
    if identity(source, name, data) in site.digests:
        site.find("in/%s/%s" % (source, name), 1, "F-12", "")
        return []
    site.digests.add(identity(source, name, data))
    docs, path = [], "in/%s/%s" % (source, name)
    try:
        parts = files.members(path, data)
    except Bad as e:
        site.find(path, 1, e.args[0], "")
        return []
    for label, bare, body in parts:
        try:
            if "!" in label and files.nested(body):
                raise Bad("F-03")
            docs += read_text(site, source, label, bare, body)
        except Bad as e:
            site.find(label, 1, e.args[0], "")
    return docs


def read_text(site, source, label, bare, body):
    reader = READ[source]
    if files.is_xml(body):
        return xml_docs(site, reader.LAYOUTS, reader.DIALECT, label, files.xml_tree(body))
    text = files.decode(body, "cp1252" if source == "cmic" else "utf-8")
    rows = files.csv_rows(text, reader.DIALECT.delimiter)
    if source == "cmic" and rows and rows[0][1] == ["JOB COST DETAIL CONVERSION"]:
        return read_cmic.detail_docs(site, label, rows)
    if not rows:
        raise Bad("F-01")
    return csv_docs(site, reader.LAYOUTS, reader.DIALECT, label, bare, rows)


def read_round(site, folder):
    docs = []
    for source in sorted(os.listdir(folder)):
        for name in sorted(os.listdir(os.path.join(folder, source))):
            with open(os.path.join(folder, source, name), "rb") as f:
                docs += read_file(site, source, name, f.read())
    for d in docs:
        if d.kind in LISTS or d.layout.kind in LISTS:
            site.lists.add(LISTS[d.layout.kind])
        elif d.layout.tag in ("types", "codes", "pairs"):
            site.lists.add(d.layout.tag)
    answers.apply(site, [d for d in docs if d.layout.tag == "answer"])
    docs = [d for d in docs if d.layout.tag != "answer"]
    for d in sorted(docs, key=lambda d: bool(d.kind == "pcco" and d.h.get("_list"))):
        site.take(d)
    site.refresh_codes()
    site.wrong_rows = rules.wrong_selections(site, site.wrong_rows)
    rules.settle(site)
    site.batch = Batch(site)
    site.batch.publish()


def decide_round(site, path):
    with open(path, newline="", encoding="utf-8") as f:
        for n, row in enumerate(csv.DictReader(f), 2):
            row = {k: (v or "").strip() for k, v in row.items()}
            say = lambda code: site.find("decisions.csv", n, code, row["item"])
            code = decide(site, row, say)
            if code:
                say(code)


def to_project_side(site, w):
    for kind in IMPORT_RANK:
        rules.settle(site)
        for it in by_id(site.of(kind)):
            go = it.state == "ready" if kind in AUTOMATIC else it.state == "importable" and it.decision
            if go:
                w.item = it
                getattr(w, kind.replace("-", "_"))(it)
                it.state, it.decision = "synced", None
                if kind == "erp-project":
                    it.number = "accepted"
    rules.settle(site)


def day(text):
    return datetime.date.fromisoformat(text) if text else None


def prepare(it):
    """What the decision adds to the record."""
    row = it.decision or dict.fromkeys(("erp_id", "transaction_date", "accounting_date", "description"), "")
    it.decision_used, it.decision = row, None
    it.when, it.accounting, it.description = day(row["transaction_date"]), day(row["accounting_date"]), row["description"]
    it.number_raw = row["erp_id"] or it.parts[-1]
    it.to_send = it.doc.lines
    if it.kind == "budget" and it.old:
        it.to_send = differences(it.old.lines, it.doc.lines)
        it.old = None


def differences(old, new):
    key = lambda x: (x["sub_job"], x["cost_code"], x["cost_type"])
    had = {key(x): x for x in old}
    out = []
    for x in new:
        before = had.pop(key(x), None)
        change = x["amount"] - (before["amount"] if before else 0)
        if change or before is None:
            out.append(dict(x, amount=change))
    return out + [dict(x, amount=-x["amount"]) for x in had.values() if x["amount"]]


def to_erp(site, w):
    go = [it for it in site.of(*TO_ERP) if (it.state == "ready" if it.kind == "prime" else it.state in ("waiting", "changed") and it.decision)]
    for it in go:
        prepare(it)
    WRITE[site.erp].write(w, site, go)
    for it in go:
        it.state, it.ever_sent = "exported", True


class Batch:
    """What leaves in a round. Things accepted earlier and things automatic leave once the files have been read, the rest after the decisions; the
    files are those of one batch."""

    def __init__(self, site):
        self.site, self.project_side, self.erp = site, write_procore.Procore(site), WRITE[site.erp].WRITER(site)

    def publish(self):
        to_project_side(self.site, self.project_side)
        to_erp(self.site, self.erp)
        rules.settle(self.site)

    def files(self):
        out = {"out/procore/" + k: v for k, v in self.project_side.files().items()}
        out.update({"out/%s/%s" % (self.site.erp, k): v for k, v in self.erp.files().items()})
        return out


def say_holds(site):
    for it in site.items.values():
        if it.state == "held":
            for line, code, _ in rules.holds(site, it):
                site.find(it.doc.file, line, code, it.id)


def states(site):
    rows = []
    for it in site.items.values():
        synced = it.state == "synced" and it.kind in TO_ERP
        posted = it.posted if synced and it.kind not in ("vendor", "project", "subjob") else ""
        rows.append((it.id, it.state, it.erp_id if synced else "", posted))
    return sorted(rows, key=lambda r: r[0].encode())


def play_round(site, folder):
    """{path below expected: bytes} of one round."""
    site.round += 1
    site.findings = set()
    read_round(site, os.path.join(folder, "in"))
    return finish_round(site, os.path.join(folder, "decisions.csv"))


def finish_round(site, decisions):
    """Decisions, then what is written, holds and states."""
    decide_round(site, decisions)
    site.batch.publish()
    out = site.batch.files()
    say_holds(site)
    found = sorted(site.findings, key=lambda f: (f[0].encode(), int(f[1]), f[2], f[3].encode()))
    out["findings.csv"] = table(["file", "line", "code", "item"], found)
    out["states.csv"] = table(["item", "state", "erp_id", "posted"], states(site))
    return out


def table(header, rows):
    f = io.StringIO()
    csv.writer(f, lineterminator="\n").writerows([header] + rows)
    return f.getvalue().encode()


def settings_of(path):
    with open(path, encoding="utf-8") as f:
        lines = [x.split("#")[0].strip() for x in f]
    return dict([p.strip() for p in x.split("=", 1)] for x in lines if x)


def play(world, more=None):
    """[(round folder, {path: bytes})] of a world."""
    rounds = sorted(d for d in os.listdir(world) if d.startswith("round-"))
    sources = {s for r in rounds for s in os.listdir(os.path.join(world, r, "in"))}
    site = Site((sources - {"procore"}).pop(), dict(settings_of(os.path.join(world, "settings.conf")), **(more or {})))
    return [(r, play_round(site, os.path.join(world, r))) for r in rounds]


def write_expected(world):
    for r, out in play(world):
        base = os.path.join(world, r, "expected")
        shutil.rmtree(base, ignore_errors=True)
        for name, data in out.items():
            os.makedirs(os.path.dirname(os.path.join(base, name)), exist_ok=True)
            with open(os.path.join(base, name), "wb") as f:
                f.write(data)


def compare(world, more, kind):
    wrong = 0
    for r, out in play(world, more):
        base = os.path.join(world, r, "expected")
        want = {os.path.relpath(os.path.join(d, n), base): open(os.path.join(d, n), "rb").read() for d, _, ns in os.walk(base) for n in ns}
        if kind == "twin":
            out = {k.replace("out/", "twin/", 1): v for k, v in out.items()}
            want = {k: v for k, v in want.items() if k.startswith("twin/")}
            objects = {k.split("_B000000")[0] for k in want}
            out = {k: v for k, v in out.items() if k.split("_B000000")[0] in objects}
        else:
            want = {k: v for k, v in want.items() if not k.startswith("twin/")}
        for name in sorted(set(want) | set(out)):
            w, g = want.get(name, b"").decode().splitlines(), out.get(name, b"").decode().splitlines()
            if want.get(name) != out.get(name):
                wrong += 1
                print("%s %s: %s differs" % (world, r, name))
                for x in sorted(set(w) - set(g)):
                    print("   - " + x)
                for x in sorted(set(g) - set(w)):
                    print("   + " + x)
    return wrong


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--check", action="store_true")
    p.add_argument("--twin", action="store_true")
    p.add_argument("--set", action="append", default=[])
    p.add_argument("worlds", nargs="+")
    a = p.parse_args()
    more = dict([x.strip() for x in s.split("=", 1)] for s in a.set)
    wrong = sum(compare(w, more, "twin" if a.twin else "out") if a.check else write_expected(w) or 0 for w in a.worlds)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
