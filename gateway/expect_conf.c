/* SPDX-License-Identifier: MIT
 *
 * The settings expect.NAME.… as expectations. Finds the fault of one that lacks its source, pattern or cut-off, or names a source, zone or table that is not there.
 * Tests: tests/unit/test_expect.c.
 */
#include "gateway/expect.h"

#define PREFIX "expect."

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct expect *)a)->name, ((const struct expect *)b)->name);
}

/* expect.NAME.KEY; NULL: the table has no such key, which is a mistake of ours. */
static const char *
value(const struct site *s, const char *name, const char *key)
{
	char *full = eg_xprintf(PREFIX "%s.%s", name, key);
	const char *v = conf_text(&s->conf, full);

	free(full);
	return v;
}

static int
load_holidays(struct site *s, struct expect *e, struct eg_err *err)
{
	const char *table = value(s, e->name, "holidays"), *name;
	struct eg_bytes text;
	char sha[EG_SHA256_HEX];

	if (*table == '\0')
		table = conf_text(&s->conf, "expect.holidays");
	if (*table == '\0')
		return EG_OK;
	for (size_t i = 0; adp_set_table_at(s->adapters, i, &name, &text, sha); i++)
		if (strcmp(name, table) == 0)
			return expect_holidays_parse(text, &e->holidays, err);
	return eg_fail(err, EG_BADREC, "CONF-VALUE",
	    "expected file %s names the table \"%s\" of holidays, and there is no tables/%s in the site's folder",
	    e->name, table, table);
}

static int
load_sequence(struct expect *e, const char *v, struct eg_err *err)
{
	struct eg_bytes text = eg_bytes_str(v);
	size_t at = eg_bytes_find(text, EG_LIT("{n}"));

	if (strcmp(v, "no") == 0)
		return EG_OK;
	e->sequence = strcmp(v, "name") == 0 ? SEQUENCE_NAME : SEQUENCE_CONTENT;
	if (e->sequence == SEQUENCE_NAME && strstr(e->pattern, "{n}") == NULL)
		return eg_fail(err, EG_BADREC, "CONF-VALUE",
		    "expected file %s has its number in the name, and its pattern \"%s\" does not say where; write {n} there",
		    e->name, e->pattern);
	if (e->sequence == SEQUENCE_CONTENT) {
		e->before = eg_bytes_sub(text, strlen("content "), at - strlen("content "));
		e->after = eg_bytes_sub(text, at + 3, text.len);
	}
	return EG_OK;
}

static int
load_one(struct site *s, struct expect *e, struct eg_err *err)
{
	const char *days = value(s, e->name, "days"), *sequence = value(s, e->name, "sequence"),
		   *zone = value(s, e->name, "zone");
	int rc;

	e->source = value(s, e->name, "source");
	e->pattern = value(s, e->name, "pattern");
	e->by = value(s, e->name, "by");
	e->mail = value(s, e->name, "mail");
	e->zone_name = *zone == '\0' ? conf_text(&s->conf, "business.timezone") : zone;
	if (*e->source == '\0' || *e->pattern == '\0' || *e->by == '\0')
		return eg_fail(err, EG_BADREC, "CONF-VALUE",
		    "expected file %s lacks its %s; add the line expect.%s.%s = …", e->name,
		    *e->source == '\0'  ? "source" :
		    *e->pattern == '\0' ? "pattern" :
					  "cut-off",
		    e->name,
		    *e->source == '\0'  ? "source" :
		    *e->pattern == '\0' ? "pattern" :
					  "by");
	if (!site_has_source(s, e->source))
		return eg_fail(err, EG_BADREC, "CONF-VALUE",
		    "expected file %s is to come from \"%s\", and this site has no such source", e->name, e->source);
	rc = expect_days_parse(eg_bytes_str(days), &e->days, err);
	if (rc == EG_OK)
		rc = expect_cutoff_parse(eg_bytes_str(e->by), &e->cutoff, err);
	if (rc == EG_OK)
		rc = load_sequence(e, sequence, err);
	if (rc == EG_OK)
		rc = eg_tz_load(e->zone_name, &e->zone, err);
	if (rc == EG_OK)
		rc = load_holidays(s, e, err);
	if (rc == EG_OK && !eg_duration_parse(eg_bytes_str(value(s, e->name, "grace")), &e->grace))
		eg_bug("expect.%s.grace was not checked", e->name);
	e->settings = eg_xprintf("%s|%s|%s|%s %s|%s", e->source, e->pattern, days, e->by, e->zone_name, sequence);
	return rc;
}

static bool
known(const struct expects *e, struct eg_bytes name)
{
	for (size_t i = 0; i < e->n; i++)
		if (eg_bytes_is(name, e->v[i].name))
			return true;
	return false;
}

void
expects_load(struct site *s, struct expects *ret)
{
	const char *key, *v;
	struct eg_err err;

	*ret = (struct expects){ 0 };
	for (size_t i = 0; conf_set_at(&s->conf, i, &key, &v); i++) {
		struct eg_bytes rest = eg_bytes_str(key), name;
		if (!eg_bytes_starts(rest, EG_LIT(PREFIX)))
			continue;
		rest = eg_bytes_sub(rest, strlen(PREFIX), rest.len);
		name = eg_bytes_sub(rest, 0, eg_bytes_chr(rest, '.'));
		if (name.len == rest.len || known(ret, name))
			continue; /* expect.holidays is no name */
		ret->v = eg_xrealloc(ret->v, (ret->n + 1) * sizeof(*ret->v));
		ret->v[ret->n] = (struct expect){ .name = eg_xdup(name) };
		struct expect *e = &ret->v[ret->n++];
		if (load_one(s, e, &err) < 0)
			e->fault = eg_xstrdup(err.msg);
	}
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
}

bool
expects_any(const struct conf *c)
{
	const char *key, *v;

	for (size_t i = 0; conf_set_at(c, i, &key, &v); i++)
		if (eg_bytes_starts(eg_bytes_str(key), EG_LIT(PREFIX)))
			return true;
	return false;
}

void
expects_free(struct expects *e)
{
	for (size_t i = 0; i < e->n; i++) {
		eg_tz_free(e->v[i].zone);
		free(e->v[i].holidays.day);
		free(e->v[i].settings);
		free(e->v[i].fault);
		free((char *)(uintptr_t)e->v[i].name);
	}
	free(e->v);
	*e = (struct expects){ 0 };
}

int64_t
expect_deadline(const struct expect *e, struct eg_date day)
{
	return eg_tz_moment(e->zone, eg_date_add_days(day, e->cutoff.days), e->cutoff.sec);
}
