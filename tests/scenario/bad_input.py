#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every kind of bad file and bad decision: one clear message with code, place and cure, the original kept, everything beside it taken."""
import os, sys, time, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()


# ---- files ----

def cut_zip():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("c.csv", commitments("BAD-1"))
    return whole.getvalue()[:-60]


BAD = commitments("BAD-1")
ITEM = "commitment/24-118/BAD-1"
# name, bytes, code, line, place as it stands in the message or the column or the field, item, words of the cure
FILES = [
    ("truncated.zip", cut_zip(), "F-03", 1, "", "", "Send it again"),
    ("unterminated_quote.csv", BAD.replace("Concrete,,App", '"Concrete,,App', 1), "F-03", 1, "Line 2, column 26", "", "close it"),
    ("wrong_encoding.csv", BAD.replace("Concrete", "B\u00e9ton").encode("cp1252"), "F-02", 1, "Line 2, column 27", "", "save the file as UTF-8"),
    ("missing_column.csv", BAD.replace(",Amount,Tax", ",Amount due,Tax"), "F-05", 1, "Amount", "", "xport"),
    ("unknown_layout.csv", "A,B,C\n1,2,3\n", "F-01", 1, "", "", "Check"),
    ("cut_header.csv", "Project Number,Number\n24-118,\"SC", "F-01", 1, 'nearest is "Commitments (CSV)"', "", "Check that the right file"),
    ("renamed_signature.csv", BAD.replace("Commitment Type,", "Kind,"), "F-01", 1, '"Commitment Type"', "", "Check that the right file"),
    ("column_twice.csv", BAD.replace(",Payment Terms,", ",Amount,", 1), "F-07", 1, "Amount", "", ""),
    ("doctype.xml", '<?xml version="1.0"?>\n<!DOCTYPE commitments [<!ENTITY a "b">]>\n<commitments/>\n', "F-03", 1, "Line 2", "", "DOCTYPE"),
    ("cut.xml", "<commitments>\n <commitment><number>1</number>\n", "F-03", 1, "Line ", "", ""),
    ("cells.csv", BAD.replace("Line 2,,,,23.45,", "Line 2,,,,23.45"), "F-04", 3, "Line 3", ITEM, "export the file again"),
    ("empty_value.csv", BAD.replace("Line 2,,,,23.45,", "Line 2,,,,,"), "F-20", 3, "Amount", ITEM, ""),
    ("bad_date.csv", BAD.replace("02/05/2026", "02/30/2026"), "F-21", 2, "Contract Date", ITEM, "Correct it"),
    ("lost_digits.csv", BAD.replace("23.45", "23.455"), "F-22", 3, "Amount", ITEM, "Correct it"),
    ("header_differs.csv", BAD.replace("Concrete,,App", "Other,,App", 1), "F-24", 2, "", ITEM, ""),
    ("control_total.csv", BAD.replace(",,1,,03", ",999.00,1,,03").replace(",,2,,03", ",999.00,2,,03"), "F-25", 2, "999.00", ITEM, "export it again"),
    ("control_character.csv", BAD.replace("Line 2,", "Line\x072,"), "F-26", 3, "Line Description", ITEM, ""),
    ("not_approved.csv", BAD.replace(",Approved,", ",Draft,"), "E-37", 2, "Draft", ITEM, "export it again"),
]


def short(f):
    return "\n".join("%s=%s" % (k, f.get(k)) for k in ("code", "severity", "file", "line", "column", "field", "item", "message"))


def bad_file(name, data, code, line, place, item, cure):
    data = data if isinstance(data, bytes) else data.encode("utf-8")
    site = Site("file-" + name)
    small_reference(site)
    site.drop("procore", name, data)
    site.drop("procore", "zz_good.csv", commitments("GOOD-1"))
    # check says the same before anything is taken in
    path = os.path.join(TEMP, name)
    write(path, data)
    tap.same(site.ask("check", path, "--source", "procore").returncode, 2, "%s: check ends 2" % name)
    said = [f for f in site.json("check", path, "--source", "procore", ok=(2,)) if f.get("severity") == "R"]
    tap.same([(f["code"], f["line"], f["item"]) for f in said], [(code, line, item)], "%s: check --json names code, line and item once" % name)
    tap.same(sorted(site.queue("--type", "commitment")), [], "%s: check takes nothing in" % name)

    tap.same(site.run(), 3, "%s: run ends 3" % name)
    found = site.findings()
    tap.same([(f["code"], f["severity"], f["file"], f["line"], f["item"]) for f in found], [(code, "R", name, line, item)], "%s: one finding with code and place" % name)
    f = found[0] if found else {"message": "", "field": "", "column": 0, "drop": ""}
    tap.ok((place in f["message"] or place == f["field"]) and cure in f["message"] and len(f["message"]) > 40,
           "%s: the message names the place and the cure" % name, short(f))
    kept = site.rejects()
    tap.same(sorted(kept), [f["drop"]], "%s: one folder in rejects" % name)
    folder = kept.get(f["drop"], {})
    tap.ok(folder.get(name) == data, "%s: rejects keeps the original bytes" % name, sorted(folder))
    why = folder.get("WHY.txt", b"").decode("utf-8", "replace")
    tap.ok(code in why and f["message"] in why and sha256(data) in why and ("Nothing in it was taken in" in why) == (item == ""), "%s: WHY.txt says why" % name, why)
    tap.same({i: q["state"] for i, q in site.queue("--type", "commitment").items()}, {"commitment/24-118/GOOD-1": "waiting"}, "%s: the file beside it went through" % name)
    tap.same(site.run(), 0, "%s: the next run is idle and ends 0" % name)


def one_bad_document_of_two():
    site = Site("two-documents")
    small_reference(site)
    data = commitments("GOOD-2", "BAD-1", "GOOD-3").replace("BAD-1,Subcontract,Concrete,,Approved,Yes,Amount,1001,,5,02/05/2026", "BAD-1,Subcontract,Concrete,,Approved,Yes,Amount,1001,,5,never")
    site.drop("procore", "three.csv", data)
    tap.same(site.run(), 3, "one bad document of three: run ends 3")
    tap.same([(f["code"], f["line"], f["item"]) for f in site.findings()], [("F-21", 4, ITEM)], "one bad document of three: said once, at its first row, not for each row")
    tap.same({i: q["state"] for i, q in site.queue("--type", "commitment").items()}, {"commitment/24-118/GOOD-2": "waiting", "commitment/24-118/GOOD-3": "waiting"},
             "one bad document of three: the others went through")
    tap.ok(any("three.csv" in d and d["three.csv"] == data.encode() for d in site.rejects().values()), "one bad document of three: rejects keeps the whole original")
    why = b"".join(d.get("WHY.txt", b"") for d in site.rejects().values()).decode()
    tap.ok("not named here was taken in" in why, "one bad document of three: WHY.txt says that the rest was taken", why)


def unknown_vendor():
    site = Site("unknown-vendor")
    small_reference(site)
    site.drop("procore", "held.csv", commitments("BAD-1", vendor="9999"))
    site.drop("procore", "good.csv", commitments("GOOD-1"))
    tap.same(site.run(), 0, "unknown vendor: held is no failure, run ends 0")
    found = site.findings()
    tap.same([(f["code"], f["severity"], f["file"], f["line"], f["item"]) for f in found], [("E-01", "H", "held.csv", 2, ITEM)], "unknown vendor: E-01 once")
    tap.ok("9999" in found[0]["message"] and "erpgate link vendor 9999" in found[0]["message"], "unknown vendor: the message has the exact key and the command", found[0]["message"])
    tap.same({i: q["state"] for i, q in site.queue("--type", "commitment").items()}, {ITEM: "held", "commitment/24-118/GOOD-1": "waiting"}, "unknown vendor: held, the other waits")
    tap.same(site.rejects(), {}, "unknown vendor: nothing in rejects")
    tap.same(site.ask("run", "--fail-on-waiting").returncode, 4, "run --fail-on-waiting ends 4 while items wait")
    site.drop("procore", "companies2.csv", "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,"
              "Website,Tax ID,Active,Customer,ERP Vendor ID\n9999,Late Company,Late,,,,,,,,,,,,,Yes,No,\n")
    tap.same(site.run(), 0, "unknown vendor: the company arrives")
    site.call("link", "vendor", "9999", "--erp-id", "IONI002", "--as", "pat", ok=None)
    site.run()
    tap.same(site.queue()[ITEM]["state"], "held", "unknown vendor: an ERP vendor that is linked already does not help")


# ---- decisions ----

def decision_site(name, *settings):
    site = Site(name, settings=("settle.quiet = 0s", "run.settle_timeout = 1s") + settings)
    small_reference(site)
    site.drop("procore", "c.csv", commitments("SC-1", "SC-2"))
    assert site.run() == 0
    return site


SC1, SC2 = "commitment/24-118/SC-1", "commitment/24-118/SC-2"


def states(site):
    return {i.split("/")[-1]: q["state"] for i, q in site.queue("--type", "commitment").items()}


def refused(site, what, code, line, item, words, status=3):
    """One refusal among the findings of the last run, said clearly."""
    found = [f for f in site.findings() if f["source"] == "approvals"]
    tap.same([(f["code"], f["severity"], f["line"], f["item"]) for f in found], [(code, "R", line, item)], what + ": one finding, %s with its place" % code)
    tap.ok(bool(found) and all(w in found[0]["message"] for w in words), what + ": the message says what to do", found and found[0]["message"])


def changed_after_the_sheet():
    site = decision_site("changed")
    sheet = site.sheet([(SC1, "Accept"), (SC2, "Accept")])
    site.drop("procore", "c2.csv", commitments("SC-1", amounts=("100.00", "99.99")))
    tap.same(site.run(), 0, "changed item: the new revision is taken")
    site.return_sheet("returned.csv", sheet)
    tap.same(site.run(), 3, "changed item: run ends 3")
    refused(site, "changed item", "E-75", 2, SC1, ["sheet"])
    tap.same(states(site), {"SC-1": "waiting", "SC-2": "exported"}, "changed item: it waits, the other row was applied")
    tap.ok(b"SC-1," not in b"".join(site.out().values()), "changed item: nothing of it left")


def unsigned_then_signed():
    site = decision_site("unsigned")
    sheet = site.sheet([(SC1, "Accept")])
    site.return_sheet("late.csv", sheet, signature=False)
    tap.same(site.run(), 0, "unsigned sheet: parked is no failure, run ends 0")
    found = [f for f in site.findings() if f["source"] == "approvals"]
    tap.same([(f["code"], f["severity"], f["file"], f["line"]) for f in found], [("F-61", "W", "late.csv", 1)], "unsigned sheet: F-61 once")
    tap.ok(bool(found) and ".sig" in found[0]["message"], "unsigned sheet: the message names the .sig", found and found[0]["message"])
    tap.same(states(site), {"SC-1": "waiting", "SC-2": "waiting"}, "unsigned sheet: decides nothing")
    tap.same(site.run(), 0, "unsigned sheet: still parked in the next run")
    tap.same(site.findings(), [], "unsigned sheet: said once, not on every run")
    path = os.path.join(TEMP, "late.csv")
    site.drop("approvals", "late.csv.sig", read(sign(path, site.key)))
    tap.same(site.run(), 0, "its signature arrives: run ends 0")
    tap.same(states(site), {"SC-1": "exported", "SC-2": "waiting"}, "its signature arrives: applied")
    tap.same(os.listdir(os.path.join(site.path, "spool/drop/approvals")), [], "its signature arrives: nothing is left lying")
    before = site.queue()
    site.return_sheet("again.csv", sheet)
    tap.same(site.run(), 0, "the same sheet again: run ends 0")
    tap.same([f["code"] for f in site.findings()], ["F-12"], "the same sheet again: F-12")
    tap.same(site.queue(), before, "the same sheet again: no effect")


def forged():
    site = decision_site("forged")
    sheet = site.sheet([(SC1, "Reject"), (SC2, "Accept")])
    path = os.path.join(TEMP, "forged.csv")
    write(path, sheet)
    signature = read(sign(path, site.key))
    changed = sheet.replace(b"Reject,", b"Accept,", 1)
    one_byte = bytearray(sheet)
    one_byte[-3] ^= 1
    for name, data in (("verdict.csv", changed), ("byte.csv", bytes(one_byte))):
        site.drop("approvals", name + ".sig", signature)
        site.drop("approvals", name, data)
        tap.same(site.run(), 3, "changed after signing (%s): run ends 3" % name)
        refused(site, "changed after signing (%s)" % name, "F-62", 1, "", ["changed after signing", "Sign"])
    site.drop("approvals", "cut.csv.sig", signature[:-1] + bytes([signature[-1] ^ 1]))  # the last byte is often zero as it is
    site.drop("approvals", "cut.csv", sheet)
    tap.same(site.run(), 3, "another signature: run ends 3")
    refused(site, "another signature", "F-62", 1, "", ["Sign"])
    stranger = os.path.join(TEMP, "stranger.pem")
    make_key(stranger)
    site.return_sheet("stranger.csv", site.sheet([(SC1, "Accept")]), key=stranger)
    tap.same(site.run(), 3, "a key that nobody registered: run ends 3")
    refused(site, "a key that nobody registered", "F-62", 1, "", ["registered"])
    tap.same(states(site), {"SC-1": "waiting", "SC-2": "waiting"}, "forged sheets decide nothing")
    site.drop("approvals", "genuine.csv.sig", signature)
    site.drop("approvals", "genuine.csv", sheet)
    tap.same(site.run(), 0, "the genuine sheet with its genuine signature is still good")
    tap.same(states(site), {"SC-1": "rejected", "SC-2": "exported"}, "the genuine sheet is applied")


def wrong_sheet():
    site, other = decision_site("here"), decision_site("elsewhere")
    site.return_sheet("other-site.csv", site.sheet([(SC1, "Accept")], cell=other.sheet_cell()))
    tap.same(site.run(), 3, "sheet of another site: run ends 3")
    refused(site, "sheet of another site", "F-63", 1, "", ["elsewhere", "here"])
    cell = site.sheet_cell()
    site.return_sheet("edited.csv", site.sheet([(SC1, "Accept")], cell="tomorrow"))
    site.run()
    refused(site, "sheet with an edited Sheet column", "F-63", 1, "", ["erpgate sheet -o"])
    rows = site.sheet([{"Item": SC1, "Decision": "Accept", "Sheet": cell}, {"Item": SC2, "Decision": "Accept", "Sheet": site.sheet_cell()}])
    site.return_sheet("mixed.csv", rows)
    site.run()
    refused(site, "rows of two sheets", "F-63", 1, "", ["by itself"])
    tap.same(states(site), {"SC-1": "waiting", "SC-2": "waiting"}, "wrong sheets decide nothing")


def expired():
    site = decision_site("expired", "approvals.expire = 1s")
    sheet = site.sheet([(SC1, "Accept")])
    site.return_sheet("unsigned.csv", site.sheet([(SC2, "Accept")]), signature=False)
    site.run()
    until = sheet.decode().splitlines()[1].rsplit(" ", 1)[1].strip('"')
    wait_for(lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 2)) > until, 20)
    site.return_sheet("expired.csv", sheet)
    tap.same(site.run(), 3, "expired sheets: run ends 3")
    found = [(f["file"], f["code"]) for f in site.findings("--severity", "R") if f["source"] == "approvals"]
    tap.same(sorted(found), [("expired.csv", "F-63"), ("unsigned.csv", "F-63")], "expired sheets: F-63, for the returned one and for the parked one that was never signed")
    tap.same(states(site), {"SC-1": "waiting", "SC-2": "waiting"}, "expired sheets decide nothing")
    site.run()
    tap.same(site.findings(), [], "expired sheets are said once")


def rights():
    site = decision_site("rights")
    lee = os.path.join(TEMP, "lee.pem")
    site.call("users", "add", "lee", "--role", "standard", "--approve", "commitment", "--limit", "100", "--pubkey", make_key(lee))
    site.drop("procore", "small.csv", commitments("SC-3", amounts=("10.00",)))
    site.run()
    site.return_sheet("lee.csv", site.sheet([(SC1, "Accept"), ("commitment/24-118/SC-3", "Accept")]), key=lee)
    tap.same(site.run(), 3, "over the limit: run ends 3")
    refused(site, "over the limit", "E-74", 2, SC1, ["lee"])
    tap.same(states(site), {"SC-1": "waiting", "SC-2": "waiting", "SC-3": "exported"}, "over the limit: the other row was applied")
    tap.same(site.ask("approve", SC2, "--as", "lee", "--key", lee).returncode, 77, "approve without the right ends 77")
    path = os.path.join(TEMP, "lee2.csv")
    write(path, site.sheet([(SC2, "Accept")]))
    sign(path, lee)
    tap.same(site.ask("decide", path).returncode, 77, "decide without the right ends 77")
    tap.same(site.ask("approve", SC2, "--as", "pat").returncode, 77, "approve without a key where signatures are required ends 77")
    tap.same(site.ask("approve", "commitment/24-118/NONE", "--as", "pat", "--key", site.key).returncode, 66, "approve of an unknown item ends 66")
    tap.same(site.ask("decide", os.path.join(TEMP, "no-such-file.csv")).returncode, 66, "decide of a missing file ends 66")
    tap.same(states(site)["SC-2"], "waiting", "none of these decided anything")
    write(path, site.sheet([(SC2, "Reject"), ("commitment/24-118/NONE", "Accept")]))
    sign(path, site.key)
    tap.same(site.ask("decide", path).returncode, 3, "decide with a refused row ends 3")
    tap.same(states(site)["SC-2"], "rejected", "decide: the good row was applied")
    tap.same(site.ask("approve", SC1, "--as", "pat", "--key", site.key).returncode, 0, "approve ends 0")
    tap.same(site.ask("approve", SC1, "--as", "pat", "--key", site.key).returncode, 3, "approve of what was approved ends 3")
    tap.same(site.ask("reject", SC1, "--as", "pat", "--key", site.key, "--reason", "late").returncode, 3, "reject after approve ends 3")
    tap.same(site.ask("reject", SC1, "--as", "pat", "--key", site.key, "--reason", "late").returncode, 3, "and again")
    tap.same(site.run(), 0, "run after that ends 0")
    tap.same(states(site)["SC-1"], "exported", "what was approved by hand left")


def statuses():
    site = decision_site("statuses")
    tap.same(site.ask("check", os.path.join(TEMP, "nothing.csv"), "--source", "procore").returncode, 66, "check of a missing file ends 66")
    good = os.path.join(TEMP, "good.csv")
    write(good, commitments("SC-9"))
    tap.same(site.ask("check", good, "--source", "procore").returncode, 0, "check of a good file ends 0")
    warn = os.path.join(TEMP, "warn.csv")
    write(warn, commitments("SC-9").replace("Tax Amount\n", "Tax Amount,Colour\n").replace(",\n", ",,red\n"))
    told = site.ask("check", warn, "--source", "procore")
    tap.ok(told.returncode == 0 and "F-06" in told.stdout, "check with warnings only ends 0 and shows them", told.stdout)
    tap.same(site.ask("run", "--no-such-option").returncode, 64, "an unknown option ends 64")
    path = os.path.join(site.path, "spool/drop/procore/growing.csv")
    with open(path, "w", encoding="utf-8") as sender:
        sender.write(commitments("SC-9"))
        sender.flush()
        tap.same(site.run(), 3, "a file that its sender still has open is left, and run ends 3")
        tap.same([(f["code"], f["severity"], f["file"]) for f in site.findings()], [("F-60", "W", "growing.csv")], "a file that is still open: F-60")
        tap.ok(os.path.exists(path), "a file that is still open stays where it is")
    tap.same(site.run(), 0, "closed, it is taken by the next run")
    tap.same(states(site)["SC-9"], "waiting", "closed, it is read")


for case in FILES:
    bad_file(*case)
one_bad_document_of_two()
unknown_vendor()
changed_after_the_sheet()
unsigned_then_signed()
forged()
wrong_sheet()
expired()
rights()
statuses()
tap.end()
