# Drop folders wherever they stand, a folder tried out, the crash test on the user's own disk.
SRC_gateway += gateway/cli/places.c
