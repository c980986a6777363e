# The fuzzers: FUZZERS += csv, USES_fuzz_csv := formats base (link order: upper modules first), source tests/fuzz/fuzz_csv.c.
# BUILD=fuzz links libFuzzer; every other build links replay.c, which plays the committed corpus.
FUZZERS := csv xml zip xlsx rows adapter read sheet frames conf record tz values log bundle key
USES_fuzz_csv := formats base
USES_fuzz_xml := formats base
USES_fuzz_zip := formats base
USES_fuzz_xlsx := formats base
USES_fuzz_rows := formats base
USES_fuzz_adapter := gateway spool adapters formats base
USES_fuzz_read := gateway spool adapters formats base
USES_fuzz_sheet := gateway spool adapters formats base
USES_fuzz_frames := gateway spool adapters formats base
USES_fuzz_conf := gateway adapters formats base
USES_fuzz_log := spool base
USES_fuzz_bundle := spool base
USES_fuzz_key := spool base
USES_fuzz_record := adapters formats base
USES_fuzz_tz := base
USES_fuzz_values := adapters formats base
# What some of them share.
PARTS_fuzz_adapter := fuzz_reading
PARTS_fuzz_read := fuzz_reading
PARTS_fuzz_sheet := fuzz_reading
PARTS_fuzz_frames := fuzz_reading
PARTS_fuzz_log := fuzz_archive
PARTS_fuzz_bundle := fuzz_archive

FUZZ_DRIVER := $(if $(filter fuzz,$(BUILD)),,$(O)/tests/fuzz/replay.o)
FUZZ_LDFLAGS := $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer)

define FUZZ_PROG
$(O)/tests/fuzz_$(1): $(foreach p,fuzz_$(1) $(PARTS_fuzz_$(1)) fuzz,$(O)/tests/fuzz/$(p).o) $(FUZZ_DRIVER) $$(foreach m,$$(USES_fuzz_$(1)),$(O)/lib$$(m).a)
	@mkdir -p $$(@D)
	$$(LINK) $(FUZZ_LDFLAGS) -o $$@ $$^ $$(foreach m,$$(USES_fuzz_$(1)),$$(LIBS_$$(m))) -lcmocka
endef
$(foreach f,$(FUZZERS),$(eval $(call FUZZ_PROG,$(f))))
fuzzers: $(foreach f,$(FUZZERS),$(O)/tests/fuzz_$(f))
