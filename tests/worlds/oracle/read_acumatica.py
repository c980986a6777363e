# SPDX-License-Identifier: MIT
"""Acumatica's inquiries (layouts §4.14-§4.25): semicolons, NULL, padded codes; unknown columns are ignored without a word."""
from decimal import Decimal
from .layouts import Col, Dialect, Layout
from .values import UNREAD, type_from_erp

DIALECT = Dialect("acu", "1", nulls=("", "NULL"), delimiter=";")


def code_in(doc, x, line=None):
    """A cost code gets its hyphen."""
    c = x["cost_code"]
    if c not in (None, UNREAD):
        x["cost_code"] = c[:2] + "-" + c[2:]


def group_in(doc, x, line=None):
    """An account group of a list or budget row."""
    g = x["cost_type"]
    if g in (None, UNREAD):
        return
    t = type_from_erp("acumatica", g)
    if t is None:
        doc.refuse("F-21", line)
    x["cost_type"] = t or UNREAD


def pair(doc):
    h = doc.h
    code_in(doc, h)
    t = type_from_erp("acumatica", h["cost_type"]) if h["cost_type"] not in (None, UNREAD) else None
    h["pair"] = t is not None
    h["cost_type"] = t or h["cost_type"]


def task(h):
    return None if h["task"] in (None, h["job"]) else h["task"]


def check_status(doc):
    doc.h["active"] = doc.h["status"] == "Active"


def check_task(doc):
    h = doc.h
    if h["default"] is True or h["code"] == h["parent"]:
        doc.kind = ""


def check_code(doc):
    code_in(doc, doc.h)


def income(doc, group):
    return group == doc.site.setting("acumatica.revenue_group")


def check_group(doc):
    if doc.h["expense"] is False or doc.h["type"] == "I":
        doc.bad, doc.said = True, []
        return
    group_in(doc, doc.h)


def check_assignment(doc):
    if income(doc, doc.h["cost_type"]):
        doc.bad, doc.said = True, []
        return
    code_in(doc, doc.h)
    group_in(doc, doc.h)


def budget_row(doc, line, get, names):
    doc.row = {}
    return get("Type") == "E" if "Type" in names else True


def check_budget(doc):
    for x in doc.lines:
        code_in(doc, x)
        group_in(doc, x, x["at"])
        x["sub_job"] = None if x["task"] in (None, doc.h["job"]) else x["task"]


def check_cost(doc):
    h = doc.h
    if income(doc, h["cost_type"]):
        doc.bad, doc.said = True, []
        return
    if not doc.bad and h["posted"] is False:
        doc.refuse("E-32")
    h["sub_job"] = task(h)
    h["type"] = ({"AP": "subcontractor_invoice" if h["contract"] else "invoice", "PR": "payroll"}).get(h["module"], "expense")
    h["received"], h["currency"] = None, None
    pair(doc)


def check_jobcost(doc):
    h = doc.h
    if income(doc, h["cost_type"]):
        doc.bad, doc.said = True, []
        return
    h["sub_job"] = task(h)
    pair(doc)
    for f in ("orig", "changes", "commit_orig", "commit_chg", "invoiced", "units"):
        h[f] = Decimal(0) if h[f] is None else h[f]
    h["paid"] = Decimal(0)
    if all(v not in (None, UNREAD) for v in (h["job"], h["cost_code"], h["cost_type"])):
        doc.parts = (h["job"], h["sub_job"] or "-", h["cost_code"] + "." + h["cost_type"])
    else:
        doc.parts = ("",)


def check_payment(doc):
    if not doc.bad and doc.h["status"] not in ("Released", "Closed"):
        doc.refuse("E-32")


def C(name, field, req=None, kind="text"):
    return Col(name, field, kind, req)


PLACE = [C("AddressLine1", "address1"), C("City", "city"), C("State", "state"), C("PostalCode", "zip"), C("Country", "country")]

LAYOUTS = [
    Layout("erp-vendor", ["VendorID", "VendorName"], ["VendorID"],
           [C("VendorID", "code", "y"), C("VendorName", "name", "y"), C("VendorClass", "vendor_type"), C("Status", "status"),
            C("AddressLine2", "address2"), C("Phone1", "phone"), C("Email", "email"), C("Terms", "terms"), C("TaxRegistrationID", "tax_id")] + PLACE,
           check=check_status, free=True),
    Layout("erp-project", ["ProjectID", "RevenueBudgetLevel"], ["ProjectID"],
           [C("ProjectID", "code", "y"), C("Description", "name", "y"), C("Status", "status"), C("StartDate", "start", None, "date"),
            C("EndDate", "end", None, "date"), C("RevenueBudgetLevel", "level")] + PLACE, check=check_status, free=True),
    Layout("erp-subjob", ["ProjectTaskID", "Default"], ["ProjectID", "ProjectTaskID"],
           [C("ProjectID", "parent", "y"), C("ProjectTaskID", "code", "y"), C("Description", "name", "y"), C("Status", "status"),
            C("Default", "default", "y", "flag")], check=check_task, free=True),
    Layout("", ["CostCodeID", "IsActive"], [],
           [C("CostCodeID", "cost_code", "y"), C("Description", "name", "y"), C("IsActive", "active", "y", "flag")], check=check_code, free=True,
           without=["AccountGroupID"], tag="codes"),
    Layout("", ["AccountGroupID", "IsExpense"], [],
           [C("AccountGroupID", "cost_type", "y"), C("Description", "name", "y"), C("Type", "type"), C("IsExpense", "expense", "y", "flag"),
            C("IsActive", "active", "y", "flag")], check=check_group, free=True, tag="types"),
    Layout("", ["CostCodeID", "AccountGroupID", "IsDefault"], [],
           [C("CostCodeID", "cost_code", "y"), C("AccountGroupID", "cost_type", "y"), C("IsDefault", "default", None, "flag")],
           check=check_assignment, free=True, tag="pairs"),
    Layout("erp-budget", ["CostCodeID", "CuryAmount", "Type"], ["ProjectID"],
           [C("ProjectID", "job", "y")],
           [C("ProjectTaskID", "task"), C("CostCodeID", "cost_code", "y"), C("AccountGroupID", "cost_type", "y"), C("InventoryID", "inventory"),
            C("Description", "description", None, "long"), C("UOM", "uom"), C("Qty", "quantity", None, "qty"), C("CuryUnitRate", "rate", None, "cost"),
            C("CuryAmount", "amount", "y", "amount")], check=check_budget, free=True, row=budget_row,
           position=["task", "cost_code", "cost_type"]),
    Layout("erp-cost", ["TransactionID", "Released"], ["TransactionID"],
           [C("TransactionID", "id", "y"), C("Date", "date", "y", "date"), C("FinPeriodID", "period"), C("Module", "module"), C("RefNbr", "ref"),
            C("OrigDocType", "doc"), C("ProjectID", "job", "y"), C("ProjectTaskID", "task"), C("AccountGroupID", "cost_type"),
            C("CostCodeID", "cost_code"), C("VendorOrCustomer", "vendor"), C("ExtRefNbr", "invoice"), C("SubcontractNbr", "contract"),
            C("Description", "description", None, "long"), C("UOM", "uom"), C("Qty", "quantity", None, "qty"), C("UnitRate", "rate", None, "cost"),
            C("Amount", "amount", "y", "amount"), C("Released", "posted", "y", "flag")], check=check_cost, free=True),
    Layout("erp-jobcost", ["RevisedCommittedAmount", "ActualAmount"], ["ProjectID", "CostCodeID"],
           [C("ProjectID", "job", "y"), C("ProjectTaskID", "task"), C("CostCodeID", "cost_code", "y"), C("AccountGroupID", "cost_type", "y"),
            C("OriginalBudgetedAmount", "orig", None, "amount"), C("BudgetedCOAmount", "changes", None, "amount"),
            C("OriginalCommittedAmount", "commit_orig", None, "amount"), C("CommittedCOAmount", "commit_chg", None, "amount"),
            C("RevisedCommittedAmount", "revised", None, "amount"), C("CommittedInvoicedAmount", "invoiced", None, "amount"),
            C("ActualAmount", "jtd", "y", "amount"), C("ActualQty", "units", None, "qty"), C("LastModifiedDateTime", "as_of", "y", "date")],
           check=check_jobcost, free=True),
    Layout("erp-payment", ["PaymentRef", "AmountPaid"], ["VendorID", "ReferenceNbr", "VendorRef"],
           [C("PaymentRef", "check"), C("ReferenceNbr", "number", "y"), C("PaymentMethod", "method"), C("ApplicationDate", "date", "y", "date"),
            C("CashAccount", "account"), C("VendorID", "vendor", "y"), C("DocType", "doc"), C("BillRefNbr", "bill"), C("VendorRef", "invoice", "y"),
            C("AmountPaid", "amount", "y", "amount"), C("Status", "status")], check=check_payment, free=True),
    Layout("", ["Object", "ERPNbr", "Processed"], [],
           [C("Batch", "batch"), C("Object", "object", "y"), C("Key", "key", "y"), C("ERPNbr", "erp_code"), C("Released", "posted", None, "flag"),
            C("Processed", "processed", "y", "flag"), C("Error", "error", None, "long")], free=True, tag="answer"),
]
