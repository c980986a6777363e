SRC_gateway += gateway/cli/cli.c gateway/cli/start.c gateway/cli/run.c gateway/cli/check.c gateway/cli/convert.c gateway/cli/document.c gateway/cli/watch.c gateway/cli/service.c gateway/cli/demo.c \
  gateway/cli/look.c gateway/cli/show.c gateway/cli/show_item.c gateway/cli/show_raw.c gateway/cli/lineage.c gateway/cli/why.c gateway/cli/why_cells.c gateway/cli/why_proof.c gateway/cli/why_not.c gateway/cli/diff.c gateway/cli/decide.c gateway/cli/act.c gateway/cli/adapters.c \
  gateway/cli/fixtures.c gateway/cli/fixtures_in.c gateway/cli/fixtures_out.c gateway/cli/tools.c gateway/cli/record_json.c gateway/cli/adapters_test.c \
  gateway/cli/adapters_explain.c gateway/cli/adapters_diff.c gateway/cli/diff_rows.c gateway/cli/cell_table.c gateway/cli/adapters_mapping.c gateway/cli/adapters_template.c \
  gateway/cli/audit.c gateway/cli/audit_find.c gateway/cli/audit_more.c gateway/cli/audit_keep.c gateway/cli/audit_export.c gateway/cli/audit_procedure.c gateway/cli/help.c gateway/cli/help_rules.c gateway/cli/link.c gateway/cli/link_many.c gateway/cli/adopt.c
SRC_gateway += gateway/cli/schedules.c gateway/cli/mail.c
SRC_gateway += gateway/cli/audit_verify.c gateway/cli/audit_log.c gateway/cli/audit_prove.c gateway/cli/audit_stamp.c gateway/cli/audit_stamped.c gateway/cli/stamps.c
SRC_gateway += gateway/cli/again.c gateway/cli/reprocess.c gateway/cli/reprocess_batch.c gateway/cli/replay.c gateway/cli/sealed.c gateway/cli/reproduce.c gateway/cli/reproduce_batch.c gateway/cli/whatif.c gateway/cli/whatif_read.c
