/* SPDX-License-Identifier: MIT
 *
 * Calendar and names of expected files. Refuses days that nothing can fall on, and patterns in which two places would be one word. Tests: tests/unit/test_expect.c.
 */
#include "gateway/expect_spec.h"

#define DATE EG_LIT("YYYY-MM-DD")
#define NUMBER_DIGITS 18 /* fits a signed 64-bit integer, as the database keeps it */

/* ---- days ---- */

static const char *const weekday_words[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static int
weekday_named(struct eg_bytes v)
{
	for (int i = 0; i < 7; i++)
		if (eg_bytes_is(v, weekday_words[i]))
			return i;
	return -1;
}

/* 0 = Monday; 1970-01-01 was a Thursday. */
static int
weekday(struct eg_date d)
{
	int64_t days = eg_date_time(d) / 86400;

	return (int)(((days + 3) % 7 + 7) % 7);
}

/* "mon-fri", also over the weekend: "sat-tue". */
static bool
add_range(struct expect_days *d, struct eg_bytes v)
{
	size_t dash = eg_bytes_chr(v, '-');
	int from = weekday_named(eg_bytes_sub(v, 0, dash)), to = weekday_named(eg_bytes_sub(v, dash + 1, v.len));

	if (dash == v.len || from < 0 || to < 0)
		return false;
	for (int i = from;; i = (i + 1) % 7) {
		d->weekdays |= (uint8_t)(1U << i);
		if (i == to)
			return true;
	}
}

static bool
add_word(struct expect_days *d, struct eg_bytes v)
{
	static const struct {
		const char *word;
		uint8_t weekdays;
	} sets[] = { { "daily", 0x7f }, { "weekdays", 0x1f } };
	uint64_t n;
	int day = weekday_named(v);

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (eg_bytes_is(v, sets[i].word)) {
			d->weekdays |= sets[i].weekdays;
			return true;
		}
	if (day >= 0)
		d->weekdays |= (uint8_t)(1U << day);
	else if (eg_bytes_is(v, "month-end"))
		d->month_end = true;
	else if (eg_bytes_is(v, "last-workday"))
		d->last_workday = true;
	else if (eg_bytes_to_u64(v, &n) && n >= 1 && n <= 31)
		d->monthdays |= UINT32_C(1) << n;
	else
		return add_range(d, v);
	return true;
}

static bool
add_excepts(struct expect_days *d, struct eg_bytes v)
{
	struct eg_bytes part;

	while (eg_bytes_cut(&v, ',', &part))
		if (d->nexcept == EXPECT_EXCEPT || !eg_date_parse(eg_bytes_trim(part), DATE, &d->except[d->nexcept++]))
			return false;
	return d->nexcept > 0;
}

int
expect_days_parse(struct eg_bytes text, struct expect_days *ret, struct eg_err *err)
{
	static const struct eg_bytes word = { (const unsigned char *)" except ", 8 };
	size_t at = eg_bytes_find(text, word);
	struct eg_bytes days = eg_bytes_trim(eg_bytes_sub(text, 0, at)), part;
	bool good = days.len > 0;

	*ret = (struct expect_days){ 0 };
	while (good && eg_bytes_cut(&days, ',', &part))
		good = add_word(ret, eg_bytes_trim(part));
	if (good && at < text.len)
		good = add_excepts(ret, eg_bytes_sub(text, at + word.len, text.len));
	return good ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "CONF-VALUE",
		       "\"%.*s\" are no days; write for example weekdays, mon-thu, 15, month-end, last-workday, or weekdays except 2026-12-24,2026-12-31",
		       EG_FMT(text));
}

int
expect_cutoff_parse(struct eg_bytes text, struct expect_cutoff *ret, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_trim(text), clock = EG_NONE;
	uint64_t h = 0, m = 0, days = 0;
	bool good = eg_bytes_cut(&rest, ' ', &clock) && clock.len == 5 && clock.ptr[2] == ':' &&
	            eg_bytes_to_u64(eg_bytes_sub(clock, 0, 2), &h) && eg_bytes_to_u64(eg_bytes_sub(clock, 3, 2), &m) &&
	            h < 24 && m < 60;

	rest = eg_bytes_trim(rest);
	if (good && rest.len > 0)
		good = rest.len == 2 && rest.ptr[0] == '+' && eg_bytes_to_u64(eg_bytes_sub(rest, 1, 1), &days);
	*ret = (struct expect_cutoff){ (int32_t)(h * 3600 + m * 60), (int)days };
	return good ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "CONF-VALUE",
		       "\"%.*s\" is no cut-off; write a time such as 18:00, or 06:00 +1 for the morning after the day",
		       EG_FMT(text));
}

int
expect_holidays_parse(struct eg_bytes csv, struct expect_holidays *ret, struct eg_err *err)
{
	struct eg_bytes line, cell;
	unsigned at = 0;

	*ret = (struct expect_holidays){ 0 };
	while (eg_bytes_cut(&csv, '\n', &line)) {
		struct eg_date d;
		line = eg_bytes_trim_ws(line);
		if (++at == 1 || line.len == 0 || !eg_bytes_cut(&line, ',', &cell))
			continue;
		cell = eg_bytes_trim(cell);
		if (cell.len >= 2 && cell.ptr[0] == '"')
			cell = eg_bytes_sub(cell, 1, cell.len - 2);
		if (!eg_date_parse(cell, DATE, &d)) {
			free(ret->day);
			*ret = (struct expect_holidays){ 0 };
			return eg_fail(err, EG_BADREC, "CONF-VALUE",
			    "line %u of the holidays begins with \"%.*s\", which is no date; write one day a line, such as 2026-12-25,Christmas, below a header line",
			    at, EG_FMT(eg_bytes_sub(cell, 0, 40)));
		}
		ret->day = eg_xrealloc(ret->day, (ret->n + 1) * sizeof(*ret->day));
		ret->day[ret->n++] = d;
	}
	return EG_OK;
}

static bool
is_off(const struct expect_days *d, const struct expect_holidays *h, struct eg_date day)
{
	for (unsigned i = 0; i < d->nexcept; i++)
		if (eg_date_cmp(d->except[i], day) == 0)
			return true;
	for (size_t i = 0; h != NULL && i < h->n; i++)
		if (eg_date_cmp(h->day[i], day) == 0)
			return true;
	return false;
}

/* The last day of its month on which people work. */
static bool
is_last_workday(const struct expect_days *d, const struct expect_holidays *h, struct eg_date day)
{
	if (weekday(day) > 4 || is_off(d, h, day))
		return false;
	for (struct eg_date later = eg_date_add_days(day, 1); eg_date_valid(later) && later.month == day.month;
	     later = eg_date_add_days(later, 1))
		if (weekday(later) <= 4 && !is_off(d, h, later))
			return false;
	return true;
}

bool
expect_day(const struct expect_days *d, const struct expect_holidays *h, struct eg_date day)
{
	if (!eg_date_valid(day) || is_off(d, h, day))
		return false;
	if ((d->weekdays >> weekday(day) & 1) != 0 || (d->monthdays >> day.day & 1) != 0)
		return true;
	struct eg_date next = eg_date_add_days(day, 1);
	return (d->month_end && (!eg_date_valid(next) || next.month != day.month)) ||
	       (d->last_workday && is_last_workday(d, h, day));
}

struct eg_date
expect_next(const struct expect_days *d, const struct expect_holidays *h, struct eg_date day, int step)
{
	for (int i = 0; i < EXPECT_AHEAD && eg_date_valid(day); i++, day = eg_date_add_days(day, step))
		if (expect_day(d, h, day))
			return day;
	return (struct eg_date){ 0 };
}

/* ---- names ---- */

static bool
digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* One place of the pattern against the name from `at` on: how many bytes it takes, -1 = it does not fit. */
static int
take_number(struct eg_bytes name, size_t at, struct expect_name *ret)
{
	size_t n = 0;

	while (n <= NUMBER_DIGITS && at + n < name.len && digit(name.ptr[at + n]))
		n++;
	if (n == 0 || n > NUMBER_DIGITS || !eg_bytes_to_u64(eg_bytes_sub(name, at, n), &ret->n))
		return -1;
	ret->has_n = true;
	return (int)n;
}

static int
take_date(struct eg_bytes name, size_t at, struct expect_name *ret)
{
	static const struct {
		struct eg_bytes format;
		size_t len;
	} forms[] = { { { (const unsigned char *)"YYYY-MM-DD", 10 }, 10 },
		{ { (const unsigned char *)"YYYYMMDD", 8 }, 8 } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct eg_bytes v = eg_bytes_sub(name, at, forms[i].len);
		if (v.len == forms[i].len && eg_date_parse(v, forms[i].format, &ret->date)) {
			ret->has_date = true;
			return (int)v.len;
		}
	}
	return -1;
}

/* A token of the pattern at `p`: its length there. */
static size_t
token(struct eg_bytes pattern, size_t p, bool *ret_n, bool *ret_date)
{
	struct eg_bytes rest = eg_bytes_sub(pattern, p, pattern.len);

	*ret_n = eg_bytes_starts(rest, EG_LIT("{n}"));
	*ret_date = eg_bytes_starts(rest, EG_LIT("{date}"));
	return *ret_n ? 3 : *ret_date ? 6 : 1;
}

/* As eg_bytes_glob: only the last star is ever tried again, so the time is the product of both lengths at most. */
bool
expect_match(struct eg_bytes pattern, struct eg_bytes name, struct expect_name *ret)
{
	size_t p = 0, i = 0, star = SIZE_MAX, star_at = 0;

	*ret = (struct expect_name){ 0 };
	for (;;) {
		bool n = false, date = false;
		size_t len = p < pattern.len ? token(pattern, p, &n, &date) : 0;
		int took = -1;

		if (len == 0 && i == name.len)
			return true;
		if (len == 1 && pattern.ptr[p] == '*') {
			star = p++;
			star_at = i;
			continue;
		}
		if (n)
			took = take_number(name, i, ret);
		else if (date)
			took = take_date(name, i, ret);
		else if (len == 1 && i < name.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == name.ptr[i]))
			took = 1;
		if (took >= 0) {
			p += len;
			i += (size_t)took;
			continue;
		}
		if (star == SIZE_MAX || star_at >= name.len)
			return false;
		p = star + 1;
		i = ++star_at;
	}
}

bool
expect_number(struct eg_bytes text, struct eg_bytes before, struct eg_bytes after, uint64_t *ret)
{
	for (;;) {
		struct expect_name got = { 0 };
		size_t at = eg_bytes_find(text, before);
		if (at == text.len)
			return false;
		size_t from = at + before.len;
		int n = take_number(text, from, &got);
		if (n > 0 && eg_bytes_starts(eg_bytes_sub(text, from + (size_t)n, text.len), after)) {
			*ret = got.n;
			return true;
		}
		text = eg_bytes_sub(text, at + 1, text.len);
	}
}

/* ---- the settings' own checks ---- */

static unsigned
count_of(struct eg_bytes text, struct eg_bytes what)
{
	unsigned n = 0;

	for (size_t at; at = eg_bytes_find(text, what), at < text.len; n++)
		text = eg_bytes_sub(text, at + what.len, text.len);
	return n;
}

int
expect_pattern_check(struct eg_bytes v, struct eg_err *err)
{
	bool good = v.len <= 200 && eg_bytes_chr(v, '/') == v.len && count_of(v, EG_LIT("{n}")) <= 1 &&
	            count_of(v, EG_LIT("{date}")) <= 1 && eg_bytes_find(v, EG_LIT("{n}{date}")) == v.len &&
	            eg_bytes_find(v, EG_LIT("{date}{n}")) == v.len &&
	            count_of(v, EG_LIT("{")) == count_of(v, EG_LIT("{n}")) + count_of(v, EG_LIT("{date}"));

	return good ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "CONF-VALUE",
		       "\"%.*s\" is no file name with places; write for example commitments_*.csv, costs_{date}.csv or export-{n}.xml (one {n} and one {date} at most)",
		       EG_FMT(eg_bytes_sub(v, 0, 120)));
}

int
expect_sequence_check(struct eg_bytes v, struct eg_err *err)
{
	struct eg_bytes text = EG_LIT("content ");
	bool content =
	    eg_bytes_starts(v, text) && count_of(v, EG_LIT("{n}")) == 1 && eg_bytes_find(v, EG_LIT("{n}")) > text.len;

	return eg_bytes_is(v, "no") || eg_bytes_is(v, "name") || content ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "CONF-VALUE",
		       "\"%.*s\" says not where the number stands; write no, name (then the pattern has {n}), or content Batch,{n} with the bytes before and behind it",
		       EG_FMT(eg_bytes_sub(v, 0, 120)));
}
