/* SPDX-License-Identifier: MIT
 *
 * Every time an item left: in which batch, let go by whom, and what the other side answered; and for what cannot go on by itself, the steps that help.
 */
#include "gateway/cli/show.h"
#include "gateway/workflow/history.h"

static json_t *
time_json(int64_t at)
{
	char text[EG_TIME_TEXT];

	if (at == 0)
		return json_null();
	eg_time_print(text, at);
	return json_string(text);
}

int
show_requests_json(struct site *s, const struct item *it, json_t *j, struct eg_err *err)
{
	json_t *all = json_array();
	struct eg_arena a;
	struct requests sent;
	int rc;

	eg_arena_init(&a, (size_t)64 << 20);
	rc = requests_read(s, it, &a, &sent, err);
	for (size_t i = 0; rc == EG_OK && i < sent.n; i++) {
		const struct request *q = &sent.v[i];
		json_array_append_new(
		    all, json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:b,s:b}", "batch", q->batch, "status",
			     request_word(q->status), "by", q->by, "sent", time_json(q->sent), "answered",
			     time_json(q->answered), "drop", cli_str(q->drop), "error", cli_str(q->error), "posted",
			     q->posted, "unlinked", q->undone));
	}
	json_object_set_new(j, "requests", all);
	eg_arena_done(&a);
	return rc;
}

static void
request_text(const struct request *q, const char *head)
{
	char sent[EG_TIME_TEXT], answered[EG_TIME_TEXT];

	eg_time_print(sent, q->sent);
	(void)printf("%-11s %s  %s", head, sent, *q->batch != '\0' ? q->batch : "nothing to write");
	if (*q->by != '\0')
		(void)printf(" by %s", q->by);
	(void)printf(": %s%s", request_word(q->status), q->posted ? ", posted" : "");
	if (q->answered != 0) {
		eg_time_print(answered, q->answered);
		(void)printf(" %s%s%s", answered, q->drop != NULL ? " in " : "", q->drop != NULL ? q->drop : "");
	}
	(void)printf("%s%s%s\n", q->error != NULL ? "  " : "", q->error != NULL ? q->error : "",
	    q->undone ? "  (unlinked since)" : "");
}

int
show_requests_text(struct site *s, const struct item *it, struct eg_err *err)
{
	struct eg_arena a;
	struct requests sent;
	int rc;

	eg_arena_init(&a, (size_t)64 << 20);
	rc = requests_read(s, it, &a, &sent, err);
	for (size_t i = 0; rc == EG_OK && i < sent.n; i++)
		request_text(&sent.v[i], i == 0 ? "Attempts" : "");
	eg_arena_done(&a);
	return rc;
}
