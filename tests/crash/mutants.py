# SPDX-License-Identifier: MIT
"""Eleven programs with one rule broken each. The product's sources carry none of it: a mutant is a few replaced texts in a copy, and each text must be there exactly as
often as it says, so that a mutant that no longer fits the code is noticed.

HOW names the campaign that has to catch it: kills, ext4 (power cuts), bare (power cuts of base/fs alone), errors (calls that fail), writer (a sender that writes on
after the claim), plain (already the undisturbed run is wrong).
"""
import os, subprocess

import oracle, world

PUBLISH = "gateway/workflow/publish.c"
FS = "base/fs.c"
OUT = "base/fs_out.c"

MUTANTS = {
    "no-file-sync": ("ext4", "a file is renamed before its bytes are forced out", [
        (OUT, "DURABLE(fsync(fd)) < 0)\n\t\trc = eg_fs_fail(err, \"DISK-ERROR\", errno, \"cannot sync %s\", name);",
         "fd < 0)\n\t\trc = eg_fs_fail(err, \"DISK-ERROR\", errno, \"cannot sync %s\", name);"),
        ("base/fs_group.c", "if (!g->whole && DURABLE(fsync(fd)) < 0)", "if (fd < 0)"),
        ("base/fs_group.c", "if (g->whole && DURABLE(syncfs(g->fs)) < 0)", "if (g->fs < 0)")]),
    "no-folder-sync": ("bare", "a rename is not forced out", [
        (FS, "DURABLE(fsync(here >= 0 ? here : dirfd)) < 0", "(here >= 0 ? here : dirfd) == -2")]),
    "mark-first": ("kills", "a batch counts as published before its files are moved", [
        (PUBLISH, "\trow.state = \"published\";\n\tif (rc == EG_OK)\n\t\trc = batch_put(s->store, &row, err);", ""),
        (PUBLISH, "\tif (rc == EG_OK)\n\t\trc = batch_file_each(s->store, b->id, publish_file, &p, err);\n",
         "\trow.state = \"published\";\n\tif (rc == EG_OK)\n\t\trc = batch_put(s->store, &row, err);\n\tif (rc == EG_OK)\n\t\trc = store_commit(s->store, err);\n"
         "\tif (rc == EG_OK)\n\t\trc = store_begin(s->store, err);\n\tif (rc == EG_OK)\n\t\trc = batch_file_each(s->store, b->id, publish_file, &p, err);\n")]),
    "publish-if-missing": ("kills", "a file that is not in out/ is put there again", [
        ("spool/publish.c", "\tif (rc >= 0 && companion && eg_fs_exists(stage, name)",
         "\tif (rc >= 0 && !eg_fs_exists(stage, name) && !eg_fs_exists(out, name)) {\n"
         "\t\tstruct eg_buf again = EG_BUF_INIT;\n\t\tsnprintf(marker, sizeof(marker), \"%s/archive/%s\", batch, name);\n"
         "\t\trc = eg_fs_read_file(s->work, marker, 1 << 30, &again, err);\n"
         "\t\tif (rc >= 0)\n\t\t\trc = eg_fs_write_file(stage, name, eg_buf_view(&again), OUT_MODE, true, err);\n\t\teg_buf_done(&again);\n"
         "\t\tsnprintf(marker, sizeof(marker), \"%s.ok\", name);\n\t}\n"
         "\tif (rc >= 0 && companion && eg_fs_exists(stage, name)")]),
    "synchronous-normal": ("ext4", "SQLite does not force out every commit", [
        ("gateway/store/store.c", "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL")]),
    "sync-again": ("errors", "a sync that failed is tried once more", [
        (OUT, "DURABLE(fsync(fd)) < 0)\n\t\trc = eg_fs_fail", "DURABLE(fsync(fd)) < 0 && DURABLE(fsync(fd)) < 0)\n\t\trc = eg_fs_fail")]),
    "no-copy": ("writer", "the claimed file itself is read, which its sender may still have open", [
        ("spool/claim_copy.c", "\t\trc = copy_in(j, name, \"raw\", max, sha, &c->size, err);",
         "\t\tint fd = -1;\n\t\tstruct stat st;\n\t\trc = eg_fs_open_file(j->in, name, &fd, &st, err);\n"
         "\t\tif (rc >= 0)\n\t\t\trc = spool_hash_fd(fd, sha, &c->size, err);\n\t\teg_fd_done(&fd);\n"
         "\t\tif (rc >= 0)\n\t\t\trc = linkat(j->in, name, j->dir, \"raw\", 0) == 0 ? EG_OK : EG_FATAL;\n\t\t(void)max;")]),
    "nonce-apart": ("kills", "that a sheet was applied is written in a transaction after its decisions", [
        ("gateway/workflow/manifest.c", "\tin->m.state = state;\n\trc = manifest_put(",
         "\tin->m.state = state;\n\trc = store_commit(in->site->store, err);\n\tif (rc == EG_OK)\n\t\trc = store_begin(in->site->store, err);\n"
         "\tif (rc == EG_OK)\n\t\trc = manifest_put(")]),
    "log-apart": ("kills", "a bundle and its log entry are two transactions", [
        ("gateway/seal.c", "\tif (rc == EG_OK)\n\t\trc = site_log(s, \"archived\", b->id, detail, err);",
         "\tif (rc == EG_OK)\n\t\trc = store_commit(s->store, err);\n\tif (rc == EG_OK)\n\t\trc = store_begin(s->store, err);\n"
         "\tif (rc == EG_OK)\n\t\trc = site_log(s, \"archived\", b->id, detail, err);")]),
    "forget-first": ("kills", "changed rows are forgotten before their segment is named in the log", [
        ("gateway/keep.c", "\t\trc = store_touched_forget(s->store, err);\n",
         "\t\trc = store_touched_forget(s->store, err);\n\tif (rc == EG_OK)\n\t\trc = store_commit(s->store, err);\n"
         "\tif (rc == EG_OK)\n\t\trc = store_begin(s->store, err);\n")]),
    "known-by-name": ("plain", "a file is a duplicate when its name was there before", [
        ("gateway/store/store_drop.c", "identity = ?", "name = ?"),
        ("gateway/intake_claim.c", "rc = store_drop_twin(s->store, source, sha256, a, ret, err);", "rc = store_drop_twin(s->store, source, name, a, ret, err);")]),
}


# Where the broken rule is at work, so that a mutant is caught within minutes: (stage, pattern of calls). A whole campaign goes through all points.
AIM = {
    "no-file-sync": ("decide", "renameat2"),
    "mark-first": ("decide", "renameat2 .*spool/out/"),
    "publish-if-missing": ("decide", "renameat2 .*spool/out/"),
    "synchronous-normal": ("decide", "renameat2 .*spool/out|unlinkat .*spool/work"),
    "sync-again": ("decide", r"fsync .*/\.tmp-"),
    "nonce-apart": ("decide", "fdatasync .*state.db-wal"),
    "log-apart": ("decide", "fdatasync .*state.db-wal"),
    "forget-first": ("decide", "fdatasync .*state.db-wal"),
}
AROUND = 2  # points before and behind


class Stale(Exception):
    pass


def replaced(edits, read):
    """Path -> new text."""
    out = {}
    for path, old, new in edits:
        text = out.get(path, read(path))
        if text.count(old) != 1:
            raise Stale("%s: %r is there %d times and must be there once" % (path, old, text.count(old)))
        out[path] = text.replace(old, new)
    return out


def source(path):
    return oracle.read(world.ROOT, path).decode()


def check_all():
    """What is wrong with the table, name by name; compiles nothing."""
    wrong = []
    for name, (_, _, edits) in MUTANTS.items():
        try:
            replaced(edits, source)
        except Stale as e:
            wrong.append("%s: %s" % (name, e))
    return wrong


def build(name, objects):
    """The mutant's two programs. Only what differs is compiled; linked in front of the libraries in `objects` (build/release) it takes the place of theirs."""
    top = os.path.join(world.ROOT, "build/crash")
    paths = []
    for path, text in replaced(MUTANTS[name][2], source).items():
        paths.append(os.path.join("build/crash", name, path))
        os.makedirs(os.path.dirname(os.path.join(world.ROOT, paths[-1])), exist_ok=True)
        with open(os.path.join(world.ROOT, paths[-1]), "w", encoding="utf-8") as f:
            f.write(text)
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    p = subprocess.run(["make", "-s", "-C", world.ROOT, "O=" + os.path.relpath(objects, world.ROOT), "MUTANT=" + name, "MUTANT_SRC=" + " ".join(paths), "crash-mutant"],
                       env=env, capture_output=True, text=True)
    if p.returncode != 0:
        raise RuntimeError("the mutant %s cannot be built:\n%s" % (name, (p.stdout + p.stderr)[-3000:]))
    return os.path.join(top, name, "erpgate"), os.path.join(top, name, "bare")
