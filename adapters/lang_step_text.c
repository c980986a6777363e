/* SPDX-License-Identifier: MIT
 *
 * What the steps on texts do: cleaning, case, lengths, parts, what is put in. max refuses a longer text unless it is to be cut; the others refuse only what
 * grows beyond the record's memory (LIMIT-MEM).
 */
#include "adapters/lang_step_int.h"

#include "base/utf8.h"

#define PLENTY ((size_t)1 << 24) /* bytes a text may grow to: above every record */

int
adl_run_trim(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	(void)st;
	*v = adl_text(eg_bytes_trim_ws(adp_val_text(v, env)));
	return EG_OK;
}

int
adl_run_squeeze(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env);
	struct eg_buf b;

	(void)st;
	if (!adl_room(env, t.len, &b))
		return adl_full(env);
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] != ' ' || (i > 0 && t.ptr[i - 1] != ' '))
			eg_buf_chr(&b, t.ptr[i]);
	*v = adl_text(eg_bytes_trim(eg_buf_view(&b)));
	return EG_OK;
}

static int
set_case(struct adp_env *env, struct adp_val *v, bool lower)
{
	*v = adl_text(adl_upper(adp_val_text(v, env), lower, env));
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

/* ---- lengths, as they will be in the file ---- */

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
	struct eg_bytes t = adp_val_text(v, env);

	if (env->adp->out && !fit(env, &t))
		return adl_full(env);
	size_t n = eg_utf8_count(t);
	if (n > (size_t)st->n && !st->cut)
		return adl_refuse(env, st->code,
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
adl_run_pad(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env);
	size_t have = eg_utf8_count(t), need = have < (size_t)st->n ? (size_t)st->n - have : 0;
	struct eg_buf b;

	if (!adl_room(env, t.len + need * st->a.len, &b))
		return adl_full(env);
	if (!st->left)
		eg_buf_add(&b, t);
	for (size_t i = 0; i < need; i++)
		eg_buf_add(&b, st->a);
	if (st->left)
		eg_buf_add(&b, t);
	*v = adl_text(eg_buf_view(&b));
	return EG_OK;
}

/* ---- parts of a text ---- */

int
adl_run_before(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env);

	*v = adl_text(eg_bytes_sub(t, 0, eg_bytes_find(t, st->a)));
	return EG_OK;
}

int
adl_run_after(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env);

	*v = adl_text(eg_bytes_sub(t, eg_bytes_find(t, st->a) + st->a.len, t.len));
	return EG_OK;
}

int
adl_run_split(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes rest = adp_val_text(v, env), word = EG_NONE;
	int64_t n = st->n;

	while (n > 0 && rest.ptr != NULL && eg_bytes_cut(&rest, ' ', &word))
		n -= word.len > 0;
	*v = adl_text(n == 0 ? word : EG_NONE);
	return EG_OK;
}

static int
filter(const struct adp_step *st, struct adp_env *env, struct adp_val *v, bool want)
{
	struct eg_bytes t = adp_val_text(v, env);
	struct eg_buf b;

	if (!adl_room(env, t.len, &b))
		return adl_full(env);
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

/* ---- other text put in ---- */

int
adl_run_replace(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env);
	size_t times = t.len / st->a.len;
	struct eg_buf b;

	if (times * st->b.len > PLENTY || !adl_room(env, t.len + times * st->b.len, &b))
		return adl_full(env);
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
		return adl_full(env);
	if (part.kind == AV_UNKNOWN) {
		*v = part;
		return EG_OK;
	}
	if (!adl_room(env, a.len + part.text.len + b.len, &buf))
		return adl_full(env);
	eg_buf_add(&buf, a);
	eg_buf_add(&buf, part.text);
	eg_buf_add(&buf, b);
	*v = adl_text(eg_buf_view(&buf));
	return EG_OK;
}

int
adl_run_insert(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env), head = eg_utf8_prefix(t, (size_t)st->n);

	return put_between(st, env, v, head, eg_bytes_sub(t, head.len, t.len));
}

int
adl_run_affix(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adp_val_text(v, env);

	if (!adl_step_applies(st, env)) {
		*v = adl_text(t);
		return EG_OK;
	}
	return st->left ? put_between(st, env, v, EG_NONE, t) : put_between(st, env, v, t, EG_NONE);
}
