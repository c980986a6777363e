# Drop folders wherever they stand, a folder tried out, the crash test on the user's own disk.
SRC_gateway += gateway/cli/places.c gateway/cli/probe.c gateway/cli/selftest.c gateway/selftest/trace.c gateway/selftest/selftest.c gateway/selftest/selftest_world.c gateway/selftest/selftest_judge.c
