/* SPDX-License-Identifier: MIT
 *
 * Time stamps of the log's head. erpgate speaks to no network: audit stamp-request writes what any RFC 3161 authority answers, audit stamp takes the answer, checks it against keys/tsa
 * and keeps it in archive/log/stamps with the head, the request and the certificates, so that `openssl ts -verify` works there by hand. Each is logged with its digest: a later stamp
 * covers the earlier ones, also when their certificates have ended.
 */
#include "gateway/cli/audit.h"
#include "gateway/cli/tools.h"
#include "spool/log_proof.h"
#include "spool/stamp.h"

#define FOLDER "log/stamps"
#define SMALL ((size_t)1 << 20)
#define RENEW_BEFORE ((int64_t)90 * 86400) /* seconds before a certificate's end */

/* ---- files ---- */

struct kept { /* one stamp, or a request without its answer */
	char name[48]; /* "112-1": entries of the head, and which one of that head */
	bool answered;
	uint64_t size;
	struct stamp s;
	bool good;
};

struct all_kept {
	struct kept *v;
	size_t n;
};

static int
see_request(void *ctx, const char *name, struct eg_err *err)
{
	struct all_kept *all = ctx;
	struct eg_bytes v = eg_bytes_str(name), number;
	struct kept k = { .answered = false };

	(void)err;
	if (!eg_bytes_ends(v, EG_LIT(".tsq")) || v.len > sizeof(k.name))
		return EG_OK;
	v = eg_bytes_sub(v, 0, v.len - 4);
	(void)snprintf(k.name, sizeof(k.name), "%.*s", EG_FMT(v));
	if (!eg_bytes_cut(&v, '-', &number) || !eg_bytes_to_u64(number, &k.size))
		return EG_OK;
	if ((all->n & (all->n + 1)) == 0)
		all->v = eg_xrealloc(all->v, (all->n * 2 + 2) * sizeof(*all->v));
	all->v[all->n++] = k;
	return EG_OK;
}

static int
read_kept(struct site *s, const char *name, const char *ending, struct eg_buf *ret, struct eg_err *err)
{
	char *path = eg_xprintf(FOLDER "/%s%s", name, ending);
	int rc = eg_fs_read_file(s->spool.archive, path, SMALL, ret, err);

	free(path);
	return rc;
}

static bool
has_kept(struct site *s, const char *name, const char *ending)
{
	char *path = eg_xprintf(FOLDER "/%s%s", name, ending);
	bool there = eg_fs_exists(s->spool.archive, path);

	free(path);
	return there;
}

static int
write_kept(struct site *s, const char *name, const char *ending, struct eg_bytes v, struct eg_err *err)
{
	char *file = eg_xprintf("%s%s", name, ending);
	int dir = -1, rc = eg_fs_mkdirs(s->spool.archive, FOLDER, 0750, err);

	if (rc >= 0)
		rc = eg_fs_opendir(s->spool.archive, FOLDER, &dir, err);
	if (rc >= 0)
		rc = eg_fs_write_file(dir, file, v, 0640, true, err);
	eg_fd_done(&dir);
	free(file);
	return rc;
}

static int
list_kept(struct site *s, struct all_kept *ret, struct eg_err *err)
{
	int dir = -1, rc = EG_OK;

	if (eg_fs_exists(s->spool.archive, FOLDER)) {
		rc = eg_fs_opendir(s->spool.archive, FOLDER, &dir, err);
		if (rc >= 0)
			rc = eg_fs_list(dir, see_request, ret, err);
		eg_fd_done(&dir);
	}
	for (size_t i = 0; rc >= 0 && i < ret->n; i++)
		ret->v[i].answered = has_kept(s, ret->v[i].name, ".tsr");
	return rc < 0 ? rc : EG_OK;
}

/* ---- trusted authorities ---- */

struct authorities {
	int dir;
	struct eg_buf *pem;
};

static int
add_authority(void *ctx, const char *name, struct eg_err *err)
{
	struct authorities *a = ctx;

	if (!eg_bytes_ends(eg_bytes_str(name), EG_LIT(".pem")))
		return EG_OK;
	int rc = eg_fs_read_file(a->dir, name, SMALL, a->pem, err);
	eg_buf_chr(a->pem, '\n');
	return rc;
}

static int
trusted(struct site *s, struct eg_buf *ret, struct eg_err *err)
{
	struct authorities a = { -1, ret };
	int rc = EG_OK;

	if (eg_fs_exists(s->dir, "keys/tsa")) {
		rc = eg_fs_opendir(s->dir, "keys/tsa", &a.dir, err);
		if (rc >= 0)
			rc = eg_fs_list(a.dir, add_authority, &a, err);
		eg_fd_done(&a.dir);
	}
	return rc < 0 ? rc : EG_OK;
}

static int
check_kept(struct site *s, struct kept *k, struct eg_bytes response, struct eg_bytes ca, struct eg_err *err)
{
	struct eg_buf request = EG_BUF_INIT, head = EG_BUF_INIT;
	int rc = read_kept(s, k->name, ".tsq", &request, err);

	if (rc >= 0)
		rc = read_kept(s, k->name, ".checkpoint", &head, err);
	if (rc >= 0)
		rc = stamp_check(response, eg_buf_view(&request), eg_buf_view(&head), ca, &k->s, err);
	eg_buf_done(&request);
	eg_buf_done(&head);
	return rc;
}

/* ---- asking ---- */

/* Does a stamp end soon, and no later one stand in for it? */
static bool
needs_renewal(struct site *s, struct all_kept *all, const char **ret_name)
{
	int64_t newest = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct kept *k = &all->v[i];
		struct eg_buf response = EG_BUF_INIT, ca = EG_BUF_INIT;
		struct eg_err untold;
		k->good = k->answered && read_kept(s, k->name, ".tsr", &response, &untold) >= 0 &&
		          read_kept(s, k->name, ".ca.pem", &ca, &untold) >= 0 &&
		          check_kept(s, k, eg_buf_view(&response), eg_buf_view(&ca), &untold) >= 0;
		if (k->good && k->s.not_after > newest) {
			newest = k->s.not_after;
			*ret_name = k->name;
		}
		eg_buf_done(&response);
		eg_buf_done(&ca);
	}
	return newest != 0 && newest - site_now(s) < RENEW_BEFORE;
}

static int
ask(struct audit *a, const struct all_kept *all, struct eg_err *err)
{
	struct eg_buf head = EG_BUF_INIT, request = EG_BUF_INIT;
	char *origin = site_log_origin(a->s), name[48] = "";
	struct sign_key *key = NULL;
	struct log_head h = { .size = 0 };
	unsigned nth = 1;
	int rc = audit_key(a, &key, err);

	if (rc == EG_OK)
		rc = log_head_read(&a->s->spool, origin, key, &h, &head, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "The log was never published: erpgate run");
	for (size_t i = 0; i < all->n; i++)
		nth += all->v[i].size == h.size;
	(void)snprintf(name, sizeof(name), "%llu-%u", (unsigned long long)h.size, nth);
	if (rc == EG_OK)
		rc = stamp_request(eg_buf_view(&head), &request, err);
	if (rc == EG_OK)
		rc = write_kept(a->s, name, ".checkpoint", eg_buf_view(&head), err);
	if (rc >= 0)
		rc = write_kept(a->s, name, ".tsq", eg_buf_view(&request), err);
	if (rc >= 0)
		rc = tools_save(a->c->opt[O_OUTPUT], eg_buf_view(&request), err);
	if (rc >= 0 && cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:I}", "type", "stamp-request", "name", name, "entries", (json_int_t)h.size));
	else if (rc >= 0 && !cli_has(a->c, O_QUIET))
		(void)fprintf(stderr, "Request %s over the head of %llu entries. Its answer: erpgate audit stamp FILE.tsr\n", name,
		    (unsigned long long)h.size);
	eg_buf_done(&head);
	eg_buf_done(&request);
	sign_key_free(key);
	free(origin);
	return rc < 0 ? rc : EG_OK;
}

int
audit_stamp_request(struct audit *a, struct eg_err *err)
{
	struct all_kept all = { 0 };
	const char *name = "";
	int rc = list_kept(a->s, &all, err);

	if (rc == EG_OK && cli_has(a->c, O_RENEW) && !needs_renewal(a->s, &all, &name))
		(void)printf(*name == '\0' ? "There is no stamp to renew.\n" : "Nothing to renew: stamp %s is good for more than 90 days.\n",
		    name);
	else if (rc == EG_OK)
		rc = ask(a, &all, err);
	free(all.v);
	return rc;
}

/* ---- taking the answer ---- */

struct taking {
	const struct kept *k;
	struct eg_bytes response;
};

static int
log_stamp(struct site *s, void *ctx, struct eg_err *err)
{
	const struct taking *t = ctx;
	char sha[EG_SHA256_HEX], when[EG_TIME_TEXT], until[EG_TIME_TEXT];

	eg_sha256_hex_of(t->response, sha);
	eg_time_print(when, t->k->s.when);
	eg_time_print(until, t->k->s.not_after);
	json_t *j = json_pack("{s:I,s:s,s:s,s:s,s:s}", "entries", (json_int_t)t->k->size, "time", when, "valid_until", until,
	    "authority", t->k->s.authority, "sha256", sha);
	eg_check(j != NULL);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, "stamped", t->k->name, text, err);

	free(text);
	json_decref(j);
	return rc;
}

/* The request that it answers: its nonce decides. */
static int
find_request(struct site *s, const struct all_kept *all, struct eg_bytes response, struct eg_bytes ca, struct kept **ret,
    struct eg_err *err)
{
	int rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
	    "No request waits for an answer. Make one: erpgate audit stamp-request -o FILE.tsq");

	for (size_t i = all->n; i-- > 0 && rc < 0;)
		if (!all->v[i].answered) {
			rc = check_kept(s, &all->v[i], response, ca, err);
			*ret = &all->v[i];
		}
	return rc;
}

int
audit_stamp(struct audit *a, struct eg_err *err)
{
	struct eg_buf response = EG_BUF_INIT, ca = EG_BUF_INIT;
	struct all_kept all = { 0 };
	struct kept *k = NULL;
	int rc;

	if (cli_has(a->c, O_RENEW))
		return audit_stamp_request(a, err);
	if (a->c->argc < 2)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "Say which answer: erpgate audit stamp FILE.tsr");
	rc = audit_read(a->c->argv[1], &response, err);
	if (rc >= 0)
		rc = trusted(a->s, &ca, err);
	if (rc >= 0)
		rc = list_kept(a->s, &all, err);
	if (rc >= 0)
		rc = find_request(a->s, &all, eg_buf_view(&response), eg_buf_view(&ca), &k, err);
	if (rc >= 0)
		rc = write_kept(a->s, k->name, ".ca.pem", eg_buf_view(&ca), err);
	/* The entry comes first: an answer that lies there and is not logged would be nobody's. */
	if (rc >= 0)
		rc = cli_tx(a->s, log_stamp, &(struct taking){ k, eg_buf_view(&response) }, err);
	if (rc >= 0)
		rc = write_kept(a->s, k->name, ".tsr", eg_buf_view(&response), err);
	if (rc >= 0 && !cli_has(a->c, O_QUIET) && !cli_has(a->c, O_JSON)) {
		char when[EG_TIME_TEXT];
		eg_time_print(when, k->s.when);
		(void)printf("The head of %llu entries existed on %s, says %s.\nBy hand, in archive/log/stamps: openssl ts -verify "
			     "-data %s.checkpoint -in %s.tsr -CAfile %s.ca.pem\n",
		    (unsigned long long)k->size, when, k->s.authority, k->name, k->name, k->name);
	}
	free(all.v);
	eg_buf_done(&response);
	eg_buf_done(&ca);
	return rc < 0 ? rc : EG_OK;
}

/* ---- verify ---- */

/* The token, the head it stamps and what the log says of it. */
static int
verify_one(struct audit *a, struct kept *k, const struct sign_key *key, const char *origin, uint64_t head, struct eg_err *err)
{
	struct eg_buf response = EG_BUF_INIT, ca = EG_BUF_INIT, text = EG_BUF_INIT;
	char sha[EG_SHA256_HEX], problem[EG_MSG_MAX], *what = eg_xprintf("The head of time stamp %s", k->name);
	struct eg_err found = { 0 };
	struct log_head old;
	int rc = read_kept(a->s, k->name, ".tsr", &response, &found);

	if (rc >= 0)
		rc = read_kept(a->s, k->name, ".ca.pem", &ca, &found);
	if (rc >= 0)
		rc = trusted(a->s, &ca, &found);
	if (rc >= 0)
		rc = read_kept(a->s, k->name, ".checkpoint", &text, &found);
	if (rc >= 0)
		rc = check_kept(a->s, k, eg_buf_view(&response), eg_buf_view(&ca), &found);
	if (rc >= 0)
		rc = log_head_parse(eg_buf_view(&text), origin, key, &old, &found);
	eg_sha256_hex_of(eg_buf_view(&response), sha);
	const char *logged = audit_stamped(a, k->name);
	if (rc >= 0 && logged != NULL && strcmp(logged, sha) != 0)
		rc = eg_fail(&found, EG_BADREC, "STAMP-BAD", "It is not the answer that was logged under this name");
	k->good = rc >= 0;
	if (rc == EG_RETRY || rc == EG_FATAL)
		*err = found;
	else if (rc < 0) {
		(void)snprintf(problem, sizeof(problem), "archive/log/stamps/%s.tsr: %.280s", k->name, found.msg);
		audit_broken(a, "stamp", strcmp(found.code, "SIG-KEY") == 0 ? AUDIT_WRONG_KEY : AUDIT_CHANGED, problem);
		rc = EG_OK;
	} else
		rc = audit_against(a, &old, head, what, problem, err);
	eg_buf_done(&response);
	eg_buf_done(&ca);
	eg_buf_done(&text);
	free(what);
	return rc;
}

/* Its certificate is still good, or a later stamp was made in time over a log that knows this one. */
static bool
still_holds(const struct all_kept *all, const struct kept *k, int64_t now, unsigned depth)
{
	if (k->s.not_after >= now)
		return true;
	for (size_t i = 0; i < all->n && depth < 100; i++) {
		const struct kept *later = &all->v[i];
		if (later->good && later->size > k->size && later->s.when <= k->s.not_after &&
		    still_holds(all, later, now, depth + 1))
			return true;
	}
	return false;
}

static void
tell_stamp(struct audit *a, const struct all_kept *all, const struct kept *k)
{
	char problem[EG_MSG_MAX], when[EG_TIME_TEXT], until[EG_TIME_TEXT];

	eg_time_print(when, k->s.when);
	eg_time_print(until, k->s.not_after);
	if (!still_holds(all, k, site_now(a->s), 0)) {
		(void)snprintf(problem, sizeof(problem),
		    "stamp %.31s of %.20s: its certificate ended on %.20s and no later stamp took over. It still proves its day: "
		    "openssl ts -verify -attime %lld -data %.31s.checkpoint -in %.31s.tsr -CAfile %.31s.ca.pem",
		    k->name, when, until, (long long)k->s.when, k->name, k->name, k->name);
		audit_broken(a, "stamp", AUDIT_EXPIRED, problem);
	} else if (cli_has(a->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:s,s:I,s:s,s:s}", "type", "stamp", "good", true, "name", k->name, "entries",
		    (json_int_t)k->size, "time", when, "valid_until", until));
	else
		(void)printf("stamp    good   %4llu entries existed on %s   %s\n", (unsigned long long)k->size, when,
		    k->s.not_after < site_now(a->s) ? "taken over by a later stamp" : "");
}

int
audit_verify_stamps(struct audit *a, const struct sign_key *key, const char *origin, uint64_t head, struct eg_err *err)
{
	struct all_kept all = { 0 };
	int rc = list_kept(a->s, &all, err);

	for (size_t i = 0; rc == EG_OK && i < all.n; i++)
		if (all.v[i].answered)
			rc = verify_one(a, &all.v[i], key, origin, head, err);
	for (size_t i = 0; rc == EG_OK && i < all.n; i++)
		if (all.v[i].good)
			tell_stamp(a, &all, &all.v[i]);
	free(all.v);
	return rc;
}
