/* SPDX-License-Identifier: MIT
 *
 * What sources give while running, and where it came from: every value that went into it adds its place to env->prov, blanks and conditions add none.
 */
#include "adapters/lang_int.h"

static bool
is_null_word(const struct adp *a, struct eg_bytes v)
{
	for (size_t i = 0; i < a->in.null_words.n; i++)
		if (eg_bytes_eq(a->in.null_words.v[i], v))
			return true;
	return false;
}

static const struct fmt_cell *
cell_of(int column, const struct adp_env *env)
{
	int i = env->map != NULL ? env->map[column] : -1;

	return i >= 0 && (size_t)i < env->cells->ncells ? &env->cells->cells[i] : NULL;
}

static struct adp_val
cell_value(int column, struct adp_env *env)
{
	if (env->cells == NULL)
		return adl_unknown();
	const struct fmt_cell *cell = cell_of(column, env);
	if (cell == NULL || cell->state != FMT_VALUE || is_null_word(env->adp, cell->val))
		return adl_text(EG_NONE);
	struct rec_prov p = { .line = (uint32_t)cell->line, .off = cell->off, .len = (uint32_t)cell->len };
	adl_prov(env, &p);
	return adl_text(cell->val);
}

static struct adp_val
field_value(const struct adp_atom *a, struct adp_env *env)
{
	const struct rec_val *v = a->line ? env->line : env->rec != NULL ? env->rec->head : NULL;

	if (v == NULL)
		return adl_text(EG_NONE);
	if (v[a->index].state == RV_VALUE)
		adl_prov(env, &v[a->index].prov);
	return adl_rec_value(a->rf, &v[a->index]);
}

struct adp_val
adl_atom_value(const struct adp_atom *a, struct adp_env *env)
{
	switch (a->kind) {
	case AS_CELL:
		return cell_value(a->index, env);
	case AS_FIELD:
		return field_value(a, env);
	case AS_CALC:
		return adp_eval(a->expr, env);
	case AS_BLANK:
		return adl_text(EG_NONE);
	default:
		return adl_text(a->text);
	}
}

static int64_t
words_in(struct eg_bytes v)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n += v.ptr[i] != ' ' && (i == 0 || v.ptr[i - 1] == ' ');
	return n;
}

/* XML: how often the element came; else how many words stand in the cell. */
static struct adp_val
count_of(int column, struct adp_env *env)
{
	int64_t n = 0;

	if (env->cells == NULL)
		return adl_unknown();
	const struct fmt_cell *cell = cell_of(column, env);
	if (cell != NULL && env->adp->in.type != AF_XML)
		n = words_in(cell->val);
	else if (cell != NULL && cell->state != FMT_ABSENT)
		n = (int64_t)cell->more + 1;
	return adl_dec((struct eg_dec){ .coef = n });
}

struct eg_bytes
adp_filename_part(struct eg_bytes name, unsigned n)
{
	struct eg_bytes part, rest = name;

	for (size_t i = name.len; i-- > 0;)
		if (name.ptr[i] == '.') {
			rest.len = i;
			break;
		}
	while (eg_bytes_cut(&rest, '_', &part))
		if (n-- == 0)
			return part;
	return EG_NONE;
}

unsigned
adp_filename_parts(const struct adp *a)
{
	int64_t most = 0;

	for (size_t i = 0; !a->out && i < a->in.nfields; i++)
		if (a->in.fields[i].source.kind == AS_FILENAME && a->in.fields[i].source.number > most)
			most = a->in.fields[i].source.number;
	return (unsigned)most;
}

static struct adp_val
last_of(const struct adp_source *s, struct adp_env *env)
{
	for (size_t i = s->natoms; i-- > 0;) {
		struct adp_val v = cell_value(s->atoms[i].index, env);

		if (v.kind != AV_BLANK)
			return v;
	}
	return adl_text(EG_NONE);
}

static struct adp_val
first(const struct adp_source *s, struct adp_env *env)
{
	for (size_t i = 0; i < s->natoms; i++) {
		struct adp_val v = adl_atom_value(&s->atoms[i], env);

		if (v.kind != AV_BLANK)
			return v;
	}
	return adl_text(EG_NONE);
}

struct adp_val
adl_joined(const struct adp_atom *atoms, size_t n, struct adp_env *env)
{
	struct eg_bytes part[ADL_ATOMS_MAX];
	size_t len = 0;
	struct eg_buf b;

	for (size_t i = 0; i < n; i++) {
		struct adp_val v = adl_atom_value(&atoms[i], env);

		if (v.kind == AV_UNKNOWN)
			return v;
		part[i] = adp_val_text(&v, env);
		len += part[i].len;
	}
	if (!adl_room(env, len, &b))
		return adl_unknown();
	for (size_t i = 0; i < n; i++)
		eg_buf_add(&b, part[i]);
	return adl_text(eg_buf_view(&b));
}

/* The condition decides and is no part of the value: its fields are not its origin. */
static struct adp_val
when(const struct adp_source *s, struct adp_env *env)
{
	int is = adp_true(s->expr, env);

	env->nprov = 0;
	return is < 0 ? adl_unknown() : adl_atom_value(&s->atoms[is ? 0 : 1], env);
}

struct adp_val
adp_source_value(const struct adp_entry *e, struct adp_env *env)
{
	const struct adp_source *s = &e->source;

	env->nprov = 0;
	env->changed = 0;
	switch (s->kind) {
	case AS_LAST_OF:
		return last_of(s, env);
	case AS_COUNT_OF:
		return count_of(s->atom.index, env);
	case AS_FILENAME:
		return adl_text(adp_filename_part(env->file_name, (unsigned)s->number));
	case AS_ROW_NUMBER:
		return adl_dec((struct eg_dec){ .coef = env->row_number });
	case AS_ROW_NUMBER_BY:
		return adl_dec((struct eg_dec){ .coef = env->row_number_by });
	case AS_COUNTER:
		return adl_dec((struct eg_dec){ .coef = env->counter });
	case AS_LINE_COUNT:
		return adl_dec((struct eg_dec){ .coef = (eg_i128)env->nlines });
	case AS_LINE_NUMBER:
		return adl_dec((struct eg_dec){ .coef = (eg_i128)env->nlines + 1 });
	case AS_JOIN:
		return adl_joined(s->atoms, s->natoms, env);
	case AS_FIRST:
		return first(s, env);
	case AS_CALC:
		return adp_eval(s->expr, env);
	case AS_WHEN:
		return when(s, env);
	default:
		return adl_atom_value(&s->atom, env);
	}
}
