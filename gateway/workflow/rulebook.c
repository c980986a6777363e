/* SPDX-License-Identifier: MIT
 *
 * Looking things up in the rule book. The rows stand in rulebook_setup.c, rulebook_money.c and rulebook_gateway.c.
 * Tests: tests/unit/test_rulebook.c; every row has a pair of cases in tests/rules/.
 */
#include "gateway/workflow/rulebook_int.h"

#include "base/err.h"

#include <string.h>

#define BOOK_MAX 160

static struct book_rule all[BOOK_MAX]; /* the three tables behind each other, filled at the first question */
static size_t count;

static void
fill(void)
{
	const struct book_rows *parts[] = { &book_setup, &book_money, &book_gateway };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		eg_check(count + parts[i]->n <= BOOK_MAX);
		memcpy(all + count, parts[i]->rows, parts[i]->n * sizeof(all[0]));
		count += parts[i]->n;
	}
}

const struct book_rule *
book_rules(size_t *ret_n)
{
	if (count == 0)
		fill();
	*ret_n = count;
	return all;
}

const struct book_rule *
book_rule(const char *code)
{
	size_t n;
	const struct book_rule *r = book_rules(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(r[i].code, code) == 0)
			return &r[i];
	return NULL;
}

const char *
book_part_title(enum book_part p)
{
	static const char *const titles[BP_NPARTS] = {
		[BP_FILE] = "The file",
		[BP_VALUE] = "Values and records",
		[BP_SETUP] = "Companies, codes and projects",
		[BP_BUDGET] = "Budgets and costs",
		[BP_COMMITMENT] = "Commitments and change orders",
		[BP_INVOICE] = "Invoices and payments",
		[BP_PRIME] = "Prime contracts",
		[BP_DECISION] = "Decisions, links and answers",
		[BP_WRITING] = "Writing",
	};

	eg_check((unsigned)p < BP_NPARTS);
	return titles[p];
}

const char *
book_stages(void)
{
	return "file save send export import link unlink cost delete edit answer writing any";
}

bool
book_has(const char *list, const char *word)
{
	struct eg_bytes rest = eg_bytes_str(list), part;

	while (eg_bytes_cut(&rest, ' ', &part))
		if (eg_bytes_is(part, word) || eg_bytes_is(part, "all") || eg_bytes_is(part, "any"))
			return true;
	return false;
}
