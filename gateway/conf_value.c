/* SPDX-License-Identifier: MIT
 *
 * Types of settings whose check is more than a look at the characters: schedules, zones, times, months, mail addresses. Each refusal says what to write.
 */
#include "base/date.h"
#include "gateway/conf.h"
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

int
conf_value_check(enum conf_type type, const char *key, struct eg_bytes v, struct eg_err *err)
{
	const char *want;
	bool good;

	if (type == CT_SCHEDULE)
		return check_schedule(v, err);
	if (type == CT_ZONE)
		return check_zone(v, err);
	if (type == CT_DAYS || type == CT_CUTOFF || type == CT_PATTERN || type == CT_SEQUENCE)
		return check_expect(type, v, err);
	if (type == CT_KEEP) {
		struct keep_time ignored;
		good = v.len == 0 || keep_time_parse(v, &ignored);
		want = "how long: 10y for ten calendar years, 400d, or forever";
	} else if (type == CT_CLOCK) {
		good = clock_good(v);
		want = "a time such as 07:00";
	} else if (type == CT_MONTHS) {
		good = months_good(v);
		want = "months such as 2026-11, 2026-12, or nothing";
	} else {
		good = mails_good(v);
		want = "mail addresses such as ann@example.com, bob@example.com, or nothing";
	}
	return good ? EG_OK : eg_fail(err, EG_BADREC, "CONF-VALUE", "%s is \"%.*s\"; write %s", key, EG_FMT(v), want);
}
