TESTS += test_record test_adp_read test_adp_write
USES_test_record := adapters formats base
USES_test_adp_read := adapters formats base
USES_test_adp_write := adapters formats base
