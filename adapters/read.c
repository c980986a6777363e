/* SPDX-License-Identifier: MIT
 *
 * Reading one file: is it XML or CSV, which adapter knows it, and the pass over it. The beginning is recorded while layouts are tried on
 * it, then given again. What refuses the whole file is a finding, not a failure; only the environment and the receiver can fail.
 */
#include "adapters/read_int.h"

#include "base/limits.h"
#include "formats/text.h"

#define RECORD_STEP 8192U
#define SNIFF_MAX 65536U /* blanks before the first character */

/* ---- the tape ---- */

static int
tape_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct rd_tape *t = ctx;
	size_t left = t->kept.len - t->pos, n = left < cap ? left : cap;
	int rc;

	if (n > 0) {
		memcpy(buf, t->kept.ptr + t->pos, n);
		t->pos += n;
		*ret_n = n;
		return EG_OK;
	}
	if (!t->recording && t->kept.ptr != NULL) {
		eg_buf_done(&t->kept);
		t->pos = 0;
	}
	rc = t->inner.read(t->inner.ctx, buf, cap, ret_n, err);
	if (rc == EG_OK && t->recording) {
		eg_buf_put(&t->kept, buf, *ret_n);
		t->pos = t->kept.len;
	}
	return rc;
}

void
rd_rewind(struct rd *r, bool recording)
{
	r->tape.pos = 0;
	r->tape.recording = recording;
}

int
rd_record(struct rd *r, size_t n, bool *ret_end, struct eg_err *err)
{
	unsigned char step[RECORD_STEP];

	*ret_end = false;
	while (r->tape.kept.len < n && !*ret_end) {
		size_t got = 0;
		int rc;

		r->tape.pos = r->tape.kept.len;
		rc = tape_read(&r->tape, step, sizeof(step), &got, err);
		if (rc != EG_OK)
			return rc;
		*ret_end = got == 0;
	}
	return EG_OK;
}

/* ---- what kind of text ---- */

/* The first character that is no blank; in UTF-16 every other byte of the characters that count here is zero. 0 = none within the first SNIFF_MAX. */
static unsigned char
first_char(struct eg_bytes head)
{
	enum fmt_enc enc;
	size_t bom;

	(void)fmt_bom(head, &enc, &bom);
	for (size_t i = bom; i < head.len; i++) {
		unsigned char c = head.ptr[i];

		if (c != 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return c;
	}
	return 0;
}

static int
sniff(struct rd *r, bool *ret_xml, struct eg_err *err)
{
	bool end = false;
	unsigned char c = 0;

	for (size_t n = RECORD_STEP; c == 0 && !end && n <= SNIFF_MAX; n += RECORD_STEP) {
		int rc = rd_record(r, n, &end, err);

		if (rc != EG_OK)
			return rc;
		c = first_char(eg_buf_view(&r->tape.kept));
	}
	*ret_xml = c == '<';
	return EG_OK;
}

static void
lower(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (unsigned char)(p[i] + 32);
}

static bool
name_fits(struct eg_bytes pattern, struct eg_bytes name)
{
	char *p, *n;
	bool fits;

	if (pattern.len == 0)
		return true;
	if (eg_bytes_chr(name, 0) < name.len)
		return false;
	p = eg_xdup(pattern);
	n = eg_xdup(name);
	lower((unsigned char *)p, pattern.len);
	lower((unsigned char *)n, name.len);
	fits = eg_bytes_glob(eg_bytes_str(p), eg_bytes_str(n));
	free(p);
	free(n);
	return fits;
}

bool
rd_fits(const struct rd *r, const struct adp *a, enum adp_ftype type)
{
	return !a->out && a->in.type == type && strcmp(a->info.system, r->file->source) == 0 &&
	       name_fits(a->in.name_pattern, r->file->name);
}

/* ---- the adapter was chosen ---- */

static void
add_cell(int *list, size_t *n, int cell)
{
	for (size_t i = 0; i < *n; i++)
		if (list[i] == cell)
			return;
	list[(*n)++] = cell;
}

static int
kind_init(struct rd *r, struct rd_kind *k, const struct adp *a, struct eg_err *err)
{
	const struct adp_in *in = &a->in;

	k->a = a;
	k->type = a->info.record;
	k->forms = (struct rec_forms){ .numbers = in->numbers,
		.ndates = in->dates.n,
		.dates = in->dates.v,
		.nflags = in->yes.n,
		.yes = in->yes.v,
		.no = in->no.v };
	k->grouped = in->type != AF_XML && (in->ndocument > 0 || in->document_file);
	k->has_item = k->type->cls == RC_TO_ERP || k->type->cls == RC_FROM_ERP || k->type->cls == RC_AUTOMATIC;
	k->number_by = -1;
	for (size_t i = 0; i < in->nfields; i++)
		if (in->fields[i].source.kind == AS_ROW_NUMBER_BY)
			k->number_by = in->fields[i].source.atom.index;
	for (unsigned i = 0; i < k->type->nline_key; i++)
		k->line_key[i] = rec_line_index(k->type, k->type->line_key[i]);
	k->map = eg_arena_array(&r->fixed, in->ncolumns, sizeof(*k->map));
	k->line_map = eg_arena_array(&r->fixed, in->ncolumns, sizeof(*k->line_map));
	k->head_cells = eg_arena_array(&r->fixed, in->ncolumns, sizeof(*k->head_cells));
	k->line = eg_arena_array(&r->fixed, k->type->nline, sizeof(*k->line));
	if (k->map == NULL || k->line_map == NULL || k->head_cells == NULL || k->line == NULL)
		return rd_no_memory(r, err);
	return EG_OK;
}

int
rd_kinds(struct rd *r, const struct adp *a, struct eg_err *err)
{
	const char *erp = adp_set_erp(r->set);
	int rc;

	r->res->adapter = a;
	for (const struct adp *t = a; t != NULL; t = t->twin)
		r->nkinds++;
	r->kinds = eg_arena_array(&r->fixed, r->nkinds, sizeof(*r->kinds));
	if (r->kinds == NULL) {
		r->nkinds = 0;
		return rd_no_memory(r, err);
	}
	for (size_t i = 0; i < r->nkinds; i++, a = a->twin) {
		rc = kind_init(r, &r->kinds[i], a, err);
		if (rc != EG_OK)
			return rc;
	}
	rc = r->sink->file == NULL ? EG_OK : r->sink->file(r->sink->ctx, r->res->adapter, err);
	if (rc < 0)
		return rc;
	a = r->res->adapter;
	for (size_t i = 0; i < a->in.not_for.n; i++) {
		if (!eg_bytes_is(a->in.not_for.v[i], erp))
			continue;
		rc = rd_tell_file(r, ADP_NOTE, true, "F-09", err,
		    "This is a file of %s. The accounting system of this site does not take them, so the file was not read. Nothing needs to be done.",
		    a->info.title);
		return rc < 0 ? rc : EG_EOF;
	}
	return EG_OK;
}

/* The name of a file is no cell: what it lacks refuses the whole file. */
int
rd_names(struct rd *r, struct eg_err *err)
{
	for (size_t i = 0; i < r->nkinds; i++) {
		const struct adp_in *in = &r->kinds[i].a->in;

		r->env.adp = r->kinds[i].a;
		for (size_t j = 0; j < in->nfields; j++) {
			const struct adp_entry *e = &in->fields[j];
			struct adp_val v;

			if (e->source.kind != AS_FILENAME || (in->missing_name == NULL && !e->required))
				continue;
			v = adp_source_value(e, &r->env);
			if (v.kind != AV_BLANK)
				continue;
			return rd_refuse(r, in->missing_name == NULL ? "F-08" : in->missing_name,
			    (struct eg_pos){ .line = 1 }, e->target, err,
			    "The file name has no part number %lld, which gives %s. Name the file as the layout asks (parts divided by _) and drop it again.",
			    (long long)e->source.number, e->target);
		}
	}
	return EG_OK;
}

/* Which cells of a document must be equal in all its rows: those that header fields are made of. Called when the map is known. */
void
rd_head_cells(struct rd_kind *k)
{
	const struct adp_in *in = &k->a->in;

	for (size_t i = 0; k->grouped && i < in->nfields; i++) {
		const struct adp_source *s = &in->fields[i].source;

		if ((s->kind == AS_CELL || s->kind == AS_COUNT_OF) && k->map[s->atom.index] >= 0)
			add_cell(k->head_cells, &k->nhead_cells, k->map[s->atom.index]);
		for (size_t j = 0; j < s->natoms; j++)
			if (s->atoms[j].kind == AS_CELL && k->map[s->atoms[j].index] >= 0)
				add_cell(k->head_cells, &k->nhead_cells, k->map[s->atoms[j].index]);
	}
}

/* ---- the pass ---- */

static int
read_file(struct rd *r, struct eg_err *err)
{
	bool xml;
	int rc = sniff(r, &xml, err);

	if (rc != EG_OK)
		return rc == EG_BADFILE ? rd_refuse_err(r, err) : rc;
	return xml ? rd_xml(r, err) : rd_csv(r, err);
}

static int
whole_pass(struct rd *r, int (*pass)(struct rd *, struct eg_err *), struct eg_err *err)
{
	int rc = pass(r, err);

	if (rc == EG_OK)
		rc = rd_finish(r, NULL, err);
	if (rc == EG_OK && r->res->rows == 0)
		rc = rd_tell_file(r, ADP_NOTE, true, "F-11", err,
		    "The file is a file of %s, but it holds no record. If some were expected, export it again.",
		    r->res->adapter->info.title);
	return rc;
}

static void
done(struct rd *r)
{
	for (size_t i = 0; i < r->nkinds; i++)
		eg_buf_done(&r->kinds[i].number_by_value);
	eg_buf_done(&r->tape.kept);
	eg_buf_done(&r->item);
	eg_arena_done(&r->fixed);
	eg_arena_done(&r->head_arena);
	eg_arena_done(&r->line_arena);
	eg_arena_done(&r->notes.arena);
	keyset_clear(&r->docs);
	keyset_clear(&r->lines);
}

int
rd_run(const struct adp_set *s, const struct adp_file *f, struct fmt_src src, struct fmt_book *book,
    const struct adp_sink *sink, int (*pass)(struct rd *, struct eg_err *), struct adp_file_result *ret,
    struct eg_err *err)
{
	struct rd *r = eg_xalloc(sizeof(*r));
	int rc;

	*ret = (struct adp_file_result){ .adapter = NULL };
	r->set = s;
	r->file = f;
	r->sink = sink;
	r->res = ret;
	r->book = book;
	r->tape = (struct rd_tape){ .inner = src, .kept = { .max = 4 * EG_LIMIT_ROW_BYTES }, .recording = true };
	r->src = (struct fmt_src){ .read = tape_read, .ctx = &r->tape };
	r->env = (struct adp_env){ .set = s, .file_name = f->name, .arena = &r->line_arena, .problem = &r->problem };
	r->place = 1;
	eg_arena_init(&r->fixed, RD_ARENA_MAX);
	eg_arena_init(&r->head_arena, RD_ARENA_MAX);
	eg_arena_init(&r->line_arena, RD_ARENA_MAX);
	eg_arena_init(&r->notes.arena, RD_ARENA_MAX);
	rc = whole_pass(r, pass, err);
	done(r);
	free(r);
	return rc < 0 ? rc : EG_OK;
}

int
adp_read(const struct adp_set *s, const struct adp_file *f, struct fmt_src src, const struct adp_sink *sink,
    struct adp_file_result *ret, struct eg_err *err)
{
	return rd_run(s, f, src, NULL, sink, read_file, ret, err);
}
