# SPDX-License-Identifier: MIT
"""MRI's envelopes (layouts §4.26-§4.33): the root names the object, an entry is a record; answers have the roots of what was sent."""
import re
from decimal import Decimal
from .layouts import Col, Dialect, Layout
from .read_cmic import pair
from .values import UNREAD, type_from_erp

DIALECT = Dialect("mri", "Y", xml_dates="mri", xml_flags="Y")


def E(name, field, req=None, kind="text", default=None):
    return Col(None, field, kind, req, name, default=default)


def check_vendor(doc):
    if doc.h["code"] not in (None, UNREAD) and len(doc.h["code"]) > 12:
        doc.refuse("E-07")


def cost_type(doc):
    t = doc.h["cost_type"]
    if t not in (None, UNREAD):
        doc.h["cost_type"] = type_from_erp("mri", t)
        if doc.h["cost_type"] is None:
            doc.refuse("F-21")


def check_cost(doc):
    h = doc.h
    if not doc.bad and h["status"] != "Posted":
        doc.refuse("E-32")
    h["type"] = {"Payable": "subcontractor_invoice" if h["contract"] else "invoice"}.get(h["kind"], "expense")
    h["sub_job"], h["currency"], h["quantity"], h["uom"] = None, None, Decimal(1), None
    h["rate"] = h["amount"]
    pair(doc, h)


def check_payment(doc):
    if not doc.bad and (doc.h["status"] != "Paid" or doc.h["posted"] is False):
        doc.refuse("E-32")


def lists(root, kind, key, columns, check=None, tag=None):
    return Layout(kind, None, key, columns, check=check, root=root, element="entry", tag=tag)


ANSWERS = {"mri_s-pmjc_budget": ("BUDGET", ["ProjectID"]), "mri_s-pmjc_budgetrevision": ("BUDGETREVISION", ["ProjectID", "revision_number"]),
           "mri_s-pmjc_contract": ("CONTRACT", ["ProjectID", "ContractNumber"]),
           "mri_s-pmjc_purchaseorder": ("PURCHASEORDER", ["ProjectID", "ContractNumber"]),
           "mri_s-pmjc_changeorder": ("CHANGEORDER", ["ProjectID", "OrderNumber", "ChangeOrder"]),
           "mri_s-pmap_createinvoice": ("DRAW", ["VendorID", "InvoiceNumber"])}

LAYOUTS = [
    lists("mri_s-pmap_vendor", "erp-vendor", ["code"],
          [E("Vendor", "code", "y"), E("Name", "name", "y"), E("Address", "address1"), E("City", "city"), E("State", "state"), E("Zip", "zip"),
           E("Country", "country"), E("Active", "active", None, "flag", True)], check_vendor),
    lists("mri_s-pmjc_job", "erp-project", ["code"],
          [E("JobCode", "code", "y"), E("Description", "name", "y"), E("Status", "status"), E("StartDate", "start", None, "date"),
           E("CompletionDate", "end", None, "date")]),
    lists("mri_s-pmjc_category", "", [], [E("Category", "cost_type", "y"), E("Description", "name", "y"), E("Active", "active", "y", "flag")],
          cost_type, "types"),
    lists("mri_s-pmjc_costcode", "", [], [E("CostCode", "cost_code", "y"), E("Description", "name", "y"), E("DefaultCategory", "cost_type"),
                                          E("Active", "active", "y", "flag")], cost_type, "codes"),
    lists("mri_s-pmjc_cost", "erp-cost", ["id"],
          [E("TransactionID", "id", "y"), E("InvoiceType", "kind", "y", {"Payable": "Payable", "Journal": "Journal"}), E("ContractNumber", "contract"),
           E("InvoiceNumber", "invoice"), E("Description", "description", None, "long"), E("Status", "status"), E("InvoiceDate", "date", "y", "date"),
           E("ReceivedDate", "received", None, "date"), E("PaymentDate", "paid_on", None, "date"), E("JobCode", "job", "y"),
           E("CostCode", "cost_code", "y"), E("DefaultCategory", "cost_type", "y"), E("Vendor", "vendor"),
           E("LineDescription", "line_description", None, "long"), E("AmountPaid", "amount", "y", "amount")], check_cost),
    lists("mri_s-pmap_payment", "erp-payment", ["vendor", "number", "invoice"],
          [E("PaymentID", "number", "y"), E("VendorID", "vendor", "y"), E("InvoiceNumber", "invoice", "y"), E("ContractNumber", "contract"),
           E("CheckNumber", "check"), E("PaymentDate", "date", "y", "date"), E("Amount", "amount", "y", "amount"), E("Status", "status"),
           E("Posted", "posted", None, "flag")], check_payment),
] + [lists(root, "", [], [E(k, "key%d" % i, "y") for i, k in enumerate(keys)] +
           [E("ERPID", "erp_code"), E("Posted", "posted", None, "flag"), E("Error/Message", "error", None, "long")], tag="answer")
     for root, (name, keys) in ANSWERS.items()]
