/* SPDX-License-Identifier: MIT
 *
 * check: reads a file the way a run would and says what it finds; nothing is taken in and nothing is kept, so that the length of the file does not matter.
 * Rules that need other records are looked at by a run, not here.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/report/why.h"
#include "gateway/worker/worker.h"
#include "gateway/workflow/field_rules.h"

#include <fcntl.h>
#include <unistd.h>

#define SHOWN_MAX 200U /* findings printed; the rest are counted */

struct checking {
	struct cli *c;
	struct site *s;
	const char *source, *name;
	char *item; /* of the open record */
	/* what the site's own rules say about it: code NUL field NUL line NUL message NUL …; told when the record is taken */
	struct eg_buf said;
	struct eg_buf file; /* name, "!member" behind it for zips */
	struct eg_buf text; /* findings of the file at hand: its headline comes first and is known last */
	unsigned long long counts[4]; /* R H W N */
	unsigned shown;
	unsigned long long records;
};

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	struct checking *k = ctx;

	(void)err;
	eg_buf_clear(&k->file);
	eg_buf_escaped(&k->file, eg_bytes_str(k->name));
	if (*member != '\0') {
		eg_buf_chr(&k->file, '!');
		eg_buf_escaped(&k->file, eg_bytes_str(member));
	}
	return EG_OK;
}

/* ---- the site's own rules ---- */

static int
on_breach(void *ctx, const struct field_breach *b, struct eg_err *err)
{
	struct checking *k = ctx;

	(void)err;
	if (k->said.len < 1U << 20) /* a document of many bad lines: what is not shown need not be kept */
		eg_buf_printf(&k->said, "%s%c%s%c%llu%c%s%c", b->code, 0, b->field, 0, (unsigned long long)b->line, 0,
		    b->message, 0);
	return EG_OK;
}

static int
on_begin(void *ctx, const struct rec *r, struct eg_bytes item, struct eg_err *err)
{
	struct checking *k = ctx;

	free(k->item);
	k->item = eg_xdup(item);
	eg_buf_clear(&k->said);
	return field_rules_head(k->s, field_rules_stage(r->type), r, k->item, on_breach, k, err);
}

static int
on_line(void *ctx, const struct rec *r, struct eg_err *err)
{
	struct checking *k = ctx;

	return field_rules_lines(k->s, field_rules_stage(r->type), r, k->item, on_breach, k, err);
}

static int on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err);

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct checking *k = ctx;
	struct eg_bytes rest = eg_buf_view(&k->said), code, field, line, msg;
	int rc = EG_OK;

	(void)off;
	(void)len;
	if (v == ADP_REJECTED || v == ADP_SKIPPED)
		return EG_OK;
	while (rc == EG_OK && rest.len > 0 && eg_bytes_cut(&rest, '\0', &code) && eg_bytes_cut(&rest, '\0', &field) &&
	       eg_bytes_cut(&rest, '\0', &line) && eg_bytes_cut(&rest, '\0', &msg)) {
		struct adp_finding f = { .severity = ADP_REJECT, .item = eg_bytes_str(k->item) };

		f.code = (const char *)code.ptr;
		f.field = (const char *)field.ptr;
		f.msg = (const char *)msg.ptr;
		(void)eg_bytes_to_u64(line, &f.line);
		rc = on_finding(k, &f, err);
	}
	return rc;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	static const char letters[] = "RHWN";
	struct checking *k = ctx;
	const char *letter = strchr(letters, f->severity);
	struct eg_buf value = EG_BUF_INIT;

	(void)err;
	if (letter != NULL)
		k->counts[letter - letters]++;
	if (k->shown++ >= SHOWN_MAX)
		return EG_OK;
	char *item = eg_xdup(f->item), *msg = why_message(f);
	eg_buf_escaped(&value, f->value);
	struct finding row = { .source = k->source,
		.file = eg_buf_cstr(&k->file),
		.line = f->whole_file ? 1 : f->line,
		.col = f->pos.col,
		.off = f->pos.off,
		.code = f->code,
		.severity = f->severity,
		.item = item,
		.field = f->field,
		.value = eg_buf_cstr(&value),
		.message = msg };
	cli_finding(k->c, &row, &k->text);
	eg_buf_done(&value);
	free(msg);
	free(item);
	return EG_OK;
}

static void
put_text(struct checking *k)
{
	(void)fputs(eg_buf_cstr(&k->text), stdout);
	eg_buf_clear(&k->text);
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct checking *k = ctx;
	const struct adp_info *a = f->adapter == NULL ? NULL : adp_info(f->adapter);

	(void)err;
	k->records += f->records;
	if (cli_has(k->c, O_JSON)) {
		json_t *j = json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:b}", "type", "file", "file", eg_buf_cstr(&k->file),
		    "size", (json_int_t)f->size, "rows", (json_int_t)f->rows, "records", (json_int_t)f->records,
		    "rejected", (json_int_t)f->rejected, "refused", f->refused);
		json_object_set_new(j, "adapter", a == NULL ? json_null() : json_string(a->name));
		json_object_set_new(j, "sha256", json_string(f->sha256));
		cli_json(j);
	} else if (a != NULL)
		(void)printf("%s   %llu rows   %llu records   %s: %s@%u\n", eg_buf_cstr(&k->file),
		    (unsigned long long)f->rows, (unsigned long long)f->records, "source format", a->name, a->version);
	else
		(void)printf("%s   no source format of \"%s\" fits\n", eg_buf_cstr(&k->file), k->source);
	put_text(k);
	return EG_OK;
}

static void
tell_end(struct checking *k)
{
	put_text(k);
	unsigned long long hidden = k->shown > SHOWN_MAX ? k->shown - SHOWN_MAX : 0;
	if (cli_has(k->c, O_JSON)) {
		cli_json(
		    json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "type", "summary", "records", (json_int_t)k->records,
			"rejected", (json_int_t)k->counts[0], "held", (json_int_t)k->counts[1], "warnings",
			(json_int_t)k->counts[2], "notes", (json_int_t)k->counts[3], "not_shown", (json_int_t)hidden));
		return;
	}
	if (hidden > 0)
		(void)printf("… and %llu more findings like these.\n", hidden);
	(void)printf("%llu error%s, %llu warning%s.  Nothing was taken in.\n", k->counts[0],
	    k->counts[0] == 1 ? "" : "s", k->counts[2], k->counts[2] == 1 ? "" : "s");
}

static int
read_file(struct checking *k, int fd, uint64_t size, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_finding, k };
	int rc = worker_read(k->s, fd, size, conf_family(&k->s->conf, k->source), k->name, &sink, err);

	if (rc != EG_BADFILE)
		return rc;
	struct adp_finding broken = { .code = worker_died(err) ? "F-03" : err->code,
		.severity = ADP_REJECT,
		.whole_file = true,
		.line = 1,
		.pos = err->pos,
		.field = "",
		.msg = err->msg };
	(void)on_file_begin(k, "", err);
	return on_finding(k, &broken, err);
}

static int
check_file(struct checking *k, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(AT_FDCWD, path, &fd, &st, err);

	if (rc < 0)
		return cli_fail(k->c, err);
	k->name = slash == NULL ? path : slash + 1;
	rc = read_file(k, fd, (uint64_t)st.st_size, err);
	eg_fd_done(&fd);
	if (rc < 0)
		return cli_fail(k->c, err);
	tell_end(k);
	return k->counts[0] > 0 ? CLI_FINDINGS : CLI_OK;
}

int
cmd_check(struct cli *c)
{
	struct checking k = {
		.c = c, .source = c->opt[O_SOURCE], .file = EG_BUF_INIT, .text = EG_BUF_INIT, .said = EG_BUF_INIT
	};
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (!cli_has(c, O_SOURCE))
		return cli_usage(c, "say whose file it is: --source procore (or the accounting system, or approvals)");
	if (access(c->argv[0], F_OK) != 0) {
		(void)eg_fail(&err, EG_BADREC, "NOT-FOUND", "There is no file %s", c->argv[0]);
		return cli_fail(c, &err);
	}
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	k.s = &s;
	if (!site_has_source(&s, k.source))
		code = cli_usage(c, "this site has no source \"%s\"", k.source);
	else
		code = check_file(&k, c->argv[0], &err);
	eg_buf_done(&k.file);
	eg_buf_done(&k.text);
	eg_buf_done(&k.said);
	free(k.item);
	site_close(&s);
	return code;
}
