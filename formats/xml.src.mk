SRC_formats += formats/xml_read.c formats/xml_parse.c formats/xml_pieces.c formats/xml_decl.c formats/xml_scan.c formats/xml_paths.c \
  formats/xml_hold.c formats/xml_write.c formats/container.c formats/zip.c formats/zip_check.c formats/zip_end.c formats/zip_member.c formats/zip_name.c formats/gzip.c
