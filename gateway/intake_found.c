/* SPDX-License-Identifier: MIT
 *
 * What a reader finds fault with, as findings of the drop: each gets its sentence, a whole file that is refused takes back what it gave, and of a file that has more than
 * EG_LIMIT_FINDINGS of them the rest is counted. A sender's own word which refused document he corrects (F-68) is kept for the end of the document. Fails as the store does.
 */
#include "gateway/intake_int.h"

#include "base/limits.h"
#include "gateway/report/why.h"
#include "gateway/workflow/unlink.h"

/* Where the one stands that counts, when it was taken out of the same file. */
static void
first_of_two(struct intake *in, const char *item, struct eg_buf *msg)
{
	struct eg_err ignored;
	struct eg_arena a;
	struct item it;

	eg_arena_init(&a, 1 << 18);
	if (item_find(in->site->store, item, &a, &it, &ignored) == EG_OK && it.file == in->place.file_id)
		eg_buf_printf(msg, " The first one begins at line %lld%s%s.", (long long)it.line,
		    it.amount != NULL ? " and amounts to " : "", it.amount != NULL ? it.amount : "");
	eg_arena_done(&a);
}

int
intake_found_add(struct intake *in, const struct adp_finding *f, struct eg_err *err)
{
	char *item = eg_xdup(f->item), *msg = why_message(f);
	struct eg_buf value = EG_BUF_INIT, more = EG_BUF_INIT;
	struct finding row = { .run = in->site->run,
		.drop = in->drop.id,
		.source = in->drop.source,
		.file = in->place.file,
		.line = f->whole_file ? 1 : f->line,
		.off = f->pos.off,
		.col = f->pos.col,
		.code = f->code,
		.severity = f->severity,
		.item = item,
		.field = f->field };

	eg_buf_escaped(&value, f->value);
	row.value = eg_buf_cstr(&value);
	in->any_reject = in->any_reject || f->severity == ADP_REJECT;
	eg_buf_str(&more, msg);
	if (strcmp(f->code, "F-23") == 0 && *item != '\0')
		first_of_two(in, item, &more);
	int rc = f->severity == ADP_REJECT ? voided_steps(in->site, f->code, item, &more, err) : EG_OK;
	row.message = eg_buf_cstr(&more);
	if (rc == EG_OK)
		rc = store_finding_add(in->site->store, &row, err);
	eg_buf_done(&more);
	eg_buf_done(&value);
	free(msg);
	free(item);
	return rc;
}

/* What a refused file gave before its fault does not count. */
static int
void_file(struct intake *in, struct eg_err *err)
{
	int rc = store_undo(in->site->store, err);

	book_forget(&in->book);
	in->file_refused = true;
	return rc == EG_OK ? store_mark(in->site->store, err) : rc;
}

static bool
not_asked(struct intake *in, uint64_t line)
{
	bool all;
	const struct reread_pick *p = rereading_pick(&in->again, eg_buf_cstr(&in->member), line, &all);

	return !all && p == NULL;
}

int
intake_found(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct intake *in = ctx;
	char drop[16];
	unsigned n;
	int rc = EG_OK;

	if (in->file_refused)
		return EG_OK; /* nothing else is told about a refused file */
	if (!f->whole_file && not_asked(in, f->line))
		return EG_OK;
	if (strcmp(f->code, "F-68") == 0 && reject_id_read(f->value, drop, &n)) {
		reject_id(drop, n, in->claim); /* whether it is true is for the end of the document */
		return EG_OK;
	}
	if (f->severity == ADP_REJECT && in->code[0] == '\0') {
		(void)snprintf(in->code, sizeof(in->code), "%s", f->code);
		in->refused_at = f->line;
	}
	in->last = f->line > in->last ? f->line : in->last;
	in->short_row = in->short_row || strcmp(f->code, "F-04") == 0;
	if (f->whole_file && f->severity == ADP_REJECT)
		rc = void_file(in, err);
	if (++in->told > EG_LIMIT_FINDINGS &&
	    !f->whole_file) { /* a small file can earn millions: the rest is counted */
		in->any_reject = in->any_reject || f->severity == ADP_REJECT;
		return rc;
	}
	return rc == EG_OK ? intake_found_add(in, f, err) : rc;
}

int
intake_found_rest(struct intake *in, struct eg_err *err)
{
	if (in->told <= EG_LIMIT_FINDINGS)
		return EG_OK;
	char *msg = eg_xprintf(
	    "This file has %llu findings; the first %u are listed. Correct these where the file comes from and send it again: what is left is told then.",
	    (unsigned long long)in->told, EG_LIMIT_FINDINGS);
	struct adp_finding f = {
		.code = "LIMIT-FINDINGS", .severity = ADP_WARN, .whole_file = true, .line = 1, .field = "", .msg = msg
	};
	int rc = intake_found_add(in, &f, err);

	free(msg);
	return rc;
}
