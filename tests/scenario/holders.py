#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys and numbers that only one item may have: found whoever holds them and however he came to them, also in a database that was made before they were indexed."""
import os, sqlite3, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kit import *

tap = Tap()
HEAD = "Company ID,Name,Abbreviated Name,Address,City,State,Zip,Country,Active,ERP Vendor ID\n"
ROW = "%d,Company %d,C,1 Dock Road,Duluth,MN,55802,US,Yes,%s\n"


def database(site, *sql):
    db = sqlite3.connect(os.path.join(site.path, "state.db"))
    for s in sql:
        db.execute(s)
    db.commit()
    return db


def companies(site, *rows):
    site.drop("procore", "more.csv", HEAD + "".join(ROW % (i, i, key) for i, key in rows))
    site.run()


def refused(site, rows):
    site.return_sheet("s%d.csv" % len(os.listdir(TEMP)), site.sheet([{"Item": i, "Decision": "Accept", "ERP ID": e} for i, e in rows]))
    site.run()
    return [(f["code"], f["item"]) for f in site.findings() if f["severity"] == "R"], " ".join(f["message"] for f in site.findings())


def keys():
    for what, sql in (("a database of today", ()), ("a database without the column's values", ("UPDATE item SET claims = NULL",))):
        site = Site("keys-%d" % len(sql))
        small_reference(site)
        companies(site, (5, "Claim5"), (6, ""), (7, ""), (8, ""), (9, ""))
        database(site, *sql)
        got, text = refused(site, [("vendor/6", "CLAIM5"), ("vendor/7", "typed7"), ("vendor/8", "Typed7"), ("vendor/9", "free9")])
        tap.same(got, [("E-03", "vendor/6"), ("E-03", "vendor/8")], "%s: a key that a record names, and one typed in the same sheet, are taken in any case" % what)
        tap.ok("already used by vendor/5" in text and "already used by vendor/7" in text, "%s: the message names who has it" % what, text)
        left = database(site).execute("SELECT count(*) FROM item WHERE type = 'vendor' AND claims IS NULL").fetchone()[0]
        tap.same(left, 0, "%s: afterwards the index knows every company" % what)
        got, text = refused(site, [("vendor/8", "FREE9")])
        tap.same(got, [("E-03", "vendor/8")], "%s: a key of an earlier sheet stays taken" % what)


def numbers():
    site = Site("numbers")
    small_reference(site)
    site.drop("procore", "c.csv", commitments("SC-1", "SC-2", "SC-3"))
    site.run()
    got, text = refused(site, [("commitment/24-118/SC-1", ""), ("commitment/24-118/SC-2", "sc-1"), ("commitment/24-118/SC-3", "")])
    tap.same(got, [("E-35", "commitment/24-118/SC-2")], "a contract's own number is taken by its acceptance")
    tap.ok("already used by commitment/24-118/SC-1" in text, "the message names the contract", text)


def by_index():
    """No look at every item for each row: what finds the holders goes through indexes alone."""
    site = Site("index")
    db = database(site)
    held = ("SELECT id FROM item WHERE type = 'vendor' AND claims = 'x' COLLATE NOCASE", "SELECT id FROM item WHERE type = 'vendor' AND number = 'x' COLLATE NOCASE",
            "SELECT id FROM item WHERE type = 'vendor' AND erp_id = 'x' COLLATE NOCASE", "SELECT id FROM item WHERE type = 'vendor' AND claims IS NULL",
            "SELECT id FROM decision WHERE erp_id = 'x' COLLATE NOCASE AND erp_id <> ''")
    plans = [" ".join(r[3] for r in db.execute("EXPLAIN QUERY PLAN " + s)) for s in held]
    tap.ok(all("SEARCH" in p and p.count("=?") == (2 if "item" in p else 1) for p in plans), "every way to hold a key has its index", plans)


keys()
numbers()
by_index()
tap.end()
