SRC_gateway += gateway/workflow/state.c gateway/workflow/match.c gateway/workflow/match_item.c gateway/workflow/book.c gateway/workflow/answer.c gateway/workflow/codes.c \
  gateway/workflow/world.c gateway/workflow/world_refs.c gateway/workflow/link.c gateway/workflow/rules.c gateway/workflow/rules_refs.c gateway/workflow/rules_codes.c \
  gateway/workflow/rules_parents.c gateway/workflow/rules_costs.c gateway/workflow/rules_owner.c
SRC_gateway += gateway/workflow/field_rules.c gateway/workflow/rules_site.c gateway/workflow/accept_check.c gateway/workflow/rulebook.c gateway/workflow/rulebook_setup.c gateway/workflow/rulebook_money.c gateway/workflow/rulebook_gateway.c
