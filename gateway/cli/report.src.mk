SRC_gateway += gateway/cli/report.c
