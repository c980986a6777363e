TESTS += test_rights
USES_test_rights := gateway spool adapters formats base
