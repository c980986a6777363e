/* SPDX-License-Identifier: MIT
 *
 * Records written by hand as JSON, for fixtures. Every value is read strictly by its field's type, as a packed record is; unknown fields are named with the likely
 * one. Only `type`, `fields` and `lines` are looked at, so that what `show ID --json` prints can be taken as it is.
 */
#include "gateway/cli/tools.h"

struct json_input {
	const char *file;
	struct eg_arena *a;
	size_t n; /* record at hand, first is 1 */
	struct eg_err *err;
};

static int wrong(struct json_input *j, const char *fmt, ...) EG_PRINTF(2, 3);

static int
wrong(struct json_input *j, const char *fmt, ...)
{
	char msg[EG_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return eg_fail(j->err, EG_BADFILE, "FIXTURE", "%s, record %zu: %s", j->file, j->n, msg);
}

static int
unknown_field(struct json_input *j, const struct rec_type *t, const struct rec_field *f, unsigned n, const char *name)
{
	const char *near = NULL;
	unsigned best = 4;

	for (unsigned i = 0; i < n; i++) {
		unsigned d = eg_bytes_distance(eg_bytes_str(name), eg_bytes_str(f[i].name), best);
		if (d < best) {
			best = d;
			near = f[i].name;
		}
	}
	return wrong(j, "%s has no field \"%s\"%s%s%s. All fields: erpgate help record %s", t->name, name,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "", t->name);
}

static int
set_values(struct json_input *j, const struct rec_type *t, const struct rec_field *f, unsigned n, json_t *o,
    uint32_t line, struct rec_val *vals)
{
	const char *name;
	json_t *v;

	json_object_foreach(o, name, v)
	{
		unsigned i = 0;
		struct eg_err why;

		while (i < n && strcmp(f[i].name, name) != 0)
			i++;
		if (i == n)
			return unknown_field(j, t, f, n, name);
		if (!json_is_string(v))
			return wrong(j, "%s is not a text; write \"12.50\", not 12.50", name);
		struct eg_bytes text = eg_bytes(json_string_value(v), json_string_length(v));
		if (text.len > 0 &&
		    rec_set(j->a, &f[i], text, (struct rec_prov){ .line = line }, &vals[i], &why) != EG_OK)
			return wrong(j, "%s \"%.*s\" %s (%s)", name, EG_FMT(text), why.msg, why.code);
	}
	return EG_OK;
}

static int
one_record(struct json_input *j, json_t *o, struct rec *r)
{
	const char *type = json_string_value(json_object_get(o, "type"));
	const struct rec_type *t = rec_type_named(eg_bytes_str(type));
	json_t *fields = json_object_get(o, "fields"), *lines = json_object_get(o, "lines");
	int rc;

	if (t == NULL)
		return wrong(j, "\"type\" is no record type. They are: erpgate help types");
	if (!json_is_object(fields) || (lines != NULL && !json_is_array(lines)))
		return wrong(j, "\"fields\" must be an object and \"lines\" a list of objects");
	if (json_array_size(lines) > 0 && t->nline == 0)
		return wrong(j, "a %s has no lines", t->name);
	rc = rec_new(j->a, t, json_array_size(lines), r, j->err);
	if (rc != EG_OK)
		return rc;
	r->at.line = 1;
	rc = set_values(j, t, t->head, t->nhead, fields, 1, r->head);
	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		json_t *line = json_array_get(lines, i);
		uint32_t at = (uint32_t)i + 1;

		r->line_at[i].line = at;
		rc = json_is_object(line) ? set_values(j, t, t->line, t->nline, line, at, &r->lines[i * t->nline]) :
		                            wrong(j, "line %u is not an object", at);
	}
	return rc;
}

int
record_json(
    struct eg_bytes text, const char *file, struct eg_arena *a, struct rec **ret, size_t *ret_n, struct eg_err *err)
{
	struct json_input j = { file, a, 1, err };
	json_error_t e;
	json_t *root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &e);
	size_t n = json_is_array(root) ? json_array_size(root) : 1;
	struct rec *v = eg_arena_array(a, n + 1, sizeof(*v));
	int rc = EG_OK;

	if (root == NULL)
		rc = eg_fail(
		    err, EG_BADFILE, "FIXTURE", "%s:%d:%d: this is not JSON: %s", file, e.line, e.column, e.text);
	else if (v == NULL)
		rc = eg_fail(err, EG_BADFILE, "LIMIT-MEM", "%s is too large", file);
	for (size_t i = 0; rc == EG_OK && i < n; i++) {
		j.n = i + 1;
		rc = one_record(&j, json_is_array(root) ? json_array_get(root, i) : root, &v[i]);
	}
	json_decref(root);
	*ret = v;
	*ret_n = n;
	return rc;
}
