#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One site played by commands alone: init, users, drop, run, sheet, decide, run, show, audit. The program is $ERPGATE (default ./erpgate).

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	export ROOT="$PWD" PROGRAM SITE="$BATS_FILE_TMPDIR/site" KEYS="$BATS_FILE_TMPDIR"
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	unset ERPGATE_HOME
	"$PROGRAM" init "$SITE" --erp cmic
	printf 'settle.quiet = 0s\nrun.settle_timeout = 5s\nwatch.rescan = 1s\n' >>"$SITE/erpgate.conf"
	openssl genpkey -algorithm ed25519 -out "$KEYS/alex.pem"
	openssl pkey -in "$KEYS/alex.pem" -pubout -out "$KEYS/alex.pub.pem"
	eg users add alex --role standard --approve all --pubkey "$KEYS/alex.pub.pem"
	cp samples/cmic/night-1/procore/* "$SITE/spool/drop/procore/"
	(cd samples/cmic/night-1/cmic && python3 -m zipfile -c "$SITE/spool/drop/cmic/lists.zip" ./*.csv)
	# commitments.csv holds one document whose amounts do not agree: exit 3
	local code=0
	eg run >"$BATS_FILE_TMPDIR/run.txt" || code=$?
	[ "$code" -eq 3 ]
	eg sheet -o "$BATS_FILE_TMPDIR/sheet.csv"
	accept "$BATS_FILE_TMPDIR/sheet.csv" "$BATS_FILE_TMPDIR/night.csv"
	eg decide "$BATS_FILE_TMPDIR/night.csv" >"$BATS_FILE_TMPDIR/decide.txt" || code=$?
	[ "$code" -eq 3 ] # two rows lack the key that a person types: E-02, E-13
	eg run >"$BATS_FILE_TMPDIR/run2.txt"
}

eg() {
	"$PROGRAM" -C "$SITE" "$@"
}

# A sheet with Accept in every row, and its signature.
accept() {
	sed '2,$s/^,/Accept,/' "$1" >"$2"
	openssl pkeyutl -sign -rawin -inkey "$KEYS/alex.pem" -in "$2" -out "$2.sig"
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
}

@test "an init that was cut short is done again by the same command" {
	local half="$BATS_TEST_TMPDIR/half"
	mkdir -p "$half/state.db" # no database can be made there
	run "$PROGRAM" init "$half" --erp mri
	[ "$status" -ne 0 ]
	[ -f "$half/keys/gateway.pem" ]
	rmdir "$half/state.db"
	rm "$half/keys/gateway.pub.pem"
	"$PROGRAM" init "$half" --erp mri
	openssl pkey -in "$half/keys/gateway.pem" -pubout | cmp - "$half/keys/gateway.pub.pem"
	[ "$("$PROGRAM" -C "$half" log --json | grep -c '"event":"init"')" -eq 1 ]
	"$PROGRAM" -C "$half" run
}

@test "run told every drop and the rejected document" {
	grep -q 'partial   procore/commitments.csv' "$BATS_FILE_TMPDIR/run.txt"
	grep -q '7 files' "$BATS_FILE_TMPDIR/run.txt"
	run eg findings --severity R --json
	[ "$status" -eq 0 ]
	[[ "$output" == *'"code":"F-28"'*'commitment/26-010/SC-010-09'* ]]
}

@test "queue --json has the promised fields and a summary" {
	run eg queue --all --json
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.id == "commitment/26-010/SC-010-01") | [.number, .type, .project, .vendor, .amount, .currency, .state, .erp, .posted] | join(" ")' <<<"$output")" = \
		"SC-010-01 commitment 26-010 2001 231400.00 USD exported cmic " ]
	[ "$(jq -rs 'map(select(.id != null) | .content | test("^sha256:[0-9a-f]{64}$")) | all' <<<"$output")" = true ]
	[ "$(tail -n 1 <<<"$output" | jq -r .type)" = summary ]
}

@test "import files are out, and decide said who was refused" {
	grep -q '7 accepted, 0 rejected, 0 archived, 0 linked, 2 refused' "$BATS_FILE_TMPDIR/decide.txt"
	grep -q 'E-02  vendor/2003' "$BATS_FILE_TMPDIR/decide.txt"
	run ls "$SITE/spool/out/cmic"
	[[ "$output" == *CMIC_BUDGET_*CMIC_COMMITMENT_* ]]
}

@test "show tells an item, by number, short id and item id" {
	run eg show SC-010-01
	[ "$status" -eq 0 ]
	[[ "$output" == *Exported*'accept by alex in P000001: applied'*'line.amount'*148900.00* ]]
	short=$(eg show SC-010-01 --json | jq -r .short)
	[ "$(eg show "$short" --json | jq -r .id)" = commitment/26-010/SC-010-01 ]
	[ "$(eg show commitment/26-010/SC-010-01 --json | jq -r '.fields["vendor.pm_id"], (.lines | length)' | tr '\n' ' ')" = "2001 2 " ]
	run eg show nothing-of-that-name
	[ "$status" -eq 66 ]
}

@test "lineage leads from a written column to the bytes it came from" {
	eg show SC-010-01 --lineage --json >"$BATS_TEST_TMPDIR/lineage"
	[ "$(jq -rs 'map(select(.type == "lineage")) | length' "$BATS_TEST_TMPDIR/lineage")" = 2 ]
	read -r sha off len name < <(jq -rs '.[0].fields[] | select(.column == "SCMST_CONT_CODE") | .from[0] | "\(.sha256) \(.offset) \(.length) \(.name)"' "$BATS_TEST_TMPDIR/lineage")
	file="samples/cmic/night-1/procore/$name"
	[ "$(sha256sum "$file" | cut -d' ' -f1)" = "$sha" ]
	[ "$(dd if="$file" bs=1 skip="$off" count="$len" status=none)" = SC-010-01 ]
}

@test "raw gives the document as it was received, also out of a zip" {
	eg show erp-vendor/TIMB004 --raw >"$BATS_TEST_TMPDIR/raw"
	grep -q '^TIMB004,' samples/cmic/night-1/cmic/CMIC_VENDORS.csv
	[ "$(tr -d '\r\n' <"$BATS_TEST_TMPDIR/raw")" = "$(grep '^TIMB004,' samples/cmic/night-1/cmic/CMIC_VENDORS.csv | tr -d '\r')" ]
	run eg show SC-010-01 --raw
	[[ "$output" == *'<number>SC-010-01</number>'*'</commitment>' ]]
}

@test "an item that was never written shows where its fields stand" {
	run eg show vendor/2003 --lineage --json
	[ "$(jq -rs '.[0].file, (.[-1].written | tostring)' <<<"$output" | tr '\n' ' ')" = "null false " ]
}

@test "the log and every bundle verify, with the program and without it" {
	run eg audit verify ALL
	[ "$status" -eq 0 ]
	[[ "$output" == *'all good.' ]]
	run eg audit extract B000001 -o "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 0 ]
	(cd "$BATS_TEST_TMPDIR"/out/A* && sha256sum --quiet -c manifest-sha256.txt)
}

@test "a changed bundle is told, and which" {
	cp -a "$SITE" "$BATS_TEST_TMPDIR/copy"
	zip=$(find "$BATS_TEST_TMPDIR/copy/archive" -name A000003.zip)
	printf x | dd of="$zip" bs=1 seek=200 conv=notrunc status=none
	run "$PROGRAM" -C "$BATS_TEST_TMPDIR/copy" audit verify ALL
	[ "$status" -eq 2 ]
	[[ "$output" == *'A000003  BROKEN'* ]]
	rm "$zip"
	run "$PROGRAM" -C "$BATS_TEST_TMPDIR/copy" audit verify A000003
	[ "$status" -eq 2 ]
	run "$PROGRAM" -C "$BATS_TEST_TMPDIR/copy" audit verify A000002
	[ "$status" -eq 0 ]
}

@test "check says what would be rejected and takes nothing in" {
	before=$(eg log | wc -l)
	run eg check samples/cmic/night-1/procore/commitments.csv --source procore
	[ "$status" -eq 2 ]
	[[ "$output" == *'F-28 REJECTED'*'Nothing was taken in.' ]]
	run eg check samples/cmic/night-1/procore/companies.csv --source procore
	[ "$status" -eq 0 ]
	run eg check nothing.csv --source procore
	[ "$status" -eq 66 ]
	[ "$(eg log | wc -l)" -eq "$before" ]
}

@test "convert prints what would be written and leaves nothing behind" {
	before=$(eg log | wc -l)
	eg convert samples/cmic/night-1/procore/commitments.xml --source procore --to cmic -o "$BATS_TEST_TMPDIR/c.csv"
	[ "$(grep -c SC-010-01 "$BATS_TEST_TMPDIR/c.csv")" -eq 2 ]
	run eg convert samples/cmic/night-1/procore/commitments.csv --source procore --to cmic -o "$BATS_TEST_TMPDIR/d.csv"
	[ "$status" -eq 2 ] # SC-021-01 waits for its company and project
	[[ "$output" == *'commitment/26-021/SC-021-01  E-01'* ]]
	[ "$(grep -c PO-010-02 "$BATS_TEST_TMPDIR/d.csv")" -eq 2 ]
	[ "$(eg log | wc -l)" -eq "$before" ]
}

@test "acts change states, refuse with a code and go on with the rest" {
	run eg hold vendor/2003 --reason 'wait for the form'
	[ "$status" -eq 0 ]
	[[ "$output" == *'vendor/2003: Ready to Export -> Held'* ]]
	run eg release vendor/2003
	[ "$status" -eq 0 ]
	run eg hold SC-010-01
	[ "$status" -eq 75 ]
	run eg hold vendor/2003 SC-010-01
	[ "$status" -eq 3 ]
	echo vendor/2003 | eg release -
	run eg link vendor 2003 --erp-id NOWHERE
	[[ "$output" == *'(F-33)'* ]]
	run eg ack B000099
	[ "$status" -eq 66 ]
}

@test "help knows every command" {
	for command in $("$PROGRAM" help --json | jq -r .name); do
		run "$PROGRAM" help "$command"
		[ "$status" -eq 0 ]
		[[ "$output" == "erpgate $command "* ]]
	done
	run "$PROGRAM" help nothing
	[ "$status" -eq 64 ]
}

@test "shipped adapters are without faults and their fixtures hold" {
	cd "$BATS_TEST_TMPDIR"
	run "$PROGRAM" adapters lint
	[ "$status" -eq 0 ]
	run "$PROGRAM" adapters test
	[ "$status" -eq 0 ]
	sed 's/| required/| requird/' "$ROOT/adapters/cmic/vendors.adapter" >wrong.adapter
	run "$PROGRAM" adapters lint wrong.adapter
	[ "$status" -eq 2 ]
	[[ "$output" == *'wrong.adapter:'*'error:'*'did you mean "required"?'* ]]
}

@test "a watch takes what arrives, keeps runs away and ends when told to" {
	cp -a "$SITE" "$BATS_TEST_TMPDIR/watched"
	"$PROGRAM" -C "$BATS_TEST_TMPDIR/watched" watch >"$BATS_TEST_TMPDIR/watch.txt" 2>&1 3>&- &
	daemon=$!
	cp samples/cmic/night-2/cmic/CMIC_ACK.csv "$BATS_TEST_TMPDIR/watched/spool/drop/cmic/"
	for _ in $(seq 100); do
		grep -q CMIC_ACK "$BATS_TEST_TMPDIR/watch.txt" && break
		sleep 0.1
	done
	grep -q 'cmic/CMIC_ACK.csv' "$BATS_TEST_TMPDIR/watch.txt"
	run "$PROGRAM" -C "$BATS_TEST_TMPDIR/watched" run
	[ "$status" -eq 75 ]
	run "$PROGRAM" -C "$BATS_TEST_TMPDIR/watched" hold vendor/2003
	[ "$status" -eq 0 ]
	kill "$daemon"
	wait "$daemon"
}

@test "reprocess reads a sealed original again; --dry-run names it and changes nothing" {
	local before after
	before=$(eg queue --all --json)
	run eg reprocess D000001 --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *"D000001 ("*"sha256 "*"from bundle A0"* ]]
	run eg reprocess D999999 --dry-run
	[ "$status" -eq 66 ]
	[ ! -d "$SITE/spool/work/D999999" ]
	run eg reprocess D000001 -q
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
	after=$(eg queue --all --json)
	[ "$before" = "$after" ] # the same bytes read again have no effect
}

@test "demo tells its story within ten seconds and makes its folder anew" {
	run timeout 10 "$PROGRAM" demo "$BATS_TEST_TMPDIR/demo"
	[ "$status" -eq 0 ]
	[[ "$output" == *'Night 1'*'0 refused, signed by alex'*'Night 2'*'all verified'*'Look next:'* ]]
	run "$PROGRAM" demo "$BATS_TEST_TMPDIR/demo" --json
	[ "$status" -eq 0 ]
	item=$(tail -n 1 <<<"$output" | jq -r .item)
	"$PROGRAM" -C "$BATS_TEST_TMPDIR/demo" show "$item" --lineage >/dev/null
	mkdir "$BATS_TEST_TMPDIR/mine"
	run "$PROGRAM" demo "$BATS_TEST_TMPDIR/mine"
	[ "$status" -eq 73 ]
}
