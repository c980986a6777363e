# Unit tests of the XML and container readers and of the XML writer.
TESTS += test_xml_read test_xml_suites test_xml_write test_zip test_zip_refused test_zip_suites test_gzip
USES_test_xml_read := formats base
USES_test_xml_suites := formats base
USES_test_xml_write := formats base
USES_test_zip := formats base
USES_test_zip_refused := formats base
USES_test_zip_suites := formats base
USES_test_gzip := formats base
