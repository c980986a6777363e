TESTS += test_keep
USES_test_keep := gateway spool adapters formats base
