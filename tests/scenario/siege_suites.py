#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""siege_suites.py [SUITE]... The public suites that siege_archives.py leaves out, as drops of a site, one turn a suite, under strace: nothing crashes or hangs, nothing is opened outside of
the site, no worker opens or connects anything, and what is refused says why and keeps its original. Every suite gives a sample; with SIEGE=all (make siege) all
of it. Suites that are not beside the tree are skipped."""
import os, sys, tarfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from siege import *

tap = Tap()
SAMPLE = 12  # files of a suite that stand for it, spread over all of it


def packed(suite, archive):
    """(path, bytes) of each file of a packed suite, no two with the same bytes."""
    path, seen, found = os.path.join(CORPORA, suite, archive), set(), []
    if not os.path.exists(path):
        return found
    with tarfile.open(path) as t:
        for m in t:
            data = t.extractfile(m).read() if m.isfile() else b""
            if data and sha256(data) not in seen:
                seen.add(sha256(data))
                found.append((m.name, data))
    return sorted(found)


def go_cases():
    """Each input once: the same bytes a second time are no case of their own, they are told as a repetition."""
    path = os.path.join(CORPORA, "go-csv/cases.json")
    cases = json.loads(read(path)) if os.path.exists(path) else []
    return [(name + ".csv", data) for data, name in {c["input"].encode(): c["name"] for c in cases if c["input"]}.items()]


def seeds():
    """Named by what they were made for: the folder says it, not the name."""
    return [(name + "." + kind, data) for name, data in packed("go-fuzz-seeds", "seeds.tar.gz")
            for kind in ("csv", "zip", "xml") if "/%s/" % kind in "/" + name]


def xml_documents():
    return [f for f in packed("w3c-xmlconf", "xmlconf-20130923.tar.gz") if f[0].endswith((".xml", ".ent", ".dtd", ".mod"))]


SUITES = {
    "w3c-xmlconf": xml_documents,
    "go-fuzz-seeds": seeds,
    "go-csv": go_cases,
    "csvkit-examples": lambda: files_of("csvkit-examples"),
    "node-csv": lambda: files_of("node-csv"),
    "fuzz-dicts": lambda: files_of("fuzz-dicts"),
    "bagit-conformance": lambda: files_of("bagit-conformance"),
    "merkle-rfc6962-vectors": lambda: files_of("merkle-rfc6962-vectors"),
    "wycheproof-ed25519": lambda: files_of("wycheproof-ed25519"),
}


def main():
    whole = os.environ.get("SIEGE") == "all"
    for name in sys.argv[1:] or SUITES:
        every = SUITES[name]()
        suite(tap, name, every if whole or len(every) <= SAMPLE else every[::len(every) // SAMPLE][:SAMPLE])
    tap.end()


main()
