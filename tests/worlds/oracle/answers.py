# SPDX-License-Identifier: MIT
"""The ERP's answers (layouts §4.13, §4.25, §4.33): rows to items by the key that was sent; what was answered well is synced."""
from .read_mri import ANSWERS

NO_KEY = {"budget", "budget-change", "forecast", "prime"}


def row_of(site, doc):
    """(object, key, ERP code, posted, error) of one answer row."""
    h = doc.h
    if site.letter == "M":
        name, keys = ANSWERS[doc.layout.root]
        return name, "|".join(h["key%d" % i] or "" for i in range(len(keys))), h["erp_code"], bool(h["posted"]), h["error"]
    bad = h["error"]
    if site.letter == "A" and not bad and not h["processed"]:
        bad = "not processed"
    return h["object"] or "", h["key"] or "", h["erp_code"], bool(h["posted"]), bad


def items_for(site, name, key):
    if site.letter == "A" and name == "RETAINAGE":
        name = "BILL"
    return [i for i in site.items.values() if i.sent == (name, key)]


def default_task(site, name, key):
    job, _, task = key.partition("|")
    return site.letter == "A" and name == "TASK" and job == task and any(i.sent == ("PROJECT", job) for i in site.of("project"))


def apply(site, docs):
    rows = {}
    for doc in docs:
        doc.say()
        if doc.bad:
            continue
        name, key, code, posted, bad = row_of(site, doc)
        found = items_for(site, name, key)
        if default_task(site, name, key):
            continue
        if not found:
            site.find(doc.file, doc.line, "F-36", "")
        for it in found:
            rows.setdefault(it.id, []).append((doc, code, posted, bad))
    for item, answers in rows.items():
        answer(site, site.items[item], answers)


def answer(site, it, rows):
    if it.state == "exported":
        errors = [r for r in rows if r[3]]
        if errors:
            it.state = "failed"
            first = min((d for d, *_ in (rows if site.letter == "M" else errors)), key=lambda d: (d.file, d.line))
            site.find(first.file, first.line, "F-37", it.id)
            return
        it.state = "synced"
        it.posted = "Y" if any(r[2] for r in rows) else "N"
        codes = [r[1] for r in rows if r[1]]
        it.erp_id = codes[0] if codes else "" if it.kind in NO_KEY else it.sent[1].split("|")[-1]
    elif it.state == "synced":
        for doc, code, posted, bad in rows:
            if posted and not bad:
                it.posted = "Y"
            else:
                site.find(doc.file, doc.line, "F-36", it.id)
    else:
        for doc, *_ in rows:
            site.find(doc.file, doc.line, "F-36", it.id)
