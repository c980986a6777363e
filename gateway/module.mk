include $(wildcard gateway/*.src.mk gateway/*/*.src.mk)
