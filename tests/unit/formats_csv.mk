TESTS += test_csv_read test_csv_write test_csv_corpora test_text
USES_test_csv_read := formats base
USES_test_csv_write := formats base
USES_test_csv_corpora := formats base
USES_test_text := formats base
# the expectations of the public suites are JSON
$(O)/tests/test_csv_corpora: LIBS_base += -ljansson
