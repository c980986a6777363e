/* SPDX-License-Identifier: MIT
 *
 * The options of users add, grant and revoke over what a user has: added to it or taken from it. Refuses ("USAGE") unknown record types, tools and single rights, a type
 * that does not go in the direction named, and texts that are no texts.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gateway/cli/users.h"
#include "gateway/workflow/actions.h"

#include <fcntl.h>
#include <strings.h>

/* ---- lists of words ---- */

static bool
list_has(const char *list, struct eg_bytes word)
{
	struct eg_bytes rest = eg_bytes_str(list), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (eg_bytes_eq(eg_bytes_trim(part), word))
			return true;
	return false;
}

static const char *
list_join(struct eg_arena *a, const char *x, const char *y)
{
	bool both = x != NULL && *x != '\0' && y != NULL && *y != '\0';
	char *text = eg_xprintf("%s%s%s", x == NULL ? "" : x, both ? "," : "", y == NULL ? "" : y);
	const char *kept = list_has(text, EG_LIT("all")) ? "all" : eg_arena_cstr(a, eg_bytes_str(text));

	free(text);
	return kept;
}

/* All that can be decided about, for taking single ones away from "all". */
static void
put_all_types(struct eg_buf *b)
{
	for (unsigned i = 0; i < REC_NTYPES; i++) {
		const struct rec_type *t = rec_type((enum rec_id)i);
		if (t->cls == RC_TO_ERP || t->cls == RC_FROM_ERP)
			eg_buf_printf(b, "%s%s", b->len > 0 ? "," : "", t->name);
	}
}

static const char *
list_without(struct eg_arena *a, const char *from, const char *less)
{
	struct eg_buf all = EG_BUF_INIT, left = EG_BUF_INIT;
	struct eg_bytes rest, part;

	if (list_has(from, EG_LIT("all")))
		put_all_types(&all);
	rest = all.len > 0 ? eg_buf_view(&all) : eg_bytes_str(from);
	while (!list_has(less, EG_LIT("all")) && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		if (part.len > 0 && !list_has(less, part))
			eg_buf_printf(&left, "%s%.*s", left.len > 0 ? "," : "", EG_FMT(part));
	}
	const char *kept = eg_arena_cstr(a, eg_buf_view(&left));
	eg_buf_done(&all);
	eg_buf_done(&left);
	return kept;
}

/* ---- record types ---- */

static int
check_types(const char *option, const char *types, bool exports, bool imports, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(types), part;

	while (eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		const struct rec_type *t = rec_type_named(part);
		if (eg_bytes_is(part, "all"))
			continue;
		if (t == NULL || (t->cls != RC_TO_ERP && t->cls != RC_FROM_ERP))
			return eg_fail(err, EG_BADREC, "USAGE",
			    "\"%.*s\" is no record type that is decided about. See them: erpgate help types",
			    EG_FMT(part));
		if ((t->cls == RC_TO_ERP && !exports) || (t->cls == RC_FROM_ERP && !imports))
			return eg_fail(err, EG_BADREC, "USAGE", "%s names %s, which %s; use %s", option, t->name,
			    t->cls == RC_TO_ERP ? "goes to the accounting system" : "comes from the accounting system",
			    t->cls == RC_TO_ERP ? "--can-export" : "--can-import");
	}
	return EG_OK;
}

static int
take_types(struct user_change *ch, struct eg_err *err)
{
	static const struct {
		enum cli_opt o;
		const char *name;
		bool exports, imports;
	} options[] = { { O_APPROVE, "--approve", true, true }, { O_CAN_EXPORT, "--can-export", true, false },
		{ O_CAN_IMPORT, "--can-import", false, true } };
	struct user *u = &ch->u;
	const char *to = list_join(&ch->a, u->types, u->exports), *from = list_join(&ch->a, u->types, u->imports);
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(options) / sizeof(options[0]); i++) {
		const char *given = ch->c->opt[options[i].o];
		if (given == NULL)
			continue;
		rc = check_types(options[i].name, given, options[i].exports, options[i].imports, err);
		bool whole = list_has(given, EG_LIT("all")) ||
		             !ch->revoke; /* a type goes one way only: taken, it is gone from both */
		if (options[i].exports || !whole)
			to = ch->revoke ? list_without(&ch->a, to, given) : list_join(&ch->a, to, given);
		if (options[i].imports || !whole)
			from = ch->revoke ? list_without(&ch->a, from, given) : list_join(&ch->a, from, given);
	}
	u->types = "";
	u->exports = to;
	u->imports = from;
	return rc;
}

/* ---- tools and single rights ---- */

static bool
known(const char *(*at)(size_t n), struct eg_bytes word)
{
	const char *w;

	for (size_t i = 0; (w = at(i)) != NULL; i++)
		if (eg_bytes_is(word, w))
			return true;
	return false;
}

static int
check_tool(struct eg_bytes part, bool revoke, struct eg_err *err)
{
	struct eg_bytes tool, level, whole = part;
	enum user_role r;

	if (!revoke && eg_bytes_chr(part, '=') == part.len)
		return eg_fail(err, EG_BADREC, "USAGE", "--tool is \"%.*s\"; write TOOL=LEVEL or TOOL=LEVEL@PROJECT",
		    EG_FMT(whole));
	(void)eg_bytes_cut(&part, revoke ? '@' : '=', &tool);
	if (!known(action_tool_at, tool))
		return eg_fail(err, EG_BADREC, "USAGE",
		    "\"%.*s\" is no tool; it can be commitments, budget, prime-contracts, directory, admin or reports",
		    EG_FMT(tool));
	if (revoke)
		return EG_OK;
	(void)eg_bytes_cut(&part, '@', &level);
	char *word = eg_xdup(level);
	bool good = user_role_named(word, &r) && (part.ptr == NULL || part.len > 0);
	free(word);
	return good ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "USAGE",
		       "--tool is \"%.*s\"; the level can be none, read, standard or admin, and a project stands behind @",
		       EG_FMT(whole));
}

/* "commitments" takes that tool away everywhere, "commitments@24-104" in one project; a level between them is not looked at. */
static bool
tool_taken(const char *less, struct eg_bytes have)
{
	struct eg_bytes rest = eg_bytes_str(less), part, tool, level;

	(void)eg_bytes_cut(&have, '=', &tool);
	(void)eg_bytes_cut(&have, '@', &level);
	while (eg_bytes_cut(&rest, ',', &part)) {
		struct eg_bytes name, at = eg_bytes_trim(part);
		(void)eg_bytes_cut(&at, '@', &name);
		name = eg_bytes_sub(name, 0, eg_bytes_chr(name, '='));
		if (eg_bytes_eq(name, tool) && (at.ptr == NULL || eg_bytes_eq(at, have)))
			return true;
	}
	return false;
}

static const char *
tools_without(struct eg_arena *a, const char *from, const char *less)
{
	struct eg_buf left = EG_BUF_INIT;
	struct eg_bytes rest = eg_bytes_str(from), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (part.len > 0 && !tool_taken(less, part))
			eg_buf_printf(&left, "%s%.*s", left.len > 0 ? "," : "", EG_FMT(part));
	const char *kept = eg_arena_cstr(a, eg_buf_view(&left));
	eg_buf_done(&left);
	return kept;
}

static int
take_tools(struct user_change *ch, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(ch->c->opt[O_TOOL]), part;
	int rc = EG_OK;

	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		rc = check_tool(ch->revoke ? eg_bytes_sub(part, 0, eg_bytes_chr(part, '=')) : part, ch->revoke, err);
	}
	if (rc == EG_OK && ch->c->opt[O_TOOL] != NULL)
		ch->u.tools = ch->revoke ? tools_without(&ch->a, ch->u.tools, ch->c->opt[O_TOOL]) :
		                           list_join(&ch->a, ch->u.tools, ch->c->opt[O_TOOL]);
	rest = eg_bytes_str(ch->c->opt[O_MAY]);
	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part))
		if (!known(action_single_at, eg_bytes_trim(part)))
			rc = eg_fail(err, EG_BADREC, "USAGE",
			    "\"%.*s\" is no single right; it can be create-project or send-budgets", EG_FMT(part));
	if (rc == EG_OK && ch->c->opt[O_MAY] != NULL) {
		const char *left = list_without(&ch->a, ch->u.may, ch->c->opt[O_MAY]); /* each stands once */
		ch->u.may = ch->revoke ? left : list_join(&ch->a, left, ch->c->opt[O_MAY]);
	}
	return rc;
}

/* ---- the person ---- */

static bool
text_good(const char *text, size_t most)
{
	struct eg_bytes v = eg_bytes_str(text);

	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < ' ' || v.ptr[i] == 0x7f)
			return false;
	return v.len <= most && eg_utf8_valid(v) == v.len;
}

static bool
mail_good(const char *text)
{
	struct eg_bytes v = eg_bytes_str(text);
	size_t at = eg_bytes_chr(v, '@');

	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] <= ' ' || v.ptr[i] >= 0x7f || strchr("<>()[],;:\\\"", v.ptr[i]) != NULL)
			return false;
	return v.len <= 254 && at > 0 && at + 1 < v.len &&
	       eg_bytes_chr(eg_bytes_sub(v, at + 1, v.len), '@') == v.len - at - 1;
}

static const char *
or_none(const char *text)
{
	return *text == '\0' ? NULL : text;
}

static int
take_person(struct user_change *ch, struct eg_err *err)
{
	const struct cli *c = ch->c;
	const char *mail = c->opt[O_MAIL], *full = c->opt[O_FULL_NAME], *summary = c->opt[O_SUMMARY],
		   *account = c->opt[O_ACCOUNT];

	if (mail != NULL && *mail != '\0' && !mail_good(mail))
		return eg_fail(
		    err, EG_BADREC, "USAGE", "--mail is \"%s\"; write an address such as ann@example.com", mail);
	if ((full != NULL && !text_good(full, 120)) || (account != NULL && !text_good(account, 60)))
		return eg_fail(err, EG_BADREC, "USAGE",
		    "--full-name and --account are one line of UTF-8 text, 120 and 60 bytes at most");
	if (summary != NULL && strcmp(summary, "yes") != 0 && strcmp(summary, "no") != 0)
		return eg_fail(err, EG_BADREC, "USAGE", "--summary is \"%s\"; write yes or no", summary);
	if (mail != NULL)
		ch->u.mail = or_none(mail);
	if (full != NULL)
		ch->u.full_name = or_none(full);
	if (account != NULL)
		ch->u.account = or_none(account);
	if (summary != NULL)
		ch->u.summary_opt_out = strcmp(summary, "no") == 0;
	return EG_OK;
}

static int
take_limit(struct user_change *ch, const char *text, struct eg_err *err)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_dec limit;

	ch->u.limit = NULL;
	if (strcmp(text, "none") == 0)
		return EG_OK;
	if (eg_dec_parse(eg_bytes_str(text), EG_DEC_MONEY, 2, 16, &limit) != EG_DEC_OK || limit.coef < 0)
		return eg_fail(
		    err, EG_BADREC, "USAGE", "--limit is \"%s\"; write an amount such as 250000.00, or none", text);
	eg_dec_print(&b, limit, 2);
	ch->u.limit = eg_arena_cstr(&ch->a, eg_buf_view(&b));
	eg_buf_done(&b);
	return EG_OK;
}

static int
take_pubkey(struct user_change *ch, struct eg_err *err)
{
	struct sign_key *key = NULL;
	int rc = eg_fs_read_file(AT_FDCWD, ch->c->opt[O_PUBKEY], EG_LIMIT_SIG_BYTES, &ch->pem, err);

	if (rc == EG_OK)
		rc = sign_key_from_pem(eg_buf_view(&ch->pem), false, &key, err);
	if (rc == EG_OK && !sign_key_counts(key))
		rc = eg_fail(err, EG_BADFILE, "KEY-KIND",
		    "The key in %s cannot sign sheets: it must be Ed25519, or RSA of 2048 bits or more or P-256 for .p7s. A new one: openssl genpkey -algorithm ed25519 -out me.pem",
		    ch->c->opt[O_PUBKEY]);
	if (rc == EG_OK)
		sign_key_id(key, ch->key_id);
	sign_key_free(key);
	ch->u.pubkey = eg_buf_cstr(&ch->pem);
	ch->u.key_id = ch->key_id;
	return rc;
}

/* ---- nobody else's ---- */

struct others {
	const struct user_change *ch;
	int rc;
	struct eg_err *err;
};

static bool
same_text(const char *x, const char *y)
{
	return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* Revoked users count: what they signed must never become somebody else's. */
static int
look_other(void *ctx, const struct user *u, struct eg_err *err)
{
	struct others *o = ctx;
	const struct user *mine = &o->ch->u;

	(void)err;
	if (o->rc != EG_OK || strcmp(u->name, mine->name) == 0)
		return EG_OK;
	if (o->ch->add && strcasecmp(u->name, mine->name) == 0)
		o->rc = eg_fail(o->err, EG_BADREC, "EXISTS",
		    "%s differs from the user %s only in capital letters, and in the log nobody could tell them apart. Choose another name.",
		    mine->name, u->name);
	else if (o->ch->pem.len > 0 && same_text(u->key_id, mine->key_id))
		o->rc = eg_fail(o->err, EG_BADREC, "EXISTS",
		    "This is the key of %s%s. A key stands for one person: make a new one: openssl genpkey -algorithm ed25519 -out %s.pem",
		    u->name, u->active ? "" : " (revoked)", mine->name);
	else if (cli_has(o->ch->c, O_ACCOUNT) && same_text(u->account, mine->account))
		o->rc = eg_fail(o->err, EG_BADREC, "EXISTS",
		    "The account %s belongs to %s%s. An account stands for one person.", u->account, u->name,
		    u->active ? "" : " (revoked)");
	return EG_OK;
}

static int
check_others(struct site *s, const struct user_change *ch, struct eg_err *err)
{
	struct others o = { ch, EG_OK, err };
	char gateway[SIGN_KEY_ID];
	int rc = user_each(s->store, look_other, &o, err);

	if (rc != EG_OK || o.rc != EG_OK)
		return rc != EG_OK ? rc : o.rc;
	if (ch->pem.len == 0 || s->key == NULL)
		return EG_OK;
	sign_key_id(s->key, gateway);
	return strcmp(gateway, ch->key_id) != 0 ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "EXISTS",
		       "This is the gateway's own key, with which it seals the archive. No person can sign with it.");
}

int
users_take(struct site *s, struct user_change *ch, struct eg_err *err)
{
	const struct cli *c = ch->c;
	int rc = EG_OK;

	if (cli_has(c, O_ROLE) && !user_role_named(c->opt[O_ROLE], &ch->u.role))
		return eg_fail(err, EG_BADREC, "USAGE", "--role is \"%s\"; it can be none, read, standard or admin",
		    c->opt[O_ROLE]);
	rc = take_types(ch, err);
	if (rc == EG_OK)
		rc = take_tools(ch, err);
	if (rc == EG_OK)
		rc = take_person(ch, err);
	if (rc == EG_OK && cli_has(c, O_LIMIT))
		rc = take_limit(ch, c->opt[O_LIMIT], err);
	if (rc == EG_OK && cli_has(c, O_PUBKEY))
		rc = take_pubkey(ch, err);
	return rc == EG_OK ? check_others(s, ch, err) : rc;
}
