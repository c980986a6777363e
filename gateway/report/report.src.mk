SRC_gateway += gateway/report/table.c gateway/report/table_xlsx.c gateway/report/scope.c gateway/report/deciders.c gateway/report/accountant.c gateway/report/stuck.c \
  gateway/report/costs.c gateway/report/costs_collect.c gateway/report/aging.c gateway/report/budget.c gateway/report/lists.c gateway/report/reconcile.c gateway/report/paper.c gateway/report/procedure.c
