/* SPDX-License-Identifier: MIT
 *
 * Sources of outbound cells, line by line: the item that left in the line, the revision and decision it left with, and which of the record's lines the outbound one was made of. Its
 * cells are told in origins_cell.c. Fails as the store and the callback do; EG_FATAL "DB-CORRUPT" when what a line leads to is missing.
 */
#include "gateway/origins_int.h"

#define ITEM_ARENA ((size_t)1 << 30)

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

int
origins_missing(const char *what, struct eg_err *err)
{
	return eg_fail(err, EG_FATAL, "DB-CORRUPT",
	    "what the lineage of %s leads to is not in the database; restore state.db from a backup", what);
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
	return rc == EG_EOF ? origins_missing("an item", err) : rc;
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
		const struct rec_prov at = origins_prov(from);
		char name[RULE_NAME_MAX];
		rc = rule_name_at(o, rule, json_integer_value(json_object_get(from, "file")), &at, name, &o->line, err);
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
		rc = origins_missing(f->name, err);
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
		rc = origins_cell(o, json_array_get(cells, i), err);
	json_decref(cells);
	return rc;
}
