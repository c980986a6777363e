/* SPDX-License-Identifier: MIT
 *
 * The adapters of the working tree, loaded for each accounting system with its settings.
 */
#ifndef TESTS_UNIT_SHIPPED_KIT_H
#define TESTS_UNIT_SHIPPED_KIT_H

#include "adapters/adapter.h"
#include "gateway/conf.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define FILES_MAX 200

static const char *const folders[] = { "adapters/procore", "adapters/cmic", "adapters/acumatica", "adapters/mri",
	"adapters/ubl", "adapters/approvals" };

/* The program's own defaults, but for what these examples need. */
#define OWN "cmic.payment_export = yes\ncmic.vendor_types_hidden = X\n"

/* Kinds of sites, by the name that examples call them. */
struct kind {
	const char *name, *erp, *settings;
	struct conf conf;
};

static struct kind kinds[] = {
	{ .name = "cmic", .erp = "cmic", .settings = OWN },
	{ .name = "acumatica", .erp = "acumatica", .settings = OWN },
	{ .name = "mri", .erp = "mri", .settings = OWN },
	{ .name = "vision",
	    .erp = "acumatica",
	    .settings =
		"acumatica.generation = vision\nacumatica.payment_export = yes\nprime_contracts_unit_based = yes\nacumatica.more_columns = yes\n" },
	{ .name = "multi",
	    .erp = "cmic",
	    .settings = "cmic.prime_contracts = multi\ncmic.pcco_as = pco\ncmic.more_columns = yes\n" },
};

#define NKINDS (sizeof kinds / sizeof kinds[0])

static inline struct kind *
kind_named(const char *name)
{
	size_t i = 0;

	while (i + 1 < NKINDS && strcmp(kinds[i].name, name) != 0)
		i++;
	assert_string_equal(kinds[i].name, name);
	return &kinds[i];
}

static inline const char *
get_setting(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

/* ---- loading ---- */

struct text_file {
	char name[512];
	struct eg_buf text;
};

static struct text_file files[FILES_MAX];
static size_t nfiles, ntables; /* files[0 … ntables) are tables */

static inline void
slurp(struct text_file *f)
{
	int fd = open(f->name, O_RDONLY | O_CLOEXEC);
	unsigned char buf[8192];
	ssize_t n;

	if (fd < 0)
		fail_msg("%s cannot be opened", f->name);
	for (n = read(fd, buf, sizeof buf); n > 0; n = read(fd, buf, sizeof buf))
		eg_buf_put(&f->text, buf, (size_t)n);
	close(fd);
	assert_int_equal(n, 0);
}

static inline int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct text_file *)a)->name, ((const struct text_file *)b)->name);
}

static inline void
collect(const char *folder, const char *ending)
{
	DIR *d = opendir(folder);
	size_t first = nfiles;

	if (d == NULL)
		fail_msg("%s is missing: run from the root of the tree", folder);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		if (!eg_bytes_ends(eg_bytes_str(e->d_name), eg_bytes_str(ending)))
			continue;
		assert_true(nfiles < FILES_MAX);
		snprintf(files[nfiles].name, sizeof files[nfiles].name, "%s/%s", folder, e->d_name);
		slurp(&files[nfiles++]);
	}
	closedir(d);
	qsort(&files[first], nfiles - first, sizeof files[0], by_name);
}

static inline int
collect_all(void **state)
{
	(void)state;
	collect("adapters/tables", ".csv");
	ntables = nfiles;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		collect(folders[i], ".adapter");
	return 0;
}

static inline int
forget_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < nfiles; i++)
		eg_buf_done(&files[i].text);
	return 0;
}

static inline void
say(void *ctx, const struct adp_diag *d)
{
	unsigned *count = ctx;

	if (d->advice)
		return;
	(*count)++;
	print_error("%s:%u:%u: %s %s: %s%s%s\n", d->file, d->line, d->col, d->error ? "error" : "warning", d->code,
	    d->msg, d->hint != NULL ? " -- " : "", d->hint != NULL ? d->hint : "");
}

static inline struct adp_set *
load(const char *name, unsigned *ret_said)
{
	struct kind *kind = kind_named(name);
	struct adp_set *s = adp_set_new((struct adp_config){ get_setting, &kind->conf }, kind->erp);
	struct eg_err err;
	int rc = EG_OK;

	for (size_t i = 0; i < nfiles && rc == EG_OK; i++) {
		const char *base = strrchr(files[i].name, '/') + 1;
		if (i < ntables)
			rc = adp_set_table(s, base, eg_buf_view(&files[i].text), &err);
		else
			(void)!adp_set_add(s, files[i].name, eg_buf_view(&files[i].text), say, ret_said, &err);
		if (rc != EG_OK)
			fail_msg("%s: %s", files[i].name, err.msg);
	}
	if (adp_set_seal(s, say, ret_said, &err) != EG_OK)
		(*ret_said)++;
	return s;
}

/* ---- reading: what happened, as text ---- */

struct seen {
	struct eg_buf text; /* findings and verdicts, a line each */
	struct eg_arena arena;
	struct rec rec; /* the record at hand */
	size_t room;
	struct rec kept[8]; /* the good ones */
	size_t nkept;
	char item[200];
};

static inline struct rec_val *
copied(struct seen *o, const struct rec_val *v, unsigned n)
{
	struct rec_val *c = eg_arena_array(&o->arena, n, sizeof *c);

	for (unsigned i = 0; i < n; i++) {
		c[i] = v[i];
		c[i].text = eg_arena_dup(&o->arena, v[i].text);
	}
	return c;
}

static inline int
on_recognised(void *ctx, const struct adp *a, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	assert_false(adp_info(a)->out);
	return EG_OK;
}

static inline int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct seen *o = ctx;

	(void)err;
	snprintf(o->item, sizeof o->item, "%.*s", EG_FMT(item));
	o->room = 16;
	o->rec = (struct rec){ .type = head->type, .head = copied(o, head->head, head->type->nhead), .at = head->at };
	o->rec.lines = eg_arena_array(&o->arena, o->room * (head->type->nline + 1), sizeof *o->rec.lines);
	o->rec.line_at = eg_arena_array(&o->arena, o->room, sizeof *o->rec.line_at);
	return EG_OK;
}

static inline int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	struct seen *o = ctx;
	unsigned n = line->type->nline;

	(void)err;
	assert_true(o->rec.nlines < o->room);
	memcpy(&o->rec.lines[o->rec.nlines * n], copied(o, line->lines, n), n * sizeof *line->lines);
	o->rec.line_at[o->rec.nlines++] = line->line_at[0];
	return EG_OK;
}

static inline int
on_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err)
{
	static const char *const words[] = { "taken", "rejected", "skipped", "refused", "archived" };
	struct seen *o = ctx;

	(void)raw_off;
	(void)raw_len;
	(void)err;
	eg_buf_printf(&o->text, "%s %s", words[v], o->rec.type->name);
	if (o->item[0] != '\0')
		eg_buf_printf(&o->text, " %s", o->item);
	if (o->rec.nlines > 0)
		eg_buf_printf(&o->text, " +%zu", o->rec.nlines);
	eg_buf_chr(&o->text, '\n');
	if (v == ADP_TAKEN && o->nkept < sizeof o->kept / sizeof o->kept[0])
		o->kept[o->nkept++] = o->rec;
	return EG_OK;
}

static inline int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct seen *o = ctx;

	(void)err;
	if (f->msg == NULL || strlen(f->msg) < 20)
		fail_msg("%s has no sentence", f->code);
	eg_buf_printf(&o->text, "%c %s %llu\n", f->severity, f->code, (unsigned long long)f->line);
	return EG_OK;
}

static inline void
play(const struct adp_set *s, const char *source, const char *name, const char *text, struct seen *o)
{
	const struct adp_sink sink = { .file = on_recognised,
		.begin = on_begin,
		.line = on_line,
		.end = on_end,
		.finding = on_finding,
		.ctx = o };
	struct adp_file f = { source, eg_bytes_str(name) };
	struct adp_file_result res;
	struct fmt_src_mem mem;
	struct eg_err err;

	if (adp_read(s, &f, fmt_src_mem(&mem, eg_bytes_str(text), 7), &sink, &res, &err) != EG_OK)
		fail_msg("%s: %s", name, err.msg);
}

/* Lines on sub job, cost code and cost type; on cost code and type; on a cost code. */
#define OWNER_XML(status, amount, more)                                                                                                                                                                                                                     \
	"<payment_applications>\n<payment_application><project><number>26-1</number></project><contract_number>P1</contract_number><invoice_number>7</invoice_number><billing_date>2026-03-31</billing_date><due_date>2026-04-30</due_date><status>" status \
	"</status><items>\n<item><item_number>1</item_number><description_of_work>Piers</description_of_work><wbs_code><flat_code>PIER.05-1200.S</flat_code></wbs_code><work_completed_this_period>1.00</work_completed_this_period>"                       \
	"<work_completed_retainage_retained_this_period>0.10</work_completed_retainage_retained_this_period></item>\n<item><item_number>2</item_number><wbs_code><flat_code>05-1200.S</flat_code></wbs_code><work_completed_this_period>" amount            \
	"</work_completed_this_period>" more                                                                                                                                                                                                                \
	"</item>\n<item><item_number>3</item_number><wbs_code><flat_code>05-1300</flat_code></wbs_code><work_completed_this_period>3</work_completed_this_period></item></items></payment_application></payment_applications>\n"

#define MULTI_CSV                                                                                                                              \
	"JBC_JOB_CODE,JBC_CTRL_CODE,JBC_CONT_CODE,JBC_NAME,JBC_CURR_CODE,JBC_STATUS,JBC_LINE,BILL_PHS_CODE,BILL_CAT_CODE,BILL_DESC,BILL_AMT\n" \
	"26010A,26010,C1,Piers,USD,A,1,05-1200,MAT,Steel,1.00\n26010,ALL,C1,,,A,1,05-1200,MAT,Beams,2.00\n"

#endif
