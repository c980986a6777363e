/* SPDX-License-Identifier: MIT
 *
 * From a claimed drop to matched records, as the journal sees it: one transaction per drop, its verdict, its log entry; a crash leaves it claimed, and it is read again with the
 * same result. The reading is in intake_read.c (files), intake_doc.c (documents) and intake_found.c. Fails as the store and the spool do, and then nothing of the drop stays;
 * EG_FATAL "DB-CORRUPT" when the drop has no row. Tests: tests/scenario/.
 */
#include "gateway/intake_int.h"

#include "base/limits.h"
#include "gateway/near.h"
#include "gateway/repair.h"
#include "gateway/report/why.h"
#include "gateway/workflow/attempt.h"

#include <jansson.h>

/* ---- its end in the journal ---- */

/* Everything the drop said is taken back and one finding put in its place. */
static int
refuse_drop(struct intake *in, struct eg_err *err)
{
	struct adp_finding f = { .code = in->refusal.code,
		.severity = ADP_REJECT,
		.whole_file = true,
		.line = 1,
		.pos = in->refusal.pos,
		.field = "",
		.msg = in->refusal.msg };

	in->records = in->rejected = 0;
	in->refused_files = 1;
	in->place.file = in->drop.name;
	return intake_found_add(in, &f, err);
}

static const char *
verdict_of(const struct intake *in)
{
	if (in->drop_refused || (in->refused_files > 0 && in->records == 0))
		return "refused";
	return in->any_reject ? "partial" : "accepted";
}

static int
write_rejects(struct intake *in, struct eg_err *err)
{
	struct eg_buf why = EG_BUF_INIT;
	int rc = why_text(in->site, in->drop.id, strcmp(verdict_of(in), "refused") == 0, "", &why, err);

	if (rc == EG_OK)
		rc = spool_reject(&in->site->spool, in->drop.id, in->drop.name, eg_buf_view(&why), EG_NONE, err);
	eg_buf_done(&why);
	return rc;
}

static int
close_drop(struct intake *in, struct eg_err *err)
{
	struct site *s = in->site;
	const char *verdict = verdict_of(in);
	struct eg_buf identity = EG_BUF_INIT;
	/* Of F-71 the log says the code: from the bytes alone it could not be told. */
	json_t *j = json_pack("{s:s,s:i,s:i,s:s*}", "verdict", verdict, "records", (int)in->records, "rejected",
	    (int)in->rejected, "code", in->too_often != NULL ? in->refusal.code : NULL);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc;

	intake_identity(in->adapter, in->drop.name, in->drop.sha256, &identity);
	rc = store_drop_identity(s->store, in->drop.id, eg_buf_cstr(&identity), err);
	if (rc == EG_OK)
		rc = came_in_run(s->store, in->drop.id, s->run, err);
	if (rc == EG_OK)
		rc = store_drop_set(s->store, in->drop.id, "read", verdict, NULL, err);
	if (rc == EG_OK)
		rc = store_run_count(s->store, s->run, 1, in->records, in->rejected, err);
	if (rc == EG_OK)
		rc = site_log(s, strcmp(verdict, "refused") == 0 ? "refused" : "converted", in->drop.id, detail, err);
	if (rc == EG_OK)
		rc = repair_log(s, in->drop.id, err);
	free(detail);
	json_decref(j);
	eg_buf_done(&identity);
	return rc;
}

static int
drop_transaction(struct intake *in, struct eg_err *err)
{
	struct store *st = in->site->store;
	int rc = store_mark(st, err);

	if (rc == EG_OK && in->too_often != NULL) {
		in->drop_refused = true;
		eg_fail(&in->refusal, EG_BADFILE, "F-71", "%s", in->too_often);
	} else if (rc == EG_OK)
		rc = intake_read(in, err);
	if (rc == EG_OK && in->drop_refused) {
		rc = intake_unread(in, err);
		in->drop_refused = true;
		if (rc == EG_OK)
			rc = refuse_drop(in, err);
	} else if (rc == EG_OK)
		rc = store_keep(st, err);
	if (rc == EG_OK && in->any_reject && in->only_try < 0)
		rc = write_rejects(in, err);
	return rc == EG_OK ? close_drop(in, err) : rc;
}

/* ---- told ---- */

static void
said_of(const struct intake *in, struct intake_said *ret)
{
	*ret = (struct intake_said){ .records = in->records,
		.rejected = in->rejected,
		.refused_files = in->refused_files,
		.verdict = verdict_of(in) };
	(void)snprintf(ret->drop, sizeof(ret->drop), "%s", in->drop.id);
	ret->source = eg_xstrdup(in->drop.source);
	ret->name = eg_xstrdup(in->drop.name);
}

void
intake_tell(struct intake_said *d, const struct cycle_watch *w, struct cycle_result *ret)
{
	ret->records += d->records;
	ret->rejected += d->rejected;
	ret->refused_files += d->refused_files;
	if (w != NULL && w->drop != NULL)
		w->drop(w->ctx, d->drop, d->source, d->name, d->verdict, d->records, d->rejected);
}

void
intake_said_done(struct intake_said *d)
{
	free(d->source);
	free(d->name);
	*d = (struct intake_said){ 0 };
}

/* ---- the whole ---- */

/* Everything but the transaction. */
static int
take(struct intake *in, const char *drop, struct eg_arena *a, struct eg_err *err)
{
	struct site *s = in->site;
	unsigned open = 0, drops = 0;
	int rc = store_drop_get(s->store, drop, a, &in->drop, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "the claimed drop %s is not in the database any more", drop);
	if (rc == EG_OK)
		rc = rereading_open(s, drop, &in->again, err);
	if (rc == EG_OK)
		rc = reject_count(s->store, in->drop.source, &open, &drops, err);
	in->open_rejects = open > 0;
	in->warn_damage = conf_bool(&s->conf, "damage.warn");
	if (rc == EG_OK) {
		in->place = (struct place){ .drop = in->drop.id, .source = in->drop.source, .file = in->drop.name };
		rc = drop_transaction(in, err);
	}
	return rc;
}

static void
intake_open(struct intake *in, struct site *s, int only_try)
{
	*in = (struct intake){ .site = s, .file_name = EG_BUF_INIT, .member = EG_BUF_INIT, .only_try = only_try };
	eg_arena_init(&in->doc, 2 * EG_LIMIT_DOC_MEM);
	book_open(&in->book);
}

static void
intake_close(struct intake *in)
{
	rereading_done(in->site, &in->again);
	near_close(in->lists);
	book_close(&in->book);
	free(in->line);
	free(in->line_at);
	free(in->too_often);
	eg_buf_done(&in->file_name);
	eg_buf_done(&in->member);
	eg_arena_done(&in->doc);
}

int
intake_drop_in(struct site *s, const char *drop, struct intake_said *ret, struct eg_err *err)
{
	struct intake in;
	struct eg_arena a;
	int rc;

	intake_open(&in, s, -1);
	eg_arena_init(&a, 1 << 16);
	rc = attempt_begin(s, drop, &in.too_often, err);
	if (rc == EG_OK)
		rc = take(&in, drop, &a, err);
	if (rc == EG_OK)
		said_of(&in, ret);
	attempt_end(rc);
	intake_close(&in);
	eg_arena_done(&a);
	return rc;
}

int
intake_try(struct site *s, const char *drop, int fd, struct cycle_result *ret, struct eg_err *err)
{
	struct intake_said said = { 0 };
	struct intake in;
	struct eg_arena a;
	int rc;

	intake_open(&in, s, fd);
	eg_arena_init(&a, 1 << 16);
	rc = take(&in, drop, &a, err);
	if (rc == EG_OK) {
		said_of(&in, &said);
		intake_tell(&said, NULL, ret);
		intake_said_done(&said);
	}
	intake_close(&in);
	eg_arena_done(&a);
	return rc;
}

int
intake_drop(struct site *s, const char *drop, const struct cycle_watch *w, struct cycle_result *ret, struct eg_err *err)
{
	struct intake_said said = { 0 };
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = intake_drop_in(s, drop, &said, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	if (rc == EG_OK)
		intake_tell(&said, w, ret);
	intake_said_done(&said);
	return rc;
}
