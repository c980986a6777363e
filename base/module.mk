SRC_base := base/bytes.c base/err.c base/buf.c base/arena.c base/dec.c base/date.c base/utf8.c base/hash.c base/fs.c base/fs_group.c base/fs_note.c base/fs_temp.c base/ini.c base/tz.c base/tz_rule.c
