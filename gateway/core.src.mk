SRC_gateway += gateway/conf.c gateway/site.c gateway/cycle.c gateway/intake.c gateway/seal.c gateway/report/why.c gateway/report/names.c
