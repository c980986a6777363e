SRC_gateway += gateway/worker/frame.c gateway/worker/confine.c gateway/worker/child_read.c gateway/worker/child_write.c gateway/worker/parent.c
