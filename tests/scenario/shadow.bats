#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Shadow mode: nothing is sent under any command, what was written is compared with another system's files, and going live waits for a word. The program is $ERPGATE
# (default ./erpgate).

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	SITE="$BATS_TEST_TMPDIR/site"
	unset ERPGATE_HOME
	"$PROGRAM" init "$SITE" --erp cmic >/dev/null
	printf 'settle.quiet = 0s\nrun.settle_timeout = 5s\napprovals.require_signature = no\n' >>"$SITE/erpgate.conf"
}

eg() {
	"$PROGRAM" -C "$SITE" "$@"
}

setting() {
	printf "%s\n" "$@" >>"$SITE/erpgate.conf"
}

night() {
	cp samples/cmic/night-1/procore/{companies,projects}.csv samples/cmic/night-1/procore/commitments.xml "$SITE/spool/drop/procore/"
	(cd samples/cmic/night-1/cmic && python3 -m zipfile -c "$SITE/spool/drop/cmic/lists.zip" ./*.csv)
	eg users add pat --role admin --approve all >/dev/null
	eg run >/dev/null
	mapfile -t ids < <(eg queue --state waiting --json | jq -r 'select(.id != null) | .id')
	eg approve "${ids[@]}" --as pat --erp-id X1 >/dev/null || true
	eg run >/dev/null
}

state() {
	eg queue --all --json | jq -r --arg id "$1" 'select(.id == $id) | .state'
}

nothing_sent() {
	[ -z "$(find "$SITE/spool/out" -type f)" ]
}

@test "nothing is sent under any command, and everybody is told" {
	setting 'shadow = yes'
	night
	nothing_sent
	[ "$(find "$SITE/spool/shadow/cmic" -type f | wc -l)" -gt 0 ]
	eg status | grep -q 'SHADOW MODE'
	eg sheet -o "$BATS_TEST_TMPDIR/sheet.csv" --all
	[ "$(grep -c 'SHADOW MODE' "$BATS_TEST_TMPDIR/sheet.csv")" -gt 3 ]
	b=$(eg log --json | jq -r 'select(.event == "batch") | .id' | tail -1)
	eg show "$b" | grep -q 'SHADOW, never sent'
	for words in "republish $b --reason x" "void $b --reason x --proof $SITE/erpgate.conf --as pat" "shadow end cmic --reason x" "ack $b" "resend vendor/2003" "reprocess D000002"; do
		read -ra command <<<"$words"
		eg "${command[@]}" >/dev/null 2>&1 || true
		eg run >/dev/null || true
		nothing_sent
	done
}

@test "compared with another system: equal, one field and its money, what only one side has" {
	setting 'shadow = yes'
	night
	cp "$SITE"/spool/shadow/*/* "$BATS_TEST_TMPDIR/"
	mkdir "$BATS_TEST_TMPDIR/other"
	cp "$SITE"/spool/shadow/*/* "$BATS_TEST_TMPDIR/other/"
	eg shadow compare "$BATS_TEST_TMPDIR/other"
	sed -i 's/148900.00/148950.00/' "$BATS_TEST_TMPDIR"/other/CMIC_COMMITMENT_*
	rm "$BATS_TEST_TMPDIR"/other/CMIC_VENDOR_*
	printf '\000"junk' >"$BATS_TEST_TMPDIR/other/evil.bin"
	run eg shadow compare "$BATS_TEST_TMPDIR/other" --json
	[ "$status" -eq 2 ]
	jq -es 'map(select(.type == "difference" and .ours == "148900.00" and .theirs == "148950.00")) | length == 1' <<<"$output"
	jq -es 'map(select(.type == "money" and .difference == "50.00")) | length == 1' <<<"$output"
	jq -es 'map(select(.type == "difference" and .file == "VENDOR" and .theirs == null)) | length == 1' <<<"$output"
	jq -es 'map(select(.type == "difference" and .file == "evil.bin")) | length == 1' <<<"$output"
}

@test "going live waits for a word; end gives the decisions back, and what goes by itself leaves" {
	setting 'shadow = yes'
	night
	sed -i 's/^shadow = yes/shadow = no/' "$SITE/erpgate.conf"
	eg run >/dev/null
	nothing_sent
	eg status | grep -q 'NOTHING LEAVES'
	[ "$(state commitment/26-010/SC-010-01)" = exported ]
	eg shadow end cmic --reason 'the old system is off'
	[ "$(state commitment/26-010/SC-010-01)" = waiting ]
	eg run >/dev/null
	nothing_sent
	eg shadow end procore --reason 'the old system is off'
	eg run >/dev/null
	[ "$(find "$SITE/spool/out/procore" -type f | wc -l)" -gt 0 ]
	eg approve commitment/26-010/SC-010-01 --as pat >/dev/null
	eg run >/dev/null
	[ "$(find "$SITE/spool/out/cmic" -type f | wc -l)" -gt 0 ]
}

@test "keep leaves them where they are" {
	setting 'shadow = yes'
	night
	sed -i 's/^shadow = yes/shadow = no/' "$SITE/erpgate.conf"
	eg shadow keep cmic --reason 'the old system sent them'
	eg shadow keep procore --reason 'the old system sent them'
	eg run >/dev/null
	nothing_sent
	[ "$(state commitment/26-010/SC-010-01)" = exported ]
	run eg shadow end cmic --reason again
	[ "$status" -eq 65 ]
}
