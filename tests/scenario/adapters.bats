#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The tools for people who write adapters: lint, test, show --explain, diff, mapping, from-template. The program is $ERPGATE (default ./erpgate).

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	export ROOT="$PWD" PROGRAM SITE="$BATS_FILE_TMPDIR/site" KEYS="$BATS_FILE_TMPDIR"
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	unset ERPGATE_HOME
	"$PROGRAM" init "$SITE" --erp cmic
	printf 'settle.quiet = 0s\nrun.settle_timeout = 5s\n' >>"$SITE/erpgate.conf"
	openssl genpkey -algorithm ed25519 -out "$KEYS/alex.pem"
	openssl pkey -in "$KEYS/alex.pem" -pubout -out "$KEYS/alex.pub.pem"
	eg users add alex --role standard --approve all --pubkey "$KEYS/alex.pub.pem"
	cp samples/cmic/night-1/procore/* "$SITE/spool/drop/procore/"
	(cd samples/cmic/night-1/cmic && python3 -m zipfile -c "$SITE/spool/drop/cmic/lists.zip" ./*.csv)
	eg run || [ $? -eq 3 ]
	eg sheet -o "$BATS_FILE_TMPDIR/sheet.csv"
	sed '2,$s/^,/Accept,/' "$BATS_FILE_TMPDIR/sheet.csv" >"$BATS_FILE_TMPDIR/night.csv"
	openssl pkeyutl -sign -rawin -inkey "$KEYS/alex.pem" -in "$BATS_FILE_TMPDIR/night.csv" -out "$BATS_FILE_TMPDIR/night.csv.sig"
	eg decide "$BATS_FILE_TMPDIR/night.csv" || [ $? -eq 3 ]
	eg run
	# the batch that went to CMiC, the drop of commitments
	BATCH=$(eg log --json | jq -r 'select(.event == "batch" and .detail.target == "cmic") | .id' | tail -n 1)
	DROP=$(eg log --json | jq -r 'select(.event == "received" and .detail.name == "commitments.csv") | .id')
	export BATCH DROP
}

eg() {
	"$PROGRAM" -C "$SITE" "$@"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

state_of_site() {
	(cd "$SITE" && find . -type f ! -name '*.db*' ! -name '*lock' -exec sha256sum {} + | sort && sqlite3 state.db .dump | sha256sum)
}

# ---- lint ----

@test "lint names several faults of one file, each with its place, the word and the likely one" {
	sed -e 's/| lookup cost_type cmic | upper/| lokup cost_type cmic/' -e 's/commitment.title /commitment.titel /' \
		-e 's/config.cmic.currency/config.cmic.curency/' "$ROOT/adapters/cmic/commitment.out.adapter" >wrong.adapter
	run "$PROGRAM" adapters lint wrong.adapter
	[ "$status" -eq 2 ]
	[[ "$output" == *'wrong.adapter:45:40: error: There is no step "lokup". (ADP-STEP)'* ]]
	[[ "$output" == *'^^^^^  did you mean "lookup"?'* ]]
	[[ "$output" == *'"commitment.titel" is not in the record model (commitment)'*'did you mean "commitment.title"?'* ]]
	[[ "$output" == *'There is no setting "cmic.curency"'*'did you mean "cmic.currency"?'* ]]
	[[ "$output" == *'3 errors, 1 warning '* ]]
	run "$PROGRAM" adapters lint --json wrong.adapter
	[ "$status" -eq 2 ]
	[ "$(jq -rs 'map(select(.severity == "error") | .code) | sort | join(" ")' <<<"$output")" = "ADP-CONFIG ADP-FIELD ADP-STEP" ]
	[ "$(jq -r 'select(.type == "summary") | .errors' <<<"$output")" = 3 ]
}

@test "lint warns about cut amounts, lost digits, conditions that never hold; texts without a length are advice" {
	sed -e 's/^SCSCH_AMT .*/SCSCH_AMT = line.amount | max 10 cut/' \
		-e 's/^SCSCH_UNIT_RATE .*/SCSCH_UNIT_RATE = calc line.amount * line.quantity | places 2/' \
		-e 's/^SCMST_SCOPE .*/SCMST_SCOPE = commitment.description/' \
		-e 's/^each .*/each = line\nwhen = commitment.type is "subcontract" and commitment.type is "purchase_order"/' \
		"$ROOT/adapters/cmic/commitment.out.adapter" >odd.adapter
	run "$PROGRAM" adapters lint odd.adapter
	[ "$status" -eq 0 ]
	[[ "$output" == *'warning: SCSCH_AMT is a number and could lose digits'*'(ADP-CUT)'* ]]
	[[ "$output" == *'warning: SCSCH_UNIT_RATE has no rounding rule'*'places 2 refuses 0.005'*'calc round(…, 2) | places 2'* ]]
	[[ "$output" == *'warning: The condition of these rows never holds'*'(ADP-NEVER)'* ]]
	[[ "$output" == *'advice: SCMST_SCOPE has no greatest length'* ]]
	[[ "$output" == *'0 errors, 3 warnings, 1 piece of advice'* ]]
}

@test "shipped adapters have neither errors nor warnings; a table nobody names is a warning" {
	run "$PROGRAM" adapters lint
	[ "$status" -eq 0 ]
	[[ "$output" == '0 errors, 0 warnings, '*' (see them: erpgate adapters lint --all)'* ]]
	"$PROGRAM" init own --erp mri
	printf 'a,b\n1,2\n' >own/tables/lost.csv
	run "$PROGRAM" -C own adapters lint
	[ "$status" -eq 0 ]
	[[ "$output" == *'lost.csv:1:1: warning: No adapter looks anything up in this table'* ]]
}

@test "a folder of tables or adapters that cannot be opened is no empty one" {
	"$PROGRAM" init closed --erp mri
	rmdir closed/tables
	"$PROGRAM" -C closed status # without the folder: the program's own count
	: >closed/tables
	run "$PROGRAM" -C closed status
	[ "$status" -ne 0 ]
	[[ "$output" == *'cannot open folder tables'* ]]
}

# ---- test ----

own_adapter() { # a site with an adapter and one case of its own
	"$PROGRAM" init own --erp cmic
	cp "$ROOT/adapters/cmic/commitment.out.adapter" own/adapters/
	mkdir -p own/adapters/fixtures/cmic.commitment.out
	cp -r "$ROOT/adapters/cmic/fixtures/cmic.commitment.out/plain" own/adapters/fixtures/cmic.commitment.out/mine
}

@test "every shipped adapter has fixtures, in and out, and they hold" {
	run "$PROGRAM" adapters test --json
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 <<<"$output" | jq -r .failed)" = 0 ]
	diff <("$PROGRAM" adapters list --json | jq -r 'select(.name) | .name' | sort -u) <(jq -r 'select(.type == "fixture") | .adapter' <<<"$output" | sort -u)
	# the six kinds, where the adapter has such values
	for case in plain missing long-text long-key negative large non-ascii; do
		[ "$(jq -r "select(.adapter == \"cmic.commitment.out\" and .case == \"$case\") | .good" <<<"$output")" = true ]
	done
}

@test "a wrong cell is shown by row and column; accept writes that case and no other" {
	own_adapter
	run "$PROGRAM" -C own adapters test cmic.commitment.out
	[ "$status" -eq 0 ]
	cp -r own/adapters/fixtures/cmic.commitment.out/mine own/adapters/fixtures/cmic.commitment.out/other
	sed -i 's/pad left 3 "0"/pad left 4 "0"/' own/adapters/commitment.out.adapter
	run "$PROGRAM" -C own adapters test cmic.commitment.out
	[ "$status" -eq 2 ]
	[[ "$output" == *'cmic.commitment.out/mine '*'FAIL'*'row 1, SCSCH_TASK_CODE: expected 001, got 0001'*'row 2, SCSCH_TASK_CODE: expected 002, got 0002'* ]]
	[[ "$output" == *'expected.csv | 01,LAKE001,'*'got          | 01,LAKE001,'* ]]
	[[ "$output" == *'2 of 2 fixtures failed.'* ]]
	run "$PROGRAM" -C own adapters test cmic.commitment.out --accept mine
	[ "$status" -eq 0 ]
	[[ "$output" == *'expected.csv is written anew'* ]]
	run "$PROGRAM" -C own adapters test cmic.commitment.out
	[ "$status" -eq 2 ]
	[[ "$output" == *'cmic.commitment.out/mine '*' ok'*'1 of 2 fixtures failed.'* ]]
	run "$PROGRAM" -C own adapters test cmic.commitment.out --accept nothing
	[ "$status" -eq 66 ]
	run "$PROGRAM" adapters test --accept plain
	[ "$status" -eq 64 ]
	[[ "$output" == *'adapters have a case plain'* ]]
}

@test "a case has settings and tables of its own, and its faults are named" {
	own_adapter
	fixture=own/adapters/fixtures/cmic.commitment.out/mine
	printf 'cmic.subcontract_type = ZZ\n' >$fixture/conf
	mkdir $fixture/tables
	printf 'pm,cmic\nS,SELF\nM,MATTER\n' >$fixture/tables/cost_type.csv
	run "$PROGRAM" -C own adapters test cmic.commitment.out
	[ "$status" -eq 2 ]
	[[ "$output" == *'row 1, SCMST_CONT_TYPE: expected SC, got ZZ'*'row 1, SCSCH_CAT_CODE: expected SUB, got SELF'* ]]
	sed -i 's/"line.amount"/"line.amonut"/' $fixture/input.json
	run "$PROGRAM" -C own adapters test cmic.commitment.out
	[ "$status" -eq 2 ]
	[[ "$output" == *'FAIL'*'record 1: commitment has no field "line.amonut"; did you mean "line.amount"?'* ]]
	rm -r $fixture/expected.csv $fixture/conf $fixture/tables
	sed -i 's/"line.amonut"/"line.amount"/' $fixture/input.json
	run "$PROGRAM" -C own adapters test cmic.commitment.out
	[ "$status" -eq 2 ]
	[[ "$output" == *'expected.csv is not there yet'* ]]
}

# ---- explain ----

@test "explain shows an item's columns step by step, and where one stops with the cure" {
	run eg adapters show cmic.commitment.out --explain SC-010-01
	[ "$status" -eq 0 ]
	[[ "$output" == *'SCSCH_TASK_CODE '*'line.position = "1"  pad left 3 "0" -> "001"'* ]]
	[[ "$output" == *'SCSCH_CAT_CODE '*'line.cost_type = "S"  lookup cost_type cmic -> "SUB"  upper -> ok'* ]]
	cp -a "$SITE" stopped
	sed 's/| max 30 cut/| max 5 E-43/' "$ROOT/adapters/cmic/commitment.out.adapter" >stopped/adapters/c.adapter
	run "$PROGRAM" -C stopped adapters show cmic.commitment.out --explain SC-010-01
	[ "$status" -eq 2 ]
	[[ "$output" == *'max 5 E-43 -> STOP E-43: The value has 20 characters; at most 5 are taken here'*'Cure: let it be cut: max N cut'* ]]
	run "$PROGRAM" -C stopped adapters show cmic.commitment.out --explain SC-010-01 --json
	[ "$(jq -rs 'map(select(.code == "E-43")) | length' <<<"$output")" = 2 ]
}

@test "explain shows a line of a drop; private values are not shown" {
	run eg adapters show procore.commitments.csv --explain "$DROP:4"
	[ "$status" -eq 0 ]
	[[ "$output" == *'commitment.type '*'"Commitment Type" = "Subcontract"'*'-> "subcontract"'* ]]
	local companies
	companies=$(eg log --json | jq -r 'select(.event == "received" and .detail.name == "companies.csv") | .id')
	run eg adapters show procore.companies --explain "$companies:2"
	[ "$status" -eq 0 ]
	[[ "$output" == *'vendor.tax_id '*'(not shown)'* ]]
	run eg adapters show cmic.vendors --explain "$DROP:4"
	[ "$status" -eq 66 ]
	[[ "$output" == *"$DROP was read with procore.commitments.csv"* ]]
	run eg adapters show cmic.commitment.out --explain "$DROP:4"
	[ "$status" -eq 64 ]
	run eg adapters show cmic.comitment.out --explain SC-010-01
	[ "$status" -eq 66 ]
	[[ "$output" == *'did you mean "cmic.commitment.out"?'* ]]
}

# ---- diff ----

@test "diff shows changed cells of a batch and what they make in money, and changes nothing" {
	sed -e 's/^version .*/version = 2/' -e 's/^SCSCH_AMT .*/SCSCH_AMT = calc round(line.amount * 1.1, 2) | places 2/' -e '/^SCMST_OVERRIDE/d' \
		"$ROOT/adapters/cmic/commitment.out.adapter" >new.adapter
	before=$(state_of_site)
	run eg adapters diff cmic.commitment.out @1 new.adapter --on "$BATCH"
	[ "$status" -eq 3 ]
	[[ "$output" == *'version 1 '*'against version 2 '* ]]
	[[ "$output" == *'commitment/26-010/SC-010-01 line 1 '*'SCSCH_AMT '*'"148900.00" -> "163790.00"'* ]]
	[[ "$output" == *'SCMST_OVERRIDE_FLAG '*'"Y" -> no such column'* ]]
	[[ "$output" == *'Money  SCSCH_AMT '*'project 26-010 '*'account 26-0500/S '*'+23140.00'* ]]
	[[ "$output" == *'8 cells of 4 rows changed, 0 rows more, 0 fewer.'* ]]
	run eg adapters diff cmic.commitment.out @1 new.adapter --on "$BATCH" --csv
	[ "$(grep -c '^cell,' <<<"$output")" = 8 ]
	[ "$(grep -c '^money,' <<<"$output")" = 2 ]
	run eg adapters diff cmic.commitment.out now @1 --on "$BATCH"
	[ "$status" -eq 0 ]
	[[ "$output" == *'Both make the same of'* ]]
	[ "$(state_of_site)" = "$before" ]
}

@test "diff of a drop, of a version that refuses, and of things that are not there" {
	sed 's/"Title"/"Title" | upper/' "$ROOT/adapters/procore/commitments.csv.adapter" >in.adapter
	run eg adapters diff procore.commitments.csv now in.adapter --on "$DROP" --json
	[ "$status" -eq 3 ]
	[ "$(jq -rs 'map(select(.type == "change") | .column) | unique | join(" ")' <<<"$output")" = commitment.title ]
	sed 's/| max 30 cut/| max 5 E-43/' "$ROOT/adapters/cmic/commitment.out.adapter" >refuses.adapter
	run eg adapters diff cmic.commitment.out now refuses.adapter --on "$BATCH"
	[ "$status" -eq 3 ]
	[[ "$output" == *'commitment/26-010/SC-010-01 [refused]'*'is a row more'* ]]
	run eg adapters diff cmic.commitment.out @9 now --on "$BATCH"
	[ "$status" -eq 66 ]
	run eg adapters diff cmic.commitment.out now in.adapter --on "$BATCH"
	[ "$status" -eq 78 ]
	run eg adapters diff cmic.commitment.out now now --on "$DROP"
	[ "$status" -eq 66 ]
	run eg adapters diff cmic.commitment.out now now
	[ "$status" -eq 64 ]
}

# ---- mapping ----

@test "mapping is one row a column, in words, with an example" {
	run "$PROGRAM" adapters mapping cmic.commitment.out --json
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.column == "SCSCH_TASK_NAME") | [.source, .max, .when_too_long, .example] | join("|")' <<<"$output")" = \
		"line.description|30|cut to the first 30 characters, with a warning|Rough-in, all floors" ]
	[[ "$(jq -r 'select(.column == "SCSCH_CAT_CODE") | .rule' <<<"$output")" == *'translated by the table cost_type.csv into its column cmic'*'is refused (F-21)'* ]]
	run "$PROGRAM" adapters mapping procore.vendor.out --json
	[ "$(jq -r 'select(.column == "Tax ID" and .rows == "vendor") | .example' <<<"$output")" = "(not shown)" ]
}

@test "mapping writes a page that holds no markup of others, and a workbook" {
	sed 's/^title .*/title = A <script>alert(1)<\/script> \& more/' "$ROOT/adapters/cmic/vendor.out.adapter" >page.adapter
	"$PROGRAM" init own --erp cmic
	cp page.adapter own/adapters/
	"$PROGRAM" -C own adapters mapping --all -o m.html
	grep -q 'A &lt;script&gt;alert(1)&lt;/script&gt; &amp; more' m.html
	run grep -c '<script' m.html
	[ "$output" = 0 ]
	python3 -c 'import html.parser,sys; html.parser.HTMLParser().feed(open("m.html").read())'
	"$PROGRAM" -C own adapters mapping cmic.vendor.out -o m.xlsx
	[ "$(head -c 2 m.xlsx)" = PK ]
	run "$PROGRAM" -C own adapters mapping cmic.vendor.out -o m.pdf
	[ "$status" -eq 64 ]
	run "$PROGRAM" adapters mapping
	[ "$status" -eq 64 ]
}

# ---- from-template ----

@test "a skeleton from an exported header row lints, but for the columns nobody chose" {
	printf 'SCMST_COMP_CODE,SCMST_VEN_CODE,SCSCH_AMT,Vendor Code,Frobnication,"Contract Date"\r\n' >export.csv
	run "$PROGRAM" adapters from-template export.csv --erp cmic --object commitment -o new.adapter
	[ "$status" -eq 0 ]
	[[ "$output" == *'6 columns: 3 as in cmic.commitment.out, 2 guessed (look at each), 1 open.'* ]]
	grep -q '^SCMST_VEN_CODE *= erp.vendor | upper$' new.adapter
	grep -q '^Contract Date *= commitment.contract_date  # guessed' new.adapter
	run "$PROGRAM" adapters lint new.adapter
	[ "$status" -eq 2 ]
	[[ "$output" == *'Frobnication has no source yet: choose a field'*'erpgate help record commitment'* ]]
	[[ "$output" == *'1 error, '* ]]
	sed -i 's/^Frobnication.*/Frobnication = const "x"/' new.adapter
	run "$PROGRAM" adapters lint new.adapter
	[ "$status" -eq 0 ]
}

@test "a template may be a workbook; what is no table, no object, no file is said" {
	"$PROGRAM" adapters mapping cmic.vendor.out -o book.xlsx
	run "$PROGRAM" adapters from-template book.xlsx --erp mri --object vendor
	[ "$status" -eq 0 ]
	[[ "$output" == *'[columns]'*'Adapter '*' = ?  # choose: erpgate help record vendor'* ]]
	printf 'PK\003\004 no zip at all' >broken.xlsx
	run "$PROGRAM" adapters from-template broken.xlsx --erp cmic --object VENDOR
	[ "$status" -ne 0 ]
	printf 'A,B\n' >t.csv
	run "$PROGRAM" adapters from-template t.csv --erp cmic --object frog
	[ "$status" -eq 64 ]
	[[ "$output" == *'"frog" is no object of cmic and no record type. Objects: '*COMMITMENT* ]]
	run "$PROGRAM" adapters from-template none.csv --erp cmic --object VENDOR
	[ "$status" -eq 66 ]
}
