bin_PROGRAMS += bin/rp-users/rp-users
bin_rp_users_rp_users_SOURCES =
bin_rp_users_rp_users_SOURCES += bin/rp-users/import.c bin/rp-users/import.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/users.c bin/rp-users/users.h
bin_rp_users_rp_users_SOURCES += bin/rp-users/main.c
bin_rp_users_rp_users_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-users
bin_rp_users_rp_users_LDADD = $(common_libs)
