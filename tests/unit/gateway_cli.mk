TESTS += test_cli
USES_test_cli := gateway spool adapters formats base
TESTS += test_tools
USES_test_tools := gateway spool adapters formats base
