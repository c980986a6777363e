SRC_gateway += gateway/mail/address.c gateway/mail/message.c gateway/mail/queue.c gateway/mail/events.c gateway/mail/daily.c gateway/mail/post.c gateway/mail/spawn.c gateway/store/store_mail.c
