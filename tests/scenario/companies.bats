#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Two hundred companies meet two hundred vendors: 120 by name (other capitals), 10 names that the ERP has twice, 30 nearly the same, 40 that nobody knows. Suggested,
# linked, decided by sheet, archived; then two companies are merged and a contract of the one leaves as the other's. The program is $ERPGATE (default ./erpgate).

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	export ROOT="$PWD" PROGRAM SITE="$BATS_FILE_TMPDIR/site" WORK="$BATS_FILE_TMPDIR"
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	unset ERPGATE_HOME
	"$PROGRAM" init "$SITE" --erp cmic
	printf 'settle.quiet = 0s\nrun.settle_timeout = 5s\napprovals.require_signature = no\n' >>"$SITE/erpgate.conf"
	eg users add ann --role admin --approve all
	cp samples/cmic/night-1/cmic/CMIC_{JOBS,PHASES,CATEGORIES,JOBCODES}.csv "$SITE/spool/drop/cmic/"
	cp samples/cmic/night-1/procore/projects.csv "$SITE/spool/drop/procore/"
	python3 - "$SITE/spool/drop" <<-'END'
		import sys
		words = "Amber Birch Cedar Delta Onyx Falcon Garnet Harbor Indigo Juniper".split()
		trades = "Concrete Drywall Electric Flooring Glass Heating Iron Joinery Masonry Plumbing Roofing Steel".split()
		names = [f"{w} {t}" for t in trades for w in words]  # 120
		own = [(1000 + i, n) for i, n in enumerate(names)]
		erp = [(f"V{i:03}", n.upper()) for i, n in enumerate(names)]
		for i, w in enumerate(words):  # one company, two vendors of that name
		    own.append((2000 + i, f"{w} Twin Supply"))
		    erp += [(f"T{i}A", f"{w} TWIN SUPPLY"), (f"T{i}B", f"{w} Twin Supply")]
		near = [("{} & Sons", "{} and Sons"), ("{} Paving, LLC", "{} Paving Inc"), ("{} Landscaping", "{} Landscapin")]
		for k, (a, b) in enumerate(near):
		    for i, w in enumerate(words):
		        own.append((3000 + 10 * k + i, a.format(w)))
		        erp.append((f"N{k}{i}", b.format(w)))
		own += [(4000 + i, f"Nobody Knows {chr(65 + i % 26) * 5}{i}") for i in range(40)]
		erp += [(f"X{i:02}", f"Stranger {chr(97 + i % 26) * 6} {i}") for i in range(30)]
		assert len(own) == len(erp) == 200
		head = "Company ID,Name,Abbreviated Name,Vendor Type,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,Active,Customer,ERP Vendor ID"
		with open(sys.argv[1] + "/procore/companies.csv", "w") as f:
		    f.write(head + "\n")
		    for i, n in own:
		        f.write(f'{i},"{n}",,,,,,,,,,,,,,Yes,No,\n')
		head = "BP_CODE,BP_NAME,BPAD_ADD1,BPAD_ADD2,BPAD_CITY,BPAD_STATE_CODE,BPAD_ZIP,BPAD_COUNTRY,BPAD_PHONE,BPAD_FAX,BPVEN_COMP_CODE,BPVEN_TYPE_CODE,BPVEN_TERM_CODE,BPVEN_CURR_CODE,BPVEN_PAY_EMAIL,BPVEN_REG_CODE,BPVEN_STATUS"
		with open(sys.argv[1] + "/cmic/CMIC_VENDORS.csv", "w") as f:
		    f.write(head + "\r\n")
		    for c, n in erp:
		        f.write(f'{c},"{n}",,,,,,,,,01,SUB,N30,USD,,,A\r\n')
	END
	eg run >"$WORK/run.txt"
}

eg() {
	"$PROGRAM" -C "$SITE" "$@"
}

state() {
	eg queue --all --json | jq -r --arg id "$1" 'select(.id == $id) | .state'
}

count() { # TYPE STATE
	eg queue --all --type "$1" --state "$2" --json | jq -s 'map(select(.id != null)) | length'
}

contract() { # NUMBER COMPANY
	sed "s/SC-010-01/$1/; s/<id>70001</<id>$1</; s/<vendor><id>2001</<vendor><id>$2</" "$ROOT/samples/cmic/night-1/procore/commitments.xml"
}

@test "suggestions: how many of each kind, with their reasons" {
	eg link suggest vendor --json >"$WORK/suggest.json"
	[ "$(tail -n 1 "$WORK/suggest.json" | jq -c '[.exact, .likely, .possible, .without]')" = '[140,20,10,40]' ]
	[ "$(jq -rs 'map(select(.key == "1000")) | map("\(.erp_id) \(.score) \(.reason) \(.alone)") | join(";")' "$WORK/suggest.json")" = "V000 exact same name true" ]
	[ "$(jq -rs 'map(select(.key == "2003") | "\(.erp_id) \(.alone)") | join(";")' "$WORK/suggest.json")" = "T3A false;T3B false" ]
	jq -es 'map(select(.key == "3000"))[0] | .score == "likely" and (.reason | test("\"&\" for \"and\""))' "$WORK/suggest.json"
	jq -es 'map(select(.key == "3010"))[0] | .score == "likely" and (.reason | test("legal form"))' "$WORK/suggest.json"
	jq -es 'map(select(.key == "3020"))[0] | .score == "possible" and (.reason | test("1 letter"))' "$WORK/suggest.json"
}

@test "link all: a dry run says it all and does nothing" {
	run eg link all vendor --dry-run --json
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.linked, .ambiguous, .dry_run]')" = '[120,20,true]' ]
	[ "$(count vendor synced)" = 0 ]
}

@test "link all needs the right" {
	eg users add kim --role standard --approve all
	run eg link all --as kim
	[ "$status" -eq 77 ]
	[ "$(count vendor synced)" = 0 ]
}

@test "link all: every unambiguous one, each with its log entry; the ambiguous are told and left" {
	eg link all vendor --exact --as ann >"$WORK/linked" 2>"$WORK/told"
	[ "$(grep -c '^vendor/1... = erp-vendor/V' "$WORK/linked")" = 120 ]
	[ "$(grep -c '^ambiguous: ' "$WORK/linked")" = 20 ]
	grep -q '120 linked, 20 pairs ambiguous' "$WORK/told"
	[ "$(count vendor synced)" = 120 ]
	[ "$(count erp-vendor synced)" = 120 ]
	[ "$(eg log --json | jq -r 'select(.event == "linked" and .actor == "ann") | .id' | wc -l)" = 120 ]
	run eg link all vendor --as ann
	[[ "$output" == *'0 linked, 20 pairs ambiguous'* ]]
}

@test "a sheet of suggestions is decided like any other" {
	eg link suggest vendor -o "$WORK/links.csv"
	[ "$(head -n 1 "$WORK/links.csv" | tr -d '\r')" = "$(eg sheet -o - 2>/dev/null | head -n 1 | tr -d '\r')" ]
	[ "$(wc -l <"$WORK/links.csv")" = 41 ]
	grep -q '^,"\?likely: Amber and Sons' "$WORK/links.csv"
	sed 's/^,\("\?likely\)/Link,\1/' "$WORK/links.csv" >"$WORK/links2.csv"
	run eg decide "$WORK/links2.csv" --as ann
	[ "$status" -eq 0 ]
	[[ "$output" == *'20 linked, 0 refused'* ]]
	[ "$(count vendor synced)" = 140 ]
}

@test "the same as a workbook, which comes back as it is" {
	eg link suggest vendor -o "$WORK/links.xlsx"
	run eg decide "$WORK/links.xlsx" --as ann
	[ "$status" -eq 0 ]
	[[ "$output" == *'0 linked, 0 refused'* ]] # nobody wrote Link
}

@test "archive-rest hides what is left of the ERP's vendors and nothing else" {
	run eg link archive-rest --dry-run --json
	[ "$(tail -n 1 <<<"$output" | jq .archived)" = 60 ]
	[ "$(count erp-vendor archived)" = 0 ]
	eg link archive-rest --as ann
	[ "$(count erp-vendor archived)" = 60 ]
	[ "$(count erp-vendor synced)" = 140 ]
	run eg link vendor 2003 --erp-id T3A --as ann
	[ "$status" -eq 65 ]
	[[ "$output" == *'erpgate unarchive erp-vendor/T3A'*E-08* ]]
	eg unarchive erp-vendor/T3A --as ann
	eg link vendor 2003 --erp-id T3A --as ann
	[ "$(state vendor/2003)" = synced ]
}

@test "a merged company's contract leaves with the survivor's ERP key" {
	run eg link merge vendor/1000 vendor/4000 --reason "bought in May" --as ann
	[ "$status" -eq 0 ]
	[ "$(state vendor/4000)" = archived ]
	contract SC-M 4000 >"$SITE/spool/drop/procore/merged.xml"
	contract SC-O 4001 >"$SITE/spool/drop/procore/other.xml"
	eg run
	[ "$(state commitment/26-010/SC-M)" = waiting ]
	[ "$(state commitment/26-010/SC-O)" = held ]
	eg approve commitment/26-010/SC-M --as ann
	eg run
	grep -q '\bV000\b' "$SITE"/spool/out/cmic/CMIC_COMMITMENT_*
	[ "$(eg link list --json | jq -r 'select(.type == "merge") | "\(.item) \(.kept) \(.reason)"')" = "vendor/4000 vendor/1000 bought in May" ]
	eg show vendor/4000 | grep -q '^Merged .*vendor/1000'
	[ "$(eg show vendor/4000 --json | jq -r .merged_into)" = vendor/1000 ]
	[ "$(eg log vendor/4000 --json | jq -r 'select(.event == "merged") | "\(.actor) \(.detail.kept)"')" = "ann vendor/1000" ]
}

@test "unmerge parts them; a merged company is not brought back by other ways" {
	run eg unarchive vendor/4000 --as ann
	[ "$status" -ne 0 ]
	[[ "$output" == *'erpgate link unmerge vendor/4000'* ]]
	eg link unmerge vendor/4000 --as ann
	[ "$(state vendor/4000)" = waiting ]
	run eg link merge vendor/4000 vendor/1000 --as ann
	[ "$status" -eq 65 ] # the linked one must survive
	run eg link merge vendor/1000 project/26-010 --as ann
	[ "$status" -eq 66 ]
}

@test "an inactive company is named as such" {
	printf 'Company ID,Name,Abbreviated Name,Active,Customer,ERP Vendor ID\n9000,Sleeping Works,,No,No,\n' >"$SITE/spool/drop/procore/inactive.csv"
	eg run || [ $? -eq 3 ]
	run eg link vendor 9000 --erp-id T4A --as ann
	[ "$status" -eq 65 ]
	[[ "$output" == *E-05* ]]
}

@test "link code: the site's table has the word, both ways, and it is logged" {
	eg link code SUBX --erp-id SBX --as ann
	grep -qx 'SUBX,SUBX,SBX,,' "$SITE/tables/cost_type.csv"
	eg link code L --erp-id LBR --as ann
	grep -qx 'L,Labor,LBR,LABOR,LAB' "$SITE/tables/cost_type.csv"
	[ "$(eg log code/L --json | jq -r '"\(.event) \(.detail.before) \(.detail.erp_id)"')" = "linked LAB LBR" ]
	run eg link code M --erp-id LBR --as ann
	[ "$status" -eq 65 ]
	[[ "$output" == *E-08* ]]
	run eg link code 05-1200 --erp-id 5120 --as ann
	[ "$status" -eq 66 ]
	printf 'CAT_COMP_CODE,CAT_CODE,CAT_NAME,CAT_ACTIVE_FLAG\r\n01,SBX,Special works,Y\r\n' >"$SITE/spool/drop/cmic/CAT2.csv"
	eg run
	run eg findings --run last --severity R --json
	[[ "$output" != *F-21* ]]
	run eg adapters lint
	[ "$status" -eq 0 ]
}

@test "words that mean nothing are usage errors" {
	for words in "link" "link friend 1" "link suggest friends" "link merge vendor/1" "link vendor 1" "link archive-rest now" "adopt x.csv"; do
		run eg $words
		[ "$status" -eq 64 ]
	done
}
