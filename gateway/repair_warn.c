/* SPDX-License-Identifier: MIT
 *
 * F-69: texts that are taken although they look damaged. Codes, numbers and dates need no warning: what is damaged there is refused or not found, and said then.
 */
#include "gateway/repair.h"

#include "adapters/damage.h"
#include "gateway/workflow/intake.h"

/* Says all of one place in one finding: a place has each code once. */
static void
look(const struct rec_field *f, unsigned n, const struct rec_val *v, struct eg_buf *ret)
{
	for (unsigned i = 0; i < n; i++) {
		struct damage d;

		if ((f[i].type != RF_TEXT && f[i].type != RF_LONG) || v[i].state != RV_VALUE ||
		    (f[i].flags & RF_PRIVATE))
			continue;
		d = damage_of(DAMAGE_IN_TEXT, v[i].text, NULL, 0);
		if (d.kind == DAMAGE_NONE)
			continue;
		eg_buf_printf(ret, "%sThe value of %s looks damaged.", ret->len > 0 ? " " : "", f[i].name);
		damage_sentence(&d, ret);
	}
}

static int
tell(struct site *s, const struct place *at, uint64_t line, const char *item, struct eg_buf *msg, struct eg_err *err)
{
	int rc = EG_OK;

	if (msg->len > 0) {
		eg_buf_str(
		    msg, " It was taken as it is; when it is wrong, correct it where it comes from and send it again.");
		rc = intake_finding(s, at, line, "F-69", 'W', item, eg_buf_cstr(msg), err);
	}
	eg_buf_clear(msg);
	return rc;
}

int
repair_warn(struct site *s, const struct place *at, const struct rec *r, const char *item, struct eg_err *err)
{
	struct eg_buf msg = EG_BUF_INIT;
	int rc = EG_OK;

	look(r->type->head, r->type->nhead, r->head, &msg);
	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		if (r->line_at[i].line != r->at.line)
			rc = tell(s, at, i == 0 ? r->at.line : r->line_at[i - 1].line, item, &msg, err);
		if (rc == EG_OK)
			look(r->type->line, r->type->nline, &r->lines[i * r->type->nline], &msg);
	}
	if (rc == EG_OK)
		rc = tell(s, at, r->nlines == 0 ? r->at.line : r->line_at[r->nlines - 1].line, item, &msg, err);
	eg_buf_done(&msg);
	return rc;
}
