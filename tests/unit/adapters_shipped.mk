TESTS += test_shipped
USES_test_shipped := gateway spool adapters formats base
