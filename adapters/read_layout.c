/* SPDX-License-Identifier: MIT
 *
 * Which CSV layout a file has: the header row as each delimiter and encoding of the source's adapters sees it, against their signatures; files
 * without a header row by their first line. Nothing fits: F-01, with the layout that comes nearest.
 */
#include "adapters/read_int.h"

#include "base/limits.h"

#define TRIALS_MAX 8
#define LISTED_MAX 600 /* bytes of column names repeated in a sentence */

struct trial { /* the header row as one delimiter and encoding see it */
	unsigned char delim;
	enum fmt_enc enc;
	bool bad;
	struct eg_err why;
	struct rd_header header;
};

bool
rd_has(const struct rd_header *h, struct eg_bytes name)
{
	for (size_t i = 0; i < h->n; i++)
		if (eg_bytes_eq(h->names[i], name))
			return true;
	return false;
}

static size_t
found(const struct rd_header *h, const struct adp_names *names)
{
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++)
		n += rd_has(h, names->v[i]);
	return n;
}

unsigned
rd_signature(const struct rd_header *h, const struct adp *a, bool *ret_fits)
{
	const size_t n = found(h, &a->in.signature);

	*ret_fits = n == a->in.signature.n && found(h, &a->in.signature_without) == 0;
	return (unsigned)n;
}

int
rd_keep_header(struct rd *r, const struct fmt_row *row, struct rd_header *ret, struct eg_err *err)
{
	ret->names = eg_arena_array(&r->fixed, row->ncells, sizeof(*ret->names));
	if (ret->names == NULL)
		return rd_no_memory(r, err);
	for (size_t i = 0; i < row->ncells; i++) {
		ret->names[i] = eg_arena_dup(&r->fixed, row->cells[i].val);
		if (ret->names[i].ptr == NULL)
			return rd_no_memory(r, err);
	}
	ret->n = row->ncells;
	return EG_OK;
}

/* The first row that is not blank; EG_EOF with an empty header when there is none is not an error here. */
int
rd_next_header(struct rd *r, struct fmt_csv *csv, struct rd_header *ret, struct eg_err *err)
{
	struct fmt_row row = { .blank = true };
	int rc = EG_OK;

	ret->n = 0;
	while (rc == EG_OK && row.blank)
		rc = fmt_csv_next(csv, &row, err);
	if (rc == EG_EOF)
		return EG_OK;
	return rc == EG_OK ? rd_keep_header(r, &row, ret, err) : rc;
}

static int
try_header(struct rd *r, struct trial *t, struct eg_err *err)
{
	struct fmt_csv_opts opts = { .delim = t->delim, .enc = t->enc };
	struct fmt_csv *csv = NULL;
	int rc;

	rd_rewind(r, true);
	rc = fmt_csv_open(r->src, &opts, &csv, err);
	if (rc == EG_OK)
		rc = rd_next_header(r, csv, &t->header, err);
	fmt_csv_free(csv);
	if (rc != EG_BADFILE)
		return rc;
	t->bad = true;
	t->why = *err;
	return EG_OK;
}

/* Blank as a row: nothing but blanks, quotes and delimiters. */
static bool
holds_nothing(struct eg_bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if (strchr(" \t\r\n\",;", line.ptr[i]) == NULL)
			return false;
	return true;
}

/* The first line of the file that holds something, as bytes, without a byte order mark. */
static int
first_line(struct rd *r, struct eg_bytes *ret, struct eg_err *err)
{
	bool end = false;

	for (size_t want = 1;; want = 2 * r->tape.kept.len) {
		struct eg_bytes text, line;
		bool quoted = false;
		enum fmt_enc enc;
		size_t i, from;
		int rc = rd_record(r, want, &end, err);

		if (rc != EG_OK)
			return rc;
		text = eg_buf_view(&r->tape.kept);
		(void)fmt_bom(text, &enc, &from);
		for (i = from; i < text.len; i++) {
			quoted ^= text.ptr[i] == '"';
			if (text.ptr[i] != '\n' || quoted)
				continue;
			line = eg_bytes_sub(text, from, i - from);
			if (!holds_nothing(line))
				break;
			from = i + 1;
		}
		if (i < text.len || end || text.len > EG_LIMIT_ROW_BYTES) {
			*ret = eg_bytes_sub(text, from, i - from);
			return EG_OK;
		}
	}
}

static unsigned char
commonest_delimiter(struct eg_bytes line)
{
	static const unsigned char delims[3] = { ',', ';', '\t' };
	size_t n[3] = { 0, 0, 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		quoted ^= line.ptr[i] == '"';
		for (size_t d = 0; d < 3 && !quoted; d++)
			n[d] += line.ptr[i] == delims[d];
	}
	for (size_t d = 1; d < 3; d++)
		if (n[d] > n[best])
			best = d;
	return delims[best];
}

static int
trial_of(struct rd *r, struct trial *trials, size_t *n, unsigned char delim, enum fmt_enc enc, struct trial **ret,
    struct eg_err *err)
{
	for (size_t i = 0; i < *n; i++) {
		*ret = &trials[i];
		if (trials[i].delim == delim && trials[i].enc == enc)
			return EG_OK;
	}
	eg_check(*n < TRIALS_MAX);
	*ret = &trials[(*n)++];
	**ret = (struct trial){ .delim = delim, .enc = enc };
	return try_header(r, *ret, err);
}

void
rd_list(struct eg_buf *b, struct eg_bytes name)
{
	if (b->len > LISTED_MAX)
		return;
	eg_buf_str(b, b->len == 0 ? "\"" : ", \"");
	eg_buf_escaped(b, eg_bytes_sub(name, 0, 80));
	eg_buf_chr(b, '"');
}

/* How many of all its columns the header has: signatures are short, and two layouts may lack one of theirs each. */
static size_t
known(const struct rd_header *h, const struct adp *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->in.ncolumns; i++)
		n += rd_has(h, eg_bytes_str(a->in.columns[i]));
	return n;
}

/* How near a header comes to a layout that it does not fit: columns they share, where the layout's own mark is among them, or, as after a cut, where the layout knows every column
 * that is there (one word in common says nothing). */
static size_t
nearness(const struct rd_header *h, const struct adp *a)
{
	size_t common = known(h, a), marks = found(h, &a->in.signature);

	return marks > 0 ? 2 * common + 1 : h->n > 1 && common == h->n ? 2 * common : 0;
}

/* F-01: names the layout that comes nearest and what it misses, so that a renamed column is found at once. */
int
rd_nothing_fits(struct rd *r, const struct rd_header *headers, size_t nheaders, struct eg_err *err)
{
	struct eg_buf missing = EG_BUF_INIT;
	const struct adp *near = NULL;
	const struct rd_header *seen = NULL;
	size_t best = 0;
	int rc;

	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);

		for (size_t h = 0; rd_fits(r, a, AF_CSV) && h < nheaders; h++) {
			size_t n = nearness(&headers[h], a);

			if (n > best) {
				best = n;
				near = a;
				seen = &headers[h];
			}
		}
	}
	for (size_t i = 0; near != NULL && i < near->in.signature.n; i++)
		if (!rd_has(seen, near->in.signature.v[i]))
			rd_list(&missing, near->in.signature.v[i]);
	if (missing.len > 0)
		rc = rd_refuse(r, "F-01", (struct eg_pos){ .line = 1 }, "", err,
		    "No layout of %s fits this file. The nearest is \"%s\", but the header row lacks %s. Check that the right file was exported, with all columns.",
		    r->file->source, near->info.title, eg_buf_cstr(&missing));
	else
		rc = rd_refuse(r, "F-01", (struct eg_pos){ .line = 1 }, "", err,
		    "No layout of %s fits this file: its first row is the header row of none. Check that the right file was dropped into the right folder.",
		    r->file->source);
	eg_buf_done(&missing);
	return rc;
}

static int
none_of(struct rd *r, const struct trial *trials, size_t ntrials, struct eg_err *err)
{
	struct rd_header headers[TRIALS_MAX];

	for (size_t i = 0; i < ntrials; i++) {
		headers[i] = trials[i].header;
		if (trials[i].bad) {
			*err = trials[i].why;
			return rd_refuse_err(r, err);
		}
	}
	return rd_nothing_fits(r, headers, ntrials, err);
}

static int
choose_positional(struct rd *r, struct rd_chosen *ret, struct eg_err *err)
{
	struct eg_bytes line;
	int rc = first_line(r, &line, err);

	if (rc != EG_OK)
		return rc;
	line = eg_bytes_trim_ws(line);
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);

		if (!rd_fits(r, a, AF_POSITIONAL) || !eg_bytes_eq(a->in.first_line, line))
			continue;
		*ret = (struct rd_chosen){ a, a->in.delim_auto ? ',' : a->in.delim };
		return EG_OK;
	}
	return EG_OK;
}

/* Text that only looks like lines of UTF-8. The names that its header seems to have would make every other message misleading. */
static int
refuse_odd(struct rd *r, struct eg_bytes line, struct eg_err *err)
{
	const struct eg_bytes text = eg_buf_view(&r->tape.kept);
	const size_t nul = eg_bytes_chr(line, '\0'), cr = eg_bytes_chr(line, '\r');
	enum fmt_enc enc;
	size_t bom;

	if (line.len == 0)
		return rd_refuse(r, "F-01", (struct eg_pos){ .line = 1 }, "", err,
		    "The file is empty: it has not even a header row. Export it again; an export without records still has its header row.");
	if (eg_bytes_starts(text, EG_LIT("\xff\xfe\0\0")) || eg_bytes_starts(text, EG_LIT("\0\0\xfe\xff")))
		return rd_refuse(r, "F-02", (struct eg_pos){ .line = 1, .col = 1 }, "", err,
		    "The file is UTF-32. Save it as UTF-8 and drop it again.");
	if (fmt_bom(text, &enc, &bom) && enc != FMT_UTF8)
		return EG_OK; /* its NUL bytes are halves of letters */
	if (nul < line.len)
		return rd_refuse(r, "F-02", (struct eg_pos){ .line = 1, .col = (uint32_t)nul + 1, .off = bom + nul },
		    "", err,
		    "The header row holds a NUL byte: the file is UTF-16 without its byte order mark, or no text at all. Save it as UTF-8 and drop it again.");
	if (cr + 1 < line.len && eg_bytes_chr(line, '"') > cr)
		return rd_refuse(r, "F-03", (struct eg_pos){ .line = 1, .col = (uint32_t)cr + 1, .off = bom + cr }, "",
		    err,
		    "The lines of the file end with CR alone, as old Macintosh programs wrote them. Save it with line ends of Windows or Unix and drop it again.");
	return EG_OK;
}

int
rd_choose(struct rd *r, struct rd_chosen *ret, struct eg_err *err)
{
	struct trial trials[TRIALS_MAX];
	size_t ntrials = 0;
	struct eg_bytes line;
	unsigned char most;
	int rc = choose_positional(r, ret, err);

	if (rc != EG_OK || ret->a != NULL)
		return rc;
	rc = first_line(r, &line, err);
	if (rc == EG_OK)
		rc = refuse_odd(r, line, err);
	if (rc != EG_OK)
		return rc;
	most = commonest_delimiter(line);
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);
		struct trial *t = NULL;
		bool fits;

		if (!rd_fits(r, a, AF_CSV))
			continue;
		rc = trial_of(r, trials, &ntrials, a->in.delim_auto ? most : a->in.delim, a->in.enc, &t, err);
		if (rc != EG_OK)
			return rc;
		if (t->bad)
			continue;
		(void)rd_signature(&t->header, a, &fits);
		if (!fits)
			continue;
		*ret = (struct rd_chosen){ a, t->delim };
		return EG_OK;
	}
	return none_of(r, trials, ntrials, err);
}
