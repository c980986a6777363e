TESTS += test_aside
USES_test_aside := gateway spool adapters formats base
# calls of the worker are led to the test's own children
$(O)/tests/test_aside: LIBS_base += -Wl,--wrap=worker_write -Wl,--wrap=worker_accept -Wl,--wrap=worker_read
