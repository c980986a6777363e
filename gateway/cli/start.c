/* SPDX-License-Identifier: MIT
 *
 * init, doctor, users, config.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/cli.h"
#include "gateway/worker/confine.h"

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

static void
check_sandbox(struct doctor *d)
{
	char text[120];
	int abi = confine_landlock_abi();

	(void)snprintf(text, sizeof(text),
	    abi > 0 ? "seccomp and Landlock (ABI %d)" : "seccomp; this kernel has no Landlock", abi);
	line(d, true, "worker's sandbox", text);
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
check_key(struct doctor *d, struct site *s)
{
	struct sign_key *key = NULL;
	struct eg_err err;
	char id[SIGN_KEY_ID], text[80];
	struct stat st;

	if (sign_key_load(s->dir, "keys/gateway.pub.pem", false, &key, &err) < 0)
		line(d, false, "signing key", err.msg);
	else {
		sign_key_id(key, id);
		(void)snprintf(text, sizeof(text), "Ed25519, key id %s", id);
		bool tight = fstatat(s->dir, "keys/gateway.pem", &st, 0) == 0 && (st.st_mode & 077) == 0;
		line(d, tight, "signing key", tight ? text : "keys/gateway.pem can be read by others: chmod 600 it");
	}
	sign_key_free(key);
}

static int
count_user(void *ctx, const struct user *u, struct eg_err *err)
{
	(void)err;
	*(unsigned *)ctx += u->active && u->role >= ROLE_STANDARD && *u->types != '\0';
	return EG_OK;
}

int
cmd_doctor(struct cli *c)
{
	struct doctor d = { c, 0 };
	struct site s;
	struct eg_err err;
	unsigned approvers = 0;
	char text[160];
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	(void)snprintf(text, sizeof(text), "%s, %s, settings good", s.name, s.erp);
	line(&d, true, "site", text);
	(void)snprintf(text, sizeof(text), "%zu loaded, all good", adp_set_count(s.adapters));
	line(&d, true, "adapters", text);
	line(&d, store_check(s.store, &err) == EG_OK, "database", "integrity checked");
	check_disk(&d, &s);
	check_key(&d, &s);
	check_sandbox(&d);
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

/* ---- users ---- */

struct user_change {
	struct cli *c;
	const char *act;
	struct user u;
	struct eg_buf pem, limit;
	char key_id[SIGN_KEY_ID];
};

static int
check_types(const char *types, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(types), part;

	while (eg_bytes_cut(&rest, ',', &part)) {
		const struct rec_type *t = rec_type_named(eg_bytes_trim(part));
		if (!eg_bytes_is(eg_bytes_trim(part), "all") &&
		    (t == NULL || (t->cls != RC_TO_ERP && t->cls != RC_FROM_ERP)))
			return eg_fail(err, EG_BADREC, "USAGE",
			    "\"%.*s\" is no record type that is decided about. See them: erpgate help types",
			    EG_FMT(part));
	}
	return EG_OK;
}

static int
take_pubkey(struct user_change *ch, struct eg_err *err)
{
	struct sign_key *key = NULL;
	int rc = eg_fs_read_file(AT_FDCWD, ch->c->opt[O_PUBKEY], EG_LIMIT_SIG_BYTES, &ch->pem, err);

	if (rc == EG_OK)
		rc = sign_key_from_pem(eg_buf_view(&ch->pem), false, &key, err);
	if (rc == EG_OK)
		sign_key_id(key, ch->key_id);
	sign_key_free(key);
	ch->u.pubkey = eg_buf_cstr(&ch->pem);
	ch->u.key_id = ch->key_id;
	return rc;
}

/* Options over what the user has; an absent option changes nothing. */
static int
take_options(struct user_change *ch, struct eg_err *err)
{
	struct cli *c = ch->c;
	struct eg_dec limit;
	int rc = EG_OK;

	if (cli_has(c, O_ROLE)) {
		if (!user_role_named(c->opt[O_ROLE], &ch->u.role))
			return eg_fail(err, EG_BADREC, "USAGE",
			    "--role is \"%s\"; it can be none, read, standard or admin", c->opt[O_ROLE]);
	}
	if (cli_has(c, O_APPROVE)) {
		ch->u.types = c->opt[O_APPROVE];
		rc = check_types(ch->u.types, err);
	}
	if (rc == EG_OK && cli_has(c, O_LIMIT)) {
		if (eg_dec_parse(eg_bytes_str(c->opt[O_LIMIT]), EG_DEC_MONEY, 2, 16, &limit) != EG_DEC_OK ||
		    limit.coef < 0)
			return eg_fail(err, EG_BADREC, "USAGE", "--limit is \"%s\"; write an amount such as 250000.00",
			    c->opt[O_LIMIT]);
		eg_dec_print(&ch->limit, limit, 2);
		ch->u.limit = eg_buf_cstr(&ch->limit);
	}
	if (cli_has(c, O_ACCOUNT))
		ch->u.account = c->opt[O_ACCOUNT];
	return rc == EG_OK && cli_has(c, O_PUBKEY) ? take_pubkey(ch, err) : rc;
}

static int
copy_key(struct site *s, const struct user_change *ch, struct eg_err *err)
{
	char *name = eg_xprintf("keys/users/%s.pub.pem", ch->u.name);
	int rc = eg_fs_mkdirs(s->dir, "keys/users", 0750, err), dir = -1;

	if (rc == EG_OK)
		rc = eg_fs_opendir(s->dir, "keys/users", &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, strrchr(name, '/') + 1, eg_buf_view(&ch->pem), 0644, true, err);
	eg_fd_done(&dir);
	free(name);
	return rc;
}

static int
change_user(struct site *s, void *ctx, struct eg_err *err)
{
	struct user_change *ch = ctx;
	struct eg_arena a;
	struct user have;
	bool add = strcmp(ch->act, "add") == 0, revoke = strcmp(ch->act, "revoke") == 0;
	const char *name = ch->u.name;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = user_find(s->store, name, &a, &have, err);
	if (rc == EG_OK && add)
		rc = eg_fail(
		    err, EG_BADREC, "EXISTS", "%s is a user already; change him: erpgate users grant %s …", name, name);
	else if (rc == EG_EOF && !add)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no user %s. See them: erpgate users list", name);
	else if (rc == EG_EOF) {
		have = (struct user){ .role = ROLE_STANDARD, .types = "", .added = site_now(s) };
		rc = EG_OK;
	}
	if (rc == EG_OK) {
		ch->u = have;
		ch->u.name = name;
		ch->u.active = !revoke;
		ch->u.revoked = revoke ? site_now(s) : 0;
		rc = take_options(ch, err);
	}
	if (rc == EG_OK)
		rc = user_put(s->store, &ch->u, err);
	if (rc == EG_OK && ch->pem.len > 0)
		rc = copy_key(s, ch, err);
	if (rc == EG_OK) {
		json_t *j =
		    json_pack("{s:s,s:s,s:s?,s:s?,s:s?,s:b}", "role", user_role_word(ch->u.role), "types", ch->u.types,
			"limit", ch->u.limit, "key", ch->u.key_id, "account", ch->u.account, "active", ch->u.active);
		char *text = json_dumps(j, JSON_COMPACT);
		rc = site_log(s, add ? "user-added" : revoke ? "user-revoked" : "user-changed", name, text, err);
		free(text);
		json_decref(j);
	}
	eg_arena_done(&a);
	return rc;
}

static bool
name_good(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			strchr("._@-", *p) != NULL))
			return false;
	return *name != '\0' && *name != '.' && *name != '-' && strlen(name) <= 60;
}

struct user_list {
	struct cli *c;
	struct cli_table *t;
};

static int
list_user(void *ctx, const struct user *u, struct eg_err *err)
{
	struct user_list *l = ctx;

	(void)err;
	if (l->t == NULL)
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:b}", "type", "user", "name", u->name, "role",
		    user_role_word(u->role), "approve", u->types, "limit", cli_str(u->limit), "key", cli_str(u->key_id),
		    "account", cli_str(u->account), "active", u->active));
	else {
		const char *cells[] = { u->name, user_role_word(u->role), u->types, u->limit, u->key_id, u->account,
			u->active ? "" : "revoked" };
		cli_table_row(l->t, cells);
	}
	return EG_OK;
}

static int
users_list(struct cli *c)
{
	static const char *const titles[] = { "USER", "ROLE", "MAY DECIDE", "LIMIT", "KEY", "ACCOUNT", "" };
	struct user_list l = { c, NULL };
	struct site s;
	struct eg_err err;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	if (!cli_has(c, O_JSON))
		l.t = cli_table_new(titles, 7, OPT(3));
	int rc = user_each(s.store, list_user, &l, &err);
	if (l.t != NULL)
		cli_table_print(l.t);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

int
cmd_users(struct cli *c)
{
	struct user_change ch = { .c = c, .act = c->argv[0], .pem = EG_BUF_INIT, .limit = EG_BUF_INIT };
	struct site s;
	struct eg_err err = { 0 };
	int code;

	if (strcmp(ch.act, "list") == 0)
		return users_list(c);
	if (strcmp(ch.act, "add") != 0 && strcmp(ch.act, "grant") != 0 && strcmp(ch.act, "revoke") != 0)
		return cli_usage(c, "\"%s\" is not add, list, grant or revoke", ch.act);
	if (c->argc != 2 || !name_good(c->argv[1]))
		return cli_usage(c, "give one user name of letters, digits and . _ @ -");
	ch.u.name = c->argv[1];
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	int rc = cli_tx(&s, change_user, &ch, &err);
	if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)fprintf(stderr, "%s: %s, may decide: %s%s%s\n", ch.u.name,
		    ch.u.active ? user_role_word(ch.u.role) : "revoked", *ch.u.types == '\0' ? "nothing" : ch.u.types,
		    ch.u.pubkey == NULL && ch.u.active && *ch.u.types != '\0' ?
			"; no public key yet, so only unsigned sheets could come from here" :
			"",
		    "");
	eg_buf_done(&ch.pem);
	eg_buf_done(&ch.limit);
	site_close(&s);
	if (rc < 0)
		return strcmp(err.code, "USAGE") == 0 ? cli_usage(c, "%s", err.msg) : cli_fail(c, &err);
	return CLI_OK;
}

/* ---- config ---- */

static void
show_key(struct cli *c, const struct site *s, const struct conf_key *k)
{
	char where[40] = "default";

	if (conf_line(&s->conf, k->key) > 0)
		(void)snprintf(where, sizeof(where), "erpgate.conf:%u", conf_line(&s->conf, k->key));
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "setting", "key", k->key, "value",
		    conf_get(&s->conf, k->key), "from", where, "help", k->help));
	else
		(void)printf("%-34s = %-22s # %s; %s\n", k->key, conf_get(&s->conf, k->key), where, k->help);
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
			rc = eg_fs_write_file(s.dir, "erpgate.conf", eg_buf_view(&edited), 0640, true, &err);
		if (rc == EG_OK)
			rc = store_commit(s.store, &err);
		if (rc < 0)
			store_rollback(s.store);
	}
	eg_buf_done(&text);
	eg_buf_done(&edited);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

int
cmd_config(struct cli *c)
{
	struct site s;
	size_t n;
	const struct conf_key *keys = conf_keys(&n);
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
			show_key(c, &s, &keys[i]);
		code = CLI_OK;
	}
	site_close(&s);
	return code;
}
