/* SPDX-License-Identifier: MIT
 *
 * The files of a batch written again, in memory, from what its bundle holds: the records as the writer got them, its running numbers. The same code checks the totals as for a real batch;
 * the store is not asked for anything that may have changed since.
 */
#include "gateway/cli/reproduce.h"

#include "gateway/cli/tools.h"
#include "gateway/workflow/batch_inputs.h"
#include "spool/bundle.h"

#define RECORDS_MAX ((size_t)1 << 30)

/* ---- the inputs ---- */

static int
extract(struct reproducing *p, const char *member, struct eg_buf *ret, struct eg_err *err)
{
	char *name = eg_xprintf("data/%s", member);
	int rc = bundle_extract(&p->s->spool, p->what.path, name, ret, err);

	if (rc == EG_BADFILE && strcmp(err->code, "NO-MEMBER") == 0)
		rc = eg_fail(err, EG_BADREC, "NO-INPUTS",
		    "%s was sealed by an erpgate that did not keep the inputs of batches (%s is not in it), so its files cannot be made again from it alone. Check it: erpgate audit verify %s",
		    p->what.bundle, member, p->what.bundle);
	free(name);
	return rc;
}

static int
take_records(struct reproducing *p, struct making *m, struct eg_err *err)
{
	struct eg_buf text = { .max = RECORDS_MAX };
	struct rec *r = NULL;
	int rc = extract(p, BATCH_RECORDS_MEMBER, &text, err);

	if (rc == EG_OK)
		rc = record_json(eg_buf_view(&text), BATCH_RECORDS_MEMBER, &m->a, &r, &m->n, err);
	eg_buf_done(&text);
	if (rc < 0)
		return rc;
	m->e = eg_xalloc((m->n + 1) * sizeof(struct entry *));
	for (size_t i = 0; i < m->n; i++) {
		m->e[i] = eg_arena_alloc(&m->a, sizeof(struct entry));
		if (m->e[i] == NULL)
			return eg_fail(
			    err, EG_BADFILE, "LIMIT-MEM", "%s is too large to be made again", p->what.bundle);
		m->e[i]->rec = r[i];
		m->e[i]->item.iid = "";
	}
	return EG_OK;
}

static int
take_counters(struct reproducing *p, const struct site *with, int64_t *counters, struct eg_err *err)
{
	struct eg_buf text = { .max = (size_t)1 << 20 };
	int rc = extract(p, BATCH_COUNTERS_MEMBER, &text, err);
	struct eg_bytes rest = eg_buf_view(&text), line, name;
	int64_t next;

	for (size_t i = 0; i < adp_set_count(with->adapters); i++)
		counters[i] = INT64_MIN;
	while (rc == EG_OK && eg_bytes_cut(&rest, '\n', &line)) {
		if (!eg_bytes_cut(&line, ',', &name) || !eg_bytes_to_i64(line, &next))
			continue; /* the header, the end */
		for (size_t i = 0; i < adp_set_count(with->adapters); i++)
			if (eg_bytes_is(name, adp_info(adp_set_at(with->adapters, i))->name))
				counters[i] = next;
	}
	eg_buf_done(&text);
	return rc;
}

/* ---- writing ---- */

static int
unheard(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)ctx;
	(void)record;
	(void)f;
	(void)err;
	return EG_OK;
}

static int
unheard_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	struct worker_out_sink sink = batch_sink(ctx);

	(void)f;
	(void)n;
	return sink.row(ctx, line, record, NULL, 0, err); /* counted; whence its cells came is sealed already */
}

static int
render(struct making *m, int64_t *counters, struct eg_err *err)
{
	const struct rec **records = eg_xalloc((m->n + 1) * sizeof(*records));
	struct worker_out_sink sink = batch_sink(m);
	int rc;

	sink.finding = unheard;
	sink.row = unheard_row;
	for (size_t i = 0; i < m->n; i++)
		records[i] = &m->e[i]->rec;
	rc = worker_write(m->site, m->target, records, m->n, counters, &sink, err);
	free(records);
	return rc == EG_OK ? batch_complete(m, err) : rc;
}

/* ---- comparing ---- */

struct comparing {
	struct reproducing *p;
	struct making *m;
	bool *seen; /* of the files made */
	char *below; /* "data/outbound/cmic/" */
};

static void
compare_file(struct comparing *k, const char *name, struct eg_bytes sealed, struct eg_bytes made)
{
	struct eg_buf was = EG_BUF_INIT, is = EG_BUF_INIT;
	uint64_t line = 0;

	if (reproduce_first(sealed, made, &line, &was, &is))
		reproduce_tell(k->p, name, line, eg_buf_cstr(&was), eg_buf_cstr(&is), "the first line that differs");
	else
		k->p->same++;
	eg_buf_done(&was);
	eg_buf_done(&is);
}

static int
each_sealed(void *ctx, const char *member, uint64_t size, struct eg_err *err)
{
	struct comparing *k = ctx;
	struct eg_buf bytes = EG_BUF_INIT;
	const char *name = member + strlen(k->below);
	int rc;

	(void)size;
	if (strncmp(member, k->below, strlen(k->below)) != 0)
		return EG_OK;
	rc = bundle_extract(&k->p->s->spool, k->p->what.path, member, &bytes, err);
	for (size_t i = 0; rc == EG_OK && i < k->m->nfiles; i++)
		if (strcmp(k->m->file[i].name, name) == 0) {
			k->seen[i] = true;
			compare_file(k, name, eg_buf_view(&bytes), eg_buf_view(&k->m->file[i].bytes));
			eg_buf_done(&bytes);
			return EG_OK;
		}
	if (rc == EG_OK)
		reproduce_tell(k->p, name, 0, NULL, NULL, "it left, and is not written any more");
	eg_buf_done(&bytes);
	return rc;
}

static int
compare(struct reproducing *p, struct making *m, struct eg_err *err)
{
	struct comparing k = { p, m, eg_xalloc((m->nfiles + 1) * sizeof(bool)),
		eg_xprintf("data/outbound/%s/", m->target) };
	int rc = bundle_list(&p->s->spool, p->what.path, each_sealed, &k, err);

	for (size_t i = 0; rc == EG_OK && i < m->nfiles; i++)
		if (!k.seen[i])
			reproduce_tell(p, m->file[i].name, 0, NULL, NULL, "it is written now, and did not leave then");
	free(k.seen);
	free(k.below);
	return rc;
}

/* ---- where the records came from ---- */

struct sources {
	struct reproducing *p;
	char (*drop)[16];
	size_t n;
};

static void
add_source(struct sources *q, const struct drop_row *d)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->drop[i], d->id) == 0)
			return;
	q->drop = eg_xrealloc(q->drop, (q->n + 1) * sizeof(*q->drop));
	(void)snprintf(q->drop[q->n++], sizeof(*q->drop), "%s", d->id);
	if (d->bundle == NULL)
		return;
	if (cli_has(q->p->c, O_JSON))
		cli_json(json_pack(
		    "{s:s,s:s,s:s,s:s}", "type", "source", "bundle", d->bundle, "drop", d->id, "sha256", d->sha256));
	else if (!cli_has(q->p->c, O_QUIET))
		(void)printf("Records of it come from %s (%s, %s/%s): erpgate reproduce %s\n", d->bundle, d->id,
		    d->source, d->name, d->bundle);
}

static int
each_source(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct sources *q = ctx;
	struct store *st = q->p->s->store;
	struct eg_arena a;
	struct file_row f;
	struct drop_row d;
	struct rec r;
	char content[65];
	int64_t file = 0;
	int rc;

	(void)batch;
	(void)decision;
	eg_arena_init(&a, RECORDS_MAX);
	rc = item_record(st, revision, &a, &r, err);
	if (rc == EG_OK) {
		rec_content(&r, content);
		rc = item_revision_of(st, item, content, &a, &r, &file, err);
	}
	if (rc == EG_OK)
		rc = store_file_get(st, file, &a, &f, err);
	if (rc == EG_OK)
		rc = store_drop_get(st, f.drop, &a, &d, err);
	if (rc == EG_OK)
		add_source(q, &d);
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

int
reproduce_sources(struct reproducing *p, struct eg_err *err)
{
	struct sources q = { .p = p };
	int rc = batch_item_each(p->s->store, p->what.id, 0, each_source, &q, err);

	free(q.drop);
	return rc;
}

int
reproduce_batch(struct reproducing *p, struct site *with, struct eg_err *err)
{
	struct making m = { .site = with };
	int64_t *counters = eg_xalloc((adp_set_count(with->adapters) + 1) * sizeof(*counters));
	struct batch b;
	int rc = batch_get(p->s->store, p->what.id, &p->a, &b, err);

	eg_arena_init(&m.a, (size_t)1 << 32);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no batch %s. See them: erpgate log", p->what.id);
	if (rc == EG_OK) {
		m.target = b.target;
		(void)snprintf(m.id, sizeof(m.id), "%s", b.id);
		rc = take_records(p, &m, err);
	}
	if (rc == EG_OK)
		rc = take_counters(p, with, counters, err);
	if (rc == EG_OK)
		rc = render(&m, counters, err);
	if (rc == EG_OK)
		rc = compare(p, &m, err);
	batch_files_free(&m);
	free(m.e);
	eg_arena_done(&m.a);
	free(counters);
	return rc;
}
