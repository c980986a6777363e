SRC_gateway += gateway/cli/users.c gateway/cli/users_take.c gateway/cli/users_show.c
