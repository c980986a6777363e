TESTS += test_rulebook test_field_rules
USES_test_rulebook := gateway spool adapters formats base
USES_test_field_rules := gateway spool adapters formats base
