TESTS += test_transitions
USES_test_transitions := gateway spool adapters formats base
