/* SPDX-License-Identifier: MIT
 *
 * Time stamps of the log's head. erpgate speaks to no network: audit stamp-request writes what any RFC 3161 authority answers, audit stamp takes the answer, checks it against keys/tsa
 * and keeps it in archive/log/stamps with the head, the request and the certificates, so that `openssl ts -verify` works there by hand. With the setting tsa.command, audit stamp has
 * that program carry request and answer; the site is not locked meanwhile. Each stamp is logged with its digest: a later stamp covers the earlier ones, also when their certificates
 * have ended.
 */
#include "gateway/cli/audit.h"
#include "gateway/cli/stamps.h"
#include "gateway/cli/tools.h"
#include "gateway/mail/spawn.h"
#include "spool/log_proof.h"

#define ANSWER_MAX ((size_t)1 << 20)

/* ---- a request ---- */

struct asking {
	char name[STAMP_NAME];
	struct log_head head;
	struct eg_buf text, request; /* the head as published; what goes to the authority */
};

static void
asking_done(struct asking *q)
{
	eg_buf_done(&q->text);
	eg_buf_done(&q->request);
}

static int
make_request(struct audit *a, const struct stamps_kept *all, struct asking *q, struct eg_err *err)
{
	char *origin = site_log_origin(a->s);
	struct sign_key *key = NULL;
	unsigned nth = 1;
	int rc = audit_key(a, &key, err);

	if (rc == EG_OK)
		rc = log_head_read(&a->s->spool, origin, key, &q->head, &q->text, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "The log was never published: erpgate run");
	for (size_t i = 0; i < all->n; i++)
		nth += all->v[i].size == q->head.size;
	(void)snprintf(q->name, sizeof(q->name), "%llu-%u", (unsigned long long)q->head.size, nth);
	if (rc == EG_OK)
		rc = stamp_request(eg_buf_view(&q->text), &q->request, err);
	sign_key_free(key);
	free(origin);
	return rc;
}

static int
keep_request(struct site *s, const struct asking *q, struct eg_err *err)
{
	int rc = stamps_write(s, q->name, ".checkpoint", eg_buf_view(&q->text), err);

	return rc < 0 ? rc : stamps_write(s, q->name, ".tsq", eg_buf_view(&q->request), err);
}

static void
tell_nothing_due(const struct audit *a, const char *name)
{
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:s}", "type", "stamp-renewal", "due", false, "newest", name));
	else if (*name == '\0')
		(void)printf("There is no stamp to renew.\n");
	else
		(void)printf("Nothing to renew: the certificate of stamp %s is good for more than 90 days.\n", name);
}

/* The request for the newest head. EG_EOF: with --renew nothing is due, which was told. */
static int
ask(struct audit *a, struct asking *q, struct eg_err *err)
{
	struct stamps_kept all = { 0 };
	const char *name;
	int rc = stamps_list(a->s, &all, err);

	if (rc == EG_OK && cli_has(a->c, O_RENEW) && !stamps_due(a->s, &all, &name)) {
		tell_nothing_due(a, name);
		rc = EG_EOF;
	}
	if (rc == EG_OK)
		rc = make_request(a, &all, q, err);
	free(all.v);
	return rc;
}

int
audit_stamp_request(struct audit *a, struct eg_err *err)
{
	struct asking q = { .text = EG_BUF_INIT, .request = EG_BUF_INIT };
	int rc = ask(a, &q, err);

	if (rc == EG_OK)
		rc = keep_request(a->s, &q, err);
	if (rc == EG_OK)
		rc = tools_save(a->c->opt[O_OUTPUT], eg_buf_view(&q.request), err);
	if (rc == EG_OK && cli_has(a->c, O_JSON) && cli_has(a->c, O_OUTPUT))
		cli_json(json_pack(
		    "{s:s,s:s,s:I}", "type", "stamp-request", "name", q.name, "entries", (json_int_t)q.head.size));
	else if (rc == EG_OK && !cli_has(a->c, O_QUIET))
		(void)fprintf(stderr,
		    "Request %s over the head of %llu entries. Its answer: erpgate audit stamp FILE.tsr\n", q.name,
		    (unsigned long long)q.head.size);
	asking_done(&q);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- taking an answer ---- */

struct taking {
	const struct stamp_kept *k;
	struct eg_bytes response;
	bool known; /* the log has it */
};

static int
see_logged(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct taking *t = ctx;

	(void)err;
	t->known |= strcmp(r->event, "stamped") == 0;
	return EG_OK;
}

static int
log_stamp(struct site *s, void *ctx, struct eg_err *err)
{
	struct taking *t = ctx;
	char sha[EG_SHA256_HEX], when[EG_TIME_TEXT], until[EG_TIME_TEXT];
	int rc = store_log_each(s->store, t->k->name, 0, see_logged, t, err);

	if (rc < 0 || t->known)
		return rc;
	eg_sha256_hex_of(t->response, sha);
	eg_time_print(when, t->k->s.when);
	eg_time_print(until, t->k->s.not_after);
	json_t *j = json_pack("{s:I,s:s,s:s,s:s,s:s}", "entries", (json_int_t)t->k->size, "time", when, "valid_until",
	    until, "authority", t->k->s.authority, "sha256", sha);
	eg_check(j != NULL);
	char *text = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, "stamped", t->k->name, text, err);
	free(text);
	json_decref(j);
	return rc;
}

/* The request that it answers: its nonce decides. One that has its answer takes the same answer again: a crash may have kept it from the log. */
static int
find_request(struct site *s, const struct stamps_kept *all, struct eg_bytes response, struct eg_bytes ca,
    struct stamp_kept **ret, struct eg_err *err)
{
	int rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
	    "No request waits for an answer. Make one: erpgate audit stamp-request -o FILE.tsq");
	struct eg_err why;

	for (size_t i = all->n; i-- > 0 && rc < 0;) {
		struct eg_buf there = EG_BUF_INIT;
		struct stamp_kept *k = &all->v[i];
		if (!k->answered || (stamps_read(s, k->name, ".tsr", &there, &why) >= 0 &&
					eg_bytes_eq(eg_buf_view(&there), response))) {
			rc = stamps_check(s, k, response, ca, err);
			*ret = k;
		}
		eg_buf_done(&there);
	}
	return rc;
}

static void
tell_taken(const struct audit *a, const struct stamp_kept *k)
{
	char when[EG_TIME_TEXT], until[EG_TIME_TEXT];

	eg_time_print(when, k->s.when);
	eg_time_print(until, k->s.not_after);
	if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:I,s:s,s:s,s:s}", "type", "stamped", "name", k->name, "entries",
		    (json_int_t)k->size, "time", when, "valid_until", until, "authority", k->s.authority));
	else if (!cli_has(a->c, O_QUIET))
		(void)printf(
		    "The head of %llu entries existed on %s, says %s.\nBy hand, in archive/log/stamps: openssl ts -verify "
		    "-data %s.checkpoint -in %s.tsr -CAfile %s.ca.pem\n",
		    (unsigned long long)k->size, when, k->s.authority, k->name, k->name, k->name);
}

/* The files come first, each whole: what a crash leaves unlogged is taken again. */
static int
take(struct audit *a, struct eg_bytes response, struct eg_err *err)
{
	struct eg_buf ca = EG_BUF_INIT;
	struct stamps_kept all = { 0 };
	struct stamp_kept *k = NULL;
	int rc = stamps_trusted(a->s, &ca, err);

	if (rc >= 0)
		rc = stamps_list(a->s, &all, err);
	if (rc >= 0)
		rc = find_request(a->s, &all, response, eg_buf_view(&ca), &k, err);
	if (rc >= 0 && !k->answered)
		rc = stamps_write(a->s, k->name, ".ca.pem", eg_buf_view(&ca), err);
	if (rc >= 0 && !k->answered)
		rc = stamps_write(a->s, k->name, ".tsr", response, err);
	if (rc >= 0)
		rc = cli_tx(a->s, log_stamp, &(struct taking){ .k = k, .response = response }, err);
	if (rc >= 0)
		tell_taken(a, k);
	free(all.v);
	eg_buf_done(&ca);
	return rc < 0 ? rc : EG_OK;
}

/* ---- with tsa.command ---- */

static int
carry(struct audit *a, const struct asking *q, struct eg_buf *answer, struct eg_err *err)
{
	const char *program = conf_text(&a->s->conf, "tsa.command");
	struct eg_err why;
	int rc = spawn_ask(
	    program, eg_buf_view(&q->request), conf_int(&a->s->conf, "tsa.timeout"), ANSWER_MAX, answer, &why);

	return rc == EG_OK ?
	           EG_OK :
	           eg_fail(err, EG_RETRY, "STAMP-ASK",
		       "tsa.command brought no answer: %.250s The head stays without a stamp until the next try: erpgate audit stamp",
		       why.msg);
}

/* Asks without a lock, then opens the site again to keep what came. */
static int
ask_and_take(struct audit *a, struct eg_err *err)
{
	struct asking q = { .text = EG_BUF_INIT, .request = EG_BUF_INIT };
	struct eg_buf answer = EG_BUF_INIT;
	int rc = ask(a, &q, err);

	if (rc == EG_OK)
		rc = carry(a, &q, &answer, err);
	if (rc == EG_OK)
		rc = audit_reopen(a, SITE_CHANGE, err);
	if (rc == EG_OK)
		rc = keep_request(a->s, &q, err);
	if (rc == EG_OK)
		rc = take(a, eg_buf_view(&answer), err);
	asking_done(&q);
	eg_buf_done(&answer);
	return rc == EG_EOF ? EG_OK : rc;
}

int
audit_stamp(struct audit *a, struct eg_err *err)
{
	struct eg_buf response = EG_BUF_INIT;
	bool program = *conf_text(&a->s->conf, "tsa.command") != '\0';
	int rc;

	if (a->c->argc < 2 && program && !cli_has(a->c, O_OUTPUT))
		return ask_and_take(a, err);
	if (a->c->argc < 2 && !cli_has(a->c, O_RENEW))
		return eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "Say which answer: erpgate audit stamp FILE.tsr; or have tsa.command fetch it: erpgate config set tsa.command PROGRAM");
	rc = audit_reopen(a, SITE_CHANGE, err);
	if (rc >= 0 && a->c->argc < 2)
		return audit_stamp_request(a, err);
	if (rc >= 0)
		rc = audit_read(a->c->argv[1], &response, err);
	if (rc >= 0)
		rc = take(a, eg_buf_view(&response), err);
	eg_buf_done(&response);
	return rc;
}
