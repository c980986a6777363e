/* SPDX-License-Identifier: MIT
 *
 * A pattern with an adapter set of its own as its memory. Refuses what the adapter language refuses.
 */
#include "adapters/pattern.h"

#include "adapters/lang_int.h"

struct adp_pattern {
	struct adp_set *memory;
	const struct adl_pattern *p;
};

static const char *
no_setting(void *ctx, const char *key)
{
	(void)ctx;
	(void)key;
	return NULL;
}

struct adp_pattern *
adp_pattern_new(struct eg_bytes text)
{
	struct adp_pattern *ret = eg_xalloc(sizeof(*ret));
	struct eg_err ignored = { 0 };

	ret->memory = adp_set_new((struct adp_config){ no_setting, NULL }, "cmic");
	struct adl_comp c = { .set = ret->memory, .file = "", .err = &ignored };
	ret->p = adl_pattern(&c, NULL, adl_dup(ret->memory, text));
	if (ret->p != NULL)
		return ret;
	adp_pattern_free(ret);
	return NULL;
}

bool
adp_pattern_match(const struct adp_pattern *p, struct eg_bytes v)
{
	return adl_pattern_match(p->p, v);
}

void
adp_pattern_free(struct adp_pattern *p)
{
	if (p == NULL)
		return;
	adp_set_free(p->memory);
	free(p);
}
