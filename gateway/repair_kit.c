/* SPDX-License-Identifier: MIT
 *
 * The folder of one drop below spool/rejects/: WHY.txt, the original, and for each of its files that has refused documents one file to repair. The worker
 * writes those; here is put together what stands beside their rows. A file that cannot be written so is left out: WHY.txt has it all.
 */
#include "gateway/repair.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/near.h"
#include "gateway/report/why.h"
#include "gateway/reread.h"
#include "gateway/turn.h"
#include "gateway/worker/repair.h"

#define KIT_MEM ((size_t)128 << 20)
#define KIT_MODE 0640

struct note {
	uint64_t line;
	struct eg_buf code, reason, accepted, near;
};

struct draft { /* a document */
	struct reject_row row;
	char id[REJECT_ID_MAX];
	struct note *notes;
	size_t nnotes;
};

struct kit_file {
	int64_t id;
	const char *member, *shown;
	size_t number; /* in its drop, first is 1 */
	const struct adp *adapter;
	struct draft *docs;
	size_t ndocs, rejected; /* numbered ones, all of them */
	char *path; /* below spool/rejects/; NULL = not written */
};

struct making {
	struct site *s;
	struct drop_row drop;
	struct eg_arena a;
	struct near *near;
	struct kit_file *files;
	size_t nfiles, members;
	struct adp_kit *kits; /* of the files in order */
	struct eg_fs_out out;
	size_t writing; /* file whose bytes come, nfiles = none */
	int dir;
};

/* ---- documents ---- */

static int
file_each(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct making *m = ctx;
	struct eg_buf shown = EG_BUF_INIT;
	struct kit_file k = { .id = f->id, .number = ++m->members, .rejected = (size_t)f->rejected };

	k.adapter = f->refused || *f->adapter == '\0' ? NULL : adp_set_named(m->s->adapters, f->adapter);
	if (k.adapter == NULL)
		return EG_OK;
	eg_buf_str(&shown, m->drop.name);
	if (*f->member != '\0') {
		eg_buf_chr(&shown, '!');
		eg_buf_escaped(&shown, eg_bytes_str(f->member));
	}
	k.member = eg_arena_cstr(&m->a, eg_bytes_str(f->member));
	k.shown = eg_arena_cstr(&m->a, eg_buf_view(&shown));
	eg_buf_done(&shown);
	if (k.member == NULL || k.shown == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the drop has too many members for a file to repair");
	m->files = eg_xrealloc(m->files, (m->nfiles + 1) * sizeof(*m->files));
	m->files[m->nfiles++] = k;
	return EG_OK;
}

static int
reject_one(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	struct making *m = ctx;
	struct kit_file *k = &m->files[m->writing];
	struct draft *d;

	k->docs = eg_xrealloc(k->docs, (k->ndocs + 1) * sizeof(*k->docs));
	d = &k->docs[k->ndocs++];
	*d = (struct draft){ .row = *r };
	reject_id(m->drop.id, r->n, d->id);
	d->row.item = eg_arena_cstr(&m->a, eg_bytes_str(r->item));
	d->row.code = eg_arena_cstr(&m->a, eg_bytes_str(r->code));
	return d->row.item != NULL && d->row.code != NULL ?
	           EG_OK :
	           eg_fail(
		       err, EG_BADFILE, "LIMIT-MEM", "the drop has too many refused documents for a file to repair");
}

static int
by_place(const void *a, const void *b)
{
	const struct reject_row *x = &((const struct draft *)a)->row, *y = &((const struct draft *)b)->row;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->n < y->n ? -1 : 1;
}

static int
load_docs(struct making *m, struct eg_err *err)
{
	int rc = EG_OK;

	for (m->writing = 0; rc == EG_OK && m->writing < m->nfiles; m->writing++) {
		struct kit_file *k = &m->files[m->writing];
		struct reject_filter mine = { .drop = m->drop.id, .file = k->id };

		rc = reject_each(m->s->store, &mine, reject_one, m, err);
		if (k->ndocs > 1)
			qsort(k->docs, k->ndocs, sizeof(*k->docs), by_place);
	}
	return rc;
}

/* ---- what stands beside the rows ---- */

static struct note *
note_at(struct draft *d, uint64_t line)
{
	for (size_t i = 0; i < d->nnotes; i++)
		if (d->notes[i].line == line)
			return &d->notes[i];
	d->notes = eg_xrealloc(d->notes, (d->nnotes + 1) * sizeof(*d->notes));
	d->notes[d->nnotes] = (struct note){ .line = line };
	return &d->notes[d->nnotes++];
}

static void
join(struct eg_buf *b, const char *between, const char *text)
{
	if (*text == '\0' || eg_bytes_find(eg_buf_view(b), eg_bytes_str(text)) < b->len)
		return;
	if (b->len > 0)
		eg_buf_str(b, between);
	eg_buf_str(b, text);
}

static bool
has_line_field(const struct rec_type *t, const char *name)
{
	for (unsigned i = 0; i < t->nline; i++)
		if (strcmp(t->line[i].name, name) == 0)
			return true;
	return false;
}

/* A cost code that a reference rule refused stands in the item's line. */
static int
code_of_line(struct making *m, const struct finding *f, const char **ret, struct eg_err *err)
{
	struct item it;
	struct rec r;
	int rc = EG_EOF;

	*ret = "";
	if (strcmp(f->code, "E-19") != 0 && strcmp(f->code, "E-20") != 0 && strcmp(f->code, "E-38") != 0)
		return EG_OK;
	if (*f->item != '\0') {
		rc = item_find(m->s->store, f->item, &m->a, &it, err);
		if (rc == EG_OK)
			rc = item_record(m->s->store, it.rev, &m->a, &r, err);
	}
	for (size_t i = 0; rc == EG_OK && i < r.nlines; i++)
		if (r.line_at[i].line == f->line && has_line_field(r.type, "line.cost_code"))
			*ret = eg_arena_cstr(&m->a, rec_line(&r, i, "line.cost_code")->text);
	if (*ret == NULL)
		*ret = "";
	return rc == EG_EOF ? EG_OK : rc;
}

static int
add_near(struct making *m, const struct kit_file *k, const struct finding *f, struct eg_buf *ret, struct eg_err *err)
{
	const char *field = "", *value = f->value;
	enum near_list list = NEAR_CODES;
	int rc = EG_OK;

	if (*f->field == '\0')
		rc = code_of_line(m, f, &value, err);
	else if (!adp_code_column(k->adapter, f->field, &field) || !near_of_field(field, &list))
		return EG_OK;
	return rc == EG_OK && *value != '\0' ? near_find(m->near, list, value, ret, err) : rc;
}

/* What a refusal tells of other rows of its document goes to those; back comes the rest, to free. */
static char *
hand_out(struct draft *d, uint64_t line, const char *code, const char *message)
{
	struct eg_buf own = EG_BUF_INIT;
	char *ret;

	for (const char *p = message, *next; *p != '\0'; p = next) {
		const size_t mark = strlen(REPAIR_ALSO);
		const bool also = strncmp(p, REPAIR_ALSO, mark) == 0;
		uint64_t to = line;

		next = strstr(p + 1, REPAIR_ALSO);
		next = next == NULL ? p + strlen(p) : next;
		if (also) {
			struct eg_bytes n = eg_bytes(p + mark, (size_t)(next - p) - mark);

			if (!eg_bytes_to_u64(eg_bytes_sub(n, 0, eg_bytes_chr(n, ',')), &to) || to < d->row.line ||
			    to > d->row.last)
				to = line;
		}
		if (to == line)
			eg_buf_put(&own, p, (size_t)(next - p));
		else {
			struct note *n = note_at(d, to);
			char *text = eg_xdup(eg_bytes(p + 1, (size_t)(next - p) - 1));

			join(&n->code, ", ", code);
			join(&n->reason, " ", text);
			free(text);
		}
	}
	ret = eg_xdup(eg_buf_view(&own));
	eg_buf_done(&own);
	return ret;
}

static int
add_note(struct making *m, const struct kit_file *k, struct draft *d, const struct finding *f, struct eg_err *err)
{
	char *message = hand_out(d, f->line, f->code, f->message);
	struct note *n = note_at(d, f->line); /* behind that: it may move them */
	struct eg_buf accepted = EG_BUF_INIT, near = EG_BUF_INIT;
	int rc = add_near(m, k, f, &near, err);

	adp_accepted(k->adapter, f->field, &accepted);
	join(&n->code, ", ", f->code);
	join(&n->reason, " ", message);
	free(message);
	join(&n->accepted, "; ", eg_buf_cstr(&accepted));
	join(&n->near, "; ", eg_buf_cstr(&near));
	eg_buf_done(&accepted);
	eg_buf_done(&near);
	return rc;
}

static int
finding_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct making *m = ctx;
	struct kit_file *k = m->files;
	size_t low = 0, high;

	while (k < m->files + m->nfiles && strcmp(k->shown, f->file) != 0)
		k++;
	if (k == m->files + m->nfiles)
		return EG_OK;
	high = k->ndocs;
	while (low < high) { /* behind the last one that begins at or before the line */
		size_t mid = (low + high) / 2;

		if (k->docs[mid].row.line <= f->line)
			low = mid + 1;
		else
			high = mid;
	}
	while (low > 0) {
		struct draft *d = &k->docs[--low];

		if (d->row.last >= f->line && strcmp(d->row.item, f->item) == 0)
			return add_note(m, k, d, f, err);
		if (d->row.line + 1000 < f->line && d->row.last < f->line)
			break;
	}
	return EG_OK;
}

static int
by_line(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

/* For rows about which nothing was said themselves. */
static struct adp_kit_note
note_of_rest(struct making *m, const struct draft *d)
{
	struct eg_buf b = EG_BUF_INIT, codes = EG_BUF_INIT;
	struct adp_kit_note ret = { 0, d->row.code, "", "", "" };

	eg_buf_str(&b, "Nothing is wrong with this row itself; its document was refused because of line ");
	for (size_t i = 0; i < d->nnotes; i++) {
		eg_buf_printf(&b, "%s%llu", i == 0 ? "" : ", ", (unsigned long long)d->notes[i].line);
		join(&codes, ", ", eg_buf_cstr(&d->notes[i].code));
	}
	eg_buf_str(&b, d->nnotes > 0 ? "." : "s that WHY.txt names.");
	ret.reason = eg_arena_cstr(&m->a, eg_buf_view(&b));
	if (codes.len > 0)
		ret.code = eg_arena_cstr(&m->a, eg_buf_view(&codes));
	eg_buf_done(&b);
	eg_buf_done(&codes);
	return ret;
}

static bool
kit_doc(struct making *m, struct draft *d, struct adp_kit_doc *ret)
{
	struct adp_kit_note *notes = eg_arena_array(&m->a, d->nnotes + 1, sizeof(*notes));

	if (notes == NULL)
		return false;
	if (d->nnotes > 1)
		qsort(d->notes, d->nnotes, sizeof(*d->notes), by_line);
	notes[0] = note_of_rest(m, d);
	for (size_t i = 0; i < d->nnotes; i++) {
		struct note *n = &d->notes[i];

		notes[i + 1] = (struct adp_kit_note){ n->line, eg_arena_cstr(&m->a, eg_buf_view(&n->code)),
			eg_arena_cstr(&m->a, eg_buf_view(&n->reason)), eg_arena_cstr(&m->a, eg_buf_view(&n->accepted)),
			eg_arena_cstr(&m->a, eg_buf_view(&n->near)) };
		if (notes[i + 1].code == NULL || notes[i + 1].reason == NULL || notes[i + 1].accepted == NULL ||
		    notes[i + 1].near == NULL)
			return false;
	}
	*ret = (struct adp_kit_doc){ .id = d->id,
		.line = d->row.line,
		.off = d->row.off,
		.len = d->row.len,
		.nnotes = d->nnotes + 1,
		.notes = notes,
		.by_place = strcmp(d->row.code, "F-23") == 0 };
	return notes[0].reason != NULL && notes[0].code != NULL;
}

static int
make_kits(struct making *m, struct eg_err *err)
{
	m->kits = eg_arena_array(&m->a, m->nfiles + 1, sizeof(*m->kits));
	for (size_t i = 0; m->kits != NULL && i < m->nfiles; i++) {
		struct kit_file *k = &m->files[i];
		struct adp_kit_doc *docs = eg_arena_array(&m->a, k->ndocs + 1, sizeof(*docs));
		bool good = docs != NULL;

		for (size_t j = 0; good && j < k->ndocs; j++)
			good = kit_doc(m, &k->docs[j], &docs[j]);
		if (!good)
			return eg_fail(
			    err, EG_BADFILE, "LIMIT-MEM", "too much is wrong with the file for a file to repair");
		m->kits[i] = (struct adp_kit){ .member = k->ndocs > 0 ? k->member : "\n",
			.adapter = k->adapter,
			.ndocs = k->ndocs,
			.docs = docs };
	}
	return m->kits == NULL ? eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the drop has too many members") : EG_OK;
}

/* ---- files ---- */

/* Where a layout takes parts of the file's name, the kit keeps them: rejects_24-104_budget.csv. */
static char *
kit_name(const struct making *m, const struct kit_file *k)
{
	struct eg_bytes name = eg_bytes_str(*k->member != '\0' ? k->member : m->drop.name), tail;
	size_t from = name.len, under, dot;

	if (adp_filename_parts(k->adapter) == 0)
		return eg_xprintf("rejects.%s", adp_reads_xml(k->adapter) ? "xml" : "csv");
	while (from > 0 && name.ptr[from - 1] != '/')
		from--;
	name = eg_bytes_sub(name, from, name.len);
	under = eg_bytes_chr(name, '_');
	tail = eg_bytes_sub(name, under, name.len);
	dot = tail.len;
	for (size_t i = 0; i < tail.len; i++)
		dot = tail.ptr[i] == '.' ? i : dot;
	return eg_xprintf("rejects%.*s.%s", (int)dot, (const char *)(tail.ptr == NULL ? name.ptr : tail.ptr),
	    adp_reads_xml(k->adapter) ? "xml" : "csv");
}

static int
close_file(struct making *m, struct eg_err *err)
{
	struct eg_buf safe = EG_BUF_INIT, path = EG_BUF_INIT;
	struct kit_file *k;
	char *name;
	int rc;

	if (m->writing >= m->nfiles)
		return EG_OK;
	k = &m->files[m->writing];
	name = kit_name(m, k);
	spool_safe_name(eg_bytes_str(name), &safe);
	rc = eg_fs_out_commit(&m->out, eg_buf_cstr(&safe), true, err);
	eg_buf_printf(&path, "%s/%s", k->path, eg_buf_cstr(&safe));
	free(k->path);
	k->path = eg_xstrdup(eg_buf_cstr(&path));
	eg_fd_done(&m->dir);
	m->writing = m->nfiles;
	free(name);
	eg_buf_done(&safe);
	eg_buf_done(&path);
	return rc;
}

static int
on_file(void *ctx, size_t kit, struct eg_err *err)
{
	struct making *m = ctx;
	struct kit_file *k = &m->files[kit];
	const bool alone =
	    *k->member == '\0' || (m->members == 1 && eg_bytes_starts(eg_bytes_str(k->member), EG_LIT("xl/")));
	char *folder = alone ? NULL : eg_xprintf("rejects-%zu-%s", k->number, k->member);
	struct eg_buf shown = EG_BUF_INIT;
	int rc = close_file(m, err);

	if (rc == EG_OK && k->path != NULL) /* a second file of this name: the child makes things up */
		rc = eg_fail(err, EG_BADFILE, "WORKER", "the file to repair came twice");
	if (rc == EG_OK)
		rc = spool_reject_dir(&m->s->spool, m->drop.id, folder, &shown, &m->dir, err);
	if (rc == EG_OK)
		rc = eg_fs_out_open(&m->out, m->dir, KIT_MODE, err);
	if (rc == EG_OK) {
		k->path = eg_xstrdup(eg_buf_cstr(&shown));
		m->writing = kit;
	}
	eg_buf_done(&shown);
	free(folder);
	return rc;
}

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct making *m = ctx;

	return eg_fs_out_write(&m->out, v, err);
}

static int
open_original(struct making *m, int *ret_fd, struct eg_err *err)
{
	struct eg_err gone = { 0 };
	int rc = spool_open_raw(&m->s->spool, m->drop.id, ret_fd, &gone);

	return rc == EG_OK ? EG_OK : turn_original(m->s, &m->drop, &m->a, ret_fd, err);
}

/* What kept the files from being written costs the files, not the turn; a disk that fails is another matter. */
static int
write_files(struct making *m, int fd, struct eg_err *err)
{
	struct worker_kit_sink sink = { on_file, on_bytes, m };
	const char *family = conf_sub(&m->s->conf, "source", m->drop.source, "family");
	int rc;

	m->writing = m->nfiles;
	rc = worker_repair(m->s, fd, (uint64_t)m->drop.size,
	    family == NULL || *family == '\0' ? m->drop.source : family, m->drop.name, m->kits, m->nfiles, &sink, err);
	if (rc == EG_OK)
		rc = close_file(m, err);
	if (m->writing < m->nfiles && rc != EG_OK) {
		free(m->files[m->writing].path);
		m->files[m->writing].path = NULL;
	}
	eg_fs_out_abort(&m->out);
	eg_fd_done(&m->dir);
	return rc == EG_BADFILE ? EG_OK : rc;
}

/* ---- WHY.txt ---- */

static void
tell_files(const struct making *m, struct eg_buf *b)
{
	size_t n = 0, left_out = 0;

	for (size_t i = 0; i < m->nfiles; i++) {
		if (m->files[i].path == NULL)
			continue;
		eg_buf_printf(b, "%sspool/rejects/%s\n", n++ == 0 ? "\nTo repair:\n" : "", m->files[i].path);
		left_out += m->files[i].ndocs >= EG_LIMIT_REJECTS && m->files[i].rejected > m->files[i].ndocs ?
		                m->files[i].rejected - m->files[i].ndocs :
		                0;
	}
	if (n == 0)
		return;
	eg_buf_str(b,
	    "It holds the refused rows alone, as they came, with the reasons beside them (CSV: the last columns, whose names begin with\n"
	    "Erpgate; XML: comments). Correct the rows and drop the file as it is into the folder it came from: the columns Erpgate are\n"
	    "passed over, and every row is joined to its refusal. A row that is sent as it was is refused again.\n"
	    "Do not open a CSV by a double click: a spreadsheet then takes codes for dates and leading zeros away. Use Data > From Text/CSV\n"
	    "and give every column the type Text. The sender's own cells are exactly his; one that begins with = + - or @ is run by a\n"
	    "spreadsheet as a formula if it is opened otherwise.\n");
	if (left_out > 0)
		eg_buf_printf(b,
		    "%zu more refused documents are not in it: correct so many where they come from, and export again.\n",
		    left_out);
}

static int
write_why(struct making *m, struct eg_err *err)
{
	struct eg_buf why = EG_BUF_INIT, files = EG_BUF_INIT;
	int rc;

	tell_files(m, &files);
	rc = why_text(m->s, m->drop.id, strcmp(m->drop.verdict, "refused") == 0, eg_buf_cstr(&files), &why, err);
	if (rc == EG_OK)
		rc = spool_reject_why(&m->s->spool, m->drop.id, eg_buf_view(&why), err);
	eg_buf_done(&why);
	eg_buf_done(&files);
	return rc;
}

/* ---- the whole ---- */

static void
making_done(struct making *m)
{
	for (size_t i = 0; i < m->nfiles; i++) {
		for (size_t j = 0; j < m->files[i].ndocs; j++) {
			struct draft *d = &m->files[i].docs[j];

			for (size_t k = 0; k < d->nnotes; k++) {
				eg_buf_done(&d->notes[k].code);
				eg_buf_done(&d->notes[k].reason);
				eg_buf_done(&d->notes[k].accepted);
				eg_buf_done(&d->notes[k].near);
			}
			free(d->notes);
		}
		free(m->files[i].docs);
		free(m->files[i].path);
	}
	free(m->files);
	near_close(m->near);
	eg_arena_done(&m->a);
}

/* s: with the adapters that read the drop. */
static int
make_folder(struct site *s, const char *drop, struct eg_err *err)
{
	struct finding_filter refused = { .drop = drop, .severity = ADP_REJECT };
	struct making m = { .s = s, .near = near_open(s), .out = EG_FS_OUT_INIT, .dir = -1 };
	struct eg_err why = { 0 };
	int fd = -1, rc;

	eg_arena_init(&m.a, KIT_MEM);
	rc = store_drop_get(s->store, drop, &m.a, &m.drop, err);
	if (rc == EG_OK)
		rc = store_file_each(s->store, drop, file_each, &m, err);
	if (rc == EG_OK)
		rc = load_docs(&m, err);
	if (rc == EG_OK)
		rc = store_finding_each(s->store, &refused, finding_each, &m, err);
	if (rc == EG_OK)
		rc = make_kits(&m, err);
	if (rc == EG_OK)
		rc = open_original(&m, &fd, err);
	if (rc == EG_OK)
		rc = spool_reject_original(&s->spool, drop, m.drop.name, fd, err);
	if (rc == EG_OK)
		rc = write_files(&m, fd, err);
	if (rc == EG_OK || rc == EG_BADFILE)
		rc = write_why(&m, rc == EG_OK ? err : &why);
	eg_fd_done(&fd);
	making_done(&m);
	return rc;
}

int
repair_kit(struct site *s, const char *drop, struct eg_err *err)
{
	struct rereading again;
	int rc = rereading_open(s, drop, &again, err);

	if (rc == EG_OK)
		rc = make_folder(rereading_site(s, &again), drop, err);
	rereading_done(s, &again);
	return rc;
}
