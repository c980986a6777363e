SRC_formats += formats/src.c formats/text.c formats/fit.c formats/csv_window.c formats/csv_read.c formats/csv_write.c
