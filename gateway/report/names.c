/* SPDX-License-Identifier: MIT
 *
 * Names for keys. An unknown key is shown as it is.
 */
#include "gateway/report/names.h"

/* "vendor/10%2F2": the item id of a company or of a vendor of the ERP. */
static char *
party_iid(const char *type, const char *key)
{
	struct eg_buf b = EG_BUF_INIT;
	char *iid;

	eg_buf_printf(&b, "%s/", type);
	for (; *key != '\0'; key++)
		if (*key == '/' || *key == '%')
			eg_buf_printf(&b, "%%%02X", (unsigned)*key);
		else
			eg_buf_chr(&b, (unsigned char)*key);
	iid = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return iid;
}

static int
key_of(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct item parent;
	int rc;

	*ret = it->vendor;
	if (it->vendor != NULL || it->parent == NULL)
		return EG_OK;
	rc = item_find(s->store, it->parent, a, &parent, err);
	if (rc == EG_OK)
		*ret = parent.vendor;
	return rc < 0 ? rc : EG_OK;
}

int
vendor_name(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	const char *key = NULL;
	struct item party;
	int rc = key_of(s, it, a, &key, err);

	*ret = key == NULL ? "" : key;
	if (rc < 0 || key == NULL)
		return rc;
	char *iid = party_iid(it->type->cls == RC_TO_ERP ? "vendor" : "erp-vendor", key);
	rc = item_find(s->store, iid, a, &party, err);
	free(iid);
	if (rc == EG_OK && party.title != NULL)
		*ret = party.title;
	return rc < 0 ? rc : EG_OK;
}
