/* SPDX-License-Identifier: MIT
 *
 * erpgate.conf, with schedules, time zones and rules among its values. For any text: every fault with line and column; settings that were read,
 * written one by one by conf_edit, read the same; a schedule's last due time is not in the future and its next one is.
 */
#include "tests/fuzz/fuzz.h"

#include "base/ini.h"
#include "gateway/conf.h"
#include "gateway/schedule_spec.h"

#include <stdlib.h>
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

/* As files read the lexer that have sections, and whose lines below some of them are texts: adapters do. */
static void
check_sections(struct eg_bytes in)
{
	struct eg_ini ini;
	struct eg_ini_line l = { 0 };
	struct eg_err err = { 0 };
	uint32_t before = 0;
	int rc;

	eg_ini_init(&ini, in);
	while ((rc = eg_ini_next(&ini, &l, &err)) != EG_EOF) {
		if (rc < 0) {
			fuzz_failure(rc, &err, in, in.len <= 4096);
			continue;
		}
		fuzz_need(l.line > before, "lines come in order");
		before = l.line;
		fuzz_need(l.value.len <= l.whole.len && l.key.len <= l.whole.len, "a value is a part of its line");
		fuzz_need(l.kind == EG_INI_TEXT || l.key.len > 0, "what is set or opened has a name");
		ini.texts = l.kind == EG_INI_SECTION ? eg_bytes_is(l.key, "rules") : ini.texts;
	}
}

/* What the program asks its settings for by their types, whichever the file sets. */
static void
check_types(const struct conf *c)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	for (size_t i = 0; i < n; i++) {
		if (strchr(k[i].key, '*') != NULL)
			continue;
		const char *v = conf_text(c, k[i].key);
		fuzz_need(
		    k[i].type != CT_BOOL || conf_bool(c, k[i].key) == (strcmp(v, "yes") == 0), "a flag is yes or no");
		if (k[i].type == CT_INT || k[i].type == CT_SIZE || k[i].type == CT_DURATION)
			fuzz_need(conf_int(c, k[i].key) >= 0, "a number of the settings is none below zero");
	}
	fuzz_need(conf_sub(c, "source", "procore", "settle") != NULL, "a source has its way to settle");
	(void)conf_sub(c, "source", "nosuch", "quiet");
	fuzz_need(conf_project(c, "26-010", "job_cost_transactions") != NULL &&
		      conf_project(c, "26.010", "job_cost_transactions") != NULL,
	    "a project has its settings, whatever its number");
}

/* The first line is a key, the rest its value: set in a file that has two settings. Refused, or read back to the letter. */
static void
check_set(struct eg_bytes in)
{
	struct eg_buf next = EG_BUF_INIT;
	struct eg_bytes rest = in, first;
	struct eg_err err = { 0 };

	if (in.len == 0 || in.len > 200 || memchr(in.ptr, '\0', in.len) != NULL || !eg_bytes_cut(&rest, '\n', &first))
		return;
	char *key = eg_xdup(first), *value = eg_xdup(rest);
	const int rc = conf_edit(EG_LIT("erp = cmic # ours\nsite.name = x\n"), key, value, &next, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	free(key);
	free(value);
	eg_buf_done(&next);
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
	check_sections(in);
	check_set(in);
	if (rc < 0) {
		fuzz_failure(rc, &err, in, size <= 4096);
		return 0;
	}
	for (size_t i = 0; conf_set_at(&c, i, &key, &value); i++) {
		fuzz_need(conf_line(&c, key) >= 1, "a setting has its line");
		fuzz_need(conf_get(&c, key) != NULL, "a setting that is set has a value");
		check_schedule(eg_bytes_str(value));
	}
	check_types(&c);
	check_edits(&c, in);
	conf_free(&c);
	return 0;
}
