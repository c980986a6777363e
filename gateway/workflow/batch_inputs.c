/* SPDX-License-Identifier: MIT
 *
 * The inputs of a batch as files. The form of the records is that of `show ID --json`: every value a text in its canonical form. Tests: tests/scenario/reprocess.py.
 */
#include "gateway/workflow/batch_inputs.h"

static void
put_values(json_t *o, const struct rec_field *f, const struct rec_val *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (v[i].state == RV_VALUE)
			json_object_set_new(o, f[i].name, json_stringn((const char *)v[i].text.ptr, v[i].text.len));
}

static json_t *
record_json(const struct entry *e)
{
	const struct rec *r = &e->rec;
	json_t *fields = json_object(), *lines = json_array();

	put_values(fields, r->type->head, r->head, r->type->nhead);
	for (size_t i = 0; i < r->nlines; i++) {
		json_t *line = json_object();

		put_values(line, r->type->line, &r->lines[i * r->type->nline], r->type->nline);
		json_array_append_new(lines, line);
	}
	return json_pack("{s:s,s:s,s:s,s:o,s:o}", "item", e->item.iid, "content", e->item.content, "type",
	    r->type->name, "fields", fields, "lines", lines);
}

/* One record a line, so that two versions of the file can be compared with ordinary tools. */
static void
put_records(const struct making *m, struct eg_buf *b)
{
	eg_buf_str(b, "[\n");
	for (size_t i = 0; i < m->n; i++) {
		json_t *j = record_json(m->e[i]);
		char *text = json_dumps(j, JSON_COMPACT);

		eg_check(text != NULL); /* canonical texts are UTF-8 */
		eg_buf_str(b, text);
		eg_buf_str(b, i + 1 < m->n ? ",\n" : "\n");
		free(text);
		json_decref(j);
	}
	eg_buf_str(b, "]\n");
}

int64_t *
batch_counters_copy(const struct site *s, const int64_t *counters)
{
	const size_t n = adp_set_count(s->adapters);
	int64_t *copy = eg_xalloc((n + 1) * sizeof(*copy));

	memcpy(copy, counters, n * sizeof(*copy));
	return copy;
}

static int
stage(struct making *m, const char *name, struct eg_buf *b, struct eg_err *err)
{
	if (b->full)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the inputs of batch %s are too large for memory", m->id);
	return spool_stage(&m->site->spool, m->id, "archive", name, eg_buf_view(b), err);
}

int
batch_inputs_stage(struct making *m, const int64_t *counters_before, struct eg_err *err)
{
	struct eg_buf records = EG_BUF_INIT, counters = EG_BUF_INIT;
	int rc;

	put_records(m, &records);
	eg_buf_str(&counters, "adapter,next\n");
	for (size_t i = 0; i < adp_set_count(m->site->adapters); i++)
		if (counters_before[i] != INT64_MIN)
			eg_buf_printf(&counters, "%s,%lld\n", adp_info(adp_set_at(m->site->adapters, i))->name,
			    (long long)counters_before[i]);
	rc = stage(m, BATCH_RECORDS, &records, err);
	if (rc == EG_OK)
		rc = stage(m, BATCH_COUNTERS, &counters, err);
	eg_buf_done(&records);
	eg_buf_done(&counters);
	return rc;
}
