TESTS += test_conf test_frame test_worker test_manifest test_decide test_batch test_sheet
USES_test_conf := gateway adapters formats base
USES_test_frame := gateway base
USES_test_worker := gateway spool adapters formats base
USES_test_manifest := gateway spool adapters formats base
USES_test_decide := gateway spool adapters formats base
USES_test_batch := gateway spool adapters formats base
USES_test_sheet := gateway spool adapters formats base
