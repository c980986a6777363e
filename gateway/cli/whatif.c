/* SPDX-License-Identifier: MIT
 *
 * whatif: every drop since a day read twice in the worker, as it was recorded (with the adapters, tables and settings that are sealed beside it) and with what would be in force, and compared document by
 * document: by meaning, not by text. Money counts each item once, as the newest file says it. Nothing of the site is written.
 *
 * A drop that was read again as a whole stands for the one it is of; readings of single documents are passed over.
 */
#include "gateway/cli/whatif.h"

#include "base/fs.h"
#include "gateway/cli/document.h"
#include "gateway/cli/tools.h"
#include "gateway/turn.h"

#include <search.h>

#define CACHED 16 /* sealed inputs kept open: sites have a few layouts and change them rarely */
#define DOC_MEM ((size_t)1 << 30)
#define EXAMPLES 20

enum outcome {
	OUT_SAME,
	OUT_CHANGED,
	OUT_REFUSED, /* was good, would be refused */
	OUT_ACCEPTED, /* was refused, would be good */
	OUT_GONE, /* would not be there, or be left out */
	OUT_ADDED,
	OUT_STILL, /* refused both times */
	OUT_N
};
static const char *const outcomes[OUT_N] = { "same", "changed", "newly_refused", "newly_accepted", "gone", "added",
	"still_refused" };

struct field_count {
	char *name; /* "commitment line.cost_code" */
	size_t documents, last; /* last: the document that counted it last */
};

struct ids { /* items whose money was counted already */
	void *tree;
};

struct whatif {
	struct cli *c;
	struct site *s;
	struct again_files adapters, tables;
	struct site now; /* what would be in force */
	struct sealed sealed[CACHED];
	size_t nsealed, next;
	struct reading was, is;
	struct semdiff_sums *money;
	struct ids before, after;
	struct field_count *field;
	size_t nfields, ndiffering, examples, most;
	size_t count[OUT_N], drops, differing, unreadable;
	char (*root)[16]; /* drops that a later reading stands for */
	size_t nroots;
	char (*drop)[16];
	size_t ndrops;
	char at[16]; /* the drop at hand, and the name it came under; the name lives as long as it */
	const char *name;
};

/* ---- money, once per item ---- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
count_money(struct whatif *w, struct ids *ids, const struct read_doc *d, bool after)
{
	char *id;

	if (*d->iid == '\0')
		return;
	id = eg_xstrdup(d->iid);
	void *at = tsearch(id, &ids->tree, by_text);
	eg_check(at != NULL);
	if (*(char **)at == id)
		semdiff_sums_add(w->money, &d->rec, after);
	else
		free(id);
}

/* ---- one document ---- */

struct example {
	struct whatif *w;
	const char *type;
	struct again_tell tell;
	bool show;
};

static void
count_field(struct whatif *w, const char *type, const char *field)
{
	char *name = eg_xprintf("%s %s", type, field);
	size_t i = 0;

	while (i < w->nfields && strcmp(w->field[i].name, name) != 0)
		i++;
	if (i == w->nfields) { /* as many as the model has fields */
		w->field = eg_xrealloc(w->field, (w->nfields + 1) * sizeof(*w->field));
		w->field[w->nfields++] = (struct field_count){ name, 0, SIZE_MAX };
		name = NULL;
	}
	free(name);
	w->field[i].documents += w->field[i].last != w->ndiffering;
	w->field[i].last = w->ndiffering;
}

static void
on_field(void *ctx, const struct semdiff_field *f)
{
	struct example *e = ctx;

	count_field(e->w, e->type, f->field);
	if (e->show)
		again_field(&e->tell, f);
}

static void
tell_example(struct whatif *w, enum outcome o, const struct read_doc *was, const struct read_doc *is)
{
	const struct read_doc *d = is != NULL ? is : was;
	const bool json = cli_has(w->c, O_JSON);
	struct example e = { .w = w,
		.type = d->rec.type->name,
		.tell = { .c = w->c, .fields = json ? json_array() : NULL, .most = 12 },
		.show = w->examples < w->most };
	const char *why = is != NULL && *is->why != '\0' ? is->why : was != NULL ? was->why : "";

	w->ndiffering++;
	if (e.show && !json)
		(void)printf("%s line %-6llu %-40s %s%s%s\n", w->at, (unsigned long long)d->line,
		    *d->iid != '\0' ? d->iid : d->rec.type->name, outcomes[o], *why != '\0' ? ": " : "", why);
	if (o == OUT_CHANGED)
		(void)semdiff_records(&was->rec, &is->rec, on_field, &e);
	if (e.show && json)
		cli_json(json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:O}", "type", "example", "drop", w->at, "file",
		    w->name, "line", (json_int_t)d->line, "item", d->iid, "outcome", outcomes[o], "why", why, "fields",
		    e.tell.fields));
	w->examples += e.show;
	json_decref(e.tell.fields);
}

static bool
good(const struct read_doc *d)
{
	return d != NULL && (d->verdict == ADP_TAKEN || d->verdict == ADP_ARCHIVED);
}

static bool
bad(const struct read_doc *d)
{
	return d != NULL && (d->verdict == ADP_REJECTED || d->verdict == ADP_REFUSED);
}

static enum outcome
judge(const struct read_doc *was, const struct read_doc *is)
{
	char a[65], b[65];

	if (!good(was) || !good(is)) {
		if (good(was))
			return bad(is) ? OUT_REFUSED : OUT_GONE;
		if (good(is))
			return bad(was) ? OUT_ACCEPTED : OUT_ADDED;
		return bad(was) && bad(is) ? OUT_STILL : bad(is) ? OUT_REFUSED : bad(was) ? OUT_GONE : OUT_SAME;
	}
	rec_content(&was->rec, a);
	rec_content(&is->rec, b);
	return strcmp(a, b) == 0 && was->verdict == is->verdict ? OUT_SAME : OUT_CHANGED;
}

static void
compare_one(struct whatif *w, const struct read_doc *was, const struct read_doc *is)
{
	enum outcome o = judge(was, is);

	w->count[o]++;
	if (good(was))
		count_money(w, &w->before, was, false);
	if (good(is))
		count_money(w, &w->after, is, true);
	if (o != OUT_SAME && o != OUT_STILL)
		tell_example(w, o, was, is);
}

/* ---- two readings side by side ---- */

static int
order(const struct read_doc *a, const struct read_doc *b)
{
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return 0;
}

static int
side_by_side(struct whatif *w, struct eg_err *err)
{
	struct eg_arena a, b;
	struct read_doc was, is;
	size_t before = w->ndiffering;
	int x, y;

	eg_arena_init(&a, DOC_MEM);
	eg_arena_init(&b, DOC_MEM);
	reading_rewind(&w->was);
	reading_rewind(&w->is);
	x = reading_next(&w->was, &a, &was, err);
	y = reading_next(&w->is, &b, &is, err);
	while (x >= 0 && y >= 0 && (x == EG_OK || y == EG_OK)) {
		int c = x == EG_EOF ? 1 : y == EG_EOF ? -1 : order(&was, &is);

		if (c == 0 && was.rec.type != is.rec.type) { /* another kind of record altogether */
			compare_one(w, &was, NULL);
			compare_one(w, NULL, &is);
		} else
			compare_one(w, c <= 0 ? &was : NULL, c >= 0 ? &is : NULL);
		if (c <= 0) {
			eg_arena_reset(&a);
			x = reading_next(&w->was, &a, &was, err);
		}
		if (c >= 0) {
			eg_arena_reset(&b);
			y = reading_next(&w->is, &b, &is, err);
		}
	}
	w->differing += w->ndiffering != before;
	eg_arena_done(&a);
	eg_arena_done(&b);
	return x < 0 ? x : y < 0 ? y : EG_OK;
}

/* ---- drops ---- */

static int
sealed_of(struct whatif *w, const char *path, struct site **ret, struct eg_err *err)
{
	char key[EG_SHA256_HEX];
	int rc = sealed_key(w->s, path, key, err);

	for (size_t i = 0; rc == EG_OK && i < w->nsealed; i++)
		if (strcmp(w->sealed[i].key, key) == 0) {
			*ret = &w->sealed[i].site;
			return EG_OK;
		}
	if (rc < 0)
		return rc;
	struct sealed *z = &w->sealed[w->next];
	if (w->next < w->nsealed)
		sealed_done(w->s, z);
	else
		w->nsealed++;
	w->next = (w->next + 1) % CACHED;
	rc = sealed_open(w->s, path, z, err);
	*ret = &z->site;
	return rc;
}

static bool
stands_for(const struct whatif *w, const char *drop)
{
	for (size_t i = 0; i < w->nroots; i++)
		if (strcmp(w->root[i], drop) == 0)
			return true;
	return false;
}

/* The newest reading of the same bytes counts, if it was one of all of them. */
static int
superseded(struct whatif *w, const struct drop_row *d, bool *ret, struct eg_err *err)
{
	struct eg_arena a;
	struct reread r;
	int rc;

	eg_arena_init(&a, 1 << 26);
	rc = reread_get(w->s->store, d->id, &a, &r, err);
	const char *root = rc == EG_OK ? r.root : d->id;
	*ret = (rc == EG_OK && r.npicks > 0) || stands_for(w, root);
	if (rc >= 0 && !*ret) {
		w->root = eg_xrealloc(w->root, (w->nroots + 1) * sizeof(*w->root));
		(void)snprintf(w->root[w->nroots++], sizeof(*w->root), "%s", root);
	}
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

static int
read_twice(struct whatif *w, const struct drop_row *d, const char *path, struct eg_err *err)
{
	struct site *recorded = NULL;
	uint64_t size = 0;
	int fd = -1, rc = sealed_of(w, path, &recorded, err);

	if (rc == EG_OK)
		rc = tools_original(w->s, d, &fd, &size, err);
	if (rc == EG_OK)
		rc = reading_fill(&w->was, recorded, d, fd, size, err);
	if (rc == EG_OK)
		rc = reading_fill(&w->is, &w->now, d, fd, size, err);
	eg_fd_done(&fd);
	return rc;
}

static int
one_drop(struct whatif *w, const char *id, struct eg_err *err)
{
	struct again_what what;
	struct eg_arena a;
	struct drop_row d;
	bool skip = false;
	int rc;

	eg_arena_init(&a, 1 << 20);
	rc = store_drop_get(w->s->store, id, &a, &d, err);
	if (rc == EG_OK)
		rc = superseded(w, &d, &skip, err);
	if (rc == EG_OK && !skip)
		rc = again_find(w->s, id, &a, &what, err);
	if (rc == EG_OK && !skip) {
		(void)snprintf(w->at, sizeof(w->at), "%s", d.id);
		w->name = d.name;
		w->drops++;
		rc = read_twice(w, &d, what.path, err);
		if (rc == EG_OK)
			rc = side_by_side(w, err);
		else if (rc == EG_BADFILE) { /* a bundle that is damaged, or too old for this program */
			w->unreadable++;
			(void)fprintf(stderr, "erpgate: %s is left out: %s (%s)\n", id, err->msg, err->code);
			rc = EG_OK;
		}
	}
	eg_arena_done(&a);
	return rc;
}

struct since {
	struct whatif *w;
	int64_t at;
};

static int
list_drop(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	struct since *q = ctx;
	struct whatif *w = q->w;
	const char *source = w->c->opt[O_SOURCE];

	(void)err;
	if (d->bundle == NULL || d->first != NULL || d->received < q->at || strcmp(d->source, APPROVALS) == 0 ||
	    (source != NULL && strcmp(source, d->source) != 0))
		return EG_OK;
	w->drop = eg_xrealloc(w->drop, (w->ndrops + 1) * sizeof(*w->drop));
	(void)snprintf(w->drop[w->ndrops++], sizeof(*w->drop), "%s", d->id);
	return EG_OK;
}

/* ---- telling ---- */

static int
by_documents(const void *a, const void *b)
{
	const struct field_count *x = a, *y = b;

	return x->documents != y->documents ? (x->documents < y->documents ? 1 : -1) : strcmp(x->name, y->name);
}

static void
tell_fields(struct whatif *w)
{
	if (w->nfields > 1)
		qsort(w->field, w->nfields, sizeof(*w->field), by_documents);
	for (size_t i = 0; i < w->nfields; i++) {
		char *field = strchr(w->field[i].name, ' ');

		*field++ = '\0';
		if (cli_has(w->c, O_JSON))
			cli_json(json_pack("{s:s,s:s,s:s,s:I}", "type", "field", "record_type", w->field[i].name,
			    "field", field, "documents", (json_int_t)w->field[i].documents));
		else
			(void)printf("%s%-15s %-28s %zu documents\n", i == 0 ? "\nFields that would be another\n" : "",
			    w->field[i].name, field, w->field[i].documents);
	}
}

static int
tell_all(struct whatif *w)
{
	size_t accounts;

	if (w->ndiffering > w->examples && !cli_has(w->c, O_JSON))
		(void)printf("… and %zu more; more examples: --limit N\n", w->ndiffering - w->examples);
	tell_fields(w);
	accounts = again_money(w->c, w->money);
	const bool same = w->ndiffering == 0 && accounts == 0;
	if (cli_has(w->c, O_JSON)) {
		json_t *j = json_pack("{s:s,s:I,s:I,s:I,s:I,s:b}", "type", "summary", "drops", (json_int_t)w->drops,
		    "drops_differing", (json_int_t)w->differing, "drops_left_out", (json_int_t)w->unreadable,
		    "accounts", (json_int_t)accounts, "no_difference", same);

		for (size_t i = 0; i < OUT_N; i++)
			json_object_set_new(j, outcomes[i], json_integer((json_int_t)w->count[i]));
		cli_json(j);
	} else
		(void)printf(
		    "%s%zu drops: %zu documents the same, %zu changed, %zu newly refused, %zu newly accepted, %zu gone, %zu more; %zu refused as before. The money of %zu accounts would be another. Nothing was written.\n",
		    w->ndiffering > 0 ? "\n" : "", w->drops, w->count[OUT_SAME], w->count[OUT_CHANGED],
		    w->count[OUT_REFUSED], w->count[OUT_ACCEPTED], w->count[OUT_GONE], w->count[OUT_ADDED],
		    w->count[OUT_STILL], accounts);
	return same && w->unreadable == 0 ? CLI_OK : CLI_FINDINGS;
}

/* ---- the command ---- */

static int
prepare(struct whatif *w, struct eg_err *err)
{
	int rc = again_files(w->c->opt[O_ADAPTER], false, &w->adapters, err);

	if (rc == EG_OK)
		rc = again_files(w->c->opt[O_TABLE], true, &w->tables, err);
	if (rc == EG_OK)
		rc = again_site(w->s, &w->adapters, &w->tables, &w->now, err);
	if (rc == EG_OK)
		rc = reading_open(&w->was, w->s, err);
	return rc == EG_OK ? reading_open(&w->is, w->s, err) : rc;
}

static int
play(struct whatif *w, int64_t since, struct eg_err *err)
{
	struct since q = { w, since };
	int rc = prepare(w, err);

	if (rc == EG_OK)
		rc = store_drop_each(w->s->store, NULL, list_drop, &q, err);
	for (size_t i = w->ndrops; rc == EG_OK && i > 0; i--) /* the newest first: its word on an item counts */
		rc = one_drop(w, w->drop[i - 1], err);
	return rc;
}

static void
whatif_done(struct whatif *w)
{
	reading_close(&w->was);
	reading_close(&w->is);
	for (size_t i = 0; i < w->nsealed; i++)
		sealed_done(w->s, &w->sealed[i]);
	if (w->now.adapters != NULL)
		variant_done(w->s, &w->now);
	for (size_t i = 0; i < w->nfields; i++)
		free(w->field[i].name);
	free(w->field);
	free(w->root);
	free(w->drop);
	tdestroy(w->before.tree, free);
	tdestroy(w->after.tree, free);
	semdiff_sums_free(w->money);
	again_files_done(&w->adapters);
	again_files_done(&w->tables);
}

int
cmd_whatif(struct cli *c)
{
	struct whatif *w = eg_xalloc(sizeof(*w));
	struct eg_err err = { 0 };
	struct site s;
	int64_t since;
	uint64_t most = EXAMPLES;
	int code;

	*w = (struct whatif){ .c = c, .s = &s };
	if (!cli_has(c, O_ADAPTER) && !cli_has(c, O_TABLE))
		code = cli_usage(c, "say what would be another: --adapter FILE or --table FILE");
	else if (!cli_has(c, O_SINCE))
		code = cli_usage(c, "say since when: --since 30d or --since 2026-03-01");
	else if (cli_has(c, O_LIMIT) && !eg_bytes_to_u64(eg_bytes_str(c->opt[O_LIMIT]), &most))
		code = cli_usage(c, "--limit is \"%s\"; write how many examples to show", c->opt[O_LIMIT]);
	else if (cli_site(c, SITE_LOOK, &s, &code)) {
		w->most = (size_t)most;
		w->money = semdiff_sums_new(conf_text(&s.conf, "currency"));
		if (!cli_time(c->opt[O_SINCE], site_now(&s), false, &since))
			code = cli_usage(
			    c, "--since is \"%s\"; write a day (2026-03-01) or how long ago (30d)", c->opt[O_SINCE]);
		else
			code = play(w, since, &err) < 0 ? cli_fail(c, &err) : tell_all(w);
		whatif_done(w);
		site_close(&s);
	}
	free(w);
	return code;
}
