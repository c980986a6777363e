/* SPDX-License-Identifier: MIT
 *
 * Returned sheets: what a good one does, and that nothing else does anything: any bit of sheet or signature changed, another site, too late, unknown or
 * revoked signers, content that is no longer current, rows that decide nothing.
 */
#include "gate_kit.h"

struct world {
	struct kit *k;
	struct sign_key *pat;
};

#define VENDOR "vendor/1001"

static void
records(struct kit *k)
{
	gate_begin(k);
	kit_drop(k, "procore", "companies.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1001;vendor.name=Acme", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=1002;vendor.name=Birch", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 4,
	    "project.number=24-104;commitment.number=SC-1;vendor.pm_id=1001;commitment.title=T",
	    "line.position=1;line.amount=1000.01");
	kit_settle(k, false);
	gate_commit(k);
}

static struct world
world_open(const char *settings)
{
	struct world w = { .k = gate_open("cmic", settings) };

	w.pat = gate_user(w.k, "pat", "vendor,commitment", "1000.00", true);
	records(w.k);
	return w;
}

static void
world_close(struct world *w)
{
	sign_key_free(w->pat);
	gate_close(w->k);
}

static void
accept_vendor(struct kit *k, struct eg_buf *b, const char *cell)
{
	eg_buf_clear(b);
	gate_sheet_head(b);
	gate_sheet_row(k, b, "Accept", VENDOR, "ACME1", NULL, cell);
}

static void
assert_counts(const struct decide_counts *c, unsigned accepted, unsigned refused, unsigned same)
{
	assert_int_equal(c->accepted, accepted);
	assert_int_equal(c->refused, refused);
	assert_int_equal(c->same, same);
	assert_int_equal(c->rejected + c->archived + c->linked, 0);
}

static void
test_good_sheet_and_replay(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT;
	struct manifest m;
	struct decision d;

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	struct decide_counts c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 1, 0, 0);
	struct item it = kit_item(w.k, VENDOR);
	assert_string_equal(state_word(it.state), "approved");
	kit_good(w.k, decision_get(w.k->s.store, it.accepted, &w.k->a, &d, &w.k->err));
	assert_string_equal(d.approver, "pat");
	assert_string_equal(d.erp_id, "ACME1");
	assert_string_equal(d.comment, "because");
	assert_string_equal(d.content, it.content);
	kit_good(w.k, manifest_get(w.k->s.store, "P000001", &w.k->a, &m, &w.k->err));
	assert_string_equal(m.state, "applied");
	assert_string_equal(m.assurance, "signature");
	assert_string_equal(m.sheet, "S000001");
	assert_int_equal(m.accepted, 1);

	c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 0, 0, 1);
	assert_string_equal(gate_codes(w.k), "F-12");
	assert_true(kit_item(w.k, VENDOR).accepted == it.accepted);

	/* A second sheet about the same item comes too late, whatever it says. */
	gate_run(w.k);
	eg_buf_clear(&b);
	gate_sheet_head(&b);
	gate_sheet_row(w.k, &b, "Reject", VENDOR, "", NULL, GATE_CELL);
	c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "E-75");
	eg_buf_done(&b);
	world_close(&w);
}

/* One bit anywhere: refused as a whole, and the item waits as before. */
static void
test_every_flipped_bit(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT;
	unsigned char sig[SIGN_ED25519_LEN];
	unsigned flips = 0;

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	kit_good(w.k, sign_bytes(w.pat, eg_buf_view(&b), sig, &w.k->err));
	for (size_t bit = 0; bit < (b.len + sizeof(sig)) * 8; bit += bit < b.len * 8 ? 13 : 5, flips++) {
		bool in_sheet = bit < b.len * 8;
		size_t at = in_sheet ? bit : bit - b.len * 8;
		unsigned char *byte = in_sheet ? &b.ptr[at / 8] : &sig[at / 8];
		struct decide_counts c = { 0 };
		char id[16];

		*byte = (unsigned char)(*byte ^ (1U << at % 8));
		int rc = manifest_apply_bytes(&w.k->s, "sheet.csv", eg_buf_view(&b), eg_bytes(sig, sizeof(sig)), false,
		    NULL, getuid(), &c, id, &w.k->err);
		*byte = (unsigned char)(*byte ^ (1U << at % 8));
		if (rc != EG_OK || c.accepted + c.rejected + c.linked + c.archived + c.same > 0 || c.refused == 0)
			fail_msg("bit %zu of the %s: %d, %u accepted, %u refused", at, in_sheet ? "sheet" : "signature",
			    rc, c.accepted, c.refused);
	}
	assert_true(flips > 200);
	assert_string_equal(kit_state(w.k, VENDOR), "waiting");
	struct decide_counts c = gate_decide(w.k, &b, w.pat); /* a refused one takes nothing from the good one */
	assert_counts(&c, 1, 0, 0);
	eg_buf_done(&b);
	world_close(&w);
}

/* Sheets that are refused as a whole. */
static const struct whole {
	const char *name, *cell, *code, *says;
} wholes[] = {
	{ "another site", "S000001 South yard " GATE_UNTIL, "F-63", "for site South yard, not for " GATE_SITE },
	{ "a site whose name begins like ours", "S000001 " GATE_SITE "s " GATE_UNTIL, "F-63", "for site" },
	{ "expired", "S000001 " GATE_SITE " 2026-01-01T00:00:00Z", "F-63", "expired at 2026-01-01T00:00:00Z" },
	{ "no time", "S000001 " GATE_SITE " tomorrow", "F-63", "Sheet column" },
	{ "no site", "S000001 " GATE_UNTIL, "F-63", "Sheet column" },
	{ "blank", "", "F-63", "Sheet column" },
};

static int
add_message(void *ctx, const struct finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s: %s\n", f->code, f->message);
	return EG_OK;
}

static void
test_whole_sheets(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT, said = EG_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
		struct finding_filter mine = { 0 };

		gate_run(w.k);
		mine.run = w.k->s.run;
		accept_vendor(w.k, &b, wholes[i].cell);
		struct decide_counts c = gate_decide(w.k, &b, w.pat);
		eg_buf_clear(&said);
		kit_good(w.k, store_finding_each(w.k->s.store, &mine, add_message, &said, &w.k->err));
		if (c.accepted != 0 || c.refused != 1 || strcmp(gate_codes(w.k), wholes[i].code) != 0 ||
		    strstr(eg_buf_cstr(&said), wholes[i].says) == NULL)
			fail_msg("%s: %u accepted, %u refused, %s", wholes[i].name, c.accepted, c.refused,
			    eg_buf_cstr(&said));
	}
	gate_run(w.k);
	accept_vendor(w.k, &b, GATE_CELL); /* rows of two sheets */
	gate_sheet_row(w.k, &b, "Accept", "vendor/1002", "BIRCH", NULL, "S000002 " GATE_SITE " " GATE_UNTIL);
	struct decide_counts c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-63");
	gate_run(w.k);
	eg_buf_clear(&b);
	eg_buf_str(&b, "Hello,World\r\n1,2\r\n");
	c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-01");
	assert_string_equal(kit_state(w.k, VENDOR), "waiting");
	eg_buf_done(&said);
	eg_buf_done(&b);
	world_close(&w);
}

static void
test_signers(void **state)
{
	struct world w = world_open("");
	struct sign_key *stranger = NULL, *gone = gate_user(w.k, "gone", "all", NULL, false);
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	kit_good(w.k, sign_key_make(w.k->s.dir, "stranger.pem", "stranger.pub.pem", &w.k->err));
	kit_good(w.k, sign_key_load(w.k->s.dir, "stranger.pem", true, &stranger, &w.k->err));
	accept_vendor(w.k, &b, GATE_CELL);
	struct decide_counts c = gate_decide(w.k, &b, stranger);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-62");
	gate_run(w.k);
	c = gate_decide(w.k, &b, gone); /* a revoked user is known, and refused row by row */
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "E-74");
	gate_run(w.k);
	eg_buf_chr(&b, '\n'); /* other bytes: the ones before were judged */
	c = gate_decide(w.k, &b, NULL); /* required and not there: by hand it cannot wait */
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-61");
	gate_run(w.k);
	unsigned char junk[SIGN_ED25519_LEN + 1] = { 0 };
	char id[16];
	kit_good(w.k, manifest_apply_bytes(&w.k->s, "sheet.csv", eg_buf_view(&b), eg_bytes(junk, sizeof(junk)), false,
			  NULL, getuid(), &c, id, &w.k->err));
	assert_string_equal(gate_codes(w.k), "F-62");
	gate_run(w.k);
	kit_good(w.k, manifest_apply_bytes(&w.k->s, "sheet.csv", eg_buf_view(&b), eg_bytes(junk, sizeof(junk)), true,
			  NULL, getuid(), &c, id, &w.k->err));
	assert_string_equal(gate_codes(w.k), "F-62"); /* a .p7s where no CA is named */
	assert_string_equal(kit_state(w.k, VENDOR), "waiting");
	sign_key_free(gone);
	sign_key_free(stranger);
	eg_buf_done(&b);
	world_close(&w);
}

/* A CA that cannot be used refuses the sheet; the gateway goes on. */
static void
test_ca_missing(void **state)
{
	struct world w = world_open("approvals.ca = nosuch.pem\n");
	struct eg_buf b = EG_BUF_INIT;
	struct decide_counts c = { 0 };
	char id[16];

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	kit_good(w.k, manifest_apply_bytes(&w.k->s, "sheet.csv", eg_buf_view(&b), EG_LIT("-----BEGIN CMS-----"), true,
			  NULL, getuid(), &c, id, &w.k->err));
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-62");
	eg_buf_done(&b);
	world_close(&w);
}

/* Without required signatures: by name, else by account; an account that is nobody's is refused. */
static void
test_unsigned(void **state)
{
	struct world w = world_open("approvals.require_signature = no\n");
	struct eg_buf b = EG_BUF_INIT;
	struct decide_counts c;
	struct manifest m;
	char id[16];

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	c = gate_decide(w.k, &b, NULL);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "E-74");
	c = (struct decide_counts){ 0 };
	kit_good(w.k, manifest_apply_bytes(&w.k->s, "odd\xff name.csv", eg_buf_view(&b), EG_NONE, false, "pat",
			  getuid(), &c, id, &w.k->err));
	assert_counts(&c, 1, 0, 0);
	kit_good(w.k, manifest_get(w.k->s.store, id, &w.k->a, &m, &w.k->err));
	assert_string_equal(m.assurance, "command");
	assert_string_equal(m.name, "odd\\xff name.csv");
	eg_buf_done(&b);
	world_close(&w);
}

/* Rows of a good sheet that are refused by themselves; their neighbours count. */
static const struct row {
	const char *name, *verdict, *item, *content, *code; /* content NULL = current */
} rows[] = {
	{ "no content", "Accept", VENDOR, "", "E-75" },
	{ "content of nothing", "Accept", VENDOR, "00", "E-75" },
	{ "over the limit", "Accept", "commitment/24-104/SC-1", NULL, "E-74" },
	{ "archive of what goes to the ERP", "Archive", VENDOR, NULL, "F-35" },
	{ "link without a key", "Link", VENDOR, NULL, "F-33" },
};

static void
test_rows(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *key = eg_xprintf("B%zu", i), *cell = eg_xprintf("S00001%zu " GATE_SITE " " GATE_UNTIL, i);

		gate_run(w.k);
		eg_buf_clear(&b);
		gate_sheet_head(&b);
		gate_sheet_row(w.k, &b, rows[i].verdict, rows[i].item, "", rows[i].content, cell);
		gate_sheet_row(
		    w.k, &b, "", "vendor/1002", key, NULL, cell); /* blank: no decision, also with a key typed */
		struct decide_counts c = gate_decide(w.k, &b, w.pat);
		if (c.accepted != 0 || c.refused != 1 || strcmp(gate_codes(w.k), rows[i].code) != 0)
			fail_msg(
			    "%s: %u accepted, %u refused, %s", rows[i].name, c.accepted, c.refused, gate_codes(w.k));
		free(cell);
		free(key);
	}
	assert_string_equal(kit_state(w.k, VENDOR), "waiting");
	assert_string_equal(kit_state(w.k, "vendor/1002"), "waiting");
	gate_run(w.k);
	eg_buf_clear(&b);
	gate_sheet_head(&b);
	gate_sheet_row(w.k, &b, "", VENDOR, "", NULL, GATE_CELL);
	struct decide_counts c = gate_decide(w.k, &b, w.pat); /* nothing but blanks is a sheet, too */
	assert_counts(&c, 0, 0, 0);
	assert_string_equal(gate_codes(w.k), "");
	eg_buf_done(&b);
	world_close(&w);
}

static void
test_content_of_an_older_revision(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	gate_begin(w.k);
	kit_drop(w.k, "procore", "companies-2.csv");
	kit_give(w.k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1001;vendor.name=Acme & Sons", NULL);
	kit_settle(w.k, false);
	gate_commit(w.k);
	struct decide_counts c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "E-75");
	assert_true(kit_item(w.k, VENDOR).accepted == 0);
	eg_buf_done(&b);
	world_close(&w);
}

static void
test_two_verdicts_on_one_item(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	gate_sheet_row(w.k, &b, "Reject", VENDOR, "", NULL, GATE_CELL);
	gate_sheet_row(w.k, &b, "Accept", VENDOR, "ACME1", NULL, GATE_CELL);
	struct decide_counts c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 1, 2, 0);
	assert_string_equal(kit_state(w.k, VENDOR), "approved");
	assert_string_equal(gate_codes(w.k), "E-75 E-75");
	eg_buf_done(&b);
	world_close(&w);
}

static void
test_unknown_items(void **state)
{
	struct world w = world_open("");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	gate_sheet_head(&b);
	gate_sheet_row(w.k, &b, "Accept", "vendor/9999", "NINE", "00", GATE_CELL);
	struct decide_counts c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 0, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-61"); /* nothing of it is here: given by hand, it cannot wait */
	gate_run(w.k);
	gate_sheet_row(w.k, &b, "Accept", VENDOR, "ACME1", NULL, GATE_CELL);
	c = gate_decide(w.k, &b, w.pat);
	assert_counts(&c, 1, 1, 0);
	assert_string_equal(gate_codes(w.k), "F-35");
	eg_buf_done(&b);
	world_close(&w);
}

static void
test_right_per_type(void **state)
{
	struct world w = world_open("");
	struct sign_key *sam = gate_user(w.k, "sam", "commitment", NULL, true);
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	accept_vendor(w.k, &b, GATE_CELL);
	gate_sheet_row(w.k, &b, "Accept", "commitment/24-104/SC-1", "", NULL, GATE_CELL);
	struct decide_counts c = gate_decide(w.k, &b, sam);
	assert_counts(&c, 1, 1, 0);
	assert_string_equal(gate_codes(w.k), "E-74");
	assert_string_equal(kit_state(w.k, VENDOR), "waiting");
	assert_true(kit_item(w.k, "commitment/24-104/SC-1").accepted != 0);
	sign_key_free(sam);
	eg_buf_done(&b);
	world_close(&w);
}

/* Dropped before its items and before its signature: it waits for both, once each, and is never applied to other content. */
static void
drop_sheet(struct kit *k, struct eg_buf *b, const struct sign_key *key, const char *suffix)
{
	unsigned char sig[SIGN_ED25519_LEN];
	int dir = -1;

	kit_good(k, eg_fs_opendir(k->s.spool.drop, "approvals", &dir, &k->err));
	if (b->len > 0)
		kit_good(k, eg_fs_write_file(dir, "s.csv", eg_buf_view(b), 0600, false, &k->err));
	if (key != NULL) {
		char *name = eg_xprintf("s.csv%s", suffix);
		struct eg_buf raw = EG_BUF_INIT;
		kit_good(k, eg_fs_read_file(k->s.spool.work, "D000002/raw", 1 << 20, &raw, &k->err));
		kit_good(k, sign_bytes(key, eg_buf_view(&raw), sig, &k->err));
		kit_good(k, eg_fs_write_file(dir, name, eg_bytes(sig, sizeof(sig)), 0600, false, &k->err));
		eg_buf_done(&raw);
		free(name);
	}
	eg_fd_done(&dir);
}

static const char *
manifest_state(struct kit *k)
{
	struct manifest m;

	kit_good(k, manifest_get(k->s.store, "P000001", &k->a, &m, &k->err));
	return m.state;
}

static void
retry(struct kit *k)
{
	gate_run(k);
	gate_begin(k);
	kit_good(k, parked_retry(&k->s, &k->err));
	gate_commit(k);
}

static void
test_parked(void **state)
{
	struct world w = world_open("");
	struct spool_source approvals = {
		.name = "approvals", .settle = SETTLE_RENAME, .max_bytes = 1 << 20, .signature_suffixes = ".sig .p7s"
	};
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct drop_row row = { .id = "D000002",
		.source = "approvals",
		.name = "s.csv",
		.sha256 = claim.sha256,
		.identity = "",
		.state = "claimed",
		.verdict = "" };
	struct eg_buf b = EG_BUF_INIT;
	char id[16];

	(void)state;
	gate_begin(w.k);
	kit_good(w.k, store_next_id(w.k->s.store, 'D', id, &w.k->err));
	gate_commit(w.k);
	assert_string_equal(id, "D000002");
	gate_sheet_head(&b);
	gate_sheet_row(w.k, &b, "Accept", "vendor/1003", "THREE", "11", GATE_CELL);
	drop_sheet(w.k, &b, NULL, "");
	kit_good(w.k, spool_claim(&w.k->s.spool, &approvals, "D000002", "s.csv", NULL, &claim, &w.k->err));
	gate_begin(w.k);
	kit_good(w.k, store_drop_add(w.k->s.store, &row, &w.k->err));
	gate_commit(w.k);
	kit_good(w.k, manifest_take(&w.k->s, &claim, &w.k->err));
	assert_string_equal(manifest_state(w.k), "parked");
	assert_string_equal(gate_codes(w.k), "F-61");
	retry(w.k);
	assert_string_equal(manifest_state(w.k), "parked");
	assert_string_equal(gate_codes(w.k), ""); /* told once */
	eg_buf_clear(&b);
	drop_sheet(w.k, &b, w.pat, ".sig");
	retry(w.k); /* signed now, but its item is not here */
	assert_string_equal(manifest_state(w.k), "parked");
	gate_begin(w.k);
	kit_drop(w.k, "procore", "companies-3.csv");
	kit_give(w.k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1003;vendor.name=Third", NULL);
	kit_settle(w.k, false);
	gate_commit(w.k);
	retry(w.k);
	assert_string_equal(manifest_state(w.k), "applied");
	assert_string_equal(gate_codes(w.k), "E-75"); /* it was written about other content */
	assert_true(kit_item(w.k, "vendor/1003").accepted == 0);
	spool_claim_done(&claim);
	eg_buf_done(&b);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_sheet_and_replay),
		cmocka_unit_test(test_every_flipped_bit),
		cmocka_unit_test(test_whole_sheets),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_ca_missing),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_content_of_an_older_revision),
		cmocka_unit_test(test_two_verdicts_on_one_item),
		cmocka_unit_test(test_unknown_items),
		cmocka_unit_test(test_right_per_type),
		cmocka_unit_test(test_parked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
