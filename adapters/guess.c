/* SPDX-License-Identifier: MIT
 *
 * Which entry a column of an ERP's own template most likely needs: the same column in a shipped adapter, a name that people use for a field, a field of nearly the same
 * name. A guess is never more than that: what nothing is like stays open, and the checker names it.
 */
#include "adapters/lang_int.h"
#include "adapters/tools.h"

#define NAME_MAX_LEN 96U

struct name { /* small letters and digits only */
	unsigned char text[NAME_MAX_LEN];
	size_t len;
};

static struct name
plain(struct eg_bytes v)
{
	struct name n = { .len = 0 };

	for (size_t i = 0; i < v.len && n.len < NAME_MAX_LEN; i++) {
		unsigned char c = v.ptr[i];
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			n.text[n.len++] = c;
	}
	return n;
}

static struct eg_bytes
view(const struct name *n)
{
	return eg_bytes(n->text, n->len);
}

static bool
same_name(struct eg_bytes a, struct eg_bytes b)
{
	struct name x = plain(a), y = plain(b);

	return x.len > 0 && eg_bytes_eq(view(&x), view(&y));
}

/* CMiC's columns begin with the name of their table: SCMST_VEN_CODE. */
static struct eg_bytes
without_table(struct eg_bytes column)
{
	size_t i = 0;

	while (i < column.len && column.ptr[i] >= 'A' && column.ptr[i] <= 'Z')
		i++;
	return i >= 2 && i < column.len && column.ptr[i] == '_' ? eg_bytes_sub(column, i + 1, column.len) : column;
}

/* ---- other adapters ---- */

/* loose: the table's name in front of either does not matter. */
static bool
fits(struct eg_bytes known, struct eg_bytes column, bool loose)
{
	struct eg_bytes bare = without_table(known);

	return loose ? same_name(bare, column) || same_name(bare, without_table(column)) : same_name(known, column);
}

static const char *
entry_in(const struct adp_rowset *r, struct eg_bytes column, bool loose)
{
	for (size_t i = 0; i < r->ncolumns; i++)
		if (fits(eg_bytes_str(r->columns[i].target), column, loose))
			return r->columns[i].text;
	return NULL;
}

/* system NULL: any. */
static struct adp_guess
in_adapters(const struct adp_set *s, const char *system, const struct rec_type *t, struct eg_bytes column, bool loose)
{
	for (size_t i = 0; i < adp_set_count(s); i++) {
		const struct adp *a = adp_set_at(s, i);

		if (!a->out || (system != NULL && strcmp(a->info.system, system) != 0))
			continue;
		for (size_t k = 0; k < a->o.nrowsets; k++) {
			const struct adp_rowset *r = &a->o.rowsets[k];
			const char *text = r->record == t ? entry_in(r, column, loose) : NULL;

			if (text != NULL)
				return (struct adp_guess){ text, a->info.name, false };
		}
	}
	return (struct adp_guess){ NULL, "", false };
}

/* ---- the record model ---- */

/* Words of ERPs and what the record model calls it; the first that the record has counts. */
static const struct {
	const char *word, *entry;
} synonyms[] = {
	{ "vendorid", "erp.vendor" },
	{ "vendorcode", "erp.vendor" },
	{ "vencode", "erp.vendor" },
	{ "vendor", "erp.vendor" },
	{ "supplier", "erp.vendor" },
	{ "projectid", "erp.project" },
	{ "jobcode", "erp.project" },
	{ "job", "erp.project" },
	{ "project", "erp.project" },
	{ "company", "erp.company" },
	{ "compcode", "erp.company" },
	{ "contractcode", "commitment.number" },
	{ "contcode", "commitment.number" },
	{ "contractnumber", "commitment.number" },
	{ "ordernumber", "commitment.number" },
	{ "subcontractnbr", "erp.commitment" },
	{ "ponumber", "commitment.number" },
	{ "contractdate", "commitment.contract_date" },
	{ "phase", "line.cost_code" },
	{ "phasecode", "line.cost_code" },
	{ "phscode", "line.cost_code" },
	{ "costcode", "line.cost_code" },
	{ "costcodeid", "line.cost_code" },
	{ "category", "line.cost_type" },
	{ "catcode", "line.cost_type" },
	{ "costtype", "line.cost_type" },
	{ "accountgroup", "line.cost_type" },
	{ "amount", "line.amount" },
	{ "amt", "line.amount" },
	{ "lineamount", "line.amount" },
	{ "extendedcost", "line.amount" },
	{ "qty", "line.quantity" },
	{ "unitofmeasure", "line.uom" },
	{ "wmcode", "line.uom" },
	{ "unitprice", "line.unit_cost" },
	{ "rate", "line.unit_cost" },
	{ "linenumber", "line.position" },
	{ "lineno", "line.position" },
	{ "linenbr", "line.position" },
	{ "line", "line.position" },
	{ "invoicenumber", "invoice.invoice_number" },
	{ "invoicenbr", "invoice.invoice_number" },
	{ "invcode", "invoice.invoice_number" },
	{ "invoicedate", "invoice.billing_date" },
	{ "docdate", "invoice.billing_date" },
	{ "retainage", "commitment.retainage_percent" },
	{ "retainagepct", "commitment.retainage_percent" },
	{ "hldbkpct", "commitment.retainage_percent" },
	{ "vendorname", "vendor.name" },
	{ "companyname", "vendor.name" },
	{ "addressline1", "vendor.address1" },
	{ "addressline2", "vendor.address2" },
	{ "postalcode", "vendor.zip" },
	{ "postcode", "vendor.zip" },
	{ "phone", "vendor.business_phone" },
	{ "email", "vendor.email_address" },
	{ "fax", "vendor.fax_number" },
	{ "taxregistrationid", "vendor.tax_id" },
	{ "desc", "line.description" },
	{ "linedescription", "line.description" },
	{ "postdate", "decision.accounting_date" },
	{ "transactiondate", "decision.transaction_date" },
};

static bool
has_field(const struct rec_type *t, const char *name)
{
	bool line;

	return rec_field_named(t, eg_bytes_str(name), &line) >= 0;
}

static const char *
by_synonym(const struct rec_type *t, struct eg_bytes column)
{
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (same_name(column, eg_bytes_str(synonyms[i].word)) && has_field(t, synonyms[i].entry))
			return synonyms[i].entry;
	return NULL;
}

static const char *
nearest(const struct rec_field *f, unsigned n, const struct name *column, unsigned *best, const char *found)
{
	for (unsigned i = 0; i < n; i++) {
		const char *dot = strchr(f[i].name, '.');
		struct name whole = plain(eg_bytes_str(f[i].name)),
			    tail = plain(eg_bytes_str(dot == NULL ? f[i].name : dot));
		unsigned d = eg_bytes_distance(view(column), view(&whole), *best), e;

		e = eg_bytes_distance(view(column), view(&tail), *best);
		d = e < d ? e : d;
		if (d >= *best)
			continue;
		*best = d;
		found = f[i].name;
	}
	return found;
}

static const char *
by_field(const struct rec_type *t, struct eg_bytes column)
{
	struct name n = plain(column);
	unsigned best = n.len <= 4 ? 1 : n.len <= 9 ? 2 : 3;
	const char *found = nearest(t->head, t->nhead, &n, &best, NULL);

	return n.len < 3 ? NULL : nearest(t->line, t->nline, &n, &best, found);
}

struct adp_guess
adp_guess_column(const struct adp_set *s, const struct adp *base, size_t rowset, const char *system,
    const struct rec_type *t, struct eg_bytes column, struct eg_arena *arena)
{
	const struct adp_rowset *r = base != NULL && rowset < base->o.nrowsets ? &base->o.rowsets[rowset] : NULL;
	struct adp_guess g = { NULL, "", false };
	struct eg_bytes bare = without_table(column);

	if (r != NULL && entry_in(r, column, false) != NULL)
		return (struct adp_guess){ entry_in(r, column, false), base->info.name, true };
	g = in_adapters(s, system, t, column, false);
	if (g.entry == NULL)
		g = in_adapters(s, system, t, column, true);
	if (g.entry == NULL)
		g.entry = by_synonym(t, bare);
	if (g.entry == NULL)
		g = in_adapters(s, NULL, t, bare, false);
	if (g.entry == NULL)
		g.entry = by_field(t, bare);
	if (g.entry != NULL)
		g.entry = eg_arena_cstr(arena, eg_bytes_str(g.entry));
	return g;
}

bool
adp_rows_at(const struct adp *a, size_t i, const char **ret_name, const struct rec_type **ret_record)
{
	if (!a->out || i >= a->o.nrowsets)
		return false;
	*ret_name = a->o.rowsets[i].name;
	*ret_record = a->o.rowsets[i].record;
	return true;
}

static const struct adp_entry *
column_at(const struct adp *a, size_t rowset, size_t i)
{
	return rowset < a->o.nrowsets && i < a->o.rowsets[rowset].ncolumns ? &a->o.rowsets[rowset].columns[i] : NULL;
}

const char *
adp_column_at(const struct adp *a, size_t rowset, size_t i)
{
	const struct adp_entry *e = column_at(a, rowset, i);

	return e == NULL ? NULL : e->target;
}

bool
adp_column_masked(const struct adp *a, size_t rowset, size_t i)
{
	const struct adp_entry *e = column_at(a, rowset, i);

	return e != NULL && e->masked;
}

unsigned char
adp_delimiter(const struct adp *a, bool *ret_header)
{
	*ret_header = a->o.header;
	return a->o.style.delim == 0 ? ',' : a->o.style.delim;
}
