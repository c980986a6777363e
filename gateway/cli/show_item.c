/* SPDX-License-Identifier: MIT
 *
 * One item on one screen: what it is, where it came from, what it waits for, what happened to it. Private fields are named, not shown.
 */
#include "gateway/cli/diff.h"
#include "gateway/cli/show.h"
#include "gateway/schedule.h"
#include "gateway/store/store_link.h"

#define PRIVATE "(not shown)"

/* The company that this one was merged into; NULL = none. free() it. */
static int
merged_into(struct site *s, const struct item *it, char **ret, struct eg_err *err)
{
	struct eg_arena a;
	struct merge m;
	int rc;

	*ret = NULL;
	eg_arena_init(&a, 1 << 16);
	rc = merge_get(s->store, it->iid, &a, &m, err);
	if (rc == EG_OK)
		*ret = eg_xstrdup(m.kept);
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

/* ---- JSON ---- */

static json_t *
value_json(const struct rec_field *f, const struct rec_val *v)
{
	if (v->state != RV_VALUE)
		return json_null();
	if ((f->flags & RF_PRIVATE) != 0)
		return json_string(PRIVATE);
	return json_stringn((const char *)v->text.ptr, v->text.len);
}

static json_t *
fields_json(const struct rec_field *f, const struct rec_val *v, unsigned n)
{
	json_t *j = json_object();

	for (unsigned i = 0; i < n; i++)
		if ((f[i].flags & RF_CONTEXT) == 0 && v[i].state == RV_VALUE)
			json_object_set_new(j, f[i].name, value_json(&f[i], &v[i]));
	return j;
}

static int
hold_json(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	char severity[2] = { h->severity, '\0' };

	(void)err;
	json_array_append_new(
	    ctx, json_pack("{s:s,s:s,s:s,s:o,s:I,s:s}", "code", h->code, "severity", severity, "missing", h->missing,
		     "waits_for", cli_str(h->waits_for), "line", (json_int_t)h->line, "message", h->message));
	return EG_OK;
}

static int
finding_json(void *ctx, const struct finding *f, struct eg_err *err)
{
	char severity[2] = { f->severity, '\0' };

	(void)err;
	json_array_append_new(ctx, json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:I}", "code", f->code, "severity", severity,
				       "source", f->source, "file", f->file, "line", (json_int_t)f->line, "column",
				       (json_int_t)f->col, "message", f->message, "run", (json_int_t)f->run));
	return EG_OK;
}

static int
item_json(struct site *s, const struct item *it, const struct rec *r, const struct origin *o, struct eg_err *err)
{
	struct schedule_board board;
	int rc = schedule_look(s, &board, err);

	if (rc < 0)
		return rc;
	json_t *j = cli_item_json(s, &board, it), *lines = json_array(), *holds = json_array(),
	       *findings = json_array();
	struct finding_filter about = { .item = it->iid };
	char *merged = NULL;

	rc = hold_each(s->store, it->id, hold_json, holds, err);
	if (rc == EG_OK)
		rc = store_finding_each(s->store, &about, finding_json, findings, err);
	for (size_t i = 0; i < r->nlines; i++)
		json_array_append_new(lines, fields_json(r->type->line, &r->lines[i * r->type->nline], r->type->nline));
	if (rc == EG_OK)
		rc = merged_into(s, it, &merged, err);
	json_object_set_new(j, "merged_into", cli_str(merged));
	free(merged);
	json_object_set_new(j, "parent", cli_str(it->parent));
	json_object_set_new(j, "held_by_person", json_boolean(it->parked));
	json_object_set_new(j, "fields", fields_json(r->type->head, r->head, r->type->nhead));
	json_object_set_new(j, "lines", lines);
	json_object_set_new(j, "holds", holds);
	json_object_set_new(j, "findings", findings);
	json_object_set_new(j, "from",
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:s}", "drop", o->drop.id, "source", o->drop.source, "name",
		o->drop.name, "member", o->file.member, "sha256", o->drop.sha256, "line", (json_int_t)it->line,
		"offset", (json_int_t)it->off, "length", (json_int_t)it->len, "adapter", o->file.adapter));
	if (rc == EG_OK)
		rc = show_requests_json(s, it, j, err);
	if (rc == EG_OK)
		cli_json(j);
	else
		json_decref(j);
	return rc;
}

/* ---- text ---- */

struct telling {
	struct site *s;
	const char *head; /* printed once, before the first line */
};

static const char *
head(struct telling *t)
{
	const char *h = t->head;

	t->head = "";
	return h;
}

static int
hold_line(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	struct telling *t = ctx;

	(void)err;
	(void)printf("%-11s %s  %s\n", head(t), h->code, h->message);
	if (h->waits_for != NULL)
		(void)printf("%-11s       erpgate show %s\n", "", h->waits_for);
	return EG_OK;
}

static int
finding_line(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct telling *t = ctx;

	(void)err;
	if (f->severity != ADP_HOLD) /* those are told as what it waits for */
		(void)printf("%-11s %s %c  %s line %llu: %s\n", head(t), f->code, f->severity, f->file,
		    (unsigned long long)f->line, f->message);
	return EG_OK;
}

static int
log_line(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct telling *t = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	eg_time_print(when, r->at);
	(void)printf("%-11s %s  %-14s %s  %s\n", head(t), when, r->event, r->actor,
	    strcmp(r->detail, "{}") == 0 ? "" : r->detail);
	return EG_OK;
}

static int
decision_line(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct telling *t = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	eg_time_print(when, d->at);
	(void)printf("%-11s %s  %s by %s in %s: %s%s%s%s%s\n", head(t), when, d->verdict, d->approver, d->manifest,
	    d->result, *d->code != '\0' ? " " : "", d->code, *d->comment != '\0' ? "  " : "", d->comment);
	return EG_OK;
}

static void
title_lines(struct site *s, const struct schedule_board *b, const struct item *it, const struct origin *o)
{
	char id[16], *leaves = cli_leaves(b, it);

	item_short(it->id, id);
	(void)printf("%s %s  (%s, %s, revision %d)   %s%s%s\n", it->type->title,
	    it->number != NULL ? it->number : it->iid, it->iid, id, it->rev_no, state_title(it->state),
	    it->accepted != 0 && it->state == ST_HELD ? ", accepted already" : "", leaves);
	free(leaves);
	if (it->title != NULL)
		(void)printf("%-11s %s\n", "Title", it->title);
	if (it->project != NULL)
		(void)printf("%-11s %s\n", "Project", it->project);
	if (it->vendor != NULL)
		(void)printf("%-11s %s\n", "Vendor", it->vendor);
	if (it->amount != NULL)
		(void)printf("%-11s %s %s\n", "Amount", it->amount, conf_text(&s->conf, "currency"));
	if (it->erp_id != NULL)
		(void)printf("%-11s %s in %s%s\n", "ERP key", it->erp_id, s->erp,
		    it->posted == 1 ? ", posted" :
		    it->posted == 0 ? ", not posted" :
				      "");
	if (it->parent != NULL)
		(void)printf("%-11s %s\n", "Part of", it->parent);
	(void)printf("%-11s %s  %s/%s  line %lld  sha256 %s\n", "Came from", o->drop.id, o->drop.source, o->shown,
	    (long long)it->line, o->drop.sha256);
	(void)printf("%-11s %s\n", "Read with", o->file.adapter);
	(void)printf("%-11s sha256:%s\n", "Content", it->content);
	if (it->parked)
		(void)printf("%-11s a person holds it: erpgate release %s\n", "Held", it->iid);
}

static void
field_lines(const struct rec_field *f, const struct rec_val *v, unsigned n, const char *indent)
{
	for (unsigned i = 0; i < n; i++) {
		struct eg_buf shown = EG_BUF_INIT;
		if ((f[i].flags & RF_CONTEXT) != 0 || v[i].state != RV_VALUE)
			continue;
		if ((f[i].flags & RF_PRIVATE) != 0)
			eg_buf_str(&shown, PRIVATE);
		else
			eg_buf_escaped(&shown, v[i].text);
		(void)printf("%s%-34s %s\n", indent, f[i].name, eg_buf_cstr(&shown));
		eg_buf_done(&shown);
	}
}

static int
item_text(struct site *s, const struct item *it, const struct rec *r, const struct origin *o, struct eg_err *err)
{
	struct finding_filter about = { .item = it->iid };
	struct telling holds = { s, "Waits for" }, findings = { s, "Findings" }, decisions = { s, "Decision" },
		       history = { s, "History" };
	struct schedule_board board;
	char *merged = NULL;
	int rc = schedule_look(s, &board, err);

	if (rc == EG_OK)
		rc = merged_into(s, it, &merged, err);
	if (rc < 0)
		return rc;
	title_lines(s, &board, it, o);
	if (merged != NULL)
		(void)printf("%-11s it is one with %s; undo: erpgate link unmerge %s\n", "Merged", merged, it->iid);
	free(merged);
	rc = hold_each(s->store, it->id, hold_line, &holds, err);
	if (rc == EG_OK)
		rc = store_finding_each(s->store, &about, finding_line, &findings, err);
	if (rc == EG_OK)
		rc = decision_each(s->store, NULL, it->id, decision_line, &decisions, err);
	if (rc == EG_OK)
		rc = show_requests_text(s, it, err);
	if (rc == EG_OK)
		rc = store_log_each(s->store, it->iid, 0, log_line, &history, err);
	if (rc < 0)
		return rc;
	(void)printf("Fields\n");
	field_lines(r->type->head, r->head, r->type->nhead, "  ");
	for (size_t i = 0; i < r->nlines; i++) {
		(void)printf("  line %zu\n", i + 1);
		field_lines(r->type->line, &r->lines[i * r->type->nline], r->type->nline, "    ");
	}
	return EG_OK;
}

int
show_item(struct cli *c, struct site *s, const struct item *it, struct eg_err *err)
{
	struct origin o = { .shown = NULL };
	struct eg_arena a;
	struct rec r;
	int rc;

	eg_arena_init(&a, (size_t)256 << 20);
	rc = item_record(s->store, it->rev, &a, &r, err);
	if (rc == EG_OK)
		rc = show_origin(s, it->file, &a, &o, err);
	if (rc == EG_OK)
		rc = cli_has(c, O_JSON) ? item_json(s, it, &r, &o, err) : item_text(s, it, &r, &o, err);
	free(o.shown);
	eg_arena_done(&a);
	return rc;
}

/* ---- what changed ---- */

/* "- vendor.tax_id=…": the change is told, the value is not. */
static bool
is_private(const struct rec_type *t, struct eg_bytes line)
{
	bool in_line;
	struct eg_bytes name = eg_bytes_sub(line, 2, eg_bytes_chr(line, '=') - 2);
	int i = eg_bytes_chr(line, '=') == line.len ? -1 : rec_field_named(t, name, &in_line);

	return i >= 0 && ((in_line ? t->line[i] : t->head[i]).flags & RF_PRIVATE) != 0;
}

static void
diff_line(const struct cli *c, const struct rec_type *t, struct eg_bytes line)
{
	struct eg_buf shown = EG_BUF_INIT;
	char sign[2] = { (char)line.ptr[0], '\0' };

	eg_buf_escaped(&shown, eg_bytes_sub(line, 2, is_private(t, line) ? eg_bytes_chr(line, '=') - 1 : line.len));
	if (is_private(t, line))
		eg_buf_str(&shown, PRIVATE);
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s}", "type", "change", "sign", sign, "text", eg_buf_cstr(&shown)));
	else
		(void)printf(" %s %s\n", sign, eg_buf_cstr(&shown));
	eg_buf_done(&shown);
}

int
show_diff(struct cli *c, struct site *s, const struct item *it, struct eg_err *err)
{
	struct eg_buf before = EG_BUF_INIT, now = EG_BUF_INIT, diff = EG_BUF_INIT;
	struct eg_arena a;
	struct rec was, is;
	size_t changed = 0;
	int rc;

	eg_arena_init(&a, (size_t)256 << 20);
	rc = item_record(s->store, it->rev, &a, &is, err);
	if (rc == EG_OK)
		rc = item_revision(s->store, it->id, it->rev_no - 1, &a, &was, err);
	if (rc == EG_OK) {
		rec_canonical(&was, &before);
		rec_canonical(&is, &now);
		changed = cli_diff(eg_buf_view(&before), eg_buf_view(&now), &diff);
	}
	if (rc >= 0 && !cli_has(c, O_JSON))
		(void)printf(
		    rc == EG_EOF ? "Nothing changed: this is the first revision.\n" : "Changed since revision %d\n",
		    it->rev_no - 1);
	struct eg_bytes rest = eg_buf_view(&diff), line;
	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &line))
		if (line.len > 2)
			diff_line(c, it->type, line);
	if (rc >= 0 && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:i,s:i}", "type", "summary", "item", it->iid, "revision", it->rev_no,
		    "changed", (int)changed));
	eg_buf_done(&before);
	eg_buf_done(&now);
	eg_buf_done(&diff);
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}
