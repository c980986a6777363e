#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a world out of a seed: files in, decisions and what must come out, judged by the oracle beside it.

  make.py --seed N [--erp cmic|acumatica|mri] [--size 1..5] DIR

The same arguments make the same bytes. DIR must not exist; it becomes a folder as play.py plays them.
"""
import argparse, csv, io, os, random, shutil, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from maker import words
from maker.decisions import COLUMNS as DECISION, Decisions
from maker.erp_side import ErpSide
from maker.project_side import COLUMNS, FIRST_LINE, ProjectSide
from maker.sheets import csv_bytes, pack_gzip, pack_zip, xml_bytes
from oracle import read_procore, world
from oracle.site import Site
from oracle.values import fixed


class World(ProjectSide, ErpSide, Decisions):
    def __init__(self, seed, erp, size, path):
        self.rng, self.erp, self.size, self.path = random.Random("%s %s %s" % (seed, erp, size)), erp, size, path
        self.letter = {"cmic": "C", "acumatica": "A", "mri": "M"}[erp]
        self.odd, self.fault = self.pick([0, 0.2, 0.6]), self.pick([0.0, 0.15, 0.4])
        self.count = self.serial = 0
        self.settings = self.some_settings()
        self.site = Site(erp, self.settings)
        self.reference()
        self.made = []  # (kind, head, lines) of every document that was dropped

    def some_settings(self):
        s = {"cmic.payment_export": "yes", "mri.po_module": "yes"}
        more = [("vendor_name_max", "40"), ("currency", "EUR")]
        more += {"C": [("cmic.pcco_as", "oco"), ("cmic.company", "07"), ("cmic.terms", "N45"), ("cmic.vendor_types_hidden", "X, Y"), ("date_from", "post"),
                       ("cmic.payment_export", "no"), ("cmic.pci_status", "PENDING"), ("cmic.pcco_phase", "02-4100")],
                 "A": [("acumatica.terms", "45D"), ("acumatica.vendor_class", "OTHER"), ("acumatica.country", "CA"),
                       ("acumatica.project_id_pattern", "[0-9]{5}"), ("acumatica.co_class_budget", "BUD2")],
                 "M": [("mri.format", "xml"), ("mri.format", "xml"), ("mri.po_module", "no"), ("mri.revision_type", "RT"), ("mri.invoice_status", "Open")]}[self.letter]
        for k, v in more:
            if self.chance(0.15):
                s[k] = v
        return s

    def reference(self):
        """What the ERP knows, and who is meant by whom."""
        n = 3 + self.size
        codes = self.rng.sample([c for c, _ in words.CODES], min(len(words.CODES), 5 + self.size))
        if "01-1000" not in codes:
            codes.append("01-1000")
        codes.sort()
        kinds = ["L", "E", "M", "S", "OC"]
        self.all_pairs = [(c, t) for c in codes for t in kinds if self.chance(0.4)] or [("01-1000", "L")]
        self.inactive = set(self.rng.sample(codes, 1)) if self.chance(0.3) else set()
        self.pairs = [p for p in self.all_pairs if p[0] not in self.inactive] or self.all_pairs
        while len(self.pairs) < 4:
            extra = (self.pick(codes), self.pick(kinds))
            if extra not in self.all_pairs:
                self.all_pairs.append(extra)
                self.pairs.append(extra)
        self.inactive -= {c for c, _ in self.pairs}
        self.vendors = [("%s%03d" % (self.pick(["OHAR", "CEDA", "NORT", "KEYS"]), i), self.pick(words.COMPANIES).replace("\t", " "), not self.chance(0.08))
                        for i in range(n + 3)]
        self.jobs = [("%s24%d" % ("J" if self.letter == "M" else "", 100 + i), self.pick(words.NAMES)) for i in range(3 + self.size // 2)]
        self.tasks = [] if self.letter == "M" else [(j, ("S%s" % "ABC"[k]) if self.letter == "A" else j + "ABC"[k])
                                                   for j, _ in self.jobs for k in range(self.rng.randint(0, 2))]
        self.companies = ["%d" % (1001 + i) for i in range(n)]
        self.projects, self.numbers = [], {}
        for i, (job, _) in enumerate(self.jobs[:2 + self.size // 3]):
            number = self.pick(["24-%d" % (100 + i), job, "P %d" % i, "Łódź-%d" % i]) if self.chance(0.3) else "24-%d" % (100 + i)
            self.projects.append(number)
            self.numbers[number] = job
        self.projects.append("24-900")
        self.linked_vendors = {v[0] for v in self.vendors[:n - 2]}
        self.subjobs = [(p, s) for p, j in self.numbers.items() for jj, s in self.tasks if jj == j]
        if self.letter == "A":
            self.subjobs += [(p, "NEW") for p in self.numbers]
        self.late = {what for what in ("codes", "vendors", "jobs") if self.chance(0.12)}

    # ---- documents to files ----

    def table(self, kind, docs):
        """CSV rows of documents; marks of spoil() are carried out here."""
        rows = []
        columns = list(COLUMNS[kind])
        head_only = columns[:columns.index(FIRST_LINE[kind])] if kind in FIRST_LINE else columns
        drop = [c for c in columns if c not in self.needed(kind) and all(not h.get(c) and not any(x.get(c) for x in ls) for h, ls in docs)]
        broken = any(h.get("!cells") for h, _ in docs)
        if not broken and self.chance(0.4):
            columns = [c for c in columns if c not in drop]
        for head, lines in docs:
            for i, x in enumerate(lines):
                cells = dict(x)
                cells.update({k: v for k, v in head.items() if k in head_only})
                if i == len(lines) - 1 and i and head.get("!header"):
                    cells["Title"] = head["!header"]
                row = [cells.get(c, "") for c in columns]
                if i == len(lines) - 1 and head.get("!cells"):
                    row = row[:-1] if head["!cells"] == "short" else row + ["more"]
                rows.append(row)
        if not broken and self.chance(self.fault / 5):
            columns, rows = columns + ["Mood"], [r + ["fine"] for r in rows]
        return csv_bytes(self.rng, columns, rows, plain=broken)

    def needed(self, kind):
        layout = self.layout(kind) if kind != "selection" else next(x for x in read_procore.LAYOUTS if x.tag == "selection")
        return {c.csv for c in layout.columns() if c.req} | set(layout.need) | set(layout.signature)

    def documents(self, kind, docs, name):
        """One or two files for documents, CSV or XML."""
        if not docs:
            return []
        layout = self.layout(kind)
        special = lambda h, ls: h.get("!cells") or h.get("!header") or any(ord(c) < 32 and c not in "\t\r\n" for v in h.values() for c in v)
        xml = [d for d in docs if layout.root and not special(*d) and self.chance(0.5)]
        rest = [d for d in docs if d not in xml]
        out = []
        if xml:
            out.append((name + ".xml", xml_bytes(self.rng, layout, self.twice(xml), kind == "invoice")))
        if rest:
            out.append((name + ".csv", self.table(kind, self.twice(rest))))
        self.made += [(kind, h, ls) for h, ls in docs if not h.get("!cells") and not h.get("!header")]
        return out

    def rows(self, kind, rows, name):
        if not rows:
            return []
        columns = COLUMNS[kind]
        if self.chance(self.fault / 5):
            columns, rows = columns + ["Mood"], [dict(r, Mood="fine") for r in rows]
        return [(name + ".csv", csv_bytes(self.rng, columns, rows))]

    def budget_file(self, project):
        head = ["Sub Job", "Cost Code Tier 1", "Cost Code Tier 2", "Cost Type", "Budget Code", "Budget Code Description", "Original Budget Amount", "Revised Budget"]
        rows = [["None", "None", "None", "None", "", "", "0.0", "0.0"]] if self.chance(0.7) else []
        for code, t in self.rng.sample(self.pairs, min(len(self.pairs), self.rng.randint(2, 5))):
            if self.chance(self.fault / 8):
                code, t = self.code()
            sub = self.sub_job(project)
            code = code or "None"
            name = (sub + "." if sub else "") + (code if code != "None" else "") + ("." + t if t else "")
            if self.chance(self.fault / 10):
                name += "X"
            if code == "None":
                continue
            rows.append([sub + " - Sub" if sub else "None", code[:2] + " - DIVISION", code + " - NAME", t + " - Type" if t else "None", name, self.about()[:200],
                         self.pick([self.show(self.money()), self.show(self.money()), "0.0", "-12.5"] + (["x", "1.001", ""] if self.chance(self.fault / 3) else [])), "0.0"])
        if self.chance(self.fault / 6):
            rows.append(["None", "None", "None", "None", "", "", "5.0", "0.0"])
        if self.chance(self.fault / 6):
            rows.append(list(rows[-1]))
        return "budget_%s.csv" % project, csv_bytes(self.rng, head, rows, plain=True, bom=False)

    def prime_contracts(self):
        rows = []
        for i, p in enumerate(self.projects):
            row = dict.fromkeys(read_procore.PRIME_COLUMNS, "") | {"Number": "P%d" % i, "Owner/Client": "Port, Llc", "Title": self.title(), "Status": "Approved",
                "Executed": "Yes", "Original Contract Amount": self.show(self.money()), "Project Number": p, "% Paid": "64.10078098012282"}
            if self.chance(self.fault):
                row.update(self.pick([{"Status": "Draft"}, {"Number": "TOOLONG8"}, {"Number": "P-1"}, {"Original Contract Amount": "0.0"}, {"Number": "SEVEN77"}]))
            rows.append(row)
        return "prime_contracts.csv", csv_bytes(self.rng, read_procore.PRIME_COLUMNS + [""], [[r[c] for c in read_procore.PRIME_COLUMNS] + [""] for r in rows],
                                                plain=True, bom=True)

    def primes(self):
        return [(i.parts[0], i.parts[1]) for i in self.site.of("prime")] if self.letter == "A" else \
            [(self.site.project_of(i.parts[0]), i.parts[1]) for i in self.site.of("erp-prime") if i.state == "synced"]

    def pccos(self, tag):
        primes = self.primes()
        if not primes:
            return []
        out = []
        project, prime = self.pick(primes)
        if self.chance(0.7):
            rows = [[("%03d" % n) + tag, "0", self.title(), "Approved" if not self.chance(0.15) else "Draft", "No", self.show(self.money(1, 900)), "1/1/2026", "",
                     "", "", "PCO #1, #2", ""] for n in range(1, self.rng.randint(1, 3) + 1)]
            out.append(("prime_change_orders_%s_%s.csv" % (project, prime), csv_bytes(self.rng, read_procore.PCCO_COLUMNS + [""], rows, plain=True, bom=True)))
        if self.chance(0.7):
            layout = next(x for x in read_procore.LAYOUTS if x.kind == "pcco" and x.root)
            docs = []
            for n in range(self.rng.randint(1, 2)):
                head = {"Project Number": project, "prime": prime, "number": "%s%s" % (self.pick(["001", "010", "011"]), tag if n == 0 else tag + "x"),
                        "title": self.title(), "description": "", "status": "Approved" if not self.chance(0.1) else "Void", "impact": self.pick(["", "5"])}
                lines = []
                for p in (2, 1):
                    code, t = self.code()
                    lines.append({"Line": str(p), "Line Description": self.about(), "Sub Job": self.sub_job(project), "Cost Code": code, "Cost Type": t,
                                  "uom": self.pick(["", "ea", "each"]), "Amount": self.show(self.money(1, 900)), "extended": self.show(-self.money(1, 900))})
                docs.append((head, lines))
            if len({d[0]["number"] for d in docs}) == len(docs) and not any("\a" in d[0]["title"] for d in docs):
                out.append(("pccos.xml", xml_bytes(self.rng, layout, docs)))
        return out

    # ---- rounds ----

    def again(self):
        """Documents that came before, unchanged or changed, except those whose answer of this round is an error."""
        out = {}
        for kind, head, lines in self.rng.sample(self.made, min(len(self.made), self.rng.randint(0, 2))):
            doc_id = self.id_of(kind, head)
            if doc_id in self.failing or doc_id in self.dropped:
                continue
            self.dropped.add(doc_id)
            head, lines = dict(head), [dict(x) for x in lines]
            if self.chance(0.6):
                if "Description" in head:
                    head["Description"] = "changed %d" % self.count
                else:
                    lines[0]["Forecast To Complete"] = "77.00"
            out.setdefault(kind, []).append((head, lines))
        return out

    def id_of(self, kind, head):
        keys = {"commitment": ("Project Number", "Number"), "cco": ("Project Number", "Contract", "Change Order #"),
                "invoice": ("Project Number", "Contract", "Invoice #"), "budget-change": ("Project Number", "Budget Change Number"),
                "forecast": ("Project Number", "As Of")}[kind]
        return kind + "/" + "/".join(head[k] for k in keys)

    def round_files(self, n):
        """{source: [(name, bytes)]} of round n."""
        erp, pm = [], []
        self.dropped = set()
        self.failing = set()
        if n > 1:
            erp += self.answers(n)
        if n == 1 or (n == 2 and self.late):
            now = {"codes", "vendors", "jobs"} - self.late if n == 1 else self.late
            if "vendors" in now:
                erp.append(self.vendor_list(self.vendors if self.chance(0.6) or n > 1 else self.vendors[:-2]))
            if "jobs" in now:
                erp += self.job_lists(self.jobs)
            if "codes" in now:
                erp += self.code_lists()
            if n == 1 and self.letter == "C":
                erp.append(self.job_codes())
        elif n == 3 and self.chance(0.5):
            erp.append(self.vendor_list(self.vendors))
        if n == 1:
            pm += self.first_round()
        if n > 2 and self.chance(0.4):
            pm += self.updates()
        if n == 2 and self.letter == "C" and self.chance(0.6):
            erp.append(self.customers())
        if n == 2:
            pm += self.rows("vendor", [self.company(self.companies[-1], self.pick(words.COMPANIES), self.vendors[-1][0] if self.chance(0.5) else "")], "companies")
        docs = {"commitment": [self.commitment() for _ in range(self.rng.randint(1, 2 + self.size))] if n < 4 else [],
                "budget-change": [self.budget_change("BC-%d%d" % (n, i)) for i in range(self.rng.randint(0, 2))],
                "forecast": [self.forecast()] if n > 1 and self.chance(0.5) else [], "cco": [], "invoice": []}
        if n > 1:
            self.followers(n, docs)
        for kind, more in self.again().items():
            docs[kind] += [d for d in more if self.id_of(kind, d[0]) not in {self.id_of(kind, e[0]) for e in docs[kind]}]
        for kind, some in docs.items():
            pm += self.documents(kind, self.unique(kind, some), kind + "s")
        if n > 1:
            pm += self.pccos("" if n == 2 else str(n))
            if self.chance(0.8):
                erp.append(self.costs(n))
            if self.letter != "M" and self.chance(0.6):
                erp.append(self.job_costs())
            if self.letter != "M" and self.chance(0.3) and n == 2:
                erp.append(self.erp_budget())
            if self.letter == "C" and n == 2:
                erp.append(self.erp_prime())
        if n > 2:
            invoices = [i for i in self.site.of("invoice")]
            pays = [self.payment("PP%d%d" % (n, i), self.pick(invoices) .doc if invoices and self.chance(0.9) else None) for i in range(self.rng.randint(0, 3))]
            pm += self.rows("payment", pays, "payments")
            if self.chance(0.8):
                erp.append(self.payments(n))
        pm += self.faulty(n)
        return {"procore": self.wrap("procore", pm, n), self.erp: self.wrap(self.erp, erp, n)}

    def unique(self, kind, docs):
        seen, out = set(), []
        for d in docs:
            key = self.id_of(kind, d[0])
            if key not in seen:
                out.append(d)
            seen.add(key)
        return out

    def twice(self, docs):
        """Now and then the first document of a file stands in it again."""
        if len(docs) > 1 and self.chance(self.fault / 3) and not docs[0][0].get("!cells") and "Title" in docs[0][0]:
            return docs + [(dict(docs[0][0], Title="the same again"), docs[0][1])]
        return docs

    def followers(self, n, docs):
        """Change orders and invoices on commitments that were received."""
        for it in sorted(self.site.of("commitment"), key=lambda i: i.id):
            if it.state == "rejected" or not it.doc.lines or self.chance(0.25):
                continue
            mine = [i for i in self.site.of("cco") if i.parts[:2] == it.parts]
            for k in range(self.rng.randint(0, 1)):
                number = self.pick(["%03d" % (len(mine) + k + 1), "CO-%05d" % n]) if self.chance(0.2) else "%03d" % (len(mine) + k + 1)
                docs["cco"].append(self.cco(it.doc, number))
            if self.chance(0.7):
                have = [i for i in self.site.of("invoice") if i.parts[:2] == it.parts]
                number = "%s-%d" % (it.parts[1].replace("SC", "INV"), n) if not self.chance(0.1) else self.pick(["N" * 20, "N" * 21, "App 1", "inv'%d" % n])
                usable = [i.doc for i in mine if i.doc.lines]
                docs["invoice"].append(self.invoice(it.doc, number, len(have) + 1, usable[:1] if self.chance(0.5) else []))

    def updates(self):
        """Companies that are synced come again, with another name or with the key they were given."""
        rows = []
        for it in self.site.of("vendor"):
            if it.state == "synced" and self.chance(0.3):
                rows.append(self.company(it.parts[0], self.pick(words.COMPANIES), self.pick([it.doc.h["origin"] or "", it.erp_id])))
        return self.rows("vendor", rows, "companies_again")

    def first_round(self):
        companies = []
        for i, c in enumerate(self.companies[:-1]):
            origin = self.vendors[i][0] if i < len(self.companies) - 3 else ""
            if self.letter == "M" and self.chance(0.2):
                origin = ""
            companies.append(self.company(c, self.pick(words.COMPANIES), origin))
        if self.chance(self.fault):
            companies.append(self.company("1902", "No such vendor", "NOWHERE"))
            companies.append(self.company("1903", "The same again", self.vendors[0][0]))
            companies.append(self.company("1901", "q" * self.pick([40, 41, 60, 61]), ""))
        rows = [self.project_row(p, self.pick(words.NAMES), j if self.letter != "M" or self.chance(0.6) else "") for p, j in self.numbers.items()]
        rows.append(self.project_row("24-900", self.pick(words.NAMES), ""))
        if self.chance(self.fault):
            rows.append(self.project_row("24-999", self.pick(["p" * 30, "p" * 31, "p" * 60, "p" * 61]), ""))
        out = self.rows("vendor", companies, "companies") + self.rows("project", rows, "projects")
        if self.subjobs and self.chance(0.8):
            out += self.rows("subjob", [{"Project Number": p, "Sub Job Code": s, "Sub Job Name": "Sub job " + s} for p, s in self.subjobs], "subjobs")
        pairs = [{"Project Number": p, "Sub Job": "", "Cost Code": c, "Cost Type": t, "Selected": "Yes"} for p in self.projects
                 for c, t in self.rng.sample(self.pairs, min(len(self.pairs), 6))]
        if self.chance(self.fault):
            code, t = self.pick([x for x in self.pairs if x[0][0] == "0"] or [("01-1000", "L")])
            pairs += [dict(pairs[0], **{"Cost Code": code.lstrip("0")}), dict(pairs[0], **{"Cost Type": ""}), dict(pairs[0], **{"Cost Code": "77-7777"}),
                      dict(pairs[0], **{"Cost Code": "77-7777", "Selected": "No"})]
        out += self.rows("selection", pairs, "project_codes")
        out += [self.budget_file(p) for p in self.projects if self.chance(0.8)]
        if self.letter == "A" or self.chance(0.2):
            out.append(self.prime_contracts())
        return out

    def faulty(self, n):
        """Files that cannot be used, each for one reason."""
        subjob = "Project Number,Sub Job Code,Sub Job Name\n24-1,"
        kinds = {"quote.csv": (subjob + '"open,x\n').encode(), "inner.csv": (subjob + 'a"b,x\n').encode(), "after.csv": (subjob + '"a"b,x\n').encode(),
                 "latin1.csv": (subjob + "Façade,x\n").encode("latin-1"), "nothing.csv": b"Hello,World\n1,2\n",
                 "header.csv": b"Project Number,Cost Code,Cost Type,Selected\r\n", "twice.csv": b"Project Number,Sub Job Code,Sub Job Name,Sub Job Name\n24,a,b,c\n",
                 "missing.csv": b"Company ID,Abbreviated Name,Name\n1,a,b\n", "cut.xml": b"<commitments><commitment>", "empty.xml": b"<commitments/>",
                 "doctype.xml": b"<!DOCTYPE commitments [<!ENTITY x 'y'>]><commitments/>", "other.xml": b"<something><a/></something>",
                 "badbytes.xml": b"<?xml version=\"1.0\"?><commitments><x>\xff</x></commitments>",
                 "owner.xml": b"<payment_applications><payment_application/></payment_applications>",
                 "cut.zip": pack_zip(self.rng, [("a.csv", b"x,y\n1,2\n")])[:-30], "unsafe.zip": pack_zip(self.rng, [("../a.csv", b"x,y\n1,2\n")]),
                 "cut.csv.gz": pack_gzip(b"Project Number,Sub Job Code,Sub Job Name\n24-1,a,b\n" * 9)[:-12],
                 "budget.csv": b"Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,01-1000 - x,L - y,01-1000.L,5.0\n",
                 "entity.xml": b"<commitments>&#x41;&lt;</commitments>"}
        picked = self.rng.sample(sorted(kinds), self.rng.randint(0, 2 + int(self.fault * 5)))
        return [("zz_" + k if k != "budget.csv" else k, kinds[k]) for k in picked if k not in self.used]

    def wrap(self, source, some, n):
        """Names of the round; some files in a zip, some packed; a whole file again in a later round."""
        out, inside = [], []
        for name, data in some:
            bare, _, ext = name.partition(".")
            name = "%s_r%d.%s" % (bare, n, ext)
            self.used.add(bare + "." + ext)
            if self.chance(0.1) and not bare.startswith("zz"):
                inside.append((name, data))
            elif self.chance(0.06) and not bare.startswith("zz"):
                out.append((name + ".gz", pack_gzip(data)))
            else:
                out.append((name, data))
                if self.chance(0.05) and not bare.startswith(("budget", "prime_change", "zz", "result", "answer", "CMIC")):
                    self.repeat.append((source, ("again_" + name, data)))
        if inside:
            out.append(("many_r%d.zip" % n, pack_zip(self.rng, inside)))
        return out

    def make(self):
        os.makedirs(self.path)
        with open(os.path.join(self.path, "settings.conf"), "w", encoding="utf-8") as f:
            f.write("".join("%s = %s\n" % kv for kv in self.settings.items()))
        self.used, self.repeat = set(), []
        for n in range(1, self.pick([3, 4]) + 1):
            self.used = set()
            base = os.path.join(self.path, "round-%d" % n)
            repeats, self.repeat = self.repeat, []
            drops = self.round_files(n)
            for source, again in repeats:
                drops[source].append(again)
            for source, some in drops.items():
                os.makedirs(os.path.join(base, "in", source))
                for name, data in some:
                    with open(os.path.join(base, "in", source, name), "wb") as f:
                        f.write(data)
            self.play(base)

    def play(self, base):
        """The oracle reads the round, the approver decides on what is there, the oracle finishes it."""
        self.site.round += 1
        self.site.findings = set()
        world.read_round(self.site, os.path.join(base, "in"))
        out = io.StringIO()
        w = csv.DictWriter(out, DECISION, lineterminator="\n")
        w.writeheader()
        w.writerows(self.decisions())
        path = os.path.join(base, "decisions.csv")
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(out.getvalue())
        for name, data in world.finish_round(self.site, path).items():
            to = os.path.join(base, "expected", name)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            with open(to, "wb") as f:
                f.write(data)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, required=True)
    p.add_argument("--erp", choices=("cmic", "acumatica", "mri"))
    p.add_argument("--size", type=int, default=1)
    p.add_argument("dir")
    a = p.parse_args()
    erp = a.erp or ("cmic", "acumatica", "mri")[a.seed % 3]
    if os.path.exists(a.dir):
        sys.exit("make.py: %s is there already" % a.dir)
    World(a.seed, erp, a.size, a.dir).make()


if __name__ == "__main__":
    main()
