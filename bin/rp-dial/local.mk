# rp-dial: all but its main is a library, so that unit tests can link it.
if DIAL
noinst_LIBRARIES += libdial.a
endif
libdial_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-dial
libdial_a_SOURCES =
libdial_a_SOURCES += bin/rp-dial/call/call.c bin/rp-dial/call/call.h
libdial_a_SOURCES += bin/rp-dial/call/call_events.c
libdial_a_SOURCES += bin/rp-dial/call/call_events.h
libdial_a_SOURCES += bin/rp-dial/call/call_media.c bin/rp-dial/call/call_media.h
libdial_a_SOURCES += bin/rp-dial/call/call_options.h
libdial_a_SOURCES += bin/rp-dial/call/call_restart.c
libdial_a_SOURCES += bin/rp-dial/call/call_restart.h
libdial_a_SOURCES += bin/rp-dial/call/call_signal.c
libdial_a_SOURCES += bin/rp-dial/call/call_signal.h
libdial_a_SOURCES += bin/rp-dial/call/call_watch.c bin/rp-dial/call/call_watch.h
libdial_a_SOURCES += bin/rp-dial/call/callstate.c bin/rp-dial/call/callstate.h
libdial_a_SOURCES += bin/rp-dial/call/conclude.c bin/rp-dial/call/conclude.h
libdial_a_SOURCES += bin/rp-dial/call/keys.c bin/rp-dial/call/keys.h
libdial_a_SOURCES += bin/rp-dial/call/leg.c bin/rp-dial/call/leg.h
libdial_a_SOURCES += bin/rp-dial/call/live.c bin/rp-dial/call/live.h
libdial_a_SOURCES += bin/rp-dial/call/outcome.c bin/rp-dial/call/outcome.h
libdial_a_SOURCES += bin/rp-dial/call/phone.c bin/rp-dial/call/phone.h
libdial_a_SOURCES += bin/rp-dial/call/presence.c bin/rp-dial/call/presence.h
libdial_a_SOURCES += bin/rp-dial/call/reply.c bin/rp-dial/call/reply.h
libdial_a_SOURCES += bin/rp-dial/call/reply_reach.c
libdial_a_SOURCES += bin/rp-dial/call/reply_reach.h
libdial_a_SOURCES += bin/rp-dial/call/report.c bin/rp-dial/call/report.h
libdial_a_SOURCES += bin/rp-dial/call/restart.c bin/rp-dial/call/restart.h
libdial_a_SOURCES += bin/rp-dial/call/source.c bin/rp-dial/call/source.h
libdial_a_SOURCES += bin/rp-dial/call/stops.c bin/rp-dial/call/stops.h
libdial_a_SOURCES += bin/rp-dial/call/stats_lines.c
libdial_a_SOURCES += bin/rp-dial/call/stats_lines.h
libdial_a_SOURCES += bin/rp-dial/call/trust.c bin/rp-dial/call/trust.h
libdial_a_SOURCES += bin/rp-dial/call/verify.c bin/rp-dial/call/verify.h
libdial_a_SOURCES += bin/rp-dial/callee/answer.c bin/rp-dial/callee/answer.h
libdial_a_SOURCES += bin/rp-dial/callee/incoming.c bin/rp-dial/callee/incoming.h
libdial_a_SOURCES += bin/rp-dial/callee/push_endpoint.c
libdial_a_SOURCES += bin/rp-dial/callee/push_endpoint.h
libdial_a_SOURCES += bin/rp-dial/callee/refusal.c bin/rp-dial/callee/refusal.h
libdial_a_SOURCES += bin/rp-dial/callee/register.c bin/rp-dial/callee/register.h
libdial_a_SOURCES += bin/rp-dial/callee/registration.c
libdial_a_SOURCES += bin/rp-dial/callee/registration.h
libdial_a_SOURCES += bin/rp-dial/caller/dial.c bin/rp-dial/caller/dial.h
libdial_a_SOURCES += bin/rp-dial/conf/context.h
libdial_a_SOURCES += bin/rp-dial/conf/names.c bin/rp-dial/conf/names.h
libdial_a_SOURCES += bin/rp-dial/conf/options.c bin/rp-dial/conf/options.h
libdial_a_SOURCES += bin/rp-dial/load/load_run.c bin/rp-dial/load/load_run.h
libdial_a_SOURCES += bin/rp-dial/load/load_call.c bin/rp-dial/load/load_call.h
libdial_a_SOURCES += bin/rp-dial/load/load_list.c bin/rp-dial/load/load_list.h
libdial_a_SOURCES += bin/rp-dial/load/load_stats.c
libdial_a_SOURCES += bin/rp-dial/load/load_stats.h
libdial_a_SOURCES += bin/rp-dial/probe/probe.c bin/rp-dial/probe/probe.h
libdial_a_SOURCES += bin/rp-dial/probe/probe_clock.c
libdial_a_SOURCES += bin/rp-dial/probe/probe_clock.h
libdial_a_SOURCES += bin/rp-dial/probe/probe_fault.c
libdial_a_SOURCES += bin/rp-dial/probe/probe_fault.h
libdial_a_SOURCES += bin/rp-dial/probe/probe_network.c
libdial_a_SOURCES += bin/rp-dial/probe/probe_network.h
libdial_a_SOURCES += bin/rp-dial/probe/probe_relay.c
libdial_a_SOURCES += bin/rp-dial/probe/probe_relay.h
libdial_a_SOURCES += bin/rp-dial/probe/probe_relay_private.h
libdial_a_SOURCES += bin/rp-dial/probe/probe_relay_show.c
libdial_a_SOURCES += bin/rp-dial/probe/probe_relay_ways.c
libdial_a_SOURCES += bin/rp-dial/probe/probe_way.c bin/rp-dial/probe/probe_way.h
libdial_a_SOURCES += bin/rp-dial/who/account.c bin/rp-dial/who/account.h
libdial_a_SOURCES += bin/rp-dial/who/identity.c bin/rp-dial/who/identity.h
libdial_a_SOURCES += bin/rp-dial/who/words_known.c
libdial_a_SOURCES += bin/rp-dial/who/words_known.h
libdial_a_SOURCES += bin/rp-dial/who/switchnames.c
libdial_a_SOURCES += bin/rp-dial/who/switchnames.h

dial_libs = libdial.a $(common_libs) -lm

# Its media is a library of its own, which knows nothing of signalling.
if DIAL
noinst_LIBRARIES += libmedia.a
endif
libmedia_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/bin/rp-dial $(SRTP_CFLAGS) \
	$(OPUS_CFLAGS) $(SNDFILE_CFLAGS) $(SPEEXDSP_CFLAGS) $(SDL_CFLAGS)
libmedia_a_SOURCES =
libmedia_a_SOURCES += bin/rp-dial/media/media.c bin/rp-dial/media/media.h
libmedia_a_SOURCES += bin/rp-dial/media/notices.c bin/rp-dial/media/notices.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/arrivals.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/arrivals.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/audibility.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/audibility.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/audio_in.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/audio_in.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/audio_out.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/audio_out.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/codec.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/codec.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/device.h
if DEVICES
libmedia_a_SOURCES += bin/rp-dial/media/audio/device_sdl.c
else
libmedia_a_SOURCES += bin/rp-dial/media/audio/device_none.c
endif
libmedia_a_SOURCES += bin/rp-dial/media/audio/echo.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/echo.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/emodel.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/emodel.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/frames.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/frames.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/fresh.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/fresh.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/handset.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/handset.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/jitter.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/jitter.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/lookahead.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/lookahead.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/mixdown.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/mixdown.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/packets.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/packets.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/quality.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/quality.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/reader.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/reader.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/redundancy.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/redundancy.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/sound.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/sound.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/splice.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/splice.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/talk.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/talk.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/tempo.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/tempo.h
libmedia_a_SOURCES += bin/rp-dial/media/audio/timeline.c
libmedia_a_SOURCES += bin/rp-dial/media/audio/timeline.h
libmedia_a_SOURCES += bin/rp-dial/media/path/allocation.c
libmedia_a_SOURCES += bin/rp-dial/media/path/allocation.h
libmedia_a_SOURCES += bin/rp-dial/media/path/dtls.c
libmedia_a_SOURCES += bin/rp-dial/media/path/dtls.h
libmedia_a_SOURCES += bin/rp-dial/media/path/ice.c bin/rp-dial/media/path/ice.h
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_agent.h
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_check.c
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_route.c
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_route.h
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_routes.c
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_routes.h
libmedia_a_SOURCES += bin/rp-dial/media/path/ice_server.h
libmedia_a_SOURCES += bin/rp-dial/media/path/icemsg.c
libmedia_a_SOURCES += bin/rp-dial/media/path/icemsg.h
libmedia_a_SOURCES += bin/rp-dial/media/path/path.c
libmedia_a_SOURCES += bin/rp-dial/media/path/path.h
libmedia_a_SOURCES += bin/rp-dial/media/rtp/badrtp.h
libmedia_a_SOURCES += bin/rp-dial/media/rtp/media_stats.h
libmedia_a_SOURCES += bin/rp-dial/media/rtp/red_receiver.c
libmedia_a_SOURCES += bin/rp-dial/media/rtp/red_receiver.h
libmedia_a_SOURCES += bin/rp-dial/media/rtp/red_sender.c
libmedia_a_SOURCES += bin/rp-dial/media/rtp/red_sender.h
libmedia_a_SOURCES += bin/rp-dial/media/rtp/rtp_session.c
libmedia_a_SOURCES += bin/rp-dial/media/rtp/rtp_session.h
libmedia_a_SOURCES += bin/rp-dial/media/rtp/rtpcrypt.c
libmedia_a_SOURCES += bin/rp-dial/media/rtp/rtpcrypt.h

media_libs = libmedia.a $(common_libs) $(SRTP_LIBS) $(OPUS_LIBS) \
	$(SNDFILE_LIBS) $(SPEEXDSP_LIBS) -lm

if DIAL
bin_PROGRAMS += bin/rp-dial/rp-dial
endif
bin_rp_dial_rp_dial_SOURCES = bin/rp-dial/main.c
bin_rp_dial_rp_dial_CPPFLAGS = $(libdial_a_CPPFLAGS)
bin_rp_dial_rp_dial_LDADD = libdial.a $(media_libs)
