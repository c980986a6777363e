# SPDX-License-Identifier: MIT
"""One site over its rounds: items, what the ERP's lists say, findings of the round; how records become items (layouts §1.3)."""
from .layouts import item_id
from .values import UNREAD

DEFAULTS = {"cmic.company": "01", "currency": "USD", "cmic.terms": "N30", "cmic.pci_type_original": "OB", "cmic.pci_type_change": "BC",
            "cmic.pci_type_forecast": "FC", "cmic.pci_type_pcco": "CO", "cmic.pci_status": "APPROVED", "cmic.pci_status_pcco": "PENDING",
            "cmic.pcco_as": "pci", "cmic.pcco_phase": "01-0000", "cmic.pcco_category": "OTC", "cmic.payment_export": "no",
            "cmic.vendor_types_hidden": "", "vendor_name_max": "60", "acumatica.terms": "30D", "acumatica.vendor_class": "SUBCON",
            "acumatica.co_class_budget": "BUDGET", "acumatica.co_class_commitment": "COMMIT", "acumatica.co_class_revenue": "REVENUE",
            "acumatica.revenue_group": "REVENUE", "acumatica.revenue_cost_code": "000000", "acumatica.project_id_pattern": "[0-9]{1,10}",
            "acumatica.country": "US", "mri.format": "csv", "mri.po_module": "no", "mri.revision_type": "BC", "mri.revision_status": "Approved",
            "mri.invoice_status": "Pending", "date_from": "reference",
            "cmic.journal_map": "AP invoice, SC subcontractor_invoice, PY payroll, GL expense, JC expense"}

TO_ERP = {"vendor", "project", "subjob", "budget", "budget-change", "forecast", "commitment", "cco", "invoice", "payment", "prime", "pcco"}
BY_DECISION = {"erp-vendor", "erp-customer", "erp-project", "erp-subjob", "erp-budget", "erp-prime"}
AUTOMATIC = {"erp-code", "erp-jobcost", "erp-cost", "erp-payment", "prime"}
SENT = ("exported", "synced")


class Item:
    def __init__(self, doc, round_no):
        self.kind, self.parts, self.id = doc.kind, doc.parts, doc.id
        self.state, self.erp_id, self.posted = "new", "", ""
        self.decision = None  # an applied accept that has not been used up
        self.number = ""  # the number that was accepted or sent
        self.sent = None  # (object, key) an answer names
        self.since, self.doc, self.old = round_no, doc, None
        self.ever_sent, self.vendor = False, None

    @property
    def erp_or_number(self):
        return self.erp_id or self.number


class Site:
    def __init__(self, erp, settings):
        self.erp, self.letter = erp, {"cmic": "C", "acumatica": "A", "mri": "M"}[erp]
        self.settings = dict(DEFAULTS, **settings)
        self.items, self.findings, self.round = {}, set(), 0
        self.types, self.codes, self.pairs, self.lists = {}, {}, set(), set()
        self.selection, self.jobcodes, self.uncategorised = set(), set(), set()
        self.digests, self.voucher, self.wrong_rows = set(), -999999, []

    def setting(self, key):
        return self.settings[key]

    def find(self, file, line, code, item):
        self.findings.add((file, str(line), code, item))

    def of(self, *kinds):
        return [i for i in self.items.values() if i.kind in kinds]

    def get(self, kind, *parts):
        return self.items.get(item_id(kind, parts))

    # ---- who is who ----

    def job(self, number):
        """The ERP key of a project number, or None while the project is not synced."""
        p = self.get("project", number)
        if p and p.state == "synced":
            return p.erp_id
        p = self.get("erp-project", number)
        return number if p and p.state == "synced" and p.number == "accepted" else None

    def project_of(self, job):
        """The project number of a job: the linked project's, or the code of a job that was accepted; None while not synced."""
        for p in self.of("project"):
            if p.state == "synced" and p.erp_id == job:
                return p.parts[0]
        return job if self.job(job) == job and self.get("erp-project", job) else None

    def subjob(self, number, code):
        """The ERP key of a synced sub job, or None."""
        s = self.get("subjob", number, code)
        if s and s.state == "synced":
            return s.erp_id
        job = self.job(number)
        e = self.get("erp-subjob", job, code) if job else None
        return code if e and e.state == "synced" else None

    def subjob_code(self, job, erp_code):
        """The project side's code of an ERP sub job that is synced, or None."""
        number = self.project_of(job)
        for s in self.of("subjob"):
            if s.parts[0] == number and s.state == "synced" and s.erp_id == erp_code:
                return s.parts[1]
        e = self.get("erp-subjob", job, erp_code)
        return erp_code if e and e.state == "synced" else None

    def company(self, erp_id):
        return next((v for v in self.of("vendor") if v.state == "synced" and v.erp_id == erp_id), None)

    def done(self, item):
        """Synced, and for CMiC posted."""
        return item is not None and item.state == "synced" and (self.letter != "C" or item.posted == "Y")

    def code_lists(self):
        return {"types", "codes"} | ({"pairs"} if self.letter == "A" else set()) <= self.lists

    def code_known(self, code):
        return code in self.codes and self.codes[code][1]

    # ---- intake ----

    def take(self, doc):
        """A document that has been read: its findings, its item or its reference row."""
        tag = doc.layout.tag
        if doc.kind:
            doc.say()
            if not doc.bad:
                self.upsert(doc)
        elif not doc.bad and tag in ("types", "codes", "pairs", "jobcodes", "selection"):
            getattr(self, "take_" + tag)(doc)
            doc.say()
        else:
            doc.say()

    def take_types(self, doc):
        self.types[doc.h["cost_type"]] = doc.h["active"]

    def take_codes(self, doc):
        h = doc.h
        self.codes[h["cost_code"]] = (h["name"], h["active"])
        if h.get("cost_type"):
            self.pairs.add((h["cost_code"], h["cost_type"]))

    def take_pairs(self, doc):
        self.pairs.add((doc.h["cost_code"], doc.h["cost_type"]))

    def take_jobcodes(self, doc):
        h = doc.h
        if h["cost_type"] is None:
            self.uncategorised.add(h["job"])
        else:
            self.jobcodes.add((h["job"], h["cost_code"], h["cost_type"]))

    def take_selection(self, doc):
        h = doc.h
        if h["selected"]:
            self.selection.add((h["project"], h["cost_code"], h["cost_type"]))
            self.wrong_rows.append(doc)

    def upsert(self, doc):
        if doc.kind == "erp-cost" and self.our_invoice(doc):
            self.find(doc.file, doc.line, "E-26", doc.id)
            return
        old = self.items.get(doc.id)
        if old is None:
            self.items[doc.id] = item = Item(doc, self.round)
            self.first_state(item)
            return
        if old.kind == "pcco" and doc.h.get("_list") and not old.doc.h.get("_list"):
            self.find(doc.file, doc.line, "F-10", doc.id)
            return
        if old.doc.content() == doc.content():
            return
        if old.kind in ("commitment", "cco", "budget-change", "forecast", "prime", "pcco") and old.state in SENT:
            self.find(doc.file, doc.line, "E-46", doc.id)
        elif old.kind in ("invoice", "payment") and old.state in SENT:
            self.find(doc.file, doc.line, "E-63", doc.id)
        elif old.kind in ("vendor", "project", "subjob") and old.state in SENT:
            old.doc = doc
        elif old.kind == "budget" and old.state == "synced":
            old.old, old.doc, old.state, old.decision = old.old or old.doc, doc, "changed", None
        elif old.kind in BY_DECISION and old.state in ("synced", "archived"):
            old.doc = doc
        else:
            if old.kind == "erp-cost":
                self.find(doc.file, doc.line, "E-31", doc.id)
            old.doc, old.decision, old.since = doc, None, self.round
            self.first_state(old)

    def our_invoice(self, doc):
        h = doc.h
        return bool(h["vendor"] and h["invoice"]) and any(
            i.ever_sent and i.number == h["invoice"] and i.vendor == h["vendor"] for i in self.of("invoice"))

    def first_state(self, item):
        item.state = "new"
        if item.kind in BY_DECISION and item.doc.h.get("active") is False:
            item.state = "archived"
        if item.kind == "erp-project" and item.doc.h.get("status") == "I":
            item.state = "archived"

    def refresh_codes(self):
        """erp-code items follow the lists."""
        if not self.code_lists():
            return
        for code, kind in self.pairs:
            if code not in self.codes or kind not in self.types:
                continue
            name, active = self.codes[code]
            doc = CodeDoc(code + "." + kind, name, active and self.types[kind], code, kind)
            old = self.items.get(doc.id)
            if old is None:
                self.items[doc.id] = Item(doc, self.round)
            elif old.doc.h != doc.h:
                old.doc, old.state = doc, "new"


class CodeDoc:
    kind = "erp-code"

    def __init__(self, part, name, active, code, cost_type):
        self.parts, self.h = (part,), {"name": name, "active": active, "code": code, "type": cost_type}
        self.id, self.file, self.line, self.lines = item_id("erp-code", (part,)), "", 1, []
