SRC_gateway += gateway/store/store_user.c gateway/store/store_decision.c gateway/store/store_batch.c gateway/store/store_report.c
SRC_gateway += gateway/store/store_find.c gateway/store/store_link.c
