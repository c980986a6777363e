/* SPDX-License-Identifier: MIT
 *
 * Ends of the reports in bundles: how to check by hand, and the members data/report/…. The bytes follow from what is sealed beside them, so a seal that is repeated gives them again.
 */
#include "gateway/seal_page.h"

static const struct page_col fact_cols[] = { { "what", "What", PK_TEXT }, { "value", "Value", PK_FACT } };

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
	const char *id = bundle_id(z->b);
	char
	    *sum = eg_xprintf("sha256sum --strict -c %s.zip.sha256 | grep -x '%s.zip: OK'", id, id),
	    *sig = eg_xprintf(
		"openssl pkeyutl -verify -rawin -pubin -inkey KEY.pub.pem -in %s.zip.sha256 -sigfile %s.zip.sha256.sig",
		id, id),
	    *bag = eg_xprintf(
		"unzip %s.zip && cd %s && sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt", id, id);
	const char *const steps[] = { sum, sig, bag };
	int rc;

	page_section(p, "How to check this yourself");
	page_text(p,
	    "You need no erpgate for it, only sha256sum, openssl and unzip, in the folder of the archive where the bundle lies. KEY.pub.pem is the gateway's public key, which you should have from somebody "
	    "you trust; a copy lies in the folder keys of the archive.");
	page_steps(p, steps, sizeof(steps) / sizeof(steps[0]));
	free(bag);
	free(sig);
	free(sum);
	page_end(p,
	    "Written by erpgate " ERPGATE_VERSION
	    " when the bundle was sealed, and sealed with it. All times are UTC. What happened later stands in later bundles.");
	rc = (int)p->fault.cls;
	if (rc < 0)
		*err = p->fault;
	else
		rc = bundle_add(z->b, "report/report.html", eg_buf_view(&p->html), err);
	for (size_t i = 0; rc == EG_OK && i < p->ntables; i++) {
		eg_buf_clear(&z->path);
		eg_buf_printf(&z->path, "report/%s", p->table[i].file);
		rc = bundle_add_spill(z->b, eg_buf_cstr(&z->path), &p->table[i].csv, err);
	}
	page_done(p);
	return rc;
}
