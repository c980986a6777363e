# Expected files, receipts, batches sent again or void, shadow mode.
SRC_gateway += gateway/expect_spec.c gateway/expect_conf.c gateway/expect.c gateway/expect_seq.c gateway/expect_tell.c gateway/store/store_expect.c gateway/cli/expect.c
SRC_gateway += gateway/receipt.c gateway/store/store_receipt.c
SRC_gateway += gateway/workflow/republish.c gateway/workflow/void.c gateway/seal_void.c gateway/cli/batch.c
SRC_gateway += gateway/workflow/shadow.c gateway/cli/shadow.c gateway/cli/shadow_rows.c gateway/cli/shadow_compare.c
