TESTS += test_tz test_schedule
USES_test_tz := base
USES_test_schedule := gateway spool adapters formats base
