# SPDX-License-Identifier: MIT
# What the crash harness is made of besides Python: the shim that is preloaded, and base/fs without a database.
CRASH_O := build/crash
$(CRASH_O)/shim.so: tests/crash/shim.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 -g $(WARN) $(WERROR) -shared -fPIC -o $@ $< -ldl
$(O)/tests/bare: $(O)/tests/crash/bare.o $(O)/libbase.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_base)
