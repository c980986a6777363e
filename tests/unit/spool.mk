TESTS += test_spool test_fs_group test_claim_group test_sign test_bundle test_log test_log_proof
USES_test_spool := spool base
USES_test_sign := spool base
USES_test_bundle := spool base
USES_test_log := spool base
USES_test_fs_group := spool base
USES_test_claim_group := spool base
USES_test_log_proof := gateway spool adapters formats base
