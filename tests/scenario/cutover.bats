#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/cutover.md as it stands: every line that begins with "$" is run, in a folder that has the samples; "# exit N" at its end is what it must give, else 0.
# Then what the page promises. The program is $ERPGATE (default ./erpgate).

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	export ROOT="$PWD" PROGRAM WORK="$BATS_FILE_TMPDIR"
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	unset ERPGATE_HOME
	ln -s "$ROOT/samples" "$WORK/samples"
	mkdir "$WORK/bin"
	# A site of the tests does not wait two seconds for every file.
	cat >"$WORK/bin/erpgate" <<-END
		#!/bin/sh
		"$PROGRAM" "\$@" || exit \$?
		[ "\$1" != init ] || printf 'settle.quiet = 0s\nrun.settle_timeout = 5s\n' >>"\$2/erpgate.conf"
	END
	chmod +x "$WORK/bin/erpgate"
	cd "$WORK" || exit 1
	local n=0 line want code
	while IFS= read -r line; do
		n=$((n + 1))
		want=0
		[[ "$line" != *'# exit '* ]] || want=${line##*# exit }
		code=0
		PATH="$WORK/bin:$PATH" bash -c "$line" >"$WORK/out.$n" 2>&1 </dev/null || code=$?
		if [ "$code" -ne "$want" ]; then
			echo "$line: exit $code" >&2
			cat "$WORK/out.$n" >&2
			return 1
		fi
		cat "$WORK/out.$n" >>"$WORK/all"
	done < <(sed -n 's/^    \$ //p' "$ROOT/docs/cutover.md")
	[ "$n" -gt 20 ]
}

eg() {
	"$PROGRAM" -C "$WORK/site" "$@"
}

state() {
	eg queue --all --json | jq -r --arg id "$1" 'select(.id == $id) | .state'
}

@test "companies with the same name were linked, the rest was hidden" {
	[ "$(eg link list --json | jq -r 'select(.kind == "vendor") | "\(.item)=\(.erp_id)"' | tr '\n' ' ')" = "vendor/2001=LAKE001 vendor/2002=GRAN002 " ]
	[ "$(state erp-vendor/TIMB004)" = archived ]
}

@test "the dry run said what was wrong, with both amounts, and changed nothing" {
	grep -q 'F-65  The ERP has commitment/26-010/PO-010-02 with 112530.00, here it adds up to 112350.00' "$WORK/all"
	grep -q 'would be adopted  commitment/26-010/SC-010-01 as SC-010-01' "$WORK/all"
	grep -q 'dry run, nothing was changed: 2 adopted, 0 known before, 1 wait, 1 refused' "$WORK/all"
	[ "$(eg log --json | jq -r 'select(.event == "adoption") | .id' | wc -l)" = 1 ]
}

@test "what was adopted is synced and was never sent" {
	for id in budget/26-010 commitment/26-010/SC-010-01 commitment/26-010/PO-010-02 invoice/26-010/SC-010-01/LE-4471; do
		[ "$(state $id)" = synced ]
	done
	run bash -c "ls '$WORK'/site/spool/out/cmic | grep -cE 'BUDGET|COMMITMENT|INVOICE|VOUCHER'"
	[ "$output" = 0 ]
	[ "$(eg log invoice/26-010/SC-010-01/LE-4471 --json | jq -r 'select(.event == "adopted") | "\(.actor) \(.detail.approver) \(.detail.amount)"')" = "erpgate ann 41300.00" ]
}

@test "the change order of an adopted contract left, under the ERP's names" {
	[ "$(state cco/26-010/SC-010-01/001)" = exported ]
	file=$(ls "$WORK"/site/spool/out/cmic/CMIC_CCO_* 2>/dev/null || ls "$WORK"/site/spool/out/cmic/*)
	grep -q 'LAKE001' "$file"
	grep -q 'SC-010-01' "$file"
}

@test "a changed contract is held against what was adopted" {
	sed 's/<amount>82500.0</<amount>82501.0</; s/231400.0/231401.0/' "$ROOT/samples/cmic/night-1/procore/commitments.xml" >"$WORK/site/spool/drop/procore/again.xml"
	eg run || [ $? -eq 3 ]
	eg findings --run last --json | jq -es 'map(select(.code == "E-46" and .item == "commitment/26-010/SC-010-01")) | length == 1'
}

@test "the same list again changes nothing; another amount is not even looked at" {
	run eg adopt "$WORK/adopt.csv" --as ann --key "$WORK/ann.pem"
	[ "$status" -eq 0 ]
	[[ "$output" == *'0 adopted, 4 known before, 0 wait, 0 refused'* ]]
}

@test "the next invoice of an adopted contract leaves in the run after its approval" {
	sed 's/LE-4471/LE-4502/g; s/,LE-4502,1,No/,LE-4502,2,No/' "$ROOT/samples/cmic/night-2/procore/invoices.csv" >"$WORK/site/spool/drop/procore/more.csv"
	eg run
	[ "$(state invoice/26-010/SC-010-01/LE-4502)" = waiting ]
	eg approve invoice/26-010/SC-010-01/LE-4502 --as ann --key "$WORK/ann.pem"
	eg run
	[ "$(state invoice/26-010/SC-010-01/LE-4502)" = exported ]
}

@test "who has no right adopts nothing, and is told which right" {
	eg users add kim --role standard --approve all
	run eg adopt "$WORK/adopt.csv" --as kim --dry-run
	[ "$status" -eq 77 ]
	[[ "$output" == *E-74* ]]
	run eg adopt "$WORK/adopt.csv" --as ann
	[ "$status" -eq 77 ]
	[[ "$output" == *'requires signatures'* ]]
}

@test "the list is sealed with its signature and the outcome of every row" {
	eg run
	run eg audit verify ALL
	[ "$status" -eq 0 ]
	eg audit extract P000001 -o "$BATS_TEST_TMPDIR/out"
	cmp "$WORK/adopt.csv" "$BATS_TEST_TMPDIR"/out/A*/data/approvals/sheet
	openssl pkeyutl -verify -rawin -pubin -inkey "$WORK/ann.pub.pem" -in "$WORK/adopt.csv" -sigfile "$BATS_TEST_TMPDIR"/out/A*/data/approvals/sheet.sig
	[ "$(grep -c ',adopt,' "$BATS_TEST_TMPDIR"/out/A*/data/approvals/outcome.csv)" = 4 ]
}

@test "all of a drop is a list, too" {
	drop=$(eg log --json | jq -r 'select(.event == "received" and (.detail.name // "") == "commitments.xml") | .id' | head -n 1)
	[ -n "$drop" ] || drop=$(eg show commitment/26-010/SC-010-01 --json | jq -r '.drop // empty')
	[ -n "$drop" ] || skip "the log does not name drops by file"
	run eg adopt "$drop" --as ann --key "$WORK/ann.pem" --dry-run
	[ "$status" -eq 0 ]
	[[ "$output" == *'0 adopted'* ]]
}

@test "a file that is no list is refused whole" {
	printf 'a,b\n1,2\n' >"$BATS_TEST_TMPDIR/x.csv"
	run eg adopt "$BATS_TEST_TMPDIR/x.csv" --as ann --key "$WORK/ann.pem"
	[ "$status" -eq 65 ]
	run eg adopt "$BATS_TEST_TMPDIR/none.csv" --as ann --key "$WORK/ann.pem"
	[ "$status" -eq 66 ]
	printf 'Item,ERP ID,Posted,Amount\ncommitment/26-021/SC-021-01,,perhaps,57800.00\ncommitment/26-021/SC-021-01,,Y,x\n' >"$BATS_TEST_TMPDIR/y.csv"
	run eg adopt "$BATS_TEST_TMPDIR/y.csv" --as ann --key "$WORK/ann.pem"
	[ "$status" -eq 3 ]
	[[ "$output" == *'row 2  refused'*F-21*'row 3  refused'* ]]
}

@test "a workbook is a list, too" {
	python3 - "$BATS_TEST_TMPDIR/list.xlsx" <<-'END'
		import sys, zipfile
		rows = [["Item", "ERP ID", "Posted", "Amount"], ["commitment/26-010/SC-010-01", "SC-010-01", "Y", 231400]]
		def cell(v):
		    return f"<c><v>{v}</v></c>" if isinstance(v, int) else f'<c t="inlineStr"><is><t>{v}</t></is></c>'
		sheet = "".join("<row>" + "".join(map(cell, r)) + "</row>" for r in rows)
		main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
		rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		pack = "http://schemas.openxmlformats.org/package/2006"
		with zipfile.ZipFile(sys.argv[1], "w") as z:
		    z.writestr("[Content_Types].xml", f'<Types xmlns="{pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')
		    z.writestr("_rels/.rels", f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
		    z.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>')
		    z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
		    z.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>')
	END
	run eg adopt "$BATS_TEST_TMPDIR/list.xlsx" --as ann --key "$WORK/ann.pem"
	[ "$status" -eq 0 ]
	[[ "$output" == *'0 adopted, 1 known before'* ]]
}

@test "a list in the approvals folder is no decision, and says where it belongs" {
	cp "$WORK/adopt.csv" "$WORK/site/spool/drop/approvals/list.csv"
	openssl pkeyutl -sign -rawin -inkey "$WORK/ann.pem" -in "$WORK/adopt.csv" -out "$WORK/site/spool/drop/approvals/list.csv.sig"
	run eg run
	[ "$status" -eq 3 ]
	eg findings --run last --json | jq -es 'map(select(.code == "F-01" and (.message | test("erpgate adopt")))) | length == 1'
}
