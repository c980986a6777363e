SRC_gateway += gateway/workflow/enrich.c gateway/workflow/batch.c gateway/workflow/batch_files.c gateway/workflow/publish.c gateway/workflow/decide.c \
  gateway/workflow/decide_unique.c gateway/workflow/rights.c gateway/workflow/sheet.c gateway/workflow/manifest.c gateway/workflow/manifest_take.c \
  gateway/workflow/manifest_rows.c gateway/workflow/manifest_sign.c gateway/workflow/act.c gateway/workflow/actions.c \
  gateway/workflow/merge.c gateway/workflow/suggest.c gateway/workflow/suggest_name.c gateway/workflow/link_code.c \
  gateway/workflow/adopt.c gateway/workflow/adopt_list.c gateway/workflow/adopt_due.c
SRC_gateway += gateway/workflow/period.c
