# SPDX-License-Identifier: MIT
"""CMiC's files (layouts §4.1-§4.13): published column names, windows-1252, codes in upper case; job cost detail by position."""
import re
from decimal import Decimal
from .layouts import Col, Dialect, Doc, Layout, cell
from .values import UNREAD, reader, type_from_erp

DIALECT = Dialect("cmic", "Y", upper=True)
ADDRESS = [Col("BPAD_ADD1", "address1"), Col("BPAD_ADD2", "address2"), Col("BPAD_CITY", "city"), Col("BPAD_STATE_CODE", "state"),
           Col("BPAD_ZIP", "zip"), Col("BPAD_COUNTRY", "country"), Col("BPAD_PHONE", "phone"), Col("BPAD_FAX", "fax")]


def C(name, field, req=None, kind="text"):
    return Col(name, field, kind, req)


def cost_type(doc, x, field, line=None):
    """A category in a list or budget row: outside the lookup it is no word of the list."""
    if x[field] and x[field] is not UNREAD:
        t = type_from_erp("cmic", x[field])
        if t is None:
            doc.refuse("F-21", line)
        x[field] = t or UNREAD


def check_vendor(doc):
    hidden = [x.strip() for x in doc.site.setting("cmic.vendor_types_hidden").split(",") if x.strip()]
    if not doc.bad and doc.h["vendor_type"] in hidden:
        doc.refuse("E-06")


def check_category(doc):
    cost_type(doc, doc.h, "cost_type")


def check_phase(doc):
    code = doc.h["cost_code"]
    if code is not UNREAD and code is not None and not re.fullmatch("[A-Za-z0-9-]+", code):
        doc.refuse("E-18")
    cost_type(doc, doc.h, "cost_type")


def check_jobcode(doc):
    cost_type(doc, doc.h, "cost_type")


def check_budget(doc):
    keep = []
    for x in doc.lines:
        cost_type(doc, x, "cost_type", x["at"])
        if x["amount"] is not UNREAD and x["amount"] <= 0:
            doc.note("E-25", x["at"])
        else:
            keep.append(x)
    doc.lines = keep


def check_prime(doc):
    for x in doc.lines:
        cost_type(doc, x, "cost_type", x["at"])
    if doc.h["status"] != "A" and doc.h["status"] is not UNREAD:
        doc.refuse("E-65")


def check_job(doc):
    doc.kind = "erp-project"
    if doc.h["parent"] not in (None, UNREAD, "ALL"):
        doc.kind, doc.parts = "erp-subjob", (doc.h["parent"],) + doc.parts


def pair(doc, h):
    code = type_from_erp("cmic", h["cost_type"]) if h["cost_type"] not in (None, UNREAD) else None
    h["pair"] = code is not None
    h["cost_type"] = code or h["cost_type"]


def check_jobcost(doc):
    h = doc.h
    pair(doc, h)
    for f in ("orig", "changes", "commit_orig", "commit_chg", "invoiced", "units", "paid"):
        h[f] = Decimal(0) if h[f] is None else h[f]
    if all(v not in (None, UNREAD) for v in (h["job"], h["cost_code"], h["cost_type"])):
        doc.parts = (h["job"], h["sub_job"] or "-", h["cost_code"] + "." + h["cost_type"])
    else:
        doc.parts = ("",)


def check_payment(doc):
    if not doc.bad and doc.h["status"] != "P":
        doc.refuse("E-32")


A = lambda name, field, req=None: C(name, field, req, "amount")
X = lambda name, field, req=None: C(name, field, req, "code")
COMP = C("%s", "comp")

LAYOUTS = [
    Layout("erp-vendor", ["BPVEN_COMP_CODE", "BPVEN_STATUS"], ["BP_CODE"],
           [X("BP_CODE", "code", "y"), C("BP_NAME", "name", "y")] + ADDRESS +
           [C("BPVEN_COMP_CODE", "comp"), X("BPVEN_TYPE_CODE", "vendor_type"), X("BPVEN_TERM_CODE", "terms"), X("BPVEN_CURR_CODE", "currency"),
            C("BPVEN_PAY_EMAIL", "email"), C("BPVEN_REG_CODE", "tax_id"),
            Col("BPVEN_STATUS", "active", {"A": True, "I": False}, "y")], check=check_vendor),
    Layout("erp-customer", ["BPCUST_COMP_CODE"], ["BP_CODE"],
           [X("BP_CODE", "code", "y"), C("BP_NAME", "name", "y")] + ADDRESS +
           [C("BPCUST_COMP_CODE", "comp"), Col("BPCUST_STATUS", "active", {"A": True, "I": False}, "y")]),
    Layout("erp-project", ["JOB_CTRL_CODE"], ["JOB_CODE"],
           [C("JOB_COMP_CODE", "comp"), X("JOB_CODE", "code", "y"), C("JOB_NAME", "name", "y"), X("JOB_CTRL_CODE", "parent", "y"),
            C("JOB_ADD1", "address1"), C("JOB_CITY", "city"), C("JOB_STATE_CODE", "state"), C("JOB_ZIP", "zip"),
            C("JOB_START_DATE", "start", None, "date"), C("JOB_END_DATE", "end", None, "date"), C("JOB_STATUS", "status")], check=check_job),
    Layout("", ["CAT_COMP_CODE", "CAT_NAME"], [],
           [C("CAT_COMP_CODE", "comp"), X("CAT_CODE", "cost_type", "y"), C("CAT_NAME", "name", "y"), C("CAT_ACTIVE_FLAG", "active", "y", "flag")],
           check=check_category, tag="types"),
    Layout("", ["PHS_COMP_CODE"], [],
           [C("PHS_COMP_CODE", "comp"), X("PHS_CODE", "cost_code", "y"), C("PHS_NAME", "name", "y"), X("PHS_CTRL_CODE", "ctrl"),
            C("PHS_ACTIVE_FLAG", "active", "y", "flag"), X("CAT_CODE", "cost_type"), C("CAT_DEFAULT_FLAG", "default", None, "flag")],
           check=check_phase, tag="codes"),
    Layout("", ["JCAT_JOB_CODE", "JCAT_ACTIVE_FLAG"], [],
           [C("JCAT_COMP_CODE", "comp"), X("JCAT_JOB_CODE", "job", "y"), X("JCAT_PHS_CODE", "cost_code", "y"), X("JCAT_CODE", "cost_type"),
            C("JCAT_ACTIVE_FLAG", "active", None, "flag")], check=check_jobcode, tag="jobcodes"),
    Layout("erp-budget", ["JCAT_BUDG_AMT"], ["JCAT_JOB_CODE"],
           [C("JCAT_COMP_CODE", "comp"), X("JCAT_JOB_CODE", "job", "y")],
           [X("JCAT_PHS_CODE", "cost_code", "y"), X("JCAT_CODE", "cost_type", "y"), A("JCAT_BUDG_AMT", "amount", "y"),
            C("JCAT_BUDG_UNIT", "units", None, "qty"), C("JCAT_WM_CODE", "uom")], check=check_budget, position=["cost_code", "cost_type"]),
    Layout("erp-prime", ["JBC_CONT_CODE"], ["JBC_JOB_CODE", "JBC_CONT_CODE"],
           [C("JBC_COMP_CODE", "comp"), X("JBC_JOB_CODE", "job", "y"), X("JBC_CONT_CODE", "number", "y"), C("JBC_NAME", "name"),
            X("JBC_CURR_CODE", "currency"), C("JBC_STATUS", "status")],
           [C("JBC_LINE", "position", "y", "int"), X("BILL_PHS_CODE", "cost_code", "y"), X("BILL_CAT_CODE", "cost_type", "y"),
            C("BILL_DESC", "description", None, "long"), A("BILL_AMT", "amount", "y")], check=check_prime, position=["position"]),
    Layout("erp-jobcost", ["JCAT_JTD_COST"], ["JCAT_JOB_CODE", "JCAT_PHS_CODE", "JCAT_CODE"],
           [C("JCAT_COMP_CODE", "comp"), X("JCAT_JOB_CODE", "job", "y"), X("JCAT_SUB_JOB_CODE", "sub_job"), X("JCAT_PHS_CODE", "cost_code", "y"),
            X("JCAT_CODE", "cost_type", "y"), C("AS_OF", "as_of", "y", "date"), A("ORIG_EST", "orig"), A("APPR_CHG", "changes"),
            A("COMMIT_ORIG", "commit_orig"), A("COMMIT_CHG", "commit_chg"), A("COMMIT_INVD", "invoiced"), A("JCAT_JTD_COST", "jtd", "y"),
            C("JTD_UNIT", "units", None, "qty"), A("JTD_PAID", "paid")], check=check_jobcost),
    Layout("erp-payment", ["CHQ_NUM", "PA_VOU_INV_CODE"], ["CHQ_VEN_CODE", "CHQ_NUM", "PA_VOU_INV_CODE"],
           [C("CHQ_COMP_CODE", "comp"), X("CHQ_VEN_CODE", "vendor", "y"), X("CHQ_NUM", "check", "y"), C("CHQ_DATE", "date", "y", "date"),
            A("CHQ_AMT", "check_amount"), C("CHQ_CURR_CODE", "currency"), C("CHQ_DESC", "description", None, "long"), C("CHQ_STATUS", "status"),
            X("PA_VOU_INV_CODE", "invoice", "y"), X("PA_CONT_CODE", "contract"), A("PA_AMT", "amount", "y")], check=check_payment),
    Layout("", ["OBJECT", "ERP_CODE", "POSTED_FLAG"], [],
           [C("BATCH", "batch"), X("OBJECT", "object"), X("KEY", "key"), X("ERP_CODE", "erp_code"), C("POSTED_FLAG", "posted", "y", "flag"),
            C("ERROR_TEXT", "error", None, "long")], tag="answer"),
]

DETAIL = Layout("erp-cost", None, [], [])
#        field, position, kind, required
COST = [("date", 1, "date", "y"), ("received", 2, "date", None), ("batch", 3, "code", "y"), ("quantity", 4, "qty", None),
        ("amount", 5, "amount", "y"), ("kind", 6, "code", None), ("job", 7, "code", "y"), ("ctrl", 8, "code", None), ("source", 11, "code", None),
        ("journal", 15, "code", None), ("uom", 16, "text", None), ("description", 17, "text", None), ("cost_type", 18, "code", "y"),
        ("line_description", 21, "long", None), ("cost_code", 22, "code", "y"), ("invoice", 25, "code", None), ("currency", 41, "code", None)]


def detail_docs(site, file, rows):
    """Job cost detail: the columns by position, the transaction id by counting rows of a batch number."""
    docs, last, n = [], None, 0
    for line, cells in [r for r in rows if r[0] > 3]:
        doc = Doc(site, DETAIL, file, line)
        batch = cells[2].upper() if len(cells) > 2 else ""
        n = n + 1 if batch == last else 1
        last = batch
        doc.parts = ("%s-%06d" % (batch, n),) if batch else ("",)
        for field, at, kind, req in COST:
            raw = cells[at - 1] if at <= len(cells) else ""
            doc.h[field] = cell(doc, Col(None, field, kind, req), raw, kind, reader(kind, "dc", "Y", False), line, ("",), True)
        h = doc.h
        h["posted"] = h["received"] is not None and h["kind"] == "C"
        if not doc.bad and not h["posted"]:
            doc.refuse("E-32")
        h["sub_job"] = None
        if h["ctrl"] not in (None, "ALL"):
            h["sub_job"], h["job"] = h["job"], h["ctrl"]
        pair(doc, h)
        journals = dict(x.split() for x in site.setting("cmic.journal_map").split(","))
        h["type"] = journals.get(h["journal"])
        h["vendor"] = h["source"] if h["journal"] in ("AP", "SC") else None
        if site.setting("date_from") == "post":
            h["date"] = h["received"]
        docs.append(doc)
    return docs
