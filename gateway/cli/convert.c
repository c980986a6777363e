/* SPDX-License-Identifier: MIT
 *
 * convert: the import files that would come of one file. The file is taken in for real inside a transaction (matched, linked, looked at by the rules), its items
 * are written as if a person had accepted them today, and everything is rolled back: nothing stays. What could not leave is named and left out.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/document.h"
#include "gateway/workflow/workflow.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEM ((size_t)2 << 30)

struct entry {
	struct item item;
	struct rec rec;
	struct enrich_srcs srcs;
	bool refused; /* by a check at accept */
};

struct converting {
	struct cli *c;
	struct site *s;
	const char *name, *target;
	char drop[16];
	struct place place;
	struct eg_buf file;
	struct eg_arena a; /* everything that lives to the end */
	struct eg_arena doc_arena;
	struct document doc;
	char **iid; /* items of the file; sorted once all is read */
	size_t nids, nids_before; /* of them, of the files before the one at hand */
	bool file_refused, drop_refused;
	struct entry **e;
	size_t n;
	struct out {
		char *name;
		struct eg_buf bytes;
	} * out;
	size_t nout;
	unsigned unresolved;
};

static void
unresolved(struct converting *v, const char *what, const char *code, const char *message)
{
	v->unresolved++;
	(void)fprintf(stderr, "%s%s%s  %s\n", what, *what != '\0' ? "  " : "", code, message);
}

/* ---- reading and matching ---- */

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	struct converting *v = ctx;
	struct file_row row = { .drop = v->drop, .member = member, .sha256 = "", .adapter = "", .adapter_sha256 = "" };

	eg_buf_clear(&v->file);
	eg_buf_escaped(&v->file, eg_bytes_str(v->name));
	if (*member != '\0') {
		eg_buf_chr(&v->file, '!');
		eg_buf_escaped(&v->file, eg_bytes_str(member));
	}
	v->place.file = eg_buf_cstr(&v->file);
	v->file_refused = false;
	v->nids_before = v->nids;
	int rc = store_file_add(v->s->store, &row, &v->place.file_id, err);
	return rc == EG_OK ? store_mark(v->s->store, err) : rc;
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct converting *v = ctx;

	(void)item;
	eg_arena_reset(&v->doc_arena);
	return document_begin(&v->doc, head, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	return document_line(&((struct converting *)ctx)->doc, line, err);
}

static int
on_end(void *ctx, enum adp_verdict verdict, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct converting *v = ctx;
	struct eg_buf iid = EG_BUF_INIT;
	struct rec r;
	int rc;

	if (verdict == ADP_REJECTED || verdict == ADP_SKIPPED)
		return EG_OK;
	rc = document_end(&v->doc, &r, err);
	if (rc == EG_OK)
		rc = match_record(v->s, &v->place, &r, verdict, off, len, err);
	if (rc == EG_OK && r.type->cls <= RC_AUTOMATIC && rec_item_id(&r, &iid)) {
		v->iid = eg_xrealloc(v->iid, (v->nids + 1) * sizeof(*v->iid));
		v->iid[v->nids++] = eg_xstrdup(eg_buf_cstr(&iid));
	}
	eg_buf_done(&iid);
	return rc;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct converting *v = ctx;

	(void)err;
	v->file_refused = v->file_refused || (f->whole_file && f->severity == ADP_REJECT);
	if (f->severity == ADP_REJECT) {
		char *what = eg_xprintf("%s line %llu", eg_buf_cstr(&v->file), (unsigned long long)f->line);
		unresolved(v, what, f->code, f->msg);
		free(what);
	}
	return EG_OK;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct converting *v = ctx;
	int rc = EG_OK;

	if (!f->refused && !v->file_refused)
		rc = f->adapter == NULL ? EG_OK : match_file_end(v->s, &v->place, f->adapter, err);
	if (!f->refused && !v->file_refused)
		return rc == EG_OK ? store_keep(v->s->store, err) : rc;
	while (v->nids > v->nids_before) /* what a refused file gave before its fault does not count */
		free(v->iid[--v->nids]);
	return store_undo(v->s->store, err);
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	((struct converting *)ctx)->drop_refused = true;
	return on_finding(ctx, f, err);
}

static int
by_iid(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
read_in(struct converting *v, int fd, uint64_t size, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_refused, v };
	const char *source = v->c->opt[O_SOURCE];
	struct drop_row row = { .id = v->drop,
		.source = source,
		.name = v->name,
		.sha256 = "",
		.identity = "",
		.state = "claimed",
		.verdict = "",
		.size = (int64_t)size,
		.owner = (int64_t)getuid(),
		.received = site_now(v->s) };
	int rc = store_next_id(v->s->store, 'D', v->drop, err);

	v->place = (struct place){ .drop = v->drop, .source = source, .file = v->name };
	if (rc == EG_OK)
		rc = store_drop_add(v->s->store, &row, err);
	if (rc == EG_OK)
		rc = worker_read(v->s, fd, size, conf_family(&v->s->conf, source), v->name, &sink, err);
	if (v->nids > 0)
		qsort(v->iid, v->nids, sizeof(*v->iid), by_iid);
	return rc == EG_OK && !v->drop_refused ? rules_settle(v->s, false, err) : rc;
}

/* ---- which items can leave ---- */

struct held {
	struct converting *v;
	const struct item *it;
	bool any;
};

static int
on_hold(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	struct held *held = ctx;

	(void)err;
	held->any = true;
	unresolved(held->v, held->it->iid, h->code, h->message);
	return EG_OK;
}

static int
on_refusal(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct held *held = ctx;

	(void)err;
	if (f->severity == ADP_REJECT) {
		held->any = true;
		unresolved(held->v, held->it->iid, f->code, f->message);
	}
	return EG_OK;
}

static int
look_at(struct converting *v, const struct item *it, bool *ret_leaves, struct eg_err *err)
{
	struct held held = { v, it, false };
	struct finding_filter mine = { .drop = v->drop, .item = it->iid };
	int rc = hold_each(v->s->store, it->id, on_hold, &held, err);

	if (rc == EG_OK)
		rc = store_finding_each(v->s->store, &mine, on_refusal, &held, err);
	if (rc == EG_OK && !held.any && it->state == ST_REJECTED) {
		held.any = true;
		unresolved(v, it->iid, "E-75", "It is rejected. Look: erpgate show it");
	}
	*ret_leaves = !held.any;
	return rc;
}

static bool
of_file(const struct converting *v, const struct item *it)
{
	if (v->nids > 0 && bsearch(&it->iid, v->iid, v->nids, sizeof(*v->iid), by_iid) != NULL)
		return true;
	return it->file == v->place.file_id; /* made of the file's list rows, such as cost codes */
}

static int
gather(struct converting *v, const struct item *it, struct eg_err *err)
{
	struct decision today = { .manifest = "",
		.iid = it->iid,
		.content = it->content,
		.verdict = "accept",
		.erp_id = it->erp_id == NULL ? "" : it->erp_id,
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "",
		.approver = "",
		.result = "",
		.code = "",
		.at = site_now(v->s) };
	struct entry *e = eg_arena_alloc(&v->a, sizeof(*e));
	int rc = e == NULL ? eg_fail(err, EG_BADFILE, "LIMIT-MEM",
				 "the file is too large to be converted in memory; split it") :
	                     item_get(v->s->store, it->id, &v->a, &e->item, err);

	if (rc == EG_OK)
		rc = item_record(v->s->store, it->rev, &v->a, &e->rec, err);
	if (rc == EG_OK)
		rc = enrich(
		    v->s, &e->item, it->type->cls == RC_AUTOMATIC ? NULL : &today, &v->a, &e->rec, &e->srcs, err);
	if (e != NULL) {
		v->e = eg_xrealloc(v->e, (v->n + 1) * sizeof(struct entry *));
		v->e[v->n++] = e;
	}
	return rc;
}

static int
each_item(void *ctx, const struct item *it, struct eg_err *err)
{
	struct converting *v = ctx;
	bool leaves = false;
	int rc;

	if ((it->type->cls == RC_TO_ERP) != (strcmp(v->target, "procore") != 0) || !of_file(v, it))
		return EG_OK;
	rc = look_at(v, it, &leaves, err);
	return rc == EG_OK && leaves ? gather(v, it, err) : rc;
}

/* ---- writing ---- */

static int
on_accept(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct converting *v = ctx;

	(void)err;
	if (f->severity == ADP_REJECT) {
		v->e[record]->refused = true;
		unresolved(v, v->e[record]->item.iid, f->code, f->msg);
	}
	return EG_OK;
}

static int
on_file(void *ctx, const struct adp *a, const char *project, const char *ext, struct eg_err *err)
{
	struct converting *v = ctx;

	(void)err;
	v->out = eg_xrealloc(v->out, (v->nout + 1) * sizeof(*v->out));
	v->out[v->nout++] =
	    (struct out){ eg_xprintf("%s%s%s.%s", adp_info(a)->object, *project != '\0' ? "_" : "", project, ext),
		    EG_BUF_INIT };
	return EG_OK;
}

static int
on_bytes(void *ctx, struct eg_bytes b, struct eg_err *err)
{
	struct converting *v = ctx;

	if (v->nout == 0)
		return eg_fail(err, EG_FATAL, "WORKER", "the writing process sent bytes without a file");
	eg_buf_add(&v->out[v->nout - 1].bytes, b);
	return EG_OK;
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)record;
	(void)f;
	(void)n;
	(void)err;
	return EG_OK;
}

static int
on_warning(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	const struct converting *v = ctx;

	(void)err;
	if (!cli_has(v->c, O_QUIET))
		(void)fprintf(stderr, "%s  %s  %s\n", v->e[record]->item.iid, f->code, f->msg);
	return EG_OK;
}

static int
on_key(void *ctx, size_t record, const char *key, struct eg_err *err)
{
	(void)ctx;
	(void)record;
	(void)key;
	(void)err;
	return EG_OK;
}

static int
on_adapter_end(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err)
{
	(void)ctx;
	(void)a;
	(void)b;
	(void)err;
	return EG_OK;
}

static int
write_out(struct converting *v, struct eg_err *err)
{
	struct worker_out_sink sink = { on_file, on_bytes, on_row, on_warning, on_key, on_adapter_end, v };
	const struct rec **records = eg_xalloc((v->n + 1) * sizeof(*records));
	size_t adapters = adp_set_count(v->s->adapters), n = 0;
	int64_t *counters = eg_xalloc((adapters + 1) * sizeof(*counters));
	int rc;

	for (size_t i = 0; i < adapters; i++)
		counters[i] = INT64_MIN; /* running numbers begin at the adapter's own start: none is used up here */
	for (size_t i = 0; i < v->n; i++)
		records[i] = &v->e[i]->rec;
	rc = v->n == 0 ? EG_OK : worker_accept(v->s, v->target, records, v->n, on_accept, v, err);
	for (size_t i = 0; i < v->n; i++)
		if (!v->e[i]->refused) { /* the others go behind: findings name records by their place */
			struct entry *e = v->e[i];
			v->e[i] = v->e[n];
			v->e[n] = e;
			records[n++] = &e->rec;
		}
	if (rc == EG_OK && n > 0)
		rc = worker_write(v->s, v->target, records, n, counters, &sink, err);
	free(counters);
	free(records);
	return rc;
}

/* ---- output ---- */

/* A workbook is not for a screen: EG_BADFILE "NO-WRITE". */
static int
may_print(const struct converting *v, struct eg_err *err)
{
	for (size_t i = 0; i < v->nout; i++)
		if (isatty(STDOUT_FILENO) && eg_bytes_ends(eg_bytes_str(v->out[i].name), EG_LIT(".xlsx")))
			return eg_fail(err, EG_BADFILE, "NO-WRITE",
			    "%s is a workbook, which a screen cannot show; give -o FILE.xlsx, or -o and a folder for several files",
			    v->out[i].name);
	return EG_OK;
}

static int
print_out(const struct converting *v)
{
	for (size_t i = 0; i < v->nout; i++) {
		struct eg_bytes b = eg_buf_view(&v->out[i].bytes);
		if (v->nout > 1)
			(void)fprintf(stderr, "==> %s <==\n", v->out[i].name);
		if (fwrite(b.ptr, 1, b.len, stdout) != b.len)
			return CLI_CANTCREAT;
		(void)fflush(stdout); /* so that the headings stand where they belong on a screen */
	}
	return CLI_OK;
}

static int
save_out(const struct converting *v, const char *path, struct eg_err *err)
{
	struct stat st;
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	char *dir_path = eg_xstrdup(path), *slash = strrchr(dir_path, '/');
	int dir = -1, rc = EG_OK;

	if (!folder && slash != NULL)
		*slash = '\0';
	if (!folder && v->nout > 1)
		rc = eg_fail(
		    err, EG_BADFILE, "NO-WRITE", "%zu files come of it; name a folder that is there, or -o -", v->nout);
	if (rc == EG_OK)
		rc = eg_fs_opendir(AT_FDCWD,
		    folder            ? path :
		    slash == NULL     ? "." :
		    slash == dir_path ? "/" :
					dir_path,
		    &dir, err);
	for (size_t i = 0; rc == EG_OK && i < v->nout; i++)
		rc = eg_fs_write_file(dir,
		    folder        ? v->out[i].name :
		    slash == NULL ? path :
				    slash + 1,
		    eg_buf_view(&v->out[i].bytes), 0644, true, err);
	eg_fd_done(&dir);
	free(dir_path);
	return rc;
}

static int
convert(struct converting *v, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/'), *out = v->c->opt[O_OUTPUT];
	struct item_filter every = { 0 };
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(AT_FDCWD, path, &fd, &st, err);

	if (rc < 0)
		return cli_fail(v->c, err);
	v->name = slash == NULL ? path : slash + 1;
	rc = store_begin(v->s->store, err);
	if (rc == EG_OK)
		rc = read_in(v, fd, (uint64_t)st.st_size, err);
	if (rc == EG_OK && !v->drop_refused)
		rc = item_each(v->s->store, &every, each_item, v, err);
	if (rc == EG_OK)
		rc = write_out(v, err);
	store_rollback(v->s->store);
	eg_fd_done(&fd);
	if (rc == EG_OK && out != NULL && strcmp(out, "-") != 0)
		rc = save_out(v, out, err);
	else if (rc == EG_OK) {
		rc = may_print(v, err);
		if (rc == EG_OK && print_out(v) != CLI_OK)
			return CLI_CANTCREAT;
	}
	if (rc < 0)
		return cli_fail(v->c, err);
	if (v->nout == 0)
		(void)fprintf(stderr, "Nothing of %s goes to %s.\n", v->name, v->target);
	return v->unresolved > 0 ? CLI_FINDINGS : CLI_OK;
}

static void
converting_done(struct converting *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->e[i]->srcs.file);
	for (size_t i = 0; i < v->nout; i++) {
		free(v->out[i].name);
		eg_buf_done(&v->out[i].bytes);
	}
	for (size_t i = 0; i < v->nids; i++)
		free(v->iid[i]);
	free(v->e);
	free(v->out);
	free(v->iid);
	eg_buf_done(&v->file);
	document_done(&v->doc);
	eg_arena_done(&v->doc_arena);
	eg_arena_done(&v->a);
}

int
cmd_convert(struct cli *c)
{
	struct converting v = { .c = c, .target = c->opt[O_TO], .file = EG_BUF_INIT };
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (!cli_has(c, O_SOURCE) || !cli_has(c, O_TO))
		return cli_usage(c, "say whose file it is and where it goes: --source procore --to cmic");
	if (access(c->argv[0], F_OK) != 0) {
		(void)eg_fail(&err, EG_BADREC, "NOT-FOUND", "There is no file %s", c->argv[0]);
		return cli_fail(c, &err);
	}
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	eg_arena_init(&v.a, MEM);
	eg_arena_init(&v.doc_arena, MEM);
	v.s = &s;
	v.doc.a = &v.doc_arena;
	if (strcmp(v.target, "procore") != 0 && strcmp(v.target, s.erp) != 0)
		code = cli_usage(c, "--to is \"%s\"; this site writes to %s and procore", v.target, s.erp);
	else if (!site_has_source(&s, c->opt[O_SOURCE]))
		code = cli_usage(c, "this site has no source \"%s\"", c->opt[O_SOURCE]);
	else
		code = convert(&v, c->argv[0], &err);
	converting_done(&v);
	site_close(&s);
	return code;
}
