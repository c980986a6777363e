/* SPDX-License-Identifier: MIT
 *
 * What the README of a bundle says about its members: each file or folder that is in it, and what it means to a reader who has nothing but the bundle. A member that stands in no row of the
 * table is told by its name alone (tests/scenario/evidence.py finds it).
 */
#include "gateway/seal.h"

/* By the beginning of the path below data/; a folder is told once, whatever it holds. First match counts. */
static const struct meaning {
	const char *path, *says;
} meanings[] = {
	{ "received/provenance.json", "when it came, from whom, under which name, with which digest" },
	{ "received/", "the original, byte for byte as it came" },
	{ "canonical/files.csv",
	    "the files in it, with digest, the layout that read each, and how many rows and records were found" },
	{ "canonical/records.csv",
	    "the records that were made of it, as a table for any spreadsheet: line 0 has a record's own fields, the others its lines. content is the digest that approvers sign" },
	{ "canonical/records.txt",
	    "the same records exactly: the SHA-256 of each record's text (without the blank line between two) is its content digest" },
	{ "canonical/bodies.jsonl", "the same records as the program keeps them, for making its database again" },
	{ "findings.csv", "what was wrong or noteworthy, with file, line, column and byte" },
	{ "approvals/manifest.json", "the sheet's name, digest, approver, key and state" },
	{ "approvals/sheet.sig",
	    "the approver's signature over the sheet: openssl pkeyutl -verify -pubin -inkey data/approvals/key.pem -rawin -in data/approvals/sheet -sigfile data/approvals/sheet.sig (Ed25519; RSA and EC keys: openssl dgst -sha256 -verify data/approvals/key.pem -signature data/approvals/sheet.sig data/approvals/sheet)" },
	{ "approvals/sheet", "the decisions as they came back, byte for byte" },
	{ "approvals/key.pem", "the approver's public key as the gateway knew it" },
	{ "approvals/outcome.csv",
	    "what became of each row of the sheet; content is the digest of what the approver saw" },
	{ "approvals/trust.csv",
	    "every user with rights, limits and key when this was sealed; what changed since the sheet came stands in log/events.jsonl" },
	{ "outbound/", "the files for the accounting system, byte for byte as they left" },
	{ "lineage.csv",
	    "for each cell of these files: its value, where it came from (digest of the original, member, byte offset, length), the item, revision and content, and the steps of the layouts. kind tells bytes from constants, settings, decisions and ERP keys. Bytes: tail -c +$((OFFSET + 1)) ORIGINAL | head -c LENGTH" },
	{ "lineage/", "the same by file, shorter: places and rules only" },
	{ "ledger/conservation.csv",
	    "what was accepted against what left, in records and money, by type and project, as checked before anything left" },
	{ "ledger/files.csv", "the files with digest, size, rows and amount" },
	{ "ledger/items.csv", "the items with content digest, and the sheet, approver and time that let each pass" },
	{ "inputs/",
	    "what the files were written from: the records with ERP keys and decisions of that moment, and the running numbers" },
	{ "report/", "a page to read and print, and a CSV for each of its tables" },
	{ "void/", "the act that declared a batch void, and the proof as it was given" },
	{ "log/events.jsonl",
	    "the log's entries about what is in here, up to its sealing, one on each line, byte for byte as the archive's log hashes them: SHA-256 of a zero byte and the line without its end is the leaf at the index it names" },
	{ "refs.csv", "the bundles that this one leans on, with path and digest" },
	{ "adapters/tables/", "the tables that the layouts look codes up in" },
	{ "adapters/", "the layouts that read or wrote these files, in plain text" },
	{ "software.json", "version, libraries, digests of layouts and tables, and the settings in force" },
};

#define NMEANINGS (sizeof(meanings) / sizeof(meanings[0]))

struct telling {
	struct eg_buf text;
	bool told[NMEANINGS];
};

static bool
means(const struct meaning *m, const char *path)
{
	const size_t n = strlen(m->path);

	return m->path[n - 1] == '/' ? strncmp(path, m->path, n) == 0 : strcmp(path, m->path) == 0;
}

static void
tell(void *ctx, const char *path)
{
	struct telling *t = ctx;

	for (size_t i = 0; i < NMEANINGS; i++) {
		if (!means(&meanings[i], path))
			continue;
		if (!t->told[i])
			eg_buf_printf(&t->text, "\n  data/%s\n      %s\n", meanings[i].path, meanings[i].says);
		t->told[i] = true;
		return;
	}
	eg_buf_printf(&t->text, "\n  data/%s\n", path);
}

void
seal_readme(struct sealing *z)
{
	struct telling t = { .text = EG_BUF_INIT };

	eg_buf_str(&t.text,
	    "\nWhat is in it. Tables are CSV in UTF-8 with a header row; times are UTC, amounts have a decimal point.\n");
	bundle_paths(z->b, tell, &t);
	bundle_about(z->b, eg_buf_view(&t.text));
	eg_buf_done(&t.text);
}
