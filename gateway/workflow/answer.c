/* SPDX-License-Identifier: MIT
 *
 * The ERP's answers. Rows are put aside while drops are read and applied together, so that the order of drops does
 * not matter: all rows that name one key are one answer, an error among them wins, then a posted flag. An answer
 * that nobody waits for is told (F-36) and changes nothing.
 */
#include "gateway/reread.h"
#include "gateway/store/store_receipt.h"
#include "gateway/workflow/intake.h"

#include <jansson.h>

#define ANSWER_MEM ((size_t)512 << 20)

struct answer {
	const char *drop, *source, *file;
	uint64_t line;
	const char *object, *key, *erp_code, *error; /* erp_code, error: NULL = none */
	bool posted, bad;
};

struct answers {
	struct site *s;
	struct eg_arena a;
	struct answer *v;
	size_t n, cap;
};

int
answer_put_aside(struct site *s, const struct place *at, const struct rec *r, struct eg_err *err)
{
	struct answer_row row = { .drop = at->drop, .source = at->source, .file = at->file, .file_id = at->file_id };

	return answer_add(s->store, &row, r, err);
}

static int
gather(void *ctx, const struct answer_row *at, const struct rec *r, struct eg_err *err)
{
	struct answers *l = ctx;
	struct answer *w;

	(void)err;
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		l->v = eg_xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	w = &l->v[l->n++];
	*w = (struct answer){ .drop = at->drop, .source = at->source, .file = at->file, .line = r->at.line };
	w->object = head_text(&l->a, r, "answer.object");
	w->key = head_text(&l->a, r, "answer.key");
	w->erp_code = head_text(&l->a, r, "answer.erp_code");
	w->error = head_text(&l->a, r, "answer.error");
	w->posted = head_is(r, "answer.posted", "yes");
	w->bad = w->error != NULL || head_is(r, "answer.processed", "no");
	return EG_OK;
}

static int
sent(struct answers *l, const char *key, struct eg_err *err)
{
	struct item_filter f = { .type = rec_type(REC_PCCO), .sent_key = key };
	struct item it;

	return item_first(l->s->store, &f, &l->a, &it, err);
}

/* CMiC answers each PCI; where one change order went out as several ("job|number.order"), together they are its answer. */
static int
whole_change_order(struct answers *l, struct answer *w, struct eg_err *err)
{
	const char *bar = w->key != NULL ? strrchr(w->key, '|') : NULL, *dot = bar != NULL ? strrchr(bar, '.') : NULL;
	const char *whole;
	int rc;

	if (dot == NULL || strcmp(w->object, "pcco") != 0 || strcmp(l->s->erp, "cmic") != 0)
		return EG_OK;
	rc = sent(l, w->key, err);
	if (rc != EG_EOF)
		return rc;
	whole = eg_arena_cstr(&l->a, eg_bytes(w->key, (size_t)(dot - w->key)));
	rc = whole != NULL ? sent(l, whole, err) : EG_EOF;
	if (rc == EG_OK) {
		if (w->erp_code != NULL && strcmp(w->erp_code, bar + 1) == 0)
			w->erp_code = NULL; /* the PCI's; the change order goes by its own number */
		w->key = whole;
	}
	return rc < 0 ? rc : EG_OK;
}

static int
by_key(const void *pa, const void *pb)
{
	const struct answer *a = pa, *b = pb;
	int c = strcmp(a->object, b->object);

	if (c == 0)
		c = strcmp(a->key, b->key);
	if (c == 0)
		c = strcmp(a->file, b->file);
	if (c == 0)
		c = strcmp(a->drop, b->drop);
	return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

/* ---- one key ---- */

struct group {
	struct site *s;
	struct answer *v; /* rows of one object and key, by file and line */
	size_t n;
	const struct rec_type *type;
	const struct answer *best; /* the row that counts */
	unsigned waiting; /* items that were waiting for it */
	const char *other; /* an item that has the key, but does not wait; in `a` */
	bool told; /* a synced item took the posted flag: nothing to say */
	struct eg_arena *a;
};

/* An error wins, then a posted flag, then a row with the ERP's key. */
static const struct answer *
best_of(const struct answer *v, size_t n)
{
	const struct answer *best = &v[0];

	for (size_t i = 0; i < n; i++) {
		if (v[i].bad)
			return &v[i];
		if (v[i].posted != best->posted ? v[i].posted : best->erp_code == NULL && v[i].erp_code != NULL)
			best = &v[i];
	}
	return best;
}

/* The key that the ERP knows the item by: as answered, else the last part of what was sent. */
static const char *
erp_key(const struct group *g)
{
	static const unsigned without =
	    1U << REC_BUDGET | 1U << REC_BUDGET_CHANGE | 1U << REC_FORECAST | 1U << REC_PRIME;
	const char *last;

	for (size_t i = 0; i < g->n; i++)
		if (g->best->erp_code == NULL && g->v[i].erp_code != NULL)
			return g->v[i].erp_code;
	if (g->best->erp_code != NULL)
		return g->best->erp_code;
	if ((without & (1U << g->type->id)) != 0)
		return NULL;
	last = strrchr(g->best->key, '|');
	return last == NULL ? g->best->key : last + 1;
}

static bool
has_posting(enum rec_id type)
{
	return type != REC_VENDOR && type != REC_PROJECT && type != REC_SUBJOB;
}

static int
log_answer(const struct group *g, const struct item *it, struct eg_err *err)
{
	json_t *detail = json_pack("{s:s, s:s*, s:s, s:I, s:s*, s:b, s:s*}", "type", it->type->name, "erp_id",
	    it->erp_id, "drop", g->best->drop, "line", (json_int_t)g->best->line, "error", g->best->error, "posted",
	    it->posted == 1, "content", it->written);
	char *text = detail != NULL ? json_dumps(detail, JSON_COMPACT) : NULL;
	int rc = site_log(g->s, it->state == ST_FAILED ? "failed" : "synced", it->iid, text, err);

	free(text);
	json_decref(detail);
	return rc;
}

static int
finding_at(const struct group *g, const struct answer *w, const char *code, char severity, const char *item,
    const char *message, struct eg_err *err)
{
	struct place at = { .drop = w->drop, .source = w->source, .file = w->file };

	return intake_finding(g->s, &at, w->line, code, severity, item, message, err);
}

/* MRI answers one entry per line of the document: the first entry of the file stands for all of them. */
static const struct answer *
place_of(const struct group *g, const struct answer *w)
{
	if (strcmp(g->s->erp, "mri") != 0)
		return w;
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->v[i].drop, w->drop) == 0 && strcmp(g->v[i].file, w->file) == 0)
			return &g->v[i];
	return w;
}

static int
fail_item(const struct group *g, struct item *it, struct eg_err *err)
{
	struct eg_buf msg = EG_BUF_INIT;
	int rc;

	it->state = ST_FAILED;
	it->posted = -1;
	it->accepted = 0;
	eg_buf_printf(&msg,
	    "The accounting system did not take %s: %s. Correct it there or in the project, then accept it again or export new content.",
	    it->iid, g->best->error != NULL ? g->best->error : "it gave no reason");
	rc = finding_at(g, place_of(g, g->best), "F-37", 'R', it->iid, eg_buf_cstr(&msg), err);
	eg_buf_done(&msg);
	return rc;
}

enum item_state
answered_state(const struct item *it)
{
	bool behind =
	    late_rule(it->type->id)->late == LATE_AGAIN && it->written != NULL && strcmp(it->written, it->content) != 0;

	return behind ? (enum item_state)state_next(ST_SYNCED, EV_CONTENT_LATE, it->type->cls, false) : ST_SYNCED;
}

static void
sync_item(const struct group *g, struct item *it)
{
	it->state = answered_state(it);
	it->erp_id = erp_key(g);
	if (has_posting(it->type->id))
		it->posted = g->best->posted ? 1 : 0;
}

static int
answer_exported(struct group *g, struct item *it, struct eg_err *err)
{
	int rc = EG_OK;

	g->waiting++;
	if (g->best->bad)
		rc = fail_item(g, it, err);
	else
		sync_item(g, it);
	if (rc == EG_OK)
		rc = item_save(g->s->store, it, site_now(g->s), err);
	return rc == EG_OK ? log_answer(g, it, err) : rc;
}

/* Posting can come later than the answer itself. */
static int
answer_synced(struct group *g, struct item *it, struct eg_err *err)
{
	if (g->best->bad || !g->best->posted || !has_posting(it->type->id))
		return EG_OK;
	g->told = true;
	if (it->posted == 1)
		return EG_OK;
	it->posted = 1;
	if (item_save(g->s->store, it, site_now(g->s), err) != EG_OK)
		return err->cls;
	return log_answer(g, it, err);
}

static int
answer_item(void *ctx, const struct item *known, struct eg_err *err)
{
	struct group *g = ctx;
	struct item it = *known;
	bool stale = false;
	int rc = it.state == ST_EXPORTED ? reread_stale_answer(g->s, g->best->drop, &it, &stale, err) : EG_OK;

	if (rc != EG_OK || (it.state == ST_EXPORTED && !stale))
		return rc != EG_OK ? rc : answer_exported(g, &it, err);
	if (g->other == NULL)
		g->other = eg_arena_cstr(g->a, eg_bytes_str(it.iid));
	return it.state == ST_SYNCED || it.state == ST_CHANGED ? answer_synced(g, &it, err) : EG_OK;
}

/* What was declared void was not taken in, somebody proved; this answer says the opposite, and a person must find out which is true before anything is sent again. */
static int
tell_void(const struct group *g, const char *iid, const char *batch, struct eg_err *err)
{
	struct eg_buf msg = EG_BUF_INIT;
	int rc = EG_OK;

	eg_buf_printf(&msg,
	    "This answer is about %s, as it left with batch %s, and %s was declared void: there is a proof that it was not taken in. Nothing was changed. Look in the accounting system before you accept %s again, or it may be booked twice; if it is there, adopt it: erpgate adopt. Who voided it and why: erpgate show %s",
	    iid, batch, batch, iid, batch);
	for (size_t i = 0; rc == EG_OK && i < g->n; i++)
		rc = finding_at(g, place_of(g, &g->v[i]), "F-77", 'R', iid, eg_buf_cstr(&msg), err);
	eg_buf_done(&msg);
	return rc;
}

/* The number of a void batch in the answer's file name, as erpgate wrote it into the name of what it answers; NULL = none. In g->a. */
static int
names_void(const struct group *g, const char *file, const char **ret, struct eg_err *err)
{
	struct voided v;
	int rc = EG_EOF;

	*ret = NULL;
	for (const char *p = strchr(file, 'B'); rc == EG_EOF && p != NULL; p = strchr(p + 1, 'B')) {
		size_t digits = strspn(p + 1, "0123456789");
		const char *id = digits < 6 || digits > 13 ? NULL : eg_arena_cstr(g->a, eg_bytes(p, digits + 1));
		if (id != NULL)
			rc = voided_get(g->s->store, id, g->a, &v, err);
		if (id != NULL && rc == EG_OK)
			*ret = id;
	}
	return rc < 0 ? rc : EG_OK;
}

/* Is this the answer to something void: by the name of its file, or because nothing else left under the key? */
static int
void_answer(const struct group *g, bool only_named, bool *ret_told, struct eg_err *err)
{
	const char *iid = NULL, *batch = NULL, *named = NULL;
	int rc = voided_key_find(g->s->store, g->type->name, g->v[0].key, g->a, &iid, &batch, err);

	*ret_told = false;
	if (rc == EG_OK)
		rc = names_void(g, g->best->file, &named, err);
	if (rc != EG_OK || iid == NULL || (only_named && named == NULL))
		return rc < 0 ? rc : EG_OK;
	*ret_told = true;
	return tell_void(g, iid, named != NULL ? named : batch, err);
}

static int
tell_nobody(const struct group *g, struct eg_err *err)
{
	struct eg_buf msg = EG_BUF_INIT;
	bool told = false;
	int rc = void_answer(g, false, &told, err);

	if (rc < 0 || told)
		return rc;

	if (g->other != NULL)
		eg_buf_printf(&msg,
		    "%s is not waiting for an answer any more, so this one changes nothing. Look at it with `erpgate show %s`.",
		    g->other, g->other);
	else
		eg_buf_printf(&msg,
		    "Nothing was sent as %s %s, so this answer changes nothing. If it belongs to something entered by hand, no more is needed.",
		    g->type->name, g->v[0].key);
	for (size_t i = 0; rc == EG_OK && i < g->n; i++)
		rc = finding_at(
		    g, place_of(g, &g->v[i]), "F-36", 'W', g->other != NULL ? g->other : "", eg_buf_cstr(&msg), err);
	eg_buf_done(&msg);
	return rc;
}

/* A default task of Acumatica is part of its project. */
static bool
default_task(const struct group *g)
{
	const char *bar = strchr(g->v[0].key, '|');

	return g->type->id == REC_SUBJOB && bar != NULL && strlen(bar + 1) == (size_t)(bar - g->v[0].key) &&
	       strncmp(g->v[0].key, bar + 1, (size_t)(bar - g->v[0].key)) == 0;
}

static int
apply_group(struct group *g, struct eg_err *err)
{
	struct item_filter f = { .sent_key = g->v[0].key };
	bool told = false;
	int rc;

	g->type = rec_type_named(eg_bytes_str(g->v[0].object));
	eg_check(g->type != NULL);
	g->best = best_of(g->v, g->n);
	if (default_task(g))
		return EG_OK;
	f.type = g->type;
	rc = void_answer(g, true, &told, err);
	if (rc < 0 || told)
		return rc;
	rc = item_each(g->s->store, &f, answer_item, g, err);
	if (rc == EG_OK && g->waiting == 0 && !g->told)
		rc = tell_nobody(g, err);
	return rc;
}

int
answers_apply(struct site *s, struct eg_err *err)
{
	struct answers l = { .s = s };
	size_t from = 0;
	int rc;

	eg_arena_init(&l.a, ANSWER_MEM);
	rc = answer_each(s->store, &l.a, gather, &l, err);
	for (size_t i = 0; rc == EG_OK && i < l.n; i++)
		rc = whole_change_order(&l, &l.v[i], err);
	if (rc == EG_OK && l.n > 0)
		qsort(l.v, l.n, sizeof(*l.v), by_key);
	while (rc == EG_OK && from < l.n) {
		struct group g = { .s = s, .v = &l.v[from], .n = 1, .a = &l.a };

		while (from + g.n < l.n && strcmp(g.v[0].object, g.v[g.n].object) == 0 &&
		       strcmp(g.v[0].key, g.v[g.n].key) == 0)
			g.n++;
		from += g.n;
		rc = apply_group(&g, err);
	}
	if (rc == EG_OK && l.n > 0)
		rc = answer_clear(s->store, err);
	free(l.v);
	eg_arena_done(&l.a);
	return rc;
}
