#!/bin/sh
# Descriptors and probes. Under a low limit of open files many strangers
# connect. They give way to each other: the gate stays open, a call goes on, and
# control socket and metrics answer. When none are left at all, it closes for the
# reason no-descriptors, and opens again when there are some.
# The metrics' port also answers probes of health and readiness, and clients that
# waste its time do not keep others out.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

web() {
	curl -sS --max-time 10 "$@" "http://$(address metrics)$rp_path"
}
# probe PATH [CURL-ARGUMENT...]: the status.
probe() {
	rp_path=$1
	shift
	web -o "$T/body" -w '%{http_code}' "$@"
}
answers() {
	[ "$(probe "$1")" = "$2" ]
}
control() {
	timeout 20 rp-drain --socket "$T/switch.d/control" "$@"
}

# Strangers: N connections, or as many as are accepted, to ADDRESS. They tell
# their number when all have been made, and hold them until they are ended.
cat >"$T/strangers" <<'EOF'
use IO::Socket::INET;
my ($addr, $n, $text) = @ARGV;
my @held;
for (1 .. $n) {
	my $s = IO::Socket::INET->new(PeerAddr => $addr, Timeout => 2) or next;
	print $s $text if defined $text;
	push @held, $s;
}
$| = 1;
print "held=" . @held . "\n";
sleep 600;
EOF
# strangers NAME KIND N [TEXT]
strangers() {
	start "$1" perl "$T/strangers" "$(address "$2")" "$3" ${4:+"$4"}
	wait_for 60 grep -q held= "$T/$1.out"
}

# Probes, with as many descriptors as there are.
make_subscribers
write_conf "exec $T/pusher $T"
start_configured
is "$(probe /health)" 200 "/health: 200"
is "$(probe /ready)" 200 "/ready: 200"
is "$(cat "$T/body")" ready "and says so"
is "$(probe /metrics)" 200 "/metrics: 200"
like "$(cat "$T/body")" '^rp_gate_open 1$' "and has metrics"
for path in /metrics /health /ready; do
	is "$(probe $path -I)" 200 "HEAD $path: 200"
	is "$(probe $path -X POST --data x)" 405 "POST $path: 405"
done
is "$(probe /)" 404 "another path: 404"
control >/dev/null
is "$(probe /ready)" 503 "draining: /ready is 503"
is "$(cat "$T/body")" draining "with the reason"
is "$(probe /health)" 200 "/health stays 200"
control --undrain
is "$(probe /ready)" 200 "taken back: 200"

# Clients that only connect, and one that never ends its request.
strangers idle metrics 100
strangers slow metrics 20 "GET /metrics HTTP/1.1
X: "
check "others are answered" answers /health 200
is "$(probe /ready -H "X: $(head -c 9000 /dev/zero | tr '\0' a)")" 431 \
    "a big head: 431"
stop idle KILL
stop slow KILL
stop switch

# lines N WORD: the log has so many of them, or more.
lines() {
	[ "$(grep -c "$2" "$T/switch.err")" -ge "$1" ]
}

# A low limit. Sanitizers keep descriptors of their own, but not many.
low() {
	rm -f "$T/switch.ready"
	start switch sh -c "ulimit -n $1; exec rp-switchd -c $T/switch.conf \
	    --ready-file $T/switch.ready"
	wait_for 20 test -s "$T/switch.ready" ||
	    give_up "rp-switchd starts with $1 files" "$T/switch.err"
}
low 96
like "$(grep event=descriptors "$T/switch.err")" \
    'limit=96 connections_max=16384 lowered_to=[0-9]+ max_streams=4096' \
    "ulimit -n 96: the log has the numbers"
is "$(grep -c event=descriptors "$T/switch.err")" 1 "once"
wakeable bob
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call" heard alice '^response 200'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
talk bob bob answer
say bob "RING /session/$id body=answer"
say bob "ANSWER /session/$id"
check "is answered" heard alice "^request ANSWER /session/$id"
for port in call turn_tcp turn_tls; do
	start "$port" perl "$T/strangers" "$(address $port)" 80
done
for port in call turn_tcp turn_tls; do
	wait_for 60 grep -q held= "$T/$port.out"
done
check "strangers: the gate stays open" never 0.3 reason no-descriptors
check "though there are more than there is room for" \
    test "$(metric 'rp_strangers_cut_total{limit="max"}')" -gt 0
control --status >"$T/out"
is $? 0 "--status tells a script"
is "$(probe /ready)" 200 "/ready: 200"
is "$(metric 'rp_gate_closed{reason="no-descriptors"}')" 0 "the metrics answer"
is "$(ask bob GET /keepalive)" 200 "a subscriber gets in"
say alice "INFO /session/$id body=still-here"
check "the call goes on" heard bob 'INFO .* still-here$'
bye bob
talk bob2 bob answer
say bob2 "RESUME /session/$id"
check "its party connects again" heard bob2 '^response 200'
control --reload 2>"$T/err"
is $? 0 "a reload has the files that it needs"
for port in call turn_tcp turn_tls; do
	stop "$port" KILL
done
is "$(grep -c accept_paused "$T/switch.err")" 0 "no descriptor was missed"
is "$(metric 'rp_gate_closings_total{reason="no-descriptors"}')" 0 \
    "and it was never closed"
say alice "HANGUP /session/$id"
check "the call ends as ever" heard bob2 "^request HANGUP /session/$id hung-up"
bye alice
bye bob2

# None left at all, because the limit was lowered under the running switch.
if command -v prlimit >/dev/null; then
	open=$(ls "/proc/$(cat "$T/switch.pid")/fd" | wc -l)
	prlimit --pid "$(cat "$T/switch.pid")" --nofile="$((open - 2)):96"
	strangers more answer 5
	check "accept fails" wait_for 20 grep -q accept_paused "$T/switch.err"
	check "the gate is closed" wait_for 20 lines 1 closed_by=no-descriptors
	check "one line tells it, not ten per second" \
	    never 0.5 lines 2 accept_paused
	prlimit --pid "$(cat "$T/switch.pid")" --nofile=96:96
	stop more KILL
	check "there are some again: it opens" wait_for 20 reason ""
else
	skip "none left" "no prlimit(1)"
fi
stop switch
is $? 0 "the switch ends as ever"
finish
