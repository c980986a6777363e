/* SPDX-License-Identifier: MIT
 *
 * The crosswalk of cost types, typed by a person: a row of the site's own tables/cost_type.csv, which every adapter uses on the way out and on the way in. Cost codes
 * need none: both sides write the same code (Acumatica without its hyphen), and a code that differs is corrected in one of the two systems.
 */
#ifndef GATEWAY_WORKFLOW_LINK_CODE_H
#define GATEWAY_WORKFLOW_LINK_CODE_H

#include "gateway/site.h"

/* From now on cost type `key` of the project side is `erp_id` in the site's ERP. The site's table is written (made from the shipped one the first time); in a
 * transaction of the caller, which logs it with the row before and after. EG_BADREC F-35: no cost type can have that name (cost codes, blanks, quotes); E-08: the
 * ERP's word belongs to another cost type. EG_BADFILE "ADP-TABLE": the site's table is damaged. */
int act_link_code(struct site *s, const char *key, const char *erp_id, struct eg_err *err) EG_MUSTCHECK;

#endif
