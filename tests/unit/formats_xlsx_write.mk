TESTS += test_xlsx_write
USES_test_xlsx_write := formats base
