/* SPDX-License-Identifier: MIT
 *
 * The line lexer shared by erpgate.conf and adapters: sections, `key = value`, comments (whole line `#`, or ` #` after at least two
 * blanks outside quotes). Values keep their inner blanks; both ends are trimmed. No continuation lines.
 * Inside "quotes" a backslash takes the character behind it literally; views keep quotes and backslashes as written, except that a
 * key or a section's value wholly in quotes is given without them. Control characters other than TAB are refused.
 * Codes: INI-LINE, INI-QUOTE, INI-SECTION, INI-LONG, INI-UTF8, INI-CHAR.
 * Limits: 4096 bytes a line, UTF-8 only.
 */
#ifndef BASE_INI_H
#define BASE_INI_H

#include "base/bytes.h"
#include "base/err.h"

enum eg_ini_kind {
	EG_INI_SECTION, /* key = name, value = the quoted or bare rest of the bracket (may be empty) */
	EG_INI_ENTRY, /* key, value */
	EG_INI_TEXT, /* value = the line without its comment (rules) */
};

struct eg_ini_line {
	enum eg_ini_kind kind;
	uint32_t line;
	uint32_t key_col, value_col; /* characters, first is 1 */
	struct eg_bytes key, value; /* views of the text */
	struct eg_bytes whole; /* the line as written, for carets */
};

struct eg_ini {
	struct eg_bytes text; /* all of it; views point into it */
	size_t pos;
	uint32_t line;
	bool texts; /* every line but sections is EG_INI_TEXT (rules hold == and >=); set it per section */
};

/* The text must outlive the lexer. A BOM is skipped. */
void eg_ini_init(struct eg_ini *ini, struct eg_bytes text);
/* EG_OK, EG_EOF, or EG_BADREC "INI-…" with line and column for one bad line (the next call goes on behind it). */
int eg_ini_next(struct eg_ini *ini, struct eg_ini_line *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
