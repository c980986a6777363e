/* SPDX-License-Identifier: MIT
 *
 * Drop folders: what is whole is claimed and read, what is not is left and told. Looking only, for a daemon that decides whether a turn is due, asks no worker.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/turn.h"
#include "gateway/workflow/workflow.h"

#include <fcntl.h>
#include <poll.h>

static int
next_id(struct site *s, void *ctx, struct eg_err *err)
{
	return store_next_id(s->store, 'D', ctx, err);
}

int
turn_drop_id(struct site *s, char ret[16], struct eg_err *err)
{
	return turn_transaction(s, next_id, ret, err);
}

static int
add_finding(struct site *s, void *ctx, struct eg_err *err)
{
	return store_finding_add(s->store, ctx, err);
}

int
turn_left_finding(struct turn *t, const struct spool_candidate *c, bool in_transaction, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;
	char *msg = eg_xprintf(
	    "This file was not taken. %s It stays where it is and is looked at again on the next run.", c->reason);
	int rc;

	eg_buf_escaped(&name, eg_bytes_str(c->name));
	struct finding f = { .run = t->site->run,
		.source = t->source.name,
		.file = eg_buf_cstr(&name),
		.line = 1,
		.code = "F-60",
		.severity = ADP_WARN,
		.item = "",
		.field = "",
		.value = "",
		.message = msg };
	rc = in_transaction ? add_finding(t->site, &f, err) : turn_transaction(t->site, add_finding, &f, err);
	free(msg);
	eg_buf_done(&name);
	return rc;
}

int
turn_not_taken(
    struct turn *t, const struct spool_candidate *c, const struct eg_err *why, bool in_transaction, struct eg_err *err)
{
	if (why->cls == EG_RETRY && strcmp(why->code, "DISK-FULL") == 0) {
		disk_left_add(&t->disk, t->source.name, c->name, (uint64_t)c->st.st_size);
		t->disk.full = true; /* what was taken of it is finished by recovery when there is room */
		return EG_OK;
	}
	if (why->cls == EG_RETRY && (strcmp(why->code, "GONE") == 0 || strcmp(why->code, "CHANGED") == 0)) {
		t->settling++; /* it moved under us: the next look decides */
		return EG_OK;
	}
	if (why->cls ==
	    EG_BADFILE) { /* it became something else between the look and the claim: told, never a stop for its neighbours */
		struct spool_candidate refused = *c;
		refused.reason = why->msg;
		t->result->unsettled++;
		return turn_left_finding(t, &refused, in_transaction, err);
	}
	*err = *why;
	return why->cls;
}

int
turn_take(struct turn *t, const struct spool_candidate *c, const char *id, struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	int rc = spool_claim(&t->site->spool, &t->source, id, c->name, c->companion, &claim, err);

	if (rc == EG_OK)
		rc = turn_claimed(t, t->source.name, &claim, err);
	else {
		struct eg_err why = *err;
		rc = turn_not_taken(t, c, &why, false, err);
	}
	spool_claim_done(&claim);
	return rc;
}

/* Asked anew for each file: others fill the disk, too. A disk that does not answer is told by the claim. */
static bool
has_room(struct turn *t, const struct spool_candidate *c)
{
	struct disk_room d;
	struct eg_err untold;
	uint64_t size = (uint64_t)c->st.st_size;

	if (!t->disk.full && (disk_look(t->site, &d, &untold) < 0 || disk_takes(&d, size)))
		return true;
	disk_left_add(&t->disk, t->source.name, c->name, size);
	return false;
}

static int
scan_each(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	struct turn *t = ctx;

	if (site_ending(t->site)) {
		t->quota->enough = true;
		return EG_OK;
	}
	quota_seen(t->site, t->quota, c->name);
	if (c->arrival == ARRIVAL_SETTLING)
		t->settling++;
	if (c->arrival == ARRIVAL_READY && !has_room(t, c))
		return EG_OK;
	if (c->arrival != ARRIVAL_READY || !quota_takes(t->site, t->quota, c->name, (uint64_t)c->st.st_size))
		return EG_OK;
	return turn_group_add(t, c, err);
}

static int
report_each(void *ctx, const struct spool_candidate *c, struct eg_err *err)
{
	struct turn *t = ctx;

	if (c->arrival != ARRIVAL_SETTLING && c->arrival != ARRIVAL_REFUSED)
		return EG_OK;
	t->result->unsettled++;
	return turn_left_finding(t, c, false, err);
}

static int
whole(void *ctx, int fd, const char *name, struct eg_err *err)
{
	struct site *s = ctx;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return eg_fail(err, EG_BADFILE, "GONE", "it cannot be looked at");
	int rc = worker_whole(s, fd, (uint64_t)st.st_size, name, err);
	if (rc < 0 && (worker_died(err) || worker_again(err)))
		return EG_OK; /* not a question of waiting: it is taken, and its reader tells what is wrong with it */
	return rc;
}

static enum spool_settle
settle_named(const char *word)
{
	if (strcmp(word, "rename") == 0)
		return SETTLE_RENAME;
	return strcmp(word, "companion") == 0 ? SETTLE_COMPANION : SETTLE_QUIET;
}

/* One round of one source: it goes on where the last one ended. What is over the quota is only counted, so nobody asks whether it is whole. */
static int
scan_round(struct turn *t, const char *name, const struct spool_check *check, struct eg_err *err)
{
	struct quota *q = quotas_of(&t->quotas, name);
	int rc = quota_round(t->site, q, err);
	char *after = q->after;

	q->after = NULL;
	t->quota = q;
	t->source.after = after;
	t->source.enough = &q->enough;
	t->source.names = &q->names;
	if (rc == EG_OK)
		rc = spool_scan(
		    &t->site->spool, &t->source, site_now(t->site), q->over == NULL ? check : NULL, scan_each, t, err);
	free(after);
	if (rc == EG_OK)
		rc = turn_group_take(t, err);
	if (rc == EG_OK && !q->enough)
		quota_pass(q);
	t->more = t->more || !q->passed;
	return rc;
}

static int
scan_source(struct turn *t, const char *name, int (*each)(void *, const struct spool_candidate *, struct eg_err *),
    struct eg_err *err)
{
	struct site *s = t->site;
	const char *quiet = conf_sub(&s->conf, "source", name, "quiet");
	struct spool_check check = { whole, s };
	int64_t quiet_sec = conf_int(&s->conf, "settle.quiet");

	if (quiet != NULL && *quiet != '\0')
		(void)eg_duration_parse(eg_bytes_str(quiet), &quiet_sec);
	uint64_t most = (uint64_t)conf_int(&s->conf, "drop.max_bytes");

	t->source = (struct spool_source){ .name = name,
		.settle = settle_named(conf_sub(&s->conf, "source", name, "settle")),
		.quiet_sec = quiet_sec,
		.patience_sec = conf_int(&s->conf, "run.settle_timeout"),
		.max_bytes = t->approvals && most > EG_LIMIT_SHEET_BYTES ? EG_LIMIT_SHEET_BYTES : most,
		.signature_suffixes = t->approvals ? ".sig .p7s" : NULL };
	if (each != scan_each) {
		bool content = t->arrivals == NULL && quotas_of(&t->quotas, name)->over == NULL;
		return spool_scan(&s->spool, &t->source, site_now(s), content ? &check : NULL, each, t, err);
	}
	return scan_round(t, name, &check, err);
}

struct scan {
	struct turn *turn;
	int (*each)(void *, const struct spool_candidate *, struct eg_err *);
};

/* Something that stands where a source's folder belongs stops nobody else's. */
static int
left_folder(struct turn *t, const char *name, const char *reason, struct eg_err *err)
{
	struct spool_candidate c = { .name = name, .reason = reason };

	t->source = (struct spool_source){ .name = name };
	t->result->unsettled++;
	return turn_left_finding(t, &c, false, err);
}

static int
scan_folder(void *ctx, const char *name, struct eg_err *err)
{
	const struct scan *scan = ctx;

	if ((strcmp(name, APPROVALS) == 0) != scan->turn->approvals || name[0] == '.')
		return EG_OK;
	if (!eg_fs_own_folder(scan->turn->site->spool.drop, name))
		return scan->each == report_each ?
		           left_folder(scan->turn, name,
			       "It stands among the drop folders and is none, or is somebody's link to one; only links that root or the gateway's own account made are followed.",
			       err) :
		           EG_OK;
	int rc = scan_source(scan->turn, name, scan->each, err);
	/* moved away meanwhile, a share that is down: nobody else waits for it */
	if (rc == EG_FATAL && strcmp(err->code, "NO-FOLDER") == 0)
		rc = scan->each == report_each ? left_folder(scan->turn, name, "It cannot be opened now.", err) : EG_OK;
	return rc;
}

/* Sources in order of name; approvals by themselves. */
static int
scan_all(struct turn *t, bool approvals, int (*each)(void *, const struct spool_candidate *, struct eg_err *),
    struct eg_err *err)
{
	struct scan scan = { t, each };

	t->approvals = approvals;
	return eg_fs_list(t->site->spool.drop, scan_folder, &scan, err);
}

int
turn_left(struct turn *t, struct eg_err *err)
{
	int rc = scan_all(t, false, report_each, err);

	return rc == EG_OK ? scan_all(t, true, report_each, err) : rc;
}

int
turn_arrive(struct turn *t, bool approvals, int64_t deadline, struct eg_err *err)
{
	unsigned left = t->disk.files;
	int rc;

	for (;;) {
		const bool last =
		    t->site->mono(t->site->now_ctx) >= deadline; /* so that a look follows the whole time */
		t->settling = 0;
		disk_left_again(&t->disk, left);
		for (size_t i = 0; i < t->quotas.n; i++)
			quota_again(t->quotas.of[i]);
		do { /* every source in turn, a round of each, until all of them were looked through */
			t->more = false;
			rc = scan_all(t, approvals, scan_each, err);
		} while (rc == EG_OK && t->more && !site_ending(t->site));
		if (rc < 0 || site_ending(t->site) || t->settling == 0 || last)
			return rc;
		(void)poll(NULL, 0, 200);
	}
}

static int
tell_over(struct site *s, void *ctx, struct eg_err *err)
{
	struct turn *t = ctx;
	unsigned left = 0;
	int rc = quotas_report(s, &t->quotas, &left, err);

	t->result->unsettled += left;
	return rc;
}

int
turn_over(struct turn *t, struct eg_err *err)
{
	bool any = false;

	for (size_t i = 0; i < t->quotas.n; i++)
		any = any || t->quotas.of[i]->left.files > 0;
	return any ? turn_transaction(t->site, tell_over, t, err) : EG_OK;
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
