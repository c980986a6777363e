TESTS += test_conserve
USES_test_conserve := gateway spool adapters formats base
# the program's calls are led to a writer and a core that lose a cent
$(O)/tests/test_conserve: LIBS_base += -Wl,--wrap=worker_write -Wl,--wrap=enrich
