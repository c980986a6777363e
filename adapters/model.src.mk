SRC_adapters += adapters/model.c adapters/record.c
