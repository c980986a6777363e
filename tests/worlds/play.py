#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays a world: a folder with settings.conf and round-N/{in/<source>/…,decisions.csv,expected/…}.

Each round: drop the files of in/, run, return decisions.csv as a signed sheet, run again; then the files below spool/out, the
findings of the round and the states of all items are compared with expected/. Nothing here knows a particular world.

  play.py [--erpgate PROGRAM] [--types vendor,project,…] [--order name|reverse|one] [--set "KEY = VALUE"]… [--twin] [--keep DIR] WORLD…

--types compares only these record types (files by the item ids in them, findings and states by item). --twin compares only the files of
expected/twin/, which hold what other settings (--set) make of the same round, and those of their objects.
Prints TAP; exit 1 when something differs.
"""
import argparse, csv, io, json, os, re, shutil, subprocess, sys, tempfile

HEADER = ("Decision,Comment,Item,Number,Type,Project,Vendor,Amount,Currency,ERP ID,Transaction Date,Accounting Date,"
          "Description,Findings,Content,Sheet").split(",")


def object_of(name):
    return name.split("_B000000")[0]


class World:
    def __init__(self, path, args):
        self.path, self.args = path, args
        self.name = os.path.basename(os.path.normpath(path))
        self.rounds = sorted(d for d in os.listdir(path) if d.startswith("round-"))
        sources = set()
        for r in self.rounds:
            sources |= set(os.listdir(os.path.join(path, r, "in")))
        self.erp = (sources - {"procore"}).pop()
        self.site = args.keep and os.path.join(args.keep, self.name) or tempfile.mkdtemp(prefix="erpgate-world-")
        shutil.rmtree(self.site, ignore_errors=True)
        self.count = 0
        self.split = set()
        self.failed = 0

    def erpgate(self, *words, ok=(0,)):
        p = subprocess.run([self.args.erpgate, "-C", self.site, *words], capture_output=True, text=True)
        if p.returncode not in ok:
            sys.exit("Bail out! erpgate %s: exit %d\n%s%s" % (" ".join(words), p.returncode, p.stdout[-2000:], p.stderr[-2000:]))
        return p.stdout

    def lines(self, *words, ok=(0,)):
        return [json.loads(x) for x in self.erpgate(*words, "--json", ok=ok).splitlines()]

    def check(self, good, what, detail=""):
        self.count += 1
        self.failed += not good
        print("%s %d - %s %s" % ("ok" if good else "not ok", self.count, self.name, what))
        if not good:
            for line in detail.splitlines()[:60]:
                print("  # " + line)
        sys.stdout.flush()

    def make_site(self):
        subprocess.run([self.args.erpgate, "init", self.site, "--erp", self.erp], check=True, capture_output=True)
        with open(os.path.join(self.site, "erpgate.conf"), "a") as f:
            f.write(open(os.path.join(self.path, "settings.conf")).read())
            default = ["settle.quiet = 0s", "run.settle_timeout = 1s"]
            keys = {s.split("=")[0].strip() for s in self.args.set}
            f.write("\n" + "".join(s + "\n" for s in [d for d in default if d.split("=")[0].strip() not in keys] + self.args.set))
        self.key = os.path.join(self.site, "pat.pem")
        pub = os.path.join(self.site, "pat.pub.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-out", pub], check=True, capture_output=True)
        self.erpgate("users", "add", "pat", "--role", "admin", "--approve", "all", "--pubkey", pub)

    def turn(self):
        self.erpgate("run", ok=(0, 3))
        return self.lines("findings", "--run", "last")

    def deliver(self, source, path):
        """The way a careful sender does: under another name first, then renamed."""
        to = os.path.join(self.site, "spool/drop", source, os.path.basename(path))
        shutil.copyfile(path, to + ".part")
        os.rename(to + ".part", to)

    def drop(self, rnd):
        base = os.path.join(self.path, rnd, "in")
        files = sorted(os.path.join(d, n) for d, _, names in os.walk(base) for n in names)
        if self.args.order == "reverse":
            files.reverse()
        found = []
        for f in files:
            self.deliver(os.path.relpath(f, base).split(os.sep)[0], f)
            if self.args.order == "one":
                found += self.turn()
        return found + self.turn()

    def decide(self, rnd):
        path = os.path.join(self.path, rnd, "decisions.csv")
        content = {q["id"]: q["content"] for q in self.lines("queue", "--all") if "id" in q}
        sheet_file = os.path.join(self.site, "sheet.csv")
        self.erpgate("sheet", "-o", sheet_file, "--all", "-q")
        rows = list(csv.DictReader(open(sheet_file, newline="", encoding="utf-8")))
        cell = rows[0]["Sheet"] if rows else ""
        out = io.StringIO()
        w = csv.DictWriter(out, HEADER, lineterminator="\r\n")
        w.writeheader()
        for d in csv.DictReader(open(path, newline="", encoding="utf-8")):
            w.writerow({"Decision": d["verdict"].capitalize(), "Comment": d["comment"], "Item": d["item"], "ERP ID": d["erp_id"],
                        "Transaction Date": d["transaction_date"], "Accounting Date": d["accounting_date"],
                        "Description": d["description"], "Content": content.get(d["item"], "sha256:" + "0" * 64), "Sheet": cell})
        name = os.path.join(self.site, "decisions.csv")
        with open(name, "w", newline="", encoding="utf-8") as f:
            f.write(out.getvalue())
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", name, "-out", name + ".sig"], check=True)
        for n in (name + ".sig", name):
            self.deliver("approvals", n)
            os.unlink(n)
        return self.turn()

    def in_scope(self, item):
        return self.args.types is None or item.split("/")[0] in self.args.types

    def outputs(self, before):
        got = {}
        base = os.path.join(self.site, "spool/out")
        for d, _, names in os.walk(base):
            for n in names:
                p = os.path.join(d, n)
                if p in before:
                    continue
                before.add(p)
                rel = os.path.relpath(p, base)
                got.setdefault(re.sub(r"_B\d{6}", "_B000000", rel), []).append((rel, open(p, "rb").read()))
        return {name: self.merge(name, [b for _, b in sorted(parts)]) for name, parts in got.items()}

    def merge(self, name, parts):
        """What was accepted in an earlier round leaves as soon as nothing holds it, in a batch of its own when the round's decisions come
        later: such files count as one, the rows of the later behind those of the earlier, brought into the expected order by compare_files."""
        if len(parts) == 1:
            return parts[0]
        self.split.add(name)
        header = parts[0].split(b"\n")[0]
        if name.endswith(".xml"):
            inner = [p[len(header) + 1:p.rindex(b"</")] for p in parts]
            return header + b"\n" + b"".join(sorted(e + b"  </entry>\n" for i in inner for e in i.split(b"  </entry>\n")[:-1])) + parts[0][parts[0].rindex(b"</"):]
        same = all(p.split(b"\n")[0] == header for p in parts) and not name.startswith("cmic/")
        return parts[0] + b"".join(p[len(header) + 1:] if same else p for p in parts[1:])

    def compare_files(self, rnd, got, kind="out"):
        base = os.path.join(self.path, rnd, "expected", kind)
        want = {os.path.relpath(os.path.join(d, n), base): open(os.path.join(d, n), "rb").read() for d, _, ns in os.walk(base) for n in ns}
        if self.args.twin:
            objects = {object_of(k) for k in want}
            got = {k: v for k, v in got.items() if object_of(k) in objects}
        if self.args.objects:
            keep = lambda name: name.split("/")[-1].split("_")[1] in self.args.objects
            want = {k: v for k, v in want.items() if keep(k)}
            got = {k: v for k, v in got.items() if keep(k)}
        for name in sorted(set(want) | set(got)):
            w, g = want.get(name), got.get(name)
            if name in self.split and w is not None and g is not None and sorted(w.splitlines(True)) == sorted(g.splitlines(True)):
                g = w
            detail = ""
            if w != g:
                wl, gl = (w or b"").decode("utf-8", "replace").splitlines(), (g or b"").decode("utf-8", "replace").splitlines()
                detail = "expected %s, got %s\n" % (w is None and "no file" or "%d lines" % len(wl), g is None and "no file" or "%d lines" % len(gl))
                detail += "".join("%4d - %s\n%4d + %s\n" % (i + 1, a, i + 1, b) for i, (a, b) in enumerate(zip(wl, gl)) if a != b)
                detail += "".join("   - %s\n" % x for x in wl[len(gl):]) + "".join("   + %s\n" % x for x in gl[len(wl):])
            self.check(w == g, "%s %s" % (rnd, name), detail)

    def compare_sets(self, rnd, what, want, got):
        detail = "".join("- %s\n" % (x,) for x in sorted(want - got)) + "".join("+ %s\n" % (x,) for x in sorted(got - want))
        self.check(want == got, "%s %s" % (rnd, what), detail)

    def findings(self, rnd, first, last):
        seen = [f for f in first if f["severity"] != "H"] + last
        got = set()
        for f in seen:
            if f["code"] == "F-60":
                continue
            name = "decisions.csv" if f["source"] == "approvals" else "in/%s/%s" % (f["source"], f["file"])
            got.add((name, str(f["line"]), f["code"], f["item"]))
        want = {tuple(r.values()) for r in csv.DictReader(open(os.path.join(self.path, rnd, "expected/findings.csv"), newline="", encoding="utf-8"))}
        scope = lambda s: {x for x in s if (x[3] and self.in_scope(x[3])) or (not x[3] and self.args.types is None)}
        self.compare_sets(rnd, "findings", scope(want), scope(got))

    def states(self, rnd):
        to_erp = {"vendor", "project", "subjob", "budget", "budget-change", "forecast", "commitment", "cco", "invoice", "payment", "prime", "pcco"}
        got = set()
        for q in self.lines("queue", "--all"):
            if "id" not in q:
                continue
            kind = q["id"].split("/")[0]
            synced = q["state"] == "synced" and kind in to_erp
            posted = q["posted"] if synced and kind not in ("vendor", "project", "subjob") else ""
            got.add((q["id"], q["state"], (q["erp_id"] or "") if synced else "", posted))
        want = {tuple(r.values()) for r in csv.DictReader(open(os.path.join(self.path, rnd, "expected/states.csv"), newline="", encoding="utf-8"))}
        self.compare_sets(rnd, "states", {x for x in want if self.in_scope(x[0])}, {x for x in got if self.in_scope(x[0])})

    def play(self):
        self.make_site()
        before = set()
        for rnd in self.rounds:
            first = self.drop(rnd)
            last = self.decide(rnd)
            got = self.outputs(before)
            self.compare_files(rnd, got, "twin" if self.args.twin else "out")
            if not self.args.twin:
                self.findings(rnd, first, last)
                self.states(rnd)
            state = self.erpgate("queue", "--all", "--json")
            self.erpgate("run")
            self.check(self.erpgate("queue", "--all", "--json") == state and not self.outputs(before), "%s a second run changes nothing" % rnd)
        verify = subprocess.run([self.args.erpgate, "-C", self.site, "audit", "verify", "ALL"], capture_output=True, text=True)
        self.check(verify.returncode == 0, "bundles and log verify", verify.stdout + verify.stderr)
        if not self.args.keep:
            shutil.rmtree(self.site)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--erpgate", default="./erpgate")
    p.add_argument("--types", type=lambda s: set(s.split(",")))
    p.add_argument("--objects", type=lambda s: set(s.split(",")))
    p.add_argument("--order", choices=("name", "reverse", "one"), default="name")
    p.add_argument("--set", action="append", default=[])
    p.add_argument("--twin", action="store_true")
    p.add_argument("--keep")
    p.add_argument("worlds", nargs="+")
    args = p.parse_args()
    args.erpgate = os.path.abspath(args.erpgate)
    failed = total = 0
    for path in args.worlds:
        w = World(path, args)
        w.play()
        failed += w.failed
        total += w.count
    print("1..%d" % total)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
