TESTS += test_shipped
USES_test_shipped := adapters formats base
