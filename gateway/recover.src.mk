# SPDX-License-Identifier: MIT
SRC_gateway += gateway/recover.c gateway/recover_table.c
SRC_gateway += gateway/disk.c gateway/clock.c gateway/cli/clock.c
