# SPDX-License-Identifier: MIT
"""The project side's layouts (layouts §3) and the rules that need nothing but the record."""
import re
from decimal import Decimal
from .layouts import Col, Dialect, Layout
from .values import Bad, UNREAD, date, half_up

DIALECT = Dialect("us", "yes", money=True)
STATES = {"US": set("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN "
                    "TX UT VT VA WA WV WI WY DC".split()),
          "CA": set("AB BC MB NB NL NS NT NU ON PE QC SK YT".split())}


def given(*values):
    return all(v is not None and v is not UNREAD for v in values)


def readable(*values):
    return UNREAD not in values


def total(lines, *fields):
    """Sum over lines, empty as nothing; UNREAD when one could not be read."""
    t = Decimal(0)
    for x in lines:
        for f in fields:
            v = x.get(f.lstrip("-"))
            if v is UNREAD:
                return UNREAD
            t += (-v if f[0] == "-" else v) if v is not None else 0
    return t


def longer(doc, field, limits, code):
    n = limits.get(doc.site.letter)
    v = doc.h.get(field)
    if n and given(v) and len(v) > n:
        doc.refuse(code)


def approved(doc, code="E-37"):
    if given(doc.h["status"]) and doc.h["status"] != "Approved":
        doc.refuse(code)


def control(doc, field, *fields):
    want, have = doc.h[field], total(doc.lines, *fields)
    if given(want) and have is not UNREAD and want != have:
        doc.refuse("F-25")


def check_company(doc):
    h = doc.h
    limit = int(doc.site.setting("vendor_name_max"))
    if given(h["name"]) and len(h["name"]) > limit:
        doc.refuse("E-04")
    if h["active"] is False:
        doc.refuse("E-05")
    if doc.site.letter == "A" and readable(h["country"], h["state"]):
        country, state = h["country"] or "", h["state"] or ""
        places = STATES.get(country or "US")
        if (country and not re.fullmatch("[A-Z]{2}", country)) or (places and state and state not in places):
            doc.refuse("E-09")


def check_project(doc):
    longer(doc, "name", {"A": 30, "C": 60}, "E-16")


def check_subjob(doc):
    if doc.site.letter == "M" or (given(doc.h["code"]) and len(doc.h["code"]) > 30):
        doc.refuse("E-17")


def check_selection(doc):
    if doc.h["selected"] is True and doc.h["cost_type"] is None:
        doc.refuse("E-12")


def budget_name(bare):
    m = re.fullmatch(r"[^_]*_([^_]+?)(?:_.*)?(?:\.[^.]*)?", bare)
    return {"project": m.group(1)} if m else None


def pcco_name(bare):
    m = re.fullmatch(r"prime_change_orders_([^_]+)_([^_]+?)(?:_.*)?(?:\.[^.]*)?", bare)
    return {"project": m.group(1), "prime": m.group(2)} if m else None


def code_of(cell):
    return "" if cell in ("None", "") else cell.split(" - ")[0].strip()


def budget_row(doc, line, get, names):
    """The line's codes out of `code - name` cells; False leaves the row out."""
    tiers = [get(n) for n in sorted(names) if re.fullmatch("Cost Code Tier [1-5]", n)]
    tiers = [t for t in tiers if t not in ("None", "")]
    sub, kind = code_of(get("Sub Job")), code_of(get("Cost Type"))
    if not tiers:
        if re.fullmatch(r"-?0*(\.0*)?", get("Original Budget Amount").replace("$", "")) and get("Original Budget Amount"):
            return False
        doc.refuse("E-12", line)
        doc.row = {"sub_job": None, "cost_code": UNREAD, "cost_type": UNREAD}
        return True
    code = code_of(tiers[-1])
    if not kind:
        doc.refuse("E-12", line)
    if get("Budget Code") != (sub + "." if sub else "") + code + ("." + kind if kind else ""):
        doc.refuse("F-27", line)
    doc.row = {"sub_job": sub or None, "cost_code": code, "cost_type": kind or UNREAD}
    return True


def check_change(doc):
    longer(doc, "title", {"C": 60}, "E-68")
    approved(doc)
    sums, off = {}, False
    for x in doc.lines:
        if readable(x["adjustment"], x["amount"]):
            sums[x["adjustment"]] = sums.get(x["adjustment"], 0) + x["amount"]
        else:
            off = True
    if not off and any(sums.values()):
        doc.note("F-51")
    no_subjobs(doc)


def forecast_key(parts):
    """Its date as the item id writes it."""
    try:
        return parts[0], date(parts[1], "us").isoformat()
    except Bad:
        return parts


def no_subjobs(doc):
    for x in doc.lines:
        if doc.site.letter == "M" and given(x.get("sub_job")):
            doc.refuse("E-17", x["at"])


def product(doc, x):
    if given(x["quantity"], x["unit_cost"], x["amount"]) and half_up(x["quantity"] * x["unit_cost"], 2) != x["amount"]:
        doc.refuse("F-28", x["at"])


def tax(doc):
    for x in doc.lines:
        if given(x["tax_amount"]) and x["tax_amount"]:
            doc.note("E-60", x["at"])


def check_commitment(doc):
    h, letter = doc.h, doc.site.letter
    longer(doc, "title", {"A": 60}, "E-36")
    approved(doc)
    if letter == "A" and h["contract_date"] is None:
        doc.refuse("E-41")
    if letter == "M" and h["type"] == "purchase_order" and doc.site.setting("mri.po_module") == "no":
        doc.refuse("E-40")
    if h["retainage"] is None:
        h["retainage"] = Decimal(0)
    for x in doc.lines:
        if h["method"] == "unit":
            for f in ("quantity", "uom", "unit_cost"):
                if x[f] is None:
                    doc.refuse("F-20", x["at"])
            if given(x["uom"]) and len(x["uom"]) > {"C": 2, "A": 6}.get(letter, 999):
                doc.refuse("E-39", x["at"])
            product(doc, x)
    control(doc, "grand_total", "amount")
    no_subjobs(doc)
    tax(doc)


def check_cco(doc):
    letter = doc.site.letter
    longer(doc, "title", {"C": 200, "A": 60}, "E-43")
    approved(doc)
    for x in doc.lines:
        if x["contract_line"] is None:
            if x["cost_code"] is None or x["cost_type"] is None:
                doc.refuse("E-38", x["at"])
        product(doc, x)
    control(doc, "grand_total", "amount")
    t = total(doc.lines, "amount")
    if letter == "M" and doc.lines and t is not UNREAD and t == 0:
        doc.refuse("E-44")
    no_subjobs(doc)
    tax(doc)


def check_invoice(doc):
    h, letter = doc.h, doc.site.letter
    if not getattr(doc, "node", None) and given(h["status"]):
        h["status"] = INVOICE_STATES.get(h["status"], h["status"] + " (CSV)")
    fine = ["approved"] + (["approved_as_noted", "pending_owner_approval"] if letter == "C" else [])
    if given(h["status"]) and h["status"] not in fine:
        doc.refuse("E-52")
    if letter == "M" and h["period_end"] is None:
        doc.refuse("F-20")
    node = getattr(doc, "node", None)
    urls = [n for n in ("".join(u.parts).strip() for u in node.all("attachments/url")) if n] if node else (h["urls"] or "").split()
    h["urls"] = tuple(urls) or None
    if letter == "M" and len(urls) > 1:
        doc.note("E-56")
    lines = doc.lines
    for x in lines:
        if x["kind"] == "cco" and x["change_order"] is None:
            doc.refuse("F-20", x["at"])
    control(doc, "due", "amount", "stored", "-retainage", "-stored_retainage", "released")
    if letter != "C" and any(given(x[f]) and x[f] for x in lines for f in ("stored", "stored_retainage")):
        doc.note("E-54")
    if letter == "M" and any(given(x["released"]) and x["released"] for x in lines):
        doc.note("E-55")
    gross = total(lines, "amount", "stored")
    work, released = total(lines, "amount"), total(lines, "released")
    if lines:
        zero = {"C": gross, "A": work}.get(letter, UNREAD)
        if zero is not UNREAD and released is not UNREAD and zero == 0 and not any(x["released"] for x in lines):
            doc.refuse("E-51")
        if gross is not UNREAD and (work if letter == "A" else gross) < 0:
            doc.note("E-59") if letter == "A" else doc.refuse("E-59")
    tax(doc)


def check_prime(doc):
    h = doc.h
    number = h["number"]
    if (given(h["status"]) and h["status"] != "Approved") or (given(number) and not re.fullmatch("[A-Za-z0-9]{1,7}", number)) or h["amount"] == 0:
        doc.refuse("E-64")


def check_list_pcco(doc):
    longer(doc, "title", {"C": 60}, "E-68")
    approved(doc, "E-66")
    h = doc.h
    h["_list"] = True
    h["project"], h["prime"] = doc.extra["project"], doc.extra["prime"]
    doc.lines = [{"at": doc.line, "position": 1, "description": h["title"], "sub_job": None, "cost_code": None, "cost_type": None, "uom": None,
                  "amount": h["amount"], "extended": h["amount"]}]


def check_pcco(doc):
    longer(doc, "title", {"C": 60}, "E-68")
    approved(doc, "E-66")


def check_payment(doc):
    if given(doc.h["status"]) and doc.h["status"] != "Funding Complete":
        doc.bad, doc.said = True, []
        doc.note("F-52")


INVOICE_STATES = {"Approved": "approved", "Approved as Noted": "approved_as_noted", "Pending Owner Approval": "pending_owner_approval"}
PROJECT = Col("Project Number", "project", "text", "y", "project/number")
COMMITMENT_HEAD = [
    PROJECT, Col("Number", "number", "text", "y", "number"),
    Col("Commitment Type", "type", {"Subcontract": "subcontract", "Purchase Order": "purchase_order"}, "y", "type",
        {"WorkOrderContract": "subcontract", "PurchaseOrderContract": "purchase_order"}),
    Col("Title", "title", "text", "y", "title"), Col("Description", "description", "long", None, "description"),
    Col("Status", "status", "text", "y", "status"), Col("Executed", "executed", "flag", None, "executed"),
    Col("Accounting Method", "method", {"Amount": "amount", "Unit": "unit"}, "y", "accounting_method", {"amount": "amount", "unit": "unit"}),
    Col("Contract Company ID", "vendor", "text", "y", "vendor/id"), Col("Contract Company", "vendor_name", "text", None, "vendor/company"),
    Col("Retainage %", "retainage", "pct", None, "retainage_percent"), Col("Contract Date", "contract_date", "date", None, "contract_date"),
    Col("Start Date", "start_date", "date", None, "contract_start_date"),
    Col("Estimated Completion Date", "end_date", "date", None, "contract_estimated_completion_date"),
    Col("Issued Date", "issued", "date", None, "issued_on_date"),
    Col("Signed Contract Received Date", "signed", "date", None, "signed_contract_received_date"),
    Col("Delivery Date", "delivery", "date", None, "delivery_date"), Col("Payment Terms", "terms", "text", None, "payment_terms"),
    Col("Grand Total", "grand_total", "amount", None, "grand_total"), Col(None, "pm_id_xml", "text", None, "id")]
CODES = [Col("Sub Job", "sub_job", "text", None, "sub_job/code"), Col("Cost Code", "cost_code", "text", "E-38", "cost_code/full_code"),
         Col("Cost Type", "cost_type", "text", "E-38", "line_item_type/code")]
FREE_CODES = [CODES[0], Col("Cost Code", "cost_code", "text", None, "cost_code/full_code"),
              Col("Cost Type", "cost_type", "text", None, "line_item_type/code")]
UNITS = [Col("Quantity", "quantity", "qty", None, "quantity"), Col("UOM", "uom", "text", None, "uom"),
         Col("Unit Cost", "unit_cost", "cost", None, "unit_cost")]
POSITION = Col("Line", "position", "int", "y", "position")
ABOUT = Col("Line Description", "description", "long", None, "description")
AMOUNT = Col("Amount", "amount", "amount", "y", "amount")
TAX = Col("Tax Amount", "tax_amount", "amount", None, "tax_amount")

PRIME_COLUMNS = ("Number,Owner/Client,Title,ERP Status,Status,Executed,Original Contract Amount,Approved Change Orders,Revised Contract Amount,"
                 "Pending Change Orders,Draft Change Orders,Invoiced,Payments Received,% Paid,Remaining Balance Outstanding,Private,Attachments,"
                 "Vendor,Primary Contact,Vendor Zip Code,Vendor Street,Vendor State,Company Name,Vendor Fax,Vendor Phone,Project Number,"
                 "Project Name,Vendor City,Email Address,Description,Signed Contract Received Date").split(",")
PCCO_COLUMNS = "Number,Revision,Title,Status,Executed,Amount,Date Initiated,Due Date,Review Date,Designated Reviewer,PCO".split(",")

not_cmic = lambda s: s.letter != "C"
mri = lambda s: s.letter == "M"

LAYOUTS = [
    Layout("vendor", ["Company ID", "Abbreviated Name"], ["Company ID"],
           [Col("Company ID", "pm_id", "text", "y"), Col("Name", "name", "text", "y"), Col("Abbreviated Name", "short"),
            Col("Vendor Type", "vendor_type"), Col("Address", "address1"), Col("Address 2", "address2"), Col("City", "city"),
            Col("State", "state"), Col("Zip", "zip"), Col("Country", "country"), Col("Business Phone", "phone"), Col("Fax", "fax"),
            Col("Email Address", "email"), Col("Website", "website"), Col("Tax ID", "tax_id"), Col("Active", "active", "flag", "y"),
            Col("Customer", "customer", "flag", None, default=False), Col("ERP Vendor ID", "origin")], check=check_company),
    Layout("project", ["Project Number", "ERP Job ID"], ["Project Number"],
           [Col("Project Number", "number", "text", "y"), Col("Name", "name", "text", "y"), Col("Address", "address1"), Col("City", "city"),
            Col("State", "state"), Col("Zip", "zip"), Col("Country", "country"), Col("Start Date", "start", "date"),
            Col("Completion Date", "end", "date"), Col("Active", "active", "flag", "y"), Col("Company Code", "company"),
            Col("ERP Job ID", "origin")], check=check_project),
    Layout("subjob", ["Sub Job Code", "Sub Job Name"], ["Project Number", "Sub Job Code"],
           [Col("Project Number", "project", "text", "y"), Col("Sub Job Code", "code", "text", "y"), Col("Sub Job Name", "name", "text", "y")],
           check=check_subjob),
    Layout("", ["Project Number", "Cost Code", "Selected"], [],
           [Col("Project Number", "project", "text", "y"), Col("Sub Job", "sub_job"), Col("Cost Code", "cost_code", "text", "y"),
            Col("Cost Type", "cost_type"), Col("Selected", "selected", "flag", "y")], check=check_selection, tag="selection"),
    Layout("budget", ["Budget Code", "Original Budget Amount"], ["project"], [],
           [Col("Budget Code Description", "description", "long"), Col("Original Budget Amount", "amount", "amount", "y")],
           need=["Sub Job", "Cost Type", "Budget Code"], free=True, from_name=budget_name, row=budget_row, check=no_subjobs,
           position=["sub_job", "cost_code", "cost_type"]),
    Layout("budget-change", ["Budget Change Number"], ["Project Number", "Budget Change Number"],
           [Col("Project Number", "project", "text", "y"), Col("Budget Change Number", "number", "text", "y"), Col("Title", "title", "text", "y"),
            Col("Description", "description", "long"), Col("Status", "status", "text", "y"), Col("Approved On", "approved", "date")],
           [Col("Adjustment", "adjustment", "text", "y"), Col("Type", "type", {"Change Event": "event", "Budget Change": "change"}, "y"),
            Col("Line", "position", "int", "y"), Col("Sub Job", "sub_job"), Col("Cost Code", "cost_code", "text", "y"),
            Col("Cost Type", "cost_type", "text", "E-12"), Col("Line Description", "description", "long"), Col("Amount", "amount", "amount", "y")],
           check=check_change, position=["position"]),
    Layout("commitment", ["Commitment Type", "Contract Company ID"], ["Project Number", "Number"], COMMITMENT_HEAD,
           [POSITION] + CODES + [ABOUT] + UNITS + [AMOUNT, TAX], check=check_commitment, root="commitments", element="commitment",
           line_path="commitment_items/commitment_item", position=["position"], empty_lines="E-38"),
    Layout("cco", ["Contract", "Change Order #"], ["Project Number", "Contract", "Change Order #"],
           [PROJECT, Col("Contract", "commitment", "text", "y", "commitment/number"), Col("Change Order #", "number", "text", "y", "number"),
            Col("Title", "title", "text", "y", "title"), Col("Description", "description", "long", None, "description"),
            Col("Status", "status", "text", "y", "status"), Col("Date Initiated", "initiated", "date", None, "date_initiated"),
            Col("Due Date", "due", "date", None, "due_date"), Col("Schedule Impact", "impact", "int", None, "schedule_impact"),
            Col("Grand Total", "grand_total", "amount", None, "grand_total")],
           [POSITION, Col("Contract Line", "contract_line", "int", None, "commitment_line_item_position")] + FREE_CODES + [ABOUT] + UNITS +
           [AMOUNT, TAX], check=check_cco, need=["Cost Code", "Cost Type"], root="commitment_change_orders", element="change_order",
           line_path="change_order_items/change_order_item", position=["position"], empty_lines="E-38"),
    Layout("invoice", ["Contract", "Invoice #", "Work Retainage"], ["Project Number", "Contract", "Invoice #"],
           [Col("Project Number", "project", "text", "y", "project_number"), Col("Contract", "commitment", "text", "y", "contract_number"),
            Col("Invoice #", "invoice_number", "text", "E-49", "invoice_number"), Col("Number", "number", "int", "y", "number"),
            Col("Final", "final", "flag", None, "final"), Col("Billing Date", "billing_date", "date", "E-49", "billing_date"),
            Col("Period Start", "period_start", "date", None, "period_start"), Col("Period End", "period_end", "date", None, "period_end"),
            Col("Status", "status", "text", "y", "status"),
            Col("Description", "description", "long", None, "description"), Col("Attachment URLs", "urls", "long", None),
            Col("Current Payment Due", "due", "amount", None, "current_payment_due")],
           [POSITION, Col("Item Type", "kind", {"Contract": "contract", "Change Order": "cco"}, "y", "requisition_item_type",
                          {"Billings::ContractItem": "contract", "Billings::ChangeOrderItem": "cco"}),
            Col("Change Order", "change_order", "text", None, "change_order_number"), Col("Contract Line", "contract_line", "int", "y", "item_position"),
            Col("Description Of Work", "description", "long", None, "description"), Col("This Period", "amount", "amount", "y", "amount"),
            Col("Materials Stored", "stored", "amount", None, "materials_presently_stored"),
            Col("Work Retainage", "retainage", "amount", None, "retainage_work_completed_this_period"),
            Col("Retainage Released", "released", "amount", None, "released_work_completed_this_period"),
            Col("Materials Retainage", "stored_retainage", "amount", None, "retainage_materials_presently_stored"), TAX],
           check=check_invoice, root="requisitions", element="requisition", line_path="line_items/line_item", position=["position"],
           empty_lines="F-20"),
    Layout("prime", ["Owner/Client", "Original Contract Amount"], ["Project Number", "Number"],
           [Col("Project Number", "project", "text", "y"), Col("Number", "number", "text", "y"), Col("Title", "title"), Col("Status", "status"),
            Col("Executed", "executed", "flag"), Col("Original Contract Amount", "amount", "amount", "y"), Col("Description", "description", "long"),
            Col("Signed Contract Received Date", "signed", "date")], check=check_prime, known=PRIME_COLUMNS,
           refuse_all=lambda s: s.letter != "A"),
    Layout("pcco", ["Revision", "Designated Reviewer", "PCO"], ["project", "prime", "Number"],
           [Col("Number", "number", "text", "y"), Col("Title", "title", "text", "y"), Col("Status", "status", "text", "y"),
            Col("Amount", "amount", "amount", "y")], check=check_list_pcco, known=PCCO_COLUMNS, from_name=pcco_name, refuse_all=mri),
    Layout("pcco", None, ["project", "prime", "number"],
           [PROJECT, Col(None, "prime", "text", "y", "prime_contract/number"), Col(None, "number", "text", "y", "number"),
            Col(None, "title", "text", "y", "title"), Col(None, "description", "long", None, "description"), Col(None, "status", "text", "y", "status"),
            Col(None, "impact", "int", None, "schedule_impact")],
           [POSITION, ABOUT] + CODES + [Col(None, "uom", "text", None, "uom"), AMOUNT, Col(None, "extended", "amount", "y", "extended_amount")],
           check=check_pcco, root="prime_contract_change_orders", element="prime_contract_change_order", position=["position"],
           line_path="prime_contract_change_order_items/prime_contract_change_order_item", empty_lines="E-38", refuse_all=mri),
    Layout("", None, [], [], root="payment_applications", element="payment_application", refuse_all=lambda s: True),
    Layout("forecast", ["Estimated Cost at Completion", "Forecast To Complete", "As Of"], ["Project Number", "As Of"],
           [Col("Project Number", "project", "text", "y"), Col("As Of", "as_of", "date", "y")],
           [Col("Sub Job", "sub_job"), Col("Cost Code", "cost_code", "text", "y"), Col("Cost Type", "cost_type", "text", "E-12"),
            Col("Estimated Cost at Completion", "amount", "amount", "y"), Col("Forecast To Complete", "to_complete", "amount")],
           check=no_subjobs, parts=forecast_key, position=["sub_job", "cost_code", "cost_type"], refuse_all=not_cmic),
    Layout("payment", ["Payment ID", "Date Funded"], ["Payment ID"],
           [Col("Payment ID", "pm_id", "text", "y"), Col("Project Number", "project", "text", "y"), Col("Contract", "commitment", "text", "y"),
            Col("Invoice #", "invoice_number", "text", "y"), Col("Status", "status", "text", "y"), Col("Amount", "amount", "amount", "y"),
            Col("Retainage Released", "released", "amount"), Col("Method", "method", {"Check": "Check", "ACH": "ACH"}),
            Col("Check Number", "check", "check", "y"), Col("Bank ID", "bank"), Col("Date Created", "created", "date"),
            Col("Date Initiated", "initiated", "date", "y"), Col("Date Funded", "funded", "date", "y"), Col("Notes", "notes")],
           check=check_payment, refuse_all=lambda s: s.letter != "C" or s.setting("cmic.payment_export") != "yes"),
]
