include $(wildcard formats/*.src.mk)
