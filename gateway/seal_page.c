/* SPDX-License-Identifier: MIT
 *
 * Ends of the reports in bundles: how to check by hand, and the members data/report/…. The bytes follow from what is sealed beside them, so a seal that is repeated gives them again.
 */
#include "gateway/seal_page.h"

static const struct page_col fact_cols[] = { { "what", "What", PK_TEXT }, { "value", "Value", PK_TEXT } };

void
seal_page_facts(struct page *p)
{
	page_table(p, "facts.csv", "At a glance", fact_cols, 2);
}

void
seal_page_fact(struct page *p, const char *what, const char *value)
{
	const char *cells[] = { what, value };

	if (value != NULL && *value != '\0')
		page_row(p, cells);
}

bool
seal_page_add(struct eg_dec *sum, const char *amount)
{
	struct eg_dec d;

	return amount == NULL || *amount == '\0' ||
	       (eg_dec_parse(eg_bytes_str(amount), EG_DEC_PLAIN, 2, 28, &d) == EG_DEC_OK && eg_dec_add(*sum, d, sum));
}

char *
seal_page_money(struct eg_dec d)
{
	struct eg_buf b = EG_BUF_INIT;

	eg_dec_print(&b, d, 2);
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

int
seal_page_close(struct sealing *z, struct page *p, struct eg_err *err)
{
	static const char *const steps[] = {
		"sha256sum --strict -c NUMBER.zip.sha256",
		"openssl pkeyutl -verify -rawin -pubin -inkey KEY.pub.pem -in NUMBER.zip.sha256 -sigfile NUMBER.zip.sha256.sig",
		"unzip NUMBER.zip && cd NUMBER && sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt",
	};
	int rc;

	eg_buf_str(&p->html, "<section>\n<h2>How to check this yourself</h2>\n");
	page_text(p,
	    "You need no erpgate for it, only sha256sum, openssl and unzip. NUMBER is the name of the bundle that this report was in, KEY.pub.pem the gateway's public key, which you should have from somebody you trust; "
	    "README.txt at the top of the bundle has the commands with its own name.");
	page_steps(p, steps, sizeof(steps) / sizeof(steps[0]));
	eg_buf_str(&p->html, "</section>\n");
	page_end(p,
	    "Written by erpgate " ERPGATE_VERSION
	    " when the bundle was sealed, and sealed with it. All times are UTC. What happened later stands in later bundles.");
	rc = bundle_add(z->b, "report/report.html", eg_buf_view(&p->html), err);
	for (size_t i = 0; rc == EG_OK && i < p->ntables; i++) {
		eg_buf_clear(&z->path);
		eg_buf_printf(&z->path, "report/%s", p->table[i].file);
		rc = bundle_add(z->b, eg_buf_cstr(&z->path), eg_buf_view(&p->table[i].csv), err);
	}
	page_done(p);
	return rc;
}
