/* SPDX-License-Identifier: MIT
 *
 * Sealed originals on the command line: operands, given adapters, differences for people and programs.
 */
#include "gateway/cli/again.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/workflow/actions.h"

#include <fcntl.h>

/* ---- operands ---- */

static bool
numbered(const char *what, char kind)
{
	uint64_t n;

	return what[0] == kind && eg_bytes_to_u64(eg_bytes_str(what + 1), &n);
}

struct of_bundle {
	struct eg_arena *a;
	const char *id, *kind, *of, *path;
};

static int
take_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct of_bundle *f = ctx;

	(void)err;
	f->id = eg_arena_cstr(f->a, eg_bytes_str(b->id));
	f->kind = eg_arena_cstr(f->a, eg_bytes_str(b->kind));
	f->of = eg_arena_cstr(f->a, eg_bytes_str(b->of_id));
	f->path = eg_arena_cstr(f->a, eg_bytes_str(b->path));
	return EG_OK;
}

static int
find_bundle(struct site *s, const char *what, struct eg_arena *a, struct again_what *ret, struct eg_err *err)
{
	struct of_bundle f = { .a = a };
	int rc = bundle_row_each(s->store, what, take_bundle, &f, err);

	if (rc < 0)
		return rc;
	ret->bundle = f.id;
	ret->path = f.path;
	if (!numbered(what, 'A'))
		return EG_OK;
	if (f.id == NULL)
		return eg_fail(
		    err, EG_BADREC, "NOT-FOUND", "There is no bundle %s. See them: erpgate audit list", what);
	if (strcmp(f.kind, "manifest") == 0)
		return eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "%s is the bundle of sheet %s; sheets are not applied again. Return it once more: erpgate decide FILE",
		    what, f.of);
	ret->id = f.of;
	ret->is = strcmp(f.kind, "batch") == 0 ? AGAIN_BATCH : AGAIN_DROP;
	return EG_OK;
}

/* The document that the item's revision of today was read from. */
static int
find_item(struct site *s, const char *what, struct eg_arena *a, struct again_what *ret, struct eg_err *err)
{
	struct file_row f;
	struct item it;
	struct rec r;
	int rc = item_lookup(s->store, what, a, &it, err);

	if (rc == EG_OK)
		rc = item_record(s->store, it.rev, a, &r, err);
	if (rc == EG_OK)
		rc = store_file_get(s->store, it.file, a, &f, err);
	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "\"%s\" is no drop, batch, bundle or item that a file brought. See: erpgate queue --all, erpgate log",
		    what);
	if (rc < 0)
		return rc;
	*ret = (struct again_what){
		.is = AGAIN_ITEM, .id = f.drop, .pick = { f.member, (uint64_t)it.line, (uint64_t)it.line, "" }
	};
	for (size_t i = 0; i < r.nlines; i++)
		ret->pick.last = r.line_at[i].line > ret->pick.last ? r.line_at[i].line : ret->pick.last;
	return find_bundle(s, ret->id, a, ret, err);
}

int
again_find(struct site *s, const char *what, struct eg_arena *a, struct again_what *ret, struct eg_err *err)
{
	*ret = (struct again_what){ .is = numbered(what, 'B') ? AGAIN_BATCH : AGAIN_DROP, .id = what };
	if (numbered(what, 'A') || numbered(what, 'B') || numbered(what, 'D'))
		return find_bundle(s, what, a, ret, err);
	return find_item(s, what, a, ret, err);
}

/* ---- files ---- */

int
again_files(const char *option, bool tables, struct again_files *ret, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(option), part;
	int rc = EG_OK;

	*ret = (struct again_files){ .n = 0 };
	while (rc == EG_OK && option != NULL && eg_bytes_cut(&rest, '\n', &part)) {
		struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 1 };
		char *path = eg_xdup(part);
		const char *slash = strrchr(path, '/');

		rc = eg_fs_read_file(AT_FDCWD, path, EG_LIMIT_ADAPTER_BYTES, &text, err);
		if (rc == EG_OK &&
		    memchr(text.ptr == NULL ? (const unsigned char *)"" : text.ptr, '\0', text.len) != NULL)
			rc = eg_fail(err, EG_BADFILE, "ADP-VALUE", "%s is no text", path);
		ret->v = eg_xrealloc(ret->v, (ret->n + 1) * sizeof(*ret->v));
		ret->text = eg_xrealloc(ret->text, (ret->n + 1) * sizeof(*ret->text));
		ret->name = eg_xrealloc(ret->name, (ret->n + 1) * sizeof(*ret->name));
		ret->text[ret->n] = eg_xstrdup(eg_buf_cstr(&text));
		ret->name[ret->n] = eg_xstrdup(tables && slash != NULL ? slash + 1 : path);
		ret->v[ret->n] = (struct variant_file){ ret->name[ret->n], eg_bytes_str(ret->text[ret->n]) };
		ret->n++;
		eg_buf_done(&text);
		free(path);
	}
	return rc;
}

void
again_files_done(struct again_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->text[i]);
		free(f->name[i]);
	}
	free(f->text);
	free(f->name);
	free(f->v);
	*f = (struct again_files){ .n = 0 };
}

int
again_site(const struct site *s, const struct again_files *adapters, const struct again_files *tables, struct site *ret,
    struct eg_err *err)
{
	struct variant v = { .adapter = adapters->v,
		.nadapters = adapters->n,
		.table = tables == NULL ? NULL : tables->v,
		.ntables = tables == NULL ? 0 : tables->n };

	return variant_open(s, &v, ret, err);
}

/* ---- telling ---- */

void
again_field(void *ctx, const struct semdiff_field *f)
{
	struct again_tell *t = ctx;
	struct eg_buf was = EG_BUF_INIT, is = EG_BUF_INIT;

	eg_buf_escaped(&was, f->hidden && f->was.len > 0 ? EG_LIT("(not shown)") : f->was);
	eg_buf_escaped(&is, f->hidden && f->is.len > 0 ? EG_LIT("(not shown)") : f->is);
	if (t->fields != NULL)
		json_array_append_new(
		    t->fields, json_pack("{s:s,s:I,s:o,s:o}", "field", f->field, "line", (json_int_t)f->line, "old",
				   f->was.len == 0 ? json_null() : json_string(eg_buf_cstr(&was)), "new",
				   f->is.len == 0 ? json_null() : json_string(eg_buf_cstr(&is))));
	else if (t->most == 0 || t->shown < t->most)
		(void)printf("    line %-5llu %-28s %s -> %s\n", (unsigned long long)f->line, f->field,
		    f->was.len == 0 ? "(empty)" : eg_buf_cstr(&was), f->is.len == 0 ? "(empty)" : eg_buf_cstr(&is));
	t->shown++;
	eg_buf_done(&was);
	eg_buf_done(&is);
}

struct money {
	const struct cli *c;
	size_t n;
};

static void
tell_sum(void *ctx, const struct semdiff_sum *s)
{
	struct eg_buf was = EG_BUF_INIT, is = EG_BUF_INIT;
	struct money *m = ctx;

	eg_dec_print(&was, s->was, 2);
	eg_dec_print(&is, s->is, 2);
	if (cli_has(m->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "type", "money", "record_type", s->type,
		    "project", s->project, "account", s->account, "currency", s->currency, "before", eg_buf_cstr(&was),
		    "after", eg_buf_cstr(&is), "overflow", s->overflow));
	else {
		if (m->n == 0)
			(void)printf("\n%-15s %-12s %-16s %-8s %16s %16s\n", "Money of", "project", "account",
			    "currency", "before", "after");
		(void)printf("%-15s %-12s %-16s %-8s %16s %16s%s\n", s->type, s->project, s->account, s->currency,
		    eg_buf_cstr(&was), eg_buf_cstr(&is), s->overflow ? "  (too large to be added up)" : "");
	}
	m->n++;
	eg_buf_done(&was);
	eg_buf_done(&is);
}

size_t
again_money(const struct cli *c, struct semdiff_sums *sums)
{
	struct money m = { c, 0 };

	return semdiff_sums_each(sums, true, tell_sum, &m);
}

/* ---- rehearsals ---- */

struct showing {
	struct cli *c;
	struct site *s;
	struct semdiff_sums *money;
};

static const char *
effect_of(const struct rehearsed_item *i, const char *const words[3])
{
	return words[i->what == REHEARSED_NEW ? 0 : i->what == REHEARSED_REVISED ? 1 : 2];
}

static int
first_hold(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	char **text = ctx;

	(void)err;
	if (*text == NULL)
		*text = eg_xprintf("%s line %llu: %s", h->code, (unsigned long long)h->line, h->message);
	return EG_OK;
}

static int
first_refusal(void *ctx, const struct finding *f, struct eg_err *err)
{
	char **text = ctx;

	(void)err;
	if (*text == NULL)
		*text = eg_xprintf("%s line %llu: %s", f->code, (unsigned long long)f->line, f->message);
	return EG_OK;
}

int
again_why(struct site *s, const struct item *it, char **ret, struct eg_err *err)
{
	struct finding_filter refused = { .item = it->iid, .run = s->run, .severity = ADP_REJECT };

	*ret = NULL;
	if (it->state == ST_HELD)
		return hold_each(s->store, it->id, first_hold, ret, err);
	return it->state == ST_REJECTED ? store_finding_each(s->store, &refused, first_refusal, ret, err) : EG_OK;
}

static void
item_json(const struct rehearsed_item *i, const char *why)
{
	static const char *const words[] = { "new", "revision", "state" };
	struct again_tell t = { .fields = json_array() };

	if (i->is_rec != NULL)
		(void)semdiff_records(i->was_rec, i->is_rec, again_field, &t);
	cli_json(json_pack("{s:s,s:s,s:s,s:o,s:s,s:o,s:o,s:o,s:o}", "type", "item", "id", i->is->iid, "effect",
	    effect_of(i, words), "state_before", cli_str(i->was == NULL ? NULL : state_word(i->was->state)), "state",
	    state_word(i->is->state), "amount_before", cli_str(i->was == NULL ? NULL : i->was->amount), "amount",
	    cli_str(i->is->amount), "why", cli_str(why), "fields", t.fields));
}

static void
item_text(const struct cli *c, const struct rehearsed_item *i, const char *why)
{
	static const char *const words[] = { "new item", "new revision", "other state" };
	struct again_tell t = { .c = c };
	const char *before = i->was == NULL || i->was->amount == NULL ? "" : i->was->amount,
		   *now = i->is->amount == NULL ? "" : i->is->amount;

	(void)printf("%-44s %-12s  %s%s%s", i->is->iid, effect_of(i, words),
	    i->was == NULL ? "" : state_title(i->was->state), i->was == NULL ? "" : " -> ", state_title(i->is->state));
	if (strcmp(before, now) != 0)
		(void)printf("  %s -> %s", *before == '\0' ? "no amount" : before, *now == '\0' ? "no amount" : now);
	else if (*now != '\0')
		(void)printf("  %s", now);
	(void)printf("\n");
	if (why != NULL)
		(void)printf("    %s\n", why);
	if (i->what == REHEARSED_REVISED)
		(void)semdiff_records(i->was_rec, i->is_rec, again_field, &t);
}

static int
tell_item(void *ctx, const struct rehearsed_item *i, struct eg_err *err)
{
	struct showing *w = ctx;
	char *why = NULL;
	int rc = again_why(w->s, i->is, &why, err);

	semdiff_sums_add(w->money, i->was_rec, false);
	semdiff_sums_add(w->money, i->is_rec, true);
	if (rc == EG_OK && cli_has(w->c, O_JSON))
		item_json(i, why);
	else if (rc == EG_OK)
		item_text(w->c, i, why);
	free(why);
	return rc;
}

static int
tell_finding(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct showing *w = ctx;
	struct eg_buf line = EG_BUF_INIT;

	(void)err;
	if (cli_has(w->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s}", "type", "finding", "severity",
		    (char[2]){ f->severity, '\0' }, "file", f->file, "line", (json_int_t)f->line, "code", f->code,
		    "item", f->item, "message", f->message));
	else if (f->severity == ADP_REJECT || strcmp(f->code, "F-73") == 0) {
		cli_finding(w->c, f, &line);
		(void)fputs(eg_buf_cstr(&line), stdout);
	}
	eg_buf_done(&line);
	return EG_OK;
}

int
again_rehearse(struct cli *c, struct site *s, const struct reread *r, struct rehearse_result *ret, struct eg_err *err)
{
	struct showing w = { c, s, semdiff_sums_new(conf_text(&s->conf, "currency")) };
	struct rehearse_sink sink = { tell_item, tell_finding, NULL, &w };
	int rc = rehearse(s, r, &sink, ret, err);

	if (rc == EG_OK)
		(void)again_money(c, w.money);
	semdiff_sums_free(w.money);
	return rc;
}

int
again_begin(struct site *s, struct reread *r, char ret_drop[16], struct eg_err *err)
{
	struct eg_arena a;
	struct drop_row d;
	const char *root;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = reread_may(s, r->of, &a, &d, &root, err);
	if (rc == EG_OK)
		rc = action_allowed_intake(s, d.source, err);
	(void)snprintf(
	    s->actor, sizeof(s->actor), "%s", s->caller.name); /* what the turn makes of it is the gateway's own */
	r->actor = s->caller.name;
	if (rc == EG_OK)
		rc = reread_begin(s, r, ret_drop, err);
	(void)snprintf(s->actor, sizeof(s->actor), "erpgate");
	eg_arena_done(&a);
	if (rc == EG_OK)
		(void)fprintf(stderr, "%s is read again as %s\n", r->of, ret_drop);
	return rc;
}
