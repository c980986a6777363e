/* SPDX-License-Identifier: MIT
 *
 * What the steps do. A value comes in, a value goes out; EG_BADREC with env->problem when the step refuses it. Problems never quote the value: it may be private.
 * A blank is passed over unless the catalogue says otherwise.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

#include <stdarg.h>

#define PLENTY ((size_t)1 << 24) /* bytes a text may grow to: above every record */

static int refuse(struct adp_env *env, const char *code, const char *fmt, ...) EG_PRINTF(3, 4);

static int
refuse(struct adp_env *env, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (env->problem == NULL)
		return EG_BADREC;
	snprintf(env->problem->code, sizeof env->problem->code, "%s", code);
	va_start(ap, fmt);
	vsnprintf(env->problem->msg, sizeof env->problem->msg, fmt, ap);
	va_end(ap);
	return EG_BADREC;
}

static int
full(struct adp_env *env)
{
	return refuse(env, "LIMIT-MEM", "The record is too large.");
}

static struct eg_bytes
text_of(const struct adp_val *v, struct adp_env *env)
{
	return adp_val_text(v, env);
}

static bool
condition(const struct adp_step *st, struct adp_env *env)
{
	size_t nprov = env->nprov;
	bool is = st->when == NULL || adp_true(st->when, env) == 1;

	env->nprov = nprov;
	return is;
}

int
adl_run_required(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (v->kind != AV_BLANK || !condition(st, env))
		return EG_OK;
	return refuse(
	    env, st->code, "A value is needed here and there is none. Enter it at the source and send it again.");
}

int
adl_run_nothing(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	(void)env;
	(void)v;
	return EG_OK;
}

int
adl_run_trim(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	*v = adl_text(eg_bytes_trim_ws(text_of(v, env)));
	return EG_OK;
}

int
adl_run_squeeze(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);
	struct eg_buf b;

	(void)st;
	if (!adl_room(env, t.len, &b))
		return full(env);
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] != ' ' || (i > 0 && t.ptr[i - 1] != ' '))
			eg_buf_chr(&b, t.ptr[i]);
	*v = adl_text(eg_bytes_trim(eg_buf_view(&b)));
	return EG_OK;
}

static int
set_case(struct adp_env *env, struct adp_val *v, bool lower)
{
	*v = adl_text(adl_upper(text_of(v, env), lower, env));
	return EG_OK;
}

int
adl_run_upper(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	return set_case(env, v, false);
}

int
adl_run_lower(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	return set_case(env, v, true);
}

static bool
is_apostrophe(uint32_t cp)
{
	return cp == '\'' || cp == 0x2018 || cp == 0x2019;
}

static bool
cleaned(const struct adp_out *o, uint32_t cp)
{
	for (size_t pos = 0; pos < o->clean.len;)
		if (eg_utf8_next(o->clean, &pos) == cp)
			return true;
	return o->clean_apostrophe && is_apostrophe(cp);
}

/* Out: what the target's encoding makes of the text, so that lengths are those of the file. */
static bool
fit(struct adp_env *env, struct eg_bytes *t)
{
	const struct adp_out *o = &env->adp->o;
	struct eg_buf b, fitted;

	if (!adl_room(env, t->len, &b) || !adl_room(env, 3 * t->len, &fitted))
		return false;
	for (size_t pos = 0; pos < t->len;) {
		uint32_t cp = eg_utf8_next(*t, &pos);

		if (!cleaned(o, cp))
			eg_utf8_put(&b, cp);
	}
	unsigned did = fmt_fit(eg_buf_view(&b), o->ascii_fit, o->clean_apostrophe, o->breaks, &fitted);
	if ((did & FMT_CHANGED_CHARS) != 0 || b.len != t->len)
		env->changed |= ADP_DID_FIT_CHARS;
	if ((did & FMT_CHANGED_BREAKS) != 0)
		env->changed |= ADP_DID_FIT_BREAKS;
	*t = eg_buf_view(&fitted);
	return true;
}

int
adl_run_max(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);

	if (env->adp->out && !fit(env, &t))
		return full(env);
	size_t n = eg_utf8_count(t);
	if (n > (size_t)st->n && !st->cut)
		return refuse(env, st->code,
		    "The value has %zu characters; at most %lld are taken here. Shorten it at the source.", n,
		    (long long)st->n);
	if (n > (size_t)st->n) {
		t = eg_utf8_prefix(t, (size_t)st->n);
		env->changed |= ADP_DID_CUT;
	}
	*v = adl_text(t);
	return EG_OK;
}

int
adl_run_null(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adl_canonical(v, env);

	for (size_t i = 0; i < st->names.n; i++)
		if (eg_bytes_eq(t, st->names.v[i])) {
			*v = adl_text(EG_NONE);
			env->nprov = 0;
			break;
		}
	return EG_OK;
}

int
adl_run_default(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (v->kind != AV_BLANK || (st->when != NULL && adp_true(st->when, env) != 1))
		return EG_OK;
	env->nprov = 0;
	*v = adl_atom_value(&st->atoms[0], env);
	if (v->kind != AV_BLANK)
		env->changed |= ADP_DID_DEFAULT;
	return EG_OK;
}

int
adl_run_before(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);

	*v = adl_text(eg_bytes_sub(t, 0, eg_bytes_find(t, st->a)));
	return EG_OK;
}

int
adl_run_after(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);

	*v = adl_text(eg_bytes_sub(t, eg_bytes_find(t, st->a) + st->a.len, t.len));
	return EG_OK;
}

static int
filter(const struct adp_step *st, struct adp_env *env, struct adp_val *v, bool want)
{
	struct eg_bytes t = text_of(v, env);
	struct eg_buf b;

	if (!adl_room(env, t.len, &b))
		return full(env);
	for (size_t pos = 0; pos < t.len;) {
		uint32_t cp = eg_utf8_next(t, &pos);

		if (adl_cset_has(&st->set, cp) == want)
			eg_utf8_put(&b, cp);
	}
	*v = adl_text(eg_buf_view(&b));
	return EG_OK;
}

int
adl_run_without(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	return filter(st, env, v, false);
}

int
adl_run_keep(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	return filter(st, env, v, true);
}

int
adl_run_replace(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);
	size_t times = t.len / st->a.len;
	struct eg_buf b;

	if (times * st->b.len > PLENTY || !adl_room(env, t.len + times * st->b.len, &b))
		return full(env);
	while (t.len > 0) {
		size_t at = eg_bytes_find(t, st->a);

		eg_buf_add(&b, eg_bytes_sub(t, 0, at));
		if (at < t.len)
			eg_buf_add(&b, st->b);
		t = eg_bytes_sub(t, at + (at < t.len ? st->a.len : 0), t.len);
	}
	*v = adl_text(eg_buf_view(&b));
	return EG_OK;
}

/* a, the text of the step's atoms, b. */
static int
put_between(const struct adp_step *st, struct adp_env *env, struct adp_val *v, struct eg_bytes a, struct eg_bytes b)
{
	struct adp_val part = adl_joined(st->atoms, st->natoms, env);
	struct eg_buf buf;

	if (env->full)
		return full(env);
	if (part.kind == AV_UNKNOWN) {
		*v = part;
		return EG_OK;
	}
	if (!adl_room(env, a.len + part.text.len + b.len, &buf))
		return full(env);
	eg_buf_add(&buf, a);
	eg_buf_add(&buf, part.text);
	eg_buf_add(&buf, b);
	*v = adl_text(eg_buf_view(&buf));
	return EG_OK;
}

int
adl_run_insert(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env), head = eg_utf8_prefix(t, (size_t)st->n);

	return put_between(st, env, v, head, eg_bytes_sub(t, head.len, t.len));
}

int
adl_run_affix(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);

	if (!condition(st, env)) {
		*v = adl_text(t);
		return EG_OK;
	}
	return st->left ? put_between(st, env, v, EG_NONE, t) : put_between(st, env, v, t, EG_NONE);
}

int
adl_run_pad(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = text_of(v, env);
	size_t have = eg_utf8_count(t), need = have < (size_t)st->n ? (size_t)st->n - have : 0;
	struct eg_buf b;

	if (!adl_room(env, t.len + need * st->a.len, &b))
		return full(env);
	if (!st->left)
		eg_buf_add(&b, t);
	for (size_t i = 0; i < need; i++)
		eg_buf_add(&b, st->a);
	if (st->left)
		eg_buf_add(&b, t);
	*v = adl_text(eg_buf_view(&b));
	return EG_OK;
}

/* What happens without a match. */
static int
otherwise(const struct adp_step *st, struct adp_env *env, struct adp_val *v, struct eg_bytes t, const char *msg)
{
	switch (st->otherwise) {
	case ELSE_TEXT:
		*v = adl_text(st->b);
		return EG_OK;
	case ELSE_KEEP:
		*v = adl_text(t);
		return EG_OK;
	case ELSE_BLANK:
		*v = adl_text(EG_NONE);
		return EG_OK;
	case ELSE_CODE:
		break;
	}
	return refuse(env, st->code, "%s", msg);
}

static bool
pair_of(const struct adp_step *st, struct eg_bytes t, struct adp_val *v)
{
	for (size_t i = 0; i < st->npairs; i++)
		if (eg_bytes_eq(st->pairs[i].from, t)) {
			*v = adl_text(st->pairs[i].to);
			return true;
		}
	return false;
}

int
adl_run_choose(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adl_canonical(v, env);
	struct eg_buf b;

	if (pair_of(st, t, v))
		return EG_OK;
	if (st->otherwise != ELSE_CODE)
		return otherwise(st, env, v, t, "");
	if (!adl_room(env, EG_MSG_MAX, &b))
		return full(env);
	eg_buf_str(&b, "The value is none of: ");
	for (size_t i = 0; i < st->npairs; i++)
		eg_buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", EG_FMT(st->pairs[i].from));
	eg_buf_str(&b, ". Correct it at the source.");
	return otherwise(st, env, v, t, eg_buf_cstr(&b));
}

int
adl_run_lookup(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adl_canonical(v, env), found;
	char msg[EG_MSG_MAX];

	if (st->table == NULL) {
		if (pair_of(st, t, v))
			return EG_OK;
		return otherwise(st, env, v, t,
		    "The setting that translates this value does not know it. Add it to the setting or correct the source.");
	}
	if (adl_table_get(st->table, t, st->col, st->back, &found)) {
		*v = adl_text(found);
		return EG_OK;
	}
	snprintf(msg, sizeof msg, "The table %s does not know this value. Add it to the table or correct the source.",
	    st->table->name);
	return otherwise(st, env, v, t, msg);
}

int
adl_run_matches(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (adl_pattern_match(st->pattern, adl_canonical(v, env)))
		return EG_OK;
	return refuse(env, st->code, "The value does not have the form that is needed here. Correct it at the source.");
}

int
adl_run_date_in(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_date d;

	if (v->kind == AV_DATE)
		return EG_OK;
	for (size_t i = 0; i < st->names.n; i++)
		if (eg_date_parse(text_of(v, env), st->names.v[i], &d)) {
			*v = (struct adp_val){ .kind = AV_DATE, .date = d };
			return EG_OK;
		}
	return refuse(
	    env, "F-21", "The value is not a date of the form %.*s. Correct it at the source.", EG_FMT(st->names.v[0]));
}

static int
not_a(struct adp_env *env, const char *what)
{
	return refuse(env, "F-21", "The value is not %s. Correct it at the source.", what);
}

int
adl_run_date_out(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (v->kind != AV_DATE)
		return not_a(env, "a date");
	*v = adl_text(adl_date_text(v->date, st->names.v[0], env));
	return EG_OK;
}

int
adl_run_add_days(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (v->kind != AV_DATE)
		return not_a(env, "a date");
	v->date = eg_date_add_days(v->date, (int)st->n);
	return eg_date_valid(v->date) ? EG_OK : not_a(env, "a date of the years 1 to 9999");
}

int
adl_run_month_name(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	if (v->kind != AV_DATE)
		return not_a(env, "a date");
	*v = adl_text(adl_date_text(v->date, EG_LIT("MONTH"), env));
	return EG_OK;
}

int
adl_run_places(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	const struct eg_dec one = { .coef = 1 };
	struct eg_dec d = v->dec, r;
	struct eg_buf b;

	if (v->kind != AV_DEC && (v->kind != AV_TEXT || !adl_number_of(v->text, &d)))
		return not_a(env, "a number");
	if (!eg_dec_mul_round(d, one, (uint8_t)st->n, &r) || eg_dec_cmp(d, r) != 0)
		return refuse(
		    env, "F-22", "The value has digits beyond place %lld, which would be lost.", (long long)st->n);
	if (!adl_room(env, 64, &b))
		return full(env);
	eg_dec_print(&b, r, (uint8_t)st->n);
	*v = adl_text(eg_buf_view(&b));
	return EG_OK;
}

int
adl_run_yesno_in(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adl_canonical(v, env);
	bool yes = eg_bytes_eq(t, st->a);

	if (v->kind == AV_FLAG)
		return EG_OK;
	if (!yes && !eg_bytes_eq(t, st->b))
		return refuse(env, "F-21", "The value is neither %.*s nor %.*s. Correct it at the source.",
		    EG_FMT(st->a), EG_FMT(st->b));
	*v = adl_flag(yes);
	return EG_OK;
}

int
adl_run_yesno_out(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (v->kind != AV_FLAG)
		return not_a(env, "a flag");
	*v = adl_text(v->flag ? st->a : st->b);
	return EG_OK;
}

int
adl_run_split(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes rest = text_of(v, env), word = EG_NONE;
	int64_t n = st->n;

	while (n > 0 && rest.ptr != NULL && eg_bytes_cut(&rest, ' ', &word))
		n -= word.len > 0;
	*v = adl_text(n == 0 ? word : EG_NONE);
	return EG_OK;
}

int
adl_step_run(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	adl_run *run = env->adp->out ? st->def->out : st->def->in;

	if (v->kind == AV_BLANK && !st->def->on_blank)
		return EG_OK;
	int rc = run(st, env, v);
	if (rc == EG_OK && env->full)
		rc = full(env);
	return rc;
}

int
adp_steps_run(const struct adp_entry *e, struct adp_env *env, struct adp_val *v)
{
	for (size_t i = 0; i < e->nsteps && v->kind != AV_UNKNOWN; i++) {
		int rc = adl_step_run(&e->steps[i], env, v);

		if (rc != EG_OK)
			return rc;
	}
	if (env->full)
		return full(env);
	if (env->adp->out ? v->kind > AV_TEXT : v->kind == AV_DEC)
		*v = adl_text(adp_val_text(v, env));
	return env->full ? full(env) : EG_OK;
}
