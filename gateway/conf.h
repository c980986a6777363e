/* SPDX-License-Identifier: MIT
 *
 * Settings: erpgate.conf (`key = value`, dotted keys, `#` comments) over the defaults of one table (conf_keys.c). Unknown keys and bad values are errors
 * with file, line and column. Everything else asks here by key; adapters too.
 */
#ifndef GATEWAY_CONF_H
#define GATEWAY_CONF_H

#include "base/buf.h"
#include "base/err.h"

enum conf_type {
	CT_TEXT,
	CT_BOOL,
	CT_INT,
	CT_DURATION,
	CT_SIZE,
	CT_WORD,
	CT_LIST,
	CT_SCHEDULE, /* gateway/schedule_spec.h */
	CT_ZONE, /* of the time zone database: America/New_York */
	CT_CLOCK, /* HH:MM */
	CT_DATE, /* YYYY-MM-DD or empty */
	CT_MONTHS, /* YYYY-MM, comma-separated, or empty */
	CT_MAIL, /* addresses, comma-separated, or empty */
	CT_KEEP, /* how long something is kept: 10y, 400d, forever, or empty (expire.h) */
	CT_DAYS,
	CT_CUTOFF,
	CT_PATTERN,
	CT_SEQUENCE, /* gateway/expect_spec.h */
	CT_RULE /* rule.STAGE.TYPE.FIELD: rule_key.h */
};

struct conf_key {
	const char *key; /* "cmic.company"; "source.*.settle" for keys per source or target: `*` is its name */
	enum conf_type type;
	const char *def; /* default, as written in a file */
	const char *words; /* CT_WORD: the choices, blank separated */
	const char *help; /* one sentence */
};

struct conf_value;
struct conf {
	char *path; /* of erpgate.conf, for messages */
	struct conf_value *values; /* those the file sets */
	size_t n;
};

/* Table of all keys, in order of documentation. */
const struct conf_key *conf_keys(size_t *ret_n);
/* The default of a row of it, named as the row is (with its `*`); NULL when there is none of that name. */
const char *conf_default(const char *key);
/* Reads the text of erpgate.conf. EG_BADFILE "CONF-KEY", "CONF-VALUE", "CONF-TWICE", "INI-…" with line and column (the hint names the likely key). */
int conf_parse(struct eg_bytes text, const char *path, struct conf *ret, struct eg_err *err) EG_MUSTCHECK;
void conf_free(struct conf *c);
/* The effective value as text; NULL when no such key exists. Lives as long as c. */
const char *conf_get(const struct conf *c, const char *key);
/* The i-th setting that the file sets, in its order; false past the end. */
bool conf_set_at(const struct conf *c, size_t i, const char **ret_key, const char **ret_value);
/* Where it was set: line in the file, 0 = default. */
uint32_t conf_line(const struct conf *c, const char *key);
/* A key of the table: a programmer's mistake otherwise. */
const char *conf_text(const struct conf *c, const char *key);
bool conf_bool(const struct conf *c, const char *key);
int64_t conf_int(const struct conf *c, const char *key); /* CT_INT, CT_DURATION in seconds, CT_SIZE in bytes */
/* A key with a name in it: conf_sub(c, "source", "procore", "settle") asks source.procore.settle, else the general key "settle". */
const char *conf_sub(const struct conf *c, const char *group, const char *name, const char *key);
/* The family of adapters that reads a source: source.NAME.family, else the source's own name. Lives as long as the shorter of c and `source`. */
const char *conf_family(const struct conf *c, const char *source);
/* The setting project.NUMBER.KEY: of that project, else its default. A number that cannot stand in a key (a dot in it) has the default. */
const char *conf_project(const struct conf *c, const char *number, const char *key);
/* One file line changed or added, text and comments kept otherwise (config set). EG_BADREC as conf_parse, also for a value that would not read back as it is; ret is
 * not to be used then. */
int conf_edit(struct eg_bytes text, const char *key, const char *value, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;

#endif
