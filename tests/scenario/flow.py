#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""From the first file to the last word, at the command line: who waits for whom and how much money stands behind it, a contract that is voided after it left, proof for
unlinking, attempts, and what leaves without a decision.
"""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()

COMPANY = ("Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,"
           "Tax ID,Active,Customer,ERP Vendor ID\n1003,Cedar Roofing,Cedar,,,,,,,,,,,,,Yes,No,\n")
CCO = ("Project Number,Contract,Change Order #,Title,Description,Status,Date Initiated,Due Date,Schedule Impact,Grand Total,Line,Contract Line,"
       "Sub Job,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount,Tax Amount\n")


def cco(contract, number, amount):
    return "24-118,%s,%s,More,,Approved,02/06/2026,,,,1,,,03-1100,S,More,,,,%s,\n" % (contract, number, amount)


def state(site, item):
    return site.queue()[item]["state"]


def approve(site, *ids, erp_id=None):
    site.call("approve", *ids, "--as", "pat", "--key", site.key, *(["--erp-id", erp_id] if erp_id else []))


# ---- who waits for whom ----

site = Site("flow")
small_reference(site)
site.drop("procore", "companies.csv", COMPANY)
site.drop("procore", "commitments.csv", COMMITMENT + commitment_rows("SC-1", vendor="1003", amounts=("1000.00",)) +
          commitment_rows("SC-2", vendor="1003", amounts=("200.50",)) + commitment_rows("SC-3", amounts=("70.00",)))
site.drop("procore", "ccos.csv", CCO + cco("SC-1", "1", "30.00") + cco("SC-1", "2", "4.00") + cco("SC-9", "1", "5.00"))
site.run()

text = site.call("queue", "--state", "held")
want = """cco/24-118/SC-1/2  4.00  Cedar Roofing
    waits for cco/24-118/SC-1/1  30.00  (Held since 0m)   E-42
       which waits for commitment/24-118/SC-1  1000.00  (Held since 0m)   E-42
          which waits for vendor/1003  (Ready to Export since 0m)   E-01
"""
tap.ok(want in text, "queue --state held tells the chain, each thing once", text)
tap.ok("    waits for commitment/24-118/SC-9  (never came)   E-42\n" in text, "what never came is named", text)

items = site.queue("--state", "held")
two = items["cco/24-118/SC-1/2"]
tap.same([(w["id"], w["depth"], w["state"]) for w in two["waits_for"] if not w["again"]],
         [("cco/24-118/SC-1/1", 1, "held"), ("commitment/24-118/SC-1", 2, "held"), ("vendor/1003", 3, "waiting")], "queue --json: waits_for")
tap.same(two["behind"], {"count": 0, "money": {"USD": "0.00"}}, "nothing stands behind the last of the chain")
tap.same(items["commitment/24-118/SC-1"]["behind"], {"count": 2, "money": {"USD": "34.00"}}, "behind the commitment its change orders, once each")
tap.same(site.queue()["vendor/1003"]["behind"], {"count": 4, "money": {"USD": "1234.50"}}, "behind the company everything of it")
blockers = site.json("status")[0]["blockers"]
tap.same([(b["id"], b["behind"]["money"]["USD"], b["next"]) for b in blockers][0], ("vendor/1003", "1234.50", "erpgate approve vendor/1003"),
         "status: the decision that frees most money")
tap.ok("Most money waits for" in site.call("status"), "status tells it in words, too")
tap.same([b["id"] for b in blockers], ["vendor/1003", "commitment/24-118/SC-9"], "and what never came")
tap.ok("ITEM" in site.call("queue", "--state", "held", "--plain"), "--plain keeps the table")

# ---- a contract that is voided after it left ----

approve(site, "commitment/24-118/SC-3")
site.run()
batch = site.json("show", "commitment/24-118/SC-3")[0]["requests"][0]["batch"]
tap.same([(r["status"], r["by"]) for r in site.json("show", "commitment/24-118/SC-3")[0]["requests"]], [("in progress", "pat")], "show: one attempt, no answer yet")
site.call("ack", batch)
tap.same([(r["status"], r["posted"]) for r in site.json("show", "commitment/24-118/SC-3")[0]["requests"]], [("success", True)], "show: answered and posted")
tap.ok("%s by pat: success, posted" % batch in site.call("show", "commitment/24-118/SC-3"), "and in words")

site.drop("procore", "void.csv", COMMITMENT + commitment_rows("SC-3", amounts=("70.00",)).replace(",Approved,", ",Void,"))
site.run()
found = [f for f in site.findings() if f["code"] == "E-37"]
tap.ok(len(found) == 1 and "then erpgate unlink commitment/24-118/SC-3 --gone" in found[0]["message"] and "then erpgate archive" in found[0]["message"],
       "a voided contract is refused with the steps that take it out of the ERP", found)
tap.same(state(site, "commitment/24-118/SC-3"), "synced", "and stays what it was")
tap.ok("erpgate unlink commitment/24-118/SC-3 --gone" in site.call("show", "commitment/24-118/SC-3"), "show says so")

refused = site.ask("archive", "commitment/24-118/SC-3")
tap.ok(refused.returncode != 0 and "E-73" in refused.stderr, "what the ERP has is not put away", refused)
refused = site.ask("unlink", "commitment/24-118/SC-3", "--reason", "voided")
tap.ok(refused.returncode != 0 and "E-70" in refused.stderr and "--gone" in refused.stderr, "unlinking needs a statement", refused)
site.call("unlink", "commitment/24-118/SC-3", "--gone", "voided by Kim, ticket 118")
entry = [e for e in site.json("log", "commitment/24-118/SC-3") if e.get("event") == "unlinked"]
tap.same([e["detail"]["gone"] for e in entry], ["voided by Kim, ticket 118"], "the statement is in the log")
tap.same([e["detail"]["erp_id"] for e in entry], ["SC-3"], "with the key that the ERP had")
site.call("archive", "commitment/24-118/SC-3")
site.drop("procore", "new.csv", commitments("SC-3", amounts=("75.00",)))
site.run()
tap.same(state(site, "commitment/24-118/SC-3"), "waiting", "a new contract with the old number starts afresh")

# ---- what leaves without a decision ----

site.call("users", "add", "sam", "--role", "standard", "--approve", "all")
refused = site.ask("config", "set", "direct_export.commitment", "yes", "--as", "sam")
tap.ok(refused.returncode == 77 and "E-74" in refused.stderr, "only an administrator switches direct exports", refused)
site.call("config", "set", "direct_export.commitment", "yes")
site.drop("procore", "direct.csv", commitments("SC-7", amounts=("12.00",)))
site.run()
tap.same(state(site, "commitment/24-118/SC-7"), "exported", "with direct export on it leaves by itself")
tap.same(state(site, "commitment/24-118/SC-3"), "exported", "and what waited, too")
tap.same([r["by"] for r in site.json("show", "commitment/24-118/SC-7")[0]["requests"]], ["direct export"], "and everything says by whom")
tap.same(state(site, "commitment/24-118/SC-1"), "held", "what is held stays held")
tap.same(site.run(), 0, "the next run has nothing to say")
tap.ok(site.ask("audit", "verify", "ALL").returncode == 0, "the archive is whole")
tap.end()
