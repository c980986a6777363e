#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Two erpgate on one site: the second refuses politely (75) and says who has the site, and killing the holder frees it at once. The program is $ERPGATE
# (default ./erpgate).

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	PROGRAM=$(realpath "${ERPGATE:-./erpgate}")
	SITE="$BATS_TEST_TMPDIR/site"
	unset ERPGATE_HOME
	"$PROGRAM" init "$SITE" --erp cmic >/dev/null
	printf 'settle.quiet = 0s\nrun.settle_timeout = 120s\nwatch.rescan = 1s\napprovals.require_signature = no\n' >>"$SITE/erpgate.conf"
}

teardown() {
	[ -z "${HOLDER:-}" ] || kill -9 "$HOLDER" 2>/dev/null || true
}

eg() {
	"$PROGRAM" -C "$SITE" "$@"
}

# Up to 10 s for something that comes by itself.
eventually() {
	local tries=100
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# A run that keeps the site: a file whose end does not come.
hold_by_run() {
	printf '<?xml version="1.0"?><commitments>' >"$SITE/spool/drop/procore/open.xml"
	"$PROGRAM" -C "$SITE" run >/dev/null 2>&1 3>&- &
	HOLDER=$!
	eventually grep -qs "erpgate run, process $HOLDER" "$SITE/spool/lock"
}

hold_by_watch() {
	"$PROGRAM" -C "$SITE" watch >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	HOLDER=$!
	eventually grep -q "End it" "$BATS_TEST_TMPDIR/said"
	eventually flock -n "$SITE/spool/lock" true # its first turn is over
}

refused() {
	run --separate-stderr "$PROGRAM" -C "$SITE" "$@"
	[ "$status" -eq 75 ]
	[[ "$stderr" == *LOCKED* ]]
}

@test "run beside run: refused, with the command, the process and since when" {
	hold_by_run
	refused run
	[[ "$stderr" == *"erpgate run, process $HOLDER, since 20"*Z* ]]
	refused run --json
	jq -e '.code == "LOCKED" and .exit == 75' <<<"$stderr" >/dev/null
}

@test "run beside watch: refused, and told where files go" {
	hold_by_watch
	refused run
	[[ "$stderr" == *"erpgate watch, process $HOLDER, since 20"* ]]
	[[ "$stderr" == *"$SITE/spool/drop"* ]]
	refused ingest --source procore LICENSE
}

@test "watch beside watch: refused" {
	hold_by_watch
	refused watch
	[[ "$stderr" == *"erpgate watch, process $HOLDER, since 20"* ]]
}

@test "watch and decide beside a run that lasts: refused after their patience, nothing is changed" {
	hold_by_run
	before=$(eg log | wc -l)
	refused users add alex --role standard --approve all
	[[ "$stderr" == *"process $HOLDER"* ]]
	[ "$(eg log | wc -l)" -eq "$before" ]
	refused watch
	[[ "$stderr" == *"erpgate run, process $HOLDER"* ]]
}

@test "a decision beside watch is taken between its turns; reading needs no lock" {
	hold_by_watch
	eg users add alex --role standard --approve all
	eg status >/dev/null
	eg queue >/dev/null
	eg doctor >/dev/null
}

@test "kill -9 of the holder frees the site at once, whatever its note says" {
	for hold in hold_by_run hold_by_watch; do
		$hold
		kill -9 "$HOLDER"
		wait "$HOLDER" 2>/dev/null || true
		rm -f "$SITE/spool/drop/procore/open.xml"
		grep -q "erpgate" "$SITE/spool/lock"
		eg run >/dev/null
	done
}
