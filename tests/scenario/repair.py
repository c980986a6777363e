#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Refused rows come back corrected: what lies in spool/rejects/<drop>/, what a person does with it, and what erpgate then knows of both."""
import csv, datetime, gzip, os, re, sys, zipfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *
import workbook as wb

tap = Tap()
OURS = ["Erpgate Reject", "Erpgate Row", "Erpgate Code", "Erpgate Reason", "Erpgate Accepted", "Erpgate Near", "Erpgate Check"]


def folder(site, drop):
    """Path below rejects/<drop>/ -> bytes, folders of members included."""
    base = os.path.join(site.path, "spool/rejects", drop)
    return {os.path.relpath(os.path.join(d, n), base): read(os.path.join(d, n)) for d, _, names in os.walk(base) for n in names}


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def untable(rows):
    out = io.StringIO()
    w = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    w.writeheader()
    w.writerows(rows)
    return out.getvalue().encode("utf-8")


def fix(kit, **values):
    """What a person does in a spreadsheet: other values in columns (named with _ for blanks), in the rows that are to blame."""
    rows = table(kit)
    for r in rows:
        if "Nothing is wrong with this row" not in r["Erpgate Reason"]:
            r.update({k.replace("_", " "): v for k, v in values.items()})
    return untable(rows)


def drop_of(site, name):
    return next(f["drop"] for f in site.findings() if f["file"].split("!")[0] == name)


def rejects(site, drop):
    return {j["id"]: j for j in site.json("show", drop) if j.get("type") == "reject"}


def state(site, number):
    return site.queue().get("commitment/24-118/" + number, {}).get("state")


def new_site(name, **how):
    site = Site(name, **how)
    small_reference(site)
    return site


def one_date():
    """The whole round: refuse, look, send unchanged, send corrected."""
    site = new_site("date")
    data = commitments("GOOD-1", "BAD-1", "GOOD-2").replace("BAD-1,Subcontract,Concrete,,Approved,Yes,Amount,1001,,5,02/05/2026", "BAD-1,Subcontract,Concrete,,Approved,Yes,Amount,1001,,5,46112").encode()
    site.drop("procore", "three.csv", data)
    tap.same(site.run(), 3, "a bad date: run ends 3")
    drop = drop_of(site, "three.csv")
    kept = folder(site, drop)
    tap.same(sorted(kept), ["WHY.txt", "rejects.csv", "three.csv"], "a bad date: the folder has the original, WHY.txt and rejects.csv")
    tap.same(kept["three.csv"], data, "a bad date: the original is intact")
    kit, why = kept["rejects.csv"], kept["WHY.txt"].decode()
    lines, source = kit.decode("utf-8-sig").split("\n"), data.decode().split("\n")
    tap.ok(kit.startswith(b"\xef\xbb\xbf"), "a bad date: rejects.csv has a mark, so that Excel reads it as UTF-8")
    tap.same(lines[0], source[0] + "," + ",".join(OURS), "a bad date: the sender's header, our columns behind it")
    tap.same([l[:len(s)] for l, s in zip(lines[1:3], source[3:5])], source[3:5], "a bad date: the sender's rows byte for byte, all of the refused document and nothing else")
    tap.same(lines[3:], [""], "a bad date: nothing more in it")
    rows = table(kit)
    tap.same([(r["Erpgate Reject"], r["Erpgate Row"], r["Erpgate Code"]) for r in rows], [(drop + "-1", "4", "F-21"), (drop + "-1", "5", "F-21")], "a bad date: number, line and code beside each row")
    tap.ok("day number" in rows[0]["Erpgate Reason"] and "probably 3/31/2026" in rows[0]["Erpgate Reason"], "a bad date: the reason names the damage and what it probably was", rows[0])
    tap.ok("M/D/YYYY" in rows[0]["Erpgate Accepted"], "a bad date: what would be taken", rows[0])
    tap.ok("line 4" in rows[1]["Erpgate Reason"] and "Nothing is wrong with this row" in rows[1]["Erpgate Reason"], "a bad date: the other row says that it is not to blame", rows[1])
    tap.ok("rejects/%s/rejects.csv" % drop in why and "Text/CSV" in why and "formula" in why, "a bad date: WHY.txt says how to use it", why)
    tap.same(rejects(site, drop)[drop + "-1"]["state"], "open", "a bad date: show says open")
    tap.same(site.json("status")[0]["open_rejects"], 1, "a bad date: status counts it")
    tap.ok("1 refused document in 1 drop is not corrected" in site.call("findings"), "a bad date: findings counts it", site.call("findings")[-300:])

    site.drop("procore", "back.csv", kit)
    tap.same(site.run(), 3, "sent back as it was: run ends 3")
    found = {f["code"]: f for f in site.findings() if f["file"] == "back.csv"}
    again = drop_of(site, "back.csv")
    tap.same(sorted(found), ["F-21", "F-68"], "sent back as it was: the same finding again and no word about our columns")
    tap.same((found["F-68"]["severity"], drop + "-1" in found["F-68"]["message"], again + "-1" in found["F-68"]["message"]), ("N", True, True), "sent back as it was: said which one goes on under which number")
    tap.same({i: (r["state"], r["by"]) for i, r in rejects(site, drop).items()}, {drop + "-1": ("again", again + "-1")}, "sent back as it was: show follows it")
    second = folder(site, again)
    tap.same(sorted(second), ["WHY.txt", "back.csv", "rejects.csv"], "sent back as it was: a new folder")
    rows = table(second["rejects.csv"])
    tap.same(list(rows[0]), COMMITMENT.strip().split(",") + OURS, "sent back as it was: our columns stand in it once")
    tap.same([r["Erpgate Reject"] for r in rows], [again + "-1"] * 2, "sent back as it was: with the new number")

    for r in rows:
        r["Contract Date"] = "03/31/2026"
    site.drop("procore", "rejects.csv", untable(rows))
    tap.same(site.run(), 0, "corrected: run ends 0")
    found = site.findings()
    tap.same([(f["code"], f["severity"]) for f in found], [("F-68", "N")], "corrected: one note, no F-06")
    tap.ok(again + "-1" in found[0]["message"] and found[0]["drop"] in [r["by"] for r in rejects(site, again).values()], "corrected: it joins its number", found[0])
    tap.same([r["state"] for r in rejects(site, again).values()], ["corrected"], "corrected: show says so")
    tap.same([state(site, n) for n in ("GOOD-1", "BAD-1", "GOOD-2")], ["waiting"] * 3, "corrected: all three are items")
    tap.same(site.json("status")[0]["open_rejects"], 0, "corrected: nothing is open")
    entries = [j for j in site.json("log", again) if j["event"] == "repaired"]
    tap.ok(len(entries) == 1 and entries[0]["detail"]["corrected"] == [1], "corrected: a log entry", entries)
    tap.ok("corrected by" in site.call("show", again) and "Corrects" in site.call("show", found[0]["drop"]), "corrected: said on both sides")
    tap.same(folder(site, drop)["three.csv"], data, "corrected: the first original is intact")


def at_the_source():
    """The sender corrects where the file comes from and sends all of it again: that settles it, too."""
    site = new_site("source")
    site.drop("procore", "a.csv", commitments("S-1", "S-2").replace("23.45", "23.455", 1))
    site.run()
    drop = drop_of(site, "a.csv")
    site.drop("procore", "b.csv", commitments("S-1", "S-2"))
    tap.same(site.run(), 0, "corrected at the source: run ends 0")
    tap.same([f["code"] for f in site.findings()], [], "corrected at the source: without a word")
    tap.same([r["state"] for r in rejects(site, drop).values()], ["corrected"], "corrected at the source: settled by the same item")


def same_number_twice():
    """F-23 lies in the file, not in the row: the row alone would pass. It must not, until a person has touched it."""
    site = new_site("twice")
    data = COMMITMENT + commitment_rows("T-1") + commitment_rows("T-2") + commitment_rows("T-1", amounts=("500.00",))
    site.drop("procore", "t.csv", data)
    tap.same(site.run(), 3, "same number twice: run ends 3")
    drop = drop_of(site, "t.csv")
    kit = folder(site, drop)["rejects.csv"]
    tap.same([r["Amount"] for r in table(kit)], ["500.00"], "same number twice: the second one is to repair")
    tap.ok("line 2" in table(kit)[0]["Erpgate Reason"], "same number twice: the reason names the first one's line", table(kit)[0])
    tap.ok("amounts to 123.45" in table(kit)[0]["Erpgate Reason"], "same number twice: and what it amounts to", table(kit)[0])
    site.drop("procore", "t2.csv", kit)
    tap.same(site.run(), 3, "same number twice, sent as it was: refused again")
    tap.same(sorted(f["code"] for f in site.findings()), ["F-23", "F-68"], "same number twice, sent as it was: the same code")
    rows = table(kit)
    rows[0]["Number"] = "T-3"
    site.drop("procore", "t3.csv", untable(rows))
    tap.same(site.run(), 0, "same number twice, renumbered: taken")
    tap.same(state(site, "T-3"), "waiting", "same number twice, renumbered: an item of its own")


def unknown_code():
    """Refused by a rule that needs the ERP's lists, at the end of the turn."""
    for code, near in (("3-1100", "03-1100"), ("Mar-00", "03-1100"), ("05-1201", "05-1200")):
        site = new_site("code-" + code)
        site.drop("procore", "c.csv", commitments("C-1", code=code))
        site.run()
        drop = drop_of(site, "c.csv")
        kept = folder(site, drop)
        tap.same(sorted(kept), ["WHY.txt", "c.csv", "rejects.csv"], "cost code %s: to repair" % code)
        rows = table(kept["rejects.csv"])
        tap.ok(len(rows) == 2 and all(near in r["Erpgate Near"] for r in rows), "cost code %s: near is %s" % (code, near), rows)
        tap.same(state(site, "C-1"), "rejected", "cost code %s: rejected" % code)
        site.drop("procore", "same.csv", kept["rejects.csv"])
        tap.same(site.run(), 3, "cost code %s, sent as it was: refused again" % code)
        kit = folder(site, drop_of(site, "same.csv"))["rejects.csv"]
        rows = table(kit)
        for r in rows:
            r["Cost Code"] = near
        site.drop("procore", "fixed.csv", untable(rows))
        tap.same(site.run(), 0, "cost code %s, corrected: taken" % code)
        tap.same((state(site, "C-1"), site.json("status")[0]["open_rejects"]), ("waiting", 0), "cost code %s, corrected: waiting, nothing is open" % code)


def all_that_is_damaged():
    """A sheet of another country, saved once: the first finding must not be the only one that is told, or the sender comes back three times."""
    site = new_site("all-damage")
    lines = commitments("SC-9", amounts=("AMOUNT1", "AMOUNT2", "7.00", "8.00")).split("\n")
    lines[1] = lines[1].replace("03-1100", "Mar-00").replace(",,AMOUNT1", ',"2,5","1.234,56"')
    lines[2] = lines[2].replace("AMOUNT2", '"1,5"')
    lines[3] = lines[3].replace("03-1100", "3-1100").replace("Line 3", "Caf\u00c3\u00a9")
    site.drop("procore", "c.csv", "\n".join(lines))
    tap.same(site.run(), 3, "several damages: run ends 3")
    found = [(f["code"], f["line"], f["field"]) for f in site.findings()]
    tap.same(found, [("F-21", 2, "Unit Cost"), ("F-21", 3, "Amount")], "several damages: the findings are those of the contract, one of a code for each line")
    drop = drop_of(site, "c.csv")
    kept = folder(site, drop)
    why, rows = kept["WHY.txt"].decode(), table(kept["rejects.csv"])
    for words in ('Unit Cost "2,5"', 'Amount "1.234,56"', "probably 1234.56", 'Amount "1,5"', 'Look at line 2, too: cost code "Mar-00"', "took the value for a date",
                  'Look at line 4, too: cost code "3-1100"', "leading zeros away: the list has 03-1100", "probably Caf\u00e9"):
        tap.ok(words in why, "several damages: WHY.txt names " + words, why)
    reasons = [r["Erpgate Reason"] for r in rows]
    tap.ok(all(w in reasons[0] for w in ("2,5", "1.234,56", "Mar-00")) and "3-1100" not in reasons[0].replace("03-1100", ""), "several damages: each row of rejects.csv has its own cells", reasons[0])
    tap.ok("1,5" in reasons[1] and all(w in reasons[2] for w in ("3-1100", "Caf\u00e9")), "several damages: also the row about which there is no finding", reasons)
    tap.ok(reasons[3] == "Nothing is wrong with this row itself; its document was refused because of line 2, 3, 4.", "several damages: the sound row says so", reasons[3])
    for r, (code, cost, amount, text) in zip(rows, (("03-1100", "", "1234.56", "Line 1"), ("03-1100", "", "1.50", "Line 2"), ("03-1100", "", "7.00", "Caf\u00e9"), ("03-1100", "", "8.00", "Line 4"))):
        r.update({"Cost Code": code, "Unit Cost": cost, "Amount": amount, "Line Description": text})
    site.drop("procore", "fixed.csv", untable(rows))
    tap.same((site.run(), state(site, "SC-9")), (0, "waiting"), "several damages: corrected at once, taken at once")


def honest_codes_are_not_accused():
    """A code that the list has is none of a spreadsheet's, however it looks."""
    site = new_site("honest")
    site.drop("cmic", "CMIC_PHASES.csv", "PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_CTRL_CODE,PHS_ACTIVE_FLAG,CAT_CODE,CAT_DEFAULT_FLAG\r\n01,2026-03-01,Odd,ALL,Y,SUB,Y\r\n01,3-1,Odder,ALL,Y,SUB,Y\r\n")
    site.run()
    site.drop("procore", "c.csv", commitments("H-1", code="2026-03-01", amounts=("1x", "2.00")) + commitment_rows("H-2", code="3-1", amounts=("1x",)))
    tap.same(site.run(), 3, "honest codes: the amounts are refused")
    text = " ".join(f["message"] for f in site.findings())
    tap.ok("1x" in text and "Look at" not in text, "honest codes: nothing is said of them", text)


def texts_of_what_a_rule_refused():
    site = new_site("rule-texts")
    site.drop("procore", "c.csv", commitments("R-1", code="99-9999", title="Caf\u00c3\u00a9"))
    site.run()
    why = folder(site, drop_of(site, "c.csv"))["WHY.txt"].decode()
    tap.ok("99-9999" in why and "Look at line 2, too: title" in why and "garbled" in why, "refused by a list: its damaged texts are told as well", why)


def row_with_too_many_cells():
    site = new_site("cells")
    site.drop("procore", "c.csv", commitments("F-1").replace("Line 2,,,,23.45,", "Line 2, more,,,,23.45,"))
    site.run()
    drop = drop_of(site, "c.csv")
    kit = folder(site, drop)["rejects.csv"]
    site.drop("procore", "same.csv", kit)
    tap.same(site.run(), 3, "a row with too many cells, sent as it was: refused again")
    tap.same({f["code"] for f in site.findings()} - {"F-68"}, {"F-04"}, "a row with too many cells: nothing was made to fit")
    site.drop("procore", "fixed.csv", kit.replace(b"Line 2, more", b'"Line 2, more"'))
    tap.same(site.run(), 0, "a row with too many cells, quoted: taken")
    tap.same([site.json("status")[0]["open_rejects"], state(site, "F-1")], [0, "waiting"], "a row with too many cells, quoted: joined")


XML = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- export -->\n<commitments xmlns:x=\"urn:x\">\n%s</commitments>\n")
ONE = ("  <commitment id=\"%s\">\n    <project><number>24-118</number></project><number>%s</number><type>WorkOrderContract</type><title>Caf\u00e9 &amp; Co</title><status>Approved</status>"
       "<executed>true</executed><accounting_method>amount</accounting_method><vendor><id>1001</id></vendor><retainage_percent>5</retainage_percent><contract_date>%s</contract_date>"
       "<commitment_items><commitment_item><position>1</position><cost_code><full_code>03-1100</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
       "<description>Line</description><amount>10.00</amount></commitment_item></commitment_items>\n  </commitment>\n")


def xml():
    site = new_site("xml")
    data = XML % "".join(ONE % (n, n, d) for n, d in (("X-1", "2026-02-05"), ("X-2", "05.02.2026"), ("X-1", "2026-02-06")))
    site.drop("procore", "x.xml", data)
    tap.same(site.run(), 3, "XML: run ends 3")
    drop = drop_of(site, "x.xml")
    kit = folder(site, drop).get("rejects.xml", b"").decode()
    tap.ok(kit.startswith(data[:data.index(">", data.index("<commitments")) + 1]) and kit.rstrip().endswith("</commitments>"), "XML: root and end as they came", kit)
    tap.ok("X-2" in kit and "F-21" in kit and "F-23" in kit and kit.count("<commitment ") == 2, "XML: the refused elements and the reasons", kit)
    tap.ok("<erpgate_reject>%s-1</erpgate_reject>" % drop in kit and "Caf\u00e9 &amp; Co" in kit, "XML: numbered, else byte for byte", kit)
    site.drop("procore", "same.xml", kit)
    tap.same(site.run(), 3, "XML, sent as it was: refused again")
    tap.same(sorted({f["code"] for f in site.findings()}), ["F-21", "F-23", "F-68"], "XML, sent as it was: the same codes")
    kit = folder(site, drop_of(site, "same.xml"))["rejects.xml"].decode()
    fixed = re.sub("<erpgate_refused>.*?</erpgate_refused>", "", kit.replace("05.02.2026", "2026-02-05").replace("<number>X-1<", "<number>X-3<"))
    site.drop("procore", "fixed.xml", fixed)
    tap.same(site.run(), 0, "XML, corrected: taken")
    tap.same([state(site, n) for n in ("X-1", "X-2", "X-3")] + [site.json("status")[0]["open_rejects"]], ["waiting"] * 3 + [0], "XML, corrected: joined")


def zips():
    site = new_site("zip")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a/one.csv", commitments("Z-1").replace("100.00", "100,00").replace("Line 1,,,,100,00", 'Line 1,,,,"100,00"'))
        z.writestr("good.csv", commitments("Z-2"))
        z.writestr("b.csv", commitments("Z-3").replace("23.45", "1.23E+11"))
    site.drop("procore", "all.zip", out.getvalue())
    tap.same(site.run(), 3, "zip: run ends 3")
    drop = next(f["drop"] for f in site.findings())
    kept = folder(site, drop)
    kits = sorted(n for n in kept if n.endswith("rejects.csv"))
    tap.same(len(kits), 2, "zip: one file to repair for each member that has something refused (%s)" % kits)
    tap.ok(all(os.sep not in os.path.dirname(k) for k in kits), "zip: a member's name is no path")
    rows = {table(kept[k])[0]["Number"]: table(kept[k]) for k in kits}
    tap.ok("decimal comma" in rows["Z-1"][0]["Erpgate Reason"] and "probably 100.00" in rows["Z-1"][0]["Erpgate Reason"], "zip: a decimal comma is named", rows["Z-1"])
    tap.ok("power of ten" in rows["Z-3"][1]["Erpgate Reason"], "zip: scientific notation is named", rows["Z-3"])
    site.drop("procore", "gz.csv.gz", gzip.compress(fix(kept[kits[0]], Amount="100.00")))
    tap.same(site.run(), 0, "zip: one member's file, corrected and packed with gzip, is taken")
    tap.same(sorted(r["state"] for r in rejects(site, drop).values()), ["corrected", "open"], "zip: one corrected, one open")


def encodings():
    site = new_site("enc")
    text = commitments("E-1", title="B\u00e9ton").replace("23.45", "x")
    site.drop("procore", "u.csv", text.encode("utf-16"))
    site.run()
    drop = drop_of(site, "u.csv")
    kit = folder(site, drop)["rejects.csv"]
    tap.same(kit.decode("utf-16").split("\n")[1].split(",D0")[0], text.split("\n")[1], "UTF-16: the sender's bytes in his encoding")
    site.drop("procore", "v.csv", kit.decode("utf-16").replace(",x,", ",23.45,").encode("utf-16"))
    tap.same(site.run(), 0, "UTF-16: corrected, taken")
    tap.same(rejects(site, drop)[drop + "-1"]["state"], "corrected", "UTF-16: joined")


def formulas_and_strangers():
    site = new_site("strange")
    rows = commitments("=1+1", title="@SUM(A1)").replace("23.45", "x")
    site.drop("procore", "f.csv", rows)
    site.run()
    drop = drop_of(site, "f.csv")
    kit = folder(site, drop)["rejects.csv"].decode("utf-8-sig")
    tap.same(kit.split("\n")[1].split("," + drop)[0], rows.split("\n")[1], "a formula: the sender's cell is his, byte for byte")
    data = untable([dict(r, Number="N-1", Title="t", Amount="1.00", **{"Erpgate Reject": "D009999-1"}) for r in table(kit.encode())])
    site.drop("procore", "g.csv", data)
    tap.same(site.run(), 0, "a number that nobody gave: read as any other")
    tap.ok("no refused document" in site.findings()[0]["message"], "a number that nobody gave: said", site.findings())
    tap.same(rejects(site, drop)[drop + "-1"]["state"], "open", "a number that nobody gave: settles nothing")


def budget_by_name():
    site = new_site("budget")
    head = "Sub Job,Cost Code Tier 1,Cost Code Tier 2,Cost Type,Budget Code,Budget Code Description,Original Budget Amount\n"
    site.drop("procore", "budget_24-118.csv", head + "None,03 - CONCRETE,03-1100 - FORMWORK,S - Subcontract,03-1100.S,Formwork,\"1.234,56\"\n")
    site.run()
    found = site.findings()
    drop = found[0]["drop"]
    kits = [n for n in folder(site, drop) if n.startswith("rejects")]
    tap.same(kits, ["rejects_24-118.csv"], "a layout that goes by the name: the file to repair keeps that part")
    if kits:
        site.drop("procore", kits[0], fix(folder(site, drop)[kits[0]], Original_Budget_Amount="1234.56"))
        tap.same(site.run(), 0, "a layout that goes by the name: corrected, taken")
        tap.same([r["state"] for r in rejects(site, drop).values()], ["corrected"], "a layout that goes by the name: joined")


def sheet():
    """A workbook comes back as CSV, its dates in the form of the layout."""
    site = new_site("sheet")
    rows = list(csv.reader(io.StringIO(commitments("B-1", "B-2"))))
    date, amount, code = (rows[0].index(n) for n in ("Contract Date", "Amount", "Cost Code"))
    cells = [(1, ["Commitments of March"]), (2, rows[0])] + [(n, list(r)) for n, r in enumerate(rows[1:], 3)]
    for _, r in cells[2:]:
        r[date], r[amount] = datetime.date(2026, 2, 5), float(r[amount])
    cells[4][1][amount] = 23.455
    cells[4][1][code] = datetime.date(2000, 3, 1)
    data = wb.workbook(("Export", cells))
    site.drop("procore", "b.xlsx", data)
    tap.same(site.run(), 3, "workbook: run ends 3")
    drop = drop_of(site, "b.xlsx")
    kept = folder(site, drop)
    tap.same((sorted(kept), kept.get("b.xlsx") == data), (["WHY.txt", "b.xlsx", "rejects.csv"], True), "workbook: the original and rejects.csv")
    got = table(kept["rejects.csv"])
    tap.same([(r["Number"], r["Contract Date"], r["Amount"], r["Erpgate Row"]) for r in got], [("B-2", "2/5/2026", "23.455", "5"), ("B-2", "2/5/2026", "23.45", "6")], "workbook: its refused rows as a CSV of the layout")
    tap.ok("F-22" in got[0]["Erpgate Code"] and "2 decimal places" in got[0]["Erpgate Reason"], "workbook: with the reasons", got[0])
    site.drop("procore", "b.csv", fix(kept["rejects.csv"], Amount="23.45", Cost_Code="03-1100"))
    tap.same(site.run(), 0, "workbook: corrected as CSV, taken")
    tap.same((state(site, "B-2"), rejects(site, drop)[drop + "-1"]["state"]), ("waiting", "corrected"), "workbook: joined")


def code_that_a_sheet_took_for_a_date():
    site = new_site("sheet-code")
    rows = list(csv.reader(io.StringIO(commitments("K-1", amounts=("100.00",)))))
    rows[1][rows[0].index("Cost Code")] = datetime.date(2000, 3, 1)
    site.drop("procore", "k.xlsx", wb.workbook(("Export", list(enumerate(rows, 1)))))
    site.run()
    found = [f for f in site.findings() if f["severity"] == "R"]
    tap.ok(found and "took the value for a date" in found[0]["message"] and "03-1100" in found[0]["message"], "a date in a column of codes: named, and what it may have been", found)


def zeros_of_erp_ids():
    """The accounting system has 00012044; a spreadsheet makes 12044 of it."""
    site = new_site("zeros", settings=("settle.quiet = 0s", "run.settle_timeout = 1s"))
    site.drop("cmic", "CMIC_VENDORS2.csv", (
        "BP_CODE,BP_NAME,BPAD_ADD1,BPAD_ADD2,BPAD_CITY,BPAD_STATE_CODE,BPAD_ZIP,BPAD_COUNTRY,BPAD_PHONE,BPAD_FAX,BPVEN_COMP_CODE,"
        "BPVEN_TYPE_CODE,BPVEN_TERM_CODE,BPVEN_CURR_CODE,BPVEN_PAY_EMAIL,BPVEN_REG_CODE,BPVEN_STATUS\r\n"
        "00012044,Zero Works,1 Dock Road,,Duluth,MN,55802,US,,,01,SUB,N30,USD,,,A\r\n"))
    site.drop("procore", "companies3.csv", "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,"
              "Website,Tax ID,Active,Customer,ERP Vendor ID\n3001,Some Works,Some,,,,,,,,,,,,,Yes,No,\n3002,Zero Works,Zero,,,,,,,,,,,,,Yes,No,12044\n")
    site.run()
    held = [f for f in site.findings() if f["code"] == "F-33"]
    tap.ok(held and "00012044" in held[0]["message"] and "zeros" in held[0]["message"], "an ERP key without its zeros in a file: F-33 names the likely one", site.findings())
    for verdict, code in (("Accept", "E-03"), ("Link", "F-33")):
        site.return_sheet("z-%s.csv" % verdict, site.sheet([{"Item": "vendor/3001", "Decision": verdict, "ERP ID": "0012044"}]))
        tap.same(site.run(), 3, "an ERP ID without its zeros in a sheet (%s): refused" % verdict)
        found = [f for f in site.findings() if f["source"] == "approvals"]
        tap.ok(len(found) == 1 and found[0]["code"] == code and "00012044" in found[0]["message"], "an ERP ID without its zeros (%s): %s with the likely one" % (verdict, code), found)
    for bad in ("1.23E+11", "Mar-00", "#####"):
        site.return_sheet("bad.csv", site.sheet([{"Item": "vendor/3001", "Decision": "Accept", "ERP ID": bad}]))
        site.run()
        found = [f for f in site.findings() if f["source"] == "approvals"]
        tap.ok(len(found) == 1 and found[0]["code"] in ("E-03", "E-07"), "an ERP ID %s in a sheet: refused" % bad, found)
    site.return_sheet("good.csv", site.sheet([{"Item": "vendor/3001", "Decision": "Accept", "ERP ID": "NEW001"}]))
    tap.same(site.run(), 0, "a sound ERP ID: taken")


def explained():
    """Duplicate, cut and out-of-balance files say with figures what is the matter."""
    site = new_site("explained", settings=("settle.quiet = 0s", "run.settle_timeout = 0s"))
    whole = commitments("P-1", "P-2", "P-3")
    site.drop("procore", "total.csv", commitments("Q-1").replace(",,1,,03", ",999.00,1,,03").replace(",,2,,03", ",999.00,2,,03"))
    site.run()
    found = site.findings()
    tap.ok(found[0]["code"] == "F-25" and all(w in found[0]["message"] for w in ("123.45", "999.00", "875.55")), "out of balance: sum, total and difference", found)
    drop = found[0]["drop"]
    site.drop("procore", "total-again.csv", folder(site, drop)["total.csv"])
    site.run()
    found = site.findings()
    tap.ok(found[0]["code"] == "F-12" and all(w in found[0]["message"] for w in (drop, "total.csv", "received 20", "1 of its documents are refused", "reprocess")), "a duplicate: which one came first, when, and what is still open of it", found)
    p = os.path.join(TEMP, "cut.csv")
    write(p, whole.replace("Line 2,,,,23.45,\n24-118,P-3", "Line 2,,,,23.45,\n24-118,\"P-3"))
    found = [f for f in site.json("check", p, "--source", "procore", ok=(2,)) if f.get("code") == "F-03"]
    tap.ok(found and "4 whole rows" in found[0]["message"] and "line 5" in found[0]["message"] and "P-2" in found[0]["message"], "a quote that does not close: how many whole rows stand before it, and the last one", found)
    p = os.path.join(TEMP, "cut.xml")
    data = XML % "".join(ONE % (n, n, "2026-02-05") for n in ("V-1", "V-2", "V-3"))
    write(p, data[:data.index("V-3") + 40])
    found = [f for f in site.json("check", p, "--source", "procore", ok=(2,)) if f.get("code") == "F-03"]
    tap.ok(found and "2 whole records" in found[0]["message"] and "V-2" in found[0]["message"], "cut XML: how many whole records stand before the cut, and the last one", found)


def refused_later():
    """Held at first, refused when what it waited for has come: the original is sealed by then."""
    site = new_site("later")
    data = commitments("L-1").replace("24-118,", "24-200,").replace(",1,,03-1100", ",1,X9,03-1100")
    site.drop("procore", "later.csv", data)
    tap.same(site.run(), 0, "held at first: run ends 0")
    drop = drop_of(site, "later.csv")
    tap.same(os.path.exists(os.path.join(site.path, "spool/rejects", drop)), False, "held at first: nothing in rejects")
    site.drop("cmic", "CMIC_JOBS2.csv",
              "JOB_COMP_CODE,JOB_CODE,JOB_NAME,JOB_CTRL_CODE,JOB_ADD1,JOB_CITY,JOB_STATE_CODE,JOB_ZIP,JOB_START_DATE,JOB_END_DATE,JOB_STATUS\r\n"
              "01,24118,North Garage,ALL,,,,,,,A\r\n01,24200,South Garage,ALL,,,,,,,A\r\n")
    site.drop("procore", "projects2.csv", "Project Number,Name,Address,City,State,Zip,Country,Start Date,Completion Date,Active,Company Code,ERP Job ID\n"
              "24-200,South Garage,,,,,,,,Yes,,24200\n")
    site.run()
    tap.same([(f["code"], f["drop"]) for f in site.findings() if f["severity"] == "R"], [("E-48", drop)], "refused later: by a reference rule")
    kept = folder(site, drop)
    tap.same((sorted(kept), kept.get("later.csv")), (["WHY.txt", "later.csv", "rejects.csv"], data.encode()), "refused later: the original out of its bundle, and what to repair")
    rows = table(kept["rejects.csv"])
    tap.same([(r["Erpgate Code"], r["Erpgate Row"], r["Sub Job"]) for r in rows], [("E-48", "2", "X9"), ("E-48", "3", "")], "refused later: both rows of the document")
    site.drop("procore", "fixed.csv", fix(kept["rejects.csv"], Sub_Job=""))
    tap.same(site.run(), 0, "refused later, corrected: taken")
    tap.same(rejects(site, drop)[drop + "-1"]["state"], "corrected", "refused later, corrected: joined")


def file_refused():
    site = new_site("whole")
    data = commitments("W-1").replace("Concrete", "B\u00e9ton").encode("cp1252")
    site.drop("procore", "w.csv", data)
    site.run()
    kept = folder(site, drop_of(site, "w.csv"))
    tap.same(sorted(kept), ["WHY.txt", "w.csv"], "a refused file: only the original and WHY.txt")
    tap.same(kept["w.csv"], data, "a refused file: intact")
    tap.ok(b"windows-1252" in kept["WHY.txt"], "a refused file: WHY.txt names the other encoding", kept["WHY.txt"].decode())


for test in (one_date, at_the_source, same_number_twice, unknown_code, all_that_is_damaged, honest_codes_are_not_accused, texts_of_what_a_rule_refused,
             row_with_too_many_cells, xml, zips, encodings, formulas_and_strangers, budget_by_name, sheet, code_that_a_sheet_took_for_a_date, zeros_of_erp_ids, explained, refused_later, file_refused):
    test()
tap.end()
