/* SPDX-License-Identifier: MIT
 *
 * What the tests of the adapter language share.
 */
#ifndef TESTS_UNIT_ADP_LANG_KIT_H
#define TESTS_UNIT_ADP_LANG_KIT_H

#include "base/limits.h"
#include "tests/unit/adp_help.h"

static const char good_in[] =
    "# Commitments\n"
    "[adapter]\n"
    "name      = t.commitments\n"
    "title     = Commitments  # not part of it\n"
    "version   = 3\n"
    "direction = in\n"
    "source    = procore\n"
    "record    = commitment\n"
    "\n"
    "[file]\n"
    "type            = csv\n"
    "signature       = \"Commitment Type\", \"Contract Company ID\"\n"
    "signature_without = \"Change Order #\"\n"
    "delimiter       = ;\n"
    "encoding        = windows-1252\n"
    "document        = \"Project Number\", \"Number\"\n"
    "date            = MM/DD/YYYY or \"YYYY-MM-DD HH:mm\"\n"
    "numbers         = money\n"
    "yesno           = Yes No or 1 0\n"
    "null            = \"None\" \"N/A\"\n"
    "unknown_columns = ignore\n"
    "ignored         = \"Notes\"\n"
    "optional        = \"Title\"\n"
    "needed          = \"Cost Code\", \"Extra\"\n"
    "not_for         = mri\n"
    "rows_when       = cell \"Number\" is not \"Total\"\n"
    "missing_name    = F-08\n"
    "\n"
    "[lookups]\n"
    "cost_type = cost_type.csv\n"
    "\n"
    "[fields]\n"
    "project.number    = \"Project Number\" | required\n"
    "commitment.number = \"Number\" | required | upper\n"
    "commitment.title  = \"Title\" | required\n"
    "commitment.status = \"Status\" | required E-49\n"
    "commitment.executed = \"Executed\"\n"
    "vendor.name       = \"Vendor\" | mask-in-logs\n"
    "\n"
    "[lines]\n"
    "line.position  = \"Line\" | required\n"
    "line.cost_code = \"Cost Code\"\n"
    "line.cost_type = \"Cost Type\" | lookup cost_type cmic back\n"
    "line.amount    = \"Amount\" | required\n"
    "\n"
    "[rules]\n"
    "reject E-37 when commitment.status is not \"Approved\" : \"{commitment.number} is {commitment.status}: {{braces}}, {sum(line.amount)}, {vendor.name}.\"\n"
    "warn   E-60 at line when any(line.amount < 0) : \"A line is negative.\"\n"
    "archive when not commitment.executed\n"
    "\n"
    "[line rules]\n"
    "skip        when line.cost_code is blank and line.amount == 0\n"
    "skip   E-25 at record when line.amount < 0 : \"Line {line.position} is below zero.\"\n"
    "refuse F-09 when cell \"Kind\" is \"x\" : \"Not taken.\"\n";

static const char good_out[] = "[adapter]\n"
			       "name = t.vouchers\n"
			       "title = Vouchers\n"
			       "version = 1\n"
			       "direction = out\n"
			       "target = cmic\n"
			       "object = INVOICE\n"
			       "rank = 8\n"
			       "[file]\n"
			       "type = csv\n"
			       "header = no\n"
			       "delimiter = TAB\n"
			       "quote = never\n"
			       "encoding = us-ascii\n"
			       "clean = \"'\"\n"
			       "breaks = blank\n"
			       "line_end = lf\n"
			       "date = DD-MON-YYYY\n"
			       "bool = True False\n"
			       "per_project = project.number\n"
			       "order = set\n"
			       "[rows voucher]\n"
			       "each = line\n"
			       "when = sum(line.work_completed_this_period) != 0\n"
			       "record = invoice\n"
			       "[columns voucher]\n"
			       "VEN CODE = erp.vendor | max 12 E-07\n"
			       "NUM = counter voucher from -999999\n"
			       "AMT = calc sum(line.work_completed_this_period) | places 2\n"
			       "LINE = line.position\n"
			       "FINAL = invoice.final | yesno \"Y\" \"N\"\n"
			       "[rows release]\n"
			       "record = invoice\n"
			       "each = line\n"
			       "lines = line.work_retainage_released_this_period != 0\n"
			       "[columns release]\n"
			       "VEN CODE = erp.vendor\n"
			       "NUM = counter voucher from -999999\n"
			       "[accept]\n"
			       "reject E-49 when decision.erp_id is blank : \"No number.\"\n"
			       "[rules release]\n"
			       "warn E-60 when any(line.tax_amount != 0) : \"Tax.\"\n";

static inline bool
names_are(const struct adp_names *n, const char *a, const char *b)
{
	return n->n == (b == NULL ? 1 : 2) && eg_bytes_is(n->v[0], a) && (b == NULL || eg_bytes_is(n->v[1], b));
}

#define IN_HEAD "[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = in\nsource = cmic\n"

#define JOBS                                                                                                                                         \
	IN_HEAD                                                                                                                                      \
	"[file]\ntype = csv\nsignature = \"CTRL\"\nrows_when = cell \"X\" is present\n"                                                              \
	"[record job]\ntype = erp-project\nwhen = cell \"CTRL\" is \"ALL\"\n[fields job]\nproject.origin_code = \"CODE\"\nproject.name = \"NAME\"\n" \
	"[rules job]\nreject E-01 when cell \"CTRL\" is blank : \"No.\"\n"                                                                           \
	"[record sub]\ntype = erp-subjob\n[fields sub]\nproject.origin_code = \"CTRL\" | required\nsub_job.code = \"CODE\"\n"

/* ---- faults ---- */

#define FILE_IN "[file]\ntype = csv\nsignature = \"A\"\n"
#define FIELDS "[fields]\nproject.number = \"P\"\ncommitment.number = \"N\"\n"

#define OUT_HEAD \
	"[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = out\ntarget = cmic\nobject = X\nrank = 1\n[file]\ntype = csv\n"

#define OUT_ROWS "[rows]\nrecord = invoice\neach = line\n[columns]\nA = line.position\n"
#define COMMITMENT IN_HEAD "record = commitment\n" /* 7 lines */

struct seen {
	struct adp_diag first;
	unsigned n, warnings;
};

static inline void
note(void *ctx, const struct adp_diag *d)
{
	struct seen *s = ctx;

	s->warnings += !d->error;
	if (d->error && s->n++ == 0)
		s->first = *d;
}

#endif
