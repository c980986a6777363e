# SPDX-License-Identifier: MIT
"""A second implementation of the log's files, for tests: reads the entries of archive/log, writes all of it anew from entries, and signs its head with the openssl command. Whoever has
the key and the disk can do the same: that is what tests of `audit verify` need."""
import base64, hashlib, os, shutil, struct, subprocess, tempfile

TILE = 256


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\1" + root(hashes[:k]) + root(hashes[k:])).digest()


def number(index):
    groups = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        groups.insert(0, "x%03d" % (index % 1000))
    return "/".join(groups)


def entries(log):
    """All entries of archive/log, in order, as far as the checkpoint says."""
    size = int(open(os.path.join(log, "checkpoint"), encoding="utf-8").read().split("\n")[1])
    found = []
    for tile in range((size + TILE - 1) // TILE):
        width = min(TILE, size - tile * TILE)
        path = os.path.join(log, "tile/entries", number(tile))
        data = open(path if width == TILE else "%s.p/%d" % (path, width), "rb").read()
        while data:
            n = struct.unpack(">H", data[:2])[0]
            found.append(data[2:2 + n])
            data = data[2 + n:]
    return found


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def raw_public(key):
    der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
    return der[-32:]


def checkpoint(origin, size, head, key):
    text = ("%s\n%d\n%s\n" % (origin, size, base64.b64encode(head).decode())).encode()
    with tempfile.TemporaryDirectory() as temp:
        put(os.path.join(temp, "text"), text)
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", os.path.join(temp, "text"), "-out", os.path.join(temp, "sig")], check=True)
        sig = open(os.path.join(temp, "sig"), "rb").read()
    name = hashlib.sha256(origin.encode() + b"\n\1" + raw_public(key)).digest()[:4]
    return text + b"\n\xe2\x80\x94 " + origin.encode() + b" " + base64.b64encode(name + sig) + b"\n"


def write(log, lines, key, origin):
    """archive/log made anew of these entries and signed: what it held before is gone, stamps stay."""
    shutil.rmtree(os.path.join(log, "tile"), ignore_errors=True)
    row = [leaf(line) for line in lines]
    put(os.path.join(log, "checkpoint"), checkpoint(origin, len(lines), root(row), key))
    for tile in range((len(lines) + TILE - 1) // TILE):
        some = lines[tile * TILE:(tile + 1) * TILE]
        name = number(tile) if len(some) == TILE else "%s.p/%d" % (number(tile), len(some))
        put(os.path.join(log, "tile/entries", name), b"".join(struct.pack(">H", len(e)) + e for e in some))
    level = 0
    while row:
        for tile in range((len(row) + TILE - 1) // TILE):
            some = row[tile * TILE:(tile + 1) * TILE]
            name = number(tile) if len(some) == TILE else "%s.p/%d" % (number(tile), len(some))
            put(os.path.join(log, "tile/%d" % level, name), b"".join(some))
        row = [root(row[i * TILE:(i + 1) * TILE]) for i in range(len(row) // TILE)]
        level += 1
