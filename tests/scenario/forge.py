#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Attacks on approvals: signatures, replay, keys, persons. Sheets that come again, too early, too late, for another site; keys that were revoked, replaced or belong to two;
signatures in every order. Every single bit: forge_bits.py; what stands in the rows of a sheet: forge_sheets.py; certificates: forge_cms.py.
"""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from attack import *

tap = Tap()
attack = Attacks(tap)


def inbox(site):
    return sorted(os.listdir(os.path.join(site.path, "spool/drop/approvals")))


# ---- again, early, late ----

def replay():
    site = decision_site("replay")
    sheet = site.sheet([(SC1, "Accept")])
    site.return_sheet("a.csv", sheet)
    tap.same((site.run(), states(site)), (0, {"SC-1": "exported", "SC-2": "waiting"}), "replay: the first is applied")
    for what, name in (("same name", "a.csv"), ("another name", "b.csv")):
        before = site.queue()
        site.return_sheet(name, sheet)
        tap.same((site.run(), [f["code"] for f in site.findings()], site.queue()), (0, ["F-12"], before), "replay under %s: F-12, no effect" % what)
    site.drop("approvals", "bare.csv", sheet)
    tap.same((site.run(), [f["code"] for f in site.findings()]), (0, ["F-12"]), "replay without a signature: F-12, it does not wait for one")
    again = site.sheet([(SC2, "Accept")])
    for i in range(40):
        site.return_sheet("copy%02d.csv" % i, again)
    tap.same(site.run(), 0, "40 copies at once: run ends 0")
    tap.same((states(site)["SC-2"], [f["code"] for f in site.findings()]), ("exported", ["F-12"] * 39), "40 copies at once: one effect, 39 times F-12")
    lines = b"".join(site.out().values()).count(b"SC-2")
    tap.ok(lines == b"".join(site.out().values()).count(b"SC-1") > 0, "40 copies at once: it left once, like the other", lines)
    site.drop("procore", "c2.csv", commitments("SC-1", amounts=("100.00", "99.99")))
    site.run()
    before = site.queue()
    site.return_sheet("after.csv", sheet)
    tap.same((site.run(), site.queue()), (0, before), "replay after its item changed: no effect on the new content")
    other = site.sheet([{"Item": SC1, "Decision": "Accept", "Content": sheet.decode().split("sha256:")[1][:64], "Comment": "again"}])
    attack.sheet(site, "a new sheet with yesterday's content", "old.csv", other, [("E-75", 2, SC1)], ["erpgate"], after=None, whole=False)


def two_approvers():
    site = decision_site("two")
    weak = user(site, "weak", "--role", "standard")
    sheet = site.sheet([(SC1, "Accept")])
    attack.sheet(site, "signed by somebody without the right", "weak.csv", sheet, [("E-74", 2, SC1)], ["weak", "erpgate users grant"], key=weak, whole=False)
    site.return_sheet("pat.csv", sheet)
    tap.same((site.run(), states(site)["SC-1"]), (0, "exported"), "the same sheet signed by somebody with the right: not forestalled")
    site.return_sheet("weak2.csv", sheet, key=weak)
    tap.same((site.run(), [f["code"] for f in site.findings()]), (0, ["F-12"]), "and again by the first: F-12")


def early():
    site, model = decision_site("early", numbers=("SC-1",)), decision_site("model", numbers=("SC-1", "SC-2"))
    content = model.queue()[SC2]["content"]
    sheet = site.sheet([{"Item": SC2, "Decision": "Accept", "Content": content}])
    site.return_sheet("early.csv", sheet)
    tap.same((site.run(), [(f["code"], f["severity"]) for f in site.findings()]), (0, [("F-61", "W")]), "early: parked, said once")
    tap.ok("never applied to other content" in said(site, "W")[0]["message"], "early: the message says that it waits for its own content")
    site.drop("procore", "c2.csv", commitments("SC-2", amounts=("100.00", "999.99")))
    tap.same(site.run(), 3, "early: its item comes with other content: run ends 3")
    attack.refused(site, "early, other content", "early.csv", sheet, [("E-75", 2, SC2)], ["changed"], {"SC-1": "waiting", "SC-2": "waiting"}, whole=False)
    site2 = decision_site("early2", numbers=("SC-1",))
    site2.return_sheet("early.csv", site2.sheet([{"Item": SC2, "Decision": "Accept", "Content": content}]))
    site2.run()
    site2.drop("procore", "c2.csv", commitments("SC-2"))
    tap.same((site2.run(), states(site2)), (0, {"SC-1": "waiting", "SC-2": "exported"}), "early: applied by itself to the content it names")


def late_and_elsewhere():
    site, other = decision_site("late"), decision_site("elsewhere")
    first, second = site.sheet([(SC1, "Accept")]), site.sheet([(SC1, "Reject"), (SC2, "Reject")])
    site.return_sheet("first.csv", first)
    site.run()
    attack.sheet(site, "late: the item has left", "second.csv", second, [("E-75", 2, SC1)], ["SC-1"], {"SC-1": "exported", "SC-2": "rejected"}, whole=False)
    attack.sheet(site, "accept after reject", "third.csv", site.sheet([(SC2, "Accept")]), [("E-75", 2, SC2)], ["SC-2"], None, whole=False)
    for i, (cell, words) in enumerate(((other.sheet_cell(), ["elsewhere", "late"]), (site.sheet_cell().replace("late", "LATE"), ["LATE"]),
                                       (site.sheet_cell().replace("late", "late "), ["late"]), (site.sheet_cell().replace("late", "l\u0430te"), ["l\u0430te"]),
                                       (site.sheet_cell().rsplit(" ", 1)[0], ["erpgate sheet -o"]), ("", ["erpgate sheet -o"]))):
        name, sheet = "site%d.csv" % i, other.sheet([(SC2, "Accept")], cell=cell or " ")
        if i == 2:  # a blank more around the name is no other site; the row itself says no
            site.return_sheet(name, sheet)
            site.run()
            tap.ok(states(site)["SC-2"] == "rejected", "a blank in the site's name: nothing is applied")
            continue
        attack.sheet(site, "Sheet cell %r" % cell, name, sheet, [("F-63", 1, "")], words, None)
    tap.same(states(other), WAITING, "the other site is untouched")


# ---- keys and persons ----

def revoked():
    site = decision_site("revoked", numbers=("SC-1", "SC-2", "SC-3"))
    lee = user(site, "lee", "--role", "standard", "--approve", "commitment")
    before, parked = site.sheet([(SC1, "Accept")]), site.sheet([(SC2, "Accept")])
    site.return_sheet("arrived.csv", site.sheet([("commitment/24-118/SC-3", "Accept")]), key=lee)
    site.run()
    late = signature(parked, lee)
    site.return_sheet("parked.csv", parked, signature=False)
    site.run()
    site.call("users", "revoke", "lee")
    after = {"SC-1": "waiting", "SC-2": "waiting", "SC-3": "exported"}
    attack.sheet(site, "signed before the revocation, arrived after", "before.csv", before, [("E-74", 2, SC1)], ["lee", "revoked"], after, key=lee, whole=False)
    site.drop("approvals", "parked.csv.sig", late)
    tap.same(site.run(), 3, "parked before the revocation, signature after: run ends 3")
    attack.refused(site, "parked before the revocation, signature after", "parked.csv", parked, [("E-74", 2, SC2)], ["lee", "revoked"], after, whole=False)
    new = os.path.join(TEMP, "revoked-pat-new.pem")
    site.call("users", "grant", "pat", "--pubkey", make_key(new))
    attack.sheet(site, "signed with a key that was replaced", "oldkey.csv", before, [("F-62", 1, "")], ["registered key"], after)
    site.return_sheet("newkey.csv", before, key=new)
    tap.same((site.run(), states(site)["SC-1"]), (0, "exported"), "signed with the new key: applied")
    events = [(e["event"], e["id"], e["detail"].get("key"), (e["detail"].get("before") or {}).get("key")) for e in site.json("log") if e.get("event", "").startswith("user-")]
    keys = [k for _, _, k, _ in events]
    tap.same([(e, i) for e, i, _, _ in events], [("user-added", "pat"), ("user-added", "lee"), ("user-revoked", "lee"), ("user-changed", "pat")], "users: every change is a log entry")
    tap.ok(all(len(k) == 16 for k in keys) and events[3][3] == keys[0] != keys[3] and events[2][3] == keys[1], "users: the entries name the keys, before and after", events)


def one_key_one_person():
    site = decision_site("persons")
    public, other = site.key.replace(".pem", ".pub.pem"), os.path.join(TEMP, "persons-other.pem")
    def told():
        """Every command that changes something also keeps the state."""
        return [e for e in site.json("log") if e["event"] != "state-kept"]

    log = len(told())
    weak = {"rsa1024": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "x25519": ["X25519"]}
    for name, how in weak.items():
        path = os.path.join(TEMP, name + ".pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", *how, "-out", path], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", path + ".pub"], check=True, capture_output=True)
    cases = [
        ("the key of another user", ["add", "lee", "--pubkey", public], ["the key of pat", "one person"]),
        ("a second key for a user", ["add", "pat", "--pubkey", make_key(other)], ["pat is a user already", "users grant"]),
        ("a name that differs in capitals", ["add", "PAT", "--pubkey", other.replace(".pem", ".pub.pem")], ["capital letters", "pat"]),
        ("a name with a Cyrillic letter", ["add", "p\u0430t"], ["letters, digits"]),
        ("a name with a zero-width space", ["add", "pat\u200b"], ["letters, digits"]),
        ("a name with a blank behind it", ["add", "pat "], ["letters, digits"]),
        ("a name that is a path", ["add", "../pat"], ["letters, digits"]),
        ("the gateway's own key", ["add", "lee", "--pubkey", os.path.join(site.path, "keys/gateway.pub.pem")], ["gateway's own key"]),
        ("a private key", ["add", "lee", "--pubkey", site.key], ["public key"]),
        ("a weak RSA key", ["add", "lee", "--pubkey", os.path.join(TEMP, "rsa1024.pem.pub")], ["Ed25519", "2048"]),
        ("another curve", ["add", "lee", "--pubkey", os.path.join(TEMP, "p384.pem.pub")], ["P-256"]),
        ("a key that cannot sign", ["add", "lee", "--pubkey", os.path.join(TEMP, "x25519.pem.pub")], ["cannot sign"]),
    ]
    for what, words, parts in cases:
        p = site.ask("users", *words)
        tap.ok(p.returncode != 0 and all(w in p.stderr for w in parts), "users: %s is refused and told" % what, "%d %s" % (p.returncode, p.stderr))
    site.call("users", "add", "ann", "--account", "ann")
    p = site.ask("users", "add", "anna", "--account", "ann")
    tap.ok(p.returncode != 0 and "belongs to ann" in p.stderr, "users: one account of two people is refused", p.stderr)
    site.call("users", "add", "lee", "--pubkey", other.replace(".pem", ".pub.pem"))
    site.call("users", "revoke", "lee")
    p = site.ask("users", "add", "leo", "--pubkey", other.replace(".pem", ".pub.pem"))
    tap.ok(p.returncode != 0 and "lee (revoked)" in p.stderr, "users: a revoked key does not come back under another name", p.stderr)
    tap.same([u["name"] for u in site.json("users", "list")], ["ann", "lee", "pat"], "users: only the good ones are there")
    tap.same(len(told()), log + 3, "users: what was refused left no entry")
    os.makedirs(os.path.join(site.path, "keys/users"), exist_ok=True)
    stranger = os.path.join(TEMP, "persons-stranger.pem")
    shutil.copy(make_key(stranger), os.path.join(site.path, "keys/users/pat.pub.pem"))
    shutil.copy(stranger.replace(".pem", ".pub.pem"), os.path.join(site.path, "keys/users/mallory.pub.pem"))
    attack.sheet(site, "a key file put into keys/users", "planted.csv", site.sheet([(SC1, "Accept")]), [("F-62", 1, "")], ["registered key"], key=stranger)


def own_upload():
    site = decision_site("own", "approvals.separate_submitter = yes")
    clerk = user(site, "procore", "--role", "standard", "--approve", "all")  # a person who is the source: what the source drops is his
    attack.sheet(site, "who is the source approves what it dropped", "own.csv", site.sheet([(SC1, "Accept")]), [("E-74", 2, SC1)], ["procore dropped the file", "Another approver"],
                 key=clerk, whole=False)
    path = os.path.join(TEMP, "own-more.csv")
    write(path, commitments("SC-3"))
    site.call("users", "add", "ivy", "--role", "standard", "--approve", "all", "--pubkey", make_key(os.path.join(TEMP, "own-ivy.pem")))
    site.call("ingest", path, "--source", "procore", "--as", "ivy")
    attack.sheet(site, "who gave the file in approves it", "ivy.csv", site.sheet([("commitment/24-118/SC-3", "Accept")]), [("E-74", 2, "commitment/24-118/SC-3")], ["ivy"], None,
                 key=os.path.join(TEMP, "own-ivy.pem"), whole=False)
    site.return_sheet("other.csv", site.sheet([(SC1, "Accept")]))
    tap.same((site.run(), states(site)["SC-1"]), (0, "exported"), "somebody else approves it: applied")


# ---- the signature's own ways ----

def orders():
    site = decision_site("orders", numbers=("SC-1", "SC-2", "SC-3"))
    a, b = site.sheet([(SC1, "Accept")]), site.sheet([(SC2, "Reject")])
    site.drop("approvals", "a.csv.sig", signature(a, site.key))
    tap.same((site.run(), site.findings(), inbox(site)), (0, [], ["a.csv.sig"]), "signature first: it waits without a word")
    site.drop("approvals", "a.csv", a)
    tap.same((site.run(), states(site)["SC-1"], inbox(site)), (0, "exported", []), "signature first: applied when the sheet comes")
    site.drop("approvals", "b.csv.sig", signature(a, site.key))
    site.drop("approvals", "b.csv", b)
    tap.same(site.run(), 3, "the signature of another sheet: run ends 3")
    attack.refused(site, "the signature of another sheet", "b.csv", b, [("F-62", 1, "")], ["changed after signing"], {"SC-1": "exported", "SC-2": "waiting", "SC-3": "waiting"})
    for name, junk in (("empty", b""), ("short", b"x" * 63), ("long", b"x" * 65), ("hex", signature(b, site.key).hex().encode()), ("twice", signature(b, site.key) * 2)):
        site.drop("approvals", name + ".csv.sig", junk)
        data = site.sheet([{"Item": SC2, "Decision": "Reject", "Comment": name}])
        site.drop("approvals", name + ".csv", data)
        if name == "empty":
            parked = data
            tap.same((site.run(), [f["code"] for f in site.findings()]), (0, ["F-61"]), "an empty signature: the sheet waits for a real one")
            continue
        tap.same(site.run(), 3, "a %s signature: run ends 3" % name)
        attack.refused(site, "a %s signature" % name, name + ".csv", data, [("F-62", 1, "")], ["Sign the sheet"])
    site.drop("approvals", "empty.csv.sig", b"x" * 70000)
    tap.same((site.run(), [(f["code"], f["file"]) for f in site.findings()]), (3, [("F-60", "empty.csv.sig")]), "a giant signature comes late: left and told, no stop")
    tap.ok("65536" in site.findings()[0]["message"], "a giant signature: the message has the limit", site.findings()[0]["message"])
    site.drop("procore", "more.csv", commitments("SC-4"))
    tap.same((site.run(), states(site)["SC-4"]), (3, "waiting"), "a giant signature: everything beside it goes on")
    os.unlink(os.path.join(site.path, "spool/drop/approvals/empty.csv.sig"))
    os.symlink("/etc/passwd", os.path.join(site.path, "spool/drop/approvals/empty.csv.sig"))
    tap.same((site.run(), [f["code"] for f in site.findings()]), (3, ["F-60"]), "a link as signature: left and told")
    os.unlink(os.path.join(site.path, "spool/drop/approvals/empty.csv.sig"))
    os.mkfifo(os.path.join(site.path, "spool/drop/approvals/empty.csv.sig"))
    tap.same((site.run(), [f["code"] for f in site.findings()]), (3, ["F-60"]), "a pipe as signature: left and told, nobody waits for it")
    os.unlink(os.path.join(site.path, "spool/drop/approvals/empty.csv.sig"))
    site.drop("approvals", "empty.csv.sig", signature(parked, site.key))
    tap.same((site.run(), states(site)["SC-2"], inbox(site)), (0, "rejected", []), "the real one comes at last: applied")
    x, y = site.sheet([("commitment/24-118/SC-3", "Accept")]), site.sheet([("commitment/24-118/SC-4", "Reject")])
    site.drop("approvals", "day.csv", x)
    site.run()
    site.drop("approvals", "day.csv.sig", signature(y, site.key))
    site.drop("approvals", "day.csv", y)
    tap.same((site.run(), states(site)["SC-4"], states(site)["SC-3"]), (0, "rejected", "waiting"), "a second sheet of a parked one's name takes its own signature")


def both_at_once():
    site = decision_site("both")
    yes, no = site.sheet([(SC1, "Accept")]), site.sheet([(SC1, "Reject"), (SC2, "Reject")])
    site.return_sheet("1.csv", yes)
    site.return_sheet("2.csv", no)
    tap.same(site.run(), 3, "two sheets at once: run ends 3")
    attack.refused(site, "two sheets at once: the first counts, the second is shown", "2.csv", no, [("E-75", 2, SC1)], ["SC-1"], {"SC-1": "exported", "SC-2": "rejected"}, whole=False)


def needed():
    site = decision_site("needed", "approvals.expire = 1h")
    path = os.path.join(TEMP, "needed.csv")
    write(path, site.sheet([(SC1, "Accept")]))
    p = site.ask("decide", path, "--as", "pat")
    tap.ok(p.returncode == 77 and "erpgate-sign" in p.stderr, "decide without a signature where one is needed ends 77", p.stderr)
    stranger = os.path.join(TEMP, "needed-stranger.pem")
    make_key(stranger)
    sign(path, stranger)
    p = site.ask("decide", path, "--as", "pat")
    tap.ok(p.returncode == 3 and "F-62" in p.stdout, "decide with a stranger's signature: --as lends it no name", p.stdout + p.stderr)
    tap.same(states(site), WAITING, "needed: nothing was decided")


def by_account():
    site = decision_site("account", "approvals.require_signature = no")
    data = site.sheet([(SC1, "Accept")])
    me = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    attack.sheet(site, "unsigned, from an account of nobody", "me.csv", data, [("E-74", 1, "")], [me, "erpgate users add NAME --account"], signed=False)
    site.call("users", "add", "owner", "--role", "standard", "--approve", "commitment", "--account", me)
    stranger = os.path.join(TEMP, "account-stranger.pem")
    make_key(stranger)
    attack.sheet(site, "a bad signature where none is needed", "bad.csv", data, [("F-62", 1, "")], ["registered key"], key=stranger)
    if os.getuid() == 0:
        for uid, name, words in ((54321, "nobody.csv", ["54321"]), (65534, "known.csv", ["nobody"])):
            sheet = site.sheet([{"Item": SC1, "Decision": "Accept", "Comment": name}])
            path = os.path.join(site.path, "spool/drop/approvals", name)
            write(path + ".part", sheet)
            os.chown(path + ".part", uid, -1)
            os.chmod(path + ".part", 0o644)
            os.rename(path + ".part", path)
            tap.same(site.run(), 3, "unsigned, from account %d: run ends 3" % uid)
            attack.refused(site, "unsigned, from account %d" % uid, name, sheet, [("E-74", 1, "")], words, WAITING)
    else:
        tap.skip("sheets of other accounts", "only root can make them")
    site.return_sheet("mine.csv", site.sheet([(SC1, "Accept"), (SC2, "Accept")]), signature=False)
    tap.same((site.run(), states(site)), (0, {"SC-1": "exported", "SC-2": "exported"}), "unsigned, from the account of a user: applied")
    e = [x for x in site.json("log") if x.get("event") == "approved"]
    tap.same({(x["detail"]["approver"], x["detail"]["assurance"]) for x in e}, {("owner", "account")}, "unsigned: the log says for ever that it was the account alone")


# ---- the trust list ----

def trust_list():
    site = decision_site("trust")
    ca = os.path.join(site.path, "keys/ca.pem")
    write(ca, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    site.call("config", "set", "approvals.ca", "ca.pem")
    site.run()
    write(ca, "-----BEGIN CERTIFICATE-----\nAB==\n-----END CERTIFICATE-----\n")
    site.run()
    public = os.path.join(site.path, "keys/gateway.pub.pem")
    was = read(public)
    make_key(os.path.join(TEMP, "trust-other.pem"))
    shutil.copy(os.path.join(TEMP, "trust-other.pub.pem"), public)
    site.run()
    write(public, was)
    site.run()
    log = [e for e in site.json("log") if e.get("event") in ("config", "key-changed")]
    tap.same([(e["event"], e["id"]) for e in log if e["event"] == "config"][-1:], [("config", "approvals.ca")], "trust list: approvals.ca set is a log entry")
    found = [(e["id"], e["detail"]["key_before"], e["detail"]["key"]) for e in log if e["event"] == "key-changed"]
    tap.same([f[0] for f in found], ["keys/ca.pem", "keys/ca.pem", "keys/gateway.pub.pem", "keys/gateway.pub.pem"], "trust list: CA file new, changed; gateway's key changed and put back")
    tap.ok(len(found) == 4 and found[2][1] == found[3][2] != found[2][2] == found[3][1] and len(found[2][1]) == 16, "trust list: the entries name key ids before and after", found)
    tap.same(site.ask("audit", "verify").returncode, 0, "trust list: the archive still verifies")


replay()
two_approvers()
early()
late_and_elsewhere()
revoked()
one_key_one_person()
own_upload()
orders()
both_at_once()
needed()
by_account()
trust_list()
tap.end()
