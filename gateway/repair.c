/* SPDX-License-Identifier: MIT
 *
 * What is refused is numbered, what comes back is joined. Everything but the folders is done in the transaction that read the drop.
 */
#include "gateway/repair.h"

#include "base/limits.h"
#include "gateway/turn.h"
#include "gateway/workflow/intake.h"

#include <jansson.h>

#define REPAIR_MEM ((size_t)4 << 20)

/* ---- settling ---- */

/* It came with the content that a reference rule refused, and is refused still. */
static int
still_rejected(struct site *s, const struct repair_doc *d, struct eg_arena *a, bool *ret, struct eg_err *err)
{
	struct item it;
	int rc = d->unchanged && *d->item != '\0' ? item_find(s->store, d->item, a, &it, err) : EG_EOF;

	*ret = rc == EG_OK && it.state == ST_REJECTED;
	return rc == EG_EOF ? EG_OK : rc;
}

/* 1 and 2 in the text stand for a and b. */
static int
tell(struct site *s, const struct repair_doc *d, const char *text, const char *a, const char *b, struct eg_err *err)
{
	struct eg_buf msg = EG_BUF_INIT;
	int rc;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '1' || *p == '2')
			eg_buf_str(&msg, *p == '1' ? a : b);
		else
			eg_buf_chr(&msg, (unsigned char)*p);
	}
	rc = intake_finding(s, d->at, d->line, "F-68", 'N', d->item, eg_buf_cstr(&msg), err);
	eg_buf_done(&msg);
	return rc;
}

/* own: the number of the new reject, 0 = it was taken. */
static int
join_claim(struct site *s, const struct repair_doc *d, unsigned own, bool still, struct eg_arena *a, struct eg_err *err)
{
	char drop[16], now[REJECT_ID_MAX];
	struct reject_row r = { .drop = NULL };
	struct drop_row from = { .source = "" };
	unsigned n = 0;
	int rc = reject_id_read(eg_bytes_str(d->claim), drop, &n) ? reject_get(s->store, drop, n, a, &r, err) : EG_EOF;

	while (rc == EG_OK && strcmp(r.state, "again") == 0) /* a kit that is older than the last attempt */
		rc = reject_get(s->store, r.by_drop, r.by_n, a, &r, err);
	if (rc == EG_OK)
		rc = store_drop_get(s->store, r.drop, a, &from, err);
	if (rc == EG_EOF || (rc == EG_OK && strcmp(from.source, d->at->source) != 0))
		return tell(s, d,
		    "The column Erpgate Reject names 1, which is no refused document of this source; the document was read as any other. Nothing needs to be done.",
		    d->claim, "", err);
	if (rc != EG_OK)
		return rc;
	if (still)
		return tell(s, d,
		    "1 came back with the content that was refused, so it stays refused. Correct it and drop the file again; if what it needs has come meanwhile: erpgate resend 2",
		    d->claim, d->item, err);
	if (strcmp(r.state, "open") != 0)
		return tell(s, d, "1 was settled before, by drop 2; this document was read as any other.", d->claim,
		    r.by_drop, err);
	rc = reject_settle(s->store, r.drop, r.n, d->at->drop, own, site_now(s), err);
	reject_id(d->at->drop, own, now);
	if (rc != EG_OK)
		return rc;
	return own == 0 ? tell(s, d, "This document corrects 1. What is still open of that drop: erpgate show 2",
			      d->claim, r.drop, err) :
	                  tell(s, d, "1 came back and was refused again; it goes on as 2.", d->claim, now, err);
}

static int
join_item(struct site *s, const struct repair_doc *d, unsigned own, struct eg_arena *a, struct eg_err *err)
{
	int rc = *d->item == '\0' ? EG_EOF : EG_OK;

	while (rc == EG_OK) {
		struct reject_row r;

		rc = reject_of_item(s->store, d->at->source, d->item, a, &r, err);
		if (rc == EG_OK && strcmp(r.drop, d->at->drop) == 0)
			return EG_OK; /* two of one file settle nothing of each other */
		if (rc == EG_OK)
			rc = reject_settle(s->store, r.drop, r.n, d->at->drop, own, site_now(s), err);
	}
	return rc == EG_EOF ? EG_OK : rc;
}

int
repair_note(struct site *s, const struct repair_doc *d, struct eg_err *err)
{
	struct reject_row own = { .drop = d->at->drop,
		.file = d->at->file_id,
		.line = d->line,
		.last = d->last,
		.off = d->off,
		.len = d->len,
		.item = d->item,
		.code = d->code,
		.at = site_now(s) };
	const bool refused = *d->code != '\0';
	struct eg_arena a;
	bool still = false;
	int rc;

	eg_arena_init(&a, REPAIR_MEM);
	rc = still_rejected(s, d, &a, &still, err);
	if (rc == EG_OK && refused)
		rc = reject_next(s->store, d->at->drop, &own.n, err);
	if (rc == EG_OK && own.n > EG_LIMIT_REJECTS) { /* not numbered: what it might correct stays open */
		eg_arena_done(&a);
		return EG_OK;
	}
	if (rc == EG_OK && !still)
		rc = *d->claim != '\0' ? EG_OK : join_item(s, d, refused ? own.n : 0, &a, err);
	if (rc == EG_OK && *d->claim != '\0')
		rc = join_claim(s, d, refused ? own.n : 0, still, &a, err);
	if (rc == EG_OK && refused)
		rc = reject_add(s->store, &own, err);
	eg_arena_done(&a);
	return rc;
}

/* ---- the log ---- */

struct settled {
	struct site *s;
	const char *by;
	char drop[16]; /* the entry being gathered; "" = none */
	json_t *corrected, *again;
};

static int
log_settled(struct settled *g, struct eg_err *err)
{
	json_t *j;
	char *text;
	int rc;

	if (g->drop[0] == '\0')
		return EG_OK;
	j = json_pack("{s:s,s:o,s:o}", "by", g->by, "corrected", g->corrected, "again", g->again);
	text = json_dumps(j, JSON_COMPACT);
	rc = site_log(g->s, "repaired", g->drop, text, err);
	free(text);
	json_decref(j);
	g->drop[0] = '\0';
	return rc;
}

static int
settled_each(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	struct settled *g = ctx;
	int rc = strcmp(g->drop, r->drop) == 0 ? EG_OK : log_settled(g, err);

	if (rc != EG_OK)
		return rc;
	if (g->drop[0] == '\0') {
		(void)snprintf(g->drop, sizeof(g->drop), "%s", r->drop);
		g->corrected = json_array();
		g->again = json_array();
	}
	json_array_append_new(r->by_n == 0 ? g->corrected : g->again, json_integer(r->n));
	return EG_OK;
}

int
repair_log(struct site *s, const char *drop, struct eg_err *err)
{
	struct reject_filter mine = { .by_drop = drop };
	struct settled g = { .s = s, .by = drop };
	int rc = reject_each(s->store, &mine, settled_each, &g, err);

	if (rc == EG_OK)
		rc = log_settled(&g, err);
	return rc;
}

/* ---- what reference rules refused ---- */

struct gathering {
	struct site *s;
	struct eg_arena a;
};

struct file_named {
	struct eg_bytes name; /* as findings name it */
	const char *drop_name;
	struct file_row found;
};

static int
file_each(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct file_named *n = ctx;
	struct eg_buf shown = EG_BUF_INIT;

	(void)err;
	eg_buf_str(&shown, n->drop_name);
	if (*f->member != '\0') {
		eg_buf_chr(&shown, '!');
		eg_buf_escaped(&shown, eg_bytes_str(f->member));
	}
	if (eg_bytes_eq(eg_buf_view(&shown), n->name))
		n->found.id = f->id;
	eg_buf_done(&shown);
	return EG_OK;
}

/* The texts of what a rule refused: its codes are told by that rule. */
static int
also(struct gathering *g, const struct finding *f, const struct rec *r, struct eg_err *err)
{
	const struct place at = { .drop = f->drop, .source = f->source, .file = f->file };
	const struct repair_also a = { .s = g->s, .at = &at, .line = f->line, .item = f->item, .texts_only = true };

	return repair_also(&a, r, err);
}

/* The place of the whole document: that of the item when its content came in this file, else the one row. */
static int
place_of(struct gathering *g, const struct finding *f, int64_t file, struct reject_row *ret, struct eg_err *err)
{
	struct item it;
	struct rec r;
	int rc = *f->item == '\0' ? EG_EOF : item_find(g->s->store, f->item, &g->a, &it, err);

	*ret = (struct reject_row){ .drop = f->drop,
		.file = file,
		.line = f->line,
		.last = f->line,
		.item = f->item,
		.code = f->code,
		.at = site_now(g->s) };
	if (rc == EG_EOF || (rc == EG_OK && it.file != file))
		return EG_OK;
	if (rc == EG_OK)
		rc = item_record(g->s->store, it.rev, &g->a, &r, err);
	if (rc != EG_OK)
		return rc;
	ret->line = ret->last = (uint64_t)it.line;
	ret->off = (uint64_t)it.off;
	ret->len = (uint64_t)it.len;
	for (size_t i = 0; i < r.nlines; i++)
		ret->last = r.line_at[i].line > ret->last ? r.line_at[i].line : ret->last;
	return also(g, f, &r, err);
}

static int
refused_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct gathering *g = ctx;
	struct drop_row drop;
	struct file_named named;
	struct reject_row r;
	bool known = true;
	int rc;

	if (f->drop == NULL || strcmp(f->source, APPROVALS) == 0 || strcmp(f->code, "F-37") == 0)
		return EG_OK;
	eg_arena_reset(&g->a);
	rc = store_drop_get(g->s->store, f->drop, &g->a, &drop, err);
	if (rc == EG_EOF || (rc == EG_OK && strcmp(drop.verdict, "refused") == 0))
		return EG_OK;
	named = (struct file_named){ eg_bytes_str(f->file), drop.name, { .id = 0 } };
	if (rc == EG_OK)
		rc = store_file_each(g->s->store, f->drop, file_each, &named, err);
	if (rc != EG_OK || named.found.id == 0)
		return rc;
	rc = store_file_get(g->s->store, named.found.id, &g->a, &named.found, err);
	if (rc == EG_OK && !named.found.refused)
		rc = reject_at(g->s->store, named.found.id, f->line, f->item, &known, err);
	unsigned next = 0;
	if (rc == EG_OK && !known)
		rc = reject_next(g->s->store, f->drop, &next, err);
	known = known || next > EG_LIMIT_REJECTS; /* not numbered */
	if (rc == EG_OK && !known)
		rc = place_of(g, f, named.found.id, &r, err);
	if (rc == EG_OK && !known)
		rc = reject_add(g->s->store, &r, err);
	return rc == EG_OK && !known ? reject_reopen(g->s->store, f->drop, f->item, r.n, site_now(g->s), err) : rc;
}

static int
gather(struct site *s, void *ctx, struct eg_err *err)
{
	struct finding_filter refused = { .run = s->run, .severity = ADP_REJECT };
	struct gathering g = { .s = s };
	int rc;

	(void)ctx;
	eg_arena_init(&g.a, REPAIR_MEM << 4);
	rc = store_finding_each(s->store, &refused, refused_each, &g, err);
	eg_arena_done(&g.a);
	return rc;
}

/* ---- the folders ---- */

struct pending {
	char (*drop)[16];
	size_t n;
};

static int
pending_each(void *ctx, const char *drop, struct eg_err *err)
{
	struct pending *p = ctx;

	(void)err;
	p->drop = eg_xrealloc(p->drop, (p->n + 1) * sizeof(*p->drop));
	(void)snprintf(p->drop[p->n++], sizeof(*p->drop), "%s", drop);
	return EG_OK;
}

static int
done(struct site *s, void *ctx, struct eg_err *err)
{
	return reject_kit_done(s->store, ctx, err);
}

int
repair_write(struct site *s, struct eg_err *err)
{
	struct pending p = { NULL, 0 };
	int rc = turn_transaction(s, gather, NULL, err);

	if (rc == EG_OK)
		rc = reject_pending_each(s->store, pending_each, &p, err);
	for (size_t i = 0; rc == EG_OK && i < p.n; i++) {
		rc = repair_kit(s, p.drop[i], err);
		if (rc == EG_OK)
			rc = turn_transaction(s, done, p.drop[i], err);
	}
	free(p.drop);
	return rc;
}
