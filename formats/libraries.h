/* SPDX-License-Identifier: MIT
 *
 * The libraries that take files apart, with their versions as they run: what is sealed tells with what it was read.
 */
#ifndef FORMATS_LIBRARIES_H
#define FORMATS_LIBRARIES_H

const char *fmt_version_libarchive(void);
const char *fmt_version_libxml2(void);
const char *fmt_version_zlib(void);

#endif
