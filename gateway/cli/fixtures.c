/* SPDX-License-Identifier: MIT
 *
 * Plays fixtures: each case with its own settings and tables, what came of it compared with the expected files or, for one case at a time, written as them.
 */
#include "gateway/cli/fixtures.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/diff.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPECTED "expected"
#define FILE_MAX ((size_t)64 << 20)
#define SHOWN_LINES 12 /* lines of a difference that are shown */

struct playing {
	struct cli *c;
	struct site *s;
	const struct adp *a;
	const char *accept;
	struct fixture_counts *counts;
	int dir; /* fixtures/<name> */
};

struct fixture_file *
fixture_file(struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->nfiles; i++)
		if (strcmp(f->file[i].name, name) == 0)
			return &f->file[i];
	f->file = eg_xrealloc(f->file, (f->nfiles + 1) * sizeof(*f->file));
	f->file[f->nfiles] = (struct fixture_file){ .name = eg_xstrdup(name), .bytes = EG_BUF_INIT };
	return &f->file[f->nfiles++];
}

static void
files_done(struct fixture *f)
{
	for (size_t i = 0; i < f->nfiles; i++) {
		free(f->file[i].name);
		free(f->file[i].rowset);
		eg_buf_done(&f->file[i].bytes);
	}
	free(f->file);
	f->file = NULL;
	f->nfiles = 0;
}

/* ---- one case ---- */

static void
tell(struct playing *p, const struct fixture *f, bool good, const char *note, const char *detail)
{
	char *label = eg_xprintf("%s/%s", adp_info(p->a)->name, f->name);

	p->counts->cases++;
	p->counts->failed += !good;
	if (cli_has(p->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:b,s:s,s:s}", "type", "fixture", "adapter", adp_info(p->a)->name,
		    "case", f->name, "good", good, "detail", detail, "note", note));
	else if (!good || !cli_has(p->c, O_QUIET))
		(void)printf("%-48s %-5s %s\n%s", label, good ? "ok" : "FAIL", note, detail);
	free(label);
}

/* The first lines of a difference, indented. */
static void
put_diff(struct eg_bytes expected, struct eg_bytes got, struct eg_buf *ret)
{
	struct eg_buf diff = EG_BUF_INIT;
	struct eg_bytes rest, line;
	size_t n = 0, changed = cli_diff(expected, got, &diff);

	rest = eg_buf_view(&diff);
	while (n < SHOWN_LINES && rest.len > 0 && eg_bytes_cut(&rest, '\n', &line) && line.len > 0) {
		eg_buf_str(ret, "    ");
		eg_buf_escaped(ret, line);
		eg_buf_chr(ret, '\n');
		n++;
	}
	if (changed > n)
		eg_buf_printf(ret, "    … and %zu more lines\n", changed - n);
	eg_buf_done(&diff);
}

static int
read_expected(const struct fixture *f, const char *name, struct eg_buf *ret, struct eg_err *err)
{
	return eg_fs_exists(f->dir, name) ? eg_fs_read_file(f->dir, name, FILE_MAX, ret, err) : EG_OK;
}

/* Compares one file; adds what differs to detail. */
static int
compare_file(
    const struct fixture *f, const struct fixture_file *got, struct eg_buf *detail, bool *ret_same, struct eg_err *err)
{
	struct eg_buf expected = { .max = FILE_MAX };
	int rc = read_expected(f, got->name, &expected, err);

	if (rc == EG_OK && !eg_bytes_eq(eg_buf_view(&expected), eg_buf_view(&got->bytes))) {
		*ret_same = false;
		if (eg_bytes_ends(eg_bytes_str(got->name), EG_LIT(".xlsx")))
			eg_buf_printf(detail, "    %s: the workbooks differ\n", got->name);
		else if (!fixture_cells(f, got, eg_buf_view(&expected), detail))
			put_diff(eg_buf_view(&expected), eg_buf_view(&got->bytes), detail);
	}
	eg_buf_done(&expected);
	return rc;
}

struct stale { /* expected files that nothing came for */
	struct fixture *f;
	struct eg_buf *detail;
	bool remove, *same;
};

static int
each_name(void *ctx, const char *name, struct eg_err *err)
{
	struct stale *s = ctx;

	if (!eg_bytes_starts(eg_bytes_str(name), EG_LIT(EXPECTED ".")) &&
	    !eg_bytes_starts(eg_bytes_str(name), EG_LIT(EXPECTED "_")))
		return EG_OK;
	for (size_t i = 0; i < s->f->nfiles; i++)
		if (strcmp(s->f->file[i].name, name) == 0)
			return EG_OK;
	*s->same = false;
	eg_buf_printf(s->detail, "    %s: no such file came of it%s\n", name, s->remove ? "; removed" : "");
	return s->remove ? eg_fs_unlink(s->f->dir, name, err) : EG_OK;
}

static void
put_note(const struct fixture *f, char *ret, size_t cap)
{
	size_t lines = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < f->nfiles; i++)
		if (strcmp(f->file[i].name, EXPECTED ".findings") == 0)
			for (size_t k = 0; k < f->file[i].bytes.len; k++)
				lines += f->file[i].bytes.ptr[k] == '\n';
	if (lines > 0)
		(void)snprintf(ret, cap, "%zu finding%s as expected", lines, lines == 1 ? "" : "s");
}

static int
compare(struct playing *p, struct fixture *f, struct eg_err *err)
{
	struct eg_buf detail = EG_BUF_INIT;
	char note[64];
	bool same = true;
	struct stale stale = { f, &detail, false, &same };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < f->nfiles; i++) {
		bool there = eg_fs_exists(f->dir, f->file[i].name);

		rc = compare_file(f, &f->file[i], &detail, &same, err);
		same = same && there;
		if (!there)
			eg_buf_printf(&detail,
			    "    %s is not there yet. If this is right: erpgate adapters test %s --accept %s\n",
			    f->file[i].name, adp_info(f->a)->name, f->name);
	}
	if (rc == EG_OK)
		rc = eg_fs_list(f->dir, each_name, &stale, err);
	put_note(f, note, sizeof(note));
	if (rc == EG_OK)
		tell(p, f, same, same ? note : "", eg_buf_cstr(&detail));
	eg_buf_done(&detail);
	return rc;
}

static int
accept(struct playing *p, struct fixture *f, struct eg_err *err)
{
	struct eg_buf detail = EG_BUF_INIT;
	bool same = true;
	struct stale stale = { f, &detail, true, &same };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < f->nfiles; i++) {
		bool equal = true;

		rc = compare_file(f, &f->file[i], &detail, &equal, err);
		equal = equal && eg_fs_exists(f->dir, f->file[i].name);
		if (rc == EG_OK && !equal) {
			same = false;
			rc = eg_fs_write_file(f->dir, f->file[i].name, eg_buf_view(&f->file[i].bytes), 0644, true, err);
			eg_buf_printf(&detail, "    %s is written anew\n", f->file[i].name);
		}
	}
	if (rc == EG_OK)
		rc = eg_fs_list(f->dir, each_name, &stale, err);
	p->counts->accepted++;
	if (rc == EG_OK)
		tell(p, f, true, same ? "nothing to change" : "expected files changed; read them before you keep them",
		    eg_buf_cstr(&detail));
	eg_buf_done(&detail);
	return rc;
}

static int
find_input(void *ctx, const char *name, struct eg_err *err)
{
	char **input = ctx;

	(void)err;
	if (name[0] != '.' && !eg_bytes_starts(eg_bytes_str(name), EG_LIT(EXPECTED)) && strcmp(name, "conf") != 0 &&
	    strcmp(name, "tables") != 0 && *input == NULL)
		*input = eg_xstrdup(name);
	return EG_OK;
}

/* The case's own settings and tables, where it has such. */
static int
case_site(struct fixture *f, struct site *s, struct site *own, struct eg_err *err)
{
	struct eg_buf conf = { .max = EG_LIMIT_CONF_BYTES + 1 };
	int rc = EG_OK;

	f->s = s;
	if (!eg_fs_exists(f->dir, "conf") && !eg_fs_exists(f->dir, "tables"))
		return EG_OK;
	if (eg_fs_exists(f->dir, "conf"))
		rc = eg_fs_read_file(f->dir, "conf", EG_LIMIT_CONF_BYTES, &conf, err);
	if (rc == EG_OK) {
		struct tools_case k = { .conf = eg_buf_view(&conf), .dir = f->dir, .must = adp_info(f->a)->name };
		f->s = own;
		rc = tools_case(s, &k, own, err);
	}
	if (rc == EG_OK)
		f->a = adp_set_named(own->adapters, adp_info(f->a)->name);
	eg_buf_done(&conf);
	return rc;
}

/* Opens the case, plays it, leaves what came in f->file; closed with case_done. */
static int
play(struct fixture *f, struct site *s, int dir, struct site *own, struct eg_err *err)
{
	char *input = NULL;
	int rc = eg_fs_opendir(dir, f->name, &f->dir, err);

	if (rc == EG_OK)
		rc = case_site(f, s, own, err);
	if (rc == EG_OK)
		rc = eg_fs_list(f->dir, find_input, &input, err);
	f->input = input;
	if (rc == EG_OK && (input == NULL || (adp_info(f->a)->out && strcmp(input, FIXTURE_INPUT) != 0)))
		f->trouble = adp_info(f->a)->out ? "there is no " FIXTURE_INPUT : "there is no input file";
	else if (rc == EG_OK)
		rc = adp_info(f->a)->out ? fixture_write(f, err) : fixture_read(f, err);
	f->input = NULL;
	free(input);
	return rc;
}

static void
case_done(struct fixture *f, struct site *own)
{
	files_done(f);
	eg_fd_done(&f->dir);
	if (f->s == own)
		tools_case_done(own);
}

static int
play_case(void *ctx, const char *name, struct eg_err *err)
{
	struct playing *p = ctx;
	struct fixture f = { .c = p->c, .a = p->a, .name = name, .dir = -1 };
	struct site own;
	int rc;

	if (name[0] == '.' || (p->accept != NULL && strcmp(p->accept, name) != 0))
		return EG_OK;
	rc = play(&f, p->s, p->dir, &own, err);
	if (rc == EG_BADFILE || rc == EG_BADREC) { /* the case's own files are at fault */
		char *why = eg_xprintf("    %s\n", err->msg);
		tell(p, &f, false, "", why);
		free(why);
		rc = EG_OK;
	} else if (rc == EG_OK && f.trouble != NULL)
		tell(p, &f, false, f.trouble, "");
	else if (rc == EG_OK)
		rc = p->accept != NULL ? accept(p, &f, err) : compare(p, &f, err);
	case_done(&f, &own);
	return rc;
}

int
fixtures_play(struct cli *c, struct site *s, const struct adp *a, const char *accept_case, struct fixture_counts *ret,
    struct eg_err *err)
{
	struct playing p = { .c = c, .s = s, .a = a, .accept = accept_case, .counts = ret, .dir = -1 };
	int rc = tools_fixtures(s, adp_info(a), &p.dir, err);

	if (rc != EG_OK)
		return rc == EG_EOF ? EG_OK : rc;
	ret->adapters++;
	rc = eg_fs_list(p.dir, play_case, &p, err);
	eg_fd_done(&p.dir);
	return rc;
}

int
fixture_rows(struct cli *c, struct site *s, const struct adp *a, const char *name,
    int (*each)(void *ctx, size_t rowset, const struct eg_bytes *cells, size_t n, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct fixture f = { .c = c, .a = a, .name = name, .dir = -1, .each = each, .each_ctx = ctx };
	struct site own;
	int dir = -1, rc = tools_fixtures(s, adp_info(a), &dir, err);

	if (rc == EG_OK && eg_fs_exists(dir, name)) {
		rc = play(&f, s, dir, &own, err);
		case_done(&f, &own);
	} else if (rc == EG_OK)
		rc = EG_EOF;
	eg_fd_done(&dir);
	return rc;
}
