/* SPDX-License-Identifier: MIT
 *
 * Versions of libraries, from the libraries themselves: what was compiled against may be another one.
 */
#include "formats/libraries.h"

#include <archive.h>
#include <libxml/parser.h>
#include <zlib.h>

const char *
fmt_version_libarchive(void)
{
	return archive_version_string();
}

const char *
fmt_version_libxml2(void)
{
	return xmlParserVersion;
}

const char *
fmt_version_zlib(void)
{
	return zlibVersion();
}
