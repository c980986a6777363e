TESTS += test_tz
USES_test_tz := base
