/* SPDX-License-Identifier: MIT
 *
 * Element paths compiled to a small tree, so that an element is matched by one look among its brothers and no path is
 * ever put together while reading. Faults in the spec are programmer's mistakes: the adapter checker sees them first.
 */
#include "formats/xml_int.h"

static size_t
parts_of(struct eg_bytes path)
{
	size_t n = 1;

	for (size_t i = 0; i < path.len; i++)
		n += path.ptr[i] == '/';
	return n;
}

static uint16_t
child_named(const struct fmt_xml_paths *p, uint16_t node, struct eg_bytes name)
{
	uint16_t k = p->nodes[node].child;

	while (k != FMT_XML_NONE && !eg_bytes_eq(p->nodes[k].name, name))
		k = p->nodes[k].next;
	return k;
}

static uint16_t
add_child(struct fmt_xml_paths *p, uint16_t node, struct eg_bytes name)
{
	const uint16_t k = (uint16_t)p->n++;

	eg_check(name.len > 0);
	p->nodes[k] = (struct fmt_xml_node){ .name = name,
		.child = FMT_XML_NONE,
		.next = p->nodes[node].child,
		.slot = FMT_XML_NONE,
		.line_slot = FMT_XML_NONE };
	p->nodes[node].child = k;
	return k;
}

/* The node at `path` below `node`, made if needed. */
static uint16_t
reach(struct fmt_xml_paths *p, uint16_t node, const char *path)
{
	struct eg_bytes rest = eg_bytes_str(path), part;

	if (rest.len == 0)
		return node;
	while (eg_bytes_cut(&rest, '/', &part)) {
		const uint16_t k = child_named(p, node, part);

		node = k != FMT_XML_NONE ? k : add_child(p, node, part);
	}
	return node;
}

/* Gives a node its cell; a second cell with the same path becomes a copy of the first. */
static void
give_slot(uint16_t *slot, size_t i, uint16_t *same)
{
	if (*slot == FMT_XML_NONE)
		*slot = (uint16_t)i;
	same[i] = *slot;
}

void
fmt_xml_paths_init(struct fmt_xml_paths *p, const struct fmt_xml_spec *spec)
{
	size_t max = 1 + (spec->lines != NULL ? parts_of(eg_bytes_str(spec->lines)) : 0);

	for (size_t i = 0; i < spec->npaths; i++)
		max += parts_of(eg_bytes_str(spec->paths[i]));
	for (size_t i = 0; i < spec->nline_paths; i++)
		max += parts_of(eg_bytes_str(spec->line_paths[i]));
	eg_check(max < FMT_XML_NONE && (spec->lines != NULL ? spec->lines[0] != '\0' : spec->nline_paths == 0));
	p->nodes = eg_xalloc(max * sizeof *p->nodes);
	p->same = eg_xalloc((spec->npaths + spec->nline_paths + 1) * sizeof *p->same);
	p->nodes[0] = (struct fmt_xml_node){
		.child = FMT_XML_NONE, .next = FMT_XML_NONE, .slot = FMT_XML_NONE, .line_slot = FMT_XML_NONE
	};
	p->n = 1;
	for (size_t i = 0; i < spec->npaths; i++)
		give_slot(&p->nodes[reach(p, 0, spec->paths[i])].slot, i, p->same);
	if (spec->lines == NULL)
		return;
	const uint16_t line = reach(p, 0, spec->lines);

	p->nodes[line].line = true;
	for (size_t i = 0; i < spec->nline_paths; i++)
		give_slot(&p->nodes[reach(p, line, spec->line_paths[i])].line_slot, i, p->same + spec->npaths);
}

void
fmt_xml_paths_done(struct fmt_xml_paths *p)
{
	free(p->nodes);
	free(p->same);
	*p = (struct fmt_xml_paths){ .nodes = NULL };
}

uint16_t
fmt_xml_paths_child(const struct fmt_xml_paths *p, uint16_t node, const char *name)
{
	uint16_t k = p->nodes[node].child;

	while (k != FMT_XML_NONE) {
		const struct fmt_xml_node *e = &p->nodes[k];

		if (e->name.ptr[0] == (unsigned char)name[0] &&
		    strncmp((const char *)e->name.ptr, name, e->name.len) == 0 && name[e->name.len] == '\0')
			return k;
		k = e->next;
	}
	return k;
}
