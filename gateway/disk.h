/* SPDX-License-Identifier: MIT
 *
 * A disk that runs full stops the intake first, then the making of batches, and the archive last. While it does, the site is "HELD: disk": files stay in their drop
 * folders, `status` says so, the log has one entry when it begins (disk-held) and one when it ends (disk-free), mail.admins get one mail. It ends by itself.
 *
 * The state between turns is in table meta ("disk.held") and can be told from the log: the last of the two entries.
 */
#ifndef GATEWAY_DISK_H
#define GATEWAY_DISK_H

#include "gateway/site.h"

struct disk_room {
	uint64_t bytes, files; /* free, of the spool's disk; of state.db's where that is another and has less */
	uint64_t reserve, reserve_files; /* spool.reserve, spool.reserve_files */
	uint64_t archive; /* archive.reserve */
	bool intake; /* is there room above the reserve? */
	bool batches; /* above that of the archive? */
	int64_t since; /* the site is held since then; 0 = it is not */
	uint64_t needs; /* held: free bytes at which it ends */
};

/* s in any mode. */
int disk_look(struct site *s, struct disk_room *ret, struct eg_err *err) EG_MUSTCHECK;
/* May a file of this size be taken? Its copy, its records, what is written from them and its bundle must fit above the reserve. */
bool disk_takes(const struct disk_room *d, uint64_t size);
/* Has a site that was held what it waits for? Then a turn is due. */
bool disk_is_back(const struct disk_room *d);

/* What one turn left for want of room. */
struct disk_left {
	unsigned files;
	uint64_t smallest; /* of them, in bytes */
	char *source, *name; /* the first */
	bool full; /* something failed for want of room: nothing more is taken in this turn */
};
void disk_left_add(struct disk_left *l, const char *source, const char *name, uint64_t size);
/* The folders are looked at again from where `files` were counted. */
void disk_left_again(struct disk_left *l, unsigned files);
void disk_left_free(struct disk_left *l);
/* At the end of a turn, in a transaction: finding (F-60), and log entry and mail when the state changes. *ret_held: is the site held now? */
int disk_tell(struct site *s, const struct disk_left *l, bool *ret_held, struct eg_err *err) EG_MUSTCHECK;

#endif
