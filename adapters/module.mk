include $(wildcard adapters/*.src.mk)
