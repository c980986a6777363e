/* SPDX-License-Identifier: MIT
 *
 * The bundle of a drop: the original, where it came from, its files, the canonical records made of it, findings, the adapters that read it.
 */
#include "gateway/seal.h"
#include "gateway/store/store_reread.h"
#include "gateway/store/store_touched.h"

static int
revision_text(void *ctx, const struct rec *r, struct eg_err *err)
{
	struct sealing *z = ctx;

	if (z->n++ > 0)
		eg_buf_chr(&z->text.buf, '\n');
	rec_canonical(r, &z->text.buf);
	int rc = seal_row(z, err);
	return rc == EG_OK ? seal_table_add(z, r, err) : rc;
}

/* The bodies as the state has them: with the place of every value. The state kept in the archive leaves them to this bundle (gateway/keep.h). */
static int
body_line(void *ctx, int64_t revision, struct eg_bytes packed, struct eg_err *err)
{
	struct sealing *z = ctx;
	char *hex = eg_xalloc(2 * packed.len + 1);

	eg_hex((const unsigned char *)packed.ptr, packed.len, hex);
	eg_buf_printf(&z->text.buf, "{\"revision\":%lld,\"packed\":\"%s\"}\n", (long long)revision, hex);
	free(hex);
	return seal_row(z, err);
}

static int
file_row(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct sealing *z = ctx;
	char size[24], rows[24], records[24], rejected[24];
	const char *cells[] = { f->member, f->sha256, seal_num(size, f->size), f->adapter, f->adapter_sha256,
		seal_num(rows, f->rows), seal_num(records, f->records), seal_num(rejected, f->rejected),
		f->refused ? "yes" : "no" };

	return seal_csv(z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
file_adapter(void *ctx, const struct file_row *f, struct eg_err *err)
{
	return seal_adapter(ctx, f->adapter, err);
}

/* Whose bytes they are, when a sealed original was read again. */
static int
add_again(struct sealing *z, const struct drop_row *d, json_t *j, struct eg_err *err)
{
	struct eg_arena a;
	struct reread r;
	int rc;

	eg_arena_init(&a, (size_t)1 << 26);
	rc = reread_get(z->site->store, d->id, &a, &r, err);
	if (rc == EG_OK)
		json_object_set_new(j, r.kind,
		    json_pack("{s:s,s:s,s:s,s:s}", "of", r.of, "root", r.root, "by", r.actor, "reason", r.reason));
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
add_provenance(struct sealing *z, const struct drop_row *d, struct eg_err *err)
{
	char when[EG_TIME_TEXT];

	eg_time_print(when, d->received);
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:I,s:s}", "drop", d->id, "source", d->source, "name", d->name,
	    "sha256", d->sha256, "size", (json_int_t)d->size, "received", when, "owner", (json_int_t)d->owner,
	    "verdict", d->verdict);
	int rc = add_again(z, d, j, err);
	if (rc == EG_OK)
		return seal_json(z, "received/provenance.json", j, err);
	json_decref(j);
	return rc;
}

int
seal_fill_drop(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const head[] = { "member", "sha256", "size", "adapter", "adapter_sha256", "rows", "records",
		"rejected", "refused" };
	struct site *s = z->site;
	struct eg_arena a;
	struct drop_row d;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_drop_get(s->store, of, &a, &d, err);
	if (rc == EG_OK)
		rc = spool_open_raw(&s->spool, of, &z->fd, err);
	if (rc == EG_OK) {
		eg_buf_clear(&z->path);
		eg_buf_str(&z->path, "received/");
		bundle_safe_name(eg_bytes_str(d.name), &z->path);
		rc = bundle_add_fd(z->b, eg_buf_cstr(&z->path), z->fd, (uint64_t)d.size, err);
	}
	if (rc == EG_OK)
		rc = add_provenance(z, &d, err);
	eg_arena_done(&a);
	if (rc == EG_OK)
		rc = seal_csv(z, head, sizeof(head) / sizeof(head[0]), err);
	if (rc == EG_OK)
		rc = store_file_each(s->store, of, file_row, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "canonical/files.csv", err);
	if (rc == EG_OK)
		rc = revision_each_of_drop(s->store, of, revision_text, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "canonical/records.txt", err);
	if (rc == EG_OK)
		rc = store_bodies_each(s->store, of, body_line, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "canonical/bodies.jsonl", err);
	if (rc == EG_OK)
		rc = seal_findings(z, &(struct finding_filter){ .drop = of, .standing = true }, err);
	if (rc == EG_OK)
		rc = store_file_each(s->store, of, file_adapter, z, err);
	return rc == EG_OK ? seal_page_drop(z, of, err) : rc;
}
