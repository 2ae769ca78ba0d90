# rp-pushsend: all but its main is a library, so that unit tests can link it.
if PUSHSEND
noinst_LIBRARIES += libpushsend.a
endif
libpushsend_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-pushsend \
	$(CURL_CFLAGS)
libpushsend_a_SOURCES =
libpushsend_a_SOURCES += bin/rp-pushsend/outfit.c bin/rp-pushsend/outfit.h
libpushsend_a_SOURCES += bin/rp-pushsend/sender.c bin/rp-pushsend/sender.h
libpushsend_a_SOURCES += bin/rp-pushsend/conf/pushconf.c
libpushsend_a_SOURCES += bin/rp-pushsend/conf/pushconf.h
libpushsend_a_SOURCES += bin/rp-pushsend/http/head.c bin/rp-pushsend/http/head.h
libpushsend_a_SOURCES += bin/rp-pushsend/http/http.c bin/rp-pushsend/http/http.h
libpushsend_a_SOURCES += bin/rp-pushsend/http/multi.c
libpushsend_a_SOURCES += bin/rp-pushsend/http/multi.h
libpushsend_a_SOURCES += bin/rp-pushsend/io/input.c
libpushsend_a_SOURCES += bin/rp-pushsend/io/output.c
libpushsend_a_SOURCES += bin/rp-pushsend/io/pollable.c
libpushsend_a_SOURCES += bin/rp-pushsend/io/pollable.h
libpushsend_a_SOURCES += bin/rp-pushsend/io/stream.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/answer_table.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/answer_table.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/apns_message.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/apns_message.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/apns_token.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/apns_token.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/oauth.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/oauth.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_apns.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_apns.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_command.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_command.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_fcm.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_fcm.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_sms.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_sms.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_webpush.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/provider_webpush.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/providers.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/providers.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/sms_text.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/sms_text.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/subject.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/subject.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/template.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/template.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/token_age.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/token_age.h
libpushsend_a_SOURCES += bin/rp-pushsend/providers/answer_words.c
libpushsend_a_SOURCES += bin/rp-pushsend/providers/answer_words.h
libpushsend_a_SOURCES += bin/rp-pushsend/queue/booking.c
libpushsend_a_SOURCES += bin/rp-pushsend/queue/booking.h
libpushsend_a_SOURCES += bin/rp-pushsend/queue/endpoints.c
libpushsend_a_SOURCES += bin/rp-pushsend/queue/endpoints.h
libpushsend_a_SOURCES += bin/rp-pushsend/queue/engine.c
libpushsend_a_SOURCES += bin/rp-pushsend/queue/engine.h
libpushsend_a_SOURCES += bin/rp-pushsend/queue/health.c
libpushsend_a_SOURCES += bin/rp-pushsend/queue/health.h
libpushsend_a_SOURCES += bin/rp-pushsend/queue/job.c bin/rp-pushsend/queue/job.h
libpushsend_a_SOURCES += bin/rp-pushsend/queue/push_service.c
libpushsend_a_SOURCES += bin/rp-pushsend/queue/push_service.h

pushsend_libs = libpushsend.a $(common_libs) $(CURL_LIBS)

if PUSHSEND
bin_PROGRAMS += bin/rp-pushsend/rp-pushsend
endif
bin_rp_pushsend_rp_pushsend_SOURCES = bin/rp-pushsend/main.c
bin_rp_pushsend_rp_pushsend_CPPFLAGS = $(libpushsend_a_CPPFLAGS)
bin_rp_pushsend_rp_pushsend_LDADD = $(pushsend_libs)
