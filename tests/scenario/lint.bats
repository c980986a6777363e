#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The checks of the source must be able to fail: each gets a small tree with the fault it is there for.

setup() {
	lint="$BATS_TEST_DIRNAME/../lint"
	cd "$BATS_TEST_TMPDIR" || exit 1
	mkdir -p base formats spool gateway/store
	head='/* SPDX-License-Identifier: MIT */'
}

# refused CHECK TEXT...: the check fails and says each text
refused() {
	local check=$1 text
	shift
	run "$lint/$check"
	[ "$status" -ne 0 ]
	for text in "$@"; do
		[[ "$output" == *"$text"* ]] || {
			echo "missing: $text"
			echo "$output"
			return 1
		}
	done
}

@test "an include against the arrows is refused" {
	printf '%s\n' "$head" '#include "spool/spool.h"' >formats/a.c
	printf '%s\n' "$head" '#include "base/b.h"' >gateway/b.c
	refused arrows "formats/a.c:2: formats may not include spool/spool.h"
	[[ "$output" != *gateway/b.c* ]]
}

@test "a library header outside its wrapper and a header without its folder are refused" {
	printf '%s\n' "$head" '#include <sqlite3.h>' '#include "site.h"' >gateway/a.c
	printf '%s\n' "$head" '#include <sqlite3.h>' >gateway/store/b.c
	refused arrows "gateway/a.c:2: <sqlite3.h> belongs to gateway/store/" "gateway/a.c:3:"
	[[ "$output" != *store/b.c* ]]
}

@test "a durable call outside base/fs is refused, in a comment or a text it is not" {
	printf '%s\n' "$head" 'int f(int d) {' '/* rename(a, b) */ g("unlink(x)");' 'return openat(d, "x", O_WRONLY | O_CREAT, 0600);' '}' >spool/a.c
	printf '%s\n' "$head" 'int f(void) { return rename("a", "b"); }' >base/fs.c
	refused durable "spool/a.c:4: O_CREAT"
	[ "${#lines[@]}" -eq 1 ]
}

@test "a header that needs another before it is refused" {
	printf '%s\n' "$head" 'int f(size_t n);' >base/a.h
	printf '%s\n' "$head" '#include <stddef.h>' 'int f(size_t n);' >base/b.h
	refused headers "base/a.h: does not compile alone"
	[[ "$output" != *base/b.h* ]]
}

@test "long files and functions are refused, a rather long function is named" {
	{
		printf '%s\n' "$head" 'int' 'long_one(void)' '{'
		yes '	x();' | head -n 101
		printf '%s\n' '}' 'int' 'fair_one(void)' '{'
		yes '	x();' | head -n 61
		echo '}'
	} >base/a.c
	yes '/* line */' | head -n 801 >base/b.c
	refused sizes "long_one has 101 lines" "note base/a.c:109: fair_one has 61 lines" "base/b.c: 801 lines"
}

@test "unfinished work and a file without licence line are refused" {
	printf '%s\n' "$head" '/* TODO: later */' >base/a.c
	echo 'int x;' >base/b.c
	refused words "base/a.c:2:" "base/b.c: no line"
	[[ "$output" != *"base/a.c: no line"* ]]
}

@test "the runner counts what passes and fails, and a program that dies" {
	local root="$BATS_TEST_DIRNAME/../.."
	printf '#!/bin/sh\necho 1..4; echo ok 1; echo "not ok 2 - wrong"; echo "ok 3 # skip no reason"; echo "not ok 4 # SKIP other"\n' >mixed
	printf '#!/bin/sh\necho 1..4; echo ok 1; exit 1\n' >dies
	printf '#!/bin/sh\nexit 0\n' >silent
	printf '#!/bin/sh\necho 1..1; echo ok 1\n' >good
	chmod +x mixed dies silent good
	export TEST_LOGS="$BATS_TEST_TMPDIR/logs"
	run "$root/tests/run" "$PWD/mixed" "$PWD/dies" "$PWD/silent" "$PWD/good"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "3 passed, 3 failed" ]
	run "$root/tests/run" "$PWD/good"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
	run "$root/tests/run" "$PWD/absent"
	[ "$status" -eq 1 ]
}

@test "a connector map that names what is not there, gives no reason or lacks a row is refused" {
	mkdir -p adapters/cmic adapters/procore docs/reference tests/lint
	printf '%s\n' '[columns]' 'BP_CODE = erp.vendor' >adapters/cmic/vendor.out.adapter
	printf '%s\n' '[fields]' 'vendor.name = "Name"' >adapters/procore/companies.adapter
	printf '%s\n' 'system,object,field,direction' 'CMiC,Companies,name,E' 'CMiC,Companies,fax,E' 'CMiC,Companies,code,B' 'CMiC,Companies,web,E' >tests/lint/connector-rows.csv
	# shellcheck disable=SC2016
	printf '%s\n' '## CMiC' '### Companies' '| field | direction | carried by |' '| --- | --- | --- |' \
		'| name | E | `procore/companies`: Name → `cmic/vendor.out`: BP_NAME |' '| code | B | `cmic/vendor.out`: BP_CODE |' \
		'| fax | E | not synced: nobody asked |' '| phone | E | `cmic/vendors.out`: PHONE; I not synced: not there (layouts 1) |' >docs/reference/connector-map.md
	refused connector-map "cmic/vendor.out has no column BP_NAME" "nothing carries it from it" "a reason reads" "there is no adapter cmic/vendors.out" "CMiC, Companies: web is missing" \
		"phone is not in"
}
