/* SPDX-License-Identifier: MIT
 *
 * Which company is which vendor of the ERP, and which project which job: candidates for links, with a word for how sure that is and the reason in words.
 * Suggestions change nothing and decide nothing.
 *
 * exact:    the names are the same but for capitals (V4); for projects also: the job code is the project's number.
 * likely:   the names are the same but for punctuation, accents, "&" and "and", or the legal form; or the tax numbers are the same; or the names differ in
 *           a letter or two and e-mail, telephone or postcode agree.
 * possible: the names differ in a letter or two; or e-mail or telephone agree.
 */
#ifndef GATEWAY_WORKFLOW_SUGGEST_H
#define GATEWAY_WORKFLOW_SUGGEST_H

#include "gateway/site.h"

enum suggest_score {
	SCORE_NONE = 0,
	SCORE_POSSIBLE,
	SCORE_LIKELY,
	SCORE_EXACT,
};
const char *suggest_word(enum suggest_score s); /* "exact" */

/* ---- names (suggest_name.c) ---- */

struct party { /* one side of a pair; texts NULL or "" = not known */
	const char *iid, *key, *name;
	const char *tax, *mail, *phone, *zip;
	/* made by party_prepare */
	const char *folded; /* name without difference of capitals and outer blanks */
	const char *plain; /* that without accents and punctuation, "and" for "&" */
	const char *core; /* that without the legal form at its end; never "" when plain is not */
	const char *code; /* key without punctuation and leading zeros, folded */
	uint32_t letters; /* which letters occur in core: a cheap way to tell that two names are far apart */
};
/* Fills the made fields, and reduces tax and phone to digits and mail to small letters. false: the arena is full. */
bool party_prepare(struct party *p, struct eg_arena *a);
/* How sure it is that both are one; reason gets a sentence part such as "same name" (ret_reason holds 120 bytes). by_code: keys count as names do (projects). */
enum suggest_score party_compare(const struct party *own, const struct party *erp, bool by_code, char ret_reason[120]);

/* ---- candidates (suggest.c) ---- */

struct suggestion {
	const struct party *own, *erp;
	enum suggest_score score;
	char reason[120];
	bool alone; /* no other pair of this score names either of the two */
};
struct suggestions {
	struct eg_arena a; /* holds the parties */
	struct party *own, *erp;
	size_t nown, nerp;
	struct suggestion *v; /* by company, surest first; no lesser ones where a name is found as it is */
	size_t n;
};
/* kind "vendor" or "project": open companies or projects without ERP key against the ERP's records that are Ready to Import or held and linked to none. EG_RETRY "LIMIT-MEM". */
int suggest(struct site *s, const char *kind, struct suggestions *ret, struct eg_err *err) EG_MUSTCHECK;
void suggestions_free(struct suggestions *s);

#endif
