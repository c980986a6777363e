TESTS += test_store test_state test_match test_rules
USES_test_store := gateway spool adapters formats base
USES_test_state := gateway adapters base
USES_test_match := gateway spool adapters formats base
USES_test_rules := gateway spool adapters formats base
