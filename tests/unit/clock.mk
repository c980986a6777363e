TESTS += test_tz test_schedule test_period test_mail test_mail_message
USES_test_tz := base
USES_test_schedule := gateway spool adapters formats base
USES_test_period := gateway spool adapters formats base
USES_test_mail := gateway spool adapters formats base
USES_test_mail_message := gateway base
