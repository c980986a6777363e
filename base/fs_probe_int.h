/* SPDX-License-Identifier: MIT
 *
 * What the files that try out a file system share: the probe under way, and the promises. Each of those tries one and says with eg_probe_say or eg_probe_refused what it saw; it fails in no
 * other way. For base/fs_probe*.c only.
 */
#ifndef BASE_FS_PROBE_INT_H
#define BASE_FS_PROBE_INT_H

#include "base/fs_probe.h"

#include <stdbool.h>
#include <stdint.h>

struct eg_probe {
	int outside; /* the folder that was given */
	int dir; /* the scratch folder */
	struct eg_probe_result r; /* of the promise being tried */
};

/* The verdict and what was seen; said again it replaces the first. */
void eg_probe_say(struct eg_probe *p, enum eg_probe_verdict v, const char *fmt, ...) EG_PRINTF(3, 4);
/* The same for a call that failed with this errno. */
void eg_probe_refused(struct eg_probe *p, enum eg_probe_verdict v, const char *call, int sys);
int64_t eg_probe_now_us(void); /* of a clock that is never set */
/* A new file in the scratch folder, open to read and write; -1 and errno. */
int eg_probe_make(struct eg_probe *p, const char *name);
/* The same, closed; false with a word said when it cannot be made. */
bool eg_probe_made(struct eg_probe *p, const char *name);

/* ---- fs_probe_name.c ---- */

void eg_probe_rename(struct eg_probe *p);
void eg_probe_noreplace(struct eg_probe *p);
void eg_probe_exclusive(struct eg_probe *p);
void eg_probe_link(struct eg_probe *p);
void eg_probe_case(struct eg_probe *p);
void eg_probe_unicode(struct eg_probe *p);
void eg_probe_names(struct eg_probe *p);

/* ---- fs_probe_sync.c ---- */

void eg_probe_sync_dir(struct eg_probe *p);
void eg_probe_sync_file(struct eg_probe *p);
void eg_probe_lock(struct eg_probe *p);
void eg_probe_shared_memory(struct eg_probe *p);
void eg_probe_sparse(struct eg_probe *p);
void eg_probe_kind(struct eg_probe *p);
void eg_probe_room(struct eg_probe *p);

/* ---- fs_probe_event.c ---- */

void eg_probe_events(struct eg_probe *p);
void eg_probe_lease(struct eg_probe *p);
void eg_probe_grain(struct eg_probe *p);

#endif
