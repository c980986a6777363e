/* SPDX-License-Identifier: MIT
 *
 * What all kits share: names of the columns, checks of rows, texts in the file's encoding, and which form a kit has.
 */
#include "adapters/repair_int.h"

#include "base/utf8.h"

const char *const repair_columns[REPAIR_NCOLUMNS] = { REPAIR_REJECT, REPAIR_ROW, REPAIR_CODE, REPAIR_REASON,
	REPAIR_ACCEPTED, REPAIR_NEAR, REPAIR_CHECK };

bool
repair_is_column(struct eg_bytes name)
{
	for (size_t i = 0; i < REPAIR_NCOLUMNS; i++)
		if (eg_bytes_is(name, repair_columns[i]))
			return true;
	return false;
}

void
repair_check(const struct fmt_cell *cells, size_t n, const bool *ours, char ret[REPAIR_CHECK_LEN + 1])
{
	struct eg_sha256 h;
	unsigned char sum[EG_SHA256_LEN];

	eg_sha256_init(&h);
	for (size_t i = 0; i < n; i++) {
		uint64_t len = cells[i].val.len;
		unsigned char le[8];

		if (ours != NULL && ours[i])
			continue;
		for (size_t b = 0; b < sizeof(le); b++)
			le[b] = (unsigned char)(len >> (8 * b));
		eg_sha256_add(&h, eg_bytes(le, sizeof(le)));
		eg_sha256_add(&h, cells[i].val);
	}
	eg_sha256_final(&h, sum);
	eg_sha256_done(&h);
	for (size_t i = 0; i < REPAIR_CHECK_LEN; i++)
		ret[i] = (char)('a' + (sum[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15));
	ret[REPAIR_CHECK_LEN] = '\0';
}

void
repair_text(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret)
{
	while (v.len > 0) {
		struct eg_err err = { 0 };
		size_t bad;

		if (fmt_from_utf8(enc, v, ret, &err) == EG_OK)
			return;
		bad = (size_t)err.pos.off + 1;
		while (bad < v.len && (v.ptr[bad] & 0xc0) == 0x80)
			bad++;
		if (fmt_from_utf8(enc, EG_LIT("?"), ret, &err) != EG_OK)
			return;
		v = eg_bytes_sub(v, bad, v.len);
	}
}

const struct adp_kit_note *
repair_note_at(const struct adp_kit_doc *d, uint64_t line)
{
	for (size_t i = 1; i < d->nnotes; i++)
		if (d->notes[i].line == line)
			return &d->notes[i];
	return &d->notes[0];
}

int
repair_flush(struct repair *p, struct eg_err *err)
{
	int rc = p->out.len == 0 ? EG_OK : p->kit->bytes(p->kit->ctx, eg_buf_view(&p->out), err);

	eg_buf_clear(&p->out);
	return rc;
}

bool
adp_reads_xml(const struct adp *a)
{
	return !a->out && a->in.type == AF_XML;
}

/* ---- the pass: rd_run finds the layout once more; what it would say was said when the file was read ---- */

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)ctx;
	if (f->whole_file && f->severity == ADP_REJECT)
		return eg_fail(err, EG_BADFILE, f->code, "%s", f->msg);
	return EG_OK;
}

static int
pass(struct rd *r, struct eg_err *err)
{
	struct repair *p = r->sink->ctx;
	int rc = r->book == NULL ? repair_csv(r, p, err) : repair_sheet(r, p, err);

	return rc == EG_OK ? EG_EOF : rc; /* said all there is to say: no F-11 */
}

int
adp_repair(const struct adp_set *s, const struct adp_file *f, struct fmt_src src, struct fmt_book *b,
    const struct adp_kit *kit, struct eg_err *err)
{
	struct repair p = { .kit = kit, .out = EG_BUF_INIT };
	struct adp_sink sink = { .finding = on_finding, .ctx = &p };
	struct adp_file_result result;
	int rc =
	    adp_reads_xml(kit->adapter) ? repair_xml(src, &p, err) : rd_run(s, f, src, b, &sink, pass, &result, err);

	if (rc == EG_OK)
		rc = repair_flush(&p, err);
	eg_buf_done(&p.out);
	return rc < 0 ? rc : EG_OK;
}
