/* SPDX-License-Identifier: MIT
 *
 * Single values as files write them: numbers, dates, flags, texts in any encoding, and the patterns of settings. For any bytes: what is read, printed and read again is
 * the same; what is refused says so in words that never hold the value.
 */
#include "tests/fuzz/fuzz.h"

#include "adapters/pattern.h"
#include "adapters/record.h"
#include "base/utf8.h"
#include "formats/text.h"

#include <string.h>
#include <strings.h>

static void
check_number(struct eg_bytes v, enum eg_dec_form form, uint8_t scale)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_dec d, again;

	if (eg_dec_parse(v, form, scale, 16, &d) != EG_DEC_OK)
		return;
	fuzz_need(d.scale == scale, "a number has the scale asked for");
	eg_dec_print(&text, d, scale);
	fuzz_need(eg_dec_parse(eg_buf_view(&text), EG_DEC_PLAIN, scale, 16, &again) == EG_DEC_OK,
	    "a number that is printed can be read");
	fuzz_need(again.coef == d.coef && again.scale == d.scale, "a number that is printed reads the same");
	eg_buf_done(&text);
}

/* Two numbers in two lines: what was added can be taken off again; a product divided by one factor is the other. */
static void
check_sums(struct eg_bytes v)
{
	struct eg_bytes rest = v, first;
	struct eg_dec a, b, sum, back;

	if (!eg_bytes_cut(&rest, '\n', &first) || eg_dec_parse(first, EG_DEC_PLAIN, 4, 16, &a) != EG_DEC_OK ||
	    eg_dec_parse(rest, EG_DEC_MONEY, 2, 16, &b) != EG_DEC_OK)
		return;
	if (eg_dec_add(a, b, &sum) && eg_dec_sub(sum, b, &back))
		fuzz_need(eg_dec_cmp(back, a) == 0, "what was added can be taken off again");
	if (!eg_dec_is_zero(b) && eg_dec_mul_round(a, b, 6, &sum) && eg_dec_div_round(sum, b, 4, &back))
		fuzz_need(eg_dec_cmp(back, a) == 0, "a product divided by one factor is the other");
	fuzz_need(eg_dec_cmp(eg_dec_neg(eg_dec_neg(a)), a) == 0, "the opposite of the opposite is the number");
	fuzz_need(eg_dec_cmp(a, b) == -eg_dec_cmp(b, a), "of two numbers one is the greater, whichever is asked first");
	/* Half a unit of the last digit off at most: the product with the divisor shows it, and is exact. */
	if (!eg_dec_is_zero(b) && eg_dec_div_round(a, b, 1, &sum) && eg_dec_mul_round(sum, b, 3, &back) &&
	    eg_dec_sub(back, a, &back)) {
		if (back.coef < 0)
			back = eg_dec_neg(back);
		const struct eg_dec most = { (b.coef < 0 ? -b.coef : b.coef) * 5, 4 };
		fuzz_need(eg_dec_cmp(back, most) <= 0, "a rounded quotient is the nearest");
	}
}

static void
check_letters(struct eg_bytes v)
{
	for (size_t at = 0; at < v.len;) {
		const size_t began = at;
		const uint32_t cp = eg_utf8_next(v, &at);
		struct eg_buf again = EG_BUF_INIT;

		eg_utf8_put(&again, cp);
		fuzz_need(eg_bytes_eq(eg_buf_view(&again), eg_bytes_sub(v, began, at - began)),
		    "a character is written as it was");
		eg_buf_done(&again);
		fuzz_need(eg_utf8_upper(eg_utf8_upper(cp)) == eg_utf8_upper(cp), "a capital stays one");
		fuzz_need(eg_utf8_lower(eg_utf8_lower(cp)) == eg_utf8_lower(cp), "a small letter stays one");
	}
	fuzz_need(eg_utf8_prefix(v, eg_utf8_count(v)).len == v.len, "a text has as many characters as it has");
}

static void
check_date(struct eg_bytes v, const char *format)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_date d, again;

	if (!eg_date_parse(v, eg_bytes_str(format), &d))
		return;
	fuzz_need(eg_date_valid(d), "a date that is read is one");
	eg_date_print(&text, d, eg_bytes_str(format));
	fuzz_need(
	    eg_date_parse(eg_buf_view(&text), eg_bytes_str(format), &again), "a date that is printed can be read");
	fuzz_need(eg_date_cmp(d, again) == 0, "a date that is printed reads the same");
	fuzz_need(eg_date_cmp(eg_date_of_time(eg_date_time(d)), d) == 0, "a day has its seconds");
	const struct eg_date next = eg_date_add_days(d, 1);
	if (eg_date_valid(next))
		fuzz_need(eg_date_cmp(d, next) < 0 && eg_date_cmp(eg_date_add_days(next, -1), d) == 0,
		    "the day behind tomorrow's eve is today");
	eg_buf_done(&text);
}

/* As any field of the model would read it; the canonical text is read strictly to the same. */
static void
check_field(struct eg_arena *a, const struct rec_field *f, struct eg_bytes v, const struct rec_forms *forms)
{
	const struct rec_prov at = { .line = 1, .len = (uint32_t)v.len };
	struct rec_val val = { 0 }, again = { 0 };
	struct eg_err err = { 0 };
	const int rc = rec_read(a, f, forms, v, at, &val, &err);

	if (rc < 0) {
		fuzz_failure(rc, &err, EG_NONE, false);
		fuzz_need(val.state == RV_BLANK && val.text.ptr == NULL, "a refused value leaves nothing");
		return;
	}
	fuzz_need(eg_utf8_valid(val.text) == val.text.len, "a value is UTF-8");
	if (val.state != RV_VALUE)
		return;
	fuzz_need(rec_set(a, f, val.text, at, &again, &err) == EG_OK, "a canonical text can be read strictly");
	fuzz_need(eg_bytes_eq(val.text, again.text), "a canonical text is stable");
}

/* A number made into a value of a field of numbers: refused, or a value that reads the same. */
static void
check_made(struct eg_arena *a, const struct rec_field *f, struct eg_bytes v)
{
	const struct rec_prov at = { .line = 1 };

	for (uint8_t scale = 0; scale <= EG_DEC_SCALE_MAX; scale += 3) {
		struct rec_val val = { 0 }, again = { 0 };
		struct eg_err err = { 0 };
		struct eg_dec d;
		if (eg_dec_parse(v, EG_DEC_PLAIN, scale, 16, &d) != EG_DEC_OK)
			continue;
		const int rc = rec_set_dec(a, f, d, at, &val, &err);
		if (rc < 0)
			fuzz_failure(rc, &err, EG_NONE, false);
		else
			fuzz_need(
			    rec_set(a, f, val.text, at, &again, &err) == EG_OK && eg_bytes_eq(val.text, again.text),
			    "a number that is a value reads the same");
	}
}

static void
check_fields(struct eg_bytes v)
{
	const struct eg_bytes dates[] = { EG_LIT("YYYY-MM-DD"), EG_LIT("M/D/YYYY"), EG_LIT("DD-MON-YYYY") };
	const struct eg_bytes yes[] = { EG_LIT("Y") }, no[] = { EG_LIT("N") };
	const struct rec_forms forms = { EG_DEC_MONEY, 3, dates, 1, yes, no };
	struct eg_arena a;

	eg_arena_init(&a, (size_t)1 << 22);
	for (enum rec_ftype t = RF_TEXT; t <= RF_WORD; t++) {
		const struct rec_field f = { "x.y", t, 0, t == RF_WORD ? "accept reject archive" : NULL };
		check_field(&a, &f, v, NULL);
		check_field(&a, &f, v, &forms);
		if ((t >= RF_AMOUNT && t <= RF_PERCENT) || t == RF_INT)
			check_made(&a, &f, v);
	}
	fuzz_need(a.high <= a.max, "the limit of the arena holds");
	eg_arena_done(&a);
}

/* bytes -> UTF-8 -> bytes, for each encoding that both directions know */
static void
check_encoding(struct eg_bytes v, enum fmt_enc enc)
{
	struct eg_buf text = EG_BUF_INIT, back = EG_BUF_INIT;
	struct eg_err err = { 0 };
	const int rc = fmt_to_utf8(enc, v, &text, &err);

	fuzz_need(eg_utf8_valid(eg_buf_view(&text)) == text.len, "what is converted is UTF-8");
	if (rc < 0) {
		fuzz_need(strcmp(err.code, "F-02") == 0 && err.pos.off < v.len, "a byte that does not fit is named");
	} else if (enc != FMT_UTF16LE && enc != FMT_UTF16BE && enc != FMT_UTF8_ELSE_1252) {
		fuzz_need(fmt_from_utf8(enc, eg_buf_view(&text), &back, &err) == EG_OK, "there is a way back");
		fuzz_need(eg_bytes_eq(eg_buf_view(&back), v), "the way back leads to the same bytes");
	}
	eg_buf_done(&text);
	eg_buf_done(&back);
}

/* What begins with a mark, names an encoding, or is a text that only some encodings can hold. */
static void
check_mark(struct eg_bytes v)
{
	enum fmt_enc enc = FMT_UTF8;
	size_t len;

	if (fmt_enc_named(v, &enc)) {
		fuzz_need((unsigned)enc < FMT_NENC, "a name is one encoding's");
		fuzz_need(strncasecmp(fmt_enc_name(enc), (const char *)v.ptr, v.len) == 0, "which is called so");
	}
	const bool marked = fmt_bom(v, &enc, &len);
	fuzz_need(len <= v.len && (len > 0) == marked, "a mark has its bytes");
	for (enum fmt_enc e = FMT_UTF8; e < FMT_UTF8_ELSE_1252 && eg_utf8_valid(v) == v.len; e++) {
		struct eg_buf out = EG_BUF_INIT, back = EG_BUF_INIT;
		struct eg_err err = { 0 };
		const int rc = fmt_from_utf8(e, v, &out, &err);

		if (rc < 0)
			fuzz_failure(rc, &err, v, false);
		else
			fuzz_need(fmt_to_utf8(e, eg_buf_view(&out), &back, &err) == EG_OK &&
				      eg_bytes_eq(eg_buf_view(&back), v),
			    "a text that an encoding holds comes back");
		eg_buf_done(&out);
		eg_buf_done(&back);
	}
}

static void
check_text(struct eg_bytes v)
{
	struct eg_buf shown = EG_BUF_INIT, fit = EG_BUF_INIT, again = EG_BUF_INIT;

	char brief[24];

	eg_utf8_shown_cut(v, brief, sizeof(brief));
	fuzz_need(strlen(brief) < sizeof(brief), "what is shown in a small place fits it");
	if (brief[0] != '\0')
		fuzz_sentence(brief);
	eg_buf_escaped(&shown, v);
	if (shown.len > 0)
		fuzz_sentence(eg_buf_cstr(&shown));
	if (eg_utf8_valid(v) == v.len) {
		(void)fmt_fit(v, true, true, FMT_BREAKS_BLANK, &fit);
		for (size_t i = 0; i < fit.len; i++)
			fuzz_need(fit.ptr[i] < 0x80, "what is made ASCII is ASCII");
		fuzz_need(fmt_fit(eg_buf_view(&fit), true, true, FMT_BREAKS_BLANK, &again) == 0 &&
			      eg_bytes_eq(eg_buf_view(&fit), eg_buf_view(&again)),
		    "what fits is left as it is");
	}
	eg_buf_done(&shown);
	eg_buf_done(&fit);
	eg_buf_done(&again);
}

static void
check_times(struct eg_bytes v)
{
	char text[EG_TIME_TEXT];
	int64_t t, n;
	uint64_t u;

	if (eg_time_parse(v, &t)) {
		eg_time_print(text, t);
		fuzz_need(eg_bytes_is(v, text), "a time that is printed reads the same");
	}
	if (eg_duration_parse(v, &t))
		fuzz_need(t >= 0 && t <= INT64_C(10) * 366 * 86400, "a duration is ten years at most");
	if (eg_bytes_to_u64(v, &u) && eg_bytes_to_i64(v, &n))
		fuzz_need(n >= 0 && (uint64_t)n == u, "a whole number is one number");
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct eg_err err;

	(void)argc;
	(void)argv;
	fuzz_need(fmt_text_preload(&err) == EG_OK, "converters open");
	return 0;
}

/* The whole input is the value; a first line of it also is a pattern for the rest. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = { "YYYY-MM-DD", "M/D/YYYY", "DD-MON-YYYY", "MM/DD/YYYY HH:mm:ss.fff",
		"D.M.YYYY", "YYYYMMDD", "D MON YYYY HH:mm" };
	const struct eg_bytes v = eg_bytes(data, size);
	struct eg_bytes rest = v, first;

	for (uint8_t scale = 0; scale <= EG_DEC_SCALE_MAX; scale++) {
		check_number(v, EG_DEC_PLAIN, scale);
		check_number(v, EG_DEC_MONEY, scale);
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		check_date(v, formats[i]);
	check_times(v);
	check_text(v);
	check_mark(v);
	check_fields(v);
	for (enum fmt_enc e = FMT_UTF8; e < FMT_NENC; e++)
		check_encoding(v, e);
	check_sums(v);
	if (eg_utf8_valid(v) == v.len)
		check_letters(v);
	if (eg_utf8_valid(v) == v.len && eg_bytes_cut(&rest, '\n', &first) && rest.ptr != NULL) {
		struct adp_pattern *p = adp_pattern_new(first);
		if (p != NULL)
			(void)adp_pattern_match(p, rest);
		adp_pattern_free(p);
		(void)eg_bytes_glob(first, rest);
		(void)eg_bytes_distance(first, rest, 3);
	}
	return 0;
}
