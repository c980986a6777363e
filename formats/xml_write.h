/* SPDX-License-Identifier: MIT
 *
 * XML out: a small escaping writer. Text: & < > and CR (&#13;) are escaped; attributes also " TAB LF.
 * Characters that XML 1.0 cannot hold, and bytes that are not UTF-8, are EG_BADREC "XML-CHAR" with pos.off = index in v;
 * nothing is appended then.
 */
#ifndef FORMATS_XML_WRITE_H
#define FORMATS_XML_WRITE_H

#include "base/buf.h"
#include "base/err.h"

int fmt_xml_text(struct eg_buf *out, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
int fmt_xml_attr(struct eg_buf *out, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
/* true when v is a legal element name of ours: [A-Za-z_][A-Za-z0-9._-]*. */
bool fmt_xml_name_ok(struct eg_bytes v);

#endif
