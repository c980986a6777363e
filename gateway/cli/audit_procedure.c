/* SPDX-License-Identifier: MIT
 *
 * audit procedure: the procedure document, to the terminal or into a file. It only looks.
 */
#include "base/fs.h"
#include "gateway/cli/audit_more.h"
#include "gateway/report/procedure.h"

#include <fcntl.h>

int
audit_procedure(struct cli *c)
{
	const char *out = c->opt[O_OUTPUT];
	bool html = out != NULL && eg_bytes_ends(eg_bytes_str(out), EG_LIT(".html"));
	struct paper p = { .out = EG_BUF_INIT };
	struct eg_err err = { 0 };
	int64_t until = 0;
	struct site s;
	int code, rc;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	rc = cli_has(c, O_AS_OF) ? audit_day("as-of", c->opt[O_AS_OF], &until, &err) : EG_OK;
	if (rc == EG_OK)
		rc = procedure_write(&s, cli_has(c, O_AS_OF) ? until + 86400 : 0, html, &p, &err);
	if (rc == EG_OK && out != NULL && strcmp(out, "-") != 0)
		rc = eg_fs_write_file(AT_FDCWD, out, eg_buf_view(&p.out), 0644, true, &err);
	else if (rc == EG_OK)
		(void)fwrite(p.out.ptr, 1, p.out.len, stdout);
	if (rc == EG_OK && out != NULL && strcmp(out, "-") != 0 && !cli_has(c, O_QUIET) && !cli_has(c, O_JSON))
		(void)printf("Written to %s.\n", out);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	paper_done(&p);
	site_close(&s);
	return code;
}
