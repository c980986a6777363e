TESTS += test_damage
USES_test_damage := adapters formats base
TESTS += test_repair
USES_test_repair := adapters formats base
