#!/bin/sh
# Each malformed or oversized message gets the documented answer, its connection
# is closed and a counter is increased. A call that runs beside does not notice.
# The same holds for clients that send nothing or only half of a message.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T" \
    'connections = { auth_ms = 3000; max_per_address = 8; };'
start_configured
wakeable bob

# The call beside.
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call begins" heard alice '^response 200'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
talk bob bob answer
say bob "RING /session/$id body=answer"
say bob "ANSWER /session/$id"
check "and is answered" heard alice '^request ANSWER'

# refused STATUS NAME LINE...: what a new connection that says these is told.
refused() {
	rp_status=$1
	rp_what=$2
	shift 2
	: >"$T/mallory.out"
	talk mallory alice
	for rp_line; do
		say mallory "$rp_line"
	done
	check "$rp_what: $rp_status" heard mallory "^response $rp_status "
	check "$rp_what: and closed" heard mallory '^closed 0'
	bye mallory
}

auth="Authorization: Basic $(printf 'alice:%s' "$(token alice)" | base64 -w 0)"
refused 400 "no HTTP" 'raw hello\r\n\r\n'
refused 400 "a bare line feed" "raw GET /keepalive HTTP/1.1\\n$auth\\n\\n"
refused 400 "a NUL" "raw GET /keepalive HTTP/1.1\\r\\n$auth\\r\\nX: \\0\\r\\n\\r\\n"
refused 400 "two lengths" "raw PUT /push HTTP/1.1\\r\\n$auth\\r\\nContent-Length: 1\\r\\nContent-Length: 1\\r\\n\\r\\nx"
refused 400 "a folded line" "raw GET / HTTP/1.1\\r\\nX: a\\r\\n b\\r\\n\\r\\n"
refused 501 "a chunked body" "raw PUT /push HTTP/1.1\\r\\n$auth\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
refused 431 "a head too long" "raw GET / HTTP/1.1\\r\\nX: " "fill 8200"
refused 413 "a body too long" \
    "raw PUT /push HTTP/1.1\\r\\n$auth\\r\\nContent-Length: 16385\\r\\n\\r\\n"
refused 401 "credentials that are none" \
    "raw GET /keepalive HTTP/1.1\\r\\nAuthorization: Basic !!!\\r\\n\\r\\n"
talk mallory alice
say mallory "raw INITIATE /session/bob HTTP/1.1\\r\\n$auth\\r\\nContent-Length: 15900\\r\\n\\r\\n"
say mallory "fill 15900"
check "an offer that no callee's answer could hold: 413" \
    heard mallory '^response 413 offer'
bye mallory
# These three wait for the rest at the same time.
for what in silence head body; do
	talk $what alice
done
for what in head body; do
	say $what "GET /keepalive"
done
say head "raw GET /keepal"
say body "raw PUT /push HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\nhalf"
for what in silence head body; do
	check "$what: 408" heard $what '^response 408 '
	check "$what: and closed" heard $what '^closed 0'
	bye $what
done

# A response to nothing.
talk mallory alice
say mallory "raw HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"
check "a response to no request: closed" heard mallory '^closed 0'
bye mallory

is "$(metric 'rp_malformed_total{status="400"}')" 6 "400 counted"
is "$(metric 'rp_malformed_total{status="408"}')" 3 "408 counted"
is "$(metric 'rp_malformed_total{status="413"}')" 1 "413 counted"
is "$(metric 'rp_malformed_total{status="431"}')" 1 "431 counted"
is "$(metric 'rp_malformed_total{status="501"}')" 1 "501 counted"

# No TLS at all, and a handshake that never goes on.
like "$(printf 'GET / HTTP/1.1\r\n\r\n' | curl -sS --max-time 30 \
    "http://$(address call)/" 2>&1)" 'curl: \((1|52|56)\)' "no TLS: closed"
openssl s_client -connect "$(address call)" -tls1_1 </dev/null >/dev/null 2>&1
is "$(ask alice GET /keepalive)" 200 "TLS 1.1 hurts nobody"

# One source has only so many connections; those that are over get RST.
for i in 1 2 3 4 5 6; do
	talk "many$i" alice
	say "many$i" "GET /keepalive"
done
check "eight of one address" wait_for 5 metric_is rp_connections 8
if ask alice GET /keepalive | grep -q 200; then
	fail "the ninth is refused"
else
	pass "the ninth is refused"
fi
is "$(metric 'rp_connections_refused_total{limit="max_per_address"}')" 1 \
    "and counted"
for i in 1 2 3 4 5 6; do
	bye "many$i"
done
check "they are gone" wait_for 5 metric_is rp_connections 2
is "$(ask alice GET /keepalive)" 200 "and there is room again"

# The last tenth of all connections is for the parties of calls.
sed -i 's/max_per_address = 8/max_per_address = 10; max = 10/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "other limits" wait_for 5 metric_is 'rp_reloads_total{result="ok"}' 1
for i in 1 2 3 4 5 6 7; do
	talk "many$i" alice
	say "many$i" "GET /keepalive"
done
check "nine" wait_for 5 metric_is rp_connections 9
if ask alice GET /keepalive | grep -q 200; then
	fail "the call port takes no tenth"
else
	pass "the call port takes no tenth"
fi
ask_port=answer
is "$(ask alice GET /keepalive)" "503 too-many-connections" \
    "the answer port hears her, and takes her for no party"
ask_port=call
is "$(metric 'rp_gate_closings_total{reason="connections"}')" 1 \
    "the gate is closed for it, and that is counted"
for i in 1 2 3 4 5 6 7; do
	bye "many$i"
done

# INFOs for a party that does not answer are bounded.
say bob mute
for i in $(seq 40); do
	say alice "INFO /session/$id body=$i"
done
check "a full queue: 429" heard alice '^response 429 queue-full 1 '
eight_refused() {
	[ "$(count alice '^response 429')" -ge 8 ]
}
wait_for 10 eight_refused
is "$(count alice '^response 429')" 8 "after 32 messages"
is "$(count bob '^request INFO')" 32 "which all went out"
say bob again
more() {
	say alice "INFO /session/$id body=more"
	grep -q 'INFO .* more$' "$T/bob.out"
}
check "then there is room" wait_for 5 more

# The call beside has noticed nothing.
say bob "HANGUP /session/$id"
check "the call beside runs until it is hung up" \
    heard alice '^request HANGUP .* hung-up'
is "$(metric 'rp_calls_ended_total{reason="hung-up"}')" 1 "and only then"
stop switch
is $? 0 "the switch stops"
is "$(grep -c 'level=error' "$T/switch.err")" 0 "without an error"
finish
