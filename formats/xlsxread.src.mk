SRC_formats += formats/xlsx_read.c formats/xlsx_parts.c formats/xlsx_styles.c formats/xlsx_strings.c formats/xlsx_sheet.c formats/xlsx_number.c formats/xlsx_text.c
