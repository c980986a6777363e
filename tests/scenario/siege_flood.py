#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A sender that floods the gateway: the others are taken in the first round, what is over a quota stays where it is, in order, and is told once."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
COMPANY = "Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n%d,Company %d,C,Duluth,MN,US,Yes,\n"


def lying(site, source):
    return sorted(os.listdir(os.path.join(site.path, "spool/drop", source)))


def flood(site, source, n, first=1):
    folder = os.path.join(site.path, "spool/drop", source)
    for i in range(first, first + n):
        write(os.path.join(folder, "c%05d.csv" % i), COMPANY % (i, i))


def received(site):
    """Drop id -> (source, name), in the order of the log."""
    return {e["id"]: (e["detail"]["source"], e["detail"]["name"]) for e in entries(site) if e["event"] == "received"}


def entries(site):
    import sqlite3
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(site.path, "state.db"), uri=True)
    rows = [json.loads(r[0]) for r in db.execute("SELECT line FROM log ORDER BY idx")]
    db.close()
    return rows


def second_source(name, *settings):
    site = Site(name, settings=("settle.quiet = 0s", "run.settle_timeout = 1s", "source.zeta.family = procore") + settings)
    site.run()  # makes the drop folder
    return site


def the_other_is_not_starved():
    site = second_source("five-thousand", "source.procore.max_files = 110", "mail.from = gate@example.com", "mail.admins = ops@example.com",
                         "mail.sendmail = /bin/true")
    site.run()
    flood(site, "procore", 5000)
    site.drop("zeta", "one.csv", COMPANY % (9001, 9001))
    tap.same(site.run(), 3, "5,000 files from one source: run ends 3, files were left")
    got = received(site)
    order = [d for d, (source, _) in sorted(got.items())]
    zeta = [d for d, (source, _) in got.items() if source == "zeta"]
    tap.ok(len(zeta) == 1 and order.index(zeta[0]) <= 100, "the other sender's file is taken in the first round", (zeta, order[:3], len(order)))
    tap.same(len(got), 111, "of the flood 110 files are taken, as source.procore.max_files says")
    tap.same(sorted(n for s, n in got.values() if s == "procore"), ["c%05d.csv" % i for i in range(1, 111)], "they are the first ones by name")
    left = lying(site, "procore")
    tap.same((len(left), left[0]), (4890, "c00111.csv"), "the rest stays in the drop folder, untouched")
    tap.same(read(os.path.join(site.path, "spool/drop/procore", "c00111.csv")).decode(), COMPANY % (111, 111), "with its bytes")
    found = site.findings()
    tap.same([(f["code"], f["severity"], f["file"]) for f in found], [("F-60", "W", "c00111.csv")], "it is told once, not 4,890 times")
    message = found[0]["message"] if found else ""
    for words in ("4889 more of procore", "110 files", "source.procore.max_files", "stay where they are", "ask the sender"):
        tap.ok(words in message, "the message says: " + words, message)
    over = [e for e in entries(site) if e["event"] == "over-quota"]
    tap.same([(e["id"], e["detail"]["limit"], e["detail"]["left"], e["detail"]["taken"]) for e in over], [("procore", "max_files", 4890, 110)], "the log has an entry with the figures")
    mails = site.call("mail", "list", ok=None)
    tap.ok("sends more than is taken" in mails and "ops@example.com" in mails, "the administrator gets a mail", mails)
    tap.same(site.run(), 3, "the next run goes on")
    tap.same(lying(site, "procore")[0], "c00221.csv", "in order")
    tap.same(site.call("mail", "list", ok=None).count("sends more than is taken"), 1, "no second mail on the same day")


def rounds():
    site = second_source("rounds", "run.round = 5")
    flood(site, "procore", 23)
    site.drop("zeta", "one.csv", COMPANY % (9001, 9001))
    tap.same(site.run(), 0, "no quota: everything is taken in one run")
    order = [source for _, (source, _) in sorted(received(site).items())]
    tap.same((len(order), order.index("zeta")), (24, 5), "in rounds of five files the other source is the sixth")
    tap.same(lying(site, "procore"), [], "nothing is left")


def bytes_quota():
    size = len(COMPANY % (1, 1))
    site = second_source("bytes", "source.procore.max_bytes = %d" % (3 * size))
    flood(site, "procore", 5)
    tap.same(site.run(), 3, "quota of bytes: run ends 3")
    tap.same(lying(site, "procore"), ["c00004.csv", "c00005.csv"], "quota of bytes: three files fit")
    tap.ok("source.procore.max_bytes" in site.findings()[0]["message"], "quota of bytes: the message names the setting")
    site.call("config", "set", "source.procore.max_bytes", "1")
    tap.same([site.run(), site.run()], [3, 0], "a file larger than the quota is taken when it is the first of its turn")
    tap.same(lying(site, "procore"), [], "so nothing waits for ever")


def waiting_quota():
    site = Site("waiting", settings=("settle.quiet = 0s", "run.settle_timeout = 1s"))
    small_reference(site)
    site.call("config", "set", "source.procore.max_waiting", "2")
    site.drop("procore", "a.csv", commitments("SC-1", "SC-2"))
    tap.same(site.run(), 0, "two contracts wait")
    site.drop("procore", "b.csv", commitments("SC-3"))
    site.drop("cmic", "CMIC_CATEGORIES.csv", "CAT_COMP_CODE,CAT_CODE,CAT_NAME,CAT_ACTIVE_FLAG\r\n01,SUB,Subcontract,Y\r\n01,MAT,Materials!,Y\r\n")
    tap.same(site.run(), 3, "as many as may wait: nothing more is taken")
    tap.same((lying(site, "procore"), lying(site, "cmic")), (["b.csv"], []), "of this source; the accounting system's lists are taken")
    found = site.findings()
    tap.ok([f["file"] for f in found] == ["b.csv"] and "source.procore.max_waiting" in found[0]["message"] and "erpgate queue" in found[0]["message"],
           "the message says what to do", found)
    site.call("approve", "commitment/24-118/SC-1", "--as", "pat", "--key", site.key)
    tap.same(site.run(), 0, "one is decided: there is room again")
    tap.same(lying(site, "procore"), [], "and the file is taken")


def unsettled_files_do_not_starve():
    site = second_source("unsettled", "run.round = 4")
    for i in range(9):
        write(os.path.join(site.path, "spool/drop/procore", "cut%d.xml" % i), "<commitments><commitment>")
        write(os.path.join(site.path, "spool/drop/zeta", "cut%d.xml" % (i + 20)), "<commitments><commitment><a>")
    for i in range(3):
        write(os.path.join(site.path, "spool/drop/zeta", "zz%d.csv" % i), COMPANY % (700 + i, i))
    tap.same(site.run(), 3, "sources with many files that never settle: the run ends")
    tap.same([n for n in lying(site, "zeta") if n.endswith(".csv")], [], "the whole files behind them are taken")


the_other_is_not_starved()
rounds()
bytes_quota()
waiting_quota()
unsettled_files_do_not_starve()
tap.end()
