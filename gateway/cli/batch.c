/* SPDX-License-Identifier: MIT
 *
 * republish, void: what persons do to a batch that has left. Both hold the spool for a moment, so they wait for a running turn and no turn runs beside them.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/cli.h"
#include "gateway/store/store_receipt.h"
#include "gateway/workflow/batch_acts.h"
#include "gateway/workflow/workflow.h"

#include <fcntl.h>

#define PROOF_MAX ((size_t)64 << 20) /* an import log of a busy month; more is somebody's mistake */

static const char *
reason_of(const struct cli *c)
{
	const char *reason = c->opt[O_REASON];

	return reason != NULL && eg_bytes_trim_ws(eg_bytes_str(reason)).len > 0 ? reason : NULL;
}

int
cmd_republish(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	unsigned again = 0;
	int code;

	if (reason_of(c) == NULL)
		return cli_usage(c, "say why it is sent again: --reason \"lost on the way to …\"");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	int rc = batch_republish(&s, c->argv[0], reason_of(c), &err);
	if (rc == EG_OK)
		rc = batch_republished(&s, c->argv[0], &again, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:s,s:i}", "type", "republish", "batch", c->argv[0], "republished", (int)again));
	else if (rc == EG_OK)
		(void)printf(
		    "%s is in spool/out once more, the same names and bytes (sent again %u time%s so far). See erpgate show %s\n",
		    c->argv[0], again, again == 1 ? "" : "s", c->argv[0]);
	cli_close(c, &s);
	return code;
}

static int
tell_void(struct cli *c, struct site *s, const char *id, struct eg_err *err)
{
	struct eg_arena a;
	struct voided v;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = voided_get(s->store, id, &a, &v, err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o}", "type", "void", "id", v.id, "batch", v.batch,
		    "proof_sha256", v.sha256, "bundle", cli_str(v.bundle)));
	else if (rc == EG_OK)
		(void)printf(
		    "%s is void for ever (%s, proof sealed in %s). Its items need a new decision: erpgate sheet -o today.csv\n"
		    "What leaves without a decision is held; what the ERP sends by itself leaves again with the next run.\n",
		    v.batch, v.id, v.bundle == NULL ? "nothing yet: erpgate run" : v.bundle);
	eg_arena_done(&a);
	return rc;
}

int
cmd_void(struct cli *c)
{
	struct eg_buf proof = EG_BUF_INIT;
	struct eg_err err = { 0 };
	const char *file = c->opt[O_PROOF], *slash = file == NULL ? NULL : strrchr(file, '/');
	struct site s;
	char id[16];
	int code;

	if (reason_of(c) == NULL || file == NULL || *file == '\0')
		return cli_usage(c,
		    "it takes a reason and a proof that the batch was not taken in: --reason \"…\" --proof import-log.txt");
	int rc = eg_fs_read_file(AT_FDCWD, file, PROOF_MAX, &proof, &err);
	if (rc == EG_OK && proof.len == 0)
		rc = eg_fail(&err, EG_BADREC, "CONF-VALUE",
		    "%s is empty and proves nothing. Give the import log of the receiver, or its answer file", file);
	if (rc < 0) {
		eg_buf_done(&proof);
		return cli_fail(c, &err);
	}
	if (!cli_site(c, SITE_CHANGE, &s, &code)) {
		eg_buf_done(&proof);
		return code;
	}
	rc = batch_void(&s, c->argv[0], reason_of(c), slash == NULL ? file : slash + 1, eg_buf_view(&proof), id, &err);
	if (rc == EG_OK)
		rc = seal_all(&s, &err);
	if (rc == EG_OK)
		rc = tell_void(c, &s, id, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	cli_close(c, &s);
	eg_buf_done(&proof);
	return code;
}
