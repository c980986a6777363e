# SPDX-License-Identifier: MIT
# What the crash harness is made of besides Python: the shim that is preloaded, base/fs without a database, and mutants (tests/crash/mutants.py writes their
# sources and says MUTANT and MUTANT_SRC). A mutant's objects stand before the libraries, which then leave theirs out.
CRASH_O := build/crash
$(CRASH_O)/shim.so: tests/crash/shim.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 -g $(WARN) $(WERROR) -shared -fPIC -o $@ $< -ldl
$(O)/tests/bare: $(O)/tests/crash/bare.o $(O)/libbase.a
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS_base)

$(CRASH_O)/%.o: $(CRASH_O)/%.c FORCE
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -std=gnu17 $(HARDEN) -w -c -o $@ $<
MUTANT_OBJS := $(MUTANT_SRC:.c=.o)
crash-mutant: $(O)/gateway/main.o $(O)/tests/crash/bare.o $(MUTANT_OBJS) $(foreach m,gateway spool adapters formats base,$(O)/lib$(m).a)
	$(LINK) -o $(CRASH_O)/$(MUTANT)/erpgate $(O)/gateway/main.o $(MUTANT_OBJS) $(erpgate_LIBS) $(LIBS_gateway) $(LIBS_spool) \
	  $(LIBS_adapters) $(LIBS_formats) $(LIBS_base)
	$(LINK) -o $(CRASH_O)/$(MUTANT)/bare $(O)/tests/crash/bare.o $(filter $(CRASH_O)/$(MUTANT)/base/%,$(MUTANT_OBJS)) $(O)/libbase.a $(LIBS_base)
.PHONY: crash-mutant

# CRASH_TIME: seconds for each of the long campaigns. They go on where the last ones stopped, and add up as long as the sources stay the same.
CRASH_TIME ?= 3600
crash-parts: all $(O)/erpgate-watch $(O)/tests/bare $(CRASH_O)/shim.so
.PHONY: crash-parts
