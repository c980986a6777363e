/* SPDX-License-Identifier: MIT
 *
 * Mail addresses: one strict form.
 */
#include "gateway/mail/address.h"

#include <string.h>

static bool
is_word(unsigned char c)
{
	unsigned char low = c | 0x20;

	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

/* Not empty, no dot at an end, no two dots. */
static bool
dots_good(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] == '.' && (i == 0 || i + 1 == v.len || v.ptr[i - 1] == '.'))
			return false;
	return v.len > 0;
}

bool
mail_address_good(struct eg_bytes v)
{
	size_t at = eg_bytes_chr(v, '@');
	struct eg_bytes name = eg_bytes_sub(v, 0, at), host = eg_bytes_sub(v, at + 1, v.len);

	if (v.len > MAIL_ADDRESS_MAX || at == v.len || name.len > 64 || !dots_good(name) || !dots_good(host) ||
	    name.ptr[0] == '-' || host.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_word(name.ptr[i]) && memchr("!#$%&'*+-/=?^_{|}~.", name.ptr[i], 19) == NULL)
			return false;
	for (size_t i = 0; i < host.len; i++)
		if (!is_word(host.ptr[i]) && host.ptr[i] != '-' && host.ptr[i] != '.')
			return false;
	return true;
}
