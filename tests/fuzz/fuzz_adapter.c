/* SPDX-License-Identifier: MIT
 *
 * Adapter files: the language's parser, checker and compiler, and what an adapter that loads then does. The input is an adapter's text, and behind a line "==="
 * a file for it to read. For any text: the same diagnoses twice, each with code, line and sentence; an adapter that loads reads any file to an end,
 * the same however the source parts it, or writes a record to an end.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_read.h"

#include "gateway/conf.h"

#include <stdlib.h>
#include <string.h>

static struct conf conf; /* the program's own settings, so that shipped adapters load as they stand */

static const char *
get_setting(void *ctx, const char *key)
{
	const char *v = conf_get(ctx, key);

	if (v != NULL || strcmp(key, "nosuch") == 0)
		return v;
	return strcmp(key, "types") == 0 ? "X, Y Z,," : "01";
}

struct heard {
	struct eg_buf text;
	unsigned errors, lines;
};

static void
on_diag(void *ctx, const struct adp_diag *d)
{
	struct heard *h = ctx;

	fuzz_code(d->code);
	fuzz_sentence(d->msg);
	if (d->hint != NULL)
		fuzz_sentence(d->hint);
	fuzz_need(d->line >= 1 && d->line <= h->lines, "a fault stands in a line of the file");
	h->errors += d->error;
	eg_buf_printf(&h->text, "%u:%u %s %s %s\n", d->line, d->col, d->code, d->msg, d->hint == NULL ? "" : d->hint);
}

static struct adp_set *
load(struct eg_bytes text, struct heard *h, int *ret_rc)
{
	static const char table[] = "pm,name,cmic\nL,Labor,LAB\nE,Equipment,EQP\nX,,LAB\n";
	struct adp_set *s = adp_set_new((struct adp_config){ get_setting, &conf }, "cmic");
	struct eg_err err = { 0 };

	*h = (struct heard){ .text = EG_BUF_INIT, .lines = 1 };
	for (size_t i = 0; i < text.len; i++)
		h->lines += text.ptr[i] == '\n';
	fuzz_need(adp_set_table(s, "cost_type.csv", eg_bytes_str(table), &err) == EG_OK, "a good table loads");
	*ret_rc = adp_set_add(s, "x.adapter", text, on_diag, h, &err);
	if (*ret_rc < 0) {
		fuzz_failure(*ret_rc, &err, EG_NONE, false);
		fuzz_need(err.pos.line >= 1 && err.pos.line <= h->lines, "a fault stands in a line of the file");
	}
	fuzz_need((*ret_rc < 0) == (h->errors > 0), "what does not load says why");
	if (*ret_rc == EG_OK)
		*ret_rc = adp_set_seal(s, on_diag, h, &err);
	return s;
}

/* ---- writing ---- */

static int
out_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	(void)ctx;
	(void)a;
	(void)project;
	(void)err;
	fuzz_need(ext[0] != '\0', "a file has an extension");
	return EG_OK;
}

static int
out_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_buf_add(ctx, v);
	return EG_OK;
}

static int
out_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	fuzz_need(line >= 1 && record == 0, "a row names its record");
	for (size_t i = 0; i < n; i++)
		fuzz_need(f[i].column != NULL && f[i].rule != NULL, "a cell has its lineage");
	return EG_OK;
}

static int
out_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	fuzz_need(record == 0, "a finding names its record");
	fuzz_code(f->code);
	fuzz_sentence(f->msg);
	return EG_OK;
}

/* Some value for every field that takes one of these texts, so that columns have something to write. */
static void
fill(struct eg_arena *a, const struct rec *r)
{
	static const char *const texts[] = { "24-104 \"x\", y", "-12.50", "2026-03-05", "yes", "1", "subcontract" };
	const size_t n = r->type->nhead + r->nlines * r->type->nline;

	for (size_t i = 0; i < n; i++) {
		const bool head = i < r->type->nhead;
		const size_t k = i - r->type->nhead;
		const struct rec_field *f = head ? &r->type->head[i] : &r->type->line[k % r->type->nline];
		struct rec_val *v = head ? &r->head[i] : &r->lines[k];
		const struct rec_prov at = { .line = (uint32_t)i + 1, .len = 1 };
		struct eg_err err;
		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
			if (rec_set(a, f, eg_bytes_str(texts[t]), at, v, &err) == EG_OK)
				break;
	}
}

static void
write_record(const struct adp_set *s, const struct adp *adp, bool filled)
{
	const struct rec_type *t = adp_info(adp)->record;
	struct eg_buf bytes = EG_BUF_INIT;
	const struct adp_out_sink sink = {
		.file = out_file, .bytes = out_bytes, .row = out_row, .finding = out_finding, .ctx = &bytes
	};
	struct eg_arena a;
	struct eg_err err = { 0 };
	struct rec r;

	eg_arena_init(&a, (size_t)4 << 20);
	fuzz_need(rec_new(&a, t, t->nline > 0 ? 2 : 0, &r, &err) == EG_OK, "a record can be made");
	if (filled)
		fill(&a, &r);
	const struct rec *const list[] = { &r };
	struct adp_batch b = { .records = list, .n = 1, .counter = 7 };
	int rc = adp_write(s, adp, &b, &sink, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	rc = adp_accept_check(s, adp_info(adp)->system, &r, &sink, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	eg_buf_done(&bytes);
	eg_arena_done(&a);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	static const char settings[] =
	    "acumatica.generation = vision\ncmic.prime_contracts = multi\ncmic.more_columns = yes\n";
	struct eg_err err;

	fuzz_read_init();
	fuzz_need(
	    conf_parse(eg_bytes_str(settings), "erpgate.conf", &conf, &err) == EG_OK, "good settings can be read");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes in = eg_bytes(data, size);
	const size_t cut = eg_bytes_find(in, EG_LIT("\n===\n"));
	const struct eg_bytes text = eg_bytes_sub(in, 0, cut), file = eg_bytes_sub(in, cut + 5, size);
	struct heard first, again;
	int rc, rc_again;
	struct adp_set *s = load(text, &first, &rc), *twin = load(text, &again, &rc_again);

	fuzz_need(rc == rc_again && eg_bytes_eq(eg_buf_view(&first.text), eg_buf_view(&again.text)),
	    "an adapter is judged the same way twice");
	adp_set_free(twin);
	if (rc == EG_OK) {
		const struct adp *a = adp_set_at(s, 0);
		if (a == NULL) {
			fuzz_need(adp_set_count(s) == 0, "an adapter that is not for this site is left out");
		} else if (adp_info(a)->out) {
			write_record(s, a, false);
			write_record(s, a, true);
		} else {
			fuzz_read_steps(s, adp_info(a)->system, EG_LIT("x_a_b.csv"), file);
		}
	}
	adp_set_free(s);
	eg_buf_done(&first.text);
	eg_buf_done(&again.text);
	return 0;
}
