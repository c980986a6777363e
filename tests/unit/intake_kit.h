/* SPDX-License-Identifier: MIT
 *
 * A site made by hand for the tests of the store and the workflow: a folder of its own, a store, default settings,
 * a clock that stands still. Records come from short texts: fields parted by `;`, lines by `/`. What fails here
 * fails the test.
 */
#ifndef TESTS_INTAKE_KIT_H
#define TESTS_INTAKE_KIT_H

#include "gateway/workflow/workflow.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct kit {
	struct site s;
	char dir[64];
	struct eg_arena a;
	struct eg_err err;
	struct place at;
	struct eg_buf out;
	unsigned drops;
};

static inline void
kit_good(struct kit *k, int rc)
{
	if (rc != EG_OK)
		fail_msg("%d %s: %s", rc, k->err.code, k->err.msg);
}

static inline int64_t
kit_clock(void *ctx)
{
	(void)ctx;
	return 1780000000;
}

static inline const char *
kit_setting(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

static inline struct kit *
kit_open(const char *erp)
{
	static const char types[] = "pm,name,cmic,acumatica,mri\nL,Labor,LAB,LABOR,LAB\nS,Subcontract,SUB,SUBCON,SUB\n";
	struct kit *k = eg_xalloc(sizeof(*k));
	struct adp_config config = { kit_setting, &k->s.conf };

	(void)snprintf(k->dir, sizeof(k->dir), "/tmp/erpgate-test-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	eg_arena_init(&k->a, (size_t)64 << 20);
	k->s.path = k->dir;
	k->s.erp = erp;
	k->s.name = "test";
	k->s.now = kit_clock;
	(void)snprintf(k->s.actor, sizeof(k->s.actor), "erpgate");
	k->s.dir = open(k->dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	assert_true(k->s.dir >= 0);
	kit_good(k, conf_parse(EG_LIT(""), "erpgate.conf", &k->s.conf, &k->err));
	k->s.adapters = adp_set_new(config, erp);
	kit_good(k, adp_set_table(k->s.adapters, "cost_type.csv", eg_bytes_str(types), &k->err));
	kit_good(k, store_open(k->s.dir, true, false, &k->s.store, &k->err));
	kit_good(k, store_begin(k->s.store, &k->err));
	kit_good(k, store_run_begin(k->s.store, "run", 1, &k->s.run, &k->err));
	return k;
}

static inline void
kit_close(struct kit *k)
{
	static const char *const files[] = { "state.db", "state.db-wal", "state.db-shm" };

	store_rollback(k->s.store);
	store_close(k->s.store);
	adp_set_free(k->s.adapters);
	conf_free(&k->s.conf);
	for (size_t i = 0; i < 3; i++)
		(void)unlinkat(k->s.dir, files[i], 0);
	close(k->s.dir);
	assert_int_equal(rmdir(k->dir), 0);
	eg_arena_done(&k->a);
	eg_buf_done(&k->out);
	free(k);
}

/* The next run of the site. */
static inline void
kit_run(struct kit *k)
{
	kit_good(k, store_run_begin(k->s.store, "run", 1, &k->s.run, &k->err));
}

/* A new drop of one file; records that follow come from it. */
static inline void
kit_drop(struct kit *k, const char *source, const char *name)
{
	struct drop_row d = { .source = source,
		.name = name,
		.sha256 = "00",
		.identity = name,
		.state = "read",
		.received = 1,
		.run = k->s.run };
	struct file_row f = { .member = "" };
	char id[16];

	kit_good(k, store_next_id(k->s.store, 'D', id, &k->err));
	d.id = f.drop = eg_arena_cstr(&k->a, eg_bytes_str(id));
	kit_good(k, store_drop_add(k->s.store, &d, &k->err));
	kit_good(k, store_file_add(k->s.store, &f, &k->at.file_id, &k->err));
	k->at.drop = d.id;
	k->at.source = source;
	k->at.file = name;
}

static inline void
kit_fields(struct kit *k, const struct rec_type *t, struct eg_bytes text, struct rec_val *v, bool line, uint32_t at)
{
	struct rec_prov place = { .line = at };
	struct eg_bytes part, name;

	while (eg_bytes_cut(&text, ';', &part)) {
		const char *field;
		unsigned i;

		if (part.len == 0)
			continue;
		assert_true(eg_bytes_cut(&part, '=', &name));
		field = eg_arena_cstr(&k->a, name);
		i = line ? rec_line_index(t, field) : rec_head_index(t, field);
		kit_good(k, rec_set(&k->a, line ? &t->line[i] : &t->head[i], part, place, &v[i], &k->err));
	}
}

/* "vendor", line in the file, "vendor.pm_id=1001;vendor.name=A", lines "line.position=1;…/line.position=2;…" or
 * NULL. */
static inline struct rec
kit_rec(struct kit *k, const char *type, uint32_t at, const char *head, const char *lines)
{
	const struct rec_type *t = rec_type_named(eg_bytes_str(type));
	struct eg_bytes rest = eg_bytes_str(lines), part;
	size_t n = 0;
	struct rec r;

	assert_non_null(t);
	for (const char *p = lines; p != NULL && p[0] != '\0'; p = strchr(p, '/') == NULL ? NULL : strchr(p, '/') + 1)
		n++;
	kit_good(k, rec_new(&k->a, t, n, &r, &k->err));
	r.at.line = at;
	kit_fields(k, t, eg_bytes_str(head), r.head, false, at);
	for (size_t i = 0; i < n; i++) {
		assert_true(eg_bytes_cut(&rest, '/', &part));
		r.line_at[i].line = at + (uint32_t)i;
		kit_fields(k, t, part, &r.lines[i * t->nline], true, at + (uint32_t)i);
	}
	return r;
}

static inline void
kit_give(struct kit *k, enum adp_verdict v, const char *type, uint32_t at, const char *head, const char *lines)
{
	struct rec r = kit_rec(k, type, at, head, lines);

	kit_good(k, match_record(&k->s, &k->at, &r, v, 0, 0, &k->err));
}

static inline struct item
kit_item(struct kit *k, const char *iid)
{
	struct item it;
	int rc = item_find(k->s.store, iid, &k->a, &it, &k->err);

	if (rc != EG_OK)
		fail_msg("no item %s", iid);
	return it;
}

static inline const char *
kit_state(struct kit *k, const char *iid)
{
	return state_word(kit_item(k, iid).state);
}

static inline void
kit_settle(struct kit *k, bool report)
{
	kit_good(k, rules_settle(&k->s, report, &k->err));
}

/* What batches do: accepted, written under this key. */
static inline void
kit_sent(struct kit *k, const char *iid, const char *key)
{
	struct item it = kit_item(k, iid);

	it.state = it.type->cls == RC_TO_ERP ? ST_EXPORTED : ST_SYNCED;
	it.sent_key = key;
	it.written = it.content;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

static inline void
kit_set(struct kit *k, const char *iid, enum item_state state, const char *erp_id, int posted)
{
	struct item it = kit_item(k, iid);

	it.state = state;
	it.erp_id = erp_id;
	it.posted = posted;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

static inline int
kit_add_finding(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->out, "%s,%llu,%s,%s\n", f->file, (unsigned long long)f->line, f->code, f->item);
	assert_true(f->message[0] != '\0');
	return EG_OK;
}

/* file,line,code,item of this run. */
static inline const char *
kit_findings(struct kit *k)
{
	struct finding_filter f = { .run = k->s.run };

	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &f, kit_add_finding, k, &k->err));
	return eg_buf_cstr(&k->out);
}

static inline int
kit_add_hold(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->out, "%s %llu %s %s\n", h->code, (unsigned long long)h->line, h->missing,
	    h->waits_for != NULL ? h->waits_for : "-");
	return EG_OK;
}

/* code line missing waits_for */
static inline const char *
kit_holds(struct kit *k, const char *iid)
{
	eg_buf_clear(&k->out);
	kit_good(k, hold_each(k->s.store, kit_item(k, iid).id, kit_add_hold, k, &k->err));
	return eg_buf_cstr(&k->out);
}

#endif
