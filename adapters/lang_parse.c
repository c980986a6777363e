/* SPDX-License-Identifier: MIT
 *
 * One adapter from text: its lines are sorted into sections first, so that sections may come in any order; then they are compiled in the order in which they
 * need each other. Every fault is told, none stops the rest, except that without a direction nothing else can be understood.
 */
#include "adapters/lang_int.h"

static const struct {
	const char *name;
	bool in, out, named;
} sections[SC_N] = {
	[SC_ADAPTER] = { "adapter", true, true, false },
	[SC_FILE] = { "file", true, true, false },
	[SC_LOOKUPS] = { "lookups", true, true, false },
	[SC_RECORD] = { "record", true, false, true },
	[SC_FIELDS] = { "fields", true, false, true },
	[SC_LINES] = { "lines", true, false, true },
	[SC_RULES] = { "rules", true, true, true },
	[SC_LINE_RULES] = { "line rules", true, false, true },
	[SC_ACCEPT] = { "accept", false, true, true },
	[SC_ROWS] = { "rows", false, true, true },
	[SC_COLUMNS] = { "columns", false, true, true },
};

struct adl_section *
adl_section(struct adl_comp *c, enum adl_sect kind, struct eg_bytes name)
{
	for (size_t i = 0; i < c->nsections; i++)
		if (c->sections[i].kind == kind && (name.ptr == NULL || eg_bytes_eq(c->sections[i].name, name))) {
			c->sections[i].used = true;
			return &c->sections[i];
		}
	return NULL;
}

/* What stands in the brackets: the longest section name it begins with, and the rest as its own name. */
static int
section_kind(struct eg_bytes text, struct eg_bytes *ret_name)
{
	int best = -1;
	size_t len = 0;

	for (int i = 0; i < SC_N; i++) {
		size_t n = strlen(sections[i].name);

		if (n < len || !eg_bytes_starts(text, eg_bytes_str(sections[i].name)) ||
		    (text.len > n && text.ptr[n] != ' ' && text.ptr[n] != '"'))
			continue;
		best = i;
		len = n;
	}
	*ret_name = eg_bytes_trim(eg_bytes_sub(text, len, text.len));
	if (ret_name->len >= 2 && ret_name->ptr[0] == '"')
		*ret_name = eg_bytes_sub(*ret_name, 1, ret_name->len - 2);
	if (ret_name->ptr == NULL)
		*ret_name = EG_LIT("");
	return best;
}

static struct eg_bytes
bracket_text(const struct eg_ini_line *l)
{
	const unsigned char *end = l->value.len > 0 ? l->value.ptr + l->value.len : l->key.ptr + l->key.len;

	return eg_bytes(l->key.ptr, (size_t)(end - l->key.ptr));
}

static struct adl_section *
open_section(struct adl_comp *c, const struct eg_ini_line *l)
{
	struct eg_bytes text = bracket_text(l), name;
	int kind = section_kind(text, &name);
	struct adl_suggest sug;

	adl_suggest_init(&sug, text);
	for (int i = 0; i < SC_N; i++)
		adl_suggest_add(&sug, eg_bytes_str(sections[i].name));
	if (kind < 0) {
		adl_error(c, l->key.ptr, "ADP-SECTION", adl_suggest_hint(c, &sug), "There is no section [%.*s].",
		    EG_FMT(text));
		return NULL;
	}
	if (name.len > 0 && !sections[kind].named) {
		adl_error(
		    c, name.ptr, "ADP-SECTION", NULL, "The section [%s] has no name of its own.", sections[kind].name);
		return NULL;
	}
	for (size_t i = 0; i < c->nsections; i++)
		if (c->sections[i].kind == (enum adl_sect)kind && eg_bytes_eq(c->sections[i].name, name)) {
			adl_error(c, l->key.ptr, "ADP-SECTION",
			    adl_hint(c, "the first is in line %u", c->sections[i].head.line),
			    "The section [%.*s] stands here twice.", EG_FMT(text));
			return NULL;
		}
	if (c->nsections == c->sections_cap) {
		c->sections_cap = c->sections_cap * 2 + 16;
		c->sections = eg_xrealloc(c->sections, c->sections_cap * sizeof *c->sections);
	}
	struct adl_section *s = &c->sections[c->nsections++];
	*s = (struct adl_section){ .kind = (enum adl_sect)kind, .name = name, .head = c->at };
	return s;
}

static bool
holds_rules(const struct adl_section *s)
{
	return s != NULL && (s->kind == SC_RULES || s->kind == SC_LINE_RULES || s->kind == SC_ACCEPT);
}

static void
add_line(struct adl_section *s, size_t *cap)
{
	if (s->nlines < *cap)
		return;
	*cap = *cap * 2 + 16;
	s->lines = eg_xrealloc(s->lines, *cap * sizeof *s->lines);
}

/* The line a failed eg_ini_next stands on, for the caret. */
static struct eg_bytes
line_at(struct eg_bytes text, uint64_t line)
{
	struct eg_bytes rest = text, one = EG_NONE;

	for (uint64_t i = 0; i < line && rest.ptr != NULL; i++)
		if (!eg_bytes_cut(&rest, '\n', &one))
			break;
	return eg_bytes_trim_ws(one).len <= 4096 ? one : EG_NONE;
}

static void
bad_line(struct adl_comp *c, struct eg_bytes text, const struct eg_err *e)
{
	struct eg_bytes whole = line_at(text, e->pos.line);
	size_t col = e->pos.col > 0 ? e->pos.col - 1 : 0;

	/* the column counts characters; a line that is not UTF-8 is told without it */
	c->at = (struct adl_line){ .line = (uint32_t)e->pos.line,
		.whole = strcmp(e->code, "INI-UTF8") == 0 ? EG_NONE : whole };
	adl_error(c, c->at.whole.ptr != NULL && col <= whole.len ? whole.ptr + col : NULL, e->code, NULL, "%s", e->msg);
}

static void
read_lines(struct adl_comp *c, struct eg_bytes text)
{
	struct adl_section *s = NULL;
	struct eg_ini ini;
	struct eg_ini_line l;
	struct eg_err e;
	size_t cap = 0;
	bool lost = false; /* below a section that is not one: its lines are not told one by one */
	int rc;

	eg_ini_init(&ini, text);
	for (;;) {
		ini.texts = lost || holds_rules(s);
		rc = eg_ini_next(&ini, &l, &e);
		if (rc == EG_EOF)
			break;
		if (rc != EG_OK) {
			bad_line(c, text, &e);
			continue;
		}
		c->at = (struct adl_line){ l.line, l.whole, l.key, l.value, l.kind };
		if (l.kind == EG_INI_SECTION) {
			s = open_section(c, &l);
			lost = s == NULL;
			cap = 0;
		} else if (s != NULL && s->nlines == ADL_SECTION_LINES) {
			adl_error(
			    c, l.whole.ptr, "ADP-SIZE", NULL, "A section has at most %u lines.", ADL_SECTION_LINES);
			s = NULL;
			lost = true;
		} else if (s != NULL) {
			add_line(s, &cap);
			s->lines[s->nlines++] = c->at;
		} else if (!lost) {
			adl_error(c, l.whole.ptr, "ADP-SECTION", "an adapter begins with [adapter]",
			    "This line stands in no section.");
			lost = true;
		}
	}
}

static bool
lookup_table(struct adl_comp *c, struct adl_lookup *l)
{
	struct eg_bytes file = c->at.value;
	struct adl_suggest s;

	if (file.len >= 2 && file.ptr[0] == '"')
		file = eg_bytes_sub(file, 1, file.len - 2);
	adl_suggest_init(&s, file);
	for (size_t i = 0; i < c->set->ntables; i++) {
		adl_suggest_add(&s, eg_bytes_str(c->set->tables[i]->name));
		c->set->tables[i]->used |= eg_bytes_is(file, c->set->tables[i]->name);
	}
	l->table = adl_table(c->set, file);
	if (l->table == NULL)
		adl_error(
		    c, file.ptr, "ADP-TABLE", adl_suggest_hint(c, &s), "There is no table \"%.*s\".", EG_FMT(file));
	return l->table != NULL;
}

static void
lookups(struct adl_comp *c, const struct adl_section *s)
{
	if (s == NULL)
		return;
	c->lookups = adl_mem(c->set, s->nlines + 1, sizeof *c->lookups);
	for (size_t i = 0; i < s->nlines; i++) {
		struct adl_lookup *l = &c->lookups[c->nlookups];

		c->at = s->lines[i];
		*l = (struct adl_lookup){ .name = c->at.key, .at = c->at };
		for (size_t k = 0; k < c->nlookups; k++)
			if (eg_bytes_eq(c->lookups[k].name, l->name))
				adl_error(c, l->name.ptr, "ADP-KEY", NULL, "%.*s stands here twice.", EG_FMT(l->name));
		(void)lookup_table(c, l);
		c->nlookups++;
	}
}

/* Sections of the other direction, and sections that belong to nothing: after other faults that says nothing new. */
static void
leftovers(struct adl_comp *c)
{
	const bool out = c->m->a.out, clean = c->nerrors == 0;

	for (size_t i = 0; i < c->nsections; i++) {
		const struct adl_section *s = &c->sections[i];

		c->at = s->head;
		if (out ? !sections[s->kind].out : !sections[s->kind].in)
			adl_error(c, c->at.key.ptr, "ADP-SECTION", NULL,
			    "The section [%s] belongs to the direction %s.", sections[s->kind].name,
			    out ? "in" : "out");
		else if (!s->used && clean)
			adl_error(c, c->at.key.ptr, "ADP-SECTION", NULL, "The section [%s%s%.*s] belongs to no [%s].",
			    sections[s->kind].name, s->name.len > 0 ? " " : "", EG_FMT(s->name),
			    out ? "rows" : "record");
	}
	for (size_t i = 0; i < c->nlookups; i++) {
		c->at = c->lookups[i].at;
		if (!c->lookups[i].used && c->lookups[i].table != NULL)
			adl_warn(c, c->at.key.ptr, "ADP-TABLE", NULL, "No step looks anything up in %.*s.",
			    EG_FMT(c->lookups[i].name));
	}
}

static void
compile(struct adl_comp *c)
{
	struct adl_section *a = adl_section(c, SC_ADAPTER, EG_LIT("")), *f = adl_section(c, SC_FILE, EG_LIT(""));

	if (a == NULL || f == NULL) {
		c->at = (struct adl_line){ .line = 1, .whole = c->nsections > 0 ? c->sections[0].head.whole : EG_NONE };
		adl_error(c, NULL, "ADP-MISSING", NULL, "The section [%s] is missing.", a == NULL ? "adapter" : "file");
		return;
	}
	if (!adl_adapter_section(c, a))
		return;
	adl_file_section(c, f);
	lookups(c, adl_section(c, SC_LOOKUPS, EG_LIT("")));
	if (c->adp->out)
		adl_rowsets(c);
	else
		adl_record_sections(c);
	leftovers(c);
}

int
adl_compile(struct adl_comp *c, struct eg_bytes text)
{
	read_lines(c, text);
	compile(c);
	if (c->nerrors == 0 && c->diag != NULL)
		adl_lint(c);
	for (size_t i = 0; i < c->nsections; i++)
		free(c->sections[i].lines);
	free(c->sections);
	free(c->columns);
	return c->nerrors > 0 ? EG_BADFILE : EG_OK;
}
