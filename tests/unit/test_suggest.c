/* SPDX-License-Identifier: MIT
 *
 * Names compared as a person compares them, each pair with its score and reason; then whole lists: who is suggested, who is alone, who is left out.
 */
#include "intake_kit.h"

#include "gateway/workflow/suggest.h"

/* ---- two names ---- */

struct two {
	const char *own, *erp;
	const char *own_more, *erp_more; /* "tax;mail;phone;zip" or NULL */
	const char *score, *reason;
	bool by_code; /* the names are "key|name" then */
};

static const char *
part(struct eg_arena *a, struct eg_bytes *rest)
{
	struct eg_bytes v;

	return eg_bytes_cut(rest, ';', &v) ? eg_arena_cstr(a, v) : NULL;
}

static struct party
party_of(struct eg_arena *a, const char *name, const char *more, bool by_code)
{
	struct eg_bytes rest = eg_bytes_str(more), named = eg_bytes_str(name), key;
	struct party p = { .key = "K", .name = name };

	if (by_code && eg_bytes_cut(&named, '|', &key)) {
		p.key = eg_arena_cstr(a, key);
		p.name = eg_arena_cstr(a, named);
	}
	if (more != NULL) {
		p.tax = part(a, &rest);
		p.mail = part(a, &rest);
		p.phone = part(a, &rest);
		p.zip = part(a, &rest);
	}
	assert_true(party_prepare(&p, a));
	return p;
}

static void
pairs(void **state)
{
	static const struct two rows[] = {
		{ "Lakeline Electric", "LAKELINE ELECTRIC", NULL, NULL, "exact", "same name", false },
		{ "  Lakeline Electric ", "lakeline electric", NULL, NULL, "exact", "same name", false },
		{ "M\xc3\x9cLLER BAU", "M\xc3\xbcller Bau", NULL, NULL, "exact", "same name", false },
		{ "Smith & Sons", "Smith and Sons", NULL, NULL, "likely", "punctuation", false },
		{ "Smith&Sons", "Smith and Sons", NULL, NULL, "likely", "punctuation", false },
		{ "O'Hara Paving", "OHara Paving", NULL, NULL, "likely", "punctuation", false },
		{ "O\xe2\x80\x99Hara Paving", "O'Hara Paving", NULL, NULL, "likely", "punctuation", false },
		{ "Andr\xc3\xa9 Roofing", "Andre Roofing", NULL, NULL, "likely", "accents", false },
		{ "A-1 Crane, Inc.", "A 1 Crane Inc", NULL, NULL, "likely", "punctuation", false },
		{ "Granite Peak Steel, LLC", "Granite Peak Steel L.L.C.", NULL, NULL, "likely", "punctuation", false },
		{ "Granite Peak Steel, LLC", "Granite Peak Steel Inc", NULL, NULL, "likely", "legal form", false },
		{ "The Blue Door Company", "Blue Door", NULL, NULL, "likely", "legal form", false },
		{ "Weber & Co.", "Weber Limited", NULL, NULL, "likely", "legal form", false },
		{ "Alpha", "Omega Works", "12-3456789", "123456789", "likely", "tax number", false },
		{ "Alpha", "Omega Works", "12", "12", NULL, NULL, false },
		{ "Timberline Roofing", "Timberlin Roofing", NULL, NULL, "possible", "1 letter", false },
		{ "Timberline Roofing", "Timebrlin Roofing", NULL, NULL, "possible", "2 letters", false },
		{ "Timberline Roofing", "Timberlin Roofing", ";;;55802", ";;;55802", "likely", "same postcode", false },
		{ "Timberline Roofing", "Timber Roofing", NULL, NULL, NULL, NULL, false },
		{ "ABC", "ABD", NULL, NULL, NULL, NULL, false },
		{ "Alpha", "Omega Works", ";AP@x.example;;", ";ap@x.example;;", "possible", "e-mail", false },
		{ "Alpha", "Omega Works", ";;218-555-0140;", ";;+1 (218) 555 0140;", "possible", "telephone", false },
		{ "Alpha", "Omega Works", ";;0140;", ";;0140;", NULL, NULL, false },
		{ "Alpha", "Omega Works", ";;;55802", ";;;55802", NULL, NULL, false },
		{ "", "", NULL, NULL, NULL, NULL, false },
		{ "LLC", "Inc", NULL, NULL, NULL, NULL, false },
		{ "26-010|Library", "26-010|Maple Street", NULL, NULL, "exact", "job code", true },
		{ "26-010|Library", "26010|Maple Street", NULL, NULL, "likely", "job code", true },
		{ "26-010|Library", "0026010|Maple Street", NULL, NULL, "likely", "zeros", true },
		{ "26-010|Library", "99|LIBRARY", NULL, NULL, "exact", "same name", true },
		{ "26-010|Library", "26011|School", NULL, NULL, NULL, NULL, true },
	};
	struct eg_arena a;

	(void)state;
	eg_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct party own = party_of(&a, rows[i].own, rows[i].own_more, rows[i].by_code);
		struct party erp = party_of(&a, rows[i].erp, rows[i].erp_more, rows[i].by_code);
		char reason[120] = "", back[120] = "";
		enum suggest_score score = party_compare(&own, &erp, rows[i].by_code, reason);

		if (strcmp(suggest_word(score), rows[i].score == NULL ? "none" : rows[i].score) != 0)
			fail_msg("%s / %s: %s (%s)", rows[i].own, rows[i].erp, suggest_word(score), reason);
		if (rows[i].reason != NULL && strstr(reason, rows[i].reason) == NULL)
			fail_msg("%s / %s: %s", rows[i].own, rows[i].erp, reason);
		assert_int_equal(party_compare(&erp, &own, rows[i].by_code, back), score);
		assert_string_equal(back, reason);
	}
	eg_arena_done(&a);
}

/* ---- lists ---- */

static const char *
told(struct kit *k, const char *kind)
{
	struct suggestions s;

	eg_buf_clear(&k->out);
	kit_good(k, suggest(&k->s, kind, &s, &k->err));
	for (size_t i = 0; i < s.n; i++)
		eg_buf_printf(&k->out, "%s=%s %s%s\n", s.v[i].own->key, s.v[i].erp->key, suggest_word(s.v[i].score),
		    s.v[i].alone ? "" : " *");
	suggestions_free(&s);
	return eg_buf_cstr(&k->out);
}

static void
lists(void **state)
{
	struct kit *k = kit_open("cmic");

	(void)state;
	kit_drop(k, "cmic", "erp.csv");
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=NORTH CRANE", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 3, "vendor.origin_code=V2;vendor.name=Twin Pines", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 4, "vendor.origin_code=V3;vendor.name=TWIN PINES", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 5, "vendor.origin_code=V4;vendor.name=South Glass Inc", NULL);
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 6, "vendor.origin_code=V5;vendor.name=Old Mill", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 7, "vendor.origin_code=V6;vendor.name=Linked One", NULL);
	kit_give(k, ADP_TAKEN, "erp-project", 8, "project.origin_code=26010;project.name=Library", NULL);
	kit_drop(k, "procore", "own.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=North Crane", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=2;vendor.name=Twin pines", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 4, "vendor.pm_id=3;vendor.name=South Glass", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 5, "vendor.pm_id=4;vendor.name=Old Mill", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 6, "vendor.pm_id=5;vendor.name=Linked One;vendor.origin_code=V6", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 7, "vendor.pm_id=6;vendor.name=North Crane;vendor.origin_code=V99", NULL);
	kit_give(k, ADP_TAKEN, "project", 8, "project.number=26-010;project.name=Town Library", NULL);
	kit_settle(k, false);
	/* V2 and V3 are one name: neither is alone. The archived, the linked and the one that names a key are left out. */
	assert_string_equal(told(k, "vendor"), "1=V1 exact\n2=V2 exact *\n2=V3 exact *\n3=V4 likely\n");
	assert_string_equal(told(k, "project"), "26-010=26010 likely\n");
	/* An accepted company is on its way to the ERP: it is not asked about any more. */
	struct item it = kit_item(k, "vendor/1");
	it.accepted = 1;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	assert_string_equal(told(k, "vendor"), "2=V2 exact *\n2=V3 exact *\n3=V4 likely\n");
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pairs), cmocka_unit_test(lists) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
