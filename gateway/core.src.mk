SRC_gateway += gateway/conf.c gateway/rule_key.c gateway/site.c gateway/sources.c gateway/cycle.c gateway/arrive.c gateway/arrive_group.c gateway/ingest.c gateway/intake.c gateway/intake_claim.c gateway/seal.c gateway/seal_members.c \
  gateway/seal_drop.c gateway/seal_manifest.c gateway/seal_batch.c gateway/report/why.c gateway/report/names.c
SRC_gateway += gateway/conf_value.c gateway/schedule.c gateway/schedule_spec.c
SRC_gateway += gateway/keep.c gateway/keep_rebuild.c gateway/keep_beyond.c gateway/keep_time.c gateway/expire.c gateway/db_check.c gateway/cli/db.c
SRC_gateway += gateway/reread.c gateway/variant.c gateway/rehearse.c gateway/semdiff.c gateway/seal_inputs.c gateway/seal_lineage.c gateway/seal_records.c gateway/seal_evidence.c gateway/seal_software.c gateway/seal_readme.c gateway/workflow/conserve.c gateway/origins.c gateway/workflow/batch_inputs.c
SRC_gateway += gateway/seal_page.c gateway/seal_page_drop.c gateway/seal_page_batch.c gateway/seal_page_void.c gateway/archive_pages.c gateway/report/page.c
