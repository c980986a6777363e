/* SPDX-License-Identifier: MIT
 *
 * A drop over which the core itself dies is refused after a while, so that the others go through. Its own faults and endings from outside are counted apart: a drop is accused
 * soon of the first and late of the second.
 */
#include "gateway/workflow/attempt.h"

#include "base/limits.h"

int
attempt_begin(struct site *s, const char *drop, char **ret_why, struct eg_err *err)
{
	struct spool_attempts before;
	int rc = spool_attempt_begin(&s->spool, drop, &before, err);

	*ret_why = NULL;
	if (rc == EG_OK && before.crashed >= EG_LIMIT_CRASHES)
		*ret_why = eg_xprintf(
		    "erpgate itself failed %u times running while it took this file in, so it was set aside and the others went on. Nothing of it was used. The fault is erpgate's, not the sender's: keep the file and tell support. With a newer erpgate: erpgate reprocess %s",
		    before.crashed, drop);
	else if (rc == EG_OK && before.killed >= EG_LIMIT_KILLS)
		*ret_why = eg_xprintf(
		    "erpgate was ended from outside %u times running while it took this file in (killed, or the machine had no memory left), so it was set aside and the others went on. Nothing of it was used. The machine's log says why; when that is mended: erpgate reprocess %s",
		    before.killed, drop);
	return rc;
}

void
attempt_end(int rc)
{
	spool_attempt_end(rc == EG_OK);
}
