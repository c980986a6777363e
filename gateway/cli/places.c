/* SPDX-License-Identifier: MIT
 *
 * Where the drop folders stand. Only looks; a folder that does not answer is an answer, too.
 */
#include "gateway/cli/places.h"

#include "base/fs.h"

struct walk {
	struct site *site;
	int (*each)(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err);
	void *ctx;
};

static int
walk_folder(void *ctx, const char *name, struct eg_err *err)
{
	struct walk *w = ctx;
	struct spool_place where;
	struct eg_err silent;

	if (name[0] == '.')
		return EG_OK;
	if (spool_where(&w->site->spool, name, &where, &silent) < 0)
		where = (struct spool_place){ .kind = "" };
	return w->each(w->ctx, name, &where, err);
}

int
places_each(struct site *s,
    int (*each)(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct walk w = { s, each, ctx };

	return eg_fs_list(s->spool.drop, walk_folder, &w, err);
}

static void
add(uint64_t *print, const void *p, size_t n)
{
	const unsigned char *c = p;

	for (size_t i = 0; i < n; i++)
		*print = (*print ^ c[i]) * UINT64_C(1099511628211);
}

static int
print_place(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err)
{
	(void)err;
	add(ctx, name, strlen(name) + 1);
	add(ctx, &where->dev, sizeof(where->dev));
	add(ctx, &where->ino, sizeof(where->ino));
	return EG_OK;
}

int
places_print(struct site *s, uint64_t *ret, struct eg_err *err)
{
	*ret = UINT64_C(14695981039346656037);
	return places_each(s, print_place, ret, err);
}

char *
places_say(struct site *s, const struct spool_place *where)
{
	long long rescan = (long long)conf_int(&s->conf, "watch.rescan");

	if (where->kind[0] == '\0')
		return eg_xstrdup("does not answer: is it mounted? Nothing is taken from it until it does");
	if (where->remote)
		return eg_xprintf(
		    "on %s, where no event tells of new files: watch looks there every %lld s, and files are copied before they are removed",
		    where->kind, rescan);
	if (where->far)
		return eg_xprintf("on a mount of its own (%s): files are copied before they are removed", where->kind);
	return NULL;
}

/* ---- status ---- */

struct telling {
	struct site *site;
	json_t *list; /* NULL = as text */
};

static int
tell(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err)
{
	struct telling *t = ctx;
	struct eg_buf shown = EG_BUF_INIT;
	char *text = places_say(t->site, where);

	(void)err;
	eg_buf_escaped(&shown, eg_bytes_str(name));
	if (text != NULL && t->list != NULL)
		json_array_append_new(
		    t->list, json_pack("{s:s,s:s,s:b,s:b,s:s}", "source", eg_buf_cstr(&shown), "kind", where->kind,
				 "polled", where->remote, "copied", where->far || where->remote, "text", text));
	else if (text != NULL)
		(void)printf(" Drop folder %s: %s\n", eg_buf_cstr(&shown), text);
	free(text);
	eg_buf_done(&shown);
	return EG_OK;
}

void
places_text(struct site *s)
{
	struct telling t = { s, NULL };
	struct eg_err silent;

	(void)!places_each(s, tell, &t, &silent);
}

json_t *
places_json(struct site *s)
{
	struct telling t = { s, json_array() };
	struct eg_err silent;

	(void)!places_each(s, tell, &t, &silent);
	return t.list;
}
