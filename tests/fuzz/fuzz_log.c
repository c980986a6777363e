/* SPDX-License-Identifier: MIT
 *
 * The log's reader. The input is made of parts (fuzz.h): "entry" parts are published as a log of ours; then every other part is written over a file of
 * archive/log of that name, a "checkpoint" without signature being signed first. For any of them: a verdict in a sentence, never a fault of our own; a log that
 * nobody touched is good and gives its entries back; with a checkpoint of our own, other entries are never good.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_spool.h"

#include "base/fs.h"
#include "spool/log_int.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORIGIN "erpgate/fuzz"
#define ENTRIES_MAX 64
#define REPEAT 300 /* entries that one part of the name "entries" stands for: more than a tile */

static struct fuzz_spool *site;

struct entries {
	struct eg_bytes line[REPEAT + ENTRIES_MAX];
	size_t n, seen;
	bool other; /* one was not the line that was published */
};

static int
give_entry(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	const struct entries *e = ctx;

	(void)err;
	fuzz_need(index < e->n, "only entries that are there are asked for");
	eg_buf_add(ret, e->line[index]);
	return EG_OK;
}

static int
take_entry(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	struct entries *e = ctx;

	(void)err;
	fuzz_need(index == e->seen, "entries come in order");
	e->seen++;
	e->other = e->other || index >= e->n || !eg_bytes_eq(line, e->line[index]);
	return EG_OK;
}

static void
collect(struct eg_bytes in, struct entries *e)
{
	struct fuzz_part part;

	while (fuzz_part(&in, &part)) {
		const size_t times = eg_bytes_is(part.name, "entry")   ? 1 :
		                     eg_bytes_is(part.name, "entries") ? REPEAT :
		                                                         0;
		for (size_t i = 0; i < times && e->n < (times == 1 ? (size_t)ENTRIES_MAX : (size_t)REPEAT); i++)
			e->line[e->n++] = part.content;
	}
}

/* Three lines that somebody with our key would have signed. */
static void
sign_note(struct eg_bytes text, struct eg_buf *ret)
{
	struct log_checkpoint c = { 0 };
	struct eg_bytes rest = text, origin, size, root;
	struct eg_err err;
	uint64_t n;

	if (!eg_bytes_cut(&rest, '\n', &origin) || !eg_bytes_cut(&rest, '\n', &size) || !eg_bytes_to_u64(size, &n)) {
		eg_buf_add(ret, text);
		return;
	}
	c.size = n;
	if (eg_bytes_cut(&rest, '\n', &root))
		(void)eg_unhex(eg_bytes_sub(root, 0, (size_t)2 * EG_SHA256_LEN), c.root, EG_SHA256_LEN);
	fuzz_need(
	    log_checkpoint_write(&site->spool, ORIGIN, site->key, &c, &err) == EG_OK, "a checkpoint can be signed");
	fuzz_need(eg_fs_read_file(site->dir, "archive/log/checkpoint", 4096, ret, &err) == EG_OK, "it can be read");
}

/* *ret_forged: a checkpoint was among what was written. Returns how many files were to be written over: one that cannot be may leave its folders. */
static unsigned
tamper(struct eg_bytes in, bool *ret_forged)
{
	struct fuzz_part part;
	unsigned n = 0;

	while (fuzz_part(&in, &part)) {
		struct eg_buf path = EG_BUF_INIT, note = EG_BUF_INIT;
		const bool head = eg_bytes_is(part.name, "checkpoint");
		if (!eg_bytes_is(part.name, "entry") && !eg_bytes_is(part.name, "entries") && part.name.len > 0) {
			eg_buf_printf(&path, "archive/log/%.*s", EG_FMT(part.name));
			if (head && eg_bytes_find(part.content, EG_LIT("\n\n")) == part.content.len)
				sign_note(part.content, &note);
			else
				eg_buf_add(&note, part.content);
			(void)fuzz_put(site, eg_buf_cstr(&path), eg_buf_view(&note));
			n++;
			*ret_forged = *ret_forged || eg_bytes_starts(part.name, EG_LIT("checkpoint"));
		}
		eg_buf_done(&path);
		eg_buf_done(&note);
	}
	return n;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	site = fuzz_spool();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes in = eg_bytes(data, size);
	struct entries *e = eg_xalloc(sizeof(*e));
	struct log_verdict v;
	struct eg_err err = { 0 };
	bool forged = false;

	(void)!eg_fs_rmtree(site->spool.archive, "log", &err);
	collect(in, e);
	fuzz_need(
	    log_publish(&site->spool, ORIGIN, site->key, e->n, give_entry, e, &err) == EG_OK, "entries are published");
	const unsigned written = tamper(in, &forged);
	if (log_verify(&site->spool, ORIGIN, NULL, take_entry, e, &v, &err) != EG_OK)
		fuzz_broken(__FILE__, __LINE__, err.msg);
	if (!v.good)
		fuzz_sentence(v.problem);
	fuzz_need(written > 0 || (v.good && !e->other && e->seen == e->n), "a log that nobody touched is good");
	fuzz_need(
	    !v.good || forged || (!e->other && e->seen == e->n), "other entries than those signed are never good");
	/* And published on top of: refused, or it goes on. */
	const int rc = log_publish(&site->spool, ORIGIN, site->key, e->n, give_entry, e, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	free(e);
	return 0;
}
