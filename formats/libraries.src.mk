SRC_formats += formats/libraries.c
