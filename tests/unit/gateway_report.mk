TESTS += test_report
USES_test_report := gateway spool adapters formats base
