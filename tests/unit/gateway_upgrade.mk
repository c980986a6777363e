TESTS += test_upgrade
USES_test_upgrade := gateway spool adapters formats base
