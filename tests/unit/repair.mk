TESTS += test_damage
USES_test_damage := adapters formats base
