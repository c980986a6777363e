/* SPDX-License-Identifier: MIT
 *
 * Recovery: every line of the table (gateway/recover_table.c) as a site on disk. What the journal says and what the folder holds are made by hand, recovery
 * runs, and its action is seen in files and rows; a second recovery changes nothing. docs/SPOOL.md holds the table as the program prints it.
 */
#include "gate_kit.h"

#include "gateway/recover.h"
#include "gateway/store/store_receipt.h"

#include <ftw.h>
#include <sys/stat.h>

#define BYTES "no header, no layout\n"
#define OUT_NAME "VENDOR_B000001.csv"

/* ---- making a state ---- */

static void
put(struct kit *k, const char *folder, const char *name, const char *text)
{
	int dir = -1;

	kit_good(k, eg_fs_mkdirs(k->s.dir, folder, 0700, &k->err));
	kit_good(k, eg_fs_opendir(k->s.dir, folder, &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, name, eg_bytes_str(text), 0600, true, &k->err));
	eg_fd_done(&dir);
}

static void
folder(struct kit *k, const char *path)
{
	kit_good(k, eg_fs_mkdirs(k->s.dir, path, 0700, &k->err));
}

static void
drop_files(struct kit *k, enum spool_files f)
{
	if (f == SPOOL_ABSENT)
		return;
	put(k, "spool/work/D000001", "source", "procore");
	put(k, "spool/work/D000001", ".tmp-1", "cut");
	folder(k, "spool/work/D000001/in");
	if (f == SPOOL_EMPTY)
		return;
	put(k, "spool/work/D000001/in", "a.csv", BYTES);
	if (f == SPOOL_WHOLE)
		put(k, "spool/work/D000001", "raw", BYTES);
	if (f == SPOOL_ODD)
		put(k, "spool/work/D000001/in", "b.csv", BYTES);
	if (f == SPOOL_SPLIT) {
		put(k, "spool/work/D000001", "companion-name", "a.csv.ok");
		put(k, "spool/drop/procore", "a.csv.ok", "");
	}
}

static void
batch_files_made(struct kit *k, enum spool_files f)
{
	if (f == SPOOL_ABSENT)
		return;
	folder(k, "spool/work/B000001/cmic");
	if (f == SPOOL_ODD)
		return;
	put(k, "spool/work/B000001/archive", OUT_NAME, "1,2\n");
	if (f == SPOOL_STAGED)
		put(k, "spool/work/B000001/cmic", OUT_NAME, "1,2\n");
}

static void
sheet_files(struct kit *k, enum spool_files f)
{
	if (f != SPOOL_ABSENT)
		folder(k, "spool/work/P000001");
	if (f == SPOOL_WHOLE)
		put(k, "spool/work/P000001", "sheet", "a sheet\n");
}

static void
drop_row(struct kit *k, enum recover_journal j)
{
	static const char *const states[] = { "", "claimed", "read", "done" };
	char sha[EG_SHA256_HEX];

	eg_sha256_hex_of(EG_LIT(BYTES), sha);
	struct drop_row d = { .id = "D000001",
		.source = "procore",
		.name = "a.csv",
		.sha256 = sha,
		.identity = sha,
		.state = states[j],
		.verdict = "",
		.size = sizeof(BYTES) - 1,
		.received = GATE_NOW,
		.run = k->s.run };
	kit_good(k, store_seen_id(k->s.store, "D000001", &k->err));
	kit_good(k, store_drop_add(k->s.store, &d, &k->err));
}

static void
batch_rows(struct kit *k, enum recover_journal j)
{
	static const char *const states[] = { "", "ready", "published", "done" };
	struct batch b = { .id = "B000001", .target = "cmic", .state = states[j], .made = GATE_NOW, .run = k->s.run };
	struct batch_file f = { .batch = "B000001",
		.name = OUT_NAME,
		.object = "VENDOR",
		.adapter = "a",
		.adapter_sha256 = "00",
		.sha256 = "00",
		.amount = "0.00",
		.size = 4,
		.rows = 1 };
	int64_t id;

	kit_good(k, batch_put(k->s.store, &b, &k->err));
	kit_good(k, batch_file_add(k->s.store, &f, &id, &k->err));
}

static void
sheet_row(struct kit *k, enum recover_journal j)
{
	struct manifest m = { .id = "P000001",
		.name = "sheet.csv",
		.sha256 = "00",
		.assurance = "command",
		.state = "applied",
		.received = GATE_NOW,
		.bundle = j == RECOVER_DONE ? "A000001" : NULL };

	kit_good(k, manifest_put(k->s.store, &m, &k->err));
}

static void
void_files(struct kit *k, enum spool_files f)
{
	if (f != SPOOL_ABSENT)
		folder(k, "spool/work/V000001/proof");
	if (f == SPOOL_WHOLE)
		put(k, "spool/work/V000001/proof", "import.log", "0 rows\n");
}

static void
void_row(struct kit *k, enum recover_journal j)
{
	struct voided v = { .id = "V000001",
		.batch = "B000009",
		.actor = "pat",
		.reason = "rolled back",
		.proof = "import.log",
		.sha256 = "00",
		.size = 7,
		.at = GATE_NOW,
		.bundle = j == RECOVER_DONE ? "A000001" : NULL };

	kit_good(k, voided_put(k->s.store, &v, &k->err));
}

static const struct {
	const char *id;
	void (*files)(struct kit *k, enum spool_files f);
	void (*rows)(struct kit *k, enum recover_journal j);
} kinds[RECOVER_NKINDS] = {
	{ "D000001", drop_files, drop_row },
	{ "B000001", batch_files_made, batch_rows },
	{ "P000001", sheet_files, sheet_row },
	{ "V000001", void_files, void_row },
};

static struct kit *
made(enum recover_kind kind, enum recover_journal j, enum spool_files f)
{
	struct kit *k = gate_open("cmic", "worker.sandbox = weak\n");

	kinds[kind].files(k, f);
	if (j != RECOVER_NONE) {
		gate_begin(k);
		kinds[kind].rows(k, j);
		gate_commit(k);
	}
	return k;
}

/* ---- seeing what became of it ---- */

static struct eg_buf *walked;

static int
add_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	eg_buf_printf(walked, "%d %jd %s\n", type, type == FTW_F ? (intmax_t)st->st_size : 0, path);
	return 0;
}

/* Everything that recovery may touch, as text: files, row states, the length of the log. */
static void
picture(struct kit *k, struct eg_buf *ret)
{
	char *spool = eg_xprintf("%s/spool", k->dir);
	uint64_t log = 0;
	struct drop_row d;
	struct batch b;

	walked = ret;
	assert_int_equal(nftw(spool, add_path, 16, FTW_PHYS), 0);
	free(spool);
	kit_good(k, store_log_size(k->s.store, &log, &k->err));
	eg_buf_printf(ret, "log %llu\n", (unsigned long long)log);
	if (store_drop_get(k->s.store, "D000001", &k->a, &d, &k->err) == EG_OK)
		eg_buf_printf(ret, "drop %s %s\n", d.state, d.verdict);
	if (batch_get(k->s.store, "B000001", &k->a, &b, &k->err) == EG_OK)
		eg_buf_printf(ret, "batch %s\n", b.state);
}

static int
recover(struct kit *k)
{
	struct cycle_result r = { 0 };
	struct turn t = { .site = &k->s, .result = &r };

	return recover_all(&t, &k->err);
}

static bool
has(struct kit *k, const char *path)
{
	return eg_fs_exists(k->s.dir, path);
}

static void
now_is(struct kit *k, const char *id, enum recover_journal j, enum spool_files f)
{
	enum recover_kind kind;
	enum recover_journal is_j;
	enum spool_files is_f;

	assert_true(recover_look(&k->s, id, &kind, &is_j, &is_f, &k->err) == EG_OK);
	assert_int_equal(is_j, j);
	assert_int_equal(is_f, f);
}

static void
acted(struct kit *k, enum recover_kind kind, enum recover_journal j, enum spool_files f, enum recover_action a,
    const struct eg_buf *before, const struct eg_buf *after)
{
	switch (a) {
	case RECOVER_NOTHING:
	case RECOVER_SEAL:
		now_is(k, kinds[kind].id, j, f);
		assert_string_equal(before->ptr, after->ptr);
		return;
	case RECOVER_REMOVE:
		now_is(k, kinds[kind].id, j, SPOOL_ABSENT);
		return;
	case RECOVER_TAKE:
	case RECOVER_READ:
		now_is(k, "D000001", RECOVER_KEPT, SPOOL_WHOLE);
		assert_false(has(k, "spool/drop/procore/a.csv.ok"));
		assert_true(has(k, f == SPOOL_SPLIT ? "spool/work/D000001/companion" : "spool/work/D000001/raw"));
		assert_false(has(k, "spool/work/D000001/.tmp-1") && f != SPOOL_WHOLE);
		return;
	case RECOVER_PUBLISH:
		now_is(k, "B000001", RECOVER_KEPT, SPOOL_WHOLE);
		assert_int_equal(has(k, "spool/out/cmic/" OUT_NAME), f == SPOOL_STAGED);
		return;
	case RECOVER_STOP:
	case RECOVER_NACTIONS:
		break;
	}
	fail_msg("no such outcome");
}

/* ---- the table ---- */

static void
one_cell(enum recover_kind kind, enum recover_journal j, enum spool_files f)
{
	const struct recover_cell *c = recover_cell(kind, j, f);
	struct eg_buf before = EG_BUF_INIT, after = EG_BUF_INIT, again = EG_BUF_INIT;
	struct kit *k = made(kind, j, f);

	print_message("          %s, journal %u, files %u: action %u (%s)\n", kinds[kind].id, j, f, c->action, c->why);
	if (f != SPOOL_ABSENT || j != RECOVER_NONE)
		now_is(k, kinds[kind].id, j, f);
	picture(k, &before);
	int rc = recover(k);
	picture(k, &after);
	if (c->action == RECOVER_STOP) {
		assert_int_equal(rc, EG_FATAL);
		assert_string_equal(k->err.code, "CLAIM");
		assert_string_equal(eg_buf_cstr(&before), eg_buf_cstr(&after));
	} else {
		kit_good(k, rc);
		acted(k, kind, j, f, c->action, &before, &after);
	}
	assert_int_equal(recover(k), rc);
	picture(k, &again);
	assert_string_equal(eg_buf_cstr(&after), eg_buf_cstr(&again));
	eg_buf_done(&before);
	eg_buf_done(&after);
	eg_buf_done(&again);
	gate_close(k);
}

static void
every_combination(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned kind = 0; kind < RECOVER_NKINDS; kind++)
		for (unsigned j = 0; j < RECOVER_NJOURNAL; j++)
			for (unsigned f = 0; f < SPOOL_NFILES; f++)
				if (recover_has(kind, j, f)) {
					one_cell(kind, j, f);
					n++;
				}
	assert_int_equal(n, 4 * 6 + 4 * 4 + 3 * 3 + 3 * 3);
}

/* What may go after sealing is what the table says may go; what is open stays. */
static void
cleaning(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < RECOVER_NKINDS; kind++)
		for (unsigned j = 0; j < RECOVER_NJOURNAL; j++)
			for (unsigned f = SPOOL_EMPTY; f < SPOOL_NFILES; f++) {
				if (!recover_has(kind, j, f))
					continue;
				struct kit *k = made(kind, j, f);
				char *path = eg_xprintf("spool/work/%s", kinds[kind].id);
				kit_good(k, recover_clean(&k->s, &k->err));
				assert_int_equal(has(k, path), recover_cell(kind, j, f)->action != RECOVER_REMOVE);
				free(path);
				gate_close(k);
			}
}

/* ---- single cases ---- */

static void
other_bytes_are_not_read(void **state)
{
	struct kit *k = made(RECOVER_DROP, RECOVER_BEGUN, SPOOL_WHOLE);

	(void)state;
	put(k, "spool/work/D000001", "raw", "something else\n");
	assert_int_equal(recover(k), EG_FATAL);
	assert_string_equal(k->err.code, "CLAIM");
	now_is(k, "D000001", RECOVER_BEGUN, SPOOL_WHOLE);
	gate_close(k);
}

static void
strangers_are_left_alone(void **state)
{
	struct kit *k = made(RECOVER_DROP, RECOVER_NONE, SPOOL_ABSENT);

	(void)state;
	put(k, "spool/work/lost+found", "x", "x");
	put(k, "spool/work/Documents-of-somebody", "x", "x");
	kit_good(k, recover(k));
	kit_good(k, recover_clean(&k->s, &k->err));
	assert_true(has(k, "spool/work/lost+found/x"));
	assert_true(has(k, "spool/work/Documents-of-somebody/x"));
	gate_close(k);
}

/* A crash between the removal's rename and its end. */
static void
half_removed(void **state)
{
	struct kit *k = made(RECOVER_DROP, RECOVER_NONE, SPOOL_ABSENT);

	(void)state;
	put(k, "spool/work/.gone-D000001", "raw", "x");
	kit_good(k, recover(k));
	assert_false(has(k, "spool/work/.gone-D000001"));
	gate_close(k);
}

/* The receiver has taken what left; only the marker was still to follow. Nothing may come a second time. */
static void
only_the_marker_follows(void **state)
{
	struct kit *k = gate_open("cmic", "target.cmic.companion = yes\n");

	(void)state;
	batch_files_made(k, SPOOL_WHOLE);
	put(k, "spool/work/B000001/cmic", OUT_NAME ".ok", "");
	gate_begin(k);
	batch_rows(k, RECOVER_BEGUN);
	gate_commit(k);
	now_is(k, "B000001", RECOVER_BEGUN, SPOOL_WHOLE);
	kit_good(k, recover(k));
	assert_false(has(k, "spool/out/cmic/" OUT_NAME));
	assert_true(has(k, "spool/out/cmic/" OUT_NAME ".ok"));
	now_is(k, "B000001", RECOVER_KEPT, SPOOL_WHOLE);
	gate_close(k);
}

static void
table_of_the_document(void **state)
{
	struct eg_buf table = EG_BUF_INIT, doc = { .max = 1 << 20 };

	(void)state;
	struct eg_err err;
	recover_table_print(&table);
	assert_int_equal(eg_fs_read_file(AT_FDCWD, "docs/SPOOL.md", 1 << 20, &doc, &err), EG_OK);
	if (strstr(eg_buf_cstr(&doc), eg_buf_cstr(&table)) == NULL)
		fail_msg("docs/SPOOL.md is not what the program says: erpgate help recovery");
	eg_buf_done(&table);
	eg_buf_done(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination),
		cmocka_unit_test(cleaning),
		cmocka_unit_test(other_bytes_are_not_read),
		cmocka_unit_test(strangers_are_left_alone),
		cmocka_unit_test(half_removed),
		cmocka_unit_test(only_the_marker_follows),
		cmocka_unit_test(table_of_the_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
