/* SPDX-License-Identifier: MIT
 *
 * Names in a column's rule: which stand in its text, what value each has in the record at hand, and which of them a place in a file belongs to. Guesses nothing: a place that
 * no name is known to stand at has none.
 */
#include "gateway/origins_int.h"

static bool
name_char(unsigned char c, bool first)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (!first && ((c >= '0' && c <= '9') || c == '.'));
}

bool
rule_name_next(struct eg_bytes *rest, char ret[RULE_NAME_MAX])
{
	size_t i = 0;

	while (i < rest->len) {
		size_t from = i, dots = 0;
		if (rest->ptr[i] == '"') {
			i += 1 + eg_bytes_chr(eg_bytes_sub(*rest, i + 1, rest->len), '"');
			i++;
			continue;
		}
		if (!name_char(rest->ptr[i], true)) {
			i++;
			continue;
		}
		for (; i < rest->len && name_char(rest->ptr[i], false); i++)
			dots += rest->ptr[i] == '.';
		if (dots > 0 && i - from < RULE_NAME_MAX) {
			memcpy(ret, rest->ptr + from, i - from);
			ret[i - from] = '\0';
			*rest = eg_bytes_sub(*rest, i, rest->len);
			return true;
		}
	}
	*rest = EG_NONE;
	return false;
}

const struct rec_val *
rule_name_value(const struct origins *o, const char *name)
{
	bool line = false;
	const int i = rec_field_named(o->rec.type, eg_bytes_str(name), &line);

	if (i < 0 || (line && o->line == NO_LINE))
		return NULL;
	return line ? &o->rec.lines[o->line * o->rec.type->nline + (size_t)i] : &o->rec.head[i];
}

static bool
is_at(const struct rec_prov *p, const struct rec_prov *q)
{
	return p->line != 0 && p->off == q->off && p->len == q->len;
}

/* Is the value of this name of the record at hand at the place? *ret_line: the line it is of. */
static bool
stands_at(const struct origins *o, const char *name, const struct rec_prov *at, size_t *ret_line)
{
	const struct rec_type *t = o->rec.type;
	bool line;
	const int i = rec_field_named(t, eg_bytes_str(name), &line);

	for (size_t k = 0; i >= 0 && k < (line ? o->rec.nlines : 1); k++) {
		const struct rec_val *v = line ? &o->rec.lines[k * t->nline + (size_t)i] : &o->rec.head[i];
		if (is_at(&v->prov, at)) {
			*ret_line = line ? k : NO_LINE;
			return true;
		}
	}
	return false;
}

int
rule_name_at(struct origins *o, const char *rule, int64_t file, const struct rec_prov *at, char ret[RULE_NAME_MAX],
    size_t *ret_line, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(rule);
	const struct seen_file *f;
	int rc = origins_file(o, file, &f, err);

	*ret_line = NO_LINE;
	while (rc == EG_OK && file == o->file && rule_name_next(&rest, ret))
		if (stands_at(o, ret, at, ret_line))
			return EG_OK;
	rest = eg_bytes_str(rule);
	while (rc == EG_OK && rule_name_next(&rest, ret))
		if (origins_entry(f, o->rec.type, ret) != NULL)
			return EG_OK;
	*ret = '\0';
	return rc;
}
