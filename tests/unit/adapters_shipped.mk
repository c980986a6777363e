TESTS += test_shipped test_shipped_out
USES_test_shipped := gateway spool adapters formats base
USES_test_shipped_out := gateway spool adapters formats base
