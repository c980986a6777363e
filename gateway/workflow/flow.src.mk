SRC_gateway += gateway/workflow/unlink.c gateway/workflow/history.c gateway/workflow/diff_budget.c gateway/workflow/direct.c gateway/report/chain.c \
  gateway/cli/help_states.c gateway/cli/look_chain.c gateway/cli/show_requests.c
