/* SPDX-License-Identifier: MIT
 *
 * The log as a site's own: its entries with the site's clock and actor, and its origin, which is the name that the site had when the log was first published. Renaming a site
 * changes no log. Fails as the store does; an origin there is always.
 */
#include "gateway/site.h"

#include "base/fs.h"

#define ORIGIN_KEPT "log.origin" /* meta */
#define ORIGIN_MAX 200U

/* The first line of the head that is there; NULL = there is none. */
static char *
published_origin(const struct site *s)
{
	struct eg_buf head = EG_BUF_INIT;
	struct eg_err untold;
	char *ret = NULL;

	if (s->spool.archive >= 0 &&
	    eg_fs_read_file(s->spool.archive, "log/checkpoint", (size_t)1 << 20, &head, &untold) == EG_OK) {
		struct eg_bytes rest = eg_buf_view(&head), line;
		if (eg_bytes_cut(&rest, '\n', &line) && eg_bytes_starts(line, EG_LIT("erpgate/")) &&
		    line.len <= ORIGIN_MAX)
			ret = eg_xdup(line);
	}
	eg_buf_done(&head);
	return ret;
}

char *
site_log_origin(const struct site *s)
{
	const char *kept = NULL;
	struct eg_err untold;
	struct eg_arena a;
	char *origin;

	eg_arena_init(&a, 1 << 12);
	if (s->store == NULL || store_meta_get(s->store, ORIGIN_KEPT, &a, &kept, &untold) < 0)
		kept = NULL;
	origin = kept != NULL ? eg_xstrdup(kept) : published_origin(s);
	eg_arena_done(&a);
	if (origin != NULL)
		return origin;
	origin = eg_xprintf("erpgate/%.190s", s->name);
	for (char *p = origin; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == '+' || (unsigned char)*p >= 0x7f)
			*p = '-';
	return origin;
}

bool
site_log_published(const struct site *s)
{
	return s->spool.archive >= 0 && eg_fs_exists(s->spool.archive, "log/checkpoint");
}

int
site_log_begins(struct site *s, struct eg_err *err)
{
	struct eg_arena a;
	const char *kept = NULL;
	char *origin;

	eg_arena_init(&a, 1 << 12);
	int rc = store_meta_get(s->store, ORIGIN_KEPT, &a, &kept, err);
	if (rc == EG_OK && kept == NULL) {
		origin = site_log_origin(s);
		rc = store_meta_set(s->store, ORIGIN_KEPT, origin, err);
		free(origin);
	}
	eg_arena_done(&a);
	return rc;
}

int
site_log(struct site *s, const char *event, const char *id, const char *detail_json, struct eg_err *err)
{
	return store_log(s->store, site_now(s), s->actor, event, id, detail_json, err);
}
