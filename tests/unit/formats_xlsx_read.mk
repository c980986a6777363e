# Unit tests of the workbook reader.
TESTS += test_xlsx_read
USES_test_xlsx_read := formats base
