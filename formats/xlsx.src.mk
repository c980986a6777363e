SRC_formats += formats/xlsx_write.c formats/xlsx_write_check.c formats/xlsx_rows.c
# libxlsxwriter's headers name functions that are forbidden here, inside macros: they are read before the ban.
$(O)/formats/xlsx_write.o: CPPFLAGS := -include xlsxwriter.h $(CPPFLAGS)
