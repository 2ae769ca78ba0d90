bin_PROGRAMS += bin/rp-drain/rp-drain
bin_rp_drain_rp_drain_SOURCES =
bin_rp_drain_rp_drain_SOURCES += bin/rp-drain/session.c bin/rp-drain/session.h
bin_rp_drain_rp_drain_SOURCES += bin/rp-drain/show.c bin/rp-drain/show.h
bin_rp_drain_rp_drain_SOURCES += bin/rp-drain/main.c
bin_rp_drain_rp_drain_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-drain
bin_rp_drain_rp_drain_LDADD = $(common_libs)
