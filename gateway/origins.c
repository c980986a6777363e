/* SPDX-License-Identifier: MIT
 *
 * Sources of outbound cells. The names that a column's rule uses are read from its text: what each of them is decides what is said. A place in a file is
 * told with the entry of the adapter that read it, but only while that adapter's text is the one that did; else the bundle of the drop holds it.
 */
#include "gateway/origins.h"

#include "adapters/tools.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/intake.h"

#include <jansson.h>

#define NO_LINE SIZE_MAX
#define ITEM_ARENA ((size_t)1 << 30)
#define FILES_KEPT 64 /* received files that are remembered: lines of one item name few */

struct seen_file {
	struct file_row file;
	struct drop_row drop;
	const struct adp *adapter; /* NULL = another text than the one that read it */
};

struct origins {
	struct site *site;
	struct eg_arena files, item, cell; /* files seen; the item at hand; the cell at hand */
	struct seen_file seen[FILES_KEPT];
	size_t nseen;
	/* the item at hand */
	int64_t id, revision, decision_id;
	struct item it;
	struct rec rec;
	struct decision decision;
	int number; /* of the revision */
	int64_t file; /* that brought it */
	char content[EG_SHA256_HEX];
	/* the line at hand */
	struct cell_origin o;
	size_t line; /* of the record; NO_LINE = none, or not known */
	origin_fn *each;
	void *ctx;
	bool told; /* the cell at hand has a source */
};

const char *
origin_word(enum origin_kind k)
{
	static const char *const words[] = {
		[ORIGIN_BYTES] = "bytes",
		[ORIGIN_DECISION] = "decision",
		[ORIGIN_SETTING] = "setting",
		[ORIGIN_ERP_KEY] = "erp-key",
		[ORIGIN_LINK] = "link",
		[ORIGIN_DEFAULT] = "default",
		[ORIGIN_COUNTER] = "counter",
		[ORIGIN_CONSTANT] = "constant",
		[ORIGIN_CALCULATED] = "calculated",
		[ORIGIN_EMPTY] = "empty",
	};

	return words[k];
}

void
origins_open(struct site *s, struct origins **ret)
{
	struct origins *o = eg_xalloc(sizeof(*o));

	o->site = s;
	eg_arena_init(&o->files, 1 << 22);
	eg_arena_init(&o->item, ITEM_ARENA);
	eg_arena_init(&o->cell, 1 << 22);
	*ret = o;
}

void
origins_close(struct origins *o)
{
	if (o == NULL)
		return;
	eg_arena_done(&o->files);
	eg_arena_done(&o->item);
	eg_arena_done(&o->cell);
	free(o);
}

static int
missing(const char *what, struct eg_err *err)
{
	return eg_fail(err, EG_FATAL, "DB-CORRUPT",
	    "what the lineage of %s leads to is not in the database; restore state.db from a backup", what);
}

/* ---- received files ---- */

static int
file_seen(struct origins *o, int64_t id, const struct seen_file **ret, struct eg_err *err)
{
	for (size_t i = 0; i < o->nseen; i++)
		if (o->seen[i].file.id == id) {
			*ret = &o->seen[i];
			return EG_OK;
		}
	if (o->nseen == FILES_KEPT) {
		o->nseen = 0;
		eg_arena_reset(&o->files);
	}
	struct seen_file *f = &o->seen[o->nseen];
	int rc = store_file_get(o->site->store, id, &o->files, &f->file, err);

	if (rc == EG_OK)
		rc = store_drop_get(o->site->store, f->file.drop, &o->files, &f->drop, err);
	if (rc != EG_OK)
		return rc == EG_EOF ? missing("a line", err) : rc;
	f->adapter = *f->file.adapter == '\0' ? NULL : adp_set_named(o->site->adapters, f->file.adapter);
	if (f->adapter != NULL && strcmp(adp_info(f->adapter)->sha256, f->file.adapter_sha256) != 0)
		f->adapter = NULL;
	o->nseen++;
	*ret = f;
	return EG_OK;
}

/* Fields that a record takes over from another one carry that one's places; their entry stands under its own name. */
static const struct {
	const char *prefix, *own;
	const struct {
		const char *name, *own;
	} but[2];
} taken_over[] = {
	{ "target.", "line.", { { "target.contract_line", "line.commitment_line" } } },
	{ "contract.", "commitment.", { { "contract.vendor_pm_id", "vendor.pm_id" } } },
	{ "erp.project", "project.origin_code", { { NULL, NULL } } },
	{ "erp.vendor", "vendor.origin_code", { { NULL, NULL } } },
};

static const char *
entry_of(const struct seen_file *f, const struct rec_type *t, const char *field)
{
	const char *text = f->adapter == NULL ? NULL : adp_entry_text(f->adapter, t, field);
	char own[128];

	if (text == NULL && f->adapter != NULL) /* a code of the ERP is made of rows of its lists */
		text = adp_entry_text(f->adapter, adp_info(f->adapter)->record, field);

	for (size_t i = 0; text == NULL && f->adapter != NULL && i < sizeof(taken_over) / sizeof(taken_over[0]); i++) {
		const size_t n = strlen(taken_over[i].prefix);
		if (strncmp(field, taken_over[i].prefix, n) != 0)
			continue;
		(void)snprintf(own, sizeof(own), "%s%s", taken_over[i].own, field + n);
		for (size_t k = 0; k < 2 && taken_over[i].but[k].name != NULL; k++)
			if (strcmp(field, taken_over[i].but[k].name) == 0)
				(void)snprintf(own, sizeof(own), "%s", taken_over[i].but[k].own);
		text = adp_entry_text(f->adapter, adp_info(f->adapter)->record, own);
	}
	return text;
}

int
origins_place(struct origins *o, int64_t file, const struct rec_type *t, const char *field, const struct rec_prov *at,
    struct origin_place *ret, struct eg_err *err)
{
	const struct seen_file *f;
	int rc = file_seen(o, file, &f, err);

	if (rc < 0)
		return rc;
	const char *steps = *field == '\0' ? NULL : entry_of(f, t, field);
	*ret = (struct origin_place){ .sha256 = f->drop.sha256,
		.drop = f->drop.id,
		.name = f->drop.name,
		.member = f->file.member,
		.file = file,
		.off = (int64_t)at->off,
		.len = (int64_t)at->len,
		.line = (int64_t)at->line,
		.adapter = f->file.adapter,
		.steps = steps == NULL ? "" : steps };
	return EG_OK;
}

/* ---- names in a rule ---- */

static bool
name_char(unsigned char c, bool first)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (!first && ((c >= '0' && c <= '9') || c == '.'));
}

/* The next name with a dot in it, texts in quotes aside. */
static bool
next_name(struct eg_bytes *rest, char ret[96])
{
	size_t i = 0;

	while (i < rest->len) {
		size_t from = i, dots = 0;
		if (rest->ptr[i] == '"') {
			i += 1 + eg_bytes_chr(eg_bytes_sub(*rest, i + 1, rest->len), '"');
			i++;
			continue;
		}
		if (!name_char(rest->ptr[i], true)) {
			i++;
			continue;
		}
		for (; i < rest->len && name_char(rest->ptr[i], false); i++)
			dots += rest->ptr[i] == '.';
		if (dots > 0 && i - from < 96) {
			memcpy(ret, rest->ptr + from, i - from);
			ret[i - from] = '\0';
			*rest = eg_bytes_sub(*rest, i, rest->len);
			return true;
		}
	}
	*rest = EG_NONE;
	return false;
}

static bool
starts(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The value of a record's own field, in the line at hand; NULL = no such field, or a line's and the line is not known. */
static const struct rec_val *
value_of(const struct origins *o, const char *name)
{
	bool line = false;
	const int i = rec_field_named(o->rec.type, eg_bytes_str(name), &line);

	if (i < 0 || (line && o->line == NO_LINE))
		return NULL;
	return line ? &o->rec.lines[o->line * o->rec.type->nline + (size_t)i] : &o->rec.head[i];
}

/* ---- telling ---- */

static int
tell(struct origins *o, enum origin_kind k, const char *field, const char *what, const struct origin_place *p,
    struct eg_err *err)
{
	o->told = true;
	o->o.kind = k;
	o->o.field = field;
	o->o.what = what;
	o->o.place = p;
	return o->each(o->ctx, &o->o, err);
}

static int
tell_bytes(struct origins *o, int64_t file, const char *field, const struct rec_prov *at, struct eg_err *err)
{
	struct origin_place p;
	int rc = origins_place(o, file, o->rec.type, field, at, &p, err);

	return rc == EG_OK ? tell(o, ORIGIN_BYTES, field, "", &p, err) : rc;
}

static int
tell_setting(struct origins *o, const char *name, struct eg_err *err)
{
	const char *key = name + strlen("config."), *value = conf_text(&o->site->conf, key);

	if (value == NULL || *value == '\0') /* gives nothing, and the rule goes on to the next */
		return EG_OK;
	char *what = eg_xprintf("setting %s = %s", key, value);
	int rc = tell(o, ORIGIN_SETTING, name, what, NULL, err);

	free(what);
	return rc;
}

static int
tell_decision(struct origins *o, const char *name, struct eg_err *err)
{
	const struct decision *d = &o->decision;
	const struct {
		const char *name, *typed;
	} cells[] = { { "decision.erp_id", d->erp_id }, { "decision.description", d->description },
		{ "decision.comment", d->comment }, { "decision.transaction_date", d->transaction_date },
		{ "decision.accounting_date", d->accounting_date } };
	const char *typed = NULL;
	bool day = strcmp(name, "decision.date") == 0;

	if (o->decision_id == 0)
		return EG_OK;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		if (strcmp(name, cells[i].name) == 0)
			typed = cells[i].typed;
	day = day || (typed != NULL && *typed == '\0' && strcmp(name, "decision.transaction_date") == 0);
	if (!day && (typed == NULL || *typed == '\0'))
		return EG_OK;
	char *what = eg_xprintf("decision %s row %u by %s%s", d->manifest, d->row, d->approver,
	    day ? ": the day on which it was made" : "");
	int rc = tell(o, ORIGIN_DECISION, name, what, NULL, err);

	free(what);
	return rc;
}

/* ---- keys that the ERP gave ---- */

static const struct {
	const char *name;
	enum rec_id of;
	const char *parts[3];
} keys[] = {
	{ "erp.vendor", REC_VENDOR, { "vendor.pm_id" } },
	{ "erp.project", REC_PROJECT, { "project.number" } },
	{ "erp.sub_job", REC_SUBJOB, { "project.number", "line.sub_job" } },
	{ "erp.commitment", REC_COMMITMENT, { "project.number", "commitment.number" } },
	{ "erp.invoice", REC_INVOICE, { "project.number", "commitment.number", "invoice.invoice_number" } },
	{ "erp.cco", REC_CCO, { "project.number", "commitment.number", "line.change_order" } },
};

/* The item that the key is of; NULL = not told by the record alone. */
static const char *
key_item(struct origins *o, const char *name)
{
	const char *parts[3] = { 0 };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = 0;
		bool all = strcmp(keys[i].name, name) == 0;
		for (; all && n < 3 && keys[i].parts[n] != NULL; n++) {
			const struct rec_val *v = value_of(o, keys[i].parts[n]);
			all = v != NULL && v->state == RV_VALUE;
			parts[n] = all ? eg_arena_cstr(&o->cell, v->text) : NULL;
		}
		if (!all && strcmp(name, "erp.vendor") == 0 && strcmp(keys[i].name, name) == 0 &&
		    o->it.vendor != NULL) {
			parts[0] = o->it.vendor;
			all = true;
			n = 1;
		}
		if (all)
			return iid_join(&o->cell, keys[i].of, parts, n);
	}
	return NULL;
}

/* "given by answer D000200 line 4", by what the log says last. */
static int
key_giver(struct origins *o, const char *iid, struct eg_buf *b, struct eg_err *err)
{
	static const char *const events[] = { "synced", "linked", "adopted" };
	struct log_row best = { 0 };
	int rc = EG_OK;

	for (size_t i = 0; rc >= 0 && i < sizeof(events) / sizeof(events[0]); i++) {
		struct log_row r;
		rc = log_newest(o->site->store, iid, events[i], &o->cell, &r, err);
		if (rc == EG_OK && (best.event == NULL || r.index > best.index))
			best = r;
	}
	if (rc < 0)
		return rc;
	json_t *d = best.event == NULL ? NULL : json_loads(best.detail, 0, NULL);
	const char *drop = json_string_value(json_object_get(d, "drop")),
		   *manifest = json_string_value(json_object_get(d, "manifest"));
	if (best.event == NULL)
		eg_buf_printf(b, ", named by its own record");
	else if (drop != NULL)
		eg_buf_printf(b, ", given by answer %s line %lld", drop,
		    (long long)json_integer_value(json_object_get(d, "line")));
	else if (manifest != NULL)
		eg_buf_printf(b, ", given in decision %s", manifest);
	else
		eg_buf_printf(b, ", log entry %llu (%s) by %s", (unsigned long long)best.index, best.event, best.actor);
	json_decref(d);
	return EG_OK;
}

static int
tell_key(struct origins *o, const char *name, struct eg_err *err)
{
	const char *iid = key_item(o, name);
	struct eg_buf b = EG_BUF_INIT;
	struct item it;
	int rc = iid == NULL ? EG_EOF : item_find(o->site->store, iid, &o->cell, &it, err);

	if (rc != EG_OK || it.erp_id == NULL)
		return rc < 0 ? rc : EG_OK;
	eg_buf_printf(&b, "key of %s in %s", iid, o->site->erp);
	rc = key_giver(o, iid, &b, err);
	if (rc == EG_OK)
		rc = tell(o, ORIGIN_ERP_KEY, name, eg_buf_cstr(&b), NULL, err);
	eg_buf_done(&b);
	return rc;
}

/* ---- one cell ---- */

/* What a name of the rule is, when no place of the cell is its value's. */
static int
tell_name(struct origins *o, const char *name, bool placed, struct eg_err *err)
{
	const struct rec_val *v = value_of(o, name);
	const struct seen_file *f;
	int rc;

	if (starts(name, "config."))
		return tell_setting(o, name, err);
	if (starts(name, "decision."))
		return tell_decision(o, name, err);
	if (starts(name, "erp."))
		return placed ? EG_OK : tell_key(o, name, err);
	if (placed)
		return EG_OK;
	if (o->o.value != NULL && *o->o.value == '\0' && v == NULL)
		return EG_OK;
	if (starts(name, "link.") || starts(name, "target.") || starts(name, "contract."))
		return tell(o, ORIGIN_LINK, name, "taken over from the record that it belongs to", NULL, err);
	if (v == NULL || v->state != RV_VALUE)
		return EG_OK;
	if (v->prov.line != 0)
		return v->prov.src == 0 ? tell_bytes(o, o->file, name, &v->prov, err) : EG_OK;
	rc = file_seen(o, o->file, &f, err);
	if (rc < 0)
		return rc;
	const char *entry = entry_of(f, o->rec.type, name);
	char *what =
	    eg_xprintf("set by adapter %s%s%s", f->file.adapter, entry == NULL ? "" : ": ", entry == NULL ? "" : entry);
	rc = tell(o, ORIGIN_DEFAULT, name, what, NULL, err);
	free(what);
	return rc;
}

static bool
is_at(const struct rec_prov *p, const struct rec_prov *q)
{
	return p->line != 0 && p->off == q->off && p->len == q->len;
}

/* Is the value of this name of the record at hand at the place? *ret_line: the line it is of. */
static bool
stands_at(const struct origins *o, const char *name, const struct rec_prov *at, size_t *ret_line)
{
	const struct rec_type *t = o->rec.type;
	bool line;
	const int i = rec_field_named(t, eg_bytes_str(name), &line);

	for (size_t k = 0; i >= 0 && k < (line ? o->rec.nlines : 1); k++) {
		const struct rec_val *v = line ? &o->rec.lines[k * t->nline + (size_t)i] : &o->rec.head[i];
		if (is_at(&v->prov, at)) {
			*ret_line = line ? k : NO_LINE;
			return true;
		}
	}
	return false;
}

/* The name of the rule whose value stands at this place; "" = none is known to. Of a value that was taken over from another record: the name that the adapter
 * which read that one has an entry for. */
static int
name_at(struct origins *o, const char *rule, int64_t file, const struct rec_prov *at, char ret[96], size_t *ret_line,
    struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(rule);
	const struct seen_file *f;
	int rc = file_seen(o, file, &f, err);

	*ret_line = NO_LINE;
	while (rc == EG_OK && file == o->file && next_name(&rest, ret))
		if (stands_at(o, ret, at, ret_line))
			return EG_OK;
	rest = eg_bytes_str(rule);
	while (rc == EG_OK && next_name(&rest, ret))
		if (entry_of(f, o->rec.type, ret) != NULL)
			return EG_OK;
	*ret = '\0';
	return rc;
}

static struct rec_prov
prov_of(const json_t *from)
{
	return (struct rec_prov){ .line = (uint32_t)json_integer_value(json_object_get(from, "line")),
		.off = (uint64_t)json_integer_value(json_object_get(from, "off")),
		.len = (uint32_t)json_integer_value(json_object_get(from, "len")) };
}

static int
tell_places(struct origins *o, const json_t *places, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < json_array_size(places); i++) {
		const json_t *from = json_array_get(places, i);
		const struct rec_prov at = prov_of(from);
		const int64_t file = json_integer_value(json_object_get(from, "file"));
		char name[96];
		size_t line;
		rc = name_at(o, o->o.rule, file, &at, name, &line, err);
		if (rc == EG_OK)
			rc = tell_bytes(o, file, name, &at, err);
	}
	return rc;
}

static int
tell_rest(struct origins *o, bool names, struct eg_err *err)
{
	const bool empty = o->o.value != NULL && *o->o.value == '\0';

	if (o->told)
		return EG_OK;
	if (!empty && strstr(o->o.rule, "erp.") != NULL)
		return tell(o, ORIGIN_ERP_KEY, "", "a key that the accounting system knows the record by", NULL, err);
	if (starts(o->o.rule, "counter"))
		return tell(o, ORIGIN_COUNTER, "", "the adapter's running number", NULL, err);
	if (empty)
		return tell(o, ORIGIN_EMPTY, "",
		    names ? "nothing was given for it, or the rule leaves it out" : "always empty", NULL, err);
	return names ? tell(o, ORIGIN_CALCULATED, "", "by the rule alone", NULL, err) :
	               tell(o, ORIGIN_CONSTANT, "", "written in the adapter", NULL, err);
}

static int
tell_cell(struct origins *o, const json_t *cell, struct eg_err *err)
{
	const json_t *places = json_object_get(cell, "from");
	struct eg_bytes rest;
	char name[96];
	bool names = false;

	eg_arena_reset(&o->cell);
	o->told = false;
	o->o.column = json_string_value(json_object_get(cell, "column"));
	o->o.rule = json_string_value(json_object_get(cell, "rule"));
	o->o.value = json_string_value(json_object_get(cell, "value"));
	if (o->o.column == NULL || o->o.rule == NULL)
		return missing(o->o.item, err);
	int rc = tell_places(o, places, err);
	rest = eg_bytes_str(o->o.rule);
	while (rc == EG_OK && next_name(&rest, name)) {
		names = true;
		rc = tell_name(o, name, json_array_size(places) > 0, err);
	}
	return rc == EG_OK ? tell_rest(o, names, err) : rc;
}

/* ---- one line ---- */

/* Number and file of a revision: the item's own, or of an older one that has its content. */
static int
number_of(struct origins *o, struct eg_err *err)
{
	char content[EG_SHA256_HEX];
	struct rec r;
	int rc = EG_OK;

	o->number = o->it.rev_no;
	o->file = o->it.file;
	if (o->revision == o->it.rev)
		return EG_OK;
	rc = item_revision_of(o->site->store, o->it.id, o->content, &o->item, &r, &o->file, err);
	for (int n = o->it.rev_no - 1; rc == EG_OK && n > 0; n--) {
		rc = item_revision(o->site->store, o->it.id, n, &o->item, &r, err);
		if (rc != EG_OK)
			break;
		rec_content(&r, content);
		if (strcmp(content, o->content) == 0) {
			o->number = n;
			return EG_OK;
		}
	}
	return rc < 0 ? rc : EG_OK;
}

static int
take_item(struct origins *o, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	if (o->id == item && o->revision == revision && o->decision_id == decision)
		return EG_OK;
	eg_arena_reset(&o->item);
	o->id = 0;
	int rc = item_get(o->site->store, item, &o->item, &o->it, err);
	if (rc == EG_OK)
		rc = item_record(o->site->store, revision, &o->item, &o->rec, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(o->site->store, decision, &o->item, &o->decision, err);
	o->revision = revision;
	o->decision_id = decision;
	if (rc == EG_OK) {
		rec_content(&o->rec, o->content);
		rc = number_of(o, err);
	}
	if (rc == EG_OK)
		o->id = item;
	return rc == EG_EOF ? missing("an item", err) : rc;
}

/* The record's line that an outbound line was made of: that of the first cell whose bytes are a line's own. */
static int
line_of(struct origins *o, const json_t *cells, struct eg_err *err)
{
	int rc = EG_OK;

	o->line = NO_LINE;
	for (size_t i = 0; rc == EG_OK && o->line == NO_LINE && i < json_array_size(cells); i++) {
		const json_t *cell = json_array_get(cells, i), *places = json_object_get(cell, "from");
		const char *rule = json_string_value(json_object_get(cell, "rule"));
		if (json_array_size(places) != 1 || rule == NULL)
			continue;
		const json_t *from = json_array_get(places, 0);
		const struct rec_prov at = prov_of(from);
		char name[96];
		rc = name_at(o, rule, json_integer_value(json_object_get(from, "file")), &at, name, &o->line, err);
	}
	return rc;
}

int
origins_of_line(struct origins *o, const struct batch_file *f, uint64_t line, int64_t item, int64_t revision,
    int64_t decision, const char *cells_json, origin_fn *each, void *ctx, struct eg_err *err)
{
	json_t *cells = json_loads(cells_json, 0, NULL);
	int rc = take_item(o, item, revision, decision, err);

	if (rc == EG_OK && !json_is_array(cells))
		rc = missing(f->name, err);
	o->each = each;
	o->ctx = ctx;
	o->o = (struct cell_origin){ .file = f->name,
		.line = line,
		.item = o->it.iid,
		.revision = o->number,
		.content = o->content,
		.adapter = f->adapter };
	if (rc == EG_OK)
		rc = line_of(o, cells, err);
	for (size_t i = 0; rc == EG_OK && i < json_array_size(cells); i++)
		rc = tell_cell(o, json_array_get(cells, i), err);
	json_decref(cells);
	return rc;
}
