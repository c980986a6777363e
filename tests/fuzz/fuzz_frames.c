/* SPDX-License-Identifier: MIT
 *
 * The core's side of the worker protocol against a child that says anything. The input is a stream of frames, or, where it begins with '=', a file that an
 * honest child reads first (fuzz.h: a line "=SOURCE name", then the file). For any bytes: only whole records and clean texts in their order reach
 * the receiver, a stream without END is never good, and what an honest child says the core takes to the end.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_read.h"

#include "base/utf8.h"
#include "formats/container.h"
#include "gateway/worker/parent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NRECORDS 3

static const char *const sources[] = { "=procore", "=cmic", "=acumatica", "=mri", "=ubl", "=approvals" };
#define NSOURCES (sizeof(sources) / sizeof(sources[0]))

static struct site site;

/* ---- the receiver ---- */

struct receiver {
	bool in_file, in_doc, refused;
};

static void
check_rec(const struct rec *r)
{
	fuzz_need(r->type != NULL && r->nlines <= 1, "a record has a type");
	for (size_t i = 0; r->head != NULL && i < r->type->nhead; i++)
		fuzz_need(eg_utf8_valid(r->head[i].text) == r->head[i].text.len, "a value is UTF-8");
	for (size_t i = 0; i < r->nlines * r->type->nline; i++)
		fuzz_need(eg_utf8_valid(r->lines[i].text) == r->lines[i].text.len, "a value is UTF-8");
}

static void
check_text(const char *text)
{
	fuzz_need(text != NULL && eg_utf8_valid(eg_bytes_str(text)) == strlen(text), "a text is UTF-8");
}

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	struct receiver *r = ctx;

	(void)err;
	check_text(member);
	fuzz_need(!r->in_file, "files do not overlap");
	r->in_file = true;
	return EG_OK;
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct receiver *r = ctx;

	(void)err;
	fuzz_need(r->in_file && !r->in_doc && head->nlines == 0, "a document stands in a file");
	fuzz_need(eg_utf8_valid(item) == item.len && (item.len == 0 || memchr(item.ptr, '\0', item.len) == NULL),
	    "an item id is a text");
	check_rec(head);
	r->in_doc = true;
	return EG_OK;
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	const struct receiver *r = ctx;

	(void)err;
	fuzz_need(r->in_doc && line->nlines == 1, "a line stands in a document");
	check_rec(line);
	return EG_OK;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct receiver *r = ctx;

	(void)off;
	(void)len;
	(void)err;
	fuzz_need(r->in_doc && v <= ADP_ARCHIVED, "a document ends once");
	r->in_doc = false;
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	check_text(f->code);
	check_text(f->field);
	check_text(f->msg);
	fuzz_need(strlen(f->code) > 0 && strlen(f->code) < EG_CODE_MAX, "a finding has a code");
	fuzz_need(strchr("RHWN", f->severity) != NULL && f->severity != '\0', "a finding has a severity");
	fuzz_need(eg_utf8_valid(f->item) == f->item.len, "an item id is UTF-8");
	return EG_OK;
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	((struct receiver *)ctx)->refused = true;
	return on_finding(ctx, f, err);
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct receiver *r = ctx;

	(void)err;
	check_text(f->member);
	fuzz_need(r->in_file && strlen(f->sha256) == 64, "a file ends once");
	fuzz_need(!r->in_doc || f->refused, "a file that is taken ends outside of documents");
	r->in_file = r->in_doc = false;
	return EG_OK;
}

static int
on_out_file(void *ctx, const struct adp *a, const char *project, const char *ext, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	check_text(project);
	check_text(ext);
	fuzz_need(adp_info(a)->name != NULL, "a file has its adapter");
	return EG_OK;
}

static int
on_out_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	for (size_t i = 0; i < v.len; i++)
		fuzz_need(v.ptr[i] <= 0xff, "bytes can be read");
	return EG_OK;
}

static int
on_out_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)err;
	fuzz_need(record < NRECORDS, "a row names a record of the batch");
	for (size_t i = 0; i < n; i++) {
		check_text(f[i].column);
		check_text(f[i].rule);
		fuzz_need(f[i].nprov == 0 || f[i].prov != NULL, "a lineage has its places");
	}
	return EG_OK;
}

static int
on_out_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	fuzz_need(record < NRECORDS, "a finding names a record of the batch");
	return on_finding(ctx, f, err);
}

static int
on_out_key(void *ctx, size_t record, const char *key, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	fuzz_need(record < NRECORDS, "a key names a record of the batch");
	check_text(key);
	return EG_OK;
}

static int
on_adapter_end(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	fuzz_need(a != NULL && b->n == NRECORDS, "totals are of an adapter and this batch");
	return EG_OK;
}

/* ---- both ends ---- */

static int
descriptor(struct eg_bytes v)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);

	fuzz_need(fd >= 0, "there is a descriptor");
	fuzz_need(v.len == 0 || write(fd, v.ptr, v.len) == (ssize_t)v.len, "it takes the input");
	fuzz_need(lseek(fd, 0, SEEK_SET) == 0, "it begins at its beginning");
	return fd;
}

static int
listen_reading(int fd, struct eg_err *err)
{
	struct receiver r = { false, false, false };
	const struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_refused,
		&r };
	struct frame_in in;

	frame_in_init(&in, fd);
	const int rc = parent_read_frames(&in, site.adapters, &sink, err);
	frame_in_done(&in);
	fuzz_need(rc != EG_OK || r.refused || (!r.in_file && !r.in_doc), "a good stream leaves nothing open");
	return rc;
}

static int
listen_writing(int fd, struct eg_err *err)
{
	const struct worker_out_sink sink = { on_out_file, on_out_bytes, on_out_row, on_out_finding, on_out_key,
		on_adapter_end, NULL };
	int64_t *counters = eg_xalloc(adp_set_count(site.adapters) * sizeof(*counters));
	struct frame_in in;

	fuzz_need(lseek(fd, 0, SEEK_SET) == 0, "it begins at its beginning");
	frame_in_init(&in, fd);
	const int rc = parent_write_frames(&in, &site, NRECORDS, counters, &sink, err);
	frame_in_done(&in);
	free(counters);
	return rc;
}

static void
check_stream(struct eg_bytes stream)
{
	struct eg_err err = { 0 };
	const int fd = descriptor(stream);
	const bool end = stream.len >= 5 && memchr(stream.ptr, 'Z', stream.len) != NULL;
	int rc = listen_reading(fd, &err);

	fuzz_need(rc != EG_OK || end, "a stream without END is not good");
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	err = (struct eg_err){ 0 };
	rc = listen_writing(fd, &err);
	fuzz_need(rc != EG_OK || end, "a stream without END is not good");
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	close(fd);
}

static void
check_honest(const char *source, struct eg_bytes name, struct eg_bytes text)
{
	char *file = memchr(name.ptr == NULL ? (const unsigned char *)"" : name.ptr, '\0', name.len) == NULL ?
	                 eg_xdup(name) :
	                 eg_xstrdup("x");
	const int in = descriptor(text), pipe = descriptor(EG_NONE);
	const struct child_job job = {
		.set = site.adapters, .fd = in, .size = text.len, .source = source, .name = file
	};
	struct frame_out out;
	struct eg_err err = { 0 };

	frame_out_init(&out, pipe);
	int rc = child_read(&job, &out, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	fuzz_need(rc < 0 || lseek(pipe, 0, SEEK_SET) == 0, "what was said can be heard");
	if (rc == EG_OK && listen_reading(pipe, &err) != EG_OK)
		fuzz_broken(__FILE__, __LINE__, err.msg);
	rc = child_whole(&job, &out, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	frame_out_done(&out);
	close(in);
	close(pipe);
	free(file);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_read_init();
	fmt_zip_init();
	site.adapters = (struct adp_set *)(uintptr_t)fuzz_shipped();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_bytes in = eg_bytes(data, size), name;
	const size_t source = size > 0 && data[0] == '=' ? fuzz_head_word(&in, sources, NSOURCES, &name) : NSOURCES;

	if (source < NSOURCES)
		check_honest(sources[source] + 1, name, in);
	else
		check_stream(in);
	return 0;
}
