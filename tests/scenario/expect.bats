#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Expected files as people meet them: settings, expect, status. Moving clocks are in tests/unit/test_expect.c. The program is $ERPGATE (default ./erpgate).

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

@test "an expectation is made line by line, and says what it lacks" {
	eg config set expect.companies.source procore
	run eg expect
	[ "$status" -eq 2 ]
	[[ "$output" == *"companies is not watched"*"lacks its pattern"* ]]
	eg config set expect.companies.pattern 'companies_{n}.csv'
	eg config set expect.companies.days daily
	eg config set expect.companies.by '00:00 +1'
	eg config set expect.companies.sequence name
	run eg expect --json
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.name == "companies") | .state' <<<"$output")" = due ]
	for bad in 'days=someday' 'by=25:00' 'pattern={n}{n}' 'sequence=perhaps'; do
		run eg config set "expect.companies.${bad%%=*}" "${bad#*=}"
		[ "$status" -ne 0 ]
	done
}

@test "what comes is noted, what is skipped is told in expect and status" {
	setting 'expect.companies.source = procore' 'expect.companies.pattern = companies_{n}.csv' 'expect.companies.days = daily' 'expect.companies.by = 00:00 +1' \
		'expect.companies.sequence = name'
	for n in 1 4; do
		sed "s/Ltd/Ltd$n/; s/,Yes/,Yes/; \$s/\$/ /" samples/cmic/night-1/procore/companies.csv >"$SITE/spool/drop/procore/companies_$n.csv"
		echo "900$n,Company $n,C,Duluth,MN,US,Yes," >>"$SITE/spool/drop/procore/companies_$n.csv"
	done
	eg run >/dev/null || [ $? -eq 3 ]
	run eg expect --json
	[ "$status" -eq 2 ]
	[ "$(jq -c 'select(.name == "companies") | [.state, .number, .gaps]' <<<"$output")" = '["came",4,[[2,3]]]' ]
	eg status | grep -q 'Expected files .*2 numbers not there'
	eg findings --run last --json | jq -es 'map(select(.code == "F-76")) | length == 1'
}
