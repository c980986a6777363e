# Drops over which the core died.
SRC_gateway += gateway/workflow/attempt.c
