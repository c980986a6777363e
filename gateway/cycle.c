/* SPDX-License-Identifier: MIT
 *
 * The order of a turn. Everything it does can be stopped at any instruction: each step leaves a state from which the next turn's recovery goes on
 * (docs/SPOOL.md). Tests: tests/scenario/.
 */
#include "gateway/cycle.h"

#include "base/fs.h"
#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#define APPROVALS "approvals"

struct turn {
	struct site *site;
	const struct cycle_watch *watch;
	struct cycle_result *result;
	struct spool_source source; /* being scanned */
	unsigned settling;
	bool approvals;
	struct cycle_arrivals *arrivals; /* only looking */
};

/* ---- recovery and claimed drops ---- */

static int
finish_claim(struct turn *t, const char *source, struct spool_claim *c, struct eg_err *err)
{
	bool fresh;
	int rc = intake_claim(t->site, source, c, false, &fresh, err);

	if (rc == EG_OK && !fresh)
		t->result->duplicates++;
	else if (rc == EG_OK && strcmp(source, APPROVALS) == 0)
		rc = manifest_take(t->site, c, err);
	else if (rc == EG_OK)
		rc = intake_drop(t->site, c->drop, t->watch, t->result, err);
	if (rc == EG_OK)
		t->result->drops++;
	return rc;
}

static int
recover_each(void *ctx, const char *id, struct eg_err *err)
{
	struct turn *t = ctx;
	struct eg_arena a;
	struct drop_row row;
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct eg_buf source = EG_BUF_INIT;
	int rc;

	if (id[0] != 'D')
		return EG_OK; /* batches and manifests have recoveries of their own */
	eg_arena_init(&a, 1 << 20);
	rc = store_drop_get(t->site->store, id, &a, &row, err);
	bool unknown = rc == EG_EOF;
	bool pending = rc == EG_OK && strcmp(row.state, "claimed") == 0;
	if (unknown || pending) {
		rc = spool_claim_again(&t->site->spool, id, &source, &claim, err);
		if (rc == EG_OK && unknown)
			rc = finish_claim(t, eg_buf_cstr(&source), &claim, err);
		else if (rc == EG_OK && strcmp(row.source, APPROVALS) == 0)
			rc = manifest_take(t->site, &claim, err);
		else if (rc == EG_OK)
			rc = intake_drop(t->site, id, t->watch, t->result, err);
	}
	spool_claim_done(&claim);
	eg_buf_done(&source);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- arriving files ---- */

static int
next_drop_id(struct site *s, char ret[16], struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_next_id(s->store, 'D', ret, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

static int
settle_finding(struct turn *t, const struct spool_candidate *c, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;
	struct finding f = { .run = t->site->run, .source = t->source.name, .line = 1, .code = "F-60", .severity = ADP_WARN, .item = "",
		.field = "", .value = "" };
	char *msg = eg_xprintf("This file was not taken. %s It stays where it is and is looked at again on the next run.", c->reason);
	int rc = store_begin(t->site->store, err);

	eg_buf_escaped(&name, eg_bytes_str(c->name));
	f.file = eg_buf_cstr(&name);
	f.message = msg;
	if (rc == EG_OK)
		rc = store_finding_add(t->site->store, &f, err);
	if (rc == EG_OK)
		rc = store_commit(t->site->store, err);
	if (rc < 0)
		store_rollback(t->site->store);
	free(msg);
	eg_buf_done(&name);
	return rc;
}

static int
take_candidate(struct turn *t, const struct spool_candidate *c, struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	char id[16];
	int rc = next_drop_id(t->site, id, err);

	if (rc == EG_OK)
		rc = spool_claim(&t->site->spool, &t->source, id, c->name, c->companion, &claim, err);
	if (rc == EG_RETRY && (strcmp(err->code, "GONE") == 0 || strcmp(err->code, "CHANGED") == 0)) {
		t->settling++; /* it moved under us: the next look decides */
		rc = EG_OK;
	} else if (rc == EG_BADFILE) { /* it became something else between the look and the claim: told, never a stop for its neighbours */
		struct spool_candidate refused = *c;
		char reason[EG_MSG_MAX];
		(void)snprintf(reason, sizeof(reason), "%s", err->msg);
		refused.reason = reason;
		t->result->unsettled++;
		rc = settle_finding(t, &refused, err);
	} else if (rc == EG_OK)
		rc = finish_claim(t, t->source.name, &claim, err);
	spool_claim_done(&claim);
	return rc;
}

static int
scan_each(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	struct turn *t = ctx;

	if (c->arrival == ARRIVAL_SETTLING)
		t->settling++;
	return c->arrival == ARRIVAL_READY ? take_candidate(t, c, err) : EG_OK;
}

static int
report_each(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	struct turn *t = ctx;

	if (c->arrival != ARRIVAL_SETTLING && c->arrival != ARRIVAL_REFUSED)
		return EG_OK;
	t->result->unsettled++;
	return settle_finding(t, c, err);
}

static int
whole(void *ctx, int fd, const char *name, struct eg_err *err)
{
	struct site *s = ctx;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return eg_fail(err, EG_BADFILE, "GONE", "it cannot be looked at");
	return worker_whole(s, fd, (uint64_t)st.st_size, name, err);
}

static enum spool_settle
settle_named(const char *word)
{
	if (strcmp(word, "rename") == 0)
		return SETTLE_RENAME;
	return strcmp(word, "companion") == 0 ? SETTLE_COMPANION : SETTLE_QUIET;
}

static int
scan_source(struct turn *t, const char *name, int (*each)(void *, const struct spool_candidate *, struct eg_err *), struct eg_err *err)
{
	struct site *s = t->site;
	const char *quiet = conf_sub(&s->conf, "source", name, "quiet");
	struct spool_check check = { whole, s };
	int64_t quiet_sec = conf_int(&s->conf, "settle.quiet");

	if (quiet != NULL && *quiet != '\0')
		(void)eg_duration_parse(eg_bytes_str(quiet), &quiet_sec);
	t->source = (struct spool_source){ .name = name, .settle = settle_named(conf_sub(&s->conf, "source", name, "settle")), .quiet_sec = quiet_sec, .patience_sec = conf_int(&s->conf, "run.settle_timeout"),
		.max_bytes = (uint64_t)conf_int(&s->conf, "drop.max_bytes"), .signature_suffixes = t->approvals ? ".sig .p7s" : NULL };
	return spool_scan(&s->spool, &t->source, site_now(s), t->arrivals != NULL ? NULL : &check, each, t, err);
}

struct scan {
	struct turn *turn;
	int (*each)(void *, const struct spool_candidate *, struct eg_err *);
};

static int
scan_folder(void *ctx, const char *name, struct eg_err *err)
{
	const struct scan *scan = ctx;

	if ((strcmp(name, APPROVALS) == 0) != scan->turn->approvals || name[0] == '.')
		return EG_OK;
	return scan_source(scan->turn, name, scan->each, err);
}

/* Sources in order of name; approvals by themselves. */
static int
scan_all(struct turn *t, bool approvals, int (*each)(void *, const struct spool_candidate *, struct eg_err *), struct eg_err *err)
{
	struct scan scan = { t, each };

	t->approvals = approvals;
	return eg_fs_list(t->site->spool.drop, scan_folder, &scan, err);
}

/* Takes what is whole until nothing is settling any more or the time is over. */
static int
arrive(struct turn *t, bool approvals, int64_t deadline, struct eg_err *err)
{
	int rc;

	for (;;) {
		t->settling = 0;
		rc = scan_all(t, approvals, scan_each, err);
		if (rc < 0 || t->settling == 0 || site_now(t->site) >= deadline)
			return rc;
		(void)poll(NULL, 0, 200);
	}
}

/* ---- looking only ---- */

static void
print_add(struct cycle_arrivals *r, const void *p, size_t n)
{
	const unsigned char *c = p;

	for (size_t i = 0; i < n; i++)
		r->print = (r->print ^ c[i]) * UINT64_C(1099511628211);
}

static int
look_each(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	struct turn *t = ctx;
	struct cycle_arrivals *r = t->arrivals;

	(void)err;
	if (c->arrival == ARRIVAL_TEMPORARY || (c->arrival == ARRIVAL_COMPANION && !t->approvals))
		return EG_OK;
	r->ready += c->arrival == ARRIVAL_READY;
	r->settling += c->arrival == ARRIVAL_SETTLING;
	r->odd += c->arrival == ARRIVAL_REFUSED;
	r->companions += c->arrival == ARRIVAL_COMPANION;
	print_add(r, c->name, strlen(c->name) + 1);
	print_add(r, &c->arrival, sizeof(c->arrival));
	print_add(r, &c->st.st_ino, sizeof(c->st.st_ino));
	print_add(r, &c->st.st_size, sizeof(c->st.st_size));
	print_add(r, &c->st.st_mtim, sizeof(c->st.st_mtim));
	return EG_OK;
}

int
cycle_look(struct site *s, struct cycle_arrivals *ret, struct eg_err *err)
{
	struct turn t = { .site = s, .arrivals = ret };
	int rc;

	*ret = (struct cycle_arrivals){ .print = UINT64_C(14695981039346656037) };
	rc = scan_all(&t, false, look_each, err);
	return rc == EG_OK ? scan_all(&t, true, look_each, err) : rc;
}

/* ---- the turn ---- */

static int
in_transaction(struct site *s, int (*work)(struct site *s, struct eg_err *err), struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = work(s, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

static int
settle_rules(struct site *s, struct eg_err *err)
{
	int rc = answers_apply(s, err);

	return rc == EG_OK ? rules_settle(s, false, err) : rc;
}

static int
decide_waiting(struct site *s, struct eg_err *err)
{
	int rc = parked_retry(s, err);

	return rc == EG_OK ? rules_settle(s, false, err) : rc;
}

static int
report_holds(struct site *s, struct eg_err *err)
{
	return rules_settle(s, true, err);
}

static int
log_entry(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	return store_log_line(ctx, index, ret, err);
}

static int
publish_log(struct site *s, struct eg_err *err)
{
	char *origin = site_log_origin(s);
	uint64_t size = 0;
	int rc = store_log_size(s->store, &size, err);

	if (rc == EG_OK)
		rc = log_publish(&s->spool, origin, s->key, size, log_entry, s->store, err);
	free(origin);
	return rc;
}

static int
count_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct cycle_result *r = ctx;

	(void)err;
	if (it->state == ST_HELD)
		r->held++;
	else
		r->waiting++;
	return EG_OK;
}

static int
count_findings(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct cycle_result *r = ctx;

	(void)err;
	if (f->severity == ADP_REJECT && strcmp(f->source, APPROVALS) == 0)
		r->decisions_refused++;
	else if (strcmp(f->code, "F-37") == 0)
		r->failed++;
	return EG_OK;
}

static int
summary(struct site *s, struct cycle_result *r, struct eg_err *err)
{
	struct item_filter open = { .states = 1U << ST_HELD | 1U << ST_WAITING | 1U << ST_IMPORTABLE | 1U << ST_CHANGED | 1U << ST_FAILED };
	struct finding_filter mine = { .run = s->run };
	int rc = item_each(s->store, &open, count_each, r, err);

	if (rc == EG_OK)
		rc = store_finding_each(s->store, &mine, count_findings, r, err);
	r->idle = r->drops == 0 && r->batches == 0;
	return rc;
}

static int
work(struct turn *t, int64_t deadline, struct eg_err *err)
{
	struct site *s = t->site;
	int rc = spool_leftovers(&s->spool, recover_each, t, err);

	if (rc == EG_OK)
		rc = batches_publish(s, err);
	if (rc == EG_OK)
		rc = arrive(t, false, deadline, err);
	if (rc == EG_OK)
		rc = in_transaction(s, settle_rules, err);
	if (rc == EG_OK)
		rc = arrive(t, true, deadline, err);
	if (rc == EG_OK)
		rc = in_transaction(s, decide_waiting, err);
	if (rc == EG_OK)
		rc = batches_make(s, &t->result->batches, err);
	if (rc == EG_OK)
		rc = batches_publish(s, err);
	if (rc == EG_OK)
		rc = in_transaction(s, report_holds, err);
	if (rc == EG_OK && deadline > 0)
		rc = scan_all(t, false, report_each, err);
	if (rc == EG_OK && deadline > 0)
		rc = scan_all(t, true, report_each, err);
	if (rc == EG_OK)
		rc = seal_all(s, err);
	return rc == EG_OK ? publish_log(s, err) : rc;
}

static int
run_begin(struct site *s, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_run_begin(s->store, "run", site_now(s), &s->run, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

static int
run_end(struct site *s, int exit_code, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_run_end(s->store, s->run, site_now(s), exit_code, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

int
cycle_run(struct site *s, int64_t settle_sec, const struct cycle_watch *w, struct cycle_result *ret, struct eg_err *err)
{
	struct turn t = { .site = s, .watch = w, .result = ret };
	struct eg_err end_err;
	int rc;

	*ret = (struct cycle_result){ 0 };
	rc = run_begin(s, err);
	if (rc < 0)
		return rc;
	rc = work(&t, settle_sec > 0 ? site_now(s) + settle_sec : 0, err);
	if (rc == EG_OK)
		rc = summary(s, ret, err);
	bool partial = ret->rejected + ret->refused_files + ret->decisions_refused + ret->failed + ret->unsettled > 0;
	int end_rc = run_end(s, rc < 0 ? 1 : partial ? 3 : 0, &end_err);
	if (rc == EG_OK && end_rc < 0) {
		*err = end_err;
		rc = end_rc;
	}
	s->run = 0;
	return rc;
}

int
cycle_ingest(struct site *s, const char *source, const char *name, int fd, char ret_drop[16], struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	uint64_t max = (uint64_t)conf_int(&s->conf, "drop.max_bytes");
	int rc = next_drop_id(s, ret_drop, err);

	if (rc == EG_OK)
		rc = spool_claim_copy(&s->spool, source, ret_drop, name, fd, max, &claim, err);
	spool_claim_done(&claim);
	return rc; /* the turn that follows finds it in work/ and reads it */
}

/* ---- reading a sealed original again ---- */

struct find_bundle {
	struct eg_arena *a;
	const char *path;
};

static int
bundle_path(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct find_bundle *f = ctx;

	(void)err;
	f->path = eg_arena_cstr(f->a, eg_bytes_str(b->path));
	return EG_OK;
}

/* The original's bytes from its bundle, in memory that looks like a file. */
static int
original_fd(struct site *s, const struct drop_row *d, struct eg_arena *a, int *ret_fd, struct eg_err *err)
{
	struct find_bundle f = { a, NULL };
	struct eg_buf bytes = EG_BUF_INIT, member = EG_BUF_INIT;
	int rc = bundle_row_each(s->store, d->id, bundle_path, &f, err);

	if (rc == EG_OK && f.path == NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s is not sealed yet; run erpgate run first", d->id);
	eg_buf_str(&member, "data/received/");
	bundle_safe_name(eg_bytes_str(d->name), &member);
	if (rc == EG_OK)
		rc = bundle_extract(&s->spool, f.path, eg_buf_cstr(&member), &bytes, err);
	if (rc == EG_OK) {
		*ret_fd = memfd_create("original", MFD_CLOEXEC);
		size_t done = 0;
		while (*ret_fd >= 0 && done < bytes.len) {
			ssize_t n = write(*ret_fd, bytes.ptr + done, bytes.len - done);
			if (n <= 0)
				break;
			done += (size_t)n;
		}
		if (*ret_fd < 0 || done < bytes.len)
			rc = eg_fail(err, EG_RETRY, "LIMIT-MEM", "there is no room to unpack the original");
	}
	eg_buf_done(&bytes);
	eg_buf_done(&member);
	return rc;
}

int
cycle_reprocess(struct site *s, const char *drop, char ret_drop[16], struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct eg_arena a;
	struct drop_row d;
	bool fresh;
	int fd = -1, rc;

	eg_arena_init(&a, 1 << 18);
	rc = store_drop_get(s->store, drop, &a, &d, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate status", drop);
	if (rc == EG_OK && d.first != NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s repeats %s; reprocess that one", drop, d.first);
	if (rc == EG_OK)
		rc = original_fd(s, &d, &a, &fd, err);
	if (rc == EG_OK)
		rc = next_drop_id(s, ret_drop, err);
	if (rc == EG_OK)
		rc = spool_claim_copy(&s->spool, d.source, ret_drop, d.name, fd, (uint64_t)d.size, &claim, err);
	if (rc == EG_OK)
		rc = intake_claim(s, d.source, &claim, true, &fresh, err);
	spool_claim_done(&claim);
	eg_fd_done(&fd);
	eg_arena_done(&a);
	return rc; /* journaled as claimed: the turn that follows reads it */
}
