bin_PROGRAMS += bin/rp-users/rp-users
bin_rp_users_rp_users_SOURCES =
bin_rp_users_rp_users_SOURCES += bin/rp-users/changes.c bin/rp-users/changes.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/command.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/datetime.c bin/rp-users/datetime.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/deviceid.c bin/rp-users/deviceid.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/export.c bin/rp-users/export.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/guestline.c
bin_rp_users_rp_users_SOURCES += bin/rp-users/guestline.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/guest.c bin/rp-users/guest.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/import.c bin/rp-users/import.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/import_run.c bin/rp-users/import_run.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/link.c bin/rp-users/link.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/listing.c bin/rp-users/listing.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/normalise.c bin/rp-users/normalise.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/now.c bin/rp-users/now.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/qr.h
if QRENCODE
bin_rp_users_rp_users_SOURCES += bin/rp-users/qr.c
else
bin_rp_users_rp_users_SOURCES += bin/rp-users/qr_none.c
endif
bin_rp_users_rp_users_SOURCES += bin/rp-users/record.c bin/rp-users/record.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/relayuser.c bin/rp-users/relayuser.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/testpush.c bin/rp-users/testpush.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/users.c bin/rp-users/users.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/where.c bin/rp-users/where.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/main.c
bin_rp_users_rp_users_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-users
bin_rp_users_rp_users_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)
bin_rp_users_rp_users_LDADD = $(common_libs) $(QRENCODE_LIBS)
