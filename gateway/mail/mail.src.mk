SRC_gateway += gateway/mail/address.c
