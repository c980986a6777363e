/* SPDX-License-Identifier: MIT
 *
 * Running expressions. Three truths: a value that could not be read makes unknown what needs it. Types were checked when the adapter was loaded.
 * Aggregates are fed line by line into env->agg, so that no document has to be held.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

#define PROV_LINES ADP_PROV_MAX /* lines a sum looks through for its origin */

static struct adp_val
truth(int t)
{
	return t < 0 ? adl_unknown() : adl_flag(t > 0);
}

int
adp_true(const struct adp_expr *e, struct adp_env *env)
{
	struct adp_val v = adp_eval(e, env);

	if (v.kind == AV_UNKNOWN)
		return -1;
	return v.kind == AV_FLAG && v.flag;
}

static int
both(const struct adp_expr *e, struct adp_env *env)
{
	bool stop = e->op == OP_OR; /* the truth that decides alone */
	int a = adp_true(e->args[0], env);

	if (a == (int)stop)
		return a;
	int b = adp_true(e->args[1], env);
	return b == (int)stop || a >= 0 ? b : -1;
}

static bool
same_text(struct adp_val *a, struct adp_val *b, struct adp_env *env)
{
	return eg_bytes_eq(adl_canonical(a, env), adl_canonical(b, env));
}

static bool
listed(struct adp_val *v, const struct adp_names *words, struct adp_env *env)
{
	struct eg_bytes t = adl_canonical(v, env);

	for (size_t i = 0; v->kind != AV_BLANK && i < words->n; i++)
		if (eg_bytes_eq(words->v[i], t))
			return true;
	return false;
}

static struct eg_dec
number_of(const struct adp_val *v, const struct adp_expr *e)
{
	return v->kind == AV_DEC ? v->dec : (struct eg_dec){ .scale = e->scale };
}

static int
order(const struct adp_expr *e, struct adp_val *a, struct adp_val *b)
{
	if (e->cmp == AT_NUM) {
		return eg_dec_cmp(number_of(a, e->args[0]), number_of(b, e->args[1]));
	}
	if (a->kind == AV_BLANK || b->kind == AV_BLANK)
		return a->kind == b->kind ? 0 : a->kind == AV_BLANK ? -1 : 1;
	if (e->cmp == AT_DATE)
		return eg_date_cmp(a->date, b->date);
	if (e->cmp == AT_FLAG)
		return (int)a->flag - (int)b->flag;
	return eg_bytes_cmp(a->text, b->text);
}

static bool
compare(const struct adp_expr *e, struct adp_val *a, struct adp_val *b)
{
	bool blank = a->kind == AV_BLANK || b->kind == AV_BLANK;
	int cmp = order(e, a, b);

	switch (e->op) {
	case OP_EQ:
		return cmp == 0;
	case OP_NE:
		return cmp != 0;
	case OP_LT:
		return !blank && cmp < 0;
	case OP_LE:
		return !blank && cmp <= 0;
	case OP_GT:
		return !blank && cmp > 0;
	default:
		return !blank && cmp >= 0;
	}
}

static struct adp_val
arithmetic(const struct adp_expr *e, const struct adp_val *a, const struct adp_val *b)
{
	struct eg_dec x = number_of(a, e->args[0]), y = number_of(b, e->args[1]), r;
	bool fine;

	if (e->op == OP_MUL)
		fine = eg_dec_mul_round(x, y, e->scale, &r);
	else
		fine = e->op == OP_ADD ? eg_dec_add(x, y, &r) : eg_dec_sub(x, y, &r);
	return fine ? adl_dec(r) : adl_unknown();
}

static struct adp_val
ratio(const struct adp_expr *e, const struct adp_val *a, const struct adp_val *b)
{
	struct eg_dec x = number_of(a, e->args[0]), y = number_of(b, e->args[1]), r;

	if (eg_dec_is_zero(y))
		return adl_text(EG_NONE);
	return eg_dec_div_round(x, y, (uint8_t)e->n, &r) ? adl_dec(r) : adl_unknown();
}

static struct adp_val
two(const struct adp_expr *e, struct adp_env *env)
{
	struct adp_val a = adp_eval(e->args[0], env), b = adp_eval(e->args[1], env);

	if (a.kind == AV_UNKNOWN || b.kind == AV_UNKNOWN)
		return adl_unknown();
	switch (e->op) {
	case OP_IS:
		return adl_flag(same_text(&a, &b, env));
	case OP_IS_NOT:
		return adl_flag(!same_text(&a, &b, env));
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
		return arithmetic(e, &a, &b);
	case OP_RATIO:
		return ratio(e, &a, &b);
	default:
		return adl_flag(compare(e, &a, &b));
	}
}

static struct adp_val
rounded(const struct adp_expr *e, const struct adp_val *v)
{
	const struct eg_dec unit = { .coef = 1 };
	struct eg_dec r;

	if (v->kind == AV_BLANK)
		return *v;
	return eg_dec_mul_round(v->dec, unit, (uint8_t)e->n, &r) ? adl_dec(r) : adl_unknown();
}

static struct adp_val
one(const struct adp_expr *e, struct adp_env *env)
{
	struct adp_val v = adp_eval(e->args[0], env);

	if (v.kind == AV_UNKNOWN)
		return v;
	switch (e->op) {
	case OP_NOT:
		return adl_flag(!(v.kind == AV_FLAG && v.flag));
	case OP_BLANK:
		return adl_flag(v.kind == AV_BLANK);
	case OP_PRESENT:
		return adl_flag(v.kind != AV_BLANK);
	case OP_IN:
		return adl_flag(listed(&v, &e->words, env));
	case OP_NOT_IN:
		return adl_flag(!listed(&v, &e->words, env));
	case OP_MATCHES:
		return adl_flag(v.kind != AV_BLANK && adl_pattern_match(e->pattern, adl_canonical(&v, env)));
	case OP_NEG:
		return adl_dec(eg_dec_neg(number_of(&v, e->args[0])));
	case OP_ROUND:
		return rounded(e, &v);
	case OP_FIRST_CHAR:
		return adl_text(eg_utf8_prefix(adl_canonical(&v, env), 1));
	default:
		return adl_dec((struct eg_dec){ .coef = (eg_i128)eg_utf8_count(adl_canonical(&v, env)) });
	}
}

static struct adp_val
list(const struct adp_expr *e, struct adp_env *env)
{
	struct eg_bytes part[32];
	size_t len = 0, n = 0;
	struct eg_buf b;

	for (size_t i = 0; i < e->nargs; i++) {
		struct adp_val v = adp_eval(e->args[i], env);

		if (v.kind == AV_UNKNOWN)
			return v;
		if (v.kind == AV_BLANK)
			continue;
		part[n] = adp_val_text(&v, env);
		len += part[n++].len + e->val.text.len;
	}
	if (!adl_room(env, len, &b))
		return adl_unknown();
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			eg_buf_add(&b, e->val.text);
		eg_buf_add(&b, part[i]);
	}
	return adl_text(eg_buf_view(&b));
}

/* Where a sum comes from: the lines' own values, as far as there is room for them. */
static void
origin(const struct adp_expr *e, struct adp_env *env)
{
	const struct rec *r = env->rec;
	const struct rec_val *line = env->line;

	if (r == NULL || r->type != e->of || r->lines == NULL || !env->adp->out)
		return;
	for (size_t i = 0; i < r->nlines && i < PROV_LINES && env->nprov < ADP_PROV_MAX; i++) {
		env->line = r->lines + i * r->type->nline;
		(void)adp_eval(e->args[0], env);
	}
	env->line = line;
}

static struct adp_val
aggregate(const struct adp_expr *e, struct adp_env *env)
{
	struct adp_val v = env->agg[e->slot];

	if (e->op == OP_UNEVEN)
		return v.kind == AV_DEC ? adl_flag(!eg_dec_is_zero(v.dec)) : v;
	if (e->op == OP_SUM)
		origin(e, env);
	return v;
}

struct adp_val
adp_eval(const struct adp_expr *e, struct adp_env *env)
{
	switch (e->op) {
	case OP_CONST:
		return e->val;
	case OP_ATOM:
		return adl_atom_value(&e->atom, env);
	case OP_OR:
	case OP_AND:
		return truth(both(e, env));
	case OP_SUM:
	case OP_ANY:
	case OP_UNEVEN:
		return aggregate(e, env);
	case OP_COUNT:
		return adl_dec((struct eg_dec){ .coef = (eg_i128)env->nlines });
	case OP_LIST:
		return list(e, env);
	case OP_NOT:
	case OP_BLANK:
	case OP_PRESENT:
	case OP_IN:
	case OP_NOT_IN:
	case OP_MATCHES:
	case OP_NEG:
	case OP_ROUND:
	case OP_LENGTH:
	case OP_FIRST_CHAR:
		return one(e, env);
	default:
		return two(e, env);
	}
}

/* ---- over the lines ---- */

void
adp_agg_begin(const struct adp *a, struct adp_env *env)
{
	for (size_t i = 0; i < a->nagg; i++)
		env->agg[i] =
		    a->agg[i]->op == OP_ANY ? adl_flag(false) : adl_dec((struct eg_dec){ .scale = a->agg[i]->scale });
}

static void
feed_sum(const struct adp_expr *e, struct adp_env *env, struct adp_val *sum)
{
	struct adp_val v = adp_eval(e->args[0], env);

	if (sum->kind == AV_UNKNOWN)
		return;
	if (v.kind == AV_UNKNOWN || (v.kind == AV_DEC && !eg_dec_add(sum->dec, v.dec, &sum->dec)))
		*sum = adl_unknown();
}

static void
feed_any(const struct adp_expr *e, struct adp_env *env, struct adp_val *any)
{
	int is = adp_true(e->args[0], env);

	if (is > 0)
		*any = adl_flag(true);
	else if (is < 0 && !(any->kind == AV_FLAG && any->flag))
		*any = adl_unknown();
}

/* 40 bits of FNV-1a, never 0: with weights this size the sum of a million amounts stays below 2^127. */
static eg_i128
weight(struct eg_bytes key)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ key.ptr[i]) * UINT64_C(1099511628211);
	return (eg_i128)(((h ^ h >> 40) & ((UINT64_C(1) << 40) - 1)) | 1);
}

/* Each line's amount times its key's weight: the total is 0 when the amounts of every key are. */
static void
feed_uneven(const struct adp_expr *e, struct adp_env *env, struct adp_val *total)
{
	struct adp_val x = adp_eval(e->args[0], env), key = adp_eval(e->args[1], env);
	eg_i128 product = 0;

	if (total->kind == AV_UNKNOWN || x.kind == AV_BLANK)
		return;
	if (x.kind == AV_UNKNOWN || key.kind == AV_UNKNOWN || x.dec.scale != e->scale ||
	    __builtin_mul_overflow(x.dec.coef, weight(adl_canonical(&key, env)), &product) ||
	    __builtin_add_overflow(total->dec.coef, product, &total->dec.coef))
		*total = adl_unknown();
}

void
adp_agg_line(const struct adp *a, struct adp_env *env)
{
	const size_t nprov = env->nprov;

	for (size_t i = 0; i < a->nagg; i++) {
		const struct adp_expr *e = a->agg[i];

		if (env->rec != NULL && env->rec->type != e->of)
			continue;
		if (e->op == OP_SUM)
			feed_sum(e, env, &env->agg[i]);
		else if (e->op == OP_ANY)
			feed_any(e, env, &env->agg[i]);
		else
			feed_uneven(e, env, &env->agg[i]);
	}
	env->nprov = nprov;
}
