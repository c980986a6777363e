TESTS += test_adp_lang test_adp_faults test_adp_set test_adp_expr test_adp_step
USES_test_adp_lang := adapters formats base
USES_test_adp_faults := adapters formats base
USES_test_adp_set := adapters formats base
USES_test_adp_expr := adapters formats base
USES_test_adp_step := adapters formats base
