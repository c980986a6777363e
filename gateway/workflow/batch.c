/* SPDX-License-Identifier: MIT
 *
 * Outbound batches: gather, render in the worker, stage, and fix names, digests, lineage and item states in one transaction. A crash before its commit leaves staged
 * files that nobody knows (cleaned at the next turn); after it, publishing goes on from what is staged.
 */
#include "base/fs.h"
#include "gateway/workflow/workflow.h"

#include <jansson.h>

struct entry { /* one item of the batch */
	struct item item;
	struct rec rec;
	struct enrich_srcs srcs;
	int64_t decision;
	bool written;
	bool here; /* has rows of the adapter at hand */
	const char *key;
};

struct out_file {
	char *name;
	const struct adp *adapter;
	struct eg_buf bytes;
	struct eg_buf lineage; /* rows: line, entry index, JSON text; NUL-separated */
};

struct making {
	struct site *site;
	const char *target;
	char id[16];
	struct eg_arena a;
	struct entry **e;
	size_t n, cap;
	struct out_file *file;
	size_t nfiles, first_of_adapter;
	struct batch_sum {
		uint64_t rows;
		struct eg_dec amount;
	} *sum; /* by file of an adapter's last file */
};

/* ---- gathering ---- */

static bool
for_target(const struct making *m, const struct item *it)
{
	if (it->state != ST_APPROVED && it->type->id != REC_PRIME)
		return false; /* prime contracts leave without a decision (layouts §3.11) */
	return (it->type->cls == RC_TO_ERP) == (strcmp(m->target, "procore") != 0);
}

static int
gather_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct making *m = ctx;
	struct entry *e;
	struct decision d;
	int rc;

	if (!for_target(m, it))
		return EG_OK;
	e = eg_arena_alloc(&m->a, sizeof(*e));
	if (e == NULL)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the batch is too large for memory");
	rc = item_get(m->site->store, it->id, &m->a, &e->item, err);
	if (rc == EG_OK)
		rc = item_record(m->site->store, it->rev, &m->a, &e->rec, err);
	if (rc == EG_OK && it->accepted != 0) {
		rc = decision_get(m->site->store, it->accepted, &m->a, &d, err);
		e->decision = it->accepted;
	}
	if (rc == EG_OK)
		rc = enrich(m->site, &e->item, e->decision != 0 ? &d : NULL, &m->a, &e->rec, &e->srcs, err);
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 64 : m->cap * 2;
		m->e = eg_xrealloc(m->e, m->cap * sizeof(struct entry *));
	}
	m->e[m->n++] = e;
	return rc;
}

/* ---- what the worker says ---- */

static void
put_upper(struct eg_buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		eg_buf_chr(b, *s >= 'a' && *s <= 'z' ? (unsigned char)(*s - 32) : (unsigned char)*s);
}

/* One {word} of the target's name pattern. */
static bool
name_word(const struct making *m, const struct adp *a, const char *project, const char *ext, struct eg_bytes word, struct eg_buf *b)
{
	if (eg_bytes_is(word, "TARGET"))
		put_upper(b, m->target);
	else if (eg_bytes_is(word, "OBJECT"))
		eg_buf_str(b, adp_info(a)->object);
	else if (eg_bytes_is(word, "batch"))
		eg_buf_str(b, m->id);
	else if (eg_bytes_is(word, "ext"))
		eg_buf_str(b, ext);
	else if (eg_bytes_is(word, "_project")) {
		if (*project != '\0')
			eg_buf_chr(b, '_');
		for (const char *p = project; *p != '\0'; p++) {
			bool plain = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
			eg_buf_chr(b, plain ? (unsigned char)*p : '-');
		}
	} else
		return false;
	return true;
}

static int
file_name(const struct making *m, const struct adp *a, const char *project, const char *ext, struct eg_buf *b, struct eg_err *err)
{
	char *key = eg_xprintf("target.%s.name", m->target);
	struct eg_bytes p = eg_bytes_str(conf_text(&m->site->conf, key));

	free(key);
	while (p.len > 0) {
		size_t end = eg_bytes_chr(p, '}');
		if (p.ptr[0] != '{') {
			eg_buf_chr(b, p.ptr[0]);
			p = eg_bytes_sub(p, 1, p.len);
			continue;
		}
		if (end == p.len || !name_word(m, a, project, ext, eg_bytes_sub(p, 1, end - 1), b))
			return eg_fail(err, EG_FATAL, "CONF-VALUE", "target.%s.name has an unknown {word}; use {TARGET} {OBJECT} {batch} {_project} {ext}", m->target);
		p = eg_bytes_sub(p, end + 1, p.len);
	}
	if (eg_bytes_find(eg_buf_view(b), eg_bytes_str(m->id)) == b->len || eg_bytes_chr(eg_buf_view(b), '/') != b->len)
		return eg_fail(err, EG_FATAL, "CONF-VALUE", "target.%s.name must hold {batch} and no slash: the number keeps a file from being taken twice", m->target);
	return EG_OK;
}

static int
on_file(void *ctx, const struct adp *a, const char *project, const char *ext, struct eg_err *err)
{
	struct making *m = ctx;
	struct eg_buf name = EG_BUF_INIT;
	int rc = file_name(m, a, project, ext, &name, err);

	if (rc == EG_OK) {
		m->file = eg_xrealloc(m->file, (m->nfiles + 1) * sizeof(*m->file));
		m->file[m->nfiles++] = (struct out_file){ eg_xstrdup(eg_buf_cstr(&name)), a, EG_BUF_INIT, EG_BUF_INIT };
	}
	eg_buf_done(&name);
	return rc;
}

static int
protocol(struct eg_err *err)
{
	return eg_fail(err, EG_FATAL, "WORKER", "the writing process sent rows without a file; nothing was written");
}

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct making *m = ctx;

	if (m->nfiles == m->first_of_adapter)
		return protocol(err);
	eg_buf_add(&m->file[m->nfiles - 1].bytes, v);
	return EG_OK;
}

static json_t *
cell_json(const struct entry *e, const struct adp_field_lineage *f)
{
	json_t *from = json_array();

	for (size_t i = 0; i < f->nprov; i++) {
		const struct rec_prov *p = &f->prov[i];
		if (p->line == 0 || p->src >= e->srcs.n)
			continue; /* a default, a key typed by a person, an ERP's own number */
		json_array_append_new(from, json_pack("{s:I,s:I,s:I,s:I}", "file", (json_int_t)e->srcs.file[p->src], "off", (json_int_t)p->off, "len", (json_int_t)p->len, "line",
					      (json_int_t)p->line));
	}
	return json_pack("{s:s,s:s,s:o}", "column", f->column, "rule", f->rule, "from", from);
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	struct making *m = ctx;
	json_t *cells = json_array();

	if (m->nfiles == m->first_of_adapter) {
		json_decref(cells);
		return protocol(err);
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(cells, cell_json(m->e[record], &f[i]));
	char *text = json_dumps(cells, JSON_COMPACT);
	struct eg_buf *l = &m->file[m->nfiles - 1].lineage;
	eg_buf_printf(l, "%llu %zu %s", (unsigned long long)line, record, text);
	eg_buf_chr(l, '\0');
	free(text);
	json_decref(cells);
	m->e[record]->written = m->e[record]->here = true;
	return EG_OK;
}

static int
on_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct making *m = ctx;
	struct site *s = m->site;
	struct eg_arena a;
	struct file_row file;
	struct drop_row drop;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_file_get(s->store, m->e[record]->item.file, &a, &file, err);
	if (rc == EG_OK)
		rc = store_drop_get(s->store, file.drop, &a, &drop, err);
	if (rc == EG_OK) {
		char *name = *file.member == '\0' ? eg_xstrdup(drop.name) : eg_xprintf("%s!%s", drop.name, file.member);
		char *value = eg_xdup(f->value);
		struct finding row = { .run = s->run, .drop = drop.id, .source = drop.source, .file = name, .line = f->line, .off = f->pos.off, .col = f->pos.col, .code = f->code,
			.severity = f->severity, .item = m->e[record]->item.iid, .field = f->field, .value = value, .message = f->msg };
		rc = store_finding_add(s->store, &row, err);
		free(value);
		free(name);
	}
	eg_arena_done(&a);
	return rc;
}

static int
on_key(void *ctx, size_t record, const char *key, struct eg_err *err)
{
	struct making *m = ctx;

	if (m->e[record]->key == NULL)
		m->e[record]->key = eg_arena_cstr(&m->a, eg_bytes_str(key));
	return m->e[record]->key != NULL ? EG_OK : eg_fail(err, EG_RETRY, "LIMIT-MEM", "the batch is too large for memory");
}

/* The sum of the amount field of one record, as the model names it. */
static struct eg_dec
amount_of(const struct rec *r)
{
	struct eg_dec sum = { 0, 2 };
	bool line = false;
	int i = r->type->amount == NULL ? -1 : rec_field_named(r->type, eg_bytes_str(r->type->amount), &line);

	if (i >= 0 && !line && r->head[i].state == RV_VALUE)
		sum = r->head[i].v.dec;
	for (size_t k = 0; i >= 0 && line && k < r->nlines; k++) {
		const struct rec_val *v = &r->lines[k * r->type->nline + (size_t)i];
		if (v->state == RV_VALUE && !eg_dec_add(sum, v->v.dec, &sum))
			eg_bug("amounts of one record overflow");
	}
	return sum;
}

/* Money adds up on both sides or nothing leaves: what the writer says it wrote against our own sum over the records that have rows. */
static int
on_adapter_end(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err)
{
	struct making *m = ctx;
	struct eg_dec ours = { 0, 2 };

	for (size_t i = 0; i < m->n; i++) {
		if (m->e[i]->here && !eg_dec_add(ours, amount_of(&m->e[i]->rec), &ours))
			return eg_fail(err, EG_FATAL, "LEDGER", "the amounts of batch %s overflow", m->id);
		m->e[i]->here = false;
	}
	if (eg_dec_cmp(ours, b->amount) != 0)
		return eg_fail(err, EG_FATAL, "LEDGER", "the control total of %s does not agree with its records; nothing was written. Tell support.", adp_info(a)->object);
	m->sum = eg_xrealloc(m->sum, (m->nfiles + 1) * sizeof(*m->sum));
	for (size_t i = m->first_of_adapter; i < m->nfiles; i++)
		m->sum[i] = (struct batch_sum){ b->rows, b->amount };
	m->first_of_adapter = m->nfiles;
	return EG_OK;
}

/* ---- counters: running numbers that are never used again ---- */

static int
counters_load(struct site *s, int64_t **ret, struct eg_err *err)
{
	size_t n = adp_set_count(s->adapters);
	int64_t *c = eg_xalloc((n + 1) * sizeof(*c));
	struct eg_arena a;
	int rc = EG_OK;

	eg_arena_init(&a, 1 << 16);
	for (size_t i = 0; rc == EG_OK && i < n; i++) {
		char *key = eg_xprintf("counter.%s", adp_info(adp_set_at(s->adapters, i))->name);
		const char *v = NULL;
		c[i] = INT64_MIN; /* the adapter's own start */
		rc = store_meta_get(s->store, key, &a, &v, err);
		if (rc == EG_OK && v != NULL && !eg_bytes_to_i64(eg_bytes_str(v), &c[i]))
			rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "the running number %s is damaged", key);
		free(key);
	}
	eg_arena_done(&a);
	*ret = c;
	return rc;
}

static int
counters_save(struct site *s, const int64_t *c, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < adp_set_count(s->adapters); i++) {
		if (c[i] == INT64_MIN)
			continue;
		char *key = eg_xprintf("counter.%s", adp_info(adp_set_at(s->adapters, i))->name), *v = eg_xprintf("%lld", (long long)c[i]);
		rc = store_meta_set(s->store, key, v, err);
		free(v);
		free(key);
	}
	return rc;
}

/* ---- the transaction ---- */

static int
save_lineage(struct making *m, const struct out_file *f, int64_t file_id, struct eg_err *err)
{
	struct eg_bytes rest = eg_buf_view(&f->lineage), row, word;
	int rc = EG_OK;

	while (rc == EG_OK && eg_bytes_cut(&rest, '\0', &row)) {
		uint64_t line, record;
		if (row.len == 0)
			continue;
		eg_check(eg_bytes_cut(&row, ' ', &word) && eg_bytes_to_u64(word, &line));
		eg_check(eg_bytes_cut(&row, ' ', &word) && eg_bytes_to_u64(word, &record));
		rc = lineage_add(m->site->store, file_id, line, m->e[record]->item.id, (const char *)row.ptr, err);
	}
	return rc;
}

static int
save_file(struct making *m, size_t i, struct eg_err *err)
{
	struct out_file *f = &m->file[i];
	struct site *s = m->site;
	const struct adp_info *info = adp_info(f->adapter);
	struct eg_buf amount = EG_BUF_INIT;
	char sha[EG_SHA256_HEX];
	struct batch_file row = { .batch = m->id, .name = f->name, .object = info->object, .adapter = info->name, .adapter_sha256 = info->sha256, .sha256 = sha,
		.size = (int64_t)f->bytes.len, .rows = (int64_t)m->sum[i].rows };
	int64_t id;
	int rc;

	if (f->bytes.full)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "file %s is too large for memory", f->name);
	eg_dec_print(&amount, m->sum[i].amount, 2);
	row.amount = eg_buf_cstr(&amount);
	eg_sha256_hex_of(eg_buf_view(&f->bytes), sha);
	rc = spool_stage(&s->spool, m->id, m->target, f->name, eg_buf_view(&f->bytes), err);
	if (rc == EG_OK) /* a second copy for the bundle: the first leaves by rename and the ERP may take it at once */
		rc = spool_stage(&s->spool, m->id, "archive", f->name, eg_buf_view(&f->bytes), err);
	if (rc == EG_OK)
		rc = batch_file_add(s->store, &row, &id, err);
	if (rc == EG_OK)
		rc = save_lineage(m, f, id, err);
	eg_buf_done(&amount);
	return rc;
}

static int
save_item(struct making *m, struct entry *e, struct eg_err *err)
{
	enum item_event ev = e->item.type->cls == RC_TO_ERP ? EV_EXPORT : EV_IMPORT;
	enum item_state from = e->item.type->id == REC_PRIME ? ST_APPROVED : e->item.state;
	int next = state_next(from, ev, e->item.type->cls, true);
	int rc;

	if (!e->written)
		return EG_OK; /* no adapter of the target has a row for it */
	if (next < 0)
		return eg_fail(err, EG_FATAL, "STATE", "%s was written although it is %s", e->item.iid, state_word(e->item.state));
	rc = batch_item_add(m->site->store, m->id, e->item.id, e->item.rev, e->decision, err);
	e->item.state = (enum item_state)next;
	e->item.written = e->item.content;
	if (e->key != NULL)
		e->item.sent_key = e->key;
	if (rc == EG_OK)
		rc = item_save(m->site->store, &e->item, site_now(m->site), err);
	return rc == EG_OK ? site_log(m->site, ev == EV_EXPORT ? "exported" : "imported", e->item.iid, NULL, err) : rc;
}

static int
log_batch(struct making *m, struct eg_err *err)
{
	json_t *j = json_object(), *files = json_array();
	int rc;

	for (size_t i = 0; i < m->nfiles; i++)
		json_array_append_new(files, json_string(m->file[i].name));
	json_object_set_new(j, "target", json_string(m->target));
	json_object_set_new(j, "files", files);
	char *text = json_dumps(j, JSON_COMPACT);
	rc = site_log(m->site, "batch", m->id, text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
make_one(struct making *m, bool *ret_made, struct eg_err *err)
{
	struct worker_out_sink sink = { on_file, on_bytes, on_row, on_finding, on_key, on_adapter_end, m };
	struct item_filter ready = { .states = 1U << ST_APPROVED | 1U << ST_WAITING };
	struct site *s = m->site;
	const struct rec **records = NULL;
	int64_t *counters = NULL;
	int rc = item_each(s->store, &ready, gather_each, m, err);

	*ret_made = false;
	if (rc < 0 || m->n == 0)
		return rc;
	rc = store_next_id(s->store, 'B', m->id, err);
	if (rc == EG_OK)
		rc = counters_load(s, &counters, err);
	records = eg_xalloc(m->n * sizeof(*records));
	for (size_t i = 0; i < m->n; i++)
		records[i] = &m->e[i]->rec;
	if (rc == EG_OK)
		rc = worker_write(s, m->target, records, m->n, counters, &sink, err);
	free(records);
	for (size_t i = 0; rc == EG_OK && i < m->nfiles; i++)
		rc = save_file(m, i, err);
	for (size_t i = 0; rc == EG_OK && m->nfiles > 0 && i < m->n; i++)
		rc = save_item(m, m->e[i], err);
	if (rc == EG_OK && m->nfiles > 0) {
		struct batch b = { .id = m->id, .target = m->target, .state = "ready", .made = site_now(s), .run = s->run };
		rc = batch_put(s->store, &b, err);
		if (rc == EG_OK)
			rc = counters_save(s, counters, err);
		if (rc == EG_OK)
			rc = log_batch(m, err);
		*ret_made = rc == EG_OK;
	}
	free(counters);
	return rc;
}

static void
making_done(struct making *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->e[i]->srcs.file);
	for (size_t i = 0; i < m->nfiles; i++) {
		free(m->file[i].name);
		eg_buf_done(&m->file[i].bytes);
		eg_buf_done(&m->file[i].lineage);
	}
	free(m->e);
	free(m->file);
	free(m->sum);
	eg_arena_done(&m->a);
}

#define BATCH_ARENA ((size_t)1 << 32)

static int
target_batch(struct site *s, const char *target, unsigned *batches, struct eg_err *err)
{
	struct making m = { .site = s, .target = target };
	bool made = false;
	int rc = store_begin(s->store, err);

	eg_arena_init(&m.a, BATCH_ARENA);
	if (rc == EG_OK)
		rc = make_one(&m, &made, err);
	if (rc == EG_OK && made)
		rc = rules_settle(s, false, err); /* what this batch made synced holds nothing any more */
	if (rc == EG_OK && made)
		rc = store_commit(s->store, err);
	else
		store_rollback(s->store);
	if (rc == EG_OK && made)
		(*batches)++;
	making_done(&m);
	return rc;
}

int
batches_make(struct site *s, unsigned *ret_batches, struct eg_err *err)
{
	unsigned n = 0;
	int rc = target_batch(s, "procore", &n, err);

	if (rc == EG_OK)
		rc = target_batch(s, s->erp, &n, err);
	*ret_batches += n;
	return rc;
}

/* ---- publishing ---- */

struct publishing {
	struct site *site;
	const struct batch *batch;
	bool companion;
};

static int
publish_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct publishing *p = ctx;
	bool done;

	return spool_publish(&p->site->spool, p->batch->id, p->batch->target, f->name, p->companion, &done, err);
}

static int
publish_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct site *s = ctx;
	struct batch row = *b;
	char *key = eg_xprintf("target.%s.companion", b->target);
	struct publishing p = { s, b, conf_bool(&s->conf, key) };
	int rc = batch_file_each(s->store, b->id, publish_file, &p, err);

	free(key);
	row.state = "published";
	if (rc == EG_OK)
		rc = batch_put(s->store, &row, err);
	return rc == EG_OK ? site_log(s, "published", b->id, NULL, err) : rc;
}

int
batches_publish(struct site *s, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = batch_each(s->store, "ready", publish_batch, s, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}
