/* SPDX-License-Identifier: MIT
 *
 * Force-included into every file of ours: functions that have bitten others. A use fails to compile.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef alloca /* a macro in glibc's headers */
#undef sprintf /* a macro with clang and _FORTIFY_SOURCE */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atof strtod strtof
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam tempnam popen alloca

#endif
