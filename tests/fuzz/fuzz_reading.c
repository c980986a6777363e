/* SPDX-License-Identifier: MIT
 *
 * Reading by adapters under the eyes of a fuzzer. See fuzz_read.h.
 */
#include "tests/fuzz/fuzz_read.h"

#include "base/fs.h"
#include "base/utf8.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "gateway/conf.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX ((size_t)32 << 20)
#define FILES_MAX 200

struct listener {
	struct eg_bytes text;
	uint64_t lines;
	struct eg_buf said;
	struct eg_arena arena;
	bool in_doc;
	uint64_t documents;
};

void
fuzz_read_init(void)
{
	struct eg_err err;

	fmt_xml_init();
	fuzz_need(fmt_text_preload(&err) == EG_OK, "converters open");
}

/* ---- what is said ---- */

static int
on_file(void *ctx, const struct adp *a, struct eg_err *err)
{
	struct listener *l = ctx;

	(void)err;
	fuzz_need(l->documents == 0 && !l->in_doc, "an adapter is told first");
	eg_buf_printf(&l->said, "file %s\n", adp_info(a)->name);
	return EG_OK;
}

static void
say_record(struct listener *l, const struct rec *r)
{
	static struct rec_val blank[128];
	struct eg_buf packed = EG_BUF_INIT;
	struct rec whole = *r, again;
	struct eg_err err;

	fuzz_need(r->type->nhead <= sizeof(blank) / sizeof(blank[0]), "a header fits");
	if (whole.head == NULL)
		whole.head = blank;
	rec_pack(&whole, &packed);
	eg_arena_reset(&l->arena);
	fuzz_need(rec_unpack(eg_buf_view(&packed), &l->arena, &again, &err) == EG_OK, "the core takes what is read");
	eg_buf_add(&l->said, eg_buf_view(&packed));
	eg_buf_chr(&l->said, '\n');
	eg_buf_done(&packed);
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct listener *l = ctx;

	(void)err;
	fuzz_need(!l->in_doc, "documents do not overlap");
	fuzz_need(eg_utf8_valid(item) == item.len, "an item id is UTF-8");
	l->in_doc = true;
	l->documents++;
	eg_buf_printf(&l->said, "begin %.*s ", EG_FMT(item));
	say_record(l, head);
	return EG_OK;
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	struct listener *l = ctx;

	(void)err;
	fuzz_need(l->in_doc && line->nlines == 1, "a line stands in a document");
	say_record(l, line);
	return EG_OK;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct listener *l = ctx;

	(void)err;
	fuzz_need(l->in_doc && v <= ADP_ARCHIVED, "a document ends once");
	fuzz_need(off <= l->text.len && len <= l->text.len - off, "a document lies within the file");
	l->in_doc = false;
	eg_buf_printf(&l->said, "end %d %ju+%ju\n", (int)v, (uintmax_t)off, (uintmax_t)len);
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct listener *l = ctx;

	(void)err;
	fuzz_code(f->code);
	fuzz_sentence(f->msg);
	fuzz_need(strchr("RHWN", f->severity) != NULL, "a finding has a severity");
	fuzz_need(eg_utf8_valid(eg_bytes_str(f->field)) == strlen(f->field), "a field's name is UTF-8");
	fuzz_need(f->value.len <= 200, "a value is cut at 200 bytes");
	fuzz_need(f->pos.off <= l->text.len, "a finding's place lies within the file");
	fuzz_need(f->line >= 1 && f->line <= l->lines, "a finding stands in a line of the file");
	fuzz_need(f->pos.line <= l->lines, "a finding's place is in a line of the file");
	eg_buf_printf(&l->said, "%s %c %d %ju %ju:%ju:%u [%s] %.*s %.*s %s\n", f->code, f->severity, f->whole_file,
	    (uintmax_t)f->line, (uintmax_t)f->pos.off, (uintmax_t)f->pos.line, f->pos.col, f->field, EG_FMT(f->value),
	    EG_FMT(f->item), f->msg);
	return EG_OK;
}

static void
read_once(const struct adp_set *s, const struct adp_file *f, size_t step, struct listener *l)
{
	const struct adp_sink sink = {
		.file = on_file, .begin = on_begin, .line = on_line, .end = on_end, .finding = on_finding, .ctx = l
	};
	struct adp_file_result result = { 0 };
	struct fmt_src_mem m;
	struct eg_err err = { 0 };
	const int rc = adp_read(s, f, fmt_src_mem(&m, l->text, step), &sink, &result, &err);

	fuzz_need(rc == EG_OK, "a bad file is told by findings, not by a failure");
	fuzz_need(result.refused || !l->in_doc, "a document that begins ends, or the file is refused");
	fuzz_need(l->arena.high <= ARENA_MAX, "the limit of the arena holds");
	eg_buf_printf(&l->said, "%d %ju %ju %ju\n", result.refused, (uintmax_t)result.rows, (uintmax_t)result.records,
	    (uintmax_t)result.rejected);
}

void
fuzz_read_steps(const struct adp_set *s, const char *source, struct eg_bytes name, struct eg_bytes text)
{
	static const size_t steps[] = { 0, 1, 7 };
	const struct adp_file f = { source, name };
	struct eg_buf first = EG_BUF_INIT;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct listener l = { .text = text, .lines = 1, .said = EG_BUF_INIT };
		for (size_t k = 0; k < text.len; k++)
			l.lines += text.ptr[k] == '\n';
		eg_arena_init(&l.arena, ARENA_MAX);
		read_once(s, &f, steps[i], &l);
		fuzz_need(i == 0 || eg_bytes_eq(eg_buf_view(&first), eg_buf_view(&l.said)),
		    "the same records and findings for any parting of the source");
		eg_arena_done(&l.arena);
		if (i == 0)
			first = l.said;
		else
			eg_buf_done(&l.said);
	}
	eg_buf_done(&first);
}

/* ---- the adapters of the tree ---- */

static struct conf conf;
static struct adp_set *shipped;
static char *files[FILES_MAX];
static size_t nfiles;

static const char *
get_setting(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

static int
take_file(void *ctx, const char *name, struct eg_err *err)
{
	struct eg_bytes v = eg_bytes_str(name);

	(void)err;
	if (eg_bytes_ends(v, EG_LIT(".adapter")) || eg_bytes_ends(v, EG_LIT(".csv"))) {
		fuzz_need(nfiles < FILES_MAX, "there is room for all adapters");
		files[nfiles++] = eg_xprintf("%s/%s", (const char *)ctx, name);
	}
	return EG_OK;
}

static void
load_file(const char *path)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err err = { 0 };
	int rc = eg_fs_read_file(AT_FDCWD, path, (size_t)1 << 20, &text, &err);

	if (rc == EG_OK && eg_bytes_ends(eg_bytes_str(path), EG_LIT(".csv")))
		rc = adp_set_table(shipped, strrchr(path, '/') + 1, eg_buf_view(&text), &err);
	else if (rc == EG_OK)
		rc = adp_set_add(shipped, path, eg_buf_view(&text), NULL, NULL, &err);
	if (rc < 0)
		fuzz_broken(path, 1, err.msg);
	eg_buf_done(&text);
}

const struct adp_set *
fuzz_shipped(void)
{
	static const char *const folders[] = { "adapters/tables", "adapters/procore", "adapters/cmic",
		"adapters/acumatica", "adapters/mri", "adapters/ubl", "adapters/approvals" };
	struct eg_err err = { 0 };

	fuzz_need(conf_parse(EG_LIT("erp = cmic\n"), "erpgate.conf", &conf, &err) == EG_OK, "settings can be read");
	shipped = adp_set_new((struct adp_config){ get_setting, &conf }, "cmic");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int dir = -1;
		if (eg_fs_opendir(AT_FDCWD, folders[i], &dir, &err) != EG_OK ||
		    eg_fs_list(dir, take_file, (void *)(uintptr_t)folders[i], &err) != EG_OK)
			fuzz_broken(folders[i], 1, "run from the root of the tree");
		eg_fd_done(&dir);
		for (size_t k = 0; k < nfiles; k++) {
			load_file(files[k]);
			free(files[k]);
		}
		nfiles = 0;
	}
	fuzz_need(adp_set_seal(shipped, NULL, NULL, &err) == EG_OK, "the shipped adapters agree");
	return shipped;
}
