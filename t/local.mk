# The tests: units, their tools, fuzz targets, scenarios, benchmarks.

# One program of unit tests per library, with a suite per module.
unit_programs =
unit_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/t -I$(srcdir)/t/unit

unit_programs += t/unit/wire/units
t_unit_wire_units_SOURCES = t/unit/wire/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_wire_units_SOURCES += t/unit/wire/addr.c
t_unit_wire_units_SOURCES += t/unit/wire/base64.c
t_unit_wire_units_SOURCES += t/unit/wire/ctlmsg.c
t_unit_wire_units_SOURCES += t/unit/wire/hostport.c
t_unit_wire_units_SOURCES += t/unit/wire/nat64.c
t_unit_wire_units_SOURCES += t/unit/wire/prefix.c
t_unit_wire_units_SOURCES += t/unit/wire/pushabout.c
t_unit_wire_units_SOURCES += t/unit/wire/pushearly.c
t_unit_wire_units_SOURCES += t/unit/wire/pushmsg.c
t_unit_wire_units_SOURCES += t/unit/wire/pushreg.c
t_unit_wire_units_SOURCES += t/unit/wire/pushurl.c
t_unit_wire_units_SOURCES += t/unit/wire/reach.c
t_unit_wire_units_SOURCES += t/unit/wire/red.c
t_unit_wire_units_SOURCES += t/unit/wire/rtp.c
t_unit_wire_units_SOURCES += t/unit/wire/sdp.c
t_unit_wire_units_SOURCES += t/unit/wire/sdp_offers.c
t_unit_wire_units_SOURCES += t/unit/wire/sigmsg.c
t_unit_wire_units_SOURCES += t/unit/wire/soundhead.c
t_unit_wire_units_SOURCES += t/unit/wire/soundnext.c
t_unit_wire_units_SOURCES += t/unit/wire/stun.c
t_unit_wire_units_SOURCES += t/unit/wire/telnumber.c
t_unit_wire_units_SOURCES += t/unit/wire/turncred.c
t_unit_wire_units_SOURCES += t/unit/wire/turnuser.c
t_unit_wire_units_SOURCES += t/unit/wire/turnurl.c
t_unit_wire_units_SOURCES += t/unit/wire/websock.c
t_unit_wire_units_SOURCES += t/unit/wire/words.c
t_unit_wire_units_SOURCES += t/unit/failjson.h
t_unit_wire_units_CPPFLAGS = $(unit_cppflags)
t_unit_wire_units_LDADD = $(common_libs) $(CHECK_LIBS)

unit_programs += t/unit/base/units
t_unit_base_units_SOURCES = t/unit/base/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_base_units_SOURCES += t/unit/base/alias.c
t_unit_base_units_SOURCES += t/unit/base/allowlist.c t/unit/tries.h
t_unit_base_units_SOURCES += t/unit/base/args.c
t_unit_base_units_SOURCES += t/unit/base/build.c
t_unit_base_units_SOURCES += t/unit/base/conf.c
t_unit_base_units_SOURCES += t/unit/base/conftext.c
t_unit_base_units_SOURCES += t/unit/base/crash.c
t_unit_base_units_SOURCES += t/unit/base/crypto.c
t_unit_base_units_SOURCES += t/unit/base/deviceproof.c
t_unit_base_units_SOURCES += t/unit/base/jwt.c
t_unit_base_units_SOURCES += t/unit/base/lobby.c
t_unit_base_units_SOURCES += t/unit/base/log.c
t_unit_base_units_SOURCES += t/unit/base/logpace.c
t_unit_base_units_SOURCES += t/unit/base/logsink.c
t_unit_base_units_SOURCES += t/unit/base/logsocket.c
t_unit_base_units_SOURCES += t/unit/base/map.c
t_unit_base_units_SOURCES += t/unit/base/pace.c
t_unit_base_units_SOURCES += t/unit/base/privdrop.c
t_unit_base_units_SOURCES += t/unit/base/quota.c
t_unit_base_units_SOURCES += t/unit/base/secretfile.c
t_unit_base_units_SOURCES += t/unit/base/tool.c
t_unit_base_units_SOURCES += t/unit/base/tool_read.c
t_unit_base_units_SOURCES += t/unit/base/turnusers.c
t_unit_base_units_SOURCES += t/unit/base/vapidcheck.c
t_unit_base_units_SOURCES += t/unit/base/vapidkey.c
t_unit_base_units_SOURCES += t/unit/base/webpush.c
t_unit_base_units_CPPFLAGS = $(unit_cppflags)
t_unit_base_units_LDADD = $(common_libs) $(CHECK_LIBS)

unit_programs += t/unit/net/units
t_unit_net_units_SOURCES = t/unit/net/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_net_units_SOURCES += t/unit/net/certcheck.c
t_unit_net_units_SOURCES += t/unit/net/certname.c
t_unit_net_units_SOURCES += t/unit/net/child.c
t_unit_net_units_SOURCES += t/unit/net/dnsconf.c
t_unit_net_units_SOURCES += t/unit/net/keyholder.c
t_unit_net_units_SOURCES += t/unit/net/httpd.c
t_unit_net_units_SOURCES += t/unit/net/lastgood.c
t_unit_net_units_SOURCES += t/unit/net/lines.c
t_unit_net_units_SOURCES += t/unit/net/listener.c
t_unit_net_units_SOURCES += t/unit/net/loop.c
t_unit_net_units_SOURCES += t/unit/net/multiconnect.c
t_unit_net_units_SOURCES += t/unit/net/multiconnect_late.c
t_unit_net_units_SOURCES += t/unit/net/multiconnect_routes.c
t_unit_net_units_SOURCES += t/unit/net/multiconnect_second.c
t_unit_net_units_SOURCES += t/unit/net/netwatch.c
t_unit_net_units_SOURCES += t/unit/net/tickets.c
t_unit_net_units_SOURCES += t/unit/net/tls.c
t_unit_net_units_SOURCES += t/unit/net/tls_try.c
t_unit_net_units_SOURCES += t/unit/net/tls_failure.c
t_unit_net_units_SOURCES += t/unit/net/tlsrace.c
t_unit_net_units_SOURCES += t/unit/net/tlsrace_late.c
t_unit_net_units_SOURCES += t/unit/net/tlsrace_proxy.c
t_unit_net_units_SOURCES += t/unit/net/udp_batch.c
t_unit_net_units_SOURCES += t/unit/net/webget.c
t_unit_net_units_SOURCES += t/unit/net/workers.c
t_unit_net_units_SOURCES += t/unit/cert.h
t_unit_net_units_SOURCES += t/unit/racehelp.h
t_unit_net_units_SOURCES += t/unit/tlsracehelp.h
t_unit_net_units_CPPFLAGS = $(unit_cppflags)
t_unit_net_units_LDADD = $(common_libs) $(CHECK_LIBS)

unit_programs += t/unit/clients/units
t_unit_clients_units_SOURCES = t/unit/clients/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_clients_units_SOURCES += t/unit/clients/ask_once.c
t_unit_clients_units_SOURCES += t/unit/clients/directory.c
t_unit_clients_units_SOURCES += t/unit/clients/redis_url.c
t_unit_clients_units_SOURCES += t/unit/clients/directory_any.c
t_unit_clients_units_SOURCES += t/unit/clients/directory_damage.c
t_unit_clients_units_SOURCES += t/unit/clients/directory_postgres.c
t_unit_clients_units_SOURCES += t/unit/directoryhelp.h
t_unit_clients_units_SOURCES += t/unit/clients/signal_client.c
t_unit_clients_units_SOURCES += t/unit/clients/turn_client.c
t_unit_clients_units_CPPFLAGS = $(unit_cppflags) -I$(srcdir)/bin/rp-switchd
t_unit_clients_units_LDADD = $(switchd_libs) $(CHECK_LIBS)

unit_programs += t/unit/switchd/units
t_unit_switchd_units_SOURCES = t/unit/switchd/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_switchd_units_SOURCES += t/unit/switchd/alloc.c
t_unit_switchd_units_SOURCES += t/unit/switchd/alloc_limits.c
t_unit_switchd_units_SOURCES += t/unit/switchd/alloc_reach.c
t_unit_switchd_units_SOURCES += t/unit/switchd/callfsm.c
t_unit_switchd_units_SOURCES += t/unit/switchd/callhist.c
t_unit_switchd_units_SOURCES += t/unit/switchd/calltable.c
t_unit_switchd_units_SOURCES += t/unit/switchd/certwatch.c
t_unit_switchd_units_SOURCES += t/unit/switchd/clients.c
t_unit_switchd_units_SOURCES += t/unit/switchd/coalesce.c
t_unit_switchd_units_SOURCES += t/unit/switchd/conn.c
t_unit_switchd_units_SOURCES += t/unit/switchd/control.c
t_unit_switchd_units_SOURCES += t/unit/switchd/descriptors.c
t_unit_switchd_units_SOURCES += t/unit/switchd/dev.c
t_unit_switchd_units_SOURCES += t/unit/switchd/gate.c
t_unit_switchd_units_SOURCES += t/unit/switchd/inbox.c
t_unit_switchd_units_SOURCES += t/unit/switchd/kernel.c
t_unit_switchd_units_SOURCES += t/unit/switchd/lastuse.c
t_unit_switchd_units_SOURCES += t/unit/switchd/load.c
t_unit_switchd_units_SOURCES += t/unit/switchd/metrics.c
t_unit_switchd_units_SOURCES += t/unit/switchd/outbox.c
t_unit_switchd_units_SOURCES += t/unit/switchd/peers.c
t_unit_switchd_units_SOURCES += t/unit/switchd/places.c
t_unit_switchd_units_SOURCES += t/unit/switchd/proofs.c
t_unit_switchd_units_SOURCES += t/unit/switchd/quotas.c
t_unit_switchd_units_SOURCES += t/unit/switchd/ratelimit.c
t_unit_switchd_units_SOURCES += t/unit/switchd/rtpstats.c
t_unit_switchd_units_SOURCES += t/unit/switchd/services.c
t_unit_switchd_units_SOURCES += t/unit/switchd/settings.c
t_unit_switchd_units_SOURCES += t/unit/switchd/shared.c
t_unit_switchd_units_SOURCES += t/unit/switchd/shellword.c
t_unit_switchd_units_SOURCES += t/unit/switchd/streams.c
t_unit_switchd_units_SOURCES += t/unit/switchd/taught.c
t_unit_switchd_units_SOURCES += t/unit/switchd/teach.c
t_unit_switchd_units_SOURCES += t/unit/switchd/trials.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turn.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turnkeys.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turnlink.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turnreq.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turnreq_alloc.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turnreq_login.c
t_unit_switchd_units_SOURCES += t/unit/switchd/turnreq_peers.c
t_unit_switchd_units_SOURCES += t/unit/switchd/writes.c
t_unit_switchd_units_SOURCES += t/unit/switchd/web.c
t_unit_switchd_units_SOURCES += t/unit/switchd/ws_upgrade.c
t_unit_switchd_units_SOURCES += t/unit/cert.h
t_unit_switchd_units_SOURCES += t/unit/turnhelp.h
t_unit_switchd_units_SOURCES += t/unit/allochelp.h
t_unit_switchd_units_SOURCES += t/unit/teachhelp.h
t_unit_switchd_units_SOURCES += t/unit/outsidehelp.h
t_unit_switchd_units_SOURCES += t/unit/turnreqhelp.h
t_unit_switchd_units_SOURCES += t/tools/tclient.c t/tools/tclient.h
t_unit_switchd_units_CPPFLAGS = $(unit_cppflags) -I$(srcdir)/bin/rp-switchd
t_unit_switchd_units_LDADD = $(switchd_libs) $(CHECK_LIBS)

unit_programs += t/unit/dial/units
t_unit_dial_units_SOURCES = t/unit/dial/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_dial_units_SOURCES += t/unit/dial/account.c
t_unit_dial_units_SOURCES += t/unit/dial/callstate.c
t_unit_dial_units_SOURCES += t/unit/dial/identity.c
t_unit_dial_units_SOURCES += t/unit/dial/leg.c
t_unit_dial_units_SOURCES += t/unit/dial/load_stats.c
t_unit_dial_units_SOURCES += t/unit/dial/names.c
t_unit_dial_units_SOURCES += t/unit/dial/pin.c
t_unit_dial_units_SOURCES += t/unit/dial/presence.c
t_unit_dial_units_SOURCES += t/unit/dial/probe_nagios.c
t_unit_dial_units_SOURCES += t/unit/dial/probe_target.c
t_unit_dial_units_SOURCES += t/unit/dial/probe_textfile.c
t_unit_dial_units_SOURCES += t/unit/dial/push_endpoint.c
t_unit_dial_units_SOURCES += t/unit/dial/reply.c
t_unit_dial_units_SOURCES += t/unit/dial/reply_early.c
t_unit_dial_units_SOURCES += t/unit/dial/reply_reach.c
t_unit_dial_units_SOURCES += t/unit/dial/report.c
t_unit_dial_units_SOURCES += t/unit/dial/restart.c
t_unit_dial_units_SOURCES += t/unit/dial/switchnames.c
t_unit_dial_units_SOURCES += t/unit/dial/trust.c
t_unit_dial_units_SOURCES += t/unit/dial/threshold.c
t_unit_dial_units_SOURCES += t/unit/dial/verify.c
t_unit_dial_units_CPPFLAGS = $(unit_cppflags) -I$(srcdir)/bin/rp-dial \
	-I$(srcdir)/bin/rp-switchd
t_unit_dial_units_LDADD = libdial.a $(switchd_libs) $(CHECK_LIBS)

unit_programs += t/unit/media/units
t_unit_media_units_SOURCES = t/unit/media/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_media_units_SOURCES += t/unit/media/arrivals.c
t_unit_media_units_SOURCES += t/unit/media/audibility.c
t_unit_media_units_SOURCES += t/unit/media/audio.c
t_unit_media_units_SOURCES += t/unit/media/dtls.c
t_unit_media_units_SOURCES += t/unit/media/echo.c
t_unit_media_units_SOURCES += t/unit/media/emodel.c
t_unit_media_units_SOURCES += t/unit/media/fresh.c
t_unit_media_units_SOURCES += t/unit/media/ice.c
t_unit_media_units_SOURCES += t/unit/media/jitter.c
t_unit_media_units_SOURCES += t/unit/media/mixdown.c
t_unit_media_units_SOURCES += t/unit/media/packets.c
t_unit_media_units_SOURCES += t/unit/media/path.c t/unit/pathrelay.h
t_unit_media_units_SOURCES += t/unit/media/quality.c
t_unit_media_units_SOURCES += t/unit/media/red_receiver.c
t_unit_media_units_SOURCES += t/unit/media/red_sender.c
t_unit_media_units_SOURCES += t/unit/media/redundancy.c
t_unit_media_units_SOURCES += t/unit/media/recordings.c
t_unit_media_units_SOURCES += t/unit/media/rtp_session.c
t_unit_media_units_SOURCES += t/unit/media/sped.c
t_unit_media_units_SOURCES += t/unit/media/splice.c
t_unit_media_units_SOURCES += t/unit/media/stoi.c
t_unit_media_units_SOURCES += t/unit/media/tempo.c
t_unit_media_units_SOURCES += t/unit/media/timeline.c
t_unit_media_units_SOURCES += t/tools/fft.c t/tools/fft.h
t_unit_media_units_SOURCES += t/tools/intelligibility.c t/tools/intelligibility.h
t_unit_media_units_SOURCES += t/tools/lagpath.c t/tools/lagpath.h
t_unit_media_units_SOURCES += t/tools/recording.h
t_unit_media_units_CPPFLAGS = $(unit_cppflags) $(libmedia_a_CPPFLAGS)
t_unit_media_units_LDADD = libdial.a $(media_libs) $(CHECK_LIBS)

# A program of its own, because it stands in for the codec.
unit_programs += t/unit/weather/units
t_unit_weather_units_SOURCES = t/unit/weather/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_weather_units_SOURCES += t/unit/weather/jitter_weather.c
t_unit_weather_units_SOURCES += t/unit/weather/red_weather.c
t_unit_weather_units_SOURCES += t/unit/weather/weather.c
t_unit_weather_units_SOURCES += t/unit/weather.h
t_unit_weather_units_CPPFLAGS = $(unit_cppflags) $(libmedia_a_CPPFLAGS)
t_unit_weather_units_LDADD = $(media_libs) $(CHECK_LIBS)

unit_programs += t/unit/pushsend/units
t_unit_pushsend_units_SOURCES = t/unit/pushsend/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_pushsend_units_SOURCES += t/unit/pushsend/answer_table.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/apns_token.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/head.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/endpoints.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/health.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/input.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/subject.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/template.c
t_unit_pushsend_units_SOURCES += t/unit/pushsend/answer_words.c
t_unit_pushsend_units_CPPFLAGS = $(unit_cppflags) $(libpushsend_a_CPPFLAGS)
t_unit_pushsend_units_LDADD = $(pushsend_libs) $(CHECK_LIBS)

unit_programs += t/unit/regionprobe/units
t_unit_regionprobe_units_SOURCES = t/unit/regionprobe/suites.c t/unit/unit.h t/unit/unit_main.h
t_unit_regionprobe_units_SOURCES += t/unit/regionprobe/change.c
t_unit_regionprobe_units_SOURCES += t/unit/regionprobe/dns64.c
t_unit_regionprobe_units_SOURCES += t/unit/regionprobe/geography.c
t_unit_regionprobe_units_SOURCES += t/unit/regionprobe/match.c
t_unit_regionprobe_units_SOURCES += t/unit/regionprobe/zone_change.c
t_unit_regionprobe_units_CPPFLAGS = $(unit_cppflags) $(libregionprobe_a_CPPFLAGS)
t_unit_regionprobe_units_LDADD = $(regionprobe_libs) $(CHECK_LIBS)

#

EXTRA_PROGRAMS += t/tools/answers
t_tools_answers_SOURCES = t/tools/answers.c
t_tools_answers_CPPFLAGS = $(libpushsend_a_CPPFLAGS)
t_tools_answers_LDADD = $(pushsend_libs)

EXTRA_PROGRAMS += t/tools/turnd
t_tools_turnd_SOURCES = t/tools/turnd.c
t_tools_turnd_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_tools_turnd_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/tools/turnask
t_tools_turnask_SOURCES = t/tools/turnask.c
t_tools_turnask_SOURCES += t/tools/tclient.c t/tools/tclient.h
t_tools_turnask_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_tools_turnask_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/tools/turntalk
t_tools_turntalk_SOURCES = t/tools/turntalk.c
t_tools_turntalk_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/wirecheck
t_tools_wirecheck_SOURCES = t/tools/wirecheck.c
t_tools_wirecheck_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/rtpcall
t_tools_rtpcall_SOURCES = t/tools/rtpcall.c
t_tools_rtpcall_SOURCES += t/tools/tclient.c t/tools/tclient.h
t_tools_rtpcall_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_tools_rtpcall_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/tools/sigtalk
t_tools_sigtalk_SOURCES = t/tools/sigtalk.c
t_tools_sigtalk_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/forward t/bench/relayload
t_bench_forward_SOURCES = t/bench/forward.c

EXTRA_PROGRAMS += t/bench/rubbish
t_bench_rubbish_SOURCES = t/bench/rubbish.c
t_bench_rubbish_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/lookupload
t_bench_lookupload_SOURCES = t/bench/lookupload.c
t_bench_lookupload_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/proofs
t_bench_proofs_SOURCES = t/bench/proofs.c
t_bench_proofs_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/mouthear
t_bench_mouthear_SOURCES = t/bench/mouthear.c
t_bench_mouthear_LDADD = $(common_libs) -lm

EXTRA_PROGRAMS += t/bench/wholeload
t_bench_wholeload_SOURCES = t/bench/wholeload.c
t_bench_wholeload_SOURCES += t/bench/sigpeer.c t/bench/sigpeer.h
t_bench_wholeload_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/swarm
t_bench_swarm_SOURCES = t/bench/swarm.c
t_bench_swarm_SOURCES += t/tools/clienthello.c t/tools/clienthello.h
t_bench_swarm_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/t
t_bench_swarm_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/idleload
t_bench_idleload_SOURCES = t/bench/idleload.c
t_bench_idleload_SOURCES += t/bench/sigpeer.c t/bench/sigpeer.h
t_bench_idleload_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/bench/drainload
t_bench_drainload_SOURCES = t/bench/drainload.c
t_bench_drainload_SOURCES += t/bench/sigpeer.c t/bench/sigpeer.h
t_bench_drainload_LDADD = $(common_libs)
t_bench_forward_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_bench_forward_LDADD = $(switchd_libs)
t_bench_relayload_SOURCES = t/bench/relayload.c
t_bench_relayload_SOURCES += t/bench/proc.c t/bench/proc.h
t_bench_relayload_SOURCES += t/bench/stamp.c t/bench/stamp.h
t_bench_relayload_SOURCES += t/tools/tclient.c t/tools/tclient.h
t_bench_relayload_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_bench_relayload_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/tools/tunnel
t_tools_tunnel_SOURCES = t/tools/tunnel.c t/tools/tclient.c t/tools/tclient.h
t_tools_tunnel_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_tools_tunnel_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/tools/lookup
t_tools_lookup_SOURCES = t/tools/lookup.c
t_tools_lookup_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/webpush
t_tools_webpush_SOURCES = t/tools/webpush.c
t_tools_webpush_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/mitm
t_tools_mitm_SOURCES = t/tools/mitm.c
t_tools_mitm_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/hole
t_tools_hole_SOURCES = t/tools/hole.c t/unit/tries.h
t_tools_hole_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/t/unit
t_tools_hole_LDADD = $(common_libs)

# The relay's program in the kernel, beside its user space.
if BPF
EXTRA_PROGRAMS += t/tools/kerneldiff/kerneldiff
t_tools_kerneldiff_kerneldiff_SOURCES = t/tools/kerneldiff/kerneldiff.c
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/clock_bpf.h
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/frame.c t/tools/kerneldiff/frame.h
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/net.c t/tools/kerneldiff/net.h
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/program.c
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/program.h
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/stand_in.c
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/stand_in.h
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/world.c
t_tools_kerneldiff_kerneldiff_SOURCES += t/tools/kerneldiff/world.h
t_tools_kerneldiff_kerneldiff_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_tools_kerneldiff_kerneldiff_LDADD = $(switchd_libs)
EXTRA_t_tools_kerneldiff_kerneldiff_DEPENDENCIES = t/tools/kerneldiff/relay_bpf.o
CLEANFILES += t/tools/kerneldiff/relay_bpf.o

# The same program, with a clock that the test sets.
t/tools/kerneldiff/relay_bpf.o: bin/rp-switchd/kernel/relay_bpf.o \
		t/tools/kerneldiff/clock_bpf.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(BPF_COMPILE) \
	    -include $(srcdir)/t/tools/kerneldiff/clock_bpf.h -c -o $@ \
	    $(srcdir)/bin/rp-switchd/kernel/relay_bpf.c
endif

EXTRA_PROGRAMS += t/tools/flood
t_tools_flood_SOURCES = t/tools/flood.c
t_tools_flood_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/hellos
t_tools_hellos_SOURCES = t/tools/hellos.c
t_tools_hellos_SOURCES += t/tools/clienthello.c t/tools/clienthello.h
t_tools_hellos_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/t
t_tools_hellos_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/tlsopen
t_tools_tlsopen_SOURCES = t/tools/tlsopen.c
t_tools_tlsopen_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/tcpproxy
t_tools_tcpproxy_SOURCES = t/tools/tcpproxy.c
t_tools_tcpproxy_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/tools/race
t_tools_race_SOURCES = t/tools/race.c
t_tools_race_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/world/hub
t_world_hub_SOURCES = t/world/hub.c t/world/plan.c t/world/plan.h
t_world_hub_LDADD = $(common_libs) -lm

EXTRA_PROGRAMS += t/tools/correlate
t_tools_correlate_SOURCES = t/tools/correlate.c
t_tools_correlate_SOURCES += t/tools/recording.c t/tools/recording.h
t_tools_correlate_CPPFLAGS = $(libmedia_a_CPPFLAGS) -I$(srcdir)/t
t_tools_correlate_LDADD = $(media_libs)
# A sanitizer in its innermost loop would cost minutes.
t_tools_correlate_CFLAGS = -std=gnu11 -Wall -Wextra -O2

EXTRA_PROGRAMS += t/tools/onpty
t_tools_onpty_SOURCES = t/tools/onpty.c
EXTRA_PROGRAMS += t/tools/stoi
t_tools_stoi_SOURCES = t/tools/stoi.c
t_tools_stoi_SOURCES += t/tools/fft.c t/tools/fft.h
t_tools_stoi_SOURCES += t/tools/intelligibility.c t/tools/intelligibility.h
t_tools_stoi_SOURCES += t/tools/lagpath.c t/tools/lagpath.h
t_tools_stoi_SOURCES += t/tools/recording.c t/tools/recording.h
t_tools_stoi_CPPFLAGS = $(libmedia_a_CPPFLAGS) -I$(srcdir)/t
t_tools_stoi_LDADD = $(media_libs)
t_tools_stoi_CFLAGS = -std=gnu11 -Wall -Wextra -O2

if NICE
EXTRA_PROGRAMS += t/tools/nicepair
endif
t_tools_nicepair_SOURCES = t/tools/nicepair.c
t_tools_nicepair_CPPFLAGS = $(NICE_CFLAGS)
t_tools_nicepair_LDADD = $(NICE_LIBS)

EXTRA_PROGRAMS += t/tools/emodel
t_tools_emodel_SOURCES = t/tools/emodel.c
t_tools_emodel_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_tools_emodel_LDADD = $(media_libs)

EXTRA_PROGRAMS += t/tools/rtpdecode
t_tools_rtpdecode_SOURCES = t/tools/rtpdecode.c
t_tools_rtpdecode_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_tools_rtpdecode_LDADD = $(media_libs)

EXTRA_PROGRAMS += t/tools/playout
t_tools_playout_SOURCES = t/tools/playout.c
t_tools_playout_SOURCES += t/tools/recording.c t/tools/recording.h
t_tools_playout_CPPFLAGS = $(libmedia_a_CPPFLAGS) -I$(srcdir)/t
t_tools_playout_LDADD = libdial.a $(media_libs)

EXTRA_PROGRAMS += t/tools/wordcheck
t_tools_wordcheck_SOURCES = t/tools/wordcheck.c
t_tools_wordcheck_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_tools_wordcheck_LDADD = libdial.a $(media_libs)

EXTRA_PROGRAMS += t/tools/mediaend
t_tools_mediaend_SOURCES = t/tools/mediaend.c
t_tools_mediaend_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_tools_mediaend_LDADD = libdial.a $(media_libs)

EXTRA_PROGRAMS += t/tools/soundcast
t_tools_soundcast_SOURCES = t/tools/soundcast.c
t_tools_soundcast_SOURCES += t/tools/recording.c t/tools/recording.h
t_tools_soundcast_CPPFLAGS = $(libmedia_a_CPPFLAGS) -I$(srcdir)/t
t_tools_soundcast_LDADD = libdial.a $(media_libs)

EXTRA_PROGRAMS += t/tools/lossy
t_tools_lossy_SOURCES = t/tools/lossy.c
t_tools_lossy_SOURCES += t/tools/recording.c t/tools/recording.h
t_tools_lossy_CPPFLAGS = $(libmedia_a_CPPFLAGS) -I$(srcdir)/t
t_tools_lossy_LDADD = libdial.a $(media_libs)

EXTRA_PROGRAMS += t/tools/mediapair
t_tools_mediapair_SOURCES = t/tools/mediapair.c
t_tools_mediapair_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_tools_mediapair_LDADD = libdial.a $(media_libs)

#
# t/fuzz: a program a codec; libFuzzer's with CC=clang and --enable-fuzzers,
# else each replays its seeds.
#
if FUZZERS
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_main =
else
fuzz_ldflags = $(AM_LDFLAGS)
fuzz_main = t/fuzz/replay.c t/fuzz/fuzz.h
endif

EXTRA_PROGRAMS += t/fuzz/conf
t_fuzz_conf_SOURCES = t/fuzz/conf.c $(fuzz_main)
t_fuzz_conf_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_fuzz_conf_LDFLAGS = $(fuzz_ldflags)
t_fuzz_conf_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/fuzz/ctlmsg
t_fuzz_ctlmsg_SOURCES = t/fuzz/ctlmsg.c $(fuzz_main)
t_fuzz_ctlmsg_LDFLAGS = $(fuzz_ldflags)
t_fuzz_ctlmsg_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/ice
t_fuzz_ice_SOURCES = t/fuzz/ice.c $(fuzz_main)
t_fuzz_ice_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_fuzz_ice_LDFLAGS = $(fuzz_ldflags)
t_fuzz_ice_LDADD = $(media_libs)

EXTRA_PROGRAMS += t/fuzz/jitter
t_fuzz_jitter_SOURCES = t/fuzz/jitter.c $(fuzz_main)
t_fuzz_jitter_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_fuzz_jitter_LDFLAGS = $(fuzz_ldflags)
t_fuzz_jitter_LDADD = $(media_libs)

EXTRA_PROGRAMS += t/fuzz/pushanswer
t_fuzz_pushanswer_SOURCES = t/fuzz/pushanswer.c $(fuzz_main)
t_fuzz_pushanswer_CPPFLAGS = $(libpushsend_a_CPPFLAGS)
t_fuzz_pushanswer_LDFLAGS = $(fuzz_ldflags)
t_fuzz_pushanswer_LDADD = $(pushsend_libs)

EXTRA_PROGRAMS += t/fuzz/pushmsg
t_fuzz_pushmsg_SOURCES = t/fuzz/pushmsg.c $(fuzz_main)
t_fuzz_pushmsg_LDFLAGS = $(fuzz_ldflags)
t_fuzz_pushmsg_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/pushreg
t_fuzz_pushreg_SOURCES = t/fuzz/pushreg.c $(fuzz_main)
t_fuzz_pushreg_LDFLAGS = $(fuzz_ldflags)
t_fuzz_pushreg_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/red
t_fuzz_red_SOURCES = t/fuzz/red.c $(fuzz_main)
t_fuzz_red_LDFLAGS = $(fuzz_ldflags)
t_fuzz_red_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/reply
t_fuzz_reply_SOURCES = t/fuzz/reply.c $(fuzz_main)
t_fuzz_reply_CPPFLAGS = $(libdial_a_CPPFLAGS)
t_fuzz_reply_LDFLAGS = $(fuzz_ldflags)
t_fuzz_reply_LDADD = $(dial_libs)

EXTRA_PROGRAMS += t/fuzz/rtp
t_fuzz_rtp_SOURCES = t/fuzz/rtp.c $(fuzz_main)
t_fuzz_rtp_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_fuzz_rtp_LDFLAGS = $(fuzz_ldflags)
t_fuzz_rtp_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/fuzz/sdp
t_fuzz_sdp_SOURCES = t/fuzz/sdp.c $(fuzz_main)
t_fuzz_sdp_LDFLAGS = $(fuzz_ldflags)
t_fuzz_sdp_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/sigmsg
t_fuzz_sigmsg_SOURCES = t/fuzz/sigmsg.c $(fuzz_main)
t_fuzz_sigmsg_LDFLAGS = $(fuzz_ldflags)
t_fuzz_sigmsg_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/stun
t_fuzz_stun_SOURCES = t/fuzz/stun.c $(fuzz_main)
t_fuzz_stun_LDFLAGS = $(fuzz_ldflags)
t_fuzz_stun_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/telnumber
t_fuzz_telnumber_SOURCES = t/fuzz/telnumber.c $(fuzz_main)
t_fuzz_telnumber_LDFLAGS = $(fuzz_ldflags)
t_fuzz_telnumber_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/turn
t_fuzz_turn_SOURCES = t/fuzz/turn.c $(fuzz_main)
t_fuzz_turn_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_fuzz_turn_LDFLAGS = $(fuzz_ldflags)
t_fuzz_turn_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/fuzz/turncred
t_fuzz_turncred_SOURCES = t/fuzz/turncred.c $(fuzz_main)
t_fuzz_turncred_CPPFLAGS = $(libswitchd_a_CPPFLAGS)
t_fuzz_turncred_LDFLAGS = $(fuzz_ldflags)
t_fuzz_turncred_LDADD = $(switchd_libs)

EXTRA_PROGRAMS += t/fuzz/soundhead
t_fuzz_soundhead_SOURCES = t/fuzz/soundhead.c $(fuzz_main)
t_fuzz_soundhead_LDFLAGS = $(fuzz_ldflags)
t_fuzz_soundhead_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/webpush
t_fuzz_webpush_SOURCES = t/fuzz/webpush.c $(fuzz_main)
t_fuzz_webpush_LDFLAGS = $(fuzz_ldflags)
t_fuzz_webpush_LDADD = $(common_libs)
EXTRA_PROGRAMS += t/fuzz/zonefile
t_fuzz_zonefile_SOURCES = t/fuzz/zonefile.c $(fuzz_main)
t_fuzz_zonefile_CPPFLAGS = $(libregionprobe_a_CPPFLAGS)
t_fuzz_zonefile_LDFLAGS = $(fuzz_ldflags)
t_fuzz_zonefile_LDADD = $(regionprobe_libs)


EXTRA_PROGRAMS += t/fuzz/dns
t_fuzz_dns_SOURCES = t/fuzz/dns.c $(fuzz_main)
t_fuzz_dns_LDFLAGS = $(fuzz_ldflags)
t_fuzz_dns_LDADD = $(common_libs)

EXTRA_PROGRAMS += t/fuzz/dtls
t_fuzz_dtls_SOURCES = t/fuzz/dtls.c $(fuzz_main)
t_fuzz_dtls_CPPFLAGS = $(libmedia_a_CPPFLAGS)
t_fuzz_dtls_LDFLAGS = $(fuzz_ldflags)
t_fuzz_dtls_LDADD = libdial.a $(media_libs)

EXTRA_PROGRAMS += t/fuzz/pushinput
t_fuzz_pushinput_SOURCES = t/fuzz/pushinput.c $(fuzz_main)
t_fuzz_pushinput_CPPFLAGS = $(libpushsend_a_CPPFLAGS)
t_fuzz_pushinput_LDFLAGS = $(fuzz_ldflags)
t_fuzz_pushinput_LDADD = $(pushsend_libs)

EXTRA_PROGRAMS += t/fuzz/pushpost
t_fuzz_pushpost_SOURCES = t/fuzz/pushpost.c $(fuzz_main)
t_fuzz_pushpost_CPPFLAGS = $(libdial_a_CPPFLAGS)
t_fuzz_pushpost_LDFLAGS = $(fuzz_ldflags)
t_fuzz_pushpost_LDADD = $(dial_libs)

EXTRA_PROGRAMS += t/fuzz/state
t_fuzz_state_SOURCES = t/fuzz/state.c $(fuzz_main)
t_fuzz_state_CPPFLAGS = $(libdial_a_CPPFLAGS)
t_fuzz_state_LDFLAGS = $(fuzz_ldflags)
t_fuzz_state_LDADD = $(dial_libs)

EXTRA_PROGRAMS += t/fuzz/websock
t_fuzz_websock_SOURCES = t/fuzz/websock.c $(fuzz_main)
t_fuzz_websock_LDFLAGS = $(fuzz_ldflags)
t_fuzz_websock_LDADD = $(common_libs)

EXTRA_PROGRAMS += $(unit_programs)

# The scenarios, TAP under prove. SCENARIOS="t/400-call.t" picks some, and
# SCENARIOS='$(scenarios)' those that scripts/check runs under sanitizers, too.
scenarios =
scenarios += t/000-unit.t
scenarios += t/010-fuzz.t
scenarios += t/100-story.t
scenarios += t/110-resolve.t
scenarios += t/120-world.t
scenarios += t/121-early.t
scenarios += t/122-roundtrips.t
scenarios += t/123-lost-flights.t
scenarios += t/130-signal.t
scenarios += t/131-malformed.t
scenarios += t/132-push.t
scenarios += t/133-gate.t
scenarios += t/134-devices.t
scenarios += t/135-websocket.t
scenarios += t/136-register.t
scenarios += t/137-flood.t
scenarios += t/138-often.t
scenarios += t/139-quota.t
scenarios += t/141-regions.t
scenarios += t/142-regionprobe.t
scenarios += t/143-losers.t
scenarios += t/148-odd-answers.t
scenarios += t/150-any-resolver.t
scenarios += t/151-nat64.t
scenarios += t/153-probe-network.t
scenarios += t/154-authority.t
scenarios += t/200-turn.t
scenarios += t/223-late-offer.t
scenarios += t/230-sessions.t
scenarios += t/300-push-webpush.t
scenarios += t/301-push-command.t
scenarios += t/302-push-fcm.t
scenarios += t/303-push-apns.t
scenarios += t/304-push-sms.t
scenarios += t/306-push-load.t
scenarios += t/307-push-ring.t
scenarios += t/308-push-engine.t
scenarios += t/312-push-answers.t
scenarios += t/310-push-neighbours.t
scenarios += t/314-push-foreign.t
scenarios += t/315-push-keys.t
scenarios += t/316-no-push.t
scenarios += t/317-push-validator.t
scenarios += t/318-push-names.t
scenarios += t/320-early-push.t
scenarios += t/321-push-too-long.t
scenarios += t/322-replayed-push.t
scenarios += t/323-first-flight.t
scenarios += t/400-call.t
scenarios += t/401-exits.t
scenarios += t/402-middle.t
scenarios += t/403-resume.t
scenarios += t/404-terminal.t
scenarios += t/405-late.t
scenarios += t/406-files.t
scenarios += t/407-roam.t
scenarios += t/408-devices.t
scenarios += t/409-wake.t
scenarios += t/410-register.t
scenarios += t/720-named-switch.t
scenarios += t/721-signed-push.t
scenarios += t/722-device-key.t
scenarios += t/723-open-capture.t
scenarios += t/411-moved.t
scenarios += t/412-rebind.t
scenarios += t/414-given-up.t
scenarios += t/415-early-call.t
scenarios += t/416-early-fallback.t
scenarios += t/417-early-refusals.t
scenarios += t/418-early-devices.t
scenarios += t/419-early-key.t
scenarios += t/500-media.t
scenarios += t/520-ways.t
scenarios += t/521-offers.t
scenarios += t/530-no-udp.t
scenarios += t/531-probe-relay.t
scenarios += t/534-probe-any.t
scenarios += t/535-probe-watch.t
scenarios += t/540-loss.t
scenarios += t/546-red.t
scenarios += t/548-early-devices.t
scenarios += t/549-early-loss.t
scenarios += t/541-stall.t
scenarios += t/542-playout.t
scenarios += t/560-terminals.t
scenarios += t/570-both-ways.t
scenarios += t/571-at-once.t
scenarios += t/572-load.t
scenarios += t/561-keys.t
scenarios += t/562-telephone.t
scenarios += t/600-users.t
scenarios += t/601-numbers.t
scenarios += t/602-postgres.t
scenarios += t/603-not-postgres.t
scenarios += t/604-backup.t
scenarios += t/605-redis.t
scenarios += t/606-no-directory.t
scenarios += t/607-not-redis.t
scenarios += t/611-export.t
scenarios += t/612-users-push.t
scenarios += t/608-redis-sentinel.t
scenarios += t/609-redis-names.t
scenarios += t/613-devices.t
scenarios += t/614-revoked.t
scenarios += t/615-away.t
scenarios += t/616-late-replica.t
scenarios += t/617-call-vouches.t
scenarios += t/620-service.t
scenarios += t/621-drain.t
scenarios += t/622-long-call.t
scenarios += t/623-reload.t
scenarios += t/624-broken-files.t
scenarios += t/627-check.t
scenarios += t/628-broken-reloads.t
scenarios += t/625-unheard.t
scenarios += t/626-ipv6-host.t
scenarios += t/662-build.t
scenarios += t/656-taken-back.t
scenarios += t/657-descriptors.t
scenarios += t/653-certificates.t
scenarios += t/655-sni.t
scenarios += t/661-metrics.t
scenarios += t/730-words.t
scenarios += t/734-relay-place.t
scenarios += t/740-keyholder.t
scenarios += t/735-private.t
scenarios += t/741-relay-process.t
scenarios += t/742-relay-world.t
scenarios += t/743-relay-refuses.t
scenarios += t/744-page-proofs.t
scenarios += t/750-clients.t
scenarios += t/753-turn-users.t
scenarios += t/754-relay-users.t
scenarios += t/755-relay-services.t
scenarios += t/770-prosody.t
scenarios += t/771-ejabberd.t
scenarios += t/772-janus.t
scenarios += t/773-turn-names.t
scenarios += t/774-kernel-life.t
scenarios += t/775-kernel-live.t
scenarios += t/778-kernel-call.t
scenarios += t/779-kernel-differential.t
scenarios += t/758-relay-limits.t
scenarios += t/759-relay-inside.t
scenarios += t/760-relay-checklist.t
scenarios += t/658-first-process.t
scenarios += t/650-stalled-log.t
scenarios += t/651-journal.t
scenarios += t/652-who-failed.t
scenarios += t/710-history.t
scenarios += t/711-limits.t
scenarios += t/700-fair.t
scenarios += t/701-ciphers.t
scenarios += t/702-hellos.t
scenarios += t/712-tunnel.t
scenarios += t/705-strangers.t
scenarios += t/713-blocked.t
scenarios += t/800-page-dev.t
scenarios += t/801-page.t
scenarios += t/802-page-limits.t
scenarios += t/803-page-root.t
scenarios += t/804-page-port.t
scenarios += t/850-words.t
scenarios += t/851-identity-rolls.t
scenarios += t/805-links.t
scenarios += t/806-guests.t
scenarios += t/807-dev-links.t
scenarios += t/808-guest-limits.t
scenarios += t/907-sim-core.t
scenarios += t/909-sim-trouble.t

# Run once by scripts/check, as released, because a second build shows nothing
# more: they read text and scripts or follow the pages' examples ...
once =
once += t/001-layers.t
once += t/002-man.t
once += t/003-names.t
once += t/004-map.t
once += t/005-docs.t
once += t/006-prose.t
once += t/020-examples.t
once += t/610-settings-page.t
once += t/630-rolling-upgrade.t
once += t/654-acme.t
once += t/659-promtool.t
once += t/660-prometheus.t
# ... or are weather, outages and long talks, which mostly wait ...
once += t/149-lost-packets.t
once += t/152-one-packet.t
once += t/155-weather.t
once += t/413-outages.t
once += t/640-rolling-world.t
once += t/550-sound.t
# ... or build otherwise, or packages and an image ...
once += t/665-portable.t
once += t/666-packages.t
once += t/667-apt.t
once += t/668-container.t
# ... or have other name servers, and Amazon's client, take what we print ...
once += t/144-gslb.t
once += t/145-new-switch.t
once += t/146-route53.t
once += t/147-alias.t
once += t/156-geography.t
once += t/157-providers.t
once += t/158-zone-route53.t
once += t/159-zone-files.t
# ... or start a browser ...
once += t/210-browser.t
once += t/220-page.t
once += t/510-browser.t
once += t/511-firefox.t
once += t/512-chromium.t
once += t/517-sped.t
once += t/547-red-browser.t
once += t/723-open-capture.t
once += t/810-phone.t
once += t/811-hostile-switch.t
once += t/812-page-resumes.t
once += t/813-offers-meet.t
once += t/814-outage.t
once += t/815-phone-rules.t
once += t/816-page-account.t
once += t/846-page-quality.t
once += t/847-page-habits.t
once += t/830-page-words.t
once += t/831-page-states.t
once += t/832-page-axe.t
once += t/833-page-hostile.t
once += t/834-three-steps.t
once += t/776-relay-matrix.t
once += t/777-outside.t
once += t/780-kernel-browser.t
once += t/781-kernel-suite.t
once += t/545-sound.t
once += t/820-woken.t
once += t/821-pushes.t
once += t/822-touch.t
once += t/823-subscription.t
once += t/824-shell.t
once += t/825-decline.t
once += t/826-linked.t
once += t/835-drive.t
once += t/836-page.t
once += t/837-called.t
once += t/838-across.t
once += t/839-ends.t
once += t/840-page-roams.t
once += t/841-switch-dies.t
once += t/842-refused.t
once += t/843-kept.t
once += t/844-second-device.t
once += t/845-guest.t
once += t/857-page-video.t
once += t/860-page-closed.t
# ... or the simulation, which is long and the same each time ...
once += t/900-sim.t
once += t/901-stories.t
once += t/902-mutants.t
once += t/910-sim-world.t
once += t/903-sim-switches.t
once += t/906-sim-push.t
once += t/908-sim-directory.t
once += t/904-sim-phones.t
once += t/905-sim-versions.t
once += t/912-sim-old.t
once += t/911-sim-storm.t
once += t/914-sim-shrink.t
# ... or another's WebRTC, ICE or TURN stack ...
once += t/221-natdiscovery.t
once += t/222-libnice.t
once += t/513-webrtcbin.t
once += t/514-aiortc.t
once += t/532-relay-trial.t
# ... or a clock of their own ...
once += t/313-push-clock.t
# ... or packages of npm ...
once += t/305-push-npm.t
once += t/309-push-subscription.t
once += t/515-werift.t
once += t/516-wrtc.t
# ... or boot a Debian of its own.
once += t/663-operate.t
once += t/664-service-manager.t

# Run by name: a frozen page and real devices want a browser to themselves, and
# t/843 has most of the last.
alone = t/848-page-devices.t
alone += t/849-page-frozen.t
alone += t/853-killed-page.t

# The slowest begin first, so that none of them is left alone at the end.
slowest = t/640-rolling-world.t t/413-outages.t t/532-relay-trial.t \
	t/500-media.t t/531-probe-relay.t t/401-exits.t t/411-moved.t \
	t/776-relay-matrix.t t/520-ways.t t/210-browser.t t/144-gslb.t \
	t/306-push-load.t t/000-unit.t
SCENARIOS = $(scenarios) $(once)

TESTS_ENVIRONMENT_RP = RP_BUILD="$(abs_builddir)" RP_SRC="$(abs_srcdir)" \
	RP_UNITS="$(unit_programs)" RP_SANITIZERS="@enable_sanitizers@"
PROVE_FLAGS = --timer --failures --comments
# Ends with what failed, the slowest, and prove's own summary.
PROVE = perl -It/prove -S prove --formatter Ending $(PROVE_FLAGS)
check: all units
	cd $(srcdir) && $(TESTS_ENVIRONMENT_RP) $(PROVE) \
		$(filter $(slowest),$(SCENARIOS)) \
		$(filter-out $(slowest),$(SCENARIOS))
if TESTABLE
units: $(EXTRA_PROGRAMS)
else
units:
	@echo "The tests need every program, and the library check." >&2; false
endif
CLEANFILES += $(EXTRA_PROGRAMS)

# How much of lib/wire its unit tests run; fails below 95%.
coverage:
	$(srcdir)/t/coverage $(srcdir) $(abs_builddir)/coverage
.PHONY: coverage

# t/bench: figures to be compared within one run, never gates on time.
benches =
benches += t/bench/relay.sh
benches += t/bench/race
benches += t/bench/push
benches += t/bench/pushdead
benches += t/bench/drain
benches += t/bench/gaps
benches += t/bench/roundtrips
benches += t/bench/page
benches += t/bench/flood
benches += t/bench/attacks
benches += t/bench/calls
benches += t/bench/wholecalls
benches += t/bench/year
benches += t/bench/idle
benches += t/bench/kernel
benches += t/bench/outages
benches += t/bench/lookups
benches += t/bench/failover
benches += t/bench/firstload
benches += t/bench/stalledlog
benches += t/bench/sound
benches += t/bench/red
benches += t/bench/ears
benches += t/bench/history
benches += t/bench/ports
bench: all units
	cd $(srcdir) && for bench in $(benches); do \
		$(TESTS_ENVIRONMENT_RP) $$bench || exit 1; done
# The same at modest sizes, and what came of it for people to read.
bench-report: all units
	cd $(srcdir) && $(TESTS_ENVIRONMENT_RP) t/bench/report \
		docs/benchmarks.md
.PHONY: bench bench-report units

# The man pages for readers in a browser.
docs:
	cd $(srcdir) && for page in $(dist_man_MANS); do \
		scripts/man2md $$page >docs/$$page.md || exit 1; done
	cd $(srcdir) && scripts/man2sample man/rp-switchd.conf.5 \
		>contrib/conf/rp-switchd.conf.sample
.PHONY: docs

# The pictures of docs/web.md, as the test has taken them; small. The test fails
# where one is missing or too many, which this mends.
screenshots:
	rm -rf web-shots
	-cd $(srcdir) && $(TESTS_ENVIRONMENT_RP) t/832-page-axe.t
	$(MKDIR_P) $(srcdir)/docs/web
	test -d web-shots && rm -f $(srcdir)/docs/web/*.png
	for shot in web-shots/*.png; do \
		pngquant --force --speed 1 --output \
		    "$(srcdir)/docs/web/$${shot##*/}" 32 "$$shot" && \
		optipng -quiet -o5 -strip all \
		    "$(srcdir)/docs/web/$${shot##*/}" || exit 1; done
.PHONY: screenshots
