/* SPDX-License-Identifier: MIT
 *
 * Settings of a site: the file's values over the defaults of the table (conf_keys.c), checked once, at start; asked for by key; and changed in the file, line by line.
 * Refuses unknown keys, bad values (conf_value.c) and a key that stands twice. Tests: tests/unit/test_conf.c.
 */
#include "gateway/conf_int.h"

#include "base/date.h"
#include "base/ini.h"
#include "gateway/rule_key.h"

#include <inttypes.h>

struct conf_value {
	char *key, *value;
	uint32_t line;
};

/* ---- reading the file ---- */

/* A rule's key names things that must exist; the column of the fault is that of the key or of the value. */
static int
rule_check(const struct eg_ini_line *l, uint32_t *ret_col, struct eg_err *err)
{
	struct rule_key key;
	int rc = rule_key_read(l->key, &key, err);

	*ret_col = l->key_col;
	if (rc != EG_OK)
		return rc;
	*ret_col = l->value_col;
	return rule_value_check(&key, l->value, err);
}

static struct conf_value *
value_find(const struct conf *c, struct eg_bytes key)
{
	for (size_t i = 0; i < c->n; i++)
		if (eg_bytes_is(key, c->values[i].key))
			return &c->values[i];
	return NULL;
}

static int
conf_entry(const struct eg_ini_line *l, struct conf *c, struct eg_err *err)
{
	const struct conf_key *k = conf_key_find(l->key);
	const struct conf_value *before = value_find(c, l->key);
	int rc;

	if (k == NULL) {
		char *near = conf_key_nearest(l->key);
		rc = eg_fail(err, EG_BADFILE, "CONF-KEY",
		    "unknown setting \"%.*s\"%s%s%s All settings: erpgate config show", EG_FMT(l->key),
		    near ? "; did you mean \"" : "", near ? near : ".", near ? "\"?" : "");
		free(near);
		eg_err_at(err, (struct eg_pos){ .line = l->line, .col = l->key_col });
		return rc;
	}
	if (before != NULL) {
		rc = eg_fail(err, EG_BADFILE, "CONF-TWICE", "%s is set twice; it is already set in line %" PRIu32,
		    before->key, before->line);
		eg_err_at(err, (struct eg_pos){ .line = l->line, .col = l->key_col });
		return rc;
	}
	uint32_t col = l->value_col;
	rc = k->type == CT_RULE ? rule_check(l, &col, err) : conf_value_check(k, l->value, err);
	if (rc < 0) {
		eg_err_at(err, (struct eg_pos){ .line = l->line, .col = col });
		return rc;
	}
	c->values = eg_xrealloc(c->values, (c->n + 1) * sizeof(*c->values));
	c->values[c->n++] = (struct conf_value){ eg_xdup(l->key), eg_xdup(l->value), l->line };
	return EG_OK;
}

int
conf_parse(struct eg_bytes text, const char *path, struct conf *ret, struct eg_err *err)
{
	struct eg_ini ini;
	struct eg_ini_line l;
	int rc;

	*ret = (struct conf){ .path = eg_xstrdup(path) };
	eg_ini_init(&ini, text);
	for (;;) {
		rc = eg_ini_next(&ini, &l, err);
		if (rc == EG_EOF)
			return EG_OK;
		if (rc == EG_OK && l.kind != EG_INI_ENTRY) {
			rc = eg_fail(err, EG_BADFILE, "CONF-KEY",
			    "settings have no sections; write dotted keys such as cmic.company = 01");
			eg_err_at(err, (struct eg_pos){ .line = l.line, .col = 1 });
		}
		if (rc == EG_OK)
			rc = conf_entry(&l, ret, err);
		if (rc < 0) {
			err->cls = EG_BADFILE;
			conf_free(ret);
			return EG_BADFILE;
		}
	}
}

void
conf_free(struct conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->values[i].key);
		free(c->values[i].value);
	}
	free(c->values);
	free(c->path);
	*c = (struct conf){ 0 };
}

/* ---- asking ---- */

const char *
conf_get(const struct conf *c, const char *key)
{
	const struct conf_value *v = value_find(c, eg_bytes_str(key));

	if (v != NULL)
		return v->value;
	const struct conf_key *k = conf_key_find(eg_bytes_str(key));
	return k == NULL ? NULL : k->def;
}

bool
conf_set_at(const struct conf *c, size_t i, const char **ret_key, const char **ret_value)
{
	if (i >= c->n)
		return false;
	*ret_key = c->values[i].key;
	*ret_value = c->values[i].value;
	return true;
}

uint32_t
conf_line(const struct conf *c, const char *key)
{
	const struct conf_value *v = value_find(c, eg_bytes_str(key));

	return v == NULL ? 0 : v->line;
}

const char *
conf_text(const struct conf *c, const char *key)
{
	const char *v = conf_get(c, key);

	if (v == NULL)
		eg_bug("no setting %s", key);
	return v;
}

bool
conf_bool(const struct conf *c, const char *key)
{
	return strcmp(conf_text(c, key), "yes") == 0;
}

int64_t
conf_int(const struct conf *c, const char *key)
{
	int64_t n = 0;
	struct eg_bytes v = eg_bytes_str(conf_text(c, key));

	if (!eg_bytes_to_i64(v, &n) && !eg_duration_parse(v, &n))
		eg_bug("setting %s is no number", key);
	return n;
}

const char *
conf_sub(const struct conf *c, const char *group, const char *name, const char *key)
{
	char *full = eg_xprintf("%s.%s.%s", group, name, key);
	const char *v = conf_get(c, full);

	free(full);
	if (v != NULL && *v != '\0')
		return v;
	const char *general = conf_get(c, key);
	return general != NULL ? general : v;
}

const char *
conf_family(const struct conf *c, const char *source)
{
	const char *family = conf_sub(c, "source", source, "family");

	return family == NULL || *family == '\0' ? source : family;
}

const char *
conf_project(const struct conf *c, const char *number, const char *key)
{
	bool plain = *number != '\0' && strchr(number, '.') == NULL;
	char *full = eg_xprintf("project.%s.%s", plain ? number : "-", key);
	const char *v = conf_text(c, full);

	free(full);
	return v;
}

/* ---- changing the file ---- */

/* Is this line an entry of the key? Then where its value ends: what stands behind, a comment, is kept. */
static bool
line_sets(struct eg_bytes line, const char *key, struct eg_bytes *ret_behind)
{
	struct eg_ini ini;
	struct eg_ini_line l;
	struct eg_err ignored;

	eg_ini_init(&ini, line);
	if (eg_ini_next(&ini, &l, &ignored) != EG_OK || l.kind != EG_INI_ENTRY || !eg_bytes_is(l.key, key))
		return false;
	*ret_behind =
	    l.value.len == 0 ? EG_NONE : eg_bytes_sub(line, (size_t)(l.value.ptr + l.value.len - line.ptr), line.len);
	return true;
}

/* The value must come back as it was given: a line feed or "  #" in it would make something else of the file. */
static int
edit_check(struct eg_bytes text, const char *key, const char *value, struct eg_err *err)
{
	struct conf check;
	int rc = conf_parse(text, "erpgate.conf", &check, err);

	if (rc < 0) {
		err->cls = EG_BADREC;
		return EG_BADREC;
	}
	const struct conf_value *got = value_find(&check, eg_bytes_str(key));
	if (got == NULL || strcmp(got->value, value) != 0)
		rc = eg_fail(err, EG_BADREC, "CONF-VALUE",
		    "%s cannot be \"%s\": as a line of erpgate.conf that would read otherwise", key, value);
	conf_free(&check);
	return rc;
}

int
conf_edit(struct eg_bytes text, const char *key, const char *value, struct eg_buf *ret, struct eg_err *err)
{
	struct eg_bytes rest = text, line, behind = EG_NONE;
	bool done = false;

	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &line)) {
		bool ours = !done && line_sets(line, key, &behind);
		if (ours) {
			eg_buf_printf(ret, "%s = %s", key, value);
			eg_buf_add(ret, behind);
		} else
			eg_buf_add(ret, line);
		eg_buf_chr(ret, '\n');
		done = done || ours;
	}
	if (!done)
		eg_buf_printf(ret, "%s = %s\n", key, value);
	return edit_check(eg_buf_view(ret), key, value, err);
}
