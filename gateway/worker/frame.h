/* SPDX-License-Identifier: MIT
 *
 * The worker's record protocol: frames over one pipe (child to core) and, for writers, one more (core to child). A frame is
 * type (1 byte), length (4 bytes, little endian), payload. A stream ends with an END frame or is nothing: no END, an unknown type or a bad length means that
 * nothing the child said counts.
 *
 * Payloads are sequences of numbers (8 bytes little endian) and texts (4 bytes length, bytes), read back by a checked cursor.
 */
#ifndef GATEWAY_WORKER_FRAME_H
#define GATEWAY_WORKER_FRAME_H

#include "base/buf.h"
#include "base/err.h"

enum frame_type {
	FRAME_END = 'Z', /* everything was said */
	FRAME_FAIL = 'X', /* class, code, line, col, off, message: the child itself gave up (EG_RETRY, EG_FATAL) */
	/* reading */
	FRAME_FILE = 'f', /* member */
	FRAME_ADAPTER = 'a', /* adapter name: said once before the first record of a file */
	FRAME_BEGIN = 'b', /* item id, packed header */
	FRAME_LINE = 'l', /* packed line: the same form with a header of none */
	FRAME_DONE = 'e', /* verdict, raw_off, raw_len */
	FRAME_FINDING =
	    'n', /* record (writers), code, severity, whole_file, line, off, pos line, col, field, value, item, message */
	FRAME_FILE_END = 'g', /* sha256, size, rows, records, rejected, refused, adapter */
	FRAME_REFUSED = 'r', /* finding: the whole drop */
	FRAME_TRACED =
	    't', /* adapters/tools.h: line, target, source, value, masked, result, code, message, cure, steps */
	FRAME_HEADER = 'h', /* sheet's name or "", number of cells, cells */
	/* writing */
	FRAME_OUT_FILE = 'o', /* adapter index, project, extension */
	FRAME_OUT_BYTES = 'y', /* bytes */
	FRAME_OUT_ROW = 'w', /* line, record, cells */
	FRAME_OUT_KEY = 'k', /* record, key */
	FRAME_OUT_END = 'd', /* adapter index, rows, amount coefficient as text, counter */
};

struct frame_out { /* buffered writer; errors are sticky */
	int fd;
	struct eg_buf buf;
	int failed; /* errno */
};
void frame_out_init(struct frame_out *o, int fd);
void frame_out_done(struct frame_out *o);
/* One frame: begin, add its parts, end (patches the length). */
size_t frame_begin(struct frame_out *o, enum frame_type t);
void frame_num(struct frame_out *o, uint64_t v);
void frame_text(struct frame_out *o, struct eg_bytes v);
int frame_end(struct frame_out *o, size_t begun, struct eg_err *err)
    EG_MUSTCHECK; /* flushes above 64 KiB; EG_RETRY "WORKER-PIPE" */
int frame_flush(struct frame_out *o, struct eg_err *err) EG_MUSTCHECK;

struct frame_in {
	int fd;
	struct eg_buf buf; /* bytes read, not yet consumed from `pos` */
	size_t pos;
};
void frame_in_init(struct frame_in *i, int fd);
void frame_in_done(struct frame_in *i);
/* EG_OK; EG_EOF when the pipe ended between frames; EG_BADFILE "WORKER" for a cut or oversized frame. The payload lives until the next call. */
int frame_next(struct frame_in *i, enum frame_type *ret_type, struct eg_bytes *ret_payload, struct eg_err *err)
    EG_MUSTCHECK;

struct frame_cursor {
	struct eg_bytes rest;
	bool bad; /* sticky: something was missing */
};
uint64_t frame_get_num(struct frame_cursor *c);
struct eg_bytes frame_get_text(struct frame_cursor *c);
/* All read and nothing left over. */
bool frame_get_end(const struct frame_cursor *c);

#endif
