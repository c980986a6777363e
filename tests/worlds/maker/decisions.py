# SPDX-License-Identifier: MIT
"""What the approver does with what is there: mostly accepts, some refusals on purpose before the right row."""
from oracle.site import AUTOMATIC, BY_DECISION

COLUMNS = ["item", "verdict", "erp_id", "transaction_date", "accounting_date", "description", "comment"]


class Decisions:
    """Mixed into the world."""

    def decisions(self):
        rows = []
        items = sorted(self.site.items.values(), key=lambda i: i.id)
        self.rng.shuffle(items)
        items.sort(key=lambda i: i.kind not in BY_DECISION)
        for it in items:
            if it.kind in AUTOMATIC or it.decision:
                continue
            if it.state in ("exported", "synced", "rejected", "archived"):
                if self.chance(0.04) and not (self.letter == "M" and it.kind in ("vendor", "project")):
                    rows.append(self.row(it, "accept" if it.kind in BY_DECISION else self.pick(["accept", "reject"])))
            elif it.kind in BY_DECISION:
                if it.state == "importable" and self.chance(0.5) and not (self.letter == "M" and it.kind == "erp-vendor" and self.chance(0.7)):
                    rows.append(self.row(it, self.pick(["accept", "accept", "accept", "archive"])))
            elif it.kind in ("vendor", "project"):
                rows += self.company_or_project(it)
            elif self.chance(0.8):
                rows += self.export(it)
        if self.chance(0.3):
            rows.insert(self.rng.randint(0, len(rows)), dict.fromkeys(COLUMNS, "") | {"item": "commitment/NO-SUCH/1", "verdict": "accept"})
        return rows

    def row(self, it, verdict, **more):
        day = "2026-%02d-%02d" % (self.rng.randint(3, 6), self.rng.randint(1, 28))
        row = dict.fromkeys(COLUMNS, "") | {"item": it.id, "verdict": verdict, "transaction_date": day}
        if verdict == "accept" and self.chance(0.3):
            row["description"] = self.pick(["Pay app 1; müller's note", "typed by the approver", "d" * 61])
        if verdict == "accept" and it.kind == "invoice" and self.chance(0.4):
            row["accounting_date"] = "2026-04-05"
        return row | more

    def company_or_project(self, it):
        free = [i.parts[0] for i in self.site.of("erp-" + it.kind) if i.state == "importable"]
        if self.letter == "M":
            if it.state == "unlinked" and free and self.chance(0.8):
                rows = [self.row(it, "link", erp_id=self.pick(["NOSUCH", "nosuch2"]))] if self.chance(0.1) else []
                rows += [self.row(it, self.pick(["accept", "reject"]))] if self.chance(0.1) else []
                return rows + [self.row(it, "link", erp_id=self.pick(free))]
            return []
        if it.state not in ("waiting", "failed") or not self.chance(0.85):
            return []
        rows = []
        if self.chance(0.15) and it.state == "waiting":
            rows.append(self.row(it, "link", erp_id="NOSUCH"))
        if self.chance(0.3):
            bad = ["", "AN-IDENTIFIER-LONGER-THAN-THIRTY-1"] + [v[0] for v in (self.vendors if it.kind == "vendor" else self.jobs)][:3]
            rows.append(self.row(it, "accept", erp_id=self.pick(bad)))
        if free and self.chance(0.15) and it.state == "waiting":
            return rows + [self.row(it, "link", erp_id=self.pick(free))]
        self.serial += 1
        key = ("Ven%03d" if it.kind == "vendor" else "9%04d") % self.serial
        return rows + [self.row(it, "accept", erp_id=key)]

    def export(self, it):
        rows = []
        if self.chance(0.05):
            rows.append(self.row(it, self.pick(["archive", "link"])))
        if self.chance(0.05) and it.state != "failed":
            return rows + [self.row(it, "reject", comment=self.pick(["", "no"]))]
        if it.kind in ("commitment", "cco", "invoice", "pcco") and self.chance(0.2):
            other = self.pick([i for i in self.site.of(it.kind)])
            rows.append(self.row(it, "accept", erp_id=self.pick(["A-NUMBER-LONGER-THAN-TWENTY", "N" * 41, other.number or other.parts[-1], "own-%d" % self.serial,
                                                                "1234567", "123456", "12345678901", "Ö" + str(self.serial % 90), "t" * 20])))
            self.serial += 1
        if it.kind == "pcco" and self.chance(0.2):
            rows.append(self.row(it, "accept", transaction_date=""))
        rows.append(self.row(it, "accept"))
        if self.chance(0.05):
            rows.append(self.row(it, self.pick(["accept", "reject"])))
        return rows
