#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A family of senders without a line of C: UBL invoices and credit notes. Our own small documents go all the way to the ERP's import file; public examples, where
they are present, are taken or refused for the reason that stands in them, with the amounts that an independent reading of the XML gives."""
import os, re, sys, xml.etree.ElementTree as ET
from decimal import Decimal
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
NS = ('xmlns="urn:oasis:names:specification:ubl:schema:xsd:%s-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
      'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"')


def document(number, amounts, order="24-118/SC-9", kind="Invoice", currency="USD", total=None, extra="", refs=True, accounting=""):
    lines = "".join('<cac:%sLine><cbc:ID>%d</cbc:ID><cbc:LineExtensionAmount currencyID="%s">%s</cbc:LineExtensionAmount>%s<cac:Item><cbc:Name>Work %d</cbc:Name></cac:Item></cac:%sLine>'
                    % (kind, i + 1, currency, a, "<cac:OrderLineReference><cbc:LineID>%d</cbc:LineID></cac:OrderLineReference>" % (i + 1) if refs else "", i + 1, kind)
                    for i, a in enumerate(amounts))
    total = total or str(sum(Decimal(a) for a in amounts))
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<%s %s><cbc:ID>%s</cbc:ID><cbc:IssueDate>2026-03-31</cbc:IssueDate><cbc:DocumentCurrencyCode>%s</cbc:DocumentCurrencyCode>%s%s'
            '<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Barlow Concrete</cbc:Name></cac:PartyName><cac:PartyTaxScheme><cbc:CompanyID>US-41</cbc:CompanyID></cac:PartyTaxScheme>'
            '</cac:Party></cac:AccountingSupplierParty>%s<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="%s">%s</cbc:TaxExclusiveAmount></cac:LegalMonetaryTotal>%s</%s>\n'
            % (kind, NS % kind, number, currency, "<cbc:AccountingCost>%s</cbc:AccountingCost>" % accounting if accounting else "",
               "<cac:OrderReference><cbc:ID>%s</cbc:ID></cac:OrderReference>" % order if order else "", extra, currency, total, lines, kind))


# ---- our own documents, to the end ----
s = Site("ubl", settings=("settle.quiet = 0s", "run.settle_timeout = 1s", "source.subs.family = ubl"))
small_reference(s)
tap.ok(os.path.isdir(os.path.join(s.path, "spool/drop/subs")), "a source that the settings name gets its drop folder")
s.drop("procore", "commitments.csv", commitments("SC-9"))
s.run()
s.call("approve", "commitment/24-118/SC-9", "--as", "pat", "--key", s.key)
s.run()
s.call("ack", next(re.search(r"B\d{6}", f).group(0) for f in s.out() if "CMIC_COMMITMENT" in f), "--posted", "yes")
s.drop("subs", "barlow-1.xml", document("INV-1", ["50.00", "3.45"]))
s.drop("subs", "barlow-2.xml", document("INV-2", ["10.00"], order="SC-9", extra="<cac:ProjectReference><cbc:ID>24-118</cbc:ID></cac:ProjectReference>"))
s.run()
q = s.queue()
tap.same([(q.get("invoice/24-118/SC-9/INV-%d" % n) or {}).get("amount") for n in (1, 2)], ["53.45", "10.00"], "invoices find project and commitment either way")
tap.same({q["invoice/24-118/SC-9/INV-%d" % n]["state"] for n in (1, 2)}, {"waiting"}, "and wait for a decision, neither for the other")
s.call("approve", "invoice/24-118/SC-9/INV-1", "--as", "pat", "--key", s.key)
s.run()
out = [data for f, data in s.out().items() if "CMIC_INVOICE" in f]
tap.ok(len(out) == 1 and b",50.00," in out[0] and b"53.45" in out[0] and b"INV-1" in out[0], "an accepted one leaves for CMiC", out)

refused = (
    ("no project", document("X-1", ["1.00"], order="SC-9"), "F-20", "for which project"),
    ("no order", document("X-2", ["1.00"], order="", extra="<cac:ProjectReference><cbc:ID>24-118</cbc:ID></cac:ProjectReference>"), "F-20", "names no order"),
    ("another currency", document("X-3", ["1.00"], currency="EUR"), "E-33", "in EUR"),
    ("a discount on the whole document", document("X-4", ["10.00", "5.00"], total="14.00"), "F-25", "belong to no line"),
    ("nothing to pay", document("X-5", ["1.00", "-1.00"]), "E-51", "adds up to zero"),
    ("money back", document("X-6", ["1.00"], kind="CreditNote"), "E-59", "gives -1.00 back"),
    ("no line reference", document("X-7", ["1.00"], refs=False), "F-20", "OrderLineReference/LineID"),
    ("no number", document("", ["1.00"]), "E-49", "ID"),
)
for what, data, code, text in refused:
    s.drop("subs", what.replace(" ", "-") + ".xml", data)
    s.run()
    found = [f for f in s.findings() if f["severity"] == "R"]
    kept = s.rejects()
    tap.ok(any(f["code"] == code and text in f["message"] for f in found) and any(data.encode() in d.values() for d in kept.values()),
           "refused: " + what, found)

s.drop("subs", "fuel.xml", document("F-9", ["75.00"], order="", accounting="24118/03-1100.S"))
s.run()
cost = s.queue().get("erp-cost/UBL-US-41-F-9") or {}
tap.same((cost.get("amount"), cost.get("state")), ("75.00", "held"), "an invoice without any order is a direct cost, held until its vendor is known")
os.makedirs(os.path.join(s.path, "tables"), exist_ok=True)
write(os.path.join(s.path, "tables/ubl_parties.csv"), "party,vendor\nUS-41,BARL001\n")
s.drop("subs", "fuel-2.xml", document("F-10", ["80.00"], order="", accounting="24118/03-1100.S"))
s.run()
tap.ok(any("PROCORE_DIRECTCOST" in f and b"80.00" in d and b"F-10" in d for f, d in s.out().items()), "with the vendor in the table ubl_parties it goes to the project side")

a = Site("ubl-acu", erp="acumatica", settings=("settle.quiet = 0s", "run.settle_timeout = 1s", "source.subs.family = ubl"))
a.run()
a.drop("subs", "credit.xml", document("C-1", ["7.00", "1.00"], kind="CreditNote"))
a.run()
tap.same((a.queue()["invoice/24-118/SC-9/C-1"]["amount"], [f["code"] for f in a.findings() if f["item"].endswith("C-1") and f["severity"] == "W"]), ("-8.00", ["E-59"]),
         "a credit note is a negative invoice where the ERP takes one")

p = subprocess.run([PROGRAM, "init", os.path.join(TEMP, "typo"), "--erp", "cmic"], capture_output=True)
with open(os.path.join(TEMP, "typo/erpgate.conf"), "a") as f:
    f.write("source.subs.family = ulb\n")
p = subprocess.run([PROGRAM, "-C", os.path.join(TEMP, "typo"), "status"], capture_output=True, text=True)
tap.ok(p.returncode == 78 and "no adapter reads that family" in p.stderr and re.search(r"line \d+, column 1", p.stderr), "a family that nothing reads is told with its line", p.stderr)

# ---- public examples ----
SAMPLES = os.path.join(ROOT, "../shared/samples")
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


def independent(path):
    """(root, number, currency, sum of the lines, total before tax, number of lines), read with another parser."""
    root = ET.parse(path).getroot()
    name = root.tag.split("}")[-1]
    get = lambda e, p: (e.findtext("/".join((CAC if i < len(p.split("/")) - 1 else CBC) + x for i, x in enumerate(p.split("/")))) or "").strip()
    lines = root.findall(CAC + name + "Line")
    return name, get(root, "ID"), get(root, "DocumentCurrencyCode"), [get(e, "LineExtensionAmount") for e in lines], get(root, "LegalMonetaryTotal/TaxExclusiveAmount")


files = sorted(os.path.join(d, n) for d, _, ns in os.walk(SAMPLES) for n in ns if n.lower().endswith(".xml")) if os.path.isdir(SAMPLES) else []
if not files:
    tap.skip("public UBL examples", "they are not here")
sites, taken, by_code = {}, 0, {}
for path in files:
    try:
        root, number, currency, amounts, total = independent(path)
    except ET.ParseError as e:
        tap.ok(False, os.path.basename(path) + " is XML", e)
        continue
    if root not in ("Invoice", "CreditNote"):
        continue
    currency = currency or "USD"
    if currency not in sites:
        sites[currency] = Site("pub-" + currency, erp="acumatica", settings=("settle.quiet = 0s", "run.settle_timeout = 1s", "currency = " + currency, "source.ubl.family = ubl", "ubl.project = P1", "ubl.lines = position"))
    p = sites[currency].ask("check", path, "--source", "ubl", "--json")
    said = [json.loads(line) for line in p.stdout.splitlines()]
    codes = {x["code"] for x in said if x.get("severity") == "R"}
    for c in codes:
        by_code[c] = by_code.get(c, 0) + 1
    sign = -1 if root == "CreditNote" else 1
    due = sign * sum(Decimal(x) for x in amounts)
    order = any(e.tag in (CAC + "OrderReference", CAC + "ContractDocumentReference") and (e.findtext(CBC + "ID") or "").strip() for e in ET.parse(path).getroot())
    # why it must be refused, from the document itself
    why = set()
    why |= {"F-25"} if total and due != sign * Decimal(total) else set()
    why |= {"E-51"} if due == 0 else set()
    why |= {"F-21"} if root == "CreditNote" and any(Decimal(x) < 0 for x in amounts + [total or "0"]) else set()
    why |= {"F-20"} if not order else set()
    why |= {"F-22"} if any("." in x and len(x.split(".")[1].rstrip("0")) > 2 for x in amounts) else set()
    good = (p.returncode in (0, 2)) and (codes <= why | {"F-21", "F-23", "F-20"}) and (bool(why) <= bool(codes))
    taken += not codes
    tap.ok(good, "%s: %s" % (os.path.basename(path), "taken" if not codes else "refused, " + " ".join(sorted(codes))), "expected of %s\n%s" % (sorted(why), p.stdout[-1500:] + p.stderr[-500:]))
    if not codes:
        sites[currency].drop("ubl", "%d.xml" % taken, read(path)) if os.path.isdir(os.path.join(sites[currency].path, "spool/drop/ubl")) else sites[currency].call("run", ok=None)
        sites[currency].drop("ubl", "%d.xml" % taken, read(path))
        sites[currency].run()
        amounts_of = {i["number"]: i["amount"] for i in sites[currency].queue().values()}
        tap.same(Decimal(amounts_of.get(number) or "NaN"), due, "%s: the amount is that of another reader" % os.path.basename(path))
if files:
    tap.ok(taken >= 10, "at least ten public documents are taken as they are (%d; refused for %s)" % (taken, by_code))
tap.end()
