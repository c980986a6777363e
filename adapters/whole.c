/* SPDX-License-Identifier: MIT
 *
 * Is a plain text whole? Asked while a file may still be arriving, so the answer is about its end only: a file with other faults is whole,
 * and is refused with a reason when it is read.
 */
#include "adapters/adapter.h"

#include "formats/text.h"
#include "formats/xml_read.h"

#define STEP 16384U

struct quotes { /* a quote counts where a cell begins, so that an inch mark inside a cell does not */
	bool open, maybe_closed, cell_begins;
	struct eg_pos pos, opened;
};

static void
quotes_byte(struct quotes *q, unsigned char c)
{
	bool newline = c == '\n';

	if (q->open && q->maybe_closed && c != '"')
		q->open = false;
	if (q->open) {
		q->maybe_closed = c == '"' && !q->maybe_closed;
	} else if (c == '"' && q->cell_begins) {
		q->open = true;
		q->maybe_closed = false;
		q->opened = q->pos;
	}
	if (!q->open && c != ' ' && c != 0)
		q->cell_begins = newline || c == ',' || c == ';' || c == '\t';
	q->pos.off++;
	q->pos.line += newline;
}

static int
whole_csv(struct fmt_src src, struct eg_err *err)
{
	struct quotes q = { .cell_begins = true, .pos = { .line = 1 } };
	unsigned char buf[STEP];

	for (;;) {
		size_t n = 0;
		int rc = src.read(src.ctx, buf, sizeof(buf), &n, err);

		if (rc != EG_OK)
			return rc;
		if (n == 0)
			break;
		for (size_t i = 0; i < n; i++)
			if (q.pos.off > 2 || buf[i] < 0x80)
				quotes_byte(&q, buf[i]);
			else
				q.pos.off++; /* byte order mark */
	}
	if (!q.open || q.maybe_closed)
		return EG_OK;
	eg_fail(err, EG_BADFILE, "F-03",
	    "The quote opened at line %llu is not closed: the file is still arriving, or its end is missing.",
	    (unsigned long long)q.opened.line);
	eg_err_at(err, q.opened);
	return EG_BADFILE;
}

static int
whole_xml(struct fmt_src src, struct eg_err *err)
{
	static const struct fmt_xml_spec spec = { .record = NULL };
	struct fmt_xml *x = NULL;
	enum fmt_xml_kind kind;
	struct fmt_row row;
	int rc = fmt_xml_open(src, &x, err);

	if (rc == EG_OK) {
		fmt_xml_bind(x, &spec);
		while (rc == EG_OK)
			rc = fmt_xml_next(x, &kind, &row, err);
	}
	fmt_xml_free(x);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
whole_gzip(struct fmt_src src, struct eg_err *err)
{
	struct fmt_gzip *g = NULL;
	struct fmt_src inner;
	unsigned char buf[STEP];
	size_t n = 1;
	int rc = fmt_gzip_open(src, &g, &inner, err);

	while (rc == EG_OK && n > 0) {
		n = 0;
		rc = inner.read(inner.ctx, buf, sizeof(buf), &n, err);
	}
	fmt_gzip_free(g);
	return rc;
}

static bool
looks_like_xml(struct eg_bytes head)
{
	enum fmt_enc enc;
	size_t i;

	(void)fmt_bom(head, &enc, &i);
	while (i < head.len && (head.ptr[i] == 0 || head.ptr[i] == ' ' || head.ptr[i] == '\t' || head.ptr[i] == '\r' ||
				   head.ptr[i] == '\n'))
		i++;
	return i < head.len && head.ptr[i] == '<';
}

int
adp_whole(struct fmt_src src, struct eg_err *err)
{
	struct fmt_peek *p = eg_xalloc(sizeof(*p));
	struct eg_bytes head;
	int rc = fmt_peek_open(p, src, &head, err);

	if (rc == EG_OK) {
		struct fmt_src again = fmt_peek_src(p);

		if (fmt_container_of(head) == FMT_GZIP)
			rc = whole_gzip(again, err);
		else
			rc = looks_like_xml(head) ? whole_xml(again, err) : whole_csv(again, err);
	}
	free(p);
	return rc;
}
