SRC_gateway += gateway/workflow/enrich.c gateway/workflow/batch.c gateway/workflow/decide.c gateway/workflow/rights.c gateway/workflow/sheet.c gateway/workflow/manifest.c gateway/workflow/act.c
