# SPDX-License-Identifier: MIT
"""A small site for crash trials: three stages of one night, each with the state it begins from and what an undisturbed run makes of it.

The files come from tests/worlds, cut down: what counts here is every kind of step (CSV, XML, zip, companion digests, refused rows, signed decisions, the ERP's
answers, automatic and decided batches with .ok files), not how many rows take it. A copy of the program stands beside the adapters of two systems only, so that a start is quick.
"""
import csv, hashlib, io, json, os, re, shutil, sqlite3, subprocess, time, zipfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
SAMPLES = os.path.join(ROOT, "tests/worlds/site-acumatica")
SETTINGS = """
settle.quiet = 0s
run.settle_timeout = 1s
source.field.family = procore
source.field.settle = companion
target.acumatica.companion = yes
"""
DECISION = "Decision,Comment,Item,Number,Type,Project,Vendor,Amount,Currency,ERP ID,Transaction Date,Accounting Date,Description,Findings,Content,Sheet".split(",")
CODE = ("base", "formats", "adapters", "spool", "gateway")


def sample(name):
    rnd, source, base = name.split("/")
    with open(os.path.join(SAMPLES, rnd, "in", source, base), "rb") as f:
        return f.read()


def rows(name, *needles):
    """The header, and the lines with one of the needles in them."""
    head, *body = sample(name).splitlines(True)
    return head + b"".join(line for line in body if any(n.encode() in line for n in needles))


def elements(name, *numbers):
    text = sample(name).decode()
    whole = re.findall(r"  <commitment>.*?</commitment>\n", text, re.S)
    return (text[:text.index("  <commitment>")] + "".join(e for e in whole if any("<number>%s<" % n in e for n in numbers)) + "</commitments>\n").encode()


def packed(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(zipfile.ZipInfo(name.replace("__", "."), (2026, 3, 31, 12, 0, 0)), data)
    return out.getvalue()


def with_digest(source, name, data):
    return [(source, name + ".sha256", ("%s  %s\n" % (hashlib.sha256(data).hexdigest(), name)).encode()), (source, name, data)]


def beginning():
    erp = ["accountgroups", "assignments", "budget", "costcodes", "projects", "tasks", "vendors"]
    side = [("companies_r1.csv", rows("round-1/procore/companies_r1.csv", "OHAR001\r", "KEYS002", "NORT004", "FALC006", "DVOR009")),
            ("projects_r1.csv", rows("round-1/procore/projects_r1.csv", "24-101", "24-111")),
            ("project_codes_r1.csv", sample("round-1/procore/project_codes_r1.csv")),
            ("subjobs_r1.csv", sample("round-1/procore/subjobs_r1.csv"))]
    return [("acumatica", "acu_%s_r1.csv" % n, sample("round-1/acumatica/acu_%s_r1.csv" % n)) for n in erp] + [("procore", n, d) for n, d in side]


def arriving():
    contracts, xml = "round-1/procore/commitments_r1.csv", "round-1/procore/commitments_r1.xml"
    return [("acumatica", "acu_costcodes_r1b.csv", sample("round-1/acumatica/acu_costcodes_r1.csv").replace(b"Demolition", b"Demolition works")),
            ("procore", "companies_r1b.csv", rows("round-1/procore/companies_r1.csv", "1003,", "1007,")),
            ("procore", "commitments_r1.xml", elements(xml, "SC-111-002", "PO-111-004")),
            ("procore", "night.zip", packed(contracts__csv=rows(contracts, "SC-101-003"), more__xml=elements(xml, "SC-101-001"))),
            ("procore", "special_rows_r1.csv", rows("round-1/procore/special_rows_r1.csv", "SP-2,", "SP-6,", "SP-10,")),
            *with_digest("field", "budget_24-101_r1.csv", sample("round-1/procore/budget_24-101_r1.csv"))]


def deciding(site):
    late = rows("round-1/procore/commitments_r1.csv", "SC-111-006")
    return [("procore", "commitments_late.csv", late), *site.decisions("first.csv", {
        "vendor/1003": "MULL003", "vendor/1007": "LODZ007", "budget/24-101": "", "commitment/24-101/SC-101-001": "", "commitment/24-111/SC-111-002": "",
        "commitment/24-101/SC-101-003": "", "commitment/24-111/PO-111-004": "", "commitment/24-111/SP-6": "", "commitment/NO-SUCH/1": ""})]


def answering(site):
    known = ("VENDOR;MULL003", "BUDGET;24101", "SC-101-001", "PO-111-004", "SC-111-002", "SP-6")
    again = elements("round-1/procore/commitments_r1.xml", "SC-111-002", "PO-111-004")
    renewed = rows("round-1/procore/companies_r1.csv", "1008,")  # the name of an earlier file, other content
    return [("acumatica", "acu_result_r2.csv", rows("round-2/acumatica/acu_result_r2.csv", *known)), ("procore", "sent_again.xml", again), ("procore", "companies_r1b.csv", renewed),
            ("procore", "latin.csv", sample("round-1/procore/special_latin1_r1.csv")), *site.decisions("second.csv", {"commitment/24-111/SC-111-006": ""})]


def code_digest():
    """Names the sources that a figure belongs to."""
    h = hashlib.sha256()
    for top in CODE:
        for d, dirs, names in sorted(os.walk(os.path.join(ROOT, top))):
            dirs.sort()
            for n in sorted(names):
                if n.endswith((".c", ".h", ".sql", ".adapter")):
                    with open(os.path.join(d, n), "rb") as f:
                        h.update(n.encode() + f.read())
    return h.hexdigest()[:12]


class Program:
    """A copy of the program with few adapters beside it."""

    def __init__(self, program, where, watcher=None):
        self.home = os.path.join(where, "program")
        shutil.rmtree(self.home, ignore_errors=True)
        os.makedirs(os.path.join(self.home, "adapters"))
        self.path = os.path.join(self.home, "erpgate")
        shutil.copy2(program, self.path)
        if watcher is not None and os.path.exists(watcher):
            shutil.copy2(watcher, os.path.join(self.home, "erpgate-watch"))
        for part in ("acumatica", "procore", "approvals", "tables"):
            shutil.copytree(os.path.join(ROOT, "adapters", part), os.path.join(self.home, "adapters", part))

    def keep_only(self, used):
        """Adapters that neither read nor wrote cost every start their loading."""
        for part in ("acumatica", "procore"):
            folder = os.path.join(self.home, "adapters", part)
            shutil.rmtree(os.path.join(folder, "fixtures"), ignore_errors=True)
            for name in os.listdir(folder):
                if part + "." + name.removesuffix(".adapter") not in used:
                    os.unlink(os.path.join(folder, name))


class Site:
    """One folder with a site in it, driven as people drive it."""

    def __init__(self, program, path, key):
        self.program, self.path, self.key = program, path, key

    def call(self, *words, ok=(0,)):
        p = subprocess.run([self.program.path, "-C", self.path, *words], capture_output=True, text=True)
        if p.returncode not in ok:
            raise RuntimeError("erpgate %s: exit %d\n%s%s" % (" ".join(words), p.returncode, p.stdout[-2000:], p.stderr[-2000:]))
        return p.stdout

    def make(self):
        subprocess.run([self.program.path, "init", self.path, "--erp", "acumatica"], check=True, capture_output=True)
        with open(os.path.join(self.path, "erpgate.conf"), "a") as f:
            f.write(SETTINGS)
        public = self.key + ".pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-out", public], check=True, capture_output=True)
        self.call("users", "add", "pat", "--role", "admin", "--approve", "all", "--pubkey", public)
        self.call("run")

    def drop(self, source, name, data):
        """As a careful sender does it: another name first, then the rename."""
        to = os.path.join(self.path, "spool/drop", source, name)
        there = os.path.exists(to)
        with open(to + ".part", "wb") as f:
            f.write(data)
        os.rename(to + ".part", to)
        return there

    def decisions(self, name, accepted):
        """A signed sheet that accepts these items: [file, signature] to be dropped."""
        queue = (json.loads(line) for line in self.call("queue", "--all", "--json").splitlines())
        content = {q["id"]: q["content"] for q in queue if "id" in q}
        sheet = os.path.join(self.path, "sheet.csv")
        self.call("sheet", "-o", sheet, "--all", "-q")
        with open(sheet, newline="", encoding="utf-8") as f:
            cell = next(csv.DictReader(f))["Sheet"]
        os.unlink(sheet)
        out = io.StringIO()
        w = csv.DictWriter(out, DECISION, restval="", lineterminator="\r\n")
        w.writeheader()
        for item, erp_id in accepted.items():
            dates = {"Transaction Date": "2026-03-05"} if item.startswith("budget") else {}
            w.writerow({"Decision": "Accept", "Item": item, "ERP ID": erp_id, "Content": content.get(item, "sha256:" + "0" * 64), "Sheet": cell, **dates})
        path = os.path.join(self.path, name)
        with open(path, "w", newline="", encoding="utf-8") as f:
            f.write(out.getvalue())
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", path, "-out", path + ".sig"], check=True)
        made = []
        for n in (name + ".sig", name):
            with open(os.path.join(self.path, n), "rb") as f:
                made.append(("approvals", n, f.read()))
            os.unlink(os.path.join(self.path, n))
        return made

    def consume(self, taken):
        """The receiver's job: takes what is in out/, names ending in .ok after their file."""
        base = os.path.join(self.path, "spool/out")
        for target in sorted(os.listdir(base)):
            for name in sorted(os.listdir(os.path.join(base, target))):
                path = os.path.join(base, target, name)
                with open(path, "rb") as f:
                    taken.append((target + "/" + name, hashlib.sha256(f.read()).hexdigest()))
                os.unlink(path)


def copy_site(src, dst):
    """Sealed bundles are never written again, only replaced by rename: a second name will do."""
    near = os.stat(src).st_dev == os.stat(os.path.dirname(dst)).st_dev
    for d, dirs, names in os.walk(src):
        to = dst + d[len(src):]
        os.mkdir(to)
        shutil.copystat(d, to)
        os.chown(to, os.stat(d).st_uid, os.stat(d).st_gid)
        for n in names:
            if near and ".zip" in n:
                os.link(os.path.join(d, n), os.path.join(to, n))
            else:
                shutil.copy2(os.path.join(d, n), os.path.join(to, n))


class Stage:
    def __init__(self, name, base, drops):
        self.name, self.base, self.drops = name, base, drops


class World:
    """where/ holds the program, the three stages' beginnings, and later the trials."""

    def __init__(self, program, where, watcher=None):
        shutil.rmtree(where, ignore_errors=True)
        os.makedirs(where)
        self.where, self.made = where, time.time()
        self.program = Program(program, where, watcher)
        self.stages = {}
        self.key = os.path.join(where, "pat.pem")
        site = self.site("making")
        site.make()
        for f in beginning():
            site.drop(*f)
        site.call("run", ok=(0, 3))
        for name, drops in (("arrive", arriving), ("decide", deciding), ("answer", answering)):
            site.consume([])
            files = drops(site) if name != "arrive" else drops()
            base = os.path.join(where, name)
            copy_site(site.path, base)
            self.stages[name] = Stage(name, base, files)
            for f in files:
                site.drop(*f)
            site.call("run", ok=(0, 3))
        db = sqlite3.connect(os.path.join(site.path, "state.db"))
        self.program.keep_only({name for name, in db.execute("SELECT adapter FROM files UNION SELECT adapter FROM batch_file")})
        db.close()
        shutil.rmtree(site.path)

    def site(self, name):
        return Site(self.program, os.path.join(self.where, name), self.key)
