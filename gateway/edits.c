/* SPDX-License-Identifier: MIT
 *
 * Comparing the site's own files, and the keys it trusts, with those last logged. What was last logged is one JSON text in the store: the settings' text, and per file its digest. A file that
 * goes away while it is read is taken as gone. Tests: tests/scenario/rights.bats.
 */
#include "gateway/edits.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gateway/workflow/actor.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#define SEEN "edits.seen"
#define CONF "erpgate.conf"
#define OWNER_ONLY "owner of the file, who need not have written it"

static int
load_seen(struct store *store, json_t **ret, struct eg_err *err)
{
	struct eg_arena a;
	const char *text = NULL;
	int rc;

	eg_arena_init(&a, 8 * EG_LIMIT_CONF_BYTES);
	rc = store_meta_get(store, SEEN, &a, &text, err);
	*ret = text == NULL ? NULL : json_loads(text, 0, NULL);
	if (*ret == NULL)
		*ret = json_pack("{s:{}}", "files"); /* a site from before there was such a list: all is new */
	eg_arena_done(&a);
	return rc;
}

static int
save_seen(struct store *store, const json_t *seen, struct eg_err *err)
{
	char *text = json_dumps(seen, JSON_COMPACT);
	int rc = store_meta_set(store, SEEN, text, err);

	free(text);
	return rc;
}

int
edits_known_conf(struct store *store, struct eg_bytes text, struct eg_err *err)
{
	json_t *seen;
	int rc = load_seen(store, &seen, err);

	json_object_set_new(seen, "conf", json_stringn((const char *)text.ptr, text.len));
	if (rc == EG_OK)
		rc = save_seen(store, seen, err);
	json_decref(seen);
	return rc;
}

/* ---- what is there now ---- */

struct walk {
	struct site *s;
	int fd;
	const char *path, *suffix;
	json_t *files;
};

static const char *
adapter_in(const struct site *s, const char *path)
{
	for (size_t i = 0; i < adp_set_count(s->adapters); i++)
		if (strcmp(adp_info(adp_set_at(s->adapters, i))->file, path) == 0)
			return adp_info(adp_set_at(s->adapters, i))->name;
	return NULL;
}

static void
put_file(struct walk *w, const char *path, struct eg_bytes text, uid_t uid)
{
	char digest[EG_SHA256_HEX], owner[64];
	const char *adapter = adapter_in(w->s, path);
	json_t *j;

	eg_sha256_hex_of(text, digest);
	j = json_pack("{s:s,s:s}", "sha256", digest, "owner", actor_account(uid, owner, sizeof(owner)));
	if (adapter != NULL)
		json_object_set_new(j, "adapter", json_string(adapter));
	json_object_set_new(w->files, path, j);
}

static int walk_folder(struct walk *w, int dirfd, const char *name, struct eg_err *err);

static int
walk_each(void *ctx, const char *name, struct eg_err *err)
{
	struct walk *w = ctx;
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 1 };
	struct walk below = *w;
	struct stat st;
	int rc = EG_OK;

	if (name[0] == '.' || fstatat(w->fd, name, &st, 0) < 0)
		return EG_OK;
	char *path = eg_xprintf("%s/%s", w->path, name);
	below.path = path;
	if (S_ISDIR(st.st_mode) && strcmp(name, "fixtures") != 0)
		rc = walk_folder(&below, w->fd, name, err);
	else if (S_ISREG(st.st_mode) && eg_bytes_ends(eg_bytes_str(name), eg_bytes_str(w->suffix))) {
		rc = eg_fs_read_file(w->fd, name, EG_LIMIT_ADAPTER_BYTES, &text, err);
		if (rc == EG_OK && eg_utf8_valid(eg_bytes_str(path)) == strlen(path))
			put_file(w, path, eg_buf_view(&text), st.st_uid);
		else if (rc == EG_RETRY && strcmp(err->code, "GONE") == 0)
			rc = EG_OK;
	}
	free(path);
	eg_buf_done(&text);
	return rc;
}

/* An absent folder holds nothing. */
static int
walk_folder(struct walk *w, int dirfd, const char *name, struct eg_err *err)
{
	int rc;

	w->fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->fd < 0)
		return EG_OK;
	rc = eg_fs_list(w->fd, walk_each, w, err);
	eg_fd_done(&w->fd);
	return rc;
}

/* ---- what decides whose signature counts ---- */

static void
put_trusted(struct site *s, json_t *keys, const char *role, const char *name)
{
	struct eg_buf pem = { .max = EG_LIMIT_SIG_BYTES + 1 };
	char *path = eg_xprintf("keys/%s", name), digest[EG_SHA256_HEX], id[SIGN_KEY_ID] = "", owner[64];
	struct sign_key *key = NULL;
	struct eg_err ignored;
	struct stat st;

	if (fstatat(s->dir, path, &st, 0) == 0 &&
	    eg_fs_read_file(s->dir, path, EG_LIMIT_SIG_BYTES, &pem, &ignored) == EG_OK) {
		eg_sha256_hex_of(eg_buf_view(&pem), digest);
		if (sign_key_from_pem(eg_buf_view(&pem), false, &key, &ignored) == EG_OK)
			sign_key_id(key, id);
		json_object_set_new(keys, path,
		    json_pack("{s:s,s:s,s:s,s:s}", "is", role, "sha256", digest, "key", id, "owner",
			actor_account(st.st_uid, owner, sizeof(owner))));
	}
	sign_key_free(key);
	eg_buf_done(&pem);
	free(path);
}

/* The approvers' keys are not among them: they count as they stand in the store, which only `users` changes; what lies in keys/users/ is a copy. */
static json_t *
trusted_now(struct site *s)
{
	const char *ca = conf_text(&s->conf, "approvals.ca");
	json_t *keys = json_object();

	put_trusted(s, keys, "the gateway's public key", "gateway.pub.pem");
	if (*ca != '\0')
		put_trusted(s, keys, "the certificates that .p7s signatures must come from", ca);
	return keys;
}

/* {"conf": text, "files": {path: …}, "keys": {path: …}}, and who owns erpgate.conf. */
static int
look_now(struct site *s, json_t **ret, char owner[64], struct eg_err *err)
{
	struct walk w = { .s = s, .path = "adapters", .suffix = ".adapter", .files = json_object() };
	struct eg_buf text = { .max = EG_LIMIT_CONF_BYTES + 1 };
	struct stat st = { 0 };
	int rc = walk_folder(&w, s->dir, w.path, err);

	w.path = "tables";
	w.suffix = ".csv";
	if (rc == EG_OK)
		rc = walk_folder(&w, s->dir, w.path, err);
	if (rc == EG_OK)
		rc = eg_fs_read_file(s->dir, CONF, EG_LIMIT_CONF_BYTES, &text, err);
	if (rc == EG_OK && fstatat(s->dir, CONF, &st, 0) == 0)
		(void)actor_account(st.st_uid, owner, 64);
	if (rc == EG_OK && eg_utf8_valid(eg_buf_view(&text)) != text.len)
		rc = eg_fail(err, EG_RETRY, "CHANGED", CONF " changes while it is read; try again");
	if (rc < 0) {
		json_decref(w.files);
		eg_buf_done(&text);
		return rc;
	}
	*ret = json_pack("{s:o,s:o,s:o}", "conf", json_stringn((const char *)text.ptr, text.len), "files", w.files,
	    "keys", trusted_now(s));
	eg_buf_done(&text);
	return rc;
}

/* ---- differences ---- */

/* detail is stolen. owner NULL: the file is gone. */
static int
log_edit(struct site *s, const char *event, const char *path, const char *owner, json_t *detail, struct eg_err *err)
{
	const char *user = NULL;
	struct eg_arena a;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = owner == NULL ? EG_EOF : actor_of_account(s, owner, &a, &user, err);
	json_object_set_new(detail, "owner", owner == NULL ? json_null() : json_string(owner));
	json_object_set_new(detail, "actor_is", json_string(owner == NULL ? "unknown: the file is gone" : OWNER_ONLY));
	char *text = json_dumps(detail, JSON_COMPACT);
	if (rc >= 0)
		rc = store_log(s->store, site_now(s),
		    user != NULL  ? user :
		    owner != NULL ? owner :
				    "unknown",
		    event, path, text, err);
	free(text);
	json_decref(detail);
	eg_arena_done(&a);
	return rc;
}

static int
log_file(struct site *s, const char *path, const json_t *before, const json_t *now, struct eg_err *err)
{
	const char *was = json_string_value(json_object_get(before, "sha256")),
		   *is = json_string_value(json_object_get(now, "sha256"));
	const json_t *any = now != NULL ? now : before;
	const char *adapter = json_string_value(json_object_get(any, "adapter"));
	bool table = strncmp(path, "tables/", 7) == 0;

	if (was != NULL && is != NULL && strcmp(was, is) == 0)
		return EG_OK;
	json_t *detail = json_pack("{s:s?,s:s?}", "before", was, "after", is);
	if (adapter != NULL)
		json_object_set_new(detail, "adapter", json_string(adapter));
	return log_edit(s, table ? "table-changed" : "adapter-changed", path,
	    json_string_value(json_object_get(now, "owner")), detail, err);
}

static int
log_files(struct site *s, json_t *before, json_t *now, struct eg_err *err)
{
	const char *path;
	json_t *file;
	int rc = EG_OK;

	json_object_foreach(now, path, file) if (rc == EG_OK) rc =
	    log_file(s, path, json_object_get(before, path), file, err);
	json_object_foreach(before, path, file) if (rc == EG_OK && json_object_get(now, path) == NULL) rc =
	    log_file(s, path, file, NULL, err);
	return rc;
}

static void
put_key(json_t *keys, const struct conf *old, const struct conf *new, const char *key)
{
	const char *before = conf_get(old, key), *value = conf_get(new, key);

	if (before == NULL || value == NULL || strcmp(before, value) != 0)
		json_array_append_new(keys, json_pack("{s:s,s:s?,s:s?}", "key", key, "before", before, "value", value));
}

/* Settings whose effect differs. Old text that today's table of keys does not read gives none: the digests stand. */
static json_t *
changed_keys(const struct site *s, const char *old_text)
{
	json_t *keys = json_array();
	struct conf old = { 0 };
	struct eg_err ignored;
	const char *key, *value;

	if (conf_parse(eg_bytes_str(old_text), CONF, &old, &ignored) == EG_OK) {
		for (size_t i = 0; conf_set_at(&s->conf, i, &key, &value); i++)
			put_key(keys, &old, &s->conf, key);
		for (size_t i = 0; conf_set_at(&old, i, &key, &value); i++)
			if (conf_line(&s->conf, key) == 0)
				put_key(keys, &old, &s->conf, key);
		conf_free(&old);
	}
	return keys;
}

static int
log_conf(struct site *s, const char *was, const char *is, const char *owner, struct eg_err *err)
{
	char before[EG_SHA256_HEX], after[EG_SHA256_HEX];

	if (was != NULL && strcmp(was, is) == 0)
		return EG_OK;
	eg_sha256_hex_of(eg_bytes_str(was), before);
	eg_sha256_hex_of(eg_bytes_str(is), after);
	return log_edit(s, "config-changed", CONF, owner,
	    json_pack("{s:s?,s:s,s:o}", "before", was == NULL ? NULL : before, "after", after, "keys",
		changed_keys(s, was == NULL ? "" : was)),
	    err);
}

static int
log_trusted(struct site *s, const char *path, const json_t *before, const json_t *now, struct eg_err *err)
{
	const char *was = json_string_value(json_object_get(before, "sha256")),
		   *is = json_string_value(json_object_get(now, "sha256"));

	if (was != NULL && is != NULL && strcmp(was, is) == 0)
		return EG_OK;
	return log_edit(s, "key-changed", path, json_string_value(json_object_get(now, "owner")),
	    json_pack("{s:O,s:s?,s:s?,s:s?,s:s?}", "is", json_object_get(now != NULL ? now : before, "is"), "before",
		was, "after", is, "key_before", json_string_value(json_object_get(before, "key")), "key",
		json_string_value(json_object_get(now, "key"))),
	    err);
}

/* before NULL: a site from before they were watched; what it has is noted and is no change. */
static int
log_keys(struct site *s, json_t *before, json_t *now, struct eg_err *err)
{
	const char *path;
	json_t *key;
	int rc = EG_OK;

	if (before == NULL)
		return EG_OK;
	json_object_foreach(now, path, key) if (rc == EG_OK) rc =
	    log_trusted(s, path, json_object_get(before, path), key, err);
	json_object_foreach(before, path, key) if (rc == EG_OK && json_object_get(now, path) == NULL) rc =
	    log_trusted(s, path, key, NULL, err);
	return rc;
}

struct noting {
	json_t *before, *now;
	char owner[64];
};

static int
note(struct site *s, const struct noting *n, struct eg_err *err)
{
	const char *was = json_string_value(json_object_get(n->before, "conf")),
		   *is = json_string_value(json_object_get(n->now, "conf"));
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = log_conf(s, was, is, n->owner, err);
	if (rc == EG_OK)
		rc = log_files(s, json_object_get(n->before, "files"), json_object_get(n->now, "files"), err);
	if (rc == EG_OK)
		rc = log_keys(s, json_object_get(n->before, "keys"), json_object_get(n->now, "keys"), err);
	if (rc == EG_OK)
		rc = save_seen(s->store, n->now, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

int
edits_note(struct site *s, struct eg_err *err)
{
	struct noting n = { 0 };
	int rc = look_now(s, &n.now, n.owner, err);

	if (rc == EG_OK)
		rc = load_seen(s->store, &n.before, err);
	if (rc == EG_OK && !json_equal(n.before, n.now))
		rc = note(s, &n, err);
	json_decref(n.before);
	json_decref(n.now);
	return rc;
}
