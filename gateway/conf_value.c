/* SPDX-License-Identifier: MIT
 *
 * Types of settings: yes or no, numbers, words, times, months, mail addresses, schedules, zones, and what an expected file's settings say. Each refusal says what to write.
 */
#include "gateway/conf_int.h"

#include "base/date.h"
#include "gateway/expect_spec.h"
#include "gateway/keep_time.h"
#include "gateway/mail/address.h"
#include "gateway/schedule_spec.h"

static int
check_zone(struct eg_bytes v, struct eg_err *err)
{
	char *name = eg_xdup(v);
	struct eg_tz *z = NULL;
	int rc = eg_tz_load(name, &z, err);

	eg_tz_free(z);
	free(name);
	return rc;
}

static int
check_schedule(struct eg_bytes v, struct eg_err *err)
{
	struct schedule_spec spec;
	int rc = schedule_parse(v, &spec, err);

	return rc == EG_OK && *spec.zone != '\0' ? check_zone(eg_bytes_str(spec.zone), err) : rc;
}

static bool
clock_good(struct eg_bytes v)
{
	struct eg_date ignored;
	struct eg_buf full = EG_BUF_INIT;

	/* eg_date_parse knows hours and minutes behind a date. */
	eg_buf_printf(&full, "2000-01-01 %.*s", EG_FMT(v));
	bool good = eg_date_parse(eg_buf_view(&full), EG_LIT("YYYY-MM-DD HH:mm"), &ignored);
	eg_buf_done(&full);
	return good;
}

static bool
months_good(struct eg_bytes v)
{
	struct eg_bytes part;
	struct eg_date first;

	while (v.len > 0 && eg_bytes_cut(&v, ',', &part)) {
		char day[12];
		part = eg_bytes_trim(part);
		(void)snprintf(day, sizeof(day), "%.*s-01", EG_FMT(eg_bytes_sub(part, 0, 8)));
		if (!eg_date_parse(eg_bytes_str(day), EG_LIT("YYYY-MM-DD"), &first))
			return false;
	}
	return true;
}

static bool
mails_good(struct eg_bytes v)
{
	struct eg_bytes part;

	while (v.len > 0 && eg_bytes_cut(&v, ',', &part))
		if (!mail_address_good(eg_bytes_trim(part)))
			return false;
	return true;
}

/* What an expected file's settings say (expect_spec.h); an empty pattern or cut-off is told when the whole is looked at (expect.c). */
static int
check_expect(enum conf_type type, struct eg_bytes v, struct eg_err *err)
{
	struct expect_days days;
	struct expect_cutoff cutoff;

	switch (type) {
	case CT_DAYS:
		return expect_days_parse(v, &days, err);
	case CT_CUTOFF:
		return expect_cutoff_parse(v, &cutoff, err);
	case CT_PATTERN:
		return expect_pattern_check(v, err);
	default:
		return expect_sequence_check(v, err);
	}
}

static bool
word_in(struct eg_bytes word, const char *words)
{
	struct eg_bytes rest = eg_bytes_str(words), part;

	while (eg_bytes_cut(&rest, ' ', &part))
		if (eg_bytes_eq(part, word))
			return true;
	return false;
}

/* Of the types that say yes or no: what to write stands in wanted[]. */
static bool
value_good(const struct conf_key *k, struct eg_bytes v)
{
	struct keep_time keep;
	struct eg_date date;
	uint64_t n;
	int64_t sec;

	switch (k->type) {
	case CT_BOOL:
		return eg_bytes_is(v, "yes") || eg_bytes_is(v, "no");
	case CT_INT:
	case CT_SIZE:
		return eg_bytes_to_u64(v, &n) && n <= INT64_MAX;
	case CT_DURATION:
		return eg_duration_parse(v, &sec);
	case CT_WORD:
		return word_in(v, k->words);
	case CT_DATE:
		return v.len == 0 || eg_date_parse(v, EG_LIT("YYYY-MM-DD"), &date);
	case CT_CLOCK:
		return clock_good(v);
	case CT_MONTHS:
		return months_good(v);
	case CT_MAIL:
		return mails_good(v);
	case CT_KEEP:
		return v.len == 0 || keep_time_parse(v, &keep);
	default:
		return true; /* a text, a list, a rule */
	}
}

static const char *const wanted[] = {
	[CT_BOOL] = "yes or no",
	[CT_INT] = "a whole number",
	[CT_SIZE] = "a whole number",
	[CT_DURATION] = "a duration such as 2s, 10m, 3h or 30d",
	[CT_WORD] = "one of: ",
	[CT_DATE] = "a date such as 2026-01-31",
	[CT_CLOCK] = "a time such as 07:00",
	[CT_MONTHS] = "months such as 2026-11, 2026-12, or nothing",
	[CT_MAIL] = "mail addresses such as ann@example.com, bob@example.com, or nothing",
	[CT_KEEP] = "how long: 10y for ten calendar years, 400d, or forever",
};

int
conf_value_check(const struct conf_key *k, struct eg_bytes v, struct eg_err *err)
{
	switch (k->type) {
	case CT_SCHEDULE:
		return check_schedule(v, err);
	case CT_ZONE:
		return check_zone(v, err);
	case CT_DAYS:
	case CT_CUTOFF:
	case CT_PATTERN:
	case CT_SEQUENCE:
		return check_expect(k->type, v, err);
	default:
		break;
	}
	if (value_good(k, v))
		return EG_OK;
	return eg_fail(err, EG_BADFILE, "CONF-VALUE", "%s is \"%.*s\"; write %s%s", k->key, EG_FMT(v), wanted[k->type],
	    k->type == CT_WORD ? k->words : "");
}
