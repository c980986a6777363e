/* SPDX-License-Identifier: MIT
 *
 * Rules and their messages: `verb [CODE] [at place] [when expr] [: "message"]`, the message cut at its braces. A private value shows as ***.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

static const char *const verbs[] = { "reject", "warn", "note", "skip", "archive", "refuse",
	NULL }; /* order of enum adp_verb */

/* What may stand where, by enum adl_rules_of. */
static const unsigned allowed[] = {
	[RULES_RECORD] =
	    1U << AR_REJECT | 1U << AR_WARN | 1U << AR_NOTE | 1U << AR_SKIP | 1U << AR_ARCHIVE | 1U << AR_REFUSE,
	[RULES_LINE] = 1U << AR_REJECT | 1U << AR_WARN | 1U << AR_NOTE | 1U << AR_SKIP | 1U << AR_REFUSE,
	[RULES_OUT] = 1U << AR_REJECT | 1U << AR_WARN | 1U << AR_NOTE,
	[RULES_ACCEPT] = 1U << AR_REJECT | 1U << AR_WARN | 1U << AR_NOTE,
};

static bool
verb(struct adl_scan *s, enum adl_rules_of of, struct adp_rule *r)
{
	const char *here[7] = { NULL };
	struct eg_bytes w = adl_word(s);
	size_t n = 0;

	for (size_t i = 0; verbs[i] != NULL; i++)
		if ((allowed[of] & 1U << i) != 0)
			here[n++] = verbs[i];
	if (adl_one_of(s->c, w, here, "ADP-RULE", "verb") < 0)
		return false;
	for (unsigned i = 0; verbs[i] != NULL; i++)
		if (eg_bytes_is(w, verbs[i]))
			r->verb = (enum adp_verb)i;
	return true;
}

/* An optional code; a colon may follow it directly. */
static bool
code(struct adl_scan *s, struct adp_rule *r)
{
	struct adl_scan ahead = *s;

	if (adl_at_end(&ahead) || *ahead.p == ':' || adl_accept(&ahead, "at") || adl_accept(&ahead, "when"))
		return true;
	struct eg_bytes w = adl_word(&ahead);
	if (eg_bytes_ends(w, EG_LIT(":"))) {
		w.len--;
		ahead.p--;
	}
	*s = ahead;
	adl_code_put(s->c, w, r->code);
	return r->code[0] != '\0';
}

static bool
place(struct adl_scan *s, enum adl_rules_of of, struct adp_rule *r)
{
	static const char *const places[] = { "line", "record", NULL };

	if (!adl_accept(s, "at"))
		return true;
	int i = adl_one_of(s->c, adl_word(s), places, "ADP-RULE", "place");
	r->at_line_first = i >= 0 && (i == 0) != (of == RULES_LINE);
	return i >= 0;
}

/* The brace that closes what begins at `from`, quotes inside passed over; t.len when there is none. */
static size_t
closing(struct eg_bytes t, size_t from)
{
	while (from < t.len && t.ptr[from] != '}')
		from = t.ptr[from] == '"' ? adl_quote_end(t, from + 1) + 1 : from + 1;
	return from < t.len ? from : t.len;
}

static size_t
literal_end(struct eg_bytes t, size_t from)
{
	while (from < t.len && t.ptr[from] != '{' && t.ptr[from] != '}')
		from++;
	return from;
}

static bool
braces(struct adl_comp *c, struct eg_bytes t, size_t *pos, struct adp_msg_part *part)
{
	size_t close = closing(t, *pos + 1);
	enum adl_type type;

	if (t.ptr[*pos] == '}' || close == t.len) {
		adl_error(
		    c, t.ptr + *pos, "ADP-RULE", "a brace itself is written {{ or }}", "This brace has no partner.");
		return false;
	}
	struct adl_scan s = adl_scan(c, eg_bytes_sub(t, *pos + 1, close - *pos - 1));
	part->expr = adl_expr(&s, AT_ANY, &type);
	*pos = close + 1;
	return part->expr != NULL && adl_done(&s);
}

static bool
message(struct adl_comp *c, struct eg_bytes t, struct adp_rule *r)
{
	struct adp_msg_part *v = adl_mem(c->set, t.len + 1, sizeof *v);
	size_t pos = 0;

	while (pos < t.len) {
		size_t end = literal_end(t, pos);

		if (end + 1 < t.len && t.ptr[end] == t.ptr[end + 1])
			v[r->nparts++].text = eg_bytes_sub(t, pos, end + 1 - pos), pos = end + 2;
		else if (end > pos)
			v[r->nparts++].text = eg_bytes_sub(t, pos, end - pos), pos = end;
		else if (!braces(c, t, &pos, &v[r->nparts++]))
			return false;
	}
	r->parts = v;
	r->message = adl_cstr(c->set, t);
	return true;
}

static bool
tail(struct adl_scan *s, struct adp_rule *r)
{
	struct adl_comp *c = s->c;
	struct eg_bytes text;
	bool silent = r->code[0] == '\0';

	if (adl_at_end(s)) {
		if (!silent)
			adl_error(c, s->p, "ADP-RULE", ": \"what is wrong and what to do about it\"",
			    "A rule with a code has a message for people.");
		return silent;
	}
	if (*s->p != ':') {
		adl_error(c, s->p, "ADP-RULE", "verb CODE when EXPR : \"message\"",
		    "Nothing but a colon and the message may follow here.");
		return false;
	}
	const unsigned char *colon = s->p++;
	if (!adl_quoted(s, &text) || !adl_done(s))
		return false;
	if (silent) {
		adl_error(c, colon, "ADP-RULE", "a message needs a code: skip E-32 when …",
		    "A rule without a code says nothing.");
		return false;
	}
	return message(c, text, r);
}

static bool
rule(struct adl_comp *c, enum adl_rules_of of, struct adp_rule *r)
{
	struct adl_scan s = adl_scan(c, c->at.value);

	r->line = c->at.line;
	if (!verb(&s, of, r))
		return false;
	const unsigned char *behind = s.p;
	if (!code(&s, r))
		return false;
	if (r->code[0] == '\0' && r->verb != AR_SKIP && r->verb != AR_ARCHIVE) {
		adl_error(c, behind, "ADP-RULE", "for example reject E-37 when …", "%s needs the code of a finding.",
		    verbs[r->verb]);
		return false;
	}
	if (!place(&s, of, r))
		return false;
	if (adl_accept(&s, "when")) {
		r->when = adl_condition(&s);
		if (r->when == NULL)
			return false;
	}
	return tail(&s, r);
}

void
adl_rules(
    struct adl_comp *c, const struct adl_section *s, enum adl_rules_of of, size_t *ret_n, const struct adp_rule **ret)
{
	*ret_n = 0;
	*ret = NULL;
	if (s == NULL)
		return;
	struct adp_rule *v = adl_mem(c->set, s->nlines + 1, sizeof *v);
	for (size_t i = 0; i < s->nlines; i++) {
		c->at = s->lines[i];
		v[*ret_n] = (struct adp_rule){ 0 };
		*ret_n += rule(c, of, &v[*ret_n]);
	}
	*ret = v;
}

/* ---- running ---- */

static struct eg_bytes
part_text(const struct adp_msg_part *p, struct adp_env *env)
{
	if (p->expr == NULL)
		return p->text;
	struct adp_val v = adp_eval(p->expr, env);
	if (v.kind == AV_UNKNOWN)
		return EG_LIT("(not readable)");
	if (v.kind != AV_BLANK && p->expr->masked)
		return EG_LIT("***");
	return adp_val_text(&v, env);
}

const char *
adp_message(const struct adp_rule *r, struct adp_env *env)
{
	struct eg_buf b, out;

	if (!adl_room(env, EG_MSG_MAX, &b) || !adl_room(env, 12 * EG_MSG_MAX, &out))
		return "The record is too large.";
	for (size_t i = 0; i < r->nparts; i++) {
		struct eg_bytes t = part_text(&r->parts[i], env);

		/* cut by characters, so that no part leaves half of one */
		while (t.len > 0 && b.len + t.len >= EG_MSG_MAX)
			t = eg_utf8_prefix(t, eg_utf8_count(t) - 1);
		eg_buf_add(&b, t);
	}
	eg_buf_escaped(&out, eg_buf_view(&b));
	if (out.len >= EG_MSG_MAX)
		out.ptr[eg_utf8_prefix(eg_buf_view(&out), EG_MSG_MAX / 4).len] = '\0';
	return eg_buf_cstr(&out);
}
