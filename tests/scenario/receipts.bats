#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Receipts to senders: what they say, that openssl finds them genuine, and that no name leads them astray. The program is $ERPGATE (default ./erpgate).

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

receipt() {
	ls "$SITE/spool/receipts/procore/$1".D*.receipt
}

@test "off unless asked for" {
	cp samples/cmic/night-1/procore/companies.csv "$SITE/spool/drop/procore/"
	eg run >/dev/null
	[ ! -e "$SITE/spool/receipts" ]
}

@test "taken, refused and duplicate files have one each, and openssl finds them genuine" {
	setting 'source.procore.receipts = yes'
	cp samples/cmic/night-1/procore/companies.csv "$SITE/spool/drop/procore/"
	echo nonsense >"$SITE/spool/drop/procore/bad name?.csv"
	eg run >/dev/null || [ $? -eq 3 ]
	cp samples/cmic/night-1/procore/companies.csv "$SITE/spool/drop/procore/again.csv"
	eg run >/dev/null
	[ "$(find "$SITE/spool/receipts/procore" -name '*.receipt' | wc -l)" = 3 ]
	for f in "$SITE"/spool/receipts/procore/*.receipt; do
		openssl pkeyutl -verify -pubin -inkey "$SITE/keys/gateway.pub.pem" -rawin -in "$f" -sigfile "$f.sig"
	done
	jq -e '.verdict == "accepted" and .records.taken == 3 and .records.rejected == 0' "$(receipt companies.csv)"
	jq -e '.verdict == "refused" and .reasons[0].code == "F-01" and .name == "bad name?.csv"' "$(receipt 'bad%20name%3F.csv')"
	jq -e --arg of "$(jq -r .drop "$(receipt companies.csv)")" '.verdict == "duplicate" and .duplicate_of == $of' "$(receipt again.csv)"
	# each agrees with the bundle and the place in the log that it names
	f=$(receipt companies.csv)
	[ "$(sha256sum "$SITE/archive/$(jq -r .bundle.path "$f")" | cut -d' ' -f1)" = "$(jq -r .bundle.sha256 "$f")" ]
	eg log --json | jq -es --argjson n "$(jq .log "$f")" 'map(select(.index == $n and .event == "archived")) | length == 1'
}

@test "what the sender removed stays removed; what a crash left is made again, byte for byte" {
	setting 'receipts = yes'
	cp samples/cmic/night-1/procore/companies.csv "$SITE/spool/drop/procore/"
	eg run >/dev/null
	f=$(receipt companies.csv)
	cp "$f" "$BATS_TEST_TMPDIR/first"
	rm "$f" "$f.sig"
	eg run >/dev/null
	[ ! -e "$f" ]
	# as a crash between the files and their note leaves it
	python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("UPDATE receipt SET at = NULL"); d.commit()' "$SITE/state.db"
	eg run >/dev/null
	cmp "$f" "$BATS_TEST_TMPDIR/first"
}

@test "a folder in a receipt's place costs that receipt and nothing else" {
	setting 'receipts = yes'
	mkdir -p "$SITE/spool/receipts/procore/companies.csv.D000001.receipt/x"
	cp samples/cmic/night-1/procore/companies.csv "$SITE/spool/drop/procore/"
	eg run >/dev/null
	eg log --json | jq -es 'map(select(.event == "receipt-failed" and .id == "D000001")) | length == 1'
	eg run >/dev/null
}
