/* SPDX-License-Identifier: MIT
 *
 * software.json: with what a bundle was made and can be made again (version, libraries, settings in force, digests of the adapters and tables that lie beside it), and the tables themselves.
 */
#include "gateway/seal.h"

#include "base/hash.h"
#include "formats/libraries.h"
#include "gateway/store/store_evidence.h"

static json_t *
settings(const struct site *s)
{
	json_t *j = json_object();
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	const char *key, *value;

	for (size_t i = 0; i < n; i++)
		if (strchr(k[i].key, '*') == NULL)
			json_object_set_new(j, k[i].key, json_string(conf_text(&s->conf, k[i].key)));
	for (size_t i = 0; conf_set_at(&s->conf, i, &key, &value); i++)
		json_object_set_new(j, key, json_string(value)); /* those with a name in them, too */
	return j;
}

/* Those that turn bytes into values, digests, signatures and the zip; as they run, not as they were compiled. */
static json_t *
libraries(void)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "openssl", eg_sha256_library(), "zlib", fmt_version_zlib(),
	    "sqlite", evidence_sqlite(), "jansson", jansson_version_str(), "libxml2", fmt_version_libxml2(),
	    "libarchive", fmt_version_libarchive());
}

static json_t *
adapters(const struct sealing *z)
{
	json_t *j = json_object();

	for (size_t i = 0; i < adp_set_count(z->site->adapters); i++) {
		const struct adp_info *a = adp_info(adp_set_at(z->site->adapters, i));
		char *line = eg_xprintf("\n%s\n", a->name);
		if (eg_bytes_find(eg_buf_view(&z->adapters), eg_bytes_str(line)) < z->adapters.len)
			json_object_set_new(
			    j, a->name, json_pack("{s:i,s:s}", "version", (int)a->version, "sha256", a->sha256));
		free(line);
	}
	return j;
}

static int
add_tables(struct sealing *z, json_t *digests, struct eg_err *err)
{
	const char *name;
	struct eg_bytes text;
	char sha[EG_SHA256_HEX];
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && adp_set_table_at(z->site->adapters, i, &name, &text, sha); i++) {
		eg_buf_clear(&z->path);
		eg_buf_printf(&z->path, "adapters/tables/%s", name);
		json_object_set_new(digests, name, json_string(sha));
		rc = bundle_add(z->b, eg_buf_cstr(&z->path), text, err);
	}
	return rc;
}

int
seal_software(struct sealing *z, struct eg_err *err)
{
	json_t *tables = json_object();
	int rc = add_tables(z, tables, err);
	json_t *j = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "erpgate", ERPGATE_VERSION, "site", z->site->name,
	    "settings", settings(z->site), "libraries", libraries(), "adapters", adapters(z), "tables", tables);

	if (rc == EG_OK)
		return seal_json(z, "software.json", j, err);
	json_decref(j);
	return rc;
}
