TESTS += test_cli
USES_test_cli := gateway spool adapters formats base
