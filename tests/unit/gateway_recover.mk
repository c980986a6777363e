TESTS += test_recover test_clock
USES_test_recover := gateway spool adapters formats base
USES_test_clock := gateway spool adapters formats base
