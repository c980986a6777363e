/* SPDX-License-Identifier: MIT
 *
 * Who waits for whom: graphs of holds as small drawings ("a b" = a waits for b), what stands behind each node, counted by hand, and again by a slow and plain search
 * over random graphs, circles and all.
 */
#include "intake_kit.h"

#include "gateway/report/chain.h"

#include <stdlib.h>

/* An item of 1.00 times its number: forecast/P1/<name>; held unless the name begins with a capital. */
static void
add_item(struct kit *k, const char *name, unsigned amount)
{
	char *head = eg_xprintf("payment.pm_id=%s;project.number=P1;payment.amount=%u.00", name, amount),
	     *iid = eg_xprintf("payment/%s", name);

	kit_give(k, ADP_TAKEN, "payment", 2, head, NULL);
	kit_set(k, iid, name[0] >= 'a' ? ST_HELD : ST_WAITING, NULL, -1);
	free(iid);
	free(head);
}

static void
wait_for(struct kit *k, const char *who, const char *what, bool item, const char *code)
{
	char *iid = eg_xprintf("payment/%s", who), *to = item ? eg_xprintf("payment/%s", what) : eg_xstrdup(what);
	struct hold_row h = {
		.code = code, .missing = to, .waits_for = item ? to : NULL, .message = "why", .severity = 'H', .line = 2
	};

	kit_good(k, hold_add(k->s.store, kit_item(k, iid).id, &h, &k->err));
	free(to);
	free(iid);
}

static void
draw(struct kit *k, const char *names, const char *lines)
{
	char *copy = eg_xstrdup(lines), *save = NULL;
	unsigned n = 0;

	kit_drop(k, "procore", "all");
	for (const char *p = names; *p != '\0'; p++) {
		char name[2] = { *p, '\0' };
		add_item(k, name, ++n);
	}
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		char who[2] = { w[0], '\0' };
		wait_for(k, who, w + 1, true, "E-62");
	}
	free(copy);
}

/* "3 6.00": what stands behind; "-" nothing. */
static const char *
behind(struct kit *k, struct chain *c, const char *name)
{
	char *iid = eg_xprintf("payment/%s", name);
	struct chain_behind b;

	eg_buf_clear(&k->out);
	if (chain_behind(c, iid, &b)) {
		assert_true(b.known);
		eg_buf_printf(&k->out, "%zu ", b.count);
		eg_dec_print(&k->out, b.money, 2);
	} else
		eg_buf_chr(&k->out, '-');
	free(iid);
	return eg_buf_cstr(&k->out);
}

static bool
add_link(void *ctx, const struct chain_link *l)
{
	eg_buf_printf(ctx, "%u%s%s%s ", l->depth, strchr(l->what, '/') + 1, l->again ? "!" : "", l->more ? "+" : "");
	return true;
}

static const char *
walked(struct kit *k, struct chain *c, const char *name)
{
	char *iid = eg_xprintf("payment/%s", name);

	eg_buf_clear(&k->out);
	chain_walk(c, iid, add_link, &k->out);
	free(iid);
	return eg_buf_cstr(&k->out);
}

static struct chain *
load(struct kit *k)
{
	struct chain *c = NULL;

	kit_good(k, chain_load(&k->s, &c, &k->err));
	return c;
}

static void
one_line(void **state)
{
	struct kit *k = kit_open("cmic");

	(void)state;
	draw(k, "Abcd", "bA cb dc");
	struct chain *c = load(k);
	assert_string_equal(behind(k, c, "A"), "3 9.00"); /* 2 + 3 + 4 */
	assert_string_equal(behind(k, c, "c"), "1 4.00");
	assert_string_equal(behind(k, c, "d"), "-");
	assert_string_equal(walked(k, c, "d"), "1c 2b 3A ");
	assert_string_equal(walked(k, c, "A"), "");
	chain_free(c);
	kit_close(k);
}

/* d waits for b and c, both wait for A: d counts once. */
static void
diamond(void **state)
{
	struct kit *k = kit_open("cmic");

	(void)state;
	draw(k, "Abcd", "bA cA db dc db");
	struct chain *c = load(k);
	assert_string_equal(behind(k, c, "A"), "3 9.00");
	assert_string_equal(behind(k, c, "b"), "1 4.00");
	assert_string_equal(walked(k, c, "d"), "1b 2A 1c 2A! ");
	chain_free(c);
	kit_close(k);
}

static void
circles(void **state)
{
	struct chain_top top[4];
	struct kit *k = kit_open("cmic");

	(void)state;
	draw(k, "abcd", "ab bc ca da aa");
	struct chain *c = load(k);
	assert_string_equal(behind(k, c, "a"), "3 9.00");
	assert_string_equal(behind(k, c, "d"), "-");
	assert_string_equal(walked(k, c, "a"), "1b 2c 3a! ");
	assert_int_equal(chain_tops(c, top, 4), 1);
	assert_true(top[0].circle);
	assert_string_equal(top[0].link.what, "payment/a");
	chain_free(c);
	kit_close(k);
}

static void
ends(void **state)
{
	struct chain_top top[5];
	struct kit *k = kit_open("cmic");

	(void)state;
	draw(k, "AbcDefg", "bA cA eD");
	wait_for(k, "f", "vendor/1009", false, "E-01");
	wait_for(k, "g", "vendor/1009", false, "E-01");
	wait_for(k, "g", "EUR", false, "E-33");
	struct chain *c = load(k);
	assert_int_equal(chain_tops(c, top, 5), 4);
	assert_string_equal(top[0].link.what, "vendor/1009"); /* 6 + 7 */
	assert_false(top[0].link.item);
	assert_int_equal(top[0].behind.count, 2);
	assert_string_equal(top[1].link.what, "E-33 EUR"); /* 7 */
	assert_string_equal(top[2].link.what, "payment/A"); /* 2 + 3, before D's 5 as more wait */
	assert_int_equal(top[2].link.state, ST_WAITING);
	assert_string_equal(top[3].link.what, "payment/D");
	assert_int_equal(chain_tops(c, top, 2), 2);
	assert_string_equal(top[1].link.what, "E-33 EUR");
	chain_free(c);
	kit_close(k);
}

static void
long_and_deep(void **state)
{
	enum {
		N = 3000
	};
	struct kit *k = kit_open("cmic");
	struct chain_top top[2];
	char name[16], before[16];

	(void)state;
	kit_drop(k, "procore", "all");
	add_item(k, "A", 1);
	(void)snprintf(before, sizeof(before), "A");
	for (unsigned i = 0; i < N; i++) {
		(void)snprintf(name, sizeof(name), "n%05u", i);
		add_item(k, name, 1);
		wait_for(k, name, before, true, "E-62");
		wait_for(k, name, "A", true, "E-63");
		(void)snprintf(before, sizeof(before), "%s", name);
	}
	struct chain *c = load(k);
	assert_string_equal(behind(k, c, "A"), "3000 3000.00");
	assert_string_equal(behind(k, c, "n00000"), "2999 2999.00");
	assert_int_equal(chain_tops(c, top, 2), 1);
	(void)walked(k, c, name);
	assert_true(k->out.len < 1000); /* cut, not endless */
	assert_non_null(strchr(eg_buf_cstr(&k->out), '+'));
	chain_free(c);
	kit_close(k);
}

/* ---- random graphs against a plain search ---- */

enum {
	NODES = 12
};

static void
reach(bool edge[NODES][NODES], unsigned at, bool *seen)
{
	for (unsigned i = 0; i < NODES; i++)
		if (edge[i][at] && !seen[i]) {
			seen[i] = true;
			reach(edge, i, seen);
		}
}

static void
any_graph(void **state)
{
	uint32_t dice = 12345;

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		bool edge[NODES][NODES] = { { false } };
		struct kit *k = kit_open("cmic");
		kit_drop(k, "procore", "all");
		for (unsigned i = 0; i < NODES; i++) {
			char name[2] = { (char)('a' + i), '\0' };
			add_item(k, name, i + 1);
		}
		for (unsigned e = 0; e < 4 + round; e++) {
			dice = dice * 1103515245U + 12345U;
			unsigned from = dice >> 16 & 15, to = dice >> 20 & 15;
			char who[2] = { (char)('a' + from % NODES), '\0' },
			     what[2] = { (char)('a' + to % NODES), '\0' };
			if (edge[from % NODES][to % NODES])
				continue;
			edge[from % NODES][to % NODES] = true;
			wait_for(k, who, what, true, "E-62");
		}
		struct chain *c = load(k);
		for (unsigned i = 0; i < NODES; i++) {
			bool seen[NODES] = { false };
			unsigned n = 0, sum = 0;
			char name[2] = { (char)('a' + i), '\0' };
			char *want;
			reach(edge, i, seen);
			for (unsigned j = 0; j < NODES; j++)
				if (seen[j] && j != i) {
					n++;
					sum += j + 1;
				}
			want = n == 0 ? eg_xstrdup("-") : eg_xprintf("%u %u.00", n, sum);
			assert_string_equal(behind(k, c, name), want);
			free(want);
		}
		chain_free(c);
		kit_close(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(diamond),
		cmocka_unit_test(circles),
		cmocka_unit_test(ends),
		cmocka_unit_test(long_and_deep),
		cmocka_unit_test(any_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
