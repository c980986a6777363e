/* SPDX-License-Identifier: MIT
 *
 * For the tests of reading and writing: adapters from text, a reading told as text (one line for everything the sink hears), and the records that came of it.
 */
#ifndef TESTS_ENGINE_KIT_H
#define TESTS_ENGINE_KIT_H

#include "adapters/adapter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KIT_RECORDS 16

struct kit {
	struct adp_set *set;
	struct eg_buf log;
	bool messages; /* the log holds them */
	struct eg_arena arena;
	struct rec head, lines[64];
	size_t nlines;
	struct rec rec[KIT_RECORDS]; /* records taken */
	const struct rec *ptr[KIT_RECORDS];
	size_t nrec;
	struct adp_file_result result;
};

static const char *
kit_setting(void *ctx, const char *key)
{
	(void)ctx;
	if (strcmp(key, "cmic.company") == 0)
		return "01";
	return strcmp(key, "currency") == 0 ? "USD" : NULL;
}

static void
kit_diag(void *ctx, const struct adp_diag *d)
{
	(void)ctx;
	print_error("%s:%u:%u %s %s %s\n", d->file, d->line, d->col, d->code, d->msg, d->hint == NULL ? "" : d->hint);
}

static inline void
kit_open(struct kit *k, const char *const *adapters, size_t n)
{
	struct eg_err err;

	*k = (struct kit){ .set = adp_set_new((struct adp_config){ kit_setting, NULL }, "cmic") };
	eg_arena_init(&k->arena, (size_t)64 << 20);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    adp_set_add(k->set, "inline.adapter", eg_bytes_str(adapters[i]), kit_diag, NULL, &err), EG_OK);
	assert_int_equal(adp_set_seal(k->set, kit_diag, NULL, &err), EG_OK);
}

static inline void
kit_close(struct kit *k)
{
	adp_set_free(k->set);
	eg_buf_done(&k->log);
	eg_arena_done(&k->arena);
}

/* ---- the sink ---- */

static int
kit_file(void *ctx, const struct adp *a, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->log, "file %s\n", adp_info(a)->name);
	return 0;
}

static void
kit_copy(struct kit *k, const struct rec_field *f, unsigned n, const struct rec_val *from, struct rec_val *to)
{
	for (unsigned i = 0; i < n; i++) {
		struct eg_err err;

		to[i] = (struct rec_val){ .state = from[i].state, .prov = from[i].prov };
		if (from[i].state == RV_VALUE)
			assert_int_equal(rec_set(&k->arena, &f[i], from[i].text, from[i].prov, &to[i], &err), EG_OK);
	}
}

static int
kit_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct kit *k = ctx;

	eg_buf_printf(&k->log, "begin %.*s\n", EG_FMT(item));
	assert_int_equal(rec_new(&k->arena, head->type, 0, &k->head, err), EG_OK);
	k->head.at = head->at;
	kit_copy(k, head->type->head, head->type->nhead, head->head, k->head.head);
	k->nlines = 0;
	return 0;
}

static int
kit_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	struct kit *k = ctx;
	struct rec *l = &k->lines[k->nlines % 64];

	eg_buf_printf(&k->log, "line %u\n", line->at.line);
	assert_ptr_equal(line->head, NULL);
	assert_int_equal(rec_new(&k->arena, line->type, 1, l, err), EG_OK);
	l->line_at[0] = line->at;
	kit_copy(k, line->type->line, line->type->nline, line->lines, l->lines);
	k->nlines++;
	return 0;
}

static int
kit_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	static const char *const words[] = { "taken", "rejected", "skipped", "refused", "archived" };
	struct kit *k = ctx;
	struct rec *r = &k->rec[k->nrec % KIT_RECORDS];

	eg_buf_printf(&k->log, "end %s %llu+%llu\n", words[v], (unsigned long long)off, (unsigned long long)len);
	if (v != ADP_TAKEN || k->nlines > 64)
		return 0;
	assert_int_equal(rec_new(&k->arena, k->head.type, k->nlines, r, err), EG_OK);
	r->head = k->head.head;
	r->at = k->head.at;
	for (size_t i = 0; i < k->nlines; i++) {
		memcpy(&r->lines[i * r->type->nline], k->lines[i].lines, r->type->nline * sizeof(*r->lines));
		r->line_at[i] = k->lines[i].line_at[0];
	}
	k->ptr[k->nrec % KIT_RECORDS] = r;
	k->nrec++;
	return 0;
}

static void
kit_log_finding(struct kit *k, const struct adp_finding *f)
{
	eg_buf_printf(
	    &k->log, "%s%s %c %llu", f->whole_file ? "FILE " : "", f->code, f->severity, (unsigned long long)f->line);
	if (f->item.len > 0)
		eg_buf_printf(&k->log, " %.*s", EG_FMT(f->item));
	if (f->field[0] != '\0')
		eg_buf_printf(&k->log, " [%s]", f->field);
	if (f->value.len > 0)
		eg_buf_printf(&k->log, " \"%.*s\"", EG_FMT(f->value));
	if (k->messages)
		eg_buf_printf(&k->log, " %s", f->msg);
	eg_buf_chr(&k->log, '\n');
	assert_true(strlen(f->msg) > 10);
}

static int
kit_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	for (const char *p = f->msg; *p != '\0'; p++) /* a message is one line, whatever the file holds */
		assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	kit_log_finding(ctx, f);
	return 0;
}

static inline void
kit_read(struct kit *k, const char *name, struct eg_bytes text, size_t step)
{
	struct adp_sink sink = {
		.file = kit_file, .begin = kit_begin, .line = kit_line, .end = kit_end, .finding = kit_finding, .ctx = k
	};
	struct adp_file f = { "procore", eg_bytes_str(name) };
	struct fmt_src_mem m;
	struct eg_err err;
	int rc;

	eg_buf_clear(&k->log);
	eg_arena_reset(&k->arena);
	k->nrec = 0;
	rc = adp_read(k->set, &f, fmt_src_mem(&m, text, step), &sink, &k->result, &err);
	if (rc != EG_OK)
		fail_msg("%s: %s %s", name, err.code, err.msg);
}

#endif
