SRC_gateway += gateway/store/store_reject.c gateway/repair.c gateway/repair_kit.c gateway/repair_warn.c gateway/repair_also.c gateway/near.c gateway/worker/repair.c
