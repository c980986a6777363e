/* SPDX-License-Identifier: MIT
 *
 * Gathers and writes the procedure document. What cannot be known for an earlier day is said, not guessed.
 */
#include "gateway/report/procedure.h"

#include "base/date.h"
#include "base/fs.h"
#include "gateway/store/store_keep.h"
#include "spool/bundle.h"

#include <jansson.h>

struct period { /* of a user's rights that still runs */
	char *user, *by;
	int64_t since;
	json_t *rights;
};

struct procedure {
	struct site *s;
	struct paper *p;
	int64_t until; /* 0 = now */
	json_t *software; /* software.json of the bundle, when until is given */
	char *bundle, *path; /* the newest one sealed by then */
	int64_t sealed;
	struct period *v;
	size_t n;
	bool changes; /* second reading of the log: what was changed */
};

static const char *
value_of(const struct procedure *w, const char *key)
{
	return w->software == NULL ? conf_get(&w->s->conf, key) :
	                             json_string_value(json_object_get(json_object_get(w->software, "settings"), key));
}

/* ---- the bundle that tells of an earlier day ---- */

static int
newest(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct procedure *w = ctx;

	(void)err;
	if (b->sealed < w->until && b->sealed >= w->sealed && eg_fs_exists(w->s->spool.archive, b->path)) {
		free(w->bundle);
		free(w->path);
		w->bundle = eg_xstrdup(b->id);
		w->path = eg_xstrdup(b->path);
		w->sealed = b->sealed;
	}
	return EG_OK;
}

static int
read_then(struct procedure *w, struct eg_err *err)
{
	struct eg_buf text = { .max = (size_t)64 << 20 };
	int rc = bundle_row_each(w->s->store, NULL, newest, w, err);

	if (rc == EG_OK && w->bundle == NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "no bundle of that day or an earlier one is in the archive, and it is the bundles that say which settings were in force. The first: erpgate audit list");
	if (rc == EG_OK)
		rc = bundle_extract(&w->s->spool, w->path, "data/software.json", &text, err);
	if (rc == EG_OK) {
		w->software = json_loadb((const char *)text.ptr, text.len, 0, NULL);
		if (w->software == NULL)
			rc = eg_fail(err, EG_BADFILE, "BUNDLE-BAG",
			    "data/software.json of %s is no JSON; check it: erpgate audit verify %s", w->bundle,
			    w->bundle);
	}
	eg_buf_done(&text);
	return rc;
}

/* ---- versions, settings ---- */

static void
intro(struct procedure *w)
{
	char when[EG_TIME_TEXT];

	eg_time_print(when, w->until == 0 ? site_now(w->s) : w->until - 1);
	char *text =
	    w->until == 0 ?
		eg_xprintf("Site %s, accounting system %s. As of %s (UTC).", w->s->name, w->s->erp, when) :
		eg_xprintf(
		    "Site %s, accounting system %s. As it was at the end of %.10s (UTC). Settings and tables are those of bundle %s, the newest sealed by then; rights, changes and holds are those of the log up to then.",
		    w->s->name, value_of(w, "erp") == NULL ? w->s->erp : value_of(w, "erp"), when, w->bundle);
	paper_text(w->p, text);
	free(text);
	paper_heading(w->p, "What happens to a file");
	paper_text(w->p,
	    "A file that a sender has finished is taken as it is: its bytes are copied, hashed and never changed. A confined program reads it by the adapter of its source; every record becomes an item or a finding with its place in the file. "
	    "Items wait until everything they need is there. A person with the right to do so accepts or rejects them, bound to the very content that was shown. What is accepted leaves in a batch of import files, whose totals are checked. "
	    "Drop, decision and batch are each sealed as a bundle with digest and signature, and every step is an entry of an append-only log whose root is signed. Nothing is deleted but by a person's act under the rules of retention below.");
}

static void
versions(struct procedure *w)
{
	static const char *const titles[] = { "component", "version" };
	const char *program =
	    w->software == NULL ? ERPGATE_VERSION : json_string_value(json_object_get(w->software, "erpgate"));

	paper_heading(w->p, "Versions");
	paper_table(w->p, titles, 2);
	paper_row(w->p, (const char *const[]){ "erpgate", program });
	if (w->software == NULL) {
		char schema[24];
		(void)snprintf(schema, sizeof(schema), "%d", store_schema_version());
		paper_row(w->p, (const char *const[]){ "form of the database", schema });
	}
	paper_table_end(w->p, "");
}

static bool
starts(const char *key, const char *with)
{
	return strncmp(key, with, strlen(with)) == 0;
}

/* Keys of one part of the settings; which: prefixes, NULL = all of them. */
static bool
in_part(const char *key, const char *const *which)
{
	for (; which != NULL && *which != NULL; which++)
		if (starts(key, *which))
			return true;
	return which == NULL;
}

static void
setting_row(struct procedure *w, const char *key, const char *value, const char *def, bool only_changed)
{
	bool same = def != NULL && value != NULL && strcmp(value, def) == 0;

	if (!only_changed || !same)
		paper_row(w->p, (const char *const[]){ key, value, same ? "default" : "set here" });
}

static void
settings(struct procedure *w, const char *title, const char *const *which, bool only_changed, const char *none)
{
	static const char *const titles[] = { "setting", "value", "where from" };
	const char *key, *value;
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	json_t *v;

	paper_heading(w->p, title);
	paper_table(w->p, titles, 3);
	if (w->software != NULL) {
		json_object_foreach(json_object_get(w->software, "settings"), key, v) if (in_part(key, which))
		    setting_row(w, key, json_string_value(v), conf_default(key), only_changed);
	} else {
		for (size_t i = 0; i < n; i++)
			if (strchr(k[i].key, '*') == NULL && in_part(k[i].key, which))
				setting_row(w, k[i].key, conf_text(&w->s->conf, k[i].key), k[i].def, only_changed);
		for (size_t i = 0; conf_set_at(&w->s->conf, i, &key, &value); i++)
			if (conf_default(key) == NULL && in_part(key, which))
				setting_row(w, key, value, NULL, only_changed);
	}
	paper_table_end(w->p, none);
}

/* ---- adapters and tables ---- */

static void
adapters_now(struct procedure *w)
{
	static const char *const titles[] = { "adapter", "version", "direction", "system", "sha256", "file" };
	static const char *const tables[] = { "table", "sha256" };
	const char *name;
	struct eg_bytes text;
	char sha[EG_SHA256_HEX];

	paper_heading(w->p, "Adapters");
	paper_table(w->p, titles, 6);
	for (size_t i = 0; i < adp_set_count(w->s->adapters); i++) {
		const struct adp_info *a = adp_info(adp_set_at(w->s->adapters, i));
		char version[24];
		(void)snprintf(version, sizeof(version), "%u", a->version);
		paper_row(w->p, (const char *const[]){
				    a->name, version, a->out ? "writes" : "reads", a->system, a->sha256, a->file });
	}
	paper_table_end(w->p, "No adapter is there.");
	paper_heading(w->p, "Tables");
	paper_table(w->p, tables, 2);
	for (size_t i = 0; adp_set_table_at(w->s->adapters, i, &name, &text, sha); i++)
		paper_row(w->p, (const char *const[]){ name, sha });
	paper_table_end(w->p, "No table is there.");
}

static int
used_row(void *ctx, const char *adapter, const char *sha256, int64_t from, int64_t to, struct eg_err *err)
{
	struct procedure *w = ctx;
	char first[EG_TIME_TEXT], last[EG_TIME_TEXT];

	(void)err;
	eg_time_print(first, from);
	eg_time_print(last, to);
	paper_row(w->p, (const char *const[]){ adapter, sha256, first, last });
	return EG_OK;
}

/* "<sha256>  data/adapters/tables/cost_type.csv" */
static int
tables_then(struct procedure *w, struct eg_err *err)
{
	static const char *const titles[] = { "table", "sha256" };
	struct eg_buf text = { .max = (size_t)64 << 20 };
	int rc = bundle_extract(&w->s->spool, w->path, "manifest-sha256.txt", &text, err);
	struct eg_bytes rest = eg_buf_view(&text), line;

	paper_heading(w->p, "Tables in force then");
	paper_table(w->p, titles, 2);
	while (rc == EG_OK && rest.len > 0 && eg_bytes_cut(&rest, '\n', &line)) {
		struct eg_bytes name = eg_bytes_sub(line, 66, line.len);
		if (!eg_bytes_starts(name, EG_LIT("data/adapters/tables/")))
			continue;
		char *sha = eg_xdup(eg_bytes_sub(line, 0, 64)), *table = eg_xdup(eg_bytes_sub(name, 21, name.len));
		paper_row(w->p, (const char *const[]){ table, sha });
		free(sha);
		free(table);
	}
	paper_table_end(w->p, "No table was in that bundle.");
	eg_buf_done(&text);
	return rc;
}

static int
adapters(struct procedure *w, struct eg_err *err)
{
	static const char *const titles[] = { "adapter", "sha256", "first used", "last used" };
	int rc;

	if (w->until == 0) {
		adapters_now(w);
		return EG_OK;
	}
	paper_heading(w->p, "Adapters that had read or written by then");
	paper_table(w->p, titles, 4);
	rc = store_adapters_used(w->s->store, w->until, used_row, w, err);
	paper_table_end(w->p, "None had been used yet.");
	return rc == EG_OK ? tables_then(w, err) : rc;
}

/* ---- persons ---- */

static char *
text_of(const json_t *rights, const char *field)
{
	const json_t *v = json_object_get(rights, field);

	return v == NULL || json_is_null(v) ? eg_xstrdup("") :
	       json_is_string(v)            ? eg_xstrdup(json_string_value(v)) :
	                                      json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void
right_row(struct procedure *w, const struct period *u, int64_t until)
{
	static const char *const fields[] = { "role", "types", "limit", "tools", "may", "key" };
	char since[EG_TIME_TEXT], to[EG_TIME_TEXT] = "in force", *text[6];
	const char *cells[10] = { u->user, since, to };
	bool active = !json_is_false(json_object_get(u->rights, "active"));

	eg_time_print(since, u->since);
	if (until != 0)
		eg_time_print(to, until);
	for (size_t i = 0; i < 6; i++) {
		text[i] = text_of(u->rights, fields[i]);
		cells[3 + i] = active ? text[i] : i == 0 ? "revoked: no rights" : "";
	}
	cells[9] = u->by;
	paper_row(w->p, cells);
	for (size_t i = 0; i < 6; i++)
		free(text[i]);
}

static void
new_rights(struct procedure *w, const struct log_row *r)
{
	struct period *u = NULL;

	for (size_t i = 0; u == NULL && i < w->n; i++)
		if (strcmp(w->v[i].user, r->id) == 0)
			u = &w->v[i];
	if (u == NULL) {
		w->v = eg_xrealloc(w->v, (w->n + 1) * sizeof(*w->v));
		u = &w->v[w->n++];
		*u = (struct period){ .user = eg_xstrdup(r->id) };
	} else {
		right_row(w, u, r->at);
		free(u->by);
		json_decref(u->rights);
	}
	u->by = eg_xstrdup(r->actor);
	u->since = r->at;
	u->rights = json_loads(r->detail, 0, NULL);
}

static bool
is_change(const char *event)
{
	static const char *const changes[] = { "init", "config", "config-changed", "adapter-changed", "table-changed",
		"key-changed", "legal-hold", "legal-hold-lifted", "retention-deleted", "rebuilt", "clock-accepted" };

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (strcmp(event, changes[i]) == 0)
			return true;
	return false;
}

static int
log_row(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct procedure *w = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	if (w->until != 0 && r->at >= w->until)
		return EG_OK;
	if (!w->changes && strncmp(r->event, "user-", 5) == 0)
		new_rights(w, r);
	else if (w->changes && is_change(r->event)) {
		eg_time_print(when, r->at);
		paper_row(w->p, (const char *const[]){ when, r->actor, r->event, r->id, r->detail });
	}
	return EG_OK;
}

static int
persons(struct procedure *w, struct eg_err *err)
{
	static const char *const titles[] = { "person", "from", "to", "role", "may decide", "up to", "tools", "may",
		"key", "given by" };
	static const char *const changes[] = { "when", "by", "what", "of", "detail" };
	int rc;

	paper_heading(w->p, "Who could decide what, from when to when");
	paper_table(w->p, titles, 10);
	rc = store_log_each(w->s->store, NULL, 0, log_row, w, err);
	for (size_t i = 0; i < w->n; i++)
		right_row(w, &w->v[i], 0);
	paper_table_end(w->p, "Nobody had any rights.");
	paper_heading(w->p, "Who could change the rules, and every change of them");
	paper_text(w->p,
	    "Settings, adapters, tables, users and keys can be changed by persons with the role admin above, and by whoever owns the site's folder on its machine or is root there (their acts stand below under their account). "
	    "A file that was edited by hand is found by comparison at the next act of erpgate and stands below with the owner of the file.");
	w->changes = true;
	paper_table(w->p, changes, 5);
	if (rc == EG_OK)
		rc = store_log_each(w->s->store, NULL, 0, log_row, w, err);
	paper_table_end(w->p, "Nothing was changed.");
	return rc;
}

/* ---- keys, holds ---- */

static int
key_row(void *ctx, const char *name, struct eg_err *err)
{
	struct procedure *w = ctx;
	char *id = eg_xprintf("%.*s", (int)strcspn(name, "."), name);

	(void)err;
	if (eg_bytes_ends(eg_bytes_str(name), EG_LIT(".pub.pem")))
		paper_row(
		    w->p, (const char *const[]){ id, "the gateway: seals bundles, tombstones and heads of the log" });
	free(id);
	return EG_OK;
}

static int
keys(struct procedure *w, struct eg_err *err)
{
	static const char *const titles[] = { "key", "whose" };
	int dir = -1, rc = eg_fs_opendir(w->s->spool.archive, "keys", &dir, err);

	paper_heading(w->p, "Keys");
	paper_table(w->p, titles, 2);
	if (rc == EG_OK)
		rc = eg_fs_list(dir, key_row, w, err);
	paper_table_end(w->p, "Nothing was sealed yet.");
	paper_text(w->p,
	    "A key is named by the first 16 hex digits of SHA-256 over its public half (DER). Keys of persons stand in the table of their rights.");
	eg_fd_done(&dir);
	return rc;
}

static int
hold_row(void *ctx, const struct legal_hold *h, struct eg_err *err)
{
	struct procedure *w = ctx;
	char id[24], since[EG_TIME_TEXT], lifted[EG_TIME_TEXT] = "stands";

	(void)err;
	if (w->until != 0 && h->at >= w->until)
		return EG_OK;
	(void)snprintf(id, sizeof(id), "H%06lld", (long long)h->id);
	eg_time_print(since, h->at);
	if (h->lifted != 0 && (w->until == 0 || h->lifted < w->until))
		eg_time_print(lifted, h->lifted);
	paper_row(w->p, (const char *const[]){ id, h->what, h->value, since, h->actor, h->reason, lifted });
	return EG_OK;
}

static int
holds(struct procedure *w, struct eg_err *err)
{
	static const char *const titles[] = { "hold", "of", "which", "since", "by", "reason", "lifted" };

	paper_heading(w->p, "Legal holds");
	paper_table(w->p, titles, 7);
	int rc = legal_hold_each(w->s->store, hold_row, w, err);
	paper_table_end(w->p, "None.");
	return rc;
}

static void
all_settings(struct procedure *w)
{
	static const char *const rules[] = { "rule.", "direct_export.", "approvals.", "rights.", "adopt.", NULL },
				 *const schedules[] = { "schedule.", "business.", "period.", "mail.summary_at", NULL },
				 *const kept[] = { "keep.", "source.", NULL };

	settings(w, "Rules and decisions", rules, false, "No such settings were recorded.");
	settings(w, "Schedules and periods", schedules, false, "No such settings were recorded.");
	settings(w, "Retention and sources", kept, false, "No such settings were recorded.");
	paper_text(w->p,
	    "Years are calendar years counted from the end of the year of sealing. Nothing is deleted by itself: a person does it with erpgate audit expire, only what is over its time, not under a legal hold, and not needed by anything open or kept longer; a signed tombstone and a log entry stay.");
	settings(w, "Every setting that is not the default", NULL, true, "All settings have their defaults.");
}

int
procedure_write(struct site *s, int64_t until, bool html, struct paper *p, struct eg_err *err)
{
	struct procedure w = { .s = s, .p = p, .until = until };
	int rc;

	paper_begin(p, html, "Procedure document of erpgate");
	rc = until == 0 ? EG_OK : read_then(&w, err);
	if (rc == EG_OK) {
		intro(&w);
		versions(&w);
		all_settings(&w);
		rc = adapters(&w, err);
	}
	if (rc == EG_OK)
		rc = persons(&w, err);
	if (rc == EG_OK)
		rc = keys(&w, err);
	if (rc == EG_OK)
		rc = holds(&w, err);
	paper_end(p);
	for (size_t i = 0; i < w.n; i++) {
		free(w.v[i].user);
		free(w.v[i].by);
		json_decref(w.v[i].rights);
	}
	free(w.v);
	free(w.bundle);
	free(w.path);
	json_decref(w.software);
	return rc;
}
