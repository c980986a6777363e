/* SPDX-License-Identifier: MIT
 *
 * Mails about what happened: items rejected by a person (the log says so) or by a reference rule (findings), files refused wholly or in part (the log), items that
 * came again (only with mail.nudge). Each look begins where the last one ended, in the log and in the runs; all of one kind for one contact is one mail.
 */
#include "gateway/mail/mail.h"
#include "gateway/workflow/workflow.h"

#include <inttypes.h>
#include <jansson.h>

#define SEEN "mail.seen" /* meta: "<log entries> <run>" looked at */
#define LISTED 20 /* things named in one mail; the rest are counted */

enum topic {
	TOPIC_PROJECT,
	TOPIC_PCCO,
	TOPIC_ITEM,
	NTOPICS
};

struct note { /* one mail being gathered */
	char *to; /* address list */
	enum topic topic;
	char *only; /* what it is about while that is one thing */
	char *last; /* item of the last lines */
	struct eg_buf lines;
	unsigned n;
};

struct looking {
	struct site *s;
	struct note *note;
	size_t nnotes;
	int64_t log_from, run_from; /* first log entry, last run already looked at */
	uint64_t log_size;
	struct eg_arena a; /* reset per thing */
};

/* ---- contacts ---- */

/* The address list of a source, "" = nobody. */
static const char *
contact(const struct site *s, const char *source)
{
	char *key = eg_xprintf("source.%s.mail", source);
	const char *v = conf_get(&s->conf, key);

	free(key);
	return v == NULL ? "" : v;
}

/* The drop an item's current revision came in; EG_EOF: it has none. */
static int
drop_of(struct looking *l, const struct item *it, struct drop_row *ret, struct eg_err *err)
{
	struct file_row f;
	int rc = store_file_get(l->s->store, it->file, &l->a, &f, err);

	return rc == EG_OK ? store_drop_get(l->s->store, f.drop, &l->a, ret, err) : rc;
}

static struct note *
note_of(struct looking *l, const char *to, enum topic topic)
{
	for (size_t i = 0; i < l->nnotes; i++)
		if (l->note[i].topic == topic && strcmp(l->note[i].to, to) == 0)
			return &l->note[i];
	l->note = eg_xrealloc(l->note, (l->nnotes + 1) * sizeof(*l->note));
	l->note[l->nnotes] = (struct note){ .to = eg_xstrdup(to), .topic = topic };
	return &l->note[l->nnotes++];
}

/* ---- rejections ---- */

static enum topic
topic_of(const struct rec_type *t)
{
	return t->id == REC_PROJECT ? TOPIC_PROJECT : t->id == REC_PCCO ? TOPIC_PCCO : TOPIC_ITEM;
}

/* `why` is one line; several about one item follow each other. */
static void
note_rejection(struct looking *l, const char *to, const struct item *it, const char *file, const char *why)
{
	struct note *n = note_of(l, to, topic_of(it->type));
	bool same = n->last != NULL && strcmp(n->last, it->iid) == 0;
	const char *number = it->number != NULL ? it->number : it->iid;

	if (!same) {
		n->n++;
		free(n->last);
		n->last = eg_xstrdup(it->iid);
		free(n->only);
		n->only = n->n == 1 ? eg_xprintf("%s %s", it->type->title, number) : NULL;
	}
	if (n->n > LISTED)
		return;
	if (!same) {
		eg_buf_printf(&n->lines, "\n%s %s", it->type->title, number);
		if (it->project != NULL && it->type->id != REC_PROJECT)
			eg_buf_printf(&n->lines, ", project %s", it->project);
		if (it->amount != NULL)
			eg_buf_printf(&n->lines, ", %s %s", it->amount, conf_text(&l->s->conf, "currency"));
		eg_buf_printf(&n->lines, "   (%s, from %s)\n", it->iid, file);
	}
	eg_buf_printf(&n->lines, "  %s\n", why);
}

static const char *
text_in(const json_t *detail, const char *key)
{
	const char *v = json_string_value(json_object_get(detail, key));

	return v == NULL ? "" : v;
}

/* By a person: what he wrote is the reason. An item that was sent again meanwhile is told all the same: that is what happened. */
static int
person_rejected(struct looking *l, const struct log_row *r, const json_t *detail, struct eg_err *err)
{
	const char *comment = text_in(detail, "comment");
	struct drop_row drop;
	struct item it;
	int rc = item_find(l->s->store, r->id, &l->a, &it, err);

	if (rc == EG_OK)
		rc = drop_of(l, &it, &drop, err);
	if (rc != EG_OK || it.type->cls != RC_TO_ERP || *contact(l->s, drop.source) == '\0')
		return rc < 0 ? rc : EG_OK;
	char *why = eg_xprintf("Rejected by %s%s%s", text_in(detail, "approver"),
	    *comment == '\0' ? "; no reason was given." : ": ", comment);
	note_rejection(l, contact(l->s, drop.source), &it, drop.name, why);
	free(why);
	return EG_OK;
}

/* By a reference rule: the finding stands at the item's own record. One at another drop is about a record that never became the item's. */
static int
rule_rejected(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct looking *l = ctx;
	struct drop_row drop;
	struct item it;
	int rc;

	if (*f->item == '\0' || f->drop == NULL || strcmp(f->source, "approvals") == 0)
		return EG_OK;
	eg_arena_reset(&l->a);
	rc = item_find(l->s->store, f->item, &l->a, &it, err);
	if (rc == EG_OK)
		rc = drop_of(l, &it, &drop, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	if (it.state != ST_REJECTED || it.type->cls != RC_TO_ERP || strcmp(drop.id, f->drop) != 0 ||
	    *contact(l->s, drop.source) == '\0')
		return EG_OK;
	char *why = eg_xprintf("%s: %s", f->code, f->message);
	note_rejection(l, contact(l->s, drop.source), &it, drop.name, why);
	free(why);
	return EG_OK;
}

static char *
rejection_subject(const struct looking *l, const struct note *n)
{
	static const char *const many[NTOPICS] = { "projects", "prime contract change orders", "items" };

	if (n->n == 1 && n->only != NULL)
		return eg_xprintf("erpgate: %s was rejected (site %s)", n->only, l->s->name);
	return eg_xprintf("erpgate: %u %s were rejected (site %s)", n->n, many[n->topic], l->s->name);
}

static int
send_rejections(struct looking *l, const struct note *n, struct eg_err *err)
{
	static const char *const topics[NTOPICS] = { "project", "pcco", "item" };
	struct eg_buf text = EG_BUF_INIT;
	char *once = eg_xprintf("rejection/%s/%" PRIu64 "/%" PRId64, topics[n->topic], l->log_size, l->s->run),
	     *subject = rejection_subject(l, n);

	eg_buf_printf(&text, "Accounting will not take %s:\n", n->n == 1 ? "this" : "these");
	eg_buf_add(&text, eg_buf_view(&n->lines));
	if (n->n > LISTED)
		eg_buf_printf(&text, "\nand %u more.\n", n->n - LISTED);
	eg_buf_str(&text,
	    "\nCorrect it where it comes from and send the file again. It then waits for a decision anew; what is unchanged has no effect.\n");
	mail_sign(l->s, &text);
	struct mail_new mail = { .kind = "rejection", .once = once, .subject = subject, .text = eg_buf_cstr(&text) };
	int rc = mail_queue_all(l->s, n->to, &mail, err);
	eg_buf_done(&text);
	free(subject);
	free(once);
	return rc;
}

/* ---- files ---- */

struct refusals {
	struct eg_buf lines;
	unsigned n;
};

/* Values stay in the file: a mail may pass through other hands. */
static int
refusal_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct refusals *r = ctx;

	(void)err;
	if (r->n++ < LISTED)
		eg_buf_printf(&r->lines, "  %s line %" PRIu64 "%s%s   %s: %s\n", f->file, f->line,
		    *f->field == '\0' ? "" : ", ", f->field, f->code, f->message);
	return EG_OK;
}

static int
file_refused(struct looking *l, const struct drop_row *d, bool whole, json_int_t rejected, struct eg_err *err)
{
	struct finding_filter why = { .drop = d->id, .severity = ADP_REJECT };
	struct refusals r = { .lines = EG_BUF_INIT };
	struct eg_buf text = EG_BUF_INIT;
	char *once = eg_xprintf("file/%s", d->id),
	     *subject =
		 whole ? eg_xprintf("erpgate: %s was refused (site %s)", d->name, l->s->name) :
			 eg_xprintf("erpgate: %" JSON_INTEGER_FORMAT " record%s of %s %s not taken (site %s)", rejected,
			     rejected == 1 ? "" : "s", d->name, rejected == 1 ? "was" : "were", l->s->name);
	char when[EG_TZ_TEXT];
	int rc = store_finding_each(l->s->store, &why, refusal_each, &r, err);

	eg_tz_print(l->s->zone, d->received, when);
	eg_buf_printf(&text, "File %s, received %s %s.\n%s\n\n", d->name, when,
	    conf_text(&l->s->conf, "business.timezone"),
	    whole ? "Nothing in it was taken." : "Everything in it that is not named here was taken.");
	eg_buf_add(&text, eg_buf_view(&r.lines));
	if (r.n > LISTED)
		eg_buf_printf(&text, "  and %u more.\n", r.n - LISTED);
	eg_buf_str(&text,
	    "\nCorrect these places where the file comes from and send it again: what was taken already is recognised and not taken twice.\n");
	mail_sign(l->s, &text);
	struct mail_new mail = { .kind = "file", .once = once, .subject = subject, .text = eg_buf_cstr(&text) };
	if (rc == EG_OK)
		rc = mail_queue_all(l->s, contact(l->s, d->source), &mail, err);
	eg_buf_done(&r.lines);
	eg_buf_done(&text);
	free(subject);
	free(once);
	return rc;
}

static int
drop_read(struct looking *l, const struct log_row *r, const json_t *detail, struct eg_err *err)
{
	bool whole = strcmp(r->event, "refused") == 0;
	json_int_t rejected = json_integer_value(json_object_get(detail, "rejected"));
	struct drop_row d;
	int rc;

	if (!whole && rejected == 0)
		return EG_OK;
	rc = store_drop_get(l->s->store, r->id, &l->a, &d, err);
	if (rc != EG_OK || *contact(l->s, d.source) == '\0')
		return rc < 0 ? rc : EG_OK;
	return file_refused(l, &d, whole, rejected, err);
}

/* ---- the log ---- */

static int
log_each(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct looking *l = ctx;
	bool rejections = conf_bool(&l->s->conf, "mail.rejections"),
	     files = conf_bool(&l->s->conf, "mail.refused_files");
	bool rejected = strcmp(r->event, "rejected") == 0,
	     drop = r->id[0] == 'D' && (strcmp(r->event, "refused") == 0 || strcmp(r->event, "converted") == 0);
	json_t *detail;
	int rc = EG_OK;

	if (!(rejected && rejections) && !(drop && files))
		return EG_OK;
	eg_arena_reset(&l->a);
	detail = json_loads(r->detail, 0, NULL);
	rc = rejected ? person_rejected(l, r, detail, err) : drop_read(l, r, detail, err);
	json_decref(detail);
	return rc;
}

/* ---- nudges ---- */

struct nudging {
	struct looking *l;
	const struct user *u;
	struct eg_buf lines;
	unsigned n;
};

/* New content in these runs for an item that was here before. */
static int
nudge_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct nudging *g = ctx;
	bool waits = false;
	int rc = it->rev_no > 1 && it->rev_run > g->l->run_from ? mail_waits_for(g->l->s, it, g->u->name, &waits, err) :
	                                                          EG_OK;

	if (rc == EG_OK && waits && g->n++ < LISTED)
		eg_buf_printf(&g->lines, "  %s   %s%s%s   revision %d\n", it->iid, it->amount == NULL ? "" : it->amount,
		    it->amount == NULL ? "" : " ", it->amount == NULL ? "" : conf_text(&g->l->s->conf, "currency"),
		    it->rev_no);
	return rc;
}

static int
nudge(void *ctx, const struct user *u, struct eg_err *err)
{
	struct nudging g = { .l = ctx, .u = u };
	struct item_filter open = { .states = 1U << ST_WAITING | 1U << ST_CHANGED | 1U << ST_IMPORTABLE };
	struct site *s = g.l->s;
	int rc = item_each(s->store, &open, nudge_each, &g, err);

	if (rc == EG_OK && g.n > 0) {
		struct eg_buf text = EG_BUF_INIT;
		char *once = eg_xprintf("nudge/%s/%" PRId64, u->name, s->run),
		     *subject =
			 eg_xprintf("erpgate: %u item%s came again (site %s)", g.n, g.n == 1 ? "" : "s", s->name);
		eg_buf_str(&text, "New content came for items that you may decide about:\n\n");
		eg_buf_add(&text, eg_buf_view(&g.lines));
		if (g.n > LISTED)
			eg_buf_printf(&text, "  and %u more.\n", g.n - LISTED);
		eg_buf_str(&text, "\nWhat changed: erpgate show ITEM --diff\n");
		mail_sign(s, &text);
		struct mail_new mail = {
			.kind = "nudge", .once = once, .to = u->mail, .subject = subject, .text = eg_buf_cstr(&text)
		};
		rc = mail_queue(s, &mail, NULL, err);
		eg_buf_done(&text);
		free(subject);
		free(once);
	}
	eg_buf_done(&g.lines);
	return rc;
}

/* ---- a look ---- */

/* *ret_first: never looked before. */
static int
seen_get(struct looking *l, bool *ret_first, struct eg_err *err)
{
	const char *v = NULL;
	struct eg_bytes rest, part;
	int rc = store_meta_get(l->s->store, SEEN, &l->a, &v, err);

	rest = eg_bytes_str(v);
	*ret_first = v == NULL || !eg_bytes_cut(&rest, ' ', &part) || !eg_bytes_to_i64(part, &l->log_from) ||
	             !eg_bytes_to_i64(rest, &l->run_from);
	return rc;
}

static int
seen_set(const struct looking *l, struct eg_err *err)
{
	char *v = eg_xprintf("%" PRIu64 " %" PRId64, l->log_size, l->s->run);
	int rc = store_meta_set(l->s->store, SEEN, v, err);

	free(v);
	return rc;
}

static int
look(struct looking *l, struct eg_err *err)
{
	struct site *s = l->s;
	uint64_t fresh = l->log_size - (uint64_t)l->log_from;
	int rc = fresh > 0 && fresh <= l->log_size ? store_log_each(s->store, NULL, (unsigned)fresh, log_each, l, err) :
	                                             EG_OK;

	for (int64_t run = l->run_from + 1; rc == EG_OK && run <= s->run && conf_bool(&s->conf, "mail.rejections");
	     run++) {
		struct finding_filter f = { .run = run, .severity = ADP_REJECT };
		rc = store_finding_each(s->store, &f, rule_rejected, l, err);
	}
	for (size_t i = 0; rc == EG_OK && i < l->nnotes; i++)
		rc = send_rejections(l, &l->note[i], err);
	if (rc == EG_OK && conf_bool(&s->conf, "mail.nudge"))
		rc = mail_approvers(s, nudge, l, err);
	return rc;
}

int
mail_events(struct site *s, struct eg_err *err)
{
	struct looking l = { .s = s };
	bool first = false;
	int rc;

	eg_arena_init(&l.a, (size_t)16 << 20);
	rc = store_log_size(s->store, &l.log_size, err);
	if (rc == EG_OK)
		rc = seen_get(&l, &first, err);
	if (rc == EG_OK && !first) /* what happened before mail was switched on is no news */
		rc = look(&l, err);
	if (rc == EG_OK)
		rc = seen_set(&l, err);
	for (size_t i = 0; i < l.nnotes; i++) {
		free(l.note[i].to);
		free(l.note[i].only);
		free(l.note[i].last);
		eg_buf_done(&l.note[i].lines);
	}
	free(l.note);
	eg_arena_done(&l.a);
	return rc;
}
