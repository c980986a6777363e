/* SPDX-License-Identifier: MIT
 *
 * Adoption lists: read in the worker like a sheet, signed or named like a decision, applied in one transaction, sealed as a manifest. A dry run does all of it and
 * takes it back. A row that cannot be read refuses itself; a list that cannot be read refuses all.
 */
#include "base/limits.h"
#include "formats/csv_write.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/adopt.h"
#include "gateway/workflow/intake.h"
#include "gateway/workflow/manifest.h"

#include <jansson.h>
#include <sys/mman.h>
#include <unistd.h>

struct reading {
	struct eg_arena a; /* texts of the rows */
	struct adopt_row *row;
	size_t n, cap;
	struct manifest_bad_row *bad;
	size_t nbad;
	struct eg_err broken; /* cls EG_OK = the list could be read */
};

/* ---- rows ---- */

static const char *
cell(struct reading *r, const struct rec *rec, const char *name)
{
	const struct rec_val *v = rec_head(rec, name);

	return v->state == RV_VALUE ? eg_arena_cstr(&r->a, v->text) : "";
}

/* "Commitment", "commitment" and "Budget change" all name a type. */
static const struct rec_type *
type_said(const char *word)
{
	for (unsigned i = 0; i < REC_NTYPES; i++) {
		const struct rec_type *t = rec_type((enum rec_id)i);

		if (strcasecmp(word, t->name) == 0 || strcasecmp(word, t->title) == 0)
			return t;
	}
	return NULL;
}

/* The id that Type, Project, Parent and Number make; what they cannot make is said by its row ("type/…"). */
static const char *
iid_of_parts(struct reading *r, const struct rec *rec)
{
	const char *word = cell(r, rec, "adopt.type"), *project = cell(r, rec, "adopt.project"),
		   *parent = cell(r, rec, "adopt.parent"), *number = cell(r, rec, "adopt.number");
	const struct rec_type *t = word != NULL ? type_said(word) : NULL;
	const char *parts[3] = { project, parent, number };
	size_t first = 0;

	if (t == NULL || project == NULL || parent == NULL || number == NULL)
		return word;
	if (t->nkey == 1) {
		parts[0] = *number != '\0' ? number : project;
	} else if (t->nkey == 2) {
		parts[1] = number;
	}
	for (size_t i = first; i < t->nkey; i++)
		if (*parts[i] == '\0')
			return word;
	return iid_join(&r->a, t->id, parts, t->nkey);
}

static int
on_begin(void *ctx, const struct rec *rec, struct eg_bytes item, struct eg_err *err)
{
	struct reading *r = ctx;
	struct adopt_row row = { .row = (unsigned)rec->at.line, .posted = -1 };
	const struct rec_val *posted;

	(void)item;
	if (rec->type->id != REC_ADOPTION)
		return eg_fail(err, EG_BADFILE, "F-01",
		    "this is no adoption list; it has at least the columns Item, ERP ID and Posted");
	if (r->n == EG_LIMIT_SHEET_ROWS)
		return eg_fail(err, EG_BADFILE, "LIMIT-SHEET", "the list has more than %u rows", EG_LIMIT_SHEET_ROWS);
	row.iid = cell(r, rec, "adopt.item");
	if (row.iid != NULL && *row.iid == '\0')
		row.iid = iid_of_parts(r, rec);
	row.erp_id = cell(r, rec, "adopt.erp_id");
	row.as_of = cell(r, rec, "adopt.as_of");
	row.amount = cell(r, rec, "adopt.amount");
	row.comment = cell(r, rec, "adopt.comment");
	posted = rec_head(rec, "adopt.posted");
	if (posted->state == RV_VALUE)
		row.posted = posted->v.flag ? 1 : 0;
	if (row.iid == NULL || row.erp_id == NULL || row.as_of == NULL || row.amount == NULL || row.comment == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the list is too large for memory; give it in parts");
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->row = eg_xrealloc(r->row, r->cap * sizeof(*r->row));
	}
	r->row[r->n++] = row;
	return EG_OK;
}

static void
broken(struct reading *r, const struct adp_finding *f)
{
	if (r->broken.cls == EG_OK)
		(void)eg_fail(&r->broken, EG_BADFILE, f->code, "%s", f->msg);
	r->broken.pos.line = f->line;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct reading *r = ctx;
	struct manifest_bad_row bad = { .line = f->line };

	if (f->severity != ADP_REJECT)
		return EG_OK;
	if (f->whole_file) {
		broken(r, f);
		return EG_OK;
	}
	bad.item = r->n > 0 && r->row[r->n - 1].row == f->line ? r->row[r->n - 1].iid : "";
	bad.code = eg_arena_cstr(&r->a, eg_bytes_str(f->code));
	bad.msg = eg_arena_cstr(&r->a, eg_bytes_str(f->msg));
	if (bad.code == NULL || bad.msg == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the list is too large for memory; give it in parts");
	r->bad = eg_xrealloc(r->bad, (r->nbad + 1) * sizeof(*r->bad));
	r->bad[r->nbad++] = bad;
	return EG_OK;
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	broken(ctx, f);
	return EG_OK;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)off;
	(void)len;
	(void)err;
	if (v != ADP_TAKEN && r->n > 0)
		r->n--;
	return EG_OK;
}

static int
read_rows(struct manifest_in *in, int fd, struct reading *ret, struct eg_err *err)
{
	struct worker_sink sink = {
		.begin = on_begin, .end = on_end, .finding = on_finding, .refused = on_refused, .ctx = ret
	};
	int rc;

	eg_arena_init(&ret->a, (size_t)1 << 28);
	rc = worker_read(in->site, fd, in->sheet.len, "approvals", in->m.name, &sink, err);
	if (rc == EG_OK && ret->broken.cls != EG_OK) {
		*err = ret->broken;
		rc = EG_BADFILE;
	}
	return rc;
}

static void
reading_done(struct reading *r)
{
	free(r->row);
	free(r->bad);
	eg_arena_done(&r->a);
}

/* ---- applying ---- */

struct applying {
	const struct adopt_request *q;
	struct adopt_result *result;
};

static int
count(void *ctx, const struct adopt_said *said, struct eg_err *err)
{
	struct applying *ap = ctx;

	ap->result->count[said->outcome]++;
	return ap->q->told != NULL ? ap->q->told(ap->q->ctx, said, err) : EG_OK;
}

/* Rows of other types are left alone. */
static size_t
only_type(struct reading *r, const char *type)
{
	size_t n = 0, len = type != NULL ? strlen(type) : 0;

	if (type == NULL)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (strncmp(r->row[i].iid, type, len) == 0 && r->row[i].iid[len] == '/')
			r->row[n++] = r->row[i];
	len = r->n - n;
	r->n = n;
	return len;
}

static int
tell_bad(struct manifest_in *in, const struct reading *r, struct applying *ap, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < r->nbad; i++) {
		struct adopt_row row = { .row = (unsigned)r->bad[i].line, .iid = r->bad[i].item };
		struct adopt_said said = {
			.row = &row, .outcome = ADOPT_REFUSED, .code = r->bad[i].code, .message = r->bad[i].msg
		};
		struct finding f = { .run = in->site->run,
			.source = "approvals",
			.file = in->shown,
			.line = r->bad[i].line,
			.code = said.code,
			.severity = ADP_REJECT,
			.item = row.iid,
			.field = "",
			.value = "",
			.message = said.message };

		rc = store_finding_add(in->site->store, &f, err);
		if (rc == EG_OK)
			rc = count(ap, &said, err);
	}
	return rc;
}

/* Adopting links and sets what approvals would: it needs both rights, and a name. */
static int
check_rights(struct site *s, const char *approver, struct eg_err *err)
{
	struct eg_arena a;
	struct user u;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = user_find(s->store, approver, &a, &u, err);
	eg_arena_done(&a);
	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "E-74",
		    "%s is no user of this site, and adopting needs a named administrator: erpgate users add NAME --role admin --approve all",
		    approver);
	(void)snprintf(s->actor, sizeof(s->actor), "%s", approver);
	if (rc == EG_OK)
		rc = action_allowed(s, ACTION_LINK_COMPANY, NULL, err);
	return rc == EG_OK ? action_allowed(s, ACTION_SETTINGS, NULL, err) : rc;
}

static int
keep(struct manifest_in *in, const struct adopt_result *r, struct eg_err *err)
{
	json_t *j;
	char *detail;
	int rc;

	in->m.state = "adopted";
	in->m.applied = site_now(in->site);
	in->m.accepted = r->count[ADOPT_DONE];
	in->m.refused = r->count[ADOPT_REFUSED];
	rc = manifest_put(in->site->store, &in->m, err);
	j = json_pack("{s:s,s:s,s:s?,s:s,s:i,s:i,s:i,s:i}", "name", in->m.name, "sha256", in->m.sha256, "approver",
	    in->m.approver, "assurance", in->m.assurance, "adopted", (int)r->count[ADOPT_DONE], "same",
	    (int)r->count[ADOPT_SAME], "waits", (int)r->count[ADOPT_WAITS], "refused", (int)r->count[ADOPT_REFUSED]);
	detail = json_dumps(j, JSON_COMPACT);
	if (rc == EG_OK)
		rc = site_log(in->site, "adoption", in->m.id, detail, err);
	free(detail);
	json_decref(j);
	return rc;
}

static int
work(struct manifest_in *in, int fd, struct applying *ap, struct eg_err *err)
{
	struct signer by = { 0 };
	struct reading r = { .n = 0 };
	int rc = manifest_signer(in, &by, err);

	if (rc == EG_OK)
		rc = check_rights(in->site, by.approver, err);
	if (rc == EG_OK)
		rc = store_run_begin(in->site->store, "adopt", site_now(in->site), &in->site->run, err);
	in->m.approver = by.approver;
	in->m.key_id = by.key_id;
	in->m.assurance = by.assurance;
	if (rc == EG_OK)
		rc = read_rows(in, fd, &r, err);
	if (rc == EG_OK) {
		struct adopt_by as = {
			.approver = by.approver, .assurance = by.assurance, .manifest = in->m.id, .file = in->shown
		};
		ap->result->skipped = (unsigned)only_type(&r, ap->q->type);
		rc = adopt_rows(in->site, &as, r.row, r.n, count, ap, err);
	}
	if (rc == EG_OK)
		rc = tell_bad(in, &r, ap, err);
	if (rc == EG_OK)
		rc = rules_settle(in->site, false, err);
	if (rc == EG_OK)
		rc = keep(in, ap->result, err);
	if (rc == EG_OK)
		rc = store_run_end(in->site->store, in->site->run, site_now(in->site),
		    ap->result->count[ADOPT_REFUSED] > 0 ? 3 : 0, err);
	reading_done(&r);
	return rc;
}

/* Bytes that nothing keeps, behind a descriptor for the worker. */
static int
bytes_fd(struct eg_bytes v, int *ret_fd, struct eg_err *err)
{
	int fd = memfd_create("adoption-list", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < v.len;) {
		ssize_t n = write(fd, v.ptr + done, v.len - done);

		if (n <= 0) {
			(void)close(fd);
			fd = -1;
		} else
			done += (size_t)n;
	}
	if (fd < 0)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the list does not fit into memory");
	*ret_fd = fd;
	return EG_OK;
}

static int
in_transaction(struct manifest_in *in, int fd, struct applying *ap, struct eg_err *err)
{
	struct store *st = in->site->store;
	int rc = store_begin(st, err);

	if (rc == EG_OK)
		rc = work(in, fd, ap, err);
	if (rc == EG_OK && !ap->q->dry)
		rc = store_commit(st, err);
	else
		store_rollback(st);
	return rc;
}

int
adopt_apply(struct site *s, const struct adopt_request *q, struct adopt_result *ret, struct eg_err *err)
{
	struct manifest_in in = {
		.site = s, .sheet = EG_BUF_INIT, .sig = EG_BUF_INIT, .owner = q->owner, .cms = q->cms, .as = q->as
	};
	struct applying ap = { q, ret };
	struct eg_buf shown = EG_BUF_INIT;
	char sha[EG_SHA256_HEX], actor[sizeof(s->actor)];
	int fd = -1, rc;

	*ret = (struct adopt_result){ .manifest = "" };
	memcpy(actor, s->actor, sizeof(actor));
	eg_arena_init(&in.a, (size_t)1 << 28);
	eg_buf_escaped(&shown, eg_bytes_str(q->name));
	in.shown = eg_buf_cstr(&shown);
	eg_buf_add(&in.sheet, q->list);
	eg_buf_add(&in.sig, q->sig);
	eg_sha256_hex_of(q->list, sha);
	rc = q->dry ? bytes_fd(q->list, &fd, err) : manifest_reserve_id(s, ret->manifest, err);
	if (rc == EG_OK && !q->dry)
		rc = manifest_keep_bytes(s, ret->manifest, q->list, q->sig, &fd, err);
	in.m = (struct manifest){ .id = q->dry ? "P000000" : ret->manifest,
		.name = in.shown,
		.sha256 = sha,
		.assurance = "",
		.received = site_now(s) };
	if (rc == EG_OK)
		rc = in_transaction(&in, fd, &ap, err);
	memcpy(s->actor, actor, sizeof(actor));
	if (fd >= 0)
		(void)close(fd);
	eg_buf_done(&shown);
	eg_buf_done(&in.sheet);
	eg_buf_done(&in.sig);
	eg_arena_done(&in.a);
	return rc;
}

/* ---- a drop as a list ---- */

struct listing {
	struct site *s;
	const char *drop, *type;
	bool posted;
	struct eg_buf *out, iid;
};

static const struct fmt_csv_style list_style = { .delim = ',' };

static int
list_item(struct listing *l, const struct item *it, struct eg_err *err)
{
	bool party = it->type->id == REC_VENDOR || it->type->id == REC_PROJECT;
	struct eg_bytes cells[] = { eg_bytes_str(it->iid), EG_NONE,
		eg_bytes_str(party     ? "" :
			     l->posted ? "Y" :
					 "N"),
		eg_bytes_str(it->amount != NULL ? it->amount : ""), EG_NONE };
	char *comment = eg_xprintf("all of drop %s", l->drop);
	int rc;

	cells[4] = eg_bytes_str(comment);
	rc = fmt_csv_row(&list_style, cells, 5, l->out, err);
	free(comment);
	return rc;
}

static int
list_record(void *ctx, const struct rec *r, struct eg_err *err)
{
	struct listing *l = ctx;
	struct eg_arena a;
	struct file_row f;
	struct item it;
	int rc;

	if ((r->type->cls != RC_TO_ERP && r->type->cls != RC_FROM_ERP) ||
	    (l->type != NULL && strcmp(l->type, r->type->name) != 0))
		return EG_OK;
	eg_buf_clear(&l->iid);
	if (!rec_item_id(r, &l->iid))
		return EG_OK;
	eg_arena_init(&a, 1 << 20);
	rc = item_find(l->s->store, eg_buf_cstr(&l->iid), &a, &it, err);
	if (rc == EG_OK)
		rc = store_file_get(l->s->store, it.file, &a, &f, err);
	/* Only where the drop's content is the item's content of today, and once. */
	if (rc == EG_OK && strcmp(f.drop, l->drop) == 0 && it.state != ST_SYNCED && it.state != ST_ARCHIVED) {
		char content[65];

		rec_content(r, content);
		if (strcmp(content, it.content) == 0)
			rc = list_item(l, &it, err);
	}
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

int
adopt_list_of_drop(
    struct site *s, const char *drop, const char *type, bool posted, struct eg_buf *ret, struct eg_err *err)
{
	struct listing l = { .s = s, .drop = drop, .type = type, .posted = posted, .out = ret, .iid = EG_BUF_INIT };
	struct eg_arena a;
	struct drop_row d;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_drop_get(s->store, drop, &a, &d, err);
	eg_arena_done(&a);
	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate status", drop);
	eg_buf_str(ret, "Item,ERP ID,Posted,Amount,Comment\r\n");
	if (rc == EG_OK)
		rc = revision_each_of_drop(s->store, drop, list_record, &l, err);
	eg_buf_done(&l.iid);
	return rc;
}
