TESTS += test_bytes test_dec test_date test_fs test_ini test_spill
USES_test_bytes := base
USES_test_dec := base
USES_test_date := base
USES_test_spill := base
USES_test_fs := base
USES_test_ini := base
