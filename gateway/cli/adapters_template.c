/* SPDX-License-Identifier: MIT
 *
 * adapters from-template: a first adapter from the titles of a file that the accounting system itself gave. Columns that a shipped adapter, a usual name or a field of
 * nearly that name explains get their source; the others get `?`, which the checker names until somebody chooses. The template is read in the confined
 * worker. All that stands around the columns (file, lookups, rows, rules) is that of the shipped adapter of this object, where there is one.
 */
#include "gateway/cli/tools.h"

#include "adapters/tools.h"
#include "base/fs.h"
#include "gateway/worker/worker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEM ((size_t)16 << 20)

struct skeleton {
	struct cli *c;
	struct site *s;
	const char *erp, *object;
	const struct adp *base; /* shipped adapter of this object, or NULL */
	const struct rec_type *type;
	char **title;
	size_t n;
	struct eg_arena arena;
	struct eg_buf out;
	unsigned sure, guessed, open;
};

/* ---- titles ---- */

/* A title as the language can hold it: one line, no quote of its own at its ends. */
static int
on_titles(void *ctx, const char *sheet, const struct eg_bytes *cells, size_t n, struct eg_err *err)
{
	struct skeleton *k = ctx;

	(void)sheet;
	(void)err;
	if (k->n > 0)
		return EG_OK; /* a workbook's first sheet with titles counts */
	for (size_t i = 0; i < n; i++) {
		struct eg_buf b = EG_BUF_INIT;

		eg_buf_escaped(&b, eg_bytes_trim_ws(cells[i]));
		if (b.len > 0) {
			k->title = eg_xrealloc(k->title, (k->n + 1) * sizeof(*k->title));
			k->title[k->n++] = eg_xstrdup(eg_buf_cstr(&b));
		}
		eg_buf_done(&b);
	}
	return EG_OK;
}

static int
read_titles(struct skeleton *k, const char *path, struct eg_err *err)
{
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(AT_FDCWD, path, &fd, &st, err);

	if (rc == EG_OK)
		rc = worker_header(k->s, fd, (uint64_t)st.st_size, on_titles, k, err);
	eg_fd_done(&fd);
	if (rc == EG_OK && k->n == 0)
		rc = eg_fail(err, EG_BADFILE, "F-01",
		    "%s has no row with titles. Export the template with its header row.", path);
	return rc;
}

/* ---- which object ---- */

static bool
same_word(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if ((*a >= 'a' && *a <= 'z' ? *a - 32 : *a) != (*b >= 'a' && *b <= 'z' ? *b - 32 : *b))
			return false;
	return *a == *b;
}

static void
find_base(struct skeleton *k)
{
	const char *rows;

	for (size_t i = 0; i < adp_set_count(k->s->adapters); i++) {
		const struct adp *a = adp_set_at(k->s->adapters, i);
		if (adp_info(a)->out && strcmp(adp_info(a)->system, k->erp) == 0 &&
		    same_word(adp_info(a)->object, k->object))
			k->base = a;
	}
	if (k->base != NULL)
		(void)adp_rows_at(k->base, 0, &rows, &k->type);
	for (unsigned i = 0; k->type == NULL && i < REC_NTYPES; i++)
		if (same_word(rec_type((enum rec_id)i)->name, k->object))
			k->type = rec_type((enum rec_id)i);
}

static int
no_object(struct skeleton *k)
{
	struct eg_buf all = EG_BUF_INIT;
	int code;

	for (size_t i = 0; i < adp_set_count(k->s->adapters); i++) {
		const struct adp_info *a = adp_info(adp_set_at(k->s->adapters, i));
		if (a->out && strcmp(a->system, k->erp) == 0)
			eg_buf_printf(&all, "%s%s", all.len > 0 ? ", " : "", a->object);
	}
	code = cli_usage(k->c,
	    "\"%s\" is no object of %s and no record type. Objects: %s. Record types: erpgate help types", k->object,
	    k->erp, eg_buf_cstr(&all));
	eg_buf_done(&all);
	return code;
}

/* ---- writing ---- */

/* A title that the entry form would read otherwise stands in quotes. */
static void
put_title(struct eg_buf *b, const char *title, size_t width)
{
	bool quote = strpbrk(title, "=\"#[") != NULL;
	size_t from = b->len;

	if (quote)
		eg_buf_chr(b, '"');
	for (const char *p = title; *p != '\0'; p++) {
		if (quote && (*p == '"' || *p == '\\'))
			eg_buf_chr(b, '\\');
		eg_buf_chr(b, (unsigned char)*p);
	}
	if (quote)
		eg_buf_chr(b, '"');
	while (b->len - from < width)
		eg_buf_chr(b, ' ');
}

static void
put_columns(struct skeleton *k, size_t rowset, const struct rec_type *t)
{
	const char *sys = k->erp;
	size_t width = 8;

	for (size_t i = 0; i < k->n; i++)
		if (strlen(k->title[i]) > width && strlen(k->title[i]) < 40)
			width = strlen(k->title[i]);
	for (size_t i = 0; i < k->n; i++) {
		struct adp_guess g =
		    adp_guess_column(k->s->adapters, k->base, rowset, sys, t, eg_bytes_str(k->title[i]), &k->arena);

		put_title(&k->out, k->title[i], width);
		if (g.entry == NULL)
			eg_buf_printf(&k->out, " = ?  # choose: erpgate help record %s\n", t->name);
		else if (g.sure)
			eg_buf_printf(&k->out, " = %s\n", g.entry);
		else
			eg_buf_printf(
			    &k->out, " = %s  # guessed%s%s\n", g.entry, *g.from != '\0' ? " from " : "", g.from);
		k->open += g.entry == NULL;
		k->sure += g.entry != NULL && g.sure;
		k->guessed += g.entry != NULL && !g.sure;
	}
}

static void
put_head(struct skeleton *k, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct eg_buf name = EG_BUF_INIT;

	eg_buf_escaped(&name, eg_bytes_str(slash == NULL ? path : slash + 1));
	eg_buf_printf(
	    &k->out, "# Columns and their order follow %s, exported from our own system.\n", eg_buf_cstr(&name));
	if (k->base != NULL)
		eg_buf_printf(&k->out,
		    "# It has the name of the shipped adapter, version %u, and takes its place in adapters/ of a site.\n",
		    adp_info(k->base)->version);
	eg_buf_str(&k->out, "# Check it: erpgate adapters lint FILE\n\n");
	eg_buf_done(&name);
}

/* Without a shipped adapter: the least that an adapter needs. */
static void
put_new(struct skeleton *k)
{
	struct eg_buf name = EG_BUF_INIT;

	for (const char *p = k->object; *p != '\0'; p++)
		eg_buf_chr(&name, *p >= 'A' && *p <= 'Z' ? (unsigned char)(*p + 32) : (unsigned char)*p);
	eg_buf_printf(&k->out,
	    "[adapter]\nname      = %s.%s.out\ntitle     = %s for %s\nversion   = 1\ndirection = out\ntarget    = %s\n",
	    k->erp, eg_buf_cstr(&name), k->type->title, k->erp, k->erp);
	eg_buf_str(&k->out, "object    = ");
	for (const char *p = k->object; *p != '\0'; p++)
		eg_buf_chr(&k->out, *p >= 'a' && *p <= 'z' ? (unsigned char)(*p - 32) : (unsigned char)*p);
	eg_buf_printf(&k->out,
	    "\nrank      = 50\n\n[file]\ntype      = csv\nheader    = yes\ndelimiter = ,\nquote     = when-needed\nencoding  = utf-8\n"
	    "breaks    = blank\nline_end  = crlf\ndate      = YYYY-MM-DD\nbool      = Y N\n\n[rows]\nrecord = %s\neach   = %s\n\n[columns]\n",
	    k->type->name, k->type->nline > 0 ? "line" : "record");
	put_columns(k, 0, k->type);
	eg_buf_done(&name);
}

/* The section a line opens: its words; empty when it opens none. */
static struct eg_bytes
section_of(struct eg_bytes line)
{
	struct eg_bytes v = eg_bytes_trim_ws(line);

	if (v.len < 2 || v.ptr[0] != '[')
		return EG_NONE;
	return eg_bytes_trim(eg_bytes_sub(v, 1, eg_bytes_chr(v, ']') - 1));
}

/* The shipped text with other columns. */
static void
put_like(struct skeleton *k)
{
	struct eg_bytes rest = adp_info(k->base)->text, line;
	bool columns = false, head = true;

	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &line)) {
		struct eg_bytes sect = section_of(line);

		if (sect.len > 0) {
			head = false;
			columns = eg_bytes_starts(sect, EG_LIT("columns"));
			eg_buf_add(&k->out, line);
			eg_buf_chr(&k->out, '\n');
			struct eg_bytes name = eg_bytes_trim(eg_bytes_sub(sect, sizeof("columns") - 1, sect.len));
			const struct rec_type *t = k->type;
			const char *rows = "";
			size_t i = 0;

			while (columns && adp_rows_at(k->base, i, &rows, &t) && !eg_bytes_is(name, rows))
				i++;
			if (columns) {
				put_columns(k, i, t);
				eg_buf_chr(&k->out, '\n');
			}
		} else if (!head && !columns) { /* the shipped file's own comment does not speak of this one */
			eg_buf_add(&k->out, line);
			eg_buf_chr(&k->out, '\n');
		}
	}
}

static int
make(struct skeleton *k, struct eg_err *err)
{
	int rc = read_titles(k, k->c->argv[1], err);

	if (rc < 0)
		return rc;
	put_head(k, k->c->argv[1]);
	if (k->base != NULL)
		put_like(k);
	else
		put_new(k);
	rc = tools_save(k->c->opt[O_OUTPUT], eg_buf_view(&k->out), err);
	if (rc == EG_OK && !cli_has(k->c, O_QUIET))
		(void)fprintf(stderr,
		    "%zu columns: %u as in %s, %u guessed (look at each), %u open. See what is left: erpgate adapters lint %s\n",
		    k->n, k->sure, k->base != NULL ? adp_info(k->base)->name : "no shipped adapter", k->guessed,
		    k->open, k->c->opt[O_OUTPUT] != NULL ? k->c->opt[O_OUTPUT] : "FILE");
	return rc;
}

int
adapters_from_template(struct cli *c)
{
	struct skeleton k = { .c = c, .erp = c->opt[O_ERP], .object = c->opt[O_OBJECT], .out = EG_BUF_INIT };
	struct eg_err err = { 0 };
	struct site s;
	bool found;
	int code = CLI_OK;

	if (k.erp == NULL || k.object == NULL)
		return cli_usage(c, "say for which system and what: --erp cmic --object COMMITMENT");
	if (access(c->argv[1], F_OK) != 0) {
		(void)eg_fail(&err, EG_BADREC, "NOT-FOUND", "There is no file %s", c->argv[1]);
		return cli_fail(c, &err);
	}
	eg_arena_init(&k.arena, MEM);
	k.s = &s;
	if (tools_open(c, NULL, NULL, NULL, &s, &found, &err) < 0)
		code = cli_fail(c, &err);
	else {
		find_base(&k);
		if (k.type == NULL)
			code = no_object(&k);
		else if (make(&k, &err) < 0)
			code = cli_fail(c, &err);
	}
	for (size_t i = 0; i < k.n; i++)
		free(k.title[i]);
	free(k.title);
	eg_buf_done(&k.out);
	eg_arena_done(&k.arena);
	site_close(&s);
	return code;
}
