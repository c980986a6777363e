#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every command that acts asks first and ends 77 with the missing right and the command that gives it; what changes users, rights, settings, adapters and tables is in the log
# with what was before. The program is $ERPGATE (default ./erpgate); the person who plays owns the site, so rights are tried with --as.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	export PROGRAM SITE="$BATS_FILE_TMPDIR/site" KEYS="$BATS_FILE_TMPDIR" NIGHT="$PWD/samples/cmic/night-1"
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	unset ERPGATE_HOME
	"$PROGRAM" init "$SITE" --erp cmic
	eg config set settle.quiet 0s
	eg config set run.settle_timeout 5s
	for name in boss clerk reader; do
		openssl genpkey -algorithm ed25519 -out "$KEYS/$name.pem"
		openssl pkey -in "$KEYS/$name.pem" -pubout -out "$KEYS/$name.pub.pem"
	done
	eg users add boss --role admin --approve all --pubkey "$KEYS/boss.pub.pem" --full-name 'Bea Boss' --mail bea@example.com
	eg users add clerk --role standard --can-export commitment,invoice --pubkey "$KEYS/clerk.pub.pem"
	eg users add reader --role read --pubkey "$KEYS/reader.pub.pem"
	cp "$NIGHT"/procore/* "$SITE/spool/drop/procore/"
	cp "$NIGHT"/cmic/*.csv "$SITE/spool/drop/cmic/"
	eg run >/dev/null || [ $? -eq 3 ]
	# a commitment to act on
	eg queue --type commitment --json | jq -r 'select(.id != null) | .id' | head -n 1 >"$BATS_FILE_TMPDIR/id"
}

eg() {
	"$PROGRAM" -C "$SITE" "$@"
}

setup() {
	ID=$(cat "$BATS_FILE_TMPDIR/id")
}

# refused USER PART COMMAND…: 77, E-74, the part of the message, and the log as long as before
refused() {
	local user=$1 part=$2 before
	shift 2
	before=$(eg log --json | wc -l)
	run eg "$@" --as "$user"
	echo "$output"
	[ "$status" -eq 77 ] && [[ "$output" == *E-74* ]] && [[ "$output" == *"$part"* ]] && [ "$(eg log --json | wc -l)" -eq "$before" ]
}

drop_of() {
	eg log --json | jq -r "select(.event == \"received\" and .detail.source == \"$1\") | .id" | head -n 1
}

@test "a reader may change nothing, and is told what is missing" {
	for act in hold release; do
		refused reader "reader may not hold or release items: $ID. Missing: role standard. An administrator gives it: erpgate users grant reader --role standard" $act "$ID"
	done
	for act in retrieve resend; do
		refused reader "reader may not send, retrieve or resend items: $ID. Missing: role standard" $act "$ID"
	done
	refused reader "may not unlink a commitment: $ID. Missing: role standard and the right to export commitment" unlink "$ID"
	refused reader "erpgate users grant reader --role standard --can-export commitment" unlink "$ID"
	for act in archive unarchive; do
		refused reader "may not hold or release items: $ID" $act "$ID"
	done
	refused reader "may not link ERP companies. Missing: role admin" link vendor 2001 --erp-id V1
	refused reader "may not link ERP companies. Missing: role admin" link project 26-010 --erp-id J1
	refused reader "may not configure advanced settings. Missing: role admin" config set currency EUR
	refused clerk "may not configure the schedule. Missing: role admin" config set schedule.export never
	refused reader "may not switch direct exports. Missing: role admin and the right to export invoice" config set direct_export.invoice yes
	refused clerk "may not switch direct exports. Missing: role admin." config set direct_export.invoice yes
	refused reader "may not change users and rights. Missing: role admin" users add pat --role admin
	refused reader "may not change users and rights. Missing: role admin" users grant reader --role admin
	refused reader "may not change users and rights. Missing: role admin" users revoke clerk
	refused reader "may not refresh the companies list. Missing: role admin" ingest "$NIGHT/cmic/vendors.csv" --source cmic
	refused reader "may not send, retrieve or resend items. Missing: role standard" ingest "$NIGHT/procore/commitments.csv" --source procore
	refused reader "may not answer for the ERP by hand. Missing: role standard" ack "$NIGHT/cmic/vendors.csv"
	refused reader "may not refresh the companies list" reprocess "$(drop_of cmic)"
	refused reader "may not send, retrieve or resend items" reprocess "$(drop_of procore)"
}

@test "several items: a missing right stays 77 whatever else is refused" {
	run eg hold "$ID" commitment/none/none --as reader
	[ "$status" -eq 77 ]
	run eg hold commitment/none/none "$ID" --as reader
	[ "$status" -eq 77 ]
	run eg hold "$ID" commitment/none/none --as clerk
	[ "$status" -eq 3 ]
	eg release "$ID" --as clerk
}

@test "a standard user acts, an admin sets" {
	eg hold "$ID" --as clerk --reason 'asks the site'
	[ "$(eg log --json "$ID" | jq -r 'select(.event == "held") | .actor' | tail -n 1)" = clerk ]
	eg release "$ID" --as clerk
	refused clerk "clerk may not configure advanced settings. Missing: role admin. An administrator gives it: erpgate users grant clerk --role admin" config set currency EUR
	eg config set vendor_name_max 50 --as boss
	eg sheet -o "$BATS_TEST_TMPDIR/s.csv" --as reader
	eg sheet -o "$BATS_TEST_TMPDIR/s.csv" # the operator, without a name
}

@test "decisions name the type and its direction" {
	local budget
	budget=$(eg queue --json | jq -r 'select(.type == "budget") | .id' | head -n 1)
	[ -n "$budget" ]
	run eg approve "$budget" --as clerk --key "$KEYS/clerk.pem"
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"clerk may not accept or reject a budget: $budget. Missing: the right to export budget"*"erpgate users grant clerk --can-export budget"* ]]
	eg users grant clerk --can-export budget --limit 0.01
	run eg approve "$budget" --as clerk --key "$KEYS/clerk.pem"
	[ "$status" -eq 77 ]
	[[ "$output" == *"over clerk's limit"* ]]
	eg users grant clerk --limit none
	eg users revoke clerk --can-export budget
	[ "$(eg users list --json | jq -r 'select(.name == "clerk") | .can_export + " " + (.limit // "none")')" = "commitment,invoice none" ]
}

@test "names that nobody has, and revoked ones" {
	refused stranger "stranger is no user of this site and may not hold or release items. An administrator adds the name: erpgate users add stranger" hold "$ID"
	eg users add gone --role admin --approve all
	eg users revoke gone
	refused gone "the rights were revoked. An administrator can give them again: erpgate users grant gone" hold "$ID"
}

@test "users grant adds, revoke takes single rights, show says why not" {
	eg users add amy --role standard --approve invoice --tool commitments=admin --tool budget=read@26-010 --may send-budgets
	eg users grant amy --approve cco --can-import erp-vendor --full-name 'Amy Ä' --mail amy@example.com --summary no
	run jq -c 'select(.name == "amy") | [.approve, .can_import, .tools, .may, .full_name, .mail, .summary]' <(eg users list --json)
	[ "$output" = '["cco,invoice","cco,invoice,erp-vendor","budget=read@26-010,commitments=admin","send-budgets","Amy Ä","amy@example.com",false]' ]
	run jq -c 'select(.number == 6) | [.allowed, .missing, .grant]' <(eg users show amy --json)
	[ "$output" = '[false,"the right to export commitment (it can push to accounting)","erpgate users grant amy --can-export commitment"]' ]
	[ "$(eg users show amy --json | jq -r 'select(.number == 5) | .allowed')" = true ]
	[ "$(eg users show amy --json | tail -n 1 | jq -r .type)" = summary ]
	eg users revoke amy --approve invoice --tool budget@26-010 --may send-budgets
	run jq -c 'select(.name == "amy") | [.approve, .tools, .may, .active]' <(eg users list --json)
	[ "$output" = '["cco","commitments=admin","",true]' ]
	eg users grant amy --approve all
	eg users revoke amy --approve cco
	run jq -r 'select(.name == "amy") | .approve' <(eg users list --json)
	[[ ",$output," == *,commitment,* && ",$output," != *,cco,* && "$output" != all ]]
	eg users revoke amy
	[ "$(eg users show amy --json | jq -s 'map(select(.allowed == true)) | length')" = 0 ]
}

@test "wrong words are usage, and change nothing" {
	local before
	before=$(eg log --json | wc -l)
	for words in '--role chief' '--approve bananas' '--can-export erp-vendor' '--can-import invoice' '--tool hammer=admin' '--tool budget' '--tool budget=lots' '--tool budget=read@' \
		'--may fly' '--mail nobody' '--mail a@b@c' '--summary perhaps' '--limit much'; do
		# shellcheck disable=SC2086
		run eg users grant boss $words
		echo "$words: $status $output"
		[ "$status" -eq 64 ]
	done
	run eg users grant boss --mail $'a@b.c\nBcc: x@y.z'
	[ "$status" -eq 64 ]
	run eg users grant boss --full-name $'Bea\nBoss'
	[ "$status" -eq 64 ]
	run eg users revoke boss --role read
	[ "$status" -eq 64 ]
	run eg users grant nobody --role read
	[ "$status" -eq 66 ]
	run eg users show nobody
	[ "$status" -eq 66 ]
	run eg users grant boss --can-export erp-vendor
	[[ "$output" == *"--can-export names erp-vendor, which comes from the accounting system; use --can-import"* ]]
	[ "$(eg log --json | wc -l)" -eq "$before" ]
}

@test "the log tells users and settings with what was before" {
	eg users grant reader --role none --mail reader@example.com
	run jq -c 'select(.event == "user-changed" and .id == "reader") | [.detail.role, .detail.mail, .detail.before.role, .detail.before.mail]' <(eg log --json)
	[ "$(tail -n 1 <<<"$output")" = '["none","reader@example.com","read",null]' ]
	eg users grant reader --role read
	eg config set currency CAD --as boss
	run jq -c 'select(.event == "config" and .id == "currency") | [.actor, .detail.before, .detail.value]' <(eg log --json)
	[ "$(tail -n 1 <<<"$output")" = '["boss","USD","CAD"]' ]
	eg config set currency USD
	[ "$(eg log --json | jq -c 'select(.event == "config-changed")' | wc -l)" -eq 0 ] # commands log themselves
}

@test "the log tells settings, adapters and tables that were changed with an editor" {
	local me one two
	me=$(id -un)
	printf 'date_from = post\n' >>"$SITE/erpgate.conf"
	cp adapters/cmic/commitment.out.adapter "$SITE/adapters/mine.adapter"
	cp adapters/tables/cost_type.csv "$SITE/tables/"
	one=$(sha256sum <"$SITE/adapters/mine.adapter" | cut -d' ' -f1)
	eg run >/dev/null
	run jq -c 'select(.event == "config-changed") | [.actor, .id, .detail.keys, .detail.owner]' <(eg log --json)
	[ "$output" = "[\"$me\",\"erpgate.conf\",[{\"key\":\"date_from\",\"before\":\"reference\",\"value\":\"post\"}],\"$me\"]" ]
	run jq -c 'select(.event == "adapter-changed") | [.actor, .id, .detail.before, .detail.after, .detail.adapter]' <(eg log --json)
	[ "$output" = "[\"$me\",\"adapters/mine.adapter\",null,\"$one\",\"$(sed -n 's/^name *= *//p' adapters/cmic/commitment.out.adapter | head -n 1)\"]" ]
	[ "$(eg log --json | jq -r 'select(.event == "table-changed") | .id')" = tables/cost_type.csv ]
	printf '# a remark\n' >>"$SITE/adapters/mine.adapter"
	two=$(sha256sum <"$SITE/adapters/mine.adapter" | cut -d' ' -f1)
	eg hold "$ID" # any command that changes something looks, too
	eg release "$ID"
	run jq -c 'select(.event == "adapter-changed") | [.detail.before, .detail.after]' <(eg log --json)
	[ "$(tail -n 1 <<<"$output")" = "[\"$one\",\"$two\"]" ]
	[[ $(eg log --json | jq -r 'select(.event == "adapter-changed") | .detail.actor_is' | tail -n 1) == "owner of the file"* ]]
	rm "$SITE/adapters/mine.adapter" "$SITE/tables/cost_type.csv"
	sed -i '/^date_from/d' "$SITE/erpgate.conf"
	eg run >/dev/null
	run jq -c 'select(.id == "adapters/mine.adapter") | [.actor, .detail.before, .detail.after, .detail.owner]' <(eg log --json)
	[ "$(tail -n 1 <<<"$output")" = "[\"unknown\",\"$two\",null,null]" ]
	run jq -c 'select(.event == "config-changed") | .detail.keys' <(eg log --json)
	[ "$(tail -n 1 <<<"$output")" = '[{"key":"date_from","before":"post","value":"reference"}]' ]
	eg run >/dev/null
	[ "$(eg log --json | jq -c 'select(.event == "config-changed")' | wc -l)" -eq 2 ] # told once
	eg audit verify ALL
}

@test "separation: who took the file in, and who changed a setting, does not approve" {
	eg config set approvals.separate_editor yes
	run eg approve "$ID" --as boss --key "$KEYS/boss.pem"
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"boss changed the setting "*"Another approver must"* ]]
	local budget
	budget=$(eg queue --json | jq -r 'select(.type == "budget") | .id' | head -n 1)
	eg users grant boss --account "$(id -un)" # now what was edited by hand above is his
	run eg approve "$ID" --as boss --key "$KEYS/boss.pem"
	[[ "$output" == *"boss changed the adapter adapters/mine.adapter on "* ]] # it writes commitments
	run eg approve "$budget" --as boss --key "$KEYS/boss.pem"
	[[ "$output" == *"boss changed the table tables/cost_type.csv on "* ]] # and no budgets
	eg users grant boss --account ''
	eg config set approvals.separate_editor no
	eg config set approvals.separate_submitter yes
	sed 's/SC-021-01/SC-777-01/' "$NIGHT/procore/commitments.csv" >"$BATS_TEST_TMPDIR/by-hand.csv"
	eg ingest "$BATS_TEST_TMPDIR/by-hand.csv" --source procore --as clerk >/dev/null || [ $? -eq 3 ]
	[ "$(eg log --json | jq -r 'select(.event == "ingested") | .actor' | tail -n 1)" = clerk ]
	run eg approve commitment/26-021/SC-777-01 --as clerk --key "$KEYS/clerk.pem"
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"clerk dropped the file commitment/26-021/SC-777-01 is in"* ]]
	eg config set approvals.separate_submitter no
}

@test "another account: --as needs its key where signatures are required" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to play another account"
	command -v setpriv >/dev/null || skip "needs setpriv"
	local other=nobody
	chmod 755 "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
	cp -r "$SITE" "$BATS_FILE_TMPDIR/shared"
	chown -R 65534 "$BATS_FILE_TMPDIR/shared" "$KEYS/clerk.pem" "$KEYS/reader.pem"
	chown 0 "$BATS_FILE_TMPDIR/shared" # the folder stays root's: the other account is no operator
	chmod 777 "$BATS_FILE_TMPDIR/shared"
	as_other() {
		setpriv --reuid 65534 --regid 65534 --clear-groups "$PROGRAM" -C "$BATS_FILE_TMPDIR/shared" "$@"
	}
	as_other status >/dev/null || skip "the other account cannot reach the program or the site"
	run as_other hold "$ID"
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"Account $other belongs to no user of this site"*"erpgate users add NAME --account $other"* ]]
	run as_other hold "$ID" --as clerk
	[ "$status" -eq 77 ]
	[[ "$output" == *"Nothing proves that account $other is clerk"* ]]
	run as_other hold "$ID" --as clerk --key "$KEYS/reader.pem"
	[ "$status" -eq 77 ]
	as_other hold "$ID" --as clerk --key "$KEYS/clerk.pem"
	"$PROGRAM" -C "$BATS_FILE_TMPDIR/shared" users grant clerk --account $other
	as_other release "$ID"
	[ "$("$PROGRAM" -C "$BATS_FILE_TMPDIR/shared" log --json | jq -r 'select(.event == "released") | .actor' | tail -n 1)" = clerk ]
}

@test "help rights and the manual hold the same table" {
	diff <(eg help rights | sed '/^N none/,$d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}') <(sed -n '/^```/,/^```/p' docs/reference/rights.md | sed '/^```/d')
}
