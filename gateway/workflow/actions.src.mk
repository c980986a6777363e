SRC_gateway += gateway/workflow/actions_table.c gateway/workflow/actions_ask.c gateway/workflow/actions_print.c gateway/workflow/actor.c gateway/workflow/separate.c
