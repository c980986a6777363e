# SPDX-License-Identifier: MIT
"""A site with two commitments that wait for a decision, and one way to look at every refusal: codes, place, words, the original in rejects, nothing decided."""
from kit import *

SC1, SC2 = "commitment/24-118/SC-1", "commitment/24-118/SC-2"
WAITING = {"SC-1": "waiting", "SC-2": "waiting"}


def decision_site(name, *settings, numbers=("SC-1", "SC-2")):
    site = Site(name, settings=("settle.quiet = 0s", "run.settle_timeout = 1s") + settings)
    small_reference(site)
    site.drop("procore", "c.csv", commitments(*numbers))
    assert site.run() == 0
    return site


def states(site):
    return {i.split("/")[-1]: q["state"] for i, q in site.queue("--type", "commitment").items()}


def said(site, severity="R"):
    return [f for f in site.findings() if f["source"] == "approvals" and f["severity"] == severity]


def user(site, name, *words):
    """A user with a key of his own: the private key's path."""
    key = os.path.join(TEMP, "%s-%s.pem" % (os.path.basename(site.path), name))
    site.call("users", "add", name, "--pubkey", make_key(key), *words)
    return key


def signature(data, key):
    path = os.path.join(TEMP, "to-sign")
    write(path, data)
    return read(sign(path, key))


def settled_run(site, name):
    """A run that takes the sheet; on a slow machine what is not whole may only be still for long enough in the next one."""
    status = site.run()
    for _ in range(3):
        if not os.path.exists(os.path.join(site.path, "spool/drop/approvals", name)):
            break
        time.sleep(1)
        status = site.run()
    return status


class Attacks:
    def __init__(self, tap):
        self.tap = tap

    def refused(self, site, what, name, data, rows, words=(), after=None, whole=True):
        """After a run: exactly these refusals (code, line, item) of the dropped sheet `name`, and its bytes in rejects beside a WHY.txt that says the same."""
        tap, found = self.tap, said(site)
        tap.same([(f["code"], f["line"], f["item"]) for f in found], rows, what + ": refused with code and place")
        text = " ".join(f["message"] for f in found)
        tap.ok(all(w in text for w in words), what + ": the message says what and what to do", text)
        kept = [d for d in site.rejects().values() if d.get(name) == data]
        tap.ok(len(kept) == 1, what + ": the original lies in rejects, unchanged", sorted(site.rejects()))
        why = kept[0]["WHY.txt"].decode() if kept else ""
        tap.ok(all(f["code"] in why and f["message"] in why for f in found) and sha256(data) in why and ("No row of it decided anything" in why) == whole,
               what + ": WHY.txt says the same", why)
        if after is not None:
            tap.same(states(site), after, what + ": the items are as they must be")

    def sheet(self, site, what, name, data, rows, words=(), after=WAITING, key=None, signed=True, whole=True):
        """Drops a sheet that must be refused, wholly or in these rows."""
        site.return_sheet(name, data, key=key, signature=signed)
        self.tap.same(settled_run(site, name), 3, what + ": run ends 3")
        self.refused(site, what, name, data, rows, words, after, whole)
