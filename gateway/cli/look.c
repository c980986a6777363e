/* SPDX-License-Identifier: MIT
 *
 * status, queue, findings, log.
 */
#include "gateway/cli/look_chain.h"
#include "gateway/cli/places.h"
#include "gateway/disk.h"
#include "gateway/report/names.h"
#include "gateway/schedule.h"
#include "gateway/store/store_reject.h"
#include "gateway/workflow/shadow.h"

/* ---- queue ---- */

struct queue {
	struct cli *c;
	struct site *s;
	struct cli_table *t; /* NULL: JSON, or chains */
	struct chain *chain; /* JSON, and the held alone */
	unsigned n;
	struct eg_dec total;
	int64_t now;
	struct schedule_board board;
	struct eg_arena a;
};

static bool
closed(enum item_state s)
{
	return s == ST_SYNCED || s == ST_REJECTED || s == ST_ARCHIVED;
}

static bool
wanted(const struct queue *q, const struct item *it)
{
	struct cli *c = q->c;
	const char *state = c->opt[O_STATE], *type = c->opt[O_TYPE], *project = c->opt[O_PROJECT], *erp = c->opt[O_ERP];

	if (state != NULL ? strcmp(state, state_word(it->state)) != 0 : !cli_has(c, O_ALL) && closed(it->state))
		return false;
	return (type == NULL || strcmp(type, it->type->name) == 0) &&
	       (project == NULL || (it->project != NULL && strcmp(project, it->project) == 0)) &&
	       (erp == NULL || strcmp(erp, q->s->erp) == 0);
}

static json_t *
posted_json(int posted)
{
	return json_string(posted < 0 ? "" : posted ? "Y" : "N");
}

json_t *
cli_item_json(const struct site *s, const struct schedule_board *b, const struct item *it)
{
	char content[72], id[16];

	(void)snprintf(content, sizeof(content), "sha256:%s", it->content);
	item_short(it->id, id);
	json_t *j = json_pack("{s:s,s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:s,s:s,s:o,s:o,s:s}", "id", it->iid, "short", id,
	    "number", cli_str(it->number), "type", it->type->name, "project", cli_str(it->project), "vendor",
	    cli_str(it->vendor), "amount", cli_str(it->amount), "currency",
	    it->amount == NULL ? json_null() : json_string(conf_text(&s->conf, "currency")), "state",
	    state_word(it->state), "erp", s->erp, "erp_id", json_string(it->erp_id == NULL ? "" : it->erp_id), "posted",
	    posted_json(it->posted), "content", content);
	json_object_set_new(j, "title", cli_str(it->title));
	json_object_set_new(j, "revision", json_integer(it->rev_no));
	json_object_set_new(j, "accepted", json_boolean(it->accepted != 0));
	const struct schedule_line *l = b == NULL ? NULL : schedule_waits(b, it);
	char leaves[EG_TIME_TEXT];
	if (l != NULL && l->timed)
		eg_time_print(leaves, l->next);
	if (b != NULL)
		json_object_set_new(j, "leaves", l == NULL ? json_null() : json_string(l->timed ? leaves : "never"));
	return j;
}

static void
queue_line(struct queue *q, const struct item *it, const char *vendor)
{
	char age[24];

	look_age(age, q->now - it->updated);
	char *leaves = cli_leaves(&q->board, it), *state = eg_xprintf("%s%s", state_title(it->state), leaves);
	const char *cells[] = { it->iid, it->type->title, it->project, vendor, it->amount, state, age, it->erp_id };
	cli_table_row(q->t, cells);
	free(state);
	free(leaves);
}

static int
queue_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct queue *q = ctx;
	struct eg_dec amount;
	const char *vendor;
	int rc;

	if (!wanted(q, it))
		return EG_OK;
	eg_arena_reset(&q->a);
	rc = vendor_name(q->s, it, &q->a, &vendor, err);
	if (rc < 0)
		return rc;
	q->n++;
	if (it->amount != NULL && eg_dec_parse(eg_bytes_str(it->amount), EG_DEC_PLAIN, 2, 28, &amount) == EG_DEC_OK)
		(void)eg_dec_add(q->total, amount, &q->total);
	if (q->t != NULL) {
		queue_line(q, it, vendor);
		return EG_OK;
	}
	if (!cli_has(q->c, O_JSON)) {
		look_chain_text(q->s, q->chain, it, vendor);
		return EG_OK;
	}
	json_t *j = cli_item_json(q->s, &q->board, it);
	json_object_set_new(j, "vendor_name", json_string(vendor));
	look_chain_json(q->s, q->chain, it, j);
	cli_json(j);
	return EG_OK;
}

int
cmd_queue(struct cli *c)
{
	static const char *const titles[] = { "ITEM", "TYPE", "PROJECT", "VENDOR", "AMOUNT", "STATE", "AGE", "ERP ID" };
	struct item_filter every = { 0 };
	struct queue q = { .c = c, .total = { 0, 2 } };
	struct eg_buf total = EG_BUF_INIT;
	enum item_state state;
	struct eg_err err;
	struct site s;
	int code;

	if (cli_has(c, O_STATE) && !state_named(eg_bytes_str(c->opt[O_STATE]), &state))
		return cli_usage(c, "\"%s\" is no state. See them: erpgate help states", c->opt[O_STATE]);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	q.s = &s;
	q.now = site_now(&s);
	eg_arena_init(&q.a, (size_t)1 << 20);
	bool held = cli_has(c, O_STATE) && strcmp(c->opt[O_STATE], state_word(ST_HELD)) == 0 && !cli_has(c, O_PLAIN);
	if (!cli_has(c, O_JSON) && !held)
		q.t = cli_table_new(titles, 8, CLI_COL(4));
	int rc = schedule_look(&s, &q.board, &err);
	if (rc == EG_OK && q.t == NULL)
		rc = chain_load(&s, &q.chain, &err);
	if (rc == EG_OK)
		rc = item_each(s.store, &every, queue_each, &q, &err);
	eg_dec_print(&total, q.total, 2);
	if (q.t != NULL)
		cli_table_print(q.t);
	if (!cli_has(c, O_JSON)) {
		(void)printf("%u items, %s in all.%s\n", q.n, eg_buf_cstr(&total),
		    q.n > 0 && !cli_has(c, O_ALL) ? "   Decide in a spreadsheet: erpgate sheet -o today.csv" : "");
	} else
		cli_json(
		    json_pack("{s:s,s:i,s:s}", "type", "summary", "items", (int)q.n, "amount", eg_buf_cstr(&total)));
	eg_buf_done(&total);
	chain_free(q.chain);
	eg_arena_done(&q.a);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- findings ---- */

struct findings {
	struct cli *c;
	unsigned n;
};

static void
finding_json(const struct finding *f, struct eg_buf *ret)
{
	char severity[2] = { f->severity, '\0' };
	json_t *j = json_pack("{s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o}", "source", f->source, "file", f->file,
	    "line", (json_int_t)f->line, "column", (json_int_t)f->col, "code", f->code, "severity", severity, "item",
	    f->item, "message", f->message, "field", f->field, "value", f->value, "offset", (json_int_t)f->off, "drop",
	    cli_str(f->drop));

	json_object_set_new(j, "run", json_integer(f->run));
	char *text = json_dumps(j, JSON_COMPACT);
	eg_buf_printf(ret, "%s\n", text);
	free(text);
	json_decref(j);
}

void
cli_finding(const struct cli *c, const struct finding *f, struct eg_buf *ret)
{
	if (cli_has(c, O_JSON))
		finding_json(f, ret);
	else
		eg_buf_printf(ret, "%s/%s line %llu  %s %s%s%s\n    %s\n", f->source, f->file,
		    (unsigned long long)f->line, f->code,
		    f->severity == ADP_REJECT ? "REJECTED" :
		    f->severity == ADP_HOLD   ? "held" :
		    f->severity == ADP_WARN   ? "warning" :
						"note",
		    *f->item ? "  " : "", f->item, f->message);
}

static int
findings_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct findings *fs = ctx;
	struct eg_buf text = EG_BUF_INIT;

	(void)err;
	fs->n++;
	cli_finding(fs->c, f, &text);
	(void)fputs(eg_buf_cstr(&text), stdout);
	eg_buf_done(&text);
	return EG_OK;
}

int
cmd_findings(struct cli *c)
{
	struct findings fs = { c, 0 };
	struct finding_filter f = { .drop = c->opt[O_DROP], .item = c->opt[O_ITEM] };
	struct eg_arena a;
	struct item it;
	struct eg_err err;
	struct site s;
	unsigned open = 0, drops = 0;
	int code, rc = EG_OK;

	if (cli_has(c, O_SEVERITY)) {
		f.severity = c->opt[O_SEVERITY][0];
		if (strlen(c->opt[O_SEVERITY]) != 1 || strchr("RHWN", f.severity) == NULL)
			return cli_usage(c, "--severity is R (rejected), H (held), W (warning) or N (note)");
	}
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	eg_arena_init(&a, 1 << 20);
	if (cli_has(c, O_RUN) && strcmp(c->opt[O_RUN], "last") == 0)
		rc = store_run_last(s.store, &f.run, &err);
	else if (cli_has(c, O_RUN) && (!eg_bytes_to_i64(eg_bytes_str(c->opt[O_RUN]), &f.run) || f.run <= 0))
		rc = eg_fail(
		    &err, EG_BADREC, "NOT-FOUND", "--run is \"%s\"; write last or a run's number", c->opt[O_RUN]);
	if (rc == EG_OK && f.item != NULL && strchr(f.item, '/') == NULL) {
		rc = item_lookup(s.store, f.item, &a, &it, &err);
		f.item = rc == EG_OK ? it.iid : f.item;
		rc = rc == EG_EOF ? EG_OK : rc;
	}
	if (rc == EG_OK)
		rc = store_finding_each(s.store, &f, findings_each, &fs, &err);
	if (rc == EG_OK && fs.n == 0 && !cli_has(c, O_JSON))
		(void)printf("No findings.\n");
	if (rc == EG_OK && !cli_has(c, O_JSON))
		rc = reject_count(s.store, NULL, &open, &drops, &err);
	if (rc == EG_OK && open > 0)
		(void)printf("%u refused document%s in %u drop%s not corrected yet: ls %s/spool/rejects\n", open,
		    open == 1 ? "" : "s", drops,
		    open + drops == 2 ? " is" :
		    drops == 1        ? " are" :
					"s are",
		    s.path);
	eg_arena_done(&a);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- log ---- */

static int
log_each(void *ctx, const struct log_row *r, struct eg_err *err)
{
	const struct cli *c = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	eg_time_print(when, r->at);
	if (cli_has(c, O_JSON)) {
		json_t *detail = json_loads(r->detail, JSON_DECODE_ANY, NULL);
		cli_json(json_pack("{s:I,s:s,s:s,s:s,s:s,s:o}", "index", (json_int_t)r->index, "time", when, "actor",
		    r->actor, "event", r->event, "id", r->id, "detail", detail != NULL ? detail : json_object()));
	} else
		(void)printf("%6llu  %s  %-14s %-14s %s  %s\n", (unsigned long long)r->index, when, r->actor, r->event,
		    r->id, strcmp(r->detail, "{}") == 0 ? "" : r->detail);
	return EG_OK;
}

int
cmd_log(struct cli *c)
{
	const char *id = c->argc > 0 ? c->argv[0] : NULL;
	uint64_t limit = 0;
	struct eg_arena a;
	struct item it;
	struct eg_err err;
	struct site s;
	int code, rc = EG_OK;

	if (cli_has(c, O_LIMIT) && (!eg_bytes_to_u64(eg_bytes_str(c->opt[O_LIMIT]), &limit) || limit > 1000000))
		return cli_usage(c, "--limit is \"%s\"; write a number of entries", c->opt[O_LIMIT]);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	eg_arena_init(&a, 1 << 20);
	if (id != NULL && (rc = item_lookup(s.store, id, &a, &it, &err)) == EG_OK)
		id = it.iid;
	if (rc >= 0)
		rc = store_log_each(s.store, id, (unsigned)limit, log_each, c, &err);
	eg_arena_done(&a);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- status ---- */

struct status {
	struct site *s;
	unsigned count[ST_NSTATES];
	int64_t oldest[ST_NSTATES];
	char *oldest_id[ST_NSTATES];
	unsigned approved_held, refused_drops;
	unsigned open_rejects,
	    reject_drops; /* refused documents that nothing has corrected yet, and the drops they are in */
	struct schedule_board board;
	struct chain *chain;
	struct cli_expected expected;
	bool shadow; /* some target is in shadow mode */
	unsigned shadow_held; /* shadow batches of targets that are live again */
	struct disk_room room;
};

static int
status_item(void *ctx, const struct item *it, struct eg_err *err)
{
	struct status *st = ctx;
	unsigned i = it->state;

	(void)err;
	if (it->type->cls == RC_AUTOMATIC && closed(it->state))
		return EG_OK;
	if (st->count[i]++ == 0 || it->updated < st->oldest[i]) {
		st->oldest[i] = it->updated;
		free(st->oldest_id[i]);
		st->oldest_id[i] = eg_xstrdup(it->iid);
	}
	st->approved_held += it->state == ST_HELD && it->accepted != 0;
	return EG_OK;
}

static int
status_drop(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	struct status *st = ctx;

	(void)err;
	st->refused_drops += strcmp(d->verdict, "refused") == 0;
	return EG_OK;
}

static int
status_shadow(struct status *st, struct eg_err *err)
{
	const char *targets[] = { st->s->erp, "procore" };
	int rc = EG_OK;

	st->shadow = shadow_any(st->s);
	for (size_t i = 0; rc == EG_OK && i < 2; i++) {
		unsigned n = 0;
		rc = shadow_on(&st->s->conf, targets[i]) ? EG_OK : shadow_open_batches(st->s, targets[i], &n, err);
		st->shadow_held += n;
	}
	return rc;
}

static void
disk_text(const struct site *s, const struct disk_room *d)
{
	char since[EG_TIME_TEXT] = "now";

	if (d->intake && d->since == 0)
		return;
	if (d->since != 0)
		eg_time_print(since, d->since);
	(void)printf(
	    " HELD: disk           since %s; %llu MiB and %llu files free, %llu MiB and %llu kept; nothing is taken%s   -> make room: df -h %s\n",
	    since, (unsigned long long)(d->bytes >> 20), (unsigned long long)d->files,
	    (unsigned long long)(d->reserve >> 20), (unsigned long long)d->reserve_files,
	    disk_is_back(d) ? " until the next run" : "", s->path);
}

static json_t *
disk_json(const struct disk_room *d)
{
	char since[EG_TIME_TEXT];
	json_t *j = json_pack("{s:b,s:I,s:I,s:I,s:I}", "held", !d->intake || d->since != 0, "free",
	    (json_int_t)d->bytes, "free_files", (json_int_t)(d->files > INT64_MAX ? INT64_MAX : d->files), "reserve",
	    (json_int_t)d->reserve, "reserve_files", (json_int_t)d->reserve_files);

	if (d->since != 0) {
		eg_time_print(since, d->since);
		json_object_set_new(j, "since", json_string(since));
	}
	return j;
}

static void
status_text(struct cli *c, struct status *st, int64_t run)
{
	static const struct {
		enum item_state state;
		const char *next;
	} lines[] = { { ST_WAITING, "erpgate sheet -o today.csv" }, { ST_IMPORTABLE, "erpgate sheet -o today.csv" },
		{ ST_CHANGED, "erpgate sheet -o today.csv" }, { ST_FAILED, "erpgate queue --state failed" },
		{ ST_HELD, "erpgate queue --state held" }, { ST_UNLINKED, "erpgate queue --state unlinked" },
		{ ST_APPROVED, "leave with the next run" }, { ST_EXPORTED, "wait for the ERP's answer" },
		{ ST_REJECTED, "wait for a corrected file" }, { ST_SYNCED, "" } };
	int64_t now = site_now(st->s);

	(void)c;
	(void)printf("erpgate %s   site %s (%s)   %s\n\n", ERPGATE_VERSION, st->s->name, st->s->erp, st->s->path);
	if (st->shadow)
		(void)printf(" SHADOW MODE: %s%s%s: files go to spool/shadow/, nothing is sent. See erpgate shadow\n\n",
		    shadow_on(&st->s->conf, st->s->erp) ? st->s->erp : "",
		    shadow_on(&st->s->conf, st->s->erp) && shadow_on(&st->s->conf, "procore") ? " and " : "",
		    shadow_on(&st->s->conf, "procore") ? "procore" : "");
	if (st->shadow_held > 0)
		(void)printf(
		    " NOTHING LEAVES for a target that was in shadow mode, %u batches: say what became of them: erpgate shadow\n\n",
		    st->shadow_held);
	disk_text(st->s, &st->room);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		unsigned k = lines[i].state;
		char age[24];
		if (st->count[k] == 0)
			continue;
		look_age(age, now - st->oldest[k]);
		if (k == ST_SYNCED)
			(void)printf(" %-18s %5u\n", state_title(lines[i].state), st->count[k]);
		else
			(void)printf(" %-18s %5u   oldest %s (%s)   -> %s\n", state_title(lines[i].state), st->count[k],
			    age, st->oldest_id[k], lines[i].next);
	}
	if (st->approved_held > 0)
		(void)printf(
		    " %-18s %5u   accepted already; they leave by themselves\n", "  of the held", st->approved_held);
	if (st->refused_drops > 0)
		(void)printf(" %-18s %5u   -> ls %s/spool/rejects; each has a WHY.txt\n", "Refused files",
		    st->refused_drops, st->s->path);
	if (st->open_rejects > 0)
		(void)printf(" %-18s %5u   in %u drops -> correct and drop again: ls %s/spool/rejects\n",
		    "Rows to repair", st->open_rejects, st->reject_drops, st->s->path);
	const struct cli_expected *e = &st->expected;
	if (e->late + e->missing + e->gaps + e->faults > 0)
		(void)printf(" %-18s %5u   missing; %u late, %u numbers not there%s -> erpgate expect\n",
		    "Expected files", e->missing, e->late, e->gaps, e->faults > 0 ? ", settings to correct" : "");
	cli_schedules_text(&st->board);
	places_text(st->s);
	look_tops_text(st->s, st->chain);
	(void)printf("\n Last run %lld: erpgate findings --run last\n", (long long)run);
}

int
cmd_status(struct cli *c)
{
	struct item_filter every = { 0 };
	struct status st = { 0 };
	struct eg_err err;
	struct site s;
	int64_t run = 0;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	st.s = &s;
	int rc = item_each(s.store, &every, status_item, &st, &err);
	if (rc == EG_OK)
		rc = store_drop_each(s.store, NULL, status_drop, &st, &err);
	if (rc == EG_OK)
		rc = store_run_last(s.store, &run, &err);
	if (rc == EG_OK)
		rc = reject_count(s.store, NULL, &st.open_rejects, &st.reject_drops, &err);
	if (rc == EG_OK)
		rc = schedule_look(&s, &st.board, &err);
	if (rc == EG_OK)
		rc = chain_load(&s, &st.chain, &err);
	if (rc == EG_OK)
		rc = cli_expected_count(&s, &st.expected, &err);
	if (rc == EG_OK)
		rc = status_shadow(&st, &err);
	if (rc == EG_OK)
		rc = disk_look(&s, &st.room, &err);
	if (rc == EG_OK && cli_has(c, O_JSON)) {
		json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:I,s:i}", "type", "status", "site", s.name, "erp", s.erp,
		    "version", ERPGATE_VERSION, "last_run", (json_int_t)run, "refused_files", (int)st.refused_drops);
		json_t *states = json_object();
		for (unsigned i = 0; i < ST_NSTATES; i++)
			json_object_set_new(states, state_word((enum item_state)i), json_integer(st.count[i]));
		json_object_set_new(j, "items", states);
		json_object_set_new(j, "open_rejects", json_integer(st.open_rejects));
		json_object_set_new(j, "schedules", cli_schedules_json(&st.board));
		json_object_set_new(j, "drop_folders", places_json(&s));
		json_object_set_new(j, "shadow", json_boolean(st.shadow));
		json_object_set_new(j, "shadow_held", json_integer(st.shadow_held));
		json_object_set_new(j, "expected",
		    json_pack("{s:i,s:i,s:i}", "missing", (int)st.expected.missing, "late", (int)st.expected.late,
			"gaps", (int)st.expected.gaps));
		json_object_set_new(j, "blockers", look_tops_json(&s, st.chain));
		json_object_set_new(j, "disk", disk_json(&st.room));
		cli_json(j);
	} else if (rc == EG_OK)
		status_text(c, &st, run);
	for (unsigned i = 0; i < ST_NSTATES; i++)
		free(st.oldest_id[i]);
	chain_free(st.chain);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}
