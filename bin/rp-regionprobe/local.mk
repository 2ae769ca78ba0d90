# rp-regionprobe: all but its main is a library, so that unit tests can link it.
noinst_LIBRARIES += libregionprobe.a
libregionprobe_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-regionprobe \
	$(LDNS_CFLAGS)
libregionprobe_a_SOURCES =
libregionprobe_a_SOURCES += bin/rp-regionprobe/conf/region_options.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/conf/region_options.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/conf/regions.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/conf/regions.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/conf/set.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/conf/set.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_gdnsd.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_json.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_knot.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_nsupdate.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_pdns.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_route53.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/format/format_text.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/ask.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/ask.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/measure.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/measure.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/rounds.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/rounds.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/survey.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/survey.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/zone.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/survey/zone.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/change.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/change.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/judge.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/judge.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/judge_switches.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/match.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/match.h
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/region_report.c
libregionprobe_a_SOURCES += bin/rp-regionprobe/verdict/region_report.h

regionprobe_libs = libregionprobe.a $(common_libs) $(LDNS_LIBS)

bin_PROGRAMS += bin/rp-regionprobe/rp-regionprobe
bin_rp_regionprobe_rp_regionprobe_SOURCES = bin/rp-regionprobe/main.c
bin_rp_regionprobe_rp_regionprobe_CPPFLAGS = $(libregionprobe_a_CPPFLAGS)
bin_rp_regionprobe_rp_regionprobe_LDADD = $(regionprobe_libs)
