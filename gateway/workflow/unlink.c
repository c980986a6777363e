/* SPDX-License-Identifier: MIT
 *
 * Unlinking and putting away. The gateway has no way to look into the ERP: it knows the lists that the ERP sent, and for everything else a person says in
 * words that the record is gone; the words are logged. Children go before parents, so that nothing in the ERP points at what was deleted there.
 * Tests: tests/unit/test_unlink.c.
 */
#include "gateway/workflow/unlink.h"

#include "gateway/workflow/intake.h"

#include <jansson.h>

#define LINKED (1U << ST_EXPORTED | 1U << ST_SYNCED | 1U << ST_CHANGED)
#define NAMED_MAX 5 /* children that a refusal names; more are counted */

/* ---- who hangs on whom ---- */

enum hangs_by {
	BY_PARENT,
	BY_VENDOR,
	BY_PROJECT,
	BY_ID, /* the child's id goes on behind the parent's key */
};

static const struct {
	enum rec_id parent, child;
	enum hangs_by by;
} hangs[] = {
	{ REC_VENDOR, REC_COMMITMENT, BY_VENDOR },
	{ REC_PROJECT, REC_SUBJOB, BY_PROJECT },
	{ REC_PROJECT, REC_BUDGET, BY_PROJECT },
	{ REC_PROJECT, REC_BUDGET_CHANGE, BY_PROJECT },
	{ REC_PROJECT, REC_FORECAST, BY_PROJECT },
	{ REC_PROJECT, REC_COMMITMENT, BY_PROJECT },
	{ REC_PROJECT, REC_CCO, BY_PROJECT },
	{ REC_PROJECT, REC_INVOICE, BY_PROJECT },
	{ REC_PROJECT, REC_PAYMENT, BY_PROJECT },
	{ REC_PROJECT, REC_PRIME, BY_PROJECT },
	{ REC_PROJECT, REC_PCCO, BY_PROJECT },
	{ REC_PROJECT, REC_OWNER_INVOICE, BY_PROJECT },
	{ REC_BUDGET, REC_BUDGET_CHANGE, BY_PROJECT },
	{ REC_COMMITMENT, REC_CCO, BY_PARENT },
	{ REC_COMMITMENT, REC_INVOICE, BY_PARENT },
	{ REC_INVOICE, REC_PAYMENT, BY_PARENT },
	{ REC_PRIME, REC_PCCO, BY_ID },
};

struct children {
	struct site *site;
	const struct item *parent;
	enum hangs_by by;
	const struct unlink_how *how; /* to unlink each; NULL = only name them */
	unsigned n;
	struct eg_buf names;
};

/* "prime/P1/7" and "pcco/P1/7/1": the same behind the first slash, and more. */
static bool
id_goes_on(const char *parent, const char *child)
{
	const char *p = strchr(parent, '/'), *c = strchr(child, '/');
	size_t len = p == NULL ? 0 : strlen(p);

	return p != NULL && c != NULL && strncmp(p, c, len) == 0 && c[len] == '/';
}

static int
child_each(void *ctx, const struct item *known, struct eg_err *err)
{
	struct children *c = ctx;
	struct eg_arena a;
	struct item it;
	int rc;

	if (c->by == BY_ID && !id_goes_on(c->parent->iid, known->iid))
		return EG_OK;
	if (c->how == NULL) {
		if (c->n++ < NAMED_MAX)
			eg_buf_printf(&c->names, "%s%s", c->names.len > 0 ? ", " : "", known->iid);
		return EG_OK;
	}
	eg_arena_init(&a, 1 << 18);
	rc = item_get(c->site->store, known->id, &a, &it, err); /* an earlier child may have taken it along */
	if (rc == EG_OK && (LINKED & (1U << it.state)) != 0)
		rc = act_unlink(c->site, &it, c->how, err);
	eg_arena_done(&a);
	return rc;
}

static int
children_walk(struct children *c, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(hangs) / sizeof(hangs[0]); i++) {
		struct item_filter f = { .type = rec_type(hangs[i].child), .states = LINKED };

		if (hangs[i].parent != c->parent->type->id)
			continue;
		c->by = hangs[i].by;
		f.parent = c->by == BY_PARENT ? c->parent->iid : NULL;
		f.vendor = c->by == BY_VENDOR ? c->parent->number : NULL;
		f.project = c->by == BY_VENDOR                 ? NULL :
		            c->parent->type->id == REC_PROJECT ? c->parent->number :
		                                                 c->parent->project;
		rc = item_each(c->site->store, &f, child_each, c, err);
	}
	return rc;
}

static int
check_children(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	struct children c = { .site = s, .parent = it, .how = how->cascade ? how : NULL, .names = EG_BUF_INIT };
	int rc = children_walk(&c, err);

	if (rc == EG_OK && c.n > 0 && c.n <= NAMED_MAX)
		rc = eg_fail(err, EG_BADREC, "E-70",
		    "The accounting system still has what hangs on %s: %s. Undo these there and unlink them first, or all in one: erpgate unlink %s --cascade --gone \"…\"",
		    it->iid, eg_buf_cstr(&c.names), it->iid);
	else if (rc == EG_OK && c.n > 0)
		rc = eg_fail(err, EG_BADREC, "E-70",
		    "The accounting system still has %u items that hang on %s: %s and others. Undo these there and unlink them first, or all in one: erpgate unlink %s --cascade --gone \"…\"",
		    c.n, it->iid, eg_buf_cstr(&c.names), it->iid);
	eg_buf_done(&c.names);
	return rc;
}

/* ---- the ERP's own record ---- */

static enum rec_id
listed_as(enum rec_id type)
{
	switch (type) {
	case REC_VENDOR:
		return REC_ERP_VENDOR;
	case REC_PROJECT:
		return REC_ERP_PROJECT;
	case REC_SUBJOB:
		return REC_ERP_SUBJOB;
	default:
		return type;
	}
}

/* The ERP's own record of a company, project or sub job; EG_EOF: none known. */
static int
erp_record(struct site *s, const struct item *it, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	enum rec_id list = listed_as(it->type->id);
	const char *parts[2] = { it->erp_id, NULL }, *iid;
	struct item project;
	size_t n = 1;

	if (list == it->type->id || it->erp_id == NULL)
		return EG_EOF;
	if (list == REC_ERP_SUBJOB) {
		iid = iid_join(a, REC_PROJECT, &it->project, it->project != NULL ? 1 : 0);
		int rc = it->project == NULL || iid == NULL ? EG_EOF : item_find(s->store, iid, a, &project, err);
		if (rc != EG_OK || project.erp_id == NULL)
			return rc < 0 ? rc : EG_EOF;
		parts[0] = project.erp_id;
		parts[1] = it->erp_id;
		n = 2;
	}
	iid = iid_join(a, list, parts, n);
	return iid == NULL ? EG_EOF : item_find(s->store, iid, a, ret, err);
}

/* Has the ERP's newest list the record as it stands here? A record that came unchanged in a newer list keeps its first place, so only "yes" is certain. */
static int
in_newest_list(struct site *s, const struct item *record, bool *ret, struct eg_err *err)
{
	int64_t file = 0;
	int rc = list_file(s->store, record->type->name, &file, err);

	*ret = record->state != ST_ARCHIVED && record->file == file;
	return rc < 0 ? rc : EG_OK;
}

/* A company or project that was tied to a record the ERP had anyway: nothing was made there, so nothing has to go. */
static bool
only_tied(const struct item *it)
{
	return listed_as(it->type->id) != it->type->id && it->sent_key == NULL;
}

static int
check_gone(struct site *s, const struct item *it, const struct item *record, const char *gone, struct eg_err *err)
{
	bool listed = false;
	int rc = record == NULL ? EG_OK : in_newest_list(s, record, &listed, err);

	if (rc < 0 || only_tied(it))
		return rc;
	if (listed)
		return eg_fail(err, EG_BADREC, "E-70",
		    "The newest list from the accounting system still has %s, so %s stays linked. Delete it there, let the list come again, then unlink.",
		    record->iid, it->iid);
	if (gone != NULL && *gone != '\0')
		return EG_OK;
	if (it->type->id == REC_CCO && strcmp(s->erp, "acumatica") == 0)
		return eg_fail(err, EG_BADREC, "E-71",
		    "Change order %s must be reversed in Acumatica before it is unlinked. Reverse it there, then say so: erpgate unlink %s --gone \"reversed by …, reference …\"",
		    it->iid, it->iid);
	return eg_fail(err, EG_BADREC, "E-70",
	    "%s has a record in the accounting system. Delete it there first, then say so: erpgate unlink %s --gone \"deleted by …, reference …\"",
	    it->iid, it->iid);
}

/* ---- moving ---- */

static int
log_unlinked(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	json_t *j = json_pack("{s:s*,s:s*,s:s*,s:s*,s:b}", "reason", how->reason, "gone", how->gone, "erp_id",
	    it->erp_id, "sent_key", it->sent_key, "cascade", how->cascade);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, "unlinked", it->iid, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
free_item(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	struct item now = *it;
	int next = state_next(it->state, EV_UNLINK, it->type->cls, false), rc;

	eg_check(next >= 0);
	now.state = (enum item_state)next;
	now.erp_id = now.sent_key = NULL;
	now.posted = -1;
	now.accepted = 0;
	rc = item_save(s->store, &now, site_now(s), err);
	return rc == EG_OK ? log_unlinked(s, it, how, err) : rc;
}

/* The ERP's record is offered for import again; one that is gone there is put away. */
static int
free_record(struct site *s, const struct item *record, bool gone, struct eg_err *err)
{
	struct item now = *record;
	int rc;

	if (record->state != ST_SYNCED)
		return EG_OK;
	now.state = gone ? ST_ARCHIVED : ST_IMPORTABLE;
	now.accepted = 0;
	rc = item_save(s->store, &now, site_now(s), err);
	return rc == EG_OK ? site_log(s, gone ? "archived-item" : "unlinked", record->iid, NULL, err) : rc;
}

static int
unlink_ours(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	struct item record;
	struct eg_arena a;
	int rc, found;

	eg_arena_init(&a, 1 << 18);
	found = erp_record(s, it, &a, &record, err);
	rc = found < 0 ? found : check_children(s, it, how, err);
	if (rc == EG_OK)
		rc = check_gone(s, it, found == EG_OK ? &record : NULL, how->gone, err);
	if (rc == EG_OK)
		rc = free_item(s, it, how, err);
	if (rc == EG_OK && found == EG_OK)
		rc = free_record(s, &record, !only_tied(it), err);
	eg_arena_done(&a);
	return rc;
}

/* ---- what came from the ERP ---- */

static int
unlink_theirs(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	static const enum rec_id own[] = { REC_VENDOR, REC_PROJECT, REC_SUBJOB };
	struct eg_arena a;
	int rc = EG_OK;

	eg_arena_init(&a, 1 << 18);
	for (size_t i = 0; rc == EG_OK && i < sizeof(own) / sizeof(own[0]); i++) {
		struct item_filter f = { .type = rec_type(own[i]), .states = LINKED, .erp_id = it->number };
		struct item tied, record;

		if (listed_as(own[i]) != it->type->id)
			continue;
		rc = item_first(s->store, &f, &a, &tied, err);
		if (rc == EG_OK)
			rc = erp_record(s, &tied, &a, &record, err);
		if (rc == EG_OK && record.id == it->id)
			rc = eg_fail(err, EG_BADREC, "E-75",
			    "%s is what %s is linked to. Undo the link from that side: erpgate unlink %s", it->iid,
			    tied.iid, tied.iid);
		else if (rc == EG_EOF)
			rc = EG_OK;
	}
	if (rc == EG_OK)
		rc = free_item(s, it, how, err);
	eg_arena_done(&a);
	return rc;
}

int
act_unlink(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	if (it->type->id == REC_PAYMENT || it->type->id == REC_ERP_PAYMENT)
		return eg_fail(err, EG_BADREC, "E-72",
		    "Payment %s cannot be unlinked: money that moved is not taken back by a file. Void it in the accounting system.",
		    it->iid);
	if (state_next(it->state, EV_UNLINK, it->type->cls, false) < 0)
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s is %s and cannot be unlinked: only what is linked to a record of the accounting system can. Look: erpgate show %s",
		    it->iid, state_title(it->state), it->iid);
	return it->type->cls == RC_FROM_ERP ? unlink_theirs(s, it, how, err) : unlink_ours(s, it, how, err);
}

/* ---- putting away ---- */

struct later {
	const struct item *self;
	char *iid;
};

static int
later_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct later *l = ctx;

	(void)err;
	if (l->iid == NULL && it->seq > l->self->seq && it->state != ST_REJECTED && it->state != ST_ARCHIVED)
		l->iid = eg_xstrdup(it->iid);
	return EG_OK;
}

int
deletable(struct site *s, const struct item *it, struct eg_err *err)
{
	struct later later = { it, NULL };
	struct item_filter f = { .type = it->type, .parent = it->parent };
	int rc = EG_OK;

	if (it->type->cls == RC_TO_ERP && (LINKED & (1U << it->state)) != 0)
		return eg_fail(err, EG_BADREC, "E-73",
		    "%s is %s: the accounting system has it. Undo it there and unlink it first: erpgate unlink %s --gone \"…\"",
		    it->iid, state_title(it->state), it->iid);
	if (it->type->id != REC_INVOICE || it->parent == NULL || it->state == ST_REJECTED)
		return EG_OK;
	rc = item_each(s->store, &f, later_each, &later, err);
	if (rc == EG_OK && later.iid != NULL)
		rc = eg_fail(err, EG_BADREC, "E-73",
		    "%s is not the newest invoice of its commitment: %s came after it and counts on it. Put that one away first: erpgate archive %s",
		    it->iid, later.iid, later.iid);
	free(later.iid);
	return rc;
}

/* ---- documents that were voided after they left ---- */

int
voided_steps(struct site *s, const char *code, const char *iid, struct eg_buf *ret, struct eg_err *err)
{
	static const char *const codes[] = { "E-37", "E-52", "E-66" }; /* those that speak of a document's status */
	struct eg_arena a;
	struct item it;
	bool about = false;
	int rc;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		about = about || strcmp(codes[i], code) == 0;
	if (!about || *iid == '\0')
		return EG_OK;
	eg_arena_init(&a, 1 << 18);
	rc = item_find(s->store, iid, &a, &it, err);
	if (rc == EG_OK && (LINKED & (1U << it.state)) != 0)
		eg_buf_printf(ret,
		    " It was sent already (%s): the accounting system still has it, and nothing was taken back by this file. If it is not valid any more: %s it in the accounting system, then erpgate unlink %s --gone \"who, when, reference\", then erpgate archive %s.",
		    state_title(it.state),
		    it.type->id == REC_CCO && strcmp(s->erp, "acumatica") == 0 ? "reverse" : "void or delete", iid,
		    iid);
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}
