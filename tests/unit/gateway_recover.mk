TESTS += test_recover
USES_test_recover := gateway spool adapters formats base
