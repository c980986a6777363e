/* SPDX-License-Identifier: MIT
 *
 * Plays fixtures: the input goes through the confined worker like any drop, so that what is tested is what runs.
 */
#include "gateway/cli/fixtures.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/diff.h"
#include "gateway/cli/document.h"
#include "gateway/worker/worker.h"

#include <fcntl.h>
#include <unistd.h>

#define EXPECTED "expected.txt"

struct playing {
	struct cli *c;
	struct site *s;
	const struct adp_info *a;
	bool accept;
	struct fixture_counts *counts;
	int dir; /* fixtures/<name> */
	/* the case at hand */
	const char *name;
	int case_dir;
	char *input;
	struct eg_arena arena;
	struct document doc;
	struct eg_buf records;
	struct told { /* in order of line, code, item: readers may tell them as they see them */
		uint64_t line;
		char *text;
	} * told;
	size_t ntold;
	bool taken_by_other;
};

/* ---- what comes of the input ---- */

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	(void)ctx;
	(void)member;
	(void)err;
	return EG_OK;
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct playing *p = ctx;

	(void)item;
	eg_arena_reset(&p->arena);
	return document_begin(&p->doc, head, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	return document_line(&((struct playing *)ctx)->doc, line, err);
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	static const char *const words[] = {
		[ADP_TAKEN] = "taken", [ADP_REFUSED] = "refused", [ADP_ARCHIVED] = "archived"
	};
	struct playing *p = ctx;
	struct rec r;
	int rc;

	(void)off;
	(void)len;
	if (v == ADP_REJECTED || v == ADP_SKIPPED)
		return EG_OK;
	rc = document_end(&p->doc, &r, err);
	if (rc == EG_OK) {
		eg_buf_printf(&p->records, "%s# %s\n", p->records.len > 0 ? "\n" : "", words[v]);
		rec_canonical(&r, &p->records);
	}
	return rc;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct playing *p = ctx;

	struct eg_buf item = EG_BUF_INIT;

	(void)err;
	eg_buf_escaped(&item, f->item);
	p->told = eg_xrealloc(p->told, (p->ntold + 1) * sizeof(*p->told));
	p->told[p->ntold].line = f->whole_file ? 1 : f->line;
	p->told[p->ntold++].text = eg_xprintf("%s%s%s", f->code, item.len > 0 ? " " : "", eg_buf_cstr(&item));
	eg_buf_done(&item);
	return EG_OK;
}

static int
by_place(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->text, y->text);
}

static void
put_findings(struct playing *p)
{
	if (p->ntold == 0)
		return;
	qsort(p->told, p->ntold, sizeof(*p->told), by_place);
	eg_buf_printf(&p->records, "%s# findings\n", p->records.len > 0 ? "\n" : "");
	for (size_t i = 0; i < p->ntold; i++)
		eg_buf_printf(&p->records, "%llu %s\n", (unsigned long long)p->told[i].line, p->told[i].text);
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct playing *p = ctx;

	(void)err;
	p->taken_by_other = f->adapter != NULL && strcmp(adp_info(f->adapter)->name, p->a->name) != 0;
	if (f->refused)
		eg_buf_clear(&p->records);
	return EG_OK;
}

static int
read_input(struct playing *p, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_finding, p };
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(p->case_dir, p->input, &fd, &st, err);

	if (rc == EG_OK)
		rc = worker_read(p->s, fd, (uint64_t)st.st_size, p->a->system, p->input, &sink, err);
	eg_fd_done(&fd);
	if (rc == EG_OK)
		put_findings(p);
	return rc;
}

/* ---- one case ---- */

static int
find_input(void *ctx, const char *name, struct eg_err *err)
{
	struct playing *p = ctx;

	(void)err;
	if (name[0] != '.' && strcmp(name, EXPECTED) != 0 && p->input == NULL)
		p->input = eg_xstrdup(name);
	return EG_OK;
}

static void
tell(struct playing *p, bool good, const char *detail)
{
	p->counts->cases++;
	p->counts->failed += !good;
	if (cli_has(p->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:b,s:s}", "type", "fixture", "adapter", p->a->name, "case", p->name,
		    "good", good, "detail", detail));
	else
		(void)printf("%-30s %-30s %s\n%s", p->a->name, p->name, good ? "ok" : "FAIL", detail);
}

static int
compare(struct playing *p, struct eg_err *err)
{
	struct eg_buf expected = { .max = EG_LIMIT_DOC_BYTES }, diff = EG_BUF_INIT;
	int rc = EG_OK;

	if (eg_fs_exists(p->case_dir, EXPECTED))
		rc = eg_fs_read_file(p->case_dir, EXPECTED, EG_LIMIT_DOC_BYTES, &expected, err);
	if (rc == EG_OK && p->taken_by_other)
		tell(p, false, "    another adapter takes this file\n");
	else if (rc == EG_OK) {
		size_t changed = cli_diff(eg_buf_view(&expected), eg_buf_view(&p->records), &diff);
		tell(p, changed == 0, eg_buf_cstr(&diff));
	}
	eg_buf_done(&expected);
	eg_buf_done(&diff);
	return rc;
}

static int
accept(struct playing *p, struct eg_err *err)
{
	int rc = eg_fs_write_file(p->case_dir, EXPECTED, eg_buf_view(&p->records), 0644, true, err);

	if (rc == EG_OK)
		tell(p, true, "");
	return rc;
}

static int
play_case(void *ctx, const char *name, struct eg_err *err)
{
	struct playing *p = ctx;
	int rc;

	if (name[0] == '.')
		return EG_OK;
	p->name = name;
	p->taken_by_other = false;
	rc = eg_fs_opendir(p->dir, name, &p->case_dir, err);
	if (rc == EG_OK)
		rc = eg_fs_list(p->case_dir, find_input, p, err);
	if (rc == EG_OK && p->input == NULL)
		tell(p, false, "    there is no input file\n");
	else if (rc == EG_OK) {
		rc = read_input(p, err);
		if (rc == EG_OK)
			rc = p->accept && !p->taken_by_other ? accept(p, err) : compare(p, err);
	}
	eg_buf_clear(&p->records);
	while (p->ntold > 0)
		free(p->told[--p->ntold].text);
	free(p->input);
	p->input = NULL;
	eg_fd_done(&p->case_dir);
	return rc;
}

int
fixtures_play(struct cli *c, struct site *s, const struct adp_info *a, bool accept_all, struct fixture_counts *ret,
    struct eg_err *err)
{
	const char *slash = strrchr(a->file, '/');
	struct playing p = { .c = c,
		.s = s,
		.a = a,
		.accept = accept_all,
		.counts = ret,
		.dir = -1,
		.case_dir = -1,
		.records = EG_BUF_INIT };
	char *path = slash == NULL ? eg_xprintf("fixtures/%s", a->name) :
	                             eg_xprintf("%.*s/fixtures/%s", (int)(slash - a->file), a->file, a->name);
	int base =
	    path[0] == '/' || s->dir < 0 ? AT_FDCWD : s->dir; /* a site's own adapters are named from the site on */
	int rc = EG_OK;

	if (!a->out && eg_fs_exists(base, path)) {
		ret->adapters++;
		eg_arena_init(&p.arena, (size_t)256 << 20);
		p.doc.a = &p.arena;
		rc = eg_fs_opendir(base, path, &p.dir, err);
		if (rc == EG_OK)
			rc = eg_fs_list(p.dir, play_case, &p, err);
		eg_fd_done(&p.dir);
		document_done(&p.doc);
		eg_arena_done(&p.arena);
	}
	eg_buf_done(&p.records);
	free(p.told);
	free(path);
	return rc;
}
