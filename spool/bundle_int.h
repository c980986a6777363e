/* SPDX-License-Identifier: MIT
 *
 * What reading bundles (bundle_read.c) and verifying them (bundle_verify.c) share. Not for others.
 */
#ifndef SPOOL_BUNDLE_INT_H
#define SPOOL_BUNDLE_INT_H

#include "spool/bundle.h"
#include "spool/zip_in.h"

/* Opens archive/<path>, "2026/11/A000450.zip", which z views until zip_in_close. EG_BADFILE "NAME", "BUNDLE-ZIP" (z->fd is open then); EG_BADREC "EXPIRED" when it was deleted under
 * retention; EG_RETRY "GONE". */
int bundle_open(struct spool *s, const char *path, struct zip_in *z, struct eg_err *err) EG_MUSTCHECK;

#endif
