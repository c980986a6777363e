#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What `make install` puts where, and that the systemd units hold and are tight. Nothing here needs root or a running systemd.

setup_file() {
	export ROOT="$BATS_FILE_TMPDIR/root"
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	make --no-print-directory install DESTDIR="$ROOT" >"$BATS_FILE_TMPDIR/install.log" 2>&1
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit 1
	units="$ROOT/usr/local/lib/systemd/system"
}

@test "programs, adapters, tables, samples and documents are installed" {
	local file
	[ -x "$ROOT/usr/local/bin/erpgate" ]
	[ -x "$ROOT/usr/local/bin/erpgate-sign" ]
	[ -x "$ROOT/usr/local/bin/erpgate-signer" ]
	[ -x "$ROOT/usr/local/libexec/erpgate/erpgate-watch" ]
	for file in adapters/*/*.adapter adapters/tables/*.csv; do
		cmp "$file" "$ROOT/usr/local/share/erpgate/$file"
	done
	[ -e "$ROOT/usr/local/share/erpgate/samples/cmic/night-1/procore/commitments.xml" ]
	for file in README.md LICENSE docs/ADAPTERS.md docs/reference/findings.md docs/roles/approver.md; do
		cmp "$file" "$ROOT/usr/local/share/doc/erpgate/$file"
	done
}

@test "the installed program runs" {
	run "$ROOT/usr/local/bin/erpgate" --version
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^erpgate\ [0-9] ]]
}

@test "nothing that is installed points into the build tree" {
	run grep -rlF "$PWD/" "$ROOT/usr/local/lib" "$ROOT/usr/local/share"
	[ "$status" -eq 1 ]
	run grep -rF '@bindir@' "$units"
	[ "$status" -eq 1 ]
	grep -q '^ExecStart=/usr/local/bin/erpgate watch$' "$units/erpgate.service"
}

@test "uninstall leaves nothing behind" {
	local copy="$BATS_TEST_TMPDIR/copy"
	cp -a "$ROOT" "$copy"
	make --no-print-directory uninstall DESTDIR="$copy" >/dev/null
	run find "$copy" -type f
	[ -z "$output" ]
}

@test "erpgate-sign makes a signature that plain openssl checks" {
	cd "$BATS_TEST_TMPDIR"
	openssl genpkey -algorithm ed25519 -out me.pem
	openssl pkey -in me.pem -pubout -out me.pub.pem
	echo 'Decision,Item' >"a sheet.csv"
	"$ROOT/usr/local/bin/erpgate-sign" me.pem "a sheet.csv"
	openssl pkeyutl -verify -rawin -pubin -inkey me.pub.pem -in "a sheet.csv" -sigfile "a sheet.csv.sig"
	echo 'Decision,item' >"a sheet.csv"
	run openssl pkeyutl -verify -rawin -pubin -inkey me.pub.pem -in "a sheet.csv" -sigfile "a sheet.csv.sig"
	[ "$status" -ne 0 ]
	run "$ROOT/usr/local/bin/erpgate-sign" me.pem
	[ "$status" -eq 64 ]
}

@test "systemd finds no fault in the units" {
	command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
	# the installed paths exist only below DESTDIR: ask about the same units with those
	local copy="$BATS_TEST_TMPDIR/units"
	mkdir "$copy"
	local unit
	for unit in "$units"/erpgate*; do
		sed "s|=/usr/local/bin/|=$ROOT/usr/local/bin/|" "$unit" >"$copy/$(basename "$unit")"
	done
	run systemd-analyze verify "$copy"/*.service "$copy"/*.timer "$copy"/*.socket
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "the services are exposed by no more than 1.5" {
	command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
	local unit
	for unit in "$units"/*.service; do
		run systemd-analyze security --offline=yes --threshold=15 "$unit"
		echo "$output"
		[ "$status" -eq 0 ]
	done
}

@test "sshd takes the drop-in for SFTP senders" {
	local sshd
	sshd=$(PATH="$PATH:/usr/sbin:/sbin" command -v sshd) || skip "sshd is not installed"
	# sshd asks for its own folder even when it only checks
	[ -d /run/sshd ] || { [ "$(id -u)" -eq 0 ] && mkdir -p /run/sshd; } || skip "sshd has no /run/sshd here"
	cd "$BATS_TEST_TMPDIR"
	ssh-keygen -q -t ed25519 -N '' -f hostkey
	printf 'HostKey %s/hostkey\nInclude %s\n' "$PWD" "$ROOT/usr/local/share/erpgate/sshd-erpgate.conf" >sshd_config
	"$sshd" -t -f "$PWD/sshd_config"
}

@test "a drop folder may be a link to a sender's cage beside the site" {
	local erpgate="$PWD/erpgate" samples="$PWD/samples/cmic/night-1"
	cd "$BATS_TEST_TMPDIR"
	mkdir -p sftp/procore/inbox
	"$erpgate" init site --erp cmic
	"$erpgate" -C site config set settle.quiet 0s
	rmdir site/spool/drop/procore
	ln -s "$PWD/sftp/procore/inbox" site/spool/drop/procore
	cp "$samples/procore/companies.csv" sftp/procore/inbox/
	run "$erpgate" -C site run
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *procore/companies.csv*"3 records"* ]]
	[ -z "$(ls -A sftp/procore/inbox)" ]
}

@test "scripts/deps does nothing when everything is there, and knows its words" {
	# a stand-in that finds every package, and an apt-get that must not be called
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nprintf installed\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
	printf '#!/bin/sh\necho called; exit 1\n' >"$BATS_TEST_TMPDIR/bin/apt-get"
	chmod +x "$BATS_TEST_TMPDIR"/bin/*
	PATH="$BATS_TEST_TMPDIR/bin:$PATH" run scripts/deps build test bench
	[ "$status" -eq 0 ]
	[ "$output" = "deps: everything for build test bench is there" ]
	run scripts/deps everything
	[ "$status" -eq 64 ]
}

@test "scripts/deps asks for what is missing, update first, through sudo when not root" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nfor last; do :; done\n[ "$last" != bats ] || exit 1\nprintf installed\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
	printf '#!/bin/sh\necho 1000\n' >"$BATS_TEST_TMPDIR/bin/id"
	printf '#!/bin/sh\necho "sudo $*"\n' >"$BATS_TEST_TMPDIR/bin/sudo"
	chmod +x "$BATS_TEST_TMPDIR"/bin/*
	PATH="$BATS_TEST_TMPDIR/bin:$PATH" run scripts/deps build test </dev/null
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"deps: missing: bats"*"apt-get -q update"*"apt-get -q install -y --no-install-recommends bats"* ]]
	[[ "$output" != *libxml2* ]]
	rm "$BATS_TEST_TMPDIR/bin/sudo"
	ln -s "$(command -v sh)" "$(command -v dirname)" "$BATS_TEST_TMPDIR/bin/"
	PATH="$BATS_TEST_TMPDIR/bin" run scripts/deps build test </dev/null
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"as root: apt-get install bats"* ]]
}
