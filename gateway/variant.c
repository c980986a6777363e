/* SPDX-License-Identifier: MIT
 *
 * A site with other adapters, tables or settings.
 */
#include "gateway/variant.h"

#include "gateway/workflow/field_rules.h"

static const char *
setting(void *ctx, const char *key)
{
	return conf_get(ctx, key);
}

static const char *
key_at(size_t i)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	return i < n ? k[i].key : NULL;
}

/* The first one of a name wins. */
static int
load_tables(const struct site *s, const struct variant *v, struct site *ret, struct eg_err *err)
{
	char sha[EG_SHA256_HEX];
	struct eg_bytes text;
	const char *name;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < v->ntables; i++)
		rc = adp_set_table(ret->adapters, v->table[i].file, v->table[i].text, err);
	for (size_t i = 0; rc == EG_OK && !v->alone && adp_set_table_at(s->adapters, i, &name, &text, sha); i++)
		rc = adp_set_table(ret->adapters, name, text, err);
	return rc;
}

static int
load_adapters(const struct site *s, const struct variant *v, struct site *ret, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < v->nadapters; i++)
		rc = adp_set_add(ret->adapters, v->adapter[i].file, v->adapter[i].text, NULL, NULL, err);
	for (size_t i = 0; rc == EG_OK && !v->alone && i < adp_set_count(s->adapters); i++) {
		const struct adp_info *a = adp_info(adp_set_at(s->adapters, i));

		rc = adp_set_add(ret->adapters, a->file, a->text, NULL, NULL, err);
		if (rc < 0 && v->must != NULL && strcmp(a->name, v->must) != 0)
			rc = EG_OK;
	}
	return rc == EG_OK ? adp_set_seal(ret->adapters, NULL, NULL, err) : rc;
}

static int
load_conf(const struct variant *v, struct site *ret, struct eg_err *err)
{
	int rc = conf_parse(eg_bytes_str(v->conf), "settings of the bundle", &ret->conf, err);

	if (rc < 0)
		return rc;
	ret->erp = conf_text(&ret->conf, "erp");
	ret->rules = field_rules_new(&ret->conf);
	ret->vision =
	    strcmp(ret->erp, "acumatica") == 0 && strcmp(conf_text(&ret->conf, "acumatica.generation"), "vision") == 0;
	return eg_tz_load(conf_text(&ret->conf, "business.timezone"), &ret->zone, err);
}

int
variant_open(const struct site *s, const struct variant *v, struct site *ret, struct eg_err *err)
{
	int rc = EG_OK;

	*ret = *s;
	ret->adapters = NULL;
	if (v->conf != NULL) {
		ret->conf = (struct conf){ .n = 0 };
		ret->rules = NULL;
		ret->zone = NULL;
		rc = load_conf(v, ret, err);
	}
	if (rc < 0)
		return rc;
	ret->adapters = adp_set_new((struct adp_config){ setting, &ret->conf }, ret->erp);
	adp_set_keys(ret->adapters, key_at);
	rc = load_tables(s, v, ret, err);
	return rc == EG_OK ? load_adapters(s, v, ret, err) : rc;
}

void
variant_done(const struct site *s, struct site *v)
{
	adp_set_free(v->adapters);
	v->adapters = NULL;
	if (v->conf.path == s->conf.path)
		return;
	field_rules_free(v->rules);
	conf_free(&v->conf);
	eg_tz_free(v->zone);
	v->conf = (struct conf){ .n = 0 };
	v->rules = NULL;
	v->zone = NULL;
}
