TESTS += test_semdiff
USES_test_semdiff := gateway spool adapters formats base
