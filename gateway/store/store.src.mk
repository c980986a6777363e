SRC_gateway += gateway/store/sql.c gateway/store/store.c gateway/store/upgrade.c gateway/store/touched.c gateway/store/touched_read.c gateway/store/put_back.c gateway/store/store_backup.c gateway/store/store_keep.c gateway/store/store_drop.c gateway/store/store_item.c gateway/store/store_ref.c gateway/store/schema.c
SRC_gateway += gateway/store/store_reread.c gateway/store/store_evidence.c
SRC_gateway += gateway/store/store_index.c

# schema.sql as bytes: a string literal of this length is more than ISO C promises to take.
$(O)/gen/schema.c: gateway/store/schema.sql
	@mkdir -p $(@D)
	@{ echo '#include "gateway/store/sql.h"'; echo 'const unsigned char store_schema[] = {'; \
	  od -An -v -tu1 $< | sed 's/\([0-9][0-9]*\)/\1,/g'; echo '0 };'; echo 'const size_t store_schema_len = sizeof(store_schema) - 1;'; } >$@.new
	@mv -f $@.new $@

$(O)/gateway/store/schema.o: $(O)/gen/schema.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC  $<";)
	$(if $(V),,@)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<
