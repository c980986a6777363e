/* SPDX-License-Identifier: MIT
 *
 * Separation of duty, read from the drop and from the log (gateway/edits.h writes the entries about files edited by hand). Refuses with E-74.
 * Tests: tests/unit/test_rights.c.
 */
#include "gateway/workflow/separate.h"

#include "base/date.h"
#include "gateway/workflow/actor.h"

#include <jansson.h>

#define DAY INT64_C(86400)

/* ---- submitter ---- */

struct taking {
	const struct user *u;
	bool by_him;
};

static int
look_ingested(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct taking *t = ctx;

	(void)err;
	t->by_him |= strcmp(r->event, "ingested") == 0 && strcmp(r->actor, t->u->name) == 0;
	return EG_OK;
}

static int
dropped_by(struct site *s, const struct user *u, const struct drop_row *d, bool *ret, struct eg_err *err)
{
	char owner[64];
	struct taking t = { u, false };
	int rc = store_log_each(s->store, d->id, 0, look_ingested, &t, err);

	(void)actor_account((uid_t)d->owner, owner, sizeof(owner));
	if (u->account != NULL)
		t.by_him |= strcmp(owner, u->account) == 0;
	else
		t.by_him |= strcmp(owner, u->name) == 0 || strcmp(d->source, u->name) == 0;
	*ret = t.by_him;
	return rc;
}

static int
check_submitter(struct site *s, const struct user *u, const struct item *it, const struct file_row *f,
    struct eg_arena *a, struct eg_err *err)
{
	struct drop_row d;
	bool by_him = false;
	int rc;

	if (!conf_bool(&s->conf, "approvals.separate_submitter"))
		return EG_OK;
	rc = store_drop_get(s->store, f->drop, a, &d, err);
	if (rc == EG_OK)
		rc = dropped_by(s, u, &d, &by_him, err);
	if (rc == EG_OK && by_him)
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s dropped the file %s is in (%s) and may not decide about it (approvals.separate_submitter). Another approver must.",
		    u->name, it->iid, d.name);
	return rc;
}

/* ---- editor ---- */

struct editing {
	struct site *site;
	const struct user *u;
	const struct item *it;
	const char *adapter; /* that read the item's file */
	const char *what; /* the kind of change looked for */
	char *found; /* what he changed; free() it */
	int64_t at;
};

/* One adapter file concerns what it read, and what it will write. A file that held no loadable adapter could have been any. */
static bool
concerns(const struct editing *e, const char *event, const json_t *detail)
{
	const char *name = json_string_value(json_object_get(detail, "adapter"));
	const struct adp *a;

	if (strcmp(event, "adapter-changed") != 0 || name == NULL || strcmp(name, e->adapter) == 0)
		return true;
	a = adp_set_named(e->site->adapters, name);
	return a != NULL && adp_info(a)->out && adp_writes(a, e->it->type);
}

static bool
is_his(const struct user *u, const char *who)
{
	return who != NULL && (strcmp(who, u->name) == 0 || (u->account != NULL && strcmp(who, u->account) == 0));
}

static int
look_edit(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct editing *e = ctx;
	json_t *detail = json_loads(r->detail, 0, NULL);
	const char *owner = json_string_value(json_object_get(detail, "owner"));

	(void)err;
	if ((is_his(e->u, r->actor) || is_his(e->u, owner)) && concerns(e, r->event, detail)) {
		free(e->found);
		e->found = eg_xprintf("%s %s", e->what, r->id);
		e->at = r->at;
	}
	json_decref(detail);
	return EG_OK;
}

static int
check_editor(struct site *s, const struct user *u, const struct item *it, const char *adapter, struct eg_err *err)
{
	static const struct {
		const char *event, *what;
	} edits[] = { { "adapter-changed", "the adapter" }, { "table-changed", "the table" },
		{ "config-changed", "the settings in" }, { "config", "the setting" }, { "user-added", "the rights of" },
		{ "user-changed", "the rights of" }, { "user-revoked", "the rights of" } };
	struct editing e = { .site = s, .u = u, .it = it, .adapter = adapter };
	int64_t days = conf_int(&s->conf, "approvals.separate_editor_days");
	char when[EG_TIME_TEXT];
	int rc = EG_OK;

	if (!conf_bool(&s->conf, "approvals.separate_editor"))
		return EG_OK;
	for (size_t i = 0; rc == EG_OK && e.found == NULL && i < sizeof(edits) / sizeof(edits[0]); i++) {
		e.what = edits[i].what;
		rc = store_log_events(s->store, edits[i].event, site_now(s) - days * DAY, look_edit, &e, err);
	}
	if (rc == EG_OK && e.found != NULL) {
		eg_time_print(when, e.at);
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s changed %s on %s and may not approve what goes through it (%s) for %lld days (approvals.separate_editor). Another approver must.",
		    u->name, e.found, when, it->iid, (long long)days);
	}
	free(e.found);
	return rc;
}

int
separate_check(struct site *s, const struct user *u, const struct item *it, bool approves, struct eg_err *err)
{
	struct eg_arena a;
	struct file_row f;
	int rc;

	if (!conf_bool(&s->conf, "approvals.separate_submitter") && !conf_bool(&s->conf, "approvals.separate_editor"))
		return EG_OK;
	eg_arena_init(&a, 1 << 16);
	rc = store_file_get(s->store, it->file, &a, &f, err);
	if (rc == EG_OK)
		rc = check_submitter(s, u, it, &f, &a, err);
	if (rc == EG_OK && approves)
		rc = check_editor(s, u, it, f.adapter, err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc; /* no file behind it: nobody dropped it, nothing was gone through */
}
