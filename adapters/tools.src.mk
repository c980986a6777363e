SRC_adapters += adapters/trace.c adapters/describe.c adapters/guess.c adapters/lang_lint.c
