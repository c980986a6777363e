/* SPDX-License-Identifier: MIT
 *
 * Names for keys. An unknown key is shown as it is.
 */
#include "gateway/report/names.h"

#include "gateway/workflow/intake.h"

int
vendor_name(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	const char *key = NULL;
	struct item party;
	int rc = item_vendor(s, it, a, &key, err);

	*ret = key == NULL ? "" : key;
	if (rc < 0 || key == NULL)
		return rc;
	const char *iid = iid_join(a, it->type->cls == RC_TO_ERP ? REC_VENDOR : REC_ERP_VENDOR, &key, 1);
	rc = iid == NULL ? EG_EOF : item_find(s->store, iid, a, &party, err);
	if (rc == EG_OK && party.title != NULL)
		*ret = party.title;
	return rc < 0 ? rc : EG_OK;
}
