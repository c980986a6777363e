#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The comparison of the example sites can fail: one wrong byte in what is expected, and playing the site is red.

setup() {
	program=$(realpath "${ERPGATE:-./erpgate}")
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	cp -r tests/worlds/site-mri "$BATS_TEST_TMPDIR/site-mri"
	world=$BATS_TEST_TMPDIR/site-mri
	rm -rf "$world/round-2" "$world/round-3"
}

# play
play() {
	run python3 tests/worlds/play.py --erpgate "$program" --keep "$BATS_TEST_TMPDIR/site" "$world"
}

# change FILE: the last digit in it becomes another
change() {
	python3 - "$1" <<-'END'
	import re, sys
	data = open(sys.argv[1], "rb").read()
	at = [m.start() for m in re.finditer(rb"[0-9]", data)][-1]
	open(sys.argv[1], "wb").write(data[:at] + (b"1" if data[at:at + 1] != b"1" else b"2") + data[at + 1:])
	END
}

red() {
	[ "$status" -eq 1 ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 1 ]
	grep -q "^not ok.*$1" <<<"$output"
}

@test "unchanged, the copy is green" {
	play
	[ "$status" -eq 0 ]
	! grep -q '^not ok' <<<"$output"
}

@test "one changed byte of an expected file" {
	change "$world/round-1/expected/out/mri/MRI_CONTRACT_B000000.csv"
	play
	red MRI_CONTRACT
}

@test "an expected file that does not come" {
	cp "$world/round-1/expected/out/mri/MRI_CONTRACT_B000000.csv" "$world/round-1/expected/out/mri/MRI_DRAW_B000000.csv"
	play
	red MRI_DRAW
}

@test "a file that nobody expects" {
	rm "$world/round-1/expected/out/mri/MRI_CONTRACT_B000000.csv"
	play
	red MRI_CONTRACT
}

@test "one changed finding" {
	change "$world/round-1/expected/findings.csv"
	play
	red findings
}

@test "one changed state" {
	sed -i '0,/,synced,/s//,exported,/' "$world/round-1/expected/states.csv"
	play
	red states
}

@test "one changed byte of what is dropped" {
	sed -i 's/Mechanical/Mechanicol/' "$world"/round-1/in/procore/commitments_r1.*
	play
	red MRI_CONTRACT
}
