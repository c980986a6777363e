/* SPDX-License-Identifier: MIT
 *
 * The signs of damage: which judge is asked about which column, in which order, and what is said. A judge answers only when an honest value of
 * that column cannot look so, or could not be taken anyway. The judges of numbers, dates and characters: damage_number.c, damage_date.c,
 * damage_text.c; those that only know words stand here.
 */
#include "adapters/damage_int.h"

#include "base/utf8.h"

#define LONG_CELL 32767U /* Excel's longest text in a cell */
#define SHORT_CELL 255U /* where older programs and some exports cut */

enum damage_column
damage_column(enum rec_ftype t)
{
	switch (t) {
	case RF_CODE:
		return DAMAGE_IN_CODE;
	case RF_DATE:
		return DAMAGE_IN_DATE;
	case RF_BOOL:
	case RF_WORD:
		return DAMAGE_IN_FLAG;
	case RF_TEXT:
	case RF_LONG:
		return DAMAGE_IN_TEXT;
	default:
		return DAMAGE_IN_NUMBER;
	}
}

/* ---- what the judges share ---- */

size_t
damage_digits(struct eg_bytes v, size_t from)
{
	size_t i = from;

	while (i < v.len && damage_digit(v.ptr[i]))
		i++;
	return i - from;
}

void
damage_likely(struct damage *d, struct eg_bytes v)
{
	if (v.len < sizeof(d->likely)) {
		if (v.len > 0) /* of a value of nothing but invisible characters nothing is left, and no address */
			memcpy(d->likely, v.ptr, v.len);
		d->likely[v.len] = '\0';
	}
}

/* ---- words and signs ---- */

static bool
is_hashes(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] != '#')
			return false;
	return v.len >= 3;
}

static bool
is_error(struct eg_bytes v)
{
	static const char *const words[] = { "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#NV",
		"#WERT!", "#BEZUG!", "#SPILL!", "#CALC!" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (eg_bytes_is(v, words[i]))
			return true;
	return false;
}

static bool
has(struct eg_bytes v, const char *text)
{
	return eg_bytes_find(v, eg_bytes_str(text)) < v.len;
}

static bool
is_flag_word(struct eg_bytes v)
{
	static const char *const words[] = { "WAHR", "FALSCH", "VRAI", "FAUX", "VERDADERO", "FALSO", "VERO", "TRUE",
		"FALSE", "WAAR", "ONWAAR", "PRAWDA", "Ja", "Nein", "Oui", "Non", "Si", "YES", "NO", "yes", "no", "Y",
		"N", "true", "false", "x", "X", "1", "0", "1.0", "0.0" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (eg_bytes_is(v, words[i]))
			return true;
	return false;
}

/* ---- all together ---- */

static enum damage_kind
judge(enum damage_column column, struct eg_bytes v, const struct eg_bytes *dates, size_t ndates, struct damage *d)
{
	const bool typed = column != DAMAGE_IN_TEXT;
	enum damage_kind kind = DAMAGE_NONE;

	if (is_hashes(v))
		return DAMAGE_HASHES;
	if (is_error(v))
		return DAMAGE_ERROR;
	if (has(v, "\xef\xbf\xbd"))
		return DAMAGE_LOST_CHARS;
	if (damage_is_mojibake(v, d))
		return DAMAGE_MOJIBAKE;
	if (typed && (kind = damage_lookalike(v, d)) != DAMAGE_NONE)
		return kind;
	if ((column == DAMAGE_IN_CODE || column == DAMAGE_IN_NUMBER) && damage_is_scientific(v))
		return DAMAGE_SCIENTIFIC;
	if ((column == DAMAGE_IN_CODE || column == DAMAGE_IN_NUMBER) && damage_is_date(v, d))
		return DAMAGE_TO_DATE;
	if (column == DAMAGE_IN_CODE && damage_is_point_zero(v, d))
		return DAMAGE_POINT_ZERO;
	if (column == DAMAGE_IN_NUMBER && damage_is_comma(v, d))
		return DAMAGE_COMMA;
	if (column == DAMAGE_IN_NUMBER && damage_is_minus(v, d))
		return DAMAGE_MINUS;
	if (column == DAMAGE_IN_DATE)
		return damage_date(v, dates, ndates, d);
	if (column == DAMAGE_IN_FLAG)
		return is_flag_word(v) ? DAMAGE_FLAG_WORD : DAMAGE_NONE;
	if (column == DAMAGE_IN_TEXT && v.len >= SHORT_CELL) {
		size_t n = eg_utf8_count(v);

		return n == SHORT_CELL || n == LONG_CELL ? DAMAGE_CUT : DAMAGE_NONE;
	}
	return DAMAGE_NONE;
}

struct damage
damage_of(enum damage_column column, struct eg_bytes v, const struct eg_bytes *dates, size_t ndates)
{
	struct damage d = { .kind = DAMAGE_NONE };

	if (v.len > 0)
		d.kind = judge(column, v, dates, ndates, &d);
	if (column == DAMAGE_IN_DATE && ndates > 0)
		damage_own_form(&d, dates[0]);
	if (d.kind == DAMAGE_NONE)
		d = (struct damage){ .kind = DAMAGE_NONE };
	return d;
}

void
damage_sentence(const struct damage *d, struct eg_buf *ret)
{
	static const char *const says[] = {
		[DAMAGE_NONE] = "",
		[DAMAGE_HASHES] =
		    " The signs stand for a value that did not fit the column of a spreadsheet; the value itself is gone: widen the column and save again, or take the original export.",
		[DAMAGE_ERROR] =
		    " A formula of a spreadsheet could not work out a result; the value itself is not in the file.",
		[DAMAGE_SCIENTIFIC] =
		    " A spreadsheet took the number for too long and wrote it as a power of ten, so its last digits are gone: take them from the original, and format the column as Text.",
		[DAMAGE_TO_DATE] =
		    " A spreadsheet took the value for a date, so what stood there cannot be told from it: take it from the original, and format the column as Text before typing.",
		[DAMAGE_SERIAL] =
		    " A spreadsheet wrote the date as its day number: format the column as a date, or take the original export.",
		[DAMAGE_DAY_MONTH] =
		    " Day and month are probably exchanged. Other dates of this file may be exchanged, too, where both numbers are 12 or less: nobody can see that from outside, so compare them all.",
		[DAMAGE_DATE_FORM] = " It is a date in the form of another program or country.",
		[DAMAGE_COMMA] =
		    " The comma is probably a decimal comma: a spreadsheet with the settings of another country saved the file.",
		[DAMAGE_MINUS] =
		    " It is probably a negative number as accountants write it; write a minus sign in front.",
		[DAMAGE_POINT_ZERO] =
		    " A spreadsheet or a script took the code for a number and put decimals behind it; leading zeros may be gone, too.",
		[DAMAGE_FLAG_WORD] = " It is the word of another program or language for yes or no.",
		[DAMAGE_BLANK] = " It holds blanks that look like others and are not (no-break or invisible ones).",
		[DAMAGE_QUOTE] =
		    " It holds a typographic quote, dash or minus sign that a word processor or spreadsheet put in the place of the plain one.",
		[DAMAGE_MOJIBAKE] =
		    " Its letters are garbled: a program read the UTF-8 file as windows-1252 and saved it so. Import it as UTF-8 instead of opening it.",
		[DAMAGE_LOST_CHARS] =
		    " A program did not understand some letters and replaced them; they are gone: take them from the original export.",
		[DAMAGE_CUT] =
		    " It is exactly as long as some programs let a text be, so its end was probably cut off.",
	};

	eg_buf_str(ret, says[d->kind]);
	if (d->likely[0] != '\0')
		eg_buf_printf(ret, " It was probably %s.", d->likely);
}
