/* SPDX-License-Identifier: MIT
 *
 * db: the state database itself. rebuild makes it again from the archive alone, beside the old one, and puts it in its place only when it is whole; the old one stays under another
 * name.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/keep.h"
#include "gateway/workflow/workflow.h"

#include <fcntl.h>

#define MADE "state.db.rebuilt"

static int
settle_holds(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return rules_settle(s, false, err);
}

/* The old database, if there is one, gets the first free name; its log of pages goes with it. */
static int
put_in_place(struct site *s, char **ret_old, struct eg_err *err)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	int rc = EG_OK;

	*ret_old = NULL;
	for (unsigned n = 1; eg_fs_exists(s->dir, "state.db") && *ret_old == NULL; n++) {
		char *name = eg_xprintf("state.db.before-%u", n);
		if (eg_fs_exists(s->dir, name))
			free(name);
		else
			*ret_old = name;
	}
	for (size_t i = 0; rc == EG_OK && *ret_old != NULL && i < 3; i++) {
		char *from = eg_xprintf("state.db%s", parts[i]), *to = eg_xprintf("%s%s", *ret_old, parts[i]);
		if (eg_fs_exists(s->dir, from))
			rc = eg_fs_rename_new(s->dir, from, s->dir, to, err);
		free(from);
		free(to);
	}
	return rc == EG_OK ? eg_fs_rename_new(s->dir, MADE, s->dir, "state.db", err) : rc;
}

static int
remove_made(struct site *s, struct eg_err *err)
{
	int rc = eg_fs_unlink(s->dir, MADE, err);

	if (rc == EG_OK)
		rc = eg_fs_unlink(s->dir, MADE "-wal", err);
	return rc == EG_OK ? eg_fs_unlink(s->dir, MADE "-shm", err) : rc;
}

static int
db_rebuild(struct cli *c, struct site *s, struct eg_err *err)
{
	struct kept k;
	char *old = NULL;
	struct store *into = NULL;
	int rc = remove_made(s, err); /* of a rebuild that was stopped */

	if (rc == EG_OK)
		rc = store_open_named(s->dir, MADE, true, false, &into, err);
	if (rc == EG_OK)
		rc = keep_rebuild(s, into, &k, err);
	store_close(into);
	if (rc == EG_OK)
		rc = put_in_place(s, &old, err);
	if (rc == EG_OK)
		rc = store_open(s->dir, false, false, &s->store, err);
	if (rc == EG_OK)
		rc = cli_tx(s, settle_holds, NULL, err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:s?}", "type", "rebuilt", "segments",
		    (json_int_t)k.segments, "rows", (json_int_t)k.rows, "entries", (json_int_t)k.entries, "bundles",
		    (json_int_t)k.bundles, "bodies", (json_int_t)k.bodies, "old", old));
	else if (rc == EG_OK) {
		(void)printf("state.db is made again from the archive: %llu rows of %llu segments, %llu log entries, %llu records out of %llu bundles.\n",
		    (unsigned long long)k.rows, (unsigned long long)k.segments, (unsigned long long)k.entries,
		    (unsigned long long)k.bodies, (unsigned long long)k.bundles);
		if (old != NULL)
			(void)printf("The one before is kept as %s.   Compare: erpgate status\n", old);
	}
	free(old);
	return rc;
}

int
cmd_db(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (strcmp(c->argv[0], "rebuild") != 0)
		return cli_usage(c, "\"%s\" is not rebuild", c->argv[0]);
	if (!cli_site(c, SITE_REBUILD, &s, &code))
		return code;
	code = db_rebuild(c, &s, &err) < 0 ? cli_fail(c, &err) : CLI_OK;
	site_close(&s);
	return code;
}
