/* SPDX-License-Identifier: MIT
 *
 * audit find: which bundles tell of something, and why each is in the answer; one line per bundle. audit index: that index made anew.
 * Refuses amounts, days and kinds that it cannot read. The index is asked, not the bundles: audit verify says whether these are still what was sealed.
 */
#include "gateway/cli/audit_find.h"

#include "base/dec.h"
#include "gateway/archive_pages.h"
#include "gateway/store/store_index.h"
#include "gateway/workflow/workflow.h"

#define AMOUNT_DIGITS 28
#define WORDS_TOLD 120

struct range {
	bool on, low, high; /* low, high: there is such a bound */
	struct eg_dec from, to;
};

struct finding_bundles {
	struct cli *c;
	struct site *s;
	struct index_ask q;
	struct range amount;
	struct eg_buf text, why, item;
	struct cli_table *t;
	char bundle[16], kind[16], of[16]; /* the one whose rows come */
	char *path;
	int64_t at;
	unsigned hits, bundles;
	json_t *matches;
	char first[16]; /* bundle of the answer */
};

/* ---- what is asked ---- */

static bool
one_amount(struct eg_bytes v, bool *ret_there, struct eg_dec *ret)
{
	*ret_there = v.len > 0;
	return v.len == 0 || eg_dec_parse(v, EG_DEC_MONEY, 2, AMOUNT_DIGITS, ret) == EG_DEC_OK;
}

/* 1200, 1,200.00, 1000..2000, 1000.. and ..2000. */
static bool
amount_range(const char *text, struct range *r)
{
	const struct eg_bytes all = eg_bytes_str(text);
	const size_t dots = eg_bytes_find(all, EG_LIT(".."));

	r->on = true;
	if (dots == all.len) {
		if (!one_amount(all, &r->low, &r->from) || !r->low)
			return false;
		r->to = r->from;
		r->high = true;
		return true;
	}
	return one_amount(eg_bytes_sub(all, 0, dots), &r->low, &r->from) &&
	       one_amount(eg_bytes_sub(all, dots + 2, all.len), &r->high, &r->to) && (r->low || r->high);
}

static bool
in_range(const struct range *r, const char *text)
{
	struct eg_dec d;

	if (!r->on)
		return true;
	return eg_dec_parse(eg_bytes_str(text), EG_DEC_PLAIN, 2, AMOUNT_DIGITS, &d) == EG_DEC_OK &&
	       (!r->low || eg_dec_cmp(d, r->from) >= 0) && (!r->high || eg_dec_cmp(d, r->to) <= 0);
}

static bool
read_days(struct finding_bundles *f, int *ret_exit)
{
	struct cli *c = f->c;
	const struct {
		enum cli_opt o;
		const char *name;
		bool end;
		int64_t *ret;
	} days[] = { { O_SINCE, "--since", false, &f->q.since }, { O_FROM, "--from", false, &f->q.since },
		{ O_UNTIL, "--until", true, &f->q.until }, { O_TO, "--to", true, &f->q.until } };

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		if (cli_has(c, days[i].o) && !cli_time(c->opt[days[i].o], site_now(f->s), days[i].end, days[i].ret)) {
			*ret_exit = cli_usage(c, "%s is \"%s\"; write a day (2026-03-01) or how long ago (30d)",
			    days[i].name, c->opt[days[i].o]);
			return false;
		}
	return true;
}

static bool
read_ask(struct finding_bundles *f, int *ret_exit)
{
	struct cli *c = f->c;
	const char *kind = c->opt[O_KIND];

	for (int i = 1; i < c->argc; i++)
		index_query(c->argv[i], &f->text);
	f->q = (struct index_ask){ .text = f->text.len > 0 ? eg_buf_cstr(&f->text) : NULL,
		.vendor = c->opt[O_VENDOR],
		.project = c->opt[O_PROJECT],
		.person = c->opt[O_PERSON],
		.source = c->opt[O_SOURCE],
		.kind = kind };
	if (kind != NULL && strcmp(kind, "drop") != 0 && strcmp(kind, "manifest") != 0 && strcmp(kind, "batch") != 0 &&
	    strcmp(kind, "void") != 0)
		*ret_exit = cli_usage(c, "--kind is \"%s\"; write drop, manifest, batch or void", kind);
	else if (cli_has(c, O_AMOUNT) && !amount_range(c->opt[O_AMOUNT], &f->amount))
		*ret_exit =
		    cli_usage(c, "--amount is \"%s\"; write 1200.00, 1000..2000, 1000.. or ..2000", c->opt[O_AMOUNT]);
	else
		return read_days(f, ret_exit);
	return false;
}

/* A short id or a business number becomes the whole id; what is no item's (a refused document) is taken as it is written. */
static int
read_item(struct finding_bundles *f, struct eg_err *err)
{
	const char *what = f->c->opt[O_ITEM];
	struct eg_arena a;
	struct item it;
	int rc;

	if (what == NULL)
		return EG_OK;
	eg_arena_init(&a, 1 << 16);
	rc = item_lookup(f->s->store, what, &a, &it, err);
	eg_buf_str(&f->item, rc == EG_OK ? it.iid : what);
	f->q.item = eg_buf_cstr(&f->item);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- the answer ---- */

static void
say(struct eg_buf *b, const char *before, const char *what)
{
	if (*what == '\0')
		return;
	if (b->len > 0)
		eg_buf_str(b, ", ");
	eg_buf_str(b, before);
	eg_buf_escaped(b, eg_bytes_str(what));
}

/* Words one blank apart, without digests (whoever asked for one has it), at most so many bytes. */
static void
put_words(const char *words, struct eg_buf *ret)
{
	struct eg_bytes all = eg_bytes_str(words), word = EG_NONE;
	const char *before = ret->len > 0 ? ": " : "";
	size_t room = WORDS_TOLD;

	while (eg_bytes_cut(&all, ' ', &word)) {
		if (word.len == 0 || word.len == EG_SHA256_HEX - 1)
			continue;
		eg_buf_str(ret, before);
		before = " ";
		eg_buf_escaped(ret, eg_bytes_sub(word, 0, room));
		if (word.len >= room) {
			eg_buf_str(ret, "…");
			return;
		}
		room -= word.len;
	}
}

/* Which facts of the row were asked for, and so much more that a person knows what it is. */
static void
row_why(const struct index_row *r, struct eg_buf *ret)
{
	eg_buf_escaped(ret, eg_bytes_str(r->item));
	put_words(r->words, ret);
	say(ret, "vendor ", r->vendor);
	if (*r->vendor_name != '\0') {
		eg_buf_chr(ret, ' ');
		eg_buf_escaped(ret, eg_bytes_str(r->vendor_name));
	}
	say(ret, "amount ", r->amount);
	say(ret, "by ", r->person);
}

static json_t *
row_json(const struct index_row *r)
{
	const struct {
		const char *name, *value;
	} all[] = { { "item", r->item }, { "vendor", r->vendor }, { "vendor_name", r->vendor_name },
		{ "project", r->project }, { "amount", r->amount }, { "person", r->person }, { "words", r->words } };
	json_t *j = json_object();

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (*all[i].value != '\0')
			json_object_set_new(j, all[i].name, json_string(all[i].value));
	return j;
}

static void
bundle_over(struct finding_bundles *f)
{
	char when[EG_TIME_TEXT], *next = eg_xprintf("erpgate audit show %s", f->bundle);

	if (f->hits > 0) {
		eg_time_print(when, f->at);
		if (f->hits > 1 && f->t != NULL)
			eg_buf_printf(&f->why, " (and %u more)", f->hits - 1);
		const char *cells[] = { f->bundle, f->kind, f->of, when, eg_buf_cstr(&f->why) };
		if (f->t != NULL)
			cli_table_row(f->t, cells);
		else
			cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:O,s:s}", "type", "bundle", "id", f->bundle,
			    "kind", f->kind, "of", f->of, "path", f->path, "at", when, "matches", (int)f->hits, "why",
			    f->matches, "next", next));
		if (f->bundles++ == 0)
			(void)snprintf(f->first, sizeof(f->first), "%s", f->bundle);
	}
	free(next);
	free(f->path);
	f->path = NULL;
	json_decref(f->matches);
	f->matches = NULL;
	f->hits = 0;
	eg_buf_clear(&f->why);
}

#define JSON_MATCHES 20 /* of a bundle: told in full */

static int
found(void *ctx, const struct index_row *r, struct eg_err *err)
{
	struct finding_bundles *f = ctx;

	(void)err;
	if (!in_range(&f->amount, r->amount))
		return EG_OK;
	if (strcmp(f->bundle, r->bundle) != 0) {
		bundle_over(f);
		(void)snprintf(f->bundle, sizeof(f->bundle), "%s", r->bundle);
		(void)snprintf(f->kind, sizeof(f->kind), "%s", r->kind);
		(void)snprintf(f->of, sizeof(f->of), "%s", r->of);
		f->path = eg_xstrdup(r->path);
		f->at = r->at;
		f->matches = json_array();
		row_why(r, &f->why);
	}
	if (f->hits++ < JSON_MATCHES && f->t == NULL)
		json_array_append_new(f->matches, row_json(r));
	return EG_OK;
}

static int
is_there(struct site *s, struct eg_err *err)
{
	bool missing = false;
	int rc = index_missing(s->store, &missing, err);

	return rc == EG_OK && missing ?
	           eg_fail(err, EG_RETRY, "INDEX",
		       "The index of the bundles is not there yet (this database was made again or comes from an older erpgate). Make it now: erpgate audit index") :
	           rc;
}

/* The table is printed, or freed when the walk failed. */
static void
tell_end(struct finding_bundles *f, int rc)
{
	if (f->t != NULL && f->bundles > 0)
		cli_table_print(f->t);
	else
		cli_table_free(f->t);
	if (rc < 0)
		return;
	if (cli_has(f->c, O_JSON))
		cli_json(json_pack("{s:s,s:i}", "type", "summary", "bundles", (int)f->bundles));
	else if (f->bundles == 0)
		(void)printf(
		    "No bundle tells of that. Fewer words or filters find more, and a * stands for any end of a word: erpgate audit find 'conc*'\n");
	else
		(void)printf(
		    "%u bundle%s.   What one holds: erpgate audit show %s   Copy it out: erpgate audit extract %s -o FOLDER\n",
		    f->bundles, f->bundles == 1 ? "" : "s", f->first, f->first);
}

static int
audit_find(struct cli *c, struct site *s, int *ret_exit, struct eg_err *err)
{
	static const char *const titles[] = { "BUNDLE", "KIND", "OF", "WHEN", "WHY" };
	struct finding_bundles f = { .c = c, .s = s, .text = EG_BUF_INIT, .why = EG_BUF_INIT, .item = EG_BUF_INIT };
	int rc = EG_OK;

	if (read_ask(&f, ret_exit)) {
		rc = is_there(s, err);
		if (rc == EG_OK)
			rc = read_item(&f, err);
		if (rc == EG_OK && !cli_has(c, O_JSON))
			f.t = cli_table_new(titles, 5, 0);
		if (rc == EG_OK)
			rc = index_each(s->store, &f.q, found, &f, err);
		if (rc == EG_OK)
			bundle_over(&f);
		tell_end(&f, rc);
	}
	json_decref(f.matches);
	free(f.path);
	eg_buf_done(&f.text);
	eg_buf_done(&f.why);
	eg_buf_done(&f.item);
	return rc;
}

/* ---- audit index ---- */

static int
make_index(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return index_make(s->store, err);
}

static int
audit_index(struct cli *c, struct site *s, int *ret_exit, struct eg_err *err)
{
	int rc = cli_tx(s, make_index, NULL, err);

	(void)ret_exit;
	if (rc == EG_OK)
		rc = archive_pages(s, true, err);
	if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)printf(
		    "The index of the bundles and the pages of the archive are made anew. Open %s/archive/index.html, or ask: erpgate audit find WORD\n",
		    s->path);
	return rc;
}

bool
audit_browse(struct cli *c, int *ret_exit)
{
	static const struct {
		const char *name;
		enum site_mode mode;
		int (*work)(struct cli *c, struct site *s, int *ret_exit, struct eg_err *err);
	} acts[] = { { "find", SITE_LOOK, audit_find }, { "index", SITE_CHANGE, audit_index } };
	struct eg_err err = { 0 };
	struct site s;
	size_t i = 0;

	while (i < sizeof(acts) / sizeof(acts[0]) && strcmp(acts[i].name, c->argv[0]) != 0)
		i++;
	if (i == sizeof(acts) / sizeof(acts[0]))
		return false;
	*ret_exit = CLI_OK;
	if (!cli_site(c, acts[i].mode, &s, ret_exit))
		return true;
	if (acts[i].work(c, &s, ret_exit, &err) < 0)
		*ret_exit = cli_fail(c, &err);
	site_close(&s);
	return true;
}
