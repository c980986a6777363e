TESTS += test_expect
USES_test_expect := gateway spool adapters formats base
