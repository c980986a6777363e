TESTS += test_fs_kind test_far
USES_test_fs_kind := spool base
USES_test_far := spool base
# the kind of a file system is put in the kernel's mouth
$(O)/tests/test_fs_kind: LIBS_base += -Wl,--wrap=fstatfs64
TESTS += test_selftest
USES_test_selftest := gateway spool adapters formats base
