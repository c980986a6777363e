TESTS += test_spool test_spool_claim test_spool_out test_sign test_bundle test_log
USES_test_spool := spool base
USES_test_spool_claim := spool base
USES_test_spool_out := spool base
USES_test_sign := spool base
USES_test_bundle := spool base
USES_test_log := spool base
