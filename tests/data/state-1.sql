-- SPDX-License-Identifier: MIT
-- The site's state. Everything here can be rebuilt from archive/. One writer. Times are Unix seconds; hashes are lower-case hex.
-- Compiled into the program (gateway/store/schema.c is made from this file).

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;          -- next numbers, counters, site name

CREATE TABLE run (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, exit INTEGER,
  drops INTEGER NOT NULL DEFAULT 0, records INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE drops (id TEXT PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
  identity TEXT NOT NULL,                                                       -- sha256, plus the project part of the name where the layout takes it from there
  size INTEGER NOT NULL, owner INTEGER NOT NULL, received INTEGER NOT NULL, run INTEGER NOT NULL,
  state TEXT NOT NULL,                                                          -- claimed, read, done
  verdict TEXT NOT NULL DEFAULT '',                                             -- accepted, partial, refused, duplicate, manifest
  first TEXT,                                                                   -- duplicate: the drop that had these bytes first
  bundle TEXT) STRICT;
CREATE INDEX drops_identity ON drops (source, identity);

CREATE TABLE files (id INTEGER PRIMARY KEY, drop_id TEXT NOT NULL, member TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  adapter TEXT NOT NULL DEFAULT '', adapter_sha256 TEXT NOT NULL DEFAULT '', rows INTEGER NOT NULL DEFAULT 0,
  records INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX files_drop ON files (drop_id);

CREATE TABLE item (id INTEGER PRIMARY KEY, iid TEXT NOT NULL UNIQUE, type TEXT NOT NULL, state TEXT NOT NULL,
  rev INTEGER NOT NULL,                                                         -- current revision
  erp_id TEXT, posted INTEGER,                                                  -- the ERP's key; 1, 0 or NULL
  sent_key TEXT,                                                                -- key of the last export, as answers name it: OBJECT words apart, parts joined by |
  accepted INTEGER,                                                             -- decision that holds for rev, NULL = none
  parked INTEGER NOT NULL DEFAULT 0,                                            -- held by a person
  written TEXT,                                                                 -- content last written (automatic items) or exported
  project TEXT, vendor TEXT, parent TEXT, number TEXT, title TEXT, amount TEXT, seq INTEGER,
  created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
CREATE INDEX item_state ON item (type, state);
CREATE INDEX item_project ON item (type, project);
CREATE INDEX item_parent ON item (parent);
CREATE INDEX item_sent ON item (type, sent_key);
CREATE INDEX item_erp ON item (type, erp_id);
CREATE INDEX item_number ON item (number);

CREATE TABLE revision (id INTEGER PRIMARY KEY, item INTEGER NOT NULL, n INTEGER NOT NULL, content TEXT NOT NULL, packed BLOB NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, off INTEGER NOT NULL, len INTEGER NOT NULL, run INTEGER NOT NULL, refused TEXT) STRICT;
CREATE INDEX revision_item ON revision (item, n);

CREATE TABLE finding (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, drop_id TEXT, source TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
  col INTEGER NOT NULL, off INTEGER NOT NULL, code TEXT NOT NULL, severity TEXT NOT NULL, item TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, message TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX finding_once ON finding (run, source, file, line, code, item, coalesce(drop_id, ''));
CREATE INDEX finding_drop ON finding (drop_id);
CREATE INDEX finding_item ON finding (item);

-- what an item waits for, as of the last look: the missing key, and the item that has it if known
CREATE TABLE hold (item INTEGER NOT NULL, code TEXT NOT NULL, severity TEXT NOT NULL, line INTEGER NOT NULL, missing TEXT NOT NULL, waits_for TEXT, message TEXT NOT NULL,
  PRIMARY KEY (item, code, line, missing)) STRICT, WITHOUT ROWID;

-- the ERP's lists and the projects' selections: reference rows
CREATE TABLE ref (type TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, packed BLOB NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
  verdict TEXT NOT NULL DEFAULT '',                                             -- rows that rules look at once (selections): '', good, or the code that refused
  PRIMARY KEY (type, key)) STRICT, WITHOUT ROWID;
CREATE TABLE list_received (type TEXT PRIMARY KEY, file INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- the ERP's answers of drops that were read in this run, until all of them are applied together
CREATE TABLE answer (id INTEGER PRIMARY KEY, drop_id TEXT NOT NULL, source TEXT NOT NULL, file TEXT NOT NULL, file_id INTEGER NOT NULL, packed BLOB NOT NULL) STRICT;

CREATE TABLE users (name TEXT PRIMARY KEY, role TEXT NOT NULL, amount_limit TEXT, pubkey TEXT, key_id TEXT, account TEXT, active INTEGER NOT NULL DEFAULT 1,
  added INTEGER NOT NULL, revoked INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE user_right (user TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (user, type)) STRICT, WITHOUT ROWID;

CREATE TABLE sheet (id TEXT PRIMARY KEY, made INTEGER NOT NULL, expires INTEGER NOT NULL, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE manifest (id TEXT PRIMARY KEY, drop_id TEXT, name TEXT NOT NULL, sha256 TEXT NOT NULL, sheet TEXT, approver TEXT, key_id TEXT,
  assurance TEXT NOT NULL,                                                      -- signature, account, command
  state TEXT NOT NULL,                                                          -- parked, applied, refused, expired
  received INTEGER NOT NULL, applied INTEGER, accepted INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, bundle TEXT) STRICT;
CREATE UNIQUE INDEX manifest_bytes ON manifest (sha256, approver) WHERE state = 'applied';
CREATE TABLE decision (id INTEGER PRIMARY KEY, manifest TEXT NOT NULL, row INTEGER NOT NULL, iid TEXT NOT NULL, item INTEGER, content TEXT NOT NULL, verdict TEXT NOT NULL,
  erp_id TEXT NOT NULL, transaction_date TEXT NOT NULL, accounting_date TEXT NOT NULL, description TEXT NOT NULL, comment TEXT NOT NULL,
  approver TEXT NOT NULL, at INTEGER NOT NULL, result TEXT NOT NULL, code TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX decision_item ON decision (item);

CREATE TABLE batch (id TEXT PRIMARY KEY, target TEXT NOT NULL, state TEXT NOT NULL,  -- ready, published, done
  made INTEGER NOT NULL, run INTEGER NOT NULL, bundle TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE batch_file (id INTEGER PRIMARY KEY, batch TEXT NOT NULL, name TEXT NOT NULL, object TEXT NOT NULL, adapter TEXT NOT NULL, adapter_sha256 TEXT NOT NULL,
  sha256 TEXT NOT NULL, size INTEGER NOT NULL, rows INTEGER NOT NULL, amount TEXT NOT NULL) STRICT;
CREATE INDEX batch_file_batch ON batch_file (batch);
CREATE TABLE batch_item (batch TEXT NOT NULL, item INTEGER NOT NULL, revision INTEGER NOT NULL, decision INTEGER, PRIMARY KEY (batch, item)) STRICT, WITHOUT ROWID;
CREATE INDEX batch_item_item ON batch_item (item);
-- per outbound row: JSON text [{"column":…,"rule":…,"from":[{"file":n,"off":n,"len":n,"line":n}…]}…]
CREATE TABLE lineage (batch_file INTEGER NOT NULL, line INTEGER NOT NULL, item INTEGER NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (batch_file, line)) STRICT, WITHOUT ROWID;

CREATE INDEX lineage_item ON lineage (item);
CREATE TABLE bundle (id TEXT PRIMARY KEY, kind TEXT NOT NULL, of_id TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, sealed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE log (idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL, of_id TEXT NOT NULL, detail TEXT NOT NULL, line TEXT NOT NULL) STRICT;
CREATE INDEX log_of ON log (of_id);
