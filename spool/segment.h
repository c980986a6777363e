/* SPDX-License-Identifier: MIT
 *
 * Segments: archive/state/<thousands>/<number>.jsonl.gz, lines of text that tell how the state went on (what they say is the owner's matter). Numbered from 1 without gaps; any gunzip reads
 * them. The same lines give the same bytes (with the same zlib): no name, no time in the header. A segment is there whole or not at all; one that the log names is never
 * changed. A crash between a segment and its entry of the log leaves one that nothing names: the next of that number takes its place.
 */
#ifndef SPOOL_SEGMENT_H
#define SPOOL_SEGMENT_H

#include "base/fs.h"
#include "spool/spool.h"

#define SEGMENT_PATH 64

struct segment {
	struct eg_fs_out file;
	int dir; /* archive/state/000 */
	void *z; /* z_stream */
	struct eg_sha256 sha;
	unsigned char *piece;
	char name[32], sha256[EG_SHA256_HEX]; /* sha256: of the file, once it is committed */
	uint64_t lines;
};
#define SEGMENT_INIT                              \
	{                                         \
		.file = EG_FS_OUT_INIT, .dir = -1 \
	}

/* "archive/state/000/000017.jsonl.gz" without "archive/": a thousand to a folder. */
void segment_path(uint64_t number, char ret[SEGMENT_PATH]);
int segment_open(struct segment *g, struct spool *s, uint64_t number, struct eg_err *err) EG_MUSTCHECK;
int segment_line(struct segment *g, struct eg_bytes line, struct eg_err *err) EG_MUSTCHECK; /* without LF */
/* Synced, under its name. A segment of that number is replaced. */
int segment_commit(struct segment *g, struct eg_err *err) EG_MUSTCHECK;
void segment_abort(struct segment *g); /* empty-safe; after _commit it only frees */

/* Every line of the segment, without LF. The file's digest is compared first: EG_BADFILE "SEGMENT" when it is missing, is another (sha256 of 64 digits), or is no gzip; a line
 * above 64 MiB too. */
int segment_read(struct spool *s, const char *path, const char *sha256,
    int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

#endif
