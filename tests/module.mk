# Unit test programs: name, and the libraries each links (upper modules first). Every module keeps its own list.
include $(wildcard tests/unit/*.mk)
include $(wildcard tests/fuzz/*.mk)
include $(wildcard tests/crash/*.mk)
