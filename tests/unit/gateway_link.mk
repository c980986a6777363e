TESTS += test_suggest test_merge test_adopt
USES_test_suggest := gateway spool adapters formats base
USES_test_merge := gateway spool adapters formats base
USES_test_adopt := gateway spool adapters formats base
