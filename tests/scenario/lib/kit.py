# SPDX-License-Identifier: MIT
"""What the scenario tests share: TAP lines, a throw-away site, a small set of reference files for it, and signed sheets.

The program is $ERPGATE (default ./erpgate). Everything lives below one temporary folder, removed at the end; nothing needs root or a network.
"""
import atexit, csv, hashlib, io, json, os, shutil, signal, subprocess, sys, tempfile, time

PROGRAM = os.path.abspath(os.environ.get("ERPGATE", "./erpgate"))
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
WORLDS = os.path.join(ROOT, "tests/worlds")
sys.path.insert(0, WORLDS)
sys.dont_write_bytecode = True

HEADER = ("Decision,Comment,Item,Number,Type,Project,Vendor,Amount,Currency,ERP ID,Transaction Date,Accounting Date,"
          "Description,Findings,Content,Sheet").split(",")
TEMP = tempfile.mkdtemp(prefix="erpgate-scenario-")
children = []


def clean_up():
    for p in children:
        if p.poll() is None:
            p.terminate()
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
    shutil.rmtree(TEMP, ignore_errors=True)


atexit.register(clean_up)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


# ---- TAP ----

class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, what, detail=""):
        self.count += 1
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.count, what))
        if not good:
            for line in str(detail).splitlines()[:40]:
                print("  # " + line)
        sys.stdout.flush()
        return good

    def same(self, got, want, what):
        return self.ok(got == want, what, "expected %r\ngot      %r" % (want, got))

    def skip(self, what, why):
        self.count += 1
        print("ok %d - %s # skip %s" % (self.count, what, why))

    def end(self):
        print("1..%d" % self.count)
        sys.stdout.flush()
        sys.exit(1 if self.failed else 0)


def wait_for(true, seconds, every=0.05):
    """Asks until `true()` or the deadline; returns the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = true()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(every)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode("utf-8"))


def make_key(path):
    """A private Ed25519 key; its public half stands beside it as PATH with .pub.pem."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, capture_output=True)
    public = path.replace(".pem", ".pub.pem")
    subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", public], check=True, capture_output=True)
    return public


def sign(path, key):
    subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", path, "-out", path + ".sig"], check=True, capture_output=True)
    return path + ".sig"


# ---- a site ----

class Site:
    def __init__(self, name, erp="cmic", settings=("settle.quiet = 0s", "run.settle_timeout = 1s")):
        self.path = os.path.join(TEMP, name)
        self.key = os.path.join(TEMP, name + "-pat.pem")
        self.call("init", self.path, "--erp", erp, site=False)
        with open(os.path.join(self.path, "erpgate.conf"), "a", encoding="utf-8") as f:
            f.write("\n" + "".join(s + "\n" for s in settings))
        self.call("users", "add", "pat", "--role", "admin", "--approve", "all", "--pubkey", make_key(self.key))

    def call(self, *words, ok=(0,), site=True):
        """Standard output; ends the test when the status is not among `ok` (None: any)."""
        p = self.ask(*words, site=site)
        if ok is not None and p.returncode not in ok:
            print("Bail out! erpgate %s: exit %d\n%s%s" % (" ".join(words), p.returncode, p.stdout[-2000:], p.stderr[-2000:]))
            sys.exit(1)
        return p.stdout

    def ask(self, *words, site=True):
        where = ["-C", self.path] if site else []
        return subprocess.run([PROGRAM, *where, *words], capture_output=True, text=True)

    def json(self, *words, ok=(0,)):
        return [json.loads(line) for line in self.call(*words, "--json", ok=ok).splitlines()]

    def drop(self, source, name, data):
        """Puts a file the way a careful sender does: written under another name, then renamed."""
        to = os.path.join(self.path, "spool/drop", source, name)
        write(to + ".part", data)
        os.rename(to + ".part", to)
        return to

    def run(self):
        return self.ask("run").returncode

    def findings(self, *words):
        return [f for f in self.json("findings", *(words or ("--run", "last"))) if "code" in f]

    def queue(self, *words):
        return {q["id"]: q for q in self.json("queue", "--all", *words) if "id" in q}

    def rejects(self):
        """Drop id -> {file name: bytes} below spool/rejects/."""
        base = os.path.join(self.path, "spool/rejects")
        return {d: {n: read(os.path.join(base, d, n)) for n in os.listdir(os.path.join(base, d)) if os.path.isfile(os.path.join(base, d, n))} for d in sorted(os.listdir(base))}

    def sheet_cell(self):
        path = os.path.join(TEMP, "fresh-sheet.csv")
        self.call("sheet", "-o", path, "--all", "-q")
        with open(path, newline="", encoding="utf-8-sig") as f:
            return next(csv.DictReader(f))["Sheet"]

    def sheet(self, rows, cell=None, content=None):
        """Bytes of a filled-in sheet: rows of (item, verdict) or dicts of columns; contents are today's unless given."""
        now = content or {i: q["content"] for i, q in self.queue().items()}
        cell = cell or self.sheet_cell()
        out = io.StringIO()
        w = csv.DictWriter(out, HEADER, lineterminator="\r\n")
        w.writeheader()
        for row in rows:
            row = dict(row) if isinstance(row, dict) else {"Item": row[0], "Decision": row[1]}
            row.setdefault("Content", now.get(row["Item"], "sha256:" + "0" * 64))
            row.setdefault("Sheet", cell)
            w.writerow(row)
        return out.getvalue().encode("utf-8")

    def return_sheet(self, name, data, key=None, signature=True):
        """Drops a sheet and its signature."""
        path = os.path.join(TEMP, name)
        write(path, data)
        if signature:
            self.drop("approvals", name + ".sig", read(sign(path, key or self.key)))
        self.drop("approvals", name, data)

    def out(self):
        """Relative path -> bytes below spool/out/."""
        base = os.path.join(self.path, "spool/out")
        return {os.path.relpath(os.path.join(d, n), base): read(os.path.join(d, n)) for d, _, names in os.walk(base) for n in names}


# ---- a small set of reference files: two linked vendors, one linked project, three codes ----

def small_reference(site):
    site.drop("cmic", "CMIC_VENDORS.csv", (
        "BP_CODE,BP_NAME,BPAD_ADD1,BPAD_ADD2,BPAD_CITY,BPAD_STATE_CODE,BPAD_ZIP,BPAD_COUNTRY,BPAD_PHONE,BPAD_FAX,BPVEN_COMP_CODE,"
        "BPVEN_TYPE_CODE,BPVEN_TERM_CODE,BPVEN_CURR_CODE,BPVEN_PAY_EMAIL,BPVEN_REG_CODE,BPVEN_STATUS\r\n"
        "BARL001,Barlow Concrete,1 Dock Road,,Duluth,MN,55802,US,,,01,SUB,N30,USD,,,A\r\n"
        "IONI002,\"Ion\u00edc, Electric\",2 Dock Road,,Duluth,MN,55802,US,,,01,SUB,N30,USD,,,A\r\n").encode("cp1252"))
    site.drop("cmic", "CMIC_JOBS.csv",
              "JOB_COMP_CODE,JOB_CODE,JOB_NAME,JOB_CTRL_CODE,JOB_ADD1,JOB_CITY,JOB_STATE_CODE,JOB_ZIP,JOB_START_DATE,JOB_END_DATE,JOB_STATUS\r\n"
              "01,24118,North Garage,ALL,,,,,,,A\r\n")
    site.drop("cmic", "CMIC_CATEGORIES.csv", "CAT_COMP_CODE,CAT_CODE,CAT_NAME,CAT_ACTIVE_FLAG\r\n01,SUB,Subcontract,Y\r\n01,MAT,Materials,Y\r\n")
    site.drop("cmic", "CMIC_PHASES.csv", "PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_CTRL_CODE,PHS_ACTIVE_FLAG,CAT_CODE,CAT_DEFAULT_FLAG\r\n"
              "01,03-1100,Formwork,ALL,Y,SUB,Y\r\n01,03-1100,Formwork,ALL,Y,MAT,N\r\n01,05-1200,Structural Steel,ALL,Y,SUB,Y\r\n")
    site.drop("cmic", "CMIC_JOBCODES.csv", "JCAT_COMP_CODE,JCAT_JOB_CODE,JCAT_PHS_CODE,JCAT_CODE,JCAT_ACTIVE_FLAG\r\n"
              "01,24118,03-1100,SUB,Y\r\n01,24118,03-1100,MAT,Y\r\n01,24118,05-1200,SUB,Y\r\n")
    site.drop("procore", "companies.csv",
              "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,"
              "Tax ID,Active,Customer,ERP Vendor ID\n"
              "1001,Barlow Concrete,Barlow,,,,,,,,,,,,,Yes,No,BARL001\n1002,Ion\u00edc Electric,Ionic,,,,,,,,,,,,,Yes,No,IONI002\n")
    site.drop("procore", "projects.csv",
              "Project Number,Name,Address,City,State,Zip,Country,Start Date,Completion Date,Active,Company Code,ERP Job ID\n"
              "24-118,North Garage,,,,,,,,Yes,,24118\n")
    assert site.run() == 0, site.call("findings", "--run", "last")


COMMITMENT = ("Project Number,Number,Commitment Type,Title,Description,Status,Executed,Accounting Method,Contract Company ID,Contract Company,"
              "Retainage %,Contract Date,Start Date,Estimated Completion Date,Issued Date,Signed Contract Received Date,Delivery Date,"
              "Payment Terms,Grand Total,Line,Sub Job,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount,Tax Amount\n")


def commitment_rows(number, vendor="1001", amounts=("100.00", "23.45"), title="Concrete", kind="Subcontract", code="03-1100"):
    return "".join("24-118,%s,%s,%s,,Approved,Yes,Amount,%s,,5,02/05/2026,,,,,,,,%d,,%s,S,Line %d,,,,%s,\n"
                   % (number, kind, title, vendor, i + 1, code, i + 1, a) for i, a in enumerate(amounts))


def commitments(*numbers, **how):
    return COMMITMENT + "".join(commitment_rows(n, **how) for n in numbers)
