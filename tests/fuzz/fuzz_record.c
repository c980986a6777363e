/* SPDX-License-Identifier: MIT
 *
 * Packed records, as they cross the worker's pipe and stand in the store. For any bytes: refused with a code, or a record whose packed form, canonical
 * text and item id are stable, all within the arena's limit.
 */
#include "tests/fuzz/fuzz.h"

#include "adapters/record.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <string.h>

#define ARENA_MAX ((size_t)64 << 20)

static void
check_values(const struct rec *r)
{
	const size_t n = r->nlines * r->type->nline;

	for (size_t i = 0; i < r->type->nhead + n; i++) {
		const struct rec_val *v = i < r->type->nhead ? &r->head[i] : &r->lines[i - r->type->nhead];
		fuzz_need(v->state <= RV_BAD, "a value has one of three states");
		fuzz_need(v->state != RV_VALUE || v->text.len > 0, "a value has a text");
		fuzz_need(eg_utf8_valid(v->text) == v->text.len, "a value is UTF-8");
	}
}

static void
check_again(const struct rec *r, struct eg_buf *packed)
{
	struct eg_buf repacked = EG_BUF_INIT, text = EG_BUF_INIT, text_again = EG_BUF_INIT, id = EG_BUF_INIT;
	struct eg_arena a;
	struct eg_err err;
	struct rec again;
	size_t *order = NULL;

	eg_arena_init(&a, ARENA_MAX);
	rec_pack(r, packed);
	fuzz_need(rec_unpack(eg_buf_view(packed), &a, &again, &err) == EG_OK, "what is packed can be unpacked");
	rec_pack(&again, &repacked);
	fuzz_need(eg_bytes_eq(eg_buf_view(packed), eg_buf_view(&repacked)), "packing is stable");
	rec_canonical(r, &text);
	rec_canonical(&again, &text_again);
	fuzz_need(eg_bytes_eq(eg_buf_view(&text), eg_buf_view(&text_again)), "the canonical text is stable");
	fuzz_need(eg_utf8_valid(eg_buf_view(&text)) == text.len, "the canonical text is UTF-8");
	char sha[EG_SHA256_HEX], whole[EG_SHA256_HEX];
	rec_content(r, sha);
	eg_sha256_hex_of(eg_buf_view(&text), whole);
	fuzz_need(strcmp(sha, whole) == 0, "a content's digest is that of the canonical text");
	if (rec_item_id(r, &id))
		fuzz_need(id.len > 0 && eg_utf8_valid(eg_buf_view(&id)) == id.len, "an item id is UTF-8");
	fuzz_need(rec_line_order(&a, &again, &order, &err) == EG_OK, "lines can be ordered");
	for (size_t i = 0; i < again.nlines; i++)
		fuzz_need(order[i] < again.nlines, "an order names lines that are there");
	fuzz_need(rec_sort_lines(&a, &again, &err) == EG_OK, "lines can be sorted");
	eg_arena_done(&a);
	eg_buf_done(&repacked);
	eg_buf_done(&text);
	eg_buf_done(&text_again);
	eg_buf_done(&id);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_buf packed = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct rec r;
	int rc;

	eg_arena_init(&a, ARENA_MAX);
	rc = rec_unpack(eg_bytes(data, size), &a, &r, &err);
	fuzz_need(a.high <= ARENA_MAX, "the limit of the arena holds");
	if (rc == EG_OK) {
		check_values(&r);
		check_again(&r, &packed);
	} else {
		fuzz_failure(rc, &err, EG_NONE, false);
		fuzz_need(rc == EG_BADFILE, "a record that cannot be unpacked is a bad file");
	}
	eg_buf_done(&packed);
	eg_arena_done(&a);
	return 0;
}
