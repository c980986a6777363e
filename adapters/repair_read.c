/* SPDX-License-Identifier: MIT
 *
 * A file that was a kit says of each document which refused one it is (F-68). One that comes back as it was is refused again, also where the file
 * around it was the reason (F-23): nothing passes because it was sent once more.
 */
#include "adapters/repair_int.h"

static int
find(const struct rd_header *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (eg_bytes_is(h->names[i], name))
			return (int)i;
	return -1;
}

int
rd_kit_columns(struct rd *r, const struct rd_header *h, struct eg_err *err)
{
	r->kit = (struct rd_kit){ .reject = find(h, REPAIR_REJECT),
		.code = find(h, REPAIR_CODE),
		.reason = find(h, REPAIR_REASON),
		.check = find(h, REPAIR_CHECK) };
	r->kit.there = r->kit.reject >= 0;
	if (!r->kit.there)
		return EG_OK;
	r->kit.ours = eg_arena_array(&r->fixed, h->n, sizeof(*r->kit.ours));
	if (r->kit.ours == NULL)
		return rd_no_memory(r, err);
	for (size_t i = 0; i < h->n; i++)
		r->kit.ours[i] = repair_is_column(h->names[i]);
	return EG_OK;
}

static struct eg_bytes
cell(const struct fmt_row *row, int i)
{
	return i >= 0 && (size_t)i < row->ncells ? row->cells[i].val : EG_NONE;
}

/* D and at least six digits, a hyphen, a number. */
static bool
is_id(struct eg_bytes v)
{
	size_t dash = eg_bytes_chr(v, '-');
	uint64_t n;

	return v.len > 0 && v.len < 32 && v.ptr[0] == 'D' && dash >= 7 && dash < v.len &&
	       eg_bytes_to_u64(eg_bytes_sub(v, 1, dash - 1), &n) &&
	       eg_bytes_to_u64(eg_bytes_sub(v, dash + 1, v.len), &n);
}

static int
keep(struct rd *r, struct eg_bytes v, struct eg_bytes *ret, struct eg_err *err)
{
	*ret = eg_arena_dup(&r->head_arena, v);
	return ret->ptr == NULL ? rd_no_memory(r, err) : EG_OK;
}

int
rd_kit_row(struct rd *r, const struct fmt_row *row, bool first, struct eg_err *err)
{
	struct rd_claim *c = &r->doc.claim;
	struct eg_bytes id = cell(row, r->kit.reject), check = cell(row, r->kit.check);
	char now[REPAIR_CHECK_LEN + 1];
	int rc = EG_OK;

	if (first && is_id(id)) {
		rc = keep(r, id, &c->id, err);
		if (rc == EG_OK)
			rc = keep(r, cell(row, r->kit.code), &c->code, err);
		if (rc == EG_OK)
			rc = keep(r, cell(row, r->kit.reason), &c->reason, err);
	}
	if (c->id.len == 0 || r->kit.ours == NULL)
		return rc;
	repair_check(row->cells, row->ncells, row->ncells == r->ncells ? r->kit.ours : NULL, now);
	c->changed = c->changed || !eg_bytes_is(check, now);
	return rc;
}

/* The first of "F-23, E-12". */
static bool
first_code(struct eg_bytes codes, char ret[EG_CODE_MAX])
{
	struct eg_bytes v = eg_bytes_trim(eg_bytes_sub(codes, 0, eg_bytes_chr(codes, ',')));
	uint64_t n;

	if (v.len < 3 || v.len > 6 || (v.ptr[0] != 'E' && v.ptr[0] != 'F') || v.ptr[1] != '-' ||
	    !eg_bytes_to_u64(eg_bytes_sub(v, 2, v.len), &n))
		return false;
	memcpy(ret, v.ptr, v.len);
	ret[v.len] = '\0';
	return true;
}

static int
say_unchanged(struct rd *r, enum rd_kind_of_finding kind, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	const struct rd_claim *c = &d->claim;
	struct eg_bytes why = eg_bytes_sub(c->reason, 0, 300);
	char code[EG_CODE_MAX];
	struct rd_fault f = { .kind = kind,
		.severity = ADP_REJECT,
		.line = d->line,
		.pos = { .off = d->off, .line = d->line, .col = 1 },
		.field = "" };

	if (!first_code(c->code, code))
		return EG_OK;
	while (why.len < c->reason.len && why.len > 0 && (c->reason.ptr[why.len] & 0xc0) == 0x80)
		why.len--;
	f.code = code;
	d->rejected = true;
	if (r->kit.ours == NULL)
		return rd_say(r, &f, err,
		    "%.*s came back with its mark <%s>%s</%s>, so it is refused again: the same number stood in one file twice. Take out the mark if this is the one that counts, or take out the whole element, and drop the file again.",
		    EG_FMT(c->id), REPAIR_XML_REFUSED, code, REPAIR_XML_REFUSED);
	return rd_say(r, &f, err,
	    "%.*s came back as it was, so it is refused again. What was wrong: %.*s Correct the row and drop the file again; if it is right as it stands because something else has changed, remove the columns whose names begin with Erpgate first.",
	    EG_FMT(c->id), EG_FMT(why));
}

int
rd_kit_judge(struct rd *r, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	enum rd_kind_of_finding kind = d->shape ? RD_SHAPE : d->skipped ? RD_SKIP : d->again ? RD_AGAIN : RD_ANY;
	const bool marked = r->kit.ours == NULL; /* XML */
	struct rd_fault f = { .kind = kind,
		.severity = ADP_NOTE,
		.code = "F-68",
		.line = d->line,
		.pos = { .off = d->off, .line = d->line, .col = 1 },
		.field = REPAIR_REJECT,
		.value = d->claim.id };
	int rc = rd_say(r, &f, err, "This corrects %.*s.", EG_FMT(d->claim.id));

	if (rc != EG_OK || d->shape || d->skipped || d->silent || d->again || d->rejected)
		return rc;
	return (marked ? d->claim.code.len > 0 : !d->claim.changed) ? say_unchanged(r, kind, err) : EG_OK;
}
