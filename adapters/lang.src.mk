SRC_adapters += adapters/set.c adapters/table.c adapters/lang_parse.c adapters/lang_keys.c adapters/lang_adapter.c adapters/lang_file.c adapters/lang_in.c adapters/lang_out.c adapters/lang_entry.c \
  adapters/lang_rule.c adapters/lang_atom.c adapters/lang_source.c adapters/lang_source_run.c adapters/lang_step.c adapters/lang_step_args.c adapters/lang_step_choose.c adapters/lang_step_run.c adapters/lang_step_text.c adapters/lang_expr.c adapters/lang_func.c adapters/lang_eval.c \
  adapters/lang_value.c adapters/lang_pattern.c adapters/pattern.c adapters/lang_scan.c adapters/lang_diag.c
