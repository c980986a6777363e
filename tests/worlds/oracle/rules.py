# SPDX-License-Identifier: MIT
"""Reference rules in order (layouts §2.1): what an item misses, and what rejects it because of other records."""
from .site import AUTOMATIC, BY_DECISION

H, R = "H", "R"
CODE = {"budget": "E-20", "budget-change": "E-20", "forecast": "E-20", "commitment": "E-38", "cco": "E-38", "pcco": "E-38"}


def check_pair(site, code, kind, refused):
    """Rule 4 for one line: the first code that holds, or None."""
    if not site.code_known(code) and site.code_known("0" + code):
        return "E-19"
    if not site.code_known(code) or not site.types.get(kind) or (code, kind) not in site.pairs:
        return refused
    return None


def lines_rules(site, it, number, out):
    """Rules 3 and 4."""
    job, commitment = site.job(number), None
    for x in it.doc.lines:
        if it.doc.h.get("_list") or x.get("contract_line") is not None:
            continue
        if x.get("sub_job"):
            sub_job_rule(site, it, number, job, x, out)
        if not site.code_lists():
            out.append((it.doc.line, "F-34", H))
            continue
        code = check_pair(site, x["cost_code"], x["cost_type"], CODE[it.kind])
        if code:
            out.append((x["at"], code, R))


def sub_job_rule(site, it, number, job, x, out):
    if site.letter == "C" and "jobs" not in site.lists:
        out.append((it.doc.line, "F-34", H))
        return
    if site.subjob(number, x["sub_job"]) is not None:
        return
    known = (job and site.get("erp-subjob", job, x["sub_job"])) or site.get("subjob", number, x["sub_job"])
    if known or job is None or site.letter == "A":
        out.append((x["at"], "E-17", H))
    else:
        out.append((x["at"], "E-48" if it.kind in ("commitment", "cco") else "E-17", R))


def project_rule(site, it, number, out, code="E-22"):
    if site.job(number) is None:
        out.append((it.doc.line, code, H))


def link_rule(site, it, out, twice, list_name, erp_kind):
    """Companies and projects with an ERP key."""
    origin = it.doc.h["origin"]
    if not origin:
        return
    rank = lambda v: (v.since, v.parts)
    for other in site.of(it.kind):
        if other is it or other.state == "rejected":
            continue
        same = other.doc.h["origin"] == origin or (other.state in ("exported", "synced") and other.erp_or_number == origin)
        if same and rank(other) < rank(it):
            out.append((it.doc.line, twice, R))
    erp = site.get(erp_kind, origin)
    if erp and erp.state == "archived" and it.kind == "vendor":
        out.append((it.doc.line, "E-08", R))
    if list_name not in site.lists:
        out.append((it.doc.line, "F-34", H))
    elif erp is None:
        out.append((it.doc.line, "F-33", H))


def vendor(site, it, out):
    link_rule(site, it, out, "E-08", "vendors", "erp-vendor")


def project(site, it, out):
    link_rule(site, it, out, "E-13", "jobs", "erp-project")


def subjob(site, it, out):
    job = site.job(it.parts[0])
    if job is None:
        out.append((it.doc.line, "E-17", H))
    elif site.letter == "C" and not site.get("erp-subjob", job, it.parts[1]):
        out.append((it.doc.line, "E-17", H))


def budget(site, it, out):
    project_rule(site, it, it.parts[0], out)
    lines_rules(site, it, it.parts[0], out)


def budget_change(site, it, out):
    budget(site, it, out)
    if not site.done(site.get("budget", it.parts[0])):
        out.append((it.doc.line, "E-24", H))


def commitment(site, it, out):
    v = site.get("vendor", it.doc.h["vendor"])
    if v is None or v.state != "synced":
        out.append((it.doc.line, "E-01", H))
    budget(site, it, out)


def cco(site, it, out):
    h = it.doc.h
    budget(site, it, out)
    parent = site.get("commitment", it.parts[0], it.parts[1])
    held = not site.done(parent)
    if site.letter == "C":
        for other in site.of("cco"):
            if other.parts[:2] == it.parts[:2] and other.parts[2].encode() < it.parts[2].encode() and other.state != "rejected":
                held = held or not site.done(other)
    if held:
        out.append((it.doc.line, "E-42", H))
    if parent is None:
        return
    if site.letter == "M" and parent.doc.h["type"] == "purchase_order":
        out.append((it.doc.line, "E-44", R))
    at = {x["position"]: x for x in parent.doc.lines}
    for x in it.doc.lines:
        n = x["contract_line"]
        if n is None:
            continue
        if n not in at:
            out.append((x["at"], "E-38", R))
        elif any(x[f] and x[f] != at[n][f] for f in ("sub_job", "cost_code", "cost_type")):
            out.append((x["at"], "F-27", R))


def invoice(site, it, out):
    project_rule(site, it, it.parts[0], out)
    parent = site.get("commitment", it.parts[0], it.parts[1])
    if not site.done(parent):
        out.append((it.doc.line, "E-53", H))
    if parent and site.letter == "A" and parent.doc.h["type"] == "purchase_order":
        out.append((it.doc.line, "F-09", R))
    for x in it.doc.lines:
        if x["kind"] == "contract":
            if parent and all(p["position"] != x["contract_line"] for p in parent.doc.lines):
                out.append((x["at"], "E-38", R))
            continue
        change = site.get("cco", it.parts[0], it.parts[1], x["change_order"])
        if change is None or change.state != "synced":
            out.append((x["at"], "E-53", H))
        if change and all(p["position"] != x["contract_line"] for p in change.doc.lines):
            out.append((x["at"], "E-38", R))
    for other in site.of("invoice"):
        if other.parts[:2] == it.parts[:2] and other.doc.h["number"] < it.doc.h["number"] and other.state != "rejected":
            if other.state != "synced":
                out.append((it.doc.line, "E-52", H))
            elif site.letter == "C" and other.posted != "Y":
                out.append((it.doc.line, "E-57", H))


def payment(site, it, out):
    h = it.doc.h
    project_rule(site, it, h["project"], out)
    inv = site.get("invoice", h["project"], h["commitment"], h["invoice_number"])
    if inv is None or inv.state != "synced":
        out.append((it.doc.line, "E-62", H))


def prime(site, it, out):
    project_rule(site, it, it.parts[0], out)


def pcco(site, it, out):
    budget(site, it, out)
    job = site.job(it.parts[0])
    if site.letter == "A":
        p = site.get("prime", it.parts[0], it.parts[1])
    else:
        p = site.get("erp-prime", job, it.parts[1]) if job else None
    if p is None or p.state != "synced":
        out.append((it.doc.line, "E-66", H))


def erp_vendor(site, it, out):
    pass


def erp_project(site, it, out):
    if it.parts[0] in site.uncategorised:
        out.append((it.doc.line, "E-11", R))


def erp_subjob(site, it, out):
    if site.project_of(it.parts[0]) is None:
        out.append((it.doc.line, "E-17", H))


def erp_budget(site, it, out):
    number = site.project_of(it.parts[0])
    if number is None:
        out.append((it.doc.line, "E-22", H))
    b = site.get("budget", number) if number else None
    if b and b.ever_sent:
        out.append((it.doc.line, "E-25", R))


def erp_prime(site, it, out):
    if site.project_of(it.parts[0]) is None:
        out.append((it.doc.line, "E-65", H))


def job_cost(site, it, out):
    """A summary is the ERP's own view of a code: of rule 6, which speaks of transactions, nothing applies."""
    if site.project_of(it.doc.h["job"]) is None:
        out.append((it.doc.line, "E-30", H))


def on_project(site, it, out):
    h = it.doc.h
    number = site.project_of(h["job"])
    if number is None:
        out.append((it.doc.line, "E-30", H))
        return
    job, code, kind = h["job"], h["cost_code"], h["cost_type"]
    b = site.get("budget", number)
    eb = site.get("erp-budget", job)
    on = ((number, code, kind) in site.selection or (job, code, kind) in site.jobcodes
          or any((x["cost_code"], x["cost_type"]) == (code, kind) for i in (b, eb) if i and i.state != "rejected" for x in i.doc.lines))
    if not h["pair"] or not on or (h["sub_job"] and site.subjob_code(job, h["sub_job"]) is None):
        out.append((it.doc.line, "E-27", H))


def erp_cost(site, it, out):
    h = it.doc.h
    if h["type"] is None:
        out.append((it.doc.line, "E-29", H))
    if h["type"] in ("invoice", "subcontractor_invoice"):
        erp = site.get("erp-vendor", h["vendor"] or "")
        known = h["vendor"] and (site.company(h["vendor"]) or (erp and erp.state == "synced"))
        if not known or not h["invoice"]:
            out.append((it.doc.line, "E-28", H))
    if h["currency"] and h["currency"] != site.setting("currency"):
        out.append((it.doc.line, "E-33", H))
    on_project(site, it, out)


def invoice_of(site, vendor, number):
    """The invoice that was sent to this vendor under this number, synced; CMiC's R names the retainage document of the same."""
    names = {number} | ({number[:-1]} if site.letter == "C" and number.endswith("R") else set())
    for i in site.of("invoice"):
        if i.state == "synced" and i.vendor == vendor and i.number in names:
            return i
    return None


def erp_payment(site, it, out):
    if invoice_of(site, it.doc.h["vendor"], it.doc.h["invoice"]) is None:
        out.append((it.doc.line, "E-62", H))


RULES = {"vendor": vendor, "project": project, "subjob": subjob, "budget": budget, "budget-change": budget_change, "forecast": budget,
         "commitment": commitment, "cco": cco, "invoice": invoice, "payment": payment, "prime": prime, "pcco": pcco, "erp-vendor": erp_vendor,
         "erp-customer": erp_vendor, "erp-project": erp_project, "erp-subjob": erp_subjob, "erp-budget": erp_budget, "erp-prime": erp_prime,
         "erp-cost": erp_cost, "erp-jobcost": job_cost, "erp-payment": erp_payment, "erp-code": erp_vendor}
OPEN = {"new", "waiting", "held", "importable", "unlinked", "ready"}


def holds(site, it):
    out = []
    RULES[it.kind](site, it, out)
    return out


def settle_one(site, it):
    """The state that follows from everything known now; True when it changed."""
    before = it.state
    found = holds(site, it)
    refused = [(line, code) for line, code, sev in found if sev == R]
    if refused and it.kind != "erp-code":
        it.state = "rejected"
        for line, code in refused:
            site.find(it.doc.file, line, code, it.id)
    elif found:
        it.state = "held"
    elif it.kind in ("vendor", "project") and it.doc.h["origin"]:
        it.state, it.erp_id = "synced", it.doc.h["origin"]
    elif it.kind == "subjob" and site.get("erp-subjob", site.job(it.parts[0]), it.parts[1]):
        it.state, it.erp_id = "synced", it.parts[1]
    elif it.kind in ("erp-vendor", "erp-project") and linked(site, it):
        it.state = "synced"
    elif it.kind == "erp-subjob" and (s := site.get("subjob", site.project_of(it.parts[0]), it.parts[1])) and s.state == "synced":
        it.state = "synced"
    elif it.kind in ("vendor", "project") and site.letter == "M":
        it.state = "unlinked"
    elif it.kind in AUTOMATIC:
        it.state = "ready"
    else:
        it.state = "importable" if it.kind in BY_DECISION else "waiting"
    return it.state != before


def linked(site, it):
    kind = it.kind[4:]
    return any((o.doc.h["origin"] == it.parts[0] and o.state != "rejected") or (o.state in ("exported", "synced") and o.erp_or_number == it.parts[0])
               for o in site.of(kind))


ORDER = {k: i for i, k in enumerate(RULES)}


def settle(site):
    """To a fixed point: what one item becomes may release another."""
    changed = True
    while changed:
        changed = False
        for it in sorted(site.items.values(), key=lambda i: (ORDER[i.kind], i.since, i.parts)):
            if it.state in OPEN and not (it.kind == "erp-code" and it.state == "synced"):
                changed = settle_one(site, it) or changed


def wrong_selections(site, docs):
    """Rule 4 for project code selections: reference rows, so the findings name no item, also while the lists are awaited."""
    left = []
    for d in docs:
        if not site.code_lists():
            left.append(d)
            site.find(d.file, d.line, "F-34", "")
            continue
        code = check_pair(site, d.h["cost_code"], d.h["cost_type"], "E-20")
        if code:
            site.find(d.file, d.line, code, "")
            site.selection.discard((d.h["project"], d.h["cost_code"], d.h["cost_type"]))
    return left
