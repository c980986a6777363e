/* SPDX-License-Identifier: MIT
 *
 * One mail as text (RFC 5322, MIME): what the system's sendmail takes. Nothing that comes in through a subject, a name or a text can become a header, a recipient
 * or the end of the mail: control characters become blanks in headers, everything but plain ASCII is encoded, bodies are quoted-printable or base64.
 */
#ifndef GATEWAY_MAIL_MESSAGE_H
#define GATEWAY_MAIL_MESSAGE_H

#include "base/buf.h"

struct mail_message {
	const char *from, *to; /* one address each, good by mail_address_good */
	const char *from_name; /* shown beside the address; "" = none */
	const char *subject, *text; /* UTF-8; what is none is shown as \xNN. Lines of text end with LF */
	const char *id; /* unique; letters, digits and . - only: the part of Message-ID before the @ */
	int64_t date; /* Unix seconds */
	const char *attached; /* file name of the attachment, letters, digits and . - only; NULL = none */
	struct eg_bytes attachment; /* any bytes; told as text/csv or text/plain, by the name */
};

/* Lines end with LF, as a program on standard input wants them. */
void mail_render(const struct mail_message *m, struct eg_buf *ret);

#endif
