/* SPDX-License-Identifier: MIT
 *
 * The state kept in the archive: at the end of a turn every row that changed stands in a segment (spool/segment.h), and an entry of the log, `state-kept`, names the segment, its
 * digest and its number of lines. So archive/ alone gives the whole database again: keep_rebuild puts the segments' rows into an empty one, the bodies of revisions out of the
 * bundles of their drops, the log out of its tiles.
 *
 * The first line of a segment is {"segment":17,"site":"north","schema":4,"before":"<sha256 of segment 16>"}; the others are rows (store/store_touched.h).
 */
#ifndef GATEWAY_KEEP_H
#define GATEWAY_KEEP_H

#include "gateway/site.h"

/* Writes what changed, if anything did; before the log is published. A crash after the file and before its row: the next call writes the same number again. */
int keep_state(struct site *s, struct eg_err *err) EG_MUSTCHECK;

struct kept { /* what a rebuild read */
	uint64_t segments, rows, entries, bodies, bundles;
	struct eg_buf beyond; /* of keep_beyond: paths below the site's folder, a line each; to be freed */
	uint64_t log_size; /* entries of the signed head */
	bool log_beyond; /* tiles go on behind it: log_cut, before anything is published */
	unsigned nbeyond, nout; /* so many lines; of them in spool/out/ */
};
/* Fills `into`, an empty database, from the archive of `s` (whose own store may be missing). The log's tiles and signature, every segment's digest and every bundle that holds bodies
 * are checked first. EG_BADFILE "SEGMENT", "KEPT-ROW", "REBUILD" with what is missing: `into` is then to be thrown away. */
int keep_rebuild(struct site *s, struct store *into, struct kept *ret, struct eg_err *err) EG_MUSTCHECK;
/* In a transaction, s->store the database that was made, ret as keep_rebuild left it: finds bundles, a segment, jobs in spool/work/ and files in spool/out/ that it does not know, and
 * raises its numbers above theirs. */
int keep_beyond(struct site *s, struct kept *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
