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
CREATE INDEX drops_run ON drops (run);                                         -- the ledger of a run is made at its end

CREATE TABLE files (id INTEGER PRIMARY KEY, drop_id TEXT NOT NULL, member TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  adapter TEXT NOT NULL DEFAULT '', adapter_sha256 TEXT NOT NULL DEFAULT '', rows INTEGER NOT NULL DEFAULT 0,
  records INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX files_drop ON files (drop_id);
-- what became of a file's records when they came, added up: taken (made an item's revision), unchanged, rejected, counted, passed, reference, answer.
-- unknown = records whose money could not be read; they are not in amount.
CREATE TABLE came (file INTEGER NOT NULL, type TEXT NOT NULL, project TEXT NOT NULL, fate TEXT NOT NULL, records INTEGER NOT NULL, unknown INTEGER NOT NULL,
  amount TEXT NOT NULL, PRIMARY KEY (file, type, project, fate)) STRICT, WITHOUT ROWID;

CREATE TABLE item (id INTEGER PRIMARY KEY, iid TEXT NOT NULL UNIQUE, type TEXT NOT NULL, state TEXT NOT NULL,
  rev INTEGER NOT NULL,                                                         -- current revision
  erp_id TEXT, posted INTEGER,                                                  -- the ERP's key; 1, 0 or NULL
  sent_key TEXT,                                                                -- key of the last export, as answers name it: OBJECT words apart, parts joined by |
  accepted INTEGER,                                                             -- decision that holds for rev, NULL = none
  parked INTEGER NOT NULL DEFAULT 0,                                            -- held by a person
  written TEXT,                                                                 -- content last written (automatic items) or exported
  project TEXT, vendor TEXT, parent TEXT, number TEXT, title TEXT, amount TEXT, seq INTEGER,
  created INTEGER NOT NULL, updated INTEGER NOT NULL,
  claims TEXT) STRICT;                                                          -- the ERP's key or check number that its own record names; '' = none, NULL = made before there was this column
CREATE INDEX item_state ON item (type, state);
CREATE INDEX item_project ON item (type, project);
CREATE INDEX item_parent ON item (parent);
CREATE INDEX item_sent ON item (type, sent_key);
CREATE INDEX item_erp ON item (type, erp_id);
CREATE INDEX item_number ON item (number);
-- who holds a key that only one may have; the comparison is done again, so these may find too many
CREATE INDEX item_claims ON item (type, claims COLLATE NOCASE);
CREATE INDEX item_number_held ON item (type, number COLLATE NOCASE);
CREATE INDEX item_erp_held ON item (type, erp_id COLLATE NOCASE);

CREATE TABLE revision (id INTEGER PRIMARY KEY, item INTEGER NOT NULL, n INTEGER NOT NULL, content TEXT NOT NULL, packed BLOB NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, off INTEGER NOT NULL, len INTEGER NOT NULL, run INTEGER NOT NULL, refused TEXT) STRICT;
CREATE INDEX revision_item ON revision (item, n);
CREATE INDEX revision_file ON revision (file);

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
  added INTEGER NOT NULL, revoked INTEGER,
  full_name TEXT, mail TEXT, summary_opt_out INTEGER NOT NULL DEFAULT 0,
  may TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;                          -- single rights, comma-separated: create-project, send-budgets
-- "can push to accounting", per record type ("all" = every type) and direction: at least one of both is 1
CREATE TABLE user_right (user TEXT NOT NULL, type TEXT NOT NULL, can_export INTEGER NOT NULL DEFAULT 1, can_import INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (user, type)) STRICT, WITHOUT ROWID;
-- rights on the tools of the project side; project '' = every project
CREATE TABLE tool_right (user TEXT NOT NULL, tool TEXT NOT NULL, project TEXT NOT NULL, level TEXT NOT NULL, PRIMARY KEY (user, tool, project)) STRICT, WITHOUT ROWID;

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
CREATE INDEX decision_erp ON decision (erp_id COLLATE NOCASE) WHERE erp_id <> '';

CREATE TABLE batch (id TEXT PRIMARY KEY, target TEXT NOT NULL, state TEXT NOT NULL,  -- ready, published, done; again = republished, voiding, void
  made INTEGER NOT NULL, run INTEGER NOT NULL, bundle TEXT,
  shadow INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;                     -- 1 = written to spool/shadow/ and never sent
CREATE TABLE batch_file (id INTEGER PRIMARY KEY, batch TEXT NOT NULL, name TEXT NOT NULL, object TEXT NOT NULL, adapter TEXT NOT NULL, adapter_sha256 TEXT NOT NULL,
  sha256 TEXT NOT NULL, size INTEGER NOT NULL, rows INTEGER NOT NULL, amount TEXT NOT NULL) STRICT;
CREATE INDEX batch_file_batch ON batch_file (batch);
CREATE TABLE batch_item (batch TEXT NOT NULL, item INTEGER NOT NULL, revision INTEGER NOT NULL, decision INTEGER, PRIMARY KEY (batch, item)) STRICT, WITHOUT ROWID;
CREATE INDEX batch_item_item ON batch_item (item);
-- per outbound row: JSON text [{"column":…,"rule":…,"from":[{"file":n,"off":n,"len":n,"line":n}…]}…]
CREATE TABLE lineage (batch_file INTEGER NOT NULL, line INTEGER NOT NULL, item INTEGER NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (batch_file, line)) STRICT, WITHOUT ROWID;

CREATE INDEX lineage_item ON lineage (item);
CREATE TABLE bundle (id TEXT PRIMARY KEY, kind TEXT NOT NULL, of_id TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, sealed INTEGER NOT NULL,
  bodies INTEGER) STRICT, WITHOUT ROWID;                                         -- of a drop: its revisions up to this one have their bodies in it
CREATE INDEX bundle_path ON bundle (path);
-- while a legal hold stands, nothing it names is deleted. what: bundle, project, source, all
CREATE TABLE legal_hold (id INTEGER PRIMARY KEY, what TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
  lifted INTEGER, lifted_by TEXT, lifted_why TEXT) STRICT;
-- bundles that were deleted when their time was over; sha256: of the tombstone in the archive
CREATE TABLE tombstone (bundle TEXT PRIMARY KEY, sha256 TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, rule TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE log (idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL, of_id TEXT NOT NULL, detail TEXT NOT NULL, line TEXT NOT NULL) STRICT;
CREATE INDEX log_of ON log (of_id);
CREATE INDEX log_event ON log (event, at);

-- companies, or vendors of the ERP, that are one: what names `gone` means `kept` from then on; undone by taking the row away
CREATE TABLE company_merge (gone TEXT PRIMARY KEY, kept TEXT NOT NULL,        -- item ids
  before TEXT NOT NULL,                                                         -- state of `gone` before
  moved TEXT,                                                                   -- ERP vendors: the company whose ERP key was changed from gone's to kept's
  actor TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- contracts that left while their company had another ERP key than it has now: what follows them keeps that key
CREATE TABLE contract_key (item INTEGER PRIMARY KEY, erp_id TEXT NOT NULL) STRICT;

-- rows of adoption lists: what was in the ERP before the gateway was
CREATE TABLE adoption (id INTEGER PRIMARY KEY, manifest TEXT NOT NULL, row INTEGER NOT NULL, file TEXT NOT NULL, iid TEXT NOT NULL, erp_id TEXT NOT NULL,
  posted INTEGER NOT NULL,                                                      -- 1, 0, -1 = not said
  as_of TEXT NOT NULL, amount TEXT NOT NULL, comment TEXT NOT NULL, approver TEXT NOT NULL, assurance TEXT NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL,
  state TEXT NOT NULL) STRICT;                                                  -- waiting, adopted, refused, expired
CREATE INDEX adoption_item ON adoption (iid);
CREATE INDEX adoption_state ON adoption (state);
-- mails on their way to the system's sendmail; `once` says what a mail is about, so that nothing is told twice
CREATE TABLE mail (id TEXT PRIMARY KEY, once TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
  message TEXT NOT NULL,                                                        -- the whole mail; '' when it has left or was given up
  state TEXT NOT NULL,                                                          -- queued, sent, given-up
  queued INTEGER NOT NULL, attempts INTEGER NOT NULL, next INTEGER NOT NULL, ended INTEGER, said TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX mail_next ON mail (state, next);

-- documents that were refused, by their number in the drop: D000187-3. off, len: their bytes in the (unpacked) file; last: their last physical line
CREATE TABLE reject (drop_id TEXT NOT NULL, n INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL, last INTEGER NOT NULL, off INTEGER NOT NULL,
  len INTEGER NOT NULL, item TEXT NOT NULL, code TEXT NOT NULL,                   -- item '' = its key was missing; code: the first that refused it
  state TEXT NOT NULL,                                                          -- open, corrected, again
  by_drop TEXT, by_n INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL,           -- the drop that corrected it, or in which it was refused again as number by_n
  kit INTEGER NOT NULL DEFAULT 0,                                               -- 1 = it stands in rejects/<drop>/
  PRIMARY KEY (drop_id, n)) STRICT, WITHOUT ROWID;
CREATE INDEX reject_item ON reject (item) WHERE state = 'open';
CREATE INDEX reject_place ON reject (file, item, line);
CREATE INDEX reject_by ON reject (by_drop);
CREATE INDEX reject_kit ON reject (drop_id) WHERE kit = 0;

-- what changed since the state was last kept in the archive: rows whose key begins above what kept_to has for their table, and those at or below it by table and key ('' = the key
-- has fewer parts), noted by triggers (touched.c)
CREATE TABLE kept_to (tbl TEXT PRIMARY KEY, a ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE touched (tbl TEXT NOT NULL, a ANY NOT NULL, b ANY NOT NULL, c ANY NOT NULL, d ANY NOT NULL, PRIMARY KEY (tbl, a, b, c, d)) STRICT, WITHOUT ROWID;
-- expected files: what became of each day (late, missing, came, came-late), and the numbers that came; log: expecting, came, late, missing, came-late, gap, repeat
CREATE TABLE expected (name TEXT NOT NULL, day TEXT NOT NULL, state TEXT NOT NULL, drop_id TEXT, at INTEGER NOT NULL, PRIMARY KEY (name, day)) STRICT, WITHOUT ROWID;
CREATE INDEX expected_drop ON expected (drop_id);
CREATE TABLE expected_number (name TEXT NOT NULL, number INTEGER NOT NULL, drop_id TEXT NOT NULL, PRIMARY KEY (name, number)) STRICT, WITHOUT ROWID;

-- receipts to senders: owed from the claim on, written (file, sha256, at) after the drop is sealed; log: received, duplicate (receipt:true), receipt
CREATE TABLE receipt (drop_id TEXT PRIMARY KEY, file TEXT, sha256 TEXT, at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_owed ON receipt (drop_id) WHERE at IS NULL;

-- batches declared void: by whom, why, and the proof that the receiver did not take them in; log: voiding, void
CREATE TABLE voided (id TEXT PRIMARY KEY, batch TEXT NOT NULL UNIQUE, actor TEXT NOT NULL, reason TEXT NOT NULL, proof TEXT NOT NULL, sha256 TEXT NOT NULL,
  size INTEGER NOT NULL, at INTEGER NOT NULL, bundle TEXT) STRICT, WITHOUT ROWID;
-- the keys that items of a void batch had left under: an answer that names one contradicts the proof (F-77)
CREATE TABLE voided_key (sent_key TEXT NOT NULL, item INTEGER NOT NULL, batch TEXT NOT NULL, PRIMARY KEY (sent_key, item, batch)) STRICT, WITHOUT ROWID;
-- drops that are sealed originals read again: by what act, of which drop, and with which adapter instead of the site's
CREATE TABLE reread (drop_id TEXT PRIMARY KEY, of_drop TEXT NOT NULL,
  root TEXT NOT NULL,                                                           -- the drop that the sender's bytes came in
  kind TEXT NOT NULL,                                                           -- reprocessed, replayed
  adapter_file TEXT, adapter_text TEXT,                                         -- NULL = the site's adapters
  reason TEXT NOT NULL, actor TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- the documents it is about (none = all of them), by their place in the original; claim: the refused document D000187-3 that is tried again
CREATE TABLE reread_pick (drop_id TEXT NOT NULL, member TEXT NOT NULL, line INTEGER NOT NULL, last INTEGER NOT NULL, claim TEXT NOT NULL,
  PRIMARY KEY (drop_id, member, line)) STRICT, WITHOUT ROWID;

-- what stands in the bundles, for audit find: made from the tables above, made again when it is empty. Tables of this kind begin with find
CREATE TABLE find_row (id INTEGER PRIMARY KEY, bundle TEXT NOT NULL, at INTEGER NOT NULL,  -- at: received, decided, made
  item TEXT NOT NULL, vendor TEXT NOT NULL, vendor_name TEXT NOT NULL, project TEXT NOT NULL, amount TEXT NOT NULL, person TEXT NOT NULL, source TEXT NOT NULL,
  words TEXT NOT NULL) STRICT;                                                  -- '' = none
CREATE INDEX find_row_bundle ON find_row (bundle);
CREATE VIRTUAL TABLE find_text USING fts5 (item, vendor, vendor_name, project, amount, person, source, words, content = 'find_row', content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2');
-- "2026/11": the pages of the archive; stale: something was sealed since they were written, with these figures
CREATE TABLE find_page (month TEXT PRIMARY KEY, stale INTEGER NOT NULL, drops INTEGER NOT NULL DEFAULT 0, good INTEGER NOT NULL DEFAULT 0, bad INTEGER NOT NULL DEFAULT 0,
  manifests INTEGER NOT NULL DEFAULT 0, batches INTEGER NOT NULL DEFAULT 0, written INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
