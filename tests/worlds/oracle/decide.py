# SPDX-License-Identifier: MIT
"""Decisions in file order (layouts §2.2): refused with a code and without effect, or applied."""
import re
from .rules import H
from .site import AUTOMATIC, BY_DECISION, SENT
from .values import to_ascii

TAKEN = ("exported", "synced", "failed")


def accepted(it):
    return it.decision is not None or it.state in SENT


def others(site, it):
    return [o for o in site.of(it.kind) if o is not it]


def key_taken(site, it, key, erp_kind):
    return site.get(erp_kind, key) is not None or any(
        o.state != "rejected" and (o.doc.h["origin"] == key or ((accepted(o) or o.state == "failed") and o.erp_or_number == key)) for o in others(site, it))


def check_vendor(site, it, row):
    key = row["erp_id"].upper()
    if not key:
        return "E-02"
    if len(key) > {"C": 8, "A": 30}[site.letter]:
        return "E-07"
    return "E-03" if key_taken(site, it, key, "erp-vendor") else None


def check_project(site, it, row):
    key = row["erp_id"].upper() if site.letter == "C" else row["erp_id"]
    fits = len(key) <= 10 if site.letter == "C" else re.fullmatch(site.setting("acumatica.project_id_pattern"), key)
    return "E-13" if not key or not fits or key_taken(site, it, key, "erp-project") else None


def number_of(site, it, row):
    n = row["erp_id"] or it.parts[-1]
    return to_ascii(n).upper() if site.letter == "C" else n


def check_subjob(site, it, row):
    return "E-17" if len(row["erp_id"] or it.parts[1]) > 30 else None


def phases(lines, limit):
    return "F-43" if any(x["cost_code"] and len(to_ascii(x["cost_code"])) > limit for x in lines) else None


def check_pci(site, it, row):
    if site.letter != "C":
        return None
    if it.kind in ("budget-change", "pcco"):
        n = number_of(site, it, row) if it.kind == "pcco" else to_ascii(it.parts[-1])
        if len(n) > (20 if it.kind == "pcco" and site.setting("cmic.pcco_as") == "oco" else 10):
            return "E-68"
    return phases(it.doc.lines, 8)


def check_pcco(site, it, row):
    return "E-66" if not row["transaction_date"] else check_pci(site, it, row)


def check_commitment(site, it, row):
    n = number_of(site, it, row)
    if len(n) > {"C": 20, "A": 40}.get(site.letter, 9999):
        return "E-35"
    if any(o.parts[0] == it.parts[0] and accepted(o) and o.number == n for o in others(site, it)):
        return "E-35"
    return phases(it.doc.lines, 16) if site.letter == "C" else None


def check_cco(site, it, row):
    if site.letter == "C" and len(number_of(site, it, row)) > 6:
        return "E-43"
    return phases(it.doc.lines, 16) if site.letter == "C" else None


def vendor_of(site, it):
    """The ERP key of an invoice's vendor, as far as known."""
    c = site.get("commitment", it.parts[0], it.parts[1])
    v = site.get("vendor", c.doc.h["vendor"]) if c else None
    return v


def check_invoice(site, it, row):
    n = number_of(site, it, row)
    released = any(x["released"] for x in it.doc.lines)
    if len(n) + (site.letter == "C" and released) > {"C": 20, "A": 40}.get(site.letter, 9999):
        return "E-49"
    v = vendor_of(site, it)
    if v and any(accepted(o) and o.number == n and vendor_of(site, o) is v for o in others(site, it)):
        return "E-50"
    return None


def check_payment(site, it, row):
    check = it.doc.h["check"]
    if len(check) > 10:
        return "E-61"
    if any(accepted(o) and o.doc.h["check"] == check for o in others(site, it)):
        return "E-61"
    return "E-61" if any(o.parts[1] == check for o in site.of("erp-payment")) else None


CHECKS = {"vendor": check_vendor, "project": check_project, "subjob": check_subjob, "commitment": check_commitment, "cco": check_cco,
          "invoice": check_invoice, "payment": check_payment, "budget": check_pci, "budget-change": check_pci, "forecast": check_pci,
          "pcco": check_pcco}


def link(site, it, row):
    if it.kind not in ("vendor", "project"):
        return "F-35"
    if it.state not in ("waiting", "held", "unlinked") or it.decision:
        return "E-75"
    erp = site.get("erp-" + it.kind, row["erp_id"])
    if erp is None:
        return "F-33"
    if erp.state in ("archived", "synced"):
        return "E-08"
    it.state, it.erp_id, erp.state = "synced", row["erp_id"], "synced"
    it.number = row["erp_id"]
    return None


def archive(site, it, row):
    if it.kind not in BY_DECISION:
        return "F-35"
    if it.state not in ("importable", "held") or it.decision:
        return "E-75"
    it.state = "archived"
    return None


def decide(site, row, say):
    it = site.items.get(row["item"])
    verdict = row["verdict"]
    if it is None or (it.kind in AUTOMATIC and it.kind != "prime"):
        return "F-35"
    if verdict == "link":
        return link(site, it, row)
    if verdict == "archive":
        return archive(site, it, row)
    if verdict not in ("accept", "reject") or (site.letter == "M" and it.kind in ("vendor", "project")):
        return "F-35"
    if it.decision is not None or it.state in ("exported", "synced", "archived", "rejected"):
        return "E-75"
    if verdict == "reject":
        it.state = "rejected"
        return None
    code = CHECKS[it.kind](site, it, row) if it.kind in CHECKS else None
    if code:
        return code
    if it.kind == "budget" and site.letter != "M":
        say("E-25")
    it.decision = row
    if it.kind in ("vendor", "project"):
        it.number = row["erp_id"].upper() if it.kind == "vendor" or site.letter == "C" else row["erp_id"]
    elif it.kind in ("commitment", "cco", "invoice", "pcco"):
        it.number = number_of(site, it, row)
    if it.state == "failed":
        it.state = "waiting"
    return None
