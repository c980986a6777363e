TESTS += test_transitions test_diff_budget test_unlink test_direct test_chain
USES_test_transitions := gateway spool adapters formats base
USES_test_diff_budget := gateway spool adapters formats base
USES_test_unlink := gateway spool adapters formats base
USES_test_direct := gateway spool adapters formats base
USES_test_chain := gateway spool adapters formats base
