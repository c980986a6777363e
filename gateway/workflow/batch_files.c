/* SPDX-License-Identifier: MIT
 *
 * The files of a batch: what the writing worker says is kept in memory until its totals agree with ours, then staged with digest, totals and lineage.
 * Refuses names without the batch's number, totals that do not agree (EG_FATAL "LEDGER"). Tests: tests/unit/test_batch.c.
 */
#include "gateway/workflow/batch.h"

/* ---- names ---- */

static void
put_upper(struct eg_buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		eg_buf_chr(b, *s >= 'a' && *s <= 'z' ? (unsigned char)(*s - 32) : (unsigned char)*s);
}

/* One {word} of the target's name pattern. */
static bool
name_word(const struct making *m, const struct adp *a, const char *project, const char *ext, struct eg_bytes word,
    struct eg_buf *b)
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
			if (((unsigned char)*p & 0xC0U) == 0x80)
				continue; /* the rest of a character that has its hyphen */
			bool plain = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
			eg_buf_chr(b, plain ? (unsigned char)*p : '-');
		}
	} else
		return false;
	return true;
}

static int
file_name(const struct making *m, const struct adp *a, const char *project, const char *ext, struct eg_buf *b,
    struct eg_err *err)
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
			return eg_fail(err, EG_FATAL, "CONF-VALUE",
			    "target.%s.name has an unknown {word}; use {TARGET} {OBJECT} {batch} {_project} {ext}",
			    m->target);
		p = eg_bytes_sub(p, end + 1, p.len);
	}
	if (eg_bytes_find(eg_buf_view(b), eg_bytes_str(m->id)) == b->len || eg_bytes_chr(eg_buf_view(b), '/') != b->len)
		return eg_fail(err, EG_FATAL, "CONF-VALUE",
		    "target.%s.name must hold {batch} and no slash: the number keeps a file from being taken twice",
		    m->target);
	return EG_OK;
}

/* ---- what the worker says ---- */

static int
on_file(void *ctx, const struct adp *a, const char *project, const char *ext, struct eg_err *err)
{
	struct making *m = ctx;
	struct eg_buf name = EG_BUF_INIT;
	int rc = file_name(m, a, project, ext, &name, err);

	if (rc == EG_OK) {
		m->file = eg_xrealloc(m->file, (m->nfiles + 1) * sizeof(*m->file));
		m->file[m->nfiles++] =
		    (struct out_file){ .name = eg_xstrdup(eg_buf_cstr(&name)), .adapter = a, .amount = { 0, 2 } };
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

	if (m->nfiles == m->told)
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
		json_array_append_new(
		    from, json_pack("{s:I,s:I,s:I,s:I}", "file", (json_int_t)e->srcs.file[p->src], "off",
			      (json_int_t)p->off, "len", (json_int_t)p->len, "line", (json_int_t)p->line));
	}
	json_t *j = json_pack("{s:s,s:s,s:o}", "column", f->column, "rule", f->rule, "from", from);
	json_object_set_new(j, f->masked ? "masked" : "value",
	    f->masked ? json_true() : json_stringn((const char *)f->value.ptr, f->value.len));
	return j;
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	struct making *m = ctx;
	struct entry *e = m->e[record];

	if (m->nfiles == m->told)
		return protocol(err);
	struct out_file *file = &m->file[m->nfiles - 1];
	json_t *cells = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(cells, cell_json(e, &f[i]));
	char *text = json_dumps(cells, JSON_COMPACT);
	eg_buf_printf(&file->lineage, "%llu %zu %s", (unsigned long long)line, record, text);
	eg_buf_chr(&file->lineage, '\0');
	free(text);
	json_decref(cells);
	file->rows++;
	e->written = true;
	e->in = m->nfiles;
	return EG_OK;
}

/* Where the item came from, for its findings; an item that no file brought has none. */
static int
origin_of(struct site *s, const struct item *it, struct eg_arena *a, struct drop_row *ret_drop, const char **ret_name,
    struct eg_err *err)
{
	struct file_row file;
	int rc = store_file_get(s->store, it->file, a, &file, err);

	if (rc == EG_OK)
		rc = store_drop_get(s->store, file.drop, a, ret_drop, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	char *name =
	    *file.member == '\0' ? eg_xstrdup(ret_drop->name) : eg_xprintf("%s!%s", ret_drop->name, file.member);
	*ret_name = eg_arena_cstr(a, eg_bytes_str(name));
	free(name);
	return *ret_name != NULL ? EG_OK : eg_fail(err, EG_RETRY, "LIMIT-MEM", "the batch is too large for memory");
}

static int
on_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct making *m = ctx;
	const struct item *it = &m->e[record]->item;
	struct drop_row drop = { .source = m->target };
	struct eg_buf value = EG_BUF_INIT;
	const char *name = "";
	struct eg_arena a;

	eg_arena_init(&a, 1 << 16);
	int rc = origin_of(m->site, it, &a, &drop, &name, err);
	if (rc == EG_OK) {
		eg_buf_escaped(&value, f->value);
		struct finding row = { .run = m->site->run,
			.drop = drop.id,
			.source = drop.source,
			.file = name,
			.line = f->line,
			.off = f->pos.off,
			.col = f->pos.col,
			.code = f->code,
			.severity = f->severity,
			.item = it->iid,
			.field = f->field,
			.value = eg_buf_cstr(&value),
			.message = f->msg };
		rc = store_finding_add(m->site->store, &row, err);
	}
	eg_buf_done(&value);
	eg_arena_done(&a);
	return rc;
}

static int
on_key(void *ctx, size_t record, const char *key, struct eg_err *err)
{
	struct making *m = ctx;

	if (m->e[record]->key == NULL)
		m->e[record]->key = eg_arena_cstr(&m->a, eg_bytes_str(key));
	return m->e[record]->key != NULL ? EG_OK :
	                                   eg_fail(err, EG_RETRY, "LIMIT-MEM", "the batch is too large for memory");
}

struct eg_dec
batch_amount(const struct rec *r)
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

/* Money adds up on both sides or nothing leaves: what the writer says it wrote against our own sum over the records that have rows, file by file. */
static int
on_adapter_end(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err)
{
	struct making *m = ctx;
	struct eg_dec ours = { 0, 2 };
	uint64_t rows = 0;
	bool good = true;

	for (size_t i = 0; i < m->n; i++) {
		struct entry *e = m->e[i];
		if (e->in > 0) {
			struct eg_dec *sum = &m->file[e->in - 1].amount;
			good = good && eg_dec_add(*sum, batch_amount(&e->rec), sum);
			e->files++;
		}
		e->in = 0;
	}
	for (; m->told < m->nfiles; m->told++) {
		good = good && eg_dec_add(ours, m->file[m->told].amount, &ours);
		rows += m->file[m->told].rows;
	}
	if (!good)
		return eg_fail(err, EG_FATAL, "LEDGER", "the amounts of batch %s overflow", m->id);
	if (eg_dec_cmp(ours, b->amount) == 0 && rows == b->rows)
		return EG_OK;
	struct eg_dec rest = { 0, 2 };
	(void)eg_dec_sub(ours, b->amount, &rest);
	const struct eg_dec figures[3] = { b->amount, ours, rest };
	char texts[3][64];
	for (size_t i = 0; i < 3; i++) {
		struct eg_buf t = EG_BUF_INIT;
		eg_dec_print(&t, figures[i], 2);
		(void)snprintf(texts[i], sizeof(texts[i]), "%s", eg_buf_cstr(&t));
		eg_buf_done(&t);
	}
	return eg_fail(err, EG_FATAL, "LEDGER",
	    "The writer says %s for the control total of %s, in %llu rows, and the records given to it hold %s, in %llu: the difference is %s.",
	    texts[0], adp_info(a)->object, (unsigned long long)b->rows, texts[1], (unsigned long long)rows, texts[2]);
}

struct worker_out_sink
batch_sink(struct making *m)
{
	return (struct worker_out_sink){ on_file, on_bytes, on_row, on_finding, on_key, on_adapter_end, m };
}

int
batch_complete(const struct making *m, struct eg_err *err)
{
	return m->told == m->nfiles ? EG_OK :
	                              eg_fail(err, EG_FATAL, "WORKER",
					  "the writing process began a file and did not end it; nothing was written");
}

/* ---- keeping files ---- */

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

int
batch_save_file(struct making *m, size_t i, struct eg_err *err)
{
	struct out_file *f = &m->file[i];
	struct site *s = m->site;
	const struct adp_info *info = adp_info(f->adapter);
	struct eg_buf amount = EG_BUF_INIT;
	char sha[EG_SHA256_HEX];
	struct batch_file row = { .batch = m->id,
		.name = f->name,
		.object = info->object,
		.adapter = info->name,
		.adapter_sha256 = info->sha256,
		.sha256 = sha,
		.size = (int64_t)f->bytes.len,
		.rows = (int64_t)f->rows };
	int64_t id;
	int rc;

	if (f->bytes.full || f->lineage.full)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "file %s is too large for memory", f->name);
	eg_dec_print(&amount, f->amount, 2);
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

void
batch_files_free(struct making *m)
{
	for (size_t i = 0; i < m->nfiles; i++) {
		free(m->file[i].name);
		eg_buf_done(&m->file[i].bytes);
		eg_buf_done(&m->file[i].lineage);
	}
	free(m->file);
}
