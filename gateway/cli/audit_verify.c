/* SPDX-License-Identifier: MIT
 *
 * audit verify: the log first, then every bundle against its digest, its signature, the log and the state; what is broken is named with one of twelve codes. Bundles are read on
 * several cores, told in order. Verification begins at the bytes on disk; the log and the state are asked afterwards whether anything is missing or too much.
 */
#include "gateway/cli/audit.h"
#include "spool/tombstone.h"

#define STOPPED "its deletion was begun and stopped; the next one ends it: erpgate audit expire"
#define TOGETHER 64U /* bundles checked between two outputs */

static const struct {
	const char *code, *name;
} kinds[AUDIT_KINDS] = {
	[AUDIT_GOOD] = { "", "" },
	[AUDIT_CHANGED] = { "V-01", "changed byte" },
	[AUDIT_MISSING] = { "V-02", "missing bundle" },
	[AUDIT_EXTRA] = { "V-03", "extra bundle" },
	[AUDIT_GAP] = { "V-04", "gap in log" },
	[AUDIT_ORDER] = { "V-05", "changed order" },
	[AUDIT_ROLLED_BACK] = { "V-06", "rolled-back log" },
	[AUDIT_FORKED] = { "V-07", "forked log" },
	[AUDIT_WRONG_KEY] = { "V-08", "wrong key" },
	[AUDIT_EXPIRED] = { "V-09", "expired stamp" },
	[AUDIT_UNREADABLE] = { "V-10", "unreadable zip" },
	[AUDIT_NOT_IN_LOG] = { "V-11", "bundle not in log" },
	[AUDIT_NO_BUNDLE] = { "V-12", "log entry without bundle" },
};

const char *
audit_kind_code(enum audit_kind k)
{
	return kinds[k].code;
}

const char *
audit_kind_name(enum audit_kind k)
{
	return kinds[k].name;
}

void
audit_broken(struct audit *a, const char *what, enum audit_kind k, const char *problem)
{
	a->bad++;
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:s,s:s,s:s}", "type", what, "good", false, "code", kinds[k].code, "kind",
		    kinds[k].name, "problem", problem));
	else
		(void)printf("%-8s BROKEN %s %s: %s\n", what, kinds[k].code, kinds[k].name, problem);
}

static void
tell(struct audit *a, const char *id, const struct bundle_verdict *v, enum audit_kind k, const char *problem)
{
	bool good = k == AUDIT_GOOD;

	a->checked++;
	a->bad += !good;
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:b,s:i,s:s,s:s,s:s,s:s,s:s}", "type", "bundle", "id", id, "good", good,
		    "files", (int)v->files, "key", v->key_id, "sha256", v->sha256, "problem", problem, "code",
		    kinds[k].code, "kind", kinds[k].name));
	else if (good)
		(void)printf("%s  good   %4u files   signed by %s%s%s\n", id, v->files, v->key_id,
		    *problem != '\0' ? "   " : "", problem);
	else
		(void)printf("%s  BROKEN %s %s: %s\n", id, kinds[k].code, kinds[k].name, problem);
}

/* ---- one bundle ---- */

static void
tell_absent(struct audit *a, const struct known *k)
{
	struct bundle_verdict v = { .good = false };

	(void)snprintf(v.sha256, sizeof(v.sha256), "%s", k->sha256 == NULL ? "" : k->sha256);
	if (k->in_store)
		tell(a, k->id, &v, AUDIT_MISSING,
		    "it was sealed, but its file is not in the archive; restore it from a backup");
	else
		tell(a, k->id, &v, AUDIT_NO_BUNDLE,
		    "the signed log says that it was sealed, and neither its file nor a row in the state is left of it; restore "
		    "both from a backup");
}

static enum audit_kind
kind_of_fault(const struct bundle_verdict *v)
{
	switch (v->fault) {
	case BUNDLE_WHOLE:
		return AUDIT_GOOD;
	case BUNDLE_GONE:
		return AUDIT_MISSING;
	case BUNDLE_OTHER_KEY:
		return AUDIT_WRONG_KEY;
	case BUNDLE_UNREADABLE:
		return AUDIT_UNREADABLE;
	case BUNDLE_CHANGED:
		break;
	}
	return AUDIT_CHANGED;
}

/* It is gone because its time was over: then a signed tombstone says so, and the log names that tombstone. */
static int
tell_deleted(struct audit *a, const struct known *k, struct eg_err *err)
{
	struct bundle_verdict v = { .good = false };
	int rc = tombstone_verify(&a->s->spool, k->path, NULL, &v, err);
	char *text, *stone;

	if (rc < 0)
		return rc;
	enum audit_kind kind = kind_of_fault(&v);
	stone = tombstone_path(k->path);
	if (kind != AUDIT_GOOD)
		text = eg_xprintf("it was deleted under retention, but %s", v.problem);
	else if (strcmp(v.sha256, k->stone) != 0) {
		kind = AUDIT_CHANGED;
		text =
		    eg_xprintf("it was deleted under retention, but its tombstone is not the one that the log names");
	} else
		text = eg_xprintf("deleted under retention: archive/%s", stone);
	(void)snprintf(v.sha256, sizeof(v.sha256), "%s", k->sha256 == NULL ? "" : k->sha256);
	tell(a, k->id, &v, kind, text);
	free(text);
	free(stone);
	return EG_OK;
}

static void
tell_present(struct audit *a, const struct known *k, const struct bundle_verdict *v, bool log_known)
{
	const char *problem = v->problem;
	enum audit_kind kind = kind_of_fault(v);
	bool stranger = !k->in_log && !k->in_store && !k->to_publish;

	if (stranger && k->left_behind) {
		kind = AUDIT_GOOD;
		problem = "a stopped turn left it behind; what it holds is sealed again under another number";
	} else if (stranger) { /* whatever is wrong with it besides: it does not belong here */
		kind = AUDIT_EXTRA;
		problem =
		    "neither the log nor the state knows of it. A crash while sealing leaves such a file until the "
		    "next erpgate run; otherwise somebody put it there";
	} else if (kind != AUDIT_GOOD && k->stone != NULL) { /* its digest and signature go first, the bundle last */
		kind = AUDIT_GOOD;
		problem = STOPPED;
	} else if (kind != AUDIT_GOOD) {
		;
	} else if (k->sha256 != NULL && strcmp(k->sha256, v->sha256) != 0) {
		kind = AUDIT_CHANGED;
		problem = "it is whole and signed, but not the file that was sealed under this number";
	} else if (log_known && !k->in_log && !k->to_publish) {
		kind = AUDIT_NOT_IN_LOG;
		problem =
		    "it is whole and the state has it, but no entry of the log tells of it: it was added behind the log's "
		    "back, or an older log was put back";
	} else if (k->stone != NULL)
		problem = STOPPED;
	else
		problem = k->in_log || !log_known ? "" : "not in the published log yet: erpgate run";
	tell(a, k->id, v, kind, problem);
}

/* ---- all that are asked for ---- */

/* A bundle's id, or that of what it holds: D000187. */
static bool
is_named(const struct known *k, const char *what)
{
	return strcmp(what, "ALL") == 0 || strcmp(what, k->id) == 0 || (k->of != NULL && strcmp(what, k->of) == 0);
}

static bool
asked_for(const struct audit *a, const struct known *k)
{
	for (int i = 1; i < a->c->argc; i++)
		if (is_named(k, a->c->argv[i]))
			return true;
	return a->c->argc == 1;
}

static int
check_operands(struct audit *a, struct eg_err *err)
{
	for (int i = 1; i < a->c->argc; i++) {
		bool found = strcmp(a->c->argv[i], "ALL") == 0;
		for (size_t k = 0; k < a->n; k++)
			found = found || is_named(a->v[k], a->c->argv[i]);
		if (!found)
			return eg_fail(err, EG_BADREC, "NOT-FOUND",
			    "There is no bundle %s. See them: erpgate audit list", a->c->argv[i]);
	}
	return EG_OK;
}

static int
from_disk(void *ctx, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	char *id = eg_xdup(eg_bytes(name, strcspn(name, ".")));
	struct known *k = audit_known(ctx, id);

	(void)err;
	k->on_disk = true;
	audit_remember(k, path, NULL);
	free(id);
	return EG_OK;
}

static int
by_pointer(const void *a, const void *b)
{
	return strcmp((*(struct known *const *)a)->id, (*(struct known *const *)b)->id);
}

/* A piece of the list: those on disk are read together, all are told in order. */
static int
verify_some(
    struct audit *a, struct known *const *k, size_t n, const struct sign_key *key, bool log_known, struct eg_err *err)
{
	struct bundle_verdict *v = eg_xalloc(n * sizeof(*v));
	const char *path[TOGETHER];
	size_t on_disk = 0;

	for (size_t i = 0; i < n; i++)
		if (k[i]->on_disk)
			path[on_disk++] = k[i]->path;
	int rc = bundle_verify_many(&a->s->spool, path, on_disk, key, v, err);
	for (size_t i = 0, at = 0; rc == EG_OK && i < n; i++)
		if (k[i]->on_disk)
			tell_present(a, k[i], &v[at++], log_known);
		else if (k[i]->stone != NULL && k[i]->path != NULL)
			rc = tell_deleted(a, k[i], err);
		else if (!k[i]->left_behind || k[i]->sha256 != NULL)
			tell_absent(a, k[i]);
	free(v);
	return rc;
}

static int
verify_bundles(struct audit *a, const struct sign_key *key, bool log_known, struct eg_err *err)
{
	struct known *some[TOGETHER];
	size_t n = 0;
	int rc = EG_OK;

	if (a->n > 0)
		qsort(a->v, a->n, sizeof(struct known *), by_pointer);
	for (size_t i = 0; rc == EG_OK && i < a->n; i++) {
		if (asked_for(a, a->v[i]))
			some[n++] = a->v[i];
		if (n == TOGETHER) {
			rc = verify_some(a, some, n, key, log_known, err);
			n = 0;
		}
	}
	return rc == EG_OK && n > 0 ? verify_some(a, some, n, key, log_known, err) : rc;
}

static void
tell_all(const struct audit *a)
{
	if (cli_has(a->c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:i,s:i}", "type", "summary", "bundles", (int)a->checked, "broken", (int)a->bad));
	else if (a->bad > 0)
		(void)printf(
		    "Something is broken. Do not use it as evidence; restore it from a backup and verify again.\n");
	else
		(void)printf("%u bundles and the log, all good.\n", a->checked);
}

int
audit_verify(struct audit *a, struct eg_err *err)
{
	struct sign_key *key = NULL;
	bool log_known = false;
	int rc;

	if (cli_has(a->c, O_PROOF))
		return audit_verify_proof(a, err);
	rc = audit_key(a, &key, err);
	if (rc == EG_OK)
		rc = bundle_row_each(a->s->store, NULL, audit_from_store, a, err);
	if (rc == EG_OK)
		rc = bundle_walk(&a->s->spool, from_disk, a, err);
	if (rc == EG_OK)
		rc = audit_verify_log(a, key, &log_known, err);
	if (rc == EG_OK)
		rc = check_operands(a, err);
	/* Older bundles may be signed by an older key of ours: archive/keys has them. */
	if (rc == EG_OK)
		rc = verify_bundles(a, cli_has(a->c, O_KEY) ? key : NULL, log_known, err);
	if (rc == EG_OK)
		tell_all(a);
	sign_key_free(key);
	return rc;
}
