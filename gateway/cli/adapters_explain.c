/* SPDX-License-Identifier: MIT
 *
 * adapters show NAME --explain: every column of an item's rows, or every value of one line of a received file, with what each step made of it and, where
 * something stops, what can be done. Received bytes are read in the confined worker, as always. Private values are not shown.
 */
#include "gateway/cli/tools.h"

#include "adapters/tools.h"
#include "base/fs.h"
#include "gateway/workflow/workflow.h"

#define MEM ((size_t)1 << 30)

struct explaining {
	struct cli *c;
	const char *rows; /* kind of rows and line of the last heading */
	uint64_t line, nrows, values, stops;
	uint64_t wanted; /* inbound: physical line */
};

/* ---- one value ---- */

static void
put_value(struct eg_buf *b, struct eg_bytes v, bool masked)
{
	if (masked) {
		eg_buf_str(b, "(not shown)");
		return;
	}
	eg_buf_chr(b, '"');
	eg_buf_escaped(b, v);
	eg_buf_chr(b, '"');
}

static json_t *
json_value(struct eg_bytes v, bool masked)
{
	struct eg_buf b = EG_BUF_INIT;
	json_t *j;

	eg_buf_escaped(&b, v);
	j = masked ? json_null() : json_string(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return j;
}

static void
tell_json(const struct adp_traced *t)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < t->nsteps; i++) {
		bool stopped = t->code[0] != '\0' && i + 1 == t->nsteps;
		json_t *value = stopped ? json_null() : json_value(t->steps[i].value, t->masked);
		json_array_append_new(
		    steps, json_pack("{s:o,s:o}", "step", json_value(t->steps[i].text, false), "value", value));
	}
	cli_json(json_pack("{s:s,s:s,s:I,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "type", "value", "rows", t->rows, "line",
	    (json_int_t)t->line, "column", t->target, "source", json_value(t->source, false), "value",
	    json_value(t->value, t->masked), "steps", steps, "result",
	    t->result.ptr == NULL ? json_null() : json_value(t->result, t->masked), "code",
	    t->code[0] == '\0' ? json_null() : json_string(t->code), "message",
	    t->code[0] == '\0' ? json_null() : json_string(t->msg), "cure",
	    t->code[0] == '\0' ? json_null() : json_string(t->cure)));
}

static void
tell_text(const struct adp_traced *t)
{
	struct eg_buf b = EG_BUF_INIT, source = EG_BUF_INIT;

	eg_buf_escaped(&source, t->source);
	eg_buf_printf(&b, "%-30s %s = ", t->target, eg_buf_cstr(&source));
	put_value(&b, t->value, t->masked);
	for (size_t i = 0; i < t->nsteps; i++) {
		bool stopped = t->code[0] != '\0' && i + 1 == t->nsteps;

		eg_buf_str(&b, "  ");
		eg_buf_escaped(&b, t->steps[i].text);
		eg_buf_str(&b, " -> ");
		if (stopped)
			eg_buf_printf(&b, "STOP %s: %s Cure: %s", t->code, t->msg, t->cure);
		else if (t->steps[i].same)
			eg_buf_str(&b, "ok");
		else
			put_value(&b, t->steps[i].value, t->masked);
	}
	struct eg_bytes last = t->nsteps > 0 ? t->steps[t->nsteps - 1].value : t->value;
	if (t->code[0] == '\0' && t->result.ptr != NULL && !t->masked && !eg_bytes_eq(last, t->result)) {
		eg_buf_str(&b, "  in the file -> ");
		put_value(&b, t->result, false);
	}
	(void)printf("%s\n", eg_buf_cstr(&b));
	eg_buf_done(&source);
	eg_buf_done(&b);
}

static int
on_traced(void *ctx, const struct adp_traced *t, struct eg_err *err)
{
	struct explaining *x = ctx;
	bool begins = x->rows == NULL || strcmp(x->rows, t->rows) != 0 || x->line != t->line;

	(void)err;
	x->values++;
	x->stops += t->code[0] != '\0';
	if (cli_has(x->c, O_JSON)) {
		tell_json(t);
		return EG_OK;
	}
	if (begins && x->wanted == 0 && t->line > 0)
		(void)printf("%s%sline %llu of the record%s%s\n", x->values > 1 ? "\n" : "", "",
		    (unsigned long long)t->line, *t->rows != '\0' ? ", rows " : "", t->rows);
	x->rows = t->rows;
	x->line = t->line;
	tell_text(t);
	return EG_OK;
}

static void
summary(const struct explaining *x)
{
	if (cli_has(x->c, O_JSON))
		cli_json(json_pack("{s:s,s:I,s:I,s:I}", "type", "summary", "rows", (json_int_t)x->nrows, "values",
		    (json_int_t)x->values, "stops", (json_int_t)x->stops));
}

/* ---- out: an item ---- */

/* The decision that counts for the item, or one of today as if it were accepted as it is. */
static int
decision_of(struct site *s, const struct item *it, struct eg_arena *a, struct decision *ret, struct eg_err *err)
{
	if (it->accepted != 0)
		return decision_get(s->store, it->accepted, a, ret, err);
	*ret = (struct decision){ .manifest = "",
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
		.at = site_now(s) };
	return EG_OK;
}

static int
explain_item(struct explaining *x, struct site *s, const struct adp *a, struct eg_arena *arena, struct eg_err *err)
{
	struct enrich_srcs srcs = { 0 };
	struct decision d;
	struct item it;
	struct rec r;
	int rc = item_lookup(s->store, x->c->opt[O_EXPLAIN], arena, &it, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no item %s. See them: erpgate queue --all",
		    x->c->opt[O_EXPLAIN]);
	if (rc == EG_OK && !adp_writes(a, it.type))
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s does not write a %s. Adapters: erpgate adapters list",
		    adp_info(a)->name, it.type->name);
	if (rc == EG_OK)
		rc = item_record(s->store, it.rev, arena, &r, err);
	if (rc == EG_OK)
		rc = decision_of(s, &it, arena, &d, err);
	if (rc == EG_OK)
		rc = enrich(s, &it, it.type->cls == RC_AUTOMATIC ? NULL : &d, arena, &r, &srcs, err);
	if (rc == EG_OK && !cli_has(x->c, O_JSON))
		(void)printf("%s through %s%s\n", it.iid, adp_info(a)->name,
		    it.accepted == 0 && it.type->cls != RC_AUTOMATIC ? ", as if it were accepted now" : "");
	if (rc == EG_OK)
		rc = adp_explain(s->adapters, a, &r, on_traced, x, &x->nrows, err);
	if (rc == EG_OK && x->nrows == 0 && !cli_has(x->c, O_JSON))
		(void)printf("It makes no row of it: no kind of rows takes the record as it is.\n");
	free(srcs.file);
	return rc;
}

/* ---- in: a line of a drop ---- */

static int
on_file(void *ctx, const char *member, struct eg_err *err)
{
	struct explaining *x = ctx;

	(void)err;
	if (*member != '\0' && !cli_has(x->c, O_JSON))
		(void)printf("%s\n", member);
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct explaining *x = ctx;

	(void)err;
	if (f->line != x->wanted && !f->whole_file)
		return EG_OK;
	x->stops += f->severity == ADP_REJECT;
	if (cli_has(x->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:I,s:s,s:s}", "type", "finding", "code", f->code, "line",
		    (json_int_t)f->line, "column", f->field, "message", f->msg));
	else
		(void)printf("%s %c  %s\n", f->code, f->severity, f->msg);
	return EG_OK;
}

struct reader {
	const char *name, *other; /* asked for; the last one that read a file of the drop */
	bool found;
	struct eg_arena *a;
};

static int
each_file(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct reader *r = ctx;

	(void)err;
	r->found = r->found || strcmp(f->adapter, r->name) == 0;
	if (*f->adapter != '\0')
		r->other = eg_arena_cstr(r->a, eg_bytes_str(f->adapter));
	return EG_OK;
}

/* Another adapter's values under this one's name would be a lie. */
static int
check_reader(struct site *s, const struct adp *a, const char *drop, struct eg_arena *arena, struct eg_err *err)
{
	struct reader r = { adp_info(a)->name, NULL, false, arena };
	int rc = store_file_each(s->store, drop, each_file, &r, err);

	if (rc == EG_OK && !r.found && r.other != NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "%s was read with %s: erpgate adapters show %s --explain %s:…", drop, r.other, r.other, drop);
	return rc;
}

static int
explain_drop(struct explaining *x, struct site *s, const struct adp *a, const char *drop, struct eg_arena *arena,
    struct eg_err *err)
{
	struct worker_look look = { on_file, on_traced, on_finding, x };
	struct drop_row d;
	uint64_t size = 0;
	int fd = -1, rc = store_drop_get(s->store, drop, arena, &d, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate log", drop);
	if (rc == EG_OK)
		rc = check_reader(s, a, drop, arena, err);
	if (rc == EG_OK)
		rc = tools_original(s, &d, &fd, &size, err);
	if (rc == EG_OK)
		rc = worker_explain(s, fd, size, adp_info(a)->system, d.name, x->wanted, &look, err);
	eg_fd_done(&fd);
	if (rc == EG_OK && x->values == 0 && !cli_has(x->c, O_JSON))
		(void)printf(
		    "No value comes from line %llu. Documents and lines begin where erpgate show %s --raw shows them.\n",
		    (unsigned long long)x->wanted, drop);
	return rc;
}

/* "D000012:5" */
static bool
is_line(const char *what, char ret_drop[16], uint64_t *ret_line)
{
	struct eg_bytes v = eg_bytes_str(what);
	size_t colon = eg_bytes_chr(v, ':');

	if (colon == v.len || colon < 2 || colon > 15 || v.ptr[0] != 'D' ||
	    !eg_bytes_to_u64(eg_bytes_sub(v, colon + 1, v.len), ret_line) || *ret_line == 0)
		return false;
	(void)snprintf(ret_drop, 16, "%.*s", EG_FMT(eg_bytes_sub(v, 0, colon)));
	return true;
}

static int
explain(struct explaining *x, struct site *s, const struct adp *a, struct eg_err *err)
{
	char drop[16];
	struct eg_arena arena;
	int rc;

	(void)is_line(x->c->opt[O_EXPLAIN], drop, &x->wanted);
	eg_arena_init(&arena, MEM);
	rc = !adp_info(a)->out ? explain_drop(x, s, a, drop, &arena, err) : explain_item(x, s, a, &arena, err);
	eg_arena_done(&arena);
	return rc;
}

int
adapters_explain(struct cli *c)
{
	struct explaining x = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	char drop[16];
	uint64_t line;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	const struct adp *a = adp_set_named(s.adapters, c->argv[1]);
	if (a == NULL)
		code = tools_no_adapter(c, s.adapters, c->argv[1]);
	else if (adp_info(a)->out == is_line(c->opt[O_EXPLAIN], drop, &line))
		code = cli_usage(c,
		    adp_info(a)->out ? "%s writes items: --explain commitment/24-101/SC-001" :
				       "%s reads files: --explain D000012:5 is line 5 of that drop",
		    adp_info(a)->name);
	else if (explain(&x, &s, a, &err) < 0)
		code = cli_fail(c, &err);
	else {
		summary(&x);
		code = x.stops > 0 ? CLI_FINDINGS : CLI_OK;
	}
	site_close(&s);
	return code;
}
