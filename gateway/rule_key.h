/* SPDX-License-Identifier: MIT
 *
 * Settings that are rules: `rule.STAGE.TYPE.FIELD = kind[ parameter][; kind …]` and `rule.STAGE.TYPE.FIELD.message = text`. This reads key and value and says what is
 * wrong with them; workflow/field_rules.c runs them.
 *
 * STAGE: save (a record of the project side is read), send (on every run, against what is known), export (an approver accepts), import (a record of the ERP is read).
 * TYPE: a record type (`erpgate help types`). FIELD: one of its fields (`erpgate help record TYPE`), in full (commitment.title, line.amount) or without the part before the dot
 * where only one header field has that name (title). Fields of the decision (erp_id, transaction_date …) are known at export only.
 */
#ifndef GATEWAY_RULE_KEY_H
#define GATEWAY_RULE_KEY_H

#include "adapters/model.h"
#include "base/err.h"

enum rule_stage {
	RULE_SAVE,
	RULE_SEND,
	RULE_EXPORT,
	RULE_IMPORT,
	RULE_NSTAGES
};

enum rule_kind {
	RULE_PRESENT, /* not empty; all others let an empty value pass */
	RULE_NUMERIC, /* a decimal number */
	RULE_POSITIVE, /* a number above zero */
	RULE_MAX_LENGTH, /* at most N characters */
	RULE_MAX_DECIMAL, /* at most N digits behind the point; zeros at the end do not count */
	RULE_MAX_UNITS, /* at most N digits before the point; zeros at the beginning do not count */
	RULE_MAX_LINE, /* no line of the text longer than N characters */
	RULE_FORMAT, /* the whole text is of the pattern's form (ADAPTERS.md, `matches`) */
	RULE_DIVISION, /* not one of division_codes */
	RULE_HOLD, /* no test: the item waits (H) instead of being rejected; send only */
	RULE_NKINDS
};

struct rule_key {
	enum rule_stage stage;
	const struct rec_type *type;
	const struct rec_field *field;
	unsigned index; /* into head or line */
	bool on_line, message;
};

struct rule_test {
	enum rule_kind kind;
	uint64_t limit; /* the N of the kinds that have one */
	struct eg_bytes pattern; /* RULE_FORMAT: view of the value */
};

bool rule_key_is(struct eg_bytes key); /* begins with "rule." */
/* EG_BADFILE "CONF-KEY", with the likely word where there is one. */
int rule_key_read(struct eg_bytes key, struct rule_key *ret, struct eg_err *err) EG_MUSTCHECK;
/* The next test of a value; EG_EOF behind the last one; EG_BADFILE "CONF-VALUE". */
int rule_test_next(struct eg_bytes *rest, struct rule_test *ret, struct eg_err *err) EG_MUSTCHECK;
/* A whole value under its key: every test can be read and fits stage and field, a message names only {limit}, {value}, {field} and {item}. EG_BADFILE "CONF-VALUE". */
int rule_value_check(const struct rule_key *key, struct eg_bytes value, struct eg_err *err) EG_MUSTCHECK;

#endif
