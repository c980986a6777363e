/* SPDX-License-Identifier: MIT
 *
 * Every limit of the program, one sentence each. Each has a test just over it.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define EG_LIMIT_DROP_BYTES \
	(UINT64_C(4) << 30) /* largest drop taken: a night's export is megabytes, a gigabyte is a mistake */
#define EG_LIMIT_ROW_BYTES \
	((size_t)1 << 20) /* one row of a CSV file or sheet: an unclosed quote must not swallow the file */
#define EG_LIMIT_CELLS 1000U /* cells in a row of a CSV file or sheet: real exports have under 200 columns */
#define EG_LIMIT_TAG_BYTES 65536U /* one XML tag: the parser's attribute check is quadratic */
#define EG_LIMIT_XML_DEPTH 64U /* nested XML elements: real exports have under 10 */
#define EG_LIMIT_TEXT_BYTES ((size_t)1 << 20) /* text of one XML element */
#define EG_LIMIT_UNUSED_TEXT_BYTES \
	((size_t)8 << 20) /* text of an element that no adapter asks for: attachments inside invoices */
#define EG_LIMIT_DOC_BYTES ((size_t)16 << 20) /* one XML record held in memory: about 40,000 lines */
/* One document held by the core, as values: about 110,000 lines, more than an XML record may have. */
#define EG_LIMIT_DOC_MEM ((size_t)160 << 20)
#define EG_LIMIT_MEMBERS 1000U /* members of a zip */
#define EG_LIMIT_UNPACKED (UINT64_C(2) << 30) /* unpacked bytes of one container */
#define EG_LIMIT_RATIO 200U /* unpacked to packed, looked at above 1 MiB: deflate tops out near 1,032 */
#define EG_LIMIT_NAME 255U /* bytes of a member name */
#define EG_LIMIT_STRINGS 2000000U /* texts of a workbook's table */
#define EG_LIMIT_STRINGS_BYTES ((size_t)64 << 20) /* all of them together: held while the sheets are read */
#define EG_LIMIT_STYLES 65536U /* cell formats of a workbook: Excel itself allows 64,000 */
#define EG_LIMIT_TITLE_ROWS 10U /* rows of a sheet among which its header row is looked for */
#define EG_LIMIT_DOC_LINES 1000000U /* lines of one document */
#define EG_LIMIT_REJECTS \
	4000U /* refused documents of a drop that are numbered and given back to repair: a whole export gone wrong is corrected where it comes from */
#define EG_LIMIT_FINDINGS 10000U /* findings told per file; the rest are counted */
#define EG_LIMIT_ADAPTER_BYTES ((size_t)256 << 10) /* an adapter or table file */
#define EG_LIMIT_CONF_BYTES ((size_t)256 << 10) /* erpgate.conf */
/* Faults of our own over one drop, running: once may be the machine's doing, the third start lets the others through. */
#define EG_LIMIT_CRASHES 2U
#define EG_LIMIT_KILLS \
	20U /* endings from outside over one drop, running: kill -9, no memory. A person who stops a night a few times must not lose a drop; a service that starts itself again must end some time */
#define EG_LIMIT_FRAME_BYTES ((size_t)20 << 20) /* one frame of the worker protocol */
#define EG_LIMIT_SHEET_ROWS 100000U /* rows of one approval sheet */
#define EG_LIMIT_SHEET_BYTES \
	((size_t)64 << 20) /* an approval sheet: it is held in memory while its signature is checked */
#define EG_LIMIT_SIG_BYTES 65536U /* a detached signature */
/* Small drops that are claimed, journaled and sealed together: what a kill makes the next start do again. */
#define EG_LIMIT_GROUP 128U
/* A drop up to this size is small: a larger one's bytes cost more than its syncs. */
#define EG_LIMIT_GROUP_FILE (UINT64_C(256) << 10)
#define EG_LIMIT_GROUP_BYTES (UINT64_C(8) << 20) /* of one group: how long a reader of the journal waits for it */
#define EG_LIMIT_WORKER_CPU 10U /* CPU seconds of a worker, plus one per 8 MiB of input */
#define EG_LIMIT_WORKER_MEM ((size_t)512 << 20) /* address space of a worker */

#endif
