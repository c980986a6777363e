/* SPDX-License-Identifier: MIT
 *
 * init, doctor, config.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/places.h"
#include "gateway/cli/probe.h"
#include "gateway/cli/users.h"
#include "gateway/clock.h"
#include "gateway/edits.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/worker.h"
#include "gateway/workflow/actions.h"
#include "spool/signer.h"

#include <fcntl.h>
#include <unistd.h>

int
cmd_init(struct cli *c)
{
	const char *erp = c->opt[O_ERP] != NULL ? c->opt[O_ERP] : "cmic", *dir = c->argv[0];
	struct eg_err err = { 0 };

	if (strchr(erp, ',') != NULL)
		return cli_usage(c, "a site has one accounting system; make a site for each of %s", erp);
	if (strcmp(erp, "cmic") != 0 && strcmp(erp, "acumatica") != 0 && strcmp(erp, "mri") != 0)
		return cli_usage(c, "--erp is \"%s\"; it can be cmic, acumatica or mri", erp);
	if (site_create(dir, erp, &err) < 0)
		return cli_fail(c, &err);
	if (cli_has(c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:s}", "type", "site", "dir", dir, "erp", erp));
		return CLI_OK;
	}
	(void)printf("Site made in %s for %s.\n\n", dir, erp);
	(void)printf("Senders write to     %s/spool/drop/procore and %s/spool/drop/%s\n", dir, dir, erp);
	(void)printf("Approvals return to  %s/spool/drop/approvals\n", dir);
	(void)printf("Import files appear  %s/spool/out/%s and %s/spool/out/procore\n\n", dir, erp, dir);
	(void)printf(
	    "Next: add an approver   erpgate -C %s users add NAME --role standard --approve all --pubkey NAME.pub.pem\n",
	    dir);
	(void)printf(
	    "      look it over      erpgate -C %s doctor\n      settings          %s/erpgate.conf\n", dir, dir);
	return CLI_OK;
}

/* ---- doctor ---- */

struct doctor {
	struct cli *c;
	unsigned bad;
	struct site *site;
};

static void
line(struct doctor *d, bool good, const char *what, const char *detail)
{
	if (cli_has(d->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:s,s:s}", "type", "check", "good", good, "what", what, "detail", detail));
	else
		(void)printf("%-5s %-22s %s\n", good ? "ok" : "BAD", what, detail);
	d->bad += !good;
}

/* Each layer by itself, then all of them tried out. A layer that is missing is bad unless somebody has accepted that. */
static void
check_layers(struct doctor *d, const struct confine_kernel *k, bool weak, int64_t patience)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
	    "CPU %u s and more for large files, memory %llu MiB, no file written, no process, no descriptor, an answer within %lld s",
	    EG_LIMIT_WORKER_CPU, (unsigned long long)EG_LIMIT_WORKER_MEM >> 20, (long long)patience);
	line(d, true, "  limits", text);
	line(d, true, "  privileges", "can never be gained (no_new_privs)");
	if (k->landlock_abi > 0)
		(void)snprintf(text, sizeof(text), "ABI %d: no file%s%s", k->landlock_abi,
		    k->landlock_abi >= 4 ? ", no TCP port" : "", k->landlock_abi >= 6 ? ", no signal outside" : "");
	else
		(void)snprintf(text, sizeof(text), "this kernel has none%s",
		    weak ? "; accepted by worker.sandbox = weak" :
			   ": no file can be read until it has, or worker.sandbox is weak");
	line(d, weak || k->landlock_abi > 0, "  Landlock", text);
	if (k->seccomp)
		(void)snprintf(text, sizeof(text), "%zu system calls, any other ends the worker", confine_calls());
	else
		(void)snprintf(text, sizeof(text), "this kernel has no filters%s",
		    weak ? "; accepted by worker.sandbox = weak" :
			   ": no file can be read until it has, or worker.sandbox is weak");
	line(d, weak || k->seccomp, "  seccomp", text);
}

static void
check_sandbox(struct doctor *d, struct site *s)
{
	bool weak = strcmp(conf_text(&s->conf, "worker.sandbox"), "weak") == 0, held;
	struct confine_kernel k;
	struct eg_err err = { 0 };
	char text[EG_MSG_MAX + 80];

	if (confine_calls() == 0) {
		line(d, true, "worker's sandbox", "limits only: this build is instrumented for tests, never for use");
		return;
	}
	confine_ask(&k);
	held = worker_proof(s, &err) == EG_OK;
	(void)snprintf(text, sizeof(text), "%s; %s", weak ? "weak (worker.sandbox)" : "strict",
	    held ? "tried out: a worker that opened a file was ended" : err.msg);
	line(d, held, "worker's sandbox", text);
	check_layers(d, &k, weak, conf_int(&s->conf, "worker.patience"));
}

static void
check_disk(struct doctor *d, struct site *s)
{
	uint64_t bytes = 0, inodes = 0;
	struct eg_err err;
	char text[120];

	if (eg_fs_free(s->dir, &bytes, &inodes, &err) < 0) {
		line(d, false, "disk", err.msg);
		return;
	}
	(void)snprintf(text, sizeof(text), "%llu MiB and %llu files free", (unsigned long long)(bytes >> 20),
	    (unsigned long long)inodes);
	line(d, bytes > (UINT64_C(1) << 30) && inodes > 10000, "disk", text);
}

static void
check_clock(struct doctor *d, struct site *s)
{
	struct eg_buf text = EG_BUF_INIT;

	clock_text(s, &text);
	line(d, text.len == 0, "clock",
	    text.len == 0 ? "agrees with the log and with the seconds since the machine started" : eg_buf_cstr(&text));
	eg_buf_done(&text);
}

/* With erpgate-signer: does it answer, and is the key really away from here? */
static void
check_signer(struct doctor *d, struct site *s, const char *id)
{
	struct log_checkpoint last;
	struct eg_err err;
	char text[160];

	if (eg_fs_exists(s->dir, "keys/gateway.pem"))
		line(d, false, "signing key",
		    "sign.socket is set, and keys/gateway.pem still lies here: whoever reads it can sign. Give it to the signer and remove it");
	else if (signer_last(conf_text(&s->conf, "sign.socket"), &last, &err) < 0)
		line(d, false, "signing key", err.msg);
	else {
		(void)snprintf(text, sizeof(text),
		    "Ed25519, key id %s, held by the signer; it signed %llu entries last", id,
		    (unsigned long long)last.size);
		line(d, true, "signing key", text);
	}
}

static void
check_own_key(struct doctor *d, struct site *s, const char *id)
{
	struct stat st;
	char text[80];
	bool tight = fstatat(s->dir, "keys/gateway.pem", &st, 0) == 0 && (st.st_mode & 077) == 0;

	(void)snprintf(text, sizeof(text), "Ed25519, key id %s", id);
	line(d, tight, "signing key", tight ? text : "keys/gateway.pem can be read by others: chmod 600 it");
}

static void
check_key(struct doctor *d, struct site *s)
{
	struct sign_key *key = NULL;
	struct eg_err err;
	char id[SIGN_KEY_ID];

	if (sign_key_load(s->dir, "keys/gateway.pub.pem", false, &key, &err) < 0)
		line(d, false, "signing key", err.msg);
	else {
		sign_key_id(key, id);
		if (*conf_text(&s->conf, "sign.socket") != '\0')
			check_signer(d, s, id);
		else
			check_own_key(d, s, id);
	}
	sign_key_free(key);
}

static int
check_folder(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err)
{
	struct doctor *d = ctx;
	struct eg_buf what = EG_BUF_INIT;
	char *text = places_say(d->site, where);

	(void)err;
	eg_buf_str(&what, "drop folder ");
	eg_buf_escaped(&what, eg_bytes_str(name));
	if (text != NULL)
		line(d, where->kind[0] != '\0', eg_buf_cstr(&what), text);
	free(text);
	eg_buf_done(&what);
	return EG_OK;
}

static int
count_user(void *ctx, const struct user *u, struct eg_err *err)
{
	(void)err;
	*(unsigned *)ctx += u->active && u->role >= ROLE_STANDARD && user_decides(u);
	return EG_OK;
}

int
cmd_doctor(struct cli *c)
{
	struct site s;
	struct doctor d = { c, 0, &s };
	struct eg_err err;
	unsigned approvers = 0;
	char text[160];
	int code;

	if (cli_has(c, O_PROBE))
		return cli_probe(c, c->opt[O_PROBE]);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	(void)snprintf(text, sizeof(text), "%s, %s, settings good", s.name, s.erp);
	line(&d, true, "site", text);
	(void)snprintf(text, sizeof(text), "%zu loaded, all good", adp_set_count(s.adapters));
	line(&d, true, "adapters", text);
	line(&d, store_check(s.store, &err) == EG_OK, "database", "integrity checked");
	check_disk(&d, &s);
	if (places_each(&s, check_folder, &d, &err) < 0)
		line(&d, false, "drop folders", err.msg);
	check_clock(&d, &s);
	check_key(&d, &s);
	check_sandbox(&d, &s);
	if (user_each(s.store, count_user, &approvers, &err) < 0)
		line(&d, false, "users", err.msg);
	(void)snprintf(text, sizeof(text),
	    approvers > 0 ? "%u can decide" :
			    "nobody can decide yet: erpgate users add NAME --role standard --approve all --pubkey FILE",
	    approvers);
	line(&d, approvers > 0, "approvers", text);
	site_close(&s);
	return d.bad > 0 ? CLI_FINDINGS : CLI_OK;
}

/* ---- config ---- */

static void
show_key(struct cli *c, const struct site *s, const char *key, const char *help)
{
	char where[40] = "default";

	if (conf_line(&s->conf, key) > 0)
		(void)snprintf(where, sizeof(where), "erpgate.conf:%u", conf_line(&s->conf, key));
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "setting", "key", key, "value",
		    conf_get(&s->conf, key), "from", where, "help", help));
	else
		(void)printf("%-34s = %-22s # %s; %s\n", key, conf_get(&s->conf, key), where, help);
}

static int
may_set(struct site *s, const char *key, struct eg_err *err)
{
	if (strncmp(key, "schedule.", 9) == 0)
		return action_allowed(s, ACTION_SCHEDULE, NULL, err);
	if (strncmp(key, "direct_export.", 14) == 0)
		return action_allowed_type(s, ACTION_DIRECT_EXPORT, key + 14, NULL, err);
	return action_allowed(s, ACTION_SETTINGS, NULL, err);
}

static int
config_set(struct cli *c)
{
	struct site s;
	struct eg_err err = { 0 };
	struct eg_buf text = EG_BUF_INIT, edited = EG_BUF_INIT;
	int code, rc;

	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	rc = may_set(&s, c->argv[1], &err);
	if (rc == EG_OK)
		rc = eg_fs_read_file(s.dir, "erpgate.conf", EG_LIMIT_CONF_BYTES, &text, &err);
	if (rc == EG_OK)
		rc = conf_edit(eg_buf_view(&text), c->argv[1], c->argv[2], &edited, &err);
	if (rc == EG_OK)
		rc = store_begin(s.store, &err);
	if (rc == EG_OK) {
		json_t *j = json_pack("{s:s,s:s?}", "value", c->argv[2], "before", conf_get(&s.conf, c->argv[1]));
		char *detail = json_dumps(j, JSON_COMPACT);
		rc = site_log(&s, "config", c->argv[1], detail, &err);
		free(detail);
		json_decref(j);
		if (rc == EG_OK)
			rc = edits_known_conf(s.store, eg_buf_view(&edited), &err);
		if (rc == EG_OK)
			rc = eg_fs_write_file(s.dir, "erpgate.conf", eg_buf_view(&edited), 0640, true, &err);
		if (rc == EG_OK)
			rc = store_commit(s.store, &err);
		if (rc < 0)
			store_rollback(s.store);
	}
	eg_buf_done(&text);
	eg_buf_done(&edited);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	cli_close(c, &s);
	return code;
}

int
cmd_config(struct cli *c)
{
	struct site s;
	size_t n;
	const struct conf_key *keys = conf_keys(&n);
	const char *key, *value;
	int code;

	if (strcmp(c->argv[0], "set") == 0)
		return c->argc == 3 ? config_set(c) : cli_usage(c, "give a key and a value");
	if (strcmp(c->argv[0], "show") != 0 && strcmp(c->argv[0], "get") != 0)
		return cli_usage(c, "\"%s\" is not show, get or set", c->argv[0]);
	if (strcmp(c->argv[0], "get") == 0 && c->argc != 2)
		return cli_usage(c, "give one key");
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	if (strcmp(c->argv[0], "get") == 0) {
		const char *v = conf_get(&s.conf, c->argv[1]);
		if (v == NULL)
			code = cli_usage(c, "there is no setting \"%s\"; all of them: erpgate config show", c->argv[1]);
		else {
			(void)printf("%s\n", v);
			code = CLI_OK;
		}
	} else {
		for (size_t i = 0; i < n; i++)
			show_key(c, &s, keys[i].key, keys[i].help);
		for (size_t i = 0; conf_set_at(&s.conf, i, &key, &value); i++)
			if (strncmp(key, "rule.", 5) == 0)
				show_key(c, &s, key, "a rule of this site");
		code = CLI_OK;
	}
	site_close(&s);
	return code;
}
