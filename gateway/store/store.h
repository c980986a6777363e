/* SPDX-License-Identifier: MIT
 *
 * The site's state, in terms of the domain, not of SQL (so that another database can stand behind it). One process, one writer, one transaction at a
 * time. Only gateway/store/ sees SQLite. Strings handed out live in the arena given; everything is UTF-8.
 *
 * Errors: EG_RETRY "DB-BUSY" / "DISK-FULL" (nothing was changed: the transaction is rolled back by the caller), EG_FATAL "DB-…" (corrupt, newer schema: exit 78).
 */
#ifndef GATEWAY_STORE_STORE_H
#define GATEWAY_STORE_STORE_H

#include "adapters/record.h"
#include "base/arena.h"
#include "base/err.h"
#include "gateway/workflow/state.h"

struct store;

/* Opens (or makes, when create) DIR/state.db: WAL, synchronous FULL, foreign checks, schema version. read_only never writes. A database of an older form is brought up to
 * date in one transaction (upgrade.c; EG_FATAL "DB-UPGRADE" leaves it as it was), read_only: EG_FATAL "DB-OLDER"; of a newer one: EG_FATAL "DB-NEWER". */
int store_open(int site_dir, bool create, bool read_only, struct store **ret, struct eg_err *err) EG_MUSTCHECK;
/* The same for a database of another name in that folder. */
int store_open_named(
    int site_dir, const char *name, bool create, bool read_only, struct store **ret, struct eg_err *err) EG_MUSTCHECK;
void store_close(struct store *s);
int store_schema_version(void); /* of this program */
int store_begin(struct store *s, struct eg_err *err) EG_MUSTCHECK;
int store_commit(struct store *s, struct eg_err *err) EG_MUSTCHECK;
void store_rollback(struct store *s);
/* Nested points: _undo gives up everything since _mark, _keep keeps it. */
int store_mark(struct store *s, struct eg_err *err) EG_MUSTCHECK;
int store_undo(struct store *s, struct eg_err *err) EG_MUSTCHECK;
int store_keep(struct store *s, struct eg_err *err) EG_MUSTCHECK;
int store_check(struct store *s, struct eg_err *err) EG_MUSTCHECK; /* integrity; EG_FATAL "DB-CORRUPT" */

/* ---- numbers (store.c) ---- */
/* Next id of a kind: 'D' drop, 'P' manifest, 'B' batch, 'A' bundle, 'S' sheet: "D000001". Inside the transaction. */
int store_next_id(struct store *s, char kind, char ret[16], struct eg_err *err) EG_MUSTCHECK;
/* Makes sure that ids of this kind up to `id` are never given again (recovery of claims without a row). */
int store_seen_id(struct store *s, const char *id, struct eg_err *err) EG_MUSTCHECK;
int store_meta_get(struct store *s, const char *key, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK; /* NULL when absent */
int store_meta_set(struct store *s, const char *key, const char *value, struct eg_err *err) EG_MUSTCHECK;

/* ---- runs, log (store.c) ---- */
int store_run_begin(struct store *s, const char *kind, int64_t now, int64_t *ret_run, struct eg_err *err) EG_MUSTCHECK;
int store_run_end(struct store *s, int64_t run, int64_t now, int exit_code, struct eg_err *err) EG_MUSTCHECK;
int store_run_count(struct store *s, int64_t run, unsigned drops, unsigned records, unsigned rejected,
    struct eg_err *err) EG_MUSTCHECK; /* adds */
int store_run_last(struct store *s, int64_t *ret_run, struct eg_err *err) EG_MUSTCHECK; /* 0 = none */
/* When a run before this one (run 0: any) began last, those aside that began after `now`; 0 = there was none. */
int store_run_before(struct store *s, int64_t run, int64_t now, int64_t *ret_started, struct eg_err *err) EG_MUSTCHECK;
/* Appends a log entry: canonical JSON line {"index":n,"time":…,"actor":…,"event":…,"id":…,"detail":{…}}. detail_json is an object's text or NULL. */
int store_log(struct store *s, int64_t now, const char *actor, const char *event, const char *id,
    const char *detail_json, struct eg_err *err) EG_MUSTCHECK;
int store_log_size(struct store *s, uint64_t *ret, struct eg_err *err) EG_MUSTCHECK;
int store_log_line(struct store *s, uint64_t index, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
struct log_row {
	uint64_t index;
	int64_t at;
	const char *actor, *event, *id, *detail;
};
/* Newest last; id NULL = all; limit 0 = all. */
int store_log_each(struct store *s, const char *id, unsigned limit,
    int (*each)(void *ctx, const struct log_row *r, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The latest time of the entries from that index on, 0 without one: clocks are set back. */
int store_log_latest(struct store *s, uint64_t from, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* Entries of one event since that moment, oldest first. */
int store_log_events(struct store *s, const char *event, int64_t since,
    int (*each)(void *ctx, const struct log_row *r, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

/* ---- drops, files, findings (store_drop.c) ---- */
struct drop_row {
	const char *id, *source, *name, *sha256, *identity, *state, *verdict, *first,
	    *bundle; /* first, bundle may be NULL */
	int64_t size, owner, received, run;
};
int store_drop_add(struct store *s, const struct drop_row *d, struct eg_err *err) EG_MUSTCHECK;
int store_drop_get(struct store *s, const char *id, struct eg_arena *a, struct drop_row *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF: none */
int store_drop_set(struct store *s, const char *id, const char *state, const char *verdict, const char *bundle,
    struct eg_err *err) EG_MUSTCHECK; /* NULL = leave */
int store_drop_identity(struct store *s, const char *id, const char *identity, struct eg_err *err) EG_MUSTCHECK;
/* The first drop of that source and identity that was not itself a duplicate; EG_EOF: none. */
int store_drop_twin(struct store *s, const char *source, const char *identity, struct eg_arena *a, const char **ret_id,
    struct eg_err *err) EG_MUSTCHECK;
int store_drop_each(struct store *s, const char *state,
    int (*each)(void *ctx, const struct drop_row *d, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK; /* state NULL = all */

struct file_row {
	int64_t id;
	const char *drop, *member, *sha256, *adapter, *adapter_sha256; /* member "" for the drop itself */
	int64_t size, rows, records, rejected;
	bool refused;
};
int store_file_add(struct store *s, const struct file_row *f, int64_t *ret_id, struct eg_err *err) EG_MUSTCHECK;
int store_file_set(struct store *s, const struct file_row *f, struct eg_err *err)
    EG_MUSTCHECK; /* everything but drop and member */
int store_file_get(struct store *s, int64_t id, struct eg_arena *a, struct file_row *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF */
int store_file_each(struct store *s, const char *drop,
    int (*each)(void *ctx, const struct file_row *f, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

struct finding {
	int64_t run;
	const char *drop; /* NULL for decisions by command */
	const char *source; /* source name, "approvals" for decisions */
	const char *file; /* dropped name, "!member" behind it for zips */
	uint64_t line, off;
	uint32_t col;
	const char *code;
	char severity; /* R H W N */
	const char *item, *field, *value, *message; /* "" when none */
};
/* The same (run, file, line, code, item) is kept once. */
int store_finding_add(struct store *s, const struct finding *f, struct eg_err *err) EG_MUSTCHECK;
/* Appends to the message of the first refusal (R) of f's run, drop, file, line and item; *ret: there is one. */
int store_finding_more(struct store *s, const struct finding *f, const char *text, bool *ret, struct eg_err *err)
    EG_MUSTCHECK;
struct finding_filter {
	const char *drop, *item; /* NULL = any */
	/* alone: those of its run about its items, and about what was set aside (F-70, F-78); NULL = any */
	const char *batch;
	int64_t run; /* 0 = any */
	char severity; /* 0 = any */
	/* with drop: of what waits only what the last run said, for a turn that was cut off says it again */
	bool standing;
};
/* By source, file, line, code, item. */
int store_finding_each(struct store *s, const struct finding_filter *f,
    int (*each)(void *ctx, const struct finding *f, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

/* ---- items (store_item.c) ---- */
struct item {
	int64_t id, rev; /* rev = revision's row */
	const char *iid;
	const struct rec_type *type;
	enum item_state state;
	const char *erp_id, *sent_key, *written; /* NULL = none */
	int posted; /* 1, 0, -1 = unknown */
	int64_t accepted; /* decision row, 0 = none */
	bool parked;
	const char *project, *vendor, *parent, *number, *title, *amount; /* NULL = none; amount canonical "12.50" */
	int64_t seq; /* invoice.number; 0 = none */
	const char *
	    claims; /* the ERP's key or check number that its record names; "" = none, NULL = not known (an older database) */
	/* of the current revision */
	int rev_no;
	const char *content; /* 64 hex digits */
	int64_t file, line, off, len;
	int64_t created, updated, rev_run;
};
int item_find(struct store *s, const char *iid, struct eg_arena *a, struct item *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF: none */
int item_get(struct store *s, int64_t id, struct eg_arena *a, struct item *ret, struct eg_err *err) EG_MUSTCHECK;
/* By iid, short id ("i" and the row number in base 36, shown by item_short) or a business number that only one item has. EG_EOF none; EG_BADREC "AMBIGUOUS" naming the candidates. */
int item_lookup(struct store *s, const char *what, struct eg_arena *a, struct item *ret, struct eg_err *err)
    EG_MUSTCHECK;
void item_short(int64_t id, char ret[16]);
/* A new item with its first revision; from: type, iid, state, project … seq and the revision's place; ids are set. */
int item_add(struct store *s, struct item *it, const struct rec *r, int64_t now, int64_t run, struct eg_err *err)
    EG_MUSTCHECK;
/* A new revision becomes the current one; acceptance is cleared; project … seq are taken from `it`. */
int item_revise(struct store *s, struct item *it, const struct rec *r, int64_t now, int64_t run, struct eg_err *err)
    EG_MUSTCHECK;
/* Writes state, erp_id, sent_key, posted, accepted, parked, written. */
int item_save(struct store *s, const struct item *it, int64_t now, struct eg_err *err) EG_MUSTCHECK;
/* Revision n (1 = first) of an item; EG_EOF: none. */
int item_revision(struct store *s, int64_t item, int n, struct eg_arena *a, struct rec *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* The newest revision with this content, and the file it came in; EG_EOF: none. */
int item_revision_of(struct store *s, int64_t item, const char *content, struct eg_arena *a, struct rec *ret,
    int64_t *ret_file, struct eg_err *err) EG_MUSTCHECK;
int item_record(struct store *s, int64_t rev, struct eg_arena *a, struct rec *ret, struct eg_err *err) EG_MUSTCHECK;
/* Every revision that a drop brought, by item id and number: what its bundle holds. The record lives during the call. */
int revision_each_of_drop(struct store *s, const char *drop,
    int (*each)(void *ctx, const struct rec *r, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
struct item_filter {
	const struct rec_type *type; /* NULL = any */
	unsigned states; /* set of 1u << enum item_state; 0 = any */
	const char *project, *parent, *vendor, *erp_id, *sent_key; /* NULL = any; exact */
};
/* In order of type (enum rec_id), then iid bytewise. The item lives in an arena reset after each call. Changing items inside the callback is allowed. */
int item_each(struct store *s, const struct item_filter *f,
    int (*each)(void *ctx, const struct item *it, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

/* Items of this type that may hold a key: under which they are or will be known to the ERP, by their number, their ERP key, what was typed when they were accepted, and,
 * with `claims`, what their record names. Letters of ASCII without case; too many rather than too few. Order and callback as item_each. */
int item_each_holding(struct store *s, const struct rec_type *t, const char *key, bool claims,
    int (*each)(void *ctx, const struct item *it, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
int item_claims_set(struct store *s, int64_t id, const char *claims, struct eg_err *err) EG_MUSTCHECK;
/* The first one in that order; EG_EOF: none. */
int item_first(struct store *s, const struct item_filter *f, struct eg_arena *a, struct item *ret, struct eg_err *err)
    EG_MUSTCHECK;

struct hold_row {
	const char *code, *missing, *waits_for, *message; /* waits_for may be NULL */
	char severity;
	uint64_t line;
};
int hold_clear(struct store *s, int64_t item, struct eg_err *err) EG_MUSTCHECK;
int hold_add(struct store *s, int64_t item, const struct hold_row *h, struct eg_err *err) EG_MUSTCHECK;
int hold_each(struct store *s, int64_t item, int (*each)(void *ctx, const struct hold_row *h, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;

/* Every hold of every item, by item. */
int hold_each_of_all(struct store *s,
    int (*each)(void *ctx, int64_t item, const struct hold_row *h, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

/* ---- reference rows (store_ref.c) ---- */
/* Adds or replaces; *ret_changed when the content is new. key = key parts of the item id form. */
int ref_put(struct store *s, const struct rec *r, int64_t file, bool *ret_changed, struct eg_err *err) EG_MUSTCHECK;
int ref_get(struct store *s, const struct rec_type *t, const char *key, struct eg_arena *a, struct rec *ret,
    int64_t *ret_file, struct eg_err *err) EG_MUSTCHECK; /* EG_EOF */
/* Bytewise by key; prefix NULL = all. */
int ref_each(struct store *s, const struct rec_type *t, const char *prefix,
    int (*each)(void *ctx, const struct rec *r, int64_t file, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
/* The same with what the rules said about the row: "" not looked at yet, "good", or the code that refused it. New content clears it. verdict NULL = any; else only rows of that verdict. */
int ref_each_judged(struct store *s, const struct rec_type *t, const char *prefix, const char *verdict,
    int (*each)(void *ctx, const struct rec *r, int64_t file, const char *verdict, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
int ref_judge(struct store *s, const struct rec *r, const char *verdict, struct eg_err *err) EG_MUSTCHECK;
int list_mark(struct store *s, const char *list, int64_t file, int64_t now, struct eg_err *err)
    EG_MUSTCHECK; /* a list of that record type was received */
int list_received(struct store *s, const char *list, bool *ret, struct eg_err *err) EG_MUSTCHECK;
/* The file that brought the newest such list; EG_EOF: none came. */
int list_file(struct store *s, const char *list, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- answers put aside until all drops of the run are read (store_ref.c) ---- */
struct answer_row {
	const char *drop, *source, *file; /* file = dropped name, "!member" behind it */
	int64_t file_id;
};
int answer_add(struct store *s, const struct answer_row *at, const struct rec *r, struct eg_err *err) EG_MUSTCHECK;
/* In order of arrival; everything lives in the arena. */
int answer_each(struct store *s, struct eg_arena *a,
    int (*each)(void *ctx, const struct answer_row *at, const struct rec *r, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
int answer_clear(struct store *s, struct eg_err *err) EG_MUSTCHECK;

/* ---- users (store_user.c) ---- */
enum user_role {
	ROLE_NONE,
	ROLE_READ,
	ROLE_STANDARD,
	ROLE_ADMIN
};
struct user {
	const char *name;
	enum user_role role;
	const char *limit; /* canonical amount or NULL = no limit */
	const char *pubkey, *key_id, *account; /* PEM text; may be NULL */
	bool active;
	/* Record types, comma-separated, "all" or ""; NULL = "". Handed out, a type stands in one of the three. */
	const char *types; /* those he may approve in both directions */
	const char *exports, *imports; /* to the ERP only, from the ERP only */
	int64_t added, revoked;
	const char *full_name, *mail; /* NULL = none */
	bool summary_opt_out; /* wants no summary mails */
	const char *may; /* single rights: "create-project", "send-budgets", comma-separated; NULL = "" */
	/* rights on tools of the project side: "commitments=admin,budget=standard@24-104"; NULL = "" */
	const char *tools;
};
/* "none", "read", "standard", "admin". */
const char *user_role_word(enum user_role r);
bool user_role_named(const char *word, enum user_role *ret);
int user_put(struct store *s, const struct user *u, struct eg_err *err)
    EG_MUSTCHECK; /* add or replace, rights included */
int user_find(struct store *s, const char *name, struct eg_arena *a, struct user *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF */
int user_each(struct store *s, int (*each)(void *ctx, const struct user *u, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- sheets, manifests, decisions (store_decision.c) ---- */
int sheet_add(struct store *s, const char *id, int64_t made, int64_t expires, unsigned rows, struct eg_err *err)
    EG_MUSTCHECK;
int sheet_get(struct store *s, const char *id, int64_t *ret_made, int64_t *ret_expires, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF */
struct manifest {
	const char *id, *drop, *name, *sha256, *sheet, *approver, *key_id, *assurance, *state,
	    *bundle; /* drop, sheet, approver, key_id, bundle may be NULL */
	int64_t received, applied; /* applied 0 = not */
	unsigned accepted, rejected, refused;
};
int manifest_put(struct store *s, const struct manifest *m, struct eg_err *err) EG_MUSTCHECK;
int manifest_get(struct store *s, const char *id, struct eg_arena *a, struct manifest *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF */
/* The first applied one of this person (NULL = of anybody); EG_EOF. */
int manifest_by_bytes(struct store *s, const char *sha256, const char *approver, struct eg_arena *a,
    struct manifest *ret, struct eg_err *err) EG_MUSTCHECK;
int manifest_each(struct store *s, const char *state,
    int (*each)(void *ctx, const struct manifest *m, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
struct decision {
	int64_t id, item; /* item 0 = unknown */
	const char *manifest, *iid, *content, *verdict, *erp_id, *transaction_date, *accounting_date, *description,
	    *comment, *approver, *result, *code;
	unsigned row;
	int64_t at;
};
int decision_add(struct store *s, const struct decision *d, int64_t *ret_id, struct eg_err *err) EG_MUSTCHECK;
int decision_get(struct store *s, int64_t id, struct eg_arena *a, struct decision *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF */
int decision_each(struct store *s, const char *manifest, int64_t item,
    int (*each)(void *ctx, const struct decision *d, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK; /* NULL / 0 = any */

/* ---- batches (store_batch.c) ---- */
struct batch {
	const char *id, *target, *state,
	    *bundle; /* state: ready, published, done; again, voiding, void (workflow/batch_acts.h) */
	int64_t made, run;
	bool shadow; /* written beside and never sent (workflow/shadow.h) */
};
int batch_put(struct store *s, const struct batch *b, struct eg_err *err) EG_MUSTCHECK;
int batch_get(struct store *s, const char *id, struct eg_arena *a, struct batch *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF */
int batch_each(struct store *s, const char *state, int (*each)(void *ctx, const struct batch *b, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
struct batch_file {
	int64_t id;
	const char *batch, *name, *object, *adapter, *adapter_sha256, *sha256, *amount;
	int64_t size, rows;
};
int batch_file_add(struct store *s, const struct batch_file *f, int64_t *ret_id, struct eg_err *err) EG_MUSTCHECK;
int batch_file_each(struct store *s, const char *batch,
    int (*each)(void *ctx, const struct batch_file *f, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK; /* in order of adding */
int batch_item_add(struct store *s, const char *batch, int64_t item, int64_t revision, int64_t decision,
    struct eg_err *err) EG_MUSTCHECK;
int batch_item_each(struct store *s, const char *batch, int64_t item,
    int (*each)(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK; /* NULL / 0 = any */
int lineage_add(struct store *s, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json,
    struct eg_err *err) EG_MUSTCHECK;
int lineage_each(struct store *s, int64_t batch_file, int64_t item,
    int (*each)(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK; /* 0 = any */
int bundle_row_add(struct store *s, const char *id, const char *kind, const char *of_id, const char *path,
    const char *sha256, int64_t sealed, struct eg_err *err) EG_MUSTCHECK;
struct bundle_row {
	const char *id, *kind, *of_id, *path, *sha256;
	int64_t sealed;
};
int bundle_row_each(struct store *s, const char *id,
    int (*each)(void *ctx, const struct bundle_row *b, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK; /* id: bundle or of_id; NULL = all */

/* ---- mails (store_mail.c) ---- */
struct mail_row {
	const char *id, *once, *kind, *recipient, *subject, *message, *state,
	    *said; /* message: the whole text, "" once the state is not queued */
	int64_t queued, attempts, next, ended; /* ended 0 = not */
};
/* A new mail; nothing happens when one of the same `once` was there before. */
int mail_add(struct store *s, const struct mail_row *m, struct eg_err *err) EG_MUSTCHECK;
/* Writes state, attempts, next, ended and said; the text goes when the state is not queued. */
int mail_save(struct store *s, const struct mail_row *m, struct eg_err *err) EG_MUSTCHECK;
int mail_get(struct store *s, const char *id, struct eg_arena *a, struct mail_row *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF: none */
/* The queued mail whose next try is due first, due or not; EG_EOF: none is queued. */
int mail_first(struct store *s, struct eg_arena *a, struct mail_row *ret, struct eg_err *err) EG_MUSTCHECK;
/* Newest last, at most `limit` (0 = all); message is "" here. */
int mail_each(struct store *s, unsigned limit, int (*each)(void *ctx, const struct mail_row *m, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;

#endif
