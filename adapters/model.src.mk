SRC_adapters += adapters/model.c adapters/model_project.c adapters/model_contract.c adapters/model_from_erp.c adapters/model_row.c adapters/record.c
