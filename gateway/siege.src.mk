# Confinement tried out, quotas of senders, what a worker could not write.
SRC_gateway += gateway/worker/proof.c gateway/quota.c gateway/workflow/batch_aside.c
