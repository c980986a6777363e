SRC_spool := spool/spool.c spool/arrive.c spool/claim.c spool/publish.c spool/reject.c spool/sign.c spool/zip_out.c spool/bundle.c spool/bundle_read.c spool/log.c spool/log_note.c spool/log_verify.c
