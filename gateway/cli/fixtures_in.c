/* SPDX-License-Identifier: MIT
 *
 * Fixtures of adapters in: the input goes through the confined worker like any drop, so that what is tested is what runs.
 */
#include "gateway/cli/fixtures.h"

#include "base/fs.h"
#include "gateway/cli/document.h"
#include "gateway/worker/worker.h"

struct reading {
	const struct fixture *f;
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
	struct reading *p = ctx;

	(void)item;
	eg_arena_reset(&p->arena);
	return document_begin(&p->doc, head, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	return document_line(&((struct reading *)ctx)->doc, line, err);
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	static const char *const words[] = {
		[ADP_TAKEN] = "taken", [ADP_REFUSED] = "refused", [ADP_ARCHIVED] = "archived"
	};
	struct reading *p = ctx;
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
	struct reading *p = ctx;

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
put_findings(struct reading *p)
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
	struct reading *p = ctx;

	(void)err;
	p->taken_by_other = f->adapter != NULL && f->adapter != p->f->a;
	if (f->refused)
		eg_buf_clear(&p->records);
	return EG_OK;
}

int
fixture_read(struct fixture *f, struct eg_err *err)
{
	struct reading p = { .f = f, .records = EG_BUF_INIT };
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_finding, &p };
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(f->dir, f->input, &fd, &st, err);

	eg_arena_init(&p.arena, (size_t)256 << 20);
	p.doc.a = &p.arena;
	if (rc == EG_OK)
		rc = worker_read(f->s, fd, (uint64_t)st.st_size, adp_info(f->a)->system, f->input, &sink, err);
	eg_fd_done(&fd);
	if (rc == EG_OK) {
		put_findings(&p);
		eg_buf_add(&fixture_file(f, "expected.txt")->bytes, eg_buf_view(&p.records));
		f->trouble = p.taken_by_other ? "another adapter takes this file" : NULL;
	}
	while (p.ntold > 0)
		free(p.told[--p.ntold].text);
	free(p.told);
	eg_buf_done(&p.records);
	document_done(&p.doc);
	eg_arena_done(&p.arena);
	return rc;
}
