/* SPDX-License-Identifier: MIT
 *
 * Values while an adapter runs: made from record fields and texts, turned into text. New text lies in env->arena; when that is full the value is unknown and
 * env->full is set. Text is valid UTF-8 throughout.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

#define DEC_TEXT_MAX 64U /* an __int128, sign, point and NUL */

struct adp_val
adl_text(struct eg_bytes v)
{
	return (struct adp_val){ .kind = v.len == 0 ? AV_BLANK : AV_TEXT, .text = v };
}

struct adp_val
adl_flag(bool v)
{
	return (struct adp_val){ .kind = AV_FLAG, .flag = v };
}

struct adp_val
adl_dec(struct eg_dec d)
{
	return (struct adp_val){ .kind = AV_DEC, .dec = d };
}

struct adp_val
adl_unknown(void)
{
	return (struct adp_val){ .kind = AV_UNKNOWN };
}

struct adp_val
adl_rec_value(const struct rec_field *f, const struct rec_val *v)
{
	if (v->state == RV_BLANK)
		return (struct adp_val){ .kind = AV_BLANK };
	if (v->state != RV_VALUE)
		return adl_unknown();
	switch (f->type) {
	case RF_AMOUNT:
	case RF_QUANTITY:
	case RF_UNIT_COST:
	case RF_PERCENT:
		return adl_dec(v->v.dec);
	case RF_INT:
		return adl_dec((struct eg_dec){ .coef = v->v.num });
	case RF_DATE:
		return (struct adp_val){ .kind = AV_DATE, .date = v->v.date };
	case RF_BOOL:
		return adl_flag(v->v.flag);
	default:
		return adl_text(v->text);
	}
}

void
adl_prov(struct adp_env *env, const struct rec_prov *p)
{
	if (p->line != 0 && env->nprov < ADP_PROV_MAX)
		env->prov[env->nprov++] = *p;
}

bool
adl_room(struct adp_env *env, size_t cap, struct eg_buf *ret)
{
	unsigned char *p = cap < SIZE_MAX - 8 ? eg_arena_alloc(env->arena, cap + 8) : NULL;

	if (p == NULL) {
		env->full = true;
		return false;
	}
	*ret = (struct eg_buf){ .ptr = p, .cap = cap + 8, .max = cap + 7 };
	return true;
}

static struct eg_bytes
dec_text(struct eg_dec d, struct adp_env *env)
{
	struct eg_buf b;

	if (!adl_room(env, DEC_TEXT_MAX, &b))
		return EG_NONE;
	eg_dec_print(&b, d, d.scale);
	return eg_buf_view(&b);
}

struct eg_bytes
adl_date_text(struct eg_date d, struct eg_bytes format, struct adp_env *env)
{
	struct eg_buf b;

	/* the longest growth of a token is MONTH to SEPTEMBER */
	if (!adl_room(env, 2 * format.len + 16, &b))
		return EG_NONE;
	eg_date_print(&b, d, format);
	return eg_buf_view(&b);
}

struct eg_bytes
adl_canonical(const struct adp_val *v, struct adp_env *env)
{
	switch (v->kind) {
	case AV_TEXT:
		return v->text;
	case AV_DEC:
		return dec_text(v->dec, env);
	case AV_DATE:
		return adl_date_text(v->date, EG_LIT("YYYY-MM-DD"), env);
	case AV_FLAG:
		return v->flag ? EG_LIT("yes") : EG_LIT("no");
	default:
		return EG_NONE;
	}
}

struct eg_bytes
adp_val_text(const struct adp_val *v, struct adp_env *env)
{
	const struct adp *a = env->adp;

	if (a != NULL && a->out && v->kind == AV_DATE)
		return adl_date_text(v->date, a->o.date, env);
	if (a != NULL && a->out && v->kind == AV_FLAG)
		return v->flag ? a->o.yes : a->o.no;
	return adl_canonical(v, env);
}

bool
adl_number_of(struct eg_bytes text, struct eg_dec *ret)
{
	size_t point = eg_bytes_chr(text, '.');
	size_t places = point < text.len ? text.len - point - 1 : 0;

	return places <= EG_DEC_SCALE_MAX && eg_dec_parse(text, EG_DEC_PLAIN, (uint8_t)places, 18, ret) == EG_DEC_OK;
}

struct eg_bytes
adl_upper(struct eg_bytes v, bool lower, struct adp_env *env)
{
	struct eg_buf b;

	if (!adl_room(env, 2 * v.len, &b))
		return EG_NONE;
	for (size_t pos = 0; pos < v.len;) {
		uint32_t cp = eg_utf8_next(v, &pos);

		eg_utf8_put(&b, lower ? eg_utf8_lower(cp) : eg_utf8_upper(cp));
	}
	return eg_buf_view(&b);
}
