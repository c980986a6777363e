# SPDX-License-Identifier: MIT
#
#   make            builds ./erpgate, ./erpgate-watch and ./erpgate-signer
#   make demo       installs what is missing, builds, plays a sample night, says where to look
#   make check      installs what is missing, builds, runs every test; last line: N passed, N failed
#   make docs-generate  writes the tables of docs/ that the program makes of its own
#   make lint       include arrows, library headers, durable calls, sizes, docs against tables, scripts
#   make fuzz       every fuzzer for FUZZ_TIME seconds (600), or FUZZ="csv xml" only; the corpus accumulates in build/fuzz-corpus
#   make fuzz-coverage  how much of each parser that corpus reaches, as a table
#   make crash      kills, failing calls and power cuts for CRASH_TIME seconds each (3600); the figures accumulate in build/crash/results.json
#   make crash-mutants  eleven programs with one rule broken each, every one of which must be caught
#   make worlds     SEEDS=1..200: worlds from seeds against what an independent oracle expects of them
#   make flood      200,000 drops with an event queue of 16, and everything else that can happen to events
#   make sftp       1,000 uploads of each kind over the real SFTP server
#   make bench      throughput beside other tools on the same work, as ratios
#   make install    DESTDIR= prefix=/usr/local
#   make clean      removes build/ and the two programs
#
# BUILD = release (default) | debug | asan | clang | fuzz | cover | crash (fault points in base/fs).  Output goes to build/$(BUILD)/.
# Source lists stand in <module>/module.mk: libraries SRC_<module>, unit test programs TESTS.

BUILD ?= release
O := build/$(BUILD)
VERSION := 0.1.0

prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libexecdir ?= $(exec_prefix)/libexec/erpgate
datadir ?= $(prefix)/share
docdir ?= $(datadir)/doc/erpgate
unitdir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d
INSTALL ?= install
JOBS ?= $(shell nproc)

ifneq ($(filter clang fuzz cover,$(BUILD)),)
CC := clang
else ifeq ($(origin CC),default)
CC := gcc
endif

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
  -Wold-style-definition -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wnull-dereference \
  -Wdouble-promotion -Wimplicit-fallthrough -fno-common
ifeq ($(CC),gcc)
WARN += -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wformat-truncation=2 -Walloca
endif
WERROR ?= -Werror
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero -fno-strict-overflow -fPIE
FORTIFY := -D_FORTIFY_SOURCE=3
ifeq ($(CC),clang)
HARDEN := -fstack-protector-strong -fcf-protection -fno-strict-overflow -fPIE
FORTIFY := -D_FORTIFY_SOURCE=2
endif
OPT := -O2 -g
ifeq ($(BUILD),debug)
OPT := -Og -g
endif
ifneq ($(filter asan fuzz,$(BUILD)),)
OPT := -O1 -g1 -fno-omit-frame-pointer
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
FORTIFY := -DEG_SANITIZED=1
HARDEN := -fPIE
endif
ifeq ($(BUILD),fuzz)
SAN += -fsanitize=fuzzer-no-link
endif

ifeq ($(BUILD),crash)
CPPFLAGS += -DEG_FAULTS=1
endif
ifeq ($(BUILD),cover)
OPT := -O1 -g
SAN := -fprofile-instr-generate -fcoverage-mapping
FORTIFY :=
endif

XML_CFLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null | sed 's/-I/-isystem /g')
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DERPGATE_VERSION='"$(VERSION)"' -DERPGATE_DATADIR='"$(datadir)/erpgate"' \
  -DERPGATE_LIBEXECDIR='"$(libexecdir)"' -I. $(XML_CFLAGS) -include base/banned.h $(FORTIFY)
CFLAGS ?= $(OPT)
ALL_CFLAGS := -std=gnu17 $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) $(SAN) -MMD -MP
LINK = $(if $(V),,@echo "  LD  $@"; )$(CC) $(LDFLAGS)
LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(SAN)
LIBS_base := -lcrypto
LIBS_formats := -lcsv -lxml2 -larchive -lxlsxwriter -lz -lutf8proc
LIBS_adapters :=
LIBS_spool := -lcrypto -lz
LIBS_gateway := -lsqlite3 -ljansson -lsmartcols -lseccomp -lcrypto

MODULES := base formats adapters spool gateway
.DEFAULT_GOAL := all

include $(foreach m,$(MODULES),$(wildcard $(m)/module.mk))
include $(wildcard tests/module.mk)

# ccache, where it is installed and has a place to write.
ifeq ($(findstring ccache,$(CC))$(origin CCACHE),undefined)
CCACHE := $(shell test -w "$${CCACHE_DIR:-$$HOME}" && command -v ccache 2>/dev/null)
endif

# $(call objs,sources)
objs = $(patsubst %.c,$(O)/%.o,$(1))

define MODULE_LIB
$(O)/lib$(1).a: $$(call objs,$$(SRC_$(1)))
	@rm -f $$@; ar rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call MODULE_LIB,$(m))))

$(O)/%.o: %.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC  $<";)
	$(if $(V),,@)$(CCACHE) $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# A unit test: TESTS += test_csv, USES_test_csv := formats base (link order: upper modules first).
define TEST_PROG
$(O)/tests/$(1): $(O)/tests/unit/$(1).o $$(foreach m,$$(USES_$(1)),$(O)/lib$$(m).a)
	@mkdir -p $$(@D)
	$$(LINK) -o $$@ $$< $$(foreach m,$$(USES_$(1)),$(O)/lib$$(m).a) $$(foreach m,$$(USES_$(1)),$$(LIBS_$$(m))) -lcmocka
endef
$(foreach t,$(TESTS),$(eval $(call TEST_PROG,$(t))))
unit-tests: $(foreach t,$(TESTS),$(O)/tests/$(t))

erpgate_LIBS := $(foreach m,gateway spool adapters formats base,$(O)/lib$(m).a)
$(O)/erpgate: $(O)/gateway/main.o $(erpgate_LIBS)
	$(LINK) -o $@ $^ $(LIBS_gateway) $(LIBS_spool) $(LIBS_adapters) $(LIBS_formats) $(LIBS_base)
$(O)/erpgate-watch: $(O)/spool/watch_main.o $(O)/libbase.a
	$(LINK) -o $@ $^ -linotifytools $(LIBS_base)
$(O)/erpgate-signer: $(O)/spool/signer_main.o $(O)/libspool.a $(O)/libbase.a
	$(LINK) -o $@ $^ $(LIBS_spool) $(LIBS_base)

$(O)/bench/log-proofs: $(O)/bench/log.o
$(O)/bench/verify-bundles: $(O)/bench/verify.o
$(O)/bench/log-proofs $(O)/bench/verify-bundles: $(O)/libspool.a $(O)/libbase.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS_spool) $(LIBS_base)

all: erpgate erpgate-watch erpgate-signer
erpgate erpgate-watch erpgate-signer: %: $(O)/%
	@cp -f $< $@.new && mv -f $@.new $@

# Everything there is, compiled and not linked: for a second compiler's opinion.
objects: $(call objs,$(foreach m,$(MODULES),$(SRC_$(m))) gateway/main.c spool/watch_main.c spool/signer_main.c $(patsubst %,tests/unit/%.c,$(TESTS)))

# Version and paths are compiled in: others rebuild what names them.
PATHS := $(VERSION) $(datadir) $(libexecdir)
$(O)/paths: FORCE
	@mkdir -p $(@D); echo '$(PATHS)' | cmp -s - $@ || echo '$(PATHS)' >$@
$(call objs,$(shell grep -lE 'ERPGATE_(VERSION|DATADIR|LIBEXECDIR)' gateway/*.c gateway/*/*.c)): $(O)/paths

# ---- the two commands, and what they stand on ----

# What runs the programs as people do: bats files, and anything executable that speaks TAP.
SCENARIOS := $(sort $(wildcard tests/worlds/run tests/worlds/run-asan tests/crash/check tests/scenario/*.bats tests/scenario/*.py))
SUBMAKE = +@$(MAKE) --no-print-directory -j$(JOBS)

demo:
	@scripts/deps build
	$(SUBMAKE) BUILD=release O=build/release all
	@./erpgate demo

check:
	@scripts/deps build test
	$(SUBMAKE) BUILD=release O=build/release all unit-tests fuzzers crash-parts
	$(SUBMAKE) BUILD=asan O=build/asan unit-tests fuzzers build/asan/erpgate
	$(SUBMAKE) BUILD=clang O=build/clang objects
	@tests/run -j $(JOBS) tests/lint/run $(TESTS:%=build/release/tests/%) $(TESTS:%=build/asan/tests/%) \
	  $(FUZZERS:%=build/release/tests/fuzz_%) $(FUZZERS:%=build/asan/tests/fuzz_%) $(SCENARIOS)

lint:
	@tests/lint/run

# libFuzzer with the sanitizers of clang, one fuzzer after the other; tests/fuzz/run says what the variables mean.
fuzz:
	@scripts/deps build fuzz
	$(SUBMAKE) BUILD=fuzz O=build/fuzz fuzzers
	@FUZZ_TIME=$(FUZZ_TIME) FUZZ_SEEDS=$(FUZZ_SEEDS) tests/fuzz/run $(FUZZ)

fuzz-coverage:
	@scripts/deps build fuzz
	$(SUBMAKE) BUILD=cover O=build/cover fuzzers
	@tests/fuzz/coverage $(FUZZ)

# Kills, failing calls and power cuts at every changing call, judged from outside: tests/crash/README.md.
crash:
	@scripts/deps build test crash
	$(SUBMAKE) BUILD=release O=build/release crash-parts
	$(SUBMAKE) BUILD=crash O=build/crash-points build/crash-points/erpgate
	@tests/crash/all $(CRASH_TIME)

crash-mutants:
	@scripts/deps build test crash
	$(SUBMAKE) BUILD=release O=build/release crash-parts
	@tests/crash/run mutants

SEEDS ?= 1..200
worlds: all
	@tests/worlds/many $(SEEDS)

# Long runs of scenarios that make check plays small. FLOOD_DRAIN=1: until every one of them is sealed, too.
FLOOD ?= 200000
flood: all
	@scripts/deps build test
	@FLOOD=$(FLOOD) tests/scenario/watching.py
	@tests/scenario/starving.py

SFTP_EACH ?= 1000
sftp: all
	@scripts/deps build test
	@SFTP_EACH=$(SFTP_EACH) tests/scenario/sftp_ways.py
siege: all
	@SIEGE=all tests/scenario/siege_archives.py
	@SIEGE=all tests/scenario/siege_suites.py

# Every bit of a bundle and its side files, by sha256sum and openssl (make check: one bit of each byte).
flips: all
	@ERPGATE=$(O)/erpgate ERPGATE_EXHAUSTIVE=1 tests/scenario/stock_tools.py
# docs/auditor-walkthrough.md anew, with the answers of a site of 10,000 contracts (make check: the same commands on a smaller one).
walkthrough: all
	@ERPGATE=$(O)/erpgate tests/scenario/walkthrough.py --write

# The parts of documents that the program makes of its own tables.
docs-generate: $(O)/erpgate
	@scripts/docs-generate $(O)/erpgate $$(grep -lF '<!-- erpgate ' docs/*.md docs/*/*.md)

bench:
	@scripts/deps build bench
	$(SUBMAKE) BUILD=release O=build/release all
	@bench/run
	@bench/drops
	@bench/seal
	@$(MAKE) --no-print-directory $(O)/bench/log-proofs $(O)/bench/verify-bundles
	@bench/verify $(O)/bench/verify-bundles
	@mkdir -p $(O)/bench/log-10m; $(O)/bench/log-proofs $(O)/bench/log-10m; code=$$?; rm -rf $(O)/bench/log-10m; exit $$code

# ---- install ----

SHARED := $(sort $(wildcard adapters/*/*.adapter adapters/tables/*.csv))
SAMPLES := $(sort $(wildcard samples/*/*/*/*))
DOCS := README.md LICENSE $(sort $(wildcard docs/*.md docs/*/*.md))
UNITS := $(sort $(wildcard systemd/*.service systemd/*.timer systemd/*.socket))
# $(call put,mode,files,folder): each below its own path
put = $(foreach f,$(2),$(INSTALL) -D -m $(1) $(f) $(DESTDIR)$(3)/$(f) &&) true
# $(call fill,file,to): the same with this installation's paths in it
fill = mkdir -p $(DESTDIR)$(2) && sed 's|@bindir@|$(bindir)|g' $(1) >$(DESTDIR)$(2)/$(notdir $(1)) && chmod 644 $(DESTDIR)$(2)/$(notdir $(1))

install: all
	$(INSTALL) -D -m 755 erpgate $(DESTDIR)$(bindir)/erpgate
	$(INSTALL) -D -m 755 scripts/erpgate-sign $(DESTDIR)$(bindir)/erpgate-sign
	$(INSTALL) -D -m 755 scripts/erpgate-check-proof $(DESTDIR)$(datadir)/erpgate/erpgate-check-proof
	$(INSTALL) -D -m 755 erpgate-watch $(DESTDIR)$(libexecdir)/erpgate-watch
	$(INSTALL) -D -m 755 erpgate-signer $(DESTDIR)$(bindir)/erpgate-signer
	@$(call put,644,$(SHARED),$(datadir)/erpgate)
	@$(call put,644,$(SAMPLES),$(datadir)/erpgate)
	@$(call put,644,$(DOCS),$(docdir))
	@$(foreach u,$(UNITS),$(call fill,$(u),$(unitdir)) &&) true
	$(INSTALL) -D -m 644 systemd/sysusers.conf $(DESTDIR)$(sysusersdir)/erpgate.conf
	$(INSTALL) -D -m 644 systemd/tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/erpgate.conf
	$(INSTALL) -D -m 644 systemd/sshd-erpgate.conf $(DESTDIR)$(datadir)/erpgate/sshd-erpgate.conf
	$(INSTALL) -D -m 644 systemd/erpgate-mail.conf $(DESTDIR)$(datadir)/erpgate/erpgate-mail.conf

uninstall:
	rm -f $(addprefix $(DESTDIR)$(bindir)/,erpgate erpgate-sign erpgate-signer) $(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(UNITS)))
	rm -f $(DESTDIR)$(sysusersdir)/erpgate.conf $(DESTDIR)$(tmpfilesdir)/erpgate.conf
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir)/erpgate $(DESTDIR)$(docdir)

clean:
	rm -rf build erpgate erpgate-watch erpgate-signer

-include $(shell find $(O) -name '*.d' 2>/dev/null)

FORCE:
.PHONY: all unit-tests fuzzers objects demo check lint fuzz fuzz-coverage docs-generate crash crash-mutants worlds flood sftp siege flips walkthrough bench install uninstall clean FORCE
