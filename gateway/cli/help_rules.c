/* SPDX-License-Identifier: MIT
 *
 * The rule book for readers: as text, as JSON lines, and as the tables of the reference pages (scripts/docs-generate puts them there, tests/scenario/rules.py
 * compares). Tests: tests/unit/test_rulebook.c.
 */
#include "gateway/cli/cli.h"
#include "gateway/cli/help.h"
#include "gateway/workflow/rulebook.h"

static bool
meant(const struct rules_filter *f, const struct book_rule *r)
{
	if (f->code != NULL && strcmp(f->code, r->code) != 0)
		return false;
	if (f->stage != NULL && strcmp(f->stage, "any") != 0 && !book_has(r->stages, f->stage))
		return false;
	if (f->erp != NULL && !book_has(r->erps, f->erp))
		return false;
	return f->type == NULL || book_has(r->types, f->type);
}

static const char *
active(const struct book_rule *r)
{
	return r->off ? "comes only with it" : "comes always, and is tuned by it";
}

bool
help_rules_word(const char *word, struct rules_filter *ret)
{
	struct eg_bytes rest = eg_bytes_str(book_stages()), part;

	if (book_rule(word) != NULL) {
		ret->code = word;
		return true;
	}
	while (eg_bytes_cut(&rest, ' ', &part))
		if (eg_bytes_is(part, word)) {
			ret->stage = word;
			return true;
		}
	return false;
}

bool
help_rules_text(const struct rules_filter *f, struct eg_buf *ret)
{
	size_t n, shown = 0;
	const struct book_rule *r = book_rules(&n);

	for (size_t i = 0; i < n; i++) {
		if (!meant(f, &r[i]))
			continue;
		shown++;
		eg_buf_printf(ret, "%s  %-3s %s\n", r[i].code, r[i].severity, r[i].condition);
		eg_buf_printf(ret, "      when: %s   ERP: %s   records: %s\n", r[i].stages, r[i].erps, r[i].types);
		eg_buf_printf(ret, "      says: %s\n      cure: %s\n", r[i].message, r[i].cure);
		if (*r[i].setting != '\0')
			eg_buf_printf(ret, "      setting: %s (%s)\n", r[i].setting, active(&r[i]));
		eg_buf_printf(ret, "      source: %s\n", r[i].basis);
	}
	return shown > 0;
}

bool
help_rules_json(const struct rules_filter *f)
{
	size_t n, shown = 0;
	const struct book_rule *r = book_rules(&n);

	for (size_t i = 0; i < n; i++) {
		if (!meant(f, &r[i]))
			continue;
		shown++;
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "type", "rule", "code",
		    r[i].code, "severity", r[i].severity, "stages", r[i].stages, "erps", r[i].erps, "records",
		    r[i].types, "condition", r[i].condition, "message", r[i].message, "cure", r[i].cure, "source",
		    r[i].basis, "setting", r[i].setting, "default", !r[i].off));
	}
	return shown > 0;
}

/* ---- reference pages ---- */

/* "HR" as "H, R". */
static void
put_letters(const char *letters, struct eg_buf *ret)
{
	for (const char *p = letters; *p != '\0'; p++)
		eg_buf_printf(ret, "%s%c", p == letters ? "" : ", ", *p);
}

static void
row_findings(const struct book_rule *r, struct eg_buf *ret)
{
	eg_buf_printf(ret, "| `%s` | ", r->code);
	put_letters(r->severity, ret);
	eg_buf_printf(ret, " | %s%s | %s |\n", r->condition, r->off ? " (Only with its setting.)" : "", r->cure);
}

static void
row_rules(const struct book_rule *r, struct eg_buf *ret)
{
	eg_buf_printf(ret, "| `%s` | ", r->code);
	put_letters(r->severity, ret);
	eg_buf_printf(ret, " | %s | %s | %s | ", r->stages, r->erps, r->types);
	if (*r->setting == '\0')
		eg_buf_str(ret, "always");
	else
		eg_buf_printf(ret, "%s `%s`", r->off ? "only with" : "tuned by", r->setting);
	eg_buf_printf(ret, " | %s |\n", r->basis);
}

/* The code stands without backticks: those rows are program errors. */
static void
row_messages(const struct book_rule *r, struct eg_buf *ret)
{
	eg_buf_printf(ret, "| %s | %s |\n", r->code, r->message);
}

static const struct page {
	const char *name, *head;
	void (*row)(const struct book_rule *r, struct eg_buf *ret);
	bool parts; /* a table for each part of the book */
} pages[] = {
	{ "findings", "| code | | what happened | what to do |\n| --- | --- | --- | --- |\n", row_findings, true },
	{ "rules",
	    "| code | | looked at | ERP | records | active | source |\n| --- | --- | --- | --- | --- | --- | --- |\n",
	    row_rules, false },
	{ "messages", "| code | what is said |\n| --- | --- |\n", row_messages, false },
};

static void
put_page(const struct page *p, struct eg_buf *ret)
{
	size_t n;
	const struct book_rule *r = book_rules(&n);

	for (unsigned part = 0; part < (p->parts ? BP_NPARTS : 1); part++) {
		if (p->parts)
			eg_buf_printf(ret, "%s## %s\n\n", part > 0 ? "\n" : "", book_part_title((enum book_part)part));
		eg_buf_str(ret, p->head);
		for (size_t i = 0; i < n; i++)
			if (!p->parts || r[i].part == part)
				p->row(&r[i], ret);
	}
}

bool
help_rules_page(const char *page, struct eg_buf *ret)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].name, page) == 0) {
			put_page(&pages[i], ret);
			return true;
		}
	return false;
}
