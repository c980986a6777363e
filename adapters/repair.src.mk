SRC_adapters += adapters/repair.c adapters/repair_csv.c adapters/repair_xml.c adapters/repair_read.c adapters/damage.c adapters/accepted.c
