# Public suites beside the tree that no other test plays.
TESTS += test_corpora
USES_test_corpora := gateway spool adapters formats base
