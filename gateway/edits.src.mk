SRC_gateway += gateway/edits.c
