/* SPDX-License-Identifier: MIT
 *
 * Room on the disk: what may still be done with it, and the telling of it. Nothing is freed here and nothing of a sender's touched.
 * Tests: tests/scenario/disk.py, on a disk that fills and is enlarged.
 */
#include "gateway/disk.h"

#include "base/fs.h"
#include "gateway/mail/mail.h"

#include <inttypes.h>
#include <jansson.h>

/* Copy, records and their journal, the members of its bundle while it is put together, the bundle: 9.9 times 80 MB of contracts of ten lines. */
#define ROOM_TIMES 10U
#define META "disk.held" /* "<since> <bytes needed>", or "" */

/* ---- looking ---- */

static int
free_of(int dir, struct disk_room *d, struct eg_err *err)
{
	uint64_t bytes = 0, files = 0;
	int rc = eg_fs_free(dir, &bytes, &files, err);

	if (rc == EG_OK && bytes < d->bytes)
		d->bytes = bytes;
	if (rc == EG_OK && files < d->files)
		d->files = files;
	return rc;
}

static int
read_state(struct site *s, struct disk_room *d, struct eg_err *err)
{
	struct eg_arena a;
	const char *v = NULL;
	int rc;

	eg_arena_init(&a, 1 << 14);
	rc = store_meta_get(s->store, META, &a, &v, err);
	if (rc == EG_OK && v != NULL) {
		struct eg_bytes rest = eg_bytes_str(v), since;
		if (!eg_bytes_cut(&rest, ' ', &since) || !eg_bytes_to_i64(since, &d->since) ||
		    !eg_bytes_to_u64(rest, &d->needs))
			d->since = 0;
	}
	eg_arena_done(&a);
	return rc;
}

int
disk_look(struct site *s, struct disk_room *ret, struct eg_err *err)
{
	struct disk_room d = { .bytes = UINT64_MAX, .files = UINT64_MAX };
	int rc = free_of(s->spool.work, &d, err);

	if (rc == EG_OK)
		rc = free_of(s->dir, &d, err);
	if (rc == EG_OK)
		rc = read_state(s, &d, err);
	if (rc < 0)
		return rc;
	d.reserve = (uint64_t)conf_int(&s->conf, "spool.reserve");
	d.reserve_files = (uint64_t)conf_int(&s->conf, "spool.reserve_files");
	d.archive = (uint64_t)conf_int(&s->conf, "archive.reserve");
	d.intake = d.bytes >= d.reserve && d.files >= d.reserve_files;
	d.batches = d.bytes >= d.archive && d.files >= d.reserve_files / 4;
	*ret = d;
	return EG_OK;
}

bool
disk_takes(const struct disk_room *d, uint64_t size)
{
	return d->intake && (d->bytes - d->reserve) / ROOM_TIMES >= size;
}

bool
disk_is_back(const struct disk_room *d)
{
	return d->since != 0 && d->intake && d->bytes >= d->needs;
}

/* ---- what was left ---- */

void
disk_left_add(struct disk_left *l, const char *source, const char *name, uint64_t size)
{
	if (l->files++ == 0) {
		l->source = eg_xstrdup(source);
		l->name = eg_xstrdup(name);
		l->smallest = size;
	} else if (size < l->smallest)
		l->smallest = size;
}

void
disk_left_again(struct disk_left *l, unsigned files)
{
	bool full = l->full;

	if (files == 0)
		disk_left_free(l);
	l->files = files;
	l->full = full;
}

void
disk_left_free(struct disk_left *l)
{
	free(l->source);
	free(l->name);
	*l = (struct disk_left){ 0 };
}

/* ---- telling ---- */

static char *
message_of(const struct site *s, const struct disk_room *d, const struct disk_left *l)
{
	struct eg_buf b = EG_BUF_INIT;

	eg_buf_printf(&b, "The disk of the site has %" PRIu64 " MiB and room for %" PRIu64 " files left",
	    d->bytes >> 20, d->files);
	if (!d->intake)
		eg_buf_printf(&b,
		    ", less than is kept in reserve (%" PRIu64 " MiB, %" PRIu64
		    " files: spool.reserve, spool.reserve_files)",
		    d->reserve >> 20, d->reserve_files);
	else if (l->files > 0)
		eg_buf_printf(
		    &b, ", and a file needs %u times its size above the reserve to be worked through", ROOM_TIMES);
	eg_buf_printf(&b,
	    ". Nothing more is taken; %u file%s in the drop folders wait%s. Nothing is lost or half done, and what was taken is being finished. Make room (df -h %s): it goes on by itself.",
	    l->files, l->files == 1 ? "" : "s", l->files == 1 ? "s" : "", s->path);
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

static int
add_finding(struct site *s, const struct disk_left *l, const char *msg, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;

	eg_buf_escaped(&name, eg_bytes_str(l->name));
	struct finding f = { .run = s->run,
		.source = l->source,
		.file = eg_buf_cstr(&name),
		.line = 1,
		.code = "F-60",
		.severity = ADP_WARN,
		.item = "",
		.field = "",
		.value = "",
		.message = msg };
	int rc = store_finding_add(s->store, &f, err);
	eg_buf_done(&name);
	return rc;
}

static int
log_state(struct site *s, const char *event, const struct disk_room *d, const struct disk_left *l, struct eg_err *err)
{
	json_t *j = json_pack("{s:I,s:I,s:I,s:I,s:I,s:i}", "free", (json_int_t)d->bytes, "free_files",
	    (json_int_t)(d->files > INT64_MAX ? INT64_MAX : d->files), "reserve", (json_int_t)d->reserve,
	    "reserve_files", (json_int_t)d->reserve_files, "needs", (json_int_t)d->needs, "left", (int)l->files);
	char *text;
	int rc;

	if (d->since != 0)
		json_object_set_new(j, "since", json_integer(d->since));
	text = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, event, "", text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
mail_held(struct site *s, const char *msg, int64_t since, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	char *once = eg_xprintf("disk/%" PRId64, since),
	     *subject = eg_xprintf("erpgate: the disk is full, nothing is taken (site %s)", s->name);
	int rc;

	eg_buf_printf(&text, "%s\n", msg);
	mail_sign(s, &text);
	struct mail_new mail = { .kind = "disk", .once = once, .subject = subject, .text = eg_buf_cstr(&text) };
	rc = mail_queue_all(s, conf_text(&s->conf, "mail.admins"), &mail, err);
	eg_buf_done(&text);
	free(subject);
	free(once);
	return rc;
}

static int
set_state(struct site *s, int64_t since, uint64_t needs, struct eg_err *err)
{
	char *v = since == 0 ? eg_xstrdup("") : eg_xprintf("%" PRId64 " %" PRIu64, since, needs);
	int rc = store_meta_set(s->store, META, v, err);

	free(v);
	return rc;
}

static int
begin_held(struct site *s, struct disk_room *d, const struct disk_left *l, const char *msg, struct eg_err *err)
{
	int64_t now = site_now(s);
	int rc = log_state(s, "disk-held", d, l, err);

	if (rc == EG_OK)
		rc = set_state(s, now, d->needs, err);
	return rc == EG_OK && mail_on(&s->conf) ? mail_held(s, msg, now, err) : rc;
}

int
disk_tell(struct site *s, const struct disk_left *l, bool *ret_held, struct eg_err *err)
{
	struct disk_room d;
	char *msg;
	int rc = disk_look(s, &d, err);

	if (rc < 0)
		return rc;
	bool held = !d.intake || l->files > 0 || l->full;
	uint64_t needs = d.reserve + l->smallest * ROOM_TIMES;
	bool moved = held && d.since != 0 && d.needs != needs;
	d.needs = needs;
	msg = message_of(s, &d, l);
	if (held && d.since == 0)
		rc = begin_held(s, &d, l, msg, err);
	else if (!held && d.since != 0) {
		rc = log_state(s, "disk-free", &d, l, err);
		rc = rc == EG_OK ? set_state(s, 0, 0, err) : rc;
	} else if (moved)
		rc = set_state(s, d.since, needs, err);
	if (rc == EG_OK && l->files > 0)
		rc = add_finding(s, l, msg, err);
	free(msg);
	*ret_held = held;
	return rc;
}
