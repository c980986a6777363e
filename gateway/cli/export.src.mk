SRC_gateway += gateway/cli/export_out.c gateway/cli/export_script.c

# The script that goes with every export, as bytes.
$(O)/gen/export_script.c: gateway/cli/export_verify.sh
	@mkdir -p $(@D)
	@{ echo '#include <stddef.h>'; echo 'extern const unsigned char export_verify_script[];'; echo 'extern const size_t export_verify_script_len;'; \
	  echo 'const unsigned char export_verify_script[] = {'; \
	  od -An -v -tu1 $< | sed 's/\([0-9][0-9]*\)/\1,/g'; echo '0 };'; echo 'const size_t export_verify_script_len = sizeof(export_verify_script) - 1;'; } >$@.new
	@mv -f $@.new $@

$(O)/gateway/cli/export_script.o: $(O)/gen/export_script.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC  $<";)
	$(if $(V),,@)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<
