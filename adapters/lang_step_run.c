/* SPDX-License-Identifier: MIT
 *
 * Running steps, and what those on blanks, forms, dates, numbers and flags do. A value comes in, a value goes out; EG_BADREC with env->problem when
 * the step refuses it. Problems never quote the value: it may be private. A blank is passed over unless the catalogue says otherwise.
 */
#include "adapters/lang_step_int.h"

#include <stdarg.h>

/* ---- what the steps share ---- */

int
adl_refuse(struct adp_env *env, const char *code, const char *fmt, ...)
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

int
adl_full(struct adp_env *env)
{
	return adl_refuse(env, "LIMIT-MEM", "The record is too large.");
}

bool
adl_step_applies(const struct adp_step *st, struct adp_env *env)
{
	size_t nprov = env->nprov;
	bool is = st->when == NULL || adp_true(st->when, env) == 1;

	env->nprov = nprov;
	return is;
}

/* ---- blanks and forms ---- */

int
adl_run_nothing(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	(void)env;
	(void)v;
	return EG_OK;
}

int
adl_run_required(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (v->kind != AV_BLANK || !adl_step_applies(st, env))
		return EG_OK;
	return adl_refuse(
	    env, st->code, "A value is needed here and there is none. Enter it at the source and send it again.");
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
	if (v->kind != AV_BLANK || !adl_step_applies(st, env))
		return EG_OK;
	env->nprov = 0;
	*v = adl_atom_value(&st->atoms[0], env);
	if (v->kind != AV_BLANK)
		env->changed |= ADP_DID_DEFAULT;
	return EG_OK;
}

int
adl_run_matches(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	if (adl_pattern_match(st->pattern, adl_canonical(v, env)))
		return EG_OK;
	return adl_refuse(
	    env, st->code, "The value does not have the form that is needed here. Correct it at the source.");
}

/* ---- dates, numbers, flags ---- */

static int
not_a(struct adp_env *env, const char *what)
{
	return adl_refuse(env, "F-21", "The value is not %s. Correct it at the source.", what);
}

int
adl_run_date_in(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_date d;

	if (v->kind == AV_DATE)
		return EG_OK;
	for (size_t i = 0; i < st->names.n; i++)
		if (eg_date_parse(adp_val_text(v, env), st->names.v[i], &d)) {
			*v = (struct adp_val){ .kind = AV_DATE, .date = d };
			return EG_OK;
		}
	return adl_refuse(
	    env, "F-21", "The value is not a date of the form %.*s. Correct it at the source.", EG_FMT(st->names.v[0]));
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
		return adl_refuse(
		    env, "F-22", "The value has digits beyond place %lld, which would be lost.", (long long)st->n);
	if (!adl_room(env, 64, &b))
		return adl_full(env);
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
		return adl_refuse(env, "F-21", "The value is neither %.*s nor %.*s. Correct it at the source.",
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

/* ---- one after the other ---- */

int
adl_step_run(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	adl_run *run = env->adp->out ? st->def->out : st->def->in;

	if (v->kind == AV_BLANK && !st->def->on_blank)
		return EG_OK;
	int rc = run(st, env, v);
	if (rc == EG_OK && env->full)
		rc = adl_full(env);
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
		return adl_full(env);
	if (env->adp->out ? v->kind > AV_TEXT : v->kind == AV_DEC)
		*v = adl_text(adp_val_text(v, env));
	return env->full ? adl_full(env) : EG_OK;
}
