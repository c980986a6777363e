/* SPDX-License-Identifier: MIT
 *
 * reproduce BUNDLE: the same bytes again from what is sealed, or the name of what differs. A drop: the canonical records from the original. A batch: the files that left from its records,
 * keys and decisions. First the inputs themselves are looked at (the bundle as sealed, the original and the adapters against what the journal knows), then the result; what is
 * another today than it was then is told beside it and is no fault.
 */
#include "gateway/cli/reproduce.h"

#include "base/fs.h"
#include "gateway/cli/tools.h"
#include "gateway/cli/whatif.h"
#include "spool/bundle.h"

#define CUT 200
#define RECORDS_MAX ((size_t)1 << 30)
#define TOLD 10 /* records told in full */
#define BEGIN "erpgate-record 1 "

/* ---- telling ---- */

void
reproduce_tell(
    struct reproducing *p, const char *where, uint64_t line, const char *sealed, const char *made, const char *what)
{
	p->differing++;
	if (cli_has(p->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:I,s:s,s:o,s:o}", "type", "difference", "file", where, "line",
		    (json_int_t)line, "what", what, "sealed", cli_str(sealed), "made", cli_str(made)));
		return;
	}
	(void)printf("%s", where);
	if (line > 0)
		(void)printf(" line %llu", (unsigned long long)line);
	(void)printf(": %s\n", what);
	if (sealed != NULL)
		(void)printf("    sealed   %s\n", sealed);
	if (made != NULL)
		(void)printf("    made     %s\n", made);
}

static void
cut_line(struct eg_bytes v, struct eg_buf *ret)
{
	eg_buf_clear(ret);
	eg_buf_escaped(ret, eg_bytes_sub(v, 0, CUT));
	if (v.len > CUT)
		eg_buf_str(ret, "…");
}

bool
reproduce_first(struct eg_bytes sealed, struct eg_bytes made, uint64_t *ret_line, struct eg_buf *ret_sealed,
    struct eg_buf *ret_made)
{
	struct eg_bytes a = EG_NONE, b = EG_NONE;
	bool x = true, y = true;

	if (eg_bytes_eq(sealed, made))
		return false;
	*ret_line = 0;
	if (eg_bytes_starts(sealed, EG_LIT("PK"))) {
		eg_buf_printf(ret_sealed, "%zu bytes of a workbook", sealed.len);
		eg_buf_printf(ret_made, "%zu bytes", made.len);
		return true;
	}
	do {
		x = x && eg_bytes_cut(&sealed, '\n', &a);
		y = y && eg_bytes_cut(&made, '\n', &b);
		++*ret_line;
	} while (x && y && eg_bytes_eq(a, b));
	cut_line(x ? a : EG_LIT("(no such line)"), ret_sealed);
	cut_line(y ? b : EG_LIT("(no such line)"), ret_made);
	return true;
}

static void
tell_today(void *ctx, const char *kind, const char *name, const char *sealed, const char *now)
{
	struct reproducing *p = ctx;

	if (cli_has(p->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "today", "kind", kind, "name", name, "sealed",
		    sealed, "now", now));
	else if (!cli_has(p->c, O_QUIET))
		(void)printf("Today another: %s %s: %s then, %s now\n", kind, name, *sealed == '\0' ? "empty" : sealed,
		    *now == '\0' ? "empty" : now);
}

/* ---- the inputs ---- */

static void
tell_input(struct reproducing *p, const char *name, const char *sealed, const char *recorded, const char *what)
{
	p->inputs++;
	reproduce_tell(p, name, 0, sealed, recorded, what);
}

static int
check_bundle(struct reproducing *p, struct eg_err *err)
{
	struct bundle_verdict v;
	int rc = bundle_verify(&p->s->spool, p->what.path, NULL, &v, err);

	if (rc == EG_OK && !v.good)
		tell_input(p, p->what.bundle, NULL, NULL, v.problem);
	return rc;
}

/* The adapter as sealed against the digest that the journal kept of the one that was used. */
static void
check_adapter(struct reproducing *p, const char *name, const char *recorded)
{
	for (size_t i = 0; *name != '\0' && i < p->sealed.adapters.n; i++) {
		char sha[EG_SHA256_HEX], *file = eg_xprintf("%s.adapter", name);

		if (strcmp(file, p->sealed.adapters.name[i]) == 0) {
			eg_sha256_hex_of(p->sealed.adapters.v[i].text, sha);
			if (strcmp(sha, recorded) != 0)
				tell_input(p, file, sha, recorded,
				    "the adapter in the bundle is not the one that was used (the second digest)");
		}
		free(file);
	}
}

static int
check_file(void *ctx, const struct file_row *f, struct eg_err *err)
{
	(void)err;
	check_adapter(ctx, f->adapter, f->adapter_sha256);
	return EG_OK;
}

static int
check_out_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	(void)err;
	check_adapter(ctx, f->adapter, f->adapter_sha256);
	return EG_OK;
}

/* ---- the records of a drop ---- */

struct block { /* one record of records.txt */
	struct eg_bytes text;
	char sha[EG_SHA256_HEX];
	bool made;
};
struct blocks {
	struct eg_buf text;
	struct block *v;
	size_t n;
};

static int
by_sha(const void *a, const void *b)
{
	return strcmp(((const struct block *)a)->sha, ((const struct block *)b)->sha);
}

/* Records are parted by an empty line, which stands in none of them. */
static void
split(struct blocks *k)
{
	struct eg_bytes rest = eg_buf_view(&k->text);

	while (rest.len > 0) {
		size_t end = eg_bytes_find(rest, EG_LIT("\n\n" BEGIN));
		struct eg_bytes one = eg_bytes_sub(rest, 0, end == rest.len ? end : end + 1);

		k->v = eg_xrealloc(k->v, (k->n + 1) * sizeof(*k->v));
		k->v[k->n] = (struct block){ .text = one };
		eg_sha256_hex_of(one, k->v[k->n++].sha);
		rest = end == rest.len ? EG_NONE : eg_bytes_sub(rest, end + 2, rest.len);
	}
	if (k->n > 1)
		qsort(k->v, k->n, sizeof(*k->v), by_sha);
}

static struct eg_bytes
type_of(struct eg_bytes block)
{
	struct eg_bytes line;

	return eg_bytes_cut(&block, '\n', &line) ? eg_bytes_sub(line, strlen(BEGIN), line.len) : EG_NONE;
}

/* The lines of its key fields: two texts of one item have the same. */
static void
key_of(struct eg_bytes block, struct eg_buf *ret)
{
	const struct rec_type *t = rec_type_named(type_of(block));
	struct eg_bytes line;

	eg_buf_clear(ret);
	if (t == NULL)
		return;
	eg_buf_str(ret, t->name);
	while (eg_bytes_cut(&block, '\n', &line) && !eg_bytes_is(line, "-"))
		for (unsigned i = 0; i < t->nkey; i++) {
			size_t n = strlen(t->key[i]);

			if (eg_bytes_starts(line, eg_bytes_str(t->key[i])) && line.len > n && line.ptr[n] == '=') {
				eg_buf_chr(ret, ' ');
				eg_buf_escaped(ret, eg_bytes_sub(line, n + 1, line.len));
			}
		}
}

static int
match(struct blocks *k, struct reading *r, struct eg_err *err)
{
	struct eg_arena a;
	struct read_doc d;
	int rc;

	eg_arena_init(&a, RECORDS_MAX);
	reading_rewind(r);
	while ((rc = reading_next(r, &a, &d, err)) == EG_OK) {
		struct block key;

		if (d.verdict != ADP_REJECTED && d.verdict != ADP_SKIPPED) {
			rec_content(&d.rec, key.sha);
			struct block *b = k->n == 0 ? NULL : bsearch(&key, k->v, k->n, sizeof(key), by_sha);
			if (b != NULL)
				b->made = true;
		}
		eg_arena_reset(&a);
	}
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

/* What the original gives for the item of this block now; EG_EOF: nothing. */
static int
made_instead(const struct block *b, struct reading *r, struct eg_buf *ret, struct eg_err *err)
{
	struct eg_buf mine = EG_BUF_INIT, theirs = EG_BUF_INIT;
	struct eg_arena a;
	struct read_doc d;
	int rc;

	eg_arena_init(&a, RECORDS_MAX);
	key_of(b->text, &mine);
	reading_rewind(r);
	while ((rc = reading_next(r, &a, &d, err)) == EG_OK) {
		eg_buf_clear(ret);
		rec_canonical(&d.rec, ret);
		key_of(eg_buf_view(ret), &theirs);
		if (eg_bytes_eq(eg_buf_view(&mine), eg_buf_view(&theirs)))
			break;
		eg_arena_reset(&a);
	}
	eg_arena_done(&a);
	eg_buf_done(&mine);
	eg_buf_done(&theirs);
	return rc;
}

static int
tell_record(struct reproducing *p, const struct block *b, struct reading *r, struct eg_err *err)
{
	struct eg_buf made = EG_BUF_INIT, key = EG_BUF_INIT, was = EG_BUF_INIT, is = EG_BUF_INIT;
	uint64_t line = 0;
	int rc = p->differing < TOLD ? made_instead(b, r, &made, err) : EG_EOF;

	key_of(b->text, &key);
	if (rc == EG_OK && reproduce_first(b->text, eg_buf_view(&made), &line, &was, &is))
		reproduce_tell(p, eg_buf_cstr(&key), line, eg_buf_cstr(&was), eg_buf_cstr(&is),
		    "the first line of its canonical text that differs");
	else if (rc >= 0)
		reproduce_tell(p, eg_buf_cstr(&key), 0, NULL, NULL, "the original gives no such record any more");
	eg_buf_done(&made);
	eg_buf_done(&key);
	eg_buf_done(&was);
	eg_buf_done(&is);
	return rc < 0 ? rc : EG_OK;
}

/* Codes are put together from several lists, so that no single original gives them. */
static bool
derived(struct eg_bytes block)
{
	const struct rec_type *t = rec_type_named(type_of(block));

	return t != NULL && t->id == REC_ERP_CODE;
}

static int
compare_records(struct reproducing *p, struct reading *r, size_t *ret_derived, struct eg_err *err)
{
	struct blocks k = { .text = { .max = RECORDS_MAX } };
	int rc = bundle_extract(&p->s->spool, p->what.path, "data/canonical/records.txt", &k.text, err);

	if (rc == EG_BADFILE && strcmp(err->code, "NO-MEMBER") == 0)
		rc = EG_OK; /* it brought nothing new */
	if (rc == EG_OK) {
		split(&k);
		rc = match(&k, r, err);
	}
	for (size_t i = 0; rc == EG_OK && i < k.n; i++) {
		if (k.v[i].made)
			p->same++;
		else if (derived(k.v[i].text))
			++*ret_derived;
		else
			rc = tell_record(p, &k.v[i], r, err);
	}
	free(k.v);
	eg_buf_done(&k.text);
	return rc;
}

static int
reproduce_drop(struct reproducing *p, size_t *ret_derived, struct eg_err *err)
{
	struct reading r = { .f = NULL };
	char sha[EG_SHA256_HEX];
	struct eg_buf original = EG_BUF_INIT;
	struct drop_row d;
	uint64_t size = 0;
	int fd = -1, rc = store_drop_get(p->s->store, p->what.id, &p->a, &d, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate log", p->what.id);
	if (rc == EG_OK)
		rc = store_file_each(p->s->store, d.id, check_file, p, err);
	if (rc == EG_OK)
		rc = show_original(p->s, &d, &original, err);
	if (rc == EG_OK) {
		eg_sha256_hex_of(eg_buf_view(&original), sha);
		if (strcmp(sha, d.sha256) != 0)
			tell_input(p, d.name, sha, d.sha256,
			    "the original in the bundle is not the file that came (the second digest)");
	}
	eg_buf_done(&original);
	if (rc == EG_OK)
		rc = tools_original(p->s, &d, &fd, &size, err);
	if (rc == EG_OK)
		rc = reading_open(&r, p->s, err);
	if (rc == EG_OK)
		rc = reading_fill(&r, &p->sealed.site, &d, fd, size, err);
	if (rc == EG_OK)
		rc = compare_records(p, &r, ret_derived, err);
	reading_close(&r);
	eg_fd_done(&fd);
	return rc;
}

/* ---- the command ---- */

static void
tell_result(struct reproducing *p, size_t derived_records)
{
	const bool drop = p->what.is == AGAIN_DROP, same = p->differing == 0;
	const char *what = drop ? "records" : "files",
		   *by = json_string_value(json_object_get(p->sealed.software, "erpgate"));

	sealed_compare(p->s, &p->sealed, tell_today, p);
	if (cli_has(p->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:s,s:s}", "type", "summary", "bundle",
		    p->what.bundle, "of", p->what.id, "kind", drop ? "drop" : "batch", "result",
		    same ? "same" : "different", "same", (json_int_t)p->same, "different",
		    (json_int_t)(p->differing - p->inputs), "inputs_different", (json_int_t)p->inputs, "derived",
		    (json_int_t)derived_records, "sealed_by", by == NULL ? "" : by, "program", ERPGATE_VERSION));
		return;
	}
	if (same)
		(void)printf("%s (%s): same bytes. %zu %s made again from what is sealed.\n", p->what.bundle,
		    p->what.id, p->same, what);
	else
		(void)printf("%s (%s): not the same: %zu %s are, %zu are not.\n", p->what.bundle, p->what.id, p->same,
		    what, p->differing - p->inputs);
	if (derived_records > 0)
		(void)printf(
		    "%zu codes in it are put together from several lists and are not made from this file alone.\n",
		    derived_records);
	if (!same && p->inputs > 0)
		(void)printf("What differs is an input: see above. The bundle is not what was sealed.\n");
	else if (!same && by != NULL && strcmp(by, ERPGATE_VERSION) != 0)
		(void)printf("All inputs are as they were; what differs is the program: %s then, %s now.\n", by,
		    ERPGATE_VERSION);
	else if (!same)
		(void)printf("All inputs are as they were, and so is the program's version. Tell support.\n");
}

static int
reproduce(struct reproducing *p, size_t *ret_derived, struct eg_err *err)
{
	int rc = again_find(p->s, p->c->argv[0], &p->a, &p->what, err);

	if (rc == EG_OK && p->what.bundle == NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s has no bundle of its own. See them: erpgate audit list",
		    p->c->argv[0]);
	if (rc == EG_OK && p->what.is == AGAIN_ITEM)
		p->what.is = AGAIN_DROP; /* the item's drop */
	if (rc == EG_OK)
		rc = check_bundle(p, err);
	if (rc == EG_OK)
		rc = sealed_open(p->s, p->what.path, &p->sealed, err);
	if (rc == EG_OK && p->what.is == AGAIN_DROP)
		return reproduce_drop(p, ret_derived, err);
	if (rc == EG_OK)
		rc = batch_file_each(p->s->store, p->what.id, check_out_file, p, err);
	if (rc == EG_OK)
		rc = reproduce_batch(p, &p->sealed.site, err);
	return rc == EG_OK ? reproduce_sources(p, err) : rc;
}

int
cmd_reproduce(struct cli *c)
{
	struct reproducing p = { .c = c };
	struct eg_err err = { 0 };
	size_t derived_records = 0;
	struct site s;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	p.s = &s;
	eg_arena_init(&p.a, 1 << 22);
	if (reproduce(&p, &derived_records, &err) < 0)
		code = cli_fail(c, &err);
	else {
		tell_result(&p, derived_records);
		code = p.differing == 0 ? CLI_OK : CLI_FINDINGS;
	}
	sealed_done(&s, &p.sealed);
	eg_arena_done(&p.a);
	site_close(&s);
	return code;
}
