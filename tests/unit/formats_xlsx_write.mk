TESTS += test_xlsx_write test_xlsx_rows
USES_test_xlsx_write := formats base
USES_test_xlsx_rows := formats base
