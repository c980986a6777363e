/* SPDX-License-Identifier: MIT
 *
 * Quotas and rounds of the sources. Tests: tests/scenario/siege_flood.py.
 */
#include "gateway/quota.h"

#include "base/date.h"
#include "gateway/mail/mail.h"

#include <inttypes.h>
#include <jansson.h>

struct quota *
quotas_of(struct quotas *q, const char *source)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->of[i]->source, source) == 0)
			return q->of[i];
	q->of = eg_xrealloc(q->of, (q->n + 1) * sizeof(struct quota *));
	q->of[q->n] = eg_xalloc(sizeof(struct quota));
	q->of[q->n]->source = eg_xstrdup(source);
	return q->of[q->n++];
}

void
quotas_free(struct quotas *q)
{
	for (size_t i = 0; i < q->n; i++) {
		free(q->of[i]->source);
		free(q->of[i]->after);
		spool_names_done(&q->of[i]->names);
		free(q->of[i]->counting.first);
		free(q->of[i]->left.first);
		free(q->of[i]);
	}
	free(q->of);
	*q = (struct quotas){ 0 };
}

/* 0 = no limit. */
static uint64_t
limit_of(const struct site *s, const struct quota *q, const char *what)
{
	const char *v = conf_sub(&s->conf, "source", q->source, what);
	uint64_t n = 0;

	return v != NULL && eg_bytes_to_u64(eg_bytes_str(v), &n) ? n : 0;
}

/* ---- items that wait ---- */

struct waiting {
	struct site *s;
	const char *source;
	uint64_t n, limit;
	struct eg_arena a;
};

static int
waiting_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct waiting *w = ctx;
	struct file_row f;
	struct drop_row d = { .source = "" };
	int rc;

	if (w->n >= w->limit)
		return EG_OK;
	eg_arena_reset(&w->a);
	rc = store_file_get(w->s->store, it->file, &w->a, &f, err);
	if (rc == EG_OK)
		rc = store_drop_get(w->s->store, f.drop, &w->a, &d, err);
	w->n += rc == EG_OK && strcmp(d.source, w->source) == 0;
	return rc < 0 ? rc : EG_OK;
}

int
quota_round(struct site *s, struct quota *q, struct eg_err *err)
{
	struct item_filter open = { .states =
					1U << ST_HELD | 1U << ST_WAITING | 1U << ST_IMPORTABLE | 1U << ST_CHANGED };
	struct waiting w = { .s = s, .source = q->source, .limit = limit_of(s, q, "max_waiting") };
	int rc = EG_OK;

	q->round = 0;
	q->enough = false;
	if (w.limit == 0 || q->over != NULL)
		return EG_OK;
	eg_arena_init(&w.a, 1 << 16);
	rc = item_each(s->store, &open, waiting_each, &w, err);
	eg_arena_done(&w.a);
	if (rc == EG_OK && w.n >= w.limit)
		q->over = "max_waiting";
	return rc;
}

/* ---- files ---- */

void
quota_again(struct quota *q)
{
	spool_names_done(&q->names);
	q->passed = false;
}

void
quota_pass(struct quota *q)
{
	free(q->after);
	q->after = NULL;
	q->passed = true;
	free(q->left.first);
	q->left = q->counting;
	q->counting = (struct quota_left){ 0 };
}

void
quota_seen(const struct site *s, struct quota *q, const char *name)
{
	const int64_t most = conf_int(&s->conf, "run.round");

	free(q->after);
	q->after = eg_xstrdup(name);
	q->round++;
	q->enough = most > 0 && q->round >= (uint64_t)most;
}

bool
quota_takes(const struct site *s, struct quota *q, const char *name, uint64_t size)
{
	const uint64_t files = limit_of(s, q, "max_files"), bytes = limit_of(s, q, "max_bytes");

	if (q->over == NULL && files > 0 && q->files >= files)
		q->over = "max_files";
	if (q->over == NULL && bytes > 0 && q->files > 0 && (q->bytes >= bytes || size > bytes - q->bytes))
		q->over = "max_bytes";
	if (q->over == NULL) {
		q->files++;
		q->bytes += size;
		return true;
	}
	if (q->counting.files++ == 0)
		q->counting.first = eg_xstrdup(name);
	q->counting.bytes += size;
	return false;
}

/* ---- telling ---- */

static char *
message_of(const struct site *s, const struct quota *q)
{
	const bool waiting = strcmp(q->over, "max_waiting") == 0;
	char *rest = q->left.files == 1 ?
	                 eg_xprintf("This file was not taken (%" PRIu64 " bytes).", q->left.bytes) :
	                 eg_xprintf("This file and %" PRIu64 " more of %s were not taken (%" PRIu64 " bytes).",
			     q->left.files - 1, q->source, q->left.bytes);
	char *why = waiting ? eg_xprintf("%" PRIu64 " or more items of %s wait for a decision or for what they lack",
				  limit_of(s, q, q->over), q->source) :
	                      eg_xprintf("%s has had its share of this turn: %" PRIu64 " %s", q->source,
				  limit_of(s, q, q->over), strcmp(q->over, "max_files") == 0 ? "files" : "bytes");
	char *msg = eg_xprintf("%s %s (source.%s.%s). They stay where they are, in order, and %s. %s", rest, why,
	    q->source, q->over,
	    waiting ? "are taken once fewer wait: see erpgate queue" : "the next turn takes more of them",
	    waiting ? "Or let more wait: erpgate config set source.NAME.max_waiting N." :
		      "So many at once are usually a program's mistake: ask the sender before you raise the limit.");

	free(why);
	free(rest);
	return msg;
}

static int
log_over(struct site *s, const struct quota *q, struct eg_err *err)
{
	json_t *j =
	    json_pack("{s:s,s:I,s:I,s:I,s:I}", "limit", q->over, "left", (json_int_t)q->left.files, "left_bytes",
		(json_int_t)q->left.bytes, "taken", (json_int_t)q->files, "taken_bytes", (json_int_t)q->bytes);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, "over-quota", q->source, text, err);

	free(text);
	json_decref(j);
	return rc;
}

/* One a day and source: a flood lasts. */
static int
mail_over(struct site *s, const struct quota *q, const char *msg, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	char *key = eg_xprintf("source.%s.mail", q->source),
	     *once = eg_xprintf("flood/%s/%" PRId64, q->source, site_now(s) / 86400),
	     *subject = eg_xprintf("erpgate: %s sends more than is taken (site %s)", q->source, s->name);
	const char *contact = conf_get(&s->conf, key);

	eg_buf_printf(&text, "%s\n", msg);
	mail_sign(s, &text);
	struct mail_new mail = { .kind = "flood", .once = once, .subject = subject, .text = eg_buf_cstr(&text) };
	int rc = mail_queue_all(s, conf_text(&s->conf, "mail.admins"), &mail, err);
	if (rc == EG_OK && contact != NULL)
		rc = mail_queue_all(s, contact, &mail, err);
	eg_buf_done(&text);
	free(subject);
	free(once);
	free(key);
	return rc;
}

static int
report_one(struct site *s, const struct quota *q, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;
	char *msg = message_of(s, q);

	eg_buf_escaped(&name, eg_bytes_str(q->left.first));
	struct finding f = { .run = s->run,
		.source = q->source,
		.file = eg_buf_cstr(&name),
		.line = 1,
		.code = "F-60",
		.severity = ADP_WARN,
		.item = "",
		.field = "",
		.value = "",
		.message = msg };
	int rc = store_finding_add(s->store, &f, err);
	if (rc == EG_OK)
		rc = log_over(s, q, err);
	if (rc == EG_OK && mail_on(&s->conf))
		rc = mail_over(s, q, msg, err);
	free(msg);
	eg_buf_done(&name);
	return rc;
}

int
quotas_report(struct site *s, const struct quotas *q, unsigned *ret_left, struct eg_err *err)
{
	int rc = EG_OK;

	*ret_left = 0;
	for (size_t i = 0; rc == EG_OK && i < q->n; i++)
		if (q->of[i]->left.files > 0) {
			*ret_left += (unsigned)q->of[i]->left.files;
			rc = report_one(s, q->of[i], err);
		}
	return rc;
}
