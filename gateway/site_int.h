/* SPDX-License-Identifier: MIT
 *
 * What opening (site.c) and making (site_make.c) a site share. Only these include it.
 */
#ifndef GATEWAY_SITE_INT_H
#define GATEWAY_SITE_INT_H

#include "gateway/site.h"

#define SITE_CONF "erpgate.conf"

/* Is the folder a site: are there settings in it? */
bool site_is_at(const char *dir);
/* Unix seconds of the machine's clock. */
int64_t site_wall_clock(void *ctx);

#endif
