/* SPDX-License-Identifier: MIT
 *
 * What each finding's code means and what to do about it. The finding itself names the place and the values.
 */
#include "gateway/cli/help.h"

/* clang-format off */
static const struct help_code codes[] = {
	{ "F-01", "R", "The file fits no layout of its source.", "Compare its header row or root element with erpgate adapters list; it may have been dropped into the wrong folder." },
	{ "F-02", "R", "Bytes of the file do not fit its encoding.", "Save it as UTF-8 and send it again." },
	{ "F-03", "R", "The structure is broken: open quote, XML not well formed, cut or nested archive.", "Export it again; a cut upload is the usual reason." },
	{ "F-04", "R", "A row has more or fewer cells than the header.", "Look for a separator inside a value without quotes." },
	{ "F-05", "R", "A required column is missing.", "Export with the full set of columns." },
	{ "F-06", "W", "A column is unknown and was ignored.", "Remove it, or add it to the adapter." },
	{ "F-07", "R", "A column name stands twice in the header.", "Rename or remove one of the two." },
	{ "F-08", "R", "Project or contract cannot be told from the file name.", "Name the file as its layout asks: erpgate adapters show NAME." },
	{ "F-09", "NR", "This accounting system does not take this kind of record.", "Nothing to do, or stop sending it." },
	{ "F-10", "N", "A list row of a change order that is known with its lines was ignored.", "Nothing to do." },
	{ "F-11", "N", "The file holds a header but no record.", "Nothing to do, unless you expected some." },
	{ "F-12", "N", "The same bytes came before from this source.", "Nothing to do; to read them again on purpose: erpgate reprocess DROP." },
	{ "F-20", "R", "A required value is empty.", "Fill it in where the file comes from." },
	{ "F-21", "R", "A value is no date, number, yes/no or word of the list.", "Correct the value; the message shows the form." },
	{ "F-22", "R", "Digits would be lost.", "Give the amount with fewer decimals, or correct it." },
	{ "F-23", "R", "The same key stands twice in the file or document.", "Remove one of the two." },
	{ "F-24", "R", "Header cells differ between the rows of one document.", "Make the repeated header cells equal." },
	{ "F-25", "R", "The control total differs from the lines.", "Correct the total or the lines." },
	{ "F-26", "R", "A value holds a control character.", "Remove it." },
	{ "F-27", "R", "Two columns contradict each other.", "Correct one of them." },
	{ "F-28", "R", "Quantity times unit cost is not the amount.", "Correct one of the three." },
	{ "F-29", "R", "A value has 256 characters or more.", "Shorten it." },
	{ "F-33", "HR", "An ERP key is given that the ERP's list does not have.", "Wait for a newer list, or correct the key." },
	{ "F-34", "H", "The ERP list that is needed for a check never came.", "Drop the list into the accounting system's folder." },
	{ "F-35", "R", "There is no such item, or its type does not know this verdict.", "Write a new sheet: erpgate sheet -o today.csv." },
	{ "F-36", "W", "The ERP answered about an item that waits for no answer.", "Nothing to do, unless it comes often." },
	{ "F-37", "R", "The ERP answered with an error.", "Correct it there or here, then accept the item again." },
	{ "F-40", "W", "A value was cut to the column's length.", "Shorten it at its origin, if it matters." },
	{ "F-41", "W", "Characters were removed or replaced for the target.", "Nothing to do, unless the text became wrong." },
	{ "F-42", "W", "A line break or tab became a blank.", "Nothing to do." },
	{ "F-43", "R", "A value is too long for a column that must not be cut.", "Shorten it at its origin and send it again." },
	{ "F-51", "W", "The lines of a budget change do not add up to zero.", "Check that this is meant." },
	{ "F-52", "N", "A payment that is not funded yet was ignored.", "It comes again when it is funded." },
	{ "F-60", "W", "A file in a drop folder never became whole and was left there.", "Send it again; see its reason in the message." },
	{ "F-61", "W", "A sheet waits: for its signature, or for its items.", "Put the .sig beside it; it is applied by itself then." },
	{ "F-62", "RW", "The signature of a sheet is missing or does not hold.", "Sign the sheet as it was saved and put the .sig beside it." },
	{ "F-63", "R", "The sheet is for another site, has expired, or its Sheet column was changed.", "Write a new sheet: erpgate sheet -o today.csv." },
	{ "F-67", "W", "An amount of the document is not transferred.", "Check it in the accounting system." },
	{ "E-01", "H", "The company has no ERP vendor.", "Link it (erpgate link vendor KEY --erp-id X) or accept it for export." },
	{ "E-02", "R", "An ERP vendor ID is required.", "Fill in ERP ID in the sheet." },
	{ "E-03", "R", "The vendor ID is used already.", "Give another one, or link instead." },
	{ "E-04", "R", "The company name is longer than the ERP takes.", "Shorten it at its origin." },
	{ "E-05", "R", "An inactive company cannot be sent or linked.", "Make it active at its origin." },
	{ "E-06", "N", "The vendor's type is not offered for import.", "Change setting cmic.vendor_types_hidden, if it should be." },
	{ "E-07", "R", "The vendor ID is longer than the ERP takes.", "Give a shorter one." },
	{ "E-08", "R", "The ERP vendor is linked to another company, or archived.", "Unlink or unarchive that one first." },
	{ "E-09", "R", "State and country do not belong together.", "Correct the address at its origin." },
	{ "E-11", "R", "A cost code of the job carries no category.", "Complete the code in the ERP and export the list again." },
	{ "E-12", "R", "A cost code has no cost type.", "Give one at its origin." },
	{ "E-13", "R", "The job ID is empty, malformed, too long or taken.", "Fill in ERP ID in the sheet as the message says." },
	{ "E-16", "R", "A name, address, city, state or ZIP is longer than the ERP takes.", "Shorten it at its origin." },
	{ "E-17", "RH", "The sub job's parent is not synced, or the ERP takes no sub jobs.", "Wait for the parent, or correct the line." },
	{ "E-18", "R", "A code holds a character that is not allowed.", "Correct the code." },
	{ "E-19", "R", "Leading zeros of a code were lost, as spreadsheets do.", "Format the column as text and export again." },
	{ "E-20", "R", "The code is not a code of the ERP.", "Use a code of the ERP's list, or send the newer list." },
	{ "E-22", "H", "The project is not synced.", "Accept or link the project; this item follows by itself." },
	{ "E-24", "H", "The budget before it is not sent or not posted.", "Wait for the ERP's answer." },
	{ "E-25", "WR", "Sending a budget closes its import for good.", "Nothing to do, if that is meant." },
	{ "E-26", "N", "The transaction is an invoice that this gateway sent itself.", "Nothing to do: it is not counted twice." },
	{ "E-27", "H", "Cost code and type are unknown on the project.", "Add the code to the project's budget." },
	{ "E-28", "H", "Vendor or invoice number of the transaction is missing.", "Correct it in the ERP, or link the vendor." },
	{ "E-29", "H", "The journal code is not mapped.", "Add it to setting cmic.journal_map." },
	{ "E-30", "H", "The transaction's project is not synced.", "Accept or link the project." },
	{ "E-31", "W", "A transaction changed in the ERP.", "Nothing to do: the project side gets the new values." },
	{ "E-32", "N", "The transaction is not an actual, posted cost.", "Nothing to do." },
	{ "E-33", "H", "The transaction is in another currency.", "Correct it in the ERP." },
	{ "E-34", "R", "The commitment ID is empty.", "Fill in ERP ID in the sheet." },
	{ "E-35", "R", "The commitment number is too long or used already.", "Fill in another ERP ID in the sheet." },
	{ "E-36", "R", "The title is too long.", "Shorten it at its origin." },
	{ "E-37", "R", "The status is not Approved.", "Approve it at its origin." },
	{ "E-38", "R", "A line lacks a cost code or type that the ERP knows.", "Correct the line at its origin." },
	{ "E-39", "R", "A quantity, unit cost or amount is too large.", "Correct it at its origin." },
	{ "E-40", "R", "This ERP has no purchase orders.", "Enter it as a contract." },
	{ "E-41", "R", "The ERP needs a contract date or terms that are missing.", "Complete the commitment at its origin." },
	{ "E-42", "H", "The commitment, or a change order before it, is not synced or posted.", "Wait for the ERP's answer; it leaves by itself." },
	{ "E-43", "R", "The change order's number is empty or too long.", "Fill in another ERP ID in the sheet." },
	{ "E-44", "R", "The ERP takes no change order of zero, or on a purchase order.", "Correct it at its origin." },
	{ "E-46", "R", "A document that has been sent was edited.", "Make a change order instead." },
	{ "E-48", "R", "A line's job is neither the header job nor one of its sub jobs.", "Correct the line." },
	{ "E-49", "R", "The invoice number or date is empty, or too long.", "Correct it at its origin." },
	{ "E-50", "R", "The vendor has an invoice of that number already.", "Fill in another number as ERP ID in the sheet." },
	{ "E-51", "R", "The invoice's total is zero.", "Nothing to send." },
	{ "E-52", "RH", "The invoice's status does not allow it, or an earlier one is not synced.", "Wait for the earlier one." },
	{ "E-53", "H", "The commitment or change order behind a line is not synced.", "Wait for the ERP's answer; it leaves by itself." },
	{ "E-54", "W", "Stored materials are not transferred.", "Book them in the ERP by hand." },
	{ "E-55", "W", "A retainage release is not transferred.", "Release it in the ERP by hand." },
	{ "E-56", "W", "Only the first attachment is named.", "Nothing to do, if one is enough." },
	{ "E-57", "H", "An earlier invoice is not posted.", "Post it in the ERP." },
	{ "E-58", "RH", "A decision books on a day in a closed period; held when the period was closed after the decision.",
	    "Type a day of an open period, or have the period opened (period.closed_until, period.open)." },
	{ "E-59", "WR", "The invoice's total is negative.", "See the message." },
	{ "E-60", "W", "Tax is not transferred.", "Book it in the ERP." },
	{ "E-61", "R", "The check number is used already.", "Correct it." },
	{ "E-62", "H", "The payment's invoice is not synced.", "Wait for the invoice." },
	{ "E-63", "R", "A sent invoice or payment was edited.", "Correct it in the ERP." },
	{ "E-64", "R", "The number is not one that the ERP takes, or all lines are zero.", "Correct it at its origin." },
	{ "E-65", "RH", "The prime contract's project is not synced.", "Accept or link the project." },
	{ "E-66", "RH", "The prime contract is not synced, or the change order lacks a date.", "Fill in Transaction Date in the sheet." },
	{ "E-68", "R", "A number or title is too long for the ERP.", "Fill in a shorter ERP ID in the sheet." },
	{ "E-72", "R", "Payments cannot be unlinked.", "Nothing to do." },
	{ "E-74", "R", "The right to do this is missing.", "The message names the right and the command that gives it; what one may, and why not: erpgate users show NAME." },
	{ "E-75", "R", "The item changed, left or was decided since the sheet was written.", "Look: erpgate show ID --diff, then write a new sheet." },
};
/* clang-format on */

const struct help_code *
help_codes(size_t *ret_n)
{
	*ret_n = sizeof(codes) / sizeof(codes[0]);
	return codes;
}

const struct help_code *
help_code(const char *code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return &codes[i];
	return NULL;
}
