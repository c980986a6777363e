/* SPDX-License-Identifier: MIT
 *
 * WHY.txt. Lines are for a person with a spreadsheet open: file, line, column of the sheet, what stands there, what to do.
 */
#include "gateway/report/why.h"

struct why {
	struct eg_buf *out;
	char *file; /* of the finding before */
	unsigned n;
};

static int
why_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct why *w = ctx;

	(void)err;
	if (w->file == NULL || strcmp(w->file, f->file) != 0) {
		free(w->file);
		w->file = eg_xstrdup(f->file);
		eg_buf_printf(w->out, "\n%s\n", f->file);
	}
	eg_buf_printf(w->out, "\n  line %llu", (unsigned long long)f->line);
	if (*f->field != '\0')
		eg_buf_printf(w->out, ", %s", f->field);
	eg_buf_printf(w->out, "   %s\n    %s\n", f->code, f->message);
	if (*f->value != '\0')
		eg_buf_printf(w->out, "    The value there: %s\n", f->value);
	if (*f->item != '\0')
		eg_buf_printf(w->out, "    Item: %s\n", f->item);
	w->n++;
	return EG_OK;
}

int
why_text(struct site *s, const char *drop, bool refused, const char *files, struct eg_buf *ret, struct eg_err *err)
{
	struct finding_filter rejects = { .drop = drop, .severity = ADP_REJECT };
	struct why w = { .out = ret };
	struct eg_arena a;
	struct drop_row row;
	char when[EG_TIME_TEXT];
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_drop_get(s->store, drop, &a, &row, err);
	if (rc == EG_OK) {
		eg_time_print(when, row.received);
		eg_buf_printf(
		    ret, "Why something in this file was not used\n=======================================\n\n");
		eg_buf_printf(ret, "File      %s\nFrom      %s\nReceived  %s as %s\nSHA-256   %s\n", row.name,
		    row.source, when, row.id, row.sha256);
		eg_buf_str(ret, "\nThe original stands beside this text, unchanged. ");
		eg_buf_str(ret,
		    refused ?
			"Nothing in it was taken in.\nCorrect it where it comes from and send it again.\n" :
			"Everything in it that is not named here was taken in.\n"
			"Correct the places below where the file comes from and send it again: what was taken in already is recognised and\nnot taken twice.\n");
		eg_buf_str(ret, files);
		rc = store_finding_each(s->store, &rejects, why_each, &w, err);
	}
	free(w.file);
	eg_arena_done(&a);
	return rc;
}

char *
why_message(const struct adp_finding *f)
{
	if (!f->whole_file || f->pos.line == 0 || (f->pos.line == 1 && f->pos.col <= 1))
		return eg_xstrdup(f->msg);
	return eg_xprintf("Line %llu, column %u: %s", (unsigned long long)f->pos.line, f->pos.col, f->msg);
}
