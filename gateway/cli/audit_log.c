/* SPDX-License-Identifier: MIT
 *
 * audit verify, the log's half: is it what was signed, are its entries in their order, does it tell the story of our journal, and does it continue a head that somebody kept. A log
 * that does not hold is read a second time without trust, only to name what happened to it.
 */
#include "gateway/cli/audit.h"
#include "spool/log_proof.h"

#define NUMBERS_MOST \
	((uint64_t)1 << 28) /* a number beyond is remembered by nobody: it is out of place, that is enough */

struct log_look {
	struct audit *a;
	uint64_t journal; /* entries of ours */
	struct eg_buf line;
	/* the numbers that the entries say they have, against their places */
	unsigned char *seen;
	size_t bytes;
	uint64_t misplaced, first_misplaced, says;
	uint64_t told_otherwise; /* first entry that our journal has otherwise; UINT64_MAX = none */
	bool lacking; /* some could not be read: what no entry tells of may still be in the log */
	bool pending; /* the entries come from the journal, behind the head */
};

static void
look_done(struct log_look *l)
{
	free(l->seen);
	eg_buf_done(&l->line);
}

static void
see_number(struct log_look *l, uint64_t place, uint64_t says)
{
	uint64_t at = says > place && says < NUMBERS_MOST ? says : place;

	if (says != place && l->misplaced++ == 0) {
		l->first_misplaced = place;
		l->says = says;
	}
	if (at / 8 >= l->bytes) {
		size_t bytes = (size_t)(at / 8) * 2 + 128;
		l->seen = eg_xrealloc(l->seen, bytes);
		memset(l->seen + l->bytes, 0, bytes - l->bytes);
		l->bytes = bytes;
	}
	if (says / 8 < l->bytes)
		l->seen[says / 8] |= (unsigned char)(1U << says % 8);
}

/* Is one of the first n numbers nobody's? */
static bool
number_lacks(const struct log_look *l, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (i / 8 >= l->bytes || (l->seen[i / 8] >> i % 8 & 1) == 0)
			return true;
	return false;
}

static void
take_bundle(struct log_look *l, json_t *j)
{
	json_t *detail = json_object_get(j, "detail");
	const char *event = json_string_value(json_object_get(j, "event")),
		   *id = json_string_value(json_object_get(j, "id")),
		   *path = json_string_value(json_object_get(detail, "path")),
		   *sha256 = json_string_value(json_object_get(detail, "sha256"));

	if (event == NULL || id == NULL || path == NULL || sha256 == NULL || strcmp(event, "archived") != 0)
		return;
	struct known *k = audit_known(l->a, id);
	if (l->pending) {
		k->to_publish = true;
		return;
	}
	k->in_log = true;
	if (k->sha256 == NULL ||
	    strcmp(k->sha256, sha256) != 0) { /* the log is signed, the state is not: its word counts */
		free(k->sha256);
		k->sha256 = NULL;
	}
	audit_remember(k, path, sha256);
}

/* Gone because its time was over; also when the entry waits for the next head: the deletion is logged before it is done. */
static void
take_deletion(struct audit *a, json_t *j)
{
	const char *event = json_string_value(json_object_get(j, "event")),
		   *id = json_string_value(json_object_get(j, "id")),
		   *stone = json_string_value(json_object_get(json_object_get(j, "detail"), "tombstone"));

	if (event == NULL || id == NULL || stone == NULL || strcmp(event, "retention-deleted") != 0)
		return;
	struct known *k = audit_known(a, id);
	free(k->stone);
	k->stone = eg_xstrdup(stone);
}

/* Sealed by a turn that was stopped, before the state was made again from a log that ends before it: the entry of that act names them. */
static void
take_left_behind(struct audit *a, json_t *j)
{
	const char *event = json_string_value(json_object_get(j, "event"));
	const json_t *beyond = json_object_get(json_object_get(j, "detail"), "beyond");

	if (event == NULL || strcmp(event, "rebuilt") != 0)
		return;
	for (size_t i = 0; i < json_array_size(beyond); i++) {
		const char *path = json_string_value(json_array_get(beyond, i)),
			   *slash = path == NULL ? NULL : strrchr(path, '/');
		size_t n = slash == NULL ? 0 : strcspn(slash + 1, ".");

		if (n > 1 && strcmp(slash + 1 + n, ".zip") == 0) {
			char *id = eg_xdup(eg_bytes(slash + 1, n));
			audit_known(a, id)->left_behind = true;
			free(id);
		}
	}
}

static void
take_stamp(struct audit *a, uint64_t index, json_t *j)
{
	const char *event = json_string_value(json_object_get(j, "event")),
		   *id = json_string_value(json_object_get(j, "id")),
		   *sha256 = json_string_value(json_object_get(json_object_get(j, "detail"), "sha256"));

	if (event == NULL || id == NULL || sha256 == NULL || strcmp(event, "stamped") != 0)
		return;
	a->stamped = eg_xrealloc(a->stamped, (a->n_stamped + 1) * sizeof(*a->stamped));
	struct audit_stamped *one = &a->stamped[a->n_stamped++];
	one->index = index;
	(void)snprintf(one->name, sizeof(one->name), "%s", id);
	(void)snprintf(one->sha256, sizeof(one->sha256), "%s", sha256);
}

static int
look_at(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	struct log_look *l = ctx;
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL), *n = json_object_get(j, "index");
	int rc = EG_OK;

	if (json_is_integer(n) && json_integer_value(n) >= 0)
		see_number(l, index, (uint64_t)json_integer_value(n));
	take_bundle(l, j);
	take_deletion(l->a, j);
	take_left_behind(l->a, j);
	take_stamp(l->a, index, j);
	json_decref(j);
	if (!l->pending && l->told_otherwise == UINT64_MAX && index < l->journal) {
		eg_buf_clear(&l->line);
		rc = store_log_line(l->a->s->store, index, &l->line, err);
		if (rc >= 0 && !eg_bytes_eq(eg_buf_view(&l->line), line))
			l->told_otherwise = index;
	}
	return rc < 0 ? rc : EG_OK;
}

/* What our journal has behind the head: no bundle of it is missing in the log, it is only not published yet. */
static int
look_behind(struct log_look *l, uint64_t head, struct eg_err *err)
{
	int rc = EG_OK;

	l->pending = true;
	for (uint64_t i = head; rc >= 0 && i < l->journal; i++) {
		struct eg_buf line = EG_BUF_INIT;
		rc = store_log_line(l->a->s->store, i, &line, err);
		json_t *j = rc < 0 ? NULL : json_loadb((const char *)line.ptr, line.len, 0, NULL);
		take_bundle(l, j);
		take_deletion(l->a, j);
		json_decref(j);
		eg_buf_done(&line);
	}
	return rc < 0 ? rc : EG_OK;
}

/* ---- naming ---- */

static enum audit_kind
order_of(struct log_look *l, uint64_t places, char problem[EG_MSG_MAX])
{
	if (l->misplaced == 0)
		return AUDIT_GOOD;
	bool gap = number_lacks(l, places);
	(void)snprintf(problem, EG_MSG_MAX,
	    gap ?
		"At place %llu stands the entry that says it is number %llu, and a number before the end is nobody's: "
		"entries were taken out. The originals may be in a backup of archive/log." :
		"At place %llu stands the entry that says it is number %llu; every number is there, but not in its place: "
		"the order was changed. Compare with a backup of archive/log.",
	    (unsigned long long)l->first_misplaced, (unsigned long long)l->says);
	return gap ? AUDIT_GAP : AUDIT_ORDER;
}

/* Reads what can be read of a log that does not hold. */
static int
name_damage(struct audit *a, struct log_look *l, const struct log_verdict *v, enum audit_kind *ret,
    char problem[EG_MSG_MAX], struct eg_err *err)
{
	struct log_walked w;
	int rc = log_walk(&a->s->spool, v->size, look_at, l, &w, err);

	if (rc < 0)
		return rc;
	l->lacking = w.missing > 0;
	if (v->fault == LOG_GAP || v->fault == LOG_BEHIND)
		*ret = v->fault == LOG_GAP ? AUDIT_GAP : AUDIT_ROLLED_BACK;
	else
		*ret = order_of(l, v->size, problem);
	if (*ret == AUDIT_GOOD)
		*ret = AUDIT_CHANGED;
	return EG_OK;
}

static void
fresh(struct log_look *l, struct audit *a, uint64_t journal)
{
	look_done(l);
	*l = (struct log_look){ .a = a, .journal = journal, .line = EG_BUF_INIT, .told_otherwise = UINT64_MAX };
}

static int
kind_of_log(struct audit *a, struct log_look *l, const struct log_verdict *v, enum audit_kind *ret,
    char problem[EG_MSG_MAX], struct eg_err *err)
{
	(void)snprintf(problem, EG_MSG_MAX, "%s", v->problem);
	if (v->good) {
		*ret = order_of(l, v->size, problem);
		if (*ret == AUDIT_GOOD && l->told_otherwise != UINT64_MAX) {
			*ret = AUDIT_FORKED;
			(void)snprintf(problem, EG_MSG_MAX,
			    "The signed log and the journal in state.db have another entry %llu each: one of the two was rewritten. "
			    "Compare with a backup of both; a head kept elsewhere says which (audit verify --since).",
			    (unsigned long long)l->told_otherwise);
		}
		return EG_OK;
	}
	switch (v->fault) {
	case LOG_OTHER_KEY:
		*ret = AUDIT_WRONG_KEY;
		l->lacking = true;
		return EG_OK;
	case LOG_BEHIND:
	case LOG_GAP:
	case LOG_CHANGED:
	case LOG_WHOLE:
		break;
	}
	*ret = v->fault == LOG_GAP ? AUDIT_GAP : AUDIT_CHANGED;
	l->lacking = true;
	if (v->size == 0)
		return EG_OK; /* not even its head can be read */
	fresh(l, a, l->journal);
	return name_damage(a, l, v, ret, problem, err);
}

static void
tell_log(struct audit *a, const struct log_verdict *v, enum audit_kind k, const char *problem)
{
	bool good = k == AUDIT_GOOD;

	a->bad += !good;
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:I,s:s,s:s,s:s,s:s}", "type", "log", "good", good, "entries",
		    (json_int_t)v->size, "root", v->good ? v->root_hex : "", "problem", good ? "" : problem, "code",
		    audit_kind_code(k), "kind", audit_kind_name(k)));
	else if (good)
		(void)printf("log      good   %4llu entries   root %.16s…   checkpoint signed\n",
		    (unsigned long long)v->size, v->root_hex);
	else
		(void)printf("log      BROKEN %s %s: %s\n", audit_kind_code(k), audit_kind_name(k), problem);
}

/* ---- a head that somebody kept ---- */

static int
against_old(struct audit *a, const struct sign_key *key, const char *origin, uint64_t head, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err found = { 0 };
	struct log_head old;
	char problem[EG_MSG_MAX];
	int rc = audit_read(a->c->opt[O_SINCE], &text, err);

	if (rc >= 0) {
		rc = log_head_parse(eg_buf_view(&text), origin, key, &old, &found);
		if (rc >= 0)
			rc = audit_against(a, &old, head, "The head given with --since", problem, err);
		else if (strcmp(found.code, "SIG-KEY") == 0) {
			audit_broken(a, "since", AUDIT_WRONG_KEY, found.msg);
			rc = EG_OK;
		} else if (strcmp(found.code, "SIG-BAD") == 0) {
			audit_broken(a, "since", AUDIT_CHANGED, found.msg);
			rc = EG_OK;
		} else
			*err = found;
	}
	eg_buf_done(&text);
	return rc;
}

int
audit_against(struct audit *a, const struct log_head *old, uint64_t head, const char *what, char problem[EG_MSG_MAX],
    struct eg_err *err)
{
	unsigned char root[EG_SHA256_LEN] = { 0 };
	int rc = old->size <= head ? log_root_at(&a->s->spool, head, old->size, root, err) : EG_OK;

	if (rc < 0)
		return rc;
	if (old->size > head) {
		(void)snprintf(problem, EG_MSG_MAX,
		    "%s has %llu entries and the log here only %llu: an older state of archive/log was put back. Put the newer "
		    "one back from a backup; erpgate run brings it up to the journal.",
		    what, (unsigned long long)old->size, (unsigned long long)head);
		audit_broken(a, "log", AUDIT_ROLLED_BACK, problem);
	} else if (memcmp(root, old->root, sizeof(root)) != 0) {
		(void)snprintf(problem, EG_MSG_MAX,
		    "%s has %llu entries, and the first %llu of this log are not those: two histories were signed. Keep both "
		    "and ask who had the key.",
		    what, (unsigned long long)old->size, (unsigned long long)old->size);
		audit_broken(a, "log", AUDIT_FORKED, problem);
	} else if (!cli_has(a->c, O_JSON) && cli_has(a->c, O_SINCE))
		(void)printf(
		    "since    good   the log continues %s, %llu entries\n", what, (unsigned long long)old->size);
	return EG_OK;
}

int
audit_verify_log(struct audit *a, const struct sign_key *key, bool *ret_known, struct eg_err *err)
{
	char *origin = site_log_origin(a->s), problem[EG_MSG_MAX] = "";
	struct log_look l = { .a = a };
	struct log_verdict v = { .good = false };
	enum audit_kind kind = AUDIT_GOOD;
	uint64_t journal = 0;
	int rc = store_log_size(a->s->store, &journal, err);

	fresh(&l, a, journal);
	if (rc == EG_OK)
		rc = log_verify(&a->s->spool, origin, key, look_at, &l, &v, err);
	if (rc == EG_OK)
		rc = kind_of_log(a, &l, &v, &kind, problem, err);
	if (rc == EG_OK) {
		tell_log(a, &v, kind, problem);
		*ret_known = !l.lacking;
		rc = look_behind(&l, v.size, err);
	}
	if (rc == EG_OK && v.good && cli_has(a->c, O_SINCE))
		rc = against_old(a, key, origin, v.size, err);
	if (rc == EG_OK && v.good)
		rc = audit_verify_stamps(a, key, origin, v.size, err);
	look_done(&l);
	free(origin);
	return rc;
}
