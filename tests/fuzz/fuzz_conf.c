/* SPDX-License-Identifier: MIT
 *
 * erpgate.conf, with schedules, time zones and rules among its values. For any text: every fault with line and column; settings that were read,
 * written one by one by conf_edit, read the same; a schedule's last due time is not in the future and its next one is.
 */
#include "tests/fuzz/fuzz.h"

#include "gateway/conf.h"
#include "gateway/schedule_spec.h"

#include <string.h>

static bool
same_settings(const struct conf *a, const struct conf *b)
{
	const char *key, *value, *other;

	for (size_t i = 0; conf_set_at(a, i, &key, &value); i++) {
		other = conf_get(b, key);
		if (other == NULL || strcmp(other, value) != 0)
			return false;
	}
	return a->n == b->n;
}

static void
check_edits(const struct conf *c, struct eg_bytes original)
{
	struct eg_buf text = EG_BUF_INIT, next = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct conf again;
	const char *key, *value;

	eg_buf_add(&text, original);
	for (size_t i = 0; conf_set_at(c, i, &key, &value); i++) {
		eg_buf_clear(&next);
		if (conf_edit(eg_buf_view(&text), key, value, &next, &err) != EG_OK) {
			/* quotes that only stand so in a file are refused, never changed */
			fuzz_failure((int)err.cls, &err, EG_NONE, false);
			continue;
		}
		eg_buf_clear(&text);
		eg_buf_add(&text, eg_buf_view(&next));
	}
	fuzz_need(conf_parse(eg_buf_view(&text), "edited", &again, &err) == EG_OK, "an edited file can be read");
	fuzz_need(same_settings(c, &again), "settings set to what they are stay what they are");
	conf_free(&again);
	eg_buf_done(&text);
	eg_buf_done(&next);
}

static void
check_schedule(struct eg_bytes text)
{
	static const int64_t nows[] = { 0, 1780000000, 1793510999, INT64_C(4102444800) };
	struct schedule_spec spec;
	struct eg_tz *z = NULL;
	struct eg_err err = { 0 };
	const int rc = schedule_parse(text, &spec, &err);

	if (rc < 0) {
		fuzz_failure(rc, &err, EG_NONE, false);
		return;
	}
	if (spec.zone[0] != '\0' && eg_tz_load(spec.zone, &z, &err) != EG_OK) {
		fuzz_failure((int)err.cls, &err, EG_NONE, false);
		return;
	}
	for (size_t i = 0; i < sizeof(nows) / sizeof(nows[0]); i++) {
		int64_t last = 0, next = 0, last_then = 0, next_then = 0;
		schedule_due(&spec, z, nows[i], &last, &next);
		if (spec.kind != SCHEDULE_HOURS && spec.kind != SCHEDULE_DAILY)
			continue;
		fuzz_need(last <= nows[i] && next > nows[i], "the last time is not ahead, the next one is");
		schedule_due(&spec, z, next, &last_then, &next_then);
		fuzz_need(last_then == next && next_then > next, "when it is due, it is due");
	}
	eg_tz_free(z);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes in = eg_bytes(data, size);
	struct eg_err err = { 0 };
	const char *key, *value;
	struct conf c;
	const int rc = conf_parse(in, "x/erpgate.conf", &c, &err);

	check_schedule(eg_bytes_sub(in, 0, eg_bytes_chr(in, '\n')));
	if (rc < 0) {
		fuzz_failure(rc, &err, in, size <= 4096);
		return 0;
	}
	for (size_t i = 0; conf_set_at(&c, i, &key, &value); i++) {
		fuzz_need(conf_line(&c, key) >= 1, "a setting has its line");
		fuzz_need(conf_get(&c, key) != NULL, "a setting that is set has a value");
		check_schedule(eg_bytes_str(value));
	}
	check_edits(&c, in);
	conf_free(&c);
	return 0;
}
