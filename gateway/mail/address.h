/* SPDX-License-Identifier: MIT
 *
 * What passes for a mail address here.
 */
#ifndef GATEWAY_MAIL_ADDRESS_H
#define GATEWAY_MAIL_ADDRESS_H

#include "base/bytes.h"

#define MAIL_ADDRESS_MAX 254 /* RFC 5321 */

/* name@host of plain ASCII characters that need no quoting anywhere: no blank, comma, quote, bracket, control character, no "-" in front. Less than the RFC allows;
 * what people have, and nothing that could become a second header, a second recipient or an option of a program. */
bool mail_address_good(struct eg_bytes v);

#endif
