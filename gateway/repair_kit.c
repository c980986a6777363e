/* SPDX-License-Identifier: MIT
 *
 * The folder of one drop below spool/rejects/: WHY.txt, the original, and for each of its files that has refused documents one file to repair. The worker writes those
 * (repair_kit_file.c); what stands beside their rows is in repair_kit_note.c. A file that cannot be written so is left out: WHY.txt has it all.
 * Fails as the store and the spool do, and EG_BADFILE "LIMIT-MEM" when the drop is too large for such files.
 */
#include "gateway/repair_kit_int.h"

#include "base/limits.h"
#include "gateway/near.h"
#include "gateway/repair.h"
#include "gateway/report/why.h"
#include "gateway/reread.h"
#include "gateway/turn.h"

#define KIT_MEM ((size_t)128 << 20)

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

static int
open_original(struct making *m, int *ret_fd, struct eg_err *err)
{
	struct eg_err gone = { 0 };
	int rc = spool_open_raw(&m->s->spool, m->drop.id, ret_fd, &gone);

	return rc == EG_OK ? EG_OK : turn_original(m->s, &m->drop, &m->a, ret_fd, err);
}

/* s: with the adapters that read the drop. */
static int
make_folder(struct site *s, const char *drop, struct eg_err *err)
{
	struct finding_filter refused = { .drop = drop, .severity = ADP_REJECT };
	struct making m = { .s = s, .near = near_open(s), .out = EG_FS_OUT_INIT, .dir = -1 };
	int fd = -1, rc;

	eg_arena_init(&m.a, KIT_MEM);
	rc = store_drop_get(s->store, drop, &m.a, &m.drop, err);
	if (rc == EG_OK)
		rc = store_file_each(s->store, drop, file_each, &m, err);
	if (rc == EG_OK)
		rc = load_docs(&m, err);
	if (rc == EG_OK)
		rc = store_finding_each(s->store, &refused, kit_note, &m, err);
	if (rc == EG_OK)
		rc = kit_make(&m, err);
	if (rc == EG_OK)
		rc = open_original(&m, &fd, err);
	if (rc == EG_OK)
		rc = spool_reject_original(&s->spool, drop, m.drop.name, fd, err);
	if (rc == EG_OK)
		rc = kit_write(&m, fd, err);
	if (rc == EG_OK || rc == EG_BADFILE)
		rc = write_why(&m, err);
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
