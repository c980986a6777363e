/* SPDX-License-Identifier: MIT
 *
 * Sources that the settings name beside the two every site has: each needs a family with adapters, and gets its drop folder. Refuses a family that nothing can
 * read: files would come and all of them be rejected.
 */
#include "base/fs.h"
#include "gateway/site.h"

#define PREFIX "source."
#define SUFFIX ".family"

/* The name of the source when the key is source.NAME.family; EG_NONE otherwise. */
static struct eg_bytes
named_by(const char *key)
{
	struct eg_bytes k = eg_bytes_str(key), suffix = EG_LIT(SUFFIX);

	if (!eg_bytes_starts(k, EG_LIT(PREFIX)) || k.len <= strlen(PREFIX) + suffix.len ||
	    !eg_bytes_eq(eg_bytes_sub(k, k.len - suffix.len, suffix.len), suffix))
		return EG_NONE;
	return eg_bytes_sub(k, strlen(PREFIX), k.len - strlen(PREFIX) - suffix.len);
}

static bool
family_known(const struct adp_set *set, const char *family)
{
	for (size_t i = 0; i < adp_set_count(set); i++) {
		const struct adp_info *a = adp_info(adp_set_at(set, i));

		if (!a->out && strcmp(a->system, family) == 0)
			return true;
	}
	return false;
}

int
site_check_sources(struct site *s, struct eg_err *err)
{
	const char *key, *value;

	for (size_t i = 0; conf_set_at(&s->conf, i, &key, &value); i++) {
		if (named_by(key).len == 0 || *value == '\0' || family_known(s->adapters, value))
			continue;
		int rc = eg_fail(err, EG_BADFILE, "CONF-VALUE",
		    "erpgate.conf sets %s to \"%s\", and no adapter reads that family. See them: erpgate adapters list",
		    key, value);
		eg_err_at(err, (struct eg_pos){ .line = conf_line(&s->conf, key), .col = 1 });
		return rc;
	}
	return EG_OK;
}

int
site_make_sources(struct site *s, struct eg_err *err)
{
	const char *key, *value;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && conf_set_at(&s->conf, i, &key, &value); i++) {
		struct eg_bytes name = named_by(key);

		if (name.len == 0 || *value == '\0')
			continue;
		char *source = eg_xdup(name);
		rc = spool_make_source(s->dir, source, err);
		free(source);
	}
	return rc;
}

bool
site_has_source(const struct site *s, const char *name)
{
	const char *family = conf_sub(&s->conf, "source", name, "family");

	return eg_fs_exists(s->spool.drop, name) || (family != NULL && *family != '\0');
}
